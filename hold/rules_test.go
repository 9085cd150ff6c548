package hold_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/seed-db8551c1/lastresort/duis"
	"github.com/seed-db8551c1/lastresort/hold"
	"github.com/seed-db8551c1/lastresort/hold/holdtest"
	"github.com/seed-db8551c1/lastresort/smki"
	"github.com/seed-db8551c1/lastresort/solr"
)

// reg is a register in a test: Avro has two MPIDs, one certificate and the SRP Hub; Octopus and EDF may be its SoLR. Its days are those of December 2021.
type reg struct {
	*hold.Register
	t   *testing.T
	now time.Time
}

const (
	avro    = smki.PartyID("Avro")
	octopus = smki.PartyID("Octopus")
	edf     = smki.PartyID("EDF")
	hub     = smki.PartyID("Hub")
	failed  = solr.FailureID("avro")
	user    = smki.EUI64(0xA0)
)

var (
	avre, avrg, both, octe = []smki.MPID{"AVRE"}, []smki.MPID{"AVRG"}, []smki.MPID{"AVRE", "AVRG"}, []smki.MPID{"OCTE"}
	xml                    = []smki.CertificateID{"xml"}
	raised                 = []duis.Threshold{{User: user, Quarantine: 500}}
)

func newReg(t *testing.T, s hold.Settings) *reg {
	t.Helper()
	r := &reg{&hold.Register{Settings: s}, t, time.Time{}}
	return r.on(-400).do(
		hold.Event{Kind: hold.UserRecorded, User: &smki.User{ID: user, Party: avro, Roles: smki.RolesOf(smki.ImportSupplier, smki.GasSupplier)}},
		hold.Event{Kind: hold.MPIDAllocated, MPIDs: avre, Party: avro},
		hold.Event{Kind: hold.MPIDAllocated, MPIDs: avrg, Party: avro, Fuel: smki.Gas},
		hold.Event{Kind: hold.MPIDAllocated, MPIDs: octe, Party: octopus},
		issue("xml", smki.XMLSign, avro),
		hold.Event{Kind: hold.SRPEngaged, By: hub, Party: avro},
	)
}

func of(regime hold.Regime) hold.Settings { return hold.Settings{Regime: regime, Enforce: true} }

// on is noon in London on a day of December 2021; fractions are parts of a day.
func (r *reg) on(day float64) *reg {
	r.now = time.Date(2021, time.December, 1, 12, 0, 0, 0, time.UTC).Add(time.Duration((day - 1) * 24 * float64(time.Hour)).Round(time.Second))
	return r
}

// do applies events that must not be refused.
func (r *reg) do(events ...hold.Event) *reg {
	r.t.Helper()
	for _, e := range events {
		r.apply(e)
	}
	return r
}

func (r *reg) apply(e hold.Event) hold.Applied {
	r.t.Helper()
	if e.At.IsZero() {
		e.At = r.now
	}
	a, err := r.Apply(e)
	if err != nil {
		r.t.Fatal(err)
	}
	return a
}

// refused applies an event that a rule must refuse, without any effect.
func (r *reg) refused(rule solr.Rule, e hold.Event) *reg {
	r.t.Helper()
	e.At = r.now
	before := holdtest.Digest(r.Register, r.now, r.now.AddDate(0, 0, 100))
	_, err := r.Apply(e)
	var re *hold.RuleError
	if !errors.As(err, &re) || re.Rule != rule {
		r.t.Errorf("%v: got %v, want a refusal by %v", e.Kind, err, rule)
	}
	if diff := cmp.Diff(before, holdtest.Digest(r.Register, r.now, r.now.AddDate(0, 0, 100))); diff != "" {
		r.t.Errorf("%v was refused, but changed:\n%s", e.Kind, diff)
	}
	return r
}

// malformed applies an event that is not complete.
func (r *reg) malformed(e hold.Event) *reg {
	r.t.Helper()
	if e.At.IsZero() {
		e.At = r.now
	}
	before := holdtest.Digest(r.Register, r.now)
	_, err := r.Apply(e)
	var ee *hold.EventError
	if !errors.As(err, &ee) {
		r.t.Errorf("%+v: got %v, want an EventError", e, err)
	}
	if diff := cmp.Diff(before, holdtest.Digest(r.Register, r.now)); diff != "" {
		r.t.Errorf("%v was refused, but changed:\n%s", e.Kind, diff)
	}
	return r
}

// duties compares what must or must not be done to items, and with which thresholds.
func (r *reg) duties(want ...string) *reg {
	r.t.Helper()
	var got []string
	for _, d := range r.Duties(r.now) {
		if d.MPID != "" || d.Action == hold.RevokeCertificate || d.Threshold != nil {
			got = append(got, d.String())
		}
	}
	return r.same("duties", got, want)
}

// breaches compares all breaches so far.
func (r *reg) breaches(want ...string) *reg {
	r.t.Helper()
	return r.same("breaches", acts(r.Breaches()), want)
}

func (r *reg) crossings(want ...string) *reg {
	r.t.Helper()
	return r.same("crossings", acts(r.Crossings()), want)
}

func acts(all []hold.Breach) (got []string) {
	for _, b := range all {
		s := fmt.Sprintf("%v %v%v", b.Action, b.Certificate, b.MPID)
		if b.User != 0 {
			s += "user"
		}
		got = append(got, fmt.Sprintf("%s: %v", s, b.Rules))
	}
	return got
}

func (r *reg) same(what string, got, want any) *reg {
	r.t.Helper()
	if diff := cmp.Diff(want, got, cmp.Comparer(func(a, b time.Time) bool { return a.Equal(b) })); diff != "" && !(fmt.Sprint(got) == "[]" && fmt.Sprint(want) == "[]") {
		r.t.Errorf("%s on %v (-want +got):\n%s", what, r.now, diff)
	}
	return r
}

func (r *reg) phase(want solr.Phase) *reg {
	r.t.Helper()
	f, _ := r.Failure(failed)
	return r.same("phase", f.Phase.String(), want.String())
}

// standing compares how Avro stands with a request now.
func (r *reg) standing(want duis.Standing, v duis.SRV, mode duis.PaymentMode, m smki.MPID) *reg {
	r.t.Helper()
	return r.same("standing", r.Authority().Ask(duis.Question{Party: avro, SRV: v, Mode: mode, MPID: m, Device: 7, At: r.now}).Standing, want)
}

func issue(id smki.CertificateID, use smki.CertificateUse, to smki.PartyID) hold.Event {
	return hold.Event{Kind: hold.CertificateIssued, Certificate: &smki.Certificate{ID: id, Use: use, Subject: user, Subscriber: to}}
}

func notified() hold.Event {
	return hold.Event{Kind: hold.FailureNotified, Failure: failed, Party: avro}
}
func licence() hold.Event { return hold.Event{Kind: hold.LicenceRevoked, Failure: failed, Party: avro} }

func announced(p smki.PartyID, m []smki.MPID) hold.Event {
	return hold.Event{Kind: hold.SoLRAnnounced, Failure: failed, Party: p, MPIDs: m}
}

func (r *reg) appointed(p smki.PartyID, m []smki.MPID) hold.Event {
	return hold.Event{Kind: hold.SoLRAppointed, Failure: failed, Party: p, MPIDs: m, Date: r.now}
}

func directed(p smki.PartyID, m []smki.MPID) hold.Event {
	return hold.Event{Kind: hold.TransferDirected, Failure: failed, Party: p, MPIDs: m}
}

func delayed(c hold.Controls, m []smki.MPID, certs []smki.CertificateID) hold.Event {
	return hold.Event{Kind: hold.DelayDirected, Failure: failed, Controls: c, MPIDs: m, Certificates: certs}
}

func received() hold.Event { return hold.Event{Kind: hold.DelayReceived, Failure: failed} }

func released(m []smki.MPID, certs []smki.CertificateID) hold.Event {
	return hold.Event{Kind: hold.ReleaseInstructed, Failure: failed, MPIDs: m, Certificates: certs}
}

func position() hold.Event {
	return hold.Event{Kind: hold.PositionStated, Failure: failed, By: hub, Text: "four weeks"}
}

func confirmed(p smki.PartyID) []hold.Event {
	all := []hold.Event{position()}
	for _, c := range hold.Confirmations() {
		all = append(all, confirmation(p, c))
	}
	return all
}

func confirmation(p smki.PartyID, c hold.Confirmation) hold.Event {
	return hold.Event{Kind: hold.Confirmed, Failure: failed, By: p, Confirmation: c, Text: "so"}
}

func agreement(who hold.Agreeing, p smki.PartyID, m []smki.MPID) hold.Event {
	return hold.Event{Kind: hold.TransferAgreed, Failure: failed, Agreeing: who, By: p, MPIDs: m}
}

func agreed(p smki.PartyID, m []smki.MPID) []hold.Event {
	return []hold.Event{agreement(hold.SoLRAgrees, p, m), agreement(hold.PMAAgrees, "", m), agreement(hold.DCCAgrees, "", m)}
}

func transferred(p smki.PartyID, m []smki.MPID) hold.Event {
	return hold.Event{Kind: hold.MPIDTransferred, Party: p, MPIDs: m}
}

func revoked(reason smki.RevocationReason, certs ...smki.CertificateID) hold.Event {
	return hold.Event{Kind: hold.CertificateRevoked, Certificates: certs, Reason: reason}
}

func exited() hold.Event {
	return hold.Event{Kind: hold.SupplierExited, Failure: failed, Exit: solr.TradeSale}
}

func asked(id string, p smki.PartyID, from time.Time) hold.Event {
	return hold.Event{Kind: hold.SupportRequested, Failure: failed, By: p, Party: hub, Request: id,
		Support: &hold.Support{SRVs: []duis.SRV{duis.UpdatePaymentMode, duis.TopUpDevice}, From: from, Thresholds: raised}}
}

func supportIs(k hold.Kind, id string) hold.Event {
	e := hold.Event{Kind: k, Request: id}
	if k.Actor() == hold.SRP {
		e.By = hub
	}
	return e
}

func supported(id string, p smki.PartyID, from time.Time) []hold.Event {
	return []hold.Event{asked(id, p, from), supportIs(hold.SupportApproved, id), supportIs(hold.SupportAccepted, id)}
}

func safeModeInstructed() hold.Event {
	return hold.Event{Kind: hold.SafeModeInstructed, Failure: failed, Party: hub}
}

// Each case is named for the rule and the sentence that it checks.
func TestRules(t *testing.T) {
	all := hold.Revocation | hold.Transfer
	cessation := smki.CessationOfOperation
	for _, c := range []struct {
		rule     solr.Rule
		says     string
		settings hold.Settings
		run      func(r *reg)
	}{
		{solr.R1, "licence revocation makes the duty to revoke due; before, it is not", of(hold.Baseline), func(r *reg) {
			r.on(2).do(notified()).duties("must not transfer MPID AVRE (R4)", "must not transfer MPID AVRG (R4)", "must not revoke certificate xml (R1)")
			r.on(3).do(licence()).duties("must not transfer MPID AVRE (R4)", "must not transfer MPID AVRG (R4)", "must revoke certificate xml (R1)")
			r.do(revoked(cessation, "xml")).breaches()
		}},
		{solr.R1, "a revocation before the licence's is a breach, and takes effect", of(hold.Baseline), func(r *reg) {
			r.on(2).do(notified(), revoked(cessation, "xml")).breaches("revoke certificate xml: R1")
			r.same("status", r.Directory().Status("xml", r.now).String(), "revoked")
		}},
		{solr.R1, "under MP134A the duty is due at once where nothing is delayed", of(hold.MP134A), func(r *reg) {
			r.on(3).do(licence()).duties("must not transfer MPID AVRE (R4)", "must not transfer MPID AVRG (R4)", "must revoke certificate xml (R1)")
		}},
		{solr.R2, "every certificate and DCCKI certificate of which the party is Subscriber, IKI too, never a device's nor the SRP's", of(hold.Baseline), func(r *reg) {
			r.do(issue("sign", smki.DigitalSigning, avro), issue("dccki", smki.DCCKI, avro), issue("iki", smki.IKI, avro), issue("device", smki.DeviceCertificate, avro), issue("hub", smki.DCCKI, hub))
			r.on(3).do(licence()).duties("must not transfer MPID AVRE (R4)", "must not transfer MPID AVRG (R4)", "must revoke certificate xml (R1)", "must revoke certificate sign (R1)",
				"must revoke certificate dccki (R1)", "must revoke certificate iki (R1)")
			r.do(revoked(cessation, "device", "hub", "iki")).breaches("revoke certificate device: R2")
		}},
		{solr.R2, "IKI and device certificates by setting", hold.Settings{Regime: hold.Baseline, IKIExempt: true, DeviceIncluded: true}, func(r *reg) {
			r.do(issue("iki", smki.IKI, avro), issue("device", smki.DeviceCertificate, avro))
			r.on(3).do(licence()).duties("must not transfer MPID AVRE (R4)", "must not transfer MPID AVRG (R4)", "must revoke certificate xml (R1)", "must revoke certificate device (R1)")
			r.do(revoked(cessation, "iki", "device")).breaches("revoke certificate iki: R2")
		}},
		{solr.R3, "a delay of revocation from the notification on, from the DCC's receipt, ends by instruction; under MP134A it freezes nothing else", of(hold.MP134A), func(r *reg) {
			r.do(issue("sign", smki.DigitalSigning, avro))
			r.on(2).do(notified(), delayed(hold.Revocation, nil, xml), received())
			r.on(3).do(licence(), r.appointed(octopus, both))
			r.duties("must transfer MPID AVRE to Octopus (R4)", "must transfer MPID AVRG to Octopus (R4)", "must not revoke certificate xml (R3)", "must revoke certificate sign (R1)")
			r.do(issue("new", smki.XMLSign, avro), hold.Event{Kind: hold.UserSuspended, User: &smki.User{ID: user}}).breaches()
			r.do(revoked(cessation, "sign"), transferred(octopus, both)).breaches()
			r.on(4).do(released(nil, xml)).duties("must revoke certificate xml (R1)", "must revoke certificate new (R1)")
		}},
		{solr.R3, "no delay before MP134A, none of a transfer before MP185, none before the notification", of(hold.MP134A), func(r *reg) {
			r.on(2).malformed(delayed(hold.Revocation, nil, xml))
			r.do(notified()).refused(solr.R6, delayed(all, nil, nil)).refused(solr.R6, released(avre, nil))
			b := newReg(r.t, of(hold.Baseline)).on(2).do(notified())
			b.refused(solr.R3, delayed(hold.Revocation, nil, xml)).refused(solr.R3, released(nil, xml))
		}},
		{solr.R3, "an act between the delay and its receipt is crossed, and no breach of the delay", of(hold.MP134A), func(r *reg) {
			r.on(2).do(notified(), licence())
			r.on(3).do(delayed(hold.Revocation, nil, nil))
			r.on(4).do(revoked(cessation, "xml")).breaches().crossings("revoke certificate xml: ")
			r.on(5).do(received()).duties("must not transfer MPID AVRE (R4)", "must not transfer MPID AVRG (R4)")
		}},
		{solr.R3, "an act on a held item is a breach, and takes effect", of(hold.MP134A), func(r *reg) {
			r.on(2).do(licence(), delayed(hold.Revocation, nil, nil), received(), revoked(cessation, "xml")).breaches("revoke certificate xml: R3")
		}},
		{solr.R3, "a receipt is of the delays that were given by then", of(hold.MP134A), func(r *reg) {
			r.on(2).do(licence())
			r.on(5).do(delayed(hold.Revocation, nil, nil))
			late := received()
			late.At = r.now.AddDate(0, 0, -2)
			r.on(6).do(late).duties("must not transfer MPID AVRE (R4)", "must not transfer MPID AVRG (R4)", "must revoke certificate xml (R1)")
		}},
		{solr.R4, "the announcement only names a SoLR; the SoLR date makes the transfer due", of(hold.Baseline), func(r *reg) {
			r.on(2).do(notified(), announced(octopus, both)).duties("must not transfer MPID AVRE to Octopus (R4)", "must not transfer MPID AVRG to Octopus (R4)", "must not revoke certificate xml (R1)")
			r.phase(solr.Announced)
			r.do(r.appointed(octopus, avre)).duties("must transfer MPID AVRE to Octopus (R4)", "must not transfer MPID AVRG to Octopus (R4)", "must not revoke certificate xml (R1)")
			r.phase(solr.Appointed).do(transferred(octopus, both)).breaches("transfer MPID AVRG: R4")
		}},
		{solr.R4, "appointed before the SoLR date, it takes effect at 00:01 in London of that date", of(hold.Baseline), func(r *reg) {
			r.on(2).do(licence())
			e := r.appointed(octopus, avre)
			e.Date = r.now.AddDate(0, 0, 3)
			r.do(e)
			r.now = time.Date(2021, time.December, 5, 0, 0, 59, 0, time.UTC)
			r.duties("must not transfer MPID AVRE to Octopus (R4)", "must not transfer MPID AVRG (R4)", "must revoke certificate xml (R1)")
			r.now = r.now.Add(time.Second)
			r.duties("must transfer MPID AVRE to Octopus (R4)", "must not transfer MPID AVRG (R4)", "must revoke certificate xml (R1)")
			r.same("phase by then", r.Failures(r.now)[0].Phase.String(), solr.Appointed.String())
		}},
		{solr.R4, "logged after the SoLR date, it takes effect when logged", of(hold.Baseline), func(r *reg) {
			r.on(2).do(licence())
			e := r.appointed(octopus, avre)
			r.on(5).do(e)
			r.on(4).duties("must not transfer MPID AVRE (R4)", "must not transfer MPID AVRG (R4)", "must revoke certificate xml (R1)")
			early := transferred(octopus, avre)
			r.do(early).breaches("transfer MPID AVRE: R4")
		}},
		{solr.R4, "the failed supplier is not its own SoLR", of(hold.MP185), func(r *reg) {
			r.on(2).do(notified()).malformed(announced(avro, avre)).refused(solr.R4, r.appointed(avro, avre))
		}},
		{solr.R4, "a transfer to another party than the SoLR is a breach", of(hold.Baseline), func(r *reg) {
			r.on(2).do(licence(), r.appointed(octopus, both), transferred(edf, avre)).breaches("transfer MPID AVRE: R4")
		}},
		{solr.R6, "a delay of the transfer holds each MPID that it names", of(hold.MP185), func(r *reg) {
			r.on(2).do(licence(), delayed(hold.Transfer, avre, nil), received(), r.appointed(octopus, both))
			r.do(confirmed(octopus)...).do(agreed(octopus, both)...)
			r.duties("must not transfer MPID AVRE to Octopus (R6, R7)", "must not transfer MPID AVRG to Octopus (R7)", "must not revoke certificate xml (R7)")
			r.do(released(avre, nil)).duties("must transfer MPID AVRE to Octopus (R4)", "must not transfer MPID AVRG to Octopus (R7)", "must not revoke certificate xml (R7)")
			r.do(transferred(octopus, both)).breaches("transfer MPID AVRG: R7")
		}},
		{solr.R7, "from the receipt, no administrative act but what a later instruction names, item by item", of(hold.MP185), func(r *reg) {
			r.on(1).do(issue("old", smki.IKI, avro), revoked(cessation, "old"))
			r.on(2).do(notified(), delayed(hold.Revocation, nil, xml))
			suspend := hold.Event{Kind: hold.UserSuspended, User: &smki.User{ID: user}}
			r.do(issue("a", smki.XMLSign, avro), suspend).breaches()
			r.on(3).do(received())
			r.do(issue("b", smki.XMLSign, avro), hold.Event{Kind: hold.CRLPublished, Certificates: []smki.CertificateID{"old"}, Reason: cessation}, transferred(octopus, avrg),
				hold.Event{Kind: hold.ThresholdsApplied, Thresholds: raised}, hold.Event{Kind: hold.QuarantineReleased, User: &smki.User{ID: user}},
				hold.Event{Kind: hold.QuarantineDeleted, User: &smki.User{ID: user}}, suspend)
			r.breaches("issue certificate b: R7", "publish CRL old: R7", "transfer MPID AVRG: R4, R7, R8, R11", "apply thresholds user: R7", "release quarantine user: R7", "delete quarantine user: R7", "suspend user user: R7")
			r.on(4).do(hold.Event{Kind: hold.ActionInstructed, Failure: failed, Action: hold.SuspendUser, User: &smki.User{ID: user}},
				hold.Event{Kind: hold.ActionInstructed, Failure: failed, Action: hold.IssueCertificate, Certificates: []smki.CertificateID{"c"}},
				issue("c", smki.XMLSign, avro), suspend)
			r.same("further breaches", len(r.Breaches()), 7)
			r.do(hold.Event{Kind: hold.QuarantineDeleted, User: &smki.User{ID: user}}).same("one more", len(r.Breaches()), 8)
		}},
		{solr.R7, "deciding requests, natural expiry and transfers under the codes are no such act", of(hold.MP185), func(r *reg) {
			r.on(2).do(licence(), delayed(all, nil, nil), received(), hold.Event{Kind: hold.MPIDTransferredInCodes, MPIDs: avre, Party: octopus}).breaches()
		}},
		{solr.R7, "a delay of one control freezes the whole failure, or by setting its own control only", hold.Settings{Regime: hold.MP185, FreezeControlOnly: true}, func(r *reg) {
			r.on(2).do(licence(), delayed(hold.Revocation, nil, nil), received(), r.appointed(octopus, both))
			r.do(confirmed(octopus)...).do(agreed(octopus, both)...)
			r.duties("must transfer MPID AVRE to Octopus (R4)", "must transfer MPID AVRG to Octopus (R4)", "must not revoke certificate xml (R3, R7)")
			r.do(hold.Event{Kind: hold.UserSuspended, User: &smki.User{ID: user}}).breaches("suspend user user: R7")
		}},
		{solr.R7, "to instruct another act on a held certificate releases nothing", of(hold.MP185), func(r *reg) {
			r.on(2).do(licence(), delayed(all, nil, nil), received())
			for _, a := range []hold.Action{hold.IssueCertificate, hold.PublishCRL} {
				r.do(hold.Event{Kind: hold.ActionInstructed, Failure: failed, Action: a, Certificates: xml})
			}
			r.duties("must not transfer MPID AVRE (R4, R6, R7, R8, R11)", "must not transfer MPID AVRG (R4, R6, R7, R8, R11)", "must not revoke certificate xml (R3, R7, R8)")
			r.malformed(hold.Event{Kind: hold.ActionInstructed, Failure: failed, Action: hold.RevokeCertificate, Certificates: xml})
		}},
		{solr.R7, "a release before the DCC had the delay counts: it is the PMA's later word", of(hold.MP185), func(r *reg) {
			r.on(2).do(licence(), delayed(all, nil, nil), r.appointed(octopus, both)).do(confirmed(octopus)...).do(agreed(octopus, both)...)
			r.on(3).do(released(both, xml))
			r.on(4).do(received()).duties("must transfer MPID AVRE to Octopus (R4)", "must transfer MPID AVRG to Octopus (R4)", "must revoke certificate xml (R1)")
		}},
		{solr.R7, "thresholds instructed before the freeze must not be applied after it", of(hold.MP185), func(r *reg) {
			r.on(2).do(licence(), r.appointed(octopus, both)).do(asked("s", octopus, r.now), supportIs(hold.SupportApproved, "s"), hold.Event{Kind: hold.ThresholdsInstructed, Failure: failed, Request: "s"})
			r.do(delayed(hold.Revocation, nil, nil), received())
			r.duties("must not transfer MPID AVRE to Octopus (R7, R8, R11)", "must not transfer MPID AVRG to Octopus (R7, R8, R11)", "must not revoke certificate xml (R3, R7, R8)",
				"must not apply thresholds 00-00-00-00-00-00-00-A0 500 (R7)")
			r.do(hold.Event{Kind: hold.ThresholdsInstructed, Failure: failed, Request: "s"}, hold.Event{Kind: hold.ThresholdsApplied, Thresholds: raised}).breaches()
		}},
		{solr.R8, "no transfer and no revocation before the five confirmations: for an MPID its own SoLR's, for certificates those of all", of(hold.MP185), func(r *reg) {
			r.on(3).do(licence(), r.appointed(octopus, avre), r.appointed(edf, avrg))
			r.duties("must not transfer MPID AVRE to Octopus (R8, R11)", "must not transfer MPID AVRG to EDF (R8, R11)", "must not revoke certificate xml (R8)")
			r.do(confirmed(octopus)...).do(agreed(octopus, avre)...)
			r.duties("must transfer MPID AVRE to Octopus (R4)", "must not transfer MPID AVRG to EDF (R8, R11)", "must not revoke certificate xml (R8)")
			r.do(transferred(octopus, avre)).breaches()
			r.do(confirmed(edf)...).duties("must not transfer MPID AVRG to EDF (R11)", "must revoke certificate xml (R1)")
		}},
		{solr.R8, "each of the five is needed", of(hold.MP185), func(r *reg) {
			for _, missing := range hold.Confirmations() {
				x := newReg(r.t, of(hold.MP185)).on(3)
				x.do(licence(), x.appointed(octopus, both), position())
				for _, c := range hold.Confirmations() {
					if c != missing {
						x.do(confirmation(octopus, c))
					}
				}
				x.duties("must not transfer MPID AVRE to Octopus (R8, R11)", "must not transfer MPID AVRG to Octopus (R8, R11)", "must not revoke certificate xml (R8)")
				x.refused(solr.R11, agreement(hold.SoLRAgrees, octopus, avre)).refused(solr.R8, released(both, xml))
			}
		}},
		{solr.R8, "for certificates every MPID of the failure has a SoLR", of(hold.MP185), func(r *reg) {
			r.on(3).do(licence(), r.appointed(octopus, avre)).do(confirmed(octopus)...)
			r.duties("must not transfer MPID AVRE to Octopus (R11)", "must not transfer MPID AVRG (R4, R8, R11)", "must not revoke certificate xml (R8)").refused(solr.R8, released(nil, xml))
		}},
		{solr.R8, "confirmations from the announcement on, by the announced SoLR only, the SRP's support after its position", of(hold.MP185), func(r *reg) {
			r.on(3).do(notified()).refused(solr.R8, confirmation(octopus, hold.Staff))
			r.do(announced(octopus, both), confirmation(octopus, hold.Staff)).refused(solr.R8, confirmation(edf, hold.Staff)).refused(solr.R8, confirmation(octopus, hold.SRPSupport))
			r.do(position(), confirmation(octopus, hold.SRPSupport))
		}},
		{solr.R8, "without an SRP the third may be given at once", of(hold.MP185), func(r *reg) {
			r.on(3).do(hold.Event{Kind: hold.FailureNotified, Failure: "oct", Party: octopus}, hold.Event{Kind: hold.SoLRAnnounced, Failure: "oct", Party: edf, MPIDs: octe},
				hold.Event{Kind: hold.Confirmed, Failure: "oct", By: edf, Confirmation: hold.SRPSupport, Text: "none"})
		}},
		{solr.R8, "revisable until the release, and never taken back; immediate is possible at one instant", of(hold.MP185), func(r *reg) {
			r.on(3).do(licence(), r.appointed(octopus, both)).do(confirmed(octopus)...).do(confirmation(octopus, hold.Staff)).do(agreed(octopus, both)...)
			r.duties("must transfer MPID AVRE to Octopus (R4)", "must transfer MPID AVRG to Octopus (R4)", "must revoke certificate xml (R1)")
			r.do(transferred(octopus, both), revoked(cessation, "xml")).breaches().phase(solr.Closed)
		}},
		{solr.R8, "after the release of everything there is nothing to revise", of(hold.MP185), func(r *reg) {
			r.on(3).do(licence(), r.appointed(octopus, both)).do(confirmed(octopus)...).do(released(avre, nil), confirmation(octopus, hold.Staff), released(avrg, nil))
			r.refused(solr.R8, confirmation(octopus, hold.Staff))
		}},
		{solr.R8, "confirmations survive a re-imposed delay; the release does not", of(hold.MP185), func(r *reg) {
			r.on(3).do(licence(), delayed(all, nil, nil), received(), r.appointed(octopus, both)).do(confirmed(octopus)...).do(agreed(octopus, both)...).do(released(both, xml))
			r.on(4).do(delayed(hold.Transfer, avre, nil))
			r.duties("must transfer MPID AVRE to Octopus (R4)", "must transfer MPID AVRG to Octopus (R4)", "must revoke certificate xml (R1)")
			r.do(received()).duties("must not transfer MPID AVRE to Octopus (R6, R7)", "must not transfer MPID AVRG to Octopus (R7)", "must not revoke certificate xml (R7)")
			r.do(released(avre, nil)).duties("must transfer MPID AVRE to Octopus (R4)", "must not transfer MPID AVRG to Octopus (R7)", "must not revoke certificate xml (R7)")
			r.do(released(avrg, xml)).duties("must transfer MPID AVRE to Octopus (R4)", "must transfer MPID AVRG to Octopus (R4)", "must revoke certificate xml (R1)")
		}},
		{solr.R8, "revocation on ordinary grounds is outside, whatever a CRL says later", of(hold.MP185), func(r *reg) {
			r.do(issue("b", smki.XMLSign, avro), issue("c", smki.XMLSign, avro), issue("d", smki.XMLSign, avro), issue("e", smki.XMLSign, avro))
			r.on(3).do(notified(), delayed(all, nil, nil), received())
			r.do(revoked(smki.KeyCompromise, "xml"), revoked(smki.CACompromise, "b"), revoked(smki.AffiliationChanged, "c"), revoked(smki.Superseded, "d"))
			r.do(hold.Event{Kind: hold.CRLPublished, Certificates: []smki.CertificateID{"xml", "b"}, Reason: cessation}).breaches()
			r.do(hold.Event{Kind: hold.CRLPublished, Certificates: []smki.CertificateID{"e"}}).breaches("publish CRL e: R1, R3, R7, R8")
			r.do(hold.Event{Kind: hold.CRLPublished, Certificates: []smki.CertificateID{"e"}}).same("a second CRL", len(r.Breaches()), 1)
		}},
		{solr.R8, "a certificate waits for no SoLR of an MPID that was retired, or that is in another failure instead", of(hold.MP185), func(r *reg) {
			r.on(3).do(licence(), r.appointed(octopus, avre), hold.Event{Kind: hold.MPIDRetired, MPIDs: avrg}).do(confirmed(octopus)...).malformed(directed(edf, avrg))
			r.duties("must not transfer MPID AVRE to Octopus (R11)", "must revoke certificate xml (R1)")
		}},
		{solr.R8, "who got an MPID too early is its SoLR once appointed, and certificates wait for it to confirm", of(hold.MP185), func(r *reg) {
			r.on(3).do(licence(), transferred(octopus, both)).duties("must not revoke certificate xml (R8)")
			r.do(r.appointed(octopus, both)).do(confirmed(octopus)...).duties("must revoke certificate xml (R1)")
		}},
		{solr.R8, "an act is judged by the confirmations that were there at its time", of(hold.MP185), func(r *reg) {
			r.on(3).do(licence(), r.appointed(octopus, both))
			r.on(5).do(confirmed(octopus)...).do(agreed(octopus, both)...).do(transferred(octopus, both))
			late := revoked(cessation, "xml")
			late.At = r.now.AddDate(0, 0, -1)
			r.do(late).breaches("revoke certificate xml: R8")
		}},
		{solr.R9, "the SoLR asks, the PMA approves, the SRP accepts: authority from then on, within the window", of(hold.MP185), func(r *reg) {
			r.on(3).do(licence(), announced(octopus, both)).refused(solr.R9, asked("s", octopus, r.now))
			r.do(r.appointed(octopus, both)).refused(solr.R9, asked("s", edf, r.now))
			e := asked("s", octopus, r.now.AddDate(0, 0, 1))
			e.Support.To = r.now.AddDate(0, 0, 4)
			r.do(e).refused(solr.R9, supportIs(hold.SupportAccepted, "s"))
			r.do(supportIs(hold.SupportApproved, "s")).refused(solr.R9, hold.Event{Kind: hold.SupportAccepted, Request: "s", By: "Link"}).do(supportIs(hold.SupportAccepted, "s"))
			for day, want := range map[float64]duis.Standing{2: duis.NotNeeded, 3: duis.Refused, 3.9: duis.Refused, 4: duis.Covered, 6.9: duis.Covered, 7: duis.Refused} {
				r.on(day).standing(want, duis.TopUpDevice, 0, "AVRE")
			}
			r.on(5).standing(duis.Refused, duis.ReadInstantaneousImportRegisters, 0, "AVRE").standing(duis.Refused, duis.TopUpDevice, 0, "OCTE")
		}},
		{solr.R9, "refused, declined and withdrawn requests give none; a withdrawal is final", of(hold.MP185), func(r *reg) {
			r.on(3).do(licence(), r.appointed(octopus, both)).do(asked("a", octopus, r.now), supportIs(hold.SupportRefused, "a"), asked("b", octopus, r.now), supportIs(hold.SupportApproved, "b"), supportIs(hold.SupportDeclined, "b"))
			r.standing(duis.Refused, duis.TopUpDevice, 0, "AVRE").refused(solr.R9, supportIs(hold.SupportApproved, "a")).refused(solr.R9, supportIs(hold.SupportAccepted, "b"))
			r.do(supported("c", octopus, r.now)...).standing(duis.Covered, duis.TopUpDevice, 0, "AVRE")
			r.on(4).do(supportIs(hold.SupportWithdrawn, "c")).standing(duis.Refused, duis.TopUpDevice, 0, "AVRE").refused(solr.R9, supportIs(hold.SupportAccepted, "c"))
			r.on(3.5).standing(duis.Covered, duis.TopUpDevice, 0, "AVRE")
		}},
		{solr.R9, "the SoLR's completion ends the support, and withdrawn it goes on", of(hold.MP185), func(r *reg) {
			done := hold.Event{Kind: hold.MigrationCompleted, Failure: failed, By: octopus}
			r.on(3).do(licence(), r.appointed(octopus, both)).do(supported("s", octopus, r.now)...).refused(solr.R9, hold.Event{Kind: hold.MigrationCompleted, Failure: failed, By: edf})
			r.on(4).do(done).standing(duis.Refused, duis.TopUpDevice, 0, "AVRE")
			r.on(5).do(hold.Event{Kind: hold.CompletionWithdrawn, Failure: failed, By: octopus}).standing(duis.Covered, duis.TopUpDevice, 0, "AVRE")
			r.on(4.5).standing(duis.Refused, duis.TopUpDevice, 0, "AVRE")
			r.on(6).refused(solr.R9, hold.Event{Kind: hold.CompletionWithdrawn, Failure: failed, By: octopus})
			r.duties("must not transfer MPID AVRE to Octopus (R8, R11)", "must not transfer MPID AVRG to Octopus (R8, R11)", "must not revoke certificate xml (R8)")
		}},
		{solr.R9, "named devices only", of(hold.MP185), func(r *reg) {
			r.on(3).do(licence(), r.appointed(octopus, both))
			e := asked("s", octopus, r.now)
			e.Support.Devices = []smki.EUI64{9, 8}
			r.do(e, supportIs(hold.SupportApproved, "s"), supportIs(hold.SupportAccepted, "s")).standing(duis.Refused, duis.TopUpDevice, 0, "AVRE")
			r.same("device 8", r.Authority().Ask(duis.Question{Party: avro, SRV: duis.TopUpDevice, Device: 8, MPID: "AVRE", At: r.now}).Standing, duis.Covered)
		}},
		{solr.R9, "Advise flags what no authority covers; top-ups may be exempt", hold.Settings{Regime: hold.MP185, TopUpsExempt: true}, func(r *reg) {
			r.on(3).do(licence()).standing(duis.NotNeeded, duis.TopUpDevice, 0, "AVRE").standing(duis.NotCovered, duis.UpdatePaymentMode, duis.CreditMode, "AVRE")
		}},
		{solr.R9, "thresholds need an instruction, after the licence's revocation; the last one counts", of(hold.MP185), func(r *reg) {
			applied := hold.Event{Kind: hold.ThresholdsApplied, Thresholds: raised}
			r.on(2).do(notified(), applied).breaches()
			r.on(3).do(licence(), applied).breaches("apply thresholds user: R9")
			r.do(r.appointed(octopus, both), asked("s", octopus, r.now)).refused(solr.R9, hold.Event{Kind: hold.ThresholdsInstructed, Failure: failed, Request: "s"})
			r.do(supportIs(hold.SupportApproved, "s"), hold.Event{Kind: hold.ThresholdsInstructed, Failure: failed, Request: "s"}, applied).same("further breaches", len(r.Breaches()), 1)
			again := asked("t", octopus, r.now)
			again.Support.Thresholds = []duis.Threshold{{User: user, Quarantine: 50}}
			r.do(again, supportIs(hold.SupportApproved, "t"), hold.Event{Kind: hold.ThresholdsInstructed, Failure: failed, Request: "t"})
			r.duties("must not transfer MPID AVRE to Octopus (R8, R11)", "must not transfer MPID AVRG to Octopus (R8, R11)", "must not revoke certificate xml (R8)", "must apply thresholds 00-00-00-00-00-00-00-A0 50 (R9)")
			r.do(applied).same("the one before", len(r.Breaches()), 2)
			again = asked("u", octopus, r.now)
			again.Support.Thresholds = []duis.Threshold{{User: user, SRV: 255}}
			r.malformed(again)
		}},
		{solr.R9, "before MP185 thresholds and support are no matter of the register", of(hold.MP134A), func(r *reg) {
			r.on(3).do(licence(), r.appointed(octopus, both), hold.Event{Kind: hold.ThresholdsApplied, Thresholds: raised}).breaches()
			r.refused(solr.R9, asked("s", octopus, r.now)).standing(duis.NotNeeded, duis.TopUpDevice, 0, "AVRE")
		}},
		{solr.R10, "under MP185 safe mode is authority for an MPID while it has no SoLR: 1.6 to credit, and no thresholds", of(hold.MP185), func(r *reg) {
			r.on(2).do(notified()).refused(solr.R10, safeModeInstructed())
			r.on(3).do(licence(), safeModeInstructed())
			r.standing(duis.Covered, duis.UpdatePaymentMode, duis.CreditMode, "AVRE").standing(duis.Refused, duis.UpdatePaymentMode, duis.PrepaymentMode, "AVRE").standing(duis.Refused, duis.UpdatePrepayConfiguration, 0, "AVRE")
			r.refused(solr.R10, hold.Event{Kind: hold.ThresholdsInstructed, Failure: failed, Thresholds: raised})
			r.on(4).do(r.appointed(octopus, avre)).standing(duis.Refused, duis.UpdatePaymentMode, duis.CreditMode, "AVRE").standing(duis.Covered, duis.UpdatePaymentMode, duis.CreditMode, "AVRG")
			r.do(r.appointed(octopus, avrg)).refused(solr.R10, safeModeInstructed())
		}},
		{solr.R10, "under MP134A at any time after the licence's revocation", of(hold.MP134A), func(r *reg) {
			r.on(2).do(notified()).refused(solr.R10, safeModeInstructed())
			r.on(3).do(licence(), r.appointed(octopus, both), safeModeInstructed()).refused(solr.R10, hold.Event{Kind: hold.SafeModeInstructed, Failure: failed, Party: "Link"})
			newReg(r.t, of(hold.Baseline)).on(3).do(licence()).refused(solr.R10, safeModeInstructed())
		}},
		{solr.R10, "by setting 2.1 is safe mode, and the instruction carries thresholds", hold.Settings{Regime: hold.MP185, Enforce: true, SafeModeVariants: []duis.SRV{duis.UpdatePrepayConfiguration}, SafeModeCarriesThresholds: true}, func(r *reg) {
			instructed := hold.Event{Kind: hold.ThresholdsInstructed, Failure: failed, Thresholds: raised}
			r.on(3).do(licence()).refused(solr.R10, instructed)
			r.do(safeModeInstructed(), instructed, hold.Event{Kind: hold.ThresholdsApplied, Thresholds: raised}).breaches().standing(duis.Covered, duis.UpdatePrepayConfiguration, 0, "AVRE")
			instructed.Thresholds = []duis.Threshold{{User: user, SRV: 255}}
			r.malformed(instructed)
		}},
		{solr.R11, "SoLR, PMA and DCC agree, each after the confirmations; a delayed item needs an instruction too, which is the PMA's agreement", of(hold.MP185), func(r *reg) {
			r.on(3).do(licence(), delayed(hold.Transfer, avre, nil), received(), r.appointed(octopus, both)).do(confirmed(octopus)...)
			r.refused(solr.R11, agreement(hold.SoLRAgrees, edf, avre)).do(agreement(hold.SoLRAgrees, octopus, both), agreement(hold.DCCAgrees, "", both))
			r.duties("must not transfer MPID AVRE to Octopus (R6, R7, R11)", "must not transfer MPID AVRG to Octopus (R7, R11)", "must not revoke certificate xml (R7)")
			r.do(released(avre, nil), agreement(hold.PMAAgrees, "", avrg))
			r.duties("must transfer MPID AVRE to Octopus (R4)", "must not transfer MPID AVRG to Octopus (R7)", "must not revoke certificate xml (R7)")
		}},
		{solr.R11, "each of the three is needed, and only under MP185", of(hold.MP185), func(r *reg) {
			for _, missing := range []hold.Agreeing{hold.SoLRAgrees, hold.PMAAgrees, hold.DCCAgrees} {
				x := newReg(r.t, of(hold.MP185)).on(3)
				x.do(licence(), x.appointed(octopus, both)).do(confirmed(octopus)...)
				for _, e := range agreed(octopus, both) {
					if e.Agreeing != missing {
						x.do(e)
					}
				}
				x.do(transferred(octopus, both)).breaches("transfer MPID AVRE: R11", "transfer MPID AVRG: R11")
			}
			newReg(r.t, of(hold.MP134A)).on(3).do(licence()).refused(solr.R11, agreement(hold.PMAAgrees, "", both))
		}},
		{solr.R11, "a failure closes when no MPID and no good Supplier Certificate is left; completion is no precondition; then nothing can be directed", of(hold.Baseline), func(r *reg) {
			r.on(3).do(licence(), r.appointed(octopus, both), revoked(cessation, "xml"), transferred(octopus, avre)).phase(solr.Appointed)
			r.on(4).do(transferred(octopus, avrg)).phase(solr.Closed)
			f, _ := r.Failure(failed)
			r.same("closed", f.Closed, r.now).refused(solr.R11, directed(edf, avre)).duties()
			r.do(transferred(edf, avre)).breaches()
		}},
		{solr.R11, "natural expiry closes too, and what comes then meets a closed failure", of(hold.MP134A), func(r *reg) {
			r.do(hold.Event{Kind: hold.CertificateIssued, Certificate: &smki.Certificate{ID: "short", Use: smki.XMLSign, Subscriber: avro, NotAfter: time.Date(2021, time.December, 6, 0, 0, 0, 0, time.UTC)}}, revoked(smki.Superseded, "xml"))
			r.on(3).do(licence(), delayed(hold.Revocation, nil, nil), received(), r.appointed(octopus, both), transferred(octopus, both)).duties("must not revoke certificate short (R3)")
			r.on(10).duties().do(revoked(cessation, "short")).breaches().phase(solr.Closed)
		}},
		{solr.R11, "the SoLR's migration is seen although its SoLR date came without any event", of(hold.MP185), func(r *reg) {
			r.on(2).do(licence())
			e := r.appointed(octopus, both)
			e.Date = r.now.AddDate(0, 0, 2)
			r.do(e).on(6).do(hold.Event{Kind: hold.MigrationStarted, Failure: failed, By: octopus}).phase(solr.Migrating)
		}},
		{solr.R12, "an arrangement overruns 90 days from 00:00 of the SoLR date, also where the appointment was logged later", of(hold.MP185), func(r *reg) {
			r.on(1).do(licence())
			e := r.appointed(octopus, both) // 1 December, logged on the 3rd
			r.on(3).do(e).do(supported("s", octopus, r.now)...)
			r.now = time.Date(2022, time.February, 28, 23, 59, 59, 0, time.UTC)
			r.same("overruns", len(r.Overruns(r.now)), 0)
			r.now = time.Date(2022, time.March, 1, 0, 0, 0, 0, time.UTC)
			r.same("overruns", r.Overruns(r.now), []hold.Overrun{{Failure: failed, MPID: "AVRE", Request: "s", SRP: hub, Since: r.now}, {Failure: failed, MPID: "AVRG", Request: "s", SRP: hub, Since: r.now}})
			r.standing(duis.Covered, duis.TopUpDevice, 0, "AVRE")
			r.do(supportIs(hold.SupportWithdrawn, "s")).same("without authority", len(r.Overruns(r.now)), 0)
		}},
		{solr.R12, "calendar days in London, across a change of the clocks", of(hold.MP185), func(r *reg) {
			r.on(41).do(licence(), r.appointed(octopus, avre)).do(supported("s", octopus, r.now)...) // 10 January to 10 April
			r.now = time.Date(2022, time.April, 9, 22, 59, 59, 0, time.UTC)
			r.same("overruns", len(r.Overruns(r.now)), 0).same("from 00:00 BST", len(r.Overruns(r.now.Add(time.Second))), 1)
		}},
		{solr.R12, "by setting the authority lapses; an extension moves the lapse, never the report", hold.Settings{Regime: hold.MP185, Enforce: true, LapseAfterArrangement: true}, func(r *reg) {
			r.on(1).do(licence(), r.appointed(octopus, both)).do(supported("s", octopus, r.now)...)
			r.do(hold.Event{Kind: hold.ArrangementExtended, Failure: failed, MPIDs: avrg, Date: r.now.AddDate(0, 0, 120)})
			r.on(91).standing(duis.Refused, duis.TopUpDevice, 0, "AVRE").standing(duis.Covered, duis.TopUpDevice, 0, "AVRG")
			r.same("overruns", len(r.Overruns(r.now)), 1).on(122).standing(duis.Refused, duis.TopUpDevice, 0, "AVRG").same("lapsed", len(r.Overruns(r.now)), 0)
			newReg(r.t, of(hold.MP134A)).on(3).do(licence()).refused(solr.R12, hold.Event{Kind: hold.ArrangementExtended, Failure: failed, Date: r.now})
		}},
		{solr.R13, "a transfer under the codes changes nothing on the DCC's network", of(hold.MP185), func(r *reg) {
			r.on(3).do(licence(), hold.Event{Kind: hold.MPIDTransferredInCodes, MPIDs: avre, Party: octopus}).breaches()
			dcc, _ := r.Directory().DCC.Owner("AVRE", r.now)
			codes, _ := r.Directory().Codes.Owner("AVRE", r.now)
			r.same("owners", []smki.PartyID{dcc, codes}, []smki.PartyID{avro, octopus})
			r.duties("must not transfer MPID AVRE (R4, R8, R11)", "must not transfer MPID AVRG (R4, R8, R11)", "must not revoke certificate xml (R8)")
		}},
		{solr.R14, "an exit before revocation closes the failure and ends its delays", of(hold.MP185), func(r *reg) {
			r.on(3).do(notified(), delayed(all, nil, nil), received(), exited()).phase(solr.Closed).duties()
			r.do(hold.Event{Kind: hold.UserSuspended, User: &smki.User{ID: user}}).breaches().standing(duis.NotNeeded, duis.TopUpDevice, 0, "AVRE")
		}},
		{solr.R14, "one after it is released by an instruction with a reason, which names the holder", of(hold.MP185), func(r *reg) {
			out := hold.Event{Kind: hold.ExitReleased, Failure: failed, Party: edf, MPIDs: avre, Certificates: xml, Text: "sold"}
			r.on(3).do(licence(), delayed(all, nil, nil), received(), r.appointed(octopus, both)).refused(solr.R14, out)
			r.on(4).do(exited()).phase(solr.Exited).duties("must not transfer MPID AVRE (R4, R6, R7, R8, R11)", "must not transfer MPID AVRG (R4, R6, R7, R8, R11)", "must not revoke certificate xml (R3, R7, R14)")
			r.refused(solr.R14, released(both, xml)).refused(solr.R14, r.appointed(octopus, both)).refused(solr.R14, delayed(all, nil, nil))
			reasonless := out
			reasonless.Text = " "
			r.malformed(reasonless).do(out).duties("must transfer MPID AVRE to EDF (R14)", "must not transfer MPID AVRG (R4, R6, R7, R8, R11)", "must revoke certificate xml (R1)")
			out.Party, out.MPIDs, out.Certificates = avro, avrg, nil
			r.do(out, transferred(edf, avre)).breaches().phase(solr.Closed) // AVRG stays with Avro, and so may its certificate
		}},
		{solr.R14, "under MP134A nothing is due any more after an exit", of(hold.MP134A), func(r *reg) {
			r.on(3).do(licence(), r.appointed(octopus, both), exited()).duties("must not transfer MPID AVRE (R4)", "must not transfer MPID AVRG (R4)", "must not revoke certificate xml (R14)")
		}},
		{solr.R15, "appointments differ per fuel; one party is SoLR of several failures", of(hold.Baseline), func(r *reg) {
			r.on(3).do(licence(), r.appointed(octopus, avre), r.appointed(edf, avrg), hold.Event{Kind: hold.LicenceRevoked, Failure: "oct", Party: octopus},
				hold.Event{Kind: hold.SoLRAppointed, Failure: "oct", Party: edf, MPIDs: octe, Date: r.now})
			r.duties("must not transfer MPID AVRE (R4)", "must transfer MPID AVRG to EDF (R4)", "must revoke certificate xml (R1)", "must transfer MPID OCTE to EDF (R4)")
		}},
		{solr.R15, "a SoLR that fails: what it has not got is void until the next direction, what it has is in its own failure instead", of(hold.Baseline), func(r *reg) {
			r.on(3).do(licence(), r.appointed(octopus, both), transferred(octopus, avre), hold.Event{Kind: hold.FailureNotified, Failure: "oct", Party: octopus})
			r.duties("must not transfer MPID AVRG (R4)", "must revoke certificate xml (R1)", "must not transfer MPID AVRE (R4)", "must not transfer MPID OCTE (R4)").phase(solr.Revoked)
			r.refused(solr.R15, r.appointed(octopus, avrg)).refused(solr.R15, directed(octopus, avrg)).refused(solr.R15, directed(edf, avre))
			r.do(transferred(octopus, avrg)).breaches("transfer MPID AVRG: R4")
		}},
		{solr.R15, "a direction that was replaced does not come back when the next SoLR fails", of(hold.Baseline), func(r *reg) {
			r.on(3).do(licence(), r.appointed(octopus, avre))
			r.on(4).do(r.appointed(edf, avre)).duties("must transfer MPID AVRE to EDF (R4)", "must not transfer MPID AVRG (R4)", "must revoke certificate xml (R1)")
			r.on(5).do(hold.Event{Kind: hold.FailureNotified, Failure: "edf", Party: edf}).duties("must not transfer MPID AVRE (R4)", "must not transfer MPID AVRG (R4)", "must revoke certificate xml (R1)")
		}},
		{solr.R15, "from its notification a SoLR no longer confirms; its support goes on until its licence is revoked, then safe mode applies again", of(hold.MP185), func(r *reg) {
			r.on(3).do(licence(), safeModeInstructed(), delayed(all, nil, nil), received(), r.appointed(octopus, both)).do(supported("s", octopus, r.now)...).do(confirmed(octopus)...).do(agreed(octopus, both)...)
			r.on(4).do(hold.Event{Kind: hold.FailureNotified, Failure: "oct", Party: octopus}).refused(solr.R15, confirmation(octopus, hold.Staff)).refused(solr.R15, asked("t", octopus, r.now))
			r.standing(duis.Covered, duis.TopUpDevice, 0, "AVRE")
			r.on(5).do(hold.Event{Kind: hold.LicenceRevoked, Failure: "oct", Party: octopus}).standing(duis.Refused, duis.TopUpDevice, 0, "AVRE").standing(duis.Covered, duis.UpdatePaymentMode, duis.CreditMode, "AVRE")
			r.on(6).do(r.appointed(edf, both)).standing(duis.Refused, duis.UpdatePaymentMode, duis.CreditMode, "AVRE")
			r.refused(solr.R8, released(both, xml)).do(confirmed(edf)...).do(released(both, xml)) // R8 starts afresh
			r.do(transferred(edf, avre)).breaches("transfer MPID AVRE: R11")                      // and so do the agreements
		}},
		{solr.R15, "an MPID that is to come back belongs to the failure of its holder instead", of(hold.Baseline), func(r *reg) {
			r.on(3).do(licence(), r.appointed(octopus, both), transferred(octopus, both))
			r.on(4).do(directed(edf, avre)).do(hold.Event{Kind: hold.FailureNotified, Failure: "oct", Party: octopus})
			r.duties("must revoke certificate xml (R1)", "must not transfer MPID AVRE (R4)", "must not transfer MPID AVRG (R4)", "must not transfer MPID OCTE (R4)")
		}},
		{solr.R15, "who lost its licence is no SoLR either when its own failure is over", of(hold.Baseline), func(r *reg) {
			r.on(3).do(hold.Event{Kind: hold.LicenceRevoked, Failure: "oct", Party: octopus}, hold.Event{Kind: hold.SoLRAppointed, Failure: "oct", Party: edf, MPIDs: octe, Date: r.now}, transferred(edf, octe))
			r.do(licence()).refused(solr.R15, r.appointed(octopus, both)).refused(solr.R15, directed(octopus, both))
		}},
		{solr.R15, "certificates wait for no confirmation of a SoLR that has failed with what it got", of(hold.MP185), func(r *reg) {
			r.on(3).do(licence(), r.appointed(octopus, both), transferred(octopus, avre), hold.Event{Kind: hold.LicenceRevoked, Failure: "oct", Party: octopus}, r.appointed(edf, avrg)).do(confirmed(edf)...)
			r.duties("must not transfer MPID AVRG to EDF (R11)", "must revoke certificate xml (R1)", "must not transfer MPID AVRE (R4, R8, R11)", "must not transfer MPID OCTE (R4, R8, R11)")
		}},
		{solr.R15, "everything the supplier has when the notice is logged is in the failure", of(hold.Baseline), func(r *reg) {
			r.on(4).do(hold.Event{Kind: hold.MPIDAllocated, MPIDs: []smki.MPID{"AVRX"}, Party: avro})
			late := notified()
			late.At = r.now.AddDate(0, 0, -2)
			r.do(late).duties("must not transfer MPID AVRE (R4)", "must not transfer MPID AVRG (R4)", "must not transfer MPID AVRX (R4)", "must not revoke certificate xml (R1)")
		}},
		{solr.R16, "revocation is final; a delay over items partly done takes effect on the rest and names the others", of(hold.MP185), func(r *reg) {
			r.do(issue("b", smki.XMLSign, avro)).on(3).do(licence(), revoked(cessation, "xml"), transferred(octopus, avre))
			a := r.apply(delayed(all, both, []smki.CertificateID{"xml", "b"}))
			r.same("done", a.Done, []hold.Item{{MPID: "AVRE"}, {Certificate: "xml"}})
			r.do(received()).duties("must not transfer MPID AVRG (R4, R6, R7, R8, R11)", "must not revoke certificate b (R3, R7, R8)")
			r.do(revoked(smki.KeyCompromise, "xml")).same("status", r.Directory().Status("xml", r.now).String(), "revoked")
		}},
		{solr.R16, "a delay whose items are all done holds and freezes nothing", of(hold.MP185), func(r *reg) {
			r.on(3).do(licence(), transferred(octopus, avre))
			r.same("done", r.apply(delayed(hold.Transfer, avre, nil)).Done, []hold.Item{{MPID: "AVRE"}})
			r.do(received(), hold.Event{Kind: hold.UserSuspended, User: &smki.User{ID: user}}).same("breaches", len(r.Breaches()), 1)
		}},
		{solr.R16, "an MPID comes back only by a new direction, to the failed supplier without any confirmation", of(hold.MP185), func(r *reg) {
			r.on(3).do(licence(), r.appointed(octopus, both)).do(confirmed(octopus)...).do(agreed(octopus, both)...).do(transferred(octopus, both)).breaches()
			r.on(4).do(transferred(avro, avrg)).breaches("transfer MPID AVRG: R16").do(directed(avro, avre))
			r.duties("must not transfer MPID AVRG (R4, R8, R11)", "must transfer MPID AVRE to Avro (R4)", "must not revoke certificate xml (R8)")
			r.do(transferred(avro, avre)).same("no further breach", len(r.Breaches()), 1)
		}},
		{solr.R16, "a direction to bring it back ends by a later one that leaves it where it is", of(hold.Baseline), func(r *reg) {
			r.on(3).do(licence(), r.appointed(octopus, both), transferred(octopus, both))
			r.do(directed(avro, both)).duties("must transfer MPID AVRE to Avro (R4)", "must transfer MPID AVRG to Avro (R4)", "must revoke certificate xml (R1)")
			r.do(directed(octopus, avre)).duties("must transfer MPID AVRG to Avro (R4)", "must revoke certificate xml (R1)")
			r.same("done", r.apply(r.appointed(octopus, avrg)).Done, []hold.Item{{MPID: "AVRG"}}).duties("must revoke certificate xml (R1)")
		}},
		{solr.R16, "after it came back, it needs a new instruction", of(hold.MP185), func(r *reg) {
			r.on(3).do(licence(), delayed(all, nil, nil), received(), r.appointed(octopus, both)).do(confirmed(octopus)...).do(agreed(octopus, both)...).do(released(both, nil), transferred(octopus, both))
			r.on(4).do(transferred(avro, avre)).on(5).do(r.appointed(octopus, avre)).do(agreed(octopus, avre)...)
			r.duties("must not transfer MPID AVRE to Octopus (R7)", "must not revoke certificate xml (R3, R7)")
		}},
		{solr.R17, "an act reported late is judged at its own time, against what was in force then", of(hold.MP185), func(r *reg) {
			r.on(3).do(licence(), delayed(all, nil, nil), received(), r.appointed(octopus, both)).do(confirmed(octopus)...).do(agreed(octopus, both)...)
			r.on(5).do(released(avre, nil))
			r.on(6).do(delayed(hold.Transfer, avre, nil), received())
			r.on(8).do(released(avre, nil))
			late := transferred(octopus, avre)
			late.At = r.now.AddDate(0, 0, -1)
			r.do(late).breaches("transfer MPID AVRE: R6, R7")
		}},
		{solr.R17, "an act before the failure's notice is not because of it", of(hold.MP185), func(r *reg) {
			r.on(3).do(notified())
			early := revoked(cessation, "xml")
			early.At = r.now.AddDate(0, 0, -1)
			r.do(early).breaches()
		}},
		{solr.R17, "the late report of an older transfer leaves an MPID where it went since", of(hold.Baseline), func(r *reg) {
			r.on(3).do(licence(), r.appointed(octopus, both), transferred(octopus, avre))
			r.on(5).do(transferred(avro, avre)) // a breach of R16
			old := transferred(edf, avre)
			r.on(6)
			old.At = r.now.AddDate(0, 0, -2)
			r.do(old).duties("must transfer MPID AVRG to Octopus (R4)", "must not transfer MPID AVRE (R4)", "must revoke certificate xml (R1)")
		}},
		{solr.R17, "directions are in the order of the log; an event is taken once; a repeat changes nothing", of(hold.MP185), func(r *reg) {
			e := delayed(all, nil, nil)
			e.ID = "one"
			r.on(3).do(licence(), e)
			r.same("repeat", r.apply(e), hold.Applied{Repeat: true})
			r.same("events", len(r.Events()), 8)
			r.on(2).malformed(delayed(hold.Transfer, avre, nil))
			r.on(4).do(notified(), licence(), transferred(avro, avre)).breaches()
			f, _ := r.Failure(failed)
			r.same("first notice", f.Notified, r.on(3).now)
		}},
		{solr.R17, "what the caller changes afterwards is not in the log", of(hold.MP185), func(r *reg) {
			m := []smki.MPID{"AVRE"}
			r.on(3).do(licence(), r.appointed(octopus, m))
			m[0] = "NONE"
			r.same("event", r.Events()[7].MPIDs, avre)
		}},
		{solr.R18, "each rule by its date: a delay given under MP134A never freezes; R8 and R11 bind what is undone on 17 November", hold.Settings{}, func(r *reg) {
			r.on(-60).do(notified()).refused(solr.R3, delayed(hold.Revocation, nil, nil)) // 1 October
			r.on(-50).do(delayed(hold.Revocation, nil, nil), received(), licence(), r.appointed(octopus, both)).refused(solr.R6, delayed(hold.Transfer, avre, nil))
			r.do(transferred(octopus, avrg)).duties("must transfer MPID AVRE to Octopus (R4)", "must not revoke certificate xml (R3)")
			r.now = time.Date(2021, time.November, 16, 23, 59, 59, 0, time.UTC)
			r.duties("must transfer MPID AVRE to Octopus (R4)", "must not revoke certificate xml (R3)")
			r.now = r.now.Add(time.Second)
			r.duties("must not transfer MPID AVRE to Octopus (R8, R11)", "must not revoke certificate xml (R3, R8)").breaches()
			r.do(hold.Event{Kind: hold.UserSuspended, User: &smki.User{ID: user}}).breaches() // not frozen
			r.do(confirmed(octopus)...).do(released(nil, xml)).duties("must not transfer MPID AVRE to Octopus (R11)", "must revoke certificate xml (R1)")
		}},
		{solr.R18, "by setting they do not", hold.Settings{UndoneActsExempt: true}, func(r *reg) {
			r.on(-50).do(licence(), r.appointed(octopus, avre)) // 11 October
			r.on(3).do(r.appointed(edf, avrg)).duties("must transfer MPID AVRE to Octopus (R4)", "must not transfer MPID AVRG to EDF (R8, R11)", "must revoke certificate xml (R1)")
		}},
		{solr.R18, "a direction repeated under MP185 was given when it was given first", hold.Settings{UndoneActsExempt: true}, func(r *reg) {
			r.on(-50).do(licence(), r.appointed(octopus, avre))
			r.on(3).do(directed(octopus, avre)).duties("must transfer MPID AVRE to Octopus (R4)", "must not transfer MPID AVRG (R4, R8, R11)", "must revoke certificate xml (R1)")
		}},
		{solr.R18, "safe mode instructed under MP134A stands", hold.Settings{Enforce: true}, func(r *reg) {
			r.on(-30).do(licence(), r.appointed(octopus, both), safeModeInstructed())
			r.on(3).standing(duis.Covered, duis.UpdatePaymentMode, duis.CreditMode, "AVRE").standing(duis.Refused, duis.TopUpDevice, 0, "AVRE")
		}},
	} {
		t.Run(c.rule.String()+" "+c.says, func(t *testing.T) { c.run(newReg(t, c.settings)) })
	}
}

// A duty is due since the last of what it waited for.
func TestDutySince(t *testing.T) {
	r := newReg(t, of(hold.MP185)).on(3)
	r.do(licence(), delayed(hold.Transfer, avre, nil), received(), r.appointed(octopus, both)).do(confirmed(octopus)...).do(agreed(octopus, both)...)
	r.on(9).do(released(both, xml))
	for _, d := range r.Duties(r.now) {
		if d.Modality == hold.Must && !d.Since.Equal(r.now) {
			t.Errorf("%v since %v, want since the release on %v", d, d.Since, r.now)
		}
	}
}

// R8: a revocation that waited for confirmations, or for an MPID to leave the failure, is due from then on, also once the MPIDs have gone.
func TestRevocationSince(t *testing.T) {
	since := func(r *reg, want time.Time) {
		t.Helper()
		for _, d := range r.Duties(r.now) {
			if d.Action == hold.RevokeCertificate && (d.Modality != hold.Must || !d.Since.Equal(want)) {
				t.Errorf("%v since %v, want %v", d, d.Since, want)
			}
		}
	}
	r := newReg(t, of(hold.MP185)).on(3)
	r.do(licence(), r.appointed(octopus, both)).on(5).do(confirmed(octopus)...).do(agreed(octopus, both)...)
	r.on(9).do(transferred(octopus, both))
	since(r, r.on(5).now)

	r = newReg(t, of(hold.MP185)).on(3)
	r.do(licence(), r.appointed(octopus, avre)).on(5).do(confirmed(octopus)...)
	r.on(9).do(hold.Event{Kind: hold.MPIDRetired, MPIDs: avrg})
	since(r, r.now)
}
