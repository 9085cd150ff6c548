// Package history reads and writes the history of a supplier failure as text that a member of the PMA can follow and a test can check: what happened, and under it what followed.
//
// The same text is a golden test (testdata), a counterexample of the exhaustive checker, and what the conformance kit replays:
//
//   - [Parse] reads a history, [File.Events] gives its events and [File.Settings] what they are judged under;
//   - [File.Check] replays it on a new [hold.Register] and names the first line that is not what follows;
//   - [Write] makes one of a question and events, [File.Rewrite] brings one up to date and keeps its comments.
//
// # The text
//
//	question: May the DCC transfer the MPID as soon as the SoLR is appointed?
//	settings: regime mp185; enforce
//
//	# The PMA has directed no delay, so that R8 alone stands in the way.
//	2021-11-26 00:01 London Ofgem: SoLR appointed; failure zog-2021; SoLR EDF; MPIDs ZOGE; date 2021-11-26
//	    zog-2021: phase SoLR date
//	    zog-2021: must not transfer MPID ZOGE to EDF (R8, R11)
//	2021-11-27 09:00 London ask: request; as Zog; by Hub; SRV 1.6; mode credit; MPIDs ZOGE
//	    accepted I99; authority needed, none covers it
//
// As a grammar, where each line ends with a line feed, has no space at its end and nothing that cannot be printed:
//
//	file     = { remark } "question: " heading { remark } [ "settings: " field { "; " field } ] { entry | remark } .
//	remark   = "" | "#" text .
//	entry    = time " " ( event | question ) { "    " follows } .
//	event    = actor ": " kind { "; " field } .
//	question = "ask: " ( "duties" | "overruns" | "owner; MPIDs " names | "request" { "; " field } ) .
//	field    = label [ " " value ] .
//	time     = date " " clock " " ( "London" | "UTC" ) .
//
// Actor and kind are those of [hold.Kind]. The labels of an event are
//
//	failure, by, MPIDs, certificates, date, controls, action, confirmation, agreeing, exit, reason, fuel, request, delay (the one received), thresholds, saying, id
//	supplier, SoLR, SRP, to, or party      the party that it is about, by kind
//	user, of, roles, suspended             a User
//	certificate, use, subject, subscriber, notBefore, notAfter
//	support, devices, asking, from, until  a support request: variants, devices, thresholds, window
//
// in any order, each once; an event may have fields that its kind does not need. Settings are named as in [hold.Settings]. A request is asked as somebody whose name it is sent in, by the party whose
// DCCKI certificate is on the channel, with SRV, variant (the Command Variant; by default the one that reaches the device), mode, MPIDs (the one that the device is registered to),
// device and execution. Certificates and the rest are in order as far as the history says, so that the decision shows what the failure does.
//
// Values are separated by ", ". A name stands as it is, or in quotes with the escapes of Go where it is empty or holds ;, or ". A value without a name, as in an event that no register takes, is written by its number,
// such as #9. A date alone is its midnight in London. The time at which London's clock goes back is written in UTC. Thresholds are written "User variant warning n quarantine n", with "all" for every variant.
//
// What follows is compared word by word. Under an event stand its refusal with the rule; else what time alone had changed before ("by then"), items that were done already, breaches and crossings; then what changed:
// phases, holders of MPIDs, what the DCC must, may and must not do, and overruns, as of the latest event. What is not mentioned has not changed; what is over is said to be over, but for a failure that is closed.
//
// # Promises
//
// Everything that an event can hold is written and read back. [Write] of what [Parse] read from it gives the same text. A file has limits ([MaxBytes], [MaxLine], [MaxEvents]), which both keep.
package history
