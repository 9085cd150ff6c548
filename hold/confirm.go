package hold

import (
	"slices"
	"time"

	"github.com/seed-db8551c1/lastresort/smki"
	"github.com/seed-db8551c1/lastresort/solr"
)

// The SoLR's five confirmations and the agreements to a transfer (R8, R11).

// confirmations are what one SoLR confirmed: when each of the five was first given, and what it says now.
type confirmations struct {
	at   [numConfirmations]time.Time
	seq  [numConfirmations]uint64 // the log positions of those; zero from a snapshot of version 1
	text [numConfirmations]string
}

func (c *confirmations) complete(t time.Time) bool {
	if c == nil {
		return false
	}
	for i := EstateMakeUp; i < numConfirmations; i++ {
		if c.at[i].IsZero() || t.Before(c.at[i]) {
			return false
		}
	}
	return true
}

// before reports whether all five were given before something else was told.
func (c *confirmations) before(t told) bool {
	if c == nil {
		return false
	}
	for i := EstateMakeUp; i < numConfirmations; i++ {
		if c.at[i].IsZero() || inTime(c.at[i], c.seq[i], t.At, t.seq) >= 0 {
			return false
		}
	}
	return true
}

// position is what an SRP said of sending requests for the SoLR.
type position struct {
	at   time.Time
	text string
}

// statePosition records, or revises, an SRP's position. Confirmation of the SRP's support needs the position of every SRP of the supplier.
func (r *Register) statePosition(e *Event) (Applied, error) {
	f := r.failure(e.Failure)
	if f == nil {
		return bad(e, "a failure that was notified, not %q", e.Failure)
	}
	p := f.positions[e.By]
	if p.at.IsZero() {
		p.at = e.At
	}
	p.text = e.Text
	f.positions = with(f.positions, e.By, p)
	return Applied{}, nil
}

// confirm takes one of the five confirmations of a SoLR, from its announcement until what it is SoLR of is released. A revision replaces the content and never takes one back.
func (r *Register) confirm(e *Event) (Applied, error) {
	f, err := r.open(e)
	if err != nil {
		return Applied{}, err
	}
	if r.failing(e.By, e.At) {
		return refuse(e, solr.R15, "a SoLR that is not failing itself")
	}
	concerned, released := false, true
	for _, m := range f.mpids {
		if m.solr(e.At) != e.By {
			continue
		}
		concerned = true
		x := Item{MPID: m.id}
		if _, named := f.permits(TransferMPID, x, 0, nil, e.At); m.gone.IsZero() && (!named || f.held(x, e.At)) {
			released = false
		}
	}
	switch {
	case !concerned:
		return refuse(e, solr.R8, "a party that is announced or appointed SoLR of an MPID of failure %s", f.ID)
	case released && f.confirmed[e.By].complete(e.At):
		return refuse(e, solr.R8, "a confirmation before everything that it is for was released")
	}
	if e.Confirmation == SRPSupport {
		for _, srp := range r.engaged[f.Supplier] {
			if _, stated := f.positions[srp]; !stated {
				return refuse(e, solr.R8, "the position of %s on sending requests for the SoLR", srp)
			}
		}
	}
	var c confirmations
	if old := f.confirmed[e.By]; old != nil {
		c = *old
	}
	if c.at[e.Confirmation].IsZero() {
		c.at[e.Confirmation], c.seq[e.Confirmation] = e.At, r.next()
	}
	c.text[e.Confirmation] = e.Text
	f.confirmed = with(f.confirmed, e.By, &c)
	return Applied{}, nil
}

// confirmedFor reports whether the SoLR of an MPID had given its five confirmations by a time.
func (r *Register) confirmedFor(f *failure, m *mpidItem, t time.Time) bool {
	if m.confirmed && m.goneBy(t) || m.keptBy(t) {
		return true
	}
	if d := m.inForce(t); d != nil && (d.exited || d.back) {
		return true
	}
	to := m.solr(t)
	named := m.named(t).solr == to || slices.ContainsFunc(m.directions, func(d *direction) bool {
		return d.to == to && !t.Before(d.given) && (d.void.IsZero() || t.Before(d.void))
	})
	return named && f.confirmed[to].complete(t) // what was directed after that time does not count
}

// allConfirmed reports whether every MPID of the failure had an appointed SoLR by a time and each of them had confirmed (R8). One that was directed back to the failed supplier has none again, also
// where the DCC then gave it to somebody else.
func (r *Register) allConfirmed(f *failure, t time.Time) bool {
	for _, m := range f.mpids {
		if m = f.then(m, t); m == nil || m.outBy(t) || m.keptBy(t) {
			continue
		}
		if d := m.inForce(t); !m.goneBy(t) && d == nil || d != nil && d.back || !r.confirmedFor(f, m, t) {
			return false
		}
	}
	return true
}

// binds reports whether R8 and R11 bind an act at a time, given when its trigger came (R18).
func (r *Register) binds(trigger, at time.Time) bool {
	if r.Settings.Regime.at(at) != MP185 {
		return false
	}
	return !r.Settings.UndoneActsExempt || trigger.IsZero() || r.Settings.Regime.at(trigger) == MP185
}

// trigger is when the direction to transfer the MPID was given; zero if there is none.
func (m *mpidItem) trigger(t time.Time) time.Time {
	if d := m.inForce(t); d != nil {
		return d.given
	}
	return time.Time{}
}

// agree records an agreement to the transfer of MPIDs. Agreements follow the five confirmations and are with the SoLR of the day: the next one needs its own.
func (r *Register) agree(e *Event) (Applied, error) {
	if r.Settings.Regime.at(e.At) != MP185 {
		return refuse(e, solr.R11, "MP185 in force, from 17 November 2021")
	}
	f, err := r.open(e)
	if err != nil {
		return Applied{}, err
	}
	if e.Agreeing == SoLRAgrees && e.By == "" {
		return bad(e, "By")
	}
	in, done, err := f.items(e)
	if err != nil {
		return Applied{}, err
	}
	for _, m := range in {
		s := m.solr(e.At)
		switch {
		case s == "":
			return refuse(e, solr.R11, "a SoLR of MPID %s", m.id)
		case e.Agreeing == SoLRAgrees && e.By != s:
			return refuse(e, solr.R11, "the SoLR of MPID %s, which is %s", m.id, s)
		case !r.confirmedFor(f, m, e.At):
			return refuse(e, solr.R11, "the five confirmations of %s before any agreement", s)
		}
	}
	r.tell(e, e.MPIDs...)
	return Applied{Done: done}, nil
}

func (m *mpidItem) agree(s smki.PartyID, who Agreeing, at time.Time) {
	var a [numAgreeing]time.Time
	if old := m.agreed[s]; old != nil {
		a = *old
	}
	if a[who].IsZero() {
		a[who] = at
		m.agreed = with(m.agreed, s, &a)
	}
}

// agreedBy reports whether SoLR, PMA and DCC had all agreed to the transfer to a party by a time.
func (m *mpidItem) agreedBy(s smki.PartyID, t time.Time) bool {
	a := m.agreed[s]
	if a == nil {
		return false
	}
	for who := SoLRAgrees; who < numAgreeing; who++ {
		if a[who].IsZero() || t.Before(a[who]) {
			return false
		}
	}
	return true
}
