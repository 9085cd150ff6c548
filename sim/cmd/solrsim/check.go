package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/seed-db8551c1/lastresort/hold"
	"github.com/seed-db8551c1/lastresort/hold/history"
	"github.com/seed-db8551c1/lastresort/hold/holdtest"
	"github.com/spf13/cobra"
	"golang.org/x/term"
)

// checked is the result of a check of several bounds. Whatever does not depend on the machine is the same on every run.
type checked struct {
	// States are different states of the register, with what is left of the bound; Classes are those that differ not only in who is who, of which one each was visited. Transitions are actions that were tried.
	States      uint64 `json:"states"`
	Classes     uint64 `json:"classes"`
	Transitions uint64 `json:"transitions"`
	Violations  int    `json:"violations"`

	StatesPerSecond      float64 `json:"states_per_second"`
	ClassesPerSecond     float64 `json:"classes_per_second"`
	TransitionsPerSecond float64 `json:"transitions_per_second"`
	Seconds              float64 `json:"seconds"`
	MemoryBytes          uint64  `json:"memory_bytes"` // the most that the Go runtime held
	Processors           int     `json:"processors"`

	// Unreached are the phases that no failure came to in any part; in every other phase every kind of event was tried.
	Unreached []string             `json:"unreached"`
	Coverage  []holdtest.Coverage  `json:"coverage"` // over all parts
	Bound     []holdtest.Bound     `json:"bound"`
	Parts     []part               `json:"parts"`
	Found     []holdtest.Violation `json:"found"`
}

// part is the result of one bound.
type part struct {
	Name    string  `json:"name"`
	Seconds float64 `json:"seconds"`
	*holdtest.Exploration
}

func checkCommand() *cobra.Command {
	var (
		failures, solrs, mpids int
		only                   []string
		out                    string
		asJSON, enforce        bool
		regime                 string
	)
	c := &cobra.Command{
		Use:   "check",
		Short: "Visit every state of the rules that a bounded world can come to, and check the invariants in each",
		Long: `Visit every state of the rules that a bounded world can come to, and check the invariants in each.

The bounds are stated for each number of failures, SoLRs and MPIDs, several with a name each; --json prints them.
With up to two SoLRs and two MPIDs of each supplier they end: of two failures within two minutes on two processors, of
three within four, which have 38,352,123 states at most. Larger ones are not known to end. Of three
failures with two SoLRs and two MPIDs each any one may be delayed; in smaller worlds all may be.
A violation ends the check with exit status 1. A shortest history that leads to it is written as text, which
the conformance kit and the history package replay.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			bounds, err := holdtest.Bounds(failures, solrs, mpids)
			if err != nil {
				return err
			}
			if bounds, err = chosen(bounds, only); err != nil {
				return err
			}
			var s hold.Settings
			if s.Regime, err = hold.ParseRegime(regime); err != nil {
				return err
			}
			s.Enforce = enforce
			for i := range bounds {
				bounds[i].Settings = s
			}
			r, err := check(c.Context(), bounds, c.ErrOrStderr())
			if err != nil {
				return err
			}
			if asJSON {
				err = writeJSON(c.OutOrStdout(), r)
			} else {
				err = writeChecked(c.OutOrStdout(), r)
			}
			if err != nil || r.Violations == 0 {
				return err
			}
			return counterexamples(r, out)
		},
	}
	f := c.Flags()
	f.IntVar(&failures, "failures", 2, "suppliers that fail, all at once if it comes to that")
	f.IntVar(&solrs, "solrs", 2, "parties that may be Supplier of Last Resort")
	f.IntVar(&mpids, "mpids", 2, "MPIDs of each supplier")
	f.StringSliceVar(&only, "part", nil, "check only the bounds of these names")
	f.StringVar(&regime, "regime", "actual", "the regime: actual, baseline, mp134a or mp185")
	f.BoolVar(&enforce, "enforce", false, "refuse requests that no authority covers")
	f.StringVar(&out, "out", ".", "the directory that counterexamples are written to")
	f.BoolVar(&asJSON, "json", false, "write the result as one JSON object")
	return c
}

// chosen is the bounds of some names, or all.
func chosen(all []holdtest.Bound, names []string) ([]holdtest.Bound, error) {
	if len(names) == 0 {
		return all, nil
	}
	var some []holdtest.Bound
	for _, name := range names {
		n := len(some)
		var known []string
		for _, b := range all {
			known = append(known, b.Name)
			if b.Name == name {
				some = append(some, b)
			}
		}
		if len(some) == n {
			return nil, fmt.Errorf("--part %q: expected one of %q", name, known)
		}
	}
	return some, nil
}

func check(ctx context.Context, bounds []holdtest.Bound, stderr io.Writer) (*checked, error) {
	defer debug.SetGCPercent(debug.SetGCPercent(400)) // registers live for microseconds, and the states take little
	r := &checked{Processors: runtime.GOMAXPROCS(0), Bound: bounds, Unreached: []string{}, Found: []holdtest.Violation{}}
	tried := make(map[string]int)
	for _, b := range bounds {
		start := time.Now()
		show, done := shown(stderr, b.Name, start, &r.MemoryBytes)
		x, err := holdtest.Explore(ctx, b, show)
		done()
		if err != nil {
			return nil, err
		}
		seconds := time.Since(start).Seconds()
		r.MemoryBytes = max(r.MemoryBytes, memory())
		r.States += x.States
		r.Classes += x.Classes
		r.Transitions += x.Transitions
		r.Seconds += seconds
		r.Found = append(r.Found, x.Violations...)
		r.Parts = append(r.Parts, part{b.Name, seconds, x})
		for _, p := range x.Unreached {
			if tried[p]++; tried[p] == len(bounds) {
				r.Unreached = append(r.Unreached, p)
			}
		}
		if r.Coverage == nil {
			r.Coverage = make([]holdtest.Coverage, len(x.Coverage))
		}
		for i, c := range x.Coverage {
			r.Coverage[i].Kind, r.Coverage[i].Phase = c.Kind, c.Phase
			r.Coverage[i].Accepted += c.Accepted
			r.Coverage[i].Refused += c.Refused
		}
	}
	r.Violations = len(r.Found)
	if r.Seconds > 0 {
		r.StatesPerSecond, r.ClassesPerSecond, r.TransitionsPerSecond = float64(r.States)/r.Seconds, float64(r.Classes)/r.Seconds, float64(r.Transitions)/r.Seconds
	}
	return r, nil
}

// memory is what the Go runtime holds of the system's memory now.
func memory() uint64 {
	s := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	metrics.Read(s)
	return s[0].Value.Uint64() - s[1].Value.Uint64()
}

// shown writes the progress of a check over one line of a terminal, and keeps the most memory that was held.
func shown(stderr io.Writer, name string, start time.Time, most *uint64) (show func(holdtest.Progress), done func()) {
	f, ok := stderr.(*os.File)
	terminal := ok && term.IsTerminal(int(f.Fd()))
	last := start
	show = func(p holdtest.Progress) {
		now := time.Now()
		if now.Sub(last) < 500*time.Millisecond {
			return
		}
		last = now
		*most = max(*most, memory())
		if terminal {
			seconds := now.Sub(start).Seconds()
			fmt.Fprintf(stderr, "\r\033[K%s: depth %d, %s classes of states, %s to visit here, %s transitions per second, %s MB", name, p.Depth, grouped(float64(p.Classes)), grouped(float64(p.Frontier)),
				grouped(float64(p.Transitions)/seconds), grouped(float64(memory())/1e6))
		}
	}
	return show, func() {
		if terminal {
			fmt.Fprint(stderr, "\r\033[K")
		}
	}
}

func writeChecked(to io.Writer, r *checked) error {
	w := tabwriter.NewWriter(to, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "bound\tstates\tup to symmetry\ttransitions\trefused\tdepth\tacts compared\tpairs\tdecisions\tviolations\tseconds\t")
	for _, p := range r.Parts {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%d\t%s\t%s\t%s\t%d\t%.1f\t\n", p.Name, grouped(float64(p.States)), grouped(float64(p.Classes)), grouped(float64(p.Transitions)), grouped(float64(p.Refused)), p.Depth,
			grouped(float64(p.Checks.Acts)), grouped(float64(p.Checks.Pairs)), grouped(float64(p.Checks.Decisions)), len(p.Violations), p.Seconds)
	}
	if err := w.Flush(); err != nil {
		return runError{err}
	}
	accepted, refused := 0, 0
	for _, c := range r.Coverage {
		switch {
		case c.Accepted > 0:
			accepted++
		case c.Refused > 0:
			refused++
		}
	}
	_, err := fmt.Fprintf(to, `
%s states, %s up to who is who, %s transitions, %d violations
%s states, %s classes and %s transitions per second on %d processors; %s MB
%d pairs of kind of event and phase: accepted in %d, always refused in %d, not tried in %d%s
`, grouped(float64(r.States)), grouped(float64(r.Classes)), grouped(float64(r.Transitions)), r.Violations,
		grouped(r.StatesPerSecond), grouped(r.ClassesPerSecond), grouped(r.TransitionsPerSecond), r.Processors, grouped(float64(r.MemoryBytes)/1e6),
		len(r.Coverage), accepted, refused, len(r.Coverage)-accepted-refused, unreached(r))
	if err != nil {
		return runError{err}
	}
	return nil
}

func unreached(r *checked) string {
	if len(r.Unreached) == 0 {
		return ""
	}
	return ", since no failure came to " + strings.Join(r.Unreached, ", ")
}

// counterexamples writes a history for each violation and says where.
func counterexamples(r *checked, dir string) error {
	var names []string
	for i, v := range r.Found {
		name := filepath.Join(dir, fmt.Sprintf("violation-%d.txt", i+1))
		f, err := os.Create(name)
		if err != nil {
			return runError{err}
		}
		err = history.Write(f, "Why does an invariant of the rules not hold: "+v.Invariant+"?", v.Settings, v.Events)
		if e := f.Close(); err == nil {
			err = e
		}
		if err != nil {
			return runError{err}
		}
		names = append(names, name)
	}
	return runError{fmt.Errorf("%s; histories in %s", r.Found[0].Error(), strings.Join(names, ", "))}
}
