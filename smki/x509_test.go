package smki_test

import (
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-db8551c1/lastresort/smki"
	"github.com/seed-db8551c1/lastresort/smki/smkitest"
)

const (
	deviceID smki.EUI64 = 0x00DB123456789095
)

func must[T any](tb testing.TB) func(T, error) T {
	return func(v T, err error) T {
		tb.Helper()
		if err != nil {
			tb.Fatal(err)
		}
		return v
	}
}

func newPKI(tb testing.TB) *smkitest.PKI {
	tb.Helper()
	return must[*smkitest.PKI](tb)(smkitest.New(1))
}

func supplier(tb testing.TB, p *smkitest.PKI, id smki.EUI64) *smkitest.Supplier {
	tb.Helper()
	return must[*smkitest.Supplier](tb)(p.Supplier(id))
}

// facts are what a certificate says, in a form that can be compared.
type facts struct {
	Kind               smki.CertificateKind
	EUI64              smki.EUI64
	Role               string
	Issuer, Subject    string
	Usage              smki.KeyUsage
	Policies           []string
	MaxPathLen         int
	SKI, AKI           int // octets
	Use                smki.CertificateUse
	NotBefore, EndDate string
}

func factsOf(c *smki.X509Certificate) facts {
	f := facts{Kind: c.Kind, EUI64: c.EUI64, Issuer: c.Issuer, Subject: c.Subject, Usage: c.KeyUsage, Policies: c.Policies,
		MaxPathLen: c.MaxPathLen, SKI: len(c.SubjectKeyID), AKI: len(c.AuthorityKeyID), Use: c.Use(),
		NotBefore: c.NotBefore.Format(time.RFC3339), EndDate: c.NotAfter.Format(time.DateOnly)}
	if r, ok := c.Role(); ok {
		f.Role = r.String()
	}
	return f
}

func TestParseCertificate(t *testing.T) {
	p := newPKI(t)
	s := supplier(t, p, userID)
	signing, agreement, err := p.Device(deviceID)
	if err != nil {
		t.Fatal(err)
	}
	named := must[*smkitest.Identity](t)(p.Issuing.Issue(smkitest.Request{EUI64: userID, Role: smki.RoleDSPXMLSign, Usage: smki.UsageDigitalSignature, CommonName: ` a, "b" `}))
	const id = "2.5.4.45=#03090090b3d51f30010000"
	org := []string{smkitest.OrganisationPolicy}
	for _, tt := range []struct {
		name string
		cert *smki.X509Certificate
		want facts
	}{
		{"root", p.Root.Certificate, facts{smki.AuthorityKind, 0, "00", "CN=ZT,OU=00", "CN=ZT,OU=00", 0x60, org, -1, 8, 0, 0, "2020-01-01T00:00:00Z", "2044-12-31"}},
		{"issuing authority", p.Issuing.Certificate, facts{smki.AuthorityKind, 0, "07", "CN=ZT,OU=00", "CN=T1,OU=07", 0x60, org, 0, 8, 8, 0, "2020-01-01T00:00:00Z", "2044-12-31"}},
		{"authority for devices has no role", p.Devices.Certificate, facts{smki.AuthorityKind, 0, "", "CN=ZT,OU=00", "CN=ET1", 0x60, org, 0, 8, 8, 0, "2020-01-01T00:00:00Z", "2044-12-31"}},
		{"XML signing", s.XMLSign.Certificate, facts{smki.OrganisationKind, userID, "87", "CN=T1,OU=07", id + ",OU=87", smki.UsageDigitalSignature, org, -1, 8, 8, smki.XMLSign, "2020-01-01T00:00:00Z", "2029-12-31"}},
		{"signing", s.DigitalSigning.Certificate, facts{smki.OrganisationKind, userID, "02", "CN=T1,OU=07", id + ",OU=02", smki.UsageDigitalSignature, org, -1, 8, 8, smki.DigitalSigning, "2020-01-01T00:00:00Z", "2029-12-31"}},
		{"key agreement", s.KeyAgreement.Certificate, facts{smki.OrganisationKind, userID, "02", "CN=T1,OU=07", id + ",OU=02", smki.UsageKeyAgreement, org, -1, 8, 8, smki.KeyAgreement, "2020-01-01T00:00:00Z", "2029-12-31"}},
		{"prepayment looks like key agreement", s.Prepayment.Certificate, facts{smki.OrganisationKind, userID, "02", "CN=T1,OU=07", id + ",OU=02", smki.UsageKeyAgreement, org, -1, 8, 8, smki.KeyAgreement, "2020-01-01T00:00:00Z", "2029-12-31"}},
		{"common name is escaped, role 89 has no use", named.Certificate, facts{smki.OrganisationKind, userID, "89", "CN=T1,OU=07", id + `,OU=89,CN=\ a\, \"b\"\ `, smki.UsageDigitalSignature, org, -1, 8, 8, 0, "2020-01-01T00:00:00Z", "2029-12-31"}},
		{"device signing", signing.Certificate, facts{smki.DeviceKind, deviceID, "", "CN=ET1", "", smki.UsageDigitalSignature, []string{smkitest.DevicePolicy}, -1, 8, 8, smki.DeviceCertificate, "2020-01-01T00:00:00Z", "9999-12-31"}},
		{"device key agreement", agreement.Certificate, facts{smki.DeviceKind, deviceID, "", "CN=ET1", "", smki.UsageKeyAgreement, []string{smkitest.DevicePolicy}, -1, 8, 8, smki.DeviceCertificate, "2020-01-01T00:00:00Z", "9999-12-31"}},
	} {
		if d := cmp.Diff(tt.want, factsOf(tt.cert)); d != "" {
			t.Errorf("%s: (-want +got)\n%s", tt.name, d)
		}
	}
	if !s.XMLSign.Key.PublicKey.Equal(s.XMLSign.Certificate.PublicKey) {
		t.Error("the public key is not that of the private key")
	}
}

// The caller may use its buffer again.
func TestParseCertificateCopies(t *testing.T) {
	der := bytes.Clone(supplier(t, newPKI(t), userID).XMLSign.Certificate.Raw)
	c := must[*smki.X509Certificate](t)(smki.ParseCertificate(der))
	before := bytes.Clone(c.Raw)
	clear(der)
	if !bytes.Equal(c.Raw, before) {
		t.Error("the certificate changed with the buffer that it was read from")
	}
}

func TestState(t *testing.T) {
	p := newPKI(t)
	c := supplier(t, p, userID).XMLSign.Certificate
	want := smki.Certificate{ID: smki.MakeCertificateID("CN=T1,OU=07", c.Serial), Use: smki.XMLSign, Subject: userID, Subscriber: "SUPPLIER",
		NotBefore: smkitest.Start, NotAfter: smkitest.Start.AddDate(10, 0, 0).Add(-time.Second)}
	if d := cmp.Diff(want, c.State("SUPPLIER")); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
	device, _, err := p.Device(deviceID)
	if err != nil {
		t.Fatal(err)
	}
	if got := device.Certificate.State("INSTALLER"); !got.NotAfter.IsZero() {
		t.Errorf("a device's certificate without an end (RFC 5280, section 4.1.2.5) ends at %v", got.NotAfter)
	}
	var d smki.Directory
	for _, s := range []smki.Certificate{c.State("SUPPLIER"), device.Certificate.State("INSTALLER")} {
		if err := d.Issue(s); err != nil {
			t.Error(err)
		}
	}
}

// The indices of the fields of a TBSCertificate, in the tree.
const (
	tbsVersion = iota
	tbsSerial
	tbsAlgorithm
	tbsIssuer
	tbsValidity
	tbsSubject
	tbsKey
	tbsExtensions
)

func TestParseCertificateRefuses(t *testing.T) {
	p := newPKI(t)
	good := supplier(t, p, userID).XMLSign.Certificate.Raw
	device, _, err := p.Device(deviceID)
	if err != nil {
		t.Fatal(err)
	}
	issued := func(r smkitest.Request) []byte {
		t.Helper()
		der, _, err := p.Issuing.IssueDER(r)
		if err != nil {
			t.Fatal(err)
		}
		return der
	}
	tbs := func(change func(*node)) []byte {
		t.Helper()
		return edit(t, good, func(n *node) { change(n.at(0)) })
	}
	exts := func(der []byte, change func(list *node)) []byte {
		t.Helper()
		return edit(t, der, func(n *node) { change(n.at(0, tbsExtensions, 0)) })
	}
	add := func(e ...*node) []byte {
		t.Helper()
		return exts(good, func(l *node) { l.children = append(l.children, e...) })
	}
	replace := func(der []byte, old, new string) []byte {
		t.Helper()
		if bytes.Count(der, []byte(old)) != 1 {
			t.Fatalf("expected %x once", old)
		}
		return bytes.Replace(der, []byte(old), []byte(new), 1)
	}
	unitOf := func(s string) []byte {
		return tbs(func(n *node) { n.at(tbsSubject, 0, 0).children[1] = text(s) })
	}
	serial := func(b ...byte) []byte {
		return tbs(func(n *node) { n.children[tbsSerial] = leaf(2, b...) })
	}
	until := func(tag byte, s string) []byte {
		return tbs(func(n *node) { n.at(tbsValidity).children[1] = &node{tag: tag, content: []byte(s)} })
	}
	const usages = "keyUsage"
	usage := func(u smki.KeyUsage) []byte {
		return issued(smkitest.Request{EUI64: userID, Role: smki.RoleSupplier, Usage: u})
	}
	authority := func(change func(list *node)) []byte { return exts(p.Issuing.Certificate.Raw, change) }
	isExt := func(id byte) func(*node) bool {
		return func(n *node) bool { return bytes.Equal(n.at(0).content, []byte{0x55, 0x1d, id}) }
	}
	without := func(id byte) func(*node) {
		return func(l *node) { l.children = slices.DeleteFunc(l.children, isExt(id)) }
	}
	with := func(e *node) func(*node) {
		return func(l *node) {
			i := slices.IndexFunc(l.children, isExt(e.at(0).content[2]))
			l.children[i] = e
		}
	}

	for _, tt := range []struct {
		name  string // why it is refused
		der   []byte
		field string
	}{
		// X.690
		{"nothing", nil, "Certificate"},
		{"one octet", []byte{0x30}, "Certificate"},
		{"data after the certificate", append(bytes.Clone(good), 0), "Certificate"},
		{"data after the signature", edit(t, good, func(n *node) { n.children = append(n.children, leaf(5)) }), "Certificate"},
		{"data after the extensions", tbs(func(n *node) { n.children = append(n.children, leaf(5)) }), "tbsCertificate"},
		{"cut short", good[:len(good)-1], "Certificate"},
		{"indefinite length", append([]byte{0x30, 0x80}, append(bytes.Clone(good[4:]), 0, 0)...), "Certificate"},
		{"length in three octets instead of two", append([]byte{0x30, 0x83, 0}, good[2:]...), "Certificate"},
		{"long form of a short length", tbs(func(n *node) {
			n.children[tbsSerial].raw = append([]byte{2, 0x81, 1}, 5)
		}), "serialNumber"},
		{"length beyond 31 bits", []byte{0x30, 0x84, 0xff, 0xff, 0xff, 0xff}, "Certificate"},
		{"length in five octets", []byte{0x30, 0x85, 1, 0, 0, 0, 0}, "Certificate"},
		{"high tag number", tbs(func(n *node) { n.at(tbsSubject, 0, 0).children[1].raw = []byte{0x1f, 0x0c, 0} }), "subject"},
		{"too large", make([]byte, smki.MaxCertificateSize+1), "Certificate"},
		{"a text", []byte("-----BEGIN CERTIFICATE-----"), "Certificate"},

		// Version, serial number, algorithms
		{"version 1 by default", tbs(func(n *node) { n.children = n.children[1:] }), "version"},
		{"version 2", tbs(func(n *node) { n.at(tbsVersion, 0).content = []byte{1} }), "version"},
		{"serial number zero", serial(0), "serialNumber"},
		{"serial number negative", serial(0x80), "serialNumber"},
		{"serial number with a leading zero", serial(0, 1), "serialNumber"},
		{"serial number without octets", serial(), "serialNumber"},
		{"serial number of 21 octets", serial(append([]byte{1}, make([]byte, 20)...)...), "serialNumber"},
		{"SHA-384 inside", tbs(func(n *node) { n.at(tbsAlgorithm, 0).content[7] = 3 }), "signature"},
		{"SHA-384 outside", edit(t, good, func(n *node) { n.at(1, 0).content[7] = 3 }), "signatureAlgorithm"},
		{"parameters of the algorithm", edit(t, good, func(n *node) { n.at(1).children = append(n.at(1).children, leaf(2, 1)) }), "signatureAlgorithm"},
		{"NULL with contents as parameters", edit(t, good, func(n *node) { n.at(1).children = append(n.at(1).children, leaf(5, 1)) }), "signatureAlgorithm"},
		{"NULL as parameters outside only", edit(t, good, func(n *node) { n.at(1).children = append(n.at(1).children, leaf(5)) }), "signature"},
		{"signature of odd bits", edit(t, good, func(n *node) { n.at(2).content[0] = 1 }), "signatureValue"},
		{"signature of one number", edit(t, good, func(n *node) { n.at(2).content = append([]byte{0}, tlv(0x30, tlv(2, []byte{1}))...) }), "signatureValue"},
		{"signature with data after it", edit(t, good, func(n *node) { n.at(2).content = append(n.at(2).content, 0) }), "signatureValue"},

		// Validity
		{"end before start", issued(smkitest.Request{EUI64: userID, Role: 2, Usage: 1, NotAfter: smkitest.Start.Add(-time.Second)}), "notAfter"},
		{"no seconds", until(0x17, "2912312359Z"), "notAfter"},
		{"an offset", until(0x17, "291231235959+0000"), "notAfter"},
		{"no Z", until(0x17, "2912312359590"), "notAfter"},
		{"30 February", until(0x17, "290230000000Z"), "notAfter"},
		{"month 13", until(0x17, "291330000000Z"), "notAfter"},
		{"second 60", until(0x17, "291231235960Z"), "notAfter"},
		{"hour 24", until(0x17, "291231240000Z"), "notAfter"},
		{"a letter", until(0x17, "2912312359x9Z"), "notAfter"},
		{"GeneralizedTime before 2050", until(0x18, "20491231235959Z"), "notAfter"},
		{"fractions of seconds", until(0x18, "20501231235959.5Z"), "notAfter"},
		{"a third time", tbs(func(n *node) { n.at(tbsValidity).children = append(n.at(tbsValidity).children, leaf(5)) }), "validity"},

		// Names
		{"no issuer", tbs(func(n *node) { n.children[tbsIssuer] = &node{tag: 0x30} }), "issuer"},
		{"an empty set", tbs(func(n *node) { n.at(tbsIssuer, 0).children = nil }), "issuer"},
		{"an empty value", tbs(func(n *node) { n.at(tbsIssuer, 0, 0).children[1] = text("") }), "issuer"},
		{"a line break in a name", tbs(func(n *node) { n.at(tbsIssuer, 0, 0).children[1] = text("07\n") }), "issuer"},
		{"broken UTF-8", tbs(func(n *node) { n.at(tbsIssuer, 0, 0).children[1] = text("\xff") }), "issuer"},
		{"* in a PrintableString", tbs(func(n *node) { n.at(tbsIssuer, 0, 0).children[1] = &node{tag: 0x13, content: []byte("*")} }), "issuer"},
		{"a TeletexString", tbs(func(n *node) { n.at(tbsIssuer, 0, 0).children[1].tag = 0x14 }), "issuer"},
		{"three elements in an attribute", tbs(func(n *node) { a := n.at(tbsIssuer, 0, 0); a.children = append(a.children, leaf(5)) }), "issuer"},
		{"a set out of order", tbs(func(n *node) {
			s := n.at(tbsSubject, 0)
			s.children = append(s.children, &node{tag: 0x30, children: []*node{leaf(6, 0x55, 4, 45), leaf(3, 0)}})
		}), "subject"},
		{"an unknown attribute of broken DER", tbs(func(n *node) {
			n.at(tbsIssuer, 0, 0).children = []*node{leaf(6, 0x2a, 3), leaf(0x30, 0x30, 0x30)}
		}), "issuer"},
		{"an unknown attribute of elements without end", tbs(func(n *node) {
			v := leaf(5)
			for range 20 {
				v = &node{tag: 0x30, children: []*node{v}}
			}
			n.at(tbsIssuer, 0, 0).children = []*node{leaf(6, 0x2a, 3), v}
		}), "issuer"},
		{"an object identifier with padding", tbs(func(n *node) { n.at(tbsIssuer, 0, 0, 0).content = []byte{0x55, 4, 0x80, 11} }), "issuer"},
		{"an object identifier cut short", tbs(func(n *node) { n.at(tbsIssuer, 0, 0, 0).content = []byte{0x55, 4, 0x8b} }), "issuer"},

		// Role and EUI-64
		{"decimal role, as issued by mistake", unitOf("137"), "subject organizationalUnitName"},
		{"role of one digit", unitOf("2"), "subject organizationalUnitName"},
		{"role of no digits", unitOf("XX"), "subject organizationalUnitName"},
		{"a name of 5,000 octets", unitOf(strings.Repeat("0", 5000)), "subject"},
		{"no role", tbs(func(n *node) { n.at(tbsSubject).children = n.at(tbsSubject).children[1:] }), "subject organizationalUnitName"},
		{"two roles", tbs(func(n *node) { s := n.at(tbsSubject); s.children = append(s.children, s.at(0)) }), "subject organizationalUnitName"},
		{"no EUI-64", tbs(func(n *node) { n.at(tbsSubject).children = n.at(tbsSubject).children[:1] }), "subject x500UniqueIdentifier"},
		{"two EUI-64", tbs(func(n *node) { s := n.at(tbsSubject); s.children = append(s.children, s.at(1)) }), "subject x500UniqueIdentifier"},
		{"EUI-64 of 56 bits", tbs(func(n *node) { n.at(tbsSubject, 1, 0, 1).content = make([]byte, 8) }), "subject x500UniqueIdentifier"},
		{"EUI-64 of 63 bits", tbs(func(n *node) { n.at(tbsSubject, 1, 0, 1).content[0] = 1 }), "subject x500UniqueIdentifier"},
		{"EUI-64 as octet string", tbs(func(n *node) { n.at(tbsSubject, 1, 0, 1).tag = 4 }), "subject x500UniqueIdentifier"},
		{"EUI-64 zero", issued(smkitest.Request{Role: 2, Usage: 1}), "EUI-64"},

		// Key
		{"P-384", tbs(func(n *node) { n.at(tbsKey, 0, 1).content = []byte{0x2b, 0x81, 4, 0, 34} }), "subjectPublicKeyInfo"},
		{"RSA", tbs(func(n *node) { n.at(tbsKey, 0, 0).content = []byte{0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1} }), "subjectPublicKeyInfo"},
		{"curve by parameters", tbs(func(n *node) { n.at(tbsKey, 0).children[1] = &node{tag: 0x30} }), "subjectPublicKeyInfo"},
		{"a point off the curve", tbs(func(n *node) { n.at(tbsKey, 1).content[65] ^= 1 }), "subjectPublicKeyInfo"},
		{"a compressed point", tbs(func(n *node) { b := n.at(tbsKey, 1); b.content = append([]byte{0, 2}, b.content[2:34]...) }), "subjectPublicKeyInfo"},
		{"infinity", tbs(func(n *node) { n.at(tbsKey, 1).content = []byte{0, 0} }), "subjectPublicKeyInfo"},

		// Extensions
		{"no extensions", tbs(func(n *node) { n.children = n.children[:tbsExtensions] }), "extensions"},
		{"an empty list of extensions", exts(good, func(l *node) { l.children = nil }), "extensions"},
		{"unique identifiers of version 2", tbs(func(n *node) { n.children = slices.Insert(n.children, tbsExtensions, leaf(0x81, 0, 1)) }), "extensions"},
		{"an unknown critical extension", add(ext(99, true, tlv(5))), "extensions"},
		{"name constraints, which are not evaluated", add(ext(30, true, tlv(0x30))), "extensions"},
		{"an extension twice", exts(good, func(l *node) { l.children = append(l.children, l.at(0)) }), "extensions"},
		{"an unknown extension twice", add(ext(99, false, tlv(5)), ext(99, false, tlv(5))), "extensions"},
		{"critical FALSE written out", add(&node{tag: 0x30, children: []*node{leaf(6, 0x55, 0x1d, 99), leaf(1, 0), leaf(4)}}), "extensions"},
		{"critical TRUE as 01", add(&node{tag: 0x30, children: []*node{leaf(6, 0x55, 0x1d, 99), leaf(1, 1), leaf(4)}}), "extensions"},
		{"more than 32 extensions", exts(good, func(l *node) {
			for i := range 40 {
				l.children = append(l.children, ext(60+byte(i), false, tlv(5)))
			}
		}), "extensions"},
		{"data after the value of an extension", exts(good, func(l *node) {
			v := l.children[0].children[len(l.children[0].children)-1]
			v.content = append(v.content, 0)
		}), "extensions"},

		// Key usage
		{"no key usage", exts(good, without(15)), usages},
		{"both key usages", usage(smki.UsageDigitalSignature | smki.UsageKeyAgreement), usages},
		{"key usage of a CA", usage(smki.UsageCertSign), usages},
		{"a signature and non-repudiation", usage(smki.UsageDigitalSignature | 2), usages},
		{"key usage with trailing zeros", exts(good, with(ext(15, true, []byte{3, 2, 6, 0x80}))), usages},
		{"key usage of no bits", exts(good, with(ext(15, true, []byte{3, 1, 0}))), usages},
		{"key usage of 24 bits", exts(good, with(ext(15, true, []byte{3, 4, 0, 0, 0, 1}))), usages},

		// Policies, key identifiers
		{"no policy in the list", exts(good, with(ext(32, true, tlv(0x30)))), "certificatePolicies"},
		{"a policy twice", exts(good, with(ext(32, true, tlv(0x30, tlv(0x30, tlv(6, []byte{0x2a})), tlv(0x30, tlv(6, []byte{0x2a})))))), "certificatePolicies"},
		{"17 policies", exts(good, func(l *node) {
			var list []byte
			for i := range 17 {
				list = append(list, tlv(0x30, tlv(6, []byte{0x2a, byte(i)}))...)
			}
			with(ext(32, true, tlv(0x30, list)))(l)
		}), "certificatePolicies"},
		{"an unknown qualifier", exts(good, with(ext(32, true, tlv(0x30, tlv(0x30, tlv(6, []byte{0x2a}), tlv(0x30, tlv(0x30, tlv(6, []byte{0x2a}), tlv(5)))))))), "certificatePolicies"},
		{"an empty key identifier", exts(good, with(ext(14, false, tlv(4)))), "subjectKeyIdentifier"},
		{"an authority's issuer without its serial number", exts(good, with(ext(35, false, tlv(0x30, tlv(0xa1))))), "authorityKeyIdentifier"},

		// Devices
		{"an organisation with an alternative name", issued(smkitest.Request{EUI64: userID, Role: 2, Usage: 1, Modify: func(c *x509.Certificate) {
			c.ExtraExtensions = append(c.ExtraExtensions, pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, 17}, Value: tlv(0x30, tlv(0x82, []byte("a.b")))})
		}}), "subjectAltName"},
		{"a device without a hardware module name", exts(device.Certificate.Raw, without(17)), "subjectAltName"},
		{"a device with a DNS name", exts(device.Certificate.Raw, with(ext(17, false, tlv(0x30, tlv(0x82, []byte("a.b")))))), "subjectAltName"},
		{"a device with a critical DNS name", exts(device.Certificate.Raw, with(ext(17, true, tlv(0x30, tlv(0x82, []byte("a.b")))))), "extensions"},
		{"another kind of other name", replace(device.Certificate.Raw, "\x2b\x06\x01\x05\x05\x07\x08\x04", "\x2b\x06\x01\x05\x05\x07\x08\x05"), "subjectAltName"},
		{"a second name", exts(device.Certificate.Raw, func(l *node) {
			i := slices.IndexFunc(l.children, isExt(17))
			v := parseTree(t, bytes.Clone(l.at(i, 2).content))
			v.children = append(v.children, v.at(0))
			l.at(i, 2).content = v.der()
		}), "subjectAltName"},
		{"a hardware serial number of 9 octets", exts(device.Certificate.Raw, func(l *node) {
			i := slices.IndexFunc(l.children, isExt(17))
			v := parseTree(t, bytes.Clone(l.at(i, 2).content))
			m := v.at(0, 1, 0, 1)
			m.content = append([]byte{0}, m.content...)
			l.at(i, 2).content = v.der()
		}), "subjectAltName"},
		{"a device of two usages", exts(device.Certificate.Raw, with(ext(15, true, []byte{3, 2, 3, 0x88}))), usages},

		// Authorities
		{"basic constraints that are not critical", authority(with(ext(19, false, tlv(0x30, []byte{1, 1, 0xff})))), "basicConstraints"},
		{"not a CA by basic constraints written out", authority(with(ext(19, true, tlv(0x30, []byte{1, 1, 0})))), "basicConstraints"},
		{"an authority by name only", authority(without(19)), usages},
		{"a path length without a CA", exts(good, func(l *node) {
			l.children = append(l.children, ext(19, true, tlv(0x30, []byte{2, 1, 0})))
		}), "basicConstraints"},
		{"a negative path length", authority(with(ext(19, true, tlv(0x30, []byte{1, 1, 0xff}, []byte{2, 1, 0xff})))), "basicConstraints"},
		{"a path length of two octets", authority(with(ext(19, true, tlv(0x30, []byte{1, 1, 0xff}, []byte{2, 2, 1, 0})))), "basicConstraints"},
		{"an authority that may sign messages", authority(with(ext(15, true, []byte{3, 2, 1, 0x86}))), usages},
		{"an authority that may not sign certificates", authority(with(ext(15, true, []byte{3, 2, 1, 2}))), usages},
		{"an authority without a name", edit(t, p.Issuing.Certificate.Raw, func(n *node) { n.at(0).children[tbsSubject] = &node{tag: 0x30} }), "subject"},
		{"an authority of a decimal role", edit(t, p.Issuing.Certificate.Raw, func(n *node) { n.at(0, tbsSubject, 0, 0).children[1] = text("137") }), "subject organizationalUnitName"},
	} {
		c, err := smki.ParseCertificate(tt.der)
		e, ok := errors.AsType[*smki.CertificateError](err)
		if c != nil || !ok {
			t.Errorf("%s: got %v, %v; expected a CertificateError", tt.name, c, err)
			continue
		}
		if e.Field != tt.field || e.Expected == "" {
			t.Errorf("%s: the field at fault is %q, not %q: %v", tt.name, e.Field, tt.field, err)
		}
		if !strings.HasPrefix(err.Error(), "smki: certificate") || len(err.Error()) > 400 {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}

// What a certificate may have without harm.
func TestParseCertificateAccepts(t *testing.T) {
	p := newPKI(t)
	good := supplier(t, p, userID).XMLSign.Certificate.Raw
	add := func(e *node) []byte {
		return edit(t, good, func(n *node) { l := n.at(0, tbsExtensions, 0); l.children = append(l.children, e) })
	}
	largest := new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 159), big.NewInt(1))
	for _, tt := range []struct {
		name string
		der  []byte
	}{
		{"an unknown extension that is not critical", add(ext(99, false, []byte("anything")))},
		{"basic constraints of no authority", add(ext(19, true, tlv(0x30)))},
		{"issuer names as UTF8String", edit(t, good, func(n *node) { n.at(0, tbsIssuer, 0, 0, 1).tag = 0x0c })},
		{"NULL as parameters of the algorithm", edit(t, good, func(n *node) {
			for _, a := range []*node{n.at(1), n.at(0, tbsAlgorithm)} {
				a.children = append(a.children, leaf(5))
			}
		})},
		{"a signature number with a zero too many", edit(t, good, func(n *node) {
			n.at(2).content = append([]byte{0}, tlv(0x30, tlv(2, []byte{0, 1}), tlv(2, []byte{1}))...)
		})},
		{"an unknown attribute of the subject", edit(t, good, func(n *node) {
			s := n.at(0, tbsSubject)
			s.children = append(s.children, &node{tag: 0x31, children: []*node{{tag: 0x30, children: []*node{leaf(6, 0x2a, 3), {tag: 0x30, children: []*node{leaf(5)}}}}}})
		})},
		{"serial number 1", edit(t, good, func(n *node) { n.at(0).children[tbsSerial] = leaf(2, 1) })},
		{"the largest serial number", edit(t, good, func(n *node) { n.at(0).children[tbsSerial] = leaf(2, largest.Bytes()...) })},
	} {
		c, err := smki.ParseCertificate(tt.der)
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		if c.Issuer != "CN=T1,OU=07" {
			t.Errorf("%s: issuer %q", tt.name, c.Issuer)
		}
	}
	years := must[*smki.X509Certificate](t)(smki.ParseCertificate(edit(t, good, func(n *node) {
		v := n.at(0, tbsValidity)
		v.children[0].content, v.children[1].content = []byte("500101000000Z"), []byte("491231235959Z")
	})))
	if years.NotBefore.Year() != 1950 || years.NotAfter.Year() != 2049 {
		t.Errorf("years 50 and 49 are read as %v and %v (RFC 5280, section 4.1.2.5.1)", years.NotBefore, years.NotAfter)
	}
	c := must[*smki.X509Certificate](t)(smki.ParseCertificate(edit(t, good, func(n *node) { n.at(0).children[tbsSerial] = leaf(2, largest.Bytes()...) })))
	if c.Serial != largest.String() {
		t.Errorf("serial number %s, not %s", c.Serial, largest)
	}
}

func TestCheckSignatureFrom(t *testing.T) {
	p, other := newPKI(t), must[*smkitest.PKI](t)(smkitest.New(2))
	c := supplier(t, p, userID).XMLSign.Certificate
	noKeyID := must[*smkitest.Identity](t)(other.Issuing.Issue(smkitest.Request{EUI64: userID, Role: 2, Usage: 1}))
	unnamed := must[*smki.X509Certificate](t)(smki.ParseCertificate(edit(t, noKeyID.Certificate.Raw, func(n *node) {
		l := n.at(0, tbsExtensions, 0)
		l.children = slices.DeleteFunc(l.children, func(e *node) bool { return e.at(0).content[2] == 35 })
	})))
	org := supplier(t, p, userID+1).DigitalSigning
	byOrg := must[*smki.X509Certificate](t)(smki.ParseCertificate(resign(t, unnamed.Raw, org.Key, func(n *node) {
		n.at(0).children[tbsIssuer] = parseTree(t, org.Certificate.Raw).at(0, tbsSubject)
	})))
	for _, tt := range []struct {
		name  string
		c, ca *smki.X509Certificate
		field string
	}{
		{"an organisation that signed it", byOrg, org.Certificate, "issuer"},
		{"its authority", c, p.Issuing.Certificate, ""},
		{"the root of its authority", p.Issuing.Certificate, p.Root.Certificate, ""},
		{"the root of itself", p.Root.Certificate, p.Root.Certificate, ""},
		{"an authority of another name", c, p.Root.Certificate, "issuer"},
		{"an authority of the same name and another key", c, other.Issuing.Certificate, "authorityKeyIdentifier"},
		{"the same without key identifiers", unnamed, p.Issuing.Certificate, "signatureValue"},
		{"no authority", c, c, "issuer"},
	} {
		err := tt.c.CheckSignatureFrom(tt.ca)
		if certField(err) != tt.field || (err != nil) != (tt.field != "") {
			t.Errorf("%s: got %v, expected fault in %q", tt.name, err, tt.field)
		}
	}
}

// Whatever bit of a certificate is changed: it is refused, or its signature is.
func TestEveryBitOfCertificateMatters(t *testing.T) {
	p := newPKI(t)
	der := bytes.Clone(supplier(t, p, userID).XMLSign.Certificate.Raw)
	for i := range 8 * len(der) {
		der[i/8] ^= 1 << (i % 8)
		if c, err := smki.ParseCertificate(der); err == nil && c.CheckSignatureFrom(p.Issuing.Certificate) == nil {
			t.Errorf("bit %d of octet %d changes nothing", i%8, i/8)
		}
		der[i/8] ^= 1 << (i % 8)
	}
	for n := range der {
		if _, err := smki.ParseCertificate(der[:n]); err == nil {
			t.Errorf("the first %d octets parse", n)
		}
	}
}

func TestUse(t *testing.T) {
	p := newPKI(t)
	for _, tt := range []struct {
		role  smki.RemotePartyRole
		usage smki.KeyUsage
		want  smki.CertificateUse
	}{
		{smki.RoleXMLSign, smki.UsageDigitalSignature, smki.XMLSign},
		{smki.RoleXMLSign, smki.UsageKeyAgreement, 0},
		{smki.RoleDSPXMLSign, smki.UsageDigitalSignature, 0},
		{smki.RoleSupplier, smki.UsageDigitalSignature, smki.DigitalSigning},
		{smki.RoleSupplier, smki.UsageKeyAgreement, smki.KeyAgreement},
		{smki.RoleNetworkOperator, smki.UsageKeyAgreement, smki.KeyAgreement},
		{smki.RoleOther, smki.UsageDigitalSignature, smki.DigitalSigning},
	} {
		c := must[*smkitest.Identity](t)(p.Issuing.Issue(smkitest.Request{EUI64: userID, Role: tt.role, Usage: tt.usage})).Certificate
		if got := c.Use(); got != tt.want {
			t.Errorf("role %v, %v: use %v, not %v", tt.role, tt.usage, got, tt.want)
		}
	}
}
