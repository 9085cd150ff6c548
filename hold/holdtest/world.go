package holdtest

import (
	"fmt"
	"strconv"
	"time"

	"github.com/seed-db8551c1/lastresort/hold"
	"github.com/seed-db8551c1/lastresort/smki"
	"pgregory.net/rapid"
)

// World is who there is in a history, and what belongs to whom at its start. Every supplier may fail, and may be Supplier of Last Resort for the others.
type World struct {
	Suppliers []Supplier
	SRPs      []smki.PartyID
}

// Supplier is one supplier with what is its own, and the Shared Resource Providers that send on its behalf.
type Supplier struct {
	Party        smki.PartyID
	User         smki.User
	MPIDs        []smki.AllocatedMPID
	Certificates []smki.Certificate
	SRPs         []smki.PartyID
}

// EUI64s draws identifiers that are not zero.
func EUI64s() *rapid.Generator[smki.EUI64] {
	return rapid.Map(rapid.Uint64Min(1), func(n uint64) smki.EUI64 { return smki.EUI64(n) })
}

// MPIDs draws Market Participant Identifiers of both lengths.
func MPIDs() *rapid.Generator[smki.MPID] {
	return rapid.Map(rapid.StringMatching(`[A-Z0-9]{3,4}`), func(s string) smki.MPID { return smki.MPID(s) })
}

// Parties draws the names of parties, few enough that they meet again.
func Parties() *rapid.Generator[smki.PartyID] {
	return rapid.Map(rapid.IntRange(0, 5), func(i int) smki.PartyID { return smki.PartyID(partyNames[i]) })
}

var partyNames = [...]string{"Alder", "Beech", "Cedar", "Douglas", "Elm", "Fir"}

// Certificates draws certificates of a subscriber, of every use. Some of them expire within a history that begins at start, or are valid only from a day in it on.
func Certificates(subscriber smki.PartyID, user smki.EUI64, start time.Time) *rapid.Generator[smki.Certificate] {
	return rapid.Custom(func(t *rapid.T) smki.Certificate {
		c := smki.Certificate{
			ID:      smki.MakeCertificateID(string(subscriber), strconv.Itoa(rapid.IntRange(1, 1<<20).Draw(t, "serial"))),
			Use:     smki.CertificateUse(rapid.IntRange(int(smki.XMLSign), int(smki.DeviceCertificate)).Draw(t, "use")),
			Subject: user, Subscriber: subscriber, NotBefore: start.AddDate(-1, 0, 0),
		}
		switch rapid.IntRange(0, 19).Draw(t, "valid for a part of it") {
		case 17:
			c.NotBefore = start.AddDate(0, 0, rapid.IntRange(1, 60).Draw(t, "days until it is valid"))
		case 18, 19:
			c.NotAfter = start.AddDate(0, 0, rapid.IntRange(1, 60).Draw(t, "days until it expires"))
		}
		return c
	})
}

// Worlds draws two to four suppliers with one to three MPIDs each and certificates of every use, sharing one or two SRPs. It begins at start.
func Worlds(start time.Time) *rapid.Generator[World] {
	return rapid.Custom(func(t *rapid.T) World {
		w := World{SRPs: []smki.PartyID{"Hub", "Link"}[:rapid.IntRange(1, 2).Draw(t, "SRPs")]}
		for i := range rapid.IntRange(2, 4).Draw(t, "suppliers") {
			s := Supplier{Party: smki.PartyID(partyNames[i])}
			s.User = smki.User{ID: smki.EUI64(0xA0 + i), Party: s.Party, Roles: smki.RolesOf(smki.ImportSupplier, smki.GasSupplier, smki.OtherUser)}
			if rapid.IntRange(0, 3).Draw(t, "supplier only") == 3 {
				s.User.Roles = smki.RolesOf(smki.ImportSupplier, smki.GasSupplier) // without an MPID it may send nothing at all
			}
			for k := range rapid.IntRange(1, 3).Draw(t, "MPIDs") {
				s.MPIDs = append(s.MPIDs, smki.AllocatedMPID{ID: smki.MPID(fmt.Sprintf("%c%s%d", partyNames[i][0], []string{"EL", "GA", "EL"}[k], k)), Fuel: smki.Fuel(k % 2)})
			}
			uses := []smki.CertificateUse{smki.XMLSign, smki.DigitalSigning, smki.DCCKI}
			for k, use := range append(uses, rapid.SliceOfN(rapid.SampledFrom([]smki.CertificateUse{smki.KeyAgreement, smki.PrepaymentKeyAgreement, smki.IKI, smki.DeviceCertificate}), 0, 2).Draw(t, "other certificates")...) {
				c := Certificates(s.Party, s.User.ID, start).Draw(t, "certificate")
				c.ID, c.Use = smki.MakeCertificateID(string(s.Party), strconv.Itoa(k+1)), use
				s.Certificates = append(s.Certificates, c)
			}
			s.SRPs = w.SRPs[rapid.IntRange(0, len(w.SRPs)).Draw(t, "SRPs not engaged"):]
			w.Suppliers = append(w.Suppliers, s)
		}
		return w
	})
}

// Facts gives the events that record the world in a register.
func (w *World) Facts(at time.Time) []hold.Event {
	var all []hold.Event
	for _, p := range w.SRPs {
		all = append(all, hold.Event{Kind: hold.CertificateIssued, Certificate: &smki.Certificate{ID: smki.CertificateID(p), Use: smki.DCCKI, Subscriber: p}})
	}
	for _, s := range w.Suppliers {
		all = append(all, hold.Event{Kind: hold.UserRecorded, User: &s.User})
		for _, m := range s.MPIDs {
			all = append(all, hold.Event{Kind: hold.MPIDAllocated, MPIDs: []smki.MPID{m.ID}, Fuel: m.Fuel, Party: s.Party})
		}
		for _, c := range s.Certificates {
			all = append(all, hold.Event{Kind: hold.CertificateIssued, Certificate: &c})
		}
		for _, p := range s.SRPs {
			all = append(all, hold.Event{Kind: hold.SRPEngaged, By: p, Party: s.Party})
		}
	}
	for i := range all {
		all[i].At = at
	}
	return all
}
