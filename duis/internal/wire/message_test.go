package wire

import (
	"bytes"
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// fields are the values of a message that are not empty, by name.
func fields(m *Message) map[string]string {
	all := map[string][]byte{
		"SchemaVersion": m.SchemaVersion, "RequestID": m.RequestID, "FirstInSequence": m.FirstInSequence,
		"PrecedingServiceRequestID": m.PrecedingServiceRequestID, "CommandVariant": m.CommandVariant,
		"ServiceReference": m.ServiceReference, "ServiceReferenceVariant": m.ServiceReferenceVariant, "ResponseID": m.ResponseID,
		"ResponseCode": m.ResponseCode, "ResponseDateTime": m.ResponseDateTime, "Body": m.Body, "ExecutionDateTime": m.ExecutionDateTime,
		"ImportMPxN": m.ImportMPxN, "Payload": m.Payload, "Content": m.Content, "AlertCode": m.AlertCode, "Alert": m.Alert,
		"QuarantinedID": m.QuarantinedID, "QuarantineRef": m.QuarantineRef,
		"Root":        []byte([]string{"", "Request", "Response"}[m.Root]),
		"PaymentMode": []byte([]string{"", "Credit", "Prepayment"}[m.PaymentMode]),
		"Quarantine":  []byte([]string{"", "UserThreshold", "DCCThreshold", "AttributeLimits"}[m.Quarantine]),
	}
	set := map[string]string{}
	for name, v := range all {
		if len(v) > 0 {
			set[name] = string(v)
		}
	}
	return set
}

func gbcs(b []byte) string { return base64.StdEncoding.EncodeToString(b) }

// TestValues: each kind of message yields its values, and no others.
func TestValues(t *testing.T) {
	octets := []byte{0xdf, 0x09, 0x01, 0x00, 0xff}
	inRequest := map[string]string{
		"Root": "Request", "SchemaVersion": "5.4", "RequestID": realID, "CommandVariant": "4", "ServiceReference": "1.6", "ServiceReferenceVariant": "1.6",
	}
	inResponse := map[string]string{
		"Root": "Response", "SchemaVersion": "5.4", "RequestID": realID, "ResponseID": deviceID + ":" + userID + ":1700000000001",
		"ResponseCode": "I0", "ResponseDateTime": "2021-11-18T09:30:00Z",
	}
	for _, c := range []struct {
		name string
		in   map[string]string
		body Body
		want map[string]string
	}{
		{"payment mode to credit", inRequest, "<sr:UpdatePaymentMode><sr:Credit/></sr:UpdatePaymentMode>",
			map[string]string{"Body": "UpdatePaymentMode", "PaymentMode": "Credit"}},
		{"payment mode to prepayment, future dated", inRequest, prepayment,
			map[string]string{"Body": "UpdatePaymentMode", "PaymentMode": "Prepayment", "ExecutionDateTime": "2021-11-20T00:00:00Z"}},
		{"signed pre-command", inRequest, SignedPreCommand("", octets),
			map[string]string{"Body": "SignedPreCommand", "Payload": string(octets)}},
		{"signed pre-command, future dated", inRequest, SignedPreCommand("2030-01-01T00:00:00Z", octets),
			map[string]string{"Body": "SignedPreCommand", "Payload": string(octets), "ExecutionDateTime": "2030-01-01T00:00:00Z"}},
		{"payload with white space", inRequest, "<sr:SignedPreCommand><sr:GBCSPayload>\n 3w&#13;\nk B<![CDATA[AP8=]]>\t</sr:GBCSPayload></sr:SignedPreCommand>",
			map[string]string{"Body": "SignedPreCommand", "Payload": string(octets)}},
		{"change of supplier", inRequest, "<sr:UpdateSecurityCredentialsCoS><sr:ExecutionDateTime>2030-01-01T00:00:00Z</sr:ExecutionDateTime>" +
			"<sr:RemotePartyFloorSeqNumber>1</sr:RemotePartyFloorSeqNumber><sr:Certificates><sr:ImportMPxN>9</sr:ImportMPxN></sr:Certificates>" +
			"<sr:ImportMPxN>1234567890123</sr:ImportMPxN></sr:UpdateSecurityCredentialsCoS>",
			map[string]string{"Body": "UpdateSecurityCredentialsCoS", "ImportMPxN": "1234567890123", "ExecutionDateTime": "2030-01-01T00:00:00Z"}},
		{"any other request", inRequest, "<sr:ReadSupplyStatus/>", map[string]string{"Body": "ReadSupplyStatus"}},
		{"any other request, future dated", inRequest,
			"<sr:ActivateFirmware><sr:ExecutionDateTime> 2030-01-01T00:00:00Z\n</sr:ExecutionDateTime><sr:FirmwareHash>AA==</sr:FirmwareHash></sr:ActivateFirmware>",
			map[string]string{"Body": "ActivateFirmware", "ExecutionDateTime": "2030-01-01T00:00:00Z"}},
		{"a deeper date is none of ours", inRequest, "<sr:X><sr:Y><sr:ExecutionDateTime>2030-01-01T00:00:00Z</sr:ExecutionDateTime></sr:Y></sr:X>",
			map[string]string{"Body": "X"}},

		{"acknowledgement", inResponse, Acknowledgement("1.6", "1.6"),
			map[string]string{"Body": "ResponseMessage", "ServiceReference": "1.6", "ServiceReferenceVariant": "1.6"}},
		{"response with payload", inResponse, Body("<sr:ResponseMessage><sr:ServiceReference>11.2</sr:ServiceReference><sr:ServiceReferenceVariant>11.2</sr:ServiceReferenceVariant><sr:GBCSPayload>" + gbcs(octets) + "</sr:GBCSPayload></sr:ResponseMessage>"),
			map[string]string{"Body": "ResponseMessage", "ServiceReference": "11.2", "ServiceReferenceVariant": "11.2", "Content": "GBCSPayload", "Payload": string(octets)}},
		{"pre-command", inResponse, Body("<sr:ResponseMessage><sr:ServiceReference>1.6</sr:ServiceReference><sr:ServiceReferenceVariant>1.6</sr:ServiceReferenceVariant><sr:PreCommand><sr:GBCSVersion>4.1</sr:GBCSVersion><sr:GBCSPayload>" + gbcs(octets) + "</sr:GBCSPayload></sr:PreCommand></sr:ResponseMessage>"),
			map[string]string{"Body": "ResponseMessage", "ServiceReference": "1.6", "ServiceReferenceVariant": "1.6", "Content": "PreCommand", "Payload": string(octets)}},
		{"response with anything else", inResponse, "<sr:ResponseMessage><sr:ServiceReference>8.2</sr:ServiceReference><sr:ServiceReferenceVariant>8.2</sr:ServiceReferenceVariant><sr:DSPInventory><sr:Device/></sr:DSPInventory></sr:ResponseMessage>",
			map[string]string{"Body": "ResponseMessage", "ServiceReference": "8.2", "ServiceReferenceVariant": "8.2", "Content": "DSPInventory"}},
		{"device alert", inResponse, Body("<sr:DeviceAlertMessage><sr:AlertCode> 8F3E </sr:AlertCode><sr:ThrottledAlertCount>2</sr:ThrottledAlertCount><sr:GBCSPayload>" + gbcs(octets) + "</sr:GBCSPayload></sr:DeviceAlertMessage>"),
			map[string]string{"Body": "DeviceAlertMessage", "AlertCode": "8F3E", "Payload": string(octets)}},
		{"DCC alert", inResponse, "<sr:DCCAlertMessage><sr:DCCAlertCode>AD1</sr:DCCAlertCode><sr:DCCAlert><sr:PowerOutageEvent><sr:x>1</sr:x></sr:PowerOutageEvent></sr:DCCAlert></sr:DCCAlertMessage>",
			map[string]string{"Body": "DCCAlertMessage", "AlertCode": "AD1", "Alert": "PowerOutageEvent"}},
		{"quarantined by the user's threshold", inResponse, QuarantinedRequest("N29", UserThreshold, realID, 42), quarantined("UserThreshold")},
		{"quarantined by the DCC's threshold", inResponse, QuarantinedRequest("N29", DCCThreshold, realID, 42), quarantined("DCCThreshold")},
		{"quarantined by a value", inResponse, QuarantinedRequest("N29", AttributeLimits, realID, 42), quarantined("AttributeLimits")},
		{"SMETS1 response with its own signature", inResponse, Body(`<sr:SMETS1ResponseMessage><sr:SMETS1SignedResponse schemaVersion="5.4"><ds:Signature xmlns:ds="` +
			spaceNames[xmldsig] + `" Id="x"><ds:SignedInfo/></ds:Signature></sr:SMETS1SignedResponse></sr:SMETS1ResponseMessage>`),
			map[string]string{"Body": "SMETS1ResponseMessage"}},
		{"SMETS1 alert with its own signature", inResponse, Body(`<sr:DCCAlertMessage><sr:DCCAlertCode>N50</sr:DCCAlertCode><sr:DCCAlert><sr:S1SPAlertDSP><sr:S1SPAlert><Signature xmlns="` +
			spaceNames[xmldsig] + `"/></sr:S1SPAlert></sr:S1SPAlertDSP></sr:DCCAlert></sr:DCCAlertMessage>`),
			map[string]string{"Body": "DCCAlertMessage", "AlertCode": "N50", "Alert": "S1SPAlertDSP"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var unsigned []byte
			if c.in["Root"] == "Request" {
				unsigned = request(t, 4, "1.6", c.body)
			} else {
				unsigned = response(t, "I0", c.body)
			}
			want := map[string]string{}
			for _, part := range []map[string]string{c.in, c.want} {
				for k, v := range part {
					want[k] = v
				}
			}
			for how, signed := range map[string][]byte{"as it is": signAsIs(t, unsigned), "by Sign": sign(t, unsigned)} {
				m := parse(t, signed)
				if diff := cmp.Diff(want, fields(m)); diff != "" {
					t.Errorf("signed %s: %s", how, diff)
				}
				if err := Verify(m, &testKey("user").PublicKey); err != nil {
					t.Errorf("signed %s: %v", how, err)
				}
			}
		})
	}
}

func quarantined(kind string) map[string]string {
	return map[string]string{"Body": "DCCAlertMessage", "AlertCode": "N29", "Alert": "QuarantinedRequest", "Quarantine": kind,
		"QuarantinedID": realID, "QuarantineRef": "42"}
}

// TestHeaderOptions: the optional fields of both headers, and what surrounds values that collapse.
func TestHeaderOptions(t *testing.T) {
	unsigned, err := AppendRequest([]byte("kept"), RequestHeader{
		SchemaVersion: "4.0", RequestID: realID, FirstInSequence: "false", PrecedingServiceRequestID: fakeID,
		CommandVariant: 1, ServiceReference: "7.4", ServiceReferenceVariant: "7.4",
	}, "<sr:ReadSupplyStatus/>")
	if err != nil || !bytes.HasPrefix(unsigned, []byte("kept<?xml")) {
		t.Fatalf("%s, %v", unsigned, err)
	}
	spacy := string(unsigned[4:])
	for _, v := range []string{realID, "false", fakeID} {
		spacy = strings.Replace(spacy, ">"+v+"<", ">\t"+v+"\n <", 1)
	}
	spacy = strings.Replace(spacy, `"4.0"`, `" 4.0 "`, 1)
	want := map[string]string{"Root": "Request", "SchemaVersion": "4.0", "RequestID": realID, "FirstInSequence": "false",
		"PrecedingServiceRequestID": fakeID, "CommandVariant": "1", "ServiceReference": "7.4", "ServiceReferenceVariant": "7.4", "Body": "ReadSupplyStatus"}
	m := parse(t, signAsIs(t, []byte(spacy)))
	if diff := cmp.Diff(want, fields(m)); diff != "" {
		t.Error(diff)
	}
	response, err := AppendResponse(nil, ResponseHeader{SchemaVersion: "5.4", ResponseCode: "I0", ResponseDateTime: "2021-11-18T09:30:00Z"}, Acknowledgement("1.6", "1.6"))
	if err != nil {
		t.Fatal(err)
	}
	if m := parse(t, sign(t, response)); m.RequestID != nil || m.ResponseID != nil {
		t.Errorf("values without elements: %v", fields(m))
	}
}

// TestRefusedBodies: what the elements that carry meaning may not hold.
func TestRefusedBodies(t *testing.T) {
	for _, body := range []Body{
		"", "text", "<sr:A/><sr:B/>", `<A/>`, `<x:A xmlns:x="urn:x"/>`,
		"<sr:UpdatePaymentMode/>",
		"<sr:UpdatePaymentMode><sr:Credit/><sr:Credit/></sr:UpdatePaymentMode>",
		"<sr:UpdatePaymentMode><sr:Credit>x</sr:Credit></sr:UpdatePaymentMode>",
		"<sr:UpdatePaymentMode><sr:Credit><sr:Prepayment/></sr:Credit></sr:UpdatePaymentMode>",
		"<sr:UpdatePaymentMode><sr:Other/></sr:UpdatePaymentMode>",
		"<sr:UpdatePaymentMode><sr:Credit/><sr:ExecutionDateTime>2030-01-01T00:00:00Z</sr:ExecutionDateTime></sr:UpdatePaymentMode>",
		"<sr:SignedPreCommand/>",
		"<sr:SignedPreCommand><sr:GBCSPayload>3w</sr:GBCSPayload></sr:SignedPreCommand>",
		"<sr:SignedPreCommand><sr:GBCSPayload>3x==</sr:GBCSPayload></sr:SignedPreCommand>",
		"<sr:SignedPreCommand><sr:GBCSPayload>3w==3w==</sr:GBCSPayload></sr:SignedPreCommand>",
		"<sr:SignedPreCommand><sr:GBCSPayload>3w==</sr:GBCSPayload><sr:GBCSPayload>3w==</sr:GBCSPayload></sr:SignedPreCommand>",
		"<sr:UpdateSecurityCredentialsCoS/>",
		"<sr:UpdateSecurityCredentialsCoS><sr:ImportMPxN>1</sr:ImportMPxN><sr:ImportMPxN>2</sr:ImportMPxN></sr:UpdateSecurityCredentialsCoS>",
		"<sr:UpdateSecurityCredentialsCoS><sr:ImportMPxN>1</sr:ImportMPxN><sr:X/></sr:UpdateSecurityCredentialsCoS>",
		"<sr:X><sr:ExecutionDateTime>1</sr:ExecutionDateTime><sr:ExecutionDateTime>2</sr:ExecutionDateTime></sr:X>",
		"<sr:X><sr:Y/><sr:ExecutionDateTime>1</sr:ExecutionDateTime></sr:X>",
		"<sr:X><ds:Signature xmlns:ds='http://www.w3.org/2000/09/xmldsig#'/></sr:X>",
		"<sr:X>text<sr:Y/></sr:X>", "<sr:X><sr:Y/>text</sr:X>", "<sr:X>text<!-- --></sr:X>", "<sr:X><!-- -->text</sr:X>",
	} {
		if b, err := AppendRequest(nil, RequestHeader{SchemaVersion: "5.4", RequestID: realID, CommandVariant: 4, ServiceReference: "1.6", ServiceReferenceVariant: "1.6"}, body); err == nil || b != nil {
			t.Errorf("%s: accepted", body)
		}
	}
	for _, body := range []Body{
		"<sr:UpdatePaymentMode><sr:Credit/></sr:UpdatePaymentMode>",
		"<sr:ResponseMessage><sr:ServiceReference>1.6</sr:ServiceReference></sr:ResponseMessage>",
		Acknowledgement("1.6", "1.6") + Acknowledgement("1.6", "1.6"),
		QuarantinedRequest("N29", 0, realID, 1), QuarantinedRequest("N29", 4, realID, 1), QuarantinedRequest("", 1, realID, 1),
		QuarantinedRequest("N29", 1, "two words", 1), QuarantinedRequest("N<29", 1, realID, 1), QuarantinedRequest("N29\x00", 1, realID, 1),
		"<sr:DCCAlertMessage><sr:DCCAlertCode>N29</sr:DCCAlertCode><sr:DCCAlert/></sr:DCCAlertMessage>",
		"<sr:ResponseMessage><sr:ServiceReference>1</sr:ServiceReference><sr:ServiceReferenceVariant>1</sr:ServiceReferenceVariant><sr:GBCSPayload/><sr:GBCSPayload/></sr:ResponseMessage>",
		"<sr:ResponseMessage><sr:ServiceReference>1</sr:ServiceReference><sr:ServiceReferenceVariant>1</sr:ServiceReferenceVariant><sr:ServiceReference>2</sr:ServiceReference></sr:ResponseMessage>",
	} {
		if b, err := AppendResponse(nil, ResponseHeader{SchemaVersion: "5.4", ResponseCode: "I0", ResponseDateTime: "2021-11-18T09:30:00Z"}, body); err == nil || b != nil {
			t.Errorf("%s: accepted", body)
		}
	}
}

// TestUnsigned: a message without a signature is read only when asked for, and never verifies.
func TestUnsigned(t *testing.T) {
	unsigned := request(t, 4, "1.6", prepayment)
	var m Message
	if err := new(Parser).Parse(unsigned, &m); err == nil {
		t.Error("read without being asked")
	}
	p := Parser{Unsigned: true}
	if err := p.Parse(unsigned, &m); err != nil || m.Signed {
		t.Errorf("%v, signed %t", err, m.Signed)
	}
	wantPart(t, Verify(&m, &testKey("user").PublicKey), PartSignature)
	if err := p.Parse(original(t), &m); err != nil || Verify(&m, &testKey("user").PublicKey) != nil {
		t.Errorf("a signed one: %v", err)
	}
	wantPart(t, Verify(new(Message), &testKey("user").PublicKey), PartSignature)
}

func wantPart(t *testing.T, err error, part Part) {
	t.Helper()
	var v *VerifyError
	if !errors.As(err, &v) || v.Part != part || !strings.HasPrefix(err.Error(), "duis: signature: expected ") {
		t.Errorf("%v, expected part %d", err, part)
	}
}

// TestReuse: a message that is read into again holds nothing of what was there before, read or refused.
func TestReuse(t *testing.T) {
	var p Parser
	var m Message
	quarantine := sign(t, response(t, "I0", QuarantinedRequest("N29", UserThreshold, realID, 42)))
	for _, src := range [][]byte{sized(t, 19000), quarantine, original(t), quarantine} {
		if err := p.Parse(src, &m); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(fields(parse(t, src)), fields(&m)); diff != "" {
			t.Error(diff)
		}
		if err := p.Parse(src[:len(src)-1], &m); err == nil || len(fields(&m)) > 0 || m.Signed || len(m.Canonical())+len(m.SignedInfo())+len(m.IssuerName) > 0 {
			t.Errorf("refused with %v, and values left: %v", err, fields(&m))
		}
	}
}

// TestSourceIsNotKept: the values stay when the input is overwritten.
func TestSourceIsNotKept(t *testing.T) {
	src := original(t)
	m := parse(t, src)
	want := values(m)
	clear(src)
	if values(m) != want {
		t.Error("the message shares memory with its source")
	}
	if err := Verify(m, &testKey("user").PublicKey); err != nil {
		t.Error(err)
	}
}

// TestNoAllocation: in steady state Parse allocates nothing, whatever it reads.
func TestNoAllocation(t *testing.T) {
	exclusive := &editor{t, original(t)}
	resigned(after("</ds:Transform>", `<ds:Transform Algorithm="`+algExclusive+`"></ds:Transform>`))(exclusive)
	for name, src := range map[string][]byte{
		"request": original(t), "exclusive": exclusive.b, "large": sized(t, 19000),
		"payload": sign(t, request(t, 5, "1.6", SignedPreCommand("", make([]byte, 3000)))),
		"alert":   sign(t, response(t, "I0", QuarantinedRequest("N29", UserThreshold, realID, 42))),
	} {
		var p Parser
		var m Message
		if n := testing.AllocsPerRun(20, func() {
			if err := p.Parse(src, &m); err != nil {
				t.Fatal(err)
			}
		}); n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}

// TestLimits: each limit, at its edge and beyond it.
func TestLimits(t *testing.T) {
	deep := func(n int) Body { // n elements within each other below Body
		return Body(strings.Repeat("<sr:x>", n) + strings.Repeat("</sr:x>", n))
	}
	deepest := signAsIs(t, request(t, 4, "1", deep(30)))
	for _, c := range []struct {
		name       string
		limits     Limits
		fits, over []byte
	}{
		{"size", Limits{Size: len(original(t))}, original(t), append(original(t), ' ')},
		{"depth by default", Limits{}, deepest, bytes.Replace(deepest, []byte("<sr:x></sr:x>"), []byte("<sr:x><sr:x></sr:x></sr:x>"), 1)},
		{"depth", Limits{Depth: 8}, signAsIs(t, request(t, 4, "1", deep(6))), signAsIs(t, request(t, 4, "1", deep(7)))},
		{"attributes", Limits{Attributes: 3}, signAsIs(t, request(t, 4, "1", Body("<sr:x"+numbered(3, ` a%d=""`)+"/>"))), signAsIs(t, request(t, 4, "1", Body("<sr:x"+numbered(4, ` a%d=""`)+"/>")))},
		{"namespaces", Limits{Namespaces: 3}, signAsIs(t, request(t, 4, "1", Body("<sr:x"+numbered(2, ` xmlns:n%[1]d="urn:%[1]d"`)+"/>"))), signAsIs(t, request(t, 4, "1", Body("<sr:x"+numbered(3, ` xmlns:n%[1]d="urn:%[1]d"`)+"/>")))},
		{"name", Limits{NameLength: 26}, signAsIs(t, request(t, 4, "1", "<sr:abc/>")), signAsIs(t, request(t, 4, "1", Body("<sr:"+strings.Repeat("a", 24)+"/>")))},
	} {
		p := Parser{Limits: c.limits}
		if err := p.Parse(c.fits, new(Message)); err != nil {
			t.Errorf("%s: at the limit: %v", c.name, err)
		}
		if err := p.Parse(c.over, new(Message)); err == nil || !strings.Contains(err.Error(), "at most") {
			t.Errorf("%s: beyond the limit: %v", c.name, err)
		}
	}
	large := sign(t, request(t, 8, "11.1", Body("<sr:UpdateFirmware><sr:DeviceIDList>"+strings.Repeat(deviceID+",", 49999)+deviceID+"</sr:DeviceIDList></sr:UpdateFirmware>")))
	if m := parse(t, large); string(m.Body) != "UpdateFirmware" {
		t.Error("the longest list of devices is refused")
	}
	if err := new(Parser).Parse(make([]byte, DefaultLimits.Size+1), new(Message)); err == nil || !strings.Contains(err.Error(), "2097152 bytes") {
		t.Error(err)
	}
}

// TestTruncated: no prefix of a message is read, and none makes the parser panic.
func TestTruncated(t *testing.T) {
	src := original(t)
	var p Parser
	var m Message
	for n := range src {
		if err := p.Parse(src[:n], &m); err == nil {
			t.Errorf("%d bytes of %d are read", n, len(src))
		}
	}
}

// TestOffsets: the offset of an error is that of the byte that does not fit.
func TestOffsets(t *testing.T) {
	src := string(original(t))
	for _, c := range []struct{ at, insert, expected string }{
		{"<sr:CommandVariant>", "<sr:x/>", "CommandVariant or "},
		{"</sr:Header>", "\x00", "no further element"},
		{closeID, "\x00", "a character of XML"},
		{"<sr:Body>", "<!DOCTYPE x>", "an element, a comment or CDATA"},
		{"<ds:Transforms>", "<!-- -->", "no comment here"},
	} {
		i := strings.Index(src, c.at)
		err := new(Parser).Parse([]byte(src[:i]+c.insert+src[i:]), new(Message))
		var syntax *SyntaxError
		if !errors.As(err, &syntax) || syntax.Offset != i || !strings.HasPrefix(err.Error(), "duis: byte ") || !strings.Contains(syntax.Expected, c.expected) {
			t.Errorf("%q before %s at %d: %v", c.insert, c.at, i, err)
		}
	}
}
