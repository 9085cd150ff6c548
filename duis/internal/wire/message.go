package wire

import "crypto/sha256"

// Root is the root element of a message.
type Root uint8

// The roots of a message.
const (
	Request  Root = iota + 1 // from a User: a Service Request or Signed Pre-Command
	Response                 // to a User: a Service Response, an acknowledgement or an alert
)

// PaymentMode is the mode that an UpdatePaymentMode asks for; zero where there is none.
type PaymentMode uint8

// The payment modes.
const (
	Credit PaymentMode = iota + 1
	Prepayment
)

// Quarantine is why a request was quarantined; zero where none was.
type Quarantine uint8

// The kinds of a QuarantinedRequest (DUIS schema, type QuarantinedRequest).
const (
	UserThreshold   Quarantine = iota + 1 // ADUserThresholdBreach
	DCCThreshold                          // ADDCCThresholdBreach
	AttributeLimits                       // ADAttributeLimitsBreach
)

// Message is what [Parser.Parse] reads from a message. The values are pieces of the canonical octets (see the package
// comment), nil where the message has no such element. They and the octets are valid until the next Parse into the same Message, which reuses
// the memory, and are not to be written to.
type Message struct {
	Root          Root
	Signed        bool // whether there is a Signature; always true unless [Parser.Unsigned] is set
	SchemaVersion []byte

	// Of the header of a Request; RequestID also of a Response, where it is optional. ServiceReference and
	// ServiceReferenceVariant are also those of the ResponseMessage in the body of a Response.
	RequestID                 []byte
	FirstInSequence           []byte
	PrecedingServiceRequestID []byte
	CommandVariant            []byte
	ServiceReference          []byte
	ServiceReferenceVariant   []byte

	// Of the header of a Response.
	ResponseID       []byte
	ResponseCode     []byte
	ResponseDateTime []byte

	// Of the body.
	Body              []byte      // local name of the one element in Body
	ExecutionDateTime []byte      // of a request that may be future dated
	PaymentMode       PaymentMode // of an UpdatePaymentMode
	ImportMPxN        []byte      // of an UpdateSecurityCredentialsCoS
	Payload           []byte      // GBCS octets of a SignedPreCommand, DeviceAlertMessage, or ResponseMessage (its own or its PreCommand's)
	Content           []byte      // local name of the element in a ResponseMessage that follows its references
	AlertCode         []byte      // of a DeviceAlertMessage (hexadecimal) or a DCCAlertMessage
	Alert             []byte      // local name of the element in a DCCAlert
	Quarantine        Quarantine  // of the DCC Alert QuarantinedRequest
	QuarantinedID     []byte      // its RequestID
	QuarantineRef     []byte      // its QuarantineEventRef

	// Of the signature. The last two say which certificate to verify with; they are not themselves signed.
	Digest           [sha256.Size]byte // SHA-256 of Canonical
	ReferenceDigest  [sha256.Size]byte // the DigestValue, what Digest must be
	SignedInfoDigest [sha256.Size]byte // SHA-256 of SignedInfo
	SignatureValue   [64]byte          // r and s, each 32 bytes, big-endian
	IssuerName       []byte            // X509IssuerName as written, references resolved
	SerialNumber     []byte            // X509SerialNumber, decimal without sign or leading zeros

	// Invariant: after a Parse that refused, everything above is zero and all below is empty.
	sinks   [sinkCount][]byte // canonical octets, by where they go
	payload []byte            // memory of Payload
	issuer  []byte            // memory of IssuerName
	der     [maxDER]byte      // SignatureValue as ASN.1, here since what crypto/ecdsa is given would escape from a stack
	derLen  int
	base64  []byte // base64 without white space, on its way to being decoded
}

// sink says where canonical octets go.
type sink uint8

const (
	documentSink   sink = iota // the document without its signature
	signedInfoSink             // SignedInfo
	signatureSink              // the rest of the signature
	sinkCount
)

// Canonical gives the octets that the Reference digest covers: the document without its Signature, in the canonical form
// that the transforms ask for: Canonical XML 1.0 (or exclusive) without comments.
func (m *Message) Canonical() []byte { return m.sinks[documentSink] }

// SignedInfo gives the octets that the signature covers: SignedInfo in exclusive canonical form without comments.
func (m *Message) SignedInfo() []byte { return m.sinks[signedInfoSink] }

// reset makes m empty and keeps its memory.
func (m *Message) reset() {
	sinks, payload, issuer, b64 := m.sinks, m.payload, m.issuer, m.base64
	*m = Message{payload: payload[:0], issuer: issuer[:0], base64: b64[:0]}
	for i := range sinks {
		m.sinks[i] = sinks[i][:0]
	}
}
