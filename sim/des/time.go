package des

import (
	"math"
	"time"
)

// Time is an instant, or the distance between two, in whole microseconds.
// Instant 0 is the start of the simulated period; there is none before it.
// Instants and distances add with +: s.Now() + 5*des.Minute.
type Time int64

// Units to build a Time from.
const (
	Microsecond Time = 1
	Millisecond      = 1000 * Microsecond
	Second           = 1000 * Millisecond
	Minute           = 60 * Second
	Hour             = 60 * Minute
	Day              = 24 * Hour
)

// MaxTime is the last instant at which an event can be scheduled,
// 2283 years after the start.
const MaxTime Time = 1<<56 - 1

// FromDuration returns d rounded to the nearest microsecond, halves away from
// zero.
func FromDuration(d time.Duration) Time {
	return Time(d.Round(time.Microsecond) / time.Microsecond)
}

// Duration returns t as a time.Duration. Beyond 292 years, where a Duration
// ends, it returns the nearest one there is.
func (t Time) Duration() time.Duration {
	const limit = Time(math.MaxInt64 / time.Microsecond)
	switch {
	case t > limit:
		return math.MaxInt64
	case t < -limit:
		return math.MinInt64
	}
	return time.Duration(t) * time.Microsecond
}

// FromSeconds returns x seconds rounded to the nearest microsecond, halves away
// from zero. What no Time can hold (beyond 292,000 years, or not a number)
// becomes the nearest Time there is, for NaN the least one: added to the clock
// each of them lies outside of what Schedule accepts.
func FromSeconds(x float64) Time {
	us := math.Round(x * 1e6)
	switch {
	case us >= math.MaxInt64: // the constant rounds up to 2^63
		return math.MaxInt64
	case us >= math.MinInt64:
		return Time(us)
	}
	return math.MinInt64
}

// Seconds returns t in seconds.
func (t Time) Seconds() float64 { return float64(t) / 1e6 }

// String returns t as time.Duration prints it, such as "1h2m0.5s".
func (t Time) String() string { return t.Duration().String() }
