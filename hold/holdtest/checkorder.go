package holdtest

import (
	"fmt"
	"slices"
	"time"

	"github.com/seed-db8551c1/lastresort/hold"
	"github.com/seed-db8551c1/lastresort/smki"
)

// copies is one history under three regimes. The DCC's acts are not part of it: each copy does every duty as soon as it is due. The embedded one is under MP185; what it refuses does not happen.
type copies struct {
	*hold.Register
	under [2]*hold.Register // Baseline and MP134A
	fault func(*hold.Register, hold.Event)
}

func newCopies(s hold.Settings) *copies {
	of := func(r hold.Regime) *hold.Register {
		s.Regime = r
		return &hold.Register{Settings: s}
	}
	return &copies{Register: of(hold.MP185), under: [2]*hold.Register{of(hold.Baseline), of(hold.MP134A)}}
}

func (c *copies) Clone(old machine) machine {
	x, ok := old.(*copies)
	if !ok {
		x = newCopies(c.Settings)
	}
	x.Set(c.Register)
	for i, r := range c.under {
		x.under[i].Set(r)
	}
	x.fault = c.fault
	return x
}

func (c *copies) Apply(e hold.Event) (hold.Applied, error) {
	a, err := c.Register.Apply(e)
	if err != nil {
		return a, err
	}
	if c.fault != nil {
		c.fault(c.Register, e)
	}
	settle(c.Register, e.At)
	_, _ = c.under[0].Apply(e) // what a regime does not know it refuses
	settle(c.under[0], e.At)
	switch e.Kind { // MP134A knows certificates only
	case hold.DelayDirected:
		e.Controls &= hold.Revocation
	case hold.ReleaseInstructed:
		e.MPIDs = nil
	}
	_, _ = c.under[1].Apply(e)
	settle(c.under[1], e.At)
	return a, err
}

// pass does what becomes due as time passes.
func (c *copies) pass(at time.Time) {
	settle(c.Register, at)
	for _, r := range c.under {
		settle(r, at)
	}
}

// settle does every open duty, and what becomes due by that.
func settle(r *hold.Register, at time.Time) {
	for acts := Must(r.Duties(at), at); len(acts) > 0; acts = Must(r.Duties(at), at) {
		was := len(r.Events())
		for _, e := range acts {
			_, _ = r.Apply(e)
		}
		if len(r.Events()) == was {
			return
		}
	}
}

func (c *copies) AppendKey(b []byte, from time.Time, number func(smki.PartyID) byte) []byte {
	b = c.Register.AppendKey(b, from, number)
	for _, r := range c.under {
		b = r.AppendKey(b, from, number)
	}
	return b
}

// checkOrder: what passes the checks of certificates and MPIDs in a failed supplier's name under one regime passes under the next, and what the DCC did as duty asks broke nothing.
func (w *worker) checkOrder(c *copies, state uint32, at time.Time) {
	all := [...]*hold.Register{c.under[0], c.under[1], c.Register}
	for _, r := range all {
		if b := r.Breaches(); len(b) > 0 {
			w.violate(state, "order", fmt.Sprintf("under %v the DCC did its duty and broke %v", r.Settings.Regime, b[0].Rules))
		}
	}
	for i := range w.seen.failures {
		p := w.seen.failures[i].Supplier
		for _, m := range c.Directory().MPIDs() {
			for _, cert := range c.Directory().Subscribed(p) {
				passed := false
				for _, r := range all {
					owner, _ := r.Directory().DCC.Owner(m.ID, at)
					passes := owner == p && r.Directory().Status(cert.ID, at) == smki.Good
					if passed && !passes {
						w.violate(state, "order", fmt.Sprintf("requests of %s through %s pass under a regime before %v, and not under it", p, m.ID, r.Settings.Regime))
					}
					passed = passes
				}
			}
		}
	}
}

// ofDCC reports whether an action is the DCC's.
func ofDCC(a action) bool {
	return slices.ContainsFunc(a.events, func(e hold.Event) bool {
		return e.Kind == hold.MPIDTransferred || e.Kind == hold.CertificateRevoked || e.Kind == hold.ThresholdsApplied
	})
}
