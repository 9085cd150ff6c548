package hold_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/seed-db8551c1/lastresort/duis"
	"github.com/seed-db8551c1/lastresort/hold"
	"github.com/seed-db8551c1/lastresort/smki"
	"github.com/seed-db8551c1/lastresort/solr"
)

// autumn is a register with 28 open failures under MP185, each of two MPIDs and four certificates with both controls delayed, a SoLR that has confirmed, and support in force.
func autumn(tb testing.TB) (*hold.Register, time.Time) {
	tb.Helper()
	at := time.Date(2021, time.December, 1, 12, 0, 0, 0, time.UTC)
	r := &hold.Register{Settings: of(hold.MP185)}
	apply := func(events ...hold.Event) {
		for _, e := range events {
			e.At = at
			if _, err := r.Apply(e); err != nil {
				tb.Fatal(err)
			}
		}
	}
	for i := range 28 {
		p, id, u := smki.PartyID(fmt.Sprintf("supplier %d", i)), solr.FailureID(fmt.Sprintf("failure %d", i)), smki.EUI64(0xA00+i)
		mpids := []smki.MPID{smki.MPID(fmt.Sprintf("E%03d", i)), smki.MPID(fmt.Sprintf("G%03d", i))}
		apply(hold.Event{Kind: hold.UserRecorded, User: &smki.User{ID: u, Party: p, Roles: smki.RolesOf(smki.ImportSupplier)}}, hold.Event{Kind: hold.MPIDAllocated, MPIDs: mpids, Party: p}, hold.Event{Kind: hold.SRPEngaged, By: hub, Party: p})
		for _, use := range []smki.CertificateUse{smki.XMLSign, smki.DigitalSigning, smki.KeyAgreement, smki.DCCKI} {
			apply(hold.Event{Kind: hold.CertificateIssued, Certificate: &smki.Certificate{ID: smki.CertificateID(fmt.Sprintf("%s/%v", p, use)), Use: use, Subscriber: p}})
		}
		all := []hold.Event{{Kind: hold.LicenceRevoked, Party: p}, {Kind: hold.DelayDirected, Controls: hold.Revocation | hold.Transfer}, {Kind: hold.DelayReceived},
			{Kind: hold.SoLRAppointed, Party: octopus, MPIDs: mpids, Date: at}, position()}
		for _, c := range hold.Confirmations() {
			all = append(all, confirmation(octopus, c))
		}
		for _, e := range append(all, supported(fmt.Sprintf("s%d", i), octopus, at)...) {
			e.Failure = id
			if e.Support != nil {
				e.Support.Thresholds = nil
			}
			apply(e)
		}
	}
	return r, at
}

// One operation is one event: a position that an SRP states on one of 28 failures. The log grows as in use.
func BenchmarkApply(b *testing.B) {
	r, at := autumn(b)
	e := position()
	e.Failure, e.At = "failure 7", at
	b.ReportAllocs()
	for b.Loop() {
		if _, err := r.Apply(e); err != nil {
			b.Fatal(err)
		}
	}
}

// One operation is the duties of all 28 failures.
func BenchmarkDutiesOf28Failures(b *testing.B) {
	r, at := autumn(b)
	b.ReportAllocs()
	for b.Loop() {
		if len(r.Duties(at)) == 0 {
			b.Fatal("no duties")
		}
	}
}

// One operation is a copy of a register of 28 failures.
func BenchmarkCloneOf28Failures(b *testing.B) {
	r, _ := autumn(b)
	b.ReportAllocs()
	for b.Loop() {
		r.Clone()
	}
}

// One operation is one question about one of 28 failures that support covers, on the path of every Service Request.
func BenchmarkAskOf28Failures(b *testing.B) {
	r, at := autumn(b)
	a := r.Authority()
	q := duis.Question{Party: "supplier 27", SRV: duis.TopUpDevice, Device: 7, MPID: "G027", At: at}
	b.ReportAllocs()
	for b.Loop() {
		if a.Ask(q).Standing != duis.Covered {
			b.Fatal("not covered")
		}
	}
}

// To ask allocates nothing, whatever the answer.
func TestAskDoesNotAllocate(t *testing.T) {
	r, at := autumn(t)
	a := r.Authority()
	for _, q := range []duis.Question{
		{Party: "supplier 3", SRV: duis.TopUpDevice, Device: 7, MPID: "G003", At: at},
		{Party: "supplier 3", SRV: duis.UpdatePaymentMode, Mode: duis.CreditMode, MPID: "E003", At: at},
		{Party: "supplier 3", SRV: duis.ReadInventory, At: at},
		{Party: octopus, SRV: duis.TopUpDevice, At: at},
	} {
		if n := testing.AllocsPerRun(100, func() { a.Ask(q) }); n != 0 {
			t.Errorf("%+v: %v allocations, want none", q, n)
		}
	}
}
