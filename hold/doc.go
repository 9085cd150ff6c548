// Package hold is the register of the SMKI Policy Management Authority (PMA): what it holds back when an energy supplier fails, and what follows for the DCC.
//
// Events go in, duties and authority come out:
//
//   - [Register.Apply] takes an [Event] of any actor, or refuses it. Directions and requests (of Ofgem, the PMA, the SoLR, the SRP) that a rule forbids are
//     refused with a [*RuleError]; reports of things done never are, but leave a [Breach].
//   - [Register.Duties] says what the DCC must, may and must not do at a time, each with its rules.
//   - [Register.Overdue], [Register.Overruns], [Register.Arrangements], [Register.Breaches] and [Register.Crossings] say what is late, lasts too long, was wrong or crossed a delay.
//   - [Register.ExplainDuty], [Register.ExplainBreach], [Register.ExplainRefusal] and [Register.ExplainRequest] say why, as a chain of events and rules and as a paragraph; asked of
//     [Register.AsOf], from what was known then.
//   - [Register.Update] puts certificates, MPIDs, thresholds and authority into the next version of a [duis.World], in which Service Requests are decided.
//
// One Register holds all failures, since they share SoLRs, SRPs and MPIDs. The rules are numbered R1 to R18 (package solr); which of them count follows from the
// [Regime], by name or by date. What the published report leaves open is a field of [Settings].
//
// # Time and order
//
// An event has two times: At, when it took effect, and its position in the log, when it became known. Order is log position.
//
//   - A direction or request is never earlier than the latest event: it is refused with an [*EventError], and given again with the time at which it can count.
//   - The report of a thing done may be late. It takes effect at its own time and is judged by what was in force then, as far as the log knows, also on a failure that was closed since, or that the MPID left or
//     came back to since. In which failures an MPID was, and what was directed and agreed about it there, is then as if the report had come in time. What was refused, and what a delay held, was decided by
//     what was known when it was given, and stays; so does every breach.
//   - Between equal times, the position decides.
//   - A second event with the same ID is a repeat. So is a report that says nothing new when it comes in. Both change nothing and are forgotten: where an MPID is reported to be whose it is already, an
//     earlier transfer or retirement that is reported after that stands as if the repeat had never come.
//   - The register has no clock, so an event that is dated ahead makes all directions before it late: whoever embeds it should not apply an event before its time.
//
// # Readings
//
// Where the rules leave a choice that is no setting:
//
//   - What the PMA does not give it has refused: what is delayed stays delayed, what needs its agreement is not due. Only a support request, which somebody waits for, has a refusal of its own.
//   - An SRP accepts a support request whole or declines it. One that runs out of capacity withdraws, which is final for that request; what it can still do the SoLR asks for anew (R9).
//   - A direction replaces what was announced, and an appointment of another party or for another day that had no effect yet. Neither comes back when it becomes void itself (R15).
//   - A SoLR confirms for a failure, once for all its MPIDs there. Extensions are of one SoLR's arrangement for an MPID (R12, R15).
//   - A late report of an exit, or of the failure of a SoLR, ends directions that were given after its time no earlier than they were given: who was appointed was SoLR until then (R14, R15).
//   - An MPID that was directed back to the failed supplier has no SoLR again, and nobody can confirm for it: the certificates wait for it, also where the DCC then gave it to somebody else without
//     a direction (R8, R16). They wait until a SoLR is appointed for it, it is directed to another party than has it, or the PMA releases them after an exit (R14).
//   - A failure that has closed stays closed (R11). An MPID that is known only since to have come into it was in it until then, for late reports, and is in no failure after that; other failures wait for no
//     SoLR of it (R8, R15).
//   - An MPID that is known only since the notice to have gone before it is not of the failure: nothing can be directed about it there. An announcement of before the notice counts from the notice on (R16, R4).
//   - Of several notices of one failure, and of several revocations of the licence, the first that comes in gives the time (R1).
//   - The order of the reports decides whether an exit came before the revocation of the licence, and whether there was still a failure to leave (R14).
//   - An MPID that is given to anybody after it has gone from a failure, without a new direction, breaks R16 and no other rule: it is not an item of the failure then.
//   - A delay that freezes takes force from every instruction before it, also on items that it does not name: once it has reached the DCC, each act needs an instruction after it (R7). What was
//     released is not held again by that (R3, R6), and agreements and confirmations stand (R8, R11).
//   - A failure stays open, though every certificate is revoked, while an MPID of it that has gone is directed back to the failed supplier, which holds it again then, or on to another party:
//     the duty to move it belongs to an open failure (R11, R16).
//   - What the PMA told the DCC to apply stands until it gives another instruction, whatever becomes of the support. On a request of a SoLR that lost its licence it can give none.
//
// # Promises
//
// Time is always an argument. The same events give the same register. A refused event changes nothing. An act of the DCC reported for a time is a breach exactly if the duty for that time
// said must not. A register is not safe for concurrent use; [Register.Clone] and [Register.Authority] give values of their own.
//
// # The sealed log
//
// The events that were applied are a log, sealed by a chain of hashes. [Register.WriteSince] writes what is new of it, [Register.ReadFrom] replays it, and [VerifyLog] checks it against its [Head]: given
// the head, nothing in it can be changed, added, moved or taken away unseen. A [Checkpoint] is a head that somebody signed. [Register.Snapshot] and [Restore] stand for the log up to a head, so
// that it need not be replayed from the start.
//
// The log is a text of lines, each a JSON object (RFC 8259) that ends with a line feed. The first is the header, the others are the records:
//
//	{"log":"lastresort hold","version":1,"settings":{"regime":"mp185"},"hash":"…"}
//	{"seq":1,"actor":"industry","event":{"at":"2021-11-01T00:00:00Z","kind":"MPID allocated","party":"Zog","mpids":["ZOGE"]},"hash":"…"}
//
// A record has its position from 1, which says in what order events became known; the actor of its kind; the event, with the time at which it took effect; and its hash. When a record was written
// is not in it, since the register has no clock: a checkpoint says by when it was there.
//
// The hash of the header is SHA-256 of its line up to, and without, `,"hash":`. The hash of a record is SHA-256 of the 32 octets of the hash before it, followed by its own line up to, and
// without, `,"hash":`. So a hash stands for the version, the settings and all events up to it. It is written as 64 lower-case hexadecimal digits.
//
// There is one way to write a record, and no other is read: no white space; members in the order of the fields of [Event] and of the types in it, under the names of their JSON tags; what is
// empty, zero or false left out, but for "at", "kind", a User's "id" and "party", a certificate's "id", "use", "subject" and "subscriber", a support request's "srvs" and "from", and a threshold's
// "user", "warning" and "quarantine"; times as in RFC 3339, in UTC with a "Z", with as many digits of the second's fraction as are not zero; numbers in decimal; texts in UTF-8 with the escapes of
// RFC 8785, section 3.2.2.2, and no others. "settings" has the fields of [Settings] that differ from the defaults. testdata/log/v1/schema.json is a JSON Schema of all lines.
//
// What is added to the format later is a field that is left out while it is zero, or a kind of event: logs of version 1 stay readable and keep their hashes.
package hold

//go:generate go run ./internal/gentrace
