package smki

import (
	"fmt"
)

// EUI64 is an IEEE 64-bit extended unique identifier: a User ID, a Device ID or the DCC's own identifier.
// The SEC Panel allocates User IDs out of each Party's range; Device IDs come from the manufacturer (GBCS).
// The zero value names nobody.
type EUI64 uint64

// ParseEUI64 reads an EUI-64 in any spelling in use: eight octets of hexadecimal digits in either case, separated by
// hyphens (DUIS), colons or spaces, or not separated at all (file names, key stores), the latter also after "0x".
// One separator is used throughout. The error is a [*ParseError].
func ParseEUI64(s string) (EUI64, error) {
	fail := func() (EUI64, error) {
		return 0, &ParseError{What: "EUI-64", Expected: "8 octets of 2 hexadecimal digits, such as 90-B3-D5-1F-30-01-00-00", Got: s}
	}
	digits, step := s, 3
	switch len(s) {
	case 23:
		switch s[2] {
		case '-', ':', ' ':
		default:
			return fail()
		}
	case 18:
		if s[0] != '0' || s[1] != 'x' && s[1] != 'X' {
			return fail()
		}
		digits, step = s[2:], 2
	case 16:
		step = 2
	default:
		return fail()
	}
	var v uint64
	for i := range 8 {
		o := digits[i*step:]
		hi, lo := hexDigit(o[0]), hexDigit(o[1])
		if hi > 15 || lo > 15 || step == 3 && i < 7 && o[2] != s[2] {
			return fail()
		}
		v = v<<8 | uint64(hi)<<4 | uint64(lo)
	}
	return EUI64(v), nil
}

func hexDigit(c byte) byte {
	switch {
	case '0' <= c && c <= '9':
		return c - '0'
	case 'a' <= c && c <= 'f':
		return c - 'a' + 10
	case 'A' <= c && c <= 'F':
		return c - 'A' + 10
	}
	return 0xff
}

// String gives the spelling of DUIS: upper-case octets separated by hyphens.
func (e EUI64) String() string { return string(e.append(make([]byte, 0, 23))) }

// AppendText appends the text of [EUI64.String] to b. It never fails.
func (e EUI64) AppendText(b []byte) ([]byte, error) { return e.append(b), nil }

func (e EUI64) append(b []byte) []byte {
	const digits = "0123456789ABCDEF"
	for shift := 56; shift >= 0; shift -= 8 {
		if shift != 56 {
			b = append(b, '-')
		}
		o := byte(e >> shift)
		b = append(b, digits[o>>4], digits[o&15])
	}
	return b
}

// MarshalText gives the text of [EUI64.String].
func (e EUI64) MarshalText() ([]byte, error) { return e.AppendText(nil) }

// UnmarshalText reads what [ParseEUI64] reads, with its errors.
func (e *EUI64) UnmarshalText(b []byte) (err error) {
	v, err := ParseEUI64(string(b))
	if err == nil {
		*e = v
	}
	return err
}

// ParseError says that a text is not the identifier that it should be.
type ParseError struct {
	What     string // what was to be read, such as "EUI-64"
	Expected string // the form that was expected
	Got      string // the text itself
}

func (e *ParseError) Error() string {
	got := e.Got
	if len(got) > 64 {
		got = got[:64] + "…"
	}
	return fmt.Sprintf("smki: %q is no %s: expected %s", got, e.What, e.Expected)
}
