package hold_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/seed-db8551c1/lastresort/hold"
	"github.com/seed-db8551c1/lastresort/smki"
	"github.com/seed-db8551c1/lastresort/solr"
	"pgregory.net/rapid"
)

// The set order of DESIGN's invariants: of one history and its copies with fewer delays, the requests in the failed suppliers' names that pass the
// checks of certificates and MPIDs at each instant satisfy Baseline ⊆ MP134A ⊆ MP185. The DCC does every open duty at once in each copy. Directions that bring an
// MPID back are left out: they mean nothing where it never went.
func TestRequestsThatPassAreOrderedByRegime(t *testing.T) {
	t.Parallel()
	start := solr.Midnight(2021, time.December, 1)
	suppliers := []smki.PartyID{"Avro", "Igloo"}
	use := []smki.CertificateUse{smki.XMLSign, smki.DigitalSigning, smki.DCCKI}
	mpids := func(f int) []smki.MPID {
		return []smki.MPID{smki.MPID(fmt.Sprintf("E%d00", f)), smki.MPID(fmt.Sprintf("G%d0", f))}
	}
	cert := func(f int, u smki.CertificateUse) smki.CertificateID {
		return smki.CertificateID(fmt.Sprintf("%s/%v", suppliers[f], u))
	}
	rapid.Check(t, func(t *rapid.T) {
		var history []hold.Event
		at := func(label string, from, to int) time.Time {
			return start.Add(time.Duration(rapid.IntRange(from, to).Draw(t, label)) * time.Hour)
		}
		add := func(e hold.Event) { history = append(history, e) }
		instants := []time.Time{start}
		for f, s := range suppliers {
			id := solr.FailureID(s)
			sub := func(label string) []smki.MPID {
				return rapid.SampledFrom([][]smki.MPID{mpids(f), mpids(f)[:1], mpids(f)[1:]}).Draw(t, label)
			}
			add(hold.Event{At: at("notified", 0, 24), Kind: hold.FailureNotified, Failure: id, Party: s})
			add(hold.Event{At: at("revoked", 24, 120), Kind: hold.LicenceRevoked, Failure: id, Party: s})
			for _, m := range mpids(f) {
				e := hold.Event{At: at("appointed", 24, 120), Kind: hold.SoLRAppointed, Failure: id, MPIDs: []smki.MPID{m},
					Party: rapid.SampledFrom([]smki.PartyID{"Octopus", "Shell"}).Draw(t, "SoLR")}
				e.Date = e.At.Add(time.Duration(rapid.IntRange(0, 3).Draw(t, "days ahead")) * 24 * time.Hour)
				add(e)
				instants = append(instants, solr.SoLRDate(e.Date))
				for _, c := range hold.Confirmations() {
					add(hold.Event{At: at("confirmed", 60, 200), Kind: hold.Confirmed, Failure: id, By: e.Party, Confirmation: c})
				}
				for _, a := range []hold.Agreeing{hold.SoLRAgrees, hold.PMAAgrees, hold.DCCAgrees} {
					add(hold.Event{At: at("agreed", 100, 260), Kind: hold.TransferAgreed, Failure: id, By: e.Party, Agreeing: a, MPIDs: []smki.MPID{m}})
				}
			}
			for range rapid.IntRange(0, 2).Draw(t, "delays") {
				e := hold.Event{At: at("delayed", 0, 200), Kind: hold.DelayDirected, Failure: id,
					Controls: hold.Controls(rapid.IntRange(1, 3).Draw(t, "controls"))}
				add(e)
				add(hold.Event{At: e.At.Add(time.Hour), Kind: hold.DelayReceived, Failure: id})
			}
			add(hold.Event{At: at("MPIDs released", 100, 280), Kind: hold.ReleaseInstructed, Failure: id, MPIDs: sub("released")})
			add(hold.Event{At: at("certificates released", 100, 280), Kind: hold.ReleaseInstructed, Failure: id,
				Certificates: []smki.CertificateID{cert(f, smki.XMLSign), cert(f, smki.DigitalSigning)}})
		}
		slices.SortStableFunc(history, func(a, b hold.Event) int { return a.At.Compare(b.At) })

		regimes := []hold.Regime{hold.Baseline, hold.MP134A, hold.MP185}
		copies := make([]*hold.Register, len(regimes))
		for i, regime := range regimes {
			r := &hold.Register{Settings: hold.Settings{Regime: regime}}
			for f, s := range suppliers {
				for k, m := range mpids(f) {
					apply(t, r, hold.Event{At: start, Kind: hold.MPIDAllocated, MPIDs: []smki.MPID{m}, Fuel: smki.Fuel(k), Party: s})
				}
				for _, u := range use {
					apply(t, r, hold.Event{At: start, Kind: hold.CertificateIssued, Certificate: &smki.Certificate{ID: cert(f, u), Use: u, Subscriber: s}})
				}
			}
			copies[i] = r
		}
		for _, e := range history {
			instants = append(instants, e.At)
		}
		slices.SortFunc(instants, time.Time.Compare)
		next := 0
		for _, now := range instants {
			for ; next < len(history) && !history[next].At.After(now); next++ {
				for i, r := range copies {
					if e, ok := under(regimes[i], history[next]); ok {
						_, _ = r.Apply(e) // a refusal leaves the copy as it was
					}
				}
			}
			var passing [3]map[string]bool
			for i, r := range copies {
				doDuties(t, r, now)
				passing[i] = make(map[string]bool)
				for f, s := range suppliers {
					for _, m := range mpids(f) {
						owner, _ := r.Directory().DCC.Owner(m, now)
						good := owner == s
						for _, u := range use {
							good = good && r.Directory().Status(cert(f, u), now) == smki.Good
						}
						if good {
							passing[i][string(m)] = true
						}
					}
				}
				if b := r.Breaches(); len(b) > 0 {
					t.Fatalf("under %v the DCC did its duty and broke %+v", regimes[i], b)
				}
			}
			for i := range 2 {
				for m := range passing[i] {
					if !passing[i+1][m] {
						t.Fatalf("at %v requests through %s pass under %v and not under %v", now, m, regimes[i], regimes[i+1])
					}
				}
			}
		}
	})
}

// under is an event as it can be given under a regime: without what the regime does not know.
func under(r hold.Regime, e hold.Event) (hold.Event, bool) {
	if r == hold.MP134A {
		switch e.Kind {
		case hold.DelayDirected:
			e.Controls &= hold.Revocation
		case hold.ReleaseInstructed:
			e.MPIDs = nil
		}
	}
	return e, e.Kind != hold.DelayDirected || e.Controls != 0
}

func apply(t *rapid.T, r *hold.Register, e hold.Event) {
	if _, err := r.Apply(e); err != nil {
		t.Fatal(err)
	}
}

// doDuties does all that the DCC must do now.
func doDuties(t *rapid.T, r *hold.Register, now time.Time) {
	for again := true; again; {
		again = false
		for _, d := range r.Duties(now) {
			if d.Modality != hold.Must {
				continue
			}
			again = true
			switch d.Action {
			case hold.TransferMPID:
				apply(t, r, hold.Event{At: now, Kind: hold.MPIDTransferred, MPIDs: []smki.MPID{d.MPID}, Party: d.To})
			case hold.RevokeCertificate:
				apply(t, r, hold.Event{At: now, Kind: hold.CertificateRevoked, Certificates: []smki.CertificateID{d.Certificate}, Reason: smki.CessationOfOperation})
			default:
				t.Fatalf("no duty was given to %v", d.Action)
			}
		}
	}
}
