package solr_test

import (
	"testing"
	"time"

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
