package des

import (
	"fmt"
	"math/bits"

	"github.com/seed-db8551c1/lastresort/sim/internal/pending"
)

// Kind says what an event is. Models declare their kinds as constants and
// switch on them.
type Kind uint8

// Control is the kind, in a trace, of what the simulation carries out itself:
// the functions given to At, and the steps of processes.
const Control Kind = 255

// Event is something that happens at an instant to an entity, such as a
// customer or a meter; the model gives both numbers their meaning.
type Event struct {
	At     Time
	Kind   Kind
	Entity uint32
}

// Simulation is a clock and the events still to come. The zero value stands at
// instant 0 with nothing scheduled. It must not be copied after its first use.
type Simulation struct {
	// Trace, if it is set, is called with every event, the clock being there,
	// before it is delivered. The string is the name of the process that goes
	// on, empty for other events. Trace is not part of what Reset clears.
	Trace func(Event, string)

	set       pending.Set
	now       Time
	halted    bool // by Stop or an error
	processed uint64
	trail     uint64
	err       error

	tickets   tickets
	processes []*Process // by number - 1; nil for those that have ended
	idle      []uint32   // numbers of those that have ended
	running   *Process
}

// ScheduleError says that a model scheduled an event before the clock or after
// MaxTime. Such an event is a fault of the model, often a negative delay or an
// overflow.
type ScheduleError struct {
	Event Event // as it was asked for
	Now   Time  // the clock at that moment
}

// Error implements error.
func (e *ScheduleError) Error() string {
	return fmt.Sprintf("des: event of kind %d for entity %d scheduled at %d µs, expected %d to %d",
		e.Event.Kind, e.Event.Entity, int64(e.Event.At), int64(e.Now), int64(MaxTime))
}

// UsageError says that a model called a method of a Process or a Resource that
// cannot be called there.
type UsageError struct {
	Call     string // such as "Release"
	Expected string // what has to hold for the call
	Now      Time   // the clock at that moment
}

// Error implements error.
func (e *UsageError) Error() string {
	return fmt.Sprintf("des: %s called at %d µs, expected %s", e.Call, int64(e.Now), e.Expected)
}

// fail stops the simulation. It keeps the first error: what follows it is often
// its consequence.
func (s *Simulation) fail(err error) {
	if s.err == nil {
		s.err, s.halted = err, true
	}
}

// Schedule adds an event at an instant from Now to MaxTime. Events at the same
// instant are delivered in the order in which they were scheduled.
//
// Outside that range the event is refused and the simulation stops: Next
// delivers nothing more until Reset, and Err says which event it was. A run
// that went wrong thus ends at the fault and cannot pass for a finished one.
func (s *Simulation) Schedule(at Time, kind Kind, entity uint32) {
	if at < s.now || at > MaxTime {
		s.fail(&ScheduleError{Event{at, kind, entity}, s.now})
		return
	}
	s.set.Push(pending.Record{When: uint64(at)<<8 | uint64(kind), Entity: entity})
}

// ScheduleCancelable is Schedule for an event that may be withdrawn by Cancel.
// It costs a little more. If the event is refused, the Handle is zero. At most
// 2^32-2 such events may be pending.
func (s *Simulation) ScheduleCancelable(at Time, kind Kind, entity uint32) Handle {
	return s.schedule(Event{at, kind, entity}, nil)
}

// At has the simulation call f at an instant, for what happens rarely: the end
// of the warm-up, a change of a parameter, a failure. It is otherwise like
// ScheduleCancelable; nothing is delivered for it.
func (s *Simulation) At(at Time, f func()) Handle {
	return s.schedule(Event{at, Control, 0}, f)
}

func (s *Simulation) schedule(e Event, action func()) Handle {
	if e.At < s.now || e.At > MaxTime {
		s.fail(&ScheduleError{e, s.now})
		return Handle{}
	}
	h := s.tickets.issue(action)
	s.set.Push(pending.Record{When: uint64(e.At)<<8 | uint64(e.Kind), Entity: e.Entity, Ticket: h.ticket})
	return h
}

// Cancel withdraws the event of h and reports whether it was still pending: it
// does nothing for one that was delivered or cancelled, or for a zero Handle.
func (s *Simulation) Cancel(h Handle) bool {
	if !s.tickets.cancel(h) {
		return false
	}
	// The record stays until it is met, or until half of all records are such
	// leftovers, which bounds memory at twice what is pending.
	if s.tickets.cancelled > 64 && s.tickets.cancelled > s.set.Len()/2 {
		s.set.Filter(s.tickets.keep)
	}
	return true
}

// Next moves the clock to the earliest pending event, removes the event and
// returns it. What functions and processes do on the way there is done inside.
// It returns false, and leaves the clock, if nothing is pending or the
// simulation has stopped.
func (s *Simulation) Next() (Event, bool) { return s.next(pending.End) }

// NextBefore is Next for events strictly before limit. When there are none
// left it moves the clock forward to limit, but not beyond MaxTime, and returns
// false: what happens at limit, such as the next entry of a log or the end of
// the run, then finds the clock there.
func (s *Simulation) NextBefore(limit Time) (Event, bool) {
	if limit <= s.now {
		return Event{}, false
	}
	e, ok := s.next(uint64(limit))
	if !ok && !s.halted {
		s.now = min(limit, MaxTime)
	}
	return e, ok
}

func (s *Simulation) next(limit uint64) (Event, bool) {
	for !s.halted {
		r, ok := s.set.Pop(limit)
		if !ok {
			if s.set.Len() == 0 {
				s.set.Reset(uint64(s.now)) // it may have looked ahead of the clock
			}
			break
		}
		var action func()
		if r.Ticket != 0 {
			if action, ok = s.tickets.redeem(r.Ticket); !ok {
				continue
			}
		}
		e := Event{Time(r.At()), Kind(r.When), r.Entity}
		s.now = e.At
		s.processed++
		// The folded product of wyhash (Wang Yi, public domain): each event is
		// hashed with all before it, so that its place counts too.
		hi, lo := bits.Mul64(s.trail^r.When^golden, uint64(r.Entity)^0xa0761d6478bd642f)
		s.trail = hi ^ lo
		if s.Trace != nil {
			s.trace(e)
		}
		if action == nil {
			return e, true
		}
		action()
	}
	return Event{}, false
}

func (s *Simulation) trace(e Event) {
	name := ""
	if e.Kind == Control && e.Entity > 0 && int(e.Entity) <= len(s.processes) && s.processes[e.Entity-1] != nil {
		name = s.processes[e.Entity-1].name
	}
	s.Trace(e, name)
}

// Stop ends the run: Next delivers nothing more until Reset. It is for
// functions and processes; a loop over Next can just be left.
func (s *Simulation) Stop() { s.halted = true }

// Now returns the clock: the instant of the last event, or the limit of the
// last NextBefore that found none.
func (s *Simulation) Now() Time { return s.now }

// Len returns the number of pending events, those of functions and processes
// included.
func (s *Simulation) Len() int { return s.set.Len() - s.tickets.cancelled }

// Processed returns the number of events that have happened, those of functions
// and processes included.
func (s *Simulation) Processed() uint64 { return s.processed }

// Fingerprint returns a hash over instant, kind and entity of every event that
// has happened, in order. Two runs of the same model with the same input have
// the same fingerprint, on every machine; print it beside results so that a
// repeat can be checked.
func (s *Simulation) Fingerprint() uint64 { return s.trail }

// Err returns the *ScheduleError or *UsageError that stopped the simulation, or
// nil. Check it when Next has returned false.
func (s *Simulation) Err() error { return s.err }

// Reset makes s as good as new, but keeps its memory for the next replication.
// It ends all processes. Handles from before the reset cancel nothing after it.
func (s *Simulation) Reset() {
	s.endProcesses()
	s.set.Reset(0)
	s.tickets.reset()
	s.now, s.halted, s.processed, s.trail, s.err = 0, false, 0, 0, nil
}
