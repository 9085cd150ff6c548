package slow

import (
	"slices"
	"strings"

	"github.com/seed-db8551c1/lastresort/duis"
	"github.com/seed-db8551c1/lastresort/hold"
	"github.com/seed-db8551c1/lastresort/smki"
	"github.com/seed-db8551c1/lastresort/solr"
)

// malformed reports whether an event lacks what its kind needs, or holds what has no name.
func malformed(e hold.Event) bool {
	if !slices.Contains(hold.Kinds(), e.Kind) || e.At.IsZero() {
		return true
	}
	has := map[string]bool{
		"Failure": e.Failure != "", "By": e.By != "", "Party": e.Party != "", "MPIDs": len(e.MPIDs) > 0, "Certificates": len(e.Certificates) > 0, "Date": !e.Date.IsZero(),
		"Controls": e.Controls >= 1 && e.Controls <= 3, "Action": e.Action >= hold.RevokeCertificate && e.Action <= hold.SuspendUser, "Confirmation": e.Confirmation >= 1 && e.Confirmation <= 5,
		"Agreeing": e.Agreeing >= 1 && e.Agreeing <= 3, "Exit": e.Exit == solr.TradeSale || e.Exit == solr.SpecialAdministration, "User": e.User != nil, "Certificate": e.Certificate != nil,
		"Support": e.Support != nil, "Request": e.Request != "", "Thresholds": len(e.Thresholds) > 0, "Text": strings.TrimSpace(e.Text) != "",
	}
	for _, field := range e.Kind.Needs() {
		if !has[field] {
			return true
		}
	}
	reasons := []smki.RevocationReason{smki.Unspecified, smki.KeyCompromise, smki.CACompromise, smki.AffiliationChanged, smki.Superseded, smki.CessationOfOperation, smki.PrivilegeWithdrawn, smki.AACompromise}
	noSRV := func(t duis.Threshold) bool { return int(t.SRV) > duis.NumSRV }
	return duplicates(e.MPIDs) || duplicates(e.Certificates) || e.Kind == hold.ReleaseInstructed && len(e.MPIDs)+len(e.Certificates) == 0 || e.Controls > 3 || e.Action > hold.SuspendUser || e.Confirmation > 5 || e.Agreeing > 3 || e.Exit > solr.SpecialAdministration || e.Fuel > smki.Gas || !slices.Contains(reasons, e.Reason) ||
		e.Certificate != nil && (e.Certificate.Use < smki.XMLSign || e.Certificate.Use > smki.DeviceCertificate) || slices.ContainsFunc(e.Thresholds, noSRV) ||
		e.Support != nil && (slices.ContainsFunc(e.Support.Thresholds, noSRV) || slices.ContainsFunc(e.Support.SRVs, func(s duis.SRV) bool { return s == 0 || int(s) > duis.NumSRV }))
}

// unknown reports whether an event names what nobody knows, or contradicts a fact.
func (v *view) unknown(e hold.Event) bool {
	noMPID := func(m smki.MPID) bool { return !slices.Contains(v.mpids(), m) }
	noUser := func(t duis.Threshold) bool { _, known := v.user(t.User); return !known }
	switch e.Kind {
	case hold.UserRecorded:
		u, known := v.user(e.User.ID)
		return e.User.ID == 0 || e.User.Party == "" || known && u.Party != e.User.Party
	case hold.MPIDAllocated:
		return slices.ContainsFunc(e.MPIDs, func(m smki.MPID) bool { return !noMPID(m) || !wellFormed(m) })
	case hold.CertificateIssued:
		c := e.Certificate
		return c.ID == "" || c.Subscriber == "" || v.certificate(c.ID) != nil
	case hold.SRPEngaged:
		return false
	case hold.FailureNotified, hold.LicenceRevoked:
		f := v.failure(e.Failure)
		if f != nil {
			return f.Supplier != e.Party || !f.open()
		}
		return v.failing(e.Party) != nil
	case hold.ExitReleased:
		if len(e.MPIDs)+len(e.Certificates) == 0 || len(e.MPIDs) > 0 && e.Party == "" {
			return true
		}
	}
	if slices.Contains([]hold.Kind{hold.MPIDRetired, hold.MPIDTransferred, hold.MPIDTransferredInCodes, hold.SoLRAnnounced, hold.SoLRAppointed, hold.DelayDirected, hold.ReleaseInstructed,
		hold.ExitReleased, hold.ArrangementExtended, hold.TransferAgreed}, e.Kind) {
		var f *life
		if slices.Contains(e.Kind.Needs(), "Failure") {
			f = v.failure(e.Failure)
		}
		if slices.ContainsFunc(e.MPIDs, noMPID) || f != nil && slices.ContainsFunc(e.MPIDs, func(m smki.MPID) bool { return !slices.Contains(v.joined(f), m) }) {
			return true
		}
	}
	if slices.Contains([]hold.Kind{hold.DelayDirected, hold.ReleaseInstructed, hold.ExitReleased}, e.Kind) && slices.ContainsFunc(e.Certificates, func(id smki.CertificateID) bool {
		c := v.certificate(id)
		return c == nil || c.Subscriber != v.failure(e.Failure).Supplier
	}) {
		return true
	}
	if e.Kind == hold.DelayDirected && (len(e.MPIDs) > 0 && e.Controls&hold.Transfer == 0 || len(e.Certificates) > 0 && e.Controls&hold.Revocation == 0) {
		return true
	}
	if e.Kind == hold.DelayReceived && e.Ref != "" && !slices.ContainsFunc(v.log, func(x hold.Event) bool { return x.ID == e.Ref }) {
		return true
	}
	if e.Kind == hold.ThresholdsApplied && slices.ContainsFunc(e.Thresholds, noUser) {
		return true
	}
	if e.Kind == hold.SoLRAnnounced && e.Party == v.failure(e.Failure).Supplier {
		return true
	}
	switch e.Kind {
	case hold.TransferAgreed:
		return e.Agreeing == hold.SoLRAgrees && e.By == ""
	case hold.ActionInstructed:
		switch e.Action {
		case hold.RevokeCertificate, hold.TransferMPID, hold.ApplyThresholds: // ReleaseInstructed and ThresholdsInstructed name those
			return true
		case hold.IssueCertificate, hold.PublishCRL:
			return len(e.Certificates) == 0
		}
		return e.User == nil || e.User.ID == 0
	case hold.ThresholdsInstructed:
		if e.Request == "" {
			return len(e.Thresholds) == 0 || v.forbidden(e) == 0 && slices.ContainsFunc(e.Thresholds, func(t duis.Threshold) bool { return v.foreign(t, e.Failure) })
		}
		q := v.request(e.Request)
		return q == nil || q.Failure != e.Failure
	}
	past := v.before(len(v.log), e.At)
	switch e.Kind {
	case hold.MPIDRetired:
		return slices.ContainsFunc(e.MPIDs, func(m smki.MPID) bool {
			return !past.heldFrom(m, hold.MPIDTransferred) || !past.heldFrom(m, hold.MPIDTransferredInCodes)
		})
	case hold.MPIDTransferred:
		return slices.ContainsFunc(e.MPIDs, func(m smki.MPID) bool { return past.owner(m, hold.MPIDTransferred) == "" })
	case hold.MPIDTransferredInCodes:
		return slices.ContainsFunc(e.MPIDs, func(m smki.MPID) bool { return past.owner(m, hold.MPIDTransferredInCodes) == "" })
	case hold.QuarantineReleased, hold.QuarantineDeleted, hold.UserSuspended:
		_, known := v.user(e.User.ID)
		return !known
	case hold.SupportRequested:
		s := e.Support
		return v.request(e.Request) != nil || len(s.SRVs) == 0 || s.From.IsZero() || !s.To.IsZero() && !s.From.Before(s.To)
	case hold.SupportApproved, hold.SupportRefused, hold.SupportAccepted, hold.SupportDeclined, hold.SupportWithdrawn:
		return v.request(e.Request) == nil
	}
	return false
}

// foreign reports whether a threshold is of another User than those of a failed supplier.
func (v *view) foreign(t duis.Threshold, id solr.FailureID) bool {
	u, known := v.user(t.User)
	return !known || u.Party != v.failure(id).Supplier
}

// heldFrom reports whether an MPID belongs to somebody at the instant, and no change after it is known.
func (v *view) heldFrom(m smki.MPID, moved hold.Kind) bool {
	return v.owner(m, moved) != "" && !slices.ContainsFunc(v.changes(m, moved), func(c change) bool { return c.at.After(v.at) })
}

func wellFormed(m smki.MPID) bool {
	return (len(m) == 3 || len(m) == 4) && strings.Trim(string(m), "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == ""
}

func duplicates[T comparable](all []T) bool {
	for i, x := range all {
		if slices.Contains(all[:i], x) {
			return true
		}
	}
	return false
}

// notInForce is the rule that a direction rests on if it is not in force yet (R18), zero if it is.
func (v *view) notInForce(e hold.Event) solr.Rule {
	regime := v.regime(e.At)
	switch e.Kind {
	case hold.DelayDirected:
		switch {
		case regime == hold.Baseline:
			return solr.R3
		case regime == hold.MP134A && e.Controls&hold.Transfer != 0:
			return solr.R6
		}
	case hold.ReleaseInstructed:
		switch {
		case regime == hold.Baseline:
			return solr.R3
		case regime == hold.MP134A && len(e.MPIDs) > 0:
			return solr.R6
		}
	case hold.SafeModeInstructed:
		if regime == hold.Baseline {
			return solr.R10
		}
	default:
		rests := map[hold.Kind]solr.Rule{hold.ActionInstructed: solr.R7, hold.SupportRequested: solr.R9, hold.ThresholdsInstructed: solr.R9, hold.TransferAgreed: solr.R11, hold.ArrangementExtended: solr.R12}
		if regime != hold.MP185 {
			return rests[e.Kind]
		}
	}
	return 0
}

// unfit is the rule that forbids to direct an MPID to a party, zero if none does.
func (v *view) unfit(f *life, e hold.Event) solr.Rule {
	switch {
	case slices.Contains([]hold.Kind{hold.SoLRAppointed, hold.DelayDirected, hold.ReleaseInstructed}, e.Kind) && f.Phase == solr.Exited:
		return solr.R14
	case e.Kind == hold.SoLRAppointed && e.Party == f.Supplier:
		return solr.R4
	case e.Kind == hold.ExitReleased && f.Phase != solr.Exited:
		return solr.R14
	case (e.Kind == hold.SoLRAppointed || e.Kind == hold.TransferDirected || e.Kind == hold.ExitReleased && len(e.MPIDs) > 0) && e.Party != f.Supplier && v.r15Failed(e.Party):
		return solr.R15
	}
	return 0
}

// forbidden is the rule that forbids a direction or request, zero if none does (R17).
func (v *view) forbidden(e hold.Event) solr.Rule {
	f := v.failure(e.Failure)
	regime := v.regime(e.At)
	switch e.Kind {
	case hold.SafeModeInstructed:
		if f.Revoked.IsZero() {
			return solr.R10
		}
		if !slices.Contains(v.engaged(f.Supplier), e.Party) {
			return solr.R10
		}
		if regime == hold.MP185 && !slices.ContainsFunc(v.left(f), func(m smki.MPID) bool { return v.solrOf(f, m) == "" }) {
			return solr.R10
		}
	case hold.ReleaseInstructed:
		switch {
		case regime != hold.MP185:
			return 0
		case slices.ContainsFunc(e.MPIDs, func(m smki.MPID) bool {
			d, _ := v.r04TransferDue(f, m)
			return slices.Contains(v.left(f), m) && v.r18Binds(d.given) && v.meant(f, m) != f.Supplier && !v.r08MPID(f, m)
		}):
			return solr.R8
		case slices.ContainsFunc(e.Certificates, func(id smki.CertificateID) bool { return !v.revoked(id) }) && v.r18Binds(f.Revoked) && !v.r08Certificates(f):
			return solr.R8
		}
	case hold.Confirmed:
		if v.r15Failed(e.By) {
			return solr.R15
		}
		if !v.named(f, e.By) || v.allReleased(f, e.By) {
			return solr.R8
		}
		if e.Confirmation == hold.SRPSupport {
			for _, p := range v.engaged(f.Supplier) {
				if !slices.ContainsFunc(v.happened(hold.PositionStated), func(x numbered) bool { return x.Failure == f.ID && x.By == p }) {
					return solr.R8
				}
			}
		}
	case hold.TransferAgreed:
		for _, m := range e.MPIDs {
			if v.stint(f, m).gone || v.stint(f, m).kept {
				continue
			}
			if d, _ := v.r04TransferDue(f, m); v.meant(f, m) != f.Supplier && !d.exit && !v.r08MPID(f, m) || e.Agreeing == hold.SoLRAgrees && v.meant(f, m) != e.By {
				return solr.R11
			}
		}
	case hold.SupportRequested:
		if v.r15Failed(e.By) {
			return solr.R15
		}
		if !slices.Contains(v.engaged(f.Supplier), e.Party) || !slices.ContainsFunc(v.joined(f), func(m smki.MPID) bool { return v.solrOf(f, m) == e.By }) {
			return solr.R9
		}
	case hold.SupportApproved, hold.SupportRefused:
		if q := v.request(e.Request); q.approved || q.refused || e.By != "" && e.By != q.Party {
			return solr.R9
		}
	case hold.SupportAccepted, hold.SupportDeclined:
		if q := v.request(e.Request); q.Party != e.By || !q.approved || q.declined || q.withdrawn || q.accepted {
			return solr.R9
		}
	case hold.SupportWithdrawn:
		if q := v.request(e.Request); q.Party != e.By || !q.approved || q.declined || q.withdrawn {
			return solr.R9
		}
	case hold.ThresholdsInstructed:
		q := v.request(e.Request)
		switch {
		case q == nil && v.SafeModeCarriesThresholds && len(e.Thresholds) > 0:
			if !slices.ContainsFunc(v.happened(hold.SafeModeInstructed), func(x numbered) bool { return x.Failure == f.ID }) {
				return solr.R10
			}
		case q == nil:
			return solr.R10
		case !q.approved || q.declined || q.withdrawn:
			return solr.R9
		case v.unlicensed(q.By):
			return solr.R15
		}
	case hold.MigrationCompleted:
		if !v.became(f, e.By) {
			return solr.R9
		}
	case hold.CompletionWithdrawn:
		if !v.r11Completed(f, e.By) {
			return solr.R9
		}
	}
	return 0
}
