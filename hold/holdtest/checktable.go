package holdtest

import (
	"encoding/binary"
	"math/bits"
)

// stateKey is 128 bits of a hash over the canonical key of a state. Among 10^8 states two share one with a chance below 10^-22.
type stateKey struct{ hi, lo uint64 }

func (k stateKey) less(x stateKey) bool { return k.hi < x.hi || k.hi == x.hi && k.lo < x.lo }

// hashKey mixes eight bytes at a time into two sums by long multiplication. It is the same on every machine and run.
func hashKey(b []byte) stateKey {
	x, y := uint64(len(b))^0x9E3779B97F4A7C15, uint64(len(b))^0xD1B54A32D192ED03
	for len(b) >= 8 {
		x, y = mix(x, y, binary.LittleEndian.Uint64(b))
		b = b[8:]
	}
	var rest [8]byte
	copy(rest[:], b)
	x, y = mix(x, y, binary.LittleEndian.Uint64(rest[:]))
	x, y = mix(x, y, 0)
	return stateKey{x, y}
}

func mix(x, y, w uint64) (uint64, uint64) {
	h1, l1 := bits.Mul64(x^w, 0xA0761D6478BD642F)
	h2, l2 := bits.Mul64(y^w, 0xE7037ED1A0B428DB)
	return h1 ^ l1 ^ bits.RotateLeft64(y, 23), h2 ^ l2 ^ bits.RotateLeft64(x, 41)
}

// found is one state that was reached: its key, and how it was reached first. A state is rebuilt by replaying the actions that led to it.
type found struct {
	key    stateKey
	parent uint32
	action uint16
}

// table is every state that was reached, in the order of breadth-first search, with an index by key: 24 bytes a state and 4 bytes for each of at least twice as many slots.
type table struct {
	states []found
	slots  []uint32 // the position of a state plus one, at the first free slot from its key on; zero for none
}

func (t *table) has(k stateKey) bool {
	if len(t.slots) == 0 {
		return false
	}
	mask := uint64(len(t.slots) - 1)
	for i := k.lo & mask; t.slots[i] != 0; i = (i + 1) & mask {
		if t.states[t.slots[i]-1].key == k {
			return true
		}
	}
	return false
}

// add takes a state in unless it is there.
func (t *table) add(f found) bool {
	if t.has(f.key) {
		return false
	}
	if 2*len(t.states) >= len(t.slots) {
		t.slots = make([]uint32, max(1<<10, 2*len(t.slots)))
		for i := range t.states {
			t.place(i)
		}
	}
	t.states = append(t.states, f)
	t.place(len(t.states) - 1)
	return true
}

func (t *table) place(i int) {
	mask := uint64(len(t.slots) - 1)
	at := t.states[i].key.lo & mask
	for t.slots[at] != 0 {
		at = (at + 1) & mask
	}
	t.slots[at] = uint32(i + 1)
}

// path is the actions that lead to a state.
func (t *table) path(i uint32) []uint16 {
	n := 0
	for x := i; x != 0; x = t.states[x].parent {
		n++
	}
	all := make([]uint16, n)
	for x := i; x != 0; x = t.states[x].parent {
		n--
		all[n] = t.states[x].action
	}
	return all
}
