package wire

import (
	"encoding/base64"
	"strconv"
)

// RequestHeader is what stands in the header of a Request. Optional fields are left out where they are empty.
type RequestHeader struct {
	SchemaVersion             string // "5.4"
	RequestID                 string
	FirstInSequence           string // optional: true or false
	PrecedingServiceRequestID string // optional
	CommandVariant            int
	ServiceReference          string
	ServiceReferenceVariant   string
}

// ResponseHeader is what stands in the header of a Response.
type ResponseHeader struct {
	SchemaVersion    string // "5.4"
	RequestID        string // optional
	ResponseID       string // optional
	ResponseCode     string
	ResponseDateTime string // in the form of xs:dateTime
}

// A Body is the one element in the body of a message as XML text, in which the prefix sr names the namespace of the gateway. The
// functions that return one escape what they are given.
type Body string

// SignedPreCommand is the body of a Signed Pre-Command: GBCS octets that the User signed, and optionally when to execute them.
func SignedPreCommand(executionDateTime string, gbcs []byte) Body {
	var w writer
	w.open("SignedPreCommand")
	w.optional("ExecutionDateTime", executionDateTime)
	w.leaf("GBCSPayload", base64.StdEncoding.EncodeToString(gbcs))
	w.close("SignedPreCommand")
	return Body(w.b)
}

// Acknowledgement is the body of a Response that refers to the Service Reference and Variant of a request and says no more
// than its response code: an acknowledgement or a refusal.
func Acknowledgement(reference, variant string) Body {
	var w writer
	w.open("ResponseMessage")
	w.leaf("ServiceReference", reference)
	w.leaf("ServiceReferenceVariant", variant)
	w.close("ResponseMessage")
	return Body(w.b)
}

// QuarantinedRequest is the body of the DCC Alert with the given code that tells a User of a request that was quarantined.
func QuarantinedRequest(alertCode string, kind Quarantine, requestID string, eventRef uint64) Body {
	var w writer
	var name string // of an unknown kind, empty: the parser refuses that
	if int(kind) < len(breaches) {
		name = breaches[kind]
	}
	w.open("DCCAlertMessage")
	w.leaf("DCCAlertCode", alertCode)
	w.open("DCCAlert")
	w.open("QuarantinedRequest")
	w.open(name)
	w.leaf("RequestID", requestID)
	w.leaf("QuarantineEventRef", strconv.FormatUint(eventRef, 10))
	w.close(name)
	w.close("QuarantinedRequest")
	w.close("DCCAlert")
	w.close("DCCAlertMessage")
	return Body(w.b)
}

// AppendRequest appends an unsigned Request, ready for [Sign]. The error is a [*SyntaxError], with an offset into what
// would have been appended, where the result is not a message that [Parser] reads; b is then returned as it was.
func AppendRequest(b []byte, h RequestHeader, body Body) ([]byte, error) {
	w := writer{b: b}
	w.root("Request", h.SchemaVersion)
	w.open("Header")
	w.leaf("RequestID", h.RequestID)
	w.optional("FirstInSequence", h.FirstInSequence)
	w.optional("PrecedingServiceRequestID", h.PrecedingServiceRequestID)
	w.leaf("CommandVariant", strconv.Itoa(h.CommandVariant))
	w.leaf("ServiceReference", h.ServiceReference)
	w.leaf("ServiceReferenceVariant", h.ServiceReferenceVariant)
	w.close("Header")
	return w.finish(b, "Request", body)
}

// AppendResponse appends an unsigned Response, with the error of [AppendRequest].
func AppendResponse(b []byte, h ResponseHeader, body Body) ([]byte, error) {
	w := writer{b: b}
	w.root("Response", h.SchemaVersion)
	w.open("Header")
	w.optional("RequestID", h.RequestID)
	w.optional("ResponseID", h.ResponseID)
	w.leaf("ResponseCode", h.ResponseCode)
	w.leaf("ResponseDateTime", h.ResponseDateTime)
	w.close("Header")
	return w.finish(b, "Response", body)
}

// A writer appends elements of the gateway's namespace, without white space between them.
type writer struct{ b []byte }

func (w *writer) root(name, version string) {
	w.b = append(w.b, declaration...)
	w.b = append(w.b, "<sr:"+name+` xmlns:sr="`+spaceNames[gateway]+`" schemaVersion="`...)
	for _, r := range version {
		w.b = appendValue(w.b, r)
	}
	w.b = append(w.b, `">`...)
}

func (w *writer) open(name string)  { w.b = append(w.b, "<sr:"+name+">"...) }
func (w *writer) close(name string) { w.b = append(w.b, "</sr:"+name+">"...) }

func (w *writer) leaf(name, text string) {
	w.open(name)
	w.b = appendEscaped(w.b, text)
	w.close(name)
}

func (w *writer) optional(name, text string) {
	if text != "" {
		w.leaf(name, text)
	}
}

// finish writes the body and checks the whole, which starts after the octets of before.
func (w *writer) finish(before []byte, root string, body Body) ([]byte, error) {
	w.open("Body")
	w.b = append(w.b, body...)
	w.close("Body")
	w.close(root)
	p := Parser{Unsigned: true}
	if err := p.Parse(w.b[len(before):], new(Message)); err != nil {
		return before, err
	}
	return w.b, nil
}
