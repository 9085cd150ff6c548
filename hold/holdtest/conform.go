package holdtest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seed-db8551c1/lastresort/hold"
	"github.com/seed-db8551c1/lastresort/hold/history"
)

// Config says how much the kit looks at. The zero value is the default budget at the highest level.
type Config struct {
	Seed      uint64 // what the histories are drawn from; the same seed asks the same of every implementation
	Histories int    // how many; zero or less means 200
	Steps     int    // how many steps each of them takes, of one or a few events; zero or less means 40
	Level     Level  // how much of an answer must agree; zero means LevelReason
	// UncertainCodes compares the response codes that rest on no published source too, see [duis.UncertainCodes].
	UncertainCodes bool
}

func (c Config) withDefaults() Config {
	if c.Histories <= 0 {
		c.Histories = 200
	}
	if c.Steps <= 0 {
		c.Steps = 40
	}
	if c.Level == 0 {
		c.Level = LevelReason
	}
	return c
}

// Conform checks an implementation against [Reference] over generated histories, and reports the shortest history for each case in which they differ. Every case is a subtest, so that one can be
// skipped by name, as in go test -skip 'TestConform/overruns'. The cases are
//
//   - apply/ with the kind of event: what becomes of it, and which rule refuses it;
//   - duties/ and breaches/ with the act of the DCC;
//   - overruns;
//   - owner/DCC and owner/codes;
//   - decide/ with the Service Request Variant;
//   - seal, for a [Sealer];
//   - answers: those that did not come, since the implementation failed or panicked. One that does not come in time ends the run, and what would come after it is not looked at: see [Process.Timeout].
//
// A history ends where one of the two takes an event that the other does not: what follows from that says nothing more. Refusals are compared apart from duties: who refuses for another rule goes on.
//
// Each finding is also written to the test's directory of artifacts (go test -artifacts), as a file that [Replay] takes.
func Conform(t *testing.T, i Implementation, c Config) {
	t.Helper()
	c = c.withDefaults()
	t.Logf("holdtest: seed %d, %d histories of %d steps, level %v", c.Seed, c.Histories, c.Steps, c.Level)
	found := make(map[string]*Finding)
	for f := range Findings(i, c) {
		found[f.Case] = f
	}
	for _, g := range caseGroups() {
		t.Run(g.name, func(t *testing.T) {
			report(t, found[g.name])
			for _, member := range g.members {
				t.Run(member, func(t *testing.T) { report(t, found[g.name+"/"+member]) })
			}
		})
	}
}

func report(t *testing.T, f *Finding) {
	if f == nil {
		return
	}
	t.Helper()
	t.Error(f)
	name := filepath.Join(t.ArtifactDir(), strings.NewReplacer("/", "-", " ", "-").Replace(f.Case)+".txt")
	var b strings.Builder
	if err := f.Write(&b); err != nil {
		t.Error(err)
	} else if err := os.WriteFile(name, []byte(b.String()), 0o666); err != nil {
		t.Error(err)
	}
}

type caseGroup struct {
	name    string
	members []string
}

// caseGroups lists all cases of [Conform].
func caseGroups() []caseGroup {
	var kinds, acts, srvs []string
	for _, k := range hold.Kinds() {
		kinds = append(kinds, k.String())
	}
	for a := hold.RevokeCertificate; a <= hold.SuspendUser; a++ {
		acts = append(acts, a.String())
	}
	for _, v := range append(slices.Clone(requestVariants), refusedVariant) {
		srvs = append(srvs, v.String())
	}
	return []caseGroup{{"apply", kinds}, {"duties", acts}, {"breaches", acts}, {"overruns", nil}, {"owner", mapNames[1:]}, {"decide", srvs}, {"seal", nil}, {"answers", nil}}
}

// Finding is a history after which an implementation says something else than the reference. No part of it could be taken away.
type Finding struct {
	Case     string // such as "duties/transfer MPID"
	Level    Level  // the lowest at which they differ
	Settings hold.Settings
	Events   []hold.Event // what happened, the facts of the world included
	Asked    []Asked      // the question that is answered otherwise, and before it those without which it would not be; empty if the last event is
	Want     []string     // what only the reference says
	Got      []string     // what only the implementation says
	Once     bool         // when the history was run again the difference did not show: what the implementation says depends on something else, such as what it was asked before Reset
	Seed     uint64       // of the configuration
	History  int          // which history of the seed it was found in, from 0
}

// Error tells the finding with its history.
func (f *Finding) Error() string {
	var b strings.Builder
	once := ""
	if f.Once {
		once = ", and not again"
	}
	events := "events"
	if len(f.Events) == 1 {
		events = "event"
	}
	fmt.Fprintf(&b, "holdtest: %s: another %v after %d %s (seed %d, history %d)%s\n", f.Case, f.Level, len(f.Events), events, f.Seed, f.History, once)
	if err := f.Write(&b); err != nil {
		fmt.Fprintln(&b, err)
	}
	for _, s := range f.Want {
		fmt.Fprintf(&b, "  expected: %s\n", s)
	}
	for _, s := range f.Got {
		fmt.Fprintf(&b, "  got:      %s\n", s)
	}
	return b.String()
}

// Asked is a question that was put in the course of a history.
type Asked struct {
	After    int    // how many events came before it
	Question string // as a message of the protocol for implementations outside the process
}

// asked begins a remark that holds a question.
const asked = "# asked: "

// Write writes the history in the form of package history, with what the reference says of it, and the questions as remarks.
func (f *Finding) Write(w io.Writer) error {
	var b bytes.Buffer
	if err := history.Write(&b, f.Case, f.Settings, f.Events); err != nil {
		return err
	}
	var out bytes.Buffer
	n, rest := 0, f.Asked
	for l := range bytes.Lines(b.Bytes()) {
		if isEvent(l) {
			for ; len(rest) > 0 && rest[0].After <= n; rest = rest[1:] {
				out.WriteString(asked + rest[0].Question + "\n")
			}
			n++
		}
		out.Write(l)
	}
	for _, q := range rest {
		out.WriteString(asked + q.Question + "\n")
	}
	_, err := w.Write(out.Bytes())
	return err
}

// isEvent reports whether a line of a history begins an event: with a date, a clock time, its zone, and somebody who does not ask.
func isEvent(line []byte) bool {
	words := bytes.SplitN(line, []byte(" "), 5)
	return '0' <= line[0] && line[0] <= '9' && len(words) > 3 && string(words[3]) != "ask:"
}

// Findings yields what [Conform] reports, each case once, as it is found. Whoever stops early has used less of the budget.
func Findings(i Implementation, c Config) iter.Seq[*Finding] {
	c = c.withDefaults()
	return func(yield func(*Finding) bool) {
		k := kit{c, guard{i}}
		found := make(map[string]bool)
		for n := range c.Histories {
			s := scripts(c.Steps).Example(int(c.Seed) + n)
			type at struct {
				step int
				d    *difference
			}
			var all []at
			late := false
			k.run(s, func(step int, d *difference) bool {
				late = late || d.late
				if !found[d.about] {
					found[d.about] = true
					all = append(all, at{step, d})
				}
				return true
			})
			for _, x := range all {
				f := k.shrink(script{s.settings, s.entries[:x.step+1]}, x.d)
				f.Seed, f.History = c.Seed, n
				if !yield(f) {
					return
				}
			}
			if late { // as each further history may be, for as long
				return
			}
		}
	}
}

// Replay checks an implementation over one history that was written to a file, such as one that [Conform] reported or any of package history. It asks what the remarks of the file ask where they stand,
// duties, breaches and overruns after each event, and after the last all that the kit can ask of the present. The error joins the findings, or says what is wrong with the file: that it cannot be read, or
// says what does not follow.
func Replay(r io.Reader, i Implementation, c Config) error {
	text, err := io.ReadAll(io.LimitReader(r, history.MaxBytes+1))
	if err != nil {
		return err
	}
	file, err := history.Parse(bytes.NewReader(text))
	if err != nil {
		return err
	}
	if err := file.Check(); err != nil {
		return err
	}
	events := file.Events()
	s := script{settings: file.Settings}
	h := &History{Register: &hold.Register{Settings: s.settings}}
	for l := range bytes.Lines(text) {
		if q, ok := bytes.CutPrefix(l, []byte(asked)); ok {
			var m message
			if err := json.Unmarshal(q, &m); err != nil {
				return fmt.Errorf("holdtest: remark %q: expected a question: %w", short(string(l)), err)
			}
			q, err := m.question()
			if err != nil {
				return err
			}
			s.entries = append(s.entries, entry{ask: &q})
		}
		if !isEvent(l) {
			continue
		}
		s.entries = append(s.entries, entry{event: events[0]})
		h.Apply(events[0])
		h.Now, events = later(h.Now, events[0].At), events[1:]
		for _, what := range []topic{duties, breaches, overruns} {
			s.entries = append(s.entries, entry{ask: &question{what: what, at: h.Now}})
		}
	}
	h.Start = h.Now
	for _, q := range h.everything() {
		s.entries = append(s.entries, entry{ask: &q})
	}
	var all []error
	found := make(map[string]bool)
	k := kit{c.withDefaults(), guard{i}}
	k.run(s, func(n int, d *difference) bool {
		if !found[d.about] {
			found[d.about] = true
			to := slices.DeleteFunc(slices.Clone(s.entries[:n+1]), func(x entry) bool { return x.ask != nil && x.ask != s.entries[n].ask })
			all = append(all, finding(script{s.settings, to}, d))
		}
		return true
	})
	return errors.Join(all...)
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
