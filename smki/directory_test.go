package smki_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/seed-db8551c1/lastresort/smki"
	"pgregory.net/rapid"
)

func certificate(n int, p smki.PartyID) smki.Certificate {
	return smki.Certificate{ID: smki.MakeCertificateID("CN=OCA", fmt.Sprint(n)), Use: smki.XMLSign, Subject: smki.EUI64(n), Subscriber: p, NotBefore: day(0), NotAfter: day(3650)}
}

func TestDirectoryRefuses(t *testing.T) {
	good := certificate(1, "Avro")
	with := func(change func(*smki.Certificate)) smki.Certificate {
		c := certificate(2, "Avro")
		change(&c)
		return c
	}
	for _, c := range []struct {
		because string
		act     func(*smki.Directory) error
	}{
		{"a User without an ID", func(d *smki.Directory) error { return d.SetUser(smki.User{Party: "Avro"}) }},
		{"a User without a party", func(d *smki.Directory) error { return d.SetUser(smki.User{ID: 7}) }},
		{"a User ID never changes its party", func(d *smki.Directory) error { return d.SetUser(smki.User{ID: 1, Party: "Octopus"}) }},
		{"a certificate issued before", func(d *smki.Directory) error { return d.Issue(good) }},
		{"no ID", func(d *smki.Directory) error { return d.Issue(with(func(c *smki.Certificate) { c.ID = "" })) }},
		{"no use", func(d *smki.Directory) error { return d.Issue(with(func(c *smki.Certificate) { c.Use = 0 })) }},
		{"no such use", func(d *smki.Directory) error {
			return d.Issue(with(func(c *smki.Certificate) { c.Use = smki.DeviceCertificate + 1 }))
		}},
		{"no subscriber: R2 asks for it", func(d *smki.Directory) error {
			return d.Issue(with(func(c *smki.Certificate) { c.Subscriber = "" }))
		}},
		{"an end before the start", func(d *smki.Directory) error {
			return d.Issue(with(func(c *smki.Certificate) { c.NotAfter = day(-1) }))
		}},
		{"no such fuel", func(d *smki.Directory) error { return d.Allocate("AVRX", smki.Gas+1, "Avro", day(0)) }},
		{"an MPID allocated before", func(d *smki.Directory) error { return d.Allocate("AVRO", smki.Electricity, "Avro", day(0)) }},
		{"no MPID", func(d *smki.Directory) error { return d.Allocate("A", smki.Electricity, "Avro", day(0)) }},
		{"an MPID for nobody", func(d *smki.Directory) error { return d.Allocate("AVRX", smki.Electricity, "", day(0)) }},
		{"an MPID that one of the maps has already", func(d *smki.Directory) error {
			return d.Allocate("CODE", smki.Electricity, "Avro", day(0))
		}},
	} {
		var d smki.Directory
		d.Revoke(good.ID, smki.Revocation{At: day(5)})
		check(t, d.SetUser(smki.User{ID: 1, Party: "Avro"}), d.Issue(good),
			d.Allocate("AVRO", smki.Electricity, "Avro", day(0)), d.Codes.Allocate("CODE", "Avro", day(0)))
		before := describe(&d)
		if err := c.act(&d); err == nil {
			t.Errorf("accepted: %s", c.because)
		}
		if after := describe(&d); after != before {
			t.Errorf("%s: refused, but changed\n%s\nto\n%s", c.because, before, after)
		}
	}
}

// Revocation is final: of several the earliest counts (R16; RFC 5280).
func TestEarliestRevocationCounts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var d smki.Directory
		c := certificate(1, "Avro")
		times := rapid.SliceOfN(rapid.IntRange(1, 9), 1, 5).Draw(t, "times")
		issued := rapid.IntRange(0, len(times)-1).Draw(t, "revocations known before the issue")
		earliest := smki.Revocation{}
		for i, at := range times {
			if i == issued {
				check(t, d.Issue(c))
				if _, rev, _ := d.Certificate(c.ID); i == 0 && (rev != nil || d.Status(c.ID, day(1)) != smki.Good) {
					t.Fatalf("revoked from the start: %v", rev)
				}
			}
			r := smki.Revocation{At: day(at), Reason: smki.RevocationReason(i % 2)}
			d.Revoke(c.ID, r)
			if i == 0 || r.At.Before(earliest.At) {
				earliest = r
			}
			if i < issued {
				if got := d.Status(c.ID, day(9)); got != smki.UnknownCertificate {
					t.Fatalf("status before the issue: %v", got)
				}
				continue
			}
			if _, rev, _ := d.Certificate(c.ID); rev == nil || *rev != earliest {
				t.Fatalf("revocation %v, want %v", rev, earliest)
			}
			if d.Status(c.ID, earliest.At.Add(-1)) != smki.Good || d.Status(c.ID, earliest.At) != smki.Revoked {
				t.Fatalf("the status does not change at %v", earliest.At)
			}
		}
		_, rev, _ := d.Certificate(c.ID)
		rev.At = day(99) // what is handed out is a copy
		if d.Status(c.ID, earliest.At) != smki.Revoked {
			t.Fatal("a revocation was taken back through the pointer that Certificate gave")
		}
	})
}

// A revocation whose time nobody gave must not be lost, nor take back one that has a time: it counts as always revoked.
func TestRevocationWithoutTime(t *testing.T) {
	c := certificate(1, "Avro")
	for _, earlier := range []bool{false, true} {
		for _, beforeIssue := range []bool{false, true} {
			var d smki.Directory
			if !beforeIssue {
				check(t, d.Issue(c))
			}
			if earlier {
				d.Revoke(c.ID, smki.Revocation{At: day(5)})
			}
			d.Revoke(c.ID, smki.Revocation{Reason: smki.KeyCompromise})
			d.Revoke(c.ID, smki.Revocation{At: day(8)})
			if beforeIssue {
				check(t, d.Issue(c))
			}
			for _, at := range []int{1, 6, 9} {
				if got := d.Status(c.ID, day(at)); got != smki.Revoked {
					t.Errorf("revoked without a time (another before it: %t, before the issue: %t): %v on day %d", earlier, beforeIssue, got, at)
				}
			}
		}
	}
}

// What a directory knew of a certificate before its issue is in its clones too, and only there.
func TestCloneKeepsEarlyRevocations(t *testing.T) {
	var d smki.Directory
	c := certificate(1, "Avro")
	d.Revoke(c.ID, smki.Revocation{At: day(5)})
	first, second := d.Clone(), d.Clone()
	second.Revoke(c.ID, smki.Revocation{At: day(2)})
	check(t, first.Issue(c), second.Issue(c), d.Issue(c))
	for want, x := range map[int]*smki.Directory{2: second, 5: first} {
		if _, rev, _ := x.Certificate(c.ID); rev == nil || !rev.At.Equal(day(want)) {
			t.Errorf("revocation %v, want day %d", rev, want)
		}
	}
	if _, rev, _ := d.Certificate(c.ID); rev == nil || !rev.At.Equal(day(5)) {
		t.Errorf("the original has revocation %v, want day 5", rev)
	}
}

// A list with room at its end grows in the original and in the clone, each in its own memory.
func TestCloneAndOriginalGrowApart(t *testing.T) {
	var d smki.Directory
	for n := range 3 { // one element of four is free then
		id := smki.MPID(fmt.Sprintf("AEL%d", n))
		check(t, d.Issue(certificate(n, "Avro")), d.SetUser(smki.User{ID: smki.EUI64(n + 1), Party: "Avro"}), d.Allocate(id, smki.Electricity, "Avro", day(0)))
	}
	c := d.Clone()
	check(t, c.Issue(certificate(8, "Avro")), c.SetUser(smki.User{ID: 8, Party: "Avro"}), c.Allocate("AEL8", smki.Electricity, "Avro", day(0)))
	check(t, d.Issue(certificate(9, "Avro")), d.SetUser(smki.User{ID: 9, Party: "Avro"}), d.Allocate("AEL9", smki.Electricity, "Avro", day(0)))
	if cert, user, mpid := c.Certificates()[3], c.Users()[3], c.MPIDs()[3]; cert.Subject != 8 || user.ID != 8 || mpid.ID != "AEL8" {
		t.Errorf("the clone has what was recorded in the original: %v, %v, %v", cert, user, mpid)
	}
}

func TestStatusOfUnknownCertificate(t *testing.T) {
	var d smki.Directory
	if got := d.Status("CN=OCA/1", day(0)); got != smki.UnknownCertificate {
		t.Errorf("status %v, want unknown", got)
	}
}

// TestDirectory drives a directory and clones of it: numbers never change, and neither copy sees what happens to the other.
func TestDirectory(t *testing.T) {
	mpids := []smki.MPID{"AAAA", "BBBB", "CCC", "DDD"}
	parties := []smki.PartyID{"Avro", "Octopus"}
	rapid.Check(t, func(t *rapid.T) {
		d := &smki.Directory{}
		type copied struct {
			d    *smki.Directory
			text string
		}
		var copies []copied
		var users []smki.EUI64
		var certs []smki.CertificateID
		var allocated []smki.MPID
		t.Repeat(map[string]func(*rapid.T){
			"set user": func(t *rapid.T) {
				id := smki.EUI64(rapid.IntRange(1, 4).Draw(t, "user"))
				u := smki.User{ID: id, Party: parties[int(id)%2], Roles: smki.UserRoles(rapid.IntRange(0, 127).Draw(t, "roles")), Suspended: rapid.Bool().Draw(t, "suspended")}
				check(t, d.SetUser(u))
				if !slices.Contains(users, id) {
					users = append(users, id)
				}
				if got, ok := d.User(id); !ok || got != u {
					t.Fatalf("user %v, want %v", got, u)
				}
			},
			"issue": func(t *rapid.T) {
				c := certificate(rapid.IntRange(1, 4).Draw(t, "serial"), rapid.SampledFrom(parties).Draw(t, "subscriber"))
				if err := d.Issue(c); (err == nil) == slices.Contains(certs, c.ID) {
					t.Fatalf("issue: %v, have %v", err, certs)
				} else if err == nil {
					certs = append(certs, c.ID)
				}
			},
			"revoke": func(t *rapid.T) {
				d.Revoke(certificate(rapid.IntRange(1, 4).Draw(t, "serial"), "").ID, smki.Revocation{At: day(rapid.IntRange(1, 9).Draw(t, "at"))})
			},
			"allocate": func(t *rapid.T) {
				i := rapid.IntRange(0, len(mpids)-1).Draw(t, "MPID")
				fuel := smki.Fuels[len(mpids[i])%2]
				if err := d.Allocate(mpids[i], fuel, rapid.SampledFrom(parties).Draw(t, "party"), day(0)); (err == nil) == slices.Contains(allocated, mpids[i]) {
					t.Fatalf("allocate: %v, have %v", err, allocated)
				} else if err == nil {
					allocated = append(allocated, mpids[i])
				}
				if got, ok := d.Fuel(mpids[i]); !ok || got != fuel {
					t.Fatalf("fuel of %s is %v, %t", mpids[i], got, ok)
				}
			},
			"transfer": func(t *rapid.T) {
				id, p, at := rapid.SampledFrom(mpids).Draw(t, "MPID"), rapid.SampledFrom(parties).Draw(t, "party"), day(rapid.IntRange(1, 9).Draw(t, "at"))
				m := &d.DCC
				if rapid.Bool().Draw(t, "codes") {
					m = &d.Codes
				}
				if err := m.Transfer(id, p, at); (err == nil) != slices.Contains(allocated, id) {
					t.Fatalf("transfer: %v, have %v", err, allocated)
				}
			},
			"clone": func(t *rapid.T) {
				if len(copies) < 4 {
					copies = append(copies, copied{d.Clone(), describe(d)})
				}
			},
			"continue on a clone": func(t *rapid.T) {
				d, copies = d.Clone(), append(copies, copied{d, describe(d)})
			},
			"": func(t *rapid.T) {
				for i, u := range d.Users() {
					if u.ID != users[i] {
						t.Fatalf("users %v, want the order %v", d.Users(), users)
					}
				}
				for i, c := range d.Certificates() {
					if c.ID != certs[i] {
						t.Fatalf("certificates %v, want the order %v", d.Certificates(), certs)
					}
				}
				for i, m := range d.MPIDs() {
					if m.ID != allocated[i] {
						t.Fatalf("MPIDs %v, want the order %v", d.MPIDs(), allocated)
					}
				}
				if len(d.Users()) != len(users) || len(d.Certificates()) != len(certs) || len(d.MPIDs()) != len(allocated) {
					t.Fatalf("numbers were lost: %s", describe(d))
				}
				for _, c := range copies {
					if got := describe(c.d); got != c.text {
						t.Fatalf("a copy changed from\n%s\nto\n%s", c.text, got)
					}
				}
			},
		})
	})
}

// describe prints everything that can be asked of a directory whose facts lie in the first ten days.
func describe(d *smki.Directory) string {
	text := fmt.Sprintln(d.Users(), d.MPIDs())
	for _, c := range d.Certificates() {
		_, rev, _ := d.Certificate(c.ID)
		text += fmt.Sprintln(c, rev)
	}
	for id := smki.EUI64(0); id < 9; id++ {
		u, ok := d.User(id)
		text += fmt.Sprint(u, ok, " ")
	}
	for _, m := range []smki.MPID{"AAAA", "BBBB", "CCC", "DDD", "AVRO", "CODE", "AVRX", "A"} {
		fuel, ok := d.Fuel(m)
		text += fmt.Sprintln(m, fuel, ok, d.DCC.Holdings(m), d.Codes.Holdings(m))
	}
	for _, p := range []smki.PartyID{"Avro", "Octopus", ""} {
		for at := range 11 {
			text += fmt.Sprint(d.HeldBy(p, day(at)))
		}
		text += fmt.Sprintln(d.Subscribed(p))
	}
	return text
}

func TestHeldByAndSubscribed(t *testing.T) {
	var d smki.Directory
	check(t, d.Allocate("AVRO", smki.Electricity, "Avro", day(0)), d.Allocate("AVG", smki.Gas, "Avro", day(0)), d.Allocate("OCTO", smki.Electricity, "Octopus", day(0)),
		d.DCC.Transfer("AVRO", "Octopus", day(5)), d.Codes.Transfer("AVG", "Octopus", day(1)))
	for _, c := range []struct {
		party   smki.PartyID
		at      time.Time
		want    string
		because string
	}{
		{"Avro", day(5).Add(-1), "[AVRO AVG]", "before the transfer"},
		{"Avro", day(5), "[AVG]", "after it; the codes' map changes nothing (R13)"},
		{"Octopus", day(5), "[AVRO OCTO]", "in the order of allocation"},
		{"Octopus", day(-1), "[]", "before allocation"},
		{"", day(5), "[]", "nobody"},
	} {
		if got := fmt.Sprint(d.HeldBy(c.party, c.at)); got != c.want {
			t.Errorf("HeldBy(%q, %v) = %s, want %s (%s)", c.party, c.at, got, c.want, c.because)
		}
	}
	check(t, d.Issue(certificate(1, "Avro")), d.Issue(certificate(2, "Utilita")), d.Issue(certificate(3, "Avro")))
	if own := d.Subscribed("Avro"); len(own) != 2 || own[0].ID != "CN=OCA/1" || own[1].ID != "CN=OCA/3" {
		t.Errorf("Subscribed = %v (R2: never what another party is Subscriber of)", own)
	}
}

// Readers may clone a directory at the same time, and change their clones; under the race detector this says if they meet.
func TestReadersCloneAtTheSameTime(t *testing.T) {
	var d smki.Directory
	at := time.Date(2021, time.November, 17, 0, 0, 0, 0, time.UTC)
	if err := d.Allocate("AEL1", smki.Electricity, "Alder", at); err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for _, p := range []smki.PartyID{"Beech", "Cedar"} {
		all.Go(func() {
			for range 100 {
				c := d.Clone()
				if err := c.DCC.Transfer("AEL1", p, at); err != nil {
					t.Error(err)
				}
				if owner, _ := c.DCC.Owner("AEL1", at); owner != p {
					t.Errorf("a clone says %s, want %s", owner, p)
				}
			}
		})
	}
	all.Wait()
	if owner, _ := d.DCC.Owner("AEL1", at); owner != "Alder" {
		t.Errorf("the original says %s", owner)
	}
}
