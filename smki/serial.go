package smki

import (
	"encoding/binary"
	"math/bits"
	"strconv"
)

// serialNumber is the value of a certificate serial number, big-endian. RFC 5280, section 4.1.2.2, allows 20 octets.
// Being a comparable value of fixed size, it is a map key without allocation.
type serialNumber [20]byte

// makeSerial is the serial number of a magnitude of at most 20 octets.
func makeSerial(magnitude []byte) (s serialNumber) {
	copy(s[len(s)-len(magnitude):], magnitude)
	return s
}

// parseSerial reads a positive serial number in canonical decimal: digits without a leading zero, below 2^159 (20 octets with a sign).
func parseSerial[T string | []byte](text T) (s serialNumber, ok bool) {
	if len(text) == 0 || len(text) > 48 || text[0] == '0' {
		return s, false
	}
	var w [3]uint64 // little-endian 192 bits
	for i := range len(text) {
		c := text[i]
		if c < '0' || c > '9' {
			return s, false
		}
		carry := uint64(c - '0')
		for j := range w {
			hi, lo := bits.Mul64(w[j], 10)
			var c0 uint64
			w[j], c0 = bits.Add64(lo, carry, 0)
			carry = hi + c0
		}
		if carry != 0 || w[2] >= 1<<31 {
			return s, false
		}
	}
	binary.BigEndian.PutUint32(s[0:], uint32(w[2]))
	binary.BigEndian.PutUint64(s[4:], w[1])
	binary.BigEndian.PutUint64(s[12:], w[0])
	return s, true
}

// appendTo appends the canonical decimal text.
func (s serialNumber) appendTo(b []byte) []byte {
	const chunk = 1e19 // the largest power of ten in 64 bits
	w := [3]uint64{uint64(binary.BigEndian.Uint32(s[0:])), binary.BigEndian.Uint64(s[4:]), binary.BigEndian.Uint64(s[12:])}
	var low [2]uint64
	n := 0
	for ; w[0] != 0 || w[1] != 0 || w[2] >= chunk; n++ { // at most twice: 2^160 < 10^57, two chunks leave less than 10^19
		var r uint64
		for i := range w {
			w[i], r = bits.Div64(r, w[i], chunk)
		}
		low[n] = r
	}
	b = strconv.AppendUint(b, w[2], 10)
	for n > 0 {
		n--
		v := low[n]
		for p := uint64(chunk / 10); p > 0; p /= 10 {
			b = append(b, byte('0'+v/p%10))
		}
	}
	return b
}

// String gives the canonical decimal text.
func (s serialNumber) String() string { return string(s.appendTo(make([]byte, 0, 49))) }
