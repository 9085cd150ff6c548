package pending

import (
	"math/bits"
	"math/rand/v2"
	"slices"
	"testing"
)

// check reports what contradicts the invariant in the comment of Set.
func (s *Set) check(t *testing.T) {
	t.Helper()
	at := func(r Record) uint64 { return r.At() }
	for i, r := range s.front[s.first:] {
		if at(r) < s.last || s.filed > 0 && at(r) >= s.end || i > 0 && at(r) < at(s.front[s.first+i-1]) {
			t.Fatalf("record %d of front at %d, last %d, end %d", i, at(r), s.last, s.end)
		}
	}
	filed := 0
	for l := range s.bucket {
		if (s.used[l] != 0) != (s.levels>>l&1 == 1) {
			t.Fatalf("level %d: used %b, levels %b", l, s.used[l], s.levels)
		}
		for d, b := range s.bucket[l] {
			if (b.head != nil) != (s.used[l]>>d&1 == 1) {
				t.Fatalf("bucket %d of level %d: used %b", d, l, s.used[l])
			}
			for c := b.head; c != nil; c = c.next {
				if c.n == 0 || c.n < len(c.records) && c != b.tail {
					t.Fatalf("bucket %d of level %d: chunk of %d before the last", d, l, c.n)
				}
				for _, r := range c.records[:c.n] {
					filed++
					difference := at(r) ^ s.base
					if level(difference) != l || at(r)>>(digit*l)&63 != uint64(d) || at(r) < s.end || at(r) < s.last || at(r) < s.base {
						t.Fatalf("record at %d in bucket %d of level %d, base %d, end %d, last %d", at(r), d, l, s.base, s.end, s.last)
					}
				}
			}
		}
	}
	if filed != s.filed || filed > 0 && s.base > s.last {
		t.Fatalf("%d records in buckets, counted %d; base %d, last %d", filed, s.filed, s.base, s.last)
	}
}

// sorted is the set one would write first: a slice in the order of instants,
// where a record goes behind all those at its instant.
type sorted []Record

func (s *sorted) push(r Record) {
	i, _ := slices.BinarySearchFunc(*s, r.At(), func(p Record, at uint64) int {
		if p.At() <= at {
			return -1
		}
		return 1
	})
	*s = slices.Insert(*s, i, r)
}

func (s *sorted) pop(limit uint64) (Record, bool) {
	if len(*s) == 0 || (*s)[0].At() >= limit {
		return Record{}, false
	}
	r := (*s)[0]
	*s = (*s)[1:]
	return r, true
}

// The set and the slice agree on every answer, whatever the scale of the delays
// and the number of records, and the invariant holds after every call.
func TestSetAgreesWithSortedSlice(t *testing.T) {
	for run := range uint64(60) {
		random := rand.New(rand.NewPCG(run, 1))
		var set Set
		var ref sorted
		scale := random.IntN(45)
		target := []int{3, 40, 90, 1500}[run%4]
		delay := func() uint64 {
			if random.IntN(4) == 0 {
				return uint64(random.IntN(3)) // ties
			}
			return random.Uint64() >> (64 - scale - random.IntN(4))
		}
		for i := range uint32(6000) {
			switch n := random.IntN(2000); {
			case n == 0:
				keep := func(r Record) bool { return r.Entity%3 != 0 }
				set.Filter(keep)
				ref = slices.DeleteFunc(ref, func(r Record) bool { return !keep(r) })
			case n == 1 && run%8 == 7:
				at := uint64(random.IntN(1 << 20))
				set.Reset(at)
				ref = nil
			case n < 900 || n < 1300 && len(ref) < target:
				if set.Last() > End-1<<50 {
					set.Reset(0)
					ref = nil
				}
				r := Record{When: (set.Last()+delay())<<8 | uint64(random.IntN(256)), Entity: i, Ticket: i ^ 5}
				set.Push(r)
				ref.push(r)
			default:
				limit := uint64(End)
				if random.IntN(2) == 0 {
					limit = set.Last() + delay()
				}
				if len(ref) == 0 {
					limit = min(limit, set.Last()+1<<40) // else the clock would stand at its end
				}
				got, ok := set.Pop(limit)
				want, wantOK := ref.pop(limit)
				if got != want || ok != wantOK {
					t.Fatalf("run %d: Pop(%d) = %v, %v, want %v, %v", run, limit, got, ok, want, wantOK)
				}
			}
			if set.Len() != len(ref) {
				t.Fatalf("run %d: %d records, want %d", run, set.Len(), len(ref))
			}
			if target < 1000 || i%16 == 0 {
				set.check(t)
			}
		}
	}
}

// Every bit of an instant has a level, and the last of them is the highest.
func TestLevels(t *testing.T) {
	for b := range 56 {
		if l := level(1 << b); l != b/digit || l >= levels {
			t.Errorf("bit %d is of level %d of %d", b, l, levels)
		}
	}
	if level(0) != 0 {
		t.Errorf("no difference is of level %d", level(0))
	}
}

// However far the clock goes, the chunks have room for little more than what is
// pending: a part of one for each bucket in use.
func TestMemoryFollowsPending(t *testing.T) {
	const pending = 100_000
	random := rand.New(rand.NewPCG(1, 1))
	var s Set
	delay := func() uint64 { return uint64(1e9 * random.ExpFloat64()) }
	for range pending {
		s.Push(Record{When: delay() << 8})
	}
	for range 20 * pending {
		r, _ := s.Pop(End)
		s.Push(Record{When: (r.At() + delay()) << 8})
	}
	chunks, used := 0, 0
	for l := range s.bucket {
		used += bits.OnesCount64(s.used[l])
		for _, b := range s.bucket[l] {
			for c := b.head; c != nil; c = c.next {
				chunks++
			}
		}
	}
	for c := s.spare; c != nil; c = c.next {
		chunks++
	}
	if room := chunks*len(chunk{}.records) + cap(s.front); float64(room) > 1.2*pending {
		t.Errorf("room for %d records with %d pending in %d buckets", room, pending, used)
	}
}

// In steady state nothing allocates.
func TestSteadyStateDoesNotAllocate(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	for _, pending := range []int{1, 60, 1000} {
		var s Set
		step := func() {
			r, _ := s.Pop(End)
			s.Push(Record{When: (r.At() + uint64(1e9*random.ExpFloat64())) << 8})
		}
		for range pending {
			s.Push(Record{})
		}
		for range 100_000 {
			step()
		}
		if n := testing.AllocsPerRun(1, func() {
			for range 20_000 {
				step()
			}
		}); n != 0 {
			t.Errorf("%v allocations in 20,000 records with %d pending", n, pending)
		}
	}
}
