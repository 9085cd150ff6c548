package sim

import (
	"context"
	"errors"
	"math"
	"testing"

	"github.com/seed-db8551c1/lastresort/duis"
	"github.com/seed-db8551c1/lastresort/hold"
	"github.com/seed-db8551c1/lastresort/sim/des"
	"github.com/seed-db8551c1/lastresort/smki"
	"github.com/seed-db8551c1/lastresort/solr"
)

// finished runs one replication and hands over each run as it ended.
func finished(t *testing.T, x *Experiment, ended func(r *run)) {
	t.Helper()
	p, err := x.plan()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.runs(context.Background(), 0, func(_ int, r *run) { ended(r) }); err != nil {
		t.Fatal(err)
	}
}

// In the end nothing is left in the failed supplier's name under any regime (R11), and no arrangement outlasts its 90 days (R12).
func TestEverythingIsReleased(t *testing.T) {
	for _, early := range []float64{0, 1} {
		x := &Experiment{Scenario: one(100), Regimes: allRegimes, Assumptions: with(everyHome, map[string]float64{"early-cos": early})}
		x.Scenario.Failures = append(x.Scenario.Failures, Failure{Supplier: "Late", Ceased: date("2021-11-20"), SoLR: "Resort", Domestic: 10},
			Failure{Supplier: "Across", Ceased: date("2021-11-15"), SoLR: "Resort", Domestic: 10})
		finished(t, x, func(r *run) {
			for i := range r.failures {
				if f, _ := r.register.Failure(r.failures[i].id); f.Phase != solr.Closed {
					t.Errorf("under %v, early-cos %v: %s is %v at the end, want closed", r.regime, early, f.ID, f.Phase)
				}
			}
			if o := r.register.Overruns(r.calendar.time(r.end)); len(o) > 0 {
				t.Errorf("under %v: arrangements overrun: %v", r.regime, o)
			}
			check(t, r)
		})
	}
}

// Under the rules by date, failures before 4 October go as under Baseline; one across 17 November gets both controls held, before its SoLR date.
func TestActualFollowsTheDates(t *testing.T) {
	for _, c := range []struct {
		ceased string
		as     hold.Regime
	}{{"2021-09-14", hold.Baseline}, {"2021-10-18", hold.MP134A}, {"2021-11-25", hold.MP185}, {"2021-11-15", hold.MP185}} {
		x := &Experiment{Scenario: one(200), Regimes: []hold.Regime{hold.Actual, c.as}, Assumptions: with(everyHome, map[string]float64{"revocation-gap": 0.5, "horizon": 20})}
		x.Scenario.Failures[0].Ceased = date(c.ceased)
		o := outcomesOf(t, x)
		for _, name := range []string{Headline, "requests_accepted", "requests_not_sent", "safe_mode_share"} {
			if a, b := o.replication[hold.Actual].Value(name), o.replication[c.as].Value(name); a != b {
				t.Errorf("a failure of %s: %s is %v by date, %v under %v", c.ceased, name, a, b, c.as)
			}
		}
	}
}

// An SRP sends no faster than it can: safe mode for 200 meters is 400 messages, at 60 an hour, less than one of which are a household's.
func TestCapacityPacesSafeMode(t *testing.T) {
	x := &Experiment{Scenario: one(100), Regimes: []hold.Regime{hold.MP185}, Assumptions: with(everyHome, plain, atOnce(), noLimits, map[string]float64{
		"srp-capacity": 60, "top-ups": 0, "credit-min": 1000, "credit-max": 1000,
	})}
	r := outcomesOf(t, x).replication[hold.MP185]
	for name, want := range map[string]float64{"safe_mode_days_50": 200.0 / 60 / 24, "safe_mode_days_100": 400.0 / 60 / 24} {
		if got := r.Value(name); math.Abs(got-want) > 3.0/60/24 {
			t.Errorf("%s is %v, want %v within three minutes", name, got, want)
		}
	}
}

// Safe mode is run by staff: with two hours a day from 08:00, and so 120 messages or 60 meters a day, the last 20 of 200 meters are reached 40 minutes after 08:00 on the fourth day.
func TestStaffRunsSafeMode(t *testing.T) {
	x := &Experiment{Scenario: one(100), Regimes: []hold.Regime{hold.MP185}, Assumptions: with(everyHome, plain, atOnce(), noLimits, map[string]float64{
		"srp-capacity": 60, "srp-staff-hours": 2, "top-ups": 0, "credit-min": 1000, "credit-max": 1000,
	})}
	if got, want := outcomesOf(t, x).replication[hold.MP185].Value("safe_mode_days_100"), 3+(8+40.0/60)/24; math.Abs(got-want) > 5.0/60/24 {
		t.Errorf("safe mode takes %v days, want %v within five minutes", got, want)
	}
}

// The PMA sits on Working Days, and an SRP's staff is there from 08:00 on: support that is asked for at 00:01 on a Saturday begins on Monday at 09:00, or on Wednesday after Christmas; where the PMA sits at any time,
// at 08:00 on that Saturday. Until then commands at noon are lost.
func TestWorkingDays(t *testing.T) {
	for _, c := range []struct {
		ceased    string
		pma, lost float64
	}{{"2021-09-14", 1, 2}, {"2021-09-14", 0, 0}, {"2021-12-21", 1, 4}} {
		x := &Experiment{Scenario: one(10), Regimes: []hold.Regime{hold.MP185}, Assumptions: with(everyHome, plain, atOnce(), map[string]float64{
			"pma-working-days": c.pma, "srp-staff-hours": 12, "smets2": 0, "smets1-enrolled": 1, "heating-control": 1, "prepayment": 0,
		})}
		x.Scenario.Failures[0].Ceased = date(c.ceased)
		if got := outcomesOf(t, x).replication[hold.MP185].Value("heating_commands_lost"); got != 10*c.lost {
			t.Errorf("%+v: %v commands lost", c, got)
		}
	}
}

// What the rules leave open has its effect. Commands to heating at noon, by whether they are lost:
// an SRP that does not await its authority, two days after the SoLR date, is refused in between where the DCC enforces it (E3);
// an authority that lapses after 90 days leaves the 30 days to a migration that begins after 120;
// a PMA that delays the transfer only keeps the certificates as well, since all is frozen, until the migration is complete; where the freeze is of one control, they go with the confirmations, after three days.
func TestReadingsOfTheRules(t *testing.T) {
	for name, c := range map[string]struct {
		set  map[string]float64
		lost float64
	}{
		"advised":              {map[string]float64{"srp-awaits-authority": 0, "solr-support": 48}, 0},
		"enforced":             {map[string]float64{"srp-awaits-authority": 0, "solr-support": 48, "enforce-authority": 1}, 2},
		"enforced and awaited": {map[string]float64{"solr-support": 48, "enforce-authority": 1}, 2},
		"overrun":              {map[string]float64{"first-cos": 120, "horizon": 130}, 0},
		"lapsed":               {map[string]float64{"first-cos": 120, "horizon": 130, "lapse-after-arrangement": 1}, 30},
		"frozen":               {map[string]float64{"pma-delays-revocation": 0, "solr-confirm": 72}, 0},
		"one control frozen":   {map[string]float64{"pma-delays-revocation": 0, "solr-confirm": 72, "freeze-control-only": 1}, 14 - 3},
		"both delayed":         {map[string]float64{"solr-confirm": 72, "freeze-control-only": 1}, 0},
	} {
		x := &Experiment{Scenario: one(10), Regimes: []hold.Regime{hold.MP185}, Assumptions: with(everyHome, plain, atOnce(), map[string]float64{"smets2": 0, "smets1-enrolled": 1, "heating-control": 1, "prepayment": 0}, c.set)}
		r := outcomesOf(t, x).replication[hold.MP185]
		if got := r.Value("heating_commands_lost"); got != 10*c.lost {
			t.Errorf("%s: %v commands lost, want %v", name, got, 10*c.lost)
		}
		rejected := 0.0 // each of both messages is not sent; the second is not tried
		if name == "enforced" {
			rejected = 10 * c.lost
		}
		if got := r.Value("requests_rejected_E3"); got != rejected {
			t.Errorf("%s: %v requests rejected with E3, want %v", name, got, rejected)
		}
	}
}

// A transfer that was due on 16 November, and that the DCC takes two days for, is caught by MP185 on the 17th and waits for the SoLR's confirmations and its agreement at the
// end of its migration at 00:00 on the 30th, or goes on after the two days.
func TestActsUndoneWhenMP185Came(t *testing.T) {
	for exempt, want := range map[float64]float64{0: 16 - 1.0/1440, 1: 2} {
		x := &Experiment{Scenario: one(10), Regimes: []hold.Regime{hold.Actual}, Assumptions: with(everyHome, plain, atOnce(), map[string]float64{"dcc-act": 48, "pma-delay": 2400, "undone-acts-exempt": exempt})}
		x.Scenario.Failures[0].Ceased = date("2021-11-12")
		if got := outcomesOf(t, x).replication[hold.Actual].Value("mpid_wait_days"); !near(got, want) {
			t.Errorf("with undone-acts-exempt %v the SoLR waits %v days for its MPIDs, want %v", exempt, got, want)
		}
	}
}

// Safe mode that is sent ahead needs thresholds too: with 20 messages a day, and the User's own file applied after a day, all 200 meters hold it in time under Baseline. Under MP185 the delay has frozen the thresholds
// by then (R7), so that 10 meters on each of the five days that begin before the licence goes, on Saturday at 00:01, are all.
func TestTheFreezeHoldsThresholdsForSafeModeSentAhead(t *testing.T) {
	x := &Experiment{Scenario: one(100), Regimes: []hold.Regime{hold.Baseline, hold.MP185}, Assumptions: with(everyHome, plain, atOnce(), noLimits, map[string]float64{
		"future-dated-safe-mode": 1, "adt-payment-mode": 20, "dcc-thresholds": 24, "solr-support": 2400, "top-ups": 0, "credit-min": 1000, "credit-max": 1000,
	})}
	o := outcomesOf(t, x)
	for regime, want := range map[hold.Regime]float64{hold.Baseline: 1, hold.MP185: 50.0 / 200} {
		if got := o.replication[regime].Value("safe_mode_share"); got != want {
			t.Errorf("under %v safe mode reached %v of the meters, want %v", regime, got, want)
		}
	}
}

// Suppliers that share an SRP share its capacity; those with one each do not.
func TestCapacityIsShared(t *testing.T) {
	days := func(second string) float64 {
		s := one(100)
		s.Failures[0].SRP = "P"
		s.Failures = append(s.Failures, Failure{Supplier: "Other", Ceased: s.Failures[0].Ceased, SoLR: "Resort", Domestic: 100, SRP: second})
		x := &Experiment{Scenario: s, Regimes: []hold.Regime{hold.MP185}, Assumptions: with(everyHome, plain, atOnce(), noLimits, map[string]float64{
			"srp-capacity": 60, "top-ups": 0, "credit-min": 1000, "credit-max": 1000,
		})}
		return outcomesOf(t, x).replication[hold.MP185].Value("safe_mode_days_100")
	}
	if alone, shared := days("Q"), days("P"); math.Abs(shared-2*alone) > 0.01 {
		t.Errorf("safe mode takes %v days with an SRP each, %v with one for both; want twice as long", alone, shared)
	}
}

// A SoLR's rate is for all its failures together: 400 meters at 100 a day take four days from day 14 on.
func TestMigrationRateIsShared(t *testing.T) {
	s := one(100)
	s.Failures = append(s.Failures, Failure{Supplier: "Other", Ceased: s.Failures[0].Ceased, SoLR: "Resort", Domestic: 100})
	for _, c := range []struct {
		solr string
		want float64
	}{{"Resort", 17}, {"Another", 15}} {
		s.Failures[1].SoLR = c.solr
		x := &Experiment{Scenario: s, Regimes: []hold.Regime{hold.Baseline}, Assumptions: with(everyHome, plain, map[string]float64{"cos-rate": 100})}
		if got := outcomesOf(t, x).replication[hold.Baseline].Value("last_cos_day"); got != c.want {
			t.Errorf("with the SoLR %s for the second failure the last Change of Supplier is on day %v, want %v", c.solr, got, c.want)
		}
	}
}

// The industry's rate is for all SoLRs together, in proportion to what each would do: with 300 meters, 100 and a rate of 100 a day each, of which the industry takes 120, the first
// gets 60 on the first day, 85 on the second, since the other has 40 left and would do no more, 100 on the third and the rest on the fourth; the other gets 60, 35 and 5. With 50 for all it takes eight days.
func TestIndustryRateIsShared(t *testing.T) {
	s := one(150)
	s.Failures = append(s.Failures, Failure{Supplier: "Other", Ceased: s.Failures[0].Ceased, SoLR: "Another", Domestic: 50})
	for _, c := range []struct {
		industry      float64
		first, second int
	}{{120, 17, 16}, {1e9, 16, 14}, {50, 21, 21}} {
		x := &Experiment{Scenario: s, Regimes: []hold.Regime{hold.Baseline}, Assumptions: with(everyHome, plain, map[string]float64{"cos-rate": 100, "industry-cos-rate": c.industry})}
		finished(t, x, func(r *run) {
			if a, b := r.failed[0].book.last, r.failed[1].book.last; a != c.first || b != c.second {
				t.Errorf("with %v meters a day for all, the books are moved on days %d and %d, want %d and %d", c.industry, a, b, c.first, c.second)
			}
		})
	}
}

// Heating gets its command at noon. Under Baseline it is lost from the SoLR date to the Change of Supplier 14 days later; under MP185 until the SRP has its authority,
// at 00:01 two days later.
func TestHeatingCommandsLost(t *testing.T) {
	x := &Experiment{Scenario: one(10), Assumptions: with(everyHome, plain, always, map[string]float64{"smets2": 0, "smets1-enrolled": 1, "heating-control": 1, "prepayment": 0})}
	o := outcomesOf(t, x)
	for regime, want := range map[hold.Regime]float64{hold.Baseline: 14, hold.MP134A: 14, hold.MP185: 2} {
		if got := o.replication[regime].Value("heating_commands_lost"); got != 10*want {
			t.Errorf("under %v: %v commands lost, want %v", regime, got, 10*want)
		}
	}
}

// Emergency works come at their rate: those in the 13 days and 20 hours without access under Baseline are delayed. Within five standard deviations.
func TestWorksDelayed(t *testing.T) {
	x := &Experiment{Scenario: one(1000), Assumptions: with(everyHome, always, map[string]float64{"works-rate": 20, "comms-failure": 0, "prepayment": 0})}
	o := outcomesOf(t, x)
	for regime, days := range map[hold.Regime]float64{hold.Baseline: 14 - 4.0/24, hold.MP185: 2} {
		mean := 2000 * 20 * days / 365
		if got := o.replication[regime].Value("emergency_works_delayed"); math.Abs(got-mean) > 5*math.Sqrt(mean) {
			t.Errorf("under %v: %v works delayed, want about %v", regime, got, mean)
		}
	}
}

// Works and heating need the WAN as all else: where no meter is ever in reach all of them are in vain, though the DCC accepts what is sent. Commands at noon of the 8 days from Wednesday to the end of the run are lost, and
// works come at their rate on the 8 days and a half from the notice on. Within five standard deviations.
func TestWorksAndHeatingNeedTheWAN(t *testing.T) {
	for _, outage := range []float64{0, 24} {
		x := &Experiment{Scenario: one(200), Regimes: []hold.Regime{hold.MP185}, Assumptions: with(everyHome, plain, atOnce(), map[string]float64{
			"comms-failure": 1, "wan-outage": outage, "works-rate": 20, "smets2": 0, "smets1-enrolled": 1, "heating-control": 1, "prepayment": 0, "horizon": 5,
		})}
		r := outcomesOf(t, x).replication[hold.MP185]
		if got := r.Value("heating_commands_lost"); got != 200*8 {
			t.Errorf("with spells of %v hours %v commands are lost, want %v", outage, got, 200*8)
		}
		works, mean := r.Value("emergency_works_delayed"), 400*20*8.5/365
		if math.Abs(works-mean) > 5*math.Sqrt(mean) {
			t.Errorf("with spells of %v hours %v works are delayed, want about %v", outage, works, mean)
		}
		// Activating a load is two requests, and works are one.
		if got, want := r.Value("requests_accepted"), 2*200*8+works; got != want {
			t.Errorf("with spells of %v hours %v requests are accepted, want %v", outage, got, want)
		}
	}
}

// A SoLR that asks for safe mode only gets safe mode only: works and top-ups have no authority. One that asks for top-ups only gets no safe mode.
func TestSupportIsWhatTheSoLRAsksFor(t *testing.T) {
	x := &Experiment{Scenario: one(100), Regimes: []hold.Regime{hold.MP185}, Assumptions: with(everyHome, atOnce(), noLimits, map[string]float64{"works-rate": 20, "comms-failure": 0})}
	values := func(support ...duis.SRV) (share, works, topUps float64) {
		x.Scenario.Support = support
		r := outcomesOf(t, x).replication[hold.MP185]
		return r.Value("safe_mode_share"), r.Value("emergency_works_delayed"), r.Value("failed_top_ups")
	}
	if share, works, topUps := values(); share != 1 || works != 0 || topUps != 0 {
		t.Errorf("with all there is: safe mode reached %v, %v works delayed, %v top-ups failed; want 1, 0, 0", share, works, topUps)
	}
	if share, works, topUps := values(duis.UpdatePaymentMode); share != 1 || works == 0 || topUps != 0 {
		t.Errorf("with safe mode only: safe mode reached %v, %v works delayed, %v top-ups failed; want 1, some, and none, since nobody needs one", share, works, topUps)
	}
	if share, works, topUps := values(duis.TopUpDevice); share != 0 || works == 0 || topUps != 0 {
		t.Errorf("with top-ups only: safe mode reached %v, %v works delayed, %v top-ups failed; want 0, some, 0", share, works, topUps)
	}
}

// Works send what the scenario says: a variant that only an Import Supplier may send (7.1) is rejected at gas meters, where there is no such supplier, and accepted at the others.
func TestWorksOfTheScenario(t *testing.T) {
	for fuel, code := range map[Fuels]string{ElectricityOnly: "", GasOnly: "requests_rejected_E11"} {
		x := &Experiment{Scenario: one(100), Regimes: []hold.Regime{hold.Baseline}, Assumptions: with(everyHome, map[string]float64{"works-rate": 20, "prepayment": 0, "comms-failure": 0, "horizon": 1})}
		x.Scenario.Failures[0].Fuels, x.Scenario.Works = fuel, duis.EnableSupply
		r := outcomesOf(t, x).replication[hold.Baseline]
		if code == "" && r.Value("requests_accepted") == 0 || code != "" && (r.Value(code) == 0 || r.Value("requests_accepted") != 0) {
			t.Errorf("%v: %v requests accepted, %v rejected with E11", fuel, r.Value("requests_accepted"), r.Value("requests_rejected_E11"))
		}
	}
}

// Under MP185 nobody can give an authority for top-ups before there is a SoLR. Where top-ups need none, they go on.
func TestTopUpsInTheGap(t *testing.T) {
	for exempt, some := range map[float64]bool{0: true, 1: false} {
		x := &Experiment{Scenario: one(100), Regimes: []hold.Regime{hold.MP185}, Assumptions: with(everyHome, map[string]float64{"revocation-gap": 3, "comms-failure": 0, "top-ups-exempt": exempt})}
		if got := outcomesOf(t, x).replication[hold.MP185].Value("failed_top_ups"); (got > 0) != some {
			t.Errorf("with top-ups-exempt %v: %v top-ups failed", exempt, got)
		}
	}
}

// A household that types in the code of a top-up that did not arrive needs no DCC.
func TestManualEntry(t *testing.T) {
	x := &Experiment{Scenario: one(100), Assumptions: with(everyHome, plain, map[string]float64{"manual-entry": 1})}
	o := outcomesOf(t, x)
	for regime, r := range o.replication {
		if r.Value(Headline) != 0 || r.Value("failed_top_ups") != 0 {
			t.Errorf("under %v: %v hours off supply, %v top-ups failed; want none", regime, r.Value(Headline), r.Value("failed_top_ups"))
		}
	}
}

// Before its Change of Supplier a meter carries out critical commands and top-ups of the failed supplier only, and after it of the SoLR only. About the others the DCC alone decides.
func TestMetersTrustTheirCredentials(t *testing.T) {
	finished(t, &Experiment{Scenario: one(1), Regimes: []hold.Regime{hold.Baseline}, Assumptions: everyHome}, func(r *run) {
		failed, resort := r.failures[0].supplier, r.solrs[0]
		for _, moved := range []bool{false, true} {
			r.moved[0] = moved
			for srv, checked := range map[duis.SRV]bool{duis.EnableSupply: true, duis.UpdatePaymentMode: true, duis.TopUpDevice: true, duis.UpdateSecurityCredentialsCoS: false, duis.UpdateHANDeviceLog: false} {
				if got, want := r.trusts(0, failed, srv), !checked || !moved; got != want {
					t.Errorf("moved %v: %v of the failed supplier is carried out: %v, want %v", moved, srv, got, want)
				}
				if got, want := r.trusts(0, resort, srv), !checked || moved; got != want {
					t.Errorf("moved %v: %v of the SoLR is carried out: %v, want %v", moved, srv, got, want)
				}
			}
		}
	})
}

// When nobody has the failed supplier's prepayment key any more, nothing tops a meter up before its Change of Supplier: not the SRP, whose requests are accepted still, and no code typed in. Five pounds
// at two pounds a day, and 10 more at 2, 7 and so on up to 52 days; the SoLR date is at 55 days, 13 hours and a minute. With the key for a day more than that the top-up at 57 days fails; with
// the key for longer it arrives.
func TestTopUpsNeedThePrepaymentKey(t *testing.T) {
	for _, manual := range []float64{0, 1} {
		for key, off := range map[float64]float64{1: 24*(55+20) + 13 - 24*57.5, 90: 0} {
			x := &Experiment{Scenario: one(10), Regimes: []hold.Regime{hold.MP185}, Assumptions: with(everyHome, plain, atOnce(), noLimits, map[string]float64{
				"credit-min": 5, "credit-max": 5, "spend-electricity": 2, "spend-gas": 2, "first-cos": 365, "horizon": 20, "prepayment-key": key, "manual-entry": manual,
			})}
			x.Scenario.Failures[0].SoLRDate = date("2021-11-09")
			x.Scenario.Support = []duis.SRV{duis.TopUpDevice}
			if got := outcomesOf(t, x).replication[hold.MP185].Value(Headline); !near(got, 10*off) {
				t.Errorf("with the key for %v days and manual-entry %v: %v hours off supply, want %v", key, manual, got, 10*off)
			}
		}
	}
}

// A command that the meter holds is carried out at its time, whatever became of certificates and MPIDs since: without top-ups, and with credit for longer than that, nobody loses supply under Baseline, where
// nothing else reaches a meter after the SoLR date. Gas that is off supply by then is not: nobody can arm it before the Change of Supplier, 14 days after the SoLR date. A command whose time is after that does
// nothing any more.
func TestFutureDatedSafeMode(t *testing.T) {
	for _, c := range []struct{ delay, credit, share, last, off float64 }{
		{108, 11, 1, 1 - 1.0/1440, 0}, // Sunday at 00:00, a day less a minute after the licence was revoked
		{108, 5, 1, 1 - 1.0/1440, 15 * 24},
		{1000, 11, 0, math.NaN(), 12 * 24},
	} {
		x := &Experiment{Scenario: one(100), Regimes: []hold.Regime{hold.Baseline}, Assumptions: with(everyHome, plain, atOnce(), noLimits, map[string]float64{
			"top-ups": 0, "credit-min": c.credit, "credit-max": c.credit, "spend-electricity": 2, "spend-gas": 2, "future-dated-safe-mode": 1, "future-dated-delay": c.delay, "reactivation-electricity": 0, "reactivation-gas": 0,
		})}
		r := outcomesOf(t, x).replication[hold.Baseline]
		if share, last := r.Value("safe_mode_share"), r.Value("safe_mode_days_100"); share != c.share || last == last && math.Abs(last-c.last) > 1e-6 {
			t.Errorf("%+v: safe mode reached %v of the meters, the last after %v days", c, share, last)
		}
		if got := r.Value(Headline); !near(got, 100*c.off) {
			t.Errorf("%+v: %v hours off supply, want %v", c, got, 100*c.off)
		}
	}
}

// Additional support credit comes once to each meter of a vulnerable household, if the DCC lets it through: 4 pounds of credit at 2 pounds a day end on Thursday at noon, and 6 pounds more on Sunday
// at noon. With a credit of 8 pounds it would be needed on Saturday at noon, when under Baseline nothing goes through any more.
func TestSupportCredit(t *testing.T) {
	for _, c := range []struct{ vulnerable, credit, support, days float64 }{{0, 4, 6, 2}, {1, 4, 6, 5}, {1, 4, 0, 2}, {1, 8, 6, 4}, {1, 1, 1, 1}} {
		x := &Experiment{Scenario: one(10), Regimes: []hold.Regime{hold.Baseline}, Assumptions: with(everyHome, plain, map[string]float64{
			"top-ups": 0, "credit-min": c.credit, "credit-max": c.credit, "spend-electricity": 2, "spend-gas": 2, "first-cos": 365, "horizon": 10, "vulnerable": c.vulnerable, "support-credit": c.support,
		})}
		r := outcomesOf(t, x).replication[hold.Baseline]
		if got, want := r.Value(Headline), 10*(24*(10+4-c.days)-12); !near(got, want) {
			t.Errorf("%+v: %v hours off supply, want %v", c, got, want)
		}
		if got := r.Value("vulnerable_households_lost_supply"); got != 10*c.vulnerable {
			t.Errorf("%+v: %v vulnerable households lost supply", c, got)
		}
	}
}

// With a swing of a half spend on gas in the middle of January is half as much again, and in July half. 60 pounds at 2 pounds a day on average last until the integral of the cosine from the notice on
// is 30 days: within half a percent, since the model takes it day by day.
func TestSpendFollowsTheSeason(t *testing.T) {
	for ceased, noticed := range map[string]float64{"2022-01-04": 3.5, "2022-06-16": 166.5} {
		x := &Experiment{Scenario: one(10), Regimes: []hold.Regime{hold.Baseline}, Assumptions: with(everyHome, plain, map[string]float64{
			"top-ups": 0, "credit-min": 60, "credit-max": 60, "spend-electricity": 2, "spend-gas": 2, "season-gas": 0.5, "first-cos": 365, "horizon": 60,
		})}
		x.Scenario.Failures[0].Ceased = date(ceased)
		r := outcomesOf(t, x).replication[hold.Baseline]
		angle := func(day float64) float64 { return 2 * math.Pi * (day - 14.5) / 365.25 }
		got := 64 - 0.5 - r.Value("hours_off_supply_gas")/10/24
		if spent := got + 0.5*365.25/(2*math.Pi)*(math.Sin(angle(noticed+got))-math.Sin(angle(noticed))); math.Abs(spent-30) > 0.15 {
			t.Errorf("from %s on gas lasts %v days, in which %v days of mean spend are spent; want 30", ceased, got, spent)
		}
		if got := 64 - 0.5 - r.Value("hours_off_supply_electricity")/10/24; !near(got, 30) {
			t.Errorf("from %s on electricity lasts %v days, want 30", ceased, got)
		}
	}
}

// Customers who were switching go to their new supplier whatever the regime, both meters of a household at once: within 10 days of Tuesday noon, uniform, those of five days and a half by the end of Monday the 20th,
// within five standard deviations. They are safe then: with all of them switched by Wednesday nobody loses supply who had credit until Thursday.
func TestSwitchesInFlight(t *testing.T) {
	x := &Experiment{Scenario: one(1000), Regimes: allRegimes, Assumptions: with(everyHome, plain, map[string]float64{"in-flight": 0.5, "in-flight-days": 10, "first-cos": 365, "horizon": 3})}
	finished(t, x, func(r *run) {
		n := 0.0
		for home := 0; home < 2000; home += 2 {
			if r.moved[home] != r.moved[home+1] {
				t.Fatalf("under %v one meter of household %d has switched, the other has not", r.regime, home/2)
			}
			if r.moved[home] {
				n++
			}
		}
		if mean := 1000 * 0.5 * 0.55; math.Abs(n-mean) > 5*math.Sqrt(mean) || r.failed[0].book.left != 2000-2*int(n) {
			t.Errorf("under %v %v customers have switched, want about %v; %d meters are left to the SoLR", r.regime, n, mean, r.failed[0].book.left)
		}
	})
	x.Assumptions = with(x.Assumptions, map[string]float64{"in-flight": 1, "in-flight-days": 0, "top-ups": 0, "credit-min": 4, "credit-max": 4, "spend-electricity": 2, "spend-gas": 2, "horizon": 100, "first-cos": 14})
	for regime, r := range outcomesOf(t, x).replication {
		if got := r.Value("households_lost_supply"); got != 0 {
			t.Errorf("under %v %v households lost supply that had switched before", regime, got)
		}
	}
}

// A switch in flight can be the last Change of Supplier that a SoLR has waited for: that of a meter which nothing has reached so far.
func TestASwitchInFlightEndsTheMigration(t *testing.T) {
	x := &Experiment{Scenario: one(1), Regimes: []hold.Regime{hold.MP185}, Assumptions: with(everyHome, plain, atOnce(), map[string]float64{"in-flight": 1e-9, "comms-failure": 1, "first-cos": 1, "horizon": 4})}
	x.Scenario.Failures[0].Fuels = ElectricityOnly
	finished(t, x, func(r *run) {
		b := &r.failed[0].book
		if !b.started || b.completed || b.left != 1 {
			t.Fatalf("before: %+v", *b)
		}
		r.values[commsFailure] = 0
		r.edit(func(e *duis.Edit) error {
			return e.Register(point(0, smki.Electricity), r.calendar.time(r.sim.Now()), r.gaining.mpids[smki.Electricity])
		})
		if r.switchInFlight(0); !b.completed || b.last != 4 || r.err != nil {
			t.Errorf("after: %+v, error %v; want the migration complete on day 4", *b, r.err)
		}
		r.carryOut(0) // what the SoLR has ordered for the same meter
		completed := 0
		for _, e := range r.register.Events() {
			if e.Kind == hold.MigrationCompleted {
				completed++
			}
		}
		if completed != 1 {
			t.Errorf("the migration was completed %d times", completed)
		}
	})
}

// A meter that is registered to another supplier by now, but is not moved since nothing has reached it, does not stop the SRP, which no authority for that one is to come to: of 1,000 customers a tenth have switched by the
// SoLR date, of whose meters one in eight is out of reach until then; the others all get into safe mode.
func TestSafeModeGoesOnPastSwitchedMeters(t *testing.T) {
	x := &Experiment{Scenario: one(1000), Regimes: []hold.Regime{hold.MP185}, Assumptions: with(everyHome, plain, atOnce(), noLimits, map[string]float64{
		"in-flight": 0.1, "in-flight-days": 0, "wan-outage": 0, "comms-failure": 0.5, "top-ups": 0, "credit-min": 1000, "credit-max": 1000, "first-cos": 60,
	})}
	if got := outcomesOf(t, x).replication[hold.MP185].Value("safe_mode_share"); got < 0.87 || got > 0.93 {
		t.Errorf("safe mode reached %v of the meters, want about 0.9", got)
	}
}

// While nothing has failed top-ups arrive. With 5 pounds at 2 pounds a day the first of 10 pounds is after 2 days, at a credit of 1, and the next every 5 days: 11 in
// the 55 days and a half to the SoLR date. Meters that take no more than 6 pounds are topped up every two days and a half: 22 times.
func TestTopUpsKeepSupply(t *testing.T) {
	for limit, times := range map[float64]float64{250: 11, 6: 22} {
		x := &Experiment{Scenario: one(50), Assumptions: with(everyHome, plain, map[string]float64{
			"credit-min": 5, "credit-max": 5, "spend-electricity": 2, "spend-gas": 2, "balance-cap": limit, "horizon": 1, "solr-support": 2400,
			"emergency-credit-electricity": 5, "emergency-credit-gas": 5,
		})}
		x.Scenario.Failures[0].SoLRDate = date("2021-11-09")
		for regime, r := range outcomesOf(t, x).replication {
			// After the SoLR date the SoLR tries in its own name, which does not count: the meter does not take it.
			if got := r.Value("requests_accepted") - r.Value("requests_failed_at_device"); got != 100*times {
				t.Errorf("with at most %v pounds under %v: %v top-ups accepted, want %v", limit, regime, got, 100*times)
			}
			if r.Value("households_lost_supply") != 0 {
				t.Errorf("under %v households lose supply that top up in time", regime)
			}
		}
	}
}

// Gas that is off supply when safe mode comes is armed, by two messages more, and is back when somebody is at the meter; electricity is enabled at once.
func TestRescue(t *testing.T) {
	for _, fuel := range []Fuels{ElectricityOnly, GasOnly} {
		x := &Experiment{Scenario: one(10), Regimes: []hold.Regime{hold.MP185}, Assumptions: with(everyHome, plain, atOnce(), noLimits, map[string]float64{
			"top-ups": 0, "credit-min": 2, "credit-max": 2, "spend-electricity": 2, "spend-gas": 2, "solr-support": 48, "reactivation-gas": 5, "reactivation-electricity": 3, "first-cos": 365, "horizon": 20,
		})}
		x.Scenario.Failures[0].Fuels = fuel
		r := outcomesOf(t, x).replication[hold.MP185]
		want := 12 + 24*4 + 1.0/60 // from Wednesday noon to Monday 00:01
		if fuel == GasOnly {
			want += 5
		}
		if got := r.Value(Headline); !near(got, 10*want) {
			t.Errorf("%v: %v hours off supply, want %v", fuel, got, 10*want)
		}
		if got := r.Value("requests_accepted"); got != 40 {
			t.Errorf("%v: %v requests, want 4 a meter", fuel, got)
		}
	}
}

// What an SRP holds back for want of an authority takes none of its capacity: at one request an hour and many households that try in vain, it answers each at once.
func TestRequestsHeldBackTakeNoCapacity(t *testing.T) {
	x := &Experiment{Scenario: one(50), Regimes: []hold.Regime{hold.MP185}, Assumptions: with(everyHome, plain, atOnce(), map[string]float64{
		"srp-capacity": 1, "credit-min": 10, "credit-max": 10, "spend-electricity": 2, "spend-gas": 2, "solr-support": 2400, "first-cos": 365, "horizon": 10, "top-up-retry": 12,
	})}
	// Credit is at the trigger of 1 pound after four days and a half, at midnight of Sunday the 19th, which is 9 days before the end: 18 attempts of 100 meters.
	if got := outcomesOf(t, x).replication[hold.MP185].Value("requests_not_sent"); got != 100*18 {
		t.Errorf("%v requests not sent, want %v", got, 100*18)
	}
}

// Ofgem's instruction covers safe mode and nothing else (R10): gas that is off supply when safe mode comes in the gap is armed when the SoLR has asked for support.
func TestGasIsArmedWhenThereIsAnAuthority(t *testing.T) {
	x := &Experiment{Scenario: one(10), Regimes: []hold.Regime{hold.MP185}, Assumptions: with(everyHome, plain, atOnce(), noLimits, map[string]float64{
		"revocation-gap": 3, "ofgem-safe-mode": 36, "top-ups": 0, "credit-min": 2, "credit-max": 2, "spend-gas": 2, "reactivation-gas": 5, "first-cos": 365, "horizon": 20,
	})}
	x.Scenario.Failures[0].Fuels = GasOnly
	r := outcomesOf(t, x).replication[hold.MP185]
	want := 12 + 48 + 1.0/60 + 5 // from Wednesday noon to the appointment on Saturday at 00:01, and five hours for somebody to come
	if got := r.Value(Headline); !near(got, 10*want) {
		t.Errorf("%v hours off supply, want %v", got, 10*want)
	}
	if sent, held := r.Value("requests_accepted"), r.Value("requests_not_sent"); sent != 40 || held != 10 {
		t.Errorf("%v requests accepted, %v not sent; want 4 and 1 a meter", sent, held)
	}
}

// Safe mode that comes in the gap leaves gas that is off supply to be armed when there is an authority, if the meter is in reach then; if not, a day later, and so on. One that safe mode reaches only after that is armed
// at once: it is in reach.
func TestArmingNeedsTheWAN(t *testing.T) {
	const meters = 4000
	x := &Experiment{Scenario: one(meters), Regimes: []hold.Regime{hold.MP185}, Assumptions: with(everyHome, plain, atOnce(), noLimits, map[string]float64{
		"revocation-gap": 3, "ofgem-safe-mode": 36, "top-ups": 0, "credit-min": 2, "credit-max": 2, "spend-gas": 2, "reactivation-gas": 5, "first-cos": 365, "horizon": 20, "comms-failure": 0.5, "wan-outage": 0,
	})}
	x.Scenario.Failures[0].Fuels = GasOnly
	const first = 12 + 48 + 1.0/60 + 5 // as above
	byDays := make(map[float64]int)    // days after the first, by half days
	for _, off := range outcomesOf(t, x).homes[hold.MP185] {
		byDays[math.Round((inHours(off)-first)/12)/2]++
	}
	// Safe mode reaches half on Thursday and a quarter on Friday at 12:01. Three eighths are armed at once, three sixteenths a day later, and so on; the others get both on Saturday at 12:01 and later.
	for days, want := range map[float64]float64{0: 3.0 / 8, 1: 3.0 / 16, 2: 3.0 / 32, 0.5: 1.0 / 8, 1.5: 1.0 / 16} {
		if got := float64(byDays[days]); math.Abs(got-meters*want) > 5*math.Sqrt(meters*want*(1-want)) {
			t.Errorf("%v meters are back %v days after the first could be, want about %v; all: %v", got, days, meters*want, byDays)
		}
	}
}

// The DCC takes its time: 30 hours from a duty to the act are 30 hours that each of the five certificates of the failed supplier lives on, and during which its requests pass.
func TestDCCTakesItsTime(t *testing.T) {
	x := &Experiment{Scenario: one(10), Regimes: []hold.Regime{hold.Baseline}, Assumptions: with(everyHome, plain, map[string]float64{
		"dcc-act": 30, "smets2": 0, "smets1-enrolled": 1, "heating-control": 1, "prepayment": 0,
	})}
	r := outcomesOf(t, x).replication[hold.Baseline]
	if got, want := r.Value("certificate_days_after_revocation"), 5*30.0/24; !near(got, want) {
		t.Errorf("certificates live on for %v days together, want %v", got, want)
	}
	if got, want := r.Value("mpid_wait_days"), 30.0/24; !near(got, want) {
		t.Errorf("the SoLR waits %v days for its MPIDs, want %v", got, want)
	}
	// Of the 14 commands at noon from the SoLR date to the Change of Supplier the first passes: 30 hours are over at 06:01 on the second day.
	if got := r.Value("heating_commands_lost"); got != 10*13 {
		t.Errorf("%v commands to heating lost, want %v", got, 10*13)
	}
}

// Thresholds follow the scale of the run, those for all requests in both their parts, and come to no fewer than the two messages of a command.
func TestThresholdsFollowTheScale(t *testing.T) {
	for _, c := range []struct {
		scale float64
		n     float64
		want  uint64
	}{{1, 300, 300}, {1, 301, 301}, {1, 1, 2}, {0.1, 300, 30}, {0.0125, 300, 4}, {0.001, 300, 2}, {0.001, 0, 0}} {
		r := &run{cast: &cast{scale: c.scale}}
		if got := r.scaledLimit(c.n); got != c.want {
			t.Errorf("%v requests at a scale of %v are %v, want %v", c.n, c.scale, got, c.want)
		}
	}
	for _, scale := range []float64{1, 0.1} {
		finished(t, &Experiment{Scenario: one(10_000), Scale: scale, Regimes: []hold.Regime{hold.Baseline}, Assumptions: with(everyHome, plain, map[string]float64{"adt-all": 0.5, "horizon": 1})}, func(r *run) {
			if got, want := r.totalLimit(0), uint64(11_000*scale); got != want {
				t.Errorf("at a scale of %v the threshold for all requests is %v, want %v", scale, got, want)
			}
		})
	}
}

// Thresholds that the SoLR asks for are in force two days later, if the DCC takes that long: until then safe mode keeps to those of every day.
func TestThresholdsTakeTheirTime(t *testing.T) {
	x := &Experiment{Scenario: one(100), Regimes: []hold.Regime{hold.MP185}, Assumptions: with(everyHome, plain, atOnce(), noLimits, map[string]float64{
		"adt-payment-mode": 20, "dcc-thresholds": 48, "top-ups": 0, "credit-min": 1000, "credit-max": 1000,
	})}
	if got := outcomesOf(t, x).replication[hold.MP185].Value("safe_mode_days_50"); !near(got, 2) {
		t.Errorf("half of the meters are in safe mode after %v days, want 2", got)
	}
}

// Where thresholds are not raised, safe mode keeps to those of every day, 20 messages and so 10 meters a day: under MP185 to the end; in a gap
// on the four days that begin before the SoLR date, at 00:01, ends it.
func TestThresholdsStayAsTheyWere(t *testing.T) {
	for _, c := range []struct {
		regime                hold.Regime
		gap, support, carries float64
		share, last           float64
	}{
		{hold.MP185, 0, 0, 0, 1, 19 - 1.0/1440},
		{hold.MP185, 3, 2400, 1, 0.20, math.NaN()}, // Ofgem's instruction could carry thresholds, but does not
		{hold.MP134A, 3, 0, 0, 0.20, math.NaN()},
	} {
		x := &Experiment{Scenario: one(100), Regimes: []hold.Regime{c.regime}, Assumptions: with(everyHome, plain, atOnce(), noLimits, map[string]float64{
			"adt-payment-mode": 20, "raise-thresholds": 0, "top-ups": 0, "credit-min": 1000, "credit-max": 1000, "first-cos": 60,
			"revocation-gap": c.gap, "solr-support": c.support, "safe-mode-carries-thresholds": c.carries,
		})}
		r := outcomesOf(t, x).replication[c.regime]
		if share, last := r.Value("safe_mode_share"), r.Value("safe_mode_days_100"); share != c.share || last == last && !near(last, c.last) {
			t.Errorf("%+v: safe mode reached %v of the meters, the last after %v days", c, share, last)
		}
	}
}

// An SRP that declines has no authority and sends nothing (R9): with a day from each request to the next and the first at once, it accepts the third two days later, and until then the two
// commands at noon are not sent. One that declines always sends none of the 14.
func TestSRPDeclines(t *testing.T) {
	for declines, lost := range map[float64]float64{0: 0, 2: 2, 1000: 14} {
		x := &Experiment{Scenario: one(10), Regimes: []hold.Regime{hold.MP185}, Assumptions: with(everyHome, plain, atOnce(), map[string]float64{
			"srp-declines": declines, "solr-ask-again": 24, "smets2": 0, "smets1-enrolled": 1, "heating-control": 1, "prepayment": 0,
		})}
		r := outcomesOf(t, x).replication[hold.MP185]
		if got, held := r.Value("heating_commands_lost"), r.Value("requests_not_sent"); got != 10*lost || held != 10*lost {
			t.Errorf("with %v requests declined: %v commands lost, %v requests not sent; want %v", declines, got, held, 10*lost)
		}
	}
}

// Confirmations wait for the SRP's position, which is a day after the announcement. Announced six hours before the SoLR date, a SoLR that wants the MPIDs at once gets
// them 18 hours after it, and so long the five certificates live.
func TestConfirmationsWaitForThePosition(t *testing.T) {
	x := &Experiment{Scenario: one(10), Regimes: []hold.Regime{hold.MP185}, Assumptions: with(everyHome, plain, atOnce(), map[string]float64{"early-cos": 1, "announcement-lead": 0.25, "srp-position": 24})}
	r := outcomesOf(t, x).replication[hold.MP185]
	if got, want := r.Value("certificate_days_after_revocation"), 5*0.75; !near(got, want) {
		t.Errorf("certificates live on for %v days together, want %v", got, want)
	}
	if got, want := r.Value("mpid_wait_days"), 0.75; !near(got, want) {
		t.Errorf("the SoLR waits %v days for its MPIDs, want %v", got, want)
	}
}

// A household tops up at any time within the delay after its credit has fallen to the trigger. The eleventh time that it does, 52 days after the notice, the DCC acts 17 hours later,
// by when a share of 17 in 48 hours has topped up. Within five standard deviations.
func TestTopUpsAreDelayed(t *testing.T) {
	x := &Experiment{Scenario: one(100), Regimes: []hold.Regime{hold.Baseline}, Assumptions: with(everyHome, plain, map[string]float64{
		"credit-min": 5, "credit-max": 5, "spend-electricity": 2, "spend-gas": 2, "top-up-delay": 48, "horizon": 1, "emergency-credit-electricity": 5, "emergency-credit-gas": 5,
	})}
	x.Scenario.Failures[0].SoLRDate = date("2021-11-06")
	r := outcomesOf(t, x).replication[hold.Baseline]
	got, p := r.Value("requests_accepted")-r.Value("requests_failed_at_device"), (17+1.0/60)/48
	if want := 200 * (10 + p); math.Abs(got-want) > 5*math.Sqrt(200*p*(1-p)) {
		t.Errorf("%v top-ups accepted, want about %v", got, want)
	}
}

// Safe mode that did not get through is sent again: a day later each time, to everybody in the end.
func TestSafeModeIsRetried(t *testing.T) {
	x := &Experiment{Scenario: one(100), Regimes: []hold.Regime{hold.MP185}, Assumptions: with(everyHome, atOnce(), noLimits, map[string]float64{
		"comms-failure": 0.5, "top-ups": 0, "credit-min": 1000, "credit-max": 1000, "first-cos": 365, "horizon": 60,
	})}
	r := outcomesOf(t, x).replication[hold.MP185]
	last := r.Value("safe_mode_days_100")
	if share := r.Value("safe_mode_share"); share != 1 || !near(last, math.Round(last)) || last < 3 {
		t.Errorf("safe mode reached %v of the meters, the last after %v days; want all, after whole days and more than two", share, last)
	}
}

// With fixed top-ups only the attempts of one top-up count for it: a household that retries more slowly than it tops up does not retry at all. Half a pound at 3 pounds a
// day is a top-up every 4 hours, of which none arrives; with a retry each hour there are 4 attempts at each.
func TestFixedTopUpsEndWithTheNext(t *testing.T) {
	for retry, attempts := range map[float64]float64{12: 1, 4: 1, 1: 4} {
		x := &Experiment{Scenario: one(10), Regimes: []hold.Regime{hold.Baseline}, Assumptions: with(everyHome, plain, Monotone(), map[string]float64{
			"comms-failure": 1, "top-up-amount": 0.5, "top-up-retry": retry, "spend-electricity": 0, "spend-gas": 3, "credit-min": 1, "credit-max": 1, "first-cos": 365, "horizon": 10,
		})}
		r := outcomesOf(t, x).replication[hold.Baseline]
		if got, want := r.Value("failed_top_ups"), 10*attempts*(24*(10+4)-12)/4; got != want {
			t.Errorf("with a retry every %v hours %v attempts fail, want %v", retry, got, want)
		}
	}
}

// A household is worse off if it was off supply longer than under Baseline, by more than a second.
func TestWorseOff(t *testing.T) {
	r := &run{homes: []home{{total: des.Hour}, {total: des.Hour}, {total: des.Hour}, {}}}
	if got := r.worseOff([]des.Time{des.Hour - des.Minute, des.Hour - des.Millisecond, 2 * des.Hour, 0}); got != 1 {
		t.Errorf("%v households are worse off, want 1", got)
	}
	if got := r.worseOff(nil); !math.IsNaN(got) {
		t.Errorf("without Baseline %v households are worse off, want NaN", got)
	}
}

// A run stops in the middle when its context is done.
func TestCancelInsideARun(t *testing.T) {
	p, err := (&Experiment{Scenario: one(2000), Assumptions: everyHome}).plan()
	if err != nil {
		t.Fatal(err)
	}
	e, w, err := p.populate(t.Context(), p.source(0))
	if err != nil {
		t.Fatal(err)
	}
	r, err := newRun(p.cast, e, w, hold.Baseline, p.source(0))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := r.execute(ctx); !errors.Is(err, context.Canceled) || r.sim.Processed() > cancelEvery {
		t.Errorf("after %d events: %v; want a stop within %d", r.sim.Processed(), err, cancelEvery)
	}
}

// The shares and the mean spend of the estate are those of the assumptions: within five standard deviations.
func TestEstateShares(t *testing.T) {
	const n = 200_000
	x := &Experiment{Scenario: one(n), Seed: 7}
	p, err := x.plan()
	if err != nil {
		t.Fatal(err)
	}
	var electricity, gas, smets1, prepay float64
	estate, err := p.cast.sample(t.Context(), p.source(0), 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range estate.traits {
		if m.has(isGas) {
			gas++
		} else {
			electricity++
			if m.has(isSMETS1) {
				smets1++
			}
			if m.has(isPrepayment) {
				prepay++
			}
		}
	}
	var spend, meters float64
	for p, meter := range estate.meter {
		if !estate.traits[meter].has(isGas) {
			spend, meters = spend+estate.spend[p], meters+1
		}
	}
	if sd := 1.25 * math.Sqrt((math.Exp(0.4*0.4)-1)/meters); math.Abs(spend/meters-1.25) > 5*sd {
		t.Errorf("mean spend on electricity is %v pounds a day, want about 1.25", spend/meters)
	}
	enrolled := 0.84 * (0.41 + 0.59*0.5)
	for _, c := range []struct {
		name      string
		got, want float64
	}{
		{"electricity", electricity, 0.51 * enrolled}, {"gas", gas, 0.8 * 0.46 * enrolled},
		{"SMETS1", smets1, 0.51 * 0.84 * 0.59 * 0.5}, {"prepayment", prepay, 0.51 * enrolled * 0.13}, {"homes", float64(len(estate.name)), 0.51 * enrolled * 0.13},
	} {
		if mean := n * c.want; math.Abs(c.got-mean) > 5*math.Sqrt(mean*(1-c.want)) {
			t.Errorf("%s: %v, want about %v", c.name, c.got, mean)
		}
	}
}
