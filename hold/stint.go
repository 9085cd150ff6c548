package hold

import (
	"cmp"
	"slices"
	"time"

	"github.com/seed-db8551c1/lastresort/smki"
	"github.com/seed-db8551c1/lastresort/solr"
)

// The stints of MPIDs in failures: which failure an MPID was in, from when until when, and what was directed and agreed about it there (R4, R11, R15, R16).
//
// They follow from what the log says of an MPID in the order of time, and at one instant in the order of the log. An event in that order adds to them. A late report has the stints that it
// concerns told anew, so that they are as if it had come in its time.

// told is an event that says something of stints, with its position in the log.
type told struct {
	*Event
	seq uint64
}

// compare orders events by time, and at one instant by the log.
func (t told) compare(x told) int { return inTime(t.At, t.seq, x.At, x.seq) }

// inTime compares what was at a time and a position of the log with what was at others.
func inTime(a time.Time, seq uint64, b time.Time, bSeq uint64) int {
	return cmp.Or(a.Compare(b), cmp.Compare(seq, bSeq))
}

// whole reports whether the event is about every MPID, though it names none.
func (t told) whole() bool {
	switch t.Kind {
	case FailureNotified, LicenceRevoked, SupplierExited:
		return true
	}
	return t.Kind == ArrangementExtended && len(t.MPIDs) == 0
}

// moves reports whether the event says who has MPIDs from then on, which is nobody once they are retired.
func (t told) moves() (holder smki.PartyID, ok bool) {
	switch t.Kind {
	case MPIDAllocated, MPIDTransferred:
		return t.Party, true
	}
	return "", t.Kind == MPIDRetired
}

// tells reports whether a report says something of stints.
func (r *Register) tells(e *Event) bool {
	switch e.Kind {
	case MPIDAllocated, MPIDTransferred, MPIDRetired, SoLRAnnounced, SupplierExited:
		return true
	case FailureNotified, LicenceRevoked:
		return r.failure(e.Failure) == nil
	}
	return false
}

// tell takes what an event says of the stints of MPIDs.
func (r *Register) tell(e *Event, ids ...smki.MPID) {
	t := told{e, r.next()}
	r.told = append(r.told, t)
	if e.At.Before(r.clock) {
		r.retell(ids)
		return
	}
	for _, id := range ids {
		holder, _ := r.dir.DCC.Owner(id, e.At)
		r.happened(id, holder, t)
	}
}

// fromNotice is an event at its place in the order of time: an announcement of before the notice counts from the notice on.
func (r *Register) fromNotice(t told) told {
	if t.Kind != SoLRAnnounced {
		return t
	}
	f := r.failure(t.Failure)
	if f == nil || !t.At.Before(f.Notified) {
		return t
	}
	said := *t.Event
	said.At = f.Notified
	return told{&said, f.notice}
}

// retell tells the stints of MPIDs, each named once, from the beginning.
func (r *Register) retell(ids []smki.MPID) {
	said := make(map[smki.MPID][]told, len(ids))
	for _, id := range ids {
		said[id] = nil
	}
	for _, t := range r.told {
		t = r.fromNotice(t)
		about := t.MPIDs
		if t.whole() {
			about = ids
		}
		for _, id := range about {
			if all, ok := said[id]; ok {
				said[id] = append(all, t)
			}
		}
	}
	for _, f := range r.failures {
		again := func(m *mpidItem) bool { _, ok := said[m.id]; return ok }
		f.mpids, f.earlier = slices.DeleteFunc(f.mpids, again), slices.DeleteFunc(f.earlier, again)
	}
	for _, id := range ids {
		var holder smki.PartyID
		slices.SortStableFunc(said[id], told.compare)
		for _, t := range said[id] {
			to, moves := t.moves()
			if moves && to == holder {
				continue // it is known now to have been there before
			}
			r.happened(id, holder, t)
			if moves {
				holder = to
			}
		}
	}
	place := make(map[smki.MPID]int) // of those that came into a failure with one event
	for i, id := range r.mpids() {
		place[id] = i
	}
	order := func(a, b *mpidItem) int {
		return cmp.Or(a.compareEntered(b), cmp.Compare(place[a.id], place[b.id]))
	}
	for _, f := range r.failures {
		slices.SortFunc(f.mpids, order)
		slices.SortFunc(f.earlier, order)
	}
}

// happened takes what an event says of the stints of one MPID, when those told before it in the order of time have been taken. The holder is who had the MPID until then.
func (r *Register) happened(id smki.MPID, holder smki.PartyID, t told) {
	switch t.Kind {
	case MPIDAllocated, MPIDTransferred: // it leaves the failure it was in and comes into that of its new holder (R15)
		for _, f := range r.failures {
			if m := f.mpid(id); m.in() && f.openFor(t.At, t.seq) {
				f.left(m, t)
			}
		}
		for _, to := range r.failures {
			if to.Supplier == t.Party && to.openFor(t.At, t.seq) {
				for _, f := range r.failures {
					for m := range f.stints {
						if m.id == id && f.Supplier != to.Supplier {
							m.out = cmp.Or(m.out, t.At)
						}
					}
				}
				r.enter(to, id, t)
			}
		}
	case MPIDRetired: // nobody waits for a SoLR of it any more, in the failures neither that it has gone from (R8)
		for _, f := range r.failures {
			if m := f.mpid(id); m != nil {
				m.out = cmp.Or(m.out, t.At)
				if f.openFor(t.At, t.seq) {
					m.gone = cmp.Or(m.gone, t.At)
				}
			}
		}
	case FailureNotified, LicenceRevoked:
		if f := r.failure(t.Failure); f != nil {
			r.fails(f, id, holder, t)
		}
	default:
		if f := r.failure(t.Failure); f != nil {
			if m := f.mpid(id); m != nil {
				r.said(f, m, holder, t)
			}
		}
	}
}

// mpidsOf is the MPIDs that a party ever had, or was named to get: those that its failure concerns.
func (r *Register) mpidsOf(p smki.PartyID) []smki.MPID {
	all := r.mpids()
	if r.untold > 0 {
		return all
	}
	its := make(map[smki.MPID]bool)
	for _, t := range r.told {
		if t.Party == p {
			for _, id := range t.MPIDs {
				its[id] = true
			}
		}
	}
	return slices.DeleteFunc(all, func(id smki.MPID) bool { return !its[id] })
}

// fails takes the notice of a failure: the MPIDs of the supplier come into it, and of others the supplier is SoLR no more (R15).
func (r *Register) fails(f *failure, id smki.MPID, holder smki.PartyID, t told) {
	for _, other := range r.failures {
		if other == f || !other.openFor(t.At, t.seq) {
			continue
		}
		if m := other.mpid(id); m != nil && holder == f.Supplier {
			m.gone, m.out = cmp.Or(m.gone, t.At), cmp.Or(m.out, t.At)
		}
		for m := range other.stints {
			if m.id == id {
				m.lose(f.Supplier, t)
			}
		}
	}
	if holder == f.Supplier {
		r.enter(f, id, t)
	}
}

// said takes what an event says of the latest stint of an MPID in a failure.
func (r *Register) said(f *failure, m *mpidItem, holder smki.PartyID, t told) {
	switch t.Kind {
	case SoLRAnnounced:
		if m.in() {
			a := announcement{solr: t.Party, at: t.At}
			if failed, _ := r.overtaken(f, t); failed {
				a.ended = t.At
			}
			m.announced = append(m.announced, a)
		}
	case SoLRAppointed: // who has it already is its SoLR all the same: certificates wait for it to confirm (R8)
		if m.kept.IsZero() && (m.gone.IsZero() || holder == t.Party) && !m.appoints(t.Event) {
			r.direct(f, m, &direction{to: t.Party, given: t.At, from: latest(solr.SoLRDate(t.Date).UTC(), t.At), date: t.Date}, t)
			f.stays(m, holder, t)
		}
	case TransferDirected:
		other := r.failureOfMPID(m.id, t.At, t.seq)
		switch {
		case holder == "" || other != nil && other != f: // as is known only now
		case holder == t.Party:
			if f.stays(m, holder, t) {
				r.direct(f, m, &direction{to: t.Party, given: t.At, from: t.At}, t)
			}
		default:
			if !m.in() {
				r.enter(f, m.id, t)
				m = f.mpid(m.id)
			}
			if d := m.inForce(t.At); d == nil || d.to != t.Party { // else a repeat
				r.direct(f, m, &direction{to: t.Party, given: t.At, from: t.At, back: t.Party == f.Supplier}, t)
			}
		}
	case ExitReleased:
		switch {
		case !m.in():
		case t.Party == f.Supplier:
			m.kept = t.At
		default:
			r.direct(f, m, &direction{to: t.Party, given: t.At, from: t.At, exited: true}, t)
			f.stays(m, holder, t)
		}
	case SupplierExited: // nothing is due any more under directions not yet followed (R14)
		for x := range f.stints {
			for _, d := range x.directions {
				if x.id == m.id {
					d.void, d.ended = cmp.Or(d.void, t.At), cmp.Or(d.ended, t.At)
				}
			}
		}
	case TransferAgreed:
		if s := m.solr(t.At); m.in() && s != "" && (t.Agreeing != SoLRAgrees || t.By == s) {
			m.agree(s, t.Agreeing, t.At)
		}
	case ReleaseInstructed:
		if s := m.solr(t.At); m.in() && s != "" {
			m.agree(s, PMAAgrees, t.At)
		}
	case ArrangementExtended: // the arrangement that there is, and the one that was directed and begins later
		if len(t.MPIDs) > 0 && !m.in() {
			return
		}
		now := m.appointed(t.At)
		for _, d := range m.directions {
			if d == now || !d.date.IsZero() && d.void.IsZero() && d.from.After(t.At) {
				d.extend = latest(d.extend, t.Date)
			}
		}
	}
}

// openFor reports whether the failure was open for an event of a time and a position of the log.
func (f *failure) openFor(at time.Time, seq uint64) bool {
	return inTime(f.Notified, f.notice, at, seq) <= 0 && (f.Phase != solr.Closed || inTime(at, seq, f.Closed, f.closing) <= 0)
}

// leaveOut tells the stints anew that began or ended after the failure had closed, as is known now: they came and went at one instant, else they had kept it open, or an exit that is reported late had closed it.
func (r *Register) leaveOut(f *failure) {
	var ids []smki.MPID
	for m := range f.stints {
		if !f.openFor(m.entered, m.seq) || m.gone.After(f.Closed) {
			ids = append(ids, m.id)
		}
	}
	if len(ids) > 0 && r.untold == 0 {
		slices.Sort(ids)
		r.retell(slices.Compact(ids)) // one may have come and gone more than once
	}
}

// failureOfMPID is the failure, open for an event of a time and a position of the log, that an MPID is in; nil if it is in none.
func (r *Register) failureOfMPID(id smki.MPID, at time.Time, seq uint64) *failure {
	for _, f := range r.failures {
		if f.openFor(at, seq) && f.mpid(id).in() {
			return f
		}
	}
	return nil
}

// enter brings an MPID into a failure, as new or again.
func (r *Register) enter(f *failure, id smki.MPID, t told) {
	fuel, _ := r.dir.Fuel(id)
	if i := slices.IndexFunc(f.mpids, func(m *mpidItem) bool { return m.id == id }); i >= 0 {
		f.earlier = append(f.earlier, f.mpids[i])
		f.mpids = slices.Delete(f.mpids, i, i+1)
	}
	f.mpids = append(f.mpids, &mpidItem{id: id, fuel: fuel, entered: t.At, seq: t.seq})
}

// left notes that an MPID went from a failure, and whether on confirmations.
func (f *failure) left(m *mpidItem, t told) {
	d := m.inForce(t.At)
	m.gone, m.confirmed = t.At, d != nil && d.exited || (d == nil || !d.back) && f.confirmed[m.solr(t.At)].before(t)
}

// stays ends a direction to bring an MPID back that was not followed yet, since a later one leaves it with the party that has it.
func (f *failure) stays(m *mpidItem, holder smki.PartyID, t told) bool {
	if holder != t.Party || holder == f.Supplier || !m.gone.IsZero() {
		return false
	}
	for _, d := range m.directions {
		if d.back {
			d.void = cmp.Or(d.void, t.At)
		}
	}
	m.gone, m.confirmed = t.At, t.Kind == ExitReleased || f.confirmed[t.Party].before(t)
	return true
}

// direct adds a direction. It replaces what was announced, and what was directed to another party or for another day and had no effect yet.
func (r *Register) direct(f *failure, m *mpidItem, d *direction, t told) {
	for _, old := range m.directions {
		if old.void.IsZero() && d.given.Before(old.from) && (d.to != old.to || !d.date.IsZero()) {
			old.void = d.given
		}
	}
	for i := range m.announced {
		a := &m.announced[i]
		a.ended = cmp.Or(a.ended, d.given)
	}
	failed, exited := r.overtaken(f, t)
	if failed || exited {
		d.void = d.given
	}
	if exited {
		d.ended = d.given
	}
	m.directions = append(m.directions, d)
}

// appoints reports whether the last direction is what an appointment says already.
func (m *mpidItem) appoints(e *Event) bool {
	n := len(m.directions)
	if n == 0 {
		return false
	}
	last := m.directions[n-1]
	return last.to == e.Party && last.void.IsZero() && !last.date.IsZero() && solr.SoLRDate(last.date).Equal(solr.SoLRDate(e.Date))
}

// overtaken reports whether it was told only after an event named a party for an MPID that the party was failing by then, or that the supplier had found an exit.
func (r *Register) overtaken(f *failure, t told) (failed, exited bool) {
	failed = slices.ContainsFunc(r.failures, func(x *failure) bool {
		return x != f && x.Supplier == t.Party && x.notice > t.seq && !x.Notified.After(t.At)
	})
	return failed, f.exiting > t.seq && !f.exited.After(t.At)
}

// lose ends what names a party that fails as SoLR (R15).
func (m *mpidItem) lose(p smki.PartyID, t told) {
	for i := range m.announced {
		if a := &m.announced[i]; a.solr == p {
			a.ended = cmp.Or(a.ended, t.At)
		}
	}
	for _, d := range m.directions {
		if d.to == p {
			d.void = cmp.Or(d.void, t.At)
		}
	}
}
