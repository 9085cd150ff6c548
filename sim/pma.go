package sim

import (
	"fmt"

	"github.com/seed-db8551c1/lastresort/duis"
	"github.com/seed-db8551c1/lastresort/hold"
	"github.com/seed-db8551c1/lastresort/sim/des"
	"github.com/seed-db8551c1/lastresort/smki"
	"github.com/seed-db8551c1/lastresort/solr"
)

// The SMKI PMA: it delays, approves support, raises thresholds, and releases.

// directDelay holds back what the rules in force let it hold back, and what is left of it: certificates under MP134A, MPIDs as well under MP185 (R3, R6).
func (r *run) directDelay(n uint32) {
	f, s := &r.failures[n], &r.failed[n]
	if r.isClosed(n) || s.agreed {
		return
	}
	mpids, certs := r.left(n)
	e := hold.Event{Kind: hold.DelayDirected, Failure: f.id, Certificates: certs}
	switch rules := r.rules(); {
	case rules == hold.Baseline, rules == hold.MP134A && len(certs) == 0, rules == hold.MP134A && s.delayed:
		return
	case rules == hold.MP134A:
		e.Controls = hold.Revocation
	case len(mpids) == 0: // its MPIDs have moved: holding the certificates back helps nobody any more
		return
	default:
		e.Controls, e.MPIDs = hold.Transfer, mpids
		switch {
		case !r.values.on(pmaDelaysRevocation):
			e.Certificates = nil
		case len(certs) > 0:
			e.Controls |= hold.Revocation
		}
	}
	s.delayed = true
	r.log(e)
	r.after(dccReceiptLatency, evReceive, n)
}

// The PMA sits in these hours of Working Days (London).
const pmaOpens, pmaCloses = 9 * des.Hour, 17 * des.Hour

// atWork is when what people do after a latency is done: not before they are at work.
func (r *run) atWork(latency assumption, at des.Time) des.Time {
	switch latency {
	case pmaDelayLatency, pmaApproveLatency, pmaReleaseLatency:
		if r.values.on(pmaWorkingDays) {
			return r.calendar.within(at, pmaOpens, pmaCloses, true)
		}
	case srpPositionLatency, srpAcceptLatency:
		return r.staffed(at)
	}
	return at
}

// left is which MPIDs of a failure have not moved, and which of its certificates are not revoked.
func (r *run) left(n uint32) (mpids []smki.MPID, certs []smki.CertificateID) {
	supplier, now := r.failures[n].supplier, r.calendar.time(r.sim.Now())
	d := r.register.Directory()
	for _, m := range r.failed[n].mpids {
		if owner, ok := d.DCC.Owner(m, now); ok && owner == supplier.id {
			mpids = append(mpids, m)
		}
	}
	for _, c := range supplier.certificates() {
		if d.Status(c, now) == smki.Good {
			certs = append(certs, c)
		}
	}
	return mpids, certs
}

func (r *run) isClosed(n uint32) bool {
	f, ok := r.register.Failure(r.failures[n].id)
	return !ok || f.Phase == solr.Closed
}

// supportRequest names the latest support request of a failure.
func (r *run) supportRequest(n uint32) string {
	return fmt.Sprintf("support %d for %s", r.failed[n].asked, r.failures[n].id)
}

func (r *run) approveSupport(n uint32) {
	if r.isClosed(n) {
		return
	}
	r.log(hold.Event{Kind: hold.SupportApproved, Request: r.supportRequest(n)})
	r.inTheirTenure(srpAcceptLatency, evAnswer, n)
}

// instructThresholds lets Ofgem's safe-mode instruction carry thresholds, where that is assumed (R10).
func (r *run) instructThresholds(n uint32) {
	if r.isClosed(n) || r.rules() != hold.MP185 || !r.values.on(raiseThresholds) {
		return
	}
	r.log(hold.Event{Kind: hold.ThresholdsInstructed, Failure: r.failures[n].id, Thresholds: r.burst(int(n))})
	r.look()
}

// burst is the thresholds that putting a whole book into safe mode needs: two messages for the mode and two to restore supply, for each meter and twice over.
func (r *run) burst(i int) []duis.Threshold {
	user := r.failures[i].supplier.user
	mode := 8 * uint64(r.firstPrepay[i+1]-r.firstPrepay[i])
	all := r.totalLimit(i) + 2*mode
	return []duis.Threshold{
		{User: user, SRV: safeModeCommand.srv, Warning: mode, Quarantine: mode},
		{User: user, Warning: all, Quarantine: all},
	}
}

// release lets go of what was held back, once the SoLR has agreed (R8, R11).
func (r *run) release(n uint32) {
	if r.isClosed(n) {
		return
	}
	f, s := &r.failures[n], &r.failed[n]
	mpids, certs := r.left(n)
	rules := r.rules()
	if rules == hold.MP185 && !s.confirmed && len(s.mpids) > 0 { // it came into force since the SoLR agreed: what is undone needs its confirmations (R18)
		s.agreed = false
		r.agree(n)
		return
	}
	e := hold.Event{Kind: hold.ReleaseInstructed, Failure: f.id, Certificates: certs}
	if rules == hold.MP185 {
		e.MPIDs = mpids
	}
	if rules == hold.Baseline || len(e.MPIDs)+len(e.Certificates) == 0 {
		return
	}
	r.log(e)
	r.look()
}
