package smkitest_test

import (
	"fmt"
	"log"
	"time"

	"github.com/seed-db8551c1/lastresort/smki"
	"github.com/seed-db8551c1/lastresort/smki/smkitest"
)

// A supplier is certified, trusted, and revoked.
func Example() {
	pki, err := smkitest.New(1)
	if err != nil {
		log.Fatal(err)
	}
	supplier, err := pki.Supplier(0x90B3D51F30010000)
	if err != nil {
		log.Fatal(err)
	}
	trust, err := pki.Trust()
	if err != nil {
		log.Fatal(err)
	}
	cert := supplier.XMLSign.Certificate
	if err := trust.Add(cert); err != nil {
		log.Fatal(err)
	}

	// As a signed message names it.
	found, ok := trust.Lookup([]byte("CN=T1, OU=07"), []byte(cert.Serial))
	role, _ := found.Role()
	fmt.Println(ok, found.EUI64, role, found.Use())

	noon := time.Date(2021, 11, 17, 12, 0, 0, 0, time.UTC)
	crl, err := pki.Issuing.CRL(noon, smkitest.Revoke(cert, noon, smki.CessationOfOperation))
	if err != nil {
		log.Fatal(err)
	}
	if err := trust.SetCRL(crl, noon); err != nil {
		log.Fatal(err)
	}
	fmt.Println(trust.Status(found, noon.Add(-time.Second)))
	fmt.Println(trust.Status(found, noon))
	// Output:
	// true 90-B3-D5-1F-30-01-00-00 87 xml-sign
	// trusted
	// revoked
}
