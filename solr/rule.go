package solr

import (
	"fmt"
	"strconv"
)

// Rule is the number of one of the eighteen rules of the SoLR process under the Smart Energy Code. The zero value is no rule.
type Rule uint8

// The rules. [Rule.Summary] says what each demands and [Rule.Source] where it comes from.
const (
	R1 Rule = iota + 1
	R2
	R3
	R4
	R5
	R6
	R7
	R8
	R9
	R10
	R11
	R12
	R13
	R14
	R15
	R16
	R17
	R18
)

var rules = [...]struct{ summary, source string }{
	R1:  {"licence revocation makes the DCC's duty to revoke the failed supplier's certificates due", "MP185 report, section 2, current arrangements"},
	R2:  {"Supplier Certificates are the certificates and DCCKI certificates of which the party is Subscriber", "MP185 report, section 2, SEC Section L16"},
	R3:  {"the PMA may delay the revocation of certificates; the delay ends item by item on its instruction", "MP134A, in force 4 October 2021"},
	R4:  {"a SoLR appointed on the SoLR date makes the DCC's duty to transfer the MPIDs due at once", "MP185 report, section 2, issue"},
	R5:  {"once an MPID has moved, requests in the failed supplier's name that rest on it are rejected", "MP185 report, section 2, issue"},
	R6:  {"the PMA may delay the transfer of MPIDs; the delay ends item by item on its instruction", "MP185 report, section 3"},
	R7:  {"from the delay on, the DCC does nothing about the failure but what the PMA instructs", "MP185 report, section 3"},
	R8:  {"no revocation or transfer because of the failure before the SoLR's five confirmations", "MP185 report, section 3"},
	R9:  {"support by an SRP needs the SoLR's request, the PMA's approval and the SRP's acceptance", "MP185 report, section 3"},
	R10: {"Ofgem's safe-mode instruction is an SRP's authority while there is no SoLR", "MP185 report, sections 2 and 3; MP134A"},
	R11: {"a transfer needs the agreement of SoLR, PMA and DCC; a failure closes when nothing is left in its name", "MP185 report, sections 1 and 3"},
	R12: {"SRP arrangements are not expected to outlast 90 days from the SoLR date", "MP185 report, section 3"},
	R13: {"transfers under the REC, the UNC and the BSC change nothing on the DCC's network", "MP185 report, sections 3 and 4"},
	R14: {"trade sale and special administration end a failure without a SoLR", "MP185 report, section 2; Energy Act 2004"},
	R15: {"appointments may differ by fuel and MPID, be shared, and be lost when a SoLR fails itself", "design decision; order of later steps UNCERTAIN"},
	R16: {"revocation is final, a transferred MPID comes back only by a new direction", "RFC 5280 and SEC Appendix B; UNCERTAIN for the MPID"},
	R17: {"directions that a rule forbids are refused; reports of things done never are, but leave a breach", "design decision"},
	R18: {"a direction is judged by the regime in force when it was given", "design decision; UNCERTAIN"},
}

// Rules lists all rules in order.
func Rules() []Rule {
	all := make([]Rule, 0, len(rules)-1)
	for r := R1; int(r) < len(rules); r++ {
		all = append(all, r)
	}
	return all
}

// String gives the number of the rule, such as "R8".
func (r Rule) String() string { return "R" + strconv.Itoa(int(r)) }

// Summary says in one line what the rule demands; empty for no rule.
func (r Rule) Summary() string {
	if int(r) < len(rules) {
		return rules[r].summary
	}
	return ""
}

// Source says where the rule comes from; empty for no rule.
func (r Rule) Source() string {
	if int(r) < len(rules) {
		return rules[r].source
	}
	return ""
}

// MarshalText gives the number of the rule.
func (r Rule) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// UnmarshalText reads a number such as "R8".
func (r *Rule) UnmarshalText(b []byte) error {
	for _, known := range Rules() {
		if string(b) == known.String() {
			*r = known
			return nil
		}
	}
	return fmt.Errorf("solr: %q is no rule: expected R1 to R%d", b, len(rules)-1)
}
