package hold_test

import (
	"bytes"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/seed-db8551c1/lastresort/duis"
	"github.com/seed-db8551c1/lastresort/hold"
	"github.com/seed-db8551c1/lastresort/hold/holdtest"
	"github.com/seed-db8551c1/lastresort/smki"
	"github.com/seed-db8551c1/lastresort/solr"
	"pgregory.net/rapid"
)

func plainNumber(p smki.PartyID) byte { return p[0] }

// A key says what a register will do: a copy has the same one, a refused event leaves it, and registers with equal keys judge the next event alike.
func TestKeysFollowFromWhatRegistersDo(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		start := holdtest.Starts().Draw(t, "start")
		h := holdtest.NewHistory(holdtest.Worlds(start).Draw(t, "world"), holdtest.Settings().Draw(t, "settings"), start)
		for range rapid.IntRange(0, 12).Draw(t, "steps") {
			for _, e := range h.Step().Draw(t, "events") {
				from := latest(h)
				was := h.Register.AppendKey(nil, from, plainNumber)
				if again := h.Register.Clone().AppendKey(nil, from, plainNumber); !bytes.Equal(was, again) {
					t.Fatal("a copy has another key")
				}
				if _, err := h.Apply(e); err != nil && !bytes.Equal(was, h.Register.AppendKey(nil, from, plainNumber)) {
					t.Fatalf("%+v was refused, but the key is another", e)
				}
			}
		}
	})
}

// Registers with equal keys judge what comes next alike and give the same answers from then on. They are those of a drawn history and of one that differs in an event: left out, moved in time or
// changed places with the next.
func TestEqualKeysGiveEqualAnswers(t *testing.T) {
	t.Parallel()
	equal := 0
	rapid.Check(t, func(t *rapid.T) {
		start := holdtest.Starts().Draw(t, "start")
		h := holdtest.NewHistory(holdtest.Worlds(start).Draw(t, "world"), holdtest.Settings().Draw(t, "settings"), start)
		for range rapid.IntRange(5, 40).Draw(t, "steps") {
			for _, e := range h.Step().Draw(t, "events") {
				_, _ = h.Apply(e)
			}
		}
		events := slices.Clone(h.Register.Events())
		for i := range events { // keys do not cover the IDs of events
			events[i].ID, events[i].Ref = "", ""
		}
		replay := func(events []hold.Event) *hold.Register {
			r := &hold.Register{Settings: h.Register.Settings}
			for _, e := range events {
				_, _ = r.Apply(e)
			}
			return r
		}
		r, from := replay(events), latest(h)
		key := r.AppendKey(nil, from, plainNumber)
		var others []*hold.Register
		for i := range events {
			other := slices.Clone(events)
			switch rapid.IntRange(0, 2).Draw(t, "otherwise") {
			case 0:
				other = slices.Delete(other, i, i+1)
			case 1:
				other[i].At = other[max(i-1, 0)].At
			case 2:
				k := min(i+1, len(other)-1)
				other[i], other[k] = other[k], other[i]
			}
			if x := replay(other); bytes.Equal(key, x.AppendKey(nil, from, plainNumber)) {
				others = append(others, x)
			}
		}
		equal += len(others)
		for range 3 {
			for _, e := range h.Step().Draw(t, "next") {
				if e.ID, e.Ref = "", ""; e.At.Before(from) {
					continue
				}
				_, want := r.Apply(e)
				for _, x := range others {
					if _, got := x.Apply(e); fmt.Sprint(got) != fmt.Sprint(want) {
						t.Fatalf("%+v: %v, and with an equal key %v", e, want, got)
					}
				}
			}
			for _, after := range []time.Duration{0, 26 * time.Hour, 100 * 24 * time.Hour} {
				at := h.Now.Add(after)
				if at.Before(from) {
					continue
				}
				want := answers(h, r, at)
				for _, x := range others {
					if got := answers(h, x, at); !slices.Equal(got, want) {
						t.Fatalf("registers with equal keys answer otherwise at %v:\n%s", at, cmp.Diff(want, got))
					}
				}
			}
		}
	})
	if equal < 100 {
		t.Errorf("%d registers with equal keys, want at least 100", equal)
	}
}

// answers is what a register says about a time, without since when, in any order.
func answers(h *holdtest.History, r *hold.Register, at time.Time) []string {
	var all []string
	for _, d := range r.Duties(at) {
		all = append(all, fmt.Sprintf("%s %v", d.Failure, d))
	}
	for _, f := range r.Failures(at) {
		all = append(all, fmt.Sprintf("%s %v", f.ID, f.Phase))
	}
	for _, o := range r.Overruns(at) {
		all = append(all, fmt.Sprintf("%+v", o))
	}
	authority := r.Authority()
	for _, m := range r.Directory().MPIDs() {
		owner, _ := r.Directory().DCC.Owner(m.ID, at)
		all = append(all, fmt.Sprintf("%s %s", m.ID, owner))
		for _, s := range h.World.Suppliers {
			for _, srv := range []duis.SRV{duis.UpdatePaymentMode, duis.TopUpDevice} {
				q := duis.Question{Party: s.Party, SRV: srv, Mode: duis.CreditMode, MPID: m.ID, At: at}
				all = append(all, fmt.Sprintf("%s %v %s %v", s.Party, srv, m.ID, authority.Ask(q).Standing))
			}
		}
	}
	slices.Sort(all)
	return all
}

// What happened when makes no difference once it has passed, nor which of two suppliers is called what; what happened does.
func TestKeysLeaveOutWhatMakesNoDifference(t *testing.T) {
	key := func(order []smki.PartyID, late time.Duration, number func(smki.PartyID) byte, more ...hold.Event) []byte {
		r := new(hold.Register)
		at := time.Date(2021, time.December, 1, 12, 0, 0, 0, time.UTC)
		for _, p := range []smki.PartyID{"Alder", "Beech"} {
			applyAll(t, r, hold.Event{At: at, Kind: hold.MPIDAllocated, MPIDs: []smki.MPID{smki.MPID(p[:1]) + "EL1"}, Party: p})
		}
		for _, p := range order {
			applyAll(t, r, hold.Event{At: at.Add(late), Kind: hold.LicenceRevoked, Failure: holdtest.FailureOf(p, 0), Party: p})
		}
		for _, e := range more {
			e.At = at.Add(late)
			applyAll(t, r, e)
		}
		return r.AppendKey(nil, at.Add(time.Hour), number)
	}
	swapped := func(p smki.PartyID) byte {
		switch p {
		case "Alder":
			return 'B'
		case "Beech":
			return 'A'
		}
		return p[0]
	}
	first := key([]smki.PartyID{"Alder", "Beech"}, 0, plainNumber)
	delay := hold.Event{Kind: hold.DelayDirected, Failure: "Alder-0", Controls: hold.Transfer}
	for _, x := range []struct {
		name string
		key  []byte
		same bool
	}{
		{"the same events", key([]smki.PartyID{"Alder", "Beech"}, 0, plainNumber), true},
		{"a minute later", key([]smki.PartyID{"Alder", "Beech"}, time.Minute, plainNumber), true},
		{"in the other order", key([]smki.PartyID{"Beech", "Alder"}, 0, plainNumber), true},
		{"two hours later, still to come", key([]smki.PartyID{"Alder", "Beech"}, 2*time.Hour, plainNumber), false},
		{"one failure only", key([]smki.PartyID{"Alder"}, 0, plainNumber), false},
		{"a delay too", key([]smki.PartyID{"Alder", "Beech"}, 0, plainNumber, delay), false},
	} {
		if same := bytes.Equal(first, x.key); same != x.same {
			t.Errorf("%s: equal %v, want %v", x.name, same, x.same)
		}
	}
	alder, beech := key([]smki.PartyID{"Alder"}, 0, plainNumber), key([]smki.PartyID{"Beech"}, 0, swapped)
	if !bytes.Equal(alder, beech) {
		t.Error("two suppliers with their names exchanged have different keys")
	}
	if bytes.Equal(alder, key([]smki.PartyID{"Beech"}, 0, plainNumber)) {
		t.Error("different suppliers have one key")
	}
}

// A key tells apart what only time or order makes different: when an exit is to come, and whether thresholds were instructed before a delay froze the failure or after it.
func TestKeysTellTimeAndOrderApart(t *testing.T) {
	start := time.Date(2021, time.December, 1, 12, 0, 0, 0, time.UTC)
	now := start.Add(time.Hour)
	limits := []duis.Threshold{{User: 0xA0, Quarantine: 500}}
	ofRole := func(r smki.UserRole, quarantine uint64) hold.Event {
		return hold.Event{Kind: hold.ThresholdsInstructed, Failure: "Alder-0", Thresholds: []duis.Threshold{{User: 0xA0, Roles: smki.RolesOf(r), Quarantine: quarantine}}}
	}
	register := func(more ...hold.Event) *hold.Register {
		r := &hold.Register{Settings: hold.Settings{Regime: hold.MP185, SafeModeCarriesThresholds: true}}
		for _, e := range append([]hold.Event{
			{Kind: hold.UserRecorded, User: &smki.User{ID: 0xA0, Party: "Alder", Roles: smki.RolesOf(smki.ImportSupplier, smki.GasSupplier)}},
			{Kind: hold.MPIDAllocated, MPIDs: []smki.MPID{"AEL1"}, Party: "Alder"},
			{Kind: hold.CertificateIssued, Certificate: &smki.Certificate{ID: "Alder/1", Use: smki.XMLSign, Subject: 0xA0, Subscriber: "Alder"}},
			{Kind: hold.SRPEngaged, By: "Hub", Party: "Alder"},
			{Kind: hold.LicenceRevoked, Failure: "Alder-0", Party: "Alder"},
			{Kind: hold.SafeModeInstructed, Failure: "Alder-0", Party: "Hub"},
		}, more...) {
			if e.At.IsZero() {
				e.At = start
			}
			applyAll(t, r, e)
		}
		return r
	}
	exit := func(after time.Duration) hold.Event {
		return hold.Event{At: now.Add(after), Kind: hold.SupplierExited, Failure: "Alder-0", Exit: solr.TradeSale}
	}
	delay := hold.Event{Kind: hold.DelayDirected, Failure: "Alder-0", Controls: hold.Transfer}
	received := hold.Event{At: start, Kind: hold.DelayReceived, Failure: "Alder-0"}
	instructed := hold.Event{Kind: hold.ThresholdsInstructed, Failure: "Alder-0", Thresholds: limits}
	for _, c := range []struct {
		name   string
		a, b   *hold.Register
		then   *hold.Event // what both take before they are asked
		at     time.Time
		differ bool
	}{
		{"exits an hour and two hours ahead", register(exit(time.Hour)), register(exit(2 * time.Hour)), nil, now.Add(90 * time.Minute), true},
		{"exits that have passed", register(exit(-time.Minute)), register(exit(-2 * time.Minute)), nil, now, false},
		{"thresholds before and after a delay", register(instructed, delay, received), register(delay, received, instructed), nil, now, true},
		{"thresholds before and after a delay that the DCC has not had yet", register(instructed, delay), register(delay, instructed), &received, now, true},
		{"thresholds that were instructed again", register(ofRole(smki.ImportSupplier, 10), ofRole(smki.ImportSupplier, 5)), register(ofRole(smki.ImportSupplier, 20), ofRole(smki.ImportSupplier, 5)), nil, now, false},
		{"thresholds of one role, and then of another", register(ofRole(smki.ImportSupplier, 10), ofRole(smki.GasSupplier, 5)), register(ofRole(smki.ImportSupplier, 20), ofRole(smki.GasSupplier, 5)), nil, now, true},
	} {
		x, y := c.a.Clone(), c.b.Clone()
		if c.then != nil {
			applyAll(t, x, *c.then)
			applyAll(t, y, *c.then)
		}
		if differ := !cmp.Equal(x.Duties(c.at), y.Duties(c.at)); differ != c.differ {
			t.Errorf("%s: other answers %v, want %v", c.name, differ, c.differ)
		}
		if same := bytes.Equal(c.a.AppendKey(nil, now, plainNumber), c.b.AppendKey(nil, now, plainNumber)); same == c.differ {
			t.Errorf("%s: equal keys %v, want %v", c.name, same, !c.differ)
		}
	}
}

// An MPID that has been in two failures is of the one that it went from last, and a key says which: not in the order of the notices, nor in that of the names.
func TestKeysTellWhichFailureAnMPIDWentFromLast(t *testing.T) {
	at := time.Date(2021, time.December, 1, 12, 0, 0, 0, time.UTC)
	register := func(notices, through []smki.PartyID) *hold.Register {
		r := new(hold.Register)
		applyAll(t, r, hold.Event{At: at, Kind: hold.MPIDAllocated, MPIDs: []smki.MPID{"CEL0"}, Party: "Cedar"})
		for _, p := range notices {
			applyAll(t, r, hold.Event{At: at, Kind: hold.FailureNotified, Failure: holdtest.FailureOf(p, 0), Party: p})
			applyAll(t, r, hold.Event{At: at, Kind: hold.CertificateIssued, Certificate: &smki.Certificate{ID: smki.CertificateID(p), Use: smki.XMLSign, Subscriber: p}})
		}
		applyAll(t, r, hold.Event{At: at.Add(10 * time.Minute), Kind: hold.MPIDTransferred, MPIDs: []smki.MPID{"CEL0"}, Party: "Elm"})
		for i, p := range through { // late, so that nothing is left of it but the order
			applyAll(t, r, hold.Event{At: at.Add(time.Duration(i+1) * time.Minute), Kind: hold.MPIDTransferred, MPIDs: []smki.MPID{"CEL0"}, Party: p})
		}
		return r
	}
	now := at.Add(time.Hour)
	swapped := func(p smki.PartyID) byte {
		return map[smki.PartyID]byte{"Alder": 'B', "Beech": 'A'}[p] + map[smki.PartyID]byte{"Cedar": 'C', "Elm": 'E'}[p]
	}
	ab, ba := []smki.PartyID{"Alder", "Beech"}, []smki.PartyID{"Beech", "Alder"}
	first := register(ab, ab).AppendKey(nil, now, plainNumber)
	for _, c := range []struct {
		name             string
		notices, through []smki.PartyID
		number           func(smki.PartyID) byte
		same             bool
		of               solr.FailureID // that the next transfer breaks a rule of
	}{
		{"the notices in the other order", ba, ab, plainNumber, true, "Beech-0"},
		{"from Alder last", ab, ba, plainNumber, false, "Alder-0"},
		{"from Alder last, the notices in the other order", ba, ba, plainNumber, false, "Alder-0"},
		{"from Alder last, which is called Beech", ab, ba, swapped, true, "Alder-0"},
		{"from Alder last, which is called Beech, the notices in the other order", ba, ba, swapped, true, "Alder-0"},
		{"from Beech last, which is called Alder", ab, ab, swapped, false, "Beech-0"},
	} {
		r := register(c.notices, c.through)
		if same := bytes.Equal(first, r.AppendKey(nil, now, c.number)); same != c.same {
			t.Errorf("%s: equal keys %v, want %v", c.name, same, c.same)
		}
		applyAll(t, r, hold.Event{At: now, Kind: hold.MPIDTransferred, MPIDs: []smki.MPID{"CEL0"}, Party: "Fir"})
		if all := r.Breaches(); all[len(all)-1].Failure != c.of {
			t.Errorf("%s: a breach of %s, want one of %s", c.name, all[len(all)-1].Failure, c.of)
		}
	}
}

func applyAll(t *testing.T, r *hold.Register, e hold.Event) {
	t.Helper()
	if _, err := r.Apply(e); err != nil {
		t.Fatal(err)
	}
}

// One operation is the key of a register of two failures.
func BenchmarkKeyOf2Failures(b *testing.B) {
	r, at := twoFailures(b)
	var key []byte
	b.ReportAllocs()
	for b.Loop() {
		key = r.AppendKey(key[:0], at, plainNumber)
	}
}
