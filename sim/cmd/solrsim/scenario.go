package main

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/seed-db8551c1/lastresort/sim"
	"github.com/spf13/cobra"
)

func newCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "new",
		Short: "Write a scenario to begin with, every field explained, to standard output",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if _, err := c.OutOrStdout().Write(sim.ScenarioTemplate()); err != nil {
				return runError{err}
			}
			return nil
		},
	}
}

func checkScenarioCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "check-scenario FILE...",
		Short: "Check scenario files, and say on which line one is wrong",
		Long: `Check scenario files, and say on which line one is wrong.

A good file gives a line on standard output; one that is not a scenario a line on standard error, as FILE:LINE: what was expected, and exit status 2 in the end.
An editor checks much of it while you type, against sim/scenario/schema/scenario.schema.json.`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return errors.New("check-scenario: expected a FILE")
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			var last error
			for _, name := range args {
				s, err := checkScenario(name)
				if err == nil {
					if err := printTo(c.OutOrStdout(), "%s: %s, %s, %s customers\n", name, s.Name, counted(len(s.Failures), "failure"), grouped(float64(s.Customers()))); err != nil {
						return err
					}
					continue
				}
				if last != nil { // Main reports the last one
					fmt.Fprintf(c.ErrOrStderr(), "solrsim: %v\n", last)
				}
				last = err
			}
			return last
		},
	}
}

// checkScenario reads a file. What is wrong in it is said with file and line as compilers do, for editors to go there.
func checkScenario(name string) (*sim.Scenario, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	s, err := sim.ParseScenario(f)
	var wrong *sim.ScenarioError
	switch {
	case errors.As(err, &wrong) && wrong.Field != "":
		return nil, fmt.Errorf("%s:%d: %s: expected %s", name, wrong.Line, wrong.Field, wrong.Expected)
	case errors.As(err, &wrong):
		return nil, fmt.Errorf("%s:%d: expected %s", name, wrong.Line, wrong.Expected)
	case err != nil:
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return s, nil
}

// firstSentence is what of a text fits in a list.
func firstSentence(s string) string {
	first, _, more := strings.Cut(s, ". ")
	if more {
		return first + "."
	}
	return s
}
