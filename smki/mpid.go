package smki

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// MPID is a Market Participant Identifier: the code of a participant under the Balancing and Settlement Code
// (4 characters) or the Uniform Network Code (3 characters), one for each role instance.
type MPID string

// ParseMPID reads an MPID: 3 or 4 upper-case letters and digits. The error is a [*ParseError].
func ParseMPID(s string) (MPID, error) {
	ok := len(s) == 3 || len(s) == 4
	for i := 0; ok && i < len(s); i++ {
		ok = 'A' <= s[i] && s[i] <= 'Z' || '0' <= s[i] && s[i] <= '9'
	}
	if !ok {
		return "", &ParseError{What: "MPID", Expected: "3 or 4 upper-case letters and digits", Got: s}
	}
	return MPID(s), nil
}

// Fuel is what a meter measures and an MPID is registered for.
type Fuel uint8

// The two fuels.
const (
	Electricity Fuel = iota
	Gas
)

// Fuels lists both fuels in order.
var Fuels = [...]Fuel{Electricity, Gas}

var fuelNames = [...]string{"electricity", "gas"}

func (f Fuel) String() string { return enumName("Fuel", fuelNames[:], int(f)) }

// MarshalText gives the name of the fuel.
func (f Fuel) MarshalText() ([]byte, error) { return []byte(f.String()), nil }

// UnmarshalText reads "electricity" or "gas". The error is a [*ParseError].
func (f *Fuel) UnmarshalText(b []byte) error { return parseEnum(f, "fuel", fuelNames[:], b) }

// PartyID is the Party Signifier of a SEC Party.
type PartyID string

// An MPIDHolding says from when a party holds an MPID. An empty Party means that the MPID is retired from then on.
type MPIDHolding struct {
	From  time.Time `json:"from"`
	Party PartyID   `json:"party,omitempty"`
}

// MPIDMap says which party each MPID belongs to at any time. The DCC keeps one; the registration codes (REC, UNC, BSC)
// keep another, which changes nothing on the DCC's network. The zero value is an empty map.
//
// Invariant: from its allocation to its retirement every MPID belongs to exactly one party.
type MPIDMap struct {
	holdings index[MPID, []MPIDHolding] // in order of From; equal instants in the order they were recorded
}

// Allocate records the first holder of an MPID. It fails if the MPID was allocated before. The maps of a [Directory] are allocated
// together, by [Directory.Allocate].
func (m *MPIDMap) Allocate(id MPID, to PartyID, at time.Time) error {
	if _, err := ParseMPID(string(id)); err != nil {
		return err
	}
	if to == "" {
		return fmt.Errorf("smki: MPID %s: expected a party to allocate it to", id)
	}
	if len(m.holdings.all[id]) > 0 {
		return fmt.Errorf("smki: MPID %s is allocated already, from %s", id, rfc3339(m.holdings.all[id][0].From))
	}
	m.holdings.set(id, []MPIDHolding{{From: at, Party: to}})
	return nil
}

// Transfer records that an MPID belongs to another party from the given time. A time before changes already recorded is
// allowed, since facts become known late; between equal times the one recorded last decides.
// It fails for an MPID that was not yet allocated, or is retired, at that time.
func (m *MPIDMap) Transfer(id MPID, to PartyID, at time.Time) error {
	if to == "" {
		return fmt.Errorf("smki: MPID %s: expected a party to transfer it to", id)
	}
	return m.insert(id, MPIDHolding{From: at, Party: to})
}

// Retire records that an MPID belongs to nobody from the given time, with the errors of [MPIDMap.Transfer].
// It also fails before a change that is already recorded.
func (m *MPIDMap) Retire(id MPID, at time.Time) error {
	if h := m.holdings.all[id]; len(h) > 0 && at.Before(h[len(h)-1].From) {
		return fmt.Errorf("smki: MPID %s: expected to retire it after its last change at %s", id, rfc3339(h[len(h)-1].From))
	}
	return m.insert(id, MPIDHolding{From: at})
}

func (m *MPIDMap) insert(id MPID, h MPIDHolding) error {
	if _, ok := m.Owner(id, h.From); !ok {
		return fmt.Errorf("smki: MPID %s belongs to nobody at %s: expected one allocated before and not retired", id, rfc3339(h.From))
	}
	all := m.holdings.all[id]
	i, _ := slices.BinarySearchFunc(all, h, func(a, b MPIDHolding) int {
		return cmp.Or(a.From.Compare(b.From), -1) // after all with the same instant
	})
	m.holdings.set(id, slices.Insert(slices.Clone(all), i, h))
	return nil
}

// Owner says whose an MPID was at a time: false if it was not allocated yet, or retired.
func (m *MPIDMap) Owner(id MPID, at time.Time) (PartyID, bool) {
	all := m.holdings.all[id]
	for i := len(all) - 1; i >= 0; i-- {
		if !at.Before(all[i].From) {
			return all[i].Party, all[i].Party != ""
		}
	}
	return "", false
}

// Holdings gives the whole history of an MPID, oldest first. The caller must not change it.
func (m *MPIDMap) Holdings(id MPID) []MPIDHolding { return m.holdings.all[id] }

// clone shares the histories, which are replaced and never changed in place.
func (m *MPIDMap) clone() MPIDMap { return MPIDMap{m.holdings.clone()} }
