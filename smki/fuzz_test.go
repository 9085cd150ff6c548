package smki_test

import (
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"flag"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seed-db8551c1/lastresort/smki"
	"github.com/seed-db8551c1/lastresort/smki/smkitest"
)

var update = flag.Bool("update", false, "write the seed corpus of the fuzz targets anew")

// seeds are the inputs that fuzzing starts from, by target and name.
func seeds(tb testing.TB) map[string]map[string][]byte {
	p := newPKI(tb)
	s := supplier(tb, p, userID)
	device, _, err := p.Device(deviceID)
	if err != nil {
		tb.Fatal(err)
	}
	return map[string]map[string][]byte{
		"FuzzParseCertificate": {
			"root": p.Root.Certificate.Raw, "authority": p.Issuing.Certificate.Raw, "device": device.Certificate.Raw,
			"xml-sign": s.XMLSign.Certificate.Raw, "key-agreement": s.KeyAgreement.Certificate.Raw,
		},
		"FuzzParseCRL": {
			"empty":   issue(tb, p, 1, noon).Raw,
			"entries": issue(tb, p, 300, noon, revoked(5, noon, smki.KeyCompromise), smkitest.Revoke(s.XMLSign.Certificate, noon, 0)).Raw,
		},
	}
}

// The seed corpus is what smkitest makes: no bytes of anybody's infrastructure are kept here.
func TestSeedCorpus(t *testing.T) {
	for target, list := range seeds(t) {
		for name, b := range list {
			path := filepath.Join("testdata", "fuzz", target, name)
			want := fmt.Appendf(nil, "go test fuzz v1\n[]byte(%q)\n", b)
			if *update {
				if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(path, want, 0o666); err != nil {
					t.Fatal(err)
				}
			}
			if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, want) {
				t.Errorf("%s is not what smkitest makes (%v): write it anew with -update", path, err)
			}
		}
	}
}

// theirCertificate is enough of a certificate for encoding/asn1 to read.
type theirCertificate struct {
	TBS struct {
		Version    int `asn1:"explicit,tag:0"`
		Serial     *big.Int
		Algorithm  pkix.AlgorithmIdentifier
		Issuer     pkix.RDNSequence
		Validity   struct{ NotBefore, NotAfter time.Time }
		Subject    pkix.RDNSequence
		Key        asn1.RawValue
		Extensions []pkix.Extension `asn1:"explicit,tag:3"`
	}
	Algorithm pkix.AlgorithmIdentifier
	Signature asn1.BitString
}

// Whatever is accepted is strict DER, and encoding/asn1 reads the same of it.
func FuzzParseCertificate(f *testing.F) {
	ca := newPKI(f).Issuing.Certificate
	f.Fuzz(func(t *testing.T, der []byte) {
		c, err := smki.ParseCertificate(der)
		if err != nil {
			if certField(err) == "" {
				t.Fatalf("an error that names no field: %v", err)
			}
			return
		}
		var theirs theirCertificate
		rest, err := asn1.Unmarshal(der, &theirs)
		if err != nil || len(rest) > 0 {
			t.Fatalf("encoding/asn1: %v, %d octets more", err, len(rest))
		}
		if !bytes.Equal(parseTree(t, der).der(), der) {
			t.Fatal("it is not what DER would write")
		}
		v := theirs.TBS
		if c.Serial != v.Serial.String() || !c.NotBefore.Equal(v.Validity.NotBefore) || !c.NotAfter.Equal(v.Validity.NotAfter) {
			t.Fatalf("encoding/asn1 reads %v, %v: %+v", v.Serial, v.Validity, factsOf(c))
		}
		if !strings.Contains(c.Issuer, "=#") && c.Issuer != v.Issuer.String() {
			t.Fatalf("issuer %q, encoding/asn1 reads %q", c.Issuer, v.Issuer)
		}
		if smki.NormaliseIssuer(c.Issuer) != c.Issuer {
			t.Fatalf("issuer %q is not normalised", c.Issuer)
		}
		if c.Kind != smki.AuthorityKind && c.EUI64 == 0 || c.Kind == smki.OrganisationKind && c.Subject == "" {
			t.Fatalf("it names nobody: %+v", factsOf(c))
		}
		if c.CheckSignatureFrom(ca) == nil && !isSeed(t, c) {
			t.Fatal("a forged signature")
		}
		var s smki.TrustStore
		_ = s.Pin(c)
		_ = s.AddAnchor(c)
		if got, ok := s.Lookup([]byte(c.Issuer), []byte(c.Serial)); !ok || got != c {
			t.Fatal("it is not found in a store")
		}
	})
}

// isSeed reports whether a certificate is one that the authority of the seeds did sign.
func isSeed(tb testing.TB, c *smki.X509Certificate) bool {
	for _, b := range seeds(tb)["FuzzParseCertificate"] {
		if bytes.Equal(b, c.Raw) {
			return true
		}
	}
	return false
}

// Whatever is accepted is strict DER, and crypto/x509 reads the same of it.
func FuzzParseCRL(f *testing.F) {
	f.Fuzz(func(t *testing.T, der []byte) {
		l, err := smki.ParseCRL(der)
		if err != nil {
			if crlProblem(err) == 0 {
				t.Fatalf("an error without a problem: %v", err)
			}
			return
		}
		if !bytes.Equal(parseTree(t, der).der(), der) {
			t.Fatal("it is not what DER would write")
		}
		std, err := x509.ParseRevocationList(der)
		if err != nil {
			if strings.Contains(l.Issuer, "=#") {
				return // names that crypto/x509 does not know
			}
			t.Fatal(err)
		}
		if l.Number.Cmp(std.Number) != 0 || !l.ThisUpdate.Equal(std.ThisUpdate) || !l.NextUpdate.Equal(std.NextUpdate) || l.Len() != len(std.RevokedCertificateEntries) {
			t.Fatalf("crypto/x509 reads %v, %v, %v, %d entries", std.Number, std.ThisUpdate, std.NextUpdate, len(std.RevokedCertificateEntries))
		}
		for i, e := range slices.Collect(l.Entries()) {
			s := std.RevokedCertificateEntries[i]
			if e.Serial != s.SerialNumber.String() || !e.At.Equal(s.RevocationTime) || int(e.Reason) != s.ReasonCode {
				t.Fatalf("entry %d: %v, crypto/x509 reads %v", i, e, s)
			}
		}
		if d, err := smki.DiffCRL(l, l); err != nil || len(d.Added)+len(d.Removed)+len(d.Changed) > 0 {
			t.Fatalf("it differs from itself: %v, %v", d, err)
		}
		if l.CheckFollows(l) == nil {
			t.Fatal("it follows itself")
		}
	})
}

// Normalising is idempotent, takes away nothing but white space after commas, and is the same in both forms.
func FuzzNormaliseIssuer(f *testing.F) {
	for _, s := range []string{"CN=Z1, OU=07", `CN=a\, b,  OU=07`, "CN=Z1,\r\n\tOU=07", `\\,\, ,`, ", ,"} {
		f.Add(s)
	}
	white := strings.NewReplacer(" ", "", "\t", "", "\r", "", "\n", "")
	f.Fuzz(func(t *testing.T, name string) {
		got := smki.NormaliseIssuer(name)
		if again := smki.NormaliseIssuer(got); again != got {
			t.Fatalf("%q, then %q", got, again)
		}
		if white.Replace(got) != white.Replace(name) {
			t.Fatalf("%q lost more than white space from %q", got, name)
		}
		if b := smki.AppendNormalisedIssuer([]byte("x"), []byte(name)); string(b) != "x"+got {
			t.Fatalf("%q and %q", b, got)
		}
		for i := 1; i < len(got); i++ {
			if strings.ContainsRune(" \t\r\n", rune(got[i])) && got[i-1] == ',' && !strings.HasSuffix(got[:i-1], `\`) {
				t.Fatalf("white space left in %q", got)
			}
		}
	})
}
