package history

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/seed-db8551c1/lastresort/hold"
	"github.com/seed-db8551c1/lastresort/smki"
	"github.com/seed-db8551c1/lastresort/solr"
)

// fact is one thing that a register says at a time. Facts that differ in item only are said together.
type fact struct {
	key              string // what it is about: a fact of the same key replaces it
	failure          solr.FailureID
	head, item, tail string
	over             string // what is said when it holds no more
}

// facts is all that a register says of the failures at a time, and who holds each MPID.
func facts(r *hold.Register, at time.Time) []fact {
	all := phases(r, at)
	for _, m := range r.Directory().MPIDs() {
		all = append(all, fact{key: "owner " + string(m.ID), item: owners(r, m.ID, at)})
	}
	return append(append(all, duties(r, at)...), overruns(r, at)...)
}

func phases(r *hold.Register, at time.Time) []fact {
	var all []fact
	for _, f := range r.Failures(at) {
		all = append(all, fact{key: "phase " + string(f.ID), failure: f.ID, head: string(f.ID) + ": phase ", item: f.Phase.String()})
	}
	return all
}

func owners(r *hold.Register, m smki.MPID, at time.Time) string {
	name := func(of *smki.MPIDMap) string {
		if p, ok := of.Owner(m, at); ok {
			return string(p)
		}
		return "nobody"
	}
	return fmt.Sprintf("MPID %s: %s in the DCC's map, %s in the codes", m, name(&r.Directory().DCC), name(&r.Directory().Codes))
}

func duties(r *hold.Register, at time.Time) []fact {
	var all []fact
	times := make(map[string]int) // by what they are about: several instructions may name one act
	for _, d := range r.Duties(at) {
		act, item := d.Action.String(), cmp.Or(string(d.Certificate), string(d.MPID))
		if d.User != 0 {
			item = d.User.String()
		}
		if d.Threshold != nil {
			item = thresholds.show(*d.Threshold)
		}
		f := fact{key: fmt.Sprintf("duty %s %s %s", d.Failure, act, item), failure: d.Failure, head: fmt.Sprintf("%s: %v ", d.Failure, d.Modality), item: act, over: fmt.Sprintf("%s: over: ", d.Failure)}
		if item != "" {
			f.head, f.item, f.over = f.head+act+" ", item, f.over+act+" "
		}
		if n := times[f.key]; n > 0 {
			f.key += fmt.Sprintf(" %d", n)
		}
		times[f.key]++
		if d.To != "" {
			f.tail = " to " + string(d.To)
		}
		if d.Rules != 0 {
			f.tail += fmt.Sprintf(" (%v)", d.Rules)
		}
		if !d.Since.IsZero() {
			f.tail += ", since " + showTime(d.Since)
		}
		all = append(all, f)
	}
	return all
}

func overruns(r *hold.Register, at time.Time) []fact {
	var all []fact
	for _, o := range r.Overruns(at) {
		all = append(all, fact{
			key: fmt.Sprintf("overrun %s %s %s", o.Failure, o.Request, o.MPID), failure: o.Failure, item: string(o.MPID),
			head: fmt.Sprintf("%s: overrun (R12) of request %s to %s, for MPID ", o.Failure, o.Request, o.SRP), tail: ", since " + showTime(o.Since),
			over: fmt.Sprintf("%s: over: overrun of request %s, for MPID ", o.Failure, o.Request),
		})
	}
	return all
}

// say writes facts, those that differ in item only in one line.
func say(all []fact) []string {
	type line struct{ head, items, tail string }
	var lines []line
	for _, f := range all {
		i := slices.IndexFunc(lines, func(l line) bool { return l.head == f.head && l.tail == f.tail && l.head != "" })
		if i < 0 {
			lines = append(lines, line{f.head, f.item, f.tail})
		} else {
			lines[i].items += ", " + f.item
		}
	}
	var texts []string
	for _, l := range lines {
		texts = append(texts, oneLine(l.head+l.items+l.tail))
	}
	return texts
}

// changes writes what is new or different, and then what holds no more. Who holds an MPID is news only when it changes, and of a closed failure nothing is left to say.
func changes(was, is []fact) []string {
	before := make(map[string]fact, len(was))
	for _, f := range was {
		before[f.key] = f
	}
	var news []fact
	now := make(map[string]bool, len(is))
	closed := make(map[solr.FailureID]bool)
	for _, f := range is {
		now[f.key] = true
		old, known := before[f.key]
		if known && f != old || !known && f.head != "" {
			news = append(news, f)
		}
		if f.key == "phase "+string(f.failure) && f.item == solr.Closed.String() {
			closed[f.failure] = true
		}
	}
	for _, f := range was {
		if !now[f.key] && !closed[f.failure] && f.over != "" {
			news = append(news, fact{head: f.over, item: f.item})
		}
	}
	return say(news)
}

// replay applies events in order and says what follows from each.
type replay struct {
	r    hold.Register
	now  time.Time // the latest time of an event that was applied
	said []fact    // as of then
}

// apply says what follows from an event: first what its time brought about by itself, then what it did.
func (p *replay) apply(e hold.Event) []string {
	at := p.now
	if e.At.After(at) {
		at = e.At
	}
	by := p.said
	if at.After(p.now) {
		by = facts(&p.r, at)
	}
	applied, err := p.r.Apply(e)
	if err != nil {
		return []string{oneLine(refusal(err))}
	}
	if applied.Repeat {
		return []string{"a repeat, which changes nothing"}
	}
	var lines []string
	for _, l := range changes(p.said, by) {
		lines = append(lines, "by then "+l)
	}
	p.now, p.said = at, facts(&p.r, at)
	for _, x := range applied.Done {
		lines = append(lines, oneLine("done already (R16): "+x.String()))
	}
	for _, b := range applied.Breaches {
		lines = append(lines, breach(b))
	}
	for _, b := range p.r.Crossings() {
		if b.Seq == applied.Seq && b.Rules == 0 {
			lines = append(lines, breach(b))
		}
	}
	return append(lines, changes(by, p.said)...)
}

func refusal(err error) string {
	if e, ok := errors.AsType[*hold.RuleError](err); ok {
		return fmt.Sprintf("refused by %v: expected %s", e.Rule, e.Why)
	}
	if e, ok := errors.AsType[*hold.EventError](err); ok {
		return "refused: expected " + e.Expected
	}
	return "refused: " + err.Error()
}

func breach(b hold.Breach) string {
	act := b.Action.String()
	switch {
	case b.Certificate != "":
		act += " " + string(b.Certificate)
	case b.MPID != "":
		act += " " + string(b.MPID)
	case b.User != 0:
		act += " of User " + b.User.String()
	}
	s := fmt.Sprintf("%s: breach of %v: %s", b.Failure, b.Rules, act)
	if b.Rules == 0 {
		s = fmt.Sprintf("%s: no breach: %s", b.Failure, act)
	}
	if b.Crossed {
		s += ", crossing a delay that had not reached the DCC"
	}
	return oneLine(s)
}
