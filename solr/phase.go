package solr

import (
	"fmt"
	"slices"
	"strings"
)

// Phase is how far a failure has come. The zero value is a supplier that trades.
type Phase uint8

// The phases of a failure. Announcement and revocation come in either order.
const (
	Trading          Phase = iota
	Ceased                 // notice of failure, the licence still held
	Announced              // a SoLR is named, the licence still held
	Revoked                // the licence revoked, no SoLR named: the gap
	RevokedAnnounced       // the licence revoked, a SoLR named but not yet appointed
	Appointed              // a SoLR date has come
	Migrating              // a SoLR is moving the metering points to its own systems
	Exited                 // a way out without a SoLR was found after revocation; the PMA has to release what is held
	Closed                 // nothing is left in the failed supplier's name
	numPhases
)

var phaseNames = [...]string{"trading", "ceased", "SoLR announced", "licence revoked", "licence revoked, SoLR announced",
	"SoLR date", "migrating", "exited", "closed"}

func (p Phase) String() string {
	if p < numPhases {
		return phaseNames[p]
	}
	return fmt.Sprintf("Phase(%d)", uint8(p))
}

// MarshalText gives the name of the phase.
func (p Phase) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalText reads the name of a phase.
func (p *Phase) UnmarshalText(b []byte) error {
	i := slices.Index(phaseNames[:], string(b))
	if i < 0 {
		return fmt.Errorf("solr: %q is no phase: expected one of %q", b, phaseNames)
	}
	*p = Phase(i)
	return nil
}

// Phases lists all phases in order.
func Phases() []Phase {
	all := make([]Phase, numPhases)
	for i := range all {
		all[i] = Phase(i)
	}
	return all
}

// Event is what moves a failure from one phase to another.
type Event uint8

// The events of a failure.
const (
	Notify   Event = iota // the supplier ceases to trade: notice that its licence will be revoked
	Announce              // Ofgem names a SoLR, before the SoLR date
	Revoke                // Ofgem revokes the licence
	Appoint               // the SoLR date of an appointment comes
	Migrate               // a SoLR starts to move metering points
	LoseSoLR              // the last SoLR of the failure fails itself
	Exit                  // trade sale, or special administration with the licence kept
	Close                 // the failed supplier holds no MPID of the failure and no good certificate, or the exit is complete
	numEvents
)

var eventNames = [...]string{"notify", "announce", "revoke", "appoint", "migrate", "lose SoLR", "exit", "close"}

func (e Event) String() string {
	if e < numEvents {
		return eventNames[e]
	}
	return fmt.Sprintf("Event(%d)", uint8(e))
}

// Events lists all events in order.
func Events() []Event {
	all := make([]Event, numEvents)
	for i := range all {
		all[i] = Event(i)
	}
	return all
}

// Transition is one row of the state machine.
type Transition struct {
	From Phase
	On   Event
	To   Phase
}

// transitions is the whole machine. What it does not list leads nowhere.
var transitions = [...]Transition{
	{Trading, Notify, Ceased},
	{Trading, Revoke, Revoked}, // revocation doubles as the notice where none was given

	{Ceased, Announce, Announced},
	{Ceased, Revoke, Revoked},
	{Ceased, Appoint, Appointed},
	{Ceased, Exit, Closed}, // R14: an exit before revocation closes the failure

	{Announced, Announce, Announced},
	{Announced, Revoke, RevokedAnnounced},
	{Announced, Appoint, Appointed},
	{Announced, LoseSoLR, Ceased},
	{Announced, Exit, Closed},

	{Revoked, Announce, RevokedAnnounced},
	{Revoked, Appoint, Appointed},
	{Revoked, Exit, Exited}, // R14: an exit after revocation waits for the PMA
	{Revoked, Close, Closed},

	{RevokedAnnounced, Announce, RevokedAnnounced},
	{RevokedAnnounced, Appoint, Appointed},
	{RevokedAnnounced, LoseSoLR, Revoked},
	{RevokedAnnounced, Exit, Exited},
	{RevokedAnnounced, Close, Closed},

	{Appointed, Announce, Appointed}, // for MPIDs that have no SoLR yet
	{Appointed, Revoke, Appointed},
	{Appointed, Appoint, Appointed},
	{Appointed, Migrate, Migrating},
	{Appointed, LoseSoLR, Revoked},
	{Appointed, Exit, Exited},
	{Appointed, Close, Closed},

	{Migrating, Announce, Migrating},
	{Migrating, Revoke, Migrating},
	{Migrating, Appoint, Migrating},
	{Migrating, Migrate, Migrating},
	{Migrating, LoseSoLR, Revoked},
	{Migrating, Exit, Exited},
	{Migrating, Close, Closed},

	{Exited, Close, Closed},
}

// table is transitions by phase and event, plus one so that zero means nowhere.
var table = func() (t [numPhases][numEvents]Phase) {
	for _, r := range transitions {
		t[r.From][r.On] = r.To + 1
	}
	return t
}()

// Transitions lists the state machine row by row, in order of phase and event.
func Transitions() []Transition {
	var rows []Transition
	for p := range numPhases {
		for e := range numEvents {
			if to, ok := p.Next(e); ok {
				rows = append(rows, Transition{p, e, to})
			}
		}
	}
	return rows
}

// Next says which phase an event leads to; false if it leads nowhere from this phase.
func (p Phase) Next(e Event) (Phase, bool) {
	if p >= numPhases || e >= numEvents || table[p][e] == 0 {
		return p, false
	}
	return table[p][e] - 1, true
}

// Diagram draws the state machine as a Mermaid state diagram. Events that change nothing are left out.
func Diagram() string {
	var b strings.Builder
	b.WriteString("stateDiagram-v2\n")
	for p := range numPhases {
		fmt.Fprintf(&b, "    p%d: %s\n", p, p)
	}
	fmt.Fprintf(&b, "    [*] --> p%d\n", Trading)
	for _, t := range Transitions() {
		if t.From != t.To {
			fmt.Fprintf(&b, "    p%d --> p%d: %s\n", t.From, t.To, t.On)
		}
	}
	fmt.Fprintf(&b, "    p%d --> [*]\n", Closed)
	return b.String()
}
