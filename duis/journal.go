package duis

import (
	"encoding/binary"
	"slices"

	"github.com/seed-db8551c1/lastresort/smki"
)

// The changes to the memory of a gate, one after the other as bytes: what came after the last saved memory must survive a crash too.
//
//	number · kind · admitted, quarantined: originator, target and counter, variant, role, time; quarantined also: web service, channel, message · taken out: event reference
//
// Numbers are unsigned varints. A change has the number after the one before it, so that none can be missing or repeated unnoticed.

const (
	changeAdmitted byte = iota
	changeQuarantined
	changeTakenOut
)

// AppendChanges appends to b what changed in the memory since the last call, and forgets it. A vendor writes it to its store before it sends any answer or command
// that the changes stand for: after a crash [Gate.Restore] and [Gate.Recall] give the memory as it was then, and no message passes twice. There is nothing to append unless [Gate.Journal] is set.
func (g *Gate) AppendChanges(b []byte) []byte {
	g.mu.Lock()
	defer g.mu.Unlock()
	b = append(b, g.changes...)
	g.changes = g.changes[:0]
	return b
}

// Recall repeats changes on a memory that was restored or begun: those that [Gate.AppendChanges] gave since it was saved, all calls in order. Changes from before it was saved may
// come first; they are passed over. The error is a [*StateError], if a change is cut short or unreadable, is missing before another, or takes a message out of quarantine that is not there; then nothing changes.
func (g *Gate) Recall(changes []byte) error {
	type admission struct {
		r Request
		d Decision
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.began {
		return &StateError{"a gate that was begun or restored, to recall changes"}
	}
	d, last := decoder{b: changes}, g.changed
	var admitted []admission
	q := g.quarantine
	q.messages = slices.Clone(q.messages)
	for len(d.b) > 0 {
		number, kind := d.uint(), d.byte()
		known := number <= g.changed
		switch kind {
		case changeAdmitted, changeQuarantined:
			r := Request{ID: RequestID{smki.EUI64(d.uint()), smki.EUI64(d.uint()), d.uint()}, SRV: SRV(d.byte())}
			decision := Decision{Role: smki.UserRole(d.byte()), Received: d.time()}
			a := Arrival{At: decision.Received}
			if kind == changeQuarantined {
				a.Service, a.Channel, a.Message = WebService(d.byte()), smki.CertificateID(d.octets()), d.octets()
			}
			if !r.SRV.Valid() || int(decision.Role) >= numRoles {
				d.fail()
			}
			if d.bad || known {
				break
			}
			admitted = append(admitted, admission{r, decision})
			if kind == changeQuarantined {
				q.keep(r, &a)
			}
		case changeTakenOut:
			ref := d.uint()
			if known {
				break
			}
			i, ok := q.find(ref)
			if !ok {
				return &StateError{"changes that take out what is in quarantine"}
			}
			q.take(i)
		default:
			d.fail()
		}
		if d.bad {
			return &StateError{"changes in the form of this version, none cut short"}
		}
		if !known {
			if number != last+1 {
				return &StateError{"all changes since the memory was saved, in order"}
			}
			last = number
		}
	}
	for i := range admitted {
		g.counters.commit(&admitted[i].r, &admitted[i].d)
	}
	g.quarantine, g.changed = q, last
	return nil
}

// noteMessage notes that a message was remembered, with all that is in quarantine of it. The caller holds the lock.
func (g *Gate) noteMessage(v *Verdict, a *Arrival) {
	kind := changeAdmitted
	if v.Outcome == Quarantined {
		kind = changeQuarantined
	}
	if !g.note(kind) {
		return
	}
	b := g.changes
	b = appendRequestID(b, v.Request.ID)
	b = append(b, byte(v.Request.SRV), byte(v.Role))
	b = appendTime(b, v.Received)
	if v.Outcome == Quarantined {
		b = append(b, byte(a.Service))
		b = appendOctets(appendOctets(b, string(a.Channel)), a.Message)
	}
	g.changes = b
}

// noteTakenOut notes that a message left the quarantine. The caller holds the lock.
func (g *Gate) noteTakenOut(ref uint64) {
	if g.note(changeTakenOut) {
		g.changes = binary.AppendUvarint(g.changes, ref)
	}
}

// note begins a change, and reports whether it is to be written.
func (g *Gate) note(kind byte) bool {
	g.changed++
	if g.Journal {
		g.changes = append(binary.AppendUvarint(g.changes, g.changed), kind)
	}
	return g.Journal
}
