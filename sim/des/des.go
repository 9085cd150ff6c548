// Package des is a kernel for discrete-event simulation: models in which the
// state changes only at instants, and time jumps from one to the next.
//
// The caller pulls events and switches on their kind; there are no callbacks
// and no processes. Three calls matter:
//
//	s.Schedule(s.Now()+des.Minute, topUp, meter) // what will happen, when, to whom
//	for e, ok := s.Next(); ok; e, ok = s.Next()  // what happens next; the clock is there
//	src.Exp(gap, customer, 0)                    // a random number, by name
//
// [Simulation] holds the clock and the pending events, [Source] the random
// numbers, [Tally] and [TimeWeighted] summarise what was seen. All are plain
// values whose zero is ready to use.
//
// Promised: the same calls give the same events in the same order, whatever the
// machine ([Simulation.Fingerprint] shows it); events at one instant come in
// the order of their scheduling; a random number depends on its name and on
// nothing drawn before. Nothing here panics on bad input, reads the clock of
// the machine, keeps package state or starts a goroutine. A Simulation and the
// monitors serve one goroutine at a time; a Source any number. To use more than
// one core, run replications side by side.
//
// Once its memory has grown, a simulation allocates nothing. A pending event is
// 16 bytes, some 80 with the room its bucket keeps. Keep homogeneous periodic work, such as a reading of every
// meter each half hour, out of the queue: schedule the period and sweep the
// column.
package des
