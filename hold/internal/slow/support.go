package slow

import (
	"slices"
	"time"

	"github.com/seed-db8551c1/lastresort/duis"
	"github.com/seed-db8551c1/lastresort/hold"
	"github.com/seed-db8551c1/lastresort/smki"
)

// request is a SoLR's request for support, with what became of it.
type request struct {
	*hold.Event
	refused, approved, accepted, declined, withdrawn bool
}

func (v *view) request(id string) *request {
	var q *request
	for _, e := range v.happened(hold.SupportRequested, hold.SupportApproved, hold.SupportRefused, hold.SupportAccepted, hold.SupportDeclined, hold.SupportWithdrawn) {
		if e.Request != id {
			continue
		}
		switch e.Kind {
		case hold.SupportRequested:
			q = &request{Event: e.Event}
		case hold.SupportApproved:
			q.approved = true
		case hold.SupportRefused:
			q.refused = true
		case hold.SupportAccepted:
			q.accepted = true
		case hold.SupportDeclined:
			q.declined = true
		case hold.SupportWithdrawn:
			q.withdrawn = true
		}
	}
	return q
}

func (v *view) requests(f *life) []*request {
	var all []*request
	for _, e := range v.happened(hold.SupportRequested) {
		if e.Failure == f.ID {
			all = append(all, v.request(e.Request))
		}
	}
	return all
}

// r09InForce: a request for support is an authority once the PMA has approved it and the SRP accepted, within its window, until the SRP withdraws, the SoLR has completed its migration, or
// has lost its licence itself (R15).
func (v *view) r09InForce(f *life, q *request) bool {
	return q.approved && q.accepted && !q.withdrawn && !v.at.Before(q.Support.From) && (q.Support.To.IsZero() || v.at.Before(q.Support.To)) &&
		!v.r11Completed(f, q.By) && !v.unlicensed(q.By)
}

// r11Completed: the completion of the SoLR's migration ends the support.
func (v *view) r11Completed(f *life, by smki.PartyID) bool {
	done := false
	for _, e := range v.happened(hold.MigrationCompleted, hold.CompletionWithdrawn) {
		if e.Failure == f.ID && e.By == by {
			done = e.Kind == hold.MigrationCompleted
		}
	}
	return done
}

// r09Covers reports whether an authority covers a request for an MPID.
func (v *view) r09Covers(f *life, q *request, ask duis.Question) bool {
	return v.r09InForce(f, q) && slices.Contains(q.Support.SRVs, ask.SRV) && (len(q.Support.Devices) == 0 || slices.Contains(q.Support.Devices, ask.Device)) &&
		slices.ContainsFunc(v.joined(f), func(m smki.MPID) bool {
			return (ask.MPID == "" || ask.MPID == m) && v.solrOf(f, m) == q.By && !v.r12Lapsed(f, m)
		})
}

// r10Covers: Ofgem's safe-mode instruction covers the change to credit, under MP185 while the MPID has no SoLR.
func (v *view) r10Covers(f *life, ask duis.Question) bool {
	if ask.SRV == duis.UpdatePaymentMode && ask.Mode != duis.CreditMode || ask.SRV != duis.UpdatePaymentMode && !slices.Contains(v.SafeModeVariants, ask.SRV) {
		return false
	}
	return slices.ContainsFunc(v.happened(hold.SafeModeInstructed), func(e numbered) bool {
		return e.Failure == f.ID && (v.regime(e.At) == hold.MP134A || slices.Contains(v.joined(f), ask.MPID) && v.solrOf(f, ask.MPID) == "")
	})
}

// r12End: the arrangements for an MPID are expected to be over 90 days after 00:00 of the SoLR date, the date of its SoLR's appointment.
func (v *view) r12End(f *life, m smki.MPID) (end time.Time, known bool) {
	a := v.appointed(f, m)
	y, mo, d := a.date.In(london).Date()
	return time.Date(y, mo, d+90, 0, 0, 0, 0, london), a.pos > 0
}

// r12Lapsed: authorities lapse then, if the setting says so, unless the PMA has extended the arrangement of that SoLR.
func (v *view) r12Lapsed(f *life, m smki.MPID) bool {
	end, known := v.r12End(f, m)
	for _, e := range v.happened(hold.ArrangementExtended) {
		if e.Failure == f.ID && v.extends(f, m, e) {
			end = later(end, e.Date) // an extension moves the lapse on, never back
		}
	}
	return v.LapseAfterArrangement && known && !v.at.Before(end)
}

// extends reports whether an extension is of the arrangement for an MPID that there is now: it was in force when the PMA gave it, or directed and to begin later.
func (v *view) extends(f *life, m smki.MPID, e numbered) bool {
	a, then := v.appointed(f, m), v.then(e)
	if s := then.stint(f, m); len(e.MPIDs) > 0 && (!slices.Contains(e.MPIDs, m) || s.gone || s.kept) {
		return false
	}
	return a.pos < e.pos && (a.pos == then.appointed(f, m).pos || a.from.After(e.At))
}

// Overruns lists the arrangements that are in force after their 90 days.
func (v *View) Overruns() []hold.Overrun {
	var all []hold.Overrun
	for i := range v.failures() {
		f := &v.lives[i]
		if f.Revoked.IsZero() || !f.open() { // no authority is needed, or none is left
			continue
		}
		for _, q := range v.requests(f) {
			for _, id := range v.mpids() {
				end, known := v.r12End(f, id)
				if known && !v.at.Before(end) && !v.stint(f, id).gone && v.r09InForce(f, q) && v.solrOf(f, id) == q.By && !v.r12Lapsed(f, id) {
					all = append(all, hold.Overrun{Failure: f.ID, MPID: id, Request: q.Request, SRP: q.Party, Since: end})
				}
			}
		}
	}
	return all
}

// unlicensed reports whether a party has lost its licence.
func (v *view) unlicensed(p smki.PartyID) bool {
	return slices.ContainsFunc(v.failures(), func(f life) bool { return f.Supplier == p && !f.Revoked.IsZero() })
}

// Ask says how a request stands with the authority that it needs. Its time is that of the view.
func (v *View) Ask(q duis.Question) duis.Standing {
	switch {
	case !v.unlicensed(q.Party) || v.regime(v.at) != hold.MP185 || v.TopUpsExempt && q.SRV == duis.TopUpDevice:
		return duis.NotNeeded
	}
	for i := range v.failures() {
		f := &v.lives[i]
		if f.Supplier != q.Party {
			continue
		}
		if v.r10Covers(f, q) {
			return duis.Covered
		}
		for _, r := range v.requests(f) {
			if v.r09Covers(f, r, q) {
				return duis.Covered
			}
		}
	}
	if v.Enforce {
		return duis.Refused
	}
	return duis.NotCovered
}
