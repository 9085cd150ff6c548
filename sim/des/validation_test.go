package des_test

import (
	"math"
	"slices"
	"testing"

	"github.com/seed-db8551c1/lastresort/sim/des"
)

const (
	gap des.Purpose = iota
	work
)

const (
	arrival des.Kind = iota
	service
	departure
)

// law is a way of serving for which theory gives the mean wait.
type law struct {
	name    string
	servers int
	rate    float64                 // customers a second
	work    func(u float64) float64 // seconds, as the quantile of a uniform number
	wait    float64                 // mean in the long run, seconds
}

func exponential(u float64) float64 { return -math.Log(1 - u) }

// laws have a mean service of 1 s. The waits are 1/(mu-lambda)-1/mu, Erlang's C
// over c*mu-lambda, and, after Pollaczek and Khinchine, lambda*E[S²]/(2-2rho);
// the service of M/G/1 is uniform, with E[S²] of 4/3.
var laws = []law{
	{"M/M/1", 1, 0.5, exponential, 1},
	{"M/M/2", 2, 1.2, exponential, erlangC(2, 1.2) / (2 - 1.2)},
	{"M/M/3", 3, 2.1, exponential, erlangC(3, 2.1) / (3 - 2.1)},
	{"M/G/1", 1, 0.5, func(u float64) float64 { return 2 * u }, 0.5 * (4. / 3) / (2 - 2*0.5)},
}

// erlangC is the probability of waiting with c servers and an offered load a.
func erlangC(c int, a float64) float64 {
	sum, term := 0.0, 1.0
	for k := range c {
		sum += term
		term *= a / float64(k+1)
	}
	last := term * float64(c) / (float64(c) - a)
	return last / (sum + last)
}

// station is such a system, first come, first served, with an unlimited queue.
type station struct {
	law
	src       des.Source
	customers uint32
	warmUp    uint32 // customers before the monitors begin anew

	des.Simulation
	desk  *des.Resource
	began []des.Time // service, by customer, if there is room for it
}

func (m *station) gap(c uint32) des.Time {
	return des.FromSeconds(m.src.Exp(gap, uint64(c), 0) / m.rate)
}

func (m *station) duration(c uint32) des.Time {
	return des.FromSeconds(m.work(m.src.Float64(work, uint64(c), 0)))
}

func (m *station) run() {
	if m.servers == 0 {
		m.law = laws[0]
	}
	m.desk = des.NewResource(&m.Simulation, m.servers)
	m.Schedule(m.gap(0), arrival, 0)
	for e, ok := m.Next(); ok; e, ok = m.Next() {
		switch e.Kind {
		case arrival:
			if e.Entity == m.warmUp {
				m.desk.Restart()
			}
			m.desk.Request(service, e.Entity, 0)
			if next := e.Entity + 1; next < m.customers {
				m.Schedule(e.At+m.gap(next), arrival, next)
			}
		case service:
			if m.began != nil {
				m.began[e.Entity] = e.At
			}
			m.Schedule(e.At+m.duration(e.Entity), departure, e.Entity)
		case departure:
			m.desk.Release()
		}
	}
}

// Means over replications agree with theory within their intervals: the wait,
// the number waiting (Little's law: rate times wait), the servers in use.
func TestQueuesAgreeWithTheory(t *testing.T) {
	for _, l := range append([]law{{"M/M/1 busy 0.9", 1, 0.9, exponential, 9}}, laws...) {
		const replications = 20
		var waits, queue, inUse des.Tally
		for k := range uint64(replications) {
			m := station{law: l, src: des.Source{Seed: 1, Replication: k}, customers: 25_000, warmUp: 3_000}
			m.run()
			if err := m.Err(); err != nil {
				t.Fatal(err)
			}
			waits.Add(m.desk.Waits.Mean())
			queue.Add(m.desk.Queue.Mean(m.Now()))
			inUse.Add(m.desk.InUse.Mean(m.Now()))
		}
		for _, test := range []struct {
			name  string
			got   des.Tally
			want  float64
			width float64 // the interval must be narrow enough to say something
		}{
			{"wait", waits, l.wait, 0.2 * l.wait},
			{"number waiting", queue, l.rate * l.wait, 0.2 * l.rate * l.wait},
			{"servers in use", inUse, l.rate, 0.01 * l.rate},
		} {
			// 3.883 is the 0.9995 quantile of Student's t at 19 degrees of freedom.
			half := 3.883 * math.Sqrt(test.got.Variance()/replications)
			t.Logf("%s, %s: %.4f ± %.4f, theory %.4f", l.name, test.name, test.got.Mean(), half, test.want)
			if math.Abs(test.got.Mean()-test.want) > half || half > test.width {
				t.Errorf("%s, %s: %.4f ± %.4f, theory says %v", l.name, test.name, test.got.Mean(), half, test.want)
			}
		}
	}
}

// The 95 % intervals hold what they say: of 1,000 studies of 10 replications
// each, between 93.5 and 96.5 % cover the mean wait of theory. Studies that go on
// until their interval is narrow enough cover it less often, since they end
// rather when chance has made it narrow; they are reported apart.
func TestIntervalsCoverTheTruth(t *testing.T) {
	if testing.Short() {
		t.Skip("1,000 studies of each queue")
	}
	const studies = 1000
	// study returns whether an interval covers the truth, and from how many replications.
	study := func(l law, number uint64, enough func(*des.Tally) bool) (bool, uint64) {
		m := station{law: l, customers: 1320, warmUp: 120}
		var waits des.Tally
		for !enough(&waits) {
			m.Reset()
			m.src = des.Source{Seed: number, Replication: waits.Count()}
			m.run()
			waits.Add(m.desk.Waits.Mean())
		}
		return math.Abs(waits.Mean()-l.wait) <= waits.HalfWidth(), waits.Count()
	}
	for _, l := range laws {
		t.Run(l.name, func(t *testing.T) {
			t.Parallel()
			covered := 0
			for number := range uint64(studies) {
				if ok, _ := study(l, number, func(w *des.Tally) bool { return w.Count() == 10 }); ok {
					covered++
				}
			}
			share := 100 * float64(covered) / studies
			t.Logf("10 replications: %.1f %% of %d intervals cover the mean wait", share, studies)
			if share < 93.5 || share > 96.5 {
				t.Errorf("%.1f %% of the intervals cover the mean wait, want 93.5 to 96.5", share)
			}
		})
	}
	t.Run("stopped at a precision", func(t *testing.T) {
		t.Parallel()
		covered, replications := 0, uint64(0)
		for number := range uint64(studies) {
			ok, n := study(laws[0], studies+number, func(w *des.Tally) bool {
				return w.Count() >= 5 && w.HalfWidth() <= 0.15*w.Mean()
			})
			replications += n
			if ok {
				covered++
			}
		}
		share := 100 * float64(covered) / studies
		t.Logf("M/M/1, until the interval is within 15 %% of the mean: %.1f %% of %d intervals cover the mean wait, after %.1f replications on average",
			share, studies, float64(replications)/studies)
		if share < 85 || share > 96.5 {
			t.Errorf("%.1f %% of the intervals cover the mean wait", share)
		}
	})
}

// The recursion of Kiefer and Wolfowitz, with one server that of Lindley, gives
// on the same draws every waiting time, to the microsecond.
func TestQueuesAgreeWithRecursion(t *testing.T) {
	for _, l := range laws {
		m := station{law: l, src: des.Source{Seed: 7}, customers: 50_000, began: make([]des.Time, 50_000)}
		m.run()
		left := make([]des.Time, l.servers) // work that each server has left, least first
		at := des.Time(0)
		for c, got := range m.began {
			a := m.gap(uint32(c))
			at += a
			for i := range left {
				left[i] = max(0, left[i]-a)
			}
			if got != at+left[0] {
				t.Fatalf("%s: customer %d waited %v, the recursion says %v", l.name, c, got-at, left[0])
			}
			left[0] += m.duration(uint32(c))
			slices.Sort(left)
		}
	}
}

// The same run has the same fingerprint, fresh or after Reset, whatever other
// replications ran before; another replication has another.
func TestRunsRepeat(t *testing.T) {
	fingerprint := func(m *station, k uint64) uint64 {
		m.src = des.Source{Seed: 7, Replication: k}
		m.run()
		return m.Fingerprint()
	}
	alone := fingerprint(&station{customers: 1000}, 2)
	again := station{customers: 1000}
	if fingerprint(&again, 1) == alone {
		t.Error("replications 1 and 2 have the same fingerprint")
	}
	again.Reset()
	if got := fingerprint(&again, 2); got != alone {
		t.Errorf("replication 2 has fingerprint %#x after Reset, %#x alone", got, alone)
	}
}
