package des_test

import (
	"math"
	"math/bits"
	"testing"

	"github.com/seed-db8551c1/lastresort/sim/des"
)

// name is all that a random number depends on, as one array of words: seed,
// replication, purpose, entity, draw.
type name [5]uint64

var words = [5]string{"seed", "replication", "purpose", "entity", "draw"}

// width is the number of bits in each word of a name.
var width = [5]int{64, 64, 16, 64, 64}

func (n name) uint64() uint64 {
	return des.Source{Seed: n[0], Replication: n[1]}.Uint64(des.Purpose(n[2]), n[3], n[4])
}

func (n name) with(word int, x uint64) name {
	n[word] = x
	return n
}

// starts are names of the kind that models use: small numbers and zeros.
var starts = []name{{}, {1, 0, 0, 0, 0}, {20211117, 7, 3, 4_194_303, 1}}

// unlikely says whether a chi-square statistic is more than 5 standard
// deviations off its mean, to either side: too even is no better than uneven.
func unlikely(statistic float64, freedom int) bool {
	return math.Abs(statistic-float64(freedom)) > 5*math.Sqrt(2*float64(freedom))
}

func chiSquare(cells []int) float64 {
	total := 0
	for _, n := range cells {
		total += n
	}
	expected, sum := float64(total)/float64(len(cells)), 0.0
	for _, n := range cells {
		sum += (float64(n) - expected) * (float64(n) - expected) / expected
	}
	return sum
}

// With one word of the name counting up alone, every byte of the number is
// uniform.
func TestUniformOverEachWord(t *testing.T) {
	for _, start := range starts {
		for word := range words {
			var cells [8][256]int
			for i := range uint64(1 << 16) {
				x := start.with(word, start[word]+i).uint64()
				for b := range cells {
					cells[b][byte(x>>(8*b))]++
				}
			}
			for b := range cells {
				if x := chiSquare(cells[b][:]); unlikely(x, 255) {
					t.Errorf("from %v, %s counting: byte %d has chi-square %.0f at 255 degrees of freedom", start, words[word], b, x)
				}
			}
		}
	}
}

// Numbers whose names differ by one in one word are independent, as are those
// with entity and draw exchanged, and those one diagonal step apart.
func TestNeighboursAreIndependent(t *testing.T) {
	neighbours := map[string]func(name) name{
		"entity and draw exchanged":   func(n name) name { return name{n[0], n[1], n[2], n[4], n[3]} },
		"next entity, previous draw":  func(n name) name { return name{n[0], n[1], n[2], n[3] + 1, n[4] - 1} },
		"next purpose, previous draw": func(n name) name { return name{n[0], n[1], n[2] + 1, n[3], n[4] - 1} },
		"seed and replication moved":  func(n name) name { return name{n[0] + 1, n[1] - 1, n[2], n[3], n[4]} },
	}
	for word := range words {
		neighbours["next "+words[word]] = func(n name) name { return n.with(word, n[word]+1) }
	}
	for what, neighbour := range neighbours {
		var high, low [256]int
		product := 0.0
		const side = 512
		for entity := range uint64(side) {
			for draw := range uint64(side) {
				n := name{3, 5, 7, entity, draw + side + 1}
				x, y := n.uint64(), neighbour(n).uint64()
				high[x>>60<<4|y>>60]++
				low[x&15<<4|y&15]++
				product += (float64(x)/(1<<64) - 0.5) * (float64(y)/(1<<64) - 0.5)
			}
		}
		if a, b := chiSquare(high[:]), chiSquare(low[:]); unlikely(a, 255) || unlikely(b, 255) {
			t.Errorf("%s: chi-square of the pairs %.0f in the high bits, %.0f in the low, at 255 degrees of freedom", what, a, b)
		}
		// The product of two centred uniforms has standard deviation 1/12.
		if r := 12 * product / (side * side); math.Abs(r) > 5/float64(side) {
			t.Errorf("%s: correlation %.4f", what, r)
		}
	}
}

// Changing any one bit of the name changes each bit of the number half the time.
func TestAvalanche(t *testing.T) {
	const samples = 2048
	for word := range words {
		for bit := range width[word] {
			var flips [64]int
			for i := range uint64(samples) {
				n := name{i, i >> 3, i & 7, i * i, i & 31}
				changed := n.uint64() ^ n.with(word, n[word]^1<<bit).uint64()
				for ; changed != 0; changed &= changed - 1 {
					flips[bits.TrailingZeros64(changed)]++
				}
			}
			for out, n := range flips {
				// 17,408 cells: 5.5 standard deviations.
				if math.Abs(float64(n)-samples/2) > 5.5*math.Sqrt(samples)/2 {
					t.Errorf("bit %d of the %s changes bit %d of the number %d times in %d", bit, words[word], out, n, samples)
				}
			}
		}
	}
}

// Moments, each within 5 standard errors of its exact value.
func TestMoments(t *testing.T) {
	src := des.Source{Seed: 1}
	for _, test := range []struct {
		name string
		draw func(uint64) float64
		want [4]float64 // E X, E X², E X³, E X⁴
		last float64    // E X⁸, for the error of the fourth
	}{
		{"Float64", func(i uint64) float64 { return src.Float64(0, i, 0) }, [4]float64{1. / 2, 1. / 3, 1. / 4, 1. / 5}, 1. / 9},
		{"Exp", func(i uint64) float64 { return src.Exp(1, 0, i) }, [4]float64{1, 2, 6, 24}, 40320},
		{"Normal", func(i uint64) float64 { return src.Normal(2, i, 0) }, [4]float64{0, 1, 0, 3}, 105},
	} {
		// The variance of X^k needs E X^2k; 15 is that of X⁶ for the normal.
		sixth := map[string]float64{"Float64": 1. / 7, "Exp": 720, "Normal": 15}[test.name]
		double := [4]float64{test.want[1], test.want[3], sixth, test.last}
		var moments [4]des.Tally
		const n = 400_000
		for i := range uint64(n) {
			x, power := test.draw(i), 1.0
			for k := range moments {
				power *= x
				moments[k].Add(power)
			}
		}
		for k := range moments {
			exact := test.want[k]
			if e := math.Sqrt((double[k] - exact*exact) / n); math.Abs(moments[k].Mean()-exact) > 5*e {
				t.Errorf("%s: moment %d is %v, want %v ± %v", test.name, k+1, moments[k].Mean(), exact, e)
			}
		}
	}
}

// Equal steps of probability catch equal numbers of normal draws, tails
// included, and each draw is the quantile of the uniform number of its name.
func TestNormalShape(t *testing.T) {
	var cells [200]int
	for i := range uint64(400_000) {
		x := des.Source{Seed: 2}.Normal(0, 0, i)
		p := math.Erfc(-x/math.Sqrt2) / 2
		if u := (des.Source{Seed: 2}).Float64(0, 0, i); math.Abs(p-u) > 1e-14 {
			t.Fatalf("draw %d: %v is the quantile of %v, want that of %v", i, x, p, u)
		}
		cells[min(int(200*p), 199)]++
	}
	if x := chiSquare(cells[:]); unlikely(x, 199) {
		t.Errorf("chi-square %.0f at 199 degrees of freedom", x)
	}
}

func TestIntN(t *testing.T) {
	src := des.Source{Seed: 9}
	for _, n := range []int{0, -1, math.MinInt} {
		if got := src.IntN(0, 0, 0, n); got != 0 {
			t.Errorf("IntN(%d) = %d, want 0", n, got)
		}
	}
	cells := make([]int, 7)
	for i := range uint64(70_000) {
		cells[src.IntN(0, i, 0, len(cells))]++
		if x := src.IntN(0, i, 0, math.MaxInt); x < 0 {
			t.Fatalf("IntN(MaxInt) = %d", x)
		}
	}
	if x := chiSquare(cells); unlikely(x, 6) {
		t.Errorf("chi-square %.1f at 6 degrees of freedom: %v", x, cells)
	}
}

func TestBool(t *testing.T) {
	src := des.Source{Seed: 4}
	trues := 0
	for i := range uint64(100_000) {
		if src.Bool(0, i, 0, 0) || src.Bool(0, i, 0, -1) || src.Bool(0, i, 0, math.NaN()) || !src.Bool(0, i, 0, 1) {
			t.Fatalf("entity %d: a certain outcome was drawn", i)
		}
		if src.Bool(0, i, 0, 0.3) {
			trues++
			if !src.Bool(0, i, 0, 0.31) {
				t.Fatalf("entity %d: true at 0.3, false at 0.31", i)
			}
		}
	}
	if math.Abs(float64(trues)-30_000) > 5*math.Sqrt(100_000*0.3*0.7) {
		t.Errorf("%d of 100000 at probability 0.3", trues)
	}
}

// The numbers are part of every published result: they do not change.
func TestSourceValues(t *testing.T) {
	src := des.Source{Seed: 42, Replication: 99}
	for _, test := range []struct {
		got, want uint64
	}{
		{des.Source{}.Uint64(0, 0, 0), 0x78ae5a9a6b5fd45e},
		{src.Uint64(1, 2, 3), 0x12e3aa1370f83d2b},
		{src.Uint64(1<<16-1, 1<<64-1, 1<<64-1), 0x9711720c41688c2},
	} {
		if test.got != test.want {
			t.Errorf("got %#x, want %#x", test.got, test.want)
		}
	}
}
