package main

import (
	"math"
	"testing"

	"github.com/seed-db8551c1/lastresort/sim"
)

// A number has as many digits as say something, its thousands apart, a minus sign, and none if it is rounded to nothing.
func TestInterval(t *testing.T) {
	nan := math.NaN()
	for _, c := range []struct {
		mean, hi float64
		unit     string
		want     string
	}{
		{1234567.4, 1234667.4, "hours", "1,234,567 ± 100"},
		{-1234567.4, -1234467.4, "hours", "−1,234,567 ± 100"},
		{-123456, nan, "hours", "−123,456"},
		{999.94, nan, "hours", "999.9"},
		{674.5, 2092, "hours", "674.5 ± 1,417.5"},
		{-123456.7, -123456.6, "share", "−123,456.700 ± 0.100"},
		{1000.4, nan, "hours", "1,000"},
		{-3.26, -3.06, "days", "−3.3 ± 0.2"},
		{-0.04, nan, "days", "0.0"},
		{0.12345, 0.22345, "share", "0.123 ± 0.100"},
		{nan, nan, "days", "–"},
	} {
		if got := interval(sim.Interval{Mean: c.mean, Lo: 2*c.mean - c.hi, Hi: c.hi}, c.unit); got != c.want {
			t.Errorf("%v to %v %s: %q, want %q", c.mean, c.hi, c.unit, got, c.want)
		}
	}
}
