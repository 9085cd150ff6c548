package hold_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/seed-db8551c1/lastresort/duis"
	"github.com/seed-db8551c1/lastresort/hold"
	"github.com/seed-db8551c1/lastresort/hold/holdtest"
	"github.com/seed-db8551c1/lastresort/hold/internal/slow"
	"github.com/seed-db8551c1/lastresort/smki"
	"github.com/seed-db8551c1/lastresort/solr"
	"pgregory.net/rapid"
)

// pair is a register and the slow model with the same events.
type pair struct {
	register *hold.Register
	model    slow.Model
	parties  []smki.PartyID // in whose names requests are asked about
	now      time.Time      // of the latest event
}

func newPair(s hold.Settings, w holdtest.World) *pair {
	p := &pair{register: &hold.Register{Settings: s}, model: slow.Model{Settings: s}}
	for _, s := range w.Suppliers {
		p.parties = append(p.parties, s.Party)
	}
	return p
}

// apply applies an event to both and says where they differ.
func (p *pair) apply(e hold.Event) error {
	applied, err := p.register.Apply(e)
	want, wantRule := slow.Applied, solr.Rule(0)
	var rule *hold.RuleError
	switch {
	case errors.As(err, &rule):
		want, wantRule = slow.Refused, rule.Rule
	case err != nil:
		want = slow.Malformed
	case applied.Repeat:
		want = slow.Repeated
	}
	got, gotRule := p.model.Apply(e)
	if got != want || gotRule != wantRule {
		return fmt.Errorf("%v: register %v %v (%v), slow model %v %v", e.Kind, want, wantRule, err, got, gotRule)
	}
	if want == slow.Applied && e.At.After(p.now) {
		p.now = e.At
	}
	return nil
}

// compare asks both everything, as of a time.
func (p *pair) compare(at time.Time) error {
	r, m := p.register, p.model.At(at)
	dir := r.Directory()
	for _, x := range dir.MPIDs() {
		dcc, _ := dir.DCC.Owner(x.ID, at)
		codes, _ := dir.Codes.Owner(x.ID, at)
		if d, c := m.Owner(x.ID); d != dcc || c != codes {
			return fmt.Errorf("owner of %s: register %q %q, slow model %q %q", x.ID, dcc, codes, d, c)
		}
	}
	type phase struct {
		ID       solr.FailureID
		Supplier smki.PartyID
		Phase    solr.Phase
	}
	phases := func(all []solr.Failure) (list []phase) {
		for _, f := range all {
			list = append(list, phase{f.ID, f.Supplier, f.Phase})
		}
		return list
	}
	if diff := cmp.Diff(phases(r.Failures(at)), phases(m.Failures())); diff != "" {
		return fmt.Errorf("phases (-register +slow model):\n%s", diff)
	}
	duties := func(all []hold.Duty) (list []string) {
		for _, d := range all {
			list = append(list, fmt.Sprintf("%s %v", d.Failure, d))
		}
		slices.Sort(list) // within a failure the order has no meaning
		return list
	}
	if diff := cmp.Diff(duties(r.Duties(at)), duties(m.Duties())); diff != "" {
		return fmt.Errorf("duties (-register +slow model):\n%s", diff)
	}
	utc := cmp.Transformer("UTC", func(t time.Time) time.Time { return t.UTC() })
	if diff := cmp.Diff(r.Breaches(), p.model.Breaches(), utc); diff != "" {
		return fmt.Errorf("breaches (-register +slow model):\n%s", diff)
	}
	if diff := cmp.Diff(r.Crossings(), p.model.Crossings(), utc); diff != "" {
		return fmt.Errorf("crossings (-register +slow model):\n%s", diff)
	}
	order := cmpopts.SortSlices(func(a, b hold.Overrun) bool { return fmt.Sprint(a) < fmt.Sprint(b) })
	if diff := cmp.Diff(r.Overruns(at), m.Overruns(), utc, order); diff != "" {
		return fmt.Errorf("overruns (-register +slow model):\n%s", diff)
	}
	authority := r.Authority()
	for _, party := range p.parties {
		for _, srv := range []duis.SRV{duis.UpdatePaymentMode, duis.TopUpDevice, duis.UpdatePrepayConfiguration} {
			for i, x := range append([]smki.AllocatedMPID{{}}, dir.MPIDs()...) {
				q := duis.Question{Party: party, SRV: srv, Mode: duis.CreditMode, MPID: x.ID, Device: smki.EUI64(0xD00 + i - 1), At: at}
				if i == 0 {
					q.Device = 0
				}
				if want, got := authority.Ask(q), m.Ask(q); want.Standing != got {
					return fmt.Errorf("%+v: register %v, slow model %v", q, want.Standing, got)
				}
			}
		}
	}
	return nil
}

// tell writes an event down with the fields that it has.
func tell(e hold.Event) string {
	text, err := json.Marshal(e)
	if err != nil {
		return fmt.Sprintf("%+v", e)
	}
	return string(text)
}

// later is how long after the end of a history everything is asked once more.
var later = []time.Duration{26 * time.Hour, 100 * 24 * time.Hour}

// difference is where register and slow model differ about a list of events, nil if nowhere.
func difference(s hold.Settings, w holdtest.World, events []hold.Event) error {
	p := newPair(s, w)
	for _, e := range events {
		if err := p.apply(e); err != nil {
			return err
		}
		if err := p.compare(p.now); err != nil {
			return fmt.Errorf("%v: %w", e.Kind, err)
		}
	}
	for _, after := range later {
		if err := p.compare(p.now.Add(after)); err != nil {
			return fmt.Errorf("%v later: %w", after, err)
		}
	}
	return nil
}

// shrink takes events away, many at once and then fewer, as long as a difference is left.
func shrink(s hold.Settings, w holdtest.World, events []hold.Event) []hold.Event {
	for n := len(events) / 2; n > 0; {
		shorter := false
		for i := 0; i+n <= len(events); {
			if less := slices.Delete(slices.Clone(events), i, i+n); difference(s, w, less) != nil {
				events, shorter = less, true
			} else {
				i += n
			}
		}
		if n > 1 || !shorter {
			n /= 2
		}
	}
	return events
}

// small is a world of two suppliers with one MPID and two certificates each: what is said in it is more often about one item.
func small(w holdtest.World) holdtest.World {
	w.Suppliers = slices.Clone(w.Suppliers[:2])
	for i := range w.Suppliers {
		s := &w.Suppliers[i]
		s.MPIDs, s.Certificates = s.MPIDs[:1], s.Certificates[:2]
	}
	return w
}

// comeBack is Ofgem's direction of an MPID back to a failed supplier that lost it, followed by what the DCC did with it: at once, or reported only then though it was done before.
func comeBack(t *rapid.T, h *holdtest.History) []hold.Event {
	for _, f := range h.Register.Failures(h.Now) {
		for _, m := range h.Register.Directory().MPIDs() {
			first := h.Register.Directory().DCC.Holdings(m.ID)[0].Party
			if owner, _ := h.Register.Directory().DCC.Owner(m.ID, h.Now); f.Phase == solr.Closed || first != f.Supplier || owner == f.Supplier {
				continue
			}
			to := rapid.SampledFrom([]smki.PartyID{f.Supplier, f.Supplier, h.World.Suppliers[0].Party, h.World.Suppliers[1].Party}).Draw(t, "to")
			done := h.Now.Add(-rapid.SampledFrom([]time.Duration{0, time.Minute, 2 * time.Hour}).Draw(t, "done before"))
			return []hold.Event{
				{At: h.Now, Kind: hold.TransferDirected, Failure: f.ID, Party: f.Supplier, MPIDs: []smki.MPID{m.ID}},
				{At: done, Kind: hold.MPIDTransferred, Party: to, MPIDs: []smki.MPID{m.ID}},
			}
		}
	}
	return nil
}

// reportedLate is a transfer to or from a failing supplier that is reported only now, though it was done while its failure was open, perhaps closed since, and another act that is judged by it.
func reportedLate(t *rapid.T, h *holdtest.History) []hold.Event {
	all := h.Register.Failures(h.Now)
	if len(all) == 0 {
		return nil
	}
	f := rapid.SampledFrom(all).Draw(t, "failure")
	end := h.Now
	if f.Phase == solr.Closed {
		end = f.Closed
	}
	within := func() time.Time { // in quarters, so that two are often at one instant
		return f.Notified.Add(end.Sub(f.Notified) / 4 * time.Duration(rapid.IntRange(-1, 5).Draw(t, "quarter")))
	}
	transfer := func() hold.Event {
		m := rapid.SampledFrom(h.Register.Directory().MPIDs()).Draw(t, "MPID").ID
		to := rapid.SampledFrom([]smki.PartyID{f.Supplier, f.Supplier, h.World.Suppliers[0].Party, h.World.Suppliers[1].Party, "Fir"}).Draw(t, "to")
		return hold.Event{At: within(), Kind: hold.MPIDTransferred, Party: to, MPIDs: []smki.MPID{m}}
	}
	events := []hold.Event{transfer(), transfer()}
	if certs := h.Register.Directory().Certificates(); len(certs) > 0 && rapid.Bool().Draw(t, "revocation") {
		c := rapid.SampledFrom(certs).Draw(t, "certificate").ID
		events = append(events, hold.Event{At: within(), Kind: hold.CertificateRevoked, Certificates: []smki.CertificateID{c}, Reason: smki.CessationOfOperation})
	}
	events[1].MPIDs = events[0].MPIDs
	return slices.DeleteFunc(events, func(e hold.Event) bool { return e.At.After(h.Now) })
}

// told is the number of steps in a history that is compared.
const told = 60

// compareHistory draws a history, compares after every step and, for later times, at the end, and gives what differs, if anything does.
func compareHistory(seed int) (events int, err error) {
	rapid.Custom(func(t *rapid.T) bool {
		start := holdtest.Starts().Draw(t, "start")
		w, s := holdtest.Worlds(start).Draw(t, "world"), holdtest.Settings().Draw(t, "settings")
		if rapid.Bool().Draw(t, "small world") {
			w = small(w)
		}
		p := newPair(s, w)
		h := &holdtest.History{World: w, Start: start, Now: start, Register: p.register}
		take := func(all []hold.Event) {
			log := p.register.Seq()
			for i := 0; i < len(all) && err == nil; i++ {
				h.Tried = append(h.Tried, all[i])
				events++
				err = p.apply(all[i])
			}
			if err == nil && p.register.Seq() > log { // else nothing has changed
				err = p.compare(p.now)
			}
		}
		take(w.Facts(start.AddDate(-1, 0, 0)))
		for i := 0; i < told && err == nil; i++ {
			take(h.Step().Draw(t, "events"))
			if err == nil && rapid.IntRange(0, 11).Draw(t, "come back") == 11 {
				take(comeBack(t, h))
			}
			if err == nil && rapid.IntRange(0, 11).Draw(t, "reported late") == 11 {
				take(reportedLate(t, h))
			}
		}
		for _, after := range later {
			if err == nil {
				err = p.compare(p.now.Add(after))
			}
		}
		if err == nil {
			return true
		}
		var text strings.Builder
		short := shrink(s, w, h.Tried)
		for _, e := range short {
			fmt.Fprintln(&text, tell(e))
		}
		err = fmt.Errorf("settings %s\n%s%w", settingsText(s), &text, difference(s, w, short))
		return true
	}).Example(seed)
	return events, err
}

func settingsText(s hold.Settings) string {
	text, _ := json.Marshal(s)
	return string(text)
}

// number is a number from the environment.
func number(name string, otherwise int) int {
	if n, err := strconv.Atoi(os.Getenv(name)); err == nil {
		return n
	}
	return otherwise
}

// The register and the slow model take the same histories, with everything that is refused or malformed among them, and answer alike after every step, and for later times at the end. What they differ
// in is told with as few events as show it.
//
// LASTRESORT_STEPS is how many steps of history there are in all, by default three thousand, and LASTRESORT_SEED the seed of the first history, by default 1: the same histories are drawn on every run.
// A million take about nineteen minutes on two idle cores:
//
//	LASTRESORT_STEPS=1000000 go test ./hold -run TestSlowModel -timeout 2h -v
func TestSlowModel(t *testing.T) {
	t.Parallel()
	histories, first := (number("LASTRESORT_STEPS", 3000)+told-1)/told, number("LASTRESORT_SEED", 1)
	var next, events, different atomic.Int64
	t.Run("histories", func(t *testing.T) {
		for worker := range 2 {
			t.Run(fmt.Sprint(worker), func(t *testing.T) {
				t.Parallel()
				for i := int(next.Add(1)) - 1; i < histories && different.Load() < 5; i = int(next.Add(1)) - 1 {
					n, err := compareHistory(first + i)
					events.Add(int64(n))
					if err != nil {
						different.Add(1)
						t.Errorf("seed %d: %v", first+i, err)
					}
				}
			})
		}
	})
	t.Logf("%d steps, %d events", histories*told, events.Load())
}
