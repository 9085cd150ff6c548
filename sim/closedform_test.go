package sim

import (
	"math"
	"testing"

	"github.com/seed-db8551c1/lastresort/hold"
	"github.com/seed-db8551c1/lastresort/sim/des"
)

// Settings so simple that the result can be worked out by hand.

// Nobody prepays: nobody loses supply, whatever the regime.
func TestNobodyPrepays(t *testing.T) {
	x := &Experiment{Scenario: one(500), Regimes: allRegimes, Assumptions: with(everyHome, map[string]float64{"prepayment": 0})}
	o := outcomesOf(t, x)
	for _, regime := range allRegimes {
		r := o.replication[regime]
		for _, name := range []string{"households_lost_supply", Headline, "hours_off_supply_electricity", "hours_off_supply_gas", "failed_top_ups"} {
			if v := r.Value(name); v != 0 {
				t.Errorf("under %v: %s is %v, want 0", regime, name, v)
			}
		}
		if r.Meters != 1000 || r.Value("requests_accepted") < 1000 {
			t.Errorf("under %v: %d meters, %v requests accepted; want 1000 and a Change of Supplier for each at least", regime, r.Meters, r.Value("requests_accepted"))
		}
	}
}

// No top-ups, known credit, constant spend, no emergency credit, no protected hours and no Change of Supplier before the end:
// every household is off supply from the notice plus credit over spend to the end. Under Baseline and MP134A nothing stops it;
// under MP185 nothing does if the SoLR asks for no support in time.
func TestExactHoursWithoutTopUps(t *testing.T) {
	const customers, credit, electricity, gas = 50, 8.0, 1.6, 2.5
	x := &Experiment{Scenario: one(customers), Regimes: allRegimes, Assumptions: with(everyHome, plain, map[string]float64{
		"top-ups": 0, "credit-min": credit, "credit-max": credit, "spend-electricity": electricity, "spend-gas": gas,
		"first-cos": 365, "horizon": 60, "solr-support": 2400,
	})}
	o := outcomesOf(t, x)
	// Notice at 12:00 on the 14th; the run ends 60 days after the midnight of the 18th, by the clock of Greenwich.
	length := 24*(60+4) - 12.0
	wantElectricity, wantGas := length-24*credit/electricity, length-24*credit/gas
	for _, regime := range allRegimes {
		r := o.replication[regime]
		for name, want := range map[string]float64{
			"households_lost_supply": customers, Headline: customers * wantGas,
			"hours_off_supply_electricity": customers * wantElectricity, "hours_off_supply_gas": customers * wantGas,
		} {
			if got := r.Value(name); !near(got, want) {
				t.Errorf("under %v: %s is %v, want %v", regime, name, got, want)
			}
		}
	}
}

// The same with emergency credit, which puts the end of supply off by what it buys.
func TestExactHoursWithEmergencyCredit(t *testing.T) {
	x := &Experiment{Scenario: one(20), Regimes: []hold.Regime{hold.Baseline}, Assumptions: with(everyHome, plain, map[string]float64{
		"top-ups": 0, "credit-min": 8, "credit-max": 8, "spend-electricity": 2, "spend-gas": 2, "first-cos": 365, "horizon": 60,
		"emergency-credit-electricity": 4, "emergency-credit-gas": 6,
	})}
	r := outcomesOf(t, x).replication[hold.Baseline]
	length := 24*(60+4) - 12.0
	if got, want := r.Value("hours_off_supply_electricity"), 20*(length-24*12/2.0); !near(got, want) {
		t.Errorf("electricity: %v hours, want %v", got, want)
	}
	if got, want := r.Value("hours_off_supply_gas"), 20*(length-24*14/2.0); !near(got, want) {
		t.Errorf("gas: %v hours, want %v", got, want)
	}
	if got, want := r.Value(Headline), 20*(length-24*12/2.0); !near(got, want) { // gas goes later, so that electricity's hours contain its
		t.Errorf("either: %v hours, want %v", got, want)
	}
}

// With top-ups until the DCC acts: 5 pounds at 2 pounds a day, and 10 more at each time that 1 is left, are paid at 2, 7, ... 52 days from the notice. The next, at 57, does not
// arrive: the SoLR date was at 55 days and 13 hours, since the clocks went back. What is left lasts another half day.
func TestExactHoursAfterTopUps(t *testing.T) {
	x := &Experiment{Scenario: one(10), Regimes: []hold.Regime{hold.Baseline}, Assumptions: with(everyHome, plain, map[string]float64{
		"credit-min": 5, "credit-max": 5, "spend-electricity": 2, "spend-gas": 2, "first-cos": 365, "horizon": 20,
	})}
	x.Scenario.Failures[0].SoLRDate = date("2021-11-09")
	r := outcomesOf(t, x).replication[hold.Baseline]
	if got, want := r.Value(Headline), 10*(24*(55+20)+13-24*57.5); !near(got, want) {
		t.Errorf("%v hours off supply, want %v", got, want)
	}
}

// Credit that runs out in protected hours ends supply when they end: from Tuesday noon 4 pounds at 2 pounds a day last to Thursday noon, which is not protected; 5 pounds to
// midnight, protected to Friday 08:00; 8 pounds to Saturday noon, protected to Monday 08:00.
func TestProtectedHours(t *testing.T) {
	for _, c := range []struct {
		pounds, hoursOfSupply float64
	}{{4, 48}, {5, 68}, {8, 5*24 + 20}} {
		x := &Experiment{Scenario: one(5), Regimes: []hold.Regime{hold.Baseline}, Assumptions: with(everyHome, plain, map[string]float64{
			"top-ups": 0, "credit-min": c.pounds, "credit-max": c.pounds, "spend-electricity": 2, "spend-gas": 2, "first-cos": 365, "horizon": 60, "friendly-hours": 1,
		})}
		r := outcomesOf(t, x).replication[hold.Baseline]
		if got, want := r.Value(Headline), 5*(24*(60+4)-12-c.hoursOfSupply); !near(got, want) {
			t.Errorf("with %v pounds: %v hours off supply, want %v", c.pounds, got, want)
		}
	}
}

// Change of Supplier ends it: all on day 14, by the SoLR's request in its own name, electricity at once and gas when somebody is at the meter.
func TestChangeOfSupplierRestores(t *testing.T) {
	x := &Experiment{Scenario: one(20), Regimes: []hold.Regime{hold.Baseline, hold.MP134A}, Assumptions: with(everyHome, plain, map[string]float64{
		"top-ups": 0, "credit-min": 4, "credit-max": 4, "spend-electricity": 2, "spend-gas": 2, "reactivation-gas": 4,
	})}
	o := outcomesOf(t, x)
	off := 24*(4+14) - 12 - 48.0 // from Thursday noon to the midnight of 2 October
	for _, regime := range x.Regimes {
		r := o.replication[regime]
		for name, want := range map[string]float64{"hours_off_supply_electricity": 20 * off, "hours_off_supply_gas": 20 * (off + 4), Headline: 20 * (off + 4), "last_cos_day": 14} {
			if got := r.Value(name); !near(got, want) {
				t.Errorf("under %v: %s is %v, want %v", regime, name, got, want)
			}
		}
	}
}

// Without latencies, communications failures and limits, and with both controls delayed, safe mode covers everybody at the instant of the appointment.
func TestCoverageAtOnceUnderMP185(t *testing.T) {
	for _, gap := range []float64{0, 2} {
		x := &Experiment{Scenario: one(400), Assumptions: with(everyHome, atOnce(), noLimits, map[string]float64{
			"comms-failure": 0, "top-up-delay": 0, "in-flight": 0, "revocation-gap": gap,
		})}
		o := outcomesOf(t, x)
		r := o.replication[hold.MP185]
		for name, want := range map[string]float64{"safe_mode_share": 1, "safe_mode_days_50": 0, "safe_mode_days_95": 0, "safe_mode_days_100": 0, "households_lost_supply": 0, Headline: 0, "requests_rejected": 0} {
			if got := r.Value(name); got != want {
				t.Errorf("with a gap of %v days under MP185: %s is %v, want %v", gap, name, got, want)
			}
		}
		if v := o.replication[hold.Baseline].Value(Headline); v == 0 {
			t.Errorf("with a gap of %v days under Baseline nobody lost supply: expected somebody", gap)
		}
		// MP134A alone covers everybody if there is a gap, and nobody if there is none: the MPIDs go first.
		want := 0.0
		if gap > 0 {
			want = 1
		}
		if got := o.replication[hold.MP134A].Value("safe_mode_share"); got != want {
			t.Errorf("with a gap of %v days under MP134A safe mode reached %v, want %v", gap, got, want)
		}
	}
}

// A day-to-day threshold of n requests lets n/2 meters a day into safe mode, two messages each.
func TestSafeModeIsPacedByThreshold(t *testing.T) {
	s := one(100)
	x := &Experiment{Scenario: s, Regimes: []hold.Regime{hold.MP185}, Assumptions: with(everyHome, atOnce(), noLimits, map[string]float64{
		"comms-failure": 0, "revocation-gap": 2, "adt-payment-mode": 20, "top-ups": 0, "credit-min": 1000, "credit-max": 1000,
	})}
	r := outcomesOf(t, x).replication[hold.MP185]
	// Two days and a minute before the appointment: the days of the 15th (none: the licence goes at 00:01 of the 16th), 16th and 17th take 10 of the 200 meters each. The SoLR's request raises the threshold.
	if got := r.Value("safe_mode_days_50"); !near(got, 2) {
		t.Errorf("half of the meters are in safe mode after %v days, want 2: at the appointment", got)
	}
	if got := r.Value("requests_quarantined"); got != 0 {
		t.Errorf("%v requests quarantined: the SRP keeps within its thresholds", got)
	}
	x.Assumptions["solr-support"] = 24
	r = outcomesOf(t, x).replication[hold.MP185]
	if got := r.Value("safe_mode_share"); got != 1 {
		t.Errorf("safe mode reached %v of the meters, want all", got)
	}
	if got := r.Value("safe_mode_days_50"); !near(got, 3) {
		t.Errorf("half of the meters are in safe mode after %v days, want 3", got)
	}
}

// Both messages of a critical command count: with a threshold of 20 a day and no SoLR to raise it, safe mode gets 10 meters a day in a gap of three days,
// which touches four days in London, since it ends at 00:01. Then it stops for want of an authority.
func TestBothMessagesCount(t *testing.T) {
	x := &Experiment{Scenario: one(100), Regimes: []hold.Regime{hold.MP185}, Assumptions: with(everyHome, plain, atOnce(), map[string]float64{
		"revocation-gap": 3, "adt-payment-mode": 20, "top-ups": 0, "credit-min": 1000, "credit-max": 1000, "solr-support": 2400, "first-cos": 365, "horizon": 5,
	})}
	r := outcomesOf(t, x).replication[hold.MP185]
	for name, want := range map[string]float64{"safe_mode_share": 40.0 / 200, "requests_accepted": 80, "requests_not_sent": 1, "requests_quarantined": 0} {
		if got := r.Value(name); got != want {
			t.Errorf("%s is %v, want %v", name, got, want)
		}
	}
}

// The threshold for all requests together paces safe mode as well: 1000 a day are 500 meters, in a gap of two days that touches three days in London. Nothing is quarantined.
func TestSafeModeIsPacedByTheThresholdForAll(t *testing.T) {
	x := &Experiment{Scenario: one(1000), Regimes: []hold.Regime{hold.MP185}, Assumptions: with(everyHome, plain, atOnce(), noLimits, map[string]float64{
		"adt-all": 0, "revocation-gap": 2, "top-ups": 0, "credit-min": 1000, "credit-max": 1000, "solr-support": 2400, "first-cos": 365, "horizon": 5,
	})}
	r := outcomesOf(t, x).replication[hold.MP185]
	for name, want := range map[string]float64{"safe_mode_share": 1500.0 / 2000, "requests_accepted": 3000, "requests_quarantined": 0} {
		if got := r.Value(name); got != want {
			t.Errorf("%s is %v, want %v", name, got, want)
		}
	}
}

// A meter is out of reach for the given share of the time, and in spells: out of reach now, it is so an hour later in the same spell, or by chance in the next. Within five standard deviations.
func TestOutOfReachInSpells(t *testing.T) {
	const hubs, share, spell = 200_000, 0.2, 10.0
	finished(t, &Experiment{Scenario: one(1), Regimes: []hold.Regime{hold.Baseline}, Assumptions: map[string]float64{"comms-failure": share, "wan-outage": spell, "horizon": 1}}, func(r *run) {
		now := r.sim.Now()
		for _, c := range []struct{ after, both float64 }{{0, share}, {1, share*0.9 + share*share*0.1}, {5, share*0.5 + share*share*0.5}, {10, share * share}, {300, share * share}} {
			n := 0.0
			for hub := range uint64(hubs) {
				first := r.reachesAt(now, hub)
				if !first && !r.reachesAt(now+hours(c.after), hub) {
					n++
				}
			}
			if mean := hubs * c.both; math.Abs(n-mean) > 5*math.Sqrt(mean*(1-c.both)) {
				t.Errorf("%v of %v hubs are out of reach now and %v hours later, want about %v", n, hubs, c.after, mean)
			}
		}
	})
}

// One fuel off after the other counts the household once.
func TestHouseholdCountsOnce(t *testing.T) {
	x := &Experiment{Scenario: one(3), Regimes: []hold.Regime{hold.Baseline}, Assumptions: with(everyHome, plain, map[string]float64{
		"top-ups": 0, "credit-min": 4, "credit-max": 4, "spend-electricity": 4, "spend-gas": 1, "first-cos": 365, "horizon": 10,
	})}
	o := outcomesOf(t, x)
	for i, h := range o.homes[hold.Baseline] {
		if want := 24*(10+4)*des.Hour - 36*des.Hour; h != want {
			t.Errorf("household %d: off supply for %v, want %v", i, h, want)
		}
	}
}
