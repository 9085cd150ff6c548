package duis

import (
	"time"

	"github.com/seed-db8551c1/lastresort/smki"
)

// Authority says whether a party may still be heard. A World without one knows nothing of it, and refuses every request.
// An Authority is part of an immutable World: its answers never change.
type Authority interface {
	// Ask is called at most once for each decision, on the path of every request: it must not allocate, and any number of goroutines may call it at the same time.
	Ask(Question) Answer
}

// Question is a request as an [Authority] sees it, or an act upon a User's quarantined messages.
type Question struct {
	Act    Act
	Party  smki.PartyID // in whose name the request is sent
	User   smki.EUI64   // by whose User ID
	SRV    SRV
	Mode   PaymentMode
	Device smki.EUI64 // zero for a non-device request
	MPID   smki.MPID  // that the device's metering point is registered to; empty for a non-device request
	At     time.Time  // when the request is decided
}

// Act is what an [Authority] is asked about. The zero value is to let a request pass.
type Act uint8

// The acts.
const (
	PassRequest       Act = iota
	ReleaseQuarantine     // to process a quarantined message
	DeleteQuarantine      // to delete it
)

// Answer says whether an authority covers a request. The zero value says that nobody knows.
type Answer struct {
	Standing Standing
	Grant    GrantNumber // what covers the request, if Standing is Covered
}

// GrantNumber names an authority given to somebody, by the position in the register's log of what gave it. Zero is none.
type GrantNumber uint64

// Standing is how a request stands with the authority it needs.
type Standing uint8

// The standings of a request.
const (
	StandingUnknown Standing = iota // nothing is known of the party: refused
	NotNeeded                       // the party holds its licence, or the rules ask for no authority
	Covered                         // an authority covers the request
	NotCovered                      // an authority is needed and none covers the request: accepted, but flagged
	Refused                         // the same, and such requests are to be refused
)

// Licensed is the Authority of a world without failures: every party holds its licence.
type Licensed struct{}

// Ask answers NotNeeded.
func (Licensed) Ask(Question) Answer { return Answer{Standing: NotNeeded} }
