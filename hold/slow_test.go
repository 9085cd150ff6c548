package hold_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
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
	history *holdtest.History
	model   slow.Model
	told    []string
}

// apply applies an event to both and says where they differ.
func (p *pair) apply(e hold.Event) error {
	applied, err := p.history.Apply(e)
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
	p.told = append(p.told, fmt.Sprintf("%s -> register %v %v (%v), slow model %v %v", tell(e), want, wantRule, err, got, gotRule))
	if got != want || gotRule != wantRule {
		return fmt.Errorf("%v: register %v %v (%v), slow model %v %v", e.Kind, want, wantRule, err, got, gotRule)
	}
	return nil
}

// compare asks both everything, as of a time.
func (p *pair) compare(at time.Time) error {
	r, m := p.history.Register, p.model.At(at)
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
	for _, s := range p.history.World.Suppliers {
		for _, srv := range []duis.SRV{duis.UpdatePaymentMode, duis.TopUpDevice, duis.UpdatePrepayConfiguration} {
			for i, x := range append([]smki.AllocatedMPID{{}}, dir.MPIDs()...) {
				q := duis.Question{Party: s.Party, SRV: srv, Mode: duis.CreditMode, MPID: x.ID, Device: smki.EUI64(0xD00 + i - 1), At: at}
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

// now is the time of the latest step or event.
func (p *pair) now() time.Time {
	at := p.history.Now
	for _, e := range p.history.Register.Events() {
		if e.At.After(at) {
			at = e.At
		}
	}
	return at
}

// The register and the slow model take the same random histories, with everything that is refused or malformed among them, and answer alike after every event, and for later times at the end.
// LASTRESORT_STEPS is how many steps of history there are in all; by default a few thousand. A million take about an hour of one core:
//
//	LASTRESORT_STEPS=1000000 go test ./hold -run TestSlowModel -rapid.steps=60 -timeout 4h -v
func TestSlowModel(t *testing.T) {
	budget := 3000
	if n, err := strconv.Atoi(os.Getenv("LASTRESORT_STEPS")); err == nil {
		budget = n
	}
	steps, events := 0, 0
	for steps < budget && !t.Failed() {
		rapid.Check(t, func(t *rapid.T) {
			if steps >= budget {
				return
			}
			start := holdtest.Starts().Draw(t, "start")
			p := &pair{history: &holdtest.History{World: holdtest.Worlds(start).Draw(t, "world"), Start: start, Now: start}}
			p.model.Settings = holdtest.Settings().Draw(t, "settings")
			p.history.Register = &hold.Register{Settings: p.model.Settings}
			check := func(err error) {
				if err != nil {
					t.Fatalf("settings %+v\n%s\n%v", p.model.Settings, strings.Join(p.told, "\n"), err)
				}
			}
			for _, e := range p.history.World.Facts(start.AddDate(-1, 0, 0)) {
				check(p.apply(e))
			}
			t.Repeat(map[string]func(*rapid.T){"step": func(t *rapid.T) {
				for _, e := range p.history.Step().Draw(t, "events") {
					check(p.apply(e))
					check(p.compare(p.now()))
					events++
				}
				steps++
			}})
			for _, after := range []time.Duration{26 * time.Hour, 100 * 24 * time.Hour} {
				check(p.compare(p.now().Add(after)))
			}
		})
	}
	t.Logf("%d steps, %d events", steps, events)
}
