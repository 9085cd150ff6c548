package sim

import (
	"context"
	"math"
	"time"

	"github.com/seed-db8551c1/lastresort/duis"
	"github.com/seed-db8551c1/lastresort/hold"
	"github.com/seed-db8551c1/lastresort/sim/des"
	"github.com/seed-db8551c1/lastresort/smki"
)

// The purposes of random numbers. Numbers of one purpose are the same under every regime.
const (
	drawFuels des.Purpose = iota + 1
	drawSmart
	drawMode
	drawGeneration
	drawEnrolled
	drawPrepayment
	drawHeating
	drawSpend
	drawCredit
	drawManual
	drawDelay
	drawTopUpComms
	drawSafeModeComms
	drawCoSComms
	drawWorksGap
	drawWorksMeter
	drawWAN
	drawWANPhase
	drawVulnerable
	drawSupportComms
	drawInFlight
	drawInFlightDay
	drawInFlightComms
	drawWorksComms
	drawHeatingComms
	drawRescueComms
)

// estate is the enrolled smart meters of one replication, as columns: those of the failed suppliers first, failure by failure, and then those of the suppliers that do not fail.
// Only meters that the DCC can reach are in it. It is sampled once and never changes, so that every regime starts from the same one.
//
// What a run looks up meter by meter is kept for the meters of failed suppliers only. Of the others there are a byte each, and the columns of ordinary for those in prepayment.
type estate struct {
	first  []uint32 // by portfolio, and one more: its first meter. Meters of a portfolio, and of a household, are together
	traits []traits // by meter

	// Of failed suppliers.
	prepay      []uint32  // by meter: its number among those in prepayment; noPrepay for the others
	firstPrepay []uint32  // by failure, and one more
	meter       []uint32  // by prepayment meter
	household   []uint32  // by prepayment meter
	spend       []float64 // by prepayment meter: pounds a day
	credit      []float64 // by prepayment meter: pounds, when the supplier ceases to trade
	manual      []bool    // by household: whether it types in the code of a top-up that does not arrive
	name        []uint64  // by household: what its random numbers go by

	heating [][]uint32 // by failure: the meters that control heating

	ordinary ordinary // of suppliers that do not fail
}

const noPrepay = math.MaxUint32

// traits are what is fixed about a meter.
type traits uint8

const (
	isGas traits = 1 << iota
	isSMETS1
	isPrepayment
)

func (t traits) has(x traits) bool { return t&x != 0 }

func (t traits) fuel() smki.Fuel {
	if t.has(isGas) {
		return smki.Gas
	}
	return smki.Electricity
}

// meters is how many enrolled smart meters there are.
func (e *estate) meters() int { return len(e.traits) }

func device(meter uint32) smki.EUI64 { return firstDevice + smki.EUI64(meter) }

func point(meter uint32, fuel smki.Fuel) duis.MPxN {
	if fuel == smki.Gas {
		return firstMPRN + duis.MPxN(meter)
	}
	return firstMPAN + duis.MPxN(meter)
}

// drawn is what is drawn of a customer: the traits that its meters have in common, and which meters there are. Zero is none.
type drawn uint8

func meterOf(fuel smki.Fuel) drawn { return 1 << (6 + fuel) }

func (d drawn) has(fuel smki.Fuel) bool { return d&meterOf(fuel) != 0 }

func (d drawn) traits(fuel smki.Fuel) traits {
	t := traits(d) & (isSMETS1 | isPrepayment)
	if fuel == smki.Gas {
		t |= isGas
	}
	return t
}

// block is some customers of one portfolio. Blocks are drawn, and put into the columns, side by side.
type block struct {
	portfolio int
	from, to  int // its customers
	drawn     []drawn
	meters    uint32
	homes     uint32    // in prepayment
	prepay    [2]uint32 // meters in prepayment, by fuel
	heating   []uint32

	// Where in the columns it starts.
	firstMeter, firstHome uint32
	firstPrepay           [2]uint32 // of a failed supplier's, whose fuels are together, the first is for both
}

// blockCustomers is the size of a block.
const blockCustomers = 1 << 14

// sample draws an estate on a number of goroutines, 0 for as many as there are processors. Each customer has a name that its random numbers go by, so that the estate does not depend on
// the goroutines, and the first customers of a supplier are the same at any scale.
func (c *cast) sample(ctx context.Context, src des.Source, goroutines int) (*estate, error) {
	var blocks []block
	for i := range c.portfolios() {
		p := c.portfolio(i)
		from, customers := 0, p.domestic+p.nonDomestic
		for first := true; first || from < customers; first = false { // a portfolio without customers has its place too
			to := min(from+blockCustomers, customers)
			blocks = append(blocks, block{portfolio: i, from: from, to: to})
			from = to
		}
	}
	err := sideBySide(ctx, goroutines, len(blocks), func(_ context.Context, i int) error {
		blocks[i].draw(c, src)
		return nil
	})
	if err != nil {
		return nil, err
	}
	e := c.place(blocks)
	err = sideBySide(ctx, goroutines, len(blocks), func(_ context.Context, i int) error {
		if b := &blocks[i]; b.portfolio < len(c.failures) {
			e.fill(c, src, b)
		} else {
			e.fillOrdinary(c, src, b)
		}
		blocks[i].drawn = nil
		return nil
	})
	if err != nil {
		return nil, err
	}
	for i := range blocks {
		if b := &blocks[i]; len(b.heating) > 0 {
			e.heating[b.portfolio] = append(e.heating[b.portfolio], b.heating...)
		}
	}
	return e, nil
}

// customerName is what the random numbers of a customer go by.
func (b *block) customerName(k int) uint64 { return uint64(b.portfolio)<<32 | uint64(b.from+k) }

// draw draws the customers of the block, and counts their meters.
func (b *block) draw(c *cast, src des.Source) {
	p := c.portfolio(b.portfolio)
	b.drawn = make([]drawn, b.to-b.from)
	for k := range b.drawn {
		d := c.draw(src, p, b.customerName(k), b.from+k < p.domestic)
		b.drawn[k] = d
		prepay := traits(d).has(isPrepayment)
		for _, fuel := range smki.Fuels {
			if d.has(fuel) {
				b.meters++
				if prepay {
					b.prepay[fuel]++
				}
			}
		}
		if prepay {
			b.homes++
		}
	}
}

// draw draws one customer. One number decides a feature for both of its meters.
func (c *cast) draw(src des.Source, p *portfolio, name uint64, domestic bool) (d drawn) {
	v := c.values
	shares := [2]float64{v[electricitySmart], v[gasSmart]}
	if !domestic {
		shares = [2]float64{v[nonDomesticSmart], v[nonDomesticSmart]}
	}
	smart := src.Float64(drawSmart, name, 0)
	if smart >= max(shares[0], shares[1]) || !src.Bool(drawMode, name, 0, v[smartMode]) {
		return 0
	}
	if !src.Bool(drawGeneration, name, 0, v[smets2]) {
		if !src.Bool(drawEnrolled, name, 0, v[smets1Enrolled]) {
			return 0
		}
		d = drawn(isSMETS1)
	}
	meters := drawn(0)
	for _, fuel := range smki.Fuels {
		if p.fuels.has(fuel) && smart < shares[fuel] &&
			(fuel == smki.Electricity || p.fuels != DualFuel || src.Bool(drawFuels, name, 0, v[dualFuel])) {
			meters |= meterOf(fuel)
		}
	}
	if meters == 0 {
		return 0
	}
	if domestic && src.Bool(drawPrepayment, name, 0, p.prepayment) {
		d |= drawn(isPrepayment)
	}
	return d | meters
}

// place makes the columns, as long as the blocks need them, and says where in them each block starts.
func (c *cast) place(blocks []block) *estate {
	e := &estate{heating: make([][]uint32, len(c.failures))}
	var meters, failed, homes, prepay uint32
	for i := range blocks {
		b := &blocks[i]
		fails := b.portfolio < len(c.failures)
		if b.from == 0 {
			e.first = append(e.first, meters)
			if fails {
				e.firstPrepay = append(e.firstPrepay, prepay)
			}
		}
		b.firstMeter = meters
		meters += b.meters
		if fails {
			b.firstHome, b.firstPrepay[0] = homes, prepay
			failed, homes, prepay = meters, homes+b.homes, prepay+b.prepay[0]+b.prepay[1]
		}
	}
	e.first, e.firstPrepay = append(e.first, meters), append(e.firstPrepay, prepay)
	e.traits, e.prepay = make([]traits, meters), make([]uint32, failed)
	e.meter, e.household = make([]uint32, prepay), make([]uint32, prepay)
	e.spend, e.credit = make([]float64, prepay), make([]float64, prepay)
	e.manual, e.name = make([]bool, homes), make([]uint64, homes)
	e.ordinary = c.placeOrdinary(blocks)
	return e
}

// fill puts a block of a failed supplier into the columns.
func (e *estate) fill(c *cast, src des.Source, b *block) {
	v, meter, p, home := c.values, b.firstMeter, b.firstPrepay[0], b.firstHome
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
			e.traits[meter], e.prepay[meter] = t, noPrepay
			if t&(isSMETS1|isGas) == isSMETS1 && src.Bool(drawHeating, uint64(b.portfolio)<<32|uint64(meter-e.first[b.portfolio]), 0, v[heatingControl]) {
				b.heating = append(b.heating, meter)
			}
			if t.has(isPrepayment) {
				e.prepay[meter], e.meter[p], e.household[p] = p, meter, home
				e.spend[p], e.credit[p] = c.spendOf(src, name, fuel), c.creditOf(src, name, fuel)
				p++
			}
			meter++
		}
		if traits(d).has(isPrepayment) {
			e.name[home], e.manual[home] = name, src.Bool(drawManual, name, 0, v[manualEntry])
			home++
		}
	}
}

// spendOf draws the pounds a day of a household for a fuel: lognormal with the given mean; one factor for both fuels.
func (c *cast) spendOf(src des.Source, name uint64, fuel smki.Fuel) float64 {
	v := c.values
	return [...]float64{v[spendElectricity], v[spendGas]}[fuel] * math.Exp(v[spendSpread]*src.Normal(drawSpend, name, 0)-v[spendSpread]*v[spendSpread]/2)
}

// creditOf draws the pounds on a meter to begin with.
func (c *cast) creditOf(src des.Source, name uint64, fuel smki.Fuel) float64 {
	v := c.values
	return v[creditMin] + (v[creditMax]-v[creditMin])*src.Float64(drawCredit, name, uint64(fuel))
}

// register gives the World before the first failure, with every meter: a commissioned device at one metering point, which is registered to its supplier's MPID of the fuel.
func (e *estate) register(ctx context.Context, c *cast) (*duis.World, error) {
	_, w, err := c.start(hold.Settings{})
	if err != nil {
		return nil, err
	}
	edit := w.Edit()
	edit.Grow(e.meters(), e.meters())
	since := c.calendar.epoch.Add(-before + time.Hour)
	for i := range c.portfolios() {
		supplier := c.portfolio(i).supplier
		for m := e.first[i]; m < e.first[i+1]; m++ {
			if m%cancelEvery == 0 && ctx.Err() != nil {
				return nil, ctx.Err()
			}
			t := e.traits[m]
			at := point(m, t.fuel())
			d := duis.Device{ID: device(m), Type: duis.ESME, Status: duis.Commissioned, SMETS1: t.has(isSMETS1), Import: at}
			if t.has(isGas) {
				d.Type, d.Import, d.Gas = duis.GSME, 0, at
			}
			if err := edit.SetDevice(d); err != nil {
				return nil, err
			}
			if err := edit.Register(at, since, supplier.mpids[t.fuel()]); err != nil {
				return nil, err
			}
		}
	}
	return edit.World(), nil
}
