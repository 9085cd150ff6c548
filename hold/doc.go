// Package hold is the register of the SMKI Policy Management Authority (PMA): what it holds back when an energy supplier fails, and what follows for the DCC.
//
// Events go in, duties and authority come out:
//
//   - [Register.Apply] takes an [Event] of any actor, or refuses it. Directions and requests (of Ofgem, the PMA, the SoLR, the SRP) that a rule forbids are
//     refused with a [*RuleError]; reports of things done never are, but leave a [Breach].
//   - [Register.Duties] says what the DCC must, may and must not do at a time, each with its rules.
//   - [Register.Update] puts certificates, MPIDs, thresholds and authority into the next version of a [duis.World], in which Service Requests are decided.
//
// One Register holds all failures, since they share SoLRs, SRPs and MPIDs. The rules are numbered R1 to R18 (package solr); which of them count follows from the
// [Regime], by name or by date. What the published report leaves open is a field of [Settings].
//
// # Promises
//
// Time is always an argument. The same events give the same register. A refused event changes nothing. An act of the DCC reported for a time is a breach exactly if the duty for that time
// said must not. A register is not safe for concurrent use; [Register.Clone] and [Register.Authority] give values of their own.
package hold
