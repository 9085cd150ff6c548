package sim

import (
	"fmt"
	"math"
)

// Distribution says how far the true value of an assumption may be from its default, as far as that can be said, for studies that sample it. The zero value is the default alone.
type Distribution struct {
	Shape     Shape
	Low, High float64
}

// Shape is a kind of distribution.
type Shape uint8

// The shapes.
const (
	Fixed      Shape = iota // the default alone
	Uniform                 // from Low to High; a switch is off or on, equally likely
	Triangular              // from Low to High, the default most likely
	Lognormal               // with 5 % below Low and 5 % above High, both above zero; cut at the bounds of the assumption
)

var shapeNames = [...]string{"fixed", "uniform", "triangular", "lognormal"}

func (s Shape) String() string {
	if int(s) < len(shapeNames) {
		return shapeNames[s]
	}
	return fmt.Sprintf("Shape(%d)", uint8(s))
}

// String gives the distribution in words.
func (d Distribution) String() string {
	switch d.Shape {
	case Fixed:
		return "fixed"
	case Lognormal:
		return fmt.Sprintf("lognormal, 90 %% from %g to %g", d.Low, d.High)
	}
	return fmt.Sprintf("%v from %g to %g", d.Shape, d.Low, d.High)
}

func uniform(low, high float64) Distribution    { return Distribution{Uniform, low, high} }
func triangular(low, high float64) Distribution { return Distribution{Triangular, low, high} }
func lognormal(low, high float64) Distribution  { return Distribution{Lognormal, low, high} }

var (
	fixed  Distribution
	either = uniform(0, 1) // of a switch
)

// z95 is the normal quantile of 95 %.
var z95 = math.Sqrt2 * math.Erfinv(0.9)

// quantile is the value that a share of the assumption's distribution is below, for a share from 0 to below 1.
func (a *Assumption) quantile(share float64) float64 {
	d := &a.Distribution
	v := a.Default
	switch d.Shape {
	case Fixed:
	case Uniform:
		v = d.Low + share*(d.High-d.Low)
		if a.Unit == unitSwitch {
			v = math.Floor(2 * share)
		}
	case Triangular:
		rise, fall := a.Default-d.Low, d.High-a.Default
		if width := rise + fall; share*width < rise {
			v = d.Low + math.Sqrt(share*width*rise)
		} else {
			v = d.High - math.Sqrt((1-share)*width*fall)
		}
	case Lognormal:
		middle, half := (math.Log(d.High)+math.Log(d.Low))/2, (math.Log(d.High)-math.Log(d.Low))/2
		v = math.Exp(middle + half*math.Sqrt2*math.Erfinv(2*share-1)/z95)
	}
	return min(max(v, a.Min), a.Max)
}
