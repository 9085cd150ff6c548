package hold

import (
	"fmt"
	"time"

	"github.com/seed-db8551c1/lastresort/duis"
	"github.com/seed-db8551c1/lastresort/smki"
	"github.com/seed-db8551c1/lastresort/solr"
)

// ExplainDuty says why the DCC must, may or must not do what a duty is about at a time: d is one of [Register.Duties] at that time, or names its failure, action and item. Each rule
// of the duty is cited by a step at least.
//
// The error is an [*ExplainError] if there is no such duty then, and a [*ReplayError] if the register does not hold all events.
func (r *Register) ExplainDuty(d Duty, at time.Time) (Explanation, error) {
	t, err := r.explain(at)
	if err != nil {
		return Explanation{}, err
	}
	for _, x := range r.Duties(at) {
		if x.Failure == d.Failure && x.Action == d.Action && x.MPID == d.MPID && x.Certificate == d.Certificate && x.User == d.User && sameThreshold(x.Threshold, d.Threshold) && (d.Modality == 0 || d.Modality == x.Modality) {
			t.duty(x)
			return t.x, nil
		}
	}
	return Explanation{}, &ExplainError{fmt.Sprintf("a duty to %s of failure %s on %s", doing(d.Action, Item{d.Certificate, d.MPID}, d.User, ""), d.Failure, spoken(at))}
}

func sameThreshold(a, b *duis.Threshold) bool {
	return a == b || a != nil && b != nil && *a == *b
}

func (t *tale) duty(d Duty) {
	t.f = t.r.failure(d.Failure)
	x := Item{d.Certificate, d.MPID}
	what := doing(d.Action, x, d.User, d.To)
	if d.Threshold != nil {
		what = fmt.Sprintf("apply the anomaly detection threshold of %s", threshold(*d.Threshold))
	}
	t.x.Rules = d.Rules
	t.x.Answer = fmt.Sprintf("%sthe DCC %v %s", onDay(t.x.At), d.Modality, what)
	if !d.Due.IsZero() {
		t.x.Answer += ", by the end of " + inLondon(d.Due.Add(-1), "2 January 2006")
		if !t.x.At.Before(d.Due) {
			t.x.Answer += ", and is late"
		}
	}
	switch {
	case d.Modality == MustNot:
		t.opening()
		t.blocked(d.Action, x, d.To, d.Rules)
	case d.Action == TransferMPID:
		t.opening()
		t.transferDue(t.f.mpidAt(d.MPID, t.x.At))
	case d.Action == RevokeCertificate:
		t.opening()
		t.revocationDue(x)
	case d.Threshold != nil:
		t.opening()
		t.instructed(*d.Threshold)
	default:
		t.allowed(d.Action, x, d.User)
	}
}

func threshold(l duis.Threshold) string {
	if l.SRV == 0 {
		return fmt.Sprintf("%d messages for User %v", l.Quarantine, l.User)
	}
	return fmt.Sprintf("%d messages of %s for User %v", l.Quarantine, l.SRV.Reference(), l.User)
}

// opening tells how the failure began.
func (t *tale) opening() {
	seq := t.first(func(e *Event) bool {
		return (e.Kind == FailureNotified || e.Kind == LicenceRevoked) && e.Failure == t.f.ID
	})
	if seq == 0 {
		return
	}
	if t.r.log[seq-1].Kind == FailureNotified {
		t.event(seq, 0, "the failure of %s was notified", t.f.Supplier)
	} else {
		t.event(seq, 1<<solr.R1, "the licence of %s was revoked", t.f.Supplier)
	}
}

// licence tells when the supplier's licence was revoked, and reports whether it was.
func (t *tale) licence(rules solr.RuleSet) bool {
	seq := t.first(func(e *Event) bool { return e.Kind == LicenceRevoked && e.Failure == t.f.ID })
	t.event(seq, rules, "the licence of %s was revoked", t.f.Supplier)
	return seq != 0
}

// blocked tells, rule by rule, what forbids an act.
func (t *tale) blocked(a Action, x Item, to smki.PartyID, rules solr.RuleSet) {
	for _, rule := range rules.All() {
		switch rule {
		case solr.R1:
			if seq := t.r.firstOf(LicenceRevoked, t.f.ID); seq == 0 {
				t.note(1<<solr.R1, "the licence of %s has not been revoked", t.f.Supplier)
			} else {
				t.tell(Step{Seq: seq, At: t.f.Revoked, Rules: 1 << solr.R1, Text: fmt.Sprintf("the licence of %s was revoked, which was only then", t.f.Supplier)})
			}
		case solr.R2:
			t.note(1<<solr.R2, "it is no Supplier Certificate, as certificates for that use are not")
		case solr.R3, solr.R6:
			t.held(x, rule)
		case solr.R4:
			t.undirected(x, to)
		case solr.R7:
			t.frozen(a, x)
		case solr.R8:
			t.unconfirmed(x)
		case solr.R9:
			t.licence(1 << solr.R9)
			t.note(1<<solr.R9, "since then thresholds need an instruction of the PMA, and its latest one is not for these")
		case solr.R11:
			t.unagreed(t.f.mpidAt(x.MPID, t.x.At), to)
		case solr.R14:
			t.exit()
			t.note(1<<solr.R14, "the PMA has not released it with a reason since")
		case solr.R16:
			t.gone(x)
		}
	}
}

// firstOf is the position of the first event of a kind of a failure; 0 for none.
func (r *Register) firstOf(k Kind, f solr.FailureID) uint64 {
	for i := range r.log {
		if r.log[i].Kind == k && r.log[i].Failure == f {
			return uint64(i + 1)
		}
	}
	return 0
}

// held tells which delays hold an item (R3, R6), and which earlier release they took back.
func (t *tale) held(x Item, rule solr.Rule) {
	for _, d := range t.f.delays {
		i := d.item(x)
		if i == nil || !d.heldBy(t.x.At) || !i.released.IsZero() && !t.x.At.Before(i.released) {
			continue
		}
		for _, n := range t.f.named {
			if n.item == x && n.seq < d.seq && (n.action == TransferMPID || n.action == RevokeCertificate) {
				t.event(n.seq, 1<<rule, "the PMA released %v, but not for good", x)
			}
		}
		t.event(d.seq, 1<<rule, "the PMA delayed the %s of %v", control(x), x)
		t.event(t.receipt(d), 1<<rule, "the DCC received that delay, and the PMA has not released %v since", x)
	}
}

// control is what of an item can be delayed.
func control(x Item) Controls {
	if x.MPID != "" {
		return Transfer
	}
	return Revocation
}

// receipt is the position of the DCC's receipt of a delay.
func (t *tale) receipt(d *delay) uint64 {
	return t.first(func(e *Event) bool {
		return e.Kind == DelayReceived && e.Failure == t.f.ID && (e.Ref == "" && !d.directed.After(e.At) || e.Ref != "" && e.Ref == d.id)
	})
}

// frozen tells which delay keeps the DCC from acting on the failure (R7).
func (t *tale) frozen(a Action, x Item) {
	d := t.r.Settings.frozen(t.f, a, t.x.At)
	if d == nil {
		return
	}
	t.also(d.seq, 1<<solr.R7, "the PMA gave a delay that freezes the failure")
	t.also(t.receipt(d), 1<<solr.R7, "the DCC received that delay")
	t.note(1<<solr.R7, "since then no instruction of the PMA that still stands lets the DCC %s", doing(a, x, 0, ""))
}

// undirected tells why no direction to transfer an MPID to a party is in force (R4).
func (t *tale) undirected(x Item, to smki.PartyID) {
	m := t.f.mpidAt(x.MPID, t.x.At)
	if m == nil {
		t.note(1<<solr.R4, "nothing directs the transfer of %v", x)
		return
	}
	if d := m.inForce(t.x.At); d != nil {
		t.direction(m, d, 1<<solr.R4)
		if d.to != to {
			t.note(1<<solr.R4, "nothing directs it to %s", to)
		}
		return
	}
	if d := m.last(t.x.At); d != nil {
		t.direction(m, d, 1<<solr.R4)
		t.void(d)
		return
	}
	for _, d := range m.directions {
		if t.x.At.Before(d.from) && !t.x.At.Before(d.given) {
			t.direction(m, d, 1<<solr.R4)
			if d.void.IsZero() || t.x.At.Before(d.void) {
				t.tell(Step{At: d.from, Rules: 1 << solr.R4, Text: "that day has not come"})
			} else {
				t.void(d)
			}
			return
		}
	}
	if named := m.named(t.x.At).solr; named != "" {
		seq := t.last(func(e *Event) bool {
			return e.Kind == SoLRAnnounced && e.Failure == t.f.ID && e.names(x) && e.Party == named
		})
		t.event(seq, 1<<solr.R4, "Ofgem named %s as the coming SoLR of %v, which directs nothing", named, x)
	}
	t.note(1<<solr.R4, "Ofgem has directed no transfer of it")
}

// direction tells who directed an MPID where.
func (t *tale) direction(m *mpidItem, d *direction, rules solr.RuleSet) {
	x := Item{MPID: m.id}
	kind, says := TransferDirected, fmt.Sprintf("Ofgem directed the transfer of %v to %s", x, d.to)
	switch {
	case d.exited:
		kind, says = ExitReleased, fmt.Sprintf("the PMA named %s as the holder of %v after the exit", d.to, x)
		rules |= 1 << solr.R14
	case d.back:
		says = fmt.Sprintf("Ofgem directed that %v comes back to %s", x, d.to)
		rules |= 1 << solr.R16
	case !d.date.IsZero():
		kind, says = SoLRAppointed, fmt.Sprintf("Ofgem appointed %s SoLR of %v", d.to, x)
		if d.from.After(d.given) {
			says += ", from " + spoken(d.from)
		}
	}
	t.event(t.first(func(e *Event) bool {
		return e.Kind == kind && e.Failure == t.f.ID && e.Party == d.to && e.names(x) && e.At.Equal(d.given)
	}), rules, "%s", says)
}

// void tells what took the force of a direction.
func (t *tale) void(d *direction) {
	if t.f.exited.Equal(d.void) {
		t.exit()
		return
	}
	if seq := t.fails(d.to); seq != 0 {
		t.event(seq, 1<<solr.R15, "%s failed itself, so that nothing is due towards it any more", d.to)
	}
}

// fails is the event by which a party was known to fail first; 0 for none.
func (t *tale) fails(p smki.PartyID) uint64 {
	return t.first(func(e *Event) bool { return (e.Kind == FailureNotified || e.Kind == LicenceRevoked) && e.Party == p })
}

func (t *tale) exit() {
	t.event(t.first(func(e *Event) bool { return e.Kind == SupplierExited && e.Failure == t.f.ID }), 1<<solr.R14, "%s found a way out without a SoLR (%v)", t.f.Supplier, t.f.Exit)
}

// unconfirmed tells which confirmations are missing (R8): for an MPID those of its SoLR, for a certificate those of the SoLRs of all MPIDs.
func (t *tale) unconfirmed(x Item) {
	if x.MPID != "" {
		if m := t.f.mpidAt(x.MPID, t.x.At); m != nil {
			t.lacking(m)
		} else {
			t.note(1<<solr.R8, "nobody is SoLR of it who could confirm")
		}
		return
	}
	for _, m := range t.f.mpids {
		if m = t.f.then(m, t.x.At); m == nil {
			continue
		}
		d := m.inForce(t.x.At)
		here := !m.goneBy(t.x.At)
		switch {
		case m.keptBy(t.x.At) || m.outBy(t.x.At):
		case here && d == nil && m.solr(t.x.At) != "":
			t.note(1<<solr.R8, "%s is not SoLR of %v yet, which the revocation of certificates waits for", m.solr(t.x.At), Item{MPID: m.id})
		case here && d == nil || d != nil && d.back || m.solr(t.x.At) == "" && !t.r.confirmedFor(t.f, m, t.x.At):
			t.note(1<<solr.R8, "%v has no SoLR that could confirm, which the revocation of certificates waits for", Item{MPID: m.id})
		case !t.r.confirmedFor(t.f, m, t.x.At):
			t.lacking(m)
		}
	}
}

// lacking tells which of the five confirmations the SoLR of an MPID has not given, and the last that it gave.
func (t *tale) lacking(m *mpidItem) {
	s := m.solr(t.x.At)
	if s == "" {
		t.note(1<<solr.R8, "nobody is SoLR of %v who could confirm", Item{MPID: m.id})
		return
	}
	c := t.f.confirmed[s]
	var given, missing []Confirmation
	for _, i := range Confirmations() {
		if c != nil && !c.at[i].IsZero() && !t.x.At.Before(c.at[i]) {
			given = append(given, i)
		} else {
			missing = append(missing, i)
		}
	}
	if len(given) > 0 {
		t.event(t.confirmation(s), 1<<solr.R8, "%s gave the last of its confirmations until now (%s)", s, listed(given))
	}
	switch {
	case len(missing) == 0:
	case len(given) == 0:
		t.note(1<<solr.R8, "%s has given none of the five confirmations", s)
	default:
		t.note(1<<solr.R8, "%s has not confirmed %s", s, listed(missing))
	}
}

// confirmation is the position of the event that gave the last of a SoLR's confirmations that were there first.
func (t *tale) confirmation(s smki.PartyID) uint64 {
	c := t.f.confirmed[s]
	return t.last(func(e *Event) bool {
		return e.Kind == Confirmed && e.Failure == t.f.ID && e.By == s && e.At.Equal(c.at[e.Confirmation])
	})
}

// unagreed tells who agreed to a transfer and who did not (R11).
func (t *tale) unagreed(m *mpidItem, to smki.PartyID) {
	if m == nil {
		t.note(1<<solr.R11, "nobody has agreed to it")
		return
	}
	if d := m.inForce(t.x.At); d != nil {
		to = d.to
	}
	var missing []any
	for who := SoLRAgrees; who < numAgreeing; who++ {
		if a := m.agreed[to]; a != nil && !a[who].IsZero() && !t.x.At.Before(a[who]) {
			t.agreement(m, to, who)
		} else if who == SoLRAgrees && to != "" {
			missing = append(missing, to)
		} else {
			missing = append(missing, fmt.Sprintf("the %v", who))
		}
	}
	if len(missing) > 0 {
		t.note(1<<solr.R11, "what is missing is the agreement of %s", listed(missing))
	}
}

func (t *tale) agreement(m *mpidItem, s smki.PartyID, who Agreeing) {
	name := fmt.Sprintf("the %v", who)
	if who == SoLRAgrees {
		name = string(s)
	}
	a := m.agreed[s]
	if a == nil || a[who].IsZero() {
		return
	}
	at := a[who]
	seq := t.first(func(e *Event) bool {
		return e.Failure == t.f.ID && e.names(Item{MPID: m.id}) && e.At.Equal(at) && (e.Kind == TransferAgreed && e.Agreeing == who || e.Kind == ReleaseInstructed && who == PMAAgrees)
	})
	if seq != 0 && t.r.log[seq-1].Kind == ReleaseInstructed {
		t.event(seq, 1<<solr.R11, "the PMA released %v, which is its agreement to the transfer", Item{MPID: m.id})
		return
	}
	t.event(seq, 1<<solr.R11, "%s agreed to the transfer", name)
}

// gone tells that an MPID has left the failure (R16).
func (t *tale) gone(x Item) {
	t.event(t.last(func(e *Event) bool { return e.Kind == MPIDTransferred && e.names(x) }), 1<<solr.R16, "the DCC transferred %v away from %s", x, t.f.Supplier)
	t.note(1<<solr.R16, "it moves on only by a new direction, and there is none")
}

// transferDue tells what led to the duty to transfer an MPID (R4).
func (t *tale) transferDue(m *mpidItem) {
	defer t.inOrder(len(t.x.Steps))
	d := m.inForce(t.x.At)
	t.direction(m, d, 1<<solr.R4)
	if !d.exited && !d.back && t.r.binds(m.trigger(t.x.At), t.x.At) {
		if c := t.f.confirmed[d.to]; c != nil {
			t.event(t.confirmation(d.to), 1<<solr.R8, "%s gave the last of the five confirmations", d.to)
		}
		for who := SoLRAgrees; who < numAgreeing; who++ {
			t.agreement(m, d.to, who)
		}
	}
	t.released(TransferMPID, Item{MPID: m.id})
}

// revocationDue tells what led to the duty to revoke a certificate (R1).
func (t *tale) revocationDue(x Item) {
	defer t.inOrder(len(t.x.Steps))
	t.licence(1 << solr.R1)
	if t.r.binds(t.f.Revoked, t.x.At) && t.f.exited.IsZero() {
		for _, m := range t.f.mpids {
			if s := m.solr(t.x.At); s != "" && t.f.confirmed[s].complete(t.x.At) {
				t.event(t.confirmation(s), 1<<solr.R8, "%s gave the last of the five confirmations", s)
			}
		}
	}
	if !t.f.exited.IsZero() && !t.x.At.Before(t.f.exited) {
		t.exit()
	}
	t.released(RevokeCertificate, x)
}

// released tells of the delays that held an item, and of the instruction that lets the DCC act on it.
func (t *tale) released(a Action, x Item) {
	rule := solr.RuleSet(1 << solr.R6)
	if a == RevokeCertificate {
		rule = 1 << solr.R3
	}
	for _, d := range t.f.delays {
		if d.item(x) != nil && d.heldBy(t.x.At) {
			t.event(d.seq, rule, "the PMA delayed the %s of %v", control(x), x)
		}
	}
	froze := t.r.Settings.frozen(t.f, a, t.x.At)
	if froze != nil {
		t.also(froze.seq, 1<<solr.R7, "the PMA gave a delay that freezes the failure")
	}
	if n, ok := t.f.permits(a, x, 0, froze, t.x.At); ok {
		if froze != nil {
			rule |= 1 << solr.R7
		}
		if n.exited {
			rule |= 1 << solr.R14
		}
		t.also(n.seq, rule, "the PMA released %v", x)
	}
}

// instructed tells of the instruction to apply a threshold and the support request that carries it (R9, R10).
func (t *tale) instructed(l duis.Threshold) {
	for i := len(t.r.instructed) - 1; i >= 0; i-- {
		x := t.r.instructed[i]
		if x.Threshold != l || x.failure != t.f.ID || t.x.At.Before(x.at) {
			continue
		}
		if id := t.r.log[x.seq-1].Request; id != "" {
			t.request(id)
			t.event(x.seq, 1<<solr.R9, "the PMA instructed the DCC to apply the thresholds of request %s", id)
		} else {
			t.event(t.last(func(e *Event) bool { return e.Kind == SafeModeInstructed && e.Failure == t.f.ID }), 1<<solr.R10, "Ofgem instructed safe mode")
			t.event(x.seq, 1<<solr.R9|1<<solr.R10, "the PMA instructed the DCC to apply thresholds for it")
		}
		return
	}
}

// request tells what became of a support request (R9).
func (t *tale) request(id string) {
	for i, e := range t.r.log {
		if e.Request != id || e.At.After(t.x.At) {
			continue
		}
		says := ""
		switch e.Kind {
		case SupportRequested:
			says = fmt.Sprintf("%s asked for the support of %s, request %s", e.By, e.Party, id)
		case SupportApproved:
			says = "the PMA approved it"
		case SupportRefused:
			says = "the PMA refused it"
		case SupportAccepted:
			says = fmt.Sprintf("%s accepted it", e.By)
		case SupportDeclined:
			says = fmt.Sprintf("%s declined it", e.By)
		case SupportWithdrawn:
			says = fmt.Sprintf("%s withdrew", e.By)
		default:
			continue
		}
		t.event(uint64(i+1), 1<<solr.R9, "%s", says)
	}
}

// allowed tells why the DCC may do one of the acts that no duty demands.
func (t *tale) allowed(a Action, x Item, user smki.EUI64) {
	froze := t.r.Settings.frozen(t.f, a, t.x.At)
	if froze == nil {
		t.opening()
		if a == ApplyThresholds {
			t.note(1<<solr.R9, "no delay freezes it, and thresholds need no instruction before MP185 is in force and the licence is revoked")
		} else {
			t.note(1<<solr.R7, "no delay of the PMA that has reached the DCC freezes the failure")
		}
		return
	}
	t.event(froze.seq, 1<<solr.R7, "the PMA gave a delay that freezes the failure")
	for _, n := range t.f.named {
		if n.action == a && n.item == x && n.user == user && n.seq > froze.seq && !t.x.At.Before(n.at) {
			t.event(n.seq, 1<<solr.R7, "the PMA instructed the DCC to %s", doing(a, x, user, ""))
		}
	}
}
