package holdtest_test

import (
	"fmt"
	"os"
	"os/exec"
	"slices"
	"testing"
	"time"

	"github.com/seed-db8551c1/lastresort/duis"
	"github.com/seed-db8551c1/lastresort/hold"
	"github.com/seed-db8551c1/lastresort/hold/holdtest"
	"github.com/seed-db8551c1/lastresort/smki"
)

// A history drawn from a seed is a register with the events that led to it. Whatever they were, the invariants hold.
func Example() {
	h := holdtest.Histories().Example(1)
	at := h.Now
	for _, e := range h.Register.Events() {
		if e.At.After(at) {
			at = e.At
		}
	}
	fmt.Println(holdtest.CheckInvariants(h.Register, at))
	// Output: <nil>
}

// hasty is somebody's own register: it does everything right but one thing. Once a SoLR is appointed it tells the DCC to transfer the MPID, whatever the PMA has directed.
type hasty struct{ holdtest.Implementation }

func (h hasty) Duties(at time.Time) ([]hold.Duty, error) {
	all, err := h.Implementation.Duties(at)
	for i, d := range all {
		if d.Action == hold.TransferMPID && d.To != "" {
			all[i].Modality = hold.Must
		}
	}
	return all, err
}

// In a test one calls
//
//	holdtest.Conform(t, hasty{holdtest.Reference()}, holdtest.Config{Level: holdtest.LevelOutcome})
//
// which reports each case in a subtest of its own, with a history such as this one, here taken from [Findings].
func ExampleConform() {
	mine := hasty{holdtest.Reference()}
	for f := range holdtest.Findings(mine, holdtest.Config{Level: holdtest.LevelOutcome}) {
		fmt.Println(f)
		break
	}
	// Output:
	// holdtest: duties/transfer MPID: another outcome after 3 events (seed 0, history 0)
	// question: duties/transfer MPID
	//
	// 2020-11-14 00:00 London industry: MPID allocated; to Alder; MPIDs AEL0; fuel electricity
	// 2020-11-14 00:00 London Ofgem: licence revoked; failure Alder-0; supplier Alder
	//     Alder-0: phase licence revoked
	//     Alder-0: must not transfer MPID AEL0 (R4)
	//     Alder-0: may apply thresholds, issue certificate, publish CRL, release quarantine, delete quarantine, suspend user
	// 2020-11-14 00:00 London Ofgem: SoLR appointed; failure Alder-0; SoLR Cedar; MPIDs AEL0; date 2021-12-04 13:00 London
	//     Alder-0: phase licence revoked, SoLR announced
	//     Alder-0: must not transfer MPID AEL0 to Cedar (R4)
	// # asked: {"do":"duties","at":"2020-11-14T00:00:00Z"}
	//   expected: Alder-0: must not transfer MPID AEL0
	//   got:      Alder-0: must transfer MPID AEL0 to Cedar
}

// Estates draws meters for the worlds in which requests are decided.
func ExampleWorld_Estates() {
	start := hold.MP185From()
	h := holdtest.NewHistory(holdtest.Worlds(start).Example(3), hold.Settings{}, start)
	edit := new(duis.World).Edit()
	fmt.Println(h.Register.Update(edit))
	estate := h.World.Estates(50, start).Example(3)
	fmt.Println(estate.Record(edit), edit.World().NumDevices() == len(estate.Devices))
	// Output:
	// <nil>
	// <nil> true
}

// Any event that is drawn is applied, refused for a rule or malformed; none makes the register panic.
func ExampleWorld_AnyEvent() {
	start := hold.MP185From()
	h := holdtest.NewHistory(holdtest.Worlds(start).Example(1), hold.Settings{}, start)
	register := holdtest.Reference()
	for _, e := range h.Register.Events() {
		register.Apply(e)
	}
	var seen []holdtest.Outcome
	for seed := range 200 {
		r, _ := register.Apply(h.World.AnyEvent(start).Example(seed))
		seen = append(seen, r.Outcome)
	}
	slices.Sort(seen)
	fmt.Println(slices.Compact(seen))
	// Output: [applied refused malformed]
}

// Requests of every kind come out of a world, whole ones and such as lack something.
func ExampleWorld_AnyRequest() {
	start := hold.MP185From()
	h := holdtest.NewHistory(holdtest.Worlds(start).Example(1), hold.Settings{}, start)
	world, err := holdtest.Decidable(h.Register, start)
	if err != nil {
		fmt.Println(err)
		return
	}
	outcomes := make(map[duis.Outcome]bool)
	for seed := range 200 {
		q := h.World.AnyRequest(h.Register, start).Example(seed)
		in := q.In(world)
		outcomes[duis.Decide(world, &in, start).Outcome] = true
	}
	fmt.Println(outcomes[duis.Accepted], outcomes[duis.Rejected], outcomes[duis.NoConnection])
	// Output: true true true
}

// Identities are drawn one by one where a whole world is too much.
func ExampleCertificates() {
	c := holdtest.Certificates("Alder", 0xA0, hold.MP185From()).Example(1)
	fmt.Println(c.Subscriber, c.StatusAt(hold.MP185From(), nil) == smki.Good)
	// Output: Alder true
}

// A program that is written in Go is made one that the kit can check from outside by serving its register.
func ExampleServe() {
	if err := holdtest.Serve(os.Stdin, os.Stdout, holdtest.Reference()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// In a test a program, in whatever language it is written, is checked as an implementation in Go is. Begin at the level of outcomes: rules and reasons are compared once those agree.
func ExampleStartProcess() {
	t := new(testing.T) // the test's own
	p, err := holdtest.StartProcess(t.Context(), func() *exec.Cmd { return exec.Command("python3", "register.py") })
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	holdtest.Conform(t, p, holdtest.Config{Level: holdtest.LevelOutcome})
}
