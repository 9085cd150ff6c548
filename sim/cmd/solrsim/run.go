package main

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strconv"
	"time"

	"github.com/schollz/progressbar/v3"
	"github.com/seed-db8551c1/lastresort/sim"
	"github.com/seed-db8551c1/lastresort/sim/internal/studyfile"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"golang.org/x/term"
)

// experimentFlags are those that say what to run.
type experimentFlags struct {
	regimes, set  []string
	reps, workers int
	seed          uint64
	scale         float64
	sensitivity   bool
}

func (x *experimentFlags) add(f *pflag.FlagSet) {
	f.StringSliceVar(&x.regimes, "regimes", []string{"baseline", "mp134a", "mp185"}, "the regimes to compare; also actual, which takes each rule by its date")
	f.StringArrayVar(&x.set, "set", nil, "an assumption as NAME=NUMBER, of those that solrsim assumptions lists; may be given several times")
	f.IntVar(&x.reps, "reps", 5, "replications of each regime")
	f.Uint64Var(&x.seed, "seed", 1, "the seed that all random numbers follow from")
	f.Float64Var(&x.scale, "scale", 1, "the share of each supplier's customers to simulate")
	f.IntVar(&x.workers, "workers", 0, "replications at a time; 0 for as many as there are processors")
	f.BoolVar(&x.sensitivity, "sensitivity", true, "also run the headline over the assumptions that matter most")
}

// experiment is what the flags ask for, of a scenario by its name or file.
func (x *experimentFlags) experiment(name string) (*sim.Experiment, error) {
	s, err := studyfile.Scenario(name)
	if err != nil {
		return nil, err
	}
	e := &sim.Experiment{Scenario: s, Replications: x.reps, Seed: x.seed, Scale: x.scale, Workers: x.workers}
	switch {
	case x.reps < 1:
		return nil, fmt.Errorf("--reps %d: expected at least 1", x.reps)
	case !(x.scale > 0 && x.scale <= 1):
		return nil, fmt.Errorf("--scale %g: expected a share above 0 and up to 1", x.scale)
	}
	if e.Regimes, err = parseRegimes(x.regimes); err != nil {
		return nil, err
	}
	if e.Assumptions, err = parseAssumptions(x.set); err != nil {
		return nil, err
	}
	if !x.sensitivity {
		e.Sensitivity = sim.NoSensitivity
	}
	return e, nil
}

// oneScenario is what the command of a name takes.
func oneScenario(command string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) != 1 {
			return fmt.Errorf("%s: expected one SCENARIO or FILE, not %d; solrsim list names the scenarios", command, len(args))
		}
		return nil
	}
}

func runCommand() *cobra.Command {
	var (
		flags         experimentFlags
		asJSON, asCSV bool
	)
	c := &cobra.Command{
		Use:   "run SCENARIO|FILE",
		Short: "Run a scenario under each regime and compare what becomes of households",
		Long: `Run a scenario under each regime and compare what becomes of households.

The table has a row for each measure that solrsim metrics lists: its mean over replications with half of its 95 % Monte Carlo interval. With --json
the result is the object that go doc github.com/seed-db8551c1/lastresort/sim.Result describes, with every replication in it; with --csv it has a row
for each measure of each replication. The same scenario, flags and version give the same bytes.`,
		Args: oneScenario("run"),
		RunE: func(c *cobra.Command, args []string) error {
			if asJSON && asCSV {
				return fmt.Errorf("--json and --csv: expected one of them")
			}
			x, err := flags.experiment(args[0])
			if err != nil {
				return err
			}
			r, err := execute(c.Context(), x, c.ErrOrStderr())
			if err != nil {
				return err
			}
			switch {
			case asJSON:
				return writeJSON(c.OutOrStdout(), r)
			case asCSV:
				return writeCSV(c.OutOrStdout(), r)
			}
			return writeTable(c.OutOrStdout(), r)
		},
	}
	f := c.Flags()
	flags.add(f)
	f.BoolVar(&asJSON, "json", false, "write the result as one JSON object")
	f.BoolVar(&asCSV, "csv", false, "write every metric of every replication as CSV")
	return c
}

// execute runs the experiment with a progress bar on a terminal, and says how fast it was.
func execute(ctx context.Context, x *sim.Experiment, stderr io.Writer) (*sim.Result, error) {
	progress, finish := progressBar(stderr)
	x.Progress = progress
	start := time.Now()
	r, err := x.Run(ctx)
	finish()
	if err != nil {
		return nil, err
	}
	seconds := time.Since(start).Seconds()
	fmt.Fprintf(stderr, "%s events in %.1f s: %s events per second\n", grouped(float64(r.Events)), seconds, grouped(float64(r.Events)/seconds))
	return r, nil
}

// progressBar shows how much is done and how long the rest takes, on a terminal. Elsewhere it shows nothing.
func progressBar(stderr io.Writer) (progress func(done, total int), finish func()) {
	f, ok := stderr.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return nil, func() {}
	}
	bar := progressbar.NewOptions(1,
		progressbar.OptionSetWriter(stderr),
		progressbar.OptionSetDescription("simulating"),
		progressbar.OptionSetPredictTime(true),
		progressbar.OptionClearOnFinish(),
	)
	_ = bar.RenderBlank()
	return func(done, total int) {
		if total == 0 {
			return // the bar would not clear
		}
		bar.ChangeMax(total)
		_ = bar.Set(done)
	}, func() { _ = bar.Finish() }
}

func writeJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	if err := e.Encode(v); err != nil {
		return runError{err}
	}
	return nil
}

// writeCSV writes one row for each metric of each replication. What was never reached is empty.
func writeCSV(w io.Writer, r *sim.Result) error {
	out := csv.NewWriter(w)
	rows := [][]string{{"scenario", "seed", "scale", "regime", "replication", "metric", "unit", "value"}}
	for _, g := range r.Regimes {
		for _, rep := range g.Replications {
			for _, m := range sim.Metrics() {
				value := ""
				if x := rep.Value(m.Name); x == x {
					value = strconv.FormatFloat(x, 'g', -1, 64)
				}
				rows = append(rows, []string{r.Scenario, strconv.FormatUint(r.Seed, 10), strconv.FormatFloat(r.Scale, 'g', -1, 64),
					g.Regime.String(), strconv.Itoa(rep.Replication), m.Name, m.Unit, value})
			}
		}
	}
	if err := out.WriteAll(rows); err != nil {
		return runError{err}
	}
	return nil
}
