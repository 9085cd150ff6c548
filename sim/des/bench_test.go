package des_test

import (
	"container/heap"
	"testing"

	"github.com/seed-db8551c1/lastresort/sim/des"
)

// hold is the classic load for pending-event sets: a fixed number of events is
// pending, and each one delivered schedules its successor after an exponential
// delay, here 1000 s on average.
type hold struct {
	pending uint32
	src     des.Source
	draw    uint64
}

func (h *hold) delay() des.Time {
	h.draw++
	return des.FromSeconds(1000 * h.src.Exp(0, 0, h.draw))
}

func (h *hold) fill(s *des.Simulation) {
	for entity := range h.pending {
		s.Schedule(h.delay(), 0, entity)
	}
}

func (h *hold) step(s *des.Simulation) {
	e, _ := s.Next()
	s.Schedule(e.At+h.delay(), e.Kind, e.Entity)
}

// boxed is the pending-event set of the standard library's own example: event
// values behind heap.Interface, ties by sequence number.
type boxed []sequenced

type sequenced struct {
	des.Event
	sequence uint64
}

func (b boxed) Len() int { return len(b) }
func (b boxed) Less(i, j int) bool {
	return b[i].At < b[j].At || b[i].At == b[j].At && b[i].sequence < b[j].sequence
}
func (b boxed) Swap(i, j int) { b[i], b[j] = b[j], b[i] }
func (b *boxed) Push(x any)   { *b = append(*b, x.(sequenced)) }
func (b *boxed) Pop() any {
	last := (*b)[len(*b)-1]
	*b = (*b)[:len(*b)-1]
	return last
}

// One operation is one event delivered and its successor scheduled. The draw
// of the delay, some 20 ns, is in both.
func BenchmarkHold(b *testing.B) {
	for _, load := range []struct {
		name    string
		pending uint32
	}{{"pending=1e3", 1e3}, {"pending=1e5", 1e5}} {
		pending := load.pending
		b.Run(load.name+"/des", func(b *testing.B) {
			var s des.Simulation
			h := hold{pending: pending}
			h.fill(&s)
			for range 3 * pending {
				h.step(&s)
			}
			b.ReportAllocs()
			for b.Loop() {
				h.step(&s)
			}
		})
		b.Run(load.name+"/container-heap", func(b *testing.B) {
			var queue boxed
			h := hold{pending: pending}
			sequence := uint64(0)
			push := func(e des.Event) {
				sequence++
				heap.Push(&queue, sequenced{e, sequence})
			}
			step := func() {
				e := heap.Pop(&queue).(sequenced)
				push(des.Event{At: e.At + h.delay(), Kind: e.Kind, Entity: e.Entity})
			}
			for entity := range pending {
				push(des.Event{At: h.delay(), Entity: entity})
			}
			for range 3 * pending {
				step()
			}
			b.ReportAllocs()
			for b.Loop() {
				step()
			}
		})
	}
}

// One operation is one event of the hold model with 1e5 pending. In plain
// nothing can be cancelled, in cancelable everything could be; in timeout each
// entity also has a timer 1000 s ahead, set anew, before it fires, at each of
// its events, which come 100 times as often.
func BenchmarkCancel(b *testing.B) {
	const pending = 100_000
	b.Run("plain", func(b *testing.B) {
		var s des.Simulation
		h := hold{pending: pending}
		h.fill(&s)
		for range 3 * pending {
			h.step(&s)
		}
		b.ReportAllocs()
		for b.Loop() {
			h.step(&s)
		}
	})
	b.Run("cancelable", func(b *testing.B) {
		var s des.Simulation
		h := hold{pending: pending}
		step := func() {
			e, _ := s.Next()
			s.ScheduleCancelable(e.At+h.delay(), e.Kind, e.Entity)
		}
		h.fill(&s)
		for range 3 * pending {
			step()
		}
		b.ReportAllocs()
		for b.Loop() {
			step()
		}
	})
	b.Run("timeout", func(b *testing.B) {
		var s des.Simulation
		h := hold{pending: pending}
		timers := make([]des.Handle, pending)
		step := func() {
			e, _ := s.Next()
			if e.Kind == 0 {
				s.Schedule(e.At+h.delay()/100, e.Kind, e.Entity)
			}
			s.Cancel(timers[e.Entity])
			timers[e.Entity] = s.ScheduleCancelable(e.At+1000*des.Second, 1, e.Entity)
		}
		h.fill(&s)
		for range 3 * pending {
			step()
		}
		b.ReportAllocs()
		for b.Loop() {
			step()
		}
	})
}

// One operation is one random number.
func BenchmarkSource(b *testing.B) {
	src := des.Source{Seed: 1}
	b.Run("Uint64", func(b *testing.B) {
		b.ReportAllocs()
		sum, draw := uint64(0), uint64(0)
		for b.Loop() {
			draw++
			sum += src.Uint64(1, 2, draw)
		}
	})
	b.Run("Exp", func(b *testing.B) {
		b.ReportAllocs()
		sum, draw := 0.0, uint64(0)
		for b.Loop() {
			draw++
			sum += src.Exp(1, 2, draw)
		}
	})
	b.Run("Normal", func(b *testing.B) {
		b.ReportAllocs()
		sum, draw := 0.0, uint64(0)
		for b.Loop() {
			draw++
			sum += src.Normal(1, 2, draw)
		}
	})
}
