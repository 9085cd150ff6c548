package sim

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/seed-db8551c1/lastresort/duis"
	"github.com/seed-db8551c1/lastresort/hold"
	"github.com/seed-db8551c1/lastresort/sim/des"
	"github.com/seed-db8551c1/lastresort/smki"
)

// run is one replication under one regime: the register, the World that it writes, the filter's counters, and everybody who acts.
type run struct {
	*cast
	*estate
	regime hold.Regime
	random des.Source

	sim      des.Simulation
	register *hold.Register
	world    *duis.World
	stale    bool // the register has changed since the World was written
	counters duis.Counters
	request  uint64 // the counter of the last RequestID

	failed   []failedState
	senders  []sender  // by SRP
	capacity []int     // by SoLR: meters whose registrations it may switch today
	acts     []act     // of the DCC, pending and done
	moved    []bool    // by meter of a failed supplier: its Change of Supplier is done
	accounts []account // by prepayment meter
	homes    []home    // by household in prepayment

	ordinaryCredit []float32 // by ordinary meter: pounds

	tally  tally
	series *recorder // nil without one
	err    error

	done     func(customers int) // as in plan
	reported int                 // steps of it
}

// The kinds of events. What the entity is stands behind each.
const (
	evNotify     des.Kind = iota // failure
	evAnnounce                   // failure
	evRevoke                     // failure
	evAppoint                    // failure
	evInstruct                   // failure: Ofgem's safe-mode instruction
	evDelay                      // failure: the PMA directs a delay
	evReceive                    // failure: the DCC receives it
	evPosition                   // failure: the SRP states its position
	evConfirm                    // failure and tenure: the SoLR confirms
	evRequest                    // failure and tenure: the SoLR requests support
	evApprove                    // failure and tenure: the PMA approves it
	evAnswer                     // failure and tenure: the SRP accepts or declines
	evThresholds                 // failure: the PMA raises thresholds for safe mode
	evUserFile                   // failure: the DCC gets the User's own file of thresholds
	evDCCAgree                   // failure and tenure: the DCC agrees to the transfer
	evRelease                    // failure and tenure: the PMA releases
	evAct                        // an act of the DCC
	evProcess                    // failure: the DCC releases what is in quarantine
	evLetProcess                 // failure: the PMA instructs it to
	evDay                        // none: a day in London starts
	evWorks                      // failure: emergency works at a meter
	evHeating                    // failure: commands to heating
	evSend                       // SRP: it can send the next request of a household
	evPump                       // SRP: it sends safe mode for a minute
	evSwitch                     // meter of a failed supplier: a switch that was in flight
	evTopUp                      // prepayment meter: the household tops up
	evRetry                      // prepayment meter: it tries again
	evExhaust                    // prepayment meter: credit may have run out
	evRestore                    // prepayment meter: supply comes back
	evArm                        // prepayment meter of gas: the SRP arms it again
	evExecute                    // prepayment meter: it goes into safe mode by the future-dated command that it holds
	numEvents
)

// handlers is what happens at each event.
var handlers = [numEvents]func(r *run, entity uint32){
	evNotify: (*run).notify, evAnnounce: (*run).announce, evRevoke: (*run).revokeLicence, evAppoint: (*run).appointSoLR, evInstruct: (*run).instructSafeMode,
	evDelay: (*run).directDelay, evApprove: inTenure((*run).approveSupport), evThresholds: (*run).instructThresholds, evRelease: inTenure((*run).release),
	evReceive: (*run).receiveDelay, evUserFile: (*run).takeUserFile, evDCCAgree: inTenure((*run).dccAgrees), evAct: (*run).perform, evProcess: (*run).process, evLetProcess: (*run).instructProcess,
	evConfirm: inTenure((*run).confirm), evRequest: inTenure((*run).requestSupport),
	evPosition: (*run).statePosition, evAnswer: inTenure((*run).answerSupport), evSend: (*run).sendNext, evPump: (*run).pump,
	evDay: (*run).startDay, evWorks: (*run).works, evHeating: (*run).heat,
	evSwitch: (*run).switchInFlight, evTopUp: (*run).topUp, evRetry: (*run).retry, evExhaust: (*run).exhaust, evRestore: (*run).restore, evArm: (*run).armAgain, evExecute: (*run).executeSafeMode,
}

// failedState is what has become of a failure so far.
type failedState struct {
	transferred   bool // the DCC's map gives the failed supplier's MPIDs to the SoLR
	transferredAt des.Time
	delayed       bool // the PMA has directed a delay
	positioned    bool // the SRP has stated its position
	confirmDue    bool
	confirmed     bool
	requested     bool
	agreeDue      bool
	agreed        bool
	limit         uint64 // the threshold for 1.6 that is in force
	limitAll      uint64 // the threshold for all requests together
	job           job
	quarantine    []quarantined // in the order of arrival
	releasing     bool          // the release of what is in it is under way
	unarmed       []uint32      // prepayment meters of gas in safe mode that are off supply, since nothing covered arming them
	book          book
	works         uint64 // emergency works so far

	// Who is SoLR, by position, and from when on. It changes when a SoLR fails itself.
	solr     int
	appoint  des.Time
	date     time.Time   // of the appointment
	lost     bool        // it fails, and the next is not appointed
	tenure   uint32      // how many have failed so far
	mpids    []smki.MPID // that are or were in this failure: those of the supplier at the notice, without those that are in the failure of a SoLR instead (R15)
	asked    int         // support requests so far
	declined int         // of those
}

func newRun(c *cast, e *estate, base *duis.World, regime hold.Regime, random des.Source) (*run, error) {
	register, _, err := c.start(c.values.settings(regime))
	if err != nil {
		return nil, err
	}
	r := &run{
		cast: c, estate: e, regime: regime, random: random, register: register, world: base, stale: true,
		failed: make([]failedState, len(c.failures)), senders: make([]sender, len(c.srps)), capacity: make([]int, len(c.solrs)),
		moved: make([]bool, len(e.prepay)), accounts: make([]account, len(e.meter)), homes: make([]home, len(e.name)),
		ordinaryCredit: slices.Clone(e.ordinary.credit),
	}
	// Counters of RequestIDs grow over all targets, so that few pairs need to be remembered.
	r.counters.Pairs = 1 << 12
	r.tally.safeModeDays = make([]float64, 0, len(e.meter))
	for i := range r.senders {
		r.senders[i].pumped = never
	}
	for i := range c.failures {
		r.cue(i)
	}
	r.schedule(r.calendar.days[0], evDay, 0)
	return r, r.err
}

// cue schedules what the scenario fixes about a failure, in the order of the log where instants are equal.
func (r *run) cue(i int) {
	f, s, n := &r.failures[i], &r.failed[i], uint32(i)
	s.solr, s.appoint, s.date = f.solr, f.appoint, f.date
	s.book.init(r.first[i], r.first[i+1])
	r.schedule(f.notice, evNotify, n)
	r.schedule(f.announce, evAnnounce, n)
	r.schedule(f.revoke, evRevoke, n)
	r.schedule(f.appoint, evAppoint, n)
}

// cancelEvery is how many events pass between two looks at the context.
const cancelEvery = 1 << 12

// execute runs to the end. It stops early if the context is done.
func (r *run) execute(ctx context.Context) error {
	for n := 1; r.err == nil; n++ {
		e, ok := r.sim.NextBefore(r.end)
		r.series.follow(r)
		if !ok {
			break
		}
		handlers[e.Kind](r, e.Entity)
		if e.Kind == evDay {
			r.report()
		}
		if n%cancelEvery == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
	}
	if r.err == nil {
		r.err = r.sim.Err()
	}
	r.report()
	return r.err
}

// steps is in how many parts a run reports what is done.
const steps = 20

func (r *run) report() {
	step := int(r.sim.Now() * steps / r.end)
	if r.done == nil || step == r.reported {
		return
	}
	n := r.customers()
	r.done(n*step/steps - n*r.reported/steps)
	r.reported = step
}

// schedule schedules an event. One at or after the end of the run never happens, so that its instant may be as far off as assumptions make it.
func (r *run) schedule(at des.Time, kind des.Kind, entity uint32) {
	if at < r.end {
		r.sim.Schedule(at, kind, entity)
	}
}

// period is the time between two of a number of things a day, at most never.
func period(aDay float64) des.Time { return min(des.FromSeconds(86400/aDay), never) }

// after schedules what follows after a latency.
func (r *run) after(latency assumption, kind des.Kind, failure uint32) {
	r.schedule(r.atWork(latency, r.sim.Now()+hours(r.values[latency])), kind, failure)
}

// tenureShift is where in an entity the tenure of a failure's SoLR stands: there are fewer failures than that.
const tenureShift = 16

// inTheirTenure schedules what follows after a latency from what the SoLR of the day has done: nothing follows any more if it fails in the meantime.
func (r *run) inTheirTenure(latency assumption, kind des.Kind, failure uint32) {
	r.after(latency, kind, r.failed[failure].tenure<<tenureShift|failure)
}

// inTenure is the handler of such an event.
func inTenure(handle func(r *run, failure uint32)) func(r *run, entity uint32) {
	return func(r *run, entity uint32) {
		if n := entity & (1<<tenureShift - 1); r.failed[n].tenure == entity>>tenureShift {
			handle(r, n)
		}
	}
}

// log applies an event to the register. The actors of the model do nothing that the rules refuse, so that a refusal is a fault of the model and ends the run.
func (r *run) log(e hold.Event) {
	if r.err != nil {
		return
	}
	e.At = r.calendar.time(r.sim.Now())
	if _, err := r.register.Apply(e); err != nil {
		r.err = fmt.Errorf("sim: under %v: %w", r.regime, err)
		return
	}
	r.stale = true
}

// current is the World as of the latest event in the register.
func (r *run) current() *duis.World {
	if r.stale {
		r.edit(func(*duis.Edit) error { return nil })
	}
	return r.world
}

// edit makes the next version of the World, with what the register says and what change adds.
func (r *run) edit(change func(*duis.Edit) error) {
	e := r.world.Edit()
	if r.stale {
		if err := r.register.Update(e); err != nil && r.err == nil {
			r.err = fmt.Errorf("sim: %w", err)
		}
		r.stale = false
	}
	if err := change(e); err != nil && r.err == nil {
		r.err = fmt.Errorf("sim: %w", err)
	}
	r.world = e.World()
}

// rules is the regime in force now.
func (r *run) rules() hold.Regime {
	if r.regime == hold.Actual {
		return hold.RulesAt(r.calendar.time(r.sim.Now()))
	}
	return r.regime
}
