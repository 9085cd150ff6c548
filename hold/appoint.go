package hold

import (
	"slices"
	"time"

	"github.com/seed-db8551c1/lastresort/smki"
	"github.com/seed-db8551c1/lastresort/solr"
)

// Notification, announcement, revocation of the licence, appointment and direction: what comes from Ofgem (R1, R4, R15, R16).

// notify opens a failure with every MPID and certificate of the supplier, unless it is open already.
// A SoLR that fails itself loses what it was appointed for but has not got (R15).
func (r *Register) notify(e *Event) (Applied, error) { return r.opened(e, solr.Notify) }

// revokeLicence doubles as the notice where none was given.
func (r *Register) revokeLicence(e *Event) (Applied, error) { return r.opened(e, solr.Revoke) }

// opened takes the failure that an event names, which it opens if it is new, along the state machine.
func (r *Register) opened(e *Event, step solr.Event) (Applied, error) {
	f := r.failure(e.Failure)
	switch open := r.openOf(e.Party); {
	case f != nil && (f.Supplier != e.Party || f.Phase == solr.Closed):
		return bad(e, "another ID: failure %s is of %s and %v", f.ID, f.Supplier, f.Phase)
	case f == nil && open != nil:
		return bad(e, "failure %s, which is open for %s", open.ID, e.Party)
	case f == nil:
		r.openFailure(e, step)
	default:
		r.move(f, step, e.At)
	}
	return Applied{}, nil
}

func (r *Register) openFailure(e *Event, step solr.Event) {
	now := latest(e.At, r.clock) // a late notice may be of a time before the appointment
	var lost []*failure
	for _, f := range r.failures {
		if f.Phase != solr.Closed && f.hasSoLR(e.Party, now) {
			lost = append(lost, f)
		}
	}
	f := &failure{Failure: solr.Failure{ID: e.Failure, Supplier: e.Party}, notice: r.next()}
	for _, c := range r.dir.Subscribed(e.Party) {
		f.certs = append(f.certs, &certItem{c.ID, c.Use})
	}
	r.failures = append(r.failures, f)
	r.move(f, step, e.At)
	r.tell(e, r.mpidsOf(e.Party)...)
	for _, f := range lost {
		if !f.hasSoLR("", now) {
			r.move(f, solr.LoseSoLR, e.At)
		}
	}
}

// hasSoLR reports whether a party is SoLR of an MPID of the failure at a time, or any party if it is empty.
func (f *failure) hasSoLR(p smki.PartyID, at time.Time) bool {
	return slices.ContainsFunc(f.mpids, func(m *mpidItem) bool {
		s := m.solr(at)
		return m.kept.IsZero() && s != "" && (p == "" || s == p)
	})
}

// move takes a failure along the state machine. A report that leads nowhere from its phase is a repeat and changes nothing.
func (r *Register) move(f *failure, e solr.Event, at time.Time) {
	if next, err := f.Failure.Apply(e, at); err == nil {
		f.Failure = next
	} else if e == solr.Revoke && f.Revoked.IsZero() {
		f.Revoked = at // exited or closed in the meantime: the licence is gone all the same
	}
}

// solr is who is SoLR of the MPID at a time: as directed, or as will be directed, or as announced; empty if nobody is.
func (m *mpidItem) solr(at time.Time) smki.PartyID {
	if d := m.inForce(at); d != nil {
		return d.to
	}
	for _, d := range slices.Backward(m.directions) {
		if !at.Before(d.given) && at.Before(d.from) && (d.void.IsZero() || at.Before(d.void)) {
			return d.to
		}
	}
	return m.named(at).solr
}

// named is the announcement that stands at a time, zero if none does. One that was replaced does not give way to an earlier one.
func (m *mpidItem) named(at time.Time) announcement {
	for _, a := range slices.Backward(m.announced) {
		if !at.Before(a.at) {
			if a.ended.IsZero() || at.Before(a.ended) {
				return a
			}
			break
		}
	}
	return announcement{}
}

// items finds MPIDs of an event in a failure: those that are in it, and those that have gone from it, which are done.
func (f *failure) items(e *Event) (in []*mpidItem, done []Item, err error) {
	for _, id := range e.MPIDs {
		m := f.mpid(id)
		switch {
		case m == nil:
			_, err := bad(e, "MPIDs of failure %s, not %s", f.ID, id)
			return nil, nil, err
		case !m.in():
			done = append(done, Item{MPID: id})
		default:
			in = append(in, m)
		}
	}
	return in, done, nil
}

// announce names a SoLR. It directs nothing (R4), and reported late it takes nothing back that was announced or directed since.
func (r *Register) announce(e *Event) (Applied, error) {
	f := r.failure(e.Failure)
	if f == nil {
		return bad(e, "a failure that was notified, not %q", e.Failure)
	}
	if e.Party == f.Supplier {
		return bad(e, "another party than the failed supplier")
	}
	_, done, err := f.items(e)
	if err != nil {
		return Applied{}, err
	}
	r.tell(e, e.MPIDs...)
	r.move(f, solr.Announce, e.At)
	return Applied{Done: done}, nil
}

// appoint makes a party SoLR from 00:01 in London on the SoLR date, or from now if that has passed, and carries the direction to transfer (R4).
func (r *Register) appoint(e *Event) (Applied, error) {
	f, in, done, err := r.directed(e)
	if err != nil {
		return Applied{}, err
	}
	appoints := len(in) > 0 || slices.ContainsFunc(done, func(x Item) bool { // who has one already is its SoLR all the same
		owner, _ := r.dir.DCC.Owner(x.MPID, e.At)
		return owner == e.Party && f.mpid(x.MPID).kept.IsZero()
	})
	r.tell(e, e.MPIDs...)
	for _, m := range in {
		if !m.gone.IsZero() { // it stays where it is
			done = append(done, Item{MPID: m.id})
		}
	}
	if appoints && f.Phase < solr.Appointed {
		r.move(f, solr.Announce, e.At)
	}
	return Applied{Done: done}, nil
}

// directTransfer directs the transfer of MPIDs, those that have gone from the failure included: that is how they come back (R16).
func (r *Register) directTransfer(e *Event) (Applied, error) {
	f, err := r.open(e)
	if err != nil {
		return Applied{}, err
	}
	if err := r.fitToHold(f, e); err != nil {
		return Applied{}, err
	}
	var done []Item
	for _, id := range e.MPIDs {
		other := r.failureOfMPID(id, e.At, r.next())
		switch {
		case f.mpid(id) == nil:
			return bad(e, "MPIDs of failure %s, not %s", f.ID, id)
		case !r.held(id):
			return bad(e, "an MPID that was not retired, unlike %s", id)
		case other != nil && other != f:
			return refuse(e, solr.R15, "MPID %s in no other failure, but it is in %s", id, other.ID)
		}
		if owner, _ := r.dir.DCC.Owner(id, e.At); owner == e.Party {
			done = append(done, Item{MPID: id})
		}
	}
	r.tell(e, e.MPIDs...)
	return Applied{Done: done}, nil
}

// held reports whether an MPID belongs to anybody, as far as the log says.
func (r *Register) held(id smki.MPID) bool {
	h := r.dir.DCC.Holdings(id)
	return len(h) > 0 && h[len(h)-1].Party != ""
}

// directed checks what appointments need and finds their MPIDs.
func (r *Register) directed(e *Event) (*failure, []*mpidItem, []Item, error) {
	f, err := r.open(e)
	if err != nil {
		return nil, nil, nil, err
	}
	if f.Phase == solr.Exited {
		_, err := refuse(e, solr.R14, "a failure that did not find an exit")
		return nil, nil, nil, err
	}
	if e.Party == f.Supplier {
		_, err := refuse(e, solr.R4, "another party than the failed supplier as SoLR")
		return nil, nil, nil, err
	}
	if err := r.fitToHold(f, e); err != nil {
		return nil, nil, nil, err
	}
	in, done, err := f.items(e)
	return f, in, done, err
}

// failing reports whether a party is failing itself, or has lost its licence in a failure that is over (R15).
func (r *Register) failing(p smki.PartyID, at time.Time) bool {
	return r.openOf(p) != nil || r.licences().revoked(p, at)
}

// fitToHold refuses a party that is failing itself, unless it is the failure's own supplier (R15).
func (r *Register) fitToHold(f *failure, e *Event) error {
	if e.Party != f.Supplier && r.failing(e.Party, e.At) {
		_, err := refuse(e, solr.R15, "a party that is not failing itself, as %s is", e.Party)
		return err
	}
	return nil
}

// hasSoLR reports whether an MPID has an appointed SoLR that still holds its licence at a time (R10).
func (m *mpidItem) hasSoLR(at time.Time, licence licences) bool {
	d := m.appointed(at)
	return d != nil && !licence.revoked(d.to, at)
}

// licences is, by party, when its licence was revoked first.
type licences map[smki.PartyID]time.Time

func (l licences) revoked(p smki.PartyID, at time.Time) bool {
	t, ok := l[p]
	return ok && !at.Before(t)
}

func (r *Register) licences() licences {
	l := make(licences, len(r.failures))
	for _, f := range r.failures {
		if t, lost := l[f.Supplier]; !f.Revoked.IsZero() && (!lost || f.Revoked.Before(t)) {
			l[f.Supplier] = f.Revoked
		}
	}
	return l
}
