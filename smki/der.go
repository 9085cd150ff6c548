package smki

import (
	"fmt"
	"math/bits"
	"time"
	"unicode/utf8"
)

// DER tags that certificates and CRLs are made of (X.690, section 8). A constructed context tag of number n is tagExplicit+n, a primitive one tagImplicit+n.
const (
	tagBoolean         = 0x01
	tagInteger         = 0x02
	tagBitString       = 0x03
	tagOctetString     = 0x04
	tagNull            = 0x05
	tagOID             = 0x06
	tagEnumerated      = 0x0a
	tagUTF8String      = 0x0c
	tagPrintableString = 0x13
	tagUTCTime         = 0x17
	tagGeneralizedTime = 0x18
	tagSequence        = 0x30
	tagSet             = 0x31
	tagImplicit        = 0x80
	tagExplicit        = 0xa0
)

// derFault is the first thing found wrong in one value and all that is nested in it.
type derFault struct {
	field, expected, got string
}

// der reads the elements of a DER value in order, strictly: definite and minimal lengths, low tag numbers, nothing left over.
// After the first fault, which it shares with the readers of what is nested in it, it is empty, so that callers need to ask for a fault only once, at the end.
type der struct {
	b     []byte
	fault *derFault
}

func newDER(b []byte) der { return der{b: b, fault: new(derFault)} }

// ok reports whether no fault was found so far.
func (d *der) ok() bool { return d.fault.field == "" }

// fail records the first fault and stops the reader.
func (d *der) fail(field, expected, got string) {
	if d.ok() {
		*d.fault = derFault{field, expected, got}
	}
	d.b = nil
}

// more reports whether another element stands next.
func (d *der) more() bool { return d.ok() && len(d.b) > 0 }

// peek is the tag of the next element, 0 if there is none.
func (d *der) peek() byte {
	if !d.more() {
		return 0
	}
	return d.b[0]
}

// element reads the next element of any tag: its contents and the whole of it.
func (d *der) element(field string) (tag byte, content, whole []byte) {
	if !d.more() {
		d.fail(field, "an element", "the end of the data")
		return 0, nil, nil
	}
	tag = d.b[0]
	head, n, ok := derHeader(d.b)
	switch {
	case tag&0x1f == 0x1f:
		d.fail(field, "a tag number below 31", fmt.Sprintf("tag %#02x", tag))
	case !ok:
		d.fail(field, "a definite length in the fewest octets", fmt.Sprintf("% x", d.b[:min(len(d.b), 6)]))
	case n > len(d.b)-head:
		d.fail(field, fmt.Sprintf("%d octets of contents", n), fmt.Sprintf("%d", len(d.b)-head))
	default:
		content, whole, d.b = d.b[head:head+n:head+n], d.b[:head+n:head+n], d.b[head+n:]
		return tag, content, whole
	}
	return 0, nil, nil
}

// maxNesting bounds how deep elements lie in one that is passed over.
const maxNesting = 8

// any reads the next element of any tag, whose meaning is not looked at, and gives the whole of it: what it is made of must be DER as well.
func (d *der) any(field string) []byte {
	tag, content, whole := d.element(field)
	if d.ok() && tag&0x20 != 0 {
		nested := d.of(content)
		nested.allWellFormed(field, maxNesting)
	}
	return whole
}

func (d *der) allWellFormed(field string, depth int) {
	if depth == 0 {
		d.fail(field, fmt.Sprintf("elements at most %d deep", maxNesting), "deeper ones")
	}
	for d.more() {
		if tag, content, _ := d.element(field); tag&0x20 != 0 {
			nested := d.of(content)
			nested.allWellFormed(field, depth-1)
		}
	}
}

// derHeader reads the tag and length of an element (X.690, section 10.1): the octets they take and the length of the contents.
func derHeader(b []byte) (head, n int, ok bool) {
	if len(b) < 2 {
		return 0, 0, false
	}
	if b[1] < 0x80 {
		return 2, int(b[1]), true
	}
	k := int(b[1] & 0x7f)
	if k == 0 || k > 4 || len(b) < 2+k || b[2] == 0 {
		return 0, 0, false
	}
	var v uint64
	for _, o := range b[2 : 2+k] {
		v = v<<8 | uint64(o)
	}
	if v < 0x80 || v > 1<<31-1 {
		return 0, 0, false
	}
	return 2 + k, int(v), true
}

// bytes reads the next element, which must have the tag.
func (d *der) bytes(tag byte, field string) []byte {
	content, _ := d.both(tag, field)
	return content
}

// both is bytes, with the whole of the element beside its contents.
func (d *der) both(tag byte, field string) (content, whole []byte) {
	if got := d.peek(); d.ok() && got != tag {
		if len(d.b) == 0 {
			d.fail(field, fmt.Sprintf("an element of tag %#02x", tag), "the end of the data")
		} else {
			d.fail(field, fmt.Sprintf("an element of tag %#02x", tag), fmt.Sprintf("tag %#02x", got))
		}
		return nil, nil
	}
	_, content, whole = d.element(field)
	return content, whole
}

// sub reads the next element, which must have the tag, and gives a reader of its contents.
func (d *der) sub(tag byte, field string) der {
	return der{d.bytes(tag, field), d.fault}
}

// optional is sub where the next element has the tag, else an empty reader and false.
func (d *der) optional(tag byte, field string) (der, bool) {
	if d.peek() != tag {
		return der{nil, d.fault}, false
	}
	return d.sub(tag, field), true
}

// of gives a reader of other octets that shares the fault.
func (d *der) of(b []byte) der {
	if !d.ok() {
		b = nil
	}
	return der{b, d.fault}
}

// end demands that nothing is left.
func (d *der) end(field string) {
	if d.more() {
		d.fail(field, "no data after it", fmt.Sprintf("%d octets more", len(d.b)))
	}
}

// unsigned reads an INTEGER that is not negative, of at most max octets, and gives its magnitude without leading zeros.
func (d *der) unsigned(max int, field string) []byte {
	b := d.bytes(tagInteger, field)
	if !d.ok() {
		return nil
	}
	switch {
	case len(b) == 0 || len(b) > 1 && (b[0] == 0 && b[1] < 0x80 || b[0] == 0xff && b[1] >= 0x80):
		d.fail(field, "an integer in the fewest octets", shortHex(b))
	case b[0] >= 0x80:
		d.fail(field, "no negative number", shortHex(b))
	case len(b) > max:
		d.fail(field, fmt.Sprintf("at most %d octets", max), fmt.Sprint(len(b)))
	case b[0] == 0:
		return b[1:]
	default:
		return b
	}
	return nil
}

// optionalTrue reads a BOOLEAN whose default is FALSE, which DER leaves out (X.690, section 11.5).
func (d *der) optionalTrue(field string) bool {
	if d.peek() != tagBoolean {
		return false
	}
	b := d.bytes(tagBoolean, field)
	if d.ok() && (len(b) != 1 || b[0] != 0xff) {
		d.fail(field, "TRUE as ff, or nothing for FALSE", shortHex(b))
	}
	return d.ok()
}

// octetBits reads a BIT STRING of whole octets.
func (d *der) octetBits(field string) []byte {
	b := d.bytes(tagBitString, field)
	if !d.ok() {
		return nil
	}
	if len(b) < 1 || b[0] != 0 {
		d.fail(field, "a bit string of whole octets", shortHex(b))
		return nil
	}
	return b[1:]
}

// namedBits reads a BIT STRING whose bits have names: bit i of the result is named bit i. At most 16 bits; no trailing zeros (X.690, section 11.2.2).
func (d *der) namedBits(field string) uint16 {
	b := d.bytes(tagBitString, field)
	if !d.ok() {
		return 0
	}
	if len(b) < 2 || len(b) > 3 || b[0] > 7 || bits.TrailingZeros8(b[len(b)-1]) != int(b[0]) {
		d.fail(field, "1 to 16 named bits without trailing zeros", shortHex(b))
		return 0
	}
	v := uint16(bits.Reverse8(b[1]))
	if len(b) == 3 {
		v |= uint16(bits.Reverse8(b[2])) << 8
	}
	return v
}

// oid reads an OBJECT IDENTIFIER and gives its contents.
func (d *der) oid(field string) []byte {
	b := d.bytes(tagOID, field)
	if d.ok() && !validOID(b) {
		d.fail(field, "an object identifier in the fewest octets, of arcs below 2^31", shortHex(b))
		return nil
	}
	return b
}

// validOID reports whether the contents of an OBJECT IDENTIFIER are minimal, complete and of arcs below 2^31 (X.690, section 8.19).
func validOID(b []byte) bool {
	if len(b) == 0 || b[len(b)-1] >= 0x80 {
		return false
	}
	var v uint64
	for _, o := range b {
		if v == 0 && o == 0x80 {
			return false
		}
		if v = v<<7 | uint64(o&0x7f); v >= 1<<31 {
			return false
		}
		if o < 0x80 {
			v = 0
		}
	}
	return true
}

// oidString is the dotted form of the contents of a valid OBJECT IDENTIFIER.
func oidString(b []byte) string {
	var out []byte
	var v uint64
	for _, o := range b {
		v = v<<7 | uint64(o&0x7f)
		if o >= 0x80 {
			continue
		}
		if out == nil {
			first := min(v/40, 2)
			out = fmt.Appendf(nil, "%d.%d", first, v-40*first)
		} else {
			out = fmt.Appendf(out, ".%d", v)
		}
		v = 0
	}
	return string(out)
}

// time reads a Time of RFC 5280, section 4.1.2.5: UTCTime through 2049, GeneralizedTime from 2050, both in seconds and Zulu.
func (d *der) time(field string) time.Time {
	tag, b, _ := d.element(field)
	if !d.ok() {
		return time.Time{}
	}
	year, rest, ok := 0, b, false
	switch {
	case tag == tagUTCTime && len(b) == 13:
		year, ok = digits(b[:2])
		if year += 1900; year < 1950 {
			year += 100
		}
		rest = b[2:]
	case tag == tagGeneralizedTime && len(b) == 15:
		year, ok = digits(b[:4])
		ok = ok && year >= 2050
		rest = b[4:]
	}
	if !ok || rest[10] != 'Z' {
		d.fail(field, "YYMMDDHHMMSSZ through 2049, YYYYMMDDHHMMSSZ from 2050", shortText(b))
		return time.Time{}
	}
	var v [5]int
	for i := range v {
		var good bool
		v[i], good = digits(rest[2*i : 2*i+2])
		ok = ok && good
	}
	t := time.Date(year, time.Month(v[0]), v[1], v[2], v[3], v[4], 0, time.UTC)
	if !ok || v[0] < 1 || v[0] > 12 || v[1] < 1 || t.Day() != v[1] || v[2] > 23 || v[3] > 59 || v[4] > 59 {
		d.fail(field, "a date and time that exist", shortText(b))
		return time.Time{}
	}
	return t
}

func digits(b []byte) (v int, ok bool) {
	for _, c := range b {
		if c < '0' || c > '9' {
			return 0, false
		}
		v = v*10 + int(c-'0')
	}
	return v, true
}

// text reads the value of a directory string: PrintableString or UTF8String, not empty, without control characters (RFC 5280, section 4.1.2.4).
func (d *der) text(field string) string {
	tag, b, _ := d.element(field)
	if !d.ok() {
		return ""
	}
	ok := len(b) > 0
	switch tag {
	case tagPrintableString:
		for _, c := range b {
			ok = ok && printable(c)
		}
	case tagUTF8String:
		ok = ok && utf8.Valid(b)
		for _, c := range b {
			ok = ok && c >= ' ' && c != 0x7f
		}
	default:
		ok = false
	}
	if !ok {
		d.fail(field, "a PrintableString or UTF8String without control characters", fmt.Sprintf("tag %#02x, %s", tag, shortText(b)))
		return ""
	}
	return string(b)
}

// printable reports whether a character may stand in a PrintableString (X.680, section 41.4).
func printable(c byte) bool {
	switch {
	case 'A' <= c && c <= 'Z', 'a' <= c && c <= 'z', '0' <= c && c <= '9', '\'' <= c && c <= ')', '+' <= c && c <= '/':
		return true
	}
	return c == ' ' || c == ':' || c == '=' || c == '?'
}

// shortHex and shortText show what was read in an error, bounded.
func shortHex(b []byte) string {
	if len(b) > 24 {
		return fmt.Sprintf("% x … (%d octets)", b[:24], len(b))
	}
	return fmt.Sprintf("% x", b)
}

func shortText(b []byte) string {
	if len(b) > 40 {
		return fmt.Sprintf("%q … (%d octets)", b[:40], len(b))
	}
	return fmt.Sprintf("%q", b)
}
