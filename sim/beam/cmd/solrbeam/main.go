// Command solrbeam runs a study on Apache Beam: on Prism in its own process, or on Flink, Spark, Dataflow or any other portable runner.
//
//	solrbeam [flags] FILE
//
// FILE is what `solrsim study` takes. Every replication that is finished goes into journal.jsonl in the directory that --out names, and `solrsim study FILE` then writes the tables, with nothing left to run.
// A study that was interrupted, or killed, goes on from what its workers had kept below --work. Package beam says how to run it on which runner; -help lists Beam's own flags.
package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"

	sdk "github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/log"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/options/jobopts"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/runners"
	_ "github.com/apache/beam/sdks/v2/go/pkg/beam/x/beamx" // all runners, and places that are no directories

	"github.com/seed-db8551c1/lastresort/sim/beam"
	"github.com/seed-db8551c1/lastresort/sim/internal/studyfile"
)

func main() { os.Exit(Main()) }

// Main runs the command and gives its exit status. In a worker it does not return.
func Main() int {
	out := flag.String("out", "", "the directory that the journal is written to; by default the name of the file, with -results")
	work := flag.String("work", "", "where workers keep finished replications: a directory or place that all of them and this command reach under the same name; by default a directory in --out")
	flag.StringVar(&log.LogLevel, "log", "warn", "the messages of Beam that are shown: debug, info, warn or error, and what is graver")
	flag.Usage = func() {
		fmt.Fprintln(flag.CommandLine.Output(), "usage: solrbeam [flags] FILE")
		flag.PrintDefaults()
	}
	flag.Parse()
	files := flag.Args()
	if len(files) > 1 {
		flag.CommandLine.Parse(files[1:]) // flags may come after the file too; it exits on an error
		files = append(files[:1:1], flag.Args()...)
	}
	sdk.Init()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := fmt.Errorf("expected one FILE, not %d", len(files))
	if len(files) == 1 {
		err = study(ctx, files[0], cmp.Or(*out, studyfile.Results(files[0])), *work)
	}
	if err == nil {
		return 0
	}
	fmt.Fprintf(os.Stderr, "solrbeam: %s\n", strings.ReplaceAll(strings.TrimSpace(err.Error()), "\n", "; "))
	switch {
	case errors.Is(err, context.Canceled):
		return 130
	case errors.As(err, new(runError)):
		return 1
	}
	return 2
}

// runError is a failure that is not the fault of the input.
type runError struct{ error }

func (e runError) Unwrap() error { return e.error }

// study runs what the journal in a directory does not have.
func study(ctx context.Context, file, out, work string) error {
	r, err := studyfile.Load(file)
	if err != nil {
		return err
	}
	if work == "" {
		work = filepath.Join(out, "work")
	}
	if !strings.Contains(work, "://") {
		if work, err = filepath.Abs(work); err != nil { // a worker may run elsewhere
			return err
		}
	}
	j, err := studyfile.OpenJournal(out, r)
	if err != nil {
		return err
	}
	defer j.Close()
	r.Finished, r.Record, r.Progress = j.Finished, j.Record, progress()
	if _, err := r.Next(); err != nil {
		return err
	}
	if err := j.Reproduce(ctx, r); err != nil {
		return err
	}
	if *jobopts.WorkerBinary == "" && runtime.GOOS == "linux" {
		if *jobopts.WorkerBinary, err = os.Executable(); err != nil { // the SDK would compile what is in the working directory
			return runError{err}
		}
	}
	res, err := beam.Run(ctx, cmp.Or(*runners.Runner, "prism"), r, work)
	switch {
	case errors.Is(err, context.Canceled):
		return fmt.Errorf("stopped; it goes on from what workers have finished when it is run again: %w", err)
	case err != nil:
		return runError{err}
	}
	if err := j.Close(); err != nil {
		return runError{err}
	}
	_, err = fmt.Printf("%s: %d points, %d replications, study %s. `solrsim study %s --out %s` writes the tables.\n", res.Study.Name, len(res.Points), j.Written, res.Hash, file, out)
	if err != nil {
		return runError{err}
	}
	return nil
}

// progress writes now and then how far a study is.
func progress() func(done, total int) {
	var last time.Time
	shown := -1
	return func(done, total int) {
		if done != shown && (done == total || time.Since(last) > 10*time.Second) {
			fmt.Fprintf(os.Stderr, "%d of %d replications\n", done, total)
			last, shown = time.Now(), done
		}
	}
}
