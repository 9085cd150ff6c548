package main

import (
	"bytes"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/seed-db8551c1/lastresort/duis"
	"github.com/seed-db8551c1/lastresort/smki"
	"github.com/seed-db8551c1/lastresort/smki/smkitest"
)

const (
	user  smki.EUI64 = 0x90B3D51F30010000
	meter smki.EUI64 = 0x00DB1234567890A0
)

var now = time.Date(2021, 11, 17, 12, 0, 0, 0, time.UTC)

// bench is a folder with a certificate store, a key and messages, and the command run in it.
type bench struct {
	testing.TB
	dir      string
	supplier *smkitest.Supplier
}

func newBench(t testing.TB) *bench {
	t.Helper()
	pki, err := smkitest.New(1)
	check(t, err)
	b := &bench{t, t.TempDir(), nil}
	b.supplier, err = pki.Supplier(user)
	check(t, err)
	b.write("certs/xml.pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: b.supplier.XMLSign.Certificate.Raw}))
	b.write("certs/deep/signing.der", b.supplier.DigitalSigning.Certificate.Raw)
	b.write("certs/authority.pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: pki.Issuing.Certificate.Raw}))
	b.write("certs/README", []byte("test certificates"))
	key, err := x509.MarshalPKCS8PrivateKey(b.supplier.XMLSign.Key.PrivateKey)
	check(t, err)
	b.write("xml.key", pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key}))
	sec1, err := x509.MarshalECPrivateKey(b.supplier.DigitalSigning.Key.PrivateKey)
	check(t, err)
	b.write("signing.key", pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: sec1}))
	unsigned, err := duis.AppendRequest(nil, duis.RequestID{Originator: user, Target: meter, Counter: 7}, duis.TopUpDevice, duis.SendCommand, `<sr:TopUpDevice><sr:UTRN>12345678901234567890</sr:UTRN></sr:TopUpDevice>`)
	check(t, err)
	b.write("unsigned.xml", unsigned)
	signed, err := duis.Sign(unsigned, b.supplier.XMLSign.Certificate, b.supplier.XMLSign.Key)
	check(t, err)
	b.write("signed.xml", signed)
	b.write("altered.xml", bytes.Replace(signed, []byte("90-A0:7"), []byte("90-A0:8"), 1))
	b.write("cut.xml", signed[:len(signed)/2])
	wrong, err := duis.Sign(unsigned, b.supplier.DigitalSigning.Certificate, b.supplier.DigitalSigning.Key)
	check(t, err)
	b.write("other-role.xml", wrong)
	return b
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (b *bench) path(name string) string { return filepath.Join(b.dir, name) }

func (b *bench) write(name string, content []byte) {
	b.Helper()
	check(b.TB, os.MkdirAll(filepath.Dir(b.path(name)), 0o700))
	check(b.TB, os.WriteFile(b.path(name), content, 0o600))
}

// run runs the command; in its arguments an @ stands for the folder.
func (b *bench) run(args ...string) (status int, stdout, stderr string) {
	b.Helper()
	for i := range args {
		args[i] = strings.Replace(args[i], "@", b.dir+"/", 1)
	}
	var out, err bytes.Buffer
	status = run(args, &out, &err, now)
	return status, strings.ReplaceAll(out.String(), b.dir+"/", ""), strings.ReplaceAll(err.String(), b.dir+"/", "")
}

// objects reads JSON lines.
func objects(t testing.TB, lines string) (all []map[string]any) {
	t.Helper()
	for d := json.NewDecoder(strings.NewReader(lines)); d.More(); {
		var v map[string]any
		check(t, d.Decode(&v))
		all = append(all, v)
	}
	return all
}

// Each file gives one object, whatever is wrong with it; the exit status says whether all were ok.
func TestVerify(t *testing.T) {
	b := newBench(t)
	check(t, os.Symlink(b.path("certs"), b.path("link")))
	status, out, stderr := b.run("verify", "--certs", "@certs", "@signed.xml")
	if status != 0 || !strings.Contains(stderr, "passed over certs/README") || strings.Count(stderr, "\n") != 1 {
		t.Errorf("status %d, stderr %q", status, stderr)
	}
	xml := b.supplier.XMLSign.Certificate
	want := map[string]any{
		"file": "signed.xml", "ok": true, "request_id": "90-B3-D5-1F-30-01-00-00:00-DB-12-34-56-78-90-A0:7", "command_variant": 1.0,
		"service_reference": "2.2", "service_reference_variant": "2.2",
		"signer": map[string]any{"issuer": "CN=T1,OU=07", "serial": xml.Serial, "eui64": "90-B3-D5-1F-30-01-00-00", "role": "87"}, "error": nil,
	}
	if d := cmp.Diff([]map[string]any{want}, objects(t, out)); d != "" {
		t.Error(d)
	}

	for _, c := range []struct {
		args []string
		want string // part of the error of the last file; empty if all are ok
	}{
		{[]string{"@signed.xml", "@altered.xml"}, "duis: verify: signature invalid: expected a signature of exactly this message"},
		{[]string{"--certs", "@link", "@signed.xml"}, ""},
		{[]string{"@cut.xml"}, "duis: byte "},
		{[]string{"@unsigned.xml"}, "expected a message with a signature"},
		{[]string{"@none.xml"}, "no such file"},
		{[]string{"--at", "2031-01-01T00:00:00Z", "@signed.xml"}, "XML-sign certificate not valid"},
		{[]string{"--at", "2025-01-01T00:00:00+01:00", "@signed.xml"}, ""},
		{[]string{"--role", "87", "@signed.xml"}, ""},
		{[]string{"--role", "02", "@signed.xml"}, "signed in role 87: expected 02"},
		{[]string{"@other-role.xml"}, ""}, // reported, not judged
		{[]string{"--role", "87", "@signed.xml", "@other-role.xml"}, "signed in role 02: expected 87"},
	} {
		status, out, _ := b.run(append([]string{"verify", "--certs", "@certs"}, c.args...)...)
		all := objects(t, out)
		last := all[len(all)-1]
		text, _ := last["error"].(string)
		if want := map[bool]int{true: 0, false: 1}[c.want == ""]; status != want || last["ok"] != (c.want == "") || !strings.Contains(text, c.want) {
			t.Errorf("%v: status %d, %v", c.args, status, last)
		}
	}
}

func TestCert(t *testing.T) {
	b := newBench(t)
	status, out, _ := b.run("cert", "@certs/xml.pem", "@certs/deep/signing.der", "@certs/authority.pem", "@certs/README")
	all := objects(t, out)
	if status != 1 || len(all) != 4 || all[3]["ok"] != false || all[3]["error"] == nil {
		t.Fatalf("status %d: %s", status, out)
	}
	type row struct{ Kind, EUI64, Role, Use, Issuer any }
	var got []row
	for _, v := range all[:3] {
		got = append(got, row{v["kind"], v["eui64"], v["role"], v["use"], v["issuer"]})
	}
	want := []row{
		{"organisation", "90-B3-D5-1F-30-01-00-00", "87", "xml-sign", "CN=T1,OU=07"},
		{"organisation", "90-B3-D5-1F-30-01-00-00", "02", "signing", "CN=T1,OU=07"},
		{"authority", nil, "07", nil, "CN=ZT,OU=00"},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

// What is signed verifies.
func TestSign(t *testing.T) {
	b := newBench(t)
	for _, name := range []string{"@unsigned.xml", "@altered.xml"} { // a signature that is there is replaced
		status, out, stderr := b.run("sign", "--key", "@xml.key", "--cert", "@certs/xml.pem", name)
		if status != 0 || stderr != "" {
			t.Fatalf("status %d: %s", status, stderr)
		}
		b.write("new.xml", []byte(out))
		if status, out, _ := b.run("verify", "--certs", "@certs", "--role", "87", "@new.xml"); status != 0 {
			t.Error(out)
		}
	}
	if status, _, stderr := b.run("sign", "--key", "@signing.key", "--cert", "@certs/xml.pem", "@unsigned.xml"); status != 1 || !strings.Contains(stderr, "expected a certificate with its key") {
		t.Errorf("the key of another certificate: %d, %q", status, stderr)
	}
	if status, out, stderr := b.run("sign", "--key", "@xml.key", "--cert", "@certs/xml.pem", "@cut.xml"); status != 1 || out != "" || !strings.Contains(stderr, "duis: byte ") {
		t.Errorf("no message: %d, %q", status, stderr)
	}
}

const stateText = `{
  "certificates": [{"file": "certs/xml.pem", "subscriber": "Avro"}],
  "events": [
    {"at": "2020-01-01T00:00:00Z", "kind": "user recorded", "user": {"id": "90-B3-D5-1F-30-01-00-00", "party": "Avro", "roles": "IS"}},
    {"at": "2020-01-01T00:00:00Z", "kind": "MPID allocated", "mpids": ["AVRO"], "party": "Avro"},
    {"at": "2020-01-01T00:00:00Z", "kind": "certificate issued", "certificate": {"id": "CN=DCCKI/1", "use": "dccki", "subscriber": "Utilita", "notBefore": "2020-01-01T00:00:00Z"}},
    {"at": "2020-01-01T00:00:00Z", "kind": "thresholds applied", "thresholds": [{"user": "90-B3-D5-1F-30-01-00-00", "warning": 1, "quarantine": 1}]},
    {"at": "2021-11-18T00:00:00Z", "kind": "MPID transferred", "mpids": ["AVRO"], "party": "Octopus"}
  ],
  "registrations": [{"point": "1012345678901", "from": "2020-01-01T00:00:00Z", "mpid": "AVRO"}],
  "devices": [{"id": "00-DB-12-34-56-78-90-A0", "type": "ESME", "status": "Commissioned", "import": "1012345678901"}],
  "channel": "CN=DCCKI/1"
}
`

// A request is decided in the world that the state file describes, and uses up what it uses up.
func TestDecide(t *testing.T) {
	b := newBench(t)
	b.write("state.json", []byte(stateText))
	status, out, stderr := b.run("decide", "--state", "@state.json", "@signed.xml", "@signed.xml", "@cut.xml", "@none.xml")
	all := objects(t, out)
	if status != 1 || stderr != "" || len(all) != 4 {
		t.Fatalf("status %d, %q: %s", status, stderr, out)
	}
	if v := all[0]; v["outcome"] != "accepted" || v["code"] != "I99" || v["service_reference_variant"] != "2.2" || !strings.Contains(v["response"].(string), ">I99<") ||
		v["registration"].(map[string]any)["mpid"] != "AVRO" || v["signer"] != string(b.supplier.XMLSign.Certificate.ID()) {
		t.Errorf("%v", v)
	}
	if d := cmp.Diff([]any{"replayed", "over threshold"}, all[1]["reasons"]); d != "" {
		t.Error(d)
	}
	if v := all[2]; v["outcome"] != "rejected" || v["error"] == nil || v["response"] != nil {
		t.Errorf("%v", v)
	}
	if v := all[3]; v["file"] != "none.xml" || v["outcome"] != nil || !strings.Contains(v["error"].(string), "no such file") {
		t.Errorf("%v", v)
	}
	_, out, _ = b.run("decide", "--state", "@state.json", "--at", "2021-11-18T00:00:00Z", "@signed.xml")
	if v := objects(t, out)[0]; v["code"] != "E4" || cmp.Diff([]any{"MPID moved"}, v["reasons"]) != "" {
		t.Errorf("after the MPID moved: %v", v)
	}
	_, out, _ = b.run("decide", "--state", "@state.json", "--service", "transform", "@signed.xml")
	if v := objects(t, out)[0]; v["code"] != "E13" {
		t.Errorf("at another web service: %v", v)
	}
}

// A certificate that was issued later than events of the file makes none of them late.
func TestDecideWithALaterCertificate(t *testing.T) {
	b := newBench(t)
	pki, err := smkitest.New(2)
	check(t, err)
	renewed, err := pki.Issuing.Issue(smkitest.Request{EUI64: user, Role: smki.RoleXMLSign, Usage: smki.UsageDigitalSignature, NotBefore: now.Add(-time.Hour)})
	check(t, err)
	b.write("certs/renewed.der", renewed.Certificate.Raw)
	b.write("state.json", []byte(strings.NewReplacer(
		`"subscriber": "Avro"}]`, `"subscriber": "Avro"}, {"file": "certs/renewed.der", "subscriber": "Avro"}]`,
		`    {"at": "2021-11-18T00:00:00Z"`, `    {"at": "2021-10-18T00:00:00Z", "kind": "failure notified", "failure": "avro", "party": "Avro"},
    {"at": "2021-10-19T00:00:00Z", "kind": "delay directed", "failure": "avro", "controls": "revocation"},
    {"at": "2021-11-18T00:00:00Z"`).Replace(stateText)))
	if status, out, stderr := b.run("decide", "--state", "@state.json", "@signed.xml"); status != 0 || objects(t, out)[0]["outcome"] != "accepted" {
		t.Errorf("status %d, %s, %q", status, out, stderr)
	}
}

// A folder of certificates may have in it what nobody can read: it is passed over, and not waited for.
func TestPipeAmongCertificates(t *testing.T) {
	b := newBench(t)
	if out, err := exec.Command("mkfifo", filepath.Join(b.dir, "certs", "pipe")).CombinedOutput(); err != nil {
		t.Skipf("no pipe can be made: %v\n%s", err, out)
	}
	check(t, os.Symlink("nowhere", filepath.Join(b.dir, "certs", "link")))
	status, out, stderr := b.run("verify", "--certs", "@certs", "@signed.xml")
	if status != 0 || objects(t, out)[0]["ok"] != true || !strings.Contains(stderr, "pipe: expected a file") || !strings.Contains(stderr, "link: ") {
		t.Errorf("status %d, %s, %q", status, out, stderr)
	}
}

// What is asked wrongly gives one line and status 2.
func TestUsage(t *testing.T) {
	b := newBench(t)
	b.write("empty/none", nil)
	b.write("broken.key", pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: []byte("key")}))
	b.write("gate.bin", []byte("duis counters 1\n"))
	for _, c := range []struct{ name, instead, of, want string }{
		{"unknown field", `"chanel"`, `"channel"`, `line 12: unknown field "chanel": expected settings, `},
		{"field twice", `"devices": []`, `"channel": "CN=DCCKI/1"`, `line 12: expected "devices" once`},
		{"no such kind", `"user"`, `"user recorded"`, `line 4: hold: "user" is no kind of event`},
		{"of another type", `"mpids": "AVRO"`, `"mpids": ["AVRO"]`, `line 5: json: cannot unmarshal string`},
		{"no list", `"devices": 3, "networks": [`, `"devices": [`, `line 11: expected [: not 3`},
		{"comma too many", `"registrations": [,`, `"registrations": [`, `line 10: invalid character ','`},
		{"refused event", `"mpids": ["A"]`, `"mpids": ["AVRO"]`, `events[1]: hold: `},
		{"no such MPID", `"mpid": "NONE"`, `"mpid": "AVRO"`, `registrations[0]: duis: `},
		{"cut short", "", stateText[200:], `line 4: unexpected EOF`},
		{"more after it", "\n}\n{}", "\n}\n", `line 14: expected one JSON object and nothing after it`},
		{"no file", `certs/none.pem`, `certs/xml.pem`, `certs/none.pem: `},
		{"no memory", `"memory": "gate.bin", "channel"`, `"channel"`, `gate.bin: duis: saved memory: `},
	} {
		if !strings.Contains(stateText, c.of) {
			t.Fatalf("%s: expected %q in the state", c.name, c.of)
		}
		b.write("state.json", []byte(strings.Replace(stateText, c.of, c.instead, 1)))
		if status, out, stderr := b.run("decide", "--state", "@state.json", "@signed.xml"); status != 2 || out != "" || strings.Count(stderr, "\n") != 1 || !strings.Contains(stderr, c.want) {
			t.Errorf("%s: status %d, %q, %q, want %q", c.name, status, out, stderr, c.want)
		}
	}
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"check"}, `duis: "check" is no command: expected verify, cert, sign or decide`},
		{[]string{"verify", "@signed.xml"}, "duis verify: expected --certs DIR"},
		{[]string{"verify", "--certs", "@certs"}, "duis verify: expected FILE..."},
		{[]string{"verify", "--certs", "@none", "@signed.xml"}, "no such file"},
		{[]string{"verify", "--certs", "@empty", "@signed.xml"}, "expected a folder with certificates"},
		{[]string{"verify", "--certs", "@certs", "--at", "noon", "@signed.xml"}, "expected a time such as 2021-11-17T12:00:00Z"},
		{[]string{"verify", "--certs", "@certs", "--role", "137", "@signed.xml"}, "2 hexadecimal digits"},
		{[]string{"verify", "--shout", "@signed.xml"}, "flag provided but not defined"},
		{[]string{"sign", "--key", "@xml.key", "@unsigned.xml"}, "expected --key KEY and --cert CERT"},
		{[]string{"sign", "--key", "@xml.key", "--cert", "@certs/xml.pem", "@signed.xml", "@signed.xml"}, "expected one FILE"},
		{[]string{"sign", "--key", "@certs/xml.pem", "--cert", "@certs/xml.pem", "@unsigned.xml"}, "expected a private key in PEM"},
		{[]string{"sign", "--key", "@broken.key", "--cert", "@certs/xml.pem", "@unsigned.xml"}, "broken.key: expected a private key"},
		{[]string{"decide", "@signed.xml"}, "expected --state FILE"},
		{[]string{"decide", "--state", "@none.json", "@signed.xml"}, "no such file"},
		{[]string{"decide", "--state", "@none.json", "--service", "post", "@signed.xml"}, "expected the --service transform, send or non-device"},
	} {
		status, out, stderr := b.run(c.args...)
		lines := strings.Split(strings.TrimSuffix(stderr, "\n"), "\n")
		if last := lines[len(lines)-1]; status != 2 || out != "" || !strings.Contains(last, c.want) {
			t.Errorf("%v: status %d, %q, %q", c.args, status, out, stderr)
		}
	}
	for _, args := range [][]string{{}, {"-h"}, {"verify", "-h"}} {
		if status, out, stderr := b.run(args...); status != 0 || !strings.Contains(out, "duis verify") || stderr != "" {
			t.Errorf("%v: status %d, %q, %q", args, status, out, stderr)
		}
	}
}
