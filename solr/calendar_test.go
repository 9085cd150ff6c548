package solr_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/seed-db8551c1/lastresort/solr"
	"pgregory.net/rapid"
)

func utc(text string) time.Time {
	t, err := time.Parse("2006-01-02T15:04:05.999999999", text)
	if err != nil {
		panic(err)
	}
	return t
}

func TestCalendar(t *testing.T) {
	for _, c := range []struct {
		name      string
		got, want time.Time
		because   string
	}{
		{"SoLRDate", solr.SoLRDate(utc("2021-09-26T12:00:00")), utc("2021-09-25T23:01:00"), "00:01 London is 23:01 UTC of the day before in summer"},
		{"SoLRDate", solr.SoLRDate(utc("2021-12-01T12:00:00")), utc("2021-12-01T00:01:00"), "and 00:01 UTC in winter"},
		{"SoLRDate", solr.SoLRDate(utc("2021-09-25T23:00:00")), utc("2021-09-25T23:01:00"), "an instant past midnight in London is the new day, whatever UTC says"},
		{"SoLRDate", solr.SoLRDate(utc("2021-09-25T22:59:59.999999999")), utc("2021-09-24T23:01:00"), "the instant before is the old one"},
		{"SoLRDate", solr.SoLRDate(solr.SoLRDate(utc("2021-09-26T12:00:00"))), utc("2021-09-25T23:01:00"), "the SoLR date of a SoLR date is itself"},
		{"SoLRDate", solr.SoLRDate(utc("2021-10-31T12:00:00")), utc("2021-10-30T23:01:00"), "the day the clocks go back starts in summer time"},
		{"SoLRDate", solr.SoLRDate(utc("2022-03-27T12:00:00")), utc("2022-03-27T00:01:00"), "the day they go forward starts in winter time"},
		{"DayOf", solr.DayOf(utc("2021-10-31T23:59:59")), utc("2021-10-30T23:00:00"), "a day of 25 hours"},
		{"DayOf", solr.DayOf(utc("2021-11-01T00:00:00")), utc("2021-11-01T00:00:00"), "the day after it"},
		{"DayOf", solr.DayOf(utc("2022-03-27T22:59:59")), utc("2022-03-27T00:00:00"), "a day of 23 hours"},
		{"DayOf", solr.DayOf(utc("2022-03-27T23:00:00")), utc("2022-03-27T23:00:00"), "the day after it"},
		{"Midnight", solr.Midnight(2021, 10, 4), utc("2021-10-03T23:00:00"), "MP134A comes into force"},
		{"Midnight", solr.Midnight(2021, 11, 17), utc("2021-11-17T00:00:00"), "MP185 comes into force"},
		{"ArrangementEnd", solr.ArrangementEnd(solr.SoLRDate(utc("2021-06-15T12:00:00"))), utc("2021-09-12T23:00:00"), "R12: 90 days within summer, counted from midnight, not from 00:01"},
		{"ArrangementEnd", solr.ArrangementEnd(solr.SoLRDate(utc("2021-09-26T12:00:00"))), utc("2021-12-25T00:00:00"), "R12: calendar days: 90 times 24 hours and one more when the clocks go back"},
		{"ArrangementEnd", solr.ArrangementEnd(solr.SoLRDate(utc("2022-02-18T12:00:00"))), utc("2022-05-18T23:00:00"), "R12: and one less when they go forward"},
		{"ArrangementEnd", solr.ArrangementEnd(solr.SoLRDate(utc("2023-12-01T12:00:00"))), utc("2024-02-29T00:00:00"), "R12: a leap day is a day"},
	} {
		if !c.got.Equal(c.want) {
			t.Errorf("%s = %v, want %v (%s)", c.name, c.got.UTC(), c.want, c.because)
		}
	}
	if got := solr.ArrangementDays; got != 90 {
		t.Errorf("ArrangementDays = %d, want 90 (R12)", got)
	}
}

// TestDayOf: the day of an instant starts at midnight in London, not after it, and ends 23 to 25 hours later, for every instant of thirty years.
func TestDayOf(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		now := time.Unix(rapid.Int64Range(utc("2010-01-01T00:00:00").Unix(), utc("2040-01-01T00:00:00").Unix()).Draw(t, "seconds"), 0)
		start := solr.DayOf(now)
		next := solr.DayOf(start.Add(36 * time.Hour))
		h, m, s := start.In(solr.London()).Clock()
		if h != 0 || m != 0 || s != 0 || start.After(now) || !now.Before(next) {
			t.Fatalf("the day of %v is %v to %v", now, start, next)
		}
		if length := next.Sub(start); length < 23*time.Hour || length > 25*time.Hour {
			t.Fatalf("the day from %v lasts %v", start, length)
		}
		if !solr.DayOf(start).Equal(start) || !solr.DayOf(now.UTC()).Equal(solr.DayOf(now.In(time.FixedZone("", 12*3600)))) {
			t.Fatalf("the day of %v depends on how it is written", now)
		}
		if end := solr.ArrangementEnd(now); solr.DayOf(end) != end || end.Sub(start).Round(24*time.Hour) != 90*24*time.Hour {
			t.Fatalf("arrangements from %v end at %v", start, end)
		}
	})
}

// The bank holidays in England and Wales, as gov.uk/bank-holidays publishes them: those of 2020, 2022 and 2023 that were moved or added among them.
var published = map[int]string{
	2019: "1 Jan, 19 Apr, 22 Apr, 6 May, 27 May, 26 Aug, 25 Dec, 26 Dec",
	2020: "1 Jan, 10 Apr, 13 Apr, 8 May, 25 May, 31 Aug, 25 Dec, 28 Dec",
	2021: "1 Jan, 2 Apr, 5 Apr, 3 May, 31 May, 30 Aug, 27 Dec, 28 Dec",
	2022: "3 Jan, 15 Apr, 18 Apr, 2 May, 2 Jun, 3 Jun, 29 Aug, 19 Sep, 26 Dec, 27 Dec",
	2023: "2 Jan, 7 Apr, 10 Apr, 1 May, 8 May, 29 May, 28 Aug, 25 Dec, 26 Dec",
	2024: "1 Jan, 29 Mar, 1 Apr, 6 May, 27 May, 26 Aug, 25 Dec, 26 Dec",
	2025: "1 Jan, 18 Apr, 21 Apr, 5 May, 26 May, 25 Aug, 25 Dec, 26 Dec",
	2026: "1 Jan, 3 Apr, 6 Apr, 4 May, 25 May, 31 Aug, 25 Dec, 28 Dec",
	2027: "1 Jan, 26 Mar, 29 Mar, 3 May, 31 May, 30 Aug, 27 Dec, 28 Dec",
}

func TestBankHolidays(t *testing.T) {
	for year := solr.FirstCalendarYear; year <= solr.LastCalendarYear; year++ {
		var got []string
		for day := solr.Midnight(year, 1, 1); day.In(solr.London()).Year() == year; day = solr.DayOf(day.Add(36 * time.Hour)) {
			works, err := solr.WorkingDay(day)
			if err != nil {
				t.Fatal(err)
			}
			weekday := day.In(solr.London()).Weekday()
			if weekend := weekday == time.Saturday || weekday == time.Sunday; !works && !weekend {
				got = append(got, day.In(solr.London()).Format("2 Jan"))
			} else if works && weekend {
				t.Errorf("%v is a Working Day", day)
			}
		}
		if want, known := published[year]; known {
			if diff := cmp.Diff(want, strings.Join(got, ", ")); diff != "" {
				t.Errorf("%d (-want +got):\n%s", year, diff)
			}
			continue
		}
		easter := easterSunday(year)
		friday, monday := easter.AddDate(0, 0, -2).Format("2 Jan"), easter.AddDate(0, 0, 1).Format("2 Jan")
		if text := strings.Join(got, ", "); len(got) != 8 || !strings.Contains(text, friday+", "+monday) {
			t.Errorf("%d: %s, want eight with Good Friday on %s and Easter Monday on %s", year, text, friday, monday)
		}
	}
}

// easterSunday is Easter by the rule of the Gregorian calendar, which the table of the package is checked against.
func easterSunday(y int) time.Time {
	g, c := y%19, y/100
	h := (c - c/4 - (8*c+13)/25 + 19*g + 15) % 30
	i := h - (h/28)*(1-(29/(h+1))*((21-g)/11))
	j := (y + y/4 + i + 2 - c + c/4) % 7
	return time.Date(y, time.March, 28+i-j, 0, 0, 0, 0, time.UTC)
}

func TestEndOfWorkingDay(t *testing.T) {
	for _, c := range []struct {
		from    string
		n       int
		want    string
		because string
	}{
		{"2021-12-01T12:00:00", 1, "2021-12-03T00:00:00", "Thursday is over"},
		{"2021-12-01T12:00:00", 0, "2021-12-02T00:00:00", "the same day is over"},
		{"2021-12-03T12:00:00", 1, "2021-12-07T00:00:00", "from Friday to Monday"},
		{"2021-12-24T18:00:00", 1, "2021-12-30T00:00:00", "Christmas was a Saturday: the 27th and 28th were no Working Days"},
		{"2022-06-01T12:00:00", 2, "2022-06-07T23:00:00", "two bank holidays and a weekend"},
		{"2022-09-16T12:00:00", 1, "2022-09-20T23:00:00", "the State Funeral"},
		{"2021-10-29T12:00:00", 1, "2021-11-02T00:00:00", "over the day the clocks go back"},
		{"2021-09-25T23:01:00", 1, "2021-09-27T23:00:00", "00:01 of a Sunday in London, until the end of Monday"},
	} {
		got, err := solr.EndOfWorkingDay(utc(c.from), c.n)
		if err != nil || !got.Equal(utc(c.want)) {
			t.Errorf("%d Working Days after %s end at %v, %v, want %s (%s)", c.n, c.from, got.UTC(), err, c.want, c.because)
		}
	}
	for _, at := range []time.Time{utc("2014-12-31T23:59:59"), utc("2036-01-01T00:00:00")} {
		var unknown *solr.CalendarError
		if _, err := solr.WorkingDay(at); !errors.As(err, &unknown) {
			t.Errorf("%v: %v, want a CalendarError", at, err)
		}
	}
	var unknown *solr.CalendarError
	if _, err := solr.EndOfWorkingDay(utc("2035-12-28T12:00:00"), 5); !errors.As(err, &unknown) {
		t.Errorf("past the last year: %v, want a CalendarError", err)
	}
	if _, err := solr.EndOfWorkingDay(utc("2035-12-31T12:00:00"), 1<<40); !errors.As(err, &unknown) {
		t.Errorf("a number that reaches past the last year: %v, want a CalendarError", err)
	}
}

func ExampleEndOfWorkingDay() {
	due, err := solr.EndOfWorkingDay(time.Date(2021, time.December, 24, 18, 0, 0, 0, time.UTC), 1)
	fmt.Println(due.In(solr.London()).Format("Mon 2 Jan 15:04"), err)
	// Output: Thu 30 Dec 00:00 <nil>
}
