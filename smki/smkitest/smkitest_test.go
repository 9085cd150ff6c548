package smkitest_test

import (
	"bytes"
	"crypto/x509"
	"errors"
	"math/big"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-db8551c1/lastresort/smki"
	"github.com/seed-db8551c1/lastresort/smki/smkitest"
)

// everything issues one of each, in one order.
func everything(t *testing.T, seed uint64) [][]byte {
	t.Helper()
	p, err := smkitest.New(seed)
	if err != nil {
		t.Fatal(err)
	}
	s, err := p.Supplier(0x90B3D51F30010000)
	if err != nil {
		t.Fatal(err)
	}
	a, b, err := p.Device(0x00DB123456789095)
	if err != nil {
		t.Fatal(err)
	}
	l, err := p.Issuing.CRL(smkitest.Start, smkitest.Revoke(s.XMLSign.Certificate, smkitest.Start, smki.Superseded))
	if err != nil {
		t.Fatal(err)
	}
	all := [][]byte{p.Root.Certificate.Raw, p.Issuing.Certificate.Raw, p.Devices.Certificate.Raw, l.Raw}
	for _, i := range []*smkitest.Identity{s.XMLSign, s.DigitalSigning, s.KeyAgreement, s.Prepayment, a, b} {
		key, err := i.Key.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, i.Certificate.Raw, key)
	}
	return all
}

func TestSameSeedSameBytes(t *testing.T) {
	first, again, other := everything(t, 7), everything(t, 7), everything(t, 8)
	if d := cmp.Diff(first, again); d != "" {
		t.Errorf("the same seed gave other bytes: (-first +again)\n%s", d)
	}
	for i := range first {
		if bytes.Equal(first[i], other[i]) {
			t.Errorf("another seed gave the same bytes as number %d", i)
		}
	}
}

func TestIssue(t *testing.T) {
	p, err := smkitest.New(1)
	if err != nil {
		t.Fatal(err)
	}
	from, to := smkitest.Start.AddDate(1, 0, 0), smkitest.Start.AddDate(2, 0, 0)
	request := smkitest.Request{EUI64: 1, Role: smki.RoleOther, Usage: smki.UsageKeyAgreement, CommonName: "X", Serial: big.NewInt(42), NotBefore: from, NotAfter: to}
	i, err := p.Issuing.Issue(request)
	if err != nil {
		t.Fatal(err)
	}
	type row struct {
		Serial, Subject string
		From, To        time.Time
	}
	c := i.Certificate
	if d := cmp.Diff(row{"42", "2.5.4.45=#0309000000000000000001,OU=7F,CN=X", from, to}, row{c.Serial, c.Subject, c.NotBefore, c.NotAfter}); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
	request.Modify = func(c *x509.Certificate) { c.KeyUsage |= x509.KeyUsageDigitalSignature }
	_, err = p.Issuing.Issue(request)
	if e, ok := errors.AsType[*smki.CertificateError](err); !ok || e.Field != "keyUsage" {
		t.Errorf("a certificate of both usages: %v", err)
	}
	if der, _, err := p.Issuing.IssueDER(request); err != nil || der == nil {
		t.Errorf("a certificate that nobody should take is not issued: %v", err)
	}
	if _, _, err := p.Issuing.IssueDER(smkitest.Request{Serial: big.NewInt(-1)}); err == nil {
		t.Error("crypto/x509 encoded a negative serial number")
	}
}

func TestCRLNumbers(t *testing.T) {
	p, err := smkitest.New(1)
	if err != nil {
		t.Fatal(err)
	}
	for want := int64(1); want <= 3; want++ {
		l, err := p.Issuing.CRL(smkitest.Start)
		if err != nil || l.Number.Int64() != want {
			t.Errorf("number %v, expected %d (%v)", l, want, err)
		}
	}
	if _, err := p.Issuing.CRL(smkitest.Start, smki.RevokedCertificate{Serial: "x"}); err == nil {
		t.Error("a serial number that is none was revoked")
	}
	if l, err := p.Issuing.CRL(smkitest.Start); err != nil || l.Number.Int64() != 4 {
		t.Errorf("a refused list used a number up: %v, %v", l, err)
	}
}
