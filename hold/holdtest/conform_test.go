package holdtest_test

import (
	"flag"
	"testing"

	"github.com/seed-db8551c1/lastresort/hold/holdtest"
)

var histories = flag.Int("histories", 0, "how many histories the kit is run over in tests; zero is its default")

// The reference agrees with itself.
func TestReferenceConforms(t *testing.T) {
	holdtest.Conform(t, holdtest.Reference(), holdtest.Config{Histories: *histories, UncertainCodes: true})
}
