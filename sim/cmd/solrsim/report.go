package main

import (
	"bytes"
	_ "embed"
	"encoding/csv"
	"fmt"
	"html/template"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/seed-db8551c1/lastresort/sim"
	"github.com/seed-db8551c1/lastresort/sim/internal/studyfile"
	"github.com/spf13/cobra"
)

func reportCommand() *cobra.Command {
	var (
		flags experimentFlags
		out   string
		study string
	)
	c := &cobra.Command{
		Use:   "report SCENARIO|FILE",
		Short: "Run a scenario and write a page of charts, with the numbers behind them",
		Long: `Run a scenario and write a page of charts, with the numbers behind them.

The page is index.html. It needs no network, no script and no other file, reads on a phone, in the dark, on paper and by a screen reader, and has every number
with its interval. Beside it stand the charts, each as SVG and PNG, and their numbers as CSV. The same scenario, flags and version give the same bytes.

With --study, the directory that solrsim study has written, the sensitivity is that of the study to its ranges.`,
		Args: oneScenario("report"),
		RunE: func(c *cobra.Command, args []string) error {
			if out == "" {
				return fmt.Errorf("--out: expected the directory that the report is written to")
			}
			x, err := flags.experiment(args[0])
			if err != nil {
				return err
			}
			x.Series = true
			var found *studied
			if study != "" {
				if found, err = readStudied(study, x.Scenario); err != nil {
					return err
				}
				x.Sensitivity = sim.NoSensitivity
			}
			if err := os.MkdirAll(out, 0o777); err != nil {
				return err
			}
			r, err := execute(c.Context(), x, c.ErrOrStderr())
			if err != nil {
				return err
			}
			again := flags.command(args[0])
			if study != "" {
				again += " --study " + quoted(study)
			}
			if err := writeReport(out, x.Scenario, r, found, again+" --out "+quoted(out)); err != nil {
				return runError{err}
			}
			return printTo(c.OutOrStdout(), "%s\n", filepath.Join(out, "index.html"))
		},
	}
	f := c.Flags()
	flags.add(f)
	f.StringVar(&out, "out", "", "the directory that the report is written to")
	f.StringVar(&study, "study", "", "the directory of a finished study of the scenario, for the sensitivity")
	return c
}

// command is the command that gives the same report, without its directories.
func (x *experimentFlags) command(scenario string) string {
	s := fmt.Sprintf("solrsim report %s --regimes %s --reps %d --seed %d --scale %g", quoted(scenario), strings.Join(x.regimes, ","), x.reps, x.seed, x.scale)
	for _, a := range x.set {
		s += " --set " + quoted(a)
	}
	if !x.sensitivity {
		s += " --sensitivity=false"
	}
	return s
}

// quoted is an argument as a shell takes it.
func quoted(s string) string {
	plain := func(r rune) rune {
		if strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=:,./@%", r) {
			return -1
		}
		return r
	}
	if s != "" && strings.Map(plain, s) == "" {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// page is what the template shows.
type page struct {
	Scenario *sim.Scenario
	Result   *sim.Result
	Version  string
	Hash     string
	Command  string
	Tables   map[string]pageTable
	Meanings []sim.MetricInfo // of the measures
	Sections []section
	Study    string
}

// section is a part of the page with its figures.
type section struct {
	Name, Title, Text string
	Figures           []figure
}

type figure struct {
	Chart        chart
	Wide, Narrow template.HTML
}

// Behind is the table behind the chart.
func (f figure) Behind() pageTable { return pageTable{f.Chart.Title, f.Chart.Table} }

// pageTable is a table of the page: its first row is its head, and the first cell of each row names it.
type pageTable struct {
	Caption string
	Rows    [][]string
}

//go:embed report.html
var reportPage string

var reportTemplate = template.Must(template.New("report").Funcs(template.FuncMap{
	"dash":    dash,
	"grouped": func(n int) string { return grouped(float64(n)) },
	"events":  func(n uint64) string { return grouped(float64(n)) },
	"plain":   func(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) },
	"head":    func(t [][]string) []string { return t[0] },
	"body":    func(t [][]string) [][]string { return t[1:] },
}).Parse(reportPage))

// writeReport writes the page, and the charts beside it.
func writeReport(dir string, s *sim.Scenario, r *sim.Result, found *studied, command string) error {
	hash, err := s.Hash()
	if err != nil {
		return err
	}
	p := page{Scenario: s, Result: r, Version: studyfile.Version(), Hash: hash, Command: command}
	values, differences, meanings := measures(r)
	p.Meanings = meanings
	p.Tables = map[string]pageTable{
		"summary": {"The regimes in short", summary(r)}, "measures": {"Every measure: mean ± half of its interval", values},
		"differences": {"Differences from baseline, replication by replication: mean ± half of its interval", differences},
	}
	if found != nil {
		p.Study = found.what
	}
	for _, x := range sections(r, found) {
		for i := range x.Figures {
			f := &x.Figures[i]
			drawn, err := f.Chart.render()
			if err != nil {
				return err
			}
			f.Wide, f.Narrow = template.HTML(drawn.wide), template.HTML(drawn.narrow) // made of charts above, every text in it escaped there
			var numbers bytes.Buffer
			if err := csv.NewWriter(&numbers).WriteAll(f.Chart.Data); err != nil {
				return err
			}
			for ext, b := range map[string][]byte{".svg": drawn.svg, ".png": drawn.png, ".csv": numbers.Bytes()} {
				if err := writeBytes(filepath.Join(dir, f.Chart.Name+ext), b); err != nil {
					return err
				}
			}
		}
		p.Sections = append(p.Sections, x)
	}
	var b bytes.Buffer
	if err := reportTemplate.Execute(&b, p); err != nil {
		return err
	}
	return writeBytes(filepath.Join(dir, "index.html"), b.Bytes())
}

func writeBytes(name string, b []byte) error {
	return writeFile(name, func(w io.Writer) error {
		_, err := w.Write(b)
		return err
	})
}

// sections is what there is to show.
func sections(r *sim.Result, found *studied) []section {
	over := timeCharts(r.Series)
	figures := func(charts ...chart) (all []figure) {
		for _, c := range charts {
			all = append(all, figure{Chart: c})
		}
		return all
	}
	var timelines []chart
	for i := range r.Series.Regimes {
		timelines = append(timelines, timeline(&r.Series.Regimes[i], r.Replications))
	}
	all := []section{
		{"comparison", "The regimes compared", "", figures(headlines(r))},
		{"households", "Households off supply over time", "", figures(over[0])},
		{"requests", "Request outcomes over time", "What the filter decides on each Service Request, by who sends it. A critical command is two requests.", figures(over[1], over[2])},
		{"safe-mode-coverage", "Safe-mode coverage", "", figures(over[3])},
		{"migrations", "Migration against 90 days", "", figures(over[4], ninety(r.Series, r.Replications))},
		{"failures", "Every failure and its holds", "", figures(timelines...)},
	}
	switch {
	case found != nil:
		all = append(all, section{"assumed", "Sensitivity", "", figures(sensitivity(found.regimes, found.reaches, found.note))})
	case len(r.Sensitivity) > 0:
		regimes, reach := reaches(r)
		all = append(all, section{"assumed", "Sensitivity", "", figures(sensitivity(regimes, reach, sensitivityNote(r)))})
	}
	return all
}

// sensitivityNote says what the sensitivity of a run shows, and how it compares with the numbers of the run itself.
func sensitivityNote(r *sim.Result) string {
	first := r.Sensitivity[0]
	note := "One assumption at a time, the others as in the run. Bar: from the least to the greatest mean, which is assumption, not chance; without a bar the headline does not follow the assumption. " +
		"Mark and whisker: mean and its 95 % Monte Carlo interval at each value. From " + runsOf(first)
	if r.Scale < 1 {
		note += ", as the numbers above are not"
	}
	if first.Scale < r.Scale || first.Replications < r.Replications {
		note += ": rougher than the numbers above"
	}
	return note + "."
}

// summary is the numbers that count most, a row for each regime.
func summary(r *sim.Result) [][]string {
	rows := [][]string{{"Regime", "Households that lost supply", "Hours without supply", "Hours against baseline"}}
	for _, g := range r.Regimes {
		against := "–"
		if g.Difference != nil {
			against = interval(g.Difference[sim.Headline], "hours")
		}
		rows = append(rows, []string{g.Regime.String(), interval(g.Metrics["households_lost_supply"], "households"), interval(g.Metrics[sim.Headline], "hours"), against})
	}
	return rows
}

// measures is every metric under every regime, but codes that no request got, and its differences from Baseline; none if it was not run.
func measures(r *sim.Result) (values, differences [][]string, all []sim.MetricInfo) {
	values, differences = [][]string{{"Measure"}}, [][]string{{"Measure"}}
	for _, g := range r.Regimes {
		values[0] = append(values[0], g.Regime.String())
		if g.Difference != nil {
			differences[0] = append(differences[0], g.Regime.String()+" − baseline")
		}
	}
	for _, m := range sim.Metrics() {
		if never(r, m.Name) {
			continue
		}
		all = append(all, m)
		value, difference := []string{m.Name}, []string{m.Name}
		for _, g := range r.Regimes {
			value = append(value, interval(g.Metrics[m.Name], m.Unit))
			if g.Difference != nil {
				difference = append(difference, interval(g.Difference[m.Name], m.Unit))
			}
		}
		values, differences = append(values, value), append(differences, difference)
	}
	if len(differences[0]) == 1 {
		differences = nil
	}
	return values, differences, all
}
