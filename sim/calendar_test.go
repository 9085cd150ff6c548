package sim

import (
	"testing"
	"time"

	"github.com/seed-db8551c1/lastresort/sim/des"
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
		until, ok := c.protected(at)
		if want := protectedSlowly(now); ok != want {
			t.Fatalf("at %v supply is protected: %t, want %t", now, ok, want)
		}
		if ok {
			end := c.time(until).In(solr.London())
			if end.Hour() != 8 || end.Minute() != 0 || protectedSlowly(end) || !protectedSlowly(end.Add(-time.Minute)) || end.Sub(now) > 61*time.Hour {
				t.Fatalf("at %v supply is protected until %v", now, end)
			}
		}
	}
}

func protectedSlowly(t time.Time) bool {
	return t.Weekday() == time.Saturday || t.Weekday() == time.Sunday || t.Hour() < 8 || t.Hour() >= 20
}
