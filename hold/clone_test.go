package hold_test

import (
	"testing"
	"time"

	"github.com/seed-db8551c1/lastresort/hold"
	"github.com/seed-db8551c1/lastresort/hold/holdtest"
	"github.com/seed-db8551c1/lastresort/smki"
	"github.com/seed-db8551c1/lastresort/solr"
	"pgregory.net/rapid"
)

// twoFailures is a register of two open failures of two MPIDs and one certificate each, half way through.
func twoFailures(tb testing.TB) (*hold.Register, time.Time) {
	tb.Helper()
	at := time.Date(2021, time.December, 1, 12, 0, 0, 0, time.UTC)
	r := new(hold.Register)
	apply := func(e hold.Event) {
		e.At = at
		if _, err := r.Apply(e); err != nil {
			tb.Fatal(err)
		}
	}
	for _, s := range []smki.PartyID{"Alder", "Beech"} {
		mpids := []smki.MPID{smki.MPID(s[:1] + "EL1"), smki.MPID(s[:1] + "GA1")}
		apply(hold.Event{Kind: hold.MPIDAllocated, MPIDs: mpids, Party: s})
		apply(hold.Event{Kind: hold.CertificateIssued, Certificate: &smki.Certificate{ID: smki.CertificateID(s), Use: smki.XMLSign, Subscriber: s}})
		apply(hold.Event{Kind: hold.LicenceRevoked, Failure: solr.FailureID(s), Party: s})
		apply(hold.Event{Kind: hold.DelayDirected, Failure: solr.FailureID(s), Controls: hold.Revocation | hold.Transfer})
		apply(hold.Event{Kind: hold.DelayReceived, Failure: solr.FailureID(s)})
		for _, m := range mpids {
			apply(hold.Event{Kind: hold.SoLRAppointed, Failure: solr.FailureID(s), Party: octopus, MPIDs: []smki.MPID{m}, Date: at})
		}
		for _, c := range hold.Confirmations() {
			apply(hold.Event{Kind: hold.Confirmed, Failure: solr.FailureID(s), By: octopus, Confirmation: c})
		}
	}
	return r, at
}

// Whatever a register held before, Set makes it a clone of another: after events on either, each is what its own events make of an empty one.
func TestClonesInOldMemoryShareNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		start := holdtest.Starts().Draw(t, "start")
		settings := holdtest.Settings().Draw(t, "settings")
		h := holdtest.NewHistory(holdtest.Worlds(start).Draw(t, "world"), settings, start)
		steps := func(n int, what string) {
			for range rapid.IntRange(0, n).Draw(t, what) {
				for _, e := range h.Step().Draw(t, "events") {
					_, _ = h.Apply(e)
				}
			}
		}
		own := func(r *hold.Register, what string) {
			replayed := &hold.Register{Settings: settings}
			for _, e := range r.Events() {
				_, _ = replayed.Apply(e)
			}
			if diff := stateDiff(replayed, r); diff != "" {
				t.Fatalf("%s is not what its events make of an empty register (-replayed +%[1]s):\n%s", what, diff)
			}
		}
		old := new(hold.Register)
		for range 3 {
			steps(15, "steps before")
			x := h.Register
			old.Set(x)
			own(old, "the clone")
			h.Register = old
			steps(3, "steps of the clone")
			own(x, "the original")
			h.Register = x
			steps(3, "steps of the original")
			own(old, "the clone")
		}
	})
}

// A list with room at its end grows in the original and in the clone, each in its own memory.
func TestCloneAndOriginalGrowApart(t *testing.T) {
	x, at := twoFailures(t)
	instruct := func(r *hold.Register, id smki.CertificateID) {
		applyAll(t, r, hold.Event{At: at, Kind: hold.ActionInstructed, Failure: "Alder", Action: hold.PublishCRL, Certificates: []smki.CertificateID{id}})
	}
	for range 3 { // one element of four is free then
		instruct(x, "Alder")
	}
	c := x.Clone()
	instruct(c, "Beech")
	instruct(x, "Cedar")
	ownEvents(t, c)
}

// A late report about the time before an MPID came back changes that in the original, and not in the clone.
func TestCloneKeepsEarlierStints(t *testing.T) {
	x, at := twoFailures(t)
	move := func(to smki.PartyID, hours time.Duration) {
		applyAll(t, x, hold.Event{At: at.Add(hours * time.Hour), Kind: hold.MPIDTransferred, Party: to, MPIDs: []smki.MPID{"AEL1"}})
	}
	move(octopus, 2)
	move("Alder", 3)
	c := x.Clone()
	move(edf, 1)
	ownEvents(t, c)
	ownEvents(t, x)
}

// ownEvents checks that a register is what its events make of an empty one.
func ownEvents(t *testing.T, r *hold.Register) {
	t.Helper()
	replayed := new(hold.Register)
	for _, e := range r.Events() {
		applyAll(t, replayed, e)
	}
	if diff := stateDiff(replayed, r); diff != "" {
		t.Errorf("the register is not what its events make of an empty one (-replayed +register):\n%s", diff)
	}
}

// One operation is a copy of a register of two failures in the memory of the last, and an event on the copy, as an exhaustive search makes them.
func BenchmarkSetOf2Failures(b *testing.B) {
	r, at := twoFailures(b)
	e := hold.Event{Kind: hold.TransferAgreed, At: at, Failure: "Alder", Agreeing: hold.DCCAgrees, MPIDs: []smki.MPID{"AEL1"}}
	var c hold.Register
	b.ReportAllocs()
	for b.Loop() {
		c.Set(r)
		if _, err := c.Apply(e); err != nil {
			b.Fatal(err)
		}
	}
}

// One operation is the same with a copy in new memory.
func BenchmarkCloneOf2Failures(b *testing.B) {
	r, at := twoFailures(b)
	e := hold.Event{Kind: hold.TransferAgreed, At: at, Failure: "Alder", Agreeing: hold.DCCAgrees, MPIDs: []smki.MPID{"AEL1"}}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := r.Clone().Apply(e); err != nil {
			b.Fatal(err)
		}
	}
}
