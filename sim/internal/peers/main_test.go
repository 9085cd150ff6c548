package main

import (
	"bytes"
	"encoding/json"
	"io"
	"strings"
	"testing"
	"time"
)

// All implementations end with the same statistics, and each has its row.
func TestMeasure(t *testing.T) {
	var log bytes.Buffer
	rows, err := measure(sizes{rounds: 1, pending: 500, events: 3000, withSimPy: true}, &log)
	if err != nil {
		t.Fatal(err)
	}
	want := 11
	if strings.Contains(log.String(), "left out") {
		want = 8
		t.Log(log.String())
	}
	var out bytes.Buffer
	if err := printJSON(&out, rows); err != nil {
		t.Fatal(err)
	}
	var back []map[string]any
	if err := json.Unmarshal(out.Bytes(), &back); err != nil {
		t.Fatal(err)
	}
	if len(back) != want {
		t.Errorf("%d rows, want %d", len(back), want)
	}
	for _, r := range back {
		model, _ := r["model"].(string)
		name, _ := r["implementation"].(string)
		ns, _ := r["ns_per_event"].(float64)
		if model == "" || name == "" || ns <= 0 {
			t.Errorf("row %v", r)
		}
	}
	out.Reset()
	if err := printTable(&out, rows); err != nil || strings.Count(out.String(), "\n") != want+1 {
		t.Errorf("table, %v:\n%s", err, out.String())
	}
}

// Work that is not equal is not compared.
func TestUnequalWorkFails(t *testing.T) {
	peer := func(name string, clock float64) implementation {
		return implementation{name, true, func(int) (statistics, time.Duration, error) {
			return statistics{Clock: clock}, 1, nil
		}}
	}
	_, err := race("model", []implementation{peer("a", 1), peer("b", 1+1e-6)}, sizes{rounds: 1, events: 1})
	if err == nil || !strings.Contains(err.Error(), "model by b") {
		t.Errorf("error %v", err)
	}
}

// Without SimPy the rest is measured, and a message says so.
func TestWithoutSimPy(t *testing.T) {
	rows, err := measure(sizes{rounds: 1, pending: 10, events: 100}, io.Discard)
	if err != nil || len(rows) != 8 {
		t.Errorf("%d rows, error %v", len(rows), err)
	}
}
