package holdtest

import (
	"context"
	"fmt"
	"time"

	"github.com/seed-db8551c1/lastresort/hold"
	"github.com/seed-db8551c1/lastresort/solr"
)

// Bound is the bounded world of an exhaustive check: who there is, what may happen, and how often. Within it every interleaving of every action is explored, refused ones, acts of the DCC against its
// duties and reports out of step included.
type Bound struct {
	Name         string `json:"name"`
	Failures     int    `json:"failures"`     // suppliers that may fail, all at once if it comes to that
	SoLRs        int    `json:"solrs"`        // parties that may be announced, appointed and given MPIDs
	Cascades     int    `json:"cascades"`     // how many of the SoLRs may fail as well, each with one MPID and certificate of its own
	MPIDs        int    `json:"mpids"`        // of each supplier
	Certificates int    `json:"certificates"` // of each supplier

	// For each failure, at most:
	Announcements int `json:"announcements"`     // of a SoLR, for all MPIDs
	Appointments  int `json:"appointments"`      // each for one MPID
	Delays        int `json:"delays"`            // each of both controls, or of revocation, over all that is left
	Delayed       int `json:"delayed,omitempty"` // how many of the failures may be delayed; 0 for all

	// In all, at most:
	Directions  int `json:"directions"`  // to transfer an MPID, back to the failed supplier included
	Requests    int `json:"requests"`    // for the support of the SRP, which is shared by all suppliers
	Extensions  int `json:"extensions"`  // of an arrangement
	SafeModes   int `json:"safe_modes"`  // instructions of Ofgem
	Migrations  int `json:"migrations"`  // started, completed, taken back
	Exits       int `json:"exits"`       // without a SoLR, and the PMA's releases after them
	Breaches    int `json:"breaches"`    // acts of the DCC that a rule forbids
	Compromises int `json:"compromises"` // revocations on ordinary grounds

	Separate bool `json:"separate,omitempty"` // each confirmation, position, agreement and release of an MPID is an action of its own; else the five are one with the position, and so are the agreements with one SoLR and the releases
	Order    bool `json:"order,omitempty"`    // the same history under each regime, in which the DCC does every duty at once: what passes must grow from Baseline over MP134A to MP185. There is no symmetry then
	Late     bool `json:"late,omitempty"`     // acts of the DCC may also be reported for the instant before

	Instants []time.Time   `json:"instants"`  // when things happen, in order; between them nothing does
	SoLRDate time.Time     `json:"solr_date"` // that appointments name
	Settings hold.Settings `json:"settings"`
}

// Instants are what the rules distinguish about a failure in the autumn of 2021: the day before MP134A, MP134A, MP185, the SoLR date, and when its 90 days are over.
func Instants() []time.Time {
	date := hold.MP185From().AddDate(0, 0, 1)
	return []time.Time{hold.MP134AFrom().Add(-12 * time.Hour), hold.MP134AFrom(), hold.MP185From(), solr.SoLRDate(date), solr.ArrangementEnd(date)}
}

// Bounds gives the stated bounds for a number of failures, SoLRs and MPIDs of each supplier: several, each with a name, since everything at once has no end. The more failures there are, the less often
// each thing may happen; of three failures with two SoLRs and two MPIDs each any one may be delayed.
//
// With up to two SoLRs and two MPIDs they end: of two failures within two minutes on two processors, of three within four, since at one instant their states are those of one failure multiplied,
// 38,352,123 at most. Larger sizes are explored as well, but are not known to end. The error is a [*BoundError].
func Bounds(failures, solrs, mpids int) ([]Bound, error) {
	all := Instants()
	date := hold.MP185From().AddDate(0, 0, 1)
	part := func(name string, instants []time.Time, change func(*Bound)) Bound {
		b := Bound{Name: name, Failures: failures, SoLRs: solrs, MPIDs: mpids, Certificates: 1, Appointments: 1, Instants: instants, SoLRDate: date}
		change(&b)
		return b
	}
	parts := []Bound{
		part("delays", all[2:4], func(b *Bound) { b.Delays = 1 }),
		part("support", all[3:], func(b *Bound) { b.Requests, b.Extensions = 1, 1 }),
		part("acts", all[3:4], func(b *Bound) { b.Breaches, b.Compromises = 1, 1 }),
		part("exits", all[3:4], func(b *Bound) { b.Exits = 1 }),
		part("rule changes", all[:4], func(b *Bound) { b.Migrations = 1 }),
		part("failing SoLR", all[3:4], func(b *Bound) { b.Cascades, b.Appointments = 1, 2 }),
		part("order", all[3:4], func(b *Bound) { b.Delays, b.Order = 1, true }),
	}
	failing, order := &parts[5], &parts[6]
	if failures > 1 {
		failing.MPIDs = 1
		order.SoLRs, order.MPIDs = 1, 1 // each state is three registers, and none stands for another
	}
	switch {
	case failures == 1:
		order.Instants = all[2:4]
		parts[1].SafeModes = 1
		parts[2].Directions = 1
		parts[3].Delays = 1
		parts[4].Delays = 1
		parts = append(parts,
			part("one by one", all[3:4], func(b *Bound) { b.Separate, b.Announcements, b.MPIDs, b.SoLRs = true, 1, 1, min(solrs, 2) }),
			part("late acts", all[2:4], func(b *Bound) { b.Late, b.Delays, b.Breaches, b.MPIDs, b.SoLRs = true, 1, 1, 1, 1 }))
	case failures > 2 || mpids > 2 || solrs > 2:
		parts[0].Instants = all[3:4]
		parts = parts[:1]
		if failures > 2 && solrs > 1 && mpids > 1 {
			parts[0].Delayed = 1
		}
	}
	for i := range parts {
		if err := parts[i].check(); err != nil {
			return nil, err
		}
	}
	return parts, nil
}

// BoundError says what a bound should have been.
type BoundError struct{ Got, Expected string }

func (e *BoundError) Error() string {
	return "holdtest: bound of " + e.Got + ": expected " + e.Expected
}

func (b *Bound) check() error {
	for _, x := range []struct {
		name     string
		n, least int
		most     int
	}{
		{"failures", b.Failures, 1, 3}, {"SoLRs", b.SoLRs, 1, len(partyNames) - b.Failures}, {"cascades", b.Cascades, 0, b.SoLRs}, {"MPIDs of each supplier", b.MPIDs, 1, 4},
		{"certificates of each supplier", b.Certificates, 1, 4}, {"instants", len(b.Instants), 1, 16},
		{"announcements", b.Announcements, 0, 99}, {"appointments", b.Appointments, 0, 99}, {"delays", b.Delays, 0, 99}, {"delayed failures", b.Delayed, 0, b.Failures + b.Cascades}, {"directions", b.Directions, 0, 99}, {"requests", b.Requests, 0, 9},
		{"extensions", b.Extensions, 0, 99}, {"safe modes", b.SafeModes, 0, 99}, {"migrations", b.Migrations, 0, 99}, {"exits", b.Exits, 0, 99}, {"breaches", b.Breaches, 0, 99}, {"compromises", b.Compromises, 0, 99},
	} {
		if x.n < x.least || x.n > x.most {
			return &BoundError{fmt.Sprintf("%d %s", x.n, x.name), fmt.Sprintf("%d to %d", x.least, x.most)}
		}
	}
	for i, t := range b.Instants {
		if i > 0 && !t.After(b.Instants[i-1]) {
			return &BoundError{fmt.Sprintf("instant %s", t), fmt.Sprintf("one after %s", b.Instants[i-1])}
		}
	}
	return nil
}

// Exploration is what an exhaustive check found. It is the same for one bound on every machine and any number of processors.
type Exploration struct {
	// States is how many different states of the register can be reached, with what is left of the bound. Classes is how many there are if states that differ only in who is who (suppliers, SoLRs, MPIDs,
	// certificates) count once: one of each was visited.
	States      uint64 `json:"states"`
	Classes     uint64 `json:"classes"`
	Transitions uint64 `json:"transitions"` // actions tried in the states visited, refused ones included
	Refused     uint64 `json:"refused"`     // of those
	Depth       int    `json:"depth"`       // actions on the longest of the shortest ways to a state
	Checks      Checks `json:"checks"`
	// Coverage is, for each kind of event and phase of the failure that it is about, how often it was accepted and refused.
	Coverage   []Coverage  `json:"coverage"`
	Unreached  []string    `json:"unreached"` // phases that no failure came to within the bound
	Violations []Violation `json:"violations"`
}

// Checks is how often what was checked, besides what is checked in every state and at every transition.
type Checks struct {
	Acts      uint64 `json:"acts"`      // of the DCC compared with the duty that was open
	Pairs     uint64 `json:"pairs"`     // of actions on two failures, in both orders
	Decisions uint64 `json:"decisions"` // different situations in which Service Requests were decided
	Probes    uint64 `json:"probes"`    // events beyond the bound, tried in the first states of each combination of phases and instant
}

// Coverage is what became of a kind of event in a phase.
type Coverage struct {
	Kind     hold.Kind  `json:"kind"`
	Phase    solr.Phase `json:"phase"`
	Accepted uint64     `json:"accepted"`
	Refused  uint64     `json:"refused"`
}

// Violation is a state in which an invariant does not hold, with a shortest sequence of events that leads to it. The facts of the world come first.
type Violation struct {
	Invariant string        `json:"invariant"`
	What      string        `json:"what"`
	Actions   int           `json:"actions"` // how many actions lead to it
	Settings  hold.Settings `json:"-"`
	Events    []hold.Event  `json:"events"`
}

func (v Violation) Error() string {
	return fmt.Sprintf("holdtest: %s does not hold after %d actions: %s", v.Invariant, v.Actions, v.What)
}

// Progress is how far a check has come.
type Progress struct {
	Depth       int
	Classes     uint64 // reached so far
	Frontier    uint64 // of those, still to be visited at this depth
	Transitions uint64
}

// Explore visits every state of the register that can be reached within a bound, breadth first, and checks every invariant in each. It runs on as many goroutines as GOMAXPROCS says, and calls progress, if
// it is given one, from one of them at a time. It stops after the first depth with a violation: what it then gives is a shortest way to it.
// The error is that of the context, or a [*BoundError].
func Explore(ctx context.Context, b Bound, progress func(Progress)) (*Exploration, error) {
	if err := b.check(); err != nil {
		return nil, err
	}
	if b.Order {
		return newModel(b, true).explore(ctx, newCopies(b.Settings), progress)
	}
	m := newModel(b)
	return m.explore(ctx, register{&hold.Register{Settings: b.Settings}}, progress)
}
