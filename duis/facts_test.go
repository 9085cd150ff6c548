package duis_test

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/seed-db8551c1/lastresort/duis"
	"github.com/seed-db8551c1/lastresort/smki"
)

// facts is a world as plain lists: what the tests change, drop and hand to both the World and its slow specification.
type facts struct {
	users         []smki.User
	certs         []certFact
	mpids         []mpidFact
	registrations []registrationFact
	networks      map[duis.MPxN]smki.MPID
	devices       []duis.Device
	authority     duis.Authority
	thresholds    []duis.Threshold
	policy        *duis.Policy
	feed          *feedFact // of registrations; nil for none
}

// feedFact is a feed that is followed, its first update due at a time, and whether it was followed by a gap.
type feedFact struct {
	due time.Time // zero if it never came
	gap bool
}

type certFact struct {
	smki.Certificate
	revoked time.Time // zero for never
}

type mpidFact struct {
	id      smki.MPID
	fuel    smki.Fuel
	history []smki.MPIDHolding // the first is the allocation, an empty party the retirement; equal instants in the order in which they were recorded
}

type registrationFact struct {
	point duis.MPxN
	from  time.Time
	mpid  smki.MPID // empty for the end of a registration
}

// call is a request as its sender knows it: certificates by name. The name of none is empty.
type call struct {
	duis.Request
	xmlSign, signing, channel smki.CertificateID
}

type fataler interface {
	Helper()
	Fatal(...any)
}

// world builds a World of the facts.
func (f *facts) world(t fataler) *duis.World {
	t.Helper()
	e := new(duis.World).Edit()
	d := f.directory(t)
	must(t, e.SetDirectory(d))
	for _, r := range f.registrations {
		must(t, e.Register(r.point, r.from, r.mpid))
	}
	for point, mpid := range f.networks {
		must(t, e.SetNetwork(point, mpid))
	}
	for _, x := range f.devices {
		must(t, e.SetDevice(x))
	}
	must(t, e.SetThresholds(f.thresholds))
	e.SetAuthority(f.authority)
	if f.policy != nil {
		e.SetPolicy(*f.policy)
	}
	if f.feed != nil {
		must(t, e.Follow(duis.RegistrationFeed, "registrars"))
		if !f.feed.due.IsZero() {
			must(t, e.Receive(duis.RegistrationFeed, duis.Update{Issuer: "registrars", Number: 1, Made: start.AddDate(-1, 0, 0), NextDue: f.feed.due}, start.AddDate(-1, 0, 0)))
		}
		if f.feed.gap {
			if err := e.Receive(duis.RegistrationFeed, duis.Update{Issuer: "registrars", Number: 9, Made: start, NextDue: f.feed.due.AddDate(1, 0, 0)}, start); err == nil {
				t.Fatal("an update after a gap is taken")
			}
		}
	}
	return e.World()
}

func (f *facts) directory(t fataler) *smki.Directory {
	t.Helper()
	d := new(smki.Directory)
	for _, u := range f.users {
		must(t, d.SetUser(u))
	}
	for _, c := range f.certs {
		must(t, d.Issue(c.Certificate))
		if !c.revoked.IsZero() {
			d.Revoke(c.ID, smki.Revocation{At: c.revoked, Reason: smki.CessationOfOperation})
		}
	}
	for _, m := range f.mpids {
		must(t, d.Allocate(m.id, m.fuel, m.history[0].Party, m.history[0].From))
		for _, h := range m.history[1:] {
			if h.Party == "" {
				must(t, d.DCC.Retire(m.id, h.From))
			} else {
				must(t, d.DCC.Transfer(m.id, h.Party, h.From))
			}
		}
	}
	return d
}

// on gives the certificates of a call the numbers that a world knows them by. One that it does not know gets a number that nobody has.
func (c *call) on(w *duis.World) *duis.Request {
	number := func(id smki.CertificateID) duis.CertificateNumber {
		if id == "" {
			return 0
		}
		if n, ok := w.CertificateNumber(id); ok {
			return n
		}
		return math.MaxUint32
	}
	r := c.Request
	r.XMLSign, r.Signing, r.Channel = number(c.xmlSign), number(c.signing), number(c.channel)
	return &r
}

func must(t fataler, errs ...error) {
	t.Helper()
	for _, err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
}

// clone is a copy whose lists can be changed alone.
func (f *facts) clone() *facts {
	c := *f
	c.users, c.certs, c.registrations = slices.Clone(f.users), slices.Clone(f.certs), slices.Clone(f.registrations)
	c.devices, c.thresholds, c.mpids = slices.Clone(f.devices), slices.Clone(f.thresholds), slices.Clone(f.mpids)
	for i := range c.mpids {
		c.mpids[i].history = slices.Clone(c.mpids[i].history)
	}
	c.networks = make(map[duis.MPxN]smki.MPID)
	for k, v := range f.networks {
		c.networks[k] = v
	}
	return &c
}

func (f *facts) user(id smki.EUI64) *smki.User {
	return &f.users[slices.IndexFunc(f.users, func(u smki.User) bool { return u.ID == id })]
}

func (f *facts) cert(id smki.CertificateID) *certFact {
	return &f.certs[slices.IndexFunc(f.certs, func(c certFact) bool { return c.ID == id })]
}

func (f *facts) mpid(id smki.MPID) *mpidFact {
	return &f.mpids[slices.IndexFunc(f.mpids, func(m mpidFact) bool { return m.id == id })]
}

func (f *facts) device(id smki.EUI64) *duis.Device {
	return &f.devices[slices.IndexFunc(f.devices, func(d duis.Device) bool { return d.ID == id })]
}

func (f *facts) move(id smki.MPID, to smki.PartyID, at time.Time) {
	m := f.mpid(id)
	m.history = append(m.history, smki.MPIDHolding{From: at, Party: to})
}

// standings is an Authority that answers by party, and for some by MPID.
type standings map[string]duis.Answer

func (s standings) Ask(q duis.Question) duis.Answer {
	if a, ok := s[string(q.Party)+" "+string(q.MPID)]; ok {
		return a
	}
	return s[string(q.Party)]
}

// The sample is a failure in the middle: Avro has failed, Octopus is its SoLR, and Utilita sends on Avro's behalf as Shared Resource Provider.
// Everything is in order, so that each test breaks one thing.
const (
	avro    smki.EUI64 = 0x90B3D51F30010000
	octopus smki.EUI64 = 0x90B3D51F30020000
	ovo     smki.EUI64 = 0x90B3D51F30030000 // an other user and supplier agent: no MPID
	network smki.EUI64 = 0x90B3D51F30040000
	dcc     smki.EUI64 = 0x90B3D51F300000FE

	esme smki.EUI64 = 0x00DB1234567890A0
	gsme smki.EUI64 = 0x00DB1234567890A1
	hub  smki.EUI64 = 0x00DB1234567890A2 // without a metering point

	mpan duis.MPxN = 1012345678901
	mprn duis.MPxN = 1234567890

	avroXML, avroSign       = smki.CertificateID("CN=OCA/1"), smki.CertificateID("CN=OCA/2")
	octopusXML, octopusSign = smki.CertificateID("CN=OCA/3"), smki.CertificateID("CN=OCA/4")
	ovoXML, networkXML      = smki.CertificateID("CN=OCA/5"), smki.CertificateID("CN=OCA/6")
	avroTLS, srpTLS         = smki.CertificateID("CN=DCCKI/1"), smki.CertificateID("CN=DCCKI/2")
)

func date(month time.Month, day, hour int) time.Time {
	return time.Date(2021, month, day, hour, 0, 0, 0, time.UTC)
}

var (
	start = time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	now   = date(9, 27, 12)
)

func sample() *facts {
	cert := func(id smki.CertificateID, use smki.CertificateUse, subject smki.EUI64, party smki.PartyID) certFact {
		return certFact{Certificate: smki.Certificate{ID: id, Use: use, Subject: subject, Subscriber: party, NotBefore: start, NotAfter: start.AddDate(10, 0, 0)}}
	}
	supplier := smki.RolesOf(smki.ImportSupplier, smki.GasSupplier)
	return &facts{
		users: []smki.User{
			{ID: avro, Party: "Avro", Roles: supplier},
			{ID: octopus, Party: "Octopus", Roles: supplier},
			{ID: ovo, Party: "Ovo", Roles: smki.RolesOf(smki.OtherUser, smki.RegisteredSupplierAgent)},
			{ID: network, Party: "UKPN", Roles: smki.RolesOf(smki.ElectricityDistributor)},
		},
		certs: []certFact{
			cert(avroXML, smki.XMLSign, avro, "Avro"), cert(avroSign, smki.DigitalSigning, avro, "Avro"),
			cert(octopusXML, smki.XMLSign, octopus, "Octopus"), cert(octopusSign, smki.DigitalSigning, octopus, "Octopus"),
			cert(ovoXML, smki.XMLSign, ovo, "Ovo"), cert(networkXML, smki.XMLSign, network, "UKPN"),
			cert(avroTLS, smki.DCCKI, avro, "Avro"), cert(srpTLS, smki.DCCKI, 0x90B3D51F30050000, "Utilita"),
		},
		mpids: []mpidFact{
			{"AVRO", smki.Electricity, []smki.MPIDHolding{{From: start, Party: "Avro"}}},
			{"AVG", smki.Gas, []smki.MPIDHolding{{From: start, Party: "Avro"}}},
			{"OCTO", smki.Electricity, []smki.MPIDHolding{{From: start, Party: "Octopus"}}},
			{"LOND", smki.Electricity, []smki.MPIDHolding{{From: start, Party: "UKPN"}}},
		},
		registrations: []registrationFact{{mpan, start, "AVRO"}, {mprn, start, "AVG"}},
		networks:      map[duis.MPxN]smki.MPID{mpan: "LOND"},
		devices: []duis.Device{
			{ID: esme, Type: duis.ESME, Status: duis.Commissioned, Import: mpan},
			{ID: gsme, Type: duis.GSME, Status: duis.Commissioned, Gas: mprn},
			{ID: hub, Type: duis.CHF, Status: duis.Commissioned},
		},
		authority:  duis.Licensed{},
		thresholds: []duis.Threshold{{User: avro, Warning: 1000, Quarantine: 2000}, {User: octopus, Warning: 1000, Quarantine: 2000}},
	}
}

// The calls of the sample: a top-up, the two messages of a payment mode change, and a request to the DCC itself. All are sent for Avro by its SRP.
func topUp() *call { return request(duis.TopUpDevice, duis.SendCommand, esme) }
func preCommand() *call {
	c := request(duis.UpdatePaymentMode, duis.TransformRequest, esme)
	c.Mode = duis.CreditMode
	return c
}
func signedPreCommand() *call {
	c := request(duis.UpdatePaymentMode, duis.SendSignedPreCommand, esme)
	c.Mode, c.signing = duis.CreditMode, avroSign
	return c
}
func readInventory() *call { return request(duis.ReadInventory, duis.NonDeviceRequest, dcc) }

func request(srv duis.SRV, v duis.CommandVariant, target smki.EUI64) *call {
	return &call{
		Request: duis.Request{ID: duis.RequestID{Originator: avro, Target: target, Counter: 1000}, SRV: srv, Variant: v, Service: v.Service()},
		xmlSign: avroXML, channel: srpTLS,
	}
}

// from makes the call one of another User, with its certificates.
func (c *call) from(user smki.EUI64, xmlSign, signing smki.CertificateID) *call {
	c.ID.Originator, c.xmlSign, c.signing = user, xmlSign, signing
	return c
}

// explain says what was decided, for a test that expected something else.
func explain(d duis.Decision, w *duis.World) string {
	return fmt.Sprintf("%s (code %v, reasons %v, advice %v, role %v, standing %d)", d.AppendText(nil, w), d.Code, d.Reasons, d.Advice, d.Role, d.Standing)
}

// The sample itself is in order.
func TestSampleIsAccepted(t *testing.T) {
	w := sample().world(t)
	for name, c := range map[string]*call{"top-up": topUp(), "Pre-Command": preCommand(), "Signed Pre-Command": signedPreCommand(), "inventory": readInventory()} {
		if d := duis.Decide(w, c.on(w), now); d.Outcome != duis.Accepted || d.Code != duis.I99 || d.Reasons != 0 || d.Advice != 0 || d.Version != 1 || d.Received != now || d.Required != now {
			t.Errorf("%s: %s", name, explain(d, w))
		}
	}
}
