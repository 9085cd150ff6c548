package wire

import (
	"crypto/ecdsa"
	"fmt"
	"testing"
)

// The sizes of published messages: the median, the 90th percentile and the largest.
var sizes = []int{1600, 4300, 19000}

// BenchmarkECDSAVerify is the bare limit: one signature of one digest.
func BenchmarkECDSAVerify(b *testing.B) {
	m := parse(b, original(b))
	key := &testKey("user").PublicKey
	var buf [maxDER]byte
	der := AppendDER(buf[:0], &m.SignatureValue)
	b.ReportAllocs()
	for b.Loop() {
		if !ecdsa.VerifyASN1(key, m.SignedInfoDigest[:], der) {
			b.Fatal("not verified")
		}
	}
}

// BenchmarkParse is one message parsed, canonicalised and digested.
func BenchmarkParse(b *testing.B) {
	for _, n := range sizes {
		src := sized(b, n)
		b.Run(fmt.Sprintf("%dB", len(src)), func(b *testing.B) {
			var p Parser
			var m Message
			b.ReportAllocs()
			b.SetBytes(int64(len(src)))
			for b.Loop() {
				if err := p.Parse(src, &m); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkVerify is one message parsed and its signature verified.
func BenchmarkVerify(b *testing.B) {
	key := &testKey("user").PublicKey
	for _, n := range sizes {
		src := sized(b, n)
		b.Run(fmt.Sprintf("%dB", len(src)), func(b *testing.B) {
			var p Parser
			var m Message
			b.ReportAllocs()
			for b.Loop() {
				if err := p.Parse(src, &m); err != nil {
					b.Fatal(err)
				}
				if err := Verify(&m, key); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
