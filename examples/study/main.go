// Command study compares the rule regimes in code: one supplier whose customers all prepay, with the licence revoked one day before the SoLR date.
package main

import (
	"context"
	"fmt"
	"log"
	"strings"

	"github.com/seed-db8551c1/lastresort/sim"
)

const omni = `{
  "name": "omni",
  "assumptions": {"revocation-gap": 1, "cos-rate": 500},
  "failures": [
    {"supplier": "Omni Energy", "ceased": "2021-11-02", "solr": "Utilita", "domestic": 6000, "prepayment": 1}
  ]
}`

func main() {
	s, err := sim.ParseScenario(strings.NewReader(omni))
	if err != nil {
		log.Fatal(err)
	}
	x := sim.Experiment{Scenario: s, Seed: 1, Sensitivity: sim.NoSensitivity}
	r, err := x.Run(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	for _, g := range r.Regimes {
		hours := g.Metrics[sim.Headline]
		fmt.Printf("%-9v %8.0f customer-hours off supply (95 %% Monte Carlo interval %.0f to %.0f)\n", g.Regime, hours.Mean, hours.Lo, hours.Hi)
	}
}
