package hold_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/seed-db8551c1/lastresort/hold"
	"github.com/seed-db8551c1/lastresort/hold/holdtest"
	"github.com/seed-db8551c1/lastresort/smki"
	"github.com/seed-db8551c1/lastresort/solr"
	"pgregory.net/rapid"
)

// A report that comes late leaves what it would have left in its time: the same holders and duties. What is decided by what was known when it came in is left out here: what a delay holds,
// whether a report says anything new, that a failure is closed, and who was named or directed to before it was known that the party was failing, or that the supplier had found an exit.
func TestLateReportsAreAsIfInTime(t *testing.T) {
	t.Parallel()
	start := solr.Midnight(2021, time.December, 1)
	suppliers := []smki.PartyID{"Avro", "Igloo"}
	mpids := []smki.MPID{"AVRE", "IGLE"}
	parties := []smki.PartyID{"Avro", "Igloo", "Octopus", "EDF"}
	register := func(t *rapid.T) *hold.Register {
		r := &hold.Register{Settings: hold.Settings{Regime: hold.MP185}}
		for i, s := range suppliers {
			apply(t, r, hold.Event{At: start, Kind: hold.MPIDAllocated, MPIDs: mpids[i : i+1], Party: s})
			apply(t, r, hold.Event{At: start, Kind: hold.CertificateIssued, Certificate: &smki.Certificate{ID: smki.CertificateID(s), Use: smki.XMLSign, Subscriber: s}})
		}
		return r
	}
	rapid.Check(t, func(t *rapid.T) {
		var history []hold.Event
		inTime, now, said := register(t), start, make(map[string]bool)
		for range rapid.IntRange(2, 16).Draw(t, "events") {
			now = now.Add(time.Duration(rapid.IntRange(1, 3).Draw(t, "hours")) * time.Hour)
			e := hold.Event{At: now, Failure: solr.FailureID(rapid.SampledFrom(suppliers).Draw(t, "failure")), Party: rapid.SampledFrom(parties).Draw(t, "party")}
			e.MPIDs = []smki.MPID{rapid.SampledFrom(mpids).Draw(t, "MPID")}
			e.Kind = rapid.SampledFrom([]hold.Kind{hold.MPIDTransferred, hold.MPIDTransferred, hold.FailureNotified, hold.LicenceRevoked, hold.SoLRAnnounced, hold.SoLRAppointed, hold.TransferDirected,
				hold.Confirmed, hold.TransferAgreed, hold.SupplierExited, hold.ExitReleased, hold.MPIDRetired}).Draw(t, "kind")
			if e.Kind != hold.MPIDTransferred && e.Party != smki.PartyID(e.Failure) && slices.Contains(suppliers, e.Party) {
				e.Party = "EDF"
			}
			all := []hold.Event{e}
			switch e.Kind {
			case hold.FailureNotified, hold.LicenceRevoked:
				all[0].Party = smki.PartyID(e.Failure)
			case hold.SoLRAppointed:
				all[0].Date = now.AddDate(0, 0, rapid.IntRange(0, 1).Draw(t, "days ahead"))
			case hold.Confirmed:
				all = nil
				for _, c := range hold.Confirmations() {
					all = append(all, hold.Event{At: now, Kind: e.Kind, Failure: e.Failure, By: e.Party, Confirmation: c})
				}
			case hold.TransferAgreed:
				all[0].Agreeing, all[0].By = rapid.SampledFrom([]hold.Agreeing{hold.SoLRAgrees, hold.PMAAgrees, hold.DCCAgrees}).Draw(t, "who"), e.Party
			case hold.SupplierExited:
				all[0].Exit = solr.TradeSale
			case hold.ExitReleased:
				all[0].Text = "sold"
			}
			for _, e := range all {
				once := e.Kind == hold.FailureNotified || e.Kind == hold.LicenceRevoked || e.Kind == hold.SupplierExited
				key := fmt.Sprint(e.Failure, e.Kind == hold.SupplierExited)
				if once && said[key] { // of notices and revocations, and of exits, the first that comes in counts
					continue
				}
				if _, err := inTime.Apply(e); err == nil {
					history = append(history, e)
					said[key] = said[key] || once
				}
			}
		}
		late := register(t)
		for i := len(history) - 1; i >= 0; i-- { // what is moved keeps its order to nothing else
			if e := history[i]; !e.Kind.Direction() && e.Kind != hold.SupplierExited && rapid.Bool().Draw(t, "late") {
				to := rapid.IntRange(i, len(history)-1).Draw(t, "reported after")
				history = slices.Insert(slices.Delete(history, i, i+1), to, e)
			}
		}
		for _, e := range history {
			if _, err := late.Apply(e); err != nil {
				return // what was directed in the meantime needs it
			}
		}
		if slices.ContainsFunc(late.Failures(now), func(f solr.Failure) bool { return f.Phase == solr.Closed }) {
			return // what has closed stays closed
		}
		for _, m := range mpids {
			if !slices.Equal(late.Directory().DCC.Holdings(m), inTime.Directory().DCC.Holdings(m)) {
				return // a report came to say nothing new, or has begun to
			}
		}
		duties := func(r *hold.Register) (all []string) {
			for _, at := range []time.Time{now, now.AddDate(0, 0, 2)} {
				for _, d := range r.Duties(at) {
					all = append(all, fmt.Sprint(at, d.Failure, d))
				}
			}
			slices.Sort(all)
			return all
		}
		if diff := cmp.Diff(duties(inTime), duties(late)); diff != "" {
			var log []string
			for _, e := range late.Events() {
				log = append(log, tell(e))
			}
			t.Fatalf("duties (-in time +late):\n%s\n%s", diff, strings.Join(log, "\n"))
		}
	})
}

// An announcement of before the notice, which counts from the notice on, leaves what was said after it as it was: a direction that an exit had ended stays ended.
func TestLateAnnouncementTakesNoExitBack(t *testing.T) {
	t.Parallel()
	r := newReg(t, of(hold.MP185))
	r.on(2).do(notified()).on(3).do(licence()).on(6).do(r.appointed(octopus, both)).do(r.back(1, exited()))
	want := []string{"must not transfer MPID AVRE (R4, R8, R11)", "must not transfer MPID AVRG (R4, R8, R11)", "must not revoke certificate xml (R14)"}
	r.duties(want...).do(r.back(5, announced(edf, avre))).duties(want...)
	if err := difference(r.Settings, holdtest.World{}, r.Events()); err != nil {
		t.Error(err)
	}
}

// An MPID that came and went twice after a failure had closed, as is known only now, has the stints that it had in other failures once.
func TestStintsThatAreLeftOutAreToldOnce(t *testing.T) {
	t.Parallel()
	r := newReg(t, of(hold.MP185))
	r.on(2).do(octopusFails()).on(3).do(licence(), transferred(edf, both))
	for _, day := range []float64{8, 9} {
		r.on(day).do(transferred(avro, octe), transferred(edf, octe))
	}
	r.do(r.back(5, revoked(smki.CessationOfOperation, "xml"))).phase(solr.Closed)
	if s := snapshot(t, r.Register); bytes.Contains(s, []byte(`"earlier"`)) {
		t.Errorf("an MPID was in a failure twice: %s", s)
	}
}

// A register that was restored from a snapshot of version 1 knows the confirmations that were given before.
func TestSnapshotOfVersion1HasConfirmations(t *testing.T) {
	t.Parallel()
	r := newReg(t, of(hold.MP185))
	r.on(3).do(licence(), r.appointed(octopus, both)).do(confirmed(octopus)...)
	var old map[string]any
	if err := json.Unmarshal(snapshot(t, r.Register), &old); err != nil {
		t.Fatal(err)
	}
	old["version"] = 1
	state := old["state"].(map[string]any)
	delete(state, "told")
	failure := state["failures"].([]any)[0].(map[string]any)
	delete(failure, "notice")
	for _, given := range failure["confirmed"].(map[string]any)["Octopus"].(map[string]any) {
		delete(given.(map[string]any), "seq")
	}
	text, err := json.Marshal(map[string]any{"snapshot": old["snapshot"], "version": 1, "state": state})
	if err != nil {
		t.Fatal(err)
	}
	text = append(text[:len(text)-1], fmt.Sprintf(",\"hash\":\"%064d\"}\n", 0)...)
	r.Register = restored(t, sealed(text))
	r.on(4).do(transferred(octopus, both)).on(5).do(transferred(edf, both)).on(6).do(octopusFails()).duties(
		"must revoke certificate xml (R1)", "must not transfer MPID OCTE (R4, R8, R11)")
}

// An MPID that came into a failure after the failure had closed, since an exit of before that is reported only now, was never in it.
func TestLateExitLeavesOutWhatCameAfterIt(t *testing.T) {
	t.Parallel()
	r := newReg(t, of(hold.MP185))
	r.on(2).do(notified()).on(5).do(transferred(avro, octe)).on(6).do(r.back(2, exited())).phase(solr.Closed)
	r.malformed(announced(edf, octe)).do(transferred(edf, octe)).breaches()
	if err := difference(r.Settings, holdtest.World{}, r.Events()); err != nil {
		t.Error(err)
	}
}
