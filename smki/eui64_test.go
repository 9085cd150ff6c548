package smki_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/seed-db8551c1/lastresort/smki"
	"pgregory.net/rapid"
)

// userID is the User ID of the tests.
const userID smki.EUI64 = 0x90B3D51F30010000

func TestParseEUI64ReadsEverySpelling(t *testing.T) {
	for _, c := range []struct{ text, because string }{
		{"90-B3-D5-1F-30-01-00-00", "the spelling of the DUIS"},
		{"90-b3-d5-1f-30-01-00-00", "the schema allows either case"},
		{"90-b3-D5-1f-30-01-00-00", "and does not ask for one of them throughout"},
		{"90:B3:D5:1F:30:01:00:00", "colons, as printed by certificate tools"},
		{"90 B3 D5 1F 30 01 00 00", "spaces, as printed by hex viewers"},
		{"90B3D51F30010000", "file names and key stores"},
		{"90b3d51f30010000", "the same in lower case"},
		{"0x90B3D51F30010000", "source code"},
		{"0X90b3d51f30010000", "source code in the other case"},
	} {
		got, err := smki.ParseEUI64(c.text)
		if err != nil || got != userID {
			t.Errorf("ParseEUI64(%q) = %v, %v; want %v (%s)", c.text, got, err, userID, c.because)
		}
	}
	for text, want := range map[string]smki.EUI64{
		"00-00-00-00-00-00-00-00": 0,
		"FF-FF-FF-FF-FF-FF-FF-FF": ^smki.EUI64(0),
		"01-23-45-67-89-AB-CD-EF": 0x0123456789ABCDEF,
		"01-23-45-67-89-ab-cd-ef": 0x0123456789ABCDEF,
	} {
		if got, err := smki.ParseEUI64(text); err != nil || got != want {
			t.Errorf("ParseEUI64(%q) = %v, %v; want %#x", text, got, err, uint64(want))
		}
	}
}

func TestParseEUI64RefusesEveryNeighbour(t *testing.T) {
	for _, c := range []struct{ text, because string }{
		{"", "nothing"},
		{"90-B3-D5-1F-30-01-00", "seven octets"},
		{"90-B3-D5-1F-30-01-00-00-00", "nine octets"},
		{"90-B3-D5-1F-30-01-00-0", "half an octet at the end"},
		{"0-B3-D5-1F-30-01-00-00", "half an octet at the start"},
		{"90-B3-D5-1F-30-01-00-0G", "a letter past F"},
		{"90-B3-D5-1F-30-01-00-g0", "the same in lower case"},
		{"90-B3-D5-1F-30-01-00-/0", "the character before 0"},
		{"90-B3-D5-1F-30-01-00-:0", "the character after 9"},
		{"90-B3-D5-1F-30-01-00-@0", "the character before A"},
		{"90-B3-D5-1F-30-01-00-`0", "the character before a"},
		{"90-B3:D5-1F-30-01-00-00", "two kinds of separator"},
		{"90-B3-D5-1F-30-01-00:00", "two kinds of separator, the last one different"},
		{"90_B3_D5_1F_30_01_00_00", "a separator that nobody uses"},
		{"90.B3.D5.1F.30.01.00.00", "another one"},
		{"90\tB3\tD5\t1F\t30\t01\t00\t00", "tabs: of white space only the space is a separator"},
		{"90–B3–D5–1F–30–01–00–00", "en dashes, as word processors make them"},
		{"90--B3-D5-1F-30-01-0000", "separators at the wrong places"},
		{"90-B3-D5-1F-30-01-0000-", "the right length with a separator moved to the end"},
		{"-90-B3-D5-1F-30-01-00-00", "a separator before the first octet"},
		{"90-B3-D5-1F-30-01-00-00-", "a separator after the last octet"},
		{" 90-B3-D5-1F-30-01-00-00", "leading space"},
		{"90-B3-D5-1F-30-01-00-00\n", "trailing newline"},
		{"90B3D51F3001000", "15 digits"},
		{"90B3D51F300100000", "17 digits"},
		{"0x90B3D51F3001000", "15 digits after 0x"},
		{"0x90B3D51F300100000", "17 digits after 0x"},
		{"0y90B3D51F30010000", "a prefix that is not 0x"},
		{"1x90B3D51F30010000", "another"},
		{"x090B3D51F30010000", "another"},
		{"0x90-B3-D5-1F-30-01-00-00", "0x together with separators"},
		{"{90B3D51F30010000}", "braces around 16 digits, as long as 0x is"},
		{"+90B3D51F3001000", "a sign: this is no number"},
		{"90B3D51F3001000\x00", "a NUL at the end"},
		{"９0B3D51F3001000", "a full-width digit"},
		{strings.Repeat("9", 1<<12), "thousands of digits"},
	} {
		got, err := smki.ParseEUI64(c.text)
		var parse *smki.ParseError
		if !errors.As(err, &parse) {
			t.Errorf("ParseEUI64(%q) = %v, %v; want a ParseError (%s)", c.text, got, err, c.because)
			continue
		}
		if got != 0 || parse.Got != c.text || !strings.HasPrefix(err.Error(), "smki: ") || len(err.Error()) > 400 {
			t.Errorf("ParseEUI64(%q) = %v, %.500q: want zero, the text, and a short message (%s)", c.text, got, err, c.because)
		}
		e := userID
		if e.UnmarshalText([]byte(c.text)) == nil || e != userID {
			t.Errorf("UnmarshalText(%q) left %v: want an error and no change (%s)", c.text, e, c.because)
		}
	}
}

func TestEUI64RoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := smki.EUI64(rapid.Uint64().Draw(t, "identifier"))
		text := want.String()
		bare := strings.ReplaceAll(text, "-", "")
		for _, spelling := range []string{text, strings.ToLower(text), strings.ReplaceAll(text, "-", ":"), strings.ReplaceAll(text, "-", " "), bare, "0x" + bare, "0X" + strings.ToLower(bare)} {
			got, err := smki.ParseEUI64(spelling)
			if err != nil || got != want {
				t.Fatalf("ParseEUI64(%q) = %v, %v; want %v", spelling, got, err, want)
			}
		}
		appended, err := want.AppendText([]byte("id="))
		if err != nil || string(appended) != "id="+text {
			t.Fatalf("AppendText = %q, %v", appended, err)
		}
		marshalled, _ := want.MarshalText()
		var back smki.EUI64
		if err := back.UnmarshalText(marshalled); err != nil || back != want {
			t.Fatalf("UnmarshalText(%q) = %v, %v", marshalled, back, err)
		}
	})
}

// FuzzParseEUI64: what is read prints in one spelling, which reads as the same and differs from the text only by case, separators and prefix.
func FuzzParseEUI64(f *testing.F) {
	f.Fuzz(func(t *testing.T, s string) {
		e, err := smki.ParseEUI64(s)
		if err != nil {
			wantParseError(t, err, s)
			return
		}
		back, err := smki.ParseEUI64(e.String())
		if err != nil || back != e {
			t.Fatalf("%q reads as %v, which reads as %v, %v", s, e, back, err)
		}
		digits := strings.ToUpper(strings.NewReplacer("-", "", ":", "", " ", "").Replace(s))
		if len(digits) == 18 {
			digits = digits[2:]
		}
		if digits != strings.ReplaceAll(e.String(), "-", "") {
			t.Fatalf("%q reads as %v", s, e)
		}
	})
}

func wantParseError(t *testing.T, err error, text string) {
	t.Helper()
	var parse *smki.ParseError
	if !errors.As(err, &parse) || parse.What == "" || parse.Expected == "" || !strings.HasPrefix(err.Error(), "smki: ") {
		t.Fatalf("%q: error %#v: want a complete ParseError", text, err)
	}
}
