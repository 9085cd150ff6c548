// Package design places the points of a study in the space of its assumptions, and says which assumption its results follow.
package design

import (
	"cmp"
	"math"
	"slices"

	"golang.org/x/exp/stats"

	"github.com/seed-db8551c1/lastresort/sim/des"
)

const (
	drawOrder des.Purpose = iota + 1
	drawWithin
)

// LatinHypercube gives n points of k coordinates between 0 and 1. In each coordinate every one of n strata of equal width holds one point, at a random place in it,
// and the strata of different coordinates are matched at random (McKay, Beckman and Conover, Technometrics 21(2), 1979).
func LatinHypercube(n, k int, random des.Source) [][]float64 {
	points := make([][]float64, n)
	for i := range points {
		points[i] = make([]float64, k)
	}
	order := make([]int, n)
	for d := range k {
		for i := range order {
			order[i] = i
		}
		for i := n - 1; i > 0; i-- {
			j := random.IntN(drawOrder, uint64(d), uint64(i), i+1)
			order[i], order[j] = order[j], order[i]
		}
		for i := range points {
			// 32 bits and a half keep the sum exact, so that no rounding takes a point into the next stratum.
			within := (float64(random.IntN(drawWithin, uint64(d), uint64(i), 1<<32)) + 0.5) / (1 << 32)
			points[i][d] = (float64(order[i]) + within) / float64(n)
		}
	}
	return points
}

// Regression gives the standardised regression coefficients of y on the columns of x, one for each, and the share of the variance of y that the regression explains
// (Saltelli and others, Global Sensitivity Analysis: The Primer, 2008, section 1.2). x has a row for each value of y. All is NaN
// if y or a column does not vary, if columns depend on each other, or if there are not at least two rows more than columns.
func Regression(x [][]float64, y []float64) (coefficients []float64, explained float64) {
	k := 0
	if len(x) > 0 {
		k = len(x[0])
	}
	coefficients = make([]float64, k)
	explained = math.NaN()
	for d := range coefficients {
		coefficients[d] = math.NaN()
	}
	if len(y) < k+2 {
		return coefficients, explained
	}
	target, ok := standardised(y)
	columns := make([][]float64, k)
	for d := range columns {
		var varies bool
		columns[d], varies = standardised(column(x, d))
		ok = ok && varies
	}
	if !ok {
		return coefficients, explained
	}
	// The normal equations, in correlations.
	a := make([][]float64, k)
	for i := range a {
		a[i] = make([]float64, k+1)
		for j := range columns {
			a[i][j] = dot(columns[i], columns[j])
		}
		a[i][k] = dot(columns[i], target)
	}
	right := column(a, k)
	b, ok := solve(a)
	if !ok {
		return coefficients, explained
	}
	return b, dot(b, right)
}

// CorrelationRatio estimates the share of the variance of y that is the variance of its mean given x: the first-order sensitivity index of x. The rows are put into about √n
// classes of equal size by x, and the variance within them is compared with that of all, both without bias (Kelley, An unbiased correlation ratio
// measure, Proceedings of the National Academy of Sciences 21, 1935). It is a little below 0 now and then where y does not follow x. NaN with less than four values, or if y does not vary.
func CorrelationRatio(x, y []float64) float64 {
	n := len(y)
	if _, varies := standardised(y); n < 4 || !varies {
		return math.NaN()
	}
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(x[i], x[j]) })
	classes := int(math.Sqrt(float64(n)))
	within := 0.0
	for c := range classes {
		var class []float64
		for _, i := range order[c*n/classes : (c+1)*n/classes] {
			class = append(class, y[i])
		}
		within += squares(class)
	}
	return 1 - within/float64(n-classes)/(squares(y)/float64(n-1))
}

func column(x [][]float64, d int) []float64 {
	c := make([]float64, len(x))
	for i := range x {
		c[i] = x[i][d]
	}
	return c
}

// standardised gives values with mean 0 and sum of squares 1, and whether they vary by more than rounding.
func standardised(values []float64) ([]float64, bool) {
	if len(values) == 0 || slices.ContainsFunc(values, func(v float64) bool { return math.IsNaN(v) || math.IsInf(v, 0) }) {
		return nil, false
	}
	mean, size := stats.Mean(values), math.Sqrt(squares(values))
	z := make([]float64, len(values))
	for i, v := range values {
		z[i] = (v - mean) / size
	}
	return z, size > 1e-12*math.Abs(mean)*math.Sqrt(float64(len(values)))
}

// squares is the sum of squares around the mean.
func squares(values []float64) (sum float64) {
	mean := stats.Mean(values)
	for _, v := range values {
		sum += (v - mean) * (v - mean)
	}
	return sum
}

func dot(a, b []float64) (sum float64) {
	for i := range a {
		sum += a[i] * b[i]
	}
	return sum
}

// solve solves the equations whose rows end with their right side, by elimination. It changes them.
func solve(a [][]float64) ([]float64, bool) {
	k := len(a)
	for i := range a {
		pivot := i
		for j := i + 1; j < k; j++ {
			if math.Abs(a[j][i]) > math.Abs(a[pivot][i]) {
				pivot = j
			}
		}
		a[i], a[pivot] = a[pivot], a[i]
		if math.Abs(a[i][i]) < 1e-9 {
			return nil, false
		}
		for j := i + 1; j < k; j++ {
			f := a[j][i] / a[i][i]
			for c := i; c <= k; c++ {
				a[j][c] -= f * a[i][c]
			}
		}
	}
	b := make([]float64, k)
	for i := k - 1; i >= 0; i-- {
		b[i] = (a[i][k] - dot(a[i][i+1:k], b[i+1:])) / a[i][i]
	}
	return b, true
}
