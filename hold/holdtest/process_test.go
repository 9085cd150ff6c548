package holdtest_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/seed-db8551c1/lastresort/hold"
	"github.com/seed-db8551c1/lastresort/hold/holdtest"
)

// asChild is the environment variable that makes the test binary a program under test.
const asChild = "HOLDTEST_CHILD"

func TestMain(m *testing.M) {
	if what := os.Getenv(asChild); what != "" && what != "conform" {
		os.Exit(child(what))
	}
	os.Exit(m.Run())
}

// child is a program that the kit talks to: one that serves the reference or a fault, or has trouble after some messages.
func child(what string) int {
	served := holdtest.Implementation(holdtest.Reference())
	for _, x := range holdtest.Faults() {
		if x.Name == what {
			served = x.New()
		}
	}
	in, trouble := io.Reader(os.Stdin), func() int { return 0 }
	few := func() io.Reader { // fifty messages, and then the trouble
		lines := bufio.NewScanner(os.Stdin)
		r, w := io.Pipe()
		go func() {
			for range 50 {
				if !lines.Scan() {
					break
				}
				w.Write(append(lines.Bytes(), '\n'))
			}
			w.Close()
		}()
		return r
	}
	switch what {
	case "crash":
		in, trouble = few(), func() int {
			fmt.Fprintln(os.Stderr, "out of meters")
			return 3
		}
	case "hang":
		in, trouble = few(), func() int { select {} }
	case "garbage":
		in, trouble = few(), func() int {
			for {
				fmt.Println("{]")
			}
		}
	case "twice": // fifty answers, and then a second line with each
		in, trouble = few(), func() int {
			for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
				fmt.Print("{}\n{\"extra\":true}\n")
				time.Sleep(10 * time.Millisecond)
			}
			return 0
		}
	case "null":
		in, trouble = few(), func() int {
			for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
				fmt.Println("null")
			}
			return 0
		}
	case "confused": // fifty answers, and then those to another message
		in, trouble = few(), func() int {
			for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
				fmt.Println(`{"seal":"x","seals":true}`)
			}
			return 0
		}
	case "flood":
		in, trouble = few(), func() int {
			for {
				fmt.Print(strings.Repeat("x", 1<<16))
			}
		}
	case "deaf": // reads nothing and says nothing
		select {}
	}
	if err := holdtest.Serve(in, os.Stdout, served); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return trouble()
}

func program(t *testing.T, what string) *holdtest.Process {
	t.Helper()
	p, err := holdtest.StartProcess(t.Context(), func() *exec.Cmd {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), asChild+"="+what)
		return cmd
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	return p
}

// The reference in a program of its own conforms, with its seal, and a fault is found there as it is here.
func TestProcess(t *testing.T) {
	t.Parallel()
	holdtest.Conform(t, program(t, "reference"), holdtest.Config{Histories: 10, UncertainCodes: true})
	if testing.Short() {
		return
	}
	for _, n := range []int{3, 12, 30} {
		x := holdtest.Faults()[n]
		here, there := first(x.New(), holdtest.Config{}), first(program(t, x.Name), holdtest.Config{})
		if here == nil || there == nil || here.Error() != there.Error() {
			t.Errorf("%s: in the process\n%v\nand outside\n%v", x.Name, here, there)
		}
	}
}

// A program that crashes, hangs, floods or answers with something else is a finding that says so, and the next history starts it anew. Nothing waits for it for ever.
func TestTroubledPrograms(t *testing.T) {
	t.Parallel()
	for what, says := range map[string]string{
		"crash":    "out of meters",
		"hang":     "expected an answer within",
		"garbage":  `"{]"`,
		"twice":    "one line of output",
		"null":     `is answered by "null": expected a JSON object`,
		"confused": `expected no {"seals":true,"seal":"x"}, which answers another message`,
		"flood":    "expected a line of fewer than",
		"deaf":     "expected an answer within",
	} {
		t.Run(what, func(t *testing.T) {
			p := program(t, what)
			if what == "hang" || what == "deaf" { // it is not worth while to make these shorter
				p.Timeout = 300 * time.Millisecond // the others have all the time that a busy machine needs to start them
				err := error(nil)
				for range 60 {
					if err == nil {
						_, err = p.Breaches()
					}
				}
				if err == nil || !strings.Contains(err.Error(), says) {
					t.Errorf("reported as %v", err)
				}
				return
			}
			f := first(p, holdtest.Config{Histories: 1})
			if f == nil || f.Case != "answers" || !strings.Contains(f.Error(), says) {
				t.Errorf("reported as %v", f)
			}
			err := error(nil)
			for range 60 { // until the trouble begins again
				if err == nil {
					_, err = p.Breaches()
				}
			}
			if _, again := p.Breaches(); err == nil || again != nil {
				t.Errorf("not started again after %v: %v", err, again)
			}
			p.Timeout = 100 * time.Millisecond // a program that writes for ever does not end by itself
		})
	}
	ctx, cancel := context.WithCancel(t.Context())
	var cmd *exec.Cmd
	p, err := holdtest.StartProcess(ctx, func() *exec.Cmd {
		cmd = exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), asChild+"=deaf")
		return cmd
	})
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	for start := time.Now(); !errors.Is(cmd.Process.Signal(syscall.Signal(0)), os.ErrProcessDone); time.Sleep(time.Millisecond) {
		if time.Since(start) > 10*time.Second {
			t.Fatal("the program goes on after the context ended")
		}
	}
	if _, err := p.Breaches(); err == nil {
		t.Error("answered after the context ended")
	}
	p.Close()
	if _, err := holdtest.StartProcess(t.Context(), func() *exec.Cmd { return exec.Command("/nonexistent/register") }); err == nil {
		t.Error("a program that is not there is started")
	}
}

// waiting is an implementation whose answer to delays does not come in time, whatever came before.
type waiting struct {
	holdtest.Implementation
	waits int
}

func (w *waiting) Apply(e hold.Event) (holdtest.Result, error) {
	if e.Kind == hold.DelayDirected {
		w.waits++
		return holdtest.Result{}, fmt.Errorf("no answer: %w", context.DeadlineExceeded)
	}
	return w.Implementation.Apply(e)
}

// An answer that does not come in time is a finding like another, but ends the run: each further history could wait as long, and each try to make this one shorter does.
func TestLateAnswer(t *testing.T) {
	w := &waiting{Implementation: holdtest.Reference()}
	var all []*holdtest.Finding
	for f := range holdtest.Findings(w, holdtest.Config{Histories: 50}) {
		all = append(all, f)
	}
	if len(all) != 1 || all[0].Case != "answers" || len(all[0].Events) == 0 || all[0].Events[len(all[0].Events)-1].Kind != hold.DelayDirected {
		t.Fatalf("found %v", all)
	}
	if w.waits < 3 || w.waits > 20 {
		t.Errorf("%d answers were waited for, for a history of %d events", w.waits, len(all[0].Events))
	}
	t.Logf("%d answers were waited for, for a history of %d events", w.waits, len(all[0].Events))
}

// Whatever comes in, each line is answered by one JSON object, and what was refused can be followed by what is right.
func FuzzServe(f *testing.F) {
	f.Add([]byte(`{"do":"reset","version":1,"settings":{"regime":"mp185"}}` + "\n" + `{"do":"apply","event":{"at":"2021-11-22T00:00:00Z","kind":"MPID allocated","party":"Alder","mpids":["AEL0"]}}` + "\n" +
		`{"do":"device","device":{"id":"D0-00-00-00-41-45-4C-30","type":"ESME","status":"Commissioned","point":"1001095060528","fuel":"electricity","mpid":"AEL0","from":"2021-11-22T00:00:00Z"}}` + "\n" +
		`{"do":"owner","map":"DCC","mpid":"AEL0","at":"2021-11-23T00:00:00Z"}`))
	f.Add([]byte(`{"do":"decide","at":"2021-11-23T00:00:00Z","request":{"user":"00-00-00-00-00-00-00-A0","srv":"8.2","variant":8}}` + "\n" + `{"do":"duties","at":"2021-11-23T00:00:00Z"}` + "\n" + `{"do":"seal"}`))
	f.Add([]byte("{}\n[]\nnull\n{\"do\":\"device\",\"device\":{}}\n{\"do\":\"decide\",\"request\":{\"variant\":255,\"mode\":\"x\"}}\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		i := holdtest.Reference()
		var out bytes.Buffer
		if holdtest.Serve(bytes.NewReader(text), &out, i) != nil {
			return // a line was too long
		}
		n := 0
		for l := range bytes.Lines(out.Bytes()) {
			n++
			var a map[string]any
			if err := json.Unmarshal(l, &a); err != nil {
				t.Fatalf("answer %q: %v", l, err)
			}
		}
		want := 0
		for lines := bufio.NewScanner(bytes.NewReader(text)); lines.Scan(); want++ {
		}
		if n != want {
			t.Fatalf("%d lines are answered by %d", want, n)
		}
		var after bytes.Buffer
		if err := holdtest.Serve(strings.NewReader(`{"do":"reset","version":1,"settings":{"regime":"mp185"}}`+"\n"+`{"do":"breaches"}`), &after, i); err != nil || strings.Contains(after.String(), "error") {
			t.Fatalf("a reset is answered by %v %q", err, after.String())
		}
	})
}

// No answer, whatever it is, makes the kit panic.
func FuzzAnswer(f *testing.F) {
	f.Add([]byte(`{"outcome":"refused","rule":"R8","done":[{"mpid":"AEL0"}]}`))
	f.Add([]byte(`{"duties":[{"failure":"f","modality":"must","action":"transfer MPID","mpid":"AEL0","to":"Beech","rules":"R4","since":"2021-11-22T00:00:00Z","threshold":{"user":"00-00-00-00-00-00-00-A0","quarantine":18446744073709551615}}]}`))
	f.Add([]byte(`{"breaches":[{"seq":12,"at":"2021-11-22T00:00:00Z","failure":"f","action":"publish CRL","certificate":"Alder/1","user":"00-00-00-00-00-00-00-00","rules":"R3,R7","crossed":true}]}`))
	f.Add([]byte(`{"outcome":"rejected","standing":"not covered","reasons":["MPID moved"],"advice":["not authorised"],"code":"E4"}`))
	f.Add([]byte(`{"error":"no"}`))
	f.Add([]byte(`{"party":null,"overruns":[{}],"rule":"R99"}`))
	f.Fuzz(func(t *testing.T, line []byte) {
		holdtest.DecodeAnswer(line)
	})
}
