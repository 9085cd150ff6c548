package wire

import "fmt"

// SyntaxError says where and why a message was refused: what was expected at that byte.
type SyntaxError struct {
	Offset   int    // of the byte in the input at which the expectation failed
	Expected string // what would have been accepted
	Found    string // what stood there instead, where that can be said shortly
}

func (e *SyntaxError) Error() string {
	if e.Found == "" {
		return fmt.Sprintf("duis: byte %d: expected %s", e.Offset, e.Expected)
	}
	return fmt.Sprintf("duis: byte %d: expected %s, found %s", e.Offset, e.Expected, e.Found)
}

// Part names the part of a signature that did not hold.
type Part uint8

// The parts of a signature, in the order in which [Verify] checks them.
const (
	PartSignature      Part = iota + 1 // there is no signature at all
	PartKey                            // the public key is not one of the curve P-256
	PartReference                      // the digest of the document is not the one that was signed
	PartSignatureValue                 // the signature is not one of this SignedInfo by this key
)

var partExpected = [...]string{
	PartSignature:      "a signed message",
	PartKey:            "a public key on the curve P-256",
	PartReference:      "a document with the signed digest",
	PartSignatureValue: "a signature by the given key",
}

// VerifyError says which part of the signature of a message did not hold.
type VerifyError struct {
	Part Part
}

func (e *VerifyError) Error() string {
	if int(e.Part) < len(partExpected) && e.Part != 0 {
		return "duis: signature: expected " + partExpected[e.Part]
	}
	return fmt.Sprintf("duis: signature: part %d failed", e.Part)
}

// SignError says why a message was not signed: what [Sign] expected of its input.
type SignError struct {
	Element  string // the element concerned, if one
	Expected string
	Err      error // the cause, if there is one
}

func (e *SignError) Error() string {
	s := "duis: sign: "
	if e.Element != "" {
		s += e.Element + ": "
	}
	s += "expected " + e.Expected
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// Unwrap gives the cause.
func (e *SignError) Unwrap() error { return e.Err }
