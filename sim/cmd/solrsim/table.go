package main

import (
	"bufio"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/seed-db8551c1/lastresort/sim"
)

// writeTable prints the comparison of the regimes for a person.
func writeTable(to io.Writer, r *sim.Result) error {
	out := bufio.NewWriter(to)
	fmt.Fprintf(out, "%s: %d failures, %s customers, %s enrolled smart meters; %d replications, seed %d, scale %g\n\n",
		r.Scenario, r.Failures, grouped(float64(r.Customers)), grouped(float64(r.Meters)), r.Replications, r.Seed, r.Scale)

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
	fmt.Fprintf(out, "\n±: half of the %s.\nDifferences are paired: both regimes saw the same households and the same chance. –: never reached. Codes that no request got are left out.\nThe MP185 report expects an SRP's support to end within 90 days: see last_cos_day.\n", r.Interval)

	writeRange(out, r)
	for _, s := range r.Sensitivity {
		writeSensitivity(out, r, s)
	}
	if err := out.Flush(); err != nil {
		return runError{err}
	}
	return nil
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
	fmt.Fprintf(out, "\nOver the assumptions below, one at a time, %s goes", sim.Headline)
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

func writeSensitivity(out io.Writer, r *sim.Result, s sim.SensitivityResult) {
	fmt.Fprintf(out, "\n%s over %s (%s; assumption, not chance; from runs at scale %.3g with %d replications)\n", s.Metric, s.Assumption, s.Unit, s.Scale, s.Replications)
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

func rounded(x float64, digits int) string {
	if digits == 0 {
		return grouped(x)
	}
	return signed(strconv.FormatFloat(x, 'f', digits, 64))
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

// grouped prints a whole number with its thousands apart.
func grouped(x float64) string {
	s := strconv.FormatFloat(x, 'f', 0, 64)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return signed(s)
}
