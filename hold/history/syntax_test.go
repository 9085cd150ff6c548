package history_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/seed-db8551c1/lastresort/hold"
	"github.com/seed-db8551c1/lastresort/hold/history"
	"github.com/seed-db8551c1/lastresort/smki"
	"github.com/seed-db8551c1/lastresort/solr"
)

// What cannot be read is refused with the line, and with what was expected there.
func TestSyntaxErrors(t *testing.T) {
	const (
		head   = "question: What?\n"
		notice = "2021-11-24 09:00 London Ofgem: failure notified; failure zog; supplier Zog\n"
	)
	long := strings.Repeat("x", history.MaxLine)
	for _, c := range []struct {
		text     string
		line     int
		expected string
	}{
		{"", 1, "the question that the history answers"},
		{"# nothing else\n\n", 2, "the question that the history answers"},
		{notice, 1, "the question that the history answers"},
		{head + head, 2, "one question"},
		{"question: \n", 1, "no space at the end of a line"},
		{"question: \"half\n", 1, "in quotes"},
		{"question: `raw`x\"\n", 1, "in quotes"},
		{head + notice + "settings: enforce\n", 3, "before the first event"},
		{head + "settings: enforce\nsettings: enforce\n", 3, "the settings once"},
		{head + "settings: enforced\n", 2, "a field that the line can have"},
		{head + "settings: enforce yes\n", 2, `nothing after "enforce"`},
		{head + "settings: enforce; enforce\n", 2, `"enforce" once`},
		{head + "settings: regime mp\n", 2, "a regime such as mp185"},
		{head + "settings: enforce;topUpsExempt\n", 2, `a space after ";"`},
		{head + "settings: safeModeVariants 6.2.99\n", 2, "a Service Request Variant"},
		{head + "\t" + notice, 2, "printed"},
		{head + notice[:10] + "\xff\n", 2, "UTF-8"},
		{head + notice[:10] + "\r\n", 2, "printed"},
		{head + "soon\n", 2, "an event such as"},
		{head + "2021-11-24 9:00 London Ofgem: failure notified\n", 2, "a time such as"},
		{head + "2021-11-24 09:00:00 London Ofgem: failure notified\n", 2, "a time such as"},
		{head + "2021-02-30 09:00 London Ofgem: failure notified\n", 2, "a time such as"},
		{head + "2021-11-24 09:00 Paris Ofgem: failure notified\n", 2, "a time such as"},
		{head + "2021-03-28 01:30 London Ofgem: failure notified\n", 2, "a time such as"},
		{head + "2021-10-31 01:30 London Ofgem: failure notified\n", 2, "in UTC"},
		{head + "2021-11-24 09:00 London Ofgem failure notified\n", 2, "who acts"},
		{head + "2021-11-24 09:00 London Ofgem: failure announced\n", 2, "a kind of event"},
		{head + "2021-11-24 09:00 London Ofgem: #1\n", 2, "a kind of event"},
		{head + "2021-11-24 09:00 London PMA: failure notified\n", 2, `Ofgem before "failure notified"`},
		{head + "2021-11-24 09:00 London Ofgem: failure notified; party Zog\n", 2, "a field that the line can have"},
		{head + "2021-11-24 09:00 London Ofgem: failure notified; failure zog; failure zog\n", 2, `"failure" once`},
		{head + "2021-11-24 09:00 London Ofgem: failure notified; failure\n", 2, "a text"},
		{head + "2021-11-24 09:00 London Ofgem: failure notified; MPIDs ZOGE,ZOGG\n", 2, `a space after ","`},
		{head + "2021-11-24 09:00 London Ofgem: failure notified; controls both\n", 2, "a control"},
		{head + "2021-11-24 09:00 London Ofgem: failure notified; controls #1\n", 2, "a value without a name"},
		{head + "2021-11-24 09:00 London Ofgem: failure notified; controls #256\n", 2, "a value without a name"},
		{head + "2021-11-24 09:00 London Ofgem: failure notified; user Zog\n", 2, "an EUI-64"},
		{head + "2021-11-24 09:00 London Ofgem: failure notified; saying so\n", 2, "in quotes"},
		{head + "2021-11-24 09:00 London Ofgem: failure notified; thresholds 00-00-00-00-00-00-00-A0 all warning -1 quarantine 2\n", 2, "a number"},
		{head + "2021-11-24 09:00 London Ofgem: failure notified; thresholds many\n", 2, "a threshold such as"},
		{head + "2021-11-24 09:00 London ask: why\n", 2, `"overruns"`},
		{head + "2021-11-24 09:00 London ask: duties; as Zog\n", 2, "no more and no less"},
		{head + "2021-11-24 09:00 London ask: owner\n", 2, "no more and no less"},
		{head + "2021-11-24 09:00 London ask: request; as Zog\n", 2, "no more and no less"},
		{head + "2021-11-24 09:00 London ask: request; as Zog; SRV 1.6; mode cash\n", 2, `"credit" or "prepayment"`},
		{head + "2021-11-24 09:00 London ask: request; as Zog; SRV 1.6; variant 9\n", 2, "a Command Variant"},
		{head + "    zog: phase ceased\n", 2, "an event or question before"},
		{head + notice + "\n    zog: phase ceased\n", 4, "an event or question before"},
		{head + notice + "     zog: phase ceased\n", 3, "4 spaces"},
		{head + notice + "  zog: phase ceased\n", 3, "a time such as"},
		{head + "#" + long + "\n", 2, "bytes in a line"},
		{head + strings.Repeat("#"+long[1:]+"\n", history.MaxBytes/history.MaxLine), history.MaxBytes/history.MaxLine + 1, "at most 16777216 bytes"},
		{head + strings.Repeat("2021-11-24 09:00 London ask: duties\n", history.MaxEvents+1), history.MaxEvents + 2, "at most 65536 events"},
	} {
		_, err := history.Parse(strings.NewReader(c.text))
		var e *history.SyntaxError
		if !errors.As(err, &e) || e.Line != c.line || !strings.Contains(e.Expected, c.expected) || !strings.HasPrefix(err.Error(), "history: line ") || len(err.Error()) > 1000 {
			t.Errorf("%q: %v; want line %d to expect %s", c.text[:min(len(c.text), 150)], err, c.line, c.expected)
		}
	}
}

// What a value could have been is said by a name that can be read there.
func TestExpectedNamesAreNames(t *testing.T) {
	const head = "question: What?\n"
	for label, names := range map[string][]string{
		"controls":     {"revocation+transfer"},
		"action":       {"transfer MPID"},
		"confirmation": {"staff"},
		"agreeing":     {"SoLR", "PMA", "DCC"},
		"exit":         {"trade sale", "special administration"},
		"reason":       {"keyCompromise"},
		"fuel":         {"electricity", "gas"},
		"use":          {"xml-sign"},
		"roles":        {"IS,GS"},
	} {
		with := func(value string) error {
			_, err := history.Parse(strings.NewReader(head + "2021-11-24 09:00 London Ofgem: failure notified; " + label + " " + value + "\n"))
			return err
		}
		var e *history.SyntaxError
		if err := with("nothing"); !errors.As(err, &e) {
			t.Fatalf("%s: %v", label, err)
		}
		for _, n := range names {
			if err := with(n); err != nil || !strings.Contains(e.Expected, n) {
				t.Errorf("%s %s: %v; expected was %q", label, n, err, e.Expected)
			}
		}
	}
}

// The same events in other words: fields in any order, UTC, quotes that are not needed, other spellings of an EUI-64, no line feed at the end.
func TestOtherSpellings(t *testing.T) {
	f := parse(t, `question: "What?"
2021-07-01 08:00 UTC DCC: MPID transferred; MPIDs "ZOGE"; to EDF
2021-07-01 09:00 London industry: user recorded; roles IS; of Zog; user 00:00:00:00:00:00:00:a0`)
	var b bytes.Buffer
	if err := f.Rewrite(&b); err != nil {
		t.Fatal(err)
	}
	const want = `question: What?
2021-07-01 09:00 London DCC: MPID transferred; to EDF; MPIDs ZOGE
    refused: expected an MPID that is held at that time, not ZOGE
2021-07-01 09:00 London industry: user recorded; user 00-00-00-00-00-00-00-A0; of Zog; roles IS
`
	if b.String() != want {
		t.Errorf("it is written\n%s\nwant\n%s", b.String(), want)
	}
}

// Names that cannot be printed, or look like something else, do no harm: neither in an event, nor in what follows from it, nor in a refusal.
func TestNamesThatCannotBePrinted(t *testing.T) {
	at := time.Date(2021, time.December, 1, 9, 0, 0, 0, time.UTC)
	for _, name := range []string{"a\nb", "\xff", "\x1b[31m", "# ", `"; id x`, "a, b", "\u202e", " "} {
		text := write(t, name, hold.Settings{}, []hold.Event{
			{At: at, Kind: hold.MPIDAllocated, MPIDs: []smki.MPID{"ZOGE"}, Party: smki.PartyID(name)},
			{At: at, Kind: hold.MPIDRetired, MPIDs: []smki.MPID{smki.MPID(name)}},
			{At: at, Kind: hold.CertificateIssued, Certificate: &smki.Certificate{ID: smki.CertificateID(name), Use: smki.XMLSign, Subscriber: smki.PartyID(name)}},
			{At: at, Kind: hold.FailureNotified, Failure: solr.FailureID(name), Party: smki.PartyID(name)},
			{At: at, Kind: hold.SupportApproved, Request: name},
			{At: at, Kind: hold.CertificateRevoked, Certificates: []smki.CertificateID{smki.CertificateID(name)}},
		})
		if err := parse(t, text).Check(); err != nil {
			t.Errorf("%q: %v\n%s", name, err, text)
		}
	}
}

// Write refuses what could not be read back, and hands on the errors of its writer; so does Parse those of its reader.
func TestWriteRefuses(t *testing.T) {
	at := time.Date(2021, time.November, 24, 9, 0, 0, 0, time.UTC)
	for name, events := range map[string][]hold.Event{
		"a time after 9999":  {{At: at.AddDate(8000, 0, 0), Kind: hold.FailureNotified}},
		"a time before 0":    {{At: at.AddDate(-2030, 0, 0), Kind: hold.FailureNotified}},
		"a line too long":    {{At: at, Kind: hold.FailureNotified, Text: strings.Repeat("x", history.MaxLine)}},
		"too many events":    make([]hold.Event, history.MaxEvents+1),
		"a file that's long": manyLong(at),
	} {
		var e *history.SyntaxError
		var b bytes.Buffer
		if err := history.Write(&b, "?", hold.Settings{}, events); !errors.As(err, &e) || b.Len() > 0 {
			t.Errorf("%s: %v, and %d bytes written; want a SyntaxError and none", name, err, b.Len())
		}
	}
	broken := errors.New("broken")
	r, w := io.Pipe()
	r.CloseWithError(broken)
	if err := history.Write(w, "?", hold.Settings{}, nil); !errors.Is(err, broken) {
		t.Errorf("Write: %v, want the error of the writer", err)
	}
	if _, err := history.Parse(iotest.ErrReader(broken)); !errors.Is(err, broken) || !strings.HasPrefix(err.Error(), "history: ") {
		t.Errorf("Parse: %v, want the error of the reader", err)
	}
}

func manyLong(at time.Time) []hold.Event {
	all := make([]hold.Event, 20)
	for i := range all {
		all[i] = hold.Event{At: at, Kind: hold.MPIDAllocated, MPIDs: []smki.MPID{"ZOGE"}, Party: "Zog", Text: strings.Repeat("x", history.MaxLine-200)}
	}
	return all
}

// Which of two instants London's clock means in autumn is said in UTC; everything else is by that clock.
func TestTimesWhenTheClockGoesBack(t *testing.T) {
	for _, c := range []struct{ utc, want string }{
		{"2021-10-30T23:59:00Z", "2021-10-31 00:59 London"},
		{"2021-10-31T00:00:00Z", "2021-10-31 00:00 UTC"},
		{"2021-10-31T01:59:59Z", "2021-10-31 01:59:59 UTC"},
		{"2021-10-31T02:00:00Z", "2021-10-31 02:00 London"},
		{"2021-03-28T00:59:00Z", "2021-03-28 00:59 London"},
		{"2021-03-28T01:00:00Z", "2021-03-28 02:00 London"},
		{"2021-11-17T00:00:00.5Z", "2021-11-17 00:00:00.5 London"},
		{"0001-01-01T00:00:00Z", "0001-01-01 00:00 UTC"},
	} {
		at, err := time.Parse(time.RFC3339, c.utc)
		if err != nil {
			t.Fatal(err)
		}
		text := write(t, "?", hold.Settings{}, []hold.Event{{At: at, Kind: hold.FailureNotified}})
		if got := strings.TrimSuffix(strings.Split(text, "\n")[2], " Ofgem: failure notified"); got != c.want {
			t.Errorf("%s is written %q, want %q", c.utc, got, c.want)
		}
	}
}

// BenchmarkParse and BenchmarkCheck are of the longest history of testdata: what it takes to read it, and to replay it with all that follows.
func BenchmarkParse(b *testing.B) {
	text := longest(b)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := history.Parse(bytes.NewReader(text)); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCheck(b *testing.B) {
	f := parse(b, string(longest(b)))
	b.ReportAllocs()
	for b.Loop() {
		if err := f.Check(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(len(f.Events())), "events/op")
}

func longest(b *testing.B) (text []byte) {
	entries, err := os.ReadDir("testdata")
	if err != nil {
		b.Fatal(err)
	}
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), ".txt") {
			one, err := os.ReadFile(fmt.Sprintf("testdata/%s", e.Name()))
			if err != nil {
				b.Fatal(err)
			}
			if len(one) > len(text) {
				text = one
			}
		}
	}
	return text
}

// A file can be written under another question and other settings than it was read with.
func TestRewriteUnderOtherSettings(t *testing.T) {
	const event = "\n2021-11-24 09:00 London PMA: delay directed; failure zog; controls transfer\n"
	for _, c := range []struct {
		text     string
		settings hold.Settings
		want     string
	}{
		{"question: What?\n" + event, hold.Settings{Enforce: true}, "question: Why?\nsettings: enforce\n" + event + "    refused: expected a failure that was notified, not \"zog\"\n"},
		{"question: What?\n# so\nsettings: enforce\n" + event, hold.Settings{Regime: hold.MP134A}, "question: Why?\n# so\nsettings: regime mp134a\n" + event + "    refused by R6: expected MP185 in force, from 17 November 2021\n"},
		{"question: What?\nsettings: enforce\n", hold.Settings{}, "question: Why?\n"},
	} {
		f := parse(t, c.text)
		f.Question, f.Settings = "Why?", c.settings
		var b bytes.Buffer
		if err := f.Rewrite(&b); err != nil || b.String() != c.want {
			t.Errorf("%v\n%s\nwant\n%s", err, b.String(), c.want)
		}
	}
}
