package duis_test

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/seed-db8551c1/lastresort/duis"
	"github.com/seed-db8551c1/lastresort/smki"
)

// sourceRow is one row of srv.tsv as text: what the generated table must say, read without its help.
type sourceRow struct {
	SRV, Reference, Name, Critical, OnDemand, Future, DCCScheduled, NonDevice, Roles, Body string
}

func sourceRows() []sourceRow {
	var all []sourceRow
	for _, c := range tsv("srv.tsv") {
		all = append(all, sourceRow{c[0], c[1], c[2], c[3], c[4], c[5], c[6], c[7], c[8], c[9]})
	}
	return all
}

func tsv(file string) (rows [][]string) {
	text, err := os.ReadFile(file)
	if err != nil {
		panic(err)
	}
	for line := range strings.Lines(string(text)) {
		rows = append(rows, strings.Split(strings.TrimSuffix(line, "\n"), "\t"))
	}
	return rows[1:]
}

// The generated table is the one that srv.tsv describes, row by row and in its order. If this fails, run go generate.
func TestSRVTableIsCurrent(t *testing.T) {
	yes := map[bool]string{true: "yes", false: "no"}
	future := map[duis.FutureDating]string{duis.NotFutureDated: "no", duis.HeldByDSP: "dsp", duis.HeldByDevice: "device", duis.HeldByDSP | duis.HeldByDevice: "dsp+device"}
	var got []sourceRow
	for _, v := range duis.SRVs() {
		var roles []string
		for _, r := range v.Roles().All() {
			roles = append(roles, r.String())
		}
		slices.Sort(roles) // as srv.tsv has them
		got = append(got, sourceRow{v.String(), v.Reference(), v.Name(), yes[v.Critical()], yes[v.OnDemand()], future[v.FutureDating()],
			yes[v.DCCScheduled()], yes[v.NonDevice()], strings.Join(roles, ","), v.BodyElement()})
	}
	if diff := cmp.Diff(sourceRows(), got); diff != "" {
		t.Errorf("tables.go is not what srv.tsv says (-srv.tsv +tables.go):\n%s", diff)
	}
}

// The constants are named for the element of the body, and count as the rows do; those of the codes are named for the code.
func TestGeneratedConstantsAreCurrent(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "tables.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var srvs, codes []string
	for _, d := range file.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.CONST {
			continue
		}
		typ := ""
		for _, s := range g.Specs {
			v := s.(*ast.ValueSpec)
			if v.Type != nil {
				typ = v.Type.(*ast.Ident).Name
			}
			switch typ {
			case "SRV":
				srvs = append(srvs, v.Names[0].Name)
			case "Code":
				codes = append(codes, v.Names[0].Name+" "+v.Values[0].(*ast.BasicLit).Value)
			}
		}
	}
	var wantSRVs, wantCodes []string
	for _, r := range sourceRows() {
		wantSRVs = append(wantSRVs, r.Body)
	}
	for i, c := range tsv("codes.tsv") {
		if len(c[0]) != len("E120103") { // those of one Service Reference have only a number
			wantCodes = append(wantCodes, fmt.Sprint(c[0], " ", i+1))
		}
	}
	if diff := cmp.Diff(wantSRVs, srvs); diff != "" {
		t.Errorf("constants of tables.go (-srv.tsv +tables.go):\n%s", diff)
	}
	if diff := cmp.Diff(wantCodes, codes); diff != "" {
		t.Errorf("constants of tables.go (-codes.tsv +tables.go):\n%s", diff)
	}
}

// The counts of the published matrix of DUIS V5.4.
func TestSRVCounts(t *testing.T) {
	if duis.NumSRV != 129 {
		t.Fatalf("%d variants, want 129", duis.NumSRV)
	}
	counts := make(map[string]int)
	count := func(what string, yes bool) {
		if yes {
			counts[what]++
		}
	}
	var roleless []string
	bodies := make(map[string]bool)
	for _, v := range duis.SRVs() {
		count("critical", v.Critical())
		count("on demand", v.OnDemand())
		count("DCC scheduled", v.DCCScheduled())
		count("non-device", v.NonDevice())
		count(fmt.Sprintf("future dated %d", v.FutureDating()), true)
		for _, r := range v.Roles().All() {
			count(r.String(), true)
		}
		if v.Roles() == 0 {
			roleless = append(roleless, v.String())
		}
		if v.Critical() && v.NonDevice() {
			t.Errorf("%v is critical and for no device", v)
		}
		bodies[v.BodyElement()] = true
	}
	want := map[string]int{"critical": 37, "on demand": 112, "DCC scheduled": 13, "non-device": 16,
		"future dated 0": 72, "future dated 1": 45, "future dated 2": 11, "future dated 3": 1,
		"IS": 111, "GS": 83, "ED": 38, "OU": 25, "GT": 21, "RSA": 18, "ES": 16}
	if diff := cmp.Diff(want, counts); diff != "" {
		t.Errorf("counts (-want +got):\n%s", diff)
	}
	if want := []string{"7.16", "8.5", "8.6"}; !slices.Equal(roleless, want) {
		t.Errorf("variants that nobody may send: %v, want %v", roleless, want)
	}
	if len(bodies) != 129 {
		t.Errorf("%d elements for 129 variants", len(bodies))
	}
}

// The numbers of variants are text: a zero at the end matters, and no variant belongs to a reference by its prefix alone.
func TestSRVNumbersAreText(t *testing.T) {
	for number, reference := range map[string]string{"6.20.1": "6.20", "6.20.2": "6.20", "4.10": "4.10", "7.10": "7.10", "8.14.4": "8.14", "1.1.2": "1.1"} {
		v, err := duis.ParseSRV(number)
		if err != nil || v.Reference() != reference {
			t.Errorf("%s belongs to %q, %v; want %s", number, v.Reference(), err, reference)
		}
	}
	for _, v := range duis.SRVs() {
		if ref := v.Reference(); v.String() != ref && !strings.HasPrefix(v.String(), ref+".") {
			t.Errorf("%v belongs to %s", v, ref)
		}
	}
	for _, number := range []string{"", "1", "1.1", "6.2", "6.20", "4.1", "01.6", "1.06", "1.6 ", " 1.6", "1.6.", "+1.6", "1,6", "13.1", "SRV(1)", "UpdatePaymentMode"} {
		v, err := duis.ParseSRV(number)
		wantUnknown(t, err, number)
		if v != 0 {
			t.Errorf("ParseSRV(%q) = %v", number, v)
		}
		kept := duis.TopUpDevice
		if kept.UnmarshalText([]byte(number)) == nil || kept != duis.TopUpDevice {
			t.Errorf("UnmarshalText(%q) left %v", number, kept)
		}
	}
}

func TestSRVOutOfRange(t *testing.T) {
	for _, v := range []duis.SRV{0, duis.SRV(duis.NumSRV) + 1, 255} {
		if v.Valid() || v.Name() != "" || v.Roles() != 0 || v.Reference() != "" || v.String() != fmt.Sprintf("SRV(%d)", uint8(v)) {
			t.Errorf("%v: %q, %v", v, v.Name(), v.Roles())
		}
		_, err := v.MarshalText()
		wantUnknown(t, err, v.String())
	}
}

func FuzzParseSRV(f *testing.F) {
	known := make(map[string]bool)
	for _, r := range sourceRows() {
		known[r.SRV] = true
	}
	f.Fuzz(func(t *testing.T, s string) {
		v, err := duis.ParseSRV(s)
		if (err == nil) != known[s] {
			t.Fatalf("%q: %v, %v", s, v, err)
		}
		if err != nil {
			wantUnknown(t, err, s)
		} else if text, err := v.MarshalText(); err != nil || string(text) != s || !v.Valid() {
			t.Fatalf("%q is written %q, %v", s, text, err)
		}
	})
}

// wantUnknown wants an UnknownError that names the text and what would have been right.
func wantUnknown(t *testing.T, err error, text string) {
	t.Helper()
	var unknown *duis.UnknownError
	if !errors.As(err, &unknown) || unknown.Got != text || unknown.What == "" || unknown.Expected == "" || !strings.HasPrefix(err.Error(), "duis: ") || len(err.Error()) > 600 {
		t.Errorf("%q: error %#v, want a complete UnknownError", text, err)
	}
}

// The request matrix of the DUIS: which Command Variants a kind of request may have, and by which service it comes in.
func TestCommandVariants(t *testing.T) {
	kinds := map[string]duis.SRV{"critical": duis.UpdatePaymentMode, "non-critical": duis.TopUpDevice, "non-device": duis.ReadInventory, "none": 0}
	want := map[duis.CommandVariant]struct {
		kind    string
		service duis.WebService
		signed  bool
	}{
		1: {"non-critical", duis.SendCommandService, false}, 2: {"non-critical", duis.NonDeviceService, false}, 3: {"non-critical", duis.SendCommandService, false},
		4: {"critical", duis.TransformService, false},
		5: {"critical", duis.SendCommandService, true}, 6: {"critical", duis.NonDeviceService, true}, 7: {"critical", duis.SendCommandService, true},
		8: {"non-device", duis.NonDeviceService, false},
		0: {"", 0, false}, 9: {"", 0, false}, 255: {"", 0, false},
	}
	for v, w := range want {
		if v.Service() != w.service || v.SignedPreCommand() != w.signed {
			t.Errorf("Command Variant %d: %v, signed %t; want %v, %t", v, v.Service(), v.SignedPreCommand(), w.service, w.signed)
		}
		for kind, srv := range kinds {
			if v.Allows(srv) != (kind == w.kind) {
				t.Errorf("Command Variant %d allows a %s request: %t", v, kind, v.Allows(srv))
			}
		}
	}
}

func TestCodes(t *testing.T) {
	source := tsv("codes.tsv")
	provenance := map[duis.Provenance]string{duis.Seen: "V", duis.Derived: "D", duis.Uncertain: "UNCERTAIN"}
	var got [][]string
	first := make(map[byte]int)
	for _, c := range duis.Codes() {
		got = append(got, []string{c.String(), c.Meaning(), provenance[c.Provenance()]})
		first[c.String()[0]]++
		text, err := c.MarshalText()
		var back duis.Code
		if err != nil || back.UnmarshalText(text) != nil || back != c {
			t.Errorf("%v is written %q and read as %v", c, text, back)
		}
	}
	if diff := cmp.Diff(source, got); diff != "" {
		t.Errorf("tables.go is not what codes.tsv says (-codes.tsv +tables.go):\n%s", diff)
	}
	if diff := cmp.Diff(map[byte]int{'I': 2, 'E': 187, 'W': 5}, first); diff != "" {
		t.Errorf("counts by kind (-want +got):\n%s", diff)
	}
	if duis.I0.String() != "I0" || duis.I99.String() != "I99" || duis.E4.String() != "E4" {
		t.Errorf("constants %v, %v, %v", duis.I0, duis.I99, duis.E4)
	}

	var none duis.Code
	if text, err := none.MarshalText(); err != nil || len(text) != 0 || none.String() != "none" {
		t.Errorf("no code is written %q, %v and printed %v", text, err, none)
	}
	kept := duis.E4
	if err := kept.UnmarshalText(nil); err != nil || kept != 0 {
		t.Errorf("the empty text is read as %v, %v", kept, err)
	}
	for _, s := range []string{"", "E", "4", "e4", "E04", "E4 ", "none", "E6", "Code(195)"} {
		c, err := duis.ParseCode(s)
		wantUnknown(t, err, s)
		if c != 0 {
			t.Errorf("ParseCode(%q) = %v", s, c)
		}
	}
	if c := duis.Code(195); c.Meaning() != "" || c.String() != "Code(195)" {
		t.Errorf("a code past the last is %v: %q", c, c.Meaning())
	}
}

func FuzzParseCode(f *testing.F) {
	f.Fuzz(func(t *testing.T, s string) {
		c, err := duis.ParseCode(s)
		if err != nil {
			wantUnknown(t, err, s)
		} else if c == 0 || c.String() != s {
			t.Fatalf("%q is read as %v", s, c)
		}
	})
}

// Every reason has a name and, unless the message gets no answer, a code; those whose code no source gives are said to be so.
func TestReasonsAndPolicy(t *testing.T) {
	p := duis.DefaultPolicy()
	names := make(map[string]bool)
	for _, r := range duis.ReasonList() {
		names[r.String()] = true
		answered := r > duis.ChannelNotValid && r != duis.OverThreshold
		if (p.Codes[r] != 0) != answered {
			t.Errorf("%v has code %v", r, p.Codes[r])
		}
		set := duis.ReasonsOf(r)
		if first, ok := set.First(); !ok || first != r || !set.Has(r) || !slices.Equal(set.All(), []duis.Reason{r}) || set.String() != r.String() {
			t.Errorf("the set of %v alone is %v", r, set)
		}
	}
	if len(names) != len(duis.ReasonList()) {
		t.Errorf("%d names for %d reasons", len(names), len(duis.ReasonList()))
	}
	if _, ok := duis.Reasons(0).First(); ok {
		t.Error("the empty set has a first reason")
	}
	// The codes whose meaning was read in a published source.
	for r, want := range map[duis.Reason]duis.Code{duis.WrongService: duis.E13, duis.WrongVariant: duis.E12, duis.UserUnknown: duis.E1, duis.NoMPIDForRole: duis.E1,
		duis.RoleNotEligible: duis.E2, duis.UserSuspended: duis.E3, duis.DeviceUnknown: duis.E19, duis.NotRegistered: duis.E4, duis.MPIDMoved: duis.E4,
		duis.DeviceStatusWrong: duis.E5, duis.WrongDeviceType: duis.E11} {
		if p.Codes[r] != want || slices.Contains(duis.UncertainCodes(), r) {
			t.Errorf("%v: %v, want %v, and not uncertain", r, p.Codes[r], want)
		}
	}
	p.Codes[duis.MPIDMoved] = duis.E1
	if duis.DefaultPolicy().Codes[duis.MPIDMoved] != duis.E4 {
		t.Error("a change of one default policy changed the next")
	}
}

// Which device status permits what, by default (UNCERTAIN as a whole).
func TestDefaultStatuses(t *testing.T) {
	p := duis.DefaultPolicy()
	inService := duis.StatusesOf(duis.Commissioned, duis.Recovered)
	also := make(map[string]duis.Statuses)
	for _, reference := range []string{"8.1", "8.7", "8.8", "8.9", "8.11", "8.12"} { // those that commission, join and restore
		also[reference] = duis.StatusesOf(duis.Pending, duis.Whitelisted, duis.InstalledNotCommissioned)
	}
	for _, reference := range []string{"11.2", "11.3"} { // firmware
		also[reference] = duis.StatusesOf(duis.Suspended)
	}
	for _, v := range duis.SRVs() {
		if want := inService | also[v.Reference()]; p.Statuses[v] != want {
			t.Errorf("%v: statuses %b, want %b", v, p.Statuses[v], want)
		}
	}
	if p.Statuses[0] != 0 {
		t.Errorf("what is no variant is permitted for %b", p.Statuses[0])
	}
}

func TestSRVRolesPrint(t *testing.T) {
	if got := duis.UpdateSecurityCredentialsCoS.Roles(); got != smki.RolesOf(smki.ImportSupplier, smki.GasSupplier) {
		t.Errorf("6.23 is for %v", got)
	}
}
