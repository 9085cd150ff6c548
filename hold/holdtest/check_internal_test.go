package holdtest

import (
	"bytes"
	"context"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/seed-db8551c1/lastresort/duis"
	"github.com/seed-db8551c1/lastresort/hold"
	"github.com/seed-db8551c1/lastresort/hold/history"
	"github.com/seed-db8551c1/lastresort/smki"
	"github.com/seed-db8551c1/lastresort/solr"
)

// broken is a register with one fault: what is nil works.
type broken struct {
	*hold.Register
	refused   bool // the last event
	apply     func(*broken, hold.Event) (hold.Applied, error)
	clone     func(*broken) machine
	duties    func([]hold.Duty) []hold.Duty
	failures  func(*broken, []solr.Failure, time.Time) []solr.Failure
	directory func(*broken) *smki.Directory
	authority func(*broken) duis.Authority
	overruns  func(*broken, time.Time) []hold.Overrun
	update    func(*broken, *duis.Edit) error
}

func (b *broken) Apply(e hold.Event) (hold.Applied, error) {
	if b.apply != nil {
		return b.apply(b, e)
	}
	return b.Register.Apply(e)
}

func (b *broken) Clone(machine) machine {
	if b.clone != nil {
		return b.clone(b)
	}
	return b.with(b.Register.Clone())
}

func (b *broken) with(r *hold.Register) *broken {
	c := *b
	c.Register = r
	return &c
}

// without is a clone that some events were not applied to.
func (b *broken) without(k hold.Kind, c hold.Confirmation) *broken {
	r := &hold.Register{Settings: b.Settings}
	for _, e := range b.Events() {
		if e.Kind != k || e.Confirmation != c {
			_, _ = r.Apply(e)
		}
	}
	return b.with(r)
}

func (b *broken) Duties(at time.Time) []hold.Duty {
	all := b.Register.Duties(at)
	if b.duties != nil {
		return b.duties(all)
	}
	return all
}

func (b *broken) Failures(at time.Time) []solr.Failure {
	all := b.Register.Failures(at)
	if b.failures != nil {
		return b.failures(b, all, at)
	}
	return all
}

func (b *broken) Directory() *smki.Directory {
	if b.directory != nil {
		return b.directory(b)
	}
	return b.Register.Directory()
}

func (b *broken) Authority() duis.Authority {
	if b.authority != nil {
		return b.authority(b)
	}
	return b.Register.Authority()
}

func (b *broken) Overruns(at time.Time) []hold.Overrun {
	if b.overruns != nil {
		return b.overruns(b, at)
	}
	return b.Register.Overruns(at)
}

func (b *broken) Update(e *duis.Edit) error {
	if b.update != nil {
		return b.update(b, e)
	}
	return b.Register.Update(e)
}

// after does something besides what events of a kind do, once they were accepted.
func after(k hold.Kind, also func(b *broken, e *hold.Event, a *hold.Applied)) broken {
	return broken{apply: func(b *broken, e hold.Event) (hold.Applied, error) {
		a, err := b.Register.Apply(e)
		if err == nil && e.Kind == k {
			also(b, &e, &a)
		}
		return a, err
	}}
}

// inPlaceOf does something else than events of a kind do.
func inPlaceOf(k hold.Kind, do func(b *broken, e hold.Event) (hold.Applied, error)) broken {
	return broken{apply: func(b *broken, e hold.Event) (hold.Applied, error) {
		if e.Kind == k {
			return do(b, e)
		}
		return b.Register.Apply(e)
	}}
}

// afterRefusal does something besides events of a kind that come next after a refused one.
func afterRefusal(k hold.Kind, also func(b *broken, e hold.Event)) broken {
	return broken{apply: func(b *broken, e hold.Event) (hold.Applied, error) {
		a, err := b.Register.Apply(e)
		if err == nil && b.refused && e.Kind == k {
			also(b, e)
		}
		b.refused = err != nil
		return a, err
	}}
}

// unrevoked is the directory without the revocations.
func unrevoked(b *broken) *smki.Directory {
	var r hold.Register
	for _, e := range b.Events() {
		if e.Kind != hold.CertificateRevoked {
			_, _ = r.Apply(e)
		}
	}
	return r.Directory()
}

type oneStanding duis.Standing

func (s oneStanding) Ask(duis.Question) duis.Answer { return duis.Answer{Standing: duis.Standing(s)} }

func ruleError(e hold.Event) (hold.Applied, error) {
	return hold.Applied{}, &hold.RuleError{Rule: solr.R17, Event: e, Why: "another event"}
}

func others(b *broken, e *hold.Event) bool {
	return slices.ContainsFunc(b.Register.Failures(e.At), func(f solr.Failure) bool { return f.ID != e.Failure })
}

var breaks = []struct {
	invariant string
	name      string
	fault     broken
}{
	{"one holder", "a transfer leaves the MPID with nobody", after(hold.MPIDTransferred, func(b *broken, e *hold.Event, _ *hold.Applied) {
		_ = b.Register.Directory().DCC.Retire(e.MPIDs[0], e.At)
	})},
	{"one holder", "an appointment retires the MPID under the codes", after(hold.SoLRAppointed, func(b *broken, e *hold.Event, _ *hold.Applied) {
		_ = b.Register.Directory().Codes.Retire(e.MPIDs[0], e.At)
	})},
	{"codes", "a transfer by the DCC is one under the codes too", after(hold.MPIDTransferred, func(b *broken, e *hold.Event, _ *hold.Applied) {
		_ = b.Register.Directory().Codes.Transfer(e.MPIDs[0], e.Party, e.At)
	})},
	{"codes", "an appointment is a transfer under the codes", after(hold.SoLRAppointed, func(b *broken, e *hold.Event, _ *hold.Applied) {
		_ = b.Register.Directory().Codes.Transfer(e.MPIDs[0], e.Party, e.At)
	})},
	{"duties", "nothing is said about certificates", broken{duties: func(all []hold.Duty) []hold.Duty {
		return slices.DeleteFunc(all, func(d hold.Duty) bool { return d.Certificate != "" })
	}}},
	{"duties", "an MPID comes up twice", broken{duties: func(all []hold.Duty) []hold.Duty {
		for _, d := range all {
			if d.MPID != "" {
				return append(all, d)
			}
		}
		return all
	}}},
	{"duties", "a duty is due before its time", broken{duties: func(all []hold.Duty) []hold.Duty {
		for i := range all {
			if all[i].Modality == hold.Must {
				all[i].Since = all[i].Since.Add(24 * time.Hour)
			}
		}
		return all
	}}},
	{"closing", "a failure closes while certificates are good", broken{failures: func(b *broken, all []solr.Failure, at time.Time) []solr.Failure {
		for i := range all {
			if len(b.Register.Directory().HeldBy(all[i].Supplier, at)) == 0 {
				all[i].Phase = solr.Closed
			}
		}
		return all
	}}},
	{"closing", "a failure never closes", broken{failures: func(_ *broken, all []solr.Failure, _ time.Time) []solr.Failure {
		for i := range all {
			if all[i].Phase == solr.Closed {
				all[i].Phase = solr.Appointed
			}
		}
		return all
	}}},
	{"authority", "nobody needs one", broken{authority: func(*broken) duis.Authority { return oneStanding(duis.NotNeeded) }}},
	{"authority", "everybody needs one", broken{authority: func(*broken) duis.Authority { return oneStanding(duis.NotCovered) }}},
	{"decisions", "the world never hears of revocations", broken{update: func(b *broken, e *duis.Edit) error {
		e.SetAuthority(b.Authority())
		return e.SetDirectory(unrevoked(b))
	}}},
	{"decisions", "the world refuses whoever asks", broken{update: func(b *broken, e *duis.Edit) error {
		e.SetAuthority(oneStanding(duis.Refused))
		return e.SetDirectory(b.Directory())
	}}},
	{"overruns", "one without a request for support", broken{overruns: func(b *broken, at time.Time) []hold.Overrun { return []hold.Overrun{{Since: at}} }}},
	{"overruns", "one that is still to come", broken{overruns: func(b *broken, at time.Time) []hold.Overrun { return []hold.Overrun{{Since: at.Add(1)}} }}},
	{"reports", "a notice is refused after another", broken{apply: func(b *broken, e hold.Event) (hold.Applied, error) {
		if e.Kind == hold.FailureNotified && len(b.Register.Failures(e.At)) > 0 {
			return ruleError(e)
		}
		return b.Register.Apply(e)
	}}},
	{"reports", "a transfer that is not due is refused", inPlaceOf(hold.MPIDTransferred, func(b *broken, e hold.Event) (hold.Applied, error) {
		if a, err := b.Register.Clone().Apply(e); err == nil && len(a.Breaches) > 0 {
			return ruleError(e)
		}
		return b.Register.Apply(e)
	})},
	{"breaches", "one without a rule", after(hold.CertificateRevoked, func(_ *broken, _ *hold.Event, a *hold.Applied) {
		for i := range a.Breaches {
			a.Breaches[i].Rules = 0
		}
	})},
	{"breaches", "one by a direction", after(hold.DelayDirected, func(_ *broken, e *hold.Event, a *hold.Applied) {
		a.Breaches = []hold.Breach{{Seq: a.Seq, At: e.At, Rules: 1 << solr.R3}}
	})},
	{"acts", "no breach is recorded", broken{apply: func(b *broken, e hold.Event) (hold.Applied, error) {
		a, err := b.Register.Apply(e)
		a.Breaches = nil
		return a, err
	}}},
	{"acts", "every transfer is a breach", after(hold.MPIDTransferred, func(_ *broken, e *hold.Event, a *hold.Applied) {
		a.Breaches = []hold.Breach{{Seq: a.Seq, At: e.At, Rules: 1 << solr.R7}}
	})},
	{"acts", "a held certificate is said to be due", broken{duties: func(all []hold.Duty) []hold.Duty {
		for i := range all {
			if d := &all[i]; d.Certificate != "" && d.Rules.Has(solr.R3) {
				d.Modality, d.Since = hold.Must, hold.MP134AFrom()
			}
		}
		return all
	}}},
	{"refusal", "a refused direction to delay reaches the DCC", broken{apply: func(b *broken, e hold.Event) (hold.Applied, error) {
		a, err := b.Register.Apply(e)
		if err != nil && e.Kind == hold.DelayDirected {
			_, _ = b.Register.Apply(hold.Event{At: e.At, Kind: hold.PositionStated, Failure: e.Failure, By: "Hub", Text: "delayed"})
		}
		return a, err
	}}},
	{"refusal", "a refused confirmation names the SoLR", broken{apply: func(b *broken, e hold.Event) (hold.Applied, error) {
		a, err := b.Register.Apply(e)
		if err != nil && e.Kind == hold.Confirmed {
			_, _ = b.Register.Apply(hold.Event{At: e.At, Kind: hold.SoLRAnnounced, Failure: e.Failure, Party: e.By, MPIDs: []smki.MPID{"AEL0"}})
		}
		return a, err
	}}},
	{"clone", "a clone is the original", broken{clone: func(b *broken) machine { return b }}},
	{"clone", "a clone is the original from the licence's revocation on", broken{clone: func(b *broken) machine {
		if all := b.Events(); all[len(all)-1].Kind == hold.LicenceRevoked {
			return b
		}
		return b.with(b.Register.Clone())
	}}},
	{"clone", "a clone does not know what the DCC received", broken{clone: func(b *broken) machine { return b.without(hold.DelayReceived, 0) }}},
	{"clone", "a clone forgets a confirmation", broken{clone: func(b *broken) machine { return b.without(hold.Confirmed, hold.Staff) }}},
	{"replay", "a transfer after a refusal suspends the User", afterRefusal(hold.MPIDTransferred, func(b *broken, e hold.Event) {
		_, _ = b.Register.Apply(hold.Event{At: e.At, Kind: hold.UserSuspended, User: &smki.User{ID: 0xA0}})
	})},
	{"replay", "a transfer after a refusal states the SRP's position", afterRefusal(hold.MPIDTransferred, func(b *broken, e hold.Event) {
		_, _ = b.Register.Apply(hold.Event{At: e.At, Kind: hold.PositionStated, Failure: FailureOf("Alder", 0), By: "Hub", Text: "no"})
	})},
	{"phases", "an appointed failure trades again", broken{failures: func(_ *broken, all []solr.Failure, _ time.Time) []solr.Failure {
		for i := range all {
			if all[i].Phase == solr.Appointed && !all[i].Revoked.IsZero() {
				all[i].Phase = solr.Trading
			}
		}
		return all
	}}},
	{"phases", "a notice closes the failure of a supplier that migrates", broken{failures: func(b *broken, all []solr.Failure, _ time.Time) []solr.Failure {
		last := b.Events()[len(b.Events())-1]
		for i := range all {
			if all[i].Phase == solr.Closed && last.Kind == hold.MPIDTransferred {
				all[i].Phase = solr.Migrating
			}
			if all[i].Phase == solr.Appointed && last.Kind == hold.DelayReceived {
				all[i].Phase = solr.Announced
			}
		}
		return all
	}}},
	{"final", "a transfer brings the certificates back", broken{directory: func(b *broken) *smki.Directory {
		if all := b.Events(); all[len(all)-1].Kind == hold.MPIDTransferred {
			return unrevoked(b)
		}
		return b.Register.Directory()
	}}},
	{"final", "a notice brings the certificates back", broken{directory: func(b *broken) *smki.Directory {
		if all := b.Events(); all[len(all)-1].Kind == hold.FailureNotified {
			return unrevoked(b)
		}
		return b.Register.Directory()
	}}},
	{"commutation", "the second failure loses its SRP's position", after(hold.FailureNotified, func(b *broken, e *hold.Event, _ *hold.Applied) {
		if others(b, e) {
			_, _ = b.Register.Apply(hold.Event{At: e.At, Kind: hold.PositionStated, Failure: e.Failure, By: "Hub", Text: "no"})
		}
	})},
	{"commutation", "the second revocation suspends the User", after(hold.LicenceRevoked, func(b *broken, e *hold.Event, _ *hold.Applied) {
		if others(b, e) {
			_, _ = b.Register.Apply(hold.Event{At: e.At, Kind: hold.UserSuspended, User: &smki.User{ID: smki.EUI64(0xA0 + int(e.Party[0]-'A'))}})
		}
	})},
}

// Each fault is found, and by the invariant that it breaks.
func TestCheckFindsFaults(t *testing.T) {
	t.Parallel()
	count := make(map[string]int)
	for _, x := range breaks {
		count[x.invariant]++
		t.Run(x.invariant+"/"+x.name, func(t *testing.T) {
			failures := 1
			if x.invariant == "commutation" {
				failures = 2
			}
			b := Bound{Failures: failures, SoLRs: 1, MPIDs: 1, Certificates: 1, Appointments: 1, Delays: 1, Breaches: 2, Instants: Instants()[1:4], SoLRDate: hold.MP185From().AddDate(0, 0, 1)}
			m := newModel(b)
			fault := x.fault
			fault.Register = &hold.Register{Settings: b.Settings}
			r, err := m.explore(context.Background(), &fault, nil)
			if err != nil {
				t.Fatal(err)
			}
			if len(r.Violations) == 0 {
				t.Fatalf("not found in %d states", r.States)
			}
			if v := r.Violations[0]; v.Invariant != x.invariant {
				t.Fatalf("found by another invariant: %v", v)
			} else {
				t.Logf("found after %d actions", v.Actions)
			}
		})
	}
	for name, n := range count {
		if n < 2 {
			t.Errorf("%d breaks of %s, want two at least", n, name)
		}
	}
}

// A state stands for as many as its symmetry says: they are as many as are found where no MPID, certificate or party stands for another.
func TestSymmetryCountsEveryState(t *testing.T) {
	t.Parallel()
	for _, b := range []Bound{
		{Failures: 1, SoLRs: 2, MPIDs: 2, Certificates: 1, Appointments: 1, Delays: 1},
		{Failures: 1, SoLRs: 1, MPIDs: 2, Certificates: 2, Appointments: 1, Breaches: 1},
		{Failures: 2, SoLRs: 1, MPIDs: 1, Certificates: 1, Appointments: 1},
		{Failures: 1, SoLRs: 2, Cascades: 1, MPIDs: 1, Certificates: 1, Appointments: 1},
	} {
		b.Instants, b.SoLRDate = Instants()[3:4], hold.MP185From().AddDate(0, 0, 1)
		reduced, err := newModel(b).explore(t.Context(), register{new(hold.Register)}, nil)
		if err != nil {
			t.Fatal(err)
		}
		full, err := newModel(b, true).explore(t.Context(), register{new(hold.Register)}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if len(full.Violations) > 0 || full.States != full.Classes || reduced.States != full.States || reduced.Classes >= reduced.States && b.Cascades == 0 {
			t.Errorf("%+v: %d states in %d classes; %d states in %d classes without symmetry", b, reduced.States, reduced.Classes, full.States, full.Classes)
		}
		t.Logf("%d states in %d classes", reduced.States, reduced.Classes)
	}
}

// That what passes grows from regime to regime is not true of a register that acts too early under the last.
func TestCheckFindsFaultsOfOrder(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]func(*hold.Register, hold.Event){
		"certificates are revoked on notice": func(r *hold.Register, e hold.Event) {
			if e.Kind == hold.FailureNotified {
				_, _ = r.Apply(hold.Event{At: e.At, Kind: hold.CertificateRevoked, Certificates: []smki.CertificateID{"Alder/1"}, Reason: smki.KeyCompromise})
			}
		},
		"an appointment transfers": func(r *hold.Register, e hold.Event) {
			if e.Kind == hold.SoLRAppointed {
				_, _ = r.Apply(hold.Event{At: e.At, Kind: hold.MPIDTransferred, MPIDs: e.MPIDs, Party: e.Party})
			}
		},
	} {
		b := Bound{Failures: 1, SoLRs: 1, MPIDs: 1, Certificates: 1, Appointments: 1, Delays: 1, Order: true, Instants: Instants()[2:4], SoLRDate: hold.MP185From().AddDate(0, 0, 1)}
		c := newCopies(b.Settings)
		c.fault = fault
		x, err := newModel(b, true).explore(t.Context(), c, nil)
		if err != nil {
			t.Fatal(err)
		}
		if len(x.Violations) == 0 || x.Violations[0].Invariant != "order" {
			t.Errorf("%s: not found in %d states: %v", name, x.States, x.Violations)
		} else {
			t.Logf("%s: found after %d actions", name, x.Violations[0].Actions)
		}
	}
}

// A counterexample can be written as a history that is read back and replayed, with the actions that lead to the fault at its end.
func TestCounterexampleReplays(t *testing.T) {
	b := Bound{Failures: 1, SoLRs: 1, MPIDs: 1, Certificates: 1, Appointments: 1, Delays: 1, Breaches: 1, Instants: Instants()[1:4], SoLRDate: hold.MP185From().AddDate(0, 0, 1)}
	fault := after(hold.MPIDTransferred, func(_ *broken, e *hold.Event, a *hold.Applied) { a.Breaches = nil })
	fault.Register = &hold.Register{Settings: b.Settings}
	x, err := newModel(b).explore(t.Context(), &fault, nil)
	if err != nil || len(x.Violations) == 0 {
		t.Fatalf("%v, %v", x, err)
	}
	v := x.Violations[0]
	if last := v.Events[len(v.Events)-1]; v.Actions != 2 || last.Kind != hold.MPIDTransferred || last.Party != "Beech" {
		t.Errorf("%d actions, the last of them %+v: expected two, and a transfer to Beech", v.Actions, last)
	}
	var text bytes.Buffer
	if err := history.Write(&text, "What went wrong?", v.Settings, v.Events); err != nil {
		t.Fatal(err)
	}
	f, err := history.Parse(&text)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Check(); err != nil {
		t.Error(err)
	}
	if diff := cmp.Diff(v.Events, f.Events(), cmp.Comparer(time.Time.Equal), cmpopts); diff != "" {
		t.Error(diff)
	}
}

// cmpopts takes empty lists for none.
var cmpopts = cmp.FilterValues(func(x, y []smki.MPID) bool { return len(x)+len(y) == 0 }, cmp.Ignore())
