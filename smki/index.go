package smki

import (
	"maps"
	"sync/atomic"
)

// index is a map that a clone shares with its original until either changes it. The zero value is empty. Several readers may clone one at the same time.
type index[K comparable, V any] struct {
	all    map[K]V
	shared *atomic.Bool // whether all may be another's as well
}

func (x *index[K, V]) set(k K, v V) {
	if x.shared == nil || x.shared.Load() {
		own := make(map[K]V, len(x.all)+1)
		maps.Copy(own, x.all)
		x.all, x.shared = own, new(atomic.Bool)
	}
	x.all[k] = v
}

func (x *index[K, V]) clone() index[K, V] {
	if x.shared != nil && !x.shared.Load() {
		x.shared.Store(true)
	}
	return *x
}
