package sim

import (
	"bytes"
	"encoding/json"
	"math"
	"strconv"

	"github.com/seed-db8551c1/lastresort/hold"
)

// Result is what an [Experiment] found. Its JSON form is stable, and the same for the same scenario, seed and scale.
type Result struct {
	Scenario     string              `json:"scenario"`
	Seed         uint64              `json:"seed"`
	Scale        float64             `json:"scale"` // the share of the customers that was simulated; numbers are of what was simulated
	Replications int                 `json:"replications"`
	Failures     int                 `json:"failures"`
	Customers    int                 `json:"customers"` // simulated, those of suppliers that do not fail too
	Meters       int                 `json:"meters"`    // enrolled smart meters of these customers: the mean over replications, rounded
	Events       uint64              `json:"events"`    // events and requests simulated, all runs together
	Interval     string              `json:"interval"`  // what lo and hi are
	Assumptions  []AssumptionValue   `json:"assumptions"`
	Regimes      []RegimeResult      `json:"regimes"`
	Sensitivity  []SensitivityResult `json:"sensitivity"`
	Series       *Series             `json:"series,omitempty"` // if the experiment asks for it
}

// intervalLabel says what the intervals of a Result are, and what they are not.
const intervalLabel = "95 % Monte Carlo interval of the mean (Student t over replications); it says nothing about the assumptions"

// AssumptionValue is an assumption with the value that a run had.
type AssumptionValue struct {
	Name         string  `json:"name"`
	Unit         string  `json:"unit"`
	Value        float64 `json:"value"`
	Default      float64 `json:"default"`
	Distribution string  `json:"distribution"` // in words, as [Distribution.String] gives it
	Provenance   string  `json:"provenance"`
	Source       string  `json:"source"`
	Meaning      string  `json:"meaning"`
}

// RegimeResult is what happened under one regime.
type RegimeResult struct {
	Regime       hold.Regime         `json:"regime"`
	Metrics      map[string]Interval `json:"metrics"`              // every one of [Metrics]
	Difference   map[string]Interval `json:"difference,omitempty"` // from Baseline, replication by replication; absent for Baseline, or if it was not run
	Replications []Replication       `json:"replications"`
}

// Interval is a mean over replications with its 95 % Monte Carlo interval. What is not known is NaN, and null in JSON: the ends if there was
// one replication only, all three if a replication never reached what the metric measures.
type Interval struct {
	Mean, Lo, Hi float64
}

// Known reports whether there is a mean.
func (i Interval) Known() bool { return !math.IsNaN(i.Mean) }

// MarshalJSON gives the object with mean, lo and hi.
func (i Interval) MarshalJSON() ([]byte, error) {
	b := append([]byte(nil), `{"mean":`...)
	b = appendNumber(b, i.Mean)
	b = append(b, `,"lo":`...)
	b = appendNumber(b, i.Lo)
	b = append(b, `,"hi":`...)
	b = appendNumber(b, i.Hi)
	return append(b, '}'), nil
}

// UnmarshalJSON reads what MarshalJSON writes.
func (i *Interval) UnmarshalJSON(b []byte) error {
	var v struct{ Mean, Lo, Hi *float64 }
	if err := json.Unmarshal(b, &v); err != nil {
		return err
	}
	*i = Interval{orNaN(v.Mean), orNaN(v.Lo), orNaN(v.Hi)}
	return nil
}

func orNaN(p *float64) float64 {
	if p == nil {
		return math.NaN()
	}
	return *p
}

func appendNumber(b []byte, x float64) []byte {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return append(b, "null"...)
	}
	return strconv.AppendFloat(b, x, 'g', -1, 64)
}

// Replication is what was measured in one replication of one regime: every one of [Metrics], NaN (null in JSON) where it was never reached.
type Replication struct {
	Regime      hold.Regime
	Replication int
	Meters      int
	Events      uint64
	values      []float64
}

// Value is the value of a metric by its name; NaN if it was never reached, or if there is no such metric.
func (r Replication) Value(name string) float64 {
	if i, ok := metricIndex[name]; ok && i < len(r.values) {
		return r.values[i]
	}
	return math.NaN()
}

var metricIndex = func() map[string]int {
	index := make(map[string]int)
	for i, m := range Metrics() {
		index[m.Name] = i
	}
	return index
}()

// MarshalJSON gives one object: the number of the replication, and each metric by its name.
func (r Replication) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteString(`{"replication":` + strconv.Itoa(r.Replication))
	b.WriteString(`,"meters":` + strconv.Itoa(r.Meters))
	b.WriteString(`,"events":` + strconv.FormatUint(r.Events, 10))
	for i, m := range Metrics() {
		b.WriteString(`,"` + m.Name + `":`)
		x := math.NaN()
		if i < len(r.values) {
			x = r.values[i]
		}
		b.Write(appendNumber(nil, x))
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// SensitivityResult is the headline metric over the values of one assumption, the others as in the run. It comes from a smaller run, scaled up, so that its
// numbers are rougher than those of [Result.Regimes].
type SensitivityResult struct {
	Assumption   string             `json:"assumption"` // its name, or the names of several that change together
	Unit         string             `json:"unit"`
	Metric       string             `json:"metric"`
	Scale        float64            `json:"scale"` // of the smaller run
	Replications int                `json:"replications"`
	Points       []SensitivityPoint `json:"points"`
}

// SensitivityPoint is the headline metric at one value of an assumption, by the name of the regime.
type SensitivityPoint struct {
	Value   float64             `json:"value"`
	Default bool                `json:"default,omitempty"` // whether it is the run's own value
	Regimes map[string]Interval `json:"regimes"`
}
