package sim

import (
	"math"
	"testing"

	"github.com/seed-db8551c1/lastresort/hold"
	"pgregory.net/rapid"
)

// In the monotone model every household is off supply for at most as long under MP185 as under MP134A, and under MP134A as under Baseline (the last invariant
// but one of the rules: the requests that pass are ordered as sets, and nothing else differs).
func TestHouseholdsAreOrderedInTheMonotoneModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := smallScenario(t)
		x := &Experiment{Scenario: s, Seed: rapid.Uint64().Draw(t, "seed"), Assumptions: with(everyHome, Monotone(), anyAssumptions(t))}
		o := outcomesOf(t, x)
		for i, base := range o.homes[hold.Baseline] {
			a, b := o.homes[hold.MP134A][i], o.homes[hold.MP185][i]
			if b > a+noticeable || a > base+noticeable {
				t.Fatalf("household %d was off supply for %v under Baseline, %v under MP134A, %v under MP185; assumptions %v", i, base, a, b, x.Assumptions)
			}
		}
		for _, regime := range []hold.Regime{hold.MP134A, hold.MP185} {
			r := o.replication[regime]
			if v := r.Value("households_worse_off"); v != 0 {
				t.Fatalf("%v households worse off under %v", v, regime)
			}
		}
	})
}

// Whatever the assumptions, a run ends well: no direction is refused, no breach is left, and the books add up (see check).
func TestAnyAssumptions(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := anyAssumptions(t)
		for _, a := range []assumption{srpAwaitsAuthority, srpHeedsThresholds, safeModeThresholds, earlyCoS, friendlyHours, fixedTopUps, topUpsExempt, raiseThresholds, futureDated,
			enforceAuthority, lapseAfterArrangement, undoneActsExempt, freezeControlOnly, pmaDelaysRevocation, pmaWorkingDays, cosFutureDated} {
			m[assumptions[a].Name] = float64(rapid.IntRange(0, 1).Draw(t, assumptions[a].Name))
		}
		for _, a := range []assumption{quarantineRelease, srpPositionLatency, srpAcceptLatency, pmaApproveLatency, pmaReleaseLatency, dccReceiptLatency, dccThresholdLatency,
			solrConfirmLatency, solrSupportLatency, reactivationElectricity, reactivationGas} {
			m[assumptions[a].Name] = rapid.SampledFrom([]float64{0, 1, 24, 100}).Draw(t, assumptions[a].Name)
		}
		m["adt-payment-mode"] = rapid.SampledFrom([]float64{0, 1, 2, 300}).Draw(t, "adt-payment-mode")
		m["adt-all"] = rapid.SampledFrom([]float64{0, 0.1, 5}).Draw(t, "adt-all")
		m["srp-declines"] = rapid.SampledFrom([]float64{0, 1, 1000}).Draw(t, "srp-declines")
		m["srp-capacity"] = rapid.SampledFrom([]float64{1, 100, 20000}).Draw(t, "srp-capacity")
		m["manual-entry"] = rapid.SampledFrom([]float64{0, 0.5}).Draw(t, "manual-entry")
		scale := rapid.SampledFrom([]float64{0.1, 1}).Draw(t, "scale") // the thresholds that apply at any scale are within reach at the smaller
		s := smallScenario(t)
		for i := range s.Failures {
			s.Failures[i].Domestic = int(float64(s.Failures[i].Domestic) / scale)
		}
		outcomesOf(t, &Experiment{Scenario: s, Scale: scale, Regimes: allRegimes, Seed: rapid.Uint64().Draw(t, "seed"), Assumptions: with(everyHome, m)})
	})
}

// Under one regime a household that is out of reach more of the time is never better off, and neither are works and heating: what reaches a meter then is a part of what reached it before.
func TestMoreTimeOutOfReachNeverHelps(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := &Experiment{Scenario: one(rapid.IntRange(1, 30).Draw(t, "customers")), Seed: rapid.Uint64().Draw(t, "seed"), Assumptions: with(everyHome, Monotone(), map[string]float64{
			"works-rate": 10, "smets2": 0.5, "smets1-enrolled": 1, "heating-control": 0.5,
			"wan-outage":    rapid.SampledFrom([]float64{0, 1, 24, 200}).Draw(t, "wan-outage"),
			"top-up-retry":  rapid.SampledFrom([]float64{0.5, 12, 30}).Draw(t, "top-up-retry"),
			"horizon":       rapid.SampledFrom([]float64{5, 40}).Draw(t, "horizon"),
			"comms-failure": rapid.SampledFrom([]float64{0, 0.02, 0.3}).Draw(t, "comms-failure"),
		})}
		before := outcomesOf(t, x)
		x.Assumptions["comms-failure"] += rapid.SampledFrom([]float64{0.01, 0.2, 0.7}).Draw(t, "more")
		after := outcomesOf(t, x)
		for regime, homes := range before.homes {
			for _, name := range []string{"emergency_works_delayed", "heating_commands_lost"} {
				if was, is := before.replication[regime].Value(name), after.replication[regime].Value(name); is < was {
					t.Fatalf("under %v %s is %v, and %v when meters are out of reach for longer; assumptions %v", regime, name, was, is, x.Assumptions)
				}
			}
			for i, was := range homes {
				if is := after.homes[regime][i]; is < was-noticeable {
					t.Fatalf("under %v household %d was off supply for %v, and for %v when out of reach for longer; assumptions %v", regime, i, was, is, x.Assumptions)
				}
			}
		}
	})
}

// Each assumption takes the ends of its span, and what is hardly more than nothing: no instant overflows, and the books add up.
func TestEndsOfAssumptions(t *testing.T) {
	for _, a := range Assumptions() {
		for _, v := range []float64{a.Min, a.Max, a.Min + 1e-300, a.Min + 1e-9} {
			if !a.takes(v) || a.Name == assumptions[creditMin].Name && v > assumptions[creditMax].Default || a.Name == assumptions[creditMax].Name && v < assumptions[creditMin].Default {
				continue
			}
			x := &Experiment{Scenario: one(10), Scale: 0.5, Assumptions: with(everyHome, map[string]float64{"smets2": 0.5, "heating-control": 1, "horizon": 20, "revocation-gap": 1}, map[string]float64{a.Name: v})}
			o := outcomesOf(t, x)
			for regime, r := range o.replication {
				for _, m := range Metrics() {
					if got := r.Value(m.Name); math.IsInf(got, 0) || got < 0 {
						t.Errorf("%s %v under %v: %s is %v", a.Name, v, regime, m.Name, got)
					}
				}
			}
		}
	}
}

// smallScenario draws up to three failures that share SoLRs and SRPs, around the dates on which the rules changed, and perhaps a SoLR that fails too.
func smallScenario(t *rapid.T) *Scenario {
	s := &Scenario{Name: "small"}
	for i := range rapid.IntRange(1, 3).Draw(t, "failures") {
		f := Failure{
			Supplier: string(rune('A' + i)),
			Ceased:   date("2021-09-27").add(rapid.SampledFrom([]int{0, 3, 4, 30, 47, 50, 51, 60}).Draw(t, "ceased")),
			SoLR:     rapid.SampledFrom([]string{"X", "Y"}).Draw(t, "SoLR"),
			SRP:      rapid.SampledFrom([]string{"", "P", "Q"}).Draw(t, "SRP"),
			Domestic: rapid.IntRange(1, 40).Draw(t, "customers"),
			Fuels:    Fuels(rapid.IntRange(0, 2).Draw(t, "fuels")),
		}
		f.SoLRDate = f.Ceased.add(rapid.IntRange(0, 6).Draw(t, "days to SoLR date"))
		s.Failures = append(s.Failures, f)
	}
	if rapid.Bool().Draw(t, "X fails") { // after all that it is SoLR of
		f := Failure{Supplier: "X", Ceased: s.Failures[0].solrDate(), SoLR: rapid.SampledFrom([]string{"Y", "Z"}).Draw(t, "next SoLR"), SRP: "P", Domestic: rapid.IntRange(1, 40).Draw(t, "customers of X")}
		for i := range s.Failures {
			if d := s.Failures[i].solrDate(); f.Ceased.before(d) {
				f.Ceased = d
			}
		}
		f.Ceased = f.Ceased.add(rapid.SampledFrom([]int{1, 2, 10, 15, 30}).Draw(t, "X ceased"))
		f.SoLRDate = f.Ceased.add(rapid.IntRange(0, 6).Draw(t, "days to the next SoLR date"))
		s.Failures = append(s.Failures, f)
	}
	return s
}

// anyAssumptions draws what the monotone model leaves open.
func anyAssumptions(t *rapid.T) map[string]float64 {
	m := make(map[string]float64)
	for _, a := range []struct {
		name   string
		values []float64
	}{
		{"revocation-gap", []float64{0, 0.5, 1, 2, 4}},
		{"announcement-lead", []float64{0, 1, 3}},
		{"notice-hour", []float64{0, 12, 23}},
		{"horizon", []float64{5, 20, 100}},
		{"ofgem-safe-mode", []float64{0, 1, 12, 48}},
		{"pma-delay", []float64{0, 4, 24, 48}},
		{"dcc-act", []float64{0, 4, 30}},
		{"safe-mode-retry", []float64{1, 24}},
		{"first-cos", []float64{0, 1, 14}},
		{"cos-rate", []float64{1, 5, 1000}},
		{"comms-failure", []float64{0, 0.02, 0.5}},
		{"in-flight", []float64{0, 0.5}},
		{"in-flight-days", []float64{0, 21}},
		{"season-gas", []float64{0, 0.5}},
		{"spend-electricity", []float64{0, 0.3, 1.6, 10}},
		{"spend-gas", []float64{1.6, 3}},
		{"spend-spread", []float64{0, 0.4}},
		{"top-up-amount", []float64{0.5, 5, 20}},
		{"top-up-retry", []float64{0.5, 12, 30}},
		{"emergency-credit-electricity", []float64{0, 5}},
		{"emergency-credit-gas", []float64{0, 2}},
		{"credit-min", []float64{-2, 1}},
		{"credit-max", []float64{1, 11}},
		{"works-rate", []float64{0, 10}},
		{"heating-control", []float64{0, 1}},
		{"smets2", []float64{0.4, 1}},
		{"smets1-enrolled", []float64{0.5, 1}},
		{"prepayment", []float64{0.2, 1}},
	} {
		m[a.name] = rapid.SampledFrom(a.values).Draw(t, a.name)
	}
	return m
}
