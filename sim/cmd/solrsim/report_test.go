package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"html"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/seed-db8551c1/lastresort/sim"
	"github.com/seed-db8551c1/lastresort/sim/scenario"
	"github.com/seed-db8551c1/lastresort/solr"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg/draw"
)

// reported is the files of a report of autumn 2021 with one customer in 250, made once for all tests.
var reported = sync.OnceValues(func() (files map[string][]byte, err error) {
	s, err := scenario.Load("autumn-2021")
	if err != nil {
		return nil, err
	}
	x := &sim.Experiment{Scenario: s, Replications: 2, Seed: 1, Scale: 0.004, Series: true}
	r, err := x.Run(context.Background())
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "report")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	if err := writeReport(dir, s, r, nil, "solrsim report autumn-2021"); err != nil {
		return nil, err
	}
	return filesIn(dir)
})

func filesIn(dir string) (map[string][]byte, error) {
	entries, err := os.ReadDir(dir)
	files := make(map[string][]byte)
	for _, e := range entries {
		if err == nil {
			files[e.Name()], err = os.ReadFile(filepath.Join(dir, e.Name()))
		}
	}
	return files, err
}

// reportDir is a directory with the report.
func reportDir(t *testing.T) string {
	t.Helper()
	files, err := reported()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, b := range files {
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func readFile(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func rowsOf(t *testing.T, name string) [][]string {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(readFile(t, name))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows[1:]
}

// drawn are the paths of a chart of a colour, each as points in the order of drawing: as lines, or as areas.
func drawn(t *testing.T, svg, colour string, area bool) (all [][][2]float64) {
	t.Helper()
	for _, m := range regexp.MustCompile(`<path d="([^"]*)"\s*style="([^"]*)"`).FindAllStringSubmatch(svg, -1) {
		if !strings.Contains(m[2], colour) || strings.Contains(m[2], "fill-opacity") != area {
			continue
		}
		var points [][2]float64
		for _, p := range regexp.MustCompile(`[ML]([-\d.e]+),([-\d.e]+)`).FindAllStringSubmatch(m[1], -1) {
			points = append(points, [2]float64{atof(t, p[1]), atof(t, p[2])})
		}
		all = append(all, points)
	}
	return all
}

func atof(t *testing.T, s string) float64 {
	t.Helper()
	x, err := strconv.ParseFloat(strings.ReplaceAll(s, ",", ""), 64)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// scaleOf finds the y axis of a chart of one panel: from the grid lines, which are at the ticks, and the labels of these.
func scaleOf(t *testing.T, svg string) func(y float64) float64 {
	t.Helper()
	var at []float64
	for _, p := range drawn(t, svg, grid.hex, false) {
		if len(p) == 2 && p[0][1] == p[1][1] {
			at = append(at, p[0][1])
		}
	}
	var labels []float64
	for _, m := range regexp.MustCompile(`(?s)<text [^>]*>([\d,]+)</text>`).FindAllStringSubmatch(svg, -1) {
		labels = append(labels, atof(t, m[1]))
	}
	slices.Sort(at)
	slices.Sort(labels)
	if len(at) < 3 || len(at) != len(labels) {
		t.Fatalf("%d horizontal grid lines, and labels %v", len(at), labels)
	}
	last := len(at) - 1
	return func(y float64) float64 {
		return labels[0] + (y-at[0])/(at[last]-at[0])*(labels[last]-labels[0])
	}
}

// What a chart shows is what its CSV says: lines, and bands cut at the axes, read back from the SVG with its own axis.
func TestChartShowsItsNumbers(t *testing.T) {
	dir := reportDir(t)
	svg := readFile(t, filepath.Join(dir, "off-supply.svg"))
	value := scaleOf(t, svg)
	rows := rowsOf(t, filepath.Join(dir, "off-supply.csv"))
	for regime, colour := range map[string]token{"baseline": vermilion, "mp134a": blue, "mp185": green} {
		var mean, lo, hi []float64
		for _, row := range rows {
			if row[1] == regime {
				mean, lo, hi = append(mean, atof(t, row[4])), append(lo, atof(t, row[5])), append(hi, atof(t, row[6]))
			}
		}
		n := len(mean)
		near := func(y, want float64) bool { return math.Abs(value(y)-want) < slices.Max(hi)/500+0.2 }
		lines := slices.DeleteFunc(drawn(t, svg, colour.hex, false), func(p [][2]float64) bool { return len(p) < 3 })
		areas := drawn(t, svg, colour.hex, true)
		if n == 0 || len(lines) != 1 || len(lines[0]) != n || len(areas) != 1 || len(areas[0]) != 2*n {
			t.Fatalf("%s: %d numbers, %d lines and %d bands", regime, n, len(lines), len(areas))
		}
		for i, p := range lines[0] {
			if up, down := areas[0][i][1], areas[0][2*n-1-i][1]; !near(p[1], mean[i]) || !near(up, hi[i]) || !near(down, max(lo[i], 0)) {
				t.Fatalf("%s, point %d: the chart shows %.1f from %.1f to %.1f, the data say %v from %v to %v", regime, i, value(p[1]), value(down), value(up), mean[i], lo[i], hi[i])
			}
			if i > 0 && !(p[0] > lines[0][i-1][0]) {
				t.Fatalf("%s: point %d is not right of the one before", regime, i)
			}
		}
	}
}

// Under Baseline nothing is held, under MP134A the revocation of each failure, under MP185 the transfer too: a bar each, and one in the legend.
func TestTimelineShowsHolds(t *testing.T) {
	dir := reportDir(t)
	for regime, want := range map[string][2]int{"baseline": {1, 1}, "mp134a": {29, 1}, "mp185": {29, 29}} {
		svg := readFile(t, filepath.Join(dir, "timeline-"+regime+".svg"))
		revocation := len(drawn(t, svg, "fill:"+vermilion.hex, true))
		transfer := 0
		for _, p := range drawn(t, svg, "fill:"+blue.hex, false) {
			if len(p) == 4 {
				transfer++
			}
		}
		if got := [2]int{revocation, transfer}; got != want {
			t.Errorf("%s: bars of revocation and transfer held %v, want %v", regime, got, want)
		}
		// The bars go from and to the days of the data, on one scale. The first is the legend's.
		days := make(map[string][]float64)
		for _, row := range rowsOf(t, filepath.Join(dir, "timeline-"+regime+".csv")) {
			if row[5] != "" {
				days[row[3]] = append(days[row[3]], atof(t, row[5]))
			}
		}
		from, to := days["revocation held"], days["revocation released"]
		var scale float64
		for i, p := range drawn(t, svg, "fill:"+vermilion.hex, true)[1:] {
			left, right := p[0][0], p[1][0]
			if i == 0 {
				scale = (right - left) / (to[0] - from[0])
			}
			if first := drawn(t, svg, "fill:"+vermilion.hex, true)[1][0][0]; math.Abs(left-first-scale*(from[i]-from[0])) > 0.1 || math.Abs(right-first-scale*(to[i]-from[0])) > 0.1 || scale < 5 {
				t.Fatalf("%s: the bar of failure %d goes from %v to %v, the data say from day %v to %v", regime, i, left, right, from[i], to[i])
			}
		}
	}
}

// Every chart stands in the page twice, for a desk and for a phone, with a title, what it says and its files; every number of the tables has its interval.
func TestPageIsWhole(t *testing.T) {
	dir := reportDir(t)
	page := readFile(t, filepath.Join(dir, "index.html"))
	for _, name := range []string{"headline", "off-supply", "requests-srp", "requests-solr", "safe-mode", "migration", "ninety-days", "timeline-baseline", "timeline-mp134a", "timeline-mp185", "sensitivity"} {
		for _, want := range []string{`<figure id="` + name + `"`, `<title id="` + name + `-wide-title">`, `<title id="` + name + `-narrow-title">`, `<desc id="` + name + `-wide-desc">`, `href="` + name + `.svg"`} {
			if strings.Count(page, want) != 1 {
				t.Errorf("the page has %s %d times, want once", want, strings.Count(page, want))
			}
		}
		for _, ext := range []string{".svg", ".png", ".csv"} {
			if info, err := os.Stat(filepath.Join(dir, name+ext)); err != nil || info.Size() < 300 {
				t.Errorf("%s%s: %v, %v", name, ext, info, err)
			}
		}
	}
	for _, t1 := range tokens {
		if strings.Contains(page, t1.hex) {
			t.Errorf("the page has the colour %s, which is the same in the dark", t1.hex)
		}
	}
	for _, m := range regexp.MustCompile(`<td>([^<]*)</td>`).FindAllStringSubmatch(page, -1) {
		cell := html.UnescapeString(m[1])
		if regexp.MustCompile(`^[−\d][\d,.]*( %)?$`).MatchString(cell) {
			t.Errorf("the number %q has no interval", cell)
		}
	}
	for _, a := range sim.Assumptions() {
		if !strings.Contains(page, "<code>"+a.Name+"</code>") || !strings.Contains(page, html.EscapeString(a.Provenance.String())+": ") {
			t.Errorf("the page has no assumption %s with its provenance", a.Name)
		}
	}
}

// What a scenario says is text, wherever it stands.
func TestPageEscapes(t *testing.T) {
	const bad = `<b>&"'</b>`
	zero := sim.Interval{}
	g := sim.RegimeSeries{Failures: []sim.Timeline{{Supplier: bad, SoLR: bad}}, HouseholdsOff: []sim.Interval{zero, zero}, SafeModeShare: []sim.Interval{zero, zero}, MigratedShare: []sim.Interval{zero, zero}}
	day := time.Date(2021, 10, 1, 0, 0, 0, 0, time.UTC)
	r := &sim.Result{Scenario: bad, Replications: 1, Regimes: []sim.RegimeResult{{Metrics: map[string]sim.Interval{}}},
		Series: &sim.Series{Instants: []time.Time{day, day.Add(24 * time.Hour)}, Days: []time.Time{day}, Regimes: []sim.RegimeSeries{g}}}
	dir := t.TempDir()
	if err := writeReport(dir, &sim.Scenario{Name: bad, About: bad, Sources: []string{bad}}, r, nil, bad); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	empty := &chart{Title: bad, Says: bad, draw: func(draw.Canvas, size) {}}
	if svg := string(empty.svg(size{w: 10, h: 10})); strings.Contains(svg, "<b>") || !strings.Contains(svg, "&lt;b&gt;&amp;") {
		t.Errorf("a chart has the markup of its title: %s", svg)
	}
	for _, name := range files {
		if ext := filepath.Ext(name); (ext == ".svg" || ext == ".html") && strings.Contains(readFile(t, name), "<b>") {
			t.Errorf("%s has the markup of a name", filepath.Base(name))
		}
	}
}

func TestQuoted(t *testing.T) {
	for in, want := range map[string]string{"a-b_1.json": "a-b_1.json", "": "''", "two words": "'two words'", "it's": `'it'\''s'`, "$HOME": "'$HOME'", "a=0.5": "a=0.5"} {
		if got := quoted(in); got != want {
			t.Errorf("%q is quoted as %s, want %s", in, got, want)
		}
	}
}

func labels(ticks []plot.Tick) (all []string) {
	for _, t := range ticks {
		all = append(all, t.Label)
	}
	return all
}

func TestTicks(t *testing.T) {
	for _, c := range []struct {
		r        rounds
		from, to float64
		want     string
	}{
		{rounds{4, false}, 0, 400, "0 100 200 300 400"},
		{rounds{4, false}, 0, 35000, "0 10,000 20,000 30,000"},
		{rounds{5, true}, 0, 1, "0 % 20 % 40 % 60 % 80 % 100 %"},
		{rounds{4, false}, 0, 1, "0.0 0.5 1.0"},
		{rounds{8, false}, 0, 100, "0 20 40 60 80 100"},
	} {
		if got := strings.Join(labels(c.r.Ticks(c.from, c.to)), " "); got != c.want {
			t.Errorf("ticks from %v to %v are %s, want %s", c.from, c.to, got, c.want)
		}
	}
	for x, want := range map[float64]float64{0: 1, 0.3: 0.3, 1: 1, 359: 400, 36_000: 40_000, 41: 60, 100: 100} {
		if got := roundUp(x, 4); math.Abs(got-want) > 1e-9 {
			t.Errorf("an axis for %v ends at %v, want %v", x, got, want)
		}
	}
	unix := func(m time.Month, d int) float64 { return float64(solr.Midnight(2021, m, d).Unix()) }
	for _, c := range []struct {
		from, to float64
		want     string
	}{
		{unix(8, 9), unix(12, 15), "Sep Oct Nov Dec"},
		{unix(10, 20), unix(11, 10), "20 Oct 27 Oct 3 Nov 10 Nov"},
		{unix(10, 1), unix(11, 30), "1 Oct 15 Oct 29 Oct 12 Nov 26 Nov"},
	} {
		if got := strings.Join(labels(dates{}.Ticks(c.from, c.to)), " "); got != c.want {
			t.Errorf("dates are %s, want %s", got, c.want)
		}
	}
}

// relative luminance, and contrast, as WCAG 2 defines them.
func luminance(hex string) float64 {
	var c [3]uint8
	_, _ = fmt.Sscanf(hex, "#%02x%02x%02x", &c[0], &c[1], &c[2])
	sum := 0.0
	for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
		v := float64(c[i]) / 255
		if v <= 0.04045 {
			v /= 12.92
		} else {
			v = math.Pow((v+0.055)/1.055, 2.4)
		}
		sum += weight * v
	}
	return sum
}

func contrast(a, b string) float64 {
	x, y := luminance(a), luminance(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

// Lines and marks are seen on the page in both themes and on paper, and in the files: at least 3 to 1 (WCAG 2.2, 1.4.11).
func TestColoursAreSeen(t *testing.T) {
	long := regexp.MustCompile(`#([0-9a-f])([0-9a-f])([0-9a-f]);`).ReplaceAllString(reportPage, "#$1$1$2$2$3$3;")
	themes := regexp.MustCompile(`(?s)--paper: (#\w+);.*?--vermilion: (#\w+); --blue: (#\w+); --green: (#\w+); --purple: (#\w+); --grey: (#\w+);`).FindAllStringSubmatch(long, -1)
	if len(themes) != 3 {
		t.Fatalf("%d themes, want light, dark and print", len(themes))
	}
	for _, theme := range append(themes, []string{"", paper.hex, vermilion.hex, blue.hex, green.hex, purple.hex, grey.hex}) {
		for _, colour := range theme[2:] {
			if c := contrast(strings.ToLower(colour), strings.ToLower(theme[1])); c < 3 {
				t.Errorf("%s on %s has a contrast of %.2f, want 3", colour, theme[1], c)
			}
		}
	}
}

// The same result gives the same bytes.
func TestReportIsDeterministic(t *testing.T) {
	if testing.Short() {
		t.Skip("the scripts compare some of the files")
	}
	s, err := scenario.Load("gap")
	if err != nil {
		t.Fatal(err)
	}
	write := func(workers int) map[string][]byte {
		x := &sim.Experiment{Scenario: s, Replications: 2, Seed: 4, Scale: 0.01, Series: true, Sensitivity: sim.NoSensitivity, Workers: workers}
		r, err := x.Run(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		dir := t.TempDir()
		if err := writeReport(dir, s, r, nil, "again"); err != nil {
			t.Fatal(err)
		}
		files, err := filesIn(dir)
		if err != nil {
			t.Fatal(err)
		}
		return files
	}
	first, second := write(1), write(3)
	for name, b := range first {
		if !bytes.Equal(b, second[name]) {
			t.Errorf("%s differs", name)
		}
	}
	if len(first) < 25 || len(first) != len(second) {
		t.Errorf("%d and %d files", len(first), len(second))
	}
}
