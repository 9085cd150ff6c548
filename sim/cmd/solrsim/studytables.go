package main

import (
	"bufio"
	"cmp"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"math"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/parquet-go/parquet-go"
	"github.com/seed-db8551c1/lastresort/sim"
)

// The tables of a study. The tags are the data dictionary: the name of each column, its unit, and its meaning. A number that is not known is nil.

// origin is where a row comes from; every row has it.
type origin struct {
	Study        string  `parquet:"study,dict" meaning:"name of the study"`
	StudyHash    string  `parquet:"study_hash,dict" meaning:"first 16 hexadecimal digits of the SHA-256 of the study, its scenarios, the version, and the lists of assumptions and metrics"`
	Version      string  `parquet:"version,dict" meaning:"version of solrsim"`
	Scenario     string  `parquet:"scenario,dict" meaning:"scenario, as the study names it"`
	ScenarioHash string  `parquet:"scenario_hash,dict" meaning:"first 16 hexadecimal digits of the SHA-256 of the scenario"`
	Seed         uint64  `parquet:"seed" meaning:"the seed that all random numbers follow from"`
	Scale        float64 `parquet:"scale" unit:"share" meaning:"the share of the customers that was simulated; numbers are of what was simulated"`
}

// place is a point of the design.
type place struct {
	Point int64  `parquet:"point" meaning:"number of the point: one set of assumptions for one scenario"`
	Kind  string `parquet:"kind,dict" meaning:"base: the assumptions of the scenario and of the study. sweep: a combination of the values of the sweep. low, high: one assumption at an end of its range. sample: of the Latin hypercube"`
}

// effort is how many replications stand behind a number.
type effort struct {
	Replications int64  `parquet:"replications" unit:"replications" meaning:"how many there are of the point"`
	Stopping     string `parquet:"stopping,dict" meaning:"fixed: their number was. precision reached: they were added until the interval of the metric that the study names was narrow enough, so that intervals cover the mean somewhat less often than they say. precision not reached: as many as the study allows were not enough"`
}

// quantity is what a number is about.
type quantity struct {
	Regime  string `parquet:"regime,dict" meaning:"rules in force: baseline, mp134a, mp185, or actual, which takes each rule by its date"`
	Metric  string `parquet:"metric,dict" meaning:"what was measured; the table metrics says what each is"`
	Measure string `parquet:"measure,dict" meaning:"value, or difference from baseline in the same replication"`
	Unit    string `parquet:"unit,dict" meaning:"of the numbers in the row"`
}

type designRow struct {
	origin
	place
	Assumption string  `parquet:"assumption,dict" meaning:"name of an assumption that the study varies"`
	Unit       string  `parquet:"unit,dict" meaning:"of the value"`
	Value      float64 `parquet:"value" unit:"as in unit" meaning:"what the assumption is at the point"`
}

type replicationRow struct {
	origin
	place
	Replication int64    `parquet:"replication" meaning:"number of the replication; the same number has the same random numbers at every point and under every regime"`
	Regime      string   `parquet:"regime,dict" meaning:"rules in force"`
	Metric      string   `parquet:"metric,dict" meaning:"what was measured"`
	Unit        string   `parquet:"unit,dict" meaning:"of the value"`
	Value       *float64 `parquet:"value" unit:"as in unit" meaning:"what was measured; empty if it was never reached, or compares with baseline, which was not run"`
}

type pointRow struct {
	origin
	place
	effort
	quantity
	Mean   *float64 `parquet:"mean" unit:"as in unit" meaning:"over replications; empty if one of them never reached what is measured"`
	Lo     *float64 `parquet:"lo" unit:"as in unit" meaning:"lower end of the 95 % Monte Carlo interval of the mean (Student t over replications); it says nothing about the assumptions"`
	Hi     *float64 `parquet:"hi" unit:"as in unit" meaning:"upper end of it"`
	Q05    *float64 `parquet:"q05" unit:"as in unit" meaning:"5 % quantile over replications"`
	Median *float64 `parquet:"median" unit:"as in unit" meaning:"median over replications"`
	Q95    *float64 `parquet:"q95" unit:"as in unit" meaning:"95 % quantile over replications"`
}

type priceRow struct {
	origin
	place
	effort
	Regime            string   `parquet:"regime,dict" meaning:"rules in force; what baseline does in the same replications is taken off"`
	HoursAvoided      *float64 `parquet:"hours_avoided" unit:"hours" meaning:"the benefit: hours off supply of households that there are less, mean over replications"`
	HoursAvoidedLo    *float64 `parquet:"hours_avoided_lo" unit:"hours" meaning:"lower end of its 95 % Monte Carlo interval"`
	HoursAvoidedHi    *float64 `parquet:"hours_avoided_hi" unit:"hours" meaning:"upper end of it"`
	CertificateDays   *float64 `parquet:"certificate_days" unit:"days" meaning:"days that certificates of failed suppliers live on after licence revocation, more, added up over certificates, mean over replications"`
	CertificateDaysLo *float64 `parquet:"certificate_days_lo" unit:"days" meaning:"lower end of its 95 % Monte Carlo interval"`
	CertificateDaysHi *float64 `parquet:"certificate_days_hi" unit:"days" meaning:"upper end of it"`
	MPIDWaitDays      *float64 `parquet:"mpid_wait_days" unit:"days" meaning:"days from the SoLR date until a SoLR has the MPIDs, more, mean over failures and replications"`
	MPIDWaitDaysLo    *float64 `parquet:"mpid_wait_days_lo" unit:"days" meaning:"lower end of its 95 % Monte Carlo interval"`
	MPIDWaitDaysHi    *float64 `parquet:"mpid_wait_days_hi" unit:"days" meaning:"upper end of it"`
	WorseOff          *float64 `parquet:"households_worse_off" unit:"households" meaning:"households longer without supply than under baseline in the same replication, mean over replications"`
	WorseOffLo        *float64 `parquet:"households_worse_off_lo" unit:"households" meaning:"lower end of its 95 % Monte Carlo interval"`
	WorseOffHi        *float64 `parquet:"households_worse_off_hi" unit:"households" meaning:"upper end of it"`
}

type spreadRow struct {
	origin
	Kind string `parquet:"kind,dict" meaning:"sample, or sweep, which has a range and no quantiles"`
	quantity
	Points  int64    `parquet:"points" unit:"points" meaning:"whose mean is known: only they count"`
	Unknown int64    `parquet:"unknown" unit:"points" meaning:"whose mean is not, since a replication never reached what is measured"`
	Min     *float64 `parquet:"min" unit:"as in unit" meaning:"least mean of a point"`
	Q05     *float64 `parquet:"q05" unit:"as in unit" meaning:"5 % quantile of the means of the points, under the distributions that the sample was taken from: uncertainty of the assumptions, not chance"`
	Q25     *float64 `parquet:"q25" unit:"as in unit" meaning:"25 % quantile of them"`
	Median  *float64 `parquet:"median" unit:"as in unit" meaning:"median of them"`
	Q75     *float64 `parquet:"q75" unit:"as in unit" meaning:"75 % quantile of them"`
	Q95     *float64 `parquet:"q95" unit:"as in unit" meaning:"95 % quantile of them"`
	Max     *float64 `parquet:"max" unit:"as in unit" meaning:"greatest mean of a point"`
	Noise   *float64 `parquet:"noise" unit:"as in unit" meaning:"half of the widest 95 % Monte Carlo interval of a point's mean: how much of the spread may be chance"`
}

type tornadoRow struct {
	origin
	quantity
	Assumption string   `parquet:"assumption,dict" meaning:"the assumption that is varied, the others as in the base"`
	Low        float64  `parquet:"low" unit:"as in assumptions" meaning:"the least value of its range"`
	High       float64  `parquet:"high" unit:"as in assumptions" meaning:"the greatest value of its range"`
	AtLow      *float64 `parquet:"at_low" unit:"as in unit" meaning:"mean over replications at the least value"`
	AtHigh     *float64 `parquet:"at_high" unit:"as in unit" meaning:"mean over replications at the greatest value"`
	Change     *float64 `parquet:"change" unit:"as in unit" meaning:"from the least to the greatest value, replication by replication, mean"`
	ChangeLo   *float64 `parquet:"change_lo" unit:"as in unit" meaning:"lower end of the 95 % Monte Carlo interval of the change"`
	ChangeHi   *float64 `parquet:"change_hi" unit:"as in unit" meaning:"upper end of it"`
}

type sensitivityRow struct {
	origin
	quantity
	Assumption       string   `parquet:"assumption,dict" meaning:"an assumption that has a range"`
	Coefficient      *float64 `parquet:"coefficient" meaning:"standardised regression coefficient of the means of the sample (Saltelli and others, Global Sensitivity Analysis: The Primer, 2008, section 1.2)"`
	Explained        *float64 `parquet:"explained" unit:"share" meaning:"of the variance of the means that the regression on all assumptions explains; where it is far below 1 coefficients say little"`
	CorrelationRatio *float64 `parquet:"correlation_ratio" unit:"share" meaning:"of the variance of the means that is the variance of their mean given the assumption, the first-order index, from the square root of the number of points classes without bias (Kelley, Proceedings of the National Academy of Sciences 21, 1935); it may be a little below 0, and up to 0.15 may be chance with 50 points, up to 0.05 with 200"`
}

// metricRow and assumptionRow are the lists that the other tables name things from.
type metricRow struct {
	Metric  string `parquet:"metric" meaning:"name"`
	Unit    string `parquet:"unit" meaning:"unit"`
	Meaning string `parquet:"meaning" meaning:"what is measured"`
}

type assumptionRow struct {
	Assumption   string  `parquet:"assumption" meaning:"name"`
	Unit         string  `parquet:"unit" meaning:"unit"`
	Default      float64 `parquet:"default" unit:"as in unit" meaning:"value where neither a scenario nor a study gives another"`
	Distribution string  `parquet:"distribution" meaning:"of the true value, for studies that sample it; UNCERTAIN"`
	Provenance   string  `parquet:"provenance" meaning:"how surely the default is known"`
	Source       string  `parquet:"source" meaning:"where the default comes from"`
	Meaning      string  `parquet:"meaning" meaning:"what is assumed"`
}

// column is one line of the data dictionary.
type column struct {
	Table   string `parquet:"table" meaning:"name of the table: of its files, and in study.json"`
	Name    string `parquet:"column" meaning:"name of the column"`
	Type    string `parquet:"type" meaning:"text, whole number or number"`
	Unit    string `parquet:"unit" meaning:"unit; empty where there is none"`
	Meaning string `parquet:"meaning" meaning:"what it says"`
	index   []int  // of the field in the row
}

// table is a table of any kind of rows. They are made while they are written, since a large study has more of them than memory holds.
type table struct {
	name    string
	columns []column
	rows    iter.Seq[reflect.Value]
	parquet func(io.Writer) error
}

func newTable[T any](name string, rows iter.Seq[T]) table {
	return table{
		name:    name,
		columns: columnsOf(name, reflect.TypeFor[T]()),
		rows: func(yield func(reflect.Value) bool) {
			for row := range rows {
				if !yield(reflect.ValueOf(row)) {
					return
				}
			}
		},
		parquet: func(to io.Writer) error { return writeParquet(to, rows) },
	}
}

func writeParquet[T any](to io.Writer, rows iter.Seq[T]) error {
	w := parquet.NewGenericWriter[T](to, parquet.Compression(&parquet.Snappy))
	some := make([]T, 0, 1000)
	for row := range rows {
		if some = append(some, row); len(some) < cap(some) {
			continue
		}
		if _, err := w.Write(some); err != nil {
			return err
		}
		some = some[:0]
	}
	if _, err := w.Write(some); err != nil {
		return err
	}
	return w.Close()
}

func columnsOf(table string, row reflect.Type) (all []column) {
	for _, f := range reflect.VisibleFields(row) {
		if f.Anonymous || !f.IsExported() {
			continue
		}
		name, _, _ := strings.Cut(f.Tag.Get("parquet"), ",")
		kind := f.Type.Kind()
		if kind == reflect.Pointer {
			kind = f.Type.Elem().Kind()
		}
		c := column{table, name, "number", f.Tag.Get("unit"), f.Tag.Get("meaning"), f.Index}
		switch kind {
		case reflect.String:
			c.Type = "text"
		case reflect.Int64, reflect.Uint64:
			c.Type = "whole number"
		}
		all = append(all, c)
	}
	return all
}

// cell is a value of a row as JSON has it; a number that is not known is null.
func (c *column) cell(row reflect.Value) any { return row.FieldByIndex(c.index).Interface() }

// text is a value of a row as CSV has it; a number that is not known is empty.
func (c *column) text(row reflect.Value) string {
	switch v := c.cell(row).(type) {
	case string:
		return v
	case *float64:
		if v == nil {
			return ""
		}
		return strconv.FormatFloat(*v, 'g', -1, 64)
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64)
	default:
		return fmt.Sprint(v)
	}
}

func (t *table) csv(to io.Writer) error {
	w := csv.NewWriter(to)
	line := make([]string, len(t.columns))
	for i, c := range t.columns {
		line[i] = c.Name
	}
	err := w.Write(line)
	for row := range t.rows {
		if err != nil {
			return err
		}
		for i := range t.columns {
			line[i] = t.columns[i].text(row)
		}
		err = w.Write(line)
	}
	w.Flush()
	if err == nil {
		err = w.Error()
	}
	return err
}

// writeTables writes tables as one JSON object: by name a list of rows, each an object on a line of its own.
func writeTables(to io.Writer, tables []table) error {
	w := bufio.NewWriter(to)
	for i, t := range tables {
		fmt.Fprintf(w, "%s\n%q: [", string("{,"[min(i, 1)]), t.name)
		first := true
		for row := range t.rows {
			if !first {
				w.WriteByte(',')
			}
			first = false
			w.WriteByte('\n')
			for n := range t.columns {
				b, err := json.Marshal(t.columns[n].cell(row))
				if err != nil {
					return err
				}
				fmt.Fprintf(w, "%s%q:%s", string("{,"[min(n, 1)]), t.columns[n].Name, b)
			}
			w.WriteByte('}')
		}
		w.WriteString("\n]")
	}
	w.WriteString("\n}\n")
	return w.Flush()
}

// writeResults writes all tables of a study: each as CSV and Parquet, and all as one JSON object.
func writeResults(dir string, r *sim.StudyResult) error {
	tables := studyTables(r)
	for _, t := range tables {
		if err := writeFile(filepath.Join(dir, t.name+".csv"), t.csv); err != nil {
			return err
		}
		if t.name == "dictionary" {
			continue // for people
		}
		if err := writeFile(filepath.Join(dir, t.name+".parquet"), t.parquet); err != nil {
			return err
		}
	}
	return writeFile(filepath.Join(dir, "study.json"), func(w io.Writer) error { return writeTables(w, tables) })
}

// studyTables is the result of a study as tables, the dictionary of their columns first.
func studyTables(r *sim.StudyResult) []table {
	b := newTableBuilder(r)
	tables := []table{
		newTable("assumptions", b.assumptions), newTable("metrics", b.metrics), newTable("design", b.design), newTable("replications", b.replications), newTable("points", b.points),
		newTable("price", b.prices), newTable("spread", b.spreads), newTable("tornado", b.tornado), newTable("sensitivity", b.sensitivity),
	}
	dictionary := columnsOf("dictionary", reflect.TypeFor[column]())
	for _, t := range tables {
		dictionary = append(dictionary, t.columns...)
	}
	return append([]table{newTable("dictionary", slices.Values(dictionary))}, tables...)
}

// tableBuilder turns a result into rows.
type tableBuilder struct {
	*sim.StudyResult
	origins []origin          // by scenario
	units   map[string]string // of metrics and of assumptions
}

func newTableBuilder(r *sim.StudyResult) *tableBuilder {
	b := &tableBuilder{StudyResult: r, units: make(map[string]string)}
	for i, name := range r.Study.Scenarios {
		b.origins = append(b.origins, origin{r.Study.Name, r.Hash, r.Version, name, r.Scenarios[i], r.Study.Seed, cmp.Or(r.Study.Scale, 1)})
	}
	for _, m := range sim.Metrics() {
		b.units[m.Name] = m.Unit
	}
	for _, a := range sim.Assumptions() {
		b.units[a.Name] = a.Unit
	}
	return b
}

func (b *tableBuilder) quantity(q sim.Quantity) quantity {
	measure := "value"
	if q.Difference {
		measure = "difference"
	}
	return quantity{q.Regime.String(), q.Metric, measure, b.units[q.Metric]}
}

func (b *tableBuilder) effort(p *sim.PointResult) effort {
	e := effort{int64(len(p.Replications)), "fixed"}
	switch {
	case p.Precise:
		e.Stopping = "precision reached"
	case b.Study.Precision != nil:
		e.Stopping = "precision not reached"
	}
	return e
}

func placeOf(p *sim.PointResult) place { return place{int64(p.Number), p.Kind.String()} }

func known(x float64) *float64 {
	if math.IsNaN(x) {
		return nil
	}
	return &x
}

func (b *tableBuilder) assumptions(yield func(assumptionRow) bool) {
	for _, a := range sim.Assumptions() {
		if !yield(assumptionRow{a.Name, a.Unit, a.Default, a.Distribution.String(), a.Provenance.String(), a.Source, a.Meaning}) {
			return
		}
	}
}

// reported is the metrics that results are given for.
func (b *tableBuilder) reported() []sim.MetricInfo {
	return slices.DeleteFunc(sim.Metrics(), func(m sim.MetricInfo) bool {
		return !slices.ContainsFunc(b.Points[0].Summaries, func(s sim.Summary) bool { return s.Metric == m.Name })
	})
}

func (b *tableBuilder) metrics(yield func(metricRow) bool) {
	for _, m := range b.reported() {
		if !yield(metricRow{m.Name, m.Unit, m.Meaning}) {
			return
		}
	}
}

func (b *tableBuilder) design(yield func(designRow) bool) {
	for i := range b.Points {
		p := &b.Points[i]
		for _, a := range sim.Assumptions() {
			if v, ok := p.Values[a.Name]; ok {
				if !yield(designRow{b.origins[p.Scenario], placeOf(p), a.Name, a.Unit, v}) {
					return
				}
			}
		}
	}
}

func (b *tableBuilder) replications(yield func(replicationRow) bool) {
	metrics := b.reported()
	for i := range b.Points {
		p := &b.Points[i]
		for k, all := range p.Replications {
			for _, r := range all {
				for _, m := range metrics {
					if !yield(replicationRow{b.origins[p.Scenario], placeOf(p), int64(k), r.Regime.String(), m.Name, m.Unit, known(r.Value(m.Name))}) {
						return
					}
				}
			}
		}
	}
}

func (b *tableBuilder) points(yield func(pointRow) bool) {
	for i := range b.Points {
		p := &b.Points[i]
		for _, s := range p.Summaries {
			if !yield(pointRow{b.origins[p.Scenario], placeOf(p), b.effort(p), b.quantity(s.Quantity),
				known(s.Interval.Mean), known(s.Interval.Lo), known(s.Interval.Hi), known(s.Q05), known(s.Median), known(s.Q95)}) {
				return
			}
		}
	}
}

func (b *tableBuilder) prices(yield func(priceRow) bool) {
	for i := range b.Points {
		p := &b.Points[i]
		for _, x := range p.Prices {
			if !yield(priceRow{b.origins[p.Scenario], placeOf(p), b.effort(p), x.Regime.String(),
				known(x.HoursAvoided.Mean), known(x.HoursAvoided.Lo), known(x.HoursAvoided.Hi),
				known(x.CertificateDays.Mean), known(x.CertificateDays.Lo), known(x.CertificateDays.Hi),
				known(x.MPIDWaitDays.Mean), known(x.MPIDWaitDays.Lo), known(x.MPIDWaitDays.Hi),
				known(x.WorseOff.Mean), known(x.WorseOff.Lo), known(x.WorseOff.Hi)}) {
				return
			}
		}
	}
}

func (b *tableBuilder) spreads(yield func(spreadRow) bool) {
	for _, s := range b.Spreads {
		if !yield(spreadRow{b.origins[s.Scenario], s.Kind.String(), b.quantity(s.Quantity), int64(s.Points), int64(s.Unknown),
			known(s.Min), known(s.Q05), known(s.Q25), known(s.Median), known(s.Q75), known(s.Q95), known(s.Max), known(s.Noise)}) {
			return
		}
	}
}

func (b *tableBuilder) tornado(yield func(tornadoRow) bool) {
	for _, s := range b.Swings {
		ends := b.Study.Ends(s.Assumption)
		if !yield(tornadoRow{b.origins[s.Scenario], b.quantity(s.Quantity), s.Assumption, ends[0], ends[1],
			known(s.Low.Mean), known(s.High.Mean), known(s.Change.Mean), known(s.Change.Lo), known(s.Change.Hi)}) {
			return
		}
	}
}

func (b *tableBuilder) sensitivity(yield func(sensitivityRow) bool) {
	for _, f := range b.Influences {
		if !yield(sensitivityRow{b.origins[f.Scenario], b.quantity(f.Quantity), f.Assumption, known(f.Coefficient), known(f.Explained), known(f.CorrelationRatio)}) {
			return
		}
	}
}
