package pending

import (
	"container/heap"
	"math/bits"
	"math/rand/v2"
	"strconv"
	"testing"
)

// queue is what Set is compared with.
type queue interface {
	Push(Record)
	Pop(limit uint64) (Record, bool)
}

var queues = []struct {
	name  string
	empty func() queue
}{
	{"set", func() queue { return new(Set) }},
	{"radix-heap", func() queue { return new(radixHeap) }},
	{"binary-heap", func() queue { return new(binaryHeap) }},
	{"container-heap", func() queue { return new(containerHeap) }},
}

// keyed is a record with the key that a heap compares: instant, then sequence.
type keyed struct {
	at, sequence uint64
	Record
}

func (k *keyed) before(l *keyed) bool {
	return k.at < l.at || k.at == l.at && k.sequence < l.sequence
}

// binaryHeap has its keys inline, moves a hole instead of swapping, and takes
// the last record down to the bottom before it rises.
type binaryHeap struct {
	heap     []keyed
	sequence uint64
}

func (q *binaryHeap) Push(r Record) {
	q.sequence++
	q.heap = append(q.heap, keyed{})
	q.rise(len(q.heap)-1, keyed{r.At(), q.sequence, r})
}

func (q *binaryHeap) rise(i int, k keyed) {
	for i > 0 && k.before(&q.heap[(i-1)/2]) {
		q.heap[i] = q.heap[(i-1)/2]
		i = (i - 1) / 2
	}
	q.heap[i] = k
}

func (q *binaryHeap) Pop(limit uint64) (Record, bool) {
	if len(q.heap) == 0 || q.heap[0].at >= limit {
		return Record{}, false
	}
	n := len(q.heap) - 1
	first, last := q.heap[0].Record, q.heap[n]
	h := q.heap[:n]
	q.heap = h
	i := 0
	for c := 1; c < n; c = 2*i + 1 {
		if c+1 < n && h[c+1].before(&h[c]) {
			c++
		}
		h[i] = h[c]
		i = c
	}
	if n > 0 {
		q.rise(i, last)
	}
	return first, true
}

// radixHeap has a bucket for each bit: bucket k holds what differs from last in
// bit k-1 and in none above it.
type radixHeap struct {
	buckets    [64]radixBucket
	used, last uint64
}

type radixBucket struct {
	records []Record
	least   uint64
	first   int
}

func (q *radixHeap) Push(r Record) {
	k := bits.Len64(r.At()^q.last) & 63
	b := &q.buckets[k]
	if len(b.records) == 0 || r.At() < b.least {
		b.least, b.first = r.At(), len(b.records)
		q.used |= 1 << k
	}
	b.records = append(b.records, r)
}

func (q *radixHeap) Pop(limit uint64) (Record, bool) {
	if q.used == 0 {
		return Record{}, false
	}
	k := bits.TrailingZeros64(q.used) & 63
	b := &q.buckets[k]
	if b.least >= limit {
		return Record{}, false
	}
	q.last = b.least
	if k > 0 && len(b.records) > 1 {
		q.used &^= 1 << k
		records := b.records
		b.records = b.records[:0]
		for _, r := range records {
			q.Push(r)
		}
		k, b = 0, &q.buckets[0]
	}
	r := b.records[b.first]
	if b.first++; b.first == len(b.records) {
		b.records = b.records[:0]
		q.used &^= 1 << k
	}
	return r, true
}

type containerHeap struct {
	heap     keyedHeap
	sequence uint64
}

type keyedHeap []keyed

func (h keyedHeap) Len() int           { return len(h) }
func (h keyedHeap) Less(i, j int) bool { return h[i].before(&h[j]) }
func (h keyedHeap) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *keyedHeap) Push(x any)        { *h = append(*h, x.(keyed)) }
func (h *keyedHeap) Pop() any {
	last := (*h)[len(*h)-1]
	*h = (*h)[:len(*h)-1]
	return last
}

func (q *containerHeap) Push(r Record) {
	q.sequence++
	heap.Push(&q.heap, keyed{r.At(), q.sequence, r})
}

func (q *containerHeap) Pop(limit uint64) (Record, bool) {
	if len(q.heap) == 0 || q.heap[0].at >= limit {
		return Record{}, false
	}
	return heap.Pop(&q.heap).(keyed).Record, true
}

// delays are drawn beforehand; a prime number of them, so that they do not
// repeat in step with the records.
func delays(draw func(*rand.Rand) uint64) []uint64 {
	random := rand.New(rand.NewPCG(1, 1))
	d := make([]uint64, 65_537)
	for i := range d {
		d[i] = draw(random)
	}
	return d
}

const hour = 3600e6 // µs

// mixed is the delays of autumn 2021 in package sim under Baseline, 4.6 million
// events: 83 % a household that tries again 12 hours later, 13 % a top-up or the
// end of credit within four weeks, the rest supply that comes back, half of it
// at once.
func mixed(r *rand.Rand) uint64 {
	switch u := r.Float64(); {
	case u < 0.83:
		return 12 * hour
	case u < 0.96:
		return uint64(r.Float64() * 28 * 24 * hour)
	case u < 0.98:
		return uint64(4.5 * hour)
	}
	return 0
}

// exponential is on average 1,000 s.
func exponential(r *rand.Rand) uint64 { return uint64(1e9 * r.ExpFloat64()) }

func benchmark(b *testing.B, pending []int, delays []uint64) {
	for _, n := range pending {
		for _, q := range queues {
			b.Run("pending="+strconv.Itoa(n)+"/"+q.name, func(b *testing.B) {
				q, next := q.empty(), 0
				delay := func() uint64 {
					if next++; next == len(delays) {
						next = 0
					}
					return delays[next]
				}
				for range n {
					q.Push(Record{When: delay() << 8})
				}
				step := func() {
					r, _ := q.Pop(End)
					r.When += delay() << 8
					q.Push(r)
				}
				for range 3 * n {
					step()
				}
				b.ReportAllocs()
				for b.Loop() {
					step()
				}
			})
		}
	}
}

// One operation is one record out and another in, an exponential delay later.
func BenchmarkHold(b *testing.B) {
	benchmark(b, []int{3, 30, 1e3, 1e5, 1e6}, delays(exponential))
}

// One operation is the same with the delays of package sim's own events.
func BenchmarkMix(b *testing.B) { benchmark(b, []int{1e5}, delays(mixed)) }

// The queues that Set is compared with do the same work.
func TestPeersAgree(t *testing.T) {
	for _, d := range [][]uint64{delays(exponential), delays(mixed)} {
		var want []Record
		for i, q := range queues {
			q := q.empty()
			for j := range uint32(3000) {
				q.Push(Record{When: d[j] << 8, Entity: j})
			}
			for j := range 20_000 {
				r, _ := q.Pop(End)
				q.Push(Record{When: r.When + d[(j*17+5)%len(d)]<<8, Entity: r.Entity})
				if i == 0 {
					want = append(want, r)
				} else if r != want[j] {
					t.Fatalf("%s: record %d is %v, want %v", queues[i].name, j, r, want[j])
				}
			}
		}
	}
}
