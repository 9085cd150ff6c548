package sim

import (
	"time"

	"github.com/seed-db8551c1/lastresort/sim/des"
	"github.com/seed-db8551c1/lastresort/solr"
)

// calendar turns instants of the simulation into London's days and back. Instant 0 is midnight in London on the first day.
type calendar struct {
	epoch   time.Time  // in UTC
	days    []des.Time // when each day starts, some days past the end of the run
	working []bool     // by day: Monday to Friday
}

// Supply is protected outside these hours of working days (London).
const (
	protectionEnds   = 8 * des.Hour
	protectionStarts = 20 * des.Hour
)

func newCalendar(first Date, end time.Time) *calendar {
	c := &calendar{epoch: first.Midnight().UTC()}
	for i := 0; ; i++ {
		midnight := first.add(i).Midnight()
		c.days = append(c.days, c.instant(midnight))
		wd := midnight.In(solr.London()).Weekday()
		c.working = append(c.working, wd != time.Saturday && wd != time.Sunday)
		if midnight.After(end.Add(8 * 24 * time.Hour)) {
			return c
		}
	}
}

func (c *calendar) instant(t time.Time) des.Time { return des.FromDuration(t.Sub(c.epoch)) }

func (c *calendar) time(t des.Time) time.Time { return c.epoch.Add(t.Duration()) }

// day is the number of the day that contains t, from 0.
func (c *calendar) day(t des.Time) int {
	i := min(int(t/des.Day), len(c.days)-2)
	for i > 0 && t < c.days[i] { // the clocks have gone forward or back
		i--
	}
	for i < len(c.days)-2 && t >= c.days[i+1] {
		i++
	}
	return i
}

// nextDay is the start of the day after the one that contains t.
func (c *calendar) nextDay(t des.Time) des.Time { return c.days[c.day(t)+1] }

// protected reports whether credit that runs out at t does not end supply yet, and until when: from 20:00 to 08:00, and from Friday 20:00 to Monday 08:00.
func (c *calendar) protected(t des.Time) (until des.Time, ok bool) {
	i := c.day(t)
	if c.working[i] {
		switch h := t - c.days[i]; {
		case h < protectionEnds:
			return c.days[i] + protectionEnds, true
		case h < protectionStarts:
			return 0, false
		}
	}
	for i++; !c.working[i]; i++ {
	}
	return c.days[i] + protectionEnds, true
}
