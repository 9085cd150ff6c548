package sim

import (
	"math"
	"testing"

	"github.com/seed-db8551c1/lastresort/duis"
	"github.com/seed-db8551c1/lastresort/hold"
)

// An SRP that sends safe mode to 200 meters at once under a threshold of 20 messages a day gets ten through. Of the other 190 the first message is in quarantine for a day. When it is released the second is
// over the threshold too, but for twenty; the last are in safe mode after another day. Under MP185 the failure is frozen and the PMA has to name the release (R7): its two days count once, since what it has named
// it has named for later releases too, and the DCC's six hours as well. Under MP134A nothing but the certificates is held. An SRP that heeds the threshold takes twenty days.
func TestSafeModeInQuarantine(t *testing.T) {
	for _, c := range []struct {
		name         string
		regime       hold.Regime
		set          map[string]float64
		half, last   float64
		quarantined  float64
		acceptedOnce float64 // when they came: the others are accepted when they are released
	}{
		{"frozen", hold.MP185, map[string]float64{"pma-approve": 48, "dcc-act": 6}, 1 + 2 + 0.25 + 1, 1 + 2 + 0.25 + 1, 190 + 170, 20 + 20},
		{"nothing frozen", hold.MP134A, map[string]float64{"revocation-gap": 3, "pma-approve": 48, "dcc-act": 6}, 2, 2, 190 + 170, 20 + 20},
		{"two hours", hold.MP134A, map[string]float64{"revocation-gap": 3, "quarantine-release": 2}, 4.0 / 24, 4.0 / 24, 190 + 190, 20},
		// At a message a minute the first is over the threshold after 20 minutes, and of those sent when it is released a day later the 21st after 20 more.
		{"slowly", hold.MP134A, map[string]float64{"revocation-gap": 3, "srp-capacity": 60}, 2 + 40.0/1440, 2 + 40.0/1440, 190 + 170, 20 + 20},
		{"heeded", hold.MP185, map[string]float64{"srp-heeds-thresholds": 1}, 9 - 1.0/1440, 19 - 1.0/1440, 0, 400},
	} {
		x := &Experiment{Scenario: one(100), Regimes: []hold.Regime{c.regime}, Assumptions: with(everyHome, plain, atOnce(), noLimits, map[string]float64{
			"adt-payment-mode": 20, "raise-thresholds": 0, "srp-heeds-thresholds": 0, "top-ups": 0, "credit-min": 1000, "credit-max": 1000, "first-cos": 60, "horizon": 30,
		}, c.set)}
		// A support request waits for the PMA as well: here it is there before that counts.
		support := 0.0
		if c.name == "frozen" {
			support = 2
		}
		r := outcomesOf(t, x).replication[c.regime]
		for name, want := range map[string]float64{"safe_mode_share": 1, "safe_mode_days_50": support + c.half, "safe_mode_days_100": support + c.last, "requests_quarantined": c.quarantined, "requests_accepted": c.acceptedOnce} {
			if got := r.Value(name); math.Abs(got-want) > 1e-4 {
				t.Errorf("%s: %s is %v, want %v", c.name, name, got, want)
			}
		}
	}
}

// What is in quarantine is decided anew when it is released: what the DCC has done since counts. Two days from Wednesday at 00:01, when the licence goes, to the release are in time for the transfer on Saturday at 00:01; four
// are not, and the 190 messages are rejected.
func TestQuarantineIsDecidedAnew(t *testing.T) {
	for release, want := range map[float64]struct{ share, rejected float64 }{24: {1, 0}, 48: {30.0 / 200, 170}, 96: {10.0 / 200, 190}} {
		x := &Experiment{Scenario: one(100), Regimes: []hold.Regime{hold.MP134A}, Assumptions: with(everyHome, plain, atOnce(), noLimits, map[string]float64{
			"revocation-gap": 3, "adt-payment-mode": 20, "raise-thresholds": 0, "srp-heeds-thresholds": 0, "quarantine-release": release, "top-ups": 0, "credit-min": 1000, "credit-max": 1000, "first-cos": 60, "horizon": 30,
		})}
		r := outcomesOf(t, x).replication[hold.MP134A]
		if share, rejected := r.Value("safe_mode_share"), r.Value("requests_rejected"); !near(share, want.share) || rejected != want.rejected {
			t.Errorf("with a release after %v hours safe mode reached %v of the meters, and %v requests were rejected; want %+v", release, share, rejected, want)
		}
	}
}

// A top-up over the threshold arrives when it is released: of 20 that come on Thursday at noon ten are over, those of five households, which are off supply from midnight to noon, or from the midnight to the noon after that.
// If the transfer is in between, they wait until the end of the run, on Saturday at 00:00.
func TestTopUpsInQuarantine(t *testing.T) {
	for _, c := range []struct {
		release  float64
		solrDate string
		off      float64
	}{{24, "2021-09-20", 12}, {48, "2021-09-20", 36}, {24, "2021-09-17", 24}} {
		x := &Experiment{Scenario: one(1000), Scale: 0.01, Regimes: []hold.Regime{hold.Baseline}, Assumptions: with(everyHome, plain, atOnce(), map[string]float64{
			"adt-all": 0, "quarantine-release": c.release, "top-up-retry": 240, "credit-min": 5, "credit-max": 5, "spend-electricity": 2, "spend-gas": 2,
			"reactivation-electricity": 0, "reactivation-gas": 0, "srp-capacity": 1e9, "first-cos": 365, "horizon": 1,
		})}
		x.Scenario.Failures[0].SoLRDate = date(c.solrDate)
		r := outcomesOf(t, x).replication[hold.Baseline]
		if got := r.Value(Headline); !near(got, 5*c.off) {
			t.Errorf("%+v: %v hours off supply, want %v", c, got, 5*c.off)
		}
		if got := r.Value("requests_quarantined"); got != 10 {
			t.Errorf("%+v: %v requests in quarantine, want 10", c, got)
		}
	}
}

// What is released of a top-up that the household has done again since, or of an older one, is not taken a second time.
func TestTopUpsAreTakenOnce(t *testing.T) {
	x := &Experiment{Scenario: one(1), Regimes: []hold.Regime{hold.MP185}, Assumptions: with(everyHome, plain, atOnce(), noLimits, map[string]float64{"first-cos": 365, "horizon": 1})}
	x.Scenario.Support = []duis.SRV{duis.TopUpDevice}
	finished(t, x, func(r *run) {
		for _, c := range []struct {
			paid        bool
			sent, taken uint32
		}{{false, 2, 10}, {false, 1, 0}, {true, 2, 0}} {
			r.accounts[0] = account{credit: 1, since: r.sim.Now(), topUp: 2, paid: c.paid}
			r.letGo(0, &quarantined{meter: 0, c: topUpCommand, topUp: c.sent})
			if got := r.creditNow(0) - 1; got != float64(c.taken) {
				t.Errorf("%+v: %v pounds more, want %v", c, got, c.taken)
			}
		}
	})
}
