package hold_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/seed-db8551c1/lastresort/hold"
	"github.com/seed-db8551c1/lastresort/hold/holdtest"
	"pgregory.net/rapid"
)

// tampered gives a log that was changed in one of the ways that there are, and never the same. other is the lines of another log.
func tampered(t *rapid.T, log []byte, other [][]byte) []byte {
	lines := slices.Collect(bytes.Lines(log))
	line := func(label string) int { return rapid.IntRange(0, len(lines)-1).Draw(t, label) }
	join := func() []byte { return bytes.Join(lines, nil) }
	octet := func(label string) int { return rapid.IntRange(0, len(log)-1).Draw(t, label) }
	ways := []struct {
		name string
		do   func() []byte
	}{
		{"one octet is another", func() []byte {
			b := slices.Clone(log)
			b[octet("octet")] ^= byte(rapid.IntRange(1, 255).Draw(t, "difference"))
			return b
		}},
		{"octets are gone", func() []byte {
			i := octet("from")
			return slices.Delete(slices.Clone(log), i, min(len(log), i+rapid.IntRange(1, 100).Draw(t, "octets")))
		}},
		{"octets are added", func() []byte {
			return slices.Insert(slices.Clone(log), octet("at"), rapid.SliceOfN(rapid.Byte(), 1, 10).Draw(t, "octets")...)
		}},
		{"the end is cut off", func() []byte { return log[:octet("from")] }},
		{"the last records are gone", func() []byte { lines = lines[:line("left")]; return join() }},
		{"a record is gone", func() []byte { i := line("which"); lines = slices.Delete(lines, i, i+1); return join() }},
		{"a record is there again", func() []byte {
			lines = slices.Insert(lines, rapid.IntRange(0, len(lines)).Draw(t, "where"), lines[line("which")])
			return join()
		}},
		{"two records changed places", func() []byte {
			i, j := line("one"), line("other")
			lines[i], lines[j] = lines[j], lines[i]
			return join()
		}},
		{"a record is of another log", func() []byte { lines[line("which")] = rapid.SampledFrom(other).Draw(t, "other"); return join() }},
		{"the end is of another log", func() []byte {
			lines = slices.Concat(lines[:line("from")], other[rapid.IntRange(0, len(other)-1).Draw(t, "from the other's"):])
			return join()
		}},
		{"an event took place at another time", func() []byte {
			i := line("which")
			lines[i] = bytes.Replace(lines[i], []byte(`"at":"2021-1`), []byte(`"at":"2021-0`), 1)
			return join()
		}},
		{"an event is about another party", func() []byte {
			i := line("which")
			lines[i] = bytes.Replace(lines[i], []byte(`"Alder"`), []byte(`"Beech"`), 1)
			return join()
		}},
		{"the settings are others", func() []byte {
			lines[0] = written(t, &hold.Register{Settings: holdtest.Settings().Draw(t, "settings")})
			return join()
		}},
		{"a record is added at the end", func() []byte {
			last := hold.Event{At: time.Date(2021, 12, 1, 0, 0, 0, 0, time.UTC), Kind: hold.SRPEngaged, By: "Hub", Party: "Fir"}
			r := new(hold.Register)
			for range lines {
				r.Apply(last)
			}
			lines = append(lines, slices.Collect(bytes.Lines(written(t, r)))[len(lines)])
			return join()
		}},
	}
	names := make([]string, len(ways))
	for i, w := range ways {
		names[i] = w.name
	}
	changed := ways[slices.Index(names, rapid.SampledFrom(names).Draw(t, "way"))].do()
	if bytes.Equal(changed, log) {
		return log[:len(log)-1]
	}
	return changed
}

// firstChanged is the position of the first line that is not the same: the record that was changed, or where one is missing or too many.
func firstChanged(a, b []byte) uint64 {
	x, y := slices.Collect(bytes.Lines(a)), slices.Collect(bytes.Lines(b))
	i := 0
	for i < min(len(x), len(y)) && bytes.Equal(x[i], y[i]) {
		i++
	}
	return uint64(i)
}

// follows reports whether the line at a position is sealed as it must be after those before it, whoever wrote it.
func follows(log []byte, i uint64) bool {
	lines, right := slices.Collect(bytes.Lines(log)), slices.Collect(bytes.Lines(sealed(log)))
	return i < uint64(len(lines)) && bytes.Contains(lines[i], []byte(`,"hash":"`)) && bytes.Equal(lines[i], right[i])
}

// tamperings is how many logs are tampered with in a hundred checks of rapid (its default): 1,000 unless LASTRESORT_TAMPERED says otherwise.
func tamperings(t *testing.T) int {
	if s := os.Getenv("LASTRESORT_TAMPERED"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil {
			t.Fatalf("LASTRESORT_TAMPERED: expected a number, not %q", s)
		}
		return n
	}
	return 1000
}

// Given the head, whatever was done to a log is found. Where the chain was not computed anew the first record that was changed is named; where it was, earlier heads bound the place.
func TestTamperedLogs(t *testing.T) {
	t.Parallel()
	each := max(tamperings(t)/100, 1)
	all, anews := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		h := holdtest.Histories().Draw(t, "history")
		other := slices.Collect(bytes.Lines(written(t, holdtest.Histories().Draw(t, "other").Register)))
		log := written(t, h.Register)
		head := h.Register.Head()
		var earlier []hold.Head
		part := &hold.Register{Settings: h.Register.Settings}
		for i, e := range h.Register.Events() {
			part.Apply(e)
			if i%10 == 4 {
				earlier = append(earlier, part.Head())
			}
		}
		for i := range each {
			bad := tampered(t, log, other)
			if rapid.Bool().Draw(t, "chain computed anew") {
				if again := sealed(bad); !bytes.Equal(again, log) { // else only a hash was changed
					bad = again
				}
			}
			first := firstChanged(log, bad)
			anew := follows(bad, first) // as it is also if the header was replaced by another one
			what := func() string {
				return fmt.Sprintf("tampering %d, at record %d, chain computed anew: %t:\n%s", i, first, anew, bad)
			}

			err := hold.VerifyLog(bytes.NewReader(bad), head)
			var found *hold.LogError
			switch {
			case !errors.As(err, &found):
				t.Fatalf("not found (%v): %s", err, what())
			case found.Seq < first || !anew && found.Seq > first:
				t.Fatalf("%v, want record %d: %s", err, first, what())
			}
			err = hold.VerifyLog(bytes.NewReader(bad), head, earlier...)
			before, after := uint64(0), uint64(0) // the known heads around the change
			for _, k := range slices.Backward(append(slices.Clone(earlier), head)) {
				if k.Seq >= first {
					after = k.Seq
				} else if before == 0 {
					before = k.Seq
				}
			}
			if !errors.As(err, &found) || found.After != before || found.Seq < first || found.Seq > max(first, after) || !anew && found.Seq > first {
				t.Fatalf("%v, want a LogError about records %d to %d: %s", err, before, after, what())
			}
			all++
			if anew {
				anews++
			}

			var r hold.Register
			_, err = r.ReadFrom(bytes.NewReader(bad))
			switch {
			case err == nil && r.Head() == head:
				t.Fatalf("read as if nothing had happened: %s", what())
			case err == nil && !anew && !bytes.HasPrefix(log, bad): // else it is shorter, but whole
				t.Fatalf("read, though the chain is broken: %s", what())
			case err == nil:
			case !errors.As(err, &found) || found.Seq < first || !anew && found.Seq > first:
				t.Fatalf("%v on reading, want one about record %d: %s", err, first, what())
			case cmp.Diff(new(hold.Register), &r, everything) != "":
				t.Fatalf("a log that is refused changes the register: %s", what())
			}
		}
	})
	t.Logf("%d logs tampered with, %d of them with the chain computed anew", all, anews)
}
