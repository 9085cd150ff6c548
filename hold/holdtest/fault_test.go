package holdtest_test

import (
	"testing"

	"github.com/seed-db8551c1/lastresort/hold/holdtest"
	"github.com/seed-db8551c1/lastresort/solr"
)

// The kit finds every fault within its default budget, and of every rule and invariant at least two. The length is that of the shortest history that shows it.
func TestFaultsAreFound(t *testing.T) {
	rules, invariants := make(map[solr.Rule]int), make(map[holdtest.Invariant]int)
	for _, x := range holdtest.Faults() {
		var first *holdtest.Finding
		for f := range holdtest.Findings(x.New(), holdtest.Config{Histories: *histories}) {
			first = f
			break
		}
		if first == nil {
			t.Errorf("%v %v: %s: not found", x.Rule, x.Invariant, x.Name)
			continue
		}
		what := x.Invariant.String()
		if x.Rule != 0 {
			what = x.Rule.String()
			rules[x.Rule]++
		} else {
			invariants[x.Invariant]++
		}
		t.Logf("%-15s %2d events, history %3d: %s: %s", what, len(first.Events), first.History, x.Name, first.Case)
	}
	for _, r := range solr.Rules() {
		if rules[r] < 2 {
			t.Errorf("%v: %d faults found: expected two", r, rules[r])
		}
	}
	for _, i := range holdtest.Invariants() {
		if invariants[i] < 2 {
			t.Errorf("%v: %d faults found: expected two", i, invariants[i])
		}
	}
}
