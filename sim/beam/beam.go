package beam

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/io/filesystem"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/options/jobopts"

	"github.com/seed-db8551c1/lastresort/sim"
)

// Run runs what is not finished of a study, and gives the result that [sim.StudyRun.Run] gives. The runner is one that is linked into the program, such as "prism"; the SDK's package beamx links all of them.
// The caller has called the SDK's Init.
//
// Replications are kept in files below work, in a directory named for the study's hash: work is a directory, or a place such as gs://bucket/path, that every worker reaches under the same name.
// Those that are found there are not run again. What is kept may be removed when the study is finished.
//
// Of the fields of the study, Workers has no effect, since the runner decides; Record is called at the end of a round, in the order of points and replications; and Progress counts replications, every few seconds.
//
// When the context is done its error is given, and the job is cancelled through the job service of the runner; Dataflow has none, and its job goes on until it is cancelled there.
//
// Only one Run at a time: the SDK keeps options in variables of the process.
func Run(ctx context.Context, runner string, study *sim.StudyRun, work string) (*sim.StudyResult, error) {
	switch {
	case !beam.Initialized():
		return nil, errors.New("beam: expected the SDK's Init to have been called")
	case *jobopts.Async:
		return nil, errors.New("beam: expected a job to wait for, not --async")
	}
	r := *study
	r.Progress = nil
	todo, err := r.Next()
	if err != nil {
		return nil, err
	}
	s, err := newStage(ctx, &r, work)
	if err != nil {
		return nil, err
	}
	defer s.files.Close()
	p := &progress{report: study.Progress}
	for len(todo) > 0 {
		p.add(len(todo))
		found, err := s.round(ctx, runner, todo, p)
		if err != nil {
			return nil, err
		}
		if r.Record != nil {
			for _, f := range found {
				if err := r.Record(f); err != nil {
					return nil, err
				}
			}
		}
		r.Finished = slices.Concat(r.Finished, found)
		if todo, err = r.Next(); err != nil {
			return nil, err
		}
	}
	return r.Run(ctx)
}

// stage is where a study is run from: what its workers are told, and the place that they share with the caller.
type stage struct {
	task  task
	files filesystem.Interface
}

func newStage(ctx context.Context, r *sim.StudyRun, work string) (*stage, error) {
	h, err := r.Hash()
	if err != nil {
		return nil, err
	}
	s := &stage{task: task{Version: r.Version, Hash: h, Dir: inDir(work, h)}}
	if s.task.Study, err = json.Marshal(r.Study); err != nil {
		return nil, fmt.Errorf("beam: %w", err)
	}
	for _, x := range r.Scenarios {
		b, err := json.Marshal(x)
		if err != nil {
			return nil, fmt.Errorf("beam: %w", err)
		}
		s.task.Scenarios = append(s.task.Scenarios, b)
	}
	if _, err := s.task.open(); err != nil {
		return nil, err
	}
	if s.files, err = filesystem.New(ctx, s.task.Dir); err != nil {
		return nil, fmt.Errorf("beam: %w", err)
	}
	return s, nil
}

// inDir adds a name to a directory or a place; path.Join would take a slash from gs://.
func inDir(dir, name string) string { return strings.TrimRight(dir, "/") + "/" + name }

// round runs replications as one pipeline, and gives them in order.
func (s *stage) round(ctx context.Context, runner string, todo []sim.StudyReplication, p *progress) ([]sim.StudyReplication, error) {
	slices.SortFunc(todo, byPlace)
	out := inDir(s.task.Dir, "round.jsonl")
	watching, stop := context.WithCancel(ctx)
	var wg sync.WaitGroup
	wg.Go(func() { s.watch(watching, todo, p) })
	err := execute(ctx, runner, "solr-"+s.task.Hash, s.task.pipeline(todo, out))
	stop()
	wg.Wait()
	if err != nil {
		return nil, err
	}
	if err := s.read(ctx, out, todo); err != nil {
		return nil, err
	}
	p.finish()
	return todo, nil
}

func byPlace(a, b sim.StudyReplication) int {
	return cmp.Or(cmp.Compare(a.Point, b.Point), cmp.Compare(a.Replication, b.Replication))
}

// read fills in replications from what a pipeline wrote. A job that was cancelled from outside ends without an error, and leaves nothing, or what is left of an earlier one.
func (s *stage) read(ctx context.Context, name string, todo []sim.StudyReplication) error {
	text, err := filesystem.Read(ctx, s.files, name)
	if err != nil {
		return fmt.Errorf("beam: expected the finished job to have written %s, where every worker and its caller can reach it: %w", name, err)
	}
	for line := range bytes.Lines(text) {
		var f sim.StudyReplication
		if err := json.Unmarshal(line, &f); err != nil {
			return fmt.Errorf("beam: %s: expected replications, each on a line: %w", name, err)
		}
		if i, ok := slices.BinarySearchFunc(todo, f, byPlace); ok {
			todo[i] = f
		}
	}
	for _, f := range todo {
		if f.Regimes == nil {
			return fmt.Errorf("beam: %s: expected replication %d of point %d too: was the job cancelled?", name, f.Replication, f.Point)
		}
	}
	return nil
}

// watch counts now and then how many replications are there.
func (s *stage) watch(ctx context.Context, todo []sim.StudyReplication, p *progress) {
	if p.report == nil {
		return
	}
	wanted := make(map[string]bool)
	for _, f := range todo {
		wanted[fileName(f.Point, f.Replication)] = true
	}
	tick := time.NewTicker(2 * time.Second)
	defer tick.Stop()
	for {
		names, err := s.files.List(ctx, inDir(s.task.Dir, "replication-*.json"))
		if err == nil && ctx.Err() == nil {
			n := 0
			for _, name := range names {
				if wanted[path.Base(strings.ReplaceAll(name, `\`, "/"))] {
					n++
				}
			}
			p.found(n)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// progress counts replications over the rounds.
type progress struct {
	report      func(done, total int)
	past, total int // in the rounds that are finished; in those and this one
}

func (p *progress) add(n int) {
	if p.total += n; p.report != nil {
		p.report(p.past, p.total)
	}
}

// found tells how many of this round are there.
func (p *progress) found(n int) {
	if n > 0 && p.past+n < p.total {
		p.report(p.past+n, p.total)
	}
}

func (p *progress) finish() {
	if p.past = p.total; p.report != nil {
		p.report(p.past, p.total)
	}
}
