package duis_test

import (
	"bytes"
	"crypto/x509"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/seed-db8551c1/lastresort/duis"
	"github.com/seed-db8551c1/lastresort/smki"
	"github.com/seed-db8551c1/lastresort/smki/smkitest"
)

func explainVerdict(v duis.Verdict) string {
	return fmt.Sprintf("%s (signer %v, error %v)", v.AppendText(nil, v.World), v.Signer != nil, v.Err)
}

// The sample in bytes is in order: a top-up, both messages of a mode change, and a request to the DCC itself pass.
func TestGateAccepts(t *testing.T) {
	s := signedSample(t)
	w := s.world(t)
	g := gate(w)
	for i, m := range []message{s.topUp(1), s.toCredit(2), s.signedPreCommand(t, 3), s.readInventory(4)} {
		v := g.Decide(m.arrival(t))
		if v.Outcome != duis.Accepted || v.Code != duis.I99 || v.Reasons != 0 || v.Advice != 0 || v.Err != nil {
			t.Fatalf("%v: %s", m.srv, explainVerdict(v))
		}
		signing := m.variant.SignedPreCommand()
		if v.Signer != s.avro.XMLSign.Certificate || w.CertificateID(v.Evidence.XMLSign) != v.Signer.ID() || signing != (w.CertificateID(v.Evidence.Signing) == s.avro.DigitalSigning.Certificate.ID()) {
			t.Errorf("%v: certificates %+v", m.srv, v.Evidence)
		}
		mode := duis.PaymentMode(0)
		if m.srv == duis.UpdatePaymentMode {
			mode = duis.CreditMode
		}
		if v.Request.ID != m.id || v.Request.SRV != m.srv || v.Request.Variant != m.variant || v.Request.Mode != mode {
			t.Errorf("%d: read as %+v", i, v.Request)
		}
		answer, err := v.AppendResponse(nil)
		if err != nil {
			t.Fatal(err)
		}
		back, err := duis.Parse(sign(t, answer, s.dcc), duis.Limits{})
		if err != nil || !back.Response || back.ID != m.id || back.ResponseCode != "I99" || !back.ResponseTime.Equal(now) || back.ServiceReferenceVariant != m.srv.String() {
			t.Errorf("answered %s: %+v, %v", answer, back, err)
		}
		if by, err := back.Verify(s.trust, now); err != nil || by != s.dcc.Certificate {
			t.Errorf("the answer is signed by %v: %v", by, err)
		}
	}
}

// Each fault of a message, its certificates, its facts or the gate itself has its reason, and is the only one.
func TestGateRefuses(t *testing.T) {
	stranger := func(t fataler) *smkitest.Identity { // signed by the same authority, and not in the store
		s, err := smkitest.New(2)
		must(t, err)
		id, err := s.Issuing.Issue(smkitest.Request{EUI64: avro, Role: smki.RoleXMLSign, Usage: smki.UsageDigitalSignature})
		must(t, err)
		return id
	}
	revoke := func(id func(*signed) *smkitest.Identity) func(*signed) {
		return func(s *signed) {
			s.crl(t, now.Add(-time.Minute), smkitest.Revoke(id(s).Certificate, now.Add(-time.Minute), smki.CessationOfOperation))
		}
	}
	xmlSign := func(s *signed) *smkitest.Identity { return s.avro.XMLSign }
	signing := func(s *signed) *smkitest.Identity { return s.avro.DigitalSigning }
	topUp := func(s *signed) duis.Arrival { return s.topUp(1).arrival(t) }
	second := func(s *signed) duis.Arrival { return s.signedPreCommand(t, 1).arrival(t) }
	with := func(change func(*signed, *message)) func(*signed) duis.Arrival {
		return func(s *signed) duis.Arrival {
			m := s.topUp(1)
			change(s, &m)
			return m.arrival(t)
		}
	}
	payload := func(code uint16, from, to smki.EUI64, change func([]byte)) func(*signed) duis.Arrival {
		return func(s *signed) duis.Arrival {
			m := s.signedPreCommand(t, 1)
			b, err := duis.SignPreCommand(gbcsCommand(code, from, to, 1), s.avro.DigitalSigning.Key)
			must(t, err)
			if change != nil {
				change(b)
			}
			m.body = duis.SignedPreCommandBody(time.Time{}, b)
			return m.arrival(t)
		}
	}
	resigned := func(old, new string) func(*signed) duis.Arrival {
		return func(s *signed) duis.Arrival {
			a := s.topUp(1).arrival(t)
			b := bytes.Replace(a.Message, []byte(old), []byte(new), 1)
			if bytes.Equal(b, a.Message) {
				t.Fatalf("%q is not in the message", old)
			}
			a.Message = sign(t, b, s.avro.XMLSign)
			return a
		}
	}
	arrival := func(change func(*duis.Arrival)) func(*signed) duis.Arrival {
		return func(s *signed) duis.Arrival {
			a := s.topUp(1).arrival(t)
			change(&a)
			return a
		}
	}
	none := func(*signed) {}
	edit := func(change func(*signed, *duis.Edit)) func(*signed, *duis.World) *duis.World {
		return func(s *signed, w *duis.World) *duis.World {
			e := w.Edit()
			change(s, e)
			return e.World()
		}
	}
	for _, c := range []struct {
		name   string
		break_ func(*signed)
		post   func(*signed) duis.Arrival
		edit   func(*signed, *duis.World) *duis.World
		want   duis.Reasons
		code   duis.Code // none for no answer
	}{
		{"no message", none, arrival(func(a *duis.Arrival) { a.Message = nil }), nil, duis.ReasonsOf(duis.Malformed), duis.E100},
		{"cut short", none, arrival(func(a *duis.Arrival) { a.Message = a.Message[:len(a.Message)-1] }), nil, duis.ReasonsOf(duis.Malformed), duis.E100},
		{"a Response", none, func(s *signed) duis.Arrival {
			b, err := duis.AppendResponse(nil, s.topUp(1).id, duis.I99, now, duis.AcknowledgementBody(duis.TopUpDevice))
			must(t, err)
			return duis.Arrival{Message: sign(t, b, s.avro.XMLSign), Service: duis.SendCommandService, Channel: srpTLS, At: now}
		}, nil, duis.ReasonsOf(duis.Malformed), duis.E100},
		{"not signed", none, arrival(func(a *duis.Arrival) {
			i, j := bytes.Index(a.Message, []byte("<ds:Signature ")), bytes.Index(a.Message, []byte("</ds:Signature>"))
			a.Message = append(a.Message[:i:i], a.Message[j+len("</ds:Signature>"):]...)
		}), nil, duis.ReasonsOf(duis.Malformed), duis.E100},
		{"a RequestID in another spelling", none, resigned(">90-B3-D5-1F-30-01-00-00:", ">90B3D51F30010000:"), nil, duis.ReasonsOf(duis.Malformed), duis.E100},
		{"a Command Variant in another spelling", none, resigned("<sr:CommandVariant>1<", "<sr:CommandVariant>+01<"), nil, duis.ReasonsOf(duis.Malformed), duis.E100},
		{"a schema of the future", none, resigned(`"5.4"`, `"5.5"`), nil, duis.ReasonsOf(duis.SchemaVersionUnknown), duis.E100},
		{"a schema of no version", none, resigned(`"5.4"`, `"99"`), nil, duis.ReasonsOf(duis.SchemaVersionUnknown), duis.E100},

		{"no channel", none, arrival(func(a *duis.Arrival) { a.Channel = "" }), nil, duis.ReasonsOf(duis.ChannelMissing), 0},
		{"a channel that nobody knows", none, arrival(func(a *duis.Arrival) { a.Channel = "CN=DCCKI/9" }), nil, duis.ReasonsOf(duis.ChannelUnknown), 0},
		{"a channel that was revoked", func(s *signed) { s.cert(srpTLS).revoked = now }, topUp, nil, duis.ReasonsOf(duis.ChannelRevoked), 0},
		{"a message that cannot be read, by a channel that was revoked", func(s *signed) { s.cert(srpTLS).revoked = now }, arrival(func(a *duis.Arrival) { a.Message = []byte("<") }), nil, duis.ReasonsOf(duis.ChannelRevoked, duis.Malformed), 0},

		{"a signer that is not in the store", none, func(s *signed) duis.Arrival {
			m := s.topUp(1)
			m.by = stranger(t)
			return m.arrival(t)
		}, nil, duis.ReasonsOf(duis.XMLSignMissing), duis.E100},
		{"a signer that the register does not know", func(s *signed) { s.certs = s.certs[:2] }, topUp, nil, duis.ReasonsOf(duis.XMLSignMissing), duis.E100},
		{"a signer that the register says is revoked", func(s *signed) { s.cert(s.avro.XMLSign.Certificate.ID()).revoked = now }, topUp, nil, duis.ReasonsOf(duis.XMLSignRevoked), duis.E100},
		{"a signer that a CRL says is revoked", revoke(xmlSign), topUp, nil, duis.ReasonsOf(duis.XMLSignRevoked), duis.E100},
		{"a signer of another User", none, with(func(s *signed, m *message) { m.by = s.octopus.XMLSign }), nil, duis.ReasonsOf(duis.XMLSignForeign), duis.E100},
		{"the originator's certificate for another use", none, with(func(s *signed, m *message) { m.by = s.avro.DigitalSigning }), nil, duis.ReasonsOf(duis.XMLSignForeign), duis.E100},
		{"another User's certificate that the register takes for the originator's", func(s *signed) { s.cert(s.octopus.XMLSign.Certificate.ID()).Subject = avro }, with(func(s *signed, m *message) { m.by = s.octopus.XMLSign }), nil, duis.ReasonsOf(duis.XMLSignForeign), duis.E100},
		{"a certificate for another use that the register takes for this one", func(s *signed) { s.cert(s.avro.DigitalSigning.Certificate.ID()).Use = smki.XMLSign }, with(func(s *signed, m *message) { m.by = s.avro.DigitalSigning }), nil, duis.ReasonsOf(duis.XMLSignForeign), duis.E100},
		{"altered after it was signed", none, arrival(func(a *duis.Arrival) {
			a.Message = bytes.Replace(a.Message, []byte("12345678901234567890"), []byte("12345678901234567891"), 1)
		}), nil, duis.ReasonsOf(duis.SignatureInvalid), duis.E100},
		{"a target put in after it was signed", none, arrival(func(a *duis.Arrival) {
			a.Message = bytes.Replace(a.Message, []byte("90-A0:1<"), []byte("90-A0:2<"), 1)
		}), nil, duis.ReasonsOf(duis.SignatureInvalid), duis.E100},
		{"a signature of another message", none, func(s *signed) duis.Arrival {
			a, b := s.topUp(1).arrival(t), s.topUp(2).arrival(t)
			i, j := bytes.Index(a.Message, []byte("<ds:SignatureValue>")), bytes.Index(b.Message, []byte("<ds:SignatureValue>"))
			k, l := bytes.Index(a.Message, []byte("</ds:SignatureValue>")), bytes.Index(b.Message, []byte("</ds:SignatureValue>"))
			a.Message = append(append(a.Message[:i:i], b.Message[j:l]...), a.Message[k:]...)
			return a
		}, nil, duis.ReasonsOf(duis.SignatureInvalid), duis.E100},

		{"signing certificate revoked by the register", func(s *signed) { s.cert(s.avro.DigitalSigning.Certificate.ID()).revoked = now }, second, nil, duis.ReasonsOf(duis.SigningRevoked), duis.E100},
		{"signing certificate revoked by a CRL", revoke(signing), second, nil, duis.ReasonsOf(duis.SigningRevoked), duis.E100},
		{"the same, and a message that does not depend on it", revoke(signing), topUp, nil, 0, duis.I99},
		{"payload signed by another", none, func(s *signed) duis.Arrival {
			m := s.signedPreCommand(t, 1)
			b, err := duis.SignPreCommand(gbcsCommand(0x001a, avro, esme, 1), s.octopus.DigitalSigning.Key)
			must(t, err)
			m.body = duis.SignedPreCommandBody(time.Time{}, b)
			return m.arrival(t)
		}, nil, duis.ReasonsOf(duis.SigningMissing, duis.PayloadInvalid), duis.E100},
		{"payload signed with the originator's key for messages", none, func(s *signed) duis.Arrival {
			m := s.signedPreCommand(t, 1)
			b, err := duis.SignPreCommand(gbcsCommand(0x001a, avro, esme, 1), s.avro.XMLSign.Key)
			must(t, err)
			m.body = duis.SignedPreCommandBody(time.Time{}, b)
			return m.arrival(t)
		}, nil, duis.ReasonsOf(duis.SigningMissing, duis.PayloadInvalid), duis.E100},
		{"payload altered", none, payload(0x001a, avro, esme, func(b []byte) { b[100] ^= 1 }), nil, duis.ReasonsOf(duis.SigningMissing, duis.PayloadInvalid), duis.E100},
		{"payload without a signature", none, func(s *signed) duis.Arrival {
			m := s.signedPreCommand(t, 1)
			m.body = duis.SignedPreCommandBody(time.Time{}, append(gbcsCommand(0x001a, avro, esme, 1), 0))
			return m.arrival(t)
		}, nil, duis.ReasonsOf(duis.SigningMissing, duis.PayloadInvalid), duis.E100},
		{"payload that is no GBCS", none, payload(0x001a, avro, esme, func(b []byte) { b[0] = 0xdd }), nil, duis.ReasonsOf(duis.SigningMissing, duis.PayloadInvalid), duis.E100},
		{"payload to another device", none, payload(0x001a, avro, gsme, nil), nil, duis.ReasonsOf(duis.PayloadInvalid), duis.E100},
		{"payload from another User", none, payload(0x001a, octopus, esme, nil), nil, duis.ReasonsOf(duis.PayloadInvalid), duis.E100},
		{"payload of another command: Disable Supply", none, payload(0x0050, avro, esme, nil), nil, duis.ReasonsOf(duis.PayloadInvalid), duis.E100},
		{"no CRL of the issuer that is current", none, arrival(func(a *duis.Arrival) { a.At = now.Add(24 * time.Hour) }), edit(func(s *signed, e *duis.Edit) {
			for _, k := range []duis.FeedKind{duis.RegistrationFeed, duis.ThresholdFeed} {
				u := update(now.Add(12 * time.Hour))
				u.Number = 2
				must(t, e.Receive(k, u, now.Add(12*time.Hour)))
			}
		}), duis.ReasonsOf(duis.CRLNotCurrent), duis.E100},
		{"no trust store", none, topUp, edit(func(_ *signed, e *duis.Edit) { e.SetTrust(nil) }), duis.ReasonsOf(duis.XMLSignMissing), duis.E100},

		{"E13 posted to another web service", none, arrival(func(a *duis.Arrival) { a.Service = duis.TransformService }), nil, duis.ReasonsOf(duis.WrongService), duis.E13},
		{"no web service", none, arrival(func(a *duis.Arrival) { a.Service = 0 }), nil, duis.ReasonsOf(duis.WrongService), duis.E13},
		{"E12 Service Reference of another variant", none, resigned("<sr:ServiceReference>2.2<", "<sr:ServiceReference>8.2<"), nil, duis.ReasonsOf(duis.WrongReference), duis.E12},
		{"E12 no such variant", none, resigned("<sr:ServiceReferenceVariant>2.2<", "<sr:ServiceReferenceVariant>2.20<"), nil, duis.ReasonsOf(duis.SRVUnknown, duis.WrongBody, duis.RoleNotEligible, duis.DeviceStatusWrong), duis.E12},
		{"E12 body of another variant", none, with(func(s *signed, m *message) { m.body = creditBody }), nil, duis.ReasonsOf(duis.WrongBody), duis.E12},
		{"E12 variant for critical requests", none, with(func(s *signed, m *message) { m.variant = duis.TransformRequest }), nil, duis.ReasonsOf(duis.WrongVariant), duis.E12},

		{"no registrations", none, topUp, func(s *signed, _ *duis.World) *duis.World {
			e := s.facts.world(t).Edit()
			e.SetTrust(s.trust)
			must(t, e.Follow(duis.ThresholdFeed, "registrars"), e.Receive(duis.ThresholdFeed, update(now), now))
			return e.World()
		}, duis.ReasonsOf(duis.RegistrationsNotCurrent), duis.E4},
		{"registrations overdue", none, arrival(func(a *duis.Arrival) { a.At = now.Add(23*time.Hour + 1) }), edit(func(s *signed, e *duis.Edit) {
			s.crl(t, now.Add(12*time.Hour))
			s.crl2(t, s.pki.Root, now.Add(12*time.Hour))
			e.SetTrust(s.trust)
			u := update(now.Add(12 * time.Hour))
			u.Number = 2
			must(t, e.Receive(duis.ThresholdFeed, u, now.Add(12*time.Hour)))
		}), duis.ReasonsOf(duis.RegistrationsNotCurrent), duis.E4},
		{"registrations with a gap", none, topUp, edit(func(s *signed, e *duis.Edit) {
			u := update(now)
			u.Number = 3
			var gap *duis.FeedError
			if err := e.Receive(duis.RegistrationFeed, u, now); !errors.As(err, &gap) || gap.Problem != duis.FeedGap {
				t.Fatal(err)
			}
		}), duis.ReasonsOf(duis.RegistrationsNotCurrent), duis.E4},
		{"thresholds with a gap", none, topUp, edit(func(s *signed, e *duis.Edit) {
			u := update(now)
			u.Number = 3
			_ = e.Receive(duis.ThresholdFeed, u, now)
		}), duis.ReasonsOf(duis.ThresholdsNotCurrent), duis.E3},
		{"R5 the MPID moved", func(s *signed) { s.move("AVRO", "Octopus", now) }, topUp, nil, duis.ReasonsOf(duis.MPIDMoved), duis.E4},
		{"no threshold", func(s *signed) { s.thresholds = nil }, topUp, nil, duis.ReasonsOf(duis.ThresholdMissing), duis.E3},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := signedSample(t)
			c.break_(s)
			a := c.post(s)
			w := s.world(t)
			if c.edit != nil {
				w = c.edit(s, w)
			}
			g := gate(w)
			v := g.Decide(a)
			if c.name == "a Response" && v.Err.Error() != "duis: byte 0: expected a Request, found a Response" {
				t.Error(v.Err)
			}
			if v.Reasons != c.want || v.Code != c.code || (v.Err != nil) != v.Reasons.Has(duis.Malformed) {
				t.Fatalf("%s; want %v %q", explainVerdict(v), c.code, c.want)
			}
			if c.want == 0 {
				return
			}
			if v.Outcome == duis.Accepted || v.Outcome == duis.Quarantined {
				t.Errorf("outcome %v", v.Outcome)
			}
			// A refused message has used nothing: the good one with the same RequestID passes.
			good := gate(signedSample(t).world(t))
			saved, err := g.AppendBinary(nil)
			must(t, err, good.Restore(saved))
			if v := good.Decide(signedSample(t).topUp(1).arrival(t)); v.Outcome != duis.Accepted {
				t.Errorf("the good message after it: %s", explainVerdict(v))
			}
		})
	}
}

// A certificate that comes into the register after the trust store has it is good from the next version of the World on.
func TestGateLearnsCertificates(t *testing.T) {
	s := signedSample(t)
	all := s.certs
	s.certs = all[:2]
	w := s.world(t)
	if v := gate(w).Decide(s.topUp(1).arrival(t)); v.Reasons != duis.ReasonsOf(duis.XMLSignMissing) {
		t.Fatal(explainVerdict(v))
	}
	s.certs = all
	e := w.Edit()
	must(t, e.SetDirectory(s.directory(t)))
	if v := gate(e.World()).Decide(s.topUp(1).arrival(t)); v.Outcome != duis.Accepted {
		t.Error(explainVerdict(v))
	}
}

// The one instant that Go takes for none is in the past like any other before the message came.
func TestExecutionAtYearOne(t *testing.T) {
	s := signedSample(t)
	for _, text := range []string{"0001-01-01T00:00:00Z", "0001-01-01T01:00:00+01:00", "0001-01-01T00:00:00.000000001Z", "2021-09-26T00:00:00Z"} {
		const written = "2021-09-26T00:00:00Z" // AppendRequest writes no other that cannot be read
		m := s.topUp(1)
		m.body = `<sr:TopUpDevice><sr:ExecutionDateTime>` + written + `</sr:ExecutionDateTime><sr:UTRN>12345678901234567890</sr:UTRN></sr:TopUpDevice>`
		a := m.arrival(t)
		a.Message = sign(t, bytes.Replace(a.Message, []byte(written), []byte(text), 1), m.by)
		if v := gate(s.world(t)).Decide(a); v.Outcome != duis.Rejected {
			t.Errorf("to be executed at %s: %s", text, explainVerdict(v))
		}
	}
}

// A reason to which the policy gives no code gets no DUIS response.
func TestNoResponseWithoutACode(t *testing.T) {
	s := signedSample(t)
	p := duis.DefaultPolicy()
	p.Codes[duis.Replayed] = 0
	e := s.world(t).Edit()
	e.SetPolicy(*p)
	g := gate(e.World())
	g.Decide(s.topUp(1).arrival(t))
	v := g.Decide(s.topUp(1).arrival(t))
	b, err := v.AppendResponse(nil)
	if v.Reasons != duis.ReasonsOf(duis.Replayed) || len(b) > 0 || err != nil {
		t.Errorf("%s: answered %s, %v", explainVerdict(v), b, err)
	}
}

// renewed is another certificate for the key of one.
func (s *signed) renewed(t fataler, of *smkitest.Identity, from, to time.Time) *smki.X509Certificate {
	t.Helper()
	var template x509.Certificate
	_, err := s.pki.Issuing.Issue(smkitest.Request{EUI64: of.Certificate.EUI64, Role: smki.RoleSupplier, Usage: of.Certificate.KeyUsage, NotBefore: from, NotAfter: to,
		Modify: func(c *x509.Certificate) { template = *c }})
	must(t, err)
	issuer, err := x509.ParseCertificate(s.pki.Issuing.Certificate.Raw)
	must(t, err)
	der, err := x509.CreateCertificate(nil, &template, issuer, of.Key.Public(), s.pki.Issuing.Key)
	must(t, err)
	c, err := smki.ParseCertificate(der)
	must(t, err)
	return c
}

// A signing certificate that was renewed for the same key: the payload rests on whichever of the two is good, the newer first. It is refused if neither is, or if the newer one was revoked.
func TestSigningCertificateRenewed(t *testing.T) {
	const day = 24 * time.Hour
	for _, c := range []struct {
		name             string
		oldFrom, oldTo   time.Duration // from now
		newFrom, newTo   time.Duration
		unknown, revoked bool // the newer one, to the register and by a CRL
		cites            int  // 0 for the older one
		want             duis.Reasons
	}{
		{"both good", -day, day, -day, day, false, false, 1, 0},
		{"the newer one not yet valid", -day, day, day, 2 * day, false, false, 0, 0},
		{"the older one expired", -2 * day, -day, -day, day, false, false, 1, 0},
		{"the newer one unknown to the register", -day, day, -day, day, true, false, 0, 0},
		{"the newer one revoked", -day, day, -day, day, false, true, 1, duis.ReasonsOf(duis.SigningRevoked)},
		{"neither good", -2 * day, -day, day, 2 * day, false, false, 1, duis.ReasonsOf(duis.SigningNotValid)},
	} {
		s := signedSample(t)
		older, err := s.pki.Issuing.Issue(smkitest.Request{EUI64: avro, Role: smki.RoleSupplier, Usage: smki.UsageDigitalSignature, NotBefore: now.Add(c.oldFrom), NotAfter: now.Add(c.oldTo)})
		must(t, err)
		both := [2]*smki.X509Certificate{older.Certificate, s.renewed(t, older, now.Add(c.newFrom), now.Add(c.newTo))}
		s.trust, err = s.pki.Trust()
		must(t, err, s.trust.Add(s.avro.XMLSign.Certificate), s.trust.Add(both[0]), s.trust.Add(both[1]))
		if c.revoked {
			s.crl(t, now, smkitest.Revoke(both[1], now, smki.Superseded))
		}
		s.certs = append(s.certs, certFact{Certificate: both[0].State("Avro")})
		if !c.unknown {
			s.certs = append(s.certs, certFact{Certificate: both[1].State("Avro")})
		}
		m := s.signedPreCommand(t, 1)
		payload, err := duis.SignPreCommand(gbcsCommand(0x001a, avro, esme, 1), older.Key)
		must(t, err)
		m.body = duis.SignedPreCommandBody(time.Time{}, payload)
		v := gate(s.world(t)).Decide(m.arrival(t))
		if v.Reasons != c.want || v.World.CertificateID(v.Evidence.Signing) != both[c.cites].ID() {
			t.Errorf("%s: %s", c.name, explainVerdict(v))
		}
	}
}
