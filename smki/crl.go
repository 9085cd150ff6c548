package smki

import (
	"bytes"
	"fmt"
	"iter"
	"math/big"
	"strings"
	"time"
)

// Limits on what [ParseCRL] reads: far above what the SMKI needs, below what could exhaust a gateway.
const (
	MaxCRLSize    = 64 << 20 // octets
	MaxCRLEntries = 1 << 20
)

// CRL is a certificate revocation list as it was issued (RFC 5280, section 5, version 2, complete and direct).
// [ParseCRL] and [IssueCRL] make it; nobody changes it afterwards, so that it can be shared.
type CRL struct {
	Raw []byte // the whole DER

	Issuer         string // RFC 2253, as in [X509Certificate.Issuer]
	Number         *big.Int
	ThisUpdate     time.Time // in UTC; when it was issued
	NextUpdate     time.Time // in UTC; the last instant at which it may be relied upon
	AuthorityKeyID []byte    // nil if it has none

	entries   []crlEntry
	index     map[serialNumber]uint32 // into entries
	tbs       []byte
	signature []byte
}

// crlEntry takes 32 octets, so that a list of 100,000 takes 3 MB.
type crlEntry struct {
	serial serialNumber
	reason RevocationReason
	at     int64 // seconds since 1970
}

func (e *crlEntry) revocation() Revocation {
	return Revocation{At: time.Unix(e.at, 0).UTC(), Reason: e.reason}
}

// RevokedCertificate is an entry of a CRL.
type RevokedCertificate struct {
	Serial string // canonical decimal
	Revocation
}

// Len is the number of entries.
func (l *CRL) Len() int { return len(l.entries) }

// Entries lists the entries in the order of the list.
func (l *CRL) Entries() iter.Seq[RevokedCertificate] {
	return func(yield func(RevokedCertificate) bool) {
		for i := range l.entries {
			if !yield(l.entries[i].export()) {
				return
			}
		}
	}
}

func (e *crlEntry) export() RevokedCertificate {
	return RevokedCertificate{Serial: e.serial.String(), Revocation: e.revocation()}
}

// Revoked finds the revocation of a certificate of the same issuer. It does not allocate.
func (l *CRL) Revoked(c *X509Certificate) (Revocation, bool) {
	if c.Issuer != l.Issuer {
		return Revocation{}, false
	}
	return l.find(c.serial)
}

func (l *CRL) find(s serialNumber) (Revocation, bool) {
	i, ok := l.index[s]
	if !ok {
		return Revocation{}, false
	}
	return l.entries[i].revocation(), true
}

// CRLProblem is why a CRL cannot be used.
type CRLProblem uint8

// The problems of CRLs.
const (
	CRLMalformed    CRLProblem = iota + 1 // not a CRL of this profile; the error names the field
	CRLTooLarge                           // over a limit
	CRLForeign                            // of another issuer, or another key of it
	CRLBadSignature                       // not signed by its issuer
	CRLNotNewer                           // its number, or its time, does not advance
	CRLNotYetValid                        // issued after the time of the question
	CRLExpired                            // its next update is overdue
)

var crlProblemNames = [...]string{"", "malformed", "too large", "foreign", "bad signature", "not newer", "not yet valid", "expired"}

func (p CRLProblem) String() string { return enumName("CRLProblem", crlProblemNames[:], int(p)) }

// CRLError says what is wrong with a CRL.
type CRLError struct {
	Issuer   string // where it was read before
	Problem  CRLProblem
	Field    string // as RFC 5280 calls it, such as "nextUpdate"
	Expected string
	Got      string // what was there instead, shortened; may be empty
}

func (e *CRLError) Error() string {
	var b strings.Builder
	b.WriteString("smki: CRL")
	if e.Issuer != "" {
		fmt.Fprintf(&b, " of %s", e.Issuer)
	}
	fmt.Fprintf(&b, " is %v: %s: expected %s", e.Problem, e.Field, e.Expected)
	if e.Got != "" {
		fmt.Fprintf(&b, ", not %s", e.Got)
	}
	return b.String()
}

func (l *CRL) fault(p CRLProblem, field, expected, got string) error {
	return &CRLError{Issuer: l.Issuer, Problem: p, Field: field, Expected: expected, Got: got}
}

// CheckSignatureFrom checks that an authority issued the list: its name and key identifier, that it may sign lists, and the
// signature. The error is a [*CRLError].
func (l *CRL) CheckSignatureFrom(ca *X509Certificate) error {
	switch {
	case ca.KeyUsage&UsageCRLSign == 0: // which only authorities have
		return l.fault(CRLForeign, "issuer", "an authority that may sign CRLs", ca.Subject)
	case l.Issuer != ca.Subject:
		return l.fault(CRLForeign, "issuer", ca.Subject, l.Issuer)
	case !keyIDsAgree(l.AuthorityKeyID, ca.SubjectKeyID):
		return l.fault(CRLForeign, "authorityKeyIdentifier", shortHex(ca.SubjectKeyID), shortHex(l.AuthorityKeyID))
	case !verifySHA256(ca.PublicKey, l.tbs, l.signature):
		return l.fault(CRLBadSignature, "signatureValue", "a signature by "+ca.Subject, "another")
	}
	return nil
}

// CheckCurrent checks that the list may be relied upon at a time: issued by then, and its next update not overdue.
// The error is a [*CRLError].
func (l *CRL) CheckCurrent(at time.Time) error {
	switch {
	case at.Before(l.ThisUpdate):
		return l.fault(CRLNotYetValid, "thisUpdate", "an instant not after "+rfc3339(at), rfc3339(l.ThisUpdate))
	case at.After(l.NextUpdate):
		return l.fault(CRLExpired, "nextUpdate", "an instant not before "+rfc3339(at), rfc3339(l.NextUpdate))
	}
	return nil
}

// CheckFollows checks that the list may take the place of an older one of the same issuer: its number is greater and its
// time not earlier (RFC 5280, section 5.2.3). Anything follows nil. The error is a [*CRLError].
func (l *CRL) CheckFollows(old *CRL) error {
	switch {
	case old == nil:
	case l.Issuer != old.Issuer:
		return l.fault(CRLForeign, "issuer", old.Issuer, l.Issuer)
	case l.Number.Cmp(old.Number) <= 0:
		return l.fault(CRLNotNewer, "cRLNumber", "more than "+old.Number.String(), l.Number.String())
	case l.ThisUpdate.Before(old.ThisUpdate):
		return l.fault(CRLNotNewer, "thisUpdate", "an instant not before "+rfc3339(old.ThisUpdate), rfc3339(l.ThisUpdate))
	}
	return nil
}

func rfc3339(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// The object identifiers of the extensions of CRLs and their entries, as the contents of their DER.
const (
	oidCRLNumber           = "\x55\x1d\x14" // 2.5.29.20
	oidReasonCode          = "\x55\x1d\x15" // 2.5.29.21
	oidInvalidityDate      = "\x55\x1d\x18" // 2.5.29.24
	oidDeltaCRLIndicator   = "\x55\x1d\x1b" // 2.5.29.27
	oidIssuingDistribution = "\x55\x1d\x1c" // 2.5.29.28
	oidCertificateIssuer   = "\x55\x1d\x1d" // 2.5.29.29
)

// ParseCRL reads the DER of a CRL. It copies what it keeps.
//
// It is strict like [ParseCertificate], and demands version 2, a next update and a number. Partial, indirect and delta lists
// are refused whatever they call critical, since they say less than they seem to; so are a serial number twice, and the
// reasons certificateHold and removeFromCRL, since a certificate of the SMKI cannot be suspended.
// It checks no signature and no time. The error is a [*CRLError].
func ParseCRL(der []byte) (*CRL, error) {
	l := &CRL{}
	if len(der) > MaxCRLSize {
		return nil, l.fault(CRLTooLarge, "CertificateList", fmt.Sprintf("at most %d octets", MaxCRLSize), fmt.Sprint(len(der)))
	}
	l.Raw = bytes.Clone(der)
	d := newDER(l.Raw)
	tooLarge := l.parse(&d)
	if f := d.fault; f.field != "" {
		problem := CRLMalformed
		if tooLarge {
			problem = CRLTooLarge
		}
		return nil, l.fault(problem, f.field, f.expected, f.got)
	}
	return l, nil
}

// parse follows RFC 5280, section 5.1. It reports whether the list has too many entries.
func (l *CRL) parse(d *der) (tooLarge bool) {
	list := d.sub(tagSequence, "CertificateList")
	d.end("CertificateList")
	var tbs []byte
	tbs, l.tbs = list.both(tagSequence, "tbsCertList")
	algorithm := list.algorithm("signatureAlgorithm")
	l.signature = list.signature("signatureValue")
	list.end("CertificateList")

	t := d.of(tbs)
	if v := t.bytes(tagInteger, "version"); t.ok() && string(v) != "\x01" {
		t.fail("version", "v2", shortHex(v))
	}
	t.sameAlgorithm(algorithm)
	issuer := t.name("issuer")
	if t.ok() && issuer.text == "" {
		t.fail("issuer", "a name", "an empty one")
	}
	if t.ok() {
		l.Issuer = issuer.text
	}
	l.ThisUpdate = t.time("thisUpdate")
	l.NextUpdate = t.time("nextUpdate")
	if t.ok() && l.NextUpdate.Before(l.ThisUpdate) {
		t.fail("nextUpdate", "an instant not before thisUpdate", rfc3339(l.NextUpdate))
	}
	if revoked, some := t.optional(tagSequence, "revokedCertificates"); some {
		tooLarge = l.revoked(&revoked)
	}
	l.extensions(&t)
	t.end("tbsCertList")
	return tooLarge
}

func (l *CRL) revoked(list *der) (tooLarge bool) {
	const field = "revokedCertificates"
	if list.ok() && len(list.b) == 0 {
		list.fail(field, "at least one entry, or no list", "an empty list")
	}
	estimate := min(len(list.b)/34+1, MaxCRLEntries) // an entry with a serial number of 16 octets takes 35 at least
	l.entries = make([]crlEntry, 0, estimate)
	for list.more() {
		if len(l.entries) == MaxCRLEntries {
			list.fail(field, fmt.Sprintf("at most %d entries", MaxCRLEntries), "more")
			return true
		}
		e := list.sub(tagSequence, field)
		serial := e.unsigned(20, "userCertificate")
		if e.ok() && len(serial) == 0 {
			e.fail("userCertificate", "a positive number", "0")
		}
		at := e.time("revocationDate")
		reason := Unspecified
		if e.more() {
			reason = e.entryExtensions()
		}
		e.end(field)
		if !list.ok() {
			return false
		}
		l.entries = append(l.entries, crlEntry{makeSerial(serial), reason, at.Unix()})
	}
	l.index = make(map[serialNumber]uint32, len(l.entries))
	for i := range l.entries {
		l.index[l.entries[i].serial] = uint32(i)
		if len(l.index) != i+1 {
			list.fail("userCertificate", "every serial number once", l.entries[i].serial.String()+" twice")
			break
		}
	}
	return false
}

// entryExtensions reads the extensions of an entry (RFC 5280, section 5.3).
func (d *der) entryExtensions() (reason RevocationReason) {
	const field = "crlEntryExtensions"
	list := d.extensions(field)
	for e, ok := list.next(); ok; e, ok = list.next() {
		v := &e.value
		switch string(e.oid) {
		case oidReasonCode:
			code := v.bytes(tagEnumerated, "reasonCode")
			if v.ok() && (len(code) != 1 || int(code[0]) >= len(reasonNames) || reasonNames[code[0]] == "") {
				v.fail("reasonCode", "a reason for which the SMKI revokes", shortHex(code))
			}
			if v.ok() {
				reason = RevocationReason(code[0])
			}
		case oidInvalidityDate:
			v.bytes(tagGeneralizedTime, "invalidityDate") // when the key may have been lost; the revocation date decides
		case oidCertificateIssuer:
			v.fail("certificateIssuer", "a direct CRL", "an indirect one")
		default:
			list.skip(&e)
		}
		v.end(field)
	}
	return reason
}

func (l *CRL) extensions(t *der) {
	const field = "crlExtensions"
	wrapper := t.sub(tagExplicit, field)
	list := wrapper.extensions(field)
	wrapper.end(field)
	for e, ok := list.next(); ok; e, ok = list.next() {
		v := &e.value
		switch string(e.oid) {
		case oidCRLNumber:
			l.Number = new(big.Int).SetBytes(v.unsigned(20, "cRLNumber"))
		case oidAuthorityKeyID:
			l.AuthorityKeyID = v.authorityKeyID()
		case oidDeltaCRLIndicator:
			v.fail("deltaCRLIndicator", "a complete CRL", "a delta")
		case oidIssuingDistribution:
			v.fail("issuingDistributionPoint", "a complete CRL", "a part of one")
		default:
			list.skip(&e)
		}
		v.end(field)
	}
	if t.ok() && l.Number == nil {
		t.fail("cRLNumber", "a number", "none")
	}
}
