package des

import "testing"

// A timer that is always pushed back leaves no trail of cancelled records, and
// cancelling allocates nothing.
func TestCancelledRecordsAreForgotten(t *testing.T) {
	var s Simulation
	step := func() {
		h := s.ScheduleCancelable(s.Now()+Day, 0, 0)
		s.Schedule(s.Now()+1, 1, 0)
		s.Next()
		s.Cancel(h)
		if s.Len() != 0 || s.set.Len() > 65 || len(s.tickets.generation) > 70 {
			t.Fatalf("%d pending, %d records, %d tickets", s.Len(), s.set.Len(), len(s.tickets.generation))
		}
	}
	for range 10_000 {
		step()
	}
	if n := testing.AllocsPerRun(1, func() {
		for range 10_000 {
			step()
		}
	}); n != 0 {
		t.Errorf("%v allocations in 10,000 timers", n)
	}
}
