//go:build !race

package duis_test

const raceEnabled = false
