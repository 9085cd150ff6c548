package hold

import (
	"time"

	"github.com/seed-db8551c1/lastresort/smki"
	"github.com/seed-db8551c1/lastresort/solr"
)

// The 90 days that arrangements between a SoLR and an SRP are expected to last at most (R12).

// Overrun is an SRP arrangement that is in force after the 90 days that it is expected to last at most (R12).
type Overrun struct {
	Failure solr.FailureID `json:"failure"`
	MPID    smki.MPID      `json:"mpid"`
	Request string         `json:"request"` // the support request
	SRP     smki.PartyID   `json:"srp"`
	Since   time.Time      `json:"since"` // from when it overruns
}

// Overruns lists the arrangements that overrun at a time, in the order of failures, requests and MPIDs. An extension by the PMA does not change the list.
func (r *Register) Overruns(at time.Time) []Overrun {
	var all []Overrun
	for _, a := range r.Arrangements(at) {
		if a.State == Overrunning {
			all = append(all, Overrun{a.Failure, a.MPID, a.Request, a.SRP, a.Ends})
		}
	}
	return all
}

// ArrangementState is how an arrangement stands with its 90 days.
type ArrangementState uint8

// The states of an arrangement, in the order in which it goes through them.
const (
	InTime      ArrangementState = iota + 1
	EndsSoon                     // the warning: [Settings].WarningDays or fewer are left
	Overrunning                  // the 90 days are over
	Lapsed                       // and with them the authority, where [Settings].LapseAfterArrangement says so and no extension of the PMA moves it
)

var arrangementStateNames = [...]string{"", "in time", "ends soon", "overrunning", "lapsed"}

func (s ArrangementState) String() string {
	return nameOf("ArrangementState", arrangementStateNames[:], uint8(s))
}

// MarshalText gives the name of the state.
func (s ArrangementState) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Arrangement is the support by an SRP for one MPID, with the days that count for it. All are instants, at 00:00 in London but for what the PMA extended it to.
type Arrangement struct {
	Failure  solr.FailureID   `json:"failure"`
	MPID     smki.MPID        `json:"mpid"`
	Request  string           `json:"request"` // the support request
	SoLR     smki.PartyID     `json:"solr"`
	SRP      smki.PartyID     `json:"srp"`
	Starts   time.Time        `json:"starts"`            // the SoLR date
	Warns    time.Time        `json:"warns,omitzero"`    // from when its end is near; zero without a warning
	Ends     time.Time        `json:"ends"`              // when the 90 days are over: it overruns from then on
	Extended time.Time        `json:"extended,omitzero"` // to when the PMA extended it, for the lapse only; zero if it did not
	Lapses   time.Time        `json:"lapses,omitzero"`   // when its authority ends; zero if it does not end by itself
	State    ArrangementState `json:"state"`
}

// DefaultWarningDays is how many calendar days before the 90 days are over the end of an arrangement counts as near, unless the settings say otherwise. UNCERTAIN: a default of this library.
const DefaultWarningDays = 14

// Arrangements lists the support that is in force at a time, or would be if it had not lapsed, for each MPID that is still in an open failure: in the order of failures, requests and MPIDs.
func (r *Register) Arrangements(at time.Time) []Arrangement {
	a := r.Authority().(*authority)
	var all []Arrangement
	for _, f := range r.failures {
		for _, x := range a.failures[f.Supplier] {
			if x.ID != f.ID || r.settled(f, at).Phase == solr.Closed {
				continue
			}
			for _, s := range x.supports {
				for _, m := range x.mpids {
					d := m.appointed(at)
					if d == nil || d.to != s.solr || !m.gone.IsZero() && !at.Before(m.gone) || !a.active(x, s, at) {
						continue
					}
					all = append(all, r.arrangement(f.ID, m, d, s, at))
				}
			}
		}
	}
	return all
}

func (r *Register) arrangement(f solr.FailureID, m *mpidItem, d *direction, s *support, at time.Time) Arrangement {
	x := Arrangement{
		Failure: f, MPID: m.id, Request: s.id, SoLR: s.solr, SRP: s.srp,
		Starts: solr.DayOf(d.date), Ends: solr.ArrangementEnd(d.date), Extended: d.extend, State: InTime,
	}
	if days := orDefault(r.Settings.WarningDays, DefaultWarningDays); days >= 0 {
		year, month, day := x.Ends.In(solr.London()).Date()
		x.Warns = solr.Midnight(year, month, day-days)
	}
	if r.Settings.LapseAfterArrangement {
		x.Lapses = d.lapse()
	}
	switch {
	case !x.Lapses.IsZero() && !at.Before(x.Lapses):
		x.State = Lapsed
	case !at.Before(x.Ends):
		x.State = Overrunning
	case !x.Warns.IsZero() && !at.Before(x.Warns):
		x.State = EndsSoon
	}
	return x
}

// lapse is when the arrangement of an appointment lapses, where the settings let it.
func (d *direction) lapse() time.Time { return latest(solr.ArrangementEnd(d.date), d.extend) }

// extend moves the lapse of arrangements, of the named MPIDs or of all, to a date. The overrun is reported all the same (R12).
func (r *Register) extend(e *Event) (Applied, error) {
	if r.Settings.Regime.at(e.At) != MP185 {
		return refuse(e, solr.R12, "MP185 in force, from 17 November 2021")
	}
	f, err := r.open(e)
	if err != nil {
		return Applied{}, err
	}
	_, done, err := f.items(e)
	if err != nil {
		return Applied{}, err
	}
	ids := e.MPIDs
	if len(ids) == 0 {
		ids = f.ids()
	}
	r.tell(e, ids...)
	return Applied{Done: done}, nil
}
