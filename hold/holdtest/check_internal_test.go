package holdtest

import (
	"context"
	"os"
	"strconv"
	"testing"
	"time"
)

func TestTry(t *testing.T) {
	n := func(name string, d int) int {
		if x, err := strconv.Atoi(os.Getenv(name)); err == nil {
			return x
		}
		return d
	}
	parts, err := Bounds(n("F", 1), n("S", 1), n("M", 1))
	if err != nil {
		t.Fatal(err)
	}
	b := parts[n("PART", 0)]
	for _, x := range []struct {
		name string
		p    *int
	}{{"ANN", &b.Announcements}, {"APP", &b.Appointments}, {"DEL", &b.Delays}, {"DIR", &b.Directions}, {"REQ", &b.Requests}, {"EXT", &b.Extensions}, {"SAFE", &b.SafeModes}, {"MIG", &b.Migrations}, {"EXIT", &b.Exits}, {"BRE", &b.Breaches}, {"COM", &b.Compromises}, {"CAS", &b.Cascades}, {"CERT", &b.Certificates}} {
		*x.p = n(x.name, *x.p)
	}
	if k := n("INST", 0); k > 0 {
		b.Instants = b.Instants[len(b.Instants)-k:]
	}
	ctx, stop := context.WithTimeout(context.Background(), time.Duration(n("SEC", 15))*time.Second)
	defer stop()
	start := time.Now()
	last := start
	r, err := Explore(ctx, b, func(p Progress) {
		if time.Since(last) > 2*time.Second {
			last = time.Now()
			t.Logf("depth %d classes %d frontier %d transitions %d %.0f/s", p.Depth, p.Classes, p.Frontier, p.Transitions, float64(p.Transitions)/time.Since(start).Seconds())
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	s := time.Since(start).Seconds()
	t.Logf("states %d classes %d transitions %d refused %d depth %d checks %+v unreached %v; %.1f s: %.0f states/s, %.0f classes/s, %.0f transitions/s", r.States, r.Classes, r.Transitions, r.Refused, r.Depth, r.Checks, r.Unreached, s, float64(r.States)/s, float64(r.Classes)/s, float64(r.Transitions)/s)
	for _, v := range r.Violations {
		t.Errorf("%v", v.Error())
		for _, e := range v.Events[len(v.Events)-v.Actions:] {
			t.Logf("  %v %v f=%s by=%s p=%s %v %v %v", e.At.Format(time.DateOnly), e.Kind, e.Failure, e.By, e.Party, e.MPIDs, e.Certificates, e.Controls)
		}
	}
}
