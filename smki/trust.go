package smki

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"time"
)

// TrustStore says which certificates may be relied upon, and until when. A certificate is in it in one of two ways:
//
//   - pinned ([TrustStore.Pin]): by decision of who runs the store, whoever signed it;
//   - chained ([TrustStore.Add]): because an authority in the store signed it, up to an anchor ([TrustStore.AddAnchor]).
//
// Signatures are checked once, when a certificate or CRL comes in; what depends on time is asked with [TrustStore.Status].
// The zero value is empty and ready to use. Readers may share a store that nobody writes to; [TrustStore.Clone] gives a writer
// its own, so that a new state is published as one value.
//
// Invariants: an issuer and serial number name one certificate; the CRL of an issuer never goes back; a revocation that one
// of its CRLs has reported stays, though later ones leave it out.
type TrustStore struct {
	// Policy is the certificate policy (dotted object identifier) that every certificate must have when it comes in, anchors
	// apart; empty asks for none. Authorities may have anyPolicy (2.5.29.32.0) instead.
	Policy string

	// AllowMissingCRL lets certificates pass whose issuer has no CRL here. One that is overdue always refuses.
	AllowMissingCRL bool

	issuers     map[string]*issuerRecord     // by name
	authorities map[string][]*trustedCert    // by subject
	byEUI64     map[EUI64][]*X509Certificate // without authorities
	all         []*X509Certificate
}

// anyPolicy stands for all policies (RFC 5280, section 4.2.1.4).
const anyPolicy = "2.5.29.32.0"

// trustedCert is a certificate in a store; nobody changes it.
type trustedCert struct {
	cert   *X509Certificate
	parent *trustedCert // who signed it; nil for an anchor or a pinned certificate
	way    trustWay
}

type trustWay uint8

const (
	chained trustWay = iota
	pinned
	anchor
)

var trustWayNames = [...]string{"chained", "pinned", "anchor"}

// issuerRecord is what a store knows of the certificates of one issuer.
type issuerRecord struct {
	certs map[serialNumber]*trustedCert
	crl   *CRL                        // nil for none
	kept  map[serialNumber]Revocation // reported by an older CRL, and by the last one not, or from a later time on
}

// revocation is the earliest revocation reported.
func (r *issuerRecord) revocation(s serialNumber) (rev Revocation, ok bool) {
	if r.crl != nil {
		rev, ok = r.crl.find(s)
	}
	if old, was := r.kept[s]; was && (!ok || old.At.Before(rev.At)) {
		return old, true
	}
	return rev, ok
}

// TrustStatus is whether a certificate may be relied upon at a time, and if not, why.
type TrustStatus uint8

// The trust statuses, in the order in which they are asked: the first that holds is the answer. Only Trusted lets anything pass.
const (
	NotTrusted          TrustStatus = iota // the store does not have it
	TrustRevoked                           // a CRL revokes it from then or before
	TrustNotYetValid                       // before its notBefore
	TrustExpired                           // after its notAfter
	TrustNoCRL                             // no CRL of its issuer is known
	TrustStaleCRL                          // the next update of that CRL is overdue
	TrustAuthorityLapse                    // one of these holds of an authority above it
	Trusted
)

var trustStatusNames = [...]string{"not trusted", "revoked", "not yet valid", "expired", "without a CRL of its issuer",
	"with an overdue CRL of its issuer", "without a good authority above it", "trusted"}

func (s TrustStatus) String() string { return enumName("TrustStatus", trustStatusNames[:], int(s)) }

// TrustError says why a certificate may not be relied upon.
type TrustError struct {
	ID     CertificateID
	Status TrustStatus // never Trusted
	At     time.Time
}

func (e *TrustError) Error() string {
	return fmt.Sprintf("smki: certificate %s: expected a trusted one, at %s it is %v", e.ID, rfc3339(e.At), e.Status)
}

// AddAnchor adds an authority that is trusted as it is, whoever signed it (RFC 5280, section 6.1.1 (d)).
// The error is a [*CertificateError].
func (s *TrustStore) AddAnchor(ca *X509Certificate) error {
	if ca.Kind != AuthorityKind {
		return ca.fault("basicConstraints", "an authority as anchor", ca.Kind.String())
	}
	return s.insert(&trustedCert{cert: ca, way: anchor})
}

// Pin adds a certificate of an organisation or device that is trusted as it is. The error is a [*CertificateError].
func (s *TrustStore) Pin(c *X509Certificate) error {
	if c.Kind == AuthorityKind {
		return c.fault("basicConstraints", "an organisation or device to pin", c.Kind.String())
	}
	if err := s.checkPolicy(c); err != nil {
		return err
	}
	return s.insert(&trustedCert{cert: c, way: pinned})
}

// Add adds a certificate, of an authority too, that an authority in the store has signed: authorities come before what they
// signed. Name, key identifier, signature, path length and policy are checked here (RFC 5280, section 6.1). The error is a
// [*CertificateError].
func (s *TrustStore) Add(c *X509Certificate) error {
	if err := s.checkPolicy(c); err != nil {
		return err
	}
	err := c.fault("issuer", "an authority in the trust store", c.Issuer)
	for _, parent := range s.authorities[c.Issuer] {
		if err = c.CheckSignatureFrom(parent.cert); err != nil {
			continue
		}
		if err = checkPathLength(c, parent); err == nil {
			return s.insert(&trustedCert{cert: c, parent: parent})
		}
	}
	return err
}

// checkPathLength demands that every authority above allows those between it and what the last of them signs.
func checkPathLength(c *X509Certificate, parent *trustedCert) error {
	below := 0
	if c.Kind == AuthorityKind {
		below = 1
	}
	for p := parent; p != nil; p = p.parent {
		if limit := p.cert.MaxPathLen; limit >= 0 && below > limit {
			return c.fault("pathLenConstraint", fmt.Sprintf("at most %d authorities below %s", limit, p.cert.Subject), fmt.Sprint(below))
		}
		below++
	}
	return nil
}

func (s *TrustStore) checkPolicy(c *X509Certificate) error {
	if s.Policy == "" || c.HasPolicy(s.Policy) || c.Kind == AuthorityKind && c.HasPolicy(anyPolicy) {
		return nil
	}
	return c.fault(certPoliciesField, s.Policy, fmt.Sprint(c.Policies))
}

// insert records a certificate. The same one in the same way changes nothing; anything else under its name is refused.
func (s *TrustStore) insert(t *trustedCert) error {
	c := t.cert
	r := s.issuer(c.Issuer)
	if old := r.certs[c.serial]; old != nil {
		switch {
		case !bytes.Equal(old.cert.Raw, c.Raw):
			return c.fault("serialNumber", "one that no other certificate of the issuer has", c.Serial)
		case old.way != t.way:
			return c.fault("Certificate", "one that is not in the trust store in another way", trustWayNames[old.way])
		}
		return nil
	}
	r.certs[c.serial] = t
	s.all = append(s.all, c)
	if c.Kind == AuthorityKind {
		s.authorities[c.Subject] = append(s.authorities[c.Subject], t)
	} else {
		s.byEUI64[c.EUI64] = append(s.byEUI64[c.EUI64], c)
	}
	return nil
}

// issuer is the record of an issuer, a new one if there is none.
func (s *TrustStore) issuer(name string) *issuerRecord {
	if s.issuers == nil {
		s.issuers = make(map[string]*issuerRecord)
		s.authorities = make(map[string][]*trustedCert)
		s.byEUI64 = make(map[EUI64][]*X509Certificate)
	}
	r := s.issuers[name]
	if r == nil {
		r = &issuerRecord{certs: make(map[serialNumber]*trustedCert)}
		s.issuers[name] = r
	}
	return r
}

// Lookup finds the certificate that an X509IssuerSerial of XMLDSig names. The issuer is compared as [NormaliseIssuer] leaves
// it; the serial number must be canonical decimal. Whether the certificate may be relied upon is for [TrustStore.Status], and
// whether it is of the right kind for the caller: authorities are found too. It does not allocate for names up to 256 octets.
func (s *TrustStore) Lookup(issuer, serial []byte) (*X509Certificate, bool) {
	var buf [256]byte
	r := s.issuers[string(AppendNormalisedIssuer(buf[:0], issuer))]
	n, ok := parseSerial(serial)
	if r == nil || !ok {
		return nil, false
	}
	t := r.certs[n]
	if t == nil {
		return nil, false
	}
	return t.cert, true
}

// ByEUI64 lists the certificates of a User, device or system, in the order in which they came in. The caller must not change the slice.
func (s *TrustStore) ByEUI64(id EUI64) []*X509Certificate { return s.byEUI64[id] }

// Certificates lists all certificates, authorities too, in the order in which they came in. The caller must not change the slice.
func (s *TrustStore) Certificates() []*X509Certificate { return s.all }

// CRL gives the last good CRL of an issuer.
func (s *TrustStore) CRL(issuer string) (*CRL, bool) {
	r := s.issuers[issuer]
	if r == nil || r.crl == nil {
		return nil, false
	}
	return r.crl, true
}

// SetCRL takes a CRL that is signed by an authority in the store, current at the given time, and newer than the last one of
// its issuer (numbers are counted for an issuer's name, whichever key signs). The authority and those above it must be in
// their validity and not revoked at that time (RFC 5280, section 6.3.3 (f)). One that is refused leaves the last good one
// in place. The error is a [*CRLError].
func (s *TrustStore) SetCRL(l *CRL, at time.Time) error {
	err := l.fault(CRLForeign, "issuer", "an authority in the trust store", l.Issuer)
	for _, ca := range s.authorities[l.Issuer] {
		if err = l.CheckSignatureFrom(ca.cert); err != nil {
			continue
		}
		if !s.lapsed(ca, at) {
			break
		}
		err = l.fault(CRLForeign, "issuer", "an authority that is good at "+rfc3339(at), l.Issuer)
	}
	if err != nil {
		return err
	}
	if err := l.CheckCurrent(at); err != nil {
		return err
	}
	last, _ := s.CRL(l.Issuer)
	if err := l.CheckFollows(last); err != nil {
		return err
	}
	r := s.issuer(l.Issuer)
	r.keep(l)
	r.crl = l
	return nil
}

// lapsed reports whether an authority, or one above it, is revoked or outside its validity. Whether the CRLs that say so are current is not asked: none could be taken
// after they all were overdue.
func (s *TrustStore) lapsed(t *trustedCert, at time.Time) bool {
	for ; t != nil; t = t.parent {
		switch s.ownStatus(t, at) {
		case TrustRevoked, TrustNotYetValid, TrustExpired:
			return true
		}
	}
	return false
}

// keep notes what the last CRL reported, where the next one reports it not or from a later time on.
func (r *issuerRecord) keep(next *CRL) {
	if r.crl == nil {
		return
	}
	for i := range r.crl.entries {
		e := &r.crl.entries[i]
		old := e.revocation()
		if rev, ok := next.find(e.serial); ok && !old.At.Before(rev.At) {
			continue
		}
		if kept, ok := r.kept[e.serial]; ok && !old.At.Before(kept.At) {
			continue
		}
		if r.kept == nil {
			r.kept = make(map[serialNumber]Revocation)
		}
		r.kept[e.serial] = old
	}
}

// Status says whether a certificate may be relied upon at a time: it is in the store, nobody revoked it, it is in its
// validity, the CRL of its issuer is not overdue, and the same holds of the authorities above it. Anchors need no CRL; a
// pinned certificate has no authorities above it, but the CRL of its issuer counts. A CRL issued after that time counts too,
// by the dates in it. It does not allocate.
func (s *TrustStore) Status(c *X509Certificate, at time.Time) TrustStatus {
	r := s.issuers[c.Issuer]
	if r == nil {
		return NotTrusted
	}
	t := r.certs[c.serial]
	if t == nil || !bytes.Equal(t.cert.Raw, c.Raw) {
		return NotTrusted
	}
	if own := s.ownStatus(t, at); own != Trusted {
		return own
	}
	for p := t.parent; p != nil; p = p.parent {
		if s.ownStatus(p, at) != Trusted {
			return TrustAuthorityLapse
		}
	}
	return Trusted
}

// ownStatus is the status of a certificate without regard to the authorities above it.
func (s *TrustStore) ownStatus(t *trustedCert, at time.Time) TrustStatus {
	r := s.issuers[t.cert.Issuer]
	rev, revoked := r.revocation(t.cert.serial)
	switch {
	case revoked && !at.Before(rev.At):
		return TrustRevoked
	case at.Before(t.cert.NotBefore):
		return TrustNotYetValid
	case at.After(t.cert.NotAfter):
		return TrustExpired
	case t.way == anchor:
		return Trusted
	case r.crl == nil && !s.AllowMissingCRL:
		return TrustNoCRL
	case r.crl != nil && at.After(r.crl.NextUpdate):
		return TrustStaleCRL
	}
	return Trusted
}

// Check is [TrustStore.Status] as an error, a [*TrustError]; nil if the certificate is trusted.
func (s *TrustStore) Check(c *X509Certificate, at time.Time) error {
	if status := s.Status(c, at); status != Trusted {
		return &TrustError{ID: c.ID(), Status: status, At: at}
	}
	return nil
}

// Revocation is the earliest revocation of a certificate that the CRLs of its issuer have reported.
func (s *TrustStore) Revocation(c *X509Certificate) (Revocation, bool) {
	r := s.issuers[c.Issuer]
	if r == nil {
		return Revocation{}, false
	}
	return r.revocation(c.serial)
}

// Clone gives a store that shares nothing that either could change.
func (s *TrustStore) Clone() *TrustStore {
	c := &TrustStore{Policy: s.Policy, AllowMissingCRL: s.AllowMissingCRL,
		issuers:     make(map[string]*issuerRecord, len(s.issuers)),
		authorities: make(map[string][]*trustedCert, len(s.authorities)),
		byEUI64:     make(map[EUI64][]*X509Certificate, len(s.byEUI64)),
		all:         slices.Clip(s.all),
	}
	for name, r := range s.issuers {
		c.issuers[name] = &issuerRecord{certs: maps.Clone(r.certs), crl: r.crl, kept: maps.Clone(r.kept)}
	}
	for name, list := range s.authorities {
		c.authorities[name] = slices.Clip(list)
	}
	for id, list := range s.byEUI64 {
		c.byEUI64[id] = slices.Clip(list)
	}
	return c
}
