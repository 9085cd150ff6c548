package design_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/seed-db8551c1/lastresort/sim/des"
	"github.com/seed-db8551c1/lastresort/sim/internal/design"
	"pgregory.net/rapid"
)

// In each coordinate every stratum holds one point.
func TestLatinHypercubeStrata(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, k := rapid.IntRange(1, 200).Draw(t, "points"), rapid.IntRange(1, 6).Draw(t, "coordinates")
		points := design.LatinHypercube(n, k, des.Source{Seed: rapid.Uint64().Draw(t, "seed")})
		for d := range k {
			held := make([]int, n)
			for _, p := range points {
				if p[d] < 0 || p[d] >= 1 {
					t.Fatalf("coordinate %v", p[d])
				}
				held[int(p[d]*float64(n))]++
			}
			for s, c := range held {
				if c != 1 {
					t.Fatalf("coordinate %d: stratum %d of %d holds %d points", d, s, n, c)
				}
			}
		}
	})
}

// The strata of different coordinates are matched at random, and points lie anywhere in their strata.
func TestLatinHypercubeIsRandom(t *testing.T) {
	const n = 2000
	points := design.LatinHypercube(n, 2, des.Source{Seed: 1})
	var product, within float64
	for _, p := range points {
		product += (p[0] - 0.5) * (p[1] - 0.5) * 12 / n
		_, f := math.Modf(p[0] * n)
		within += f / n
	}
	if math.Abs(product) > 4/math.Sqrt(n) {
		t.Errorf("correlation %v of two coordinates", product)
	}
	if math.Abs(within-0.5) > 4/math.Sqrt(12*n) {
		t.Errorf("points lie at %v of their strata on average", within)
	}
}

// A linear model has indices that are known: the share of each squared coefficient.
func TestRegressionOfLinearModel(t *testing.T) {
	weights := []float64{3, -2, 1, 0}
	x := design.LatinHypercube(5000, len(weights), des.Source{Seed: 2})
	y := make([]float64, len(x))
	for i := range x {
		y[i] = 7
		for d, w := range weights {
			y[i] += w * x[i][d]
		}
	}
	b, explained := design.Regression(x, y)
	if math.Abs(explained-1) > 1e-12 {
		t.Errorf("explains %v of a linear model", explained)
	}
	for d, w := range weights {
		want := w / math.Sqrt(9+4+1)
		if math.Abs(b[d]-want) > 0.02 {
			t.Errorf("coefficient %d: %v, want about %v", d, b[d], want)
		}
		if got := design.CorrelationRatio(column(x, d), y); math.Abs(got-want*want) > 0.03 {
			t.Errorf("correlation ratio %d: %v, want about %v", d, got, want*want)
		}
	}
}

// The function of Ishigami has first-order indices in closed form (Saltelli and others, 2008, section 4.6: a = 7, b = 0.1): 0.3139, 0.4424 and 0.
// A regression sees nothing of the second, which the correlation ratio does.
func TestCorrelationRatioOfIshigami(t *testing.T) {
	x := design.LatinHypercube(4096, 3, des.Source{Seed: 3})
	y := make([]float64, len(x))
	for i, p := range x {
		u := func(d int) float64 { return math.Pi * (2*p[d] - 1) }
		y[i] = math.Sin(u(0)) + 7*math.Pow(math.Sin(u(1)), 2) + 0.1*math.Pow(u(2), 4)*math.Sin(u(0))
	}
	for d, want := range []float64{0.3139, 0.4424, 0} {
		if got := design.CorrelationRatio(column(x, d), y); math.Abs(got-want) > 0.03 {
			t.Errorf("correlation ratio %d: %v, want about %v", d, got, want)
		}
	}
	b, explained := design.Regression(x, y)
	if math.Abs(b[1]) > 0.05 || explained > 0.25 {
		t.Errorf("regression: coefficients %v, explains %v: want nothing of the second, and the linear part of the first (0.19)", b, explained)
	}
}

// Where y does not follow x the ratio is 0 on average, also with few points.
func TestCorrelationRatioHasNoBias(t *testing.T) {
	const studies, n = 400, 16
	sum := 0.0
	for s := range studies {
		x := design.LatinHypercube(n, 2, des.Source{Seed: uint64(s)})
		sum += design.CorrelationRatio(column(x, 0), column(x, 1)) / studies
	}
	if math.Abs(sum) > 0.05 {
		t.Errorf("%v on average", sum)
	}
}

// What cannot be estimated is NaN, not a number that looks like one.
func TestNotKnown(t *testing.T) {
	nan := math.NaN()
	line := [][]float64{{1, 2}, {2, 4}, {3, 6}, {4, 8}, {5, 10}}
	for _, c := range []struct {
		name string
		x    [][]float64
		y    []float64
	}{
		{"few rows", [][]float64{{1, 5}, {2, 3}, {3, 1}}, []float64{1, 2, 4}},
		{"y constant", [][]float64{{1, 5}, {2, 3}, {3, 1}, {4, 9}}, []float64{0.1, 0.1, 0.1, 0.1}},
		{"y not known", [][]float64{{1, 5}, {2, 3}, {3, 1}, {4, 9}}, []float64{1, nan, 2, 3}},
		{"a column constant", [][]float64{{1, 5}, {2, 5}, {3, 5}, {4, 5}}, []float64{1, 3, 2, 3}},
		{"columns depend on each other", line, []float64{1, 2, 4, 3, 5}},
	} {
		b, explained := design.Regression(c.x, c.y)
		if len(b) != 2 || !math.IsNaN(b[0]) || !math.IsNaN(b[1]) || !math.IsNaN(explained) {
			t.Errorf("%s: %v, %v", c.name, b, explained)
		}
	}
	for _, y := range [][]float64{{1, 2, 3}, {0.1, 0.1, 0.1, 0.1}, {1, nan, 2, 3}} {
		if r := design.CorrelationRatio([]float64{1, 2, 3, 4}[:len(y)], y); !math.IsNaN(r) {
			t.Errorf("correlation ratio of %v: %v", y, r)
		}
	}
}

func column(x [][]float64, d int) []float64 {
	var c []float64
	for _, row := range x {
		c = append(c, row[d])
	}
	return c
}

func ExampleRegression() {
	x := design.LatinHypercube(100, 2, des.Source{Seed: 1})
	y := make([]float64, len(x))
	for i, p := range x {
		y[i] = 2 * p[0] // the second coordinate does nothing
	}
	b, explained := design.Regression(x, y)
	fmt.Printf("%.3f %.3f, of %.3f\n", b[0], math.Abs(b[1]), explained)
	// Output: 1.000 0.000, of 1.000
}
