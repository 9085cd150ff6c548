package sim

import (
	"context"
	"math"
	"math/bits"
	"os"
	"runtime"
	"testing"
	"time"

	"github.com/seed-db8551c1/lastresort/duis"
	"github.com/seed-db8551c1/lastresort/hold"
	"github.com/seed-db8551c1/lastresort/sim/des"
)

func autumnPlan(b *testing.B, scale float64) *plan { return planOf(b, "autumn-2021", scale) }

func planOf(b *testing.B, scenario string, scale float64) *plan {
	b.Helper()
	f, err := os.Open("scenario/" + scenario + ".json")
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	s, err := ParseScenario(f)
	if err != nil {
		b.Fatal(err)
	}
	p, err := (&Experiment{Scenario: s, Scale: scale, Seed: 1}).plan()
	if err != nil {
		b.Fatal(err)
	}
	return p
}

// BenchmarkReplication is autumn 2021 at one tenth, under one regime: its estate and World are made once.
func BenchmarkReplication(b *testing.B) {
	p := autumnPlan(b, 0.1)
	random := des.Source{Seed: 1}
	e, w, err := p.populate(context.Background(), random)
	if err != nil {
		b.Fatal(err)
	}
	for _, regime := range p.regimes {
		b.Run(regime.String(), func(b *testing.B) {
			events := uint64(0)
			for b.Loop() {
				r, err := newRun(p.cast, e, w, regime, random)
				if err == nil {
					err = r.execute(context.Background())
				}
				if err != nil {
					b.Fatal(err)
				}
				events += r.sim.Processed() + r.request
			}
			b.ReportMetric(float64(events)/b.Elapsed().Seconds(), "events/s")
		})
	}
}

// BenchmarkFilterRequest is one Service Request decided inside a run: the World is that of a tenth of autumn 2021, the meters come in no order.
func BenchmarkFilterRequest(b *testing.B) {
	p := autumnPlan(b, 0.1)
	random := des.Source{Seed: 1}
	e, w, err := p.populate(context.Background(), random)
	if err != nil {
		b.Fatal(err)
	}
	r, err := newRun(p.cast, e, w, hold.MP185, random)
	if err != nil {
		b.Fatal(err)
	}
	meters := e.first[8] - e.first[7] // of People's Energy
	f := &p.cast.failures[7]
	b.ReportAllocs()
	for i := uint32(0); b.Loop(); i++ {
		r.filter(f.supplier, p.cast.srps[f.srp].channel, topUpCommand, duis.SendCommand, e.first[7]+(i*2654435761)%meters)
	}
}

// The scales of great-britain at which it has about so many enrolled meters.
var countryScales = []struct {
	meters string
	scale  float64
}{{"100k", 0.00334}, {"1M", 0.0334}, {"10M", 0.334}, {"30M", 1}}

// BenchmarkEstate is making the estate of great-britain and the World that knows it, and what they hold for each meter. With -short the country is left out.
func BenchmarkEstate(b *testing.B) {
	for _, c := range countryScales {
		b.Run(c.meters, func(b *testing.B) {
			if testing.Short() && c.scale == 1 {
				b.Skip("takes 2 GB")
			}
			p := planOf(b, "great-britain", c.scale)
			before := heap()
			var e *estate
			var w *duis.World
			for b.Loop() {
				var err error
				if e, w, err = p.populate(context.Background(), des.Source{Seed: 1}); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(e.meters()), "ns/meter")
			b.ReportMetric(float64(heap()-before)/float64(e.meters()), "B/meter")
			runtime.KeepAlive(w)
		})
	}
}

// BenchmarkCountry is great-britain under MP185, its estate and World made once.
func BenchmarkCountry(b *testing.B) {
	for _, c := range countryScales {
		b.Run(c.meters, func(b *testing.B) {
			if testing.Short() && c.scale == 1 {
				b.Skip("takes 3 GB")
			}
			p := planOf(b, "great-britain", c.scale)
			random := des.Source{Seed: 1}
			e, w, err := p.populate(context.Background(), random)
			if err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				r, err := newRun(p.cast, e, w, hold.MP185, random)
				if err == nil {
					err = r.execute(context.Background())
				}
				if err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(e.meters()), "ns/meter")
		})
	}
}

// heap is the bytes in use after a collection.
func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// BenchmarkWorkers is how much faster replications of autumn-2021 at a twentieth, under all regimes, are on two workers than on one: 2 is twice. Beside it is a null workload on
// goroutines that share nothing, with the same memory traffic: for each event and request of a replication as many cache lines, one after the other and one of them written, of as much memory.
// What that loses, the machine has lost.
func BenchmarkWorkers(b *testing.B) {
	p := autumnPlan(b, 0.05)
	p.Workers = 1 // to draw an estate; below is how many replications run at a time
	before := heap()
	e, w, err := p.populate(context.Background(), p.source(0))
	if err != nil {
		b.Fatal(err)
	}
	size := (heap() - before) / 8
	runtime.KeepAlive(e)
	runtime.KeepAlive(w)
	lines := [2][]uint64{make([]uint64, size), make([]uint64, size)}
	events := uint64(0)
	replication := func(k int) {
		all, err := p.replicate(context.Background(), k)
		if err != nil {
			b.Error(err)
		}
		if k == 0 {
			for _, r := range all {
				events += r.Events
			}
		}
	}
	replication(0)
	const linesAnEvent = 4 // of index, device and point, account; what else an event needs is in the caches
	null := func(k int) {
		own := lines[k%2]
		x := uint64(k)*2 + 1
		for range events {
			at := uint64(0)
			for range linesAnEvent {
				x = (x+own[at])*6364136223846793005 + 1442695040888963407
				at, _ = bits.Mul64(x, uint64(len(own)))
			}
			own[at]++
		}
	}
	// once is how long two of the work take on a number of workers.
	once := func(work func(k int), workers int) time.Duration {
		runtime.GC()
		start := time.Now()
		_ = sideBySide(context.Background(), workers, 2, func(_ context.Context, i int) error { work(i + 1); return nil })
		return time.Since(start)
	}
	type pair struct{ one, two time.Duration }
	least := func(x *pair, work func(k int)) {
		x.one, x.two = min(x.one, once(work, 1)), min(x.two, once(work, 2))
	}
	for b.Loop() {
		sim, idle := pair{math.MaxInt64, math.MaxInt64}, pair{math.MaxInt64, math.MaxInt64}
		for range 8 { // the least disturbed of several, one after the other
			least(&sim, replication)
			least(&idle, null)
		}
		scaling := func(x pair) float64 { return float64(x.one) / float64(x.two) }
		b.ReportMetric(scaling(sim), "scaling")
		b.ReportMetric(scaling(idle), "null-scaling")
		b.ReportMetric(scaling(sim)/scaling(idle), "of-null")
		b.ReportMetric(float64(sim.one)/float64(idle.one), "of-null-time")
	}
}
