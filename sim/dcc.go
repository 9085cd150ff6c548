package sim

import (
	"slices"

	"github.com/seed-db8551c1/lastresort/duis"
	"github.com/seed-db8551c1/lastresort/hold"
	"github.com/seed-db8551c1/lastresort/smki"
	"github.com/seed-db8551c1/lastresort/solr"
)

// The DCC: it does what the register says it must, some time later, and nothing else.

// act is what the DCC is about to do on one failure. Items that it must not do any more when the time comes are left out.
type act struct {
	failure solr.FailureID
	action  hold.Action
	items   []hold.Duty
	done    bool
}

// actLatency is how long the DCC takes.
var actLatency = map[hold.Action]assumption{
	hold.RevokeCertificate: dccActLatency, hold.TransferMPID: dccActLatency, hold.ApplyThresholds: dccThresholdLatency,
}

// look finds duties that are new, and schedules the acts.
func (r *run) look() {
	if r.err != nil {
		return
	}
	first := len(r.acts)
	for _, d := range r.register.Duties(r.calendar.time(r.sim.Now())) {
		if d.Modality != hold.Must || r.pending(&d) {
			continue
		}
		i := slices.IndexFunc(r.acts[first:], func(a act) bool { return a.failure == d.Failure && a.action == d.Action })
		if i < 0 {
			i = len(r.acts) - first
			r.acts = append(r.acts, act{failure: d.Failure, action: d.Action})
			r.after(actLatency[d.Action], evAct, uint32(len(r.acts)-1))
		}
		r.acts[first+i].items = append(r.acts[first+i].items, d)
	}
}

func (r *run) pending(d *hold.Duty) bool {
	for i := range r.acts {
		a := &r.acts[i]
		if !a.done && a.failure == d.Failure && a.action == d.Action && slices.ContainsFunc(a.items, func(x hold.Duty) bool { return sameItem(&x, d) }) {
			return true
		}
	}
	return false
}

func sameItem(a, b *hold.Duty) bool {
	if (a.Threshold == nil) != (b.Threshold == nil) || a.Threshold != nil && *a.Threshold != *b.Threshold {
		return false
	}
	return a.Failure == b.Failure && a.Action == b.Action && a.Certificate == b.Certificate && a.MPID == b.MPID && a.To == b.To
}

// perform does what of an act the DCC still must do.
func (r *run) perform(n uint32) {
	a := &r.acts[n]
	a.done = true
	e := hold.Event{Kind: actKind[a.action], Reason: smki.CessationOfOperation}
	for _, d := range r.register.Duties(r.calendar.time(r.sim.Now())) {
		if d.Modality != hold.Must || !slices.ContainsFunc(a.items, func(x hold.Duty) bool { return sameItem(&x, &d) }) {
			continue
		}
		switch a.action {
		case hold.RevokeCertificate:
			e.Certificates = append(e.Certificates, d.Certificate)
		case hold.TransferMPID:
			e.MPIDs, e.Party = append(e.MPIDs, d.MPID), d.To
		case hold.ApplyThresholds:
			e.Thresholds = append(e.Thresholds, *d.Threshold)
		}
	}
	if len(e.Certificates)+len(e.MPIDs)+len(e.Thresholds) > 0 {
		if a.action != hold.RevokeCertificate {
			e.Reason = 0
		}
		r.log(e)
		r.acted(a.failure, &e)
	}
	r.look()
}

// actKind is how an act is reported.
var actKind = map[hold.Action]hold.Kind{
	hold.RevokeCertificate: hold.CertificateRevoked, hold.TransferMPID: hold.MPIDTransferred, hold.ApplyThresholds: hold.ThresholdsApplied,
}

// acted is what others learn of an act.
func (r *run) acted(id solr.FailureID, e *hold.Event) {
	i := slices.IndexFunc(r.failures, func(f failure) bool { return f.id == id })
	switch e.Kind {
	case hold.MPIDTransferred:
		r.seeTransfers()
	case hold.ThresholdsApplied:
		r.raised(i, e.Thresholds)
	}
}

func (r *run) receiveDelay(n uint32) {
	r.log(hold.Event{Kind: hold.DelayReceived, Failure: r.failures[n].id})
	r.look()
}

// dccAgrees records the DCC's agreement to the transfer (R11).
func (r *run) dccAgrees(n uint32) {
	if mpids, _ := r.left(n); !r.isClosed(n) && len(mpids) > 0 && r.rules() == hold.MP185 {
		r.log(hold.Event{Kind: hold.TransferAgreed, Failure: r.failures[n].id, Agreeing: hold.DCCAgrees, MPIDs: mpids})
		r.look()
	}
}

// takeUserFile applies the thresholds that a failed supplier's SRP sends in its own file, unless the rules forbid it by then (R7, R9).
func (r *run) takeUserFile(n uint32) {
	f := &r.failures[n]
	if !r.values.on(raiseThresholds) {
		return
	}
	for _, d := range r.register.Duties(r.calendar.time(r.sim.Now())) {
		if d.Failure == f.id && d.Action == hold.ApplyThresholds && d.Threshold == nil && d.Modality == hold.May {
			e := hold.Event{Kind: hold.ThresholdsApplied, Thresholds: r.burst(int(n))}
			r.log(e)
			r.raised(int(n), e.Thresholds)
			return
		}
	}
}

// seeTransfers finds out which SoLRs have got all MPIDs of whom.
func (r *run) seeTransfers() {
	d, now := r.register.Directory(), r.calendar.time(r.sim.Now())
	for i := range r.failed {
		s, had := &r.failed[i], r.failed[i].transferred
		s.transferred = true
		for _, m := range r.failures[i].supplier.mpids {
			if owner, _ := d.DCC.Owner(m, now); owner != r.solrs[s.solr].id {
				s.transferred = false
			}
		}
		if s.transferred && !had {
			s.transferredAt = r.sim.Now()
		}
	}
}

// limitUser applies the day-to-day thresholds of a failed supplier's User, just before its failure: as a SoLR it may have needed more.
func (r *run) limitUser(i int) {
	user := r.failures[i].supplier.user
	mode, all := r.scaledLimit(r.values[adtPaymentMode]), r.totalLimit(i)
	e := hold.Event{Kind: hold.ThresholdsApplied, Thresholds: []duis.Threshold{
		{User: user, SRV: safeModeCommand.srv, Warning: mode, Quarantine: mode},
		{User: user, Warning: all, Quarantine: all},
	}}
	r.log(e)
	r.setLimits(i, e.Thresholds)
}

// totalLimit is the day-to-day threshold of a failed supplier's User for all requests.
func (r *run) totalLimit(i int) uint64 {
	return uint64(r.values[adtAll]*float64(r.first[i+1]-r.first[i])) + r.scaledLimit(1000)
}

// scaledLimit is a number of requests at the scale of the run, rounded: at least one command of two messages, unless there are none at all.
func (r *run) scaledLimit(n float64) uint64 {
	if n == 0 {
		return 0
	}
	return uint64(max(2, n*r.scale+0.5))
}

// raised tells the SRP of the thresholds that are in force.
func (r *run) raised(i int, thresholds []duis.Threshold) {
	r.setLimits(i, thresholds)
	r.wake(r.failures[i].srp)
}

func (r *run) setLimits(i int, thresholds []duis.Threshold) {
	for _, t := range thresholds {
		switch t.SRV {
		case safeModeCommand.srv:
			r.failed[i].limit = t.Quarantine
		case 0:
			r.failed[i].limitAll = t.Quarantine
		}
	}
}
