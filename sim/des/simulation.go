package des

import "fmt"

// Kind says what an event is. Models declare their kinds as constants and
// switch on them.
type Kind uint8

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
	queue     queue // queue.last is the clock
	processed uint64
	trail     uint64
	err       *ScheduleError
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

// Schedule adds an event at an instant from Now to MaxTime. Events at the same
// instant are delivered in the order in which they were scheduled.
//
// Outside that range the event is refused and the simulation stops: Next
// delivers nothing more until Reset, and Err says which event it was. A run
// that went wrong thus ends at the fault and cannot pass for a finished one.
func (s *Simulation) Schedule(at Time, kind Kind, entity uint32) {
	if at < s.Now() || at > MaxTime {
		s.refuse(at, kind, entity)
		return
	}
	s.queue.count++
	s.queue.push(record{when: uint64(at)<<8 | uint64(kind), entity: entity})
}

// ScheduleCancelable is Schedule for an event that may be withdrawn by Cancel.
// It costs a little more. If the event is refused, the Handle is zero. At most
// 2^32-2 such events may be pending.
func (s *Simulation) ScheduleCancelable(at Time, kind Kind, entity uint32) Handle {
	if at < s.Now() || at > MaxTime {
		s.refuse(at, kind, entity)
		return Handle{}
	}
	h := s.queue.tickets.issue()
	s.queue.count++
	s.queue.push(record{when: uint64(at)<<8 | uint64(kind), entity: entity, ticket: h.ticket})
	return h
}

// refuse keeps the first error: what follows it is often its consequence.
func (s *Simulation) refuse(at Time, kind Kind, entity uint32) {
	if s.err == nil {
		s.err = &ScheduleError{Event{at, kind, entity}, s.Now()}
	}
}

// Cancel withdraws the event of h and reports whether it was still pending: it
// does nothing for one that was delivered or cancelled, or for a zero Handle.
func (s *Simulation) Cancel(h Handle) bool { return s.queue.cancel(h) }

// Next moves the clock to the earliest pending event, removes the event and
// returns it. It returns false, and leaves the clock, if nothing is pending or
// the simulation has stopped with an error.
func (s *Simulation) Next() (Event, bool) {
	now := s.queue.last
	if s.err != nil {
		return Event{}, false
	}
	r, ok := s.queue.pop(uint64(MaxTime) + 1)
	if !ok {
		s.queue.last = now // cancelled events may have moved it; nothing is left to contradict it
		return Event{}, false
	}
	return s.deliver(r), true
}

// NextBefore is Next for events strictly before limit. When there are none
// left it moves the clock forward to limit, but not beyond MaxTime, and returns
// false: what happens at limit, such as the next entry of a log or the end of
// the run, then finds the clock there.
func (s *Simulation) NextBefore(limit Time) (Event, bool) {
	if s.err != nil || limit <= s.Now() {
		return Event{}, false
	}
	if r, ok := s.queue.pop(uint64(limit)); ok {
		return s.deliver(r), true
	}
	s.queue.advance(uint64(min(limit, MaxTime)))
	return Event{}, false
}

func (s *Simulation) deliver(r record) Event {
	s.processed++
	s.trail = mix(mix(s.trail^r.when) + golden + uint64(r.entity))
	return r.event()
}

func (r record) event() Event { return Event{Time(r.at()), Kind(r.when), r.entity} }

// Peek returns the event that Next would, and leaves it and the clock in
// place. It is meant for a look between events; to run up to an instant use
// NextBefore, which stays cheap when the earliest events are often cancelled.
func (s *Simulation) Peek() (Event, bool) {
	if s.err != nil {
		return Event{}, false
	}
	r, ok := s.queue.peek()
	if !ok {
		return Event{}, false
	}
	return r.event(), true
}

// Now returns the clock: the instant of the last event delivered, or the limit
// of the last NextBefore that found none.
func (s *Simulation) Now() Time { return Time(s.queue.last) }

// Len returns the number of pending events.
func (s *Simulation) Len() int { return s.queue.count - s.queue.tickets.cancelled }

// Processed returns the number of events delivered.
func (s *Simulation) Processed() uint64 { return s.processed }

// Fingerprint returns a hash over instant, kind and entity of every event
// delivered, in order. Two runs of the same model with the same input have the
// same fingerprint, on every machine; print it beside results so that a repeat
// can be checked.
func (s *Simulation) Fingerprint() uint64 { return s.trail }

// Err returns the *ScheduleError that stopped the simulation, or nil. Check it
// when Next has returned false.
func (s *Simulation) Err() error {
	if s.err == nil {
		return nil
	}
	return s.err
}

// Reset makes s as good as new, but keeps its memory for the next replication.
// Handles from before the reset cancel nothing after it.
func (s *Simulation) Reset() {
	s.queue.reset()
	s.processed, s.trail, s.err = 0, 0, nil
}
