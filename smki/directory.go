package smki

import (
	"fmt"
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

	// Clones share these lists: nothing in them is changed in place.
	users []User
	certs []Certificate
	mpids []AllocatedMPID

	userByID index[EUI64, int]
	certByID index[CertificateID, int]
	mpidByID index[MPID, int]
	revoked  index[CertificateID, *Revocation] // replaced and never changed in place; also of certificates whose issue was not recorded yet
}

// AllocatedMPID is an MPID with what is fixed at its allocation.
type AllocatedMPID struct {
	ID   MPID `json:"id"`
	Fuel Fuel `json:"fuel"`
}

// SetUser records a User, or replaces what was recorded of it. A User ID never changes its party.
func (d *Directory) SetUser(u User) error {
	if u.ID == 0 || u.Party == "" {
		return fmt.Errorf("smki: User %v: expected a User ID and a party", u.ID)
	}
	if i, ok := d.userByID.all[u.ID]; ok {
		if d.users[i].Party != u.Party {
			return fmt.Errorf("smki: User %v belongs to %s: expected the same party, not %s", u.ID, d.users[i].Party, u.Party)
		}
		d.users = slices.Clone(d.users)
		d.users[i] = u
		return nil
	}
	d.userByID.set(u.ID, len(d.users))
	d.users = append(d.users, u)
	return nil
}

// User finds a User by its ID.
func (d *Directory) User(id EUI64) (User, bool) {
	if i, ok := d.userByID.all[id]; ok {
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
	if _, ok := d.certByID.all[c.ID]; ok {
		return fmt.Errorf("smki: certificate %s was issued already", c.ID)
	}
	d.certByID.set(c.ID, len(d.certs))
	d.certs = append(d.certs, c)
	return nil
}

// Revoke records a revocation. Revocation is final: of several the earliest counts, and none takes another back.
// The revocation of a certificate whose issue was not recorded yet is kept for it. One without a time counts as always in force.
func (d *Directory) Revoke(id CertificateID, r Revocation) {
	if old := d.revoked.all[id]; old == nil || r.At.Before(old.At) {
		d.revoked.set(id, &r)
	}
}

// Certificate finds a certificate and its revocation, nil if there is none.
func (d *Directory) Certificate(id CertificateID) (Certificate, *Revocation, bool) {
	i, ok := d.certByID.all[id]
	if !ok {
		return Certificate{}, nil, false
	}
	rev := d.revoked.all[id]
	if rev != nil {
		own := *rev
		rev = &own
	}
	return d.certs[i], rev, true
}

// Status is the status of a certificate at a time.
func (d *Directory) Status(id CertificateID, at time.Time) CertificateStatus {
	i, ok := d.certByID.all[id]
	if !ok {
		return UnknownCertificate
	}
	return d.certs[i].StatusAt(at, d.revoked.all[id])
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
	d.mpidByID.set(id, len(d.mpids))
	d.mpids = append(d.mpids, AllocatedMPID{id, fuel})
	return nil
}

// MPIDs lists all MPIDs in the order of their allocation. The caller must not change the slice.
func (d *Directory) MPIDs() []AllocatedMPID { return d.mpids }

// Fuel is the fuel of an MPID; false if it was never allocated.
func (d *Directory) Fuel(id MPID) (Fuel, bool) {
	i, ok := d.mpidByID.all[id]
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

// Clone gives a copy that shares nothing that either could change. It costs the same for a directory of any size: what both have they share until one of them changes it.
func (d *Directory) Clone() *Directory {
	return &Directory{
		DCC: d.DCC.clone(), Codes: d.Codes.clone(),
		users: slices.Clip(d.users), certs: slices.Clip(d.certs), mpids: slices.Clip(d.mpids),
		userByID: d.userByID.clone(), certByID: d.certByID.clone(), mpidByID: d.mpidByID.clone(), revoked: d.revoked.clone(),
	}
}
