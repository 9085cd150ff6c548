package sim_test

import (
	"context"
	"fmt"
	"strings"

	"github.com/seed-db8551c1/lastresort/sim"
)

// One supplier with five thousand customers fails; how many hours are its prepayment households without supply, under each regime?
func Example() {
	s, err := sim.ParseScenario(strings.NewReader(`{
		"name": "example",
		"failures": [{"supplier": "Small Energy", "ceased": "2021-11-02", "solr": "Resort", "domestic": 5000, "prepayment": 0.5}]
	}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	x := sim.Experiment{Scenario: s, Seed: 1, Replications: 3, Sensitivity: sim.NoSensitivity}
	r, err := x.Run(context.Background())
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, g := range r.Regimes {
		hours := g.Metrics[sim.Headline]
		fmt.Printf("%-8v more than 100000 hours: %t, breaches: %v\n", g.Regime, hours.Mean > 100_000, g.Metrics["breaches"].Mean)
	}
	// Output:
	// baseline more than 100000 hours: true, breaches: 0
	// mp134a   more than 100000 hours: true, breaches: 0
	// mp185    more than 100000 hours: false, breaches: 0
}

// A mistake in a scenario is named with its line.
func ExampleParseScenario() {
	_, err := sim.ParseScenario(strings.NewReader(`{
		"name": "example",
		"failures": [{"supplier": "Small Energy", "ceased": "2021-11-02", "solr": "Resort", "domestic": 5000, "prepayment": -0.5}]
	}`))
	fmt.Println(err)
	// Output:
	// sim: scenario, line 3: failures[0].prepayment: expected a share from 0 to 1, not -0.5
}

// Assumptions have names, units and bounds, and say how surely they are known.
func ExampleAssumptions() {
	for _, a := range sim.Assumptions()[:2] {
		fmt.Printf("%s: %v %s, %v\n", a.Name, a.Default, a.Unit, a.Provenance)
	}
	// Output:
	// revocation-gap: 0 days, uncertain
	// announcement-lead: 1 days, derived
}
