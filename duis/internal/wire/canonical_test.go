package wire

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// canonicalize writes the canonical form of any document that is well formed.
func canonicalize(src string, exclusive bool) (string, error) {
	var m Message
	p := Parser{document: nodeAnything, limits: Limits{}.orDefault()}
	err := p.pass([]byte(src), &m, exclusive)
	return string(m.Canonical()), err
}

// TestCanonicalExamples holds the canonical forms against cases small enough to check by hand, each with the rule that it shows.
func TestCanonicalExamples(t *testing.T) {
	for _, c := range []struct{ rule, src, inclusive, exclusive string }{
		{"empty elements become pairs", `<a/>`, `<a></a>`, ``},
		{"line ends become line feeds", "<a>1\r\n2\r3</a>", "<a>1\n2\n3</a>", ``},
		{"references to line ends stay", `<a b="&#9;&#10;&#13;">&#9;&#10;&#13;</a>`, "<a b=\"&#x9;&#xA;&#xD;\">\t\n&#xD;</a>", ``},
		{"white space in values becomes spaces", "<a b='1\t2\n3\r\n4\r5'/>", `<a b="1 2 3 4 5"></a>`, ``},
		{"quotes and escapes in values", `<a b='"&lt;&gt;>&amp;&apos;'/>`, `<a b="&quot;&lt;>>&amp;'"></a>`, ``},
		{"escapes in text", `<a>&lt;&gt;>&amp;&quot;"'</a>`, `<a>&lt;&gt;&gt;&amp;""'</a>`, ``},
		{"CDATA is text", "<a><![CDATA[<&>]]]]><![CDATA[>\r\n]]></a>", "<a>&lt;&amp;&gt;]]&gt;\n</a>", ``},
		{"comments go", `<!-- x --><a><!-- y -->1<!-- z --></a>`, `<a>1</a>`, ``},
		{"declarations by prefix, default first", `<a xmlns:b="urn:b" xmlns:a="urn:a" xmlns="urn:d"/>`,
			`<a xmlns="urn:d" xmlns:a="urn:a" xmlns:b="urn:b"></a>`, `<a xmlns="urn:d"></a>`},
		{"attributes by namespace, then name", `<a xmlns:x="urn:z" xmlns:y="urn:a" x:a="1" y:b="2" y:a="3" b="4" a="5"/>`,
			`<a xmlns:x="urn:z" xmlns:y="urn:a" a="5" b="4" y:a="3" y:b="2" x:a="1"></a>`, ``},
		{"a declaration repeated goes", `<a xmlns="urn:a"><b xmlns="urn:a"/></a>`, `<a xmlns="urn:a"><b></b></a>`, ``},
		{"the empty default at the top goes", `<a xmlns=""><b/></a>`, `<a><b></b></a>`, ``},
		{"the empty default that takes effect stays", `<a xmlns="urn:a"><b xmlns=""/></a>`, `<a xmlns="urn:a"><b xmlns=""></b></a>`, ``},
		{"siblings each write what they need", `<a xmlns:x="urn:x"><x:b/><x:c/></a>`,
			`<a xmlns:x="urn:x"><x:b></x:b><x:c></x:c></a>`, `<a><x:b xmlns:x="urn:x"></x:b><x:c xmlns:x="urn:x"></x:c></a>`},
		{"exclusive: a prefix that changes its meaning below", `<x:a xmlns:x="urn:1"><b xmlns:x="urn:2"><x:c/></b></x:a>`,
			`<x:a xmlns:x="urn:1"><b xmlns:x="urn:2"><x:c></x:c></b></x:a>`, `<x:a xmlns:x="urn:1"><b><x:c xmlns:x="urn:2"></x:c></b></x:a>`},
		{"exclusive: attributes use their prefix", `<a xmlns:x="urn:x" xmlns:y="urn:y" x:b="1"/>`,
			`<a xmlns:x="urn:x" xmlns:y="urn:y" x:b="1"></a>`, `<a xmlns:x="urn:x" x:b="1"></a>`},
		{"the prefix xml is never declared", `<a xml:lang="en"/>`, `<a xml:lang="en"></a>`, ``},
		{"characters beyond ASCII stay", "<a b='é'>\u20ac\U0001f600</a>", "<a b=\"é\">\u20ac\U0001f600</a>", ``},
	} {
		if c.exclusive == "" {
			c.exclusive = c.inclusive
		}
		for i, want := range []string{c.inclusive, c.exclusive} {
			got, err := canonicalize(c.src, i == 1)
			if err != nil || got != want {
				t.Errorf("%s: %q (exclusive %t)\n got %q %v\nwant %q", c.rule, c.src, i == 1, got, err, want)
			}
		}
	}
}

// TestCanonicalAgainstSlowPath: for any tree, however it is spelled, both forms are those of the slow path, and canonical octets are
// their own canonical form.
func TestCanonicalAgainstSlowPath(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tree := drawElement(t, 0, []string{"", "xml"})
		src := spell(tree, rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "spelling"), 1)))
		for _, exclusive := range []bool{false, true} {
			want := slowCanonical(tree, exclusive, nil)
			got, err := canonicalize(src, exclusive)
			if err != nil {
				t.Fatalf("%v\n%q", err, src)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("exclusive %t: %s\n%q", exclusive, diff, src)
			}
			again, err := canonicalize(got, exclusive)
			if err != nil || again != got {
				t.Fatalf("exclusive %t: the canonical form of %q is %q (%v)", exclusive, got, again, err)
			}
		}
	})
}

var (
	drawLocal = rapid.SampledFrom([]string{"a", "b", "Header", "x-1", "_y.z"})
	drawURI   = rapid.SampledFrom([]string{"urn:a", "urn:b", "http://x/?q", spaceNames[gateway], spaceNames[xmldsig]})
	drawText  = rapid.StringOfN(rapid.SampledFrom([]rune("ab <>&\"'\t\n\r]é€\U0001f600")), 0, 8, -1)
)

// drawElement draws an element in whose place the given prefixes are bound.
func drawElement(t *rapid.T, depth int, bound []string) *slowElement {
	e := &slowElement{declared: map[string]string{}}
	bound = slices.Clone(bound)
	for range rapid.IntRange(0, 2).Draw(t, "declarations") {
		prefix := rapid.SampledFrom([]string{"", "p", "q", "r"}).Draw(t, "declared")
		e.declared[prefix] = drawURI.Draw(t, "namespace")
		if prefix == "" && rapid.Bool().Draw(t, "undeclare") {
			e.declared[prefix] = ""
		}
		bound = append(bound, prefix)
	}
	withoutXML := slices.DeleteFunc(slices.Clone(bound), func(p string) bool { return p == "xml" })
	e.prefix = rapid.SampledFrom(withoutXML).Draw(t, "prefix")
	e.local = drawLocal.Draw(t, "name")
	for i := range rapid.IntRange(0, 3).Draw(t, "attributes") {
		// Local names differ, so that two prefixes of one namespace do not clash.
		e.attributes = append(e.attributes, slowAttribute{
			rapid.SampledFrom(bound).Draw(t, "attribute prefix"), fmt.Sprint(drawLocal.Draw(t, "attribute"), i), drawText.Draw(t, "value"),
		})
	}
	for range rapid.IntRange(0, 3-depth).Draw(t, "children") {
		if rapid.Bool().Draw(t, "text") {
			e.children = append(e.children, drawText.Draw(t, "content"))
		} else {
			e.children = append(e.children, drawElement(t, depth+1, bound))
		}
	}
	return e
}

// spell writes a tree in one of its many spellings.
func spell(e *slowElement, r *rand.Rand) string {
	var b strings.Builder
	if r.IntN(2) == 0 {
		b.WriteString(`<?xml version="1.0" encoding="utf-8"?>`)
	}
	b.WriteString(gap(r, ""))
	spellElement(&b, e, r)
	b.WriteString(gap(r, ""))
	return b.String()
}

func spellElement(b *strings.Builder, e *slowElement, r *rand.Rand) {
	var attributes []string
	for prefix, uri := range e.declared {
		name := "xmlns"
		if prefix != "" {
			name += ":" + prefix
		}
		attributes = append(attributes, name+spellValue(uri, r))
	}
	for _, a := range e.attributes {
		attributes = append(attributes, slowName(a.prefix, a.local)+spellValue(a.value, r))
	}
	slices.Sort(attributes)
	r.Shuffle(len(attributes), func(i, j int) { attributes[i], attributes[j] = attributes[j], attributes[i] })
	name := slowName(e.prefix, e.local)
	b.WriteString("<" + name)
	for _, a := range attributes {
		b.WriteString(gap(r, " ") + a)
	}
	b.WriteString(gap(r, ""))
	if len(e.children) == 0 && r.IntN(2) == 0 {
		b.WriteString("/>")
		return
	}
	b.WriteString(">")
	for _, c := range e.children {
		if r.IntN(4) == 0 {
			b.WriteString("<!-- <x> & -->")
		}
		switch c := c.(type) {
		case *slowElement:
			spellElement(b, c, r)
		case string:
			spellText(b, c, r)
		}
	}
	b.WriteString("</" + name + gap(r, "") + ">")
}

// gap is white space in markup.
func gap(r *rand.Rand, least string) string {
	return least + []string{"", "", " ", "\n", "\t", "\r\n"}[r.IntN(6)]
}

func spellValue(s string, r *rand.Rand) string {
	quote := []string{`"`, "'"}[r.IntN(2)]
	var b strings.Builder
	for _, c := range s {
		switch {
		case c == ' ':
			b.WriteString([]string{" ", "\n", "\t", "\r\n", "&#32;"}[r.IntN(5)])
		case strings.ContainsRune("<&\t\n\r"+quote, c) || r.IntN(6) == 0:
			b.WriteString(spellReference(c, r))
		default:
			b.WriteRune(c)
		}
	}
	return gap(r, "") + "=" + gap(r, "") + quote + b.String() + quote
}

func spellText(b *strings.Builder, s string, r *rand.Rand) {
	if r.IntN(4) == 0 && !strings.Contains(s, "]]>") && !strings.Contains(s, "\r") {
		b.WriteString("<![CDATA[" + s + "]]>")
		return
	}
	for _, c := range s {
		switch {
		case c == '\n':
			b.WriteString([]string{"\n", "\r\n", "&#10;"}[r.IntN(3)])
		case strings.ContainsRune("<&>\r", c) || r.IntN(6) == 0:
			b.WriteString(spellReference(c, r))
		default:
			b.WriteRune(c)
		}
	}
}

func spellReference(c rune, r *rand.Rand) string {
	names := map[rune]string{'<': "&lt;", '>': "&gt;", '&': "&amp;", '"': "&quot;", '\'': "&apos;"}
	if name := names[c]; name != "" && r.IntN(2) == 0 {
		return name
	}
	return fmt.Sprintf([]string{"&#%d;", "&#x%x;", "&#x%X;", "&#x0%x;"}[r.IntN(4)], c)
}
