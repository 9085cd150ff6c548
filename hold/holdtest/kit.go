package holdtest

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"time"

	"github.com/seed-db8551c1/lastresort/duis"
	"github.com/seed-db8551c1/lastresort/hold"
	"github.com/seed-db8551c1/lastresort/smki"
	"pgregory.net/rapid"
)

// script is a history with what is asked in between.
type script struct {
	settings hold.Settings
	entries  []entry
}

// entry is an event or, where ask is not nil, a question.
type entry struct {
	event hold.Event
	ask   *question
}

// scripts draws histories of so many steps, with questions. Each event is one that a file can hold.
func scripts(steps int) *rapid.Generator[script] {
	return rapid.Custom(func(t *rapid.T) script {
		start := Starts().Draw(t, "start")
		h := NewHistory(Worlds(start).Draw(t, "world"), Settings().Draw(t, "settings"), start)
		s := script{settings: h.Register.Settings}
		for _, e := range h.Tried {
			e, _ = written(e)
			s.entries = append(s.entries, entry{event: e})
		}
		for range steps {
			events := h.Step().Draw(t, "events")
			for i, e := range events {
				if e, ok := written(e); ok {
					h.Apply(e)
					s.entries = append(s.entries, entry{event: e})
				}
				if i < len(events)-1 && rapid.IntRange(0, 2).Draw(t, "in between") == 2 {
					s.entries = append(s.entries, entry{ask: &question{what: duties, at: h.latest()}})
				}
			}
			for _, q := range h.questions(t, events) {
				s.entries = append(s.entries, entry{ask: &q})
			}
		}
		return s
	})
}

// written is an event as it is read back from its JSON; false if it has none, since a field has no name.
func written(e hold.Event) (hold.Event, bool) {
	e = inUTC(e)
	text, err := json.Marshal(e)
	if err != nil {
		return e, false
	}
	var back hold.Event
	err = json.Unmarshal(text, &back)
	return back, err == nil
}

func inUTC(e hold.Event) hold.Event {
	utc := func(t *time.Time) {
		if !t.IsZero() {
			*t = t.UTC()
		}
	}
	utc(&e.At)
	utc(&e.Date)
	if e.Certificate != nil {
		c := *e.Certificate
		utc(&c.NotBefore)
		utc(&c.NotAfter)
		e.Certificate = &c
	}
	if e.Support != nil {
		s := *e.Support
		utc(&s.From)
		utc(&s.To)
		e.Support = &s
	}
	return e
}

// kit runs scripts on an implementation and the reference.
type kit struct {
	config Config
	impl   guard
}

// run takes both through a script. It visits each difference, with the number of the step that it is about, until visit returns false, an event is taken by one only, or an answer does not come.
func (k *kit) run(s script, visit func(step int, d *difference) bool) {
	ref := new(reference)
	ref.Reset(s.settings)
	if err := k.impl.Reset(s.settings); err != nil {
		visit(0, failed(err))
		return
	}
	seal, err := k.seal()
	if err != nil {
		visit(0, failed(err))
		return
	}
	for n := range s.entries {
		x := &s.entries[n]
		if q := x.ask; q != nil {
			want, _ := q.put(ref)
			got, err := q.put(k.impl)
			if err != nil {
				visit(n, failed(err))
				return
			}
			if d := compare(want, got, k.config.Level, k.config.UncertainCodes); d != nil && !visit(n, d) {
				return
			}
			continue
		}
		before := len(ref.register.Events())
		want, _ := ref.Apply(x.event)
		got, err := k.impl.Apply(x.event)
		if err != nil {
			visit(n, failed(err))
			return
		}
		if d := compare(resultAnswer{x.event.Kind, want}, resultAnswer{x.event.Kind, got}, k.config.Level, false); d != nil && (!visit(n, d) || want.Outcome != got.Outcome) {
			return
		}
		taken := len(ref.register.Events()) > before
		if now, err := k.seal(); err != nil {
			visit(n, failed(err))
			return
		} else if changed := now != seal; seal != "" && changed != taken && !visit(n, sealDiffers(changed)) {
			return
		} else {
			seal = now
		}
		if taken && x.event.Kind == hold.MPIDAllocated {
			for _, m := range x.event.MPIDs {
				d := Device(smki.AllocatedMPID{ID: m, Fuel: x.event.Fuel})
				ref.Register(d, x.event.At, m)
				if err := k.impl.Register(d, x.event.At, m); err != nil {
					visit(n, failed(err))
					return
				}
			}
		}
	}
	if seal == "" || len(s.entries) == 0 {
		return
	}
	if err := k.replay(s.settings, ref.register.Events()); err != nil {
		visit(len(s.entries)-1, failed(err))
	} else if again, err := k.seal(); err != nil {
		visit(len(s.entries)-1, failed(err))
	} else if again != seal {
		visit(len(s.entries)-1, &difference{about: "seal", level: LevelOutcome, want: []string{"the same seal when the log is applied again"}, got: []string{"another"}})
	}
}

// replay applies a log to the implementation alone.
func (k *kit) replay(s hold.Settings, log []hold.Event) error {
	if err := k.impl.Reset(s); err != nil {
		return err
	}
	for _, e := range log {
		if _, err := k.impl.Apply(e); err != nil {
			return err
		}
	}
	return nil
}

// seal is the implementation's seal, empty if it has none.
func (k *kit) seal() (string, error) {
	s, err := k.impl.Seal()
	if errors.Is(err, errors.ErrUnsupported) {
		return "", nil
	}
	return s, err
}

func sealDiffers(changed bool) *difference {
	says := map[bool]string{true: "another seal", false: "the same seal"}
	return &difference{about: "seal", level: LevelOutcome, want: []string{says[!changed]}, got: []string{says[changed]}}
}

func failed(err error) *difference {
	var wait interface{ Timeout() bool }
	late := errors.As(err, &wait) && wait.Timeout()
	return &difference{about: "answers", level: LevelOutcome, want: []string{"an answer"}, got: []string{err.Error()}, late: late}
}

// shrinkBudget bounds how many scripts are run to make one shorter, and lateBudget how many of them may wait for an answer that does not come.
const (
	shrinkBudget = 3000
	lateBudget   = 12
)

// shrink makes the script of a difference, found at its last step, shorter and simpler for as long as a difference in the same case is left. It works on the events themselves and not on what they were
// drawn from, since what is drawn depends on everything before it: so one event can go while the others stay.
func (k *kit) shrink(s script, d *difference) *Finding {
	best, diff, left, late := s, d, shrinkBudget, lateBudget
	try := func(c script) (found bool) {
		if left == 0 || late == 0 {
			return false
		}
		left--
		k.run(c, func(n int, x *difference) bool {
			if x.late {
				late--
			}
			if x.about == d.about {
				found, diff = true, x
				best = script{c.settings, slices.Clip(c.entries[:min(n+1, len(c.entries))])}
			}
			return !found
		})
		return found
	}
	if !try(s) {
		f := finding(s, d)
		f.Once = true
		return f
	}
	try(script{s.settings, append(onlyEvents(s.entries[:len(s.entries)-1]), s.entries[len(s.entries)-1])}) // most often no other question matters
	for again := true; again; {
		again = false
		for size := max(1, len(best.entries)/2); size > 0; size /= 2 {
			for to := len(best.entries); to >= size; to = min(to-size, len(best.entries)) {
				again = try(script{best.settings, slices.Concat(best.entries[:to-size], best.entries[to:])}) || again
			}
		}
		for _, simplify := range simplerSettings {
			c := script{best.settings, best.entries}
			again = simplify(&c.settings) && try(c) || again
		}
		if n := len(best.entries) - 1; n >= 0 && best.entries[n].ask != nil { // about the time of the latest event
			q, at := *best.entries[n].ask, time.Time{}
			for _, e := range onlyEvents(best.entries) {
				at = later(at, e.event.At)
			}
			if q.at.After(at) {
				q.at = at
				again = try(script{best.settings, append(slices.Clone(best.entries[:n]), entry{ask: &q})}) || again
			}
		}
		for n := len(best.entries) - 1; n >= 0; n-- {
			for _, simplify := range simplerEvents {
				if n >= len(best.entries) || best.entries[n].ask != nil {
					break
				}
				e, before := inUTC(best.entries[n].event), time.Time{}
				if n > 0 {
					before = best.entries[n-1].event.At
				}
				if simplify(&e, before) {
					c := script{best.settings, slices.Clone(best.entries)}
					c.entries[n].event = e
					again = try(c) || again
				}
			}
		}
	}
	return finding(best, diff)
}

// simplerSettings take one setting each back to its default, and report whether it was another.
var simplerSettings = []func(*hold.Settings) bool{
	func(s *hold.Settings) bool { return reset(&s.Enforce) },
	func(s *hold.Settings) bool { return reset(&s.FreezeControlOnly) },
	func(s *hold.Settings) bool { return reset(&s.TopUpsExempt) },
	func(s *hold.Settings) bool { return reset(&s.SafeModeCarriesThresholds) },
	func(s *hold.Settings) bool { return reset(&s.LapseAfterArrangement) },
	func(s *hold.Settings) bool { return reset(&s.IKIExempt) },
	func(s *hold.Settings) bool { return reset(&s.DeviceIncluded) },
	func(s *hold.Settings) bool { return reset(&s.UndoneActsExempt) },
	func(s *hold.Settings) bool { return reset(&s.Regime) },
	func(s *hold.Settings) bool { return shorten(&s.SafeModeVariants) },
}

// simplerEvents make one thing about an event simpler each, given the time of the step before, and report whether it changed.
var simplerEvents = []func(e *hold.Event, before time.Time) bool{
	func(e *hold.Event, _ time.Time) bool { return shorten(&e.MPIDs) },
	func(e *hold.Event, _ time.Time) bool { return shorten(&e.Certificates) },
	func(e *hold.Event, _ time.Time) bool { return shorten(&e.Thresholds) },
	func(e *hold.Event, _ time.Time) bool { return reset(&e.ID) },
	func(e *hold.Event, _ time.Time) bool { return reset(&e.By) },
	func(e *hold.Event, _ time.Time) bool { return reset(&e.Party) },
	func(e *hold.Event, _ time.Time) bool { return reset(&e.Reason) },
	func(e *hold.Event, _ time.Time) bool { return reset(&e.User) },
	func(e *hold.Event, _ time.Time) bool { return reset(&e.Certificate) },
	func(e *hold.Event, _ time.Time) bool { return e.Certificate != nil && reset(&e.Certificate.NotAfter) },
	func(e *hold.Event, _ time.Time) bool { return e.Certificate != nil && reset(&e.Certificate.NotBefore) },
	func(e *hold.Event, _ time.Time) bool { return e.Support != nil && reset(&e.Support.Devices) },
	func(e *hold.Event, _ time.Time) bool { return e.Support != nil && reset(&e.Support.Thresholds) },
	func(e *hold.Event, _ time.Time) bool { return e.Support != nil && reset(&e.Support.To) },
	func(e *hold.Event, before time.Time) bool { // at the same time as what comes before
		if !e.At.After(before) || before.IsZero() {
			return false
		}
		e.At = before
		return true
	},
}

func reset[T any](v *T) bool {
	old := reflect.ValueOf(v).Elem()
	if old.IsZero() {
		return false
	}
	old.SetZero()
	return true
}

func shorten[T any](s *[]T) bool {
	if len(*s) == 0 {
		return false
	}
	*s = (*s)[:len(*s)-1]
	return true
}

func onlyEvents(entries []entry) []entry {
	return slices.DeleteFunc(slices.Clone(entries), func(x entry) bool { return x.ask != nil })
}

// finding writes down a difference at the last step of a script.
func finding(s script, d *difference) *Finding {
	f := &Finding{Case: d.about, Level: d.level, Settings: s.settings, Want: d.want, Got: d.got}
	for _, x := range s.entries {
		if x.ask != nil {
			text, _ := json.Marshal(x.ask.message()) // which has nothing that cannot be marshalled
			f.Asked = append(f.Asked, Asked{len(f.Events), string(text)})
		} else {
			f.Events = append(f.Events, x.event)
		}
	}
	return f
}

// guard turns a panic of an implementation into an error: it is a finding, with the history that leads to it.
type guard struct{ i Implementation }

func recovered(err *error) {
	if p := recover(); p != nil {
		*err = fmt.Errorf("holdtest: the implementation panicked: %v", p)
	}
}

func (g guard) Reset(s hold.Settings) (err error) {
	defer recovered(&err)
	return g.i.Reset(s)
}

func (g guard) Apply(e hold.Event) (r Result, err error) {
	defer recovered(&err)
	return g.i.Apply(ownCopy(e))
}

// ownCopy is an event that shares nothing: whoever sorts what an event names must not change it for the reference, or in the finding.
func ownCopy(e hold.Event) hold.Event {
	e.MPIDs, e.Certificates, e.Thresholds = slices.Clone(e.MPIDs), slices.Clone(e.Certificates), slices.Clone(e.Thresholds)
	if e.User != nil {
		e.User = new(*e.User)
	}
	if e.Certificate != nil {
		e.Certificate = new(*e.Certificate)
	}
	if e.Support != nil {
		s := *e.Support
		s.SRVs, s.Devices, s.Thresholds = slices.Clone(s.SRVs), slices.Clone(s.Devices), slices.Clone(s.Thresholds)
		e.Support = &s
	}
	return e
}

func (g guard) Register(d duis.Device, from time.Time, m smki.MPID) (err error) {
	defer recovered(&err)
	return g.i.Register(d, from, m)
}

func (g guard) Duties(at time.Time) (all []hold.Duty, err error) {
	defer recovered(&err)
	return g.i.Duties(at)
}

func (g guard) Breaches() (all []hold.Breach, err error) {
	defer recovered(&err)
	return g.i.Breaches()
}

func (g guard) Overruns(at time.Time) (all []hold.Overrun, err error) {
	defer recovered(&err)
	return g.i.Overruns(at)
}

func (g guard) Owner(m Map, id smki.MPID, at time.Time) (p smki.PartyID, err error) {
	defer recovered(&err)
	return g.i.Owner(m, id, at)
}

func (g guard) Decide(q Request, at time.Time) (d Decision, err error) {
	defer recovered(&err)
	return g.i.Decide(q, at)
}

func (g guard) Seal() (s string, err error) {
	defer recovered(&err)
	if i, ok := g.i.(Sealer); ok {
		return i.Seal()
	}
	return "", errors.ErrUnsupported
}
