package smki

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
)

// directoryJSON is what a Directory is written as: everything in the order of its first record.
type directoryJSON struct {
	Users        []User            `json:"users,omitempty"`
	Certificates []certificateJSON `json:"certificates,omitempty"`
	Early        []earlyJSON       `json:"revokedBeforeIssue,omitempty"` // in the order of their IDs
	MPIDs        []mpidJSON        `json:"mpids,omitempty"`
}

type certificateJSON struct {
	Certificate
	Revoked *Revocation `json:"revoked,omitempty"`
}

type earlyJSON struct {
	ID CertificateID `json:"id"`
	Revocation
}

type mpidJSON struct {
	AllocatedMPID
	DCC   []MPIDHolding `json:"dcc"`
	Codes []MPIDHolding `json:"codes"`
}

// MarshalJSON writes the whole directory. Equal directories are written alike.
func (d *Directory) MarshalJSON() ([]byte, error) {
	x := directoryJSON{Users: d.users}
	for _, c := range d.certs {
		x.Certificates = append(x.Certificates, certificateJSON{c, d.revoked.all[c.ID]})
	}
	for _, id := range slices.Sorted(maps.Keys(d.revoked.all)) {
		if _, issued := d.certByID.all[id]; !issued {
			x.Early = append(x.Early, earlyJSON{id, *d.revoked.all[id]})
		}
	}
	for _, m := range d.mpids {
		x.MPIDs = append(x.MPIDs, mpidJSON{m, d.DCC.Holdings(m.ID), d.Codes.Holdings(m.ID)})
	}
	return json.Marshal(x)
}

// UnmarshalJSON reads what [Directory.MarshalJSON] writes, in place of what the directory holds. The error is that of the JSON, or says what is not as the methods of Directory could have left it;
// the directory is unchanged then.
func (d *Directory) UnmarshalJSON(b []byte) error {
	var x directoryJSON
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&x); err != nil {
		return fmt.Errorf("smki: directory: %w", err)
	}
	if _, err := dec.Token(); err != io.EOF {
		return fmt.Errorf("smki: directory: expected one JSON object")
	}
	var read Directory
	for _, u := range x.Users {
		if _, twice := read.User(u.ID); twice {
			return fmt.Errorf("smki: directory: expected User %v once", u.ID)
		}
		if err := read.SetUser(u); err != nil {
			return err
		}
	}
	for _, c := range x.Certificates {
		if err := read.Issue(c.Certificate); err != nil {
			return err
		}
		if c.Revoked != nil {
			read.Revoke(c.ID, *c.Revoked)
		}
	}
	for _, e := range x.Early {
		if _, issued := read.certByID.all[e.ID]; issued || read.revoked.all[e.ID] != nil {
			return fmt.Errorf("smki: directory: expected the revocation of certificate %s once", e.ID)
		}
		read.Revoke(e.ID, e.Revocation)
	}
	for _, m := range x.MPIDs {
		if len(m.DCC) == 0 || len(m.Codes) == 0 {
			return fmt.Errorf("smki: directory: expected the holders of MPID %s in both maps", m.ID)
		}
		if err := read.Allocate(m.ID, m.Fuel, m.DCC[0].Party, m.DCC[0].From); err != nil {
			return err
		}
		if err := read.DCC.read(m.ID, m.DCC); err != nil {
			return err
		}
		if err := read.Codes.read(m.ID, m.Codes); err != nil {
			return err
		}
	}
	*d = read
	return nil
}

// read takes the whole history of an MPID in place of what the map has.
func (m *MPIDMap) read(id MPID, all []MPIDHolding) error {
	sorted := slices.IsSortedFunc(all, func(a, b MPIDHolding) int { return a.From.Compare(b.From) })
	if i := slices.IndexFunc(all, func(h MPIDHolding) bool { return h.Party == "" }); !sorted || i >= 0 && (i == 0 || i < len(all)-1) {
		return fmt.Errorf("smki: directory: expected the holders of MPID %s in the order of time, none after its retirement", id)
	}
	m.holdings.set(id, all)
	return nil
}
