package wire

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"io"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestVerify: what Verify tells apart, in its order.
func TestVerify(t *testing.T) {
	key := testKey("user")
	m := parse(t, original(t))
	if err := Verify(m, &key.PublicKey); err != nil {
		t.Error(err)
	}
	wantPart(t, Verify(m, nil), PartKey)
	p384, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	wantPart(t, Verify(m, &p384.PublicKey), PartKey)
	wantPart(t, Verify(m, &ecdsa.PublicKey{}), PartKey)
	//lint:ignore SA1019 a point that is not on the curve can be made in no other way
	wantPart(t, Verify(m, &ecdsa.PublicKey{Curve: elliptic.P256(), X: big.NewInt(1), Y: big.NewInt(1)}), PartSignatureValue)
	wantPart(t, Verify(m, &testKey("attacker").PublicKey), PartSignatureValue)
	altered := bytes.Replace(original(t), []byte("-500"), []byte("-501"), 1)
	wantPart(t, Verify(parse(t, altered), &key.PublicKey), PartReference)
	resealed := &editor{t, altered}
	digest := parse(t, altered).Digest
	resealed.cut("<ds:DigestValue>", "</ds:DigestValue>")
	resealed.before("</ds:Reference>", "<ds:DigestValue>"+gbcs(digest[:])+"</ds:DigestValue>")
	wantPart(t, Verify(parse(t, resealed.b), &key.PublicKey), PartSignatureValue)
}

// TestDER: the ASN.1 form of r and s is that of encoding/asn1 for every length and sign.
func TestDER(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var rs [64]byte
		number := rapid.Custom(func(t *rapid.T) []byte {
			b := rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "octets")
			clear(b[:rapid.IntRange(0, 32).Draw(t, "leading zeros")])
			return b
		})
		copy(rs[:32], number.Draw(t, "r"))
		copy(rs[32:], number.Draw(t, "s"))
		want, err := asn1.Marshal(struct{ R, S *big.Int }{new(big.Int).SetBytes(rs[:32]), new(big.Int).SetBytes(rs[32:])})
		if err != nil {
			t.Fatal(err)
		}
		if got := AppendDER(nil, &rs); !bytes.Equal(got, want) || len(got) > maxDER {
			t.Fatalf("%x becomes %x, expected %x", rs, got, want)
		}
	})
}

// TestSignForm: a signed message has exactly one form.
func TestSignForm(t *testing.T) {
	b := string(original(t))
	for _, white := range []string{"> <", ">\n", "\n<", "\t"} {
		if strings.Contains(b, white) {
			t.Errorf("white space %q in %s", white, b)
		}
	}
	i, j := strings.Index(b, "<ds:SignatureValue>"), strings.Index(b, "</ds:SignatureValue>")
	m := parse(t, []byte(b))
	want := declaration + strings.TrimSuffix(string(m.Canonical()), "</sr:Request>") +
		`<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#">` + string(m.SignedInfo()) + b[i:j] + "</ds:SignatureValue>" +
		"<ds:KeyInfo><ds:X509Data><ds:X509IssuerSerial><ds:X509IssuerName>" + testIssuer + "</ds:X509IssuerName><ds:X509SerialNumber>" +
		testSerial + "</ds:X509SerialNumber></ds:X509IssuerSerial></ds:X509Data></ds:KeyInfo></ds:Signature></sr:Request>"
	if b != want {
		t.Errorf("\n%s\nexpected\n%s", b, want)
	}
	if again := sign(t, []byte(b)); string(again) != b {
		t.Errorf("signed again:\n%s\nexpected\n%s", again, b)
	}
}

// TestSignNormalises: white space that a schema processor would not see is gone, that which is content stays, and what cannot be told is refused.
func TestSignNormalises(t *testing.T) {
	want := string(original(t))
	pretty := strings.ReplaceAll(string(request(t, 4, "1.6", prepayment)), "><", "> <!-- c -->\r\n\t<")
	pretty = strings.Replace(pretty, realID, " <![CDATA["+realID+"]]>\n", 1)
	pretty = strings.Replace(pretty, "2021-11-20T00:00:00Z", "\n2021-11-20T00:00:00Z", 1)
	if got := string(sign(t, []byte(pretty))); got != want {
		t.Errorf("\n%s\nexpected\n%s", got, want)
	}
	for _, c := range []struct{ in, out string }{
		{"<sr:X>\n</sr:X>", "<sr:X></sr:X>"},
		{"<sr:X> <sr:Y/> </sr:X>", "<sr:X><sr:Y></sr:Y></sr:X>"},
		{"<sr:X><sr:SupplierMessage> Call  us </sr:SupplierMessage></sr:X>", "<sr:X><sr:SupplierMessage> Call  us </sr:SupplierMessage></sr:X>"},
		{"<sr:X><sr:Y>one two</sr:Y></sr:X>", "<sr:X><sr:Y>one two</sr:Y></sr:X>"},
		{`<sr:X><sr:Y a="&gt; 'b'"> </sr:Y></sr:X>`, `<sr:X><sr:Y a="> 'b'"></sr:Y></sr:X>`},
		{"<sr:SignedPreCommand><sr:GBCSPayload>\n3wkB&#13;\nAgM=\n</sr:GBCSPayload></sr:SignedPreCommand>", "<sr:SignedPreCommand><sr:GBCSPayload>3wkBAgM=</sr:GBCSPayload></sr:SignedPreCommand>"},
		{"<sr:X><sr:Y> 1</sr:Y></sr:X>", ""},
		{"<sr:X><sr:Y>1\n</sr:Y></sr:X>", ""},
		{"<sr:X><sr:Y>one  two</sr:Y></sr:X>", ""},
		{"<sr:X><sr:Y>one\ntwo</sr:Y></sr:X>", ""},
		{"<sr:X><sr:Y>one&#13;</sr:Y></sr:X>", ""},
	} {
		got, err := Sign(request(t, 4, "1.6", Body(c.in)), testIssuer, testSerial, testKey("user"))
		var refusal *SignError
		switch {
		case c.out == "" && (!errors.As(err, &refusal) || refusal.Element != "Y"):
			t.Errorf("%s: signed, or refused with %v", c.in, err)
		case c.out != "" && !strings.Contains(string(got), "<sr:Body>"+c.out+"</sr:Body>"):
			t.Errorf("%s: %v\n%s", c.in, err, got)
		}
	}
}

// badSigner is a key that signs wrongly.
type badSigner struct {
	*ecdsa.PrivateKey
	sign func(digest []byte) ([]byte, error)
}

func (b badSigner) Sign(_ io.Reader, digest []byte, _ crypto.SignerOpts) ([]byte, error) {
	return b.sign(digest)
}

// TestSignRefuses: keys, names and messages that lead to no signed message.
func TestSignRefuses(t *testing.T) {
	unsigned := request(t, 4, "1.6", prepayment)
	key := testKey("user")
	p384, _ := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	_, ed, _ := ed25519.GenerateKey(rand.Reader)
	boom := errors.New("boom")
	for _, c := range []struct {
		name           string
		src            []byte
		issuer, serial string
		key            crypto.Signer
	}{
		{"no message", nil, testIssuer, testSerial, key},
		{"no key", unsigned, testIssuer, testSerial, nil},
		{"typed nil key", unsigned, testIssuer, testSerial, (*ecdsa.PrivateKey)(nil)},
		{"empty key", unsigned, testIssuer, testSerial, &ecdsa.PrivateKey{}},
		{"other curve", unsigned, testIssuer, testSerial, p384},
		{"other algorithm", unsigned, testIssuer, testSerial, ed},
		{"no issuer", unsigned, "", testSerial, key},
		{"issuer with a control character", unsigned, "CN=\x01", testSerial, key},
		{"issuer not in UTF-8", unsigned, "CN=\xff", testSerial, key},
		{"no serial", unsigned, testIssuer, "", key},
		{"hexadecimal serial", unsigned, testIssuer, "1f", key},
		{"serial with white space", unsigned, testIssuer, " 1", key},
		{"serial with leading zero", unsigned, testIssuer, "01", key},
		{"key that fails", unsigned, testIssuer, testSerial, badSigner{key, func([]byte) ([]byte, error) { return nil, boom }}},
		{"key that gives nonsense", unsigned, testIssuer, testSerial, badSigner{key, func([]byte) ([]byte, error) { return []byte("nonsense"), nil }}},
		{"key that gives negative numbers", unsigned, testIssuer, testSerial, badSigner{key, func([]byte) ([]byte, error) { return asn1.Marshal([]*big.Int{big.NewInt(-1), big.NewInt(1)}) }}},
		{"key that gives long numbers", unsigned, testIssuer, testSerial, badSigner{key, func([]byte) ([]byte, error) {
			return asn1.Marshal([]*big.Int{new(big.Int).Lsh(big.NewInt(1), 256), big.NewInt(1)})
		}}},
		{"key that signs something else", unsigned, testIssuer, testSerial, badSigner{key, func([]byte) ([]byte, error) { return key.Sign(nil, make([]byte, 32), crypto.SHA256) }}},
	} {
		b, err := Sign(c.src, c.issuer, c.serial, c.key)
		var s *SignError
		var syntax *SyntaxError
		if b != nil || !errors.As(err, &s) && !errors.As(err, &syntax) || !strings.HasPrefix(err.Error(), "duis: ") {
			t.Errorf("%s: %v", c.name, err)
		}
		if c.name == "key that fails" && !errors.Is(err, boom) {
			t.Errorf("%s: the cause is lost: %v", c.name, err)
		}
	}
	const issuer = `O="A & B" <c>,CN=Ä`
	b, err := Sign(unsigned, issuer, "0", key)
	if err != nil {
		t.Fatal(err)
	}
	if m := parse(t, b); string(m.IssuerName) != issuer || string(m.SerialNumber) != "0" {
		t.Errorf("%s %s", m.IssuerName, m.SerialNumber)
	}
}

// TestXMLSec: xmlsec1, an independent implementation of XML Signature, verifies what is signed here and refuses it altered; what it
// signs in the one profile verifies here. Skipped where it is not installed.
func TestXMLSec(t *testing.T) {
	program, err := exec.LookPath("xmlsec1")
	if err != nil {
		t.Skip("no xmlsec1 here (Debian: apt-get install xmlsec1)")
	}
	dir := t.TempDir()
	key := testKey("user")
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	public, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	file := func(name string, b []byte) string {
		name = filepath.Join(dir, name)
		if err := os.WriteFile(name, b, 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	privateFile := file("key.pem", pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}))
	publicFile := file("public.pem", pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: public}))
	verifies := func(b []byte) bool {
		return exec.Command(program, "--verify", "--pubkey-pem", publicFile, file("signed.xml", b)).Run() == nil
	}

	kinds := append(seeds(t), sized(t, 19000), bytes.ReplaceAll(request(t, 4, "1.6", prepayment), []byte("><"), []byte(">\r\n <!-- c --><")),
		request(t, 4, "1.6", `<sr:X xmlns:u="urn:u"><sr:Y xmlns:sr="`+Body(spaceNames[gateway])+`" a='&#9;"' b="&lt;>"><![CDATA[<&>]]>&#13;é</sr:Y></sr:X>`))
	for i, b := range kinds {
		var m Message
		if ours := new(Parser).Parse(b, &m) == nil && Verify(&m, &key.PublicKey) == nil; ours && !verifies(b) {
			t.Errorf("%d: verifies here, and not in xmlsec1\n%s", i, b)
		}

		// It signs a message whose signature holds no values yet. Its transforms differ.
		for _, second := range []string{"", algInclusive, algExclusive} {
			unsigned := b
			if bytes.Contains(b, []byte("<ds:Signature ")) && m.Signed {
				c := editor{t, bytes.Clone(b)}
				c.cut("<ds:Signature ", "</ds:Signature>")
				unsigned = c.b
			}
			transform := ""
			if second != "" {
				transform = `<ds:Transform Algorithm="` + second + `"></ds:Transform>`
			}
			end := bytes.LastIndex(unsigned, []byte("</"))
			template := string(unsigned[:end]) + signatureHead +
				strings.Replace(signedInfoHead, "</ds:Transforms>", transform+"</ds:Transforms>", 1) + signedInfoTail + valueHead +
				issuerHead + testIssuer + serialHead + testSerial + signatureTail + string(unsigned[end:])
			signed, err := exec.Command(program, "--sign", "--privkey-pem", privateFile, file("template.xml", []byte(template))).Output()
			if err != nil {
				t.Fatalf("%d: xmlsec1 does not sign: %v\n%s", i, err, template)
			}
			m := parse(t, signed)
			if err := Verify(m, &key.PublicKey); err != nil {
				t.Errorf("%d: signed by xmlsec1 with transform %q: %v\n%s", i, second, err, signed)
			}
			if altered := bytes.Replace(signed, []byte("1700000000001"), []byte("1700000000002"), 1); i == 0 && verifies(altered) {
				t.Error("xmlsec1 verifies what was altered")
			}
		}
	}
}

// TestXMLSecOnAttacks: of the altered messages that are read here, xmlsec1 accepts the same.
func TestXMLSecOnAttacks(t *testing.T) {
	program, err := exec.LookPath("xmlsec1")
	if err != nil || testing.Short() {
		t.Skip("no xmlsec1 here (Debian: apt-get install xmlsec1), or -short")
	}
	public, err := x509.MarshalPKIXPublicKey(&testKey("user").PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(t.TempDir(), "public.pem")
	if err := os.WriteFile(name, pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: public}), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, a := range attacks {
		if a.want == refused || a.want == broken && strings.HasPrefix(a.name, "key-") {
			continue // it checks no forms, and is given the key
		}
		theirs := exec.Command(program, "--verify", "--pubkey-pem", name, filepath.Join("testdata", "attacks", a.name+".xml")).Run() == nil
		if ours := a.want == same; ours != theirs {
			t.Errorf("%s: accepted here %t, by xmlsec1 %t", a.name, ours, theirs)
		}
	}
}
