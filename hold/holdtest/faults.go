package holdtest

import (
	"fmt"
	"slices"
	"time"

	"github.com/seed-db8551c1/lastresort/duis"
	"github.com/seed-db8551c1/lastresort/hold"
	"github.com/seed-db8551c1/lastresort/smki"
	"github.com/seed-db8551c1/lastresort/solr"
)

// faults lists what can be wrong, by rule and invariant.
var faults = []fault{
	{name: "the notice of failure is taken for the revocation of the licence", rule: solr.R1, apply: instead(hold.FailureNotified, func(f *faulty, e hold.Event) Result {
		revoked := e
		revoked.Kind = hold.LicenceRevoked
		return f.take(e, revoked)
	})},
	{name: "the revocation of the licence makes nothing due", rule: solr.R1, duties: eachDuty(func(_ *faulty, d *hold.Duty, _ time.Time) {
		if d.Action == hold.RevokeCertificate && d.Modality == hold.Must {
			d.Modality, d.Rules, d.Since = hold.May, 0, time.Time{}
		}
	})},

	{name: "IKI certificates are Supplier Certificates exactly where they should not be", rule: solr.R2, settings: func(s *hold.Settings) { s.IKIExempt = !s.IKIExempt }},
	{name: "device certificates are Supplier Certificates exactly where they should not be", rule: solr.R2, settings: func(s *hold.Settings) { s.DeviceIncluded = !s.DeviceIncluded }},
	{name: "DCCKI certificates are left out", rule: solr.R2, duties: func(f *faulty, all []hold.Duty, _ time.Time) []hold.Duty {
		return slices.DeleteFunc(all, func(d hold.Duty) bool {
			c, _, _ := f.register.Directory().Certificate(d.Certificate)
			return c.Use == smki.DCCKI && d.Action == hold.RevokeCertificate
		})
	}},

	{name: "a delay of revocation holds before it has reached the DCC", rule: solr.R3, apply: afterwards(hold.DelayDirected, func(f *faulty, e hold.Event) {
		if e.Controls&hold.Revocation != 0 {
			f.add(hold.Event{Kind: hold.DelayReceived, Failure: e.Failure})
		}
	})},
	{name: "the release of one certificate releases all of the failure", rule: solr.R3, apply: instead(hold.ReleaseInstructed, func(f *faulty, e hold.Event) Result {
		all := e
		if len(e.Certificates) > 0 {
			all.Certificates, _ = f.dutyItems(e.Failure, e.At)
		}
		return f.take(e, all)
	})},

	{name: "the announcement of a SoLR directs the transfer", rule: solr.R4, apply: afterwards(hold.SoLRAnnounced, func(f *faulty, e hold.Event) {
		f.add(hold.Event{Kind: hold.TransferDirected, Failure: e.Failure, Party: e.Party, MPIDs: e.MPIDs})
	})},
	{name: "an appointment has effect before the SoLR date", rule: solr.R4, apply: instead(hold.SoLRAppointed, func(f *faulty, e hold.Event) Result {
		now := e
		if now.Date.After(now.At) {
			now.Date = now.At.AddDate(0, 0, -1)
		}
		return f.take(e, now)
	})},

	{name: "who lost an MPID is heard as long as its certificates are good", rule: solr.R5, decide: withoutReasons(duis.MPIDMoved)},
	{name: "who holds no MPID any more is heard where no device is asked", rule: solr.R5, decide: withoutReasons(duis.NoMPIDForRole)},

	{name: "a delay of transfer holds nothing", rule: solr.R6, apply: instead(hold.DelayDirected, func(f *faulty, e hold.Event) Result {
		without := e
		without.Controls, without.MPIDs = e.Controls&^hold.Transfer, nil
		if _, ok := f.would(e); !ok || without.Controls == e.Controls {
			return f.take(e, e)
		}
		if without.Controls == 0 {
			return f.pass(e)
		}
		return f.take(e, without)
	})},
	{name: "the release of one MPID releases all of the failure", rule: solr.R6, apply: instead(hold.ReleaseInstructed, func(f *faulty, e hold.Event) Result {
		all := e
		if len(e.MPIDs) > 0 {
			_, all.MPIDs = f.dutyItems(e.Failure, e.At)
		}
		return f.take(e, all)
	})},

	{name: "nothing is frozen", rule: solr.R7, breaches: withoutRule(solr.R7), duties: eachDuty(func(_ *faulty, d *hold.Duty, _ time.Time) {
		if d.Rules.Has(solr.R7) && d.Modality == hold.MustNot {
			if d.Rules &^= 1 << solr.R7; d.Rules == 0 {
				d.Modality = hold.May
			}
		}
	})},
	{name: "a delay of one control freezes the other exactly where it should not", rule: solr.R7, settings: func(s *hold.Settings) { s.FreezeControlOnly = !s.FreezeControlOnly }},

	{name: "four confirmations are enough", rule: solr.R8, apply: afterwards(hold.Confirmed, func(f *faulty, e hold.Event) {
		if e.Confirmation == hold.EstateMakeUp {
			f.add(hold.Event{Kind: hold.Confirmed, Failure: e.Failure, By: e.By, Confirmation: hold.Staff})
		}
	})},
	{name: "the SRP's support is confirmed without its position", rule: solr.R8, apply: instead(hold.Confirmed, func(f *faulty, e hold.Event) Result {
		r := f.take(e, e)
		if r.Outcome == Refused && r.Rule == solr.R8 && e.Confirmation == hold.SRPSupport {
			failed, _ := f.register.Failure(e.Failure)
			for _, x := range f.given {
				if x.Kind == hold.SRPEngaged && x.Party == failed.Supplier {
					f.add(hold.Event{Kind: hold.PositionStated, Failure: e.Failure, By: x.By, Text: "none"})
				}
			}
			return f.take(e, e)
		}
		return r
	})},
	{name: "the revocation waits for MPIDs that were retired", rule: solr.R8, duties: eachDuty(waitsFor(func(_ *faulty, e *hold.Event, _ time.Time) bool { return e.Kind == hold.MPIDRetired }))},

	{name: "the PMA's approval is authority enough", rule: solr.R9, apply: afterwards(hold.SupportApproved, func(f *faulty, e hold.Event) {
		if q := f.latestOf(func(x *hold.Event) bool { return x.Kind == hold.SupportRequested && x.Request == e.Request }); q != nil {
			f.add(hold.Event{Kind: hold.SupportAccepted, Request: e.Request, By: q.Party})
		}
	})},
	{name: "an SRP that withdraws goes on", rule: solr.R9, apply: ignore(hold.SupportWithdrawn, always)},
	{name: "thresholds that nobody instructed are no breach", rule: solr.R9, breaches: withoutRule(solr.R9)},
	{name: "who is appointed for MPIDs that are gone to another may ask for support", rule: solr.R9, apply: instead(hold.SupportRequested, func(f *faulty, e hold.Event) Result {
		r := f.take(e, e)
		failed, _ := f.register.Failure(e.Failure)
		appointed := f.latestOf(func(x *hold.Event) bool {
			return x.Kind == hold.SoLRAppointed && x.Failure == e.Failure && x.Party == e.By
		})
		engaged := f.latestOf(func(x *hold.Event) bool {
			return x.Kind == hold.SRPEngaged && x.Party == failed.Supplier && x.By == e.Party
		})
		if r.Outcome != Refused || r.Rule != solr.R9 || appointed == nil || engaged == nil || slices.ContainsFunc(appointed.MPIDs, func(m smki.MPID) bool {
			p, _ := f.register.Directory().DCC.Owner(m, appointed.At)
			return p == failed.Supplier || p == e.By
		}) {
			return r
		}
		return f.pass(e)
	})},

	{name: "safe mode covers the change to prepayment", rule: solr.R10, decide: func(f *faulty, q Request, d Decision, at time.Time) Decision {
		if q.Mode == duis.PrepaymentMode {
			q.Mode = duis.CreditMode
			d, _ = f.reference.Decide(q, at)
		}
		return d
	}},
	{name: "safe mode is instructed whoever is there", rule: solr.R10, apply: letPass(hold.SafeModeInstructed, solr.R10)},

	{name: "the DCC's agreement goes without saying", rule: solr.R11, apply: afterwards(hold.TransferAgreed, func(f *faulty, e hold.Event) {
		if e.Agreeing == hold.SoLRAgrees {
			f.add(hold.Event{Kind: hold.TransferAgreed, Failure: e.Failure, Agreeing: hold.DCCAgrees, MPIDs: e.MPIDs})
		}
	})},
	{name: "a transfer waits for the SoLR's migration", rule: solr.R11, duties: eachDuty(func(f *faulty, d *hold.Duty, _ time.Time) {
		if d.Action == hold.TransferMPID && d.Modality == hold.Must && f.latestOf(func(e *hold.Event) bool { return e.Kind == hold.MigrationCompleted && e.Failure == d.Failure }) == nil {
			d.Modality, d.Rules, d.Since = hold.MustNot, solr.RuleSetOf(solr.R11), time.Time{}
		}
	})},

	{name: "an overrun is reported a day late", rule: solr.R12, overruns: func(_ *faulty, all []hold.Overrun, at time.Time) []hold.Overrun {
		return slices.DeleteFunc(all, func(o hold.Overrun) bool { return at.Before(o.Since.Add(day)) })
	}},
	{name: "an extension silences the report", rule: solr.R12, overruns: func(f *faulty, all []hold.Overrun, at time.Time) []hold.Overrun {
		return slices.DeleteFunc(all, func(o hold.Overrun) bool {
			return f.latestOf(func(e *hold.Event) bool {
				return e.Kind == hold.ArrangementExtended && e.Failure == o.Failure && (len(e.MPIDs) == 0 || slices.Contains(e.MPIDs, o.MPID)) && at.Before(e.Date)
			}) != nil
		})
	}},

	{name: "a transfer under the codes moves the DCC's map", rule: solr.R13, apply: afterwards(hold.MPIDTransferredInCodes, func(f *faulty, e hold.Event) {
		f.add(hold.Event{Kind: hold.MPIDTransferred, At: e.At, Party: e.Party, MPIDs: e.MPIDs})
	})},
	{name: "the DCC's transfer moves the map of the codes", rule: solr.R13, apply: afterwards(hold.MPIDTransferred, func(f *faulty, e hold.Event) {
		f.add(hold.Event{Kind: hold.MPIDTransferredInCodes, At: e.At, Party: e.Party, MPIDs: e.MPIDs})
	})},

	{name: "an exit before the revocation ends nothing", rule: solr.R14, apply: ignore(hold.SupplierExited, func(f *faulty, e hold.Event) bool {
		failed, _ := f.register.Failure(e.Failure)
		return failed.Revoked.IsZero()
	})},
	{name: "a SoLR is appointed after an exit", rule: solr.R14, apply: letPass(hold.SoLRAppointed, solr.R14)},
	{name: "who keeps its MPIDs after an exit is not done with as long as its certificates are good", rule: solr.R14, apply: ignore(hold.ExitReleased, func(f *faulty, e hold.Event) bool {
		then := f.register.Clone()
		_, _ = then.Apply(e)
		failed, _ := then.Failure(e.Failure)
		good, _ := f.dutyItems(e.Failure, e.At)
		return failed.Phase == solr.Closed && e.Party == failed.Supplier && len(good) > 0
	})},

	{name: "a SoLR that fails is still to have what was directed to it", rule: solr.R15, duties: eachDuty(func(f *faulty, d *hold.Duty, at time.Time) {
		if d.Action != hold.TransferMPID || d.To != "" {
			return
		}
		given := f.latestOf(func(e *hold.Event) bool {
			return (e.Kind == hold.SoLRAppointed || e.Kind == hold.TransferDirected) && e.Failure == d.Failure && slices.Contains(e.MPIDs, d.MPID)
		})
		if given != nil {
			if _, failing := f.openFailure(given.Party, at); failing {
				d.Modality, d.To, d.Rules = hold.Must, given.Party, solr.RuleSetOf(solr.R4)
			}
		}
	})},
	{name: "the revocation waits for MPIDs that another failure has now", rule: solr.R15, duties: eachDuty(waitsFor(func(f *faulty, e *hold.Event, at time.Time) bool {
		_, failing := f.openFailure(e.Party, at)
		return failing && e.Kind == hold.MPIDTransferred
	}))},
	{name: "a party that is failing itself becomes SoLR", rule: solr.R15, apply: letPass(hold.SoLRAppointed, solr.R15)},

	{name: "an MPID comes back without a direction", rule: solr.R16, breaches: withoutRule(solr.R16)},
	{name: "a delay over items of which some are done is refused", rule: solr.R16, apply: instead(hold.DelayDirected, func(f *faulty, e hold.Event) Result {
		if a, ok := f.would(e); ok && len(a.Done) > 0 {
			return Result{Outcome: Refused, Rule: solr.R16}
		}
		return f.take(e, e)
	})},

	{name: "the report of an act that breaks a rule is refused", rule: solr.R17, apply: func(f *faulty, e hold.Event) Result {
		if a, ok := f.would(e); ok && len(a.Breaches) > 0 {
			return Result{Outcome: Refused, Rule: a.Breaches[0].Rules.All()[0]}
		}
		return f.take(e, e)
	}},
	{name: "reports that come late are not taken", rule: solr.R17, apply: func(f *faulty, e hold.Event) Result {
		if !e.Kind.Direction() && f.latestOf(func(x *hold.Event) bool { return x.At.After(e.At) }) != nil {
			return Result{Outcome: Malformed}
		}
		return f.take(e, e)
	}},

	{name: "the rules of MP185 are taken to have been in force always", rule: solr.R18, settings: func(s *hold.Settings) {
		if s.Regime == hold.Actual {
			s.Regime = hold.MP185
		}
	}},
	{name: "acts undone when MP185 came are bound exactly where they should not be", rule: solr.R18, settings: func(s *hold.Settings) { s.UndoneActsExempt = !s.UndoneActsExempt }},
	{name: "a delay given under MP134A freezes", rule: solr.R18, duties: eachDuty(func(f *faulty, d *hold.Duty, at time.Time) {
		given := f.latestOf(func(e *hold.Event) bool {
			return e.Kind == hold.DelayDirected && e.Failure == d.Failure && f.regime(e.At) == hold.MP134A
		})
		if given != nil && f.regime(at) == hold.MP185 {
			d.Modality, d.Rules, d.Since = hold.MustNot, d.Rules|1<<solr.R7, time.Time{}
		}
	})},

	{name: "a retired MPID stays with its holder under the codes", invariant: OneOwner, owner: func(f *faulty, m Map, id smki.MPID, p smki.PartyID, at time.Time) smki.PartyID {
		retired := f.latestOf(func(e *hold.Event) bool { return e.Kind == hold.MPIDRetired && slices.Contains(e.MPIDs, id) })
		if m == CodesMap && p == "" && retired != nil {
			p, _ = f.register.Directory().Codes.Owner(id, retired.At.Add(-1))
		}
		return p
	}},
	{name: "at the instant of its transfer an MPID belongs to nobody", invariant: OneOwner, owner: func(f *faulty, m Map, id smki.MPID, p smki.PartyID, at time.Time) smki.PartyID {
		if m == DCCMap && f.latestOf(func(e *hold.Event) bool {
			return e.Kind == hold.MPIDTransferred && slices.Contains(e.MPIDs, id) && e.At.Equal(at)
		}) != nil {
			return ""
		}
		return p
	}},

	{name: "only the first act of a report is judged", invariant: ActsJudged, breaches: func(all []hold.Breach) []hold.Breach {
		return slices.CompactFunc(all, func(a, b hold.Breach) bool { return a.Seq == b.Seq })
	}},
	{name: "an act is judged by when it was reported", invariant: ActsJudged, apply: func(f *faulty, e hold.Event) Result {
		late := e
		if later := f.latestOf(func(x *hold.Event) bool { return x.At.After(e.At) }); later != nil && !e.At.IsZero() && e.Kind.Actor() == hold.DCC && e.Kind != hold.DelayReceived {
			late.At = later.At
		}
		return f.take(e, late)
	}},

	{name: "the certificate that signed the payload is not checked", invariant: FilterExact, decide: withoutReasons(duis.SigningRevoked, duis.SigningNotValid)},
	{name: "what is only to be flagged is refused", invariant: FilterExact, decide: func(f *faulty, _ Request, d Decision, _ time.Time) Decision {
		if d.Standing == duis.NotCovered {
			d.Reasons |= d.Advice
			d = concluded(d)
		}
		return d
	}},

	{name: "who has its licence still needs an authority from the notice of failure on", invariant: LicensedFree, decide: func(f *faulty, q Request, d Decision, at time.Time) Decision {
		if failed, ok := f.openFailure(f.party(q.User), at); ok && failed.Revoked.IsZero() {
			return f.unauthorised(d)
		}
		return d
	}},
	{name: "who is SoLR needs an authority for its own", invariant: LicensedFree, decide: func(f *faulty, q Request, d Decision, at time.Time) Decision {
		p := f.party(q.User)
		if _, failed := f.openFailure(p, at); !failed && d.Standing == duis.NotNeeded && f.latestOf(func(e *hold.Event) bool { return e.Kind == hold.SoLRAppointed && e.Party == p }) != nil {
			return f.unauthorised(d)
		}
		return d
	}},

	{name: "the receipt of a delay is the receipt of all, on every failure", invariant: Commuting, apply: afterwards(hold.DelayReceived, func(f *faulty, e hold.Event) {
		for _, x := range f.register.Failures(e.At) {
			f.add(hold.Event{Kind: hold.DelayReceived, Failure: x.ID})
		}
	})},
	{name: "what a SoLR confirms it confirms for every failure", invariant: Commuting, apply: afterwards(hold.Confirmed, func(f *faulty, e hold.Event) {
		for _, x := range f.register.Failures(e.At) {
			f.add(hold.Event{Kind: hold.Confirmed, Failure: x.ID, By: e.By, Confirmation: e.Confirmation})
		}
	})},

	{name: "IDs of events are remembered over a reset", invariant: Replayable, apply: func(f *faulty, e hold.Event) Result {
		if e.ID != "" && f.ids[e.ID] && f.latestOf(func(x *hold.Event) bool { return x.ID == e.ID }) == nil {
			return Result{Outcome: Applied}
		}
		r := f.take(e, e)
		if f.ids == nil {
			f.ids = make(map[string]bool)
		}
		f.ids[e.ID] = f.ids[e.ID] || r.Outcome == Applied
		return r
	}},
	{name: "a question about a time to come moves the clock", invariant: Replayable, apply: func(f *faulty, e hold.Event) Result {
		if e.Kind.Direction() && e.At.Before(f.asked) {
			return Result{Outcome: Malformed}
		}
		return f.take(e, e)
	}},
	{name: "events that were refused are sealed", invariant: Replayable, seal: func(f *faulty, s string) string { return fmt.Sprintf("%s %d", s, f.refused) }},

	{name: "under MP185 a delay stops the failed supplier", invariant: RegimesOrdered, decide: func(f *faulty, q Request, d Decision, at time.Time) Decision {
		failed, ok := f.openFailure(f.party(q.User), at)
		if ok && f.regime(at) == hold.MP185 && f.latestOf(func(e *hold.Event) bool { return e.Kind == hold.DelayDirected && e.Failure == failed.ID }) != nil {
			d.Reasons |= duis.ReasonsOf(duis.XMLSignRevoked)
			d = concluded(d)
		}
		return d
	}},
	{name: "under MP134A the notice of failure is taken for the revocation of the licence", invariant: RegimesOrdered, apply: instead(hold.FailureNotified, func(f *faulty, e hold.Event) Result {
		revoked := e
		if f.regime(e.At) == hold.MP134A {
			revoked.Kind = hold.LicenceRevoked
		}
		return f.take(e, revoked)
	})},
}
