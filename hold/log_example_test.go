package hold_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"fmt"
	"time"

	"github.com/seed-db8551c1/lastresort/hold"
	"github.com/seed-db8551c1/lastresort/smki"
)

// A log is written as it grows. Whoever keeps its head sees what was changed in it afterwards.
func ExampleRegister_WriteSince() {
	at := time.Date(2021, time.November, 24, 9, 0, 0, 0, time.UTC)
	r := &hold.Register{Settings: hold.Settings{Regime: hold.MP185}}
	var file bytes.Buffer
	var head hold.Head
	for _, e := range []hold.Event{
		{At: at, Kind: hold.MPIDAllocated, MPIDs: []smki.MPID{"ZOGE"}, Party: "Zog"},
		{At: at, Kind: hold.FailureNotified, Failure: "zog-2021", Party: "Zog"},
		{At: at, Kind: hold.DelayDirected, Failure: "zog-2021", Controls: hold.Transfer},
	} {
		_, err := r.Apply(e)
		if err == nil {
			head, err = r.WriteSince(&file, head)
		}
		if err != nil {
			fmt.Println(err)
			return
		}
	}
	fmt.Println(hold.VerifyLog(bytes.NewReader(file.Bytes()), head))

	changed := bytes.Replace(file.Bytes(), []byte("transfer"), []byte("revocation"), 1)
	err := hold.VerifyLog(bytes.NewReader(changed), head)
	fmt.Println(err.Error()[:60])
	// Output:
	// <nil>
	// hold: log: record 3 at octet 537: expected the hash 2e98775a
}

// A snapshot stands for the log up to its head: a register is restored from it, and reads what follows.
func ExampleRestore() {
	at := time.Date(2021, time.November, 24, 9, 0, 0, 0, time.UTC)
	var r hold.Register
	apply := func(e hold.Event) {
		if _, err := r.Apply(e); err != nil {
			fmt.Println(err)
		}
	}
	apply(hold.Event{At: at, Kind: hold.MPIDAllocated, MPIDs: []smki.MPID{"ZOGE"}, Party: "Zog"})
	apply(hold.Event{At: at, Kind: hold.FailureNotified, Failure: "zog-2021", Party: "Zog"})
	snapshot, err := r.Snapshot()
	if err != nil {
		fmt.Println(err)
	}
	before := r.Head()
	apply(hold.Event{At: at.Add(time.Hour), Kind: hold.LicenceRevoked, Failure: "zog-2021", Party: "Zog"})
	var tail bytes.Buffer
	if _, err := r.WriteSince(&tail, before); err != nil {
		fmt.Println(err)
	}

	again, err := hold.Restore(snapshot)
	if err != nil {
		fmt.Println(err)
		return
	}
	if _, err := again.ReadFrom(&tail); err != nil {
		fmt.Println(err)
	}
	f, _ := again.Failure("zog-2021")
	fmt.Println(f.Phase, again.Head() == r.Head(), again.Seq(), len(again.Events()))
	// Output: licence revoked true 3 1
}

// A checkpoint is a head that somebody signed, for those who do not trust whoever keeps the log.
func ExampleHead_Sign() {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		fmt.Println(err)
		return
	}
	var r hold.Register
	c, err := r.Head().Sign(key, time.Date(2021, time.November, 24, 9, 0, 0, 0, time.UTC))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(c.Seq, c.Verify(&key.PublicKey))
	c.Seq = 7
	fmt.Println(c.Seq, c.Verify(&key.PublicKey) == nil)
	// Output:
	// 0 <nil>
	// 7 false
}
