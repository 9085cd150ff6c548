package holdtest

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"
	"sync"

	"github.com/seed-db8551c1/lastresort/hold"
	"github.com/seed-db8551c1/lastresort/solr"
)

// Breadth-first search: all states of one depth are visited, in parallel, before any of the next. What they lead to is put together in the order of the states, whichever worker was first, so that the
// result does not depend on how many there are.

const chunk = 64 // states that a worker takes at a time

// reached is a state that a visit led to and that no earlier depth knew.
type reached struct {
	found
	profile uint64 // phases and instant
}

// visits is what a worker found out on one chunk.
type visits struct {
	reached    []reached
	violations []violated
}

type violated struct {
	state uint32
	path  []*action // done in the state
	name  string
	what  string
}

// worker visits states. Its sums are added up when all is done.
type worker struct {
	m         *model
	t         *table
	path      []uint16 // to the state at hand
	along     []*node  // its own copies of the states on that path, from the one in which nothing has happened yet
	scratch   machine  // where actions are tried
	probing   map[uint32]bool
	buf, buf2 []byte
	recent    []stateKey // keys without renaming that it came across before: that is most of them
	decided   map[stateKey]bool
	out       *visits
	states    float64
	sum       Exploration
	coverage  [][]Coverage
	seen      sight
	child     sight
	done      []taken
	duties    []hold.Duty
}

// sight is what a worker remembers of the state at hand.
type sight struct {
	failures []solr.Failure
	phase    [maxParties]solr.Phase
}

// taken is an action that was accepted.
type taken struct {
	action *action
	plain  stateKey
}

func (m *model) explore(ctx context.Context, empty machine, progress func(Progress)) (*Exploration, error) {
	if len(m.actions) > math.MaxUint16 {
		return nil, fmt.Errorf("holdtest: bound of %d actions: expected at most %d", len(m.actions), math.MaxUint16)
	}
	first, err := m.start(empty)
	if err != nil {
		return nil, err
	}
	t := new(table)
	workers := make([]*worker, runtime.GOMAXPROCS(0))
	for i := range workers {
		workers[i] = newWorker(m, t)
		workers[i].along = []*node{{machine: first.Clone(nil)}}
	}
	key, _ := workers[0].least(first, workers[0].plain(first))
	profile := workers[0].profile(first)
	t.add(found{key: key})
	profiles := map[uint64]int{profile: 1}
	probing := map[uint32]bool{0: true}
	total := &Exploration{Violations: []Violation{}}
	var lock sync.Mutex
	for lo, hi, depth := 0, 1, 0; lo < hi; lo, hi, depth = hi, len(t.states), depth+1 {
		total.Depth = depth
		results := make([]visits, (hi-lo+chunk-1)/chunk)
		next := 0
		var transitions uint64
		var all sync.WaitGroup
		for _, w := range workers {
			w.probing = probing
			all.Go(func() {
				for {
					lock.Lock()
					i := next
					next++
					if i < len(results) && progress != nil {
						progress(Progress{Depth: depth, Classes: uint64(len(t.states)), Frontier: uint64(hi - lo - i*chunk), Transitions: total.Transitions + transitions})
					}
					lock.Unlock()
					if i >= len(results) || ctx.Err() != nil {
						return
					}
					w.out = &results[i]
					w.path = w.path[:0] // what a chunk gives depends on nothing before it
					was := w.sum.Transitions
					for s := lo + i*chunk; s < min(hi, lo+(i+1)*chunk); s++ {
						w.visit(uint32(s))
					}
					lock.Lock()
					transitions += w.sum.Transitions - was
					lock.Unlock()
				}
			})
		}
		all.Wait()
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		total.Transitions += transitions
		probing = make(map[uint32]bool)
		for i := range results {
			for _, v := range results[i].violations {
				if len(total.Violations) < maxViolations {
					total.Violations = append(total.Violations, m.violation(t, v))
				}
			}
			for _, x := range results[i].reached {
				if !t.add(x.found) {
					continue
				}
				if profiles[x.profile] < probesPerProfile {
					profiles[x.profile]++
					probing[uint32(len(t.states)-1)] = true
				}
			}
			results[i] = visits{}
		}
		if len(total.Violations) > 0 {
			break
		}
		if len(t.states) > maxStates {
			return nil, fmt.Errorf("holdtest: more than %d classes of states: expected a smaller bound", maxStates)
		}
	}
	total.Classes = uint64(len(t.states))
	m.addUp(total, workers)
	return total, nil
}

const (
	maxViolations    = 10
	probesPerProfile = 4
	maxStates        = 1 << 30
)

// addUp puts together what the workers counted.
func (m *model) addUp(total *Exploration, workers []*worker) {
	decided := make(map[stateKey]bool)
	states := 0.0
	phases := len(solr.Phases())
	for _, k := range hold.Kinds() {
		for p := range phases {
			c := Coverage{Kind: k, Phase: solr.Phase(p)}
			for _, w := range workers {
				c.Accepted += w.coverage[k][p].Accepted
				c.Refused += w.coverage[k][p].Refused
			}
			total.Coverage = append(total.Coverage, c)
		}
	}
	for p := range phases {
		tried := slices.ContainsFunc(total.Coverage, func(c Coverage) bool { return c.Phase == solr.Phase(p) && c.Accepted+c.Refused > 0 })
		if !tried {
			total.Unreached = append(total.Unreached, solr.Phase(p).String())
		}
	}
	for _, w := range workers {
		states += w.states // whole numbers: the order of addition makes no difference below 2^53
		total.Refused += w.sum.Refused
		total.Checks.Acts += w.sum.Checks.Acts
		total.Checks.Pairs += w.sum.Checks.Pairs
		total.Checks.Probes += w.sum.Checks.Probes
		for k := range w.decided {
			decided[k] = true
		}
	}
	total.States = uint64(states)
	total.Checks.Decisions = uint64(len(decided))
}

// violation writes down how it came to one.
func (m *model) violation(t *table, v violated) Violation {
	path := t.path(v.state)
	return Violation{Invariant: v.name, What: v.what, Actions: len(path) + len(v.path), Settings: m.bound.Settings, Events: m.events(path, v.path...)}
}

func newWorker(m *model, t *table) *worker {
	w := &worker{m: m, t: t, recent: make([]stateKey, 1<<16), decided: make(map[stateKey]bool)}
	w.coverage = make([][]Coverage, len(hold.Kinds())+1)
	for i := range w.coverage {
		w.coverage[i] = make([]Coverage, len(solr.Phases()))
	}
	return w
}

// plain is the key of a state under the names that it has.
func (w *worker) plain(n *node) stateKey {
	w.buf = w.m.appendKey(w.buf[:0], n, &w.m.renamed[0])
	return hashKey(w.buf)
}

// plainAgain is plain of the same register as last time, of which only what is used up has changed.
func (w *worker) plainAgain(n *node) stateKey {
	w.m.appendUsed(w.buf[:0], n, &w.m.renamed[0]) // over what stands there, which is as long
	return hashKey(w.buf)
}

// least is the least key of a state under any renaming, given the one under the names that it has, and how many renamings leave that as it is.
func (w *worker) least(n *node, plain stateKey) (least stateKey, same int) {
	least, same = plain, 1
	for i := 1; i < len(w.m.renamed); i++ {
		w.buf2 = w.m.appendKey(w.buf2[:0], n, &w.m.renamed[i])
		switch k := hashKey(w.buf2); {
		case k == plain:
			same++
		case k.less(least):
			least = k
		}
	}
	return least, same
}

// equalRecords is in how many ways the MPIDs and certificates of a key can change places with equal ones.
func equalRecords(key []byte) float64 {
	ways := 1.0
	for list := range 3 { // failures, MPIDs, certificates
		n := int(binary.BigEndian.Uint16(key))
		key = key[2:]
		var last []byte
		run := 0
		for range n {
			size := 2 + int(binary.BigEndian.Uint16(key))
			record := key[:size]
			key = key[size:]
			if list == 0 {
				continue
			}
			if bytes.Equal(record, last) {
				run++
			} else {
				run = 1
			}
			ways *= float64(run)
			last = record
		}
	}
	return ways
}

// profile is the phases of the failures and the instant, whoever they are.
func (w *worker) profile(n *node) uint64 {
	var p [maxParties]byte
	all := w.failures(&w.child, n)
	for i := range all {
		p[i] = byte(all[i].Phase) + 1
	}
	slices.Sort(p[:])
	x := uint64(n.now)
	for _, b := range p {
		x = x*uint64(len(solr.Phases())+1) + uint64(b)
	}
	return x
}

func (w *worker) failures(s *sight, n *node) []solr.Failure {
	s.failures = n.Failures(w.m.bound.Instants[n.now])
	s.phase = [maxParties]solr.Phase{}
	for i := range s.failures {
		s.phase[s.failures[i].Supplier[0]-'A'] = s.failures[i].Phase
	}
	return s.failures
}

// visit rebuilds a state, checks it, and tries everything that can come next.
func (w *worker) visit(state uint32) {
	n := w.rebuild(state)
	plain := w.plain(n)
	places := equalRecords(w.buf[w.m.usedLen:])
	least, same := w.least(n, plain)
	if key := w.t.states[state].key; least != key {
		w.path = w.path[:0]
		n = w.rebuild(state)
		if least, _ = w.least(n, w.plain(n)); least != key {
			w.violate(state, "replay", "the events that led to a state lead to another when they are applied again to an empty register")
		} else {
			w.violate(state, "clone", "an event applied to a clone changed the original")
		}
		w.path = w.path[:0]
		return
	}
	w.states += w.m.order / (float64(same) * places) // how many differ from this one only in who is who: all renamings, over those that leave it as it is
	w.failures(&w.seen, n)
	w.checkState(n, state)
	w.done = w.done[:0]
	w.reset(n)
	if w.unlike(n, plain) {
		w.violate(state, "clone", "a clone is not like its original")
		return
	}
	for i := range w.m.actions {
		a := &w.m.actions[i]
		if !n.left(w.m, a) || !a.time && !a.opens && w.seen.phase[a.party] == solr.Trading || a.late && n.now == 0 {
			continue
		}
		if child, named, ok := w.try(n, plain, state, a); !ok {
			w.checkRefusal(n, plain, state, a)
			continue
		} else if child != nil {
			w.done = append(w.done, taken{a, named})
			if !w.cached(named) {
				if key, _ := w.least(child, named); !w.t.has(key) {
					w.out.reached = append(w.out.reached, reached{found{key, state, uint16(i)}, w.profile(child)})
				}
			}
		}
		w.reset(n)
	}
	if w.probing[state] {
		for i := range w.m.probes {
			a := &w.m.probes[i]
			if _, _, ok := w.try(n, plain, state, a); ok {
				w.reset(n)
			} else {
				w.checkRefusal(n, plain, state, a)
			}
			w.sum.Checks.Probes++
		}
	}
	if w.plain(n) != plain {
		w.violate(state, "clone", "an event applied to a clone changed the original")
		w.path = w.path[:0]
	}
	w.checkPair(n, state)
}

// reset makes the scratch a clone of a state again.
func (w *worker) reset(n *node) { w.scratch = n.Clone(w.scratch) }

// unlike reports whether the scratch is not like the state that it is a clone of.
func (w *worker) unlike(n *node, plain stateKey) bool {
	return w.plain(&node{w.scratch, n.now, n.used, n.inAll}) != plain
}

// checkRefusal: an action that was refused changes nothing. If all along the original has changed, that was by what was applied to its clones.
func (w *worker) checkRefusal(n *node, plain stateKey, state uint32, a *action) {
	if !w.unlike(n, plain) {
		return
	}
	if w.plain(n) == plain {
		w.violate(state, "refusal", "an event that was refused changed the register", a)
	}
	w.reset(n)
}

// rebuild replays the events that lead to a state, from where its path leaves that of the state before: most have their parent in common.
func (w *worker) rebuild(state uint32) *node {
	path := w.t.path(state)
	at := 0
	for at < min(len(path), len(w.path)) && path[at] == w.path[at] {
		at++
	}
	w.path = path
	for ; at < len(path); at++ {
		if at+1 == len(w.along) {
			w.along = append(w.along, new(node))
		}
		n, last := w.along[at+1], w.along[at]
		*n = node{last.Clone(n.machine), last.now, last.used, last.inAll}
		w.repeat(n, &w.m.actions[path[at]])
	}
	return w.along[at]
}

// repeat does an action of a path again.
func (w *worker) repeat(n *node, a *action) {
	if a.time {
		n.pass(w.m)
		return
	}
	n.spend(a.party, a.uses)
	broke := false
	for _, e := range a.events {
		e.At = w.m.at(n, a)
		applied, _ := n.Apply(e)
		broke = broke || len(applied.Breaches) > 0
	}
	if broke {
		n.spend(a.party, forbidden)
	}
}

// cached reports whether a state came across before, and notes it.
func (w *worker) cached(plain stateKey) bool {
	at := &w.recent[plain.lo&uint64(len(w.recent)-1)]
	if *at == plain {
		return true
	}
	*at = plain
	return false
}

// try does an action on the scratch, a clone of a state. It is false if the action was refused; else it gives the state that it leads to with its key as named, or nil if the bound ends there.
func (w *worker) try(n *node, plain stateKey, state uint32, a *action) (*node, stateKey, bool) {
	w.sum.Transitions++
	child := &node{w.scratch, n.now, n.used, n.inAll}
	if a.time {
		child.pass(w.m)
		return child, w.plain(child), true
	}
	at := w.m.at(n, a)
	accepted, broke := false, false
	for i := range a.events {
		e := a.events[i]
		e.At = at
		applied, err := w.scratch.Apply(e)
		w.count(a, e.Kind, err)
		w.checkApplied(n, state, a, &e, applied, err)
		accepted = accepted || err == nil
		if !accepted && !a.any {
			break
		}
		broke = broke || len(applied.Breaches) > 0
	}
	if !accepted {
		w.sum.Refused++
		return nil, stateKey{}, false
	}
	if broke && child.inAll[forbidden] >= w.m.limits[forbidden] {
		return nil, stateKey{}, true
	}
	key := w.plain(child)
	if a.uses != unlimited && key == plain {
		return nil, stateKey{}, true // what changes nothing uses nothing up
	}
	child.spend(a.party, a.uses)
	if broke {
		child.spend(a.party, forbidden)
	}
	key = w.plainAgain(child)
	w.checkStep(n, child, state, a)
	return child, key, true
}

func (w *worker) count(a *action, k hold.Kind, err error) {
	c := &w.coverage[k][w.seen.phase[a.party]]
	if err != nil {
		c.Refused++
	} else {
		c.Accepted++
	}
}

func (w *worker) violate(state uint32, name, what string, path ...*action) {
	w.out.violations = append(w.out.violations, violated{state, slices.Clone(path), name, what})
}

// asRuleError reports whether a refusal names a rule.
func asRuleError(err error) bool { return errors.As(err, new(*hold.RuleError)) }
