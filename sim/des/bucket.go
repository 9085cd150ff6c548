package des

import "math/bits"

// bucket holds records in the order in which they came.
type bucket struct {
	records []record
	least   uint64 // earliest instant in records
	first   int    // index of the first record at least; in bucket 0, of the next to leave
}

// smallBucket is the capacity up to which an empty bucket keeps its array, in
// records: 16 KiB.
const smallBucket = 1 << 10

// spares holds arrays that no bucket uses, by the logarithm of their capacity.
// As the clock goes on, records pass through one bucket after the other; if
// each kept the room of its fullest moment, together they would keep many times
// what is pending.
type spares [48][][]record

// widen doubles the capacity of b.
func (b *bucket) widen(s *spares) {
	old := b.records
	class := bits.Len(uint(max(cap(old), 8)))
	if n := len(s[class]); n > 0 {
		b.records = s[class][n-1]
		s[class] = s[class][:n-1]
	} else {
		b.records = make([]record, 0, 1<<class)
	}
	b.records = append(b.records, old...)
	s.put(old)
}

// recycle gives away the array of b, which is empty, if it is a large one.
func (b *bucket) recycle(s *spares) {
	if cap(b.records) > smallBucket {
		s.put(b.records)
		b.records = nil
	}
}

func (s *spares) put(records []record) {
	if cap(records) > 0 {
		class := bits.Len(uint(cap(records))) - 1
		s[class] = append(s[class], records[:0])
	}
}
