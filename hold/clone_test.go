package hold_test

import (
	"testing"
	"time"

	"github.com/seed-db8551c1/lastresort/hold"
	"github.com/seed-db8551c1/lastresort/smki"
	"github.com/seed-db8551c1/lastresort/solr"
)

// twoFailures is a register of two open failures of two MPIDs and one certificate each, half way through.
func twoFailures(tb testing.TB) (*hold.Register, time.Time) {
	tb.Helper()
	at := time.Date(2021, time.December, 1, 12, 0, 0, 0, time.UTC)
	r := new(hold.Register)
	apply := func(e hold.Event) {
		e.At = at
		if _, err := r.Apply(e); err != nil {
			tb.Fatal(err)
		}
	}
	for _, s := range []smki.PartyID{"Alder", "Beech"} {
		mpids := []smki.MPID{smki.MPID(s[:1] + "EL1"), smki.MPID(s[:1] + "GA1")}
		apply(hold.Event{Kind: hold.MPIDAllocated, MPIDs: mpids, Party: s})
		apply(hold.Event{Kind: hold.CertificateIssued, Certificate: &smki.Certificate{ID: smki.CertificateID(s), Use: smki.XMLSign, Subscriber: s}})
		apply(hold.Event{Kind: hold.LicenceRevoked, Failure: solr.FailureID(s), Party: s})
		apply(hold.Event{Kind: hold.DelayDirected, Failure: solr.FailureID(s), Controls: hold.Revocation | hold.Transfer})
		apply(hold.Event{Kind: hold.DelayReceived, Failure: solr.FailureID(s)})
		for _, m := range mpids {
			apply(hold.Event{Kind: hold.SoLRAppointed, Failure: solr.FailureID(s), Party: octopus, MPIDs: []smki.MPID{m}, Date: at})
		}
		for _, c := range hold.Confirmations() {
			apply(hold.Event{Kind: hold.Confirmed, Failure: solr.FailureID(s), By: octopus, Confirmation: c})
		}
	}
	return r, at
}

// One operation is a copy of a register of two failures and an event on the copy, as an exhaustive search makes them.
func BenchmarkCloneOf2Failures(b *testing.B) {
	r, at := twoFailures(b)
	e := hold.Event{Kind: hold.TransferAgreed, At: at, Failure: "Alder", Agreeing: hold.DCCAgrees, MPIDs: []smki.MPID{"AEL1"}}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := r.Clone().Apply(e); err != nil {
			b.Fatal(err)
		}
	}
}
