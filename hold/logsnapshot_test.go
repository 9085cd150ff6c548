package hold_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
	"unsafe"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/seed-db8551c1/lastresort/hold"
	"github.com/seed-db8551c1/lastresort/hold/holdtest"
	"github.com/seed-db8551c1/lastresort/smki"
	"pgregory.net/rapid"
)

func snapshot(t fataler, r *hold.Register) []byte {
	b, err := r.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func restored(t fataler, snapshot []byte) *hold.Register {
	r, err := hold.Restore(snapshot)
	if err != nil {
		t.Fatalf("%v: %s", err, snapshot)
	}
	return r
}

// held is the fields of the events that are held, and of their hashes.
var held = []string{"log", "base", "chain"}

// A register that was restored from a snapshot at any place of a history has all of the state, so that no field was forgotten, gives the same answers, and has the same head and snapshot. It goes
// on as the register that took all events: with the tail of the log, with the whole log, and event by event, with the same results and errors. Repeats of what came before the snapshot are known.
func TestSnapshotAndTail(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		h := holdtest.Histories().Draw(t, "history")
		cut := rapid.IntRange(0, len(h.Tried)).Draw(t, "events tried before the snapshot")
		r := &hold.Register{Settings: h.Register.Settings}
		for _, e := range h.Tried[:cut] {
			r.Apply(e)
		}
		text, seq := snapshot(t, r), r.Seq()
		back := restored(t, text)
		if diff := stateDiff(r, back, held...); diff != "" {
			t.Fatalf("other state (-written +restored):\n%s", diff)
		}
		if diff := cmp.Diff(holdtest.Digest(r, instants(h)...), holdtest.Digest(back, instants(h)...)); diff != "" {
			t.Fatalf("other answers (-written +restored):\n%s", diff)
		}
		if back.Head() != r.Head() || !bytes.Equal(snapshot(t, back), text) || !bytes.Equal(snapshot(t, r.Clone()), text) {
			t.Fatalf("another head or snapshot")
		}
		var tail bytes.Buffer
		if _, err := h.Register.WriteSince(&tail, r.Head()); err != nil {
			t.Fatal(err)
		}
		for name, log := range map[string][]byte{"tail": tail.Bytes(), "whole log": written(t, h.Register)} {
			if name == "tail" && r.Seq() == 0 {
				continue // an empty register reads a whole log
			}
			x := restored(t, text)
			if _, err := x.ReadFrom(bytes.NewReader(log)); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if diff := stateDiff(h.Register, x, held...); diff != "" || x.Head() != h.Register.Head() {
				t.Fatalf("snapshot and %s are not what the whole log is (-log +snapshot):\n%s", name, diff)
			}
			if !bytes.Equal(snapshot(t, x), snapshot(t, h.Register)) {
				t.Fatalf("snapshot and %s have another snapshot", name)
			}
		}
		for _, e := range h.Tried[cut:] {
			a, err := r.Apply(e)
			b, errBack := back.Apply(e)
			if diff := cmp.Diff(a, b); diff != "" || fmt.Sprint(err) != fmt.Sprint(errBack) {
				t.Fatalf("the restored register takes %+v otherwise (%v, %v):\n%s", e, err, errBack, diff)
			}
		}
		if back.Seq() != h.Register.Seq() || back.Head() != h.Register.Head() {
			t.Fatalf("the restored register is at %v, want %v", back.Head(), h.Register.Head())
		}
		for _, e := range h.Register.Events() {
			if e.ID == "" {
				continue
			}
			if a, err := back.Apply(e); err != nil || !a.Repeat {
				t.Fatalf("%q is not known as a repeat: %v", e.ID, err)
			}
		}
		if err := holdtest.CheckInvariants(back, latest(h)); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(h.Register.Events()[seq:], back.Events(), cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("Events gives others than those after the snapshot:\n%s", diff)
		}
	})
}

// fill gives every field below a value another one than zero, exported or not, but for the directory, which has its own test.
func fill(v reflect.Value) {
	v = reflect.NewAt(v.Type(), unsafe.Pointer(v.UnsafeAddr())).Elem()
	switch x := v.Addr().Interface().(type) {
	case *time.Time:
		*x = time.Date(2021, time.December, 1, 9, 0, 0, 1, time.UTC)
		return
	case *smki.Directory:
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString("x")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Uint8:
		v.SetUint(1)
	case reflect.Int:
		v.SetInt(1)
	case reflect.Uint32, reflect.Uint64:
		v.SetUint(2) // of a set, the first
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem())
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0))
	case reflect.Map:
		key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		fill(key)
		fill(value)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(key, value)
	case reflect.Array:
		switch v.Type().Name() {
		case "Hash":
			fill(v.Index(0))
		case "srvSet":
			fill(v.Index(0)) // there is the first variant
		default:
			for i := 1; i < v.Len(); i++ { // by confirmation or by who agrees: the first is none
				fill(v.Index(i))
			}
		}
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i))
		}
	default:
		panic(fmt.Sprintf("no value for a %v", v.Type()))
	}
}

// A snapshot has every field of the state, rare ones too: a field that is added to the register has to be added to it.
func TestSnapshotHasEveryField(t *testing.T) {
	r := new(hold.Register)
	v := reflect.ValueOf(r).Elem()
	for i := range v.NumField() {
		if v.Type().Field(i).Name != "log" {
			fill(v.Field(i))
		}
	}
	if diff := cmp.Diff(r, restored(t, snapshot(t, r)), everything); diff != "" {
		t.Errorf("a snapshot lacks something (-register +restored):\n%s", diff)
	}
	if diff := cmp.Diff(r, r.Clone(), everything); diff != "" {
		t.Errorf("a clone lacks something (-register +clone):\n%s", diff)
	}
}

// Whatever one value in a register is changed, alike sees it, as cmp does.
func TestAlikeSeesEveryField(t *testing.T) {
	a, b := new(hold.Register), new(hold.Register)
	fill(reflect.ValueOf(a).Elem())
	fill(reflect.ValueOf(b).Elem())
	if diff := stateDiff(a, b); diff != "" {
		t.Fatalf("two equal registers differ:\n%s", diff)
	}
	seen := 0
	var change func(v reflect.Value)
	check := func(v reflect.Value, other reflect.Value) {
		was := reflect.New(v.Type()).Elem()
		was.Set(v)
		v.Set(other)
		if seen++; alike(reflect.ValueOf(a), reflect.ValueOf(b), nil) || alike(reflect.ValueOf(b), reflect.ValueOf(a), nil) {
			t.Errorf("a %v that is %v and not %v is not seen", v.Type(), other, was)
		}
		v.Set(was)
	}
	change = func(v reflect.Value) {
		v = reflect.NewAt(v.Type(), unsafe.Pointer(v.UnsafeAddr())).Elem()
		switch v.Kind() {
		case reflect.Pointer:
			change(v.Elem())
			check(v, reflect.Zero(v.Type()))
		case reflect.Slice, reflect.Array:
			for i := range v.Len() {
				change(v.Index(i))
			}
			if v.Kind() == reflect.Slice && v.Len() > 0 {
				check(v, v.Slice(0, v.Len()-1))
			}
		case reflect.Map:
			check(v, reflect.MakeMap(v.Type()))
			for _, k := range v.MapKeys() {
				other := reflect.MakeMap(v.Type())
				other.SetMapIndex(k, reflect.Zero(v.Type().Elem()))
				check(v, other)
			}
		case reflect.Struct:
			if at, is := v.Interface().(time.Time); is {
				check(v, reflect.ValueOf(at.Add(1)))
				return
			}
			if v.Type() == reflect.TypeFor[smki.Directory]() {
				return // left empty
			}
			for i := range v.NumField() {
				change(v.Field(i))
			}
		default:
			other := reflect.New(v.Type()).Elem()
			if v.IsZero() { // the first of a set that has a second
				fill(other)
			}
			check(v, other)
		}
	}
	change(reflect.ValueOf(b).Elem())
	if seen < 100 {
		t.Errorf("%d values were changed, want at least 100", seen)
	}
}

// A register that does not hold its whole log does not write one as if it did, and writes what it holds.
func TestRestoredRegisterWritesWhatItHolds(t *testing.T) {
	r, at := autumn(t)
	r = restored(t, snapshot(t, r))
	before := r.Head()
	var b bytes.Buffer
	var bad *hold.LogError
	if n, err := r.WriteTo(&b); !errors.As(err, &bad) || n != 0 || b.Len() > 0 {
		t.Errorf("WriteTo gives %d, %v", n, err)
	}
	if _, err := r.WriteSince(&b, hold.Head{}); !errors.As(err, &bad) || b.Len() > 0 {
		t.Errorf("WriteSince the start gives %v", err)
	}
	e := position()
	e.Failure, e.At = "failure 7", at
	if a, err := r.Apply(e); err != nil || a.Seq != before.Seq+1 {
		t.Fatal(a, err)
	}
	head, err := r.WriteSince(&b, before)
	if err != nil || head != r.Head() || !strings.HasPrefix(b.String(), fmt.Sprintf(`{"seq":%d,`, before.Seq+1)) || strings.Count(b.String(), "\n") != 1 {
		t.Errorf("WriteSince gives %v, %v: %s", head, err, b.String())
	}
}

// A snapshot grows with the state and the IDs, and not with how often something was said.
func TestSnapshotIsNoLog(t *testing.T) {
	r, at := autumn(t)
	before := len(snapshot(t, r))
	e := position()
	e.Failure, e.At = "failure 7", at
	for range 10_000 {
		if _, err := r.Apply(e); err != nil {
			t.Fatal(err)
		}
	}
	if after := len(snapshot(t, r)); after > before+10 {
		t.Errorf("10,000 repeated positions make the snapshot grow from %d to %d octets", before, after)
	}
	for i := range 1000 {
		e.ID = fmt.Sprintf("e%03d", i)
		if _, err := r.Apply(e); err != nil {
			t.Fatal(err)
		}
	}
	if after := len(snapshot(t, r)); after > before+8*1000 {
		t.Errorf("1,000 IDs of 4 octets make the snapshot grow from %d to %d octets", before, after)
	}
}

func TestSnapshotErrors(t *testing.T) {
	at := time.Date(2021, time.December, 1, 9, 0, 0, 0, time.UTC)
	var r hold.Register
	for _, e := range []hold.Event{
		{At: at, Kind: hold.MPIDAllocated, MPIDs: []smki.MPID{"ZOGE"}, Party: "Zog"},
		{At: at, Kind: hold.FailureNotified, Failure: "zog", Party: "Zog"},
	} {
		if _, err := r.Apply(e); err != nil {
			t.Fatal(err)
		}
	}
	good := string(snapshot(t, &r))
	change := func(old, new string) string {
		if !strings.Contains(good, old) {
			t.Fatalf("%q is not in %s", old, good)
		}
		return string(sealed([]byte(strings.Replace(good, old, new, 1))))
	}
	for _, c := range []struct{ name, text, expected string }{
		{"nothing", "", "with its hash"},
		{"cut off", good[:len(good)-1], "the hash"},
		{"changed", strings.Replace(good, "Zog", "Zig", 1), "the hash"},
		{"another version", change(`"version":2`, `"version":3`), "version 1 or 2"},
		{"a log", string(written(t, &r)), "the hash"},
		{"the header of a log", string(written(t, new(hold.Register))), "JSON"},
		{"a member that is none", change(`"clock"`, `"cluck":1,"clock"`), "JSON"},
		{"a member of the directory that is none", change(`"fuel"`, `"food":1,"fuel"`), "JSON"},
		{"a phase that is none", change(`"ceased"`, `"deceased"`), "JSON"},
		{"an MPID of nobody", change(`"dcc":[{"from":"2021-12-01T09:00:00Z","party":"Zog"}]`, `"dcc":[]`), "JSON"},
		{"no directory", change(`"directory":{`, `"directory":null,"supports":[],"engaged":{},"clock":"2021-12-01T09:00:00Z","x":{`), "JSON"},
		{"a directory that is null", string(sealed([]byte(`{"snapshot":"lastresort hold snapshot","version":1,"state":{"head":{"seq":1,"hash":"` + r.Head().Hash.String() + `"},"settings":{},"directory":null},"hash":"` + r.Head().Hash.String() + "\"}\n"))), "no directory"},
		{"a variant that is none", change(`"clock"`, `"supports":[{"id":"r1","failure":"zog","solr":"EDF","srp":"Hub","state":"requested","support":{"srvs":"/w==","from":"2021-12-01T09:00:00Z"}}],"clock"`), "Service Request Variant that there is not"},
		{"a position that no log has", change(`"seq":2`, `"seq":9223372036854775808`), "no log is that long"},
		{"the head of other settings", string(sealed(bytes.Replace(snapshot(t, new(hold.Register)), []byte(`"settings":{}`), []byte(`"settings":{"enforce":true}`), 1))), "not of these settings"},
	} {
		got, err := hold.Restore([]byte(c.text))
		var bad *hold.SnapshotError
		if !errors.As(err, &bad) || !strings.Contains(bad.Error(), c.expected) || got != nil {
			t.Errorf("%s: %v, want a SnapshotError: %s", c.name, err, c.expected)
		}
	}
	if _, err := (&hold.Register{Settings: hold.Settings{Regime: 77}}).Snapshot(); err == nil {
		t.Error("settings without a name are written")
	}
}

// A snapshot of version 1 does not say how MPIDs came and went: late reports of that, which would be answered wrongly, are refused, and others are not.
func TestSnapshotOfVersion1TakesNoLateReports(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("testdata", "log", "v1", "story.snapshot"))
	if err != nil {
		t.Fatal(err)
	}
	r := restored(t, text)
	m := r.Directory().MPIDs()[0]
	now := time.Date(2030, time.January, 1, 0, 0, 0, 0, time.UTC)
	moves := func(to smki.PartyID, at time.Time) hold.Event {
		return hold.Event{At: at, Kind: hold.MPIDTransferred, Party: to, MPIDs: []smki.MPID{m.ID}}
	}
	for _, again := range []bool{false, true} {
		if again {
			r = restored(t, snapshot(t, r))
		}
		if _, err := r.Apply(moves("Fir", now)); err != nil {
			t.Fatal(err)
		}
		before := snapshot(t, r)
		var bad *hold.EventError
		if _, err := r.Apply(moves("Cedar", now.Add(-time.Hour))); !errors.As(err, &bad) || !strings.Contains(bad.Expected, "version 1") {
			t.Errorf("%v, want an EventError about version 1", err)
		}
		if !bytes.Equal(snapshot(t, r), before) {
			t.Error("a refused report changed something")
		}
		if _, err := r.Apply(hold.Event{At: now.Add(-time.Hour), Kind: hold.SRPEngaged, Party: "Fir", By: "Hub"}); err != nil {
			t.Error(err)
		}
	}
}

// The directory by itself is written and read back too.
func TestDirectoryJSON(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		dir := holdtest.Histories().Draw(t, "history").Register.Directory()
		text, err := json.Marshal(dir)
		if err != nil {
			t.Fatal(err)
		}
		var back smki.Directory
		if err := json.Unmarshal(text, &back); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if diff := cmp.Diff(dir, &back, everything); diff != "" {
			t.Fatalf("%s is read otherwise:\n%s", text, diff)
		}
	})
}
