package duis

import (
	"fmt"
	"math/bits"
	"time"

	"github.com/seed-db8551c1/lastresort/smki"
)

// Outcome is what becomes of a request. The zero value is none: no decision was made.
type Outcome uint8

// The outcomes.
const (
	Accepted     Outcome = iota + 1
	Rejected             // answered with a response code
	NoConnection         // the channel is not there: nothing can be answered
	Quarantined          // held back by anomaly detection, with an alert to the User
)

func (o Outcome) String() string {
	switch o {
	case Accepted:
		return "accepted"
	case Rejected:
		return "rejected"
	case NoConnection:
		return "no connection"
	case Quarantined:
		return "quarantined"
	}
	return fmt.Sprintf("Outcome(%d)", uint8(o))
}

// MarshalText gives the name of the outcome.
func (o Outcome) MarshalText() ([]byte, error) { return []byte(o.String()), nil }

// Decision says what becomes of a request and why. It is a plain value; its numbers mean something in the World that made it.
type Decision struct {
	Outcome  Outcome
	Code     Code          // the code of the response; none where there is no response with a code
	Reasons  Reasons       // why the request is refused; empty if it is accepted
	Advice   Reasons       // what would refuse it if the rules in force were enforced
	Role     smki.UserRole // the role in which it is accepted, or came closest to it
	Standing Standing      // how it stands with the authority it needs
	Version  uint64        // of the World
	Received time.Time     // when it was decided
	Required time.Time     // for when: the time of execution of a request that the DCC holds, else the same
	Evidence Evidence      // what it rests on
}

// Evidence names the facts that a decision rests on. What was not found is zero.
type Evidence struct {
	Channel, XMLSign, Signing CertificateNumber
	Point                     MPxN // the metering point
	mpid                      uint16
	from, to                  uint32
	Grant                     GrantNumber // the authority
}

// Registration is the registration that the decision rests on, as the World w that made it knows it; false if there was none.
// That of a network operator has no dates.
func (d *Decision) Registration(w *World) (Registration, bool) {
	e := &d.Evidence
	if e.Point == 0 || int(e.mpid) >= len(w.directory.mpids) {
		return Registration{}, false
	}
	r := Registration{Point: e.Point, MPID: w.directory.mpids[e.mpid].id}
	if d.Role == smki.ElectricityDistributor || d.Role == smki.GasTransporter {
		return r, true // the inventory has no dates for network operators
	}
	r.From = fromTableTime(e.from)
	if e.to != 0 {
		r.To = fromTableTime(e.to)
	}
	return r, true
}

// Decide says what becomes of a request that is received at a time. It checks, in this order, which no published source fixes as a whole (UNCERTAIN):
//
//  1. the channel: a DCCKI certificate that is good;
//  2. the XML-sign certificate: issued, good, and naming the originator; for a Signed Pre-Command the signing certificate too;
//  3. the web service against the Command Variant (E13), the Service Request Variant against it (E12), and the time of execution;
//     before, between and after these what was found when the message was read ([Request.Faults]);
//  4. the User, and an MPID of its party for the role (E1); the role against the Service Request (E2); the User's status (E3);
//  5. the device (E19); its registration, at the required time, to an MPID that the DCC's map gives to the User's party (E4); its status (E5); its type (E11);
//  6. the authority of a party that has lost its licence.
//
// Every check is made whatever the others say, and each that fails adds a reason; the first reason gives the code. [Counters.Admit] adds what needs memory.
// A fact that is not known refuses the request for a reason of its own. Decide does not allocate.
func Decide(w *World, r *Request, at time.Time) Decision {
	t := &w.directory
	d := Decision{Version: w.version, Received: at, Required: at, Reasons: r.Faults}
	now := nanoseconds(at)
	policy := w.rules()

	d.Reasons |= t.checkCertificate(r.Channel, smki.DCCKI, 0, now, channelReasons)
	d.Reasons |= t.checkCertificate(r.XMLSign, smki.XMLSign, r.ID.Originator, now, xmlSignReasons)
	d.Evidence.Channel, d.Evidence.XMLSign = r.Channel, r.XMLSign
	if r.Variant.SignedPreCommand() {
		d.Reasons |= t.checkCertificate(r.Signing, smki.DigitalSigning, r.ID.Originator, now, signingReasons)
		d.Evidence.Signing = r.Signing
	}

	if r.Service == 0 || r.Variant.Service() != r.Service {
		d.Reasons |= 1 << WrongService
	}
	row := r.SRV.row()
	switch {
	case !r.SRV.Valid():
		d.Reasons |= 1 << SRVUnknown
	case !r.Variant.Allows(r.SRV):
		d.Reasons |= 1 << WrongVariant
	}
	if !r.Execution.IsZero() {
		if row.future == NotFutureDated || r.Execution.Before(at) {
			d.Reasons |= 1 << WrongExecution
		} else if row.future&HeldByDSP != 0 {
			d.Required = r.Execution
		}
	}

	var party uint16
	var roles smki.UserRoles
	if u := t.user(r.ID.Originator); u == nil {
		d.Reasons |= 1 << UserUnknown
	} else {
		party, roles = u.party, u.roles&row.roles
		if roles == 0 {
			d.Reasons |= 1 << RoleNotEligible
		}
		if u.suspended {
			d.Reasons |= 1 << UserSuspended
		}
	}

	required := now
	if d.Required != at {
		required = nanoseconds(d.Required)
	}
	var device smki.EUI64
	if row.nonDeviceTarget {
		d.checkHolding(t, party, roles, required)
	} else {
		device = r.ID.Target
		d.checkDevice(w, policy, r, party, roles, required)
	}

	d.checkAuthority(w, r, party, device, at)
	d.conclude(policy)
	return d
}

// rules is the policy that decisions follow.
func (w *World) rules() *Policy {
	if w.policy == nil {
		return &unset
	}
	return w.policy
}

// unset is the policy of the zero World, which accepts nothing anyway.
var unset Policy

// conclude derives outcome and code from the reasons.
func (d *Decision) conclude(p *Policy) {
	first, refused := d.Reasons.First()
	switch {
	case !refused:
		d.Outcome, d.Code = Accepted, I99
	case first <= ChannelNotValid:
		d.Outcome, d.Code = NoConnection, 0
	case d.Reasons == 1<<OverThreshold:
		d.Outcome, d.Code = Quarantined, 0
	default:
		d.Outcome, d.Code = Rejected, p.Codes[first]
	}
}

// certReasons are the reasons for what can be wrong with a certificate.
type certReasons struct{ missing, unknown, revoked, notValid, foreign Reason }

var (
	channelReasons = certReasons{ChannelMissing, ChannelUnknown, ChannelRevoked, ChannelNotValid, ChannelNotValid}
	xmlSignReasons = certReasons{XMLSignMissing, XMLSignMissing, XMLSignRevoked, XMLSignNotValid, XMLSignForeign}
	signingReasons = certReasons{SigningMissing, SigningMissing, SigningRevoked, SigningNotValid, SigningForeign}
)

// checkCertificate checks one certificate that a request depends on. A DCCKI certificate may be anybody's, whatever the subject:
// a Shared Resource Provider connects with its own.
func (t *directoryTables) checkCertificate(n CertificateNumber, use smki.CertificateUse, subject smki.EUI64, now int64, why certReasons) (bad Reasons) {
	if n == 0 {
		return 1 << why.missing
	}
	if int(n) > len(t.certs) {
		return 1 << why.unknown
	}
	c := &t.certs[n-1]
	if now >= c.revoked {
		bad |= 1 << why.revoked
	}
	if now < c.notBefore || now > c.notAfter {
		bad |= 1 << why.notValid
	}
	if c.use != use || use != smki.DCCKI && c.subject != subject {
		bad |= 1 << why.foreign
	}
	return bad
}

// checkHolding is the check of a request without a metering point: the party holds any MPID for one of the roles (R5).
// Agents and other users need none.
func (d *Decision) checkHolding(t *directoryTables, party uint16, roles smki.UserRoles, required int64) {
	if roles == 0 {
		return
	}
	for rest := roles; rest != 0; rest &= rest - 1 {
		d.Role = smki.UserRole(bits.TrailingZeros8(uint8(rest)))
		fuel, needed := d.Role.Fuel()
		if !needed {
			return
		}
		for _, n := range t.parties[party].mpids {
			if m := &t.mpids[n]; m.fuel == fuel {
				if h, ok := m.ownerAt(required); ok && h.party == party {
					d.Evidence.mpid = n
					return
				}
			}
		}
	}
	d.Reasons |= 1 << NoMPIDForRole
}

// checkDevice is the check of a request to a device: one of the roles has a metering point there that is registered, at the required time, to an MPID
// which the DCC's map gives to the party.
func (d *Decision) checkDevice(w *World, policy *Policy, r *Request, party uint16, roles smki.UserRoles, required int64) {
	if !w.feeds[RegistrationFeed].current(nanoseconds(d.Received)) {
		d.Reasons |= 1 << RegistrationsNotCurrent
	}
	i, ok := find(&w.byDevice, &w.devices, uint64(r.ID.Target), deviceKey)
	if !ok {
		d.Reasons |= 1 << DeviceUnknown
		return
	}
	dev := w.devices.at(i)
	if !policy.Statuses[r.SRV.index()].Has(Status(dev.status)) {
		d.Reasons |= 1 << DeviceStatusWrong
	}
	if roles == 0 {
		return
	}
	secs := required / 1e9
	inTable := secs >= epoch2000 && secs-epoch2000 < 1<<32
	why := Reasons(1 << WrongDeviceType)
	for rest := roles; rest != 0; rest &= rest - 1 {
		role := smki.UserRole(bits.TrailingZeros8(uint8(rest)))
		point := dev.pointFor(role)
		if point == 0 {
			if _, needed := role.Fuel(); needed {
				continue
			}
			// Agents and other users act without a registration, and their request does not rest on that of another role.
			d.Role = role
			d.Evidence.Point, d.Evidence.mpid, d.Evidence.from, d.Evidence.to = 0, 0, 0, 0
			return
		}
		p := w.points.at(int(point - 1))
		c, to, ok := changeRow{mpid: p.network}, uint32(0), p.network != 0
		if role != smki.ElectricityDistributor && role != smki.GasTransporter {
			c, to, ok = w.registration(p, uint32(secs-epoch2000))
			ok = ok && inTable && c.mpid != 0
		}
		if !ok {
			why = why&^(1<<WrongDeviceType) | 1<<RegistrationMissing
			continue
		}
		d.Role = role
		d.Evidence.Point, d.Evidence.mpid, d.Evidence.from, d.Evidence.to = p.id, c.mpid, c.from, to
		m := &w.directory.mpids[c.mpid]
		h, held := m.ownerAt(required)
		switch {
		case held && h.party == party && party != 0:
			return
		case !held:
			why = why&^(1<<WrongDeviceType) | 1<<MPIDUnknown
		case m.everHeld(party, required):
			why = why&^(1<<WrongDeviceType) | 1<<MPIDMoved
		default:
			why = why&^(1<<WrongDeviceType) | 1<<NotRegistered
		}
	}
	d.Reasons |= why
}

// pointFor is the metering point through which a role reaches the device; zero for none. An import supplier of a device without an import MPAN is
// the one registered for its export MPAN; an export supplier has none there (SEC definitions of Import and Export Supplier).
func (d *deviceRow) pointFor(role smki.UserRole) uint32 {
	switch role {
	case smki.ImportSupplier:
		if d.imp == 0 {
			return d.exp
		}
		return d.imp
	case smki.ExportSupplier:
		if d.imp == 0 {
			return 0
		}
		return d.exp
	case smki.ElectricityDistributor:
		return d.imp
	case smki.GasSupplier, smki.GasTransporter:
		return d.gas
	}
	return 0
}

func (d *Decision) checkAuthority(w *World, r *Request, party uint16, device smki.EUI64, at time.Time) {
	if party == 0 {
		return // UserUnknown says it
	}
	if w.authority == nil {
		d.Reasons |= 1 << AuthorityUnknown
		return
	}
	q := Question{Party: w.directory.parties[party].id, User: r.ID.Originator, SRV: r.SRV, Mode: r.Mode, Device: device, At: at}
	if device != 0 {
		q.MPID = w.directory.mpids[d.Evidence.mpid].id
	}
	a := w.authority.Ask(q)
	d.Standing, d.Evidence.Grant = a.Standing, a.Grant
	switch a.Standing {
	case NotNeeded, Covered:
	case NotCovered:
		d.Advice |= 1 << NotAuthorised
	case Refused:
		d.Reasons |= 1 << NotAuthorised
	default:
		d.Reasons |= 1 << AuthorityUnknown
	}
}

// AppendText appends one line that says what was decided and why, as the World w that made the decision knows it.
func (d *Decision) AppendText(b []byte, w *World) []byte {
	b = append(b, d.Outcome.String()...)
	if d.Code != 0 {
		b = fmt.Appendf(b, " %v", d.Code)
	}
	if d.Reasons != 0 {
		b = fmt.Appendf(b, ": %v", d.Reasons)
	}
	if d.Advice != 0 {
		b = fmt.Appendf(b, " (advice: %v)", d.Advice)
	}
	if r, ok := d.Registration(w); ok {
		b = fmt.Appendf(b, "; %v registered to %s from %s", r.Point, r.MPID, r.From.Format(time.RFC3339))
	}
	if d.Evidence.Grant != 0 {
		b = fmt.Appendf(b, "; authority %d", d.Evidence.Grant)
	}
	return fmt.Appendf(b, "; world %d", d.Version)
}
