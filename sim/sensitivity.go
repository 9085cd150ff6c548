package sim

import "slices"

// The sensitivity of the headline metric: smaller runs over the assumptions that matter most.

// oneAtATime is one assumption, or several that change together, over a few values.
type oneAtATime struct {
	name   string
	unit   string
	points []*trial
	own    int // which point is the run's own
	values []float64
}

// trial is the runs with one set of assumptions. Studies that have one in common share it.
type trial struct {
	plan  *plan
	found [][]Replication // by replication
}

// quickCustomers is about how many customers a sensitivity run has, and quickReplications how many there are of each.
const (
	quickCustomers    = 30_000
	quickReplications = 4
)

// swept are the assumptions of the sensitivity: what each does to the assumptions, at which values, and which of them is the run's own.
var swept = []struct {
	name, unit string
	values     []float64
	own        func(v *values) float64
	override   func(v *values, x float64) map[string]float64
}{
	{assumptions[revocationGap].Name, unitDays, []float64{0, 1, 2, 3, 4},
		func(v *values) float64 { return v[revocationGap] },
		func(_ *values, x float64) map[string]float64 {
			return map[string]float64{assumptions[revocationGap].Name: x}
		}},
	{assumptions[solrSupportLatency].Name + " and " + assumptions[solrConfirmLatency].Name, "times as long", []float64{0.25, 1, 4},
		func(*values) float64 { return 1 },
		func(v *values, x float64) map[string]float64 {
			return map[string]float64{
				assumptions[solrSupportLatency].Name: min(x*v[solrSupportLatency], assumptions[solrSupportLatency].Max),
				assumptions[solrConfirmLatency].Name: min(x*v[solrConfirmLatency], assumptions[solrConfirmLatency].Max),
			}
		}},
	{assumptions[prepayment].Name, unitShare, []float64{0.06, 0.13, 0.26},
		func(v *values) float64 { return v[prepayment] },
		func(_ *values, x float64) map[string]float64 {
			return map[string]float64{assumptions[prepayment].Name: x}
		}},
}

// studies are the sensitivity runs of a plan, and the trials that they are made of.
func (p *plan) studies() (all []*oneAtATime, trials []*trial, err error) {
	if p.Sensitivity == NoSensitivity {
		return nil, nil, nil
	}
	scale := min(p.scale, quickCustomers/float64(p.Scenario.Customers()))
	for _, w := range swept {
		own := w.own(&p.values)
		s := &oneAtATime{name: w.name, unit: w.unit, values: withOwn(w.values, own)}
		for i, x := range s.values {
			q := &plan{Experiment: p.Experiment, regimes: p.regimes, replications: min(p.replications, quickReplications), scale: scale}
			if err := q.assume(w.override(&p.values, x)); err != nil {
				return nil, nil, err
			}
			if x == own {
				s.own = i
			}
			at := slices.IndexFunc(trials, func(t *trial) bool { return t.plan.values == q.values })
			if at < 0 {
				at = len(trials)
				trials = append(trials, &trial{q, make([][]Replication, q.replications)})
			}
			s.points = append(s.points, trials[at])
		}
		all = append(all, s)
	}
	return all, trials, nil
}

// withOwn gives the values in order, with the run's own among them.
func withOwn(values []float64, own float64) []float64 {
	i, found := slices.BinarySearch(values, own)
	if found {
		return values
	}
	return slices.Insert(slices.Clone(values), i, own)
}

func (t *trial) tasks() (all []task) {
	for k := range t.found {
		all = append(all, task{t.plan, k, &t.found[k]})
	}
	return all
}

func (t *trial) events() (n uint64) {
	for _, all := range t.found {
		for _, r := range all {
			n += r.Events
		}
	}
	return n
}

// result scales the headline metric up to all customers of the scenario.
func (s *oneAtATime) result() SensitivityResult {
	first := s.points[0].plan
	res := SensitivityResult{Assumption: s.name, Unit: s.unit, Metric: Headline, Scale: first.scale, Replications: first.replications}
	for i, t := range s.points {
		point := SensitivityPoint{Value: s.values[i], Default: i == s.own, Regimes: make(map[string]Interval)}
		for k, regime := range t.plan.regimes {
			x := intervals(byRegime(t.found, k))[Headline]
			point.Regimes[regime.String()] = Interval{x.Mean / t.plan.scale, x.Lo / t.plan.scale, x.Hi / t.plan.scale}
		}
		res.Points = append(res.Points, point)
	}
	return res
}
