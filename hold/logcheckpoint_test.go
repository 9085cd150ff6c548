package hold_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/seed-db8551c1/lastresort/hold"
)

func newKey(t testing.TB, curve elliptic.Curve) *ecdsa.PrivateKey {
	k, err := ecdsa.GenerateKey(curve, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// A checkpoint holds as it was signed, also after it was written as JSON, and with nothing in it changed. What is signed is what the format says.
func TestCheckpoint(t *testing.T) {
	key := newKey(t, elliptic.P256())
	r, at := autumn(t)
	c, err := r.Head().Sign(key, at.In(time.FixedZone("Kathmandu", 20700)))
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	var back hold.Checkpoint
	if err := json.Unmarshal(text, &back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(c, &back); diff != "" || c.Head != r.Head() || !c.Time.Equal(at) {
		t.Errorf("%s is read otherwise (-want +got):\n%s", text, diff)
	}
	if err := back.Verify(&key.PublicKey); err != nil {
		t.Error(err)
	}
	signed := fmt.Sprintf(`{"checkpoint":"lastresort hold","version":1,"seq":%d,"hash":"%s","time":"%s","key":"%s"}`, c.Seq, c.Hash, at.Format(time.RFC3339), c.Key)
	if digest := sha256.Sum256([]byte(signed)); !ecdsa.VerifyASN1(&key.PublicKey, digest[:], c.Signature) {
		t.Errorf("what is signed is not %s", signed)
	}
	other := newKey(t, elliptic.P256())
	id, err := hold.KeyID(&other.PublicKey)
	if err != nil || id == c.Key {
		t.Errorf("two keys are named %s: %v", id, err)
	}
	for name, change := range map[string]func(*hold.Checkpoint) *ecdsa.PublicKey{
		"position":                func(c *hold.Checkpoint) *ecdsa.PublicKey { c.Seq++; return &key.PublicKey },
		"hash":                    func(c *hold.Checkpoint) *ecdsa.PublicKey { c.Hash[31] ^= 1; return &key.PublicKey },
		"time":                    func(c *hold.Checkpoint) *ecdsa.PublicKey { c.Time = c.Time.Add(1); return &key.PublicKey },
		"signature":               func(c *hold.Checkpoint) *ecdsa.PublicKey { c.Signature[9] ^= 1; return &key.PublicKey },
		"none":                    func(c *hold.Checkpoint) *ecdsa.PublicKey { c.Signature = nil; return &key.PublicKey },
		"key named":               func(c *hold.Checkpoint) *ecdsa.PublicKey { c.Key = id; return &key.PublicKey },
		"other key":               func(c *hold.Checkpoint) *ecdsa.PublicKey { return &other.PublicKey },
		"key named and other key": func(c *hold.Checkpoint) *ecdsa.PublicKey { c.Key = id; return &other.PublicKey },
		"no key":                  func(c *hold.Checkpoint) *ecdsa.PublicKey { return nil },
		"curve":                   func(c *hold.Checkpoint) *ecdsa.PublicKey { return &newKey(t, elliptic.P384()).PublicKey },
	} {
		changed := *c
		changed.Signature = bytes.Clone(c.Signature)
		public := change(&changed)
		var bad *hold.CheckpointError
		if err := changed.Verify(public); !errors.As(err, &bad) {
			t.Errorf("%s changed: %v, want a CheckpointError", name, err)
		}
	}
}

type badKey struct{ *ecdsa.PrivateKey }

var errKey = errors.New("the key is on holiday")

func (badKey) Sign(io.Reader, []byte, crypto.SignerOpts) ([]byte, error) { return nil, errKey }

func TestCheckpointIsNotSigned(t *testing.T) {
	r, at := autumn(t)
	good := newKey(t, elliptic.P256())
	_, ed, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		key crypto.Signer
		at  time.Time
	}{
		"no key": {nil, at}, "a key that is nil": {(*ecdsa.PrivateKey)(nil), at}, "another curve": {newKey(t, elliptic.P384()), at}, "Ed25519": {ed, at},
		"no time": {good, time.Time{}}, "a far time": {good, at.AddDate(10000, 0, 0)}, "a key that fails": {badKey{good}, at},
	} {
		var bad *hold.CheckpointError
		if got, err := r.Head().Sign(c.key, c.at); !errors.As(err, &bad) || got != nil || name == "a key that fails" && !errors.Is(err, errKey) {
			t.Errorf("%s: %v, %v, want a CheckpointError", name, got, err)
		}
	}
}

// Of a log that was changed and sealed anew from there on, the checkpoints before and after it bound the place.
func TestCheckpointsBoundThePlace(t *testing.T) {
	r, _ := autumn(t)
	part := &hold.Register{Settings: r.Settings}
	var known []hold.Head
	for i, e := range r.Events() {
		if _, err := part.Apply(e); err != nil {
			t.Fatal(err)
		}
		if i%50 == 49 {
			known = append(known, part.Head())
		}
	}
	log := written(t, r)
	changed := sealed(bytes.Replace(log, []byte(`"party":"supplier 9"`), []byte(`"party":"supplier 0"`), 1))
	first := firstChanged(log, changed)
	var bad *hold.LogError
	if err := hold.VerifyLog(bytes.NewReader(changed), r.Head()); !errors.As(err, &bad) || bad.Seq != r.Seq() || bad.After != 0 {
		t.Errorf("with the head alone: %v", err)
	}
	if err := hold.VerifyLog(bytes.NewReader(changed), r.Head(), known...); !errors.As(err, &bad) || bad.After >= first || bad.Seq < first || bad.Seq-bad.After != 50 {
		t.Errorf("with checkpoints every 50 records, change at record %d: %v", first, err)
	}
	if err := hold.VerifyLog(bytes.NewReader(log), r.Head(), known...); err != nil {
		t.Error(err)
	}
	if err := hold.VerifyLog(bytes.NewReader(log), known[0], known...); err == nil {
		t.Error("a log is taken that goes through a head after its own")
	}
	if err := hold.VerifyLog(bytes.NewReader(log), known[0]); !errors.As(err, &bad) || bad.Seq != 51 || bad.After != 50 {
		t.Errorf("a log that goes on after its head: %v", err)
	}
}
