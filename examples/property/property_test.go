// Package property shows a property over one's own model, with the generators of hold/holdtest: a model of whose each MPID is, kept by hand from the same
// events, agrees with the register after any history.
package property

import (
	"testing"
	"time"

	"github.com/seed-db8551c1/lastresort/hold"
	"github.com/seed-db8551c1/lastresort/hold/holdtest"
	"github.com/seed-db8551c1/lastresort/smki"
	"pgregory.net/rapid"
)

// owners is one's own model: who has each MPID, and since when. Nobody has one that was retired.
type owners map[smki.MPID]owner

type owner struct {
	party smki.PartyID
	since time.Time
	late  bool // a report came late: what it changes is not in this model
}

func (o owners) apply(e hold.Event) {
	party := e.Party
	switch e.Kind {
	case hold.MPIDAllocated, hold.MPIDTransferred:
	case hold.MPIDRetired:
		party = ""
	default:
		return
	}
	for _, m := range e.MPIDs {
		o[m] = owner{party, e.At, o[m].late || e.At.Before(o[m].since)}
	}
}

func TestOwnersAgree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := holdtest.Histories().Draw(t, "history")
		mine := make(owners)
		for _, e := range h.Register.Events() {
			mine.apply(e)
		}
		for id, own := range mine {
			all := h.Register.Directory().DCC.Holdings(id)
			if got := all[len(all)-1].Party; got != own.party && !own.late {
				t.Fatalf("MPID %s is %q's, by one's own model %q's", id, got, own.party)
			}
		}
	})
}
