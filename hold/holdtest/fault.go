package holdtest

import (
	"errors"
	"slices"
	"time"

	"github.com/seed-db8551c1/lastresort/duis"
	"github.com/seed-db8551c1/lastresort/hold"
	"github.com/seed-db8551c1/lastresort/smki"
	"github.com/seed-db8551c1/lastresort/solr"
)

// Fault is an implementation that is wrong on purpose, in one thing. A kit that does not find it is not worth running: whoever changes the budget or the generators can see what they still catch.
type Fault struct {
	Name      string    // what it does wrong
	Rule      solr.Rule // that it breaks; zero if it is an invariant
	Invariant Invariant // that it breaks; zero if it is a rule
	New       func() Implementation
}

// Invariant is one of the statements that hold in every state of a register and its filter.
type Invariant uint8

// The invariants.
const (
	OneOwner       Invariant = iota + 1 // every MPID belongs to exactly one party in each of the two maps from allocation to retirement
	ActsJudged                          // every act of the DCC that the rules forbid when it is done is a breach, and no other
	FilterExact                         // after revocation a request is accepted exactly if certificates, MPID and authority allow it
	LicensedFree                        // a party that holds its licence needs no authority
	Commuting                           // events at the same instant on failures that have nothing in common commute
	Replayable                          // the log applied again gives the same state and seal
	RegimesOrdered                      // what passes the checks of certificates and MPIDs under Baseline passes under MP134A, and what passes there under MP185
	numInvariants
)

var invariantNames = [...]string{"", "one owner", "acts judged", "filter exact", "licensed free", "commuting", "replayable", "regimes ordered"}

func (i Invariant) String() string { return nameOf("Invariant", invariantNames[:], uint8(i)) }

// Invariants lists all invariants in order.
func Invariants() []Invariant {
	all := make([]Invariant, numInvariants-1)
	for i := range all {
		all[i] = Invariant(i + 1)
	}
	return all
}

// Faults lists the broken implementations: at least two for each rule, and at least two for each invariant, in order. Each is the reference with one thing changed.
func Faults() []Fault {
	all := make([]Fault, len(faults))
	for i, x := range faults {
		all[i] = Fault{x.name, x.rule, x.invariant, func() Implementation { return &faulty{fault: &faults[i]} }}
	}
	return all
}

// fault is what is changed; what is nil is not.
type fault struct {
	name      string
	rule      solr.Rule
	invariant Invariant

	settings func(*hold.Settings)
	apply    func(*faulty, hold.Event) Result
	duties   func(*faulty, []hold.Duty, time.Time) []hold.Duty
	breaches func([]hold.Breach) []hold.Breach
	overruns func(*faulty, []hold.Overrun, time.Time) []hold.Overrun
	owner    func(*faulty, Map, smki.MPID, smki.PartyID, time.Time) smki.PartyID
	decide   func(*faulty, Request, Decision, time.Time) Decision
	seal     func(*faulty, string) string
}

// faulty is the reference with a fault in it.
type faulty struct {
	reference
	*fault

	given    []hold.Event // the log as it should be: a fault may apply other events, more and fewer
	position []uint64     // by position in the log of the register, the position that it should have
	refused  int
	asked    time.Time       // the latest time that was asked about
	ids      map[string]bool // of events of this history and all before
}

func (f *faulty) Reset(s hold.Settings) error {
	*f = faulty{fault: f.fault, ids: f.ids}
	if f.settings != nil {
		f.settings(&s)
	}
	return f.reference.Reset(s)
}

func (f *faulty) Apply(e hold.Event) (Result, error) {
	r := Result{}
	if f.apply != nil {
		r = f.apply(f, e)
	} else {
		r = f.take(e, e)
	}
	if r.Outcome != Applied {
		f.refused++
	}
	return r, nil
}

func (f *faulty) Duties(at time.Time) ([]hold.Duty, error) {
	all := f.register.Duties(at)
	if f.duties != nil {
		all = f.duties(f, all, at)
	}
	if at.After(f.asked) {
		f.asked = at
	}
	return all, nil
}

func (f *faulty) Breaches() ([]hold.Breach, error) {
	all := f.register.Breaches()
	for i := range all {
		all[i].Seq = f.position[all[i].Seq-1]
	}
	if f.breaches != nil {
		all = f.breaches(all)
	}
	return all, nil
}

func (f *faulty) Overruns(at time.Time) ([]hold.Overrun, error) {
	all := f.register.Overruns(at)
	if f.overruns != nil {
		all = f.overruns(f, all, at)
	}
	return all, nil
}

func (f *faulty) Owner(m Map, id smki.MPID, at time.Time) (smki.PartyID, error) {
	p, err := f.reference.Owner(m, id, at)
	if f.owner != nil {
		p = f.owner(f, m, id, p, at)
	}
	return p, err
}

func (f *faulty) Decide(q Request, at time.Time) (Decision, error) {
	d, err := f.reference.Decide(q, at)
	if f.decide != nil {
		d = f.decide(f, q, d, at)
	}
	return d, err
}

// Seal has no seal but where that is the fault: the others are to be found by what they say.
func (f *faulty) Seal() (string, error) {
	if f.fault.seal == nil {
		return "", errors.ErrUnsupported
	}
	s, err := f.reference.Seal()
	return f.fault.seal(f, s), err
}

// take applies an event in place of the one that was given.
func (f *faulty) take(given, e hold.Event) Result {
	before := len(f.register.Events())
	r, _ := f.reference.Apply(e)
	if len(f.register.Events()) > before {
		f.given = append(f.given, given)
		f.position = append(f.position, uint64(len(f.given)))
	}
	return r
}

// add applies one more event, which nobody gave, at the time of the latest. That it is refused is no matter.
func (f *faulty) add(e hold.Event) {
	before := len(f.register.Events())
	for _, x := range f.register.Events() {
		if x.At.After(e.At) {
			e.At = x.At
		}
	}
	f.reference.Apply(e)
	if len(f.register.Events()) > before {
		f.position = append(f.position, uint64(len(f.given)))
	}
}

// pass says that an event was applied, and does nothing.
func (f *faulty) pass(given hold.Event) Result {
	f.given = append(f.given, given)
	return Result{Outcome: Applied}
}

// would says what the reference would make of an event, and whether that would change anything.
func (f *faulty) would(e hold.Event) (hold.Applied, bool) {
	a, err := f.register.Clone().Apply(e)
	return a, err == nil && !a.Repeat
}

func (f *faulty) regime(at time.Time) hold.Regime {
	if r := f.register.Settings.Regime; r != hold.Actual {
		return r
	}
	return hold.RulesAt(at)
}

// latestOf is the latest of the events that were given for which ok reports true, nil if there is none.
func (f *faulty) latestOf(ok func(*hold.Event) bool) *hold.Event {
	for i := len(f.given) - 1; i >= 0; i-- {
		if ok(&f.given[i]) {
			return &f.given[i]
		}
	}
	return nil
}

// party is whose a User is.
func (f *faulty) party(u smki.EUI64) smki.PartyID {
	x, _ := f.register.Directory().User(u)
	return x.Party
}

// openFailure is the open failure of a party as of a time.
func (f *faulty) openFailure(p smki.PartyID, at time.Time) (solr.Failure, bool) {
	all := f.register.Failures(at)
	i := slices.IndexFunc(all, func(x solr.Failure) bool { return x.Supplier == p && x.Phase != solr.Closed })
	if i < 0 {
		return solr.Failure{}, false
	}
	return all[i], true
}

// dutyItems are the certificates and MPIDs that duties on a failure name.
func (f *faulty) dutyItems(id solr.FailureID, at time.Time) (certs []smki.CertificateID, mpids []smki.MPID) {
	for _, d := range f.register.Duties(at) {
		switch {
		case d.Failure != id:
		case d.Action == hold.TransferMPID:
			mpids = append(mpids, d.MPID)
		case d.Action == hold.RevokeCertificate:
			certs = append(certs, d.Certificate)
		}
	}
	return certs, mpids
}

// instead makes a fault of what becomes of the events of one kind.
func instead(k hold.Kind, apply func(*faulty, hold.Event) Result) func(*faulty, hold.Event) Result {
	return func(f *faulty, e hold.Event) Result {
		if e.Kind == k {
			return apply(f, e)
		}
		return f.take(e, e)
	}
}

// afterwards makes a fault of what more is done when an event of a kind was applied.
func afterwards(k hold.Kind, more func(*faulty, hold.Event)) func(*faulty, hold.Event) Result {
	return instead(k, func(f *faulty, e hold.Event) Result {
		before := len(f.given)
		r := f.take(e, e)
		if len(f.given) > before {
			more(f, e)
		}
		return r
	})
}

// ignore makes a fault of passing over events of a kind that would be applied.
func ignore(k hold.Kind, which func(*faulty, hold.Event) bool) func(*faulty, hold.Event) Result {
	return instead(k, func(f *faulty, e hold.Event) Result {
		if _, ok := f.would(e); ok && which(f, e) {
			return f.pass(e)
		}
		return f.take(e, e)
	})
}

// letPass makes a fault of saying that events of a kind were applied, where the rule refuses them.
func letPass(k hold.Kind, rule solr.Rule) func(*faulty, hold.Event) Result {
	return instead(k, func(f *faulty, e hold.Event) Result {
		if r := f.take(e, e); r.Outcome != Refused || r.Rule != rule {
			return r
		}
		return f.pass(e)
	})
}

func always(*faulty, hold.Event) bool { return true }

// eachDuty makes a fault of a change to duties.
func eachDuty(change func(*faulty, *hold.Duty, time.Time)) func(*faulty, []hold.Duty, time.Time) []hold.Duty {
	return func(f *faulty, all []hold.Duty, at time.Time) []hold.Duty {
		for i := range all {
			change(f, &all[i], at)
		}
		return all
	}
}

// waitsFor makes a fault of holding back revocations for the confirmation of MPIDs that have gone from the failure in some way.
func waitsFor(gone func(*faulty, *hold.Event, time.Time) bool) func(*faulty, *hold.Duty, time.Time) {
	return func(f *faulty, d *hold.Duty, at time.Time) {
		failed, _ := f.register.Failure(d.Failure)
		if d.Action != hold.RevokeCertificate || d.Modality != hold.Must || failed.Phase == solr.Exited || f.regime(at) != hold.MP185 || f.register.Settings.UndoneActsExempt {
			return
		}
		confirmed := f.latestOf(func(e *hold.Event) bool { return e.Kind == hold.Confirmed && e.Failure == d.Failure })
		left := f.latestOf(func(e *hold.Event) bool {
			return gone(f, e, at) && slices.ContainsFunc(e.MPIDs, func(m smki.MPID) bool {
				p, _ := f.register.Directory().DCC.Owner(m, e.At.Add(-1))
				return p == failed.Supplier && e.At.After(failed.Notified)
			})
		})
		if confirmed == nil && left != nil {
			d.Modality, d.Rules, d.Since = hold.MustNot, solr.RuleSetOf(solr.R8), time.Time{}
		}
	}
}

// withoutRule makes a fault of forgetting a rule in breaches.
func withoutRule(rule solr.Rule) func([]hold.Breach) []hold.Breach {
	return func(all []hold.Breach) []hold.Breach {
		for i := range all {
			all[i].Rules &^= 1 << rule
		}
		return slices.DeleteFunc(all, func(b hold.Breach) bool { return b.Rules == 0 })
	}
}

// withoutReasons makes a fault of not checking something about a request.
func withoutReasons(reasons ...duis.Reason) func(*faulty, Request, Decision, time.Time) Decision {
	return func(_ *faulty, _ Request, d Decision, _ time.Time) Decision {
		d.Reasons &^= duis.ReasonsOf(reasons...)
		return concluded(d)
	}
}

// concluded is a decision with the outcome and code that follow from its reasons.
func concluded(d Decision) Decision {
	first, refused := d.Reasons.First()
	switch {
	case !refused:
		d.Outcome, d.Code = duis.Accepted, duis.I99
	case first > duis.ChannelNotValid:
		d.Outcome, d.Code = duis.Rejected, duis.DefaultPolicy().Codes[first]
	}
	return d
}

// unauthorised is a decision on a request that needs an authority and has none.
func (f *faulty) unauthorised(d Decision) Decision {
	d.Standing, d.Advice = duis.NotCovered, duis.ReasonsOf(duis.NotAuthorised)
	if f.register.Settings.Enforce {
		d.Standing, d.Advice = duis.Refused, 0
		d.Reasons |= duis.ReasonsOf(duis.NotAuthorised)
	}
	return concluded(d)
}
