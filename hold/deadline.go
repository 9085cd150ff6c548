package hold

import (
	"time"

	"github.com/seed-db8551c1/lastresort/solr"
)

// By when the DCC does what it must.

// DefaultDutyDays is how many Working Days the DCC has for what it must do, unless the settings say otherwise: the duty is done in time until the end of the Working Day after that on which it
// became due. UNCERTAIN: the report has the duties come at once and names no deadline.
const DefaultDutyDays = 1

// due is when an open duty that has been due since a time becomes overdue; zero if it has no deadline, or one outside the years whose Working Days are known.
func (r *Register) due(a Action, since time.Time) time.Time {
	var days int
	switch a {
	case TransferMPID:
		days = r.Settings.TransferDays
	case RevokeCertificate:
		days = r.Settings.RevocationDays
	case ApplyThresholds:
		days = r.Settings.ThresholdDays
	}
	if days = orDefault(days, DefaultDutyDays); days < 0 {
		return time.Time{}
	}
	due, err := solr.EndOfWorkingDay(since, days)
	if err != nil {
		return time.Time{}
	}
	return due
}

// orDefault is a number of the settings, where zero stands for a default.
func orDefault(n, otherwise int) int {
	if n == 0 {
		return otherwise
	}
	return n
}

// Overdue lists what the DCC must do and has not done in time, in the order of [Register.Duties]. That something is late is no breach: the act is as lawful then as before.
func (r *Register) Overdue(at time.Time) []Duty {
	var all []Duty
	for _, d := range r.Duties(at) {
		if d.Modality == Must && !d.Due.IsZero() && !at.Before(d.Due) {
			all = append(all, d)
		}
	}
	return all
}
