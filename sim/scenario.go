package sim

import (
	"time"

	"github.com/seed-db8551c1/lastresort/duis"
	"github.com/seed-db8551c1/lastresort/smki"
	"github.com/seed-db8551c1/lastresort/solr"
)

// Scenario is a set of supplier failures to simulate, as a scenario file holds them. See [ParseScenario] for the format.
type Scenario struct {
	Name        string             `json:"name"`
	About       string             `json:"about,omitempty"`
	Sources     []string           `json:"sources,omitempty"`
	Assumptions map[string]float64 `json:"assumptions,omitempty"` // overrides of [Assumptions], by name
	Support     []duis.SRV         `json:"support,omitempty"`     // what a SoLR asks an SRP to send (R9); by default all that the model sends in a failed supplier's name
	Works       duis.SRV           `json:"works,omitempty"`       // what emergency meter works send; by default Update HAN Device Log (8.11), UNCERTAIN
	Heating     duis.SRV           `json:"heating,omitempty"`     // what heating control sends; by default Activate Auxiliary Load (7.5), UNCERTAIN
	Failures    []Failure          `json:"failures"`
	Suppliers   []Supplier         `json:"suppliers,omitempty"` // with customers of their own, that do not fail: those of the failures' SoLRs, and others
}

// Supplier is one that does not fail. Its enrolled smart meters are in the World, and go on as ever.
type Supplier struct {
	Name        string   `json:"supplier"`
	Domestic    int      `json:"domestic,omitempty"`
	NonDomestic int      `json:"nonDomestic,omitempty"`
	Fuels       Fuels    `json:"fuels,omitempty"`
	Prepayment  *float64 `json:"prepayment,omitempty"` // as in a [Failure]
	Provenance  string   `json:"provenance,omitempty"` // how surely the record is known
	Note        string   `json:"note,omitempty"`
}

// Failure is one supplier that ceases to trade. Its customers go to one Supplier of Last Resort or, where that fails itself, to the one of that (R15).
type Failure struct {
	Supplier    string   `json:"supplier"`
	Ceased      Date     `json:"ceased"`
	SoLR        string   `json:"solr"`
	SoLRDate    Date     `json:"solrDate,omitzero"` // by default four days after Ceased
	Domestic    int      `json:"domestic,omitempty"`
	NonDomestic int      `json:"nonDomestic,omitempty"`
	Fuels       Fuels    `json:"fuels,omitempty"`
	Prepayment  *float64 `json:"prepayment,omitempty"` // the share of its domestic smart meters in prepayment mode, in place of the assumption "prepayment"
	SRP         string   `json:"srp,omitempty"`        // who sends in its name; by default one of its own
	Provenance  string   `json:"provenance,omitempty"` // how surely the record is known
	Note        string   `json:"note,omitempty"`
}

// Customers is how many customers the failed supplier has.
func (f *Failure) Customers() int { return f.Domestic + f.NonDomestic }

// Customers is how many customers all failed suppliers have together.
func (s *Scenario) Customers() int {
	n := 0
	for i := range s.Failures {
		n += s.Failures[i].Customers()
	}
	return n
}

// allCustomers is how many customers all suppliers have together.
func (s *Scenario) allCustomers() int {
	n := s.Customers()
	for i := range s.Suppliers {
		n += s.Suppliers[i].Domestic + s.Suppliers[i].NonDomestic
	}
	return n
}

// Hash names the scenario by its content: the first 16 hexadecimal digits of the SHA-256 of its JSON, as in the tables of a study.
func (s *Scenario) Hash() (string, error) { return hash(s) }

// solrDateLag is the number of days from ceasing to trade to the SoLR date where the date is not known: in the nine failures of 2021
// with both dates it is four, or five in two (Ofgem's questions and answers for customers; derived).
const solrDateLag = 4

// solrDate is the SoLR date as a day.
func (f *Failure) solrDate() Date {
	if f.SoLRDate.IsZero() {
		return f.Ceased.add(solrDateLag)
	}
	return f.SoLRDate
}

// Fuels says which fuels a supplier sells. The zero value is dual fuel.
type Fuels uint8

// What suppliers sell. Of the customers of a dual-fuel supplier some take electricity only, see the assumption "dual-fuel".
const (
	DualFuel Fuels = iota
	ElectricityOnly
	GasOnly
)

var fuelsNames = [...]string{"dual", "electricity", "gas"}

func (f Fuels) String() string {
	if int(f) < len(fuelsNames) {
		return fuelsNames[f]
	}
	return "none"
}

// MarshalText gives "dual", "electricity" or "gas".
func (f Fuels) MarshalText() ([]byte, error) { return []byte(f.String()), nil }

// has reports whether the supplier sells the fuel.
func (f Fuels) has(x smki.Fuel) bool {
	return f == DualFuel || (f == ElectricityOnly) == (x == smki.Electricity)
}

// Date is a day of the calendar in London. The zero value is none.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

const dateLayout = "2006-01-02"

// IsZero reports whether d is no date.
func (d Date) IsZero() bool { return d == Date{} }

// Midnight is the start of the day in London.
func (d Date) Midnight() time.Time { return solr.Midnight(d.Year, d.Month, d.Day) }

func (d Date) String() string {
	return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC).Format(dateLayout)
}

// MarshalText gives the date as year, month and day: 2021-09-22.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

func (d Date) add(days int) Date {
	y, m, day := time.Date(d.Year, d.Month, d.Day+days, 0, 0, 0, 0, time.UTC).Date()
	return Date{y, m, day}
}

func (d Date) before(o Date) bool { return d.Midnight().Before(o.Midnight()) }
