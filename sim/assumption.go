package sim

import (
	"fmt"

	"github.com/seed-db8551c1/lastresort/duis"
	"github.com/seed-db8551c1/lastresort/hold"
)

// Assumption is a number that the model needs and that no rule gives. A scenario overrides it by name.
type Assumption struct {
	Name         string
	Unit         string
	Default      float64
	Min, Max     float64
	Distribution Distribution // of the true value; UNCERTAIN as a whole, whatever the default is
	Provenance   duis.Provenance
	Source       string // where the default comes from
	Meaning      string
}

// Assumptions lists all assumptions in a fixed order.
func Assumptions() []Assumption { return append([]Assumption(nil), assumptions[:]...) }

func (a *Assumption) takes(v float64) bool {
	if a.Unit == unitSwitch && v != 0 && v != 1 {
		return false
	}
	return v >= a.Min && v <= a.Max
}

// span says which values the assumption takes.
func (a *Assumption) span() string {
	switch a.Unit {
	case unitSwitch:
		return "0 or 1"
	case unitShare:
		return "a share from 0 to 1"
	}
	return fmt.Sprintf("a number of %s from %v to %v", a.Unit, a.Min, a.Max)
}

// The units of assumptions.
const (
	unitShare  = "share"
	unitSwitch = "switch" // 0 is off, 1 is on
	unitHours  = "hours"
	unitDays   = "days"
	unitPounds = "pounds"
)

// assumption is the place of an assumption in its table.
type assumption uint8

const (
	revocationGap assumption = iota
	announcementLead
	noticeHour
	horizonDays

	electricitySmart
	gasSmart
	smartMode
	smets2
	smets1Enrolled
	dualFuel
	nonDomesticSmart
	prepayment
	heatingControl

	spendElectricity
	spendGas
	spendSpread
	seasonElectricity
	seasonGas
	topUps
	topUpAmount
	topUpTrigger
	topUpDelay
	topUpRetry
	fixedTopUps
	balanceCap
	creditMin
	creditMax
	emergencyElectricity
	emergencyGas
	friendlyHours
	reactivationElectricity
	reactivationGas
	vulnerable
	supportCredit
	manualEntry
	prepaymentKey

	srpCapacity
	srpStaffHours
	srpAwaitsAuthority
	srpPositionLatency
	srpAcceptLatency
	srpDeclines
	adtPaymentMode
	adtAll
	raiseThresholds
	srpHeedsThresholds
	quarantineRelease
	safeModeRetry
	futureDated
	futureDatedDelay
	safeModeThresholds
	topUpsExempt
	enforceAuthority
	lapseAfterArrangement
	undoneActsExempt
	freezeControlOnly

	ofgemSafeModeLatency
	pmaWorkingDays
	pmaDelaysRevocation
	pmaDelayLatency
	pmaApproveLatency
	pmaReleaseLatency
	dccReceiptLatency
	dccActLatency
	dccThresholdLatency

	solrConfirmLatency
	solrSupportLatency
	solrAskAgain
	inFlight
	inFlightDays
	firstCoS
	cosRate
	industryCoSRate
	cosFutureDated
	earlyCoS
	earlyCoSRate

	commsFailure
	wanOutage
	worksRate
	heatingCommands

	numAssumptions
)

const (
	srcMarket   = "smart meter statistics for Great Britain, end of 2021"
	srcInferred = "inference; nothing published was found"
	srcReport   = "MP185 Modification Report, section 3"
	srcPractice = "supplier help pages of 2021 and 2022"
)

// assumptions is the table of all assumptions. Hours and days are of the clock, not of work, unless said.
var assumptions = [numAssumptions]Assumption{
	revocationGap: {"revocation-gap", unitDays, 0, 0, 30, triangular(0, 4), duis.Uncertain, srcInferred,
		"how long before the SoLR date the licence is revoked; never before the notice of failure, so that a longer gap leaves the PMA no time to delay. 0 is the same instant as the appointment, logged first"},
	announcementLead: {"announcement-lead", unitDays, 1, 0, 30, triangular(0, 3), duis.Derived, "Zog Energy ceased on 1 December 2021, EDF was appointed on 3 December (Reuters)",
		"how long before the SoLR date Ofgem names the SoLR"},
	noticeHour: {"notice-hour", unitHours, 12, 0, 24, triangular(8, 18), duis.Uncertain, srcInferred,
		"hours after midnight in London at which the supplier's failure is notified, on the day it ceased to trade"},
	horizonDays: {"horizon", unitDays, 100, 1, 400, fixed, duis.Uncertain, "design decision: past the 90 days of the MP185 report",
		"how long after the last SoLR date the simulation ends"},

	electricitySmart: {"electricity-smart", unitShare, 0.51, 0, 1, triangular(0.46, 0.56), duis.Derived, srcMarket,
		"domestic electricity meters that are smart. All shares of one household use common random numbers per feature: a household with a smart gas meter has a smart electricity meter too"},
	gasSmart:       {"gas-smart", unitShare, 0.46, 0, 1, triangular(0.41, 0.51), duis.Derived, srcMarket, "domestic gas meters that are smart"},
	smartMode:      {"smart-mode", unitShare, 0.84, 0, 1, triangular(0.8, 0.88), duis.Derived, srcMarket, "smart meters that work in smart mode"},
	smets2:         {"smets2", unitShare, 0.41, 0, 1, triangular(0.35, 0.47), duis.Derived, "interpolated between the ends of 2020 and 2022", "smart meters that are SMETS2; the others are SMETS1"},
	smets1Enrolled: {"smets1-enrolled", unitShare, 0.5, 0, 1, triangular(0.25, 0.75), duis.Uncertain, "3.7 of 15.7 million at the end of 2020; inference for 2021", "SMETS1 meters that the DCC has enrolled"},
	dualFuel:       {"dual-fuel", unitShare, 0.8, 0, 1, triangular(0.7, 0.9), duis.Uncertain, "23.9 million gas to 28.9 million electricity meters; inference per supplier", "customers of a dual-fuel supplier that take both fuels; the others take electricity"},
	nonDomesticSmart: {"non-domestic-smart", unitShare, 0.3, 0, 1, triangular(0.1, 0.5), duis.Uncertain, srcInferred,
		"non-domestic meters that are smart, of either fuel; they are never in prepayment mode"},
	prepayment:     {"prepayment", unitShare, 0.13, 0, 1, triangular(0.06, 0.26), duis.Seen, srcMarket, "domestic meters in smart mode that are in prepayment mode, where a supplier of the scenario has no share of its own; both meters of a household or none"},
	heatingControl: {"heating-control", unitShare, 0.01, 0, 1, lognormal(0.001, 0.05), duis.Uncertain, "that there are such is in the " + srcReport + "; how many is inference", "enrolled SMETS1 electricity meters that control heating"},

	spendElectricity:  {"spend-electricity", "pounds a day", 1.25, 0, 1000, triangular(0.9, 1.7), duis.Derived, "97.40 pounds a month for both fuels in prepayment, February 2022 (Uswitch), without the season", "spend on electricity in prepayment, the mean over households and the year"},
	spendGas:          {"spend-gas", "pounds a day", 1.25, 0, 1000, triangular(0.9, 1.7), duis.Derived, "97.40 pounds a month for both fuels in prepayment, February 2022 (Uswitch), without the season", "spend on gas in prepayment, the mean over households and the year"},
	spendSpread:       {"spend-spread", "standard deviations of the logarithm", 0.4, 0, 2, triangular(0.2, 0.7), duis.Uncertain, srcInferred, "how far spend differs between households"},
	seasonElectricity: {"season-electricity", unitShare, 0.15, 0, 0.9, triangular(0.05, 0.25), duis.Uncertain, "that more is used in winter is plain; how much more is inference", "how far spend on electricity goes above its mean in January and below it in July; a cosine between"},
	seasonGas:         {"season-gas", unitShare, 0.5, 0, 0.9, triangular(0.3, 0.7), duis.Uncertain, "most gas is for heating; how much more is used in winter is inference", "the same for gas"},
	topUps:            {"top-ups", unitSwitch, 1, 0, 1, fixed, duis.Derived, "design decision", "whether households top up at all. Those that do are never short of money"},
	topUpAmount:       {"top-up-amount", unitPounds, 10, 0.01, 1000, triangular(5, 20), duis.Derived, "10 pounds lasted less than 4.5 days in February 2022 (Uswitch)", "how much a household tops up at a time, per meter"},
	topUpTrigger:      {"top-up-trigger", unitPounds, 1, 0, 100, triangular(0, 2), duis.Seen, "low credit warnings of 0.50 and 1 pound (Bulb)", "the credit at which a household thinks of topping up"},
	topUpDelay:        {"top-up-delay", unitHours, 24, 0, 240, triangular(6, 72), duis.Uncertain, srcInferred, "the longest time from then to the top-up; uniform from zero"},
	topUpRetry:        {"top-up-retry", unitHours, 12, 0.1, 240, triangular(2, 24), duis.Uncertain, srcInferred, "how long a household waits after a top-up that failed"},
	fixedTopUps: {"fixed-top-ups", unitSwitch, 0, 0, 1, fixed, duis.Derived, "design decision, for tests",
		"top-ups at fixed times, each of what was spent in between, whatever the balance"},
	balanceCap:              {"balance-cap", unitPounds, 250, 1, 1e9, triangular(100, 500), duis.Uncertain, srcInferred, "the largest credit that a meter takes"},
	creditMin:               {"credit-min", unitPounds, 1, -1000, 1e6, fixed, duis.Derived, "the trigger of a top-up", "the least credit of a meter when its supplier ceases to trade"},
	creditMax:               {"credit-max", unitPounds, 11, -1000, 1e6, fixed, duis.Derived, "the trigger and one top-up", "the largest credit then; uniform from the least"},
	emergencyElectricity:    {"emergency-credit-electricity", unitPounds, 5, 0, 1000, triangular(3, 11), duis.Seen, srcPractice + ": 5 to 11 pounds", "emergency credit of an electricity meter; every household uses it up before it loses supply, and has it again with any top-up"},
	emergencyGas:            {"emergency-credit-gas", unitPounds, 5, 0, 1000, triangular(3, 10), duis.Seen, srcPractice + ": 5 to 10 pounds", "emergency credit of a gas meter; every household uses it up before it loses supply, and has it again with any top-up"},
	friendlyHours:           {"friendly-hours", unitSwitch, 1, 0, 1, either, duis.Seen, srcPractice, "whether supply goes on from 20:00 to 08:00, at weekends and on bank holidays when credit runs out (London)"},
	reactivationElectricity: {"reactivation-electricity", unitHours, 1, 0, 240, lognormal(0.25, 6), duis.Uncertain, "that it takes a person is on supplier help pages; how long is inference", "how long after a top-up or safe mode electricity comes back, unless enabled remotely"},
	reactivationGas:         {"reactivation-gas", unitHours, 4, 0, 240, lognormal(1, 24), duis.Uncertain, "there is no remote enablement of gas in the DUIS; how long is inference", "how long after a top-up, or after arming, a person is at the gas meter"},
	vulnerable:              {"vulnerable", unitShare, 0.25, 0, 1, triangular(0.15, 0.4), duis.Uncertain, "about a quarter of customers are on a priority services register; recollection", "households in prepayment that are in a vulnerable situation"},
	supportCredit:           {"support-credit", unitPounds, 10, 0, 1000, triangular(0, 30), duis.Uncertain, "suppliers owe it since December 2020 (Ofgem); some give up to 60 or 100 pounds a year; what a failed one's SRP gives is inference", "additional support credit that each meter of a vulnerable household gets once, by Update Meter Balance (1.5), when its credit and emergency credit have run out; 0 is none"},
	manualEntry:             {"manual-entry", unitShare, 0.05, 0, 1, triangular(0, 0.2), duis.Uncertain, "a 20-digit code can be typed in where delivery fails; how many do, and whether a failed supplier gives codes out, is inference", "households that type in the code of a top-up that did not arrive"},
	prepaymentKey:           {"prepayment-key", unitDays, 90, 0, 400, uniform(14, 180), duis.Uncertain, "the 90 days that SRP arrangements are expected to last; inference", "how long after the SoLR date somebody makes codes for top-ups with the failed supplier's prepayment key, without which a meter takes none before its Change of Supplier"},

	srpCapacity:        {"srp-capacity", "requests an hour", 20000, 1, 1e9, lognormal(2000, 200000), duis.Uncertain, srcInferred, "what one Shared Resource Provider can send for all its suppliers together; requests of households go before safe mode"},
	srpStaffHours:      {"srp-staff-hours", "hours a day", 12, 0.1, 24, triangular(8, 24), duis.Uncertain, srcInferred, "from 08:00 on, or so much earlier that they end by midnight (London, every day): when an SRP's staff states positions, answers requests for support and runs safe mode; top-ups go through at any time"},
	srpAwaitsAuthority: {"srp-awaits-authority", unitSwitch, 1, 0, 1, either, duis.Derived, srcReport, "whether an SRP sends only what an authority covers, where the rules ask for one"},
	srpPositionLatency: {"srp-position", unitHours, 24, 0, 2400, lognormal(6, 96), duis.Uncertain, srcInferred, "from the announcement of the SoLR to the SRP's position"},
	srpAcceptLatency:   {"srp-accept", unitHours, 12, 0, 2400, lognormal(3, 48), duis.Uncertain, srcInferred, "from the PMA's approval to the SRP's acceptance"},
	srpDeclines:        {"srp-declines", "requests", 0, 0, 1000, fixed, duis.Uncertain, srcInferred, "how many support requests of one failure its SRP declines before it accepts one; 1000 is all of them"},
	adtPaymentMode:     {"adt-payment-mode", "requests a day", 300, 0, 1e9, lognormal(50, 2000), duis.Uncertain, "a day-to-day threshold of a few hundred; inference", "anomaly detection threshold of each User for Update Payment Mode (1.6), both messages counted"},
	adtAll:             {"adt-all", "requests a day and meter", 5, 0, 1e6, triangular(2, 20), duis.Uncertain, srcInferred, "anomaly detection threshold of each failed supplier's User for all requests, and 1000 more"},
	raiseThresholds:    {"raise-thresholds", unitSwitch, 1, 0, 1, either, duis.Derived, srcReport, "whether thresholds are raised for safe mode: a SoLR asks for it with the support (MP185), an SRP sends the User's own file (MP134A, and for safe mode that is sent ahead)"},
	srpHeedsThresholds: {"srp-heeds-thresholds", unitSwitch, 1, 0, 1, either, duis.Uncertain, srcInferred,
		"whether an SRP keeps safe mode within the thresholds in force, and goes on the next day; else it sends on, and what is over is quarantined until it is released. What households need it sends in any case"},
	quarantineRelease: {"quarantine-release", unitHours, 24, 0, 2400, lognormal(4, 96), duis.Uncertain, "about a working day, as for thresholds; inference",
		"from the first request in quarantine to the release of all that have come by then: the SRP says by file that they are to be processed, and the DCC releases them. On a frozen failure the PMA's instruction takes pma-approve more, and the DCC dcc-act"},
	safeModeRetry: {"safe-mode-retry", unitHours, 24, 0.1, 2400, triangular(6, 48), duis.Uncertain, srcInferred, "how long an SRP waits after safe mode, or arming gas in it, did not reach the meter"},
	futureDated: {"future-dated-safe-mode", unitSwitch, 0, 0, 1, fixed, duis.Uncertain, "Update Payment Mode can be future-dated, and the meter holds it (DUIS); nobody is known to have done this",
		"whether an SRP sends safe mode ahead, from the notice of failure to the revocation of the licence, future-dated: the meter carries it out whatever has become of certificates and MPIDs by then, unless its Change of Supplier was before"},
	futureDatedDelay:      {"future-dated-delay", unitHours, 96, 0, 2400, triangular(72, 120), duis.Uncertain, "about the SoLR date: four days after ceasing to trade, mostly; inference", "how long after the notice of failure such meters go into safe mode"},
	safeModeThresholds:    {"safe-mode-carries-thresholds", unitSwitch, 0, 0, 1, either, duis.Uncertain, "the MP185 report has only the SoLR ask for them", "whether Ofgem's safe-mode instruction lets the PMA raise thresholds under MP185"},
	topUpsExempt:          {"top-ups-exempt", unitSwitch, 0, 0, 1, either, duis.Uncertain, "the MP185 report has the SoLR name every request, and no exception", "whether top-ups need no authority under MP185, so that an SRP goes on sending them before there is a SoLR"},
	enforceAuthority:      {"enforce-authority", unitSwitch, 0, 0, 1, either, duis.Uncertain, "the MP185 report foresees no change of the DCC's systems", "whether the DCC refuses what no authority covers (E3) under MP185; it matters where an SRP does not await its authority"},
	lapseAfterArrangement: {"lapse-after-arrangement", unitSwitch, 0, 0, 1, either, duis.Uncertain, "the MP185 report expects arrangements to last at most 90 days; whether they end then is inference", "whether an SRP's authority ends 90 days after the SoLR date"},
	undoneActsExempt:      {"undone-acts-exempt", unitSwitch, 0, 0, 1, either, duis.Uncertain, srcInferred, "whether acts that were due before MP185 came into force, and are not done by then, go on without confirmations and agreements; regime actual only"},
	freezeControlOnly:     {"freeze-control-only", unitSwitch, 0, 0, 1, either, duis.Uncertain, "the MP185 report has the DCC do nothing further about that supplier; that it means both controls is inference", "whether a delay of one control leaves the DCC free in the other"},

	ofgemSafeModeLatency: {"ofgem-safe-mode", unitHours, 12, 0, 2400, lognormal(3, 48), duis.Uncertain, srcInferred, "from licence revocation to Ofgem's safe-mode instruction"},
	pmaWorkingDays:       {"pma-working-days", unitSwitch, 1, 0, 1, either, duis.Uncertain, "a committee of the SEC Panel; whether it sits at a weekend for a failure is inference", "whether the PMA directs, approves and releases on Working Days from 09:00 to 17:00 only (London)"},
	pmaDelaysRevocation:  {"pma-delays-revocation", unitSwitch, 1, 0, 1, fixed, duis.Derived, srcReport, "whether the PMA, which delays the transfer of MPIDs under MP185, delays the revocation of certificates too"},
	pmaDelayLatency:      {"pma-delay", unitHours, 4, 0, 2400, lognormal(1, 24), duis.Uncertain, srcInferred, "from the notice of failure to the PMA's direction to delay"},
	pmaApproveLatency:    {"pma-approve", unitHours, 12, 0, 2400, lognormal(3, 48), duis.Uncertain, srcInferred, "from a request for support to the PMA's approval"},
	pmaReleaseLatency:    {"pma-release", unitHours, 24, 0, 2400, lognormal(6, 96), duis.Uncertain, srcInferred, "from the SoLR's agreement to the PMA's release"},
	dccReceiptLatency:    {"dcc-receipt", unitHours, 2, 0, 2400, lognormal(0.5, 12), duis.Uncertain, srcInferred, "from a direction to delay to its receipt by the DCC"},
	dccActLatency:        {"dcc-act", unitHours, 4, 0, 2400, lognormal(1, 48), duis.Uncertain, "\"immediately\" in the MP185 report, section 2; the hours are inference", "from a duty of the DCC to the act"},
	dccThresholdLatency:  {"dcc-thresholds", unitHours, 24, 0, 2400, lognormal(4, 96), duis.Uncertain, "about a working day; recollection", "from an instruction, or a User's own file, to the application of anomaly detection thresholds"},

	solrConfirmLatency: {"solr-confirm", unitHours, 72, 0, 2400, lognormal(24, 336), duis.Uncertain, srcInferred, "from the SoLR date to its five confirmations"},
	solrSupportLatency: {"solr-support", unitHours, 24, 0, 2400, lognormal(6, 96), duis.Uncertain, srcInferred, "from the SoLR date to its request for an SRP's support"},
	solrAskAgain:       {"solr-ask-again", unitHours, 168, 0.1, 2400, lognormal(24, 336), duis.Uncertain, srcInferred, "from a support request that the SRP declined to the next"},
	inFlight:           {"in-flight", unitShare, 0.0034, 0, 1, lognormal(0.001, 0.02), duis.Derived, "about 2,000 of Avro's 580,000 customers (Octopus Energy)", "customers who were switching to a supplier that does not fail when theirs did, and who go there without the SoLR"},
	inFlightDays:       {"in-flight-days", unitDays, 21, 0, 365, triangular(5, 28), duis.Seen, "a switch took up to 21 days before July 2022", "the longest time from the notice of failure to such a switch; uniform from zero, at the start of a day"},
	firstCoS:           {"first-cos", unitDays, 14, 0, 365, triangular(10, 28), duis.Derived, "two to three weeks; MP185 Modification Report, section 3", "from the SoLR date to its first Changes of Supplier"},
	cosRate:            {"cos-rate", "meters a day", 40000, 1, 1e9, lognormal(10000, 100000), duis.Uncertain, "inference from what the industry could move together", "Changes of Supplier of one SoLR, for all its failures together"},
	industryCoSRate:    {"industry-cos-rate", "meters a day", 100000, 1, 1e9, triangular(50000, 200000), duis.Uncertain, "about 100,000 customers a day, a reason against a SoLR for Bulb (Restructuring, December 2021); that it binds meters alike is inference", "Changes of Supplier of all SoLRs together that the industry's switching takes in a day, in proportion to what each would do"},
	cosFutureDated: {"cos-future-dated", unitSwitch, 1, 0, 1, either, duis.Uncertain, "that the Change of Supplier can be future-dated is in the DUIS; that SoLRs do it is inference",
		"whether a SoLR sends a Change of Supplier the day before, for the DSP to hold and decide again at its time; a SoLR that fails in between may have lost what the second decision needs"},
	earlyCoS:     {"early-cos", unitSwitch, 0, 0, 1, fixed, duis.Derived, "design decision", "a SoLR that can change the credentials of the whole book as soon as it owns the MPIDs, and agrees to the transfer once it has confirmed"},
	earlyCoSRate: {"early-cos-rate", "meters a day", 200000, 1, 1e9, lognormal(50000, 500000), duis.Uncertain, srcInferred, "how fast it then does"},

	commsFailure: {"comms-failure", unitShare, 0.02, 0, 1, lognormal(0.005, 0.08), duis.Uncertain, srcInferred, "commands that the DCC accepts and the meter does not get: the share of its time for which it is out of reach of the WAN"},
	wanOutage: {"wan-outage", unitHours, 24, 0, 2400, lognormal(2, 240), duis.Uncertain, "that meters can be without WAN for months is in SECMP0032; how long it mostly lasts is inference",
		"how long a meter stays out of reach at a time, at least; now and then it is several times that. 0 is a chance for each command instead"},
	worksRate:       {"works-rate", "a meter and year", 0.02, 0, 100, lognormal(0.005, 0.08), duis.Uncertain, srcInferred, "emergency meter works"},
	heatingCommands: {"heating-commands", "a day", 1, 0, 24, uniform(1, 2), duis.Uncertain, srcInferred, "commands to each meter that controls heating"},
}

// Monotone are overrides under which no household can be worse off for a delay: household by household, the time off supply is ordered MP185 ≤ MP134A ≤ Baseline.
// What makes a delay cost somebody something is taken out: queues and thresholds, top-ups that depend on the balance, the cap on it, credit that is given once, hours in which supply is free,
// the time to re-activate a meter, times at which a meter is out of reach (who sends safe mode later may find it back), and the steps of R9, but for support that the SRP declines: without its authority it sends all the same. Anything not named may be set as one likes, but for early-cos.
func Monotone() map[string]float64 {
	m := make(map[string]float64)
	for a, v := range map[assumption]float64{
		fixedTopUps: 1, balanceCap: 1e9, friendlyHours: 0, reactivationElectricity: 0, reactivationGas: 0,
		srpCapacity: 1e9, adtPaymentMode: 1e9, adtAll: 1e6, srpAwaitsAuthority: 0,
		solrSupportLatency: 0, pmaApproveLatency: 0, srpAcceptLatency: 0, dccThresholdLatency: 0, earlyCoS: 0, wanOutage: 0, vulnerable: 0, srpStaffHours: 24, pmaWorkingDays: 0,
	} {
		m[assumptions[a].Name] = v
	}
	return m
}

// values are the assumptions of one run.
type values [numAssumptions]float64

// assume gives the assumptions of a scenario, with further overrides.
func assume(overrides ...map[string]float64) (v values, err error) {
	for i := range assumptions {
		v[i] = assumptions[i].Default
	}
	for _, o := range overrides {
		for i := range assumptions {
			a := &assumptions[i]
			x, given := o[a.Name]
			if !given {
				continue
			}
			if !a.takes(x) {
				return v, fmt.Errorf("sim: assumption %s: expected %s, not %v", a.Name, a.span(), x)
			}
			v[i] = x
		}
		for name := range o {
			if !isAssumption(name) {
				return v, fmt.Errorf("sim: %q is no assumption: expected a name of the list of assumptions, such as %q", clip(name), assumptions[revocationGap].Name)
			}
		}
	}
	if v[creditMax] < v[creditMin] {
		return v, fmt.Errorf("sim: assumption %s: expected at least %v, which is %s, not %v", assumptions[creditMax].Name, v[creditMin], assumptions[creditMin].Name, v[creditMax])
	}
	return v, nil
}

func isAssumption(name string) bool {
	for i := range assumptions {
		if assumptions[i].Name == name {
			return true
		}
	}
	return false
}

func (v *values) on(a assumption) bool { return v[a] != 0 }

// settings is how the register reads the rules. What it can be set to and no run can tell is not an assumption: warnings and deadlines, and certificates and variants that the model has none of.
func (v *values) settings(regime hold.Regime) hold.Settings {
	return hold.Settings{
		Regime: regime, Enforce: v.on(enforceAuthority), FreezeControlOnly: v.on(freezeControlOnly), TopUpsExempt: v.on(topUpsExempt),
		SafeModeCarriesThresholds: v.on(safeModeThresholds), LapseAfterArrangement: v.on(lapseAfterArrangement), UndoneActsExempt: v.on(undoneActsExempt),
	}
}

// AssumptionValues gives all assumptions with the values that they have after overrides by name, of which later ones count.
// The error says which override is none, or out of bounds.
func AssumptionValues(overrides ...map[string]float64) ([]AssumptionValue, error) {
	v, err := assume(overrides...)
	if err != nil {
		return nil, err
	}
	return v.list(), nil
}

// list gives the assumptions with their values.
func (v *values) list() []AssumptionValue {
	all := make([]AssumptionValue, numAssumptions)
	for i := range all {
		a := &assumptions[i]
		all[i] = AssumptionValue{a.Name, a.Unit, v[i], a.Default, a.Distribution.String(), a.Provenance.String(), a.Source, a.Meaning}
	}
	return all
}
