package smki_test

import (
	"crypto/x509"
	"encoding/asn1"
	"math/big"
	"testing"
	"time"

	"github.com/seed-db8551c1/lastresort/smki"
	"github.com/seed-db8551c1/lastresort/smki/smkitest"
)

// One operation reads one Organisation Certificate.
func BenchmarkParseCertificate(b *testing.B) {
	der := supplier(b, newPKI(b), userID).XMLSign.Certificate.Raw
	b.ReportAllocs()
	b.SetBytes(int64(len(der)))
	for b.Loop() {
		if _, err := smki.ParseCertificate(der); err != nil {
			b.Fatal(err)
		}
	}
}

// The same by encoding/asn1, without the extensions and checks: crypto/x509 refuses it.
func BenchmarkParseCertificateASN1(b *testing.B) {
	der := supplier(b, newPKI(b), userID).XMLSign.Certificate.Raw
	b.ReportAllocs()
	b.SetBytes(int64(len(der)))
	for b.Loop() {
		var c theirCertificate
		if _, err := asn1.Unmarshal(der, &c); err != nil {
			b.Fatal(err)
		}
	}
}

// One operation checks the signature of one certificate: the bare cost of ECDSA, to compare with.
func BenchmarkCheckSignature(b *testing.B) {
	p := newPKI(b)
	c := supplier(b, p, userID).XMLSign.Certificate
	b.ReportAllocs()
	for b.Loop() {
		if err := c.CheckSignatureFrom(p.Issuing.Certificate); err != nil {
			b.Fatal(err)
		}
	}
}

// crlOf makes a list with serial numbers of 16 octets.
func crlOf(b *testing.B, p *smkitest.PKI, entries int) *smki.CRL {
	b.Helper()
	serial := new(big.Int).Lsh(big.NewInt(0x4a5b6c7d8e9f), 79)
	step := new(big.Int).SetUint64(0x9e3779b97f4a7c15)
	list := make([]smki.RevokedCertificate, entries)
	for i := range list {
		serial.Add(serial, step)
		list[i] = smki.RevokedCertificate{Serial: serial.String(), Revocation: smki.Revocation{At: noon, Reason: smki.CessationOfOperation}}
	}
	return issue(b, p, 1, noon, list...)
}

// One operation reads a list of 100,000 entries.
func BenchmarkParseCRL100k(b *testing.B) {
	l := crlOf(b, newPKI(b), 100_000)
	b.ReportAllocs()
	b.SetBytes(int64(len(l.Raw)))
	for b.Loop() {
		if _, err := smki.ParseCRL(l.Raw); err != nil {
			b.Fatal(err)
		}
	}
}

// The same by crypto/x509.
func BenchmarkParseCRL100kX509(b *testing.B) {
	l := crlOf(b, newPKI(b), 100_000)
	b.ReportAllocs()
	b.SetBytes(int64(len(l.Raw)))
	for b.Loop() {
		if _, err := x509.ParseRevocationList(l.Raw); err != nil {
			b.Fatal(err)
		}
	}
}

// One operation takes a list of 100,000 entries into a directory that knows one of them.
func BenchmarkApplyCRL100k(b *testing.B) {
	p := newPKI(b)
	l := crlOf(b, p, 100_000)
	b.ReportAllocs()
	for b.Loop() {
		var d smki.Directory
		if err := d.Issue(smki.Certificate{ID: smki.MakeCertificateID(l.Issuer, "1"), Use: smki.XMLSign, Subscriber: "S", NotAfter: time.Now()}); err != nil {
			b.Fatal(err)
		}
		d.ApplyCRL(l)
	}
}

// One operation finds a certificate by the name in a message, among 1,000 and with a CRL of 100,000 entries.
func BenchmarkTrustStoreLookup(b *testing.B) {
	store, certs := largeStore(b)
	issuer := []byte("CN=T1, OU=07")
	serials := make([][]byte, len(certs))
	for i, c := range certs {
		serials[i] = []byte(c.Serial)
	}
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		if _, ok := store.Lookup(issuer, serials[i]); !ok {
			b.Fatal("not found")
		}
		if i++; i == len(serials) {
			i = 0
		}
	}
}

// One operation asks whether a certificate may be relied upon: chain of two authorities, CRLs of both.
func BenchmarkTrustStoreStatus(b *testing.B) {
	store, certs := largeStore(b)
	at := noon
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		if store.Status(certs[i], at) != smki.Trusted {
			b.Fatal("not trusted")
		}
		if i++; i == len(certs) {
			i = 0
		}
	}
}

func largeStore(b *testing.B) (*smki.TrustStore, []*smki.X509Certificate) {
	b.Helper()
	p := newPKI(b)
	store := trustOf(b, p)
	store.AllowMissingCRL = false
	certs := make([]*smki.X509Certificate, 1000)
	for i := range certs {
		certs[i] = must[*smkitest.Identity](b)(p.Issuing.Issue(smkitest.Request{EUI64: userID + smki.EUI64(i), Role: smki.RoleXMLSign, Usage: smki.UsageDigitalSignature})).Certificate
		if err := store.Add(certs[i]); err != nil {
			b.Fatal(err)
		}
	}
	for _, l := range []*smki.CRL{crlOf(b, p, 100_000), must[*smki.CRL](b)(p.Root.CRL(noon))} {
		if err := store.SetCRL(l, noon); err != nil {
			b.Fatal(err)
		}
	}
	return store, certs
}
