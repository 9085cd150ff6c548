package wire

import "bytes"

// A namespace is an index into the names known to a parser: first these, then those that the message declares.
const (
	noSpace   uint16 = iota
	gateway          // of DUIS requests and responses, alerts and all
	xmldsig          // of the signature
	xsi              // of schemaLocation
	xmlSpace         // of the prefix xml
	xmlnsName        // of the prefix xmlns, which nothing may use
	knownSpaces
)

var spaceNames = [knownSpaces]string{
	gateway:   "http://www.dccinterface.co.uk/ServiceUserGateway",
	xmldsig:   "http://www.w3.org/2000/09/xmldsig#",
	xsi:       "http://www.w3.org/2001/XMLSchema-instance",
	xmlSpace:  "http://www.w3.org/XML/1998/namespace",
	xmlnsName: "http://www.w3.org/2000/xmlns/",
}

// A span is a piece of a buffer.
type span struct{ start, end uint32 }

// A binding ties a prefix, a piece of the source, to a namespace.
type binding struct {
	prefix span
	space  uint16
}

func (p *Parser) at(s span) []byte { return p.src[s.start:s.end] }

// appendSpace appends the name of a namespace.
func (p *Parser) appendSpace(b []byte, space uint16) []byte {
	if space < knownSpaces {
		return append(b, spaceNames[space]...)
	}
	s := p.spaces[space-knownSpaces]
	return append(b, p.spaceText[s.start:s.end]...)
}

// compareSpaces orders namespaces by name.
func (p *Parser) compareSpaces(a, b uint16) int {
	if a == b {
		return 0
	}
	var buf [2][64]byte
	return bytes.Compare(p.appendSpace(buf[0][:0], a), p.appendSpace(buf[1][:0], b))
}

// intern gives the namespace of a name.
func (p *Parser) intern(name []byte) uint16 {
	for i := range spaceNames {
		if string(name) == spaceNames[i] {
			return uint16(i)
		}
	}
	for i, s := range p.spaces {
		if bytes.Equal(name, p.spaceText[s.start:s.end]) {
			return uint16(i) + knownSpaces
		}
	}
	start := uint32(len(p.spaceText))
	p.spaceText = append(p.spaceText, name...)
	p.spaces = append(p.spaces, span{start, uint32(len(p.spaceText))})
	return uint16(len(p.spaces)-1) + knownSpaces
}

// lookup finds what a prefix is bound to: the innermost, which is the last, decides.
func (p *Parser) lookup(prefix []byte, bindings []binding) (space uint16, ok bool) {
	for i := len(bindings) - 1; i >= 0; i-- {
		b := &bindings[i]
		if int(b.prefix.end-b.prefix.start) == len(prefix) && string(p.at(b.prefix)) == string(prefix) {
			return b.space, true
		}
	}
	return noSpace, false
}

// declare binds a prefix (empty for the default namespace) to the namespace named by an attribute value.
func (p *Parser) declare(a *attribute, prefix span) error {
	name := p.value(a)
	if err := p.checkSpaceName(a, prefix, name); err != nil {
		return err
	}
	if len(p.bindings) >= p.limits.Namespaces || len(p.spaces) >= p.limits.Namespaces {
		return p.limited(int(a.name.start), "at most %d namespaces", p.limits.Namespaces)
	}
	space := p.intern(name)
	if space >= knownSpaces && len(name) > p.limits.NameLength { // exclusive canonical form may repeat it at every element
		return p.limited(int(a.name.start), "the name of a namespace of at most %d bytes", p.limits.NameLength)
	}
	p.bindings = append(p.bindings, binding{prefix, space})
	return nil
}

// checkSpaceName refuses what Namespaces in XML 1.0 (sections 2.2 and 3) and Canonical XML (section 2.1: no relative names) do, and
// names that would need escaping, which no URI does but for the ampersand.
func (p *Parser) checkSpaceName(a *attribute, prefix span, name []byte) error {
	pre := p.at(prefix)
	switch {
	case len(name) == 0 && len(pre) == 0:
		return nil
	case string(pre) == "xmlns", string(name) == spaceNames[xmlnsName]:
		return p.expected(int(a.name.start), "no declaration of xmlns")
	case (string(pre) == "xml") != (string(name) == spaceNames[xmlSpace]):
		return p.expected(int(a.name.start), "the prefix xml and its namespace together")
	}
	if !absolute(name) {
		return p.expected(int(a.name.start), "the absolute name of a namespace")
	}
	return nil
}

// absolute reports whether name starts with a scheme (RFC 3986, section 3.1) and holds nothing that needs escaping.
func absolute(name []byte) bool {
	colon := bytes.IndexByte(name, ':')
	if colon < 1 || !letter(name[0]) {
		return false
	}
	for i, c := range name {
		if i < colon && !letter(c) && (c < '0' || c > '9') && c != '+' && c != '-' && c != '.' {
			return false
		}
		if c <= ' ' || c == '&' || c == '<' || c == '>' || c == '"' || c >= 0x7f {
			return false
		}
	}
	return true
}

func letter(c byte) bool { c |= 0x20; return 'a' <= c && c <= 'z' }
