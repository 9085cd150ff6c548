package sim_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/seed-db8551c1/lastresort/sim"
	"github.com/seed-db8551c1/lastresort/sim/scenario"
)

var update = flag.Bool("update", false, "write the schema of scenario files anew")

const schemaFile = "scenario/schema/scenario.schema.json"

// The schema that is checked in is the one that the tables of the parser give: go test ./sim -run Schema -update writes it.
func TestSchemaIsCurrent(t *testing.T) {
	want := sim.ScenarioSchema()
	if *update {
		if err := os.WriteFile(schemaFile, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(schemaFile)
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("%s is not what the parser's tables give (error %v): run go test ./sim -run Schema -update", schemaFile, err)
	}
}

// Every scenario that comes with the library satisfies the schema, and so does the template; the parser takes the template too, in which every field has a comment.
func TestSchemaTakesWhatTheParserTakes(t *testing.T) {
	files := map[string][]byte{"the template": sim.ScenarioTemplate(), "the example": []byte(good)}
	for _, name := range scenario.Names() {
		text, err := os.ReadFile("scenario/" + name + ".json")
		if err != nil {
			t.Fatal(err)
		}
		files[name] = text
	}
	for name, text := range files {
		if err := satisfies(t, text); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := sim.ParseScenario(bytes.NewReader(text)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// The template shows every field, and what it gives arrives: a field that the parser knows by name only would be lost.
func TestTemplateHasEveryField(t *testing.T) {
	s, err := sim.ParseScenario(bytes.NewReader(sim.ScenarioTemplate()))
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range []reflect.Value{reflect.ValueOf(*s), reflect.ValueOf(s.Failures[0]), reflect.ValueOf(s.Suppliers[0])} {
		for i := range v.NumField() {
			name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
			if !bytes.Contains(sim.ScenarioTemplate(), []byte(`"// `+name+`": "`)) || v.Field(i).IsZero() && name != "fuels" { // dual fuel is zero
				t.Errorf("%s is not in the template, or not read from it", name)
			}
		}
	}
}

// Comments mean nothing, wherever they are.
func TestComments(t *testing.T) {
	bare, err := sim.ParseScenario(strings.NewReader(good))
	if err != nil {
		t.Fatal(err)
	}
	text := strings.NewReplacer(`{"revocation-gap": 2}`, `{"// gap": "two days", "revocation-gap": 2, "//": ""}`, `{"supplier": "B"`, `{"// B": "{", "supplier": "B"`, `"name"`, `"//": "all", "name"`).Replace(good)
	s, err := sim.ParseScenario(strings.NewReader(text))
	if diff := cmp.Diff(bare, s); err != nil || diff != "" {
		t.Errorf("with comments: %v (-without +with)\n%s", err, diff)
	}
	if err := satisfies(t, []byte(text)); err != nil {
		t.Error(err)
	}
}

// What the schema can say, it refuses as the parser does.
func TestSchemaRefuses(t *testing.T) {
	for _, c := range []struct{ name, old, new string }{
		{"unknown field", `"name": "two"`, `"name": "two", "title": "two"`},
		{"unknown field of a failure", `"nonDomestic": 5`, `"nonDomestic": 5, "size": 1`},
		{"unknown assumption", `"revocation-gap": 2`, `"gap": 2`},
		{"assumption out of range", `"revocation-gap": 2`, `"revocation-gap": 31`},
		{"switch half on", `"revocation-gap": 2`, `"top-ups": 0.5`},
		{"share above 1", `"prepayment": 0.5`, `"prepayment": 1.5`},
		{"half a customer", `"domestic": 100`, `"domestic": 0.5`},
		{"no customers", `"nonDomestic": 5`, `"nonDomestic": 0`},
		{"no date", `"ceased": "2021-09-22"`, `"ceased": "yesterday"`},
		{"no such fuels", `"gas"`, `"coal"`},
		{"no SoLR", `"solr": "X", "solrDate"`, `"solrDate"`},
		{"no failures", good[strings.Index(good, `"failures"`):], `"failures": []}`},
		{"no name", `"name": "two",`, ``},
		{"empty name", `"supplier": "B"`, `"supplier": ""`},
		{"name too long", `"supplier": "B"`, `"supplier": "` + strings.Repeat("B", 201) + `"`},
		{"unknown variant", `"1.6"`, `"9.99"`},
		{"variant twice", `"2.2"`, `"1.6"`},
		{"variant of no device", `"6.21"`, `"8.2"`},
		{"text for a list", `["1.6", "2.2"]`, `"1.6"`},
		{"comment that is no text", `"name": "two"`, `"name": "two", "// name": 2`},
	} {
		text := strings.Replace(good, c.old, c.new, 1)
		if text == good {
			t.Fatalf("%s: %q is not in the text", c.name, c.old)
		}
		if _, err := sim.ParseScenario(strings.NewReader(text)); err == nil {
			t.Errorf("%s: the parser takes it", c.name)
		}
		if satisfies(t, []byte(text)) == nil {
			t.Errorf("%s: the schema takes it", c.name)
		}
	}
}

func ExampleScenarioTemplate() {
	s, err := sim.ParseScenario(bytes.NewReader(sim.ScenarioTemplate()))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(s.Name, s.Failures[0].Supplier, s.Failures[0].Customers())
	// Output: mine Failing Energy 10100
}

// satisfies checks a file against the schema.
func satisfies(t *testing.T, text []byte) error {
	t.Helper()
	var schema map[string]any
	var value any
	if err := json.Unmarshal(sim.ScenarioSchema(), &schema); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &value); err != nil {
		t.Fatal(err)
	}
	return valid(schema, value, "the file")
}

// keywords are those of JSON Schema that valid knows. One that it does not know is an error, so that it cannot pass over what the schema says.
var keywords = []string{"$schema", "title", "description", "default", "type", "properties", "patternProperties", "additionalProperties", "required", "enum", "anyOf",
	"items", "minItems", "maxItems", "uniqueItems", "minimum", "maximum", "exclusiveMinimum", "minLength", "maxLength", "pattern"}

// valid is a small JSON Schema validator.
func valid(schema map[string]any, value any, at string) error {
	for k := range schema {
		if !slices.Contains(keywords, k) {
			return fmt.Errorf("%s: keyword %s is not known to the test", at, k)
		}
	}
	number := func(k string, otherwise float64) float64 {
		if n, ok := schema[k].(float64); ok {
			return n
		}
		return otherwise
	}
	if enum, ok := schema["enum"].([]any); ok && !slices.ContainsFunc(enum, func(x any) bool { return reflect.DeepEqual(x, value) }) {
		return fmt.Errorf("%s: %v is none of %v", at, value, enum)
	}
	if some, ok := schema["anyOf"].([]any); ok && !slices.ContainsFunc(some, func(s any) bool { return valid(s.(map[string]any), value, at) == nil }) {
		return fmt.Errorf("%s: satisfies none of %v", at, some)
	}
	is := ""
	switch v := value.(type) {
	case string:
		is = "string"
		if n := float64(utf8.RuneCountInString(v)); n < number("minLength", 0) || n > number("maxLength", 1e9) {
			return fmt.Errorf("%s: %v characters", at, n)
		}
		if p, ok := schema["pattern"].(string); ok && !regexp.MustCompile(p).MatchString(v) {
			return fmt.Errorf("%s: %q does not match %s", at, v, p)
		}
	case float64:
		if is = "number"; v == float64(int64(v)) && schema["type"] == "integer" {
			is = "integer"
		}
		if v < number("minimum", v) || v > number("maximum", v) || v <= number("exclusiveMinimum", v-1) {
			return fmt.Errorf("%s: %v is out of range", at, v)
		}
	case []any:
		is = "array"
		if n := float64(len(v)); n < number("minItems", 0) || n > number("maxItems", 1e9) {
			return fmt.Errorf("%s: %v items", at, n)
		}
		for i, x := range v {
			if schema["uniqueItems"] == true && slices.ContainsFunc(v[:i], func(y any) bool { return reflect.DeepEqual(x, y) }) {
				return fmt.Errorf("%s: %v is there twice", at, x)
			}
			if items, ok := schema["items"].(map[string]any); ok {
				if err := valid(items, x, fmt.Sprintf("%s[%d]", at, i)); err != nil {
					return err
				}
			}
		}
	case map[string]any:
		is = "object"
		if err := validFields(schema, v, at); err != nil {
			return err
		}
	}
	if want, ok := schema["type"].(string); ok && want != is {
		return fmt.Errorf("%s: %v is no %s", at, value, want)
	}
	return nil
}

func validFields(schema, value map[string]any, at string) error {
	required, _ := schema["required"].([]any)
	for _, name := range required {
		if _, ok := value[name.(string)]; !ok {
			return fmt.Errorf("%s: no %s", at, name)
		}
	}
	properties, _ := schema["properties"].(map[string]any)
	patterns, _ := schema["patternProperties"].(map[string]any)
	for name, v := range value {
		s, ok := properties[name].(map[string]any)
		for p := range patterns {
			if !ok && regexp.MustCompile(p).MatchString(name) {
				s, ok = patterns[p].(map[string]any)
			}
		}
		switch {
		case ok:
			if err := valid(s, v, at+"."+name); err != nil {
				return err
			}
		case schema["additionalProperties"] == false:
			return fmt.Errorf("%s: no field %s", at, name)
		}
	}
	return nil
}
