package holdtest

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/seed-db8551c1/lastresort/duis"
	"github.com/seed-db8551c1/lastresort/hold"
	"github.com/seed-db8551c1/lastresort/smki"
	"github.com/seed-db8551c1/lastresort/solr"
)

// protocolVersion is the version of the protocol that [Process] and [Serve] speak.
const protocolVersion = 1

// maxLine bounds one message and one answer, the line feed included.
const maxLine = 1 << 20

// message is one line from the kit to an implementation.
type message struct {
	Do       string        `json:"do"`
	Version  int           `json:"version,omitempty"`
	Settings *wireSettings `json:"settings,omitempty"`
	Variants []wireVariant `json:"variants,omitempty"`
	Event    *hold.Event   `json:"event,omitempty"`
	Device   *wireDevice   `json:"device,omitempty"`
	At       time.Time     `json:"at,omitzero"`
	Map      string        `json:"map,omitempty"`
	MPID     smki.MPID     `json:"mpid,omitempty"`
	Request  *wireRequest  `json:"request,omitempty"`
}

// wireAnswer is one line from an implementation to the kit. Which fields count depends on the message.
type wireAnswer struct {
	Error    string         `json:"error,omitempty"`
	Seals    bool           `json:"seals,omitempty"`
	Outcome  string         `json:"outcome,omitempty"`
	Rule     *solr.Rule     `json:"rule,omitempty"`
	Done     []hold.Item    `json:"done,omitempty"`
	Duties   []wireDuty     `json:"duties,omitempty"`
	Breaches []hold.Breach  `json:"breaches,omitempty"`
	Overruns []hold.Overrun `json:"overruns,omitempty"`
	Party    smki.PartyID   `json:"party,omitempty"`
	Standing string         `json:"standing,omitempty"`
	Reasons  []string       `json:"reasons,omitempty"`
	Advice   []string       `json:"advice,omitempty"`
	Code     duis.Code      `json:"code,omitempty"`
	Seal     string         `json:"seal,omitempty"`
}

type wireSettings struct {
	Regime                    hold.Regime `json:"regime"`
	Enforce                   bool        `json:"enforce"`
	FreezeControlOnly         bool        `json:"freezeControlOnly"`
	TopUpsExempt              bool        `json:"topUpsExempt"`
	SafeModeVariants          []duis.SRV  `json:"safeModeVariants"`
	SafeModeCarriesThresholds bool        `json:"safeModeCarriesThresholds"`
	LapseAfterArrangement     bool        `json:"lapseAfterArrangement"`
	WarningDays               int         `json:"-"` // nothing that the kit asks rests on days until a deadline
	TransferDays              int         `json:"-"`
	RevocationDays            int         `json:"-"`
	ThresholdDays             int         `json:"-"`
	IKIExempt                 bool        `json:"ikiExempt"`
	DeviceIncluded            bool        `json:"deviceIncluded"`
	UndoneActsExempt          bool        `json:"undoneActsExempt"`
}

// wireVariant is what a decision needs to know of a Service Request Variant.
type wireVariant struct {
	SRV       duis.SRV       `json:"srv"`
	Roles     smki.UserRoles `json:"roles"`
	Critical  bool           `json:"critical"`
	NonDevice bool           `json:"nonDevice"`
	HeldByDSP bool           `json:"heldByDSP"`
}

func wireVariants() []wireVariant {
	var all []wireVariant
	for _, v := range append(slices.Clone(requestVariants), refusedVariant) {
		all = append(all, wireVariant{v, v.Roles(), v.Critical(), v.NonDevice(), v.FutureDating()&duis.HeldByDSP != 0})
	}
	return all
}

// wireDevice is a device with one metering point, and the MPID that the point is registered to from a time on.
type wireDevice struct {
	ID     smki.EUI64  `json:"id"`
	Type   string      `json:"type"` // ESME or GSME
	Status duis.Status `json:"status"`
	Point  duis.MPxN   `json:"point"`
	Fuel   smki.Fuel   `json:"fuel"`
	MPID   smki.MPID   `json:"mpid"`
	From   time.Time   `json:"from"`
}

type wireRequest struct {
	User      smki.EUI64          `json:"user"`
	Device    smki.EUI64          `json:"device,omitzero"`
	SRV       duis.SRV            `json:"srv"`
	Variant   duis.CommandVariant `json:"variant"`
	Mode      string              `json:"mode,omitempty"`
	Execution time.Time           `json:"execution,omitzero"`
	XMLSign   smki.CertificateID  `json:"xmlSign,omitempty"`
	Signing   smki.CertificateID  `json:"signing,omitempty"`
	Channel   smki.CertificateID  `json:"channel,omitempty"`
}

// wireDuty is a hold.Duty whose modality can be read back.
type wireDuty struct {
	hold.Duty
	Modality string `json:"modality"`
}

var modalityNames = [...]string{"", "must", "may", "must not"}

// named finds the value of a name among names, of which the first is none.
func named[T ~uint8](what, name string, names []string) (T, error) {
	if i := slices.Index(names, name); i >= 0 && name != "" {
		return T(i), nil
	}
	return 0, fmt.Errorf("%q is no %s: expected one of %q", short(name), what, names[1:])
}

func short(s string) string {
	if len(s) > 64 {
		return s[:64] + "…"
	}
	return s
}

// decodeAnswer reads one line as the answer to a message.
func decodeAnswer(do string, line []byte) (wireAnswer, error) {
	var a wireAnswer
	if err := json.Unmarshal(line, &a); err != nil {
		return a, fmt.Errorf("expected a JSON object: %w", err)
	}
	if text := bytes.TrimLeft(line, " \t\r\n"); text[0] != '{' { // null
		return a, errors.New("expected a JSON object")
	}
	rest := a // what belongs to no answer to that message
	rest.Error = ""
	switch do {
	case "reset":
		rest.Seals = false
	case "apply":
		rest.Outcome, rest.Rule, rest.Done = "", nil, nil
	case "duties":
		rest.Duties = nil
	case "breaches":
		rest.Breaches = nil
	case "overruns":
		rest.Overruns = nil
	case "owner":
		rest.Party = ""
	case "decide":
		rest.Outcome, rest.Standing, rest.Reasons, rest.Advice, rest.Code = "", "", nil, nil, 0
	case "seal":
		rest.Seal = ""
	}
	if text, _ := json.Marshal(rest); string(text) != "{}" { // which has nothing that cannot be marshalled
		return a, fmt.Errorf("expected no %s, which answers another message", short(string(text)))
	}
	return a, nil
}

func (a *wireAnswer) result() (Result, error) {
	o, err := named[Outcome]("outcome of an event", a.Outcome, outcomeNames[:])
	r := Result{Outcome: o, Done: a.Done}
	if a.Rule != nil {
		r.Rule = *a.Rule
	}
	return r, err
}

func (a *wireAnswer) duties() ([]hold.Duty, error) {
	all := make([]hold.Duty, len(a.Duties))
	for i, d := range a.Duties {
		m, err := named[hold.Modality]("modality", d.Modality, modalityNames[:])
		if err != nil {
			return nil, err
		}
		all[i] = d.Duty
		all[i].Modality = m
	}
	return all, nil
}

var requestOutcomes = [...]string{duis.Accepted: "accepted", duis.Rejected: "rejected", duis.NoConnection: "no connection", duis.Quarantined: "quarantined"}

func (a *wireAnswer) decision() (d Decision, err error) {
	if d.Outcome, err = named[duis.Outcome]("outcome of a request", a.Outcome, requestOutcomes[:]); err != nil {
		return d, err
	}
	if a.Standing != "" {
		if d.Standing, err = named[duis.Standing]("standing", a.Standing, standingNames[:]); err != nil {
			return d, err
		}
	}
	if d.Reasons, err = reasonSet(a.Reasons); err != nil {
		return d, err
	}
	d.Advice, err = reasonSet(a.Advice)
	d.Code = a.Code
	return d, err
}

func reasonSet(names []string) (set duis.Reasons, err error) {
	all := duis.ReasonList()
	for _, n := range names {
		i := slices.IndexFunc(all, func(r duis.Reason) bool { return r.String() == n })
		if i < 0 {
			return 0, fmt.Errorf("%q is no reason: expected one such as %q", short(n), duis.MPIDMoved)
		}
		set |= duis.ReasonsOf(all[i])
	}
	return set, nil
}

func reasonNames(set duis.Reasons) []string {
	var names []string
	for _, r := range set.All() {
		names = append(names, r.String())
	}
	return names
}

// remote is an implementation at the other end of the protocol.
type remote struct {
	// call sends one line and gives the one that answers it, without the line feed.
	call  func(line []byte) ([]byte, error)
	drop  func() // ends the conversation, since what came is no answer
	seals bool
}

// ask sends a message and reads its answer with read, if not nil.
func (r *remote) ask(m message, read func(*wireAnswer) error) (wireAnswer, error) {
	line, err := json.Marshal(m)
	if err != nil {
		return wireAnswer{}, err
	}
	if len(line) >= maxLine {
		return wireAnswer{}, fmt.Errorf("holdtest: message of %d bytes: expected fewer than %d", len(line), maxLine)
	}
	answer, err := r.call(line)
	if err != nil {
		return wireAnswer{}, err
	}
	a, err := decodeAnswer(m.Do, answer)
	switch {
	case err != nil:
	case a.Error != "":
		return a, fmt.Errorf("holdtest: %q: the implementation answered that it cannot: %s", short(string(line)), short(a.Error))
	case read != nil:
		err = read(&a)
	}
	if err != nil {
		r.drop()
		return a, fmt.Errorf("holdtest: %q is answered by %q: %w (each message has one line of output as its answer)", short(string(line)), short(string(answer)), err)
	}
	return a, nil
}

// Reset begins a history, as [Implementation] says.
func (r *remote) Reset(s hold.Settings) error {
	w := wireSettings(s)
	if w.SafeModeVariants == nil {
		w.SafeModeVariants = []duis.SRV{}
	}
	a, err := r.ask(message{Do: "reset", Version: protocolVersion, Settings: &w, Variants: wireVariants()}, nil)
	r.seals = a.Seals
	return err
}

// Apply asks for what becomes of an event.
func (r *remote) Apply(e hold.Event) (x Result, err error) {
	e = inUTC(e)
	_, err = r.ask(message{Do: "apply", Event: &e}, func(a *wireAnswer) (err error) {
		x, err = a.result()
		return err
	})
	return x, err
}

// Register tells of a device.
func (r *remote) Register(d duis.Device, from time.Time, m smki.MPID) error {
	w := wireDevice{ID: d.ID, Type: d.Type.String(), Status: d.Status, Point: max(d.Import, d.Gas), MPID: m, From: from.UTC()}
	w.Fuel = w.Point.Fuel()
	_, err := r.ask(message{Do: "device", Device: &w}, nil)
	return err
}

func (r *remote) put(q question, read func(*wireAnswer) error) (wireAnswer, error) {
	return r.ask(q.message(), read)
}

// Duties asks for the duties at a time.
func (r *remote) Duties(at time.Time) (all []hold.Duty, err error) {
	_, err = r.put(question{what: duties, at: at}, func(a *wireAnswer) (err error) {
		all, err = a.duties()
		return err
	})
	return all, err
}

// Breaches asks for all breaches.
func (r *remote) Breaches() ([]hold.Breach, error) {
	a, err := r.put(question{what: breaches}, nil)
	return a.Breaches, err
}

// Overruns asks for the overruns at a time.
func (r *remote) Overruns(at time.Time) ([]hold.Overrun, error) {
	a, err := r.put(question{what: overruns, at: at}, nil)
	return a.Overruns, err
}

// Owner asks for whose an MPID is.
func (r *remote) Owner(m Map, id smki.MPID, at time.Time) (smki.PartyID, error) {
	a, err := r.put(question{what: owner, of: m, mpid: id, at: at}, nil)
	return a.Party, err
}

// Decide asks for what becomes of a request.
func (r *remote) Decide(q Request, at time.Time) (d Decision, err error) {
	_, err = r.put(question{what: decide, request: q, at: at}, func(a *wireAnswer) (err error) {
		d, err = a.decision()
		return err
	})
	return d, err
}

// Seal asks for the seal, if the answer to the reset said that there is one; else the error is [errors.ErrUnsupported].
func (r *remote) Seal() (string, error) {
	if !r.seals {
		return "", errors.ErrUnsupported
	}
	a, err := r.ask(message{Do: "seal"}, nil)
	return a.Seal, err
}

// Serve answers the messages of the kit, as a program does that is to be checked by [Process]: it reads a message a line from r and writes an answer a line to w, until r ends. What cannot be
// read or answered is answered with the error. Serve returns the error of r or w, or one that says that a line was too long.
func Serve(r io.Reader, w io.Writer, i Implementation) error {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxLine)
	g := guard{i}
	for lines.Scan() {
		a, err := serve(lines.Bytes(), g)
		if err != nil {
			a = wireAnswer{Error: err.Error()}
		}
		text, err := json.Marshal(a)
		if err != nil {
			text, _ = json.Marshal(wireAnswer{Error: err.Error()})
		}
		if _, err := w.Write(append(text, '\n')); err != nil {
			return err
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("holdtest: message: expected a line of fewer than %d bytes: %w", maxLine, err)
	}
	return nil
}

func serve(line []byte, i guard) (a wireAnswer, err error) {
	var m message
	if err := json.Unmarshal(line, &m); err != nil {
		return a, fmt.Errorf("holdtest: message %q: expected a JSON object: %w", short(string(line)), err)
	}
	switch m.Do {
	case "reset":
		if m.Settings == nil || m.Version != protocolVersion {
			return a, m.lacks(fmt.Sprintf("settings, and version %d", protocolVersion))
		}
		if err := i.Reset(hold.Settings(*m.Settings)); err != nil {
			return a, err
		}
		_, err := i.Seal()
		a.Seals = err == nil
		return a, nil
	case "apply":
		if m.Event == nil {
			return a, m.lacks("an event")
		}
		r, err := i.Apply(*m.Event)
		a.Outcome, a.Done = r.Outcome.String(), r.Done
		if r.Outcome == Refused {
			a.Rule = &r.Rule
		}
		return a, err
	case "device":
		d := m.Device
		if d == nil || d.Type != duis.ESME.String() && d.Type != duis.GSME.String() {
			return a, m.lacks("a device that is an ESME or a GSME")
		}
		x := duis.Device{ID: d.ID, Type: duis.ESME, Status: d.Status, Import: d.Point}
		if d.Fuel == smki.Gas {
			x.Type, x.Import, x.Gas = duis.GSME, 0, d.Point
		}
		return a, i.Register(x, d.From, d.MPID)
	case "seal":
		a.Seal, err = i.Seal()
		return a, err
	}
	q, err := m.question()
	if err != nil {
		return a, err
	}
	switch q.what {
	case duties:
		var all []hold.Duty
		all, err = i.Duties(q.at)
		for _, d := range all {
			a.Duties = append(a.Duties, wireDuty{d, nameOf("Modality", modalityNames[:], uint8(d.Modality))})
		}
	case breaches:
		a.Breaches, err = i.Breaches()
	case overruns:
		a.Overruns, err = i.Overruns(q.at)
	case owner:
		a.Party, err = i.Owner(q.of, q.mpid, q.at)
	case decide:
		var d Decision
		d, err = i.Decide(q.request, q.at)
		a.Outcome, a.Standing = d.Outcome.String(), nameOf("Standing", standingNames[:], uint8(d.Standing))
		a.Reasons, a.Advice, a.Code = reasonNames(d.Reasons), reasonNames(d.Advice), d.Code
	}
	return a, err
}
