package solr

import (
	"math/bits"
	"strings"
)

// RuleSet is a set of rules. The zero value is empty.
type RuleSet uint32

// RuleSetOf is the set of the given rules.
func RuleSetOf(rules ...Rule) RuleSet {
	var s RuleSet
	for _, r := range rules {
		s |= 1 << r
	}
	return s
}

// Has reports whether the rule is in the set.
func (s RuleSet) Has(r Rule) bool { return s>>r&1 == 1 }

// All lists the rules of the set in number order.
func (s RuleSet) All() []Rule {
	all := make([]Rule, 0, bits.OnesCount32(uint32(s)))
	for ; s != 0; s &= s - 1 {
		all = append(all, Rule(bits.TrailingZeros32(uint32(s))))
	}
	return all
}

// String lists the rules in number order, separated by commas.
func (s RuleSet) String() string {
	var b strings.Builder
	for i, r := range s.All() {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(r.String())
	}
	return b.String()
}

// MarshalText gives the rules separated by single commas without space.
func (s RuleSet) MarshalText() ([]byte, error) {
	return []byte(strings.ReplaceAll(s.String(), ", ", ",")), nil
}

// UnmarshalText reads rules separated by commas, with or without space, with the errors of [Rule.UnmarshalText].
func (s *RuleSet) UnmarshalText(b []byte) error {
	var set RuleSet
	if len(b) > 0 {
		for name := range strings.SplitSeq(string(b), ",") {
			var r Rule
			if err := r.UnmarshalText([]byte(strings.TrimSpace(name))); err != nil {
				return err
			}
			set |= 1 << r
		}
	}
	*s = set
	return nil
}
