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
//   - The report of a thing done may be late. It takes effect at its own time and is judged by what was in force then, as far as the log knows, also on a failure that was closed since;
//     what was reported, announced or directed for a later time stands.
//   - Between equal times, the position decides.
//   - A second event with the same ID is a repeat. So is a report that says nothing new. Both change nothing.
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
//   - What the PMA told the DCC to apply stands until it gives another instruction, whatever becomes of the support. On a request of a SoLR that lost its licence it can give none.
//
// # Promises
//
// Time is always an argument. The same events give the same register. A refused event changes nothing. An act of the DCC reported for a time is a breach exactly if the duty for that time
// said must not. A register is not safe for concurrent use; [Register.Clone] and [Register.Authority] give values of their own.
package hold

//go:generate go run ./internal/gentrace
