// Package holdtest generates what tests of supplier failures need, and checks what must hold of every [hold.Register].
//
// The generators are small and go together, for use in properties with pgregory.net/rapid:
//
//   - [EUI64s], [MPIDs], [Parties] and [Certificates] draw identities;
//   - [Worlds] draws the suppliers, Shared Resource Providers, certificates, MPIDs and devices of one history;
//   - [World.AnyEvent] draws a single event that may be valid, refused by a rule or malformed;
//   - [Histories] draws whole histories of several failures at once, applied to a [hold.Register] as they go, so that the next event is a plausible one;
//   - [World.Requests] draws Service Requests in the world that such a history leads to.
//
// [CheckInvariants] asks a register whether its answers agree with each other, and [Digest] writes down all of its answers, so that two registers can be compared.
//
// [Explore] visits every state that a bounded world can come to, instead of some at random, and checks what must hold in each: [Bounds] states the bounds that are checked.
//
// What is drawn shrinks: towards fewer events, fewer parties, no delay between events and default settings. The same seed gives the same values.
package holdtest
