package des_test

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"github.com/seed-db8551c1/lastresort/sim/des"
)

func tallyOf(xs []float64) des.Tally {
	var t des.Tally
	for _, x := range xs {
		t.Add(x)
	}
	return t
}

// A tally agrees with the definitions, taken in two passes, however the
// observations are split and merged.
func TestTallyAgreesWithDefinitions(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		// A large offset is what makes the textbook one-pass formula fail.
		offset := rapid.SampledFrom([]float64{0, 1e6, -1e6}).Draw(t, "offset")
		xs := rapid.SliceOfN(rapid.Float64Range(-100, 100), 1, 60).Draw(t, "observations")
		for i := range xs {
			xs[i] += offset
		}
		cut := rapid.IntRange(0, len(xs)).Draw(t, "cut")
		merged, rest := tallyOf(xs[:cut]), tallyOf(xs[cut:])
		merged.Merge(rest)

		mean, least, greatest := 0.0, xs[0], xs[0]
		for _, x := range xs {
			mean += x / float64(len(xs))
			least, greatest = min(least, x), max(greatest, x)
		}
		squares := 0.0
		for _, x := range xs {
			squares += (x - mean) * (x - mean)
		}
		for name, got := range map[string]des.Tally{"added": tallyOf(xs), "merged": merged} {
			if got.Count() != uint64(len(xs)) || got.Min() != least || got.Max() != greatest {
				t.Errorf("%s: count, min, max %d, %v, %v, want %d, %v, %v",
					name, got.Count(), got.Min(), got.Max(), len(xs), least, greatest)
			}
			if math.Abs(got.Mean()-mean) > 1e-7 {
				t.Errorf("%s: mean %v, want %v", name, got.Mean(), mean)
			}
			if want := squares / float64(len(xs)-1); len(xs) > 1 && math.Abs(got.Variance()-want) > 1e-6*(1+want) {
				t.Errorf("%s: variance %v, want %v", name, got.Variance(), want)
			}
		}
	})
}

// What too few observations cannot say is NaN, not a plausible 0.
func TestTallyOfFewObservations(t *testing.T) {
	var none, one des.Tally
	one.Add(3)
	poisoned := tallyOf([]float64{1, math.NaN(), 2})
	for name, x := range map[string]float64{
		"mean of none": none.Mean(), "min of none": none.Min(), "max of none": none.Max(),
		"variance of none": none.Variance(), "variance of one": one.Variance(),
		"mean with a NaN": poisoned.Mean(), "variance with a NaN": poisoned.Variance(),
		"min with a NaN": poisoned.Min(), "max with a NaN": poisoned.Max(),
	} {
		if !math.IsNaN(x) {
			t.Errorf("%s = %v, want NaN", name, x)
		}
	}
	if one.Mean() != 3 || one.Min() != 3 || one.Max() != 3 {
		t.Errorf("one observation of 3: %+v", one)
	}
	none.Merge(one)
	one.Merge(des.Tally{})
	if none != one {
		t.Errorf("merging with an empty tally: %+v and %+v", none, one)
	}
}
