package sim

import (
	"math"
	"slices"

	"golang.org/x/exp/stats"

	"github.com/seed-db8551c1/lastresort/sim/internal/student"
)

// summarise gives the mean of values, one for each replication, with its 95 % interval.
func summarise(values []float64) Interval {
	n := len(values)
	if n == 0 || slices.ContainsFunc(values, math.IsNaN) {
		return Interval{math.NaN(), math.NaN(), math.NaN()}
	}
	mean, sd := stats.MeanAndStdDev(values)
	if n == 1 {
		return Interval{mean, math.NaN(), math.NaN()}
	}
	half := student.Quantile975(n-1) * sd / math.Sqrt(float64(n))
	return Interval{mean, mean - half, mean + half}
}

// intervals summarises each metric over replications.
func intervals(all []Replication) map[string]Interval {
	m := make(map[string]Interval)
	for i, info := range Metrics() {
		values := make([]float64, len(all))
		for k := range all {
			values[k] = all[k].values[i]
		}
		m[info.Name] = summarise(values)
	}
	return m
}

// differences summarises each metric's difference from Baseline, replication by replication.
func differences(all, base []Replication) map[string]Interval {
	m := make(map[string]Interval)
	for i, info := range Metrics() {
		values := make([]float64, len(all))
		for k := range all {
			values[k] = all[k].values[i] - base[k].values[i]
		}
		m[info.Name] = summarise(values)
	}
	return m
}
