// Package scenario holds the scenarios that come with the library.
//
//	s, err := scenario.Load("autumn-2021") // the 28 supplier failures of August 2021 to February 2022
//
// Each is a file in the format of [sim.ParseScenario], with its sources in it:
//
//   - autumn-2021: what happened
//   - omni: one failure of it, of a supplier all of whose customers were in prepayment
//   - css-speed: failures since switching became faster in July 2022
//   - great-britain: every enrolled meter of the country, and the failure of the largest supplier. It is for one regime and replication at a time,
//     solrsim run great-britain --regimes mp185 --reps 1, which takes 3 GB
//   - bulb-as-solr, gap, cascade, srp-declines, adt-not-raised: what could have happened; what is made up is said in each
//
// A scenario's text says how the regimes compare in it, and the tests measure that.
// The directory schema has a JSON Schema of the format, for editors.
package scenario

import (
	"bytes"
	"embed"
	"fmt"
	"slices"
	"strings"

	"github.com/seed-db8551c1/lastresort/sim"
)

//go:embed *.json
var files embed.FS

// Names lists the embedded scenarios in alphabetical order.
func Names() []string {
	entries, _ := files.ReadDir(".") // an embedded directory can be read
	var names []string
	for _, e := range entries {
		names = append(names, strings.TrimSuffix(e.Name(), ".json"))
	}
	slices.Sort(names)
	return names
}

// Load gives the embedded scenario of that name.
func Load(name string) (*sim.Scenario, error) {
	if !slices.Contains(Names(), name) {
		return nil, fmt.Errorf("scenario: %q is no scenario: expected one of %s", name, strings.Join(Names(), ", "))
	}
	text, err := files.ReadFile(name + ".json")
	if err != nil {
		return nil, fmt.Errorf("scenario: %w", err)
	}
	return sim.ParseScenario(bytes.NewReader(text))
}
