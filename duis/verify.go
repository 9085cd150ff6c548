package duis

import (
	"crypto"
	"fmt"
	"time"

	"github.com/seed-db8551c1/lastresort/duis/internal/wire"
	"github.com/seed-db8551c1/lastresort/smki"
)

// VerifyError says why a message cannot be taken for what its originator signed: the first reason, of all that there are.
type VerifyError struct {
	Reasons Reasons
}

func (e *VerifyError) Error() string {
	first, _ := e.Reasons.First()
	return fmt.Sprintf("duis: verify: %v: expected %s", e.Reasons, verifyExpected[first])
}

var verifyExpected = [numReasons]string{
	Malformed:        "a message with a signature",
	XMLSignMissing:   "a certificate that the trust store has",
	XMLSignRevoked:   "a certificate that is not revoked",
	XMLSignNotValid:  "a certificate within its validity, below authorities that are good",
	XMLSignForeign:   "a certificate for digital signatures that names the originator",
	SignatureInvalid: "a signature of exactly this message by the holder of the certificate",
	CRLNotCurrent:    "a current CRL of the certificate's issuer",
}

// Verify checks the signature of a message (XML Signature in the one form of the DUIS) and the certificate that its KeyInfo names, as of a time: the trust store has it, it is for
// digital signatures, it can be relied upon at that time and, for a request, it names the originator. The certificate is given where the store has it, even if something is wrong.
// Which role it may have ([smki.X509Certificate.Role]) is for the caller: a User's request is signed in role 87, the DCC's answers in role 89 or 04.
//
// The error is a [*VerifyError].
func (m *Message) Verify(trust *smki.TrustStore, at time.Time) (*smki.X509Certificate, error) {
	if !m.Signed {
		return nil, &VerifyError{1 << Malformed}
	}
	c, faults := verify(m.wire, trust, at)
	if c != nil && (c.KeyUsage&smki.UsageDigitalSignature == 0 || !m.Response && c.EUI64 != m.ID.Originator) {
		faults |= 1 << XMLSignForeign
	}
	if faults != 0 {
		return c, &VerifyError{faults}
	}
	return c, nil
}

// verify finds the certificate of a signed message, nil if there is none, and what is wrong with it or with the signature. Whose it is and what for is left to the caller.
func verify(m *wire.Message, trust *smki.TrustStore, at time.Time) (*smki.X509Certificate, Reasons) {
	if trust == nil {
		return nil, 1 << XMLSignMissing
	}
	c, ok := trust.Lookup(m.IssuerName, m.SerialNumber)
	if !ok {
		return nil, 1 << XMLSignMissing
	}
	faults := trustFaults(trust.Status(c, at), xmlSignReasons)
	if wire.Verify(m, c.PublicKey) != nil {
		faults |= 1 << SignatureInvalid
	}
	return c, faults
}

// trustFaults is what the status of a certificate in the trust store says against it.
func trustFaults(s smki.TrustStatus, why certReasons) Reasons {
	switch s {
	case smki.Trusted:
		return 0
	case smki.TrustRevoked:
		return 1 << why.revoked
	case smki.TrustNotYetValid, smki.TrustExpired, smki.TrustAuthorityLapse:
		return 1 << why.notValid
	case smki.TrustNoCRL, smki.TrustStaleCRL:
		return 1 << CRLNotCurrent
	}
	return 1 << why.missing
}

// Sign signs a message as the DUIS wants it, and names the certificate of the key by issuer and serial number. A signature that the message has is replaced, whatever it holds.
//
// The published validator of the DCC checks signatures against a document without white space between elements and around values that collapse, so Sign takes that white space, and comments,
// out before it signs; every value keeps its meaning. Where it cannot tell whether white space belongs to a value, it refuses.
//
// The key must be the certificate's, on the curve P-256. The error is a [*SyntaxError] where the text is no message, else a [*SignError].
func Sign(message []byte, c *smki.X509Certificate, key crypto.Signer) ([]byte, error) {
	if public, err := wire.PublicKey(key); err != nil || c == nil || !c.PublicKey.Equal(public) {
		return nil, &SignError{Expected: "a certificate with its key, on the curve P-256"}
	}
	out, err := wire.Sign(message, c.Issuer, c.Serial, key)
	if e, ok := err.(*wire.SignError); ok {
		return nil, (*SignError)(e)
	}
	return out, syntaxError(err)
}

// SignError says why a message was not signed.
type SignError struct {
	Element  string // the element concerned, if one
	Expected string
	Err      error // the cause, if there is one
}

func (e *SignError) Error() string { return (*wire.SignError)(e).Error() }

// Unwrap gives the cause.
func (e *SignError) Unwrap() error { return e.Err }
