package hold_test

import (
	"flag"
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/seed-db8551c1/lastresort/hold/holdtest"
	"pgregory.net/rapid"
)

func TestMain(m *testing.M) {
	flag.Parse()
	if f := flag.Lookup("rapid.steps"); f.Value.String() == f.DefValue {
		f.Value.Set("60") // histories long enough that several failures come to their end
	}
	if f := flag.Lookup("rapid.seed"); f.Value.String() == f.DefValue {
		f.Value.Set("1") // the same histories on every run; -rapid.seed or RAPID_SEED takes others
	}
	os.Exit(m.Run())
}

// instants is times around a history: now and when the arrangements are over.
func instants(h *holdtest.History) []time.Time {
	var all []time.Time
	for _, d := range []time.Duration{0, 100 * 24 * time.Hour} {
		all = append(all, h.Now.Add(d))
	}
	return all
}

// The invariants hold after every step of any history. A refused or repeated event changes nothing, and a clone and its original know nothing of each other.
func TestInvariantsAfterEveryStep(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		start := holdtest.Starts().Draw(t, "start")
		h := holdtest.NewHistory(holdtest.Worlds(start).Draw(t, "world"), holdtest.Settings().Draw(t, "settings"), start)
		t.Repeat(map[string]func(*rapid.T){
			"step": func(t *rapid.T) {
				for _, e := range h.Step().Draw(t, "events") {
					clone := h.Register.Clone()
					a, err := h.Apply(e)
					if err != nil || a.Repeat {
						if diff := stateDiff(clone, h.Register); diff != "" {
							t.Fatalf("%+v (%+v, %v) changed what it should not (-before +after):\n%s", e, a, err, diff)
						}
					}
					b, errClone := clone.Apply(e)
					if diff := cmp.Diff(a, b); diff != "" || (err == nil) != (errClone == nil) {
						t.Fatalf("a clone takes %+v otherwise (%v, %v):\n%s", e, err, errClone, diff)
					}
					if diff := stateDiff(h.Register, clone); diff != "" { // nothing of the one has come into the other
						t.Fatalf("%+v leaves a clone in another state (-original +clone):\n%s", e, diff)
					}
				}
			},
			"": func(t *rapid.T) {
				if err := holdtest.CheckInvariants(h.Register, latest(h)); err != nil {
					t.Fatal(err)
				}
			},
		})
	})
}

// latest is the time of the latest event, or of the latest step.
func latest(h *holdtest.History) time.Time {
	at := h.Now
	for _, e := range h.Register.Events() {
		if e.At.After(at) {
			at = e.At
		}
	}
	return at
}
