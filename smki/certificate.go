package smki

import (
	"fmt"
	"time"
)

// CertificateID names a certificate by its issuer and serial number in one text, as [MakeCertificateID] writes it.
type CertificateID string

// MakeCertificateID names the certificate with the given serial number (canonical decimal) under the given issuer
// (its distinguished name in the order of RFC 2253, without white space after unescaped commas).
func MakeCertificateID(issuer, serial string) CertificateID {
	return CertificateID(issuer + "/" + serial)
}

// CertificateUse is what a certificate is for.
type CertificateUse uint8

// The uses of the certificates of a supplier. The first four are SMKI Organisation Certificates.
const (
	XMLSign                CertificateUse = iota + 1 // signs Service Requests (role 87)
	DigitalSigning                                   // signs critical commands (role 02)
	KeyAgreement                                     // authenticates and encrypts commands (role 02)
	PrepaymentKeyAgreement                           // authenticates top-up codes (role 02)
	DCCKI                                            // authenticates the connection to the DCC
	IKI                                              // authenticates requests for certificates
	DeviceCertificate                                // of a device, issued for the party that installs it
)

var useNames = [...]string{"", "xml-sign", "signing", "key-agreement", "prepayment", "dccki", "iki", "device"}

func (u CertificateUse) String() string { return enumName("CertificateUse", useNames[:], int(u)) }

// MarshalText gives the name of the use.
func (u CertificateUse) MarshalText() ([]byte, error) { return []byte(u.String()), nil }

// UnmarshalText reads the name of a use. The error is a [*ParseError].
func (u *CertificateUse) UnmarshalText(b []byte) error {
	return parseEnum(u, "certificate use", useNames[:], b)
}

// Certificate is a certificate as state: the facts that the rules of a supplier failure turn on.
type Certificate struct {
	ID         CertificateID  `json:"id"`
	Use        CertificateUse `json:"use"`
	Subject    EUI64          `json:"subject"`    // whom the certificate names: the User ID, device or system
	Subscriber PartyID        `json:"subscriber"` // the party that is Subscriber, or DCCKI Subscriber, for it
	NotBefore  time.Time      `json:"notBefore,omitzero"`
	NotAfter   time.Time      `json:"notAfter,omitzero"` // the last instant at which it is valid; zero for no end
}

// RevocationReason is a reason code of RFC 5280, section 5.3.1.
type RevocationReason uint8

// The reasons of RFC 5280 that an SMKI certificate can be revoked for. There is no certificateHold: a certificate of the
// SMKI cannot be suspended, which is why delaying its revocation is the only way to keep it.
const (
	Unspecified          RevocationReason = 0
	KeyCompromise        RevocationReason = 1
	CACompromise         RevocationReason = 2
	AffiliationChanged   RevocationReason = 3
	Superseded           RevocationReason = 4
	CessationOfOperation RevocationReason = 5
	PrivilegeWithdrawn   RevocationReason = 9
	AACompromise         RevocationReason = 10
)

var reasonNames = [...]string{
	Unspecified:          "unspecified",
	KeyCompromise:        "keyCompromise",
	CACompromise:         "cACompromise",
	AffiliationChanged:   "affiliationChanged",
	Superseded:           "superseded",
	CessationOfOperation: "cessationOfOperation",
	PrivilegeWithdrawn:   "privilegeWithdrawn",
	AACompromise:         "aACompromise",
}

func (r RevocationReason) String() string {
	return enumName("RevocationReason", reasonNames[:], int(r))
}

// Ordinary reports whether the reason stands on its own, apart from any failure of the supplier: compromise, change of
// affiliation or supersession. Any other reason counts as because of the failure once one is open.
func (r RevocationReason) Ordinary() bool {
	switch r {
	case KeyCompromise, CACompromise, AffiliationChanged, Superseded:
		return true
	}
	return false
}

// MarshalText gives the name of the reason in RFC 5280.
func (r RevocationReason) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// UnmarshalText reads the name of a reason. The error is a [*ParseError].
func (r *RevocationReason) UnmarshalText(b []byte) error {
	return parseEnum(r, "revocation reason", reasonNames[:], b)
}

// Revocation says from when a certificate is revoked, and why.
type Revocation struct {
	At     time.Time        `json:"at"`
	Reason RevocationReason `json:"reason"`
}

// CertificateStatus is what a certificate is worth at a time.
type CertificateStatus uint8

// The statuses of a certificate. Only Good lets anything pass.
const (
	UnknownCertificate CertificateStatus = iota // nobody recorded its issue
	Good
	NotYetValid
	Expired
	Revoked
)

var statusNames = [...]string{"unknown", "good", "not yet valid", "expired", "revoked"}

func (s CertificateStatus) String() string {
	return enumName("CertificateStatus", statusNames[:], int(s))
}

// StatusAt is the status of the certificate at a time, given its revocation (nil for none).
// A revocation outweighs the validity period.
func (c *Certificate) StatusAt(at time.Time, rev *Revocation) CertificateStatus {
	switch {
	case rev != nil && !at.Before(rev.At):
		return Revoked
	case at.Before(c.NotBefore):
		return NotYetValid
	case !c.NotAfter.IsZero() && at.After(c.NotAfter):
		return Expired
	}
	return Good
}

func (c *Certificate) check() error {
	switch {
	case c.ID == "":
		return fmt.Errorf("smki: certificate: expected an ID")
	case c.Use < XMLSign || c.Use > DeviceCertificate:
		return fmt.Errorf("smki: certificate %s: expected a use between %v and %v", c.ID, XMLSign, DeviceCertificate)
	case c.Subscriber == "":
		return fmt.Errorf("smki: certificate %s: expected a subscriber", c.ID)
	case !c.NotAfter.IsZero() && c.NotAfter.Before(c.NotBefore):
		return fmt.Errorf("smki: certificate %s: expected an end of validity after its start", c.ID)
	}
	return nil
}
