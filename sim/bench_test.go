package sim

import (
	"context"
	"os"
	"testing"

	"github.com/seed-db8551c1/lastresort/duis"
	"github.com/seed-db8551c1/lastresort/hold"
	"github.com/seed-db8551c1/lastresort/sim/des"
)

func autumnPlan(b *testing.B, scale float64) *plan {
	b.Helper()
	f, err := os.Open("scenario/autumn-2021.json")
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

// BenchmarkEstate is the estate of a tenth of autumn 2021, and the World that knows it.
func BenchmarkEstate(b *testing.B) {
	p := autumnPlan(b, 0.1)
	for b.Loop() {
		if _, _, err := p.populate(context.Background(), des.Source{Seed: 1}); err != nil {
			b.Fatal(err)
		}
	}
}
