package main

import (
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/seed-db8551c1/lastresort/sim"
	"github.com/seed-db8551c1/lastresort/solr"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// chart is one figure of the report: a picture, what it says in words, and the numbers behind it.
type chart struct {
	Name  string // of its files, and of its place in the page
	Title string
	Says  string // for those who do not see it
	Note  string // below it
	Data  [][]string
	Table [][]string // for the page: the same numbers rounded, with their intervals; of a long series every seventh day

	wideHeight, narrowHeight vg.Length
	draw                     func(c draw.Canvas, s size)
}

// regimeLook is how a regime looks in every chart, by its name.
func regimeLook(regime string) look {
	switch regime {
	case "baseline":
		return looks[0]
	case "mp134a":
		return looks[1]
	case "mp185":
		return looks[2]
	}
	return looks[3]
}

func pick[T any](first bool, a, b T) T {
	if first {
		return a
	}
	return b
}

// number is a number as CSV has it; what is not known is empty.
func number(x float64) string {
	if math.IsNaN(x) {
		return ""
	}
	return strconv.FormatFloat(x, 'g', -1, 64)
}

func orZero(x float64) float64 {
	if math.IsNaN(x) {
		return 0
	}
	return x
}

func day(t time.Time) string { return t.In(solr.London()).Format("2 Jan 2006") }

func percent(p sim.Interval) string {
	if !p.Known() {
		return "–"
	}
	s := rounded(100*p.Mean, 1)
	if !math.IsNaN(p.Hi) {
		s += " ± " + rounded(100*(p.Hi-p.Mean), 1)
	}
	return s + " %"
}

// times adds in how many replications something happened, if not in all.
func times(text string, n, of int) string {
	if n == 0 || n == of {
		return text
	}
	return fmt.Sprintf("%s (in %d of %d replications)", text, n, of)
}
