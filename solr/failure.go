package solr

import (
	"fmt"
	"slices"
	"time"

	"github.com/seed-db8551c1/lastresort/smki"
)

// FailureID names one failure of one supplier. A supplier that recovers and fails again has another one.
type FailureID string

// ExitKind is a way out of a failure without a SoLR (R14).
type ExitKind uint8

// The exits. With special administration the licence is kept and nothing else is triggered.
const (
	TradeSale ExitKind = iota + 1
	SpecialAdministration
)

var exitNames = [...]string{"", "trade sale", "special administration"}

func (x ExitKind) String() string {
	if int(x) < len(exitNames) {
		return exitNames[x]
	}
	return fmt.Sprintf("ExitKind(%d)", uint8(x))
}

// MarshalText gives the name of the exit; the empty text for none.
func (x ExitKind) MarshalText() ([]byte, error) { return []byte(x.String()), nil }

// UnmarshalText reads the name of an exit; the empty text is none.
func (x *ExitKind) UnmarshalText(b []byte) error {
	i := slices.Index(exitNames[:], string(b))
	if i < 0 {
		return fmt.Errorf("solr: %q is no exit: expected %q or %q", b, TradeSale, SpecialAdministration)
	}
	*x = ExitKind(i)
	return nil
}

// Failure is one supplier failure with its dates. The zero value is a supplier that trades.
//
// Invariant: Phase is what the events of the dates lead to, in the order in which they were applied.
type Failure struct {
	ID       FailureID
	Supplier smki.PartyID
	Phase    Phase
	Notified time.Time // when its failure was notified; zero if never
	Revoked  time.Time // when its licence was revoked; zero if never
	Closed   time.Time // when nothing was left in its name; zero while open
	Exit     ExitKind  // the way out without a SoLR, if it found one; whoever applies [Exit] says which
}

// PhaseError says that an event leads nowhere from the phase that a failure is in.
type PhaseError struct {
	Failure FailureID
	Phase   Phase
	Event   Event
}

func (e *PhaseError) Error() string {
	var want []string
	for p := range numPhases {
		if _, ok := p.Next(e.Event); ok {
			want = append(want, p.String())
		}
	}
	return fmt.Sprintf("solr: failure %s is in phase %q: expected one of %q for %q", e.Failure, e.Phase, want, e.Event)
}

// Apply gives the failure after an event. The error is a [*PhaseError], and f is unchanged in either case.
// Revocation doubles as the notice of failure where there was none. A second revocation changes no date.
// A failure whose licence was never revoked goes back to Ceased where the table says Revoked, and to Closed where it says Exited.
func (f Failure) Apply(e Event, at time.Time) (Failure, error) {
	next, ok := f.Phase.Next(e)
	if !ok {
		return f, &PhaseError{f.ID, f.Phase, e}
	}
	if f.Revoked.IsZero() && e != Revoke { // an appointment may come before the revocation: what follows it must not claim one
		switch next {
		case Revoked:
			next = Ceased
		case Exited:
			next = Closed
		}
	}
	f.Phase = next
	switch e {
	case Notify:
		setOnce(&f.Notified, at)
	case Revoke:
		setOnce(&f.Notified, at)
		setOnce(&f.Revoked, at)
	}
	if next == Closed {
		setOnce(&f.Closed, at)
	}
	return f, nil
}

func setOnce(t *time.Time, at time.Time) {
	if t.IsZero() {
		*t = at
	}
}
