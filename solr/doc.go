// Package solr is the life of one supplier failure: from the notice that a licence will be revoked to the day when nothing
// is left in the failed supplier's name.
//
// [Phase] and [Transition] are a table-driven state machine without memory: [Phase.Next] says where an [Event] leads, or that it
// leads nowhere. [Failure] is the machine with its dates. [Appointment] is Ofgem's direction that makes a party Supplier of Last Resort (SoLR) for
// some MPIDs from the SoLR date on. [Rule] numbers the rules that the whole library cites.
//
// Nothing here reads a clock; London's calendar is used only where a rule speaks of days.
package solr
