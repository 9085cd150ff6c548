package duis

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/seed-db8551c1/lastresort/smki"
)

// RequestID names a Service Request: who sent it, to which device (or to the DCC), and the sender's counter.
type RequestID struct {
	Originator smki.EUI64 // the User ID
	Target     smki.EUI64 // the Device ID, or the DCC's identifier for a non-device request
	Counter    uint64
}

// ParseRequestID reads "originator:target:counter": two EUI-64s with hyphens and a decimal number without leading zeros.
// The error is an [*UnknownError].
func ParseRequestID(s string) (RequestID, error) {
	var id RequestID
	parts := strings.Split(s, ":")
	if len(parts) == 3 && len(parts[0]) == 23 && len(parts[1]) == 23 && parts[0][2] == '-' && parts[1][2] == '-' {
		var err [3]error
		id.Originator, err[0] = smki.ParseEUI64(parts[0])
		id.Target, err[1] = smki.ParseEUI64(parts[1])
		id.Counter, err[2] = strconv.ParseUint(parts[2], 10, 64)
		if err == [3]error{} && (parts[2] == "0" || parts[2][0] != '0') && parts[2][0] != '+' {
			return id, nil
		}
	}
	return RequestID{}, &UnknownError{What: "RequestID", Expected: "EUI-64:EUI-64:counter", Got: s}
}

// String gives the spelling of the DUIS.
func (id RequestID) String() string {
	return id.Originator.String() + ":" + id.Target.String() + ":" + strconv.FormatUint(id.Counter, 10)
}

// MarshalText gives the text of [RequestID.String].
func (id RequestID) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// UnmarshalText reads what [ParseRequestID] reads, with its errors.
func (id *RequestID) UnmarshalText(b []byte) error {
	v, err := ParseRequestID(string(b))
	if err == nil {
		*id = v
	}
	return err
}

// CommandVariant says what the DCC is to make of a request, 1 to 8 (DUIS V5.4; 9 is the DCC's own). The zero value is none.
type CommandVariant uint8

// The Command Variants.
const (
	SendCommand            CommandVariant = iota + 1 // a non-critical command, sent to the device
	LocalCommand                                     // the same, returned for delivery on site
	SendAndLocalCommand                              // both
	TransformRequest                                 // the first step of a critical command: the DCC returns a Pre-Command
	SendSignedPreCommand                             // the second: the Pre-Command that the User signed, sent to the device
	LocalSignedPreCommand                            // the same, returned for delivery on site
	SendAndLocalPreCommand                           // both
	NonDeviceRequest                                 // answered by the DCC itself
)

// SignedPreCommand reports whether requests of this variant carry a payload that the User's signing certificate signed.
func (v CommandVariant) SignedPreCommand() bool {
	return v >= SendSignedPreCommand && v <= SendAndLocalPreCommand
}

// Service is the web service that takes requests of this variant.
func (v CommandVariant) Service() WebService {
	switch v {
	case TransformRequest:
		return TransformService
	case SendCommand, SendAndLocalCommand, SendSignedPreCommand, SendAndLocalPreCommand:
		return SendCommandService
	case LocalCommand, LocalSignedPreCommand, NonDeviceRequest:
		return NonDeviceService
	}
	return 0
}

// Allows reports whether a request for srv may have this variant (the DUIS request matrix).
func (v CommandVariant) Allows(srv SRV) bool {
	switch {
	case !srv.Valid():
		return false
	case srv.NonDevice():
		return v == NonDeviceRequest
	case srv.Critical():
		return v >= TransformRequest && v <= SendAndLocalPreCommand
	}
	return v >= SendCommand && v <= SendAndLocalCommand
}

// WebService is one of the DCC's services that take requests. The zero value is none.
type WebService uint8

// The web services of the DCC User Interface.
const (
	TransformService WebService = iota + 1
	SendCommandService
	NonDeviceService
)

func (s WebService) String() string {
	switch s {
	case TransformService:
		return "Transform Service"
	case SendCommandService:
		return "Send Command Service"
	case NonDeviceService:
		return "Non-Device Service"
	}
	return fmt.Sprintf("WebService(%d)", uint8(s))
}

// PaymentMode is what the body of an Update Payment Mode (1.6) asks for. The zero value is any other body.
type PaymentMode uint8

// The payment modes of a meter.
const (
	CreditMode PaymentMode = iota + 1
	PrepaymentMode
)

// Request is what a decision needs to know of one Service Request.
type Request struct {
	ID        RequestID
	SRV       SRV
	Variant   CommandVariant
	Service   WebService  // the web service that it came in by; zero if that is not known
	Mode      PaymentMode // for 1.6, what the body asks for
	Execution time.Time   // when the command is to be executed; zero for at once

	// The certificates that the request depends on, by the numbers that [World.CertificateNumber] gives them. Zero is none.
	XMLSign CertificateNumber // signed the message
	Signing CertificateNumber // signed the payload of a Signed Pre-Command; not used for other variants
	Channel CertificateNumber // the DCCKI certificate of the connection that it came in by
}

// CertificateNumber is the number that all versions of one World give a certificate. Zero is no certificate.
type CertificateNumber uint32
