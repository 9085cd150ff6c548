// Command solrsim compares the rule regimes of a supplier failure on simulated estates.
//
//	solrsim list                          the scenarios that come with it
//	solrsim new                           a scenario to begin with, every field explained
//	solrsim check-scenario FILE...        says on which line a scenario is not one
//	solrsim run SCENARIO|FILE             runs one and prints what each regime does to households
//	solrsim report SCENARIO|FILE          runs one and writes a page of charts, which needs nothing else to be read
//	solrsim study FILE                    runs what a study file asks for, and writes the results as tables
//	solrsim assumptions [SCENARIO|FILE]   every assumption with unit, value, default and provenance
//	solrsim metrics                       what a run measures, with units
//	solrsim check                         visits every state of the rules within a bound, and checks the invariants
//
// Tables, JSON and CSV go to standard output, but for reports and studies, which are directories. A progress bar, on a terminal, and the speed of the run go to standard error.
// Bad input is answered with one line and exit status 2, what went wrong otherwise with 1, an interrupt with 130.
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
	"syscall"

	"github.com/seed-db8551c1/lastresort/hold"
	"github.com/seed-db8551c1/lastresort/sim"
	"github.com/seed-db8551c1/lastresort/sim/internal/studyfile"
	"github.com/seed-db8551c1/lastresort/sim/scenario"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

func main() { os.Exit(Main()) }

// Main runs the command and gives its exit status.
func Main() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := command().ExecuteContext(ctx)
	if err == nil {
		return 0
	}
	says, status := outcome(err)
	fmt.Fprintf(os.Stderr, "solrsim: %s\n", says)
	return status
}

// outcome is what an error says, in one line, and the exit status that it gives.
func outcome(err error) (says string, status int) {
	says, status = strings.ReplaceAll(err.Error(), "\n", "; "), 2
	switch {
	case errors.As(err, new(runError)):
		status = 1
	case errors.As(err, new(stopped)):
		status = 130
	case errors.Is(err, context.Canceled):
		says, status = "interrupted", 130
	}
	return says, status
}

// stopped is an interrupt, where there is more to say about it.
type stopped string

func (s stopped) Error() string { return string(s) }
func (s stopped) Unwrap() error { return context.Canceled }

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
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return flagError(err) })
	root.AddCommand(listCommand(), newCommand(), checkScenarioCommand(), runCommand(), reportCommand(), studyCommand(), assumptionsCommand(), metricsCommand(), checkCommand())
	return root
}

// flagError says what a flag takes, where its value is none.
func flagError(err error) error {
	var wrong *pflag.InvalidValueError
	if !errors.As(err, &wrong) {
		return err
	}
	takes, known := map[string]string{"int": "a whole number", "uint64": "a whole number from 0", "float64": "a number", "bool": "true or false"}[wrong.GetFlag().Value.Type()]
	if !known {
		return err
	}
	return fmt.Errorf("--%s %s: expected %s", wrong.GetFlag().Name, wrong.GetValue(), takes)
}

// printTo writes a text for the user.
func printTo(to io.Writer, format string, args ...any) error {
	if _, err := fmt.Fprintf(to, format, args...); err != nil {
		return runError{err}
	}
	return nil
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
				if err := printTo(c.OutOrStdout(), "%s\t%s, %s customers: %s\n", name, counted(len(s.Failures), "failure"), grouped(float64(s.Customers())), firstSentence(s.About)); err != nil {
					return err
				}
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

func metricsCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "metrics",
		Short: "Print what a run measures, with units",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			for _, m := range sim.Metrics() {
				if err := printTo(c.OutOrStdout(), "%s (%s)\n    %s.\n", m.Name, m.Unit, m.Meaning); err != nil {
					return err
				}
			}
			return nil
		},
	}
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
		if _, given := set[name]; given {
			return nil, fmt.Errorf("--set %s: expected each assumption once", s)
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
		if err := printTo(w, "%s = %g %s (%s%s)\n    %s.\n    Source: %s. Distribution: %s.\n", a.Name, a.Value, a.Unit, a.Provenance, changed, a.Meaning, a.Source, a.Distribution); err != nil {
			return err
		}
	}
	return nil
}
