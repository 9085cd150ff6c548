package duis_test

import (
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/seed-db8551c1/lastresort/duis"
	"github.com/seed-db8551c1/lastresort/smki"
	"github.com/seed-db8551c1/lastresort/solr"
	"pgregory.net/rapid"
)

// send admits a message of Avro's whose decision found nothing wrong.
func send(c *duis.Counters, w *duis.World, srv duis.SRV, target smki.EUI64, counter uint64, at time.Time) duis.Decision {
	r := duis.Request{ID: duis.RequestID{Originator: avro, Target: target, Counter: counter}, SRV: srv}
	return c.Admit(w, &r, duis.Decision{Outcome: duis.Accepted, Code: duis.I99, Received: at})
}

// TestCountersAgainstModel compares Counters, with room for everything and with room for little, with a model that forgets nothing: whatever the model
// refuses they refuse, and with room for everything nothing else. Windows are days in London, thresholds as the model counts them.
func TestCountersAgainstModel(t *testing.T) {
	f := sample()
	f.thresholds = []duis.Threshold{
		{User: avro, Warning: 4, Quarantine: 6},
		{User: avro, SRV: duis.TopUpDevice, Warning: 1, Quarantine: 3},
		{User: octopus, Warning: 1000, Quarantine: 2000},
	}
	w := f.world(t)
	type pair struct{ originator, target smki.EUI64 }
	type sent struct {
		user smki.EUI64
		srv  duis.SRV
	}
	rapid.Check(t, func(t *rapid.T) {
		pairs := rapid.SampledFrom([]int{0, 1, 2, 3, 5}).Draw(t, "pairs")
		c := duis.Counters{Pairs: pairs}
		last := make(map[pair]uint64)
		floor := make(map[smki.EUI64]uint64) // the largest counter of an originator: nothing above it may be called a replay
		counts := make(map[sent]uint64)
		now := date(10, 30, 12) // the clocks go back on the 31st
		day := solr.DayOf(now)
		for range rapid.IntRange(1, 60).Draw(t, "messages") {
			now = now.Add(time.Duration(rapid.SampledFrom([]int{0, 0, 1, 3, -1}).Draw(t, "hours")) * time.Hour)
			r := duis.Request{
				ID: duis.RequestID{Originator: rapid.SampledFrom([]smki.EUI64{avro, octopus}).Draw(t, "originator"),
					Target: smki.EUI64(rapid.IntRange(1, 5).Draw(t, "target")), Counter: rapid.Uint64Range(0, 40).Draw(t, "counter")},
				SRV: rapid.SampledFrom([]duis.SRV{duis.TopUpDevice, duis.UpdatePaymentMode}).Draw(t, "SRV"),
			}
			p := pair{r.ID.Originator, r.ID.Target}
			if n, ok := last[p]; ok && rapid.Bool().Draw(t, "the next counter") {
				r.ID.Counter = n + 1
			}
			d := duis.Decision{Received: now}
			if rapid.IntRange(0, 4).Draw(t, "forged") == 0 {
				d.Reasons = duis.ReasonsOf(duis.XMLSignForeign)
			}
			known, seen := last[p]
			replay := seen && r.ID.Counter <= known
			got := c.Admit(w, &r, d)
			if replay && !got.Reasons.Has(duis.Replayed) {
				t.Fatalf("%v passed, though the last counter is %d", r.ID, known)
			}
			if high, any := floor[r.ID.Originator]; got.Reasons.Has(duis.Replayed) && !replay && (pairs == 0 || !any || r.ID.Counter > high) {
				t.Fatalf("%v is called a replay, though the last counter is %d, %t", r.ID, known, seen)
			}
			total, own := counts[sent{p.originator, 0}]+1, counts[sent{p.originator, r.SRV}]+1
			newDay := solr.DayOf(now).After(day) // which begins when a message counts in it
			if newDay {
				total, own = 1, 1
			}
			over := p.originator == avro && (total > 6 || r.SRV == duis.TopUpDevice && own > 3)
			warn := p.originator == avro && (total > 4 && total <= 6 || r.SRV == duis.TopUpDevice && own > 1 && own <= 3)
			if got.Reasons.Has(duis.OverThreshold) != over || got.Advice.Has(duis.OverThreshold) != warn {
				t.Fatalf("message %d of the day, %d of %v: %s", total, own, r.SRV, explain(got, w))
			}
			want := duis.Accepted
			switch {
			case d.Reasons != 0 || got.Reasons.Has(duis.Replayed):
				want = duis.Rejected
			case over:
				want = duis.Quarantined
			}
			if got.Outcome != want || (got.Code == 0) != (want == duis.Quarantined) {
				t.Fatalf("%s; want %v", explain(got, w), want)
			}
			if want != duis.Rejected { // also a quarantined message has used its RequestID and counts
				if newDay {
					day = solr.DayOf(now)
					clear(counts)
				}
				last[p] = r.ID.Counter
				floor[p.originator] = max(floor[p.originator], r.ID.Counter)
				counts[sent{p.originator, 0}]++
				counts[sent{p.originator, r.SRV}]++
			}
			for _, s := range []sent{{avro, 0}, {avro, duis.TopUpDevice}, {octopus, 0}, {99, 0}} {
				if n := c.Sent(s.user, 0, s.srv, day.Add(time.Minute)); n != counts[s] {
					t.Fatalf("%v sent %d of %v, want %d", s.user, n, s.srv, counts[s])
				}
			}
		}
	})
}

// The counter of a pair must grow strictly; each direction of each pair counts alone.
func TestReplay(t *testing.T) {
	w := sample().world(t)
	var c duis.Counters
	for _, x := range []struct {
		target  smki.EUI64
		counter uint64
		passes  bool
		because string
	}{
		{esme, 0, true, "the first, even zero"},
		{esme, 0, false, "the same again"},
		{esme, 5, true, "a gap"},
		{esme, 5, false, "the same again"},
		{esme, 4, false, "one that the gap left out"},
		{gsme, 1, true, "another target"},
		{esme, 1<<64 - 1, true, "the largest"},
		{esme, 1<<64 - 1, false, "the largest again"},
		{esme, 0, false, "after the largest nothing follows"},
	} {
		d := send(&c, w, duis.UpdatePaymentMode, x.target, x.counter, now)
		if (d.Outcome == duis.Accepted) != x.passes || !x.passes && (d.Reasons != duis.ReasonsOf(duis.Replayed) || d.Code != duis.E100) {
			t.Errorf("counter %d: %s (%s)", x.counter, explain(d, w), x.because)
		}
	}
}

// A message that is refused, for whatever reason, uses no RequestID and counts in no window: the same message passes when the reason is gone.
func TestRefusedMessagesAdvanceNothing(t *testing.T) {
	f := sample()
	w := f.world(t)
	var c duis.Counters
	for _, r := range duis.ReasonList()[:duis.OverThreshold] {
		req := topUp().on(w)
		got := c.Admit(w, req, duis.Decision{Reasons: duis.ReasonsOf(r), Received: now})
		if got.Outcome == duis.Accepted || got.Outcome == duis.Quarantined || c.Sent(avro, 0, 0, now) != 0 {
			t.Fatalf("%v: %s, %d sent", r, explain(got, w), c.Sent(avro, 0, 0, now))
		}
	}
	g := f.clone()
	g.thresholds = []duis.Threshold{{User: avro, SRV: duis.UpdatePaymentMode, Warning: 1, Quarantine: 2}, {User: octopus, Warning: 1, Quarantine: 2}}
	without := g.world(t)
	if got := c.Admit(without, topUp().on(without), duis.Decide(without, topUp().on(without), now)); got.Reasons != duis.ReasonsOf(duis.ThresholdMissing) || got.Code != duis.E3 {
		t.Errorf("no threshold for the variant: %s", explain(got, w))
	}
	if got := c.Admit(w, topUp().on(w), duis.Decide(w, topUp().on(w), now)); got.Outcome != duis.Accepted || c.Sent(avro, 0, duis.TopUpDevice, now) != 1 {
		t.Errorf("the message itself: %s", explain(got, w))
	}
}

// A warning lets the message pass; quarantine holds it back, without a code, and both count.
func TestWarningAndQuarantine(t *testing.T) {
	f := sample()
	f.thresholds = []duis.Threshold{{User: avro, Warning: 1, Quarantine: 2}}
	w := f.world(t)
	var c duis.Counters
	for i, want := range []struct {
		outcome duis.Outcome
		code    duis.Code
		reasons duis.Reasons
		advice  duis.Reasons
	}{
		{duis.Accepted, duis.I99, 0, 0},
		{duis.Accepted, duis.I99, 0, duis.ReasonsOf(duis.OverThreshold)},
		{duis.Quarantined, 0, duis.ReasonsOf(duis.OverThreshold), 0},
		{duis.Quarantined, 0, duis.ReasonsOf(duis.OverThreshold), 0},
	} {
		d := send(&c, w, duis.TopUpDevice, esme, uint64(i), now)
		if d.Outcome != want.outcome || d.Code != want.code || d.Reasons != want.reasons || d.Advice != want.advice || c.Sent(avro, 0, 0, now) != uint64(i+1) {
			t.Errorf("message %d: %s", i+1, explain(d, w))
		}
	}
	if d := send(&c, w, duis.TopUpDevice, esme, 3, now); d.Outcome != duis.Rejected || d.Reasons != duis.ReasonsOf(duis.Replayed, duis.OverThreshold) || d.Code != duis.E100 || c.Sent(avro, 0, 0, now) != 4 {
		t.Errorf("a quarantined message again: %s, want it refused as a replay", explain(d, w))
	}
}

// Windows are calendar days in London: of 23, 24 or 25 hours.
func TestWindows(t *testing.T) {
	w := sample().world(t)
	for _, x := range []struct {
		name     string
		from, to time.Time
	}{
		{"summer", date(6, 14, 23), date(6, 15, 23)},
		{"the clocks go back", date(10, 30, 23), date(11, 1, 0)},
		{"winter", date(12, 1, 0), date(12, 2, 0)},
		{"the clocks go forward", date(3, 28, 0), date(3, 28, 23)},
	} {
		var c duis.Counters
		counter := uint64(0)
		one := func(at time.Time) {
			t.Helper()
			counter++
			if d := send(&c, w, duis.TopUpDevice, esme, counter, at); d.Outcome != duis.Accepted {
				t.Fatalf("%s: %s", x.name, explain(d, w))
			}
		}
		one(x.from.Add(-1))
		one(x.from)
		one(x.to.Add(-1))
		if n := c.Sent(avro, 0, 0, x.from); n != 2 {
			t.Errorf("%s: %d in the window from %v to %v, want 2", x.name, n, x.from, x.to)
		}
		if n := c.Sent(avro, 0, 0, x.from.Add(-1)) + c.Sent(avro, 0, 0, x.to); n != 0 {
			t.Errorf("%s: %d outside the window", x.name, n)
		}
		one(x.from.Add(-time.Minute)) // a clock that goes back opens no window a second time
		if n := c.Sent(avro, 0, 0, x.from); n != 3 {
			t.Errorf("%s: %d after time went back, want 3", x.name, n)
		}
		one(x.to)
		if n := c.Sent(avro, 0, duis.TopUpDevice, x.to); n != 1 {
			t.Errorf("%s: %d in the next window, want 1", x.name, n)
		}
	}
	c := duis.Counters{Window: time.Hour}
	send(&c, w, duis.TopUpDevice, esme, 1, date(6, 1, 12))
	send(&c, w, duis.TopUpDevice, esme, 2, date(6, 1, 13).Add(-1))
	if n := c.Sent(avro, 0, 0, date(6, 1, 12)); n != 2 {
		t.Errorf("%d in the hour, want 2", n)
	}
	send(&c, w, duis.TopUpDevice, esme, 3, date(6, 1, 13))
	if n := c.Sent(avro, 0, 0, date(6, 1, 13)); n != 1 {
		t.Errorf("%d in the next hour, want 1", n)
	}
}

// The zero Counters has sent nothing.
func TestZeroCounters(t *testing.T) {
	var c duis.Counters
	if n := c.Sent(avro, 0, 0, now); n != 0 {
		t.Errorf("%d sent", n)
	}
}

// A User whose counters grow over all its targets notices nothing of what is forgotten, and memory stays bounded.
func TestForgettingIsBoundedAndUnnoticed(t *testing.T) {
	f := sample()
	f.thresholds[0].Warning, f.thresholds[0].Quarantine = 1<<40, 1<<41
	w := f.world(t)
	c := duis.Counters{Pairs: 1000}
	const messages = 300_000
	used := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := used()
	for i := range uint64(messages) {
		if d := send(&c, w, duis.TopUpDevice, smki.EUI64(i%70_000)+1, i, now); d.Outcome != duis.Accepted {
			t.Fatalf("message %d: %s", i, explain(d, w))
		}
	}
	if after := used(); after > before+1<<20 {
		t.Errorf("%d bytes for 1000 pairs", after-before)
	}
	for _, i := range []uint64{0, 1, 1000, 70_000, messages - 2000, messages - 1001, messages - 1} {
		if d := send(&c, w, duis.TopUpDevice, smki.EUI64(i%70_000)+1, i, now); !slices.Contains(d.Reasons.All(), duis.Replayed) {
			t.Errorf("message %d passes a second time", i)
		}
	}
	runtime.KeepAlive(&c)
}

// Of two thresholds for the same requests the later one counts, as Threshold.Replaces has it.
func TestThresholdReplaced(t *testing.T) {
	f := sample()
	f.thresholds = []duis.Threshold{{User: avro, Quarantine: 0}, {User: avro, SRV: duis.TopUpDevice, Quarantine: 5}, {User: avro, Warning: 2, Quarantine: 2}}
	w := f.world(t)
	var c duis.Counters
	r := topUp().on(w)
	if d := c.Admit(w, r, duis.Decide(w, r, now)); d.Outcome != duis.Accepted {
		t.Error(explain(d, w))
	}
}
