package sim

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/seed-db8551c1/lastresort/duis"
	"github.com/seed-db8551c1/lastresort/smki"
)

// commentPrefix begins the name of a field that is a comment.
const commentPrefix = "//"

// field is a field of a scenario file: what the parser knows, the schema says and the template shows.
type field struct {
	name     string
	shape    shape
	required bool
	example  string // its value in the template, as JSON; empty for one that is given elsewhere
	meaning  string
}

// shape is what the value of a field looks like.
type shape uint8

const (
	shapeText shape = iota
	shapeName
	shapeTexts
	shapeDate
	shapeCount
	shapeShare
	shapeFuels
	shapeVariant
	shapeVariants
	shapeAssumptions
	shapeFailures
	shapeSuppliers
)

// The fields of a scenario file, and of a failure and a supplier in it.
var (
	scenarioFields = []field{
		{"name", shapeName, true, `"mine"`, "name of the scenario"},
		{"about", shapeText, false, `"What it is, for people."`, "what it is, for people; its first sentence is what a list of scenarios shows"},
		{"sources", shapeTexts, false, `["where the facts come from"]`, "where its facts come from"},
		{"assumptions", shapeAssumptions, false, `{"revocation-gap": 0}`, "values in place of the defaults of assumptions, by name"},
		{"support", shapeVariants, false, `["2.2", "1.6", "1.5", "7.1", "7.3", "8.11", "7.5"]`, "the Service Request Variants that a SoLR asks an SRP to send (R9); by default all that the model sends in a failed supplier's name"},
		{"works", shapeVariant, false, `"8.11"`, "the variant that stands for emergency meter works; by default 8.11"},
		{"heating", shapeVariant, false, `"7.5"`, "the variant that stands for heating control; by default 7.5"},
		{"failures", shapeFailures, true, ``, "the suppliers that fail"},
		{"suppliers", shapeSuppliers, false, ``, "suppliers that do not fail, whose meters are enrolled too; a SoLR may be among them"},
	}
	failureFields = []field{
		{"supplier", shapeName, true, `"Failing Energy"`, "its name"},
		{"ceased", shapeDate, true, `"2021-12-01"`, "the day on which it ceased to trade"},
		{"solr", shapeName, true, `"Resort Energy"`, "the name of the Supplier of Last Resort, which may take on several, and may fail itself after the SoLR date"},
		{"solrDate", shapeDate, false, `"2021-12-05"`, "the day of the appointment, at 00:01 in London; by default four days after it ceased to trade"},
		domesticField, nonDomesticField, fuelsField, prepaymentField,
		{"srp", shapeName, false, `"Shared Services"`, "the name of the Shared Resource Provider, which may serve several; by default one of its own"},
		provenanceField, noteField,
	}
	supplierFields = []field{
		{"supplier", shapeName, true, `"Resort Energy"`, "its name"},
		domesticField, nonDomesticField, fuelsField, prepaymentField, provenanceField, noteField,
	}
)

// The fields that a failure and a supplier have in common.
var (
	domesticField    = field{"domestic", shapeCount, false, `10000`, "number of domestic customers"}
	nonDomesticField = field{"nonDomestic", shapeCount, false, `100`, "number of other customers"}
	fuelsField       = field{"fuels", shapeFuels, false, `"dual"`, "what it sells; by default both fuels"}
	prepaymentField  = field{"prepayment", shapeShare, false, `0.13`, "share of its domestic smart meters in prepayment mode, in place of the assumption"}
	provenanceField  = field{"provenance", shapeText, false, `"made up"`, "how surely the record is known"}
	noteField        = field{"note", shapeText, false, `"anything else"`, "anything else"}
)

// fields are those of the objects that a list of a shape holds; nil for other shapes.
func (s shape) fields() []field {
	switch s {
	case shapeFailures:
		return failureFields
	case shapeSuppliers:
		return supplierFields
	}
	return nil
}

func namesOf(fields []field) []string {
	names := make([]string, len(fields))
	for i := range fields {
		names[i] = fields[i].name
	}
	return names
}

// ScenarioSchema gives the JSON Schema (draft 2020-12) of the files that [ParseScenario] reads, for editors and other programs.
// It is made from the tables that the parser uses. What it cannot say, such as that a SoLR date follows the day of ceasing, the parser checks.
func ScenarioSchema() []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	_ = e.Encode(scenarioSchema()) // maps, lists, texts and numbers: it cannot fail
	return b.Bytes()
}

// object is a part of a schema. Its keys are written in alphabetical order.
type object = map[string]any

func scenarioSchema() object {
	o := objectSchema(scenarioFields)
	o["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	o["title"] = "lastresort scenario"
	o["description"] = "Supplier failures to simulate, as solrsim reads them."
	return o
}

func objectSchema(fields []field) object {
	properties, required := object{}, []string{}
	for i := range fields {
		f := &fields[i]
		s := f.shape.schema()
		s["description"] = f.meaning
		properties[f.name] = s
		if f.required {
			required = append(required, f.name)
		}
	}
	return closed(properties, required)
}

// closed is an object with no other fields than these and comments.
func closed(properties object, required []string) object {
	return object{
		"type": "object", "properties": properties, "required": required, "additionalProperties": false,
		"patternProperties": object{"^" + commentPrefix: object{"type": "string", "description": "a comment"}},
	}
}

func (s shape) schema() object {
	switch s {
	case shapeName:
		return object{"type": "string", "minLength": 1, "maxLength": maxNameBytes}
	case shapeTexts:
		return object{"type": "array", "items": object{"type": "string"}, "maxItems": maxFailures}
	case shapeDate:
		return object{"type": "string", "pattern": `^20[1-9][0-9]-[01][0-9]-[0-3][0-9]$`}
	case shapeCount:
		return object{"type": "integer", "minimum": 0, "maximum": maxCustomers}
	case shapeShare:
		return object{"type": "number", "minimum": 0, "maximum": 1}
	case shapeFuels:
		return object{"enum": fuelsNames[:]}
	case shapeVariant:
		return object{"enum": variants()}
	case shapeVariants:
		return object{"type": "array", "items": shapeVariant.schema(), "uniqueItems": true}
	case shapeAssumptions:
		return assumptionsSchema()
	case shapeFailures, shapeSuppliers:
		one := objectSchema(s.fields())
		some := object{"exclusiveMinimum": 0}
		one["anyOf"] = []object{
			{"required": []string{"domestic"}, "properties": object{"domestic": some}},
			{"required": []string{"nonDomestic"}, "properties": object{"nonDomestic": some}},
		}
		list := object{"type": "array", "items": one, "maxItems": maxFailures}
		if s == shapeFailures {
			list["minItems"] = 1
		}
		return list
	}
	return object{"type": "string"}
}

func assumptionsSchema() object {
	properties := object{}
	for i := range assumptions {
		a := &assumptions[i]
		s := object{"type": "number", "minimum": a.Min, "maximum": a.Max, "default": a.Default, "description": a.Meaning + " (" + a.Unit + ")"}
		if a.Unit == unitSwitch {
			s = object{"enum": []int{0, 1}, "default": a.Default, "description": a.Meaning}
		}
		properties[a.Name] = s
	}
	return closed(properties, []string{})
}

// variants are the Service Request Variants that a supplier may send to a device.
func variants() (all []string) {
	for _, v := range duis.SRVs() {
		if supplierSends(v) {
			all = append(all, v.String())
		}
	}
	return all
}

// supplierSends reports whether a supplier may send a variant to a device.
func supplierSends(v duis.SRV) bool {
	return !v.NonDevice() && v.Roles()&smki.RolesOf(smki.ImportSupplier, smki.GasSupplier) != 0
}

// ScenarioTemplate gives a scenario file to begin with: every field, with a comment that says what it is. [ParseScenario] reads it.
func ScenarioTemplate() []byte {
	var b bytes.Buffer
	b.WriteString("{\n")
	writeFields(&b, scenarioFields, "  ")
	b.WriteString("}\n")
	return b.Bytes()
}

// writeFields writes fields with their comments and examples.
func writeFields(b *bytes.Buffer, fields []field, indent string) {
	for i := range fields {
		f := &fields[i]
		f.write(b, indent)
		if of := f.shape.fields(); of != nil {
			b.WriteString("[\n" + indent + "  {\n")
			writeFields(b, of, indent+"    ")
			b.WriteString(indent + "  }\n" + indent + "]")
		} else {
			b.WriteString(f.example)
		}
		if i < len(fields)-1 {
			b.WriteString(",")
		}
		b.WriteString("\n")
	}
}

// write writes the comment of a field and its name.
func (f *field) write(b *bytes.Buffer, indent string) {
	need := ""
	if f.required {
		need = "; it must be given"
	}
	fmt.Fprintf(b, "%s%q: %q,\n%s%q: ", indent, commentPrefix+" "+f.name, f.meaning+need, indent, f.name)
}
