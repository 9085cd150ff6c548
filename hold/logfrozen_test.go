package hold_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/seed-db8551c1/lastresort/duis"
	"github.com/seed-db8551c1/lastresort/hold"
	"github.com/seed-db8551c1/lastresort/hold/holdtest"
	"github.com/seed-db8551c1/lastresort/smki"
	"github.com/seed-db8551c1/lastresort/solr"
)

// story is a register with every setting that is not the default, and with texts and times that are awkward to write.
func story(t *testing.T) *hold.Register {
	day := func(d, h int) time.Time { return time.Date(2021, time.December, d, h, 0, 0, 0, time.UTC) }
	r := &hold.Register{Settings: hold.Settings{Regime: hold.MP185, Enforce: true, FreezeControlOnly: true, TopUpsExempt: true, SafeModeVariants: []duis.SRV{duis.UpdatePrepayConfiguration},
		SafeModeCarriesThresholds: true, LapseAfterArrangement: true, IKIExempt: true, DeviceIncluded: true, UndoneActsExempt: true}}
	zog, mpids := solr.FailureID("zog-2021"), []smki.MPID{"ZOGE", "ZOG"}
	limits := []duis.Threshold{{User: 0x90B3D51F30010000, SRV: duis.UpdatePaymentMode, Warning: 1<<64 - 1, Quarantine: 1 << 63}, {User: 0x90B3D51F30010000}}
	for _, e := range []hold.Event{
		{At: day(1, 0), Kind: hold.UserRecorded, User: &smki.User{ID: 0x90B3D51F30010000, Party: "Zog", Roles: smki.RolesOf(smki.ImportSupplier, smki.OtherUser)}},
		{At: day(1, 0), Kind: hold.MPIDAllocated, MPIDs: mpids[:1], Party: "Zog"},
		{At: day(1, 0), Kind: hold.MPIDAllocated, MPIDs: mpids[1:], Party: "Zog", Fuel: smki.Gas},
		{At: day(1, 0), Kind: hold.SRPEngaged, By: "Hub", Party: "Zog"},
		{At: day(1, 0), Kind: hold.CertificateIssued, Certificate: &smki.Certificate{ID: `CN=Z\,1,OU="07"/1`, Use: smki.XMLSign, Subject: 0x90B3D51F30010000, Subscriber: "Zog", NotBefore: day(1, 0), NotAfter: day(31, 0)}},
		{ID: "n1", At: day(2, 9).Add(time.Nanosecond), Kind: hold.FailureNotified, Failure: zog, Party: "Zog", Text: "Zög Energy\u2028ceased <to> trade & said\tso:\r\n\"sorry\" \x00\x7f"},
		{ID: "n1", At: day(2, 9).Add(time.Nanosecond), Kind: hold.FailureNotified, Failure: zog, Party: "Zog"},
		{ID: "d1", At: day(2, 10).Add(120 * time.Millisecond), Kind: hold.DelayDirected, Failure: zog, Controls: hold.Revocation | hold.Transfer},
		{At: day(2, 11), Kind: hold.DelayReceived, Failure: zog, Ref: "d1"},
		{At: day(2, 8), Kind: hold.CRLPublished, Certificates: []smki.CertificateID{"early/1"}, Reason: smki.KeyCompromise},
		{At: day(3, 9).In(solr.London()), Kind: hold.LicenceRevoked, Failure: zog, Party: "Zog"},
		{At: day(3, 10), Kind: hold.SafeModeInstructed, Failure: zog, Party: "Hub"},
		{At: day(3, 11), Kind: hold.ThresholdsInstructed, Failure: zog, Thresholds: limits},
		{At: day(3, 12), Kind: hold.ThresholdsApplied, Thresholds: limits[:1]},
		{At: day(4, 9), Kind: hold.SoLRAppointed, Failure: zog, Party: "EDF", MPIDs: mpids, Date: day(5, 0)},
		{At: day(5, 9), Kind: hold.PositionStated, Failure: zog, By: "Hub", Text: "will send"},
		{At: day(5, 9), Kind: hold.Confirmed, Failure: zog, By: "EDF", Confirmation: hold.EstateMakeUp, Text: "0 meters"},
		{At: day(5, 10), Kind: hold.SupportRequested, Failure: zog, By: "EDF", Party: "Hub", Request: "s1",
			Support: &hold.Support{SRVs: []duis.SRV{duis.UpdatePaymentMode, duis.TopUpDevice}, Devices: []smki.EUI64{9, 8}, Thresholds: limits, From: day(5, 0), To: day(20, 0)}},
		{At: day(5, 11), Kind: hold.MPIDTransferred, MPIDs: mpids[1:], Party: "EDF"},
	} {
		if _, err := r.Apply(e); err != nil {
			t.Fatal(err)
		}
	}
	return r
}

// frozen is the logs that are written where there are none yet: the story, and histories drawn by these seeds, in which every kind of event is.
func frozen(t *testing.T) map[string]*hold.Register {
	all := map[string]*hold.Register{"story": story(t)}
	for _, seed := range []int{7, 36, 57, 64, 81} {
		all[fmt.Sprintf("drawn-%d", seed)] = holdtest.Histories().Example(seed).Register
	}
	return all
}

// Logs that earlier versions wrote are read as they were then: the same head, the same log, and the same answers, and their snapshots can be restored. UPDATE_GOLDEN=1 writes the answers anew, where
// a rule was corrected, and the files of logs that are missing. It never writes a log, a head or a snapshot over: they are frozen.
func TestFrozenLogs(t *testing.T) {
	dir := filepath.Join("testdata", "log", "v1")
	update := os.Getenv("UPDATE_GOLDEN") != ""
	put := func(name string, b []byte, over bool) {
		if _, err := os.Stat(name); err == nil && !over {
			return
		}
		if err := os.WriteFile(name, b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if update {
		for name, r := range frozen(t) {
			head, err := json.Marshal(r.Head())
			if err != nil {
				t.Fatal(err)
			}
			put(filepath.Join(dir, name+".log"), written(t, r), false)
			put(filepath.Join(dir, name+".head"), append(head, '\n'), false)
			put(filepath.Join(dir, name+".snapshot"), snapshot(t, r), false)
		}
	}
	logs, err := filepath.Glob(filepath.Join("testdata", "log", "v*", "*.log"))
	if err != nil || len(logs) == 0 {
		t.Fatal("no frozen logs", err)
	}
	covered := make(map[hold.Kind]bool)
	for _, name := range logs {
		base := strings.TrimSuffix(name, ".log")
		content := func(suffix string) []byte {
			b, err := os.ReadFile(base + suffix)
			if err != nil {
				t.Fatal(err)
			}
			return b
		}
		t.Run(filepath.Base(base), func(t *testing.T) {
			var head hold.Head
			if err := json.Unmarshal(content(".head"), &head); err != nil {
				t.Fatal(err)
			}
			log := content(".log")
			if err := hold.VerifyLog(bytes.NewReader(log), head); err != nil {
				t.Fatal(err)
			}
			r := read(t, log)
			if r.Head() != head {
				t.Errorf("head %v, want %v", r.Head(), head)
			}
			if diff := cmp.Diff(string(log), string(written(t, r))); diff != "" {
				t.Errorf("the log is written otherwise (-then +now):\n%s", diff)
			}
			var at time.Time
			for _, e := range r.Events() {
				covered[e.Kind] = true
				if e.At.After(at) {
					at = e.At
				}
			}
			digest := func(r *hold.Register) string {
				return strings.Join(holdtest.Digest(r, at, at.AddDate(0, 0, 100)), "\n") + "\n"
			}
			if update {
				put(base+".digest", []byte(digest(r)), true)
			}
			if diff := cmp.Diff(string(content(".digest")), digest(r)); diff != "" {
				t.Errorf("other answers (-then +now):\n%s", diff)
			}
			back := restored(t, content(".snapshot"))
			if diff := cmp.Diff(string(content(".digest")), digest(back)); diff != "" || back.Head() != head {
				t.Errorf("the snapshot gives other answers (-then +now):\n%s", diff)
			}
		})
	}
	for _, k := range hold.Kinds() {
		if !covered[k] {
			t.Errorf("no frozen log has the event %q: add one to frozen", k)
		}
	}
}
