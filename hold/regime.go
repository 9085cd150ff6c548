package hold

import (
	"fmt"
	"time"

	"github.com/seed-db8551c1/lastresort/duis"
	"github.com/seed-db8551c1/lastresort/solr"
)

// Regime is a state of the Smart Energy Code, as far as it concerns supplier failures. The zero value takes each rule by its date.
type Regime uint8

// The regimes. MP185 contains MP134A.
const (
	Actual   Regime = iota // each rule from the day that it came into force; see [RulesAt]
	Baseline               // before 4 October 2021: certificates and MPIDs go at once
	MP134A                 // the PMA may delay the revocation of certificates
	MP185                  // it may delay the transfer of MPIDs too, and nothing goes before the SoLR's confirmations
)

var regimeNames = [...]string{"actual", "baseline", "mp134a", "mp185"}

func (r Regime) String() string {
	if int(r) < len(regimeNames) {
		return regimeNames[r]
	}
	return fmt.Sprintf("Regime(%d)", uint8(r))
}

// ParseRegime reads the name of a regime: "actual", "baseline", "mp134a" or "mp185".
func ParseRegime(s string) (Regime, error) {
	for i, n := range regimeNames {
		if n == s {
			return Regime(i), nil
		}
	}
	return 0, fmt.Errorf("hold: %q is no regime: expected one of %q", s, regimeNames)
}

// MarshalText gives the name of the regime.
func (r Regime) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// UnmarshalText reads what [ParseRegime] reads, with its error.
func (r *Regime) UnmarshalText(b []byte) error {
	v, err := ParseRegime(string(b))
	if err == nil {
		*r = v
	}
	return err
}

// MP134AFrom and MP185From are the instants from which the two modifications are in force: midnight in London on 4 October and 17 November 2021
// (SEC v47.0 and the ad-hoc release for MP185).
func MP134AFrom() time.Time { return solr.Midnight(2021, time.October, 4) }

// MP185From is described with [MP134AFrom].
func MP185From() time.Time { return solr.Midnight(2021, time.November, 17) }

// RulesAt is the regime in force at a time: Baseline, MP134A or MP185.
func RulesAt(t time.Time) Regime {
	switch {
	case !t.Before(MP185From()):
		return MP185
	case !t.Before(MP134AFrom()):
		return MP134A
	}
	return Baseline
}

// at is the regime that a rule is taken from at a time.
func (r Regime) at(t time.Time) Regime {
	if r == Actual {
		return RulesAt(t)
	}
	return r
}

// Settings are the choices that the rules leave open. The zero value holds the defaults; each default is UNCERTAIN where the published report does not settle it.
type Settings struct {
	// Regime is the state of the code. By default each rule counts from its date.
	Regime Regime
	// Enforce refuses a request in a failed supplier's name that no authority covers (R9). By default it is flagged only: the report foresees no
	// change of the DCC's systems.
	Enforce bool
	// FreezeControlOnly limits the freeze of R7 to the control that is delayed. By default a delay of either freezes the whole failure.
	FreezeControlOnly bool
	// TopUpsExempt lets top-ups (2.2) pass without an authority (R9). By default they need one.
	TopUpsExempt bool
	// SafeModeVariants are the variants, besides Update Payment Mode (1.6) to credit, that Ofgem's safe-mode instruction covers (R10).
	// By default none: Update Prepay Configuration (2.1) can soften prepayment, but its body can also do the opposite. UNCERTAIN.
	SafeModeVariants []duis.SRV
	// SafeModeCarriesThresholds lets the PMA instruct anomaly detection thresholds on Ofgem's safe-mode instruction alone (R10). By default
	// only a SoLR's request can carry them, so that there are none before there is a SoLR.
	SafeModeCarriesThresholds bool
	// LapseAfterArrangement ends authorities when the 90 days of R12 are over, unless the PMA extended them. By default they are only reported.
	LapseAfterArrangement bool
	// WarningDays is how many calendar days before the 90 days of R12 are over the end of an arrangement counts as near: by default, or with 0, [DefaultWarningDays].
	// With a negative number there is no warning. UNCERTAIN.
	WarningDays int
	// TransferDays, RevocationDays and ThresholdDays are how many Working Days the DCC has to transfer an MPID, to revoke a certificate and to apply thresholds from when it must:
	// by default, or with 0, [DefaultDutyDays]. With a negative number there is no deadline. UNCERTAIN: the report names none.
	TransferDays, RevocationDays, ThresholdDays int
	// IKIExempt and DeviceIncluded change what Supplier Certificates are (R2): by default IKI certificates are, device certificates are not.
	IKIExempt, DeviceIncluded bool
	// UndoneActsExempt keeps R8 and R11 off acts whose trigger came before MP185 was in force (R18). By default they bind every act still undone.
	UndoneActsExempt bool
}
