package sim_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/seed-db8551c1/lastresort/hold"
	"github.com/seed-db8551c1/lastresort/sim"
)

const goodStudy = `{
  "name": "price of holding", "about": "what it costs",
  "scenarios": ["autumn-2021", "./mine.json"],
  "regimes": ["mp185", "baseline"], "metrics": ["customer_hours_off_supply", "mpid_wait_days"],
  "seed": 7, "scale": 0.01, "replications": 3,
  "precision": {"metric": "customer_hours_off_supply", "relative": 0.05, "most": 40},
  "assumptions": {"horizon": 60},
  "sweep": {"revocation-gap": [0, 2], "cos-rate": [10000]},
  "ranges": {"prepayment": [0.06, 0.26], "top-ups-exempt": [0, 1]},
  "samples": 4
}
`

func TestParseStudy(t *testing.T) {
	s, err := sim.ParseStudy(strings.NewReader(goodStudy))
	if err != nil {
		t.Fatal(err)
	}
	want := &sim.Study{
		Name: "price of holding", About: "what it costs", Scenarios: []string{"autumn-2021", "./mine.json"}, Regimes: []hold.Regime{hold.MP185, hold.Baseline},
		Metrics: []string{"customer_hours_off_supply", "mpid_wait_days"}, Seed: 7, Scale: 0.01, Replications: 3,
		Precision:   &sim.Precision{Metric: "customer_hours_off_supply", Relative: 0.05, Most: 40},
		Assumptions: map[string]float64{"horizon": 60},
		Sweep:       map[string][]float64{"revocation-gap": {0, 2}, "cos-rate": {10000}},
		Ranges:      map[string]sim.Range{"prepayment": {0.06, 0.26}, "top-ups-exempt": {0, 1}},
		Samples:     4,
	}
	if diff := cmp.Diff(want, s); diff != "" {
		t.Error(diff)
	}
}

// Each mistake gives one line that says where it is and what was expected.
func TestParseStudyRefuses(t *testing.T) {
	for _, c := range []struct{ name, old, new, want string }{
		{"unknown field", `"samples"`, `"sample"`, `line 10: sample: expected one of the fields name, about, scenarios,`},
		{"unknown field of the precision", `"most"`, `"max"`, `line 6: precision.max: expected one of the fields metric, relative, most`},
		{"unknown assumption", `"cos-rate"`, `"cosrate"`, `line 8: sweep.cosrate: expected one of the fields revocation-gap,`},
		{"field twice", `"seed": 7`, `"seed": 7, "seed": 8`, `line 5: seed: expected the field once`},
		{"no name", `"name": "price of holding"`, `"name": ""`, `line 2: name: expected a name for the study`},
		{"no scenario", `["autumn-2021", "./mine.json"]`, `[]`, `line 3: scenarios: expected at least one scenario`},
		{"scenario twice", `"./mine.json"`, `"autumn-2021"`, `line 3: scenarios[1]: expected each scenario once`},
		{"scenario without a name", `"./mine.json"`, `" "`, `line 3: scenarios[1]: expected the name or file of a scenario`},
		{"a list for a scenario", `"./mine.json"`, `["x"]`, `line 3: scenarios[1]: expected a single value, not a list`},
		{"unknown regime", `"mp185"`, `"mp999"`, `line 4: regimes[0]: expected one of baseline, mp134a, mp185 and actual, not "mp999"`},
		{"regime twice", `"mp185", "baseline"`, `"mp185", "mp185"`, `line 4: regimes[1]: expected each regime once`},
		{"unknown metric", `"mpid_wait_days"]`, `"wait"]`, `line 4: metrics[1]: expected a metric such as customer_hours_off_supply, not "wait"`},
		{"metric twice", `"mpid_wait_days"]`, `"customer_hours_off_supply"]`, `line 4: metrics[1]: expected each metric once`},
		{"negative seed", `"seed": 7`, `"seed": -7`, `line 5: seed: expected a whole number from 0, not -7`},
		{"no scale", `"scale": 0.01`, `"scale": 0`, `line 5: scale: expected a share above 0 and up to 1, not 0`},
		{"no replications", `"replications": 3`, `"replications": 0`, `line 5: replications: expected 1 to 10000 replications, not 0`},
		{"one replication and a precision", `"replications": 3`, `"replications": 1`, `line 5: replications: expected at least 2`},
		{"precision of no metric", `"metric": "customer_hours_off_supply"`, `"metric": "hours"`, `line 6: precision.metric: expected a metric such as`},
		{"precision without its metric", `"metric": "customer_hours_off_supply", `, ``, `line 6: precision.metric: expected a metric such as`},
		{"precision of nothing", `"relative": 0.05`, `"relative": 0`, `line 6: precision.relative: expected a share of the mean`},
		{"precision never reached", `"most": 40`, `"most": 2`, `line 6: precision.most: expected 3 to 10000 replications, not 2`},
		{"assumption out of range", `"horizon": 60`, `"horizon": 0`, `line 7: assumptions.horizon: expected a number of days from 1 to 400, not 0`},
		{"value of a sweep out of range", `[0, 2]`, `[0, 31]`, `line 8: sweep.revocation-gap: expected a number of days from 0 to 30, not 31`},
		{"value of a sweep twice", `[0, 2]`, `[2, 0, 2]`, `line 8: sweep.revocation-gap: expected at least one value, and each once`},
		{"empty sweep", `[0, 2]`, `[]`, `line 8: sweep.revocation-gap: expected at least one value`},
		{"sweep of a number", `[0, 2]`, `2`, `line 8: sweep.revocation-gap: expected a list, not 2`},
		{"range of one value", `[0.06, 0.26]`, `[0.06]`, `line 9: ranges.prepayment: expected the least value and a greater one`},
		{"range the wrong way round", `[0.06, 0.26]`, `[0.26, 0.06]`, `line 9: ranges.prepayment: expected the least value and a greater one`},
		{"range beyond the assumption's", `[0.06, 0.26]`, `[0.06, 1.26]`, `line 9: ranges.prepayment: expected a share from 0 to 1, not 1.26`},
		{"one sample", `"samples": 4`, `"samples": 1`, `line 10: samples: expected 2 to 20000 samples, not 1`},
		{"samples of nothing", `"ranges": {"prepayment": [0.06, 0.26], "top-ups-exempt": [0, 1]},`, ``, `line 10: samples: expected ranges to take samples from`},
		{"too many points", `"samples": 4`, `"samples": 20000`, `line 1: expected at most 20000 points, all scenarios together, not 40002`},
		{"too many replications", goodStudy[strings.Index(goodStudy, `"most"`):], `"most": 10000}, "ranges": {"prepayment": [0, 1]}, "samples": 50}`, `expected at most 500000 replications, all points together`},
		{"null", `"seed": 7`, `"seed": null`, `line 5: seed: expected a value, not null`},
		{"text after the end", "4\n}", "4\n} {}", `line 11: expected nothing after the end of the study`},
		{"cut short", goodStudy[len(goodStudy)-20:], ``, `expected the rest of the study, not the end of the file`},
		{"empty", goodStudy, ``, `line 1: expected the rest of the study`},
		{"no object", goodStudy, `7`, `line 1: expected an object with the fields name, about,`},
	} {
		text := strings.Replace(goodStudy, c.old, c.new, 1)
		if text == goodStudy {
			t.Fatalf("%s: %q is not in the text", c.name, c.old)
		}
		s, err := sim.ParseStudy(strings.NewReader(text))
		var e *sim.StudyError
		if s != nil || !errors.As(err, &e) || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: error %q; want one line with %q", c.name, err, c.want)
		}
	}
}

// What is read can be written and read again; nothing makes the parser panic, and every error is one line.
func FuzzParseStudy(f *testing.F) {
	f.Fuzz(func(t *testing.T, text string) {
		s, err := sim.ParseStudy(strings.NewReader(text))
		if err != nil {
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("error of more than one line: %q", err)
			}
			return
		}
		b, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		again, err := sim.ParseStudy(strings.NewReader(string(b)))
		if err != nil {
			t.Fatalf("written as %s, which is refused: %v", b, err)
		}
		if diff := cmp.Diff(s, again); diff != "" {
			t.Error(diff)
		}
	})
}

// tiny is a study of every kind of point that takes a fraction of a second.
func tiny(t testing.TB) *sim.StudyRun {
	t.Helper()
	one := &sim.Scenario{Name: "one", Failures: []sim.Failure{{Supplier: "A", Ceased: sim.Date{Year: 2021, Month: 9, Day: 14}, SoLR: "X", Domestic: 80}}}
	two := &sim.Scenario{Name: "two", Assumptions: map[string]float64{"prepayment": 1}, Failures: []sim.Failure{{Supplier: "A", Ceased: sim.Date{Year: 2021, Month: 9, Day: 14}, SoLR: "X", Domestic: 30}}}
	return &sim.StudyRun{
		Study: &sim.Study{
			Name: "tiny", Scenarios: []string{"one", "two"}, Seed: 3, Replications: 3,
			Assumptions: map[string]float64{"electricity-smart": 1, "gas-smart": 1, "smart-mode": 1, "smets1-enrolled": 1, "horizon": 30},
			Sweep:       map[string][]float64{"revocation-gap": {0, 2}, "dcc-act": {4, 30}},
			Ranges:      map[string]sim.Range{"prepayment": {0.2, 0.8}, "top-ups-exempt": {0, 1}, "comms-failure": {0, 0.05}},
			Samples:     6,
		},
		Scenarios: []*sim.Scenario{one, two}, Version: "test",
	}
}

func run(t testing.TB, r *sim.StudyRun) *sim.StudyResult {
	t.Helper()
	res, err := r.Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return res
}

// bytesOf is everything in a result.
func bytesOf(r *sim.StudyResult) string {
	text := fmt.Sprintf("%+v %s %v %+v %+v %+v", *r.Study, r.Hash, r.Scenarios, r.Spreads, r.Swings, r.Influences)
	for _, p := range r.Points {
		text += fmt.Sprintf("%+v\n", p)
	}
	return text
}

// Points are the base, the sweep with the last assumption fastest, both ends of each range, and a sample with one point in each stratum: the same for each scenario.
func TestStudyPoints(t *testing.T) {
	r := tiny(t)
	res := run(t, r)
	const each = 1 + 4 + 2*3 + 6
	if len(res.Points) != 2*each {
		t.Fatalf("%d points, want %d", len(res.Points), 2*each)
	}
	var kinds []string
	for i, p := range res.Points {
		if p.Number != i || p.Scenario != i/each || cmp.Diff(p.Set, res.Points[i%each].Set) != "" {
			t.Errorf("point %d: %+v", i, p.DesignPoint)
		}
		if len(p.Values) != 5 {
			t.Errorf("point %d has the values %v", i, p.Values)
		}
		for name, v := range p.Set {
			if p.Values[name] != v {
				t.Errorf("point %d: %s is %v, want %v", i, name, p.Values[name], v)
			}
		}
		if i < each && p.Kind != sim.SamplePoint {
			kinds = append(kinds, fmt.Sprint(p.Kind, " ", p.Assumption, p.Set))
		}
	}
	want := []string{
		"base map[]", "sweep map[dcc-act:4 revocation-gap:0]", "sweep map[dcc-act:30 revocation-gap:0]", "sweep map[dcc-act:4 revocation-gap:2]", "sweep map[dcc-act:30 revocation-gap:2]",
		"low prepaymentmap[prepayment:0.2]", "high prepaymentmap[prepayment:0.8]", "low top-ups-exemptmap[top-ups-exempt:0]", "high top-ups-exemptmap[top-ups-exempt:1]",
		"low comms-failuremap[comms-failure:0]", "high comms-failuremap[comms-failure:0.05]",
	}
	if diff := cmp.Diff(want, kinds); diff != "" {
		t.Error(diff)
	}
	if res.Points[0].Values["prepayment"] != 0.13 || res.Points[each].Values["prepayment"] != 1 {
		t.Error("the base of a scenario does not have the scenario's own assumptions")
	}
	strata := make(map[int]bool)
	on := 0
	for _, p := range res.Points[each-6 : each] {
		strata[int((p.Set["prepayment"]-0.2)/0.6*6)] = true
		if v := p.Set["top-ups-exempt"]; v == 1 {
			on++
		} else if v != 0 {
			t.Errorf("a switch at %v", v)
		}
	}
	if len(strata) != 6 || on != 3 {
		t.Errorf("the sample is in %d strata of 6, a switch on in %d points of 6", len(strata), on)
	}
}

// Each number of a study is that of an experiment with the same assumptions, and the statistics follow from the replications.
func TestStudyIsMadeOfExperiments(t *testing.T) {
	r := tiny(t)
	res := run(t, r)
	for _, p := range res.Points[:17] {
		set := map[string]float64{"electricity-smart": 1, "gas-smart": 1, "smart-mode": 1, "smets1-enrolled": 1, "horizon": 30}
		for name, v := range p.Set {
			set[name] = v
		}
		x := &sim.Experiment{Scenario: r.Scenarios[0], Replications: 3, Seed: 3, Assumptions: set, Sensitivity: sim.NoSensitivity}
		alone, err := x.Run(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		for _, y := range p.Summaries {
			g := alone.Regimes[slices.IndexFunc(alone.Regimes, func(g sim.RegimeResult) bool { return g.Regime == y.Regime })]
			want := g.Metrics[y.Metric]
			if y.Difference {
				want = g.Difference[y.Metric]
			}
			if diff := cmp.Diff(want, y.Interval, cmpopts.EquateNaNs()); diff != "" {
				t.Errorf("point %d, %+v: %s", p.Number, y.Quantity, diff)
			}
		}
		y, values := p.Summaries[0], []float64{p.Replications[0][0].Value("households_lost_supply"), p.Replications[1][0].Value("households_lost_supply"), p.Replications[2][0].Value("households_lost_supply")}
		slices.Sort(values)
		if y.Median != values[1] || math.Abs(y.Q05-(0.9*values[0]+0.1*values[1])) > 1e-9 || math.Abs(y.Q95-(0.1*values[1]+0.9*values[2])) > 1e-9 {
			t.Errorf("point %d: %+v: quantiles of %v", p.Number, y, values)
		}
		for i, price := range p.Prices {
			d := alone.Regimes[i+1].Difference
			hours := d[sim.Headline]
			want := sim.Price{Regime: alone.Regimes[i+1].Regime, HoursAvoided: sim.Interval{Mean: -hours.Mean, Lo: -hours.Hi, Hi: -hours.Lo},
				CertificateDays: d["certificate_days_after_revocation"], MPIDWaitDays: d["mpid_wait_days"], WorseOff: alone.Regimes[i+1].Metrics["households_worse_off"]}
			if diff := cmp.Diff(want, price, cmpopts.EquateNaNs()); diff != "" {
				t.Errorf("point %d: %s", p.Number, diff)
			}
		}
	}
}

// A swing is between the two ends of a range, pair by pair; a spread is of the means of points, and not of replications.
func TestSwingsAndSpreads(t *testing.T) {
	res := run(t, tiny(t))
	q := sim.Quantity{Regime: hold.Baseline, Metric: sim.Headline}
	mean := func(p sim.PointResult) float64 {
		return p.Summaries[slices.IndexFunc(p.Summaries, func(y sim.Summary) bool { return y.Quantity == q })].Interval.Mean
	}
	swings := 0
	for _, s := range res.Swings {
		if s.Scenario != 0 || s.Quantity != q {
			continue
		}
		at := 5 + 2*swings // the first low point
		swings++
		if low, high := res.Points[at], res.Points[at+1]; s.Assumption != low.Assumption || s.Low.Mean != mean(low) || s.High.Mean != mean(high) || math.Abs(s.Change.Mean-(s.High.Mean-s.Low.Mean)) > 1e-9*s.High.Mean {
			t.Errorf("%+v; want from %v to %v", s, mean(low), mean(high))
		}
		low, high := res.Points[at].Replications, res.Points[at+1].Replications
		d := make([]float64, len(low))
		for k := range d {
			d[k] = high[k][0].Value(sim.Headline) - low[k][0].Value(sim.Headline)
		}
		sd := math.Sqrt((math.Pow(d[0]-s.Change.Mean, 2) + math.Pow(d[1]-s.Change.Mean, 2) + math.Pow(d[2]-s.Change.Mean, 2)) / 2)
		if half := 4.3027 * sd / math.Sqrt(3); math.Abs(s.Change.Hi-s.Change.Mean-half) > 1e-6*half { // Student's t with two degrees of freedom
			t.Errorf("%+v; want ± %v, pair by pair", s, half)
		}
	}
	if swings != 3 {
		t.Errorf("%d swings, want 3", swings)
	}
	for _, s := range res.Spreads {
		if s.Scenario != 0 || s.Quantity != q {
			continue
		}
		var means []float64
		for _, p := range res.Points[:17] {
			if p.Kind == s.Kind {
				means = append(means, mean(p))
			}
		}
		slices.Sort(means)
		if s.Points != len(means) || s.Min != means[0] || s.Max != means[len(means)-1] || s.Unknown != 0 || !(s.Noise > 0) {
			t.Errorf("%+v; want the range of %v", s, means)
		}
		// Definition 7 of Hyndman and Fan (1996): with six values the quantile q lies at 5q.
		between := func(i int, share float64) float64 { return means[i] + share*(means[i+1]-means[i]) }
		if s.Kind == sim.SamplePoint {
			want := []float64{between(0, 0.25), between(1, 0.25), between(2, 0.5), between(3, 0.75), between(4, 0.75)}
			if diff := cmp.Diff(want, []float64{s.Q05, s.Q25, s.Median, s.Q75, s.Q95}, cmpopts.EquateApprox(1e-9, 0)); diff != "" {
				t.Errorf("quantiles of %v: %s", means, diff)
			}
		} else if !math.IsNaN(s.Median) {
			t.Errorf("a sweep has a median of %v", s.Median)
		}
	}
	for _, f := range res.Influences {
		if f.Scenario == 0 && f.Quantity == q && f.Assumption == "prepayment" && !(f.Coefficient > 0.5 && f.CorrelationRatio > 0.2) {
			t.Errorf("the share of prepayment decides how many lose supply, but: %+v", f)
		}
	}
}

// The result depends on the study alone: not on processors, workers, or what was finished before and in which order.
func TestStudyResumed(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	precise := tiny(t)
	precise.Study.Precision = &sim.Precision{Metric: sim.Headline, Relative: 0.1, Most: 7}
	for name, r := range map[string]*sim.StudyRun{"fixed": tiny(t), "precise": precise} {
		t.Run(name, func(t *testing.T) {
			runtime.GOMAXPROCS(1)
			whole := bytesOf(run(t, r))
			runtime.GOMAXPROCS(2)
			r.Workers = 3
			if bytesOf(run(t, r)) != whole {
				t.Fatal("with other workers the result differs")
			}
			var journal []string
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			r.Record = func(x sim.StudyReplication) error {
				b, err := json.Marshal(x)
				if journal = append(journal, string(b)); len(journal) == 50 {
					cancel()
				}
				return err
			}
			if res, err := r.Run(ctx); res != nil || !errors.Is(err, context.Canceled) {
				t.Fatalf("cancelled: %v, %v", res, err)
			}
			if len(journal) < 50 || len(journal) > 55 {
				t.Fatalf("%d replications recorded", len(journal))
			}
			slices.Reverse(journal)
			for _, line := range journal {
				var x sim.StudyReplication
				if err := json.Unmarshal([]byte(line), &x); err != nil {
					t.Fatal(err)
				}
				r.Finished = append(r.Finished, x)
			}
			again := 0
			r.Record = func(x sim.StudyReplication) error {
				for _, f := range r.Finished {
					if f.Point == x.Point && f.Replication == x.Replication {
						again++
					}
				}
				return nil
			}
			if bytesOf(run(t, r)) != whole {
				t.Error("resumed half way, the result differs")
			}
			if again > 0 {
				t.Errorf("%d finished replications were run again", again)
			}
		})
	}
}

// Whoever asks for the next replications, runs them one by one and hands them back, in any order, ends with the same result.
func TestStudyOneByOne(t *testing.T) {
	r := tiny(t)
	r.Study.Precision = &sim.Precision{Metric: sim.Headline, Relative: 0.1, Most: 7}
	whole := bytesOf(run(t, r))
	rounds := 0
	for ; ; rounds++ {
		todo, err := r.Next()
		if err != nil {
			t.Fatal(err)
		}
		if len(todo) == 0 {
			break
		}
		for _, x := range slices.Backward(todo) {
			f, err := r.Replicate(context.Background(), x.Point, x.Replication)
			if err != nil {
				t.Fatal(err)
			}
			r.Finished = append(r.Finished, f)
		}
	}
	if rounds < 3 {
		t.Errorf("%d rounds: a study with a precision has several", rounds)
	}
	r.Record = func(x sim.StudyReplication) error {
		return fmt.Errorf("replication %d of point %d is run again", x.Replication, x.Point)
	}
	if bytesOf(run(t, r)) != whole {
		t.Error("run one by one, the result differs")
	}
	for _, x := range [][2]int{{-1, 0}, {34, 0}, {0, -1}, {0, 7}} {
		if f, err := r.Replicate(context.Background(), x[0], x[1]); err == nil || f.Regimes != nil || !strings.Contains(err.Error(), "expected one of 34 points and of 7 replications") {
			t.Errorf("replication %d of point %d: %v", x[1], x[0], err)
		}
	}
	if _, err := (&sim.StudyRun{}).Replicate(context.Background(), 0, 0); err == nil {
		t.Error("no study: no error")
	}
}

// Replications are added, half as many again, until the metric is as precise as asked for, or there are no more.
func TestStudyPrecision(t *testing.T) {
	counts := make(map[int]int)
	for _, relative := range []float64{0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1} {
		r := tiny(t)
		r.Study.Samples, r.Study.Ranges = 0, nil
		r.Study.Precision = &sim.Precision{Metric: sim.Headline, Relative: relative, Most: 9}
		for _, p := range run(t, r).Points {
			n := len(p.Replications)
			reached := true
			for _, y := range p.Summaries {
				if y.Metric == sim.Headline && !y.Difference && !(y.Interval.Hi-y.Interval.Mean <= relative*math.Abs(y.Interval.Mean)) {
					reached = false
				}
			}
			if p.Precise != reached || !reached && n != 9 || !slices.Contains([]int{3, 5, 8, 9}, n) {
				t.Errorf("within %v, point %d: %d replications, precise %v, want %v", relative, p.Number, n, p.Precise, reached)
			}
			counts[n]++
		}
	}
	for _, n := range []int{3, 5, 8, 9} {
		if counts[n] == 0 {
			t.Errorf("no point has %d replications: %v", n, counts)
		}
	}
}

// Whatever a result follows from is in the hash.
func TestStudyHash(t *testing.T) {
	first, err := tiny(t).Hash()
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*sim.StudyRun){
		"seed": func(r *sim.StudyRun) { r.Study.Seed++ }, "range": func(r *sim.StudyRun) { r.Study.Ranges["prepayment"] = sim.Range{0.2, 0.7} },
		"scenario": func(r *sim.StudyRun) { r.Scenarios[1].Failures[0].Domestic++ }, "version": func(r *sim.StudyRun) { r.Version = "other" },
	} {
		r := tiny(t)
		change(r)
		if h, err := r.Hash(); err != nil || h == first {
			t.Errorf("another %s: hash %s, %v", name, h, err)
		}
	}
	r := tiny(t)
	r.Workers = 5
	if h, _ := r.Hash(); h != first {
		t.Error("the hash depends on the number of workers")
	}
}

// What does not belong to the study, or cannot be run, is refused.
func TestStudyRefuses(t *testing.T) {
	var first sim.StudyReplication
	r := tiny(t)
	stop := errors.New("stop")
	r.Record = func(x sim.StudyReplication) error { first = x; return stop }
	if _, err := r.Run(context.Background()); !errors.Is(err, stop) {
		t.Fatalf("an error of Record: %v", err)
	}
	for _, c := range []struct {
		name   string
		change func(*sim.StudyRun)
		want   string
	}{
		{"no study", func(r *sim.StudyRun) { r.Study = nil }, "expected a study"},
		{"a scenario short", func(r *sim.StudyRun) { r.Scenarios = r.Scenarios[:1] }, "each scenario that it names"},
		{"assumptions that do not go together", func(r *sim.StudyRun) { r.Study.Ranges["credit-max"] = sim.Range{0, 5} }, `of scenario "one": sim: assumption credit-max: expected at least 1`},
		{"no customers", func(r *sim.StudyRun) { r.Study.Scale = 1e-9 }, "expected a scale at which there is a customer"},
		{"a replication twice", func(r *sim.StudyRun) { r.Finished = []sim.StudyReplication{first, first} }, "expected finished replications of this study, each once"},
		{"a point that is not there", func(r *sim.StudyRun) { x := first; x.Point = 99; r.Finished = []sim.StudyReplication{x} }, "not replication 0 of point 99"},
		{"a replication too many", func(r *sim.StudyRun) { x := first; x.Replication = 3; r.Finished = []sim.StudyReplication{x} }, "not replication 3 of point"},
		{"a regime short", func(r *sim.StudyRun) { x := first; x.Regimes = x.Regimes[1:]; r.Finished = []sim.StudyReplication{x} }, "expected finished replications of this study"},
	} {
		r := tiny(t)
		c.change(r)
		if res, err := r.Run(context.Background()); res != nil || err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v; want an error with %q", c.name, err, c.want)
		}
	}
}

// Progress counts what is left, in customers: from none to all.
func TestStudyProgress(t *testing.T) {
	r := tiny(t)
	last, total := -1, 0
	r.Progress = func(done, of int) {
		if done <= last || total != 0 && of != total {
			t.Fatalf("from %d of %d to %d of %d", last, total, done, of)
		}
		last, total = done, of
	}
	run(t, r)
	if want := 3 * 3 * 17 * (80 + 30); last != want || total != want {
		t.Errorf("progress ends at %d of %d, want %d", last, total, want)
	}
}

func ExampleStudyRun() {
	study, err := sim.ParseStudy(strings.NewReader(`{
		"name": "gap", "scenarios": ["one"], "seed": 1, "replications": 4,
		"assumptions": {"electricity-smart": 1, "gas-smart": 1, "smets1-enrolled": 1},
		"sweep": {"revocation-gap": [0, 3]}
	}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	one, err := sim.ParseScenario(strings.NewReader(`{"name": "one", "failures": [{"supplier": "A", "ceased": "2021-09-14", "solr": "X", "domestic": 500}]}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	res, err := (&sim.StudyRun{Study: study, Scenarios: []*sim.Scenario{one}}).Run(context.Background())
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, p := range res.Points {
		if p.Kind != sim.SweepPoint {
			continue
		}
		for _, x := range p.Prices {
			fmt.Printf("gap of %v days, %v: supply is better %v, the SoLR waits longer for its MPIDs %v\n", p.Values["revocation-gap"], x.Regime, x.HoursAvoided.Lo > 0, x.MPIDWaitDays.Lo > 0)
		}
	}
	// Output:
	// gap of 0 days, mp134a: supply is better false, the SoLR waits longer for its MPIDs false
	// gap of 0 days, mp185: supply is better true, the SoLR waits longer for its MPIDs true
	// gap of 3 days, mp134a: supply is better true, the SoLR waits longer for its MPIDs false
	// gap of 3 days, mp185: supply is better true, the SoLR waits longer for its MPIDs true
}
