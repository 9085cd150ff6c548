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
	line     line
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
	r.line.push(w)
	r.Queue.Set(r.s.now, float64(r.line.len()))
	return false
}

// Release gives a unit back.
func (r *Resource) Release() {
	if r.inUse == 0 {
		r.s.fail(&UsageError{"Release", "a unit in use", r.s.now})
		return
	}
	r.inUse--
	if r.line.len() == 0 || r.inUse >= r.capacity {
		r.InUse.Set(r.s.now, float64(r.inUse))
	} else {
		r.grant()
	}
}

// SetCapacity changes the number of units, such as at the start of a shift. If
// more are in use than there are now, so many are not given out again.
func (r *Resource) SetCapacity(capacity int) {
	r.capacity = capacity
	for r.inUse < r.capacity && r.line.len() > 0 {
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
	w := r.line.pop()
	r.Queue.Set(r.s.now, float64(r.line.len()))
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

// line is the waiters in order: sorted from first on, as long as each belongs
// behind those before it, and a binary heap, which a sorted slice is, from the
// first that does not until the line is empty.
type line struct {
	waiters []waiter
	first   int // 0 in a heap
	heap    bool
}

func (l *line) len() int { return len(l.waiters) - l.first }

func (l *line) push(w waiter) {
	if n := len(l.waiters); n == cap(l.waiters) && l.first > n/2 {
		l.compact()
	}
	l.waiters = append(l.waiters, w)
	if n := len(l.waiters) - 1; !l.heap && n > l.first && w.before(&l.waiters[n-1]) {
		l.compact()
		l.heap = true
	}
	if l.heap {
		l.rise(len(l.waiters)-1, w)
	}
}

// compact moves the waiters to the start of the slice.
func (l *line) compact() {
	l.waiters = l.waiters[:copy(l.waiters, l.waiters[l.first:])]
	l.first = 0
}

func (l *line) pop() waiter {
	w := l.waiters[l.first]
	if l.heap {
		l.sink()
	} else {
		l.first++
	}
	if l.len() == 0 {
		l.waiters, l.first, l.heap = l.waiters[:0], 0, false
	}
	return w
}

// sink takes the first out of the heap. The last takes its place by way of the
// bottom, where it mostly belongs.
func (l *line) sink() {
	n := len(l.waiters) - 1
	last := l.waiters[n]
	l.waiters = l.waiters[:n]
	i := 0
	for c := 1; c < n; c = 2*i + 1 {
		if c+1 < n && l.waiters[c+1].before(&l.waiters[c]) {
			c++
		}
		l.waiters[i] = l.waiters[c]
		i = c
	}
	if n > 0 {
		l.rise(i, last)
	}
}

// rise puts w at i or as far above as it belongs.
func (l *line) rise(i int, w waiter) {
	for i > 0 && w.before(&l.waiters[(i-1)/2]) {
		l.waiters[i] = l.waiters[(i-1)/2]
		i = (i - 1) / 2
	}
	l.waiters[i] = w
}
