package hold

import (
	"errors"
	"fmt"
	"slices"

	"github.com/seed-db8551c1/lastresort/smki"
	"github.com/seed-db8551c1/lastresort/solr"
)

// ExplainBreach says why an act of the DCC was a breach, or how it crossed a delay: b is one of [Register.Breaches] or [Register.Crossings]. It answers from what was known
// when the act was reported, whatever came after.
//
// The error is an [*ExplainError] if the register has no such breach or crossing, and a [*ReplayError] if it does not hold all events.
func (r *Register) ExplainBreach(b Breach) (Explanation, error) {
	if !slices.Contains(r.acts, b) {
		return Explanation{}, &ExplainError{"a breach or crossing that the register has"}
	}
	past, err := r.AsOf(b.Seq - 1)
	if err != nil {
		return Explanation{}, err
	}
	t, err := past.explain(b.At)
	if err != nil {
		return Explanation{}, err
	}
	t.f = past.failure(b.Failure)
	x := Item{b.Certificate, b.MPID}
	to := smki.PartyID("")
	if b.Action == TransferMPID {
		to = r.log[b.Seq-1].Party
	}
	t.x.Seq, t.x.Rules = b.Seq, b.Rules
	t.x.Answer = onDay(b.At) + "the DCC " + did(b.Action, x, b.User, to)
	if b.Rules != 0 {
		t.x.Answer += ", which it must not have done"
	} else {
		t.x.Answer += ", which crossed a delay that the PMA had given"
	}
	t.opening()
	t.blocked(b.Action, x, to, b.Rules)
	if b.Crossed {
		for _, d := range t.f.delays {
			if i := d.item(x); i != nil && !t.x.At.Before(d.directed) && !d.heldBy(t.x.At) {
				rule := solr.RuleSetOf(solr.R6)
				if x.Certificate != "" {
					rule = solr.RuleSetOf(solr.R3)
				}
				t.event(d.seq, rule, "the PMA delayed the %s of %v", control(x), x)
				t.note(rule, "that delay had not reached the DCC when it acted, which alone is no breach")
			}
		}
	}
	return t.x, nil
}

// ExplainRefusal says why an event is refused, as of the latest event of the register: that of [Register.AsOf] the position before it was refused says why it was.
//
// The error is an [*ExplainError] if the event is not refused, and a [*ReplayError] if the register does not hold all events.
func (r *Register) ExplainRefusal(e Event) (Explanation, error) {
	t, err := r.explain(e.At)
	if err != nil {
		return Explanation{}, err
	}
	a, err := r.Clone().Apply(e)
	var rule *RuleError
	var event *EventError
	switch {
	case errors.As(err, &rule):
		t.x.Rules = 1 << rule.Rule
		t.x.Answer = fmt.Sprintf("%s%q is refused, since it needs %s", onDay(e.At), e.Kind, rule.Why)
		t.refusal(&e, rule.Rule)
		return t.x, nil
	case errors.As(err, &event):
		t.x.Answer = fmt.Sprintf("%s%q is not taken, since it needs %s", onDay(e.At), e.Kind, event.Expected)
		return t.x, nil
	case a.Repeat:
		return Explanation{}, &ExplainError{"an event that is refused, not one that was applied before"}
	}
	return Explanation{}, &ExplainError{"an event that is refused"}
}

// refusal tells what was there, or was missing, when a rule refused a direction or request.
func (t *tale) refusal(e *Event, rule solr.Rule) {
	if e.Kind.Direction() && e.Request != "" {
		if s := t.r.support(e.Request); s != nil {
			t.f = t.r.failure(s.failure)
		}
	}
	if f := t.r.failure(e.Failure); f != nil {
		t.f = f
	}
	if regime := t.r.Settings.Regime.at(e.At); regime < e.Kind.since(e) {
		t.note(1<<rule, "the rules in force then are those of %s", map[Regime]string{Baseline: "the Baseline, before MP134A", MP134A: "MP134A"}[regime])
		return
	}
	if t.f == nil {
		return
	}
	t.opening()
	if t.f.Phase == solr.Closed {
		t.tell(Step{At: t.f.Closed, Rules: 1 << solr.R11, Text: fmt.Sprintf("the failure closed on %s, since nothing is left in its name", spoken(t.f.Closed))})
		return
	}
	switch rule {
	case solr.R8, solr.R11:
		for _, id := range e.MPIDs {
			if m := t.f.mpid(id); m != nil && !t.r.confirmedFor(t.f, m, e.At) {
				t.lacking(m)
			}
		}
		if len(e.Certificates) > 0 {
			t.unconfirmed(Item{Certificate: e.Certificates[0]})
		}
		if e.Kind == Confirmed {
			t.confirming(e)
		}
	case solr.R9:
		if e.Request != "" {
			t.request(e.Request)
		}
	case solr.R10:
		t.licence(1 << solr.R10)
		for _, m := range t.f.mpids {
			if d := m.appointed(e.At); d != nil {
				t.direction(m, d, 1<<solr.R10)
			}
		}
	case solr.R14:
		t.exit()
	case solr.R15:
		who := e.Party
		if e.By != "" && e.Kind.Actor() == SoLR {
			who = e.By
		}
		if s := t.r.support(e.Request); s != nil {
			who = s.solr
		}
		t.event(t.fails(who), 1<<solr.R15, "%s failed itself", who)
		for _, id := range e.MPIDs {
			if f := t.r.failureOfMPID(id, e.At, t.r.next()); f != nil && f != t.f {
				t.event(t.r.firstOf(FailureNotified, f.ID), 1<<solr.R15, "the failure of %s was notified, which %v is in now", f.Supplier, Item{MPID: id})
			}
		}
	}
}

// since is the regime from which on a direction can be given.
func (k Kind) since(e *Event) Regime {
	switch k {
	case DelayDirected, ReleaseInstructed:
		if e.Controls&Transfer != 0 || k == ReleaseInstructed && len(e.MPIDs) > 0 {
			return MP185
		}
		return MP134A
	case SafeModeInstructed:
		return MP134A
	case ActionInstructed, ArrangementExtended, TransferAgreed, SupportRequested, ThresholdsInstructed:
		return MP185
	}
	return Baseline
}

// confirming tells why a party cannot confirm, or not this.
func (t *tale) confirming(e *Event) {
	for _, m := range t.f.mpids {
		if s := m.solr(e.At); s != "" && s != e.By {
			t.note(1<<solr.R8, "the SoLR of %v is %s", Item{MPID: m.id}, s)
		}
	}
	if e.Confirmation == SRPSupport {
		for _, srp := range t.r.engaged[t.f.Supplier] {
			if _, stated := t.f.positions[srp]; !stated {
				t.event(t.first(func(o *Event) bool { return o.Kind == SRPEngaged && o.By == srp && o.Party == t.f.Supplier }), 0, "%s was known to send on behalf of %s", srp, t.f.Supplier)
			}
		}
	}
}
