package wire

import "bytes"

// declaration reads an XML declaration (XML 1.0, production 23) if there is one: version 1.0, encoding UTF-8.
func (p *Parser) declaration() error {
	const opening = "<?xml"
	if !bytes.HasPrefix(p.src[p.pos:], []byte(opening)) {
		return nil
	}
	p.pos += len(opening)
	if v, ok := p.pseudoAttribute("version"); !ok || string(v) != "1.0" {
		return p.expected(p.pos, `version="1.0"`)
	}
	if v, ok := p.pseudoAttribute("encoding"); ok && !bytes.EqualFold(v, []byte("UTF-8")) {
		return p.expected(p.pos, "the encoding UTF-8")
	}
	if v, ok := p.pseudoAttribute("standalone"); ok && string(v) != "yes" && string(v) != "no" {
		return p.expected(p.pos, "standalone yes or no")
	}
	if p.pos = p.skipSpace(p.pos); !bytes.HasPrefix(p.src[p.pos:], []byte("?>")) {
		return p.expected(p.pos, "the end of the XML declaration")
	}
	p.pos += 2
	return nil
}

// pseudoAttribute reads white space and name="value", if that is what comes.
func (p *Parser) pseudoAttribute(name string) (value []byte, ok bool) {
	i := p.skipSpace(p.pos)
	if i == p.pos || !bytes.HasPrefix(p.src[i:], []byte(name)) {
		return nil, false
	}
	i = p.skipSpace(i + len(name))
	if i >= len(p.src) || p.src[i] != '=' {
		return nil, false
	}
	i = p.skipSpace(i + 1)
	if i >= len(p.src) || p.src[i] != '"' && p.src[i] != '\'' {
		return nil, false
	}
	n := bytes.IndexByte(p.src[i+1:], p.src[i])
	if n < 0 {
		return nil, false
	}
	p.pos = i + 1 + n + 1
	return p.src[i+1 : i+1+n], true
}
