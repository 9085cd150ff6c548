package hold

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/seed-db8551c1/lastresort/duis"
	"github.com/seed-db8551c1/lastresort/smki"
	"github.com/seed-db8551c1/lastresort/solr"
)

// Register is the state of all supplier failures at once, and the certificates and MPIDs that they concern. The zero value is empty and follows each
// rule by its date; set Settings before the first event. It is not safe for concurrent use.
//
// Invariants: an MPID or certificate is in at most one open failure · a party has at most one open failure · applying [Register.Events] to an empty Register with the same Settings, or to the snapshot
// that it was restored from, gives an equal Register with the same [Register.Head].
type Register struct {
	Settings Settings

	log        []*Event        // none is changed once it is here
	base       uint64          // how many events came before those in log: a snapshot stands for them
	chain      []Hash          // of the sealed log: chain[i] is the hash at position base+i, as far as it was asked for
	seen       map[string]bool // IDs of all events
	clock      time.Time       // the latest At of any event
	dir        smki.Directory
	failures   []*failure                       // in the order of their first event
	engaged    map[smki.PartyID][]smki.PartyID  // by supplier, the SRPs that send on its behalf
	supports   []*support                       // in the order of their requests
	limits     []duis.Threshold                 // thresholds in force
	acts       []Breach                         // acts of the DCC that broke a rule or crossed a delay, in the order of the reports
	ordinary   map[smki.CertificateID]bool      // reported with ordinary grounds
	onCRL      map[smki.CertificateID]time.Time // when a CRL named it first
	instructed []instructedThreshold            // what the PMA told the DCC to apply
	told       []told                           // the events that say something of the stints of MPIDs, in the order of the log
	untold     uint64                           // the log position up to which told has none: zero, but in a register restored from a snapshot of version 1
}

// failure is one supplier failure with everything that was said about it.
type failure struct {
	solr.Failure
	notice    uint64      // the log position of its first event
	closing   uint64      // the log position of the last event before it closed; zero while it is open
	mpids     []*mpidItem // every MPID that was in the failure, in the order in which they came into it, with its latest stint there
	earlier   []*mpidItem // the stints before those, of MPIDs that came back: late reports are judged by them (R17)
	certs     []*certItem // the same for certificates
	delays    []*delay
	confirmed map[smki.PartyID]*confirmations // by SoLR
	positions map[smki.PartyID]position       // by SRP
	safeModes []safeMode
	named     []named
	completed map[smki.PartyID][]interval // by SoLR, when its migration was complete
	exited    time.Time                   // when it exited after revocation; zero if it did not
	exiting   uint64                      // the log position of that
}

// mpidItem is a stint of an MPID in a failure: from when it came into it until it went, or came into it again.
type mpidItem struct {
	id         smki.MPID
	fuel       smki.Fuel
	entered    time.Time                                // when it came into the failure
	seq        uint64                                   // the log position of that: what was instructed for it before is used up
	announced  []announcement                           // the SoLRs that were named, in the order of their times
	directions []*direction                             // in the order in which they were given
	agreed     map[smki.PartyID]*[numAgreeing]time.Time // by SoLR
	gone       time.Time                                // when the DCC's map gave it to another party; zero while it is in the failure
	out        time.Time                                // from when it was in another failure instead, or retired: certificates wait for no SoLR of it (R8, R15); zero while neither
	confirmed  bool                                     // it went on its SoLR's five confirmations, or on a release that stands for them
	kept       time.Time                                // from when an exit leaves it with the supplier; zero if none does
}

// announcement is a party that Ofgem named as SoLR.
type announcement struct {
	solr  smki.PartyID
	at    time.Time
	ended time.Time // when a direction replaced it, or its SoLR failed; zero if it stands
}

// direction is a direction to transfer an MPID.
type direction struct {
	to     smki.PartyID
	given  time.Time // when it was given
	from   time.Time // when it has effect
	date   time.Time // the SoLR date; zero if it is no appointment
	void   time.Time // from when nothing is due under it: its SoLR failed, the supplier found an exit, or another direction replaced it before it had effect; zero if it stands
	ended  time.Time // from when an exit took the appointment back; zero if none did
	extend time.Time // to when the PMA extended the arrangement with this SoLR; zero if it did not (R12)
	exited bool      // the PMA's instruction after an exit: it needs no SoLR (R14)
	back   bool      // to the failed supplier itself: there is no SoLR to confirm or agree (R16)
}

// in reports whether the MPID is still in the failure.
func (m *mpidItem) in() bool { return m != nil && m.gone.IsZero() && m.kept.IsZero() }

// compareEntered orders stints by when they began.
func (m *mpidItem) compareEntered(x *mpidItem) int {
	return inTime(m.entered, m.seq, x.entered, x.seq)
}

// goneBy reports whether the DCC's map had given the MPID to another party by a time.
func (m *mpidItem) goneBy(t time.Time) bool { return !m.gone.IsZero() && !t.Before(m.gone) }

// compareGone orders stints of one MPID by when it went; at one instant it went last from where it came last.
func (m *mpidItem) compareGone(x *mpidItem) int {
	return cmp.Or(m.gone.Compare(x.gone), m.compareEntered(x))
}

// outBy reports whether the MPID was in another failure instead by a time, or retired.
func (m *mpidItem) outBy(t time.Time) bool { return !m.out.IsZero() && !t.Before(m.out) }

// keptBy reports whether an exit had left the MPID with the supplier by a time.
func (m *mpidItem) keptBy(t time.Time) bool { return !m.kept.IsZero() && !t.Before(m.kept) }

// tookEffect reports whether the direction had effect by a time. One that became void before never did.
func (d *direction) tookEffect(t time.Time) bool {
	return !t.Before(d.from) && (d.void.IsZero() || !d.void.Before(d.from))
}

type certItem struct {
	id  smki.CertificateID
	use smki.CertificateUse
}

type interval struct{ from, to time.Time } // [from, to); a zero to is open

func (i interval) contains(t time.Time) bool {
	return !t.Before(i.from) && (i.to.IsZero() || t.Before(i.to))
}

// Item names one certificate or one MPID.
type Item struct {
	Certificate smki.CertificateID `json:"certificate,omitempty"`
	MPID        smki.MPID          `json:"mpid,omitempty"`
}

func (i Item) String() string {
	if i.MPID != "" {
		return "MPID " + string(i.MPID)
	}
	return "certificate " + string(i.Certificate)
}

// Applied says what an event changed besides the state that it names.
type Applied struct {
	Seq      uint64   // its position in the log, from 1
	Repeat   bool     // an event with the same ID was applied before: nothing changed
	Breaches []Breach // what it broke, if it reports an act of the DCC
	Done     []Item   // items that it names but that were already done, so that it has no effect on them (R16)
}

// EventError says that an event is not complete, or names something that the register does not know.
type EventError struct {
	Event    Event
	Expected string
}

func (e *EventError) Error() string {
	return fmt.Sprintf("hold: %q at %s: expected %s", e.Event.Kind, e.Event.At.UTC().Format(time.RFC3339), oneLine(e.Expected))
}

// RuleError says that a rule forbids a direction or request (R17).
type RuleError struct {
	Rule    solr.Rule
	Failure solr.FailureID // the failure concerned, if any
	Event   Event
	Why     string // what the rule would have needed
}

func (e *RuleError) Error() string {
	return fmt.Sprintf("hold: %q at %s is refused by %v: expected %s", e.Event.Kind, e.Event.At.UTC().Format(time.RFC3339), e.Rule, oneLine(e.Why))
}

func bad(e *Event, format string, args ...any) (Applied, error) {
	return Applied{}, &EventError{*e, fmt.Sprintf(format, args...)}
}

func refuse(e *Event, rule solr.Rule, format string, args ...any) (Applied, error) {
	return Applied{}, &RuleError{rule, e.Failure, *e, fmt.Sprintf(format, args...)}
}

// maxItems bounds what one event may name, so that no message makes the register do unbounded work.
const maxItems = 1 << 16

// Apply takes an event into the register, or refuses it and changes nothing.
//
// An event whose ID was applied before is a repeat and changes nothing. A direction or request must not be earlier than the latest event, since order is log position;
// the report of a thing done may be. The error is an [*EventError] if the event is not complete or names what is unknown, and a [*RuleError] if it is a direction or
// request that a rule forbids. Reports are never refused for a rule: what they break is in the result and in [Register.Breaches].
func (r *Register) Apply(e Event) (Applied, error) {
	if !e.Kind.valid() {
		return bad(&e, "a kind of event")
	}
	if e.ID != "" && r.seen[e.ID] {
		return Applied{Repeat: true}, nil
	}
	k := &kinds[e.Kind]
	switch {
	case e.At.IsZero():
		return bad(&e, "a time")
	case k.direction && e.At.Before(r.clock):
		return bad(&e, "a time not before %s, since directions are in the order of the log", r.clock.UTC().Format(time.RFC3339))
	case r.untold > 0 && e.At.Before(r.clock) && r.tells(&e):
		return bad(&e, "a time not before %s, since the snapshot that was restored is of version 1, which does not say how MPIDs came and went: read the log instead", r.clock.UTC().Format(time.RFC3339))
	case len(e.MPIDs) > maxItems || len(e.Certificates) > maxItems || len(e.Thresholds) > maxItems ||
		e.Support != nil && (len(e.Support.SRVs) > maxItems || len(e.Support.Devices) > maxItems || len(e.Support.Thresholds) > maxItems):
		return bad(&e, "at most %d items", maxItems)
	}
	for _, n := range k.needs {
		if n.missing(&e) {
			return bad(&e, "%s", needNames[n])
		}
	}
	if what := e.unnamed(); what != "" {
		return bad(&e, "%s that has a name", what)
	}
	if what := e.unwritten(); what != "" {
		return bad(&e, "%s", what)
	}
	if i := firstRepeat(e.MPIDs); i >= 0 {
		return bad(&e, "MPID %s once", e.MPIDs[i])
	}
	if i := firstRepeat(e.Certificates); i >= 0 {
		return bad(&e, "certificate %s once", e.Certificates[i])
	}
	e = e.clone()
	var was []failure
	if e.At.After(r.clock) { // the event meets the failures as they are by then
		for _, f := range r.failures {
			was = append(was, *f)
		}
		r.settle(e.At)
	}
	applied, err := k.apply(r, &e)
	if err != nil {
		for i, f := range r.failures[:len(was)] {
			f.Failure, f.closing = was[i].Failure, was[i].closing
		}
		return Applied{}, err
	}
	r.log = append(r.log, &e)
	applied.Seq = r.Seq()
	if e.ID != "" {
		if r.seen == nil {
			r.seen = make(map[string]bool)
		}
		r.seen[e.ID] = true
	}
	if e.At.After(r.clock) {
		r.clock = e.At
	}
	r.settle(r.clock)
	return applied, nil
}

// settle brings every failure up to a time.
func (r *Register) settle(at time.Time) {
	for _, f := range r.failures {
		s := r.settled(f, at)
		closes := !s.Closed.Equal(f.Closed) || s.Phase == solr.Closed && f.closing == 0
		f.Failure = s
		if closes {
			f.closing = r.Seq()
			r.leaveOut(f)
		}
	}
}

func firstRepeat[T comparable](items []T) int {
	if len(items) < 2 {
		return -1
	}
	seen := make(map[T]bool, len(items))
	for i, x := range items {
		if seen[x] {
			return i
		}
		seen[x] = true
	}
	return -1
}

// settled is a failure with its phase brought up to a time: SoLR dates that have come, and closing (R11).
func (r *Register) settled(f *failure, at time.Time) solr.Failure {
	s := f.Failure
	if s.Phase == solr.Closed {
		if closed, ok := r.closedAt(f, at); ok && closed.Before(s.Closed) { // a late report tells that the last was gone before
			s.Closed = closed
		}
		return s
	}
	for _, m := range f.mpids {
		if d := m.appointed(at); d != nil && m.inForce(at) != nil && s.Phase < solr.Appointed {
			s, _ = s.Apply(solr.Appoint, d.from)
		}
	}
	if closed, ok := r.closedAt(f, at); ok {
		if c, err := s.Apply(solr.Close, closed); err == nil {
			s = c
		}
	}
	return s
}

// closedAt reports whether, and from when, nothing is left in the failed supplier's name (R11): no MPID of the failure but those that an exit leaves it,
// and no good Supplier Certificate unless an exit leaves it an MPID.
func (r *Register) closedAt(f *failure, at time.Time) (time.Time, bool) {
	if f.Revoked.IsZero() || at.Before(f.Revoked) {
		return time.Time{}, false
	}
	last := f.Revoked
	keeps := false
	for _, m := range f.mpids {
		switch {
		case m.keptBy(at):
			keeps = true
			last = latest(last, m.kept)
		case m.gone.IsZero() || at.Before(m.gone):
			return time.Time{}, false
		}
	}
	for m := range f.stints {
		if m.gone.After(m.entered) { // else it was not in the failure after all
			last = latest(last, m.gone)
		}
	}
	if keeps {
		return last, true
	}
	for _, c := range f.certs {
		if !r.supplierCertificate(c.use) {
			continue
		}
		cert, rev, _ := r.dir.Certificate(c.id)
		switch cert.StatusAt(at, rev) {
		case smki.Revoked:
			end := rev.At
			if expired := cert.NotAfter.Add(time.Nanosecond); !cert.NotAfter.IsZero() && expired.Before(end) {
				end = expired
			}
			last = latest(last, end)
		case smki.Expired:
			last = latest(last, cert.NotAfter.Add(time.Nanosecond)) // it is good at that instant
		default:
			return time.Time{}, false
		}
	}
	return last, true
}

// supplierCertificate reports whether certificates of a use are Supplier Certificates (R2).
func (r *Register) supplierCertificate(u smki.CertificateUse) bool {
	switch u {
	case smki.IKI:
		return !r.Settings.IKIExempt
	case smki.DeviceCertificate:
		return r.Settings.DeviceIncluded
	}
	return true
}

// Events is a copy of the log: every event that was applied, in order, its times in UTC. A register that was restored from a snapshot holds those that were applied since: the last one
// is at the position [Register.Seq] in either case. What the events point to must not be changed.
func (r *Register) Events() []Event {
	all := make([]Event, len(r.log))
	for i, e := range r.log {
		all[i] = *e
	}
	return all
}

// Seq is the position in the log of the latest event, and so the number of all events that were ever applied.
func (r *Register) Seq() uint64 { return r.base + uint64(len(r.log)) }

// Directory is the certificates, Users and MPID maps as the events left them. The caller must not change it.
func (r *Register) Directory() *smki.Directory { return &r.dir }

// Failures lists the failures in the order of their first event, with their phases as of a time.
func (r *Register) Failures(at time.Time) []solr.Failure {
	all := make([]solr.Failure, len(r.failures))
	for i, f := range r.failures {
		all[i] = r.settled(f, at)
	}
	return all
}

// Failure finds a failure as of the latest event.
func (r *Register) Failure(id solr.FailureID) (solr.Failure, bool) {
	if f := r.failure(id); f != nil {
		return f.Failure, true
	}
	return solr.Failure{}, false
}

func (r *Register) failure(id solr.FailureID) *failure {
	for _, f := range r.failures {
		if f.ID == id {
			return f
		}
	}
	return nil
}

// failureAt is the failure of a supplier that was open at a time, nil if there was none: acts are judged at their own time, also when it was closed since (R17). Where a late notice has opened
// one before another had closed, it is the first.
func (r *Register) failureAt(p smki.PartyID, at time.Time) *failure {
	for _, f := range r.failures {
		if f.Supplier == p && f.openAt(at) {
			return f
		}
	}
	return nil
}

// openAt reports whether a failure was notified by a time and not closed by then.
func (f *failure) openAt(at time.Time) bool {
	return !at.Before(f.Notified) && (f.Phase != solr.Closed || at.Before(f.Closed))
}

// openOf is the open failure of a supplier, nil if there is none.
func (r *Register) openOf(p smki.PartyID) *failure {
	for _, f := range r.failures {
		if f.Supplier == p && f.Phase != solr.Closed {
			return f
		}
	}
	return nil
}

// open is the failure of an event, if it is still open; it must not be closed for a direction.
func (r *Register) open(e *Event) (*failure, error) {
	f := r.failure(e.Failure)
	if f == nil {
		_, err := bad(e, "a failure that was notified, not %q", e.Failure)
		return nil, err
	}
	if f.Phase == solr.Closed {
		_, err := refuse(e, solr.R11, "a failure that is open")
		return nil, err
	}
	return f, nil
}

// mpid is the latest stint of an MPID in the failure, nil if it never was in it.
func (f *failure) mpid(id smki.MPID) *mpidItem {
	for _, m := range f.mpids {
		if m.id == id {
			return m
		}
	}
	return nil
}

// mpidAt is the stint that an MPID was in, or had been in last, at a time; nil if it had not been in the failure by then.
func (f *failure) mpidAt(id smki.MPID, t time.Time) *mpidItem {
	if m := f.mpid(id); m != nil {
		return f.then(m, t)
	}
	return nil
}

// then is mpidAt for the latest stint.
func (f *failure) then(m *mpidItem, t time.Time) *mpidItem {
	if !t.Before(m.entered) {
		return m
	}
	for _, x := range slices.Backward(f.earlier) {
		if x.id == m.id && !t.Before(x.entered) {
			return x
		}
	}
	return nil
}

// mpids is every MPID that was ever allocated.
func (r *Register) mpids() []smki.MPID {
	return convert(r.dir.MPIDs(), func(m smki.AllocatedMPID) smki.MPID { return m.ID })
}

// ids is every MPID that was ever in the failure.
func (f *failure) ids() []smki.MPID {
	return convert(f.mpids, func(m *mpidItem) smki.MPID { return m.id })
}

// stints goes through every stint of an MPID in the failure.
func (f *failure) stints(yield func(*mpidItem) bool) {
	for _, all := range [][]*mpidItem{f.earlier, f.mpids} {
		for _, m := range all {
			if !yield(m) {
				return
			}
		}
	}
}

func (f *failure) cert(id smki.CertificateID) *certItem {
	for _, c := range f.certs {
		if c.id == id {
			return c
		}
	}
	return nil
}

// inForce is the direction to transfer the MPID that has effect at a time, nil if there is none. An earlier direction does not come back when the last one becomes void (R15).
func (m *mpidItem) inForce(at time.Time) *direction {
	if d := m.last(at); d != nil && (d.void.IsZero() || at.Before(d.void)) {
		return d
	}
	return nil
}

// last is the direction given last of those that took effect by a time, nil if there is none.
func (m *mpidItem) last(at time.Time) *direction {
	for _, d := range slices.Backward(m.directions) {
		if d.tookEffect(at) {
			return d
		}
	}
	return nil
}

// appointed is the appointment of the SoLR of the MPID at a time, nil if it has none. A SoLR that fails itself remains one until it loses its licence.
func (m *mpidItem) appointed(at time.Time) *direction {
	last := m.last(at)
	for _, d := range slices.Backward(m.directions) {
		if last != nil && d.to == last.to && !d.date.IsZero() && d.tookEffect(at) && (d.ended.IsZero() || at.Before(d.ended)) {
			return d
		}
	}
	return nil
}
