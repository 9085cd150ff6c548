package holdtest

import (
	"fmt"
	"slices"
	"time"

	"github.com/seed-db8551c1/lastresort/duis"
	"github.com/seed-db8551c1/lastresort/hold"
	"github.com/seed-db8551c1/lastresort/smki"
	"github.com/seed-db8551c1/lastresort/solr"
	"pgregory.net/rapid"
)

// History is a register with the events that led to it, refused ones included.
type History struct {
	World    World
	Start    time.Time
	Now      time.Time // the time of the latest step
	Register *hold.Register
	Tried    []hold.Event // every event that was applied or refused, in order
}

// Settings draws everything that the rules leave open, the regime included. It shrinks to the defaults.
func Settings() *rapid.Generator[hold.Settings] {
	return rapid.Custom(func(t *rapid.T) hold.Settings {
		rare := func(label string) bool { return rapid.IntRange(0, 3).Draw(t, label) == 3 }
		s := hold.Settings{
			Regime:  rapid.SampledFrom([]hold.Regime{hold.MP185, hold.MP185, hold.MP185, hold.MP185, hold.MP134A, hold.Baseline, hold.Actual, hold.Actual, hold.Actual}).Draw(t, "regime"),
			Enforce: rapid.Bool().Draw(t, "enforce"), FreezeControlOnly: rare("freeze control only"), TopUpsExempt: rare("top-ups exempt"),
			SafeModeCarriesThresholds: rare("safe mode carries thresholds"), LapseAfterArrangement: rare("lapse"),
			IKIExempt: rare("IKI exempt"), DeviceIncluded: rare("device included"), UndoneActsExempt: rare("undone acts exempt"),
		}
		if rare("2.1 is safe mode") {
			s.SafeModeVariants = []duis.SRV{duis.UpdatePrepayConfiguration}
		}
		return s
	})
}

// Starts draws when a history begins: near the days on which the rules changed.
func Starts() *rapid.Generator[time.Time] {
	return rapid.SampledFrom([]time.Time{hold.MP185From().AddDate(0, 0, 5), hold.MP185From().AddDate(0, 0, -3), hold.MP134AFrom().AddDate(0, 0, 5), hold.MP134AFrom().AddDate(0, 0, -3)})
}

// NewHistory begins a history: the world's facts, and nothing else, are in its register.
func NewHistory(w World, s hold.Settings, start time.Time) *History {
	h := &History{World: w, Start: start, Now: start, Register: &hold.Register{Settings: s}}
	for _, e := range w.Facts(start.AddDate(-1, 0, 0)) {
		if _, err := h.Apply(e); err != nil {
			panic(fmt.Sprintf("holdtest: the facts of the world are refused: %v", err))
		}
	}
	return h
}

// Apply applies one event and notes that it was tried.
func (h *History) Apply(e hold.Event) (hold.Applied, error) {
	h.Tried = append(h.Tried, e)
	return h.Register.Apply(e)
}

// Histories draws histories of about as many steps as the flag -rapid.steps says.
func Histories() *rapid.Generator[*History] {
	return rapid.Custom(func(t *rapid.T) *History {
		start := Starts().Draw(t, "start")
		h := NewHistory(Worlds(start).Draw(t, "world"), Settings().Draw(t, "settings"), start)
		t.Repeat(map[string]func(*rapid.T){"step": func(t *rapid.T) {
			for _, e := range h.Step().Draw(t, "events") {
				h.Apply(e)
			}
		}})
		return h
	})
}

// FailureOf names the n-th failure of a supplier.
func FailureOf(p smki.PartyID, n int) solr.FailureID {
	return solr.FailureID(fmt.Sprintf("%s-%d", p, n))
}

// step is what a step is drawn from: the state of one failure, as far as the next event depends on it.
type step struct {
	*rapid.T
	h        *History
	failures []solr.Failure
	duty     []hold.Duty // of all failures
	log      []hold.Event
	sup      *Supplier
	id       solr.FailureID
	mpids    []smki.MPID          // still in the failure
	certs    []smki.CertificateID // not revoked
	solrs    []smki.PartyID       // of its MPIDs now
	past     []smki.PartyID       // announced or appointed for it at any time
	reqs     []string             // support requests
}

// Step draws what happens next: mostly one event or a few that belong together, such as a delay with its receipt or the five confirmations, now and then one of them with something wrong about it, and
// now and then anything at all. Time advances by nothing, minutes, days or weeks, or to the instant at which something changes by itself. Reports may be late. The events are not applied.
func (h *History) Step() *rapid.Generator[[]hold.Event] {
	return rapid.Custom(func(t *rapid.T) []hold.Event {
		h.Now = h.Now.Add(rapid.SampledFrom([]time.Duration{0, 0, 0, time.Minute, time.Hour, 13 * time.Hour, day, 3 * day, 15 * day}).Draw(t, "after"))
		if rapid.IntRange(0, 14).Draw(t, "to the next change") == 14 {
			h.Now = rapid.SampledFrom(h.changes()).Draw(t, "change")
		}
		s := step{T: t, h: h, failures: h.Register.Failures(h.Now), duty: h.Register.Duties(h.Now), log: h.Register.Events()}
		first := rapid.IntRange(0, len(h.World.Suppliers)-1).Draw(t, "about")
		for i := range h.World.Suppliers { // the one drawn, or the next about which there is something to say
			s.sup = &h.World.Suppliers[(first+i)%len(h.World.Suppliers)]
			s.look()
			if s.can(failing) || s.can(standing) {
				break
			}
		}
		events := s.option(rapid.SampledFrom(optionIndexes).Draw(t, "what"))(&s)
		for i := range events {
			e := &events[i]
			if e.At.IsZero() {
				e.At = h.Now
			}
			if !e.Kind.Direction() && rapid.IntRange(0, 9).Draw(t, "late") == 9 {
				e.At = e.At.Add(-rapid.SampledFrom([]time.Duration{time.Hour, 2 * day}).Draw(t, "late by"))
			}
			if rapid.IntRange(0, 19).Draw(t, "spoilt") == 19 {
				h.spoil(t, e)
			}
			if n := len(h.Tried) + i; rapid.IntRange(0, 19).Draw(t, "repeated") == 19 {
				e.ID = h.Tried[rapid.IntRange(0, len(h.Tried)-1).Draw(t, "of")].ID
			} else {
				e.ID = fmt.Sprintf("e%d", n)
			}
		}
		return events
	})
}

// changes lists the instants from now on at which something changes without an event: SoLR dates, the ends of arrangements, extensions and windows of support, and the days on which the rules changed.
func (h *History) changes() []time.Time {
	all := []time.Time{h.Now}
	for _, e := range h.Register.Events() {
		switch {
		case e.Kind == hold.SoLRAppointed:
			all = append(all, solr.SoLRDate(e.Date), solr.ArrangementEnd(e.Date))
		case e.Kind == hold.ArrangementExtended:
			all = append(all, e.Date)
		case e.Support != nil:
			all = append(all, e.Support.From, e.Support.To)
		}
	}
	all = append(all, hold.MP134AFrom(), hold.MP185From())
	return slices.DeleteFunc(all, func(t time.Time) bool {
		return t.Before(h.Now) || t.After(h.Start.AddDate(1, 0, 0)) && t.After(h.Now)
	})
}

// spoil makes an event incomplete, late, or about something else than it was meant to be.
func (h *History) spoil(t *rapid.T, e *hold.Event) {
	switch rapid.IntRange(0, 9).Draw(t, "spoil") {
	case 0:
		e.Failure = ""
	case 1:
		e.By = ""
	case 2:
		e.Party = ""
	case 3:
		e.Text = ""
	case 4:
		e.At = e.At.Add(-time.Hour)
	case 5:
		e.MPIDs = append(slices.Clone(e.MPIDs), e.MPIDs...)
	case 6:
		e.Certificates = append(slices.Clone(e.Certificates), e.Certificates...)
	case 7:
		e.By = rapid.SampledFrom(h.World.Suppliers).Draw(t, "by another").Party
	case 8:
		e.Party = rapid.SampledFrom(h.World.Suppliers).Draw(t, "another party").Party
	case 9:
		e.MPIDs = append(slices.Clone(e.MPIDs), rapid.SampledFrom(rapid.SampledFrom(h.World.Suppliers).Draw(t, "of another").MPIDs).Draw(t, "another MPID").ID)
	}
}

// look finds the latest failure of the supplier, and what was said about it.
func (s *step) look() {
	*s = step{T: s.T, h: s.h, failures: s.failures, duty: s.duty, log: s.log, sup: s.sup}
	n := 0
	for _, f := range s.failures {
		if f.Supplier == s.sup.Party && f.Phase == solr.Closed {
			n++
		}
	}
	s.id = FailureOf(s.sup.Party, n)
	for _, d := range s.duty {
		switch {
		case d.Failure != s.id:
		case d.MPID != "":
			s.mpids = append(s.mpids, d.MPID)
			if d.To != "" && !slices.Contains(s.solrs, d.To) {
				s.solrs = append(s.solrs, d.To)
			}
		case d.Action == hold.RevokeCertificate:
			s.certs = append(s.certs, d.Certificate)
		}
	}
	for i := range s.log {
		switch e := &s.log[i]; {
		case e.Failure != s.id:
		case e.Kind == hold.SoLRAnnounced || e.Kind == hold.SoLRAppointed:
			if !slices.Contains(s.past, e.Party) {
				s.past = append(s.past, e.Party)
			}
		case e.Kind == hold.SupportRequested:
			s.reqs = append(s.reqs, e.Request)
		}
	}
}

// What an option needs.
const (
	nothing  = iota
	duty     // of the DCC
	failing  // an open failure
	solrs    // a SoLR that was announced or appointed
	requests // a support request
	standing // a supplier that may fail: it did not fail before, and another is left to be SoLR
	licensed // the same, or an open failure whose supplier has its licence still
	mpids    // an MPID that is still in the failure
)

// options lists what can come next, each with what it needs and how often it is drawn: what lies deep in the process more often, since it seldom can come next. What cannot come next stands before what
// leads to it.
var options = []struct {
	name   string
	needs  int
	weight int
	draw   func(*step) []hold.Event
}{
	{"failure notified", standing, 1, notify}, {"licence revoked", licensed, 1, revokeLicence}, {"anything", nothing, 1, anything},
	{"facts", failing, 1, facts}, {"other act", failing, 1, otherAct}, {"exit", failing, 1, exit}, {"MPID moves again", failing, 1, moveAgain}, {"said again", failing, 1, sayAgain},
	{"DCC does its duties", duty, 1, actOnAll}, {"DCC does one thing", duty, 1, actOnOne}, {"act instructed", failing, 1, instruct}, {"safe mode", failing, 2, safeMode},
	{"delay of all", failing, 2, delayAll}, {"delay", failing, 1, delaySome}, {"release", failing, 2, release},
	{"transfer directed", failing, 1, direct}, {"SoLR announced", mpids, 1, announce}, {"SoLR appointed", mpids, 1, appoint}, {"SoLR appointed to what is gone", failing, 2, appointToGone},
	{"support goes on", requests, 3, supportStep}, {"thresholds", requests, 1, thresholds}, {"support", solrs, 3, support}, {"extension", solrs, 2, extend}, {"migration", solrs, 1, migrate},
	{"confirmation", solrs, 1, confirmOne}, {"five confirmations", solrs, 2, confirmAll}, {"agreement", solrs, 1, agree}, {"all agree and release", solrs, 2, agreeAndRelease},
	{"SoLR appointed to all", mpids, 1, appointAll},
}

// optionIndexes has the position of each option as often as its weight says.
var optionIndexes = func() (all []int) {
	for i, o := range options {
		all = append(all, slices.Repeat([]int{i}, o.weight)...)
	}
	return all
}()

// option is the option at a position or, if that cannot come next, the one after it that can: the choice is stable when earlier steps are taken away.
func (s *step) option(i int) func(*step) []hold.Event {
	for ; ; i++ {
		if o := options[i%len(options)]; s.can(o.needs) {
			return o.draw
		}
	}
}

// can reports whether there is what an option needs.
func (s *step) can(need int) bool {
	f, open := s.h.Register.Failure(s.id)
	fails := s.id == FailureOf(s.sup.Party, 0) && !open && len(s.fit()) > 1
	return [...]bool{nothing: true, duty: len(s.duty) > 0, failing: open, solrs: open && len(s.past) > 0, requests: open && len(s.reqs) > 0,
		standing: fails, licensed: fails || open && f.Revoked.IsZero(), mpids: len(s.mpids) > 0}[need]
}

func (s *step) event(k hold.Kind) hold.Event { return hold.Event{Kind: k, Failure: s.id} }
func (s *step) coin(label string) bool       { return rapid.Bool().Draw(s.T, label) }

// fit is the suppliers that have not failed.
func (s *step) fit() []smki.PartyID {
	var all []smki.PartyID
	for _, x := range s.h.World.Suppliers {
		if !slices.ContainsFunc(s.h.Register.Failures(s.h.Now), func(f solr.Failure) bool { return f.Supplier == x.Party }) {
			all = append(all, x.Party)
		}
	}
	return all
}

// party draws a supplier, most often one that has not failed.
func (s *step) party(label string) smki.PartyID {
	if fit := s.fit(); len(fit) > 0 && rapid.IntRange(0, 9).Draw(s.T, "fit") < 9 {
		return rapid.SampledFrom(fit).Draw(s.T, label)
	}
	return rapid.SampledFrom(s.h.World.Suppliers).Draw(s.T, label).Party
}

// srp draws an SRP, most often one that sends on behalf of the supplier.
func (s *step) srp() smki.PartyID {
	if len(s.sup.SRPs) > 0 && rapid.IntRange(0, 9).Draw(s.T, "engaged") < 9 {
		return rapid.SampledFrom(s.sup.SRPs).Draw(s.T, "SRP")
	}
	return rapid.SampledFrom(s.h.World.SRPs).Draw(s.T, "SRP")
}

// solr draws a SoLR of the failure, most often of the day.
func (s *step) solr() smki.PartyID {
	if len(s.solrs) > 0 && rapid.IntRange(0, 4).Draw(s.T, "of the day") < 4 {
		return rapid.SampledFrom(s.solrs).Draw(s.T, "SoLR")
	}
	return rapid.SampledFrom(s.past).Draw(s.T, "SoLR")
}

// some draws a part of the items, in order, and at least one of them if there are any.
func some[T any](s *step, items []T, label string) []T {
	part := slices.DeleteFunc(slices.Clone(items), func(T) bool { return rapid.IntRange(0, 3).Draw(s.T, label) == 3 })
	if len(part) == 0 {
		return items[:min(1, len(items))]
	}
	return part
}

// named draws MPIDs of the supplier, most often such as are still in the failure, now and then such as have gone from it alone.
func (s *step) named() []smki.MPID {
	if len(s.mpids) > 0 && rapid.IntRange(0, 4).Draw(s.T, "still in it") < 4 {
		return some(s, s.mpids, "not this MPID")
	}
	var all []smki.MPID
	gone := s.coin("gone") && len(s.mpids) < len(s.sup.MPIDs)
	for _, m := range s.sup.MPIDs {
		if !gone || !slices.Contains(s.mpids, m.ID) {
			all = append(all, m.ID)
		}
	}
	return some(s, all, "not this MPID")
}

func notify(s *step) []hold.Event {
	return []hold.Event{{Kind: hold.FailureNotified, Failure: s.id, Party: s.sup.Party}}
}

func revokeLicence(s *step) []hold.Event {
	return []hold.Event{{Kind: hold.LicenceRevoked, Failure: s.id, Party: s.sup.Party}}
}

func anything(s *step) []hold.Event {
	return []hold.Event{s.h.World.AnyEvent(s.h.Now).Draw(s.T, "event")}
}

func announce(s *step) []hold.Event {
	e := s.event(hold.SoLRAnnounced)
	e.Party, e.MPIDs = s.party("SoLR"), s.named()
	return []hold.Event{e}
}

func appoint(s *step) []hold.Event {
	e := s.event(hold.SoLRAppointed)
	e.Party, e.MPIDs = s.party("SoLR"), s.named()
	e.Date = s.h.Now.Add(time.Duration(rapid.IntRange(-2, 4).Draw(s.T, "days to the SoLR date")) * day)
	return []hold.Event{e}
}

func appointAll(s *step) []hold.Event {
	e := s.event(hold.SoLRAppointed)
	e.Party, e.MPIDs, e.Date = s.party("SoLR"), s.mpids, s.h.Now
	return []hold.Event{e}
}

// appointToGone appoints a SoLR for MPIDs that have gone from the failure, which directs nothing, and is what that one then does.
func appointToGone(s *step) []hold.Event {
	e := s.event(hold.SoLRAppointed)
	for _, m := range s.sup.MPIDs {
		if !slices.Contains(s.mpids, m.ID) {
			e.MPIDs = append(e.MPIDs, m.ID)
		}
	}
	if len(e.MPIDs) == 0 {
		return nil
	}
	e.Party, e.MPIDs, e.Date = s.party("SoLR"), some(s, e.MPIDs, "not this MPID"), s.h.Now
	s.past, s.solrs = []smki.PartyID{e.Party}, nil
	then := rapid.SampledFrom([]func(*step) []hold.Event{support, confirmOne, migrate}).Draw(s.T, "then")
	return append([]hold.Event{e}, then(s)...)
}

func direct(s *step) []hold.Event {
	e := s.event(hold.TransferDirected)
	e.Party, e.MPIDs = s.party("to"), s.named()
	if rapid.IntRange(0, 3).Draw(s.T, "back") == 3 {
		e.Party = s.sup.Party
	}
	return []hold.Event{e}
}

func delaySome(s *step) []hold.Event {
	e := s.event(hold.DelayDirected)
	e.Controls = rapid.SampledFrom([]hold.Controls{hold.Revocation | hold.Transfer, hold.Revocation, hold.Transfer}).Draw(s.T, "controls")
	if e.Controls&hold.Transfer != 0 {
		e.MPIDs = s.named()
	}
	if e.Controls&hold.Revocation != 0 {
		e.Certificates = some(s, s.certs, "not this certificate")
		if s.coin("done ones too") {
			e.Certificates = nil
			for _, c := range s.sup.Certificates {
				e.Certificates = append(e.Certificates, c.ID)
			}
		}
	}
	return s.received(e)
}

func delayAll(s *step) []hold.Event {
	e := s.event(hold.DelayDirected)
	e.Controls = rapid.SampledFrom([]hold.Controls{hold.Revocation | hold.Transfer, hold.Revocation}).Draw(s.T, "controls")
	return s.received(e)
}

// received adds the DCC's receipt of a delay, at once or not yet; "not yet" may also be the receipt of an earlier one.
func (s *step) received(e hold.Event) []hold.Event {
	if rapid.IntRange(0, 2).Draw(s.T, "received") == 2 {
		return []hold.Event{e}
	}
	return []hold.Event{e, s.event(hold.DelayReceived)}
}

func release(s *step) []hold.Event {
	if f, _ := s.h.Register.Failure(s.id); f.Phase == solr.Exited {
		return releaseExit(s)
	}
	return s.released(s.event(hold.ReleaseInstructed))
}

// releaseExit is the PMA's release after an exit: another holds the MPIDs from then on, or the supplier keeps them.
func releaseExit(s *step) []hold.Event {
	e := s.event(hold.ExitReleased)
	e.Text, e.Party = "sold", s.party("holder")
	if s.coin("keeps them") {
		e.Party = s.sup.Party
	}
	return s.released(e)
}

// released names what a release is about.
func (s *step) released(e hold.Event) []hold.Event {
	if what := rapid.IntRange(0, 2).Draw(s.T, "what is released"); what != 1 {
		e.Certificates = some(s, s.certs, "not this certificate")
		if what == 2 {
			return []hold.Event{e}
		}
	}
	if e.MPIDs = some(s, s.mpids, "not this MPID"); s.coin("one alone") && len(e.MPIDs) > 1 {
		e.MPIDs = e.MPIDs[:1]
	}
	return []hold.Event{e}
}

// moveAgain is the DCC's map giving MPIDs of the supplier to any party, itself and such as fail too included, and those that have gone from it: now, or some time since the failure was notified.
func moveAgain(s *step) []hold.Event {
	e := hold.Event{Kind: hold.MPIDTransferred, Party: rapid.SampledFrom(s.h.World.Suppliers).Draw(s.T, "to").Party}
	for _, m := range s.sup.MPIDs {
		e.MPIDs = append(e.MPIDs, m.ID)
	}
	e.MPIDs = some(s, e.MPIDs, "not this MPID")
	closed := slices.ContainsFunc(s.failures, func(f solr.Failure) bool { return f.Phase == solr.Closed })
	if f, _ := s.h.Register.Failure(s.id); s.coin("before now") && !closed && s.h.Now.After(f.Notified) {
		e.At = f.Notified.Add(s.h.Now.Sub(f.Notified) / 2)
	}
	return []hold.Event{e}
}

// sayAgain is something that was said before, now or, if it is a report, of the same time.
func sayAgain(s *step) []hold.Event {
	said := slices.DeleteFunc(slices.Clone(s.log), func(e hold.Event) bool { return e.At.Before(s.h.Start.AddDate(0, -1, 0)) }) // the facts of the world
	if len(said) == 0 {
		return nil
	}
	e := rapid.SampledFrom(said).Draw(s.T, "what was said")
	if e.Kind.Direction() || s.coin("now") {
		e.At = time.Time{}
	}
	return []hold.Event{e}
}

func instruct(s *step) []hold.Event {
	e := s.event(hold.ActionInstructed)
	e.Action = hold.Action(rapid.IntRange(int(hold.RevokeCertificate), int(hold.SuspendUser)).Draw(s.T, "act"))
	e.Certificates, e.User = s.certs, &smki.User{ID: s.sup.User.ID}
	return []hold.Event{e}
}

func exit(s *step) []hold.Event {
	e := s.event(hold.SupplierExited)
	e.Exit = rapid.SampledFrom([]solr.ExitKind{solr.TradeSale, solr.SpecialAdministration}).Draw(s.T, "exit")
	if rapid.IntRange(0, 2).Draw(s.T, "indeed") > 0 {
		return nil
	}
	if f, _ := s.h.Register.Failure(s.id); !f.Revoked.IsZero() && s.coin("released") {
		return append([]hold.Event{e}, releaseExit(s)...)
	}
	return []hold.Event{e}
}

func safeMode(s *step) []hold.Event {
	e := s.event(hold.SafeModeInstructed)
	e.Party = s.srp()
	return []hold.Event{e}
}

func confirmOne(s *step) []hold.Event {
	e := s.event(hold.Confirmed)
	e.By, e.Confirmation, e.Text = s.solr(), rapid.SampledFrom(hold.Confirmations()).Draw(s.T, "confirmation"), "so"
	return []hold.Event{e}
}

func confirmAll(s *step) []hold.Event {
	var all []hold.Event
	for _, p := range s.sup.SRPs {
		e := s.event(hold.PositionStated)
		e.By, e.Text = p, "will send"
		all = append(all, e)
	}
	by := s.solr()
	missing := hold.Confirmation(0)
	if rapid.IntRange(0, 2).Draw(s.T, "all five") == 2 {
		missing = rapid.SampledFrom(hold.Confirmations()).Draw(s.T, "missing")
	}
	for _, c := range hold.Confirmations() {
		if c == missing {
			continue
		}
		e := s.event(hold.Confirmed)
		e.By, e.Confirmation, e.Text = by, c, "so"
		all = append(all, e)
	}
	return all
}

func agree(s *step) []hold.Event {
	e := s.event(hold.TransferAgreed)
	e.Agreeing = rapid.SampledFrom([]hold.Agreeing{hold.SoLRAgrees, hold.PMAAgrees, hold.DCCAgrees}).Draw(s.T, "who")
	e.By, e.MPIDs = s.solr(), s.named()
	return []hold.Event{e}
}

// agreeAndRelease is all or most of what it takes to let go of a failure, the confirmations of one SoLR included if they were not given.
func agreeAndRelease(s *step) []hold.Event {
	var all []hold.Event
	if rapid.IntRange(0, 3).Draw(s.T, "with confirmations") < 3 {
		all = confirmAll(s)
	}
	for _, who := range []hold.Agreeing{hold.SoLRAgrees, hold.DCCAgrees, hold.PMAAgrees} {
		if rapid.IntRange(0, 3).Draw(s.T, "not this one") == 3 {
			continue
		}
		for _, d := range s.duty {
			if d.Failure == s.id && d.MPID != "" {
				e := s.event(hold.TransferAgreed)
				e.Agreeing, e.By, e.MPIDs = who, d.To, []smki.MPID{d.MPID}
				all = append(all, e)
			}
		}
	}
	e := s.event(hold.ReleaseInstructed)
	e.MPIDs, e.Certificates = some(s, s.mpids, "not this MPID"), some(s, s.certs, "not this certificate")
	return append(all, e)
}

func support(s *step) []hold.Event {
	var engaged []hold.Event
	id := fmt.Sprintf("r%d", len(s.h.Tried))
	q := s.event(hold.SupportRequested)
	q.By, q.Party, q.Request = s.solr(), s.srp(), id
	if len(s.sup.SRPs) == 0 && s.coin("engaged for it") {
		engaged = []hold.Event{{Kind: hold.SRPEngaged, By: q.Party, Party: s.sup.Party}}
	}
	q.Support = &hold.Support{SRVs: []duis.SRV{duis.UpdatePaymentMode, duis.TopUpDevice}, From: s.h.Now, Thresholds: []duis.Threshold{{User: s.sup.User.ID, Quarantine: 1000}}}
	if s.coin("window ends") {
		q.Support.To = s.h.Now.Add(10 * day)
	}
	if s.coin("some devices") {
		q.Support.Devices = []smki.EUI64{Device(s.sup.MPIDs[0]).ID}
	}
	all := []hold.Event{q, {Kind: hold.SupportApproved, Request: id}, {Kind: hold.ThresholdsInstructed, Failure: s.id, Request: id},
		{Kind: hold.SupportAccepted, Request: id, By: q.Party}, {Kind: hold.ThresholdsApplied, Thresholds: q.Support.Thresholds}}
	return append(engaged, all[:rapid.SampledFrom([]int{1, 2, 4, 5}).Draw(s.T, "how far")]...)
}

// supportStep is what may follow what was said last about a support request or, now and then, anything that can be said of one.
func supportStep(s *step) []hold.Event {
	e := hold.Event{Request: rapid.SampledFrom(s.reqs).Draw(s.T, "request")}
	last := hold.SupportRequested
	for _, x := range s.log {
		if x.Request != e.Request || x.Kind == hold.ThresholdsInstructed {
			continue
		}
		if last = x.Kind; x.Kind == hold.SupportRequested {
			e.By = x.Party
		}
	}
	kinds := []hold.Kind{hold.SupportApproved, hold.SupportRefused, hold.SupportAccepted, hold.SupportDeclined, hold.SupportWithdrawn}
	if rapid.IntRange(0, 4).Draw(s.T, "in order") < 4 {
		switch last {
		case hold.SupportRequested:
			kinds = kinds[:2]
		case hold.SupportApproved:
			kinds = kinds[2:]
		case hold.SupportAccepted:
			kinds = kinds[4:]
		}
	} else {
		e.By = s.srp()
	}
	e.Kind = rapid.SampledFrom(kinds).Draw(s.T, "what")
	if e.Kind == hold.SupportApproved || e.Kind == hold.SupportRefused {
		e.By = "" // the PMA
	}
	return []hold.Event{e}
}

func thresholds(s *step) []hold.Event {
	e := s.event(hold.ThresholdsInstructed)
	e.Request = rapid.SampledFrom(s.reqs).Draw(s.T, "request")
	return []hold.Event{e}
}

func migrate(s *step) []hold.Event {
	e := s.event(rapid.SampledFrom([]hold.Kind{hold.MigrationStarted, hold.MigrationCompleted, hold.CompletionWithdrawn}).Draw(s.T, "what"))
	e.By = s.solr()
	return []hold.Event{e}
}

func extend(s *step) []hold.Event {
	e := s.event(hold.ArrangementExtended)
	e.MPIDs, e.Date = some(s, s.mpids, "not this MPID"), s.h.Now.Add(100*day)
	return []hold.Event{e}
}

// actOnOne is the DCC doing something that it must or must not do.
func actOnOne(s *step) []hold.Event {
	return compact(Act(rapid.SampledFrom(s.duty).Draw(s.T, "duty"), s.h.Now, rapid.SampledFrom(revocationReasons).Draw(s.T, "reason")))
}

// actOnAll is the DCC doing everything that it must.
func actOnAll(s *step) []hold.Event { return Must(s.duty, s.h.Now) }

// Must gives the acts by which the DCC does all that it must.
func Must(duties []hold.Duty, at time.Time) []hold.Event {
	var all []hold.Event
	for _, d := range duties {
		if d.Modality == hold.Must {
			all = append(all, compact(Act(d, at, smki.CessationOfOperation))...)
		}
	}
	return all
}

func compact(e hold.Event, ok bool) []hold.Event {
	if !ok {
		return nil
	}
	return []hold.Event{e}
}

// Act is the report that the DCC did what a duty is about; false if the duty names no item to do it to.
func Act(d hold.Duty, at time.Time, reason smki.RevocationReason) (hold.Event, bool) {
	switch {
	case d.Action == hold.TransferMPID && d.To != "":
		return hold.Event{At: at, Kind: hold.MPIDTransferred, MPIDs: []smki.MPID{d.MPID}, Party: d.To}, true
	case d.Action == hold.RevokeCertificate:
		return hold.Event{At: at, Kind: hold.CertificateRevoked, Certificates: []smki.CertificateID{d.Certificate}, Reason: reason}, true
	case d.Threshold != nil:
		return hold.Event{At: at, Kind: hold.ThresholdsApplied, Thresholds: []duis.Threshold{*d.Threshold}}, true
	}
	return hold.Event{}, false
}

// otherAct is an act of the DCC that no duty names.
func otherAct(s *step) []hold.Event {
	e := hold.Event{Kind: rapid.SampledFrom([]hold.Kind{hold.CRLPublished, hold.CertificateIssued, hold.MPIDTransferred, hold.ThresholdsApplied, hold.QuarantineReleased, hold.QuarantineDeleted, hold.UserSuspended}).Draw(s.T, "act")}
	switch e.Kind {
	case hold.CRLPublished:
		for _, c := range s.sup.Certificates {
			e.Certificates = append(e.Certificates, c.ID)
		}
		e.Certificates, e.Reason = some(s, e.Certificates, "not this certificate"), rapid.SampledFrom(revocationReasons).Draw(s.T, "reason")
	case hold.CertificateIssued:
		c := Certificates(s.sup.Party, s.sup.User.ID, s.h.Start).Draw(s.T, "certificate")
		e.Certificate = &c
	case hold.MPIDTransferred:
		e.MPIDs, e.Party = s.named(), s.party("to")
	case hold.ThresholdsApplied:
		e.Thresholds = []duis.Threshold{{User: s.sup.User.ID, Quarantine: 7}}
	default:
		e.User = &smki.User{ID: s.sup.User.ID}
	}
	return []hold.Event{e}
}

// facts is something that happens beside the process.
func facts(s *step) []hold.Event {
	e := hold.Event{Kind: rapid.SampledFrom([]hold.Kind{hold.UserRecorded, hold.SRPEngaged, hold.MPIDAllocated, hold.MPIDRetired, hold.MPIDTransferredInCodes}).Draw(s.T, "fact"), Party: s.sup.Party}
	switch e.Kind {
	case hold.UserRecorded:
		u := s.sup.User
		u.Suspended = s.coin("suspended")
		e.User = &u
	case hold.SRPEngaged:
		e.By = rapid.SampledFrom(s.h.World.SRPs).Draw(s.T, "SRP")
	case hold.MPIDAllocated:
		e.MPIDs = []smki.MPID{MPIDs().Draw(s.T, "MPID")}
	case hold.MPIDRetired:
		if m := s.named(); len(m) > 0 {
			e.MPIDs = m[:1]
		}
	default:
		e.MPIDs, e.Party = s.named(), s.party("to")
	}
	return []hold.Event{e}
}
