package sim_test

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/seed-db8551c1/lastresort/hold"
	"github.com/seed-db8551c1/lastresort/sim"
	"github.com/seed-db8551c1/lastresort/sim/scenario"
)

func autumn(t testing.TB) *sim.Scenario {
	t.Helper()
	s, err := scenario.Load("autumn-2021")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// small is the 28 failures of autumn 2021 with one customer in 250.
func small(t testing.TB) *sim.Experiment {
	return &sim.Experiment{Scenario: autumn(t), Seed: 1, Scale: 0.004, Replications: 3, Sensitivity: sim.NoSensitivity}
}

func jsonOf(t testing.TB, x *sim.Experiment) string {
	t.Helper()
	r, err := x.Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// The same seed gives the same bytes on any number of processors and workers; another seed gives others.
func TestSameSeedSameBytes(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	x := small(t)
	x.Scenario.Failures = x.Scenario.Failures[:4] // three SoLRs, three SRPs
	x.Sensitivity, x.Replications = sim.QuickSensitivity, 2
	first := jsonOf(t, x)
	runtime.GOMAXPROCS(2)
	if second := jsonOf(t, x); second != first {
		t.Errorf("with GOMAXPROCS 2 the result differs: %s", cmp.Diff(first, second))
	}
	x.Workers = 5
	if third := jsonOf(t, x); third != first {
		t.Errorf("with 5 workers the result differs: %s", cmp.Diff(first, third))
	}
	x.Seed = 2
	other := jsonOf(t, x)
	if strings.ReplaceAll(other, `"seed":2`, `"seed":1`) == first {
		t.Error("another seed gives the same result")
	}
}

// Replication k run alone is what it is among others.
func TestReplicationAlone(t *testing.T) {
	x := small(t)
	r, err := x.Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for k := range x.Replications {
		alone, err := x.Replicate(context.Background(), k)
		if err != nil {
			t.Fatal(err)
		}
		for i := range r.Regimes {
			a, _ := json.Marshal(alone[i])
			b, _ := json.Marshal(r.Regimes[i].Replications[k])
			if string(a) != string(b) {
				t.Errorf("replication %d under %v: alone %s, among others %s", k, r.Regimes[i].Regime, a, b)
			}
		}
	}
	a, _ := json.Marshal(r.Regimes[0].Replications[0])
	b, _ := json.Marshal(r.Regimes[0].Replications[1])
	if strings.Replace(string(b), `"replication":1`, `"replication":0`, 1) == string(a) {
		t.Error("two replications are the same")
	}
}

// A run stops when its context does, whether before it starts or in the middle.
func TestCancel(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	x := small(t)
	x.Progress = func(done, total int) {
		if done > 0 {
			cancel()
		}
	}
	if r, err := x.Run(ctx); !errors.Is(err, context.Canceled) || r != nil {
		t.Errorf("cancelled in the middle: result %v, error %v", r, err)
	}
	if r, err := x.Run(ctx); !errors.Is(err, context.Canceled) || r != nil {
		t.Errorf("cancelled before: result %v, error %v", r, err)
	}
	if r, err := x.Replicate(ctx, 0); !errors.Is(err, context.Canceled) || r != nil {
		t.Errorf("one replication, cancelled before: result %v, error %v", r, err)
	}
}

// Progress starts at nothing, grows while the runs go on, and ends at the total: three regimes of three replications, in customers.
func TestProgress(t *testing.T) {
	x := small(t)
	n := 0
	for _, f := range x.Scenario.Failures {
		n += int(math.Round(float64(f.Domestic)*x.Scale)) + int(math.Round(float64(f.NonDomestic)*x.Scale))
	}
	var seen []int
	x.Progress = func(done, total int) {
		seen = append(seen, done)
		if total != 9*n {
			t.Errorf("total is %d, want %d", total, 9*n)
		}
	}
	jsonOf(t, x)
	if len(seen) < 9*10 || seen[0] != 0 || seen[len(seen)-1] != 9*n || !slices.IsSorted(seen) || len(slices.Compact(seen)) != len(seen) {
		t.Errorf("progress is %v, want rising to %d, in many steps of each run", seen, 9*n)
	}
}

// The 28 failures at a small scale: the DCC follows its duties, so there are no breaches under any regime, the one by dates included; every meter
// changes supplier; and a request is refused for the reason of its regime: revoked certificates before MP134A, moved MPIDs under it, none under MP185.
func TestAutumn2021(t *testing.T) {
	x := small(t)
	x.Scale, x.Replications = 0.02, 2
	x.Regimes = []hold.Regime{hold.Actual, hold.MP185, hold.Baseline, hold.MP134A}
	x.Assumptions = map[string]float64{"in-flight": 0} // a meter that has gone to another supplier is refused (E4) under any regime
	r, err := x.Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if r.Failures != 28 || r.Scenario != "autumn-2021" || len(r.Regimes) != 4 {
		t.Errorf("%d failures in %q under %d regimes; want 28, autumn-2021, 4", r.Failures, r.Scenario, len(r.Regimes))
	}
	by := make(map[hold.Regime]sim.RegimeResult)
	for i, g := range r.Regimes {
		if g.Regime != x.Regimes[i] {
			t.Errorf("regime %d is %v, want %v", i, g.Regime, x.Regimes[i])
		}
		by[g.Regime] = g
		if g.Metrics["breaches"].Mean != 0 {
			t.Errorf("under %v: %v breaches", g.Regime, g.Metrics["breaches"].Mean)
		}
		if last := g.Metrics["last_cos_day"].Mean; !(last >= 14 && last < 90) {
			t.Errorf("under %v: last Change of Supplier on day %v", g.Regime, last)
		}
		if sum := sumOfCodes(g); sum != g.Metrics["requests_rejected"].Mean {
			t.Errorf("under %v: %v rejections by code, %v together", g.Regime, sum, g.Metrics["requests_rejected"].Mean)
		}
		if g.Metrics["households_worse_off"].Mean != 0 {
			t.Errorf("under %v: %v households worse off; expected none, and a number although Baseline is not named first", g.Regime, g.Metrics["households_worse_off"].Mean)
		}
		if (g.Difference == nil) != (g.Regime == hold.Baseline) {
			t.Errorf("under %v: difference is %v", g.Regime, g.Difference)
		}
	}
	value := func(g hold.Regime, name string) float64 { return by[g].Metrics[name].Mean }
	if value(hold.Baseline, "requests_rejected_E100") == 0 || value(hold.Baseline, "requests_rejected_E4") != 0 {
		t.Error("under Baseline requests are refused for revoked certificates: expected E100")
	}
	if value(hold.MP134A, "requests_rejected_E4") == 0 || value(hold.MP134A, "requests_rejected_E100") != 0 {
		t.Error("under MP134A requests are refused for moved MPIDs: expected E4")
	}
	if value(hold.MP185, "requests_rejected") != 0 || value(hold.MP185, "requests_not_sent") == 0 {
		t.Error("under MP185 no request is refused, but some wait for an authority")
	}
	if value(hold.MP134A, "certificate_days_after_revocation") <= value(hold.Baseline, "certificate_days_after_revocation") {
		t.Error("under MP134A certificates live longer than under Baseline")
	}
	if value(hold.MP185, "households_lost_supply") >= value(hold.Baseline, "households_lost_supply") {
		t.Error("under MP185 fewer households lose supply than under Baseline")
	}
	if d := by[hold.MP185].Difference[sim.Headline].Mean; math.Abs(d-(value(hold.MP185, sim.Headline)-value(hold.Baseline, sim.Headline))) > 1e-6*math.Abs(d) {
		t.Errorf("difference of the headline is %v, not that of the means", d)
	}
}

func sumOfCodes(g sim.RegimeResult) (sum float64) {
	for name, v := range g.Metrics {
		if strings.HasPrefix(name, "requests_rejected_") {
			sum += v.Mean
		}
	}
	return sum
}

// With early-cos a SoLR takes the whole book over as soon as it owns the MPIDs, so that under Baseline it takes days, and a delay holds it up.
func TestEarlyCoS(t *testing.T) {
	x := small(t)
	x.Replications = 1
	x.Assumptions = map[string]float64{"early-cos": 1}
	r, err := x.Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	base, mp185 := r.Regimes[0].Metrics["last_cos_day"].Mean, r.Regimes[2].Metrics["last_cos_day"].Mean
	if !(base <= 7 && base < mp185 && mp185 < 20) {
		t.Errorf("the last Change of Supplier is on day %v under Baseline and %v under MP185; expected within a week, and later", base, mp185)
	}
}

// The result carries every metric under the same names everywhere, null where it was never reached, and every assumption with its provenance.
func TestResultJSON(t *testing.T) {
	x := small(t)
	x.Assumptions = map[string]float64{"revocation-gap": 2}
	var got struct {
		Scenario, Interval                  string
		Seed                                uint64
		Failures, Customers, Meters, Events int
		Assumptions                         []struct {
			Name, Unit, Provenance, Source string
			Value, Default                 float64
		}
		Regimes []struct {
			Regime       string
			Metrics      map[string]map[string]*float64
			Difference   map[string]map[string]*float64
			Replications []map[string]*float64
		}
	}
	if err := json.Unmarshal([]byte(jsonOf(t, x)), &got); err != nil {
		t.Fatal(err)
	}
	if got.Failures != 28 || got.Seed != 1 || got.Meters == 0 || got.Events == 0 || !strings.Contains(got.Interval, "Monte Carlo") {
		t.Errorf("header %+v", got)
	}
	var names []string
	for _, m := range sim.Metrics() {
		names = append(names, m.Name)
	}
	for _, g := range got.Regimes {
		for _, name := range names {
			i, ok := g.Metrics[name]
			if !ok || len(i) != 3 {
				t.Errorf("%s: metric %s is %v; want mean, lo and hi", g.Regime, name, i)
			}
			for k, r := range g.Replications {
				if _, ok := r[name]; !ok {
					t.Errorf("%s, replication %d: no metric %s", g.Regime, k, name)
				}
			}
		}
		if len(g.Replications) != 3 {
			t.Errorf("%s: %d replications", g.Regime, len(g.Replications))
		}
	}
	if v := got.Regimes[0].Metrics["safe_mode_days_100"]["mean"]; v != nil {
		t.Errorf("under Baseline safe mode reached everybody after %v days: expected null", *v)
	}
	if len(got.Assumptions) != len(sim.Assumptions()) {
		t.Errorf("%d assumptions, want %d", len(got.Assumptions), len(sim.Assumptions()))
	}
	for _, a := range got.Assumptions {
		if a.Name == "" || a.Unit == "" || a.Provenance == "" || a.Source == "" || (a.Name == "revocation-gap") != (a.Value != a.Default) {
			t.Errorf("assumption %+v", a)
		}
	}
}

// The sensitivity has the run's own value among its points, and shows what a gap does.
func TestSensitivity(t *testing.T) {
	x := small(t)
	x.Scenario.Failures = x.Scenario.Failures[:8]
	x.Replications, x.Sensitivity = 2, sim.QuickSensitivity
	r, err := x.Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Sensitivity) != 3 {
		t.Fatalf("%d assumptions, want 3", len(r.Sensitivity))
	}
	for _, s := range r.Sensitivity {
		own := 0
		for _, p := range s.Points {
			if p.Default {
				own++
				if want := r.Regimes[0].Metrics[sim.Headline].Mean / x.Scale; math.Abs(p.Regimes["baseline"].Mean-want) > 1e-6*want {
					t.Errorf("%s at the run's own value: %v, want %v: the same customers, scaled up", s.Assumption, p.Regimes["baseline"].Mean, want)
				}
			}
		}
		if own != 1 || s.Metric != sim.Headline {
			t.Errorf("%s: %d points at the run's own value, metric %s", s.Assumption, own, s.Metric)
		}
	}
	gap := r.Sensitivity[0].Points
	if a, b := gap[0].Regimes["mp134a"].Mean, gap[2].Regimes["mp134a"].Mean; !(b < a/2) {
		t.Errorf("MP134A alone: %v hours without a gap, %v with two days: expected a gap to let it act", a, b)
	}
}

// The run's own value is among those of the sensitivity, whatever it is.
func TestSensitivityHasTheRunsOwnValue(t *testing.T) {
	x := small(t)
	x.Scenario.Failures = x.Scenario.Failures[:1]
	x.Replications, x.Sensitivity = 1, sim.QuickSensitivity
	x.Assumptions = map[string]float64{"prepayment": 0.2, "revocation-gap": 10}
	r, err := x.Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range [][]float64{{0, 1, 2, 3, 4, 10}, {0.25, 1, 4}, {0.06, 0.13, 0.2, 0.26}} {
		var values []float64
		for _, p := range r.Sensitivity[i].Points {
			values = append(values, p.Value)
			if own := []float64{10, 1, 0.2}[i]; p.Default != (p.Value == own) {
				t.Errorf("%s: the run's own value is %v, not %v", r.Sensitivity[i].Assumption, own, p.Value)
			}
		}
		if !slices.Equal(values, want) {
			t.Errorf("%s over %v, want %v", r.Sensitivity[i].Assumption, values, want)
		}
	}
}

// What cannot be run is refused in one line that says what was expected.
func TestBadExperiments(t *testing.T) {
	s := autumn(t)
	for _, c := range []struct {
		x    sim.Experiment
		want string
	}{
		{sim.Experiment{}, "a scenario"},
		{sim.Experiment{Scenario: s, Replications: -1}, "replications"},
		{sim.Experiment{Scenario: s, Scale: -0.5}, "scale"},
		{sim.Experiment{Scenario: s, Scale: 2}, "scale"},
		{sim.Experiment{Scenario: s, Scale: math.NaN()}, "scale"},
		{sim.Experiment{Scenario: s, Scale: 1e-9}, "at which there is a customer"},
		{sim.Experiment{Scenario: s, Workers: -1}, "workers"},
		{sim.Experiment{Scenario: s, Regimes: []hold.Regime{hold.MP185, hold.MP185}}, "each regime once"},
		{sim.Experiment{Scenario: s, Regimes: []hold.Regime{9}}, "regime"},
		{sim.Experiment{Scenario: s, Assumptions: map[string]float64{"prepayment": 1.5}}, "a share from 0 to 1"},
		{sim.Experiment{Scenario: s, Assumptions: map[string]float64{"prepaid": 1}}, "no assumption"},
		{sim.Experiment{Scenario: s, Assumptions: map[string]float64{"early-cos": 0.5}}, "0 or 1"},
		{sim.Experiment{Scenario: s, Assumptions: map[string]float64{"credit-max": 0}}, "credit-max"},
	} {
		if _, err := c.x.Run(context.Background()); err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%+v: error %v; want one line with %q", c.x, err, c.want)
		}
	}
	x := sim.Experiment{Scenario: s}
	if _, err := x.Replicate(context.Background(), -1); err == nil {
		t.Error("replication -1 was run")
	}
}
