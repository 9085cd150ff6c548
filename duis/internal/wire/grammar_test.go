package wire

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// No element of a header that the schema demands may be missing.
func TestHeaderIsComplete(t *testing.T) {
	p := Parser{Unsigned: true}
	for _, c := range []struct {
		message  []byte
		elements []string
	}{
		{request(t, 4, "1.6", prepayment), []string{"Header", "RequestID", "CommandVariant", "ServiceReference", "ServiceReferenceVariant", "Body"}},
		{response(t, "I0", Acknowledgement("1.6", "1.6")), []string{"Header", "ResponseCode", "ResponseDateTime", "Body", "ServiceReferenceVariant"}},
	} {
		var m Message
		if err := p.Parse(c.message, &m); err != nil {
			t.Fatal(err)
		}
		for _, name := range c.elements {
			from, to := bytes.Index(c.message, []byte("<sr:"+name+">")), bytes.Index(c.message, []byte("</sr:"+name+">"))
			without := append(c.message[:from:from], c.message[to+len("</sr:>")+len(name):]...)
			if err := p.Parse(without, &m); err == nil {
				t.Errorf("read without %s: %s", name, without)
			}
		}
	}
}

// A value of a type that keeps white space is read with it, so that no look-up takes it for another.
func TestVerbatimKeepsSpace(t *testing.T) {
	for _, c := range []struct {
		message []byte
		element string
		field   string
	}{
		{request(t, 4, "1.6", prepayment), "ServiceReference", "ServiceReference"},
		{request(t, 4, "1.6", prepayment), "ServiceReferenceVariant", "ServiceReferenceVariant"},
		{response(t, "I0", Acknowledgement("1.6", "1.6")), "ServiceReference", "ServiceReference"},
		{response(t, "I0", Acknowledgement("1.6", "1.6")), "ServiceReferenceVariant", "ServiceReferenceVariant"},
		{response(t, "I0", Acknowledgement("1.6", "1.6")), "ResponseCode", "ResponseCode"},
		{response(t, "I0", QuarantinedRequest("N29", UserThreshold, realID, 42)), "DCCAlertCode", "AlertCode"},
		{request(t, 4, "6.23", "<sr:UpdateSecurityCredentialsCoS><sr:ImportMPxN>1</sr:ImportMPxN></sr:UpdateSecurityCredentialsCoS>"), "ImportMPxN", "ImportMPxN"},
	} {
		var m Message
		p := Parser{Unsigned: true}
		if err := p.Parse(c.message, &m); err != nil {
			t.Fatal(err)
		}
		want := fields(&m)
		want[c.field] = " " + want[c.field] + "\n"
		spaced := strings.NewReplacer("<sr:"+c.element+">", "<sr:"+c.element+"> ", "</sr:"+c.element+">", "\n</sr:"+c.element+">").Replace(string(c.message))
		if err := p.Parse([]byte(spaced), &m); err != nil {
			t.Errorf("%s: %v", c.element, err)
		} else if d := cmp.Diff(want, fields(&m)); d != "" {
			t.Errorf("%s: %s", c.element, d)
		}
	}
}

// The signature has one form: nothing stands in it besides, signed anew or not.
func TestSignatureForm(t *testing.T) {
	for _, place := range []string{"<ds:Transforms>", "<ds:X509Data>", "<ds:KeyInfo>", "<ds:X509IssuerSerial>", "</ds:SignedInfo>", "</ds:Reference>", "</ds:SignatureValue>"} {
		e := &editor{t, original(t)}
		e.after(place, "<!-- -->")
		if got, _ := judge(t, e.b); got != refused {
			t.Errorf("a comment after %s: %v", place, got)
		}
	}
	for _, algorithm := range []string{algEnveloped, algExclusive + "WithComments", algInclusive + "#WithComments", "http://www.w3.org/2006/12/xml-c14n11", ""} {
		e := &editor{t, original(t)}
		resigned(after("</ds:Transform>", `<ds:Transform Algorithm="`+algorithm+`"></ds:Transform>`))(e)
		if got, _ := judge(t, e.b); got != refused {
			t.Errorf("a second transform %q: %v", algorithm, got)
		}
	}
}
