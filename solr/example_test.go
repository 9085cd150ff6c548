package solr_test

import (
	"errors"
	"fmt"
	"time"

	"github.com/seed-db8551c1/lastresort/solr"
)

// A failure moves through its phases by events, and refuses what leads nowhere.
func Example() {
	f := solr.Failure{ID: "avro-2021", Supplier: "Avro"}
	noon := time.Date(2021, 9, 22, 12, 0, 0, 0, time.UTC)
	solrDate := solr.SoLRDate(noon.AddDate(0, 0, 4))
	for _, step := range []struct {
		event solr.Event
		at    time.Time
	}{
		{solr.Notify, noon},
		{solr.Migrate, noon},
		{solr.Announce, noon.AddDate(0, 0, 2)},
		{solr.Revoke, solrDate},
		{solr.Appoint, solrDate},
		{solr.Migrate, noon.AddDate(0, 1, 0)},
	} {
		next, err := f.Apply(step.event, step.at)
		var refused *solr.PhaseError
		if errors.As(err, &refused) {
			fmt.Println(err)
			continue
		}
		f = next
		fmt.Printf("%-8s -> %s\n", step.event, f.Phase)
	}
	london := func(t time.Time) string { return t.In(solr.London()).Format("2 Jan 2006 15:04 MST") }
	fmt.Println("revoked", london(f.Revoked))
	fmt.Println("SRP arrangements overrun from", london(solr.ArrangementEnd(solrDate)))
	// Output:
	// notify   -> ceased
	// solr: failure avro-2021 is in phase "ceased": expected one of ["SoLR date" "migrating"] for "migrate"
	// announce -> SoLR announced
	// revoke   -> licence revoked, SoLR announced
	// appoint  -> SoLR date
	// migrate  -> migrating
	// revoked 26 Sep 2021 00:01 BST
	// SRP arrangements overrun from 25 Dec 2021 00:00 GMT
}

func ExampleRule() {
	for _, r := range []solr.Rule{solr.R5, solr.R12} {
		fmt.Printf("%v: %s (%s)\n", r, r.Summary(), r.Source())
	}
	// Output:
	// R5: once an MPID has moved, requests in the failed supplier's name that rest on it are rejected (MP185 report, section 2, issue)
	// R12: SRP arrangements are not expected to outlast 90 days from the SoLR date (MP185 report, section 3)
}
