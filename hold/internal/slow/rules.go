package slow

import (
	"cmp"
	"slices"
	"time"

	"github.com/seed-db8551c1/lastresort/duis"
	"github.com/seed-db8551c1/lastresort/hold"
	"github.com/seed-db8551c1/lastresort/smki"
	"github.com/seed-db8551c1/lastresort/solr"
)

// r01RevocationDue: revocation of the certificates is due from the revocation of the licence on.
func (v *view) r01RevocationDue(f *life) bool { return !f.Revoked.IsZero() }

// r02SupplierCertificate: the certificates and DCCKI certificates of which the failed supplier is Subscriber. That leaves out those of the SRP.
func (v *view) r02SupplierCertificate(c *smki.Certificate, p smki.PartyID) bool {
	switch {
	case c.Subscriber != p:
		return false
	case c.Use == smki.IKI:
		return !v.IKIExempt
	case c.Use == smki.DeviceCertificate:
		return v.DeviceIncluded
	}
	return true
}

func (v *view) supplierCertificates(p smki.PartyID) []*smki.Certificate {
	return slices.DeleteFunc(v.certificates(), func(c *smki.Certificate) bool { return !v.r02SupplierCertificate(c, p) })
}

// r03Held: the PMA's delay holds a certificate from the DCC's receipt until the PMA releases it.
func (v *view) r03Held(f *life, id smki.CertificateID) bool {
	return v.delay(f, hold.Revocation, hold.Item{Certificate: id}, true) > 0
}

// r06Held: the same of an MPID.
func (v *view) r06Held(f *life, id smki.MPID) bool {
	return v.delay(f, hold.Transfer, hold.Item{MPID: id}, true) > 0
}

// delay is the position of the latest delay of an item that the PMA has not ended since; of those that the DCC has received, or of those that it has not. Zero is none.
func (v *view) delay(f *life, control hold.Controls, x hold.Item, received bool) int {
	last := 0
	for _, e := range v.happened(hold.DelayDirected) {
		if e.Failure == f.ID && v.covers(f, e, control, x) && v.letGo(f, x) < e.pos {
			if _, yes := v.received(f, e); yes == received {
				last = e.pos
			}
		}
	}
	return last
}

// entered is the position from which on an instruction about an item counts.
func (v *view) entered(f *life, x hold.Item) int {
	if x.MPID == "" {
		return 0
	}
	return v.stint(f, x.MPID).entered
}

// covers reports whether a delay names an item. Without items it is of all those of the control that there are when it is given.
func (v *view) covers(f *life, delay numbered, control hold.Controls, x hold.Item) bool {
	switch {
	case delay.Controls&control == 0 || (x.MPID != "") != (control == hold.Transfer):
		return false
	case len(delay.MPIDs)+len(delay.Certificates) > 0 && !slices.Contains(delay.MPIDs, x.MPID) && !slices.Contains(delay.Certificates, x.Certificate):
		return false
	}
	given := v.before(delay.pos-1, delay.At) // what was done by then it does not hold (R16)
	given.lives = v.failures()
	c := given.certificate(x.Certificate)
	return slices.Contains(given.left(f), x.MPID) || c != nil && c.Subscriber == f.Supplier && !given.revoked(c.ID)
}

// received is when a delay reached the DCC.
func (v *view) received(f *life, delay numbered) (time.Time, bool) {
	for _, e := range v.happened(hold.DelayReceived) {
		if e.Failure == f.ID && e.pos > delay.pos && (e.Ref == "" && !e.At.Before(delay.At) || e.Ref != "" && e.Ref == delay.ID) {
			return later(e.At, delay.At), true
		}
	}
	return time.Time{}, false
}

// released is the position of the PMA's last instruction to let an item go, if it still counts: an MPID that came back needs a new one. Zero is none.
func (v *view) released(f *life, x hold.Item) int {
	if pos := v.letGo(f, x); v.precedes(v.entered(f, x), pos) {
		return pos
	}
	return 0
}

// letGo is the position of the PMA's last instruction that ended the delays of an item, or named it after an exit. Zero is none. One that names an item that is done has no effect on it (R16).
func (v *view) letGo(f *life, x hold.Item) int {
	last := 0
	for _, e := range v.happened(hold.ReleaseInstructed, hold.ExitReleased) {
		if x == (hold.Item{}) || e.Failure != f.ID || !names(e.Event, x) {
			continue
		}
		given := v.before(e.pos-1, e.At)
		given.lives = v.failures()
		if x.MPID == "" || slices.Contains(given.left(f), x.MPID) {
			last = e.pos
		}
	}
	return last
}

// names reports whether an instruction names an item. Without items it names all.
func names(e *hold.Event, x hold.Item) bool {
	if len(e.MPIDs) == 0 && len(e.Certificates) == 0 {
		return true
	}
	return x.MPID != "" && slices.Contains(e.MPIDs, x.MPID) || x.Certificate != "" && slices.Contains(e.Certificates, x.Certificate)
}

// direction says where an MPID is to go: the appointment of a SoLR, Ofgem's direction, or the PMA's instruction after an exit.
type direction struct {
	to    smki.PartyID
	pos   int
	given time.Time
	from  time.Time // from when it has effect
	date  time.Time // the SoLR date of an appointment
	exit  bool      // by the PMA after an exit, in place of Ofgem
	ended int       // back to the supplier: the position of a later direction that leaves the MPID with the party that has it
}

// stint is the time for which an MPID is in a failure: from when the supplier had it, or Ofgem directed that it go once more, until the DCC's map gave it to another party.
type stint struct {
	entered int // the position of what brought it in
	gone    bool
	left    int       // the position of what took it out
	when    time.Time // when that was
	kept    bool      // an exit leaves it with the supplier
	keeps   int       // the position of what says so
	out     bool      // it was retired, or is in another failure instead (R15)
}

// stint tells how an MPID came into a failure and left it.
func (v *view) stint(f *life, m smki.MPID) stint {
	s, known := v.stints[about{f.ID, m}]
	if !known {
		s = v.tell(f, m)
		if v.stints == nil {
			v.stints = make(map[about]stint)
		}
		v.stints[about{f.ID, m}] = s
	}
	return s
}

func (v *view) tell(f *life, m smki.MPID) (s stint) {
	var holder smki.PartyID
	for _, e := range v.inTime() {
		if !v.concerns(e, m) {
			continue
		}
		mine := e.Failure == f.ID
		switch e.Kind {
		case hold.MPIDAllocated, hold.MPIDTransferred:
			if e.Party == holder {
				break // it is known now to have been there before
			}
			holder = e.Party
			if !s.gone && !s.kept && s.entered > 0 && v.openFor(f, e) {
				s.leave(e)
			}
			if s.entered > 0 && slices.ContainsFunc(v.failures(), func(g life) bool { return g.Supplier == holder && holder != f.Supplier && v.openFor(&g, e) }) {
				s.out = true
			}
			if holder == f.Supplier && v.openFor(f, e) {
				s = stint{entered: e.pos}
			}
		case hold.MPIDRetired:
			holder = ""
			if s.entered > 0 {
				s.out = true
				if v.openFor(f, e) {
					s.leave(e)
				}
			}
		case hold.FailureNotified, hold.LicenceRevoked:
			switch {
			case holder != e.Party:
			case mine:
				s = stint{entered: e.pos}
			case s.entered > 0 && v.openFor(f, e):
				s.leave(e)
				s.out = true
			}
		case hold.TransferDirected:
			switch {
			case !mine || s.entered == 0 || holder == "":
			case holder == e.Party:
				s.stay(f, e)
			case (s.gone || s.kept) && !v.inAnother(f, m, e):
				s = stint{entered: e.pos}
			}
		case hold.SoLRAppointed:
			if mine && s.entered > 0 && holder == e.Party && !s.kept {
				s.stay(f, e)
			}
		case hold.ExitReleased:
			switch {
			case !mine || s.entered == 0 || s.gone || s.kept:
			case e.Party == f.Supplier:
				s.kept, s.keeps = true, e.pos
			case holder == e.Party:
				s.stay(f, e)
			}
		}
	}
	return s
}

// leave notes what took the MPID out, if nothing had before.
func (s *stint) leave(e numbered) {
	if !s.gone {
		s.gone, s.left, s.when = true, e.pos, e.At
	}
}

// stay notes that a direction leaves the MPID with the party that has it.
func (s *stint) stay(f *life, e numbered) {
	if e.Party != f.Supplier {
		s.leave(e)
	}
}

// inTime is what had happened by the instant that says in which failures MPIDs were, in the order of time, and at one instant in the order of the log.
func (v *view) inTime() []numbered {
	if v.timed == nil {
		v.timed = v.happened(hold.MPIDAllocated, hold.MPIDTransferred, hold.MPIDRetired, hold.TransferDirected, hold.SoLRAppointed, hold.ExitReleased, hold.FailureNotified, hold.LicenceRevoked)
		slices.SortStableFunc(v.timed, func(a, b numbered) int { return a.At.Compare(b.At) })
	}
	return v.timed
}

// concerns reports whether an event is the notice of a failure, or about an MPID and no report of a transfer that said nothing new.
func (v *view) concerns(e numbered, m smki.MPID) bool {
	switch e.Kind {
	case hold.FailureNotified, hold.LicenceRevoked:
		f := v.failure(e.Failure)
		return f != nil && f.pos == e.pos
	case hold.MPIDTransferred:
		return v.changed(m, e)
	}
	return slices.Contains(e.MPIDs, m)
}

// precedes reports whether an event came before another one in that order. Position zero is before all.
func (v *view) precedes(a, b int) bool {
	return a == 0 && b > 0 || a > 0 && b > 0 && cmp.Or(v.log[a-1].At.Compare(v.log[b-1].At), cmp.Compare(a, b)) < 0
}

// then is the instant of an event, with the failures as they are known to be now.
func (v *view) then(e numbered) *view {
	x := v.just(e)
	x.lives = slices.DeleteFunc(slices.Clone(v.failures()), func(g life) bool { return !v.precedes(g.pos, e.pos) })
	return x
}

// openFor reports whether a failure was open for an event: it had not closed before, as is known now, nor at that instant, as was known then.
func (v *view) openFor(f *life, e numbered) bool {
	switch {
	case v.precedes(e.pos, f.pos):
		return false
	case f.open():
		return true
	case e.At.After(f.Closed):
		return false
	case e.At.Before(f.still) && !v.lateAfter(f.end):
		return true
	}
	asked := instant{f.ID, e.pos, len(v.log)}
	open, known := v.opens[asked]
	if !known {
		v.opens[asked] = true // as long as nothing says otherwise
		earlier, then := v.just(e), v.before(e.pos-1, e.At)
		earlier.until = 1
		closed := slices.Concat(earlier.failures(), then.failures())
		for _, g := range v.failures() {
			v.opens[instant{g.ID, e.pos, len(v.log)}] = !slices.ContainsFunc(closed, func(x life) bool { return x.ID == g.ID && !x.open() })
		}
		open = v.opens[asked]
	}
	return open
}

// lateAfter reports whether anything is known of the time before what was known at a position of the log, and came after it.
func (v *view) lateAfter(pos int) bool {
	last := latest(v.log[:pos])
	return slices.ContainsFunc(v.log[pos:], func(e hold.Event) bool { return e.At.Before(last) })
}

// inAnother reports whether an MPID was in another failure just before an event.
func (v *view) inAnother(f *life, m smki.MPID, e numbered) bool {
	x := v.then(e)
	return slices.ContainsFunc(x.lives, func(g life) bool {
		s := x.stint(&g, m)
		return g.ID != f.ID && v.openFor(&g, e) && s.entered > 0 && !s.gone && !s.kept
	})
}

// changed reports whether a report said anything new of the holder of an MPID.
func (v *view) changed(m smki.MPID, e numbered) bool {
	return slices.ContainsFunc(v.changes(m, hold.MPIDTransferred), func(c change) bool { return c.pos == e.pos })
}

// directions is what has been directed about an MPID in its present stint, in the order of the log, and without appointments that another party's or another day's direction replaced before
// they had effect.
func (v *view) directions(f *life, m smki.MPID) []direction {
	if v.directed == nil {
		v.directed = make(map[about][]direction)
	}
	all, known := v.directed[about{f.ID, m}]
	if known {
		return all
	}
	defer func() { v.directed[about{f.ID, m}] = all }()
	s := v.stint(f, m)
	for _, e := range v.happened(hold.SoLRAppointed, hold.TransferDirected, hold.ExitReleased) {
		if e.Failure != f.ID || s.entered == 0 || v.precedes(e.pos, s.entered) || !slices.Contains(e.MPIDs, m) {
			continue
		}
		d := direction{e.Party, e.pos, e.At, e.At, time.Time{}, e.Kind == hold.ExitReleased, 0}
		if e.Kind == hold.SoLRAppointed {
			d.from, d.date = effective(e.Event), day(e.Date)
		}
		owner := v.just(e).owner(m, hold.MPIDTransferred)
		done := s.gone && v.precedes(s.left, e.pos)
		switch {
		case e.Kind == hold.TransferDirected && owner == e.Party && e.pos != s.left, e.Kind == hold.ExitReleased && e.Party == f.Supplier: // to leave it where it is directs nothing
			continue
		case done && (e.Kind != hold.SoLRAppointed || owner != e.Party): // nor does what is about an MPID that is gone, but to appoint who has it
			continue
		}
		if n := len(all); n > 0 && e.Kind == hold.SoLRAppointed && all[n-1].to == d.to && all[n-1].date.Equal(d.date) && !v.voidBefore(f, all[n-1], e) {
			continue // a repeat
		}
		if n := slices.IndexFunc(reversed(all), func(x direction) bool { return !x.from.After(e.At) }); n >= 0 && e.Kind == hold.TransferDirected {
			if now := reversed(all)[n]; now.to == d.to && !v.voidBefore(f, now, e) {
				continue // a repeat
			}
		}
		all = slices.DeleteFunc(all, func(x direction) bool {
			return x.from.After(e.At) && (x.to != d.to || !d.date.IsZero() && !x.date.Equal(d.date))
		})
		for i := range all {
			if e.pos == s.left && all[i].to == f.Supplier {
				all[i].ended = e.pos
			}
		}
		all = append(all, d)
	}
	return all
}

func reversed[T any](all []T) []T {
	all = slices.Clone(all)
	slices.Reverse(all)
	return all
}

// void reports whether a direction has no effect any more: the party has failed since (R15), the supplier found an exit (R14), or the MPID is to stay where it is.
func (v *view) void(f *life, d direction) bool {
	return v.voidBy(f, d, func(int) bool { return true })
}

// voidBefore reports the same as of an event.
func (v *view) voidBefore(f *life, d direction, e numbered) bool {
	return v.voidBy(f, d, func(pos int) bool { return v.precedes(pos, e.pos) })
}

func (v *view) voidBy(f *life, d direction, counts func(pos int) bool) bool {
	x := v.exited(f)
	return d.pos < x && counts(x) || d.ended > 0 && counts(d.ended) ||
		d.to != f.Supplier && slices.ContainsFunc(v.failures(), func(g life) bool { return g.Supplier == d.to && d.pos < g.pos && counts(g.pos) })
}

// r04Directed is the last direction of an MPID that took effect, whether void or not.
func (v *view) r04Directed(f *life, m smki.MPID) (last direction) {
	for _, d := range v.directions(f, m) {
		if v.tookEffect(f, d) {
			last = d
		}
	}
	return last
}

// tookEffect reports whether the day of a direction has come, and it was not void before.
func (v *view) tookEffect(f *life, d direction) bool {
	return !d.from.After(v.at) && !(v.void(f, d) && d.from.After(v.voided(f, d)))
}

// voided is when a direction became void.
func (v *view) voided(f *life, d direction) time.Time {
	when := v.at
	for _, x := range v.failures() {
		if x.Supplier == d.to && x.pos > d.pos && v.log[x.pos-1].At.Before(when) {
			when = v.log[x.pos-1].At
		}
	}
	if pos := v.exited(f); pos > d.pos && v.log[pos-1].At.Before(when) {
		when = v.log[pos-1].At
	}
	return later(when, d.given)
}

// r04TransferDue is where an MPID is to go now.
func (v *view) r04TransferDue(f *life, m smki.MPID) (d direction, due bool) {
	if d = v.r04Directed(f, m); d.pos == 0 || v.void(f, d) {
		return direction{}, false
	}
	return d, true
}

// meant is whom a duty names as the one to get an MPID: as directed, as appointed from a later day on, or as announced. What replaced an announcement does not bring it back.
func (v *view) meant(f *life, m smki.MPID) smki.PartyID {
	if d, due := v.r04TransferDue(f, m); due {
		return d.to
	}
	all := v.directions(f, m)
	for _, d := range slices.Backward(all) {
		if d.from.After(v.at) && !v.void(f, d) {
			return d.to
		}
	}
	s := v.stint(f, m)
	var last announcement
	for _, e := range v.happened(hold.SoLRAnnounced) {
		a := announcement{e.Party, e.At, e.pos}
		if opening := v.log[f.pos-1]; e.At.Before(opening.At) { // it counts from the notice on
			a.at, a.pos = opening.At, f.pos
		}
		counts := e.Failure == f.ID && slices.Contains(e.MPIDs, m) && s.entered > 0 && (a.pos == s.entered || v.order(a, s.entered) > 0) &&
			!(s.gone && v.order(a, s.left) > 0) && !(s.kept && v.order(a, s.keeps) > 0)
		if counts && cmp.Or(a.at.Compare(last.at), cmp.Compare(a.pos, last.pos)) >= 0 {
			last = a
		}
	}
	failed := func(g life) bool { return g.Supplier == last.to && (g.pos > last.pos || v.order(last, g.pos) < 0) }
	if slices.ContainsFunc(all, func(d direction) bool { return v.order(last, d.pos) < 0 }) || slices.ContainsFunc(v.failures(), failed) {
		return ""
	}
	return last.to
}

// announcement is of a SoLR, with the time and the position of the log from which on it counts.
type announcement struct {
	to  smki.PartyID
	at  time.Time
	pos int
}

// order says whether an announcement came before an event, as a comparison.
func (v *view) order(a announcement, pos int) int {
	return cmp.Or(a.at.Compare(v.log[pos-1].At), cmp.Compare(a.pos, pos))
}

// exited is the position of the supplier's exit. Zero is none.
func (v *view) exited(f *life) (pos int) {
	for _, e := range v.happened(hold.SupplierExited) {
		if e.Failure == f.ID && (f.open() || e.pos <= f.end) {
			return e.pos
		}
	}
	return 0
}

// r07Frozen: from the receipt of a delay given under MP185 on, if it held anything, the DCC does nothing about the failure that no later instruction of the PMA names. It gives the position of
// the last such delay.
func (v *view) r07Frozen(f *life, a hold.Action) (last int) {
	if last, known := v.freezes[freeze{f.ID, controls(a)}]; known {
		return last
	}
	defer func() {
		if v.freezes == nil {
			v.freezes = make(map[freeze]int)
		}
		v.freezes[freeze{f.ID, controls(a)}] = last
	}()
	for _, e := range v.happened(hold.DelayDirected) {
		if e.Failure != f.ID || v.regime(e.At) != hold.MP185 || v.FreezeControlOnly && e.Controls&controls(a) == 0 {
			continue
		}
		if _, received := v.received(f, e); received && v.holds(f, e) {
			last = e.pos
		}
	}
	return last
}

// holds reports whether there was anything left to hold when a delay was given (R16).
func (v *view) holds(f *life, delay numbered) bool {
	given := v.before(delay.pos-1, delay.At)
	given.lives = v.failures()
	return slices.ContainsFunc(given.left(f), func(m smki.MPID) bool { return v.covers(f, delay, hold.Transfer, hold.Item{MPID: m}) }) ||
		slices.ContainsFunc(given.certificates(), func(c *smki.Certificate) bool {
			return c.Subscriber == f.Supplier && !given.revoked(c.ID) && v.covers(f, delay, hold.Revocation, hold.Item{Certificate: c.ID})
		})
}

// controls is the control that an act belongs to; those that belong to neither are frozen by either.
func controls(a hold.Action) hold.Controls {
	switch a {
	case hold.RevokeCertificate, hold.IssueCertificate, hold.PublishCRL:
		return hold.Revocation
	case hold.TransferMPID:
		return hold.Transfer
	}
	return hold.Revocation | hold.Transfer
}

// r07Forbids reports whether the freeze forbids an act on an item or a User.
func (v *view) r07Forbids(f *life, a hold.Action, x hold.Item, u smki.EUI64) bool {
	since := v.r07Frozen(f, a)
	if since == 0 || v.released(f, x) > since {
		return false
	}
	for _, e := range v.happened(hold.ActionInstructed) {
		if e.Failure == f.ID && e.pos > since && e.Action == a && (names(e.Event, x) || x == hold.Item{}) && (e.User == nil || u == 0 || e.User.ID == u) {
			return false
		}
	}
	return true
}

// r08Confirmed: the SoLR has given all five confirmations.
func (v *view) r08Confirmed(f *life, by smki.PartyID) bool {
	given := make(map[hold.Confirmation]bool)
	for _, e := range v.happened(hold.Confirmed) {
		if e.Failure == f.ID && e.By == by {
			given[e.Confirmation] = true
		}
	}
	return len(given) == 5
}

// r08MPID: an MPID goes once its own SoLR has confirmed, which it may do from its announcement on.
func (v *view) r08MPID(f *life, m smki.MPID) bool {
	to := v.meant(f, m)
	return to != "" && v.r08Confirmed(f, to)
}

// r08Certificates: certificates go once every MPID of the failure has a SoLR that has confirmed, those transferred included.
func (v *view) r08Certificates(f *life) bool {
	return !slices.ContainsFunc(v.ofFailure(f), func(m smki.MPID) bool {
		d, due := v.r04TransferDue(f, m)
		s := v.stint(f, m)
		if s.gone && s.left > 0 { // a confirmation stays good for an MPID that went on it
			went := numbered{&v.log[s.left-1], s.left}
			if then := v.then(went); then.r08MPID(f, m) || went.Kind.Direction() && then.r08Confirmed(f, went.Party) { // a direction leaves it with the party that has it
				return false
			}
		}
		return !s.gone && (!due || d.to == f.Supplier) || !v.r08MPID(f, m)
	})
}

// joined is the MPIDs that were ever in a failure.
func (v *view) joined(f *life) []smki.MPID {
	return slices.DeleteFunc(v.mpids(), func(m smki.MPID) bool { return v.stint(f, m).entered == 0 })
}

// ofFailure is those MPIDs, but without the ones that were retired or are in another failure instead (R15).
func (v *view) ofFailure(f *life) []smki.MPID {
	return slices.DeleteFunc(v.mpids(), func(m smki.MPID) bool {
		s, owner := v.stint(f, m), v.owner(m, hold.MPIDTransferred)
		return s.entered == 0 || s.out || s.kept || owner != f.Supplier && v.failing(owner) != nil
	})
}

// left is the MPIDs that are still to go.
func (v *view) left(f *life) []smki.MPID {
	return slices.DeleteFunc(v.mpids(), func(m smki.MPID) bool { s := v.stint(f, m); return s.entered == 0 || s.gone || s.kept })
}

// solrOf is the SoLR of an MPID, as long as it holds its licence: the last one appointed, unless a direction to another party came since.
func (v *view) solrOf(f *life, m smki.MPID) smki.PartyID {
	if a := v.appointed(f, m); a.pos > 0 && v.exited(f) < a.pos && !v.unlicensed(a.to) {
		return a.to
	}
	return ""
}

// appointed is the last appointment of the party that an MPID is to go to.
func (v *view) appointed(f *life, m smki.MPID) (last direction) {
	d := v.r04Directed(f, m)
	for _, a := range v.directions(f, m) {
		if a.to == d.to && !a.date.IsZero() && v.tookEffect(f, a) {
			last = a
		}
	}
	return last
}

// became reports whether a party was ever to get an MPID of a failure by a direction that had effect.
func (v *view) became(f *life, p smki.PartyID) bool {
	return slices.ContainsFunc(v.happened(hold.SoLRAppointed, hold.TransferDirected, hold.ExitReleased), func(e numbered) bool {
		return e.Failure == f.ID && e.Party == p && slices.ContainsFunc(e.MPIDs, func(m smki.MPID) bool {
			return slices.ContainsFunc(v.directions(f, m), func(d direction) bool {
				return d.to == p && v.tookEffect(f, d)
			})
		})
	})
}

// allReleased reports whether everything that the confirmations of a SoLR are for has been released, or has gone on them.
func (v *view) allReleased(f *life, p smki.PartyID) bool {
	return !slices.ContainsFunc(v.joined(f), func(m smki.MPID) bool {
		return v.meant(f, m) == p && !((v.stint(f, m).gone || v.letGoSince(f, m)) && v.r08Confirmed(f, p))
	})
}

// letGoSince reports whether the PMA has released an MPID and not delayed it since.
func (v *view) letGoSince(f *life, m smki.MPID) bool {
	x := hold.Item{MPID: m}
	return v.released(f, x) > 0 && v.delay(f, hold.Transfer, x, true) == 0
}

// named reports whether a party is announced or appointed as SoLR of an MPID of a failure.
func (v *view) named(f *life, p smki.PartyID) bool {
	return slices.ContainsFunc(v.joined(f), func(m smki.MPID) bool { return v.meant(f, m) == p })
}

// r11Agreed: SoLR, PMA and DCC have agreed to the transfer to that SoLR; an instruction of the PMA that names the MPID is its agreement.
func (v *view) r11Agreed(f *life, m smki.MPID, d direction) bool {
	agreed := make(map[hold.Agreeing]bool)
	for _, e := range v.happened(hold.TransferAgreed, hold.ReleaseInstructed) {
		if e.Failure != f.ID || v.precedes(e.pos, v.stint(f, m).entered) || !slices.Contains(e.MPIDs, m) {
			continue
		}
		then := v.then(e)
		s := then.stint(f, m)
		switch to := then.meant(f, m); {
		case to != d.to || s.gone || s.kept || e.Agreeing == hold.SoLRAgrees && e.By != to:
		case e.Kind == hold.ReleaseInstructed:
			agreed[hold.PMAAgrees] = true
		default:
			agreed[e.Agreeing] = true
		}
	}
	return len(agreed) == 3
}

// r14Released: after an exit from a revoked licence an item goes by the PMA's instruction.
func (v *view) r14Released(f *life, x hold.Item) bool {
	return slices.ContainsFunc(v.happened(hold.ExitReleased), func(e numbered) bool { return e.Failure == f.ID && names(e.Event, x) })
}

// r15Failed reports whether a party cannot be SoLR: its failure is open, or its licence is gone.
func (v *view) r15Failed(p smki.PartyID) bool {
	return slices.ContainsFunc(v.failures(), func(f life) bool { return f.Supplier == p && (f.open() || !f.Revoked.IsZero()) })
}

// r18Binds reports whether R8 and R11 bind an act whose trigger came at a time.
func (v *view) r18Binds(trigger time.Time) bool {
	return v.regime(v.at) == hold.MP185 && !(v.UndoneActsExempt && !trigger.IsZero() && v.regime(trigger) != hold.MP185)
}

// ordinary reports whether a certificate is revoked on grounds that have nothing to do with the failure.
func ordinary(r smki.RevocationReason) bool {
	return r == smki.KeyCompromise || r == smki.CACompromise || r == smki.AffiliationChanged || r == smki.Superseded
}

// set builds a set of rules.
func set(of map[solr.Rule]bool) (s solr.RuleSet) {
	for r, in := range of {
		if in {
			s |= 1 << r
		}
	}
	return s
}

// transferBreaks is the rules that forbid to transfer an MPID of a failure to a party.
func (v *view) transferBreaks(f *life, m smki.MPID, to smki.PartyID) solr.RuleSet {
	if v.stint(f, m).gone { // it comes back, or goes on, only by a new direction
		return 1 << solr.R16
	}
	d, due := v.r04TransferDue(f, m)
	x := hold.Item{MPID: m}
	binds := v.r18Binds(d.given) && !d.exit && !(due && d.to == f.Supplier)
	return set(map[solr.Rule]bool{
		solr.R4:  !due || d.to != to,
		solr.R6:  v.r06Held(f, m),
		solr.R7:  v.r07Forbids(f, hold.TransferMPID, x, 0),
		solr.R8:  binds && !v.r08MPID(f, m),
		solr.R11: binds && !v.r11Agreed(f, m, d),
	})
}

// revocationBreaks is the rules that forbid to revoke a certificate because of a failure.
func (v *view) revocationBreaks(f *life, id smki.CertificateID) solr.RuleSet {
	x := hold.Item{Certificate: id}
	exited := f.Phase == solr.Exited
	return set(map[solr.Rule]bool{
		solr.R2:  !v.r02SupplierCertificate(v.certificate(id), f.Supplier),
		solr.R1:  !v.r01RevocationDue(f),
		solr.R3:  v.r03Held(f, id),
		solr.R7:  v.r07Forbids(f, hold.RevokeCertificate, x, 0),
		solr.R8:  !exited && v.r18Binds(f.Revoked) && !v.r08Certificates(f),
		solr.R14: exited && v.regime(v.at) != hold.Baseline && !v.r14Released(f, x),
	})
}

// thresholdBreaks is the rules that forbid to apply a threshold.
func (v *view) thresholdBreaks(f *life, t duis.Threshold) solr.RuleSet {
	since := v.instructed(f, t)
	return set(map[solr.Rule]bool{
		solr.R7: v.r07Forbids(f, hold.ApplyThresholds, hold.Item{}, t.User) && since < v.r07Frozen(f, hold.ApplyThresholds),
		solr.R9: v.regime(v.at) == hold.MP185 && !f.Revoked.IsZero() && since == 0,
	})
}

// instructed is the position of the PMA's instruction to apply a threshold: of its instructions for the User and variant the last counts. Zero is none.
func (v *view) instructed(f *life, t duis.Threshold) (pos int) {
	for _, e := range v.happened(hold.ThresholdsInstructed) {
		for _, x := range v.carried(e) {
			if e.Failure == f.ID && x.User == t.User && x.SRV == t.SRV {
				pos = 0
				if x == t {
					pos = e.pos
				}
			}
		}
	}
	return pos
}

// carried is the thresholds that an instruction carries: its own, or those of the support request that it names.
func (v *view) carried(e numbered) []duis.Threshold {
	if e.Request == "" {
		return e.Thresholds
	}
	if q := v.request(e.Request); q != nil {
		return q.Support.Thresholds
	}
	return nil
}

// judge is the breaches of an act of the DCC, with what crossed a delay. The view is of the instant of the act.
func (v *view) judge(e hold.Event) []hold.Breach {
	var all []hold.Breach
	add := func(f *life, a hold.Action, x hold.Item, u smki.EUI64, broken solr.RuleSet, crossed bool) {
		if broken != 0 || crossed {
			all = append(all, hold.Breach{Failure: f.ID, Action: a, Certificate: x.Certificate, MPID: x.MPID, User: u, Rules: broken, Crossed: crossed})
		}
	}
	switch e.Kind {
	case hold.MPIDTransferred:
		for _, m := range e.MPIDs {
			if f := v.concerned(m); f != nil && v.owner(m, hold.MPIDTransferred) != e.Party {
				x := hold.Item{MPID: m}
				add(f, hold.TransferMPID, x, 0, v.transferBreaks(f, m, e.Party), v.delay(f, hold.Transfer, x, false) > 0)
			}
		}
	case hold.CertificateRevoked, hold.CRLPublished:
		a := hold.RevokeCertificate
		if e.Kind == hold.CRLPublished {
			a = hold.PublishCRL
		}
		for _, id := range e.Certificates {
			c := v.certificate(id)
			if c == nil || ordinary(e.Reason) || v.onOrdinaryGrounds(id) {
				continue
			}
			f := v.failing(c.Subscriber)
			if f == nil {
				continue
			}
			x := hold.Item{Certificate: id}
			switch {
			case !v.revoked(id):
				add(f, a, x, 0, v.revocationBreaks(f, id), v.delay(f, hold.Revocation, x, false) > 0)
			case e.Kind == hold.CRLPublished && !v.onCRL(id):
				add(f, a, x, 0, set(map[solr.Rule]bool{solr.R7: v.r07Forbids(f, a, x, 0)}), v.delay(f, hold.Revocation, x, false) > 0)
			}
		}
	case hold.CertificateIssued:
		if f := v.failing(e.Certificate.Subscriber); f != nil {
			x := hold.Item{Certificate: e.Certificate.ID}
			add(f, hold.IssueCertificate, x, 0, set(map[solr.Rule]bool{solr.R7: v.r07Forbids(f, hold.IssueCertificate, x, 0)}), false)
		}
	case hold.ThresholdsApplied:
		for _, t := range e.Thresholds {
			if u, _ := v.user(t.User); v.failing(u.Party) != nil {
				add(v.failing(u.Party), hold.ApplyThresholds, hold.Item{}, t.User, v.thresholdBreaks(v.failing(u.Party), t), false)
			}
		}
	case hold.QuarantineReleased, hold.QuarantineDeleted, hold.UserSuspended:
		a := map[hold.Kind]hold.Action{hold.QuarantineReleased: hold.ReleaseQuarantine, hold.QuarantineDeleted: hold.DeleteQuarantine, hold.UserSuspended: hold.SuspendUser}[e.Kind]
		if u, _ := v.user(e.User.ID); v.failing(u.Party) != nil {
			f := v.failing(u.Party)
			add(f, a, hold.Item{}, u.ID, set(map[solr.Rule]bool{solr.R7: v.r07Forbids(f, a, hold.Item{}, u.ID)}), false)
		}
	}
	return all
}

// later reports whether a stint ended after another one, or began later where they ended at one instant.
func (v *view) later(s, x stint) bool {
	return s.when.After(x.when) || s.when.Equal(x.when) && v.precedes(x.entered, s.entered)
}

// concerned is the open failure that an MPID is in, or was in last.
func (v *view) concerned(m smki.MPID) (last *life) {
	for i := range v.failures() {
		f := &v.lives[i]
		if s := v.stint(f, m); !f.open() || s.entered == 0 || s.kept {
			continue
		}
		s := v.stint(f, m)
		if !s.gone {
			return f
		}
		if last == nil || v.later(s, v.stint(last, m)) {
			last = f
		}
	}
	return last
}

// onOrdinaryGrounds reports whether an earlier report, of whatever time, gave ordinary grounds.
func (v *view) onOrdinaryGrounds(id smki.CertificateID) bool {
	return slices.ContainsFunc(v.log, func(e hold.Event) bool {
		return (e.Kind == hold.CertificateRevoked || e.Kind == hold.CRLPublished) && slices.Contains(e.Certificates, id) && ordinary(e.Reason)
	})
}

func (v *view) onCRL(id smki.CertificateID) bool {
	return slices.ContainsFunc(v.happened(hold.CRLPublished), func(e numbered) bool { return slices.Contains(e.Certificates, id) })
}

// Duties lists what the DCC must, may and must not do.
func (v *View) Duties() []hold.Duty {
	var all []hold.Duty
	for i := range v.failures() {
		if f := &v.lives[i]; f.open() {
			all = append(all, v.dutiesOf(f)...)
		}
	}
	return all
}

func (v *view) dutiesOf(f *life) []hold.Duty {
	var all []hold.Duty
	add := func(d hold.Duty, broken solr.RuleSet, demands solr.Rule) {
		d.Failure, d.Modality, d.Rules = f.ID, hold.MustNot, broken
		if broken == 0 {
			d.Modality, d.Rules = hold.Must, 1<<demands
		}
		all = append(all, d)
	}
	for _, m := range v.left(f) {
		demands := solr.R4
		if d, _ := v.r04TransferDue(f, m); d.exit {
			demands = solr.R14
		}
		to := v.meant(f, m)
		add(hold.Duty{Action: hold.TransferMPID, MPID: m, To: to}, v.transferBreaks(f, m, to), demands)
	}
	for _, c := range v.supplierCertificates(f.Supplier) {
		if !v.revoked(c.ID) {
			add(hold.Duty{Action: hold.RevokeCertificate, Certificate: c.ID}, v.revocationBreaks(f, c.ID), solr.R1)
		}
	}
	return append(all, v.otherDuties(f)...)
}

// otherDuties is about thresholds, and about the other acts that a freeze forbids.
func (v *view) otherDuties(f *life) []hold.Duty {
	var all []hold.Duty
	for _, e := range v.happened(hold.ThresholdsInstructed) {
		if e.Failure != f.ID {
			continue
		}
		for _, t := range v.carried(e) {
			if v.instructed(f, t) == e.pos && v.applied(t.User, t.SRV) != t {
				d := hold.Duty{Failure: f.ID, Modality: hold.Must, Action: hold.ApplyThresholds, Threshold: &t, Rules: 1 << solr.R9}
				if broken := v.thresholdBreaks(f, t); broken != 0 {
					d.Modality, d.Rules = hold.MustNot, broken
				}
				all = append(all, d)
			}
		}
	}
	others := func(a hold.Action, broken solr.RuleSet) {
		d := hold.Duty{Failure: f.ID, Modality: hold.May, Action: a, Rules: broken}
		if broken != 0 {
			d.Modality = hold.MustNot
		}
		all = append(all, d)
	}
	others(hold.ApplyThresholds, v.thresholdBreaks(f, duis.Threshold{}))
	acts := []hold.Action{hold.IssueCertificate, hold.PublishCRL, hold.ReleaseQuarantine, hold.DeleteQuarantine, hold.SuspendUser}
	for _, a := range acts {
		others(a, set(map[solr.Rule]bool{solr.R7: v.r07Frozen(f, a) > 0}))
	}
	allow := func(d hold.Duty) {
		if !slices.Contains(all, d) { // once, however often it was named
			all = append(all, d)
		}
	}
	for _, e := range v.happened(hold.ActionInstructed) { // what the PMA has named
		if since := v.r07Frozen(f, e.Action); e.Failure != f.ID || since == 0 || e.pos < since {
			continue
		}
		d := hold.Duty{Failure: f.ID, Modality: hold.May, Action: e.Action, Rules: 1 << solr.R7}
		if e.Action != hold.IssueCertificate && e.Action != hold.PublishCRL {
			d.User = e.User.ID
			allow(d)
			continue
		}
		for _, d.Certificate = range e.Certificates {
			allow(d)
		}
	}
	return all
}

// applied is the threshold that the DCC applies to a User and variant.
func (v *view) applied(u smki.EUI64, srv duis.SRV) (last duis.Threshold) {
	for _, e := range v.happened(hold.ThresholdsApplied) {
		for _, t := range e.Thresholds {
			if t.User == u && t.SRV == srv {
				last = t
			}
		}
	}
	return last
}
