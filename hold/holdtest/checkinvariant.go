package holdtest

import (
	"fmt"
	"slices"
	"time"

	"github.com/seed-db8551c1/lastresort/duis"
	"github.com/seed-db8551c1/lastresort/hold"
	"github.com/seed-db8551c1/lastresort/smki"
	"github.com/seed-db8551c1/lastresort/solr"
)

// The invariants of an exhaustive check. Those of [CheckInvariants] are here in a form that costs microseconds: what it asks of a clone for each duty, the search does anyway, and the replay is how a state is rebuilt.

// checkState checks what must hold of a state by itself.
func (w *worker) checkState(n *node, state uint32) {
	at := w.m.bound.Instants[n.now]
	dir := n.Directory()
	for _, m := range dir.MPIDs() {
		for _, held := range [...]*smki.MPIDMap{&dir.DCC, &dir.Codes} {
			all := held.Holdings(m.ID)
			for i, h := range all {
				if i > 0 && h.From.Before(all[i-1].From) || h.Party == "" && i < len(all)-1 {
					w.violate(state, "one holder", fmt.Sprintf("MPID %s belongs to nobody or two between its allocation and its retirement: %v", m.ID, all))
				}
			}
		}
		if _, ok := dir.DCC.Owner(m.ID, at); !ok {
			w.violate(state, "one holder", fmt.Sprintf("MPID %s belongs to nobody, but was not retired", m.ID))
		}
		if _, ok := dir.Codes.Owner(m.ID, at); !ok {
			w.violate(state, "one holder", fmt.Sprintf("MPID %s belongs to nobody under the codes, but was not retired", m.ID))
		} else if all := dir.Codes.Holdings(m.ID); len(all) != 1 {
			w.violate(state, "codes", fmt.Sprintf("MPID %s changed hands under the codes, but nothing was recorded there (R13): %v", m.ID, all))
		}
	}
	if c, ok := n.machine.(*copies); ok {
		w.checkOrder(c, state, at)
	}
	w.checkDuties(n, state, at)
	for i := range w.seen.failures {
		if f := &w.seen.failures[i]; f.Exit == 0 && f.Phase != solr.Closed && !left(n, f, at) && !w.awaits(f) {
			w.violate(state, "closing", fmt.Sprintf("failure %s is %v, but nothing is left in the name of %s (R11)", f.ID, f.Phase, f.Supplier))
		}
	}
	w.checkStanding(n, state, at)
}

// checkDuties: one duty says what to do about each item of an open failure, and none about any other.
func (w *worker) checkDuties(n *node, state uint32, at time.Time) {
	w.duties = n.Duties(at)
	dir := n.Directory()
	count := func(x hold.Item) (times int, failure solr.FailureID) {
		for i := range w.duties {
			d := &w.duties[i]
			if d.MPID == x.MPID && d.Certificate == x.Certificate && (d.Action == hold.TransferMPID || d.Action == hold.RevokeCertificate) {
				times, failure = times+1, d.Failure
			}
		}
		return times, failure
	}
	for i := range w.seen.failures {
		f := &w.seen.failures[i]
		open := f.Phase != solr.Trading && f.Phase != solr.Closed
		for _, m := range dir.MPIDs() {
			owner, ok := dir.DCC.Owner(m.ID, at)
			if !ok || owner != f.Supplier {
				continue
			}
			times, of := count(hold.Item{MPID: m.ID})
			// An exit may leave an MPID with its supplier, and then there is none.
			if want := open && of == f.ID; times > 1 || times == 1 && !want || times == 0 && open && f.Phase != solr.Exited {
				w.violate(state, "duties", fmt.Sprintf("%d duties about MPID %s of %s, whose failure is %v", times, m.ID, f.Supplier, f.Phase))
			}
		}
		for _, c := range dir.Certificates() {
			if _, rev, _ := dir.Certificate(c.ID); c.Subscriber != f.Supplier {
				continue
			} else if times, _ := count(hold.Item{Certificate: c.ID}); times > 1 || (times == 1) != (open && rev == nil) {
				w.violate(state, "duties", fmt.Sprintf("%d duties about certificate %s of %s, whose failure is %v", times, c.ID, f.Supplier, f.Phase))
			}
		}
	}
	for i := range w.duties {
		d := &w.duties[i]
		if d.Modality == hold.MustNot && d.Rules == 0 || d.Modality == hold.Must && (d.Rules == 0 || d.Since.IsZero() || d.Since.After(at)) {
			w.violate(state, "duties", fmt.Sprintf("a duty that names no rule, or that is due only later: %v since %v", d, d.Since))
		}
	}
}

// left reports whether anything is left in a failed supplier's name.
func left(n *node, f *solr.Failure, at time.Time) bool {
	dir := n.Directory()
	left := f.Revoked.IsZero()
	for _, m := range dir.MPIDs() {
		owner, _ := dir.DCC.Owner(m.ID, at)
		left = left || owner == f.Supplier
	}
	for _, c := range dir.Certificates() {
		left = left || c.Subscriber == f.Supplier && dir.Status(c.ID, at) == smki.Good
	}
	return left
}

// awaits reports whether an MPID that has gone is directed back to the failed supplier or on to another party, but has not come there yet: its failure stays open for it (R16), since a duty belongs to a failure
// that is open.
func (w *worker) awaits(f *solr.Failure) bool {
	return slices.ContainsFunc(w.duties, func(d hold.Duty) bool { return d.Action == hold.TransferMPID && d.Failure == f.ID })
}

// checkStanding: a party that holds its licence needs no authority, one that lost it does under MP185 (R9), and requests are decided by certificates, MPIDs and that.
func (w *worker) checkStanding(n *node, state uint32, at time.Time) {
	regime := n.regime(w.m, at)
	dir := n.Directory()
	authority := n.Authority()
	w.buf = append(w.buf[:0], byte(n.now))
	lostAny := false
	for _, u := range dir.Users() {
		lost := slices.ContainsFunc(w.seen.failures, func(f solr.Failure) bool {
			return f.Supplier == u.Party && !f.Revoked.IsZero() && !at.Before(f.Revoked)
		})
		lostAny = lostAny || lost
		for _, m := range dir.MPIDs() {
			owner, _ := dir.DCC.Owner(m.ID, at)
			w.buf = append(w.buf, w.m.renamed[0].of(owner))
			for _, q := range decided {
				q := duis.Question{Party: u.Party, SRV: q.srv, Mode: q.mode, MPID: m.ID, At: at}
				a := authority.Ask(q)
				needed := lost && regime == hold.MP185 && !(w.m.bound.Settings.TopUpsExempt && q.SRV == duis.TopUpDevice)
				if needed != (a.Standing != duis.NotNeeded) {
					w.violate(state, "authority", fmt.Sprintf("%s lost its licence: %v, but its standing under %v is %v (R9)", u.Party, lost, regime, a.Standing))
				}
				w.buf = append(w.buf, byte(a.Standing))
			}
		}
	}
	for _, c := range dir.Certificates() {
		w.buf = append(w.buf, byte(dir.Status(c.ID, at)))
	}
	for _, u := range dir.Users() {
		w.buf = append(w.buf, byte(u.Roles), bit(u.Suspended))
	}
	if k := hashKey(w.buf); lostAny && !w.decided[k] {
		w.decided[k] = true
		w.checkDecisions(n, state, at, authority)
	}
	for _, o := range n.Overruns(at) {
		if at.Before(o.Since) || w.m.bound.Requests == 0 {
			w.violate(state, "overruns", fmt.Sprintf("an overrun that begins only later, or without a request for support: %+v", o))
		}
	}
}

func bit(is bool) byte {
	if is {
		return 1
	}
	return 0
}

// decided is the requests that are decided: two on a device and one without.
var decided = []struct {
	srv     duis.SRV
	mode    duis.PaymentMode
	variant duis.CommandVariant
}{
	{duis.UpdatePaymentMode, duis.CreditMode, duis.TransformRequest},
	{duis.TopUpDevice, 0, duis.SendCommand},
}

func (n *node) regime(m *model, at time.Time) hold.Regime {
	switch r := m.bound.Settings.Regime; {
	case m.bound.Order:
		return hold.MP185
	case r != hold.Actual:
		return r
	}
	return hold.RulesAt(at)
}

// checkDecisions: a request in the name of a supplier is accepted exactly if its certificate and that of the channel are good, the DCC's map gives the supplier the MPID of the device and, where that is enforced, an
// authority covers it.
func (w *worker) checkDecisions(n *node, state uint32, at time.Time, authority duis.Authority) {
	dcc, err := decidable(n, w.m.bound.Instants[0].AddDate(-1, 0, 0))
	if err != nil {
		w.violate(state, "decisions", err.Error())
		return
	}
	dir := n.Directory()
	channel, _ := dcc.CertificateNumber(smki.CertificateID(w.m.world.SRPs[0]))
	for _, s := range w.m.world.Suppliers {
		for _, c := range s.Certificates {
			number, _ := dcc.CertificateNumber(c.ID)
			for _, m := range dir.MPIDs() {
				for _, x := range decided {
					d := Device(m)
					q := duis.Request{ID: duis.RequestID{Originator: s.User.ID, Target: d.ID, Counter: 1}, SRV: x.srv, Mode: x.mode, Variant: x.variant, Service: x.variant.Service(), XMLSign: number, Channel: channel}
					u, _ := dir.User(s.User.ID)
					owner, _ := dir.DCC.Owner(m.ID, at)
					standing := authority.Ask(duis.Question{Party: s.Party, SRV: x.srv, Mode: x.mode, MPID: m.ID, Device: d.ID, At: at}).Standing
					want := dir.Status(c.ID, at) == smki.Good && owner == s.Party && !u.Suspended && !(w.m.bound.Settings.Enforce && standing == duis.Refused)
					if got := duis.Decide(dcc, &q, at); (got.Outcome == duis.Accepted) != want {
						w.violate(state, "decisions", fmt.Sprintf("a request in the name of %s to %s is accepted: %v, but should be: %v; %s", s.Party, m.ID, !want, want, got.AppendText(nil, dcc)))
					}
				}
			}
		}
	}
}

// checkApplied checks what one event did.
func (w *worker) checkApplied(n *node, state uint32, a *action, e *hold.Event, applied hold.Applied, err error) {
	if err != nil {
		if !e.Kind.Direction() && asRuleError(err) {
			w.violate(state, "reports", fmt.Sprintf("the report of a thing done is refused for a rule (R17): %v", err), a)
		}
		return
	}
	var broken solr.RuleSet
	for _, b := range applied.Breaches {
		broken |= b.Rules
		if b.Rules == 0 || b.Seq != applied.Seq || !b.At.Equal(e.At) || e.Kind.Direction() {
			w.violate(state, "breaches", fmt.Sprintf("a breach that names no rule, or not the report of an act: %+v", b), a)
		}
	}
	if a.late {
		return
	}
	switch {
	case e.Kind == hold.MPIDTransferred && len(a.events) == 1:
		for i := range w.duties {
			if d := &w.duties[i]; d.Action == hold.TransferMPID && d.MPID == e.MPIDs[0] {
				w.compare(n, state, a, d, e, broken)
			}
		}
	case e.Kind == hold.CertificateRevoked && !e.Reason.Ordinary():
		for i := range w.duties {
			if d := &w.duties[i]; d.Action == hold.RevokeCertificate && d.Certificate == e.Certificates[0] {
				w.compare(n, state, a, d, e, broken)
			}
		}
	}
}

// compare: an act is a breach, and of which rules, exactly as the duty that was open says.
func (w *worker) compare(n *node, state uint32, a *action, d *hold.Duty, e *hold.Event, broken solr.RuleSet) {
	w.sum.Checks.Acts++
	if d.To != e.Party && e.Kind == hold.MPIDTransferred {
		owner, _ := n.Directory().DCC.Owner(d.MPID, e.At)
		if owner != e.Party && !broken.Has(solr.R4) {
			w.violate(state, "acts", fmt.Sprintf("the DCC %v, but to give it to %s does not break R4", d, e.Party), a)
		}
		return
	}
	if want := d.Modality == hold.MustNot; want && broken != d.Rules || !want && broken != 0 {
		w.violate(state, "acts", fmt.Sprintf("the DCC %v, but doing it breaks %q", d, broken), a)
	}
}

// checkStep checks what an action made of a state.
func (w *worker) checkStep(n, child *node, state uint32, a *action) {
	at := w.m.bound.Instants[child.now]
	for i, f := range w.failures(&w.child, child) {
		was := w.seen.phase[f.Supplier[0]-'A']
		if f.Exit == 0 && f.Phase == solr.Closed && was != solr.Closed && left(child, &w.child.failures[i], at) {
			w.violate(state, "closing", fmt.Sprintf("failure %s is closed, but something is left in the name of %s (R11)", f.ID, f.Supplier), a)
		}
		if !w.m.leads[was][f.Phase] {
			w.violate(state, "phases", fmt.Sprintf("failure %s goes from %v to %v, which no event does", f.ID, was, f.Phase), a)
		}
	}
	before, after := n.Directory(), child.Directory()
	for _, c := range before.Certificates() {
		if before.Status(c.ID, at) == smki.Revoked && after.Status(c.ID, at) != smki.Revoked {
			w.violate(state, "final", fmt.Sprintf("certificate %s was revoked, and is not any more (R16)", c.ID), a)
		}
	}
}

// checkPair: two actions at the same instant on different failures give the same state in either order, unless one says that a SoLR fails, or is about a party that the other names. Each state tries one pair, which depends on the state.
func (w *worker) checkPair(n *node, state uint32) {
	if len(w.done) < 2 {
		return
	}
	pick := w.t.states[state].key.hi
	first := int(pick % uint64(len(w.done)))
	for i := range w.done {
		a := w.done[(first+i)%len(w.done)].action
		for k := range w.done {
			b := w.done[(first+i+1+k)%len(w.done)].action
			if a.time || b.time || a.party >= b.party || w.names(a, b) || w.names(b, a) {
				continue
			}
			w.sum.Checks.Pairs++
			if x, y := w.both(n, a, b), w.both(n, b, a); x != y {
				w.violate(state, "commutation", fmt.Sprintf("%v of %s and %v of %s give one state in this order and another in the other", a.events[0].Kind, partyNames[a.party], b.events[0].Kind, partyNames[b.party]), a, b)
			}
			return
		}
	}
}

// names reports whether an action says that a SoLR fails, or is about a failure whose supplier the other names.
func (w *worker) names(a, b *action) bool {
	if a.opens && a.party >= w.m.bound.Failures {
		return true
	}
	p := w.m.world.Suppliers[a.party].Party
	return slices.ContainsFunc(b.events, func(e hold.Event) bool { return e.By == p || e.Party == p })
}

// both is the key after two actions.
func (w *worker) both(n *node, a, b *action) stateKey {
	w.reset(n)
	for _, a := range [...]*action{a, b} {
		for _, e := range a.events {
			e.At = w.m.at(n, a)
			_, _ = w.scratch.Apply(e)
		}
	}
	return w.plain(&node{w.scratch, n.now, n.used, n.inAll})
}
