package holdtest_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/seed-db8551c1/lastresort/hold"
	"github.com/seed-db8551c1/lastresort/hold/holdtest"
)

// Every invariant holds in every state that one failure can come to, and in those of two failures and of more SoLRs and MPIDs without delays.
func TestEveryState(t *testing.T) {
	t.Parallel()
	for _, size := range [][3]int{{1, 1, 1}, {1, 2, 2}, {2, 1, 1}} {
		bounds, err := holdtest.Bounds(size[0], size[1], size[2])
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range bounds {
			if size != [3]int{1, 1, 1} && b.Name != "rule changes" && b.Name != "acts" {
				continue
			}
			t.Run(fmt.Sprintf("%v %s", size, b.Name), func(t *testing.T) {
				x, err := holdtest.Explore(t.Context(), b, nil)
				if err != nil {
					t.Fatal(err)
				}
				for _, v := range x.Violations {
					t.Error(v)
				}
				if x.States < x.Classes || x.Transitions < x.Classes {
					t.Errorf("%d states, %d classes, %d transitions", x.States, x.Classes, x.Transitions)
				}
			})
		}
	}
}

// Whatever the number of processors, a check finds the same.
func TestCheckIsTheSameOnAnyNumberOfProcessors(t *testing.T) {
	bounds, err := holdtest.Bounds(1, 1, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	var first *holdtest.Exploration
	for _, n := range []int{1, 2, 5} {
		runtime.GOMAXPROCS(n)
		x, err := holdtest.Explore(t.Context(), bounds[1], nil)
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = x
		}
		if diff := cmp.Diff(first, x); diff != "" {
			t.Errorf("with %d processors (-1 +%d):\n%s", n, n, diff)
		}
	}
}

// Every kind of event is tried in every phase that is reached, and over all bounds of one failure every phase but trading is. What a phase always refuses is refused for a reason.
func TestCheckCoversKindsAndPhases(t *testing.T) {
	t.Parallel()
	bounds, err := holdtest.Bounds(1, 1, 1)
	if err != nil {
		t.Fatal(err)
	}
	tried := make(map[string]uint64)
	for _, b := range bounds {
		x, err := holdtest.Explore(t.Context(), b, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range x.Coverage {
			tried[fmt.Sprintf("%v in %v", c.Kind, c.Phase)] += c.Accepted + c.Refused
		}
	}
	for what, n := range tried {
		if n == 0 {
			t.Errorf("no %s", what)
		}
	}
}

// At one instant two failures of one SoLR have the states of one, squared, and those in which one of the two is delayed are as many as that gives.
func TestFailuresMultiply(t *testing.T) {
	t.Parallel()
	bounds, err := holdtest.Bounds(2, 1, 1)
	if err != nil {
		t.Fatal(err)
	}
	states := func(failures, delays, delayed int) uint64 {
		b := bounds[0]
		b.Failures, b.Delays, b.Delayed, b.Instants = failures, delays, delayed, holdtest.Instants()[3:4]
		x, err := holdtest.Explore(t.Context(), b, nil)
		if err != nil || len(x.Violations) > 0 {
			t.Fatalf("%v, %v", x, err)
		}
		return x.States
	}
	without, with := states(1, 0, 0), states(1, 1, 0)
	if got, want := states(2, 1, 0), with*with; got != want {
		t.Errorf("%d states of two failures, want %d", got, want)
	}
	if got, want := states(2, 1, 1), without*without+2*without*(with-without); got != want || with == without {
		t.Errorf("%d states of two failures of which one is delayed, want %d", got, want)
	}
}

// A bound that cannot be met is refused, and a check can be given up.
func TestCheckRefusesAndStops(t *testing.T) {
	for _, size := range [][3]int{{0, 1, 1}, {4, 1, 1}, {1, 0, 1}, {1, 6, 1}, {1, 1, 0}, {1, 1, 9}} {
		if _, err := holdtest.Bounds(size[0], size[1], size[2]); !errors.As(err, new(*holdtest.BoundError)) {
			t.Errorf("error %v for %v, want a BoundError", err, size)
		}
	}
	bounds, err := holdtest.Bounds(2, 2, 2)
	if err != nil {
		t.Fatal(err)
	}
	late := bounds[0]
	late.Instants = append(late.Instants, late.Instants[0])
	if _, err := holdtest.Explore(t.Context(), late, nil); !errors.As(err, new(*holdtest.BoundError)) {
		t.Errorf("error %v for instants out of order, want a BoundError", err)
	}
	ctx, stop := context.WithCancel(t.Context())
	if _, err := holdtest.Explore(ctx, bounds[0], func(p holdtest.Progress) {
		if p.Depth > 2 {
			stop()
		}
	}); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want that of the context", err)
	}
}

// One operation is a check of the smallest bound: 546 states.
func BenchmarkExplore(b *testing.B) {
	bounds, err := holdtest.Bounds(1, 1, 1)
	if err != nil {
		b.Fatal(err)
	}
	states := uint64(0)
	for b.Loop() {
		x, err := holdtest.Explore(b.Context(), bounds[1], nil)
		if err != nil {
			b.Fatal(err)
		}
		states += x.States
	}
	b.ReportMetric(float64(states)/b.Elapsed().Seconds(), "states/s")
}

// An exhaustive check visits every state within a bound, and checks every invariant in each.
func ExampleExplore() {
	bounds, err := holdtest.Bounds(1, 1, 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	b := bounds[0]
	b.Settings = hold.Settings{Enforce: true}
	x, err := holdtest.Explore(context.Background(), b, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%s: %d states, %d transitions, %d violations\n", b.Name, x.States, x.Transitions, len(x.Violations))
	// Output: delays: 120 states, 2155 transitions, 0 violations
}
