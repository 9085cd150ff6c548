package hold_test

import (
	"testing"
	"time"

	"github.com/seed-db8551c1/lastresort/hold"
	"github.com/seed-db8551c1/lastresort/solr"
)

// at is a time of December 2021 in London.
func (r *reg) at(day, hour int) *reg {
	r.now = time.Date(2021, time.December, day, hour, 0, 0, 0, solr.London())
	return r
}

// due is by when the DCC must do what it must, and what is late.
func (r *reg) due(want ...string) *reg {
	r.t.Helper()
	var got []string
	for _, d := range r.Duties(r.now) {
		if d.Modality != hold.Must && !d.Due.IsZero() {
			r.t.Errorf("%v has a deadline", d)
		}
		if d.Modality == hold.Must {
			by := "no deadline"
			if !d.Due.IsZero() {
				by = "by " + d.Due.In(solr.London()).Format("2 Jan 15:04")
			}
			got = append(got, d.Action.String()+" "+by)
		}
	}
	for _, d := range r.Overdue(r.now) {
		got = append(got, "late: "+d.Action.String())
	}
	return r.same("due", got, want)
}

func TestDeadlines(t *testing.T) {
	// The licence and the SoLR date on Friday, the 24th: Christmas and its substitute days follow.
	r := newReg(t, of(hold.Baseline)).at(24, 16)
	r.do(licence(), r.appointed(octopus, avre)).due("transfer MPID by 30 Dec 00:00", "revoke certificate by 30 Dec 00:00")
	r.now = time.Date(2021, time.December, 29, 23, 59, 59, 0, time.UTC)
	r.due("transfer MPID by 30 Dec 00:00", "revoke certificate by 30 Dec 00:00")
	r.at(30, 0).due("transfer MPID by 30 Dec 00:00", "revoke certificate by 30 Dec 00:00", "late: transfer MPID", "late: revoke certificate")
	r.do(transferred(octopus, avre)).due("revoke certificate by 30 Dec 00:00", "late: revoke certificate").breaches()

	// The settings count in Working Days, or set no deadline. It runs from when the last of what a duty waited for was there.
	r = newReg(t, hold.Settings{Regime: hold.MP185, Enforce: true, TransferDays: 5, RevocationDays: -1, ThresholdDays: 2}).at(1, 9)
	r.do(licence(), r.appointed(octopus, both)).do(confirmed(octopus)...)
	r.at(2, 9).do(agreed(octopus, avre)...)
	r.do(asked("s", octopus, r.now), supportIs(hold.SupportApproved, "s"))
	r.at(3, 9).do(hold.Event{Kind: hold.ThresholdsInstructed, Failure: failed, Request: "s"})
	r.due("transfer MPID by 10 Dec 00:00", "revoke certificate no deadline", "apply thresholds by 8 Dec 00:00")

	// Delayed again and released, it is due anew.
	r.at(6, 9).do(delayed(hold.Transfer, avre, nil), received()).at(14, 9).due().do(released(avre, nil))
	r.due("transfer MPID by 22 Dec 00:00")

	// Outside the years whose bank holidays are known there is no deadline.
	r = newReg(t, of(hold.Baseline))
	r.now = time.Date(2036, time.February, 1, 9, 0, 0, 0, time.UTC)
	r.do(licence()).due("revoke certificate no deadline")
}

func TestArrangements(t *testing.T) {
	r := newReg(t, hold.Settings{Regime: hold.MP185, Enforce: true, LapseAfterArrangement: true, WarningDays: 10}).on(1)
	r.do(licence(), r.appointed(octopus, both)).do(supported("s", octopus, r.now)...)
	r.do(hold.Event{Kind: hold.ArrangementExtended, Failure: failed, MPIDs: avrg, Date: solr.Midnight(2022, time.March, 31)})
	state := func(want ...string) {
		t.Helper()
		var got []string
		for _, a := range r.Arrangements(r.now) {
			got = append(got, string(a.MPID)+" "+a.State.String())
		}
		r.same("arrangements", got, want)
	}
	first := r.Arrangements(r.now)[0]
	r.same("arrangement", first, hold.Arrangement{
		Failure: failed, MPID: "AVRE", Request: "s", SoLR: octopus, SRP: hub, State: hold.InTime,
		Starts: solr.Midnight(2021, time.December, 1), Warns: solr.Midnight(2022, time.February, 19), Ends: solr.Midnight(2022, time.March, 1), Lapses: solr.Midnight(2022, time.March, 1),
	})
	for _, c := range []struct {
		on         time.Time
		avre, avrg string
	}{
		{first.Warns.Add(-1), "in time", "in time"},
		{first.Warns, "ends soon", "ends soon"},
		{first.Ends.Add(-1), "ends soon", "ends soon"},
		{first.Ends, "lapsed", "overrunning"}, // the extension moves the lapse, not the report
		{solr.Midnight(2022, time.March, 31), "lapsed", "lapsed"},
	} {
		r.now = c.on
		state("AVRE "+c.avre, "AVRG "+c.avrg)
	}
	r.on(100).do(hold.Event{Kind: hold.SupportWithdrawn, Request: "s", By: hub})
	state()

	// By default the warning comes two weeks before, and nothing lapses; it can be left out.
	for days, want := range map[int]time.Time{0: solr.Midnight(2022, time.February, 15), -1: {}} {
		r = newReg(t, hold.Settings{Regime: hold.MP185, Enforce: true, WarningDays: days}).on(1)
		r.do(licence(), r.appointed(octopus, avre)).do(supported("s", octopus, r.now)...)
		a := r.Arrangements(r.now)[0]
		r.same("warns", a.Warns, want).same("lapses", a.Lapses, time.Time{})
		r.on(120)
		state("AVRE overrunning")
	}
}
