package sim

import (
	"slices"

	"github.com/seed-db8551c1/lastresort/sim/des"
	"github.com/seed-db8551c1/lastresort/smki"
)

// Households in prepayment: they spend, top up, run out, and come back.

// account is a prepayment meter. Between two instants its credit falls by what is spent, so that only the last known credit is kept.
//
// Invariant: while it is on supply and neither in credit mode nor safe, exactly one evExhaust is pending, at or before the instant at which credit is exhausted, or none if that is after the end of the run.
type account struct {
	credit        float64  // pounds, at the instant since
	since         des.Time // when credit was last known
	next          des.Time // with fixed top-ups: when the next is
	topUp         uint32   // the number of the top-up that comes next
	try           uint16   // how often it failed
	safeModeTries uint16
	off           bool // off supply; then since is when it went off
	coming        bool // supply is about to come back
	inCredit      bool // safe mode reached it: it does not run out
	safe          bool // its Change of Supplier is done: it is as any other customer of the SoLR
	paid          bool // with fixed top-ups: the last one arrived
	supported     bool // it has got additional support credit
	ahead         bool // it holds a future-dated command to go into safe mode
}

// home is a household in prepayment, with one meter or two.
type home struct {
	off   uint8 // meters off supply
	lost  bool  // it lost supply at any time
	since des.Time
	total des.Time // off supply, a fuel or both
}

// failureOf is the failure that a prepayment meter is in.
func (r *run) failureOf(p uint32) int { return rangeOf(r.firstPrepay[:len(r.failures)], p) }

// rangeOf is which of the ranges that begin at first, few and in order, has a number in it. A range may be empty.
func rangeOf(first []uint32, n uint32) int {
	i, found := slices.BinarySearch(first, n)
	if !found {
		return i - 1
	}
	for i+1 < len(first) && first[i+1] == n {
		i++
	}
	return i
}

// nameOf is what the random numbers of a prepayment meter go by.
func (r *run) nameOf(p uint32) uint64 {
	return r.name[r.household[p]]<<1 | uint64(r.fuelOf(r.meter[p]))
}

func (r *run) emergency(p uint32) float64 {
	return r.values[[...]assumption{emergencyElectricity, emergencyGas}[r.fuelOf(r.meter[p])]]
}

func (r *run) reactivation(p uint32) des.Time {
	return hours(r.values[[...]assumption{reactivationElectricity, reactivationGas}[r.fuelOf(r.meter[p])]])
}

// openHouseholds starts the households of a failure.
func (r *run) openHouseholds(i int) {
	for p := r.firstPrepay[i]; p < r.firstPrepay[i+1]; p++ {
		r.accounts[p] = account{credit: r.credit[p], since: r.sim.Now(), paid: true}
		if r.spend[p] <= 0 {
			continue
		}
		r.planTopUp(p)
		r.watch(p)
	}
}

// creditNow is the credit of a meter.
func (r *run) creditNow(p uint32) float64 {
	a := &r.accounts[p]
	if a.off {
		return a.credit
	}
	fuel := r.fuelOf(r.meter[p])
	return a.credit - r.spend[p]*(r.calendar.meanDays(fuel, r.sim.Now())-r.calendar.meanDays(fuel, a.since))
}

func days(t des.Time) float64 { return float64(t) / float64(des.Day) }

// until is how long a meter takes to spend an amount, at most never.
func (r *run) until(p uint32, pounds float64) des.Time {
	fuel, now := r.fuelOf(r.meter[p]), r.sim.Now()
	return r.calendar.spentBy(fuel, now, r.calendar.meanDays(fuel, now)+max(0, pounds/r.spend[p])) - now
}

// planTopUp schedules the next top-up: some time after credit has fallen to the trigger.
func (r *run) planTopUp(p uint32) {
	if !r.values.on(topUps) {
		return
	}
	a := &r.accounts[p]
	at := r.sim.Now() + r.until(p, r.creditNow(p)-r.values[topUpTrigger])
	if !r.values.on(fixedTopUps) {
		at += hours(r.values[topUpDelay] * r.random.Float64(drawDelay, r.nameOf(p), uint64(a.topUp)))
	}
	r.schedule(at, evTopUp, p)
}

// topUp is a household that tops up, for the first time.
func (r *run) topUp(p uint32) {
	a := &r.accounts[p]
	if a.safe || a.inCredit {
		return
	}
	a.topUp++
	a.try, a.paid = 0, false
	if r.values.on(fixedTopUps) {
		a.next = r.sim.Now() + r.until(p, r.values[topUpAmount])
		r.schedule(a.next, evTopUp, p)
	}
	r.sendTopUp(p)
}

// retry is a household that tries again.
func (r *run) retry(p uint32) {
	if a := &r.accounts[p]; !a.safe && !a.inCredit && !a.paid {
		r.sendTopUp(p)
	}
}

// toppedUp is a top-up on its way: through the filter, and to the meter.
func (r *run) toppedUp(p uint32) {
	a, i, meter := &r.accounts[p], r.failureOf(p), r.meter[p]
	if a.safe || a.inCredit || a.paid {
		return
	}
	code := r.makesCodes(i) // without one there is nothing to send, and nothing to type in
	fate := refused
	if code {
		fate = r.bySupplier(i, topUpCommand, meter)
	}
	sent := fate == accepted
	if !sent && a.try == 0 && r.failed[i].transferred {
		sent = r.bySoLR(i, topUpCommand, meter) == accepted
	}
	if sent && r.reaches(r.hub(i, meter), drawTopUpComms, r.nameOf(p), uint64(a.topUp)<<16|uint64(a.try)) || code && r.manual[r.household[p]] {
		r.pay(p)
		return
	}
	if fate == inQuarantine {
		r.keep(i, topUpCommand, fate, p)
	}
	r.tally.failedTopUps++
	if a.try < 1<<16-1 {
		a.try++
	}
	if at := r.sim.Now() + hours(r.values[topUpRetry]); !r.values.on(fixedTopUps) || at < a.next {
		r.schedule(at, evRetry, p)
	}
}

// makesCodes reports whether somebody still makes codes for top-ups with the failed supplier's prepayment key, the only one that its meters take until their Change of Supplier.
func (r *run) makesCodes(failure int) bool {
	return r.sim.Now() < r.failed[failure].appoint+hours(24*r.values[prepaymentKey])
}

// pay adds a top-up to the credit. Supply that is off comes back some time after.
func (r *run) pay(p uint32) {
	a := &r.accounts[p]
	credit := r.creditNow(p)
	a.credit = max(credit, min(credit+r.values[topUpAmount], r.values[balanceCap]))
	a.paid = true
	if a.off {
		if a.credit > -r.emergency(p) {
			r.comeBack(p, r.reactivation(p))
		}
	} else {
		a.since = r.sim.Now()
	}
	if !r.values.on(fixedTopUps) {
		r.planTopUp(p)
	}
}

// watch schedules a look at the instant at which credit is exhausted.
func (r *run) watch(p uint32) {
	r.schedule(r.sim.Now()+r.until(p, r.creditNow(p)+r.emergency(p)), evExhaust, p)
}

// exhaust looks whether credit has run out. Emergency credit counts, and supply goes on in protected hours.
func (r *run) exhaust(p uint32) {
	a := &r.accounts[p]
	if a.safe || a.inCredit || a.off {
		return
	}
	// What is spent in a few microseconds is within the rounding of instants.
	if r.until(p, r.creditNow(p)+r.emergency(p)) > rounding {
		r.watch(p)
		return
	}
	if until, ok := r.calendar.protected(r.sim.Now()); ok && r.values.on(friendlyHours) {
		r.schedule(until, evExhaust, p)
		return
	}
	if !r.getSupportCredit(p) {
		r.disconnect(p)
	}
}

func (r *run) isVulnerable(household uint32) bool {
	return r.random.Bool(drawVulnerable, r.name[household], 0, r.values[vulnerable])
}

// getSupportCredit has a vulnerable household ask for additional support credit, once, and reports whether it arrives at the meter.
func (r *run) getSupportCredit(p uint32) bool {
	a, i, meter := &r.accounts[p], r.failureOf(p), r.meter[p]
	if a.supported || r.values[supportCredit] == 0 || !r.isVulnerable(r.household[p]) || r.bySupplier(i, balanceCommand, meter) != accepted ||
		!r.reaches(r.hub(i, meter), drawSupportComms, r.nameOf(p), uint64(a.topUp)) {
		return false
	}
	a.credit, a.since, a.supported = r.creditNow(p)+r.values[supportCredit], r.sim.Now(), true
	r.watch(p)
	return true
}

const rounding = 10 * des.Microsecond

func (r *run) disconnect(p uint32) {
	a, h := &r.accounts[p], &r.homes[r.household[p]]
	a.credit, a.since, a.off = r.creditNow(p), r.sim.Now(), true
	if h.off == 0 {
		r.tally.homesOff++
		h.since = r.sim.Now()
	}
	h.off++
	h.lost = true
}

// comeBack has supply come back after a delay, unless it is about to already.
func (r *run) comeBack(p uint32, after des.Time) {
	a := &r.accounts[p]
	if a.off && !a.coming {
		a.coming = true
		r.schedule(r.sim.Now()+after, evRestore, p)
	}
}

func (r *run) restore(p uint32) {
	a := &r.accounts[p]
	a.coming = false
	r.reconnect(p)
	if !a.safe && !a.inCredit {
		r.watch(p)
	}
}

// reconnect ends the time off supply.
func (r *run) reconnect(p uint32) {
	a, h, now := &r.accounts[p], &r.homes[r.household[p]], r.sim.Now()
	r.tally.off[r.fuelOf(r.meter[p])] += now - a.since
	a.off, a.since = false, now
	if h.off--; h.off == 0 {
		r.tally.homesOff--
		h.total += now - h.since
	}
}

// reachSafeMode is a meter that goes into credit mode. One that is off supply is rescued: electricity is enabled, gas is armed and waits for a person at the meter.
func (r *run) reachSafeMode(i int, p uint32, inReach bool) {
	a := &r.accounts[p]
	a.inCredit = true
	r.tally.safeModeDays = append(r.tally.safeModeDays, max(0, days(r.sim.Now()-r.failures[i].revoke)))
	r.rescueBySRP(i, p, inReach)
}

// executeSafeMode is a meter that carries out the future-dated command that it holds. The DCC has no part in it; credentials of another supplier make an end of it.
func (r *run) executeSafeMode(p uint32) {
	if a := &r.accounts[p]; !a.safe && !a.inCredit {
		r.reachSafeMode(r.failureOf(p), p, false)
	}
}

// armAgain is the SRP trying once more to restore supply.
func (r *run) armAgain(p uint32) { r.rescueBySRP(r.failureOf(p), p, false) }

// rescueBySRP restores supply that is off, in the failed supplier's name, at a meter that is in reach since it has just got a command, or may be out of reach. What has to wait for an authority (Ofgem's
// instruction covers safe mode only, R10) is tried again when there is one, and gas that the command to arm it did not reach, or that is over a threshold, as safe mode is.
func (r *run) rescueBySRP(i int, p uint32, inReach bool) {
	if a := &r.accounts[p]; !a.off || a.safe {
		return
	}
	again := false
	restored := r.rescue(p, func(c command) fate {
		f := r.bySupplier(i, c, r.meter[p])
		out := f == accepted && !inReach && !r.reaches(r.hub(i, r.meter[p]), drawRescueComms, r.nameOf(p), uint64(r.sim.Now()))
		if again = out || f == inQuarantine || f == preCommandInQuarantine; again {
			return refused
		}
		return f
	})
	switch {
	case restored:
	case again:
		r.schedule(r.sim.Now()+hours(r.values[safeModeRetry]), evArm, p)
	default:
		r.failed[i].unarmed = append(r.failed[i].unarmed, p)
	}
}

// moveIn is a meter whose Change of Supplier is done. Its new supplier restores supply that is off.
func (r *run) moveIn(p uint32, to *party) {
	r.accounts[p].safe = true
	if r.accounts[p].off {
		r.rescue(p, func(c command) fate { return r.send(to, to.channel, c, r.meter[p]) })
	}
}

// rescue restores supply after the meter has gone to credit mode or to the SoLR. Electricity that was enabled remotely is there at once;
// gas that was armed waits for a person. It reports whether supply will be back: gas that was not armed waits, at the latest for its SoLR.
func (r *run) rescue(p uint32, send func(command) fate) bool {
	switch gas := r.fuelOf(r.meter[p]) == smki.Gas; {
	case !gas && send(enableCommand) == accepted:
		r.comeBack(p, 0)
	case !gas: // the household re-activates it at the in-home display
		r.comeBack(p, r.reactivation(p))
	case send(armCommand) == accepted, r.accounts[p].safe:
		r.comeBack(p, r.reactivation(p))
	default:
		return false
	}
	return true
}
