package sim

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"
	"sync"

	"github.com/seed-db8551c1/lastresort/duis"
	"github.com/seed-db8551c1/lastresort/hold"
	"github.com/seed-db8551c1/lastresort/sim/des"
)

// Experiment compares rule regimes on one scenario. The zero value of every field but Scenario is a useful default.
type Experiment struct {
	Scenario     *Scenario
	Regimes      []hold.Regime // by default Baseline, MP134A and MP185
	Replications int           // by default 5
	Seed         uint64
	// Scale is the share of each supplier's customers to simulate, above 0 and up to 1, with capacities in proportion; by default 1. Numbers of households, hours and requests are in proportion too, but
	// not what waits for the last meter of a book, which is there the later the more meters there are: last_cos_day, mpid_wait_days, certificate_days_after_revocation and safe_mode_days_100.
	Scale       float64
	Workers     int                // how many replications run at a time; by default as many as there are processors, and as many goroutines draw the meters of each. The result does not depend on it. Each holds about 100 bytes for each enrolled meter
	Assumptions map[string]float64 // overrides of [Assumptions], after those of the scenario
	Sensitivity Sensitivity        // whether the headline metric is run over other assumptions too; by default it is
	Series      bool               // whether [Result.Series] is recorded
	// Progress, if given, is told how much of the work is done, in customers simulated, from none on. Calls come one at a time.
	Progress func(done, total int)
}

// Sensitivity says how much of an experiment is spent on the sensitivity to assumptions.
type Sensitivity uint8

// The sensitivity runs.
const (
	QuickSensitivity Sensitivity = iota // at a small scale, with few replications
	NoSensitivity
)

// The defaults and limits of an experiment.
const (
	defaultReplications = 5
	maxReplications     = 10_000
)

// plan is an experiment with its defaults filled in.
type plan struct {
	*Experiment
	regimes      []hold.Regime
	replications int
	scale        float64
	values       values
	cast         *cast
	done         func(customers int) // is told now and then how much more is done; nil for nobody
	series       *seriesSum          // nil if none is recorded
}

func (x *Experiment) plan() (*plan, error) {
	p := &plan{Experiment: x, regimes: x.Regimes, replications: x.Replications, scale: x.Scale}
	if x.Scenario == nil || len(x.Scenario.Failures) == 0 {
		return nil, errors.New("sim: experiment: expected a scenario with failures")
	}
	if len(p.regimes) == 0 {
		p.regimes = defaultRegimes()
	}
	for i, r := range p.regimes {
		if r > hold.MP185 || slices.Contains(p.regimes[:i], r) {
			return nil, fmt.Errorf("sim: experiment: expected each regime once, not %v", p.regimes)
		}
	}
	if p.replications == 0 {
		p.replications = defaultReplications
	}
	if p.scale == 0 {
		p.scale = 1
	}
	switch {
	case p.replications < 1 || p.replications > maxReplications:
		return nil, fmt.Errorf("sim: experiment: expected 1 to %d replications, not %d", maxReplications, x.Replications)
	case x.Workers < 0:
		return nil, fmt.Errorf("sim: experiment: expected a number of workers, or 0 for as many as there are processors, not %d", x.Workers)
	case !(p.scale > 0 && p.scale <= 1):
		return nil, fmt.Errorf("sim: experiment: expected a scale above 0 and up to 1, not %v", x.Scale)
	}
	return p, p.assume(nil)
}

func defaultRegimes() []hold.Regime { return []hold.Regime{hold.Baseline, hold.MP134A, hold.MP185} }

// assume fills in the assumptions, with further overrides.
func (p *plan) assume(further map[string]float64) (err error) {
	if p.values, err = assume(p.Scenario.Assumptions, p.Assumptions, further); err != nil {
		return err
	}
	if p.cast, err = newCast(p.Scenario, &p.values, p.scale); err == nil && p.cast.customers() == 0 {
		return fmt.Errorf("sim: experiment: expected a scale at which there is a customer, not %v", p.scale)
	}
	return err
}

// Run runs every replication of every regime, and the sensitivity. It stops early, with the context's error, when the context is done.
func (x *Experiment) Run(ctx context.Context) (*Result, error) {
	p, err := x.plan()
	if err != nil {
		return nil, err
	}
	studies, trials, err := p.studies()
	if err != nil {
		return nil, err
	}
	if x.Series {
		p.series = newSeriesSum(p.cast, len(p.regimes))
	}
	found := make([][]Replication, p.replications)
	jobs := make([]task, 0, p.replications)
	for k := range p.replications {
		jobs = append(jobs, task{p, k, &found[k]})
	}
	for _, t := range trials {
		jobs = append(jobs, t.tasks()...)
	}
	if err := x.runAll(ctx, jobs); err != nil {
		return nil, err
	}
	res := p.result(found)
	for _, s := range studies {
		res.Sensitivity = append(res.Sensitivity, s.result())
	}
	for _, t := range trials {
		res.Events += t.events()
	}
	return res, nil
}

// Replicate runs replication k (from 0) alone, under every regime: the same as its place in [Experiment.Run].
func (x *Experiment) Replicate(ctx context.Context, k int) ([]Replication, error) {
	p, err := x.plan()
	if err != nil {
		return nil, err
	}
	if k < 0 {
		return nil, fmt.Errorf("sim: experiment: expected a replication from 0, not %d", k)
	}
	all, err := p.replicate(ctx, k)
	if err != nil {
		return nil, err
	}
	return all, nil
}

// task is one replication of one plan.
type task struct {
	plan        *plan
	replication int
	found       *[]Replication
}

// runAll runs tasks side by side, each with all its regimes. The first error in the order of the tasks is the one that counts.
func (x *Experiment) runAll(ctx context.Context, tasks []task) error {
	total := 0
	for _, t := range tasks {
		total += len(t.plan.regimes) * t.plan.cast.customers()
	}
	var mu sync.Mutex
	done := 0
	report := func(n int) {
		mu.Lock()
		defer mu.Unlock()
		done += n
		if x.Progress != nil {
			x.Progress(done, total)
		}
	}
	for i := range tasks {
		tasks[i].plan.done = report
	}
	report(0)
	return sideBySide(ctx, x.Workers, len(tasks), func(ctx context.Context, i int) (err error) {
		t := &tasks[i]
		*t.found, err = t.plan.replicate(ctx, t.replication)
		return err
	})
}

// sideBySide does n things on a number of workers, 0 for as many as there are processors. The first error, in the order of the things, ends it, and is what it gives.
func sideBySide(ctx context.Context, workers, n int, do func(ctx context.Context, i int) error) error {
	if workers == 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	errs := make([]error, n)
	next := make(chan int)
	var wg sync.WaitGroup
	for range min(workers, n) {
		wg.Go(func() {
			for i := range next {
				if errs[i] = do(ctx, i); errs[i] != nil {
					stop()
				}
			}
		})
	}
	for i := range n {
		if ctx.Err() != nil {
			errs[i] = ctx.Err()
			break
		}
		next <- i
	}
	close(next)
	wg.Wait()
	for _, err := range errs {
		if err != nil && !errors.Is(err, context.Canceled) {
			return err
		}
	}
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// replicate runs one replication under every regime.
func (p *plan) replicate(ctx context.Context, k int) ([]Replication, error) {
	all := make([]Replication, len(p.regimes))
	var base []des.Time
	err := p.runs(ctx, k, func(i int, r *run) {
		all[i] = Replication{Regime: r.regime, Replication: k, Meters: r.meters(), Events: r.sim.Processed() + r.request, values: r.measure(base)}
		if r.regime == hold.Baseline {
			base = r.offTimes()
			all[i].values[householdsWorseOff] = 0
		}
		p.series.add(i, r)
	})
	return all, err
}

// runs runs one replication under each regime, Baseline first, and shows each run when it has ended. They share the estate, and the World that they start from.
func (p *plan) runs(ctx context.Context, k int, ended func(i int, r *run)) error {
	random := p.source(k)
	e, w, err := p.populate(ctx, random)
	if err != nil {
		return err
	}
	for _, i := range p.baselineFirst() {
		r, err := newRun(p.cast, e, w, p.regimes[i], random)
		if err != nil {
			return err
		}
		r.done = p.done
		r.series = p.series.recorder()
		if err := r.execute(ctx); err != nil {
			return err
		}
		ended(i, r)
	}
	return nil
}

// populate gives the estate of a replication, and the World before the first failure.
func (p *plan) populate(ctx context.Context, random des.Source) (*estate, *duis.World, error) {
	e, err := p.cast.sample(ctx, random, p.Workers)
	if err != nil {
		return nil, nil, err
	}
	w, err := e.register(ctx, p.cast)
	return e, w, err
}

// source gives the random numbers of a replication: the same for every regime.
func (p *plan) source(k int) des.Source { return des.Source{Seed: p.Seed, Replication: uint64(k)} }

// baselineFirst is the order in which the regimes run: Baseline before those that are compared with it.
func (p *plan) baselineFirst() []int {
	var order []int
	for i, r := range p.regimes {
		if r == hold.Baseline {
			order = append([]int{i}, order...)
		} else {
			order = append(order, i)
		}
	}
	return order
}

// result puts together what was found, in the order of regimes and replications.
func (p *plan) result(found [][]Replication) *Result {
	res := &Result{
		Scenario: p.Scenario.Name, Seed: p.Seed, Scale: p.scale, Replications: p.replications, Failures: len(p.Scenario.Failures), Customers: p.cast.customers(),
		Interval: intervalLabel, Assumptions: p.values.list(), Regimes: []RegimeResult{}, Sensitivity: []SensitivityResult{},
	}
	meters := 0
	for _, all := range found {
		meters += all[0].Meters
		for _, r := range all {
			res.Events += r.Events
		}
	}
	res.Meters = int(math.Round(float64(meters) / float64(len(found))))
	base := byRegime(found, slices.Index(p.regimes, hold.Baseline))
	for i, regime := range p.regimes {
		r := RegimeResult{Regime: regime, Replications: byRegime(found, i)}
		r.Metrics = intervals(r.Replications)
		if base != nil && regime != hold.Baseline {
			r.Difference = differences(r.Replications, base)
		}
		res.Regimes = append(res.Regimes, r)
	}
	res.Series = p.series.result(p.regimes, p.replications)
	return res
}

// byRegime is the replications of one regime; nil if there is no such regime.
func byRegime(found [][]Replication, i int) []Replication {
	if i < 0 {
		return nil
	}
	all := make([]Replication, len(found))
	for k := range found {
		all[k] = found[k][i]
	}
	return all
}
