package des_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/seed-db8551c1/lastresort/sim/des"
)

const (
	gap des.Purpose = iota
	work
)

const (
	arrival des.Kind = iota
	departure
)

// station is a single server with an unlimited queue: customers arrive at
// random, 0.9 a second, are served first come, first served, and need a second
// each on average (M/M/1).
type station struct {
	src       des.Source
	customers uint32
	warmUp    uint32 // customers left out of the figures

	des.Simulation
	arrived   []des.Time // by customer
	waits     []des.Time // by customer, from arrival to start of service
	inSystem  des.TimeWeighted
	busy      des.TimeWeighted
	sojourn   des.Tally // seconds
	occupants int
}

func (m *station) gap(c uint32) des.Time {
	return des.FromSeconds(m.src.Exp(gap, uint64(c), 0) / 0.9)
}

func (m *station) work(c uint32) des.Time {
	return des.FromSeconds(m.src.Exp(work, uint64(c), 0))
}

func (m *station) run() {
	m.Schedule(m.gap(0), arrival, 0)
	for e, ok := m.Next(); ok; e, ok = m.Next() {
		switch e.Kind {
		case arrival:
			if e.Entity == m.warmUp {
				m.inSystem.Restart(e.At)
				m.busy.Restart(e.At)
			}
			m.arrived = append(m.arrived, e.At)
			if m.occupants++; m.occupants == 1 {
				m.serve(e.Entity)
			}
			if next := e.Entity + 1; next < m.customers {
				m.Schedule(e.At+m.gap(next), arrival, next)
			}
		case departure:
			if e.Entity >= m.warmUp {
				m.sojourn.Add((e.At - m.arrived[e.Entity]).Seconds())
			}
			if m.occupants--; m.occupants > 0 {
				m.serve(e.Entity + 1)
			}
		}
		m.inSystem.Set(e.At, float64(m.occupants))
		m.busy.Set(e.At, float64(min(m.occupants, 1)))
	}
}

func (m *station) serve(c uint32) {
	m.waits = append(m.waits, m.Now()-m.arrived[c])
	m.Schedule(m.Now()+m.work(c), departure, c)
}

// The kernel against queueing theory: mean time in system 1/(mu-lambda) = 10,
// mean number in it 9, server busy 0.9 of the time.
func TestMM1AgreesWithTheory(t *testing.T) {
	const replications = 20
	var sojourn, inSystem, busy des.Tally
	for k := range uint64(replications) {
		m := station{src: des.Source{Seed: 1, Replication: k}, customers: 45_000, warmUp: 5_000}
		m.run()
		if err := m.Err(); err != nil {
			t.Fatal(err)
		}
		sojourn.Add(m.sojourn.Mean())
		inSystem.Add(m.inSystem.Mean(m.Now()))
		busy.Add(m.busy.Mean(m.Now()))
	}
	for _, test := range []struct {
		name        string
		got         des.Tally
		want, width float64 // width: the interval must be narrow enough to say something
	}{
		{"time in system", sojourn, 10, 1.2},
		{"number in system", inSystem, 9, 1.2},
		{"share of time busy", busy, 0.9, 0.01},
	} {
		// 3.883 is the 0.9995 quantile of Student's t at 19 degrees of freedom.
		half := 3.883 * math.Sqrt(test.got.Variance()/replications)
		t.Logf("%s: %.3f ± %.3f", test.name, test.got.Mean(), half)
		if math.Abs(test.got.Mean()-test.want) > half || half > test.width {
			t.Errorf("%s: %.4f ± %.4f, theory says %v", test.name, test.got.Mean(), half, test.want)
		}
	}
}

// Lindley's recursion on the same draws gives every waiting time, to the
// microsecond: W(n+1) = max(0, W(n) + S(n) - A(n+1)).
func TestMM1AgreesWithLindley(t *testing.T) {
	m := station{src: des.Source{Seed: 7}, customers: 100_000}
	m.run()
	if len(m.waits) != int(m.customers) {
		t.Fatalf("%d customers served, want %d", len(m.waits), m.customers)
	}
	wait := des.Time(0)
	for c, got := range m.waits {
		if c > 0 {
			wait = max(0, wait+m.work(uint32(c-1))-m.gap(uint32(c)))
		}
		if got != wait {
			t.Fatalf("customer %d waited %v, the recursion says %v", c, got, wait)
		}
	}
}

// The same run has the same fingerprint, fresh or after Reset, whatever other
// replications ran before; another replication has another.
func TestRunsRepeat(t *testing.T) {
	fingerprint := func(m *station, k uint64) uint64 {
		m.src = des.Source{Seed: 7, Replication: k}
		m.run()
		return m.Fingerprint()
	}
	alone := fingerprint(&station{customers: 1000}, 2)
	again := station{customers: 1000}
	if fingerprint(&again, 1) == alone {
		t.Error("replications 1 and 2 have the same fingerprint")
	}
	again.Reset()
	again.arrived, again.waits, again.occupants = nil, nil, 0
	if got := fingerprint(&again, 2); got != alone {
		t.Errorf("replication 2 has fingerprint %#x after Reset, %#x alone", got, alone)
	}
}

// A shop with one till: how long do customers stay?
func Example() {
	var (
		s       des.Simulation
		src     = des.Source{Seed: 2021}
		arrived []des.Time // by customer
		inShop  int
		stay    des.Tally // seconds
	)
	serve := func(c uint32) { s.Schedule(s.Now()+des.FromSeconds(src.Exp(work, uint64(c), 0)), departure, c) }
	s.Schedule(0, arrival, 0)
	for e, ok := s.NextBefore(7 * des.Day); ok; e, ok = s.NextBefore(7 * des.Day) {
		switch e.Kind {
		case arrival:
			arrived = append(arrived, e.At)
			if inShop++; inShop == 1 {
				serve(e.Entity)
			}
			next := e.Entity + 1
			s.Schedule(e.At+des.FromSeconds(src.Exp(gap, uint64(next), 0)/0.9), arrival, next)
		case departure:
			stay.Add((e.At - arrived[e.Entity]).Seconds())
			if inShop--; inShop > 0 {
				serve(e.Entity + 1)
			}
		}
	}
	if err := s.Err(); err != nil {
		fmt.Println(err)
	}
	fmt.Printf("%d customers stayed %.1f s on average; theory says 10\n", stay.Count(), stay.Mean())
	// Output: 543771 customers stayed 9.7 s on average; theory says 10
}
