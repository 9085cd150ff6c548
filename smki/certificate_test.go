package smki_test

import (
	"testing"
	"time"

	"github.com/seed-db8551c1/lastresort/smki"
)

func day(n int) time.Time { return time.Date(2021, 9, 1+n, 0, 0, 0, 0, time.UTC) }

func TestCertificateStatusAt(t *testing.T) {
	c := smki.Certificate{ID: "CN=X/1", Use: smki.XMLSign, Subscriber: "Avro", NotBefore: day(0), NotAfter: day(10)}
	endless := c
	endless.NotAfter = time.Time{}
	revoked := &smki.Revocation{At: day(5), Reason: smki.CessationOfOperation}
	for _, x := range []struct {
		cert    smki.Certificate
		rev     *smki.Revocation
		at      time.Time
		want    smki.CertificateStatus
		because string
	}{
		{c, nil, day(0).Add(-1), smki.NotYetValid, "an instant before the start"},
		{c, nil, day(0), smki.Good, "the start is in the period"},
		{c, nil, day(10), smki.Good, "RFC 5280: notAfter is in the period"},
		{c, nil, day(10).Add(1), smki.Expired, "an instant later"},
		{endless, nil, day(100000), smki.Good, "no end"},
		{c, revoked, day(5).Add(-1), smki.Good, "before the revocation"},
		{c, revoked, day(5), smki.Revoked, "from its instant on"},
		{c, revoked, day(11), smki.Revoked, "a revocation outweighs the end of the period"},
		{c, &smki.Revocation{At: day(-5)}, day(-1), smki.Revoked, "and its start"},
	} {
		if got := x.cert.StatusAt(x.at, x.rev); got != x.want {
			t.Errorf("StatusAt(%v) = %v, want %v (%s)", x.at, got, x.want, x.because)
		}
	}
}

// R8 is about revocations because of the failure: these are not.
func TestOrdinaryRevocationReasons(t *testing.T) {
	want := map[smki.RevocationReason]bool{smki.KeyCompromise: true, smki.CACompromise: true, smki.AffiliationChanged: true, smki.Superseded: true}
	for r := range smki.RevocationReason(20) {
		if r.Ordinary() != want[r] {
			t.Errorf("%v: ordinary is %t, want %t", r, r.Ordinary(), want[r])
		}
	}
}
