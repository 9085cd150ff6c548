// Package pending is the pending-event set of package des, as a package of its
// own so that it can be measured without the kernel around it.
package pending

import "math/bits"

// Record is an event as the set stores it, in 16 bytes: four to a cache line.
type Record struct {
	When   uint64 // instant<<8 | kind; the kind does not count for the order
	Entity uint32
	Ticket uint32
}

// At returns the instant.
func (r Record) At() uint64 { return r.When >> 8 }

// End is after the last instant that a Record can hold.
const End = 1 << 56

// Set gives its records back in the order of their instants, and those at one
// instant in the order in which they came. The zero value is empty, at instant
// 0. It must not be copied after its first use.
//
// It is a radix heap with digits of six bits, where the ladder queue's idea
// takes the place of the last digits: a bucket that is small enough is sorted.
//
//   - front holds the earliest records, sorted; Pop takes the first of them.
//   - The others are filed in buckets by the highest digit in which their
//     instant differs from base, and by the value of that digit. So all records
//     of a lower level are before those of a higher one, and at one level a
//     lower digit is before a higher one.
//   - When front is empty, the first bucket is opened: sorted into front if it
//     is one chunk, else filed anew, with its start as base, in lower levels.
//
// A record moves along memory, a chunk at a time, at most once for each digit
// and mostly two or three times in all; ties never overtake each other, so that
// no sequence number is stored. While all that is pending fits into front there
// are no buckets at all.
//
// Invariant: base <= last <= every record; those in buckets are not before end,
// those in front are, unless there are no buckets.
type Set struct {
	front  []Record
	first  int    // index in front of the next to leave
	last   uint64 // instant of the last to leave, or to which Pop has looked ahead
	end    uint64 // of front; what is before it goes there
	base   uint64
	filed  int // records in buckets
	levels uint64
	used   [levels]uint64
	bucket [levels][64]bucket
	spare  *chunk
}

const (
	digit  = 6
	levels = (56 + digit - 1) / digit
)

// level returns the level of an instant with the given difference from base.
func level(difference uint64) int { return (bits.Len64(difference|1) - 1) / digit }

// crowded is how many records front may hold before one that is not the last
// of them makes it spill: moving some of them is cheaper than filing it.
const crowded = 64

// bucket is a list of chunks of which all but the last are full.
type bucket struct{ head, tail *chunk }

// chunk is 512 bytes of records. Chunks go from bucket to bucket, the last one
// freed, still in the cache, first.
type chunk struct {
	next    *chunk
	n       int
	records [31]Record
}

// Len returns the number of records.
func (s *Set) Len() int { return len(s.front) - s.first + s.filed }

// Last returns the instant before which nothing can be pushed: that of the last
// record popped, or the limit of a Pop that found none.
func (s *Set) Last() uint64 { return s.last }

// Push adds r, which must not be before Last nor at End.
func (s *Set) Push(r Record) {
	if s.filed > 0 && r.At() >= s.end {
		s.file(r)
		return
	}
	n := len(s.front)
	ordered := n == s.first || s.front[n-1].At() <= r.At()
	if !ordered && n-s.first >= crowded {
		s.spill()
		s.file(r)
		return
	}
	if n == cap(s.front) {
		s.makeRoom()
		n = len(s.front)
	}
	s.front = append(s.front, r)
	if !ordered {
		i := n
		for ; i > s.first && s.front[i-1].At() > r.At(); i-- {
			s.front[i] = s.front[i-1]
		}
		s.front[i] = r
	}
}

// Pop removes the earliest record if it is before limit.
func (s *Set) Pop(limit uint64) (Record, bool) {
	if s.first == len(s.front) && !s.refill(limit) || s.front[s.first].At() >= limit {
		s.last = max(s.last, min(limit, End-1))
		return Record{}, false
	}
	r := s.front[s.first]
	s.first++
	s.last = r.At()
	return r, true
}

// makeRoom moves the records of front to its start if half of it has left, so
// that it need not grow.
func (s *Set) makeRoom() {
	if s.front == nil {
		s.front = make([]Record, 0, 4*crowded)
	} else if s.first >= len(s.front)/2 {
		s.front = s.front[:copy(s.front, s.front[s.first:])]
		s.first = 0
	}
}

// spill files all of front.
func (s *Set) spill() {
	s.base, s.end = s.last, s.last
	for _, r := range s.front[s.first:] {
		s.file(r)
	}
	s.front, s.first = s.front[:0], 0
}

func (s *Set) file(r Record) {
	l := level(r.At() ^ s.base)
	d := r.At() >> (digit * l) & 63
	b := &s.bucket[l][d]
	c := b.tail
	if c == nil || c.n == len(c.records) {
		c = s.extend(b)
		s.used[l] |= 1 << d
		s.levels |= 1 << l
	}
	c.records[c.n] = r
	c.n++
	s.filed++
}

// extend adds an empty chunk to b.
func (s *Set) extend(b *bucket) *chunk {
	if s.spare == nil {
		slab := make([]chunk, 16)
		for i := range slab {
			slab[i].next, s.spare = s.spare, &slab[i]
		}
	}
	c := s.spare
	s.spare, c.next, c.n = c.next, nil, 0
	if b.tail == nil {
		b.head = c
	} else {
		b.tail.next = c
	}
	b.tail = c
	return c
}

// remove takes a bucket out of the set; its chunks are still to be released.
func (s *Set) remove(l, d int) {
	s.bucket[l][d] = bucket{}
	if s.used[l] &^= 1 << d; s.used[l] == 0 {
		s.levels &^= 1 << l
	}
}

// release makes a chunk of a removed bucket spare and returns the one behind it.
func (s *Set) release(c *chunk) *chunk {
	next := c.next
	s.filed -= c.n
	c.next, s.spare = s.spare, c
	return next
}

// refill fills front, which is empty, from the first bucket, unless that starts
// at or after limit.
func (s *Set) refill(limit uint64) bool {
	s.front, s.first = s.front[:0], 0
	for s.levels != 0 {
		l := bits.TrailingZeros64(s.levels)
		d := bits.TrailingZeros64(s.used[l])
		width := uint64(1) << (digit * l)
		start := s.base&^(width<<digit-1) | uint64(d)*width
		if start >= limit {
			return false
		}
		s.base, s.end = start, start
		b := s.bucket[l][d]
		s.remove(l, d)
		if l == 0 || b.head == b.tail {
			for c := b.head; c != nil; c = s.release(c) {
				s.front = append(s.front, c.records[:c.n]...)
			}
			s.end += width
			if l > 0 { // else all are at one instant
				sortStable(s.front)
			}
			return true
		}
		for c := b.head; c != nil; c = s.release(c) {
			for _, r := range c.records[:c.n] {
				s.file(r)
			}
		}
	}
	return false
}

// sortStable sorts few records by insertion.
func sortStable(rs []Record) {
	for i := 1; i < len(rs); i++ {
		r := rs[i]
		j := i
		for ; j > 0 && rs[j-1].At() > r.At(); j-- {
			rs[j] = rs[j-1]
		}
		rs[j] = r
	}
}

// Filter removes the records that keep does not want. All others stay where they
// are, in their order.
func (s *Set) Filter(keep func(Record) bool) {
	front := s.front[:s.first]
	for _, r := range s.front[s.first:] {
		if keep(r) {
			front = append(front, r)
		}
	}
	s.front = front
	for l := range s.bucket {
		for used := s.used[l]; used != 0; used &= used - 1 {
			d := bits.TrailingZeros64(used)
			old := s.bucket[l][d]
			s.remove(l, d)
			for c := old.head; c != nil; c = s.release(c) {
				for _, r := range c.records[:c.n] {
					if keep(r) {
						s.file(r) // comes back to this bucket: base is the same
					}
				}
			}
		}
	}
}

// Reset removes all records and puts Last at an instant.
func (s *Set) Reset(last uint64) {
	for l := range s.bucket {
		for ; s.used[l] != 0; s.used[l] &= s.used[l] - 1 {
			b := &s.bucket[l][bits.TrailingZeros64(s.used[l])]
			b.tail.next, s.spare = s.spare, b.head
			*b = bucket{}
		}
	}
	s.front, s.first, s.filed, s.levels = s.front[:0], 0, 0, 0
	s.last, s.base, s.end = last, last, last
}
