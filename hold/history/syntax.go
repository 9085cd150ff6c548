package history

import (
	"encoding"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/seed-db8551c1/lastresort/duis"
	"github.com/seed-db8551c1/lastresort/smki"
	"github.com/seed-db8551c1/lastresort/solr"
)

// SyntaxError says which line of a history cannot be read, and what was expected there.
type SyntaxError struct {
	Line     int // from 1
	Expected string
	Got      string // the text that stands there instead
}

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("history: line %d: expected %s, not %q", e.Line, e.Expected, short(e.Got))
}

// short keeps messages readable, whatever was read.
func short(s string) string {
	if len(s) <= 120 {
		return s
	}
	n := 117
	for !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + "..."
}

// expected is what is wrong with a part of a line; [Parse] adds the line.
type expected struct{ what, got string }

func (e *expected) Error() string { return fmt.Sprintf("expected %s, not %q", e.what, e.got) }

func wrong(got, format string, args ...any) error {
	return &expected{fmt.Sprintf(format, args...), got}
}

// field is one labelled part of a line: what it says of a T, and how it is read.
type field[T any] struct {
	label string
	show  func(*T) (value string, present bool)
	read  func(*T, string) error
}

// codec is how a value is written in a line.
type codec[V any] struct {
	show func(V) string
	read func(string) (V, error)
}

// place finds where a T keeps a value, nil if it has no place for it and need not make one.
type place[T, V any] func(t *T, make bool) *V

// of is the place of a part of a T.
func of[T, V any](part func(*T) *V) place[T, V] {
	return func(t *T, _ bool) *V { return part(t) }
}

// in is the place of a part of something that a T has.
func in[T, P, V any](whole place[T, P], part func(*P) *V) place[T, V] {
	return func(t *T, make bool) *V {
		if p := whole(t, make); p != nil {
			return part(p)
		}
		return nil
	}
}

func always[T any](*T) bool { return true }

// one is a field with one value. It is left out if the value is zero, unless it must be said.
func one[T any, V comparable](label string, at place[T, V], c codec[V], said func(*T) bool) field[T] {
	return field[T]{label, func(t *T) (string, bool) {
		v := at(t, false)
		if v == nil {
			return "", false
		}
		return c.show(*v), !isZero(*v) || said != nil && said(t)
	}, func(t *T, s string) (err error) {
		*at(t, true), err = c.read(s)
		return err
	}}
}

func isZero[V comparable](v V) bool {
	if t, ok := any(v).(time.Time); ok {
		return t.IsZero()
	}
	var zero V
	return v == zero
}

// list is a field with values between commas. It is left out if there are none.
func list[T, V any](label string, at place[T, []V], c codec[V]) field[T] {
	return field[T]{label, func(t *T) (string, bool) {
		v := at(t, false)
		if v == nil || len(*v) == 0 {
			return "", false
		}
		return showList(*v, c), true
	}, func(t *T, s string) (err error) {
		*at(t, true), err = readList(s, c)
		return err
	}}
}

func showList[V any](all []V, c codec[V]) string {
	var b strings.Builder
	for i, v := range all {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(c.show(v))
	}
	return b.String()
}

func readList[V any](s string, c codec[V]) ([]V, error) {
	parts, err := split(s, ',')
	if err != nil {
		return nil, err
	}
	all := make([]V, len(parts))
	for i, p := range parts {
		if all[i], err = c.read(p); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// flag is a field without a value.
func flag[T any](label string, at place[T, bool]) field[T] {
	return field[T]{label, func(t *T) (string, bool) {
		v := at(t, false)
		return "", v != nil && *v
	}, func(t *T, s string) error {
		*at(t, true) = true
		if s != "" {
			return wrong(s, "nothing after %q", label)
		}
		return nil
	}}
}

// showFields writes what is to be said of t, each field after a separator.
func showFields[T any](b *strings.Builder, t *T, fields []field[T], label func(string) string) {
	for _, f := range fields {
		value, present := f.show(t)
		if !present {
			continue
		}
		b.WriteString("; ")
		b.WriteString(label(f.label))
		if value != "" {
			b.WriteByte(' ')
			b.WriteString(value)
		}
	}
}

// readFields reads the fields of t in any order, each at most once.
func readFields[T any](t *T, parts []string, fields []field[T], label func(string) string) error {
	seen := make(map[string]bool, len(parts))
next:
	for _, p := range parts {
		name, value, _ := strings.Cut(p, " ")
		if seen[name] {
			return wrong(p, "%q once", name)
		}
		seen[name] = true
		for _, f := range fields {
			if label(f.label) == name {
				if err := f.read(t, value); err != nil {
					return err
				}
				continue next
			}
		}
		return wrong(p, "a field that the line can have")
	}
	return nil
}

func same(label string) string { return label }

// split cuts a text at a separator and the space after it, but not within quotes.
func split(s string, sep byte) ([]string, error) {
	var parts []string
	start, quoted := 0, false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case c == sep && !quoted:
			if i+1 == len(s) || s[i+1] != ' ' {
				return nil, wrong(s[i:], "a space after %q", string(sep))
			}
			parts = append(parts, s[start:i])
			i++
			start = i + 1
		}
	}
	return append(parts, s[start:]), nil
}

// printable reports whether a text can stand in a line as it is.
func printable(s string) bool {
	if !utf8.ValidString(s) {
		return false
	}
	for _, c := range s {
		if !strconv.IsPrint(c) {
			return false
		}
	}
	return true
}

// bare reports whether a text needs no quotes: nothing in it could be taken for something else.
func bare(s, reserved string) bool {
	return s != "" && s[0] != ' ' && s[len(s)-1] != ' ' && printable(s) && !strings.ContainsAny(s, reserved)
}

// unlessBare writes texts as they are where that is clear, and in quotes otherwise.
func unlessBare[S ~string](reserved string) codec[S] {
	return codec[S]{
		func(s S) string {
			if bare(string(s), reserved) {
				return string(s)
			}
			return strconv.Quote(string(s))
		},
		func(s string) (S, error) {
			if bare(s, reserved) {
				return S(s), nil
			}
			v, err := unquote(s)
			return S(v), err
		},
	}
}

// texts are names within a line.
func texts[S ~string]() codec[S] { return unlessBare[S](`";,`) }

// quotedText writes what somebody said, always in quotes.
var quotedText = codec[string]{strconv.Quote, unquote}

func unquote(s string) (string, error) {
	v, err := strconv.Unquote(s)
	if err != nil || s[0] != '"' {
		return "", wrong(s, `a text, in quotes if it is empty or has one of ";, in it`)
	}
	return v, nil
}

// enum writes a value by its name, and one without a name by its number: #9. It is told what the values are, for errors.
func enum[V interface {
	~uint8
	fmt.Stringer
}, P interface {
	*V
	encoding.TextUnmarshaler
}](what string) codec[V] {
	show := func(v V) string {
		var back V
		name := v.String()
		if P(&back).UnmarshalText([]byte(name)) == nil && back == v {
			return name
		}
		return "#" + strconv.Itoa(int(v))
	}
	return codec[V]{show, func(s string) (V, error) {
		var v V
		if digits, ok := strings.CutPrefix(s, "#"); ok {
			n, err := strconv.ParseUint(digits, 10, 8)
			if err != nil || show(V(n)) != s {
				return 0, wrong(s, "the number of a value without a name, up to #255")
			}
			return V(n), nil
		}
		if err := P(&v).UnmarshalText([]byte(s)); err != nil || show(v) != s {
			return 0, wrong(s, "%s", what)
		}
		return v, nil
	}}
}

var euis = codec[smki.EUI64]{smki.EUI64.String, func(s string) (smki.EUI64, error) {
	v, err := smki.ParseEUI64(s)
	if err != nil {
		return 0, wrong(s, "an EUI-64 such as %v", smki.EUI64(0xA0))
	}
	return v, nil
}}

var srvs = enum[duis.SRV]("a Service Request Variant such as 1.6")

var roleSets = enum[smki.UserRoles]("User Roles such as IS,GS")

// thresholds are written "User roles variant warning n quarantine n": roles joined by "+" and left out where all are counted, and "all" for all variants together.
var thresholds = codec[duis.Threshold]{
	func(t duis.Threshold) string {
		which := "all"
		if t.SRV != 0 {
			which = srvs.show(t.SRV)
		}
		if t.Roles != 0 {
			which = strings.ReplaceAll(roleSets.show(t.Roles), ",", "+") + " " + which
		}
		return fmt.Sprintf("%v %s warning %d quarantine %d", t.User, which, t.Warning, t.Quarantine)
	},
	func(s string) (t duis.Threshold, err error) {
		w := strings.Split(s, " ")
		bad := func() (duis.Threshold, error) {
			return duis.Threshold{}, wrong(s, `a threshold such as "%v 1.6 warning 100 quarantine 200"`, smki.EUI64(0xA0))
		}
		if len(w) == 7 {
			if t.Roles, err = roleSets.read(strings.ReplaceAll(w[1], "+", ",")); err != nil || t.Roles == 0 || strings.Contains(w[1], ",") {
				return bad()
			}
			w = append(w[:1], w[2:]...)
		}
		if len(w) != 6 || w[2] != "warning" || w[4] != "quarantine" {
			return bad()
		}
		if t.User, err = euis.read(w[0]); err != nil {
			return t, err
		}
		if w[1] != "all" {
			if t.SRV, err = srvs.read(w[1]); err != nil {
				return t, err
			}
		}
		if t.Warning, err = readCount(w[3]); err != nil {
			return t, err
		}
		t.Quarantine, err = readCount(w[5])
		return t, err
	},
}

func readCount(s string) (uint64, error) {
	n, err := strconv.ParseUint(s, 10, 64)
	if err != nil || strconv.FormatUint(n, 10) != s {
		return 0, wrong(s, "a number")
	}
	return n, nil
}

const (
	minute  = "2006-01-02 15:04"
	instant = "2006-01-02 15:04:05.999999999"
)

// showTime writes a time by London's clock, or by UTC where that clock does not say which of two instants is meant.
func showTime(t time.Time) string {
	if t.Year() > 1900 && !twice(t) {
		return clock(t.In(solr.London())) + " London"
	}
	return clock(t.UTC()) + " UTC"
}

func clock(t time.Time) string {
	if t.Second() == 0 && t.Nanosecond() == 0 {
		return t.Format(minute)
	}
	return t.Format(instant)
}

// twice reports whether London's clock shows the time again an hour earlier or later.
func twice(t time.Time) bool {
	shown := clock(t.In(solr.London()))
	return shown == clock(t.Add(time.Hour).In(solr.London())) || shown == clock(t.Add(-time.Hour).In(solr.London()))
}

func readTime(s string) (time.Time, error) {
	bad := wrong(s, `a time such as "2021-11-24 09:00 London"`)
	digits, london := strings.CutSuffix(s, " London")
	loc := solr.London()
	if !london {
		if digits, loc = strings.TrimSuffix(s, " UTC"), time.UTC; digits == s {
			return time.Time{}, bad
		}
	}
	layout := instant
	if len(digits) == len(minute) {
		layout = minute
	}
	t, err := time.ParseInLocation(layout, digits, loc)
	switch {
	case err != nil || clock(t.In(loc)) != digits:
		return time.Time{}, bad
	case london && twice(t):
		return time.Time{}, wrong(s, "the time in UTC, since London's clock shows it twice")
	}
	return t.UTC(), nil
}

// times writes the times within a line: midnight in London by its date alone.
var times = codec[time.Time]{
	func(t time.Time) string {
		if s := showTime(t); strings.HasSuffix(s, " 00:00 London") {
			return s[:len(time.DateOnly)]
		}
		return showTime(t)
	},
	func(s string) (time.Time, error) {
		if len(s) == len(time.DateOnly) {
			s += " 00:00 London"
		}
		return readTime(s)
	},
}

// oneLine makes a text fit into a line of what follows: what cannot be printed, or would be lost at an end, is escaped as in a Go string.
func oneLine(s string) string {
	if !printable(s) {
		s = strings.ReplaceAll(strconv.Quote(s), `\"`, `"`)
		s = s[1 : len(s)-1]
	}
	if strings.HasPrefix(s, " ") {
		s = `\x20` + s[1:]
	}
	if strings.HasSuffix(s, " ") {
		s = s[:len(s)-1] + `\x20`
	}
	return s
}
