package sim_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/seed-db8551c1/lastresort/duis"
	"github.com/seed-db8551c1/lastresort/sim"
)

const good = `{
  "name": "two",
  "assumptions": {"revocation-gap": 2},
  "support": ["1.6", "2.2"], "works": "6.21", "heating": "7.6", "suppliers": [{"supplier": "X", "domestic": 7, "fuels": "electricity", "prepayment": 0.25, "provenance": "made up", "note": "none"}, {"supplier": "Z", "nonDomestic": 1}],
  "failures": [
    {"supplier": "A", "ceased": "2021-09-22", "solr": "X", "solrDate": "2021-09-26", "domestic": 100},
    {"supplier": "B", "ceased": "2021-09-23", "solr": "X", "nonDomestic": 5, "fuels": "gas", "prepayment": 0.5, "srp": "S", "provenance": "made up", "note": "none"}
  ]
}
`

func TestParseScenario(t *testing.T) {
	s, err := sim.ParseScenario(strings.NewReader(good))
	if err != nil {
		t.Fatal(err)
	}
	half, quarter := 0.5, 0.25
	want := &sim.Scenario{Name: "two", Assumptions: map[string]float64{"revocation-gap": 2},
		Support: []duis.SRV{duis.UpdatePaymentMode, duis.TopUpDevice}, Works: duis.RequestHandoverOfDCCControlledDevice, Heating: duis.DeactivateAuxiliaryLoad, Failures: []sim.Failure{
			{Supplier: "A", Ceased: sim.Date{2021, 9, 22}, SoLR: "X", SoLRDate: sim.Date{2021, 9, 26}, Domestic: 100},
			{Supplier: "B", Ceased: sim.Date{2021, 9, 23}, SoLR: "X", NonDomestic: 5, Fuels: sim.GasOnly, Prepayment: &half, SRP: "S", Provenance: "made up", Note: "none"},
		}, Suppliers: []sim.Supplier{
			{Name: "X", Domestic: 7, Fuels: sim.ElectricityOnly, Prepayment: &quarter, Provenance: "made up", Note: "none"},
			{Name: "Z", NonDomestic: 1},
		}}
	if diff := cmp.Diff(want, s); diff != "" {
		t.Error(diff)
	}
	if s.Customers() != 105 {
		t.Errorf("%d customers, want 105", s.Customers())
	}
}

// Each mistake gives one line that says where it is and what was expected.
func TestParseScenarioRefuses(t *testing.T) {
	for _, c := range []struct{ name, old, new, want string }{
		{"unknown field", `"name": "two"`, `"title": "two"`, `line 2: title: expected one of the fields name,`},
		{"unknown field of a failure", `"nonDomestic": 5`, `"non-domestic": 5`, `line 7: failures[1].non-domestic: expected one of the fields supplier,`},
		{"unknown assumption", `"revocation-gap": 2`, `"gap": 2`, `line 3: assumptions.gap: expected one of the fields`},
		{"other spelling of a field", `"supplier": "A"`, `"Supplier": "A"`, `line 6: failures[0].Supplier: expected one of the fields`},
		{"field of two lines", `"name": "two"`, `"name\nof": "two"`, "line 2: name\ufffdof: expected one of the fields name,"},
		{"field twice", `"supplier": "A",`, `"supplier": "A", "supplier": "C",`, `line 6: failures[0].supplier: expected the field once`},
		{"negative share", `"prepayment": 0.5`, `"prepayment": -0.5`, `line 7: failures[1].prepayment: expected a share from 0 to 1, not -0.5`},
		{"share above 1", `"prepayment": 0.5`, `"prepayment": 1.5`, `line 7: failures[1].prepayment: expected a share from 0 to 1, not 1.5`},
		{"assumption out of range", `"revocation-gap": 2`, `"revocation-gap": -1`, `line 3: assumptions.revocation-gap: expected a number of days from 0 to 30, not -1`},
		{"assumption as a text", `"revocation-gap": 2`, `"// gap": "none", "revocation-gap": "2 days"`, `line 3: assumptions.revocation-gap: expected a number of days from 0 to 30, not "2 days"`},
		{"assumptions that do not go together", `"revocation-gap": 2`, `"credit-max": 0.5`, `line 3: assumptions: expected values that go together (sim: assumption credit-max: expected at least 1`},
		{"negative customers", `"domestic": 100`, `"domestic": -100`, `line 6: failures[0].domestic: expected a number of customers from 0`},
		{"half a customer", `"domestic": 100`, `"domestic": 0.5`, `line 6: failures[0].domestic: expected a whole number, not 0.5`},
		{"no customers", `"nonDomestic": 5`, `"nonDomestic": 0`, `line 7: failures[1].domestic: expected at least one customer`},
		{"impossible date order", `"solrDate": "2021-09-26"`, `"solrDate": "2021-09-21"`, `line 6: failures[0].solrDate: expected a date from 2021-09-22`},
		{"SoLR date far off", `"solrDate": "2021-09-26"`, `"solrDate": "2022-09-26"`, `line 6: failures[0].solrDate: expected a date from 2021-09-22`},
		{"no such day", `"ceased": "2021-09-22"`, `"ceased": "2021-09-31"`, `line 6: failures[0].ceased: expected a date such as 2021-09-22`},
		{"no date", `"ceased": "2021-09-22", `, ``, `line 6: failures[0].ceased: expected a date`},
		{"date as a number", `"ceased": "2021-09-22"`, `"ceased": 20210922`, `line 6: failures[0].ceased: expected a text, not 20210922`},
		{"no such fuels", `"fuels": "gas"`, `"fuels": "coal"`, `line 7: failures[1].fuels: expected one of dual, electricity, gas, not "coal"`},
		{"no SoLR", `"solr": "X", "solrDate"`, `"solrDate"`, `line 6: failures[0].solr: expected the name`},
		{"its own SoLR", `"supplier": "B"`, `"supplier": "X"`, `line 7: failures[1].solr: expected another supplier`},
		{"SoLR fails too", `"supplier": "B", "ceased": "2021-09-23", "solr": "X"`, `"supplier": "X", "ceased": "2021-09-23", "solr": "Y"`, `line 6: failures[0].solr: expected a SoLR that trades past the SoLR date, 2021-09-26, but "X" ceased to trade on 2021-09-23`},
		{"supplier twice", `"supplier": "B"`, `"supplier": "A"`, `line 7: failures[1].supplier: expected another supplier than "A", which failures[0] has already`},
		{"supplier that fails and does not", `"supplier": "Z"`, `"supplier": "B"`, `line 4: suppliers[1].supplier: expected a supplier that does not fail, not "B", whose customers are those of failures[1]`},
		{"supplier twice that does not fail", `"supplier": "Z"`, `"supplier": "X"`, `line 4: suppliers[1].supplier: expected another supplier than "X", which suppliers[0] has already`},
		{"supplier without a name", `"supplier": "Z", `, ``, `line 4: suppliers[1].supplier: expected the name of a supplier: one line`},
		{"supplier without customers", `"nonDomestic": 1`, `"nonDomestic": 0`, `line 4: suppliers[1].domestic: expected at least one customer`},
		{"unknown field of a supplier", `"nonDomestic": 1`, `"nonDomestic": 1, "solr": "X"`, `line 4: suppliers[1].solr: expected one of the fields supplier,`},
		{"no such fuels of a supplier", `"electricity"`, `"coal"`, `line 4: suppliers[0].fuels: expected one of dual, electricity, gas, not "coal"`},
		{"more customers than the country", `"nonDomestic": 1`, `"nonDomestic": 35000000`, `line 5: failures: expected at most 35000000 customers of all suppliers together, not 35000112`},
		{"unknown SRV", `"1.6"`, `"9.99"`, `line 4: support[0]: expected a Service Request Variant of DUIS V5.4, such as 1.6 or 8.11, not "9.99"`},
		{"SRV of no device", `"6.21"`, `"8.2"`, `line 4: works: expected a Service Request Variant that a supplier may send to a device, not 8.2 Read Inventory`},
		{"SRV of nobody", `"7.6"`, `"7.16"`, `line 4: heating: expected a Service Request Variant that a supplier may send`},
		{"no SRV", `"7.6"`, `""`, `line 4: heating: expected a Service Request Variant of DUIS V5.4`},
		{"SRV as a number", `"7.6"`, `7.6`, `line 4: heating: expected a text, not 7.6`},
		{"SRV twice", `"2.2"`, `"1.6"`, `line 4: support[1]: expected each Service Request Variant once`},
		{"name of two lines", `"name": "two"`, `"name": "two\nlines"`, `line 2: name: expected a name for the scenario: one line`},
		{"name with blanks", `"supplier": "B"`, `"supplier": "B "`, `line 7: failures[1].supplier: expected the name of the failed supplier: one line`},
		{"name too long", `"srp": "S"`, `"srp": "` + strings.Repeat("S", 201) + `"`, `line 7: failures[1].srp: expected the name of the Shared Resource Provider: one line of up to 200 bytes`},
		{"comment that is no text", `"name": "two"`, `"// name": 2`, `line 2: // name: expected a text, since it is a comment`},
		{"comment twice", `"name": "two"`, `"// name": "", "// name": "",`, `line 2: // name: expected the field once`},
		{"null", "\"none\"}\n  ]", "null}\n  ]", `line 7: failures[1].note: expected a value, not null`},
		{"text after the end", "}\n  ]\n}", "}\n  ]\n}\n{}", `line 10: expected nothing after the end`},
		{"no failures", good[strings.Index(good, `"failures"`):], `"failures": []}`, `line 5: failures: expected at least one failure`},
		{"no name", `"name": "two"`, `"name": " "`, `line 2: name: expected a name`},
		{"list for an object", `{"revocation-gap": 2}`, `[2]`, `line 3: assumptions: expected an object, not a list`},
		{"object for a list", `["1.6", "2.2"]`, `{}`, `line 4: support: expected a list, not an object`},
		{"object for a text", "\"none\"}\n  ]", "{}}\n  ]", `line 7: failures[1].note: expected a single value, not an object`},
		{"cut short", good[len(good)-40:], ``, `line 7: expected the rest of the scenario, not the end of the file`},
		{"cut short in a word", good[150:], ``, `the end of the file`},
		{"empty", good, ``, `line 1: expected the rest of the scenario, not the end of the file`},
		{"no JSON", good, `name: two`, `line 1: expected JSON`},
		{"another value", good, `[]`, `line 1: expected an object with the fields name, about, sources, assumptions, support, works, heating, failures, suppliers, not a list`},
		{"a number", good, `7`, `line 1: expected an object`},
	} {
		text := strings.Replace(good, c.old, c.new, 1)
		if text == good {
			t.Fatalf("%s: %q is not in the text", c.name, c.old)
		}
		s, err := sim.ParseScenario(strings.NewReader(text))
		var e *sim.ScenarioError
		if s != nil || !errors.As(err, &e) || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: error %q; want one line with %q", c.name, err, c.want)
		}
	}
}

// A scenario cut short anywhere is no scenario.
func TestParseScenarioCutShort(t *testing.T) {
	whole := strings.TrimSpace(good)
	for n := range whole {
		if _, err := sim.ParseScenario(strings.NewReader(whole[:n])); err == nil {
			t.Fatalf("the first %d bytes are taken for a scenario", n)
		}
	}
}

// What is read can be written and read again, and run; nothing makes the parser panic, and every error is one line.
func FuzzParseScenario(f *testing.F) {
	f.Fuzz(func(t *testing.T, text string) {
		s, err := sim.ParseScenario(strings.NewReader(text))
		if err != nil {
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("error of more than one line: %q", err)
			}
			return
		}
		b, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		again, err := sim.ParseScenario(strings.NewReader(string(b)))
		if err != nil {
			t.Fatalf("written as %s, which is refused: %v", b, err)
		}
		if diff := cmp.Diff(s, again); diff != "" {
			t.Error(diff)
		}
		if err := satisfies(t, b); err != nil {
			t.Errorf("%s is taken, but not by the schema: %v", b, err)
		}
		customers := s.Customers()
		for i := range s.Suppliers {
			customers += s.Suppliers[i].Domestic + s.Suppliers[i].NonDomestic
		}
		if len(s.Failures) > 3 || len(s.Suppliers) > 3 || customers > 20 {
			return // takes too long here
		}
		s.Assumptions = map[string]float64{"horizon": 1}
		if _, err := (&sim.Experiment{Scenario: s}).Replicate(t.Context(), 0); err != nil {
			t.Errorf("%s cannot be run: %v", b, err)
		}
	})
}
