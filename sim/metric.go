package sim

import "github.com/seed-db8551c1/lastresort/duis"

// MetricInfo describes one thing that a run measures. Names are stable.
type MetricInfo struct {
	Name    string
	Unit    string
	Meaning string
}

// Metrics lists everything that a run measures, in a fixed order.
func Metrics() []MetricInfo {
	all := append([]MetricInfo(nil), metrics[:]...)
	for _, c := range rejections {
		all = append(all, MetricInfo{"requests_rejected_" + c.String(), "requests", "rejected with " + c.String() + ", " + c.Meaning()})
	}
	return all
}

// Headline is the name of the metric that the sensitivity of a [Result] is given for.
const Headline = "customer_hours_off_supply"

type metric uint8

const (
	householdsLostSupply metric = iota
	vulnerableLostSupply
	customerHours
	hoursElectricity
	hoursGas
	failedTopUps
	worksDelayed
	heatingLost
	requestsAccepted
	requestsRejected
	requestsQuarantined
	requestsNoConnection
	requestsNotSent
	requestsFailedAtDevice
	safeModeShare
	safeModeDays50
	safeModeDays95
	safeModeDays100
	lastCoSDay
	certificateDays
	mpidWaitDays
	householdsWorseOff
	ordinaryTopUps
	breachesSeen
	numMetrics
)

var metrics = [numMetrics]MetricInfo{
	householdsLostSupply:   {"households_lost_supply", "households", "households in prepayment of failed suppliers that lost supply of a fuel at any time from the notice of failure to the Change of Supplier"},
	vulnerableLostSupply:   {"vulnerable_households_lost_supply", "households", "of those, households in a vulnerable situation"},
	customerHours:          {Headline, "hours", "hours that these households were without supply; a household without both fuels counts once"},
	hoursElectricity:       {"hours_off_supply_electricity", "hours", "hours that electricity meters were off supply"},
	hoursGas:               {"hours_off_supply_gas", "hours", "hours that gas meters were off supply"},
	failedTopUps:           {"failed_top_ups", "attempts", "attempts to top up that did not reach the meter, or only when the DCC had released them from quarantine"},
	worksDelayed:           {"emergency_works_delayed", "works", "emergency meter works whose requests did not reach the meter"},
	heatingLost:            {"heating_commands_lost", "commands", "commands to heating controlled by SMETS1 meters that did not reach the meter"},
	requestsAccepted:       {"requests_accepted", "requests", "Service Requests that the filter accepted when they came; a critical command is two"},
	requestsRejected:       {"requests_rejected", "requests", "Service Requests that the filter rejected with a response code, those too that it did not reject before they were held for their time, or quarantined"},
	requestsQuarantined:    {"requests_quarantined", "requests", "Service Requests over an anomaly detection threshold, whatever becomes of them when they are released"},
	requestsNoConnection:   {"requests_no_connection", "requests", "Service Requests without a connection to the DCC"},
	requestsNotSent:        {"requests_not_sent", "requests", "Service Requests that an SRP held back because no authority covered them"},
	requestsFailedAtDevice: {"requests_failed_at_device", "commands", "critical commands and top-ups that were accepted, but came from another supplier than the one whose credentials the meter has: the SoLR before the Change of Supplier"},
	safeModeShare:          {"safe_mode_share", "share", "prepayment meters that safe mode reached before their Change of Supplier"},
	safeModeDays50:         {"safe_mode_days_50", "days", "days after licence revocation until safe mode had reached half of the prepayment meters; null if it never did"},
	safeModeDays95:         {"safe_mode_days_95", "days", "the same for 95 % of them"},
	safeModeDays100:        {"safe_mode_days_100", "days", "the same for all of them"},
	lastCoSDay:             {"last_cos_day", "days", "days from the SoLR date (the latest, if a SoLR failed itself) to the last Change of Supplier of a failure, the longest of all failures; the MP185 report expects SRP support for at most 90. Null if one was not complete at the end of the run"},
	certificateDays:        {"certificate_days_after_revocation", "days", "days that certificates of failed suppliers stayed good after licence revocation, added up over certificates"},
	mpidWaitDays:           {"mpid_wait_days", "days", "days from the SoLR date until the DCC's map gives the MPIDs of a failure to its SoLR, the mean over failures; up to the end of the run where it never does"},
	householdsWorseOff:     {"households_worse_off", "households", "households longer without supply than under Baseline in the same replication"},
	ordinaryTopUps:         {"ordinary_top_ups", "top-ups", "top-ups of meters whose suppliers do not fail, as far as the scenario has such suppliers: all that is simulated of them. That none of them loses supply is no finding"},
	breachesSeen:           {"breaches", "breaches", "acts of the DCC that the register records as breaches; zero for a DCC that follows its duties"},
}

// rejections are the codes that the filter can reject with, in order.
var rejections = func() (codes []duis.Code) {
	var seen [256]bool
	for _, c := range duis.DefaultPolicy().Codes {
		seen[c] = seen[c] || c != 0
	}
	for c := range seen {
		if seen[c] {
			codes = append(codes, duis.Code(c))
		}
	}
	return codes
}()
