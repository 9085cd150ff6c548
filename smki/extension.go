package smki

import (
	"encoding/binary"
	"fmt"
)

// The object identifiers of extensions, as the contents of their DER.
const (
	oidSubjectKeyID     = "\x55\x1d\x0e"                     // 2.5.29.14
	oidKeyUsage         = "\x55\x1d\x0f"                     // 2.5.29.15
	oidSubjectAltName   = "\x55\x1d\x11"                     // 2.5.29.17
	oidBasicConstraints = "\x55\x1d\x13"                     // 2.5.29.19
	oidCertPolicies     = "\x55\x1d\x20"                     // 2.5.29.32
	oidAuthorityKeyID   = "\x55\x1d\x23"                     // 2.5.29.35
	oidQualifierCPS     = "\x2b\x06\x01\x05\x05\x07\x02\x01" // 1.3.6.1.5.5.7.2.1
	oidQualifierNotice  = "\x2b\x06\x01\x05\x05\x07\x02\x02" // 1.3.6.1.5.5.7.2.2
	oidHardwareModule   = "\x2b\x06\x01\x05\x05\x07\x08\x04" // 1.3.6.1.5.5.7.8.4, RFC 4108, section 5
)

// The most that is read of one list, so that the search for one that stands there twice is short.
const (
	maxExtensions = 32
	maxPolicies   = 16
)

// The names of the fields that several functions read.
const (
	subjectAltNameField  = "subjectAltName"
	certPoliciesField    = "certificatePolicies"
	basicConstraintField = "basicConstraints"
)

// extensionReader reads a list of extensions (RFC 5280, section 4.1.2.9), each at most once.
type extensionReader struct {
	field string
	list  der
	seen  [maxExtensions][]byte
	n     int
}

func (d *der) extensions(field string) extensionReader {
	r := extensionReader{field: field, list: d.sub(tagSequence, field)}
	if r.list.ok() && len(r.list.b) == 0 {
		r.list.fail(field, "at least one extension", "none")
	}
	return r
}

// extension is one of a list: its contents, to be read to their end, or to be skipped.
type extension struct {
	oid      []byte
	critical bool
	value    der
}

// next reads the next extension, false at the end or after a fault.
func (r *extensionReader) next() (x extension, ok bool) {
	if !r.list.more() {
		return extension{}, false
	}
	e := r.list.sub(tagSequence, r.field)
	x.oid = e.oid(r.field)
	x.critical = e.optionalTrue(r.field)
	x.value = e.sub(tagOctetString, r.field)
	e.end(r.field)
	if e.ok() && r.n == maxExtensions {
		e.fail(r.field, fmt.Sprintf("at most %d extensions", maxExtensions), "more")
	}
	if !e.ok() {
		return extension{}, false
	}
	for _, s := range r.seen[:r.n] {
		if string(s) == string(x.oid) {
			e.fail(r.field, "every extension once", oidString(x.oid)+" twice")
		}
	}
	r.seen[r.n] = x.oid
	r.n++
	return x, e.ok()
}

// skip passes over an extension that is not understood, which must not be critical.
func (r *extensionReader) skip(x *extension) {
	if x.critical {
		r.list.fail(r.field, "no critical extension that is unknown here", oidString(x.oid))
	}
	x.value.b = nil
}

// certExtensions is what the extensions say that the profile of a kind judges.
type certExtensions struct {
	constraints bool // there is one, and it is critical
	ca          bool
	pathLen     bool // there is a limit
	altName     bool // there is one
	module      bool // and it is a hardwareModuleName
	hardware    EUI64
}

func (c *X509Certificate) extensions(t *der) (x certExtensions) {
	const field = "extensions"
	wrapper := t.sub(tagExplicit+3, field)
	list := wrapper.extensions(field)
	wrapper.end(field)
	for e, ok := list.next(); ok; e, ok = list.next() {
		v := &e.value
		switch string(e.oid) {
		case oidKeyUsage:
			c.KeyUsage = KeyUsage(v.namedBits("keyUsage"))
		case oidSubjectKeyID:
			c.SubjectKeyID = v.keyID(tagOctetString, "subjectKeyIdentifier")
		case oidAuthorityKeyID:
			c.AuthorityKeyID = v.authorityKeyID()
		case oidCertPolicies:
			c.policies(v)
		case oidBasicConstraints:
			x.constraints = e.critical
			c.basicConstraints(v, &x)
		case oidSubjectAltName:
			x.altName = true
			if !x.hardwareModule(v) {
				list.skip(&e)
			}
		default:
			list.skip(&e)
		}
		v.end(field)
	}
	return x
}

// keyID reads a key identifier of 1 to 64 octets; those of the SMKI have 8.
func (d *der) keyID(tag byte, field string) []byte {
	id := d.bytes(tag, field)
	if d.ok() && (len(id) == 0 || len(id) > 64) {
		d.fail(field, "1 to 64 octets", fmt.Sprint(len(id)))
	}
	return id
}

// authorityKeyID reads an AuthorityKeyIdentifier (RFC 5280, section 4.2.1.1), of which only the key identifier counts.
func (d *der) authorityKeyID() (id []byte) {
	const field = "authorityKeyIdentifier"
	s := d.sub(tagSequence, field)
	if s.peek() == tagImplicit {
		id = s.keyID(tagImplicit, field)
	}
	if s.peek() == tagExplicit+1 { // authorityCertIssuer and authorityCertSerialNumber come together
		s.any(field)
		s.bytes(tagImplicit+2, field)
	}
	s.end(field)
	return id
}

// policies reads CertificatePolicies (RFC 5280, section 4.2.1.4) with no other qualifiers than the two of that section.
func (c *X509Certificate) policies(v *der) {
	list := v.sub(tagSequence, certPoliciesField)
	if list.ok() && len(list.b) == 0 {
		list.fail(certPoliciesField, "at least one policy", "none")
	}
	for list.more() {
		info := list.sub(tagSequence, certPoliciesField)
		oid := info.oid(certPoliciesField)
		if !info.ok() {
			return
		}
		id := oidString(oid)
		if len(c.Policies) == maxPolicies {
			list.fail(certPoliciesField, fmt.Sprintf("at most %d policies", maxPolicies), "more")
		}
		if c.HasPolicy(id) {
			list.fail(certPoliciesField, "every policy once", id+" twice")
		}
		c.Policies = append(c.Policies, id)
		qualifiers, some := info.optional(tagSequence, certPoliciesField)
		if some && qualifiers.ok() && len(qualifiers.b) == 0 {
			qualifiers.fail(certPoliciesField, "at least one qualifier", "none")
		}
		for qualifiers.more() {
			q := qualifiers.sub(tagSequence, certPoliciesField)
			kind := q.oid(certPoliciesField)
			if q.ok() && string(kind) != oidQualifierCPS && string(kind) != oidQualifierNotice {
				q.fail(certPoliciesField, "a CPS or user notice as qualifier", oidString(kind))
			}
			q.any(certPoliciesField)
			q.end(certPoliciesField)
		}
		info.end(certPoliciesField)
	}
}

// basicConstraints reads BasicConstraints (RFC 5280, section 4.2.1.9).
func (c *X509Certificate) basicConstraints(v *der, x *certExtensions) {
	s := v.sub(tagSequence, basicConstraintField)
	x.ca = s.optionalTrue(basicConstraintField)
	if s.peek() == tagInteger {
		n := s.unsigned(1, basicConstraintField)
		x.pathLen, c.MaxPathLen = true, 0
		if len(n) == 1 {
			c.MaxPathLen = int(n[0])
		}
	}
	s.end(basicConstraintField)
}

// hardwareModule reads a SubjectAltName that is nothing but one hardwareModuleName (RFC 4108, section 5; SEC Appendix A),
// whose serial number is the EUI-64. It reports whether it understood the name.
func (x *certExtensions) hardwareModule(v *der) bool {
	names := v.sub(tagSequence, subjectAltNameField)
	if names.peek() != tagExplicit {
		return false
	}
	other := names.sub(tagExplicit, subjectAltNameField)
	names.end(subjectAltNameField)
	if oid := other.oid(subjectAltNameField); other.ok() && string(oid) != oidHardwareModule {
		other.fail(subjectAltNameField, "a hardwareModuleName", oidString(oid))
	}
	wrapped := other.sub(tagExplicit, subjectAltNameField)
	other.end(subjectAltNameField)
	module := wrapped.sub(tagSequence, subjectAltNameField)
	wrapped.end(subjectAltNameField)
	module.oid(subjectAltNameField) // the type of the hardware
	serial := module.bytes(tagOctetString, subjectAltNameField)
	module.end(subjectAltNameField)
	if module.ok() && len(serial) != 8 {
		module.fail(subjectAltNameField, "a hardware serial number of 8 octets", shortHex(serial))
	}
	if module.ok() {
		x.module, x.hardware = true, EUI64(binary.BigEndian.Uint64(serial))
	}
	return true
}

// profile decides the kind and demands what SEC Appendices A and B demand of it.
func (c *X509Certificate) profile(t *der, subject distinguishedName, x certExtensions) {
	switch {
	case x.ca:
		c.Kind = AuthorityKind
	case c.Subject == "":
		c.Kind = DeviceKind
	default:
		c.Kind = OrganisationKind
	}
	if c.Kind == AuthorityKind {
		c.authorityProfile(t, subject, x)
		return
	}
	if x.pathLen {
		t.fail(basicConstraintField, "a path length for authorities only", fmt.Sprint(c.MaxPathLen))
	}
	if c.KeyUsage != UsageDigitalSignature && c.KeyUsage != UsageKeyAgreement {
		t.fail("keyUsage", "digitalSignature or keyAgreement alone", c.KeyUsage.String())
	}
	if c.Kind == DeviceKind {
		if !x.module {
			t.fail(subjectAltNameField, "a hardwareModuleName for an empty subject", "none")
		}
		c.EUI64 = x.hardware
	} else {
		c.organisationProfile(t, subject, x)
	}
	if t.ok() && c.EUI64 == 0 {
		t.fail("EUI-64", "an identifier", "zero")
	}
}

func (c *X509Certificate) authorityProfile(t *der, subject distinguishedName, x certExtensions) {
	switch {
	case c.Subject == "":
		t.fail("subject", "the name of the authority", "an empty one")
	case !x.constraints:
		t.fail(basicConstraintField, "a critical extension", "one that is not")
	case c.KeyUsage&UsageCertSign == 0 || c.KeyUsage&^(UsageCertSign|UsageCRLSign) != 0:
		t.fail("keyUsage", "keyCertSign, with cRLSign at most", c.KeyUsage.String())
	case len(subject.units) > 0: // an authority for devices has none
		c.setRole(t, subject)
	}
}

func (c *X509Certificate) organisationProfile(t *der, subject distinguishedName, x certExtensions) {
	if x.altName {
		t.fail(subjectAltNameField, "none beside a subject", "one")
	}
	c.setRole(t, subject)
	const field = "subject x500UniqueIdentifier"
	if len(subject.ids) != 1 {
		t.fail(field, "one", fmt.Sprint(len(subject.ids)))
		return
	}
	id := t.of(subject.ids[0])
	bits := id.octetBits(field)
	if id.ok() && len(bits) != 8 {
		id.fail(field, "64 bits", fmt.Sprintf("%d octets", len(bits)))
	}
	if id.ok() {
		c.EUI64 = EUI64(binary.BigEndian.Uint64(bits))
	}
}

func (c *X509Certificate) setRole(t *der, subject distinguishedName) {
	const field = "subject organizationalUnitName"
	if len(subject.units) != 1 {
		t.fail(field, "one", fmt.Sprint(len(subject.units)))
		return
	}
	role, err := ParseRemotePartyRole(subject.units[0])
	if err != nil {
		t.fail(field, "a remote party role of 2 hexadecimal digits", fmt.Sprintf("%q", subject.units[0]))
		return
	}
	c.role, c.hasRole = role, true
}
