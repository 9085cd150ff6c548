package des

// Resource is a number of equal units, such as tills or engineers, and the
// queue for them: lowest priority number first, and first come, first served
// among equals. Its monitors are always on.
type Resource struct {
	Waits Tally        // seconds that each had to wait who got a unit
	Queue TimeWeighted // number waiting
	InUse TimeWeighted // units in use

	s        *Simulation
	capacity int
	inUse    int
	waiting  []waiter // binary heap
	asked    uint64
}

type waiter struct {
	since    Time
	order    uint64 // of asking
	priority int32
	entity   uint32
	kind     Kind
	process  *Process // nil: an event of kind and entity
}

func (w *waiter) before(v *waiter) bool {
	return w.priority < v.priority || w.priority == v.priority && w.order < v.order
}

// NewResource returns a resource of s with a number of units, all free.
func NewResource(s *Simulation, capacity int) *Resource {
	r := &Resource{s: s, capacity: capacity}
	r.Restart()
	return r
}

// Request asks for a unit. When it has one, the event of this kind and entity
// is delivered, at the earliest after those scheduled for the clock's instant
// already. The unit stays in use until Release.
func (r *Resource) Request(kind Kind, entity uint32, priority int32) {
	if r.request(waiter{kind: kind, entity: entity, priority: priority}) {
		r.s.Schedule(r.s.now, kind, entity)
	}
}

// request reports whether w has a unit at once; else it waits.
func (r *Resource) request(w waiter) bool {
	if r.inUse < r.capacity {
		r.take(0)
		return true
	}
	w.since, w.order = r.s.now, r.asked
	r.asked++
	r.push(w)
	r.Queue.Set(r.s.now, float64(len(r.waiting)))
	return false
}

// Release gives a unit back.
func (r *Resource) Release() {
	if r.inUse == 0 {
		r.s.fail(&UsageError{"Release", "a unit in use", r.s.now})
		return
	}
	r.inUse--
	if len(r.waiting) == 0 || r.inUse >= r.capacity {
		r.InUse.Set(r.s.now, float64(r.inUse))
	} else {
		r.grant()
	}
}

// SetCapacity changes the number of units, such as at the start of a shift. If
// more are in use than there are now, so many are not given out again.
func (r *Resource) SetCapacity(capacity int) {
	r.capacity = capacity
	for r.inUse < r.capacity && len(r.waiting) > 0 {
		r.grant()
	}
}

// Restart begins the monitors anew at the clock's instant, such as at the end
// of the warm-up. Who waits already counts with the whole wait.
func (r *Resource) Restart() {
	r.Waits = Tally{}
	r.Queue.Restart(r.s.now)
	r.InUse.Restart(r.s.now)
}

// grant gives a unit to the first who waits.
func (r *Resource) grant() {
	w := r.pop()
	r.Queue.Set(r.s.now, float64(len(r.waiting)))
	r.take(r.s.now - w.since)
	if w.process != nil {
		w.process.goOn(0)
	} else {
		r.s.Schedule(r.s.now, w.kind, w.entity)
	}
}

func (r *Resource) take(wait Time) {
	r.inUse++
	r.InUse.Set(r.s.now, float64(r.inUse))
	r.Waits.Add(wait.Seconds())
}

func (r *Resource) push(w waiter) {
	r.waiting = append(r.waiting, w)
	i := len(r.waiting) - 1
	for i > 0 && w.before(&r.waiting[(i-1)/2]) {
		r.waiting[i] = r.waiting[(i-1)/2]
		i = (i - 1) / 2
	}
	r.waiting[i] = w
}

func (r *Resource) pop() waiter {
	n := len(r.waiting) - 1
	top, last := r.waiting[0], r.waiting[n]
	h := r.waiting[:n]
	r.waiting = h
	i := 0
	for c := 1; c < n; c = 2*i + 1 {
		if c+1 < n && h[c+1].before(&h[c]) {
			c++
		}
		if last.before(&h[c]) {
			break
		}
		h[i] = h[c]
		i = c
	}
	if n > 0 {
		h[i] = last
	}
	return top
}
