package main

import (
	"bytes"
	"fmt"
	"html"
	"image/color"
	"math"
	"regexp"
	"strings"
	"time"

	"github.com/seed-db8551c1/lastresort/solr"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgsvg"
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

func (l look) line() draw.LineStyle {
	return draw.LineStyle{Color: l.color(), Width: l.width, Dashes: l.dashes}
}

// A solid line is wider than the others, so that it shows beside a dashed one on top of it.
var looks = []look{
	{vermilion, 3, nil, disc},
	{blue, 1.75, []vg.Length{7, 4}, square},
	{green, 2, []vg.Length{2, 2.5}, pyramid},
	{purple, 1.75, []vg.Length{9, 3, 2, 3}, ring},
	{grey, 1.75, []vg.Length{12, 4}, cross},
}

// size is the points that a chart takes: wide for a desk and paper, narrow for a phone, where the type stays as large.
type size struct {
	narrow bool
	w, h   vg.Length
}

const (
	wideWidth, narrowWidth = 720, 348
	fontSize               = 12
	lineHeight             = 17
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

// legend draws entries in as many lines as they take, at the top of the canvas, and gives what is left of it.
func legend(c draw.Canvas, entries []entry) draw.Canvas {
	const sample, gap = 30, 18
	x, y := c.Min.X, c.Max.Y-lineHeight
	for _, e := range entries {
		w := sample + 6 + style(ink).Width(e.text)
		if x > c.Min.X && x+w > c.Max.X {
			x, y = c.Min.X, y-lineHeight
		}
		e.sample(draw.Canvas{Canvas: c.Canvas, Rectangle: vg.Rectangle{Min: vg.Point{X: x, Y: y}, Max: vg.Point{X: x + sample, Y: y + 10}}})
		write(c, x+sample+6, y, e.text)
		x += w + gap
	}
	return draw.Crop(c, 0, 0, 0, y-6-c.Max.Y)
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

// files are a chart as SVG for the page, wide and narrow, and as files of their own.
type files struct {
	wide, narrow string // for the page
	svg, png     []byte
}

// render draws a chart in both widths.
func (c *chart) render() (f files, err error) {
	wide, narrow := size{false, wideWidth, c.wideHeight}, size{true, narrowWidth, c.narrowHeight}
	f.svg = c.svg(wide)
	f.wide, f.narrow = c.inline(f.svg, wide), c.inline(c.svg(narrow), narrow)
	img := vgimg.NewWith(vgimg.UseWH(wide.w, wide.h), vgimg.UseDPI(144))
	c.paint(draw.New(img), wide)
	var b bytes.Buffer
	_, err = vgimg.PngCanvas{Canvas: img}.WriteTo(&b)
	f.png = b.Bytes()
	return f, err
}

// paint draws on a canvas, with a margin.
func (c *chart) paint(to draw.Canvas, s size) {
	to.FillPolygon(paper.color(), []vg.Point{{}, {X: s.w}, {X: s.w, Y: s.h}, {Y: s.h}})
	c.draw(draw.Crop(to, 4, -10, 6, -4), s)
}

var svgHead = regexp.MustCompile(`(?s)^.*?<svg[^>]*>`)

var text = regexp.MustCompile(`<text ([^>]*)>([^<]*)</text>`)

// stretch gives a text the width that it has in the font that the chart was laid out for, whatever font shows it.
func stretch(element []byte) []byte {
	m := text.FindSubmatch(element)
	return fmt.Appendf(nil, `<text textLength="%.4g" lengthAdjust="spacingAndGlyphs" %s>%s</text>`, float64(style(ink).Width(html.UnescapeString(string(m[2])))), m[1], m[2])
}

// svg gives a file of its own, with its title and what it says for a screen reader.
func (c *chart) svg(s size) []byte {
	canvas := vgsvg.New(s.w, s.h)
	c.paint(draw.New(canvas), s)
	var b bytes.Buffer
	_, _ = canvas.WriteTo(&b) // a buffer takes all
	body := svgHead.ReplaceAllLiteral(b.Bytes(), nil)
	for _, t := range tokens { // vgsvg takes the opacity out of a colour with a loss, after which it would not be known any more
		r, g, b, a := t.veil().RGBA()
		lossy := func(x uint32) int { return int(float64(x) * 255 / float64(a)) }
		body = bytes.ReplaceAll(body, fmt.Appendf(nil, "fill:#%02X%02X%02X;fill-opacity", lossy(r), lossy(g), lossy(b)), fmt.Appendf(nil, "fill:%s;fill-opacity", t.hex))
	}
	body = text.ReplaceAllFunc(body, stretch)
	body = bytes.ReplaceAll(body, []byte("font-family:Liberation Sans;font-variant:normal;font-weight:normal;font-style:normal"), []byte("font-family:'Liberation Sans',Arial,Helvetica,sans-serif"))
	head := fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" width="%g" height="%g" viewBox="0 0 %[1]g %[2]g" role="img" aria-labelledby="title desc">
<title id="title">%[3]s</title>
<desc id="desc">%[4]s</desc>
`, float64(s.w), float64(s.h), escape(c.Title), escape(c.Says))
	return append([]byte(head), body...)
}

// inline makes an SVG fit for the page: without a size, with names of its own, and with the page's colours.
func (c *chart) inline(svg []byte, s size) string {
	kind := "wide"
	if s.narrow {
		kind = "narrow"
	}
	name := c.Name + "-" + kind
	text := strings.Replace(string(svg), fmt.Sprintf(` xmlns="http://www.w3.org/2000/svg" width="%g" height="%g"`, float64(s.w), float64(s.h)), ` class="`+kind+`"`, 1)
	text = strings.Replace(text, `aria-labelledby="title desc"`, fmt.Sprintf(`aria-labelledby="%s-title %[1]s-desc"`, name), 1)
	text = strings.Replace(text, `id="title"`, fmt.Sprintf(`id="%s-title"`, name), 1)
	text = strings.Replace(text, `id="desc"`, fmt.Sprintf(`id="%s-desc"`, name), 1)
	for _, t := range tokens {
		text = strings.ReplaceAll(text, t.hex, "var("+t.variable+")")
	}
	return text
}

var escape = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace
