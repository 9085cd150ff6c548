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
	pos int // of its first event
}

func (f *life) open() bool { return f.Phase != solr.Closed }

// Failures lists the failures with their phases as of an instant.
func (m *Model) Failures(at time.Time) []solr.Failure {
	var all []solr.Failure
	for _, f := range m.view(at).failures() {
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
	var now time.Time
	// advance lets time pass: appointments take effect, and what has nothing left closes.
	advance := func(n int, to time.Time) {
		past := &view{Settings: v.Settings, log: v.log[:n], at: to, lives: all}
		for i := range all {
			f := &all[i]
			for _, a := range past.appointments(f.ID) {
				if a.from.After(now) && !a.from.After(to) && !slices.ContainsFunc(all, func(x life) bool { return x.Supplier == a.Party }) {
					f.appoint()
				}
			}
			if f.open() && !f.Revoked.IsZero() && past.empty(f) {
				f.Phase, f.Closed = solr.Closed, to
			}
		}
		now = later(now, to)
	}
	for i := range v.log {
		e := &v.log[i]
		if e.At.After(v.at) {
			continue
		}
		advance(i, later(now, e.At))
		f := find(e.Failure)
		switch e.Kind {
		case hold.FailureNotified, hold.LicenceRevoked:
			if f == nil {
				all = append(all, life{solr.Failure{ID: e.Failure, Supplier: e.Party, Notified: e.At}, i + 1})
				f = &all[len(all)-1]
				f.Phase = solr.Ceased
				for k := range all[:len(all)-1] {
					loseSoLR(&all[k], v.log[:i], e.Party, all)
				}
			}
			if e.Kind == hold.LicenceRevoked && f.Revoked.IsZero() && f.open() {
				f.Revoked = e.At
				switch f.Phase {
				case solr.Ceased:
					f.Phase = solr.Revoked
				case solr.Announced:
					f.Phase = solr.RevokedAnnounced
				}
			}
		case hold.SoLRAnnounced, hold.SoLRAppointed: // an appointment before the SoLR date names the SoLR
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
			if f.open() {
				f.Exit = e.Exit
				if f.Revoked.IsZero() {
					f.Phase, f.Closed = solr.Closed, e.At
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

func (f *life) appoint() {
	if f.open() && f.Phase != solr.Exited && f.Phase != solr.Migrating {
		f.Phase = solr.Appointed
	}
}

// loseSoLR takes a failure back when the last SoLR that was named for it fails itself (R15).
func loseSoLR(f *life, log []hold.Event, lost smki.PartyID, all []life) {
	left, was := false, false
	for i := range log {
		if e := &log[i]; e.Failure == f.ID && (e.Kind == hold.SoLRAnnounced || e.Kind == hold.SoLRAppointed) {
			was = was || e.Party == lost
			left = left || !slices.ContainsFunc(all, func(x life) bool { return x.Supplier == e.Party })
		}
	}
	if was && !left && f.open() && f.Phase != solr.Exited {
		f.Phase = solr.Ceased
		if !f.Revoked.IsZero() {
			f.Phase = solr.Revoked
		}
	}
}

// empty reports whether a failed supplier has nothing left: no MPID of the failure, and no good Supplier Certificate (R11).
func (v *view) empty(f *life) bool {
	return len(v.left(f)) == 0 && !slices.ContainsFunc(v.supplierCertificates(f.Supplier), v.good)
}

// held is the MPIDs of a party in the DCC's map.
func (v *view) held(p smki.PartyID) []smki.MPID {
	return slices.DeleteFunc(v.mpids(), func(m smki.MPID) bool { return v.owner(m, hold.MPIDTransferred) != p })
}

// appointment is one SoLR appointed for some MPIDs.
type appointment struct {
	*hold.Event
	pos  int
	from time.Time
}

// effective is when an appointment takes effect: 00:01 in London on the SoLR date, or when it was logged if that is later (R4).
func effective(e *hold.Event) time.Time { return later(day(e.Date).Add(time.Minute), e.At) }

func (v *view) appointments(id solr.FailureID) []appointment {
	var all []appointment
	for _, e := range v.happened(hold.SoLRAppointed) {
		if a := (appointment{e.Event, e.pos, effective(e.Event)}); e.Failure == id && !a.from.After(v.at) {
			all = append(all, a)
		}
	}
	return all
}
