package des

// Handle names one cancelable event of one Simulation. The zero Handle names
// none. Handles are comparable.
type Handle struct {
	ticket     uint32
	generation uint64
}

// tickets knows which of the cancelable events in the queue still stand.
// A ticket belongs to one record at a time. Its generation is odd while the
// event is pending and grows when it is delivered or cancelled, so a Handle
// from an earlier use never fits again; 64 bits do not wrap.
type tickets struct {
	generation []uint64 // ticket 0 stands for "not cancelable"
	free       []uint32
	cancelled  int // tickets cancelled whose record is still in the queue
}

func (t *tickets) issue() Handle {
	if len(t.generation) == 0 {
		t.generation = append(t.generation, 1) // ticket 0 is always valid
	}
	var ticket uint32
	if n := len(t.free); n > 0 {
		ticket, t.free = t.free[n-1], t.free[:n-1]
	} else {
		ticket = uint32(len(t.generation))
		t.generation = append(t.generation, 0)
	}
	t.generation[ticket]++
	return Handle{ticket, t.generation[ticket]}
}

func (t *tickets) valid(ticket uint32) bool {
	return ticket == 0 || t.generation[ticket]&1 == 1
}

// cancel reports whether h was pending; from now on it is not.
func (t *tickets) cancel(h Handle) bool {
	if h.ticket == 0 || int(h.ticket) >= len(t.generation) || t.generation[h.ticket] != h.generation {
		return false
	}
	t.generation[h.ticket]++
	t.cancelled++
	return true
}

// redeem takes back the ticket of a record that leaves the queue and reports
// whether it was still valid.
func (t *tickets) redeem(ticket uint32) bool {
	if !t.valid(ticket) {
		t.discard(ticket)
		return false
	}
	t.generation[ticket]++
	t.free = append(t.free, ticket)
	return true
}

// discard takes back the ticket of a cancelled record that leaves the queue.
func (t *tickets) discard(ticket uint32) {
	t.cancelled--
	t.free = append(t.free, ticket)
}

// reset takes back all tickets. Generations go on, so that a Handle from
// before the reset cancels nothing after it.
func (t *tickets) reset() {
	t.free, t.cancelled = t.free[:0], 0
	for ticket := len(t.generation) - 1; ticket > 0; ticket-- {
		t.generation[ticket] += t.generation[ticket] & 1
		t.free = append(t.free, uint32(ticket))
	}
}
