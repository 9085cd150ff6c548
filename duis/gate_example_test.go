package duis_test

import (
	"bytes"
	"fmt"
	"log"
	"time"

	"github.com/seed-db8551c1/lastresort/duis"
	"github.com/seed-db8551c1/lastresort/smki"
	"github.com/seed-db8551c1/lastresort/smki/smkitest"
)

// A gate decides on the bytes of a signed top-up: as it was sent, sent again, and altered on the way.
func ExampleGate() {
	const user, meter = smki.EUI64(0x90B3D51F30010000), smki.EUI64(0x00DB1234567890A0)
	const point = duis.MPxN(1012345678901)
	noon := time.Date(2021, 9, 27, 12, 0, 0, 0, time.UTC)
	check := func(errs ...error) {
		for _, err := range errs {
			if err != nil {
				log.Fatal(err)
			}
		}
	}

	// A supplier with its certificates, for the sake of the example.
	pki, err := smkitest.New(1)
	check(err)
	supplier, err := pki.Supplier(user)
	check(err)
	trust, err := pki.Trust()
	check(err, trust.Add(supplier.XMLSign.Certificate))

	// The world: who may speak, for which meter, and how often.
	directory := new(smki.Directory)
	check(
		directory.SetUser(smki.User{ID: user, Party: "Avro", Roles: smki.RolesOf(smki.ImportSupplier)}),
		directory.Issue(supplier.XMLSign.Certificate.State("Avro")),
		directory.Issue(smki.Certificate{ID: "CN=DCCKI/1", Use: smki.DCCKI, Subscriber: "Utilita", NotBefore: smkitest.Start}),
		directory.Allocate("AVRO", smki.Electricity, "Avro", smkitest.Start),
	)
	edit := new(duis.World).Edit()
	edit.SetTrust(trust)
	edit.SetAuthority(duis.Licensed{})
	daily := duis.Update{Issuer: "registrars", Number: 1, Made: noon, NextDue: noon.AddDate(0, 0, 1)}
	check(
		edit.SetDirectory(directory),
		edit.Follow(duis.RegistrationFeed, "registrars"), edit.Receive(duis.RegistrationFeed, daily, noon),
		edit.Register(point, smkitest.Start, "AVRO"),
		edit.SetDevice(duis.Device{ID: meter, Type: duis.ESME, Status: duis.Commissioned, Import: point}),
		edit.Follow(duis.ThresholdFeed, "registrars"), edit.Receive(duis.ThresholdFeed, daily, noon),
		edit.SetThresholds([]duis.Threshold{{User: user, Warning: 10, Quarantine: 20}}),
	)
	var gate duis.Gate
	gate.Begin()
	gate.Publish(edit.World(), nil)

	unsigned, err := duis.AppendRequest(nil, duis.RequestID{Originator: user, Target: meter, Counter: 1}, duis.TopUpDevice, duis.SendCommand,
		"<sr:TopUpDevice><sr:UTRN>12345678901234567890</sr:UTRN></sr:TopUpDevice>")
	check(err)
	message, err := duis.Sign(unsigned, supplier.XMLSign.Certificate, supplier.XMLSign.Key)
	check(err)
	for _, m := range [][]byte{message, message, bytes.Replace(message, []byte("90-A0:1"), []byte("90-A0:2"), 1), message[:100]} {
		v := gate.Decide(duis.Arrival{Message: m, Service: duis.SendCommandService, Channel: "CN=DCCKI/1", At: noon})
		fmt.Printf("%v %v %q\n", v.Outcome, v.Code, v.Reasons.String())
	}
	// Output:
	// accepted I99 ""
	// rejected E100 "replayed"
	// rejected E100 "signature invalid"
	// rejected E100 "malformed"
}
