package duis_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/sha256"
	"testing"

	"github.com/seed-db8551c1/lastresort/duis"
	"github.com/seed-db8551c1/lastresort/smki"
	"github.com/seed-db8551c1/lastresort/smki/smkitest"
)

// A gate fails closed: each fact that an accepted message rests on, dropped, refuses it for a reason of its own; any other fact, dropped, changes nothing.
func TestGateFailsClosed(t *testing.T) {
	type drop struct {
		name string
		from func(*signed, *parts)
		want duis.Reasons // for the top-up and for the Signed Pre-Command
		also duis.Reasons // for the Signed Pre-Command only
	}
	user := func(id smki.EUI64) func(*signed, *parts) {
		return func(s *signed, _ *parts) {
			for i := range s.users {
				if s.users[i].ID == id {
					s.users = append(s.users[:i:i], s.users[i+1:]...)
					break
				}
			}
			if id == avro {
				s.thresholds = s.thresholds[1:]
			} else if id == octopus {
				s.thresholds = s.thresholds[:1]
			}
		}
	}
	state := func(id func(*signed) smki.CertificateID) func(*signed, *parts) {
		return func(s *signed, _ *parts) {
			for i := range s.certs {
				if s.certs[i].ID == id(s) {
					s.certs = append(s.certs[:i:i], s.certs[i+1:]...)
					return
				}
			}
			t.Fatal("no such certificate")
		}
	}
	trusted := func(not func(*signed) *smkitest.Identity) func(*signed, *parts) {
		return func(s *signed, _ *parts) {
			store, err := s.pki.Trust()
			must(t, err)
			for _, c := range s.trust.Certificates() {
				if c != not(s).Certificate && c.Kind != smki.AuthorityKind {
					must(t, store.Add(c))
				}
			}
			store.AllowMissingCRL = false
			for _, ca := range []string{"CN=T1,OU=07", "CN=ZT,OU=00"} {
				if l, ok := s.trust.CRL(ca); ok {
					must(t, store.SetCRL(l, now))
				} else {
					t.Fatalf("no CRL of %s", ca)
				}
			}
			s.trust = store
		}
	}
	signing := duis.ReasonsOf(duis.SigningMissing)
	for _, d := range []drop{
		{"nothing", func(*signed, *parts) {}, 0, 0},
		{"the channel", state(func(*signed) smki.CertificateID { return srpTLS }), duis.ReasonsOf(duis.ChannelUnknown), 0},
		{"another channel", state(func(*signed) smki.CertificateID { return avroTLS }), 0, 0},
		{"the signer, in the register", state(func(s *signed) smki.CertificateID { return s.avro.XMLSign.Certificate.ID() }), duis.ReasonsOf(duis.XMLSignMissing), 0},
		{"the signer, in the trust store", trusted(func(s *signed) *smkitest.Identity { return s.avro.XMLSign }), duis.ReasonsOf(duis.XMLSignMissing), 0},
		{"the signer of the payload, in the register", state(func(s *signed) smki.CertificateID { return s.avro.DigitalSigning.Certificate.ID() }), 0, signing},
		{"the signer of the payload, in the trust store", trusted(func(s *signed) *smkitest.Identity { return s.avro.DigitalSigning }), 0, signing | duis.ReasonsOf(duis.PayloadInvalid)},
		{"a key agreement certificate", state(func(s *signed) smki.CertificateID { return s.avro.KeyAgreement.Certificate.ID() }), 0, 0},
		{"another User's certificate", trusted(func(s *signed) *smkitest.Identity { return s.octopus.XMLSign }), 0, 0},
		{"the CRL of the issuer", func(s *signed, _ *parts) {
			store, err := s.pki.Trust()
			must(t, err)
			for _, c := range s.trust.Certificates() {
				if c.Kind != smki.AuthorityKind {
					must(t, store.Add(c))
				}
			}
			store.AllowMissingCRL = false
			s.trust = store
		}, duis.ReasonsOf(duis.CRLNotCurrent), 0},
		{"the trust store", func(s *signed, p *parts) { p.trust = false }, duis.ReasonsOf(duis.XMLSignMissing), signing},
		{"the User", user(avro), duis.ReasonsOf(duis.UserUnknown, duis.ThresholdMissing), 0},
		{"another User", user(octopus), 0, 0},
		{"the MPID", func(s *signed, _ *parts) { s.move("AVRO", "", start) }, duis.ReasonsOf(duis.MPIDUnknown), 0},
		{"the MPID of the other fuel", func(s *signed, _ *parts) { s.move("AVG", "", start) }, 0, 0},
		{"the registration", func(s *signed, _ *parts) { s.registrations = s.registrations[1:] }, duis.ReasonsOf(duis.RegistrationMissing), 0},
		{"another registration", func(s *signed, _ *parts) { s.registrations = s.registrations[:1] }, 0, 0},
		{"the network operator", func(s *signed, _ *parts) { s.networks = nil }, 0, 0},
		{"the device", func(s *signed, _ *parts) { s.devices = s.devices[1:] }, duis.ReasonsOf(duis.DeviceUnknown), 0},
		{"another device", func(s *signed, _ *parts) { s.devices = s.devices[:1] }, 0, 0},
		{"the authority", func(s *signed, _ *parts) { s.authority = nil }, duis.ReasonsOf(duis.AuthorityUnknown), 0},
		{"the threshold", func(s *signed, _ *parts) { s.thresholds = s.thresholds[1:] }, duis.ReasonsOf(duis.ThresholdMissing), 0},
		{"another threshold", func(s *signed, _ *parts) { s.thresholds = s.thresholds[:1] }, 0, 0},
		{"the feed of registrations", func(_ *signed, p *parts) { p.registrations = false }, duis.ReasonsOf(duis.RegistrationsNotCurrent), 0},
		{"the feed of thresholds", func(_ *signed, p *parts) { p.thresholds = false }, duis.ReasonsOf(duis.ThresholdsNotCurrent), 0},
		{"the memory", func(_ *signed, p *parts) { p.memory = false }, duis.ReasonsOf(duis.CountersMissing), 0},
	} {
		s := signedSample(t)
		messages := []message{s.topUp(1), s.signedPreCommand(t, 2)}
		p := parts{true, true, true, true}
		d.from(s, &p)
		g := p.gate(t, s)
		for i, m := range messages {
			want := d.want
			if i == 1 {
				want |= d.also
			}
			if v := g.Decide(m.arrival(t)); v.Reasons != want || (v.Outcome == duis.Accepted) != (want == 0) {
				t.Errorf("without %s, message %d: %s; want %q", d.name, i, explainVerdict(v), want)
			}
		}
	}
}

// parts says which parts of a gate are there.
type parts struct{ trust, registrations, thresholds, memory bool }

func (p parts) gate(t fataler, s *signed) *duis.Gate {
	e := s.facts.world(t).Edit()
	if p.trust {
		e.SetTrust(s.trust)
	}
	for k, there := range []bool{p.registrations, p.thresholds} {
		if there {
			must(t, e.Follow(duis.FeedKind(k), "registrars"), e.Receive(duis.FeedKind(k), update(now), now))
		}
	}
	g := new(duis.Gate)
	if p.memory {
		g.Begin()
	}
	g.Publish(e.World(), nil)
	return g
}

// The gate allocates what the verification of a signature allocates, and nothing else.
func TestGateDoesNotAllocate(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	s := signedSample(t)
	g := gate(s.world(t))
	const runs = 50
	all := make([]duis.Arrival, runs+2)
	for i := range all {
		all[i] = s.topUp(uint64(i + 1)).arrival(t)
	}
	i := 0
	got := testing.AllocsPerRun(runs, func() {
		if v := g.Decide(all[i]); v.Outcome != duis.Accepted {
			t.Fatal(explainVerdict(v))
		}
		i++
	})
	digest := sha256.Sum256(nil)
	signature, err := s.avro.XMLSign.Key.Sign(nil, digest[:], crypto.SHA256)
	must(t, err)
	limit := testing.AllocsPerRun(runs, func() { ecdsa.VerifyASN1(&s.avro.XMLSign.Key.PublicKey, digest[:], signature) })
	if got != limit {
		t.Errorf("%v allocations for a message, %v for its signature", got, limit)
	}
}
