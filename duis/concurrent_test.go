package duis_test

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/seed-db8551c1/lastresort/duis"
	"github.com/seed-db8551c1/lastresort/smki"
)

// While one writer revokes a certificate and moves the MPID of the same supplier, again and again, a million decisions each agree with the World before or after
// the change, and never with half of it.
func TestDecisionsAreNeverMixtures(t *testing.T) {
	const suppliers = 64
	decisions := 1_000_000
	if testing.Short() {
		decisions = 200_000
	}
	f := sample()
	cert := func(k int) smki.CertificateID { return smki.CertificateID(fmt.Sprintf("CN=OCA/%d", 1000+k)) }
	mpid := func(k int) smki.MPID { return smki.MPID(fmt.Sprintf("S%03d", k)) }
	party := func(k int) smki.PartyID { return smki.PartyID(fmt.Sprint("supplier ", k)) }
	for k := range suppliers {
		user, device, point := smki.EUI64(1000+k), smki.EUI64(2000+k), mpan+1+duis.MPxN(k)
		f.users = append(f.users, smki.User{ID: user, Party: party(k), Roles: smki.RolesOf(smki.ImportSupplier)})
		f.certs = append(f.certs, certFact{Certificate: smki.Certificate{ID: cert(k), Use: smki.XMLSign, Subject: user, Subscriber: party(k), NotBefore: start}})
		f.mpids = append(f.mpids, mpidFact{mpid(k), smki.Electricity, []smki.MPIDHolding{{From: start, Party: party(k)}}})
		f.registrations = append(f.registrations, registrationFact{point, start, mpid(k)})
		f.devices = append(f.devices, duis.Device{ID: device, Type: duis.ESME, Status: duis.Commissioned, Import: point})
	}
	first := f.world(t)
	requests := make([]*duis.Request, suppliers)
	for k := range requests {
		c := request(duis.TopUpDevice, duis.SendCommand, smki.EUI64(2000+k)).from(smki.EUI64(1000+k), cert(k), "")
		requests[k] = c.on(first)
	}

	var world atomic.Pointer[duis.World]
	world.Store(first)
	stop := make(chan struct{})
	var writer, readers sync.WaitGroup
	changes := 0
	writer.Go(func() {
		for {
			d, w := f.directory(t), first
			for k := range suppliers {
				select {
				case <-stop:
					return
				default:
				}
				d = d.Clone()
				d.Revoke(cert(k), smki.Revocation{At: now, Reason: smki.CessationOfOperation})
				must(t, d.DCC.Transfer(mpid(k), "Octopus", now))
				e := w.Edit()
				must(t, e.SetDirectory(d))
				w = e.World()
				world.Store(w)
				changes++
			}
			world.Store(first)
		}
	})
	both := duis.ReasonsOf(duis.XMLSignRevoked, duis.MPIDMoved)
	var before, after atomic.Int64
	for n := range 4 {
		readers.Go(func() {
			random := rand.New(rand.NewPCG(uint64(n), 1))
			for range decisions / 4 {
				k := random.IntN(suppliers)
				w := world.Load()
				d := duis.Decide(w, requests[k], now)
				changed := uint64(k) < d.Version-first.Version()
				switch {
				case d.Version != w.Version() || changed && d.Reasons != both || !changed && d.Outcome != duis.Accepted:
					t.Errorf("supplier %d, version %d of the World: %s", k, w.Version(), explain(d, w))
					return
				case changed:
					after.Add(1)
				default:
					before.Add(1)
				}
			}
		})
	}
	readers.Wait()
	close(stop)
	writer.Wait()
	if before.Load() == 0 || after.Load() == 0 || changes == 0 {
		t.Errorf("%d decisions before a change, %d after, %d changes: nothing was tried", before.Load(), after.Load(), changes)
	}
	t.Logf("%d decisions before a change, %d after it, %d changes", before.Load(), after.Load(), changes)
}

// Any number of goroutines may use a gate: of one message sent many times at once exactly one is accepted, and every decision is of one World.
func TestGateIsConcurrent(t *testing.T) {
	s := signedSample(t)
	w := s.world(t)
	s.cert(s.avro.XMLSign.Certificate.ID()).revoked = now
	s.move("AVRO", "Octopus", now)
	moved := s.world(t)
	g := gate(w)
	const messages, copies = 25, 4
	var all [messages]duis.Arrival
	for i := range all {
		all[i] = s.topUp(uint64(i + 1)).arrival(t)
	}
	var accepted [messages]atomic.Int64
	var group sync.WaitGroup
	for range copies {
		group.Go(func() {
			for i := range all {
				switch v := g.Decide(all[i]); v.Outcome {
				case duis.Accepted:
					accepted[i].Add(1)
				default:
					if v.Reasons != duis.ReasonsOf(duis.Replayed) && v.Reasons&^duis.ReasonsOf(duis.Replayed) != duis.ReasonsOf(duis.XMLSignRevoked, duis.MPIDMoved) {
						t.Errorf("message %d: %s", i, explainVerdict(v))
					}
				}
			}
		})
	}
	group.Go(func() {
		for i := range 200 {
			if i%2 == 0 {
				g.Publish(moved, nil)
			} else {
				g.Publish(w, moved)
			}
			if _, err := g.AppendBinary(nil); err != nil {
				t.Error(err)
			}
		}
	})
	group.Wait()
	for i := range accepted {
		if n := accepted[i].Load(); n > 1 {
			t.Errorf("message %d was accepted %d times", i, n)
		}
	}
}
