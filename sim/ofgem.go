package sim

import (
	"slices"
	"time"

	"github.com/seed-db8551c1/lastresort/hold"
	"github.com/seed-db8551c1/lastresort/smki"
)

// Ofgem: notice of failure, announcement, revocation of the licence, appointment, and the safe-mode instruction.

// notify opens the failure; from now on its households and works are simulated.
func (r *run) notify(n uint32) {
	f := &r.failures[n]
	r.limitUser(int(n))
	r.log(hold.Event{Kind: hold.FailureNotified, Failure: f.id, Party: f.supplier.id})
	r.enter(n)
	r.loseSoLR(n)
	r.after(pmaDelayLatency, evDelay, n)
	if r.regime == hold.Actual { // the PMA looks again when it gets new powers
		for _, from := range []time.Time{hold.MP134AFrom(), hold.MP185From()} {
			if at := r.calendar.instant(from) + hours(r.values[pmaDelayLatency]); at > f.notice+hours(r.values[pmaDelayLatency]) {
				r.schedule(r.atWork(pmaDelayLatency, at), evDelay, n)
			}
		}
	}
	r.openHouseholds(int(n))
	r.openSwitches(int(n))
	if r.values.on(futureDated) {
		r.sendAhead(n)
	}
	r.nextWorks(n)
	if len(r.heating[n]) > 0 && r.values[heatingCommands] > 0 {
		r.schedule(r.sim.Now()+period(r.values[heatingCommands]), evHeating, n)
	}
}

// enter finds the MPIDs that a failure begins with: the supplier's own, and those that it has got as a SoLR (R15).
func (r *run) enter(n uint32) {
	s, supplier, now := &r.failed[n], r.failures[n].supplier, r.calendar.time(r.sim.Now())
	for i := range r.failures {
		for _, m := range r.failures[i].supplier.mpids {
			if owner, ok := r.register.Directory().DCC.Owner(m, now); ok && owner == supplier.id {
				s.mpids = append(s.mpids, m)
			}
		}
	}
}

// loseSoLR ends what a supplier that fails has to do as a SoLR, from the notice on: it confirms, agrees and migrates no more, and the MPIDs that it has got are in its own failure
// instead (R15). The support that it asked for goes on until its licence is revoked: the register sees to that.
func (r *run) loseSoLR(n uint32) {
	for i := range r.failed {
		s := &r.failed[i]
		if r.fails[s.solr] != int(n) {
			continue
		}
		s.lost = true
		s.tenure++
		s.confirmDue, s.confirmed, s.requested, s.agreeDue, s.agreed = false, false, false, false, false
		s.mpids = slices.DeleteFunc(s.mpids, func(m smki.MPID) bool { return slices.Contains(r.failed[n].mpids, m) })
	}
}

// books are the failures that Ofgem names a SoLR for together with that of one: it, and those that lost their SoLR by it.
func (r *run) books(n uint32) []uint32 {
	all := []uint32{n}
	for i := range r.failed {
		if s := &r.failed[i]; s.lost && r.fails[s.solr] == int(n) {
			all = append(all, uint32(i))
		}
	}
	return all
}

// announce names the SoLR of a failure, which is the next SoLR too of what its supplier was SoLR of.
func (r *run) announce(n uint32) {
	for _, i := range r.books(n) {
		if mpids, _ := r.left(i); len(mpids) > 0 {
			r.log(hold.Event{Kind: hold.SoLRAnnounced, Failure: r.failures[i].id, Party: r.solrs[r.failures[n].solr].id, MPIDs: mpids})
		}
	}
	r.after(srpPositionLatency, evPosition, n)
}

// revokeLicence makes the DCC's duty to revoke the certificates due (R1).
func (r *run) revokeLicence(n uint32) {
	f := &r.failures[n]
	r.log(hold.Event{Kind: hold.LicenceRevoked, Failure: f.id, Party: f.supplier.id})
	if r.rules() != hold.Baseline || r.regime == hold.Actual {
		for _, i := range r.books(n) {
			if i == n || r.rules() == hold.MP185 { // R10 applies again
				r.after(ofgemSafeModeLatency, evInstruct, i)
			}
		}
	}
	r.look()
}

// appointSoLR carries the direction to transfer the MPIDs (R4), of the failure and of what its supplier was SoLR of.
func (r *run) appointSoLR(n uint32) {
	f := &r.failures[n]
	for _, i := range r.books(n) {
		s := &r.failed[i]
		s.solr, s.appoint, s.date, s.lost = f.solr, f.appoint, f.date, false
		s.book.handOver()
		if mpids, _ := r.left(i); len(mpids) > 0 {
			r.log(hold.Event{Kind: hold.SoLRAppointed, Failure: r.failures[i].id, Party: r.solrs[s.solr].id, MPIDs: mpids, Date: s.date})
		}
		r.inTheirTenure(solrConfirmLatency, evConfirm, i)
		r.inTheirTenure(solrSupportLatency, evRequest, i)
		if s.book.completed {
			r.agree(i)
		}
	}
	r.seeTransfers()
	r.look()
}

// hasSoLR reports whether a failure has a SoLR that holds its licence (R10).
func (r *run) hasSoLR(n uint32) bool {
	s, now := &r.failed[n], r.sim.Now()
	return now >= s.appoint && !(s.lost && now >= r.failures[r.fails[s.solr]].revoke)
}

// instructSafeMode tells the SRP to put prepayment households into safe mode: under MP134A at any time after revocation, under MP185 only while there is no SoLR (R10).
func (r *run) instructSafeMode(n uint32) {
	f := &r.failures[n]
	rules := r.rules()
	if r.isClosed(n) || rules == hold.Baseline || rules == hold.MP185 && (r.hasSoLR(n) || len(r.failed[n].mpids) == 0) {
		return
	}
	r.log(hold.Event{Kind: hold.SafeModeInstructed, Failure: f.id, Party: r.srps[f.srp].id})
	switch {
	case rules == hold.MP134A:
		r.after(dccThresholdLatency, evUserFile, n)
	case r.values.on(safeModeThresholds):
		r.after(pmaApproveLatency, evThresholds, n)
	}
	r.startSafeMode(int(n))
}
