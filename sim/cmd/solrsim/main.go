// Command solrsim compares the rule regimes of a supplier failure on simulated estates.
//
//	solrsim list                          the scenarios that come with it
//	solrsim new                           a scenario to begin with, every field explained
//	solrsim check-scenario FILE...        says on which line a scenario is not one
//	solrsim run SCENARIO|FILE             runs one and prints what each regime does to households
//	solrsim report SCENARIO|FILE          runs one and writes a page of charts, which needs nothing else to be read
//	solrsim study FILE                    runs what a study file asks for, and writes the results as tables
//	solrsim assumptions [SCENARIO|FILE]   every assumption with unit, value, default and provenance
//	solrsim check                         visits every state of the rules within a bound, and checks the invariants
//
// Tables, JSON and CSV go to standard output, but for reports and studies, which are directories. A progress bar, on a terminal, and the speed of the run go to standard error.
// Bad input is answered with one line and exit status 2.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strconv"
	"strings"

	"github.com/seed-db8551c1/lastresort/hold"
	"github.com/seed-db8551c1/lastresort/sim"
	"github.com/seed-db8551c1/lastresort/sim/internal/studyfile"
	"github.com/seed-db8551c1/lastresort/sim/scenario"
	"github.com/spf13/cobra"
)

func main() { os.Exit(Main()) }

// Main runs the command and gives its exit status.
func Main() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	err := command().ExecuteContext(ctx)
	if err == nil {
		return 0
	}
	fmt.Fprintf(os.Stderr, "solrsim: %s\n", strings.ReplaceAll(err.Error(), "\n", "; "))
	switch {
	case errors.As(err, new(runError)):
		return 1
	case errors.Is(err, context.Canceled):
		return 130
	}
	return 2
}

// runError is a failure that is not the fault of the input.
type runError struct{ error }

func (e runError) Unwrap() error { return e.error }

func command() *cobra.Command {
	root := &cobra.Command{
		Use:           "solrsim",
		Short:         "Compare the rule regimes of a supplier failure on simulated estates",
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cobra.NoArgs,
		RunE:          func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	root.CompletionOptions.DisableDefaultCmd = true
	root.AddCommand(listCommand(), newCommand(), checkScenarioCommand(), runCommand(), reportCommand(), studyCommand(), assumptionsCommand(), checkCommand())
	return root
}

func listCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List the scenarios that come with the command",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			for _, name := range scenario.Names() {
				s, err := scenario.Load(name)
				if err != nil {
					return runError{err}
				}
				fmt.Fprintf(c.OutOrStdout(), "%s\t%d failures, %s customers: %s\n", name, len(s.Failures), grouped(float64(s.Customers())), firstSentence(s.About))
			}
			return nil
		},
	}
}

func assumptionsCommand() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "assumptions [SCENARIO|FILE]",
		Short: "Print every assumption with unit, default and provenance",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return fmt.Errorf("assumptions: expected at most one SCENARIO or FILE, not %d", len(args))
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			s := new(sim.Scenario)
			if len(args) == 1 {
				var err error
				if s, err = studyfile.Scenario(args[0]); err != nil {
					return err
				}
			}
			all, err := sim.AssumptionValues(s.Assumptions)
			if err != nil {
				return err
			}
			if asJSON {
				return writeJSON(c.OutOrStdout(), all)
			}
			return writeAssumptions(c.OutOrStdout(), all)
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "write JSON")
	return c
}

func parseRegimes(names []string) ([]hold.Regime, error) {
	if len(names) == 0 {
		names = []string{""} // --regimes= names none, and does not mean the default
	}
	var all []hold.Regime
	for _, name := range names {
		r, err := hold.ParseRegime(name)
		if err != nil {
			return nil, err
		}
		for _, have := range all {
			if have == r {
				return nil, fmt.Errorf("regime %v is named twice: expected each once", r)
			}
		}
		all = append(all, r)
	}
	return all, nil
}

func parseAssumptions(settings []string) (map[string]float64, error) {
	set := make(map[string]float64)
	for _, s := range settings {
		name, value, _ := strings.Cut(s, "=")
		x, err := strconv.ParseFloat(value, 64)
		if err != nil {
			return nil, fmt.Errorf("--set %s: expected NAME=NUMBER", s)
		}
		set[name] = x
	}
	return set, nil
}

func writeAssumptions(w io.Writer, all []sim.AssumptionValue) error {
	for _, a := range all {
		changed := ""
		if a.Value != a.Default {
			changed = fmt.Sprintf(", by default %g", a.Default)
		}
		if _, err := fmt.Fprintf(w, "%s = %g %s (%s%s)\n    %s.\n    Source: %s. Distribution: %s.\n", a.Name, a.Value, a.Unit, a.Provenance, changed, a.Meaning, a.Source, a.Distribution); err != nil {
			return runError{err}
		}
	}
	return nil
}
