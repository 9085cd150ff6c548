package holdtest_test

import (
	"fmt"

	"github.com/seed-db8551c1/lastresort/hold/holdtest"
)

// A history drawn from a seed is a register with the events that led to it. Whatever they were, the invariants hold.
func Example() {
	h := holdtest.Histories().Example(1)
	at := h.Now
	for _, e := range h.Register.Events() {
		if e.At.After(at) {
			at = e.At
		}
	}
	fmt.Println(holdtest.CheckInvariants(h.Register, at))
	// Output: <nil>
}
