package wire

import (
	"bytes"
	"encoding/base64"
	"strings"
)

// attacks is the corpus: what is done to the original, and what must come of it. The names are those of the files.
var attacks = []attack{
	{"original", same, func(*editor) {}},

	// Values changed.
	{"value-counter-changed", broken, swap("1700000000001", "1700000000002")},
	{"value-command-variant-changed", broken, swap("<sr:CommandVariant>4", "<sr:CommandVariant>1")},
	{"value-payment-mode-changed", broken, func(e *editor) {
		e.cut("<sr:Prepayment>", "</sr:Prepayment>")
		e.after("</sr:ExecutionDateTime>", "<sr:Credit/>")
	}},
	{"value-body-renamed", broken, func(e *editor) {
		e.b = bytes.ReplaceAll(e.b, []byte("UpdatePaymentMode"), []byte("UpdateMeterBalance"))
	}},
	{"value-schema-version-changed", broken, swap(`schemaVersion="5.4"`, `schemaVersion="5.3"`)},
	{"value-schema-version-spaced", broken, swap(`schemaVersion="5.4"`, `schemaVersion=" 5.4 "`)},
	{"value-white-space-around-request-id", broken, func(e *editor) { e.after(openID, " "); e.before(closeID, "\n") }},
	{"value-white-space-in-request-id", refused, swap(":1700000000001", ": 1700000000001")},

	// Elements moved.
	{"moved-body-before-header", refused, move("<sr:Body>", "</sr:Body>", "<sr:Header>")},
	{"moved-signature-first", refused, move("<ds:Signature ", "</ds:Signature>", "<sr:Header>")},
	{"moved-header-last", refused, move("<sr:Header>", "</sr:Header>", "</sr:Request>")},
	{"moved-header-into-body", refused, move("<sr:Header>", "</sr:Header>", "<sr:UpdatePaymentMode>")},
	{"moved-header-into-signature", refused, move("<sr:Header>", "</sr:Header>", "</ds:Signature>")},
	{"moved-signature-into-body", refused, move("<ds:Signature ", "</ds:Signature>", "</sr:Body>")},
	{"moved-signature-into-header", refused, move("<ds:Signature ", "</ds:Signature>", "</sr:Header>")},
	{"moved-request-id-last", refused, move(openID, closeID, "</sr:Header>")},
	{"moved-service-reference-into-body", refused, move("<sr:ServiceReference>", "</sr:ServiceReference>", "</sr:Body>")},
	{"moved-execution-time-last", refused, move("<sr:ExecutionDateTime>", "</sr:ExecutionDateTime>", "</sr:UpdatePaymentMode>")},

	// The original wrapped, so that the signature still covers it and something else is read.
	{"wrapped-in-object", refused, func(e *editor) {
		inner := string(e.b[len(declaration):])
		e.after("</ds:KeyInfo>", "<ds:Object>"+inner+"</ds:Object>")
		e.b = bytes.Replace(e.b, []byte(realID), []byte(fakeID), 1)
	}},
	{"wrapped-in-request", refused, func(e *editor) {
		inner := string(e.b[len(declaration):])
		e.b = []byte(declaration + `<sr:Request xmlns:sr="` + spaceNames[gateway] + `" schemaVersion="5.4">` + fakeHeader + "<sr:Body>" + inner + "</sr:Body></sr:Request>")
	}},
	{"wrapped-in-soap", refused, func(e *editor) {
		e.b = []byte(`<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body>` + string(e.b[len(declaration):]) + "</e:Body></e:Envelope>")
	}},
	{"wrapped-two-roots", refused, whole(func(b []byte) []byte { return append(b, b[len(declaration):]...) })},

	// Elements added.
	{"added-header-before", refused, before("<sr:Header>", fakeHeader)},
	{"added-header-after", refused, after("</sr:Header>", fakeHeader)},
	{"added-header-at-end", refused, before("</sr:Request>", fakeHeader)},
	{"added-header-in-key-info", refused, before("</ds:KeyInfo>", fakeHeader)},
	{"added-header-in-issuer-serial", refused, before("</ds:X509IssuerSerial>", fakeHeader)},
	{"added-header-in-body", refused, after("<sr:Body>", fakeHeader)},
	{"added-request-id-before", refused, before(openID, openID+fakeID+closeID)},
	{"added-request-id-after", refused, after(closeID, openID+fakeID+closeID)},
	{"added-request-id-in-body", refused, before("<sr:Prepayment>", openID+fakeID+closeID)},
	{"added-unknown-header-child", refused, before("</sr:Header>", "<sr:Priority>1</sr:Priority>")},
	{"added-foreign-header-child", refused, before("</sr:Header>", `<x:RequestID xmlns:x="urn:x">`+fakeID+"</x:RequestID>")},
	{"added-first-in-sequence", broken, after(closeID, "<sr:FirstInSequence>true</sr:FirstInSequence>")},
	{"added-credit-before-prepayment", refused, before("<sr:Prepayment>", "<sr:Credit/>")},
	{"added-credit-after-prepayment", refused, after("</sr:Prepayment>", "<sr:Credit/>")},
	{"added-second-body-element", refused, before("</sr:Body>", "<sr:ReadSupplyStatus/>")},
	{"added-second-execution-time", refused, after("</sr:ExecutionDateTime>", "<sr:ExecutionDateTime>2031-01-01T00:00:00Z</sr:ExecutionDateTime>")},
	{"added-element-in-request-id", refused, after(openID, "<sr:x/>")},
	{"added-text-in-header", refused, after("<sr:Header>", "text")},
	{"added-text-in-root", refused, before("<sr:Body>", "text")},
	{"added-text-in-body", refused, after("<sr:Body>", "text")},
	{"added-text-beside-elements", refused, after("<sr:Prepayment>", "text")},
	{"added-text-in-signed-info", refused, after("<ds:Transforms>", "text")},
	{"added-text-in-signature", refused, before("<ds:KeyInfo>", "text")},
	{"added-text-after-root", refused, whole(func(b []byte) []byte { return append(b, "text"...) })},
	{"added-nul-after-root", refused, whole(func(b []byte) []byte { return append(b, 0) })},
	{"added-second-signature", refused, double("<ds:Signature ", "</ds:Signature>")},
	{"added-signature-by-attacker", refused, func(e *editor) {
		other, err := Sign(e.b, testIssuer, "1", deterministic{testKey("attacker")})
		if err != nil {
			e.t.Fatal(err)
		}
		c := editor{e.t, other}
		e.before("<ds:Signature ", c.cut("<ds:Signature ", "</ds:Signature>"))
	}},
	{"added-signed-info", refused, double("<ds:SignedInfo ", "</ds:SignedInfo>")},
	{"added-signature-value", refused, double("<ds:SignatureValue>", "</ds:SignatureValue>")},
	{"added-object-in-signature", refused, before("</ds:Signature>", "<ds:Object/>")},

	// Elements taken away.
	{"missing-signature", refused, drop("<ds:Signature ", "</ds:Signature>")},
	{"missing-header", refused, drop("<sr:Header>", "</sr:Header>")},
	{"missing-body", refused, drop("<sr:Body>", "</sr:Body>")},
	{"missing-body-element", refused, drop("<sr:UpdatePaymentMode>", "</sr:UpdatePaymentMode>")},
	{"missing-payment-mode", refused, drop("<sr:Prepayment>", "</sr:Prepayment>")},
	{"missing-execution-time", broken, drop("<sr:ExecutionDateTime>", "</sr:ExecutionDateTime>")},
	{"missing-request-id", refused, drop(openID, closeID)},
	{"missing-service-reference", refused, drop("<sr:ServiceReference>", "</sr:ServiceReference>")},
	{"missing-schema-version", refused, swap(` schemaVersion="5.4"`, "")},
	{"missing-signature-content", refused, func(e *editor) {
		e.cut("<ds:SignedInfo ", "</ds:KeyInfo>")
	}},
	{"empty-request-id", refused, swap(realID, "")},
	{"empty-service-reference", refused, swap("<sr:ServiceReference>1.6", "<sr:ServiceReference>")},

	// Comments, which canonical octets do not have.
	{"comment-between-header-fields", same, after(closeID, "<!-- "+openID+fakeID+closeID+" -->")},
	{"comment-before-header", same, before("<sr:Header>", "<!--"+fakeHeader+"-->")},
	{"comment-before-root", same, before("<sr:Request ", "<!--"+fakeHeader+"-->")},
	{"comment-before-signature", same, before("<ds:Signature ", "<!---->")},
	{"comment-after-root", refused, whole(func(b []byte) []byte { return append(b, "<!-- -->"...) })},
	{"comment-in-request-id", refused, swap(":1700000000001", ":17<!---->00000000001")},
	{"comment-before-request-id-text", refused, after(openID, "<!-- -->")},
	{"comment-in-service-reference", refused, swap("<sr:ServiceReference>1.6", "<sr:ServiceReference>1.6<!---->")},
	{"comment-in-body-value", refused, swap("-500", "-50<!-- -->0")},
	{"comment-in-digest-value", refused, after("<ds:DigestValue>", "<!-- -->")},
	{"comment-in-signed-info", refused, after("<ds:Transforms>", "<!-- -->")},
	{"comment-in-issuer-name", refused, swap("CN=T1", "CN=<!---->T1")},
	{"comment-with-two-hyphens", refused, before("<sr:Header>", "<!-- -- -->")},
	{"comment-with-hyphen-at-end", refused, before("<sr:Header>", "<!-- --->")},
	{"comment-not-closed", refused, before("<sr:Header>", "<!-- ")},
	{"comment-with-control-character", refused, before("<sr:Header>", "<!-- \x01 -->")},

	// References and CDATA, which canonical octets resolve.
	{"reference-decimal-in-request-id", same, swap(userID, "&#57;0"+userID[2:])},
	{"reference-hexadecimal-in-request-id", same, swap(userID, "&#x39;0"+userID[2:])},
	{"reference-leading-zeros", same, swap(userID, "&#x000039;0"+userID[2:])},
	{"reference-in-schema-version", same, swap(`"5.4"`, `"&#53;.4"`)},
	{"reference-in-algorithm", same, swap(`Transform Algorithm="http:`, `Transform Algorithm="http&#58;`)},
	{"reference-in-namespace", same, swap(`xmlns:sr="http:`, `xmlns:sr="http&#x3a;`)},
	{"reference-white-space-in-header", refused, after("<sr:Header>", "&#10;")},
	{"reference-carriage-return-after-request-id", refused, before(closeID, "&#13;")},
	{"reference-ampersand-in-request-id", refused, before(closeID, "&amp;")},
	{"reference-less-than-in-service-reference", refused, swap("<sr:ServiceReference>1.6", "<sr:ServiceReference>1.6&lt;x/>")},
	{"reference-to-nul", refused, before(closeID, "&#0;")},
	{"reference-to-surrogate", refused, before(closeID, "&#xD800;")},
	{"reference-to-noncharacter", refused, before(closeID, "&#xFFFE;")},
	{"reference-beyond-unicode", refused, before(closeID, "&#x110000;")},
	{"reference-overflow", refused, before(closeID, "&#4294967345;")},
	{"reference-upper-case-x", refused, before(closeID, "&#X31;")},
	{"reference-empty", refused, before(closeID, "&#;")},
	{"reference-not-closed", refused, before(closeID, "&#49")},
	{"entity-unknown", refused, before(closeID, "&id;")},
	{"entity-of-html", refused, before(closeID, "&nbsp;")},
	{"cdata-around-request-id", same, swap(realID, "<![CDATA["+realID+"]]>")},
	{"cdata-in-request-id", same, swap(userID, "<![CDATA["+userID[:5]+"]]>"+userID[5:])},
	{"cdata-around-service-reference", same, swap("<sr:ServiceReference>1.6", "<sr:ServiceReference><![CDATA[1.6]]>")},
	{"cdata-in-body-value", same, swap("-500", "<![CDATA[-5]]>00")},
	{"cdata-empty-in-request-id", same, after(openID, "<![CDATA[]]>")},
	{"cdata-between-elements", refused, after("<sr:Header>", "<![CDATA[]]>")},
	{"cdata-with-header", refused, before("<sr:Header>", "<![CDATA["+fakeHeader+"]]>")},
	{"cdata-around-root", refused, before("<sr:Request ", "<![CDATA[ ]]>")},
	{"cdata-not-closed", refused, after(openID, "<![CDATA[")},
	{"cdata-lower-case", refused, after(openID, "<![cdata[]]>")},
	{"cdata-end-in-text", refused, before(closeID, "]]>")},

	// Encodings.
	{"encoding-byte-order-mark", same, whole(func(b []byte) []byte { return append([]byte("\xef\xbb\xbf"), b...) })},
	{"encoding-two-byte-order-marks", refused, whole(func(b []byte) []byte { return append([]byte("\xef\xbb\xbf\xef\xbb\xbf"), b...) })},
	{"encoding-utf-16-little-endian", refused, whole(func(b []byte) []byte { return toUTF16(b, 0, 1, "\xff\xfe") })},
	{"encoding-utf-16-big-endian", refused, whole(func(b []byte) []byte { return toUTF16(b, 1, 0, "\xfe\xff") })},
	{"encoding-utf-16-no-mark", refused, whole(func(b []byte) []byte { return toUTF16(b, 0, 1, "") })},
	{"encoding-declared-utf-16", refused, swap("UTF-8", "UTF-16")},
	{"encoding-declared-latin-1", refused, swap("UTF-8", "ISO-8859-1")},
	{"encoding-declared-utf-7", refused, swap("UTF-8", "UTF-7")},
	{"encoding-declared-ebcdic", refused, swap("UTF-8", "IBM037")},
	{"encoding-declared-lower-case", same, swap("UTF-8", "utf-8")},
	{"encoding-latin-1-byte", refused, before(closeID, "\xe9")},
	{"encoding-overlong", refused, before(closeID, "\xc0\xb1")},
	{"encoding-surrogate", refused, before(closeID, "\xed\xa0\x80")},
	{"encoding-noncharacter", refused, before("-500", "\xef\xbf\xbf")},
	{"encoding-control-character", refused, before("-500", "\x0b")},
	{"encoding-full-width-digit", refused, swap(":1700000000001", ":\uff11")},
	{"encoding-no-break-space-after-request-id", refused, before(closeID, "\u00a0")},
	{"encoding-zero-width-in-service-reference", broken, swap("<sr:ServiceReference>1.6", "<sr:ServiceReference>1.6\u200b")},

	// The declaration, document types and processing instructions.
	{"declaration-missing", same, swap(declaration, "")},
	{"declaration-standalone", same, swap(`"UTF-8"`, `"UTF-8" standalone="no"`)},
	{"declaration-quotes", same, swap(declaration, `<?xml version='1.0' encoding = 'UTF-8' ?>`)},
	{"declaration-version-1.1", refused, swap(`version="1.0"`, `version="1.1"`)},
	{"declaration-after-space", refused, whole(func(b []byte) []byte { return append([]byte(" "), b...) })},
	{"declaration-twice", refused, swap(declaration, declaration+declaration)},
	{"declaration-other-attribute", refused, swap(`"UTF-8"`, `"UTF-8" lang="en"`)},
	{"doctype-empty", refused, before("<sr:Request ", "<!DOCTYPE Request>")},
	{"doctype-entity", refused, func(e *editor) {
		e.before("<sr:Request ", `<!DOCTYPE Request [<!ENTITY id "`+fakeID+`">]>`)
		e.swap(realID, "&id;")
	}},
	{"doctype-external-entity", refused, before("<sr:Request ", `<!DOCTYPE r [<!ENTITY e SYSTEM "file:///etc/hostname">]>`)},
	{"doctype-default-attribute", refused, before("<sr:Request ", `<!DOCTYPE r [<!ATTLIST sr:RequestID x CDATA "1">]>`)},
	{"doctype-billion-laughs", refused, before("<sr:Request ", `<!DOCTYPE r [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;">]>`)},
	{"instruction-before-root", refused, before("<sr:Request ", `<?xml-stylesheet href="x.xsl"?>`)},
	{"instruction-in-header", refused, after("<sr:Header>", "<?x?>")},
	{"instruction-in-request-id", refused, after(openID, "<?x?>")},
	{"instruction-after-root", refused, whole(func(b []byte) []byte { return append(b, "<?x?>"...) })},

	// Namespaces.
	{"namespace-prefix-renamed", broken, whole(func(b []byte) []byte {
		b = bytes.ReplaceAll(b, []byte("<sr:"), []byte("<q:"))
		b = bytes.ReplaceAll(b, []byte("</sr:"), []byte("</q:"))
		return bytes.ReplaceAll(b, []byte("xmlns:sr"), []byte("xmlns:q"))
	})},
	{"namespace-default", broken, whole(func(b []byte) []byte {
		b = bytes.ReplaceAll(b, []byte("<sr:"), []byte("<"))
		b = bytes.ReplaceAll(b, []byte("</sr:"), []byte("</"))
		return bytes.ReplaceAll(b, []byte("xmlns:sr"), []byte("xmlns"))
	})},
	{"namespace-other-root", refused, swap(spaceNames[gateway], "urn:other")},
	{"namespace-response-and-alert-root", refused, swap(spaceNames[gateway], "http://www.dccinterface.co.uk/ResponseAndAlert")},
	{"namespace-trailing-slash", refused, swap(spaceNames[gateway], spaceNames[gateway]+"/")},
	{"namespace-rebound-on-header", refused, swap("<sr:Header>", `<sr:Header xmlns:sr="urn:other">`)},
	{"namespace-rebound-on-request-id", refused, swap(openID, `<sr:RequestID xmlns:sr="urn:other">`)},
	{"namespace-declared-again", same, swap("<sr:Header>", `<sr:Header xmlns:sr="`+spaceNames[gateway]+`">`)},
	{"namespace-declared-unused-on-root", broken, swap("<sr:Request ", `<sr:Request xmlns:x="urn:x" `)},
	{"namespace-declared-unused-on-header", broken, swap("<sr:Header>", `<sr:Header xmlns:x="urn:x">`)},
	{"namespace-declared-unused-in-signature", same, swap("<ds:KeyInfo>", `<ds:KeyInfo xmlns:x="urn:x">`)},
	{"namespace-declared-unused-on-signed-info", same, swap("<ds:SignedInfo ", `<ds:SignedInfo xmlns:x="urn:x" `)},
	{"namespace-undeclared-default", same, swap("<sr:Header>", `<sr:Header xmlns="">`)},
	{"namespace-undeclared-prefix", refused, swap("<sr:Header>", `<sr:Header xmlns:sr="">`)},
	{"namespace-relative", refused, swap("<sr:Header>", `<sr:Header xmlns:x="x/y">`)},
	{"namespace-unbound-prefix", refused, func(e *editor) { e.swap(openID, "<x:RequestID>"); e.swap(closeID, "</x:RequestID>") }},
	{"namespace-none", refused, func(e *editor) { e.swap(openID, "<RequestID>"); e.swap(closeID, "</RequestID>") }},
	{"namespace-prefix-xmlns", refused, swap("<sr:Header>", `<sr:Header xmlns:xmlns="http://www.w3.org/2000/xmlns/">`)},
	{"namespace-prefix-xml-rebound", refused, swap("<sr:Header>", `<sr:Header xmlns:xml="urn:x">`)},
	{"namespace-of-xml-with-other-prefix", refused, swap("<sr:Header>", `<sr:Header xmlns:x="http://www.w3.org/XML/1998/namespace">`)},
	{"namespace-two-colons", refused, swap(openID, "<sr:x:RequestID>")},
	{"namespace-signature-in-gateway", refused, whole(func(b []byte) []byte {
		return bytes.ReplaceAll(b, []byte("ds:Signature"), []byte("sr:Signature"))
	})},
	{"namespace-signature-of-1.1", refused, whole(func(b []byte) []byte {
		return bytes.ReplaceAll(b, []byte(spaceNames[xmldsig]), []byte("http://www.w3.org/2009/xmldsig11#"))
	})},
	{"name-cyrillic", refused, func(e *editor) { e.swap(openID, "<sr:R\u0435questID>"); e.swap(closeID, "</sr:R\u0435questID>") }},
	{"name-other-case", refused, func(e *editor) { e.swap(openID, "<sr:requestID>"); e.swap(closeID, "</sr:requestID>") }},

	// Attributes.
	{"attribute-single-quotes", same, swap(`schemaVersion="5.4"`, `schemaVersion='5.4'`)},
	{"attribute-other-order", same, func(e *editor) {
		e.swap(` schemaVersion="5.4"`, "")
		e.swap("<sr:Request ", `<sr:Request schemaVersion="5.4" `)
	}},
	{"attribute-spaces-in-tag", same, swap(`schemaVersion="5.4">`, "schemaVersion\t=\r\n\"5.4\" >")},
	{"attribute-spaces-in-end-tag", same, swap("</sr:Header>", "</sr:Header\n>")},
	{"attribute-twice", refused, swap(`schemaVersion="5.4"`, `schemaVersion="5.4" schemaVersion="5.3"`)},
	{"attribute-unknown-on-root", refused, swap(`schemaVersion="5.4"`, `schemaVersion="5.4" version="5.3"`)},
	{"attribute-on-header", refused, swap("<sr:Header>", `<sr:Header x="1">`)},
	{"attribute-on-request-id", refused, swap(openID, `<sr:RequestID x="1">`)},
	{"attribute-without-quotes", refused, swap(`"5.4"`, `5.4`)},
	{"attribute-without-value", refused, swap(`schemaVersion="5.4"`, `schemaVersion`)},
	{"attribute-not-closed", refused, swap(`"5.4"`, `"5.4`)},
	{"attribute-with-less-than", refused, swap(`"5.4"`, `"5.4<"`)},
	{"attribute-schema-location", broken, swap(`schemaVersion="5.4"`, `xmlns:xsi="`+spaceNames[xsi]+`" xsi:schemaLocation="a b" schemaVersion="5.4"`)},
	{"attribute-schema-type", refused, swap("<sr:Prepayment>", `<sr:Prepayment xmlns:xsi="`+spaceNames[xsi]+`" xsi:type="sr:NoType">`)},
	{"attribute-schema-nil", refused, swap(openID, `<sr:RequestID xmlns:xsi="`+spaceNames[xsi]+`" xsi:nil="true">`)},
	{"attribute-xml-space", refused, swap("<sr:Prepayment>", `<sr:Prepayment xml:space="preserve">`)},
	{"attribute-xml-base", refused, swap(`schemaVersion="5.4"`, `xml:base="http://x/" schemaVersion="5.4"`)},
	{"attribute-of-gateway", refused, swap(`schemaVersion="5.4"`, `schemaVersion="5.4" sr:schemaVersion="5.3"`)},

	// Id and URI.
	{"id-on-root", refused, swap(`schemaVersion="5.4"`, `Id="r" schemaVersion="5.4"`)},
	{"id-on-body", refused, swap("<sr:Body>", `<sr:Body Id="b">`)},
	{"id-xml-on-body", refused, swap("<sr:Body>", `<sr:Body xml:id="b">`)},
	{"id-on-signature", refused, swap("<ds:Signature ", `<ds:Signature Id="s" `)},
	{"id-on-signed-info", refused, swap("<ds:SignedInfo ", `<ds:SignedInfo Id="s" `)},
	{"id-on-reference", refused, resigned(swap(`<ds:Reference URI="">`, `<ds:Reference Id="x" URI="">`))},
	{"id-on-key-info", refused, swap("<ds:KeyInfo>", `<ds:KeyInfo Id="k">`)},
	{"id-on-signature-value", refused, swap("<ds:SignatureValue>", `<ds:SignatureValue Id="v">`)},
	{"uri-of-id", refused, resigned(swap(`URI=""`, `URI="#b"`))},
	{"uri-of-xpointer", refused, resigned(swap(`URI=""`, `URI="#xpointer(/)"`))},
	{"uri-external", refused, resigned(swap(`URI=""`, `URI="http://example.com/m.xml"`))},
	{"uri-missing", refused, resigned(swap(` URI=""`, ``))},
	{"uri-white-space", refused, resigned(swap(`URI=""`, `URI=" "`))},
	{"reference-type", refused, resigned(swap(`URI=""`, `Type="http://www.w3.org/2000/09/xmldsig#Manifest" URI=""`))},
	{"reference-second", refused, resigned(double("<ds:Reference ", "</ds:Reference>"))},

	// Algorithms: each correctly signed, each refused.
	{"algorithm-canonicalization-inclusive", refused, resigned(swap(`CanonicalizationMethod Algorithm="`+algExclusive, `CanonicalizationMethod Algorithm="`+algInclusive))},
	{"algorithm-canonicalization-with-comments", refused, resigned(swap(algExclusive, algExclusive+"WithComments"))},
	{"algorithm-canonicalization-1.1", refused, resigned(swap(algExclusive, "http://www.w3.org/2006/12/xml-c14n11"))},
	{"algorithm-canonicalization-prefix-list", refused, resigned(after(algExclusive+`">`, `<InclusiveNamespaces xmlns="`+algExclusive+`" PrefixList="sr"></InclusiveNamespaces>`))},
	{"algorithm-ecdsa-sha1", refused, resigned(swap("ecdsa-sha256", "ecdsa-sha1"))},
	{"algorithm-ecdsa-sha512", refused, resigned(swap("ecdsa-sha256", "ecdsa-sha512"))},
	{"algorithm-rsa-sha256", refused, resigned(swap("ecdsa-sha256", "rsa-sha256"))},
	{"algorithm-hmac-sha256", refused, resigned(swap("ecdsa-sha256", "hmac-sha256"))},
	{"algorithm-hmac-output-length", refused, resigned(after(algECDSA+`">`, "<ds:HMACOutputLength>1</ds:HMACOutputLength>"))},
	{"algorithm-trailing-space", refused, resigned(swap(algECDSA, algECDSA+" "))},
	{"algorithm-other-case", refused, resigned(swap("ecdsa-sha256", "ECDSA-SHA256"))},
	{"algorithm-missing", refused, resigned(swap(` Algorithm="`+algECDSA+`"`, ""))},
	{"algorithm-second-attribute", refused, resigned(swap(` Algorithm="`+algECDSA+`"`, ` Algorithm="`+algECDSA+`" Other="x"`))},
	{"algorithm-digest-sha1", refused, resigned(swap(algSHA256, "http://www.w3.org/2000/09/xmldsig#sha1"))},
	{"algorithm-digest-sha512", refused, resigned(swap(algSHA256, "http://www.w3.org/2001/04/xmlenc#sha512"))},
	{"transform-missing", refused, resigned(drop("<ds:Transforms>", "</ds:Transforms>"))},
	{"transform-none", refused, resigned(drop("<ds:Transform Algorithm", "</ds:Transform>"))},
	{"transform-not-enveloped", refused, resigned(swap(algEnveloped, algInclusive))},
	{"transform-xpath", refused, resigned(after("</ds:Transform>", `<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116"><ds:XPath>/x</ds:XPath></ds:Transform>`))},
	{"transform-xslt", refused, resigned(after("</ds:Transform>", `<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xslt-19991116"></ds:Transform>`))},
	{"transform-base64", refused, resigned(after("</ds:Transform>", `<ds:Transform Algorithm="http://www.w3.org/2000/09/xmldsig#base64"></ds:Transform>`))},
	{"transform-with-comments", refused, resigned(after("</ds:Transform>", `<ds:Transform Algorithm="`+algInclusive+`#WithComments"></ds:Transform>`))},
	{"transform-third", refused, resigned(after("</ds:Transform>", strings.Repeat(`<ds:Transform Algorithm="`+algInclusive+`"></ds:Transform>`, 2)))},
	{"transform-second-inclusive-signed", same, resigned(after("</ds:Transform>", `<ds:Transform Algorithm="`+algInclusive+`"></ds:Transform>`))},
	{"transform-second-exclusive-signed", same, resigned(after("</ds:Transform>", `<ds:Transform Algorithm="`+algExclusive+`"></ds:Transform>`))},
	{"transform-second-not-signed", broken, after("</ds:Transform>", `<ds:Transform Algorithm="`+algInclusive+`"></ds:Transform>`)},
	{"transform-exclusive-hides-namespace", same, func(e *editor) {
		// Signed in exclusive form: a declaration that nobody uses is not signed, and changes nothing.
		resigned(after("</ds:Transform>", `<ds:Transform Algorithm="`+algExclusive+`"></ds:Transform>`))(e)
		e.swap("<sr:Header>", `<sr:Header xmlns:x="urn:x">`)
	}},

	// Digest and signature.
	{"digest-of-other-message", broken, func(e *editor) {
		c := editor{e.t, sign(e.t, request(e.t, 4, "1.6", "<sr:UpdatePaymentMode><sr:Credit/></sr:UpdatePaymentMode>"))}
		s := c.cut("<ds:DigestValue>", "</ds:DigestValue>")
		e.cut("<ds:DigestValue>", "</ds:DigestValue>")
		e.before("</ds:Reference>", s)
	}},
	{"digest-short", refused, swapDigest(func(d []byte) string { return base64.StdEncoding.EncodeToString(d[:31]) })},
	{"digest-long", refused, swapDigest(func(d []byte) string { return base64.StdEncoding.EncodeToString(append(d, 0)) })},
	{"digest-hexadecimal", refused, swapDigest(func(d []byte) string { return strings.Repeat("ab", 32) })},
	{"digest-unused-bits", refused, swapDigest(func(d []byte) string {
		s := []byte(base64.StdEncoding.EncodeToString(d))
		s[42]++ // the last character before the padding carries four bits
		return string(s)
	})},
	{"digest-no-padding", refused, swapDigest(func(d []byte) string { return base64.RawStdEncoding.EncodeToString(d) })},
	{"digest-white-space", broken, swapDigest(func(d []byte) string { return " " + base64.StdEncoding.EncodeToString(d) })},
	{"signature-of-other-message", broken, func(e *editor) {
		c := editor{e.t, sign(e.t, request(e.t, 4, "1.6", "<sr:UpdatePaymentMode><sr:Credit/></sr:UpdatePaymentMode>"))}
		s := c.cut("<ds:Signature ", "</ds:Signature>")
		e.cut("<ds:Signature ", "</ds:Signature>")
		e.before("</sr:Request>", s)
	}},
	{"signature-by-attacker", broken, func(e *editor) {
		b, err := Sign(e.b, testIssuer, testSerial, deterministic{testKey("attacker")})
		if err != nil {
			e.t.Fatal(err)
		}
		e.b = b
	}},
	{"signature-line-breaks", same, signatureText(func(rs []byte) string {
		s := base64.StdEncoding.EncodeToString(rs)
		return s[:76] + "&#13;\n" + s[76:]
	})},
	{"signature-line-breaks-and-spaces", same, signatureText(func(rs []byte) string {
		s := base64.StdEncoding.EncodeToString(rs)
		return "\r\n\t" + s[:76] + "&#13; " + s[76:] + "\n"
	})},
	{"signature-s-negated", same, signatureText(negated)},
	{"signature-der", refused, signatureText(func(rs []byte) string {
		return base64.StdEncoding.EncodeToString(AppendDER(nil, (*[64]byte)(rs)))
	})},
	{"signature-short", refused, signatureText(func(rs []byte) string { return base64.StdEncoding.EncodeToString(rs[:63]) })},
	{"signature-long", refused, signatureText(func(rs []byte) string { return base64.StdEncoding.EncodeToString(append(rs, 0)) })},
	{"signature-very-long", refused, signatureText(func(rs []byte) string { return base64.StdEncoding.EncodeToString(bytes.Repeat(rs, 5)) })},
	{"signature-empty", refused, signatureText(func(rs []byte) string { return "" })},
	{"signature-r-zero", broken, signatureText(func(rs []byte) string { clear(rs[:32]); return base64.StdEncoding.EncodeToString(rs) })},
	{"signature-s-zero", broken, signatureText(func(rs []byte) string { clear(rs[32:]); return base64.StdEncoding.EncodeToString(rs) })},
	{"signature-all-zero", broken, signatureText(func(rs []byte) string { clear(rs); return base64.StdEncoding.EncodeToString(rs) })},
	{"signature-r-is-order", broken, signatureText(func(rs []byte) string {
		order.FillBytes(rs[:32])
		return base64.StdEncoding.EncodeToString(rs)
	})},
	{"signature-not-base64", refused, signatureText(func(rs []byte) string { return strings.Repeat("*", 88) })},
	{"signature-base64-url", refused, signatureText(func(rs []byte) string {
		rs[0], rs[1], rs[2] = 0xff, 0xff, 0xff
		return base64.URLEncoding.EncodeToString(rs)
	})},
	{"signature-bit-flipped", broken, signatureText(func(rs []byte) string { rs[40] ^= 1; return base64.StdEncoding.EncodeToString(rs) })},

	// Key information, which is not signed: it may only say which certificate to take.
	{"key-of-attacker", broken, swap(testSerial, "1")},
	{"key-unknown-serial", broken, swap(testSerial, "2")},
	{"key-unknown-issuer", broken, swap("CN=T1", "CN=T2")},
	{"key-issuer-space-after-comma", same, swap("CN=T1,OU=07", "CN=T1, OU=07")},
	{"key-issuer-spaces-around", same, swap("CN=T1,OU=07", "\n CN=T1,OU=07 ")},
	{"key-issuer-reference", same, swap("CN=T1", "&#67;N=T1")},
	{"key-issuer-cdata", same, swap("CN=T1,", "<![CDATA[CN=T1]]>,")},
	{"key-issuer-reversed", broken, swap("CN=T1,OU=07", "OU=07,CN=T1")},
	{"key-issuer-empty", refused, swap("CN=T1,OU=07", "")},
	{"key-issuer-element", refused, swap("CN=T1,", "<x/>CN=T1,")},
	{"key-serial-white-space", same, swap(testSerial, "\n"+testSerial+" ")},
	{"key-serial-leading-zero", refused, swap(testSerial, "0"+testSerial)},
	{"key-serial-plus", refused, swap(testSerial, "+"+testSerial)},
	{"key-serial-negative", refused, swap(testSerial, "-"+testSerial)},
	{"key-serial-hexadecimal", refused, swap(testSerial, "0x1F")},
	{"key-serial-too-long", refused, swap(testSerial, strings.Repeat("9", maxSerial+1))},
	{"key-serial-empty", refused, swap(testSerial, "")},
	{"key-serial-two", refused, double("<ds:X509SerialNumber>", "</ds:X509SerialNumber>")},
	{"key-serial-before-issuer", refused, move("<ds:X509SerialNumber>", "</ds:X509SerialNumber>", "<ds:X509IssuerName>")},
	{"key-info-missing", refused, drop("<ds:KeyInfo>", "</ds:KeyInfo>")},
	{"key-info-two", refused, double("<ds:KeyInfo>", "</ds:KeyInfo>")},
	{"key-info-before-value", refused, move("<ds:KeyInfo>", "</ds:KeyInfo>", "<ds:SignatureValue>")},
	{"key-info-certificate", refused, before(issuerSerial, "<ds:X509Certificate>AAAA</ds:X509Certificate>")},
	{"key-info-certificate-after", refused, after("</ds:X509IssuerSerial>", "<ds:X509Certificate>AAAA</ds:X509Certificate>")},
	{"key-info-subject-name", refused, before(issuerSerial, "<ds:X509SubjectName>CN=x</ds:X509SubjectName>")},
	{"key-info-key-value", refused, before("<ds:X509Data>", "<ds:KeyValue/>")},
	{"key-info-key-name", refused, before("<ds:X509Data>", "<ds:KeyName>1</ds:KeyName>")},
	{"key-info-retrieval-method", refused, before("<ds:X509Data>", `<ds:RetrievalMethod URI="#x"/>`)},
	{"key-info-two-issuer-serials", refused, double(issuerSerial, "</ds:X509IssuerSerial>")},
	{"key-info-two-data", refused, double("<ds:X509Data>", "</ds:X509Data>")},
	{"key-info-white-space", same, after("<ds:X509Data>", "\r\n  ")},
	{"key-info-empty", refused, drop("<ds:X509Data>", "</ds:X509Data>")},

	// White space between elements, which is signed.
	{"space-between-elements-added", broken, after("<sr:Header>", "\n")},
	{"space-before-signature-added", broken, before("<ds:Signature ", " ")},
	{"space-in-signed-info-added", broken, before("<ds:Reference ", "\n")},
	{"space-in-signature-added", same, before("<ds:SignatureValue>", "\n")},
	{"space-pretty-printed-after-signing", broken, whole(func(b []byte) []byte { return bytes.ReplaceAll(b, []byte("><"), []byte(">\n<")) })},
	{"space-around-root", same, func(e *editor) { e.before("<sr:Request ", "\r\n"); e.b = append(e.b, " \n"...) }},
	{"space-signed", same, spaced(func(s string) string { return s })},
	{"space-signed-line-ends-changed", same, spaced(func(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") })},
	{"space-signed-old-line-ends", same, spaced(func(s string) string { return strings.ReplaceAll(s, "\n", "\r") })},
	{"space-signed-then-removed", broken, spaced(func(s string) string { return strings.ReplaceAll(s, "\n\t", "") })},
	{"space-signed-carriage-return-reference", refused, spaced(func(s string) string { return strings.ReplaceAll(s, "\n", "&#13;\n") })},

	// Markup.
	{"markup-empty-element", same, swap("></ds:CanonicalizationMethod>", "/>")},
	{"markup-wrong-end-tag", refused, swap(closeID, "</sr:RequestId>")},
	{"markup-end-tag-other-prefix", refused, func(e *editor) {
		e.swap("<sr:Request ", `<sr:Request xmlns:q="`+spaceNames[gateway]+`" `)
		e.swap(closeID, "</q:RequestID>")
	}},
	{"markup-end-tag-longer", refused, swap(closeID, "</sr:RequestIDs>")},
	{"markup-end-tag-too-many", refused, after("</sr:Body>", "</sr:Body>")},
	{"markup-space-before-name", refused, swap(openID, "< sr:RequestID>")},
	{"markup-attribute-in-end-tag", refused, swap(closeID, `</sr:RequestID x="1">`)},
	{"markup-lone-less-than", refused, after(openID, "<")},
	{"markup-lone-ampersand", refused, after(openID, "&")},

	// Truncated and oversized.
	{"truncated-nothing", refused, whole(func(b []byte) []byte { return nil })},
	{"truncated-declaration-only", refused, whole(func(b []byte) []byte { return b[:len(declaration)] })},
	{"truncated-in-declaration", refused, whole(func(b []byte) []byte { return b[:20] })},
	{"truncated-in-tag", refused, whole(func(b []byte) []byte { return b[:bytes.Index(b, []byte("schemaVersion"))] })},
	{"truncated-in-header", refused, whole(func(b []byte) []byte { return b[:bytes.Index(b, []byte("</sr:Header>"))] })},
	{"truncated-after-body", refused, whole(func(b []byte) []byte { return b[:bytes.Index(b, []byte("<ds:Signature "))] })},
	{"truncated-before-end", refused, whole(func(b []byte) []byte { return b[:bytes.LastIndex(b, []byte("</"))] })},
	{"truncated-last-byte", refused, whole(func(b []byte) []byte { return b[:len(b)-1] })},
	{"oversized-depth", refused, swap("<sr:Prepayment>", "<sr:Prepayment>"+strings.Repeat("<sr:x>", 40)+strings.Repeat("</sr:x>", 40))},
	{"oversized-attributes", refused, swap("<sr:Prepayment>", "<sr:Prepayment"+numbered(17, ` a%d="1"`)+">")},
	{"oversized-namespaces", refused, swap("<sr:Prepayment>", "<sr:Prepayment>"+numbered(40, `<sr:x xmlns:n%[1]d="urn:%[1]d"/>`))},
	{"oversized-name", refused, swap("<sr:Prepayment>", "<sr:Prepayment><sr:"+strings.Repeat("x", 128)+"/>")},
}
