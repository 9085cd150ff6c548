package des

import (
	"math/bits"
	"testing"
)

// check reports what contradicts the invariant in the comment of queue.
func (q *queue) check(t *testing.T) {
	t.Helper()
	count, cancelled := 0, 0
	for k := range q.buckets {
		b := &q.buckets[k]
		if (len(b.records) > 0) != (q.used>>k&1 == 1) {
			t.Fatalf("bucket %d has %d records, used is %b", k, len(b.records), q.used)
		}
		if len(b.records) == 0 {
			continue
		}
		records := b.records
		if k == 0 {
			records = records[b.first:]
		}
		least := records[0].at()
		for _, r := range records {
			if r.at() < q.last || bits.Len64(r.at()^q.last) != k {
				t.Fatalf("record at %d in bucket %d, last %d", r.at(), k, q.last)
			}
			count++
			if !q.tickets.valid(r.ticket) {
				cancelled++
			}
			least = min(least, r.at())
		}
		if b.least != least || b.records[b.first].at() != least {
			t.Fatalf("bucket %d: least %d, index %d, want %d", k, b.least, b.first, least)
		}
	}
	if count != q.count || cancelled != q.tickets.cancelled {
		t.Fatalf("%d records, %d of them cancelled, counted %d and %d", count, cancelled, q.count, q.tickets.cancelled)
	}
}

// The invariant holds after every call, and an instant is never lost: what
// leaves is never before what left earlier.
func TestQueueInvariant(t *testing.T) {
	src := Source{Seed: 3}
	for run := range uint64(20) {
		var s Simulation
		var handles []Handle
		for i := range uint64(2000) {
			before := s.Now()
			delay := Time(src.Uint64(1, run, i) >> (30 + src.IntN(2, run, i, 34)))
			switch src.IntN(0, run, i, 8) {
			case 0, 1:
				s.Schedule(s.Now()+delay, 0, 0)
			case 2, 3, 4:
				handles = append(handles, s.ScheduleCancelable(s.Now()+delay, 0, 0))
			case 5:
				for j := range uint64(20) {
					if len(handles) > 0 {
						s.Cancel(handles[src.IntN(3, i, j, len(handles))])
					}
				}
			case 6:
				s.Next()
				s.Peek()
			case 7:
				s.NextBefore(s.Now() + delay)
			}
			if s.Now() < before {
				t.Fatalf("clock went from %v to %v", before, s.Now())
			}
			s.queue.check(t)
		}
	}
}

// However far the clock goes, the arrays together have room for less than 8
// times what is pending, plus what small buckets keep.
func TestMemoryFollowsPending(t *testing.T) {
	const pending = 100_000
	src := Source{Seed: 1}
	var s Simulation
	delay := func(i uint64) Time { return FromSeconds(1000 * src.Exp(0, 0, i)) }
	for i := range uint64(pending) {
		s.Schedule(delay(i), 0, 0)
	}
	for i := range uint64(20 * pending) {
		e, _ := s.Next()
		s.Schedule(e.At+delay(pending+i), 0, 0)
	}
	room := 0
	for k := range s.queue.buckets {
		room += cap(s.queue.buckets[k].records)
	}
	for _, arrays := range s.queue.spares {
		for _, a := range arrays {
			room += cap(a)
		}
	}
	if room > 8*pending {
		t.Errorf("room for %d records with %d pending", room, pending)
	}
}

// A timer that is always pushed back leaves no trail of cancelled records.
func TestCancelledRecordsAreForgotten(t *testing.T) {
	var s Simulation
	for range 10_000 {
		h := s.ScheduleCancelable(s.Now()+Day, 0, 0)
		s.Schedule(s.Now()+1, 1, 0)
		s.Next()
		s.Cancel(h)
		if s.Len() != 0 || s.queue.count > 65 || len(s.queue.tickets.generation) > 70 {
			t.Fatalf("%d pending, %d records, %d tickets", s.Len(), s.queue.count, len(s.queue.tickets.generation))
		}
	}
}
