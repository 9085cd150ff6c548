package main

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/seed-db8551c1/lastresort/hold"
	"github.com/seed-db8551c1/lastresort/sim"
	"github.com/seed-db8551c1/lastresort/solr"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// chart is one figure of the report: a picture, what it says in words, and the numbers behind it.
type chart struct {
	Name  string // of its files, and of its place in the page
	Title string
	Says  string // for those who do not see it
	Note  string // below it
	Data  [][]string
	Table [][]string // for the page: the same numbers rounded, with their intervals; of a long series every seventh day

	wideHeight, narrowHeight vg.Length
	draw                     func(c draw.Canvas, s size)
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

func pick[T any](first bool, a, b T) T {
	if first {
		return a
	}
	return b
}

// number is a number as CSV has it; what is not known is empty.
func number(x float64) string {
	if math.IsNaN(x) {
		return ""
	}
	return strconv.FormatFloat(x, 'g', -1, 64)
}

func day(t time.Time) string { return t.In(solr.London()).Format("2 Jan 2006") }

func (g *graph) value(p sim.Interval) string {
	if g.percent {
		return percent(p)
	}
	return interval(p, g.unit)
}

func percent(p sim.Interval) string {
	if !p.Known() {
		return "–"
	}
	s := rounded(100*p.Mean, 1)
	if !math.IsNaN(p.Hi) {
		s += " ± " + rounded(100*(p.Hi-p.Mean), 1)
	}
	return s + " %"
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

// short is the title up to its unit.
func (g *graph) short() string {
	first, _, _ := strings.Cut(g.title, ":")
	return first
}

func (l *line) ever() bool {
	return slices.ContainsFunc(l.points, func(p sim.Interval) bool { return p.Mean != 0 })
}

// regimeLook is how a regime looks in every chart.
func regimeLook(r hold.Regime) look {
	switch r {
	case hold.Baseline:
		return looks[0]
	case hold.MP134A:
		return looks[1]
	case hold.MP185:
		return looks[2]
	}
	return looks[3]
}

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

// timeCharts are those of the series.
func timeCharts(s *sim.Series) []chart {
	instants, days := until(s)
	states := func(of func(*sim.RegimeSeries) []sim.Interval) (lines []line) {
		for i := range s.Regimes {
			g := &s.Regimes[i]
			lines = append(lines, line{g.Regime.String(), regimeLook(g.Regime), of(g)[:instants]})
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
			graph{title: "Share of all meters whose Change of Supplier is done", at: at, unit: "share", percent: true, lines: states(func(g *sim.RegimeSeries) []sim.Interval { return g.MigratedShare })}),
	}
}

var outcomeLooks = map[string]look{"accepted": looks[0].as(green), "rejected": looks[1].as(vermilion), "quarantined": looks[3], "no connection": looks[2].as(blue), sim.NotSent: looks[4]}

func (l look) as(t token) look {
	l.token = t
	return l
}

// rowed draws rows below each other over one x axis: the name of a row stands beside it or, where that is too narrow, above it.
type rowed struct {
	title, axis string
	names       []string
	to          float64   // where the x axis ends; it begins at 0
	height      vg.Length // of a row, without its name
	row         func(c draw.Canvas, i int, x func(float64) vg.Length, y vg.Length)
	under       func(c draw.Canvas, x func(float64) vg.Length)
	tall        bool // names are long: above the row also where it is wide
}

// tallness is how high the panel is.
func (r *rowed) tallness(s size) vg.Length {
	return vg.Length(len(r.names))*r.step(s) + 4*lineHeight
}

func (r *rowed) above(s size) bool { return s.narrow || r.tall }

func (r *rowed) step(s size) vg.Length {
	if r.above(s) {
		return r.height + lineHeight
	}
	return max(r.height, lineHeight) + 5
}

func (r *rowed) draw(c draw.Canvas, s size) {
	p := axes()
	p.X.Min, p.X.Max = -r.to/60, r.to // room for a mark at 0
	p.X.Tick.Marker = rounds{pick(s.narrow, 4, 8), false}
	n := float64(len(r.names))
	p.Y.Min, p.Y.Max = -0.5, n-0.5
	p.Y.LineStyle.Width, p.Y.Tick.LineStyle.Width, p.Y.Tick.Length = 0, 0, 8
	var ticks plot.ConstantTicks
	for i, name := range r.names {
		if r.above(s) {
			name = ""
		}
		ticks = append(ticks, plot.Tick{Value: n - 1 - float64(i), Label: name})
	}
	p.Y.Tick.Marker = ticks
	p.Add(r.plotter(s))
	if r.above(s) {
		p.HideY()
	}
	panel(c, p, r.title, r.axis)
}

type plotterFunc func(c draw.Canvas, p *plot.Plot)

func (f plotterFunc) Plot(c draw.Canvas, p *plot.Plot) { f(c, p) }

func (r *rowed) plotter(s size) plot.Plotter {
	return plotterFunc(func(c draw.Canvas, p *plot.Plot) {
		x, y := p.Transforms(&c)
		for _, t := range p.X.Tick.Marker.Ticks(0, r.to) {
			c.StrokeLine2(draw.LineStyle{Color: grid.color(), Width: 0.75}, x(t.Value), c.Min.Y, x(t.Value), c.Max.Y)
		}
		if r.under != nil {
			r.under(c, x)
		}
		for i, name := range r.names {
			middle := y(float64(len(r.names) - 1 - i))
			if r.above(s) {
				write(c, c.Min.X, middle+r.step(s)/2-lineHeight+3, name)
				middle -= lineHeight/2 - 1
			}
			r.row(c, i, x, middle)
		}
	})
}

// whisker draws an interval with its mark.
func whisker(c draw.Canvas, l look, x func(float64) vg.Length, v sim.Interval, y vg.Length) {
	if !v.Known() {
		return
	}
	if !math.IsNaN(v.Hi) {
		thin := draw.LineStyle{Color: l.color(), Width: 1.5}
		from, to := max(x(v.Lo), c.Min.X), min(x(v.Hi), c.Max.X)
		c.StrokeLine2(thin, from, y, to, y)
		for _, end := range []vg.Length{from, to} {
			c.StrokeLine2(thin, end, y-4, end, y+4)
		}
	}
	l.at(c, vg.Point{X: x(v.Mean), Y: y})
}

// rows makes a chart of panels of rows.
func rows(c chart, entries []entry, panelsOf ...rowed) chart {
	total := func(s size) (h vg.Length) {
		for i := range panelsOf {
			h += panelsOf[i].tallness(s) + 8
		}
		return h + 14
	}
	c.wideHeight, c.narrowHeight = total(size{}), total(size{narrow: true})
	if len(entries) > 0 {
		w, n := legendLines(entries, wideWidth-14), legendLines(entries, narrowWidth-14)
		c.wideHeight, c.narrowHeight = c.wideHeight+w*lineHeight+6, c.narrowHeight+n*lineHeight+6
	}
	c.draw = func(to draw.Canvas, s size) {
		if len(entries) > 0 {
			to = legend(to, entries)
		}
		for i := range panelsOf {
			h := panelsOf[i].tallness(s)
			part := to
			part.Min.Y = to.Max.Y - h
			panelsOf[i].draw(part, s)
			to.Max.Y -= h + 8
		}
	}
	return c
}

// legendLines is how many lines a legend takes in a width.
func legendLines(entries []entry, width vg.Length) vg.Length {
	x, n := vg.Length(0), vg.Length(1)
	for _, e := range entries {
		w := 36 + style(ink).Width(e.text)
		if x > 0 && x+w > width {
			x, n = 0, n+1
		}
		x += w + 18
	}
	return n
}

// headlines compares what counts most: a mark for each regime.
func headlines(r *sim.Result) chart {
	c := chart{Name: "headline", Title: "The regimes compared", Note: "Mark: mean over replications. Whisker: its 95 % Monte Carlo interval, which says nothing about the assumptions."}
	c.Data = [][]string{{"metric", "unit", "regime", "mean", "lo", "hi"}}
	c.Table = [][]string{{"Measure"}}
	for _, g := range r.Regimes {
		c.Table[0] = append(c.Table[0], g.Regime.String())
	}
	var parts []rowed
	var says []string
	for _, m := range sim.Metrics() {
		title, ok := map[string]string{sim.Headline: "Hours without supply, all households together", "households_lost_supply": "Households that lost supply at any time"}[m.Name]
		if !ok {
			continue
		}
		p := rowed{title: title, axis: m.Unit, height: 16}
		row := []string{title}
		values := make([]sim.Interval, len(r.Regimes))
		for i, g := range r.Regimes {
			v := g.Metrics[m.Name]
			values[i] = v
			p.names = append(p.names, g.Regime.String())
			p.to = max(p.to, v.Mean, orZero(v.Hi))
			row = append(row, interval(v, m.Unit))
			says = append(says, fmt.Sprintf("%s under %v: %s %s.", title, g.Regime, interval(v, m.Unit), m.Unit))
			c.Data = append(c.Data, []string{m.Name, m.Unit, g.Regime.String(), number(v.Mean), number(v.Lo), number(v.Hi)})
		}
		c.Table = append(c.Table, row)
		p.to = roundUp(p.to, 4)
		p.row = func(c draw.Canvas, i int, x func(float64) vg.Length, y vg.Length) {
			whisker(c, regimeLook(r.Regimes[i].Regime), x, values[i], y)
		}
		parts = append(parts, p)
	}
	c.Says = strings.Join(says, " ")
	return rows(c, nil, parts...)
}

func orZero(x float64) float64 {
	if math.IsNaN(x) {
		return 0
	}
	return x
}

// ninety is how long each migration takes, against the 90 days that an SRP's support is expected to last at most (R12).
func ninety(s *sim.Series, replications int) chart {
	c := chart{Name: "ninety-days", Title: "Each migration against 90 days", Note: "Mark: mean of the days in London from the SoLR date to the last Change of Supplier. Whisker: its 95 % Monte Carlo interval. The MP185 report expects an SRP’s support to last at most 90 days (R12). Without a mark: not complete at the end of the run."}
	c.Data = [][]string{{"failure", "regime", "replications", "complete", "migration_days", "lo", "hi", "overrun_days", "overrun_lo", "overrun_hi"}}
	c.Table = [][]string{{"Failure"}}
	p := rowed{title: "Days from the SoLR date to the last Change of Supplier", axis: "days", to: 100, height: 8 * vg.Length(len(s.Regimes))}
	var entries []entry
	longest := 0.0
	for _, g := range s.Regimes {
		c.Table[0] = append(c.Table[0], g.Regime.String()+": days", g.Regime.String()+": days over 90")
		entries = append(entries, entry{g.Regime.String(), markSample(regimeLook(g.Regime))})
	}
	for i, f := range s.Regimes[0].Failures {
		p.names = append(p.names, f.Supplier)
		row := []string{f.Supplier}
		for _, g := range s.Regimes {
			f := g.Failures[i]
			d := f.MigrationDays.Days
			longest = max(longest, orZero(d.Mean), orZero(d.Hi))
			row = append(row, times(interval(d, "days"), f.MigrationDays.Times, replications), interval(f.OverrunDays, "days"))
			c.Data = append(c.Data, []string{f.Supplier, g.Regime.String(), strconv.Itoa(replications), strconv.Itoa(f.MigrationDays.Times), number(d.Mean), number(d.Lo), number(d.Hi),
				number(f.OverrunDays.Mean), number(f.OverrunDays.Lo), number(f.OverrunDays.Hi)})
		}
		c.Table = append(c.Table, row)
	}
	p.to = max(p.to, roundUp(longest, 8))
	c.Says = fmt.Sprintf("The longest of %d migrations takes %s days, against a line at 90 days.", len(p.names), rounded(longest, 1))
	entries = append(entries, entry{"90 days", lineSample(look{token: ink, width: 1.5, dashes: []vg.Length{5, 3}})})
	p.under = func(c draw.Canvas, x func(float64) vg.Length) {
		c.StrokeLine2(draw.LineStyle{Color: ink.color(), Width: 1.5, Dashes: []vg.Length{5, 3}}, x(90), c.Min.Y, x(90), c.Max.Y)
	}
	p.row = func(c draw.Canvas, i int, x func(float64) vg.Length, y vg.Length) {
		n := len(s.Regimes)
		for k := range s.Regimes {
			l := regimeLook(s.Regimes[k].Regime)
			whisker(c, l, x, s.Regimes[k].Failures[i].MigrationDays.Days, y+8*(vg.Length(n-1)/2-vg.Length(k)))
		}
	}
	return rows(c, entries, p)
}

// times adds in how many replications something happened, if not in all.
func times(text string, n, of int) string {
	if n == 0 || n == of {
		return text
	}
	return fmt.Sprintf("%s (in %d of %d replications)", text, n, of)
}

// timeline is every failure under one regime, with what the PMA holds.
func timeline(g *sim.RegimeSeries, replications int) chart {
	name := g.Regime.String()
	c := chart{Name: "timeline-" + name, Title: "What happens to each failure under " + name,
		Note: "Days from the notice of failure, means over those replications in which it happens; the table has their intervals. A bar that reaches the right edge was not released by the end of the run."}
	c.Data = [][]string{{"failure", "solr", "notified", "what", "times", "days_after_notice", "lo", "hi"}}
	c.Table = [][]string{{"Failure", "SoLR", "Notice", "Announced", "Licence revoked", "SoLR date", "Revocation held", "Transfer held", "Certificates revoked", "MPIDs moved", "Last Change of Supplier", "Days over 90"}}
	p := rowed{title: "Days from the notice of failure", axis: "days", height: 22}
	held := 0
	for i := range g.Failures {
		f := &g.Failures[i]
		p.names = append(p.names, f.Supplier+", "+f.Notified.In(solr.London()).Format("2 Jan"))
		row := []string{f.Supplier, f.SoLR, day(f.Notified)}
		for _, m := range momentsOf(f) {
			c.Data = append(c.Data, []string{f.Supplier, f.SoLR, f.Notified.In(solr.London()).Format(time.RFC3339), m.name, strconv.Itoa(m.Times), number(m.Days.Mean), number(m.Days.Lo), number(m.Days.Hi)})
			p.to = max(p.to, orZero(m.Days.Mean))
		}
		after := func(m sim.Moment) string { return times(interval(m.Days, "days"), m.Times, replications) }
		span := func(from, to sim.Moment) string {
			if from.Times == 0 {
				return "–"
			}
			held++
			if to.Times == 0 {
				return after(from) + " to the end"
			}
			return after(from) + " to " + after(to)
		}
		appointed := day(f.Appointed)
		if f.Late.Mean > 0 { // the SoLR failed itself
			appointed += ", again " + interval(f.Late, "days") + " days later"
		}
		c.Table = append(c.Table, append(row, day(f.Announced), day(f.Revoked), appointed, span(f.RevocationHeld, f.RevocationReleased), span(f.TransferHeld, f.TransferReleased),
			after(f.CertificatesRevoked), after(f.MPIDsTransferred), after(f.Migrated), interval(f.OverrunDays, "days")))
	}
	p.to = roundUp(p.to+1, 8)
	c.Says = fmt.Sprintf("%d failures under %s, with %d holds. The table below has every day.", len(p.names), name, held)
	entries := []entry{
		{"SoLR announced", markSample(look{token: ink, mark: stroke})},
		{"licence revoked", markSample(look{token: ink, mark: cross})},
		{"SoLR date", markSample(look{token: ink, mark: square})},
		{"last Change of Supplier", markSample(look{token: ink, mark: disc})},
		{"MPIDs moved", markSample(look{token: blue, mark: triangle})},
		{"certificates revoked", markSample(look{token: vermilion, mark: plus})},
		{"revocation held", barSample(vermilion, true)},
		{"transfer held", barSample(blue, false)},
		{"days over 90", barSample(ink, false)},
	}
	p.row = func(c draw.Canvas, i int, x func(float64) vg.Length, y vg.Length) {
		drawFailure(c, &g.Failures[i], x, y, p.to)
	}
	return rows(c, entries, p)
}

// named is a moment with its name in the data.
type named struct {
	name string
	sim.Moment
}

func momentsOf(f *sim.Timeline) []named {
	return []named{
		{"revocation held", f.RevocationHeld}, {"revocation released", f.RevocationReleased}, {"transfer held", f.TransferHeld}, {"transfer released", f.TransferReleased},
		{"certificates revoked", f.CertificatesRevoked}, {"MPIDs transferred", f.MPIDsTransferred}, {"last Change of Supplier", f.Migrated},
	}
}

func drawFailure(c draw.Canvas, f *sim.Timeline, x func(float64) vg.Length, y vg.Length, end float64) {
	at := func(m sim.Moment) vg.Length { return x(pick(m.Times > 0, m.Days.Mean, end)) }
	since := func(t time.Time) vg.Length { return x(t.Sub(f.Notified).Hours() / 24) }
	put := func(t token, m mark, where, dy vg.Length) {
		look{token: t, mark: m}.at(c, vg.Point{X: where, Y: y + dy})
	}
	if f.RevocationHeld.Times > 0 {
		bar(c, vermilion, true, at(f.RevocationHeld), at(f.RevocationReleased), y+7, 5)
	}
	if f.TransferHeld.Times > 0 {
		bar(c, blue, false, at(f.TransferHeld), at(f.TransferReleased), y-7, 5)
	}
	c.StrokeLine2(draw.LineStyle{Color: ink.color(), Width: 1}, x(0), y, at(f.Migrated), y)
	c.StrokeLine2(draw.LineStyle{Color: ink.color(), Width: 1}, x(0), y-4, x(0), y+4)
	if f.OverrunDays.Mean > 0 {
		over := f.Appointed.Sub(f.Notified).Hours()/24 + f.Late.Mean + 90
		bar(c, ink, false, x(over), x(over+f.OverrunDays.Mean), y, 5)
	}
	put(ink, stroke, since(f.Announced), 0)
	put(ink, cross, since(f.Revoked), 0)
	put(ink, square, since(f.Appointed), 0)
	if f.Late.Mean > 0 {
		put(ink, square, since(f.Appointed)+x(f.Late.Mean)-x(0), 0)
	}
	if f.Migrated.Times > 0 {
		put(ink, disc, at(f.Migrated), 0)
	}
	if f.MPIDsTransferred.Times > 0 {
		put(blue, triangle, at(f.MPIDsTransferred), -7)
	}
	if f.CertificatesRevoked.Times > 0 {
		put(vermilion, plus, at(f.CertificatesRevoked), 7)
	}
}

// reach is how far the headline goes under one regime with one assumption: a bar of the sensitivity chart.
type reach struct {
	regime, assumption, unit string
	values                   []float64      // of the assumption
	means                    []sim.Interval // of the headline
	own                      int            // which is the run's own value; -1 if none is
}

// sensitivity is the headline over assumptions, one at a time: a panel for each regime, since they differ by orders of magnitude.
func sensitivity(regimes []string, all []reach, note string) chart {
	c := chart{Name: "sensitivity", Title: "What the headline depends on", Note: note}
	c.Data = [][]string{{"regime", "assumption", "unit", "value", "own", "hours_off_supply", "lo", "hi"}}
	c.Table = [][]string{{"Assumption", "Value"}}
	c.Table[0] = append(c.Table[0], regimes...)
	var parts []rowed
	var says []string
	for _, regime := range regimes {
		p := rowed{title: regime + ": hours without supply, all households together", axis: "hours", height: 14, tall: true}
		var mine []reach
		for _, a := range all {
			if a.regime != regime {
				continue
			}
			mine = append(mine, a)
			p.names = append(p.names, a.label())
			least, most := a.ends()
			p.to = max(p.to, orZero(most))
			says = append(says, fmt.Sprintf("%s under %s: from %s to %s hours.", a.assumption, regime, grouped(least), grouped(most)))
			for i, v := range a.values {
				x := a.means[i]
				p.to = max(p.to, orZero(x.Hi))
				c.Data = append(c.Data, []string{regime, a.assumption, a.unit, number(v), strconv.FormatBool(i == a.own), number(x.Mean), number(x.Lo), number(x.Hi)})
			}
		}
		p.to = roundUp(p.to, 4)
		p.row = func(c draw.Canvas, i int, x func(float64) vg.Length, y vg.Length) {
			a := &mine[i]
			l := look{pick(regime == "baseline", vermilion, pick(regime == "mp134a", blue, pick(regime == "mp185", green, purple))), 1.5, nil, ring}
			if least, most := a.ends(); least <= most {
				c.FillPolygon(l.veil(), []vg.Point{{X: x(least), Y: y - 5}, {X: x(most), Y: y - 5}, {X: x(most), Y: y + 5}, {X: x(least), Y: y + 5}})
			}
			for k, v := range a.means {
				l.mark = pick(k == a.own, disc, ring)
				whisker(c, l, x, v, y)
			}
		}
		parts = append(parts, p)
	}
	c.Table = append(c.Table, sensitivityTable(regimes, all)...)
	c.Says = strings.Join(says, " ")
	entries := []entry{
		{"the run’s own value", markSample(look{token: ink, mark: disc})},
		{"another value", markSample(look{token: ink, mark: ring})},
	}
	return rows(c, entries, parts...)
}

func (a *reach) label() string {
	s := make([]string, len(a.values))
	for i, v := range a.values {
		s[i] = strconv.FormatFloat(v, 'g', 4, 64)
	}
	return a.assumption + ": " + strings.Join(s, ", ") + " " + a.unit
}

func (a *reach) ends() (least, most float64) {
	least, most = math.Inf(1), math.Inf(-1)
	for _, m := range a.means {
		if m.Known() {
			least, most = min(least, m.Mean), max(most, m.Mean)
		}
	}
	return least, most
}

func sensitivityTable(regimes []string, all []reach) (table [][]string) {
	for _, a := range all {
		if a.regime != regimes[0] {
			continue
		}
		for i, v := range a.values {
			own := ""
			if i == a.own {
				own = " (own)"
			}
			row := []string{a.assumption, strconv.FormatFloat(v, 'g', -1, 64) + " " + a.unit + own}
			for _, regime := range regimes {
				k := slices.IndexFunc(all, func(b reach) bool { return b.regime == regime && b.assumption == a.assumption })
				row = append(row, interval(all[k].means[i], "hours"))
			}
			table = append(table, row)
		}
	}
	return table
}

// reaches is the sensitivity of a run.
func reaches(r *sim.Result) (regimes []string, all []reach) {
	for _, g := range r.Regimes {
		regimes = append(regimes, g.Regime.String())
		for _, s := range r.Sensitivity {
			a := reach{regime: g.Regime.String(), assumption: s.Assumption, unit: s.Unit, own: -1}
			for i, p := range s.Points {
				a.values, a.means = append(a.values, p.Value), append(a.means, p.Regimes[a.regime])
				if p.Default {
					a.own = i
				}
			}
			all = append(all, a)
		}
	}
	sortReaches(all)
	return regimes, all
}

// sortReaches puts the widest bar of each regime first. Those of a regime stand together.
func sortReaches(all []reach) {
	for n := 0; len(all) > 0; all = all[n:] {
		n = slices.IndexFunc(all, func(a reach) bool { return a.regime != all[0].regime })
		if n < 0 {
			n = len(all)
		}
		slices.SortStableFunc(all[:n], func(a, b reach) int { return cmp.Compare(b.width(), a.width()) })
	}
}

// width is how far the headline goes: the widest bar stands first.
func (a *reach) width() float64 {
	least, most := a.ends()
	return orZero(max(most-least, 0))
}
