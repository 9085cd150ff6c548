package main

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/seed-db8551c1/lastresort/sim"
	"github.com/seed-db8551c1/lastresort/solr"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// timeCharts are those of the series.
func timeCharts(s *sim.Series) []chart {
	instants, days := until(s)
	states := func(of func(*sim.RegimeSeries) []sim.Interval) (lines []line) {
		for i := range s.Regimes {
			g := &s.Regimes[i]
			lines = append(lines, line{g.Regime.String(), regimeLook(g.Regime.String()), of(g)[:instants]})
		}
		return lines
	}
	at := s.Instants[:instants]
	requests := func(sender string) (graphs []graph) {
		for i := range s.Regimes {
			g := graph{title: s.Regimes[i].Regime.String() + ": requests a day", at: s.Days[:days], unit: "requests"}
			for _, q := range s.Regimes[i].Requests {
				if q.Sender == sender && (q.Outcome != sim.NotSent || sender == sim.SentBySRP) {
					g.lines = append(g.lines, line{q.Outcome, outcomeLooks[q.Outcome], q.PerDay[:days]})
				}
			}
			graphs = append(graphs, g)
		}
		return graphs
	}
	const bands = "Band: 95 % Monte Carlo interval of the mean at each instant; it says nothing about the assumptions. "
	return []chart{
		overTime("off-supply", "Households off supply", bands+"Four instants a day. Lines that coincide show as one dashed over one solid.",
			graph{title: "Households without supply of a fuel", at: at, unit: "households", lines: states(func(g *sim.RegimeSeries) []sim.Interval { return g.HouseholdsOff })}),
		overTime("requests-srp", "Requests in the failed suppliers’ names, by outcome", bands+"Sent by their Shared Resource Providers. Not sent: held back, since no authority covers them (R9). An outcome without a line: none.", requests(sim.SentBySRP)...),
		overTime("requests-solr", "Requests in the SoLRs’ own names, by outcome", bands+"Mostly the Change of Supplier of each meter. An outcome without a line: none.", requests(sim.SentBySoLR)...),
		overTime("safe-mode", "Safe-mode coverage", bands+"Safe mode: credit mode instead of prepayment, so that supply does not end (R10). A meter that it has reached counts to the end.",
			graph{title: "Share of all prepayment meters that safe mode has reached", at: at, unit: "share", percent: true, lines: states(func(g *sim.RegimeSeries) []sim.Interval { return g.SafeModeShare })}),
		overTime("migration", "Migration to the SoLRs", bands+"All failures together.",
			graph{title: "Share of the failed suppliers' meters whose Change of Supplier is done", at: at, unit: "share", percent: true, lines: states(func(g *sim.RegimeSeries) []sim.Interval { return g.MigratedShare })}),
	}
}

var outcomeLooks = map[string]look{"accepted": looks[0].as(green), "rejected": looks[1].as(vermilion), "quarantined": looks[3], "no connection": looks[2].as(blue), sim.NotSent: looks[4]}

// until is how many instants and days charts over time show: to a week after the last of them at which anything changes.
func until(s *sim.Series) (instants, days int) {
	last := 0
	changes := func(all []sim.Interval) {
		for i := 1; i < len(all); i++ {
			if all[i] != all[i-1] && (all[i].Known() || all[i-1].Known()) {
				last = max(last, i)
			}
		}
	}
	for _, g := range s.Regimes {
		changes(g.HouseholdsOff)
		changes(g.SafeModeShare)
		changes(g.MigratedShare)
		for _, q := range g.Requests {
			for d, p := range q.PerDay {
				if p.Mean != 0 {
					last = max(last, 4*d)
				}
			}
		}
	}
	days = min(last/4+8, len(s.Days))
	return min(4*days+1, len(s.Instants)), days
}

// overTime is a chart of panels of lines over time, which share their times and their legend.
func overTime(name, title, note string, graphs ...graph) chart {
	c := chart{Name: name, Title: title, Note: note}
	c.Data = [][]string{{"panel", "line", "time", "unit", "mean", "lo", "hi"}}
	var says []string
	for i := range graphs {
		g := &graphs[i]
		says = append(says, g.says())
		for _, l := range g.lines {
			for k, p := range l.points {
				c.Data = append(c.Data, []string{g.title, l.name, g.at[k].In(solr.London()).Format(time.RFC3339), g.unit, number(p.Mean), number(p.Lo), number(p.Hi)})
			}
		}
	}
	c.Says = strings.Join(says, " ")
	c.Table = weekly(graphs)
	n := vg.Length(len(graphs))
	shown := make([]graph, len(graphs)) // panels of several lines leave out those that are never anything, and have one scale
	top := 0.0
	for i, g := range graphs {
		if shown[i] = g; len(graphs) > 1 {
			shown[i].lines = slices.DeleteFunc(slices.Clone(g.lines), func(l line) bool { return !l.ever() })
		}
		top = max(top, g.top())
	}
	c.wideHeight, c.narrowHeight = 20+lineHeight+n*pick[vg.Length](n == 1, 290, 190), 20+3*lineHeight+n*pick[vg.Length](n == 1, 250, 190)
	c.draw = func(to draw.Canvas, s size) {
		var entries []entry
		for _, l := range graphs[0].lines {
			in := func(g graph) bool { return slices.ContainsFunc(g.lines, func(x line) bool { return x.name == l.name }) }
			if slices.ContainsFunc(shown, in) {
				entries = append(entries, entry{l.name, lineSample(l.look)})
			}
		}
		to = legend(to, entries)
		for i, part := range panels(to, len(graphs)) {
			shown[i].draw(part, s, top)
		}
	}
	return c
}

// graph is a panel of lines over time.
type graph struct {
	title   string
	at      []time.Time
	lines   []line
	percent bool
	unit    string
}

// top is where the y axis ends.
func (g *graph) top() float64 {
	if g.percent {
		return 1
	}
	most := 0.0
	for _, l := range g.lines {
		for _, p := range l.points {
			most = max(most, p.Mean)
			if p.Hi > most {
				most = p.Hi
			}
		}
	}
	return roundUp(most, 4)
}

func (g *graph) draw(c draw.Canvas, s size, top float64) {
	p := axes()
	p.X.Min, p.X.Max = float64(g.at[0].Unix()), float64(g.at[len(g.at)-1].Unix())
	p.Y.Min, p.Y.Max = 0, top
	p.X.Tick.Marker, p.Y.Tick.Marker = dates{}, rounds{pick(g.percent, 5, 4), g.percent}
	addGrid(p)
	for i := range g.lines {
		g.add(p, &g.lines[i], top)
	}
	first, last := g.at[0].In(solr.London()), g.at[len(g.at)-1].In(solr.London())
	layout := "2 Jan 2006"
	if s.narrow {
		layout = "Jan 2006"
	}
	panel(c, p, g.title, "date in London, "+first.Format(layout)+" to "+last.Format(layout))
}

func (g *graph) add(p *plot.Plot, l *line, top float64) {
	mean, band := l.known()
	if !mean {
		return
	}
	n := len(l.points)
	xys := make(plotter.XYs, n)
	ring := make(plotter.XYs, 2*n)
	within := func(y float64) float64 { return min(max(y, 0), top) }
	for i, q := range l.points {
		x := float64(g.at[i].Unix())
		xys[i] = plotter.XY{X: x, Y: q.Mean}
		ring[i], ring[2*n-1-i] = plotter.XY{X: x, Y: within(q.Hi)}, plotter.XY{X: x, Y: within(q.Lo)}
	}
	if band {
		p.Add(veil{ring, l.look})
	}
	p.Add(&plotter.Line{XYs: xys, LineStyle: l.look.line()})
}

// veil is the band around a line.
type veil struct {
	ring plotter.XYs
	look look
}

func (v veil) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	points := make([]vg.Point, len(v.ring))
	for i, q := range v.ring {
		points[i] = vg.Point{X: x(q.X), Y: y(q.Y)}
	}
	c.FillPolygon(v.look.veil(), points)
}

func (g *graph) value(p sim.Interval) string {
	if g.percent {
		return percent(p)
	}
	return interval(p, g.unit)
}

// says tells for each line where it is highest, which is where a share ends.
func (g *graph) says() string {
	var b strings.Builder
	b.WriteString(g.title + ".")
	for _, l := range g.lines {
		if mean, _ := l.known(); !mean {
			fmt.Fprintf(&b, " %s: not known.", l.name)
			continue
		}
		top := 0
		for i, p := range l.points {
			if p.Mean > l.points[top].Mean {
				top = i
			}
		}
		if l.points[top].Mean == 0 {
			fmt.Fprintf(&b, " %s: none at any time.", l.name)
		} else {
			fmt.Fprintf(&b, " %s: at most %s, on %s.", l.name, g.value(l.points[top]), day(g.at[top]))
		}
	}
	return b.String()
}

// short is the title up to its unit.
func (g *graph) short() string {
	first, _, _ := strings.Cut(g.title, ":")
	return first
}

// weekly is a table of every seventh day, with a column for each line that is anything at all.
func weekly(graphs []graph) [][]string {
	head := []string{"Day"}
	for i := range graphs {
		for _, l := range graphs[i].lines {
			if l.ever() {
				name := l.name
				if len(graphs) > 1 {
					name = graphs[i].short() + ": " + name
				}
				head = append(head, name)
			}
		}
	}
	rows := [][]string{head}
	next := graphs[0].at[0]
	for k, at := range graphs[0].at {
		if at.Before(next) {
			continue
		}
		next = at.Add(7*24*time.Hour - 2*time.Hour) // the clocks may go forward
		row := []string{day(at)}
		for i := range graphs {
			for _, l := range graphs[i].lines {
				if l.ever() {
					row = append(row, graphs[i].value(l.points[k]))
				}
			}
		}
		rows = append(rows, row)
	}
	return rows
}

// line is a line of a chart with the band around it.
type line struct {
	name   string
	look   look
	points []sim.Interval
}

// known reports whether every point of the line has a mean, and whether every mean has an interval.
func (l *line) known() (mean, band bool) {
	mean, band = true, true
	for _, p := range l.points {
		mean = mean && p.Known()
		band = band && !math.IsNaN(p.Lo) && !math.IsNaN(p.Hi)
	}
	return mean, mean && band
}

func (l *line) ever() bool {
	return slices.ContainsFunc(l.points, func(p sim.Interval) bool { return p.Mean != 0 })
}
