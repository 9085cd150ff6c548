package sim

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/seed-db8551c1/lastresort/hold"
	"github.com/seed-db8551c1/lastresort/sim/des"
	"github.com/seed-db8551c1/lastresort/sim/internal/design"
)

// Study is what a study file asks for: scenarios × regimes × points in the space of the assumptions × replications. See [ParseStudy] for the format.
type Study struct {
	Name         string               `json:"name"`
	About        string               `json:"about,omitempty"`
	Scenarios    []string             `json:"scenarios"`         // names, for the caller to load
	Regimes      []hold.Regime        `json:"regimes,omitempty"` // by default Baseline, MP134A and MP185
	Metrics      []string             `json:"metrics,omitempty"` // that results are given for; by default all but the numbers of requests by response code
	Seed         uint64               `json:"seed,omitempty"`
	Scale        float64              `json:"scale,omitempty"`        // the share of each supplier's customers to simulate; by default 1
	Replications int                  `json:"replications,omitempty"` // of each point, or the fewest if there is a Precision; by default 5
	Precision    *Precision           `json:"precision,omitempty"`
	Assumptions  map[string]float64   `json:"assumptions,omitempty"` // overrides of [Assumptions] at every point, after those of the scenarios
	Sweep        map[string][]float64 `json:"sweep,omitempty"`       // values of assumptions, by name: each combination is a point
	Ranges       map[string]Range     `json:"ranges,omitempty"`      // of assumptions, by name: for the sample, and for each of them alone
	Samples      int                  `json:"samples,omitempty"`     // points of a Latin hypercube over the ranges
}

// Range is the least and the greatest value that an assumption is given. The zero value stands for the assumption's own [Distribution].
type Range [2]float64

// MarshalJSON gives a list of both values, or an empty one.
func (r Range) MarshalJSON() ([]byte, error) {
	if r == (Range{}) {
		return []byte("[]"), nil
	}
	return json.Marshal([2]float64(r))
}

// Precision asks for replications until one metric is known well enough. What is found then is reported as such: the interval that stopped a point is one among several that were looked at,
// so that it covers the truth somewhat less often than 95 % of the time.
type Precision struct {
	Metric   string  `json:"metric"`
	Relative float64 `json:"relative"` // half of the interval, as a share of the mean, under each regime
	Most     int     `json:"most"`     // replications of a point, at which it stops all the same
}

// StudyError says what is wrong with a study file, and where.
type StudyError struct {
	Line     int    // from 1
	Field    string // such as "ranges.prepayment"; empty for the file as a whole
	Expected string // what would have been right
}

func (e *StudyError) Error() string { return faultText("study", e.Line, e.Field, e.Expected) }

// The limits of a study. Each replication takes about a kilobyte until the end.
const (
	maxStudyBytes        = 1 << 20
	maxStudyScenarios    = 100
	maxStudyPoints       = 20_000
	maxStudyReplications = 500_000
)

// ParseStudy reads a study file: one JSON object of the shape of [Study].
//
//	{
//	  "name": "price of holding",
//	  "scenarios": ["autumn-2021"],
//	  "scale": 0.01,
//	  "replications": 5,
//	  "sweep": {"revocation-gap": [0, 1, 2, 3, 4]},
//	  "ranges": {"prepayment": [0.06, 0.26], "solr-support": []},
//	  "samples": 50
//	}
//
// The fields are:
//
//	name          of the study
//	about         what it asks, for people
//	scenarios     list of scenarios, by name or file
//	regimes       list of regimes; by default baseline, mp134a and mp185
//	metrics       list of the [Metrics] that results are given for; by default all but the numbers of requests by response code
//	seed          that all random numbers follow from; by default 0
//	scale         the share of each supplier's customers to simulate, above 0 and up to 1; by default 1
//	replications  of each point; by default 5
//	precision     object: go on beyond that until a metric is known well enough
//	  metric        its name
//	  relative      half of its interval, as a share of its mean, under each regime
//	  most          replications of a point at which it stops all the same
//	assumptions   object: values for [Assumptions] at every point, by name
//	sweep         object: lists of values, by the name of an assumption; each combination is a point
//	ranges        object: [least, greatest], by the name of an assumption, or [] for its own distribution; each end alone is a point, for the comparison of assumptions one at a time
//	samples       how many points of a Latin hypercube over the ranges there are: each is uniform, but for an own distribution; a switch is off in one half of them
//
// Only name and scenarios must be there. The first point of each scenario has its own assumptions. Nothing is guessed, as in [ParseScenario]; every error is a [*StudyError] that names the line.
func ParseStudy(r io.Reader) (*Study, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxStudyBytes+1))
	if err != nil {
		return nil, fmt.Errorf("sim: reading a study: %w", err)
	}
	if len(text) > maxStudyBytes {
		return nil, &StudyError{Line: 1, Expected: fmt.Sprintf("a file of at most %d bytes", maxStudyBytes)}
	}
	p := &parser{format: &studyFormat, text: text, ends: make(map[string]int64)}
	var raw rawStudy
	if err := p.read(&raw); err != nil {
		return nil, err
	}
	return p.study(&raw)
}

var (
	studyFields     = []string{"name", "about", "scenarios", "regimes", "metrics", "seed", "scale", "replications", "precision", "assumptions", "sweep", "ranges", "samples"}
	precisionFields = []string{"metric", "relative", "most"}
)

var studyFormat = format{
	holds: "study",
	known: func(path string) []string {
		switch path {
		case "":
			return studyFields
		case "precision":
			return precisionFields
		case "assumptions", "sweep", "ranges":
			return assumptionNames()
		}
		return nil
	},
	list: func(path string) bool {
		switch object, name, inside := strings.Cut(path, "."); {
		case inside:
			return (object == "sweep" || object == "ranges") && isAssumption(name)
		default:
			return path == "scenarios" || path == "regimes" || path == "metrics"
		}
	},
	fault: func(line int, field, expected string) error { return &StudyError{line, field, expected} },
}

// rawStudy is a study as the file has it: what has a default of its own, or a name, is not yet read.
type rawStudy struct {
	Name         string               `json:"name"`
	About        string               `json:"about"`
	Scenarios    []string             `json:"scenarios"`
	Regimes      []string             `json:"regimes"`
	Metrics      []string             `json:"metrics"`
	Seed         uint64               `json:"seed"`
	Scale        float64              `json:"scale"`
	Replications int                  `json:"replications"`
	Precision    *Precision           `json:"precision"`
	Assumptions  map[string]float64   `json:"assumptions"`
	Sweep        map[string][]float64 `json:"sweep"`
	Ranges       map[string][]float64 `json:"ranges"`
	Samples      int                  `json:"samples"`
}

func (p *parser) study(raw *rawStudy) (*Study, error) {
	s := &Study{Name: raw.Name, About: raw.About, Scenarios: raw.Scenarios, Seed: raw.Seed, Scale: raw.Scale, Replications: raw.Replications, Precision: raw.Precision, Samples: raw.Samples}
	if len(raw.Assumptions) > 0 {
		s.Assumptions = raw.Assumptions
	}
	if len(raw.Sweep) > 0 {
		s.Sweep = raw.Sweep
	}
	switch {
	case !isName(s.Name):
		return nil, p.fail("name", "%s", nameRule("a name for the study"))
	case len(s.Scenarios) == 0:
		return nil, p.fail("scenarios", "at least one scenario")
	case len(s.Scenarios) > maxStudyScenarios:
		return nil, p.fail("scenarios", "at most %d scenarios", maxStudyScenarios)
	case p.given("scale") && !(s.Scale > 0 && s.Scale <= 1):
		return nil, p.fail("scale", "a share above 0 and up to 1, not %v", s.Scale)
	case p.given("replications") && (s.Replications < 1 || s.Replications > maxReplications):
		return nil, p.fail("replications", "1 to %d replications, not %d", maxReplications, s.Replications)
	case p.given("samples") && (s.Samples < 2 || s.Samples > maxStudyPoints):
		return nil, p.fail("samples", "2 to %d samples, not %d", maxStudyPoints, s.Samples)
	case p.given("samples") && len(raw.Ranges) == 0:
		return nil, p.fail("samples", "ranges to take samples from")
	}
	for i, name := range s.Scenarios {
		path := fmt.Sprintf("scenarios[%d]", i)
		if !isName(name) {
			return nil, p.fail(path, "%s", nameRule("the name or file of a scenario"))
		}
		if slices.Contains(s.Scenarios[:i], name) {
			return nil, p.fail(path, "each scenario once, not %q again", clip(name))
		}
	}
	if err := p.studyNames(s, raw); err != nil {
		return nil, err
	}
	if err := p.precision(s); err != nil {
		return nil, err
	}
	if err := p.space(s, raw); err != nil {
		return nil, err
	}
	points := len(s.Scenarios) * s.pointsEach()
	if points > maxStudyPoints {
		return nil, p.fail("", "at most %d points, all scenarios together, not %d", maxStudyPoints, points)
	}
	if n := points * s.most(); n > maxStudyReplications {
		return nil, p.fail("", "at most %d replications, all points together, not %d", maxStudyReplications, n)
	}
	return s, nil
}

// studyNames reads the regimes and the metrics.
func (p *parser) studyNames(s *Study, raw *rawStudy) error {
	for i, name := range raw.Regimes {
		path := fmt.Sprintf("regimes[%d]", i)
		r, err := hold.ParseRegime(name)
		if err != nil {
			return p.fail(path, "one of baseline, mp134a, mp185 and actual, not %q", clip(name))
		}
		if slices.Contains(s.Regimes, r) {
			return p.fail(path, "each regime once, not %v again", r)
		}
		s.Regimes = append(s.Regimes, r)
	}
	for i, name := range raw.Metrics {
		path := fmt.Sprintf("metrics[%d]", i)
		if _, ok := metricIndex[name]; !ok {
			return p.fail(path, "a metric such as %s, not %q", Headline, clip(name))
		}
		if slices.Contains(s.Metrics, name) {
			return p.fail(path, "each metric once, not %q again", name)
		}
		s.Metrics = append(s.Metrics, name)
	}
	return nil
}

func (p *parser) precision(s *Study) error {
	x := s.Precision
	if x == nil {
		return nil
	}
	fewest := max(2, cmp.Or(s.Replications, defaultReplications))
	fail := p.in("precision")
	_, known := metricIndex[x.Metric]
	switch {
	case !known:
		return fail("metric", "a metric such as %s, not %q", Headline, clip(x.Metric))
	case !(x.Relative > 0 && x.Relative <= 1):
		return fail("relative", "a share of the mean above 0 and up to 1, not %v", x.Relative)
	case x.Most < fewest || x.Most > maxReplications:
		return fail("most", "%d to %d replications, not %d", fewest, maxReplications, x.Most)
	case s.Replications == 1:
		return p.fail("replications", "at least 2 replications, without which no precision is known")
	}
	return nil
}

// space reads which assumptions are varied, and checks every value that they are given.
func (p *parser) space(s *Study, raw *rawStudy) error {
	for i := range assumptions {
		a := &assumptions[i]
		if v, given := s.Assumptions[a.Name]; given {
			if err := p.taken("assumptions", a, v); err != nil {
				return err
			}
		}
		if values, given := s.Sweep[a.Name]; given {
			if len(values) == 0 || len(slices.Compact(slices.Sorted(slices.Values(values)))) < len(values) {
				return p.fail("sweep."+a.Name, "at least one value, and each once")
			}
			if err := p.taken("sweep", a, values...); err != nil {
				return err
			}
		}
		if ends, given := raw.Ranges[a.Name]; given {
			switch own := len(ends) == 0; {
			case own && a.Distribution.Shape == Fixed:
				return p.fail("ranges."+a.Name, "the least value and a greater one, since %s has no distribution of its own", a.Name)
			case !own && (len(ends) != 2 || !(ends[0] < ends[1])):
				return p.fail("ranges."+a.Name, "the least value and a greater one, or none for its own distribution")
			case own:
				ends = make([]float64, 2)
			}
			if given := Range(ends); given != (Range{}) {
				if err := p.taken("ranges", a, ends...); err != nil {
					return err
				}
			}
			if s.Ranges == nil {
				s.Ranges = make(map[string]Range)
			}
			s.Ranges[a.Name] = Range(ends)
		}
	}
	return nil
}

// taken checks values of an assumption.
func (p *parser) taken(field string, a *Assumption, values ...float64) error {
	for _, v := range values {
		if !a.takes(v) {
			return p.fail(field+"."+a.Name, "%s, not %v", a.span(), v)
		}
	}
	return nil
}

// most is how many replications a point can have.
func (s *Study) most() int {
	if s.Precision != nil {
		return s.Precision.Most
	}
	return s.fewest()
}

// fewest is how many replications a point has at least.
func (s *Study) fewest() int {
	n := cmp.Or(s.Replications, defaultReplications)
	if s.Precision != nil {
		n = min(n, s.Precision.Most)
	}
	return n
}

func (s *Study) regimes() []hold.Regime {
	if len(s.Regimes) == 0 {
		return defaultRegimes()
	}
	return s.Regimes
}

// metrics is the metrics that results are given for, in the order of [Metrics].
func (s *Study) metrics() (all []MetricInfo) {
	for i, m := range Metrics() {
		if len(s.Metrics) == 0 && i < int(numMetrics) || slices.Contains(s.Metrics, m.Name) {
			all = append(all, m)
		}
	}
	return all
}

// varied is the assumptions that the study varies, in the order of [Assumptions].
func (s *Study) varied() (names []string) {
	for _, name := range assumptionNames() {
		_, swept := s.Sweep[name]
		_, ranged := s.Ranges[name]
		if swept || ranged {
			names = append(names, name)
		}
	}
	return names
}

// ranged is those that have a range.
func (s *Study) ranged() []string {
	return slices.DeleteFunc(s.varied(), func(name string) bool { _, ok := s.Ranges[name]; return !ok })
}

// PointKind says why a study has a point.
type PointKind uint8

// The kinds of points.
const (
	BasePoint   PointKind = iota // the scenario's and the study's own assumptions
	SweepPoint                   // a combination of the values of a sweep
	LowPoint                     // one assumption at the least of its range, the others as in the base
	HighPoint                    // one at the greatest
	SamplePoint                  // of the Latin hypercube
)

var pointKindNames = [...]string{"base", "sweep", "low", "high", "sample"}

func (k PointKind) String() string {
	if int(k) < len(pointKindNames) {
		return pointKindNames[k]
	}
	return "none"
}

// DesignPoint is one set of assumptions for one scenario.
type DesignPoint struct {
	Number     int // from 0, over all scenarios
	Scenario   int // position in [Study.Scenarios]
	Kind       PointKind
	Assumption string             // that is at an end of its range; of low and high points
	Set        map[string]float64 // assumptions in place of the scenario's and the study's own
}

// pointsEach is how many points there are for each scenario, or one more than there may be.
func (s *Study) pointsEach() int {
	n := 0
	if len(s.Sweep) > 0 {
		n = 1
		for _, name := range s.varied() {
			if values, swept := s.Sweep[name]; swept {
				n = min(n*len(values), maxStudyPoints+1)
			}
		}
	}
	return min(1+n+2*len(s.Ranges)+s.Samples, maxStudyPoints+1)
}

// points places the points: the same ones for each scenario.
func (s *Study) points() []DesignPoint {
	each := []DesignPoint{{Kind: BasePoint}}
	for _, set := range s.grid() {
		each = append(each, DesignPoint{Kind: SweepPoint, Set: set})
	}
	ranged := s.ranged()
	for _, name := range ranged {
		each = append(each,
			DesignPoint{Kind: LowPoint, Assumption: name, Set: map[string]float64{name: s.Ends(name)[0]}},
			DesignPoint{Kind: HighPoint, Assumption: name, Set: map[string]float64{name: s.Ends(name)[1]}})
	}
	random := des.Source{Seed: s.Seed, Replication: math.MaxUint64} // apart from every replication
	for _, u := range design.LatinHypercube(s.Samples, len(ranged), random) {
		set := make(map[string]float64)
		for d, name := range ranged {
			set[name] = s.Ranges[name].at(u[d], name)
		}
		each = append(each, DesignPoint{Kind: SamplePoint, Set: set})
	}
	var all []DesignPoint
	for scenario := range s.Scenarios {
		for _, p := range each {
			p.Number, p.Scenario = len(all), scenario
			all = append(all, p)
		}
	}
	return all
}

// Ends is the least and the greatest value of the range of an assumption: Low and High of its own distribution, if the range is zero.
func (s *Study) Ends(name string) Range {
	r, i := s.Ranges[name], slices.Index(assumptionNames(), name)
	if r == (Range{}) && i >= 0 {
		d := &assumptions[i].Distribution
		return Range{d.Low, d.High}
	}
	return r
}

// at is the value of an assumption at a share of the range. A switch is off in the first half, and on in the second.
func (r Range) at(share float64, name string) float64 {
	a := &assumptions[slices.Index(assumptionNames(), name)]
	switch {
	case r == (Range{}):
		return a.quantile(share)
	case a.Unit == unitSwitch:
		return math.Floor(2 * share)
	}
	return min(r[0]+share*(r[1]-r[0]), r[1])
}

// grid is every combination of the values of the sweep; the last assumption changes fastest.
func (s *Study) grid() (sets []map[string]float64) {
	if len(s.Sweep) == 0 {
		return nil
	}
	sets = []map[string]float64{{}}
	for _, name := range s.varied() {
		values, swept := s.Sweep[name]
		if !swept {
			continue
		}
		var next []map[string]float64
		for _, set := range sets {
			for _, v := range values {
				with := maps.Clone(set)
				with[name] = v
				next = append(next, with)
			}
		}
		sets = next
	}
	return sets
}
