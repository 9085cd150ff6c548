package holdtest

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/seed-db8551c1/lastresort/duis"
	"github.com/seed-db8551c1/lastresort/hold"
	"github.com/seed-db8551c1/lastresort/smki"
	"github.com/seed-db8551c1/lastresort/solr"
)

// machine is what is explored: a [hold.Register], several in step, or in tests one with a fault.
type machine interface {
	Apply(hold.Event) (hold.Applied, error)
	Clone(old machine) machine // in the memory of one that is needed no more, or nil
	AppendKey(b []byte, from time.Time, number func(smki.PartyID) byte) []byte
	Duties(at time.Time) []hold.Duty
	Failures(at time.Time) []solr.Failure
	Directory() *smki.Directory
	Authority() duis.Authority
	Overruns(at time.Time) []hold.Overrun
	Update(*duis.Edit) error
}

type register struct{ *hold.Register }

func (r register) Clone(old machine) machine {
	if old, ok := old.(register); ok {
		old.Set(r.Register)
		return old
	}
	return register{r.Register.Clone()}
}

// budget is what a bound limits.
type budget uint8

const (
	unlimited budget = iota
	announcements
	appointments
	delays
	directions
	supportRequests
	extensions
	safeModes
	migrations
	exits
	exitReleases
	forbidden // acts of the DCC that a rule forbids
	compromises
	numBudgets
)

// perFailure reports whether each failure has its own budget; else there is one for all.
func (b budget) perFailure() bool { return b <= delays }

// action is one thing that may happen next. Its events are about one failure and happen at the same instant, in order; it is refused if the first of them is or, where any will do, if all are.
type action struct {
	time   bool // the next instant comes, and nothing else
	party  int  // whose failure it is about
	opens  bool // the failure may be new
	uses   budget
	any    bool
	late   bool // reported for the instant before
	events []hold.Event
}

const maxParties = len(partyNames)

// model is a bounded world with everything that may happen in it.
type model struct {
	bound   Bound
	world   World
	facts   []hold.Event
	actions []action
	probes  []action // beyond the bound: tried in some states, but not followed
	limits  [numBudgets]uint8
	renamed []renaming
	order   float64 // how many renamings there are, of MPIDs and certificates included
	leads   [][]bool
	usedLen int // of what appendUsed appends
}

// renaming gives each party the number of another that may stand for it.
type renaming struct {
	number [26]byte         // by the first letter of its name
	party  [maxParties]byte // by number
}

func (r *renaming) of(p smki.PartyID) byte {
	if p == "" {
		return byte(maxParties) + 1
	}
	return r.number[p[0]-'A']
}

// newModel makes the world of a bound. Marked tells every MPID and certificate from the others, and no party stands for another, so that there is no symmetry.
func newModel(b Bound, marked ...bool) *model {
	m := &model{bound: b}
	m.world.SRPs = []smki.PartyID{"Hub"}
	n := b.Failures + b.SoLRs
	start := b.Instants[0].AddDate(-1, 0, 0)
	for i := range n {
		s := Supplier{Party: smki.PartyID(partyNames[i]), SRPs: m.world.SRPs}
		mpids, certs := b.MPIDs, b.Certificates
		switch {
		case i >= b.Failures+b.Cascades:
			mpids, certs = 0, 0
		case i >= b.Failures:
			mpids, certs = 1, 1
		}
		s.User = smki.User{ID: smki.EUI64(0xA0 + i), Party: s.Party, Roles: smki.RolesOf(smki.ImportSupplier, smki.GasSupplier, smki.OtherUser)}
		for k := range mpids {
			x := smki.AllocatedMPID{ID: smki.MPID(fmt.Sprintf("%cEL%d", partyNames[i][0], k))}
			if len(marked) > 0 {
				x.Fuel = smki.Fuel(k % 2)
			}
			s.MPIDs = append(s.MPIDs, x)
		}
		for k := range certs {
			c := smki.Certificate{ID: smki.MakeCertificateID(string(s.Party), strconv.Itoa(k+1)), Use: smki.XMLSign, Subject: s.User.ID, Subscriber: s.Party, NotBefore: start}
			if len(marked) > 0 {
				c.NotAfter = start.AddDate(50, 0, k)
			}
			s.Certificates = append(s.Certificates, c)
		}
		m.world.Suppliers = append(m.world.Suppliers, s)
	}
	for _, e := range m.world.Facts(start) {
		if u := e.User; u != nil && int(u.ID-0xA0) >= b.Failures+b.Cascades {
			continue // that party sends nothing here
		}
		if p := e.Party; e.Kind == hold.SRPEngaged && int(p[0]-'A') >= b.Failures+b.Cascades {
			continue
		}
		m.facts = append(m.facts, e)
	}
	m.limits = [numBudgets]uint8{announcements: uint8(b.Announcements), appointments: uint8(b.Appointments), delays: uint8(b.Delays), directions: uint8(b.Directions), supportRequests: uint8(b.Requests),
		extensions: uint8(b.Extensions), safeModes: uint8(b.SafeModes), migrations: uint8(b.Migrations), exits: uint8(b.Exits), exitReleases: uint8(b.Exits), forbidden: uint8(b.Breaches), compromises: uint8(b.Compromises)}
	m.act(action{time: true})
	for i := range b.Failures + b.Cascades {
		m.actionsOf(i)
		m.probesOf(i)
	}
	if b.Order {
		m.actions, m.probes = slices.DeleteFunc(m.actions, ofDCC), nil
	}
	m.rename(len(marked) > 0)
	m.leads = leadsTo()
	m.usedLen = len(m.appendUsed(nil, new(node), &m.renamed[0]))
	return m
}

// rename lists the renamings: of suppliers, of SoLRs that may fail, and of the others.
func (m *model) rename(none bool) {
	b := &m.bound
	n := b.Failures + b.SoLRs
	groups := [][2]int{{0, b.Failures}, {b.Failures, b.Failures + b.Cascades}, {b.Failures + b.Cascades, n}}
	m.order = 1
	orders := [][]int{nil}
	for _, g := range groups {
		var next [][]int
		for _, done := range orders {
			for _, p := range permutations(g[0], g[1]) {
				next = append(next, append(append([]int(nil), done...), p...))
			}
		}
		orders = next
	}
	if none {
		orders = orders[:1]
	} else {
		m.order = float64(len(orders))
		for _, s := range m.world.Suppliers {
			m.order *= factorial(len(s.MPIDs)) * factorial(len(s.Certificates))
		}
	}
	for _, order := range orders {
		var r renaming
		for slot, party := range order {
			r.number[party], r.party[slot] = byte(slot), byte(party)
		}
		r.number['H'-'A'] = byte(maxParties)
		m.renamed = append(m.renamed, r)
	}
}

// permutations lists the orders of the numbers in [from, to), the natural one first.
func permutations(from, to int) [][]int {
	if from >= to {
		return [][]int{nil}
	}
	var all [][]int
	for at := 0; at < to-from; at++ {
		for _, rest := range permutations(from+1, to) {
			p := append(append(append([]int(nil), rest[:at]...), from), rest[at:]...)
			all = append(all, p)
		}
	}
	return all
}

func factorial(n int) float64 {
	f := 1.0
	for i := 2; i <= n; i++ {
		f *= float64(i)
	}
	return f
}

// leadsTo says which phase can follow which in one event, or in an event and what time brought before it.
func leadsTo() [][]bool {
	n := len(solr.Phases())
	leads := make([][]bool, n)
	for i := range leads {
		leads[i] = make([]bool, n)
		leads[i][i] = true
	}
	for _, t := range solr.Transitions() {
		leads[t.From][t.To] = true
	}
	// A failure whose licence was never revoked goes back to Ceased, or is closed by an exit.
	leads[solr.Appointed][solr.Ceased], leads[solr.Migrating][solr.Ceased] = true, true
	for k := range n { // one event may close what it opens
		for i := range n {
			for j := range n {
				leads[i][j] = leads[i][j] || leads[i][k] && leads[k][j]
			}
		}
	}
	return leads
}

func (m *model) act(a action)   { m.actions = append(m.actions, a) }
func (m *model) probe(a action) { m.probes = append(m.probes, a) }

// actionsOf lists what may happen to the failure of a supplier, actor by actor.
func (m *model) actionsOf(i int) {
	b, s := &m.bound, &m.world.Suppliers[i]
	id := FailureOf(s.Party, 0)
	var mpids []smki.MPID
	for _, x := range s.MPIDs {
		mpids = append(mpids, x.ID)
	}
	var certs []smki.CertificateID
	for _, c := range s.Certificates {
		certs = append(certs, c.ID)
	}
	var solrs []smki.PartyID
	for _, x := range m.world.Suppliers[b.Failures:] {
		if x.Party != s.Party {
			solrs = append(solrs, x.Party)
		}
	}
	add := func(uses budget, events ...hold.Event) {
		for k := range events {
			switch events[k].Kind {
			case hold.MPIDTransferred, hold.CertificateRevoked, hold.CRLPublished, hold.ThresholdsApplied, hold.SupportApproved, hold.SupportRefused, hold.SupportAccepted, hold.SupportDeclined, hold.SupportWithdrawn:
			default:
				events[k].Failure = id
			}
		}
		any := events[0].Kind == hold.ReleaseInstructed
		m.act(action{party: i, uses: uses, any: any, events: events})
	}
	some := func(limit int) bool { return limit > 0 }

	// Ofgem.
	m.act(action{party: i, opens: true, events: []hold.Event{{Kind: hold.FailureNotified, Failure: id, Party: s.Party}}})
	m.act(action{party: i, opens: true, events: []hold.Event{{Kind: hold.LicenceRevoked, Failure: id, Party: s.Party}}})
	for _, x := range solrs {
		if some(b.Announcements) {
			add(announcements, hold.Event{Kind: hold.SoLRAnnounced, Party: x, MPIDs: mpids})
		}
		for _, e := range mpids {
			if some(b.Appointments) && b.Separate {
				add(appointments, hold.Event{Kind: hold.SoLRAppointed, Party: x, MPIDs: []smki.MPID{e}, Date: b.SoLRDate})
			}
			if some(b.Directions) {
				add(directions, hold.Event{Kind: hold.TransferDirected, Party: x, MPIDs: []smki.MPID{e}})
			}
		}
	}
	if some(b.Appointments) && !b.Separate {
		for _, to := range appointed(mpids, solrs, b.SoLRDate) {
			add(appointments, to...)
		}
	}
	if some(b.Directions) {
		for _, e := range mpids {
			add(directions, hold.Event{Kind: hold.TransferDirected, Party: s.Party, MPIDs: []smki.MPID{e}})
		}
	}
	if some(b.SafeModes) {
		add(safeModes, hold.Event{Kind: hold.SafeModeInstructed, Party: m.world.SRPs[0]})
	}
	if some(b.Exits) {
		add(exits, hold.Event{Kind: hold.SupplierExited, Exit: solr.TradeSale})
		for _, x := range append([]smki.PartyID{s.Party}, solrs...) {
			add(exitReleases, hold.Event{Kind: hold.ExitReleased, Party: x, MPIDs: mpids, Certificates: certs, Text: "sold"})
		}
	}

	// PMA.
	if some(b.Delays) {
		add(delays, hold.Event{Kind: hold.DelayDirected, Controls: hold.Revocation | hold.Transfer})
		add(delays, hold.Event{Kind: hold.DelayDirected, Controls: hold.Revocation})
		add(unlimited, hold.Event{Kind: hold.DelayReceived})
	}
	var releases []hold.Event
	for _, e := range mpids {
		releases = append(releases, hold.Event{Kind: hold.ReleaseInstructed, MPIDs: []smki.MPID{e}})
	}
	releases = append(releases, hold.Event{Kind: hold.ReleaseInstructed, Certificates: certs})
	for _, e := range m.grouped(releases) {
		add(unlimited, e...)
	}
	if some(b.Extensions) {
		add(extensions, hold.Event{Kind: hold.ArrangementExtended, Date: b.Instants[len(b.Instants)-1].AddDate(0, 1, 0)})
	}

	// SoLR and SRP.
	position := hold.Event{Kind: hold.PositionStated, By: m.world.SRPs[0], Text: "will send"}
	if b.Separate {
		add(unlimited, position)
	}
	for _, x := range solrs {
		var five, agree []hold.Event
		for _, c := range hold.Confirmations() {
			if c == hold.SRPSupport && !b.Separate {
				five = append(five, position)
			}
			five = append(five, hold.Event{Kind: hold.Confirmed, By: x, Confirmation: c, Text: "so"})
		}
		for _, e := range mpids {
			for _, who := range []hold.Agreeing{hold.SoLRAgrees, hold.DCCAgrees, hold.PMAAgrees} {
				agree = append(agree, hold.Event{Kind: hold.TransferAgreed, Agreeing: who, By: x, MPIDs: []smki.MPID{e}})
			}
		}
		for _, e := range m.grouped(append(five, agree...)) {
			add(unlimited, e...)
		}
		if some(b.Migrations) {
			add(migrations, hold.Event{Kind: hold.MigrationStarted, By: x})
			add(migrations, hold.Event{Kind: hold.MigrationCompleted, By: x})
			add(unlimited, hold.Event{Kind: hold.CompletionWithdrawn, By: x})
		}
	}
	limit := duis.Threshold{User: s.User.ID, Quarantine: 1000}
	for n := range b.Requests {
		request := fmt.Sprintf("%s-%d", id, n+1)
		instructed := hold.Event{Kind: hold.ThresholdsInstructed, Request: request}
		for _, x := range solrs {
			ask := []hold.Event{{Kind: hold.SupportRequested, By: x, Party: m.world.SRPs[0], Request: request,
				Support: &hold.Support{SRVs: []duis.SRV{duis.TopUpDevice}, From: b.Instants[0], Thresholds: []duis.Threshold{limit}}}}
			if !b.Separate {
				ask = append(ask, hold.Event{Kind: hold.SupportApproved, Request: request}, instructed)
			}
			add(supportRequests, ask...)
		}
		answers := []hold.Kind{hold.SupportAccepted, hold.SupportWithdrawn}
		if b.Separate {
			add(unlimited, instructed)
			answers = append(answers, hold.SupportApproved, hold.SupportRefused, hold.SupportDeclined)
		}
		for _, k := range answers {
			e := hold.Event{Kind: k, Request: request}
			if k.Actor() == hold.SRP {
				e.By = m.world.SRPs[0]
			}
			add(unlimited, e)
		}
	}

	// DCC.
	dcc := len(m.actions)
	if b.Requests > 0 {
		add(unlimited, hold.Event{Kind: hold.ThresholdsApplied, Thresholds: []duis.Threshold{limit}})
	}
	for _, e := range mpids {
		for _, x := range solrs {
			add(unlimited, hold.Event{Kind: hold.MPIDTransferred, MPIDs: []smki.MPID{e}, Party: x})
		}
		if some(b.Directions) {
			add(unlimited, hold.Event{Kind: hold.MPIDTransferred, MPIDs: []smki.MPID{e}, Party: s.Party})
		}
	}
	for _, c := range certs {
		add(unlimited, hold.Event{Kind: hold.CertificateRevoked, Certificates: []smki.CertificateID{c}, Reason: smki.CessationOfOperation})
		if some(b.Compromises) {
			add(compromises, hold.Event{Kind: hold.CertificateRevoked, Certificates: []smki.CertificateID{c}, Reason: smki.KeyCompromise})
		}
	}
	if b.Late {
		for _, a := range m.actions[dcc:] {
			a.late = true
			m.act(a)
		}
	}
}

// appointed lists the ways to appoint SoLRs to all MPIDs, in one event for each SoLR.
func appointed(mpids []smki.MPID, solrs []smki.PartyID, date time.Time) [][]hold.Event {
	ways := [][]hold.Event{nil}
	for _, e := range mpids {
		var next [][]hold.Event
		for _, way := range ways {
			for _, x := range solrs {
				with := slices.Clone(way)
				if i := slices.IndexFunc(with, func(e hold.Event) bool { return e.Party == x }); i >= 0 {
					with[i].MPIDs = append(slices.Clone(with[i].MPIDs), e)
				} else {
					with = append(with, hold.Event{Kind: hold.SoLRAppointed, Party: x, MPIDs: []smki.MPID{e}, Date: date})
				}
				next = append(next, with)
			}
		}
		ways = next
	}
	return ways
}

// grouped makes one action of events, or one of each.
func (m *model) grouped(events []hold.Event) [][]hold.Event {
	if !m.bound.Separate {
		return [][]hold.Event{events}
	}
	var all [][]hold.Event
	for _, e := range events {
		all = append(all, []hold.Event{e})
	}
	return all
}

// probesOf lists one event of each kind about the failure of a supplier.
func (m *model) probesOf(i int) {
	b, s := &m.bound, &m.world.Suppliers[i]
	id := FailureOf(s.Party, 0)
	other := m.world.Suppliers[len(m.world.Suppliers)-1].Party
	limit := duis.Threshold{User: s.User.ID, Quarantine: 7}
	for _, k := range hold.Kinds() {
		e := hold.Event{Kind: k, Failure: id, By: other, Party: other, MPIDs: []smki.MPID{s.MPIDs[0].ID}, Certificates: []smki.CertificateID{s.Certificates[0].ID}, Date: b.SoLRDate, Controls: hold.Revocation | hold.Transfer,
			Confirmation: hold.EstateMakeUp, Agreeing: hold.DCCAgrees, Exit: solr.SpecialAdministration, User: &s.User, Request: string(id) + "-1", Thresholds: []duis.Threshold{limit}, Text: "so"}
		switch k {
		case hold.FailureNotified, hold.LicenceRevoked:
			e.Party = s.Party
		case hold.SRPEngaged:
			e.By, e.Party = "Link", s.Party
		case hold.SafeModeInstructed, hold.SupportRequested:
			e.Party, e.Support = m.world.SRPs[0], &hold.Support{SRVs: []duis.SRV{duis.TopUpDevice}, From: b.Instants[0]}
		case hold.PositionStated, hold.SupportAccepted, hold.SupportDeclined, hold.SupportWithdrawn:
			e.By = m.world.SRPs[0]
		case hold.MPIDAllocated:
			e.MPIDs, e.Party = []smki.MPID{smki.MPID(fmt.Sprintf("%cNEW", s.Party[0]))}, s.Party
		case hold.CertificateIssued:
			e.Certificate = &smki.Certificate{ID: smki.MakeCertificateID(string(s.Party), "99"), Use: smki.XMLSign, Subject: s.User.ID, Subscriber: s.Party}
		case hold.ActionInstructed:
			e.Action = hold.PublishCRL
		}
		m.probe(action{party: i, opens: true, events: []hold.Event{e}})
	}
	for _, a := range []hold.Action{hold.IssueCertificate, hold.ReleaseQuarantine, hold.DeleteQuarantine, hold.SuspendUser} {
		m.probe(action{party: i, events: []hold.Event{{Kind: hold.ActionInstructed, Failure: id, Action: a, User: &s.User, Certificates: []smki.CertificateID{s.Certificates[0].ID}}}})
	}
}

// node is a state while it is visited.
type node struct {
	machine
	now   int // of the instants
	used  [maxParties][delays + 1]uint8
	inAll [numBudgets]uint8
}

// pass goes on to the next instant.
func (n *node) pass(m *model) {
	n.now++
	if c, ok := n.machine.(*copies); ok {
		c.pass(m.bound.Instants[n.now])
	}
}

func (n *node) left(m *model, a *action) bool {
	switch {
	case a.time:
		return n.now+1 < len(m.bound.Instants)
	case m.bound.Separate:
	case a.events[0].Kind == hold.ReleaseInstructed && n.used[a.party][delays] == 0:
		return false // the PMA's agreement is given with the others
	case a.events[0].Kind == hold.DelayDirected && (a.events[0].Controls&hold.Transfer == 0) == (n.regime(m, m.bound.Instants[n.now]) == hold.MP185):
		return false // what the regime of the day allows at most
	}
	if a.uses == delays && m.bound.Delayed > 0 && n.used[a.party][delays] == 0 && n.delayed() >= m.bound.Delayed {
		return false
	}
	return a.uses == unlimited || n.spent(a.party, a.uses) < m.limits[a.uses]
}

// delayed is how many failures were delayed.
func (n *node) delayed() int {
	count := 0
	for i := range n.used {
		if n.used[i][delays] > 0 {
			count++
		}
	}
	return count
}

func (n *node) spent(party int, b budget) uint8 {
	if b.perFailure() {
		return n.used[party][b]
	}
	return n.inAll[b]
}

func (n *node) spend(party int, b budget) {
	switch {
	case b == unlimited:
	case b.perFailure():
		n.used[party][b]++
	default:
		n.inAll[b]++
	}
}

// at is when an event of an action happens in a state.
func (m *model) at(n *node, a *action) time.Time {
	if a.late && n.now > 0 {
		return m.bound.Instants[n.now-1]
	}
	return m.bound.Instants[n.now]
}

// from is the earliest time that an event in a state, or after it, may have.
func (m *model) from(n *node) time.Time {
	if m.bound.Late && n.now > 0 {
		return m.bound.Instants[n.now-1]
	}
	return m.bound.Instants[n.now]
}

// appendKey writes the state as it is under a renaming, with what is left of the bound.
func (m *model) appendKey(b []byte, n *node, r *renaming) []byte {
	return n.AppendKey(m.appendUsed(b, n, r), m.from(n), r.of)
}

// appendUsed appends the part of a key that is not the register's: the instant, and what is used up.
func (m *model) appendUsed(b []byte, n *node, r *renaming) []byte {
	b = append(b, byte(n.now))
	for slot := range m.bound.Failures + m.bound.Cascades {
		b = append(b, n.used[r.party[slot]][1:]...)
	}
	return append(b, n.inAll[:]...)
}

// start is the state in which nothing has happened yet.
func (m *model) start(empty machine) (*node, error) {
	n := &node{machine: empty}
	for _, e := range m.facts {
		if _, err := n.Apply(e); err != nil {
			return nil, fmt.Errorf("holdtest: the facts of the world are refused: %w", err)
		}
	}
	return n, nil
}

// events gives what led to a state, and what is done then.
func (m *model) events(path []uint16, then ...*action) []hold.Event {
	all := append([]hold.Event(nil), m.facts...)
	n := new(node)
	add := func(a *action) {
		for _, e := range a.events {
			e.At = m.at(n, a)
			all = append(all, e)
		}
		if a.time {
			n.now++
		}
	}
	for _, i := range path {
		add(&m.actions[i])
	}
	for _, a := range then {
		add(a)
	}
	return all
}
