package main

import (
	"fmt"
	"strconv"
	"time"

	"github.com/seed-db8551c1/lastresort/sim"
	"github.com/seed-db8551c1/lastresort/solr"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// timeline is every failure under one regime, with what the PMA holds.
func timeline(g *sim.RegimeSeries, replications int) chart {
	name := g.Regime.String()
	c := chart{Name: "timeline-" + name, Title: "What happens to each failure under " + name,
		Note: "Days from the notice of failure, means over those replications in which it happens; the table has their intervals. A bar that reaches the right edge was not released by the end of the run."}
	c.Data = [][]string{{"failure", "solr", "notified", "what", "times", "days_after_notice", "lo", "hi"}}
	c.Table = [][]string{{"Failure", "SoLR", "Notice", "Announced", "Licence revoked", "SoLR date", "Revocation held", "Transfer held", "Certificates revoked", "MPIDs moved", "Last Change of Supplier", "Days over 90"}}
	p := rowed{title: "Days from the notice of failure", axis: "days", height: 22}
	held := 0
	for i := range g.Failures {
		f := &g.Failures[i]
		p.names = append(p.names, f.Supplier+", "+f.Notified.In(solr.London()).Format("2 Jan"))
		row := []string{f.Supplier, f.SoLR, day(f.Notified)}
		for _, m := range momentsOf(f) {
			c.Data = append(c.Data, []string{f.Supplier, f.SoLR, f.Notified.In(solr.London()).Format(time.RFC3339), m.name, strconv.Itoa(m.Times), number(m.Days.Mean), number(m.Days.Lo), number(m.Days.Hi)})
			p.to = max(p.to, orZero(m.Days.Mean))
		}
		after := func(m sim.Moment) string { return times(interval(m.Days, "days"), m.Times, replications) }
		span := func(from, to sim.Moment) string {
			if from.Times == 0 {
				return "–"
			}
			held++
			if to.Times == 0 {
				return after(from) + " to the end"
			}
			return after(from) + " to " + after(to)
		}
		appointed := day(f.Appointed)
		if f.Late.Mean > 0 { // the SoLR failed itself
			appointed += ", again " + interval(f.Late, "days") + " days later"
		}
		c.Table = append(c.Table, append(row, day(f.Announced), day(f.Revoked), appointed, span(f.RevocationHeld, f.RevocationReleased), span(f.TransferHeld, f.TransferReleased),
			after(f.CertificatesRevoked), after(f.MPIDsTransferred), after(f.Migrated), interval(f.OverrunDays, "days")))
	}
	p.to = roundUp(p.to+1, 8)
	c.Says = fmt.Sprintf("%d failures under %s, with %d holds. The table below has every day.", len(p.names), name, held)
	entries := []entry{
		{"SoLR announced", markSample(look{token: ink, mark: stroke})},
		{"licence revoked", markSample(look{token: ink, mark: cross})},
		{"SoLR date", markSample(look{token: ink, mark: square})},
		{"last Change of Supplier", markSample(look{token: ink, mark: disc})},
		{"MPIDs moved", markSample(look{token: blue, mark: triangle})},
		{"certificates revoked", markSample(look{token: vermilion, mark: plus})},
		{"revocation held", barSample(vermilion, true)},
		{"transfer held", barSample(blue, false)},
		{"days over 90", barSample(ink, false)},
	}
	p.row = func(c draw.Canvas, i int, x func(float64) vg.Length, y vg.Length) {
		drawFailure(c, &g.Failures[i], x, y, p.to)
	}
	return rows(c, entries, p)
}

// named is a moment with its name in the data.
type named struct {
	name string
	sim.Moment
}

func momentsOf(f *sim.Timeline) []named {
	return []named{
		{"revocation held", f.RevocationHeld}, {"revocation released", f.RevocationReleased}, {"transfer held", f.TransferHeld}, {"transfer released", f.TransferReleased},
		{"certificates revoked", f.CertificatesRevoked}, {"MPIDs transferred", f.MPIDsTransferred}, {"last Change of Supplier", f.Migrated},
	}
}

func drawFailure(c draw.Canvas, f *sim.Timeline, x func(float64) vg.Length, y vg.Length, end float64) {
	at := func(m sim.Moment) vg.Length { return x(pick(m.Times > 0, m.Days.Mean, end)) }
	since := func(t time.Time) vg.Length { return x(t.Sub(f.Notified).Hours() / 24) }
	put := func(t token, m mark, where, dy vg.Length) {
		look{token: t, mark: m}.at(c, vg.Point{X: where, Y: y + dy})
	}
	if f.RevocationHeld.Times > 0 {
		bar(c, vermilion, true, at(f.RevocationHeld), at(f.RevocationReleased), y+7, 5)
	}
	if f.TransferHeld.Times > 0 {
		bar(c, blue, false, at(f.TransferHeld), at(f.TransferReleased), y-7, 5)
	}
	c.StrokeLine2(draw.LineStyle{Color: ink.color(), Width: 1}, x(0), y, at(f.Migrated), y)
	c.StrokeLine2(draw.LineStyle{Color: ink.color(), Width: 1}, x(0), y-4, x(0), y+4)
	if f.OverrunDays.Mean > 0 {
		over := f.Appointed.Sub(f.Notified).Hours()/24 + f.Late.Mean + 90
		bar(c, ink, false, x(over), x(over+f.OverrunDays.Mean), y, 5)
	}
	put(ink, stroke, since(f.Announced), 0)
	put(ink, cross, since(f.Revoked), 0)
	put(ink, square, since(f.Appointed), 0)
	if f.Late.Mean > 0 {
		put(ink, square, since(f.Appointed)+x(f.Late.Mean)-x(0), 0)
	}
	if f.Migrated.Times > 0 {
		put(ink, disc, at(f.Migrated), 0)
	}
	if f.MPIDsTransferred.Times > 0 {
		put(blue, triangle, at(f.MPIDsTransferred), -7)
	}
	if f.CertificatesRevoked.Times > 0 {
		put(vermilion, plus, at(f.CertificatesRevoked), 7)
	}
}
