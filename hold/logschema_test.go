package hold_test

import (
	"bytes"
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/seed-db8551c1/lastresort/hold"
	"github.com/seed-db8551c1/lastresort/hold/holdtest"
	"github.com/seed-db8551c1/lastresort/smki"
	"pgregory.net/rapid"
)

// schema is a JSON Schema, as far as it is needed here.
type schema map[string]any

func (s schema) with(key string, value any) schema {
	s = maps.Clone(s)
	s[key] = value
	return s
}

// object is the schema of an object with exactly these members.
func object(members map[string]schema, required ...string) schema {
	return schema{"type": "object", "properties": members, "required": required, "additionalProperties": false}
}

func pattern(p string) schema { return schema{"type": "string", "pattern": p} }

var (
	hashSchema = pattern("^[0-9a-f]{64}$")
	timeSchema = pattern(`^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{0,8}[1-9])?Z$`)
	textSchema = schema{"type": "string", "minLength": 1}
)

// schemaOf is the schema of a type as the log writes it. zero says that its zero value is written too.
func schemaOf(t reflect.Type, zero bool) schema {
	switch t {
	case reflect.TypeFor[time.Time]():
		return timeSchema
	case reflect.TypeFor[smki.EUI64]():
		return pattern("^[0-9A-F]{2}(-[0-9A-F]{2}){7}$")
	case reflect.TypeFor[smki.UserRoles]():
		var names []string
		for r := smki.ImportSupplier; smki.RolesOf(r).String() != ""; r++ {
			names = append(names, r.String())
		}
		one := "(" + strings.Join(names, "|") + ")"
		return pattern("^" + one + "(," + one + ")*$")
	}
	switch t.Kind() {
	case reflect.Pointer:
		return schemaOf(t.Elem(), zero)
	case reflect.String:
		if zero {
			return schema{"type": "string"}
		}
		return textSchema
	case reflect.Bool:
		return schema{"const": true}
	case reflect.Uint64:
		return schema{"type": "integer", "minimum": 0}
	case reflect.Int:
		return schema{"type": "integer"}
	case reflect.Uint8: // one of some values that have names
		var names []any
		for i := range 256 {
			v, back := reflect.New(t), reflect.New(t)
			v.Elem().SetUint(uint64(i))
			text, err := v.Interface().(encoding.TextMarshaler).MarshalText()
			if err == nil && (i > 0 || zero) && back.Interface().(encoding.TextUnmarshaler).UnmarshalText(text) == nil && back.Elem().Uint() == uint64(i) {
				names = append(names, string(text))
			}
		}
		return schema{"enum": names}
	case reflect.Slice:
		s := schema{"type": "array", "items": schemaOf(t.Elem(), true)}
		if !zero {
			s["minItems"] = 1
		}
		return s
	case reflect.Struct:
		members, required := make(map[string]schema), []string{}
		for f := range fields(t) {
			members[f.name] = schemaOf(f.Type, !f.omitted)
			if !f.omitted {
				required = append(required, f.name)
			}
		}
		return object(members, required...)
	}
	panic(fmt.Sprintf("no schema of %v", t))
}

type field struct {
	reflect.StructField
	name    string // in JSON
	omitted bool   // if it is zero
}

func fields(t reflect.Type) func(func(field) bool) {
	return func(yield func(field) bool) {
		for i := range t.NumField() {
			f := t.Field(i)
			name, option, _ := strings.Cut(f.Tag.Get("json"), ",")
			if !yield(field{f, name, option != ""}) {
				return
			}
		}
	}
}

// logSchema is the schema of a line of a log: the header, or a record of each kind. It follows from the kinds and the types.
func logSchema() schema {
	event := schemaOf(reflect.TypeFor[hold.Event](), false)
	lines := []any{schema{"$ref": "#/$defs/header"}}
	defs := map[string]schema{
		"header": object(map[string]schema{
			"log": {"const": "lastresort hold"}, "version": {"const": 1}, "settings": schemaOf(reflect.TypeFor[hold.Settings](), false), "hash": hashSchema,
		}, "log", "version", "settings", "hash"),
		"event": event,
	}
	for _, k := range hold.Kinds() {
		required := []string{"at", "kind"}
		of := map[string]schema{"kind": {"const": k.String()}}
		for f := range fields(reflect.TypeFor[hold.Event]()) {
			if slices.Contains(k.Needs(), f.Name) {
				required = append(required, f.name)
				if f.name == "text" {
					of[f.name] = pattern(`[^\s]`)
				}
			}
		}
		record := object(map[string]schema{
			"seq": {"type": "integer", "minimum": 1}, "actor": {"const": k.Actor().String()},
			"event": {"$ref": "#/$defs/event", "properties": of, "required": required}, "hash": hashSchema,
		}, "seq", "actor", "event", "hash")
		defs[k.String()] = record.with("title", fmt.Sprintf("%s: %s", k.Actor(), k))
		lines = append(lines, schema{"$ref": "#/$defs/" + k.String()})
	}
	return schema{"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "A line of the sealed log, version 1", "oneOf": lines, "$defs": defs}
}

var patterns = make(map[string]*regexp.Regexp) // compiled once

// checkLine is nil if a line has the schema of its kind of event, or of a header: to try all of them takes long.
func checkLine(t fataler, root schema, line []byte) error {
	v := decoded(t, line).(map[string]any)
	name := "header"
	if e, ok := v["event"].(map[string]any); ok {
		name, _ = e["kind"].(string)
	}
	return schema{"$ref": "#/$defs/" + name}.check(root, v, "")
}

// check is nil if a value has a schema. It knows the keywords that logSchema uses, and no others.
func (s schema) check(root schema, v any, path string) error {
	fail := func(format string, args ...any) error {
		return fmt.Errorf("%s: expected %s", path, fmt.Sprintf(format, args...))
	}
	members, isObject := v.(map[string]any)
	items, isArray := v.([]any)
	text, isText := v.(string)
	number, isNumber := v.(json.Number)
	for key, want := range s {
		var err error
		switch key {
		case "$schema", "title", "$defs":
		case "$ref":
			name := strings.TrimPrefix(want.(string), "#/$defs/")
			err = schema(root["$defs"].(map[string]any)[name].(map[string]any)).check(root, v, path)
		case "type":
			is := map[string]bool{"object": isObject, "array": isArray, "string": isText, "integer": isNumber && !strings.ContainsAny(number.String(), ".eE")}
			if !is[want.(string)] {
				err = fail("%v", want)
			}
		case "const":
			if fmt.Sprint(v) != fmt.Sprint(want) {
				err = fail("%v", want)
			}
		case "enum":
			if !slices.Contains(want.([]any), v) {
				err = fail("one of %v", want)
			}
		case "pattern":
			re, ok := patterns[want.(string)]
			if !ok {
				re = regexp.MustCompile(want.(string))
				patterns[want.(string)] = re
			}
			if !re.MatchString(text) {
				err = fail("%v", want)
			}
		case "minLength":
			if text == "" {
				err = fail("a text")
			}
		case "minItems":
			if len(items) == 0 {
				err = fail("an item")
			}
		case "minimum":
			if strings.HasPrefix(number.String(), "-") || fmt.Sprint(want) == "1" && number.String() == "0" {
				err = fail("at least %v", want)
			}
		case "items":
			for i, x := range items {
				err = cmpErr(err, schema(want.(map[string]any)).check(root, x, fmt.Sprintf("%s/%d", path, i)))
			}
		case "required":
			for _, name := range want.([]any) {
				if _, ok := members[name.(string)]; !ok {
					err = fail("%v", name)
				}
			}
		case "properties":
			for name, x := range members {
				if of, ok := want.(map[string]any)[name]; ok {
					err = cmpErr(err, schema(of.(map[string]any)).check(root, x, path+"/"+name))
				}
			}
		case "additionalProperties":
			for name := range members {
				if _, ok := s["properties"].(map[string]any)[name]; !ok {
					err = fail("no %s", name)
				}
			}
		case "oneOf":
			n := 0
			for _, of := range want.([]any) {
				one := schema(of.(map[string]any)).check(root, v, path)
				if one == nil {
					n++
				} else {
					err = cmpErr(err, one)
				}
			}
			if n == 1 {
				err = nil
			} else if n > 1 {
				err = fail("one only of %d", n)
			}
		default:
			err = fail("a keyword other than %s", key)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func cmpErr(a, b error) error {
	if a != nil {
		return a
	}
	return b
}

func decoded(t fataler, b []byte) any {
	var v any
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		t.Fatalf("%s: %v", b, err)
	}
	return v
}

// The schema that is checked in is the one that follows from the kinds of event and their fields (UPDATE_GOLDEN=1 writes it anew). Every line of the frozen logs has it, as has an event of each kind
// with every field set. Without a field that it needs it has not, and the register refuses the event.
func TestSchema(t *testing.T) {
	t.Parallel()
	text, err := json.MarshalIndent(logSchema(), "", "\t")
	if err != nil {
		t.Fatal(err)
	}
	text = append(text, '\n')
	file := filepath.Join("testdata", "log", "v1", "schema.json")
	if os.Getenv("UPDATE_GOLDEN") != "" {
		if err := os.WriteFile(file, text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(text)); diff != "" {
		t.Fatalf("%s is not what follows from the kinds (-file +kinds):\n%s", file, diff)
	}
	root := schema(decoded(t, want).(map[string]any))

	logs, err := filepath.Glob(filepath.Join("testdata", "log", "v1", "*.log"))
	if err != nil || len(logs) == 0 {
		t.Fatal("no frozen logs", err)
	}
	for _, name := range logs {
		log, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for line := range bytes.Lines(log) {
			if err := checkLine(t, root, line); err != nil {
				t.Errorf("%s: %v: %s", name, err, line)
			}
		}
	}
	record := func(e hold.Event) any {
		b, err := json.Marshal(map[string]any{"seq": 7, "actor": e.Kind.Actor().String(), "event": e, "hash": strings.Repeat("0f", 32)})
		if err != nil {
			t.Fatal(err)
		}
		return decoded(t, b)
	}
	for _, k := range hold.Kinds() {
		if err := root.check(root, record(full(k)), ""); err != nil {
			t.Errorf("%v: %v", k, err)
		}
		for _, need := range k.Needs() {
			e := full(k)
			reflect.ValueOf(&e).Elem().FieldByName(need).SetZero()
			var refused *hold.EventError
			if _, err := new(hold.Register).Apply(e); !errors.As(err, &refused) || refused.Expected != need {
				t.Errorf("%v without %s: %v, want an EventError", k, need, err)
			}
			if root.check(root, record(e), "") == nil {
				t.Errorf("%v without %s has the schema", k, need)
			}
		}
		wrong := record(full(k)).(map[string]any)
		for name, change := range map[string]func(){
			"another actor": func() { wrong["actor"] = "nobody" }, "no position": func() { wrong["seq"] = json.Number("0") }, "another member": func() { wrong["event"].(map[string]any)["more"] = "x" },
			"another time": func() { wrong["event"].(map[string]any)["at"] = "2021-12-01T09:00:00+01:00" }, "no hash": func() { delete(wrong, "hash") },
		} {
			wrong = record(full(k)).(map[string]any)
			if change(); root.check(root, wrong, "") == nil {
				t.Errorf("%v with %s has the schema", k, name)
			}
		}
	}
}

// Every log that a register writes has the schema.
func TestLogHasSchema(t *testing.T) {
	t.Parallel()
	text, err := json.Marshal(logSchema())
	if err != nil {
		t.Fatal(err)
	}
	root := schema(decoded(t, text).(map[string]any))
	rapid.Check(t, func(t *rapid.T) {
		for line := range bytes.Lines(written(t, holdtest.Histories().Draw(t, "history").Register)) {
			if err := checkLine(t, root, line); err != nil {
				t.Fatalf("%v: %s", err, line)
			}
		}
	})
}
