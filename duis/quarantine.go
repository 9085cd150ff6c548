package duis

import (
	"encoding/binary"
	"fmt"
	"slices"
	"time"

	"github.com/seed-db8551c1/lastresort/smki"
)

// DefaultRoom is how many bytes of messages a [Gate] keeps in quarantine unless told otherwise.
const DefaultRoom = 64 << 20

// QuarantinedMessage is a message that exceeded a threshold and waits for what its User says.
type QuarantinedMessage struct {
	EventRef uint64 // QuarantineEventRef: names it, from 1 in the order of arrival
	ID       RequestID
	SRV      SRV
	Arrival
}

// quarantine keeps messages in the order of their arrival.
type quarantine struct {
	messages []QuarantinedMessage
	last     uint64 // the last event reference given
	size     int    // bytes of all messages
}

func (q *quarantine) fits(size, room int) bool {
	if room == 0 {
		room = DefaultRoom
	}
	return q.size+size <= room
}

func (q *quarantine) keep(r Request, a *Arrival) uint64 {
	q.last++
	m := QuarantinedMessage{EventRef: q.last, ID: r.ID, SRV: r.SRV, Arrival: *a}
	m.Message = slices.Clone(a.Message)
	q.messages = append(q.messages, m)
	q.size += len(m.Message)
	return q.last
}

func (q *quarantine) find(ref uint64) (int, bool) {
	return slices.BinarySearchFunc(q.messages, ref, func(m QuarantinedMessage, ref uint64) int {
		switch {
		case m.EventRef < ref:
			return -1
		case m.EventRef > ref:
			return 1
		}
		return 0
	})
}

func (q *quarantine) take(i int) {
	q.size -= len(q.messages[i].Message)
	q.messages = slices.Delete(q.messages, i, i+1)
}

// QuarantineError says why a message is not released or deleted. It stays in quarantine.
type QuarantineError struct {
	EventRef uint64
	Expected string
}

func (e *QuarantineError) Error() string {
	return fmt.Sprintf("duis: quarantine event %d: expected %s", e.EventRef, e.Expected)
}

// Quarantine lists the messages in quarantine in the order of their arrival. Their bytes must not be changed.
func (g *Gate) Quarantine() []QuarantinedMessage {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.Clone(g.quarantine.messages)
}

// Release takes a message out of quarantine, as its User asks, and decides it anew in the World of now: certificates may have been revoked and MPIDs moved since. It has used its
// RequestID and counted in its window when it came, so neither is checked again. What the answer does not accept is refused for good. A second rule set is not asked.
//
// The error is a [*QuarantineError]: there is no such message, it is another User's, or the authority forbids the DCC to act upon it now (R7: the failure is frozen and no instruction of the PMA names the release).
func (g *Gate) Release(ref uint64, by smki.EUI64, at time.Time) (Verdict, error) {
	p := g.published()
	m, err := g.takeOut(p.world, ReleaseQuarantine, ref, by, at)
	if err != nil {
		return Verdict{}, err
	}
	s := g.read(m.Message)
	defer g.scratch.Put(s)
	m.At = at
	v := s.decide(p.world, &m.Arrival)
	v.EventRef = ref
	v.conclude(p.world.rules())
	return v, nil
}

// Delete takes a message out of quarantine unanswered, as its User asks, with the errors of [Gate.Release].
func (g *Gate) Delete(ref uint64, by smki.EUI64, at time.Time) error {
	_, err := g.takeOut(g.published().world, DeleteQuarantine, ref, by, at)
	return err
}

func (g *Gate) takeOut(w *World, act Act, ref uint64, by smki.EUI64, at time.Time) (QuarantinedMessage, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	i, ok := g.quarantine.find(ref)
	if !ok {
		return QuarantinedMessage{}, &QuarantineError{ref, "a message that is in quarantine"}
	}
	m := g.quarantine.messages[i]
	if m.ID.Originator != by {
		return QuarantinedMessage{}, &QuarantineError{ref, "the User that sent the message"}
	}
	if !w.mayAct(act, by, at) {
		return QuarantinedMessage{}, &QuarantineError{ref, "an authority that lets the DCC act upon the User's messages (R7)"}
	}
	g.quarantine.take(i)
	g.noteTakenOut(ref)
	return m, nil
}

// mayAct reports whether the authority lets the DCC act upon the quarantined messages of a User.
func (w *World) mayAct(act Act, user smki.EUI64, at time.Time) bool {
	u := w.directory.user(user)
	if u == nil || w.authority == nil {
		return false
	}
	switch w.authority.Ask(Question{Act: act, Party: w.directory.parties[u.party].id, User: user, At: at}).Standing {
	case NotNeeded, Covered:
		return true
	}
	return false
}

// AppendBinary appends the memory of the gate: its counters and its quarantine, in a form that [Gate.Restore] reads. It belongs with the log of the register: a gate that is restored
// from an older one lets replays pass of what came in between, unless [Gate.Recall] repeats that. The digest at its end shows damage, not malice: who can write where it is kept can lower counters. The error, for a gate that was neither begun nor restored and has no memory to save, is a [*StateError]; b is then returned as it was.
func (g *Gate) AppendBinary(b []byte) ([]byte, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.began {
		return b, &StateError{Expected: "a gate that was begun or restored"}
	}
	start := len(b)
	b = g.counters.appendState(append(b, stateMagic...))
	q := &g.quarantine
	b = binary.AppendUvarint(b, g.changed)
	b = binary.AppendUvarint(b, q.last)
	b = binary.AppendUvarint(b, uint64(len(q.messages)))
	for i := range q.messages {
		m := &q.messages[i]
		b = binary.AppendUvarint(b, m.EventRef)
		b = appendRequestID(b, m.ID)
		b = append(b, byte(m.SRV), byte(m.Service))
		b = appendTime(b, m.At)
		b = appendOctets(appendOctets(b, string(m.Channel)), m.Message)
	}
	return seal(b, start), nil
}

// Restore replaces the memory by a saved one. The error is a [*StateError], and then nothing changes.
func (g *Gate) Restore(saved []byte) error {
	d, err := unseal(saved)
	if err != nil {
		return err
	}
	c := d.counters()
	changed := d.uint()
	q := quarantine{last: d.uint()}
	for range d.count(9) {
		m := QuarantinedMessage{EventRef: d.uint(), ID: RequestID{smki.EUI64(d.uint()), smki.EUI64(d.uint()), d.uint()}, SRV: SRV(d.byte())}
		m.Service, m.At = WebService(d.byte()), d.time()
		m.Channel, m.Message = smki.CertificateID(d.octets()), slices.Clone(d.octets())
		if n := len(q.messages); n > 0 && m.EventRef <= q.messages[n-1].EventRef || m.EventRef > q.last {
			d.fail()
		}
		q.messages = append(q.messages, m)
		q.size += len(m.Message)
	}
	if err := d.end(); err != nil {
		return err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.begin(c, q, changed)
	return nil
}
