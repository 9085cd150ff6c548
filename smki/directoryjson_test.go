package smki_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/seed-db8551c1/lastresort/smki"
)

// A directory is written and read back with everything in it.
func TestDirectoryJSON(t *testing.T) {
	at := time.Date(2021, time.December, 1, 9, 0, 0, 0, time.UTC)
	var d smki.Directory
	for _, err := range []error{
		d.SetUser(smki.User{ID: 7, Party: "Zog", Roles: smki.RolesOf(smki.GasSupplier), Suspended: true}),
		d.Issue(smki.Certificate{ID: "zog/1", Use: smki.XMLSign, Subscriber: "Zog", NotAfter: at}),
		d.Issue(smki.Certificate{ID: "zog/2", Use: smki.DCCKI, Subscriber: "Zog"}),
		d.Allocate("ZOGE", smki.Electricity, "Zog", at), d.Allocate("ZOG", smki.Gas, "Zog", at),
		d.DCC.Transfer("ZOGE", "EDF", at.Add(time.Hour)), d.DCC.Transfer("ZOGE", "Zog", at.Add(time.Hour)), d.DCC.Transfer("ZOGE", "Octopus", at.Add(time.Minute)),
		d.DCC.Retire("ZOG", at.Add(time.Hour)), d.Codes.Retire("ZOG", at),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	d.Revoke("zog/2", smki.Revocation{At: at, Reason: smki.KeyCompromise})
	d.Revoke("zog/9", smki.Revocation{At: at})
	d.Revoke("zog/8", smki.Revocation{})
	text, err := json.Marshal(&d)
	if err != nil {
		t.Fatal(err)
	}
	back := new(smki.Directory)
	if err := json.Unmarshal(text, back); err != nil {
		t.Fatal(err)
	}
	again, err := json.Marshal(back)
	if err != nil || string(again) != string(text) {
		t.Errorf("%s\nis read and written as\n%s, %v", text, again, err)
	}
	if diff := cmp.Diff(d.DCC.Holdings("ZOGE"), back.DCC.Holdings("ZOGE")); diff != "" {
		t.Errorf("other holders (-want +got):\n%s", diff)
	}
	if owner, ok := back.Codes.Owner("ZOG", at); ok {
		t.Errorf("a retired MPID is %s's", owner)
	}
	if err := back.Issue(smki.Certificate{ID: "zog/9", Use: smki.XMLSign, Subscriber: "Zog"}); err != nil || back.Status("zog/9", at) != smki.Revoked {
		t.Errorf("a revocation before the issue is lost: %v", err)
	}
}

// What no calls could have led to is refused, and changes nothing.
func TestDirectoryJSONRefuses(t *testing.T) {
	d := new(smki.Directory)
	check(t, d.SetUser(smki.User{ID: 8, Party: "Zog"}), d.Allocate("ZOG", smki.Gas, "Zog", day(0)))
	before, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	user, cert := `{"id":"00-00-00-00-00-00-00-07","party":"Zog"}`, `{"id":"zog/1","use":"xml-sign","subject":"00-00-00-00-00-00-00-07","subscriber":"Zog"}`
	holder := func(from, party string) string { return `{"from":"` + from + `","party":"` + party + `"}` }
	mpid := func(dcc ...string) string {
		return `{"mpids":[{"id":"ZOGE","fuel":"gas","dcc":[` + strings.Join(dcc, ",") + `],"codes":[` + holder("2021-12-01T00:00:00Z", "Zog") + `]}]}`
	}
	for name, bad := range map[string]string{
		"no object": `[]`, "unknown member": `{"user":[]}`, "two Users of one ID": `{"users":[` + user + `,` + user + `]}`, "a User of nobody": `{"users":[{"id":"00-00-00-00-00-00-00-07"}]}`,
		"a certificate twice": `{"certificates":[` + cert + `,` + cert + `]}`, "a use that is none": `{"certificates":[{"id":"zog/1","subscriber":"Zog"}]}`,
		"a revocation before the issue twice":           `{"revokedBeforeIssue":[{"id":"a","at":"2021-12-01T00:00:00Z","reason":"unspecified"},{"id":"a","at":"2021-12-02T00:00:00Z","reason":"unspecified"}]}`,
		"a revocation before the issue after the issue": `{"certificates":[` + cert + `],"revokedBeforeIssue":[{"id":"zog/1","at":"2021-12-01T00:00:00Z","reason":"unspecified"}]}`,
		"an MPID of nobody":                             mpid(),
		"an MPID of no party":                           mpid(holder("2021-12-01T00:00:00Z", "")),
		"holders out of order":                          mpid(holder("2021-12-01T00:00:00Z", "Zog"), holder("2021-11-01T00:00:00Z", "EDF")),
		"a holder after the end":                        mpid(holder("2021-12-01T00:00:00Z", "Zog"), holder("2021-12-02T00:00:00Z", ""), holder("2021-12-03T00:00:00Z", "EDF")),
	} {
		if err := json.Unmarshal([]byte(bad), d); err == nil {
			t.Errorf("%s: read", name)
		}
		if after, err := json.Marshal(d); err != nil || string(after) != string(before) {
			t.Errorf("%s: refused, but it changed the directory: %v", name, err)
		}
	}
}

// FuzzDirectory: no text makes UnmarshalJSON panic; a directory that it reads is written and read back as the same.
func FuzzDirectory(f *testing.F) {
	f.Add([]byte(`{"users":[{"id":"00-00-00-00-00-00-00-07","party":"Zog","roles":"GS"}],"mpids":[{"id":"ZOG","fuel":"gas","dcc":[{"from":"2021-12-01T00:00:00Z","party":"Zog"}],"codes":[{"from":"2021-12-01T00:00:00Z","party":"Zog"}]}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		d := new(smki.Directory)
		if err := json.Unmarshal(text, d); err != nil {
			return
		}
		once, err := json.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		back := new(smki.Directory)
		if err := json.Unmarshal(once, back); err != nil {
			t.Fatalf("written as %s: %v", once, err)
		}
		if again, err := json.Marshal(back); err != nil || string(again) != string(once) {
			t.Fatalf("written as\n%s\nand again as\n%s, %v", once, again, err)
		}
	})
}
