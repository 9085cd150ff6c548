package des_test

import (
	"fmt"

	"github.com/seed-db8551c1/lastresort/sim/des"
)

// M/M/1: a shop with one till, busy 0.9 of the time. How long do customers
// queue, once it has been open for a day?
func Example() {
	var s des.Simulation
	src, till := des.Source{Seed: 2021}, des.NewResource(&s, 1)
	s.At(des.Day, till.Restart)
	s.Schedule(0, arrival, 0)
	for e, ok := s.NextBefore(8 * des.Day); ok; e, ok = s.NextBefore(8 * des.Day) {
		switch e.Kind {
		case arrival:
			till.Request(service, e.Entity, 0)
			s.Schedule(e.At+des.FromSeconds(src.Exp(gap, uint64(e.Entity), 0)/0.9), arrival, e.Entity+1)
		case service:
			s.Schedule(e.At+des.FromSeconds(src.Exp(work, uint64(e.Entity), 0)), departure, e.Entity)
		case departure:
			till.Release()
		}
	}
	fmt.Printf("%d customers waited %.2f s on average; theory says 9\n", till.Waits.Count(), till.Waits.Mean())
	fmt.Printf("%.2f of them at a time; the till was busy %.3f of the time\n", till.Queue.Mean(s.Now()), till.InUse.Mean(s.Now()))
	fmt.Printf("fingerprint %016x, error %v\n", s.Fingerprint(), s.Err())
	// Output:
	// 543793 customers waited 8.67 s on average; theory says 9
	// 7.80 of them at a time; the till was busy 0.900 of the time
	// fingerprint 1b9c0025f089c9cf, error <nil>
}

// A meter needs an engineer, and there are two until six o'clock, then one. What
// an engineer does is written as it happens.
func ExampleProcess() {
	var s des.Simulation
	defer s.Reset()
	engineers := des.NewResource(&s, 2)
	s.At(18*des.Hour, func() { engineers.SetCapacity(1) })
	for i, at := range []des.Time{8 * des.Hour, 9 * des.Hour, 10 * des.Hour, 17 * des.Hour, 17 * des.Hour, 19 * des.Hour} {
		s.Start(fmt.Sprint("job ", i), func(p *des.Process) {
			p.Hold(at)
			p.Seize(engineers, 0)
			p.Hold(3 * des.Hour)
			engineers.Release()
			fmt.Println("job", i, "is done after", s.Now())
		})
	}
	s.Next()
	fmt.Printf("longest wait %v\n", des.FromSeconds(engineers.Waits.Max()))
	// Output:
	// job 0 is done after 11h0m0s
	// job 1 is done after 12h0m0s
	// job 2 is done after 14h0m0s
	// job 3 is done after 20h0m0s
	// job 4 is done after 20h0m0s
	// job 5 is done after 23h0m0s
	// longest wait 1h0m0s
}

// Replications are a loop, with the number of each in the Source; here until
// the mean is known to 2 %. A station is M/M/1 as above, half busy. To use more cores, run some in other goroutines and
// merge the tallies.
func ExampleTally_HalfWidth() {
	var waits des.Tally
	var all des.Quantiles
	for k := uint64(0); k < 10 || waits.HalfWidth() > 0.02*waits.Mean(); k++ {
		m := station{src: des.Source{Seed: 5, Replication: k}, customers: 11_000, warmUp: 1_000}
		m.run()
		waits.Add(m.desk.Waits.Mean())
		all.Add(m.desk.Waits.Max())
	}
	fmt.Printf("mean wait %.3f ± %.3f s from %d replications; theory says 1\n", waits.Mean(), waits.HalfWidth(), waits.Count())
	fmt.Printf("in half of them somebody waited %.0f s\n", all.At(0.5))
	// Output:
	// mean wait 1.015 ± 0.020 s from 47 replications; theory says 1
	// in half of them somebody waited 15 s
}
