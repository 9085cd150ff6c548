package wire

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"encoding/base64"
	"errors"
	"flag"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"
)

var rewrite = flag.Bool("rewrite", false, "write the files under testdata that tests make")

// An outcome is what happens to an altered message.
type outcome string

const (
	refused outcome = "refused" // it is not read at all
	broken  outcome = "broken"  // it is read, and the signature does not hold
	same    outcome = "same"    // it is accepted, with exactly the values of the original
)

// An attack alters a signed message without its key, or signs one that is not to be accepted.
type attack struct {
	name string
	want outcome
	make func(e *editor)
}

// An editor alters the original.
type editor struct {
	t testing.TB
	b []byte
}

// swap replaces the only occurrence of old.
func (e *editor) swap(old, new string) {
	e.t.Helper()
	if n := bytes.Count(e.b, []byte(old)); n != 1 {
		e.t.Fatalf("%q stands %d times in the message", old, n)
	}
	e.b = bytes.Replace(e.b, []byte(old), []byte(new), 1)
}

// cut removes what stands from start to end, which it gives.
func (e *editor) cut(start, end string) string {
	e.t.Helper()
	i := bytes.Index(e.b, []byte(start))
	j := bytes.Index(e.b, []byte(end))
	if i < 0 || j < i {
		e.t.Fatalf("no %q to %q in the message", start, end)
	}
	s := string(e.b[i : j+len(end)])
	e.swap(s, "")
	return s
}

func (e *editor) before(mark, s string) { e.t.Helper(); e.swap(mark, s+mark) }
func (e *editor) after(mark, s string)  { e.t.Helper(); e.swap(mark, mark+s) }

// forge signs SignedInfo as it now stands, as one who holds the key and is careless or malicious.
func (e *editor) forge() {
	e.t.Helper()
	i, j := bytes.Index(e.b, []byte("<ds:SignedInfo")), bytes.Index(e.b, []byte("</ds:SignedInfo>"))
	value, err := SignatureOf(e.b[i:j+len("</ds:SignedInfo>")], deterministic{testKey("user")})
	if err != nil {
		e.t.Fatal(err)
	}
	e.setValue(value)
}

// setValue replaces the signature.
func (e *editor) setValue(rs []byte) {
	e.t.Helper()
	e.cut(valueHead, "</ds:SignatureValue>")
	e.after("</ds:SignedInfo>", valueHead+base64.StdEncoding.EncodeToString(rs)+"</ds:SignatureValue>")
}

// TestAttacks: an altered message is refused, or accepted with exactly the values of the original, never with others.
func TestAttacks(t *testing.T) {
	want := values(parse(t, original(t)))
	for _, a := range attacks {
		t.Run(a.name, func(t *testing.T) {
			e := &editor{t, original(t)}
			a.make(e)
			name := filepath.Join("testdata", "attacks", a.name+".xml")
			if *rewrite {
				if err := os.WriteFile(name, e.b, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			b, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(b, e.b) {
				t.Errorf("%s is not what the code makes; run go test -run TestAttacks -rewrite", name)
			}
			got, values := judge(t, b)
			if got != a.want {
				t.Errorf("%s, expected %s\n%s", got, a.want, b)
			}
			if got == same && values != want {
				t.Errorf("accepted with other values:\n%s\nthe original has\n%s", values, want)
			}
		})
	}
	files, _ := filepath.Glob(filepath.Join("testdata", "attacks", "*.xml"))
	if len(files) != len(attacks) {
		t.Errorf("%d files for %d attacks", len(files), len(attacks))
	}
}

// judge reads and verifies a message with the key of the certificate that it names.
func judge(t testing.TB, b []byte) (outcome, string) {
	t.Helper()
	var p Parser
	var m Message
	if err := p.Parse(b, &m); err != nil {
		var syntax *SyntaxError
		if !errors.As(err, &syntax) || syntax.Offset < 0 || syntax.Offset > len(b) || syntax.Expected == "" {
			t.Errorf("refused with %#v", err)
		}
		if m.Signed || values(&m) != values(new(Message)) {
			t.Errorf("refused with values left: %s", values(&m))
		}
		return refused, ""
	}
	if err := Verify(&m, lookUp(&m)); err != nil {
		var verify *VerifyError
		if !errors.As(err, &verify) {
			t.Errorf("broken with %#v", err)
		}
		return broken, ""
	}
	return same, values(&m)
}

// lookUp finds the key of a certificate as a directory does, by normalised issuer and serial number.
func lookUp(m *Message) *ecdsa.PublicKey {
	issuer := strings.ReplaceAll(strings.TrimSpace(string(m.IssuerName)), ", ", ",")
	switch {
	case issuer == testIssuer && string(m.SerialNumber) == testSerial:
		return &testKey("user").PublicKey
	case issuer == testIssuer && string(m.SerialNumber) == "1":
		return &testKey("attacker").PublicKey
	}
	return nil
}

// values is all that a decision can rest on, in one text.
func values(m *Message) string { return fmt.Sprintf("%q", fields(m)) }

// Pieces of the original.
const (
	fakeID     = "90-B3-D5-1F-30-BB-00-02:" + deviceID + ":9"
	realID     = userID + ":" + deviceID + ":1700000000001"
	openID     = "<sr:RequestID>"
	closeID    = "</sr:RequestID>"
	fakeHeader = "<sr:Header><sr:RequestID>" + fakeID + "</sr:RequestID><sr:CommandVariant>1</sr:CommandVariant>" +
		"<sr:ServiceReference>7.4</sr:ServiceReference><sr:ServiceReferenceVariant>7.4</sr:ServiceReferenceVariant></sr:Header>"
	issuerSerial = "<ds:X509IssuerSerial>"
)

func swap(old, new string) func(*editor)  { return func(e *editor) { e.t.Helper(); e.swap(old, new) } }
func before(mark, s string) func(*editor) { return func(e *editor) { e.t.Helper(); e.before(mark, s) } }
func after(mark, s string) func(*editor)  { return func(e *editor) { e.t.Helper(); e.after(mark, s) } }
func whole(f func([]byte) []byte) func(*editor) {
	return func(e *editor) { e.b = f(e.b) }
}

// move cuts what stands from start to end and puts it before mark.
func move(start, end, mark string) func(*editor) {
	return func(e *editor) { e.t.Helper(); s := e.cut(start, end); e.before(mark, s) }
}

// double repeats what stands from start to end.
func double(start, end string) func(*editor) {
	return func(e *editor) {
		e.t.Helper()
		c := editor{e.t, bytes.Clone(e.b)}
		s := c.cut(start, end)
		e.swap(s, s+s)
	}
}

// drop removes what stands from start to end.
func drop(start, end string) func(*editor) {
	return func(e *editor) { e.t.Helper(); e.cut(start, end) }
}

// resigned changes SignedInfo and signs it: a form that only its unknown parts are wrong with.
func resigned(change func(*editor)) func(*editor) {
	return func(e *editor) { e.t.Helper(); change(e); e.forge() }
}

// signatureText changes the 64 octets of the signature.
func signatureText(f func(rs []byte) string) func(*editor) {
	return func(e *editor) {
		e.t.Helper()
		m := parse(e.t, e.b)
		old := base64.StdEncoding.EncodeToString(m.SignatureValue[:])
		e.swap(old, f(bytes.Clone(m.SignatureValue[:])))
	}
}

// spaced is a message that was signed with white space between its elements.
func spaced(change func(string) string) func(*editor) {
	return func(e *editor) {
		e.t.Helper()
		unsigned := strings.ReplaceAll(string(request(e.t, 4, "1.6", prepayment)), "><", ">\n\t<")
		e.b = []byte(change(string(signAsIs(e.t, []byte(unsigned)))))
	}
}

// signAsIs signs a message as it stands, white space and all.
func signAsIs(t testing.TB, unsigned []byte) []byte {
	t.Helper()
	var m Message
	p := Parser{Unsigned: true}
	if err := p.Parse(unsigned, &m); err != nil {
		t.Fatal(err)
	}
	signedInfo := signedInfoHead + base64.StdEncoding.EncodeToString(m.Digest[:]) + signedInfoTail
	value, err := SignatureOf([]byte(signedInfo), deterministic{testKey("user")})
	if err != nil {
		t.Fatal(err)
	}
	signature := signatureHead + signedInfo + valueHead + base64.StdEncoding.EncodeToString(value) +
		issuerHead + testIssuer + serialHead + testSerial + signatureTail
	end := bytes.LastIndex(unsigned, []byte("</"))
	return append(append(bytes.Clone(unsigned[:end]), signature...), unsigned[end:]...)
}

func toUTF16(b []byte, low, high int, mark string) []byte {
	out := []byte(mark)
	for _, u := range utf16.Encode([]rune(string(b))) {
		pair := [2]byte{}
		pair[low], pair[high] = byte(u), byte(u>>8)
		out = append(out, pair[:]...)
	}
	return out
}

// order is that of the group of P-256, which (r, order-s) uses.
var order = elliptic.P256().Params().N

func negated(rs []byte) string {
	s := new(big.Int).SetBytes(rs[32:])
	s.Sub(order, s).FillBytes(rs[32:])
	return base64.StdEncoding.EncodeToString(rs)
}

// swapDigest changes DigestValue and signs the change.
func swapDigest(f func(d []byte) string) func(*editor) {
	return func(e *editor) {
		e.t.Helper()
		m := parse(e.t, e.b)
		e.swap(base64.StdEncoding.EncodeToString(m.ReferenceDigest[:]), f(bytes.Clone(m.ReferenceDigest[:])))
		if !bytes.Contains(e.b, []byte("<ds:DigestValue> ")) {
			e.forge()
		}
	}
}

// numbered repeats a format with the numbers below n.
func numbered(n int, format string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, format, i)
	}
	return b.String()
}
