package smki_test

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/asn1"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-db8551c1/lastresort/smki"
)

// published downloads npm packages by the ordinary client and gives the files in them by their path.
func published(t *testing.T, packages ...string) map[string][]byte {
	t.Helper()
	if testing.Short() {
		t.Skip("downloads the published test certificates")
	}
	if _, err := exec.LookPath("npm"); err != nil {
		t.Skip("npm is missing: the published test certificates are not tested")
	}
	dir := t.TempDir()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "npm", append([]string{"pack", "--silent"}, packages...)...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Skipf("npm cannot download the published test certificates, they are not tested: %v\n%s", err, out)
	}
	archives, err := filepath.Glob(filepath.Join(dir, "*.tgz"))
	if err != nil || len(archives) != len(packages) {
		t.Fatalf("npm left %v, %v", archives, err)
	}
	files := make(map[string][]byte)
	for _, a := range archives {
		b, err := os.ReadFile(a)
		if err != nil {
			t.Fatal(err)
		}
		z, err := gzip.NewReader(bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		for r := tar.NewReader(z); ; {
			h, err := r.Next()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			if files[h.Name], err = io.ReadAll(r); err != nil {
				t.Fatal(err)
			}
		}
	}
	return files
}

func decodePEM(t *testing.T, text []byte) []byte {
	t.Helper()
	block, rest := pem.Decode(text)
	if block == nil || block.Type != "CERTIFICATE" || len(bytes.TrimSpace(rest)) > 0 {
		t.Fatalf("not one certificate in PEM: %q", text)
	}
	return block.Bytes
}

// The certificates that the DCC publishes for tests: each has the EUI-64, role, use and serial number that its key store
// notes, and encoding/asn1 reads the same of those that come with the signing tool.
func TestPublishedCertificates(t *testing.T) {
	files := published(t, "@smartdcc/duis-sign-wrap@0.1.2", "@smartdcc/dccboxed-keystore@0.4.2")

	var keystore map[string]map[string]map[string]struct {
		Certificate, Name string
		Role              uint8
	}
	if err := json.Unmarshal(files["package/keystore.json"], &keystore); err != nil {
		t.Fatal(err)
	}
	stored := 0
	usages := map[string]smki.KeyUsage{"digitalSignature": smki.UsageDigitalSignature, "keyAgreement": smki.UsageKeyAgreement}
	for eui, byUsage := range keystore {
		id := must[smki.EUI64](t)(smki.ParseEUI64(eui))
		for usage, bySerial := range byUsage {
			for serial, entry := range bySerial {
				stored++
				c, err := smki.ParseCertificate(decodePEM(t, []byte(entry.Certificate)))
				if err != nil {
					t.Errorf("%s: %v", entry.Name, err)
					continue
				}
				role, _ := c.Role()
				type row struct {
					ID     smki.EUI64
					Role   smki.RemotePartyRole
					Usage  smki.KeyUsage
					Serial string
					Issuer string
				}
				want := row{id, smki.RemotePartyRole(entry.Role), usages[usage], serial, c.Issuer}
				if d := cmp.Diff(want, row{c.EUI64, role, c.KeyUsage, c.Serial, c.Issuer}); d != "" {
					t.Errorf("%s: (-want +got)\n%s", entry.Name, d)
				}
			}
		}
	}

	jar, err := zip.NewReader(bytes.NewReader(files["package/dist/tool.jar"]), int64(len(files["package/dist/tool.jar"])))
	if err != nil {
		t.Fatal(err)
	}
	inJar := 0
	for _, f := range jar.File {
		if filepath.Ext(f.Name) != ".pem" || strings.HasSuffix(f.Name, ".key.pem") {
			continue
		}
		inJar++
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		der := decodePEM(t, text)
		c, err := smki.ParseCertificate(der)
		if strings.Contains(f.Name, "pre-1.4.1") { // its role is the decimal 137
			if certField(err) != "subject organizationalUnitName" {
				t.Errorf("%s: %v, expected a fault in its role", f.Name, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", f.Name, err)
			continue
		}
		compareWithASN1(t, f.Name, der, c)
	}
	t.Logf("%d certificates in the key store, %d in the signing tool", stored, inJar)
	if stored != 33 || inJar != 18 {
		t.Errorf("%d and %d certificates, expected 33 and 18", stored, inJar)
	}
}

// compareWithASN1 reads the subject by encoding/asn1 alone.
func compareWithASN1(t *testing.T, name string, der []byte, c *smki.X509Certificate) {
	t.Helper()
	var theirs theirCertificate
	if rest, err := asn1.Unmarshal(der, &theirs); err != nil || len(rest) > 0 {
		t.Errorf("%s: %v", name, err)
		return
	}
	role, _ := c.Role()
	found := 0
	for _, set := range theirs.TBS.Subject {
		for _, a := range set {
			switch v := a.Value.(type) {
			case asn1.BitString:
				found++
				if id, err := smki.ParseEUI64(hex.EncodeToString(v.Bytes)); err != nil || id != c.EUI64 {
					t.Errorf("%s: EUI-64 %v, encoding/asn1 reads % x", name, c.EUI64, v.Bytes)
				}
			case string:
				if a.Type.Equal(asn1.ObjectIdentifier{2, 5, 4, 11}) {
					found++
					if role.String() != v {
						t.Errorf("%s: role %v, encoding/asn1 reads %q", name, role, v)
					}
				}
			}
		}
	}
	if found != 2 || c.Serial != theirs.TBS.Serial.String() || c.Issuer != theirs.TBS.Issuer.String() {
		t.Errorf("%s: %+v", name, factsOf(c))
	}
}
