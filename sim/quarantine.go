package sim

import (
	"github.com/seed-db8551c1/lastresort/duis"
	"github.com/seed-db8551c1/lastresort/hold"
	"github.com/seed-db8551c1/lastresort/smki"
)

// The quarantine: what an SRP sends over the anomaly detection thresholds of a failed supplier's User the DCC holds back, until the SRP says that it is to be processed and, on a frozen failure, the PMA too (R7).
// Of use by then are top-ups and safe mode. What restores supply is sent anew; works are over, heating has had its next command, and the household has been told that there is no additional credit.

// quarantined is a message in quarantine: of a top-up or of safe mode, for a prepayment meter.
type quarantined struct {
	meter  uint32
	c      command
	signed bool   // the Signed Pre-Command, the second message
	topUp  uint32 // its number
	try    uint16
}

// keep puts a message of a command into quarantine. The first starts the clock for all that come before the release.
func (r *run) keep(i int, c command, f fate, p uint32) {
	s, a := &r.failed[i], &r.accounts[p]
	s.quarantine = append(s.quarantine, quarantined{p, c, f == preCommandInQuarantine, a.topUp, a.try})
	if !s.releasing {
		s.releasing = true
		r.after(quarantineRelease, evProcess, uint32(i))
	}
}

// process is the DCC releasing what is in quarantine, as the SRP has said. On a frozen failure it asks the PMA first.
func (r *run) process(n uint32) {
	f, s := &r.failures[n], &r.failed[n]
	q := duis.Question{Act: duis.ReleaseQuarantine, Party: f.supplier.id, User: f.supplier.user, At: r.calendar.time(r.sim.Now())}
	if r.register.Authority().Ask(q).Standing == duis.Refused {
		r.after(pmaApproveLatency, evLetProcess, n)
		return
	}
	r.log(hold.Event{Kind: hold.QuarantineReleased, User: &smki.User{ID: f.supplier.user}})
	all := s.quarantine
	s.quarantine, s.releasing = nil, false
	for i := range all {
		r.letGo(int(n), &all[i])
	}
	r.wake(f.srp)
}

// instructProcess is the PMA's instruction that names the release (R7). It counts for later ones too.
func (r *run) instructProcess(n uint32) {
	if f := &r.failures[n]; !r.isClosed(n) {
		r.log(hold.Event{Kind: hold.ActionInstructed, Failure: f.id, Action: hold.ReleaseQuarantine, User: &smki.User{ID: f.supplier.user}})
	}
	r.after(dccActLatency, evProcess, n)
}

// letGo decides a message anew, for what is known now, and goes on with its command.
func (r *run) letGo(i int, m *quarantined) {
	f, a, j, now := &r.failures[i], &r.accounts[m.meter], &r.failed[i].job, r.sim.Now()
	if a.safe || a.inCredit {
		return
	}
	again := queued{m.meter, now + hours(r.values[safeModeRetry])}
	if m.c.at > 0 && m.c.at <= now { // its time is over
		j.again = append(j.again, again)
		return
	}
	variant := duis.SendCommand
	switch {
	case m.signed:
		variant = duis.SendSignedPreCommand
	case m.c.srv.Critical():
		variant = duis.TransformRequest
	}
	fate := r.decideAgain(f.supplier, r.srps[f.srp].channel, m.c, variant, r.meter[m.meter])
	switch {
	case m.c == topUpCommand:
		if fate == accepted && a.topUp == m.topUp && !a.paid && r.reaches(r.hub(i, r.meter[m.meter]), drawTopUpComms, r.nameOf(m.meter), uint64(m.topUp)<<16|uint64(m.try)) {
			r.pay(m.meter)
		}
	case fate == held: // the SRP's authority has ended since
		j.again = append(j.again, again)
	case fate != accepted:
	case !m.signed:
		j.transformed = append(j.transformed, m.meter)
	case r.carrySafeMode(i, m.c, m.meter) == lost:
		j.again = append(j.again, again)
	}
}

// decideAgain is another decision on a message that the DCC has kept since the first: the DSP for its time, or the quarantine. The message counts by the first, and by this one only if it is not accepted.
func (r *run) decideAgain(from *party, over duis.CertificateNumber, c command, variant duis.CommandVariant, meter uint32) fate {
	q := r.message(from, over, c, variant, meter)
	d := duis.Decide(r.current(), &q, r.calendar.time(r.sim.Now()))
	switch {
	case over != from.channel && r.awaitsAuthority(&d):
		return held
	case d.Outcome != duis.Accepted:
		r.tally.count(&d)
		r.series.sent(over != from.channel, d.Outcome)
		return refused
	}
	return accepted
}

// awaitsAuthority reports whether an SRP holds a message back, since no authority covers it (R9).
func (r *run) awaitsAuthority(d *duis.Decision) bool {
	return (d.Standing == duis.NotCovered || d.Standing == duis.Refused) && r.values.on(srpAwaitsAuthority)
}
