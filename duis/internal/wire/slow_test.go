package wire

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// The slow path: a tree, namespaces as maps that are copied at each element, recursion, and canonical forms by the letter of
// their specifications. It shares nothing with the parser.

// A slowElement is an element; its children are *slowElement or string.
type slowElement struct {
	prefix, local string
	declared      map[string]string // namespaces by prefix
	attributes    []slowAttribute
	children      []any
}

type slowAttribute struct{ prefix, local, value string }

// slowTree reads a document with encoding/xml. It reports values of attributes that hold white space other than spaces, for encoding/xml
// does not say whether that was a reference, which is kept, or not, which becomes a space.
func slowTree(src []byte) (root *slowElement, strangeSpace bool, err error) {
	d := xml.NewDecoder(bytes.NewReader(bytes.TrimPrefix(src, []byte("\xef\xbb\xbf"))))
	var open []*slowElement
	for {
		tok, err := d.RawToken()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, false, err
		}
		switch tok := tok.(type) {
		case xml.StartElement:
			e := &slowElement{prefix: tok.Name.Space, local: tok.Name.Local, declared: map[string]string{}}
			for _, a := range tok.Attr {
				strangeSpace = strangeSpace || strings.ContainsAny(a.Value, "\t\n\r")
				switch {
				case a.Name.Space == "" && a.Name.Local == "xmlns":
					e.declared[""] = a.Value
				case a.Name.Space == "xmlns":
					e.declared[a.Name.Local] = a.Value
				default:
					e.attributes = append(e.attributes, slowAttribute{a.Name.Space, a.Name.Local, a.Value})
				}
			}
			if len(open) > 0 {
				top := open[len(open)-1]
				top.children = append(top.children, e)
			} else if root == nil {
				root = e
			} else {
				return nil, false, errors.New("two roots")
			}
			open = append(open, e)
		case xml.EndElement:
			if len(open) == 0 {
				return nil, false, errors.New("end without start")
			}
			if top := open[len(open)-1]; top.prefix != tok.Name.Space || top.local != tok.Name.Local {
				return nil, false, errors.New("wrong end")
			}
			open = open[:len(open)-1]
		case xml.CharData:
			if len(open) > 0 {
				top := open[len(open)-1]
				top.children = append(top.children, string(tok))
			}
		}
	}
	if root == nil || len(open) > 0 {
		return nil, false, errors.New("not closed")
	}
	return root, strangeSpace, nil
}

// slowCanonical writes the canonical form of the tree, without the child skip of its root.
func slowCanonical(e *slowElement, exclusive bool, skip *slowElement) string {
	w := slowWriter{exclusive: exclusive, skip: skip}
	w.element(e, map[string]string{}, map[string]string{})
	return w.String()
}

type slowWriter struct {
	strings.Builder
	exclusive bool
	skip      *slowElement
}

// element writes e; scope is what is declared around it, written what elements around it have written.
func (w *slowWriter) element(e *slowElement, scope, written map[string]string) {
	if e == w.skip {
		return
	}
	scope, written = maps.Clone(scope), maps.Clone(written)
	maps.Copy(scope, e.declared)
	wanted := slices.Collect(maps.Keys(scope))
	if w.exclusive {
		wanted = []string{e.prefix}
		for _, a := range e.attributes {
			if a.prefix != "" {
				wanted = append(wanted, a.prefix)
			}
		}
	}
	slices.Sort(wanted)
	fmt.Fprintf(w, "<%s", slowName(e.prefix, e.local))
	for _, prefix := range slices.Compact(wanted) {
		if prefix == "xml" || written[prefix] == scope[prefix] {
			continue
		}
		written[prefix] = scope[prefix]
		if prefix == "" {
			fmt.Fprintf(w, ` xmlns="%s"`, slowEscape(scope[prefix], true))
		} else {
			fmt.Fprintf(w, ` xmlns:%s="%s"`, prefix, slowEscape(scope[prefix], true))
		}
	}
	attributes := slices.Clone(e.attributes)
	slices.SortFunc(attributes, func(a, b slowAttribute) int {
		if c := strings.Compare(slowSpace(a.prefix, scope), slowSpace(b.prefix, scope)); c != 0 {
			return c
		}
		return strings.Compare(a.local, b.local)
	})
	for _, a := range attributes {
		fmt.Fprintf(w, ` %s="%s"`, slowName(a.prefix, a.local), slowEscape(a.value, true))
	}
	w.WriteString(">")
	for _, c := range e.children {
		switch c := c.(type) {
		case *slowElement:
			w.element(c, scope, written)
		case string:
			w.WriteString(slowEscape(c, false))
		}
	}
	fmt.Fprintf(w, "</%s>", slowName(e.prefix, e.local))
}

func slowName(prefix, local string) string {
	if prefix == "" {
		return local
	}
	return prefix + ":" + local
}

// slowSpace is the namespace of an attribute: none without a prefix.
func slowSpace(prefix string, scope map[string]string) string {
	switch prefix {
	case "":
		return ""
	case "xml":
		return "http://www.w3.org/XML/1998/namespace"
	}
	return scope[prefix]
}

func slowEscape(s string, value bool) string {
	if value {
		return strings.NewReplacer("&", "&amp;", "<", "&lt;", `"`, "&quot;", "\t", "&#x9;", "\n", "&#xA;", "\r", "&#xD;").Replace(s)
	}
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "\r", "&#xD;").Replace(s)
}

// text is all text in an element.
func (e *slowElement) text() string {
	var b strings.Builder
	for _, c := range e.children {
		switch c := c.(type) {
		case string:
			b.WriteString(c)
		case *slowElement:
			b.WriteString(c.text())
		}
	}
	return b.String()
}

// find gives the first child with a local name, or nil.
func (e *slowElement) find(names ...string) *slowElement {
	for _, name := range names {
		if e == nil {
			return nil
		}
		var found *slowElement
		for _, c := range e.children {
			if c, ok := c.(*slowElement); ok && c.local == name {
				found = c
				break
			}
		}
		e = found
	}
	return e
}

// elements gives the child elements.
func (e *slowElement) elements() (es []*slowElement) {
	for _, c := range e.children {
		if c, ok := c.(*slowElement); ok {
			es = append(es, c)
		}
	}
	return es
}

// slowHeader reads the header as one would who trusts the document.
func slowHeader(root *slowElement) string {
	field := func(path ...string) string {
		if e := root.find(path...); e != nil {
			return strings.Trim(e.text(), " \t\n")
		}
		return ""
	}
	version := ""
	for _, a := range root.attributes {
		if a.prefix == "" && a.local == "schemaVersion" {
			version = strings.Trim(a.value, " \t\n\r") // a space may have been a line end
		}
	}
	body, execution := "", ""
	if b := root.find("Body"); b != nil && len(b.elements()) > 0 {
		body = b.elements()[0].local
		if x := b.elements()[0].find("ExecutionDateTime"); x != nil && root.local == "Request" {
			execution = strings.Trim(x.text(), " \t\n")
		}
	}
	return strings.Join([]string{root.local, version, body, execution,
		field("Header", "RequestID"), field("Header", "FirstInSequence"), field("Header", "PrecedingServiceRequestID"),
		field("Header", "CommandVariant"), field("Header", "ResponseID"), field("Header", "ResponseDateTime"),
		verbatimText(root.find("Header", "ServiceReference")), verbatimText(root.find("Header", "ServiceReferenceVariant")),
		verbatimText(root.find("Header", "ResponseCode")),
	}, "|")
}

func verbatimText(e *slowElement) string {
	if e == nil {
		return ""
	}
	return e.text()
}

// fastHeader is what slowHeader should be.
func fastHeader(m *Message) string {
	root, reference, variant := "Request", m.ServiceReference, m.ServiceReferenceVariant
	if m.Root == Response {
		root, reference, variant = "Response", nil, nil // they stand in the body
	}
	return strings.Join([]string{root, string(m.SchemaVersion), string(m.Body), string(m.ExecutionDateTime),
		string(m.RequestID), string(m.FirstInSequence), string(m.PrecedingServiceRequestID),
		string(m.CommandVariant), string(m.ResponseID), string(m.ResponseDateTime),
		string(reference), string(variant), string(m.ResponseCode),
	}, "|")
}
