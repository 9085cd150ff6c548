package duis

import (
	"math"
	"time"

	"github.com/seed-db8551c1/lastresort/smki"
)

// World is everything that a decision is made of, as one immutable value: Users, certificates, the DCC's MPID map, registrations, devices,
// authority and thresholds. The zero value knows nothing and accepts nothing. [World.Edit] makes the next version, which shares
// with this one what did not change. One writer edits and publishes; any number of readers may decide at the same time.
type World struct {
	version uint64
	policy  *Policy

	directory directoryTables
	authority Authority
	trust     *smki.TrustStore
	numbers   map[*smki.X509Certificate]CertificateNumber // of the certificates in trust that the directory has
	feeds     [numFeeds]feed

	devices  paged[deviceRow]
	byDevice index
	points   paged[pointRow]
	byPoint  index
	changes  paged[changeRow]
}

// Version counts the versions of the World, from 1 for the first edit of the zero value.
func (w *World) Version() uint64 { return w.version }

// NumDevices is how many devices the inventory holds.
func (w *World) NumDevices() int { return w.devices.n }

// directoryTables is a smki.Directory in the form that decisions read: everything by number, no text, no map but two for look-up.
type directoryTables struct {
	users   []userRow
	byUser  []uint16 // open addressing on the User ID: position in users, plus one
	parties []partyRow
	certs   []certRow
	certIDs []smki.CertificateID
	byCert  map[smki.CertificateID]CertificateNumber
	mpids   []mpidRow // by number; number 0 is nobody
	byMPID  map[smki.MPID]uint16
}

type userRow struct {
	id         smki.EUI64
	party      uint16
	roles      smki.UserRoles
	suspended  bool
	thresholds []Threshold
}

type partyRow struct {
	id    smki.PartyID
	mpids []uint16 // every MPID that it ever held
}

type certRow struct {
	notBefore, notAfter, revoked int64 // Unix nanoseconds; no end is the largest
	subject                      smki.EUI64
	use                          smki.CertificateUse
}

type mpidRow struct {
	id      smki.MPID
	fuel    smki.Fuel
	last    mpidHolding
	earlier []mpidHolding // oldest first
}

type mpidHolding struct {
	from  int64 // Unix nanoseconds
	party uint16
}

// ownerAt is the holding of the MPID at a time: false before its allocation. Party 0 is nobody.
func (m *mpidRow) ownerAt(t int64) (mpidHolding, bool) {
	if t >= m.last.from {
		return m.last, m.last.party != 0
	}
	for i := len(m.earlier) - 1; i >= 0; i-- {
		if t >= m.earlier[i].from {
			return m.earlier[i], m.earlier[i].party != 0
		}
	}
	return mpidHolding{}, false
}

// everHeld reports whether the party held the MPID at any time up to t.
func (m *mpidRow) everHeld(party uint16, t int64) bool {
	for _, h := range m.earlier {
		if h.party == party && h.from <= t {
			return true
		}
	}
	return m.last.party == party && m.last.from <= t
}

// CertificateNumber is the number that every version of this World gives the certificate; false if it was not issued.
func (w *World) CertificateNumber(id smki.CertificateID) (CertificateNumber, bool) {
	n, ok := w.directory.byCert[id]
	return n, ok
}

// CertificateID is the certificate with the number; empty if there is none.
func (w *World) CertificateID(n CertificateNumber) smki.CertificateID {
	if n == 0 || int(n) > len(w.directory.certIDs) {
		return ""
	}
	return w.directory.certIDs[n-1]
}

func (d *directoryTables) user(id smki.EUI64) *userRow {
	if len(d.byUser) == 0 {
		return nil
	}
	for i := home(uint64(id), len(d.byUser)); ; {
		s := d.byUser[i]
		if s == 0 {
			return nil
		}
		if u := &d.users[s-1]; u.id == id {
			return u
		}
		if i++; i == len(d.byUser) {
			i = 0
		}
	}
}

// Device finds a device in the inventory.
func (w *World) Device(id smki.EUI64) (Device, bool) {
	i, ok := find(&w.byDevice, &w.devices, uint64(id), deviceKey)
	if !ok {
		return Device{}, false
	}
	r := w.devices.at(i)
	point := func(n uint32) MPxN {
		if n == 0 {
			return 0
		}
		return w.points.at(int(n - 1)).id
	}
	return Device{id, DeviceType(r.typ), Status(r.status), r.gen1 != 0, point(r.imp), point(r.exp), point(r.gas)}, true
}

// Registration is an interval in which a metering point is registered to a supplier.
type Registration struct {
	Point    MPxN
	From, To time.Time // the instants from which, and up to which (exclusive; zero for no end), it holds
	MPID     smki.MPID // empty if the point is registered to nobody in the interval
}

// Registration finds the registration of a metering point at a time; false if there is none yet.
func (w *World) Registration(id MPxN, at time.Time) (Registration, bool) {
	i, ok := find(&w.byPoint, &w.points, uint64(id), pointKey)
	t, inRange := tableTimeFloor(at)
	if !ok || !inRange {
		return Registration{}, false
	}
	c, to, ok := w.registration(w.points.at(i), t)
	if !ok || c.from == 0 && c.mpid == 0 { // a point that only a device or a network operator is known of
		return Registration{}, false
	}
	r := Registration{Point: id, From: fromTableTime(c.from), MPID: w.directory.mpids[c.mpid].id}
	if to != 0 {
		r.To = fromTableTime(to)
	}
	return r, true
}

// registration is the change that is in force at a time, and when the next follows (zero for none).
func (w *World) registration(p *pointRow, t uint32) (c changeRow, to uint32, ok bool) {
	c = changeRow{p.from, p.earlier, p.mpid}
	for t < c.from {
		if c.earlier == 0 {
			return changeRow{}, 0, false
		}
		to = c.from
		c = *w.changes.at(int(c.earlier - 1))
	}
	return c, to, true
}

// tableTimeFloor is t in the seconds of the tables, rounded down.
func tableTimeFloor(t time.Time) (uint32, bool) {
	s := t.Unix() - epoch2000
	return uint32(s), s >= 0 && s < 1<<32
}

// nanoseconds is t in Unix nanoseconds; the smallest and largest stand for all times before 1678 and after 2262, whose nanoseconds would come round to another time.
func nanoseconds(t time.Time) int64 {
	switch s := t.Unix(); {
	case s < math.MinInt64/1_000_000_000:
		return math.MinInt64
	case s >= math.MaxInt64/1_000_000_000:
		return math.MaxInt64
	}
	return t.UnixNano()
}
