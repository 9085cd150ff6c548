package wire

import (
	"crypto/ecdsa"
	"crypto/elliptic"
)

// Verify checks that m was signed, as the package comment describes, with the private key of key: first that the digest of
// the document is the one in the Reference, then that SignatureValue signs SignedInfo. It is what XML Signature (section 3.2) calls core validation; the form
// was checked by [Parser.Parse]. Neither of the two values (r, s) and (r, n-s) is preferred, so that the octets of a signature identify nothing.
//
// The error is a [*VerifyError].
func Verify(m *Message, key *ecdsa.PublicKey) error {
	switch {
	case !m.Signed:
		return &VerifyError{PartSignature}
	case key == nil || key.Curve != elliptic.P256():
		return &VerifyError{PartKey}
	case m.ReferenceDigest != m.Digest:
		return &VerifyError{PartReference}
	}
	if !ecdsa.VerifyASN1(key, m.SignedInfoDigest[:], m.der[:m.derLen]) {
		return &VerifyError{PartSignatureValue}
	}
	return nil
}

// maxDER is the length of the longest ASN.1 form of a signature: a sequence of two integers of 33 octets each.
const maxDER = 2 + 2*(2+33)

// AppendDER appends the ASN.1 form (RFC 3279, section 2.2.3) of a signature r || s.
func AppendDER(b []byte, rs *[64]byte) []byte {
	b = append(b, 0x30, 0)
	b = appendInteger(b, rs[:32])
	b = appendInteger(b, rs[32:])
	b[1] = byte(len(b) - 2)
	return b
}

// appendInteger appends an unsigned big-endian number as an ASN.1 INTEGER.
func appendInteger(b, v []byte) []byte {
	for len(v) > 1 && v[0] == 0 {
		v = v[1:]
	}
	if v[0]&0x80 != 0 {
		b = append(b, 0x02, byte(len(v)+1), 0)
	} else {
		b = append(b, 0x02, byte(len(v)))
	}
	return append(b, v...)
}
