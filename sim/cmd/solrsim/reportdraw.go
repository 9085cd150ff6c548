package main

import (
	"fmt"
	"image/color"
	"math"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// How charts are drawn, with gonum.org/v1/plot: it is kept well (by the Gonum project, with releases every year), is pure Go with its own fonts, gives the same bytes for the same data,
// and draws the same chart as SVG and PNG. Charting libraries for the browser need a script, which a printed page does not run.

// token is a colour of the charts: what a file has, and the variable of the page that stands in its place there, for the dark.
type token struct {
	hex, variable string
}

var (
	ink   = token{"#1B1B1C", "--ink"}
	paper = token{"#FFFFFE", "--paper"}
	grid  = token{"#DADADB", "--grid"}
	// The hues are those of Okabe and Ito, which people with any kind of colour blindness tell apart, made darker for contrast with white. Lines differ in their dashes too.
	vermilion = token{"#B54600", "--vermilion"}
	blue      = token{"#0072B3", "--blue"}
	green     = token{"#00785A", "--green"}
	purple    = token{"#8F4A82", "--purple"}
	grey      = token{"#5E5E5F", "--grey"}
)

var tokens = []token{ink, paper, grid, vermilion, blue, green, purple, grey}

func (t token) color() color.NRGBA {
	var c color.NRGBA
	_, _ = fmt.Sscanf(t.hex, "#%02X%02X%02X", &c.R, &c.G, &c.B)
	c.A = 255
	return c
}

func (t token) veil() color.NRGBA {
	c := t.color()
	c.A = 51
	return c
}

// look is how a line, or what stands for a regime or an outcome, looks: told apart by its dashes or its mark alone.
type look struct {
	token
	width  vg.Length
	dashes []vg.Length
	mark   mark
}

func (l look) as(t token) look {
	l.token = t
	return l
}

func (l look) line() draw.LineStyle {
	return draw.LineStyle{Color: l.color(), Width: l.width, Dashes: l.dashes}
}

// at draws the mark of the look.
func (l look) at(c draw.Canvas, where vg.Point) {
	const radius = 4.2
	for _, line := range l.mark.lines {
		points := make([]vg.Point, len(line))
		for i, p := range line {
			points[i] = where.Add(p.Scale(radius))
		}
		if l.mark.solid {
			c.FillPolygon(l.color(), points)
		}
		c.StrokeLines(draw.LineStyle{Color: l.color(), Width: 1.5}, points)
	}
}

// A solid line is wider than the others, so that it shows beside a dashed one on top of it.
var looks = []look{
	{vermilion, 3, nil, disc},
	{blue, 1.75, []vg.Length{7, 4}, square},
	{green, 2, []vg.Length{2, 2.5}, pyramid},
	{purple, 1.75, []vg.Length{9, 3, 2, 3}, ring},
	{grey, 1.75, []vg.Length{12, 4}, cross},
}

// mark is the shape of a mark: the corners of its lines, as multiples of its radius from its centre, closed and filled if it is solid.
type mark struct {
	lines [][]vg.Point
	solid bool
}

var (
	disc     = mark{[][]vg.Point{around(24, 0)}, true}
	ring     = mark{[][]vg.Point{around(24, 0)}, false}
	square   = mark{[][]vg.Point{around(4, math.Pi/4)}, false}
	pyramid  = mark{[][]vg.Point{around(3, math.Pi/2)}, true}
	triangle = mark{[][]vg.Point{around(3, math.Pi/2)}, false}
	cross    = mark{[][]vg.Point{{{X: -0.8, Y: -0.8}, {X: 0.8, Y: 0.8}}, {{X: -0.8, Y: 0.8}, {X: 0.8, Y: -0.8}}}, false}
	stroke   = mark{[][]vg.Point{{{Y: -1}, {Y: 1}}}, false}
	plus     = mark{[][]vg.Point{{{X: -1}, {X: 1}}, {{Y: -1}, {Y: 1}}}, false}
)

// around is the corners of a regular figure, the first again at the end.
func around(corners int, first float64) (all []vg.Point) {
	for i := range corners + 1 {
		sin, cos := math.Sincos(first + 2*math.Pi*float64(i)/float64(corners))
		all = append(all, vg.Point{X: vg.Length(1.1 * cos), Y: vg.Length(1.1 * sin)})
	}
	return all
}

// bar draws a bar of a height, filled or, to be told apart without its colour, outlined.
func bar(c draw.Canvas, t token, outlined bool, from, to, middle, height vg.Length) {
	to = max(to, from+1)
	box := []vg.Point{{X: from, Y: middle - height/2}, {X: to, Y: middle - height/2}, {X: to, Y: middle + height/2}, {X: from, Y: middle + height/2}}
	if !outlined {
		c.FillPolygon(t.color(), box)
		return
	}
	c.FillPolygon(t.veil(), box)
	c.StrokeLines(draw.LineStyle{Color: t.color(), Width: 1.25}, append(box, box[0]))
}

// size is the points that a chart takes: wide for a desk and paper, narrow for a phone, where the type stays as large.
type size struct {
	narrow bool
	w, h   vg.Length
}

const (
	wideWidth, narrowWidth  = 720, 348
	marginLeft, marginRight = 4, 10
	fontSize                = 12
	lineHeight              = 17
)

func style(c token) draw.TextStyle {
	s := plot.New().X.Tick.Label
	s.Font = font.From(font.Font{Typeface: "Liberation", Variant: "Sans"}, fontSize)
	s.Color = c.color()
	s.XAlign, s.YAlign = draw.XLeft, draw.YBottom
	return s
}

// write writes a line of text whose lower left is at a place.
func write(c draw.Canvas, x, y vg.Length, text string) {
	c.FillText(style(ink), vg.Point{X: x, Y: y}, text)
}

// wrap breaks a text into lines that are no wider than a width.
func wrap(text string, width vg.Length) (lines []string) {
	s := style(ink)
	for _, word := range strings.Fields(text) {
		if n := len(lines); n > 0 && s.Width(lines[n-1]+" "+word) <= width {
			lines[n-1] += " " + word
		} else {
			lines = append(lines, word)
		}
	}
	return lines
}

// entry is one entry of a legend: how its sample is drawn, in a box, and what it says.
type entry struct {
	text   string
	sample func(c draw.Canvas)
}

// The room that the sample of an entry takes, and that between two entries.
const sampleWidth, entryGap = 30, 18

// placed is where the entries of a legend stand in a width: how far to the right, and on which line from 0.
func placed(entries []entry, width vg.Length) (xs []vg.Length, lines []int) {
	x, line := vg.Length(0), 0
	for _, e := range entries {
		w := sampleWidth + 6 + style(ink).Width(e.text)
		if x > 0 && x+w > width {
			x, line = 0, line+1
		}
		xs, lines = append(xs, x), append(lines, line)
		x += w + entryGap
	}
	return xs, lines
}

// legendHeight is what a legend takes in a width.
func legendHeight(entries []entry, width vg.Length) vg.Length {
	if len(entries) == 0 {
		return 0
	}
	_, lines := placed(entries, width)
	return vg.Length(lines[len(lines)-1]+1)*lineHeight + 6
}

// legend draws entries in as many lines as they take, at the top of the canvas, and gives what is left of it.
func legend(c draw.Canvas, entries []entry) draw.Canvas {
	width := c.Max.X - c.Min.X
	xs, lines := placed(entries, width)
	for i, e := range entries {
		x, y := c.Min.X+xs[i], c.Max.Y-vg.Length(lines[i]+1)*lineHeight
		e.sample(draw.Canvas{Canvas: c.Canvas, Rectangle: vg.Rectangle{Min: vg.Point{X: x, Y: y}, Max: vg.Point{X: x + sampleWidth, Y: y + 10}}})
		write(c, x+sampleWidth+6, y, e.text)
	}
	return draw.Crop(c, 0, 0, 0, -legendHeight(entries, width))
}

func lineSample(l look) func(draw.Canvas) {
	return func(c draw.Canvas) {
		y := c.Center().Y
		c.StrokeLine2(l.line(), c.Min.X, y, c.Max.X, y)
	}
}

func markSample(l look) func(draw.Canvas) {
	return func(c draw.Canvas) { l.at(c, c.Center()) }
}

func barSample(t token, outlined bool) func(draw.Canvas) {
	return func(c draw.Canvas) { bar(c, t, outlined, c.Min.X, c.Max.X, c.Center().Y, 8) }
}
