package hold_test

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"testing"

	"github.com/seed-db8551c1/lastresort/hold"
)

// long is a register with 28 open failures and 10,000 events more, in which SRPs state their positions and SoLRs revise what they confirmed.
func long(b *testing.B) *hold.Register {
	r, at := autumn(b)
	for i := range 10_000 {
		e := position()
		if i%2 == 1 {
			e = confirmation(octopus, hold.Confirmations()[i%5])
		}
		e.ID, e.At = fmt.Sprintf("event %d", i), at
		e.Failure = r.Failures(at)[i%28].ID
		if _, err := r.Apply(e); err != nil {
			b.Fatal(err)
		}
	}
	return r
}

// One operation is one event as in BenchmarkApply, sealed and written to nowhere. What it takes beyond BenchmarkApply is the price of the log.
func BenchmarkApplySealAndWrite(b *testing.B) {
	r, at := autumn(b)
	e := position()
	e.Failure, e.At = "failure 7", at
	head := r.Head()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := r.Apply(e); err != nil {
			b.Fatal(err)
		}
		var err error
		if head, err = r.WriteSince(io.Discard, head); err != nil {
			b.Fatal(err)
		}
	}
}

// One operation is a copy of a register of about 10,000 events of which nothing was sealed, and its head: all of them are encoded and hashed.
func BenchmarkHead(b *testing.B) {
	r := long(b)
	b.ReportAllocs()
	for b.Loop() {
		r.Clone().Head()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(r.Seq()), "ns/record")
}

// One operation is a whole log of about 10,000 records, checked against its head. The limit is BenchmarkSHA256OfLog.
func BenchmarkVerifyLog(b *testing.B) {
	r := long(b)
	log, head := written(b, r), r.Head()
	b.SetBytes(int64(len(log)))
	b.ReportAllocs()
	for b.Loop() {
		if err := hold.VerifyLog(bytes.NewReader(log), head); err != nil {
			b.Fatal(err)
		}
	}
}

// One operation is the hash of the octets that BenchmarkVerifyLog checks, in one go.
func BenchmarkSHA256OfLog(b *testing.B) {
	log := written(b, long(b))
	b.SetBytes(int64(len(log)))
	for b.Loop() {
		sha256.Sum256(log)
	}
}

// One operation is the whole log, written.
func BenchmarkWriteLog(b *testing.B) {
	r := long(b)
	b.SetBytes(int64(len(written(b, r))))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := r.WriteTo(io.Discard); err != nil {
			b.Fatal(err)
		}
	}
}

// One operation is a register from its whole log. The peer is BenchmarkRestore, which gives the same register but for the events.
func BenchmarkReplayLog(b *testing.B) {
	log := written(b, long(b))
	b.SetBytes(int64(len(log)))
	b.ReportAllocs()
	for b.Loop() {
		var r hold.Register
		if _, err := r.ReadFrom(bytes.NewReader(log)); err != nil {
			b.Fatal(err)
		}
	}
}

// One operation is the register of BenchmarkReplayLog from its snapshot.
func BenchmarkRestore(b *testing.B) {
	text := snapshot(b, long(b))
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := hold.Restore(text); err != nil {
			b.Fatal(err)
		}
	}
}

// One operation is the snapshot that BenchmarkRestore reads.
func BenchmarkSnapshot(b *testing.B) {
	r := long(b)
	b.SetBytes(int64(len(snapshot(b, r))))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := r.Snapshot(); err != nil {
			b.Fatal(err)
		}
	}
}
