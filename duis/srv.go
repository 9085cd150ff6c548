package duis

import (
	"fmt"
	"sort"

	"github.com/seed-db8551c1/lastresort/smki"
)

//go:generate go run ./internal/gentables

// SRV is a Service Request Variant: one of the 129 kinds of request that a User may send. The zero value is none.
type SRV uint8

// NumSRV is the number of Service Request Variants of DUIS V5.4.
const NumSRV = len(srvTable) - 1

// FutureDating says who holds a command whose execution is asked for later.
type FutureDating uint8

// The holders of future-dated commands. One variant (6.23) may be held by both.
const (
	NotFutureDated FutureDating = 0
	HeldByDSP      FutureDating = 1 // the DCC's Data Service Provider sends it to the device when it is due
	HeldByDevice   FutureDating = 2 // the device gets it at once and executes it when it is due
)

type srvRow struct {
	srv, reference, name, body                        string
	future                                            FutureDating
	roles                                             smki.UserRoles
	critical, onDemand, dccScheduled, nonDeviceTarget bool
}

// srvByName lists the variants in the order of their numbers' text, for look-up.
var srvByName = func() []SRV {
	all := SRVs()
	sort.Slice(all, func(i, j int) bool { return srvTable[all[i]].srv < srvTable[all[j]].srv })
	return all
}()

// SRVs lists all variants in the order of the DUIS.
func SRVs() []SRV {
	all := make([]SRV, NumSRV)
	for i := range all {
		all[i] = SRV(i + 1)
	}
	return all
}

// ParseSRV reads the number of a variant, such as "1.6". Numbers are text: "6.20.1" belongs to "6.20", not to "6.2".
// The error is an [*UnknownError].
func ParseSRV(s string) (SRV, error) {
	if v, ok := readSRV(s); ok {
		return v, nil
	}
	return 0, &UnknownError{What: "Service Request Variant", Expected: "one of the 129 of DUIS V5.4, such as 1.6 or 6.15.1", Got: s}
}

// readSRV is ParseSRV without a word about what is wrong. It does not allocate.
func readSRV[T string | []byte](s T) (SRV, bool) {
	i := sort.Search(len(srvByName), func(i int) bool { return srvTable[srvByName[i]].srv >= string(s) })
	if i < len(srvByName) && srvTable[srvByName[i]].srv == string(s) {
		return srvByName[i], true
	}
	return 0, false
}

func (v SRV) row() *srvRow { return &srvTable[v.index()] }

// index is v, or zero for what is no variant.
func (v SRV) index() int {
	if int(v) > NumSRV {
		return 0
	}
	return int(v)
}

// Valid reports whether v is a variant.
func (v SRV) Valid() bool { return v >= 1 && int(v) <= NumSRV }

// String gives the number of the variant, such as "1.6".
func (v SRV) String() string {
	if !v.Valid() {
		return fmt.Sprintf("SRV(%d)", uint8(v))
	}
	return v.row().srv
}

// Reference is the number of the Service Request that it is a variant of, such as "1.1" for "1.1.2".
func (v SRV) Reference() string { return v.row().reference }

// Name is the name of the variant, such as "Update Payment Mode".
func (v SRV) Name() string { return v.row().name }

// BodyElement is the local name of the XML element that a request of this variant carries in its body.
func (v SRV) BodyElement() string { return v.row().body }

// Critical reports whether the command can affect supply: the User signs it a second time, after the DCC's transform.
func (v SRV) Critical() bool { return v.row().critical }

// OnDemand reports whether the variant can be asked for at once.
func (v SRV) OnDemand() bool { return v.row().onDemand }

// FutureDating says who holds the command if its execution is asked for later.
func (v SRV) FutureDating() FutureDating { return v.row().future }

// DCCScheduled reports whether the DCC can repeat the request on a schedule.
func (v SRV) DCCScheduled() bool { return v.row().dccScheduled }

// NonDevice reports whether the DCC answers the request itself, without any device.
func (v SRV) NonDevice() bool { return v.row().nonDeviceTarget }

// Roles is the set of User Roles that may send the variant. It is empty for 7.16, 8.5 and 8.6.
func (v SRV) Roles() smki.UserRoles { return v.row().roles }

// MarshalText gives the number of the variant. It fails for none.
func (v SRV) MarshalText() ([]byte, error) {
	if !v.Valid() {
		return nil, &UnknownError{What: "Service Request Variant", Expected: "1 to 129", Got: v.String()}
	}
	return []byte(v.String()), nil
}

// UnmarshalText reads what [ParseSRV] reads, with its errors.
func (v *SRV) UnmarshalText(b []byte) error {
	x, err := ParseSRV(string(b))
	if err == nil {
		*v = x
	}
	return err
}

// UnknownError says that a text or number is not one of the values of the DUIS.
type UnknownError struct {
	What     string // what was to be read
	Expected string // what would have been right
	Got      string
}

func (e *UnknownError) Error() string {
	return fmt.Sprintf("duis: %q is no %s: expected %s", clip(e.Got), e.What, e.Expected)
}
