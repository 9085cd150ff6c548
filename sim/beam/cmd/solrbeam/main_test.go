package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	sdk "github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/log"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/runners/prism"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/runners/universal/extworker"

	"github.com/seed-db8551c1/lastresort/sim/internal/studyfile"
)

// TestMain is the command itself where a test has started it, or a cluster.
func TestMain(m *testing.M) {
	switch os.Getenv("SOLRBEAM") {
	case "":
		os.Exit(m.Run())
	case "cluster":
		cluster()
	default:
		os.Exit(Main())
	}
}

// cluster is a job service, on a port that is given, with workers: all that stands between the command and its workers on a runner elsewhere. It says where the workers are, and ends with its standard input.
func cluster() {
	flag.Parse()
	log.LogLevel = "error"
	sdk.Init()
	port, err := strconv.Atoi(flag.Arg(0))
	if err == nil {
		_, err = prism.CreateJobServer(context.Background(), prism.Options{Port: port})
	}
	if err != nil {
		panic(err)
	}
	workers, err := extworker.StartLoopback(context.Background(), 0)
	if err != nil {
		panic(err)
	}
	fmt.Println(workers.EnvironmentConfig(context.Background()))
	io.Copy(io.Discard, os.Stdin)
}

func command(t *testing.T, dir string, arguments ...string) (c *exec.Cmd, stdout, stderr *bytes.Buffer) {
	t.Helper()
	l, err := net.Listen("tcp", "localhost:0")
	if err != nil {
		t.Skip("Prism and its workers need a port of this machine: ", err)
	}
	l.Close()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c = exec.Command(program, arguments...)
	c.Dir, c.Env = dir, append(os.Environ(), "SOLRBEAM=1")
	stdout, stderr = new(bytes.Buffer), new(bytes.Buffer)
	c.Stdout, c.Stderr = stdout, stderr
	return c, stdout, stderr
}

// files are a study, the scenario of which takes long enough to be interrupted, and one that is none.
func files(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"mine.json":  `{"name": "mine", "failures": [{"supplier": "A", "ceased": "2021-09-14", "solr": "X", "domestic": 8000}]}`,
		"study.json": `{"name": "small", "scenarios": ["mine.json", "omni"], "scale": 0.05, "replications": 40, "sweep": {"revocation-gap": [0, 2]}, "assumptions": {"horizon": 60}}`,
		"wrong.json": "{\"name\": \"small\",\n \"scenarios\": [\"nowhere\"]}",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// finished is how many replications workers have kept.
func finished(t *testing.T, dir string) int {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "study-results", "work", "*", "replication-*.json"))
	if err != nil {
		t.Fatal(err)
	}
	return len(names)
}

// interrupt starts the command, and ends it when a few replications are there.
func interrupt(t *testing.T, dir string, by os.Signal, flags ...string) (*exec.Cmd, string) {
	t.Helper()
	c, _, stderr := command(t, dir, append(flags, "study.json")...)
	before := finished(t, dir)
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(time.Minute); finished(t, dir) < before+3 && time.Now().Before(end); {
		time.Sleep(time.Millisecond)
	}
	if err := c.Process.Signal(by); err != nil {
		t.Fatalf("the study has ended before it was interrupted: %v", err)
	}
	c.Wait()
	if n := finished(t, dir); n >= 240 {
		t.Fatalf("all %d replications are there", n)
	}
	return c, stderr.String()
}

// Interrupted, then killed, and run to its end, a study leaves the journal of the local runner, but for the order of its lines: solrsim makes the same tables of both.
func TestKilled(t *testing.T) {
	dir := files(t)
	c, stderr := interrupt(t, dir, os.Interrupt)
	if c.ProcessState.ExitCode() != 130 || !strings.Contains(stderr, "solrbeam: stopped; it goes on from what workers have finished") {
		t.Errorf("interrupted: status %d, %s", c.ProcessState.ExitCode(), stderr)
	}
	if c, stderr = interrupt(t, dir, os.Kill); c.ProcessState.Exited() {
		t.Fatalf("not killed: %v, %s", c.ProcessState, stderr)
	}
	c, stdout, errors := command(t, dir, "study.json", "--parallelism=1")
	if err := c.Run(); err != nil || !strings.HasPrefix(stdout.String(), "small: 6 points, 240 replications, study ") {
		t.Fatalf("%v: %s%s", err, stdout, errors)
	}
	sameJournal(t, dir)
}

// With a job service elsewhere and workers in another process it is the same, and an interrupt ends the job there too.
func TestElsewhere(t *testing.T) {
	dir := files(t)
	l, err := net.Listen("tcp", "localhost:0")
	if err != nil {
		t.Skip("a job service needs a port of this machine: ", err)
	}
	endpoint := l.Addr().String()
	l.Close()
	_, port, _ := net.SplitHostPort(endpoint)
	c, _, _ := command(t, dir, port)
	c.Env = append(c.Env, "SOLRBEAM=cluster")
	c.Stdout = nil
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	in, err := c.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		in.Close()
		c.Wait()
	}()
	workers, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	flags := []string{"--runner=universal", "--endpoint=" + endpoint, "--environment_type=external", "--environment_config=" + strings.TrimSpace(workers)}
	interrupt(t, dir, os.Interrupt, flags...)
	time.Sleep(200 * time.Millisecond) // for replications that were under way
	kept := finished(t, dir)
	time.Sleep(200 * time.Millisecond)
	if n := finished(t, dir); n != kept {
		t.Errorf("%d replications and then %d: the job goes on", kept, n)
	}
	run, stdout, stderr := command(t, dir, append(flags, "study.json")...)
	if err := run.Run(); err != nil || !strings.HasPrefix(stdout.String(), "small: 6 points, 240 replications, study ") {
		t.Fatalf("%v: %s%s", err, stdout, stderr)
	}
	sameJournal(t, dir)
}

// sameJournal checks that a study has left the journal of the local runner, but for the order of its lines.
func sameJournal(t *testing.T, dir string) {
	t.Helper()
	r, err := studyfile.Load(filepath.Join(dir, "study.json"))
	if err != nil {
		t.Fatal(err)
	}
	local := filepath.Join(dir, "local")
	j, err := studyfile.OpenJournal(local, r)
	if err != nil {
		t.Fatal(err)
	}
	r.Record = j.Record
	if _, err := r.Run(context.Background()); err != nil {
		t.Fatal(err)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	var journals [2][]string
	for i, of := range []string{local, filepath.Join(dir, "study-results")} {
		text, err := os.ReadFile(filepath.Join(of, "journal.jsonl"))
		if err != nil {
			t.Fatal(err)
		}
		journals[i] = slices.Sorted(strings.Lines(string(text)))
	}
	if len(journals[0]) != 241 || !slices.Equal(journals[0], journals[1]) {
		t.Error("the journal has other lines than that of the local runner")
	}
}

// A journal that another build has written is refused before anything is run.
func TestJournalOfAnotherBuild(t *testing.T) {
	dir := files(t)
	r, err := studyfile.Load(filepath.Join(dir, "study.json"))
	if err != nil {
		t.Fatal(err)
	}
	j, err := studyfile.OpenJournal(filepath.Join(dir, "study-results"), r)
	if err != nil {
		t.Fatal(err)
	}
	x, err := r.Replicate(context.Background(), 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	x.Regimes[0].Events++
	if err := errors.Join(j.Record(x), j.Close()); err != nil {
		t.Fatal(err)
	}
	c, _, stderr := command(t, dir, "study.json")
	err = c.Run()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != 2 || !strings.Contains(stderr.String(), "line 2: expected what this build finds") {
		t.Errorf("%v: %s", err, stderr)
	}
}

// Bad input is answered with one line and exit status 2.
func TestBadInput(t *testing.T) {
	dir := files(t)
	for _, x := range []struct {
		arguments []string
		want      string
	}{
		{nil, "solrbeam: expected one FILE, not 0\n"},
		{[]string{"study.json", "other.json"}, "solrbeam: expected one FILE, not 2\n"},
		{[]string{"nowhere.json"}, "solrbeam: open nowhere.json: "},
		{[]string{"wrong.json"}, "solrbeam: wrong.json: scenario: \"nowhere\" is no scenario"},
	} {
		c, stdout, stderr := command(t, dir, x.arguments...)
		err := c.Run()
		var exit *exec.ExitError
		if !errors.As(err, &exit) || exit.ExitCode() != 2 || stdout.Len() > 0 || !strings.HasPrefix(stderr.String(), x.want) || strings.Count(stderr.String(), "\n") != 1 {
			t.Errorf("%q: %v: %s%s; want status 2 and %q", x.arguments, err, stdout, stderr, x.want)
		}
	}
}
