package sim

import (
	"github.com/seed-db8551c1/lastresort/duis"
	"github.com/seed-db8551c1/lastresort/hold"
)

// The Supplier of Last Resort: it confirms, asks for support, and agrees to the transfer. Its migration is in migration.go.

// confirm gives the five confirmations (R8), if the rules ask for them. They wait for the SRP's position.
func (r *run) confirm(n uint32) {
	f, s := &r.failures[n], &r.failed[n]
	if s.confirmed || r.isClosed(n) || r.rules() != hold.MP185 || len(s.mpids) == 0 {
		return
	}
	if s.confirmDue = true; !s.positioned {
		return
	}
	s.confirmed = true
	for _, c := range hold.Confirmations() {
		r.log(hold.Event{Kind: hold.Confirmed, Failure: f.id, By: r.solrs[s.solr].id, Confirmation: c, Text: "as simulated"})
	}
	if s.agreeDue || r.values.on(earlyCoS) {
		r.agree(n)
	}
	r.look()
}

// requestSupport asks for the SRP's support (R9): from now on, without an end but the completion of the migration.
func (r *run) requestSupport(n uint32) {
	f, s := &r.failures[n], &r.failed[n]
	if s.requested || r.isClosed(n) || r.rules() != hold.MP185 || s.transferred || s.book.complete() || len(s.mpids) == 0 {
		return
	}
	s.requested = true
	s.asked++
	r.log(hold.Event{
		Kind: hold.SupportRequested, Failure: f.id, By: r.solrs[s.solr].id, Party: r.srps[f.srp].id, Request: r.supportRequest(n),
		Support: &hold.Support{SRVs: r.supported, Thresholds: r.limits(int(n)), From: r.calendar.time(r.sim.Now())},
	})
	r.inTheirTenure(pmaApproveLatency, evApprove, n)
}

// limits is the thresholds that support needs; none if there is no meter in prepayment mode, or the SoLR does not ask for any.
func (r *run) limits(i int) []duis.Threshold {
	if r.firstPrepay[i] == r.firstPrepay[i+1] || !r.values.on(raiseThresholds) {
		return nil
	}
	return r.burst(i)
}

// agree is the SoLR's agreement that MPIDs and certificates go: when its migration is complete or, if it can change the whole book at once, when it has confirmed.
func (r *run) agree(n uint32) {
	f, s := &r.failures[n], &r.failed[n]
	if s.agreed || r.isClosed(n) {
		return
	}
	if s.agreeDue = true; r.rules() == hold.MP185 && !s.confirmed && len(s.mpids) > 0 {
		r.confirm(n) // comes back here when it has confirmed
		return
	}
	s.agreed = true
	if mpids, _ := r.left(n); r.rules() == hold.MP185 && len(mpids) > 0 {
		r.log(hold.Event{Kind: hold.TransferAgreed, Failure: f.id, Agreeing: hold.SoLRAgrees, By: r.solrs[s.solr].id, MPIDs: mpids})
		r.inTheirTenure(dccReceiptLatency, evDCCAgree, n)
	}
	r.inTheirTenure(pmaReleaseLatency, evRelease, n)
}
