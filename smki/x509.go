package smki

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"time"
)

// MaxCertificateSize is the most octets that [ParseCertificate] reads. Certificates of the SMKI take about 450.
const MaxCertificateSize = 16 << 10

// CertificateKind is what a certificate certifies (SEC Appendices A and B).
type CertificateKind uint8

// The kinds of certificates. There is no zero kind.
const (
	OrganisationKind CertificateKind = iota + 1 // an organisation in one remote party role
	DeviceKind                                  // a device
	AuthorityKind                               // a certification authority
)

var kindNames = [...]string{"", "organisation", "device", "authority"}

func (k CertificateKind) String() string { return enumName("CertificateKind", kindNames[:], int(k)) }

// KeyUsage is the set of purposes of a certified key. Bit i is bit i of RFC 5280, section 4.2.1.3.
type KeyUsage uint16

// The key usages of the SMKI. The key of a User or device signs or agrees keys, never both; that of an authority signs certificates and CRLs.
const (
	UsageDigitalSignature KeyUsage = 1 << 0
	UsageKeyAgreement     KeyUsage = 1 << 4
	UsageCertSign         KeyUsage = 1 << 5
	UsageCRLSign          KeyUsage = 1 << 6
)

var usageNames = [...]string{"digitalSignature", "nonRepudiation", "keyEncipherment", "dataEncipherment", "keyAgreement",
	"keyCertSign", "cRLSign", "encipherOnly", "decipherOnly"}

// String lists the names of RFC 5280, separated by commas; "none" for none.
func (u KeyUsage) String() string {
	if u == 0 {
		return "none"
	}
	var names []string
	for i := range 16 {
		if u>>i&1 == 1 {
			names = append(names, enumName("keyUsage", usageNames[:], i))
		}
	}
	return strings.Join(names, ",")
}

// X509Certificate is a certificate of the SMKI as it was issued (RFC 5280 in the profiles of SEC Appendices A and B).
// [ParseCertificate] makes it; nobody changes it afterwards, so that it can be shared.
type X509Certificate struct {
	Raw []byte // the whole DER

	Kind    CertificateKind
	EUI64   EUI64  // whom it names: subject x500UniqueIdentifier, or hardwareModuleName of a device; zero for an authority
	Issuer  string // RFC 2253, as [NormaliseIssuer] leaves it
	Subject string // RFC 2253; empty for a device
	Serial  string // canonical decimal

	NotBefore, NotAfter time.Time // in UTC; both instants are inside
	KeyUsage            KeyUsage
	Policies            []string // object identifiers, dotted; nil if it has none
	MaxPathLen          int      // of an authority: how many authorities may follow below; -1 for no limit
	SubjectKeyID        []byte   // nil if it has none
	AuthorityKeyID      []byte   // nil if it has none
	PublicKey           *ecdsa.PublicKey

	role       RemotePartyRole
	hasRole    bool
	serial     serialNumber
	rawSubject []byte
	tbs        []byte // what is signed
	signature  []byte
}

// endless is the notAfter of a certificate without a well-defined end (RFC 5280, section 4.1.2.5), as devices have it.
var endless = time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)

// ID is the name of the certificate: issuer and serial number.
func (c *X509Certificate) ID() CertificateID { return MakeCertificateID(c.Issuer, c.Serial) }

// Role is the remote party role of the subject (SEC Appendix B): two hexadecimal digits in its organisational unit.
// A device has none, and an authority that certifies devices need not have one.
func (c *X509Certificate) Role() (RemotePartyRole, bool) { return c.role, c.hasRole }

// Use is what the certificate is for, from its kind, role and key usage; zero for an authority and for roles without a use
// of their own, such as 89. Key agreement with devices and that of prepayment top-ups share one profile and cannot be told
// apart from the bytes: the answer is [KeyAgreement] for both, and only who asked for the certificate knows better.
func (c *X509Certificate) Use() CertificateUse {
	switch {
	case c.Kind == DeviceKind:
		return DeviceCertificate
	case c.Kind != OrganisationKind:
		return 0
	case c.role == RoleXMLSign && c.KeyUsage == UsageDigitalSignature:
		return XMLSign
	case c.role > RoleOther:
		return 0
	case c.KeyUsage == UsageDigitalSignature:
		return DigitalSigning
	}
	return KeyAgreement
}

// State is the certificate as the rules of a supplier failure see it, with the use of [X509Certificate.Use].
// The Subscriber is not in the bytes: for a device, it is the party that asked for the certificate.
func (c *X509Certificate) State(subscriber PartyID) Certificate {
	s := Certificate{ID: c.ID(), Use: c.Use(), Subject: c.EUI64, Subscriber: subscriber, NotBefore: c.NotBefore, NotAfter: c.NotAfter}
	if s.NotAfter.Equal(endless) {
		s.NotAfter = time.Time{}
	}
	return s
}

// HasPolicy reports whether the certificate was issued under a policy (dotted object identifier).
func (c *X509Certificate) HasPolicy(oid string) bool { return slices.Contains(c.Policies, oid) }

// CheckSignatureFrom checks that an authority issued the certificate: its name and key identifier, that it may sign
// certificates, and the signature (RFC 5280, section 6.1.3 (a)). Validity, path length and revocation are left to a [TrustStore].
// The error is a [*CertificateError].
func (c *X509Certificate) CheckSignatureFrom(ca *X509Certificate) error {
	switch {
	case ca.KeyUsage&UsageCertSign == 0: // which only authorities have
		return c.fault("issuer", "an authority that may sign certificates", ca.Subject)
	case c.Issuer != ca.Subject:
		return c.fault("issuer", ca.Subject, c.Issuer)
	case !keyIDsAgree(c.AuthorityKeyID, ca.SubjectKeyID):
		return c.fault("authorityKeyIdentifier", shortHex(ca.SubjectKeyID), shortHex(c.AuthorityKeyID))
	case !verifySHA256(ca.PublicKey, c.tbs, c.signature):
		return c.fault("signatureValue", "a signature by "+ca.Subject, "another")
	}
	return nil
}

// keyIDsAgree reports whether two key identifiers may name the same key: one that is absent says nothing.
func keyIDsAgree(a, b []byte) bool { return a == nil || b == nil || bytes.Equal(a, b) }

func verifySHA256(key *ecdsa.PublicKey, signed, signature []byte) bool {
	digest := sha256.Sum256(signed)
	return ecdsa.VerifyASN1(key, digest[:], signature)
}

// CertificateError says what is wrong with a certificate.
type CertificateError struct {
	Issuer, Serial string // of the certificate, where they were read before
	Field          string // as RFC 5280 calls it, such as "serialNumber"
	Expected       string
	Got            string // what was there instead, shortened; may be empty
}

func (e *CertificateError) Error() string {
	var b strings.Builder
	b.WriteString("smki: certificate")
	if e.Serial != "" {
		fmt.Fprintf(&b, " %s/%s", e.Issuer, e.Serial)
	}
	fmt.Fprintf(&b, ": %s: expected %s", e.Field, e.Expected)
	if e.Got != "" {
		fmt.Fprintf(&b, ", not %s", e.Got)
	}
	return b.String()
}

func (c *X509Certificate) fault(field, expected, got string) error {
	return &CertificateError{Issuer: c.Issuer, Serial: c.Serial, Field: field, Expected: expected, Got: got}
}

// The object identifiers of algorithms, as the contents of their DER.
const (
	oidECDSAWithSHA256 = "\x2a\x86\x48\xce\x3d\x04\x03\x02" // 1.2.840.10045.4.3.2
	oidECPublicKey     = "\x2a\x86\x48\xce\x3d\x02\x01"     // 1.2.840.10045.2.1
	oidP256            = "\x2a\x86\x48\xce\x3d\x03\x01\x07" // 1.2.840.10045.3.1.7
)

// ParseCertificate reads the DER of an Organisation, Device or authority certificate of the SMKI. It copies what it keeps.
//
// It is strict. Beyond the form (DER without leftovers, version 3, ECDSA with SHA-256 over P-256, no unknown critical
// extension, no extension twice) it demands:
//
//   - of an organisation: one organisational unit of exactly two hexadecimal digits, one x500UniqueIdentifier of 64 bits,
//     no alternative name;
//   - of a device: an empty subject, and a hardwareModuleName with a serial number of 8 octets;
//   - of both: the key usage digitalSignature or keyAgreement, never both and nothing else;
//   - of an authority: critical basic constraints, the key usage keyCertSign, and cRLSign at most beside it.
//
// It checks no signature and no time. The error is a [*CertificateError] that names the field.
func ParseCertificate(der []byte) (*X509Certificate, error) {
	if len(der) > MaxCertificateSize {
		return nil, &CertificateError{Field: "Certificate", Expected: fmt.Sprintf("at most %d octets", MaxCertificateSize), Got: fmt.Sprint(len(der))}
	}
	c := &X509Certificate{Raw: bytes.Clone(der), MaxPathLen: -1}
	d := newDER(c.Raw)
	c.parse(&d)
	if f := d.fault; f.field != "" {
		return nil, c.fault(f.field, f.expected, f.got)
	}
	return c, nil
}

// parse follows RFC 5280, section 4.1.
func (c *X509Certificate) parse(d *der) {
	cert := d.sub(tagSequence, "Certificate")
	d.end("Certificate")
	var tbs []byte
	tbs, c.tbs = cert.both(tagSequence, "tbsCertificate")
	algorithm := cert.algorithm("signatureAlgorithm")
	c.signature = cert.signature("signatureValue")
	cert.end("Certificate")

	t := d.of(tbs)
	version := t.sub(tagExplicit, "version")
	if v := version.bytes(tagInteger, "version"); version.ok() && string(v) != "\x02" {
		version.fail("version", "v3", shortHex(v))
	}
	version.end("version")
	serial := t.unsigned(20, "serialNumber")
	if t.ok() && len(serial) == 0 {
		t.fail("serialNumber", "a positive number", "0")
	}
	if t.ok() {
		c.serial = makeSerial(serial)
	}
	t.sameAlgorithm(algorithm)
	issuer := t.name("issuer")
	if t.ok() && issuer.text == "" {
		t.fail("issuer", "a name", "an empty one")
	}
	if t.ok() {
		c.Issuer, c.Serial = issuer.text, c.serial.String()
	}
	c.validity(&t)
	rest := t.b
	subject := t.name("subject")
	c.Subject, c.rawSubject = subject.text, rest[:len(rest)-len(t.b):len(rest)-len(t.b)]
	c.publicKey(&t)
	ext := c.extensions(&t)
	t.end("tbsCertificate")
	if t.ok() {
		c.profile(&t, subject, ext)
	}
}

// algorithm reads an AlgorithmIdentifier, which must be ECDSA with SHA-256, and gives the whole of it. RFC 5758, section
// 3.2, has no parameters; the NULL that some issuers write there nevertheless (published test certificates of a meter data
// retriever have it) is let pass, since nothing depends on it.
func (d *der) algorithm(field string) []byte {
	content, whole := d.both(tagSequence, field)
	a := d.of(content)
	if oid := a.oid(field); a.ok() && string(oid) != oidECDSAWithSHA256 {
		a.fail(field, "ecdsa-with-SHA256", oidString(oid))
	}
	if null, some := a.optional(tagNull, field); some {
		null.end(field)
	}
	a.end(field)
	return whole
}

// sameAlgorithm demands that the algorithm inside what is signed is the one outside (RFC 5280, sections 4.1.1.2 and 5.1.1.2).
func (d *der) sameAlgorithm(outside []byte) {
	if inside := d.algorithm("signature"); d.ok() && !bytes.Equal(inside, outside) {
		d.fail("signature", "the signatureAlgorithm, "+shortHex(outside), shortHex(inside))
	}
}

// signature reads the BIT STRING around an ECDSA-Sig-Value (RFC 3279, section 2.2.3) and gives the latter. Authorities for
// devices have written its numbers with a zero too many (one certificate in 256); such a certificate is read, and can be
// pinned, but its signature is never found good.
func (d *der) signature(field string) []byte {
	value := d.octetBits(field)
	s := d.of(value)
	rs := s.sub(tagSequence, field)
	s.end(field)
	for range 2 {
		rs.bytes(tagInteger, field)
	}
	rs.end(field)
	return value
}

func (c *X509Certificate) validity(t *der) {
	v := t.sub(tagSequence, "validity")
	c.NotBefore = v.time("notBefore")
	c.NotAfter = v.time("notAfter")
	v.end("validity")
	if v.ok() && c.NotAfter.Before(c.NotBefore) {
		v.fail("notAfter", "an instant not before notBefore", rfc3339(c.NotAfter))
	}
}

// publicKey reads the SubjectPublicKeyInfo (RFC 5480).
func (c *X509Certificate) publicKey(t *der) {
	const field = "subjectPublicKeyInfo"
	info := t.sub(tagSequence, field)
	alg := info.sub(tagSequence, field)
	if oid := alg.oid(field); alg.ok() && string(oid) != oidECPublicKey {
		alg.fail(field, "id-ecPublicKey", oidString(oid))
	}
	if oid := alg.oid(field); alg.ok() && string(oid) != oidP256 {
		alg.fail(field, "the named curve P-256", oidString(oid))
	}
	alg.end(field)
	point := info.octetBits(field)
	info.end(field)
	if !info.ok() {
		return
	}
	key, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), point)
	if err != nil {
		info.fail(field, "an uncompressed point of P-256", shortHex(point))
		return
	}
	c.PublicKey = key
}
