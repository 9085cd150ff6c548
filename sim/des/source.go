package des

import (
	"math"
	"math/bits"
)

// Purpose names what a random number is for, such as the gap to the next
// arrival. Models declare their purposes as constants.
type Purpose uint16

// Source gives random numbers by name instead of in sequence: each is a pure
// function of Seed, Replication and the purpose, entity and draw asked for.
// What else was drawn, in which order and on how many goroutines does not
// matter. Replication k can be run alone, and two variants of a model that ask
// for the same names get the same numbers, so that their difference is not
// blurred by luck (common random numbers).
//
// Asking twice for the same name gives the same number, so count draws: by
// entity, or in an entity's record. Different methods asked for the same name
// are not independent of each other.
//
// Uint64, Float64, IntN and Bool give the same on every machine. Exp and Normal
// use package math, whose last bit may differ between processor architectures.
type Source struct {
	Seed        uint64
	Replication uint64
}

// golden is 2^64 divided by the golden ratio, odd: the step of splitmix64
// (Steele, Lea, Flood: Fast splittable pseudorandom number generators,
// OOPSLA 2014).
const golden = 0x9e3779b97f4a7c15

// mix is the output function of splitmix64: variant 13 of Stafford's "Better
// bit mixing" (2011), with the constants of Vigna's splitmix64.c (2015, public
// domain). It is a bijection.
func mix(z uint64) uint64 {
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// Uint64 returns 64 random bits.
//
// The names form a tree of splitmix64 generators: each word of the name picks
// an output of the generator that the words before it have seeded.
func (s Source) Uint64(purpose Purpose, entity, draw uint64) uint64 {
	h := mix(s.Seed + golden)
	h = mix(h + (s.Replication+1)*golden)
	h = mix(h + (uint64(purpose)+1)*golden)
	h = mix(h + (entity+1)*golden)
	return mix(h + (draw+1)*golden)
}

// Float64 returns a uniform number in [0,1), a multiple of 2^-53.
func (s Source) Float64(purpose Purpose, entity, draw uint64) float64 {
	return float64(s.Uint64(purpose, entity, draw)>>11) / (1 << 53)
}

// Exp returns an exponential number with mean 1, by inversion; it is at most
// 36.8.
func (s Source) Exp(purpose Purpose, entity, draw uint64) float64 {
	return -math.Log(1 - s.Float64(purpose, entity, draw))
}

// Normal returns a normal number with mean 0 and standard deviation 1, by
// inversion; it is within 8.3 of 0.
func (s Source) Normal(purpose Purpose, entity, draw uint64) float64 {
	// Half a step keeps the argument off -1, and the 52 bits exact and symmetric.
	u := (float64(s.Uint64(purpose, entity, draw)>>12) + 0.5) / (1 << 52)
	return math.Sqrt2 * math.Erfinv(2*u-1)
}

// IntN returns a uniform whole number in [0,n), or 0 if n is less than 1. No
// number is favoured by more than n in 2^64.
func (s Source) IntN(purpose Purpose, entity, draw uint64, n int) int {
	if n < 1 {
		return 0
	}
	high, _ := bits.Mul64(s.Uint64(purpose, entity, draw), uint64(n))
	return int(high)
}

// Bool returns true with probability p: never for p at most 0 or NaN, always
// for p at least 1. For a given name, what is true at p is true at any higher p.
func (s Source) Bool(purpose Purpose, entity, draw uint64, p float64) bool {
	return s.Float64(purpose, entity, draw) < p
}
