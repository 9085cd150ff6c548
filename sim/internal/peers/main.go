// Peers runs two models, hold and M/M/1, on the kernel of package des and on what one would use
// instead: SimPy, a goroutine for each process, and container/heap. They run in turn, round by round, and
// it prints the nanoseconds for each event and the ratios.
//
//	go run ./sim/internal/peers           # a table
//	go run ./sim/internal/peers --json    # model, implementation, ns_per_event
//
// In hold, a fixed number of events is pending, and each of them schedules its successor after an
// exponential delay; an event is one delivered and its successor scheduled. M/M/1 is one server that is
// busy 0.9 of the time, and its monitors: mean wait, mean number waiting, share of time busy; there an
// event is a customer, from arrival to departure.
//
// The delays are drawn beforehand, the same for all, and taken in the order in which the model asks for
// them. So all implementations have to give the same statistics; if one does not, Peers fails.
//
// SimPy is run by /usr/bin/python3, with Debian's package python3-simpy3; where it is missing, it is
// left out with a message. Its time is that of the processor, so that a busy machine does not make it
// look slow; that of the others is by the clock.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"text/tabwriter"
	"time"
)

func main() {
	sizes := full
	asJSON := flag.Bool("json", false, "print a JSON array")
	flag.IntVar(&sizes.rounds, "rounds", sizes.rounds, "how often each implementation runs")
	flag.Parse()
	if flag.NArg() > 0 || sizes.rounds < 1 {
		fmt.Fprintln(os.Stderr, "peers: expected no arguments and at least one round")
		os.Exit(2)
	}
	rows, err := measure(sizes, os.Stderr)
	if err == nil {
		if *asJSON {
			err = printJSON(os.Stdout, rows)
		} else {
			err = printTable(os.Stdout, rows)
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "peers:", err)
		os.Exit(1)
	}
}

// sizes says how long the runs are.
type sizes struct {
	rounds    int
	pending   int // events in hold
	events    int // customers in M/M/1
	withSimPy bool
}

var full = sizes{rounds: 5, pending: 100_000, events: 200_000, withSimPy: true}

// statistics is what a run found out.
type statistics struct {
	Clock float64 `json:"clock"` // µs
	Wait  float64 `json:"wait"`  // mean, s; M/M/1 only, as are those below
	Queue float64 `json:"queue"`
	Busy  float64 `json:"busy"`
}

func (s statistics) agrees(t statistics) bool {
	near := func(x, y float64) bool { return math.Abs(x-y) <= 1e-9*math.Abs(x) }
	return near(s.Clock, t.Clock) && near(s.Wait, t.Wait) && near(s.Queue, t.Queue) && near(s.Busy, t.Busy)
}

// implementation is one way to run a model.
type implementation struct {
	name string
	slow bool // it takes so long that once a round is enough
	// run runs n events and returns how long they took, set-up excluded.
	run func(n int) (statistics, time.Duration, error)
}

type row struct {
	Model          string  `json:"model"`
	Implementation string  `json:"implementation"`
	NsPerEvent     float64 `json:"ns_per_event"` // of the fastest run
	Median         float64 `json:"median_ns_per_event"`
}

func measure(sz sizes, log io.Writer) ([]row, error) {
	input := draw(sz)
	python, err := findSimPy(sz, input)
	if err != nil {
		return nil, err
	}
	defer python.close()
	if sz.withSimPy && python == nil {
		fmt.Fprintln(log, "peers: SimPy is left out: /usr/bin/python3 has no module simpy (apt-get install python3-simpy3)")
	}
	var rows []row
	for _, m := range []struct {
		name  string
		peers []implementation
	}{{"hold", holdPeers(input, python)}, {"M/M/1", mm1Peers(input, python)}} {
		fmt.Fprintf(log, "peers: %s\n", m.name)
		r, err := race(m.name, m.peers, sz)
		if err != nil {
			return nil, err
		}
		rows = append(rows, r...)
	}
	return rows, nil
}

// turns is how often an implementation that is not slow runs in a round: its runs are short enough to
// find a moment in which the machine does nothing else.
const turns = 10

// race runs the implementations in turn.
func race(model string, peers []implementation, sz sizes) ([]row, error) {
	ns := make([][]float64, len(peers))
	var want statistics
	for round := range sz.rounds {
		for i, p := range peers {
			for turn := range turns {
				if p.slow && turn > 0 {
					break
				}
				got, took, err := p.run(sz.events)
				if err != nil {
					return nil, fmt.Errorf("%s by %s: %w", model, p.name, err)
				}
				if round == 0 && turn == 0 && i == 0 {
					want = got
				}
				if !got.agrees(want) {
					return nil, fmt.Errorf("%s by %s: %+v, expected %+v as by %s", model, p.name, got, want, peers[0].name)
				}
				ns[i] = append(ns[i], float64(took.Nanoseconds())/float64(sz.events))
			}
		}
	}
	rows := make([]row, len(peers))
	for i, p := range peers {
		slices.Sort(ns[i])
		rows[i] = row{model, p.name, ns[i][0], ns[i][len(ns[i])/2]}
	}
	return rows, nil
}

func printJSON(w io.Writer, rows []row) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(rows)
}

// printTable prints the rows with their ratio to the kernel's, which stands first in each model.
func printTable(w io.Writer, rows []row) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "model\timplementation\tns/event, min\tmedian\ttimes des, min\tmedian\t")
	var base row
	for _, r := range rows {
		if r.Model != base.Model {
			base = r
		}
		fmt.Fprintf(t, "%s\t%s\t%.0f\t%.0f\t%.2f\t%.2f\t\n", r.Model, r.Implementation, r.NsPerEvent, r.Median, r.NsPerEvent/base.NsPerEvent, r.Median/base.Median)
	}
	return t.Flush()
}
