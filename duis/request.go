package duis

import (
	"fmt"
	"math/bits"
	"strconv"
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
	if id, ok := readRequestID(s); ok {
		return id, nil
	}
	return RequestID{}, &UnknownError{What: "RequestID", Expected: "EUI-64:EUI-64:counter", Got: s}
}

// readRequestID is ParseRequestID without a word about what is wrong. It does not allocate.
func readRequestID[T string | []byte](s T) (id RequestID, ok bool) {
	const octets = len("90-B3-D5-1F-30-01-00-00")
	if len(s) < 2*octets+3 || s[octets] != ':' || s[2*octets+1] != ':' {
		return RequestID{}, false
	}
	var good [3]bool
	id.Originator, good[0] = readEUI64(s[:octets])
	id.Target, good[1] = readEUI64(s[octets+1 : 2*octets+1])
	id.Counter, good[2] = readCounter(s[2*octets+2:])
	if good != [3]bool{true, true, true} {
		return RequestID{}, false
	}
	return id, true
}

// readEUI64 reads the one spelling of the DUIS: octets separated by hyphens.
func readEUI64[T string | []byte](s T) (smki.EUI64, bool) {
	var v uint64
	for i := range len(s) {
		if i%3 == 2 {
			if s[i] != '-' {
				return 0, false
			}
			continue
		}
		d, ok := hexDigit(s[i])
		if !ok {
			return 0, false
		}
		v = v<<4 | uint64(d)
	}
	return smki.EUI64(v), true
}

func hexDigit(c byte) (byte, bool) {
	switch {
	case '0' <= c && c <= '9':
		return c - '0', true
	case 'a' <= c && c <= 'f':
		return c - 'a' + 10, true
	case 'A' <= c && c <= 'F':
		return c - 'A' + 10, true
	}
	return 0, false
}

// readCounter reads a decimal number below 2^64 without leading zeros.
func readCounter[T string | []byte](s T) (uint64, bool) {
	var v uint64
	for i := range len(s) {
		d := uint64(s[i] - '0')
		hi, lo := bits.Mul64(v, 10)
		sum, carry := bits.Add64(lo, d, 0)
		if s[i] < '0' || s[i] > '9' || hi != 0 || carry != 0 {
			return 0, false
		}
		v = sum
	}
	return v, len(s) == 1 || len(s) > 1 && s[0] != '0'
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

	// Faults is what was found wrong with the message when it was read and verified (see [Gate]). It is empty for a request that never was bytes.
	Faults Reasons
}

// Due is the request at the time of its execution: with it, a request that the DCC held is decided a second time.
func (r Request) Due() Request {
	r.Execution = time.Time{}
	return r
}

// CertificateNumber is the number that all versions of one World give a certificate. Zero is no certificate.
type CertificateNumber uint32
