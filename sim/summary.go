package sim

import (
	"math"
	"slices"

	"golang.org/x/exp/stats"
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
	half := student975(n-1) * sd / math.Sqrt(float64(n))
	return Interval{mean, mean - half, mean + half}
}

// students is the 97.5 % quantile of Student's t with 1 to 30 degrees of freedom (Abramowitz and Stegun, table 26.10).
var students = [...]float64{12.7062, 4.3027, 3.1824, 2.7764, 2.5706, 2.4469, 2.3646, 2.3060, 2.2622, 2.2281,
	2.2010, 2.1788, 2.1604, 2.1448, 2.1314, 2.1199, 2.1098, 2.1009, 2.0930, 2.0860,
	2.0796, 2.0739, 2.0687, 2.0639, 2.0595, 2.0555, 2.0518, 2.0484, 2.0452, 2.0423}

// student975 is the 97.5 % quantile of Student's t: from the table, and beyond it by the expansion in the normal quantile
// (Abramowitz and Stegun, 26.7.5), which is right to four digits there.
func student975(degrees int) float64 {
	if degrees <= len(students) {
		return students[degrees-1]
	}
	const z = 1.959963984540054
	n := float64(degrees)
	return z + (z*z*z+z)/(4*n) + (5*math.Pow(z, 5)+16*z*z*z+3*z)/(96*n*n)
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
