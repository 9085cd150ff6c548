package duis

import (
	"fmt"
	"math/bits"
	"strconv"
	"strings"
	"time"

	"github.com/seed-db8551c1/lastresort/smki"
)

// MPxN is the number of a metering point: an MPAN (electricity, 13 digits) or an MPRN (gas, up to 10 digits).
// The zero value is none.
type MPxN uint64

const (
	maxMPRN = 9_999_999_999
	minMPAN = 1_000_000_000_000
	maxMPAN = 9_999_999_999_999
)

// ParseMPxN reads an MPAN (exactly 13 digits, the first not 0) or an MPRN (1 to 10 digits, not all 0). The error is an [*UnknownError].
func ParseMPxN(s string) (MPxN, error) {
	n, err := strconv.ParseUint(s, 10, 64)
	if err == nil && s[0] != '+' && n > 0 && (len(s) == 13 && s[0] != '0' || len(s) <= 10) {
		return MPxN(n), nil
	}
	return 0, &UnknownError{What: "MPxN", Expected: "an MPAN of 13 digits, the first not 0, or an MPRN of 1 to 10 digits, not all 0", Got: s}
}

func (n MPxN) valid() bool { return n >= 1 && n <= maxMPRN || n >= minMPAN && n <= maxMPAN }

// of reports whether n is a valid number of a point for a fuel.
func (n MPxN) of(f smki.Fuel) bool { return n.valid() && n.Fuel() == f }

// Fuel is the fuel that is metered at the point.
func (n MPxN) Fuel() smki.Fuel {
	if n > maxMPRN {
		return smki.Electricity
	}
	return smki.Gas
}

// String gives the digits.
func (n MPxN) String() string { return strconv.FormatUint(uint64(n), 10) }

// MarshalText gives the digits.
func (n MPxN) MarshalText() ([]byte, error) { return []byte(n.String()), nil }

// UnmarshalText reads what [ParseMPxN] reads, with its errors.
func (n *MPxN) UnmarshalText(b []byte) error {
	v, err := ParseMPxN(string(b))
	if err == nil {
		*n = v
	}
	return err
}

// Status is the SMI Status of a device in the DCC's inventory (DUIS V5.4). The zero value is none.
type Status uint8

// The SMI Statuses.
const (
	Pending Status = iota + 1
	Whitelisted
	InstalledNotCommissioned
	Commissioned
	Decommissioned
	Withdrawn
	Suspended
	Recovery
	Recovered
	numStatuses
)

var deviceStatusNames = [...]string{"", "Pending", "Whitelisted", "InstalledNotCommissioned", "Commissioned", "Decommissioned",
	"Withdrawn", "Suspended", "Recovery", "Recovered"}

func (s Status) String() string {
	if s >= 1 && s < numStatuses {
		return deviceStatusNames[s]
	}
	return fmt.Sprintf("Status(%d)", uint8(s))
}

// MarshalText gives the name of the status.
func (s Status) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads the name of a status. The error is an [*UnknownError].
func (s *Status) UnmarshalText(b []byte) error {
	for i, n := range deviceStatusNames[1:] {
		if n == string(b) {
			*s = Status(i + 1)
			return nil
		}
	}
	return &UnknownError{What: "SMI Status", Expected: "one of " + strings.Join(deviceStatusNames[1:], ", "), Got: string(b)}
}

// DeviceType is the type of a device. The zero value is none.
type DeviceType uint8

// The device types of the DUIS.
const (
	ESME   DeviceType = iota + 1 // electricity smart metering equipment
	GSME                         // gas smart metering equipment
	GPF                          // gas proxy function
	CHF                          // communications hub function
	PPMID                        // prepayment meter interface device
	IHD                          // in-home display
	HCALCS                       // HAN connected auxiliary load control switch
	SAPC                         // standalone auxiliary proportional controller
	numDeviceTypes
)

var deviceTypeNames = [...]string{"", "ESME", "GSME", "GPF", "CHF", "PPMID", "IHD", "HCALCS", "SAPC"}

func (t DeviceType) String() string {
	if t >= 1 && t < numDeviceTypes {
		return deviceTypeNames[t]
	}
	return fmt.Sprintf("DeviceType(%d)", uint8(t))
}

// MarshalText gives the name of the type.
func (t DeviceType) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// UnmarshalText reads the name of a type. The error is an [*UnknownError].
func (t *DeviceType) UnmarshalText(b []byte) error {
	for i, n := range deviceTypeNames[1:] {
		if n == string(b) {
			*t = DeviceType(i + 1)
			return nil
		}
	}
	return &UnknownError{What: "device type", Expected: "one of " + strings.Join(deviceTypeNames[1:], ", "), Got: string(b)}
}

// Device is one entry of the DCC's inventory. A device is reached through the metering points that it stands at; those that
// it does not have are zero.
type Device struct {
	ID     smki.EUI64
	Type   DeviceType
	Status Status
	SMETS1 bool
	Import MPxN // the import MPAN
	Export MPxN // the export MPAN
	Gas    MPxN // the MPRN
}

// deviceRow is a Device in the tables of a World: 24 bytes. Metering points are positions in the table of points, plus one.
type deviceRow struct {
	id                smki.EUI64
	imp, exp, gas     uint32
	typ, status, gen1 uint8
}

// pointRow is a metering point with its latest registration: 24 bytes. Earlier registrations are a chain of changeRows.
type pointRow struct {
	id      MPxN
	from    uint32 // seconds since epoch2000
	earlier uint32 // position in the table of changes, plus one; zero for none
	mpid    uint16 // the supplier's MPID by number; zero for nobody
	network uint16 // the network operator's MPID by number; zero if that is not known
}

type changeRow struct {
	from, earlier uint32
	mpid          uint16
}

// epoch2000 is where the 32-bit seconds of the tables start; they end in 2136.
const epoch2000 = 946684800

// tableTime is t in the seconds of the tables, rounded up: a registration that starts within a second counts from the next.
func tableTime(t time.Time) (uint32, bool) {
	s := t.Unix() - epoch2000
	if t.Nanosecond() > 0 {
		s++
	}
	return uint32(s), s >= 0 && s < 1<<32
}

func fromTableTime(s uint32) time.Time { return time.Unix(int64(s)+epoch2000, 0).UTC() }

// index finds records by a 64-bit key: open addressing with linear probing, slots of 4 bytes, at most three quarters full.
// A slot holds the position of a record plus one; zero is empty.
type index struct{ paged[uint32] }

// home is where the search for a key starts: the high bits of a mixed key, scaled to the number of slots.
// The multiplier is the golden ratio's fraction (Knuth, TAOCP 3, section 6.4).
func home(key uint64, slots int) int {
	key ^= key >> 32
	hi, _ := bits.Mul64(key*0x9e3779b97f4a7c15, uint64(slots))
	return int(hi)
}

// find gives the position of the record with a key.
func find[T any](x *index, rows *paged[T], key uint64, keyOf func(*T) uint64) (int, bool) {
	if x.n == 0 {
		return 0, false
	}
	for i := home(key, x.n); ; {
		s := *x.at(i)
		if s == 0 {
			return 0, false
		}
		if keyOf(rows.at(int(s-1))) == key {
			return int(s - 1), true
		}
		if i++; i == x.n {
			i = 0
		}
	}
}

func deviceKey(d *deviceRow) uint64 { return uint64(d.id) }
func pointKey(p *pointRow) uint64   { return uint64(p.id) }
