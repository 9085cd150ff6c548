package duis_test

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/seed-db8551c1/lastresort/duis"
	"github.com/seed-db8551c1/lastresort/smki"
)

// verdict is what the specification says of a request: the observable part of a Decision.
type verdict struct {
	Outcome  duis.Outcome
	Code     duis.Code
	Reasons  duis.Reasons
	Advice   duis.Reasons
	Role     smki.UserRole
	Standing duis.Standing
	Grant    duis.GrantNumber
	Required time.Time
	MPID     smki.MPID // of the registration that it rests on
	Point    duis.MPxN
}

func observe(d duis.Decision, w *duis.World) verdict {
	r, _ := d.Registration(w)
	return verdict{d.Outcome, d.Code, d.Reasons, d.Advice, d.Role, d.Standing, d.Evidence.Grant, d.Required, r.MPID, r.Point}
}

// specify is Decide written again: slow, over the plain facts, one function for each check, with the matrix of the DUIS read from its source.
func specify(f *facts, c *call, at time.Time) verdict {
	s := spec{f: f, c: c, at: at, row: matrix[c.SRV.String()]}
	s.v.Required = s.required()
	s.v.Reasons = c.Faults
	s.channel()
	s.xmlSign()
	s.signing()
	s.service()
	s.variant()
	s.execution()
	s.theUser()
	s.feed()
	s.role()
	s.status()
	s.authority()
	s.conclude()
	return s.v
}

var matrix = func() map[string]*sourceRow {
	m := make(map[string]*sourceRow)
	for _, r := range sourceRows() {
		m[r.SRV] = &r
	}
	return m
}()

type spec struct {
	f   *facts
	c   *call
	at  time.Time
	row *sourceRow // nil for no variant
	v   verdict
}

func (s *spec) refuse(r duis.Reason) { s.v.Reasons |= duis.ReasonsOf(r) }

func (s *spec) refuseIf(bad bool, r duis.Reason) {
	if bad {
		s.refuse(r)
	}
}

func (s *spec) find(id smki.CertificateID) *certFact {
	for i := range s.f.certs {
		if s.f.certs[i].ID == id {
			return &s.f.certs[i]
		}
	}
	return nil
}

func (s *spec) expired(c *certFact) bool {
	return s.at.Before(c.NotBefore) || !c.NotAfter.IsZero() && s.at.After(c.NotAfter)
}

func (s *spec) revoked(c *certFact) bool { return !c.revoked.IsZero() && !s.at.Before(c.revoked) }

func (s *spec) channel() {
	c := s.find(s.c.channel)
	switch {
	case s.c.channel == "":
		s.refuse(duis.ChannelMissing)
	case c == nil:
		s.refuse(duis.ChannelUnknown)
	default:
		s.refuseIf(s.revoked(c), duis.ChannelRevoked)
		s.refuseIf(s.expired(c) || c.Use != smki.DCCKI, duis.ChannelNotValid)
	}
}

func (s *spec) xmlSign() {
	c := s.find(s.c.xmlSign)
	if c == nil {
		s.refuse(duis.XMLSignMissing)
		return
	}
	s.refuseIf(s.revoked(c), duis.XMLSignRevoked)
	s.refuseIf(s.expired(c), duis.XMLSignNotValid)
	s.refuseIf(c.Use != smki.XMLSign || c.Subject != s.c.ID.Originator, duis.XMLSignForeign)
}

func (s *spec) signing() {
	if !slices.Contains([]int{5, 6, 7}, int(s.c.Variant)) {
		return
	}
	c := s.find(s.c.signing)
	if c == nil {
		s.refuse(duis.SigningMissing)
		return
	}
	s.refuseIf(s.revoked(c), duis.SigningRevoked)
	s.refuseIf(s.expired(c), duis.SigningNotValid)
	s.refuseIf(c.Use != smki.DigitalSigning || c.Subject != s.c.ID.Originator, duis.SigningForeign)
}

func (s *spec) service() {
	takes := map[duis.WebService]string{duis.TransformService: "4", duis.SendCommandService: "1357", duis.NonDeviceService: "268"}
	s.refuseIf(s.c.Variant > 8 || !strings.Contains(takes[s.c.Service], fmt.Sprint(s.c.Variant)), duis.WrongService)
}

func (s *spec) variant() {
	if s.row == nil {
		s.refuse(duis.SRVUnknown)
		return
	}
	may := "123"
	if s.row.Critical == "yes" {
		may = "4567"
	}
	if s.row.NonDevice == "yes" {
		may = "8"
	}
	s.refuseIf(s.c.Variant > 8 || !strings.Contains(may, fmt.Sprint(s.c.Variant)), duis.WrongVariant)
}

func (s *spec) execution() {
	if !s.c.Execution.IsZero() {
		s.refuseIf(s.row == nil || s.row.Future == "no" || s.c.Execution.Before(s.at), duis.WrongExecution)
	}
}

// required is the time for which the DCC's records are asked: that of execution if the DCC holds the command until then.
func (s *spec) required() time.Time {
	if s.row != nil && strings.Contains(s.row.Future, "dsp") && !s.c.Execution.IsZero() && !s.c.Execution.Before(s.at) {
		return s.c.Execution
	}
	return s.at
}

func (s *spec) user() *smki.User {
	for i := range s.f.users {
		if s.f.users[i].ID == s.c.ID.Originator {
			return &s.f.users[i]
		}
	}
	return nil
}

// feed: facts of a feed that is followed count only while it is current.
func (s *spec) feed() {
	if x := s.f.feed; s.targetsDevice() && x != nil {
		s.refuseIf(x.gap || x.due.IsZero() || s.at.After(x.due), duis.RegistrationsNotCurrent)
	}
}

func (s *spec) theUser() {
	u := s.user()
	if u == nil {
		s.refuse(duis.UserUnknown)
		return
	}
	s.refuseIf(u.Suspended, duis.UserSuspended)
	s.refuseIf(len(s.roles()) == 0, duis.RoleNotEligible)
}

// roles are the roles of the User that may send the variant, in order.
func (s *spec) roles() (may []smki.UserRole) {
	u := s.user()
	if u == nil || s.row == nil {
		return nil
	}
	for _, r := range []smki.UserRole{smki.ImportSupplier, smki.ExportSupplier, smki.GasSupplier, smki.ElectricityDistributor, smki.GasTransporter, smki.RegisteredSupplierAgent, smki.OtherUser} {
		if u.Roles.Has(r) && slices.Contains(strings.Split(s.row.Roles, ","), r.String()) {
			may = append(may, r)
		}
	}
	return may
}

func (s *spec) device() *duis.Device {
	for i := range s.f.devices {
		if s.f.devices[i].ID == s.c.ID.Target {
			return &s.f.devices[i]
		}
	}
	return nil
}

func (s *spec) owner(id smki.MPID, at time.Time) smki.PartyID {
	var best *smki.MPIDHolding
	for _, m := range s.f.mpids {
		for i := range m.history {
			if h := &m.history[i]; m.id == id && !h.From.After(at) && (best == nil || !h.From.Before(best.From)) {
				best = h
			}
		}
	}
	if best == nil {
		return ""
	}
	return best.Party
}

func (s *spec) everHeld(id smki.MPID, p smki.PartyID) bool {
	for _, m := range s.f.mpids {
		for _, h := range m.history {
			if m.id == id && h.Party == p && !h.From.After(s.v.Required) {
				return true
			}
		}
	}
	return false
}

// registered is the MPID that a point is registered to at the required time.
func (s *spec) registered(p duis.MPxN) smki.MPID {
	var best *registrationFact
	for i := range s.f.registrations {
		if r := &s.f.registrations[i]; r.point == p && !r.from.After(s.v.Required) && (best == nil || !r.from.Before(best.from)) {
			best = r
		}
	}
	if best == nil {
		return ""
	}
	return best.mpid
}

func isNetwork(r smki.UserRole) bool {
	return r == smki.ElectricityDistributor || r == smki.GasTransporter
}

func point(d *duis.Device, r smki.UserRole) duis.MPxN {
	switch r {
	case smki.GasSupplier, smki.GasTransporter:
		return d.Gas
	case smki.ElectricityDistributor:
		return d.Import
	case smki.ExportSupplier:
		if d.Import != 0 {
			return d.Export
		}
	case smki.ImportSupplier:
		if d.Import != 0 {
			return d.Import
		}
		return d.Export
	}
	return 0
}

func (s *spec) role() {
	if len(s.roles()) == 0 {
		s.refuseIf(s.targetsDevice() && s.device() == nil, duis.DeviceUnknown)
		return
	}
	if !s.targetsDevice() {
		s.holdsAny()
		return
	}
	d := s.device()
	if d == nil {
		s.refuse(duis.DeviceUnknown)
		return
	}
	party := s.user().Party
	var why duis.Reasons
	for _, r := range s.roles() {
		if r == smki.OtherUser || r == smki.RegisteredSupplierAgent {
			s.v.Role, s.v.MPID, s.v.Point = r, "", 0
			return
		}
		p := point(d, r)
		if p == 0 {
			continue
		}
		id := s.registered(p)
		if isNetwork(r) {
			id = s.f.networks[p]
		}
		if id == "" {
			why |= duis.ReasonsOf(duis.RegistrationMissing)
			continue
		}
		s.v.Role, s.v.MPID, s.v.Point = r, id, p
		switch o := s.owner(id, s.v.Required); {
		case o == party:
			return
		case o == "":
			why |= duis.ReasonsOf(duis.MPIDUnknown)
		case s.everHeld(id, party):
			why |= duis.ReasonsOf(duis.MPIDMoved)
		default:
			why |= duis.ReasonsOf(duis.NotRegistered)
		}
	}
	s.refuseIf(why == 0, duis.WrongDeviceType)
	s.v.Reasons |= why
}

func (s *spec) targetsDevice() bool { return s.row == nil || s.row.NonDevice == "no" }

// holdsAny: without a metering point, the party needs any MPID for one of the roles.
func (s *spec) holdsAny() {
	for _, r := range s.roles() {
		s.v.Role = r
		if r == smki.OtherUser || r == smki.RegisteredSupplierAgent {
			return
		}
		gas := r == smki.GasSupplier || r == smki.GasTransporter
		for _, m := range s.f.mpids {
			if (m.fuel == smki.Gas) == gas && s.owner(m.id, s.v.Required) == s.user().Party {
				return
			}
		}
	}
	s.refuse(duis.NoMPIDForRole)
}

func (s *spec) status() {
	if d := s.device(); s.targetsDevice() && d != nil {
		may := "Commissioned Recovered"
		switch {
		case s.row == nil:
			may = ""
		case slices.Contains([]string{"8.1", "8.7", "8.8", "8.9", "8.11", "8.12"}, s.row.Reference):
			may += " Pending Whitelisted InstalledNotCommissioned"
		case slices.Contains([]string{"11.2", "11.3"}, s.row.Reference):
			may += " Suspended"
		}
		s.refuseIf(!slices.Contains(strings.Fields(may), d.Status.String()), duis.DeviceStatusWrong)
	}
}

func (s *spec) authority() {
	u := s.user()
	switch {
	case u == nil:
		return
	case s.f.authority == nil:
		s.refuse(duis.AuthorityUnknown)
		return
	}
	q := duis.Question{Party: u.Party, SRV: s.c.SRV, Mode: s.c.Mode, At: s.at}
	if s.targetsDevice() {
		q.Device, q.MPID = s.c.ID.Target, s.v.MPID
	}
	a := s.f.authority.Ask(q)
	s.v.Standing, s.v.Grant = a.Standing, a.Grant
	switch a.Standing {
	case duis.StandingUnknown:
		s.refuse(duis.AuthorityUnknown)
	case duis.NotCovered:
		s.v.Advice |= duis.ReasonsOf(duis.NotAuthorised)
	case duis.Refused:
		s.refuse(duis.NotAuthorised)
	}
}

// conclude gives the code of the first reason in the order of the constants; without a channel there is nobody to answer.
func (s *spec) conclude() {
	codes := []struct {
		until duis.Reason
		code  duis.Code
	}{
		{duis.ChannelNotValid, 0}, {duis.Replayed, duis.E100}, {duis.WrongService, duis.E13}, {duis.WrongExecution, duis.E12}, {duis.NoMPIDForRole, duis.E1},
		{duis.RoleNotEligible, duis.E2}, {duis.UserSuspended, duis.E3}, {duis.RegistrationsNotCurrent, duis.E4}, {duis.DeviceUnknown, duis.E19}, {duis.MPIDUnknown, duis.E4},
		{duis.DeviceStatusWrong, duis.E5}, {duis.WrongDeviceType, duis.E11}, {duis.ThresholdMissing, duis.E3},
	}
	s.v.Outcome, s.v.Code = duis.Accepted, duis.I99
	for r := range duis.OverThreshold {
		if s.v.Reasons.Has(r) {
			s.v.Outcome = duis.Rejected
			if r <= duis.ChannelNotValid {
				s.v.Outcome = duis.NoConnection
			}
			i := slices.IndexFunc(codes, func(c struct {
				until duis.Reason
				code  duis.Code
			}) bool {
				return r <= c.until
			})
			s.v.Code = codes[i].code
			return
		}
	}
}
