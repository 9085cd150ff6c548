package hold_test

import (
	"testing"
	"time"

	"github.com/seed-db8551c1/lastresort/duis"
	"github.com/seed-db8551c1/lastresort/hold"
	"github.com/seed-db8551c1/lastresort/hold/holdtest"
	"github.com/seed-db8551c1/lastresort/smki"
	"github.com/seed-db8551c1/lastresort/solr"
)

// What the comparison with the slow model has found. Each case is named for the rule and the sentence that it checks, as in [TestRules].
func TestDifferences(t *testing.T) {
	for _, c := range []struct {
		rule solr.Rule
		says string
		run  func(r *reg)
	}{
		{solr.R8, "certificates wait for no SoLR of an MPID that was retired, where it had gone before too", func(r *reg) {
			r.on(3).do(licence(), r.appointed(octopus, avre)).do(confirmed(octopus)...)
			r.do(transferred(edf, avrg), hold.Event{Kind: hold.MPIDRetired, MPIDs: []smki.MPID{"AVRG"}})
			r.duties("must not transfer MPID AVRE to Octopus (R11)", "must revoke certificate xml (R1)")
		}},
		{solr.R15, "the last SoLR is lost by a late notice too, of a time before its appointment", func(r *reg) {
			r.on(3).do(licence(), r.appointed(octopus, both)).phase(solr.Appointed)
			r.do(r.back(0.5, octopusFails())).phase(solr.Revoked)
		}},
		{solr.R17, "a late act is judged without what was directed after it", func(r *reg) {
			r.on(3).do(licence(), r.appointed(octopus, both)).do(confirmed(octopus)...)
			r.on(4).do(exited())
			r.on(6).do(hold.Event{Kind: hold.ExitReleased, Failure: failed, Party: octopus, MPIDs: both, Text: "sold"})
			r.do(r.back(1, transferred(octopus, avre))).breaches("transfer MPID AVRE: R4, R8, R11")
		}},
		{solr.R8, "certificates are not released while an MPID is to come back, which has no SoLR then", func(r *reg) {
			r.on(3).do(licence(), r.appointed(octopus, both)).do(confirmed(octopus)...).do(agreed(octopus, both)...).do(transferred(octopus, avre))
			r.on(4).do(directed(avro, avre)).refused(solr.R8, released(nil, xml))
		}},
		{solr.R4, "the SoLR date comes where its SoLR was directed to before", func(r *reg) {
			r.on(2).do(notified())
			e := r.appointed(octopus, both)
			e.Date = r.now.AddDate(0, 0, 1)
			r.do(e, directed(octopus, both)).on(4).do(position()).phase(solr.Appointed)
		}},
		{solr.R8, "a late revocation is judged without the retirement of an MPID after it", func(r *reg) {
			r.on(3).do(licence(), r.appointed(octopus, avre)).do(confirmed(octopus)...)
			r.do(transferred(edf, avrg)).on(6).do(hold.Event{Kind: hold.MPIDRetired, MPIDs: avrg})
			r.do(r.back(1, revoked(smki.CessationOfOperation, "xml"))).breaches("transfer MPID AVRG: R4, R8, R11", "revoke certificate xml: R8")
		}},
		{solr.R8, "an MPID that an appointment leaves where it is did not go on confirmations that nobody gave", func(r *reg) {
			r.on(3).do(licence(), transferred(edf, both), directed(avro, both)).on(5).do(r.appointed(edf, both))
			r.duties("must not revoke certificate xml (R8)").do(confirmed(edf)...).duties("must revoke certificate xml (R1)")
		}},
		{solr.R8, "nor one that a direction leaves there", func(r *reg) {
			r.on(3).do(licence(), transferred(edf, both), directed(avro, both)).on(5).do(directed(edf, both))
			r.duties("must not revoke certificate xml (R8)").do(confirmed(edf)...).duties("must revoke certificate xml (R1)")
		}},
		{solr.R8, "nor before the SoLR date of the appointment that leaves it there", func(r *reg) {
			r.on(3).do(licence(), transferred(edf, both), directed(avro, both)).on(5)
			e := r.appointed(edf, both)
			e.Date = r.now.AddDate(0, 0, 1)
			r.do(e).duties("must not revoke certificate xml (R8)")
		}},
		{solr.R17, "a late revocation is judged without an MPID that was allocated after it", func(r *reg) {
			r.on(3).do(licence(), r.appointed(octopus, both)).do(confirmed(octopus)...)
			r.on(6).do(hold.Event{Kind: hold.MPIDAllocated, MPIDs: []smki.MPID{"AVRX"}, Party: avro})
			r.do(r.back(1, revoked(smki.CessationOfOperation, "xml"))).breaches()
		}},
		{solr.R16, "a return that was done before it was directed is one without a direction", func(r *reg) {
			r.on(3).do(licence(), r.appointed(octopus, both)).do(confirmed(octopus)...).do(agreed(octopus, both)...).do(transferred(octopus, avre))
			r.on(6).do(directed(avro, avre)).do(r.back(1, transferred(avro, avre))).breaches("transfer MPID AVRE: R16")
		}},
		{solr.R15, "certificates wait for no SoLR of an MPID that went to a party which was failing already", func(r *reg) {
			r.on(3).do(octopusFails(), licence(), r.appointed(edf, avre)).do(confirmed(edf)...).do(transferred(octopus, avrg))
			r.duties("must not transfer MPID OCTE (R4, R8, R11)", "must not transfer MPID AVRG (R4, R8, R11)", "must not transfer MPID AVRE to EDF (R11)", "must revoke certificate xml (R1)")
		}},
		{solr.R15, "an MPID that moves on from no failure is of the one that it went from last, not of the one that began last", func(r *reg) {
			r.on(3).do(licence(), octopusFails(), transferred(octopus, avre), transferred(avro, avre)).on(4).do(transferred(edf, avre)).on(5).do(transferred(octopus, avre))
			all := r.Breaches()
			r.same("failure", all[len(all)-1].Failure, failed).same("rules", all[len(all)-1].Rules, solr.RuleSet(1<<solr.R16))
		}},
		{solr.R15, "a late transfer is of the failure that the MPID was in at its time, though it is in another one since", func(r *reg) {
			r.on(3).do(notified()).on(5).do(transferred(octopus, avre), octopusFails()).do(r.back(1, transferred(edf, avre)))
			r.breaches("transfer MPID AVRE: R4, R8, R11", "transfer MPID AVRE: R4, R8, R11").same("failure", r.Breaches()[1].Failure, failed)
		}},
		{solr.R7, "an instruction that a later delay took back is no permission, in the duties neither", func(r *reg) {
			r.on(3).do(licence(), delayed(hold.Revocation, nil, nil), received())
			r.do(hold.Event{Kind: hold.ActionInstructed, Failure: failed, Action: hold.PublishCRL, Certificates: xml})
			named := func() (n int) {
				for _, d := range r.Duties(r.now) {
					if d.Certificate == "xml" && d.Action == hold.PublishCRL {
						n++
					}
				}
				return n
			}
			r.same("permissions", named(), 1).on(4).do(delayed(hold.Revocation, nil, xml), received()).same("permissions", named(), 0)
		}},
		{solr.R13, "a transfer under the codes that is reported again, as of a later day, is a repeat there too", func(r *reg) {
			codes := func(p smki.PartyID) hold.Event {
				return hold.Event{Kind: hold.MPIDTransferredInCodes, MPIDs: avre, Party: p}
			}
			r.on(3).do(codes(octopus)).on(6).do(codes(octopus)).do(r.back(1, codes(edf)))
			owner, _ := r.Directory().Codes.Owner("AVRE", r.now)
			r.same("owner in the codes", owner, edf)
		}},
		{solr.R7, "a CRL that named a certificate before the one reported first is judged by its own time", func(r *reg) {
			r.on(3).do(licence(), r.appointed(octopus, both)).do(confirmed(octopus)...)
			r.on(4).do(delayed(hold.Revocation|hold.Transfer, nil, nil), received()).on(6).do(released(nil, xml))
			crl := hold.Event{Kind: hold.CRLPublished, Certificates: xml, Reason: smki.CessationOfOperation}
			r.do(crl).breaches().do(r.back(1, crl)).breaches("publish CRL xml: R3, R7")
			r.do(r.back(0.5, crl)).breaches("publish CRL xml: R3, R7")
		}},
		{solr.R12, "an extension is of the arrangement that there is, and of the SoLR's next one", func(r *reg) {
			r.on(3).do(licence(), r.appointed(octopus, both)).on(92)
			e := r.appointed(octopus, avre)
			e.Date = r.now.AddDate(0, 0, 1)
			r.do(e, hold.Event{Kind: hold.ArrangementExtended, Failure: failed, Date: r.now.AddDate(0, 1, 0)}).do(supported("s", octopus, r.now)...)
			r.standing(duis.Covered, duis.TopUpDevice, 0, "AVRE").standing(duis.Covered, duis.TopUpDevice, 0, "AVRG")
		}},
		{solr.R12, "an extension is of the arrangement of a SoLR that fails too, until it loses its licence", func(r *reg) {
			r.on(3).do(licence(), r.appointed(octopus, both)).do(supported("s", octopus, r.now)...).on(80).do(octopusFails())
			r.do(hold.Event{Kind: hold.ArrangementExtended, Failure: failed, Date: r.now.AddDate(0, 1, 0)}).on(95).standing(duis.Covered, duis.TopUpDevice, 0, "AVRE")
		}},
		{solr.R17, "a late act is judged by the stint of an MPID that it fell in, though the MPID came back since", func(r *reg) {
			r.on(3).do(licence(), r.appointed(octopus, both)).do(confirmed(octopus)...).do(agreed(octopus, both)...).do(transferred(octopus, avre))
			r.on(8).do(transferred(avro, avre)).breaches("transfer MPID AVRE: R16")
			r.duties("must transfer MPID AVRG to Octopus (R4)", "must not transfer MPID AVRE (R4, R8, R11)", "must not revoke certificate xml (R8)")
			r.do(r.back(1, revoked(smki.CessationOfOperation, "xml"))).breaches("transfer MPID AVRE: R16")
		}},
		{solr.R17, "with what was instructed for that stint", func(r *reg) {
			r.on(3).do(licence(), r.appointed(octopus, both)).do(confirmed(octopus)...).do(agreed(octopus, both)...)
			r.do(delayed(hold.Transfer, nil, nil), received()).on(4).do(released(avre, nil))
			r.on(6).do(transferred(octopus, avre)).on(8).do(transferred(avro, avre)).breaches("transfer MPID AVRE: R16")
			r.do(r.back(3, transferred(edf, avre))).breaches("transfer MPID AVRE: R16", "transfer MPID AVRE: R4")
		}},
		{solr.R17, "and a late transfer by the failure that the MPID was in then, though its new holder failed since", func(r *reg) {
			r.on(3).do(notified(), transferred(octopus, avre)).on(6).do(octopusFails()).do(r.back(1, transferred(edf, avre)))
			all := r.Breaches()
			r.breaches("transfer MPID AVRE: R4, R8, R11", "transfer MPID AVRE: R16").same("failure", all[len(all)-1].Failure, failed)
		}},
		{solr.R8, "a late transfer is judged by the announcement that stood then, though an appointment has replaced it", func(r *reg) {
			r.on(2).do(licence()).on(4).do(announced(octopus, both)).do(confirmed(octopus)...)
			r.on(6).do(r.appointed(octopus, both)).do(r.back(1, transferred(octopus, avre))).breaches("transfer MPID AVRE: R4, R11")
			r.do(r.back(3, transferred(octopus, avrg))).breaches("transfer MPID AVRE: R4, R11", "transfer MPID AVRG: R4, R8, R11")
		}},
		{solr.R15, "or though its SoLR failed since", func(r *reg) {
			r.on(3).do(licence(), announced(octopus, both)).do(confirmed(octopus)...)
			r.on(6).do(octopusFails()).do(r.back(1, transferred(octopus, avre))).breaches("transfer MPID AVRE: R4, R11").duties(
				"must not transfer MPID AVRG (R4, R8, R11)", "must not revoke certificate xml (R8)", "must not transfer MPID AVRE (R4, R8, R11)", "must not transfer MPID OCTE (R4, R8, R11)")
		}},
		{solr.R4, "an announcement that is reported late takes nothing back, and stood in its time", func(r *reg) {
			r.on(3).do(licence()).on(5).do(r.appointed(edf, both)).do(r.back(1, announced(octopus, both))).do(confirmed(edf)...)
			r.duties("must not transfer MPID AVRE to EDF (R11)", "must not transfer MPID AVRG to EDF (R11)", "must revoke certificate xml (R1)").refused(solr.R8, confirmation(octopus, hold.Staff))
		}},
		{solr.R8, "an MPID that was directed back has no SoLR, also where the DCC then gives it to somebody else: only an exit releases the certificates", func(r *reg) {
			r.on(3).do(licence(), r.appointed(octopus, both)).do(confirmed(octopus)...).do(agreed(octopus, both)...).do(transferred(octopus, both))
			r.on(5).do(directed(avro, avre)).duties("must transfer MPID AVRE to Avro (R4)", "must not revoke certificate xml (R8)")
			r.on(6).do(transferred(edf, avre)).breaches("transfer MPID AVRE: R4").duties("must not revoke certificate xml (R8)").refused(solr.R8, released(nil, xml))
		}},
		{solr.R8, "and whoever has it then and is appointed for it has still to confirm", func(r *reg) {
			r.on(3).do(licence(), r.appointed(octopus, both)).do(confirmed(octopus)...).do(transferred(octopus, both), directed(avro, avre), transferred(edf, avre))
			r.on(5).do(r.appointed(edf, avre)).duties("must not revoke certificate xml (R8)").do(confirmed(edf)...).duties("must revoke certificate xml (R1)")
		}},
		{solr.R14, "a direction has had effect, though a late exit was before it", func(r *reg) {
			r.on(3).do(licence()).on(5).do(r.appointed(octopus, both)).on(6).do(r.back(2, exited())).phase(solr.Exited)
			r.do(hold.Event{Kind: hold.MigrationCompleted, Failure: failed, By: octopus}).duties(
				"must not transfer MPID AVRE (R4, R8, R11)", "must not transfer MPID AVRG (R4, R8, R11)", "must not revoke certificate xml (R14)")
		}},
		{solr.R16, "an MPID that went before it was known to have gone is out of the failure from then on", func(r *reg) {
			r.on(3).do(licence()).on(6).do(transferred(octopus, avre)).do(r.back(2, transferred(edf, avre))).do(r.back(1, transferred(octopus, avre)))
			r.breaches("transfer MPID AVRE: R4, R8, R11", "transfer MPID AVRE: R4, R8, R11", "transfer MPID AVRE: R16")
		}},
		{solr.R11, "and a failure is closed from then on", func(r *reg) {
			r.on(3).do(licence(), r.appointed(octopus, both)).do(confirmed(octopus)...).do(agreed(octopus, both)...).do(revoked(smki.CessationOfOperation, "xml"), transferred(octopus, avrg))
			r.on(6).do(transferred(octopus, avre)).phase(solr.Closed).do(r.back(2, transferred(octopus, avre)))
			f, _ := r.Failure(failed)
			r.same("closed", f.Closed, r.now.AddDate(0, 0, -2)).do(r.back(1, hold.Event{Kind: hold.MPIDTransferred, Party: edf, MPIDs: avre})).breaches()
		}},
		{solr.R15, "of the failures that it went from at one instant, an MPID went last from where it came last", func(r *reg) { // seed 4878
			r.on(3).do(octopusFails(), notified(), transferred(octopus, avre), transferred(edf, avre)).on(4).do(transferred(octopus, avre))
			all := r.Breaches()
			r.same("failure", all[len(all)-1].Failure, octopusFails().Failure).same("rules", all[len(all)-1].Rules, solr.RuleSet(1<<solr.R16))
			r.do(transferred(avro, []smki.MPID{"OCTE"}), transferred(edf, []smki.MPID{"OCTE"})).on(5).do(transferred(octopus, []smki.MPID{"OCTE"}))
			all = r.Breaches()
			r.same("failure", all[len(all)-1].Failure, failed).same("rules", all[len(all)-1].Rules, solr.RuleSet(1<<solr.R16))
		}},
		{solr.R3, "a delay holds from the first time at which the DCC is known to have had it", func(r *reg) { // seed 14043
			r.on(3).do(licence(), delayed(hold.Revocation, nil, xml)).on(6).do(received()).do(r.back(2, received()))
			r.do(r.back(1, revoked(smki.CessationOfOperation, "xml"))).breaches("revoke certificate xml: R3, R7, R8")
		}},
		{solr.R8, "an appointment that leaves an MPID where it is ends its direction back at once: its SoLR can confirm before the SoLR date", func(r *reg) { // seed 10021
			r.on(3).do(licence(), transferred(edf, both), directed(avro, both)).on(5)
			e := r.appointed(edf, both)
			e.Date = r.now.AddDate(0, 0, 1)
			r.do(e).do(confirmed(edf)...).duties("must revoke certificate xml (R1)")
		}},
		{solr.R16, "an MPID that was directed back is still to come back, though it is known later that it had moved on before", func(r *reg) { // seeds 5397, 8973, 16106, 16543
			r.on(3).do(licence(), r.appointed(octopus, both)).do(confirmed(octopus)...).do(agreed(octopus, both)...).do(transferred(octopus, both))
			r.on(6).do(directed(avro, avre)).do(r.back(1, transferred(edf, avre))).breaches("transfer MPID AVRE: R16")
			r.duties("must transfer MPID AVRE to Avro (R4)", "must not revoke certificate xml (R8)")
		}},
		{solr.R15, "unless it had moved on to a party that was failing, which puts it into that failure instead", func(r *reg) { // seed 13730
			r.on(3).do(licence(), octopusFails(), r.appointed(edf, avrg)).do(confirmed(edf)...).do(transferred("Third", avre)).breaches("transfer MPID AVRE: R4, R8, R11")
			r.on(6).do(directed(avro, avre)).do(r.back(2, transferred(octopus, avre))).breaches("transfer MPID AVRE: R4, R8, R11", "transfer MPID AVRE: R16")
			r.do(r.back(1, revoked(smki.CessationOfOperation, "xml"))).same("breaches", len(r.Breaches()), 2)
			r.duties("must not transfer MPID AVRG to EDF (R11)", "must not transfer MPID OCTE (R4, R8, R11)", "must not transfer MPID AVRE (R4, R8, R11)")
		}},
		{solr.R17, "a late act is judged by the failure that the MPID was in for a while, though that is only known since it has gone on", func(r *reg) { // seeds 9200, 10221, 12496
			r.on(3).do(octopusFails()).on(6).do(transferred(edf, avre)).do(r.back(2, transferred(octopus, avre))).do(r.back(1, transferred(edf, avre)))
			r.breaches("transfer MPID AVRE: R4, R8, R11").same("failure", r.Breaches()[0].Failure, octopusFails().Failure)
			r.on(7).do(transferred(avro, avre)).breaches("transfer MPID AVRE: R4, R8, R11", "transfer MPID AVRE: R16")
		}},
		{solr.R17, "unless it had gone on before the failure", func(r *reg) {
			r.on(3).do(transferred(edf, []smki.MPID{"OCTE"})).on(4).do(notified()).do(r.back(2, transferred(avro, []smki.MPID{"OCTE"}))).on(5).do(transferred(octopus, []smki.MPID{"OCTE"})).breaches()
		}},
		{solr.R8, "certificates wait for no SoLR of an MPID that had gone on so, in neither failure", func(r *reg) {
			r.on(3).do(licence(), r.appointed(edf, both)).do(confirmed(edf)...)
			r.on(6).do(transferred("Third", []smki.MPID{"OCTE"})).do(r.back(2, transferred(avro, []smki.MPID{"OCTE"}))).duties(
				"must not transfer MPID AVRE to EDF (R11)", "must not transfer MPID AVRG to EDF (R11)", "must not revoke certificate xml (R8)")
		}},
		{solr.R8, "nor in the one that it went from", func(r *reg) {
			r.on(3).do(octopusFails(), licence(), r.appointed(edf, avre)).do(confirmed(edf)...)
			r.on(6).do(transferred("Third", avrg)).duties("must not transfer MPID OCTE (R4, R8, R11)", "must not transfer MPID AVRE to EDF (R11)", "must not revoke certificate xml (R8)")
			r.do(r.back(2, transferred(octopus, avrg)))
			r.duties("must not transfer MPID OCTE (R4, R8, R11)", "must not transfer MPID AVRE to EDF (R11)", "must revoke certificate xml (R1)")
		}},
		{solr.R17, "an MPID that came back since was in the failure for a while before, too", func(r *reg) {
			r.on(3).do(notified()).on(4).do(transferred(octopus, avre)).on(6).do(transferred(edf, avre)).on(9).do(transferred(avro, avre))
			r.breaches("transfer MPID AVRE: R4, R8, R11", "transfer MPID AVRE: R16", "transfer MPID AVRE: R16")
			r.do(r.back(4, transferred(avro, avre))).do(r.back(3.5, transferred(octopus, avre)))
			r.breaches("transfer MPID AVRE: R4, R8, R11", "transfer MPID AVRE: R16", "transfer MPID AVRE: R16", "transfer MPID AVRE: R16", "transfer MPID AVRE: R4, R8, R11")
			r.on(10).do(transferred(edf, avre)).same("breaches", len(r.Breaches()), 6).same("last", r.Breaches()[5].Rules, r.Breaches()[0].Rules)
		}},
		{solr.R17, "an MPID that is known only now to have gone to a supplier whose failure has closed since was in that failure until then", func(r *reg) {
			r.octopusOver().do(r.back(2, transferred(octopus, avre))).do(r.back(1.5, transferred(edf, avre))).do(r.back(1.2, transferred("Third", avre)))
			r.breaches("transfer MPID OCTE: R4, R8, R11", "transfer MPID AVRE: R4, R8, R11", "transfer MPID AVRE: R4, R8, R11", "transfer MPID AVRE: R16").failures(oct, failed, oct, oct)
		}},
		{solr.R17, "and is in none after", func(r *reg) {
			r.octopusOver().do(r.back(2, transferred(octopus, avre))).do(r.back(0.5, transferred(edf, avre)))
			r.breaches("transfer MPID OCTE: R4, R8, R11", "transfer MPID AVRE: R4, R8, R11", "transfer MPID AVRE: R16").failures(oct, failed, failed)
			f, _ := r.Failure(oct)
			r.same("phase", f.Phase.String(), solr.Closed.String())
		}},
		{solr.R17, "also where it had gone on by then, before the failure closed or after", func(r *reg) {
			r.octopusOver().do(r.back(1.2, transferred(edf, avre)), transferred(edf, avrg))
			r.do(r.back(2, transferred(octopus, both))).do(r.back(1.5, transferred("Third", both)))
			r.failures(oct, failed, failed, failed, failed, oct, oct).same("rules", acts(r.Breaches())[5:], []string{"transfer MPID AVRE: R4, R8, R11", "transfer MPID AVRG: R4, R8, R11"})
		}},
		{solr.R17, "and where it had gone there before the notice", func(r *reg) {
			r.octopusOver().do(r.back(3.5, transferred(octopus, avre))).do(r.back(1.5, transferred("Third", avre))).failures(oct, oct)
		}},
		{solr.R15, "certificates of another failure wait for no SoLR of it, since it was in that one instead", func(r *reg) {
			r.octopusOver().do(r.back(2, transferred(octopus, both))).do(r.back(1.5, revoked(smki.CessationOfOperation, "xml")))
			r.breaches("transfer MPID OCTE: R4, R8, R11", "transfer MPID AVRE: R4, R8, R11", "transfer MPID AVRG: R4, R8, R11").phase(solr.Closed)
		}},
		{solr.R15, "but those of an MPID that was in it before the failure, and never since, they do wait for", func(r *reg) {
			r.on(3).do(licence()).on(5).do(transferred(edf, avre)).on(7).do(octopusFails()).on(8).do(r.appointed(edf, avrg)).do(confirmed(edf)...)
			r.do(r.back(4, transferred(octopus, avre)))
			r.duties("must not transfer MPID AVRG to EDF (R11)", "must not revoke certificate xml (R8)", "must not transfer MPID OCTE (R4, R8, R11)")
		}},
		{solr.R16, "what was directed back after the failure had closed is still to come back", func(r *reg) {
			r.on(3).do(licence(), transferred(edf, avre)).octopusOver().do(directed(avro, avre)).do(r.back(2, transferred(octopus, avre)))
			r.duties("must not transfer MPID AVRG (R4, R8, R11)", "must transfer MPID AVRE to Avro (R4)", "must not revoke certificate xml (R8)")
		}},
		{solr.R17, "a certificate that is known only now to have been issued is judged by the failure of its subscriber then, closed since", func(r *reg) {
			r.octopusOver().do(r.back(2, issue("late", smki.XMLSign, octopus))).do(r.back(1.5, revoked(smki.CessationOfOperation, "late")))
			r.breaches("transfer MPID OCTE: R4, R8, R11", "revoke certificate late: R8").failures(oct, oct)
		}},
		{solr.R17, "an MPID went on confirmations only if they were there when it went, as is known now", func(r *reg) {
			r.on(3).do(licence(), r.appointed(octopus, avre)).do(transferred(edf, avrg), hold.Event{Kind: hold.MPIDRetired, MPIDs: avrg})
			r.on(6).do(confirmed(octopus)...).on(8).do(transferred(octopus, avre)).do(r.back(4, transferred(edf, avre))).do(r.back(3, revoked(smki.CessationOfOperation, "xml")))
			r.same("breaches", acts(r.Breaches())[3:], []string{"revoke certificate xml: R8"})
		}},
		{solr.R17, "an MPID that was not in a failure after all, since it had gone before, was there after all if it had come back before", func(r *reg) {
			r.on(3).do(licence(), r.appointed(octopus, both)).on(8).do(transferred(edf, avre)).do(r.back(6, transferred("Third", avre))).do(r.back(5.5, transferred(avro, avre)))
			r.do(r.back(1, transferred(octopus, avre))).breaches("transfer MPID AVRE: R4, R8, R11", "transfer MPID AVRE: R8, R11")
		}},
		{solr.R16, "an MPID that was directed back and given to somebody else, as is known only after it came back, came back without a direction", func(r *reg) {
			r.on(3).do(licence(), transferred(octopus, avre)).on(4).do(directed(avro, avre)).on(8).do(transferred(avro, avre)).do(r.back(3, transferred("Third", avre))).do(r.back(1, transferred(avro, avre)))
			r.breaches("transfer MPID AVRE: R4, R8, R11", "transfer MPID AVRE: R4", "transfer MPID AVRE: R16")
		}},
		{solr.R14, "a late act on an MPID that an exit left with the supplier since is judged without that", func(r *reg) {
			r.on(3).do(licence()).on(4).do(exited()).on(6).do(hold.Event{Kind: hold.ExitReleased, Failure: failed, Party: avro, MPIDs: avre, Text: "sold"})
			r.do(r.back(1, transferred(edf, avre))).do(r.back(0.5, transferred("Third", avre))).breaches("transfer MPID AVRE: R4, R8, R11", "transfer MPID AVRE: R16")
		}},
		{solr.R11, "a failure that an expiry closes was open until then", func(r *reg) {
			e := issue("short", smki.XMLSign, octopus)
			e.Certificate.NotAfter = time.Date(2021, time.December, 8, 0, 0, 0, 0, time.UTC)
			r.do(e)
			e = octopusFails()
			e.Kind = hold.LicenceRevoked
			r.on(3).do(e, transferred(edf, octe)).on(10).do(notified()).do(r.back(4, transferred("Third", octe))).breaches("transfer MPID OCTE: R4, R8, R11", "transfer MPID OCTE: R16")
			r.on(11).do(revoked(smki.KeyCompromise, "short")).do(r.back(2, transferred(avro, octe))).same("breaches", len(r.Breaches()), 2)
		}},
		{solr.R14, "an exit that is reported after the failure had closed changes nothing, though it was before", func(r *reg) {
			r.octopusOver().do(r.back(2, hold.Event{Kind: hold.SupplierExited, Failure: oct, Exit: solr.TradeSale})).do(r.back(1.5, transferred(avro, octe))).failures(oct, oct)
		}},
		{solr.R15, "certificates wait for no SoLR of an MPID from when it is known to have been in another failure instead", func(r *reg) { // seed 557
			r.on(3).do(licence(), octopusFails(), r.appointed(edf, avrg)).do(confirmed(edf)...)
			r.on(6).do(transferred(octopus, avre)).do(r.back(2.5, transferred(octopus, avre))).do(r.back(1, revoked(smki.CessationOfOperation, "xml")))
			r.breaches("transfer MPID AVRE: R4, R8, R11", "transfer MPID AVRE: R4, R8, R11")
		}},
		{solr.R15, "but not from before the notice of that failure", func(r *reg) {
			r.on(3).do(licence(), r.appointed(edf, avrg)).do(confirmed(edf)...)
			r.on(5).do(octopusFails()).on(6).do(r.back(2, transferred(octopus, avre))).do(r.back(1.5, revoked(smki.CessationOfOperation, "xml")))
			r.breaches("transfer MPID AVRE: R4, R8, R11", "revoke certificate xml: R8")
		}},
		{solr.R8, "they wait for one that was directed back after that", func(r *reg) {
			r.on(3).do(licence(), octopusFails(), r.appointed(edf, avrg)).do(confirmed(edf)...).on(5).do(transferred(edf, avre))
			r.on(6).do(directed(avro, avre)).do(r.back(2, transferred(octopus, avre))).duties("must not transfer MPID AVRG to EDF (R11)", "must transfer MPID AVRE to Avro (R4)",
				"must not revoke certificate xml (R8)", "must not transfer MPID OCTE (R4, R8, R11)")
		}},
		{solr.R11, "a failure that closed with its notice had the MPID that is known only now to have been its supplier's, and stays closed", func(r *reg) { // seed 172
			e := octopusFails()
			e.Kind = hold.LicenceRevoked
			r.on(2).do(transferred(edf, octe)).on(3).do(e).on(5).do(r.back(4, transferred(octopus, avre)))
			r.do(hold.Event{Kind: hold.SoLRAnnounced, Failure: oct, Party: edf, MPIDs: avre})
			f, _ := r.Failure(oct)
			r.same("phase", f.Phase.String(), solr.Closed.String())
		}},
		{solr.R11, "an MPID that came and went at one instant keeps no failure open", func(r *reg) { // seed 148
			e := octopusFails()
			e.Kind = hold.LicenceRevoked
			r.do(issue("o", smki.XMLSign, octopus)).on(3).do(licence(), e).on(4).do(transferred(edf, octe)).on(8).do(transferred(octopus, avre), transferred(edf, avre))
			r.do(r.back(3, revoked(smki.CessationOfOperation, "o"))).do(r.back(2, transferred(octopus, avrg))).do(r.back(1, transferred(edf, avrg)))
			all := r.Breaches()
			r.same("failure", all[len(all)-1].Failure, failed)
		}},
		{solr.R11, "but an earlier stay of it did, until it went", func(r *reg) { // seed 241767
			r.on(2).do(licence()).on(4).do(transferred(edf, avre)).on(5).do(directed(avro, avre)).do(r.back(3, transferred(edf, avrg)), r.back(3, revoked(smki.CessationOfOperation, xml[0])))
			r.on(8).do(transferred(avro, avre), transferred(edf, avre)).phase(solr.Closed)
			before := len(r.Breaches())
			r.do(r.back(5.5, transferred("Third", avre))).same("one more breach", len(r.Breaches()), before+1)
		}},
		{solr.R14, "a failure that an exit leaves everything to was open until the PMA said so", func(r *reg) { // seed 5678
			r.on(3).do(licence()).on(4).do(exited()).on(6).do(hold.Event{Kind: hold.ExitReleased, Failure: failed, Party: avro, MPIDs: both, Text: "sold"}).phase(solr.Closed)
			r.do(r.back(1, transferred(edf, avre))).breaches("transfer MPID AVRE: R4, R8, R11")
		}},
		{solr.R11, "a certificate that is revoked after it expired kept its failure open until it expired", func(r *reg) { // seed 5700
			e := issue("short", smki.XMLSign, octopus)
			e.Certificate.NotAfter = time.Date(2021, time.December, 5, 0, 0, 0, 0, time.UTC)
			r.do(e)
			e = octopusFails()
			e.Kind = hold.LicenceRevoked
			r.on(3).do(e).on(9).do(revoked(smki.KeyCompromise, "short"), transferred(edf, octe)).do(r.back(5.5, transferred("Third", octe))).do(r.back(2, transferred(avro, octe)))
			r.breaches("transfer MPID OCTE: R4, R8, R11", "transfer MPID OCTE: R4, R8, R11")
		}},
		{solr.R17, "a retirement after a failure had closed is not when an MPID went from it", func(r *reg) { // seed 255
			r.octopusOver().do(r.back(2, transferred(octopus, avre))).on(7).do(transferred(edf, avre)).on(8).do(hold.Event{Kind: hold.MPIDRetired, MPIDs: avre})
			r.do(r.back(3.8, transferred("Third", avre))).do(r.back(3.5, transferred(edf, avre)))
			all := r.Breaches()
			r.same("rules", acts(all[len(all)-2:]), []string{"transfer MPID AVRE: R4, R8, R11", "transfer MPID AVRE: R16"})
		}},
		{solr.R17, "an MPID that came back before the notice is in the failure as if it had never gone, with what was directed about it", func(r *reg) { // seed 5555
			r.on(3).do(licence(), r.appointed(octopus, both)).on(6).do(r.back(5, transferred(edf, avre))).do(r.back(4.5, transferred(avro, avre)))
			r.duties("must not transfer MPID AVRE to Octopus (R8, R11)", "must not transfer MPID AVRG to Octopus (R8, R11)", "must not revoke certificate xml (R8)")
		}},
		{solr.R17, "until that is known it is not in it", func(r *reg) { // seed 200166
			r.on(3).do(licence()).do(r.back(0.5, transferred(edf, avre))).malformed(directed(avro, avre)).duties("must not transfer MPID AVRG (R4, R8, R11)", "must not revoke certificate xml (R8)")
			r.do(r.back(0.1, transferred(avro, avre)))
			r.duties("must not transfer MPID AVRE (R4, R8, R11)", "must not transfer MPID AVRG (R4, R8, R11)", "must not revoke certificate xml (R8)")
		}},
		{solr.R17, "a late notice is of no MPID that the supplier got only after it: what was done with one before that is no act on the failure", func(r *reg) { // seed 301409
			r.on(8).do(transferred(avro, octe)).on(9).do(r.back(6, licence()), r.back(4, transferred(avro, octe))).breaches()
			r.do(transferred(edf, octe)).breaches("transfer MPID OCTE: R4, R8, R11")
		}},
		{solr.R11, "an MPID that came and went at one instant after a failure had closed, as is known only now, was never in it", func(r *reg) { // seeds 402572, 402932
			r.on(3).do(licence(), transferred(edf, both)).on(8).do(transferred(avro, octe), transferred(edf, octe)).do(r.back(4, revoked(smki.CessationOfOperation, "xml"))).phase(solr.Closed)
			f, _ := r.Failure(failed)
			r.same("closed", f.Closed, r.now.AddDate(0, 0, -4)).malformed(hold.Event{Kind: hold.SoLRAnnounced, Failure: failed, Party: edf, MPIDs: octe})
		}},
		{solr.R17, "a late act is judged without a direction that was given after it for a later day", func(r *reg) { // seed 404457
			r.on(3).do(licence(), announced(edf, avre)).do(confirmed(edf)...).on(6)
			e := r.appointed(octopus, avre)
			e.Date = r.now.AddDate(0, 0, 3)
			r.do(e).do(r.back(1, transferred(edf, avre))).breaches("transfer MPID AVRE: R4, R11")
		}},
		{solr.R14, "the PMA's instruction after an exit makes nobody SoLR of an MPID that had gone before, as is known only now", func(r *reg) { // seeds 406590, 406916
			r.on(3).do(licence()).on(4).do(exited()).on(6).do(hold.Event{Kind: hold.ExitReleased, Failure: failed, Party: edf, MPIDs: avre, Text: "sold"})
			r.do(r.back(1, transferred(edf, avre))).breaches("transfer MPID AVRE: R4, R8, R11").refused(solr.R8, confirmation(edf, hold.Staff))
		}},
		{solr.R17, "of two failures of a supplier that were open at one time, since the second notice came late, an act is of the first", func(r *reg) { // seed 402619
			r.on(3).do(notified()).on(5).do(exited())
			e := licence()
			e.Failure = "second"
			r.on(6).do(r.back(4, e)).do(r.back(2, transferred(edf, avre)), r.back(2, revoked(smki.CessationOfOperation, "xml"))).failures(failed, failed)
		}},
		{solr.R14, "an announcement is of no MPID that an exit left with the supplier", func(r *reg) { // seeds 604957, 608513, 610430
			r.on(3).do(licence()).on(4).do(exited()).on(6).do(hold.Event{Kind: hold.ExitReleased, Failure: failed, Party: avro, MPIDs: avre, Text: "sold"})
			r.on(7).do(announced(edf, avre)).refused(solr.R8, confirmation(edf, hold.Staff))
		}},
		{solr.R17, "a report that says nothing new is forgotten: an earlier one that comes after it stands", func(r *reg) {
			r.on(3).do(licence()).on(4).do(transferred(edf, avre)).on(6).do(transferred(edf, avre)).breaches("transfer MPID AVRE: R4, R8, R11").do(r.back(1, transferred("Third", avre)))
			owner, _ := r.Directory().DCC.Owner("AVRE", r.now)
			r.same("owner", owner, smki.PartyID("Third")).breaches("transfer MPID AVRE: R4, R8, R11", "transfer MPID AVRE: R16")
			r.do(transferred("Third", avre)).do(r.back(0.5, hold.Event{Kind: hold.MPIDRetired, MPIDs: avre}))
			owner, _ = r.Directory().DCC.Owner("AVRE", r.now)
			r.same("owner", owner, smki.PartyID(""))
		}},
	} {
		t.Run(c.rule.String()+" "+c.says, func(t *testing.T) {
			r := newReg(t, hold.Settings{Regime: hold.MP185, Enforce: true, LapseAfterArrangement: true})
			c.run(r)
			if err := difference(r.Settings, holdtest.World{}, r.Events()); err != nil {
				t.Error(err)
			}
		})
	}
}
