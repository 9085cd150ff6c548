package sim

import (
	"math"
	"time"

	"github.com/seed-db8551c1/lastresort/sim/des"
	"github.com/seed-db8551c1/lastresort/smki"
	"github.com/seed-db8551c1/lastresort/solr"
)

// calendar turns instants of the simulation into London's days and back. Instant 0 is midnight in London on the first day.
type calendar struct {
	epoch   time.Time    // in UTC
	days    []des.Time   // when each day starts, some days past the end of the run
	working []bool       // by day: a Working Day
	spent   [2][]float64 // by fuel and day: how many days of mean spend there are from instant 0 to its start
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
		working, err := solr.WorkingDay(midnight)
		if err != nil { // no bank holidays are known
			wd := midnight.In(solr.London()).Weekday()
			working = wd != time.Saturday && wd != time.Sunday
		}
		c.working = append(c.working, working)
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

// clock is the instant at which clocks in London show so many hours of a day. When they change, they do so before two o'clock.
func (c *calendar) clock(day int, hours des.Time) des.Time {
	if hours < 2*des.Hour {
		return c.days[day] + hours
	}
	return c.days[day+1] - (des.Day - hours)
}

// within is the first instant from t on that is between two hours of a day, or of a Working Day.
func (c *calendar) within(t, from, to des.Time, working bool) des.Time {
	for i := c.day(t); i < len(c.days)-1; i++ {
		if !working || c.working[i] {
			if opens := c.clock(i, from); t < opens {
				return opens
			}
			if t < c.clock(i, to) {
				return t
			}
		}
		t = max(t, c.days[i+1])
	}
	return t
}

// protected reports whether credit that runs out at t does not end supply yet, and until when: from 20:00 to 08:00, and on days that are no Working Days.
func (c *calendar) protected(t des.Time) (until des.Time, ok bool) {
	i := c.day(t)
	if c.working[i] {
		switch ends := c.clock(i, protectionEnds); {
		case t < ends:
			return ends, true
		case t < c.clock(i, protectionStarts):
			return 0, false
		}
	}
	for i++; !c.working[i]; i++ {
	}
	return c.clock(i, protectionEnds), true
}

// coldest is the day of the year on which spend is greatest, from 0: the middle of January (UNCERTAIN).
const coldest = 14

// setSeasons fixes how far spend on a fuel swings through the year, as a share of its mean: greatest in the middle of January, least in July, and the same throughout a day.
func (c *calendar) setSeasons(swing [2]float64) {
	year := c.time(c.days[0]).In(solr.London()).YearDay() - 1
	for fuel := range c.spent {
		sum := 0.0
		c.spent[fuel] = append(make([]float64, 0, len(c.days)), sum)
		for i := range len(c.days) - 1 {
			factor := 1 + swing[fuel]*math.Cos(2*math.Pi*float64(year+i-coldest)/365.25)
			sum += factor * days(c.days[i+1]-c.days[i])
			c.spent[fuel] = append(c.spent[fuel], sum)
		}
	}
}

// meanDays is how many days of mean spend on a fuel there are from instant 0 to t.
func (c *calendar) meanDays(fuel smki.Fuel, t des.Time) float64 {
	i, s := c.day(t), c.spent[fuel]
	return s[i] + (s[i+1]-s[i])*float64(t-c.days[i])/float64(c.days[i+1]-c.days[i])
}

// spentBy is the instant at which so many days of mean spend since instant 0 are spent, not before t; never if that is past the calendar.
func (c *calendar) spentBy(fuel smki.Fuel, t des.Time, meanDays float64) des.Time {
	s := c.spent[fuel]
	if !(meanDays < s[len(s)-1]) {
		return never
	}
	i := c.day(t)
	for s[i+1] <= meanDays {
		i++
	}
	return max(t, c.days[i]+des.Time((meanDays-s[i])/(s[i+1]-s[i])*float64(c.days[i+1]-c.days[i])+0.5))
}
