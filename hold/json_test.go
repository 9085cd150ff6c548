package hold_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/seed-db8551c1/lastresort/duis"
	"github.com/seed-db8551c1/lastresort/hold"
	"github.com/seed-db8551c1/lastresort/hold/holdtest"
	"github.com/seed-db8551c1/lastresort/smki"
	"github.com/seed-db8551c1/lastresort/solr"
	"pgregory.net/rapid"
)

// full is an event with every field set.
func full(k hold.Kind) hold.Event {
	at := time.Date(2021, time.December, 1, 9, 0, 0, 0, time.UTC)
	limits := []duis.Threshold{{User: 7, SRV: duis.UpdatePaymentMode, Warning: 1, Quarantine: 2}, {User: 7, Warning: 3, Quarantine: 4}}
	return hold.Event{
		ID: "e1", At: at, Kind: k, Failure: "zog-2021", By: "EDF", Party: "Zog", MPIDs: []smki.MPID{"ZOGE"}, Certificates: []smki.CertificateID{"CN=Z1,OU=07/1"},
		Date: at, Controls: hold.Revocation | hold.Transfer, Action: hold.SuspendUser, Confirmation: hold.Timescales, Agreeing: hold.DCCAgrees,
		Exit: solr.TradeSale, Reason: smki.PrivilegeWithdrawn, Fuel: smki.Gas,
		User:        &smki.User{ID: 7, Party: "Zog", Roles: smki.RolesOf(smki.ImportSupplier, smki.GasSupplier), Suspended: true},
		Certificate: &smki.Certificate{ID: "CN=Z1,OU=07/1", Use: smki.DCCKI, Subject: 7, Subscriber: "Zog", NotBefore: at, NotAfter: at},
		Support:     &hold.Support{SRVs: []duis.SRV{duis.TopUpDevice}, Devices: []smki.EUI64{9}, Thresholds: limits, From: at, To: at},
		Request:     "s1", Ref: "d1", Thresholds: limits, Text: "as known",
	}
}

// Events of every kind are written as JSON and read back as they were, full ones and those of any history.
func TestEventJSON(t *testing.T) {
	t.Parallel()
	check := func(t interface{ Fatalf(string, ...any) }, e hold.Event) {
		text, err := json.Marshal(e)
		if err != nil {
			t.Fatalf("%v: %v", e.Kind, err)
		}
		var back hold.Event
		if err := json.Unmarshal(text, &back); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if diff := cmp.Diff(e, back, cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("%s is read otherwise (-want +got):\n%s", text, diff)
		}
	}
	for _, k := range hold.Kinds() {
		check(t, full(k))
	}
	rapid.Check(t, func(t *rapid.T) {
		for _, e := range holdtest.Histories().Draw(t, "history").Register.Events() {
			check(t, e)
		}
	})
}

// An event read from any bytes is applied or refused without a panic, and one that is refused changes nothing.
func FuzzApplyDecodedEvent(f *testing.F) {
	for _, k := range hold.Kinds() {
		text, err := json.Marshal(full(k))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	at := time.Date(2021, time.December, 1, 9, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, text []byte) {
		var e hold.Event
		if json.Unmarshal(text, &e) != nil {
			return
		}
		var r hold.Register
		for _, first := range []hold.Event{
			{At: at, Kind: hold.UserRecorded, User: &smki.User{ID: 7, Party: "Zog"}},
			{At: at, Kind: hold.MPIDAllocated, MPIDs: []smki.MPID{"ZOGE"}, Party: "Zog"},
			{At: at, Kind: hold.SRPEngaged, By: "SRP", Party: "Zog"},
			{At: at, Kind: hold.FailureNotified, Failure: "zog-2021", Party: "Zog"},
		} {
			if _, err := r.Apply(first); err != nil {
				t.Fatal(err)
			}
		}
		before := holdtest.Digest(&r, at)
		if _, err := r.Apply(e); err != nil {
			if diff := cmp.Diff(before, holdtest.Digest(&r, at)); diff != "" {
				t.Fatalf("%s was refused and changed (-before +after):\n%s", text, diff)
			}
		}
		r.Duties(e.At)
	})
}

func FuzzNames(f *testing.F) {
	f.Add("licence revoked")
	f.Add("mp185")
	f.Add("revocation+transfer")
	f.Fuzz(func(t *testing.T, s string) {
		if k, err := hold.ParseKind(s); err == nil && k.String() != s {
			t.Errorf("%q is read as %v", s, k)
		}
		if r, err := hold.ParseRegime(s); err == nil && r.String() != s {
			t.Errorf("%q is read as %v", s, r)
		}
		var c hold.Controls
		if c.UnmarshalText([]byte(s)) == nil && c.String() != s {
			t.Errorf("%q is read as %v", s, c)
		}
	})
}

func BenchmarkAsk(b *testing.B) {
	r := rapid.Custom(func(t *rapid.T) *hold.Register { return holdtest.Histories().Draw(t, "history").Register }).Example(1)
	a := r.Authority()
	events := r.Events()
	q := duis.Question{Party: r.Directory().Users()[0].Party, SRV: duis.UpdatePaymentMode, Mode: duis.CreditMode, At: events[len(events)-1].At}
	b.ReportAllocs()
	for b.Loop() {
		a.Ask(q)
	}
}
