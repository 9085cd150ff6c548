package main

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/seed-db8551c1/lastresort/sim"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

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
			whisker(c, regimeLook(r.Regimes[i].Regime.String()), x, values[i], y)
		}
		parts = append(parts, p)
	}
	c.Says = strings.Join(says, " ")
	return rows(c, nil, parts...)
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
		entries = append(entries, entry{g.Regime.String(), markSample(regimeLook(g.Regime.String()))})
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
			l := regimeLook(s.Regimes[k].Regime.String())
			whisker(c, l, x, s.Regimes[k].Failures[i].MigrationDays.Days, y+8*(vg.Length(n-1)/2-vg.Length(k)))
		}
	}
	return rows(c, entries, p)
}

// rows makes a chart of panels of rows.
func rows(c chart, entries []entry, panelsOf ...rowed) chart {
	total := func(s size) (h vg.Length) {
		for i := range panelsOf {
			h += panelsOf[i].tallness(s) + 8
		}
		return h + 14
	}
	c.wideHeight = total(size{}) + legendHeight(entries, wideWidth-marginLeft-marginRight)
	c.narrowHeight = total(size{narrow: true}) + legendHeight(entries, narrowWidth-marginLeft-marginRight)
	c.draw = func(to draw.Canvas, s size) {
		to = legend(to, entries)
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

type plotterFunc func(c draw.Canvas, p *plot.Plot)

func (f plotterFunc) Plot(c draw.Canvas, p *plot.Plot) { f(c, p) }

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
