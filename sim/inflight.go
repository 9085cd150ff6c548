package sim

import (
	"github.com/seed-db8551c1/lastresort/duis"
)

// Switches in flight: customers who had chosen another supplier when theirs failed. The failure does not hold them up, and no regime does: registrations are not the DCC's, and a Change of Supplier
// rests on the gaining supplier's own MPIDs.

// openSwitches schedules the switches in flight of a failure. Both meters of a household in prepayment switch together.
func (r *run) openSwitches(i int) {
	if r.gaining == nil {
		return
	}
	for m := r.first[i]; m < r.first[i+1]; m++ {
		hub := r.hub(i, m)
		if !r.random.Bool(drawInFlight, hub, 0, r.values[inFlight]) {
			continue
		}
		at := r.sim.Now() + hours(24*r.values[inFlightDays]*r.random.Float64(drawInFlightDay, hub, 0))
		if at < r.end {
			r.schedule(r.calendar.nextDay(at), evSwitch, m)
		}
	}
}

// switchInFlight is a switch in flight, unless the SoLR was first: the registration, and the Change of Supplier.
func (r *run) switchInFlight(m uint32) {
	if r.moved[m] {
		return
	}
	fuel, now := r.fuelOf(m), r.calendar.time(r.sim.Now())
	r.edit(func(e *duis.Edit) error { return e.Register(point(m, fuel), now, r.gaining.mpids[fuel]) })
	r.changeInFlight(m)
}

// changeInFlight is the Change of Supplier of such a switch. What does not reach the meter is tried again the next day, until the SoLR has registered it.
func (r *run) changeInFlight(m uint32) {
	i := r.failureOfMeter(m)
	switch {
	case r.moved[m] || r.send(r.gaining, r.gaining.channel, cosCommand, m) != accepted:
	case r.reaches(r.hub(i, m), drawInFlightComms, uint64(m), uint64(r.calendar.day(r.sim.Now()))):
		r.hasMoved(i, m, r.gaining)
	default:
		r.schedule(r.calendar.nextDay(r.sim.Now()), evChange, m)
	}
}
