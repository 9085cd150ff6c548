package duis_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/seed-db8551c1/lastresort/duis"
	"github.com/seed-db8551c1/lastresort/smki"
)

// An update that is foreign, not newer, stale or after a gap is refused, and the last good one stays. A gap is remembered until it is filled.
func TestFeeds(t *testing.T) {
	type step struct {
		issuer   string
		number   uint64
		complete bool
		made     time.Duration // before it came
		due      time.Duration // after it came
		want     duis.FeedProblem
		current  bool // after it
	}
	day := 24 * time.Hour
	for _, c := range []struct {
		name  string
		steps []step
	}{
		{"in order", []step{{"r", 1, false, 0, day, 0, true}, {"r", 2, false, 0, day, 0, true}, {"r", 3, true, 0, day, 0, true}}},
		{"foreign", []step{{"x", 1, false, 0, day, duis.FeedForeign, false}, {"r", 1, false, 0, day, 0, true}, {"x", 2, true, 0, day, duis.FeedForeign, true}}},
		{"not newer", []step{{"r", 1, false, 0, day, 0, true}, {"r", 1, false, 0, day, duis.FeedNotNewer, true}, {"r", 0, true, 0, day, duis.FeedNotNewer, true}}},
		{"stale", []step{{"r", 1, false, 0, -1, duis.FeedStale, false}, {"r", 1, false, -1, day, duis.FeedStale, false}}},
		{"gap, filled one by one", []step{{"r", 1, false, 0, day, 0, true}, {"r", 4, false, 0, day, duis.FeedGap, false}, {"r", 2, false, 0, day, 0, false}, {"r", 3, false, 0, day, 0, false}, {"r", 4, false, 0, day, 0, true}}},
		{"gap, filled at once", []step{{"r", 1, false, 0, day, 0, true}, {"r", 3, false, 0, day, duis.FeedGap, false}, {"r", 4, true, 0, day, 0, true}}},
		{"gap, filled by a complete update from before its end", []step{{"r", 1, false, 0, day, 0, true}, {"r", 9, false, 0, day, duis.FeedGap, false}, {"r", 5, true, 0, day, 0, false}}},
		{"missing at the start", []step{{"r", 2, false, 0, day, duis.FeedGap, false}, {"r", 2, true, 0, day, 0, true}}},
	} {
		w := sample().world(t)
		e := w.Edit()
		must(t, e.Follow(duis.RegistrationFeed, "r"))
		w = e.World()
		if d := duis.Decide(w, topUp().on(w), now); d.Reasons != duis.ReasonsOf(duis.RegistrationsNotCurrent) {
			t.Errorf("%s, a feed that never came: %s", c.name, explain(d, w))
		}
		for i, s := range c.steps {
			e := w.Edit()
			err := e.Receive(duis.RegistrationFeed, duis.Update{Issuer: s.issuer, Number: s.number, Made: now.Add(-s.made), NextDue: now.Add(s.due), Complete: s.complete}, now)
			var fe *duis.FeedError
			if (err == nil) != (s.want == 0) || err != nil && (!errors.As(err, &fe) || fe.Problem != s.want) {
				t.Errorf("%s, step %d: %v, want %v", c.name, i, err, s.want)
			}
			w = e.World()
			for _, r := range []*call{topUp(), readInventory()} {
				want := duis.Reasons(0)
				if !s.current && !r.SRV.NonDevice() {
					want = duis.ReasonsOf(duis.RegistrationsNotCurrent)
				}
				if d := duis.Decide(w, r.on(w), now); d.Reasons != want {
					t.Errorf("%s, step %d, %v: %s", c.name, i, r.SRV, explain(d, w))
				}
			}
			if s.current && s.want == 0 {
				if d := duis.Decide(w, topUp().on(w), now.Add(s.due)); d.Outcome != duis.Accepted {
					t.Errorf("%s, step %d, when the next is due: %s", c.name, i, explain(d, w))
				}
				if d := duis.Decide(w, topUp().on(w), now.Add(s.due+1)); d.Reasons != duis.ReasonsOf(duis.RegistrationsNotCurrent) {
					t.Errorf("%s, step %d, overdue: %s", c.name, i, explain(d, w))
				}
			}
		}
	}
	e := new(duis.World).Edit()
	if err := e.Receive(duis.ThresholdFeed, update(now), now); !isProblem(err, duis.FeedUnknown) {
		t.Errorf("a feed that is not followed: %v", err)
	}
	if err := e.Receive(9, update(now), now); !isProblem(err, duis.FeedUnknown) {
		t.Errorf("no feed: %v", err)
	}
	if e.Follow(9, "r") == nil || e.Follow(duis.ThresholdFeed, "") == nil {
		t.Error("a feed that there is not is followed")
	}
	e.World()
	if err := e.Follow(duis.ThresholdFeed, "r"); !errors.Is(err, duis.ErrPublished) {
		t.Error(err)
	}
	if err := e.Receive(duis.ThresholdFeed, update(now), now); !errors.Is(err, duis.ErrPublished) {
		t.Error(err)
	}
}

func isProblem(err error, p duis.FeedProblem) bool {
	var fe *duis.FeedError
	return errors.As(err, &fe) && fe.Problem == p
}

// Diff says what an update changed, and nothing else.
func TestDiff(t *testing.T) {
	f := sample()
	before := f.world(t)
	if all := slices.Collect(duis.Diff(before, before.Edit().World())); len(all) > 0 {
		t.Errorf("nothing was changed: %v", all)
	}
	e := before.Edit()
	d := f.directory(t)
	must(t, d.DCC.Transfer("AVRO", "Octopus", now), d.SetUser(smki.User{ID: ovo, Party: "Ovo", Suspended: true}))
	d.Revoke(avroXML, smki.Revocation{At: now})
	must(t, e.SetDirectory(d),
		e.Register(mpan, now, "OCTO"), e.Register(1012345678902, now, "AVRO"), e.SetNetwork(mpan, ""),
		e.SetDevice(duis.Device{ID: esme, Type: duis.ESME, Status: duis.Suspended, Import: mpan}),
		e.SetDevice(duis.Device{ID: 7, Type: duis.ESME, Status: duis.Pending, SMETS1: true, Import: 1012345678902}),
		e.SetThresholds([]duis.Threshold{{User: avro, Warning: 1000, Quarantine: 3000}, {User: avro, SRV: duis.TopUpDevice, Quarantine: 1}}),
		e.Follow(duis.RegistrationFeed, "r"), e.Receive(duis.RegistrationFeed, duis.Update{Issuer: "r", Number: 1, Made: now, NextDue: now}, now))
	var got []string
	for c := range duis.Diff(before, e.World()) {
		got = append(got, c.String())
	}
	want := []string{
		`user 90-B3-D5-1F-30-03-00-00: "Ovo  suspended", was "Ovo RSA,OU"`,
		`certificate CN=OCA/1: "xml-sign of 90-B3-D5-1F-30-01-00-00, 2020-01-01T00:00:00Z to 2030-01-01T00:00:00Z, 2021-09-27T12:00:00Z", was "xml-sign of 90-B3-D5-1F-30-01-00-00, 2020-01-01T00:00:00Z to 2030-01-01T00:00:00Z, not revoked"`,
		`MPID AVRO: "Octopus from 2021-09-27T12:00:00Z", was "Avro from 2020-01-01T00:00:00Z"`,
		`threshold 90-B3-D5-1F-30-01-00-00: "warning 1000, quarantine 3000", was "warning 1000, quarantine 2000"`,
		`threshold 90-B3-D5-1F-30-01-00-00 2.2: "warning 0, quarantine 1", was ""`,
		`threshold 90-B3-D5-1F-30-02-00-00: "", was "warning 1000, quarantine 2000"`,
		`registration 1012345678901: "OCTO from 2021-09-27T12:00:00Z", was "AVRO from 2020-01-01T00:00:00Z"`,
		`network 1012345678901: "", was "LOND"`,
		`registration 1012345678902: "AVRO from 2021-09-27T12:00:00Z", was ""`,
		`device 00-DB-12-34-56-78-90-A0: "ESME Suspended, import 1012345678901, export none, gas none, SMETS1 false", was "ESME Commissioned, import 1012345678901, export none, gas none, SMETS1 false"`,
		`device 00-00-00-00-00-00-00-07: "ESME Pending, import 1012345678902, export none, gas none, SMETS1 true", was ""`,
		`feed registration: "update 1 of r, due 2021-09-27T12:00:00Z", was ""`,
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
	for range duis.Diff(before, e.World()) {
		break // a reader may stop
	}
}

func ExampleEdit_Receive() {
	at := time.Date(2021, 9, 27, 6, 0, 0, 0, time.UTC)
	edit := new(duis.World).Edit()
	if err := edit.Follow(duis.RegistrationFeed, "registration data providers"); err != nil {
		fmt.Println(err)
	}
	for _, n := range []uint64{1, 2, 4} {
		err := edit.Receive(duis.RegistrationFeed, duis.Update{Issuer: "registration data providers", Number: n, Made: at, NextDue: at.AddDate(0, 0, 1)}, at)
		fmt.Println(n, err)
	}
	// Output:
	// 1 <nil>
	// 2 <nil>
	// 4 duis: registration feed, update 4 of "registration data providers" after 2: expected the next number, or a complete update
}

// What a newer update of the issuer says is not known here, whatever the reason for which it was refused: facts that it may have changed no longer count.
func TestFeedBehindARefusedUpdate(t *testing.T) {
	day := 24 * time.Hour
	for name, u := range map[string]duis.Update{
		"overdue when it came, after a gap":    {Number: 3, Made: now.Add(-2 * day), NextDue: now.Add(-day)},
		"overdue when it came":                 {Number: 2, Made: now.Add(-2 * day), NextDue: now.Add(-day)},
		"overdue when it came, and complete":   {Number: 3, Made: now.Add(-2 * day), NextDue: now.Add(-day), Complete: true},
		"made later than it came":              {Number: 2, Made: now.Add(1), NextDue: now.Add(day)},
		"made later than it came, after a gap": {Number: 9, Made: now.Add(1), NextDue: now.Add(day)},
	} {
		e := sample().world(t).Edit()
		u.Issuer = "r"
		must(t, e.Follow(duis.RegistrationFeed, "r"), e.Receive(duis.RegistrationFeed, duis.Update{Issuer: "r", Number: 1, Made: now, NextDue: now.Add(day)}, now))
		if err := e.Receive(duis.RegistrationFeed, u, now); !isProblem(err, duis.FeedStale) {
			t.Errorf("%s: %v", name, err)
		}
		w := e.World()
		if d := duis.Decide(w, topUp().on(w), now); d.Reasons != duis.ReasonsOf(duis.RegistrationsNotCurrent) {
			t.Errorf("%s: %s", name, explain(d, w))
		}
	}
}
