package des

import "testing"

// The published outputs of splitmix64 for the seed 1234567 (Rosetta Code,
// "Pseudo-random numbers/Splitmix64") show that the constants are right.
func TestMixIsSplitmix64(t *testing.T) {
	state := uint64(1234567)
	for i, want := range []uint64{
		6457827717110365317,
		3203168211198807973,
		9817491932198370423,
		4593380528125082431,
		16408922859458223821,
	} {
		state += golden
		if got := mix(state); got != want {
			t.Errorf("output %d: %d, want %d", i, got, want)
		}
	}
}
