package main

import (
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"solrsim": func() { os.Exit(Main()) }})
}

// TestScripts runs the command as a user does, good and bad input side by side.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{Dir: "testdata", Cmds: map[string]func(*testscript.TestScript, bool, []string){"refused": refused}})
}

// refused runs a command, which must end with exit status 2, one line on standard error and nothing on standard output.
func refused(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: refused command [argument ...]")
	}
	err := ts.Exec(args[0], args[1:]...)
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != 2 {
		ts.Fatalf("%v; want exit status 2", err)
	}
	if out := ts.ReadFile("stdout"); out != "" {
		ts.Fatalf("standard output %q; want none", out)
	}
	if line := ts.ReadFile("stderr"); !strings.HasPrefix(line, "solrsim: ") || strings.Index(line, "\n") != len(line)-1 {
		ts.Fatalf("standard error %q; want one line", line)
	}
}
