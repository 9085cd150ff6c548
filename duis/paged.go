package duis

import "slices"

const (
	pageBits = 9
	pageSize = 1 << pageBits // records that one change copies: the price of publishing against the price of looking up
)

// paged is an append-only array in pages, so that a changed copy shares all pages but those it changed.
// Invariant: every page but the last is full, and a page that a World can see is never written.
type paged[T any] struct {
	pages []*[pageSize]T
	n     int
}

func (p *paged[T]) at(i int) *T { return &p.pages[i>>pageBits][i&(pageSize-1)] }

// editor is a paged array under change: it copies the pages it touches, once each.
type editor[T any] struct {
	paged[T]
	own []bool // by page: made by this editor, so free to be written
}

func (p *paged[T]) edit() editor[T] {
	return editor[T]{paged[T]{slices.Clone(p.pages), p.n}, make([]bool, len(p.pages))}
}

// writable is the record i, in a page of the editor's own.
func (e *editor[T]) writable(i int) *T {
	k := i >> pageBits
	if !e.own[k] {
		page := *e.pages[k]
		e.pages[k] = &page
		e.own[k] = true
	}
	return &e.pages[k][i&(pageSize-1)]
}

func (e *editor[T]) append(v T) {
	if e.n == len(e.pages)<<pageBits {
		e.pages = append(e.pages, new([pageSize]T))
		e.own = append(e.own, true)
	}
	e.n++
	*e.writable(e.n - 1) = v
}

// extend makes the array n records long, the new ones zero.
func (e *editor[T]) extend(n int) {
	for len(e.pages)<<pageBits < n {
		e.pages = append(e.pages, new([pageSize]T))
		e.own = append(e.own, true)
	}
	e.n = n
}

// publish ends the change: no page may be written after it.
func (e *editor[T]) publish() paged[T] {
	clear(e.own)
	return e.paged
}
