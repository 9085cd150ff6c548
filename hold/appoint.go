package hold

import (
	"cmp"
	"slices"
	"time"

	"github.com/seed-db8551c1/lastresort/smki"
	"github.com/seed-db8551c1/lastresort/solr"
)

// Notification, announcement, revocation of the licence, appointment and direction: what comes from Ofgem (R1, R4, R15, R16).

// notify opens a failure with every MPID and certificate of the supplier, unless it is open already.
// A SoLR that fails itself loses what it was appointed for but has not got (R15).
func (r *Register) notify(e *Event) (Applied, error) {
	f, err := r.opened(e)
	if err != nil {
		return Applied{}, err
	}
	r.move(f, solr.Notify, e.At)
	return Applied{}, nil
}

// revokeLicence doubles as the notice where none was given.
func (r *Register) revokeLicence(e *Event) (Applied, error) {
	f, err := r.opened(e)
	if err != nil {
		return Applied{}, err
	}
	r.move(f, solr.Revoke, e.At)
	return Applied{}, nil
}

// opened is the failure that an event names, opened if it is new.
func (r *Register) opened(e *Event) (*failure, error) {
	f := r.failure(e.Failure)
	switch open := r.openOf(e.Party); {
	case f != nil && (f.Supplier != e.Party || f.Phase == solr.Closed):
		_, err := bad(e, "another ID: failure %s is of %s and %v", f.ID, f.Supplier, f.Phase)
		return nil, err
	case f == nil && open != nil:
		_, err := bad(e, "failure %s, which is open for %s", open.ID, e.Party)
		return nil, err
	case f == nil:
		f = r.openFailure(e)
	}
	return f, nil
}

func (r *Register) openFailure(e *Event) *failure {
	f := &failure{Failure: solr.Failure{ID: e.Failure, Supplier: e.Party}}
	for _, m := range r.dir.MPIDs() {
		h := r.dir.DCC.Holdings(m.ID)
		last := h[len(h)-1]
		if then, _ := r.dir.DCC.Owner(m.ID, e.At); then != e.Party && last.Party != e.Party {
			continue
		}
		for _, other := range r.failures { // it belongs to this failure instead (R15)
			if x := other.mpid(m.ID); x != nil && other.Phase != solr.Closed && last.Party == e.Party {
				x.gone, x.out = cmp.Or(x.gone, e.At), cmp.Or(x.out, e.At)
			}
		}
		r.enter(f, m.ID, e.At)
		if last.Party != e.Party {
			x := f.mpid(m.ID)
			x.gone, x.out = last.From, last.From // it went before the notice was logged
		}
	}
	for _, c := range r.dir.Subscribed(e.Party) {
		f.certs = append(f.certs, &certItem{c.ID, c.Use})
	}
	for _, other := range r.failures {
		r.loseSoLR(other, e.Party, e.At)
	}
	r.failures = append(r.failures, f)
	return f
}

// loseSoLR voids what is not done yet under directions to a party that fails (R15).
func (r *Register) loseSoLR(f *failure, p smki.PartyID, at time.Time) {
	if f.Phase == solr.Closed {
		return
	}
	now := latest(at, r.clock) // a late notice may be of a time before the appointment
	lost, left := false, false
	for _, m := range f.mpids {
		lost = lost || m.kept.IsZero() && m.solr(now) == p
	}
	for m := range f.stints {
		for i := range m.announced {
			if a := &m.announced[i]; a.solr == p && a.ended.IsZero() {
				a.ended = latest(at, a.at)
			}
		}
		for _, d := range m.directions {
			if d.to == p && d.void.IsZero() {
				d.void = latest(at, d.given)
			}
		}
	}
	for _, m := range f.mpids {
		left = left || m.kept.IsZero() && m.solr(now) != ""
	}
	if lost && !left {
		r.move(f, solr.LoseSoLR, at)
	}
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
		if at.Before(d.from) && (d.void.IsZero() || at.Before(d.void)) {
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

// direct adds a direction. It replaces what was announced, and what was directed to another party or for another day and had no effect yet.
func (m *mpidItem) direct(d *direction) {
	for _, old := range m.directions {
		if old.void.IsZero() && d.given.Before(old.from) && (d.to != old.to || !d.date.IsZero()) {
			old.void = d.given
		}
	}
	for i := range m.announced {
		if a := &m.announced[i]; a.ended.IsZero() {
			a.ended = d.given
		}
	}
	m.directions = append(m.directions, d)
}

// items finds MPIDs of an event in a failure: those that are in it, and those that have gone from it, which are done.
func (f *failure) items(e *Event) (in []*mpidItem, done []Item, err error) {
	for _, id := range e.MPIDs {
		m := f.mpid(id)
		switch {
		case m == nil:
			_, err := bad(e, "MPIDs of failure %s, not %s", f.ID, id)
			return nil, nil, err
		case !m.gone.IsZero() || !m.kept.IsZero():
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
	in, done, err := f.items(e)
	if err != nil {
		return Applied{}, err
	}
	for _, m := range in {
		a := announcement{solr: e.Party, at: e.At}
		if i := slices.IndexFunc(m.directions, func(d *direction) bool { return d.given.After(e.At) }); i >= 0 {
			a.ended = m.directions[i].given
		}
		i := len(m.announced)
		for i > 0 && e.At.Before(m.announced[i-1].at) {
			i--
		}
		m.announced = slices.Insert(m.announced, i, a)
	}
	r.move(f, solr.Announce, e.At)
	return Applied{Done: done}, nil
}

// appoint makes a party SoLR from 00:01 in London on the SoLR date, or from now if that has passed, and carries the direction to transfer (R4).
func (r *Register) appoint(e *Event) (Applied, error) {
	from := solr.SoLRDate(e.Date).UTC()
	if from.Before(e.At) {
		from = e.At
	}
	f, in, done, err := r.directed(e)
	if err != nil {
		return Applied{}, err
	}
	for _, x := range done { // who has one already is its SoLR all the same: certificates wait for it to confirm (R8)
		if owner, _ := r.dir.DCC.Owner(x.MPID, e.At); owner == e.Party && f.mpid(x.MPID).kept.IsZero() {
			in = append(in, f.mpid(x.MPID))
		}
	}
	for _, m := range in {
		if n := len(m.directions); n > 0 {
			if last := m.directions[n-1]; last.to == e.Party && last.void.IsZero() && !last.date.IsZero() && solr.SoLRDate(last.date).Equal(solr.SoLRDate(e.Date)) {
				continue // a repeat
			}
		}
		m.direct(&direction{to: e.Party, given: e.At, from: from, date: e.Date})
		if r.stays(f, m, e) {
			done = append(done, Item{MPID: m.id})
		}
	}
	if len(in) > 0 && f.Phase < solr.Appointed {
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
	for _, id := range e.MPIDs {
		m := f.mpid(id)
		other, _ := r.failureOfMPID(id)
		switch {
		case m == nil:
			return bad(e, "MPIDs of failure %s, not %s", f.ID, id)
		case !r.held(id):
			return bad(e, "an MPID that was not retired, unlike %s", id)
		case other != nil && other != f:
			return refuse(e, solr.R15, "MPID %s in no other failure, but it is in %s", id, other.ID)
		}
	}
	var done []Item
	for _, id := range e.MPIDs {
		if owner, _ := r.dir.DCC.Owner(id, e.At); owner == e.Party {
			done = append(done, Item{MPID: id})
			if m := f.mpid(id); r.stays(f, m, e) {
				m.direct(&direction{to: e.Party, given: e.At, from: e.At})
			}
			continue
		}
		if m := f.mpid(id); !m.gone.IsZero() || !m.kept.IsZero() {
			r.enter(f, id, e.At)
		}
		m := f.mpid(id)
		if d := m.inForce(e.At); d != nil && d.to == e.Party {
			continue // a repeat
		}
		m.direct(&direction{to: e.Party, given: e.At, from: e.At, back: e.Party == f.Supplier})
	}
	return Applied{Done: done}, nil
}

// stays ends a direction to bring an MPID back that was not followed yet, since a later one leaves it with the party that has it.
func (r *Register) stays(f *failure, m *mpidItem, e *Event) bool {
	owner, _ := r.dir.DCC.Owner(m.id, e.At)
	if owner != e.Party || owner == f.Supplier || !m.gone.IsZero() {
		return false
	}
	for _, d := range m.directions {
		if d.back && d.void.IsZero() {
			d.void = e.At
		}
	}
	m.gone, m.confirmed = e.At, e.Kind == ExitReleased || f.confirmed[e.Party].complete(e.At)
	return true
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
