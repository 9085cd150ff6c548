package wire

import "bytes"

// Canonical XML 1.0 without comments (https://www.w3.org/TR/2001/REC-xml-c14n-20010315) and Exclusive XML Canonicalization 1.0
// (https://www.w3.org/TR/2002/REC-xml-exc-c14n-20020718) differ in one thing here: which namespace declarations a start tag carries. The
// octets of the document are a whole document but for one subtree, so that nothing is inherited from elements left out.

// turnTo changes the sink where an element goes elsewhere than its parent.
func (p *Parser) turnTo(n node) {
	switch n {
	case nodeSignature, nodeDropped:
		p.swap(signatureSink)
	case nodeSignedInfo:
		p.swap(signedInfoSink)
		p.apex = len(p.rendered)
	}
}

// turnBack returns to the sink of the parent.
func (p *Parser) turnBack(s sink) {
	if s != p.sink {
		p.swap(s)
		p.apex = 0
	}
}

func (p *Parser) swap(s sink) {
	if s != p.sink {
		p.m.sinks[p.sink] = p.out
		p.sink, p.out = s, p.m.sinks[s]
	}
}

// writeStart writes a start tag in canonical form and keeps what the grammar wants of it.
func (p *Parser) writeStart(parent *frame, n node, name, local span, inScope int) error {
	p.out = append(p.out, '<')
	p.out = append(p.out, p.at(name)...)
	p.keepName(parent, len(p.out)-int(local.end-local.start), len(p.out))
	if p.sink == signedInfoSink || p.exclusive && p.sink == documentSink {
		p.writeUsedSpaces(prefixOf(name, local))
	} else if len(p.bindings) > inScope {
		p.writeNewSpaces(inScope)
	}
	if err := p.writeAttributes(n); err != nil {
		return err
	}
	p.out = append(p.out, '>')
	return nil
}

// writeNewSpaces writes the declarations that change something, by prefix: inclusive canonical form.
func (p *Parser) writeNewSpaces(inScope int) {
	p.sortBindings(p.bindings[inScope:])
	for _, b := range p.bindings[inScope:] {
		// Nothing bound and bound to nothing are the same: xmlns="" is only written where it takes effect.
		if before, _ := p.lookup(p.at(b.prefix), p.bindings[:inScope]); before != b.space {
			p.writeSpace(b)
		}
	}
}

// writeUsedSpaces writes the declarations of the prefixes that the tag uses unless an element around it has: exclusive canonical form.
func (p *Parser) writeUsedSpaces(prefix span) {
	start := len(p.rendered)
	p.use(prefix)
	for i := range p.attributes {
		if a := &p.attributes[i]; a.space != xmlnsName && a.name != a.local {
			p.use(prefixOf(a.name, a.local))
		}
	}
	p.sortBindings(p.rendered[start:])
	for _, b := range p.rendered[start:] {
		p.writeSpace(b)
	}
}

func (p *Parser) use(prefix span) {
	name := p.at(prefix)
	if string(name) == "xml" {
		return
	}
	space, _ := p.lookup(name, p.bindings)
	if written, _ := p.lookup(name, p.rendered[p.apex:]); written != space {
		p.rendered = append(p.rendered, binding{prefix, space})
	}
}

func (p *Parser) writeSpace(b binding) {
	p.out = append(p.out, " xmlns"...)
	if b.prefix.start != b.prefix.end {
		p.out = append(p.out, ':')
		p.out = append(p.out, p.at(b.prefix)...)
	}
	p.out = append(p.out, '=', '"')
	p.out = p.appendSpace(p.out, b.space)
	p.out = append(p.out, '"')
}

// writeAttributes writes the attributes by namespace and local name, those without a namespace first.
func (p *Parser) writeAttributes(n node) error {
	as := p.attributes
	for i := 1; i < len(as); i++ {
		for j := i; j > 0 && p.compareAttributes(&as[j], &as[j-1]) < 0; j-- {
			as[j], as[j-1] = as[j-1], as[j]
		}
	}
	for i := range as {
		a := &as[i]
		if a.space == xmlnsName {
			continue
		}
		p.out = append(p.out, ' ')
		p.out = append(p.out, p.at(a.name)...)
		p.out = append(p.out, '=', '"')
		start := len(p.out)
		p.out = append(p.out, p.value(a)...)
		if a.space == noSpace {
			if err := p.keepAttribute(n, a, start); err != nil {
				return err
			}
		}
		p.out = append(p.out, '"')
	}
	return nil
}

func (p *Parser) compareAttributes(a, b *attribute) int {
	if c := p.compareSpaces(a.space, b.space); c != 0 {
		return c
	}
	return bytes.Compare(p.at(a.local), p.at(b.local))
}

// sortBindings sorts by prefix, the default namespace first.
func (p *Parser) sortBindings(bs []binding) {
	for i := 1; i < len(bs); i++ {
		for j := i; j > 0 && bytes.Compare(p.at(bs[j].prefix), p.at(bs[j-1].prefix)) < 0; j-- {
			bs[j], bs[j-1] = bs[j-1], bs[j]
		}
	}
}
