package hold_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/seed-db8551c1/lastresort/hold"
)

// The names of kinds and other values are part of stored logs: they do not change. What is added comes at the end. UPDATE_GOLDEN=1 writes the file anew.
func TestStableNames(t *testing.T) {
	var b strings.Builder
	for _, k := range hold.Kinds() {
		fmt.Fprintf(&b, "kind %v, from %v, direction %v, needs %s\n", k, k.Actor(), k.Direction(), strings.Join(k.Needs(), " "))
	}
	for _, r := range []hold.Regime{hold.Actual, hold.Baseline, hold.MP134A, hold.MP185} {
		fmt.Fprintf(&b, "regime %v\n", r)
	}
	for c := range hold.Revocation | hold.Transfer + 1 {
		fmt.Fprintf(&b, "controls %v\n", c)
	}
	for a := hold.RevokeCertificate; a <= hold.SuspendUser; a++ {
		fmt.Fprintf(&b, "action %v\n", a)
	}
	for _, c := range hold.Confirmations() {
		fmt.Fprintf(&b, "confirmation %v\n", c)
	}
	for a := hold.SoLRAgrees; a <= hold.DCCAgrees; a++ {
		fmt.Fprintf(&b, "agreeing %v\n", a)
	}
	for m := hold.Must; m <= hold.MustNot; m++ {
		fmt.Fprintf(&b, "modality %v\n", m)
	}
	whole, err := json.MarshalIndent(full(hold.SupportRequested), "", "\t")
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(&b, "%s\n", whole)
	file := filepath.Join("testdata", "names.txt")
	if os.Getenv("UPDATE_GOLDEN") != "" {
		if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), b.String()); diff != "" {
		t.Errorf("%s differs (-want +got):\n%s", file, diff)
	}
}
