package history

import (
	"strings"
	"time"

	"github.com/seed-db8551c1/lastresort/duis"
	"github.com/seed-db8551c1/lastresort/hold"
	"github.com/seed-db8551c1/lastresort/smki"
	"github.com/seed-db8551c1/lastresort/solr"
)

// eventFields are all the fields of an event, in the order in which they are written. Events of any kind can have each of them, so that a malformed event can be written too.
var eventFields = []field[hold.Event]{
	one("failure", of(func(e *hold.Event) *solr.FailureID { return &e.Failure }), texts[solr.FailureID](), nil),
	one("by", of(func(e *hold.Event) *smki.PartyID { return &e.By }), texts[smki.PartyID](), nil),
	one(party, of(func(e *hold.Event) *smki.PartyID { return &e.Party }), texts[smki.PartyID](), nil),
	list("MPIDs", of(func(e *hold.Event) *[]smki.MPID { return &e.MPIDs }), texts[smki.MPID]()),
	list("certificates", of(func(e *hold.Event) *[]smki.CertificateID { return &e.Certificates }), texts[smki.CertificateID]()),
	one("date", of(func(e *hold.Event) *time.Time { return &e.Date }), times, nil),
	one("controls", of(func(e *hold.Event) *hold.Controls { return &e.Controls }), enum[hold.Controls]("a control such as revocation+transfer"), nil),
	one("action", of(func(e *hold.Event) *hold.Action { return &e.Action }), enum[hold.Action]("an act such as transfer MPID"), nil),
	one("confirmation", of(func(e *hold.Event) *hold.Confirmation { return &e.Confirmation }), enum[hold.Confirmation]("one of the five confirmations, such as staff"), nil),
	one("agreeing", of(func(e *hold.Event) *hold.Agreeing { return &e.Agreeing }), enum[hold.Agreeing]("one who agrees: SoLR, PMA or DCC"), nil),
	one("exit", of(func(e *hold.Event) *solr.ExitKind { return &e.Exit }), enum[solr.ExitKind]("an exit: trade sale or special administration"), nil),
	one("reason", of(func(e *hold.Event) *smki.RevocationReason { return &e.Reason }), enum[smki.RevocationReason]("a revocation reason such as keyCompromise"), func(e *hold.Event) bool {
		return e.Kind == hold.CertificateRevoked || e.Kind == hold.CRLPublished
	}),
	one("fuel", of(func(e *hold.Event) *smki.Fuel { return &e.Fuel }), enum[smki.Fuel]("a fuel: electricity or gas"), func(e *hold.Event) bool { return e.Kind == hold.MPIDAllocated }),

	one("user", in(user, func(u *smki.User) *smki.EUI64 { return &u.ID }), euis, always[hold.Event]),
	one("of", in(user, func(u *smki.User) *smki.PartyID { return &u.Party }), texts[smki.PartyID](), nil),
	one("roles", in(user, func(u *smki.User) *smki.UserRoles { return &u.Roles }), roleSets, nil),
	flag("suspended", in(user, func(u *smki.User) *bool { return &u.Suspended })),

	one("certificate", in(certificate, func(c *smki.Certificate) *smki.CertificateID { return &c.ID }), texts[smki.CertificateID](), always[hold.Event]),
	one("use", in(certificate, func(c *smki.Certificate) *smki.CertificateUse { return &c.Use }), enum[smki.CertificateUse]("a certificate use such as xml-sign"), nil),
	one("subject", in(certificate, func(c *smki.Certificate) *smki.EUI64 { return &c.Subject }), euis, nil),
	one("subscriber", in(certificate, func(c *smki.Certificate) *smki.PartyID { return &c.Subscriber }), texts[smki.PartyID](), nil),
	one("notBefore", in(certificate, func(c *smki.Certificate) *time.Time { return &c.NotBefore }), times, nil),
	one("notAfter", in(certificate, func(c *smki.Certificate) *time.Time { return &c.NotAfter }), times, nil),

	supportField,
	list("devices", in(support, func(s *hold.Support) *[]smki.EUI64 { return &s.Devices }), euis),
	list("asking", in(support, func(s *hold.Support) *[]duis.Threshold { return &s.Thresholds }), thresholds),
	one("from", in(support, func(s *hold.Support) *time.Time { return &s.From }), times, nil),
	one("until", in(support, func(s *hold.Support) *time.Time { return &s.To }), times, nil),

	one("request", of(func(e *hold.Event) *string { return &e.Request }), texts[string](), nil),
	one("delay", of(func(e *hold.Event) *string { return &e.Ref }), texts[string](), nil),
	list("thresholds", of(func(e *hold.Event) *[]duis.Threshold { return &e.Thresholds }), thresholds),
	one("saying", of(func(e *hold.Event) *string { return &e.Text }), quotedText, nil),
	one("id", of(func(e *hold.Event) *string { return &e.ID }), texts[string](), nil),
}

// supportField says for which variants support is asked; "nothing" stands for a request that names none.
var supportField = field[hold.Event]{"support", func(e *hold.Event) (string, bool) {
	switch {
	case e.Support == nil:
		return "", false
	case len(e.Support.SRVs) == 0:
		return "nothing", true
	}
	return showList(e.Support.SRVs, srvs), true
}, func(e *hold.Event, s string) (err error) {
	if to := support(e, true); s != "nothing" {
		to.SRVs, err = readList(s, srvs)
	}
	return err
}}

// Where some fields of an event are: in a User, certificate or support request that it has.

func user(e *hold.Event, make bool) *smki.User { return part(&e.User, make) }

func certificate(e *hold.Event, make bool) *smki.Certificate { return part(&e.Certificate, make) }

func support(e *hold.Event, make bool) *hold.Support { return part(&e.Support, make) }

func part[P any](p **P, make bool) *P {
	if *p == nil && make {
		*p = new(P)
	}
	return *p
}

// party is the field whose label says what the party is to the event.
const party = "party"

// partyLabels are the labels of Party by kind; for other kinds it is "party".
var partyLabels = map[hold.Kind]string{
	hold.MPIDAllocated: "to", hold.MPIDTransferred: "to", hold.MPIDTransferredInCodes: "to", hold.TransferDirected: "to", hold.ExitReleased: "to",
	hold.FailureNotified: "supplier", hold.LicenceRevoked: "supplier", hold.SRPEngaged: "supplier",
	hold.SoLRAnnounced: "SoLR", hold.SoLRAppointed: "SoLR",
	hold.SafeModeInstructed: "SRP", hold.SupportRequested: "SRP",
}

func labelsOf(k hold.Kind) func(string) string {
	return func(label string) string {
		if l := partyLabels[k]; label == party && l != "" {
			return l
		}
		return label
	}
}

var kinds = enum[hold.Kind]("a kind of event such as failure notified")

// actorOf is who events of a kind come from; of one without a name, nobody.
func actorOf(k hold.Kind) string {
	if a := k.Actor(); a != 0 {
		return a.String()
	}
	return "nobody"
}

func showEvent(e *hold.Event) string {
	var b strings.Builder
	b.WriteString(showTime(e.At) + " " + actorOf(e.Kind) + ": " + kinds.show(e.Kind))
	showFields(&b, e, eventFields, labelsOf(e.Kind))
	return b.String()
}

func readEvent(at time.Time, actor, kind string, fields []string) (e hold.Event, err error) {
	e.At = at
	if e.Kind, err = kinds.read(kind); err != nil {
		return e, wrong(kind, "a kind of event such as %q", hold.FailureNotified)
	}
	if want := actorOf(e.Kind); actor != want {
		return e, wrong(actor, "%s before %q", want, e.Kind)
	}
	return e, readFields(&e, fields, eventFields, labelsOf(e.Kind))
}
