package smki

import (
	"fmt"
	"maps"
	"slices"
	"time"
)

// User is a User ID as the DCC knows it: whose it is and the roles it may be used in.
type User struct {
	ID        EUI64     `json:"id"`
	Party     PartyID   `json:"party"`
	Roles     UserRoles `json:"roles,omitempty"`
	Suspended bool      `json:"suspended,omitempty"` // its status permits no Service Request
}

// Directory keeps Users, certificates and the two MPID maps. The zero value is empty and ready to use.
// Everything in it is numbered in the order of its first record, and those numbers never change, so that tables made from a
// directory at different times agree.
type Directory struct {
	// DCC says whose each MPID is on the DCC's network; Codes under the REC, UNC and BSC (SEC changes leave it alone).
	DCC, Codes MPIDMap

	users     []User
	userByID  map[EUI64]int
	certs     []Certificate
	revoked   []*Revocation                 // by certificate; nil means not revoked. Replaced and never changed in place
	early     map[CertificateID]*Revocation // of certificates whose issue was not recorded yet
	certByID  map[CertificateID]int
	mpids     []AllocatedMPID
	mpidIndex map[MPID]int
}

// AllocatedMPID is an MPID with what is fixed at its allocation.
type AllocatedMPID struct {
	ID   MPID
	Fuel Fuel
}

// SetUser records a User, or replaces what was recorded of it. A User ID never changes its party.
func (d *Directory) SetUser(u User) error {
	if u.ID == 0 || u.Party == "" {
		return fmt.Errorf("smki: User %v: expected a User ID and a party", u.ID)
	}
	if i, ok := d.userByID[u.ID]; ok {
		if d.users[i].Party != u.Party {
			return fmt.Errorf("smki: User %v belongs to %s: expected the same party, not %s", u.ID, d.users[i].Party, u.Party)
		}
		d.users[i] = u
		return nil
	}
	if d.userByID == nil {
		d.userByID = make(map[EUI64]int)
	}
	d.userByID[u.ID] = len(d.users)
	d.users = append(d.users, u)
	return nil
}

// User finds a User by its ID.
func (d *Directory) User(id EUI64) (User, bool) {
	if i, ok := d.userByID[id]; ok {
		return d.users[i], true
	}
	return User{}, false
}

// Users lists all Users in the order of their first record. The caller must not change the slice.
func (d *Directory) Users() []User { return d.users }

// Issue records a new certificate. It fails for one that is incomplete or was recorded before.
func (d *Directory) Issue(c Certificate) error {
	if err := c.check(); err != nil {
		return err
	}
	if _, ok := d.certByID[c.ID]; ok {
		return fmt.Errorf("smki: certificate %s was issued already", c.ID)
	}
	if d.certByID == nil {
		d.certByID = make(map[CertificateID]int)
	}
	d.certByID[c.ID] = len(d.certs)
	d.certs = append(d.certs, c)
	d.revoked = append(d.revoked, d.early[c.ID])
	delete(d.early, c.ID)
	return nil
}

// Revoke records a revocation. Revocation is final: of several the earliest counts, and none takes another back.
// The revocation of a certificate whose issue was not recorded yet is kept for it. One without a time counts as always in force.
func (d *Directory) Revoke(id CertificateID, r Revocation) {
	i, ok := d.certByID[id]
	if ok {
		if old := d.revoked[i]; old == nil || r.At.Before(old.At) {
			d.revoked[i] = &r
		}
		return
	}
	if old := d.early[id]; old != nil && !r.At.Before(old.At) {
		return
	}
	if d.early == nil {
		d.early = make(map[CertificateID]*Revocation)
	}
	d.early[id] = &r
}

// Certificate finds a certificate and its revocation, nil if there is none.
func (d *Directory) Certificate(id CertificateID) (Certificate, *Revocation, bool) {
	i, ok := d.certByID[id]
	if !ok {
		return Certificate{}, nil, false
	}
	return d.certs[i], d.revocation(i), true
}

func (d *Directory) revocation(i int) *Revocation {
	if d.revoked[i] == nil {
		return nil
	}
	r := *d.revoked[i]
	return &r
}

// Status is the status of a certificate at a time.
func (d *Directory) Status(id CertificateID, at time.Time) CertificateStatus {
	c, rev, ok := d.Certificate(id)
	if !ok {
		return UnknownCertificate
	}
	return c.StatusAt(at, rev)
}

// Certificates lists all certificates in the order of their issue. The caller must not change the slice.
func (d *Directory) Certificates() []Certificate { return d.certs }

// Subscribed lists the certificates of which a party is Subscriber, in the order of their issue.
func (d *Directory) Subscribed(p PartyID) []Certificate {
	var own []Certificate
	for _, c := range d.certs {
		if c.Subscriber == p {
			own = append(own, c)
		}
	}
	return own
}

// Allocate records a new MPID in both maps, with the errors of [MPIDMap.Allocate].
func (d *Directory) Allocate(id MPID, fuel Fuel, to PartyID, at time.Time) error {
	if fuel > Gas {
		return fmt.Errorf("smki: MPID %s: expected electricity or gas, not %v", id, fuel)
	}
	if len(d.Codes.Holdings(id)) > 0 {
		return fmt.Errorf("smki: MPID %s is allocated already under the codes", id)
	}
	if err := d.DCC.Allocate(id, to, at); err != nil {
		return err
	}
	if err := d.Codes.Allocate(id, to, at); err != nil {
		return err // unreachable: what it needs was checked
	}
	if d.mpidIndex == nil {
		d.mpidIndex = make(map[MPID]int)
	}
	d.mpidIndex[id] = len(d.mpids)
	d.mpids = append(d.mpids, AllocatedMPID{id, fuel})
	return nil
}

// MPIDs lists all MPIDs in the order of their allocation. The caller must not change the slice.
func (d *Directory) MPIDs() []AllocatedMPID { return d.mpids }

// Fuel is the fuel of an MPID; false if it was never allocated.
func (d *Directory) Fuel(id MPID) (Fuel, bool) {
	i, ok := d.mpidIndex[id]
	if !ok {
		return 0, false
	}
	return d.mpids[i].Fuel, true
}

// HeldBy lists the MPIDs that the DCC's map gives to a party at a time, in the order of their allocation.
func (d *Directory) HeldBy(p PartyID, at time.Time) []MPID {
	var held []MPID
	for _, m := range d.mpids {
		if owner, ok := d.DCC.Owner(m.ID, at); ok && owner == p {
			held = append(held, m.ID)
		}
	}
	return held
}

// Clone gives a copy that shares nothing that either could change.
func (d *Directory) Clone() *Directory {
	return &Directory{
		DCC: d.DCC.clone(), Codes: d.Codes.clone(),
		users: slices.Clone(d.users), certs: slices.Clone(d.certs), revoked: slices.Clone(d.revoked), mpids: slices.Clone(d.mpids),
		userByID: maps.Clone(d.userByID), certByID: maps.Clone(d.certByID), mpidIndex: maps.Clone(d.mpidIndex), early: maps.Clone(d.early),
	}
}
