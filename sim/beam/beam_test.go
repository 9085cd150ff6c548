package beam_test

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	sdk "github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/io/filesystem"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/io/filesystem/local"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/log"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/options/jobopts"
	_ "github.com/apache/beam/sdks/v2/go/pkg/beam/runners/prism"

	"github.com/seed-db8551c1/lastresort/sim"
	"github.com/seed-db8551c1/lastresort/sim/beam"
)

func TestMain(m *testing.M) {
	flag.Parse()
	l, err := net.Listen("tcp", "localhost:0")
	if err != nil {
		fmt.Println("skipped: Prism and its workers need a port of this machine:", err)
		return
	}
	l.Close()
	log.LogLevel = "error"
	sdk.Init()
	os.Exit(m.Run())
}

// tiny is a study of two scenarios with every kind of point, that takes a fraction of a second.
func tiny(t testing.TB) *sim.StudyRun {
	t.Helper()
	study, err := sim.ParseStudy(strings.NewReader(`{
		"name": "tiny", "scenarios": ["one", "two"], "seed": 18446744073709551615, "replications": 2,
		"precision": {"metric": "customer_hours_off_supply", "relative": 0.1, "most": 4},
		"assumptions": {"electricity-smart": 1, "gas-smart": 1, "smets1-enrolled": 1, "horizon": 20},
		"sweep": {"revocation-gap": [0, 2]}, "ranges": {"prepayment": [0.2, 0.8]}, "samples": 3
	}`))
	if err != nil {
		t.Fatal(err)
	}
	r := &sim.StudyRun{Study: study, Version: "test"}
	for _, name := range study.Scenarios {
		s, err := sim.ParseScenario(strings.NewReader(`{"name": "` + name + `", "assumptions": {"comms-failure": 0.0123}, "support": ["1.6", "2.2"],
			"failures": [{"supplier": "A", "ceased": "2021-09-14", "solr": "X", "solrDate": "2021-09-19", "fuels": "electricity", "domestic": 40, "prepayment": 0.3}]}`))
		if err != nil {
			t.Fatal(err)
		}
		r.Scenarios = append(r.Scenarios, s)
	}
	return r
}

// bytesOf is everything in a result; numbers are as short as they can be without being others.
func bytesOf(r *sim.StudyResult) string {
	study, _ := json.Marshal(r.Study)
	text := fmt.Sprintf("%s %s %v %+v %+v %+v", study, r.Hash, r.Scenarios, r.Spreads, r.Swings, r.Influences)
	for _, p := range r.Points {
		text += fmt.Sprintf("%+v\n", p)
	}
	return text
}

func locally(t testing.TB, r *sim.StudyRun) string {
	t.Helper()
	res, err := r.Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return bytesOf(res)
}

// watched is the local file system, under a name of its own, and with eyes: what a worker does is seen by what it writes.
type watched struct {
	filesystem.Interface

	mu      sync.Mutex
	writing func(n int) error // told how many replications are being written now, before each
	written []string
	now     int
}

var disk = &watched{Interface: local.New(context.Background())}

func init() {
	filesystem.Register("watched", func(context.Context) filesystem.Interface { return disk })
}

const scheme = "watched://"

func (w *watched) List(ctx context.Context, glob string) ([]string, error) {
	return w.Interface.List(ctx, strings.TrimPrefix(glob, scheme))
}

func (w *watched) OpenRead(ctx context.Context, name string) (io.ReadCloser, error) {
	return w.Interface.OpenRead(ctx, strings.TrimPrefix(name, scheme))
}

func (w *watched) OpenWrite(ctx context.Context, name string) (io.WriteCloser, error) {
	if strings.Contains(name, "replication-") {
		w.mu.Lock()
		w.now++
		n, writing := w.now, w.writing
		w.mu.Unlock()
		var err error
		if writing != nil {
			err = writing(n)
		}
		w.mu.Lock()
		w.now--
		if err == nil {
			w.written = append(w.written, filepath.Base(name))
		}
		w.mu.Unlock()
		if err != nil {
			return nil, err
		}
	}
	return w.Interface.OpenWrite(ctx, strings.TrimPrefix(name, scheme))
}

// reset forgets what was written, and says what is done before each replication is.
func (w *watched) reset(writing func(n int) error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.written, w.writing = nil, writing
}

// The result has the same bytes as that of the local runner, from one worker and from several.
func TestSameBytes(t *testing.T) {
	for _, c := range []struct {
		name, experiments string
		several           bool
		study             func() *sim.StudyRun
		fewest            int
	}{
		{"one worker", "prism_disable_sdf_split", false, func() *sim.StudyRun { return tiny(t) }, 2*2*(1+2+2+3) + 1}, // more than in one round
		{"several workers", "", true, func() *sim.StudyRun { return tiny(t) }, 2*2*(1+2+2+3) + 1},
		{"several workers at one point", "", true, func() *sim.StudyRun {
			r := tiny(t)
			r.Study.Precision, r.Study.Replications, r.Study.Sweep, r.Study.Ranges, r.Study.Samples = nil, 9, nil, nil, 0
			r.Study.Scenarios, r.Scenarios = r.Study.Scenarios[:1], r.Scenarios[:1]
			return r
		}, 9},
	} {
		t.Run(c.name, func(t *testing.T) {
			want := locally(t, c.study())
			*jobopts.Experiments = c.experiments
			defer func() { *jobopts.Experiments = "" }()
			var mu sync.Mutex
			most := 0
			disk.reset(func(n int) error {
				mu.Lock()
				defer mu.Unlock()
				if most = max(most, n); c.several && most < 2 {
					mu.Unlock()
					time.Sleep(300 * time.Millisecond) // Prism shares out what is left of a bundle when an element is slow
					mu.Lock()
				}
				return nil
			})
			r := c.study()
			var recorded []sim.StudyReplication
			r.Record = func(f sim.StudyReplication) error { recorded = append(recorded, f); return nil }
			done, total := 0, 0
			r.Progress = func(d, of int) {
				if d < done || of < total || d > of {
					t.Errorf("progress from %d of %d to %d of %d", done, total, d, of)
				}
				done, total = d, of
			}
			res, err := beam.Run(context.Background(), "prism", r, scheme+t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			if bytesOf(res) != want {
				t.Error("the result differs from that of the local runner")
			}
			if (most > 1) != c.several {
				t.Errorf("%d replications at a time", most)
			}
			if n := len(disk.written); n != len(recorded) || n != done || n != total || n < c.fewest {
				t.Errorf("%d replications run, %d recorded, progress %d of %d; want as many, and at least %d", n, len(recorded), done, total, c.fewest)
			}
			again := c.study()
			again.Finished = recorded
			again.Record = func(sim.StudyReplication) error { return errors.New("a replication that was recorded is run again") }
			if locally(t, again) != want {
				t.Error("the local runner goes on from what was recorded to another result")
			}
		})
	}
}

// Stopped half way, and with a file cut short as a crash may leave it, a study goes on from what its workers have kept, and ends with the same bytes.
func TestResumed(t *testing.T) {
	want, work := locally(t, tiny(t)), scheme+t.TempDir()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	n := 0
	disk.reset(func(int) error {
		if n++; n == 12 {
			cancel()
			time.Sleep(200 * time.Millisecond) // the worker that does this is stopped
		}
		return nil
	})
	*jobopts.Experiments = "prism_disable_sdf_split"
	defer func() { *jobopts.Experiments = "" }()
	if res, err := beam.Run(ctx, "prism", tiny(t), work); res != nil || !errors.Is(err, context.Canceled) {
		t.Fatalf("cancelled: %v, %v", res, err)
	}
	time.Sleep(time.Second) // for what a worker still does, if it does
	disk.mu.Lock()
	kept := slices.Clone(disk.written)
	disk.mu.Unlock()
	if len(kept) < 11 || len(kept) > 14 {
		t.Fatalf("%d replications are kept: want those until the job was cancelled, and no more", len(kept))
	}
	h, err := tiny(t).Hash()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(filepath.Join(strings.TrimPrefix(work, scheme), h, kept[3]), 100); err != nil {
		t.Fatal(err)
	}
	disk.reset(nil)
	res, err := beam.Run(context.Background(), "prism", tiny(t), work)
	if err != nil {
		t.Fatal(err)
	}
	if bytesOf(res) != want {
		t.Error("resumed half way, the result differs")
	}
	for i, name := range kept {
		if again := slices.Contains(disk.written, name); again != (i == 3) {
			t.Errorf("%s is run again: %v", name, again)
		}
	}
	total := 0
	for _, p := range res.Points {
		total += len(p.Replications)
	}
	if n := len(disk.written) + len(kept) - 1; n != total {
		t.Errorf("%d replications run in both jobs, want %d", n, total)
	}
	disk.reset(nil)
	if res, err = beam.Run(context.Background(), "prism", tiny(t), work); err != nil || bytesOf(res) != want || len(disk.written) != 0 {
		t.Errorf("once more: %d replications are run again, %v", len(disk.written), err)
	}
}

// What a worker cannot do is an error of the study, and costs nothing that was finished.
func TestFailure(t *testing.T) {
	work, n := scheme+t.TempDir(), 0
	disk.reset(func(int) error {
		if n++; n > 5 {
			return errors.New("no space left for it")
		}
		return nil
	})
	if res, err := beam.Run(context.Background(), "prism", tiny(t), work); res != nil || err == nil || !strings.Contains(err.Error(), "no space left for it") {
		t.Fatalf("%v, %v; want the worker's error", res, err)
	}
	disk.reset(nil)
	res, err := beam.Run(context.Background(), "prism", tiny(t), work)
	if err != nil {
		t.Fatal(err)
	}
	if bytesOf(res) != locally(t, tiny(t)) {
		t.Error("after a failure the result differs")
	}
}

// What cannot be run is refused before there is a job.
func TestRefuses(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*sim.StudyRun)
		work   string
		want   string
	}{
		{"no study", func(r *sim.StudyRun) { r.Study = nil }, "work", "sim: study: expected a study"},
		{"a scenario short", func(r *sim.StudyRun) { r.Scenarios = r.Scenarios[1:] }, "work", "each scenario that it names"},
		{"a scenario that no file can hold", func(r *sim.StudyRun) { r.Scenarios[0].Failures[0].Domestic = -1 }, "work", "beam: a scenario does not survive being sent"},
		{"a place that is not linked in", func(*sim.StudyRun) {}, "nowhere://work", `beam: file system scheme "nowhere" not registered`},
		{"not waiting", func(*sim.StudyRun) { *jobopts.Async = true }, "work", "not --async"},
	} {
		r := tiny(t)
		c.change(r)
		res, err := beam.Run(context.Background(), "prism", r, c.work)
		*jobopts.Async = false
		if res != nil || err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v; want an error with %q", c.name, err, c.want)
		}
	}
}

func ExampleRun() {
	study, err := sim.ParseStudy(strings.NewReader(`{"name": "gap", "scenarios": ["one"], "replications": 2, "sweep": {"revocation-gap": [0, 3]}}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	one, err := sim.ParseScenario(strings.NewReader(`{"name": "one", "failures": [{"supplier": "A", "ceased": "2021-09-14", "solr": "X", "domestic": 200}]}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	work, err := os.MkdirTemp("", "study-*")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(work)
	// A program calls beam.Init of the SDK at its start, after flag.Parse.
	res, err := beam.Run(context.Background(), "prism", &sim.StudyRun{Study: study, Scenarios: []*sim.Scenario{one}}, work)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, p := range res.Points {
		fmt.Printf("point %d, %v: %d replications\n", p.Number, p.Kind, len(p.Replications))
	}
	// Output:
	// point 0, base: 2 replications
	// point 1, sweep: 2 replications
	// point 2, sweep: 2 replications
}
