package sim

import (
	"time"

	"github.com/seed-db8551c1/lastresort/hold"
)

// Ofgem: notice of failure, announcement, revocation of the licence, appointment, and the safe-mode instruction.

// notify opens the failure; from now on its households and works are simulated.
func (r *run) notify(n uint32) {
	f := &r.failures[n]
	r.log(hold.Event{Kind: hold.FailureNotified, Failure: f.id, Party: f.supplier.id})
	r.after(pmaDelayLatency, evDelay, n)
	if r.regime == hold.Actual { // the PMA looks again when it gets new powers
		for _, from := range []time.Time{hold.MP134AFrom(), hold.MP185From()} {
			if at := r.calendar.instant(from) + hours(r.values[pmaDelayLatency]); at > f.notice+hours(r.values[pmaDelayLatency]) {
				r.schedule(at, evDelay, n)
			}
		}
	}
	r.openHouseholds(int(n))
	r.nextWorks(n)
	if len(r.heating[n]) > 0 && r.values[heatingCommands] > 0 {
		r.schedule(r.sim.Now()+period(r.values[heatingCommands]), evHeating, n)
	}
}

func (r *run) announce(n uint32) {
	f := &r.failures[n]
	r.log(hold.Event{Kind: hold.SoLRAnnounced, Failure: f.id, Party: r.solrs[f.solr].id, MPIDs: f.supplier.mpids[:]})
	r.after(srpPositionLatency, evPosition, n)
}

// revokeLicence makes the DCC's duty to revoke the certificates due (R1).
func (r *run) revokeLicence(n uint32) {
	f := &r.failures[n]
	r.log(hold.Event{Kind: hold.LicenceRevoked, Failure: f.id, Party: f.supplier.id})
	if r.rules() != hold.Baseline || r.regime == hold.Actual {
		r.after(ofgemSafeModeLatency, evInstruct, n)
	}
	r.look()
}

// appointSoLR carries the direction to transfer the MPIDs (R4).
func (r *run) appointSoLR(n uint32) {
	f := &r.failures[n]
	r.log(hold.Event{Kind: hold.SoLRAppointed, Failure: f.id, Party: r.solrs[f.solr].id, MPIDs: f.supplier.mpids[:], Date: f.date})
	r.after(solrConfirmLatency, evConfirm, n)
	r.after(solrSupportLatency, evRequest, n)
	r.look()
}

// instructSafeMode tells the SRP to put prepayment households into safe mode: under MP134A at any time after revocation, under MP185 only while there is no SoLR (R10).
func (r *run) instructSafeMode(n uint32) {
	f := &r.failures[n]
	rules := r.rules()
	if r.isClosed(n) || rules == hold.Baseline || rules == hold.MP185 && r.sim.Now() >= f.appoint {
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
