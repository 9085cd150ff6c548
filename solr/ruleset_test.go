package solr_test

import (
	"slices"
	"testing"

	"github.com/seed-db8551c1/lastresort/solr"
	"pgregory.net/rapid"
)

func TestRuleSet(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		list := rapid.SliceOf(rapid.SampledFrom(solr.Rules())).Draw(t, "rules")
		set := solr.RuleSetOf(list...)
		slices.Sort(list)
		list = slices.Compact(list)
		if !slices.Equal(set.All(), list) {
			t.Fatalf("All = %v, want %v", set.All(), list)
		}
		for _, r := range solr.Rules() {
			if set.Has(r) != slices.Contains(list, r) {
				t.Fatalf("%v: Has(%v) is %t", set, r, set.Has(r))
			}
		}
		text, err := set.MarshalText()
		back := solr.RuleSetOf(solr.R18)
		if err != nil || back.UnmarshalText(text) != nil || back != set {
			t.Fatalf("%v is written %q and read as %v", set, text, back)
		}
	})
	if got := solr.RuleSetOf(solr.R12, solr.R5, solr.R12).String(); got != "R5, R12" {
		t.Errorf("String = %q", got)
	}
	for _, text := range []string{",", "R5,", "R19", "r5"} {
		kept := solr.RuleSetOf(solr.R5)
		if kept.UnmarshalText([]byte(text)) == nil || kept != solr.RuleSetOf(solr.R5) {
			t.Errorf("%q is read as %v", text, kept)
		}
	}
}
