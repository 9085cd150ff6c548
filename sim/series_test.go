package sim

import (
	"bytes"
	"context"
	"encoding/json"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/seed-db8551c1/lastresort/hold"
	"github.com/seed-db8551c1/lastresort/solr"
	"pgregory.net/rapid"
)

func seriesOf(t *testing.T, x *Experiment) (*Result, *Series) {
	t.Helper()
	x.Series, x.Sensitivity = true, NoSensitivity
	r, err := x.Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return r, r.Series
}

func london(s string) time.Time {
	t, err := time.ParseInLocation("2006-01-02 15:04", s, solr.London())
	if err != nil {
		panic(err)
	}
	return t
}

// Four pounds at two pounds a day end supply two days after the notice at noon, at an instant of the series, which is as just before it. On 2 October the Change of Supplier brings
// electricity back at once, gas four hours later. Meters of suppliers that do not fail are in none of it.
func TestSeriesOfAKnownCourse(t *testing.T) {
	x := &Experiment{Scenario: withOthers(20), Regimes: []hold.Regime{hold.Baseline}, Replications: 2, Assumptions: with(everyHome, plain, always, map[string]float64{
		"top-ups": 0, "credit-min": 4, "credit-max": 4, "spend-electricity": 2, "spend-gas": 2, "reactivation-gas": 4, "cos-future-dated": 0, "horizon": 30,
	})}
	_, s := seriesOf(t, x)
	g := &s.Regimes[0]
	for i, at := range s.Instants {
		off, moved := 0.0, 0.0
		if at.After(london("2021-09-16 12:00")) && !at.After(london("2021-10-02 04:00")) {
			off = 20
		}
		if at.After(london("2021-10-02 00:00")) {
			moved = 1
		}
		if got := g.HouseholdsOff[i]; got != (Interval{off, off, off}) {
			t.Errorf("%v: %v households off supply, want %v", at, got, off)
		}
		if got := g.MigratedShare[i]; got != (Interval{moved, moved, moved}) {
			t.Errorf("%v: %v of the meters migrated, want %v", at, got, moved)
		}
		if got := g.SafeModeShare[i]; got != (Interval{}) {
			t.Errorf("%v: safe mode reached %v under Baseline, want 0", at, got)
		}
	}
	requests := func(c command) float64 { // of one command
		if c.srv.Critical() {
			return 2
		}
		return 1
	}
	for _, q := range g.Requests {
		for i, day := range s.Days {
			want := 0.0
			if q.Sender == SentBySoLR && q.Outcome == "accepted" && day.Equal(london("2021-10-02 00:00")) {
				want = 40*requests(cosCommand) + 20*requests(enableCommand) + 20*requests(armCommand)
			}
			if got := q.PerDay[i]; got != (Interval{want, want, want}) {
				t.Errorf("%v: %v requests %s by %s, want %v", day, got, q.Outcome, q.Sender, want)
			}
		}
	}
}

// Instants are four to a day in London also when the clocks change, and end with the run.
func TestSeriesInstants(t *testing.T) {
	x := &Experiment{Scenario: one(1), Replications: 1, Assumptions: with(everyHome, map[string]float64{"horizon": 50.3})}
	x.Scenario.Failures[0].Ceased = date("2021-10-29")
	_, s := seriesOf(t, x)
	for i, at := range s.Instants[1:] {
		if d := at.Sub(s.Instants[i]); d != 6*time.Hour && !(at.Equal(london("2021-11-01 00:00").Add(-time.Duration(3-i%4)*d)) && d == 25*time.Hour/4) && i+2 < len(s.Instants) {
			t.Errorf("from %v to %v it is %v, want six hours, or 6:15 on the day of 25", s.Instants[i], at, d)
		}
	}
	for i, day := range s.Days {
		if !day.Equal(s.Instants[4*i]) || day.In(solr.London()).Hour() != 0 {
			t.Errorf("day %d starts at %v, instant %d is %v", i, day, 4*i, s.Instants[4*i])
		}
	}
	end := london("2021-11-02 00:00").Add(time.Duration(50.3 * 24 * float64(time.Hour)))
	if got := s.Instants[len(s.Instants)-1]; got.Sub(end).Abs() > time.Millisecond {
		t.Errorf("the last instant is %v, want the end of the run, %v", got, end)
	}
	if last := s.Days[len(s.Days)-1]; !last.Before(end) || end.Sub(last) > 24*time.Hour {
		t.Errorf("the last day starts at %v, want that of %v", last, end)
	}
}

// What the series say is what the metrics say: requests by day add up to them, shares end at them, and the area below the households off supply is their hours.
func TestSeriesAgreeWithMetrics(t *testing.T) {
	s := cascading(150, "2021-09-25", "2021-10-01")
	for name, x := range map[string]*Experiment{
		"cascade":  {Scenario: s, Regimes: allRegimes, Replications: 3, Assumptions: with(everyHome, map[string]float64{"horizon": 60})},
		"a gap":    {Scenario: one(300), Regimes: allRegimes, Replications: 3, Assumptions: with(everyHome, map[string]float64{"revocation-gap": 3, "prepayment": 0.5, "horizon": 40, "adt-payment-mode": 100})},
		"cut off":  {Scenario: one(300), Replications: 1, Assumptions: with(everyHome, map[string]float64{"horizon": 12.1})},
		"one only": {Scenario: one(300), Replications: 1, Assumptions: map[string]float64{"horizon": 30}},
	} {
		r, s := seriesOf(t, x)
		for i, g := range s.Regimes {
			metric := func(name string) float64 { return r.Regimes[i].Metrics[name].Mean }
			sums := make(map[string]float64)
			for _, q := range g.Requests {
				for _, p := range q.PerDay {
					sums[q.Outcome] += p.Mean
				}
			}
			got := map[string]float64{
				"requests_accepted": sums["accepted"], "requests_rejected": sums["rejected"], "requests_quarantined": sums["quarantined"],
				"requests_no_connection": sums["no connection"], "requests_not_sent": sums[NotSent], "safe_mode_share": g.SafeModeShare[len(s.Instants)-1].Mean,
			}
			for m, x := range got {
				if math.Abs(x-metric(m)) > 1e-6 {
					t.Errorf("%s under %v: the series of %s come to %v, the metric is %v", name, g.Regime, m, x, metric(m))
				}
			}
			area := 0.0
			for k, at := range s.Instants[1:] {
				area += g.HouseholdsOff[k+1].Mean * at.Sub(s.Instants[k]).Hours()
			}
			if hours := metric(Headline); math.Abs(area-hours) > 0.1*hours+6*float64(r.Customers)/100 {
				t.Errorf("%s under %v: the area below the households off supply is %v hours, the metric %v", name, g.Regime, area, hours)
			}
			if last := g.MigratedShare[len(s.Instants)-1].Mean; name != "cut off" && last != 1 {
				t.Errorf("%s under %v: %v of the meters migrated in the end, want all", name, g.Regime, last)
			}
			longest := 0.0
			for _, f := range g.Failures {
				longest = max(longest, f.MigrationDays.Days.Mean)
			}
			if name == "one only" && longest != metric("last_cos_day") {
				t.Errorf("%s under %v: the longest migration took %v days, the metric is %v", name, g.Regime, longest, metric("last_cos_day"))
			}
		}
	}
}

func in(days float64) Moment { return Moment{Interval{days, days, days}, 2} }

func (m Moment) near(o Moment) bool {
	return m.Times == o.Times && (m.Times == 0 || near(m.Days.Mean, o.Days.Mean) && near(m.Days.Lo, o.Days.Lo) && near(m.Days.Hi, o.Days.Hi))
}

// With known latencies the days of a failure are known: notice at noon on the 14th, all else in days from then. The licence is revoked as the SoLR is appointed, at 00:01 on the 18th.
func TestTimeline(t *testing.T) {
	const appointed, act, migrated = 3.5 + 1.0/24/60, 4.0 / 24, 17.5
	const held, released = 6.0 / 24, migrated + 1
	never := Moment{}
	want := map[hold.Regime][7]Moment{
		hold.Baseline: {never, never, never, never, in(appointed + act), in(appointed + act), in(migrated)},
		hold.MP134A:   {in(held), in(released), never, never, in(released + act), in(appointed + act), in(migrated)},
		hold.MP185:    {in(held), in(released), in(held), in(released), in(released + act), in(released + act), in(migrated)},
	}
	x := &Experiment{Scenario: one(20), Replications: 2, Assumptions: with(everyHome, plain, always)}
	_, s := seriesOf(t, x)
	for _, g := range s.Regimes {
		f := g.Failures[0]
		for i, got := range [7]Moment{f.RevocationHeld, f.RevocationReleased, f.TransferHeld, f.TransferReleased, f.CertificatesRevoked, f.MPIDsTransferred, f.Migrated} {
			if !got.near(want[g.Regime][i]) {
				t.Errorf("under %v moment %d of the timeline is %v, want %v", g.Regime, i, got, want[g.Regime][i])
			}
		}
		if f.Supplier != "Failing" || f.SoLR != "Resort" || !f.Notified.Equal(london("2021-09-14 12:00")) || !f.Appointed.Equal(london("2021-09-18 00:01")) || !f.Revoked.Equal(f.Appointed) {
			t.Errorf("under %v: %+v", g.Regime, f)
		}
		if !f.MigrationDays.near(in(14)) || f.OverrunDays != (Interval{}) || f.Late != (Interval{}) {
			t.Errorf("under %v: migration took %v, overrun %v, the SoLR was %v late; want 14 days, none, not", g.Regime, f.MigrationDays, f.OverrunDays, f.Late)
		}
	}
}

// A delay that comes after the DCC has acted holds nothing (R16): three days and one more are past the revocation under MP134A. Under MP185 the DCC waits for the SoLR's confirmations (R8), so that it holds both.
func TestTimelineOfALateDelay(t *testing.T) {
	x := &Experiment{Scenario: one(20), Replications: 2, Assumptions: with(everyHome, plain, always, map[string]float64{"pma-delay": 24 * 3, "dcc-receipt": 24})}
	_, s := seriesOf(t, x)
	for _, g := range s.Regimes {
		want := Moment{}
		if g.Regime == hold.MP185 {
			want = in(4)
		}
		if f := g.Failures[0]; !f.RevocationHeld.near(want) || !f.TransferHeld.near(want) || f.RevocationReleased.Times != want.Times {
			t.Errorf("under %v a delay that reached the DCC after it could act held from %v and %v, to %v; want from %v", g.Regime, f.RevocationHeld, f.TransferHeld, f.RevocationReleased, want)
		}
	}
}

// By date, with a PMA that takes 36 days: the certificates are revoked before the delay that MP134A allows, and the MPIDs held after 17 November.
func TestTimelineOfOneControl(t *testing.T) {
	x := &Experiment{Scenario: one(20), Regimes: []hold.Regime{hold.Actual}, Replications: 2, Assumptions: with(everyHome, plain, always, map[string]float64{"revocation-gap": 30, "pma-delay": 36 * 24, "first-cos": 60})}
	x.Scenario.Failures[0].SoLRDate = date("2021-11-18")
	_, s := seriesOf(t, x)
	f := s.Regimes[0].Failures[0]
	if want := london("2021-12-23 02:00").Sub(f.Notified).Hours() / 24; f.RevocationHeld.Times != 0 || !f.TransferHeld.near(in(want)) {
		t.Errorf("revocation held from %v, the transfer from %v; want never and from %v", f.RevocationHeld, f.TransferHeld, want)
	}
}

// A migration of 110 days overruns the 90 days of the SRP's support by 20 (R12), under MP185 only, which knows such arrangements.
func TestTimelineOverruns(t *testing.T) {
	x := &Experiment{Scenario: one(100), Replications: 2, Assumptions: with(everyHome, plain, always, map[string]float64{"cos-rate": 200.0 / 97, "first-cos": 14, "horizon": 150})}
	_, s := seriesOf(t, x)
	for _, g := range s.Regimes {
		f := g.Failures[0]
		want := 0.0
		if g.Regime == hold.MP185 {
			want = f.MigrationDays.Days.Mean - 90
		}
		if math.Abs(f.OverrunDays.Mean-want) > 0.3 || f.MigrationDays.Days.Mean <= 100 {
			t.Errorf("under %v the arrangement overran by %v days after a migration of %v, want %v", g.Regime, f.OverrunDays, f.MigrationDays, want)
		}
	}
}

// A SoLR that fails makes the next one late by the days between the SoLR dates.
func TestTimelineOfACascade(t *testing.T) {
	x := &Experiment{Scenario: cascading(20, "2021-09-25", "2021-10-01"), Replications: 2, Assumptions: with(everyHome, plain, always)}
	_, s := seriesOf(t, x)
	for _, g := range s.Regimes {
		if a, b := g.Failures[0], g.Failures[1]; a.Late != (Interval{13, 13, 13}) || b.Late != (Interval{}) || a.SoLR != "Resort" || b.SoLR != "Next" {
			t.Errorf("under %v: the SoLR of the first failure is %s and %v days late, that of the second %s and %v", g.Regime, a.SoLR, a.Late, b.SoLR, b.Late)
		}
	}
}

// Recording changes nothing else, and is the same on any number of workers.
func TestSeriesAreDeterministic(t *testing.T) {
	run := func(series bool, workers int) (*Result, string) {
		x := &Experiment{Scenario: one(200), Replications: 5, Seed: 3, Workers: workers, Series: series, Sensitivity: NoSensitivity, Assumptions: everyHome}
		r, err := x.Run(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		b, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		return r, string(b)
	}
	_, off := run(false, 1)
	_, first := run(true, 1)
	again, second := run(true, 4)
	if first != second {
		t.Errorf("with four workers the result differs: %s", cmp.Diff(first, second))
	}
	again.Series = nil
	b, err := json.Marshal(again)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(b, []byte(off)) {
		t.Errorf("recording changes the rest: %s", cmp.Diff(off, string(b)))
	}
}

// Sums are exact: in any order, and merged in any way, they give the interval that summarise gives.
func TestMoments(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOfN(rapid.Uint64Range(0, 1e12), 1, 50).Draw(t, "values")
		cut := rapid.IntRange(0, len(values)).Draw(t, "cut")
		var whole, left, right moments
		floats := make([]float64, len(values))
		for i, x := range values {
			whole.add(x)
			floats[i] = float64(x)
			if i < cut {
				left.add(x)
			}
		}
		for _, x := range slices.Backward(values[cut:]) {
			right.add(x)
		}
		right.merge(left)
		if whole != right {
			t.Fatalf("one by one %+v, merged %+v", whole, right)
		}
		got, want := whole.interval(1), summarise(floats)
		scale := slices.Max(floats) + 1
		same := func(a, b float64) bool { return math.IsNaN(a) && math.IsNaN(b) || math.Abs(a-b) < 1e-7*scale }
		if !same(got.Mean, want.Mean) || !same(got.Lo, want.Lo) || !same(got.Hi, want.Hi) {
			t.Fatalf("%v, want %v", got, want)
		}
	})
	var m moments
	m.add(absent)
	if x := m.interval(1); x.Known() || m.n != 0 {
		t.Errorf("nothing but a value that is absent gives %v", x)
	}
}

// The most that the sums have room for: the largest values, ten thousand times, and half of them away from the rest.
func TestMomentsHaveRoom(t *testing.T) {
	const n, large = 10_000, 1_000_000_000_000
	var m moments
	for i := range n {
		m.add(large - uint64(i%2)*1000)
	}
	x := m.interval(1)
	half := 500 * math.Sqrt(float64(n)/(n-1)) / math.Sqrt(n) * 1.9602
	if x.Mean != large-500 || math.Abs(x.Hi-x.Mean-half) > 0.01 {
		t.Errorf("%v, want %v and half an interval of %v", x, float64(large-500), half)
	}
}
