package main

import (
	"bufio"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/seed-db8551c1/lastresort/hold"
	"github.com/seed-db8551c1/lastresort/sim"
)

// writeTable prints the comparison of the regimes for a person.
func writeTable(to io.Writer, r *sim.Result) error {
	out := bufio.NewWriter(to)
	fmt.Fprintf(out, "%s: %s, %s customers, %s enrolled smart meters; %s, seed %d, scale %g\n\n",
		r.Scenario, counted(r.Failures, "failure"), grouped(float64(r.Customers)), grouped(float64(r.Meters)), counted(r.Replications, "replication"), r.Seed, r.Scale)

	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprint(w, "\t")
	for _, g := range r.Regimes {
		fmt.Fprintf(w, "%v\t", g.Regime)
	}
	for _, g := range r.Regimes {
		if g.Difference != nil {
			fmt.Fprintf(w, "%v − baseline\t", g.Regime)
		}
	}
	fmt.Fprintln(w)
	for _, m := range sim.Metrics() {
		if never(r, m.Name) {
			continue
		}
		fmt.Fprintf(w, "%s\t", m.Name)
		for _, g := range r.Regimes {
			fmt.Fprintf(w, "%s\t", interval(g.Metrics[m.Name], m.Unit))
		}
		for _, g := range r.Regimes {
			if g.Difference != nil {
				fmt.Fprintf(w, "%s\t", interval(g.Difference[m.Name], m.Unit))
			}
		}
		fmt.Fprintln(w)
	}
	if err := w.Flush(); err != nil {
		return runError{err}
	}
	fmt.Fprintf(out, "\n±: half of the %s.\nDifferences are paired: both regimes saw the same households and the same chance. %s Codes that no request got are left out.\nsolrsim metrics says what each measure is. The MP185 report expects an SRP's support to end within 90 days: see last_cos_day.\n", r.Interval, dash(r))

	writeRange(out, r)
	for _, s := range r.Sensitivity {
		writeSensitivity(out, r, s)
	}
	if err := out.Flush(); err != nil {
		return runError{err}
	}
	return nil
}

// dash says what a dash in a table means.
func dash(r *sim.Result) string {
	if slices.ContainsFunc(r.Regimes, func(g sim.RegimeResult) bool { return g.Regime == hold.Baseline }) {
		return "–: never reached."
	}
	return "–: never reached, or, of households_worse_off, not known, since baseline was not run."
}

// never reports whether a code was given to no request at all: such a row says nothing.
func never(r *sim.Result, metric string) bool {
	if !strings.HasPrefix(metric, "requests_rejected_") {
		return false
	}
	for _, g := range r.Regimes {
		if g.Metrics[metric].Mean != 0 {
			return false
		}
	}
	return true
}

// writeRange says how far the headline goes over all assumptions of the sensitivity, which is far beyond its intervals.
func writeRange(out io.Writer, r *sim.Result) {
	if len(r.Sensitivity) == 0 {
		return
	}
	fmt.Fprintf(out, "\nOver the assumptions below, one at a time, %s of all customers goes", sim.Headline)
	for i, g := range r.Regimes {
		least, most := math.Inf(1), math.Inf(-1)
		for _, s := range r.Sensitivity {
			for _, p := range s.Points {
				mean := p.Regimes[g.Regime.String()].Mean
				least, most = min(least, mean), max(most, mean)
			}
		}
		if i > 0 {
			fmt.Fprint(out, ",")
		}
		fmt.Fprintf(out, " from %s to %s under %v", grouped(least), grouped(most), g.Regime)
	}
	fmt.Fprintln(out, ".")
}

// writeSensitivity prints the headline over one assumption.
func writeSensitivity(out io.Writer, r *sim.Result, s sim.SensitivityResult) {
	if !follows(s) {
		fmt.Fprintf(out, "\n%s does not follow %s: it is the same at", s.Metric, s.Assumption)
		for i, p := range s.Points {
			fmt.Fprintf(out, "%s %g", []string{"", ","}[min(i, 1)], p.Value)
		}
		fmt.Fprintf(out, " %s under every regime.\n", s.Unit)
		return
	}
	fmt.Fprintf(out, "\n%s over %s (%s; assumption, not chance; from %s)\n", s.Metric, s.Assumption, s.Unit, runsOf(s))
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(w, "%s\t", s.Assumption)
	for _, g := range r.Regimes {
		fmt.Fprintf(w, "%v\t", g.Regime)
	}
	fmt.Fprintln(w)
	for _, p := range s.Points {
		mark := ""
		if p.Default {
			mark = "*"
		}
		fmt.Fprintf(w, "%s%g\t", mark, p.Value)
		for _, g := range r.Regimes {
			fmt.Fprintf(w, "%s\t", interval(p.Regimes[g.Regime.String()], "hours"))
		}
		fmt.Fprintln(w)
	}
	_ = w.Flush() // the error of the writer below is kept, and reported in the end
	fmt.Fprintln(out, "*: the value of the run above")
}

// runsOf says which runs the sensitivity comes from. Those at a small scale are scaled up, as the numbers of a run at that scale are not.
func runsOf(s sim.SensitivityResult) string {
	runs := fmt.Sprintf("runs at scale %.3g with %s", s.Scale, counted(s.Replications, "replication"))
	if s.Scale < 1 {
		runs += ", scaled up to all customers"
	}
	return runs
}

// follows reports whether the metric is anything else at any value of the assumption than at the first.
func follows(s sim.SensitivityResult) bool {
	for _, p := range s.Points {
		for regime, x := range p.Regimes {
			if x.Mean != s.Points[0].Regimes[regime].Mean {
				return true
			}
		}
	}
	return false
}

// interval prints a mean with half of its interval, which lies evenly around it.
func interval(i sim.Interval, unit string) string {
	if !i.Known() {
		return "–"
	}
	digits := 0
	switch {
	case unit == "share":
		digits = 3
	case math.Abs(i.Mean) < 1000:
		digits = 1
	}
	s := rounded(i.Mean, digits)
	if !math.IsNaN(i.Hi) {
		s += " ± " + rounded(i.Hi-i.Mean, digits)
	}
	return s
}

// rounded prints a number with some digits, its thousands apart.
func rounded(x float64, digits int) string {
	s := strconv.FormatFloat(x, 'f', digits, 64)
	whole, _, _ := strings.Cut(s, ".")
	for i := len(whole) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return signed(s)
}

// signed gives a number its minus sign, and none to what is rounded to nothing.
func signed(s string) string {
	if digits, negative := strings.CutPrefix(s, "-"); negative {
		if strings.Trim(digits, "0.") == "" {
			return digits
		}
		return "−" + digits
	}
	return s
}

// counted prints how many there are of something.
func counted(n int, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return grouped(float64(n)) + " " + one + "s"
}

// grouped prints a whole number with its thousands apart.
func grouped(x float64) string { return rounded(x, 0) }
