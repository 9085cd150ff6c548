package sim

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"sync"

	"github.com/seed-db8551c1/lastresort/hold"
)

// StudyRun runs a [Study]. Replication k of every point, scenario and regime has the same random numbers, so that points differ for their assumptions and regimes for their rules.
// The result is the same, byte for byte, whatever the number of workers, and whatever was finished before.
type StudyRun struct {
	Study     *Study
	Scenarios []*Scenario // those that the study names, in its order
	Version   string      // of the program, for the hash: other versions may find something else
	Workers   int         // how many replications run at a time; by default as many as there are processors

	// Finished are replications of the same study, by its hash, that need not be run again.
	Finished []StudyReplication
	// Record, if given, gets each replication when it is finished, one at a time, in no fixed order. Its error ends the run.
	Record func(StudyReplication) error
	// Progress, if given, is told how much of the work that was left is done, in customers simulated, from none on. Calls come one at a time. The total grows when replications are added for precision.
	Progress func(done, total int)
}

// StudyReplication is one replication of one point, under every regime of the study. Its JSON form holds all that was measured.
type StudyReplication struct {
	Point       int
	Replication int
	Regimes     []Replication // in the order of the study
}

// finishedRun is the JSON form of a run.
type finishedRun struct {
	Regime hold.Regime `json:"regime"`
	Meters int         `json:"meters"`
	Events uint64      `json:"events"`
	Values []*float64  `json:"values"` // in the order of Metrics; null where never reached
}

type finishedReplication struct {
	Point       int           `json:"point"`
	Replication int           `json:"replication"`
	Runs        []finishedRun `json:"runs"`
}

// MarshalJSON gives an object of one line.
func (r StudyReplication) MarshalJSON() ([]byte, error) {
	f := finishedReplication{r.Point, r.Replication, make([]finishedRun, len(r.Regimes))}
	for i, x := range r.Regimes {
		f.Runs[i] = finishedRun{x.Regime, x.Meters, x.Events, make([]*float64, len(x.values))}
		for m, v := range x.values {
			if !math.IsNaN(v) {
				f.Runs[i].Values[m] = &v
			}
		}
	}
	return json.Marshal(f)
}

// UnmarshalJSON reads what MarshalJSON writes.
func (r *StudyReplication) UnmarshalJSON(b []byte) error {
	var f finishedReplication
	if err := json.Unmarshal(b, &f); err != nil {
		return err
	}
	*r = StudyReplication{Point: f.Point, Replication: f.Replication}
	for _, x := range f.Runs {
		values := make([]float64, len(x.Values))
		for m, v := range x.Values {
			values[m] = orNaN(v)
		}
		r.Regimes = append(r.Regimes, Replication{x.Regime, f.Replication, x.Meters, x.Events, values})
	}
	return nil
}

// hash names content by the first 16 hexadecimal digits of the SHA-256 of its JSON.
func hash(v any) (string, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return "", fmt.Errorf("sim: study: %w", err)
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:8]), nil
}

// Hash identifies the study with all that its result follows from: its scenarios, the version, and what the model assumes and measures.
func (r *StudyRun) Hash() (string, error) {
	return hash(struct {
		Study       *Study
		Scenarios   []*Scenario
		Version     string
		Assumptions []Assumption
		Metrics     []MetricInfo
	}{r.Study, r.Scenarios, r.Version, Assumptions(), Metrics()})
}

// studyState is a study that is under way.
type studyState struct {
	*StudyRun
	regimes []hold.Regime
	points  []DesignPoint
	cost    []int             // by scenario: customers to simulate in a replication, under all regimes
	found   [][][]Replication // by point and replication: by regime; nil if not finished
	wanted  []int             // by point: how many replications
	precise []bool            // by point: whether it is as precise as asked for
}

// Run runs what is not finished. It stops early, with the context's error, when the context is done; what was recorded by then counts as finished in another run.
func (r *StudyRun) Run(ctx context.Context) (*StudyResult, error) {
	s, err := r.start()
	if err != nil {
		return nil, err
	}
	done, total := 0, 0
	for {
		todo := s.todo()
		for _, t := range todo {
			total += s.cost[s.points[t.Point].Scenario]
		}
		if err := s.run(ctx, todo, &done, total); err != nil {
			return nil, err
		}
		if !s.extend() {
			return s.result()
		}
	}
}

// start checks the study, and puts what is finished into its place.
func (r *StudyRun) start() (*studyState, error) {
	if r.Study == nil || len(r.Study.Scenarios) == 0 || len(r.Scenarios) != len(r.Study.Scenarios) {
		return nil, errors.New("sim: study: expected a study, and each scenario that it names")
	}
	s := &studyState{StudyRun: r, regimes: r.Study.regimes(), points: r.Study.points()}
	n := len(s.points)
	s.found, s.wanted, s.precise = make([][][]Replication, n), make([]int, n), make([]bool, n)
	for i := range s.points {
		p := &s.points[i]
		_, err := s.values(p)
		if err == nil && p.Scenario == len(s.cost) {
			var x *plan
			if x, err = s.experiment(p).plan(); err == nil {
				s.cost = append(s.cost, len(s.regimes)*x.cast.customers())
			}
		}
		if err != nil {
			return nil, fmt.Errorf("sim: study: point %d, of scenario %q: %w", i, r.Study.Scenarios[p.Scenario], err)
		}
		s.wanted[i] = r.Study.fewest()
		s.found[i] = make([][]Replication, s.wanted[i])
	}
	for _, f := range r.Finished {
		if !s.belongs(&f) {
			return nil, fmt.Errorf("sim: study: expected finished replications of this study, each once, not replication %d of point %d", f.Replication, f.Point)
		}
		s.put(&f)
	}
	return s, nil
}

// values is all assumptions at a point.
func (s *studyState) values(p *DesignPoint) (values, error) {
	return assume(s.Scenarios[p.Scenario].Assumptions, s.Study.Assumptions, p.Set)
}

func (s *studyState) experiment(p *DesignPoint) *Experiment {
	set := make(map[string]float64)
	maps.Copy(set, s.Study.Assumptions)
	maps.Copy(set, p.Set)
	return &Experiment{Scenario: s.Scenarios[p.Scenario], Regimes: s.regimes, Replications: 1, Seed: s.Study.Seed, Scale: s.Study.Scale, Workers: s.Workers, Assumptions: set}
}

func (s *studyState) belongs(f *StudyReplication) bool {
	if f.Point < 0 || f.Point >= len(s.points) || f.Replication < 0 || f.Replication >= s.Study.most() || len(f.Regimes) != len(s.regimes) {
		return false
	}
	for i, r := range f.Regimes {
		if r.Regime != s.regimes[i] || len(r.values) != len(Metrics()) {
			return false
		}
	}
	return f.Replication >= len(s.found[f.Point]) || s.found[f.Point][f.Replication] == nil
}

func (s *studyState) put(f *StudyReplication) {
	for len(s.found[f.Point]) <= f.Replication {
		s.found[f.Point] = append(s.found[f.Point], nil)
	}
	s.found[f.Point][f.Replication] = f.Regimes
}

// todo is what is wanted and not finished: all points' first replications before the second, so that a study stopped early has seen every point.
func (s *studyState) todo() (all []StudyReplication) {
	for k := range slices.Max(s.wanted) {
		for i := range s.points {
			if k < s.wanted[i] && (k >= len(s.found[i]) || s.found[i][k] == nil) {
				all = append(all, StudyReplication{Point: i, Replication: k})
			}
		}
	}
	return all
}

func (s *studyState) run(ctx context.Context, todo []StudyReplication, done *int, total int) error {
	var mu sync.Mutex
	report := func(n int) {
		if *done += n; s.Progress != nil {
			s.Progress(*done, total)
		}
	}
	report(0)
	return sideBySide(ctx, s.Workers, len(todo), func(ctx context.Context, i int) error {
		f := todo[i]
		p := &s.points[f.Point]
		x, err := s.experiment(p).plan()
		if err == nil {
			f.Regimes, err = x.replicate(ctx, f.Replication)
		}
		if err != nil {
			return err
		}
		mu.Lock()
		defer mu.Unlock()
		if s.Record != nil {
			if err := s.Record(f); err != nil {
				return err
			}
		}
		s.put(&f)
		report(s.cost[p.Scenario])
		return nil
	})
}

// extend asks for half as many replications again, at least one, of each point that is not precise enough, and reports whether there are any.
func (s *studyState) extend() bool {
	p := s.Study.Precision
	if p == nil {
		return false
	}
	more := false
	for i := range s.points {
		n := s.wanted[i]
		if s.precise[i] = s.isPrecise(i); s.precise[i] || n == p.Most {
			continue
		}
		s.wanted[i] = min(n+(n+1)/2, p.Most)
		more = true
	}
	return more
}

func (s *studyState) isPrecise(point int) bool {
	for i := range s.regimes {
		x := summarise(s.measured(point, i, metricIndex[s.Study.Precision.Metric], -1))
		if !(x.Hi-x.Mean <= s.Study.Precision.Relative*math.Abs(x.Mean)) {
			return false
		}
	}
	return true
}

// measured is a metric under a regime by replication: its difference from another regime, if base is not negative.
func (s *studyState) measured(point, regime, metric, base int) []float64 {
	values := make([]float64, s.wanted[point])
	for k := range values {
		values[k] = s.found[point][k][regime].values[metric]
		if base >= 0 {
			values[k] -= s.found[point][k][base].values[metric]
		}
	}
	return values
}
