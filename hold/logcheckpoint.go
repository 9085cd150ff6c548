package hold

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"
)

// Checkpoint is a head that somebody signed: whoever holds one cannot be told later that the log was another then, not even by who keeps the log. Checkpoints are kept apart from the log;
// [VerifyLog] takes their heads. What they say of time is that every record up to Seq was there by Time: the log itself only has the times that events claim.
//
// The signature is ECDSA on the curve P-256 over SHA-256 of this text, without white space and with the time in UTC as in the log (as ASN.1 DER, base64 in JSON):
//
//	{"checkpoint":"lastresort hold","version":1,"seq":60,"hash":"…","time":"2021-12-01T09:00:00Z","key":"…"}
type Checkpoint struct {
	Head
	Time      time.Time `json:"time"` // when it was signed, as the signer says
	Key       string    `json:"key"`  // which key signed it, as [KeyID] names it
	Signature []byte    `json:"signature"`
}

// CheckpointError says why a checkpoint could not be signed, or does not hold.
type CheckpointError struct {
	Seq      uint64
	Expected string
	Err      error
}

func (e *CheckpointError) Error() string {
	s := fmt.Sprintf("hold: checkpoint at record %d: expected %s", e.Seq, e.Expected)
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

func (e *CheckpointError) Unwrap() error { return e.Err }

// KeyID names a public key: the leftmost 160 bits of SHA-256 of its point, in hexadecimal digits (RFC 7093, section 2, method 1). It fails for a key that is not on the curve P-256.
func KeyID(key *ecdsa.PublicKey) (string, error) {
	if key == nil || key.Curve != elliptic.P256() {
		return "", fmt.Errorf("hold: expected a public key on the curve P-256")
	}
	point, err := key.Bytes()
	if err != nil {
		return "", fmt.Errorf("hold: expected a public key on the curve P-256: %w", err)
	}
	sum := sha256.Sum256(point)
	return hex.EncodeToString(sum[:20]), nil
}

// Sign makes a checkpoint of the head. The error is a [*CheckpointError].
func (h Head) Sign(key crypto.Signer, at time.Time) (*Checkpoint, error) {
	c := &Checkpoint{Head: h, Time: instant(at)}
	if private, ok := key.(*ecdsa.PrivateKey); key == nil || ok && private == nil {
		return nil, &CheckpointError{Seq: h.Seq, Expected: "a key"}
	}
	public, _ := key.Public().(*ecdsa.PublicKey)
	var err error
	if c.Key, err = KeyID(public); err != nil {
		return nil, &CheckpointError{Seq: h.Seq, Expected: "a key that signs", Err: err}
	}
	if c.Time.IsZero() || !datable(c.Time) {
		return nil, &CheckpointError{Seq: h.Seq, Expected: "a time in the years 1 to 9999"}
	}
	digest := c.digest()
	if c.Signature, err = key.Sign(rand.Reader, digest[:], crypto.SHA256); err != nil {
		return nil, &CheckpointError{Seq: h.Seq, Expected: "the key to sign", Err: err}
	}
	return c, nil
}

// Verify checks that the owner of a key signed the checkpoint as it is. The error is a [*CheckpointError].
func (c *Checkpoint) Verify(key *ecdsa.PublicKey) error {
	id, err := KeyID(key)
	switch {
	case err != nil:
		return &CheckpointError{Seq: c.Seq, Expected: "a key that it can be checked with", Err: err}
	case c.Key != id:
		return &CheckpointError{Seq: c.Seq, Expected: fmt.Sprintf("it to name the key %s, not %.80q", id, c.Key)}
	}
	if digest := c.digest(); !ecdsa.VerifyASN1(key, digest[:], c.Signature) {
		return &CheckpointError{Seq: c.Seq, Expected: "the signature of key " + id}
	}
	return nil
}

// digest is the hash of what is signed.
func (c *Checkpoint) digest() [sha256.Size]byte {
	o := begin(nil)
	o.always("checkpoint", logName)
	o.number("version", logVersion)
	o.number("seq", c.Seq)
	o.always("hash", c.Hash.String())
	o.alwaysTime("time", c.Time)
	o.always("key", c.Key)
	return sha256.Sum256(o.end())
}
