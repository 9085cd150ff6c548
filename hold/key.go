package hold

import (
	"bytes"
	"encoding/binary"
	"slices"
	"time"

	"github.com/seed-db8551c1/lastresort/duis"
	"github.com/seed-db8551c1/lastresort/smki"
	"github.com/seed-db8551c1/lastresort/solr"
)

// AppendKey appends a canonical encoding of what the register will do and say from a time on: two registers with the same Settings and equal keys take the same events, none of them earlier than
// from, with the same outcome, and give the same answers about times that are not before it. It is what a search over many histories keeps instead of the register (package holdtest has one).
//
// What makes no difference any more is left out: which instant before from a thing happened at, log positions but for their order, breaches already recorded, texts, the order of items, the IDs of events
// (so that [Event.Ref] and repeats by ID are not covered) and since when a duty has been due. Parties are written as number gives them, which must be different for each; MPIDs, certificates and Users by what
// is known of them and their first holder's number. Keys under two numberings are equal if renaming parties and what belongs to them turns one register into the other.
func (r *Register) AppendKey(b []byte, from time.Time, number func(smki.PartyID) byte) []byte {
	k := keyWriter{b: b, r: r, from: from, number: number}
	k.failures()
	k.sorted(len(r.dir.MPIDs()), k.mpid)
	k.sorted(len(r.dir.Certificates()), k.certificate)
	k.sorted(len(r.dir.Users()), k.user)
	k.engaged()
	return k.b
}

// keyWriter writes a key. A length stands in front of every record and list, so that no two states write the same bytes.
type keyWriter struct {
	b      []byte
	r      *Register
	from   time.Time
	number func(smki.PartyID) byte

	date, solrDate time.Time // of the last direction written: most have the same
}

func (k *keyWriter) byte(x byte)  { k.b = append(k.b, x) }
func (k *keyWriter) count(n int)  { k.b = binary.AppendUvarint(k.b, uint64(n)) }
func (k *keyWriter) flag(is bool) { k.byte(bit(is)) }

func bit(is bool) byte {
	if is {
		return 1
	}
	return 0
}

func (k *keyWriter) party(p smki.PartyID) {
	if p == "" {
		k.byte(0xFF)
	} else {
		k.byte(k.number(p))
	}
}

// time writes none, passed, or which instant is to come: no time that anyone asks about again lies between two that have passed.
func (k *keyWriter) time(t time.Time) {
	switch {
	case t.IsZero():
		k.byte(0)
	case !t.After(k.from):
		k.byte(1)
	default:
		k.byte(2)
		k.exact(t)
	}
}

func (k *keyWriter) exact(t time.Time) {
	k.b = binary.BigEndian.AppendUint64(k.b, uint64(t.UnixNano()))
}

// trigger is a time that R18 asks the regime of.
func (k *keyWriter) trigger(t time.Time) {
	k.time(t)
	if k.r.Settings.UndoneActsExempt && !t.IsZero() {
		k.flag(k.r.Settings.Regime.at(t) == MP185)
	}
}

// record writes what write does, with its length before it.
func (k *keyWriter) record(write func()) {
	start := len(k.b)
	k.b = append(k.b, 0, 0)
	write()
	binary.BigEndian.PutUint16(k.b[start:], uint16(len(k.b)-start-2))
}

// sorted writes n records in the order of their bytes.
func (k *keyWriter) sorted(n int, write func(i int)) {
	k.b = binary.BigEndian.AppendUint16(k.b, uint16(n))
	if n < 2 {
		for i := range n {
			k.record(func() { write(i) })
		}
		return
	}
	start := len(k.b)
	var room [16][2]int
	at := room[:0]
	for i := range n {
		from := len(k.b)
		k.record(func() { write(i) })
		at = append(at, [2]int{from, len(k.b)})
	}
	all := k.b
	less := func(x, y [2]int) int { return bytes.Compare(all[x[0]:x[1]], all[y[0]:y[1]]) }
	if slices.IsSortedFunc(at, less) {
		return
	}
	slices.SortFunc(at, less)
	for _, x := range at { // in order behind the records, then over them
		k.b = append(k.b, all[x[0]:x[1]]...)
	}
	end := len(all)
	copy(k.b[start:end], k.b[end:])
	k.b = k.b[:end]
}

// failures writes the failures by the numbers of their suppliers; those of one supplier stay in the order of the log.
func (k *keyWriter) failures() {
	all := k.r.failures
	k.b = binary.BigEndian.AppendUint16(k.b, uint16(len(all)))
	var room [16]*failure
	order := append(room[:0], all...)
	slices.SortStableFunc(order, func(a, b *failure) int { return int(k.number(a.Supplier)) - int(k.number(b.Supplier)) })
	for _, f := range order {
		k.record(func() { k.failure(f) })
	}
}

func (k *keyWriter) failure(f *failure) {
	k.party(f.Supplier)
	k.byte(byte(f.Phase))
	k.time(f.Notified)
	k.trigger(f.Revoked)
	k.time(f.exited)

	k.count(len(f.delays))
	for _, d := range f.delays {
		k.byte(byte(d.controls))
		k.byte(byte(d.regime))
		k.time(d.directed)
		k.time(d.received)
	}
	perParty(k, f.confirmed, func(c *confirmations) {
		for _, t := range c.at[EstateMakeUp:] {
			k.time(t)
		}
	})
	perParty(k, f.positions, func(position) {})
	perParty(k, f.completed, func(all []interval) {
		for len(all) > 0 && !all[0].to.IsZero() && !all[0].to.After(k.from) {
			all = all[1:] // taken back, and nobody asks about then
		}
		k.count(len(all))
		for _, x := range all {
			k.time(x.from)
			k.time(x.to)
		}
	})
	k.set(len(f.safeModes), func(i int) {
		s := f.safeModes[i]
		k.byte(byte(s.regime))
		k.time(s.at)
	})
	n := 0
	for _, s := range k.r.supports {
		if s.failure == f.ID {
			n++
		}
	}
	k.count(n)
	for _, s := range k.r.supports {
		if s.failure == f.ID {
			k.support(s)
		}
	}
}

// perParty writes what is known for each party, in the order of their numbers.
func perParty[V any](k *keyWriter, m map[smki.PartyID]V, write func(V)) {
	k.count(len(m))
	var room [8]smki.PartyID
	all := room[:0]
	for p, v := range m {
		if len(m) == 1 {
			k.party(p)
			write(v)
			return
		}
		all = append(all, p)
	}
	slices.SortFunc(all, func(a, b smki.PartyID) int { return int(k.number(a)) - int(k.number(b)) })
	for _, p := range all {
		k.party(p)
		write(m[p])
	}
}

// set writes records as sorted does, equal ones once.
func (k *keyWriter) set(n int, write func(i int)) {
	if n < 2 {
		k.sorted(n, write)
		return
	}
	var keep []int
	var seen [][]byte
	start := len(k.b)
	for i := range n {
		write(i)
		record := slices.Clone(k.b[start:])
		k.b = k.b[:start]
		if !slices.ContainsFunc(seen, func(x []byte) bool { return bytes.Equal(x, record) }) {
			seen, keep = append(seen, record), append(keep, i)
		}
	}
	k.sorted(len(keep), func(i int) { write(keep[i]) })
}

func (k *keyWriter) support(s *support) {
	k.party(s.solr)
	k.party(s.srp)
	k.byte(byte(s.state))
	k.time(s.from)
	k.time(s.to)
	k.time(s.From)
	k.time(s.To)
	for _, x := range s.srvs {
		k.b = binary.BigEndian.AppendUint64(k.b, x)
	}
	k.count(len(s.Devices))
	for _, d := range s.Devices {
		k.b = binary.BigEndian.AppendUint64(k.b, uint64(d))
	}
	k.count(len(s.Thresholds))
	for _, t := range s.Thresholds {
		k.threshold(t)
	}
}

// threshold writes one without its User, which may be renamed, but with the User's party.
func (k *keyWriter) threshold(t duis.Threshold) {
	u, _ := k.r.dir.User(t.User)
	k.party(u.Party)
	k.limit(t)
}

func (k *keyWriter) limit(t duis.Threshold) {
	k.byte(byte(t.SRV))
	k.byte(byte(t.Roles))
	k.b = binary.BigEndian.AppendUint64(k.b, t.Warning)
	k.b = binary.BigEndian.AppendUint64(k.b, t.Quarantine)
}

// holder is whom an MPID belongs to at from in a map, and what is recorded after that.
func (k *keyWriter) holder(h []smki.MPIDHolding) {
	last := 0
	for i, x := range h {
		if !x.From.After(k.from) {
			last = i
		}
	}
	k.count(len(h) - last)
	for _, x := range h[last:] {
		k.time(x.From)
		k.party(x.Party)
	}
}

// mpid writes an MPID with what every failure that it is in, or was in, says of it. The failures stand in the order in which it went from them: of those that it has gone from, the last one counts.
func (k *keyWriter) mpid(i int) {
	id := k.r.dir.MPIDs()[i].ID
	in := k.r.dir.DCC.Holdings(id)
	k.party(in[0].Party)
	k.byte(byte(k.r.dir.MPIDs()[i].Fuel))
	k.holder(in)
	k.holder(k.r.dir.Codes.Holdings(id))
	type stay struct {
		f *failure
		m *mpidItem
	}
	var room [4]stay
	all := room[:0]
	for _, f := range k.r.failures {
		if m := f.mpid(id); m != nil {
			all = append(all, stay{f, m})
		}
	}
	if len(all) > 1 {
		slices.SortFunc(all, func(a, b stay) int { return a.m.compareGone(b.m) })
	}
	for _, s := range all {
		f, m := s.f, s.m
		k.party(f.Supplier)
		k.announcements(m)
		k.time(m.gone)
		k.time(m.out)
		k.byte(bit(m.confirmed) | bit(!m.kept.IsZero())<<1)
		k.count(len(m.directions))
		for _, d := range m.directions {
			k.direction(d)
		}
		perParty(k, m.agreed, func(at *[numAgreeing]time.Time) {
			for _, t := range at[SoLRAgrees:] {
				k.time(t)
			}
		})
		k.item(f, Item{MPID: id})
	}
	k.byte(0xFE)
}

// announcements writes the one that stands, and those after it.
func (k *keyWriter) announcements(m *mpidItem) {
	all := m.announced
	for len(all) > 1 && !all[1].at.After(k.from) || len(all) > 0 && !all[0].ended.IsZero() && !all[0].ended.After(k.from) {
		all = all[1:]
	}
	k.count(len(all))
	for _, a := range all {
		k.party(a.solr)
		k.time(a.at)
		k.time(a.ended)
	}
}

func (k *keyWriter) direction(d *direction) {
	k.party(d.to)
	k.trigger(d.given)
	k.time(d.from)
	k.time(d.void)
	k.time(d.ended)
	k.byte(bit(d.exited) | bit(d.back)<<1 | bit(!d.void.IsZero() && d.void.Before(d.from))<<2 | bit(d.date.IsZero())<<3)
	k.time(d.extend)
	if !d.date.IsZero() {
		if !d.date.Equal(k.date) {
			k.date, k.solrDate = d.date, solr.SoLRDate(d.date)
		}
		k.exact(k.solrDate) // 90 days are counted from it, and a repeat is known by it
	}
}

// item writes what the delays and instructions of a failure say of an item. Delays hold it by their position among the delays of the failure; one that has let it go is like one that never held it.
func (k *keyWriter) item(f *failure, x Item) {
	for i, d := range f.delays {
		if held := d.item(x); held != nil && (held.released.IsZero() || held.released.After(k.from)) {
			k.byte(byte(i + 1))
			k.time(held.released)
		}
	}
	k.byte(0)
	k.named(f, x, 0)
}

// named writes the instructions that name an item or User.
func (k *keyWriter) named(f *failure, x Item, user smki.EUI64) {
	n, m := 0, f.stint(x, k.from)
	var room [8]int
	all := room[:0]
	for i := range f.named {
		if f.named[i].item == x && f.named[i].user == user && m.precedes(f.named[i]) {
			all = append(all, i)
			n++
		}
	}
	k.set(n, func(i int) {
		x := &f.named[all[i]]
		k.byte(byte(x.action))
		k.count(rank(f, x.seq))
		k.time(x.at)
		k.flag(x.exited)
	})
}

// rank is how many delays of a failure came before a log position.
func rank(f *failure, seq uint64) int {
	n := 0
	for _, d := range f.delays {
		if d.seq < seq {
			n++
		}
	}
	return n
}

func (k *keyWriter) certificate(i int) {
	c := &k.r.dir.Certificates()[i]
	_, rev, _ := k.r.dir.Certificate(c.ID)
	k.party(c.Subscriber)
	k.byte(byte(c.Use))
	k.time(c.NotBefore)
	if !c.NotAfter.IsZero() && c.NotAfter.Before(k.from) {
		k.byte(1)
	} else {
		k.byte(2)
		k.exact(c.NotAfter)
	}
	if rev == nil {
		k.byte(0)
	} else {
		k.time(rev.At)
		k.flag(true)
	}
	k.flag(k.r.ordinary[c.ID])
	k.time(k.r.onCRL[c.ID])
	for _, f := range k.r.failures {
		if f.cert(c.ID) != nil {
			k.party(f.Supplier)
			k.item(f, Item{Certificate: c.ID})
		}
	}
	k.byte(0xFE)
}

func (k *keyWriter) user(i int) {
	u := &k.r.dir.Users()[i]
	k.party(u.Party)
	k.flag(u.Suspended)
	k.b = binary.BigEndian.AppendUint16(k.b, uint16(u.Roles))
	n := 0
	var room [8]int
	own := room[:0]
	for i := range k.r.limits {
		if k.r.limits[i].User == u.ID {
			own = append(own, i)
			n++
		}
	}
	k.sorted(n, func(i int) { k.limit(k.r.limits[own[i]]) })
	for _, f := range k.r.failures {
		if f.Supplier == u.Party {
			k.named(f, Item{}, u.ID)
		}
	}
	for i := range k.r.instructed {
		x := &k.r.instructed[i]
		if f := k.r.failure(x.failure); x.User == u.ID && !k.replaced(i) {
			k.count(k.ordinal(f))
			k.limit(x.Threshold)
			k.time(x.at)
			k.count(rank(f, x.seq))
		}
	}
}

// ordinal is how many failures of the same supplier came before.
func (k *keyWriter) ordinal(f *failure) int {
	n := 0
	for _, x := range k.r.failures {
		if x == f {
			break
		}
		if x.Supplier == f.Supplier {
			n++
		}
	}
	return n
}

// replaced reports whether a later instruction of the same kind has been in force in place of an instructed threshold all along.
func (k *keyWriter) replaced(i int) bool {
	x := &k.r.instructed[i]
	return slices.ContainsFunc(k.r.instructed[i+1:], func(y instructedThreshold) bool {
		return y.Replaces(x.Threshold) && y.failure == x.failure && !y.at.After(k.from)
	})
}

// engaged writes which SRP sends for whom.
func (k *keyWriter) engaged() {
	perParty(k, k.r.engaged, func(all []smki.PartyID) {
		k.sorted(len(all), func(i int) { k.party(all[i]) })
	})
}
