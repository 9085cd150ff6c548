package duis_test

import (
	"archive/tar"
	"archive/zip"
	"bufio"
	"bytes"
	"compress/gzip"
	"crypto/ecdsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/seed-db8551c1/lastresort/duis"
	"github.com/seed-db8551c1/lastresort/smki"
)

// The published packages that this implementation is held against. They are fetched with the ordinary client and kept nowhere:
// their licence (GPLv3) is not that of this module.
var published = []string{
	"@smartdcc/duis-templates@0.7.0",
	"@smartdcc/duis-sign-wrap@0.1.2",
	"@smartdcc/dccboxed-keystore@0.4.2",
}

// What the published tool is known to do: it has no key for the originator of two of the templates.
const (
	templateCount = 297
	signedCount   = 295
)

// TestPublishedTool: what the published tool signs verifies here, and what is signed here is accepted by it.
func TestPublishedTool(t *testing.T) {
	dir := fetch(t)
	templates, _ := filepath.Glob(filepath.Join(dir, "package", "templates", "*.XML"))
	if len(templates) != templateCount {
		t.Fatalf("%d templates, expected %d", len(templates), templateCount)
	}
	jar := filepath.Join(dir, "package", "dist", "tool.jar")
	trust, keys := toolKeys(t, jar)
	tool := startTool(t, jar)
	ours := signedSample(t).avro.XMLSign
	at := time.Date(2025, 6, 1, 0, 0, 0, 0, time.UTC) // when every certificate of the tool was valid

	signed, accepted, parsed, total := 0, 0, 0, 0
	var known *toolKey // one that the tool finds
	for i, name := range templates {
		raw, err := os.ReadFile(name)
		must(t, err)
		in := filepath.Join(t.TempDir(), fmt.Sprintf("%d.xml", i)) // the tool takes no name with a space
		must(t, os.WriteFile(in, raw, 0o600))
		// Every template can be signed with any key, and verified with it.
		if b, err := duis.Sign(raw, ours.Certificate, ours.Key); err != nil {
			t.Errorf("%s: signed here with a key of ours: %v", filepath.Base(name), err)
			continue
		} else if m, err := duis.Parse(b, duis.Limits{}); err != nil || !knowsAll(m) {
			t.Errorf("%s: %v, read as %+v", filepath.Base(name), err, m)
			continue
		}
		parsed++
		code, out := tool.run("Sign", in)
		if code != 0 {
			continue
		}
		signed++
		total += len(out)
		theirs, err := duis.Parse(out, duis.Limits{})
		if err != nil {
			t.Errorf("%s: signed by the tool: %v", filepath.Base(name), err)
			continue
		}
		by, err := theirs.Verify(trust, at)
		if err != nil {
			t.Errorf("%s: signed by the tool: %v", filepath.Base(name), err)
			continue
		}
		k := keys[by]
		again, err := duis.Sign(raw, k.cert, k.private)
		if err != nil {
			t.Errorf("%s: signed here: %v", filepath.Base(name), err)
			continue
		}
		m, err := duis.Parse(again, duis.Limits{})
		if err != nil {
			t.Errorf("%s: signed here: %v", filepath.Base(name), err)
			continue
		}
		if d := cmp.Diff(theirs, m, cmpopts.IgnoreUnexported(duis.Message{})); d != "" {
			t.Errorf("%s: signed here, read as something else than what the tool signed (-tool +here)\n%s", filepath.Base(name), d)
		}
		must(t, os.WriteFile(in, again, 0o600))
		if code, _ := tool.run("Validate", in); code != 0 {
			report, _ := os.ReadFile(in + ".err")
			t.Errorf("%s: signed here, refused by the tool with %d: %s", filepath.Base(name), code, report)
			continue
		}
		accepted, known = accepted+1, k
	}
	t.Logf("templates %d, signed here %d; signed by the tool %d (%d bytes on average), signed here with its keys and accepted by it %d",
		len(templates), parsed, signed, total/max(1, signed), accepted)
	if parsed != templateCount || signed != signedCount || accepted != signedCount {
		t.Errorf("expected %d signed here, %d signed by the tool and accepted by it", templateCount, signedCount)
	}
	if known != nil {
		writtenForTool(t, tool, known)
	}
}

// knowsAll reports whether the tables know what a published template asks for: its variant, the Service Reference of that, its body, and its Command Variant.
func knowsAll(m *duis.Message) bool {
	v, err := duis.ParseSRV(m.ServiceReferenceVariant)
	return err == nil && v.Reference() == m.ServiceReference && v.BodyElement() == m.Body && m.Variant.Allows(v)
}

// writtenForTool: what the writer makes is accepted by the tool, schema and all.
func writtenForTool(t *testing.T, tool *tool, k *toolKey) {
	id := duis.RequestID{Originator: k.cert.EUI64, Target: esme, Counter: 7}
	const prepayment duis.Body = "<sr:UpdatePaymentMode><sr:Prepayment><sr:SuspendDebtDisabled>false</sr:SuspendDebtDisabled><sr:SuspendDebtEmergency>false</sr:SuspendDebtEmergency><sr:DisablementThreshold>0</sr:DisablementThreshold></sr:Prepayment></sr:UpdatePaymentMode>"
	write := func(b []byte, err error) []byte { must(t, err); return b }
	for name, unsigned := range map[string][]byte{
		"prepayment":         write(duis.AppendRequest(nil, id, duis.UpdatePaymentMode, duis.TransformRequest, prepayment)),
		"signed pre-command": write(duis.AppendRequest(nil, id, duis.UpdatePaymentMode, duis.SendSignedPreCommand, duis.SignedPreCommandBody(time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC), []byte{0xdf, 9, 1, 2, 3}))),
		"acknowledgement":    write(duis.AppendResponse(nil, id, duis.I99, now, duis.AcknowledgementBody(duis.UpdatePaymentMode))),
		"refusal":            write(duis.AppendResponse(nil, id, duis.E4, now, duis.AcknowledgementBody(duis.UpdatePaymentMode))),
		"quarantine":         write(duis.AppendResponse(nil, duis.RequestID{}, duis.I0, now, duis.QuarantineBody("N29", id, 12345678901234567890))),
	} {
		b, err := duis.Sign(unsigned, k.cert, k.private)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		in := filepath.Join(t.TempDir(), "written.xml")
		must(t, os.WriteFile(in, b, 0o600))
		if code, _ := tool.run("Validate", in); code != 0 {
			report, _ := os.ReadFile(in + ".err")
			t.Errorf("%s: refused by the tool with %d: %s", name, code, report)
		}
		// The tool must be able to say no, or all of the above shows nothing.
		altered := bytes.Replace(b, []byte(now.Format("2006-01-02")), []byte("2001-01-02"), 1)
		if bytes.Equal(altered, b) {
			altered = bytes.Replace(b, []byte(esme.String()), []byte(gsme.String()), 1)
		}
		must(t, os.WriteFile(in, altered, 0o600))
		if code, _ := tool.run("Validate", in); code == 0 {
			t.Errorf("%s: altered and accepted by the tool", name)
		}
	}
}

// fetch gets the published packages and unpacks what the test needs, or skips the test.
func fetch(t *testing.T) string {
	t.Helper()
	if testing.Short() {
		t.Skip("fetches the published packages and runs their tool: not with -short")
	}
	for _, program := range []string{"npm", "java"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("no %s here, which the published packages need", program)
		}
	}
	dir := t.TempDir()
	cmd := exec.Command("npm", append([]string{"pack", "--silent"}, published...)...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Skipf("the published packages cannot be fetched: %v\n%s", err, out)
	}
	archives, _ := filepath.Glob(filepath.Join(dir, "*.tgz"))
	for _, name := range archives {
		unpack(t, name, dir)
	}
	return dir
}

func unpack(t *testing.T, archive, dir string) {
	t.Helper()
	f, err := os.Open(archive)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	for r := tar.NewReader(z); ; {
		h, err := r.Next()
		if err == io.EOF {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		if h.Typeflag != tar.TypeReg || !filepath.IsLocal(h.Name) {
			continue
		}
		name := filepath.Join(dir, h.Name)
		b, err := io.ReadAll(r)
		if err == nil {
			err = os.MkdirAll(filepath.Dir(name), 0o700)
		}
		if err == nil {
			err = os.WriteFile(name, b, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// A toolKey is a test certificate of the tool with its key.
type toolKey struct {
	cert    *smki.X509Certificate
	private *ecdsa.PrivateKey
}

// toolKeys reads the certificates and keys in the tool, and trusts them: its authorities are not published.
func toolKeys(t *testing.T, jar string) (*smki.TrustStore, map[*smki.X509Certificate]*toolKey) {
	t.Helper()
	z, err := zip.OpenReader(jar)
	must(t, err)
	defer z.Close()
	files := map[string][]byte{}
	for _, f := range z.File {
		if ext := filepath.Ext(f.Name); ext == ".pem" || ext == ".key" {
			r, err := f.Open()
			must(t, err)
			files[f.Name], _ = io.ReadAll(r)
			r.Close()
		}
	}
	trust := &smki.TrustStore{AllowMissingCRL: true}
	keys := map[*smki.X509Certificate]*toolKey{}
	for name, b := range files {
		block, _ := pem.Decode(b)
		if block == nil || block.Type != "CERTIFICATE" || strings.Contains(name, "pre-1.4.1") { // of the last one the role is a decimal number
			continue
		}
		c, err := smki.ParseCertificate(block.Bytes)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		must(t, trust.Pin(c))
		c, _ = trust.Lookup([]byte(c.Issuer), []byte(c.Serial)) // the same certificate is there under more than one name
		private, err := x509.ParsePKCS8PrivateKey(files[strings.TrimSuffix(name, ".pem")+".key"])
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		keys[c] = &toolKey{c, private.(*ecdsa.PrivateKey)}
	}
	return trust, keys
}

// A tool is the published tool, running.
type tool struct {
	t   *testing.T
	in  io.Writer
	out *bufio.Reader
}

func startTool(t *testing.T, jar string) *tool {
	t.Helper()
	cmd := exec.Command("java", "-Xshare:auto", "-XX:TieredStopAtLevel=1", "-cp", jar, "testdata/interop/Driver.java")
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Skipf("java does not start: %v", err)
	}
	t.Cleanup(func() {
		in.Close()
		if err := cmd.Wait(); err != nil {
			t.Errorf("java: %v", err)
		}
	})
	return &tool{t, in, bufio.NewReader(out)}
}

// run has the tool work on a file and gives its exit code and output.
func (x *tool) run(what, file string) (code int, out []byte) {
	x.t.Helper()
	fmt.Fprintln(x.in, what, file)
	if _, err := fmt.Fscanln(x.out, &code); err != nil {
		x.t.Fatalf("the tool stopped at %s: %v", file, err)
	}
	out, err := os.ReadFile(file + ".out")
	if err != nil {
		x.t.Fatal(err)
	}
	return code, out
}
