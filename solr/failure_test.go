package solr_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/seed-db8551c1/lastresort/solr"
	"pgregory.net/rapid"
)

func at(hour int) time.Time { return time.Date(2021, 9, 22, hour, 0, 0, 0, time.UTC) }

// Every pair of phase and event is either listed or refused by a PhaseError that changes nothing.
func TestEveryPhaseAndEvent(t *testing.T) {
	for _, p := range solr.Phases() {
		for _, e := range solr.Events() {
			f := solr.Failure{ID: "avro-2021", Supplier: "Avro", Phase: p, Notified: at(1), Revoked: at(2)}
			if p == solr.Closed {
				f.Closed = at(3)
			}
			before := f
			next, err := f.Apply(e, at(9))
			if f != before {
				t.Fatalf("%v on %v: Apply changed its receiver to %+v", p, e, f)
			}
			to, listed := p.Next(e)
			if listed {
				if err != nil || next.Phase != to {
					t.Errorf("%v on %v: %v, %v; want %v", p, e, next.Phase, err, to)
				}
				continue
			}
			var refused *solr.PhaseError
			if !errors.As(err, &refused) || *refused != (solr.PhaseError{Failure: "avro-2021", Phase: p, Event: e}) {
				t.Errorf("%v on %v: error %v, want a PhaseError", p, e, err)
				continue
			}
			if next != before {
				t.Errorf("%v on %v: refused, but the failure is now %+v", p, e, next)
			}
			if text := err.Error(); !strings.HasPrefix(text, "solr: failure avro-2021 ") || !strings.Contains(text, e.String()) || !strings.Contains(text, p.String()) {
				t.Errorf("%v on %v: message %q", p, e, text)
			}
		}
	}
}

// replay is the slow specification of Apply: the phase that a list of accepted events leads to, worked out from the rows each time anew.
func replay(events []solr.Event) solr.Phase {
	var p solr.Phase
	revoked := false
	for _, e := range events {
		for _, r := range solr.Transitions() {
			if r.From == p && r.On == e {
				p = r.To
				break
			}
		}
		revoked = revoked || e == solr.Revoke
		switch { // no phase may claim a revocation that did not happen
		case p == solr.Revoked && !revoked:
			p = solr.Ceased
		case p == solr.Exited && !revoked:
			p = solr.Closed
		}
	}
	return p
}

// TestFailureApply: dates are set once and never without their event; closed stays closed; the phase is what a replay of the events gives.
func TestFailureApply(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var f solr.Failure
		var accepted []solr.Event
		first := make(map[solr.Event]time.Time)
		var closed time.Time
		for i, e := range rapid.SliceOfN(rapid.SampledFrom(solr.Events()), 1, 20).Draw(t, "events") {
			now := at(0).Add(time.Duration(rapid.IntRange(-5, 100).Draw(t, "hours")) * time.Hour)
			next, err := f.Apply(e, now)
			if err != nil {
				if next != f {
					t.Fatalf("step %d: %v was refused and changed %+v to %+v", i, e, f, next)
				}
				continue
			}
			if f.Phase == solr.Closed {
				t.Fatalf("step %d: a closed failure accepted %v", i, e)
			}
			accepted = append(accepted, e)
			if _, ok := first[e]; !ok {
				first[e] = now
			}
			if next.Phase == solr.Closed {
				closed = now
			}
			notified, known := first[solr.Notify]
			if !known {
				notified = first[solr.Revoke] // revocation doubles as the notice
			}
			if !next.Notified.Equal(notified) || !next.Revoked.Equal(first[solr.Revoke]) || !next.Closed.Equal(closed) {
				t.Fatalf("step %d: after %v the dates are %+v; want notified %v, revoked %v, closed %v", i, accepted, next, notified, first[solr.Revoke], closed)
			}
			if want := replay(accepted); next.Phase != want {
				t.Fatalf("step %d: phase %v after %v, want %v", i, next.Phase, accepted, want)
			}
			if (next.Phase == solr.Revoked || next.Phase == solr.RevokedAnnounced || next.Phase == solr.Exited) && next.Revoked.IsZero() {
				t.Fatalf("step %d: phase %v, but the licence was never revoked", i, next.Phase)
			}
			f = next
		}
	})
}

// The scripts that the rules speak of.
func TestFailureScripts(t *testing.T) {
	for _, c := range []struct {
		events  []solr.Event
		want    solr.Phase
		because string
	}{
		{[]solr.Event{solr.Notify, solr.Announce, solr.Revoke, solr.Appoint, solr.Migrate, solr.Close}, solr.Closed, "announced first, as in most failures of 2021"},
		{[]solr.Event{solr.Notify, solr.Revoke, solr.Announce, solr.Appoint}, solr.Appointed, "revoked first: either order"},
		{[]solr.Event{solr.Revoke}, solr.Revoked, "revocation doubles as the notice"},
		{[]solr.Event{solr.Notify, solr.Exit}, solr.Closed, "R14: an exit before revocation closes the failure"},
		{[]solr.Event{solr.Notify, solr.Revoke, solr.Exit}, solr.Exited, "R14: an exit after revocation waits for the PMA"},
		{[]solr.Event{solr.Notify, solr.Revoke, solr.Exit, solr.Close}, solr.Closed, "R14: and closes when it has released what is held"},
		{[]solr.Event{solr.Notify, solr.Appoint, solr.Exit}, solr.Closed, "an appointment before the revocation claims none"},
		{[]solr.Event{solr.Notify, solr.Appoint, solr.LoseSoLR}, solr.Ceased, "nor does the loss of that SoLR"},
		{[]solr.Event{solr.Notify, solr.Appoint, solr.LoseSoLR, solr.Revoke}, solr.Revoked, "so that the revocation can still come"},
		{[]solr.Event{solr.Notify, solr.Appoint, solr.Revoke, solr.LoseSoLR, solr.Appoint}, solr.Appointed, "R15: a SoLR that fails is followed by another"},
		{[]solr.Event{solr.Notify, solr.Revoke, solr.Appoint, solr.Migrate, solr.Appoint}, solr.Migrating, "R15: appointments may differ by MPID"},
	} {
		f := solr.Failure{ID: "x"}
		for i, e := range c.events {
			var err error
			if f, err = f.Apply(e, at(i)); err != nil {
				t.Fatalf("%v: %v (%s)", c.events, err, c.because)
			}
		}
		if f.Phase != c.want {
			t.Errorf("%v leads to %v, want %v (%s)", c.events, f.Phase, c.want, c.because)
		}
	}
}

func TestExitKindText(t *testing.T) {
	for _, x := range []solr.ExitKind{0, solr.TradeSale, solr.SpecialAdministration} {
		text, err := x.MarshalText()
		back := solr.ExitKind(7)
		if err != nil || back.UnmarshalText(text) != nil || back != x {
			t.Errorf("%v is written %q and read as %v", x, text, back)
		}
	}
	kept := solr.TradeSale
	for _, text := range []string{"sale", "Trade sale", "ExitKind(3)"} {
		if kept.UnmarshalText([]byte(text)) == nil || kept != solr.TradeSale {
			t.Errorf("%q is read as %v", text, kept)
		}
	}
}

// Every rule has a number that reads back, a summary and a source.
func TestRules(t *testing.T) {
	if n := len(solr.Rules()); n != 18 {
		t.Fatalf("%d rules, want 18", n)
	}
	for i, r := range solr.Rules() {
		text, _ := r.MarshalText()
		var back solr.Rule
		if int(r) != i+1 || back.UnmarshalText(text) != nil || back != r || r.Summary() == "" || r.Source() == "" {
			t.Errorf("rule %d is %v, reads back as %v: %q, %q", i+1, r, back, r.Summary(), r.Source())
		}
	}
	for _, text := range []string{"", "R", "R0", "R19", "r8", "R08", "R+8", "R-8", "8", "R8 ", "R18446744073709551624"} {
		kept := solr.R3
		if kept.UnmarshalText([]byte(text)) == nil || kept != solr.R3 {
			t.Errorf("%q is read as %v", text, kept)
		}
	}
	if none := solr.Rule(0); none.Summary() != "" || solr.Rule(19).Source() != "" {
		t.Error("no rule has a summary or a source")
	}
}
