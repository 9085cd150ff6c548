package duis

import (
	"fmt"
	"slices"
)

// Provenance says how surely a fact of a table is known.
type Provenance uint8

// The degrees of certainty.
const (
	Seen      Provenance = iota + 1 // read in a published source
	Derived                         // follows from what was seen
	Uncertain                       // a default that can be overridden
)

func (p Provenance) String() string {
	switch p {
	case Seen:
		return "seen"
	case Derived:
		return "derived"
	case Uncertain:
		return "uncertain"
	}
	return fmt.Sprintf("Provenance(%d)", uint8(p))
}

// Code is a response code of the DUIS. The zero value is none: the request got no answer with a code.
type Code uint8

type codeRow struct {
	code, meaning string
	provenance    Provenance
}

// ParseCode reads a code such as "E4". The error is an [*UnknownError].
func ParseCode(s string) (Code, error) {
	if i := slices.IndexFunc(codeTable[1:], func(r codeRow) bool { return r.code == s }); i >= 0 {
		return Code(i + 1), nil
	}
	return 0, &UnknownError{What: "response code", Expected: "one of the 194 of the DUIS V5.4 schema, such as I99 or E4", Got: s}
}

// Codes lists all codes of the DUIS V5.4 schema.
func Codes() []Code {
	all := make([]Code, len(codeTable)-1)
	for i := range all {
		all[i] = Code(i + 1)
	}
	return all
}

func (c Code) row() *codeRow {
	if int(c) >= len(codeTable) {
		return &codeTable[0]
	}
	return &codeTable[c]
}

// String gives the code, such as "E4"; "none" for the zero value.
func (c Code) String() string {
	if s := c.row().code; s != "" {
		return s
	}
	if c == 0 {
		return "none"
	}
	return fmt.Sprintf("Code(%d)", uint8(c))
}

// Meaning says in a few words what the code tells the User.
func (c Code) Meaning() string { return c.row().meaning }

// Provenance says how surely the meaning is known.
func (c Code) Provenance() Provenance { return c.row().provenance }

// MarshalText gives the code, the empty text for none.
func (c Code) MarshalText() ([]byte, error) { return []byte(c.row().code), nil }

// UnmarshalText reads a code, the empty text as none. The error is an [*UnknownError].
func (c *Code) UnmarshalText(b []byte) error {
	if len(b) == 0 {
		*c = 0
		return nil
	}
	x, err := ParseCode(string(b))
	if err == nil {
		*c = x
	}
	return err
}
