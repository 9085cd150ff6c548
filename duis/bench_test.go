package duis_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/sha256"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/seed-db8551c1/lastresort/duis"
	"github.com/seed-db8551c1/lastresort/smki"
)

// estate is the sample with n electricity meters more, each at its own metering point. Its random identifiers are the same in every run.
func estate(t fataler, n int) (*duis.World, []smki.EUI64) {
	e := sample().world(t).Edit()
	e.Grow(n, n)
	random := rand.New(rand.NewPCG(1, 2))
	ids := make([]smki.EUI64, n)
	for i := range ids {
		ids[i] = smki.EUI64(random.Uint64() | 1)
		p := mpan + 1 + duis.MPxN(i)
		must(t, e.Register(p, start, "AVRO"), e.SetDevice(duis.Device{ID: ids[i], Type: duis.ESME, Status: duis.Commissioned, Import: p}))
	}
	return e.World(), ids
}

// One operation is one decision that accepts a top-up: of one device again and again, or of 100,000 devices in random order.
// The baseline answers the same question from plain Go maps.
func BenchmarkDecide(b *testing.B) {
	for _, n := range []int{1, 100_000} {
		w, ids := estate(b, n)
		plain := plainWorldOf(sample(), ids)
		order := rand.New(rand.NewPCG(3, 4)).Perm(n)
		c := topUp()
		r := c.on(w)
		b.Run(fmt.Sprintf("devices=%d/world", n), func(b *testing.B) {
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				r.ID.Target = ids[order[i]]
				if i++; i == n {
					i = 0
				}
				if d := duis.Decide(w, r, now); d.Outcome != duis.Accepted {
					b.Fatal(explain(d, w))
				}
			}
		})
		b.Run(fmt.Sprintf("devices=%d/maps", n), func(b *testing.B) {
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				c.ID.Target = ids[order[i]]
				if i++; i == n {
					i = 0
				}
				if !plain.accepts(c, now) {
					b.Fatal("the baseline refuses")
				}
			}
		})
	}
}

// One operation is one decision on one of 30 million devices, the national inventory, in random order. It takes a while and 2 GiB to build, so it runs only if LASTRESORT_DEVICES
// says how many devices there are to be: LASTRESORT_DEVICES=30000000.
func BenchmarkDecide30M(b *testing.B) {
	n := deviceCount(b, 0)
	if n == 0 {
		b.Skip("set LASTRESORT_DEVICES=30000000")
	}
	before := heap()
	w, ids := estate(b, n)
	b.Logf("%.1f bytes a device, index and registration included", float64(heap()-before-uint64(8*n))/float64(n))
	order := make([]uint32, 1<<20) // all over the inventory, and itself in cache
	random := rand.New(rand.NewPCG(3, 4))
	for i := range order {
		order[i] = uint32(random.IntN(n))
	}
	r := topUp().on(w)
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		r.ID.Target = ids[order[i&(len(order)-1)]]
		i++
		if d := duis.Decide(w, r, now); d.Outcome != duis.Accepted {
			b.Fatal(explain(d, w))
		}
	}
}

// deviceCount is how many devices LASTRESORT_DEVICES asks for.
func deviceCount(b *testing.B, otherwise int) int {
	s := os.Getenv("LASTRESORT_DEVICES")
	if s == "" {
		return otherwise
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 {
		b.Fatalf("LASTRESORT_DEVICES is %q, expected a number of devices", s)
	}
	return n
}

// heap is how many bytes are in use.
func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// One operation is the verification of one signature: the limit that no gate can go below.
func BenchmarkECDSAVerify(b *testing.B) {
	s := signedSample(b)
	digest := sha256.Sum256([]byte("message"))
	key := s.avro.XMLSign.Key
	signature, err := key.Sign(nil, digest[:], crypto.SHA256)
	must(b, err)
	b.ReportAllocs()
	for b.Loop() {
		if !ecdsa.VerifyASN1(&key.PublicKey, digest[:], signature) {
			b.Fatal("not verified")
		}
	}
}

// One operation is one message of the median size of the published ones, from its bytes to its verdict: parse, canonicalise, digest, look up the certificate, verify, decide, and count.
func BenchmarkGate(b *testing.B) {
	s := signedSample(b)
	s.thresholds = []duis.Threshold{{User: avro, Warning: 1 << 40, Quarantine: 1 << 40}}
	w := s.world(b)
	all := make([]duis.Arrival, 1024)
	for i := range all {
		m := s.topUp(uint64(i + 1))
		m.srv, m.body = duis.DisplayMessage, duis.Body("<sr:DisplayMessage><sr:SupplierMessage>"+strings.Repeat("your supplier has failed; ", 3)+"</sr:SupplierMessage></sr:DisplayMessage>")
		all[i] = m.arrival(b)
	}
	if n := len(all[0].Message); n < 1550 || n > 1650 {
		b.Fatalf("%d bytes, expected the median of 1592", n)
	}
	g := gate(w)
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		if i == len(all) { // from the start, with an empty memory
			i = 0
			g.Begin()
		}
		if v := g.Decide(all[i]); v.Outcome != duis.Accepted {
			b.Fatal(explainVerdict(v))
		}
		i++
	}
}

// Two goroutines decide, each on its own requests all over 100,000 devices, while a third publishes new Worlds; beside it, two that read the same amount of memory at random. The metric is how
// many times the work of one goroutine two do, in nanoseconds of one over nanoseconds of two for one operation of each.
func BenchmarkReaders(b *testing.B) {
	const n = 100_000
	first, ids := estate(b, n)
	order := rand.New(rand.NewPCG(3, 4)).Perm(n)
	var world atomic.Pointer[duis.World]
	world.Store(first)
	request := topUp().on(first)
	lines := make([]uint64, 1<<20) // 8 MiB: what the decisions above spread over
	decide := func(from, count int) {
		r := *request
		for i := range count {
			r.ID.Target = ids[order[(from+i)%n]]
			if d := duis.Decide(world.Load(), &r, now); d.Outcome != duis.Accepted {
				b.Error(explain(d, first))
				return
			}
		}
	}
	var sum atomic.Uint64
	null := func(from, count int) {
		var s uint64
		x := uint64(from)*2 + 1
		for range count {
			for range 8 { // cache lines that a decision touches
				x = x*6364136223846793005 + 1442695040888963407
				s += lines[x>>44]
			}
		}
		sum.Add(s)
	}
	// once is how long a number of goroutines take for as many operations each.
	once := func(work func(from, count int), goroutines, count int) time.Duration {
		var group sync.WaitGroup
		start := time.Now()
		for g := range goroutines {
			group.Go(func() { work(g*n/2, count) })
		}
		group.Wait()
		return time.Since(start)
	}
	scaling := func(work func(from, count int), count int) (best float64) {
		one, two := time.Duration(math.MaxInt64), time.Duration(math.MaxInt64)
		for range 7 { // the least disturbed of several, one after the other
			one, two = min(one, once(work, 1, count)), min(two, once(work, 2, count))
		}
		return 2 * float64(one) / float64(two)
	}
	for b.Loop() {
		stop, done := make(chan struct{}), make(chan struct{})
		go func() {
			defer close(done)
			tick := time.NewTicker(10 * time.Millisecond) // a hundred versions a second
			defer tick.Stop()
			for w := first; ; {
				select {
				case <-stop:
					return
				case <-tick.C:
				}
				e := w.Edit()
				must(b, e.Register(mpan+1+duis.MPxN(rand.IntN(n)), now.Add(time.Hour), "OCTO"))
				w = e.World()
				world.Store(w)
			}
		}()
		decisions := scaling(decide, 300_000)
		close(stop)
		<-done
		nulls := scaling(null, 300_000)
		b.ReportMetric(decisions, "decisions-x")
		b.ReportMetric(nulls, "null-x")
		b.ReportMetric(decisions/nulls, "of-null")
	}
}

// plainWorld is what one would write first: a map for each table, and the checks of a device request, without reasons or evidence.
type plainWorld struct {
	users         map[smki.EUI64]smki.User
	certs         map[smki.CertificateID]certFact
	mpids         map[smki.MPID]mpidFact
	devices       map[smki.EUI64]duis.Device
	registrations map[duis.MPxN][]registrationFact
	policy        *duis.Policy
}

func plainWorldOf(f *facts, ids []smki.EUI64) *plainWorld {
	w := &plainWorld{make(map[smki.EUI64]smki.User), make(map[smki.CertificateID]certFact), make(map[smki.MPID]mpidFact),
		make(map[smki.EUI64]duis.Device, len(ids)), make(map[duis.MPxN][]registrationFact, len(ids)), duis.DefaultPolicy()}
	for _, u := range f.users {
		w.users[u.ID] = u
	}
	for _, c := range f.certs {
		w.certs[c.ID] = c
	}
	for _, m := range f.mpids {
		w.mpids[m.id] = m
	}
	for i, id := range ids {
		p := mpan + 1 + duis.MPxN(i)
		w.devices[id] = duis.Device{ID: id, Type: duis.ESME, Status: duis.Commissioned, Import: p}
		w.registrations[p] = []registrationFact{{p, start, "AVRO"}}
	}
	return w
}

func (w *plainWorld) accepts(c *call, at time.Time) bool {
	good := func(id smki.CertificateID, use smki.CertificateUse, subject smki.EUI64) bool {
		x, ok := w.certs[id]
		return ok && x.Use == use && (subject == 0 || x.Subject == subject) && (x.revoked.IsZero() || at.Before(x.revoked)) && x.StatusAt(at, nil) == smki.Good
	}
	u, known := w.users[c.ID.Originator]
	d, there := w.devices[c.ID.Target]
	if !good(c.channel, smki.DCCKI, 0) || !good(c.xmlSign, smki.XMLSign, c.ID.Originator) || !c.Variant.Allows(c.SRV) || c.Variant.Service() != c.Service ||
		!known || u.Suspended || !there || !w.policy.Statuses[c.SRV].Has(d.Status) {
		return false
	}
	for _, role := range []smki.UserRole{smki.ImportSupplier, smki.GasSupplier} {
		if (u.Roles & c.SRV.Roles()).Has(role) {
			all := w.registrations[point(&d, role)]
			for i := len(all) - 1; i >= 0; i-- {
				if !at.Before(all[i].from) {
					history := w.mpids[all[i].mpid].history
					for k := len(history) - 1; k >= 0; k-- {
						if !at.Before(history[k].From) {
							if history[k].Party == u.Party {
								return true
							}
							break
						}
					}
					break
				}
			}
		}
	}
	return false
}

// One operation builds a world of a million electricity meters, each registered at its own metering point; LASTRESORT_DEVICES=30000000 makes it the
// national estate. The metric is what the world keeps on the heap.
func BenchmarkWorldMemory(b *testing.B) {
	n := deviceCount(b, 1_000_000)
	for b.Loop() {
		before := heap()
		w, ids := estate(b, n)
		kept := heap() - before - uint64(8*len(ids))
		b.ReportMetric(float64(kept)/float64(n), "bytes/device")
		runtime.KeepAlive(ids)
		runtime.KeepAlive(w)
	}
}

// One operation publishes the next version of a world of a million devices, with one or a thousand registrations more.
func BenchmarkEdit(b *testing.B) {
	const n = 1_000_000
	w, _ := estate(b, n)
	for _, registrations := range []int{1, 1000} {
		b.Run(fmt.Sprintf("registrations=%d", registrations), func(b *testing.B) {
			b.ReportAllocs()
			random := rand.New(rand.NewPCG(5, 6))
			next := w
			for b.Loop() {
				e := next.Edit()
				for range registrations {
					must(b, e.Register(mpan+1+duis.MPxN(random.IntN(n)), now, "OCTO"))
				}
				next = e.World()
			}
		})
	}
}
