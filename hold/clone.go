package hold

import (
	"maps"
	"slices"
)

// Clone gives a register that shares nothing that either could change. What both have and neither changes they share: events, the directory until one of them changes it, and the maps by party, which are
// replaced.
func (r *Register) Clone() *Register {
	c := new(Register)
	c.Set(r)
	return c
}

// Set makes r what x.Clone() gives, in the memory that r has: that is for registers on which events are tried. What r was is lost.
func (r *Register) Set(x *Register) {
	x.log, x.chain, x.acts, x.instructed, x.told = slices.Clip(x.log), slices.Clip(x.chain), slices.Clip(x.acts), slices.Clip(x.instructed), slices.Clip(x.told) // append-only: the first to append makes its own copy
	was := *r
	*r = *x
	r.seen = maps.Clone(x.seen)
	r.dir = *x.dir.Clone()
	r.failures = setEach(was.failures, x.failures, (*failure).set)
	r.supports = setEach(was.supports, x.supports, copyOf)
	r.limits = append(was.limits[:0], x.limits...)
	r.ordinary = maps.Clone(x.ordinary)
	r.onCRL = maps.Clone(x.onCRL)
}

func (f *failure) set(x *failure) {
	was := *f
	*f = *x
	f.mpids = setEach(was.mpids, x.mpids, (*mpidItem).set)
	f.earlier = setEach(was.earlier, x.earlier, (*mpidItem).set)
	f.certs = append(was.certs[:0], x.certs...) // the items themselves never change
	f.delays = setEach(was.delays, x.delays, (*delay).set)
	f.safeModes = append(was.safeModes[:0], x.safeModes...)
	f.named = append(was.named[:0], x.named...)
}

func (f *failure) clone() *failure {
	c := new(failure)
	c.set(f)
	return c
}

func (m *mpidItem) set(x *mpidItem) {
	was := *m
	*m = *x
	m.announced = append(was.announced[:0], x.announced...)
	m.directions = setEach(was.directions, x.directions, copyOf)
}

func (d *delay) set(x *delay) {
	was := *d
	*d = *x
	d.items = append(was.items[:0], x.items...)
}

func copyOf[T any](to, from *T) { *to = *from }

// setEach makes what the pointers of a list point to like that of another, in the memory of the first, what it held before it became shorter included. Nothing else may point there.
func setEach[T any](to, from []*T, set func(to, from *T)) []*T {
	to = to[:cap(to)]
	if n := slices.Index(to, nil); n >= 0 {
		to = to[:n]
	}
	if n := len(from) - len(to); n > 0 {
		more := make([]T, n) // in one piece
		for i := range more {
			to = append(to, &more[i])
		}
	}
	for i, x := range from {
		set(to[i], x)
	}
	return to[:len(from)]
}

// with is a map with one value more, or another one: maps that clones share are replaced and never changed. They are small: by party.
func with[K comparable, V any](m map[K]V, k K, v V) map[K]V {
	c := make(map[K]V, len(m)+1)
	maps.Copy(c, m)
	c[k] = v
	return c
}
