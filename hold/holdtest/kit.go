package holdtest

import (
	"encoding/json"
	"errors"
	"fmt"
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
	steps    []step
}

// step is an event or, where ask is not nil, a question.
type step struct {
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
			s.steps = append(s.steps, step{event: e})
		}
		for range steps {
			events := h.Step().Draw(t, "events")
			for _, e := range events {
				if e, ok := written(e); ok {
					h.Apply(e)
					s.steps = append(s.steps, step{event: e})
				}
			}
			for _, q := range h.questions(t, events) {
				s.steps = append(s.steps, step{ask: &q})
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
	impl   Implementation
	sealer Sealer // nil without a seal
}

func newKit(i Implementation, c Config) *kit {
	k := &kit{config: c, impl: guard{i}}
	if s, ok := i.(Sealer); ok {
		k.sealer = s
	}
	return k
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
	for n := range s.steps {
		x := &s.steps[n]
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
		} else if changed := now != seal; k.sealer != nil && changed != taken && !visit(n, sealDiffers(changed)) {
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
	if k.sealer == nil || len(s.steps) == 0 {
		return
	}
	if err := k.replay(s.settings, ref.register.Events()); err != nil {
		visit(len(s.steps)-1, failed(err))
	} else if again, err := k.seal(); err != nil {
		visit(len(s.steps)-1, failed(err))
	} else if again != seal {
		visit(len(s.steps)-1, &difference{about: "seal", level: LevelOutcome, want: []string{"the same seal when the log is applied again"}, got: []string{"another"}})
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
func (k *kit) seal() (s string, err error) {
	if k.sealer == nil {
		return "", nil
	}
	defer recovered(&err)
	if s, err = k.sealer.Seal(); errors.Is(err, errors.ErrUnsupported) {
		k.sealer = nil
		return "", nil
	}
	return s, err
}

func sealDiffers(changed bool) *difference {
	says := map[bool]string{true: "another seal", false: "the same seal"}
	return &difference{about: "seal", level: LevelOutcome, want: []string{says[!changed]}, got: []string{says[changed]}}
}

func failed(err error) *difference {
	return &difference{about: "answers", level: LevelOutcome, want: []string{"an answer"}, got: []string{err.Error()}}
}

// shrinkBudget bounds how many scripts are run to make one shorter.
const shrinkBudget = 3000

// shrink makes the script of a difference, found at its last step, shorter and simpler for as long as a difference in the same case is left. It works on the events themselves and not on what they were
// drawn from, since what is drawn depends on everything before it: so one event can go while the others stay.
func (k *kit) shrink(s script, d *difference) *Finding {
	best, diff, left := s, d, shrinkBudget
	try := func(c script) bool {
		if left == 0 {
			return false
		}
		left--
		ok := false
		k.run(c, func(n int, x *difference) bool {
			if x.about != d.about {
				return true
			}
			ok, diff = true, x
			best = script{c.settings, slices.Clip(c.steps[:n+1])}
			return false
		})
		return ok
	}
	if n := len(s.steps) - 1; s.steps[n].ask != nil { // most often no other question matters
		try(script{s.settings, append(onlyEvents(s.steps[:n]), s.steps[n])})
	} else {
		try(script{s.settings, onlyEvents(s.steps)})
	}
	for again := true; again && left > 0; {
		again = false
		for size := max(1, len(best.steps)/2); size > 0; size /= 2 {
			for from := len(best.steps) - size; from >= 0; from -= size {
				from = min(from, len(best.steps)-size)
				if from < 0 {
					break
				}
				if try(script{best.settings, slices.Concat(best.steps[:from], best.steps[from+size:])}) {
					again = true
				}
			}
		}
		for _, simpler := range simplerSettings(best.settings) {
			again = try(script{simpler, best.steps}) || again
		}
		for n := len(best.steps) - 1; n >= 0; n-- {
			if n >= len(best.steps) || best.steps[n].ask != nil {
				continue
			}
			var before time.Time
			if n > 0 {
				before = best.steps[n-1].event.At
			}
			for _, simplify := range simplifications {
				e := written1(best.steps[n].event)
				if !simplify(&e, before) {
					continue
				}
				steps := slices.Clone(best.steps)
				steps[n] = step{event: e}
				if try(script{best.settings, steps}) {
					again = true
					if n >= len(best.steps) {
						break
					}
				}
			}
		}
	}
	return finding(best, diff)
}

func onlyEvents(steps []step) []step {
	return slices.DeleteFunc(slices.Clone(steps), func(x step) bool { return x.ask != nil })
}

// finding writes down a difference at the last step of a script.
func finding(s script, d *difference) *Finding {
	f := &Finding{Case: d.about, Level: d.level, Settings: s.settings, Want: d.want, Got: d.got}
	for _, x := range s.steps {
		if x.ask != nil {
			f.Asked = append(f.Asked, x.ask.String())
		} else {
			f.Events = append(f.Events, x.event)
		}
	}
	return f
}
