package duis

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/seed-db8551c1/lastresort/duis/internal/wire"
	"github.com/seed-db8551c1/lastresort/smki"
)

// Gate is the whole filter: the bytes of a message in, a [Verdict] out. It chains, in this order,
//
//  1. [Parse], in one strict pass that yields what is decided on together with what was signed;
//  2. the signature, by the certificate in the World's trust store that KeyInfo names, in the role of a User's XML signing key; for a Signed Pre-Command also the signature in its
//     GBCS payload, by a signing certificate of the originator, and that originator and target are those of the RequestID;
//  3. the cross-checks that the schema lacks: Service Reference, variant, body and payload against each other;
//  4. [Decide];
//  5. what has memory: replay of RequestIDs and anomaly detection thresholds ([Counters]), and the quarantine.
//
// Every check is made, and adds its reasons; only of a message that cannot be read no more is said than that, its channel, and a missing memory. A counter is committed only if everything
// before it passed, so that a forged, replayed or refused message advances nothing.
//
// A Gate refuses everything until a World is published, with trust store and both feeds followed, and until its memory was restored ([Gate.Restore]) or, on its
// first start ever, begun ([Gate.Begin]). Any number of goroutines may use it at the same time. The zero value is ready; set its fields before the first use.
//
// To be accepted a request needs, and each that is missing is a reason of its own:
//
//   - the certificate that signed it in the trust store, which verifies it ([Edit.SetTrust]), and in the directory, where the rules revoke it ([smki.X509Certificate.State] makes the one of the other);
//     for a Signed Pre-Command the one that signed its payload too; and the DCCKI certificate of the channel, in the directory alone;
//   - in the directory also its User, and an MPID of the User's party for the role ([Edit.SetDirectory]);
//   - unless it is for the DCC, the device ([Edit.SetDevice]) and who its metering point is registered to ([Edit.Register]);
//   - an [Authority], and a threshold of the User that counts it ([Edit.SetThresholds]); both feeds current ([Edit.Receive]).
//
// Directory, authority and thresholds come out of a register of package hold at once (hold.Register.Update).
type Gate struct {
	// Limits bounds what is read.
	Limits Limits
	// Pairs and Window are the settings of the [Counters].
	Pairs  int
	Window time.Duration
	// Room bounds the bytes of the messages in quarantine; zero means DefaultRoom. A message for which there is no room is rejected.
	Room int
	// Journal keeps what changes in the memory until [Gate.AppendChanges] takes it, which has to happen from time to time.
	Journal bool

	worlds  atomic.Pointer[worlds]
	scratch sync.Pool // of *scratch

	mu         sync.Mutex // guards what follows
	began      bool
	counters   Counters
	quarantine quarantine
	changed    uint64 // how many changes there were to counters and quarantine
	changes    []byte // the last of them that nobody took yet
}

// worlds is what is published: two Worlds, never apart.
type worlds struct{ world, shadow *World }

// Arrival is a message as it comes in, with what the connection says.
type Arrival struct {
	Message []byte
	Service WebService         // that it was posted to
	Channel smki.CertificateID // the DCCKI certificate of the connection, under the name that it was issued with in the directory (see [smki.MakeCertificateID]); empty if there was none
	At      time.Time          // when it came
}

// Verdict is the decision on a message, with what it was taken for.
type Verdict struct {
	Decision
	World    *World                // in which it was decided
	Request  Request               // as it was read; zero if it could not be
	Signer   *smki.X509Certificate // that the message names; nil if the trust store lacks it
	EventRef uint64                // of a message in quarantine
	Err      error                 // why the message could not be read: a [*SyntaxError] or [*UnknownError]
	Shadow   *Decision             // under the second rule set; nil if none is published
}

// Differs reports whether the second rule set decides otherwise, or for other reasons.
func (v *Verdict) Differs() bool {
	s := v.Shadow
	return s != nil && (s.Outcome != v.Outcome || s.Code != v.Code || s.Reasons != v.Reasons || s.Advice != v.Advice)
}

// Publish makes a World the one in which messages are decided from now on. In the second, if it is not nil, each is decided as well, without any effect: shadow mode, in which a rule set can be
// tried on real traffic ([Verdict.Differs]). Both take effect at one instant.
func (g *Gate) Publish(world, shadow *World) { g.worlds.Store(&worlds{world, shadow}) }

// Begin starts with an empty memory. It is for a gate that has never decided before: after a restart [Gate.Restore] keeps replays out.
func (g *Gate) Begin() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.begin(Counters{}, quarantine{}, 0)
}

func (g *Gate) begin(c Counters, q quarantine, changed uint64) {
	c.Pairs, c.Window = g.Pairs, g.Window
	g.counters, g.quarantine, g.changed, g.changes, g.began = c, q, changed, nil, true
}

// Decide says what becomes of a message. The bytes may be reused afterwards. It allocates nothing beyond what the verification of ECDSA does, unless the message cannot be read, goes
// into quarantine, or makes the memory grow.
func (g *Gate) Decide(a Arrival) Verdict {
	p := g.published()
	s := g.read(a.Message)
	defer g.scratch.Put(s)
	v := s.decide(p.world, &a)
	if p.shadow != nil {
		shadow := s.decide(p.shadow, &a)
		g.admit(&v, &shadow, &a)
		v.Shadow = &shadow.Decision
		return v
	}
	g.admit(&v, nil, &a)
	return v
}

// published is the Worlds of now, empty ones if there are none.
func (g *Gate) published() *worlds {
	if p := g.worlds.Load(); p != nil && p.world != nil {
		return p
	}
	return &worlds{world: new(World)}
}

// admit is the part of a verdict that needs the memory. The shadow reads the same memory and changes nothing.
func (g *Gate) admit(v, shadow *Verdict, a *Arrival) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if shadow != nil {
		g.check(shadow, a)
	}
	g.check(v, a)
	if v.Outcome == Quarantined {
		v.EventRef = g.quarantine.keep(v.Request, a)
	}
	if g.counters.commit(&v.Request, &v.Decision) {
		g.noteMessage(v, a)
	}
}

// check is what the memory says against a message.
func (g *Gate) check(v *Verdict, a *Arrival) {
	if !g.began {
		v.Reasons |= 1 << CountersMissing
	}
	if v.Err != nil {
		v.conclude(v.World.rules())
		return
	}
	v.Decision = g.counters.check(v.World, &v.Request, v.Decision)
	if v.Outcome == Quarantined && !g.quarantine.fits(len(a.Message), g.Room) {
		v.Reasons |= 1 << QuarantineFull
		v.conclude(v.World.rules())
	}
}

// scratch is the memory for reading one message.
type scratch struct {
	parser wire.Parser
	m      wire.Message
	der    [80]byte // a signature in its other form
	err    error    // why the message cannot be read
}

// read reads a message into a scratch from the pool.
func (g *Gate) read(message []byte) *scratch {
	s, _ := g.scratch.Get().(*scratch)
	if s == nil {
		s = new(scratch)
	}
	s.parser.Limits = wire.Limits(g.Limits)
	s.err = syntaxError(s.parser.Parse(message, &s.m))
	if s.err == nil && s.m.Root != wire.Request {
		s.err = &SyntaxError{Expected: "a Request", Found: "a Response"}
	}
	return s
}

// decide is a verdict before anything that needs memory.
func (s *scratch) decide(w *World, a *Arrival) Verdict {
	v := Verdict{World: w, Err: s.err}
	channel, ok := w.CertificateNumber(a.Channel)
	if !ok && a.Channel != "" {
		channel = unknownCertificate
	}
	if s.err == nil {
		v.Request, v.Err = s.request()
	}
	if v.Err != nil {
		v.Decision = Decision{Version: w.version, Received: a.At, Required: a.At, Reasons: 1 << Malformed,
			Evidence: Evidence{Channel: channel}}
		v.Reasons |= w.directory.checkCertificate(channel, smki.DCCKI, 0, nanoseconds(a.At), channelReasons)
		v.Request = Request{}
		return v
	}
	r := &v.Request
	r.Service, r.Channel = a.Service, channel
	v.Signer = s.verify(w, r, a.At)
	s.crossCheck(w.rules(), r)
	if !w.feeds[RegistrationFeed].followed && !r.SRV.NonDevice() {
		r.Faults |= 1 << RegistrationsNotCurrent
	}
	if !w.feeds[ThresholdFeed].followed {
		r.Faults |= 1 << ThresholdsNotCurrent
	}
	v.Decision = Decide(w, r, a.At)
	return v
}

// unknownCertificate is the number of a certificate that a World lacks.
const unknownCertificate = ^CertificateNumber(0)

// request is what the message asks for.
func (s *scratch) request() (r Request, err error) {
	m := &s.m
	bad := func(what, expected string, got []byte) (Request, error) {
		return Request{}, &UnknownError{What: what, Expected: expected, Got: string(got)}
	}
	var ok bool
	if r.ID, ok = readRequestID(m.RequestID); !ok {
		return bad("RequestID", "EUI-64:EUI-64:counter", m.RequestID)
	}
	if r.Variant, ok = readVariant(m.CommandVariant); !ok {
		return bad("CommandVariant", "a digit from 1 to 9", m.CommandVariant)
	}
	if m.FirstInSequence != nil {
		if _, ok = readBoolean(m.FirstInSequence); !ok {
			return bad("FirstInSequence", "true or false", m.FirstInSequence)
		}
	}
	if m.PrecedingServiceRequestID != nil {
		if _, ok = readRequestID(m.PrecedingServiceRequestID); !ok {
			return bad("PrecedingServiceRequestID", "EUI-64:EUI-64:counter", m.PrecedingServiceRequestID)
		}
	}
	if m.ExecutionDateTime != nil {
		if r.Execution, ok = readTime(m.ExecutionDateTime); !ok {
			return bad("ExecutionDateTime", "a date and time with its zone", m.ExecutionDateTime)
		}
	}
	r.SRV, _ = readSRV(m.ServiceReferenceVariant) // one that there is not is a reason of its own
	r.Mode = PaymentMode(m.PaymentMode)
	return r, nil
}

// verify finds the certificates that the request depends on, and what is wrong with them and the signatures. It gives the one that the message names.
func (s *scratch) verify(w *World, r *Request, at time.Time) *smki.X509Certificate {
	c, faults := verify(&s.m, w.trust, at)
	r.Faults |= faults
	if c != nil {
		r.XMLSign = w.numbers[c]
		if c.Use() != smki.XMLSign || c.EUI64 != r.ID.Originator {
			r.Faults |= 1 << XMLSignForeign
		}
	}
	if r.Variant.SignedPreCommand() {
		s.verifyPayload(w, r, at)
	}
	return c
}

// verifyPayload checks the payload of a Signed Pre-Command: it is a command of the originator to the target, of the use case that the variant asks for, and one of the originator's signing certificates signed it.
func (s *scratch) verifyPayload(w *World, r *Request, at time.Time) {
	p, ok := readPreCommand(s.m.Payload) // zero, and so nobody's, if it is none
	if p.originator != r.ID.Originator || p.recipient != r.ID.Target || !slices.Contains(w.rules().PreCommandCodes[r.SRV.index()], p.code) {
		r.Faults |= 1 << PayloadInvalid
	}
	r.Mode = p.mode()
	if !ok || w.trust == nil {
		return
	}
	// The last certificate issued is the likeliest. One that was renewed shares its key with an older one, which counts while the newer is not good yet; but a key is as bad
	// as its newest certificate is revoked.
	var signer *smki.X509Certificate
	var faults Reasons
	for _, c := range slices.Backward(w.trust.ByEUI64(r.ID.Originator)) {
		if c.Use() != smki.DigitalSigning || signer == nil && !p.verify(c.PublicKey, s.der[:]) || signer != nil && !signer.PublicKey.Equal(c.PublicKey) {
			continue
		}
		n := w.numbers[c]
		own := trustFaults(w.trust.Status(c, at), signingReasons)
		all := own | w.directory.checkCertificate(n, smki.DigitalSigning, c.EUI64, nanoseconds(at), signingReasons)
		if signer == nil || all == 0 {
			signer, r.Signing, faults = c, n, own
		}
		if all == 0 || all.Has(SigningRevoked) {
			break
		}
	}
	if signer == nil {
		faults = 1 << PayloadInvalid
	}
	r.Faults |= faults
}

// signedPreCommandBody is the body element of every Signed Pre-Command.
const signedPreCommandBody = "SignedPreCommand"

// crossCheck holds what the header and body say against each other.
func (s *scratch) crossCheck(p *Policy, r *Request) {
	m := &s.m
	if v, ok := readSchemaVersion(m.SchemaVersion); !ok || v < p.OldestSchema || v > p.NewestSchema {
		r.Faults |= 1 << SchemaVersionUnknown
	}
	if r.SRV.Valid() && string(m.ServiceReference) != r.SRV.Reference() {
		r.Faults |= 1 << WrongReference
	}
	body := r.SRV.BodyElement()
	if r.Variant.SignedPreCommand() {
		body = signedPreCommandBody
	}
	if string(m.Body) != body {
		r.Faults |= 1 << WrongBody
	}
}

// AppendResponse appends what goes back to the User, unsigned: a Response with the code (that of an accepted request acknowledges it), or the alert of a quarantined one. Nothing
// is appended where nothing can be answered: there is no connection, no code for the reason ([Policy]), or no Service Request Variant that a Response could refer to. The DCC signs it ([Sign]) with its own key.
func (v *Verdict) AppendResponse(b []byte) ([]byte, error) {
	switch {
	case !v.Request.SRV.Valid():
		return b, nil
	case v.Outcome == Quarantined:
		return AppendResponse(b, RequestID{}, I0, v.Received, QuarantineBody(v.World.rules().QuarantineAlert, v.Request.ID, v.EventRef))
	case v.Code == 0:
		return b, nil
	}
	return AppendResponse(b, v.Request.ID, v.Code, v.Received, AcknowledgementBody(v.Request.SRV))
}
