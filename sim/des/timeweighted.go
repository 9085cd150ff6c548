package des

import "math"

// TimeWeighted averages over time a value that changes in steps, such as the
// length of a queue. The zero value is 0 from instant 0 on.
type TimeWeighted struct {
	value float64
	since Time    // of value
	start Time    // of the average
	area  float64 // of the value from start to since, in its unit times µs
}

// Set changes the value at an instant, which must not be before the last
// change. If it is, the mean is NaN from then on.
func (w *TimeWeighted) Set(at Time, value float64) {
	w.area += w.value * w.elapsed(at)
	w.value, w.since = value, at
}

// Add changes the value by delta. It is otherwise like Set.
func (w *TimeWeighted) Add(at Time, delta float64) { w.Set(at, w.value+delta) }

// Restart begins a new average at an instant, such as the end of the warm-up.
// The value stays.
func (w *TimeWeighted) Restart(at Time) { w.area, w.since, w.start = 0, at, at }

// Value returns the value after the last change.
func (w *TimeWeighted) Value() float64 { return w.value }

// Mean returns the average from the start, or the last Restart, to an instant
// at or after the last change. Over no time it is NaN.
func (w *TimeWeighted) Mean(at Time) float64 {
	return (w.area + w.value*w.elapsed(at)) / float64(at-w.start)
}

// elapsed returns the microseconds for which the value has stood, NaN if time
// ran backwards.
func (w *TimeWeighted) elapsed(at Time) float64 {
	if at < w.since {
		return math.NaN()
	}
	return float64(at - w.since)
}
