package hold_test

import (
	"fmt"
	"time"

	"github.com/seed-db8551c1/lastresort/hold"
	"github.com/seed-db8551c1/lastresort/smki"
	"github.com/seed-db8551c1/lastresort/solr"
)

// A supplier fails while MP185 is in force. The PMA holds its MPID and certificate back; a SoLR is appointed, confirms, and everything goes when all agree.
func Example() {
	day := func(d, h int) time.Time { return time.Date(2021, time.November, d, h, 0, 0, 0, time.UTC) }
	var r hold.Register
	show := func(at time.Time) {
		for _, d := range r.Duties(at) {
			if d.MPID != "" || d.Certificate != "" {
				fmt.Println(at.Format("2 Jan 15:04"), d)
			}
		}
	}
	apply := func(events ...hold.Event) {
		for _, e := range events {
			if _, err := r.Apply(e); err != nil {
				fmt.Println(err)
			}
		}
	}
	mpids := []smki.MPID{"ZOGE"}
	apply(
		hold.Event{At: day(1, 0), Kind: hold.MPIDAllocated, MPIDs: mpids, Party: "Zog"},
		hold.Event{At: day(1, 0), Kind: hold.CertificateIssued, Certificate: &smki.Certificate{ID: "zog/1", Use: smki.XMLSign, Subscriber: "Zog"}},
		hold.Event{At: day(24, 9), Kind: hold.FailureNotified, Failure: "zog-2021", Party: "Zog"},
		hold.Event{At: day(24, 10), Kind: hold.DelayDirected, Failure: "zog-2021", Controls: hold.Revocation | hold.Transfer},
		hold.Event{At: day(24, 11), Kind: hold.DelayReceived, Failure: "zog-2021"},
		hold.Event{At: day(26, 9), Kind: hold.LicenceRevoked, Failure: "zog-2021", Party: "Zog"},
		hold.Event{At: day(26, 9), Kind: hold.SoLRAppointed, Failure: "zog-2021", Party: "EDF", MPIDs: mpids, Date: day(26, 9)},
	)
	show(day(26, 10))
	for _, c := range hold.Confirmations() {
		apply(hold.Event{At: day(28, 9), Kind: hold.Confirmed, Failure: "zog-2021", By: "EDF", Confirmation: c, Text: "as known on the day"})
	}
	apply(
		hold.Event{At: day(29, 9), Kind: hold.TransferAgreed, Failure: "zog-2021", Agreeing: hold.SoLRAgrees, By: "EDF", MPIDs: mpids},
		hold.Event{At: day(29, 9), Kind: hold.TransferAgreed, Failure: "zog-2021", Agreeing: hold.DCCAgrees, MPIDs: mpids},
		hold.Event{At: day(29, 10), Kind: hold.ReleaseInstructed, Failure: "zog-2021", MPIDs: mpids, Certificates: []smki.CertificateID{"zog/1"}},
	)
	show(day(29, 11))
	apply(
		hold.Event{At: day(29, 12), Kind: hold.MPIDTransferred, MPIDs: mpids, Party: "EDF"},
		hold.Event{At: day(29, 12), Kind: hold.CertificateRevoked, Certificates: []smki.CertificateID{"zog/1"}, Reason: smki.CessationOfOperation},
	)
	f, _ := r.Failure("zog-2021")
	fmt.Println(f.Phase == solr.Closed, len(r.Breaches()))
	// Output:
	// 26 Nov 10:00 must not transfer MPID ZOGE to EDF (R6, R7, R8, R11)
	// 26 Nov 10:00 must not revoke certificate zog/1 (R3, R7, R8)
	// 29 Nov 11:00 must transfer MPID ZOGE to EDF (R4)
	// 29 Nov 11:00 must revoke certificate zog/1 (R1)
	// true 0
}

// Why must the DCC not transfer an MPID, and why had it been due the day before? What comes later changes nothing about what was known then.
func ExampleRegister_ExplainDuty() {
	day := func(d, h int) time.Time { return time.Date(2021, time.October, d, h, 0, 0, 0, time.UTC) }
	var r hold.Register
	mpids := []smki.MPID{"ZOGE"}
	for _, e := range []hold.Event{
		{At: day(1, 0), Kind: hold.MPIDAllocated, MPIDs: mpids, Party: "Zog"},
		{At: day(26, 9), Kind: hold.LicenceRevoked, Failure: "zog-2021", Party: "Zog"},
		{At: day(26, 9), Kind: hold.SoLRAppointed, Failure: "zog-2021", Party: "EDF", MPIDs: mpids, Date: day(26, 9)},
		{At: day(27, 9), Kind: hold.FailureNotified, Failure: "edf-2021", Party: "EDF"},
	} {
		if _, err := r.Apply(e); err != nil {
			fmt.Println(err)
		}
	}
	transfer := hold.Duty{Failure: "zog-2021", Action: hold.TransferMPID, MPID: "ZOGE"}
	yesterday, err := r.AsOf(3)
	if err != nil {
		fmt.Println(err)
		return
	}
	was, err := yesterday.ExplainDuty(transfer, day(26, 12))
	if err != nil {
		fmt.Println(err)
	}
	is, err := r.ExplainDuty(transfer, day(27, 12))
	if err != nil {
		fmt.Println(err)
	}
	fmt.Println(was)
	fmt.Println(is)
	for _, s := range is.Steps {
		fmt.Println(s.Seq, s.Rules, s.Text)
	}
	// Output:
	// On 26 October 2021 at 13:00 the DCC must transfer MPID ZOGE to EDF, by the end of 27 October 2021 (R4). On 26 October at 10:00 the licence of Zog was revoked (event 2; R1). At the same time Ofgem appointed EDF SoLR of MPID ZOGE (event 3; R4).
	// On 27 October 2021 at 13:00 the DCC must not transfer MPID ZOGE (R4). On 26 October at 10:00 the licence of Zog was revoked (event 2; R1). At the same time Ofgem appointed EDF SoLR of MPID ZOGE (event 3; R4). On 27 October at 10:00 EDF failed itself, so that nothing is due towards it any more (event 4; R15).
	// 2 R1 the licence of Zog was revoked
	// 3 R4 Ofgem appointed EDF SoLR of MPID ZOGE
	// 4 R15 EDF failed itself, so that nothing is due towards it any more
}
