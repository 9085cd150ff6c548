package main

import "github.com/seed-db8551c1/lastresort/sim/des"

// input is the delays of both models, in µs.
type input struct {
	pending int
	hold    []des.Time // mean 1,000 s
	gap     []des.Time // by customer; mean 1/0.9 s
	work    []des.Time // by customer; mean 1 s
}

func draw(sz sizes) *input {
	in := &input{
		pending: sz.pending,
		hold:    make([]des.Time, 2*sz.pending+sz.events+1),
		gap:     make([]des.Time, sz.events),
		work:    make([]des.Time, sz.events),
	}
	src := des.Source{Seed: 1}
	for i := range in.hold {
		in.hold[i] = des.FromSeconds(1000 * src.Exp(0, 0, uint64(i)))
	}
	for i := range in.gap {
		in.gap[i] = des.FromSeconds(src.Exp(1, 0, uint64(i)) / 0.9)
		in.work[i] = des.FromSeconds(src.Exp(2, 0, uint64(i)))
	}
	return in
}
