package des

import (
	"math"
	"slices"
)

// Quantiles summarises observations of 0 or more, such as waiting times, by
// their quantiles, each within 0.4 % of an observation of that rank. The zero
// value has seen none. One observation that is negative, infinite or not a number makes
// every result but Count NaN.
//
// The order of observations does not matter, nor does the way in which they are
// split and merged: the results are the same to the last digit. It takes 1 KiB
// for each factor of two between the least and the greatest observation above 0.
type Quantiles struct {
	count  uint64
	zeros  uint64
	broken bool
	lowest int      // cell that counts[0] is for
	counts []uint64 // by cell
}

// cellShift leaves of a float64 its exponent and 7 bits of its fraction: cells
// whose ends are less than 0.8 % apart, in the order of the numbers in them.
const cellShift = 52 - 7

// Add takes one observation.
func (q *Quantiles) Add(x float64) {
	q.count++
	switch {
	case x > 0 && x <= math.MaxFloat64:
		cell := int(math.Float64bits(x) >> cellShift)
		q.cover(cell)
		q.counts[cell-q.lowest]++
	case x == 0:
		q.zeros++
	default:
		q.broken = true
	}
}

// Merge takes all observations of other.
func (q *Quantiles) Merge(other *Quantiles) {
	q.count += other.count
	q.zeros += other.zeros
	q.broken = q.broken || other.broken
	if n := len(other.counts); n > 0 {
		q.cover(other.lowest)
		q.cover(other.lowest + n - 1)
		for i, n := range other.counts {
			q.counts[other.lowest+i-q.lowest] += n
		}
	}
}

// cover makes room for a cell, in whole factors of two.
func (q *Quantiles) cover(cell int) {
	if i := cell - q.lowest; 0 <= i && i < len(q.counts) {
		return
	}
	const step = 1 << 7
	if len(q.counts) == 0 {
		q.lowest = cell &^ (step - 1)
	}
	if n := q.lowest - cell; n > 0 {
		n = (n + step - 1) &^ (step - 1)
		q.counts = slices.Insert(q.counts, 0, make([]uint64, n)...)
		q.lowest -= n
	}
	if n := cell - q.lowest - len(q.counts) + 1; n > 0 {
		n = (n + step - 1) &^ (step - 1)
		q.counts = append(q.counts, make([]uint64, n)...)
	}
}

// Count returns the number of observations.
func (q *Quantiles) Count() uint64 { return q.count }

// At returns the p quantile: the least number that a share of at least p of the
// observations does not exceed. It is NaN without observations, or if p is not
// between 0 and 1.
func (q *Quantiles) At(p float64) float64 {
	if q.count == 0 || q.broken || !(p >= 0 && p <= 1) {
		return math.NaN()
	}
	rank := max(1, uint64(math.Ceil(p*float64(q.count))))
	if rank <= q.zeros {
		return 0
	}
	rank -= q.zeros
	for i, n := range q.counts {
		if rank <= n {
			low := uint64(q.lowest+i) << cellShift
			return math.Float64frombits(low + 1<<(cellShift-1)) // the middle of the cell
		}
		rank -= n
	}
	return math.Inf(1) // not reached: the counts add up
}
