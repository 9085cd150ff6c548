package duis

import (
	"strconv"
	"time"

	"github.com/seed-db8551c1/lastresort/duis/internal/wire"
)

// Message is what a DUIS message says, read by [Parse]. Fields that the message does not have are zero.
type Message struct {
	Response bool          // to a User: a Service Response, an acknowledgement or an alert; else from a User
	Schema   SchemaVersion // that the message says it follows
	Signed   bool          // it has a signature; whose it is, and whether it holds, says [Message.Verify]

	// Of the header. ServiceReference and its variant are text, since nothing says that the table of variants knows them.
	ID                      RequestID // in a Response, of the request that it answers
	FirstInSequence         bool
	Preceding               RequestID // PrecedingServiceRequestID
	Variant                 CommandVariant
	ServiceReference        string // also of a ResponseMessage
	ServiceReferenceVariant string
	ResponseID              RequestID
	ResponseCode            string
	ResponseTime            time.Time // in UTC

	// Of the body.
	Body        string      // local name of its element
	Execution   time.Time   // ExecutionDateTime, in UTC
	Mode        PaymentMode // of an UpdatePaymentMode
	ImportMPxN  string      // of an UpdateSecurityCredentialsCoS
	Payload     []byte      // GBCS octets, where it carries them
	Content     string      // local name of the element in a ResponseMessage after its references
	AlertCode   string      // of a Device Alert or DCC Alert
	Alert       string      // local name of the element in a DCC Alert
	Quarantined RequestID   // the request that the DCC Alert QuarantinedRequest is about
	EventRef    string      // its QuarantineEventRef

	// The certificate that is to verify the message, as its KeyInfo names it.
	Issuer, Serial string

	wire *wire.Message
}

// Limits bounds what [Parse] and a [Gate] read. The zero value of each field stands for its default.
type Limits struct {
	Size       int // bytes of a message; 2 MiB, and never more than 16 MiB
	Depth      int // elements within each other; 32, and never more than 4,096
	Attributes int // attributes and namespace declarations of one element; 16, and never more than 1,024
	Namespaces int // declarations in scope, and different names of namespaces; 32, and never more than 1,024
	NameLength int // bytes of a name with its prefix, and of the name of a namespace; 128, and never more than 1,024
}

// SyntaxError says where a message is not what the schema and the one form of signature allow.
type SyntaxError struct {
	Offset   int    // of the byte that does not fit
	Expected string // what would have been accepted
	Found    string // what stood there, where that can be said shortly
}

func (e *SyntaxError) Error() string { return (*wire.SyntaxError)(e).Error() }

func syntaxError(err error) error {
	if e, ok := err.(*wire.SyntaxError); ok {
		return (*SyntaxError)(e)
	}
	return err
}

// Parse reads a DUIS message (schema V5.4 or older) in one strict pass: UTF-8, no document type, no processing instruction; Header, Body and Signature once each and in
// that order; what carries meaning in the order of the schema, without comments inside. Every value is a piece of the canonical octets that the signature covers, so that
// what is decided on is what was signed. A message without a signature is read too.
//
// The error is a [*SyntaxError] with the offset, or an [*UnknownError] for a value that is not of its type.
func Parse(src []byte, l Limits) (*Message, error) {
	p := wire.Parser{Limits: wire.Limits(l), Unsigned: true}
	x := new(wire.Message)
	if err := p.Parse(src, x); err != nil {
		return nil, syntaxError(err)
	}
	m := &Message{
		Response: x.Root == wire.Response, Signed: x.Signed,
		ServiceReference: string(x.ServiceReference), ServiceReferenceVariant: string(x.ServiceReferenceVariant),
		ResponseCode: string(x.ResponseCode), Body: string(x.Body), Mode: PaymentMode(x.PaymentMode), ImportMPxN: string(x.ImportMPxN),
		Payload: x.Payload, Content: string(x.Content), AlertCode: string(x.AlertCode), Alert: string(x.Alert), EventRef: string(x.QuarantineRef),
		Issuer: string(x.IssuerName), Serial: string(x.SerialNumber), wire: x,
	}
	r := reader{}
	m.Schema = get(&r, "schemaVersion", "a version such as 5.4", x.SchemaVersion, readSchemaVersion)
	m.ID = get(&r, "RequestID", "EUI-64:EUI-64:counter", x.RequestID, readRequestID[[]byte])
	m.Preceding = get(&r, "PrecedingServiceRequestID", "EUI-64:EUI-64:counter", x.PrecedingServiceRequestID, readRequestID[[]byte])
	m.ResponseID = get(&r, "ResponseID", "EUI-64:EUI-64:counter", x.ResponseID, readRequestID[[]byte])
	m.Quarantined = get(&r, "RequestID", "EUI-64:EUI-64:counter", x.QuarantinedID, readRequestID[[]byte])
	m.FirstInSequence = get(&r, "FirstInSequence", "true or false", x.FirstInSequence, readBoolean)
	m.Variant = get(&r, "CommandVariant", "a digit from 1 to 9", x.CommandVariant, readVariant)
	m.ResponseTime = get(&r, "ResponseDateTime", "a date and time with its zone", x.ResponseDateTime, readTime)
	m.Execution = get(&r, "ExecutionDateTime", "a date and time with its zone", x.ExecutionDateTime, readTime)
	if r.err != nil {
		return nil, r.err
	}
	return m, nil
}

// reader keeps the first error.
type reader struct{ err error }

func get[T any](r *reader, what, expected string, text []byte, read func([]byte) (T, bool)) (v T) {
	if text == nil || r.err != nil {
		return v
	}
	v, ok := read(text)
	if !ok {
		r.err = &UnknownError{What: what, Expected: expected, Got: string(text)}
	}
	return v
}

func readBoolean(b []byte) (v, ok bool) {
	switch string(b) {
	case "true", "1":
		return true, true
	case "false", "0":
		return false, true
	}
	return false, false
}

// readVariant reads a Command Variant in its one spelling. The schema also takes "+08", which no User has a reason to write.
func readVariant(b []byte) (CommandVariant, bool) {
	if len(b) != 1 || b[0] < '1' || b[0] > '9' {
		return 0, false
	}
	return CommandVariant(b[0] - '0'), true
}

// readTime reads a date and time that names its zone (XML Schema's dateTime as RFC 3339 has it). The zero time stands for none and is refused: read as that, a command
// that was signed for year 1 would be one for at once.
func readTime(b []byte) (time.Time, bool) {
	var t time.Time
	if err := t.UnmarshalText(b); err != nil || t.IsZero() {
		return time.Time{}, false
	}
	return t.UTC(), true
}

// SchemaVersion is a version of the DUIS schema, such as 5.4. Versions are ordered. The zero value is none.
type SchemaVersion uint16

// MakeSchemaVersion is the version of two numbers below 100.
func MakeSchemaVersion(major, minor uint16) SchemaVersion { return SchemaVersion(major*100 + minor) }

// String gives the version as the messages have it.
func (v SchemaVersion) String() string {
	return strconv.Itoa(int(v/100)) + "." + strconv.Itoa(int(v%100))
}

// readSchemaVersion reads a version in its one spelling: two numbers of one or two digits without leading zeros.
func readSchemaVersion(b []byte) (SchemaVersion, bool) {
	var n [2]uint16
	part, digits := 0, 0
	for _, c := range b {
		switch {
		case c == '.' && part == 0 && digits > 0:
			part, digits = 1, 0
		case c >= '0' && c <= '9' && digits < 2 && !(digits == 1 && n[part] == 0):
			n[part] = n[part]*10 + uint16(c-'0')
			digits++
		default:
			return 0, false
		}
	}
	return MakeSchemaVersion(n[0], n[1]), part == 1 && digits > 0
}

// AlertCode is the code of a DCC Alert: AD1, N1 to N65 without N32, or N999 (DUIS schema V5.4).
type AlertCode string

// Valid reports whether the schema has the code.
func (c AlertCode) Valid() bool {
	if c == "AD1" || c == "N999" {
		return true
	}
	if len(c) < 2 || c[0] != 'N' {
		return false
	}
	n, ok := readCounter(string(c[1:]))
	return ok && n >= 1 && n <= 65 && n != 32
}
