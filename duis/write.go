package duis

import (
	"time"

	"github.com/seed-db8551c1/lastresort/duis/internal/wire"
)

// Body is the one element in the body of a message, as XML text in which the prefix sr names the namespace of the gateway:
//
//	<sr:TopUpDevice><sr:UTRN>12345678901234567890</sr:UTRN></sr:TopUpDevice>
//
// [SRV.BodyElement] names the element of a Service Request Variant; the schema of the DUIS says what is in it, which is not checked here beyond what a decision rests on.
type Body string

// SignedPreCommandBody is the body of a Signed Pre-Command: the GBCS octets that the User signed, and when to execute them; zero for at once.
func SignedPreCommandBody(execution time.Time, gbcs []byte) Body {
	return Body(wire.SignedPreCommand(timeText(execution), gbcs))
}

// AcknowledgementBody is the body of a Response that says no more than its code.
func AcknowledgementBody(v SRV) Body { return Body(wire.Acknowledgement(v.Reference(), v.String())) }

// QuarantineBody is the body of the DCC Alert that tells a User of a request that was quarantined for a threshold of the User.
func QuarantineBody(code AlertCode, id RequestID, eventRef uint64) Body {
	return Body(wire.QuarantinedRequest(string(code), wire.UserThreshold, id.String(), eventRef))
}

// AppendRequest appends an unsigned request of schema V5.4, ready for [Sign]. The error is that of [Parse], which has to read it, or an [*UnknownError] for a
// variant that there is not; b is then returned as it was. Whether variant and body go together is not looked at: a [Gate] does.
func AppendRequest(b []byte, id RequestID, v SRV, variant CommandVariant, body Body) ([]byte, error) {
	if !v.Valid() {
		return b, &UnknownError{What: "Service Request Variant", Expected: "1 to 129", Got: v.String()}
	}
	out, err := wire.AppendRequest(b, wire.RequestHeader{SchemaVersion: newestSchema.String(), RequestID: id.String(), CommandVariant: int(variant),
		ServiceReference: v.Reference(), ServiceReferenceVariant: v.String()}, wire.Body(body))
	if err != nil {
		return b, syntaxError(err)
	}
	if _, err := Parse(out[len(b):], Limits{}); err != nil { // values that are not of their types
		return b, err
	}
	return out, nil
}

// AppendResponse appends an unsigned Response of schema V5.4 to a request, or an alert of the DCC if the RequestID is zero. The error is a [*SyntaxError] for a body that [Parse] would not read,
// or an [*UnknownError] for a code that there is not or a time outside the years 1 to 9999; b is then returned as it was.
func AppendResponse(b []byte, id RequestID, code Code, at time.Time, body Body) ([]byte, error) {
	h := wire.ResponseHeader{SchemaVersion: newestSchema.String(), ResponseCode: code.String(), ResponseDateTime: timeText(at)}
	if _, err := ParseCode(h.ResponseCode); err != nil {
		return b, err
	}
	if _, ok := readTime([]byte(h.ResponseDateTime)); !ok {
		return b, &UnknownError{What: "ResponseDateTime", Expected: "a time in the years 1 to 9999", Got: h.ResponseDateTime}
	}
	if id != (RequestID{}) {
		h.RequestID = id.String()
	}
	out, err := wire.AppendResponse(b, h, wire.Body(body))
	return out, syntaxError(err)
}

// newestSchema is the version of the schema that messages are written in.
var newestSchema = MakeSchemaVersion(5, 4)

// timeText is a time as the messages have it, in UTC; empty for zero.
func timeText(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}
