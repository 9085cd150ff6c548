package history_test

import (
	"bytes"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/seed-db8551c1/lastresort/hold"
	"github.com/seed-db8551c1/lastresort/hold/history"
	"github.com/seed-db8551c1/lastresort/hold/holdtest"
	"pgregory.net/rapid"
)

// equal compares what was written with what was read: times by their instant, a list without elements like none.
var equal = cmp.Options{cmpopts.EquateEmpty(), cmp.Comparer(time.Time.Equal)}

func write(t interface {
	Helper()
	Fatal(...any)
}, question string, s hold.Settings, events []hold.Event) string {
	t.Helper()
	var b strings.Builder
	if err := history.Write(&b, question, s, events); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func parse(t interface {
	Helper()
	Fatal(...any)
}, text string) *history.File {
	t.Helper()
	f, err := history.Parse(strings.NewReader(text))
	if err != nil {
		t.Fatal(err, "\n", text)
	}
	return f
}

// What is written is read back as it was, whatever was tried, and written again as it was. All that it says follows.
func TestWriteAndParse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := holdtest.Histories().Draw(t, "history")
		question := rapid.OneOf(rapid.SampledFrom([]string{"", `May "it"; or, not?`, " # ", "Wer?\n"}), rapid.String()).Draw(t, "question")
		text := write(t, question, h.Register.Settings, h.Tried)
		f := parse(t, text)
		if diff := cmp.Diff(h.Tried, f.Events(), equal); diff != "" {
			t.Fatalf("the events are read otherwise (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(h.Register.Settings, f.Settings, equal); diff != "" {
			t.Fatalf("the settings are read otherwise (-want +got):\n%s", diff)
		}
		if f.Question != question {
			t.Fatalf("%q is read as %q", question, f.Question)
		}
		if diff := cmp.Diff(text, write(t, f.Question, f.Settings, f.Events())); diff != "" {
			t.Fatalf("written again it differs:\n%s", diff)
		}
		var again bytes.Buffer
		if err := f.Rewrite(&again); err != nil || again.String() != text {
			t.Fatalf("rewritten it differs: %v\n%s", err, cmp.Diff(text, again.String()))
		}
		if err := f.Check(); err != nil {
			t.Fatal(err, "\n", text)
		}
	})
}

// Everything that an event and the settings can hold is written and read back, values that no register takes too.
func TestEveryField(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var e hold.Event
		var s hold.Settings
		fill(t, reflect.ValueOf(&e).Elem(), "event")
		fill(t, reflect.ValueOf(&s).Elem(), "settings")
		f := parse(t, write(t, "?", s, []hold.Event{e}))
		if diff := cmp.Diff([]hold.Event{e}, f.Events(), equal); diff != "" {
			t.Fatalf("the event is read otherwise (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(s, f.Settings, equal); diff != "" {
			t.Fatalf("the settings are read otherwise (-want +got):\n%s", diff)
		}
		if err := f.Check(); err != nil {
			t.Fatal(err)
		}
	})
}

// fill draws any values at all for a value and all that is in it.
func fill(t *rapid.T, v reflect.Value, label string) {
	if v.Type() == reflect.TypeFor[time.Time]() {
		v.Set(reflect.ValueOf(instants.Draw(t, label)))
		return
	}
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(rapid.Bool().Draw(t, label))
	case reflect.Uint8:
		v.SetUint(uint64(rapid.OneOf(rapid.Uint8Range(0, 12), rapid.Uint8()).Draw(t, label)))
	case reflect.Uint64:
		v.SetUint(rapid.Uint64().Draw(t, label))
	case reflect.String:
		v.SetString(texts.Draw(t, label))
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), rapid.IntRange(0, 2).Draw(t, label), 2))
		for i := range v.Len() {
			fill(t, v.Index(i), label)
		}
	case reflect.Pointer:
		if rapid.Bool().Draw(t, label) {
			v.Set(reflect.New(v.Type().Elem()))
			fill(t, v.Elem(), label)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			fill(t, v.Field(i), v.Type().Field(i).Name)
		}
	default:
		t.Fatalf("%s has a type that the test does not know: %v", label, v.Type())
	}
}

var (
	texts    = rapid.OneOf(rapid.SampledFrom([]string{"", "Octopus Energy", "A; by B", `say "so"`, "a, b", " ", "x ", "CN=Z1,OU=07/1", "\xff", "#", `\`, "é", "\u00a0x", "a\nb", "nothing"}), rapid.String())
	instants = rapid.Custom(func(t *rapid.T) time.Time {
		from := rapid.SampledFrom([]time.Time{
			{},
			time.Date(2021, time.October, 30, 23, 0, 0, 0, time.UTC), // London's clock goes back
			time.Date(2021, time.March, 27, 23, 0, 0, 0, time.UTC),   // and forward
			time.Date(1847, time.November, 30, 0, 0, 0, 0, time.UTC), // and is set to Greenwich
			time.Date(9999, time.December, 31, 0, 0, 0, 0, time.UTC),
		}).Draw(t, "from")
		after := time.Duration(rapid.IntRange(0, 300).Draw(t, "minutes")) * time.Minute
		return from.Add(after + rapid.SampledFrom([]time.Duration{0, 0, time.Second, time.Nanosecond, 500 * time.Millisecond}).Draw(t, "and"))
	})
)

// Whatever line of what follows is changed, Check names it.
func TestCheckNamesTheLine(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := holdtest.Histories().Draw(t, "history")
		lines := strings.SplitAfter(strings.TrimSuffix(write(t, "?", h.Register.Settings, h.Tried), "\n"), "\n")
		var follow []int
		for i, s := range lines {
			if strings.HasPrefix(s, "    ") {
				follow = append(follow, i)
			}
		}
		if len(follow) == 0 {
			t.Skip("nothing follows")
		}
		i := rapid.SampledFrom(follow).Draw(t, "line")
		change := rapid.SampledFrom([]string{"other", "none", "more"}).Draw(t, "change")
		switch change {
		case "other":
			lines[i] = "    something else\n"
		case "none":
			lines[i] = ""
		case "more":
			lines[i] = "    something else\n" + lines[i]
		}
		err := parse(t, strings.Join(lines, "")).Check()
		var m *history.MismatchError
		if !errors.As(err, &m) || m.Line != i+1 {
			t.Fatalf("line %d: %s: %v", i+1, change, err)
		}
	})
}
