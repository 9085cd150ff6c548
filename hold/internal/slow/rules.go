package slow

import (
	"cmp"
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
		if e.Failure == f.ID && e.pos > v.arrived(f, x.MPID) && v.covers(f, e, control, x) && v.released(f, x) < e.pos && v.received(f, e) == received {
			last = e.pos
		}
	}
	return last
}

// covers reports whether a delay names an item. Without items it is of all those of the control that there are when it is given.
func (v *view) covers(f *life, delay numbered, control hold.Controls, x hold.Item) bool {
	switch {
	case delay.Controls&control == 0:
		return false
	case len(delay.MPIDs) > 0 || len(delay.Certificates) > 0:
		return slices.Contains(delay.MPIDs, x.MPID) || slices.Contains(delay.Certificates, x.Certificate)
	}
	given := &view{Settings: v.Settings, log: v.log[:delay.pos], at: delay.At}
	return slices.Contains(given.left(f), x.MPID) || given.certificate(x.Certificate) != nil
}

// received reports whether a delay has reached the DCC.
func (v *view) received(f *life, delay numbered) bool {
	return slices.ContainsFunc(v.happened(hold.DelayReceived), func(e numbered) bool {
		return e.Failure == f.ID && e.pos > delay.pos && !e.At.Before(delay.At) && (e.Ref == "" || e.Ref == delay.ID)
	})
}

// released is the position of the PMA's last instruction that ended a delay of an item, or named it after an exit. Zero is none.
func (v *view) released(f *life, x hold.Item) int {
	last := 0
	for _, e := range v.happened(hold.ReleaseInstructed, hold.ExitReleased) {
		if x != (hold.Item{}) && e.Failure == f.ID && names(e.Event, x) && e.pos > v.arrived(f, x.MPID) {
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
	to   smki.PartyID
	pos  int
	at   time.Time
	exit bool // by the PMA after an exit, in place of Ofgem
}

// r04Directed is the last direction of an MPID to have taken effect: the appointment of a SoLR on its SoLR date, Ofgem's direction, or the PMA's instruction after an exit. One that says again
// what the last one said is no new direction (R18).
func (v *view) r04Directed(f *life, m smki.MPID) (d directed) {
	var all []directed
	for _, a := range v.appointments(f.ID) {
		if slices.Contains(a.MPIDs, m) {
			all = append(all, directed{a.Party, a.pos, a.from, false})
		}
	}
	for _, e := range v.happened(hold.TransferDirected, hold.ExitReleased) {
		if e.Failure == f.ID && slices.Contains(e.MPIDs, m) {
			all = append(all, directed{e.Party, e.pos, e.At, e.Kind == hold.ExitReleased})
		}
	}
	slices.SortStableFunc(all, func(a, b directed) int { return cmp.Or(a.at.Compare(b.at), a.pos-b.pos) })
	for _, next := range all {
		if next.to != d.to || v.executed(f, m, d) || next.exit {
			d = next
		}
	}
	return d
}

// r04TransferDue is where an MPID is to go: a direction that was carried out is over (R16), one towards a party that has failed since is void (R15), and an exit ends those of Ofgem (R14).
func (v *view) r04TransferDue(f *life, m smki.MPID) (d directed, due bool) {
	d = v.r04Directed(f, m)
	if d.to == "" || v.executed(f, m, d) || v.r15Void(d.to, d.pos) && d.to != f.Supplier || f.Phase == solr.Exited && !d.exit {
		return directed{}, false
	}
	return d, true
}

// executed reports whether an MPID has gone where it was directed to.
func (v *view) executed(f *life, m smki.MPID, d directed) bool {
	past := &view{Settings: v.Settings, log: v.log[:d.pos], at: d.at}
	if past.owner(m, hold.MPIDTransferred) == d.to {
		return true
	}
	return slices.ContainsFunc(v.happened(hold.MPIDTransferred), func(e numbered) bool { return e.pos > d.pos && e.Party == d.to && slices.Contains(e.MPIDs, m) })
}

// arrived is the position at which an MPID last came back to the failed supplier; what was instructed before is over. Zero is never.
func (v *view) arrived(f *life, m smki.MPID) (pos int) {
	for _, e := range v.happened(hold.MPIDTransferred) {
		if e.pos > f.pos && e.Party == f.Supplier && slices.Contains(e.MPIDs, m) && (&view{Settings: v.Settings, log: v.log[:e.pos-1], at: e.At}).owner(m, hold.MPIDTransferred) != f.Supplier {
			pos = e.pos
		}
	}
	return pos
}

// meant is whom a duty names as the one to get an MPID: as directed, or before that as appointed from a later day on, or announced.
func (v *view) meant(f *life, m smki.MPID) smki.PartyID {
	if d, due := v.r04TransferDue(f, m); due {
		return d.to
	}
	var to smki.PartyID
	since := max(v.arrived(f, m), v.exited(f))
	for _, e := range v.happened(hold.SoLRAnnounced, hold.SoLRAppointed) {
		if e.Failure == f.ID && e.pos > since && slices.Contains(e.MPIDs, m) && !v.r15Void(e.Party, e.pos) {
			to = e.Party
		}
	}
	return to
}

// exited is the position of the supplier's exit. Zero is none.
func (v *view) exited(f *life) (pos int) {
	for _, e := range v.happened(hold.SupplierExited) {
		if e.Failure == f.ID {
			pos = e.pos
		}
	}
	return pos
}

// r05OwnMPID: a request with an MPxN needs the DCC's map to give the MPID to the party in whose name it is.
func (v *view) r05OwnMPID(p smki.PartyID, m smki.MPID) bool {
	return v.owner(m, hold.MPIDTransferred) == p
}

// r07Frozen: from the receipt of a delay given under MP185 on, while it holds anything, the DCC does nothing about the failure that no later instruction of the PMA names. It gives the
// position of the first such delay.
func (v *view) r07Frozen(f *life, a hold.Action) (first int) {
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
		if pos := v.delay(f, control, x, true); pos > 0 && (first == 0 || pos < first) && v.regime(v.log[pos-1].At) == hold.MP185 {
			first = pos
		}
	}
	for _, m := range v.left(f) {
		freezes(hold.Transfer, hold.Item{MPID: m})
	}
	for _, c := range v.supplierCertificates(f.Supplier) {
		if v.good(c) {
			freezes(hold.Revocation, hold.Item{Certificate: c.ID})
		}
	}
	return first
}

// r07Forbids reports whether the freeze forbids an act on an item or a User. A release stands until a delay that names the item again.
func (v *view) r07Forbids(f *life, a hold.Action, x hold.Item, u smki.EUI64) bool {
	since := v.r07Frozen(f, a)
	if since == 0 || v.released(f, x) > max(v.delay(f, hold.Revocation, x, true), v.delay(f, hold.Transfer, x, true)) {
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

// joined is the MPIDs that the supplier had when its failure was first logged, or got since.
func (v *view) joined(f *life) []smki.MPID {
	then := &view{Settings: v.Settings, log: v.log[:f.pos]}
	then.at = latest(then.log)
	return slices.DeleteFunc(v.mpids(), func(m smki.MPID) bool {
		return then.owner(m, hold.MPIDTransferred) != f.Supplier && !slices.ContainsFunc(v.log[f.pos:], func(e hold.Event) bool {
			return (e.Kind == hold.MPIDAllocated || e.Kind == hold.MPIDTransferred) && e.Party == f.Supplier && slices.Contains(e.MPIDs, m)
		})
	})
}

// ofFailure is those MPIDs, but without the ones that were retired or belong to a second failure now instead (R15).
func (v *view) ofFailure(f *life) []smki.MPID {
	return slices.DeleteFunc(v.joined(f), func(m smki.MPID) bool {
		owner := v.owner(m, hold.MPIDTransferred)
		return owner == "" || owner != f.Supplier && v.failing(owner) != nil
	})
}

// left is the MPIDs that are still to go: those with the failed supplier, unless they are to stay there after an exit, and those that another party is to hand on.
func (v *view) left(f *life) []smki.MPID {
	return slices.DeleteFunc(v.ofFailure(f), func(m smki.MPID) bool {
		if v.owner(m, hold.MPIDTransferred) == f.Supplier {
			d := v.r04Directed(f, m)
			return d.exit && d.to == f.Supplier && f.Phase == solr.Exited
		}
		_, due := v.r04TransferDue(f, m)
		return !due
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
	if last.Event == nil || v.r15Void(last.Party, last.pos) {
		return ""
	}
	return last.Party
}

// named reports whether a party was announced or appointed as SoLR of a failure.
func (v *view) named(f *life, p smki.PartyID) bool {
	return slices.ContainsFunc(v.happened(hold.SoLRAnnounced, hold.SoLRAppointed), func(e numbered) bool { return e.Failure == f.ID && e.Party == p }) && v.failing(p) == nil && f.Phase != solr.Exited
}

// r11Agreed: SoLR, PMA and DCC have agreed to the transfer since its direction; an instruction of the PMA that names the MPID is its agreement.
func (v *view) r11Agreed(f *life, m smki.MPID, d directed) bool {
	agreed := make(map[hold.Agreeing]bool)
	for _, e := range v.happened(hold.TransferAgreed, hold.ReleaseInstructed, hold.ActionInstructed) {
		if e.Failure != f.ID || e.pos < d.pos || !slices.Contains(e.MPIDs, m) {
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

// r15Failed reports whether a party cannot be SoLR: its failure is open, or its licence is gone.
func (v *view) r15Failed(p smki.PartyID) bool {
	return slices.ContainsFunc(v.failures(), func(f life) bool { return f.Supplier == p && (f.open() || !f.Revoked.IsZero()) })
}

// r15Void reports whether a direction to a party is void, since the party has failed after a position of the log.
func (v *view) r15Void(p smki.PartyID, since int) bool {
	return v.r15Failed(p) || slices.ContainsFunc(v.failures(), func(f life) bool { return f.Supplier == p && f.pos > since })
}

// r18Binds reports whether R8 and R11 bind an act whose trigger came at a time.
func (v *view) r18Binds(trigger time.Time) bool {
	return v.regime(v.at) == hold.MP185 && !(v.UndoneActsExempt && !trigger.IsZero() && v.regime(trigger) != hold.MP185)
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
	if v.owner(m, hold.MPIDTransferred) != f.Supplier && to == f.Supplier { // back to the failed supplier, without any confirmation
		d, due := v.r04TransferDue(f, m)
		return set(map[solr.Rule]bool{solr.R16: !due || d.to != to})
	}
	d, due := v.r04TransferDue(f, m)
	x := hold.Item{MPID: m}
	binds := v.r18Binds(d.at) && !d.exit
	return set(map[solr.Rule]bool{
		solr.R4:  !due || d.to != to,
		solr.R6:  v.r06Held(f, m),
		solr.R7:  v.r07Forbids(f, hold.TransferMPID, x, 0),
		solr.R8:  binds && !v.r08MPID(f, m),
		solr.R11: binds && !v.r11Agreed(f, m, d),
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
	since := v.instructed(f, t)
	return set(map[solr.Rule]bool{
		solr.R7: v.r07Forbids(f, hold.ApplyThresholds, hold.Item{}, t.User) && since < v.r07Frozen(f, hold.ApplyThresholds),
		solr.R9: v.regime(v.at) == hold.MP185 && !f.Revoked.IsZero() && since == 0,
	})
}

// instructed is the position of the PMA's instruction to apply a threshold: of its instructions for the User and variant the last counts. Zero is none.
func (v *view) instructed(f *life, t duis.Threshold) (pos int) {
	for _, e := range v.happened(hold.ThresholdsInstructed) {
		for _, x := range v.carried(e) {
			if e.Failure == f.ID && x.User == t.User && x.SRV == t.SRV {
				pos = 0
				if x == t {
					pos = e.pos
				}
			}
		}
	}
	return pos
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
			if f := v.concerned(m); f != nil && v.owner(m, hold.MPIDTransferred) != e.Party {
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
			if f == nil {
				continue
			}
			x := hold.Item{Certificate: id}
			switch {
			case !v.r02SupplierCertificate(c, f.Supplier):
				add(f, a, x, 0, set(map[solr.Rule]bool{solr.R2: !v.revoked(id)}), false)
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

// concerned is the open failure that an MPID is in.
func (v *view) concerned(m smki.MPID) *life {
	for i := range v.failures() {
		if f := &v.lives[i]; f.open() && slices.Contains(v.ofFailure(f), m) {
			return f
		}
	}
	return nil
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
	for _, m := range v.left(f) {
		demands := solr.R4
		if d, _ := v.r04TransferDue(f, m); d.exit {
			demands = solr.R14
		}
		to := v.meant(f, m)
		add(hold.Duty{Action: hold.TransferMPID, MPID: m, To: to}, v.transferBreaks(f, m, to), demands)
	}
	for _, c := range v.supplierCertificates(f.Supplier) {
		if !v.revoked(c.ID) {
			add(hold.Duty{Action: hold.RevokeCertificate, Certificate: c.ID}, v.revocationBreaks(f, c.ID, hold.RevokeCertificate), solr.R1)
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
			if v.instructed(f, t) == e.pos && !v.applied(t, e.pos) {
				d := hold.Duty{Failure: f.ID, Modality: hold.Must, Action: hold.ApplyThresholds, Threshold: &t, Rules: 1 << solr.R9}
				if broken := v.thresholdBreaks(f, t); broken != 0 {
					d.Modality, d.Rules = hold.MustNot, broken
				}
				all = append(all, d)
			}
		}
	}
	others := func(a hold.Action, broken solr.RuleSet) {
		d := hold.Duty{Failure: f.ID, Modality: hold.May, Action: a, Rules: broken}
		if broken != 0 {
			d.Modality = hold.MustNot
		}
		all = append(all, d)
	}
	others(hold.ApplyThresholds, v.thresholdBreaks(f, duis.Threshold{}))
	acts := []hold.Action{hold.IssueCertificate, hold.PublishCRL, hold.ReleaseQuarantine, hold.DeleteQuarantine, hold.SuspendUser}
	for _, a := range acts {
		others(a, set(map[solr.Rule]bool{solr.R7: v.r07Frozen(f, a) > 0}))
	}
	for _, e := range v.happened(hold.ActionInstructed) { // what the PMA has named
		if since := v.r07Frozen(f, e.Action); e.Failure != f.ID || since == 0 || e.pos < since {
			continue
		}
		d := hold.Duty{Failure: f.ID, Modality: hold.May, Action: e.Action, Rules: 1 << solr.R7}
		if e.Action != hold.IssueCertificate && e.Action != hold.PublishCRL {
			all = append(all, d)
			continue
		}
		for _, d.Certificate = range e.Certificates {
			all = append(all, d)
		}
	}
	return all
}

// applied reports whether the DCC has applied a threshold since a position of the log.
func (v *view) applied(t duis.Threshold, since int) bool {
	return slices.ContainsFunc(v.happened(hold.ThresholdsApplied), func(e numbered) bool { return e.pos > since && slices.Contains(e.Thresholds, t) })
}
