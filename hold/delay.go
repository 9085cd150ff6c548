package hold

import (
	"slices"
	"time"

	"github.com/seed-db8551c1/lastresort/smki"
	"github.com/seed-db8551c1/lastresort/solr"
)

// The PMA's delays, its releases, and the freeze that a delay brings (R3, R6, R7, R16).

// delay is one direction of the PMA to hold items back.
type delay struct {
	id       string
	seq      uint64 // its position in the log
	controls Controls
	regime   Regime    // in force when it was given (R18)
	directed time.Time // when it was given
	received time.Time // when the DCC had it: from then on it holds; zero before
	items    []delayedItem
}

type delayedItem struct {
	Item
	released time.Time // when the PMA let it go; zero while it is held
}

func (d *delay) item(x Item) *delayedItem {
	for i := range d.items {
		if d.items[i].Item == x {
			return &d.items[i]
		}
	}
	return nil
}

func (d *delay) heldBy(t time.Time) bool { return !d.received.IsZero() && !t.Before(d.received) }

// directDelay takes a delay of one control or both over the named items, or over all of the failure if it names none. Items already done are named in the result; a
// delay whose items are all done holds and freezes nothing.
func (r *Register) directDelay(e *Event) (Applied, error) {
	regime := r.Settings.Regime.at(e.At)
	switch {
	case regime == Baseline:
		return refuse(e, solr.R3, "MP134A in force, from 4 October 2021")
	case regime == MP134A && e.Controls&Transfer != 0:
		return refuse(e, solr.R6, "MP185 in force, from 17 November 2021")
	}
	f, err := r.open(e)
	if err != nil {
		return Applied{}, err
	}
	if f.Phase == solr.Exited {
		return refuse(e, solr.R14, "a failure that did not find an exit")
	}
	named := *e
	if len(e.MPIDs) == 0 && len(e.Certificates) == 0 {
		for _, m := range f.mpids {
			named.MPIDs = append(named.MPIDs, m.id)
		}
		for _, c := range f.certs {
			named.Certificates = append(named.Certificates, c.id)
		}
		if e.Controls&Transfer == 0 {
			named.MPIDs = nil
		}
		if e.Controls&Revocation == 0 {
			named.Certificates = nil
		}
	} else if len(e.MPIDs) > 0 && e.Controls&Transfer == 0 || len(e.Certificates) > 0 && e.Controls&Revocation == 0 {
		return bad(e, "only items of the controls that are delayed")
	}
	in, done, err := f.items(&named)
	if err != nil {
		return Applied{}, err
	}
	good, certsDone, err := r.certificatesOf(f, &named)
	if err != nil {
		return Applied{}, err
	}
	d := &delay{id: e.ID, seq: r.next(), controls: e.Controls, regime: regime, directed: e.At}
	for _, m := range in {
		d.items = append(d.items, delayedItem{Item: Item{MPID: m.id}})
	}
	for _, id := range good {
		d.items = append(d.items, delayedItem{Item: Item{Certificate: id}})
	}
	if len(d.items) > 0 {
		f.delays = append(f.delays, d)
	}
	return Applied{Done: append(done, certsDone...)}, nil
}

// receiveDelay records when the DCC had a delay, or all that were given by then. A receipt of a delay that is not in the log is not taken, lest it be lost.
func (r *Register) receiveDelay(e *Event) (Applied, error) {
	f := r.failure(e.Failure)
	if f == nil {
		return bad(e, "a failure that was notified, not %q", e.Failure)
	}
	if e.Ref != "" && !r.seen[e.Ref] {
		return bad(e, "a delay that was given, not %q", e.Ref)
	}
	for _, d := range f.delays {
		if e.Ref == "" && d.directed.After(e.At) || e.Ref != "" && e.Ref != d.id {
			continue
		}
		if at := latest(e.At, d.directed); d.received.IsZero() || at.Before(d.received) { // it cannot be had before it was given; that it was had earlier than was known is news
			d.received = at
		}
	}
	return Applied{}, nil
}

// release ends the delay of the named items, and is the PMA's agreement to the transfer of the MPIDs among them. Under MP185 it needs the five confirmations (R8).
func (r *Register) release(e *Event) (Applied, error) {
	regime := r.Settings.Regime.at(e.At)
	switch {
	case len(e.MPIDs)+len(e.Certificates) == 0:
		return bad(e, "MPIDs or certificates")
	case regime == Baseline:
		return refuse(e, solr.R3, "MP134A in force, from 4 October 2021")
	case regime == MP134A && len(e.MPIDs) > 0:
		return refuse(e, solr.R6, "MP185 in force, from 17 November 2021")
	}
	f, err := r.open(e)
	if err != nil {
		return Applied{}, err
	}
	if !f.exited.IsZero() {
		return refuse(e, solr.R14, "an instruction that names the holder after the exit")
	}
	in, done, err := f.items(e)
	if err != nil {
		return Applied{}, err
	}
	certs, certsDone, err := r.certificatesOf(f, e)
	if err != nil {
		return Applied{}, err
	}
	for _, m := range in {
		if r.binds(m.trigger(e.At), e.At) && !r.confirmedFor(f, m, e.At) {
			return refuse(e, solr.R8, "the five confirmations of the SoLR of MPID %s", m.id)
		}
	}
	if len(certs) > 0 && r.binds(f.Revoked, e.At) && !r.allConfirmed(f, e.At) {
		return refuse(e, solr.R8, "the five confirmations of the SoLR of every MPID of failure %s", f.ID)
	}
	for _, m := range in {
		r.permit(f, TransferMPID, Item{MPID: m.id}, 0, e.At, false)
	}
	r.tell(e, e.MPIDs...)
	for _, id := range certs {
		r.permit(f, RevokeCertificate, Item{Certificate: id}, 0, e.At, false)
	}
	return Applied{Done: append(done, certsDone...)}, nil
}

// named is an act that an instruction of the PMA names for an item or User.
type named struct {
	action Action
	item   Item
	user   smki.EUI64
	at     time.Time
	seq    uint64 // its position in the log
	exited bool   // after an exit: it stands in place of the SoLR's confirmations (R14)
}

// next is the position in the log of the event that is being applied.
func (r *Register) next() uint64 { return r.Seq() + 1 }

// permit names an act for an item. To name its revocation or transfer ends the delays of it.
func (r *Register) permit(f *failure, a Action, x Item, user smki.EUI64, at time.Time, exited bool) {
	f.named = append(f.named, named{a, x, user, at, r.next(), exited})
	if a != RevokeCertificate && a != TransferMPID {
		return
	}
	for _, d := range f.delays {
		if i := d.item(x); i != nil && i.released.IsZero() {
			i.released = at
		}
	}
}

// instruct names an act of the closed list of R7 other than revocation and transfer, which are released.
func (r *Register) instruct(e *Event) (Applied, error) {
	if r.Settings.Regime.at(e.At) != MP185 {
		return refuse(e, solr.R7, "MP185 in force, from 17 November 2021")
	}
	f, err := r.open(e)
	if err != nil {
		return Applied{}, err
	}
	switch e.Action {
	case IssueCertificate, PublishCRL:
		if len(e.Certificates) == 0 {
			return bad(e, "Certificates")
		}
		for _, id := range e.Certificates {
			r.permit(f, e.Action, Item{Certificate: id}, 0, e.At, false)
		}
	case ReleaseQuarantine, DeleteQuarantine, SuspendUser:
		if e.User == nil || e.User.ID == 0 {
			return bad(e, "User")
		}
		r.permit(f, e.Action, Item{}, e.User.ID, e.At, false)
	default:
		return bad(e, "an act other than %v, which is released, and %v, which goes with a support request", RevokeCertificate, ApplyThresholds)
	}
	return Applied{}, nil
}

// held reports whether a delay holds an item at a time.
func (f *failure) held(x Item, t time.Time) bool {
	for _, d := range f.delays {
		if i := d.item(x); i != nil && d.heldBy(t) && (i.released.IsZero() || t.Before(i.released)) {
			return true
		}
	}
	return false
}

// crossed reports whether a delay of an item was given but had not reached the DCC at a time.
func (f *failure) crossed(x Item, t time.Time) bool {
	for _, d := range f.delays {
		if i := d.item(x); i != nil && !t.Before(d.directed) && !d.heldBy(t) && (i.released.IsZero() || t.Before(i.released)) {
			return true
		}
	}
	return false
}

// frozen is the delay that keeps the DCC from an act at a time, the last given of those that have reached it, nil if the failure is not frozen (R7): only an instruction after it lets the DCC act,
// and receipts out of order come to the same as in order. A delay given under MP134A never freezes (R18).
func (s *Settings) frozen(f *failure, a Action, t time.Time) *delay {
	for _, d := range slices.Backward(f.delays) {
		if d.regime == MP185 && d.heldBy(t) && !(s.FreezeControlOnly && d.controls&a.controls() == 0) {
			return d
		}
	}
	return nil
}

// controls is the control that an act belongs to; acts that belong to neither are frozen by either.
func (a Action) controls() Controls {
	switch a {
	case RevokeCertificate, IssueCertificate, PublishCRL:
		return Revocation
	case TransferMPID:
		return Transfer
	}
	return Revocation | Transfer
}

// permits is the instruction that names an act for an item or User at a time: after the delay that froze the failure, if one did.
func (f *failure) permits(a Action, x Item, user smki.EUI64, froze *delay, t time.Time) (named, bool) {
	m := f.stint(x, t)
	for _, n := range slices.Backward(f.named) {
		if n.action != a || n.item != x || n.user != user || !m.precedes(n) || froze != nil && n.seq < froze.seq || t.Before(n.at) {
			continue
		}
		return n, true
	}
	return named{}, false
}

// stint is the stint of an item that is an MPID at a time, nil for others.
func (f *failure) stint(x Item, t time.Time) *mpidItem {
	if x.MPID == "" {
		return nil
	}
	return f.mpidAt(x.MPID, t)
}

// precedes reports whether an instruction was given after the stint began, or the item is no MPID: one that came back needs new ones.
func (m *mpidItem) precedes(n named) bool {
	return m == nil || inTime(m.entered, m.seq, n.at, n.seq) < 0
}
