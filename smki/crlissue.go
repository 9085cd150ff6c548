package smki

import (
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"math/big"
	"time"
)

// CRLContents is what a CRL says, for [IssueCRL].
type CRLContents struct {
	Number     *big.Int // not negative, at most 20 octets; greater than that of any list before
	ThisUpdate time.Time
	NextUpdate time.Time
	Revoked    []RevokedCertificate // in the order in which the list will have them
}

// IssueCRL builds a CRL in the name of an authority and signs it with its key, ECDSA over P-256 with SHA-256. Times are cut
// to seconds. The key is used with the random source of the system; a key that ignores it (RFC 6979) makes the same list
// from the same contents.
//
// It refuses contents that [ParseCRL] would refuse, with the same [*CRLError], an authority that may not sign CRLs, and a
// key that is not the one certified. An error of the key is returned as it is.
func IssueCRL(ca *X509Certificate, key crypto.Signer, contents CRLContents) (*CRL, error) {
	l := &CRL{Issuer: ca.Subject}
	switch {
	case ca.KeyUsage&UsageCRLSign == 0: // which only authorities have
		return nil, l.fault(CRLForeign, "issuer", "an authority that may sign CRLs", ca.Subject)
	case key == nil || !ca.PublicKey.Equal(key.Public()):
		return nil, l.fault(CRLForeign, "signatureValue", "the key certified for "+ca.Subject, "another")
	case ca.SubjectKeyID == nil:
		return nil, l.fault(CRLForeign, "authorityKeyIdentifier", "an authority with a subject key identifier", "none")
	case contents.Number == nil || contents.Number.Sign() < 0 || contents.Number.BitLen() > 159:
		return nil, l.fault(CRLMalformed, "cRLNumber", "a number of at most 20 octets that is not negative", "")
	case contents.NextUpdate.Before(contents.ThisUpdate):
		return nil, l.fault(CRLMalformed, "nextUpdate", "an instant not before thisUpdate", rfc3339(contents.NextUpdate))
	case len(contents.Revoked) > MaxCRLEntries:
		return nil, l.fault(CRLTooLarge, "revokedCertificates", "fewer entries", "")
	}
	entries := make([]x509.RevocationListEntry, len(contents.Revoked))
	for i, r := range contents.Revoked {
		serial, ok := parseSerial(r.Serial)
		if !ok {
			return nil, l.fault(CRLMalformed, "userCertificate", "a positive number below 2^159 in canonical decimal", shortText([]byte(r.Serial)))
		}
		if r.At.IsZero() {
			return nil, l.fault(CRLMalformed, "revocationDate", "a time", "none")
		}
		entries[i] = x509.RevocationListEntry{SerialNumber: new(big.Int).SetBytes(serial[:]), RevocationTime: r.At, ReasonCode: int(r.Reason)}
	}
	template := &x509.RevocationList{Number: contents.Number, ThisUpdate: contents.ThisUpdate, NextUpdate: contents.NextUpdate,
		RevokedCertificateEntries: entries, SignatureAlgorithm: x509.ECDSAWithSHA256}
	issuer := &x509.Certificate{RawSubject: ca.rawSubject, SubjectKeyId: ca.SubjectKeyID, KeyUsage: x509.KeyUsageCRLSign}
	der, err := x509.CreateRevocationList(rand.Reader, template, issuer, key)
	if err != nil {
		return nil, err
	}
	return ParseCRL(der)
}
