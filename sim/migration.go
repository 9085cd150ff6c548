package sim

import (
	"time"

	"github.com/seed-db8551c1/lastresort/duis"
	"github.com/seed-db8551c1/lastresort/hold"
	"github.com/seed-db8551c1/lastresort/sim/des"
)

// The migration of a SoLR: the Change of Supplier of every meter, day by day, at its rate for all its failures together.

// book is the meters of one failure as its SoLR goes through them.
type book struct {
	next, end uint32   // meters not tried yet
	again     []uint32 // meters that the command did not reach
	begun     []uint32 // of those, whose SoLR has failed since: they are registered to it
	ordered   []uint32 // meters whose Change of Supplier the DSP holds until the next day
	by        *party   // the SoLR that sent it
	left      int
	started   bool
	tries     uint64 // days on which it worked
	completed bool
	last      int // days from the SoLR date to the last Change of Supplier
}

func (b *book) init(first, end uint32) { *b = book{next: first, end: end, left: int(end - first)} }

func (b *book) complete() bool { return b.left == 0 }

// handOver is what is left when another SoLR takes over: what the one before has begun begins anew. What the DSP holds it holds still.
func (b *book) handOver() {
	b.begun, b.again, b.started = append(b.again, b.begun...), nil, false
}

// untried is how many meters there are to take.
func (b *book) untried() int { return len(b.again) + len(b.begun) + int(b.end-b.next) }

// take gives up to n meters to try: first those that failed before.
func (b *book) take(n int) (p portion) {
	k := min(n, len(b.again))
	p.again, b.again = b.again[:k:k], b.again[k:]
	n -= k
	k = min(n, len(b.begun))
	p.begun, b.begun = b.begun[:k:k], b.begun[k:]
	p.from = b.next
	b.next += uint32(min(n-k, int(b.end-b.next)))
	p.to = b.next
	return p
}

// startDay is what happens as a day in London starts.
func (r *run) startDay(uint32) {
	now := r.sim.Now()
	r.passDay()
	for i := range r.failures {
		r.carryOut(i)
	}
	r.shareIndustry()
	for s := range r.solrs {
		r.migrate(s)
	}
	r.schedule(r.calendar.nextDay(now), evDay, 0)
}

// shareIndustry gives each SoLR its part of today's industry capacity: what it would do at its own rate, or its proportion of that where all together would be too much.
func (r *run) shareIndustry() {
	rate, industry := scaledRate(r.values[cosRate], r.scale), scaledRate(r.values[industryCoSRate], r.scale)
	all := 0
	for s := range r.solrs {
		due := 0
		for i := range r.failures {
			if x := &r.failed[i]; x.solr == s && r.migrating(i) && r.switches(i) {
				due += x.book.untried()
			}
		}
		r.capacity[s] = min(due, rate)
		all += r.capacity[s]
	}
	if all <= industry {
		return
	}
	// Rounded so that the parts add up.
	sum, given := 0, 0
	for s, n := range r.capacity {
		sum += n
		upTo := int(int64(sum) * int64(industry) / int64(all))
		r.capacity[s], given = upTo-given, upTo
	}
}

// migrating reports whether the SoLR of a failure has to move its meters.
func (r *run) migrating(i int) bool {
	x := &r.failed[i]
	return !x.lost && !x.book.completed && r.sim.Now() >= x.appoint
}

// ownsBook reports whether the SoLR changes the credentials of a whole book, without switching its registrations.
func (r *run) ownsBook(i int) bool { return r.values.on(earlyCoS) && r.failed[i].transferred }

// switches reports whether the SoLR of a failure switches registrations today: those that it sends ahead a day before the first are to change.
func (r *run) switches(i int) bool {
	return !r.ownsBook(i) && r.daysAfter(i)+r.values[cosFutureDated] >= r.values[firstCoS]
}

// portion is the meters of one failure that a SoLR takes on one day.
type portion struct {
	failure      int
	again, begun []uint32 // tried before; by a SoLR that has failed since
	from, to     uint32   // new
}

func (p *portion) meters() int { return len(p.again) + len(p.begun) + int(p.to-p.from) }

// migrate is one day of a SoLR.
func (r *run) migrate(s int) {
	late, early := r.capacity[s], scaledRate(r.values[earlyCoSRate], r.scale)
	var own, switched []portion
	for i := range r.failures {
		switch {
		case r.failed[i].solr != s || !r.migrating(i):
		case r.ownsBook(i):
			own = append(own, r.portion(i, &early))
		case r.switches(i):
			switched = append(switched, r.portion(i, &late))
		}
	}
	for _, p := range own {
		r.changeSupplier(p, 0)
	}
	now := r.sim.Now()
	at, from := des.Time(0), now
	if r.values.on(cosFutureDated) {
		from = r.calendar.nextDay(now)
		at = from
	}
	r.switchRegistrations(s, switched, from)
	for _, p := range switched {
		r.changeSupplier(p, at)
	}
}

// scaledRate is how many meters a day a SoLR takes at a scale: at least one.
func scaledRate(rate, scale float64) int { return max(1, int(rate*scale+0.5)) }

func (r *run) portion(i int, budget *int) portion {
	p := r.failed[i].book.take(*budget)
	p.failure = i
	*budget -= p.meters()
	return p
}

// daysAfter is the calendar days in London from the SoLR date to today.
func (r *run) daysAfter(i int) float64 {
	return float64(r.calendar.day(r.sim.Now()) - r.calendar.day(r.failed[i].appoint))
}

// switchRegistrations registers the meters to the SoLR's own MPIDs from an instant on. Its own MPIDs are not those of the failed supplier, so that holding the latter does not hold up a Change of Supplier.
func (r *run) switchRegistrations(s int, all []portion, at des.Time) {
	n := 0
	for _, p := range all {
		n += len(p.begun) + int(p.to-p.from)
	}
	if n == 0 {
		return
	}
	from := r.calendar.time(at)
	r.edit(func(e *duis.Edit) error {
		for _, p := range all {
			for _, m := range p.begun {
				if err := r.switchRegistration(e, s, m, from); err != nil {
					return err
				}
			}
			for m := p.from; m < p.to; m++ {
				if err := r.switchRegistration(e, s, m, from); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

func (r *run) switchRegistration(e *duis.Edit, s int, m uint32, from time.Time) error {
	if r.moved[m] {
		return nil
	}
	fuel := r.fuelOf(m)
	return e.Register(point(m, fuel), from, r.solrs[s].mpids[fuel])
}

// changeSupplier replaces the credentials of meters by those of the SoLR (6.23): at once, or at an instant until when the DSP holds the request. What does not reach a meter is tried again the next day.
func (r *run) changeSupplier(p portion, at des.Time) {
	s := &r.failed[p.failure]
	b := &s.book
	if !b.started && (p.meters() > 0 || b.complete()) {
		b.started = true
		if !r.isClosed(uint32(p.failure)) && len(s.mpids) > 0 {
			r.log(hold.Event{Kind: hold.MigrationStarted, Failure: r.failures[p.failure].id, By: r.solrs[s.solr].id})
		}
	}
	b.tries++
	b.by = r.solrs[s.solr]
	c := cosCommand
	c.at = at
	for _, m := range p.again {
		r.requestChange(p.failure, c, m)
	}
	for _, m := range p.begun {
		r.requestChange(p.failure, c, m)
	}
	for m := p.from; m < p.to; m++ {
		r.requestChange(p.failure, c, m)
	}
	if b.complete() {
		r.completeMigration(p.failure)
	}
}

// requestChange sends the Change of Supplier of one meter. What the filter refuses begins anew, with its registration.
func (r *run) requestChange(i int, c command, m uint32) {
	switch b := &r.failed[i].book; {
	case r.moved[m]: // in flight
	case r.bySoLR(i, c, m) != accepted:
		b.begun = append(b.begun, m)
	case c.at > 0:
		b.ordered = append(b.ordered, m)
	default:
		r.changeMeter(i, m)
	}
}

// carryOut has the DSP carry out what it holds for today, each after a second decision: the one at receipt was for what was known then.
func (r *run) carryOut(i int) {
	s := &r.failed[i]
	b := &s.book
	if len(b.ordered) == 0 {
		return
	}
	c := cosCommand
	c.at = r.sim.Now()
	for _, m := range b.ordered {
		if r.moved[m] {
			continue
		}
		if r.decideAgain(b.by, b.by.channel, c, duis.SendCommand, m) == accepted {
			r.changeMeter(i, m)
		} else {
			b.begun = append(b.begun, m)
		}
	}
	b.ordered = b.ordered[:0]
	if b.complete() && !s.lost {
		r.completeMigration(i)
	}
}

// changeMeter is the Change of Supplier at the meter, if it gets there.
func (r *run) changeMeter(i int, m uint32) {
	b := &r.failed[i].book
	if !r.reaches(r.hub(i, m), drawCoSComms, uint64(i)<<32|uint64(m-r.first[i]), b.tries) {
		if b.by == r.solrs[r.failed[i].solr] {
			b.again = append(b.again, m)
		} else {
			b.begun = append(b.begun, m)
		}
		return
	}
	r.hasMoved(i, m, b.by)
}

// hasMoved is a meter that has the credentials of another supplier now.
func (r *run) hasMoved(i int, m uint32, to *party) {
	r.failed[i].book.left--
	r.moved[m] = true
	if p := r.prepay[m]; p != noPrepay {
		r.moveIn(p, to)
	}
}

// completeMigration ends the support, and starts the release of what was held back.
func (r *run) completeMigration(i int) {
	s := &r.failed[i]
	if s.book.completed { // by a switch in flight, of a meter that the DSP holds an order for
		return
	}
	s.book.completed, s.book.last = true, int(r.daysAfter(i))
	if r.isClosed(uint32(i)) {
		return
	}
	if len(s.mpids) > 0 { // else it is SoLR of none of them: they are in the failure of the SoLR before
		r.log(hold.Event{Kind: hold.MigrationCompleted, Failure: r.failures[i].id, By: r.solrs[s.solr].id})
	}
	r.agree(uint32(i))
	r.look()
}
