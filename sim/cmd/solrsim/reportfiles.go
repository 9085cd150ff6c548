package main

import (
	"bytes"
	"fmt"
	"html"
	"regexp"
	"strings"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgsvg"
)

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
	c.draw(draw.Crop(to, marginLeft, -marginRight, 6, -4), s)
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
