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
	t.Parallel()
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
			}
		}
	})
}

// R7: the same on one failure, from before its delay to after an instruction.
func TestQuarantineUnderDelay(t *testing.T) {
	r := newReg(t, of(hold.MP185)).on(1).do(hold.Event{Kind: hold.FailureNotified, Failure: failed, Party: avro})
	asks := func(when string, release, erase duis.Standing) {
		t.Helper()
		for act, want := range map[duis.Act]duis.Standing{duis.ReleaseQuarantine: release, duis.DeleteQuarantine: erase} {
			if got := r.Authority().Ask(duis.Question{Act: act, Party: avro, User: user, At: r.now}).Standing; got != want {
				t.Errorf("%s, act %d: standing %d, want %d", when, act, got, want)
			}
		}
		if got := r.Authority().Ask(duis.Question{Act: duis.ReleaseQuarantine, Party: octopus, At: r.now}).Standing; got != duis.NotNeeded {
			t.Errorf("%s, another party: standing %d", when, got)
		}
	}
	asks("before any delay", duis.NotNeeded, duis.NotNeeded)
	r.on(2).do(hold.Event{Kind: hold.DelayDirected, Failure: failed, Controls: hold.Transfer})
	asks("before the DCC has it", duis.NotNeeded, duis.NotNeeded)
	r.on(3).do(hold.Event{Kind: hold.DelayReceived, Failure: failed})
	asks("frozen", duis.Refused, duis.Refused)
	r.on(4).do(hold.Event{Kind: hold.ActionInstructed, Failure: failed, Action: hold.ReleaseQuarantine, User: &smki.User{ID: user}})
	asks("an instruction names the release", duis.Covered, duis.Refused)
}
