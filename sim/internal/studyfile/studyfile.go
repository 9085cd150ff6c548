// Package studyfile reads the files of a study, and keeps the journal of one, for the commands that run studies: what one of them has begun another one goes on with.
// It is the commands' own input and output; package sim has none.
package studyfile

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"

	"github.com/seed-db8551c1/lastresort/sim"
	"github.com/seed-db8551c1/lastresort/sim/scenario"
)

// Load reads a study, and the scenarios that it names; those that are files are found from where it is.
func Load(name string) (*sim.StudyRun, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	r := &sim.StudyRun{Version: Version()}
	if r.Study, err = sim.ParseStudy(f); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	for _, s := range r.Study.Scenarios {
		read := Scenario
		if isFile(s) {
			if read = readScenario; !filepath.IsAbs(s) {
				s = filepath.Join(filepath.Dir(name), s)
			}
		}
		x, err := read(s)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		r.Scenarios = append(r.Scenarios, x)
	}
	return r, nil
}

// Scenario finds a scenario by its name, or reads it from a file. A name with a dot or a slash is a file.
func Scenario(name string) (*sim.Scenario, error) {
	if !isFile(name) {
		return scenario.Load(name)
	}
	return readScenario(name)
}

func isFile(name string) bool { return strings.ContainsAny(name, "./\\") }

func readScenario(name string) (*sim.Scenario, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	s, err := sim.ParseScenario(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return s, nil
}

// Results is the directory that the results of a study go to where none is named.
func Results(name string) string { return strings.TrimSuffix(name, filepath.Ext(name)) + "-results" }

// devel is the version of a command that was built without one.
const devel = "(devel)"

// Version is that of the command, as far as it was built with one. The commands of one release have the same.
func Version() string {
	info, _ := debug.ReadBuildInfo()
	if info == nil {
		return devel
	}
	return cmp.Or(info.Main.Version, devel)
}
