package duis_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/seed-db8551c1/lastresort/duis"
	"github.com/seed-db8551c1/lastresort/smki"
)

// Both messages of a critical command count; what exceeds the threshold waits with an event reference, and its User releases or deletes it.
func TestQuarantine(t *testing.T) {
	s := signedSample(t)
	s.thresholds = []duis.Threshold{{User: avro, SRV: duis.UpdatePaymentMode, Warning: 1, Quarantine: 2}, {User: octopus, Quarantine: 10}}
	w := s.world(t)
	g := gate(w)
	var got []duis.Outcome
	for i, m := range []message{s.toCredit(1), s.signedPreCommand(t, 2), s.toCredit(3), s.signedPreCommand(t, 4), s.toCredit(5)} {
		a := m.arrival(t)
		v := g.Decide(a)
		clear(a.Message) // the caller's memory
		got = append(got, v.Outcome)
		if warned := v.Advice.Has(duis.OverThreshold); warned != (i == 1) {
			t.Errorf("message %d: warned %v", i, warned)
		}
		if v.Outcome != duis.Quarantined {
			continue
		}
		if want := uint64(i - 1); v.EventRef != want || v.Code != 0 || v.Reasons != duis.ReasonsOf(duis.OverThreshold) {
			t.Errorf("message %d: event %d, want %d: %s", i, v.EventRef, want, explainVerdict(v))
		}
		b, err := v.AppendResponse(nil)
		must(t, err)
		alert, err := duis.Parse(b, duis.Limits{})
		if err != nil || alert.Alert != "QuarantinedRequest" || alert.AlertCode != "N29" || alert.Quarantined != m.id || alert.EventRef != string(rune('0'+v.EventRef)) {
			t.Errorf("alert %+v, %v", alert, err)
		}
	}
	if d := cmp.Diff([]duis.Outcome{duis.Accepted, duis.Accepted, duis.Quarantined, duis.Quarantined, duis.Quarantined}, got); d != "" {
		t.Fatal(d)
	}
	if v := g.Decide(s.toCredit(3).arrival(t)); v.Reasons != duis.ReasonsOf(duis.Replayed, duis.OverThreshold) {
		t.Errorf("a quarantined message again: %s", explainVerdict(v))
	}
	if n := len(g.Quarantine()); n != 3 {
		t.Fatalf("%d in quarantine", n)
	}

	var no *duis.QuarantineError
	if _, err := g.Release(9, avro, now); !errors.As(err, &no) || no.EventRef != 9 {
		t.Errorf("released what is not there: %v", err)
	}
	if _, err := g.Release(1, octopus, now); !errors.As(err, &no) {
		t.Errorf("released for another User: %v", err)
	}
	v, err := g.Release(1, avro, now.Add(time.Hour))
	if err != nil || v.Outcome != duis.Accepted || v.Request.ID.Counter != 3 || v.EventRef != 1 || !v.Received.Equal(now.Add(time.Hour)) {
		t.Errorf("released: %s, %v", explainVerdict(v), err)
	}
	if _, err := g.Release(1, avro, now); !errors.As(err, &no) {
		t.Errorf("released twice: %v", err)
	}
	must(t, g.Delete(3, avro, now))

	// What was sound when it came is judged by the World of its release.
	s.move("AVRO", "Octopus", now)
	g.Publish(s.world(t), nil)
	v, err = g.Release(2, avro, now.Add(time.Hour))
	if err != nil || v.Outcome != duis.Rejected || v.Reasons != duis.ReasonsOf(duis.MPIDMoved) || len(g.Quarantine()) != 0 {
		t.Errorf("released after the MPID moved: %s, %v", explainVerdict(v), err)
	}
}

// R7, R9: the authority says whether the DCC may act upon quarantined messages. It is asked for the User, and who does not know forbids.
func TestQuarantineOfFrozenFailure(t *testing.T) {
	for _, c := range []struct {
		name     string
		standing duis.Standing
		may      bool
	}{{"not frozen", duis.NotNeeded, true}, {"an instruction names it", duis.Covered, true}, {"frozen", duis.Refused, false}, {"nobody knows", duis.StandingUnknown, false}, {"not covered", duis.NotCovered, false}} {
		s := signedSample(t)
		s.thresholds = []duis.Threshold{{User: avro}}
		custody := &custody{standing: c.standing}
		s.authority = custody
		g := gate(s.world(t))
		for i := range 2 {
			if v := g.Decide(s.topUp(uint64(i + 1)).arrival(t)); v.Outcome != duis.Quarantined {
				t.Fatal(explainVerdict(v))
			}
		}
		_, err := g.Release(1, avro, now)
		errDelete := g.Delete(2, avro, now)
		if (err == nil) != c.may || (errDelete == nil) != c.may || len(g.Quarantine()) != map[bool]int{true: 0, false: 2}[c.may] {
			t.Errorf("%s: released %v, deleted %v", c.name, err, errDelete)
		}
		want := []duis.Question{{Act: duis.ReleaseQuarantine, Party: "Avro", User: avro, At: now}, {Act: duis.DeleteQuarantine, Party: "Avro", User: avro, At: now}}
		if d := cmp.Diff(want, custody.asked); d != "" {
			t.Errorf("%s: asked (-want +got)\n%s", c.name, d)
		}
	}
}

// custody answers every request and notes what it is asked about acts.
type custody struct {
	standing duis.Standing
	asked    []duis.Question
}

func (c *custody) Ask(q duis.Question) duis.Answer {
	if q.Act == duis.PassRequest {
		return duis.Answer{Standing: duis.NotNeeded}
	}
	c.asked = append(c.asked, q)
	return duis.Answer{Standing: c.standing}
}

// A message for which there is no room is rejected and uses nothing.
func TestQuarantineFull(t *testing.T) {
	s := signedSample(t)
	s.thresholds = []duis.Threshold{{User: avro}}
	g := &duis.Gate{Room: len(s.topUp(1).bytes(t)) + 10}
	g.Begin()
	g.Publish(s.world(t), nil)
	if v := g.Decide(s.topUp(1).arrival(t)); v.Outcome != duis.Quarantined {
		t.Fatal(explainVerdict(v))
	}
	if v := g.Decide(s.topUp(2).arrival(t)); v.Outcome != duis.Rejected || v.Reasons != duis.ReasonsOf(duis.QuarantineFull, duis.OverThreshold) || v.EventRef != 0 {
		t.Error(explainVerdict(v))
	}
	must(t, g.Delete(1, avro, now))
	if v := g.Decide(s.topUp(2).arrival(t)); v.Outcome != duis.Quarantined || v.EventRef != 2 {
		t.Error(explainVerdict(v))
	}
}

// Thresholds count by User, by role, by variant, and by both, each apart.
func TestThresholdsByRole(t *testing.T) {
	is, gs := smki.RolesOf(smki.ImportSupplier), smki.RolesOf(smki.GasSupplier)
	for _, c := range []struct {
		name       string
		threshold  duis.Threshold
		send       []duis.SRV // top-ups and reads, alternately to the electricity and the gas meter
		quarantine int        // which is the first to be quarantined, from 1
	}{
		{"all", duis.Threshold{Quarantine: 3}, []duis.SRV{duis.TopUpDevice, duis.ReadMeterBalance, duis.TopUpDevice, duis.TopUpDevice}, 4},
		{"one variant", duis.Threshold{SRV: duis.TopUpDevice, Quarantine: 2}, []duis.SRV{duis.TopUpDevice, duis.TopUpDevice, duis.TopUpDevice}, 3},
		{"electricity", duis.Threshold{Roles: is, Quarantine: 1}, []duis.SRV{duis.TopUpDevice, duis.TopUpDevice, duis.TopUpDevice}, 3},
		{"gas", duis.Threshold{Roles: gs, Quarantine: 1}, []duis.SRV{duis.TopUpDevice, duis.TopUpDevice, duis.TopUpDevice, duis.TopUpDevice}, 4},
		{"both together", duis.Threshold{Roles: is | gs, Quarantine: 2}, []duis.SRV{duis.TopUpDevice, duis.TopUpDevice, duis.TopUpDevice}, 3},
		{"gas, one variant", duis.Threshold{Roles: gs, SRV: duis.TopUpDevice}, []duis.SRV{duis.TopUpDevice, duis.TopUpDevice}, 2},
	} {
		f := sample()
		c.threshold.User = avro
		f.thresholds = []duis.Threshold{c.threshold, {User: avro, Warning: 100, Quarantine: 100}}
		if c.threshold.Roles == 0 && c.threshold.SRV == 0 {
			f.thresholds = f.thresholds[:1]
		}
		w := f.world(t)
		var counters duis.Counters
		first := 0
		for i, v := range c.send {
			r := request(v, duis.SendCommand, []smki.EUI64{esme, gsme}[i%2]).on(w)
			r.ID.Counter = uint64(i + 1)
			if d := counters.Admit(w, r, duis.Decide(w, r, now)); d.Outcome == duis.Quarantined && first == 0 {
				first = i + 1
			} else if d.Outcome != duis.Accepted && d.Outcome != duis.Quarantined {
				t.Fatalf("%s: %s", c.name, explain(d, w))
			}
		}
		if first != c.quarantine {
			t.Errorf("%s: the first in quarantine is %d, want %d", c.name, first, c.quarantine)
		}
		if n := counters.Sent(avro, gs, 0, now); n != uint64(len(c.send)/2) {
			t.Errorf("%s: %d counted as gas supplier", c.name, n)
		}
	}
}

// After a restart a gate refuses until its memory is restored; with it, it goes on as if nothing had happened.
func TestGateRestart(t *testing.T) {
	s := signedSample(t)
	s.thresholds = []duis.Threshold{{User: avro, Warning: 1, Quarantine: 2}}
	w := s.world(t)
	g := gate(w)
	for i := range 3 {
		g.Decide(s.topUp(uint64(10 + i)).arrival(t))
	}
	saved, err := g.AppendBinary([]byte("before"))
	must(t, err)
	saved = saved[len("before"):]
	again, err := g.AppendBinary(nil)
	must(t, err)
	if !bytes.Equal(saved, again) {
		t.Error("equal memories give different bytes")
	}

	next := new(duis.Gate)
	next.Publish(w, nil)
	if v := next.Decide(s.topUp(20).arrival(t)); v.Reasons != duis.ReasonsOf(duis.CountersMissing) {
		t.Errorf("without its memory: %s", explainVerdict(v))
	}
	for n := range saved {
		altered := bytes.Clone(saved)
		altered[n] ^= 0x10
		var bad *duis.StateError
		if err := next.Restore(altered); !errors.As(err, &bad) {
			t.Fatalf("byte %d altered: %v", n, err)
		}
		if err := next.Restore(saved[:n]); !errors.As(err, &bad) {
			t.Fatalf("the first %d bytes: %v", n, err)
		}
	}
	if v := next.Decide(s.topUp(20).arrival(t)); v.Reasons != duis.ReasonsOf(duis.CountersMissing) {
		t.Errorf("after memories that were refused: %s", explainVerdict(v))
	}
	must(t, next.Restore(saved))
	if d := cmp.Diff(g.Quarantine(), next.Quarantine()); d != "" {
		t.Error(d)
	}
	for _, g := range []*duis.Gate{g, next} {
		if v := g.Decide(s.topUp(11).arrival(t)); v.Reasons != duis.ReasonsOf(duis.Replayed, duis.OverThreshold) {
			t.Errorf("a replay from before the restart: %s", explainVerdict(v))
		}
		if v := g.Decide(s.topUp(20).arrival(t)); v.Outcome != duis.Quarantined || v.EventRef != 2 {
			t.Errorf("the fourth of the day: %s", explainVerdict(v))
		}
		if v, err := g.Release(1, avro, now); err != nil || v.Outcome != duis.Accepted || v.Request.ID.Counter != 12 {
			t.Errorf("released after the restart: %s, %v", explainVerdict(v), err)
		}
	}
	if v := new(duis.Gate).Decide(s.topUp(1).arrival(t)); v.Outcome != duis.NoConnection {
		t.Errorf("a gate without a world: %s", explainVerdict(v))
	}
}

// In shadow mode a second rule set decides beside the first, and has no effect.
func TestShadowMode(t *testing.T) {
	s := signedSample(t)
	w := s.world(t)
	s.authority = standings{"Avro": {Standing: duis.Refused}}
	strict := s.world(t)
	g := new(duis.Gate)
	g.Begin()
	g.Publish(w, strict)
	for i := range uint64(3) {
		v := g.Decide(s.topUp(i + 1).arrival(t))
		if v.Outcome != duis.Accepted || !v.Differs() || v.Shadow.Outcome != duis.Rejected || v.Shadow.Reasons != duis.ReasonsOf(duis.NotAuthorised) {
			t.Errorf("%s; shadow %+v", explainVerdict(v), v.Shadow)
		}
	}
	g.Publish(strict, w)
	if v := g.Decide(s.topUp(4).arrival(t)); v.Outcome != duis.Rejected || !v.Differs() || v.Shadow.Outcome != duis.Accepted {
		t.Errorf("%s; shadow %+v", explainVerdict(v), v.Shadow)
	}
	g.Publish(w, w)
	if v := g.Decide(s.topUp(4).arrival(t)); v.Outcome != duis.Accepted || v.Differs() || v.Shadow == nil {
		t.Errorf("the shadow's acceptance has used the RequestID: %s", explainVerdict(v))
	}
	if v := g.Decide(s.topUp(4).arrival(t)); v.Outcome != duis.Rejected || v.Differs() || !v.Shadow.Reasons.Has(duis.Replayed) {
		t.Errorf("%s; shadow %+v", explainVerdict(v), v.Shadow)
	}
	g.Publish(w, nil)
	if v := g.Decide(s.topUp(5).arrival(t)); v.Shadow != nil || v.Differs() {
		t.Error("a shadow without a second rule set")
	}
}

// A request that the DCC holds is decided at receipt for its time of execution, and again when that comes.
func TestDueRequest(t *testing.T) {
	f := sample()
	later := now.Add(48 * time.Hour)
	c := request(duis.DisplayMessage, duis.SendCommand, esme)
	c.Execution = later
	w := f.world(t)
	r := c.on(w)
	if d := duis.Decide(w, r, now); d.Outcome != duis.Accepted || !d.Required.Equal(later) {
		t.Fatal(explain(d, w))
	}
	f.move("AVRO", "Octopus", later.Add(-time.Hour))
	moved := f.world(t)
	due := r.Due()
	if d := duis.Decide(moved, &due, later.Add(time.Minute)); d.Reasons != duis.ReasonsOf(duis.MPIDMoved) {
		t.Error(explain(d, moved))
	}
	if d := duis.Decide(w, &due, later.Add(time.Minute)); d.Outcome != duis.Accepted || !d.Required.Equal(later.Add(time.Minute)) {
		t.Error(explain(d, w))
	}
}

// No saved memory takes much more room than it is long: more Users than a World can have are refused before their counts are made.
func TestRestoreTooManyUsers(t *testing.T) {
	saved := func(users int) []byte {
		b := binary.AppendUvarint([]byte("\x01\x00\x00\x01\x02\x00"), uint64(users))
		for i := range users {
			b = append(binary.AppendUvarint(b, uint64(i)), make([]byte, 8)...)
		}
		return sealed(append(b, 0, 0, 0))
	}
	var c duis.Counters
	must(t, c.UnmarshalBinary(saved(10)))
	var no *duis.StateError
	if err := c.UnmarshalBinary(saved(1 << 16)); !errors.As(err, &no) {
		t.Error(err)
	}
}

// A gate that neither began nor was restored has no memory to save: an empty one would let replays pass after the next restart.
func TestNothingToSave(t *testing.T) {
	g := new(duis.Gate)
	var no *duis.StateError
	if b, err := g.AppendBinary([]byte("before")); !errors.As(err, &no) || string(b) != "before" {
		t.Errorf("saved %q, %v", b, err)
	}
	g.Begin()
	if _, err := g.AppendBinary(nil); err != nil {
		t.Error(err)
	}
}

// The second rule set shares the room in quarantine: that there is none is no difference between the two.
func TestShadowWithoutRoom(t *testing.T) {
	s := signedSample(t)
	s.thresholds = []duis.Threshold{{User: avro}}
	g := &duis.Gate{Room: 1}
	g.Begin()
	w := s.world(t)
	g.Publish(w, w)
	if v := g.Decide(s.topUp(1).arrival(t)); !v.Reasons.Has(duis.QuarantineFull) || v.Differs() {
		t.Errorf("%s, the other %+v", explainVerdict(v), v.Shadow)
	}
}
