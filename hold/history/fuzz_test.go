package history_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/seed-db8551c1/lastresort/hold/history"
)

// Any text is read or refused with the line at fault. What is read can be written and read again as it was, and then all of it follows.
func FuzzParse(f *testing.F) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		file, err := history.Parse(bytes.NewReader(text))
		if err != nil {
			var e *history.SyntaxError
			if !errors.As(err, &e) || e.Line < 1 || e.Line > bytes.Count(text, []byte("\n"))+1 {
				t.Fatalf("%v (%T)", err, err)
			}
			return
		}
		file.Check()
		var first, second bytes.Buffer
		if err := file.Rewrite(&first); err != nil {
			var e *history.SyntaxError
			if !errors.As(err, &e) {
				t.Fatal(err)
			}
			return // what follows exceeds a limit
		}
		again, err := history.Parse(bytes.NewReader(first.Bytes()))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(file.Events(), again.Events(), equal); diff != "" || again.Question != file.Question || !cmp.Equal(again.Settings, file.Settings, equal) {
			t.Fatalf("it is read otherwise when it is written again:\n%s", diff)
		}
		if err := again.Check(); err != nil {
			t.Fatal(err)
		}
		if err := again.Rewrite(&second); err != nil || second.String() != first.String() {
			t.Fatalf("written again it differs: %v\n%s", err, cmp.Diff(first.String(), second.String()))
		}
	})
}
