package sim

import (
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
)

// estate is the enrolled smart meters of all failed suppliers in one replication, as columns: by meter, by meter in prepayment mode, and by household in prepayment.
// Only meters that the DCC can reach are in it. It is sampled once and never changes.
type estate struct {
	first  []uint32 // by failure, and one more: its first meter. Meters of a failure, and of a household, are together
	traits []traits // by meter
	prepay []uint32 // by meter: its number among those in prepayment; noPrepay for the others

	firstPrepay []uint32  // by failure, and one more
	meter       []uint32  // by prepayment meter
	household   []uint32  // by prepayment meter
	spend       []float64 // by prepayment meter: pounds a day
	credit      []float64 // by prepayment meter: pounds, when the supplier ceases to trade
	manual      []bool    // by household: whether it types in the code of a top-up that does not arrive
	name        []uint64  // by household: what its random numbers go by

	heating [][]uint32 // by failure: the meters that control heating
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

func (e *estate) meters() int { return len(e.traits) }

func device(meter uint32) smki.EUI64 { return firstDevice + smki.EUI64(meter) }

func point(meter uint32, fuel smki.Fuel) duis.MPxN {
	if fuel == smki.Gas {
		return firstMPRN + duis.MPxN(meter)
	}
	return firstMPAN + duis.MPxN(meter)
}

// sample draws an estate. Each customer has a name that its random numbers go by, so that the first customers of a supplier are the same at any scale.
func (c *cast) sample(src des.Source) *estate {
	e := &estate{heating: make([][]uint32, len(c.failures))}
	for i := range c.failures {
		f := &c.failures[i]
		e.first = append(e.first, uint32(len(e.traits)))
		e.firstPrepay = append(e.firstPrepay, uint32(len(e.meter)))
		for k := range f.domestic + f.nonDomestic {
			e.customer(c, src, i, uint64(i)<<32|uint64(k), k < f.domestic)
		}
	}
	e.first = append(e.first, uint32(len(e.traits)))
	e.firstPrepay = append(e.firstPrepay, uint32(len(e.meter)))
	return e
}

// customer draws one customer. One number decides a feature for both of its meters.
func (e *estate) customer(c *cast, src des.Source, i int, name uint64, domestic bool) {
	v, f := c.values, &c.failures[i]
	shares := [2]float64{v[electricitySmart], v[gasSmart]}
	if !domestic {
		shares = [2]float64{v[nonDomesticSmart], v[nonDomesticSmart]}
	}
	smart := src.Float64(drawSmart, name, 0)
	if smart >= max(shares[0], shares[1]) || !src.Bool(drawMode, name, 0, v[smartMode]) {
		return
	}
	var t traits
	if !src.Bool(drawGeneration, name, 0, v[smets2]) {
		if !src.Bool(drawEnrolled, name, 0, v[smets1Enrolled]) {
			return
		}
		t = isSMETS1
	}
	if domestic && src.Bool(drawPrepayment, name, 0, f.prepayment) {
		t |= isPrepayment
	}
	household := noPrepay
	for _, fuel := range smki.Fuels {
		if !f.fuels.has(fuel) || smart >= shares[fuel] ||
			fuel == smki.Gas && f.fuels == DualFuel && !src.Bool(drawFuels, name, 0, v[dualFuel]) {
			continue
		}
		if t.has(isPrepayment) && household == noPrepay {
			household = len(e.name)
			e.name = append(e.name, name)
			e.manual = append(e.manual, src.Bool(drawManual, name, 0, v[manualEntry]))
		}
		e.addMeter(c, src, i, t, fuel, household)
	}
}

func (e *estate) addMeter(c *cast, src des.Source, i int, t traits, fuel smki.Fuel, household int) {
	v, meter := c.values, uint32(len(e.traits))
	if fuel == smki.Gas {
		t |= isGas
	}
	e.traits = append(e.traits, t)
	if t&(isSMETS1|isGas) == isSMETS1 && src.Bool(drawHeating, uint64(i)<<32|uint64(meter-e.first[i]), 0, v[heatingControl]) {
		e.heating[i] = append(e.heating[i], meter)
	}
	if !t.has(isPrepayment) {
		e.prepay = append(e.prepay, noPrepay)
		return
	}
	e.prepay = append(e.prepay, uint32(len(e.meter)))
	e.meter = append(e.meter, meter)
	e.household = append(e.household, uint32(household))
	name, mean := e.name[household], [...]float64{v[spendElectricity], v[spendGas]}[fuel]
	// Lognormal with the given mean; one factor for both fuels of a household.
	factor := math.Exp(v[spendSpread]*src.Normal(drawSpend, name, 0) - v[spendSpread]*v[spendSpread]/2)
	e.spend = append(e.spend, mean*factor)
	e.credit = append(e.credit, v[creditMin]+(v[creditMax]-v[creditMin])*src.Float64(drawCredit, name, uint64(fuel)))
}

// register gives the World before the first failure, with every meter: a commissioned device at one metering point, which is registered to the failed supplier's MPID of the fuel.
func (e *estate) register(c *cast) (*duis.World, error) {
	_, w, err := c.start(hold.Settings{})
	if err != nil {
		return nil, err
	}
	edit := w.Edit()
	edit.Grow(e.meters(), e.meters())
	since := c.calendar.epoch.Add(-before + time.Hour)
	for i := range c.failures {
		supplier := c.failures[i].supplier
		for m := e.first[i]; m < e.first[i+1]; m++ {
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
