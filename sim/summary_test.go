package sim

import (
	"encoding/json"
	"math"
	"testing"
)

// The interval of a sample that is worked out by hand: 1, 2, 3 has mean 2, standard deviation 1, t(2) 4.3027.
func TestSummarise(t *testing.T) {
	nan := math.NaN()
	for _, c := range []struct {
		values []float64
		want   string
	}{
		{[]float64{1, 2, 3}, `{"mean":2,"lo":-0.48416`},
		{[]float64{7}, `{"mean":7,"lo":null,"hi":null}`},
		{[]float64{7, 7, 7}, `{"mean":7,"lo":7,"hi":7}`},
		{[]float64{1, nan}, `{"mean":null,"lo":null,"hi":null}`},
		{nil, `{"mean":null,"lo":null,"hi":null}`},
	} {
		i := summarise(c.values)
		b, err := json.Marshal(i)
		if err != nil || len(b) < len(c.want) || string(b[:len(c.want)]) != c.want {
			t.Errorf("%v: %s, %v; want %s", c.values, b, err, c.want)
		}
		var back Interval
		if err := json.Unmarshal(b, &back); err != nil || back.Known() != i.Known() || i.Known() && back.Mean != i.Mean {
			t.Errorf("%s reads back as %+v, %v", b, back, err)
		}
	}
}

// Every assumption says all there is to say, keeps to its own bounds, and has a name of its own; so has every metric.
func TestTablesAreComplete(t *testing.T) {
	seen := make(map[string]bool)
	for _, a := range Assumptions() {
		if a.Name == "" || a.Unit == "" || a.Provenance == 0 || a.Source == "" || a.Meaning == "" || !a.takes(a.Default) || seen[a.Name] {
			t.Errorf("assumption %+v", a)
		}
		seen[a.Name] = true
	}
	for _, m := range Metrics() {
		if m.Name == "" || m.Unit == "" || m.Meaning == "" || seen[m.Name] {
			t.Errorf("metric %+v", m)
		}
		seen[m.Name] = true
	}
	for k, h := range handlers {
		if h == nil {
			t.Errorf("event kind %d is handled by nobody", k)
		}
	}
	for name := range Monotone() {
		if !isAssumption(name) {
			t.Errorf("%s is no assumption", name)
		}
	}
}
