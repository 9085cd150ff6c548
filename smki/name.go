package smki

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// The object identifiers of attributes, as the contents of their DER.
const (
	oidOrganizationalUnit = "\x55\x04\x0b" // 2.5.4.11
	oidUniqueIdentifier   = "\x55\x04\x2d" // 2.5.4.45, x500UniqueIdentifier
)

// attributeNames are the keywords of the attribute types that are printed as text (RFC 2253, section 2.3, and what pkix.RDNSequence prints).
var attributeNames = map[string]string{
	"\x55\x04\x03":        "CN",
	"\x55\x04\x05":        "SERIALNUMBER",
	"\x55\x04\x06":        "C",
	"\x55\x04\x07":        "L",
	"\x55\x04\x08":        "ST",
	"\x55\x04\x09":        "STREET",
	"\x55\x04\x0a":        "O",
	oidOrganizationalUnit: "OU",
	"\x55\x04\x11":        "POSTALCODE",
}

// distinguishedName is what is read of a Name (RFC 5280, section 4.1.2.4).
type distinguishedName struct {
	text  string // RFC 2253, as pkix.RDNSequence.String prints it
	units []string
	ids   [][]byte // the whole elements of the x500UniqueIdentifiers
}

// maxName is the most octets of a name. Those of the SMKI take below 100.
const maxName = 4 << 10

// name reads a Name.
func (d *der) name(field string) (n distinguishedName) {
	rdns := d.sub(tagSequence, field)
	if len(rdns.b) > maxName {
		rdns.fail(field, fmt.Sprintf("at most %d octets", maxName), fmt.Sprint(len(rdns.b)))
	}
	var parts [][]byte
	for rdns.more() {
		set := rdns.sub(tagSet, field)
		if set.ok() && len(set.b) == 0 {
			set.fail(field, "an attribute in every set", "an empty set")
		}
		var part, last []byte
		for set.more() {
			attr, whole := set.both(tagSequence, field)
			if last != nil {
				if bytes.Compare(last, whole) >= 0 {
					set.fail(field, "the attributes of a set in ascending order", shortHex(whole))
				}
				part = append(part, '+')
			}
			last = whole
			a := set.of(attr)
			part = n.attribute(part, &a, field)
		}
		parts = append(parts, part)
	}
	if !d.ok() {
		return distinguishedName{}
	}
	slices.Reverse(parts)
	n.text = string(bytes.Join(parts, []byte{','}))
	return n
}

// attribute reads a type and value and appends their text.
func (n *distinguishedName) attribute(text []byte, a *der, field string) []byte {
	typ := a.oid(field)
	if keyword := attributeNames[string(typ)]; keyword != "" {
		value := a.text(field)
		a.end(field)
		if string(typ) == oidOrganizationalUnit {
			n.units = append(n.units, value)
		}
		return appendEscaped(append(append(text, keyword...), '='), value)
	}
	whole := a.any(field)
	a.end(field)
	if string(typ) == oidUniqueIdentifier {
		n.ids = append(n.ids, whole)
	}
	if !a.ok() {
		return text
	}
	return hex.AppendEncode(append(append(text, oidString(typ)...), "=#"...), whole)
}

// appendEscaped appends an attribute value with what RFC 2253, section 2.4, has escaped.
func appendEscaped(b []byte, value string) []byte {
	for i, c := range value {
		switch c {
		case ',', '+', '"', '\\', '<', '>', ';':
			b = append(b, '\\')
		case ' ':
			if i == 0 || i == len(value)-1 {
				b = append(b, '\\')
			}
		case '#':
			if i == 0 {
				b = append(b, '\\')
			}
		}
		b = utf8.AppendRune(b, c)
	}
	return b
}

// NormaliseIssuer gives the form in which the name of an issuer, as it stands in an X509IssuerName (XMLDSig, section 4.5.4.1),
// is compared with [X509Certificate.Issuer]: without white space (space, tab, CR, LF) after commas that no backslash escapes.
// Nothing else is changed: neither order nor case, so that a name written differently is found nowhere. It is idempotent.
func NormaliseIssuer(name string) string {
	if !strings.ContainsAny(name, " \t\r\n") {
		return name
	}
	b := AppendNormalisedIssuer(nil, []byte(name))
	if len(b) == len(name) {
		return name
	}
	return string(b)
}

// AppendNormalisedIssuer appends the text of [NormaliseIssuer] to dst, which must not overlap name.
func AppendNormalisedIssuer(dst, name []byte) []byte {
	escaped, comma := false, false
	for _, c := range name {
		if comma && (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
			continue
		}
		comma = c == ',' && !escaped
		escaped = c == '\\' && !escaped
		dst = append(dst, c)
	}
	return dst
}
