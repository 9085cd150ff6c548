package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"
	"github.com/seed-db8551c1/lastresort/hold"
	"github.com/seed-db8551c1/lastresort/sim"
	"github.com/seed-db8551c1/lastresort/sim/internal/studyfile"
)

const studyFile = `{
  "name": "small", "scenarios": ["mine.json"], "seed": 5, "replications": 2,
  "assumptions": {"electricity-smart": 1, "gas-smart": 1, "smets1-enrolled": 1, "horizon": 20},
  "metrics": ["customer_hours_off_supply", "last_cos_day"],
  "sweep": {"revocation-gap": [0, 2]},
  "ranges": {"prepayment": [0.2, 0.8], "first-cos": [5, 40]},
  "samples": 4
}`

// small is the study above, in a directory of its own.
func small(t *testing.T) *sim.StudyRun {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{"study.json": studyFile, "mine.json": `{"name": "mine", "failures": [{"supplier": "A", "ceased": "2021-09-14", "solr": "X", "domestic": 60}]}`} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	r, err := studyfile.Load(filepath.Join(dir, "study.json"))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// filesOf is what a directory holds, but for the journal, whose lines come in the order in which replications were finished.
func filesOf(t *testing.T, dir string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	files := make(map[string]string)
	for _, e := range entries {
		b, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if e.Name() != "journal.jsonl" {
			files[e.Name()] = string(b)
		}
	}
	return files
}

// Killed half way, in the middle of a line of the journal, and run again, a study ends with the same bytes.
func TestStudyResumed(t *testing.T) {
	r, whole, half := small(t), t.TempDir(), t.TempDir()
	if _, err := runStudy(context.Background(), r, whole); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	r.Workers = 2
	steps := 0
	r.Progress = func(int, int) {
		if steps++; steps == 8 {
			cancel()
		}
	}
	if _, err := runStudy(ctx, r, half); !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "stopped after ") {
		t.Fatalf("cancelled: %v", err)
	}
	if files := filesOf(t, half); len(files) != 0 {
		t.Fatalf("a study that was cancelled leaves %d files of results", len(files))
	}
	name := filepath.Join(half, "journal.jsonl")
	journal, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	lines := bytes.Count(journal, []byte("\n"))
	if lines < 8 || lines > 11 {
		t.Fatalf("%d lines in the journal", lines)
	}
	if err := os.WriteFile(name, append(journal[:len(journal)-7], make([]byte, 100_000)...), 0o666); err != nil { // what a crash may leave
		t.Fatal(err)
	}
	first := 0
	r.Progress = func(_, total int) { first = total }
	if _, err := runStudy(context.Background(), r, half); err != nil {
		t.Fatal(err)
	}
	if want := 3 * 60 * (2*(1+2+4+4) - (lines - 2)); first != want {
		t.Errorf("%d customers were left to simulate, want %d: what the journal has is not run again", first, want)
	}
	if _, err := runStudy(context.Background(), r, half); err != nil || first != 0 {
		t.Errorf("run once more: %d customers were left to simulate, %v", first, err)
	}
	if journal, err = os.ReadFile(name); err != nil || !bytes.HasSuffix(journal, []byte("}\n")) || bytes.Contains(journal, []byte{0}) {
		t.Errorf("what the crash left is in the journal still (%v)", err)
	}
	want, got := filesOf(t, whole), filesOf(t, half)
	if len(want) != 20 || len(got) != len(want) {
		t.Errorf("%d and %d files of results", len(want), len(got))
	}
	for name := range want {
		if want[name] != got[name] {
			t.Errorf("%s differs", name)
		}
	}
}

// A journal that does not belong to the study is refused, and left as it is.
func TestJournalRefuses(t *testing.T) {
	r := small(t)
	h, err := r.Hash()
	if err != nil {
		t.Fatal(err)
	}
	head := `{"study":"` + h + `","version":"` + r.Version + `"}` + "\n"
	for _, c := range []struct{ name, text, want string }{
		{"another study", `{"study":"0123456789abcdef","version":"v1"}` + "\n", "line 1: expected the journal of study " + h + ", not of 0123456789abcdef by version v1: remove it"},
		{"another file", "name,value\n", "line 1: expected the journal of a study"},
		{"another object", `{"point":1}` + "\n", "line 1: expected the journal of a study"},
		{"a line that is no replication", head + "x\n", "line 2: expected a replication"},
		{"a replication of no point", head + `{"point":1000,"replication":0,"runs":[]}` + "\n", "expected finished replications of this study"},
		{"a line too long", head + strings.Repeat(" ", 1<<20+1) + "\n", "line 2: "},
	} {
		dir := t.TempDir()
		name := filepath.Join(dir, "journal.jsonl")
		if err := os.WriteFile(name, []byte(c.text), 0o666); err != nil {
			t.Fatal(err)
		}
		if _, err := runStudy(context.Background(), r, dir); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v; want %q", c.name, err, c.want)
		}
		if b, err := os.ReadFile(name); err != nil || string(b) != c.text {
			t.Errorf("%s: the journal has changed (%v)", c.name, err)
		}
	}
}

// A journal that another process writes to is not touched.
func TestJournalOfAnotherProcess(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("it has no locks that end with the process")
	}
	r, dir := small(t), t.TempDir()
	j, err := studyfile.OpenJournal(dir, r)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := studyfile.OpenJournal(dir, r); err == nil || !strings.Contains(err.Error(), "journal.jsonl: expected no other process to run this study at the same time") {
		t.Errorf("opened twice: %v", err)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := runStudy(context.Background(), r, dir); err != nil {
		t.Errorf("when the other has ended: %v", err)
	}
}

// A build that finds something else than the journal has does not go on from it, whether anything is left to run or not; one of a release trusts its version.
func TestJournalOfAnotherBuild(t *testing.T) {
	for _, c := range []struct {
		version string
		refused bool
	}{{"(devel)", true}, {"v1.2.3-0.20260102030405-0123456789ab+dirty", true}, {"v1.2.3", false}} {
		r, dir := small(t), t.TempDir()
		r.Version = c.version
		if _, err := runStudy(context.Background(), r, dir); err != nil {
			t.Fatal(err)
		}
		name := filepath.Join(dir, "journal.jsonl")
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := runStudy(context.Background(), r, dir); err != nil {
			t.Errorf("version %s, its own journal: %v", c.version, err)
		}
		changed := strings.Replace(string(text), `"events":`, `"events":1`, 1)
		if err := os.WriteFile(name, []byte(changed), 0o666); err != nil {
			t.Fatal(err)
		}
		_, err = runStudy(context.Background(), r, dir)
		if refused := err != nil && strings.Contains(err.Error(), "journal.jsonl: line 2: expected what this build finds in replication "); refused != c.refused || err != nil && !refused {
			t.Errorf("version %s, a journal of other numbers: %v", c.version, err)
		}
	}
}

// Each number of a result stands in the column that is named for it.
func TestTables(t *testing.T) {
	nan := math.NaN()
	q := sim.Quantity{Regime: hold.MP185, Metric: sim.Headline, Difference: true}
	point := sim.PointResult{
		DesignPoint: sim.DesignPoint{Number: 7, Kind: sim.LowPoint, Assumption: "prepayment"}, Values: map[string]float64{"prepayment": 0.5}, Replications: make([][]sim.Replication, 3),
		Summaries: []sim.Summary{{Quantity: q, Interval: sim.Interval{Mean: 2, Lo: 1, Hi: 3}, Q05: 4, Median: 5, Q95: 6}},
		Prices: []sim.Price{{Regime: hold.MP134A, HoursAvoided: sim.Interval{Mean: 2, Lo: 1, Hi: 3}, CertificateDays: sim.Interval{Mean: 5, Lo: 4, Hi: 6},
			MPIDWaitDays: sim.Interval{Mean: 8, Lo: 7, Hi: 9}, WorseOff: sim.Interval{Mean: 10, Lo: nan, Hi: nan}}},
	}
	r := &sim.StudyResult{
		Study: &sim.Study{Name: "s", Scenarios: []string{"x"}, Seed: 3, Ranges: map[string]sim.Range{"prepayment": {0.1, 0.2}}}, Hash: "h", Version: "v", Scenarios: []string{"k"}, Points: []sim.PointResult{point},
		Spreads:    []sim.Spread{{Kind: sim.SamplePoint, Quantity: q, Points: 20, Unknown: 1, Min: 1, Q05: 2, Q25: 3, Median: 4, Q75: 5, Q95: 6, Max: 7, Noise: 8}},
		Swings:     []sim.Swing{{Quantity: q, Assumption: "prepayment", Low: sim.Interval{Mean: 1}, High: sim.Interval{Mean: 2}, Change: sim.Interval{Mean: 4, Lo: 3, Hi: 5}}},
		Influences: []sim.Influence{{Quantity: q, Assumption: "prepayment", Coefficient: 1, Explained: 2, CorrelationRatio: 3}},
	}
	const origin, quantity = "s,h,v,x,k,3,1,", "mp185,customer_hours_off_supply,difference,hours,"
	want := map[string]string{
		"design":      origin + "7,low,prepayment,share,0.5\n",
		"points":      origin + "7,low,3,fixed," + quantity + "2,1,3,4,5,6\n",
		"price":       origin + "7,low,3,fixed,mp134a,2,1,3,5,4,6,8,7,9,10,,\n",
		"spread":      origin + "sample," + quantity + "20,1,1,2,3,4,5,6,7,8\n",
		"tornado":     origin + quantity + "prepayment,0.1,0.2,1,2,4,3,5\n",
		"sensitivity": origin + quantity + "prepayment,1,2,3\n",
	}
	heads := map[string]string{
		"points": ",mean,lo,hi,q05,median,q95\n", "price": ",hours_avoided,hours_avoided_lo,hours_avoided_hi,certificate_days,certificate_days_lo,certificate_days_hi," +
			"mpid_wait_days,mpid_wait_days_lo,mpid_wait_days_hi,households_worse_off,households_worse_off_lo,households_worse_off_hi\n",
		"spread": ",points,unknown,min,q05,q25,median,q75,q95,max,noise\n", "tornado": ",low,high,at_low,at_high,change,change_lo,change_hi\n", "sensitivity": ",coefficient,explained,correlation_ratio\n",
	}
	for _, x := range studyTables(r) {
		if want[x.name] == "" {
			continue
		}
		var b strings.Builder
		if err := x.csv(&b); err != nil {
			t.Fatal(err)
		}
		head, rows, _ := strings.Cut(b.String(), "\n")
		if rows != want[x.name] || !strings.HasSuffix(head+"\n", heads[x.name]) {
			t.Errorf("%s:\n%s\nwant\n%s", x.name, b.String(), want[x.name])
		}
		delete(want, x.name)
	}
	if len(want) > 0 {
		t.Errorf("no tables for %v", want)
	}
}

// Every column of every table is in the dictionary with its meaning, and CSV, JSON and Parquet have the same columns and the same values.
func TestDictionary(t *testing.T) {
	dir := t.TempDir()
	if _, err := runStudy(context.Background(), small(t), dir); err != nil {
		t.Fatal(err)
	}
	files := filesOf(t, dir)
	records := func(name string) [][]string {
		t.Helper()
		all, err := csv.NewReader(strings.NewReader(files[name+".csv"])).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		return all
	}
	columns := make(map[string][]string)
	for _, line := range records("dictionary")[1:] {
		table, name, kind, meaning := line[0], line[1], line[2], line[4]
		if meaning == "" || kind == "" || slices.Contains(columns[table], name) {
			t.Errorf("dictionary: %q", line)
		}
		columns[table] = append(columns[table], name)
	}
	var object map[string][]map[string]any
	d := json.NewDecoder(strings.NewReader(files["study.json"]))
	d.UseNumber()
	if err := d.Decode(&object); err != nil {
		t.Fatal(err)
	}
	if len(object) != len(columns) || len(columns) != 10 {
		t.Errorf("%d tables as JSON, %d in the dictionary", len(object), len(columns))
	}
	for table, names := range columns {
		lines := records(table)
		if !slices.Equal(lines[0], names) {
			t.Errorf("%s.csv has the columns %q, the dictionary %q", table, lines[0], names)
		}
		if len(lines) < 2 || len(object[table]) != len(lines)-1 {
			t.Errorf("%s: %d rows as CSV, %d as JSON", table, len(lines)-1, len(object[table]))
		}
		for i, row := range object[table] {
			for k, name := range names {
				if got := textOf(row[name]); len(row) != len(names) || !sameNumber(got, lines[i+1][k]) {
					t.Errorf("%s, row %d, %s: %q as JSON, %q as CSV", table, i, name, got, lines[i+1][k])
				}
			}
		}
		if table == "dictionary" {
			continue
		}
		text := files[table+".parquet"]
		f, err := parquet.OpenFile(strings.NewReader(text), int64(len(text)))
		if err != nil {
			t.Fatalf("%s: %v", table, err)
		}
		var inFile []string
		for _, path := range f.Schema().Columns() {
			inFile = append(inFile, strings.Join(path, "."))
		}
		if !slices.Equal(inFile, names) {
			t.Errorf("%s.parquet has the columns %q, the dictionary %q", table, inFile, names)
		}
		rows := parquet.NewReader(f)
		for i := 1; i < len(lines); i++ {
			got := make(map[string]any)
			if err := rows.Read(&got); err != nil {
				t.Fatalf("%s.parquet, row %d: %v", table, i, err)
			}
			for k, name := range names {
				if g := textOf(got[name]); !sameNumber(g, lines[i][k]) {
					t.Fatalf("%s, row %d, %s: %q as Parquet, %q as CSV", table, i, name, g, lines[i][k])
				}
			}
		}
	}
	for _, table := range []string{"design", "replications", "points", "price", "spread", "tornado", "sensitivity"} {
		for _, name := range []string{"seed", "scenario_hash", "version", "study_hash"} {
			if !slices.Contains(columns[table], name) {
				t.Errorf("%s: no column %s", table, name)
			}
		}
	}
	// last_cos_day is never reached within 20 days where the first Change of Supplier is later.
	if !strings.Contains(files["replications.csv"], ",last_cos_day,days,\n") {
		t.Error("what was never reached is not empty")
	}
}

// The rows of a table are not in memory together: a study may have tens of millions of them.
func TestTablesTakeLittleMemory(t *testing.T) {
	const rows = 100_000 // of 270 bytes and more
	before := held()
	most := before
	x := newTable("replications", func(yield func(replicationRow) bool) {
		for k := range rows {
			value := float64(k % 7)
			if !yield(replicationRow{Replication: int64(k), Regime: "mp185", Value: &value}) {
				return
			}
		}
		most = max(most, held())
	})
	for name, write := range map[string]func(io.Writer) error{
		"CSV": x.csv, "Parquet": x.parquet, "JSON": func(w io.Writer) error { return writeTables(w, []table{x}) },
	} {
		most = before
		if err := write(io.Discard); err != nil {
			t.Fatal(err)
		}
		if grown := most - before; grown > rows*270/3 {
			t.Errorf("%s: %d MB more are held after %d rows", name, grown>>20, rows)
		}
	}
}

// held is the bytes that are in use.
func held() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// A report reads of a study's tables, which may be larger than memory, only the rows that it needs into it.
func TestHeadlineTakesLittleMemory(t *testing.T) {
	const rows = 50_000
	from, to := io.Pipe()
	before, most := held(), uint64(0)
	go func() {
		w := bufio.NewWriter(to)
		fmt.Fprint(w, `{"replications":[`)
		for range rows {
			fmt.Fprintf(w, `{"scenario_hash":"h","metric":%q,"measure":"value","mean":1},`, sim.Headline)
		}
		fmt.Fprint(w, `{}],"points":[`)
		for _, metric := range []string{sim.Headline, "failed_top_ups"} {
			for range rows / 2 {
				fmt.Fprintf(w, `{"scenario_hash":"other","metric":%q,"measure":"value","mean":1},`, metric)
			}
		}
		most = held()
		fmt.Fprintf(w, `{"scenario_hash":"h","metric":%[1]q,"measure":"difference"},{"scenario_hash":"h","metric":%[1]q,"measure":"value","kind":"base","mean":7}]}`, sim.Headline)
		to.CloseWithError(w.Flush())
	}()
	tables, err := headlineOf(from, "h")
	if err != nil || len(tables.points) != 1 || *tables.points[0].Mean != 7 || len(tables.design)+len(tables.tornado) != 0 {
		t.Fatalf("%+v, %v; want the last row", tables, err)
	}
	if grown := int64(most) - int64(before); grown > rows*60/3 {
		t.Errorf("%d kB more are held after %d rows", grown>>10, 2*rows)
	}
}

// Of an assumption that nothing follows about one correlation ratio in 25 is above what is called chance, and of a sample of four points any may be.
func TestChanceRatio(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{20, 50, 200} {
		const studies = 4000
		above := 0
		y := make([]float64, n)
		for range studies {
			for i := range y {
				y[i] = random.NormFloat64() // in the order of an assumption that it does not follow
			}
			classes := int(math.Sqrt(float64(n)))
			within := 0.0
			for c := range classes {
				within += squares(y[c*n/classes : (c+1)*n/classes])
			}
			if 1-within/float64(n-classes)/(squares(y)/float64(n-1)) > chanceRatio(n) {
				above++
			}
		}
		if share := float64(above) / studies; share < 0.025 || share > 0.055 {
			t.Errorf("%d points: %.3f of the ratios are above %.3f", n, share, chanceRatio(n))
		}
	}
	for n, want := range map[int]string{50: "up to 0.15 may be chance with 50 points", 200: "up to 0.05 with 200"} {
		column := columnsOf("sensitivity", reflect.TypeFor[sensitivityRow]())
		if last := column[len(column)-1]; !strings.Contains(last.Meaning, want) || !strings.Contains(want, rounded(chanceRatio(n), 2)) {
			t.Errorf("%d points: %.2f, but the dictionary says %q", n, chanceRatio(n), last.Meaning)
		}
	}
	if x := chanceRatio(4); !(x > 1) {
		t.Errorf("4 points: %v; want all ratios to be called chance", x)
	}
}

// squares is the sum of the squared distances from the mean.
func squares(y []float64) (sum float64) {
	mean := 0.0
	for _, v := range y {
		mean += v / float64(len(y))
	}
	for _, v := range y {
		sum += (v - mean) * (v - mean)
	}
	return sum
}

// textOf is a value of JSON or Parquet as text.
func textOf(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case json.Number:
		return v.String()
	case string:
		return v
	case []byte:
		return string(v)
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64)
	case int64:
		return strconv.FormatInt(v, 10)
	case uint64:
		return strconv.FormatUint(v, 10)
	}
	return "?"
}

// sameNumber reports whether two texts are the same, or the same number.
func sameNumber(a, b string) bool {
	x, err := strconv.ParseFloat(a, 64)
	y, also := strconv.ParseFloat(b, 64)
	return a == b || err == nil && also == nil && x == y
}
