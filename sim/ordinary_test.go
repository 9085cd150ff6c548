package sim

import (
	"context"
	"errors"
	"math"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/seed-db8551c1/lastresort/hold"
	"github.com/seed-db8551c1/lastresort/smki"
)

// withOthers is a failure of so many customers, and a SoLR and another supplier with as many each.
func withOthers(customers int) *Scenario {
	s := one(customers)
	s.Suppliers = []Supplier{{Name: s.Failures[0].SoLR, Domestic: customers}, {Name: "Bystander", Domestic: customers, Fuels: GasOnly}}
	return s
}

// A failure does the same to its households whether or not the suppliers that do not fail have meters in the simulation; what these do is the same under every regime.
func TestOthersChangeNothing(t *testing.T) {
	alone, err := (&Experiment{Scenario: one(3000), Seed: 5}).Replicate(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	among, err := (&Experiment{Scenario: withOthers(3000), Seed: 5}).Replicate(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	for i := range alone {
		for _, m := range Metrics() {
			a, b := alone[i].Value(m.Name), among[i].Value(m.Name)
			if m.Name == metrics[ordinaryTopUps].Name {
				if first := among[0].Value(m.Name); a != 0 || b < 100 || b != first {
					t.Errorf("%v: %v ordinary top-ups without ordinary meters, %v with them, %v under %v", alone[i].Regime, a, b, first, among[0].Regime)
				}
			} else if a != b && !(math.IsNaN(a) && math.IsNaN(b)) {
				t.Errorf("%v: %s is %v, and %v among others", alone[i].Regime, m.Name, a, b)
			}
		}
		if among[i].Meters <= alone[i].Meters {
			t.Errorf("%v: %d meters, with those of others %d", alone[i].Regime, alone[i].Meters, among[i].Meters)
		}
	}
}

// Ordinary meters are topped up by what they spend: where credit is uniform over one top-up to begin with, the mean number in n days is n days' spend over the amount.
func TestOrdinaryTopUps(t *testing.T) {
	for _, c := range []struct {
		set  map[string]float64
		want float64 // a meter and day
	}{
		{nil, 0.16},
		{map[string]float64{"top-up-amount": 1, "credit-max": 2}, 1.6}, // more than one a day
		{map[string]float64{"comms-failure": 1}, 0},
		{map[string]float64{"top-ups": 0}, 0},
	} {
		set := with(everyHome, map[string]float64{"spend-spread": 0, "comms-failure": 0, "horizon": 30, "spend-electricity": 1.6, "spend-gas": 1.6, "season-electricity": 0, "season-gas": 0}, c.set)
		p, err := (&Experiment{Scenario: withOthers(2000), Assumptions: set}).plan()
		if err != nil {
			t.Fatal(err)
		}
		all, err := p.replicate(t.Context(), 0)
		if err != nil {
			t.Fatal(err)
		}
		const meters = 3 * 2000 // two of each customer of the SoLR, and one of each of the other's
		days := float64(p.cast.calendar.day(p.cast.end-1) + 1)
		want := c.want * meters * days
		if got := all[0].Value("ordinary_top_ups"); math.Abs(got-want) > 5*math.Sqrt(meters)/2 || (want == 0) != (got == 0) {
			t.Errorf("%v: %v top-ups in %v days, want about %v", c.set, got, days, want)
		}
	}
}

// The estate is that of its customers drawn one after the other. It does not depend on how many goroutines draw it, and what is drawn of the first customers not on the scale.
func TestEstateIsTheSame(t *testing.T) {
	x := &Experiment{Scenario: withOthers(3*blockCustomers + 1), Seed: 3}
	p, err := x.plan()
	if err != nil {
		t.Fatal(err)
	}
	one, err := p.cast.sample(t.Context(), p.source(2), 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range []int{2, 7} {
		if many, err := p.cast.sample(t.Context(), p.source(2), n); err != nil || !reflect.DeepEqual(one, many) {
			t.Errorf("another estate with %d goroutines (error %v)", n, err)
		}
	}
	var meters []traits
	for i := range p.cast.portfolios() {
		for k := range 3*blockCustomers + 1 {
			d := p.cast.draw(p.source(2), p.cast.portfolio(i), uint64(i)<<32|uint64(k), true)
			for _, fuel := range smki.Fuels {
				if d.has(fuel) {
					meters = append(meters, d.traits(fuel))
				}
			}
		}
	}
	if !slices.Equal(one.traits, meters) {
		t.Errorf("the meters are not those of the customers in their order")
	}
	x.Scale = 0.25
	if p, err = x.plan(); err != nil {
		t.Fatal(err)
	}
	small, err := p.cast.sample(t.Context(), p.source(2), 2)
	if err != nil {
		t.Fatal(err)
	}
	for i := range p.cast.portfolios() {
		n := small.first[i+1] - small.first[i]
		if n < blockCustomers/8 || !reflect.DeepEqual(small.traits[small.first[i]:small.first[i+1]], one.traits[one.first[i]:one.first[i]+n]) {
			t.Errorf("portfolio %d: %d meters at a quarter, not the first of all", i, n)
		}
	}
	if n := len(small.spend); n == 0 || !reflect.DeepEqual(small.spend, one.spend[:n]) || !reflect.DeepEqual(small.credit, one.credit[:n]) {
		t.Errorf("spend or credit of the first %d prepayment meters differs with the scale", n)
	}
}

// Every enrolled meter is in the World, registered to its supplier, and stands where its traits say.
func TestEveryMeterIsInTheWorld(t *testing.T) {
	p, err := (&Experiment{Scenario: withOthers(4000)}).plan()
	if err != nil {
		t.Fatal(err)
	}
	e, w, err := p.populate(t.Context(), p.source(0))
	if err != nil {
		t.Fatal(err)
	}
	if w.NumDevices() != e.meters() || e.meters() < 3000 || len(e.prepay) >= e.meters()/2 {
		t.Errorf("%d devices, %d meters, of which %d of the failed supplier", w.NumDevices(), e.meters(), len(e.prepay))
	}
	if p.cast.others[0].supplier != p.cast.solrs[0] || p.cast.others[1].supplier == p.cast.solrs[0] {
		t.Error("the supplier that is SoLR is another party than the one with customers of its own")
	}
	prepay := 0
	for i := range p.cast.portfolios() {
		for m := e.first[i]; m < e.first[i+1]; m++ {
			fuel := e.traits[m].fuel()
			d, ok := w.Device(device(m))
			r, registered := w.Registration(point(m, fuel), p.cast.calendar.time(0).Add(time.Hour))
			if !ok || !registered || d.SMETS1 != e.traits[m].has(isSMETS1) || (d.Gas != 0) != (fuel == smki.Gas) || r.MPID != p.cast.portfolio(i).supplier.mpids[fuel] {
				t.Fatalf("meter %d of portfolio %d: device %+v, registration %+v", m, i, d, r)
			}
			if i > 0 && e.traits[m].has(isPrepayment) {
				prepay++
			}
		}
	}
	if n := len(e.ordinary.spend); n != prepay || n == 0 {
		t.Errorf("%d ordinary meters, want %d", n, prepay)
	}
	for _, g := range e.ordinary.groups {
		if t0 := e.traits[g.meter]; g.first < g.end && (t0.fuel() != g.fuel || !t0.has(isPrepayment) || g.meter < e.first[g.portfolio] || g.meter >= e.first[g.portfolio+1]) {
			t.Errorf("meter %d does not stand for the %v meters of portfolio %d", g.meter, g.fuel, g.portfolio)
		}
	}
}

// A top-up of an ordinary meter needs its supplier's certificates: the filter is asked.
func TestOrdinaryTopUpsAreDecided(t *testing.T) {
	p, err := (&Experiment{Scenario: withOthers(1000)}).plan()
	if err != nil {
		t.Fatal(err)
	}
	e, w, err := p.populate(t.Context(), p.source(0))
	if err != nil {
		t.Fatal(err)
	}
	r, err := newRun(p.cast, e, w, hold.MP185, p.source(0))
	if err != nil {
		t.Fatal(err)
	}
	for i := range r.ordinary.groups {
		if g := &r.ordinary.groups[i]; g.first < g.end && !r.ordinaryAccepted(g) {
			t.Errorf("top-ups of portfolio %d are not accepted", g.portfolio)
		}
	}
	r.portfolio(1).supplier.xmlSign = 0
	if g := &r.ordinary.groups[0]; r.ordinaryAccepted(g) {
		t.Error("top-ups signed with no certificate are accepted")
	}
}

// Making an estate and its World stops when the context is done.
func TestCancelWhilePopulating(t *testing.T) {
	p, err := (&Experiment{Scenario: withOthers(100)}).plan()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := p.cast.sample(ctx, p.source(0), 2); !errors.Is(err, context.Canceled) {
		t.Errorf("drawing: %v", err)
	}
	e, err := p.cast.sample(t.Context(), p.source(0), 2)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := e.register(ctx, p.cast); !errors.Is(err, context.Canceled) {
		t.Errorf("registering: %v", err)
	}
}
