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
// Nanoseconds for each event (Go 1.26.8, one of two shared cores at 2.4 GHz;
// go run ./sim/internal/peers prints them and the ratios, which are steadier):
//
//	                                      here   container/heap   goroutines   SimPy 3.0.11
//	hold, 100,000 pending                   HH               HH           HH             HH
//	M/M/1 with its monitors, a customer     MM               MM           MM             MM
//	the same by two processes               PP
//
// There is one set of pending events and not a choice of them, because no other
// was faster where it mattered. BenchmarkHold and BenchmarkMix of
// sim/internal/pending measure it bare, beside a binary heap with its keys
// inline and a radix heap with one bit a bucket; mix is what autumn 2021 in
// package sim asks for: 100,000 pending, five in six of them 12 hours ahead, the
// others over weeks.
//
//	             here   radix heap   binary heap   container/heap
//	hold, 3         .            .             .                .
//	hold, 1e3       .            .             .                .
//	hold, 1e5       .            .             .                .
//	hold, 1e6       .            .             .                .
//	mix, 1e5        .            .             .                .
package des
