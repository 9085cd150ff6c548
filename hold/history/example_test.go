package history_test

import (
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/seed-db8551c1/lastresort/hold"
	"github.com/seed-db8551c1/lastresort/hold/history"
	"github.com/seed-db8551c1/lastresort/smki"
)

// A history is written from events; what follows is what the register says.
func Example() {
	day := func(d, h int) time.Time { return time.Date(2021, time.November, d, h, 0, 0, 0, time.UTC) }
	err := history.Write(os.Stdout, "What must the DCC do on a failure under MP134A?", hold.Settings{Regime: hold.MP134A}, []hold.Event{
		{At: day(1, 0), Kind: hold.MPIDAllocated, MPIDs: []smki.MPID{"ZOGE"}, Party: "Zog Energy"},
		{At: day(1, 0), Kind: hold.CertificateIssued, Certificate: &smki.Certificate{ID: "zog/1", Use: smki.XMLSign, Subscriber: "Zog Energy"}},
		{At: day(10, 9), Kind: hold.LicenceRevoked, Failure: "zog", Party: "Zog Energy"},
		{At: day(10, 9), Kind: hold.DelayDirected, Failure: "zog", Controls: hold.Transfer},
	})
	fmt.Println(err)
	// Output:
	// question: What must the DCC do on a failure under MP134A?
	// settings: regime mp134a
	//
	// 2021-11-01 00:00 London industry: MPID allocated; to Zog Energy; MPIDs ZOGE; fuel electricity
	// 2021-11-01 00:00 London DCC: certificate issued; certificate zog/1; use xml-sign; subscriber Zog Energy
	// 2021-11-10 09:00 London Ofgem: licence revoked; failure zog; supplier Zog Energy
	//     zog: phase licence revoked
	//     zog: must not transfer MPID ZOGE (R4)
	//     zog: must revoke certificate zog/1 (R1), since 2021-11-10 09:00 London
	//     zog: may apply thresholds, issue certificate, publish CRL, release quarantine, delete quarantine, suspend user
	// 2021-11-10 09:00 London PMA: delay directed; failure zog; controls transfer
	//     refused by R6: expected MP185 in force, from 17 November 2021
	// <nil>
}

// Check names the line that does not follow.
func ExampleFile_Check() {
	f, err := history.Parse(strings.NewReader(`question: Does the failure alone make anything due?

2021-11-01 00:00 London industry: MPID allocated; to Zog; MPIDs ZOGE; fuel electricity
2021-11-24 09:00 London Ofgem: failure notified; failure zog-2021; supplier Zog
    zog-2021: phase ceased
    zog-2021: must transfer MPID ZOGE
`))
	if err == nil {
		err = f.Check()
	}
	fmt.Println(err)
	// Output: history: line 6: expected "zog-2021: must not transfer MPID ZOGE (R4, R8, R11)", not "zog-2021: must transfer MPID ZOGE"
}
