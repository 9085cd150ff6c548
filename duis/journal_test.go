package duis_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"testing"
	"time"

	"github.com/seed-db8551c1/lastresort/duis"
	"github.com/seed-db8551c1/lastresort/smki"
	"pgregory.net/rapid"
)

// memory is what a gate would save.
func memory(t fataler, g *duis.Gate) []byte {
	t.Helper()
	b, err := g.AppendBinary(nil)
	must(t, err)
	return b
}

// TestRecall stops a gate after anything that it may have done, and starts another from a memory saved at any time and the changes since, or some more: it remembers the same.
func TestRecall(t *testing.T) {
	s := signedSample(t)
	s.thresholds = []duis.Threshold{{User: avro, Warning: 2, Quarantine: 4}}
	w := s.world(t)
	var messages []duis.Arrival
	for i := range 12 {
		m := s.topUp(uint64(i/2 + 1))
		if i%2 == 1 {
			m.id.Target = gsme // in another role
		}
		messages = append(messages, m.arrival(t))
	}
	messages = append(messages, s.readInventory(30).arrival(t))
	forged := s.topUp(40).arrival(t)
	forged.Message = bytes.Replace(forged.Message, []byte("90-A0:40"), []byte("90-A0:41"), 1)
	messages = append(messages, forged)
	rapid.Check(t, func(t *rapid.T) {
		pairs := rapid.SampledFrom([]int{0, 2}).Draw(t, "pairs")
		start := func() *duis.Gate {
			g := &duis.Gate{Pairs: pairs, Journal: true}
			g.Begin()
			g.Publish(w, nil)
			return g
		}
		g := start()
		saved, journal, at := memory(t, g), []byte(nil), now
		send := func(g *duis.Gate, i int) duis.Verdict {
			a := messages[i]
			a.At = at
			return g.Decide(a)
		}
		for range rapid.IntRange(0, 20).Draw(t, "steps") {
			switch rapid.IntRange(0, 9).Draw(t, "step") {
			case 0:
				saved = memory(t, g)
			case 1:
				journal = g.AppendChanges(journal)
			case 2:
				if waiting := g.Quarantine(); len(waiting) > 0 {
					ref := waiting[rapid.IntRange(0, len(waiting)-1).Draw(t, "taken")].EventRef
					if rapid.Bool().Draw(t, "released") {
						_, err := g.Release(ref, avro, at)
						must(t, err)
					} else {
						must(t, g.Delete(ref, avro, at))
					}
				}
			case 3:
				at = at.Add(time.Duration(rapid.IntRange(0, 10).Draw(t, "hours")) * time.Hour)
			default:
				send(g, rapid.IntRange(0, len(messages)-1).Draw(t, "message"))
			}
		}
		journal = g.AppendChanges(journal)
		last := memory(t, g)

		for _, again := range []*duis.Gate{start(), start()} {
			if again.Begin(); rapid.Bool().Draw(t, "from the memory") {
				must(t, again.Restore(saved))
			}
			must(t, again.Recall(journal), again.Recall(journal)) // what it knows it passes over
			if n := len(again.AppendChanges(nil)); n > 0 {
				t.Fatalf("recalling is no change, but left %d bytes", n)
			}
			if !bytes.Equal(memory(t, again), last) {
				t.Fatal("another memory after the restart")
			}
		}
	})
}

// summed is a change with its checksum.
func summed(change ...byte) []byte {
	return binary.BigEndian.AppendUint32(change, crc32.Checksum(change, crc32.MakeTable(crc32.Castagnoli)))
}

// Changes that are cut short or altered, or of which one is missing, are refused whole, with the offset up to which they are whole.
func TestRecallRefuses(t *testing.T) {
	s := signedSample(t)
	s.thresholds = []duis.Threshold{{User: avro, Warning: 1, Quarantine: 2}}
	w := s.world(t)
	g := &duis.Gate{Journal: true}
	g.Begin()
	g.Publish(w, nil)
	var changes [][]byte
	for i := range 4 {
		g.Decide(s.topUp(uint64(i + 1)).arrival(t))
		changes = append(changes, g.AppendChanges(nil))
	}
	must(t, g.Delete(1, avro, now))
	changes = append(changes, g.AppendChanges(nil))

	next := gate(w)
	before := memory(t, next)
	all, start := bytes.Join(changes, nil), make(map[int]int) // of the change that a byte is in
	for _, c := range changes {
		for first := len(start); len(start) < first+len(c); {
			start[len(start)] = first
		}
	}
	refused := func(what string, offset int, changes ...[]byte) {
		t.Helper()
		var no *duis.StateError
		if err := next.Recall(bytes.Join(changes, nil)); !errors.As(err, &no) || no.Offset != offset {
			t.Errorf("%s: %v, want it refused at byte %d", what, err, offset)
		}
		if !bytes.Equal(memory(t, next), before) {
			t.Fatalf("%s: refused, and yet the memory changed", what)
		}
	}
	for n := range all {
		if n > start[n] {
			refused("cut short", start[n], all[:n])
		}
		must(t, gate(w).Recall(all[:start[n]])) // what is left once it is cut there
		for _, mask := range []byte{1, 1 << 4, 1 << 7, 0xff, all[n]} {
			altered := bytes.Clone(all)
			if altered[n] ^= mask; mask != 0 {
				refused("altered", start[n], altered)
			}
		}
	}
	refused("followed by a block of zeros", len(all), all, make([]byte, 100))
	refused("without the first", 0, changes[1:]...)
	refused("without the second", len(changes[0]), changes[0], changes[2])
	refused("out of order", 0, changes[1], changes[0])
	refused("of no kind", len(changes[0]), changes[0], summed(2, 9))
	refused("of no variant", 0, summed(1, 0, 1, 1, 1, 0, 0, 0))
	refused("in no role", 0, summed(1, 0, 1, 1, 1, 1, byte(smki.OtherUser)+1, 0))
	refused("taken out before it came", len(changes[0])+len(changes[1]), changes[0], changes[1], summed(3, 2, 1))
	var no *duis.StateError
	if err := new(duis.Gate).Recall(nil); !errors.As(err, &no) {
		t.Errorf("on a gate without memory: %v", err)
	}

	quiet := gate(w) // without Journal
	quiet.Decide(s.topUp(1).arrival(t))
	if n := len(quiet.AppendChanges(nil)); n > 0 {
		t.Errorf("%d bytes that nobody asked for", n)
	}
	must(t, next.Recall(all))
	if v := next.Decide(s.topUp(4).arrival(t)); !v.Reasons.Has(duis.Replayed) {
		t.Errorf("a replay after the restart: %s", explainVerdict(v))
	}
}

// FuzzRecall: changes with any content are refused whole, or taken: then the gate decides, and what it saves it reads back as the same.
func FuzzRecall(f *testing.F) {
	s := signedSample(f)
	s.thresholds = []duis.Threshold{{User: avro, Warning: 1, Quarantine: 2}}
	w := s.world(f)
	g := &duis.Gate{Journal: true}
	g.Begin()
	g.Publish(w, nil)
	for i := range 4 {
		g.Decide(s.topUp(uint64(i + 1)).arrival(f))
	}
	must(f, g.Delete(1, avro, now))
	changes := g.AppendChanges(nil)
	f.Add(changes)
	f.Add(changes[:bytes.Index(changes, []byte{2, 0})-crc32.Size]) // the first, to be given its checksum
	next := s.topUp(1 << 40).arrival(f)
	f.Fuzz(func(t *testing.T, changes []byte) {
		g := gate(w)
		before := memory(t, g)
		if sum := summed(changes...); g.Recall(sum) == nil { // one change of any content
			changes, g = sum, gate(w)
		}
		var no *duis.StateError
		if err := g.Recall(changes); errors.As(err, &no) {
			if !bytes.Equal(memory(t, g), before) {
				t.Fatal("refused, and yet the memory changed")
			}
		} else {
			must(t, err)
		}
		g.Decide(next)
		sameAgain(t, g.AppendBinary, func(b []byte) (func([]byte) ([]byte, error), error) {
			again := new(duis.Gate)
			return again.AppendBinary, again.Restore(b)
		})
	})
}
