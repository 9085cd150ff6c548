// Package smkitest issues certificates and CRLs like those of the Smart Metering Key Infrastructure (SMKI), for tests.
//
// [New] makes a hierarchy of authorities from a seed; [PKI.Supplier] and [PKI.Device] certify who speaks in a test;
// [Authority.Issue] certifies anything else, [Authority.IssueDER] what no parser should take; [Authority.CRL] revokes.
//
// The same calls in the same order with the same seed give the same bytes: private keys, serial numbers and key identifiers
// are made from the seed, and [Key] signs deterministically (RFC 6979). ECDSA is not deterministic elsewhere: signatures
// made with the embedded key directly, and a random source, differ from run to run. What Go encodes may change with its version.
//
// The keys are worthless outside tests: whoever knows the seed knows them all. A PKI is not safe for concurrent use.
package smkitest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/binary"
	"fmt"
	"io"
	"math/big"
	"time"

	"github.com/seed-db8551c1/lastresort/smki"
)

// Policies under which certificates are issued: those of the SMKI's test certificates.
const (
	OrganisationPolicy = "1.2.826.0.1.8641679.1.2.1.4"
	DevicePolicy       = "1.2.826.0.1.1800000.1.2.1.4"
)

// Start is when the certificates of a PKI begin unless a [Request] says otherwise. Those of organisations last 10 years,
// those of authorities 25, and those of devices have no end.
var Start = time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)

var endless = time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)

// PKI is a hierarchy of authorities.
type PKI struct {
	Root    *Authority // OU=00, CN=ZT
	Issuing *Authority // OU=07, CN=T1, below the root: for organisations
	Devices *Authority // CN=ET1, below the root: for devices

	source *source
}

// New makes a root and the two issuing authorities below it.
func New(seed uint64) (*PKI, error) {
	p := &PKI{source: &source{seed: seed}}
	root, err := p.source.authority(nil, "ZT", smki.RoleRoot.String(), -1)
	if err != nil {
		return nil, err
	}
	p.Root = root
	if p.Issuing, err = root.Authority("T1", smki.RoleIssuingAuthority.String(), 0); err != nil {
		return nil, err
	}
	if p.Devices, err = root.Authority("ET1", "", 0); err != nil {
		return nil, err
	}
	return p, nil
}

// Trust is a store with the root as anchor and both issuing authorities. It lets certificates pass without CRLs; what it
// takes of them counts.
func (p *PKI) Trust() (*smki.TrustStore, error) {
	s := &smki.TrustStore{AllowMissingCRL: true}
	if err := s.AddAnchor(p.Root.Certificate); err != nil {
		return nil, err
	}
	for _, ca := range []*Authority{p.Issuing, p.Devices} {
		if err := s.Add(ca.Certificate); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// Identity is a certificate with its key.
type Identity struct {
	Certificate *smki.X509Certificate
	Key         *Key
}

// Supplier holds the four Organisation Certificates of a supplier's User ID.
type Supplier struct {
	XMLSign        *Identity // role 87
	DigitalSigning *Identity // role 02
	KeyAgreement   *Identity // role 02
	Prepayment     *Identity // role 02; like KeyAgreement but for its key and serial number
}

// Supplier issues the certificates of a User ID.
func (p *PKI) Supplier(id smki.EUI64) (*Supplier, error) {
	s := new(Supplier)
	for _, c := range []struct {
		to    **Identity
		role  smki.RemotePartyRole
		usage smki.KeyUsage
	}{
		{&s.XMLSign, smki.RoleXMLSign, smki.UsageDigitalSignature},
		{&s.DigitalSigning, smki.RoleSupplier, smki.UsageDigitalSignature},
		{&s.KeyAgreement, smki.RoleSupplier, smki.UsageKeyAgreement},
		{&s.Prepayment, smki.RoleSupplier, smki.UsageKeyAgreement},
	} {
		var err error
		if *c.to, err = p.Issuing.Issue(Request{EUI64: id, Role: c.role, Usage: c.usage}); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// Device issues the two certificates of a device.
func (p *PKI) Device(id smki.EUI64) (signing, agreement *Identity, err error) {
	if signing, err = p.Devices.Issue(Request{Device: true, EUI64: id, Usage: smki.UsageDigitalSignature}); err != nil {
		return nil, nil, err
	}
	if agreement, err = p.Devices.Issue(Request{Device: true, EUI64: id, Usage: smki.UsageKeyAgreement}); err != nil {
		return nil, nil, err
	}
	return signing, agreement, nil
}

// Authority issues certificates and CRLs.
type Authority struct {
	Certificate *smki.X509Certificate
	Key         *Key

	source  *source
	subject []byte
	crls    int64
}

// Request says what is to be certified. The zero value of a field leaves it to the profile.
type Request struct {
	Device     bool // a device, else an organisation
	EUI64      smki.EUI64
	Role       smki.RemotePartyRole // of an organisation
	Usage      smki.KeyUsage
	CommonName string // of an organisation; none by default

	Serial              *big.Int // by default 16 octets from the seed
	NotBefore, NotAfter time.Time

	// Modify has the last word on what is encoded, for certificates that are not as they should be.
	Modify func(*x509.Certificate)
}

// Issue certifies a new key. It fails for a certificate that [smki.ParseCertificate] refuses, with its error.
func (a *Authority) Issue(r Request) (*Identity, error) {
	der, key, err := a.IssueDER(r)
	if err != nil {
		return nil, err
	}
	c, err := smki.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	return &Identity{c, key}, nil
}

// IssueDER certifies a new key whatever comes of it. It fails only for what crypto/x509 cannot encode.
func (a *Authority) IssueDER(r Request) (der []byte, key *Key, err error) {
	t := a.source.template(r.NotBefore, r.NotAfter, Start.AddDate(10, 0, 0).Add(-time.Second))
	if r.Serial != nil {
		t.SerialNumber = r.Serial
	}
	t.KeyUsage = x509.KeyUsage(r.Usage) // both number the bits alike
	policy := OrganisationPolicy
	if r.Device {
		policy = DevicePolicy
		if r.NotAfter.IsZero() {
			t.NotAfter = endless
		}
		t.RawSubject, err = asn1.Marshal(pkix.RDNSequence{})
		if err != nil {
			return nil, nil, err
		}
		name, err := hardwareModuleName(r.EUI64)
		if err != nil {
			return nil, nil, err
		}
		t.ExtraExtensions = append(t.ExtraExtensions, name)
	} else if t.RawSubject, err = organisationName(r); err != nil {
		return nil, nil, err
	}
	return a.source.certify(t, a, policy, r.Modify)
}

// Authority makes an authority below this one; an empty organisational unit is left out, and a negative path length limits nothing.
func (a *Authority) Authority(commonName, unit string, pathLen int) (*Authority, error) {
	return a.source.authority(a, commonName, unit, pathLen)
}

// CRL issues the next CRL of the authority: its number is one more than that of the last, its next update a day later.
// For any other use [smki.IssueCRL] with its certificate and key.
func (a *Authority) CRL(at time.Time, revoked ...smki.RevokedCertificate) (*smki.CRL, error) {
	l, err := smki.IssueCRL(a.Certificate, a.Key, smki.CRLContents{Number: big.NewInt(a.crls + 1), ThisUpdate: at, NextUpdate: at.Add(24 * time.Hour), Revoked: revoked})
	if err == nil {
		a.crls++
	}
	return l, err
}

// Revoke is an entry for [Authority.CRL].
func Revoke(c *smki.X509Certificate, at time.Time, reason smki.RevocationReason) smki.RevokedCertificate {
	return smki.RevokedCertificate{Serial: c.Serial, Revocation: smki.Revocation{At: at, Reason: reason}}
}

// Key is a private key over P-256 that signs deterministically.
type Key struct{ *ecdsa.PrivateKey }

// Sign signs a digest after RFC 6979 and ignores the random source. The signature is ASN.1, as of crypto/ecdsa.
func (k *Key) Sign(_ io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	return k.PrivateKey.Sign(nil, digest, opts)
}

// source makes numbers and keys from a seed.
type source struct{ seed, n uint64 }

func (s *source) next(what string) [32]byte {
	s.n++
	b := append([]byte("smkitest "), what...)
	b = binary.BigEndian.AppendUint64(b, s.seed)
	return sha256.Sum256(binary.BigEndian.AppendUint64(b, s.n))
}

func (s *source) key() *Key {
	for {
		scalar := s.next("key")
		if k, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), scalar[:]); err == nil { // all but one in 2^32 are below the order
			return &Key{k}
		}
	}
}

func (s *source) template(from, to, defaultTo time.Time) *x509.Certificate {
	if from.IsZero() {
		from = Start
	}
	if to.IsZero() {
		to = defaultTo
	}
	serial := s.next("serial")
	serial[0] = serial[0]&0x7f | 0x40 // 16 octets, positive
	return &x509.Certificate{SerialNumber: new(big.Int).SetBytes(serial[:16]), NotBefore: from, NotAfter: to, SignatureAlgorithm: x509.ECDSAWithSHA256}
}

// certify completes a template with a new key, signs it with the authority, and with its own key if there is none.
func (s *source) certify(t *x509.Certificate, a *Authority, policy string, modify func(*x509.Certificate)) ([]byte, *Key, error) {
	key := s.key()
	point, err := key.PublicKey.Bytes()
	if err != nil {
		return nil, nil, err
	}
	id := sha256.Sum256(point)
	t.SubjectKeyId = append([]byte{id[0]&0x0f | 0x40}, id[1:8]...) // 8 octets like those of RFC 5280, section 4.2.1.2 (2)
	p, err := policyExtension(policy)
	if err != nil {
		return nil, nil, err
	}
	t.ExtraExtensions = append(t.ExtraExtensions, p)
	if modify != nil {
		modify(t)
	}
	parent, signer := t, key
	if a != nil {
		parent, signer = &x509.Certificate{RawSubject: a.subject, SubjectKeyId: a.Certificate.SubjectKeyID}, a.Key
	}
	der, err := x509.CreateCertificate(nil, t, parent, key.Public(), signer)
	if err != nil {
		return nil, nil, fmt.Errorf("smkitest: %w", err)
	}
	return der, key, nil
}

func (s *source) authority(parent *Authority, commonName, unit string, pathLen int) (*Authority, error) {
	t := s.template(time.Time{}, time.Time{}, Start.AddDate(25, 0, 0).Add(-time.Second))
	t.IsCA, t.BasicConstraintsValid, t.KeyUsage = true, true, x509.KeyUsageCertSign|x509.KeyUsageCRLSign
	t.MaxPathLen, t.MaxPathLenZero = max(pathLen, -1), pathLen == 0
	name := pkix.RDNSequence{{{Type: oidCommonName, Value: commonName}}}
	if unit != "" {
		name = append(pkix.RDNSequence{{{Type: oidUnit, Value: unit}}}, name...)
	}
	var err error
	if t.RawSubject, err = asn1.Marshal(name); err != nil {
		return nil, err
	}
	der, key, err := s.certify(t, parent, OrganisationPolicy, nil)
	if err != nil {
		return nil, err
	}
	c, err := smki.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	return &Authority{Certificate: c, Key: key, source: s, subject: t.RawSubject}, nil
}

var (
	oidCommonName = asn1.ObjectIdentifier{2, 5, 4, 3}
	oidUnit       = asn1.ObjectIdentifier{2, 5, 4, 11}
	oidUniqueID   = asn1.ObjectIdentifier{2, 5, 4, 45}
	oidAltName    = asn1.ObjectIdentifier{2, 5, 29, 17}
	oidPolicies   = asn1.ObjectIdentifier{2, 5, 29, 32}
	oidModule     = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 8, 4}
	oidHardware   = asn1.ObjectIdentifier{1, 2, 826, 0, 1, 8641679, 1, 2, 1, 2}
)

func octets(id smki.EUI64) []byte { return binary.BigEndian.AppendUint64(nil, uint64(id)) }

// organisationName is the subject of an Organisation Certificate (SEC Appendix B).
func organisationName(r Request) ([]byte, error) {
	name := pkix.RDNSequence{
		{{Type: oidUnit, Value: r.Role.String()}},
		{{Type: oidUniqueID, Value: asn1.BitString{Bytes: octets(r.EUI64), BitLength: 64}}},
	}
	if r.CommonName != "" {
		name = append(pkix.RDNSequence{{{Type: oidCommonName, Value: r.CommonName}}}, name...)
	}
	return asn1.Marshal(name)
}

// hardwareModuleName is the alternative name of a Device Certificate (RFC 4108, section 5).
func hardwareModuleName(id smki.EUI64) (pkix.Extension, error) {
	type module struct {
		Type   asn1.ObjectIdentifier
		Serial []byte
	}
	type otherName struct {
		Type  asn1.ObjectIdentifier
		Value module `asn1:"explicit,tag:0"`
	}
	value, err := asn1.Marshal(struct {
		Name otherName `asn1:"tag:0"`
	}{otherName{oidModule, module{oidHardware, octets(id)}}})
	return pkix.Extension{Id: oidAltName, Critical: true, Value: value}, err
}

func policyExtension(policy string) (pkix.Extension, error) {
	oid, err := x509.ParseOID(policy)
	if err != nil {
		return pkix.Extension{}, err
	}
	id, err := oid.MarshalBinary()
	if err != nil {
		return pkix.Extension{}, err
	}
	raw := asn1.RawValue{Tag: asn1.TagOID, Bytes: id}
	value, err := asn1.Marshal([]struct{ ID asn1.RawValue }{{raw}})
	return pkix.Extension{Id: oidPolicies, Critical: true, Value: value}, err
}
