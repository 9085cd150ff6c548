package sim

import (
	"github.com/seed-db8551c1/lastresort/duis"
	"github.com/seed-db8551c1/lastresort/sim/des"
	"github.com/seed-db8551c1/lastresort/smki"
)

// Meters that no failure touches: those in prepayment mode of suppliers that do not fail. What they do is the same every day, so that it is a pass over their columns, day by day, and no events.
// Whether they lose supply, or switch, is not asked: it is the same under every regime, and in no difference between two. A top-up that does not reach a meter has its own chance each day, without the spells that
// meters of failed suppliers are out of reach for: over days the number of top-ups is the same.

// ordinary is these meters as columns. Meters of one supplier and fuel are together.
type ordinary struct {
	groups []ordinaryGroup
	spend  []float32 // by meter in them: pounds a day
	credit []float32 // pounds, when the simulation begins
}

// ordinaryGroup is the meters of one supplier and fuel. For all of them the filter decides alike: they are registered to one MPID, commissioned, and their requests have one sender.
type ordinaryGroup struct {
	portfolio  int
	fuel       smki.Fuel
	first, end uint32
	meter      uint32 // one of them, for which the filter decides
}

// placeOrdinary is placing for the suppliers that do not fail.
func (c *cast) placeOrdinary(blocks []block) (o ordinary) {
	n := uint32(0)
	for i := len(c.failures); i < c.portfolios(); i++ {
		for _, fuel := range smki.Fuels {
			first := n
			for k := range blocks {
				if b := &blocks[k]; b.portfolio == i {
					b.firstPrepay[fuel] = n
					n += b.prepay[fuel]
				}
			}
			o.groups = append(o.groups, ordinaryGroup{portfolio: i, fuel: fuel, first: first, end: n})
		}
	}
	o.spend, o.credit = make([]float32, n), make([]float32, n)
	return o
}

// fillOrdinary puts a block of a supplier that does not fail into the columns.
func (e *estate) fillOrdinary(c *cast, src des.Source, b *block) {
	o, meter, at := &e.ordinary, b.firstMeter, b.firstPrepay
	for k, d := range b.drawn {
		if d == 0 {
			continue
		}
		name := b.customerName(k)
		for _, fuel := range smki.Fuels {
			if !d.has(fuel) {
				continue
			}
			t := d.traits(fuel)
			e.traits[meter] = t
			if t.has(isPrepayment) {
				p := at[fuel]
				if g := &o.groups[2*(b.portfolio-len(c.failures))+int(fuel)]; p == g.first {
					g.meter = meter
				}
				o.spend[p], o.credit[p] = float32(c.spendOf(src, name, fuel)), float32(c.creditOf(src, name, fuel))
				at[fuel]++
			}
			meter++
		}
	}
}

// passDay is a day of the ordinary meters: each spends, and is topped up when its credit has fallen to the trigger. A top-up that does not reach the meter is tried again the next day.
func (r *run) passDay() {
	if !r.values.on(topUps) {
		return
	}
	for i := range r.ordinary.groups {
		if g := &r.ordinary.groups[i]; g.first < g.end && r.ordinaryAccepted(g) {
			r.passGroup(g)
		}
	}
}

// ordinaryAccepted is whether the filter accepts a top-up of a group today.
func (r *run) ordinaryAccepted(g *ordinaryGroup) bool {
	from := r.portfolio(g.portfolio).supplier
	q := r.message(from, from.channel, topUpCommand, duis.SendCommand, g.meter)
	return duis.Decide(r.current(), &q, r.calendar.time(r.sim.Now())).Outcome == duis.Accepted
}

func (r *run) passGroup(g *ordinaryGroup) {
	v := r.values
	trigger, amount, most := float32(v[topUpTrigger]), float32(v[topUpAmount]), float32(v[balanceCap])
	// Names as those of the meters of failed suppliers, which have other portfolios.
	name, day := uint64(g.portfolio)<<33|uint64(g.fuel), uint64(r.calendar.day(r.sim.Now()))
	credit := r.ordinaryCredit[g.first:g.end]
	spend := r.ordinary.spend[g.first:g.end][:len(credit)]
	season := float32(r.calendar.meanDays(g.fuel, r.calendar.nextDay(r.sim.Now())) - r.calendar.meanDays(g.fuel, r.sim.Now()))
	for i := range credit {
		c := credit[i] - season*spend[i]
		if c <= trigger && !r.random.Bool(drawTopUpComms, name|uint64(i)<<1, day, v[commsFailure]) {
			n := int((trigger-c)/amount) + 1
			r.tally.ordinaryTopUps += uint64(n)
			c = max(c, min(c+float32(n)*amount, most))
		}
		credit[i] = c
	}
}
