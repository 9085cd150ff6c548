package hold

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/seed-db8551c1/lastresort/smki"
	"github.com/seed-db8551c1/lastresort/solr"
)

// Explanation is why something is as it is: the answer in a sentence, and the chain of events and rules that led to it. [Explanation.String] makes one paragraph of it.
//
// [Register.ExplainDuty], [Register.ExplainBreach], [Register.ExplainRefusal] and [Register.ExplainRequest] make explanations. They answer from the log of the register that they are asked of,
// so that of [Register.AsOf] explains what was known then.
type Explanation struct {
	Seq    uint64       `json:"seq"`             // the log position as of which it is given
	At     time.Time    `json:"at"`              // the time that it is about
	Answer string       `json:"answer"`          // a sentence without its full stop
	Rules  solr.RuleSet `json:"rules,omitempty"` // the rules of the duty, breach or refusal that it is about; empty for a Service Request
	Steps  []Step       `json:"steps"`           // what led to it, in the order in which it is told
}

// Step is one link in the chain of an [Explanation]: an event of the log, or something that is so without one, such as a confirmation that is missing or a date that has not come.
type Step struct {
	Seq   uint64       `json:"seq,omitempty"`   // the log position of the event; zero if there is none
	At    time.Time    `json:"at,omitzero"`     // when the event took effect, or the date; zero if the step has no time of its own
	Rules solr.RuleSet `json:"rules,omitempty"` // the rules by which it counts
	Text  string       `json:"text"`            // what it contributes: a clause such as "the PMA delayed the transfer of MPID AVRE"
}

// String tells the explanation in one paragraph of plain English, with the log positions and rules in brackets. Times are those of London.
func (x Explanation) String() string {
	var b strings.Builder
	b.WriteString(oneLine(x.Answer))
	cite(&b, 0, x.Rules)
	last := x.At
	told := false
	for _, s := range x.Steps {
		b.WriteByte(' ')
		text := oneLine(s.Text)
		switch {
		case s.Seq == 0:
			first, size := utf8.DecodeRuneInString(text)
			b.WriteString(string(unicode.ToUpper(first)) + text[size:])
		case told && s.At.Equal(last):
			b.WriteString("At the same time " + text)
		default:
			layout := "2 January 2006 at 15:04"
			if s.At.In(solr.London()).Year() == last.In(solr.London()).Year() {
				layout = "2 January at 15:04"
			}
			b.WriteString("On " + inLondon(s.At, layout) + " " + text)
			last, told = s.At, true
		}
		cite(&b, s.Seq, s.Rules)
	}
	return b.String()
}

// oneLine escapes what cannot be printed, as Go does: a name that somebody gave makes up no line of its own.
func oneLine(s string) string {
	if strings.IndexFunc(s, func(c rune) bool { return !unicode.IsPrint(c) }) < 0 {
		return s
	}
	quoted := strconv.Quote(s)
	return strings.ReplaceAll(quoted[1:len(quoted)-1], `\"`, `"`)
}

// cite ends a sentence with what it rests on.
func cite(b *strings.Builder, seq uint64, rules solr.RuleSet) {
	var on []string
	if seq != 0 {
		on = append(on, fmt.Sprintf("event %d", seq))
	}
	if rules != 0 {
		on = append(on, rules.String())
	}
	if len(on) > 0 {
		fmt.Fprintf(b, " (%s)", strings.Join(on, "; "))
	}
	b.WriteString(".")
}

// ReplayError says that a register cannot answer as of a position of its log: there is no such position, or it does not hold all events, as one that was restored from a snapshot.
type ReplayError struct {
	Seq  uint64 // the position asked for
	Last uint64 // the position of the latest event
	Held int    // how many events the register holds
}

func (e *ReplayError) Error() string {
	if uint64(e.Held) != e.Last {
		return fmt.Sprintf("hold: as of event %d: expected a register that holds all of its %d events, not %d", e.Seq, e.Last, e.Held)
	}
	return fmt.Sprintf("hold: as of event %d: expected a position up to %d", e.Seq, e.Last)
}

// ExplainError says that there is nothing such as was to be explained.
type ExplainError struct{ Expected string }

func (e *ExplainError) Error() string { return "hold: to explain: expected " + e.Expected }

// AsOf is the register as it was after the event at a position of the log: what was known then. It replays the log up to there. Position 0 is before the first event. The error is a [*ReplayError].
func (r *Register) AsOf(seq uint64) (*Register, error) {
	if err := r.replayable(seq); err != nil {
		return nil, err
	}
	past := &Register{Settings: r.Settings}
	for _, e := range r.log[:seq] {
		if _, err := past.Apply(*e); err != nil {
			return nil, fmt.Errorf("hold: as of event %d: expected a log that can be applied again with the same Settings: %w", seq, err)
		}
	}
	return past, nil
}

// replayable gives the [*ReplayError] of a position, nil if the register can answer as of it.
func (r *Register) replayable(seq uint64) error {
	if last := r.next() - 1; seq > last || uint64(len(r.log)) != last {
		return &ReplayError{seq, last, len(r.log)}
	}
	return nil
}

// Position is the log position of the last event that can have been known at a time: neither it nor any event before it took effect later. A report that is
// logged late may count as known at a time at which it was not, since the log has no times of arrival: whoever stored the position with a decision should use that.
func (r *Register) Position(at time.Time) uint64 {
	first := r.next() - uint64(len(r.log))
	for i := range r.log {
		if r.log[i].At.After(at) {
			return first + uint64(i) - 1
		}
	}
	return r.next() - 1
}

// tale is an explanation in the making.
type tale struct {
	r *Register
	f *failure // that it is about, if any
	x Explanation
}

// explain begins an explanation that speaks of a time, unless events are missing.
func (r *Register) explain(at time.Time) (*tale, error) {
	last := r.next() - 1
	if err := r.replayable(last); err != nil {
		return nil, err
	}
	return &tale{r: r, x: Explanation{Seq: last, At: at}}, nil
}

// event tells what an event of the log contributes. Position 0 is none.
func (t *tale) event(seq uint64, rules solr.RuleSet, format string, args ...any) {
	if seq == 0 {
		return
	}
	t.tell(Step{seq, t.r.log[seq-1].At, rules, fmt.Sprintf(format, args...)})
}

// note tells what is so without an event.
func (t *tale) note(rules solr.RuleSet, format string, args ...any) {
	t.tell(Step{Rules: rules, Text: fmt.Sprintf(format, args...)})
}

// tell adds a step. What was told before counts by more rules.
func (t *tale) tell(s Step) {
	for i := range t.x.Steps {
		if o := &t.x.Steps[i]; o.Seq == s.Seq && o.Text == s.Text {
			o.Rules |= s.Rules
			return
		}
	}
	t.x.Steps = append(t.x.Steps, s)
}

// also is event, unless the event was told before in other words, which say enough.
func (t *tale) also(seq uint64, rules solr.RuleSet, format string, args ...any) {
	for i := range slices.Backward(t.x.Steps) {
		if o := &t.x.Steps[i]; o.Seq == seq {
			o.Rules |= rules
			return
		}
	}
	t.event(seq, rules, format, args...)
}

// inOrder puts the steps from the n-th on in the order of the log.
func (t *tale) inOrder(n int) {
	slices.SortStableFunc(t.x.Steps[n:], func(a, b Step) int { return cmp.Compare(a.Seq, b.Seq) })
}

// first and last find the position of an event that took effect by the time of the explanation; 0 for none.
func (t *tale) first(match func(*Event) bool) uint64 { return t.find(slices.All(t.r.log), match) }
func (t *tale) last(match func(*Event) bool) uint64  { return t.find(slices.Backward(t.r.log), match) }

func (t *tale) find(log func(func(int, *Event) bool), match func(*Event) bool) uint64 {
	for i, e := range log {
		if !e.At.After(t.x.At) && match(e) {
			return uint64(i + 1)
		}
	}
	return 0
}

func (e *Event) names(x Item) bool {
	return x.MPID != "" && slices.Contains(e.MPIDs, x.MPID) || x.Certificate != "" && slices.Contains(e.Certificates, x.Certificate)
}

// inLondon is a time as people in London say it, with its seconds if it has any.
func inLondon(t time.Time, layout string) string {
	if t.Second() != 0 && strings.Contains(layout, "15:04") {
		layout += ":05"
	}
	return t.In(solr.London()).Format(layout)
}

func spoken(t time.Time) string { return inLondon(t, "2 January 2006 at 15:04") }
func onDay(t time.Time) string  { return "On " + spoken(t) + " " }

// listed joins names as in a sentence.
func listed[T any](all []T) string {
	var b strings.Builder
	for i, x := range all {
		switch {
		case i > 0 && i == len(all)-1:
			b.WriteString(" and ")
		case i > 0:
			b.WriteString(", ")
		}
		fmt.Fprint(&b, x)
	}
	return b.String()
}

// doing says what the DCC does to an item or User, in the words of a sentence after "must" or "may".
func doing(a Action, x Item, user smki.EUI64, to smki.PartyID) string {
	whose := "a User"
	if user != 0 {
		whose = fmt.Sprintf("User %v", user)
	}
	switch {
	case a == TransferMPID && to != "":
		return fmt.Sprintf("transfer %v to %s", x, to)
	case a == TransferMPID:
		return fmt.Sprintf("transfer %v", x)
	case a == RevokeCertificate:
		return fmt.Sprintf("revoke %v", x)
	case a == IssueCertificate && x.Certificate != "":
		return fmt.Sprintf("issue %v", x)
	case a == PublishCRL && x.Certificate != "":
		return fmt.Sprintf("publish a CRL that is the first to name %v", x)
	}
	return map[Action]string{IssueCertificate: "issue a certificate", PublishCRL: "publish a CRL that is the first to name a certificate", ApplyThresholds: "apply anomaly detection thresholds of " + whose,
		ReleaseQuarantine: "release quarantined messages of " + whose, DeleteQuarantine: "delete quarantined messages of " + whose, SuspendUser: "suspend " + whose}[a]
}

// did says what the DCC did to an item or User, in the words of a sentence after its subject.
func did(a Action, x Item, user smki.EUI64, to smki.PartyID) string {
	verb, rest, _ := strings.Cut(doing(a, x, user, to), " ")
	past := map[string]string{"transfer": "transferred", "apply": "applied", "suspend": "suspended", "publish": "published"}[verb]
	if past == "" {
		past = verb + "d" // revoke, issue, release, delete
	}
	return past + " " + rest
}
