package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/seed-db8551c1/lastresort/sim"
	"github.com/seed-db8551c1/lastresort/sim/internal/studyfile"
	"github.com/spf13/cobra"
)

func studyCommand() *cobra.Command {
	var (
		out     string
		workers int
	)
	c := &cobra.Command{
		Use:   "study FILE",
		Short: "Run a study: scenarios, regimes, and sweeps and samples of the assumptions",
		Long: `Run a study: scenarios, regimes, and sweeps and samples of the assumptions.

The file is JSON; ParseStudy of package sim documents its fields. Scenarios that are files are found from where it is. The results are
tables, each as CSV and Parquet, all of them as one JSON object, and dictionary.csv, which says what each column means.

Every replication that is finished goes into journal.jsonl, in the same directory. A study that was interrupted, or killed, goes on from
there when it is run again, and ends with the same bytes. A journal of another study, or of another version of the command, is refused.
Where the version does not tell builds apart, as with go run, the first replication of the journal is run again, and must come out the same.`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return fmt.Errorf("study: expected one FILE, not %d", len(args))
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			if workers < 0 {
				return fmt.Errorf("--workers %d: expected 0 or more", workers)
			}
			r, err := studyfile.Load(args[0])
			if err != nil {
				return err
			}
			r.Workers = workers
			var finish func()
			r.Progress, finish = progressBar(c.ErrOrStderr())
			res, err := runStudy(c.Context(), r, cmp.Or(out, studyfile.Results(args[0])))
			finish()
			if err != nil {
				return err
			}
			return writeStudy(c.OutOrStdout(), res)
		},
	}
	c.Flags().StringVar(&out, "out", "", "the directory that results are written to; by default the name of the file, with -results")
	c.Flags().IntVar(&workers, "workers", 0, "replications at a time; 0 for as many as there are processors")
	return c
}

// runStudy runs what the journal in a directory does not have, and writes the results there.
func runStudy(ctx context.Context, r *sim.StudyRun, dir string) (*sim.StudyResult, error) {
	j, err := studyfile.OpenJournal(dir, r)
	if err != nil {
		return nil, err
	}
	defer j.Close()
	r.Finished = j.Finished
	r.Record = func(x sim.StudyReplication) error {
		if err := j.Record(x); err != nil {
			return runError{err}
		}
		return nil
	}
	var res *sim.StudyResult
	if err = j.Reproduce(ctx, r); err == nil {
		res, err = r.Run(ctx)
	}
	switch {
	case errors.Is(err, context.Canceled):
		return nil, stopped(fmt.Sprintf("study: stopped after %s; it goes on from there when it is run again", counted(j.Written, "replication")))
	case err != nil:
		return nil, err
	}
	if err := j.Close(); err != nil {
		return nil, runError{err}
	}
	if err := writeResults(dir, res); err != nil {
		return nil, runError{err}
	}
	return res, nil
}

// writeFile writes a file, or leaves what is there.
func writeFile(name string, write func(io.Writer) error) error {
	f, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+"-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // no longer there if all went well
	err = write(f)
	if e := f.Chmod(0o644); err == nil {
		err = e
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if err != nil {
		return err
	}
	return os.Rename(f.Name(), name)
}
