package hold_test

import (
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

// After its licence is revoked, a request in a failed supplier's name is accepted exactly if every certificate that it depends on is good, the DCC's map gives the supplier the MPID registered for
// the device (without a device, any MPID for the role) and, under MP185 where that is enforced, an authority covers it. The requests drawn have no other fault but a User that is suspended, or recorded with other roles.
func TestRequestsAfterRevocation(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		h := holdtest.Histories().Draw(t, "history")
		dcc, err := holdtest.Decidable(h.Register, h.Start)
		if err != nil {
			t.Fatal(err)
		}
		for range 20 {
			q := h.World.Requests(h.Register, dcc).Draw(t, "request")
			at := latest(h).Add(rapid.SampledFrom([]time.Duration{0, time.Hour, 30 * 24 * time.Hour, 95 * 24 * time.Hour}).Draw(t, "after"))
			s := h.World.Suppliers[q.ID.Originator-0xA0]
			d := duis.Decide(dcc, &q, at)

			dir := h.Register.Directory()
			good := func(n duis.CertificateNumber) bool { return dir.Status(dcc.CertificateID(n), at) == smki.Good }
			want := good(q.Channel) && good(q.XMLSign) && (!q.Variant.SignedPreCommand() || good(q.Signing))
			var mpid smki.MPID
			holds := q.SRV.NonDevice() && (s.User.Roles.Has(smki.OtherUser) || len(dir.HeldBy(s.Party, at)) > 0) // an Other User needs no MPID to read the inventory
			for _, m := range dir.MPIDs() {
				if dev := holdtest.Device(m); dev.ID == q.ID.Target && !q.SRV.NonDevice() {
					owner, _ := dir.DCC.Owner(m.ID, at)
					mpid, holds = m.ID, owner == s.Party
				}
			}
			u, _ := dir.User(q.ID.Originator)
			want = want && holds && !u.Suspended && u.Roles == s.User.Roles

			regime := h.Register.Settings.Regime
			if regime == hold.Actual {
				regime = hold.RulesAt(at)
			}
			lost := slices.ContainsFunc(h.Register.Failures(at), func(f solr.Failure) bool {
				return f.Supplier == s.Party && !f.Revoked.IsZero() && !at.Before(f.Revoked)
			})
			question := duis.Question{Party: s.Party, SRV: q.SRV, Mode: q.Mode, MPID: mpid, At: at}
			if mpid != "" {
				question.Device = q.ID.Target
			}
			standing := h.Register.Authority().Ask(question).Standing
			exempt := h.Register.Settings.TopUpsExempt && q.SRV == duis.TopUpDevice
			if needed := lost && regime == hold.MP185 && !exempt; needed != (standing != duis.NotNeeded) {
				t.Fatalf("authority needed: %v, but the standing is %v", needed, standing)
			}
			if h.Register.Settings.Enforce {
				want = want && standing != duis.Refused
			}
			if got := d.Outcome == duis.Accepted; got != want {
				t.Fatalf("accepted %v, want %v: %s\n%+v at %v", got, want, d.AppendText(nil, dcc), q, at)
			}
		}
	})
}

// For one history and its copies with fewer delays, without enforcement of R9, and with every duty of the DCC done at once, the requests in a failed supplier's name, for the MPIDs that it held in every
// copy when its failure was notified, that pass the certificate and MPID checks grow from Baseline over MP134A to MP185, at every instant.
func TestDelaysOnlyAddRequests(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		start := holdtest.Starts().Draw(t, "start")
		settings := holdtest.Settings().Draw(t, "settings")
		settings.Regime, settings.Enforce = hold.MP185, false
		world := holdtest.Worlds(start).Draw(t, "world")
		lead := holdtest.NewHistory(world, settings, start) // the history is drawn on the copy in which most is possible
		copies := []*copyOf{{h: lead}}
		for _, regime := range []hold.Regime{hold.MP134A, hold.Baseline} {
			settings.Regime = regime
			copies = append(copies, &copyOf{h: holdtest.NewHistory(world, settings, start)})
		}
		for _, c := range copies {
			c.held = make(map[smki.PartyID][]smki.MPID)
		}
		t.Repeat(map[string]func(*rapid.T){"step": func(t *rapid.T) {
			for _, e := range lead.Step().Draw(t, "events") {
				if e.At.Before(lead.Now) || actOfDCC(e) || e.Kind == hold.TransferDirected && movesOn(lead.Register, e) {
					continue // nothing is late, the DCC's acts follow from its duties, and nothing is brought back or sent on: that means nothing where it never went or the failure is closed
				}
				e.ID = "" // a repeat in one copy may be new in another
				parts := []hold.Event{e}
				if e.Kind == hold.ReleaseInstructed { // under MP134A one of certificates must not fail for the MPIDs that it names too
					parts = append(parts, e)
					parts[0].MPIDs, parts[1].Certificates = nil, nil
				}
				for _, e := range parts {
					for _, c := range copies {
						c.follow(e)
					}
				}
				compare(t, copies, e.At)
			}
			for _, c := range copies {
				c.settle(lead.Now)
			}
			compare(t, copies, lead.Now)
		}})
	})
}

// movesOn reports whether a direction is to the failed supplier itself, or about an MPID that has gone from it.
func movesOn(r *hold.Register, e hold.Event) bool {
	f, _ := r.Failure(e.Failure)
	return e.Party == f.Supplier || slices.ContainsFunc(e.MPIDs, func(m smki.MPID) bool {
		owner, _ := r.Directory().DCC.Owner(m, e.At)
		return owner != f.Supplier
	})
}

// actOfDCC reports whether the event is an act because of a failure. Revocation on ordinary grounds and new certificates are the same in every copy.
func actOfDCC(e hold.Event) bool {
	switch e.Kind {
	case hold.CertificateRevoked, hold.CRLPublished:
		return !e.Reason.Ordinary()
	}
	return e.Kind == hold.MPIDTransferred || e.Kind == hold.UserSuspended
}

type copyOf struct {
	h    *holdtest.History
	held map[smki.PartyID][]smki.MPID // by supplier, what it held when its failure was notified
}

// settle does every open duty at once, and what becomes due by that.
func (c *copyOf) settle(at time.Time) {
	for range 5 {
		acts := holdtest.Must(c.h.Register.Duties(at), at)
		for _, e := range acts {
			c.h.Apply(e)
		}
		if len(acts) == 0 {
			return
		}
	}
}

func (c *copyOf) follow(e hold.Event) {
	c.settle(e.At)
	c.h.Apply(e)
	c.settle(e.At)
	for _, f := range c.h.Register.Failures(e.At) {
		if _, ok := c.held[f.Supplier]; !ok {
			c.held[f.Supplier] = c.h.Register.Directory().HeldBy(f.Supplier, f.Notified)
		}
	}
}

// passing is the pairs of XML-sign certificate and MPID of the supplier that pass the certificate and MPID checks.
func (c *copyOf) passing(s holdtest.Supplier, m smki.MPID, at time.Time) (all []string) {
	dir := c.h.Register.Directory()
	if owner, _ := dir.DCC.Owner(m, at); owner != s.Party {
		return nil
	}
	for _, x := range dir.Subscribed(s.Party) {
		if dir.Status(x.ID, at) == smki.Good {
			all = append(all, string(x.ID)+" "+string(m))
		}
	}
	return all
}

func compare(t *rapid.T, copies []*copyOf, at time.Time) {
	for _, s := range copies[0].h.World.Suppliers {
		var sets [3][]string
		for i, c := range copies {
			for _, m := range c.held[s.Party] {
				if slices.ContainsFunc(copies, func(o *copyOf) bool { return !slices.Contains(o.held[s.Party], m) }) {
					continue
				}
				sets[i] = append(sets[i], c.passing(s, m, at)...)
			}
			slices.Sort(sets[i])
		}
		for i := range 2 {
			for _, x := range sets[i+1] {
				if !slices.Contains(sets[i], x) {
					t.Fatalf("at %v %q passes under %v, but not under %v", at, x, copies[i+1].h.Register.Settings.Regime, copies[i].h.Register.Settings.Regime)
				}
			}
		}
	}
}

// Two events at the same instant on failures without a common party, MPID or certificate commute, apart from their positions in the log.
func TestDisjointEventsCommute(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		start := holdtest.Starts().Draw(t, "start")
		h := holdtest.NewHistory(holdtest.Worlds(start).Draw(t, "world"), holdtest.Settings().Draw(t, "settings"), start)
		for range rapid.IntRange(0, 15).Draw(t, "steps before") {
			for _, e := range h.Step().Draw(t, "events") {
				h.Apply(e)
			}
		}
		a, b := pick(t, h, "first"), pick(t, h, "second")
		a.At, b.At, a.ID, b.ID = latest(h), latest(h), "a", "b"
		if meets(h, &a, &b) {
			t.Skip("they have something in common")
		}
		ab, ba := h.Register.Clone(), h.Register.Clone()
		_, a1 := ab.Apply(a)
		_, b1 := ab.Apply(b)
		_, b2 := ba.Apply(b)
		_, a2 := ba.Apply(a)
		if (a1 == nil) != (a2 == nil) || (b1 == nil) != (b2 == nil) {
			t.Fatalf("refused in one order only:\n%+v: %v, %v\n%+v: %v, %v", a, a1, a2, b, b1, b2)
		}
		if diff := cmp.Diff(unordered(ab, a.At), unordered(ba, a.At)); diff != "" {
			t.Fatalf("%+v\n%+v\n%s", a, b, diff)
		}
	})
}

// pick is one event of the next step.
func pick(t *rapid.T, h *holdtest.History, label string) hold.Event {
	events := h.Step().Draw(t, label)
	if len(events) == 0 {
		t.Skip("no event")
	}
	return events[0]
}

// meets reports whether two events, or the failures that they are about, have a party, MPID or certificate in common. Parties that appear in any failure's events count as in it.
func meets(h *holdtest.History, a, b *hold.Event) bool {
	touched := func(e *hold.Event) map[string]bool {
		all := make(map[string]bool)
		add := func(e *hold.Event) {
			all["p"+string(e.Party)], all["p"+string(e.By)], all["f"+string(e.Failure)], all["r"+e.Request] = true, true, true, true
			for _, m := range e.MPIDs {
				all["m"+string(m)] = true
			}
			for _, c := range e.Certificates {
				all["c"+string(c)] = true
			}
			if e.Certificate != nil {
				all["c"+string(e.Certificate.ID)], all["p"+string(e.Certificate.Subscriber)] = true, true
			}
			if e.User != nil {
				all["u"+e.User.ID.String()], all["p"+string(e.User.Party)] = true, true
			}
			for _, x := range e.Thresholds {
				all["u"+x.User.String()] = true
			}
		}
		add(e)
		for more := true; more; { // everything that hangs together with it in the log
			n := len(all)
			for _, x := range h.Register.Events() {
				was := all
				all = make(map[string]bool)
				add(&x)
				one := all
				all = was
				for _, none := range []string{"p", "f", "r"} {
					delete(one, none)
				}
				for _, s := range h.World.SRPs {
					delete(one, "p"+string(s))
				}
				for k := range one {
					if all[k] {
						for k := range one {
							all[k] = true
						}
						break
					}
				}
			}
			more = len(all) > n
		}
		for _, none := range []string{"p", "f", "r"} {
			delete(all, none)
		}
		return all
	}
	ta, tb := touched(a), touched(b)
	for k := range ta {
		if tb[k] {
			return true
		}
	}
	return false
}

// unordered is what a register says, without the order and the positions of its log.
func unordered(r *hold.Register, at time.Time) []string {
	var lines []string
	for _, d := range r.Duties(at) {
		lines = append(lines, string(d.Failure)+": "+d.String())
	}
	for _, b := range r.Breaches() {
		lines = append(lines, acts([]hold.Breach{b})...)
	}
	for _, f := range r.Failures(at) {
		lines = append(lines, string(f.ID)+f.Phase.String()+f.Closed.String())
	}
	for _, u := range r.Directory().Users() {
		for _, m := range r.Directory().MPIDs() {
			owner, _ := r.Directory().DCC.Owner(m.ID, at)
			a := r.Authority().Ask(duis.Question{Party: u.Party, SRV: duis.UpdatePaymentMode, Mode: duis.CreditMode, MPID: m.ID, At: at})
			lines = append(lines, string(m.ID)+string(owner)+string(u.Party)+string(rune('0'+a.Standing)))
		}
	}
	slices.Sort(lines)
	return lines
}
