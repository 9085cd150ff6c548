package duis_test

import (
	"fmt"
	"time"

	"github.com/seed-db8551c1/lastresort/duis"
	"github.com/seed-db8551c1/lastresort/smki"
)

// A gateway builds a World, decides on it, and publishes the next version when something happens: here the DCC moves the failed supplier's MPID to the SoLR.
func Example() {
	const user, meter = smki.EUI64(0x90B3D51F30010000), smki.EUI64(0x00DB1234567890A0)
	const point = duis.MPxN(1012345678901)
	start := time.Date(2021, 1, 1, 0, 0, 0, 0, time.UTC)
	check := func(errs ...error) {
		for _, err := range errs {
			if err != nil {
				panic(err)
			}
		}
	}

	// Who may speak: package smki.
	directory := new(smki.Directory)
	check(
		directory.SetUser(smki.User{ID: user, Party: "Avro", Roles: smki.RolesOf(smki.ImportSupplier)}),
		directory.Issue(smki.Certificate{ID: "CN=OCA/1", Use: smki.XMLSign, Subject: user, Subscriber: "Avro", NotBefore: start}),
		directory.Issue(smki.Certificate{ID: "CN=DCCKI/1", Use: smki.DCCKI, Subscriber: "Utilita", NotBefore: start}),
		directory.Allocate("AVRO", smki.Electricity, "Avro", start),
	)
	// Where, and under which limits.
	edit := new(duis.World).Edit()
	check(
		edit.SetDirectory(directory),
		edit.Register(point, start, "AVRO"),
		edit.SetDevice(duis.Device{ID: meter, Type: duis.ESME, Status: duis.Commissioned, Import: point}),
		edit.SetThresholds([]duis.Threshold{{User: user, Warning: 2, Quarantine: 100}}),
	)
	edit.SetAuthority(duis.Licensed{})
	world := edit.World()

	var counters duis.Counters
	request := duis.Request{
		ID:  duis.RequestID{Originator: user, Target: meter, Counter: 1},
		SRV: duis.TopUpDevice, Variant: duis.SendCommand, Service: duis.SendCommandService,
	}
	request.XMLSign, _ = world.CertificateNumber("CN=OCA/1")
	request.Channel, _ = world.CertificateNumber("CN=DCCKI/1")
	decide := func(at time.Time) {
		decision := counters.Admit(world, &request, duis.Decide(world, &request, at))
		fmt.Printf("%s\n", decision.AppendText(nil, world))
	}
	noon := time.Date(2021, 9, 27, 12, 0, 0, 0, time.UTC)
	decide(noon)
	decide(noon) // the same message again
	request.ID.Counter++
	decide(noon)

	check(directory.DCC.Transfer("AVRO", "Octopus", noon))
	edit = world.Edit()
	check(edit.SetDirectory(directory))
	world = edit.World()
	request.ID.Counter++
	decide(noon)
	// Output:
	// accepted I99; 1012345678901 registered to AVRO from 2021-01-01T00:00:00Z; world 1
	// rejected E100: replayed; 1012345678901 registered to AVRO from 2021-01-01T00:00:00Z; world 1
	// accepted I99; 1012345678901 registered to AVRO from 2021-01-01T00:00:00Z; world 1
	// rejected E4: MPID moved (advice: over threshold); 1012345678901 registered to AVRO from 2021-01-01T00:00:00Z; world 2
}

func ExampleParseSRV() {
	v, err := duis.ParseSRV("6.20.1")
	fmt.Println(v, "of", v.Reference(), "for", v.Roles(), err)
	_, err = duis.ParseSRV("6.20")
	fmt.Println(err)
	// Output:
	// 6.20.1 of 6.20 for IS,GS <nil>
	// duis: "6.20" is no Service Request Variant: expected one of the 129 of DUIS V5.4, such as 1.6 or 6.15.1
}
