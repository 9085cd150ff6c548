package des_test

import (
	"errors"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/seed-db8551c1/lastresort/sim/des"
)

// office is the resource one would write first: those who wait in a slice, kept
// in the order of priority and arrival, and sums over time taken at each change.
type office struct {
	capacity, inUse int
	waiting         []request
	served          []request

	since       des.Time
	queue, busy float64 // unit times µs
	waits       des.Tally
}

type request struct {
	entity   uint32
	priority int32
	at       des.Time
}

func (o *office) pass(now des.Time) {
	o.queue += float64(len(o.waiting)) * float64(now-o.since)
	o.busy += float64(o.inUse) * float64(now-o.since)
	o.since = now
}

func (o *office) give(now des.Time) {
	for o.inUse < o.capacity && len(o.waiting) > 0 {
		r := o.waiting[0]
		o.waiting = o.waiting[1:]
		o.inUse++
		o.served = append(o.served, r)
		o.waits.Add((now - r.at).Seconds())
	}
}

// A resource and the office serve the same requests in the same order, and
// agree on every monitor, whatever the priorities and changes of capacity.
func TestResourceAgreesWithSortedSlice(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var s des.Simulation
		capacity := rapid.IntRange(0, 3).Draw(t, "capacity")
		r := des.NewResource(&s, capacity)
		o := office{capacity: capacity}
		entity, next := uint32(0), 0
		deliver := func(until des.Time) { // everything granted so far, and the clock to until
			for e, ok := s.NextBefore(until); ok; e, ok = s.NextBefore(until) {
				if next == len(o.served) || o.served[next].entity != e.Entity || e.Kind != 3 {
					t.Fatalf("event %v is grant %d, want %v", e, next, o.served)
				}
				next++
			}
		}
		t.Repeat(map[string]func(*rapid.T){
			"request": func(t *rapid.T) {
				priorities := rapid.Int32Range(rapid.SampledFrom([]int32{0, -3}).Draw(t, "least"), 0)
				for range rapid.IntRange(1, 12).Draw(t, "requests") {
					q := request{entity, priorities.Draw(t, "priority"), s.Now()}
					entity++
					o.pass(s.Now())
					i, _ := slices.BinarySearchFunc(o.waiting, q, func(a, b request) int {
						if a.priority <= b.priority {
							return -1
						}
						return 1
					})
					o.waiting = slices.Insert(o.waiting, i, q)
					o.give(s.Now())
					r.Request(3, q.entity, q.priority)
				}
			},
			"release": func(t *rapid.T) {
				for range rapid.IntRange(1, 8).Draw(t, "releases") {
					if o.inUse == 0 {
						t.Skip("nothing in use")
					}
					o.pass(s.Now())
					o.inUse--
					o.give(s.Now())
					r.Release()
				}
			},
			"capacity": func(t *rapid.T) {
				o.pass(s.Now())
				o.capacity = rapid.IntRange(0, 4).Draw(t, "units")
				o.give(s.Now())
				r.SetCapacity(o.capacity)
			},
			"time": func(t *rapid.T) {
				deliver(s.Now() + des.Time(rapid.Int64Range(1, 1000).Draw(t, "µs")))
				o.pass(s.Now())
			},
			"restart": func(t *rapid.T) {
				o.pass(s.Now())
				o.queue, o.busy, o.waits = 0, 0, des.Tally{}
				deliver(s.Now() + 1)
				o.queue, o.busy, o.since = 0, 0, s.Now()
				r.Restart()
			},
			"": func(t *rapid.T) {
				if s.Err() != nil {
					t.Fatal(s.Err())
				}
				if r.Queue.Value() != float64(len(o.waiting)) || r.InUse.Value() != float64(o.inUse) || r.Waits.Count() != o.waits.Count() {
					t.Fatalf("waiting, in use, served %v, %v, %v, want %d, %d, %d",
						r.Queue.Value(), r.InUse.Value(), r.Waits.Count(), len(o.waiting), o.inUse, o.waits.Count())
				}
				if got, want := r.Waits.Mean(), o.waits.Mean(); o.waits.Count() > 0 && math.Abs(got-want) > 1e-12 {
					t.Fatalf("mean wait %v, want %v", got, want)
				}
				if d := float64(s.Now() - o.since); d != 0 {
					t.Fatalf("the office is %v µs behind", d)
				}
			},
		})
		deliver(s.Now() + 1)
		o.pass(s.Now())
		if next != len(o.served) {
			t.Fatalf("%d served, want %d", next, len(o.served))
		}
		if q, b := r.Queue.Mean(s.Now()), r.InUse.Mean(s.Now()); q*b != 0 && math.Abs(q*o.busy-b*o.queue) > 1e-6*q*o.busy {
			t.Fatalf("mean queue %v and use %v, want them as %v to %v", q, b, o.queue, o.busy)
		}
	})
}

// Means are over the time since the last Restart, which leaves the state alone.
func TestResourceMonitors(t *testing.T) {
	var s des.Simulation
	r := des.NewResource(&s, 1)
	r.Request(0, 1, 0)
	r.Request(0, 2, 0) // waits 40 s
	s.At(10*des.Second, r.Restart)
	s.At(40*des.Second, r.Release)
	s.At(50*des.Second, r.Release)
	for _, ok := s.NextBefore(70 * des.Second); ok; _, ok = s.NextBefore(70 * des.Second) {
	}
	if r.Waits.Count() != 1 || r.Waits.Mean() != 40 {
		t.Errorf("%d waits of %v s, want 1 of 40", r.Waits.Count(), r.Waits.Mean())
	}
	if q, b := r.Queue.Mean(s.Now()), r.InUse.Mean(s.Now()); q != 0.5 || math.Abs(b-40./60) > 1e-15 {
		t.Errorf("mean queue %v, use %v, want 0.5 and 0.667", q, b)
	}
}

func TestReleaseOfNothingStops(t *testing.T) {
	var s des.Simulation
	r := des.NewResource(&s, 1)
	s.At(7, r.Release)
	s.Schedule(8, 0, 0)
	if e, ok := s.Next(); ok {
		t.Errorf("went on to %v", e)
	}
	var wrong *des.UsageError
	if !errors.As(s.Err(), &wrong) || wrong.Call != "Release" || wrong.Now != 7 || wrong.Error() == "" {
		t.Errorf("error %v", s.Err())
	}
}

// In steady state a resource allocates nothing, with one priority or several.
func TestResourceDoesNotAllocate(t *testing.T) {
	for _, priorities := range []int32{1, 3} {
		var s des.Simulation
		r := des.NewResource(&s, 2)
		for i := range uint32(50) {
			r.Request(0, i, int32(i)%priorities)
		}
		step := func() {
			e, _ := s.Next()
			r.Release()
			r.Request(0, e.Entity, int32(e.Entity)%priorities)
		}
		for range 1000 {
			step()
		}
		if n := testing.AllocsPerRun(1, func() { repeat(10_000, step) }); n != 0 {
			t.Errorf("%d priorities: %v allocations in 10,000 requests", priorities, n)
		}
	}
}
