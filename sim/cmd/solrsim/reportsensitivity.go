package main

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/seed-db8551c1/lastresort/sim"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// sensitivity is the headline over assumptions, one at a time: a panel for each regime, since they differ by orders of magnitude.
func sensitivity(regimes []string, all []reach, note string) chart {
	c := chart{Name: "sensitivity", Title: "What the headline depends on", Note: note}
	c.Data = [][]string{{"regime", "assumption", "unit", "value", "own", "hours_off_supply", "lo", "hi"}}
	c.Table = [][]string{{"Assumption", "Value"}}
	c.Table[0] = append(c.Table[0], regimes...)
	var parts []rowed
	var says []string
	for _, regime := range regimes {
		p := rowed{title: regime + ": hours without supply, all households together", axis: "hours", height: 14, tall: true}
		var mine []reach
		for _, a := range all {
			if a.regime != regime {
				continue
			}
			mine = append(mine, a)
			p.names = append(p.names, a.label())
			least, most := a.ends()
			p.to = max(p.to, orZero(most))
			says = append(says, fmt.Sprintf("%s under %s: from %s to %s hours.", a.assumption, regime, grouped(least), grouped(most)))
			for i, v := range a.values {
				x := a.means[i]
				p.to = max(p.to, orZero(x.Hi))
				c.Data = append(c.Data, []string{regime, a.assumption, a.unit, number(v), strconv.FormatBool(i == a.own), number(x.Mean), number(x.Lo), number(x.Hi)})
			}
		}
		p.to = roundUp(p.to, 4)
		p.row = func(c draw.Canvas, i int, x func(float64) vg.Length, y vg.Length) {
			a := &mine[i]
			l := regimeLook(regime)
			if least, most := a.ends(); least <= most {
				c.FillPolygon(l.veil(), []vg.Point{{X: x(least), Y: y - 5}, {X: x(most), Y: y - 5}, {X: x(most), Y: y + 5}, {X: x(least), Y: y + 5}})
			}
			for k, v := range a.means {
				l.mark = pick(k == a.own, disc, ring)
				whisker(c, l, x, v, y)
			}
		}
		parts = append(parts, p)
	}
	c.Table = append(c.Table, sensitivityTable(regimes, all)...)
	c.Says = strings.Join(says, " ")
	entries := []entry{
		{"the run’s own value", markSample(look{token: ink, mark: disc})},
		{"another value", markSample(look{token: ink, mark: ring})},
	}
	return rows(c, entries, parts...)
}

func sensitivityTable(regimes []string, all []reach) (table [][]string) {
	for _, a := range all {
		if a.regime != regimes[0] {
			continue
		}
		for i, v := range a.values {
			own := ""
			if i == a.own {
				own = " (own)"
			}
			row := []string{a.assumption, strconv.FormatFloat(v, 'g', -1, 64) + " " + a.unit + own}
			for _, regime := range regimes {
				k := slices.IndexFunc(all, func(b reach) bool { return b.regime == regime && b.assumption == a.assumption })
				row = append(row, interval(all[k].means[i], "hours"))
			}
			table = append(table, row)
		}
	}
	return table
}

// reaches is the sensitivity of a run.
func reaches(r *sim.Result) (regimes []string, all []reach) {
	for _, g := range r.Regimes {
		regimes = append(regimes, g.Regime.String())
		for _, s := range r.Sensitivity {
			a := reach{regime: g.Regime.String(), assumption: s.Assumption, unit: s.Unit, own: -1}
			for i, p := range s.Points {
				a.values, a.means = append(a.values, p.Value), append(a.means, p.Regimes[a.regime])
				if p.Default {
					a.own = i
				}
			}
			all = append(all, a)
		}
	}
	sortReaches(all)
	return regimes, all
}

// sortReaches puts the widest bar of each regime first. Those of a regime stand together.
func sortReaches(all []reach) {
	for n := 0; len(all) > 0; all = all[n:] {
		n = slices.IndexFunc(all, func(a reach) bool { return a.regime != all[0].regime })
		if n < 0 {
			n = len(all)
		}
		slices.SortStableFunc(all[:n], func(a, b reach) int { return cmp.Compare(b.width(), a.width()) })
	}
}

// reach is how far the headline goes under one regime with one assumption: a bar of the sensitivity chart.
type reach struct {
	regime, assumption, unit string
	values                   []float64      // of the assumption
	means                    []sim.Interval // of the headline
	own                      int            // which is the run's own value; -1 if none is
}

func (a *reach) label() string {
	s := make([]string, len(a.values))
	for i, v := range a.values {
		s[i] = strconv.FormatFloat(v, 'g', 4, 64)
	}
	return a.assumption + ": " + strings.Join(s, ", ") + " " + a.unit
}

func (a *reach) ends() (least, most float64) {
	least, most = math.Inf(1), math.Inf(-1)
	for _, m := range a.means {
		if m.Known() {
			least, most = min(least, m.Mean), max(most, m.Mean)
		}
	}
	return least, most
}

// width is how far the headline goes: the widest bar stands first.
func (a *reach) width() float64 {
	least, most := a.ends()
	return orZero(max(most-least, 0))
}
