package slow

import (
	"slices"
	"time"

	"github.com/seed-db8551c1/lastresort/duis"
	"github.com/seed-db8551c1/lastresort/hold"
	"github.com/seed-db8551c1/lastresort/smki"
	"github.com/seed-db8551c1/lastresort/solr"
)

// Model is the list of events that were taken. That list is all it keeps.
type Model struct {
	Settings hold.Settings
	log      []hold.Event
	breaches []hold.Breach // of the acts of the log; never withdrawn, so that they can be kept
	crossed  []hold.Breach
	opens    map[instant]bool // what was derived, of what was known then
}

// Outcome is what became of an event.
type Outcome uint8

// The outcomes.
const (
	Applied Outcome = iota
	Repeated
	Refused   // a rule forbids it
	Malformed // it is not complete, or names what nobody knows
)

func (o Outcome) String() string {
	return [...]string{"applied", "repeated", "refused", "malformed"}[o]
}

// Apply takes an event, or says why not: Refused comes with the rule.
func (m *Model) Apply(e hold.Event) (Outcome, solr.Rule) {
	if !slices.Contains(hold.Kinds(), e.Kind) {
		return Malformed, 0
	}
	if e.ID != "" && slices.ContainsFunc(m.log, func(x hold.Event) bool { return x.ID == e.ID }) {
		return Repeated, 0
	}
	if malformed(e) {
		return Malformed, 0
	}
	now := latest(m.log)
	if e.Kind.Direction() && e.At.Before(now) {
		return Malformed, 0
	}
	v := m.view(later(now, e.At))
	if rule := v.notInForce(e); rule != 0 {
		return Refused, rule
	}
	if slices.Contains(e.Kind.Needs(), "Failure") && e.Kind != hold.FailureNotified && e.Kind != hold.LicenceRevoked {
		f := v.failure(e.Failure)
		if f == nil {
			return Malformed, 0
		}
		if e.Kind.Direction() && !f.open() {
			return Refused, solr.R11
		}
		if rule := v.unfit(f, e); rule != 0 {
			return Refused, rule
		}
		if e.Kind == hold.TransferDirected {
			for _, id := range e.MPIDs {
				if !slices.Contains(v.joined(f), id) || v.owner(id, hold.MPIDTransferred) == "" {
					return Malformed, 0
				}
				if g := v.concerned(id); g != nil && g.ID != f.ID && !v.stint(g, id).gone {
					return Refused, solr.R15
				}
			}
		}
	}
	if v.unknown(e) {
		return Malformed, 0
	}
	if e.Kind.Direction() {
		if rule := v.forbidden(e); rule != 0 {
			return Refused, rule
		}
	}
	if e.Kind == hold.SupportRequested && slices.ContainsFunc(e.Support.Thresholds, func(t duis.Threshold) bool { return v.foreign(t, e.Failure) }) {
		return Malformed, 0
	}
	for _, b := range m.view(e.At).judge(e) {
		b.Seq, b.At = uint64(len(m.log)+1), e.At
		if b.Rules != 0 {
			m.breaches = append(m.breaches, b)
		}
		if b.Crossed {
			m.crossed = append(m.crossed, b)
		}
	}
	m.log = append(m.log, e)
	return Applied, 0
}

// Breaches lists the acts of the DCC that a rule forbade.
func (m *Model) Breaches() []hold.Breach { return m.breaches }

// Crossings lists the acts that were done between the direction of a delay and its receipt.
func (m *Model) Crossings() []hold.Breach { return m.crossed }

// View is what the log says of one instant. Everything in it is derived from the events; what was derived is kept for the next question about the same instant.
type View struct {
	hold.Settings
	whole []hold.Event // the log
	log   []hold.Event // what is known of it
	at    time.Time    // the instant that is asked about
	until int          // of the events at that instant, the position before which they count; zero for all
	past  []numbered   // the events that had happened by then
	timed []numbered   // those about MPIDs, in the order of time
	lives []life       // the failures, once they were asked for

	moves    map[move][]change
	opens    map[instant]bool
	stints   map[about]stint
	directed map[about][]direction
	freezes  map[freeze]int
}

type view = View

// about is an MPID as part of a failure.
type about struct {
	failure solr.FailureID
	mpid    smki.MPID
}

// move is an MPID in one of the two maps.
type move struct {
	mpid  smki.MPID
	moved hold.Kind
}

// instant is a failure just before an event, by what is known at a position of the log.
type instant struct {
	failure       solr.FailureID
	pos, knownPos int
}

// freeze is a failure with the controls that an act belongs to.
type freeze struct {
	failure  solr.FailureID
	controls hold.Controls
}

// numbered is an event with its position in the log, from 1.
type numbered struct {
	*hold.Event
	pos int
}

// At is what the log says of an instant.
func (m *Model) At(at time.Time) *View { return m.view(at) }

func (m *Model) view(at time.Time) *view {
	if m.opens == nil {
		m.opens = make(map[instant]bool)
	}
	return &view{Settings: m.Settings, whole: m.log, log: m.log, at: at, moves: make(map[move][]change), opens: m.opens}
}

// before is what the log said of an instant when only its first events were known.
func (v *view) before(n int, at time.Time) *view {
	return &view{Settings: v.Settings, whole: v.whole, log: v.log[:n], at: at, moves: v.moves, opens: v.opens}
}

// just is what is known of the instant of an event, without it and what came after it in the log.
func (v *view) just(e numbered) *view {
	x := v.before(len(v.log), e.At)
	x.until = e.pos
	return x
}

// sees reports whether something at a time and a position of the log had happened by the instant.
func (v *view) sees(at time.Time, pos int) bool {
	return at.Before(v.at) || at.Equal(v.at) && (v.until == 0 || pos < v.until)
}

// happened is the events known that had happened by the instant, in the order of the log.
func (v *view) happened(kinds ...hold.Kind) []numbered {
	if v.past == nil {
		v.past = make([]numbered, 0, len(v.log))
		for i := range v.log {
			if e := &v.log[i]; v.sees(e.At, i+1) {
				v.past = append(v.past, numbered{e, i + 1})
			}
		}
	}
	var asked uint64
	for _, k := range kinds {
		asked |= 1 << k
	}
	var all []numbered
	for _, e := range v.past {
		if asked>>e.Kind&1 == 1 {
			all = append(all, e)
		}
	}
	return all
}

func latest(log []hold.Event) (t time.Time) {
	for i := range log {
		t = later(t, log[i].At)
	}
	return t
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

var london, _ = time.LoadLocation("Europe/London")

// day is midnight in London of the day that holds an instant.
func day(t time.Time) time.Time {
	y, m, d := t.In(london).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, london)
}

// regime is the rules in force at an instant.
func (v *view) regime(at time.Time) hold.Regime {
	switch {
	case v.Regime != hold.Actual:
		return v.Regime
	case at.Before(time.Date(2021, 10, 4, 0, 0, 0, 0, london)):
		return hold.Baseline
	case at.Before(time.Date(2021, 11, 17, 0, 0, 0, 0, london)):
		return hold.MP134A
	}
	return hold.MP185
}

// Directory questions.

// owner is whose an MPID is in the DCC's map, or in that of the registration codes: of the changes by then the one with the latest time, of equal times the one reported last.
func (v *view) owner(m smki.MPID, moved hold.Kind) smki.PartyID {
	return holder(v.changes(m, moved), func(c change) bool { return c.pos <= len(v.log) && v.sees(c.at, c.pos) })
}

// change is what a report says about the holder of an MPID.
type change struct {
	pos int
	at  time.Time
	to  smki.PartyID // empty for nobody any more
}

// holder is whose an MPID is by those of the changes that count.
func holder(changes []change, counts func(change) bool) smki.PartyID {
	var last change
	for _, c := range changes {
		if counts(c) && !c.at.Before(last.at) {
			last = c
		}
	}
	return last.to
}

// changes is what the whole log says about the holder of an MPID, without the reports that said nothing new.
func (v *view) changes(m smki.MPID, moved hold.Kind) []change {
	all, known := v.moves[move{m, moved}]
	if known {
		return all
	}
	for i := range v.whole {
		e := &v.whole[i]
		if e.Kind != hold.MPIDAllocated && e.Kind != moved && e.Kind != hold.MPIDRetired || !slices.Contains(e.MPIDs, m) {
			continue
		}
		c := change{i + 1, e.At, e.Party}
		if e.Kind == hold.MPIDRetired {
			c.to = ""
		}
		if e.Kind != moved || holder(all, func(c change) bool { return !c.at.After(e.At) }) != c.to {
			all = append(all, c)
		}
	}
	v.moves[move{m, moved}] = all
	return all
}

// Owner is whose an MPID is, in the DCC's map and in that of the registration codes; empty for nobody.
func (v *View) Owner(id smki.MPID) (dcc, codes smki.PartyID) {
	return v.owner(id, hold.MPIDTransferred), v.owner(id, hold.MPIDTransferredInCodes)
}

// mpids is every MPID that was ever allocated, whenever that was, in the order of the log.
func (v *view) mpids() []smki.MPID {
	var all []smki.MPID
	for i := range v.log {
		if v.log[i].Kind == hold.MPIDAllocated {
			all = append(all, v.log[i].MPIDs...)
		}
	}
	return all
}

func (v *view) certificates() []*smki.Certificate {
	var all []*smki.Certificate
	for i := range v.log {
		if v.log[i].Kind == hold.CertificateIssued {
			all = append(all, v.log[i].Certificate)
		}
	}
	return all
}

func (v *view) certificate(id smki.CertificateID) *smki.Certificate {
	for _, c := range v.certificates() {
		if c.ID == id {
			return c
		}
	}
	return nil
}

// revoked reports whether the DCC or a CRL has revoked a certificate by the instant.
func (v *view) revoked(id smki.CertificateID) bool {
	for i := range v.log {
		e := &v.log[i]
		if (e.Kind == hold.CertificateRevoked || e.Kind == hold.CRLPublished) && v.sees(e.At, i+1) && slices.Contains(e.Certificates, id) {
			return true
		}
	}
	return false
}

func (v *view) user(id smki.EUI64) (u smki.User, known bool) {
	for i := range v.log {
		if e := &v.log[i]; e.Kind == hold.UserRecorded && e.User.ID == id {
			u, known = *e.User, true
		}
	}
	return u, known
}

// engaged is the SRPs of a supplier.
func (v *view) engaged(p smki.PartyID) []smki.PartyID {
	var all []smki.PartyID
	for _, e := range v.happened(hold.SRPEngaged) {
		if e.Party == p {
			all = append(all, e.By)
		}
	}
	return all
}
