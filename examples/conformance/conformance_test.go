// Package conformance runs the conformance kit of package holdtest against an implementation in another language, register.py.
package conformance

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/seed-db8551c1/lastresort/hold/holdtest"
)

// python is the command of Python 3.9 or newer with the time zones that register.py needs. The test is skipped where there is none.
func python(t *testing.T) string {
	t.Helper()
	path, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("python3 is not installed: the example in Python is not checked")
	}
	check := "import sys, zoneinfo; zoneinfo.ZoneInfo('Europe/London'); sys.exit(sys.version_info < (3, 9))"
	if out, err := exec.Command(path, "-c", check).CombinedOutput(); err != nil {
		t.Skipf("python3 is older than 3.9, or has no time zones: the example in Python is not checked\n%s", out)
	}
	return path
}

func start(t *testing.T, path, script string) *holdtest.Process {
	t.Helper()
	p, err := holdtest.StartProcess(t.Context(), func() *exec.Cmd { return exec.Command(path, script) })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	return p
}

// claimed is the level at which register.py answers.
func claimed(histories int) holdtest.Config {
	return holdtest.Config{Level: holdtest.LevelRule, Histories: histories, Steps: 20}
}

// histories is how many histories the whole program is checked over: LASTRESORT_HISTORIES, or a few.
func histories() int {
	if n, err := strconv.Atoi(os.Getenv("LASTRESORT_HISTORIES")); err == nil {
		return n
	}
	return 12
}

func TestConform(t *testing.T) {
	holdtest.Conform(t, start(t, python(t), "register.py"), claimed(histories()))
}

// Broken in one line, it fails, in the cases that are about that line.
func TestBrokenLine(t *testing.T) {
	if testing.Short() {
		t.Skip("each broken program is run over several histories")
	}
	path := python(t)
	whole, err := os.ReadFile("register.py")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, line, broken, finds string }{
		{"R2", `return self.settings["deviceIncluded"] if c.use == "device" else c.use != "iki" or not self.settings["ikiExempt"]`, `return True`, "revoke certificate"},
		{"R8", `== set(CONFIRMATIONS)`, `>= set(CONFIRMATIONS[:4])`, ""},
		{"R11", `return len(agreed) == 3`, `return len(agreed) >= 2`, "transfer MPID"},
		{"R4", `max(midnight(self.date) + timedelta(minutes=1), self.at)`, `self.at`, ""},
		{"R13", `self.owner(m) != e.party:`, `False:`, "transfer MPID"},
	} {
		t.Run(c.name, func(t *testing.T) {
			text := strings.Replace(string(whole), c.line, c.broken, 1)
			if text == string(whole) {
				t.Fatalf("expected the line %q in register.py", c.line)
			}
			script := filepath.Join(t.TempDir(), "register.py")
			if err := os.WriteFile(script, []byte(text), 0o666); err != nil {
				t.Fatal(err)
			}
			for f := range holdtest.Findings(start(t, path, script), claimed(60)) {
				if strings.Contains(f.Case, c.finds) {
					t.Logf("found in %s after %d events", f.Case, len(f.Events))
					return
				}
			}
			t.Error("expected a finding")
		})
	}
}
