package des_test

import (
	"errors"
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/seed-db8551c1/lastresort/sim/des"
)

// reference is the pending-event set one would write first: a slice kept sorted
// by instant, where an event goes behind all those at its instant.
type reference struct {
	now     des.Time
	pending []referenceEvent
	past    []des.Event
	called  []int // ids of the functions carried out
}

type referenceEvent struct {
	des.Event
	id       int
	function bool // carried out by the simulation
}

func (r *reference) schedule(e des.Event, id int, function bool) {
	i, _ := slices.BinarySearchFunc(r.pending, e.At, func(p referenceEvent, at des.Time) int {
		if p.At <= at {
			return -1
		}
		return 1
	})
	r.pending = slices.Insert(r.pending, i, referenceEvent{e, id, function})
}

func (r *reference) cancel(id int) bool {
	i := slices.IndexFunc(r.pending, func(p referenceEvent) bool { return p.id == id })
	if i < 0 {
		return false
	}
	r.pending = slices.Delete(r.pending, i, i+1)
	return true
}

func (r *reference) nextBefore(limit des.Time) (des.Event, bool) {
	for len(r.pending) > 0 && r.pending[0].At < limit {
		e := r.pending[0]
		r.pending = slices.Delete(r.pending, 0, 1)
		r.now = e.At
		r.past = append(r.past, e.Event)
		if !e.function {
			return e.Event, true
		}
		r.called = append(r.called, e.id)
	}
	return des.Event{}, false
}

// A simulation and the reference agree on every answer, whatever is asked.
func TestSimulationAgreesWithSortedSlice(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var (
			s       des.Simulation
			ref     reference
			handles []des.Handle // by id of a cancelable event, through all resets
			called  []int
		)
		// Few distinct delays make ties; wide ones reach the higher buckets.
		delay := rapid.Custom(func(t *rapid.T) des.Time {
			return des.Time(rapid.Int64Range(0, 3).Draw(t, "steps")) << rapid.IntRange(0, 40).Draw(t, "scale")
		})
		event := func(t *rapid.T) des.Event {
			return des.Event{
				At:     s.Now() + delay.Draw(t, "delay"),
				Kind:   des.Kind(rapid.Uint8().Draw(t, "kind")),
				Entity: rapid.Uint32().Draw(t, "entity"),
			}
		}
		agree := func(t *rapid.T, call string, got, want des.Event, ok, wantOK bool) {
			if got != want || ok != wantOK {
				t.Fatalf("%s = %v, %v, reference says %v, %v", call, got, ok, want, wantOK)
			}
		}
		t.Repeat(map[string]func(*rapid.T){
			"schedule": func(t *rapid.T) {
				for range rapid.IntRange(1, 20).Draw(t, "events") {
					e := event(t)
					s.Schedule(e.At, e.Kind, e.Entity)
					ref.schedule(e, -1, false)
				}
			},
			"scheduleCancelable": func(t *rapid.T) {
				for range rapid.IntRange(1, 50).Draw(t, "events") {
					e := event(t)
					ref.schedule(e, len(handles), false)
					handles = append(handles, s.ScheduleCancelable(e.At, e.Kind, e.Entity))
				}
			},
			"at": func(t *rapid.T) {
				for range rapid.IntRange(1, 20).Draw(t, "functions") {
					at, id := s.Now()+delay.Draw(t, "delay"), len(handles)
					ref.schedule(des.Event{At: at, Kind: des.Control}, id, true)
					handles = append(handles, s.At(at, func() { called = append(called, id) }))
				}
			},
			"cancel": func(t *rapid.T) {
				if len(handles) == 0 {
					t.Skip("nothing to cancel")
				}
				for range rapid.IntRange(1, 50).Draw(t, "times") {
					id := rapid.IntRange(0, len(handles)-1).Draw(t, "id")
					if got, want := s.Cancel(handles[id]), ref.cancel(id); got != want {
						t.Fatalf("Cancel(event %d) = %v, reference says %v", id, got, want)
					}
				}
			},
			"next": func(t *rapid.T) {
				for range rapid.IntRange(1, 20).Draw(t, "times") {
					got, ok := s.Next()
					want, wantOK := ref.nextBefore(math.MaxInt64)
					agree(t, "Next", got, want, ok, wantOK)
				}
			},
			"nextBefore": func(t *rapid.T) {
				limit := s.Now() + delay.Draw(t, "ahead") - 1
				got, ok := s.NextBefore(limit)
				want, wantOK := ref.nextBefore(limit)
				if !wantOK {
					ref.now = max(ref.now, limit)
				}
				agree(t, "NextBefore", got, want, ok, wantOK)
			},
			"reset": func(t *rapid.T) {
				if rapid.IntRange(0, 9).Draw(t, "one in ten") == 0 {
					s.Reset()
					ref, called = reference{}, nil
				}
			},
			"": func(t *rapid.T) {
				if s.Now() != ref.now || s.Len() != len(ref.pending) || s.Processed() != uint64(len(ref.past)) || s.Err() != nil {
					t.Fatalf("now %v, %d pending, %d processed, error %v; reference says %v, %d, %d, none",
						s.Now(), s.Len(), s.Processed(), s.Err(), ref.now, len(ref.pending), len(ref.past))
				}
				if !slices.Equal(called, ref.called) {
					t.Fatalf("functions %v called, reference says %v", called, ref.called)
				}
				if got := replay(ref.past).Fingerprint(); got != s.Fingerprint() {
					t.Fatalf("fingerprint %#x, a simulation of the same past has %#x", s.Fingerprint(), got)
				}
			},
		})
	})
}

// replay delivers events, which are in order, in a fresh simulation.
func replay(events []des.Event) *des.Simulation {
	var s des.Simulation
	for _, e := range events {
		s.Schedule(e.At, e.Kind, e.Entity)
	}
	for range events {
		s.Next()
	}
	return &s
}

// The fingerprint is part of what users publish: its values do not change.
// It tells apart runs that differ in one field or in the order of two events.
func TestFingerprint(t *testing.T) {
	base := []des.Event{{0, 0, 0}, {5, 1, 2}, {5, 2, 1}, {1 << 50, 255, 1<<32 - 1}}
	if got, want := replay(base).Fingerprint(), uint64(0xdf588d8c8bd476b6); got != want {
		t.Errorf("fingerprint %#x, want %#x", got, want)
	}
	for name, events := range map[string][]des.Event{
		"an event less":      base[:3],
		"another order":      {{0, 0, 0}, {5, 2, 1}, {5, 1, 2}, {1 << 50, 255, 1<<32 - 1}},
		"an instant differs": {{0, 0, 0}, {4, 1, 2}, {5, 2, 1}, {1 << 50, 255, 1<<32 - 1}},
		"a kind differs":     {{0, 0, 0}, {5, 1, 2}, {5, 3, 1}, {1 << 50, 255, 1<<32 - 1}},
		"an entity differs":  {{0, 0, 0}, {5, 1, 2}, {5, 2, 1}, {1 << 50, 255, 1<<32 - 2}},
		"the first entity":   {{0, 0, 1}, {5, 1, 2}, {5, 2, 1}, {1 << 50, 255, 1<<32 - 1}},
	} {
		if replay(events).Fingerprint() == replay(base).Fingerprint() {
			t.Errorf("%s: same fingerprint", name)
		}
	}
}

// An event that cannot be right stops the run until Reset, and the first one is
// the one reported.
func TestScheduleOutOfRangeStops(t *testing.T) {
	for _, test := range []struct {
		name string
		at   des.Time
		ok   bool
	}{
		{"before the clock", 9, false},
		{"at the clock", 10, true},
		{"at the last instant", des.MaxTime, true},
		{"after the last instant", des.MaxTime + 1, false},
		{"after an infinite delay", 10 + des.FromSeconds(math.Inf(1)), false},
		{"after a delay that is no number", 10 + des.FromSeconds(math.NaN()), false},
	} {
		t.Run(test.name, func(t *testing.T) {
			for _, cancelable := range []bool{false, true} {
				var s des.Simulation
				s.Schedule(10, 1, 1)
				s.Schedule(20, 1, 2)
				s.Next()
				if cancelable {
					if h := s.ScheduleCancelable(test.at, 7, 3); (h != des.Handle{}) != test.ok {
						t.Errorf("handle %v", h)
					}
				} else {
					s.Schedule(test.at, 7, 3)
				}
				if test.ok {
					if s.Err() != nil || s.Len() != 2 {
						t.Errorf("error %v, %d pending", s.Err(), s.Len())
					}
					continue
				}
				s.Schedule(-1, 8, 4) // a later fault does not hide the first
				var failed *des.ScheduleError
				if !errors.As(s.Err(), &failed) {
					t.Fatalf("Err() = %v", s.Err())
				}
				if s.Err().Error() == "" {
					t.Error("the error says nothing")
				}
				want := des.ScheduleError{Event: des.Event{At: test.at, Kind: 7, Entity: 3}, Now: 10}
				if diff := cmp.Diff(want, *failed); diff != "" {
					t.Errorf("error (-want +got):\n%s", diff)
				}
				_, next := s.Next()
				_, before := s.NextBefore(100)
				if next || before || s.Now() != 10 || s.Processed() != 1 {
					t.Errorf("stopped simulation went on: %v %v, now %v", next, before, s.Now())
				}
				s.Reset()
				s.Schedule(1, 1, 1)
				if e, ok := s.Next(); !ok || e.At != 1 || s.Err() != nil {
					t.Errorf("after Reset: %v, %v, %v", e, ok, s.Err())
				}
			}
		})
	}
}

// In steady state nothing allocates, cancelable or not, and a Reset keeps that.
func TestSteadyStateDoesNotAllocate(t *testing.T) {
	var s des.Simulation
	h := hold{pending: 1000}
	h.fill(&s)
	for range 200_000 {
		h.step(&s)
	}
	if n := testing.AllocsPerRun(1, func() { repeat(20_000, func() { h.step(&s) }) }); n != 0 {
		t.Errorf("%v allocations in 20,000 events", n)
	}
	if n := testing.AllocsPerRun(10, func() { s.Reset(); h = hold{pending: 1000}; h.fill(&s) }); n != 0 {
		t.Errorf("%v allocations for each replication", n)
	}
}

// repeat calls step n times: what allocates now and then shows only in many.
func repeat(n int, step func()) {
	for range n {
		step()
	}
}
