package duis_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"strconv"
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
	n := 1_000_000
	if s := os.Getenv("LASTRESORT_DEVICES"); s != "" {
		var err error
		if n, err = strconv.Atoi(s); err != nil {
			b.Fatal(err)
		}
	}
	heap := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
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
