package main

import (
	"errors"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"github.com/seed-db8551c1/lastresort/duis"
	"github.com/seed-db8551c1/lastresort/hold"
	"github.com/seed-db8551c1/lastresort/smki"
)

func Example() {
	main()
	// Output:
	// a top-up: I99
	// -- the process is killed, and started anew
	// 6 events in the log
	// the same top-up: E100
	// the next: I99
	// breach of R4, R8, R11: transfer MPID AVRO
	// one after the MPID moved: E4
}

// started is a gateway on a store, with what it needs to accept a top-up.
func started(t *testing.T, d *day, s *store) *gateway {
	t.Helper()
	g := &gateway{store: s, now: func() time.Time { return d.now }, dcc: d.dcc.Certificate, key: d.dcc.Key}
	if err := g.start(d.trust); err != nil {
		t.Fatal(err)
	}
	if g.register.Seq() == 0 {
		xmlSign := d.supplier.XMLSign.Certificate.State("Avro")
		for _, e := range []hold.Event{
			{Kind: hold.UserRecorded, User: &smki.User{ID: avro, Party: "Avro", Roles: smki.RolesOf(smki.ImportSupplier)}},
			{Kind: hold.MPIDAllocated, Party: "Avro", MPIDs: []smki.MPID{"AVRO"}},
			{Kind: hold.CertificateIssued, Certificate: &xmlSign},
			{Kind: hold.CertificateIssued, Certificate: &smki.Certificate{ID: channel, Use: smki.DCCKI, Subscriber: "Shared Systems"}},
			{Kind: hold.ThresholdsApplied, Thresholds: []duis.Threshold{{User: avro, Warning: 100, Quarantine: 100}}},
		} {
			if err := d.apply(g, e); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := g.learn(d.registrations); err != nil {
		t.Fatal(err)
	}
	return g
}

// Whatever was answered before a crash is a replay after it, however many messages came at once.
func TestNoReplayAfterACrash(t *testing.T) {
	d, err := newDay()
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "gateway.db")
	s, err := openStore(file)
	if err != nil {
		t.Fatal(err)
	}
	g := started(t, d, s)
	var arrivals []duis.Arrival
	for n := range uint64(20) {
		m, err := d.topUp(n + 1)
		if err != nil {
			t.Fatal(err)
		}
		arrivals = append(arrivals, duis.Arrival{Message: m, Service: duis.SendCommandService, Channel: channel, At: d.now})
	}
	accepted := make([]bool, len(arrivals))
	var all sync.WaitGroup
	for n := range arrivals {
		all.Go(func() {
			v, err := g.decide(arrivals[n])
			if err != nil {
				t.Error(err)
			}
			accepted[n] = v.Outcome == duis.Accepted
		})
	}
	all.Wait()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}

	if s, err = openStore(file); err != nil {
		t.Fatal(err)
	}
	head := g.register.Head()
	g = started(t, d, s)
	if g.register.Head() != head {
		t.Errorf("the log ends at %v after the restart, at %v before", g.register.Head(), head)
	}
	any := false
	for n, a := range arrivals {
		if accepted[n] {
			any = true
			if v, err := g.decide(a); err != nil || !v.Reasons.Has(duis.Replayed) {
				t.Errorf("message %d after the crash: %v, %v", n, v.Outcome, err)
			}
		}
	}
	if !any {
		t.Error("nothing was accepted before the crash")
	}

	// What cannot be stored has no effect, and ends the service.
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := g.apply(hold.Event{At: d.now, Kind: hold.FailureNotified, Failure: "avro-2021", Party: "Avro"}); err == nil || g.register.Head() != head {
		t.Errorf("an event without a store: %v", err)
	}
	arrival := func(counter uint64) duis.Arrival {
		m, err := d.topUp(counter)
		if err != nil {
			t.Fatal(err)
		}
		return duis.Arrival{Message: m, Service: duis.SendCommandService, Channel: channel, At: d.now}
	}
	if v := g.gate.Decide(arrival(100)); v.Outcome != duis.Accepted { // by another, who has not written it yet
		t.Fatalf("before the store fails: %v", v.Outcome)
	}
	if v, err := g.decide(arrival(101)); err == nil {
		t.Errorf("a message without a store: %v", v.Outcome)
	}
	if err := g.saveChanges(); err == nil {
		t.Error("one that was decided before is answered, though it is not stored")
	}
	if g.store, err = openStore(file); err != nil { // it fails once only
		t.Fatal(err)
	}
	defer g.store.Close()
	if err := g.learn(nil); err == nil {
		t.Error("a world is published, though the memory is not what the store has")
	}
	if v := g.gate.Decide(arrival(102)); v.Outcome != duis.NoConnection {
		t.Errorf("after that: %v", v.Outcome)
	}
}

// A log that was altered in the store, or cut, is not taken up.
func TestAlteredStore(t *testing.T) {
	d, err := newDay()
	if err != nil {
		t.Fatal(err)
	}
	s, err := openStore(filepath.Join(t.TempDir(), "gateway.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	started(t, d, s)
	if _, err := s.register(); err != nil {
		t.Fatal(err)
	}
	err = s.db.Update(func(tx *bbolt.Tx) error {
		last, _ := tx.Bucket(logBucket).Cursor().Last()
		return tx.Bucket(logBucket).Delete(last)
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.register(); err == nil {
		t.Error("a log without its last event was taken up")
	}
	forged := new(hold.Register)
	if _, err := forged.Apply(hold.Event{At: d.now, Kind: hold.MPIDAllocated, Party: "Mallory", MPIDs: []smki.MPID{"AVRO"}}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.appendLog(forged, hold.Head{}); err != nil {
		t.Fatal(err)
	}
	var bad *hold.LogError
	if _, err := s.register(); !errors.As(err, &bad) {
		t.Errorf("a log with a part of another: %v", err)
	}
}
