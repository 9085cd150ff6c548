package solr

import (
	"fmt"
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

// CalendarError says that a day is outside the years for which the bank holidays are known.
type CalendarError struct{ Day time.Time }

func (e *CalendarError) Error() string {
	return fmt.Sprintf("solr: bank holidays in %d: expected a year from %d to %d", e.Day.In(London()).Year(), FirstCalendarYear, LastCalendarYear)
}

// FirstCalendarYear and LastCalendarYear bound the years for which working days are known.
const FirstCalendarYear, LastCalendarYear = 2015, 2035

// WorkingDay reports whether the day in London that contains t is a Working Day: no Saturday, no Sunday and no bank holiday in England and Wales. (That the Smart Energy Code
// means these is UNCERTAIN.) The error is a [*CalendarError] before 2015 and after 2035.
//
// The bank holidays are those of gov.uk/bank-holidays. Later ones than it publishes, which is two or three years ahead, follow from the Banking and Financial Dealings Act 1971
// and custom; a proclamation may still move or add one, as in 2020, 2022 and 2023.
func WorkingDay(t time.Time) (bool, error) {
	year, month, day := t.In(London()).Date()
	if year < FirstCalendarYear || year > LastCalendarYear {
		return false, &CalendarError{t}
	}
	weekday := Midnight(year, month, day).Weekday()
	return weekday != time.Saturday && weekday != time.Sunday && !bankHoliday(year, month, day), nil
}

// EndOfWorkingDay is 00:00 in London after the n-th Working Day that begins after t; for n of 0 or less, after the day of t, whatever day that is.
// The error is a [*CalendarError] where that is outside the years that are known.
func EndOfWorkingDay(t time.Time, n int) (time.Time, error) {
	year, month, day := t.In(London()).Date()
	for ; n > 0; n-- {
		for {
			day++
			works, err := WorkingDay(Midnight(year, month, day))
			if err != nil {
				return time.Time{}, err
			}
			if works {
				break
			}
		}
	}
	return Midnight(year, month, day+1), nil
}

type date struct {
	year  int
	month time.Month
	day   int
}

// proclaimed are the bank holidays that a proclamation moved to another day (from) or added.
var proclaimed = []struct{ from, to date }{
	{date{2020, time.May, 4}, date{2020, time.May, 8}},   // 75 years of VE day
	{date{2022, time.May, 30}, date{2022, time.June, 2}}, // Platinum Jubilee
	{date{}, date{2022, time.June, 3}},                   // Platinum Jubilee
	{date{}, date{2022, time.September, 19}},             // State Funeral of Queen Elizabeth II
	{date{}, date{2023, time.May, 8}},                    // coronation of King Charles III
}

// bankHoliday reports whether a date is a bank holiday in England and Wales.
func bankHoliday(year int, month time.Month, day int) bool {
	d := date{year, month, day}
	for _, p := range proclaimed {
		if p.to == d || p.from == d {
			return p.to == d
		}
	}
	weekday := func(day int) time.Weekday { return time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Weekday() }
	monday := weekday(day) == time.Monday
	switch month {
	case time.January: // the 1st, or the Monday after it
		return day == 1 && weekday(1) != time.Saturday && weekday(1) != time.Sunday || monday && (day == 2 || day == 3)
	case time.May: // the first Monday and the last
		return monday && (day <= 7 || day > 24)
	case time.August: // the last Monday
		return monday && day > 24
	case time.December: // the 25th and 26th, or the weekdays after them
		switch weekday(25) {
		case time.Friday:
			return day == 25 || day == 28
		case time.Saturday:
			return day == 27 || day == 28
		case time.Sunday:
			return day == 26 || day == 27
		}
		return day == 25 || day == 26
	}
	// Good Friday and Easter Monday
	at := time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
	easter := time.Date(year, time.March, easterSundays[year-FirstCalendarYear], 0, 0, 0, 0, time.UTC)
	return at.Equal(easter.AddDate(0, 0, -2)) || at.Equal(easter.AddDate(0, 0, 1))
}

// easterSundays are the Easter Sundays of the years that are known, as days of March: 32 is 1 April.
var easterSundays = [LastCalendarYear - FirstCalendarYear + 1]int{
	36, 27, 47, 32, 52, // 2015 to 2019
	43, 35, 48, 40, 31, 51, 36, 28, 47, 32, // 2020 to 2029
	52, 44, 28, 48, 40, 25, // 2030 to 2035
}
