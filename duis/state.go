package duis

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"github.com/seed-db8551c1/lastresort/smki"
)

// The counters, and the memory of a gate, as bytes: what must survive a restart, lest a replay pass after it.
//
//	magic, version · window from and to · for each User its counts · three tables of counters · for a gate, what is in quarantine · SHA-256 of all that
//
// Numbers are unsigned varints, tables in the order of their keys, so that equal memories give equal bytes.

const stateMagic = "duis counters 1\n"

// StateError says that a saved memory, or changes to it, cannot be read: they are cut short, altered, or none; or that there is none to save.
type StateError struct {
	Expected string
	Offset   int // of the change that cannot be taken, in what [Gate.Recall] was given; else zero
}

func (e *StateError) Error() string {
	if e.Offset > 0 {
		return fmt.Sprintf("duis: saved memory: changes at byte %d: expected %s", e.Offset, e.Expected)
	}
	return "duis: saved memory: expected " + e.Expected
}

// AppendBinary appends the memory to b, in a form that [Counters.UnmarshalBinary] reads. It never fails. The settings are not part of it.
func (c *Counters) AppendBinary(b []byte) ([]byte, error) {
	start := len(b)
	b = c.appendState(append(b, stateMagic...))
	return seal(b, start), nil
}

// MarshalBinary is [Counters.AppendBinary] to nothing.
func (c *Counters) MarshalBinary() ([]byte, error) { return c.AppendBinary(nil) }

// UnmarshalBinary replaces the memory by a saved one; the settings stay. The error is a [*StateError], and then nothing changes.
func (c *Counters) UnmarshalBinary(b []byte) error {
	d, err := unseal(b)
	if err != nil {
		return err
	}
	next := d.counters()
	if err := d.end(); err != nil {
		return err
	}
	next.Pairs, next.Window = c.Pairs, c.Window
	*c = next
	return nil
}

func (c *Counters) appendState(b []byte) []byte {
	b = appendTime(b, c.from)
	b = appendTime(b, c.to)
	b = binary.AppendUvarint(b, uint64(len(c.sent)))
	for _, u := range slices.Sorted(maps.Keys(c.sent)) {
		b = binary.AppendUvarint(b, uint64(u))
		for role := range c.sent[u] {
			n := 0
			for _, k := range c.sent[u][role] {
				if k != 0 {
					n++
				}
			}
			b = binary.AppendUvarint(b, uint64(n))
			for v, k := range c.sent[u][role] {
				if k != 0 {
					b = binary.AppendUvarint(append(b, byte(v)), k)
				}
			}
		}
	}
	for _, pairs := range []map[pair]uint64{c.young, c.old} {
		b = binary.AppendUvarint(b, uint64(len(pairs)))
		keys := slices.SortedFunc(maps.Keys(pairs), func(a, b pair) int {
			return cmp.Or(cmp.Compare(a.originator, b.originator), cmp.Compare(a.target, b.target))
		})
		for _, p := range keys {
			b = binary.AppendUvarint(b, uint64(p.originator))
			b = binary.AppendUvarint(b, uint64(p.target))
			b = binary.AppendUvarint(b, pairs[p])
		}
	}
	b = binary.AppendUvarint(b, uint64(len(c.forgotten)))
	for _, u := range slices.Sorted(maps.Keys(c.forgotten)) {
		b = binary.AppendUvarint(b, uint64(u))
		b = binary.AppendUvarint(b, c.forgotten[u])
	}
	return b
}

// appendTime appends an instant; the zero time is told apart.
func appendTime(b []byte, t time.Time) []byte {
	if t.IsZero() {
		return append(b, 0)
	}
	b = binary.AppendVarint(append(b, 1), t.Unix())
	return binary.AppendUvarint(b, uint64(t.Nanosecond()))
}

func appendRequestID(b []byte, id RequestID) []byte {
	b = binary.AppendUvarint(b, uint64(id.Originator))
	b = binary.AppendUvarint(b, uint64(id.Target))
	return binary.AppendUvarint(b, id.Counter)
}

func appendOctets[T string | []byte](b []byte, octets T) []byte {
	return append(binary.AppendUvarint(b, uint64(len(octets))), octets...)
}

// seal appends the digest of what was appended since start.
func seal(b []byte, start int) []byte {
	digest := sha256.Sum256(b[start:])
	return append(b, digest[:]...)
}

// unseal checks the frame of saved bytes and gives what is in it.
func unseal(b []byte) (*decoder, error) {
	n := len(b) - sha256.Size
	if n < len(stateMagic) || string(b[:len(stateMagic)]) != stateMagic {
		return nil, &StateError{Expected: fmt.Sprintf("bytes that start with %q", stateMagic)}
	}
	if digest := sha256.Sum256(b[:n]); string(digest[:]) != string(b[n:]) {
		return nil, &StateError{Expected: "the bytes that were saved, whole and unaltered"}
	}
	return &decoder{b: b[len(stateMagic):n]}, nil
}

// decoder reads saved bytes. After the first fault it reads zeros.
type decoder struct {
	b   []byte
	bad bool
}

func (d *decoder) uint() uint64 {
	v, n := binary.Uvarint(d.b)
	if n <= 0 {
		d.fail()
		return 0
	}
	d.b = d.b[n:]
	return v
}

func (d *decoder) byte() byte {
	if len(d.b) == 0 {
		d.fail()
		return 0
	}
	v := d.b[0]
	d.b = d.b[1:]
	return v
}

func (d *decoder) fail() { d.b, d.bad = nil, true }

// count reads the length of a table whose entries take at least size bytes each, so that no length makes room for what is not there.
func (d *decoder) count(size int) int {
	n := d.uint()
	if n > uint64(len(d.b)/size) {
		d.fail()
		return 0
	}
	return int(n)
}

func (d *decoder) octets() []byte {
	n := d.count(1)
	v := d.b[:n:n]
	d.b = d.b[n:]
	return v
}

func (d *decoder) time() time.Time {
	switch d.byte() {
	case 0:
		return time.Time{}
	case 1:
		s, n := binary.Varint(d.b)
		if n <= 0 {
			break
		}
		d.b = d.b[n:]
		ns := d.uint()
		if ns < 1e9 {
			return time.Unix(s, int64(ns)).UTC()
		}
	}
	d.fail()
	return time.Time{}
}

func (d *decoder) counters() (c Counters) {
	c.from, c.to = d.time(), d.time()
	users := d.count(1 + numRoles + 1)
	if users > math.MaxUint16 { // more than a World has: the counts of each take a thousand times the bytes that say so
		d.fail()
		return c
	}
	if !c.to.IsZero() {
		c.sent = make(map[smki.EUI64]*sent, users)
	}
	for range users {
		u, n := smki.EUI64(d.uint()), new(sent)
		for role := range n {
			for range d.count(2) {
				if v := int(d.byte()); v <= NumSRV {
					n[role][v] = d.uint()
				} else {
					d.fail()
				}
			}
		}
		if c.sent == nil {
			d.fail()
			return c
		}
		c.sent[u] = n
	}
	for _, to := range []*map[pair]uint64{&c.young, &c.old} {
		if n := d.count(3); n > 0 {
			*to = make(map[pair]uint64, n)
			for range n {
				p := pair{smki.EUI64(d.uint()), smki.EUI64(d.uint())}
				(*to)[p] = d.uint()
			}
		}
	}
	if n := d.count(2); n > 0 {
		c.forgotten = make(map[smki.EUI64]uint64, n)
		for range n {
			u := smki.EUI64(d.uint())
			c.forgotten[u] = d.uint()
		}
	}
	return c
}

func (d *decoder) end() error {
	if d.bad || len(d.b) > 0 {
		return &StateError{Expected: "counters in the form of this version"}
	}
	return nil
}
