package duis

import (
	"encoding/binary"
	"hash/crc32"
	"slices"

	"github.com/seed-db8551c1/lastresort/smki"
)

// The changes to the memory of a gate, one after the other as bytes: what came after the last saved memory must survive a crash too.
//
//	number · kind · admitted, quarantined: originator, target and counter, variant, role, time; quarantined also: web service, channel, message · taken out: event reference · CRC-32C of all that, big-endian
//
// Numbers are unsigned varints. A change has the number after the one before it, so that none can be missing or repeated unnoticed, and a checksum, so that what a crash or a bad block left of
// it is not taken for another: a counter that came back lower would let replays pass.

const (
	changeAdmitted byte = iota
	changeQuarantined
	changeTakenOut
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// AppendChanges appends to b what changed in the memory since the last call, and forgets it. A vendor writes it to its store before it sends any answer or command
// that the changes stand for: after a crash [Gate.Restore] and [Gate.Recall] give the memory as it was then, and no message passes twice. There is nothing to append unless [Gate.Journal] is set.
//
// One call takes the changes of all goroutines. If they cannot be written, no answer that was decided before the call may be sent, by whomever, and nothing more be decided: the memory is ahead of the store
// until the next start.
func (g *Gate) AppendChanges(b []byte) []byte {
	g.mu.Lock()
	defer g.mu.Unlock()
	b = append(b, g.changes...)
	g.changes = g.changes[:0]
	return b
}

// Recall repeats changes on a memory that was restored or begun: those that [Gate.AppendChanges] gave since it was saved, all calls in order. Changes from before it was saved may
// come first; they are passed over. The error is a [*StateError] with the offset of the first change that is cut short or altered, is missing another before it, or takes a message out of quarantine
// that is not there; then nothing changes.
//
// If a crash cut the last write to a file short, cut the file at that offset and recall what is before it: nothing that the rest stands for was sent.
func (g *Gate) Recall(changes []byte) error {
	type admission struct {
		r Request
		d Decision
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.began {
		return &StateError{Expected: "a gate that was begun or restored, to recall changes"}
	}
	d, last := decoder{b: changes}, g.changed
	var admitted []admission
	q := g.quarantine
	q.messages = slices.Clone(q.messages)
	for len(d.b) > 0 {
		change := d.b
		expected := func(what string) error { return &StateError{what, len(changes) - len(change)} }
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
			if d.sum(change); d.bad || known {
				break
			}
			admitted = append(admitted, admission{r, decision})
			if kind == changeQuarantined {
				q.keep(r, &a)
			}
		case changeTakenOut:
			ref := d.uint()
			if d.sum(change); d.bad || known {
				break
			}
			i, ok := q.find(ref)
			if !ok {
				return expected("changes that take out what is in quarantine")
			}
			q.take(i)
		default:
			d.fail()
		}
		if d.bad {
			return expected("a whole change as it was written, in the form of this version")
		}
		if !known {
			if number != last+1 {
				return expected("all changes since the memory was saved, in order")
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
	start := len(g.changes)
	if !g.note(kind) {
		return
	}
	b := appendRequestID(g.changes, v.Request.ID)
	b = append(b, byte(v.Request.SRV), byte(v.Role))
	b = appendTime(b, v.Received)
	if v.Outcome == Quarantined {
		b = append(b, byte(a.Service))
		b = appendOctets(appendOctets(b, string(a.Channel)), a.Message)
	}
	g.changes = appendSum(b, start)
}

// noteTakenOut notes that a message left the quarantine. The caller holds the lock.
func (g *Gate) noteTakenOut(ref uint64) {
	start := len(g.changes)
	if g.note(changeTakenOut) {
		g.changes = appendSum(binary.AppendUvarint(g.changes, ref), start)
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

// appendSum appends the checksum of the change that starts there.
func appendSum(b []byte, start int) []byte {
	return binary.BigEndian.AppendUint32(b, crc32.Checksum(b[start:], castagnoli))
}

// sum reads the checksum of the change that was read from the start of some bytes.
func (d *decoder) sum(change []byte) {
	n := len(change) - len(d.b)
	if len(d.b) < crc32.Size || d.bad || binary.BigEndian.Uint32(d.b) != crc32.Checksum(change[:n], castagnoli) {
		d.fail()
		return
	}
	d.b = d.b[crc32.Size:]
}
