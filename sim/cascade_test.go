package sim

import (
	"math"
	"testing"

	"github.com/seed-db8551c1/lastresort/hold"
	"github.com/seed-db8551c1/lastresort/solr"
)

// When a SoLR has failed nothing is left in anybody's name in the end (R11), the next SoLR has every MPID (R15), and has moved every meter: whenever the first one fails, before or after
// it has got the MPIDs, in the middle of its migration, or in the hours after it, before the PMA releases what it held.
func TestTheNextSoLRTakesOnBothBooks(t *testing.T) {
	for _, dates := range [][2]string{{"2021-09-19", "2021-09-19"}, {"2021-09-19", "2021-09-20"}, {"2021-09-28", "2021-10-02"}, {"2021-10-02", "2021-10-06"}, {"2021-10-03", "2021-10-07"}, {"2021-10-20", "2021-10-24"}, {"2021-11-15", "2021-11-19"}} {
		for _, m := range []map[string]float64{{}, {"early-cos": 1}, {"revocation-gap": 3}, {"cos-rate": 1e6, "comms-failure": 0}} {
			x := &Experiment{Scenario: cascading(100, dates[0], dates[1]), Regimes: allRegimes, Assumptions: with(everyHome, map[string]float64{"cos-rate": 30, "comms-failure": 0.2}, m)}
			finished(t, x, func(r *run) {
				check(t, r)
				for i := range r.failures {
					if f, _ := r.register.Failure(r.failures[i].id); f.Phase != solr.Closed {
						t.Errorf("%v, %v under %v: %s is %v at the end, want closed", dates, m, r.regime, f.ID, f.Phase)
					}
					for _, id := range r.failures[i].supplier.mpids {
						if owner, _ := r.register.Directory().DCC.Owner(id, r.calendar.time(r.end)); owner != "Next" {
							t.Errorf("%v, %v under %v: MPID %v of %s belongs to %s at the end, want Next", dates, m, r.regime, id, r.failures[i].id, owner)
						}
					}
				}
				if last := r.measure(nil)[lastCoSDay]; math.IsNaN(last) {
					t.Errorf("%v, %v under %v: a migration is not complete at the end", dates, m, r.regime)
				}
			})
		}
	}
}

// heated is a cascade of ten households each with heating that is controlled at noon, and nothing else. The first SoLR date is 18 September.
func heated(ceased, solrDate string, m map[string]float64) *Experiment {
	return &Experiment{Scenario: cascading(10, ceased, solrDate), Assumptions: with(everyHome, plain, atOnce(), map[string]float64{
		"smets2": 0, "smets1-enrolled": 1, "heating-control": 1, "prepayment": 0, "revocation-gap": 0,
	}, m)}
}

// The migration begins anew, 14 days after the next SoLR's date: of the first book, heating gets no command on the 24 days from 18 September to 11 October under Baseline, of the other on 14.
// Under MP185 it gets none in the two days until the SoLR has asked for support, and none in the two days until the next has, since support ends with the licence of the SoLR that asked
// for it (R15).
func TestSupportEndsWithTheLicenceOfTheSoLR(t *testing.T) {
	o := outcomesOf(t, heated("2021-09-24", "2021-09-28", map[string]float64{"solr-support": 48}))
	for regime, days := range map[hold.Regime]float64{hold.Baseline: 24 + 14, hold.MP134A: 24 + 14, hold.MP185: 2 + 2 + 2} {
		if got := o.replication[regime].Value("heating_commands_lost"); got != 10*days {
			t.Errorf("under %v: %v commands lost, want %v", regime, got, 10*days)
		}
	}
}

// What a SoLR has begun ends with the notice of its failure: a request that it would have made at the very instant at which the next SoLR is appointed is not made in the next one's name, which
// takes its own two days.
func TestNothingIsLeftOfTheFirstTenure(t *testing.T) {
	o := outcomesOf(t, heated("2021-09-19", "2021-09-20", map[string]float64{"solr-support": 48}))
	if got, want := o.replication[hold.MP185].Value("heating_commands_lost"), 10.0*(4+2); got != want {
		t.Errorf("%v commands lost, want %v", got, want)
	}
}

// A SoLR that has ceased to trade migrates nobody: at 5 meters a day from 2 October on it has moved 10 of the first book when it fails on the 3rd at noon, and the next one comes to the others
// from 21 October on. Where it sends the Changes of Supplier a day ahead, the DSP holds 5 for the 4th: they are carried out if its licence and certificates are good still, and not if they
// were revoked on the 3rd at 18:01.
func TestAFailingSoLRMigratesNobody(t *testing.T) {
	for _, c := range []struct {
		next       string
		gap, ahead float64
		want       int
	}{{"2021-10-07", 0, 0, 10}, {"2021-10-07", 0, 1, 15}, {"2021-10-04", 0.25, 1, 10}} {
		moved := 0
		x := heated("2021-10-03", c.next, map[string]float64{"cos-rate": 5, "horizon": 1, "revocation-gap": c.gap, "cos-future-dated": c.ahead})
		x.Regimes = []hold.Regime{hold.Baseline}
		finished(t, x, func(r *run) {
			for m := r.first[0]; m < r.first[1]; m++ {
				if r.moved[m] {
					moved++
				}
			}
		})
		if moved != c.want {
			t.Errorf("%+v: %d meters of the first book are moved a day after the next SoLR's date", c, moved)
		}
	}
}

// What a SoLR has begun the next one begins anew: half of the first book is registered to the MPIDs of the SoLR that failed, which are held for the sake of its own large book, and is moved all the same.
func TestTheNextSoLRRegistersAnew(t *testing.T) {
	s := cascading(50, "2021-10-02", "2021-10-03")
	s.Failures[1].Domestic = 1000
	x := &Experiment{Scenario: s, Regimes: []hold.Regime{hold.MP185}, Assumptions: with(everyHome, map[string]float64{"cos-rate": 100, "comms-failure": 0.5, "horizon": 30})}
	finished(t, x, func(r *run) {
		if a, b := &r.failed[0].book, &r.failed[1].book; !a.completed || b.completed {
			t.Errorf("first book complete: %v, second: %v; want only the first", a.completed, b.completed)
		}
	})
}

// Between the licence revocation of a SoLR and the next appointment Ofgem's safe mode applies again, to both books (R10). It comes a day after revocation, and so too late for the first gap, of 12 hours.
func TestSafeModeAppliesAgain(t *testing.T) {
	s := cascading(50, "2021-09-24", "2021-09-30")
	s.Failures[0].SoLRDate = date("2021-09-15")
	x := &Experiment{Scenario: s, Regimes: []hold.Regime{hold.MP185}, Assumptions: with(everyHome, plain, atOnce(), noLimits, map[string]float64{
		"revocation-gap": 3, "ofgem-safe-mode": 24, "solr-support": 2400, "first-cos": 365, "horizon": 20,
	})}
	if got := outcomesOf(t, x).replication[hold.MP185].Value("safe_mode_share"); got != 1 {
		t.Errorf("safe mode reached %v of the meters, want all", got)
	}
}

// A supplier keeps the thresholds that it needs as a SoLR until it fails: with none for its own book it moves the first all the same.
func TestASoLRIsNotLimitedBeforeItFails(t *testing.T) {
	s := cascading(1000, "2021-12-20", "2021-12-24")
	s.Failures[1].Domestic = 1
	x := &Experiment{Scenario: s, Regimes: []hold.Regime{hold.Baseline}, Assumptions: with(everyHome, plain, map[string]float64{"adt-all": 0})}
	if got := outcomesOf(t, x).replication[hold.Baseline].Value("last_cos_day"); got != 14 {
		t.Errorf("the last Change of Supplier is on day %v, want 14", got)
	}
}

// A Change of Supplier that the DSP holds when its SoLR fails is carried out as long as the DCC accepts it: that no authority covers it is for an SRP to mind, who has no part in it. The SoLR orders all for Tuesday, fails on
// Monday at noon, and the next is appointed on Tuesday at 00:01.
func TestOrderedChangesNeedNoAuthority(t *testing.T) {
	x := &Experiment{Scenario: cascading(10, "2021-09-20", "2021-09-21"), Regimes: []hold.Regime{hold.MP185}, Assumptions: with(everyHome, plain, atOnce(), noLimits, map[string]float64{
		"revocation-gap": 0.5, "first-cos": 3, "horizon": 1,
	})}
	finished(t, x, func(r *run) {
		if left := r.failed[0].book.left; left != 0 {
			t.Errorf("%d meters of the first failure have not changed supplier, want none", left)
		}
	})
}
