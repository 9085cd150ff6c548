package duis_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/seed-db8551c1/lastresort/duis"
	"github.com/seed-db8551c1/lastresort/smki"
	"pgregory.net/rapid"
)

// Small worlds: few of everything, and ten instants, so that facts meet.
var (
	parties  = []smki.PartyID{"Avro", "Octopus", "Utilita"}
	userIDs  = []smki.EUI64{1, 2, 3, 4}
	points   = []duis.MPxN{1000000000001, 1000000000002, 1, 2}
	targets  = []smki.EUI64{11, 12, 13, 14, 15}
	mpidIDs  = []smki.MPID{"AAAA", "BBBB", "CCCC", "GGG", "HHH"}
	variants = func() []duis.SRV { // some of each kind
		var some []duis.SRV
		for _, s := range []string{"1.6", "2.2", "2.1", "4.1.1", "4.8.3", "4.6.2", "6.23", "6.15.1", "7.16", "8.2", "8.3", "8.6", "8.11", "11.2", "11.1", "12.1", "3.1", "6.5"} {
			v, err := duis.ParseSRV(s)
			if err != nil {
				panic(err)
			}
			some = append(some, v)
		}
		return some
	}()
)

const instants = 10

func instant(i int) time.Time { return start.Add(time.Duration(i) * time.Hour) }

func drawInstant(t *rapid.T, label string) time.Time {
	return instant(rapid.IntRange(0, instants-1).Draw(t, label))
}

// mostly draws true nineteen times out of twenty, and shrinks to true.
func mostly(t *rapid.T, label string) bool { return rapid.IntRange(0, 19).Draw(t, label) < 19 }

func drawFacts(t *rapid.T) *facts {
	f := &facts{networks: make(map[duis.MPxN]smki.MPID)}
	roles := rapid.Map(rapid.IntRange(1, 127), func(i int) smki.UserRoles { return smki.UserRoles(i) })
	likely := []smki.UserRoles{smki.RolesOf(smki.ImportSupplier, smki.GasSupplier), smki.RolesOf(smki.ImportSupplier, smki.OtherUser), smki.RolesOf(smki.ElectricityDistributor), smki.RolesOf(smki.RegisteredSupplierAgent, smki.GasTransporter)}
	for _, id := range userIDs {
		if !mostly(t, "user known") {
			continue
		}
		u := smki.User{ID: id, Party: rapid.SampledFrom(parties).Draw(t, "party"), Suspended: !mostly(t, "user in order")}
		if mostly(t, "likely roles") {
			u.Roles = rapid.SampledFrom(likely).Draw(t, "roles")
		} else {
			u.Roles = roles.Draw(t, "roles")
		}
		f.users = append(f.users, u)
	}
	for _, id := range userIDs {
		for i, use := range []smki.CertificateUse{smki.XMLSign, smki.DigitalSigning, smki.DCCKI} {
			if !mostly(t, "certificate issued") {
				continue
			}
			c := certFact{Certificate: smki.Certificate{ID: certID(id, i), Use: use, Subject: id, Subscriber: "any", NotBefore: instant(0), NotAfter: instant(instants)}}
			if !mostly(t, "whole validity") {
				c.NotBefore = drawInstant(t, "not before")
				c.NotAfter = c.NotBefore.Add(time.Duration(rapid.IntRange(0, 5).Draw(t, "hours")) * time.Hour)
				if rapid.Bool().Draw(t, "no end") {
					c.NotAfter = time.Time{}
				}
			}
			if !mostly(t, "not revoked") {
				c.revoked = drawInstant(t, "revoked")
			}
			f.certs = append(f.certs, c)
		}
	}
	for i, id := range mpidIDs {
		m := mpidFact{id: id, fuel: smki.Fuels[i/3], history: []smki.MPIDHolding{{From: instant(rapid.IntRange(0, 2).Draw(t, "allocated")), Party: rapid.SampledFrom(parties).Draw(t, "party")}}}
		for range rapid.SampledFrom([]int{0, 0, 0, 1, 2, 3}).Draw(t, "transfers") {
			at := drawInstant(t, "transfer")
			if at.Before(m.history[0].From) {
				continue
			}
			m.history = append(m.history, smki.MPIDHolding{From: at, Party: rapid.SampledFrom(parties).Draw(t, "party")})
		}
		if rapid.IntRange(0, 4).Draw(t, "retired") == 4 {
			last := m.history[0].From
			for _, h := range m.history {
				if h.From.After(last) {
					last = h.From
				}
			}
			m.history = append(m.history, smki.MPIDHolding{From: last.Add(time.Hour)})
		}
		f.mpids = append(f.mpids, m)
	}
	for i, p := range points {
		ids := mpidIDs[:3]
		if i >= 2 {
			ids = mpidIDs[3:]
		}
		for range rapid.IntRange(0, 3).Draw(t, "registrations") {
			r := registrationFact{point: p, from: drawInstant(t, "registered")}
			if mostly(t, "registered to somebody") {
				r.mpid = rapid.SampledFrom(ids).Draw(t, "MPID")
			}
			f.registrations = append(f.registrations, r)
		}
		if rapid.Bool().Draw(t, "network known") {
			f.networks[p] = rapid.SampledFrom(ids).Draw(t, "network")
		}
	}
	pointOrNone := func(ids []duis.MPxN) duis.MPxN {
		return rapid.SampledFrom(append([]duis.MPxN{0}, ids...)).Draw(t, "point")
	}
	for _, id := range targets[:4] {
		d := duis.Device{ID: id, Type: duis.DeviceType(rapid.IntRange(1, 8).Draw(t, "type")), Status: duis.Commissioned,
			Import: pointOrNone(points[:2]), Export: pointOrNone(points[:2]), Gas: pointOrNone(points[2:])}
		if !mostly(t, "commissioned") {
			d.Status = duis.Status(rapid.IntRange(1, 9).Draw(t, "status"))
		}
		f.devices = append(f.devices, d)
	}
	if mostly(t, "authority known") {
		s := make(standings)
		for _, p := range parties {
			s[string(p)] = duis.Answer{Standing: duis.NotNeeded}
			if rapid.IntRange(0, 2).Draw(t, "licence lost") == 2 {
				s[string(p)] = duis.Answer{Standing: duis.Standing(rapid.IntRange(0, 4).Draw(t, "standing")), Grant: duis.GrantNumber(len(p))}
				id := rapid.SampledFrom(mpidIDs).Draw(t, "MPID of its own standing")
				s[string(p)+" "+string(id)] = duis.Answer{Standing: duis.Standing(rapid.IntRange(0, 4).Draw(t, "standing"))}
			}
		}
		f.authority = s
	}
	switch rapid.IntRange(0, 19).Draw(t, "feed") {
	case 16, 17:
		f.feed = &feedFact{due: drawInstant(t, "due")}
	case 18:
		f.feed = &feedFact{due: instant(instants), gap: true}
	case 19:
		f.feed = &feedFact{}
	}
	for _, u := range f.users {
		f.thresholds = append(f.thresholds, duis.Threshold{User: u.ID, Warning: 5, Quarantine: 10})
	}
	return f
}

func certID(user smki.EUI64, use int) smki.CertificateID {
	return smki.MakeCertificateID("CN=CA", fmt.Sprint(int(user)*10+use))
}

func drawCall(t *rapid.T) *call {
	user := rapid.SampledFrom(userIDs).Draw(t, "originator")
	c := &call{Request: duis.Request{
		ID:  duis.RequestID{Originator: user, Target: rapid.SampledFrom(targets).Draw(t, "target"), Counter: rapid.Uint64Range(0, 9).Draw(t, "counter")},
		SRV: rapid.SampledFrom(variants).Draw(t, "SRV"),
	}, xmlSign: certID(user, 0), signing: certID(user, 1), channel: certID(user, 2)}
	switch {
	case c.SRV.NonDevice():
		c.Variant = duis.NonDeviceRequest
	case c.SRV.Critical():
		c.Variant = duis.CommandVariant(rapid.IntRange(4, 7).Draw(t, "variant"))
	default:
		c.Variant = duis.CommandVariant(rapid.IntRange(1, 3).Draw(t, "variant"))
	}
	c.Service = c.Variant.Service()
	if rapid.IntRange(0, 6).Draw(t, "out of form") == 6 {
		switch rapid.IntRange(0, 6).Draw(t, "what is not") {
		case 0:
			c.SRV = duis.SRV(rapid.Uint8().Draw(t, "any SRV"))
		case 1:
			c.Variant = duis.CommandVariant(rapid.IntRange(0, 10).Draw(t, "any variant"))
		case 2:
			c.Service = duis.WebService(rapid.IntRange(0, 4).Draw(t, "any service"))
		case 3:
			c.xmlSign = rapid.SampledFrom([]smki.CertificateID{"", "CN=CA/nobody's", certID(1, 0), certID(user, 1)}).Draw(t, "XML-sign")
		case 4:
			c.signing = rapid.SampledFrom([]smki.CertificateID{"", "CN=CA/nobody's", certID(1, 1), certID(user, 0)}).Draw(t, "signing")
		case 5:
			c.channel = rapid.SampledFrom([]smki.CertificateID{"", "CN=CA/nobody's", certID(1, 2), certID(user, 0)}).Draw(t, "channel")
		case 6:
			c.ID.Originator = rapid.SampledFrom([]smki.EUI64{0, 1, 2, 99}).Draw(t, "any originator")
		}
	}
	if !mostly(t, "faultless") {
		c.Faults = duis.ReasonsOf(rapid.SampledFrom(foundByReading).Draw(t, "fault"))
	}
	if rapid.IntRange(0, 4).Draw(t, "future dated") == 0 {
		c.Execution = instant(rapid.IntRange(0, instants+2).Draw(t, "execution"))
	}
	return c
}

// foundByReading is the reasons that only the bytes of a message give.
var foundByReading = []duis.Reason{duis.Malformed, duis.SchemaVersionUnknown, duis.SignatureInvalid, duis.PayloadInvalid, duis.CRLNotCurrent, duis.WrongReference, duis.WrongBody}

// foundByMemory is the reasons that Decide, which has none, never gives.
var foundByMemory = duis.ReasonsOf(duis.Replayed, duis.CountersMissing, duis.ThresholdsNotCurrent, duis.ThresholdMissing, duis.QuarantineFull, duis.OverThreshold)

// TestDecideAgainstSpecification compares Decide with the slow specification on thousands of requests in small worlds, and drops facts one by one:
// without a fact that an accepted request rests on it is refused for a reason of its own, and a fact that it does not rest on changes nothing.
func TestDecideAgainstSpecification(t *testing.T) {
	met := make(map[duis.Reason]int)
	cases, accepted := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		f := drawFacts(t)
		w := f.world(t)
		for range 100 {
			c := drawCall(t)
			at := drawInstant(t, "at").Add(time.Duration(rapid.SampledFrom([]int{0, 0, -1, 1}).Draw(t, "nanoseconds")))
			d := duis.Decide(w, c.on(w), at)
			want := specify(f, c, at)
			if got := observe(d, w); got != want {
				t.Fatalf("%v %v at %v: not what the specification says (-specification +Decide):\n%s", c.ID, c.SRV, at, cmp.Diff(show(want), show(got)))
			}
			for _, r := range d.Reasons.All() {
				met[r]++
			}
			cases++
			if d.Outcome == duis.Accepted {
				accepted++
				if accepted%4 == 0 {
					dropFacts(t, f, c, at, d)
				}
			}
		}
	})
	t.Logf("%d requests, %d accepted", cases, accepted)
	if cases < 5000 || t.Failed() {
		return
	}
	if accepted < cases/50 {
		t.Errorf("only %d of %d requests were accepted: the worlds are too broken to test anything", accepted, cases)
	}
	for _, r := range duis.ReasonList() {
		if met[r] == 0 && !foundByMemory.Has(r) {
			t.Errorf("no request was refused for %v: the worlds are too orderly", r)
		}
	}
}

func show(v verdict) []string {
	return []string{v.Outcome.String(), v.Code.String(), v.Reasons.String(), v.Advice.String(), v.Role.String(), fmt.Sprint(v.Standing, v.Grant), v.Required.String(), fmt.Sprint(v.MPID, v.Point)}
}

// dropFacts rebuilds the world of an accepted request without each fact that it rests on, all alternatives of it together, and then without all that it does not rest on.
func dropFacts(t *rapid.T, f *facts, c *call, at time.Time, d duis.Decision) {
	for _, x := range drops(f, c, d) {
		g := f.clone()
		x.drop(g)
		w := g.world(t)
		var counters duis.Counters
		got := counters.Admit(w, c.on(w), duis.Decide(w, c.on(w), at))
		if got.Outcome == duis.Accepted || !got.Reasons.Has(x.reason) {
			t.Fatalf("without %s: %s; want it refused for %v", x.fact, explain(got, w), x.reason)
		}
		if got.Reasons != duis.ReasonsOf(x.reason) && x.alone {
			t.Fatalf("without %s: reasons %v; want %v alone", x.fact, got.Reasons, x.reason)
		}
	}
	g := f.clone()
	g.users = slices.DeleteFunc(g.users, func(u smki.User) bool { return u.ID != c.ID.Originator })
	g.devices = slices.DeleteFunc(g.devices, func(x duis.Device) bool { return x.ID != c.ID.Target })
	g.certs = slices.DeleteFunc(g.certs, func(x certFact) bool {
		return x.ID != c.channel && x.ID != c.xmlSign && (x.ID != c.signing || !c.Variant.SignedPreCommand())
	})
	g.thresholds = nil
	cited := d.Evidence.Point
	g.registrations = slices.DeleteFunc(g.registrations, func(r registrationFact) bool { return r.point != cited })
	for p := range g.networks {
		if p != cited {
			delete(g.networks, p)
		}
	}
	w := g.world(t)
	if got := duis.Decide(w, c.on(w), at); observe(got, w) != observe(d, f.world(t)) {
		t.Fatalf("without the facts that it does not rest on: %s", explain(got, w))
	}
}

type drop struct {
	fact   string
	drop   func(*facts)
	reason duis.Reason
	alone  bool // no other fact falls with it
}

func drops(f *facts, c *call, d duis.Decision) []drop {
	without := func(id smki.CertificateID) func(*facts) {
		return func(f *facts) {
			f.certs = slices.DeleteFunc(f.certs, func(x certFact) bool { return x.ID == id })
		}
	}
	all := []drop{
		{"the channel's certificate", without(c.channel), duis.ChannelUnknown, true},
		{"the XML-sign certificate", without(c.xmlSign), duis.XMLSignMissing, true},
		{"the User", func(f *facts) {
			f.users = slices.DeleteFunc(f.users, func(u smki.User) bool { return u.ID == c.ID.Originator })
			f.thresholds = nil
		}, duis.UserUnknown, false},
		{"its roles", func(f *facts) { f.user(c.ID.Originator).Roles = 0 }, duis.RoleNotEligible, false},
		{"the authority", func(f *facts) { f.authority = nil }, duis.AuthorityUnknown, true},
		{"the standing of its party", func(f *facts) { f.authority = standings{} }, duis.AuthorityUnknown, true},
		{"the threshold", func(f *facts) {
			f.thresholds = slices.DeleteFunc(f.thresholds, func(x duis.Threshold) bool { return x.User == c.ID.Originator })
		}, duis.ThresholdMissing, true},
	}
	if c.Variant.SignedPreCommand() {
		all = append(all, drop{"the signing certificate", without(c.signing), duis.SigningMissing, true})
	}
	_, mpidNeeded := d.Role.Fuel()
	if c.SRV.NonDevice() {
		agent := f.user(c.ID.Originator).Roles&c.SRV.Roles()&smki.RolesOf(smki.OtherUser, smki.RegisteredSupplierAgent) != 0
		if mpidNeeded && !agent {
			all = append(all, drop{"every MPID", func(f *facts) { f.mpids, f.registrations, f.networks = nil, nil, nil }, duis.NoMPIDForRole, true})
		}
		return all
	}
	all = append(all, drop{"the device", func(f *facts) {
		f.devices = slices.DeleteFunc(f.devices, func(x duis.Device) bool { return x.ID == c.ID.Target })
	}, duis.DeviceUnknown, false})
	if mpidNeeded {
		alternative := f.user(c.ID.Originator).Roles&c.SRV.Roles()&smki.RolesOf(smki.OtherUser, smki.RegisteredSupplierAgent) != 0
		if !alternative {
			all = append(all,
				drop{"every registration", func(f *facts) { f.registrations, f.networks = nil, nil }, duis.RegistrationMissing, false},
				drop{"its metering points", func(f *facts) {
					x := f.device(c.ID.Target)
					x.Import, x.Export, x.Gas = 0, 0, 0
				}, duis.WrongDeviceType, false},
				drop{"an owner of any MPID", func(f *facts) {
					for i := range f.mpids {
						f.mpids[i].history = []smki.MPIDHolding{{From: instant(99), Party: "Avro"}}
					}
				}, duis.MPIDUnknown, false})
		}
	}
	return all
}

// TestDecideOnEveryForm: every variant by every Command Variant and web service, dated or not, against the specification.
func TestDecideOnEveryForm(t *testing.T) {
	f := sample()
	f.users[0].Roles = 127
	w := f.world(t)
	accepted := 0
	for _, v := range append(duis.SRVs(), 0, 130, 255) {
		for cv := range duis.CommandVariant(11) {
			for service := range duis.WebService(5) {
				for _, execution := range []time.Time{{}, now.Add(-1), now, now.Add(time.Hour)} {
					c := signedPreCommand()
					c.SRV, c.Variant, c.Service, c.Execution = v, cv, service, execution
					d := duis.Decide(w, c.on(w), now)
					if want := specify(f, c, now); observe(d, w) != want {
						t.Fatalf("%v, Command Variant %d, %v, execution %v (-specification +Decide):\n%s", v, cv, service, execution, cmp.Diff(show(want), show(observe(d, w))))
					}
					if d.Outcome == duis.Accepted {
						accepted++
					}
				}
			}
		}
	}
	if accepted < 129 {
		t.Errorf("only %d forms were accepted", accepted)
	}
}
