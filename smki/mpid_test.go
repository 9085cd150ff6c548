package smki_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/seed-db8551c1/lastresort/smki"
	"pgregory.net/rapid"
)

func TestParseMPID(t *testing.T) {
	for _, good := range []string{"AVRO", "A1B2", "GTM", "0000", "999", "ZZZ"} {
		if id, err := smki.ParseMPID(good); err != nil || string(id) != good {
			t.Errorf("ParseMPID(%q) = %q, %v", good, id, err)
		}
	}
	for _, c := range []struct{ text, because string }{
		{"", "nothing"}, {"AB", "too short"}, {"ABCDE", "too long"}, {"abcd", "lower case"}, {"AB D", "white space"},
		{"AB-D", "punctuation"}, {"ÄB", "three octets but no three letters"}, {"AB[", "after Z"}, {"AB@", "before A"}, {"AB:", "after 9"}, {"AB/", "before 0"},
	} {
		id, err := smki.ParseMPID(c.text)
		var parse *smki.ParseError
		if !errors.As(err, &parse) || id != "" {
			t.Errorf("ParseMPID(%q) = %q, %v; want a ParseError (%s)", c.text, id, err, c.because)
		}
	}
}

func FuzzParseMPID(f *testing.F) {
	f.Fuzz(func(t *testing.T, s string) {
		id, err := smki.ParseMPID(s)
		if err != nil {
			wantParseError(t, err, s)
			return
		}
		if string(id) != s || len(s) < 3 || len(s) > 4 {
			t.Fatalf("%q reads as %q", s, id)
		}
		var m smki.MPIDMap
		if err := m.Allocate(id, "Party", day(0)); err != nil {
			t.Fatalf("%q cannot be allocated: %v", id, err)
		}
	})
}

// holding is one record of the naive model: the map as a list of everything that was said, in the order in which it was said.
type holding struct {
	from  int
	party smki.PartyID // empty for retirement
}

// owner is the record with the latest start up to t; of several with one start the one said last.
func owner(said []holding, t int) (best holding, found bool) {
	for _, h := range said {
		if h.from <= t && (!found || h.from >= best.from) {
			best, found = h, true
		}
	}
	return best, found
}

// TestMPIDMapAgainstModel: late reports, equal instants and retirement, in any order that is accepted.
// The invariant of the type is checked at every instant after every step.
func TestMPIDMapAgainstModel(t *testing.T) {
	const horizon = 8
	ids := []smki.MPID{"AVRO", "OCTO", "GAS"}
	parties := []smki.PartyID{"Avro", "Octopus", "Scottish Power"}
	rapid.Check(t, func(t *rapid.T) {
		var m smki.MPIDMap
		said := make(map[smki.MPID][]holding)
		retired := make(map[smki.MPID]int) // from when
		instant := rapid.IntRange(0, horizon-1)
		drawID := func(t *rapid.T) smki.MPID { return rapid.SampledFrom(ids).Draw(t, "MPID") }
		drawParty := func(t *rapid.T) smki.PartyID { return rapid.SampledFrom(parties).Draw(t, "party") }
		held := func(id smki.MPID, at int) bool {
			h, ok := owner(said[id], at)
			return ok && h.party != ""
		}
		check := func(t *rapid.T, err error, allowed bool, id smki.MPID, h holding) {
			if (err == nil) != allowed {
				t.Fatalf("%s: error %v, but the model says that allowed is %t", id, err, allowed)
			}
			if allowed {
				said[id] = append(said[id], h)
			}
		}
		t.Repeat(map[string]func(*rapid.T){
			"allocate": func(t *rapid.T) {
				id, p, at := drawID(t), drawParty(t), instant.Draw(t, "at")
				check(t, m.Allocate(id, p, day(at)), len(said[id]) == 0, id, holding{at, p})
			},
			"transfer": func(t *rapid.T) {
				id, p, at := drawID(t), drawParty(t), instant.Draw(t, "at")
				check(t, m.Transfer(id, p, day(at)), held(id, at), id, holding{at, p})
			},
			"retire": func(t *rapid.T) {
				id, at := drawID(t), instant.Draw(t, "at")
				last := true
				for _, h := range said[id] {
					last = last && h.from <= at
				}
				allowed := held(id, at) && last
				check(t, m.Retire(id, day(at)), allowed, id, holding{at, ""})
				if allowed {
					retired[id] = at
				}
			},
			"nonsense": func(t *rapid.T) {
				for _, err := range []error{m.Allocate("ABCD", "", day(0)), m.Allocate("lower", "Avro", day(0)), m.Transfer(ids[0], "", day(0)), m.Transfer("NONE", "Avro", day(0)), m.Retire("NONE", day(0))} {
					if err == nil {
						t.Fatalf("nonsense was accepted")
					}
				}
			},
			"": func(t *rapid.T) {
				for _, id := range ids {
					history := m.Holdings(id)
					if len(history) != len(said[id]) || !slices.IsSortedFunc(history, func(a, b smki.MPIDHolding) int { return a.From.Compare(b.From) }) {
						t.Fatalf("%s: holdings %v, said %v", id, history, said[id])
					}
					for at := -1; at <= horizon; at++ {
						want, ok := owner(said[id], at)
						got, gotOK := m.Owner(id, day(at))
						if got != want.party || gotOK != (ok && want.party != "") {
							t.Fatalf("%s at day %d: owner %q, %t; want %q", id, at, got, gotOK, want.party)
						}
						end, ended := retired[id]
						alive := len(said[id]) > 0 && at >= said[id][0].from && (!ended || at < end)
						if gotOK != alive {
							t.Fatalf("%s at day %d: owned is %t, but between allocation and retirement is %t", id, at, gotOK, alive)
						}
					}
				}
			},
		})
	})
}

// A history that was handed out does not change when the map does.
func TestMPIDHoldingsAreStable(t *testing.T) {
	var m smki.MPIDMap
	check(t, m.Allocate("AVRO", "Avro", day(0)))
	before := m.Holdings("AVRO")
	check(t, m.Transfer("AVRO", "Octopus", day(5)), m.Transfer("AVRO", "Shell", day(2)), m.Retire("AVRO", day(9)))
	if got := fmt.Sprint(before); got != fmt.Sprint([]smki.MPIDHolding{{From: day(0), Party: "Avro"}}) {
		t.Errorf("the old history now reads %s", got)
	}
}

// An instant within a day is as good as midnight, whatever zone it is written in.
func TestMPIDOwnerIsOfAnInstant(t *testing.T) {
	var m smki.MPIDMap
	check(t, m.Allocate("AVRO", "Avro", day(0)))
	at := day(3).Add(time.Minute)
	check(t, m.Transfer("AVRO", "Octopus", at.In(time.FixedZone("", 3600))))
	for when, want := range map[time.Time]smki.PartyID{at.Add(-1): "Avro", at: "Octopus", at.Add(1).In(time.FixedZone("", -3600)): "Octopus"} {
		if got, _ := m.Owner("AVRO", when); got != want {
			t.Errorf("at %v: %s, want %s", when, got, want)
		}
	}
}

func check(t interface {
	Helper()
	Fatal(...any)
}, errs ...error) {
	t.Helper()
	for _, err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
}
