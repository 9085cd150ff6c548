// Package student has the quantile of Student's t that 95 % intervals need.
package student

import "math"

// table is the 97.5 % quantile with 1 to 30 degrees of freedom (Abramowitz and Stegun, table 26.10).
var table = [...]float64{12.7062, 4.3027, 3.1824, 2.7764, 2.5706, 2.4469, 2.3646, 2.3060, 2.2622, 2.2281,
	2.2010, 2.1788, 2.1604, 2.1448, 2.1314, 2.1199, 2.1098, 2.1009, 2.0930, 2.0860,
	2.0796, 2.0739, 2.0687, 2.0639, 2.0595, 2.0555, 2.0518, 2.0484, 2.0452, 2.0423}

// Quantile975 is the 97.5 % quantile with 1 or more degrees of freedom, NaN with less: from the table, and beyond it by the expansion in the normal quantile
// (Abramowitz and Stegun, 26.7.5), which is right to four digits there.
func Quantile975(degrees int) float64 {
	switch {
	case degrees < 1:
		return math.NaN()
	case degrees <= len(table):
		return table[degrees-1]
	}
	const z = 1.959963984540054
	n := float64(degrees)
	return z + (z*z*z+z)/(4*n) + (5*math.Pow(z, 5)+16*z*z*z+3*z)/(96*n*n)
}
