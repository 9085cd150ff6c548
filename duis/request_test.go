package duis_test

import (
	"strings"
	"testing"

	"github.com/seed-db8551c1/lastresort/duis"
	"github.com/seed-db8551c1/lastresort/smki"
	"pgregory.net/rapid"
)

const (
	idText = "90-B3-D5-1F-30-01-00-00:00-DB-12-34-56-78-90-A0:1000"
)

func TestParseRequestID(t *testing.T) {
	want := duis.RequestID{Originator: 0x90B3D51F30010000, Target: 0x00DB1234567890A0, Counter: 1000}
	for _, s := range []string{idText, strings.ToLower(idText)} { // the schema allows either case
		if id, err := duis.ParseRequestID(s); err != nil || id != want || id.String() != idText {
			t.Errorf("ParseRequestID(%q) = %v, %v", s, id, err)
		}
	}
	user, device := idText[:23], idText[24:47]
	for counter, want := range map[string]uint64{"0": 0, "1": 1, "18446744073709551615": 1<<64 - 1} {
		if id, err := duis.ParseRequestID(user + ":" + device + ":" + counter); err != nil || id.Counter != want {
			t.Errorf("counter %s: %v, %v", counter, id, err)
		}
	}
	for _, c := range []struct{ text, because string }{
		{"", "nothing"},
		{user + ":" + device, "no counter"},
		{user + ":" + device + ":", "an empty counter"},
		{user + ":" + device + ":01", "a leading zero: two texts of one counter would pass as two messages"},
		{user + ":" + device + ":00", "another leading zero"},
		{user + ":" + device + ":+1", "a sign"},
		{user + ":" + device + ":-1", "a negative counter"},
		{user + ":" + device + ":1_0", "an underscore"},
		{user + ":" + device + ":0x1", "a hexadecimal counter"},
		{user + ":" + device + ":1.0", "a fraction"},
		{user + ":" + device + ":18446744073709551616", "one more than 64 bits hold"},
		{user + ":" + device + ":1:1", "four parts"},
		{user + ":" + device + ": 1", "white space before the counter"},
		{idText + " ", "white space at the end"},
		{"\n" + idText, "white space at the start"},
		{strings.ReplaceAll(user, "-", "") + ":" + device + ":1", "an originator without hyphens"},
		{strings.ReplaceAll(user, "-", " ") + ":" + device + ":1", "an originator with spaces"},
		{user + ":" + strings.ReplaceAll(device, "-", " ") + ":1", "a target with spaces"},
		{strings.ReplaceAll(user, "-", ":") + ":" + device + ":1", "an originator with colons"},
		{user[:22] + "G:" + device + ":1", "a letter past F"},
		{user + ":" + device + ":１", "a full-width digit"},
	} {
		id, err := duis.ParseRequestID(c.text)
		if err == nil || id != (duis.RequestID{}) {
			t.Errorf("ParseRequestID(%q) = %v (%s)", c.text, id, c.because)
			continue
		}
		wantUnknown(t, err, c.text)
		kept := want
		if kept.UnmarshalText([]byte(c.text)) == nil || kept != want {
			t.Errorf("UnmarshalText(%q) left %v (%s)", c.text, kept, c.because)
		}
	}
}

func TestRequestIDRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		id := duis.RequestID{Originator: smki.EUI64(rapid.Uint64().Draw(t, "originator")), Target: smki.EUI64(rapid.Uint64().Draw(t, "target")), Counter: rapid.Uint64().Draw(t, "counter")}
		text, err := id.MarshalText()
		var back duis.RequestID
		if err != nil || back.UnmarshalText(text) != nil || back != id {
			t.Fatalf("%v is written %q and read as %v", id, text, back)
		}
	})
}

func FuzzParseRequestID(f *testing.F) {
	f.Fuzz(func(t *testing.T, s string) {
		id, err := duis.ParseRequestID(s)
		if err != nil {
			wantUnknown(t, err, s)
		} else if id.String() != strings.ToUpper(s) {
			t.Fatalf("%q is read as %v", s, id)
		}
	})
}

func TestParseMPxN(t *testing.T) {
	for _, c := range []struct {
		text, want string // want is empty for an error
		fuel       smki.Fuel
		because    string
	}{
		{"1012345678901", "1012345678901", smki.Electricity, "an MPAN"},
		{"9999999999999", "9999999999999", smki.Electricity, "the largest"},
		{"1000000000000", "1000000000000", smki.Electricity, "the smallest of 13 digits"},
		{"1", "1", smki.Gas, "an MPRN of one digit"},
		{"9999999999", "9999999999", smki.Gas, "the largest MPRN"},
		{"0000000001", "1", smki.Gas, "an MPRN with its zeros written out is the same one"},
		{"0123456789012", "", 0, "no MPAN starts with 0: distributors' numbers start at 10, and it would print with 12 digits"},
		{"0000000000001", "", 0, "an MPRN filled up to 13 digits"},
		{"", "", 0, "nothing"}, {"0", "", 0, "zero is none"}, {"0000000000000", "", 0, "nor with 13 digits"},
		{"12345678901", "", 0, "11 digits"}, {"123456789012", "", 0, "12 digits"}, {"10123456789012", "", 0, "14 digits"},
		{"+123456789", "", 0, "a sign"}, {"-1", "", 0, "a negative number"}, {"1 ", "", 0, "white space"}, {"1_000", "", 0, "an underscore"}, {"0x12", "", 0, "hexadecimal"},
		{"18446744073709551617", "", 0, "a number that wraps to 1"},
	} {
		n, err := duis.ParseMPxN(c.text)
		if c.want == "" {
			if err == nil || n != 0 {
				t.Errorf("ParseMPxN(%q) = %v (%s)", c.text, n, c.because)
			} else {
				wantUnknown(t, err, c.text)
			}
		} else if err != nil || n.String() != c.want || n.Fuel() != c.fuel {
			t.Errorf("ParseMPxN(%q) = %v (%v), %v; want %s (%s)", c.text, n, n.Fuel(), err, c.want, c.because)
		}
	}
}

func FuzzParseMPxN(f *testing.F) {
	f.Fuzz(func(t *testing.T, s string) {
		n, err := duis.ParseMPxN(s)
		if err != nil {
			wantUnknown(t, err, s)
			return
		}
		if (len(s) == 13) != (n.Fuel() == smki.Electricity) || strings.TrimLeft(s, "0") != n.String() {
			t.Fatalf("%q is read as %v (%v)", s, n, n.Fuel())
		}
		text, _ := n.MarshalText()
		var back duis.MPxN
		if err := back.UnmarshalText(text); err != nil || back != n {
			t.Fatalf("%q is written %q, which is read as %v, %v", s, text, back, err)
		}
	})
}

func TestStatusText(t *testing.T) {
	for s := duis.Pending; s <= duis.Recovered; s++ {
		text, err := s.MarshalText()
		var back duis.Status
		if err != nil || back.UnmarshalText(text) != nil || back != s {
			t.Errorf("%v is written %q and read as %v", s, text, back)
		}
	}
	for _, text := range []string{"", "commissioned", "Status(0)", "Commissioned "} {
		kept := duis.Commissioned
		err := kept.UnmarshalText([]byte(text))
		wantUnknown(t, err, text)
		if kept != duis.Commissioned {
			t.Errorf("%q left %v", text, kept)
		}
	}
}
