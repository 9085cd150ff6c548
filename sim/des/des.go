// Package des is a kernel for discrete-event simulation: models in which the
// state changes only at instants, and time jumps from one to the next.
//
// The caller pulls events and switches on their kind. Three calls matter:
//
//	s.Schedule(s.Now()+des.Minute, topUp, meter) // what will happen, when, to whom
//	for e, ok := s.Next(); ok; e, ok = s.Next()  // what happens next; the clock is there
//	src.Exp(gap, customer, 0)                    // a random number, by name
//
// [Simulation] holds the clock and the pending events, [Source] the random
// numbers. What happens rarely, such as the end of the warm-up, is a function
// given to [Simulation.At]; the few actors whose behaviour is long are each a
// [Process], plain sequential code. A [Resource] is units to queue for, with its
// monitors. [Tally], [Quantiles] and [TimeWeighted] summarise what else was
// seen. All but Process and Resource are plain values whose zero is ready to
// use. The first example is M/M/1, the single server, in ten lines.
//
// # What is promised
//
// The same calls give the same events in the same order, whatever the machine
// ([Simulation.Fingerprint] shows it); events at one instant come in the order
// of their scheduling; a random number depends on its name and on nothing drawn
// before. Nothing here panics on bad input, reads the clock of the machine or
// keeps package state. A process runs while Next does, in turn with the rest;
// nothing runs side by side. A Simulation and the monitors serve one goroutine
// at a time; a Source any number. To use more than one core, run replications
// side by side and merge their tallies.
//
// # What it costs
//
// Once its memory has grown, a simulation allocates nothing. A pending event is
// 16 bytes, with the room around it less than 20. Keep homogeneous periodic
// work, such as a reading of every meter each half hour, out of the queue:
// schedule the period and sweep the column.
//
// Nanoseconds for each event, the least of several runs (Go 1.26.8, one of two
// shared cores). "go run ./sim/internal/peers" runs them side by side and prints
// the ratios, which are steadier; there the delays are drawn beforehand.
//
//	                                  here   container/heap   goroutines   SimPy 3.0.11
//	hold, 100,000 pending               38              288        3,200          3,770
//	M/M/1 with monitors, a customer     68              125          980          5,090
//	the same by two processes          225
//
// The kernel adds some 4 ns to the bare set of pending events, which takes 34.
// A Trace that is not set costs one comparison.
//
// There is one set of pending events and not a choice of them, because no other
// was faster by more than the noise at any size. BenchmarkHold and BenchmarkMix of
// sim/internal/pending measure it bare, beside a radix heap with one bit a
// bucket and a binary heap with its keys inline; mix is what autumn 2021 in
// package sim asks for: 100,000 pending, five in six of them 12 hours ahead, the
// others over weeks.
//
//	                       here   radix heap   binary heap   container/heap
//	hold, 3 pending          17           23            17               67
//	hold, 30                 31           29            37              109
//	hold, 1,000              27           34            76              224
//	hold, 100,000            38           46           153              342
//	hold, 1,000,000          57           59           477              605
//	mix, 100,000             28           38           135              320
package des
