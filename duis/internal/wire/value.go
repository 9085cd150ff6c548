package wire

import (
	"bytes"
	"encoding/base64"
)

// keep notes what stands from start to end of the sink as a value.
func (p *Parser) keep(f field, start, end int) {
	p.kept[f] = piece{p.sink, true, uint32(start), uint32(end)}
}

// keepName keeps the local name of an element where its parent asks for it.
func (p *Parser) keepName(parent *frame, start, end int) {
	if e := &grammar[parent.node]; e.nameStep != 0 && parent.step == e.nameStep {
		p.keep(e.nameAs, start, end)
	}
}

// keepAttribute keeps the value, which starts at start of the sink and is its end, of the attribute of a node.
func (p *Parser) keepAttribute(n node, a *attribute, start int) error {
	e := &grammar[n]
	if e.valueAs == noField || string(p.at(a.local)) != e.attribute {
		return nil
	}
	from, to, ok := collapse(p.out, start, len(p.out))
	if !ok {
		return p.expected(int(a.name.start), e.attribute+" without white space inside")
	}
	p.keep(e.valueAs, from, to)
	return nil
}

// keepText keeps the text of a leaf, which is the end of the sink.
func (p *Parser) keepText(f *frame, e *element) error {
	from, to, ok := f.content, len(p.out), true
	switch e.lexical {
	case anyText:
		return nil
	case token:
		from, to, ok = collapse(p.out, from, to)
	case decimal:
		from, to, ok = collapse(p.out, from, to)
		ok = ok && isDecimal(p.out[from:to])
	case verbatim:
		ok = from < to && bytes.IndexByte(p.out[from:to], '&') < 0
	case issuerRDN:
		ok = from < to
	case base64Of:
		ok = p.decode(e.keepAs, p.out[from:to])
	}
	if !ok {
		return p.expected(f.start, lexicalExpected[e.lexical]+" in "+string(p.at(f.name)))
	}
	p.keep(e.keepAs, from, to)
	return nil
}

var lexicalExpected = [...]string{
	token:     "one word",
	decimal:   "a decimal number without sign or leading zeros",
	verbatim:  "text without & < >",
	issuerRDN: "a distinguished name",
	base64Of:  "base64 of the right length",
}

// collapse drops white space at both ends (XML Schema, part 2, section 4.3.6) and reports whether one word is left. A carriage return is a
// reference in canonical text, and is refused like any other.
func collapse(b []byte, from, to int) (int, int, bool) {
	for from < to && class[b[from]]&isSpace != 0 {
		from++
	}
	for from < to && class[b[to-1]]&isSpace != 0 {
		to--
	}
	for _, c := range b[from:to] {
		if c <= ' ' || c == '&' || c >= 0x7f {
			return from, to, false
		}
	}
	return from, to, from < to
}

// maxSerial is more than the 49 digits that the 20 octets of a serial number (RFC 5280, section 4.1.2.2) can have.
const maxSerial = 50

func isDecimal(b []byte) bool {
	for _, c := range b {
		if c < '0' || c > '9' {
			return false
		}
	}
	return len(b) > 0 && len(b) <= maxSerial && (b[0] != '0' || len(b) == 1)
}

// decode decodes a base64 value in canonical text into its place in the message and reports whether it has the length it must have.
func (p *Parser) decode(f field, text []byte) bool {
	m := p.m
	m.base64 = appendDense(m.base64[:0], text)
	var buf [66]byte // 64 octets are 88 characters, for which DecodedLen says 66
	dst := buf[:]
	if f == payload {
		m.payload = append(m.payload[:0], m.base64...) // long enough for anything
		dst = m.payload
	} else if base64.StdEncoding.DecodedLen(len(m.base64)) > len(dst) {
		return false
	}
	n, err := base64.StdEncoding.Strict().Decode(dst, m.base64)
	if err != nil {
		return false
	}
	switch f {
	case payload:
		m.payload = m.payload[:n]
	case digestValue:
		return copy(m.ReferenceDigest[:], dst[:n]) == n && n == len(m.ReferenceDigest)
	case signatureValue:
		return copy(m.SignatureValue[:], dst[:n]) == n && n == len(m.SignatureValue)
	}
	return true
}

// carriageReturn is what canonical text has for one.
const carriageReturn = "&#xD;"

// appendDense appends canonical text without its white space; a carriage return is a reference there, and many signers write it.
func appendDense(b, text []byte) []byte {
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '&' && bytes.HasPrefix(text[i:], []byte(carriageReturn)):
			i += len(carriageReturn) - 1
		case class[c]&isSpace != 0:
		default:
			b = append(b, c)
		}
	}
	return b
}

// appendResolved appends canonical text with its references resolved.
func appendResolved(b, text []byte) []byte {
	for i := 0; i < len(text); i++ {
		if text[i] != '&' {
			b = append(b, text[i])
			continue
		}
		n := bytes.IndexByte(text[i:], ';') // there is one: this text is our own
		r, _ := named(text[i+1 : i+n])
		b = append(b, byte(r)) // one of & < > and carriage return
		i += n
	}
	return b
}

// assign puts what was kept into the message.
func (p *Parser) assign() {
	m := p.m
	m.Root = Request
	if p.root == nodeResponse {
		m.Root = Response
	}
	m.SchemaVersion = p.piece(schemaVersion)
	m.RequestID = p.piece(requestID)
	m.FirstInSequence = p.piece(firstInSequence)
	m.PrecedingServiceRequestID = p.piece(preceding)
	m.CommandVariant = p.piece(commandVariant)
	m.ServiceReference = p.piece(serviceReference)
	m.ServiceReferenceVariant = p.piece(serviceReferenceVariant)
	m.ResponseID = p.piece(responseID)
	m.ResponseCode = p.piece(responseCode)
	m.ResponseDateTime = p.piece(responseDateTime)
	m.Body = p.piece(bodyName)
	m.ExecutionDateTime = p.piece(executionDateTime)
	m.PaymentMode = paymentModeOf(p.piece(paymentMode))
	m.ImportMPxN = p.piece(importMPxN)
	m.Content = p.piece(contentName)
	m.AlertCode = p.piece(alertCode)
	m.Alert = p.piece(alertName)
	m.Quarantine = quarantineOf(p.piece(quarantine))
	m.QuarantinedID = p.piece(quarantinedID)
	m.QuarantineRef = p.piece(quarantineRef)
	if p.kept[payload].set {
		m.Payload = m.payload[:len(m.payload):len(m.payload)]
	}
	if m.Signed {
		m.issuer = appendResolved(m.issuer[:0], p.piece(issuerName))
		m.IssuerName = m.issuer[:len(m.issuer):len(m.issuer)]
		m.SerialNumber = p.piece(serialNumber)
	}
}

// piece gives the octets of a value.
func (p *Parser) piece(f field) []byte {
	k := &p.kept[f]
	if !k.set {
		return nil
	}
	return p.m.sinks[k.sink][k.start:k.end:k.end]
}

func paymentModeOf(name []byte) PaymentMode {
	switch string(name) {
	case "Credit":
		return Credit
	case "Prepayment":
		return Prepayment
	}
	return 0
}

func quarantineOf(name []byte) Quarantine {
	for kind, element := range breaches {
		if string(name) == element {
			return Quarantine(kind)
		}
	}
	return 0 // not reached: the grammar has no other
}
