package sim

import (
	"math"
	"slices"
	"time"

	"github.com/seed-db8551c1/lastresort/duis"
	"github.com/seed-db8551c1/lastresort/sim/des"
	"github.com/seed-db8551c1/lastresort/smki"
)

// tally counts what happens in a run.
type tally struct {
	outcomes       [duis.Quarantined + 1]uint64
	codes          [256]uint64
	notSent        uint64
	failedAtDevice uint64
	failedTopUps   uint64
	worksDelayed   uint64
	heatingLost    uint64
	ordinaryTopUps uint64
	homesOff       int         // households off supply now
	off            [2]des.Time // off supply, by fuel
	safeModeDays   []float64   // of each prepayment meter that safe mode reached: days after licence revocation
}

func (t *tally) count(d *duis.Decision) {
	t.outcomes[d.Outcome]++
	if d.Outcome == duis.Rejected {
		t.codes[d.Code]++
	}
}

// measure ends the run and gives its metrics. base is, by household, the time off supply under Baseline in the same replication; nil if that is not known.
func (r *run) measure(base []des.Time) []float64 {
	r.settle()
	t, m := &r.tally, make([]float64, int(numMetrics)+len(rejections))
	for i := range r.homes {
		if r.homes[i].lost {
			m[householdsLostSupply]++
			if r.isVulnerable(uint32(i)) {
				m[vulnerableLostSupply]++
			}
		}
	}
	m[customerHours] = inHours(r.sumHomes())
	m[hoursElectricity], m[hoursGas] = inHours(t.off[smki.Electricity]), inHours(t.off[smki.Gas])
	m[failedTopUps], m[worksDelayed], m[heatingLost] = float64(t.failedTopUps), float64(t.worksDelayed), float64(t.heatingLost)
	m[requestsAccepted], m[requestsRejected] = float64(t.outcomes[duis.Accepted]), float64(t.outcomes[duis.Rejected])
	m[requestsQuarantined], m[requestsNoConnection] = float64(t.outcomes[duis.Quarantined]), float64(t.outcomes[duis.NoConnection])
	m[requestsNotSent], m[requestsFailedAtDevice] = float64(t.notSent), float64(t.failedAtDevice)
	slices.Sort(t.safeModeDays)
	m[safeModeShare] = share(len(t.safeModeDays), len(r.accounts))
	m[safeModeDays50], m[safeModeDays95], m[safeModeDays100] = r.safeModeAfter(0.50), r.safeModeAfter(0.95), r.safeModeAfter(1)
	m[lastCoSDay], m[certificateDays] = r.lastCoS(), r.certificateDays()
	m[mpidWaitDays] = r.mpidWaitDays()
	m[householdsWorseOff] = r.worseOff(base)
	m[ordinaryTopUps] = float64(t.ordinaryTopUps)
	m[breachesSeen] = float64(len(r.register.Breaches()))
	for i, c := range rejections {
		m[int(numMetrics)+i] = float64(t.codes[c])
	}
	return m
}

func inHours(t des.Time) float64 { return float64(t) / float64(des.Hour) }

func share(n, of int) float64 {
	if of == 0 {
		return math.NaN()
	}
	return float64(n) / float64(of)
}

// settle ends at the end of the run what is still off supply.
func (r *run) settle() {
	for p := range r.accounts {
		if r.accounts[p].off {
			r.reconnect(uint32(p))
		}
	}
}

func (r *run) sumHomes() (sum des.Time) {
	for i := range r.homes {
		sum += r.homes[i].total
	}
	return sum
}

// offTimes is, by household, the time off supply.
func (r *run) offTimes() []des.Time {
	all := make([]des.Time, len(r.homes))
	for i := range r.homes {
		all[i] = r.homes[i].total
	}
	return all
}

// safeModeAfter is the days after licence revocation until safe mode had reached a share of the prepayment meters; NaN if it never did.
func (r *run) safeModeAfter(of float64) float64 {
	n := int(math.Ceil(of * float64(len(r.accounts))))
	if n == 0 || n > len(r.tally.safeModeDays) {
		return math.NaN()
	}
	return r.tally.safeModeDays[n-1]
}

// lastCoS is the days from the SoLR date to the last Change of Supplier of any failure; NaN if one is not complete.
func (r *run) lastCoS() float64 {
	last := 0
	for i := range r.failed {
		if !r.failed[i].book.completed {
			return math.NaN()
		}
		last = max(last, r.failed[i].book.last)
	}
	return float64(last)
}

// certificateDays is how long the certificates of the failed suppliers stayed good after licence revocation, added up.
func (r *run) certificateDays() float64 {
	var sum time.Duration
	end := r.calendar.time(r.end)
	for i := range r.failures {
		f := &r.failures[i]
		for _, id := range f.supplier.certificates() {
			until := end
			if _, rev, _ := r.register.Directory().Certificate(id); rev != nil && rev.At.Before(end) {
				until = rev.At
			}
			sum += max(0, until.Sub(r.calendar.time(f.revoke)))
		}
	}
	return sum.Hours() / 24
}

// mpidWaitDays is how long SoLRs waited for the MPIDs of a failure, the mean over failures.
func (r *run) mpidWaitDays() float64 {
	var sum des.Time
	for i := range r.failed {
		until := r.end
		if r.failed[i].transferred {
			until = r.failed[i].transferredAt
		}
		sum += max(0, until-r.failed[i].appoint)
	}
	return inHours(sum) / 24 / float64(len(r.failed))
}

// noticeable is the difference between two times off supply that counts: less is rounding.
const noticeable = des.Second

// worseOff is how many households were off supply longer than under Baseline.
func (r *run) worseOff(base []des.Time) float64 {
	if base == nil {
		return math.NaN()
	}
	n := 0
	for i := range r.homes {
		if r.homes[i].total > base[i]+noticeable {
			n++
		}
	}
	return float64(n)
}
