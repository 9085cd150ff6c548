package wire

import (
	"archive/tar"
	"archive/zip"
	"bufio"
	"bytes"
	"compress/gzip"
	"crypto/ecdsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
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
	keys := toolKeys(t, jar)
	tool := startTool(t, jar)

	var p Parser
	var m Message
	signed, accepted := 0, 0
	var parsed, total int
	var known *toolKey // one that the tool finds
	for i, name := range templates {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		in := filepath.Join(t.TempDir(), fmt.Sprintf("%d.xml", i)) // the tool takes no name with a space
		if err := os.WriteFile(in, raw, 0o600); err != nil {
			t.Fatal(err)
		}
		// Every template can be signed with any key, and read back.
		if _, err := Sign(raw, testIssuer, testSerial, testKey("user")); err != nil {
			t.Errorf("%s: signed here with a key of ours: %v", filepath.Base(name), err)
			continue
		}
		parsed++
		code, out := tool.run("Sign", in)
		if code != 0 {
			continue
		}
		signed++
		total += len(out)
		if err := p.Parse(out, &m); err != nil {
			t.Errorf("%s: signed by the tool: %v", filepath.Base(name), err)
			continue
		}
		k := keys[string(m.SerialNumber)]
		if k == nil || k.issuer != string(m.IssuerName) {
			t.Errorf("%s: no certificate %s %s", filepath.Base(name), m.IssuerName, m.SerialNumber)
			continue
		}
		if err := Verify(&m, k.public); err != nil {
			t.Errorf("%s: signed by the tool: %v", filepath.Base(name), err)
		}
		header := headerOf(&m)
		ours, err := Sign(raw, k.issuer, k.serial, k.private)
		if err != nil {
			t.Errorf("%s: signed here: %v", filepath.Base(name), err)
			continue
		}
		if err := p.Parse(ours, &m); err != nil || headerOf(&m) != header {
			t.Errorf("%s: signed here: header %q, of the tool %q (%v)", filepath.Base(name), headerOf(&m), header, err)
		}
		if err := os.WriteFile(in, ours, 0o600); err != nil {
			t.Fatal(err)
		}
		if code, _ := tool.run("Validate", in); code != 0 {
			report, _ := os.ReadFile(in + ".err")
			t.Errorf("%s: signed here, refused by the tool with %d: %s", filepath.Base(name), code, report)
			continue
		}
		accepted, known = accepted+1, k
	}
	t.Logf("templates %d, signed here %d; signed by the tool %d (%d bytes on average), signed here with its keys and accepted by it %d",
		len(templates), parsed, signed, total/max(1, signed), accepted)
	if signed != signedCount || accepted != signedCount {
		t.Errorf("expected %d signed by the tool and accepted by it", signedCount)
	}
	if known != nil {
		writtenForTool(t, tool, known)
	}
}

// writtenForTool: what the writer makes is accepted by the tool, schema and all.
func writtenForTool(t *testing.T, tool *tool, k *toolKey) {
	for name, unsigned := range map[string][]byte{
		"prepayment":         request(t, 4, "1.6", prepayment),
		"signed pre-command": request(t, 5, "1.6", SignedPreCommand("2030-01-01T00:00:00Z", []byte{0xdf, 9, 1, 2, 3})),
		"acknowledgement":    response(t, "I99", Acknowledgement("1.6", "1.6")),
		"refusal":            response(t, "E4", Acknowledgement("1.6", "1.6")),
		"quarantine":         response(t, "I0", QuarantinedRequest("N29", UserThreshold, userID+":"+deviceID+":7", 12345678901234567890)),
	} {
		b, err := Sign(unsigned, k.issuer, k.serial, k.private)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		in := filepath.Join(t.TempDir(), "written.xml")
		if err := os.WriteFile(in, b, 0o600); err != nil {
			t.Fatal(err)
		}
		if code, _ := tool.run("Validate", in); code != 0 {
			report, _ := os.ReadFile(in + ".err")
			t.Errorf("%s: refused by the tool with %d: %s", name, code, report)
		}
		// The tool must be able to say no, or all of the above shows nothing.
		if err := os.WriteFile(in, bytes.Replace(b, []byte(deviceID), []byte(dccID), 1), 0o600); err != nil {
			t.Fatal(err)
		}
		if code, _ := tool.run("Validate", in); code == 0 {
			t.Errorf("%s: altered and accepted by the tool", name)
		}
	}
}

func headerOf(m *Message) string {
	return fmt.Sprintf("%s|%s|%s|%s|%s|%s", m.RequestID, m.CommandVariant, m.ServiceReference, m.ServiceReferenceVariant, m.Body, m.ExecutionDateTime)
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
	issuer, serial string
	public         *ecdsa.PublicKey
	private        *ecdsa.PrivateKey
}

// toolKeys reads the certificates and keys in the tool, by serial number. crypto/x509 reads none of the certificates (golang/go#69463).
func toolKeys(t *testing.T, jar string) map[string]*toolKey {
	t.Helper()
	z, err := zip.OpenReader(jar)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	files := map[string][]byte{}
	for _, f := range z.File {
		if ext := filepath.Ext(f.Name); ext == ".pem" || ext == ".key" {
			r, err := f.Open()
			if err != nil {
				t.Fatal(err)
			}
			files[f.Name], _ = io.ReadAll(r)
			r.Close()
		}
	}
	keys := map[string]*toolKey{}
	for name, b := range files {
		block, _ := pem.Decode(b)
		if block == nil || block.Type != "CERTIFICATE" {
			continue
		}
		k := readCertificate(t, block.Bytes)
		private, err := x509.ParsePKCS8PrivateKey(files[strings.TrimSuffix(name, ".pem")+".key"])
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		k.private = private.(*ecdsa.PrivateKey)
		keys[k.serial] = k
	}
	return keys
}

// readCertificate reads of a certificate only what says which key it is.
func readCertificate(t *testing.T, der []byte) *toolKey {
	t.Helper()
	var c struct {
		TBS struct {
			Version   int `asn1:"explicit,tag:0"`
			Serial    *big.Int
			Algorithm pkix.AlgorithmIdentifier
			Issuer    pkix.RDNSequence
			Validity  asn1.RawValue
			Subject   asn1.RawValue
			Key       asn1.RawValue
			Rest      []asn1.RawValue `asn1:"optional,explicit,tag:3"`
		}
		Algorithm pkix.AlgorithmIdentifier
		Signature asn1.BitString
	}
	if _, err := asn1.Unmarshal(der, &c); err != nil {
		t.Fatal(err)
	}
	public, err := x509.ParsePKIXPublicKey(c.TBS.Key.FullBytes)
	if err != nil {
		t.Fatal(err)
	}
	return &toolKey{issuer: c.TBS.Issuer.String(), serial: c.TBS.Serial.String(), public: public.(*ecdsa.PublicKey)}
}

// A tool is the published tool, running.
type tool struct {
	t   *testing.T
	in  io.Writer
	out *bufio.Reader
}

func startTool(t *testing.T, jar string) *tool {
	t.Helper()
	cmd := exec.Command("java", "-Xshare:auto", "-XX:TieredStopAtLevel=1", "-cp", jar, "testdata/Driver.java")
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
