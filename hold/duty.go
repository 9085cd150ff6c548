package hold

import (
	"fmt"
	"slices"
	"time"

	"github.com/seed-db8551c1/lastresort/duis"
	"github.com/seed-db8551c1/lastresort/smki"
	"github.com/seed-db8551c1/lastresort/solr"
)

// Modality says whether the DCC must, may or must not do something.
type Modality uint8

// The modalities.
const (
	Must Modality = iota + 1
	May
	MustNot
)

var modalityNames = [...]string{"", "must", "may", "must not"}

func (m Modality) String() string { return nameOf("Modality", modalityNames[:], uint8(m)) }

// MarshalText gives the name of the modality.
func (m Modality) MarshalText() ([]byte, error) { return []byte(m.String()), nil }

// Duty is what the DCC must, may or must not do about a failure now, and by which rules.
type Duty struct {
	Failure     solr.FailureID     `json:"failure"`
	Modality    Modality           `json:"modality"`
	Action      Action             `json:"action"`
	Certificate smki.CertificateID `json:"certificate,omitempty"`
	MPID        smki.MPID          `json:"mpid,omitempty"`
	To          smki.PartyID       `json:"to,omitempty"`        // the party to transfer the MPID to
	User        smki.EUI64         `json:"user,omitzero"`       // the User whom an instruction of the PMA names
	Threshold   *duis.Threshold    `json:"threshold,omitempty"` // the threshold to apply
	Rules       solr.RuleSet       `json:"rules"`               // the rules that demand it, or that forbid it
	Since       time.Time          `json:"since,omitzero"`      // for what the DCC must do, from when it has been due
	Due         time.Time          `json:"due,omitzero"`        // for what the DCC must do, from when on it is late: see [Register.Overdue]; zero for no deadline
}

// String says the duty in a few words, such as "must transfer MPID AVRO to Octopus Energy (R4)".
func (d Duty) String() string {
	s := fmt.Sprintf("%v %v", d.Modality, d.Action)
	if d.Certificate != "" {
		s += " " + string(d.Certificate)
	}
	if d.MPID != "" {
		s += " " + string(d.MPID)
	}
	if d.To != "" {
		s += " to " + string(d.To)
	}
	if d.User != 0 {
		s += " " + d.User.String()
	}
	if d.Threshold != nil {
		s += fmt.Sprintf(" %v %v", d.Threshold.User, d.Threshold.Quarantine)
	}
	if d.Rules != 0 {
		s += fmt.Sprintf(" (%v)", d.Rules)
	}
	return s
}

// Duties lists what the DCC must, may and must not do about every open failure at a time, given what the log says: failures in the order of their first event, MPIDs before certificates, then
// thresholds and the other acts of R7. For each item exactly one of them holds, and an act reported at that time is a breach exactly if the duty says must not.
//
// The acts that a failure does not touch are not listed. Revocation on ordinary grounds is always allowed.
func (r *Register) Duties(at time.Time) []Duty {
	var all []Duty
	for _, f := range r.failures {
		s := r.settled(f, at)
		if s.Phase == solr.Trading || s.Phase == solr.Closed || at.Before(s.Notified) {
			continue
		}
		for _, m := range f.mpids {
			if m.in() {
				all = append(all, r.transferDuty(f, m, at))
			}
		}
		for _, c := range f.certs {
			if r.supplierCertificate(c.use) && !r.revoked(c.id) {
				all = append(all, r.revokeDuty(f, c, at))
			}
		}
		all = append(all, r.thresholdDuties(f, at)...)
		for _, a := range []Action{IssueCertificate, PublishCRL, ReleaseQuarantine, DeleteQuarantine, SuspendUser} {
			d := Duty{Failure: f.ID, Modality: May, Action: a}
			if r.Settings.frozen(f, a, at) != nil {
				d.Modality, d.Rules = MustNot, 1<<solr.R7
			}
			all = append(all, d)
		}
		all = append(all, r.instructedDuties(f, at)...)
	}
	return all
}

// instructedDuties says what the DCC may do on a frozen failure because the PMA has named it, each once, however often it was named (R7).
func (r *Register) instructedDuties(f *failure, at time.Time) []Duty {
	var all []Duty
	for _, n := range f.named {
		if n.action == RevokeCertificate || n.action == TransferMPID {
			continue
		}
		if froze := r.Settings.frozen(f, n.action, at); froze == nil || at.Before(n.at) || n.seq < froze.seq {
			continue
		}
		if d := (Duty{Failure: f.ID, Modality: May, Action: n.action, Certificate: n.item.Certificate, User: n.user, Rules: 1 << solr.R7}); !slices.Contains(all, d) {
			all = append(all, d)
		}
	}
	return all
}

func (r *Register) transferDuty(f *failure, m *mpidItem, at time.Time) Duty {
	d := Duty{Failure: f.ID, Modality: MustNot, Action: TransferMPID, MPID: m.id, To: m.solr(at)}
	if d.Rules = r.transferBlocked(f, m, d.To, at); d.Rules != 0 {
		return d
	}
	in := m.inForce(at)
	d.Modality, d.Rules, d.Since = Must, 1<<solr.R4, in.from
	if in.exited {
		d.Rules = 1 << solr.R14
	}
	d.Since = r.lastRelease(f, TransferMPID, Item{MPID: m.id}, d.Since, at)
	if !in.exited && !in.back && r.binds(m.trigger(at), at) {
		for who := SoLRAgrees; who < numAgreeing; who++ {
			d.Since = latest(d.Since, m.agreed[in.to][who])
		}
	}
	d.Due = r.due(TransferMPID, d.Since)
	return d
}

func (r *Register) revokeDuty(f *failure, c *certItem, at time.Time) Duty {
	d := Duty{Failure: f.ID, Modality: MustNot, Action: RevokeCertificate, Certificate: c.id}
	if d.Rules = r.revokeBlocked(f, c, at); d.Rules != 0 {
		return d
	}
	d.Modality, d.Rules = Must, 1<<solr.R1
	d.Since = r.lastRelease(f, RevokeCertificate, Item{Certificate: c.id}, f.Revoked, at)
	if r.binds(f.Revoked, at) && f.exited.IsZero() {
		for _, m := range f.mpids {
			d.Since = latest(d.Since, f.clearedAt(m, at))
		}
	}
	d.Due = r.due(RevokeCertificate, d.Since)
	return d
}

// clearedAt is from when an MPID has not stood in the way of revocation (R8): its SoLR, if it still needs one, was appointed and had confirmed, or it was out of the failure.
// Zero if it never stood in the way.
func (f *failure) clearedAt(m *mpidItem, at time.Time) time.Time {
	var ready time.Time
	if in := m.last(at); in != nil && (m.gone.IsZero() || in.from.Before(m.gone)) {
		ready = in.from
	} else {
		ready = m.gone
	}
	if c := f.confirmed[m.solr(at)]; c.complete(at) {
		for i := EstateMakeUp; i < numConfirmations; i++ {
			ready = latest(ready, c.at[i])
		}
	}
	if !m.out.IsZero() && m.out.Before(ready) {
		return m.out
	}
	return ready
}

// lastRelease is the latest of a time and the releases of an item up to now, or the instruction that names it on a frozen failure or after an exit.
func (r *Register) lastRelease(f *failure, a Action, x Item, t, now time.Time) time.Time {
	froze, m := r.Settings.frozen(f, a, now), f.stint(x, now)
	for _, n := range f.named {
		if n.action == a && n.item == x && m.precedes(n) && !now.Before(n.at) && (n.exited || froze != nil && n.seq > froze.seq) {
			t = latest(t, n.at)
			break
		}
	}
	for _, d := range f.delays {
		if i := d.item(x); i != nil && d.heldBy(now) && !now.Before(i.released) {
			t = latest(t, i.released)
		}
	}
	return t
}

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// thresholdDuties says which thresholds the DCC must apply, and whether it may apply others (R9).
func (r *Register) thresholdDuties(f *failure, at time.Time) []Duty {
	var all []Duty
	for i, x := range r.instructed {
		if x.failure != f.ID || at.Before(x.at) || r.limited(x.Threshold) || r.instructedAgain(i, at) {
			continue
		}
		d := Duty{Failure: f.ID, Modality: Must, Action: ApplyThresholds, Threshold: &x.Threshold, Rules: 1 << solr.R9, Since: x.at}
		if blocked := r.thresholdBlocked(f, x.Threshold, at); blocked != 0 { // frozen since it was instructed (R7)
			d.Modality, d.Rules, d.Since = MustNot, blocked, time.Time{}
		} else {
			d.Due = r.due(ApplyThresholds, x.at)
		}
		all = append(all, d)
	}
	other := Duty{Failure: f.ID, Modality: May, Action: ApplyThresholds}
	if other.Rules = r.thresholdBlocked(f, duis.Threshold{}, at); other.Rules != 0 {
		other.Modality = MustNot
	}
	return append(all, other)
}

// limited reports whether a threshold is in force.
func (r *Register) limited(t duis.Threshold) bool {
	for _, x := range r.limits {
		if x == t {
			return true
		}
	}
	return false
}

// instructedAgain reports whether a later instruction has replaced the one at a position by a time.
func (r *Register) instructedAgain(i int, at time.Time) bool {
	for _, x := range r.instructed[i+1:] {
		if x.Replaces(r.instructed[i].Threshold) && !at.Before(x.at) {
			return true
		}
	}
	return false
}
