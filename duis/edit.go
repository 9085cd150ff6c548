package duis

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/seed-db8551c1/lastresort/smki"
)

// Edit is the next version of a World in the making. Nothing of it can be seen until [Edit.World] publishes it.
type Edit struct {
	w        World
	devices  editor[deviceRow]
	byDevice editor[uint32]
	points   editor[pointRow]
	byPoint  editor[uint32]
	changes  editor[changeRow]
	done     bool // published
}

// Edit starts the next version. It costs a pointer for each page of the tables; the pages themselves are copied when they change.
func (w *World) Edit() *Edit {
	e := &Edit{w: *w}
	e.w.version++
	if e.w.policy == nil {
		e.w.policy = DefaultPolicy()
	}
	e.devices, e.byDevice = w.devices.edit(), w.byDevice.edit()
	e.points, e.byPoint = w.points.edit(), w.byPoint.edit()
	e.changes = w.changes.edit()
	return e
}

// World publishes the edit. What is recorded in it afterwards is refused with [ErrPublished], or has no effect where no error is given.
func (e *Edit) World() *World {
	e.done = true
	w := e.w
	w.devices, w.byDevice = e.devices.publish(), index{e.byDevice.publish()}
	w.points, w.byPoint = e.points.publish(), index{e.byPoint.publish()}
	w.changes = e.changes.publish()
	if w.trust != nil && w.numbers == nil {
		w.numbers = make(map[*smki.X509Certificate]CertificateNumber)
		for _, c := range w.trust.Certificates() {
			if n, ok := w.directory.byCert[c.ID()]; ok {
				w.numbers[c] = n
			}
		}
	}
	return &w
}

// ErrPublished says that an edit was published already: expected a new one from [World.Edit].
var ErrPublished = errors.New("duis: the edit was published already: expected a new one")

// SetPolicy replaces the codes, statuses and other defaults that decisions follow.
func (e *Edit) SetPolicy(p Policy) {
	for v, codes := range p.PreCommandCodes {
		p.PreCommandCodes[v] = slices.Clone(codes)
	}
	e.w.policy = &p
}

// SetTrust replaces the certificates and CRLs by which the signatures of messages are verified. The store must not change afterwards: [smki.TrustStore.Clone] gives one for the next version.
func (e *Edit) SetTrust(s *smki.TrustStore) { e.w.trust, e.w.numbers = s, nil }

// SetAuthority replaces the source of authority.
func (e *Edit) SetAuthority(a Authority) { e.w.authority = a }

// SetThresholds replaces the thresholds of all Users; of two for the same requests ([Threshold.Replaces]) the later one counts. A threshold of a User that the directory does not know is an error, and changes nothing.
func (e *Edit) SetThresholds(all []Threshold) error {
	if e.done {
		return ErrPublished
	}
	users := slices.Clone(e.w.directory.users)
	for i := range users {
		users[i].thresholds = nil
	}
	for _, t := range all {
		u := e.w.directory.user(t.User)
		if u == nil {
			return fmt.Errorf("duis: threshold for User %v: expected a User of the directory", t.User)
		}
		if t.SRV != 0 && !t.SRV.Valid() {
			return fmt.Errorf("duis: threshold for User %v: expected a Service Request Variant or none, not %v", t.User, t.SRV)
		}
		of := &users[slices.IndexFunc(users, func(u userRow) bool { return u.id == t.User })].thresholds
		if i := slices.IndexFunc(*of, t.Replaces); i >= 0 {
			(*of)[i] = t
		} else {
			*of = append(*of, t)
		}
	}
	e.w.directory.users = users
	return nil
}

// SetDirectory takes Users, certificates and the DCC's MPID map from a directory, which must be the one of the version before or one that has
// grown out of it: numbers are positions, and registrations refer to them. Thresholds of Users that stay are kept.
// It fails, and changes nothing, for a directory that lacks what the version before had.
func (e *Edit) SetDirectory(d *smki.Directory) error {
	if e.done {
		return ErrPublished
	}
	old := &e.w.directory
	users, certs, mpids := d.Users(), d.Certificates(), d.MPIDs()
	if len(users) >= math.MaxUint16 || len(mpids) >= math.MaxUint16 {
		return fmt.Errorf("duis: directory with %d Users and %d MPIDs: expected fewer than %d of each", len(users), len(mpids), math.MaxUint16)
	}
	for i, u := range old.users {
		if i >= len(users) || users[i].ID != u.id {
			return fmt.Errorf("duis: directory lacks User %v at position %d: expected one that grew out of the last", u.id, i)
		}
	}
	for i, id := range old.certIDs {
		if i >= len(certs) || certs[i].ID != id {
			return fmt.Errorf("duis: directory lacks certificate %s at position %d: expected one that grew out of the last", id, i)
		}
	}
	for i := 1; i < len(old.mpids); i++ {
		if i > len(mpids) || mpids[i-1].ID != old.mpids[i].id {
			return fmt.Errorf("duis: directory lacks MPID %s at position %d: expected one that grew out of the last", old.mpids[i].id, i-1)
		}
	}

	t := directoryTables{
		users:   make([]userRow, len(users)),
		byUser:  make([]uint16, len(users)*2+1),
		parties: []partyRow{{}}, // number 0 is nobody
		certs:   make([]certRow, len(certs)),
		certIDs: make([]smki.CertificateID, len(certs)),
		byCert:  make(map[smki.CertificateID]CertificateNumber, len(certs)),
		mpids:   make([]mpidRow, 1, len(mpids)+1),
		byMPID:  make(map[smki.MPID]uint16, len(mpids)),
	}
	numbers := make(map[smki.PartyID]uint16)
	party := func(id smki.PartyID) uint16 {
		if id == "" {
			return 0
		}
		n, ok := numbers[id]
		if !ok {
			n = uint16(len(t.parties))
			numbers[id] = n
			t.parties = append(t.parties, partyRow{id: id})
		}
		return n
	}
	for i, u := range users {
		t.users[i] = userRow{id: u.ID, party: party(u.Party), roles: u.Roles, suspended: u.Suspended}
		if i < len(old.users) {
			t.users[i].thresholds = old.users[i].thresholds
		}
		s := home(uint64(u.ID), len(t.byUser))
		for t.byUser[s] != 0 {
			s = (s + 1) % len(t.byUser)
		}
		t.byUser[s] = uint16(i + 1)
	}
	for i, c := range certs {
		row := certRow{notBefore: nanoseconds(c.NotBefore), notAfter: math.MaxInt64, revoked: math.MaxInt64, subject: c.Subject, use: c.Use}
		if !c.NotAfter.IsZero() {
			row.notAfter = nanoseconds(c.NotAfter)
		}
		if _, rev, _ := d.Certificate(c.ID); rev != nil {
			row.revoked = nanoseconds(rev.At)
		}
		t.certs[i], t.certIDs[i], t.byCert[c.ID] = row, c.ID, CertificateNumber(i+1)
	}
	for _, m := range mpids {
		row := mpidRow{id: m.ID, fuel: m.Fuel}
		for _, h := range d.DCC.Holdings(m.ID) {
			n := party(h.Party)
			row.earlier = append(row.earlier, mpidHolding{nanoseconds(h.From), n})
			if own := &t.parties[n]; n != 0 && !slices.Contains(own.mpids, uint16(len(t.mpids))) {
				own.mpids = append(own.mpids, uint16(len(t.mpids)))
			}
		}
		last := len(row.earlier) - 1
		row.last, row.earlier = row.earlier[last], row.earlier[:last]
		t.byMPID[m.ID] = uint16(len(t.mpids))
		t.mpids = append(t.mpids, row)
	}
	if len(t.parties) > math.MaxUint16 {
		return fmt.Errorf("duis: directory with %d parties: expected fewer than %d", len(t.parties)-1, math.MaxUint16)
	}
	e.w.directory, e.w.numbers = t, nil
	return nil
}

// Register records that a metering point is registered to the supplier's MPID from a time on, until the next recorded change; the empty MPID ends
// a registration. A change at a time that has one already replaces it. It fails, and changes nothing, for an unknown MPID, one of
// the other fuel, or a time outside 2000 to 2135.
func (e *Edit) Register(id MPxN, from time.Time, mpid smki.MPID) error {
	if e.done {
		return ErrPublished
	}
	t, ok := tableTime(from)
	if !ok || !id.valid() {
		return fmt.Errorf("duis: registration of %v from %v: expected an MPxN and a time between 2000 and 2135", id, from)
	}
	n, err := e.mpidNumber(id, mpid)
	if err != nil {
		return err
	}
	e.register(e.points.writable(e.point(id)), t, n)
	return nil
}

// SetNetwork records the MPID of the network operator of a metering point, with the errors of [Edit.Register].
func (e *Edit) SetNetwork(id MPxN, mpid smki.MPID) error {
	if e.done {
		return ErrPublished
	}
	if !id.valid() {
		return fmt.Errorf("duis: network operator %q of %v: expected an MPxN", mpid, id)
	}
	n, err := e.mpidNumber(id, mpid)
	if err != nil {
		return err
	}
	e.points.writable(e.point(id)).network = n
	return nil
}

func (e *Edit) mpidNumber(id MPxN, mpid smki.MPID) (uint16, error) {
	if mpid == "" {
		return 0, nil
	}
	n, ok := e.w.directory.byMPID[mpid]
	if !ok || e.w.directory.mpids[n].fuel != id.Fuel() {
		return 0, fmt.Errorf("duis: metering point %v, MPID %q: expected an allocated MPID for %v", id, mpid, id.Fuel())
	}
	return n, nil
}

func (e *Edit) register(p *pointRow, t uint32, mpid uint16) {
	switch {
	case t == p.from || p.from == 0 && p.mpid == 0 && p.earlier == 0:
		p.from, p.mpid = t, mpid
		return
	case t > p.from:
		e.changes.append(changeRow{p.from, p.earlier, p.mpid})
		p.from, p.earlier, p.mpid = t, uint32(e.changes.n), mpid
		return
	}
	// Earlier than the latest: find its place in the chain.
	link := &p.earlier
	for *link != 0 {
		c := e.changes.writable(int(*link - 1))
		if t == c.from {
			c.mpid = mpid
			return
		}
		if t > c.from {
			break
		}
		link = &c.earlier
	}
	earlier := *link
	*link = uint32(e.changes.n + 1)
	e.changes.append(changeRow{t, earlier, mpid})
}

// point is the position of a metering point, made if it is new.
func (e *Edit) point(id MPxN) int {
	x := index{e.byPoint.paged}
	if i, ok := find(&x, &e.points.paged, uint64(id), pointKey); ok {
		return i
	}
	e.points.append(pointRow{id: id})
	grow(&e.byPoint, &e.points.paged, pointKey)
	return e.points.n - 1
}

// SetDevice records a device, or replaces what was recorded of it. It fails, and changes nothing, if the device is incomplete or a metering point
// is of the wrong fuel.
func (e *Edit) SetDevice(d Device) error {
	switch {
	case e.done:
		return ErrPublished
	case d.ID == 0 || d.Type < ESME || d.Type >= numDeviceTypes || d.Status < Pending || d.Status >= numStatuses:
		return fmt.Errorf("duis: device %v: expected an ID, a type and an SMI Status", d.ID)
	case d.Import != 0 && !d.Import.of(smki.Electricity), d.Export != 0 && !d.Export.of(smki.Electricity):
		return fmt.Errorf("duis: device %v: expected MPANs of 13 digits for import and export", d.ID)
	case d.Gas != 0 && !d.Gas.of(smki.Gas):
		return fmt.Errorf("duis: device %v: expected an MPRN of up to 10 digits for gas", d.ID)
	}
	row := deviceRow{id: d.ID, typ: uint8(d.Type), status: uint8(d.Status)}
	if d.SMETS1 {
		row.gen1 = 1
	}
	for _, p := range []struct {
		id MPxN
		to *uint32
	}{{d.Import, &row.imp}, {d.Export, &row.exp}, {d.Gas, &row.gas}} {
		if p.id != 0 {
			*p.to = uint32(e.point(p.id) + 1)
		}
	}
	x := index{e.byDevice.paged}
	if i, ok := find(&x, &e.devices.paged, uint64(d.ID), deviceKey); ok {
		*e.devices.writable(i) = row
		return nil
	}
	e.devices.append(row)
	grow(&e.byDevice, &e.devices.paged, deviceKey)
	return nil
}

// grow puts the last record of rows into the index, and makes a larger index first if it would be more than three quarters full.
func grow[T any](x *editor[uint32], rows *paged[T], keyOf func(*T) uint64) {
	if rows.n*4 <= x.n*3 {
		insert(x, keyOf(rows.at(rows.n-1)), uint32(rows.n))
		return
	}
	rehash(x, rows, keyOf, max(48, rows.n*3/2))
}

// rehash makes the index large enough for a number of records, if it is not.
func rehash[T any](x *editor[uint32], rows *paged[T], keyOf func(*T) uint64, records int) {
	if records*4 <= x.n*3 {
		return
	}
	*x = editor[uint32]{}
	x.extend(records*4/3 + 1)
	for i := range rows.n {
		insert(x, keyOf(rows.at(i)), uint32(i+1))
	}
}

func insert(x *editor[uint32], key uint64, value uint32) {
	i := home(key, x.n)
	for *x.at(i) != 0 {
		if i++; i == x.n {
			i = 0
		}
	}
	*x.writable(i) = value
}

// Grow makes room for a number of devices and metering points that are to come, so that the indexes are made once and take no more than they need.
func (e *Edit) Grow(devices, points int) {
	if e.done {
		return
	}
	rehash(&e.byDevice, &e.devices.paged, deviceKey, e.devices.n+devices)
	rehash(&e.byPoint, &e.points.paged, pointKey, e.points.n+points)
}
