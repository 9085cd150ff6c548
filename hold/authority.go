package hold

import (
	"slices"
	"time"

	"github.com/seed-db8551c1/lastresort/duis"
	"github.com/seed-db8551c1/lastresort/smki"
	"github.com/seed-db8551c1/lastresort/solr"
)

// authority is who may still be heard, as of one position in the log. It shares nothing with the register, and never changes.
type authority struct {
	settings Settings
	failures map[smki.PartyID][]*authorised // of suppliers whose licence was revoked
	delayed  map[smki.PartyID]*failure      // the open ones on which the PMA directed a delay
	licences licences
}

// authorised is one failure of a supplier whose licence was revoked, with what was granted on it.
type authorised struct {
	*failure
	supports []*support // those that were accepted
}

// Authority says who may still be heard as of now. The value does not change when the register does.
func (r *Register) Authority() duis.Authority {
	a := &authority{settings: r.Settings, failures: make(map[smki.PartyID][]*authorised), delayed: make(map[smki.PartyID]*failure), licences: r.licences()}
	a.settings.SafeModeVariants = slices.Clone(r.Settings.SafeModeVariants)
	for _, f := range r.failures {
		delayed := len(f.delays) > 0 && f.Phase != solr.Closed
		if f.Revoked.IsZero() && !delayed {
			continue
		}
		x := &authorised{failure: f.clone()}
		if delayed {
			a.delayed[f.Supplier] = x.failure
		}
		if f.Revoked.IsZero() {
			continue
		}
		for _, s := range r.supports {
			if s.failure == f.ID && !s.from.IsZero() {
				s := *s
				x.supports = append(x.supports, &s)
			}
		}
		a.failures[f.Supplier] = append(a.failures[f.Supplier], x)
	}
	return a
}

// Update puts what the register says into the next version of a World: Users, certificates, the DCC's MPID map, thresholds and authority. All of them come by events then:
// what was set by [duis.Edit.SetThresholds] or [duis.Edit.SetDirectory] is replaced. Thresholds are those of [ThresholdsApplied], the DCC's own for every User among them. The error is that of [duis.Edit.SetDirectory].
func (r *Register) Update(e *duis.Edit) error {
	if err := e.SetDirectory(&r.dir); err != nil {
		return err
	}
	e.SetAuthority(r.Authority())
	return e.SetThresholds(r.limits)
}

// Ask says how a request in a party's name stands, or an act of the DCC upon its quarantined messages. A party whose licence was not revoked by then needs no authority for a request, and before MP185 nobody does.
func (a *authority) Ask(q duis.Question) duis.Answer {
	switch q.Act {
	case duis.ReleaseQuarantine:
		return a.mayAct(ReleaseQuarantine, &q)
	case duis.DeleteQuarantine:
		return a.mayAct(DeleteQuarantine, &q)
	}
	all := a.failures[q.Party]
	if len(all) == 0 || a.settings.Regime.at(q.At) != MP185 || a.settings.TopUpsExempt && q.SRV == duis.TopUpDevice {
		return duis.Answer{Standing: duis.NotNeeded}
	}
	needed := false
	for _, f := range all {
		if q.At.Before(f.Revoked) {
			continue
		}
		needed = true
		for _, s := range f.supports {
			if a.covers(f, s, &q) {
				return duis.Answer{Standing: duis.Covered, Grant: s.grant}
			}
		}
		if grant := a.safeMode(f, &q); grant != 0 {
			return duis.Answer{Standing: duis.Covered, Grant: grant}
		}
	}
	switch {
	case !needed:
		return duis.Answer{Standing: duis.NotNeeded}
	case a.settings.Enforce:
		return duis.Answer{Standing: duis.Refused}
	}
	return duis.Answer{Standing: duis.NotCovered}
}

// mayAct says whether the DCC may act upon the quarantined messages of a User: not on a frozen failure, unless an instruction of the PMA names it (R7).
func (a *authority) mayAct(action Action, q *duis.Question) duis.Answer {
	f := a.delayed[q.Party]
	if f == nil {
		return duis.Answer{Standing: duis.NotNeeded}
	}
	froze := a.settings.frozen(f, action, q.At)
	if froze == nil {
		return duis.Answer{Standing: duis.NotNeeded}
	}
	if n, ok := f.permits(action, Item{}, q.User, froze, q.At); ok {
		return duis.Answer{Standing: duis.Covered, Grant: duis.GrantNumber(n.seq)}
	}
	return duis.Answer{Standing: duis.Refused}
}

// covers reports whether an accepted support request covers a request (R9).
func (a *authority) covers(f *authorised, s *support, q *duis.Question) bool {
	if !s.srvs.has(q.SRV) || !a.active(f, s, q.At) {
		return false
	}
	if len(s.Devices) > 0 {
		if _, ok := slices.BinarySearch(s.Devices, q.Device); !ok {
			return false
		}
	}
	for _, m := range f.mpids {
		if (q.MPID == "" || m.id == q.MPID) && a.arranged(m, s, q.At) {
			return true
		}
	}
	return false
}

// active reports whether the authority of a support request is in force at a time, apart from the MPIDs that it is for.
func (a *authority) active(f *authorised, s *support, t time.Time) bool {
	return !t.Before(s.from) && (s.to.IsZero() || t.Before(s.to)) &&
		interval{s.From, s.To}.contains(t) &&
		!a.licences.revoked(s.solr, t) &&
		!slices.ContainsFunc(f.completed[s.solr], func(i interval) bool { return i.contains(t) })
}

// arranged reports whether the SoLR that asked for support is SoLR of an MPID at a time, and the arrangement has not lapsed (R12).
func (a *authority) arranged(m *mpidItem, s *support, t time.Time) bool {
	d := m.appointed(t)
	if d == nil || d.to != s.solr {
		return false
	}
	return !a.settings.LapseAfterArrangement || t.Before(d.lapse())
}

// safeMode is the instruction of Ofgem that covers a request, zero if none does (R10). One given under MP185 covers an MPID only while it has no SoLR.
func (a *authority) safeMode(f *authorised, q *duis.Question) duis.GrantNumber {
	if !(q.SRV == duis.UpdatePaymentMode && q.Mode == duis.CreditMode || slices.Contains(a.settings.SafeModeVariants, q.SRV)) {
		return 0
	}
	for _, s := range f.safeModes {
		if q.At.Before(s.at) {
			continue
		}
		if s.regime == MP134A {
			return s.grant
		}
		if m := f.mpid(q.MPID); m != nil && !m.hasSoLR(q.At, a.licences) {
			return s.grant
		}
	}
	return 0
}
