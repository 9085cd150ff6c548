// Package property shows a property over one's own model, with the generators of hold/holdtest: a model of whose each MPID is, kept by hand from the same
// events, agrees with the register after every step of any history.
package property

import (
	"testing"

	"github.com/seed-db8551c1/lastresort/hold"
	"github.com/seed-db8551c1/lastresort/hold/holdtest"
	"github.com/seed-db8551c1/lastresort/smki"
	"pgregory.net/rapid"
)

// owners is one's own model: who has each MPID now.
type owners map[smki.MPID]smki.PartyID

func (o owners) apply(e hold.Event) {
	switch e.Kind {
	case hold.MPIDAllocated, hold.MPIDTransferred:
		for _, m := range e.MPIDs {
			o[m] = e.Party
		}
	case hold.MPIDRetired:
		for _, m := range e.MPIDs {
			delete(o, m)
		}
	}
}

func TestOwnersAgree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := holdtest.Histories().Draw(t, "history")
		mine := make(owners)
		last := make(map[smki.MPID]hold.Event)
		for _, e := range h.Register.Events() {
			for _, m := range e.MPIDs {
				if e.Kind == hold.MPIDTransferred && e.At.Before(last[m].At) {
					t.Skip("a late report: what came after it stands")
				}
				if e.Kind == hold.MPIDTransferred {
					last[m] = e
				}
			}
			mine.apply(e)
		}
		for _, m := range h.Register.Directory().MPIDs() {
			all := h.Register.Directory().DCC.Holdings(m.ID)
			if got := all[len(all)-1].Party; got != mine[m.ID] {
				t.Fatalf("MPID %s is %q's, by one's own model %q's", m.ID, got, mine[m.ID])
			}
		}
	})
}
