package smki

import (
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestNormaliseIssuer(t *testing.T) {
	for _, tt := range []struct{ name, want string }{
		{"", ""},
		{"CN=Z1,OU=07", "CN=Z1,OU=07"},
		{"CN=U1, OU=07", "CN=U1,OU=07"},
		{"CN=U1, \t\r\n OU=07", "CN=U1,OU=07"},
		{`CN=a\, b, OU=07`, `CN=a\, b,OU=07`},      // the first comma is part of the value
		{`CN=a\\, OU=07`, `CN=a\\,OU=07`},          // the backslash is, the comma is not
		{`CN=a\\\, b`, `CN=a\\\, b`},               // both are
		{`CN=\ a,OU=07`, `CN=\ a,OU=07`},           // a value that begins with a space
		{`CN=a,\ OU=07`, `CN=a,\ OU=07`},           // not white space
		{"OU=07, CN=Z1", "OU=07,CN=Z1"},            // no reordering
		{" CN=Z1 ,OU = 07 ", " CN=Z1 ,OU = 07 "},   // nothing elsewhere
		{"CN=Z1,\u00a0OU=07", "CN=Z1,\u00a0OU=07"}, // no other white space
		{`CN=Z1,`, `CN=Z1,`},
		{`CN=Z1\`, `CN=Z1\`},
	} {
		if got := NormaliseIssuer(tt.name); got != tt.want {
			t.Errorf("%q: got %q, expected %q", tt.name, got, tt.want)
		}
	}
}

// randomName draws a name of the attributes that are printed as text.
func randomName(t *rapid.T) pkix.RDNSequence {
	var name pkix.RDNSequence
	for range rapid.IntRange(1, 4).Draw(t, "sets") {
		typ := rapid.SampledFrom([]int{3, 5, 6, 7, 8, 9, 10, 11, 17, 45}).Draw(t, "type")
		attr := pkix.AttributeTypeAndValue{Type: asn1.ObjectIdentifier{2, 5, 4, typ}}
		if typ == 45 {
			b := rapid.SliceOfN(rapid.Byte(), 0, 9).Draw(t, "bits")
			attr.Value = asn1.BitString{Bytes: b, BitLength: 8 * len(b)}
		} else {
			attr.Value = rapid.StringMatching(`[ #A-Za-z0-9,+"\\<>;=é€]{1,8}`).Draw(t, "value")
		}
		name = append(name, pkix.RelativeDistinguishedNameSET{attr})
	}
	return name
}

// Names print as crypto/x509/pkix prints them, normalising changes nothing of it, and white space after commas is undone.
func TestNameIsAsPKIX(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := randomName(t)
		der, err := asn1.Marshal(name)
		if err != nil {
			t.Fatal(err)
		}
		d := newDER(der)
		got := d.name("name")
		d.end("name")
		if !d.ok() {
			t.Fatalf("%v", *d.fault)
		}
		if got.text != name.String() {
			t.Fatalf("got %q, expected %q", got.text, name.String())
		}
		if n := NormaliseIssuer(got.text); n != got.text {
			t.Fatalf("normalised to %q from %q", n, got.text)
		}
		var spaced strings.Builder
		for i := range name {
			if i > 0 {
				spaced.WriteString("," + rapid.StringMatching(`[ \t\r\n]{0,3}`).Draw(t, "space"))
			}
			spaced.WriteString(pkix.RDNSequence{name[len(name)-1-i]}.String())
		}
		if n := NormaliseIssuer(spaced.String()); n != got.text {
			t.Fatalf("normalised to %q from %q, expected %q", n, spaced.String(), got.text)
		}
	})
}

func TestSerialNumber(t *testing.T) {
	limit := new(big.Int).Lsh(big.NewInt(1), 159)
	rapid.Check(t, func(t *rapid.T) {
		v := new(big.Int).SetBytes(rapid.SliceOfN(rapid.Byte(), 0, 21).Draw(t, "octets"))
		s, ok := parseSerial(v.String())
		if want := v.Sign() > 0 && v.Cmp(limit) < 0; ok != want {
			t.Fatalf("%v: parsed %v, expected %v", v, ok, want)
		}
		if !ok {
			return
		}
		if s != makeSerial(v.Bytes()) || s.String() != v.String() {
			t.Fatalf("%v: got %v", v, s)
		}
	})
	for _, text := range []string{"", "0", "01", "+1", "-1", " 1", "1 ", "1.0", "0x1", "१", strings.Repeat("9", 48), strings.Repeat("1", 1000)} {
		if s, ok := parseSerial(text); ok {
			t.Errorf("%q parsed as %v", text, s)
		}
	}
}

func TestOIDString(t *testing.T) {
	for _, oid := range []asn1.ObjectIdentifier{{0, 0}, {1, 39}, {2, 0}, {2, 40}, {2, 999, 3}, {2, 5, 4, 45}, {1, 2, 826, 0, 1, 8641679, 1, 2, 1, 4}, {1, 2, 1<<31 - 1}} {
		der, err := asn1.Marshal(oid)
		if err != nil {
			t.Fatal(err)
		}
		if !validOID(der[2:]) || oidString(der[2:]) != oid.String() {
			t.Errorf("%v: valid %v, %s", oid, validOID(der[2:]), oidString(der[2:]))
		}
	}
	for _, b := range []string{"", "\x80\x01", "\x2a\x80\x01", "\x2a\x81", "\x2a\x88\x80\x80\x80\x00"} {
		if validOID([]byte(b)) {
			t.Errorf("% x is valid", b)
		}
	}
}
