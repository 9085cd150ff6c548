package solr

import (
	"sync"
	"time"
	_ "time/tzdata" // London's calendar must not depend on the machine's
)

// London is the time zone in which the rules speak of days: Europe/London, with summer time.
var London = sync.OnceValue(func() *time.Location {
	loc, err := time.LoadLocation("Europe/London")
	if err != nil {
		return time.UTC // unreachable: the zone is compiled in
	}
	return loc
})

// Midnight is 00:00 in London on a date.
func Midnight(year int, month time.Month, day int) time.Time {
	return time.Date(year, month, day, 0, 0, 0, 0, London())
}

// DayOf is 00:00 in London on the day that contains t.
func DayOf(t time.Time) time.Time {
	y, m, d := t.In(London()).Date()
	return Midnight(y, m, d)
}

// SoLRDate is the instant at which an appointment has effect on a date: 00:01 in London on the day that contains t.
// (That it is one minute past midnight is UNCERTAIN: consumer guidance, not the direction itself.)
func SoLRDate(t time.Time) time.Time { return DayOf(t).Add(time.Minute) }

// ArrangementDays is how long, in calendar days from 00:00 of the SoLR date, SRP arrangements are expected to last at most (R12; MP185 report, section 3).
const ArrangementDays = 90

// ArrangementEnd is the instant from which SRP arrangements overrun their expected duration, given the SoLR date.
func ArrangementEnd(solrDate time.Time) time.Time {
	y, m, d := solrDate.In(London()).Date()
	return Midnight(y, m, d+ArrangementDays)
}
