package hold_test

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/seed-db8551c1/lastresort/hold"
	"github.com/seed-db8551c1/lastresort/hold/holdtest"
)

var names = regexp.MustCompile(`(Alder|Beech|Cedar|Douglas|Elm)(-0|/\d+)?|\b[A-D](EL|GA)\d|20\d\d-\d\d-\d\d[^ ]*|0x[0-9a-f]+|\d+`)

func category(err error) string {
	if err == nil {
		return ""
	}
	var keep []string
	for _, l := range strings.Split(err.Error(), "\n") {
		l = strings.ReplaceAll(l, "\u00a0", " ")
		if len(keep) == 0 || strings.HasPrefix(strings.TrimSpace(l), "+") || strings.HasPrefix(strings.TrimSpace(l), "-") {
			keep = append(keep, names.ReplaceAllString(strings.TrimSpace(l), "X"))
		}
	}
	return strings.Join(keep, "\n")
}

func replay(w holdtest.World, s hold.Settings, start time.Time, events []hold.Event, future bool) (p *pair, err error) {
	p = &pair{history: &holdtest.History{World: w, Start: start, Now: start, Register: &hold.Register{Settings: s}}}
	p.model.Settings = s
	for _, e := range events {
		if err := p.apply(e); err != nil {
			return p, err
		}
		if e.At.Before(start) || future {
			continue
		}
		if err := p.compare(p.now()); err != nil {
			return p, err
		}
	}
	for _, after := range []time.Duration{0, 26 * time.Hour, 100 * 24 * time.Hour} {
		if err := p.compare(p.now().Add(after)); err != nil {
			return p, err
		}
	}
	return p, nil
}

func TestDev(t *testing.T) {
	n, _ := strconv.Atoi(os.Getenv("DEV"))
	from, _ := strconv.Atoi(os.Getenv("DEVFROM"))
	seen := map[string]int{}
	steps := 0
	for i := from; i < from+n; i++ {
		h := holdtest.Histories().Example(i)
		steps += len(h.Tried)
		p, err := replay(h.World, h.Register.Settings, h.Start, h.Tried, false)
		if err == nil {
			continue
		}
		c := category(err)
		seen[c]++
		if seen[c] > 1 || len(seen) > 12 {
			continue
		}
		events := h.Tried[:len(p.told)]
		for changed := true; changed; {
			changed = false
			for size := len(events) / 2; size >= 1; size /= 2 {
				for k := 0; k+size <= len(events); {
					fewer := append(append([]hold.Event{}, events[:k]...), events[k+size:]...)
					if q, err2 := replay(h.World, h.Register.Settings, h.Start, fewer, true); category(err2) == c {
						events, changed, p, err = fewer, true, q, err2
					} else {
						k += size
					}
				}
			}
		}
		s := h.Register.Settings
		fmt.Printf("=== seed %d %+v\n%s\n%v\n\n", i, s, strings.Join(slices.DeleteFunc(p.told, func(l string) bool { return strings.HasPrefix(l, "2020") }), "\n"), err)
	}
	total := 0
	for c, k := range seen {
		fmt.Printf("%d × %s\n", k, c)
		total += k
	}
	fmt.Printf("%d of %d histories differ, %d events\n", total, n, steps)
}
