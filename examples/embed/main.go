// Command embed is a request path in small: one goroutine takes events into the register and publishes the world that follows from them; any number of
// others decide Service Requests in it. It shows what becomes of the same top-up while a supplier fails.
package main

import (
	"fmt"
	"log"
	"sync/atomic"
	"time"

	"github.com/seed-db8551c1/lastresort/duis"
	"github.com/seed-db8551c1/lastresort/hold"
	"github.com/seed-db8551c1/lastresort/smki"
)

// gateway is what stands between the User's systems and the devices.
type gateway struct {
	world atomic.Pointer[duis.World] // what readers decide in

	register hold.Register // the writer's own
}

// apply takes an event and publishes what follows from it. Only one goroutine may call it.
func (g *gateway) apply(e hold.Event) error {
	if _, err := g.register.Apply(e); err != nil {
		return err
	}
	next := g.world.Load().Edit()
	if err := g.register.Update(next); err != nil {
		return err
	}
	g.world.Store(next.World())
	return nil
}

// decide says what becomes of a request. Any goroutine may call it.
func (g *gateway) decide(r *duis.Request, at time.Time) duis.Decision {
	return duis.Decide(g.world.Load(), r, at)
}

const (
	user  smki.EUI64 = 0x90B3D51F30010000
	meter smki.EUI64 = 0x00DB1234567890A0
)

func main() {
	if err := run(); err != nil {
		log.Fatal(err)
	}
}

func run() error {
	day := func(d, h int) time.Time { return time.Date(2021, time.November, d, h, 0, 0, 0, time.UTC) }
	var g gateway
	g.world.Store(new(duis.World))

	avro := []smki.MPID{"AVRO"}
	cert := func(id smki.CertificateID, use smki.CertificateUse, of smki.PartyID) hold.Event {
		return hold.Event{At: day(1, 0), Kind: hold.CertificateIssued, Certificate: &smki.Certificate{ID: id, Use: use, Subject: user, Subscriber: of}}
	}
	for _, e := range []hold.Event{
		{At: day(1, 0), Kind: hold.UserRecorded, User: &smki.User{ID: user, Party: "Avro", Roles: smki.RolesOf(smki.ImportSupplier)}},
		{At: day(1, 0), Kind: hold.MPIDAllocated, MPIDs: avro, Party: "Avro"},
		cert("avro/xml-sign", smki.XMLSign, "Avro"),
		cert("srp/dccki", smki.DCCKI, "Shared Systems"),
		{At: day(18, 9), Kind: hold.FailureNotified, Failure: "avro-2021", Party: "Avro"},
		{At: day(18, 10), Kind: hold.DelayDirected, Failure: "avro-2021", Controls: hold.Revocation | hold.Transfer},
		{At: day(18, 11), Kind: hold.DelayReceived, Failure: "avro-2021"},
	} {
		if err := g.apply(e); err != nil {
			return err
		}
	}

	// The inventory and the registrations come by feeds of their own.
	next := g.world.Load().Edit()
	if err := next.Register(1200023305967, day(1, 0), "AVRO"); err != nil {
		return err
	}
	if err := next.SetDevice(duis.Device{ID: meter, Type: duis.ESME, Status: duis.Commissioned, Import: 1200023305967}); err != nil {
		return err
	}
	g.world.Store(next.World())

	topUp := func(at time.Time) {
		w := g.world.Load()
		xmlSign, _ := w.CertificateNumber("avro/xml-sign")
		channel, _ := w.CertificateNumber("srp/dccki")
		d := g.decide(&duis.Request{
			ID:  duis.RequestID{Originator: user, Target: meter, Counter: uint64(at.UnixMilli())},
			SRV: duis.TopUpDevice, Variant: duis.SendCommand, Service: duis.SendCommandService,
			XMLSign: xmlSign, Channel: channel,
		}, at)
		fmt.Printf("%s %s\n", at.Format("2 Jan 15:04"), d.AppendText(nil, w))
	}

	topUp(day(18, 12)) // delayed, and the licence still held
	if err := g.apply(hold.Event{At: day(22, 0), Kind: hold.LicenceRevoked, Failure: "avro-2021", Party: "Avro"}); err != nil {
		return err
	}
	topUp(day(22, 1)) // delayed: it passes, but no authority covers it yet
	if err := g.apply(hold.Event{At: day(22, 2), Kind: hold.MPIDTransferred, MPIDs: avro, Party: "Octopus Energy"}); err != nil {
		return err
	}
	topUp(day(22, 3)) // moved against the delay: rejected, whatever the certificates say
	for _, b := range g.register.Breaches() {
		fmt.Printf("breach of %v: %v %s\n", b.Rules, b.Action, b.MPID)
	}
	return nil
}
