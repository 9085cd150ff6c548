package hold_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/seed-db8551c1/lastresort/hold"
)

// Any bytes are read as a log, or refused, without a panic. What is refused changes nothing; what is read is written again as the same bytes, and verifies. So that what is behind the hashes is
// reached, the bytes are also tried with the chain computed anew.
func FuzzReadFrom(f *testing.F) {
	r := &hold.Register{Settings: of(hold.MP185)}
	for _, k := range []hold.Kind{hold.FailureNotified, hold.PositionStated, hold.DelayDirected} {
		e := full(k)
		e.ID, e.Failure, e.MPIDs, e.Certificates = k.String(), "zog", nil, nil
		if _, err := r.Apply(e); err != nil {
			f.Fatal(err)
		}
	}
	f.Add(written(f, r))
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, log := range [][]byte{text, sealed(text)} {
			var r hold.Register
			if _, err := r.ReadFrom(bytes.NewReader(log)); err != nil {
				if diff := cmp.Diff(new(hold.Register), &r, everything); diff != "" {
					t.Fatalf("%v, but the register has changed:\n%s", err, diff)
				}
				continue
			}
			if again := written(t, &r); !bytes.Equal(log, again) {
				t.Fatalf("read:\n%s\nwritten:\n%s", log, again)
			}
			if err := hold.VerifyLog(bytes.NewReader(log), r.Head()); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// Any bytes are restored as a snapshot, or refused, without a panic, also with the hash computed anew. What is restored answers and takes events without a panic.
func FuzzRestore(f *testing.F) {
	f.Add(snapshot(f, new(hold.Register)))
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, b := range [][]byte{text, sealed(text)} {
			r, err := hold.Restore(b)
			if err != nil {
				continue
			}
			if again, err := r.Snapshot(); err == nil { // else it was made up, and has a value without a name or a time that cannot be written
				if back, err := hold.Restore(again); err == nil && !bytes.Equal(again, snapshot(t, back)) {
					t.Fatalf("what was restored is written otherwise the second time:\n%s\n%s", again, snapshot(t, back))
				}
			}
			at := time.Date(2021, time.December, 20, 0, 0, 0, 0, time.UTC)
			for _, k := range hold.Kinds() {
				e := full(k)
				e.ID, e.At, e.Failure = "", at, "zog-2021"
				r.Apply(e)
			}
			r.Duties(at)
			r.Overruns(at.AddDate(0, 0, 100))
			r.Authority()
			r.Breaches()
		}
	})
}
