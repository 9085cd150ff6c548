// Package smki answers one question: who may speak on the smart metering network, and until when?
//
// It holds the identities of the Smart Energy Code (SEC) and the state that the rules of a supplier failure change:
//
//   - [EUI64] names a User, a device or the DCC; [ParseEUI64] reads every spelling in use and String prints one.
//   - [MPID] names a market participant; [MPIDMap] knows whose it was at any time.
//   - [Certificate] is a Supplier Certificate as state: what it is for, who subscribes to it, when it was revoked and why.
//   - [X509Certificate] is a certificate as it was issued: [ParseCertificate] reads what crypto/x509 refuses.
//   - [CRL] is a certificate revocation list: [ParseCRL] and [IssueCRL], [DiffCRL], and [Directory.ApplyCRL] for the state.
//   - [TrustStore] says which certificates may be relied upon at a time: pinned or chained, and not revoked.
//   - [Directory] keeps the parties, Users, certificates and the two MPID maps together, and is what a register of
//     failures writes to.
//
// All times are instants; how they are printed is up to the caller. Nothing here reads a clock, starts a goroutine or does I/O.
// A Directory or TrustStore is not safe for concurrent use while it is written; their Clone gives a copy that shares nothing.
// Certificates and CRLs that were read never change. Package smkitest issues both for tests.
package smki
