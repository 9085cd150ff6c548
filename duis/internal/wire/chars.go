package wire

import "unicode/utf8"

// Classes of bytes.
const (
	isSpace     = 1 << iota // S of XML 1.0
	isNameStart             // may start a name: ASCII only
	isName                  // may stand in a name, the colon excepted
	plainText               // stands for itself in text and in canonical text
	plainValue              // stands for itself in an attribute value and in its canonical form, whatever the quotes
)

var class = makeClass()

func makeClass() (t [256]uint8) {
	for c := range t {
		b := byte(c)
		if b == ' ' || b == '\t' || b == '\n' || b == '\r' {
			t[c] |= isSpace
		}
		if letter(b) || b == '_' {
			t[c] |= isNameStart | isName
		}
		if '0' <= b && b <= '9' || b == '-' || b == '.' {
			t[c] |= isName
		}
		if (b >= ' ' || b == '\t' || b == '\n') && b < utf8.RuneSelf && b != '<' && b != '&' && b != '>' {
			t[c] |= plainText
		}
		if b >= ' ' && b < utf8.RuneSelf && b != '<' && b != '&' && b != '"' && b != '\'' {
			t[c] |= plainValue
		}
	}
	return t
}

// isChar reports whether XML 1.0 (production 2) knows the character.
func isChar(r rune) bool {
	return r == '\t' || r == '\n' || r == '\r' || ' ' <= r && r <= 0xd7ff || 0xe000 <= r && r <= 0xfffd || 0x10000 <= r && r <= 0x10ffff
}

// rune reads the character beyond ASCII at i and gives its length.
func (p *Parser) rune(i int) (int, error) {
	r, n := utf8.DecodeRune(p.src[i:])
	if r == utf8.RuneError && n == 1 || !isChar(r) {
		return 0, p.expected(i, "a character of XML in UTF-8")
	}
	return n, nil
}

// reference reads the reference at i, which is an ampersand, and gives its character and the offset after it.
func (p *Parser) reference(i int) (rune, int, error) {
	rest := p.src[i+1:]
	for j := range rest {
		if rest[j] == ';' {
			if r, ok := named(rest[:j]); ok {
				return r, i + j + 2, nil
			}
			break
		}
		if j == maxReference {
			break
		}
	}
	return 0, 0, p.expected(i, "one of the five entities or a reference to a character of XML")
}

// maxReference is the length of the longest reference accepted, without ampersand and semicolon; it leaves room for leading zeros.
const maxReference = 12

func named(name []byte) (rune, bool) {
	switch string(name) {
	case "amp":
		return '&', true
	case "lt":
		return '<', true
	case "gt":
		return '>', true
	case "quot":
		return '"', true
	case "apos":
		return '\'', true
	}
	if len(name) < 2 || name[0] != '#' {
		return 0, false
	}
	digits, base := name[1:], rune(10)
	if digits[0] == 'x' {
		digits, base = digits[1:], 16
	}
	if len(digits) == 0 {
		return 0, false
	}
	var r rune
	for _, c := range digits {
		var d rune
		switch {
		case '0' <= c && c <= '9':
			d = rune(c - '0')
		case base == 16 && 'a' <= c && c <= 'f':
			d = rune(c-'a') + 10
		case base == 16 && 'A' <= c && c <= 'F':
			d = rune(c-'A') + 10
		default:
			return 0, false
		}
		if r = r*base + d; r > utf8.MaxRune {
			return 0, false
		}
	}
	return r, isChar(r)
}

// appendText appends a character in the canonical form of text (Canonical XML 1.0, section 2.3).
func appendText(b []byte, r rune) []byte {
	switch r {
	case '&':
		return append(b, "&amp;"...)
	case '<':
		return append(b, "&lt;"...)
	case '>':
		return append(b, "&gt;"...)
	case '\r':
		return append(b, "&#xD;"...)
	}
	return utf8.AppendRune(b, r)
}

// appendValue appends a character in the canonical form of an attribute value (Canonical XML 1.0, section 2.3).
func appendValue(b []byte, r rune) []byte {
	switch r {
	case '&':
		return append(b, "&amp;"...)
	case '<':
		return append(b, "&lt;"...)
	case '"':
		return append(b, "&quot;"...)
	case '\t':
		return append(b, "&#x9;"...)
	case '\n':
		return append(b, "&#xA;"...)
	case '\r':
		return append(b, "&#xD;"...)
	}
	return utf8.AppendRune(b, r)
}
