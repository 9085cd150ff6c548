package sim

import (
	"context"
	"maps"

	"github.com/seed-db8551c1/lastresort/hold"
	"github.com/seed-db8551c1/lastresort/sim/des"
)

// tester is what the helpers need of a test: of testing or of rapid.
type tester interface {
	Helper()
	Fatalf(format string, args ...any)
}

func date(s string) Date {
	d, ok := parseDate(s)
	if !ok {
		panic("no date: " + s)
	}
	return d
}

// one is a scenario of one failure with dual-fuel households, on Tuesday 14 September 2021, SoLR date on Saturday.
func one(customers int) *Scenario {
	return &Scenario{Name: "one", Failures: []Failure{{Supplier: "Failing", Ceased: date("2021-09-14"), SoLR: "Resort", Domestic: customers}}}
}

func with(all ...map[string]float64) map[string]float64 {
	m := make(map[string]float64)
	for _, a := range all {
		maps.Copy(m, a)
	}
	return m
}

// everyHome makes every household smart, enrolled and in prepayment.
var everyHome = map[string]float64{"electricity-smart": 1, "gas-smart": 1, "smart-mode": 1, "smets2": 1, "dual-fuel": 1, "prepayment": 1}

// plain takes the chance out of households.
var plain = map[string]float64{"spend-spread": 0, "comms-failure": 0, "works-rate": 0, "heating-control": 0,
	"emergency-credit-electricity": 0, "emergency-credit-gas": 0, "friendly-hours": 0, "top-up-delay": 0, "manual-entry": 0,
	"season-electricity": 0, "season-gas": 0, "vulnerable": 0, "in-flight": 0}

// always has people at work at any time.
var always = map[string]float64{"srp-staff-hours": 24, "pma-working-days": 0}

// atOnce takes every latency out.
func atOnce() map[string]float64 {
	m := with(always)
	for _, a := range []assumption{srpPositionLatency, srpAcceptLatency, ofgemSafeModeLatency, pmaDelayLatency, pmaApproveLatency, pmaReleaseLatency,
		dccReceiptLatency, dccActLatency, dccThresholdLatency, solrConfirmLatency, solrSupportLatency} {
		m[assumptions[a].Name] = 0
	}
	return m
}

var noLimits = map[string]float64{"srp-capacity": 1e9, "adt-payment-mode": 1e9, "adt-all": 1e6}

// outcomes runs one replication of an experiment and gives what households went through, by regime.
type outcomes struct {
	homes       map[hold.Regime][]des.Time
	replication map[hold.Regime]Replication
}

func outcomesOf(t tester, x *Experiment) outcomes {
	t.Helper()
	p, err := x.plan()
	if err != nil {
		t.Fatalf("%v", err)
	}
	o := outcomes{make(map[hold.Regime][]des.Time), make(map[hold.Regime]Replication)}
	var base []des.Time
	err = p.runs(context.Background(), 0, func(_ int, r *run) {
		values := r.measure(base)
		o.homes[r.regime] = r.offTimes()
		o.replication[r.regime] = Replication{Regime: r.regime, Meters: r.meters(), values: values}
		if base == nil {
			base = o.homes[r.regime]
		}
		check(t, r)
	})
	if err != nil {
		t.Fatalf("%v", err)
	}
	return o
}

// check is what must hold at the end of any run.
func check(t tester, r *run) {
	t.Helper()
	if b := r.register.Breaches(); len(b) > 0 {
		t.Fatalf("under %v the DCC, which follows its duties, left breaches: %+v", r.regime, b)
	}
	for i := range r.homes {
		if h := &r.homes[i]; h.off != 0 || h.total < 0 || h.total > r.end || h.total > 0 && !h.lost {
			t.Fatalf("under %v household %d ends as %+v", r.regime, i, *h)
		}
	}
	var byFuel des.Time
	for _, x := range r.tally.off {
		byFuel += x
	}
	if sum := r.sumHomes(); sum > byFuel || 2*sum < byFuel {
		t.Fatalf("under %v households were off supply for %v, their meters for %v: expected the union of both fuels", r.regime, sum, byFuel)
	}
	for i := range r.failed {
		if b := &r.failed[i].book; b.completed != (b.left == 0) && r.daysAfter(i) > r.values[firstCoS]+1 {
			t.Fatalf("under %v failure %d: %+v", r.regime, i, *b)
		}
	}
}

var allRegimes = []hold.Regime{hold.Baseline, hold.MP134A, hold.MP185, hold.Actual}

func near(a, b float64) bool { return a-b < 1e-6*max(1, b) && b-a < 1e-6*max(1, b) }

// cascading is one, whose SoLR has customers of its own and fails some days after the SoLR date. Its own SoLR, Next, takes on both.
func cascading(customers int, ceased, solrDate string) *Scenario {
	s := one(customers)
	s.Failures = append(s.Failures, Failure{Supplier: "Resort", Ceased: date(ceased), SoLR: "Next", SoLRDate: date(solrDate), Domestic: customers})
	return s
}
