// Package duis is the DCC User Interface as a filter sees it: Service Requests as bytes and as values, the world that they are decided in, and the decision.
//
// A vendor puts a [Gate] into the request path: the bytes of a message, the web service and the connection's certificate in, a [Verdict] with its reasons out. [Gate.Publish] gives it
// the [World] to decide in: one immutable value, made by [World.Edit] from a directory of identities and a trust store (package smki), registrations, the device inventory, thresholds, and an
// [Authority], which says whether a party that has lost its licence may still be heard (package hold supplies it).
//
// Underneath, each usable alone:
//
//   - [Parse] reads a message, [Message.Verify] and [Sign] check and make its signature, [AppendRequest] and [AppendResponse] write one;
//   - [Decide] answers the question of the whole library for one typed [Request]: may it pass, and if not, why not? It is a pure function of request, World and time;
//   - [Counters] adds what needs memory: replay of RequestIDs and anomaly detection thresholds;
//   - [Update] numbers the feeds that a World depends on, and [Diff] says what one has changed.
//
// The tables of the DUIS are data: [SRV] is one of the 129 Service Request Variants, [Code] one of the 194 response codes, each with its provenance.
// What no published source settles is in [Policy], with a default marked UNCERTAIN.
//
// # Promises
//
// What is decided on is what was signed: every value comes from the canonical octets that the signature covers. Decide reads no clock, takes no lock and does not allocate; its cost does not grow
// with the number of devices but for cache misses. A Gate allocates what the verification of a signature does. Any number of goroutines may decide on a World while another edits the next. A
// fact that is missing refuses, with a reason of its own. A message that is refused advances no counter.
package duis
