package wire

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/asn1"
	"encoding/base64"
	"math/big"
)

// The declaration of a signed message, and the parts of its signature between which the values stand. The part from
// <ds:SignedInfo to </ds:SignedInfo> is in exclusive canonical form as it stands.
const (
	declaration = `<?xml version="1.0" encoding="UTF-8"?>`

	signedInfoHead = `<ds:SignedInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#">` +
		`<ds:CanonicalizationMethod Algorithm="` + algExclusive + `"></ds:CanonicalizationMethod>` +
		`<ds:SignatureMethod Algorithm="` + algECDSA + `"></ds:SignatureMethod>` +
		`<ds:Reference URI=""><ds:Transforms><ds:Transform Algorithm="` + algEnveloped + `"></ds:Transform></ds:Transforms>` +
		`<ds:DigestMethod Algorithm="` + algSHA256 + `"></ds:DigestMethod><ds:DigestValue>`
	signedInfoTail = `</ds:DigestValue></ds:Reference></ds:SignedInfo>`

	signatureHead = `<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#">`
	valueHead     = `<ds:SignatureValue>`
	issuerHead    = `</ds:SignatureValue><ds:KeyInfo><ds:X509Data><ds:X509IssuerSerial><ds:X509IssuerName>`
	serialHead    = `</ds:X509IssuerName><ds:X509SerialNumber>`
	signatureTail = `</ds:X509SerialNumber></ds:X509IssuerSerial></ds:X509Data></ds:KeyInfo></ds:Signature>`
)

// Sign signs a message and names the certificate of the key by issuer (RFC 2253, "CN=Z1,OU=07") and decimal serial number. A
// signature that the message has is replaced, whatever it holds.
//
// The published validator of the DCC checks signatures against a document without white space between elements and around values
// that collapse, so Sign takes that white space out before it signs, and comments with it. Every value keeps its meaning. Where an
// element of a type that is not known here has such white space in its text, Sign refuses.
//
// The key must be of the curve P-256; a [*ecdsa.PrivateKey] or whatever keeps one. Before the message is returned it is parsed and
// verified with the public key. The error is a [*SyntaxError] where unsigned is not a message that [Parser] reads, else a
// [*SignError].
func Sign(unsigned []byte, issuer, serial string, key crypto.Signer) ([]byte, error) {
	public, err := PublicKey(key)
	if err != nil {
		return nil, err
	}
	var m Message
	p := Parser{Unsigned: true, dropSignature: true}
	if err := p.Parse(unsigned, &m); err != nil {
		return nil, err
	}
	doc, err := compact(m.Canonical())
	if err != nil {
		return nil, err
	}
	digest := sha256.Sum256(doc)
	signedInfo := append([]byte(signedInfoHead), base64.StdEncoding.EncodeToString(digest[:])...)
	signedInfo = append(signedInfo, signedInfoTail...)
	value, err := SignatureOf(signedInfo, key)
	if err != nil {
		return nil, err
	}

	end := bytes.LastIndex(doc, []byte("</"))
	out := append([]byte(declaration), doc[:end]...)
	out = append(out, signatureHead...)
	out = append(out, signedInfo...)
	out = append(out, valueHead...)
	out = base64.StdEncoding.AppendEncode(out, value)
	out = append(out, issuerHead...)
	out = appendEscaped(out, issuer)
	out = append(out, serialHead...)
	out = appendEscaped(out, serial)
	out = append(out, signatureTail...)
	out = append(out, doc[end:]...)

	if err := check(out, &m, issuer, serial, public); err != nil {
		return nil, err
	}
	return out, nil
}

// PublicKey gives the public key of a signer that can sign a message. The error is a [*SignError].
func PublicKey(key crypto.Signer) (*ecdsa.PublicKey, error) {
	if private, ok := key.(*ecdsa.PrivateKey); key == nil || ok && (private == nil || private.Curve == nil) {
		return nil, &SignError{Expected: "a key"}
	}
	public, ok := key.Public().(*ecdsa.PublicKey)
	if !ok || public == nil || public.Curve != elliptic.P256() {
		return nil, &SignError{Expected: "a key on the curve P-256"}
	}
	return public, nil
}

// SignatureOf signs octets and gives r || s, the numbers of its ECDSA signature with SHA-256. The error is a [*SignError].
func SignatureOf(octets []byte, key crypto.Signer) ([]byte, error) {
	digest := sha256.Sum256(octets)
	der, err := key.Sign(rand.Reader, digest[:], crypto.SHA256)
	if err != nil {
		return nil, &SignError{Expected: "the key to sign", Err: err}
	}
	var rs struct{ R, S *big.Int }
	rest, err := asn1.Unmarshal(der, &rs)
	if err != nil || len(rest) > 0 || !fits(rs.R) || !fits(rs.S) {
		return nil, &SignError{Expected: "an ECDSA signature of two numbers of 32 octets", Err: err}
	}
	value := make([]byte, 64)
	rs.R.FillBytes(value[:32])
	rs.S.FillBytes(value[32:])
	return value, nil
}

func fits(n *big.Int) bool { return n != nil && n.Sign() > 0 && n.BitLen() <= 256 }

// check holds the signed message against what was meant: it must verify and have the canonical octets that were signed.
func check(signed []byte, m *Message, issuer, serial string, public *ecdsa.PublicKey) error {
	var p Parser
	if err := p.Parse(signed, m); err != nil {
		return &SignError{Expected: "the signed message to be readable", Err: err}
	}
	if string(m.IssuerName) != issuer || string(m.SerialNumber) != serial {
		return &SignError{Expected: "an issuer in characters of XML and a decimal serial number"}
	}
	if err := Verify(m, public); err != nil {
		return &SignError{Expected: "the signed message to verify", Err: err}
	}
	return nil
}

// appendEscaped appends a string in the canonical form of text. What is no character of XML is left to the check that follows.
func appendEscaped(b []byte, s string) []byte {
	for _, r := range s {
		b = appendText(b, r)
	}
	return b
}
