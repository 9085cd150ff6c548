package duis_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/seed-db8551c1/lastresort/duis"
	"github.com/seed-db8551c1/lastresort/smki"
)

// What is written is read back, value by value.
func TestParseWritten(t *testing.T) {
	s := signedSample(t)
	id := duis.RequestID{Originator: avro, Target: esme, Counter: 1<<64 - 1}
	later := now.Add(48 * time.Hour)
	write := func(b []byte, err error) []byte {
		must(t, err)
		return b
	}
	for _, c := range []struct {
		name    string
		message []byte
		want    duis.Message
	}{
		{"top-up", write(duis.AppendRequest(nil, id, duis.TopUpDevice, duis.SendCommand, topUpBody)),
			duis.Message{ID: id, Variant: 1, ServiceReference: "2.2", ServiceReferenceVariant: "2.2", Body: "TopUpDevice"}},
		{"to credit", write(duis.AppendRequest(nil, id, duis.UpdatePaymentMode, duis.TransformRequest, creditBody)),
			duis.Message{ID: id, Variant: 4, ServiceReference: "1.6", ServiceReferenceVariant: "1.6", Body: "UpdatePaymentMode", Mode: duis.CreditMode}},
		{"to prepayment", write(duis.AppendRequest(nil, id, duis.UpdatePaymentMode, duis.TransformRequest, prepayBody)),
			duis.Message{ID: id, Variant: 4, ServiceReference: "1.6", ServiceReferenceVariant: "1.6", Body: "UpdatePaymentMode", Mode: duis.PrepaymentMode}},
		{"Signed Pre-Command", write(duis.AppendRequest(nil, id, duis.SynchroniseClock, duis.LocalSignedPreCommand, duis.SignedPreCommandBody(later, []byte{1, 2}))),
			duis.Message{ID: id, Variant: 6, ServiceReference: "6.11", ServiceReferenceVariant: "6.11", Body: "SignedPreCommand", Execution: later, Payload: []byte{1, 2}}},
		{"CoS", write(duis.AppendRequest(nil, id, duis.UpdateSecurityCredentialsCoS, duis.SendCommand, `<sr:UpdateSecurityCredentialsCoS><sr:ExecutionDateTime>2021-09-29T12:00:00+00:00</sr:ExecutionDateTime><sr:X>1</sr:X><sr:ImportMPxN>1012345678901</sr:ImportMPxN></sr:UpdateSecurityCredentialsCoS>`)),
			duis.Message{ID: id, Variant: 1, ServiceReference: "6.23", ServiceReferenceVariant: "6.23", Body: "UpdateSecurityCredentialsCoS", Execution: later, ImportMPxN: "1012345678901"}},
		{"refusal", write(duis.AppendResponse(nil, id, duis.E4, now, duis.AcknowledgementBody(duis.TopUpDevice))),
			duis.Message{Response: true, ID: id, ServiceReference: "2.2", ServiceReferenceVariant: "2.2", ResponseCode: "E4", ResponseTime: now, Body: "ResponseMessage"}},
		{"alert", write(duis.AppendResponse(nil, duis.RequestID{}, duis.I0, now, duis.QuarantineBody("N999", id, 1<<64-1))),
			duis.Message{Response: true, ResponseCode: "I0", ResponseTime: now, Body: "DCCAlertMessage", AlertCode: "N999", Alert: "QuarantinedRequest", Quarantined: id, EventRef: "18446744073709551615"}},
		{"Device Alert", write(duis.AppendResponse(nil, duis.RequestID{}, duis.I0, now, `<sr:DeviceAlertMessage><sr:AlertCode>81AA</sr:AlertCode><sr:GBCSPayload>3w==</sr:GBCSPayload></sr:DeviceAlertMessage>`)),
			duis.Message{Response: true, ResponseCode: "I0", ResponseTime: now, Body: "DeviceAlertMessage", AlertCode: "81AA", Payload: []byte{0xdf}}},
	} {
		c.want.Schema = duis.MakeSchemaVersion(5, 4)
		got, err := duis.Parse(c.message, duis.Limits{})
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if d := cmp.Diff(&c.want, got, cmpopts.IgnoreUnexported(duis.Message{})); d != "" {
			t.Errorf("%s (-want +got)\n%s", c.name, d)
		}
		if _, err := got.Verify(s.trust, now); !refusedFor(err, duis.Malformed) {
			t.Errorf("%s, which is not signed: %v", c.name, err)
		}
		c.want.Signed, c.want.Issuer, c.want.Serial = true, s.avro.XMLSign.Certificate.Issuer, s.avro.XMLSign.Certificate.Serial
		got, err = duis.Parse(sign(t, c.message, s.avro.XMLSign), duis.Limits{})
		if err != nil {
			t.Errorf("%s, signed: %v", c.name, err)
			continue
		}
		if d := cmp.Diff(&c.want, got, cmpopts.IgnoreUnexported(duis.Message{})); d != "" {
			t.Errorf("%s, signed (-want +got)\n%s", c.name, d)
		}
		if by, err := got.Verify(s.trust, now); err != nil || by != s.avro.XMLSign.Certificate {
			t.Errorf("%s: signed by %v, %v", c.name, by, err)
		}
	}
}

func refusedFor(err error, r duis.Reason) bool {
	var ve *duis.VerifyError
	return errors.As(err, &ve) && ve.Reasons == duis.ReasonsOf(r) && strings.Contains(err.Error(), r.String()) && strings.Contains(err.Error(), "expected ")
}

// A message verifies only by a certificate that names its originator, is for signatures, and can be relied upon at the time.
func TestMessageVerify(t *testing.T) {
	s := signedSample(t)
	parse := func(b []byte) *duis.Message {
		m, err := duis.Parse(b, duis.Limits{})
		must(t, err)
		return m
	}
	good := parse(s.topUp(1).bytes(t))
	other := s.topUp(1)
	other.by = s.octopus.XMLSign
	for _, c := range []struct {
		name  string
		m     *duis.Message
		trust *smki.TrustStore
		at    time.Time
		want  duis.Reason
	}{
		{"no store", good, nil, now, duis.XMLSignMissing},
		{"an empty store", good, new(smki.TrustStore), now, duis.XMLSignMissing},
		{"another User's certificate", parse(other.bytes(t)), s.trust, now, duis.XMLSignForeign},
		{"before its validity", good, s.trust, time.Date(2019, 1, 1, 0, 0, 0, 0, time.UTC), duis.XMLSignNotValid},
		{"after its validity", good, s.trust, time.Date(2031, 1, 1, 0, 0, 0, 0, time.UTC), duis.XMLSignNotValid},
		{"the CRL is overdue", good, s.trust, now.AddDate(0, 1, 0), duis.CRLNotCurrent},
	} {
		if _, err := c.m.Verify(c.trust, c.at); !refusedFor(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
	if by, err := good.Verify(s.trust, now); err != nil || by != s.avro.XMLSign.Certificate {
		t.Error(by, err)
	}
}

// What is no message, or has a value that is not of its type, gives an error that says where or what.
func TestParseRefuses(t *testing.T) {
	s := signedSample(t)
	good := string(s.topUp(1).bytes(t))
	deep := duis.Limits{Depth: 2}
	for _, c := range []struct {
		name, old, new string
		limits         duis.Limits
		want           string
	}{
		{"nothing", good, "", duis.Limits{}, "duis: byte 0: expected"},
		{"too long", "", "", duis.Limits{Size: 100}, "duis: byte 100: expected at most 100 bytes"},
		{"too deep", "", "", deep, "elements at most 2 deep"},
		{"two headers", "<sr:Body>", "<sr:Header></sr:Header><sr:Body>", duis.Limits{}, "expected Body"},
		{"schema version", `schemaVersion="5.4"`, `schemaVersion="V5"`, duis.Limits{}, `duis: "V5" is no schemaVersion: expected a version such as 5.4`},
		{"schema version with a zero before it", `schemaVersion="5.4"`, `schemaVersion="05.40"`, duis.Limits{}, `is no schemaVersion`},
		{"RequestID", "90-B3-D5-1F-30-01-00-00:", "90-B3-D5-1F-30-01-00:", duis.Limits{}, `is no RequestID: expected EUI-64:EUI-64:counter`},
		{"counter", "-A0:1<", "-A0:01<", duis.Limits{}, `is no RequestID`},
		{"counter that is too large", "-A0:1<", "-A0:18446744073709551616<", duis.Limits{}, `is no RequestID`},
		{"Command Variant", "<sr:CommandVariant>1<", "<sr:CommandVariant>10<", duis.Limits{}, `"10" is no CommandVariant: expected a digit from 1 to 9`},
		{"a time without a zone", "<sr:UTRN>", "<sr:ExecutionDateTime>2021-09-29T12:00:00</sr:ExecutionDateTime><sr:UTRN>", duis.Limits{}, `is no ExecutionDateTime: expected a date and time with its zone`},
		{"a flag", "<sr:CommandVariant>", "<sr:FirstInSequence>yes</sr:FirstInSequence><sr:CommandVariant>", duis.Limits{}, `"yes" is no FirstInSequence`},
	} {
		text := good
		if c.old != "" {
			if text = strings.Replace(good, c.old, c.new, 1); text == good {
				t.Fatalf("%s: %q is not in the message", c.name, c.old)
			}
		}
		m, err := duis.Parse([]byte(text), c.limits)
		var syntax *duis.SyntaxError
		var value *duis.UnknownError
		if m != nil || !errors.As(err, &syntax) && !errors.As(err, &value) || !strings.HasPrefix(err.Error(), "duis: ") || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
}

func TestSignRefuses(t *testing.T) {
	s := signedSample(t)
	unsigned, err := duis.AppendRequest(nil, s.topUp(1).id, duis.TopUpDevice, duis.SendCommand, topUpBody)
	must(t, err)
	var no *duis.SignError
	if _, err := duis.Sign(unsigned, s.avro.XMLSign.Certificate, s.avro.DigitalSigning.Key); !errors.As(err, &no) {
		t.Errorf("with the key of another certificate: %v", err)
	}
	if _, err := duis.Sign(unsigned, nil, s.avro.XMLSign.Key); !errors.As(err, &no) {
		t.Errorf("without a certificate: %v", err)
	}
	if _, err := duis.Sign(unsigned, s.avro.XMLSign.Certificate, nil); !errors.As(err, &no) {
		t.Errorf("without a key: %v", err)
	}
	var syntax *duis.SyntaxError
	if _, err := duis.Sign(unsigned[1:], s.avro.XMLSign.Certificate, s.avro.XMLSign.Key); !errors.As(err, &syntax) {
		t.Errorf("no message: %v", err)
	}
	for name, b := range map[string][]byte{"nothing": nil, "no GBCS": {0xdd, 0, 0}, "signed already": must2(duis.SignPreCommand(gbcsCommand(1, 2, 3, 4), s.avro.DigitalSigning.Key))} {
		if _, err := duis.SignPreCommand(b, s.avro.DigitalSigning.Key); !errors.As(err, &no) {
			t.Errorf("%s: %v", name, err)
		}
	}
	plain := must2(duis.SignPreCommand(gbcsCommand(1, 2, 3, 4), s.avro.DigitalSigning.Key))
	if again := must2(duis.SignPreCommand(append(gbcsCommand(1, 2, 3, 4), 0), s.avro.DigitalSigning.Key)); string(again) != string(plain) {
		t.Error("a signature of length zero is not replaced")
	}
	if _, err := duis.AppendRequest(nil, s.topUp(1).id, 0, 1, topUpBody); err == nil {
		t.Error("a request of no variant is written")
	}
	far, unknown := time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC), (*duis.UnknownError)(nil)
	for what, write := range map[string]func([]byte) ([]byte, error){
		"a Command Variant that there is not": func(b []byte) ([]byte, error) {
			return duis.AppendRequest(b, s.topUp(1).id, duis.TopUpDevice, 10, topUpBody)
		},
		"no Command Variant": func(b []byte) ([]byte, error) {
			return duis.AppendRequest(b, s.topUp(1).id, duis.TopUpDevice, 0, topUpBody)
		},
		"an execution in year 10000": func(b []byte) ([]byte, error) {
			return duis.AppendRequest(b, s.topUp(1).id, duis.SynchroniseClock, duis.SendSignedPreCommand, duis.SignedPreCommandBody(far, []byte{1}))
		},
		"an answer in year 10000": func(b []byte) ([]byte, error) {
			return duis.AppendResponse(b, s.topUp(1).id, duis.I99, far, duis.AcknowledgementBody(duis.TopUpDevice))
		},
		"an answer at no time": func(b []byte) ([]byte, error) {
			return duis.AppendResponse(b, s.topUp(1).id, duis.I99, time.Time{}, duis.AcknowledgementBody(duis.TopUpDevice))
		},
		"an answer without a code": func(b []byte) ([]byte, error) {
			return duis.AppendResponse(b, s.topUp(1).id, 0, now, duis.AcknowledgementBody(duis.TopUpDevice))
		},
	} {
		if b, err := write([]byte("x")); !errors.As(err, &unknown) || string(b) != "x" {
			t.Errorf("%s is written: %.80s, %v", what, b, err)
		}
	}
	if b, err := duis.AppendRequest([]byte("x"), s.topUp(1).id, duis.TopUpDevice, 1, "<sr:A></sr:B>"); !errors.As(err, &syntax) || string(b) != "x" {
		t.Errorf("a body that is not well formed: %q, %v", b, err)
	}
}

func must2[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func TestAlertCodes(t *testing.T) {
	valid := 0
	for i := range 1200 {
		if duis.AlertCode(fmt.Sprintf("N%d", i)).Valid() {
			valid++
		}
	}
	for code, want := range map[duis.AlertCode]bool{"AD1": true, "N999": true, "N1": true, "N65": true, "N32": false, "N66": false, "N0": false, "N01": false, "N": false, "": false, "n1": false, "AD2": false} {
		if code.Valid() != want {
			t.Errorf("%q: %v", code, !want)
		}
	}
	if valid != 65 {
		t.Errorf("%d codes that start with N, want 65", valid)
	}
}

// Nothing makes the gate panic, and a message that was altered, in whatever way, is refused or says what one of the originals said.
func FuzzGate(f *testing.F) {
	s := signedSample(f)
	w := s.world(f)
	originals := []message{s.topUp(7), s.toCredit(7), s.signedPreCommand(f, 7), s.readInventory(7)}
	texts := make([][]byte, len(originals))
	for i, m := range originals {
		texts[i] = m.bytes(f)
		f.Add(uint8(i), uint16(300), uint16(0), []byte("<!-- -->"))
		f.Add(uint8(i), uint16(200), uint16(1), []byte("2"))
		f.Add(uint8(i), uint16(0), uint16(0xffff), texts[i])
	}
	f.Fuzz(func(t *testing.T, which uint8, at, cut uint16, insert []byte) {
		m := originals[int(which)%len(originals)]
		b := texts[int(which)%len(originals)]
		from := min(int(at), len(b))
		to := min(from+int(cut), len(b))
		altered := append(append(b[:from:from], insert...), b[to:]...)
		v := gate(w).Decide(duis.Arrival{Message: altered, Service: m.variant.Service(), Channel: srpTLS, At: now})
		if v.Outcome == 0 || v.Outcome == duis.Quarantined {
			t.Fatalf("outcome %v", v.Outcome)
		}
		if v.Outcome != duis.Accepted {
			if v.Reasons == 0 {
				t.Fatal("refused for no reason")
			}
			return
		}
		for i, m := range originals { // put in whole, another may take the place of the first
			original := gate(w).Decide(duis.Arrival{Message: texts[i], Service: m.variant.Service(), Channel: srpTLS, At: now})
			if original.Outcome == duis.Accepted && original.Request == v.Request {
				return
			}
		}
		t.Fatalf("accepted with values that nobody signed: %+v", v.Request)
	})
}
