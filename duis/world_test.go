package duis_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/seed-db8551c1/lastresort/duis"
	"github.com/seed-db8551c1/lastresort/smki"
	"pgregory.net/rapid"
)

// registry is the naive model of what a World keeps of metering points and devices.
type registry struct {
	registrations map[duis.MPxN]map[int64]smki.MPID // by point and start, in Unix seconds
	devices       map[smki.EUI64]duis.Device
}

func (m registry) clone() registry {
	c := registry{make(map[duis.MPxN]map[int64]smki.MPID, len(m.registrations)), maps.Clone(m.devices)}
	for p, r := range m.registrations {
		c.registrations[p] = maps.Clone(r)
	}
	return c
}

// at is the registration of a point at a time.
func (m registry) at(p duis.MPxN, t time.Time) (r duis.Registration, ok bool) {
	for from, id := range m.registrations[p] {
		f := time.Unix(from, 0).UTC()
		switch {
		case f.After(t):
			if r.To.IsZero() || f.Before(r.To) {
				r.To = f
			}
		case !ok || f.After(r.From):
			r.Point, r.From, r.MPID, ok = p, f, id, true
		}
	}
	if !ok || r.From.Equal(epoch) && r.MPID == "" { // registered to nobody from the start of the tables is not registered
		return duis.Registration{}, false
	}
	return r, true
}

var epoch = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// TestWorldAgainstModel edits worlds in any way: registrations in any order, devices by the hundred so that the indexes grow, several versions from one.
// After every publication all published versions, old and new, must say what the model said when they were published.
func TestWorldAgainstModel(t *testing.T) {
	f := sample()
	d := f.directory(t)
	pointIDs := []duis.MPxN{mpan, mpan + 1, mpan + 2, mprn, 1, 9_999_999_999, 10_000_000_000_00}
	mpidFor := func(p duis.MPxN) []smki.MPID {
		if p.Fuel() == smki.Gas {
			return []smki.MPID{"AVG", ""}
		}
		return []smki.MPID{"AVRO", "OCTO", "LOND", ""}
	}
	rapid.Check(t, func(t *rapid.T) {
		type version struct {
			w *duis.World
			m registry
		}
		var versions []version
		e := new(duis.World).Edit()
		must(t, e.SetDirectory(d))
		m := registry{make(map[duis.MPxN]map[int64]smki.MPID), make(map[smki.EUI64]duis.Device)}
		next := smki.EUI64(rapid.Uint64().Draw(t, "first device")) | 1
		seconds := rapid.SampledFrom([]int64{0, 1, 2, 3, 60, 3600, 86400, 86401, 1 << 31, 1<<32 - 2, 1<<32 - 1})
		check := func(t *rapid.T, v version) {
			if v.w.NumDevices() != len(v.m.devices) {
				t.Fatalf("version %d: %d devices, want %d", v.w.Version(), v.w.NumDevices(), len(v.m.devices))
			}
			for id, want := range v.m.devices {
				if got, ok := v.w.Device(id); !ok || got != want {
					t.Fatalf("version %d: device %v is %+v, want %+v", v.w.Version(), id, got, want)
				}
			}
			for _, id := range []smki.EUI64{0, next, next + 1, ^smki.EUI64(0)} {
				if _, known := v.m.devices[id]; known {
					continue
				}
				if got, ok := v.w.Device(id); ok {
					t.Fatalf("version %d: device %v is %+v, want none", v.w.Version(), id, got)
				}
			}
			for _, p := range pointIDs {
				instants := []time.Time{epoch.Add(-1), epoch, epoch.AddDate(200, 0, 0), {}}
				for from := range v.m.registrations[p] {
					at := time.Unix(from, 0)
					instants = append(instants, at.Add(-1), at, at.Add(1))
				}
				for _, at := range instants {
					want, wantOK := v.m.at(p, at)
					if at.Before(epoch) || at.Unix() >= epoch.Unix()+1<<32 {
						want, wantOK = duis.Registration{}, false // outside the tables nothing is known
					}
					if got, ok := v.w.Registration(p, at); ok != wantOK || got != want {
						t.Fatalf("version %d: %v at %v is registered as %+v, %t; want %+v, %t", v.w.Version(), p, at, got, ok, want, wantOK)
					}
				}
			}
		}
		register := func(t *rapid.T) {
			p := rapid.SampledFrom(pointIDs).Draw(t, "point")
			s, id := seconds.Draw(t, "from"), rapid.SampledFrom(mpidFor(p)).Draw(t, "MPID")
			from := epoch.Add(time.Duration(s) * time.Second)
			late := rapid.Bool().Draw(t, "within the second before")
			if late {
				from = from.Add(-time.Nanosecond) // counts from the next whole second
			}
			must(t, e.Register(p, from, id))
			if m.registrations[p] == nil {
				m.registrations[p] = make(map[int64]smki.MPID)
			}
			m.registrations[p][epoch.Unix()+s] = id
		}
		device := func(t *rapid.T, id smki.EUI64) duis.Device {
			pick := func(points ...duis.MPxN) duis.MPxN { return rapid.SampledFrom(append(points, 0)).Draw(t, "point") }
			return duis.Device{ID: id, Type: duis.DeviceType(rapid.IntRange(1, 8).Draw(t, "type")), Status: duis.Status(rapid.IntRange(1, 9).Draw(t, "status")),
				SMETS1: rapid.Bool().Draw(t, "SMETS1"), Import: pick(mpan, mpan+1), Export: pick(mpan+2, mpan+1), Gas: pick(mprn, 1)}
		}
		t.Repeat(map[string]func(*rapid.T){
			"register":       register,
			"register again": register,
			"set device": func(t *rapid.T) {
				x := device(t, next+smki.EUI64(rapid.IntRange(2, 40).Draw(t, "device")))
				must(t, e.SetDevice(x))
				m.devices[x.ID] = x
			},
			"set many devices": func(t *rapid.T) {
				x := device(t, next)
				stride := smki.EUI64(rapid.SampledFrom([]uint64{1, 1 << 16, 1 << 32, 0x9e3779b97f4a7c15}).Draw(t, "stride"))
				for i := range smki.EUI64(rapid.SampledFrom([]int{40, 200, 600}).Draw(t, "devices")) {
					x.ID = next + 100 + i*stride
					if x.ID == 0 {
						continue
					}
					must(t, e.SetDevice(x))
					m.devices[x.ID] = x
				}
			},
			"grow": func(t *rapid.T) {
				e.Grow(rapid.IntRange(0, 2000).Draw(t, "devices"), rapid.IntRange(0, 2000).Draw(t, "points"))
			},
			"errors change nothing": func(t *rapid.T) {
				for i, err := range []error{
					e.Register(mpan, epoch.Add(time.Hour), "NONE"), e.Register(mpan, epoch.Add(time.Hour), "AVG"), e.Register(mprn, epoch.Add(time.Hour), "AVRO"),
					e.Register(0, epoch.Add(time.Hour), ""), e.Register(mpan, epoch.Add(-1e9), "AVRO"), e.Register(mpan, epoch.Add(1<<32*time.Second), "AVRO"), e.Register(mpan, time.Time{}, "AVRO"),
					e.Register(mpan, epoch.Add((1<<32-1)*time.Second+1), "AVRO"),
					e.SetNetwork(mpan, "NONE"), e.SetNetwork(mprn, "LOND"), e.SetNetwork(0, ""),
					e.SetDevice(duis.Device{}), e.SetDevice(duis.Device{ID: next, Type: duis.ESME}), e.SetDevice(duis.Device{ID: next, Status: duis.Commissioned}),
					e.SetDevice(duis.Device{ID: next, Type: 9, Status: duis.Commissioned}), e.SetDevice(duis.Device{ID: next, Type: duis.ESME, Status: 10}),
					e.SetDevice(duis.Device{ID: next, Type: duis.ESME, Status: duis.Commissioned, Import: mprn}),
					e.SetDevice(duis.Device{ID: next, Type: duis.ESME, Status: duis.Commissioned, Export: mprn}),
					e.SetDevice(duis.Device{ID: next, Type: duis.GSME, Status: duis.Commissioned, Gas: mpan}),
					e.SetThresholds([]duis.Threshold{{User: 99}}), e.SetThresholds([]duis.Threshold{{User: avro, SRV: 200}}),
					e.SetDirectory(new(smki.Directory)),
				} {
					if err == nil {
						t.Fatalf("no error from edit %d", i)
					}
				}
			},
			"publish": func(t *rapid.T) {
				w := e.World()
				v := version{w, m.clone()}
				if len(versions) == 6 {
					versions = versions[1:]
				}
				versions = append(versions, v)
				e = w.Edit()
				for _, v := range versions {
					check(t, v)
				}
			},
			"continue on an older version": func(t *rapid.T) {
				if len(versions) == 0 {
					return
				}
				v := rapid.SampledFrom(versions).Draw(t, "version")
				e, m = v.w.Edit(), v.m.clone()
			},
		})
		check(t, version{e.World(), m})
		for _, v := range versions {
			check(t, v)
		}
	})
}

// A metering point that is known only from a device, or from its network operator, is registered to nobody yet.
func TestPointWithoutRegistration(t *testing.T) {
	e := new(duis.World).Edit()
	must(t, e.SetDevice(duis.Device{ID: esme, Type: duis.ESME, Status: duis.Commissioned, Import: mpan}))
	w := e.World()
	if r, ok := w.Registration(mpan, now); ok {
		t.Errorf("registered as %+v", r)
	}
	e = w.Edit()
	must(t, e.SetDirectory(sample().directory(t)), e.SetNetwork(mpan+1, "LOND"), e.SetNetwork(mpan, "LOND"))
	w = e.World()
	for _, p := range []duis.MPxN{mpan, mpan + 1} {
		if r, ok := w.Registration(p, now); ok {
			t.Errorf("registered as %+v", r)
		}
	}
}

func TestWorldVersions(t *testing.T) {
	w := new(duis.World)
	for want := range uint64(4) {
		if w.Version() != want {
			t.Errorf("version %d, want %d", w.Version(), want)
		}
		w = w.Edit().World()
	}
}

// A directory grows: certificates keep their numbers, thresholds stay, and what is published before stays as it was.
func TestDirectoryGrows(t *testing.T) {
	f := sample()
	before := f.world(t)
	r := topUp().on(before)
	d := f.directory(t)
	newCert := smki.Certificate{ID: "CN=OCA/99", Use: smki.XMLSign, Subject: 77, Subscriber: "New"}
	must(t, d.SetUser(smki.User{ID: 77, Party: "New", Roles: smki.RolesOf(smki.ImportSupplier)}), d.Issue(newCert), d.Allocate("NEWS", smki.Electricity, "New", start),
		d.DCC.Transfer("AVRO", "New", now))
	d.Revoke(avroXML, smki.Revocation{At: now.Add(time.Hour)})
	e := before.Edit()
	must(t, e.SetDirectory(d))
	after := e.World()
	for _, c := range f.certs {
		n, _ := before.CertificateNumber(c.ID)
		if m, ok := after.CertificateNumber(c.ID); !ok || m != n || after.CertificateID(n) != c.ID {
			t.Errorf("%s was certificate %d and is %d", c.ID, n, m)
		}
	}
	if _, ok := before.CertificateNumber(newCert.ID); ok {
		t.Error("the old version knows a new certificate")
	}
	if n, ok := after.CertificateNumber(newCert.ID); !ok || after.CertificateID(n) != newCert.ID {
		t.Errorf("the new version does not know the new certificate: %d", n)
	}
	var counters duis.Counters
	if got := counters.Admit(before, r, duis.Decide(before, r, now)); got.Outcome != duis.Accepted {
		t.Errorf("the old version: %s", explain(got, before))
	}
	r.ID.Counter++
	if got := counters.Admit(after, r, duis.Decide(after, r, now)); got.Reasons != duis.ReasonsOf(duis.MPIDMoved) { // and the threshold is still known
		t.Errorf("the new version: %s", explain(got, after))
	}
	// The directory goes on changing: worlds made of it do not.
	must(t, d.DCC.Transfer("AVRO", "Avro", now), d.SetUser(smki.User{ID: avro, Party: "Avro", Suspended: true}))
	d.Revoke(srpTLS, smki.Revocation{At: start})
	if got := duis.Decide(after, r, now); got.Reasons != duis.ReasonsOf(duis.MPIDMoved) {
		t.Errorf("the directory changed a published world: %s", explain(got, after))
	}
}

// A directory must have grown out of the last one: numbers are positions.
func TestDirectoryMustGrow(t *testing.T) {
	f := sample()
	w := f.world(t)
	want := worldText(w)
	for name, change := range map[string]func(*facts){
		"a User fewer":               func(f *facts) { f.users = f.users[:len(f.users)-1] },
		"two Users in another order": func(f *facts) { slices.Reverse(f.users) },
		"a certificate fewer":        func(f *facts) { f.certs = f.certs[:len(f.certs)-1] },
		"certificates in another order": func(f *facts) {
			slices.Reverse(f.certs)
		},
		"an MPID fewer":          func(f *facts) { f.mpids = f.mpids[:len(f.mpids)-1] },
		"MPIDs in another order": func(f *facts) { slices.Reverse(f.mpids) },
	} {
		g := f.clone()
		change(g)
		e := w.Edit()
		if err := e.SetDirectory(g.directory(t)); err == nil {
			t.Errorf("accepted: %s", name)
		}
		if got := worldText(e.World()); got != want {
			t.Errorf("%s: refused, but changed (-before +after):\n%s", name, cmp.Diff(want, got))
		}
	}
}

// worldText prints decisions on the calls of the sample, which depend on every table of the directory.
func worldText(w *duis.World) (text string) {
	for _, c := range []*call{topUp(), signedPreCommand(), readInventory(), topUp().from(octopus, octopusXML, ""), readInventory().from(ovo, ovoXML, "")} {
		d := duis.Decide(w, c.on(w), now)
		d.Version = 0
		text += fmt.Sprintln(d)
	}
	return text
}

// More parties than the tables can number are refused and never numbered twice.
func TestTooManyParties(t *testing.T) {
	if testing.Short() {
		t.Skip("makes 70,000 parties")
	}
	d := new(smki.Directory)
	for i := range 40_000 {
		must(t, d.SetUser(smki.User{ID: smki.EUI64(i + 1), Party: smki.PartyID(fmt.Sprint("user ", i))}))
	}
	for m := range 100 {
		id := smki.MPID(fmt.Sprintf("M%03d", m))
		must(t, d.Allocate(id, smki.Electricity, "first", start))
		for i := range 300 {
			must(t, d.DCC.Transfer(id, smki.PartyID(fmt.Sprint("holder ", m, " ", i)), start))
		}
	}
	if err := new(duis.World).Edit().SetDirectory(d); err == nil {
		t.Error("70,000 parties were accepted in tables of 65,535")
	}
}

// An edit that was published refuses everything, so that nobody can write to a World that readers have.
func TestEditAfterPublishing(t *testing.T) {
	w := new(duis.World)
	e := w.Edit()
	published := e.World()
	for what, err := range map[string]error{
		"registration": e.Register(1200023305967, time.Unix(1e9, 0), ""),
		"device":       e.SetDevice(duis.Device{ID: 1, Type: duis.ESME, Status: duis.Commissioned}),
		"network":      e.SetNetwork(1200023305967, ""),
		"directory":    e.SetDirectory(new(smki.Directory)),
		"thresholds":   e.SetThresholds(nil),
	} {
		if !errors.Is(err, duis.ErrPublished) {
			t.Errorf("%s after publishing: error %v, expected ErrPublished", what, err)
		}
	}
	if published.NumDevices() != 0 {
		t.Errorf("the published world has %d devices, expected none", published.NumDevices())
	}
}
