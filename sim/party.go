package sim

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/seed-db8551c1/lastresort/duis"
	"github.com/seed-db8551c1/lastresort/hold"
	"github.com/seed-db8551c1/lastresort/sim/des"
	"github.com/seed-db8551c1/lastresort/smki"
	"github.com/seed-db8551c1/lastresort/solr"
)

// party is a supplier or a Shared Resource Provider, with what it needs to send Service Requests.
type party struct {
	id    smki.PartyID
	user  smki.EUI64   // its User ID; of an SRP, what its DCCKI certificate names
	mpids [2]smki.MPID // by fuel; none for an SRP
	certs map[smki.CertificateUse]smki.CertificateID

	xmlSign, signing, channel duis.CertificateNumber
}

// portfolio is the customers of one supplier.
type portfolio struct {
	supplier    *party
	fuels       Fuels
	domestic    int // customers simulated
	nonDomestic int
	prepayment  float64 // share of its domestic meters in smart mode
}

// failure is one failure of the scenario as it is simulated.
type failure struct {
	portfolio
	id   solr.FailureID
	solr int // position in cast.solrs: the first, if that one fails
	srp  int // position in cast.srps

	notice, announce, revoke, appoint des.Time
	date                              time.Time // of the appointment
}

// cast is who takes part, and the dates that the scenario fixes. It is the same for every replication and regime.
type cast struct {
	values   *values
	scale    float64
	calendar *calendar
	end      des.Time // of the run
	failures []failure
	others   []portfolio // of suppliers that do not fail
	solrs    []*party
	fails    []int // by SoLR: the failure in which it fails itself; -1 if it does not
	srps     []*party
	gaining  *party       // that customers were switching to; nil if there are none
	facts    []hold.Event // what the register starts from

	worksCommand, heatingCommand command
	supported                    []duis.SRV // what a SoLR asks an SRP to send
}

// before is how long before the first failure everybody is known, registered and certified.
const before = 365 * 24 * time.Hour

// uses are the certificates of a supplier: the set of one User ID.
var uses = [...]smki.CertificateUse{smki.XMLSign, smki.DigitalSigning, smki.KeyAgreement, smki.PrepaymentKeyAgreement, smki.DCCKI}

// unlimited is a threshold that nobody reaches.
const unlimited = math.MaxUint64

func newCast(s *Scenario, v *values, scale float64) (*cast, error) {
	first, last := s.Failures[0].Ceased, s.Failures[0].solrDate()
	for i := range s.Failures {
		f := &s.Failures[i]
		if f.Ceased.before(first) {
			first = f.Ceased
		}
		if last.before(f.solrDate()) {
			last = f.solrDate()
		}
	}
	end := last.Midnight().Add(hours(24 * v[horizonDays]).Duration())
	c := &cast{values: v, scale: scale, calendar: newCalendar(first, end)}
	c.end = c.calendar.instant(end)
	c.calendar.setSeasons([2]float64{v[seasonElectricity], v[seasonGas]})
	c.requests(s)
	solrs, srps := make(map[string]int), make(map[string]int)
	failing, suppliers := make(map[string]int), make([]*party, len(s.Failures))
	for i := range s.Failures {
		failing[s.Failures[i].Supplier] = i
	}
	supplier := func(i int) *party { // one that fails, and may be a SoLR before it does
		if suppliers[i] == nil {
			suppliers[i] = c.addSupplier(s.Failures[i].Supplier, i)
		}
		return suppliers[i]
	}
	for i := range s.Failures {
		f := &s.Failures[i]
		if _, ok := solrs[f.SoLR]; !ok {
			solrs[f.SoLR] = len(c.solrs)
			if j, fails := failing[f.SoLR]; fails {
				c.solrs, c.fails = append(c.solrs, supplier(j)), append(c.fails, j)
			} else {
				c.solrs, c.fails = append(c.solrs, c.addSupplier(f.SoLR, len(s.Failures)+len(c.solrs))), append(c.fails, -1)
			}
		}
		srp := f.SRP
		if srp == "" {
			srp = f.Supplier + " SRP"
		}
		if _, ok := srps[srp]; !ok {
			srps[srp] = len(c.srps)
			c.srps = append(c.srps, c.addSRP(srp, len(c.srps)))
		}
		c.failures = append(c.failures, c.addFailure(f, supplier(i), solrs[f.SoLR], srps[srp]))
	}
	for i := range s.Suppliers {
		x := &s.Suppliers[i]
		var p *party
		if at, ok := solrs[x.Name]; ok {
			p = c.solrs[at]
		} else {
			p = c.addSupplier(x.Name, len(s.Failures)+len(c.solrs)+i)
		}
		c.others = append(c.others, c.newPortfolio(p, x.Domestic, x.NonDomestic, x.Fuels, x.Prepayment))
	}
	if v[inFlight] > 0 {
		c.gaining = c.addSupplier(gainingSupplier, 2*len(s.Failures)+len(s.Suppliers))
	}
	return c, c.number()
}

// gainingSupplier stands for all that customers of failed suppliers were switching to.
const gainingSupplier = "gaining suppliers of switches in flight"

// portfolios is how many suppliers have customers: those that fail, and those that do not.
func (c *cast) portfolios() int { return len(c.failures) + len(c.others) }

// portfolio is the customers of a supplier: of failure i, or after the failures of one that does not fail.
func (c *cast) portfolio(i int) *portfolio {
	if i < len(c.failures) {
		return &c.failures[i].portfolio
	}
	return &c.others[i-len(c.failures)]
}

// customers is how many customers are simulated.
func (c *cast) customers() (n int) {
	for i := range c.portfolios() {
		p := c.portfolio(i)
		n += p.domestic + p.nonDomestic
	}
	return n
}

// number finds the numbers that every World of the experiment gives the certificates: they follow the order of issue.
func (c *cast) number() error {
	_, w, err := c.start(hold.Settings{})
	if err != nil {
		return err
	}
	for i := range c.portfolios() {
		c.portfolio(i).supplier.number(w)
	}
	for _, p := range c.solrs {
		p.number(w)
	}
	if c.gaining != nil {
		c.gaining.number(w)
	}
	for _, p := range c.srps {
		p.number(w)
	}
	return nil
}

// start gives the register before the first failure, and a World that knows what it knows.
func (c *cast) start(s hold.Settings) (*hold.Register, *duis.World, error) {
	reg := &hold.Register{Settings: s}
	for _, e := range c.facts {
		if _, err := reg.Apply(e); err != nil {
			return nil, nil, fmt.Errorf("sim: before the first failure: %w", err)
		}
	}
	e := new(duis.World).Edit()
	if err := reg.Update(e); err != nil {
		return nil, nil, fmt.Errorf("sim: before the first failure: %w", err)
	}
	return reg, e.World(), nil
}

func (c *cast) addFailure(f *Failure, supplier *party, solrAt, srpAt int) failure {
	x := failure{portfolio: c.newPortfolio(supplier, f.Domestic, f.NonDomestic, f.Fuels, f.Prepayment), id: solr.FailureID(f.Supplier), solr: solrAt, srp: srpAt}
	midnight := f.solrDate().Midnight()
	x.date = solr.SoLRDate(midnight)
	x.appoint = c.calendar.instant(x.date)
	notice := c.calendar.clock(c.calendar.day(c.calendar.instant(f.Ceased.Midnight())), hours(c.values[noticeHour]))
	x.notice = min(notice, c.calendar.instant(midnight))
	x.announce = max(x.notice, x.appoint-hours(24*c.values[announcementLead]))
	x.revoke = max(x.notice, x.appoint-hours(24*c.values[revocationGap]))
	c.fact(hold.Event{Kind: hold.SRPEngaged, By: c.srps[srpAt].id, Party: x.supplier.id})
	return x
}

func (c *cast) newPortfolio(supplier *party, domestic, nonDomestic int, fuels Fuels, share *float64) portfolio {
	p := portfolio{supplier: supplier, fuels: fuels, domestic: scaled(domestic, c.scale), nonDomestic: scaled(nonDomestic, c.scale), prepayment: c.values[prepayment]}
	if share != nil {
		p.prepayment = *share
	}
	return p
}

func (c *cast) fact(e hold.Event) {
	e.At = c.calendar.epoch.Add(-before)
	c.facts = append(c.facts, e)
}

// addSupplier gives a supplier one User ID, its certificates and an MPID for each fuel.
func (c *cast) addSupplier(name string, n int) *party {
	p := &party{id: smki.PartyID(name), user: firstUserID + smki.EUI64(n)<<8}
	user := smki.User{ID: p.user, Party: p.id, Roles: smki.RolesOf(smki.ImportSupplier, smki.GasSupplier)}
	c.fact(hold.Event{Kind: hold.UserRecorded, User: &user})
	for _, fuel := range smki.Fuels {
		p.mpids[fuel] = mpidOf(fuel, n)
		c.fact(hold.Event{Kind: hold.MPIDAllocated, MPIDs: p.mpids[fuel : fuel+1], Party: p.id, Fuel: fuel})
	}
	for _, use := range uses {
		c.issue(p, use)
	}
	c.fact(hold.Event{Kind: hold.ThresholdsApplied, Thresholds: []duis.Threshold{{User: p.user, Warning: unlimited, Quarantine: unlimited}}})
	return p
}

// addSRP gives a Shared Resource Provider the DCCKI certificate that it connects with.
func (c *cast) addSRP(name string, n int) *party {
	p := &party{id: smki.PartyID(name), user: firstSystemID + smki.EUI64(n)<<8}
	c.issue(p, smki.DCCKI)
	return p
}

func (c *cast) issue(p *party, use smki.CertificateUse) {
	id := smki.MakeCertificateID("CN=Z1,OU=07", strconv.FormatUint(uint64(p.user)<<4|uint64(use), 10))
	if p.certs == nil {
		p.certs = make(map[smki.CertificateUse]smki.CertificateID)
	}
	p.certs[use] = id
	c.fact(hold.Event{Kind: hold.CertificateIssued, Certificate: &smki.Certificate{ID: id, Use: use, Subject: p.user, Subscriber: p.id}})
}

// Identifiers are made up, from ranges that real ones do not share with each other.
const (
	firstUserID   smki.EUI64 = 0x90_B3_D5_1F_30_00_00_00
	firstSystemID smki.EUI64 = 0x90_B3_D5_1F_40_00_00_00
	firstDevice   smki.EUI64 = 0x00_DB_12_34_00_00_00_01
	firstMPAN     duis.MPxN  = 1_000_000_000_000
	firstMPRN     duis.MPxN  = 1
)

// mpidOf makes up an MPID: 4 characters for electricity, 3 for gas.
func mpidOf(fuel smki.Fuel, n int) smki.MPID {
	s := strings.ToUpper(strconv.FormatInt(int64(n), 36))
	s = strings.Repeat("0", max(0, 3-len(s))) + s
	if fuel == smki.Electricity {
		s = "E" + s
	}
	return smki.MPID(s)
}

// scaled is a number of customers at a scale.
func scaled(n int, scale float64) int { return int(math.Round(float64(n) * scale)) }

// hours is a number of hours as time of the simulation.
func hours(h float64) des.Time { return des.FromSeconds(h * 3600) }

// number finds the numbers of the party's certificates in a World. A Shared Resource Provider has but one, since it signs nothing in its own name.
func (p *party) number(w *duis.World) {
	p.xmlSign, _ = w.CertificateNumber(p.certs[smki.XMLSign])
	p.signing, _ = w.CertificateNumber(p.certs[smki.DigitalSigning])
	p.channel, _ = w.CertificateNumber(p.certs[smki.DCCKI])
}

// certificates lists the certificates of a supplier in the order of their issue.
func (p *party) certificates() []smki.CertificateID {
	all := make([]smki.CertificateID, len(uses))
	for i, use := range uses {
		all[i] = p.certs[use]
	}
	return all
}
