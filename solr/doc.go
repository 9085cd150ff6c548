// Package solr is the life of one supplier failure: from the notice that a licence will be revoked to the day when nothing
// is left in the failed supplier's name.
//
// [Phase] and [Transition] are a table-driven state machine without memory: [Phase.Next] says where an [Event] leads, or that it
// leads nowhere. [Failure] is the machine with its dates. [SoLRDate] is when the appointment of a Supplier of Last Resort (SoLR) has effect.
// [Rule] numbers the rules that the whole library cites.
//
// Nothing here reads a clock; London's calendar is used only where a rule speaks of days.
package solr
