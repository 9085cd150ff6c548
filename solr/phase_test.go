package solr_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/seed-db8551c1/lastresort/solr"
)

var update = flag.Bool("update", false, "write the golden files")

// TestPhaseTable shows the whole machine: one row for each phase, one column for each event, the same as rows, and as the diagram.
// Read the difference before you run it with -update: the machine is rules R4, R14 and R15.
func TestPhaseTable(t *testing.T) {
	var b strings.Builder
	fmt.Fprintf(&b, "# Where each event leads from each phase; a dot leads nowhere. Written by go test -run TestPhaseTable -update.\n\n")
	fmt.Fprintf(&b, "%-32s", "")
	for _, e := range solr.Events() {
		fmt.Fprintf(&b, "%-32v", e)
	}
	b.WriteString("\n")
	for _, p := range solr.Phases() {
		fmt.Fprintf(&b, "%-32v", p)
		for _, e := range solr.Events() {
			to := "."
			if next, ok := p.Next(e); ok {
				to = next.String()
			}
			fmt.Fprintf(&b, "%-32s", to)
		}
		b.WriteString("\n")
	}
	b.WriteString("\n")
	for _, r := range solr.Transitions() {
		fmt.Fprintf(&b, "%v -- %v --> %v\n", r.From, r.On, r.To)
	}
	b.WriteString("\n" + solr.Diagram())
	got := trimLines(b.String())

	const golden = "testdata/phases.txt"
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("the machine is not the one of %s (-want +got):\n%s", golden, diff)
	}
}

func trimLines(s string) string {
	lines := strings.Split(s, "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return strings.Join(lines, "\n")
}

// What any machine of this kind must satisfy, whatever its rows.
func TestPhaseMachineIsSound(t *testing.T) {
	listed := make(map[[2]int]solr.Phase)
	for _, r := range solr.Transitions() {
		key := [2]int{int(r.From), int(r.On)}
		if _, twice := listed[key]; twice {
			t.Errorf("%v on %v is listed twice", r.From, r.On)
		}
		listed[key] = r.To
	}
	reached := map[solr.Phase]bool{solr.Trading: true}
	for range solr.Phases() {
		for _, r := range solr.Transitions() {
			if reached[r.From] {
				reached[r.To] = true
			}
		}
	}
	for _, p := range solr.Phases() {
		if !reached[p] {
			t.Errorf("%v cannot be reached", p)
		}
		for _, e := range solr.Events() {
			want, ok := listed[[2]int{int(p), int(e)}]
			if next, leads := p.Next(e); leads != ok || ok && next != want || !ok && next != p {
				t.Errorf("%v on %v: Next is %v, %t; the rows say %v, %t", p, e, next, leads, want, ok)
			}
		}
	}
	for _, e := range solr.Events() {
		if _, ok := solr.Closed.Next(e); ok {
			t.Errorf("closed on %v: a closed failure stays closed", e)
		}
	}
	end := map[solr.Phase]bool{solr.Closed: true}
	for range solr.Phases() {
		for _, r := range solr.Transitions() {
			if end[r.To] {
				end[r.From] = true
			}
		}
	}
	for _, p := range solr.Phases() {
		if !end[p] {
			t.Errorf("from %v no failure can be closed", p)
		}
	}
}

// The name of every phase is read as that phase, and no other text is.
func TestPhaseNames(t *testing.T) {
	for _, p := range solr.Phases() {
		text, err := p.MarshalText()
		var back solr.Phase
		if err != nil || back.UnmarshalText(text) != nil || back != p {
			t.Errorf("%v is written %q and read as %v", p, text, back)
		}
	}
	kept := solr.Migrating
	if kept.UnmarshalText([]byte("Closed")) == nil || kept != solr.Migrating {
		t.Errorf("a text that is no phase is read as %v", kept)
	}
}

// Values outside the enumerations lead nowhere and have names all the same.
func TestPhasesOutOfRange(t *testing.T) {
	p, e := solr.Phase(len(solr.Phases())), solr.Event(len(solr.Events()))
	if _, ok := p.Next(solr.Notify); ok {
		t.Errorf("%v leads somewhere", p)
	}
	if _, ok := solr.Trading.Next(e); ok {
		t.Errorf("%v leads somewhere", e)
	}
	for _, c := range []struct{ got, want string }{
		{p.String(), "Phase(9)"}, {e.String(), "Event(8)"}, {solr.Phase(255).String(), "Phase(255)"}, {solr.ExitKind(9).String(), "ExitKind(9)"},
	} {
		if c.got != c.want {
			t.Errorf("%q, want %q", c.got, c.want)
		}
	}
}
