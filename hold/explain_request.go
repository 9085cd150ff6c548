package hold

import (
	"fmt"
	"slices"
	"time"

	"github.com/seed-db8551c1/lastresort/duis"
	"github.com/seed-db8551c1/lastresort/smki"
	"github.com/seed-db8551c1/lastresort/solr"
)

// ExplainRequest says why a decision on a Service Request was made: the reasons of the decision, and for each the events that moved the MPID, revoked the certificate, or gave, withdrew or
// never gave the authority. Why a request in the name of a supplier without a licence was accepted is told too.
//
// w is the world in which the decision was made of q. The register is that from which w was made: for a decision of the past that of [Register.AsOf] the position at that time.
// A reason that no event of the log led to is told without one. The error is an [*ExplainError] if the decision is none, and a [*ReplayError] if the register does not hold all events.
func (r *Register) ExplainRequest(w *duis.World, q *duis.Request, d *duis.Decision) (Explanation, error) {
	if d.Outcome == 0 || d.Version != w.Version() {
		return Explanation{}, &ExplainError{"a decision that was made in the world"}
	}
	tl, err := r.explain(d.Received)
	if err != nil {
		return Explanation{}, err
	}
	t := &requestTale{tale: tl, w: w, q: q, d: d}
	u, known := r.dir.User(q.ID.Originator)
	t.party = u.Party
	t.f = r.failureNotified(u.Party, d.Received)
	t.reg, t.registered = d.Registration(w)

	name := fmt.Sprintf("User %v", q.ID.Originator)
	if known {
		name = string(u.Party)
	}
	what := fmt.Sprintf("Service Request Variant %d", q.SRV)
	if q.SRV.Valid() {
		what = fmt.Sprintf("request %s (%s)", q.SRV.Reference(), q.SRV.Name())
	}
	t.x.Answer = fmt.Sprintf("%sthe %s in the name of %s", onDay(d.Received), what, name)
	if !q.SRV.NonDevice() {
		t.x.Answer += fmt.Sprintf(" for device %v", q.ID.Target)
	}
	switch d.Outcome {
	case duis.NoConnection:
		t.x.Answer += " found no connection"
	default:
		t.x.Answer += fmt.Sprintf(" was %v", d.Outcome)
	}
	if d.Outcome == duis.Rejected && d.Code != 0 {
		t.x.Answer += fmt.Sprintf(" with %v", d.Code)
	}
	if d.Reasons != 0 {
		t.x.Answer += ": " + d.Reasons.String()
	}
	for _, why := range d.Reasons.All() {
		t.reason(why)
	}
	if d.Reasons == 0 {
		t.accepted()
	}
	if d.Advice.Has(duis.NotAuthorised) {
		t.note(1<<solr.R9, "an authority is needed and none covers it, which is flagged only")
		t.unauthorised()
	}
	return t.x, nil
}

// failureNotified is the latest failure of a party that was notified by a time, nil if there is none.
func (r *Register) failureNotified(p smki.PartyID, at time.Time) *failure {
	for _, f := range slices.Backward(r.failures) {
		if f.Supplier == p && !at.Before(f.Notified) {
			return f
		}
	}
	return nil
}

// requestTale is the explanation of a request in the making.
type requestTale struct {
	*tale
	w          *duis.World
	q          *duis.Request
	d          *duis.Decision
	party      smki.PartyID
	reg        duis.Registration
	registered bool
}

// requestFacts are the reasons that no event of the register leads to, each as a clause.
var requestFacts = map[duis.Reason]string{
	duis.ChannelMissing:      "no DCCKI certificate of the connection was given",
	duis.ChannelUnknown:      "the DCCKI certificate of the connection was never issued",
	duis.ChannelNotValid:     "the certificate of the connection is no DCCKI certificate, or outside its validity",
	duis.XMLSignMissing:      "no certificate is known that signed the message",
	duis.XMLSignNotValid:     "the certificate that signed the message is outside its validity",
	duis.XMLSignForeign:      "the certificate that signed the message names somebody else, or is for another use",
	duis.SigningMissing:      "no certificate is known that signed the payload",
	duis.SigningNotValid:     "the certificate that signed the payload is outside its validity",
	duis.SigningForeign:      "the certificate that signed the payload names somebody else, or is for another use",
	duis.Replayed:            "its counter is not larger than the last one of this originator and target",
	duis.WrongService:        "it came in by a web service that does not take its Command Variant",
	duis.SRVUnknown:          "there is no such Service Request Variant",
	duis.WrongVariant:        "the Service Request does not go with its Command Variant",
	duis.WrongExecution:      "it cannot be executed at the time that it asks for",
	duis.UserUnknown:         "there is no such User",
	duis.RoleNotEligible:     "none of the User's roles may send it",
	duis.DeviceUnknown:       "there is no such device in the inventory",
	duis.RegistrationMissing: "nobody is known to be registered for the device at the required time",
	duis.DeviceStatusWrong:   "the device's status does not permit it",
	duis.WrongDeviceType:     "the device has no metering point for any role that it needs",
	duis.AuthorityUnknown:    "nobody says whether an authority is needed",
	duis.ThresholdMissing:    "no anomaly detection threshold is known for it",
	duis.OverThreshold:       "it exceeds an anomaly detection threshold",
}

// reason tells why a request is refused, for one of the reasons of the decision.
func (t *requestTale) reason(why duis.Reason) {
	switch why {
	case duis.ChannelRevoked:
		t.revoked(t.d.Evidence.Channel, "which is that of the connection")
	case duis.XMLSignRevoked:
		t.revoked(t.d.Evidence.XMLSign, "which signed the message")
	case duis.SigningRevoked:
		t.revoked(t.d.Evidence.Signing, "which signed the payload")
	case duis.NoMPIDForRole:
		t.note(1<<solr.R5, "%s holds no MPID for a role that it needs", t.party)
		for _, m := range t.r.dir.MPIDs() {
			if slices.ContainsFunc(t.r.dir.DCC.Holdings(m.ID), func(h smki.MPIDHolding) bool { return h.Party == t.party }) {
				t.moved(m.ID)
			}
		}
	case duis.MPIDMoved:
		t.registration()
		t.moved(t.reg.MPID)
	case duis.NotRegistered, duis.MPIDUnknown:
		t.registration()
		if owner, ok := t.r.dir.DCC.Owner(t.reg.MPID, t.d.Required); ok {
			t.note(0, "that MPID is of %s and never was of %s", owner, t.party)
		} else {
			t.note(0, "the DCC's map gives that MPID to nobody")
		}
	case duis.UserSuspended:
		seq := t.last(func(e *Event) bool {
			return (e.Kind == UserSuspended || e.Kind == UserRecorded && e.User.Suspended) && e.User.ID == t.q.ID.Originator
		})
		t.event(seq, 0, "User %v was suspended", t.q.ID.Originator)
	case duis.NotAuthorised:
		t.unauthorised()
	default:
		t.note(0, "%s", requestFacts[why])
	}
}

// registration tells to which MPID the device is registered.
func (t *requestTale) registration() {
	if t.registered {
		t.tell(Step{At: t.reg.From, Text: fmt.Sprintf("metering point %v of the device is registered to MPID %s", t.reg.Point, t.reg.MPID)})
	}
}

// moved tells who took an MPID from the party, and why.
func (t *requestTale) moved(id smki.MPID) {
	x := Item{MPID: id}
	owner, _ := t.r.dir.DCC.Owner(id, t.d.Required)
	if owner == t.party {
		return
	}
	if owner == "" {
		t.event(t.last(func(e *Event) bool { return e.Kind == MPIDRetired && e.names(x) }), 1<<solr.R5, "%v was retired", x)
		return
	}
	var from time.Time
	for _, h := range t.r.dir.DCC.Holdings(id) {
		if !h.From.After(t.d.Required) {
			from = h.From
		}
	}
	seq := t.find(slices.Backward(t.r.log), func(e *Event) bool {
		return e.Kind == MPIDTransferred && e.names(x) && e.Party == owner && e.At.Equal(from)
	})
	t.event(seq, 1<<solr.R5, "the DCC's map gave %v to %s: requests in the name of %s that rest on it are rejected since, whatever its certificates", x, owner, t.party)
	if t.f == nil || t.breach(seq, x) {
		return
	}
	t.then(from, func() {
		if m := t.f.mpid(id); m != nil {
			if d := m.inForce(from); d != nil && d.to == owner {
				t.transferDue(m)
			}
		}
	})
}

// then tells what was so at another time.
func (t *requestTale) then(at time.Time, tell func()) {
	now := t.x.At
	t.x.At = at
	tell()
	t.x.At = now
}

// breach tells that the report at a position is of a breach, if it is one.
func (t *requestTale) breach(seq uint64, x Item) bool {
	for _, b := range t.r.acts {
		if b.Seq == seq && b.MPID == x.MPID && b.Certificate == x.Certificate && b.Rules != 0 {
			t.tell(Step{Seq: seq, At: b.At, Rules: b.Rules, Text: "the DCC must not have done that"})
			return true
		}
	}
	return false
}

// revoked tells who revoked a certificate that the request depends on, and why.
func (t *requestTale) revoked(n duis.CertificateNumber, which string) {
	id := t.w.CertificateID(n)
	x := Item{Certificate: id}
	cert, rev, _ := t.r.dir.Certificate(id)
	if rev == nil || rev.At.After(t.d.Received) {
		t.note(1<<solr.R17, "a CRL that is not in the log revoked certificate %s, %s", id, which)
		return
	}
	seq := t.first(func(e *Event) bool {
		return (e.Kind == CertificateRevoked || e.Kind == CRLPublished) && e.names(x) && e.At.Equal(rev.At)
	})
	t.event(seq, 1<<solr.R2, "the DCC revoked certificate %s, %s", id, which)
	if rev.Reason.Ordinary() {
		t.note(1<<solr.R8, "that was on the ground of %v, which is no matter of a failure", rev.Reason)
		return
	}
	f := t.r.failureNotified(cert.Subscriber, rev.At)
	if f == nil || t.breach(seq, x) {
		return
	}
	was := t.f
	t.f = f
	t.then(rev.At, func() { t.revocationDue(x) })
	t.f = was
}

// unauthorised tells why an authority is needed and what covers the request not (R9, R10).
func (t *requestTale) unauthorised() {
	t.lostLicence(1 << solr.R9)
	t.note(1<<solr.R9, "under MP185 a request in the name of %s needs an authority since", t.party)
	a := t.r.Authority().(*authority)
	ask := duis.Question{Party: t.party, SRV: t.q.SRV, Mode: t.q.Mode, At: t.d.Received}
	if !t.q.SRV.NonDevice() {
		ask.Device, ask.MPID = t.q.ID.Target, t.reg.MPID
	}
	none := true
	for _, f := range a.failures[t.party] {
		for _, s := range t.r.supports {
			if s.failure == f.ID {
				t.supportWhy(a, f, s, &ask)
				none = false
			}
		}
		for _, s := range f.safeModes {
			t.event(uint64(s.grant), 1<<solr.R10, "Ofgem instructed safe mode")
			none = false
			if m := f.mpid(ask.MPID); m != nil && m.hasSoLR(ask.At, a.licences) && s.regime != MP134A {
				t.direction(m, m.appointed(ask.At), 1<<solr.R10)
				t.note(1<<solr.R10, "safe mode is an authority only while there is no SoLR")
			} else {
				t.note(1<<solr.R10, "the request is not of those that safe mode covers")
			}
		}
	}
	if none {
		t.note(1<<solr.R9|1<<solr.R10, "no SoLR has asked for the support of an SRP, and Ofgem has instructed no safe mode")
	}
}

// lostLicence tells when the party lost its licence first, whichever failure that was in, and reports whether it did.
func (t *requestTale) lostLicence(rules solr.RuleSet) bool {
	seq := t.first(func(e *Event) bool { return e.Kind == LicenceRevoked && e.Party == t.party })
	t.event(seq, rules, "the licence of %s was revoked", t.party)
	return seq != 0
}

// supportWhy tells what became of a support request, and what it does not cover.
func (t *requestTale) supportWhy(a *authority, f *authorised, s *support, q *duis.Question) {
	t.request(s.id)
	say := func(format string, args ...any) { t.note(1<<solr.R9, format, args...) }
	switch {
	case s.state == supportRequested:
		say("the PMA has not decided on request %s", s.id)
	case s.state == supportApproved:
		say("%s has not accepted request %s", s.srp, s.id)
	case s.from.IsZero(), !s.to.IsZero() && !q.At.Before(s.to):
	case !s.srvs.has(q.SRV):
		say("request %s does not name %s", s.id, q.SRV.Reference())
	case !(interval{s.From, s.To}).contains(q.At):
		say("it is outside the window of request %s", s.id)
	case a.licences.revoked(s.solr, q.At):
		t.event(t.last(func(e *Event) bool { return e.Kind == LicenceRevoked && e.Party == s.solr }), 1<<solr.R15, "%s, which had asked for it, lost its own licence", s.solr)
	case slices.ContainsFunc(f.completed[s.solr], func(i interval) bool { return i.contains(q.At) }):
		t.event(t.last(func(e *Event) bool {
			return e.Kind == MigrationCompleted && e.Failure == f.ID && e.By == s.solr
		}), 1<<solr.R9, "%s advised that its migration is complete, which ended the support", s.solr)
	case len(s.Devices) > 0 && !slices.Contains(s.Devices, q.Device):
		say("request %s does not name the device", s.id)
	default:
		m := f.mpid(q.MPID)
		if m == nil {
			say("%s is SoLR of no MPID that the request rests on", s.solr)
			return
		}
		d := m.appointed(q.At)
		if d == nil || d.to != s.solr {
			say("%s is not SoLR of %v", s.solr, Item{MPID: m.id})
			return
		}
		t.tell(Step{At: d.lapse(), Rules: 1 << solr.R12, Text: "the arrangement lapsed on " + spoken(d.lapse())})
	}
}

// accepted tells why a request in the name of a failed supplier passes all the same.
func (t *requestTale) accepted() {
	t.registration()
	if t.f == nil {
		t.note(1<<solr.R9, "%s has not failed and needs no authority", t.party)
		return
	}
	t.opening()
	if lost := t.lostLicence(1 << solr.R1); !lost {
		t.note(1<<solr.R9, "%s holds its licence and needs no authority", t.party)
		return
	}
	for _, n := range []duis.CertificateNumber{t.d.Evidence.XMLSign, t.d.Evidence.Signing, t.d.Evidence.Channel} {
		c := t.f.cert(t.w.CertificateID(n))
		if c == nil || n == 0 {
			continue
		}
		t.note(0, "certificate %s is good", c.id)
		if rules := t.r.revokeBlocked(t.f, c, t.x.At); rules != 0 {
			t.blocked(RevokeCertificate, Item{Certificate: c.id}, "", rules)
		} else {
			t.note(1<<solr.R1, "the DCC must revoke it and has not done so yet")
		}
	}
	if m := t.f.mpid(t.reg.MPID); t.registered && m != nil && m.gone.IsZero() {
		t.note(0, "the DCC's map gives MPID %s to %s", m.id, t.party)
		if rules := t.r.transferBlocked(t.f, m, m.solr(t.x.At), t.x.At); rules != 0 {
			t.blocked(TransferMPID, Item{MPID: m.id}, m.solr(t.x.At), rules)
		} else {
			t.note(1<<solr.R4, "the DCC must transfer it and has not done so yet")
		}
	}
	switch grant := uint64(t.d.Evidence.Grant); {
	case grant != 0 && grant <= uint64(len(t.r.log)):
		if e := t.r.log[grant-1]; e.Kind == SupportAccepted {
			t.request(e.Request)
		} else {
			t.event(grant, 1<<solr.R10, "Ofgem instructed safe mode, and %v has no SoLR", Item{MPID: t.reg.MPID})
		}
	case t.d.Standing == duis.NotNeeded && t.r.Settings.Regime.at(t.x.At) != MP185:
		t.note(1<<solr.R9, "before MP185 it needs no authority")
	case t.d.Standing == duis.NotNeeded:
		t.note(1<<solr.R9, "it needs no authority")
	}
}
