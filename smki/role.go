package smki

import (
	"fmt"
	"math/bits"
	"slices"
	"strings"
)

// UserRole is the part in which a Party uses the DCC's services. A User ID may be used in several roles.
type UserRole uint8

// The User Roles that may send Service Requests.
const (
	ImportSupplier          UserRole = iota // IS
	ExportSupplier                          // ES
	GasSupplier                             // GS
	ElectricityDistributor                  // ED
	GasTransporter                          // GT
	RegisteredSupplierAgent                 // RSA: meter operators and meter asset managers, read-only
	OtherUser                               // OU
	numUserRoles
)

var userRoleNames = [...]string{"IS", "ES", "GS", "ED", "GT", "RSA", "OU"}

func (r UserRole) String() string { return enumName("UserRole", userRoleNames[:], int(r)) }

// Fuel is the fuel of the MPID that a role is held under, and whether it is held under one at all:
// a registered supplier agent and an other user need none.
func (r UserRole) Fuel() (Fuel, bool) {
	switch r {
	case ImportSupplier, ExportSupplier, ElectricityDistributor:
		return Electricity, true
	case GasSupplier, GasTransporter:
		return Gas, true
	}
	return 0, false
}

// UserRoles is a set of User Roles. The zero value is the empty set.
type UserRoles uint8

// RolesOf is the set of the given roles.
func RolesOf(roles ...UserRole) UserRoles {
	var s UserRoles
	for _, r := range roles {
		s |= 1 << r
	}
	return s
}

// Has reports whether the role is in the set.
func (s UserRoles) Has(r UserRole) bool { return s>>r&1 == 1 }

// All lists the roles of the set in order.
func (s UserRoles) All() []UserRole {
	roles := make([]UserRole, 0, bits.OnesCount8(uint8(s)))
	for r := range numUserRoles {
		if s.Has(r) {
			roles = append(roles, r)
		}
	}
	return roles
}

// String lists the roles in order, separated by commas.
func (s UserRoles) String() string {
	var b strings.Builder
	for i, r := range s.All() {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(r.String())
	}
	return b.String()
}

// MarshalText gives the text of [UserRoles.String].
func (s UserRoles) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads what [ParseUserRoles] reads, with its errors.
func (s *UserRoles) UnmarshalText(b []byte) error {
	v, err := ParseUserRoles(string(b))
	if err == nil {
		*s = v
	}
	return err
}

// ParseUserRoles reads role codes separated by commas, such as "IS,GS"; the empty text is the empty set.
// The error is a [*ParseError].
func ParseUserRoles(s string) (UserRoles, error) {
	var set UserRoles
	if s == "" {
		return 0, nil
	}
	for name := range strings.SplitSeq(s, ",") {
		i := slices.Index(userRoleNames[:], name)
		if i < 0 {
			return 0, &ParseError{What: "User Role", Expected: "one of " + strings.Join(userRoleNames[:], ", "), Got: name}
		}
		set |= 1 << i
	}
	return set, nil
}

// RemotePartyRole is the role code of an Organisation Certificate's subject: the two hexadecimal digits of its
// organisational unit (SEC Appendix M, GBCS).
type RemotePartyRole uint8

// Remote Party Roles that a supplier failure meets, by their code.
const (
	RoleRoot                RemotePartyRole = 0x00
	RoleRecovery            RemotePartyRole = 0x01
	RoleSupplier            RemotePartyRole = 0x02
	RoleNetworkOperator     RemotePartyRole = 0x03
	RoleAccessControlBroker RemotePartyRole = 0x04
	RoleTransitionalCoS     RemotePartyRole = 0x05
	RoleWANProvider         RemotePartyRole = 0x06
	RoleIssuingAuthority    RemotePartyRole = 0x07
	RoleLoadController      RemotePartyRole = 0x08
	RoleOther               RemotePartyRole = 0x7F
	RoleXMLSign             RemotePartyRole = 0x87 // a User signing its Service Requests
	RoleDSPXMLSign          RemotePartyRole = 0x89 // the DCC signing its responses and alerts
)

// ParseRemotePartyRole reads exactly two hexadecimal digits, since decimal codes have been issued by mistake.
// Codes without a name here are read too. The error is a [*ParseError].
func ParseRemotePartyRole(s string) (RemotePartyRole, error) {
	if len(s) == 2 {
		if hi, lo := hexDigit(s[0]), hexDigit(s[1]); hi <= 15 && lo <= 15 {
			return RemotePartyRole(hi<<4 | lo), nil
		}
	}
	return 0, &ParseError{What: "remote party role", Expected: "2 hexadecimal digits, such as 02 or 87", Got: s}
}

// String gives the two digits of the code.
func (r RemotePartyRole) String() string { return fmt.Sprintf("%02X", uint8(r)) }
