package main

import (
	"bufio"
	_ "embed"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"
)

//go:embed simpy_models.py
var script []byte

const interpreter = "/usr/bin/python3"

// simPy runs the models of simpy_models.py, on the input in a directory of its own.
type simPy struct {
	dir     string
	pending int
}

// findSimPy returns nil if there is no SimPy here.
func findSimPy(sz sizes, in *input) (*simPy, error) {
	if !sz.withSimPy || exec.Command(interpreter, "-c", "import simpy").Run() != nil {
		return nil, nil
	}
	dir, err := os.MkdirTemp("", "peers")
	if err != nil {
		return nil, err
	}
	p := &simPy{dir, sz.pending}
	err = os.WriteFile(filepath.Join(dir, "models.py"), script, 0o600)
	for name, delays := range map[string]any{"hold": in.hold, "gap": in.gap, "work": in.work} {
		if err == nil {
			err = writeDelays(filepath.Join(dir, name), delays)
		}
	}
	if err != nil {
		p.close()
		return nil, err
	}
	return p, nil
}

func writeDelays(path string, delays any) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	w := bufio.NewWriter(f)
	err = binary.Write(w, binary.NativeEndian, delays)
	if err == nil {
		err = w.Flush()
	}
	if e := f.Close(); err == nil {
		err = e
	}
	return err
}

func (p *simPy) close() {
	if p != nil {
		_ = os.RemoveAll(p.dir) // a directory of temporary files
	}
}

// runner returns what runs a model.
func (p *simPy) runner(model string) func(int) (statistics, time.Duration, error) {
	return func(n int) (statistics, time.Duration, error) {
		cmd := exec.Command(interpreter, "models.py", model, strconv.Itoa(n), strconv.Itoa(p.pending))
		cmd.Dir = p.dir
		cmd.Stderr = os.Stderr
		out, err := cmd.Output()
		var answer struct {
			statistics
			Seconds float64 `json:"seconds"`
		}
		if err == nil {
			err = json.Unmarshal(out, &answer)
		}
		if err != nil {
			return statistics{}, 0, fmt.Errorf("%s %v: %w", interpreter, cmd.Args[1:], err)
		}
		return answer.statistics, time.Duration(answer.Seconds * 1e9), nil
	}
}
