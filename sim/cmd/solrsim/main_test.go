package main

import (
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/seed-db8551c1/lastresort/sim"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"solrsim": func() { os.Exit(Main()) }})
}

// full is a disk that is full.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, syscall.ENOSPC }

// What cannot be written is an error that is not the fault of the input, whatever the command.
func TestOutputThatCannotBeWritten(t *testing.T) {
	name := filepath.Join(t.TempDir(), "mine.json")
	if err := os.WriteFile(name, sim.ScenarioTemplate(), 0o666); err != nil {
		t.Fatal(err)
	}
	run := []string{"run", name, "--reps", "1", "--scale", "0.01", "--sensitivity=false"}
	for _, args := range [][]string{
		{"list"}, {"new"}, {"check-scenario", name}, {"assumptions"}, {"assumptions", "--json"}, {"metrics"}, run, append(run, "--json"), append(run, "--csv"),
		append([]string{"report", "--out", t.TempDir()}, run[1:]...), {"check", "--failures", "1", "--solrs", "1", "--mpids", "1", "--part", "delays"},
	} {
		c := command()
		c.SetArgs(args)
		c.SetOut(full{})
		c.SetErr(io.Discard)
		if err := c.Execute(); !errors.As(err, new(runError)) || !errors.Is(err, syscall.ENOSPC) {
			t.Errorf("solrsim %s: %v; want the error of the disk", strings.Join(args, " "), err)
		}
	}
}

// An interrupt ends a run with one line and exit status 130, and says what becomes of a study.
func TestInterrupted(t *testing.T) {
	study := filepath.Join(t.TempDir(), "study.json")
	if err := os.WriteFile(study, []byte(`{"name": "s", "scenarios": ["omni"]}`), 0o666); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"run", "omni"}, "interrupted"},
		{[]string{"report", "omni", "--out", t.TempDir()}, "interrupted"},
		{[]string{"check"}, "interrupted"},
		{[]string{"study", study}, "study: stopped after 0 replications; it goes on from there when it is run again"},
	} {
		x := command()
		x.SetArgs(c.args)
		x.SetOut(io.Discard)
		x.SetErr(io.Discard)
		if says, status := outcome(x.ExecuteContext(ctx)); says != c.want || status != 130 {
			t.Errorf("solrsim %s: %q, exit status %d; want %q and 130", c.args[0], says, status, c.want)
		}
	}
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
