package main

import (
	_ "embed"
	"encoding/base64"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The page in a real browser.

// checks is JavaScript that defines functions; each gives a list of what is wrong.
//
//go:embed testdata/checks.js
var checks string

func faults(b *browser, call string) (all []string) {
	b.t.Helper()
	b.eval("(() => {"+checks+"; return "+call+"})()", &all)
	return all
}

func openReport(t *testing.T) (*browser, string) {
	t.Helper()
	b := startBrowser(t)
	return b, "file://" + filepath.Join(reportDir(t), "index.html")
}

// views are the windows and themes that the page is tried in: a narrow phone, one that is 390 px wide, and a desk.
var views = []struct {
	width, height int
	scheme        string
	tables        bool // whether all are open
}{{320, 640, "light", true}, {390, 844, "dark", false}, {1280, 900, "light", false}, {1280, 900, "dark", true}}

func (b *browser) openTables() {
	b.t.Helper()
	b.eval("document.querySelectorAll('details').forEach(d => d.open = true)", nil)
}

// In every view: nothing in the console, no request but for the page, text with a contrast of at least 4.5 to 1 (WCAG 2.2, 1.4.3), nothing wider than the window but what scrolls by itself, no
// labels on top of each other in the one version of each chart that is seen, and every chart with its name and description for a screen reader. With SCREENSHOTS=DIR in the environment it shows what it saw.
func TestPageInBrowser(t *testing.T) {
	b, url := openReport(t)
	for i, v := range views {
		if testing.Short() && i < len(views)-2 {
			continue
		}
		name := fmt.Sprintf("%d px, %s", v.width, v.scheme)
		b.open(url, v.width, v.height, v.scheme)
		if v.tables {
			b.openTables()
		}
		for _, check := range []string{"lowContrast()", "overflow()", "charts()", "overlaps()", "structure()"} {
			for _, fault := range faults(b, check) {
				t.Errorf("%s, %s: %s", name, check, fault)
			}
		}
		for _, fault := range chartNames(b, 11) {
			t.Errorf("%s: %s", name, fault)
		}
		if dir := os.Getenv("SCREENSHOTS"); dir != "" {
			b.screenshots(dir, fmt.Sprintf("%d-%s", v.width, v.scheme), v.width)
		}
		for _, fault := range b.failures(url) {
			t.Errorf("%s: %s", name, fault)
		}
	}
}

// chartNames looks for the charts in what a screen reader is told.
func chartNames(b *browser, want int) (faults []string) {
	b.t.Helper()
	var tree struct {
		Nodes []struct {
			Ignored           bool
			Role, Name        struct{ Value string }
			Description       struct{ Value string }
			BackendDOMNodeID  int
			ParentID, ChildID string
		}
	}
	b.call("Accessibility.getFullAXTree", nil, &tree)
	found := 0
	for _, n := range tree.Nodes {
		if n.Ignored || n.Role.Value != "image" && n.Role.Value != "img" && n.Role.Value != "graphics-document" && n.Role.Value != "SvgRoot" {
			continue
		}
		found++
		if len(n.Name.Value) < 60 { // the title, and what the chart says
			faults = append(faults, fmt.Sprintf("a chart is named %q for a screen reader, want its title and what it says", n.Name.Value))
		}
	}
	if found != want {
		faults = append(faults, fmt.Sprintf("a screen reader is told of %d charts, want %d", found, want))
	}
	return faults
}

// Tab reaches every link, summary and table that scrolls, in the order of the page, each with a visible focus; the first leads past the contents, and Enter opens a table.
func TestPageByKeyboard(t *testing.T) {
	b, url := openReport(t)
	for _, open := range []bool{false, true} {
		b.open(url, 390, 844, "dark")
		if open {
			b.openTables()
		}
		for _, fault := range tabThrough(b) {
			t.Errorf("tables open %v: %s", open, fault)
		}
	}
	b.open(url, 390, 844, "light")
	b.key("Tab", 9)
	b.press()
	var at string
	b.eval("document.activeElement.id + location.hash", &at)
	if at != "main#main" {
		t.Errorf("the skip link leads to %q, want the results", at)
	}
	b.eval("document.querySelector('summary').focus()", nil)
	b.press()
	var opened bool
	b.eval("document.querySelector('details').open", &opened)
	if !opened {
		t.Error("Enter on its summary does not open a table")
	}
}

// press presses Enter.
func (b *browser) press() {
	b.t.Helper()
	b.call("Input.dispatchKeyEvent", map[string]any{"type": "keyDown", "key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 13, "text": "\r"}, nil)
	b.call("Input.dispatchKeyEvent", map[string]any{"type": "keyUp", "key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 13}, nil)
}

// tabThrough presses Tab until every element that takes part has had the focus, in the order of the page.
func tabThrough(b *browser) (faults []string) {
	b.t.Helper()
	var want int
	b.eval("(() => {"+checks+"; window.takesPart = interactive(); return window.takesPart.length})()", &want)
	if want < 40 {
		faults = append(faults, fmt.Sprintf("only %d elements take part", want))
	}
	for i := range want {
		b.key("Tab", 9)
		var fault string
		b.eval(fmt.Sprintf("(() => {%s; return focusFault(window.takesPart[%d])})()", checks, i), &fault)
		if fault != "" {
			return append(faults, fmt.Sprintf("element %d of %d: %s", i+1, want, fault))
		}
	}
	return faults
}

// On paper the page is light whatever the theme, tables are open, and what only a screen needs is left out; it prints on several sheets.
func TestPageOnPaper(t *testing.T) {
	b, url := openReport(t)
	b.open(url, 800, 1000, "dark")
	b.media("print", "dark")
	for _, check := range []string{"paper()", "lowContrast()", "charts()"} {
		for _, fault := range faults(b, check) {
			t.Errorf("%s: %s", check, fault)
		}
	}
	var pdf struct{ Data string }
	b.call("Page.printToPDF", map[string]any{"printBackground": false, "paperWidth": 8.27, "paperHeight": 11.69}, &pdf)
	text, err := base64.StdEncoding.DecodeString(pdf.Data)
	if sheets := strings.Count(string(text), "/Type /Page\n"); err != nil || sheets < 8 {
		t.Errorf("it prints on %d sheets, %v; want the tables on them too", sheets, err)
	}
}

// The checks see what they are for: a page that is broken in one way has a fault of its kind.
func TestChecksSeeFaults(t *testing.T) {
	if testing.Short() {
		t.Skip("it opens the page twenty times")
	}
	b, url := openReport(t)
	for _, c := range []struct{ broken, check string }{
		{"document.querySelector('figcaption p').style.color = '#888'", "lowContrast()"},
		{"document.querySelector('svg.narrow text').style.fill = '#999'", "lowContrast()"},
		{"document.documentElement.style.setProperty('--link', '#bbccee')", "lowContrast()"},
		{"document.querySelector('h1').style.width = '600px'", "overflow()"},
		{"document.querySelector('.scroll').style.overflow = 'visible'; document.querySelector('.scroll table').style.width = '700px'", "overflow()"},
		{"document.querySelector('svg.narrow').remove()", "charts()"},
		{"document.querySelector('svg.narrow title').remove()", "charts()"},
		{"document.querySelector('svg.wide').style.display = 'block'", "charts()"},
		{"document.querySelector('svg.narrow').setAttribute('aria-labelledby', 'nothing')", "charts()"},
		{"document.querySelectorAll('svg.narrow text')[1].setAttribute('x', document.querySelectorAll('svg.narrow text')[2].getAttribute('x')); document.querySelectorAll('svg.narrow text')[1].setAttribute('y', document.querySelectorAll('svg.narrow text')[2].getAttribute('y'))", "overlaps()"},
		{"document.querySelector('svg.narrow text').setAttribute('x', -40)", "overlaps()"},
		{"document.querySelector('svg.narrow').style.width = '150px'", "overlaps()"},
		{"document.querySelector('h2').outerHTML = '<h4>deep</h4>'", "structure()"},
		{"document.querySelectorAll('h2')[1].id = document.querySelectorAll('h2')[2].id", "structure()"},
		{"document.querySelector('nav a').setAttribute('href', '#nowhere')", "structure()"},
		{"document.documentElement.removeAttribute('lang')", "structure()"},
	} {
		b.open(url, 390, 844, "light")
		if all := faults(b, c.check); len(all) > 0 {
			t.Fatalf("%s: %v before anything is broken", c.check, all)
		}
		b.eval(c.broken, nil)
		if all := faults(b, c.check); len(all) == 0 {
			t.Errorf("%s does not see what is wrong after %s", c.check, c.broken)
		}
	}
	for _, broken := range []string{
		"document.querySelectorAll('nav a')[3].tabIndex = -1",
		"document.styleSheets[0].insertRule(':focus-visible { outline: none !important }', document.styleSheets[0].cssRules.length)",
	} {
		b.open(url, 390, 844, "light")
		b.eval(broken, nil)
		if len(tabThrough(b)) == 0 {
			t.Errorf("the keyboard check does not see what is wrong after %s", broken)
		}
	}
	for _, broken := range []string{"console.error('broken')", "setTimeout(() => { throw new Error('broken') })", "new Image().src = 'http://127.0.0.1:9/broken.png'", "fetch('data.csv').catch(() => 0)"} {
		b.open(url, 390, 844, "light")
		b.eval(broken+"; 0", nil)
		b.eval("new Promise(done => setTimeout(done, 200))", nil)
		if len(b.failures(url)) == 0 {
			t.Errorf("nothing is seen of %s", broken)
		}
	}
	b.open(url, 390, 844, "light")
	b.eval("document.querySelector('svg.narrow').setAttribute('aria-hidden', 'true')", nil)
	if len(chartNames(b, 11)) == 0 {
		t.Error("a chart that is hidden from a screen reader is not missed")
	}
}

// axe-core, Deque's checker of accessibility, finds nothing wrong. It comes from the npm registry, into a temporary folder, and takes long on the many cells of the tables: with AXE=1 in the environment.
func TestPageWithAxe(t *testing.T) {
	if os.Getenv("AXE") == "" {
		t.Skip("AXE=1 has axe-core downloaded and run")
	}
	chromium(t)
	dir := t.TempDir()
	cmd := exec.CommandContext(t.Context(), "npm", "install", "--prefix", dir, "--no-save", "--no-audit", "--no-fund", "--ignore-scripts", "axe-core@4.10.3")
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Skipf("axe-core cannot be had: %v: %s", err, out)
	}
	axe, err := os.ReadFile(filepath.Join(dir, "node_modules", "axe-core", "axe.min.js"))
	if err != nil {
		t.Skipf("axe-core cannot be had: %v", err)
	}
	b, url := openReport(t)
	run := func(what string) (violations []string) {
		b.eval("axe.run("+what+", {resultTypes: ['violations']}).then(r => r.violations.map(v => v.id + ': ' + v.help + ': ' + v.nodes.slice(0, 3).map(n => n.html.slice(0, 200)).join(' ')))", &violations)
		return violations
	}
	for _, v := range views[1:] {
		b.open(url, v.width, v.height, v.scheme)
		if v.tables {
			b.openTables()
		}
		b.eval(string(axe)+"; 0", nil)
		for _, x := range run("document") {
			t.Errorf("%d px, %s: %s", v.width, v.scheme, x)
		}
	}
	b.eval("document.querySelector('figcaption p').style.color = '#555'; document.querySelector('nav a').innerHTML = ''", nil)
	if violations := run("'nav, figcaption'"); len(violations) < 2 {
		t.Errorf("of low contrast and a link without a name axe-core says %v", violations)
	}
}
