package hold

import (
	"slices"
	"strings"
	"time"

	"github.com/seed-db8551c1/lastresort/duis"
	"github.com/seed-db8551c1/lastresort/smki"
	"github.com/seed-db8551c1/lastresort/solr"
)

// Support by an SRP: the SoLR asks, the PMA approves, the SRP accepts (R9); and Ofgem's safe-mode instruction while there is no SoLR (R10).

// support is one support request and what became of it.
type support struct {
	Support
	id      string
	failure solr.FailureID
	solr    smki.PartyID
	srp     smki.PartyID
	state   supportState
	grant   duis.GrantNumber // the log position of the acceptance
	from    time.Time        // of the acceptance
	to      time.Time        // of the withdrawal; zero if it stands
	srvs    srvSet
}

type supportState uint8

const (
	supportRequested supportState = iota + 1
	supportApproved
	supportRefused
	supportAccepted
	supportDeclined
	supportWithdrawn
)

var supportStateNames = [...]string{"", "requested", "approved", "refused", "accepted", "declined", "withdrawn"}

func (s supportState) String() string { return supportStateNames[s] }

// srvSet is a set of Service Request Variants.
type srvSet [(duis.NumSRV + 64) / 64]uint64

func (s *srvSet) add(v duis.SRV)      { s[v/64] |= 1 << (v % 64) }
func (s *srvSet) has(v duis.SRV) bool { return int(v) <= duis.NumSRV && s[v/64]>>(v%64)&1 == 1 }

// requestSupport takes the formal request of an appointed SoLR (By) for the support of an SRP (Party).
func (r *Register) requestSupport(e *Event) (Applied, error) {
	if r.Settings.Regime.at(e.At) != MP185 {
		return refuse(e, solr.R9, "MP185 in force, from 17 November 2021")
	}
	f, err := r.open(e)
	if err != nil {
		return Applied{}, err
	}
	q := e.Support
	switch {
	case r.support(e.Request) != nil:
		return bad(e, "a new ID for the request, not %q", e.Request)
	case len(q.SRVs) == 0 || slices.ContainsFunc(q.SRVs, func(v duis.SRV) bool { return !v.Valid() }):
		return bad(e, "Service Request Variants")
	case q.From.IsZero() || !q.To.IsZero() && !q.From.Before(q.To):
		return bad(e, "a window that starts before it ends")
	case r.failing(e.By, e.At):
		return refuse(e, solr.R15, "a SoLR that is not failing itself")
	case !slices.Contains(r.engaged[f.Supplier], e.Party):
		return refuse(e, solr.R9, "an SRP that sends on behalf of %s, not %s", f.Supplier, e.Party)
	case !slices.ContainsFunc(f.mpids, func(m *mpidItem) bool { d := m.appointed(e.At); return d != nil && d.to == e.By }):
		return refuse(e, solr.R9, "a party that is appointed SoLR of an MPID of failure %s", f.ID)
	}
	for _, t := range q.Thresholds {
		if err := r.thresholdOf(f, e, t); err != nil {
			return Applied{}, err
		}
	}
	s := &support{Support: *q, id: e.Request, failure: f.ID, solr: e.By, srp: e.Party, state: supportRequested}
	s.Devices = slices.Sorted(slices.Values(q.Devices))
	for _, v := range q.SRVs {
		s.srvs.add(v)
	}
	r.supports = append(r.supports, s)
	return Applied{}, nil
}

func (r *Register) support(id string) *support {
	for _, s := range r.supports {
		if s.id == id {
			return s
		}
	}
	return nil
}

// step takes a support request from one of some states to another.
func (r *Register) step(e *Event, to supportState, from ...supportState) (*support, Applied, error) {
	s := r.support(e.Request)
	if s == nil {
		a, err := bad(e, "a support request that was made, not %q", e.Request)
		return nil, a, err
	}
	if e.By != "" && e.By != s.srp {
		a, err := refuse(e, solr.R9, "%s, which was asked", s.srp)
		return nil, a, err
	}
	if !slices.Contains(from, s.state) {
		var want []string
		for _, x := range from {
			want = append(want, x.String())
		}
		a, err := refuse(e, solr.R9, "a request that is %s, but %q is %v", strings.Join(want, " or "), s.id, s.state)
		return nil, a, err
	}
	s.state = to
	return s, Applied{}, nil
}

func (r *Register) approveSupport(e *Event) (Applied, error) {
	_, a, err := r.step(e, supportApproved, supportRequested)
	return a, err
}

func (r *Register) refuseSupport(e *Event) (Applied, error) {
	_, a, err := r.step(e, supportRefused, supportRequested)
	return a, err
}

// acceptSupport starts the authority, whatever becomes of the thresholds.
func (r *Register) acceptSupport(e *Event) (Applied, error) {
	s, a, err := r.step(e, supportAccepted, supportApproved)
	if s != nil {
		s.from = e.At
		s.grant = duis.GrantNumber(r.next())
	}
	return a, err
}

func (r *Register) declineSupport(e *Event) (Applied, error) {
	_, a, err := r.step(e, supportDeclined, supportApproved)
	return a, err
}

// withdrawSupport ends the authority at once, and for good.
func (r *Register) withdrawSupport(e *Event) (Applied, error) {
	s, a, err := r.step(e, supportWithdrawn, supportApproved, supportAccepted)
	if s != nil {
		s.to = e.At
	}
	return a, err
}

// startMigration records that a SoLR moves metering points to its own systems.
func (r *Register) startMigration(e *Event) (Applied, error) {
	f := r.failure(e.Failure)
	if f == nil {
		return bad(e, "a failure that was notified, not %q", e.Failure)
	}
	r.move(f, solr.Migrate, e.At)
	return Applied{}, nil
}

// completeMigration takes the SoLR's advice that its migration is complete: that ends the support that it asked for, and nothing else.
func (r *Register) completeMigration(e *Event) (Applied, error) {
	f, err := r.open(e)
	if err != nil {
		return Applied{}, err
	}
	if !slices.ContainsFunc(f.mpids, func(m *mpidItem) bool { return m.directedTo(e.By, e.At) }) {
		return refuse(e, solr.R9, "a party that is appointed SoLR of an MPID of failure %s", f.ID)
	}
	if n := len(f.completed[e.By]); n == 0 || !f.completed[e.By][n-1].to.IsZero() {
		f.completed = with(f.completed, e.By, append(slices.Clip(f.completed[e.By]), interval{from: e.At}))
	}
	return Applied{}, nil
}

// withdrawCompletion takes that advice back: support that has not ended otherwise goes on.
func (r *Register) withdrawCompletion(e *Event) (Applied, error) {
	f, err := r.open(e)
	if err != nil {
		return Applied{}, err
	}
	n := len(f.completed[e.By])
	if n == 0 || !f.completed[e.By][n-1].to.IsZero() {
		return refuse(e, solr.R9, "a completion that was advised before")
	}
	all := slices.Clone(f.completed[e.By])
	all[n-1].to = e.At
	f.completed = with(f.completed, e.By, all)
	return Applied{}, nil
}

// directedTo reports whether a direction to a party was ever in force for the MPID by a time.
func (m *mpidItem) directedTo(p smki.PartyID, t time.Time) bool {
	return slices.ContainsFunc(m.directions, func(d *direction) bool { return d.to == p && d.tookEffect(t) })
}

// instructedThreshold is a threshold that the PMA told the DCC to apply.
type instructedThreshold struct {
	duis.Threshold
	failure solr.FailureID
	at      time.Time
	seq     uint64
}

// thresholdOf checks a threshold that is asked for or instructed on a failure.
func (r *Register) thresholdOf(f *failure, e *Event, t duis.Threshold) error {
	var err error
	if u, ok := r.dir.User(t.User); !ok || u.Party != f.Supplier {
		_, err = bad(e, "thresholds of Users of %s, not of %v", f.Supplier, t.User)
	} else if t.SRV != 0 && !t.SRV.Valid() {
		_, err = bad(e, "a Service Request Variant or none")
	}
	return err
}

// instructThresholds tells the DCC to apply the thresholds of an approved support request or, as a variant, of Ofgem's safe-mode instruction (R9, R10).
func (r *Register) instructThresholds(e *Event) (Applied, error) {
	if r.Settings.Regime.at(e.At) != MP185 {
		return refuse(e, solr.R9, "MP185 in force, from 17 November 2021")
	}
	f, err := r.open(e)
	if err != nil {
		return Applied{}, err
	}
	limits := e.Thresholds
	if e.Request == "" {
		switch {
		case len(limits) == 0:
			return bad(e, "Request or Thresholds")
		case !r.Settings.SafeModeCarriesThresholds || len(f.safeModes) == 0:
			return refuse(e, solr.R10, "a support request that carries the thresholds")
		}
		for _, t := range limits {
			if err := r.thresholdOf(f, e, t); err != nil {
				return Applied{}, err
			}
		}
	} else {
		s := r.support(e.Request)
		switch {
		case s == nil || s.failure != f.ID:
			return bad(e, "a support request of failure %s, not %q", f.ID, e.Request)
		case s.state != supportApproved && s.state != supportAccepted:
			return refuse(e, solr.R9, "a request that is approved, but %q is %v", s.id, s.state)
		case r.licences().revoked(s.solr, e.At):
			return refuse(e, solr.R15, "a request of a SoLR that holds its licence, unlike %s", s.solr)
		case len(s.Thresholds) == 0:
			return refuse(e, solr.R9, "a request that carries thresholds")
		}
		limits = s.Thresholds
	}
	for _, t := range limits {
		r.instructed = append(r.instructed, instructedThreshold{t, f.ID, e.At, r.next()})
	}
	return Applied{}, nil
}

// safeMode is Ofgem's instruction to an SRP to put prepayment customers into safe mode.
type safeMode struct {
	srp    smki.PartyID
	at     time.Time
	regime Regime // in force when it was given (R18)
	grant  duis.GrantNumber
}

// instructSafeMode takes Ofgem's instruction to an SRP (Party): after the licence was revoked, and under MP185 while an MPID of the failure has no SoLR.
func (r *Register) instructSafeMode(e *Event) (Applied, error) {
	regime := r.Settings.Regime.at(e.At)
	if regime == Baseline {
		return refuse(e, solr.R10, "MP134A in force, from 4 October 2021")
	}
	f, err := r.open(e)
	if err != nil {
		return Applied{}, err
	}
	switch {
	case f.Revoked.IsZero() || e.At.Before(f.Revoked):
		return refuse(e, solr.R10, "a supplier whose licence was revoked")
	case !slices.Contains(r.engaged[f.Supplier], e.Party):
		return refuse(e, solr.R10, "an SRP that sends on behalf of %s, not %s", f.Supplier, e.Party)
	}
	if regime == MP185 {
		l := r.licences()
		if !slices.ContainsFunc(f.mpids, func(m *mpidItem) bool { return m.gone.IsZero() && !m.hasSoLR(e.At, l) }) {
			return refuse(e, solr.R10, "an MPID of failure %s without a SoLR", f.ID)
		}
	}
	f.safeModes = append(f.safeModes, safeMode{e.Party, e.At, regime, duis.GrantNumber(r.next())})
	return Applied{}, nil
}
