package history

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/seed-db8551c1/lastresort/duis"
	"github.com/seed-db8551c1/lastresort/hold"
	"github.com/seed-db8551c1/lastresort/smki"
)

// asker stands in place of an actor in a line that asks something and changes nothing.
const asker = "ask"

// ask is a question to the register, given what the lines before it say, about a time.
type ask struct {
	at   time.Time
	what string // "request", "owner", "duties" or "overruns"

	as        smki.PartyID // in whose name the request is sent
	by        smki.PartyID // who sends it, by its own DCCKI certificate; empty for as
	srv       duis.SRV
	variant   uint64 // the Command Variant; zero for the one that reaches the device
	mode      duis.PaymentMode
	mpids     []smki.MPID // of a request, the MPID that the device is registered to, if there is a device
	device    smki.EUI64  // zero for the first device of the MPID
	execution time.Time
}

var askFields = []field[ask]{
	one("as", of(func(a *ask) *smki.PartyID { return &a.as }), texts[smki.PartyID](), nil),
	one("by", of(func(a *ask) *smki.PartyID { return &a.by }), texts[smki.PartyID](), nil),
	one("SRV", of(func(a *ask) *duis.SRV { return &a.srv }), srvs, nil),
	one("variant", of(func(a *ask) *uint64 { return &a.variant }), variants, nil),
	one("mode", of(func(a *ask) *duis.PaymentMode { return &a.mode }), modes, nil),
	list("MPIDs", of(func(a *ask) *[]smki.MPID { return &a.mpids }), texts[smki.MPID]()),
	one("device", of(func(a *ask) *smki.EUI64 { return &a.device }), euis, nil),
	one("execution", of(func(a *ask) *time.Time { return &a.execution }), times, nil),
}

// modeNames are the payment modes as they are written.
var modeNames = [...]string{duis.CreditMode: "credit", duis.PrepaymentMode: "prepayment"}

// modes are payment modes.
var modes = codec[duis.PaymentMode]{func(m duis.PaymentMode) string { return modeNames[m] }, func(s string) (duis.PaymentMode, error) {
	for m, name := range modeNames {
		if s == name && m > 0 {
			return duis.PaymentMode(m), nil
		}
	}
	return 0, wrong(s, `"credit" or "prepayment"`)
}}

// variants are Command Variants.
var variants = codec[uint64]{func(n uint64) string { return strconv.FormatUint(n, 10) }, func(s string) (uint64, error) {
	n, err := readCount(s)
	if err != nil || n < 1 || n > uint64(duis.NonDeviceRequest) {
		return 0, wrong(s, "a Command Variant from 1 to %d", duis.NonDeviceRequest)
	}
	return n, nil
}}

func showAsk(a *ask) string {
	var b strings.Builder
	b.WriteString(showTime(a.at) + " " + asker + ": " + a.what)
	showFields(&b, a, askFields, same)
	return b.String()
}

func readAsk(at time.Time, what string, fields []string) (a ask, err error) {
	a.at, a.what = at, what
	if err := readFields(&a, fields, askFields, same); err != nil {
		return a, err
	}
	bad := false
	switch what {
	case "duties", "overruns":
		bad = len(fields) > 0
	case "owner":
		bad = len(fields) != 1 || len(a.mpids) == 0
	case "request":
		bad = a.as == "" || a.srv == 0 || len(a.mpids) > 1
	default:
		return a, wrong(what, `one of "request", "owner", "duties" and "overruns"`)
	}
	if bad {
		return a, wrong(strings.Join(fields, "; "), `no more and no less than "duties", "overruns", "owner; MPIDs ...", or "request; as ...; SRV ..." need`)
	}
	return a, nil
}

// answer says what the register answers, a line for each thing.
func (a *ask) answer(r *hold.Register) []string {
	switch a.what {
	case "request":
		return []string{a.decide(r)}
	case "owner":
		var lines []string
		for _, m := range a.mpids {
			lines = append(lines, oneLine(owners(r, m, a.at)))
		}
		return lines
	case "overruns":
		return orNothing(say(overruns(r, a.at)), "no overrun")
	case "duties":
		return orNothing(say(duties(r, a.at)), "no open failure")
	}
	return nil // unreachable: readAsk takes no other
}

func orNothing(lines []string, nothing string) []string {
	if len(lines) == 0 {
		return []string{nothing}
	}
	return lines
}

// decide says what becomes of a request that lacks nothing but what the history takes away.
func (a *ask) decide(r *hold.Register) string {
	w, err := world(r, a)
	if err != nil {
		return oneLine("no world to decide in: " + err.Error())
	}
	q := duis.Request{SRV: a.srv, Variant: duis.CommandVariant(a.variant), Mode: a.mode, Execution: a.execution}
	if q.Variant == 0 {
		switch {
		case a.srv.NonDevice():
			q.Variant = duis.NonDeviceRequest
		case a.srv.Critical():
			q.Variant = duis.SendSignedPreCommand
		default:
			q.Variant = duis.SendCommand
		}
	}
	q.Service = q.Variant.Service()
	for _, u := range r.Directory().Users() {
		if u.Party == a.as {
			q.ID.Originator = u.ID
			break
		}
	}
	if len(a.mpids) > 0 {
		q.ID.Target = a.target(r, a.mpids[0])
	}
	by := a.by
	if by == "" {
		by = a.as
	}
	q.XMLSign = newest(r, w, a.as, smki.XMLSign, a.at)
	q.Channel = newest(r, w, by, smki.DCCKI, a.at)
	if q.Variant.SignedPreCommand() {
		q.Signing = newest(r, w, a.as, smki.DigitalSigning, a.at)
	}
	d := duis.Decide(w, &q, a.at)
	s := d.Outcome.String()
	if d.Code != 0 {
		s += " " + d.Code.String()
	}
	if d.Reasons != 0 {
		s += ": " + d.Reasons.String()
	}
	return oneLine(s + "; " + standing(r, &d))
}

// standing says how a request stands with the authority it needs.
func standing(r *hold.Register, d *duis.Decision) string {
	switch d.Standing {
	case duis.NotNeeded:
		return "no authority needed"
	case duis.NotCovered:
		return "authority needed, none covers it"
	case duis.Refused:
		return "authority needed, none covers it, enforced"
	case duis.Covered:
		if n := int(d.Evidence.Grant); n >= 1 && n <= len(r.Events()) {
			e := r.Events()[n-1]
			return fmt.Sprintf("covered by %q of %s", e.Kind, showTime(e.At))
		}
	}
	return "nothing known of the authority"
}

// newest is the certificate of a party and use that was recorded last, one that is good if there is any.
func newest(r *hold.Register, w *duis.World, p smki.PartyID, use smki.CertificateUse, at time.Time) (n duis.CertificateNumber) {
	found := smki.UnknownCertificate
	for _, c := range r.Directory().Subscribed(p) {
		if s := r.Directory().Status(c.ID, at); c.Use == use && (s == smki.Good || found != smki.Good) {
			n, _ = w.CertificateNumber(c.ID)
			found = s
		}
	}
	return n
}

// target is the device that a request names, or the one that stands for all devices registered to the MPID.
func (a *ask) target(r *hold.Register, m smki.MPID) smki.EUI64 {
	if a.device != 0 {
		return a.device
	}
	for i, x := range r.Directory().MPIDs() {
		if x.ID == m {
			return standIn(i)
		}
	}
	return 0
}

// standIn is the device that stands for all devices registered to an MPID of a directory.
func standIn(mpid int) smki.EUI64 { return smki.EUI64(0xD00 + mpid) }

// world is the world of the register with a commissioned device for each MPID, registered to it from its allocation on.
func world(r *hold.Register, a *ask) (*duis.World, error) {
	e := new(duis.World).Edit()
	if err := r.Update(e); err != nil {
		return nil, err
	}
	for i, m := range r.Directory().MPIDs() {
		d := duis.Device{ID: standIn(i), Type: duis.ESME, Status: duis.Commissioned}
		if len(a.mpids) > 0 && a.mpids[0] == m.ID {
			d.ID = a.target(r, m.ID)
		}
		if m.Fuel == smki.Gas {
			d.Type, d.Gas = duis.GSME, duis.MPxN(1+i)
		} else {
			d.Import = duis.MPxN(1_000_000_000_001 + i)
		}
		if err := e.Register(max(d.Import, d.Gas), r.Directory().DCC.Holdings(m.ID)[0].From, m.ID); err != nil {
			return nil, err
		}
		if err := e.SetDevice(d); err != nil {
			return nil, err
		}
	}
	return e.World(), nil
}
