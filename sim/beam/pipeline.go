package beam

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"reflect"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/io/filesystem"
	_ "github.com/apache/beam/sdks/v2/go/pkg/beam/io/filesystem/local" // work may be a directory
	"github.com/apache/beam/sdks/v2/go/pkg/beam/io/textio"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"

	"github.com/seed-db8551c1/lastresort/sim"
)

// A worker is another process, which finds these by their names.
func init() {
	beam.RegisterType(reflect.TypeFor[span]())
	register.Function2x0(expand)
	register.Emitter2[int, int]()
	register.DoFn3x3[context.Context, int, int, int, string, error](new(replicateFn))
	register.Combiner3[[]byte, string, string](new(collectFn))
	register.Function2x1(lines)
}

// task is what a worker has to know of a study.
type task struct {
	Study     []byte   // as JSON
	Scenarios [][]byte // as JSON, in the order of the study
	Version   string
	Hash      string // that they must have in the worker's own program
	Dir       string // where replications are kept
}

// open gives the study, if it is the same here as where it came from.
func (t *task) open() (*sim.StudyRun, error) {
	r := &sim.StudyRun{Version: t.Version}
	var err error
	if r.Study, err = sim.ParseStudy(bytes.NewReader(t.Study)); err != nil {
		return nil, fmt.Errorf("beam: the study does not survive being sent: %w", err)
	}
	for _, b := range t.Scenarios {
		s, err := sim.ParseScenario(bytes.NewReader(b))
		if err != nil {
			return nil, fmt.Errorf("beam: a scenario does not survive being sent: %w", err)
		}
		r.Scenarios = append(r.Scenarios, s)
	}
	h, err := r.Hash()
	if err != nil {
		return nil, err
	}
	if h != t.Hash {
		return nil, fmt.Errorf("beam: expected workers and caller to be one program: the study is %s here, and %s there", h, t.Hash)
	}
	return r, nil
}

// span is a number of replications of one point, one after another. The first step is a list of them, since it is part of the pipeline itself, whose size runners limit.
type span struct {
	Point, First, Last int
}

// spans puts replications in order together.
func spans(todo []sim.StudyReplication) (all []span) {
	for _, f := range todo {
		if n := len(all); n > 0 && all[n-1].Point == f.Point && all[n-1].Last+1 == f.Replication {
			all[n-1].Last++
			continue
		}
		all = append(all, span{f.Point, f.Replication, f.Replication})
	}
	return all
}

func expand(s span, emit func(point, replication int)) {
	for k := s.First; k <= s.Last; k++ {
		emit(s.Point, k)
	}
}

// pipeline runs replications, and writes them to one file.
func (t *task) pipeline(todo []sim.StudyReplication, out string) *beam.Pipeline {
	p, s := beam.NewPipelineWithRoot()
	work := beam.ParDo(s.Scope("replications"), expand, beam.CreateList(s, spans(todo)))
	apart := beam.Reshuffle(s, work) // otherwise one worker would run all that it has expanded
	found := beam.ParDo(s.Scope("replicate"), &replicateFn{Task: *t}, apart)
	sets := beam.CombinePerKey(s.Scope("collect"), new(collectFn), found)
	textio.Write(s.Scope("write"), out, beam.ParDo(s, lines, sets))
	return p
}

// replicateFn runs replications, or finds them where they are kept.
type replicateFn struct {
	Task task

	study *sim.StudyRun
	files filesystem.Interface
}

func (f *replicateFn) Setup(ctx context.Context) (err error) {
	if f.study, err = f.Task.open(); err != nil {
		return err
	}
	f.files, err = filesystem.New(ctx, f.Task.Dir)
	return err
}

func (f *replicateFn) Teardown() error {
	if f.files == nil {
		return nil
	}
	return f.files.Close()
}

// ProcessElement gives the point, and the replication as a line of JSON.
func (f *replicateFn) ProcessElement(ctx context.Context, point, replication int) (int, string, error) {
	name := inDir(f.Task.Dir, fileName(point, replication))
	if line, err := filesystem.Read(ctx, f.files, name); err == nil {
		var r sim.StudyReplication
		if json.Unmarshal(line, &r) == nil && r.Point == point && r.Replication == replication && len(r.Regimes) > 0 {
			return point, string(line), nil
		}
	}
	r, err := f.study.Replicate(ctx, point, replication)
	if err != nil {
		return point, "", err
	}
	line, err := json.Marshal(r)
	if err != nil {
		return point, "", err
	}
	return point, string(line), filesystem.Write(ctx, f.files, name, line)
}

func fileName(point, replication int) string {
	return fmt.Sprintf("replication-%d-%d.json", point, replication)
}

// collectFn merges the replications of a point. A set of lines has no order that matters: whoever reads them puts them in order.
type collectFn struct{}

func (*collectFn) AddInput(set []byte, line string) []byte {
	return append(append(set, line...), '\n')
}

func (*collectFn) MergeAccumulators(a, b []byte) []byte { return append(a, b...) }

func (*collectFn) ExtractOutput(set []byte) string {
	return string(bytes.TrimSuffix(set, []byte("\n")))
}

// lines drops the point, which every line has.
func lines(_ int, set string) string { return set }
