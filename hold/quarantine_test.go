package hold_test

import (
	"testing"
	"time"

	"github.com/seed-db8551c1/lastresort/duis"
	"github.com/seed-db8551c1/lastresort/hold"
	"github.com/seed-db8551c1/lastresort/hold/holdtest"
	"github.com/seed-db8551c1/lastresort/smki"
	"pgregory.net/rapid"
)

// R7: the authority lets the DCC release or delete a User's quarantined messages exactly when to report that it did is no breach.
func TestAuthorityOverQuarantine(t *testing.T) {
	refused, covered := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		h := holdtest.Histories().Draw(t, "history")
		authority := h.Register.Authority()
		for _, s := range h.World.Suppliers {
			at := latest(h).Add(rapid.SampledFrom([]time.Duration{0, time.Hour, 100 * 24 * time.Hour}).Draw(t, "after"))
			for act, kind := range map[duis.Act]hold.Kind{duis.ReleaseQuarantine: hold.QuarantineReleased, duis.DeleteQuarantine: hold.QuarantineDeleted} {
				standing := authority.Ask(duis.Question{Act: act, Party: s.Party, User: s.User.ID, At: at}).Standing
				done, err := h.Register.Clone().Apply(hold.Event{Kind: kind, At: at, User: &smki.User{ID: s.User.ID}})
				if err != nil {
					t.Fatal(err)
				}
				if (standing == duis.Refused) != (len(done.Breaches) > 0) {
					t.Fatalf("%v of %s at %v: standing %d, breaches %+v", kind, s.Party, at, standing, done.Breaches)
				}
				switch standing {
				case duis.Refused:
					refused++
				case duis.Covered:
					covered++
				}
			}
		}
	})
	if !t.Failed() && (refused == 0 || covered == 0) {
		t.Errorf("%d acts refused, %d named by an instruction: nothing was tried", refused, covered)
	}
}
