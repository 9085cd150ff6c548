package des_test

import (
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/seed-db8551c1/lastresort/sim/des"
)

// Every quantile is within 0.4 % of the observation of its rank, however the
// observations are ordered, split and merged, and merging loses nothing.
func TestQuantilesAgreeWithSorting(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		value := rapid.OneOf(
			rapid.Just(0.0),
			rapid.Float64Range(1e-6, 10),
			rapid.Float64Range(1e3, 1e12),
			rapid.SampledFrom([]float64{1, 1 + 1./128, 2, 0.5, math.Nextafter(2, 0), math.MaxFloat64, 1e-300}))
		xs := rapid.SliceOfN(value, 1, 80).Draw(t, "observations")
		cut := rapid.IntRange(0, len(xs)).Draw(t, "cut")
		var all, a, b des.Quantiles
		for i, x := range xs {
			all.Add(x)
			if i < cut {
				a.Add(x)
			} else {
				b.Add(x)
			}
		}
		a.Merge(&b)
		slices.Sort(xs)
		for i := range 101 {
			p := float64(i) / 100
			want := xs[max(1, int(math.Ceil(p*float64(len(xs)))))-1]
			got := all.At(p)
			if math.Abs(got-want) > 0.004*want {
				t.Fatalf("quantile %v is %v, want %v", p, got, want)
			}
			if a.At(p) != got {
				t.Fatalf("quantile %v is %v, merged %v", p, got, a.At(p))
			}
		}
		if all.Count() != uint64(len(xs)) || a.Count() != all.Count() {
			t.Fatalf("%d observations, merged %d, want %d", all.Count(), a.Count(), len(xs))
		}
	})
}

// What cannot be said is NaN.
func TestQuantilesOfNothing(t *testing.T) {
	var none des.Quantiles
	of := func(xs ...float64) *des.Quantiles {
		q := new(des.Quantiles)
		for _, x := range xs {
			q.Add(x)
		}
		return q
	}
	merged := of(1)
	merged.Merge(of(-1))
	for name, x := range map[string]float64{
		"none": none.At(0.5), "below 0": of(1).At(-0.1), "above 1": of(1).At(1.1), "no share": of(1).At(math.NaN()),
		"negative": of(1, -1).At(0.5), "infinite": of(1, math.Inf(1)).At(0.5), "not a number": of(math.NaN(), 1).At(0.5),
		"merged with a negative one": merged.At(0.5),
	} {
		if !math.IsNaN(x) {
			t.Errorf("%s: %v, want NaN", name, x)
		}
	}
	two := of(3)
	two.Merge(&none)
	none.Merge(two)
	if diff := cmp.Diff(two.At(0.5), none.At(0.5)); diff != "" || none.Count() != 1 {
		t.Errorf("merged with none (-want +got): %s", diff)
	}
}
