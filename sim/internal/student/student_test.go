package student_test

import (
	"math"
	"testing"

	"github.com/seed-db8551c1/lastresort/sim/internal/student"
)

// Student's quantiles fall to the normal one, and the table meets the expansion (t(31) is 2.0395, t(60) 2.0003, t(120) 1.9799).
func TestQuantile975(t *testing.T) {
	last := math.Inf(1)
	for n := 1; n < 1000; n++ {
		q := student.Quantile975(n)
		if q >= last || q < 1.95996 {
			t.Fatalf("with %d degrees of freedom %v, after %v", n, q, last)
		}
		last = q
	}
	for n, want := range map[int]float64{1: 12.7062, 4: 2.7764, 31: 2.0395, 60: 2.0003, 120: 1.9799} {
		if got := student.Quantile975(n); math.Abs(got-want) > 1e-4 {
			t.Errorf("with %d degrees of freedom %v, want %v", n, got, want)
		}
	}
	if q := student.Quantile975(0); !math.IsNaN(q) {
		t.Errorf("with no degree of freedom %v, want NaN", q)
	}
}
