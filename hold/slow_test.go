package hold_test

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
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
	if diff := cmp.Diff(r.Overruns(at), m.Overruns(), utc); diff != "" {
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

func tell(e hold.Event) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s %s", e.At.UTC().Format("2006-01-02T15:04"), e.ID, e.Kind)
	for _, f := range []struct {
		name  string
		value any
		set   bool
	}{
		{"failure", e.Failure, e.Failure != ""}, {"by", e.By, e.By != ""}, {"party", e.Party, e.Party != ""}, {"mpids", e.MPIDs, e.MPIDs != nil}, {"certs", e.Certificates, e.Certificates != nil},
		{"date", e.Date, !e.Date.IsZero()}, {"controls", e.Controls, e.Controls != 0}, {"action", e.Action, e.Action != 0}, {"conf", e.Confirmation, e.Confirmation != 0}, {"agreeing", e.Agreeing, e.Agreeing != 0},
		{"exit", e.Exit, e.Exit != 0}, {"reason", e.Reason, e.Reason != 0}, {"user", e.User, e.User != nil}, {"certificate", e.Certificate, e.Certificate != nil}, {"support", e.Support, e.Support != nil},
		{"request", e.Request, e.Request != ""}, {"ref", e.Ref, e.Ref != ""}, {"thresholds", e.Thresholds, e.Thresholds != nil}, {"text", e.Text, e.Text != ""},
	} {
		if f.set {
			fmt.Fprintf(&b, " %s=%+v", f.name, f.value)
		}
	}
	return b.String()
}

func (p *pair) now() time.Time {
	at := p.history.Now
	for _, e := range p.history.Register.Events() {
		if e.At.After(at) {
			at = e.At
		}
	}
	return at
}

// TestSlowModel compares the register with the slow model after every step of random histories.
func TestSlowModel(t *testing.T) {
	budget := 3000
	if n, err := strconv.Atoi(os.Getenv("LASTRESORT_STEPS")); err == nil {
		budget = n
	}
	steps := 0
	rapid.Check(t, func(t *rapid.T) {
		if steps >= budget {
			return
		}
		start := holdtest.Starts().Draw(t, "start")
		p := &pair{history: &holdtest.History{World: holdtest.Worlds(start).Draw(t, "world"), Start: start, Now: start}}
		p.model.Settings = holdtest.Settings().Draw(t, "settings")
		p.history.Register = &hold.Register{Settings: p.model.Settings}
		for _, e := range p.history.World.Facts(start.AddDate(-1, 0, 0)) {
			if err := p.apply(e); err != nil {
				t.Fatal(err)
			}
		}
		check := func(err error) {
			if err != nil {
				t.Fatalf("settings %+v\n%s\n%v", p.model.Settings, strings.Join(p.told, "\n"), err)
			}
		}
		t.Repeat(map[string]func(*rapid.T){"step": func(t *rapid.T) {
			for _, e := range p.history.Step().Draw(t, "events") {
				check(p.apply(e))
				check(p.compare(p.now()))
			}
			steps++
		}})
		for _, after := range []time.Duration{26 * time.Hour, 100 * 24 * time.Hour} {
			check(p.compare(p.now().Add(after)))
		}
	})
	t.Logf("%d steps", steps)
}
