package sim

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/seed-db8551c1/lastresort/duis"
)

// ScenarioError says what is wrong with a scenario file, and where.
type ScenarioError struct {
	Line     int    // from 1
	Field    string // such as "failures[3].ceased"; empty for the file as a whole
	Expected string // what would have been right
}

func (e *ScenarioError) Error() string { return faultText("scenario", e.Line, e.Field, e.Expected) }

// faultText says what is wrong with a file of a kind, and where.
func faultText(file string, line int, field, expected string) string {
	where := fmt.Sprintf("sim: %s, line %d: ", file, line)
	if field != "" {
		where += field + ": "
	}
	return where + "expected " + expected
}

// The limits on a scenario file. The customers are those of Great Britain, 29 million households and the businesses, with some room. A run of so many holds at most two meters of each,
// of 64 bytes (BenchmarkEstate): 4.5 GB.
const (
	maxScenarioBytes = 1 << 20
	maxFailures      = 1000
	maxCustomers     = 35_000_000 // together
	maxNameBytes     = 200
	maxSoLRDateLag   = 60                       // days
	maxScenarioSpan  = 3 * 366 * 24 * time.Hour // from the first to the last date of ceasing
)

// ParseScenario reads a scenario file: one JSON object of the shape of [Scenario].
//
//	{
//	  "name": "small",
//	  "assumptions": {"revocation-gap": 2},
//	  "failures": [
//	    {"supplier": "Avro Energy", "ceased": "2021-09-22", "solr": "Octopus Energy", "solrDate": "2021-09-26", "domestic": 580000}
//	  ]
//	}
//
// Its fields, and those of a failure, are described in the JSON Schema that [ScenarioSchema] gives, and in the file that [ScenarioTemplate] gives to begin with.
//
// Only name and failures, and in each failure supplier, ceased, solr and a number of customers, must be there.
// A field whose name begins with // is a comment, a text that means nothing.
//
// Where a SoLR fails itself, its own SoLR is the next one, from its own SoLR date on, of every failure of which it was SoLR (R15). Whom it had moved to its own systems by then is among its
// own customers, and so in the numbers of its own record.
//
// Nothing is guessed: a field that is not known or given twice, a share outside its range, a SoLR date before the supplier ceased, text after the object or a file that
// ends too early is an error. Every error is a [*ScenarioError] that names the line.
func ParseScenario(r io.Reader) (*Scenario, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxScenarioBytes+1))
	if err != nil {
		return nil, fmt.Errorf("sim: reading a scenario: %w", err)
	}
	if len(text) > maxScenarioBytes {
		return nil, &ScenarioError{Line: 1, Expected: fmt.Sprintf("a file of at most %d bytes", maxScenarioBytes)}
	}
	p := &parser{format: &scenarioFormat, text: text, ends: make(map[string]int64)}
	var raw rawScenario
	if err := p.read(&raw); err != nil {
		return nil, err
	}
	return p.scenario(&raw)
}

// parser knows where in the file each field is.
type parser struct {
	*format
	text []byte
	ends map[string]int64 // offset after the value of each field, or after the bracket that begins it
	dec  *json.Decoder
}

// format is what a file may look like.
type format struct {
	holds string                                       // what the file holds
	known func(path string) []string                   // the fields that an object at a path may have; nil for no object
	list  func(path string) bool                       // whether there may be a list at a path
	fault func(line int, field, expected string) error // the error of this format
}

var scenarioFormat = format{
	holds: "scenario",
	known: knownInScenario,
	list: func(path string) bool {
		return path == "failures" || path == "suppliers" || path == "sources" || path == "support"
	},
	fault: func(line int, field, expected string) error { return &ScenarioError{line, field, expected} },
}

// read reads the file into raw, which has the format's fields.
func (p *parser) read(raw any) error {
	if err := p.walk(); err != nil {
		return err
	}
	if err := json.Unmarshal(p.text, raw); err != nil {
		return p.typeError(err)
	}
	return nil
}

// knownInScenario lists the fields that an object at a path of a scenario may have.
func knownInScenario(path string) []string {
	switch {
	case path == "":
		return namesOf(scenarioFields)
	case path == "assumptions":
		return assumptionNames()
	case strings.HasPrefix(path, "failures[") && !strings.Contains(path, "."):
		return namesOf(failureFields)
	case strings.HasPrefix(path, "suppliers[") && !strings.Contains(path, "."):
		return namesOf(supplierFields)
	}
	return nil
}

func assumptionNames() []string {
	names := make([]string, len(assumptions))
	for i := range assumptions {
		names[i] = assumptions[i].Name
	}
	return names
}

func (p *parser) lineAt(offset int64) int {
	n := min(max(int(offset), 0), len(p.text))
	return 1 + bytes.Count(p.text[:n], []byte("\n"))
}

// last is the last line that has any text.
func (p *parser) last() int { return p.lineAt(int64(len(bytes.TrimRight(p.text, " \t\r\n")))) }

// walk reads the file token by token: it finds where each field is, and what is not a field.
func (p *parser) walk() error {
	p.dec = json.NewDecoder(bytes.NewReader(p.text))
	if err := p.value(""); err != nil {
		return err
	}
	if _, err := p.dec.Token(); err != io.EOF {
		return p.fault(p.last(), "", "nothing after the end of the "+p.holds)
	}
	return nil
}

// fail says what is wrong with a field, on its line, or on that of what it is missing in.
func (p *parser) fail(path, format string, args ...any) error {
	in := path
	for !p.given(in) && in != "" {
		in = in[:max(0, strings.LastIndexAny(in, ".["))]
	}
	return p.fault(p.lineAt(p.ends[in]), path, fmt.Sprintf(format, args...))
}

// given reports whether a field is in the file.
func (p *parser) given(path string) bool { return p.ends[path] != 0 }

func (p *parser) token() (json.Token, error) {
	t, err := p.dec.Token()
	if err == nil {
		return t, nil
	}
	var syntax *json.SyntaxError
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return nil, p.fault(p.last(), "", "the rest of the "+p.holds+", not the end of the file")
	case errors.As(err, &syntax):
		return nil, p.fault(p.lineAt(syntax.Offset), "", "JSON, not what follows ("+syntax.Error()+")")
	}
	return nil, p.fault(p.lineAt(p.dec.InputOffset()), "", "JSON ("+err.Error()+")")
}

func (p *parser) value(path string) error {
	t, err := p.token()
	if err != nil {
		return err
	}
	p.ends[path] = p.dec.InputOffset()
	switch t {
	case json.Delim('{'):
		return p.object(path)
	case json.Delim('['):
		return p.array(path)
	case nil:
		return p.fail(path, "a value, not null")
	}
	if path == "" {
		return p.fail("", "%s", p.expects(""))
	}
	return nil
}

// expects says of which form a value at a path is.
func (p *parser) expects(path string) string {
	switch {
	case path == "":
		return "an object with the fields " + list(p.known(""))
	case p.known(path) != nil:
		return "an object"
	case p.format.list(path):
		return "a list"
	}
	return "a single value"
}

func (p *parser) object(path string) error {
	allowed := p.known(path)
	if allowed == nil {
		return p.fail(path, "%s, not an object", p.expects(path))
	}
	for p.dec.More() {
		t, err := p.token()
		if err != nil {
			return err
		}
		name, _ := t.(string)
		field := name
		if path != "" {
			field = path + "." + name
		}
		if !slices.Contains(allowed, name) && !strings.HasPrefix(name, commentPrefix) {
			return p.fault(p.lineAt(p.dec.InputOffset()), clip(field), "one of the fields "+list(allowed))
		}
		if p.given(field) {
			return p.fault(p.lineAt(p.dec.InputOffset()), field, "the field once")
		}
		if strings.HasPrefix(name, commentPrefix) {
			if err := p.comment(field); err != nil {
				return err
			}
			continue
		}
		if err := p.value(field); err != nil {
			return err
		}
	}
	_, err := p.token()
	return err
}

// comment reads the value of a field that is a comment.
func (p *parser) comment(field string) error {
	t, err := p.token()
	if err != nil {
		return err
	}
	if p.ends[field] = p.dec.InputOffset(); !isText(t) {
		return p.fail(field, "a text, since it is a comment")
	}
	return nil
}

func isText(t json.Token) bool {
	_, ok := t.(string)
	return ok
}

func (p *parser) array(path string) error {
	if !p.format.list(path) {
		return p.fail(path, "%s, not a list", p.expects(path))
	}
	for i := 0; p.dec.More(); i++ {
		if i == maxFailures {
			return p.fail(path, "at most %d", maxFailures)
		}
		if err := p.value(fmt.Sprintf("%s[%d]", path, i)); err != nil {
			return err
		}
	}
	_, err := p.token()
	return err
}

// isName reports whether a text can name a party or a scenario: it is printed in tables and compared byte by byte.
func isName(s string) bool {
	return s != "" && len(s) <= maxNameBytes && s == strings.TrimSpace(s) && !strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) })
}

// nameRule says what a name must be like.
func nameRule(what string) string {
	return fmt.Sprintf("%s: one line of up to %d bytes without blanks around it", what, maxNameBytes)
}

func list(names []string) string { return strings.Join(names, ", ") }

// clip makes a text of a file fit to be shown in one line.
func clip(s string) string {
	end := ""
	if len(s) > 64 {
		s, end = s[:64], "…"
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return unicode.ReplacementChar
	}, s) + end
}

func (p *parser) typeError(err error) error {
	var t *json.UnmarshalTypeError
	if !errors.As(err, &t) {
		return p.fault(p.last(), "", "a "+p.holds+" ("+err.Error()+")")
	}
	what := "a whole number"
	switch t.Type.Kind() {
	case reflect.Uint64:
		what = "a whole number from 0"
	case reflect.String:
		what = "a text"
	case reflect.Float64:
		what = "a number"
	case reflect.Slice:
		what = "a list"
	case reflect.Struct, reflect.Map:
		what = "an object"
	}
	field := t.Field // without the positions in lists
	for path, end := range p.ends {
		if end == t.Offset {
			field = path
		}
	}
	kind, _, _ := strings.Cut(t.Value, " ") // of a number the digits follow
	got := "a " + kind
	if text := bytes.TrimSpace(p.text[:t.Offset]); kind == "number" {
		got = clip(string(text[bytes.LastIndexAny(text, " \t\n\r:,[")+1:]))
	}
	return p.fault(p.lineAt(t.Offset), field, what+", not "+got)
}

// rawScenario is a scenario as the file has it: dates, fuels and Service Request Variants are text still.
type rawScenario struct {
	Name        string         `json:"name"`
	About       string         `json:"about"`
	Sources     []string       `json:"sources"`
	Assumptions map[string]any `json:"assumptions"` // with comments
	Support     []string       `json:"support"`
	Works       string         `json:"works"`
	Heating     string         `json:"heating"`
	Failures    []rawFailure   `json:"failures"`
	Suppliers   []rawSupplier  `json:"suppliers"`
}

type rawSupplier struct {
	Supplier    string   `json:"supplier"`
	Domestic    int      `json:"domestic"`
	NonDomestic int      `json:"nonDomestic"`
	Fuels       string   `json:"fuels"`
	Prepayment  *float64 `json:"prepayment"`
	Provenance  string   `json:"provenance"`
	Note        string   `json:"note"`
}

type rawFailure struct {
	Supplier    string   `json:"supplier"`
	Ceased      string   `json:"ceased"`
	SoLR        string   `json:"solr"`
	SoLRDate    string   `json:"solrDate"`
	Domestic    int      `json:"domestic"`
	NonDomestic int      `json:"nonDomestic"`
	Fuels       string   `json:"fuels"`
	Prepayment  *float64 `json:"prepayment"`
	SRP         string   `json:"srp"`
	Provenance  string   `json:"provenance"`
	Note        string   `json:"note"`
}

// scenario turns the file into a Scenario, or says what in it cannot be.
func (p *parser) scenario(raw *rawScenario) (*Scenario, error) {
	s := &Scenario{Name: raw.Name, About: raw.About}
	// An empty list or object says as little as none, so a scenario has one form.
	if len(raw.Sources) > 0 {
		s.Sources = raw.Sources
	}
	if !isName(s.Name) {
		return nil, p.fail("name", "%s", nameRule("a name for the scenario"))
	}
	for i := range assumptions {
		a := &assumptions[i]
		x, given := raw.Assumptions[a.Name]
		if !given {
			continue
		}
		v, number := x.(float64)
		if !number || !a.takes(v) {
			got, _ := json.Marshal(x) // which has no value that cannot be marshalled
			return nil, p.fail("assumptions."+a.Name, "%s, not %s", a.span(), clip(string(got)))
		}
		if s.Assumptions == nil {
			s.Assumptions = make(map[string]float64)
		}
		s.Assumptions[a.Name] = v
	}
	if _, err := assume(s.Assumptions); err != nil {
		return nil, p.fail("assumptions", "values that go together (%s)", err)
	}
	if err := p.requests(s, raw); err != nil {
		return nil, err
	}
	if len(raw.Failures) == 0 {
		return nil, p.fail("failures", "at least one failure")
	}
	for i := range raw.Failures {
		f, err := p.failure(fmt.Sprintf("failures[%d]", i), &raw.Failures[i])
		if err != nil {
			return nil, err
		}
		s.Failures = append(s.Failures, f)
	}
	for i := range raw.Suppliers {
		x, err := p.supplier(fmt.Sprintf("suppliers[%d]", i), &raw.Suppliers[i])
		if err != nil {
			return nil, err
		}
		s.Suppliers = append(s.Suppliers, x)
	}
	if err := p.together(s); err != nil {
		return nil, err
	}
	return s, nil
}

// requests reads the Service Request Variants of the scenario.
func (p *parser) requests(s *Scenario, raw *rawScenario) error {
	for i, text := range raw.Support {
		path := fmt.Sprintf("support[%d]", i)
		srv, err := p.srv(path, text)
		if err != nil {
			return err
		}
		if slices.Contains(s.Support, srv) {
			return p.fail(path, "each Service Request Variant once, not %v again", srv)
		}
		s.Support = append(s.Support, srv)
	}
	for _, x := range []struct {
		path, text string
		to         *duis.SRV
	}{{"works", raw.Works, &s.Works}, {"heating", raw.Heating, &s.Heating}} {
		if !p.given(x.path) {
			continue
		}
		srv, err := p.srv(x.path, x.text)
		if err != nil {
			return err
		}
		*x.to = srv
	}
	return nil
}

// srv reads a Service Request Variant that a supplier may send to a device.
func (p *parser) srv(path, text string) (duis.SRV, error) {
	srv, err := duis.ParseSRV(text)
	switch {
	case err != nil:
		return 0, p.fail(path, "a Service Request Variant of DUIS V5.4, such as 1.6 or 8.11, not %q", clip(text))
	case !supplierSends(srv):
		return 0, p.fail(path, "a Service Request Variant that a supplier may send to a device, not %v %s", srv, srv.Name())
	}
	return srv, nil
}

// in gives a way to say what is wrong with a field of an object.
func (p *parser) in(path string) func(field, format string, args ...any) error {
	return func(field, format string, args ...any) error { return p.fail(path+"."+field, format, args...) }
}

// portfolioFuels checks the customers of a supplier, and reads the fuels that they take.
func portfolioFuels(fail func(field, format string, args ...any) error, domestic, nonDomestic int, prepayment *float64, fuels string) (Fuels, error) {
	i := slices.Index(fuelsNames[:], fuels)
	switch {
	case domestic < 0 || domestic > maxCustomers:
		return 0, fail("domestic", "a number of customers from 0 to %d, not %d", maxCustomers, domestic)
	case nonDomestic < 0 || nonDomestic > maxCustomers:
		return 0, fail("nonDomestic", "a number of customers from 0 to %d, not %d", maxCustomers, nonDomestic)
	case domestic+nonDomestic == 0:
		return 0, fail("domestic", "at least one customer, domestic or not")
	case prepayment != nil && !(*prepayment >= 0 && *prepayment <= 1):
		return 0, fail("prepayment", "a share from 0 to 1, not %v", *prepayment)
	case fuels != "" && i < 0:
		return 0, fail("fuels", "one of %s, not %q", list(fuelsNames[:]), clip(fuels))
	}
	return Fuels(max(i, 0)), nil
}

func (p *parser) failure(path string, raw *rawFailure) (f Failure, err error) {
	f = Failure{Supplier: raw.Supplier, SoLR: raw.SoLR, Domestic: raw.Domestic, NonDomestic: raw.NonDomestic,
		Prepayment: raw.Prepayment, SRP: raw.SRP, Provenance: raw.Provenance, Note: raw.Note}
	fail := p.in(path)
	switch {
	case !isName(f.Supplier):
		return f, fail("supplier", "%s", nameRule("the name of the failed supplier"))
	case !isName(f.SoLR):
		return f, fail("solr", "%s", nameRule("the name of the Supplier of Last Resort"))
	case f.SRP != "" && !isName(f.SRP):
		return f, fail("srp", "%s", nameRule("the name of the Shared Resource Provider"))
	case f.Supplier == f.SoLR:
		return f, fail("solr", "another supplier than the one that failed")
	}
	if f.Fuels, err = portfolioFuels(fail, f.Domestic, f.NonDomestic, f.Prepayment, raw.Fuels); err != nil {
		return f, err
	}
	var ok bool
	if f.Ceased, ok = parseDate(raw.Ceased); !ok {
		return f, fail("ceased", "a date such as 2021-09-22, between 2015 and 2099, not %q", clip(raw.Ceased))
	}
	if raw.SoLRDate != "" {
		if f.SoLRDate, ok = parseDate(raw.SoLRDate); !ok {
			return f, fail("solrDate", "a date such as 2021-09-26, between 2015 and 2099, not %q", clip(raw.SoLRDate))
		}
		if f.SoLRDate.before(f.Ceased) || f.Ceased.add(maxSoLRDateLag).before(f.SoLRDate) {
			return f, fail("solrDate", "a date from %v, when the supplier ceased to trade, to %d days later, not %v", f.Ceased, maxSoLRDateLag, f.SoLRDate)
		}
	}
	return f, nil
}

func (p *parser) supplier(path string, raw *rawSupplier) (x Supplier, err error) {
	x = Supplier{Name: raw.Supplier, Domestic: raw.Domestic, NonDomestic: raw.NonDomestic, Prepayment: raw.Prepayment, Provenance: raw.Provenance, Note: raw.Note}
	fail := p.in(path)
	if !isName(x.Name) {
		return x, fail("supplier", "%s", nameRule("the name of a supplier"))
	}
	x.Fuels, err = portfolioFuels(fail, x.Domestic, x.NonDomestic, x.Prepayment, raw.Fuels)
	return x, err
}

// together checks what no failure shows alone.
func (p *parser) together(s *Scenario) error {
	failed := make(map[string]int)
	for i := range s.Failures {
		f := &s.Failures[i]
		if first, twice := failed[f.Supplier]; twice {
			return p.fail(fmt.Sprintf("failures[%d].supplier", i), "another supplier than %q, which failures[%d] has already", f.Supplier, first)
		}
		failed[f.Supplier] = i
	}
	for i := range s.Failures {
		f := &s.Failures[i]
		if j, both := failed[f.SoLR]; both && !f.solrDate().before(s.Failures[j].Ceased) {
			return p.fail(fmt.Sprintf("failures[%d].solr", i), "a SoLR that trades past the SoLR date, %v, but %q ceased to trade on %v", f.solrDate(), f.SoLR, s.Failures[j].Ceased)
		}
	}
	others := make(map[string]int)
	for i := range s.Suppliers {
		name := s.Suppliers[i].Name
		if j, fails := failed[name]; fails {
			return p.fail(fmt.Sprintf("suppliers[%d].supplier", i), "a supplier that does not fail, not %q, whose customers are those of failures[%d]", name, j)
		}
		if first, twice := others[name]; twice {
			return p.fail(fmt.Sprintf("suppliers[%d].supplier", i), "another supplier than %q, which suppliers[%d] has already", name, first)
		}
		others[name] = i
	}
	first, last := s.Failures[0].Ceased, s.Failures[0].Ceased
	for i := range s.Failures {
		if c := s.Failures[i].Ceased; c.before(first) {
			first = c
		} else if last.before(c) {
			last = c
		}
	}
	if span := last.Midnight().Sub(first.Midnight()); span > maxScenarioSpan {
		return p.fail("failures", "failures within %d days, not from %v to %v", int(maxScenarioSpan.Hours()/24), first, last)
	}
	if n := s.allCustomers(); n > maxCustomers {
		return p.fail("failures", "at most %d customers of all suppliers together, not %d", maxCustomers, n)
	}
	return nil
}

func parseDate(s string) (Date, bool) {
	t, err := time.Parse(dateLayout, s)
	if err != nil || t.Year() < 2015 || t.Year() > 2099 {
		return Date{}, false
	}
	y, m, d := t.Date()
	return Date{y, m, d}, true
}
