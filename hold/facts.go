package hold

import (
	"slices"
	"time"

	"github.com/seed-db8551c1/lastresort/smki"
)

// The facts that the process starts from: who there is, and what belongs to whom.

func (r *Register) recordUser(e *Event) (Applied, error) {
	if err := r.dir.SetUser(*e.User); err != nil {
		return bad(e, "a User that the directory can take: %v", err)
	}
	return Applied{}, nil
}

// allocate records new MPIDs. Those of a supplier whose failure is open come into the failure.
func (r *Register) allocate(e *Event) (Applied, error) {
	for _, m := range e.MPIDs {
		if _, err := smki.ParseMPID(string(m)); err != nil {
			return bad(e, "an MPID: %v", err)
		}
		if _, known := r.dir.Fuel(m); known {
			return bad(e, "an MPID that was not allocated before, not %s", m)
		}
	}
	if e.Fuel > smki.Gas {
		return bad(e, "electricity or gas")
	}
	for _, m := range e.MPIDs {
		if err := r.dir.Allocate(m, e.Fuel, e.Party, e.At); err != nil {
			return bad(e, "an MPID that the directory can take: %v", err)
		}
	}
	r.tell(e, e.MPIDs...)
	return Applied{}, nil
}

// retire records that MPIDs belong to nobody any more.
func (r *Register) retire(e *Event) (Applied, error) {
	for _, m := range e.MPIDs {
		for _, held := range []*smki.MPIDMap{&r.dir.DCC, &r.dir.Codes} {
			h := held.Holdings(m)
			if len(h) == 0 || h[len(h)-1].Party == "" || e.At.Before(h[len(h)-1].From) {
				return bad(e, "an MPID that is held in both maps, not %s", m)
			}
		}
	}
	for _, m := range e.MPIDs {
		if err := r.dir.DCC.Retire(m, e.At); err != nil {
			return bad(e, "an MPID that is held: %v", err)
		}
		if err := r.dir.Codes.Retire(m, e.At); err != nil {
			return bad(e, "an MPID that is held: %v", err)
		}
	}
	r.tell(e, e.MPIDs...)
	return Applied{}, nil
}

// engage records that an SRP (By) runs the systems that send in a supplier's name (Party). The order in which SRPs were engaged makes no difference, and is not kept.
func (r *Register) engage(e *Event) (Applied, error) {
	if !slices.Contains(r.engaged[e.Party], e.By) {
		r.engaged = with(r.engaged, e.Party, slices.Sorted(slices.Values(append(slices.Clip(r.engaged[e.Party]), e.By))))
	}
	return Applied{}, nil
}

// transferredInCodes records a transfer under the registration codes. It changes nothing on the DCC's network (R13).
func (r *Register) transferredInCodes(e *Event) (Applied, error) {
	for _, m := range e.MPIDs {
		if _, ok := r.dir.Codes.Owner(m, e.At); !ok {
			return bad(e, "an MPID that is held at that time, not %s", m)
		}
	}
	for _, m := range e.MPIDs {
		if owner, _ := r.dir.Codes.Owner(m, e.At); owner == e.Party {
			continue // a repeat
		}
		if err := r.dir.Codes.Transfer(m, e.Party, e.At); err != nil {
			return bad(e, "an MPID that is held: %v", err)
		}
	}
	return Applied{}, nil
}

// failureOfCertificate is the failure that a certificate was in at a time, nil if it was in none.
func (r *Register) failureOfCertificate(id smki.CertificateID, at time.Time) *failure {
	c, _, ok := r.dir.Certificate(id)
	if !ok {
		return nil
	}
	if f := r.failureAt(c.Subscriber, at); f != nil && f.cert(id) != nil {
		return f
	}
	return nil
}
