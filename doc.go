// Package lastresort is the map of a library for the days when a British energy supplier fails. It holds nothing itself.
//
// When Ofgem revokes a supplier's licence and appoints a Supplier of Last Resort (SoLR), the DCC is told to revoke the failed supplier's certificates and to move its market
// identifiers (MPIDs). Two modifications of the Smart Energy Code, MP134A and MP185, let the SMKI Policy Management Authority hold both back until the SoLR is ready. The packages
// model these rules, R1 to R18, each importing only those before it:
//
//   - smki: who may speak; identities, certificates and MPIDs over time
//   - solr: one supplier failure as a state machine, and the numbers of the rules
//   - duis: Service Requests as signed XML and as values, the world that they are decided in, and the filter
//   - hold: the register of delays, confirmations, support and duties, its explanations and its sealed log; hold/history writes it as text
//   - sim: failures simulated on a national estate, every request through that filter; sim/des is its kernel, sim/scenario its inputs
//
// hold/holdtest holds other implementations against the register: generators, a conformance kit, an exhaustive check. The command duis (duis/cmd/duis) works on messages, the command solrsim (sim/cmd/solrsim) compares the rule regimes; examples has a program for each kind of user.
package lastresort
