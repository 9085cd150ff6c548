package sim

import (
	"math"
	"testing"
	"time"

	"github.com/seed-db8551c1/lastresort/sim/des"
	"github.com/seed-db8551c1/lastresort/smki"
	"github.com/seed-db8551c1/lastresort/solr"
)

// Days and protected hours are those of London, also across both changes of the clocks. The slow way asks the time zone at every step.
func TestCalendar(t *testing.T) {
	c := newCalendar(date("2021-09-14"), solr.Midnight(2022, time.April, 10))
	for at := des.Time(0); at < c.instant(solr.Midnight(2022, time.April, 10)); at += 17 * des.Minute {
		now := c.time(at).In(solr.London())
		if got, want := c.time(c.days[c.day(at)]), solr.DayOf(now); !got.Equal(want) {
			t.Fatalf("at %v the day started at %v, want %v", now, got, want)
		}
		if got := c.nextDay(at); got <= at || got-at > 25*des.Hour {
			t.Fatalf("at %v the next day starts in %v", now, got-at)
		}
		for _, hours := range [][2]int{{8, 20}, {2, 24}, {0, 1}} {
			from, to := des.Time(hours[0])*des.Hour, des.Time(hours[1])*des.Hour
			if got := c.time(c.within(at, from, to, false)).In(solr.London()); !got.Equal(now) && (got.Hour() != hours[0] || got.Minute() != 0 || now.Hour() >= hours[0] && now.Hour() < hours[1]) ||
				got.Equal(now) && (now.Hour() < hours[0] || now.Hour() >= hours[1]) {
				t.Fatalf("at %v the next instant from %d to %d hours is %v", now, hours[0], hours[1], got)
			}
		}
		until, ok := c.protected(at)
		if want := protectedSlowly(now); ok != want {
			t.Fatalf("at %v supply is protected: %t, want %t", now, ok, want)
		}
		if ok {
			end := c.time(until).In(solr.London())
			if end.Hour() != 8 || end.Minute() != 0 || protectedSlowly(end) || !protectedSlowly(end.Add(-time.Minute)) || end.Sub(now) > (61+48)*time.Hour {
				t.Fatalf("at %v supply is protected until %v", now, end)
			}
		}
	}
}

// Spend through the year has its mean, its swing, and its way back: what is spent by an instant is spent by it.
func TestSeasons(t *testing.T) {
	c := newCalendar(date("2021-01-01"), solr.Midnight(2022, time.January, 1))
	c.setSeasons([2]float64{0.1, 0.5})
	for fuel, swing := range map[smki.Fuel]float64{smki.Electricity: 0.1, smki.Gas: 0.5} {
		day := func(d Date) float64 {
			at := c.instant(d.Midnight())
			return c.meanDays(fuel, at+des.Day) - c.meanDays(fuel, at)
		}
		if year := c.meanDays(fuel, 365*des.Day); math.Abs(year-365) > 0.5 {
			t.Errorf("%v: a year has %v days of mean spend", fuel, year)
		}
		for d, want := range map[string]float64{"2021-01-15": 1 + swing, "2021-07-16": 1 - swing, "2021-04-16": 1} {
			if got := day(date(d)); math.Abs(got-want) > 0.01 {
				t.Errorf("%v: spend on %s is %v times the mean, want %v", fuel, d, got, want)
			}
		}
		for at := des.Time(0); at < 365*des.Day; at += 7 * des.Hour {
			for _, after := range []des.Time{0, des.Minute, 3 * des.Day, 40 * des.Day} {
				if at+after < 365*des.Day {
					if got := c.spentBy(fuel, at, c.meanDays(fuel, at+after)); got-at-after > 1 || at+after-got > 1 {
						t.Fatalf("%v: what is spent %v after %v is spent by %v", fuel, after, at, got)
					}
				}
			}
		}
		if got := c.spentBy(fuel, 0, 1000); got != never {
			t.Errorf("%v: what is not spent within the calendar is spent by %v", fuel, got)
		}
	}
}

func protectedSlowly(t time.Time) bool {
	holiday := t.Month() == time.December && (t.Day() == 27 || t.Day() == 28) || t.Month() == time.January && t.Day() == 3 // those of that winter
	return holiday || t.Weekday() == time.Saturday || t.Weekday() == time.Sunday || t.Hour() < 8 || t.Hour() >= 20
}
