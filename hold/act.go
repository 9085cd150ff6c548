package hold

import (
	"time"

	"github.com/seed-db8551c1/lastresort/duis"
	"github.com/seed-db8551c1/lastresort/smki"
	"github.com/seed-db8551c1/lastresort/solr"
)

// Acts of the DCC. They are reports: they take effect whatever the rules say, and leave a breach where a rule forbade them (R17).

// Breach is an act of the DCC that a rule forbade when it was done. It is never withdrawn.
type Breach struct {
	Seq         uint64             `json:"seq"` // the log position of the report
	At          time.Time          `json:"at"`  // when the act was done
	Failure     solr.FailureID     `json:"failure"`
	Action      Action             `json:"action"`
	Certificate smki.CertificateID `json:"certificate,omitempty"`
	MPID        smki.MPID          `json:"mpid,omitempty"`
	User        smki.EUI64         `json:"user,omitzero"`
	Rules       solr.RuleSet       `json:"rules"`             // every rule that it breaks
	Crossed     bool               `json:"crossed,omitempty"` // a delay of the item had been given but had not reached the DCC (R3, R6); that alone is no breach: Rules may be empty
}

// Breaches lists the breaches in the order of the reports.
func (r *Register) Breaches() []Breach {
	var all []Breach
	for _, b := range r.acts {
		if b.Rules != 0 {
			all = append(all, b)
		}
	}
	return all
}

// Crossings lists the acts that were done between the PMA's delay of the item and the DCC's receipt of it, in the order of the reports.
func (r *Register) Crossings() []Breach {
	var all []Breach
	for _, b := range r.acts {
		if b.Crossed {
			all = append(all, b)
		}
	}
	return all
}

// judged collects what one event did wrong.
type judged []Breach

func (j *judged) add(r *Register, f *failure, e *Event, a Action, x Item, user smki.EUI64, rules solr.RuleSet) {
	if !f.openAt(e.At) {
		return // not because of the failure
	}
	crossed := f.crossed(x, e.At)
	if rules != 0 || crossed {
		*j = append(*j, Breach{r.next(), e.At, f.ID, a, x.Certificate, x.MPID, user, rules, crossed})
	}
}

func (r *Register) record(j judged) (Applied, error) {
	r.acts = append(r.acts, j...)
	var broken []Breach
	for _, b := range j {
		if b.Rules != 0 {
			broken = append(broken, b)
		}
	}
	return Applied{Breaches: broken}, nil
}

// revokeBlocked is the rules that forbid the revocation of a certificate because of its subscriber's failure at a time. Without any, the revocation is due.
func (r *Register) revokeBlocked(f *failure, c *certItem, t time.Time) (rules solr.RuleSet) {
	x := Item{Certificate: c.id}
	if !r.supplierCertificate(c.use) {
		rules |= 1 << solr.R2
	}
	if f.Revoked.IsZero() || t.Before(f.Revoked) {
		rules |= 1 << solr.R1
	}
	if f.held(x, t) {
		rules |= 1 << solr.R3
	}
	froze := r.Settings.frozen(f, RevokeCertificate, t)
	n, named := f.permits(RevokeCertificate, x, 0, froze, t)
	if froze != nil && !named {
		rules |= 1 << solr.R7
	}
	switch {
	case named && n.exited:
	case !f.exited.IsZero() && !t.Before(f.exited) && r.Settings.Regime.at(t) != Baseline:
		rules |= 1 << solr.R14
	case r.binds(f.Revoked, t) && !r.allConfirmed(f, t):
		rules |= 1 << solr.R8
	}
	return rules
}

// transferBlocked is the rules that forbid the transfer of an MPID to a party at a time. Without any, the transfer is due.
func (r *Register) transferBlocked(f *failure, m *mpidItem, to smki.PartyID, t time.Time) (rules solr.RuleSet) {
	x := Item{MPID: m.id}
	d := m.inForce(t)
	if d == nil || d.to != to {
		rules |= 1 << solr.R4
	}
	if f.held(x, t) {
		rules |= 1 << solr.R6
	}
	if froze := r.Settings.frozen(f, TransferMPID, t); froze != nil {
		if _, named := f.permits(TransferMPID, x, 0, froze, t); !named {
			rules |= 1 << solr.R7
		}
	}
	if d != nil && (d.exited || d.back) {
		return rules
	}
	if r.binds(m.trigger(t), t) {
		if !r.confirmedFor(f, m, t) {
			rules |= 1 << solr.R8
		}
		if d == nil || !m.agreedBy(d.to, t) {
			rules |= 1 << solr.R11
		}
	}
	return rules
}

// frozenBlocked is R7 if the failure is frozen at a time and no instruction names the act.
func (r *Register) frozenBlocked(f *failure, a Action, x Item, user smki.EUI64, t time.Time) solr.RuleSet {
	froze := r.Settings.frozen(f, a, t)
	if froze == nil {
		return 0
	}
	if _, ok := f.permits(a, x, user, froze, t); ok {
		return 0
	}
	return 1 << solr.R7
}

// certificateIssued records a new certificate. It comes into the failures of its subscriber, those too that are closed by now: late reports are judged by them (R17).
func (r *Register) certificateIssued(e *Event) (Applied, error) {
	c := *e.Certificate
	var j judged
	if f := r.failureAt(c.Subscriber, e.At); f != nil {
		x := Item{Certificate: c.ID}
		j.add(r, f, e, IssueCertificate, x, 0, r.frozenBlocked(f, IssueCertificate, x, 0, e.At))
	}
	if err := r.dir.Issue(c); err != nil {
		return bad(e, "a certificate that the directory can take: %v", err)
	}
	for _, f := range r.failures {
		if f.Supplier == c.Subscriber {
			f.certs = append(f.certs, &certItem{c.ID, c.Use})
		}
	}
	return r.record(j)
}

// certificateRevoked records the revocation of certificates. On ordinary grounds it is no act because of the failure. That a certificate was revoked earlier than was known is news.
func (r *Register) certificateRevoked(e *Event) (Applied, error) {
	var j judged
	for _, id := range e.Certificates {
		if e.Reason.Ordinary() {
			r.markOrdinary(id)
		} else if f := r.failureOfCertificate(id, e.At); f != nil && !r.ordinary[id] && r.dir.Status(id, e.At) != smki.Revoked {
			j.add(r, f, e, RevokeCertificate, Item{Certificate: id}, 0, r.revokeBlocked(f, f.cert(id), e.At))
		}
		r.dir.Revoke(id, smki.Revocation{At: e.At, Reason: e.Reason})
	}
	return r.record(j)
}

// crlPublished records that a CRL is the first to name certificates, for one reason. A certificate that is not revoked yet is revoked by it.
func (r *Register) crlPublished(e *Event) (Applied, error) {
	var j judged
	for _, id := range e.Certificates {
		f := r.failureOfCertificate(id, e.At)
		switch {
		case e.Reason.Ordinary():
			r.markOrdinary(id)
		case f == nil || r.namedByCRL(id, e.At) || r.ordinary[id]:
		default:
			x := Item{Certificate: id}
			var rules solr.RuleSet
			if r.dir.Status(id, e.At) != smki.Revoked {
				rules = r.revokeBlocked(f, f.cert(id), e.At)
			}
			if _, named := f.permits(RevokeCertificate, x, 0, r.Settings.frozen(f, PublishCRL, e.At), e.At); !named {
				rules |= r.frozenBlocked(f, PublishCRL, x, 0, e.At)
			}
			j.add(r, f, e, PublishCRL, x, 0, rules)
		}
		if r.onCRL == nil {
			r.onCRL = make(map[smki.CertificateID]time.Time)
		}
		if first, named := r.onCRL[id]; !named || e.At.Before(first) {
			r.onCRL[id] = e.At
		}
		r.dir.Revoke(id, smki.Revocation{At: e.At, Reason: e.Reason})
	}
	return r.record(j)
}

// namedByCRL reports whether a CRL had named a certificate by a time.
func (r *Register) namedByCRL(id smki.CertificateID, t time.Time) bool {
	first, named := r.onCRL[id]
	return named && !t.Before(first)
}

func (r *Register) revoked(id smki.CertificateID) bool {
	_, rev, _ := r.dir.Certificate(id)
	return rev != nil
}

func (r *Register) markOrdinary(id smki.CertificateID) {
	if r.ordinary == nil {
		r.ordinary = make(map[smki.CertificateID]bool)
	}
	r.ordinary[id] = true
}

// mpidTransferred records that the DCC's map gives MPIDs to a party (Party). They leave the failure they were in and come into the open failure of their new holder, if it has one (R15).
func (r *Register) mpidTransferred(e *Event) (Applied, error) {
	for _, id := range e.MPIDs {
		if _, ok := r.dir.DCC.Owner(id, e.At); !ok {
			return bad(e, "an MPID that is held at that time, not %s", id)
		}
	}
	var j judged
	var moved []smki.MPID
	for _, id := range e.MPIDs {
		if owner, _ := r.dir.DCC.Owner(id, e.At); owner == e.Party {
			continue // a repeat
		}
		if f, m := r.concerned(id, e.At); m != nil {
			rules := solr.RuleSet(1 << solr.R16) // it had gone already
			if !m.goneBy(e.At) {
				rules = r.transferBlocked(f, m, e.Party, e.At)
			}
			j.add(r, f, e, TransferMPID, Item{MPID: id}, 0, rules)
		}
		if err := r.dir.DCC.Transfer(id, e.Party, e.At); err != nil {
			return bad(e, "an MPID that is held: %v", err) // unreachable: checked above
		}
		moved = append(moved, id)
	}
	if len(moved) > 0 {
		news := *e
		news.MPIDs = moved
		r.tell(&news, moved...)
	}
	return r.record(j)
}

// concerned is the failure that an MPID was in at a time, or else had gone from last, of those open then, with its stint there; nil if there is none.
func (r *Register) concerned(id smki.MPID, t time.Time) (last *failure, item *mpidItem) {
	for _, f := range r.failures {
		m := f.mpidAt(id, t)
		switch {
		case m == nil || m.keptBy(t) || !f.openAt(t):
		case !m.goneBy(t):
			return f, m
		case item == nil || m.compareGone(item) > 0:
			last, item = f, m
		}
	}
	return last, item
}

// thresholdsApplied records that the DCC applied anomaly detection thresholds. One that the PMA did not instruct is a breach on a frozen failure, and under MP185 once the licence is revoked.
func (r *Register) thresholdsApplied(e *Event) (Applied, error) {
	for _, t := range e.Thresholds {
		if _, ok := r.dir.User(t.User); !ok {
			return bad(e, "thresholds of Users that were recorded, not of %v", t.User)
		}
		if t.SRV != 0 && !t.SRV.Valid() {
			return bad(e, "a Service Request Variant or none")
		}
	}
	var j judged
	for _, t := range e.Thresholds {
		u, _ := r.dir.User(t.User)
		if f := r.failureAt(u.Party, e.At); f != nil {
			j.add(r, f, e, ApplyThresholds, Item{}, t.User, r.thresholdBlocked(f, t, e.At))
		}
		r.setLimit(t)
	}
	return r.record(j)
}

func (r *Register) thresholdBlocked(f *failure, t duis.Threshold, at time.Time) (rules solr.RuleSet) {
	froze := r.Settings.frozen(f, ApplyThresholds, at)
	instructed, later := false, false
	for _, x := range r.instructed { // the last one for the User and variant counts
		if x.Replaces(t) && x.failure == f.ID && !at.Before(x.at) {
			instructed = x.Threshold == t
			later = instructed && (froze == nil || x.seq > froze.seq)
		}
	}
	if froze != nil && !later {
		rules |= 1 << solr.R7
	}
	if !instructed && r.Settings.Regime.at(at) == MP185 && !f.Revoked.IsZero() && !at.Before(f.Revoked) {
		rules |= 1 << solr.R9
	}
	return rules
}

func (r *Register) setLimit(t duis.Threshold) {
	for i, old := range r.limits {
		if old.Replaces(t) {
			r.limits[i] = t
			return
		}
	}
	r.limits = append(r.limits, t)
}

// userAct records the release or deletion of a User's quarantined messages, or its suspension.
func (r *Register) userAct(e *Event) (Applied, error) {
	u, ok := r.dir.User(e.User.ID)
	if !ok {
		return bad(e, "a User that was recorded, not %v", e.User.ID)
	}
	action := map[Kind]Action{QuarantineReleased: ReleaseQuarantine, QuarantineDeleted: DeleteQuarantine, UserSuspended: SuspendUser}[e.Kind]
	var j judged
	if f := r.failureAt(u.Party, e.At); f != nil {
		j.add(r, f, e, action, Item{}, u.ID, r.frozenBlocked(f, action, Item{}, u.ID, e.At))
	}
	if action == SuspendUser {
		u.Suspended = true
		if err := r.dir.SetUser(u); err != nil {
			return bad(e, "a User that was recorded: %v", err) // unreachable: it was
		}
	}
	return r.record(j)
}
