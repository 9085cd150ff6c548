package history_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/seed-db8551c1/lastresort/hold"
	"github.com/seed-db8551c1/lastresort/hold/history"
	"github.com/seed-db8551c1/lastresort/solr"
)

var update = flag.Bool("update", false, "write what follows into the histories of testdata; read the difference before you keep it")

// TestHistories checks each history of testdata: it answers the question that it is named for, all that it says follows, and it is written as Rewrite writes it. Together they
// have every kind of event and cite every rule in what follows or in their comments.
func TestHistories(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil {
		t.Fatal(err)
	}
	const atLeast = 20
	if len(files) < atLeast {
		t.Errorf("%d histories, want at least %d", len(files), atLeast)
	}
	cited, happened := make(map[string]bool), make(map[hold.Kind]bool)
	for _, name := range files {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txt"), func(t *testing.T) {
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			f, err := history.Parse(bytes.NewReader(text))
			if err != nil {
				t.Fatal(err)
			}
			var is bytes.Buffer
			if err := f.Rewrite(&is); err != nil {
				t.Fatal(err)
			}
			if *update {
				if err := os.WriteFile(name, is.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
				text, f = is.Bytes(), parse(t, is.String())
			}
			if err := f.Check(); err != nil {
				t.Error(err)
			}
			if diff := cmp.Diff(string(text), is.String()); diff != "" {
				t.Errorf("run with -update, it would be otherwise (-file +rules):\n%s", diff)
			}
			if want := named(f.Question); want != strings.TrimSuffix(filepath.Base(name), ".txt") {
				t.Errorf("the file is named %s, but its question would name it %s", name, want)
			}
			for _, r := range regexp.MustCompile(`\bR[0-9]+\b`).FindAllString(string(text), -1) {
				cited[r] = true
			}
			for _, e := range f.Events() {
				happened[e.Kind] = true
			}
		})
	}
	for _, r := range solr.Rules() {
		if !cited[r.String()] {
			t.Errorf("no history cites %v: %s", r, r.Summary())
		}
	}
	for _, k := range hold.Kinds() {
		if !happened[k] {
			t.Errorf("no history has the event %q", k)
		}
	}
}

// named is a question as the name of a file.
func named(question string) string {
	return strings.Trim(regexp.MustCompile(`[^a-z0-9]+`).ReplaceAllString(strings.ToLower(question), "-"), "-")
}
