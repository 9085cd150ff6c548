package slow

import (
	"slices"
	"time"

	"github.com/seed-db8551c1/lastresort/hold"
	"github.com/seed-db8551c1/lastresort/smki"
	"github.com/seed-db8551c1/lastresort/solr"
)

// life is one failure as of the instant of a view.
type life struct {
	solr.Failure
	pos   int        // of its first event
	end   int        // of the last one before it closed
	last  solr.Phase // before it closed
	still time.Time  // when it was open for certain, as was known then
}

func (f *life) open() bool { return f.Phase != solr.Closed }

// Failures lists the failures with their phases.
func (v *View) Failures() []solr.Failure {
	var all []solr.Failure
	for _, f := range v.failures() {
		all = append(all, f.Failure)
	}
	return all
}

func (v *view) failure(id solr.FailureID) *life {
	all := v.failures()
	for i := range all {
		if all[i].ID == id {
			return &all[i]
		}
	}
	return nil
}

// failing is the open failure of a party.
func (v *view) failing(p smki.PartyID) *life {
	all := v.failures()
	for i := range all {
		if all[i].Supplier == p && all[i].open() {
			return &all[i]
		}
	}
	return nil
}

// failures tells the life of each failure from the log.
func (v *view) failures() []life {
	if v.lives != nil {
		return v.lives
	}
	all := []life{}
	find := func(id solr.FailureID) *life {
		for i := range all {
			if all[i].ID == id {
				return &all[i]
			}
		}
		return nil
	}
	// known is what the log said of an instant at a position.
	known := func(n int, to time.Time, lives []life) *view {
		k := v.before(n, to)
		k.lives = lives
		if to.Equal(v.at) {
			k.until = v.until
		}
		return k
	}
	// empty reports whether a failed supplier has nothing left from an instant on: what came into the failure later keeps it open, as long as that had not closed.
	empty := func(n int, from time.Time, f *life) bool {
		if !known(n, from, all).empty(f) {
			return false
		}
		var x *life // what became of it
		for i := range v.log[:n] {
			at := v.log[i].At
			if at.Before(from) || at.Equal(from) && (!from.Equal(v.at) || v.sees(at, i+1)) {
				continue
			}
			if x == nil {
				x = v.before(n, latest(v.log[:n])).failure(f.ID)
			}
			after := v.before(n, at)
			after.lives = all
			if (x.open() || at.Before(x.Closed)) && !after.empty(f) {
				return false
			}
		}
		return true
	}
	// emptySince is from when a failure that is empty at an instant has been so without a break.
	emptySince := func(n int, at time.Time, i int) time.Time {
		lives := slices.Clone(all)
		f := &lives[i]
		if !f.open() {
			f.Phase = f.last
		}
		for _, t := range slices.Backward(v.instants(n, f.Revoked, at)) {
			if !known(n, t, lives).empty(f) {
				break
			}
			at = t
		}
		return at
	}
	var now time.Time
	// advance lets time pass: appointments take effect, and what has nothing left closes.
	advance := func(n int, to time.Time) {
		appointing, closing := v.passed(n, now, to)
		past := known(n, to, all)
		for i := range all {
			f := &all[i]
			if appointing && f.Phase < solr.Appointed {
				for _, m := range past.mpids() {
					if a := past.appointed(f, m); a.pos > 0 && !past.void(f, a) {
						f.appoint()
					}
				}
			}
			switch {
			case !closing || f.Revoked.IsZero():
			case f.open() && empty(n, to, f):
				f.last, f.Closed, f.end = f.Phase, emptySince(n, to, i), n
				f.Phase = solr.Closed
				if n == 0 || !v.log[n-1].At.Before(now) {
					f.still = now
				}
			case !f.open():
				f.Closed = emptySince(n, f.Closed, i)
			}
		}
		now = later(now, to)
	}
	for i := range v.log {
		e := &v.log[i]
		if !v.sees(e.At, i+1) {
			if e.At.After(v.at) {
				advance(i, v.at) // it was known then what had happened by the instant
			}
			continue
		}
		advance(i, later(now, e.At))
		f := find(e.Failure)
		if f == nil && e.Kind != hold.FailureNotified && e.Kind != hold.LicenceRevoked {
			advance(i+1, now)
			continue
		}
		switch e.Kind {
		case hold.FailureNotified, hold.LicenceRevoked:
			if f == nil && slices.IndexFunc(v.log, func(x hold.Event) bool {
				return x.Failure == e.Failure && (x.Kind == hold.FailureNotified || x.Kind == hold.LicenceRevoked)
			}) < i {
				break // what opened the failure has not happened yet
			}
			if f == nil {
				all = append(all, life{Failure: solr.Failure{ID: e.Failure, Supplier: e.Party, Notified: e.At}, pos: i + 1})
				f = &all[len(all)-1]
				f.Phase = solr.Ceased
				for k := range all[:len(all)-1] {
					v.loseSoLR(&all[k], i+1, e.Party, all)
				}
			}
			first := slices.IndexFunc(v.log, func(x hold.Event) bool { return x.Failure == e.Failure && x.Kind == hold.LicenceRevoked })
			if i == first && f.Revoked.IsZero() && f.open() {
				f.Revoked = e.At
				switch f.Phase {
				case solr.Ceased:
					f.Phase = solr.Revoked
				case solr.Announced:
					f.Phase = solr.RevokedAnnounced
				}
			}
		case hold.SoLRAnnounced, hold.SoLRAppointed: // an appointment before the SoLR date names the SoLR
			if e.Kind == hold.SoLRAppointed && known(i, later(now, latest(v.log[:i])), all).appointsNone(f, e) {
				break
			}
			switch f.Phase {
			case solr.Ceased:
				f.Phase = solr.Announced
			case solr.Revoked:
				f.Phase = solr.RevokedAnnounced
			}
			if e.Kind == hold.SoLRAppointed && !effective(e).After(now) {
				f.appoint()
			}
		case hold.MigrationStarted:
			if f.Phase == solr.Appointed {
				f.Phase = solr.Migrating
			}
		case hold.SupplierExited:
			if was := v.before(i, latest(v.log[:i])).failure(f.ID); f.open() && was.open() { // the position decides whether it closed or was revoked before
				f.Exit = e.Exit
				if was.Revoked.IsZero() {
					f.Phase, f.Closed, f.end = solr.Closed, e.At, i+1
				} else {
					f.Phase = solr.Exited
				}
			}
		}
		advance(i+1, now)
	}
	advance(len(v.log), later(now, v.at))
	v.lives = all
	return all
}

// instants is when anything in the first events of the log was, between two times, the latter included.
func (v *view) instants(n int, from, to time.Time) []time.Time {
	var all []time.Time
	for i := range v.log[:n] {
		e := &v.log[i]
		all = append(all, e.At)
		if e.Kind == hold.CertificateIssued {
			all = append(all, e.Certificate.NotAfter.Add(time.Nanosecond)) // it is good until then
		}
	}
	all = slices.DeleteFunc(all, func(t time.Time) bool { return t.Before(from) || t.After(to) })
	slices.SortFunc(all, time.Time.Compare)
	return all
}

// appointsNone reports whether an appointment is of MPIDs only that are done: gone, but not to the party itself, or left with the supplier (R16).
func (v *view) appointsNone(f *life, e *hold.Event) bool {
	return !slices.ContainsFunc(e.MPIDs, func(m smki.MPID) bool {
		s := v.stint(f, m)
		return !s.kept && (!s.gone || v.owner(m, hold.MPIDTransferred) == e.Party)
	})
}

func (f *life) appoint() {
	if f.open() && f.Phase != solr.Exited && f.Phase != solr.Migrating {
		f.Phase = solr.Appointed
	}
}

// passed says what can have changed between two instants, the last of the events known included: whether an appointment took effect, and whether something was lost.
func (v *view) passed(n int, from, to time.Time) (appointing, closing bool) {
	within := func(t time.Time) bool { return t.After(from) && !t.After(to) }
	for i := range v.log[:n] {
		e := &v.log[i]
		appointing = appointing || e.Kind == hold.SoLRAppointed && within(effective(e))
		closing = closing || e.Kind == hold.CertificateIssued && !e.Certificate.NotAfter.IsZero() && !e.Certificate.NotAfter.Before(from) && e.Certificate.NotAfter.Before(to)
	}
	if n > 0 {
		switch v.log[n-1].Kind {
		case hold.LicenceRevoked, hold.FailureNotified, hold.MPIDTransferred, hold.TransferDirected: // perhaps to a party that was appointed before
			appointing, closing = true, true
		case hold.MPIDRetired, hold.CertificateRevoked, hold.CRLPublished, hold.ExitReleased, hold.SoLRAppointed:
			closing = true
		}
	}
	return appointing, closing
}

// loseSoLR takes a failure back when the last SoLR that was named for it fails itself (R15).
func (v *view) loseSoLR(f *life, n int, lost smki.PartyID, all []life) {
	at := latest(v.log[:n])
	before, after := v.before(n-1, at), v.before(n, at)
	before.lives, after.lives = all[:len(all)-1], all
	was, left := false, false
	for _, m := range before.joined(f) {
		was = was || before.meant(f, m) == lost
	}
	for _, m := range after.joined(f) {
		left = left || after.meant(f, m) != ""
	}
	if was && !left && f.open() && f.Phase != solr.Exited {
		f.Phase = solr.Ceased
		if !f.Revoked.IsZero() {
			f.Phase = solr.Revoked
		}
	}
}

// empty reports whether a failed supplier has nothing left: no MPID of the failure, and no Supplier Certificate that is good or will be, unless an exit leaves it an MPID (R11, R14).
func (v *view) empty(f *life) bool {
	alive := slices.ContainsFunc(v.supplierCertificates(f.Supplier), func(c *smki.Certificate) bool {
		return !v.revoked(c.ID) && (c.NotAfter.IsZero() || !v.at.After(c.NotAfter))
	})
	keeps := f.Phase == solr.Exited && slices.ContainsFunc(v.joined(f), func(m smki.MPID) bool { return v.stint(f, m).kept })
	return (!alive || keeps) && len(v.left(f)) == 0
}

// effective is when an appointment takes effect: 00:01 in London on the SoLR date, or when it was logged if that is later (R4).
func effective(e *hold.Event) time.Time { return later(day(e.Date).Add(time.Minute), e.At) }
