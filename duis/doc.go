// Package duis is the DCC User Interface as a filter sees it: Service Requests, the world that they are decided in, and the decision.
//
// [Decide] answers the question of the whole library for one request: may it pass, and if not, why not? It is a pure function of a [Request], a [World] and a time.
// A World is one immutable value; [World.Edit] makes the next version of it from a directory of identities (package smki), registrations, the device
// inventory, and an [Authority], which says whether a party that has lost its licence may still be heard (package hold supplies it).
// [Counters] adds what needs memory: replay of RequestIDs and anomaly detection thresholds.
//
// The tables of the DUIS are data: [SRV] is one of the 129 Service Request Variants, [Code] one of the 194 response codes, each with its provenance.
// What no published source settles is in [Policy], with a default marked UNCERTAIN.
//
// # Promises
//
// Decide reads no clock, takes no lock and does not allocate; its cost does not grow with the number of devices but for cache misses. Any number of goroutines may decide on a
// World while another edits the next. A fact that is missing refuses, with a reason of its own.
package duis
