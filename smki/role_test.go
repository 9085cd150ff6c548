package smki_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/seed-db8551c1/lastresort/smki"
	"pgregory.net/rapid"
)

var userRoles = []smki.UserRole{smki.ImportSupplier, smki.ExportSupplier, smki.GasSupplier, smki.ElectricityDistributor,
	smki.GasTransporter, smki.RegisteredSupplierAgent, smki.OtherUser}

// Which roles are held under an MPID, and of which fuel (R5: the others are untouched by a transfer).
func TestUserRoleFuel(t *testing.T) {
	want := map[string]string{"IS": "electricity", "ES": "electricity", "ED": "electricity", "GS": "gas", "GT": "gas", "RSA": "", "OU": ""}
	for _, r := range userRoles {
		got := ""
		if fuel, needed := r.Fuel(); needed {
			got = fuel.String()
		}
		if got != want[r.String()] {
			t.Errorf("%v: fuel %q, want %q", r, got, want[r.String()])
		}
	}
}

func TestUserRolesRoundTrip(t *testing.T) {
	for set := range 1 << len(userRoles) {
		roles := smki.UserRoles(set)
		back, err := smki.ParseUserRoles(roles.String())
		if err != nil || back != roles || smki.RolesOf(roles.All()...) != roles {
			t.Fatalf("%b prints as %q, which reads as %b, %v", roles, roles, back, err)
		}
		for i, r := range userRoles {
			if roles.Has(r) != (set>>i&1 == 1) || slices.Contains(roles.All(), r) != roles.Has(r) {
				t.Fatalf("%v: Has(%v) is %t, All is %v", roles, r, roles.Has(r), roles.All())
			}
		}
	}
}

func TestParseUserRoles(t *testing.T) {
	for _, c := range []struct {
		text    string
		want    string // "error" for an error
		because string
	}{
		{"", "", "the empty set: three variants of the DUIS have no role"},
		{"GS,IS", "IS,GS", "any order, printed in one"},
		{"IS,IS", "IS", "a set holds a role once"},
		{"is", "error", "codes are upper-case"},
		{"IS,", "error", "nothing after the comma"},
		{",IS", "error", "nothing before the comma"},
		{"IS, GS", "error", "no white space"},
		{"IS;GS", "error", "one kind of separator"},
		{"RSA,OU,ED,GT,ES,GS,IS", "IS,ES,GS,ED,GT,RSA,OU", "all of them"},
		{"CoS", "error", "the Change of Supplier party is no User"},
	} {
		set, err := smki.ParseUserRoles(c.text)
		var parse *smki.ParseError
		switch {
		case c.want == "error":
			if !errors.As(err, &parse) || set != 0 {
				t.Errorf("ParseUserRoles(%q) = %v, %v; want a ParseError (%s)", c.text, set, err, c.because)
			}
			kept := smki.RolesOf(smki.OtherUser)
			if kept.UnmarshalText([]byte(c.text)) == nil || kept != smki.RolesOf(smki.OtherUser) {
				t.Errorf("UnmarshalText(%q) left %v: want an error and no change", c.text, kept)
			}
		case err != nil || set.String() != c.want:
			t.Errorf("ParseUserRoles(%q) = %v, %v; want %s (%s)", c.text, set, err, c.want, c.because)
		}
	}
}

func TestParseRemotePartyRole(t *testing.T) {
	for _, c := range []struct {
		text    string
		want    int // negative for an error
		because string
	}{
		{"02", 0x02, "a supplier"},
		{"87", 0x87, "XML-sign: hexadecimal, not decimal 87"},
		{"7f", 0x7F, "lower case"},
		{"7F", 0x7F, "upper case"},
		{"FF", 0xFF, "a code without a name here"},
		{"2", -1, "one digit"},
		{"135", -1, "decimal for 0x87, issued by mistake"},
		{"0x2", -1, "no prefix"},
		{"+2", -1, "no sign"},
		{" 2", -1, "no white space"},
		{"0G", -1, "no hexadecimal digit"},
		{"", -1, "nothing"},
	} {
		r, err := smki.ParseRemotePartyRole(c.text)
		var parse *smki.ParseError
		if c.want < 0 {
			if !errors.As(err, &parse) || r != 0 {
				t.Errorf("ParseRemotePartyRole(%q) = %v, %v; want a ParseError (%s)", c.text, r, err, c.because)
			}
		} else if err != nil || int(r) != c.want || r.String() != strings.ToUpper(c.text) {
			t.Errorf("ParseRemotePartyRole(%q) = %v, %v; want %#x (%s)", c.text, r, err, c.want, c.because)
		}
	}
}

func FuzzParseUserRoles(f *testing.F) {
	f.Fuzz(func(t *testing.T, s string) {
		set, err := smki.ParseUserRoles(s)
		if err != nil {
			wantParseError(t, err, s)
			return
		}
		for name := range strings.SplitSeq(s, ",") {
			if s != "" && !slices.ContainsFunc(set.All(), func(r smki.UserRole) bool { return r.String() == name }) {
				t.Fatalf("%q reads as %v", s, set)
			}
		}
		if back, err := smki.ParseUserRoles(set.String()); err != nil || back != set {
			t.Fatalf("%q reads as %v, which reads as %v, %v", s, set, back, err)
		}
	})
}

func FuzzParseRemotePartyRole(f *testing.F) {
	f.Fuzz(func(t *testing.T, s string) {
		r, err := smki.ParseRemotePartyRole(s)
		if err != nil {
			wantParseError(t, err, s)
			return
		}
		if r.String() != strings.ToUpper(s) {
			t.Fatalf("%q reads as %v", s, r)
		}
	})
}

// Every enumeration prints a name that reads as the same value, and refuses any other text without a change.
func TestEnumerationsRoundTrip(t *testing.T) {
	testEnum(t, smki.Fuels[:], "", "gases", "Gas", "Fuel(9)")
	testEnum(t, []smki.CertificateUse{smki.XMLSign, smki.DigitalSigning, smki.KeyAgreement, smki.PrepaymentKeyAgreement, smki.DCCKI, smki.IKI, smki.DeviceCertificate}, "", "XML-sign", "CertificateUse(0)")
	testEnum(t, []smki.RevocationReason{smki.Unspecified, smki.KeyCompromise, smki.CACompromise, smki.AffiliationChanged, smki.Superseded,
		smki.CessationOfOperation, smki.PrivilegeWithdrawn, smki.AACompromise}, "", "certificateHold", "removeFromCRL", "RevocationReason(6)")
}

func testEnum[T interface {
	comparable
	String() string
	MarshalText() ([]byte, error)
}, P interface {
	*T
	UnmarshalText([]byte) error
}](t *testing.T, values []T, wrong ...string) {
	t.Helper()
	for _, v := range values {
		text, err := v.MarshalText()
		var back T
		if err != nil || string(text) != v.String() || P(&back).UnmarshalText(text) != nil || back != v {
			t.Errorf("%T %v prints as %q, %v, and reads back as %v", v, v, text, err, back)
		}
	}
	for _, text := range wrong {
		kept := values[len(values)-1]
		var parse *smki.ParseError
		if err := P(&kept).UnmarshalText([]byte(text)); !errors.As(err, &parse) || kept != values[len(values)-1] {
			t.Errorf("%T: %q reads as %v, %v; want a ParseError and no change", kept, text, kept, err)
		}
	}
}

// The order of operations on sets of roles does not matter, and no drawn list of roles is lost.
func TestRolesOf(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		list := rapid.SliceOf(rapid.SampledFrom(userRoles)).Draw(t, "roles")
		set := smki.RolesOf(list...)
		slices.Sort(list)
		if want := slices.Compact(list); !slices.Equal(set.All(), want) {
			t.Fatalf("RolesOf has %v, want %v", set.All(), want)
		}
	})
}
