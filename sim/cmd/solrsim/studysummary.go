package main

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"math"
	"slices"
	"text/tabwriter"

	"github.com/seed-db8551c1/lastresort/hold"
	"github.com/seed-db8551c1/lastresort/sim"
)

// writeStudy prints for a person what of a study decides: the price of holding beside the benefit, how far both go with the assumptions, and which assumptions matter.
func writeStudy(to io.Writer, r *sim.StudyResult) error {
	out := bufio.NewWriter(to)
	replications := 0
	for _, p := range r.Points {
		replications += len(p.Replications)
	}
	fmt.Fprintf(out, "%s: %s, %s, seed %d, scale %g; study %s, version %s\n", r.Study.Name, counted(len(r.Points), "point"), counted(replications, "replication"), r.Study.Seed, cmp.Or(r.Study.Scale, 1), r.Hash, r.Version)
	if x := r.Study.Precision; x != nil {
		reached := 0
		for _, p := range r.Points {
			if p.Precise {
				reached++
			}
		}
		fmt.Fprintf(out, "Replications were added until %s was within %g %%, reached at %d points: intervals cover the mean somewhat less often than they say.\n", x.Metric, 100*x.Relative, reached)
	}
	for i, name := range r.Study.Scenarios {
		fmt.Fprintf(out, "\n%s\n", name)
		writePrices(out, r, i)
		for _, regime := range regimesOf(r) {
			if regime != hold.Baseline {
				writeTornado(out, r, i, regime)
			}
		}
	}
	if err := out.Flush(); err != nil {
		return runError{err}
	}
	return nil
}

func regimesOf(r *sim.StudyResult) (all []hold.Regime) {
	for _, x := range r.Points[0].Replications[0] {
		all = append(all, x.Regime)
	}
	return all
}

// priced is the columns of the price of holding: what stands in the table, and the quantity that its spread is taken from.
var priced = []struct {
	title, metric, unit string
	difference          bool
	less                bool // it is how much less there is
	of                  func(*sim.Price) sim.Interval
}{
	{"hours off supply avoided", sim.Headline, "hours", true, true, func(p *sim.Price) sim.Interval { return p.HoursAvoided }},
	{"certificate-days more", "certificate_days_after_revocation", "days", true, false, func(p *sim.Price) sim.Interval { return p.CertificateDays }},
	{"days more until the MPIDs come", "mpid_wait_days", "days", true, false, func(p *sim.Price) sim.Interval { return p.MPIDWaitDays }},
	{"households worse off", "households_worse_off", "households", false, false, func(p *sim.Price) sim.Interval { return p.WorseOff }},
}

func writePrices(out io.Writer, r *sim.StudyResult, scenario int) {
	base := &r.Points[slices.IndexFunc(r.Points, func(p sim.PointResult) bool { return p.Scenario == scenario && p.Kind == sim.BasePoint })]
	if len(base.Prices) == 0 {
		fmt.Fprintln(out, "Baseline was not run: there is nothing to compare with. The tables have every regime alone.")
		return
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprint(w, "against baseline\t")
	for _, c := range priced {
		fmt.Fprintf(w, "%s\t", c.title)
	}
	fmt.Fprintln(w)
	for i := range base.Prices {
		p := &base.Prices[i]
		fmt.Fprintf(w, "%v\t", p.Regime)
		for _, c := range priced {
			fmt.Fprintf(w, "%s\t", interval(c.of(p), c.unit))
		}
		fmt.Fprintln(w)
		for _, kind := range []sim.PointKind{sim.SamplePoint, sim.SweepPoint} {
			writeSpread(w, r, scenario, p.Regime, kind)
		}
	}
	_ = w.Flush() // the error of the writer below is kept, and reported in the end
	fmt.Fprintln(out, "±: half of the 95 % Monte Carlo interval at the assumptions of the scenario and of the study, which is chance. Over the sample, from the 5 % to the 95 % quantile of the means, and over the sweep, from the least to the greatest, which is assumptions.")
}

// writeSpread prints how far the prices of a regime go over the sample or the sweep, if there is one.
func writeSpread(w io.Writer, r *sim.StudyResult, scenario int, regime hold.Regime, kind sim.PointKind) {
	if !slices.ContainsFunc(r.Spreads, func(s sim.Spread) bool { return s.Kind == kind }) {
		return
	}
	fmt.Fprintf(w, "over the %v\t", kind)
	for _, c := range priced {
		i := slices.IndexFunc(r.Spreads, func(s sim.Spread) bool {
			return s.Scenario == scenario && s.Kind == kind && s.Regime == regime && s.Metric == c.metric && s.Difference == c.difference
		})
		if i < 0 || r.Spreads[i].Points == 0 {
			fmt.Fprint(w, "–\t")
			continue
		}
		lo, hi := r.Spreads[i].Q05, r.Spreads[i].Q95
		if kind == sim.SweepPoint {
			lo, hi = r.Spreads[i].Min, r.Spreads[i].Max
		}
		if c.less {
			lo, hi = -hi, -lo
		}
		nan := math.NaN()
		fmt.Fprintf(w, "%s to %s\t", interval(sim.Interval{Mean: lo, Lo: nan, Hi: nan}, c.unit), interval(sim.Interval{Mean: hi, Lo: nan, Hi: nan}, c.unit))
	}
	fmt.Fprintln(w)
}

// writeTornado prints the assumptions that have a range, the widest change of the headline first, with their first-order sensitivity.
func writeTornado(out io.Writer, r *sim.StudyResult, scenario int, regime hold.Regime) {
	var bars []sim.Swing
	for _, s := range r.Swings {
		if s.Scenario == scenario && s.Regime == regime && s.Metric == sim.Headline && s.Difference {
			bars = append(bars, s)
		}
	}
	if len(bars) == 0 {
		return
	}
	slices.SortStableFunc(bars, func(a, b sim.Swing) int { return cmp.Compare(math.Abs(b.Change.Mean), math.Abs(a.Change.Mean)) })
	fmt.Fprintf(out, "\n%s, %v − baseline, with one assumption at either end of its range\n", sim.Headline, regime)
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "assumption\tfrom\tto\tat least\tat greatest\tchange\tcoefficient\tcorrelation ratio\t")
	explained, sampled := math.NaN(), false
	for _, s := range bars {
		ends := r.Study.Ends(s.Assumption)
		fmt.Fprintf(w, "%s\t%g\t%g\t%s\t%s\t%s\t", s.Assumption, ends[0], ends[1], interval(s.Low, "hours"), interval(s.High, "hours"), interval(s.Change, "hours"))
		coefficient, ratio := math.NaN(), math.NaN()
		for _, f := range r.Influences {
			if f.Scenario == scenario && f.Quantity == s.Quantity && f.Assumption == s.Assumption {
				coefficient, ratio, explained = f.Coefficient, f.CorrelationRatio, f.Explained
			}
		}
		sampled = sampled || !math.IsNaN(ratio)
		fmt.Fprintf(w, "%s\t%s\t\n", index(coefficient), index(ratio))
	}
	_ = w.Flush() // the error of the writer below is kept, and reported in the end
	if sampled {
		n := samples(r, scenario)
		fmt.Fprintf(out, "Over the sample of %d points: ", n)
		if !math.IsNaN(explained) {
			fmt.Fprintf(out, "standardised regression coefficients, which together explain %.0f %% of the variance, and ", 100*explained)
		}
		fmt.Fprintf(out, "correlation ratios, of which those up to %.2f may be chance.\n", min(chanceRatio(n), 1))
	}
}

// samples is how many points the sample of a scenario has.
func samples(r *sim.StudyResult, scenario int) (n int) {
	for _, p := range r.Points {
		if p.Scenario == scenario && p.Kind == sim.SamplePoint {
			n++
		}
	}
	return n
}

// chanceRatio is twice the standard error of the correlation ratio of an assumption that nothing follows, over a sample of n points: the ratio goes with F, whose degrees of freedom
// are those of the √n classes and of the points in them. One in 25 is above it.
func chanceRatio(n int) float64 {
	classes := math.Floor(math.Sqrt(float64(n)))
	between, within := classes-1, float64(n)-classes
	return 2 * between / float64(n-1) * math.Sqrt(2/between+2/within)
}

func index(x float64) string {
	if math.IsNaN(x) {
		return "–"
	}
	return rounded(x, 2)
}
