package hold

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"time"

	"github.com/seed-db8551c1/lastresort/duis"
	"github.com/seed-db8551c1/lastresort/smki"
	"github.com/seed-db8551c1/lastresort/solr"
)

// A snapshot is one line of JSON, sealed as the header of a log is: `"hash"` is SHA-256 of the line up to, and without, `,"hash":`. The types below are its form. Of the log it has the head and
// the IDs of events; everything else is what the events led to.

const (
	snapshotName    = "lastresort hold snapshot"
	snapshotVersion = 2 // version 1, which is read too, has no events about the stints of MPIDs
)

type snapshot struct {
	Name    string        `json:"snapshot"`
	Version int           `json:"version"`
	State   registerState `json:"state"`
	Hash    Hash          `json:"hash,omitzero"`
}

type registerState struct {
	Head       Head                             `json:"head"`
	Settings   Settings                         `json:"settings"`
	Clock      time.Time                        `json:"clock,omitzero"`
	IDs        []string                         `json:"ids,omitempty"`
	Directory  *smki.Directory                  `json:"directory"`
	Engaged    map[smki.PartyID][]smki.PartyID  `json:"engaged,omitempty"`
	Failures   []failureState                   `json:"failures,omitempty"`
	Supports   []supportRecord                  `json:"supports,omitempty"`
	Limits     []duis.Threshold                 `json:"limits,omitempty"`
	Acts       []Breach                         `json:"acts,omitempty"`
	Ordinary   []smki.CertificateID             `json:"ordinary,omitempty"`
	CRLs       map[smki.CertificateID]time.Time `json:"crls,omitempty"`
	OnCRL      []smki.CertificateID             `json:"onCRL,omitempty"` // in the snapshots of earlier versions, for from when it was revoked
	Instructed []instructedState                `json:"instructed,omitempty"`
	Told       []toldState                      `json:"told,omitempty"`
	Untold     uint64                           `json:"untold,omitempty"`
}

type toldState struct {
	Seq   uint64 `json:"seq"`
	Event *Event `json:"event"`
}

type failureState struct {
	ID           solr.FailureID                              `json:"id"`
	Supplier     smki.PartyID                                `json:"supplier"`
	Phase        solr.Phase                                  `json:"phase"`
	Notified     time.Time                                   `json:"notified,omitzero"`
	Revoked      time.Time                                   `json:"revoked,omitzero"`
	Closed       time.Time                                   `json:"closed,omitzero"`
	Exit         solr.ExitKind                               `json:"exit,omitempty"`
	Exited       time.Time                                   `json:"exited,omitzero"`
	Exiting      uint64                                      `json:"exiting,omitempty"`
	Notice       uint64                                      `json:"notice,omitempty"`
	Closing      uint64                                      `json:"closing,omitempty"`
	MPIDs        []mpidState                                 `json:"mpids,omitempty"`
	Earlier      []mpidState                                 `json:"earlier,omitempty"`
	Certificates []certState                                 `json:"certificates,omitempty"`
	Delays       []delayState                                `json:"delays,omitempty"`
	Confirmed    map[smki.PartyID]map[Confirmation]statement `json:"confirmed,omitempty"`
	Positions    map[smki.PartyID]statement                  `json:"positions,omitempty"`
	SafeModes    []safeModeState                             `json:"safeModes,omitempty"`
	Named        []namedState                                `json:"named,omitempty"`
	Completed    map[smki.PartyID][]intervalState            `json:"completed,omitempty"`
}

type mpidState struct {
	ID         smki.MPID                               `json:"id"`
	Fuel       smki.Fuel                               `json:"fuel"`
	Entered    time.Time                               `json:"entered,omitzero"`
	Seq        uint64                                  `json:"seq,omitzero"`
	Announced  smki.PartyID                            `json:"announced,omitempty"` // in the snapshots of earlier versions, with its time, for the announcement that stood
	Since      time.Time                               `json:"announcedAt,omitzero"`
	Named      []announcementState                     `json:"announcements,omitempty"`
	Directions []directionState                        `json:"directions,omitempty"`
	Agreed     map[smki.PartyID]map[Agreeing]time.Time `json:"agreed,omitempty"`
	Gone       time.Time                               `json:"gone,omitzero"`
	OutSince   time.Time                               `json:"outSince,omitzero"`
	Out        bool                                    `json:"out,omitempty"` // in the snapshots of earlier versions, for from when it was gone
	Confirmed  bool                                    `json:"confirmed,omitempty"`
	KeptSince  time.Time                               `json:"keptSince,omitzero"`
	Kept       bool                                    `json:"kept,omitempty"` // in the snapshots of earlier versions, for all along
}

type announcementState struct {
	SoLR  smki.PartyID `json:"solr"`
	At    time.Time    `json:"at"`
	Ended time.Time    `json:"ended,omitzero"`
}

type directionState struct {
	To     smki.PartyID `json:"to"`
	Given  time.Time    `json:"given"`
	From   time.Time    `json:"from"`
	Date   time.Time    `json:"date,omitzero"`
	Void   time.Time    `json:"void,omitzero"`
	Ended  time.Time    `json:"ended,omitzero"`
	Extend time.Time    `json:"extend,omitzero"`
	Exited bool         `json:"exited,omitempty"`
	Back   bool         `json:"back,omitempty"`
}

type certState struct {
	ID  smki.CertificateID  `json:"id"`
	Use smki.CertificateUse `json:"use"`
}

type delayState struct {
	ID       string             `json:"id,omitempty"`
	Seq      uint64             `json:"seq"`
	Controls Controls           `json:"controls"`
	Regime   Regime             `json:"regime"`
	Directed time.Time          `json:"directed"`
	Received time.Time          `json:"received,omitzero"`
	Items    []delayedItemState `json:"items"`
}

type delayedItemState struct {
	Item
	Released time.Time `json:"released,omitzero"`
}

// statement is what somebody said last, and when it was said first.
type statement struct {
	At   time.Time `json:"at"`
	Seq  uint64    `json:"seq,omitempty"` // of a confirmation
	Text string    `json:"text,omitempty"`
}

type intervalState struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to,omitzero"`
}

type safeModeState struct {
	SRP    smki.PartyID     `json:"srp"`
	At     time.Time        `json:"at"`
	Regime Regime           `json:"regime"`
	Grant  duis.GrantNumber `json:"grant"`
}

type namedState struct {
	Action Action     `json:"action"`
	Item   Item       `json:"item,omitzero"`
	User   smki.EUI64 `json:"user,omitzero"`
	At     time.Time  `json:"at"`
	Seq    uint64     `json:"seq"`
	Exited bool       `json:"exited,omitempty"`
}

type supportRecord struct {
	ID      string           `json:"id"`
	Failure solr.FailureID   `json:"failure"`
	SoLR    smki.PartyID     `json:"solr"`
	SRP     smki.PartyID     `json:"srp"`
	State   supportState     `json:"state"`
	Grant   duis.GrantNumber `json:"grant,omitzero"`
	From    time.Time        `json:"from,omitzero"`
	To      time.Time        `json:"to,omitzero"`
	Support Support          `json:"support"`
}

// MarshalText gives the name of the state.
func (s supportState) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads the name of a state.
func (s *supportState) UnmarshalText(b []byte) error {
	return parseName(s, "state of a support request", supportStateNames[:], b)
}

type instructedState struct {
	Threshold duis.Threshold `json:"threshold"`
	Failure   solr.FailureID `json:"failure"`
	At        time.Time      `json:"at"`
	Seq       uint64         `json:"seq"`
}

// SnapshotError says why a register could not be written as a snapshot or restored from one.
type SnapshotError struct {
	Expected string
	Err      error
}

func (e *SnapshotError) Error() string {
	if e.Err != nil {
		return fmt.Sprintf("hold: snapshot: expected %s: %v", e.Expected, e.Err)
	}
	return "hold: snapshot: expected " + e.Expected
}

func (e *SnapshotError) Unwrap() error { return e.Err }

// Snapshot writes down the state of the register: what [Restore] needs to go on from here without the log before. It grows with what there is (parties, MPIDs, certificates, failures with what was
// said about each, breaches), with what late reports are judged by (every event about where an MPID was, who was to get it and what was agreed about that) and with the IDs of all events, by which repeats are
// known, and not otherwise with how often things changed. Registers with the same log have the same snapshot, octet
// for octet: to prove a snapshot replay the log up to its head and compare. Its own hash tells damage only, since whoever makes a snapshot up can give it a hash, and a state that no log leads to.
//
// The error is a [*SnapshotError] if a value in Settings has no name.
func (r *Register) Snapshot() ([]byte, error) {
	if _, err := readHeader(appendEnd(r.header())); err != nil {
		return nil, &SnapshotError{"settings that have names", err}
	}
	b, err := json.Marshal(snapshot{Name: snapshotName, Version: snapshotVersion, State: r.state()})
	if err != nil {
		return nil, &SnapshotError{"a register that can be written", err}
	}
	body := b[:len(b)-1]
	return appendEnd(body, sha256.Sum256(body)), nil
}

// Restore gives the register that a snapshot was made of. It gives the same answers, has the same head and goes on in the same way; only the events up to there it does not hold, so that
// [Register.Events] starts after them and [Register.WriteTo] fails. Read the rest of the log with [Register.ReadFrom]. The error is a [*SnapshotError].
//
// A snapshot of version 1 does not say how MPIDs came and went. The register that it gives refuses late reports about that with an [*EventError]: read the log instead.
func Restore(b []byte) (*Register, error) {
	if len(b) < recordEnd {
		return nil, &SnapshotError{Expected: "a snapshot with its hash"}
	}
	body := b[:len(b)-recordEnd]
	if h := Hash(sha256.Sum256(body)); !bytes.Equal(b[len(body):], appendEnd(nil, h)) {
		return nil, &SnapshotError{Expected: fmt.Sprintf("the hash %v at its end", h)}
	}
	var s snapshot
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&s); err != nil {
		return nil, &SnapshotError{"a snapshot as JSON", err}
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, &SnapshotError{Expected: "one JSON object"}
	}
	if s.Name != snapshotName || s.Version < 1 || s.Version > snapshotVersion {
		return nil, &SnapshotError{Expected: fmt.Sprintf("%q, version 1 or %d, not %.80q, version %d", snapshotName, snapshotVersion, s.Name, s.Version)}
	}
	if s.Version == 1 {
		s.State.Untold = s.State.Head.Seq
	}
	r, err := s.State.register()
	if err != nil {
		return nil, &SnapshotError{"a state that a register can have", err}
	}
	return r, nil
}

func (r *Register) state() registerState {
	return registerState{
		Head: r.Head(), Settings: r.Settings, Clock: r.clock, IDs: members(r.seen), Directory: &r.dir, Engaged: r.engaged,
		Failures: convert(r.failures, (*failure).state),
		Supports: convert(r.supports, func(s *support) supportRecord {
			return supportRecord{s.id, s.failure, s.solr, s.srp, s.state, s.grant, s.from, s.to, s.Support}
		}),
		Limits: r.limits, Acts: r.acts, Ordinary: members(r.ordinary), CRLs: r.onCRL,
		Instructed: convert(r.instructed, func(t instructedThreshold) instructedState {
			return instructedState{t.Threshold, t.failure, t.at, t.seq}
		}),
		Told: convert(r.told, func(t told) toldState { return toldState{t.seq, t.Event} }), Untold: r.untold,
	}
}

func (s *registerState) register() (*Register, error) {
	for _, x := range s.Supports {
		if slices.ContainsFunc(x.Support.SRVs, func(v duis.SRV) bool { return !v.Valid() }) { // JSON has octets for a list of numbers, too, and these have no names
			return nil, errors.New("a support request for a Service Request Variant that there is not")
		}
	}
	r := &Register{
		Settings: s.Settings, base: s.Head.Seq, chain: []Hash{s.Head.Hash}, seen: set(s.IDs), clock: s.Clock, engaged: s.Engaged,
		failures: convert(s.Failures, failureState.failure),
		supports: convert(s.Supports, supportRecord.support),
		limits:   s.Limits, acts: s.Acts, ordinary: set(s.Ordinary), onCRL: s.CRLs,
		instructed: convert(s.Instructed, func(t instructedState) instructedThreshold {
			return instructedThreshold{t.Threshold, t.Failure, t.At, t.Seq}
		}),
		told: convert(s.Told, func(t toldState) told { return told{t.Event, t.Seq} }), untold: s.Untold,
	}
	switch {
	case s.Directory == nil:
		return nil, errors.New("no directory")
	case slices.ContainsFunc(s.Told, func(t toldState) bool { return t.Event == nil }):
		return nil, errors.New("no event where one was told")
	case s.Head.Seq > math.MaxInt64:
		return nil, errors.New("no log is that long")
	}
	r.dir = *s.Directory
	for _, id := range s.OnCRL {
		if r.onCRL == nil {
			r.onCRL = make(map[smki.CertificateID]time.Time)
		}
		if _, rev, _ := r.dir.Certificate(id); rev != nil {
			r.onCRL[id] = rev.At
		}
	}
	if _, start := r.header(); s.Head.Seq == 0 && s.Head.Hash != start {
		return nil, errors.New("the head is not of these settings")
	}
	return r, nil
}

func (f *failure) state() failureState {
	return failureState{
		ID: f.ID, Supplier: f.Supplier, Phase: f.Phase, Notified: f.Notified, Revoked: f.Revoked, Closed: f.Closed, Exit: f.Exit, Exited: f.exited, Exiting: f.exiting, Notice: f.notice, Closing: f.closing,
		MPIDs:        convert(f.mpids, (*mpidItem).state),
		Earlier:      convert(f.earlier, (*mpidItem).state),
		Certificates: convert(f.certs, func(c *certItem) certState { return certState{c.id, c.use} }),
		Delays: convert(f.delays, func(d *delay) delayState {
			return delayState{d.id, d.seq, d.controls, d.regime, d.directed, d.received, convert(d.items, func(i delayedItem) delayedItemState { return delayedItemState{i.Item, i.released} })}
		}),
		Confirmed: convertMap(f.confirmed, func(c *confirmations) map[Confirmation]statement {
			given := make(map[Confirmation]statement)
			for i := EstateMakeUp; i < numConfirmations; i++ {
				if !c.at[i].IsZero() {
					given[i] = statement{c.at[i], c.seq[i], c.text[i]}
				}
			}
			return given
		}),
		Positions: convertMap(f.positions, func(p position) statement { return statement{At: p.at, Text: p.text} }),
		SafeModes: convert(f.safeModes, func(s safeMode) safeModeState { return safeModeState{s.srp, s.at, s.regime, s.grant} }),
		Named:     convert(f.named, func(n named) namedState { return namedState{n.action, n.item, n.user, n.at, n.seq, n.exited} }),
		Completed: convertMap(f.completed, func(all []interval) []intervalState {
			return convert(all, func(i interval) intervalState { return intervalState{i.from, i.to} })
		}),
	}
}

func (s failureState) failure() *failure {
	return &failure{
		Failure: solr.Failure{ID: s.ID, Supplier: s.Supplier, Phase: s.Phase, Notified: s.Notified, Revoked: s.Revoked, Closed: s.Closed, Exit: s.Exit},
		exited:  s.Exited,
		exiting: s.Exiting,
		notice:  s.Notice,
		closing: s.Closing,
		mpids:   convert(s.MPIDs, mpidState.item),
		earlier: convert(s.Earlier, mpidState.item),
		certs:   convert(s.Certificates, func(c certState) *certItem { return &certItem{c.ID, c.Use} }),
		delays: convert(s.Delays, func(d delayState) *delay {
			return &delay{d.ID, d.Seq, d.Controls, d.Regime, d.Directed, d.Received, convert(d.Items, func(i delayedItemState) delayedItem { return delayedItem{i.Item, i.Released} })}
		}),
		confirmed: convertMap(s.Confirmed, func(given map[Confirmation]statement) *confirmations {
			c := new(confirmations)
			for i, x := range given {
				c.at[i], c.seq[i], c.text[i] = x.At, x.Seq, x.Text
			}
			return c
		}),
		positions: convertMap(s.Positions, func(x statement) position { return position{x.At, x.Text} }),
		safeModes: convert(s.SafeModes, func(x safeModeState) safeMode { return safeMode{x.SRP, x.At, x.Regime, x.Grant} }),
		named:     convert(s.Named, func(n namedState) named { return named{n.Action, n.Item, n.User, n.At, n.Seq, n.Exited} }),
		completed: convertMap(s.Completed, func(all []intervalState) []interval {
			return convert(all, func(i intervalState) interval { return interval{i.From, i.To} })
		}),
	}
}

func (m *mpidItem) state() mpidState {
	return mpidState{
		ID: m.id, Fuel: m.fuel, Entered: m.entered, Seq: m.seq, Gone: m.gone, OutSince: m.out, Confirmed: m.confirmed, KeptSince: m.kept,
		Named: convert(m.announced, func(a announcement) announcementState { return announcementState{a.solr, a.at, a.ended} }),
		Directions: convert(m.directions, func(d *direction) directionState {
			return directionState{d.to, d.given, d.from, d.date, d.void, d.ended, d.extend, d.exited, d.back}
		}),
		Agreed: convertMap(m.agreed, func(all *[numAgreeing]time.Time) map[Agreeing]time.Time {
			given := make(map[Agreeing]time.Time)
			for who := SoLRAgrees; who < numAgreeing; who++ {
				if !all[who].IsZero() {
					given[who] = all[who]
				}
			}
			return given
		}),
	}
}

func (s mpidState) item() *mpidItem {
	if s.Out {
		s.OutSince = s.Gone
	}
	if s.Kept {
		s.KeptSince = s.Entered
	}
	if s.Announced != "" {
		s.Named = []announcementState{{SoLR: s.Announced, At: s.Since}}
	}
	return &mpidItem{
		id: s.ID, fuel: s.Fuel, entered: s.Entered, seq: s.Seq, gone: s.Gone, out: s.OutSince, confirmed: s.Confirmed, kept: s.KeptSince,
		announced: convert(s.Named, func(a announcementState) announcement { return announcement{a.SoLR, a.At, a.Ended} }),
		directions: convert(s.Directions, func(d directionState) *direction {
			return &direction{d.To, d.Given, d.From, d.Date, d.Void, d.Ended, d.Extend, d.Exited, d.Back}
		}),
		agreed: convertMap(s.Agreed, func(given map[Agreeing]time.Time) *[numAgreeing]time.Time {
			all := new([numAgreeing]time.Time)
			for who, at := range given {
				all[who] = at
			}
			return all
		}),
	}
}

func (s supportRecord) support() *support {
	x := &support{Support: s.Support, id: s.ID, failure: s.Failure, solr: s.SoLR, srp: s.SRP, state: s.State, grant: s.Grant, from: s.From, to: s.To}
	for _, v := range x.SRVs {
		x.srvs.add(v)
	}
	return x
}

func convert[A, B any](all []A, f func(A) B) []B {
	if len(all) == 0 {
		return nil
	}
	to := make([]B, len(all))
	for i, x := range all {
		to[i] = f(x)
	}
	return to
}

// convertMap gives a map that is never nil, as the register's are.
func convertMap[A, B any](all map[smki.PartyID]A, f func(A) B) map[smki.PartyID]B {
	to := make(map[smki.PartyID]B, len(all))
	for p, x := range all {
		to[p] = f(x)
	}
	return to
}

// members lists a set in order.
func members[T ~string](s map[T]bool) []T { return slices.Sorted(maps.Keys(s)) }

func set[T comparable](all []T) map[T]bool {
	s := make(map[T]bool, len(all))
	for _, x := range all {
		s[x] = true
	}
	return s
}
