package duis_test

import (
	"encoding/binary"
	"slices"
	"time"

	"github.com/seed-db8551c1/lastresort/duis"
	"github.com/seed-db8551c1/lastresort/smki"
	"github.com/seed-db8551c1/lastresort/smki/smkitest"
)

// signed is the sample of a failure with real certificates: everything is in order, so that each test breaks one thing.
type signed struct {
	*facts
	pki           *smkitest.PKI
	trust         *smki.TrustStore
	avro, octopus *smkitest.Supplier
	dcc           *smkitest.Identity // signs what goes back
}

func signedSample(t fataler) *signed {
	t.Helper()
	s := &signed{facts: sample()}
	var err [4]error
	s.pki, err[0] = smkitest.New(1)
	must(t, err[0])
	s.avro, err[0] = s.pki.Supplier(avro)
	s.octopus, err[1] = s.pki.Supplier(octopus)
	s.dcc, err[2] = s.pki.Issuing.Issue(smkitest.Request{EUI64: dcc, Role: smki.RoleDSPXMLSign, Usage: smki.UsageDigitalSignature})
	s.trust, err[3] = s.pki.Trust()
	must(t, err[:]...)
	s.trust.AllowMissingCRL = false
	s.certs = slices.DeleteFunc(s.certs, func(c certFact) bool { return c.Use != smki.DCCKI })
	for _, x := range []struct {
		of     *smkitest.Supplier
		number smki.PartyID
	}{{s.avro, "Avro"}, {s.octopus, "Octopus"}} {
		for _, i := range []*smkitest.Identity{x.of.XMLSign, x.of.DigitalSigning, x.of.KeyAgreement, x.of.Prepayment} {
			must(t, s.trust.Add(i.Certificate))
			s.certs = append(s.certs, certFact{Certificate: i.Certificate.State(x.number)})
		}
	}
	must(t, s.trust.Add(s.dcc.Certificate))
	s.crl(t, now.Add(-time.Hour))
	s.crl2(t, s.pki.Root, now.Add(-time.Hour))
	return s
}

// crl issues the next CRL of the issuing authority and takes it into the store.
func (s *signed) crl(t fataler, at time.Time, revoked ...smki.RevokedCertificate) {
	t.Helper()
	s.crl2(t, s.pki.Issuing, at, revoked...)
}

func (s *signed) crl2(t fataler, ca *smkitest.Authority, at time.Time, revoked ...smki.RevokedCertificate) {
	t.Helper()
	l, err := ca.CRL(at, revoked...)
	must(t, err)
	must(t, s.trust.SetCRL(l, at))
}

// update is the first update of a feed from its issuer, current for a day.
func update(at time.Time) duis.Update {
	return duis.Update{Issuer: "registrars", Number: 1, Made: at.Add(-time.Minute), NextDue: at.Add(24 * time.Hour)}
}

// world is the facts with trust store and both feeds.
func (s *signed) world(t fataler) *duis.World {
	t.Helper()
	e := s.facts.world(t).Edit()
	e.SetTrust(s.trust.Clone())
	for _, k := range []duis.FeedKind{duis.RegistrationFeed, duis.ThresholdFeed} {
		must(t, e.Follow(k, "registrars"), e.Receive(k, update(now.Add(-time.Hour)), now.Add(-time.Hour)))
	}
	return e.World()
}

// gate is a gate that has begun in a world.
func gate(w *duis.World) *duis.Gate {
	g := new(duis.Gate)
	g.Begin()
	g.Publish(w, nil)
	return g
}

// message is a request as it is built before it is signed.
type message struct {
	id      duis.RequestID
	srv     duis.SRV
	variant duis.CommandVariant
	body    duis.Body
	by      *smkitest.Identity
}

func (m message) bytes(t fataler) []byte {
	t.Helper()
	unsigned, err := duis.AppendRequest(nil, m.id, m.srv, m.variant, m.body)
	must(t, err)
	return sign(t, unsigned, m.by)
}

func sign(t fataler, unsigned []byte, by *smkitest.Identity) []byte {
	t.Helper()
	out, err := duis.Sign(unsigned, by.Certificate, by.Key)
	must(t, err)
	return out
}

// arrival posts the message to the web service that takes it, over the connection of Avro's SRP.
func (m message) arrival(t fataler) duis.Arrival {
	t.Helper()
	return duis.Arrival{Message: m.bytes(t), Service: m.variant.Service(), Channel: srpTLS, At: now}
}

const (
	topUpBody  duis.Body = `<sr:TopUpDevice><sr:UTRN>12345678901234567890</sr:UTRN></sr:TopUpDevice>`
	creditBody duis.Body = `<sr:UpdatePaymentMode><sr:Credit></sr:Credit></sr:UpdatePaymentMode>`
	prepayBody duis.Body = `<sr:UpdatePaymentMode><sr:Prepayment><sr:SuspendDebtDisabled>false</sr:SuspendDebtDisabled></sr:Prepayment></sr:UpdatePaymentMode>`
	readBody   duis.Body = `<sr:ReadInventory><sr:DeviceID>00-DB-12-34-56-78-90-A0</sr:DeviceID></sr:ReadInventory>`
)

func (s *signed) topUp(counter uint64) message {
	return message{duis.RequestID{Originator: avro, Target: esme, Counter: counter}, duis.TopUpDevice, duis.SendCommand, topUpBody, s.avro.XMLSign}
}

func (s *signed) toCredit(counter uint64) message {
	return message{duis.RequestID{Originator: avro, Target: esme, Counter: counter}, duis.UpdatePaymentMode, duis.TransformRequest, creditBody, s.avro.XMLSign}
}

func (s *signed) readInventory(counter uint64) message {
	return message{duis.RequestID{Originator: avro, Target: dcc, Counter: counter}, duis.ReadInventory, duis.NonDeviceRequest, readBody, s.avro.XMLSign}
}

// signedPreCommand is the second message of a change to credit: ECS02 to the electricity meter.
func (s *signed) signedPreCommand(t fataler, counter uint64) message {
	t.Helper()
	payload, err := duis.SignPreCommand(gbcsCommand(0x001a, avro, esme, counter), s.avro.DigitalSigning.Key)
	must(t, err)
	return message{duis.RequestID{Originator: avro, Target: esme, Counter: counter}, duis.UpdatePaymentMode, duis.SendSignedPreCommand,
		duis.SignedPreCommandBody(time.Time{}, payload), s.avro.XMLSign}
}

// gbcsCommand is a Pre-Command in the form of GBCS, with a content that says nothing.
func gbcsCommand(code uint16, from, to smki.EUI64, counter uint64) []byte {
	b := []byte{0xdf, 9, 1}
	b = binary.BigEndian.AppendUint64(b, counter)
	b = binary.BigEndian.AppendUint64(append(b, 8), uint64(from))
	b = binary.BigEndian.AppendUint64(append(b, 8), uint64(to))
	b = binary.BigEndian.AppendUint16(append(b, 0, 2), code)
	content := make([]byte, 200) // long enough for a length of two octets
	return append(append(b, 0x81, byte(len(content))), content...)
}
