package duis_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"io"
	"math/big"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/seed-db8551c1/lastresort/duis"
	"github.com/seed-db8551c1/lastresort/smki"
)

const memoryMagic = "duis counters 1\n"

// sealed is saved memory with any content: whoever alters it can also make its digest anew.
func sealed(content []byte) []byte {
	b := append([]byte(memoryMagic), content...)
	digest := sha256.Sum256(b)
	return append(b, digest[:]...)
}

// FuzzRestore: saved memory with any content is refused whole, or taken: then the gate decides, and what it saves it reads back as the same.
func FuzzRestore(f *testing.F) {
	s := signedSample(f)
	s.thresholds = []duis.Threshold{{User: avro, Warning: 1, Quarantine: 2}}
	w := s.world(f)
	next := s.topUp(1 << 40).arrival(f)
	for _, messages := range []int{0, 1, 4} {
		g := &duis.Gate{Pairs: 2}
		g.Begin()
		g.Publish(w, nil)
		for i := range messages {
			m := s.topUp(uint64(i + 1))
			if i%2 == 1 {
				m = s.readInventory(uint64(i + 1))
			}
			g.Decide(m.arrival(f))
		}
		saved, err := g.AppendBinary(nil)
		must(f, err)
		f.Add(saved[len(memoryMagic) : len(saved)-sha256.Size])
		var c duis.Counters
		r := topUp().on(w)
		c.Admit(w, r, duis.Decide(w, r, now))
		saved, err = c.MarshalBinary()
		must(f, err)
		f.Add(saved[len(memoryMagic) : len(saved)-sha256.Size])
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		var no *duis.StateError
		var c duis.Counters
		if err := c.UnmarshalBinary(sealed(content)); err == nil {
			r := topUp().on(w)
			c.Admit(w, r, duis.Decide(w, r, now))
			sameAgain(t, c.AppendBinary, func(b []byte) (func([]byte) ([]byte, error), error) {
				again := new(duis.Counters)
				return again.AppendBinary, again.UnmarshalBinary(b)
			})
		} else if !errors.As(err, &no) {
			t.Fatal(err)
		}
		g := new(duis.Gate)
		g.Publish(w, nil)
		if err := g.Restore(sealed(content)); err != nil {
			if !errors.As(err, &no) {
				t.Fatal(err)
			}
			if v := g.Decide(next); v.Reasons != duis.ReasonsOf(duis.CountersMissing) {
				t.Fatalf("after %v: %s", err, explainVerdict(v))
			}
			return
		}
		for _, m := range g.Quarantine() {
			if _, err := g.Release(m.EventRef, m.ID.Originator, now); err != nil && m.ID.Originator == avro {
				t.Fatal(err)
			}
		}
		if v := g.Decide(next); v.Reasons&^duis.ReasonsOf(duis.Replayed, duis.OverThreshold) != 0 {
			t.Fatal(explainVerdict(v))
		}
		if v := g.Decide(next); !v.Reasons.Has(duis.Replayed) {
			t.Fatalf("a replay: %s", explainVerdict(v))
		}
		sameAgain(t, g.AppendBinary, func(b []byte) (func([]byte) ([]byte, error), error) {
			again := new(duis.Gate)
			return again.AppendBinary, again.Restore(b)
		})
	})
}

// sameAgain checks that what is saved is read back as the same.
func sameAgain(t *testing.T, save func([]byte) ([]byte, error), restore func([]byte) (func([]byte) ([]byte, error), error)) {
	t.Helper()
	saved, err := save(nil)
	must(t, err)
	saveAgain, err := restore(saved)
	must(t, err)
	again, err := saveAgain(nil)
	must(t, err)
	if !bytes.Equal(saved, again) {
		t.Fatalf("saved\n%q\nand again\n%q", saved, again)
	}
}

// slowCommand reads the payload of a Signed Pre-Command in another way than the gate does: field by field from a reader.
func slowCommand(payload []byte) (from, to smki.EUI64, code uint16, signed, signature []byte, ok bool) {
	r := bytes.NewReader(payload)
	bad := false
	octet := func() byte {
		b, err := r.ReadByte()
		bad = bad || err != nil
		return b
	}
	text := func() []byte {
		n := int(octet())
		if n > 127 {
			n -= 128
			size := 0
			bad = bad || n == 0 || n > 3
			for range min(n, 3) {
				size = size*256 + int(octet())
			}
			bad = bad || size < 128
			n = size
		}
		if n > r.Len() {
			bad = true
			return nil
		}
		b := make([]byte, n)
		_, _ = io.ReadFull(r, b)
		return b
	}
	bad = octet() != 0xdf
	transaction, originator, recipient, date, other, content := text(), text(), text(), text(), text(), text()
	end := len(payload) - r.Len()
	signature = text()
	if bad || r.Len() > 0 || len(transaction) != 9 || transaction[0] != 1 || len(originator) != 8 || len(recipient) != 8 || len(date) != 0 || len(other) < 2 || len(content) == 0 || len(signature) != 64 {
		return 0, 0, 0, nil, nil, false
	}
	return smki.EUI64(binary.BigEndian.Uint64(originator)), smki.EUI64(binary.BigEndian.Uint64(recipient)), binary.BigEndian.Uint16(other), payload[1:end], signature, true
}

// FuzzPreCommand: the payload of a Signed Pre-Command passes only if an independent reader finds a command of the originator to the target in it, of the use case, and the
// signature of the originator. What is fuzzed is signed as it stands, so that its form alone decides, or is the whole payload.
func FuzzPreCommand(f *testing.F) {
	s := signedSample(f)
	w := s.world(f)
	key := s.avro.DigitalSigning
	for _, b := range [][]byte{
		gbcsCommand(0x001a, avro, esme, 1), gbcsCommand(0x001b, avro, esme, 2), gbcsCommand(0x006d, avro, esme, 3), gbcsCommand(0x0050, avro, esme, 4), gbcsCommand(0x001a, avro, gsme, 5),
		append(append(append([]byte{}, gbcsCommand(0x001a, avro, esme, 6)[:31]...), 0x12), bytes.Repeat([]byte{0, 0x1a}, 100)...),
	} {
		f.Add(b, true)
		f.Add(must2(duis.SignPreCommand(gbcsCommand(0x001a, avro, esme, 7), key.Key)), false)
	}
	f.Fuzz(func(t *testing.T, payload []byte, signIt bool) {
		if signed, err := duis.SignPreCommand(payload, key.Key); err == nil {
			if _, _, _, _, _, ok := slowCommand(signed); !ok {
				t.Fatalf("signed, and is no Pre-Command: % x", signed)
			}
		}
		if signIt && len(payload) > 0 {
			digest := sha256.Sum256(payload[1:])
			r, x, err := ecdsa.Sign(nil, key.Key.PrivateKey, digest[:])
			must(t, err)
			payload = append(payload[:len(payload):len(payload)], 64)
			payload = append(append(payload, r.FillBytes(make([]byte, 32))...), x.FillBytes(make([]byte, 32))...)
		}
		m := message{duis.RequestID{Originator: avro, Target: esme, Counter: 1}, duis.UpdatePaymentMode, duis.SendSignedPreCommand, duis.SignedPreCommandBody(time.Time{}, payload), s.avro.XMLSign}
		v := gate(w).Decide(m.arrival(t))
		from, to, code, signed, signature, ok := slowCommand(payload)
		if ok {
			digest := sha256.Sum256(signed)
			ok = ecdsa.Verify(key.Certificate.PublicKey, digest[:], new(big.Int).SetBytes(signature[:32]), new(big.Int).SetBytes(signature[32:]))
		}
		mode, known := map[uint16]duis.PaymentMode{0x001a: duis.CreditMode, 0x006c: duis.CreditMode, 0x001b: duis.PrepaymentMode, 0x006d: duis.PrepaymentMode}[code]
		if ok = ok && from == avro && to == esme && known; ok != (v.Outcome == duis.Accepted) || v.Request.Mode != mode {
			t.Fatalf("%s, mode %v; the slow reader finds %v, code %#04x\n% x", explainVerdict(v), v.Request.Mode, ok, code, payload)
		}
	})
}

// FuzzMessage: no bytes make Parse, Verify or Sign panic; what Parse reads says the same after it was signed.
func FuzzMessage(f *testing.F) {
	s := signedSample(f)
	for _, m := range []message{s.topUp(7), s.toCredit(7), s.signedPreCommand(f, 7), s.readInventory(7)} {
		f.Add(m.bytes(f))
		unsigned, err := duis.AppendRequest(nil, m.id, m.srv, m.variant, m.body)
		must(f, err)
		f.Add(unsigned)
	}
	for _, body := range []duis.Body{duis.AcknowledgementBody(duis.TopUpDevice), duis.QuarantineBody("N29", s.topUp(7).id, 42)} {
		b, err := duis.AppendResponse(nil, s.topUp(7).id, duis.I99, now, body)
		must(f, err)
		f.Add(sign(f, b, s.dcc))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		m, err := duis.Parse(src, duis.Limits{})
		if err != nil {
			var syntax *duis.SyntaxError
			var value *duis.UnknownError
			if m != nil || !errors.As(err, &syntax) && !errors.As(err, &value) {
				t.Fatalf("%+v, %v", m, err)
			}
			return
		}
		var no *duis.VerifyError
		if _, err := m.Verify(s.trust, now); err != nil && !errors.As(err, &no) {
			t.Fatal(err)
		}
		signed, err := duis.Sign(src, s.avro.XMLSign.Certificate, s.avro.XMLSign.Key)
		if err != nil {
			return // where it cannot tell what white space means, or for a signature that must not be dropped
		}
		again, err := duis.Parse(signed, duis.Limits{})
		if err != nil {
			t.Fatalf("signed, and refused: %v\n%q", err, signed)
		}
		if d := cmp.Diff(m, again, cmpopts.IgnoreUnexported(duis.Message{}), cmpopts.IgnoreFields(duis.Message{}, "Signed", "Issuer", "Serial"), cmpopts.EquateEmpty()); d != "" {
			t.Fatalf("signed, it says other things (-before +after)\n%s\n%q", d, src)
		}
	})
}
