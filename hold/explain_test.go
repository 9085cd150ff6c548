package hold_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
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

// decide is a decision now on a request in Avro's name for the device that stands for AVRE, with its certificates, and the explanation of it.
func (r *reg) decide(v duis.SRV, mode duis.PaymentMode) hold.Explanation {
	r.t.Helper()
	w, err := holdtest.Decidable(r.Register, r.now.AddDate(-2, 0, 0))
	if err != nil {
		r.t.Fatal(err)
	}
	number := func(id smki.CertificateID) duis.CertificateNumber { n, _ := w.CertificateNumber(id); return n }
	q := duis.Request{ID: duis.RequestID{Originator: user, Target: holdtest.Device(smki.AllocatedMPID{ID: "AVRE"}).ID, Counter: 1}, SRV: v, Mode: mode, XMLSign: number("xml"), Channel: number("hub")}
	q.Variant = duis.SendCommand
	if v.Critical() {
		q.Variant = duis.TransformRequest
	}
	q.Service = q.Variant.Service()
	d := duis.Decide(w, &q, r.now)
	return r.explained(r.ExplainRequest(w, &q, &d))
}

func (r *reg) explained(x hold.Explanation, err error) hold.Explanation {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
	return x
}

// duty explains the duty about an item now.
func (r *reg) duty(a hold.Action, x hold.Item) hold.Explanation {
	r.t.Helper()
	for _, d := range r.Duties(r.now) {
		if d.Action == a && d.MPID == x.MPID && d.Certificate == x.Certificate {
			return r.explained(r.ExplainDuty(d, r.now))
		}
	}
	r.t.Fatalf("no duty to %v %v", a, x)
	return hold.Explanation{}
}

// asOf is the register as it was at a log position.
func (r *reg) asOf(seq uint64) *reg {
	r.t.Helper()
	past, err := r.AsOf(seq)
	if err != nil {
		r.t.Fatal(err)
	}
	return &reg{past, r.t, r.now}
}

// Each explanation is a file: the question that a member of the PMA would ask, and the answer. UPDATE_GOLDEN=1 writes them anew.
func TestExplanations(t *testing.T) {
	all := hold.Revocation | hold.Transfer
	cessation := smki.CessationOfOperation
	AVRE, AVRG, cert := hold.Item{MPID: "AVRE"}, hold.Item{MPID: "AVRG"}, hold.Item{Certificate: "xml"}
	actual := hold.Settings{Enforce: true}
	for _, c := range []struct {
		file, question string
		settings       hold.Settings
		answer         func(r *reg) hold.Explanation
	}{
		{"refused-in-september", "Why was this top-up refused on 27 September?", actual, func(r *reg) hold.Explanation {
			r.on(-69).do(notified()) // 22 September 2021
			r.now = solr.SoLRDate(time.Date(2021, time.September, 26, 12, 0, 0, 0, time.UTC))
			r.do(licence(), r.appointed(octopus, both)).on(-65.1).do(transferred(octopus, both), revoked(cessation, "xml"))
			return r.on(-64).decide(duis.TopUpDevice, 0)
		}},
		{"certificates-held-in-vain", "The certificates were delayed in October. Why was the switch to credit refused all the same?", actual, func(r *reg) hold.Explanation {
			r.on(-48).do(notified(), delayed(hold.Revocation, nil, nil)).on(-47.9).do(received())
			r.on(-44).do(licence(), r.appointed(octopus, both)).do(transferred(octopus, both))
			return r.on(-43).decide(duis.UpdatePaymentMode, duis.CreditMode)
		}},
		{"accepted-under-delay", "Why may requests in Avro's name still reach its meters?", of(hold.MP185), func(r *reg) hold.Explanation {
			r.on(2).do(notified(), delayed(all, nil, nil)).on(2.1).do(received()).on(3).do(licence(), r.appointed(octopus, both))
			r.on(4).do(supported("s1", octopus, r.now)...)
			return r.on(5).decide(duis.TopUpDevice, 0)
		}},
		{"srp-withdrew", "Why do top-ups fail since 8 December?", of(hold.MP185), func(r *reg) hold.Explanation {
			r.on(2).do(notified(), delayed(all, nil, nil), received()).on(3).do(licence(), r.appointed(octopus, both))
			r.on(4).do(supported("s1", octopus, r.now)...).on(8).do(supportIs(hold.SupportWithdrawn, "s1"))
			return r.on(9).decide(duis.TopUpDevice, 0)
		}},
		{"safe-mode-over", "Ofgem instructed safe mode on 4 December. Why was the switch to credit refused on the 7th?", of(hold.MP185), func(r *reg) hold.Explanation {
			r.on(3).do(licence(), delayed(all, nil, nil), received()).on(4).do(safeModeInstructed())
			r.on(6).do(r.appointed(octopus, both))
			return r.on(7).decide(duis.UpdatePaymentMode, duis.CreditMode)
		}},
		{"nobody-asked", "Nothing holds back the switch to credit, so why is it flagged?", hold.Settings{Regime: hold.MP185}, func(r *reg) hold.Explanation {
			r.on(3).do(licence(), r.appointed(octopus, both))
			return r.on(4).decide(duis.UpdatePaymentMode, duis.CreditMode)
		}},
		{"migration-complete", "Hub still supports Octopus. Why do top-ups no longer pass?", of(hold.MP185), func(r *reg) hold.Explanation {
			r.on(3).do(licence(), r.appointed(octopus, both)).do(supported("s1", octopus, r.now)...)
			r.on(20).do(hold.Event{Kind: hold.MigrationCompleted, Failure: failed, By: octopus})
			return r.on(21).decide(duis.TopUpDevice, 0)
		}},
		{"transfer-not-yet", "What does the transfer of AVRE wait for?", of(hold.MP185), func(r *reg) hold.Explanation {
			r.on(2).do(notified(), delayed(all, nil, nil)).on(2.2).do(received()).on(3).do(licence(), r.appointed(octopus, both))
			r.on(4).do(position(), confirmation(octopus, hold.EstateMakeUp)).on(5).do(confirmation(octopus, hold.SRPSupport), confirmation(octopus, hold.OtherRisks))
			return r.on(6).duty(hold.TransferMPID, AVRE)
		}},
		{"transfer-due", "Is the DCC late with the transfer of AVRE?", of(hold.MP185), func(r *reg) hold.Explanation {
			r.on(2).do(notified(), delayed(all, nil, nil)).on(2.2).do(received()).on(3).do(licence(), r.appointed(octopus, both))
			r.on(5).do(confirmed(octopus)...).on(6).do(agreement(hold.SoLRAgrees, octopus, both), agreement(hold.DCCAgrees, "", both)).on(7).do(released(avre, nil))
			return r.on(12).duty(hold.TransferMPID, AVRE)
		}},
		{"delayed-again", "The PMA released AVRE on the 7th. Why must the DCC not transfer it?", of(hold.MP185), func(r *reg) hold.Explanation {
			r.on(2).do(notified(), delayed(all, nil, nil), received()).on(3).do(licence(), r.appointed(octopus, both))
			r.on(5).do(confirmed(octopus)...).do(agreed(octopus, both)...).on(7).do(released(avre, nil)).on(7.3).do(delayed(hold.Transfer, avre, nil)).on(7.4).do(received())
			return r.on(8).duty(hold.TransferMPID, AVRE)
		}},
		{"certificates-wait-for-gas", "Octopus has confirmed everything. Why must the certificates wait?", of(hold.MP185), func(r *reg) hold.Explanation {
			r.on(3).do(licence(), r.appointed(octopus, avre), r.appointed(edf, avrg)).on(5).do(confirmed(octopus)...).on(5.5).do(confirmation(edf, hold.Staff))
			return r.on(6).duty(hold.RevokeCertificate, cert)
		}},
		{"certificates-due", "Why must the certificate be revoked, and by when?", of(hold.MP185), func(r *reg) hold.Explanation {
			r.on(2).do(notified(), delayed(hold.Revocation, nil, nil), received()).on(3).do(licence(), r.appointed(octopus, both)).on(5).do(confirmed(octopus)...).on(9).do(released(nil, xml))
			return r.duty(hold.RevokeCertificate, cert)
		}},
		{"solr-failed", "Octopus was SoLR of AVRG. Why is nothing due to it any more?", of(hold.Baseline), func(r *reg) hold.Explanation {
			r.on(3).do(licence(), r.appointed(octopus, both)).on(4).do(transferred(octopus, avre)).on(6).do(octopusFails())
			return r.on(7).duty(hold.TransferMPID, AVRG)
		}},
		{"after-a-trade-sale", "Avro was sold on 6 December. Why may its certificate not be revoked?", of(hold.MP185), func(r *reg) hold.Explanation {
			r.on(3).do(licence(), r.appointed(octopus, both)).on(6).do(exited())
			return r.on(7).duty(hold.RevokeCertificate, cert)
		}},
		{"breach-of-a-freeze", "What was wrong with suspending the User on 4 December?", of(hold.MP185), func(r *reg) hold.Explanation {
			r.on(2).do(notified(), delayed(hold.Transfer, avre, nil)).on(2.5).do(received()).on(4).do(hold.Event{Kind: hold.UserSuspended, User: &smki.User{ID: user}})
			r.on(5).do(exited())
			return r.explained(r.ExplainBreach(r.Breaches()[0]))
		}},
		{"breach-wrong-party", "What was wrong with the transfer of AVRE on 5 December?", of(hold.MP185), func(r *reg) hold.Explanation {
			r.on(3).do(licence(), r.appointed(octopus, both)).on(5).do(transferred(edf, avre))
			r.on(6).do(confirmed(octopus)...)
			return r.explained(r.ExplainBreach(r.Breaches()[0]))
		}},
		{"crossed-in-flight", "The PMA had delayed the revocation. Why was it no breach?", of(hold.MP134A), func(r *reg) hold.Explanation {
			r.on(2).do(notified(), licence()).on(3).do(delayed(hold.Revocation, nil, nil)).on(3.1).do(revoked(cessation, "xml")).on(3.2).do(received())
			return r.explained(r.ExplainBreach(r.Crossings()[0]))
		}},
		{"release-refused", "Why did the register not take our release of 4 December?", of(hold.MP185), func(r *reg) hold.Explanation {
			r.on(2).do(notified(), delayed(all, nil, nil), received()).on(3).do(licence(), r.appointed(octopus, avre)).on(3.5).do(confirmation(octopus, hold.Timescales))
			e := released(avre, xml)
			e.At = r.on(4).now
			return r.explained(r.ExplainRefusal(e))
		}},
		{"delay-before-its-time", "Why could we not delay the transfer in October?", actual, func(r *reg) hold.Explanation {
			e := delayed(hold.Transfer, nil, nil)
			e.At = r.on(-40).do(licence()).now
			return r.explained(r.ExplainRefusal(e))
		}},
		{"acceptance-refused", "Why did the SRP's acceptance not count?", of(hold.MP185), func(r *reg) hold.Explanation {
			r.on(3).do(licence(), r.appointed(octopus, both)).do(supported("s1", octopus, r.now)[:1]...).on(4).do(supportIs(hold.SupportRefused, "s1"))
			e := supportIs(hold.SupportAccepted, "s1")
			e.At = r.on(5).now
			return r.explained(r.ExplainRefusal(e))
		}},
		{"known-then", "The DCC transferred AVRE on the 4th. Why did we say on the 5th that it must do so?", of(hold.Baseline), func(r *reg) hold.Explanation {
			r.on(3).do(licence(), r.appointed(octopus, both))
			then := r.Position(r.now)
			r.on(6).do(r.back(2, transferred(octopus, avre)))
			return r.asOf(then).on(5).duty(hold.TransferMPID, AVRE)
		}},
		{"thresholds-due", "Why must the DCC raise the thresholds?", of(hold.MP185), func(r *reg) hold.Explanation {
			r.on(3).do(licence(), r.appointed(octopus, both)).do(supported("s1", octopus, r.now)[:2]...)
			r.on(4).do(hold.Event{Kind: hold.ThresholdsInstructed, Failure: failed, Request: "s1"})
			for _, d := range r.Duties(r.now) {
				if d.Threshold != nil {
					return r.explained(r.ExplainDuty(d, r.now))
				}
			}
			return hold.Explanation{}
		}},
		{"lapsed", "The arrangement was to last 90 days. What happened to top-ups in March?", hold.Settings{Regime: hold.MP185, Enforce: true, LapseAfterArrangement: true}, func(r *reg) hold.Explanation {
			r.on(1).do(licence(), r.appointed(octopus, both)).do(supported("s1", octopus, r.now)...)
			return r.on(95).decide(duis.TopUpDevice, 0)
		}},
	} {
		t.Run(c.file, func(t *testing.T) {
			r := newReg(t, c.settings)
			r.do(issue("hub", smki.DCCKI, hub))
			x := c.answer(r)
			got := fmt.Sprintf("%s\n\n%s\n", c.question, wrapped(x.String(), 110))
			file := filepath.Join("testdata", "explain", c.file+".txt")
			if os.Getenv("UPDATE_GOLDEN") != "" {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("%s differs (-want +got):\n%s", file, diff)
			}
		})
	}
}

// cited checks that an explanation stands on the log: each step that is an event is one, at its time, and each rule is cited.
func cited(t *rapid.T, r *hold.Register, x hold.Explanation, rules solr.RuleSet) {
	t.Helper()
	var all solr.RuleSet
	for _, s := range x.Steps {
		all |= s.Rules
		if s.Text == "" || s.Seq > x.Seq || s.Seq != 0 && !r.Events()[s.Seq-1].At.Equal(s.At) {
			t.Fatalf("step %+v is not of the log\n%s", s, &x)
		}
		if s.Seq != 0 && s.At.After(x.At) && !strings.HasSuffix(s.Text, "only then") {
			t.Fatalf("step %+v came after %v\n%s", s, x.At, &x)
		}
	}
	if all&rules != rules {
		t.Fatalf("%v is not told of %v\n%s", rules&^all, rules, &x)
	}
}

// Every duty, breach and refusal of any history is explained by its own rules and by events that there are. As of a position, whatever came later changes nothing.
func TestEverythingIsExplained(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		start := holdtest.Starts().Draw(t, "start")
		h := holdtest.NewHistory(holdtest.Worlds(start).Draw(t, "world"), holdtest.Settings().Draw(t, "settings"), start)
		steps, keep := 40, rapid.IntRange(0, 40).Draw(t, "as of step")
		var then *hold.Register
		var at time.Time
		for i := range steps {
			if i == keep {
				then, at = h.Register.Clone(), latest(h)
			}
			for _, e := range h.Step().Draw(t, "events") {
				before := h.Register.Clone()
				_, err := h.Apply(e)
				var refused *hold.RuleError
				if errors.As(err, &refused) {
					x, err := before.ExplainRefusal(e)
					if err != nil || x.Rules != solr.RuleSetOf(refused.Rule) {
						t.Fatalf("%v is explained by %v, %v", refused, x.Rules, err)
					}
					cited(t, h.Register, x, 0)
				}
			}
		}
		now := latest(h)
		for _, at := range []time.Time{now, now.AddDate(0, 0, 100), start.AddDate(0, 0, 3)} {
			for _, d := range h.Register.Duties(at) {
				x, err := h.Register.ExplainDuty(d, at)
				if err != nil {
					t.Fatalf("%v: %v", d, err)
				}
				cited(t, h.Register, x, d.Rules)
			}
		}
		for _, b := range append(h.Register.Breaches(), h.Register.Crossings()...) {
			x, err := h.Register.ExplainBreach(b)
			if err != nil {
				t.Fatalf("%v: %v", b, err)
			}
			cited(t, h.Register, x, b.Rules)
		}
		if then == nil {
			return
		}
		past, err := h.Register.AsOf(uint64(len(then.Events())))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(holdtest.Digest(then, at), holdtest.Digest(past, at)); diff != "" {
			t.Fatalf("as of event %d (-then +as of):\n%s", len(then.Events()), diff)
		}
		for _, d := range then.Duties(at) {
			x, errThen := then.ExplainDuty(d, at)
			y, errNow := past.ExplainDuty(d, at)
			if diff := cmp.Diff(x, y); diff != "" || errThen != nil || errNow != nil {
				t.Fatalf("%v is explained otherwise afterwards (%v, %v):\n%s", d, errThen, errNow, diff)
			}
		}
	})
}

// Each reason of a decision is told, and where an event of the register led to it, that event.
func TestRequestsAreExplained(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		h := holdtest.Histories().Draw(t, "history")
		w, err := holdtest.Decidable(h.Register, h.Start)
		if err != nil {
			t.Fatal(err)
		}
		for range 20 {
			q := h.World.Requests(h.Register, w).Draw(t, "request")
			d := duis.Decide(w, &q, latest(h))
			x, err := h.Register.ExplainRequest(w, &q, &d)
			if err != nil {
				t.Fatal(err)
			}
			cited(t, h.Register, x, 0)
			if len(x.Steps) < len(d.Reasons.All()) || len(x.Steps) == 0 {
				t.Fatalf("%v: too few steps\n%s", d.Reasons, &x)
			}
			for _, want := range []struct {
				why  duis.Reason
				rule solr.Rule
			}{{duis.MPIDMoved, solr.R5}, {duis.XMLSignRevoked, solr.R2}, {duis.ChannelRevoked, solr.R2}, {duis.SigningRevoked, solr.R2}, {duis.NotAuthorised, solr.R9}} {
				if (d.Reasons | d.Advice).Has(want.why) && !slices.ContainsFunc(x.Steps, func(s hold.Step) bool { return s.Seq != 0 && s.Rules.Has(want.rule) }) {
					t.Fatalf("%v: no event by %v\n%s", want.why, want.rule, &x)
				}
			}
		}
	})
}

// What there is not is not explained, and says what was expected.
func TestNothingToExplain(t *testing.T) {
	r := newReg(t, of(hold.MP185)).on(3).do(licence())
	var none *hold.ExplainError
	if _, err := r.ExplainDuty(hold.Duty{Failure: failed, Action: hold.TransferMPID, MPID: "OCTE"}, r.now); !errors.As(err, &none) {
		t.Errorf("a duty that there is not: %v", err)
	}
	if _, err := r.ExplainBreach(hold.Breach{Seq: 1}); !errors.As(err, &none) {
		t.Errorf("a breach that there is not: %v", err)
	}
	e := notified()
	e.At = r.now
	if _, err := r.ExplainRefusal(e); !errors.As(err, &none) {
		t.Errorf("an event that is taken: %v", err)
	}
	if _, err := r.ExplainRequest(new(duis.World), new(duis.Request), new(duis.Decision)); !errors.As(err, &none) {
		t.Errorf("a decision that was not made: %v", err)
	}
	var replay *hold.ReplayError
	if _, err := r.AsOf(uint64(len(r.Events()) + 1)); !errors.As(err, &replay) || replay.Last != 7 {
		t.Errorf("as of a position that there is not: %v", err)
	}
	stored, err := r.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	restored, err := hold.Restore(stored) // it does not hold the events before
	if err != nil {
		t.Fatal(err)
	}
	if _, err := restored.AsOf(3); !errors.As(err, &replay) || replay.Last != 7 || replay.Held != 0 {
		t.Errorf("as of a position before a snapshot: %v", err)
	}
	if _, err := restored.ExplainDuty(restored.Duties(r.now)[0], r.now); !errors.As(err, &replay) {
		t.Errorf("a duty that rests on events before a snapshot: %v", err)
	}
	if got := restored.Position(r.now); got != 7 {
		t.Errorf("the last event known to a restored register is %d, want 7", got)
	}
	for day, want := range map[float64]uint64{-401: 0, -400: 6, 2.9: 6, 3: 7, 9: 7} {
		if got := r.Position(r.on(day).now); got != want {
			t.Errorf("the last event known on day %v is %d, want %d", day, got, want)
		}
	}
}

// wrapped breaks a paragraph into lines of at most so many bytes, where its words allow.
func wrapped(text string, width int) string {
	var b strings.Builder
	n := 0
	for i, word := range strings.Fields(text) {
		switch {
		case i == 0:
		case n+1+len(word) > width:
			b.WriteByte('\n')
			n = 0
		default:
			b.WriteByte(' ')
			n++
		}
		b.WriteString(word)
		n += len(word)
	}
	return b.String()
}

// A name that somebody gave makes up no line of its own, neither in an explanation nor in an error.
func TestNamesMakeUpNoLines(t *testing.T) {
	const supplier = smki.PartyID("Zog\nThe DCC must transfer it.\x1b[2J")
	at := time.Date(2021, time.November, 20, 0, 0, 0, 0, time.UTC)
	var r hold.Register
	for _, e := range []hold.Event{
		{At: at, Kind: hold.MPIDAllocated, MPIDs: []smki.MPID{"ZOGE"}, Party: supplier},
		{At: at, Kind: hold.LicenceRevoked, Failure: "zog\n2021", Party: supplier},
	} {
		if _, err := r.Apply(e); err != nil {
			t.Fatal(err)
		}
	}
	x, err := r.ExplainDuty(r.Duties(at)[0], at)
	if err != nil {
		t.Fatal(err)
	}
	const shown = `Zog\nThe DCC must transfer it.\x1b[2J`
	if s := x.String(); !strings.Contains(s, shown) || strings.ContainsAny(s, "\n\x1b") {
		t.Errorf("explained as %q", s)
	}
	_, err = r.Apply(hold.Event{At: at, Kind: hold.SafeModeInstructed, Failure: "zog\n2021", Party: supplier})
	var refused *hold.RuleError
	if !errors.As(err, &refused) || !strings.Contains(err.Error(), shown) || strings.ContainsAny(err.Error(), "\n\x1b") {
		t.Errorf("refused as %q", err)
	}
	_, err = r.Apply(hold.Event{At: at, Kind: hold.ReleaseInstructed, Failure: "zog\n2021", Certificates: []smki.CertificateID{"a\nb"}})
	var bad *hold.EventError
	if !errors.As(err, &bad) || strings.ContainsAny(err.Error(), "\n") {
		t.Errorf("refused as %q", err)
	}
}
