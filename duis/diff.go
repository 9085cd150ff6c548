package duis

import (
	"fmt"
	"iter"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/seed-db8551c1/lastresort/smki"
)

// Change is one difference between two versions of a World, for whoever watches what a feed brings: an entry that disappears is worth an alarm.
type Change struct {
	What          string // "user", "certificate", "MPID", "registration", "network", "device", "threshold" or "feed"
	Subject       string // which one
	Before, After string // what was said of it; empty for nothing
}

func (c Change) String() string {
	return fmt.Sprintf("%s %s: %q, was %q", c.What, c.Subject, c.After, c.Before)
}

// Diff lists what is different in a later version of a World: Users, certificates, MPIDs and thresholds, metering points and devices in the order of their first record,
// then the feeds. Of a metering point it compares the latest registration. The cost grows with what was touched, not with the estate: pages of the tables that both share are skipped.
func Diff(before, after *World) iter.Seq[Change] {
	return func(yield func(Change) bool) {
		d := differ{before, after, yield}
		_ = d.directory() && d.thresholds() && d.points() && d.devices() && d.feeds()
	}
}

type differ struct {
	a, b  *World
	yield func(Change) bool
}

// change yields a difference, if it is one; false to stop.
func (d *differ) change(what, subject, before, after string) bool {
	return before == after || d.yield(Change{what, subject, before, after})
}

func (d *differ) directory() bool {
	a, b := &d.a.directory, &d.b.directory
	user := func(t *directoryTables, i int) string {
		if i >= len(t.users) {
			return ""
		}
		u := &t.users[i]
		s := string(t.parties[u.party].id) + " " + u.roles.String()
		if u.suspended {
			s += " suspended"
		}
		return s
	}
	for i := range max(len(a.users), len(b.users)) {
		if !d.change("user", pick(i, a.users, b.users).id.String(), user(a, i), user(b, i)) {
			return false
		}
	}
	cert := func(t *directoryTables, i int) string {
		if i >= len(t.certs) {
			return ""
		}
		c := &t.certs[i]
		return fmt.Sprintf("%v of %v, %s to %s, %s", c.use, c.subject, instantText(c.notBefore, "ever"), instantText(c.notAfter, "no end"), instantText(c.revoked, "not revoked"))
	}
	for i := range max(len(a.certs), len(b.certs)) {
		if i < len(a.certs) && i < len(b.certs) && a.certs[i] == b.certs[i] {
			continue
		}
		if !d.change("certificate", string(pick(i, a.certIDs, b.certIDs)), cert(a, i), cert(b, i)) {
			return false
		}
	}
	mpid := func(t *directoryTables, i int) string {
		if i >= len(t.mpids) {
			return ""
		}
		m := &t.mpids[i]
		return string(t.parties[m.last.party].id) + " from " + instantText(m.last.from, "")
	}
	for i := 1; i < max(len(a.mpids), len(b.mpids)); i++ {
		if !d.change("MPID", string(pick(i, a.mpids, b.mpids).id), mpid(a, i), mpid(b, i)) {
			return false
		}
	}
	return true
}

// pick is the record i of whichever list has it.
func pick[T any](i int, a, b []T) T {
	if i < len(a) {
		return a[i]
	}
	return b[i]
}

func instantText(ns int64, none string) string {
	if ns == math.MaxInt64 || ns == math.MinInt64 {
		return none
	}
	return time.Unix(0, ns).UTC().Format(time.RFC3339Nano)
}

func (d *differ) thresholds() bool {
	all := func(w *World, i int) []Threshold {
		if i >= len(w.directory.users) {
			return nil
		}
		return w.directory.users[i].thresholds
	}
	text := func(all []Threshold, t Threshold) string {
		i := slices.IndexFunc(all, t.Replaces)
		if i < 0 {
			return ""
		}
		return fmt.Sprintf("warning %d, quarantine %d", all[i].Warning, all[i].Quarantine)
	}
	for i := range max(len(d.a.directory.users), len(d.b.directory.users)) {
		a, b := all(d.a, i), all(d.b, i)
		seen := slices.Clone(a)
		for _, t := range b {
			if !slices.ContainsFunc(seen, t.Replaces) {
				seen = append(seen, t)
			}
		}
		for _, t := range seen {
			name := t.User.String()
			if t.Roles != 0 {
				name += " " + t.Roles.String()
			}
			if t.SRV != 0 {
				name += " " + t.SRV.String()
			}
			if !d.change("threshold", name, text(a, t), text(b, t)) {
				return false
			}
		}
	}
	return true
}

func (d *differ) points() bool {
	registration := func(w *World, i int) string {
		if i >= w.points.n {
			return ""
		}
		p := w.points.at(i)
		if p.from == 0 && p.mpid == 0 {
			return ""
		}
		return w.mpidName(p.mpid) + " from " + fromTableTime(p.from).Format(time.RFC3339)
	}
	network := func(w *World, i int) string {
		if i >= w.points.n {
			return ""
		}
		return w.mpidName(w.points.at(i).network)
	}
	for i := range touched(&d.a.points, &d.b.points) {
		name := d.point(uint32(i + 1))
		if !d.change("registration", name, registration(d.a, i), registration(d.b, i)) || !d.change("network", name, network(d.a, i), network(d.b, i)) {
			return false
		}
	}
	return true
}

func (w *World) mpidName(n uint16) string {
	if int(n) >= len(w.directory.mpids) {
		return ""
	}
	return string(w.directory.mpids[n].id)
}

// point is the number of a metering point by its position plus one; both versions have the same points in the same places.
func (d *differ) point(n uint32) string {
	w := d.b
	if int(n) > w.points.n {
		w = d.a
	}
	if n == 0 || int(n) > w.points.n {
		return "none"
	}
	return w.points.at(int(n - 1)).id.String()
}

func (d *differ) devices() bool {
	text := func(w *World, i int) string {
		if i >= w.devices.n {
			return ""
		}
		r := w.devices.at(i)
		return fmt.Sprintf("%v %v, import %s, export %s, gas %s, SMETS1 %s", DeviceType(r.typ), Status(r.status), d.point(r.imp), d.point(r.exp), d.point(r.gas), strconv.FormatBool(r.gen1 != 0))
	}
	id := func(i int) smki.EUI64 {
		if i < d.b.devices.n {
			return d.b.devices.at(i).id
		}
		return d.a.devices.at(i).id
	}
	for i := range touched(&d.a.devices, &d.b.devices) {
		if !d.change("device", id(i).String(), text(d.a, i), text(d.b, i)) {
			return false
		}
	}
	return true
}

func (d *differ) feeds() bool {
	text := func(f *feed) string {
		if !f.followed {
			return ""
		}
		s := fmt.Sprintf("update %d of %s, due %s", f.last, f.issuer, instantText(f.due, "never"))
		if f.last < f.seen {
			s += fmt.Sprintf(", %d seen", f.seen)
		}
		return s
	}
	for k := range numFeeds {
		if !d.change("feed", k.String(), text(&d.a.feeds[k]), text(&d.b.feeds[k])) {
			return false
		}
	}
	return true
}

// touched lists the positions of records on pages that two versions of a table do not share.
func touched[T any](a, b *paged[T]) iter.Seq[int] {
	return func(yield func(int) bool) {
		for k := range max(len(a.pages), len(b.pages)) {
			if k < len(a.pages) && k < len(b.pages) && a.pages[k] == b.pages[k] {
				continue
			}
			for i := k << pageBits; i < min((k+1)<<pageBits, max(a.n, b.n)); i++ {
				if !yield(i) {
					return
				}
			}
		}
	}
}
