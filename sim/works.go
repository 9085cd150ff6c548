package sim

import (
	"github.com/seed-db8551c1/lastresort/sim/des"
)

// Emergency meter works, and heating that is controlled through SMETS1 meters. What is sent goes through the SRP, and to the meter over the WAN, as all else. A SoLR that has the MPIDs could send what is not critical in
// its own name, but its systems know no meter before its migration. Meters that have moved to it are its own affair, and the same under every regime.

// nextWorks schedules the next emergency works of a failure. They come at a constant rate; which meter they are at, and when, is the same under every regime.
func (r *run) nextWorks(n uint32) {
	meters := float64(r.first[n+1] - r.first[n])
	rate := meters * r.values[worksRate] / (365 * float64(des.Day))
	if rate <= 0 || r.failed[n].book.completed {
		return
	}
	gap := r.random.Exp(drawWorksGap, uint64(n), r.failed[n].works) / rate
	r.schedule(r.sim.Now()+des.Time(min(gap, float64(never))), evWorks, n)
}

// works is a meter operator at a meter, whose requests go through the SRP.
func (r *run) works(n uint32) {
	s := &r.failed[n]
	meter := r.first[n] + uint32(r.random.IntN(drawWorksMeter, uint64(n), s.works, int(r.first[n+1]-r.first[n])))
	s.works++
	if !r.moved[meter] {
		if r.bySupplier(int(n), r.worksCommand, meter) != accepted || !r.reaches(r.hub(int(n), meter), drawWorksComms, uint64(n), s.works) {
			r.tally.worksDelayed++
		}
	}
	r.nextWorks(n)
}

// heat sends every meter that controls heating its command.
func (r *run) heat(n uint32) {
	for _, meter := range r.heating[n] {
		if r.moved[meter] {
			continue
		}
		hub := r.hub(int(n), meter)
		if r.bySupplier(int(n), r.heatingCommand, meter) != accepted || !r.reaches(hub, drawHeatingComms, hub, uint64(r.sim.Now())) {
			r.tally.heatingLost++
		}
	}
	if !r.failed[n].book.completed {
		r.schedule(r.sim.Now()+period(r.values[heatingCommands]), evHeating, n)
	}
}
