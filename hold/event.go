package hold

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/seed-db8551c1/lastresort/duis"
	"github.com/seed-db8551c1/lastresort/smki"
	"github.com/seed-db8551c1/lastresort/solr"
)

// Event is one thing that happened or was directed. Which fields count depends on its Kind, see [Kind.Needs]; the others stay zero.
type Event struct {
	ID   string    `json:"id,omitempty"` // a name of the event; a second event with the same ID changes nothing
	At   time.Time `json:"at"`           // when it took effect
	Kind Kind      `json:"kind"`

	Failure solr.FailureID `json:"failure,omitempty"`
	By      smki.PartyID   `json:"by,omitempty"`    // the SoLR or SRP that acts
	Party   smki.PartyID   `json:"party,omitempty"` // the party that it is about: the supplier, the SoLR that is named, the SRP that is asked, the new holder of an MPID

	MPIDs        []smki.MPID          `json:"mpids,omitempty"`
	Certificates []smki.CertificateID `json:"certificates,omitempty"`

	Date         time.Time             `json:"date,omitzero"`          // the SoLR date, or the end of an extension
	Controls     Controls              `json:"controls,omitempty"`     // what a delay covers
	Action       Action                `json:"action,omitempty"`       // what an instruction of the PMA names
	Confirmation Confirmation          `json:"confirmation,omitempty"` // which of the five
	Agreeing     Agreeing              `json:"agreeing,omitempty"`     // who agrees to a transfer
	Exit         solr.ExitKind         `json:"exit,omitempty"`
	Reason       smki.RevocationReason `json:"reason,omitempty"`
	Fuel         smki.Fuel             `json:"fuel,omitempty"`
	User         *smki.User            `json:"user,omitempty"`
	Certificate  *smki.Certificate     `json:"certificate,omitempty"`
	Support      *Support              `json:"support,omitempty"`
	Request      string                `json:"request,omitempty"` // the ID of a support request
	Ref          string                `json:"ref,omitempty"`     // the ID of the delay that the DCC received; empty for all
	Thresholds   []duis.Threshold      `json:"thresholds,omitempty"`
	Text         string                `json:"text,omitempty"` // what was said: a confirmation's content, a position, a reason
}

// clone gives a copy that shares nothing that the caller could change, with its times in UTC as the log has them.
func (e Event) clone() Event {
	e.At, e.Date = instant(e.At), instant(e.Date)
	e.MPIDs, e.Certificates, e.Thresholds = slices.Clone(e.MPIDs), slices.Clone(e.Certificates), slices.Clone(e.Thresholds)
	if e.User != nil {
		u := *e.User
		e.User = &u
	}
	if e.Certificate != nil {
		c := *e.Certificate
		c.NotBefore, c.NotAfter = instant(c.NotBefore), instant(c.NotAfter)
		e.Certificate = &c
	}
	if e.Support != nil {
		s := *e.Support
		s.SRVs, s.Devices, s.Thresholds = slices.Clone(s.SRVs), slices.Clone(s.Devices), slices.Clone(s.Thresholds)
		s.From, s.To = instant(s.From), instant(s.To)
		e.Support = &s
	}
	return e
}

// instant is a time without its zone and without the reading of a clock that it may carry.
func instant(t time.Time) time.Time { return t.Round(0).UTC() }

// Actor is who an event comes from.
type Actor uint8

// The actors of the process.
const (
	Ofgem    Actor = iota + 1
	PMA            // the SMKI Policy Management Authority
	SoLR           // the Supplier of Last Resort
	SRP            // the Shared Resource Provider
	DCC            // the Data Communications Company
	Industry       // registration codes and the SEC Panel: facts that the process starts from
	Parties        // SoLR, PMA or DCC: whoever agrees
)

var actorNames = [...]string{"", "Ofgem", "PMA", "SoLR", "SRP", "DCC", "industry", "parties"}

func (a Actor) String() string {
	if int(a) < len(actorNames) {
		return actorNames[a]
	}
	return fmt.Sprintf("Actor(%d)", uint8(a))
}

// Kind is what kind of event it is. The zero value is none.
type Kind uint8

// The kinds of event. [Kind.Actor] says who they come from, [Kind.Direction] whether a rule can refuse them.
const (
	UserRecorded Kind = iota + 1
	MPIDAllocated
	MPIDRetired
	SRPEngaged
	FailureNotified
	SoLRAnnounced
	LicenceRevoked
	SoLRAppointed
	TransferDirected
	SafeModeInstructed
	SupplierExited
	DelayDirected
	DelayReceived
	ReleaseInstructed
	ActionInstructed
	ExitReleased
	ArrangementExtended
	PositionStated
	Confirmed
	TransferAgreed
	SupportRequested
	SupportApproved
	SupportRefused
	SupportAccepted
	SupportDeclined
	SupportWithdrawn
	ThresholdsInstructed
	MigrationStarted
	MigrationCompleted
	CompletionWithdrawn
	CertificateIssued
	CertificateRevoked
	CRLPublished
	MPIDTransferred
	MPIDTransferredInCodes
	ThresholdsApplied
	QuarantineReleased
	QuarantineDeleted
	UserSuspended
	numKinds
)

// need is a field that a kind of event cannot do without.
type need uint8

const (
	needFailure need = iota
	needBy
	needParty
	needMPIDs
	needCertificates
	needDate
	needControls
	needAction
	needConfirmation
	needAgreeing
	needExit
	needUser
	needCertificate
	needSupport
	needRequest
	needThresholds
	needText
)

var needNames = [...]string{"Failure", "By", "Party", "MPIDs", "Certificates", "Date", "Controls", "Action", "Confirmation", "Agreeing", "Exit",
	"User", "Certificate", "Support", "Request", "Thresholds", "Text"}

func (n need) missing(e *Event) bool {
	switch n {
	case needFailure:
		return e.Failure == ""
	case needBy:
		return e.By == ""
	case needParty:
		return e.Party == ""
	case needMPIDs:
		return len(e.MPIDs) == 0
	case needCertificates:
		return len(e.Certificates) == 0
	case needDate:
		return e.Date.IsZero()
	case needControls:
		return e.Controls == 0 || e.Controls > Revocation|Transfer
	case needAction:
		return e.Action == 0 || e.Action >= numActions
	case needConfirmation:
		return e.Confirmation == 0 || e.Confirmation >= numConfirmations
	case needAgreeing:
		return e.Agreeing == 0 || e.Agreeing >= numAgreeing
	case needExit:
		return e.Exit != solr.TradeSale && e.Exit != solr.SpecialAdministration
	case needUser:
		return e.User == nil
	case needCertificate:
		return e.Certificate == nil
	case needSupport:
		return e.Support == nil
	case needRequest:
		return e.Request == ""
	case needThresholds:
		return len(e.Thresholds) == 0
	case needText:
		return strings.TrimSpace(e.Text) == ""
	}
	return true
}

// unnamed is the field, needed or not, whose value has no name, so that the log could not be read back; empty if there is none.
func (e *Event) unnamed() string {
	var reason smki.RevocationReason
	switch {
	case e.Controls > Revocation|Transfer:
		return "Controls"
	case e.Action >= numActions:
		return "Action"
	case e.Confirmation >= numConfirmations:
		return "Confirmation"
	case e.Agreeing >= numAgreeing:
		return "Agreeing"
	case e.Exit > solr.SpecialAdministration:
		return "Exit"
	case e.Fuel > smki.Gas:
		return "Fuel"
	case e.Reason != 0 && reason.UnmarshalText([]byte(e.Reason.String())) != nil:
		return "Reason"
	case e.Certificate != nil && (e.Certificate.Use < smki.XMLSign || e.Certificate.Use > smki.DeviceCertificate):
		return "Certificate"
	case e.Support != nil && (slices.ContainsFunc(e.Support.SRVs, func(v duis.SRV) bool { return !v.Valid() }) || slices.ContainsFunc(e.Support.Thresholds, unnamedThreshold)):
		return "Support"
	case slices.ContainsFunc(e.Thresholds, unnamedThreshold):
		return "Thresholds"
	}
	return ""
}

// unnamedThreshold reports whether a threshold is for a variant or roles without a name.
func unnamedThreshold(t duis.Threshold) bool {
	return t.SRV != 0 && !t.SRV.Valid() || t.Roles != smki.RolesOf(t.Roles.All()...)
}

// kinds is what is fixed about each kind of event.
var kinds = [numKinds]struct {
	name      string
	actor     Actor
	direction bool // a direction or request, which a rule can refuse; else the report of a thing done, which none can (R17)
	needs     []need
	apply     func(*Register, *Event) (Applied, error)
}{
	UserRecorded:  {"user recorded", Industry, false, []need{needUser}, (*Register).recordUser},
	MPIDAllocated: {"MPID allocated", Industry, false, []need{needMPIDs, needParty}, (*Register).allocate},
	MPIDRetired:   {"MPID retired", Industry, false, []need{needMPIDs}, (*Register).retire},
	SRPEngaged:    {"SRP engaged", Industry, false, []need{needBy, needParty}, (*Register).engage},

	FailureNotified:    {"failure notified", Ofgem, false, []need{needFailure, needParty}, (*Register).notify},
	SoLRAnnounced:      {"SoLR announced", Ofgem, false, []need{needFailure, needParty, needMPIDs}, (*Register).announce},
	LicenceRevoked:     {"licence revoked", Ofgem, false, []need{needFailure, needParty}, (*Register).revokeLicence},
	SoLRAppointed:      {"SoLR appointed", Ofgem, true, []need{needFailure, needParty, needMPIDs, needDate}, (*Register).appoint},
	TransferDirected:   {"transfer directed", Ofgem, true, []need{needFailure, needParty, needMPIDs}, (*Register).directTransfer},
	SafeModeInstructed: {"safe mode instructed", Ofgem, true, []need{needFailure, needParty}, (*Register).instructSafeMode},
	SupplierExited:     {"supplier exited", Ofgem, false, []need{needFailure, needExit}, (*Register).exit},

	DelayDirected:        {"delay directed", PMA, true, []need{needFailure, needControls}, (*Register).directDelay},
	ReleaseInstructed:    {"release instructed", PMA, true, []need{needFailure}, (*Register).release},
	ActionInstructed:     {"action instructed", PMA, true, []need{needFailure, needAction}, (*Register).instruct},
	ExitReleased:         {"exit released", PMA, true, []need{needFailure, needText}, (*Register).releaseExit},
	ArrangementExtended:  {"arrangement extended", PMA, true, []need{needFailure, needDate}, (*Register).extend},
	SupportApproved:      {"support approved", PMA, true, []need{needRequest}, (*Register).approveSupport},
	SupportRefused:       {"support refused", PMA, true, []need{needRequest}, (*Register).refuseSupport},
	ThresholdsInstructed: {"thresholds instructed", PMA, true, []need{needFailure}, (*Register).instructThresholds},

	PositionStated:   {"position stated", SRP, false, []need{needFailure, needBy, needText}, (*Register).statePosition},
	SupportAccepted:  {"support accepted", SRP, true, []need{needRequest, needBy}, (*Register).acceptSupport},
	SupportDeclined:  {"support declined", SRP, true, []need{needRequest, needBy}, (*Register).declineSupport},
	SupportWithdrawn: {"support withdrawn", SRP, true, []need{needRequest, needBy}, (*Register).withdrawSupport},

	Confirmed:           {"confirmed", SoLR, true, []need{needFailure, needBy, needConfirmation}, (*Register).confirm},
	TransferAgreed:      {"transfer agreed", Parties, true, []need{needFailure, needAgreeing, needMPIDs}, (*Register).agree},
	SupportRequested:    {"support requested", SoLR, true, []need{needFailure, needBy, needParty, needRequest, needSupport}, (*Register).requestSupport},
	MigrationStarted:    {"migration started", SoLR, false, []need{needFailure, needBy}, (*Register).startMigration},
	MigrationCompleted:  {"migration completed", SoLR, true, []need{needFailure, needBy}, (*Register).completeMigration},
	CompletionWithdrawn: {"completion withdrawn", SoLR, true, []need{needFailure, needBy}, (*Register).withdrawCompletion},

	DelayReceived:          {"delay received", DCC, false, []need{needFailure}, (*Register).receiveDelay},
	CertificateIssued:      {"certificate issued", DCC, false, []need{needCertificate}, (*Register).certificateIssued},
	CertificateRevoked:     {"certificate revoked", DCC, false, []need{needCertificates}, (*Register).certificateRevoked},
	CRLPublished:           {"CRL published", DCC, false, []need{needCertificates}, (*Register).crlPublished},
	MPIDTransferred:        {"MPID transferred", DCC, false, []need{needMPIDs, needParty}, (*Register).mpidTransferred},
	MPIDTransferredInCodes: {"MPID transferred in codes", Industry, false, []need{needMPIDs, needParty}, (*Register).transferredInCodes},
	ThresholdsApplied:      {"thresholds applied", DCC, false, []need{needThresholds}, (*Register).thresholdsApplied},
	QuarantineReleased:     {"quarantine released", DCC, false, []need{needUser}, (*Register).userAct},
	QuarantineDeleted:      {"quarantine deleted", DCC, false, []need{needUser}, (*Register).userAct},
	UserSuspended:          {"user suspended", DCC, false, []need{needUser}, (*Register).userAct},
}

// Kinds lists all kinds of event.
func Kinds() []Kind {
	all := make([]Kind, 0, numKinds-1)
	for k := Kind(1); k < numKinds; k++ {
		all = append(all, k)
	}
	return all
}

func (k Kind) valid() bool { return k >= 1 && k < numKinds }

// String gives the name of the kind in the words of the MP185 report.
func (k Kind) String() string {
	if k.valid() {
		return kinds[k].name
	}
	return fmt.Sprintf("Kind(%d)", uint8(k))
}

// ParseKind reads the name of a kind.
func ParseKind(s string) (Kind, error) {
	for _, k := range Kinds() {
		if kinds[k].name == s {
			return k, nil
		}
	}
	return 0, fmt.Errorf("hold: %q is no kind of event: expected a name such as %q", s, FailureNotified)
}

// Actor is who events of the kind come from.
func (k Kind) Actor() Actor {
	if k.valid() {
		return kinds[k].actor
	}
	return 0
}

// Direction reports whether the kind is a direction or request, which is refused where a rule forbids it. Otherwise it reports a thing done: that is never
// refused for a rule, but may leave a [Breach] (R17).
func (k Kind) Direction() bool { return k.valid() && kinds[k].direction }

// Needs lists the fields of [Event] that events of the kind cannot do without.
func (k Kind) Needs() []string {
	var names []string
	if k.valid() {
		for _, n := range kinds[k].needs {
			names = append(names, needNames[n])
		}
	}
	return names
}

// MarshalText gives the name of the kind.
func (k Kind) MarshalText() ([]byte, error) {
	if !k.valid() {
		return nil, fmt.Errorf("hold: %v is no kind of event", k)
	}
	return []byte(k.String()), nil
}

// UnmarshalText reads what [ParseKind] reads, with its error.
func (k *Kind) UnmarshalText(b []byte) error {
	v, err := ParseKind(string(b))
	if err == nil {
		*k = v
	}
	return err
}

// Controls is a set of the two switches that the PMA may hold back. The zero value is empty.
type Controls uint8

// The controls.
const (
	Revocation Controls = 1 << iota // of certificates (MP134A)
	Transfer                        // of MPIDs (MP185)
)

// String names the controls, joined by "+".
func (c Controls) String() string {
	switch c {
	case 0:
		return "none"
	case Revocation:
		return "revocation"
	case Transfer:
		return "transfer"
	case Revocation | Transfer:
		return "revocation+transfer"
	}
	return fmt.Sprintf("Controls(%d)", uint8(c))
}

// MarshalText gives the text of [Controls.String].
func (c Controls) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// UnmarshalText reads "revocation", "transfer", "revocation+transfer" or "none".
func (c *Controls) UnmarshalText(b []byte) error {
	for x := range Revocation | Transfer + 1 {
		if x.String() == string(b) {
			*c = x
			return nil
		}
	}
	return fmt.Errorf("hold: %q is no control: expected %q, %q or %q", b, Revocation, Transfer, Revocation|Transfer)
}

// Action is one of the administrative acts of the DCC that R7 forbids on a frozen failure. The list is closed.
type Action uint8

// The acts.
const (
	RevokeCertificate Action = iota + 1
	IssueCertificate
	PublishCRL // the first that names a certificate
	TransferMPID
	ApplyThresholds
	ReleaseQuarantine
	DeleteQuarantine
	SuspendUser
	numActions
)

var actionNames = [...]string{"", "revoke certificate", "issue certificate", "publish CRL", "transfer MPID", "apply thresholds",
	"release quarantine", "delete quarantine", "suspend user"}

func (a Action) String() string { return nameOf("Action", actionNames[:], uint8(a)) }

// MarshalText gives the name of the act.
func (a Action) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

// UnmarshalText reads the name of an act.
func (a *Action) UnmarshalText(b []byte) error { return parseName(a, "action", actionNames[:], b) }

// Confirmation is one of the five things that a SoLR confirms before anything moves (R8; MP185 report, section 3).
type Confirmation uint8

// The five confirmations.
const (
	EstateMakeUp Confirmation = iota + 1 // the DCC-enrolled meters, those in prepayment mode included
	Staff                                // the availability of the failed supplier's employees
	SRPSupport                           // the level of support that the SRP will give
	OtherRisks                           // device behaviour, emergency meter works and the like
	Timescales                           // how long the transfer to the SoLR's systems will take
	numConfirmations
)

var confirmationNames = [...]string{"", "estate make-up", "staff", "SRP support", "other risks", "timescales"}

// Confirmations lists the five in order.
func Confirmations() []Confirmation {
	return []Confirmation{EstateMakeUp, Staff, SRPSupport, OtherRisks, Timescales}
}

func (c Confirmation) String() string {
	return nameOf("Confirmation", confirmationNames[:], uint8(c))
}

// MarshalText gives the name of the confirmation.
func (c Confirmation) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// UnmarshalText reads the name of a confirmation.
func (c *Confirmation) UnmarshalText(b []byte) error {
	return parseName(c, "confirmation", confirmationNames[:], b)
}

// Agreeing is who agrees to the transfer of an MPID (R11).
type Agreeing uint8

// Those whose agreement a transfer needs.
const (
	SoLRAgrees Agreeing = iota + 1
	PMAAgrees
	DCCAgrees
	numAgreeing
)

var agreeingNames = [...]string{"", "SoLR", "PMA", "DCC"}

func (a Agreeing) String() string { return nameOf("Agreeing", agreeingNames[:], uint8(a)) }

// MarshalText gives the name of who agrees.
func (a Agreeing) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

// UnmarshalText reads "SoLR", "PMA" or "DCC".
func (a *Agreeing) UnmarshalText(b []byte) error {
	return parseName(a, "agreeing", agreeingNames[:], b)
}

func nameOf(typ string, names []string, i uint8) string {
	if int(i) < len(names) && names[i] != "" {
		return names[i]
	}
	return fmt.Sprintf("%s(%d)", typ, i)
}

func parseName[T ~uint8](v *T, what string, names []string, text []byte) error {
	if i := slices.Index(names[1:], string(text)); i >= 0 {
		*v = T(i + 1)
		return nil
	}
	return fmt.Errorf("hold: %q is no %s: expected one of %q", text, what, names[1:])
}

// Support is what a SoLR formally asks an SRP to do in the failed supplier's name (R9).
type Support struct {
	SRVs       []duis.SRV       `json:"srvs"`
	Devices    []smki.EUI64     `json:"devices,omitempty"`    // empty for every device registered to an MPID of the SoLR
	Thresholds []duis.Threshold `json:"thresholds,omitempty"` // the anomaly detection thresholds that it needs
	From       time.Time        `json:"from"`                 // the window in which requests may be sent: [From, To)
	To         time.Time        `json:"to,omitzero"`          // zero for no end
}
