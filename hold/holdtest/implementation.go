package holdtest

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/seed-db8551c1/lastresort/duis"
	"github.com/seed-db8551c1/lastresort/hold"
	"github.com/seed-db8551c1/lastresort/smki"
	"github.com/seed-db8551c1/lastresort/solr"
)

// Implementation is a register and filter under test. [Conform] resets it, applies the events of one history after another, and asks it in between.
// The errors say that it cannot answer: each of them is a finding.
type Implementation interface {
	// Reset forgets everything and begins with an empty register that follows the settings.
	Reset(hold.Settings) error
	// Apply takes an event, as [hold.Register.Apply] does. The event shares nothing and is the implementation's own.
	Apply(hold.Event) (Result, error)
	// Register tells it of a device with one metering point, and that the point is registered to an MPID, which was allocated before, from a time on. Only decisions rest on it.
	Register(d duis.Device, from time.Time, m smki.MPID) error

	// Duties, Breaches and Overruns answer as the methods of [hold.Register] do, in any order. The time is not before the latest event.
	Duties(at time.Time) ([]hold.Duty, error)
	Breaches() ([]hold.Breach, error)
	Overruns(at time.Time) ([]hold.Overrun, error)
	// Owner is whose an MPID is in one of the two maps at any time, empty for nobody's.
	Owner(m Map, id smki.MPID, at time.Time) (smki.PartyID, error)
	// Decide says what becomes of a request, as [duis.Decide] does.
	Decide(q Request, at time.Time) (Decision, error)
}

// Sealer is an [Implementation] with a sealed log. Seals are not compared with those of the reference, only with each other: the same events give the same seal,
// an event that is applied changes it, and nothing else does. The error is [errors.ErrUnsupported] if there is no seal after all.
type Sealer interface {
	Implementation
	Seal() (string, error)
}

// Map is one of the two maps of MPIDs (R13).
type Map uint8

// The maps.
const (
	DCCMap   Map = iota + 1 // on the DCC's network
	CodesMap                // under the REC, the UNC and the BSC
)

var mapNames = [...]string{"", "DCC", "codes"}

func (m Map) String() string { return nameOf("Map", mapNames[:], uint8(m)) }

// Outcome is what became of an event.
type Outcome uint8

// The outcomes.
const (
	Applied   Outcome = iota + 1 // a repeat, which changes nothing, included
	Refused                      // for a rule: a [hold.RuleError]
	Malformed                    // incomplete or about something unknown: a [hold.EventError]
)

var outcomeNames = [...]string{"", "applied", "refused", "malformed"}

func (o Outcome) String() string { return nameOf("Outcome", outcomeNames[:], uint8(o)) }

func nameOf(typ string, names []string, i uint8) string {
	if int(i) < len(names) && names[i] != "" {
		return names[i]
	}
	return fmt.Sprintf("%s(%d)", typ, i)
}

// Result is what an implementation says of an event.
type Result struct {
	Outcome Outcome
	Rule    solr.Rule   // that refuses it
	Done    []hold.Item // items that it names but that were done already (R16)
}

// Decision is what an implementation says of a request: the part of [duis.Decision] that means the same in every implementation.
type Decision struct {
	Outcome  duis.Outcome
	Standing duis.Standing
	Reasons  duis.Reasons
	Advice   duis.Reasons
	Code     duis.Code
}

// Reference is the implementation that others are checked against: [hold.Register] and [duis.Decide].
func Reference() Sealer { return new(reference) }

type reference struct {
	register hold.Register
	meters   []meter
	world    *duis.World // nil where something has changed since
	seal     [sha256.Size]byte
}

type meter struct {
	device duis.Device
	duis.Registration
}

func (r *reference) Reset(s hold.Settings) error {
	*r = reference{register: hold.Register{Settings: s}}
	return nil
}

func (r *reference) Apply(e hold.Event) (Result, error) {
	a, err := r.register.Apply(e)
	var rule *hold.RuleError
	var event *hold.EventError
	switch {
	case errors.As(err, &rule):
		return Result{Outcome: Refused, Rule: rule.Rule}, nil
	case errors.As(err, &event):
		return Result{Outcome: Malformed}, nil
	case err != nil:
		return Result{}, err
	}
	if !a.Repeat {
		r.world = nil
		text, err := json.Marshal(e)
		if err != nil {
			return Result{}, err
		}
		r.seal = sha256.Sum256(append(r.seal[:], text...))
	}
	return Result{Outcome: Applied, Done: a.Done}, nil
}

func (r *reference) Register(d duis.Device, from time.Time, m smki.MPID) error {
	r.meters = append(r.meters, meter{d, duis.Registration{Point: max(d.Import, d.Gas), From: from, MPID: m}})
	r.world = nil
	return nil
}

func (r *reference) Duties(at time.Time) ([]hold.Duty, error) { return r.register.Duties(at), nil }
func (r *reference) Breaches() ([]hold.Breach, error)         { return r.register.Breaches(), nil }
func (r *reference) Overruns(at time.Time) ([]hold.Overrun, error) {
	return r.register.Overruns(at), nil
}

func (r *reference) Owner(m Map, id smki.MPID, at time.Time) (smki.PartyID, error) {
	held := &r.register.Directory().DCC
	if m == CodesMap {
		held = &r.register.Directory().Codes
	}
	p, _ := held.Owner(id, at)
	return p, nil
}

func (r *reference) Decide(q Request, at time.Time) (Decision, error) {
	if r.world == nil {
		e := new(duis.World).Edit()
		if err := r.register.Update(e); err != nil {
			return Decision{}, err
		}
		for _, m := range r.meters {
			if err := e.Register(m.Point, m.From, m.MPID); err != nil {
				return Decision{}, err
			}
			if err := e.SetDevice(m.device); err != nil {
				return Decision{}, err
			}
		}
		r.world = e.World()
	}
	in := q.In(r.world)
	d := duis.Decide(r.world, &in, at)
	return Decision{d.Outcome, d.Standing, d.Reasons, d.Advice, d.Code}, nil
}

func (r *reference) Seal() (string, error) { return hex.EncodeToString(r.seal[:]), nil }
