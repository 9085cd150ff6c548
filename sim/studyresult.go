package sim

import (
	"math"
	"slices"

	"golang.org/x/exp/stats"

	"github.com/seed-db8551c1/lastresort/hold"
	"github.com/seed-db8551c1/lastresort/sim/internal/design"
)

// StudyResult is what a [StudyRun] found. Chance and assumptions are apart in it: the intervals of points are over replications at the same assumptions, and
// spreads are over the means of points at different ones. What is not known is NaN.
type StudyResult struct {
	Study      *Study
	Hash       string // of the study; see [StudyRun.Hash]
	Version    string
	Scenarios  []string // the hash of each scenario
	Points     []PointResult
	Spreads    []Spread
	Swings     []Swing
	Influences []Influence
}

// Quantity is what a number is about: a metric under a regime, or how far it is from Baseline in the same replication.
type Quantity struct {
	Regime     hold.Regime
	Metric     string
	Difference bool // from Baseline
}

// PointResult is what was found at one point.
type PointResult struct {
	DesignPoint
	Values       map[string]float64 // every assumption that the study varies
	Precise      bool               // whether the precision that was asked for was reached; false if none was
	Replications [][]Replication    // by replication, and by regime in the order of the study
	Summaries    []Summary
	Prices       []Price // of each regime but Baseline; none if Baseline was not run
}

// Summary is a quantity over the replications of one point.
type Summary struct {
	Quantity
	Interval         Interval // of the mean
	Q05, Median, Q95 float64  // over replications
}

// Price puts what a regime costs beside what it is good for, with what Baseline does in the same replications taken off.
type Price struct {
	Regime          hold.Regime
	HoursAvoided    Interval // hours off supply of households that there are less
	CertificateDays Interval // days that certificates live on after licence revocation, more
	MPIDWaitDays    Interval // days that a SoLR waits for its MPIDs, more
	WorseOff        Interval // households that are longer without supply
}

// Spread is how far the mean of a quantity goes over the points of one scenario. It is about assumptions, with a little of chance in it, which Noise bounds.
type Spread struct {
	Scenario int
	Kind     PointKind // SamplePoint, or SweepPoint
	Quantity
	Points   int     // whose mean is known
	Unknown  int     // whose mean is not, since some replication never reached the metric: they are left out
	Min, Max float64 // of the means
	// Quantiles of the means of a sample, under the distributions that it was taken from. A sweep has none.
	Q05, Q25, Median, Q75, Q95 float64
	Noise                      float64 // half of the widest interval of a mean
}

// Swing is a quantity with one assumption at either end of its range, and the others as in the base: a bar of a tornado diagram.
type Swing struct {
	Scenario int
	Quantity
	Assumption string
	Low, High  Interval // at the least and the greatest value
	Change     Interval // from low to high, replication by replication
}

// Influence is how far the means of a sample follow one assumption. Both measures are of the first order: what assumptions do together is in neither.
type Influence struct {
	Scenario int
	Quantity
	Assumption string
	// Coefficient is the standardised regression coefficient, and Explained the share of the variance that the regression on all assumptions explains: where that is far below 1 coefficients say little
	// (Saltelli and others, Global Sensitivity Analysis: The Primer, 2008, section 1.2).
	Coefficient, Explained float64
	// CorrelationRatio is the share of the variance that is the variance of the mean given the assumption, estimated from √n classes without bias
	// (Kelley, Proceedings of the National Academy of Sciences 21, 1935). It may be a little below 0.
	CorrelationRatio float64
}

// result puts together what was found.
func (s *studyState) result() (*StudyResult, error) {
	res := &StudyResult{Study: s.Study, Version: s.Version}
	var err error
	if res.Hash, err = s.Hash(); err != nil {
		return nil, err
	}
	for _, x := range s.Scenarios {
		h, err := hash(x)
		if err != nil {
			return nil, err
		}
		res.Scenarios = append(res.Scenarios, h)
	}
	for i := range s.points {
		p, err := s.point(i)
		if err != nil {
			return nil, err
		}
		res.Points = append(res.Points, p)
	}
	for scenario := range s.Scenarios {
		for q, target := range s.quantities() {
			res.Spreads = append(res.Spreads, s.spreads(res.Points, scenario, q)...)
			res.Swings = append(res.Swings, s.swings(scenario, target)...)
			res.Influences = append(res.Influences, s.influences(res.Points, scenario, q)...)
		}
	}
	return res, nil
}

// target is where a quantity is found: positions of the regime, of the metric, and of Baseline, -1 if it is not a difference.
type target struct {
	Quantity
	regime, metric, base int
}

// quantities is everything that results are given for.
func (s *studyState) quantities() (all []target) {
	base := slices.Index(s.regimes, hold.Baseline)
	for i, r := range s.regimes {
		for _, m := range s.Study.metrics() {
			all = append(all, target{Quantity{r, m.Name, false}, i, metricIndex[m.Name], -1})
			if base >= 0 && i != base {
				all = append(all, target{Quantity{r, m.Name, true}, i, metricIndex[m.Name], base})
			}
		}
	}
	return all
}

func (s *studyState) point(i int) (PointResult, error) {
	p := PointResult{DesignPoint: s.points[i], Values: make(map[string]float64), Precise: s.precise[i], Replications: s.found[i][:s.wanted[i]]}
	v, err := s.values(&p.DesignPoint)
	if err != nil {
		return p, err
	}
	for a, name := range assumptionNames() {
		if slices.Contains(s.Study.varied(), name) {
			p.Values[name] = v[a]
		}
	}
	for _, t := range s.quantities() {
		values := s.measured(i, t.regime, t.metric, t.base)
		x := Summary{t.Quantity, summarise(values), math.NaN(), math.NaN(), math.NaN()}
		if x.Interval.Known() {
			q := stats.Quantiles(values, 0.05, 0.5, 0.95)
			x.Q05, x.Median, x.Q95 = q[0], q[1], q[2]
		}
		p.Summaries = append(p.Summaries, x)
	}
	base := slices.Index(s.regimes, hold.Baseline)
	for k, r := range s.regimes {
		if base < 0 || k == base {
			continue
		}
		more := func(m metric) Interval { return summarise(s.measured(i, k, int(m), base)) }
		hours := more(customerHours)
		p.Prices = append(p.Prices, Price{r, Interval{0 - hours.Mean, 0 - hours.Hi, 0 - hours.Lo}, more(certificateDays), more(mpidWaitDays), summarise(s.measured(i, k, int(householdsWorseOff), -1))})
	}
	return p, nil
}

// spreads is those of one quantity of one scenario: of the sample and of the sweep, where there are any.
func (s *studyState) spreads(points []PointResult, scenario, q int) (all []Spread) {
	for _, kind := range []PointKind{SamplePoint, SweepPoint} {
		x := Spread{Scenario: scenario, Kind: kind, Min: math.NaN(), Max: math.NaN(), Q05: math.NaN(), Q25: math.NaN(), Median: math.NaN(), Q75: math.NaN(), Q95: math.NaN(), Noise: math.NaN()}
		var means []float64
		for i := range points {
			if p := &points[i]; p.Scenario == scenario && p.Kind == kind {
				y := &p.Summaries[q]
				x.Quantity = y.Quantity
				if !y.Interval.Known() {
					x.Unknown++
					continue
				}
				means = append(means, y.Interval.Mean)
				if half := y.Interval.Hi - y.Interval.Mean; !(half <= x.Noise) {
					x.Noise = half
				}
			}
		}
		if len(means)+x.Unknown == 0 {
			continue
		}
		if x.Points = len(means); x.Points > 0 {
			x.Min, x.Max = slices.Min(means), slices.Max(means)
			if kind == SamplePoint {
				v := stats.Quantiles(means, 0.05, 0.25, 0.5, 0.75, 0.95)
				x.Q05, x.Q25, x.Median, x.Q75, x.Q95 = v[0], v[1], v[2], v[3], v[4]
			}
		}
		all = append(all, x)
	}
	return all
}

// swings is those of one quantity of one scenario: one for each range, in the order of the assumptions.
func (s *studyState) swings(scenario int, t target) (all []Swing) {
	for i := range s.points {
		low := &s.points[i]
		if low.Scenario != scenario || low.Kind != LowPoint {
			continue
		}
		from, to := s.measured(i, t.regime, t.metric, t.base), s.measured(i+1, t.regime, t.metric, t.base) // the high point comes after the low one
		change := make([]float64, min(len(from), len(to)))
		for k := range change {
			change[k] = to[k] - from[k]
		}
		all = append(all, Swing{scenario, t.Quantity, low.Assumption, summarise(from), summarise(to), summarise(change)})
	}
	return all
}

// influences is those of one quantity of one scenario: one for each range, in the order of the assumptions.
func (s *studyState) influences(points []PointResult, scenario, q int) (all []Influence) {
	ranged := s.Study.ranged()
	var x [][]float64
	var y []float64
	var quantity Quantity
	for i := range points {
		if p := &points[i]; p.Scenario == scenario && p.Kind == SamplePoint {
			row := make([]float64, len(ranged))
			for d, name := range ranged {
				row[d] = p.Values[name]
			}
			x, y, quantity = append(x, row), append(y, p.Summaries[q].Interval.Mean), p.Summaries[q].Quantity
		}
	}
	if len(y) == 0 {
		return nil
	}
	coefficients, explained := design.Regression(x, y)
	for d, name := range ranged {
		column := make([]float64, len(x))
		for i := range x {
			column[i] = x[i][d]
		}
		all = append(all, Influence{scenario, quantity, name, coefficients[d], explained, design.CorrelationRatio(column, y)})
	}
	return all
}
