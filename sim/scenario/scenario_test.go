package scenario_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/seed-db8551c1/lastresort/sim"
	"github.com/seed-db8551c1/lastresort/sim/scenario"
)

// Every embedded scenario is one.
func TestAllLoad(t *testing.T) {
	for _, name := range scenario.Names() {
		s, err := scenario.Load(name)
		if err != nil || s.Name != name {
			t.Errorf("%s: %v, %v", name, s, err)
		}
	}
	if _, err := scenario.Load("autumn-2022"); err == nil || !strings.Contains(err.Error(), "autumn-2021") {
		t.Errorf("an unknown name: error %v; want the names that there are", err)
	}
}

// The totals of autumn 2021 are those of the National Audit Office: 28 suppliers, nearly 2.4 million customers.
func TestAutumn2021Totals(t *testing.T) {
	s, err := scenario.Load("autumn-2021")
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Failures) != 28 || s.Customers() != 2_396_337 {
		t.Errorf("%d failures, %d customers; want 28 and 2396337", len(s.Failures), s.Customers())
	}
	domestic, fuels, dated := 0, make(map[string]sim.Fuels), 0
	for _, f := range s.Failures {
		domestic += f.Domestic
		if f.Fuels != sim.DualFuel {
			fuels[f.Supplier] = f.Fuels
		}
		if !f.SoLRDate.IsZero() {
			dated++
		}
		if f.Provenance == "" || f.SRP == "" {
			t.Errorf("%s: no provenance or no SRP", f.Supplier)
		}
		if (f.Prepayment != nil) != (f.Supplier == "Omni Energy") {
			t.Errorf("%s: share in prepayment %v; only Omni's is known, which is 1", f.Supplier, f.Prepayment)
		}
		if strings.HasPrefix(f.Supplier, "Bulb") {
			t.Error("Bulb went into special administration: no Supplier of Last Resort took it on")
		}
	}
	if domestic != 2_336_950 || dated != 8 {
		t.Errorf("%d domestic customers, %d known SoLR dates; want 2336950 and 8", domestic, dated)
	}
	if want := map[string]sim.Fuels{"Neon Reef": sim.ElectricityOnly, "Daligas": sim.GasOnly, "Xcel Power": sim.GasOnly, "CNG Energy": sim.GasOnly}; fmt.Sprint(fuels) != fmt.Sprint(want) {
		t.Errorf("suppliers of one fuel: %v; want %v", fuels, want)
	}
}

func ExampleLoad() {
	s, err := scenario.Load("autumn-2021")
	if err != nil {
		fmt.Println(err)
		return
	}
	f := s.Failures[5]
	fmt.Println(len(s.Failures), s.Customers())
	fmt.Println(f.Supplier, f.Ceased, f.SoLR, f.SoLRDate, f.Customers())
	// Output:
	// 28 2396337
	// Avro Energy 2021-09-22 Octopus Energy 2021-09-26 580000
}
