package sim

import (
	"github.com/seed-db8551c1/lastresort/duis"
)

// Switches in flight: customers who had chosen another supplier when theirs failed. The failure does not hold them up, and no regime does: registrations are not the DCC's, and a Change of Supplier
// rests on the gaining supplier's own MPIDs.

// openSwitches registers the meters of switches in flight, each from its day on, and schedules the Changes of Supplier. Both meters of a household in prepayment switch together.
func (r *run) openSwitches(i int) {
	if r.gaining == nil {
		return
	}
	r.edit(func(e *duis.Edit) error {
		for m := r.first[i]; m < r.first[i+1]; m++ {
			hub := r.hub(i, m)
			if !r.random.Bool(drawInFlight, hub, 0, r.values[inFlight]) {
				continue
			}
			at := r.sim.Now() + hours(24*r.values[inFlightDays]*r.random.Float64(drawInFlightDay, hub, 0))
			if at = r.calendar.nextDay(min(at, r.end)); at >= r.end {
				continue
			}
			fuel := r.fuelOf(m)
			if err := e.Register(point(m, fuel), r.calendar.time(at), r.gaining.mpids[fuel]); err != nil {
				return err
			}
			r.schedule(at, evSwitch, m)
		}
		return nil
	})
}

// switchInFlight is the Change of Supplier of a switch in flight, unless the SoLR was first. What does not reach the meter is tried again the next day, until the SoLR has registered it. It may be the last that the SoLR
// has waited for.
func (r *run) switchInFlight(m uint32) {
	i := r.failureOfMeter(m)
	switch {
	case r.moved[m] || r.send(r.gaining, r.gaining.channel, cosCommand, m) != accepted:
	case r.reaches(r.hub(i, m), drawInFlightComms, r.hub(i, m), uint64(r.calendar.day(r.sim.Now()))):
		r.hasMoved(i, m, r.gaining)
		if b := &r.failed[i].book; b.started && b.complete() && r.migrating(i) {
			r.completeMigration(i)
		}
	default:
		r.schedule(r.calendar.nextDay(r.sim.Now()), evSwitch, m)
	}
}
