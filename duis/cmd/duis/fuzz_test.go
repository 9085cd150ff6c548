package main

import (
	"bytes"
	"strings"
	"testing"
)

// FuzzState: no state file makes decide panic, and none makes it accept what is not signed. One that it does not take gives one line and status 2.
func FuzzState(f *testing.F) {
	b := newBench(f)
	f.Add([]byte(stateText))
	f.Add([]byte(strings.Replace(stateText, `"channel"`, `"memory": "gate.bin", "channel"`, 1)))
	f.Add([]byte(`{"settings": {"regime": "mp134a"}, "events": [{"at": "2021-09-27T00:00:00Z", "kind": "failure notified"}]}`))
	f.Fuzz(func(t *testing.T, state []byte) {
		b.TB = t
		b.write("state.json", state)
		status, out, stderr := b.run("decide", "--state", "@state.json", "@altered.xml")
		switch {
		case status == 2 && out == "" && strings.Count(stderr, "\n") == 1:
		case status == 1 && len(objects(t, out)) == 1 && !bytes.Contains([]byte(out), []byte(`"outcome":"accepted"`)):
		default:
			t.Fatalf("status %d, %q, %q", status, out, stderr)
		}
	})
}
