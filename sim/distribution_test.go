package sim

import (
	"math"
	"strings"
	"testing"
)

// Every distribution is one that its assumption can have: the default is in it, its values are within the bounds and in the order of their shares, and it has the mean or the ends of its shape.
func TestDistributions(t *testing.T) {
	shapes := make(map[Shape]int)
	for i := range assumptions {
		a := &assumptions[i]
		d := a.Distribution
		shapes[d.Shape]++
		if d.Shape == Fixed {
			if a.quantile(0.1) != a.Default || a.quantile(0.9) != a.Default {
				t.Errorf("%s: a fixed distribution that is not the default", a.Name)
			}
			continue
		}
		if !(d.Low < d.High && d.Low <= a.Default && a.Default <= d.High && a.takes(d.Low) && a.takes(d.High)) || d.Shape == Lognormal && d.Low <= 0 {
			t.Errorf("%s: %v, with a default of %v and bounds %v and %v", a.Name, d, a.Default, a.Min, a.Max)
		}
		const n = 10_000
		last, mean := math.Inf(-1), 0.0
		for k := range n {
			v := a.quantile((float64(k) + 0.5) / n)
			if v < last || !a.takes(v) {
				t.Fatalf("%s: %v after %v", a.Name, v, last)
			}
			last, mean = v, mean+v/n
		}
		want := map[Shape]float64{Uniform: (d.Low + d.High) / 2, Triangular: (d.Low + a.Default + d.High) / 3}[d.Shape]
		if d.Shape == Lognormal {
			if low, high := a.quantile(0.05), a.quantile(0.95); math.Abs(low/d.Low-1) > 1e-9 || math.Abs(high/d.High-1) > 1e-9 {
				t.Errorf("%s: 90 %% from %v to %v, want %v", a.Name, low, high, d)
			}
		} else if math.Abs(mean-want) > 1e-3*(d.High-d.Low) {
			t.Errorf("%s: mean %v, want %v", a.Name, mean, want)
		}
		if v := a.quantile(0); !a.takes(v) {
			t.Errorf("%s: least value %v", a.Name, v)
		}
	}
	if len(shapes) != len(shapeNames) {
		t.Errorf("shapes in use: %v", shapes)
	}
}

// A study may name an assumption without a range: its own distribution is sampled, and its ends compared.
func TestStudySamplesOwnDistributions(t *testing.T) {
	s, err := ParseStudy(strings.NewReader(`{"name": "own", "scenarios": ["x"], "ranges": {"solr-support": [], "top-ups-exempt": [], "prepayment": [0.1, 0.2]}, "samples": 1000}`))
	if err != nil {
		t.Fatal(err)
	}
	below, on, ends := 0, 0, make(map[float64]bool)
	for _, p := range s.points() {
		switch {
		case p.Kind == SamplePoint && p.Set["solr-support"] < 6:
			below++
		case p.Assumption == "solr-support":
			ends[p.Set["solr-support"]] = true
		}
		if p.Kind == SamplePoint && p.Set["top-ups-exempt"] == 1 {
			on++
		}
	}
	if below != 50 || on != 500 {
		t.Errorf("%d of 1000 samples are below the 5 %% point, and %d switched on; want 50 and 500", below, on)
	}
	if len(ends) != 2 || !ends[6] || !ends[96] || s.Ends("prepayment") != (Range{0.1, 0.2}) {
		t.Errorf("ends are %v, and %v of a given range; want 6 and 96, and what was given", ends, s.Ends("prepayment"))
	}
	if _, err := ParseStudy(strings.NewReader(`{"name": "own", "scenarios": ["x"], "ranges": {"top-ups": []}}`)); err == nil || !strings.Contains(err.Error(), "no distribution of its own") {
		t.Errorf("without a distribution: error %v", err)
	}
}
