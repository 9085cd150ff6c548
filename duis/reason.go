package duis

import (
	"fmt"
	"math/bits"
	"strings"
)

// Reason is why a request is refused. Reasons are in the order in which [Decide] checks them.
type Reason uint8

// The reasons. Those that say "missing" or "unknown" are about facts that nobody supplied: without them nothing is accepted.
const (
	ChannelMissing          Reason = iota // no DCCKI certificate of the connection was given
	ChannelUnknown                        // it was never issued
	ChannelRevoked                        // it is revoked
	ChannelNotValid                       // it is not a DCCKI certificate, or outside its validity
	Malformed                             // the bytes are no request that the schema and the one form of signature allow
	SchemaVersionUnknown                  // the message says it follows a version of the schema that is not accepted
	XMLSignMissing                        // no certificate that signed the message was given, or it was never issued
	XMLSignRevoked                        // it is revoked
	XMLSignNotValid                       // it is outside its validity, or without a good authority above it
	XMLSignForeign                        // it names somebody else than the originator, or is for another use
	SignatureInvalid                      // the message is not what the holder of that certificate signed
	SigningMissing                        // the same for the certificate that signed the payload of a Signed Pre-Command
	SigningRevoked                        //
	SigningNotValid                       //
	SigningForeign                        //
	PayloadInvalid                        // the payload is no GBCS command of the originator to the target that its signing certificate signed
	CRLNotCurrent                         // no CRL of the issuer of one of these certificates is known, or its next update is overdue
	CountersMissing                       // the counters of RequestIDs were not restored
	Replayed                              // the counter is not larger than the last one of this originator and target
	WrongService                          // the request came in by a web service that does not take its Command Variant
	SRVUnknown                            // no such Service Request Variant
	WrongReference                        // the Service Reference is not that of the Service Request Variant
	WrongVariant                          // the Service Request does not go with the Command Variant
	WrongBody                             // the body is not that of the Service Request Variant
	WrongExecution                        // a time of execution for a request that cannot be future-dated, or one that has passed
	UserUnknown                           // no such User
	NoMPIDForRole                         // the User's party holds no MPID for any role that the request needs
	RoleNotEligible                       // none of the User's roles may send the request
	UserSuspended                         // the User's status permits no request
	RegistrationsNotCurrent               // the feed of registrations and devices is missing, overdue or followed by a known gap
	DeviceUnknown                         // no such device in the inventory
	RegistrationMissing                   // nobody is known to be registered for the device at the required time
	NotRegistered                         // the device is registered to an MPID of another party
	MPIDMoved                             // the device is registered to an MPID that was the party's and is another's now (R5)
	MPIDUnknown                           // the DCC's map gives the registered MPID to nobody
	DeviceStatusWrong                     // the device's SMI Status does not permit the request
	WrongDeviceType                       // the device has no metering point for any role that the request needs
	AuthorityUnknown                      // nobody says whether an authority is needed
	NotAuthorised                         // an authority is needed and none covers the request (R9, R10)
	ThresholdsNotCurrent                  // the feed of anomaly detection thresholds is missing, overdue or followed by a known gap
	ThresholdMissing                      // no anomaly detection threshold is known for the User and request
	QuarantineFull                        // the request exceeds a threshold, and there is no room to keep it
	OverThreshold                         // the request exceeds an anomaly detection threshold
	numReasons
)

var reasonNames = [...]string{
	"channel missing", "channel certificate unknown", "channel certificate revoked", "channel certificate not valid",
	"malformed", "schema version unknown",
	"XML-sign certificate missing", "XML-sign certificate revoked", "XML-sign certificate not valid", "XML-sign certificate of another",
	"signature invalid",
	"signing certificate missing", "signing certificate revoked", "signing certificate not valid", "signing certificate of another",
	"payload invalid", "CRL not current", "counters missing",
	"replayed", "wrong web service", "Service Request Variant unknown", "wrong Service Reference", "wrong Command Variant", "wrong body", "wrong execution time",
	"User unknown", "no MPID for the role", "role not eligible", "User suspended", "registrations not current", "device unknown", "registration missing",
	"registered to another", "MPID moved", "MPID unknown", "device status", "device type", "authority unknown", "not authorised",
	"thresholds not current", "threshold missing", "quarantine full", "over threshold",
}

func (r Reason) String() string {
	if r < numReasons {
		return reasonNames[r]
	}
	return fmt.Sprintf("Reason(%d)", uint8(r))
}

// ReasonList gives all reasons in order.
func ReasonList() []Reason {
	all := make([]Reason, numReasons)
	for i := range all {
		all[i] = Reason(i)
	}
	return all
}

// Reasons is a set of reasons. The zero value is empty.
type Reasons uint64

// ReasonsOf is the set of the given reasons.
func ReasonsOf(reasons ...Reason) Reasons {
	var s Reasons
	for _, r := range reasons {
		s |= 1 << r
	}
	return s
}

// Has reports whether the set holds the reason.
func (s Reasons) Has(r Reason) bool { return s>>r&1 == 1 }

// First is the reason that is checked first; false for the empty set.
func (s Reasons) First() (Reason, bool) {
	return Reason(bits.TrailingZeros64(uint64(s))), s != 0
}

// All lists the reasons of the set in order.
func (s Reasons) All() []Reason {
	all := make([]Reason, 0, bits.OnesCount64(uint64(s)))
	for ; s != 0; s &= s - 1 {
		r, _ := s.First()
		all = append(all, r)
	}
	return all
}

// String lists the reasons in order, separated by commas.
func (s Reasons) String() string {
	var b strings.Builder
	for i, r := range s.All() {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(r.String())
	}
	return b.String()
}

// MarshalText gives the text of [Reasons.String].
func (s Reasons) MarshalText() ([]byte, error) { return []byte(s.String()), nil }
