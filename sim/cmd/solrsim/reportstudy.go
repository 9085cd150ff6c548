package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"

	"github.com/seed-db8551c1/lastresort/sim"
)

// studied is the sensitivity that a finished study has found for a scenario.
type studied struct {
	what    string // which study
	note    string
	regimes []string
	reaches []reach
}

// The columns of a study's tables that a report needs.
type (
	studiedRow struct {
		ScenarioHash string `json:"scenario_hash"`
		Metric       string `json:"metric"`  // none in the design
		Measure      string `json:"measure"` // none in the design
		Kind         string `json:"kind"`    // none in the tornado
	}
	studiedPoint struct {
		studiedRow
		Regime       string   `json:"regime"`
		Replications int      `json:"replications"`
		Mean         *float64 `json:"mean"`
		Lo           *float64 `json:"lo"`
		Hi           *float64 `json:"hi"`
	}
	studiedValue struct {
		studiedRow
		Assumption string  `json:"assumption"`
		Value      float64 `json:"value"`
	}
	studiedSwing struct {
		studiedRow
		Study      string  `json:"study"`
		StudyHash  string  `json:"study_hash"`
		Version    string  `json:"version"`
		Seed       uint64  `json:"seed"`
		Scale      float64 `json:"scale"`
		Regime     string  `json:"regime"`
		Assumption string  `json:"assumption"`
		Low        float64 `json:"low"`
		High       float64 `json:"high"`
	}
)

// studiedTables are the rows of a scenario's headline.
type studiedTables struct {
	points  []studiedPoint
	design  []studiedValue
	tornado []studiedSwing
}

// headlineOf reads the rows of a scenario's headline from the tables of a study, row by row: they may be larger than memory.
func headlineOf(from io.Reader, scenario string) (t studiedTables, err error) {
	d := json.NewDecoder(bufio.NewReader(from))
	if err := expect(d, '{'); err != nil {
		return t, err
	}
	for d.More() {
		table, err := d.Token()
		if err == nil {
			err = expect(d, '[')
		}
		for err == nil && d.More() {
			switch table {
			case "points":
				err = addRow(d, &t.points, func(p *studiedPoint) bool { return p.isHeadline(scenario) })
			case "design":
				err = addRow(d, &t.design, func(v *studiedValue) bool { return v.ScenarioHash == scenario })
			case "tornado":
				err = addRow(d, &t.tornado, func(s *studiedSwing) bool { return s.isHeadline(scenario) })
			default:
				err = d.Decode(new(json.RawMessage))
			}
		}
		if err == nil {
			err = expect(d, ']')
		}
		if err != nil {
			return t, err
		}
	}
	return t, expect(d, '}')
}

// expect reads a delimiter.
func expect(d *json.Decoder, want json.Delim) error {
	t, err := d.Token()
	if err == nil && t != want {
		err = fmt.Errorf("expected %v at byte %d, not %v", want, d.InputOffset(), t)
	}
	return err
}

// addRow reads a row, and keeps it if it is one of those that are wanted.
func addRow[T any](d *json.Decoder, rows *[]T, wanted func(*T) bool) error {
	row := new(T)
	err := d.Decode(row)
	if err == nil && wanted(row) {
		*rows = append(*rows, *row)
	}
	return err
}

func (r *studiedRow) isHeadline(scenario string) bool {
	return r.ScenarioHash == scenario && r.Metric == sim.Headline && r.Measure == "value"
}

// readStudied reads the tornado of a study, whose directory has the same scenario by its content.
func readStudied(dir string, s *sim.Scenario) (*studied, error) {
	name := filepath.Join(dir, "study.json")
	f, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("--study: expected the directory of a finished study: %w", err)
	}
	defer f.Close()
	hash, err := s.Hash()
	if err != nil {
		return nil, err
	}
	tables, err := headlineOf(f, hash)
	if err != nil {
		return nil, fmt.Errorf("--study: %s: expected the tables of a study: %w", name, err)
	}
	units := make(map[string]string)
	for _, a := range sim.Assumptions() {
		units[a.Name] = a.Unit
	}
	found := new(studied)
	ends := make(map[string][]sim.Interval) // by regime: at the base, and at the low and the high end of each range in the order of the tornado
	base := make(map[string]sim.Interval)
	replications, scale := 0, 1.0
	for _, p := range tables.points {
		x := sim.Interval{Mean: orUnknown(p.Mean), Lo: orUnknown(p.Lo), Hi: orUnknown(p.Hi)}
		switch p.Kind {
		case "base":
			base[p.Regime], replications = x, p.Replications
		case "low", "high":
			ends[p.Regime] = append(ends[p.Regime], x)
		}
	}
	own := make(map[string]float64)
	for _, d := range tables.design {
		if d.Kind == "base" {
			own[d.Assumption] = d.Value
		}
	}
	next := make(map[string]int)
	for _, t := range tables.tornado {
		i := next[t.Regime]
		if i+2 > len(ends[t.Regime]) {
			return nil, fmt.Errorf("--study: %s: expected the points at both ends of %s under %s", name, t.Assumption, t.Regime)
		}
		if i == 0 {
			found.regimes = append(found.regimes, t.Regime)
		}
		next[t.Regime] = i + 2
		scale = t.Scale
		found.what = fmt.Sprintf("%s, hash %s, version %s, seed %d, scale %g", t.Study, t.StudyHash, t.Version, t.Seed, t.Scale)
		r := reach{regime: t.Regime, assumption: t.Assumption, unit: units[t.Assumption], values: []float64{own[t.Assumption]}, means: []sim.Interval{base[t.Regime]}}
		r.add(t.Low, ends[t.Regime][i])
		r.add(t.High, ends[t.Regime][i+1])
		found.reaches = append(found.reaches, r)
	}
	if len(found.reaches) == 0 {
		return nil, fmt.Errorf("--study: %s: expected a study of the scenario %s, hash %s, with ranges and the metric %s", name, s.Name, hash, sim.Headline)
	}
	found.note = fmt.Sprintf("From the study %s. One assumption at either end of its range, the others as in the base. Bar: from the least to the greatest mean, which is assumption, not chance. Mark and whisker: mean over %d replications and its 95 %% Monte Carlo interval, of what was simulated at scale %g.", found.what, replications, scale)
	sortReaches(found.reaches)
	return found, nil
}

// add puts a value of the assumption in its place, but for the own one, which is there.
func (a *reach) add(value float64, mean sim.Interval) {
	i, there := slices.BinarySearch(a.values, value)
	if there {
		return
	}
	a.values, a.means = slices.Insert(a.values, i, value), slices.Insert(a.means, i, mean)
	if i <= a.own {
		a.own++
	}
}

func orUnknown(x *float64) float64 {
	if x == nil {
		return math.NaN()
	}
	return *x
}
