package hold_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/seed-db8551c1/lastresort/duis"
	"github.com/seed-db8551c1/lastresort/hold"
	"github.com/seed-db8551c1/lastresort/hold/holdtest"
	"github.com/seed-db8551c1/lastresort/smki"
	"pgregory.net/rapid"
)

// fataler is what *testing.T, *testing.B and *rapid.T have in common here.
type fataler interface {
	Fatal(...any)
	Fatalf(string, ...any)
}

// written is the log of a register.
func written(t fataler, r *hold.Register) []byte {
	var b bytes.Buffer
	if n, err := r.WriteTo(&b); err != nil || n != int64(b.Len()) {
		t.Fatalf("WriteTo gives %d, %v for %d octets", n, err, b.Len())
	}
	return b.Bytes()
}

// read is the register that a log leads to.
func read(t fataler, log []byte) *hold.Register {
	r := new(hold.Register)
	if n, err := r.ReadFrom(bytes.NewReader(log)); err != nil || n != int64(len(log)) {
		t.Fatalf("ReadFrom gives %d, %v for %d octets", n, err, len(log))
	}
	return r
}

// sealed computes the hashes of a text of lines anew, as the format says and without the package's help. Lines that have no hash keep none.
func sealed(log []byte) []byte {
	var out, before []byte
	for line := range bytes.Lines(log) {
		i := bytes.LastIndex(line, []byte(`,"hash":"`))
		if i < 0 {
			out = append(out, line...)
			continue
		}
		sum := sha256.Sum256(append(slices.Clone(before), line[:i]...))
		before = sum[:]
		out = append(out, line[:i]...)
		out = append(out, `,"hash":"`+hex.EncodeToString(before)+"\"}\n"...)
	}
	return out
}

// everything compares all state, exported or not.
var everything = cmp.Options{
	cmp.Exporter(func(reflect.Type) bool { return true }), cmpopts.EquateEmpty(),
	cmp.Comparer(func(_, _ *atomic.Bool) bool { return true }), // whether a clone shares a list
}

// stateDiff is what tells two registers apart in all their state but some fields, empty if nothing does. That nothing does it sees without cmp, which takes twenty times as long.
func stateDiff(a, b *hold.Register, but ...string) string {
	if alike(reflect.ValueOf(a).Elem(), reflect.ValueOf(b).Elem(), but) {
		return ""
	}
	return cmp.Diff(a, b, everything, cmp.FilterPath(func(p cmp.Path) bool { return slices.Contains(but, p.String()) }, cmp.Ignore()))
}

// alike reports whether two values are the same for cmp with everything. Fields to leave out are those of the values themselves.
func alike(a, b reflect.Value, but []string) bool {
	switch a.Kind() {
	case reflect.Pointer:
		return a.UnsafePointer() == b.UnsafePointer() || !a.IsNil() && !b.IsNil() && alike(a.Elem(), b.Elem(), nil)
	case reflect.Slice, reflect.Array:
		if a.Len() != b.Len() {
			return false
		}
		for i := range a.Len() {
			if !alike(a.Index(i), b.Index(i), nil) {
				return false
			}
		}
		return true
	case reflect.Map:
		if a.Len() != b.Len() {
			return false
		}
		for all := a.MapRange(); all.Next(); {
			if x := b.MapIndex(all.Key()); !x.IsValid() || !alike(all.Value(), x, nil) {
				return false
			}
		}
		return true
	case reflect.Struct:
		if a.Type() == reflect.TypeFor[atomic.Bool]() {
			return true // whether a clone shares a list
		}
		for i := range a.NumField() {
			name := a.Type().Field(i).Name
			if name == "loc" && a.Type() == reflect.TypeFor[time.Time]() || slices.Contains(but, name) {
				continue
			}
			if !alike(a.Field(i), b.Field(i), nil) {
				return false
			}
		}
		return true
	}
	return a.Equal(b)
}

// A log that is read gives the same state, answers, head and log; the log verifies against its head.
func TestLogIsReadBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		h := holdtest.Histories().Draw(t, "history")
		log := written(t, h.Register)
		r := read(t, log)
		if diff := stateDiff(h.Register, r); diff != "" {
			t.Fatalf("another state (-written +read):\n%s", diff)
		}
		if diff := cmp.Diff(holdtest.Digest(h.Register, instants(h)...), holdtest.Digest(r, instants(h)...)); diff != "" {
			t.Fatalf("other answers (-written +read):\n%s", diff)
		}
		if diff := cmp.Diff(string(log), string(written(t, r))); diff != "" || r.Head() != h.Register.Head() {
			t.Fatalf("another log (-written +again):\n%s", diff)
		}
		if err := hold.VerifyLog(bytes.NewReader(log), r.Head()); err != nil {
			t.Fatal(err)
		}
	})
}

// The hashes are those that the format describes, and the lines are what encoding/json makes of them. Texts that need every kind of escape are among them.
func TestLogIsAsSpecified(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		h := holdtest.Histories().Draw(t, "history")
		e := full(hold.UserRecorded)
		e.At = h.Now
		e.Text = rapid.String().Draw(t, "text") + "<>&\u2028\"\\\b\f\n\r\t\x00\x1f\x7f"
		e.User.ID = 0xFEED
		if _, err := h.Apply(e); err != nil {
			t.Fatal(err)
		}
		log := written(t, h.Register)
		const escaped = "<>&\u2028\\\"\\\\\\b\\f\\n\\r\\t\\u0000\\u001f\x7f\"" // RFC 8785, section 3.2.2.2
		if !bytes.Contains(log, []byte(escaped)) {
			t.Fatalf("%q is not in %s", escaped, log)
		}
		if diff := cmp.Diff(string(sealed(log)), string(log)); diff != "" {
			t.Fatalf("the hashes are others (-specified +written):\n%s", diff)
		}
		events := h.Register.Events()
		for i, line := range bytes.Split(bytes.TrimSuffix(log, []byte("\n")), []byte("\n")) {
			if i == 0 {
				continue
			}
			var got, want struct {
				Seq   int
				Actor string
				Event any
				Hash  string
			}
			decode := json.NewDecoder(bytes.NewReader(line))
			decode.UseNumber()
			if err := decode.Decode(&got); err != nil {
				t.Fatalf("%s: %v", line, err)
			}
			text, err := json.Marshal(map[string]any{"seq": i, "actor": events[i-1].Kind.Actor().String(), "event": events[i-1], "hash": got.Hash})
			if err != nil {
				t.Fatal(err)
			}
			decode = json.NewDecoder(bytes.NewReader(text))
			decode.UseNumber()
			if err := decode.Decode(&want); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("line %d is not what encoding/json makes of it (-want +got):\n%s", i, diff)
			}
		}
	})
}

// The log is the same whatever the zone that times are given in, and other settings, another order or another event give another head.
func TestHeadStandsForSettingsOrderAndEvents(t *testing.T) {
	at := time.Date(2021, time.December, 1, 9, 0, 0, 0, time.UTC)
	events := []hold.Event{
		{At: at, Kind: hold.MPIDAllocated, MPIDs: []smki.MPID{"ZOGE"}, Party: "Zog"},
		{At: at, Kind: hold.FailureNotified, Failure: "zog", Party: "Zog"},
		{At: at, Kind: hold.MPIDAllocated, MPIDs: []smki.MPID{"OCTO"}, Party: "Octopus"},
	}
	head := func(s hold.Settings, events ...hold.Event) hold.Head {
		r := &hold.Register{Settings: s}
		for _, e := range events {
			if _, err := r.Apply(e); err != nil {
				t.Fatal(err)
			}
		}
		return r.Head()
	}
	same := slices.Clone(events)
	for i := range same {
		same[i].At = at.In(time.FixedZone("Kathmandu", 20700))
	}
	first := head(hold.Settings{}, events...)
	if got := head(hold.Settings{}, same...); got != first {
		t.Errorf("another zone gives %v, want %v", got, first)
	}
	seen := map[hold.Head]string{first: "the first"}
	differs := func(what string, h hold.Head) {
		if other, twice := seen[h]; twice {
			t.Errorf("%s has the head of %s", what, other)
		}
		seen[h] = what
	}
	settings := reflect.TypeFor[hold.Settings]()
	for i := range settings.NumField() {
		var s hold.Settings
		switch f := reflect.ValueOf(&s).Elem().Field(i); f.Kind() {
		case reflect.Bool:
			f.SetBool(true)
		case reflect.Uint8:
			f.SetUint(uint64(hold.MP185))
		case reflect.Int:
			f.SetInt(-1)
		default:
			f.Set(reflect.ValueOf([]duis.SRV{duis.TopUpDevice}))
		}
		differs("a log under "+settings.Field(i).Name, head(s, events...))
		differs("an empty log under "+settings.Field(i).Name, head(s))
		empty := &hold.Register{Settings: s}
		if r := read(t, written(t, empty)); !cmp.Equal(r.Settings, s) || r.Head() != empty.Head() {
			t.Errorf("%s is read back as %+v", settings.Field(i).Name, r.Settings)
		}
	}
	differs("an empty log", head(hold.Settings{}))
	differs("another order", head(hold.Settings{}, events[2], events[1], events[0]))
	differs("one event less", head(hold.Settings{}, events[:2]...))
	other := slices.Clone(events)
	other[1].At = at.Add(time.Nanosecond)
	differs("another time", head(hold.Settings{}, other...))
	other[1] = events[1]
	other[1].ID = "e"
	differs("an ID", head(hold.Settings{}, other...))
}

// A register takes no event that its log could not be read back with.
func TestEventsThatCannotBeWritten(t *testing.T) {
	at := time.Date(2021, time.December, 1, 9, 0, 0, 0, time.UTC)
	far := time.Date(10000, time.January, 1, 0, 0, 0, 0, time.UTC)
	for name, change := range map[string]func(*hold.Event){
		"text":         func(e *hold.Event) { e.Text = "\xff" },
		"ID":           func(e *hold.Event) { e.ID = "\xc3" },
		"MPID":         func(e *hold.Event) { e.MPIDs = []smki.MPID{"\xff\xff\xff"} },
		"certificate":  func(e *hold.Event) { e.Certificates = []smki.CertificateID{"\xff"} },
		"subscriber":   func(e *hold.Event) { e.Certificate.Subscriber = "\xff" },
		"party":        func(e *hold.Event) { e.User.Party = "\xff" },
		"long text":    func(e *hold.Event) { e.Text = strings.Repeat("x", 1<<22) },
		"roles":        func(e *hold.Event) { e.User.Roles = 1 << 7 },
		"at":           func(e *hold.Event) { e.At = far },
		"date":         func(e *hold.Event) { e.Date = far },
		"not after":    func(e *hold.Event) { e.Certificate.NotAfter = far },
		"support from": func(e *hold.Event) { e.Support.From = time.Date(0, time.December, 31, 0, 0, 0, 0, time.UTC) },
		"SRVs":         func(e *hold.Event) { e.Support.SRVs = slices.Repeat([]duis.SRV{duis.TopUpDevice}, 1<<16+1) },
	} {
		e := full(hold.UserRecorded)
		e.At = at
		change(&e)
		var r hold.Register
		_, err := r.Apply(e)
		if want := new(hold.EventError); !errors.As(err, &want) || r.Seq() != 0 {
			t.Errorf("%s: error %v, want an EventError", name, err)
		}
	}
	e := full(hold.UserRecorded)
	e.At = at
	e.Text = strings.Repeat("x", 1<<22-1000)
	if _, err := new(hold.Register).Apply(e); err != nil {
		t.Error(err)
	}
}

// The longest line that an event can make can be read back.
func TestLongestLine(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("a line of about 60 MB")
	}
	e := full(hold.UserRecorded)
	long := slices.Repeat([]duis.Threshold{{User: 1 << 63, SRV: duis.ReadInstantaneousImportRegisters, Warning: 1<<64 - 1, Quarantine: 1<<64 - 1}}, 1<<16)
	e.Thresholds, e.Support.Thresholds, e.Support.Devices = long, long, slices.Repeat([]smki.EUI64{1 << 63}, 1<<16)
	e.Support.SRVs = slices.Repeat([]duis.SRV{duis.ReadInstantaneousImportRegisters}, 1<<16)
	e.Text = strings.Repeat("\x01", 1<<22-200)
	var r hold.Register
	if _, err := r.Apply(e); err != nil {
		t.Fatal(err)
	}
	log := written(t, &r)
	if got := read(t, log); got.Head() != r.Head() {
		t.Error("the line is read otherwise")
	}
	t.Logf("%d octets", len(log))
}

// endless gives one line without end.
type endless struct{}

func (endless) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = ' '
	}
	return len(b), nil
}

// What is wrong with a log is said by record, octet and what was expected, and the register stays as it was.
func TestLogErrors(t *testing.T) {
	t.Parallel()
	at := time.Date(2021, time.December, 1, 9, 0, 0, 0, time.UTC)
	r := &hold.Register{Settings: of(hold.MP185)}
	for _, e := range []hold.Event{
		{ID: "a", At: at, Kind: hold.MPIDAllocated, MPIDs: []smki.MPID{"ZOGE"}, Party: "Zog"},
		{ID: "b", At: at, Kind: hold.FailureNotified, Failure: "zog", Party: "Zog"},
		{ID: "c", At: at, Kind: hold.PositionStated, Failure: "zog", By: "Hub", Text: "will send"},
	} {
		if _, err := r.Apply(e); err != nil {
			t.Fatal(err)
		}
	}
	log := string(written(t, r))
	lines := strings.SplitAfter(log, "\n")
	upTo := func(n int) int64 { return int64(len(strings.Join(lines[:n], ""))) }
	change := func(old, new string) string {
		if !strings.Contains(log, old) {
			t.Fatalf("%q is not in the log", old)
		}
		return strings.Replace(log, old, new, 1)
	}
	again := func(s string) string { return string(sealed([]byte(s))) }
	for _, c := range []struct {
		name, log string
		seq       uint64
		offset    int64
		expected  string // a part of it
	}{
		{"nothing", "", 0, 0, "a header"},
		{"no header", strings.Join(lines[1:], ""), 0, 0, "the header of a log of version 1"},
		{"another version", again(change(`"version":1`, `"version":2`)), 0, 0, "version 1"},
		{"another name", again(change(`lastresort hold`, `else`)), 0, 0, "the header"},
		{"a regime that is none", again(change(`mp185`, `mp186`)), 0, 0, "the header"},
		{"a setting that is none", again(change(`"regime"`, `"rules":1,"regime"`)), 0, 0, "the header"},
		{"a default that is written", again(change(`"regime"`, `"enforce":false,"regime"`)), 0, 0, "the header"},
		{"settings changed", change(`mp185`, `mp134a`), 0, 0, "the header of a log of version 1 with its hash"},
		{"no line feed at the end", strings.TrimSuffix(log, "\n"), 3, upTo(3), "a whole line"},
		{"cut off within a line", log[:upTo(2)+10], 2, upTo(2), "a whole line"},
		{"a record less", lines[0] + lines[1] + lines[3], 2, upTo(2), `{"seq":2,`},
		{"a record twice", lines[0] + lines[1] + lines[1] + lines[2], 2, upTo(2), `{"seq":2,`},
		{"two records in another order", lines[0] + lines[2] + lines[1] + lines[3], 1, upTo(1), `{"seq":1,`},
		{"an empty line", lines[0] + "\n" + lines[1], 1, upTo(1), `{"seq":1,`},
		{"an event changed", change("will send", "will not send"), 3, upTo(3), "the hash "},
		{"a hash in capitals", lines[0] + lines[1] + strings.Replace(lines[2], lines[2][len(lines[2])-67:], strings.ToUpper(lines[2][len(lines[2])-67:]), 1), 2, upTo(2), "the hash "},
		{"white space", again(change(`"Zog"`, ` "Zog"`)), 1, upTo(1), "as this version writes it"},
		{"a member twice", again(change(`"party":"Zog"`, `"party":"Zog","party":"Zog"`)), 1, upTo(1), "as this version writes it"},
		{"a member that is none", again(change(`"party":"Zog"`, `"party":"Zog","date2":1`)), 1, upTo(1), "as this version writes it"},
		{"a member in capitals", again(change(`"party"`, `"Party"`)), 1, upTo(1), "as this version writes it"},
		{"an escape that need not be", again(change(`"Zog"`, `"\u005aog"`)), 1, upTo(1), "as this version writes it"},
		{"a time in another zone", again(change(`T09:00:00Z`, `T10:00:00+01:00`)), 1, upTo(1), "as this version writes it"},
		{"another actor", again(change(`"actor":"Ofgem"`, `"actor":"PMA"`)), 2, upTo(2), "as this version writes it"},
		{"a kind that is none", again(change(`"failure notified"`, `"failure noticed"`)), 2, upTo(2), "JSON"},
		{"no JSON", again(change(`"failure":"zog","party"`, `"failure":zog","party"`)), 2, upTo(2), "JSON"},
		{"an event that is refused", again(change(`"failure":"zog","by"`, `"failure":"zig","by"`)), 3, upTo(3), "takes"},
		{"an ID twice", again(change(`"id":"c"`, `"id":"a"`)), 3, upTo(3), `another ID than "a"`},
	} {
		var got hold.Register
		n, err := got.ReadFrom(strings.NewReader(c.log))
		var bad *hold.LogError
		if !errors.As(err, &bad) || bad.Seq != c.seq || bad.Offset != c.offset || !strings.Contains(bad.Error(), c.expected) {
			t.Errorf("%s: %+v, want a LogError at record %d, octet %d: %s", c.name, err, c.seq, c.offset, c.expected)
		}
		if n > int64(len(c.log)) || got.Seq() != 0 || got.Settings.Regime != hold.Actual {
			t.Errorf("%s: the register is at %d after %d octets", c.name, got.Seq(), n)
		}
	}
	var empty hold.Register
	before := empty.Head()
	if _, err := empty.ReadFrom(strings.NewReader(lines[0] + "\n")); err == nil || empty.Head() != before || cmp.Diff(empty.Settings, hold.Settings{}) != "" {
		t.Errorf("a log that is refused leaves an empty register with its settings: %v", err)
	}
	if _, err := new(hold.Register).ReadFrom(io.MultiReader(strings.NewReader(lines[0]), endless{})); err == nil || !strings.Contains(err.Error(), "at most 67108864 octets") {
		t.Errorf("a line without end: %v", err)
	}
	cause := errors.New("disk on fire")
	if _, err := new(hold.Register).ReadFrom(io.MultiReader(strings.NewReader(log[:400]), failing{cause})); err != cause {
		t.Errorf("error of the reader: %v, want %v", err, cause)
	}
	if err := hold.VerifyLog(io.MultiReader(strings.NewReader(log[:400]), failing{cause}), r.Head()); err != cause {
		t.Errorf("error of the reader: %v, want %v", err, cause)
	}
}

type failing struct{ error }

func (f failing) Read([]byte) (int, error)  { return 0, f.error }
func (f failing) Write([]byte) (int, error) { return 0, f.error }

// Into a register goes a log under its settings, and what follows its head, or a log that goes through its head.
func TestReadFromContinues(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		h := holdtest.Histories().Draw(t, "history")
		log := written(t, h.Register)
		events := h.Register.Events()
		n := rapid.IntRange(1, len(events)).Draw(t, "events that the register has")
		part := &hold.Register{Settings: h.Register.Settings}
		for _, e := range events[:n] {
			part.Apply(e)
		}
		at := part.Head()
		var tail bytes.Buffer
		if head, err := h.Register.WriteSince(&tail, at); err != nil || head != h.Register.Head() {
			t.Fatalf("WriteSince gives %v, %v", head, err)
		}
		for name, rest := range map[string][]byte{"the tail": tail.Bytes(), "the whole log": log} {
			r := part.Clone()
			if _, err := r.ReadFrom(bytes.NewReader(rest)); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if diff := stateDiff(h.Register, r); diff != "" {
				t.Fatalf("%s leads elsewhere:\n%s", name, diff)
			}
			if part.Head() != at {
				t.Fatalf("%s changed what it was not read into", name)
			}
		}
		other := &hold.Register{Settings: h.Register.Settings}
		other.Settings.Enforce = !other.Settings.Enforce
		if x := other.Clone(); cmp.Equal(x.Settings, hold.Settings{}) {
			if _, err := x.ReadFrom(bytes.NewReader(log)); err != nil || !cmp.Equal(x.Settings, h.Register.Settings) {
				t.Fatalf("a register with the defaults does not take the settings of the log: %v", err)
			}
		} else if _, err := x.ReadFrom(bytes.NewReader(log)); err == nil {
			t.Fatal("a log is read under other settings")
		}
		other.Settings.WarningDays++ // never the defaults, with which an empty register takes those of the log
		for _, e := range events[:n] {
			other.Apply(e)
		}
		before := other.Head()
		for name, rest := range map[string][]byte{"the tail": tail.Bytes(), "the whole log": log} {
			if _, err := other.ReadFrom(bytes.NewReader(rest)); (err == nil) != (len(rest) == 0) || other.Head() != before {
				t.Fatalf("%s of a register with other settings is taken: %v", name, err)
			}
		}
		other = &hold.Register{Settings: h.Register.Settings}
		for _, e := range events[:n-1] {
			other.Apply(e)
		}
		last := events[n-1]
		last.Text += "!"
		if _, err := other.Apply(last); err != nil {
			t.Fatal(err)
		}
		var bad *hold.LogError
		if _, err := other.ReadFrom(bytes.NewReader(log)); !errors.As(err, &bad) || bad.Seq != uint64(n) {
			t.Fatalf("a whole log is taken that does not go through the register's head at record %d: %v", n, err)
		}
		if n > 1 { // a log that ends before the register
			_, err := h.Register.Clone().ReadFrom(bytes.NewReader(written(t, part)))
			if n < len(events) && (!errors.As(err, &bad) || bad.Seq != uint64(n)+1) {
				t.Fatalf("a log of %d events is taken after %d: %v", n, len(events), err)
			}
		}
	})
}

// A log that is written piece by piece as it grows is the same as one that is written at once. A register with other events has none of its heads.
func TestWriteSince(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		h := holdtest.Histories().Draw(t, "history")
		var log bytes.Buffer
		var head hold.Head
		r := &hold.Register{Settings: h.Register.Settings}
		for i, e := range h.Register.Events() {
			r.Apply(e)
			if rapid.Bool().Draw(t, "asked for its head") {
				r.Head()
			}
			if i%3 == 0 || i == len(h.Register.Events())-1 {
				var err error
				if head, err = r.WriteSince(&log, head); err != nil || head != r.Head() {
					t.Fatalf("WriteSince gives %v, %v", head, err)
				}
			}
		}
		if diff := cmp.Diff(string(written(t, h.Register)), log.String()); diff != "" {
			t.Fatalf("another log (-at once +by pieces):\n%s", diff)
		}
		wrong := head
		wrong.Hash[0]++
		for _, bad := range []hold.Head{wrong, {Seq: head.Seq + 1, Hash: head.Hash}, {Seq: head.Seq - 1, Hash: head.Hash}} {
			log.Reset()
			var want *hold.LogError
			if got, err := r.WriteSince(&log, bad); !errors.As(err, &want) || got != bad || log.Len() > 0 {
				t.Fatalf("WriteSince takes %v, which is none of its heads: %v", bad, err)
			}
		}
		cause := errors.New("disk full")
		if got, err := r.WriteSince(failing{cause}, hold.Head{}); err != cause || got != (hold.Head{}) {
			t.Fatalf("error of the writer: %v, %v", got, err)
		}
	})
	r := hold.Register{Settings: hold.Settings{Regime: 77}}
	if _, err := r.WriteTo(io.Discard); err == nil {
		t.Error("settings without a name are written")
	}
	r = hold.Register{Settings: hold.Settings{SafeModeVariants: []duis.SRV{0}}}
	if _, err := r.WriteTo(io.Discard); err == nil {
		t.Error("a variant without a name is written")
	}
	r = hold.Register{}
	r.Head()
	r.Settings.Enforce = true
	if _, err := r.WriteTo(io.Discard); err == nil {
		t.Error("settings that changed under the log are written")
	}
}

// smallDisk is a disk that takes so many octets and no more.
type smallDisk struct {
	bytes.Buffer
	room int
}

func (f *smallDisk) Write(b []byte) (int, error) {
	if n := f.room - f.Len(); n < len(b) {
		f.Buffer.Write(b[:n])
		return n, errors.New("disk full")
	}
	return f.Buffer.Write(b)
}

// Wherever a write ends, the log goes on from the head that it gave, once the part of a record that it left is cut off.
func TestDiskFull(t *testing.T) {
	var r hold.Register
	at := time.Date(2021, time.November, 24, 9, 0, 0, 0, time.UTC)
	for i := range 700 { // more than is handed over at once
		if _, err := r.Apply(hold.Event{ID: fmt.Sprint(i), At: at, Kind: hold.SRPEngaged, By: "Hub", Party: smki.PartyID(fmt.Sprint("Zog", i))}); err != nil {
			t.Fatal(err)
		}
	}
	whole := written(t, &r)
	for room := 0; room < len(whole); room = room*21/20 + 1 {
		disk := smallDisk{room: room}
		if n, err := r.WriteTo(&disk); err == nil || n != int64(room) {
			t.Fatalf("room for %d octets: %d written, %v", room, n, err)
		}
		disk = smallDisk{room: room}
		head, err := r.WriteSince(&disk, hold.Head{})
		kept := disk.Bytes()[:bytes.LastIndexByte(disk.Bytes(), '\n')+1]
		var rest bytes.Buffer
		if _, again := r.WriteSince(&rest, head); err == nil || again != nil || string(kept)+rest.String() != string(whole) {
			t.Fatalf("room for %d octets: the log does not go on from record %d: %v, %v", room, head.Seq, err, again)
		}
	}
}

// The text of a hash is 64 lower-case digits.
func TestHashText(t *testing.T) {
	h := new(hold.Register).Head().Hash
	var back hold.Hash
	if err := back.UnmarshalText([]byte(h.String())); err != nil || back != h {
		t.Errorf("%v is read as %v, %v", h, back, err)
	}
	for _, text := range []string{"", strings.ToUpper(h.String()), h.String()[1:], h.String() + "0", "g" + h.String()[1:]} {
		kept := h
		if kept.UnmarshalText([]byte(text)) == nil || kept != h {
			t.Errorf("%q is read as a hash", text)
		}
	}
}
