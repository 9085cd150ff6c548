package main

import (
	"container/heap"
	"time"

	"github.com/seed-db8551c1/lastresort/sim/des"
	"github.com/seed-db8551c1/lastresort/sim/internal/pending"
)

func holdPeers(in *input, python *simPy) []implementation {
	peers := []implementation{
		{name: "des", run: in.holdDES},
		{name: "bare queue of des", run: in.holdBare},
		{name: "container/heap", run: in.holdHeap},
		{name: "goroutines", slow: true, run: in.holdGoroutines},
	}
	if python != nil {
		peers = append(peers, implementation{"SimPy", true, python.runner("hold")})
	}
	return peers
}

// Each of them fills the queue, runs as many events again as are pending, so that their ages are
// mixed, and then n events against the clock.

// clocked does so with a queue that is filled, given what runs an event for each delay.
func (in *input) clocked(n int, run func(delays []des.Time)) time.Duration {
	run(in.hold[in.pending : 2*in.pending])
	start := time.Now()
	run(in.hold[2*in.pending : 2*in.pending+n])
	return time.Since(start)
}

func (in *input) holdDES(n int) (statistics, time.Duration, error) {
	var s des.Simulation
	for i, d := range in.hold[:in.pending] {
		s.Schedule(d, 0, uint32(i))
	}
	took := in.clocked(n, func(delays []des.Time) {
		for _, d := range delays {
			e, _ := s.Next()
			s.Schedule(e.At+d, e.Kind, e.Entity)
		}
	})
	e, _ := s.Next()
	return statistics{Clock: float64(e.At)}, took, s.Err()
}

func (in *input) holdBare(n int) (statistics, time.Duration, error) {
	var s pending.Set
	for i, d := range in.hold[:in.pending] {
		s.Push(pending.Record{When: uint64(d) << 8, Entity: uint32(i)})
	}
	took := in.clocked(n, func(delays []des.Time) {
		for _, d := range delays {
			r, _ := s.Pop(pending.End)
			s.Push(pending.Record{When: r.When + uint64(d)<<8, Entity: r.Entity})
		}
	})
	r, _ := s.Pop(pending.End)
	return statistics{Clock: float64(r.At())}, took, nil
}

func (in *input) holdHeap(n int) (statistics, time.Duration, error) {
	var q eventHeap
	for i, d := range in.hold[:in.pending] {
		q.schedule(d, 0, uint32(i))
	}
	took := in.clocked(n, func(delays []des.Time) {
		for _, d := range delays {
			e := q.next()
			q.schedule(e.At+d, e.Kind, e.Entity)
		}
	})
	return statistics{Clock: float64(q.next().At)}, took, nil
}

func (in *input) holdGoroutines(n int) (statistics, time.Duration, error) {
	k := newKernel()
	defer k.close()
	next := 0
	for range in.pending {
		k.start(func(p *process) {
			for next < len(in.hold) {
				d := in.hold[next]
				next++
				p.hold(d)
			}
		})
	}
	for range 2 * in.pending { // their first steps, and the events before the clock runs
		k.step()
	}
	start := time.Now()
	for range n {
		k.step()
	}
	took := time.Since(start)
	k.step()
	return statistics{Clock: float64(k.now)}, took, nil
}

// eventHeap is the pending events as the documentation of container/heap suggests it: values, with a
// sequence number for those at one instant.
type eventHeap struct {
	heap     entries
	sequence uint64
}

type entry struct {
	des.Event
	sequence uint64
}

type entries []entry

func (h entries) Len() int { return len(h) }
func (h entries) Less(i, j int) bool {
	return h[i].At < h[j].At || h[i].At == h[j].At && h[i].sequence < h[j].sequence
}
func (h entries) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h *entries) Push(x any)   { *h = append(*h, x.(entry)) }
func (h *entries) Pop() any {
	last := (*h)[len(*h)-1]
	*h = (*h)[:len(*h)-1]
	return last
}

func (q *eventHeap) schedule(at des.Time, kind des.Kind, entity uint32) {
	q.sequence++
	heap.Push(&q.heap, entry{des.Event{At: at, Kind: kind, Entity: entity}, q.sequence})
}

func (q *eventHeap) next() des.Event { return heap.Pop(&q.heap).(entry).Event }
