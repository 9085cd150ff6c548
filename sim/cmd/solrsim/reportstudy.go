package main

import (
	"encoding/json"
	"fmt"
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

// readStudied reads the tornado of a study, whose directory has the same scenario by its content.
func readStudied(dir string, s *sim.Scenario) (*studied, error) {
	name := filepath.Join(dir, "study.json")
	b, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("--study: expected the directory of a finished study: %w", err)
	}
	var tables struct {
		Points []struct {
			ScenarioHash string   `json:"scenario_hash"`
			Point        int      `json:"point"`
			Kind         string   `json:"kind"`
			Regime       string   `json:"regime"`
			Metric       string   `json:"metric"`
			Measure      string   `json:"measure"`
			Replications int      `json:"replications"`
			Mean         *float64 `json:"mean"`
			Lo           *float64 `json:"lo"`
			Hi           *float64 `json:"hi"`
		} `json:"points"`
		Design []struct {
			ScenarioHash string  `json:"scenario_hash"`
			Kind         string  `json:"kind"`
			Assumption   string  `json:"assumption"`
			Value        float64 `json:"value"`
		} `json:"design"`
		Tornado []struct {
			Study        string  `json:"study"`
			StudyHash    string  `json:"study_hash"`
			Version      string  `json:"version"`
			ScenarioHash string  `json:"scenario_hash"`
			Seed         uint64  `json:"seed"`
			Scale        float64 `json:"scale"`
			Regime       string  `json:"regime"`
			Metric       string  `json:"metric"`
			Measure      string  `json:"measure"`
			Assumption   string  `json:"assumption"`
			Low          float64 `json:"low"`
			High         float64 `json:"high"`
		} `json:"tornado"`
	}
	if err := json.Unmarshal(b, &tables); err != nil {
		return nil, fmt.Errorf("--study: %s: expected the tables of a study: %w", name, err)
	}
	hash, err := s.Hash()
	if err != nil {
		return nil, err
	}
	units := make(map[string]string)
	for _, a := range sim.Assumptions() {
		units[a.Name] = a.Unit
	}
	found := new(studied)
	ends := make(map[string][]sim.Interval) // by regime: at the base, and at the low and the high end of each range in the order of the tornado
	base := make(map[string]sim.Interval)
	replications, scale := 0, 1.0
	for _, p := range tables.Points {
		if p.ScenarioHash != hash || p.Metric != sim.Headline || p.Measure != "value" {
			continue
		}
		x := sim.Interval{Mean: orUnknown(p.Mean), Lo: orUnknown(p.Lo), Hi: orUnknown(p.Hi)}
		switch p.Kind {
		case "base":
			base[p.Regime], replications = x, p.Replications
		case "low", "high":
			ends[p.Regime] = append(ends[p.Regime], x)
		}
	}
	own := make(map[string]float64)
	for _, d := range tables.Design {
		if d.ScenarioHash == hash && d.Kind == "base" {
			own[d.Assumption] = d.Value
		}
	}
	next := make(map[string]int)
	for _, t := range tables.Tornado {
		if t.ScenarioHash != hash || t.Metric != sim.Headline || t.Measure != "value" {
			continue
		}
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
