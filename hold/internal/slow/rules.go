package slow

import (
	"slices"
	"time"

	"github.com/seed-db8551c1/lastresort/duis"
	"github.com/seed-db8551c1/lastresort/hold"
	"github.com/seed-db8551c1/lastresort/smki"
	"github.com/seed-db8551c1/lastresort/solr"
)

// r01RevocationDue: revocation of the certificates is due from the revocation of the licence on.
func (v *view) r01RevocationDue(f *life) bool { return !f.Revoked.IsZero() }

// r02SupplierCertificate: the certificates and DCCKI certificates of which the failed supplier is Subscriber. That leaves out those of the SRP.
func (v *view) r02SupplierCertificate(c *smki.Certificate, p smki.PartyID) bool {
	switch {
	case c.Subscriber != p:
		return false
	case c.Use == smki.IKI:
		return !v.IKIExempt
	case c.Use == smki.DeviceCertificate:
		return v.DeviceIncluded
	}
	return true
}

func (v *view) supplierCertificates(p smki.PartyID) []*smki.Certificate {
	return slices.DeleteFunc(v.certificates(), func(c *smki.Certificate) bool { return !v.r02SupplierCertificate(c, p) })
}

// r03Held: the PMA's delay holds a certificate from the DCC's receipt until the PMA releases it.
func (v *view) r03Held(f *life, id smki.CertificateID) bool {
	return v.delay(f, hold.Revocation, hold.Item{Certificate: id}, true) > 0
}

// r06Held: the same of an MPID.
func (v *view) r06Held(f *life, id smki.MPID) bool {
	return v.delay(f, hold.Transfer, hold.Item{MPID: id}, true) > 0
}

// delay is the position of the latest delay of an item that the PMA has not ended since; of those that the DCC has received, or of those that it has not. Zero is none.
func (v *view) delay(f *life, control hold.Controls, x hold.Item, received bool) int {
	last := 0
	for _, e := range v.happened(hold.DelayDirected) {
		if e.Failure == f.ID && v.covers(e, control, x) && v.released(f, x) < e.pos && v.received(f, e) == received {
			last = e.pos
		}
	}
	return last
}

// covers reports whether a delay names an item. Without items it is of all of the control; under MP134A that means those there are when it is given.
func (v *view) covers(delay numbered, control hold.Controls, x hold.Item) bool {
	if delay.Controls&control == 0 {
		return false
	}
	if len(delay.MPIDs) == 0 && len(delay.Certificates) == 0 {
		return v.regime(delay.At) == hold.MP185 || (&view{Settings: v.Settings, log: v.log[:delay.pos], at: delay.At}).certificate(x.Certificate) != nil
	}
	return slices.Contains(delay.MPIDs, x.MPID) || slices.Contains(delay.Certificates, x.Certificate)
}

// received reports whether a delay has reached the DCC.
func (v *view) received(f *life, delay numbered) bool {
	return slices.ContainsFunc(v.happened(hold.DelayReceived), func(e numbered) bool {
		return e.Failure == f.ID && e.pos > delay.pos && (e.Ref == "" || e.Ref == delay.ID)
	})
}

// released is the position of the PMA's last instruction that ended a delay of an item, or named it after an exit. Zero is none.
func (v *view) released(f *life, x hold.Item) int {
	last := 0
	for _, e := range v.happened(hold.ReleaseInstructed, hold.ExitReleased) {
		if e.Failure == f.ID && names(e.Event, x) {
			last = e.pos
		}
	}
	return last
}

// names reports whether an instruction names an item. Without items it names all.
func names(e *hold.Event, x hold.Item) bool {
	if len(e.MPIDs) == 0 && len(e.Certificates) == 0 {
		return true
	}
	return x.MPID != "" && slices.Contains(e.MPIDs, x.MPID) || x.Certificate != "" && slices.Contains(e.Certificates, x.Certificate)
}

// directed is where an MPID is to go.
type directed struct {
	to  smki.PartyID
	pos int
	at  time.Time
}

// r04TransferDue: the transfer is due to whom the last direction that took effect names, the SoLR's appointment being one. A direction towards a party that has failed since is void (R15).
func (v *view) r04TransferDue(f *life, m smki.MPID) (d directed, due bool) {
	for _, a := range v.appointments(f.ID) {
		if slices.Contains(a.MPIDs, m) && !a.from.Before(d.at) {
			d = directed{a.Party, a.pos, a.from}
		}
	}
	for _, e := range v.happened(hold.TransferDirected, hold.ExitReleased) {
		if e.Failure == f.ID && slices.Contains(e.MPIDs, m) && (e.At.After(d.at) || e.At.Equal(d.at) && e.pos > d.pos) {
			d = directed{e.Party, e.pos, e.At}
		}
	}
	return d, d.to != "" && !v.r15Lost(d.to, d.pos)
}

// r05OwnMPID: a request with an MPxN needs the DCC's map to give the MPID to the party in whose name it is.
func (v *view) r05OwnMPID(p smki.PartyID, m smki.MPID) bool {
	return v.owner(m, hold.MPIDTransferred) == p
}

// r07Frozen: from the receipt of a delay given under MP185 on, while it holds anything, the DCC does nothing about the failure that no later instruction of the PMA names. It gives the
// position of the latest such delay.
func (v *view) r07Frozen(f *life, a hold.Action) (last int) {
	freezes := func(control hold.Controls, x hold.Item) {
		switch a {
		case hold.RevokeCertificate, hold.IssueCertificate, hold.PublishCRL:
			if v.FreezeControlOnly && control != hold.Revocation {
				return
			}
		case hold.TransferMPID:
			if v.FreezeControlOnly && control != hold.Transfer {
				return
			}
		}
		if pos := v.delay(f, control, x, true); pos > last && v.regime(v.log[pos-1].At) == hold.MP185 {
			last = pos
		}
	}
	for _, m := range v.held(f.Supplier) {
		freezes(hold.Transfer, hold.Item{MPID: m})
	}
	for _, c := range v.supplierCertificates(f.Supplier) {
		if v.good(c) {
			freezes(hold.Revocation, hold.Item{Certificate: c.ID})
		}
	}
	return last
}

// r07Forbids reports whether the freeze forbids an act on an item or a User.
func (v *view) r07Forbids(f *life, a hold.Action, x hold.Item, u smki.EUI64) bool {
	since := v.r07Frozen(f, a)
	if since == 0 {
		return false
	}
	if x != (hold.Item{}) && v.released(f, x) > since {
		return false
	}
	for _, e := range v.happened(hold.ActionInstructed) {
		if e.Failure == f.ID && e.pos > since && e.Action == a && (names(e.Event, x) || x == hold.Item{}) && (e.User == nil || u == 0 || e.User.ID == u) {
			return false
		}
	}
	return true
}

// r08Confirmed: the SoLR has given all five confirmations.
func (v *view) r08Confirmed(f *life, by smki.PartyID) bool {
	given := make(map[hold.Confirmation]bool)
	for _, e := range v.happened(hold.Confirmed) {
		if e.Failure == f.ID && e.By == by {
			given[e.Confirmation] = true
		}
	}
	return len(given) == 5
}

// r08MPID: an MPID goes once its own SoLR has confirmed.
func (v *view) r08MPID(f *life, m smki.MPID) bool {
	s := v.solrOf(f, m)
	return s != "" && v.r08Confirmed(f, s)
}

// r08Certificates: certificates go once every MPID of the failure has a SoLR that has confirmed, those transferred included.
func (v *view) r08Certificates(f *life) bool {
	return !slices.ContainsFunc(v.ofFailure(f), func(m smki.MPID) bool { return !v.r08MPID(f, m) })
}

// ofFailure is the MPIDs that the supplier held at any time since its failure, but those that belong to a second failure now (R15).
func (v *view) ofFailure(f *life) []smki.MPID {
	return slices.DeleteFunc(v.mpids(), func(m smki.MPID) bool {
		owner := v.owner(m, hold.MPIDTransferred)
		then := (&view{Settings: v.Settings, log: v.log, at: f.Notified}).owner(m, hold.MPIDTransferred)
		return owner != f.Supplier && (then != f.Supplier || v.failing(owner) != nil || owner == "")
	})
}

// solrOf is the SoLR of an MPID: the last one appointed, unless it has failed.
func (v *view) solrOf(f *life, m smki.MPID) smki.PartyID {
	var last appointment
	for _, a := range v.appointments(f.ID) {
		if slices.Contains(a.MPIDs, m) && !a.from.Before(last.from) {
			last = a
		}
	}
	if last.Event == nil || v.r15Lost(last.Party, last.pos) {
		return ""
	}
	return last.Party
}

// named reports whether a party was announced or appointed as SoLR of a failure.
func (v *view) named(f *life, p smki.PartyID) bool {
	return slices.ContainsFunc(v.happened(hold.SoLRAnnounced, hold.SoLRAppointed), func(e numbered) bool { return e.Failure == f.ID && e.Party == p }) && v.failing(p) == nil
}

// r11Agreed: SoLR, PMA and DCC have agreed to the transfer since its direction; an instruction of the PMA that names the MPID is its agreement.
func (v *view) r11Agreed(f *life, m smki.MPID, d directed) bool {
	agreed := make(map[hold.Agreeing]bool)
	for _, e := range v.happened(hold.TransferAgreed, hold.ReleaseInstructed, hold.ActionInstructed) {
		if e.Failure != f.ID || !slices.Contains(e.MPIDs, m) {
			continue
		}
		switch {
		case e.Kind == hold.TransferAgreed && e.Agreeing == hold.SoLRAgrees:
			agreed[hold.SoLRAgrees] = agreed[hold.SoLRAgrees] || e.By == d.to
		case e.Kind == hold.TransferAgreed:
			agreed[e.Agreeing] = true
		case e.Kind == hold.ReleaseInstructed || e.Action == hold.TransferMPID:
			agreed[hold.PMAAgrees] = true
		}
	}
	return len(agreed) == 3 && agreed[hold.SoLRAgrees]
}

// r14Released: after an exit from a revoked licence an item goes by the PMA's instruction.
func (v *view) r14Released(f *life, x hold.Item) bool {
	return slices.ContainsFunc(v.happened(hold.ExitReleased), func(e numbered) bool { return e.Failure == f.ID && names(e.Event, x) })
}

// r15Lost reports whether a party has failed since a position of the log.
func (v *view) r15Lost(p smki.PartyID, since int) bool {
	return slices.ContainsFunc(v.failures(), func(f life) bool { return f.Supplier == p && (f.pos > since || f.open()) })
}

// r18Binds reports whether R8 and R11 bind an act whose trigger came at a time.
func (v *view) r18Binds(trigger time.Time) bool {
	return v.regime(v.at) == hold.MP185 && !(v.UndoneActsExempt && v.regime(trigger) != hold.MP185)
}

// ordinary reports whether a certificate is revoked on grounds that have nothing to do with the failure.
func ordinary(r smki.RevocationReason) bool {
	return r == smki.KeyCompromise || r == smki.CACompromise || r == smki.AffiliationChanged || r == smki.Superseded
}

// set builds a set of rules.
func set(of map[solr.Rule]bool) (s solr.RuleSet) {
	for r, in := range of {
		if in {
			s |= 1 << r
		}
	}
	return s
}

// transferBreaks is the rules that forbid to transfer an MPID of a failure to a party.
func (v *view) transferBreaks(f *life, m smki.MPID, to smki.PartyID) solr.RuleSet {
	d, due := v.r04TransferDue(f, m)
	x := hold.Item{MPID: m}
	exited := f.Phase == solr.Exited
	binds := v.r18Binds(d.at) && !exited
	return set(map[solr.Rule]bool{
		solr.R4:  !exited && (!due || d.to != to),
		solr.R6:  v.r06Held(f, m),
		solr.R7:  v.r07Forbids(f, hold.TransferMPID, x, 0),
		solr.R8:  binds && !v.r08MPID(f, m),
		solr.R11: binds && !v.r11Agreed(f, m, d),
		solr.R14: exited && (!v.r14Released(f, x) || d.to != to),
	})
}

// revocationBreaks is the rules that forbid to revoke a certificate because of a failure.
func (v *view) revocationBreaks(f *life, id smki.CertificateID, a hold.Action) solr.RuleSet {
	x := hold.Item{Certificate: id}
	exited := f.Phase == solr.Exited
	return set(map[solr.Rule]bool{
		solr.R1:  !v.r01RevocationDue(f),
		solr.R3:  v.r03Held(f, id),
		solr.R7:  v.r07Forbids(f, a, x, 0),
		solr.R8:  !exited && v.r18Binds(f.Revoked) && !v.r08Certificates(f),
		solr.R14: exited && !v.r14Released(f, x),
	})
}

// thresholdBreaks is the rules that forbid to apply a threshold.
func (v *view) thresholdBreaks(f *life, t duis.Threshold) solr.RuleSet {
	if v.instructed(f, t) {
		return 0
	}
	return set(map[solr.Rule]bool{
		solr.R7: v.r07Forbids(f, hold.ApplyThresholds, hold.Item{}, t.User),
		solr.R9: v.regime(v.at) == hold.MP185 && !f.Revoked.IsZero(),
	})
}

// instructed reports whether the PMA instructed the DCC to apply a threshold: of its instructions for the User and variant the last counts.
func (v *view) instructed(f *life, t duis.Threshold) bool {
	yes := false
	for _, e := range v.happened(hold.ThresholdsInstructed) {
		for _, x := range v.carried(e) {
			if e.Failure == f.ID && x.User == t.User && x.SRV == t.SRV {
				yes = x == t
			}
		}
	}
	return yes
}

// carried is the thresholds that an instruction carries: its own, or those of the support request that it names.
func (v *view) carried(e numbered) []duis.Threshold {
	if len(e.Thresholds) > 0 {
		return e.Thresholds
	}
	if q := v.request(e.Request); q != nil {
		return q.Support.Thresholds
	}
	return nil
}

// judge is the breaches of an act of the DCC, with what crossed a delay. The view is of the instant of the act.
func (v *view) judge(e hold.Event) []hold.Breach {
	var all []hold.Breach
	add := func(f *life, a hold.Action, x hold.Item, u smki.EUI64, broken solr.RuleSet, crossed bool) {
		if broken != 0 || crossed {
			all = append(all, hold.Breach{Failure: f.ID, Action: a, Certificate: x.Certificate, MPID: x.MPID, User: u, Rules: broken, Crossed: crossed})
		}
	}
	switch e.Kind {
	case hold.MPIDTransferred:
		for _, m := range e.MPIDs {
			owner := v.owner(m, hold.MPIDTransferred)
			if f := v.failing(owner); f != nil && owner != e.Party {
				x := hold.Item{MPID: m}
				add(f, hold.TransferMPID, x, 0, v.transferBreaks(f, m, e.Party), v.delay(f, hold.Transfer, x, false) > 0)
			}
		}
	case hold.CertificateRevoked, hold.CRLPublished:
		a := hold.RevokeCertificate
		if e.Kind == hold.CRLPublished {
			a = hold.PublishCRL
		}
		for _, id := range e.Certificates {
			c := v.certificate(id)
			if c == nil || ordinary(e.Reason) || v.onOrdinaryGrounds(id) {
				continue
			}
			f := v.failing(c.Subscriber)
			if f == nil || !v.r02SupplierCertificate(c, f.Supplier) {
				continue
			}
			x := hold.Item{Certificate: id}
			switch {
			case !v.revoked(id):
				add(f, a, x, 0, v.revocationBreaks(f, id, a), v.delay(f, hold.Revocation, x, false) > 0)
			case e.Kind == hold.CRLPublished && !v.onCRL(id):
				add(f, a, x, 0, set(map[solr.Rule]bool{solr.R7: v.r07Forbids(f, a, x, 0)}), false)
			}
		}
	case hold.CertificateIssued:
		if f := v.failing(e.Certificate.Subscriber); f != nil && v.r02SupplierCertificate(e.Certificate, f.Supplier) {
			x := hold.Item{Certificate: e.Certificate.ID}
			add(f, hold.IssueCertificate, x, 0, set(map[solr.Rule]bool{solr.R7: v.r07Forbids(f, hold.IssueCertificate, x, 0)}), false)
		}
	case hold.ThresholdsApplied:
		for _, t := range e.Thresholds {
			if u, _ := v.user(t.User); v.failing(u.Party) != nil {
				add(v.failing(u.Party), hold.ApplyThresholds, hold.Item{}, t.User, v.thresholdBreaks(v.failing(u.Party), t), false)
			}
		}
	case hold.QuarantineReleased, hold.QuarantineDeleted, hold.UserSuspended:
		a := map[hold.Kind]hold.Action{hold.QuarantineReleased: hold.ReleaseQuarantine, hold.QuarantineDeleted: hold.DeleteQuarantine, hold.UserSuspended: hold.SuspendUser}[e.Kind]
		if u, _ := v.user(e.User.ID); v.failing(u.Party) != nil {
			f := v.failing(u.Party)
			add(f, a, hold.Item{}, u.ID, set(map[solr.Rule]bool{solr.R7: v.r07Forbids(f, a, hold.Item{}, u.ID)}), false)
		}
	}
	return all
}

func (v *view) onOrdinaryGrounds(id smki.CertificateID) bool {
	return slices.ContainsFunc(v.happened(hold.CertificateRevoked, hold.CRLPublished), func(e numbered) bool { return slices.Contains(e.Certificates, id) && ordinary(e.Reason) })
}

func (v *view) onCRL(id smki.CertificateID) bool {
	return slices.ContainsFunc(v.happened(hold.CRLPublished), func(e numbered) bool { return slices.Contains(e.Certificates, id) })
}

// Duties lists what the DCC must, may and must not do at an instant.
func (m *Model) Duties(at time.Time) []hold.Duty {
	v := m.view(at)
	var all []hold.Duty
	for i := range v.failures() {
		if f := &v.lives[i]; f.open() {
			all = append(all, v.dutiesOf(f)...)
		}
	}
	return all
}

func (v *view) dutiesOf(f *life) []hold.Duty {
	var all []hold.Duty
	add := func(d hold.Duty, broken solr.RuleSet, demands solr.Rule) {
		d.Failure, d.Modality, d.Rules = f.ID, hold.MustNot, broken
		if broken == 0 {
			d.Modality, d.Rules = hold.Must, 1<<demands
		}
		all = append(all, d)
	}
	exited := f.Phase == solr.Exited
	for _, m := range v.held(f.Supplier) {
		d, _ := v.r04TransferDue(f, m)
		demands := solr.R4
		if exited {
			demands = solr.R14
		}
		add(hold.Duty{Action: hold.TransferMPID, MPID: m, To: d.to}, v.transferBreaks(f, m, d.to), demands)
	}
	for _, c := range v.supplierCertificates(f.Supplier) {
		if !v.revoked(c.ID) {
			demands := solr.R1
			if exited {
				demands = solr.R14
			}
			add(hold.Duty{Action: hold.RevokeCertificate, Certificate: c.ID}, v.revocationBreaks(f, c.ID, hold.RevokeCertificate), demands)
		}
	}
	return append(all, v.otherDuties(f)...)
}

// otherDuties is about thresholds, and about the other acts that a freeze forbids.
func (v *view) otherDuties(f *life) []hold.Duty {
	var all []hold.Duty
	for _, e := range v.happened(hold.ThresholdsInstructed) {
		if e.Failure != f.ID {
			continue
		}
		for _, t := range v.carried(e) {
			if v.instructed(f, t) && !v.applied(t, e.pos) {
				all = append(all, hold.Duty{Failure: f.ID, Modality: hold.Must, Action: hold.ApplyThresholds, Threshold: &t, Rules: 1 << solr.R9})
			}
		}
	}
	if broken := v.thresholdBreaks(f, duis.Threshold{}); broken != 0 {
		all = append(all, hold.Duty{Failure: f.ID, Modality: hold.MustNot, Action: hold.ApplyThresholds, Rules: broken})
	}
	for _, a := range []hold.Action{hold.IssueCertificate, hold.PublishCRL, hold.ReleaseQuarantine, hold.DeleteQuarantine, hold.SuspendUser} {
		if v.r07Forbids(f, a, hold.Item{}, 0) {
			all = append(all, hold.Duty{Failure: f.ID, Modality: hold.MustNot, Action: a, Rules: 1 << solr.R7})
		}
	}
	return all
}

// applied reports whether the DCC has applied a threshold since a position of the log.
func (v *view) applied(t duis.Threshold, since int) bool {
	return slices.ContainsFunc(v.happened(hold.ThresholdsApplied), func(e numbered) bool { return e.pos > since && slices.Contains(e.Thresholds, t) })
}
