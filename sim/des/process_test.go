package des_test

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-db8551c1/lastresort/sim/des"
)

// Events, functions and processes take their turns by instant, and in the order
// of scheduling where instants are equal. The trace sees every one.
func TestOneOrderForAll(t *testing.T) {
	var s des.Simulation
	defer s.Reset()
	var got, trace []string
	say := func(what string) { got = append(got, fmt.Sprintf("%d %s", s.Now(), what)) }
	s.Trace = func(e des.Event, process string) {
		if e.At != s.Now() {
			t.Errorf("%v traced at %v", e, s.Now())
		}
		trace = append(trace, fmt.Sprintf("%d %d/%d %s", e.At, e.Kind, e.Entity, process))
	}
	sleeper := s.Start("sleeper", func(p *des.Process) {
		say("sleeper starts")
		p.Wait()
		say("sleeper wakes")
	})
	s.Start("walker", func(p *des.Process) {
		for range 3 {
			say("walker")
			p.Hold(10)
		}
		if !sleeper.Wake() || sleeper.Wake() {
			t.Error("Wake does not know whether the process waits")
		}
		say("walker ends")
	})
	s.Schedule(10, 1, 7)
	withdrawn := s.At(15, func() { say("withdrawn") })
	s.At(10, func() { say("function"); s.Cancel(withdrawn) })
	for e, ok := s.Next(); ok; e, ok = s.Next() {
		say(fmt.Sprint("event ", e.Entity))
	}
	if sleeper.Wake() {
		t.Error("a process that has ended was woken")
	}
	want := []string{"0 sleeper starts", "0 walker", "10 event 7", "10 function", "10 walker", "20 walker", "30 walker ends", "30 sleeper wakes"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
	want = []string{"0 255/1 sleeper", "0 255/2 walker", "10 1/7 ", "10 255/0 ", "10 255/2 walker", "20 255/2 walker", "30 255/2 walker", "30 255/1 sleeper"}
	if diff := cmp.Diff(want, trace); diff != "" {
		t.Errorf("trace (-want +got):\n%s", diff)
	}
	if s.Processed() != uint64(len(trace)) || s.Err() != nil {
		t.Errorf("%d events, error %v", s.Processed(), s.Err())
	}
}

// A trace changes nothing.
func TestTraceLeavesTheFingerprint(t *testing.T) {
	run := func(trace func(des.Event, string)) uint64 {
		m := station{src: des.Source{Seed: 3}, customers: 500}
		m.Trace = trace
		m.run()
		return m.Fingerprint()
	}
	if a, b := run(nil), run(func(des.Event, string) {}); a != b {
		t.Errorf("fingerprint %#x, with a trace %#x", a, b)
	}
}

// Processes queue for a resource with events, by priority and then by time.
func TestSeize(t *testing.T) {
	var s des.Simulation
	defer s.Reset()
	r := des.NewResource(&s, 1)
	var got []string
	visit := func(name string, at des.Time, priority int32) {
		s.Start(name, func(p *des.Process) {
			p.Hold(at)
			p.Seize(r, priority)
			got = append(got, fmt.Sprintf("%d %s", s.Now(), name))
			p.Hold(10)
			r.Release()
		})
	}
	visit("first", 0, 5)
	visit("late", 2, 1)
	visit("later", 3, 1)
	visit("urgent", 4, 0)
	s.At(1, func() { r.Request(9, 77, 1) })
	for e, ok := s.Next(); ok; e, ok = s.Next() {
		got = append(got, fmt.Sprintf("%d event %d", e.At, e.Entity))
		s.At(e.At+10, r.Release)
	}
	want := []string{"0 first", "10 urgent", "20 event 77", "30 late", "40 later"}
	if diff := cmp.Diff(want, got); diff != "" || s.Err() != nil {
		t.Errorf("error %v, order (-want +got):\n%s", s.Err(), diff)
	}
}

// Reset ends every process, runs what it has deferred, and leaves no goroutine;
// the next run is as the first, with processes and without.
func TestResetEndsProcesses(t *testing.T) {
	before := runtime.NumGoroutine()
	var s des.Simulation
	var deferred []string
	run := func() uint64 {
		r := des.NewResource(&s, 1)
		for i := range 3 {
			name := fmt.Sprint("p", i)
			s.Start(name, func(p *des.Process) {
				defer func() { deferred = append(deferred, name) }()
				defer p.Hold(1) // does not hold a process that is ended
				p.Seize(r, 0)
				defer r.Release()
				for {
					p.Hold(7)
				}
			})
		}
		waiting := s.Start("waiting", func(p *des.Process) { p.Wait(); t.Error("woken by nobody") })
		s.NextBefore(100)
		s.Start("not begun", func(*des.Process) { t.Error("began") })
		print, n := s.Fingerprint(), s.Processed()
		if n < 10 || s.Err() != nil {
			t.Errorf("%d events, error %v", n, s.Err())
		}
		s.Reset()
		if waiting.Wake() || s.Len() != 0 || s.Err() != nil {
			t.Errorf("after Reset: %d pending, error %v", s.Len(), s.Err())
		}
		return print
	}
	if a, b := run(), run(); a != b {
		t.Errorf("fingerprints %#x and %#x", a, b)
	}
	if want := []string{"p0", "p1", "p2", "p0", "p1", "p2"}; !slices.Equal(deferred, want) {
		t.Errorf("deferred functions of %v, want %v", deferred, want)
	}
	if after := runtime.NumGoroutine(); after > before {
		t.Errorf("%d goroutines, %d before", after, before)
	}
}

// A process that resets the simulation it is part of ends at its next pause,
// and the simulation can be used.
func TestResetFromAProcess(t *testing.T) {
	var s des.Simulation
	s.Start("resets", func(p *des.Process) {
		p.Hold(5)
		s.Reset()
		s.Schedule(3, 1, 1)
		p.Hold(1)
		t.Error("went on after Reset")
	})
	if e, ok := s.Next(); !ok || e.At != 3 || s.Err() != nil {
		t.Errorf("Next = %v, %v, error %v", e, ok, s.Err())
	}
	if s.Len() != 0 {
		t.Errorf("%d pending", s.Len())
	}
}

// The methods of a process are for its own body; a call from elsewhere stops
// the simulation and does not hang.
func TestProcessMethodsFromElsewhere(t *testing.T) {
	for name, call := range map[string]func(*des.Simulation, *des.Process){
		"Hold":  func(_ *des.Simulation, p *des.Process) { p.Hold(1) },
		"Wait":  func(_ *des.Simulation, p *des.Process) { p.Wait() },
		"Seize": func(s *des.Simulation, p *des.Process) { p.Seize(des.NewResource(s, 1), 0) },
	} {
		var s des.Simulation
		p := s.Start("owner", func(p *des.Process) { p.Hold(100) })
		s.Start("other", func(*des.Process) { call(&s, p) })
		s.Next()
		var wrong *des.UsageError
		if !errors.As(s.Err(), &wrong) || wrong.Call != name {
			t.Errorf("%s: error %v", name, s.Err())
		}
		s.Reset()
		call(&s, p)
		if s.Err() == nil {
			t.Errorf("%s after Reset: error %v", name, s.Err())
		}
	}
}

// A hold that is out of range is an error as it is for an event.
func TestNegativeHoldStops(t *testing.T) {
	var s des.Simulation
	defer s.Reset()
	s.Start("p", func(p *des.Process) { p.Hold(-1); t.Error("went on") })
	s.Next()
	var wrong *des.ScheduleError
	if !errors.As(s.Err(), &wrong) || wrong.Event.At != -1 {
		t.Errorf("error %v", s.Err())
	}
}

// What panics in a process or a function panics in Next, as it would in a loop
// of the model's own.
func TestPanicOfTheModelIsNotHidden(t *testing.T) {
	var s des.Simulation
	s.Start("p", func(p *des.Process) { p.Hold(1); panic("model") })
	defer func() {
		if x := recover(); x != "model" {
			t.Errorf("recovered %v", x)
		}
		s.Reset()
	}()
	s.Next()
}

// Stop ends the run at once and leaves the clock.
func TestStop(t *testing.T) {
	var s des.Simulation
	s.Schedule(1, 0, 0)
	s.At(2, s.Stop)
	s.Schedule(3, 0, 0)
	s.Next()
	_, next := s.Next()
	_, before := s.NextBefore(100)
	if next || before || s.Now() != 2 || s.Err() != nil || s.Len() != 1 {
		t.Errorf("after Stop: %v %v, now %v, error %v, %d pending", next, before, s.Now(), s.Err(), s.Len())
	}
	s.Reset()
	s.Schedule(3, 0, 0)
	if _, ok := s.Next(); !ok {
		t.Error("Reset does not lift Stop")
	}
}

// A step of a process allocates nothing, and a process that ends leaves its
// number to the next.
func TestProcessesDoNotAllocateByStep(t *testing.T) {
	var s des.Simulation
	defer s.Reset()
	s.Start("steps", func(p *des.Process) {
		for {
			p.Hold(1)
			s.Schedule(s.Now(), 0, 0)
		}
	})
	for range 1000 {
		s.Next()
	}
	if n := testing.AllocsPerRun(1, func() { repeat(10_000, func() { s.Next() }) }); n != 0 {
		t.Errorf("%v allocations in 10,000 steps", n)
	}
	numbers := map[uint32]bool{}
	s.Trace = func(e des.Event, _ string) {
		if e.Kind == des.Control {
			numbers[e.Entity] = true
		}
	}
	for range 10 {
		s.Start("short", func(*des.Process) {})
		s.Next()
	}
	if len(numbers) != 2 {
		t.Errorf("numbers %v, want two", numbers)
	}
}
