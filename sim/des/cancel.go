package des

import "github.com/seed-db8551c1/lastresort/sim/internal/pending"

// Handle names one event that can be cancelled, of one Simulation. The zero
// Handle names none. Handles are comparable.
type Handle struct {
	ticket     uint32
	generation uint64
}

// tickets knows which of the cancelable events in the queue still stand, and
// what those do that the simulation itself carries out.
// A ticket belongs to one record at a time. Its generation is odd while the
// event is pending and grows when it is delivered or cancelled, so a Handle
// from an earlier use never fits again; 64 bits do not wrap.
type tickets struct {
	generation []uint64 // ticket 0 stands for "not cancelable"
	action     []func()
	free       []uint32
	cancelled  int // tickets cancelled whose record is still in the queue
}

func (t *tickets) issue(action func()) Handle {
	if len(t.generation) == 0 {
		t.generation, t.action = append(t.generation, 0), append(t.action, nil)
	}
	var ticket uint32
	if n := len(t.free); n > 0 {
		ticket, t.free = t.free[n-1], t.free[:n-1]
	} else {
		ticket = uint32(len(t.generation))
		t.generation, t.action = append(t.generation, 0), append(t.action, nil)
	}
	t.generation[ticket]++
	t.action[ticket] = action
	return Handle{ticket, t.generation[ticket]}
}

// cancel reports whether h was pending; from now on it is not.
func (t *tickets) cancel(h Handle) bool {
	if h.ticket == 0 || int(h.ticket) >= len(t.generation) || t.generation[h.ticket] != h.generation {
		return false
	}
	t.generation[h.ticket]++
	t.action[h.ticket] = nil
	t.cancelled++
	return true
}

// redeem takes back the ticket of a record that leaves the queue. It returns
// what the event does, if that is for the simulation to carry out, and whether
// it was still pending.
func (t *tickets) redeem(ticket uint32) (action func(), valid bool) {
	t.free = append(t.free, ticket)
	if t.generation[ticket]&1 == 0 {
		t.cancelled--
		return nil, false
	}
	t.generation[ticket]++
	action, t.action[ticket] = t.action[ticket], nil
	return action, true
}

// keep says whether a record stays in the queue, and takes back the ticket of
// one that does not.
func (t *tickets) keep(r pending.Record) bool {
	if r.Ticket == 0 || t.generation[r.Ticket]&1 == 1 {
		return true
	}
	t.redeem(r.Ticket)
	return false
}

// reset takes back all tickets. Generations go on, so that a Handle from
// before the reset cancels nothing after it.
func (t *tickets) reset() {
	t.free, t.cancelled = t.free[:0], 0
	clear(t.action)
	for ticket := len(t.generation) - 1; ticket > 0; ticket-- {
		t.generation[ticket] += t.generation[ticket] & 1
		t.free = append(t.free, uint32(ticket))
	}
}
