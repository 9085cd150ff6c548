package holdtest_test

import (
	"bytes"
	"flag"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/seed-db8551c1/lastresort/duis"
	"github.com/seed-db8551c1/lastresort/hold"
	"github.com/seed-db8551c1/lastresort/hold/holdtest"
	"github.com/seed-db8551c1/lastresort/smki"
	"github.com/seed-db8551c1/lastresort/solr"
)

// go test ./hold/holdtest -histories 100000 runs the kit over more.
var histories = flag.Int("histories", 0, "how many histories the kit is run over in tests; zero is its default")

// The reference agrees with itself, the codes that rest on no published source included.
func TestReferenceConforms(t *testing.T) {
	t.Parallel()
	c := holdtest.Config{Histories: *histories, UncertainCodes: true}
	if testing.Short() {
		c.Histories = 20
	}
	holdtest.Conform(t, holdtest.Reference(), c)
}

// first is the first finding, nil if there is none.
func first(i holdtest.Implementation, c holdtest.Config) *holdtest.Finding {
	for f := range holdtest.Findings(i, c) {
		return f
	}
	return nil
}

// The kit finds every fault within its default budget, and of every rule and invariant at least two. The length is that of the shortest history that shows it: 15 events are enough for each.
func TestFaultsAreFound(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("takes the default budget for each of the faults")
	}
	rules, invariants := make(map[solr.Rule]int), make(map[holdtest.Invariant]int)
	for _, x := range holdtest.Faults() {
		f := first(x.New(), holdtest.Config{Histories: *histories})
		if f == nil {
			t.Errorf("%v %v: %s: not found", x.Rule, x.Invariant, x.Name)
			continue
		}
		if len(f.Events) > 15 && !f.Once {
			t.Errorf("%s: found after %d events: expected 15 at most", x.Name, len(f.Events))
		}
		what := x.Invariant.String()
		if x.Rule != 0 {
			what = x.Rule.String()
			rules[x.Rule]++
		} else {
			invariants[x.Invariant]++
		}
		t.Logf("%-15s %2d events, in history %3d: %s: %s", what, len(f.Events), f.History, x.Name, f.Case)
	}
	for _, r := range solr.Rules() {
		if rules[r] < 2 {
			t.Errorf("%v: %d faults found: expected two", r, rules[r])
		}
	}
	for _, i := range holdtest.Invariants() {
		if invariants[i] < 2 {
			t.Errorf("%v: %d faults found: expected two", i, invariants[i])
		}
	}
}

// A budget below zero is not one that nothing fails.
func TestBudgetBelowZero(t *testing.T) {
	if first(holdtest.Faults()[3].New(), holdtest.Config{Histories: -1, Steps: -1}) == nil {
		t.Error("nothing is found")
	}
}

// untidy is an implementation that changes what it was given once it has taken it in.
type untidy struct{ holdtest.Implementation }

func (u untidy) Apply(e hold.Event) (holdtest.Result, error) {
	r, err := u.Implementation.Apply(e)
	clear(e.MPIDs)
	clear(e.Certificates)
	clear(e.Thresholds)
	if e.User != nil {
		*e.User = smki.User{}
	}
	if e.Certificate != nil {
		*e.Certificate = smki.Certificate{}
	}
	if s := e.Support; s != nil {
		clear(s.SRVs)
		clear(s.Devices)
		clear(s.Thresholds)
		*s = hold.Support{}
	}
	return r, err
}

// What an implementation does to an event is its own affair: the reference has another.
func TestEventsAreTheImplementationsOwn(t *testing.T) {
	if f := first(untidy{holdtest.Reference()}, holdtest.Config{Histories: 20}); f != nil {
		t.Error(f)
	}
}

// altered is the reference with some of its answers changed.
type altered struct {
	holdtest.Implementation
	result   func(holdtest.Result) holdtest.Result
	duty     func(hold.Duty) hold.Duty
	decision func(holdtest.Decision) holdtest.Decision
}

func (a altered) Apply(e hold.Event) (holdtest.Result, error) {
	r, err := a.Implementation.Apply(e)
	if a.result != nil {
		r = a.result(r)
	}
	return r, err
}

func (a altered) Duties(at time.Time) ([]hold.Duty, error) {
	all, err := a.Implementation.Duties(at)
	for i := range all {
		if a.duty != nil {
			all[i] = a.duty(all[i])
		}
	}
	return all, err
}

func (a altered) Decide(q holdtest.Request, at time.Time) (holdtest.Decision, error) {
	d, err := a.Implementation.Decide(q, at)
	if a.decision != nil {
		d = a.decision(d)
	}
	return d, err
}

// Each level compares what it says it does, and no more.
func TestLevels(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name      string
		impl      altered
		at        holdtest.Level // the lowest at which it is found
		uncertain bool           // found only where UNCERTAIN codes are compared
		about     string
	}{
		{"another outcome of an event", altered{result: func(r holdtest.Result) holdtest.Result {
			if r.Outcome == holdtest.Refused {
				r.Outcome = holdtest.Malformed
			}
			return r
		}}, holdtest.LevelOutcome, false, "apply/"},
		{"refused by another rule", altered{result: func(r holdtest.Result) holdtest.Result {
			if r.Rule == solr.R8 {
				r.Rule = solr.R11
			}
			return r
		}}, holdtest.LevelRule, false, "apply/"},
		{"what was done before is not named", altered{result: func(r holdtest.Result) holdtest.Result {
			r.Done = nil
			return r
		}}, holdtest.LevelReason, false, "apply/"},
		{"another modality", altered{duty: func(d hold.Duty) hold.Duty {
			if d.Action == hold.PublishCRL {
				d.Modality = hold.Must
			}
			return d
		}}, holdtest.LevelOutcome, false, "duties/publish CRL"},
		{"another rule of a duty", altered{duty: func(d hold.Duty) hold.Duty {
			d.Rules &^= 1 << solr.R11
			return d
		}}, holdtest.LevelRule, false, "duties/transfer MPID"},
		{"due since another time", altered{duty: func(d hold.Duty) hold.Duty {
			if !d.Since.IsZero() {
				d.Since = d.Since.Add(time.Second)
			}
			return d
		}}, holdtest.LevelReason, false, "duties/"},
		{"another outcome of a request", altered{decision: func(d holdtest.Decision) holdtest.Decision {
			if d.Outcome == duis.NoConnection {
				d.Outcome = duis.Rejected
			}
			return d
		}}, holdtest.LevelOutcome, false, "decide/"},
		{"another standing", altered{decision: func(d holdtest.Decision) holdtest.Decision {
			if d.Standing == duis.NotCovered {
				d.Standing = duis.NotNeeded
			}
			return d
		}}, holdtest.LevelRule, false, "decide/"},
		{"a reason is missing", altered{decision: func(d holdtest.Decision) holdtest.Decision {
			if d.Reasons.Has(duis.UserUnknown) && d.Reasons.Has(duis.XMLSignForeign) {
				d.Reasons &^= duis.ReasonsOf(duis.UserUnknown)
			}
			return d
		}}, holdtest.LevelReason, false, "decide/"},
		{"another code that is published", altered{decision: func(d holdtest.Decision) holdtest.Decision {
			if d.Code == duis.E4 {
				d.Code = duis.E5
			}
			return d
		}}, holdtest.LevelReason, false, "decide/"},
		{"another code that is not", altered{decision: func(d holdtest.Decision) holdtest.Decision {
			if d.Code == duis.E100 {
				d.Code = duis.E5
			}
			return d
		}}, holdtest.LevelReason, true, "decide/"},
	}
	for _, x := range tests {
		t.Run(x.name, func(t *testing.T) {
			x.impl.Implementation = holdtest.Reference()
			for l := holdtest.LevelOutcome; l <= holdtest.LevelReason; l++ {
				if testing.Short() && l != x.at {
					continue
				}
				for _, uncertain := range []bool{false, true} {
					f := first(x.impl, holdtest.Config{Level: l, UncertainCodes: uncertain, Histories: 8})
					if want := l >= x.at && (uncertain || !x.uncertain); (f != nil) != want {
						t.Errorf("at level %v (uncertain codes: %v): found %v, want %v\n%v", l, uncertain, f != nil, want, f)
					} else if f != nil && (f.Level != x.at || !strings.HasPrefix(f.Case, x.about)) {
						t.Errorf("found in %s at level %v: want %s at %v", f.Case, f.Level, x.about, x.at)
					}
				}
			}
		})
	}
}

// The same seed gives the same findings, word by word; another seed asks something else.
func TestFindingsRepeat(t *testing.T) {
	t.Parallel()
	said := func(seed uint64) string {
		var b strings.Builder
		for f := range holdtest.Findings(holdtest.Faults()[0].New(), holdtest.Config{Seed: seed, Histories: 5}) {
			b.WriteString(f.Error())
		}
		return b.String()
	}
	if a, b := said(7), said(7); a != b || a == "" {
		t.Errorf("seed 7 gives\n%s\nand then\n%s", a, b)
	}
	if said(7) == said(8) {
		t.Error("seeds 7 and 8 give the same")
	}
}

// What is written of a finding can be read and is checked, shows the same on the implementation, and nothing on the reference. No event of it can go.
func TestReplay(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 5, 10, 13, 20} {
		x := holdtest.Faults()[n]
		f := first(x.New(), holdtest.Config{})
		if f == nil {
			t.Fatalf("%s: not found", x.Name)
		}
		var file bytes.Buffer
		if err := f.Write(&file); err != nil {
			t.Fatal(err)
		}
		if err := holdtest.Replay(bytes.NewReader(file.Bytes()), holdtest.Reference(), holdtest.Config{}); err != nil {
			t.Errorf("%s: the reference differs from itself: %v", x.Name, err)
		}
		err := holdtest.Replay(bytes.NewReader(file.Bytes()), x.New(), holdtest.Config{})
		if err == nil || !strings.Contains(err.Error(), f.Case) {
			t.Errorf("%s: replayed: %v\nwant a difference in %s", x.Name, err, f.Case)
		}
	}
	if err := holdtest.Replay(strings.NewReader("question: what?\n\nnonsense\n"), holdtest.Reference(), holdtest.Config{}); err == nil {
		t.Error("nonsense is replayed")
	}
}

// panics panics on one kind of event.
type panics struct{ holdtest.Implementation }

func (p panics) Apply(e hold.Event) (holdtest.Result, error) {
	if e.Kind == hold.LicenceRevoked {
		panic("no licence")
	}
	return p.Implementation.Apply(e)
}

// moody gives a wrong answer once, and never again.
type moody struct {
	holdtest.Implementation
	said bool
}

func (m *moody) Owner(of holdtest.Map, id smki.MPID, at time.Time) (smki.PartyID, error) {
	if !m.said {
		m.said = true
		return "Nobody", nil
	}
	return m.Implementation.Owner(of, id, at)
}

// deaf takes no revocation of a licence.
type deaf struct{ holdtest.Implementation }

func (d deaf) Apply(e hold.Event) (holdtest.Result, error) {
	if e.Kind == hold.LicenceRevoked {
		return holdtest.Result{Outcome: holdtest.Malformed}, nil
	}
	return d.Implementation.Apply(e)
}

// sealed always gives the same seal.
type sealed struct{ holdtest.Implementation }

func (sealed) Seal() (string, error) { return "wax", nil }

// A history ends where one takes an event that the other does not: what follows from that is no finding of its own. A seal that never changes is one.
func TestWhatIsAFinding(t *testing.T) {
	for f := range holdtest.Findings(deaf{holdtest.Reference()}, holdtest.Config{Histories: 20}) {
		if f.Case != "apply/licence revoked" {
			t.Errorf("follows from the event that was not taken: %v", f)
		}
	}
	if f := first(sealed{holdtest.Reference()}, holdtest.Config{}); f == nil || f.Case != "seal" || len(f.Events) != 1 {
		t.Errorf("a seal that never changes is reported as %v", f)
	}
}

// The reference decides as duis does, in a world that was made anew after each event.
func TestReferenceDecides(t *testing.T) {
	for seed := range 5 {
		h := holdtest.Histories().Example(seed)
		r := holdtest.Reference()
		if err := r.Reset(h.Register.Settings); err != nil {
			t.Fatal(err)
		}
		plain := hold.Register{Settings: h.Register.Settings}
		for n, e := range h.Register.Events() {
			if _, err := plain.Apply(e); err != nil {
				t.Fatal(err)
			}
			if _, err := r.Apply(e); err != nil {
				t.Fatal(err)
			}
			if e.Kind == hold.MPIDAllocated {
				for _, m := range e.MPIDs {
					if err := r.Register(holdtest.Device(smki.AllocatedMPID{ID: m, Fuel: e.Fuel}), h.Start, m); err != nil {
						t.Fatal(err)
					}
				}
			}
			if len(plain.Directory().MPIDs()) == 0 {
				continue
			}
			world, err := holdtest.Decidable(&plain, h.Start)
			if err != nil {
				t.Fatal(err)
			}
			at := h.Now.AddDate(0, 0, 1)
			q := h.World.AnyRequest(&plain, at).Example(n)
			in := q.In(world)
			d := duis.Decide(world, &in, at)
			got, err := r.Decide(q, at)
			if want := (holdtest.Decision{Outcome: d.Outcome, Standing: d.Standing, Reasons: d.Reasons, Advice: d.Advice, Code: d.Code}); err != nil || got != want {
				t.Fatalf("%+v: %+v, %v: want %+v", q, got, err, want)
			}
		}
	}
}

// A panic is a finding of one event; what does not show again is reported as that.
func TestTroubledImplementations(t *testing.T) {
	f := first(panics{holdtest.Reference()}, holdtest.Config{})
	if f == nil || f.Case != "answers" || len(f.Events) != 1 || !strings.Contains(f.Error(), "no licence") {
		t.Errorf("a panic is reported as %v", f)
	}
	f = first(&moody{Implementation: holdtest.Reference()}, holdtest.Config{})
	if f == nil || !f.Once || !strings.HasPrefix(f.Case, "owner/") {
		t.Errorf("a mood is reported as %v", f)
	}
}

// Run by TestSubtests only: Conform as a user calls it, on an implementation that is wrong.
func TestConformFault(t *testing.T) {
	if os.Getenv(asChild) != "conform" {
		t.Skip("the child of TestSubtests")
	}
	for _, x := range holdtest.Faults() {
		if x.Name == "the DCC's transfer moves the map of the codes" {
			holdtest.Conform(t, x.New(), holdtest.Config{Histories: 10})
		}
	}
}

// A finding fails the subtest of its case and no other, is written to a file that can be replayed, and is skipped by name.
func TestSubtests(t *testing.T) {
	run := func(args ...string) (string, error) {
		dir := t.TempDir()
		cmd := exec.Command(os.Args[0], append([]string{"-test.run=^TestConformFault$", "-test.v", "-test.artifacts", "-test.outputdir=" + dir}, args...)...)
		cmd.Env = append(os.Environ(), asChild+"=conform")
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	out, err := run()
	if err == nil || !strings.Contains(out, "--- FAIL: TestConformFault/owner/codes ") || strings.Count(out, "--- FAIL:") != 3 || !strings.Contains(out, "seed 0, 10 histories") {
		t.Errorf("a fault is reported so (%v):\n%s", err, out)
	}
	if out, err := run("-test.skip=/owner/codes"); err != nil {
		t.Errorf("skipped by name, it is still reported (%v):\n%s", err, out)
	}
	file := ""
	for l := range strings.Lines(out) {
		if _, dir, ok := strings.Cut(strings.TrimSpace(l), "=== ARTIFACTS TestConformFault/owner/codes "); ok {
			file = dir + "/owner-codes.txt"
		}
	}
	r, err := os.Open(file)
	if err != nil {
		t.Fatalf("the file of the finding: %v\n%s", err, out)
	}
	defer r.Close()
	if err := holdtest.Replay(r, holdtest.Reference(), holdtest.Config{}); err != nil {
		t.Error(err)
	}
}
