// Package holdtest generates what tests of supplier failures need, checks what must hold of every [hold.Register], and checks whether another register and filter say the same.
//
// # Generators
//
// They are small and go together, for use in properties with pgregory.net/rapid:
//
//   - [EUI64s], [MPIDs], [Parties] and [Certificates] draw identities;
//   - [Worlds] draws the suppliers, Shared Resource Providers, certificates and MPIDs of one history, [World.Estates] the meters;
//   - [World.AnyEvent] draws a single event that may be valid, refused by a rule or malformed;
//   - [Histories] draws whole histories of several failures and SoLRs at once, applied to a [hold.Register] as they go, so that the next event is a plausible one: some are late, repeated, or have something
//     wrong about them, and now and then one is anything at all;
//   - [World.Requests] draws Service Requests in the world that such a history leads to, [World.AnyRequest] also such as lack something.
//
// [CheckInvariants] asks a register whether its answers agree with each other, and [Digest] writes down all of its answers, so that two registers can be compared.
//
// [Explore] visits every state that a bounded world can come to, instead of some at random, and checks what must hold in each: [Bounds] states the bounds that are checked.
//
// What is drawn shrinks: towards fewer events, fewer parties, no delay between events and default settings. The same seed gives the same values.
//
// # Conformance kit
//
// [Conform] checks an [Implementation] against [Reference] over generated histories, at a [Level], in the manner of testing/fstest: it applies the same events to both and asks both the same in between. What
// they say differently comes out as a [Finding]: the history of which no event could be taken away, in the form of package history, which [Replay] takes again. [Findings] gives the same as values. A kit needs
// implementations that are wrong: [Faults] has two or more for each rule and each invariant, and each of them is found within the default budget.
//
// Everything follows from the seed of the [Config], which is printed. To look further, raise Histories or take other seeds.
//
// # Implementations outside the process
//
// [Process] runs a program and speaks to it in lines of JSON, so that it may be written in any language; [Serve] is the other side for one in Go. The kit writes one object a line to its standard input, and
// reads one object a line from its standard output in answer, each of less than 1 MiB. When its input ends it exits. Its standard error is shown when something goes wrong.
// Nothing but answers goes to its standard output, which is flushed after each: a log belongs to standard error. An answer with a field that only answers another message is taken for a line too many.
//
// Times are RFC 3339 in UTC. Numbers are integers of up to 64 bits. What is absent is empty, zero, false or none. Fields that are not known are to be ignored. Any answer may be {"error": "…"} instead.
// Names of values are those that the types give ([hold.Kind], [hold.Action], [hold.Controls] and so on).
//
//	{"do":"reset","version":1,"settings":{…},"variants":[{"srv":"1.6","roles":"IS,GS","critical":true,"nonDevice":false,"heldByDSP":false},…]}
//	    {"seals":false}
//
// begins a history. The settings are those of [hold.Settings], each always there: regime, enforce, freezeControlOnly, topUpsExempt, safeModeVariants, safeModeCarriesThresholds, lapseAfterArrangement, ikiExempt,
// deviceIncluded, undoneActsExempt. The variants are all that requests will be of. An implementation with a sealed log answers that it seals.
//
//	{"do":"apply","event":{…}}
//	    {"outcome":"applied","done":[{"mpid":"AEL0"},{"certificate":"Alder/1"}]}
//	    {"outcome":"refused","rule":"R8"}
//	    {"outcome":"malformed"}
//
// takes a [hold.Event]. A repeat is applied and changes nothing, and so does what is refused or malformed. "done" has the items that it names but that were done already (R16).
//
//	{"do":"device","device":{"id":"D0-00-00-00-41-45-4C-30","type":"ESME","status":"Commissioned","point":"1001095060528","fuel":"electricity","mpid":"AEL0","from":"2020-11-22T00:00:00Z"}}
//	    {}
//
// tells of a device, ESME or GSME, with one metering point, which is registered to an MPID from then on. It comes after the MPID was allocated; only decisions rest on it.
//
//	{"do":"duties","at":"…"}
//	    {"duties":[{"failure":"f","modality":"must not","action":"transfer MPID","mpid":"AEL0","to":"Beech","rules":"R6,R7"},…]}
//	{"do":"breaches"}
//	    {"breaches":[{"seq":12,"at":"…","failure":"f","action":"revoke certificate","certificate":"Alder/1","rules":"R3,R7"},…]}
//	{"do":"overruns","at":"…"}
//	    {"overruns":[{"failure":"f","mpid":"AEL0","request":"r1","srp":"Hub","since":"…"},…]}
//	{"do":"owner","map":"DCC","mpid":"AEL0","at":"…"}
//	    {"party":"Alder"}
//
// ask for [hold.Duty], [hold.Breach] and [hold.Overrun] values, with all their fields, in any order, and for whose an MPID is in the map of the "DCC" or the "codes". But for the owner, which may be asked for any
// time, the time is not before the latest event. The "seq" of a breach counts the events that were applied, repeats left out, up to the report.
//
//	{"do":"decide","at":"…","request":{"user":"00-00-00-00-00-00-00-A0","device":"…","srv":"1.6","variant":5,"mode":"credit","execution":"…","xmlSign":"Alder/1","signing":"Alder/2","channel":"Hub"}}
//	    {"outcome":"rejected","standing":"not needed","reasons":["MPID moved"],"advice":[],"code":"E4"}
//
// asks what becomes of a Service Request, as [duis.Decide] does. A request without a device is for the DCC. The Command Variant always goes with the Service Request Variant, and the web service with it.
// The execution time is there only for variants that the DSP holds, and later than the time of the question: the MPID and its registration count as of then. The certificates are named by their IDs; those
// that are not there or were never issued are missing or unknown. Outcomes are "accepted", "rejected" and "no connection", standings "unknown", "not needed", "covered", "not covered" and "refused".
//
//	{"do":"seal"}
//	    {"seal":"…"}
//
// asks for the seal of the log, any text, if the answer to reset said that there is one.
package holdtest
