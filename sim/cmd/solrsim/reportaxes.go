package main

import (
	"math"
	"time"

	"github.com/seed-db8551c1/lastresort/solr"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// axes gives an empty plot in the style of the page. Its y axis begins at 0.
func axes() *plot.Plot {
	p := plot.New()
	p.BackgroundColor = nil
	for _, a := range []*plot.Axis{&p.X, &p.Y} {
		a.LineStyle = draw.LineStyle{Color: ink.color(), Width: 0.75}
		a.Tick.LineStyle = a.LineStyle
		align := a.Tick.Label
		a.Tick.Label = style(ink)
		a.Tick.Label.XAlign, a.Tick.Label.YAlign = align.XAlign, align.YAlign
		a.Tick.Length = 4
		a.Padding = 0
	}
	return p
}

func addGrid(p *plot.Plot) {
	g := plotter.NewGrid()
	g.Vertical = draw.LineStyle{Color: grid.color(), Width: 0.75}
	g.Horizontal = g.Vertical
	p.Add(g)
}

// panel draws a plot below its title, which names the quantity and its unit, and above the name of its x axis.
func panel(c draw.Canvas, p *plot.Plot, title, x string) {
	y := c.Max.Y
	for _, line := range wrap(title, c.Max.X-c.Min.X) {
		y -= lineHeight
		write(c, c.Min.X, y, line)
	}
	s := style(ink)
	s.XAlign = draw.XRight
	c.FillText(s, vg.Point{X: c.Max.X, Y: c.Min.Y}, x)
	p.Draw(draw.Crop(c, 0, -4, lineHeight, y-9-c.Max.Y))
}

// panels divides a canvas into parts of the same height, one below the other.
func panels(c draw.Canvas, n int) (all []draw.Canvas) {
	const gap = 16
	h := (c.Max.Y - c.Min.Y - gap*vg.Length(n-1)) / vg.Length(n)
	for i := range n {
		top := c.Max.Y - vg.Length(i)*(h+gap)
		all = append(all, draw.Canvas{Canvas: c.Canvas, Rectangle: vg.Rectangle{Min: vg.Point{X: c.Min.X, Y: top - h}, Max: vg.Point{X: c.Max.X, Y: top}}})
	}
	return all
}

// rounds are ticks at round numbers: about as many as there is room for.
type rounds struct {
	most    int
	percent bool
}

func (r rounds) Ticks(from, to float64) (ticks []plot.Tick) {
	step := roundStep((to - from) / float64(max(1, r.most)))
	digits := max(0, int(math.Ceil(-math.Log10(step)-1e-9)))
	for k := math.Ceil(from/step - 1e-9); k*step <= to*(1+1e-9); k++ {
		text := rounded(k*step, digits)
		if r.percent {
			text = rounded(100*k*step, 0) + " %"
		}
		ticks = append(ticks, plot.Tick{Value: k * step, Label: text})
	}
	return ticks
}

// roundStep is the least of 1, 2 and 5 times a power of ten that is not below x.
func roundStep(x float64) float64 {
	if !(x > 0) {
		return 1
	}
	power := math.Pow(10, math.Floor(math.Log10(x)))
	for _, m := range []float64{1, 2, 5} {
		if m*power >= x*(1-1e-9) {
			return m * power
		}
	}
	return 10 * power
}

// roundUp is the round number at which an axis ends that is to show x.
func roundUp(x float64, ticks int) float64 {
	if !(x > 0) {
		return 1
	}
	step := roundStep(x / float64(ticks))
	return step * math.Ceil(x/step-1e-9)
}

// dates are ticks at days in London: the first of a month, or days a week or two apart.
type dates struct{}

func (dates) Ticks(from, to float64) (ticks []plot.Tick) {
	start := time.Unix(int64(from), 0).In(solr.London())
	step, layout := 7, "2 Jan"
	switch days := (to - from) / 86400; {
	case days > 80:
		step, layout = 0, "Jan"
	case days > 40:
		step = 14
	}
	y, m, d := start.Date()
	for at := solr.Midnight(y, m, d); ; {
		if x := float64(at.Unix()); x > to {
			return ticks
		} else if x >= from && (step > 0 || at.Day() == 1) {
			ticks = append(ticks, plot.Tick{Value: x, Label: at.Format(layout)})
		}
		y, m, d = at.Date()
		if step > 0 {
			at = solr.Midnight(y, m, d+step)
		} else {
			at = solr.Midnight(y, m+1, 1)
		}
	}
}
