package holdtest

import (
	"time"

	"github.com/seed-db8551c1/lastresort/duis"
	"github.com/seed-db8551c1/lastresort/hold"
	"github.com/seed-db8551c1/lastresort/smki"
	"github.com/seed-db8551c1/lastresort/solr"
	"pgregory.net/rapid"
)

// AnyEvent draws an event of any kind, at or around a time, about the parties and things of a world and others that nobody knows. It has the fields that its kind needs, nine times out of
// ten each, and others. Such events may be valid, refused or malformed.
func (w *World) AnyEvent(around time.Time) *rapid.Generator[hold.Event] {
	return rapid.Custom(func(t *rapid.T) hold.Event {
		likely := func(label string) bool { return rapid.IntRange(0, 9).Draw(t, label) < 9 }
		parties, mpids, certs := []smki.PartyID{"", "Nobody"}, []smki.MPID{"NONE", "x"}, []smki.CertificateID{"", "nobody/1"}
		users := []smki.EUI64{0, 1}
		failures := []solr.FailureID{"", "f"}
		for _, s := range w.Suppliers {
			parties, users, failures = append(parties, s.Party), append(users, s.User.ID), append(failures, FailureOf(s.Party, 0))
			for _, m := range s.MPIDs {
				mpids = append(mpids, m.ID)
			}
			for _, c := range s.Certificates {
				certs = append(certs, c.ID)
			}
		}
		parties = append(parties, w.SRPs...)
		party := rapid.SampledFrom(parties)
		threshold := rapid.Custom(func(t *rapid.T) duis.Threshold {
			return duis.Threshold{User: rapid.SampledFrom(users).Draw(t, "user"), SRV: duis.SRV(rapid.IntRange(0, duis.NumSRV+1).Draw(t, "SRV")), Quarantine: rapid.Uint64().Draw(t, "quarantine")}
		})

		e := hold.Event{Kind: rapid.SampledFrom(hold.Kinds()).Draw(t, "kind"), At: around}
		if !likely("known kind") {
			e.Kind = hold.Kind(rapid.Uint8().Draw(t, "raw kind"))
		}
		switch rapid.IntRange(0, 9).Draw(t, "when") {
		case 8:
			e.At = around.Add(-time.Duration(rapid.IntRange(1, 60).Draw(t, "days before")) * day)
		case 9:
			e.At = time.Time{}
		}
		needed := make(map[string]bool)
		for _, n := range e.Kind.Needs() {
			needed[n] = true
		}
		has := func(field string) bool { return likely(field) == needed[field] }
		if has("Failure") {
			e.Failure = rapid.SampledFrom(failures).Draw(t, "failure")
		}
		if has("By") {
			e.By = party.Draw(t, "by")
		}
		if has("Party") {
			e.Party = party.Draw(t, "party")
		}
		if has("MPIDs") {
			e.MPIDs = rapid.SliceOfN(rapid.SampledFrom(mpids), 0, 3).Draw(t, "mpids")
		}
		if has("Certificates") {
			e.Certificates = rapid.SliceOfN(rapid.SampledFrom(certs), 0, 3).Draw(t, "certificates")
		}
		if has("Date") {
			e.Date = around.Add(time.Duration(rapid.IntRange(-100, 100).Draw(t, "days")) * day)
		}
		if has("Controls") {
			e.Controls = hold.Controls(rapid.IntRange(0, 4).Draw(t, "controls"))
		}
		if has("Action") {
			e.Action = hold.Action(rapid.IntRange(0, 9).Draw(t, "action"))
		}
		if has("Confirmation") {
			e.Confirmation = hold.Confirmation(rapid.IntRange(0, 6).Draw(t, "confirmation"))
		}
		if has("Agreeing") {
			e.Agreeing = hold.Agreeing(rapid.IntRange(0, 4).Draw(t, "agreeing"))
		}
		if has("Exit") {
			e.Exit = solr.ExitKind(rapid.IntRange(0, 3).Draw(t, "exit"))
		}
		if has("User") {
			e.User = &smki.User{ID: rapid.SampledFrom(users).Draw(t, "user"), Party: party.Draw(t, "party of the user")}
		}
		if has("Certificate") {
			c := Certificates(party.Draw(t, "subscriber"), rapid.SampledFrom(users).Draw(t, "subject"), around).Draw(t, "certificate")
			e.Certificate = &c
		}
		if has("Support") {
			e.Support = &hold.Support{
				SRVs:       rapid.SliceOfN(rapid.Map(rapid.IntRange(0, duis.NumSRV+1), func(i int) duis.SRV { return duis.SRV(i) }), 0, 2).Draw(t, "SRVs"),
				Thresholds: rapid.SliceOfN(threshold, 0, 2).Draw(t, "thresholds"),
				From:       around, To: around.Add(time.Duration(rapid.IntRange(-1, 9).Draw(t, "window")) * day),
			}
		}
		if has("Request") {
			e.Request = rapid.SampledFrom([]string{"", "r1", "r2"}).Draw(t, "request")
		}
		if has("Thresholds") {
			e.Thresholds = rapid.SliceOfN(threshold, 0, 2).Draw(t, "thresholds")
		}
		if has("Text") {
			e.Text = rapid.SampledFrom([]string{"", " ", "text"}).Draw(t, "text")
		}
		e.Reason = rapid.SampledFrom(revocationReasons).Draw(t, "reason")
		return e
	})
}

const day = 24 * time.Hour

// revocationReasons lists the reasons for which a certificate can be revoked.
var revocationReasons = []smki.RevocationReason{smki.CessationOfOperation, smki.Unspecified, smki.PrivilegeWithdrawn, smki.KeyCompromise, smki.AffiliationChanged, smki.Superseded, smki.CACompromise}
