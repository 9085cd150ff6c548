package scenario_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/seed-db8551c1/lastresort/hold"
	"github.com/seed-db8551c1/lastresort/sim"
	"github.com/seed-db8551c1/lastresort/sim/scenario"
)

// Every embedded scenario is one.
func TestAllLoad(t *testing.T) {
	for _, name := range scenario.Names() {
		s, err := scenario.Load(name)
		if err != nil || s.Name != name {
			t.Errorf("%s: %v, %v", name, s, err)
			continue
		}
		if s.About == "" || len(s.Sources) == 0 {
			t.Errorf("%s: expected what it is about, and its sources", name)
		}
		for _, f := range s.Failures {
			if f.Provenance == "" || f.SRP == "" {
				t.Errorf("%s: %s: no provenance or no SRP", name, f.Supplier)
			}
		}
	}
	if _, err := scenario.Load("autumn-2022"); err == nil || !strings.Contains(err.Error(), "autumn-2021") {
		t.Errorf("an unknown name: error %v; want the names that there are", err)
	}
}

// The totals of autumn 2021 are those of the National Audit Office: 28 suppliers, nearly 2.4 million customers.
func TestAutumn2021Totals(t *testing.T) {
	s, err := scenario.Load("autumn-2021")
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Failures) != 28 || s.Customers() != 2_396_337 {
		t.Errorf("%d failures, %d customers; want 28 and 2396337", len(s.Failures), s.Customers())
	}
	domestic, fuels, dated := 0, make(map[string]sim.Fuels), 0
	for _, f := range s.Failures {
		domestic += f.Domestic
		if f.Fuels != sim.DualFuel {
			fuels[f.Supplier] = f.Fuels
		}
		if !f.SoLRDate.IsZero() {
			dated++
		}
		if (f.Prepayment != nil) != (f.Supplier == "Omni Energy") {
			t.Errorf("%s: share in prepayment %v; only Omni's is known, which is 1", f.Supplier, f.Prepayment)
		}
		if strings.HasPrefix(f.Supplier, "Bulb") {
			t.Error("Bulb went into special administration: no Supplier of Last Resort took it on")
		}
	}
	if domestic != 2_336_950 || dated != 8 {
		t.Errorf("%d domestic customers, %d known SoLR dates; want 2336950 and 8", domestic, dated)
	}
	if want := map[string]sim.Fuels{"Neon Reef": sim.ElectricityOnly, "Daligas": sim.GasOnly, "Xcel Power": sim.GasOnly, "CNG Energy": sim.GasOnly}; fmt.Sprint(fuels) != fmt.Sprint(want) {
		t.Errorf("suppliers of one fuel: %v; want %v", fuels, want)
	}
}

// The country of great-britain is that of its sources: 28.9 million domestic customers of electricity, a quarter of them those of the supplier that fails, whose SoLR is the second largest.
func TestGreatBritainTotals(t *testing.T) {
	s, err := scenario.Load("great-britain")
	if err != nil {
		t.Fatal(err)
	}
	all, largest := 0, s.Failures[0]
	for i, x := range s.Suppliers {
		all += x.Domestic + x.NonDomestic
		if x.Domestic >= largest.Domestic || x.Provenance == "" || (x.Name == largest.SoLR) != (i == 0) || x.Domestic > s.Suppliers[0].Domestic {
			t.Errorf("%+v: expected fewer customers than %s and at most those of its SoLR, and a provenance", x, largest.Supplier)
		}
	}
	if s.Customers() != 7_300_000 || all+s.Customers() != 28_900_000 {
		t.Errorf("%d customers of the failed supplier, %d of the others; want 7300000, and 28900000 together", s.Customers(), all)
	}
}

// What the scenarios say of themselves: how each regime compares with Baseline in them, and where a delay stops paying. Each is measured at a small scale, over pairs of runs with the same
// households and the same chance, and counts as a difference only if the whole of its interval does.
func TestOrder(t *testing.T) {
	const hours, worse, shares = sim.Headline, "households_worse_off", "safe_mode_share"
	for _, c := range []struct {
		scenario string
		scale    float64
		set      map[string]float64
		regime   hold.Regime
		metric   string
		want     string
		because  string
	}{
		{"bulb-as-solr", 0.01, nil, hold.MP134A, hours, same, "the MPIDs go on the SoLR date, which is the day of revocation (R4, R5)"},
		{"bulb-as-solr", 0.01, nil, hold.MP185, hours, less, "the MPIDs are held (R6) and the SRP has its authority (R9)"},
		{"omni", 0.3, nil, hold.MP134A, hours, same, "as above"},
		{"omni", 0.3, nil, hold.Actual, hours, same, "MP134A was in force"},
		{"omni", 0.3, nil, hold.MP185, hours, less, "as above"},
		{"gap", 0.2, nil, hold.MP134A, hours, less, "certificates are held (R3), and there is no SoLR for the MPIDs to go to"},
		{"gap", 0.2, nil, hold.MP185, hours, less, "safe mode is Ofgem's instruction (R10)"},
		{"gap", 0.2, nil, hold.MP134A, "requests_not_sent", same, "an SRP needs no authority"},
		{"gap", 0.2, nil, hold.MP185, "requests_not_sent", more, "it does, and nobody can give one (R9)"},
		{"cascade", 0.05, nil, hold.MP134A, hours, same, "the MPIDs go at once, twice"},
		{"cascade", 0.05, nil, hold.MP185, hours, less, "they wait for the next SoLR (R15)"},
		{"srp-declines", 0.2, nil, hold.MP134A, hours, same, "there is no support to decline"},
		{"srp-declines", 1, nil, hold.MP185, hours, more, "nobody has an authority (R9)"},
		{"srp-declines", 0.2, nil, hold.MP185, worse, more, "some would have topped up before the DCC acted"},
		{"srp-declines", 0.2, map[string]float64{"srp-declines": 0}, hold.MP185, hours, less, "the SRP accepts"},
		{"srp-declines", 0.2, map[string]float64{"srp-declines": 1}, hold.MP185, hours, less, "the SRP accepts in the end"},
		{"adt-not-raised", 0.1, nil, hold.MP185, hours, less, "top-ups go through"},
		{"adt-not-raised", 0.1, nil, hold.MP185, shares, more, "safe mode reaches some"},
		{"great-britain", 0.001, nil, hold.MP134A, hours, same, "as with bulb-as-solr"},
		{"great-britain", 0.001, nil, hold.MP185, hours, less, "as with bulb-as-solr"},
		{"css-speed", 0.2, nil, hold.MP185, hours, less, "support is there before the migration"},
		{"css-speed", 0.2, map[string]float64{"first-cos": 2}, hold.MP185, hours, same, "the migration is there before support"},
	} {
		g := compare(t, c.scenario, c.scale, c.set, hold.Baseline, c.regime)
		d := g[1].Difference[c.metric]
		got := same
		switch {
		case d.Hi < 0:
			got = less
		case d.Lo > 0:
			got = more
		}
		if got != c.want {
			t.Errorf("%s with %v under %v: %s is %s than under Baseline (%.1f, from %.1f to %.1f), want %s: %s", c.scenario, c.set, c.regime, c.metric, got, d.Mean, d.Lo, d.Hi, c.want, c.because)
		}
	}
}

const less, same, more = "less", "not certainly other", "more"

// Under the letter of MP185 a gap is worse for households than under MP134A. Either reading of R9 and R10 that is a named assumption takes at least nine tenths of that away.
func TestGapReadings(t *testing.T) {
	after := func(set map[string]float64) (mp134a, mp185 float64) {
		g := compare(t, "gap", 0.2, set, hold.MP134A, hold.MP185)
		return g[0].Metrics[sim.Headline].Mean, g[1].Metrics[sim.Headline].Mean
	}
	mp134a, letter := after(nil)
	if letter <= mp134a {
		t.Fatalf("%v hours off supply under MP185, %v under MP134A; want more", letter, mp134a)
	}
	for _, reading := range []string{"top-ups-exempt", "safe-mode-carries-thresholds"} {
		if _, hours := after(map[string]float64{reading: 1}); hours-mp134a > (letter-mp134a)/10 {
			t.Errorf("with %s: %v hours off supply under MP185, %v by the letter, %v under MP134A", reading, hours, letter, mp134a)
		}
	}
}

// The thresholds of adt-not-raised are what keeps safe mode back, and the week of srp-declines is what one refusal costs.
func TestWhatIsAssumedMatters(t *testing.T) {
	share := func(set map[string]float64) float64 {
		return compare(t, "adt-not-raised", 0.1, set, hold.MP185)[0].Metrics["safe_mode_share"].Mean
	}
	if low, raised := share(nil), share(map[string]float64{"raise-thresholds": 1}); low > 0.2 || raised < 0.99 {
		t.Errorf("safe mode reaches %v of the meters with thresholds as they were, %v with thresholds raised; want about 0.15 and 1", low, raised)
	}
	days := func(raise, heed float64) float64 {
		return compare(t, "adt-not-raised", 0.1, map[string]float64{"raise-thresholds": raise, "srp-heeds-thresholds": heed}, hold.MP185)[0].Metrics["safe_mode_days_95"].Mean
	}
	waits, sends, quarantined := days(1, 1), days(1, 0), days(0, 0)
	if !(waits+0.5 < sends && sends < waits+2 && sends < quarantined && quarantined < 7) {
		t.Errorf("95 %% of the meters are in safe mode after %v days where the SRP waits for higher thresholds, %v where it does not, %v where it waits for none and there are none; want about 4.4, 5.6 and 6.5", waits, sends, quarantined)
	}
	hours := func(declines float64) float64 {
		return compare(t, "srp-declines", 0.2, map[string]float64{"srp-declines": declines}, hold.MP185)[0].Metrics[sim.Headline].Mean
	}
	if never, once, always := hours(0), hours(1), hours(1000); never > once/10 || once < 0.3*always || once > 0.7*always {
		t.Errorf("%v hours off supply if no request is declined, %v if one is, %v if all are; want about none, half, and all", never, once, always)
	}
}

func compare(t *testing.T, name string, scale float64, set map[string]float64, regimes ...hold.Regime) []sim.RegimeResult {
	t.Helper()
	s, err := scenario.Load(name)
	if err != nil {
		t.Fatal(err)
	}
	x := sim.Experiment{Scenario: s, Regimes: regimes, Replications: 3, Seed: 1, Scale: scale, Assumptions: set, Sensitivity: sim.NoSensitivity}
	r, err := x.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return r.Regimes
}

func ExampleLoad() {
	s, err := scenario.Load("autumn-2021")
	if err != nil {
		fmt.Println(err)
		return
	}
	f := s.Failures[5]
	fmt.Println(len(s.Failures), s.Customers())
	fmt.Println(f.Supplier, f.Ceased, f.SoLR, f.SoLRDate, f.Customers())
	// Output:
	// 28 2396337
	// Avro Energy 2021-09-22 Octopus Energy 2021-09-26 580000
}
