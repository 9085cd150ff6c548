package duis

import (
	"math/bits"
	"time"

	"github.com/seed-db8551c1/lastresort/smki"
	"github.com/seed-db8551c1/lastresort/solr"
)

// Threshold is an anomaly detection threshold: how many requests a User may send in a window before the DCC warns, and before it quarantines
// (SEC Section G6 and Appendix AA).
type Threshold struct {
	User  smki.EUI64     `json:"user"`
	Roles smki.UserRoles `json:"roles,omitempty"` // the roles whose requests are counted together; none for all
	SRV   SRV            `json:"srv,omitempty"`   // none for all requests together
	// Warning and Quarantine are the numbers of requests in a window that pass without a warning, and without quarantine.
	Warning    uint64 `json:"warning"`
	Quarantine uint64 `json:"quarantine"`
}

// Replaces reports whether two thresholds count the same requests, so that the later one counts.
func (t Threshold) Replaces(o Threshold) bool {
	return t.User == o.User && t.Roles == o.Roles && t.SRV == o.SRV
}

// DefaultPairs is how many pairs of originator and target a [Counters] remembers unless told otherwise.
const DefaultPairs = 1 << 20

// Counters is the memory of the filter: the last counter of each originator and target, against replay, and the requests of each User in the current
// window, against its thresholds. The zero value is empty and ready to use. It is not safe for concurrent use.
//
// It remembers at most Pairs pairs exactly. Of pairs that it has to forget it keeps, for each originator, the largest counter, and refuses
// anything up to that from a pair it does not know: a replay never passes, and a User whose counters grow over all its targets notices nothing.
type Counters struct {
	// Pairs bounds the pairs of originator and target that are remembered, at least 2; zero means DefaultPairs.
	Pairs int
	// Window is how long requests are counted together; zero means the calendar day in London (UNCERTAIN: the SEC's own window was not seen).
	Window time.Duration

	young, old map[pair]uint64       // the pairs in two generations: of about half the bound each
	forgotten  map[smki.EUI64]uint64 // by originator, the largest counter of a pair that was dropped
	sent       map[smki.EUI64]*sent  // by User, the requests of the current window
	from, to   time.Time             // the current window
}

type pair struct{ originator, target smki.EUI64 }

// sent counts requests by role and variant, both plus one; zero is all together.
type sent [numRoles + 1][NumSRV + 1]uint64

const numRoles = int(smki.OtherUser) + 1

// of is how many requests a threshold counts.
func (s *sent) of(roles smki.UserRoles, v SRV) (n uint64) {
	if s == nil {
		return 0
	}
	if roles == 0 {
		return s[0][v.index()]
	}
	for rest := roles; rest != 0; rest &= rest - 1 {
		if i := bits.TrailingZeros8(uint8(rest)); i < numRoles {
			n += s[i+1][v.index()]
		}
	}
	return n
}

// Admit completes a decision of [Decide] by the checks that need memory: the counter of the RequestID, which must be larger than the last one of the same originator and
// target, and the thresholds of the User. All checks are read first. Only a request that passes everything but the thresholds is remembered: accepted or
// quarantined, it has used its RequestID and counts in its window. A refused request changes nothing.
//
// Each message counts: the Pre-Command and the Signed Pre-Command of one critical command are two.
func (c *Counters) Admit(w *World, r *Request, d Decision) Decision {
	d = c.check(w, r, d)
	c.commit(r, &d)
	return d
}

// check is what the memory says against a request. It changes nothing: the window of a new day begins with the first request that counts in it.
func (c *Counters) check(w *World, r *Request, d Decision) Decision {
	if last, known := c.last(r.ID); known && r.ID.Counter <= last {
		d.Reasons |= 1 << Replayed
	}
	if !w.feeds[ThresholdFeed].current(nanoseconds(d.Received)) {
		d.Reasons |= 1 << ThresholdsNotCurrent
	}
	known := false
	if u := w.directory.user(r.ID.Originator); u != nil {
		var so *sent
		if d.Received.Before(c.to) {
			so = c.sent[u.id]
		}
		for i := range u.thresholds {
			t := &u.thresholds[i]
			if t.SRV != 0 && t.SRV != r.SRV || t.Roles != 0 && !t.Roles.Has(d.Role) {
				continue
			}
			known = true
			if n := so.of(t.Roles, t.SRV); n >= t.Quarantine {
				d.Reasons |= 1 << OverThreshold
			} else if n >= t.Warning {
				d.Advice |= 1 << OverThreshold
			}
		}
	}
	if !known {
		d.Reasons |= 1 << ThresholdMissing
	}
	d.conclude(w.rules())
	return d
}

// commit remembers a request that passed everything but the thresholds, and reports whether it did.
func (c *Counters) commit(r *Request, d *Decision) bool {
	if d.Reasons&^(1<<OverThreshold) != 0 {
		return false
	}
	c.turn(d.Received)
	n := c.sent[r.ID.Originator]
	if n == nil {
		n = new(sent)
		c.sent[r.ID.Originator] = n
	}
	n[0][0]++
	n[0][r.SRV.index()]++
	n[d.Role+1][0]++
	n[d.Role+1][r.SRV.index()]++

	limit := c.Pairs
	if limit == 0 {
		limit = DefaultPairs
	}
	if len(c.young) >= max(1, limit/2) {
		if c.forgotten == nil {
			c.forgotten = make(map[smki.EUI64]uint64)
		}
		for p, n := range c.old {
			c.forgotten[p.originator] = max(c.forgotten[p.originator], n)
		}
		clear(c.old)
		c.old, c.young = c.young, c.old
	}
	if c.young == nil {
		c.young = make(map[pair]uint64)
	}
	c.young[pair{r.ID.Originator, r.ID.Target}] = r.ID.Counter
	return true
}

// Sent is how many requests of a User were counted in the window that contains a time: in some roles, with none in all, and of one variant, with none of all together.
func (c *Counters) Sent(user smki.EUI64, roles smki.UserRoles, srv SRV, at time.Time) uint64 {
	if at.Before(c.from) || !at.Before(c.to) {
		return 0
	}
	return c.sent[user].of(roles, srv)
}

// last is the largest counter that the pair is known to have used.
func (c *Counters) last(id RequestID) (uint64, bool) {
	p := pair{id.Originator, id.Target}
	if n, ok := c.young[p]; ok {
		return n, true
	}
	if n, ok := c.old[p]; ok {
		return n, true
	}
	n, ok := c.forgotten[id.Originator]
	return n, ok
}

// turn starts a new window if the time is not in the current one. Time that goes back stays in the current window.
func (c *Counters) turn(at time.Time) {
	if c.sent != nil && at.Before(c.to) {
		return
	}
	if c.Window > 0 {
		c.from = at.Truncate(c.Window)
		c.to = c.from.Add(c.Window)
	} else {
		c.from = solr.DayOf(at)
		c.to = solr.DayOf(c.from.Add(36 * time.Hour)) // the next midnight, also across a change of the clocks
	}
	if c.sent == nil {
		c.sent = make(map[smki.EUI64]*sent)
	}
	clear(c.sent)
}
