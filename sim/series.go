package sim

import (
	"math"
	"math/bits"
	"slices"
	"sync"
	"time"

	"github.com/seed-db8551c1/lastresort/duis"
	"github.com/seed-db8551c1/lastresort/hold"
	"github.com/seed-db8551c1/lastresort/sim/des"
	"github.com/seed-db8551c1/lastresort/sim/internal/student"
	"github.com/seed-db8551c1/lastresort/smki"
)

// Series is how a scenario goes over time, over all replications of an [Experiment] that asks for it.
//
// The band around each point is the 95 % Monte Carlo interval of its mean, as everywhere in a [Result], and not quantiles over replications: an experiment has five replications by default, which
// know no 10 % quantile; the mean of the households off supply adds up to [Headline], which a median does not. A band is for its own instant, not for the whole curve at once, and says nothing about the assumptions.
type Series struct {
	Instants []time.Time    `json:"instants"` // four to each day in London, evenly apart, from midnight of the first day to the end of the run
	Days     []time.Time    `json:"days"`     // the midnight in London at which each day starts; the end of the run may cut the last one short
	Regimes  []RegimeSeries `json:"regimes"`  // in the order of [Result.Regimes]
}

// RegimeSeries is how a scenario goes over time under one regime. States have a point for each of [Series.Instants], and are as just before what happens then.
type RegimeSeries struct {
	Regime        hold.Regime     `json:"regime"`
	HouseholdsOff []Interval      `json:"households_off_supply"` // households in prepayment without supply of a fuel
	SafeModeShare []Interval      `json:"safe_mode_share"`       // of the prepayment meters: that safe mode has reached so far
	MigratedShare []Interval      `json:"migrated_share"`        // of the meters of failed suppliers: whose Change of Supplier is done
	Requests      []RequestSeries `json:"requests"`              // for each sender, each outcome
	Failures      []Timeline      `json:"failures"`              // in the order of the scenario
}

// RequestSeries is how many Service Requests of one sender met one outcome on each of [Series.Days].
type RequestSeries struct {
	Sender  string     `json:"sender"`  // [SentBySRP] or [SentBySoLR]
	Outcome string     `json:"outcome"` // that of [duis.Outcome], or [NotSent]
	PerDay  []Interval `json:"per_day"`
}

// Who sends Service Requests, and what becomes of those that the filter never sees.
const (
	SentBySRP  = "SRP"      // in the name of a failed supplier
	SentBySoLR = "SoLR"     // in its own name
	NotSent    = "not sent" // held back by an SRP, since no authority covers it
)

// Timeline is what became of one failure under one regime.
type Timeline struct {
	Supplier  string    `json:"supplier"`
	SoLR      string    `json:"solr"`      // the first
	Notified  time.Time `json:"notified"`  // of its ceasing to trade
	Announced time.Time `json:"announced"` // when the SoLR is named
	Revoked   time.Time `json:"revoked"`   // when its licence is
	Appointed time.Time `json:"appointed"` // when the SoLR's appointment takes effect
	Late      Interval  `json:"late"`      // days from the first SoLR date to the last: 0 but where a SoLR fails itself

	// The rest is in days from Notified.

	RevocationHeld      Moment `json:"revocation_held"`      // the DCC receives a delay of the revocation of certificates that are good (R3)
	RevocationReleased  Moment `json:"revocation_released"`  // the PMA releases the last of them
	TransferHeld        Moment `json:"transfer_held"`        // the DCC receives a delay of the transfer of MPIDs that have not moved (R6)
	TransferReleased    Moment `json:"transfer_released"`    // the PMA releases the last of them
	CertificatesRevoked Moment `json:"certificates_revoked"` // the last one is
	MPIDsTransferred    Moment `json:"mpids_transferred"`    // the DCC's map gives all of them to the SoLR
	Migrated            Moment `json:"migrated"`             // the day of the last Change of Supplier starts

	MigrationDays Moment   `json:"migration_days"` // days in London from the SoLR date, the last one, to the last Change of Supplier; the MP185 report expects at most 90
	OverrunDays   Interval `json:"overrun_days"`   // days that an SRP's arrangement lasted beyond its 90 days (R12), to a quarter of a day
}

// Moment is when something happens, the mean over those replications in which it does.
type Moment struct {
	Days  Interval `json:"days"`
	Times int      `json:"times"` // in how many replications it happens
}

// The parts of what a run records, one after another: states by instant, requests by day, and what happens to failures.
const (
	numStates    = 3
	numSenders   = 2
	notSentPlace = int(duis.Quarantined) + 1
	numOutcomes  = int(duis.Quarantined) + 1 // the outcomes from 1 on, and not sent
	numFlows     = numSenders * numOutcomes
)

// moment is one thing that happens to a failure.
type moment uint8

const (
	revocationHeld moment = iota
	revocationReleased
	transferHeld
	transferReleased
	certificatesRevoked
	mpidsTransferred
	migrated
	migrationDays
	late
	overrun
	numMoments
)

// Values are whole numbers, so that sums of them are exact in whatever order they come: shares in billionths, times in milliseconds.
const (
	billion = 1_000_000_000
	absent  = math.MaxUint64 // there is no such value
)

// recorder follows one run. A nil recorder records nothing.
type recorder struct {
	instants []des.Time
	values   []uint64
	next     des.Time // when it looks at the run next
	n        int      // instants so far
	today    [numFlows]uint64
	overruns []des.Time // by failure
}

// follow looks at the run at each instant that has come. It is called before what happens now.
func (s *recorder) follow(r *run) {
	if s != nil && r.sim.Now() >= s.next {
		s.look(r)
	}
}

// sent counts a request that the filter has decided on.
func (s *recorder) sent(bySRP bool, o duis.Outcome) {
	if s != nil {
		s.count(bySRP, int(o))
	}
}

// notSent counts a request that an SRP held back.
func (s *recorder) notSent() {
	if s != nil {
		s.count(true, notSentPlace)
	}
}

func (s *recorder) count(bySRP bool, outcome int) {
	i := outcome - 1
	if !bySRP {
		i += numOutcomes
	}
	s.today[i]++
}

func (s *recorder) look(r *run) {
	left := 0
	for i := range r.failed {
		left += r.failed[i].book.left
	}
	states := [numStates]uint64{uint64(r.tally.homesOff), billionths(len(r.tally.safeModeDays), len(r.accounts)), billionths(len(r.moved)-left, len(r.moved))}
	for s.next <= r.sim.Now() {
		for k, x := range states {
			s.values[k*len(s.instants)+s.n] = x
		}
		last := s.n+1 == len(s.instants)
		if s.n > 0 && s.n%quarters == 0 || last {
			s.endDay((s.n - 1) / quarters)
		}
		if last {
			s.next = never
			return
		}
		s.n++
		s.lookAtOverruns(r, s.instants[s.n]-s.next)
		s.next = s.instants[s.n]
	}
}

func (s *recorder) endDay(day int) {
	for k, x := range s.today {
		s.values[numStates*len(s.instants)+k*daysOf(s.instants)+day] = x
	}
	s.today = [numFlows]uint64{}
}

// lookAtOverruns counts the time until the next instant for each failure that an arrangement overruns.
func (s *recorder) lookAtOverruns(r *run, until des.Time) {
	counted := make([]bool, len(s.overruns)) // an arrangement is for one MPID, of which a failure has several
	for _, o := range r.register.Overruns(r.calendar.time(s.next)) {
		if i := slices.IndexFunc(r.failures, func(f failure) bool { return f.id == o.Failure }); i >= 0 && !counted[i] {
			counted[i] = true
			s.overruns[i] += until
		}
	}
}

func billionths(n, of int) uint64 {
	if of == 0 {
		return absent
	}
	return uint64(math.Round(billion * float64(n) / float64(of)))
}

// finish adds what happened to the failures, and gives all values.
func (s *recorder) finish(r *run) []uint64 {
	at := numStates*len(s.instants) + numFlows*daysOf(s.instants)
	for i := range r.failures {
		m := r.happened(i)
		m[overrun] = millis(s.overruns[i])
		at += copy(s.values[at:], m[:])
	}
	return s.values
}

func millis(t des.Time) uint64 { return uint64(t / des.Millisecond) }

// happened is what happened to one failure, all but its overrun.
func (r *run) happened(i int) (m [numMoments]uint64) {
	for k := range m {
		m[k] = absent
	}
	f, s := &r.failures[i], &r.failed[i]
	r.holds(i, &m)
	if s.transferred {
		m[mpidsTransferred] = millis(max(0, s.transferredAt-f.notice))
	}
	m[late] = millis(s.appoint - f.appoint)
	if s.book.completed {
		m[migrationDays] = uint64(s.book.last)
		m[migrated] = millis(r.calendar.days[r.calendar.day(s.appoint)+s.book.last] - f.notice)
	}
	return m
}

// holds finds in the log when the DCC received the delays of a failure, when the PMA released what they held, and when the last certificate was revoked.
func (r *run) holds(i int, m *[numMoments]uint64) {
	f := &r.failures[i]
	since := func(e *hold.Event) uint64 { return millis(max(0, r.calendar.instant(e.At)-f.notice)) }
	certs := f.supplier.certificates()
	revoked, moved := make(map[smki.CertificateID]bool), make(map[smki.MPID]bool)
	var heldCerts []smki.CertificateID // what delays name that the DCC has not received yet
	var heldMPIDs []smki.MPID
	first := func(k moment, e *hold.Event) { m[k] = min(m[k], since(e)) }
	for _, e := range r.register.Events() {
		switch e.Kind {
		case hold.CertificateRevoked:
			for _, c := range e.Certificates {
				if revoked[c] = true; slices.Contains(certs, c) && !slices.ContainsFunc(certs, func(c smki.CertificateID) bool { return !revoked[c] }) {
					first(certificatesRevoked, &e)
				}
			}
		case hold.MPIDTransferred:
			for _, x := range e.MPIDs {
				moved[x] = true
			}
		}
		if e.Failure != f.id {
			continue
		}
		switch e.Kind {
		case hold.DelayDirected:
			heldCerts, heldMPIDs = append(heldCerts, e.Certificates...), append(heldMPIDs, e.MPIDs...)
		case hold.DelayReceived:
			if slices.ContainsFunc(heldCerts, func(c smki.CertificateID) bool { return !revoked[c] }) {
				first(revocationHeld, &e)
			}
			if slices.ContainsFunc(heldMPIDs, func(x smki.MPID) bool { return !moved[x] }) {
				first(transferHeld, &e)
			}
		case hold.ReleaseInstructed:
			if len(e.Certificates) > 0 && m[revocationHeld] != absent {
				m[revocationReleased] = since(&e)
			}
			if len(e.MPIDs) > 0 && m[transferHeld] != absent {
				m[transferReleased] = since(&e)
			}
		}
	}
}

// quarters is how many instants there are to a day, but for the last day, which the end of the run may cut short.
const quarters = 4

func daysOf(instants []des.Time) int { return (len(instants) + quarters - 2) / quarters }

// seriesSum adds up what runs record, by regime. Sums are exact, so that the order of the runs does not matter.
type seriesSum struct {
	cast     *cast
	instants []des.Time
	mu       sync.Mutex
	sums     [][]moments // by regime
}

func newSeriesSum(c *cast, regimes int) *seriesSum {
	s := &seriesSum{cast: c, sums: make([][]moments, regimes)}
	days := c.calendar.days
	for i := 0; days[i] < c.end; i++ {
		for q := range des.Time(quarters) {
			s.instants = append(s.instants, days[i]+q*(days[i+1]-days[i])/quarters)
		}
	}
	past := func(t des.Time) bool { return t >= c.end }
	s.instants = append(slices.DeleteFunc(s.instants, past), c.end)
	for i := range s.sums {
		s.sums[i] = make([]moments, s.size())
	}
	return s
}

func (s *seriesSum) size() int {
	return numStates*len(s.instants) + numFlows*daysOf(s.instants) + int(numMoments)*len(s.cast.failures)
}

// recorder gives one for a run; nil if s is.
func (s *seriesSum) recorder() *recorder {
	if s == nil {
		return nil
	}
	return &recorder{instants: s.instants, values: make([]uint64, s.size()), overruns: make([]des.Time, len(s.cast.failures))}
}

// add adds a run that has ended, under the regime of a number.
func (s *seriesSum) add(regime int, r *run) {
	if s == nil {
		return
	}
	values := r.series.finish(r)
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, x := range values {
		s.sums[regime][i].add(x)
	}
}

// result puts together what was recorded in a number of replications; nil if s is.
func (s *seriesSum) result(regimes []hold.Regime, replications int) *Series {
	if s == nil {
		return nil
	}
	res := &Series{Regimes: []RegimeSeries{}}
	for i, t := range s.instants {
		res.Instants = append(res.Instants, s.cast.calendar.time(t))
		if i%quarters == 0 && t < s.cast.end {
			res.Days = append(res.Days, s.cast.calendar.time(t))
		}
	}
	for i, regime := range regimes {
		res.Regimes = append(res.Regimes, s.regime(regime, s.sums[i], replications))
	}
	return res
}

func (s *seriesSum) regime(regime hold.Regime, sums []moments, replications int) RegimeSeries {
	take := func(n int, unit float64) (all []Interval) {
		for i := range n {
			x := unknown
			if sums[i].n == replications {
				x = sums[i].interval(unit)
			}
			all = append(all, x)
		}
		sums = sums[n:]
		return all
	}
	n := len(s.instants)
	res := RegimeSeries{Regime: regime, HouseholdsOff: take(n, 1), SafeModeShare: take(n, 1.0/billion), MigratedShare: take(n, 1.0/billion)}
	for _, sender := range [numSenders]string{SentBySRP, SentBySoLR} {
		for o := range numOutcomes {
			name := duis.Outcome(o + 1).String()
			if o+1 == notSentPlace {
				name = NotSent
			}
			res.Requests = append(res.Requests, RequestSeries{sender, name, take(daysOf(s.instants), 1)})
		}
	}
	for i := range s.cast.failures {
		res.Failures = append(res.Failures, s.timeline(i, sums[:numMoments]))
		sums = sums[numMoments:]
	}
	return res
}

func (s *seriesSum) timeline(i int, sums []moments) Timeline {
	f, at := &s.cast.failures[i], s.cast.calendar.time
	const day = 1 / (24 * 3600 * 1000.0) // in milliseconds
	when := func(k moment) Moment { return Moment{sums[k].interval(day), sums[k].n} }
	return Timeline{
		Supplier: string(f.supplier.id), SoLR: string(s.cast.solrs[f.solr].id),
		Notified: at(f.notice), Announced: at(f.announce), Revoked: at(f.revoke), Appointed: at(f.appoint), Late: sums[late].interval(day),
		RevocationHeld: when(revocationHeld), RevocationReleased: when(revocationReleased), TransferHeld: when(transferHeld), TransferReleased: when(transferReleased),
		CertificatesRevoked: when(certificatesRevoked), MPIDsTransferred: when(mpidsTransferred), Migrated: when(migrated),
		MigrationDays: Moment{sums[migrationDays].interval(1), sums[migrationDays].n}, OverrunDays: sums[overrun].interval(day),
	}
}

// moments is how many values there are, their sum, and the sum of their squares: exact for up to 10,000 values below 10¹², so that values may come, and sums be merged, in any order.
type moments struct {
	n         int
	sum       uint64
	high, low uint64 // of the sum of squares
}

func (m *moments) add(x uint64) {
	if x == absent {
		return
	}
	high, low := bits.Mul64(x, x)
	m.merge(moments{1, x, high, low})
}

func (m *moments) merge(o moments) {
	var carry uint64
	m.n += o.n
	m.sum += o.sum
	m.low, carry = bits.Add64(m.low, o.low, 0)
	m.high += o.high + carry
}

// unknown is what is not known.
var unknown = Interval{math.NaN(), math.NaN(), math.NaN()}

// interval gives the mean of the values in a unit, with its 95 % interval.
func (m *moments) interval(unit float64) Interval {
	if m.n == 0 {
		return unknown
	}
	n := float64(m.n)
	mean := unit * float64(m.sum) / n
	if m.n == 1 {
		return Interval{mean, math.NaN(), math.NaN()}
	}
	// n times the sum of squares less the square of the sum, which is not negative.
	high, low := bits.Mul64(m.low, uint64(m.n))
	high += m.high * uint64(m.n)
	squareHigh, squareLow := bits.Mul64(m.sum, m.sum)
	low, borrow := bits.Sub64(low, squareLow, 0)
	high -= squareHigh + borrow
	variance := (math.Ldexp(float64(high), 64) + float64(low)) / (n * (n - 1))
	half := unit * student.Quantile975(m.n-1) * math.Sqrt(variance/n)
	return Interval{mean, mean - half, mean + half}
}
