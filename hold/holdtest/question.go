package holdtest

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/seed-db8551c1/lastresort/duis"
	"github.com/seed-db8551c1/lastresort/hold"
	"github.com/seed-db8551c1/lastresort/smki"
	"pgregory.net/rapid"
)

// Level is how much of an answer must agree. Each level contains those below it.
type Level uint8

// The levels.
const (
	// LevelOutcome: what became of events and requests; what the DCC must, may and must not do; breaches, overruns and owners as facts.
	LevelOutcome Level = iota + 1
	// LevelRule: and the rules that refuse an event, demand or forbid an act, and are broken; how a request stands with the authority that it needs.
	LevelRule
	// LevelReason: and items done before, since when a duty is due, crossings, the reasons and the code of a decision.
	LevelReason
)

var levelNames = [...]string{"", "outcome", "rule", "reason"}

func (l Level) String() string { return nameOf("Level", levelNames[:], uint8(l)) }

// question is one thing to ask of an implementation. The zero at is for those that have no time.
type question struct {
	what    topic
	at      time.Time
	of      Map
	mpid    smki.MPID
	request Request
}

type topic uint8

const (
	duties topic = iota + 1
	breaches
	overruns
	owner
	decide
)

// message is the question as it is put to an implementation outside the process.
func (q *question) message() message {
	m := message{At: q.at}
	switch q.what {
	case duties:
		m.Do = "duties"
	case breaches:
		m.Do, m.At = "breaches", time.Time{}
	case overruns:
		m.Do = "overruns"
	case owner:
		m.Do, m.Map, m.MPID = "owner", q.of.String(), q.mpid
	case decide:
		r := &q.request
		m.Do, m.Request = "decide", &wireRequest{r.User, r.Device, r.SRV, r.Variant, modeNames[r.Mode], r.Execution, r.XMLSign, r.Signing, r.Channel}
		if !r.Execution.IsZero() {
			m.Request.Execution = r.Execution.UTC()
		}
	}
	if !m.At.IsZero() {
		m.At = m.At.UTC()
	}
	return m
}

// question is the question of a message; its error names what was expected.
func (m *message) question() (q question, err error) {
	q.at = m.At
	switch m.Do {
	case "duties":
		q.what = duties
	case "breaches":
		q.what = breaches
	case "overruns":
		q.what = overruns
	case "owner":
		q.what, q.mpid = owner, m.MPID
		if q.of, err = named[Map]("map", m.Map, mapNames[:]); err != nil {
			err = fmt.Errorf("holdtest: message: %w", err)
		}
	case "decide":
		q.what = decide
		if m.Request == nil {
			return q, m.lacks("a request")
		}
		r := *m.Request
		mode := slices.Index(modeNames[:], r.Mode)
		if mode < 0 {
			return q, m.lacks(`mode "credit" or "prepayment", or none`)
		}
		q.request = Request{r.User, r.Device, r.SRV, r.Variant, duis.PaymentMode(mode), r.Execution, r.XMLSign, r.Signing, r.Channel}
	default:
		return q, m.lacks("one of reset, apply, device, duties, breaches, overruns, owner, decide and seal")
	}
	return q, err
}

func (m *message) lacks(expected string) error {
	return fmt.Errorf("holdtest: message %q: expected %s", short(m.Do), expected)
}

var modeNames = [...]string{"", "credit", "prepayment"}

// fact is one line of an answer: the case that it belongs to, and what it says at a level.
type fact struct{ about, says string }

// answer is what an implementation said, to be compared with what another said.
type answer interface {
	// facts lists what it says at a level. UNCERTAIN codes are left out unless they are wanted.
	facts(l Level, uncertain bool) []fact
}

// put asks the question.
func (q *question) put(i Implementation) (answer, error) {
	switch q.what {
	case duties:
		all, err := i.Duties(q.at)
		return dutyList(all), err
	case breaches:
		all, err := i.Breaches()
		return breachList(all), err
	case overruns:
		all, err := i.Overruns(q.at)
		return overrunList(all), err
	case owner:
		p, err := i.Owner(q.of, q.mpid, q.at)
		return ownerAnswer{q.of, p}, err
	}
	d, err := i.Decide(q.request, q.at)
	return decideAnswer{q.request.SRV, d}, err
}

// difference is what two answers say differently, at the lowest level at which they do.
type difference struct {
	about     string
	level     Level
	want, got []string // what only the reference says, and what only the implementation says
	late      bool     // the answer did not come in time
}

// compare gives the difference of two answers up to a level, nil if there is none.
func compare(want, got answer, upTo Level, uncertain bool) *difference {
	if reflect.DeepEqual(want, got) { // most often, and much faster than to write it down
		return nil
	}
	for l := LevelOutcome; l <= upTo; l++ {
		w, g := ordered(want.facts(l, uncertain)), ordered(got.facts(l, uncertain))
		d := difference{level: l}
		for _, f := range w {
			if !slices.Contains(g, f) {
				d.about, d.want = f.about, append(d.want, f.says)
			}
		}
		for _, f := range g {
			if !slices.Contains(w, f) {
				d.about, d.got = f.about, append(d.got, f.says)
			}
		}
		if d.about != "" {
			return &d
		}
	}
	return nil
}

func ordered(all []fact) []fact {
	slices.SortFunc(all, func(a, b fact) int { return strings.Compare(a.about+a.says, b.about+b.says) })
	return slices.Compact(all)
}

type resultAnswer struct {
	kind hold.Kind
	Result
}

func (a resultAnswer) facts(l Level, _ bool) []fact {
	s := a.Outcome.String()
	if l >= LevelRule && a.Outcome == Refused {
		s += " by " + a.Rule.String()
	}
	if l >= LevelReason && len(a.Done) > 0 {
		done := make([]string, len(a.Done))
		for i, x := range a.Done {
			done[i] = x.String()
		}
		slices.Sort(done)
		s += ", done already: " + strings.Join(done, ", ")
	}
	return []fact{{"apply/" + a.kind.String(), s}}
}

type dutyList []hold.Duty

func (all dutyList) facts(l Level, _ bool) []fact {
	facts := make([]fact, len(all))
	for i, d := range all {
		if l < LevelRule {
			d.Rules = 0
			if d.Modality != hold.Must {
				d.To = ""
			}
		}
		s := string(d.Failure) + ": " + d.String()
		if t := d.Threshold; t != nil {
			s += fmt.Sprintf(" [%v %d %d]", srvName(t.SRV), t.Warning, t.Quarantine)
		}
		if l >= LevelReason && !d.Since.IsZero() {
			s += " since " + d.Since.UTC().Format(time.RFC3339Nano)
		}
		facts[i] = fact{"duties/" + d.Action.String(), s}
	}
	return facts
}

func srvName(v duis.SRV) string {
	if v == 0 {
		return "all"
	}
	return v.String()
}

type breachList []hold.Breach

func (all breachList) facts(l Level, _ bool) []fact {
	facts := make([]fact, len(all))
	for i, b := range all {
		s := fmt.Sprintf("%d at %s: %s: %v", b.Seq, b.At.UTC().Format(time.RFC3339Nano), b.Failure, b.Action)
		if b.MPID != "" || b.Certificate != "" {
			s += " of " + hold.Item{Certificate: b.Certificate, MPID: b.MPID}.String()
		}
		if b.User != 0 {
			s += " of User " + b.User.String()
		}
		if l >= LevelRule {
			s += fmt.Sprintf(" (%v)", b.Rules)
		}
		if l >= LevelReason && b.Crossed {
			s += ", crossed a delay"
		}
		facts[i] = fact{"breaches/" + b.Action.String(), s}
	}
	return facts
}

type overrunList []hold.Overrun

func (all overrunList) facts(Level, bool) []fact {
	facts := make([]fact, len(all))
	for i, o := range all {
		facts[i] = fact{"overruns", fmt.Sprintf("%s: MPID %s, request %s, SRP %s, since %s", o.Failure, o.MPID, o.Request, o.SRP, o.Since.UTC().Format(time.RFC3339Nano))}
	}
	return facts
}

type ownerAnswer struct {
	of    Map
	party smki.PartyID
}

func (a ownerAnswer) facts(Level, bool) []fact {
	s := "nobody"
	if a.party != "" {
		s = string(a.party)
	}
	return []fact{{"owner/" + a.of.String(), s}}
}

type decideAnswer struct {
	srv duis.SRV
	Decision
}

func (a decideAnswer) facts(l Level, uncertain bool) []fact {
	s := a.Outcome.String()
	if l >= LevelRule {
		s += ", authority " + nameOf("Standing", standingNames[:], uint8(a.Standing))
	}
	if l >= LevelReason {
		s += fmt.Sprintf(": %v; advice: %v", a.Reasons, a.Advice)
		if first, refused := a.Reasons.First(); uncertain || !refused || !slices.Contains(duis.UncertainCodes(), first) {
			s += fmt.Sprintf("; %v", a.Code)
		}
	}
	return []fact{{"decide/" + a.srv.String(), s}}
}

var standingNames = [...]string{"unknown", "not needed", "covered", "not covered", "refused"}

// questions draws what is asked after some events: always the duties now, most often a few more things about now or about a time to come.
func (h *History) questions(t *rapid.T, events []hold.Event) []question {
	now := h.latest()
	then := func() time.Time { // an instant at or around which something changes by itself, or some time later
		at := rapid.SampledFrom(append(h.changes(), now.AddDate(0, 0, 30), now.AddDate(0, 0, 95))).Draw(t, "then")
		at = at.Add(rapid.SampledFrom([]time.Duration{0, -30 * time.Second, time.Hour}).Draw(t, "around"))
		if at.Before(now) {
			return now
		}
		return at
	}
	when := func() time.Time {
		if rapid.Bool().Draw(t, "now") {
			return now
		}
		return then()
	}
	all := []question{{what: duties, at: now}}
	if slices.ContainsFunc(h.Register.Events(), func(e hold.Event) bool { return e.Kind == hold.SupportAccepted }) {
		all = append(all, question{what: overruns, at: then()})
	}
	if slices.ContainsFunc(events, func(e hold.Event) bool { return !e.Kind.Direction() }) {
		all = append(all, question{what: breaches})
	}
	for range rapid.IntRange(0, 2).Draw(t, "more") {
		switch rapid.IntRange(0, 3).Draw(t, "question") {
		case 0:
			all = append(all, question{what: duties, at: then()})
		case 1:
			all = append(all, question{what: overruns, at: then()})
		default:
			q := question{what: owner, of: Map(rapid.IntRange(1, 2).Draw(t, "map")), at: now}
			var mpids []smki.MPID
			for _, e := range events { // about what has just been said, or any
				mpids = append(mpids, e.MPIDs...)
			}
			if len(mpids) == 0 || rapid.IntRange(0, 2).Draw(t, "any MPID") == 0 {
				for _, m := range h.Register.Directory().MPIDs() {
					mpids = append(mpids, m.ID)
				}
			}
			q.mpid = rapid.SampledFrom(mpids).Draw(t, "MPID")
			if log := h.Register.Events(); rapid.Bool().Draw(t, "in the past") {
				q.at = rapid.SampledFrom(log[len(log)*2/3:]).Draw(t, "as of").At
			}
			all = append(all, q)
		}
	}
	for range rapid.IntRange(0, 3).Draw(t, "requests") {
		at := when()
		all = append(all, question{what: decide, at: at, request: h.World.AnyRequest(h.Register, at).Draw(t, "request")})
	}
	return all
}

// latest is the time of the latest event, or of the latest step.
func (h *History) latest() time.Time {
	at := h.Now
	for _, e := range h.Register.Events() {
		if e.At.After(at) {
			at = e.At
		}
	}
	return at
}

// everything lists all that can be asked about the present state: duties and overruns now and later, breaches, the owners of all MPIDs, and whole requests in the name of every User to every device.
func (h *History) everything() []question {
	all := []question{{what: breaches}}
	for _, at := range append(h.changes(), h.Now.AddDate(0, 0, 30), h.Now.AddDate(0, 0, 95)) {
		all = append(all, question{what: duties, at: at}, question{what: overruns, at: at})
	}
	dir := h.Register.Directory()
	devices := []smki.EUI64{0}
	for _, m := range dir.MPIDs() {
		all = append(all, question{what: owner, of: DCCMap, mpid: m.ID, at: h.Now}, question{what: owner, of: CodesMap, mpid: m.ID, at: h.Now})
		devices = append(devices, Device(m).ID)
	}
	for _, u := range dir.Users() {
		uses := make(map[smki.CertificateUse][]smki.CertificateID)
		for _, c := range dir.Certificates() {
			if c.Subject == u.ID || c.Use == smki.DCCKI {
				uses[c.Use] = append(uses[c.Use], c.ID)
			}
		}
		for _, x := range orNone(uses[smki.XMLSign]) {
			for _, g := range orNone(uses[smki.DigitalSigning]) {
				for _, c := range orNone(uses[smki.DCCKI]) {
					for _, d := range devices {
						for _, q := range wholeRequests(d) {
							q.User, q.XMLSign, q.Channel = u.ID, x, c
							if q.Variant.SignedPreCommand() {
								q.Signing = g
							}
							all = append(all, question{what: decide, at: h.Now, request: q})
						}
					}
				}
			}
		}
	}
	return all
}

func orNone(ids []smki.CertificateID) []smki.CertificateID {
	if len(ids) == 0 {
		return []smki.CertificateID{""}
	}
	return ids
}

// wholeRequests lists what can be asked of a device, or of the DCC for none.
func wholeRequests(device smki.EUI64) []Request {
	if device == 0 {
		return []Request{{SRV: duis.ReadInventory, Variant: duis.NonDeviceRequest}}
	}
	return []Request{
		{Device: device, SRV: duis.UpdatePaymentMode, Variant: duis.SendSignedPreCommand, Mode: duis.CreditMode},
		{Device: device, SRV: duis.UpdatePaymentMode, Variant: duis.TransformRequest, Mode: duis.PrepaymentMode},
		{Device: device, SRV: duis.TopUpDevice, Variant: duis.SendCommand},
		{Device: device, SRV: duis.UpdatePrepayConfiguration, Variant: duis.TransformRequest},
		{Device: device, SRV: duis.ReadInstantaneousImportRegisters, Variant: duis.SendCommand},
	}
}
