package smki_test

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-db8551c1/lastresort/smki"
	"github.com/seed-db8551c1/lastresort/smki/smkitest"
)

// openssl runs it and gives what it says, and whether it was content.
func openssl(t *testing.T, args ...string) (string, bool) {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "openssl", args...).CombinedOutput()
	return string(out), err == nil
}

func needOpenSSL(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("openssl"); err != nil {
		t.Skip("openssl is missing: what it thinks of our certificates and CRLs is not tested")
	}
}

func writePEM(t *testing.T, path, typ string, ders ...[]byte) string {
	t.Helper()
	var b bytes.Buffer
	for _, der := range ders {
		if err := pem.Encode(&b, &pem.Block{Type: typ, Bytes: der}); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// openssl verifies what smkitest and IssueCRL make, and finds the same certificate revoked.
func TestOpenSSLVerifies(t *testing.T) {
	needOpenSSL(t)
	p := newPKI(t)
	s := supplier(t, p, userID)
	device, _, err := p.Device(deviceID)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	root := writePEM(t, filepath.Join(dir, "root.pem"), "CERTIFICATE", p.Root.Certificate.Raw)
	between := writePEM(t, filepath.Join(dir, "between.pem"), "CERTIFICATE", p.Issuing.Certificate.Raw, p.Devices.Certificate.Raw)
	crl := issue(t, p, 1, noon, smkitest.Revoke(s.KeyAgreement.Certificate, noon, smki.CessationOfOperation))
	rootCRL := must[*smki.CRL](t)(p.Root.CRL(noon))
	deviceCRL := must[*smki.CRL](t)(p.Devices.CRL(noon))
	crls := writePEM(t, filepath.Join(dir, "crl.pem"), "X509 CRL", crl.Raw, rootCRL.Raw, deviceCRL.Raw)
	at := fmt.Sprint(noon.Add(time.Hour).Unix())
	for _, tt := range []struct {
		name string
		cert *smki.X509Certificate
		says string
	}{
		{"xml-sign", s.XMLSign.Certificate, "OK"},
		{"signing", s.DigitalSigning.Certificate, "OK"},
		{"device", device.Certificate, "OK"},
		{"key-agreement", s.KeyAgreement.Certificate, "certificate revoked"},
	} {
		leaf := writePEM(t, filepath.Join(dir, tt.name+".pem"), "CERTIFICATE", tt.cert.Raw)
		out, ok := openssl(t, "verify", "-x509_strict", "-attime", at, "-crl_check_all", "-CAfile", root, "-untrusted", between, "-CRLfile", crls, leaf)
		if !strings.Contains(out, tt.says) || ok != (tt.says == "OK") {
			t.Errorf("%s: expected %q, openssl says:\n%s", tt.name, tt.says, out)
		}
	}
	if out, ok := openssl(t, "crl", "-in", crls, "-noout", "-verify", "-CAfile", between, "-crlnumber"); !ok || !strings.Contains(out, "verify OK") || !strings.Contains(out, "crlNumber=0x01") {
		t.Errorf("the CRL: openssl says:\n%s", out)
	}
}

// A CRL that openssl issues is read, verified and believed here.
func TestOpenSSLIssuesCRL(t *testing.T) {
	needOpenSSL(t)
	p := newPKI(t)
	s := supplier(t, p, userID)
	dir := t.TempDir()
	ca := writePEM(t, filepath.Join(dir, "ca.pem"), "CERTIFICATE", p.Issuing.Certificate.Raw)
	keyDER, err := x509.MarshalPKCS8PrivateKey(p.Issuing.Key.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	key := writePEM(t, filepath.Join(dir, "ca.key"), "PRIVATE KEY", keyDER)
	hex := func(c *smki.X509Certificate) string {
		return fmt.Sprintf("%032X", must0(new(big.Int).SetString(c.Serial, 10)))
	}
	index := fmt.Sprintf("R\t291231235959Z\t211117110000Z,superseded\t%s\tunknown\t/CN=x\nR\t291231235959Z\t211117120000Z\t%s\tunknown\t/CN=y\n",
		hex(s.XMLSign.Certificate), hex(s.Prepayment.Certificate))
	config := fmt.Sprintf("[ca]\ndefault_ca=d\n[d]\ndatabase=%[1]s/index.txt\ncrlnumber=%[1]s/number\ndefault_md=sha256\ncrl_extensions=x\n[x]\nauthorityKeyIdentifier=keyid\n", dir)
	for name, text := range map[string]string{"index.txt": index, "number": "0B\n", "ca.cnf": config} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	out, ok := openssl(t, "ca", "-config", filepath.Join(dir, "ca.cnf"), "-gencrl", "-cert", ca, "-keyfile", key,
		"-crl_lastupdate", "211117120000Z", "-crl_nextupdate", "211118000000Z", "-out", filepath.Join(dir, "crl.pem"))
	if !ok {
		t.Skipf("this openssl does not issue the CRL: %s", out)
	}
	text, err := os.ReadFile(filepath.Join(dir, "crl.pem"))
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(text)
	if block == nil {
		t.Fatalf("no PEM in %q", text)
	}
	l := must[*smki.CRL](t)(smki.ParseCRL(block.Bytes))
	want := []smki.RevokedCertificate{smkitest.Revoke(s.XMLSign.Certificate, noon.Add(-time.Hour), smki.Superseded), smkitest.Revoke(s.Prepayment.Certificate, noon, smki.Unspecified)}
	got := slices.Collect(l.Entries())
	if got[0].Serial != want[0].Serial { // openssl sorts by serial number
		slices.Reverse(got)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
	store := trustOf(t, p, s.XMLSign.Certificate)
	if err := store.SetCRL(l, noon); err != nil {
		t.Error(err)
	}
	if got := store.Status(s.XMLSign.Certificate, noon); got != smki.TrustRevoked {
		t.Errorf("status %v", got)
	}
}
