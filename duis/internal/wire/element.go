package wire

import (
	"bytes"
	"fmt"
	"strings"
)

// An attribute is one attribute, or namespace declaration, of the element at hand.
type attribute struct {
	name  span // in the source, with its prefix
	local span
	text  span   // canonical value in p.text
	space uint16 // of its prefix; xmlnsName for a declaration
}

func (p *Parser) value(a *attribute) []byte { return p.text[a.text.start:a.text.end] }

// startTag reads a start tag or an empty element.
func (p *Parser) startTag(parent *frame) error {
	name, local, err := p.qualifiedName(p.pos + 1)
	if err != nil {
		return err
	}
	p.attributes, p.text = p.attributes[:0], p.text[:0]
	i := int(name.end)
	for {
		after := p.skipSpace(i)
		if after == len(p.src) {
			return p.expected(after, "the end of a tag")
		}
		c := p.src[after]
		if c == '>' {
			return p.open(parent, name, local, after+1, false)
		}
		if c == '/' {
			if after+1 == len(p.src) || p.src[after+1] != '>' {
				return p.expected(after+1, "> of an empty element")
			}
			return p.open(parent, name, local, after+2, true)
		}
		if after == i {
			return p.expected(i, "white space or the end of a tag")
		}
		if i, err = p.readAttribute(after); err != nil {
			return err
		}
	}
}

// qualifiedName reads a name with an optional prefix.
func (p *Parser) qualifiedName(i int) (name, local span, err error) {
	name.start, local.start = uint32(i), uint32(i)
	if i >= len(p.src) || class[p.src[i]]&isNameStart == 0 {
		return name, local, p.expected(i, "a name of ASCII characters")
	}
	colon := false
	for i++; i < len(p.src); i++ {
		c := p.src[i]
		if class[c]&isName != 0 {
			continue
		}
		if c != ':' {
			break
		}
		if colon || i+1 == len(p.src) || class[p.src[i+1]]&isNameStart == 0 {
			return name, local, p.expected(i, "a name with at most one prefix")
		}
		colon, local.start = true, uint32(i+1)
	}
	if i-int(name.start) > p.limits.NameLength {
		return name, local, p.limited(int(name.start), "a name of at most %d bytes", p.limits.NameLength)
	}
	name.end, local.end = uint32(i), uint32(i)
	return name, local, nil
}

// prefixOf gives the prefix of a name, empty where there is none.
func prefixOf(name, local span) span {
	if name.start == local.start {
		return span{name.start, name.start}
	}
	return span{name.start, local.start - 1}
}

// readAttribute reads name="value" and leaves the value in canonical form.
func (p *Parser) readAttribute(i int) (int, error) {
	name, local, err := p.qualifiedName(i)
	if err != nil {
		return 0, err
	}
	if len(p.attributes) == p.limits.Attributes {
		return 0, p.limited(i, "at most %d attributes", p.limits.Attributes)
	}
	for j := range p.attributes {
		if bytes.Equal(p.at(p.attributes[j].name), p.at(name)) {
			return 0, p.expected(i, "each attribute once")
		}
	}
	if i = p.skipSpace(int(name.end)); i == len(p.src) || p.src[i] != '=' {
		return 0, p.expected(i, "= and the value of an attribute")
	}
	if i = p.skipSpace(i + 1); i == len(p.src) || p.src[i] != '"' && p.src[i] != '\'' {
		return 0, p.expected(i, "a value in quotes")
	}
	start := uint32(len(p.text))
	if i, err = p.readValue(i+1, p.src[i]); err != nil {
		return 0, err
	}
	p.attributes = append(p.attributes, attribute{name: name, local: local, text: span{start, uint32(len(p.text))}})
	return i, nil
}

// readValue reads an attribute value up to its closing quote, normalises it as an XML processor does (XML 1.0, 2.11 and
// 3.3.3: white space is spaces, the end of a line is one) and appends its canonical form to p.text.
func (p *Parser) readValue(i int, quote byte) (int, error) {
	for i < len(p.src) {
		start := i
		for i < len(p.src) && class[p.src[i]]&plainValue != 0 {
			i++
		}
		p.text = append(p.text, p.src[start:i]...)
		if i == len(p.src) {
			break
		}
		switch c := p.src[i]; {
		case c == quote:
			return i + 1, nil
		case c == '\'':
			p.text = append(p.text, c)
			i++
		case c == '"':
			p.text = append(p.text, "&quot;"...)
			i++
		case c == '\r' && i+1 < len(p.src) && p.src[i+1] == '\n':
			i++ // the line feed is the space
		case class[c]&isSpace != 0:
			p.text = append(p.text, ' ')
			i++
		case c == '&':
			r, after, err := p.reference(i)
			if err != nil {
				return 0, err
			}
			p.text, i = appendValue(p.text, r), after
		default:
			n, err := p.rune(i) // refuses what is left of ASCII, < among it
			if err != nil || n == 1 {
				return 0, p.expected(i, "a character of an attribute value")
			}
			p.text, i = append(p.text, p.src[i:i+n]...), i+n
		}
	}
	return 0, p.expected(len(p.src), "the end of an attribute value")
}

// open takes up the element whose start tag ends before after.
func (p *Parser) open(parent *frame, name, local span, after int, empty bool) error {
	if len(p.frames) > p.limits.Depth {
		return p.limited(int(name.start), "elements at most %d deep", p.limits.Depth)
	}
	if p.tooMixed(parent, hasElement) {
		return p.expected(p.pos, "text or elements, not both")
	}
	inScope, written := len(p.bindings), len(p.rendered)
	space, err := p.resolve(name, local)
	if err != nil {
		return err
	}
	n, err := p.enter(parent, space, local)
	if err != nil {
		return err
	}
	if err := p.checkAttributes(n, name); err != nil {
		return err
	}
	p.turnTo(n)
	if err := p.writeStart(parent, n, name, local, inScope); err != nil {
		return err
	}
	p.pos = after
	p.frames = append(p.frames, frame{
		name: name, bindings: inScope, rendered: written, start: after, content: len(p.out), node: n, sink: p.sink,
	})
	if empty {
		return p.leave(&p.frames[len(p.frames)-1])
	}
	return nil
}

// resolve binds the prefixes that the element declares and finds the namespaces of its own name and its attributes.
func (p *Parser) resolve(name, local span) (uint16, error) {
	for i := range p.attributes {
		a := &p.attributes[i]
		pre := prefixOf(a.name, a.local)
		var err error
		switch {
		case string(p.at(a.name)) == "xmlns":
			a.space, err = xmlnsName, p.declare(a, pre)
		case string(p.at(pre)) == "xmlns":
			a.space, err = xmlnsName, p.declare(a, a.local)
		}
		if err != nil {
			return 0, err
		}
	}
	for i := range p.attributes {
		a := &p.attributes[i]
		if a.name == a.local || a.space == xmlnsName {
			continue // no prefix, no namespace
		}
		var err error
		if a.space, err = p.spaceOf(a.name, a.local); err != nil {
			return 0, err
		}
		for j := range i {
			if b := &p.attributes[j]; b.space == a.space && bytes.Equal(p.at(a.local), p.at(b.local)) {
				return 0, p.expected(int(a.name.start), "each attribute once")
			}
		}
	}
	return p.spaceOf(name, local)
}

// spaceOf gives the namespace of a name.
func (p *Parser) spaceOf(name, local span) (uint16, error) {
	pre := prefixOf(name, local)
	if space, ok := p.lookup(p.at(pre), p.bindings); ok {
		return space, nil
	}
	switch string(p.at(pre)) {
	case "":
		return noSpace, nil
	case "xml":
		return xmlSpace, nil
	}
	return 0, p.expected(int(name.start), "a prefix that is bound to a namespace")
}

// enter finds the node of an element within its parent, and notes its step.
func (p *Parser) enter(parent *frame, space uint16, local span) (node, error) {
	e := &grammar[parent.node]
	name := p.at(local)
	for i := range e.children {
		if c := &e.children[i]; c.space == space && c.step > parent.step && c.name == string(name) {
			parent.step = c.step
			parent.steps |= 1 << c.step
			if parent.node == nodeDocument {
				p.root = c.node
			}
			if c.node == nodeSignature && p.dropSignature {
				return nodeDropped, nil
			}
			return c.node, nil
		}
	}
	if p.otherFits(e, parent, space, name) {
		parent.step = e.otherStep
		parent.steps |= 1 << e.otherStep
		return e.other, nil
	}
	return 0, p.expected(p.pos, p.allowed(parent))
}

// otherFits reports whether a child that is not listed may stand here. One that is listed is not another.
func (p *Parser) otherFits(e *element, parent *frame, space uint16, name []byte) bool {
	if e.other == nodeDocument || space != gateway && e.content < free {
		return false
	}
	if parent.step > e.otherStep || parent.step == e.otherStep && !e.otherRepeat {
		return false
	}
	for i := range e.children {
		if e.children[i].name == string(name) {
			return false
		}
	}
	return true
}

// allowed says which elements could have come next.
func (p *Parser) allowed(f *frame) string {
	e := &grammar[f.node]
	var names []string
	for _, c := range e.children {
		if c.step > f.step {
			names = append(names, c.name)
		}
	}
	switch {
	case e.other != nodeDocument && f.step <= e.otherStep:
		return "an element that the schema has here, once and in its order"
	case e.content == leaf:
		return "text"
	case len(names) == 0:
		return "no further element"
	}
	return strings.Join(names, " or ")
}

// checkAttributes holds the attributes of the element against the grammar.
func (p *Parser) checkAttributes(n node, name span) error {
	e := &grammar[n]
	if e.content == mixed {
		return nil
	}
	found := e.attribute == ""
	for i := range p.attributes {
		a := &p.attributes[i]
		switch {
		case a.space == xmlnsName:
		case a.space == noSpace && e.attribute != "" && string(p.at(a.local)) == e.attribute:
			found = true
			if err := p.checkValue(n, a); err != nil {
				return err
			}
		case a.space == noSpace && e.prefixed:
		case a.space != xmlSpace && e.content == free:
		case a.space == xsi && (n == nodeRequest || n == nodeResponse) &&
			(string(p.at(a.local)) == "schemaLocation" || string(p.at(a.local)) == "noNamespaceSchemaLocation"):
		default:
			return p.expected(int(a.name.start), "no such attribute here")
		}
	}
	if !found {
		return p.expected(int(name.end), "the attribute "+e.attribute)
	}
	return nil
}

// checkValue holds the value of the attribute of a node against the grammar.
func (p *Parser) checkValue(n node, a *attribute) error {
	e := &grammar[n]
	if e.values == nil {
		return nil // kept when it was written
	}
	for i, v := range e.values {
		if string(p.value(a)) == v {
			if n == nodeSecondTransform {
				p.second = 1 + i
			}
			return nil
		}
	}
	return p.expected(int(a.name.start), fmt.Sprintf("%s=%q", e.attribute, strings.Join(e.values, `" or "`)))
}

// endTag reads an end tag.
func (p *Parser) endTag(f *frame) error {
	i := p.pos + 2
	name := p.at(f.name)
	if len(p.frames) == 1 || !bytes.HasPrefix(p.src[i:], name) {
		return p.expectedEnd(i, f)
	}
	i = p.skipSpace(i + len(name))
	if i == len(p.src) || p.src[i] != '>' {
		return p.expectedEnd(p.pos+2, f)
	}
	if err := p.leave(f); err != nil {
		return err
	}
	p.pos = i + 1
	return nil
}

func (p *Parser) expectedEnd(i int, f *frame) error {
	if len(p.frames) == 1 {
		return p.expected(i, "a root element")
	}
	return p.expected(i, string(p.at(f.name))+">")
}

// leave closes the innermost element.
func (p *Parser) leave(f *frame) error {
	if err := p.checkContent(f); err != nil {
		return err
	}
	p.out = append(p.out, '<', '/')
	p.out = append(p.out, p.at(f.name)...)
	p.out = append(p.out, '>')
	p.bindings, p.rendered = p.bindings[:f.bindings], p.rendered[:f.rendered]
	p.frames = p.frames[:len(p.frames)-1]
	p.turnBack(p.frames[len(p.frames)-1].sink)
	return nil
}

// checkContent checks that a closing element is complete, and keeps the text of a leaf.
func (p *Parser) checkContent(f *frame) error {
	e := &grammar[f.node]
	required := e.required
	if p.Unsigned && (f.node == nodeRequest || f.node == nodeResponse) {
		required &^= 1 << stepSignature
	}
	if required&^f.steps != 0 {
		return p.expected(p.pos, p.allowed(f)+" before the end of "+string(p.at(f.name)))
	}
	if e.content == leaf {
		return p.keepText(f, e)
	}
	return nil
}

// expected makes the error of a pass.
func (p *Parser) expected(offset int, what string) error {
	e := &SyntaxError{Offset: offset, Expected: what}
	if offset >= len(p.src) {
		e.Found = "the end of the message"
	} else {
		e.Found = fmt.Sprintf("%.24q", p.src[offset:min(offset+24, len(p.src))])
	}
	return e
}

func (p *Parser) limited(offset int, format string, most int) error {
	return &SyntaxError{Offset: offset, Expected: fmt.Sprintf(format, most)}
}
