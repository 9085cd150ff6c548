package sim

import (
	"github.com/seed-db8551c1/lastresort/hold"
	"github.com/seed-db8551c1/lastresort/sim/des"
)

// The Shared Resource Provider: it sends in the name of its failed suppliers, as fast as it can. Requests of households, works and heating go at once and wait for each other only;
// safe mode takes what capacity they leave, minute by minute.

// sender is what one SRP has to do.
type sender struct {
	freeAt des.Time // when its capacity is free again
	queue  []uint32 // prepayment meters whose top-ups wait, oldest first
	next   int      // the first of them
	jobs   []int    // failures whose households it is putting into safe mode, in the order in which it began
	pumped des.Time // when its next minute of safe mode is; never if there is none
}

type queued struct {
	meter uint32 // in prepayment
	at    des.Time
}

// job is putting the households of one failure into safe mode.
type job struct {
	running bool
	listed  bool // in the sender's jobs
	next    uint32
	again   []queued // meters that safe mode did not reach, in the order of when to try again

	transformed []uint32 // meters whose Signed Pre-Command is to be sent, since the first message has come out of quarantine
}

// minute is how long safe mode is sent in one go.
const minute = des.Minute

// never is after the end of any run. Two of it together are a time still.
const never = des.MaxTime

// statePosition says what the SRP will do for the SoLR (R8, third confirmation).
func (r *run) statePosition(n uint32) {
	f, s := &r.failures[n], &r.failed[n]
	s.positioned = true
	if r.isClosed(n) {
		return
	}
	r.log(hold.Event{Kind: hold.PositionStated, Failure: f.id, By: r.srps[f.srp].id, Text: "sends what is asked for"})
	if s.confirmDue {
		r.confirm(n)
	}
}

// answerSupport is the SRP's answer to a support request that the PMA approved. After it declined, its own decision (R9), nobody has an authority, and the SoLR asks again some time later.
func (r *run) answerSupport(n uint32) {
	f, s := &r.failures[n], &r.failed[n]
	switch {
	case r.isClosed(n):
	case float64(s.declined) < r.values[srpDeclines]:
		r.log(hold.Event{Kind: hold.SupportDeclined, Request: r.supportRequest(n), By: r.srps[f.srp].id})
		s.declined++
		s.requested = false
		r.inTheirTenure(solrAskAgain, evRequest, n)
	default:
		r.acceptSupport(n)
	}
}

// acceptSupport starts the authority (R9), and safe mode with it. The PMA has the DCC raise the thresholds.
func (r *run) acceptSupport(n uint32) {
	f := &r.failures[n]
	r.log(hold.Event{Kind: hold.SupportAccepted, Request: r.supportRequest(n), By: r.srps[f.srp].id})
	if r.limits(int(n)) != nil && r.rules() == hold.MP185 {
		r.log(hold.Event{Kind: hold.ThresholdsInstructed, Failure: f.id, Request: r.supportRequest(n)})
		r.look()
	}
	waiting := r.failed[n].unarmed
	r.failed[n].unarmed = nil
	for _, p := range waiting {
		r.rescueBySRP(int(n), p, false)
	}
	r.startSafeMode(int(n))
}

// staffed is the first instant from t on at which an SRP's staff is at work: from 08:00, or earlier where the hours would not end with the day.
func (r *run) staffed(t des.Time) des.Time {
	n := hours(r.values[srpStaffHours])
	if n >= des.Day {
		return t
	}
	from := min(8*des.Hour, des.Day-n)
	return r.calendar.within(t, from, from+n, false)
}

// each is the time that one request takes an SRP.
func (r *run) each() des.Time { return period(24 * r.values[srpCapacity] * r.scale) }

// bySupplier sends in the name of a failed supplier, through its SRP. What the SRP sends takes its capacity, whatever becomes of it; what it holds back takes none.
func (r *run) bySupplier(failure int, c command, meter uint32) fate {
	f, before := &r.failures[failure], r.request
	fate := r.send(f.supplier, r.srps[f.srp].channel, c, meter)
	r.takeCapacity(f.srp, r.request-before)
	return fate
}

// signedBySupplier is the same for the second request of a critical command alone.
func (r *run) signedBySupplier(failure int, c command, meter uint32) fate {
	f, before := &r.failures[failure], r.request
	fate := r.sendSigned(f.supplier, r.srps[f.srp].channel, c, meter)
	r.takeCapacity(f.srp, r.request-before)
	return fate
}

func (r *run) takeCapacity(srp int, requests uint64) {
	s := &r.senders[srp]
	s.freeAt = min(max(s.freeAt, r.sim.Now())+des.Time(requests)*r.each(), never)
}

// sendTopUp sends a household's top-up, now or as soon as the SRP can.
func (r *run) sendTopUp(meter uint32) {
	srp := r.failures[r.failureOf(meter)].srp
	s := &r.senders[srp]
	if s.next == len(s.queue) && s.freeAt <= r.sim.Now() {
		r.toppedUp(meter)
		return
	}
	if s.next == len(s.queue) {
		r.schedule(s.freeAt, evSend, uint32(srp))
	}
	s.queue = append(s.queue, meter)
}

// sendNext sends the top-up that has waited longest.
func (r *run) sendNext(srp uint32) {
	s := &r.senders[srp]
	if now := r.sim.Now(); s.freeAt > now { // safe mode took the capacity meanwhile
		r.schedule(s.freeAt, evSend, srp)
		return
	}
	meter := s.queue[s.next]
	if s.next++; s.next > len(s.queue)/2 { // the room of those sent is used again, so that a queue that never ends is no longer than twice what waits
		s.queue, s.next = append(s.queue[:0], s.queue[s.next:]...), 0
	}
	r.toppedUp(meter)
	if s.next < len(s.queue) {
		r.schedule(max(s.freeAt, r.sim.Now()), evSend, srp)
	}
}

// startSafeMode begins to put the households of a failure into safe mode, or goes on where it was stopped.
func (r *run) startSafeMode(i int) {
	j, s := &r.failed[i].job, &r.senders[r.failures[i].srp]
	j.running = true
	if !j.listed {
		j.listed, j.next = true, r.firstPrepay[i]
		s.jobs = append(s.jobs, i)
	}
	r.wake(r.failures[i].srp)
}

// wake has the SRP go on with safe mode now, whatever it was waiting for.
func (r *run) wake(srp int) {
	if s := &r.senders[srp]; len(s.jobs) > 0 && s.pumped > r.sim.Now() {
		s.pumped = r.sim.Now()
		r.schedule(s.pumped, evPump, uint32(srp))
	}
}

// pump sends safe mode for a minute: job by job, as far as capacity and thresholds go.
func (r *run) pump(srp uint32) {
	s, now := &r.senders[srp], r.sim.Now()
	if s.pumped != now {
		return // it was woken since this was scheduled
	}
	if at := r.staffed(now); at > now {
		s.pumped = at
		r.schedule(at, evPump, srp)
		return
	}
	room := func() bool { return s.freeAt < now+minute }
	next := never
	for _, i := range s.jobs {
		next = min(next, r.work(i, s, room))
	}
	s.pumped = next
	r.schedule(next, evPump, srp)
}

// work sends safe mode for one failure while there is room, and says when there is more to do.
func (r *run) work(i int, s *sender, room func() bool) des.Time {
	j, now := &r.failed[i].job, r.sim.Now()
	for j.running {
		meter, from, at := j.peek(r.firstPrepay[i+1])
		switch {
		case at > now:
			return at
		case r.accounts[meter].safe || r.accounts[meter].inCredit || r.accounts[meter].ahead:
			j.drop(from)
			continue
		case !room():
			return now + minute
		case r.values.on(srpHeedsThresholds) && !r.withinThresholds(i, safeModeCommand):
			return r.calendar.nextDay(now)
		}
		switch r.sendSafeMode(i, meter, from == fromTransformed) {
		case unsent:
			j.running = false // it stops, and goes on with this meter when it gets an authority
			continue
		case lost:
			j.again = append(j.again, queued{meter, now + hours(r.values[safeModeRetry])})
		case arrived, rejected, waiting:
		}
		j.drop(from)
	}
	return never
}

// withinThresholds reports whether both messages of a command are within the day's thresholds of a failed supplier's User: for their variant, and for all together.
func (r *run) withinThresholds(i int, c command) bool {
	s, user, now := &r.failed[i], r.failures[i].supplier.user, r.calendar.time(r.sim.Now())
	return r.counters.Sent(user, 0, c.srv, now)+2 <= s.limit && r.counters.Sent(user, 0, 0, now)+2 <= s.limitAll
}

// origin is which list of a job a meter comes from.
type origin uint8

const (
	fromTransformed origin = iota
	fromBook
	fromAgain
)

// peek is the meter to try next: one whose command is begun, else a new one, else the first of those to try again. Without any that is due, at is when one will be.
func (j *job) peek(end uint32) (meter uint32, from origin, at des.Time) {
	switch {
	case len(j.transformed) > 0:
		return j.transformed[0], fromTransformed, 0
	case j.next < end:
		return j.next, fromBook, 0
	case len(j.again) > 0:
		return j.again[0].meter, fromAgain, j.again[0].at
	}
	return 0, fromAgain, never
}

func (j *job) drop(from origin) {
	switch from {
	case fromTransformed:
		j.transformed = j.transformed[1:]
	case fromBook:
		j.next++
	case fromAgain:
		j.again = j.again[1:]
	}
}

// reach is how far safe mode got.
type reach uint8

const (
	unsent   reach = iota // no authority
	rejected              // by the filter
	waiting               // in quarantine
	lost                  // accepted, but it did not reach the meter
	arrived
)

// sendAhead has an SRP send safe mode ahead, for the time when nobody may be able to any more. It takes no authority, as long as the failed supplier has its licence; thresholds it raises by the User's own
// file, if a delay does not freeze them before the DCC applies it (R7).
func (r *run) sendAhead(n uint32) {
	r.after(dccThresholdLatency, evUserFile, n)
	r.startSafeMode(int(n))
}

// sendSafeMode sends 1.6 with the mode Credit: both its messages, each a decision of its own, or only the second.
func (r *run) sendSafeMode(i int, p uint32, transformed bool) reach {
	c, f := safeModeCommand, &r.failures[i]
	if at := f.notice + hours(r.values[futureDatedDelay]); r.values.on(futureDated) && r.sim.Now() < min(at, f.revoke) {
		c.at = at
	}
	send := (*run).bySupplier
	if transformed {
		send = (*run).signedBySupplier
	}
	switch fate := send(r, i, c, r.meter[p]); fate {
	case held:
		return unsent
	case inQuarantine, preCommandInQuarantine:
		r.keep(i, c, fate, p)
		return waiting
	case refused, untrusted:
		return rejected
	}
	return r.carrySafeMode(i, c, p)
}

// carrySafeMode takes safe mode that the DCC has let pass to the meter.
func (r *run) carrySafeMode(i int, c command, p uint32) reach {
	a := &r.accounts[p]
	a.safeModeTries++
	if !r.reaches(r.hub(i, r.meter[p]), drawSafeModeComms, r.nameOf(p), uint64(a.safeModeTries)) {
		return lost
	}
	if c.at > 0 {
		a.ahead = true
		r.schedule(c.at, evExecute, p)
		return arrived
	}
	r.reachSafeMode(i, p, true)
	return arrived
}
