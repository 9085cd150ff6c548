package smki_test

import (
	"fmt"
	"time"

	"github.com/seed-db8551c1/lastresort/smki"
)

// Two switches decide whether a failed supplier can still be heard: its certificates, and the DCC's map of its MPIDs.
func Example() {
	var d smki.Directory
	user, err := smki.ParseEUI64("90:b3:d5:1f:30:01:00:00")
	if err != nil {
		panic(err)
	}
	start := time.Date(2021, 1, 1, 0, 0, 0, 0, time.UTC)
	cert := smki.MakeCertificateID("CN=Z1", "21")
	for _, err := range []error{
		d.SetUser(smki.User{ID: user, Party: "Avro", Roles: smki.RolesOf(smki.ImportSupplier, smki.GasSupplier)}),
		d.Issue(smki.Certificate{ID: cert, Use: smki.XMLSign, Subject: user, Subscriber: "Avro", NotBefore: start}),
		d.Allocate("AVRO", smki.Electricity, "Avro", start),
		// The supplier fails: its MPID moves to the Supplier of Last Resort, and then its certificate is revoked.
		d.DCC.Transfer("AVRO", "Octopus", time.Date(2021, 9, 26, 0, 1, 0, 0, time.UTC)),
	} {
		if err != nil {
			panic(err)
		}
	}
	d.Revoke(cert, smki.Revocation{At: time.Date(2021, 9, 27, 9, 0, 0, 0, time.UTC), Reason: smki.CessationOfOperation})
	for _, day := range []int{25, 26, 27} {
		noon := time.Date(2021, 9, day, 12, 0, 0, 0, time.UTC)
		owner, _ := d.DCC.Owner("AVRO", noon)
		fmt.Printf("%s: AVRO is %s's, the certificate of %v is %v\n", noon.Format("2 Jan"), owner, user, d.Status(cert, noon))
	}
	// Output:
	// 25 Sep: AVRO is Avro's, the certificate of 90-B3-D5-1F-30-01-00-00 is good
	// 26 Sep: AVRO is Octopus's, the certificate of 90-B3-D5-1F-30-01-00-00 is good
	// 27 Sep: AVRO is Octopus's, the certificate of 90-B3-D5-1F-30-01-00-00 is revoked
}

func ExampleParseEUI64() {
	for _, s := range []string{"90-B3-D5-1F-30-01-00-00", "0x90b3d51f30010000", "90-B3-D5-1F-30-01-00"} {
		e, err := smki.ParseEUI64(s)
		fmt.Println(e, err)
	}
	// Output:
	// 90-B3-D5-1F-30-01-00-00 <nil>
	// 90-B3-D5-1F-30-01-00-00 <nil>
	// 00-00-00-00-00-00-00-00 smki: "90-B3-D5-1F-30-01-00" is no EUI-64: expected 8 octets of 2 hexadecimal digits, such as 90-B3-D5-1F-30-01-00-00
}
