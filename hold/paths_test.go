package hold_test

import (
	"strings"
	"testing"
	"time"

	"github.com/seed-db8551c1/lastresort/duis"
	"github.com/seed-db8551c1/lastresort/hold"
	"github.com/seed-db8551c1/lastresort/smki"
	"github.com/seed-db8551c1/lastresort/solr"
)

const oct = solr.FailureID("oct")

// octopusFails is the notice that a SoLR fails itself.
func octopusFails() hold.Event {
	return hold.Event{Kind: hold.FailureNotified, Failure: oct, Party: octopus}
}

// octopusOver is a failure of Octopus from 3 December that is over on 5 December.
func (r *reg) octopusOver() *reg {
	e := octopusFails()
	e.Kind = hold.LicenceRevoked
	r.on(3).do(licence(), e).on(5).do(transferred(edf, octe))
	f, _ := r.Failure(oct)
	return r.same("phase", f.Phase.String(), solr.Closed.String()).on(6)
}

// failures compares whose failures the breaches so far are about.
func (r *reg) failures(want ...solr.FailureID) *reg {
	r.t.Helper()
	var got []solr.FailureID
	for _, b := range r.Breaches() {
		got = append(got, b.Failure)
	}
	return r.same("failures", got, want)
}

// back is the event as it is reported when it happened some days ago.
func (r *reg) back(days float64, e hold.Event) hold.Event {
	e.At = r.now.Add(-time.Duration(days * 24 * float64(time.Hour)))
	return e
}

// The paths off the main one: what is replaced, taken back, late, crossed, shared or lost. Each case is named for the rule and the sentence that it checks, as in [TestRules].
func TestPaths(t *testing.T) {
	all := hold.Revocation | hold.Transfer
	cessation := smki.CessationOfOperation
	for _, c := range []struct {
		rule     solr.Rule
		says     string
		settings hold.Settings
		run      func(r *reg)
	}{
		{solr.R4, "an appointment that is replaced before its SoLR date never has effect, the SoLR's own postponed one neither", of(hold.Baseline), func(r *reg) {
			r.on(2).do(licence())
			first, second := r.appointed(octopus, avre), r.appointed(octopus, avrg)
			first.Date, second.Date = r.now.AddDate(0, 0, 3), r.now.AddDate(0, 0, 3)
			r.do(first, second)
			first.Party, first.Date, second.Date = edf, r.now.AddDate(0, 0, 6), r.now.AddDate(0, 0, 6)
			r.on(3).do(first, second)
			r.on(6).duties("must not transfer MPID AVRE to EDF (R4)", "must not transfer MPID AVRG to Octopus (R4)", "must revoke certificate xml (R1)")
			r.on(8).duties("must transfer MPID AVRE to EDF (R4)", "must transfer MPID AVRG to Octopus (R4)", "must revoke certificate xml (R1)")
		}},
		{solr.R4, "a direction to the SoLR to come does not take its appointment back, one to another party does", of(hold.MP185), func(r *reg) {
			r.on(2).do(licence())
			e := r.appointed(octopus, both)
			e.Date = r.now.AddDate(0, 0, 3)
			r.do(e).on(3).do(directed(octopus, avre), directed(edf, avrg))
			r.on(6).duties("must not transfer MPID AVRE to Octopus (R8, R11)", "must not transfer MPID AVRG to EDF (R8, R11)", "must not revoke certificate xml (R8)")
			r.do(supported("s", octopus, r.now)...).standing(duis.Covered, duis.TopUpDevice, 0, "AVRE").standing(duis.Refused, duis.TopUpDevice, 0, "AVRG")
		}},
		{solr.R9, "who was to be SoLR and never became it has no migration to complete", of(hold.MP185), func(r *reg) {
			r.on(2).do(licence())
			e := r.appointed(octopus, both)
			e.Date = r.now.AddDate(0, 0, 3)
			r.do(e).on(3).do(octopusFails()).on(6).refused(solr.R9, hold.Event{Kind: hold.MigrationCompleted, Failure: failed, By: octopus})
		}},
		{solr.R15, "an announcement that an appointment or a direction replaced does not come back when that SoLR fails", of(hold.MP185), func(r *reg) {
			r.on(2).do(notified(), announced(edf, both))
			r.on(3).do(licence(), r.appointed(octopus, avre), directed(octopus, avrg))
			r.on(4).do(octopusFails()).phase(solr.Revoked).refused(solr.R8, confirmation(edf, hold.Staff))
			r.duties("must not transfer MPID AVRE (R4, R8, R11)", "must not transfer MPID AVRG (R4, R8, R11)", "must not revoke certificate xml (R8)", "must not transfer MPID OCTE (R4, R8, R11)")
		}},
		{solr.R17, "an announcement that is reported late replaces neither a later one nor an appointment", of(hold.MP185), func(r *reg) {
			r.on(3).do(notified(), announced(octopus, avre), r.appointed(octopus, avrg))
			r.on(4).do(r.back(1.5, announced(edf, both)))
			r.duties("must not transfer MPID AVRE to Octopus (R4, R8, R11)", "must not transfer MPID AVRG to Octopus (R8, R11)", "must not revoke certificate xml (R1, R8)")
			r.do(octopusFails()).duties("must not transfer MPID AVRE (R4, R8, R11)", "must not transfer MPID AVRG (R4, R8, R11)", "must not revoke certificate xml (R1, R8)", "must not transfer MPID OCTE (R4, R8, R11)")
		}},
		{solr.R15, "with holds open: the next SoLR starts afresh on what is left, and what the first one got is held no more", of(hold.MP185), func(r *reg) {
			r.on(3).do(licence(), delayed(all, nil, nil), received(), r.appointed(octopus, both)).do(confirmed(octopus)...).do(agreed(octopus, both)...)
			r.do(released(avre, nil), transferred(octopus, avre)).breaches()
			r.on(4).do(octopusFails())
			r.duties("must not transfer MPID AVRG (R4, R6, R7, R8, R11)", "must not revoke certificate xml (R3, R7, R8)", "must not transfer MPID AVRE (R4, R8, R11)", "must not transfer MPID OCTE (R4, R8, R11)")
			r.on(5).do(r.appointed(edf, avrg)).refused(solr.R8, released(avrg, xml)).do(confirmed(edf)...).do(released(avrg, xml))
			r.duties("must not transfer MPID AVRG to EDF (R11)", "must revoke certificate xml (R1)", "must not transfer MPID AVRE (R4, R8, R11)", "must not transfer MPID OCTE (R4, R8, R11)")
			r.do(agreed(edf, avrg)...).do(transferred(edf, avrg), revoked(cessation, "xml")).breaches().phase(solr.Closed)
		}},
		{solr.R12, "an extension is of one SoLR's arrangement: for the next the 90 days start afresh", hold.Settings{Regime: hold.MP185, Enforce: true, LapseAfterArrangement: true}, func(r *reg) {
			r.on(1).do(licence(), r.appointed(octopus, both)).do(hold.Event{Kind: hold.ArrangementExtended, Failure: failed, Date: r.now.AddDate(0, 0, 300)})
			r.on(20).do(octopusFails(), r.appointed(edf, both)).do(supported("s", edf, r.now)...)
			r.on(109).standing(duis.Covered, duis.TopUpDevice, 0, "AVRE").on(110).standing(duis.Refused, duis.TopUpDevice, 0, "AVRE")
		}},
		{solr.R9, "an SRP that runs out of capacity withdraws, and is asked again for less; what it does for another supplier goes on", of(hold.MP185), func(r *reg) {
			r.do(hold.Event{Kind: hold.UserRecorded, User: &smki.User{ID: 0xB0, Party: octopus}}, hold.Event{Kind: hold.SRPEngaged, By: hub, Party: octopus})
			r.on(3).do(licence(), r.appointed(edf, both)).do(supported("s", edf, r.now)...)
			r.do(hold.Event{Kind: hold.LicenceRevoked, Failure: oct, Party: octopus}, hold.Event{Kind: hold.SoLRAppointed, Failure: oct, Party: edf, MPIDs: octe, Date: r.now})
			other := supported("t", edf, r.now)
			other[0].Failure, other[0].Support.Thresholds = oct, nil
			r.do(other...)
			forOctopus := func(want duis.Standing) {
				r.same("standing of Octopus", r.Authority().Ask(duis.Question{Party: octopus, SRV: duis.TopUpDevice, MPID: "OCTE", Device: 7, At: r.now}).Standing, want)
			}
			r.on(4).do(supportIs(hold.SupportWithdrawn, "s")).standing(duis.Refused, duis.TopUpDevice, 0, "AVRE")
			forOctopus(duis.Covered)
			less := supported("u", edf, r.now)
			less[0].Support.SRVs = []duis.SRV{duis.TopUpDevice}
			r.do(less...).standing(duis.Covered, duis.TopUpDevice, 0, "AVRE").standing(duis.Refused, duis.UpdatePaymentMode, duis.CreditMode, "AVRE")
			forOctopus(duis.Covered)
		}},
		{solr.R9, "the requests of a SoLR that lost its licence have ended: no thresholds are instructed on them", of(hold.MP185), func(r *reg) {
			r.on(3).do(licence(), r.appointed(octopus, both)).do(supported("s", octopus, r.now)...)
			instructed := hold.Event{Kind: hold.ThresholdsInstructed, Failure: failed, Request: "s"}
			r.on(4).do(octopusFails(), instructed) // it holds its licence still
			r.on(5).do(hold.Event{Kind: hold.LicenceRevoked, Failure: oct, Party: octopus}).refused(solr.R15, instructed)
		}},
		{solr.R15, "who lost its licence twice lost it the first time", of(hold.MP185), func(r *reg) {
			r.on(3).do(licence(), r.appointed(octopus, both)).do(supported("s", octopus, r.now)...)
			r.on(4).do(hold.Event{Kind: hold.LicenceRevoked, Failure: oct, Party: octopus}, hold.Event{Kind: hold.MPIDRetired, MPIDs: octe})
			r.on(9).do(hold.Event{Kind: hold.LicenceRevoked, Failure: "oct-2", Party: octopus})
			r.on(6).standing(duis.Refused, duis.TopUpDevice, 0, "AVRE")
		}},
		{solr.R16, "a delay of everything names what is done already", of(hold.MP185), func(r *reg) {
			r.do(issue("b", smki.XMLSign, avro)).on(3).do(licence(), revoked(cessation, "xml"), transferred(octopus, avre))
			r.same("done", r.apply(delayed(all, nil, nil)).Done, []hold.Item{{MPID: "AVRE"}, {Certificate: "xml"}})
			r.same("done of one control", r.apply(delayed(hold.Transfer, nil, nil)).Done, []hold.Item{{MPID: "AVRE"}})
		}},
		{solr.R6, "the DCC acted before the delay reached it: crossed, and a breach only of what forbade it anyway", of(hold.MP185), func(r *reg) {
			r.on(3).do(licence(), r.appointed(octopus, both)).do(confirmed(octopus)...).do(agreed(octopus, avre)...)
			r.on(4).do(delayed(all, nil, nil))
			r.on(4.5).do(transferred(octopus, both), revoked(cessation, "xml")).breaches("transfer MPID AVRG: R11").crossings("transfer MPID AVRE: ", "transfer MPID AVRG: R11", "revoke certificate xml: ")
			r.on(5).do(received()).phase(solr.Closed)
		}},
		{solr.R6, "one control and some MPIDs are released, the rest stays held and frozen; re-imposed before the DCC acted, it is held again", of(hold.MP185), func(r *reg) {
			r.on(3).do(licence(), delayed(all, nil, nil), received(), r.appointed(octopus, both)).do(confirmed(octopus)...).do(agreed(octopus, both)...)
			r.on(4).do(released(avre, nil)).duties("must transfer MPID AVRE to Octopus (R4)", "must not transfer MPID AVRG to Octopus (R6, R7)", "must not revoke certificate xml (R3, R7)")
			r.on(5).do(delayed(hold.Transfer, avre, nil), received()).duties("must not transfer MPID AVRE to Octopus (R6, R7)", "must not transfer MPID AVRG to Octopus (R6, R7)", "must not revoke certificate xml (R3, R7)")
			r.do(released(nil, xml)).duties("must not transfer MPID AVRE to Octopus (R6, R7)", "must not transfer MPID AVRG to Octopus (R6, R7)", "must revoke certificate xml (R1)")
		}},
		{solr.R7, "receipts out of order come to the same as in order", of(hold.MP185), func(r *reg) {
			r.on(3).do(licence(), r.appointed(octopus, both)).do(confirmed(octopus)...).do(agreed(octopus, both)...)
			first, second := delayed(all, nil, nil), delayed(hold.Transfer, avrg, nil)
			first.ID, second.ID = "first", "second"
			r.on(4).do(first, released(avre, nil), second)
			for i, ref := range []string{"second", "first", "second"} {
				e := received()
				e.Ref = ref
				r.on(5 + float64(i)).do(e)
			}
			r.duties("must not transfer MPID AVRE to Octopus (R7)", "must not transfer MPID AVRG to Octopus (R6, R7)", "must not revoke certificate xml (R3, R7)")
		}},
		{solr.R7, "after a later delay nothing that was instructed before it may be done, named by it or not, until the PMA instructs it anew", of(hold.MP185), func(r *reg) {
			suspend := hold.Event{Kind: hold.ActionInstructed, Failure: failed, Action: hold.SuspendUser, User: &smki.User{ID: user}}
			r.on(3).do(licence(), delayed(all, nil, nil), received(), suspend, r.appointed(octopus, both)).do(confirmed(octopus)...).do(agreed(octopus, both)...).do(released(avre, xml))
			r.duties("must transfer MPID AVRE to Octopus (R4)", "must not transfer MPID AVRG to Octopus (R6, R7)", "must revoke certificate xml (R1)")
			r.on(4).do(delayed(hold.Transfer, avrg, nil)).duties("must transfer MPID AVRE to Octopus (R4)", "must not transfer MPID AVRG to Octopus (R6, R7)", "must revoke certificate xml (R1)")
			r.on(5).do(received()).duties("must not transfer MPID AVRE to Octopus (R7)", "must not transfer MPID AVRG to Octopus (R6, R7)", "must not revoke certificate xml (R7)")
			r.do(hold.Event{Kind: hold.UserSuspended, User: &smki.User{ID: user}}, transferred(octopus, avre)).breaches("suspend user user: R7", "transfer MPID AVRE: R7")
			r.do(released(nil, xml)).duties("must not transfer MPID AVRG to Octopus (R6, R7)", "must revoke certificate xml (R1)")
		}},
		{solr.R7, "under the setting by which a delay freezes its own control only, it takes nothing back of the other", hold.Settings{Regime: hold.MP185, FreezeControlOnly: true}, func(r *reg) {
			r.on(3).do(licence(), delayed(all, nil, nil), received(), r.appointed(octopus, both)).do(confirmed(octopus)...).do(agreed(octopus, both)...).do(released(avre, xml))
			r.on(4).do(delayed(hold.Transfer, avrg, nil), received()).duties("must not transfer MPID AVRE to Octopus (R7)", "must not transfer MPID AVRG to Octopus (R6, R7)", "must revoke certificate xml (R1)")
		}},
		{solr.R7, "what the PMA names twice the DCC may do once", of(hold.MP185), func(r *reg) {
			publish := hold.Event{Kind: hold.ActionInstructed, Failure: failed, Action: hold.PublishCRL, Certificates: xml}
			r.on(3).do(licence(), delayed(all, nil, nil), received(), publish, publish)
			var may []string
			for _, d := range r.Duties(r.now) {
				if d.Modality == hold.May {
					may = append(may, d.String())
				}
			}
			r.same("what it may do", strings.Join(may, ", "), "may publish CRL xml (R7)")
		}},
		{solr.R7, "a duty that an instruction names says whose User it is", of(hold.MP185), func(r *reg) {
			r.on(3).do(licence(), delayed(all, nil, nil), received())
			r.malformed(hold.Event{Kind: hold.ActionInstructed, Failure: failed, Action: hold.SuspendUser, User: &smki.User{}})
			r.do(hold.Event{Kind: hold.ActionInstructed, Failure: failed, Action: hold.SuspendUser, User: &smki.User{ID: user}})
			for _, d := range r.Duties(r.now) {
				if d.Action == hold.SuspendUser && d.Modality == hold.May {
					x, err := r.ExplainDuty(d, r.now)
					r.same("duty", d.String(), "may suspend user 00-00-00-00-00-00-00-A0 (R7)").same("answer", x.Answer, "On 3 December 2021 at 12:00 the DCC may suspend User 00-00-00-00-00-00-00-A0").same("error", err, nil)
					return
				}
			}
			r.t.Error("nothing may be done")
		}},
		{solr.R11, "a failure stays open while an MPID was directed back to its supplier, though all its certificates are revoked", of(hold.MP185), func(r *reg) {
			r.on(3).do(licence(), r.appointed(octopus, both)).do(confirmed(octopus)...).do(agreed(octopus, both)...).do(transferred(octopus, avre), revoked(cessation, "xml")).phase(solr.Appointed)
			r.on(4).do(directed(avro, avre)).do(transferred(octopus, avrg)).phase(solr.Appointed).do(transferred(avro, avre)).breaches().phase(solr.Appointed)
			r.on(9).duties("must not transfer MPID AVRE (R4, R8, R11)").on(90).phase(solr.Appointed)
			r.do(directed(octopus, avre)).do(agreed(octopus, avre)...).do(transferred(octopus, avre)).breaches().phase(solr.Closed)
		}},
		{solr.R3, "a receipt of a delay that was never given is not taken, one of a delay that holds nothing changes nothing", of(hold.MP185), func(r *reg) {
			e := delayed(hold.Revocation, nil, nil)
			e.ID = "d1"
			unknown, known := received(), received()
			unknown.Ref, known.Ref = "d0", "d1"
			r.on(3).do(licence(), revoked(cessation, "xml"), e).malformed(unknown).do(known).same("breaches", len(r.Breaches()), 1)
		}},
		{solr.R17, "an act on a failure that is closed since is judged at its own time", of(hold.MP134A), func(r *reg) {
			r.do(hold.Event{Kind: hold.CertificateIssued, Certificate: &smki.Certificate{ID: "short", Use: smki.XMLSign, Subscriber: avro, NotAfter: time.Date(2021, time.December, 6, 0, 0, 0, 0, time.UTC)}}, revoked(smki.Superseded, "xml"))
			r.on(3).do(licence(), delayed(hold.Revocation, nil, nil), received(), r.appointed(octopus, avre), transferred(octopus, both)).breaches("transfer MPID AVRG: R4")
			r.on(10).phase(solr.Appointed).duties() // closed by expiry, which no event reports
			r.do(r.back(6, revoked(cessation, "short"))).breaches("transfer MPID AVRG: R4", "revoke certificate short: R3").phase(solr.Closed)
			r.do(r.back(6.5, transferred(edf, avre))).breaches("transfer MPID AVRG: R4", "revoke certificate short: R3", "transfer MPID AVRE: R16")
			r.do(revoked(cessation, "short"), transferred(octopus, avre)).same("after it closed", len(r.Breaches()), 3)
		}},
		{solr.R17, "so is one before an exit that closed it", of(hold.MP185), func(r *reg) {
			r.on(2).do(notified(), delayed(all, nil, nil), received())
			r.on(4).do(exited()).phase(solr.Closed)
			r.do(r.back(1, transferred(octopus, avrg)), r.back(1, revoked(cessation, "xml")), r.back(1, hold.Event{Kind: hold.UserSuspended, User: &smki.User{ID: user}}))
			r.breaches("transfer MPID AVRG: R4, R6, R7, R8, R11", "revoke certificate xml: R1, R3, R7, R8", "suspend user user: R7")
			r.do(hold.Event{Kind: hold.ThresholdsApplied, Thresholds: raised}).same("after it", len(r.Breaches()), 3)
		}},
		{solr.R17, "a late report that a certificate was revoked earlier than was known is judged for that time", of(hold.MP185), func(r *reg) {
			r.on(3).do(licence(), r.appointed(octopus, both))
			r.on(5).do(confirmed(octopus)...).do(revoked(cessation, "xml")).breaches()
			r.on(6).do(r.back(1.5, revoked(cessation, "xml"))).breaches("revoke certificate xml: R8")
			r.do(revoked(cessation, "xml"), r.back(1.5, revoked(cessation, "xml"))).same("repeats", len(r.Breaches()), 1)
		}},
		{solr.R17, "not where ordinary grounds were given before", of(hold.MP185), func(r *reg) {
			r.on(5).do(notified(), delayed(all, nil, nil), received(), revoked(smki.KeyCompromise, "xml"))
			r.on(6).do(r.back(0.5, revoked(cessation, "xml"))).breaches()
		}},
		{solr.R18, "failures open on 4 October: what was due before stays due, what is undone can be delayed", hold.Settings{}, func(r *reg) {
			r.do(issue("b", smki.XMLSign, avro))
			r.on(-59).do(licence(), r.appointed(octopus, avre), revoked(cessation, "b")).refused(solr.R3, delayed(hold.Revocation, nil, nil)) // 2 October
			r.on(-57).do(delayed(hold.Revocation, nil, nil)).duties("must transfer MPID AVRE to Octopus (R4)", "must not transfer MPID AVRG (R4)", "must revoke certificate xml (R1)")
			r.do(received()).duties("must transfer MPID AVRE to Octopus (R4)", "must not transfer MPID AVRG (R4)", "must not revoke certificate xml (R3)")
		}},
		{solr.R18, "a release given under MP134A stands, but what is undone on 17 November waits for the confirmations", hold.Settings{}, func(r *reg) {
			r.on(-40).do(licence(), delayed(hold.Revocation, nil, nil), received(), r.appointed(octopus, both), released(nil, xml))
			r.duties("must transfer MPID AVRE to Octopus (R4)", "must transfer MPID AVRG to Octopus (R4)", "must revoke certificate xml (R1)")
			r.on(-10).do(transferred(octopus, avre)).breaches("transfer MPID AVRE: R8, R11")
			r.duties("must not transfer MPID AVRG to Octopus (R8, R11)", "must not revoke certificate xml (R8)")
			r.do(confirmed(octopus)...).duties("must not transfer MPID AVRG to Octopus (R11)", "must revoke certificate xml (R1)")
		}},
		{solr.R14, "administration after the notice and before the licence's revocation closes the failure, whoever was announced or appointed", of(hold.MP185), func(r *reg) {
			admin := exited()
			admin.Exit = solr.SpecialAdministration
			r.on(2).do(notified(), announced(octopus, avre), r.appointed(octopus, avrg)).on(3).do(admin).phase(solr.Closed).duties()
			r.standing(duis.NotNeeded, duis.TopUpDevice, 0, "AVRE").refused(solr.R11, r.appointed(octopus, both))
		}},
		{solr.R14, "what an exit leaves with the supplier is in the failure no more: that it moves later is no act because of it", of(hold.MP185), func(r *reg) {
			r.on(3).do(licence(), r.appointed(octopus, both)).on(4).do(exited())
			r.do(hold.Event{Kind: hold.ExitReleased, Failure: failed, Party: avro, MPIDs: avrg, Text: "kept"}).on(5).do(transferred(edf, avrg)).breaches().phase(solr.Exited)
		}},
		{solr.R9, "completion that is advised, withdrawn and advised again ends and resumes the support each time", of(hold.MP185), func(r *reg) {
			done, not := hold.Event{Kind: hold.MigrationCompleted, Failure: failed, By: octopus}, hold.Event{Kind: hold.CompletionWithdrawn, Failure: failed, By: octopus}
			r.on(3).do(licence(), r.appointed(octopus, both)).do(supported("s", octopus, r.now)...)
			r.on(4).do(done, done).on(5).do(not).refused(solr.R9, not).on(6).do(done)
			for day, want := range map[float64]duis.Standing{3: duis.Covered, 4: duis.Refused, 5: duis.Covered, 6: duis.Refused} {
				r.on(day).standing(want, duis.TopUpDevice, 0, "AVRE")
			}
		}},
	} {
		t.Run(c.rule.String()+" "+c.says, func(t *testing.T) { c.run(newReg(t, c.settings)) })
	}
}

// Each modification is in force from midnight in London on its day, and MP185 has no end.
func TestRulesAt(t *testing.T) {
	for at, want := range map[string]hold.Regime{
		"2021-10-03T22:59:59Z": hold.Baseline, "2021-10-03T23:00:00Z": hold.MP134A, "2021-11-16T23:59:59Z": hold.MP134A, "2021-11-17T00:00:00Z": hold.MP185,
		"2022-07-18T00:00:00Z": hold.MP185, "2035-01-01T00:00:00Z": hold.MP185,
	} {
		when, err := time.Parse(time.RFC3339, at)
		if err != nil {
			t.Fatal(err)
		}
		if got := hold.RulesAt(when); got != want {
			t.Errorf("on %s the rules are those of %v, want %v", at, got, want)
		}
	}
}
