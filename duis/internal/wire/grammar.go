package wire

// The grammar is the part of the DUIS schema that carries meaning here, and the one form of signature that is accepted.
// What stands between is open: any elements of the schema's namespace, kept as they are and digested.

// A node is a kind of element, named for its place rather than its name.
type node uint8

const (
	nodeDocument node = iota
	nodeRequest
	nodeResponse
	nodeRequestHeader
	nodeResponseHeader
	nodeRequestBody
	nodeResponseBody

	nodeOther // the body element of any other request
	nodeUpdatePaymentMode
	nodeCredit
	nodeSignedPreCommand
	nodeCoS

	nodeResponseMessage
	nodePreCommand
	nodeDeviceAlertMessage
	nodeDCCAlertMessage
	nodeDCCAlert
	nodeQuarantinedRequest
	nodeBreach

	nodeOpen    // elements of the gateway's namespace, or text
	nodeForeign // elements of any namespace, or text: what a SMETS1 service provider wrote, with its own signature
	nodeText    // text without elements that nobody asks for

	nodeRequestID
	nodeFirstInSequence
	nodePreceding
	nodeCommandVariant
	nodeServiceReference
	nodeServiceReferenceVariant
	nodeResponseID
	nodeResponseCode
	nodeResponseDateTime
	nodeExecutionDateTime
	nodeImportMPxN
	nodePayload
	nodeDeviceAlertCode
	nodeDCCAlertCode
	nodeQuarantinedID
	nodeQuarantineRef

	nodeSignature
	nodeSignedInfo
	nodeCanonicalizationMethod
	nodeSignatureMethod
	nodeReference
	nodeTransforms
	nodeEnveloped
	nodeSecondTransform
	nodeDigestMethod
	nodeDigestValue
	nodeSignatureValue
	nodeKeyInfo
	nodeX509Data
	nodeX509IssuerSerial
	nodeX509IssuerName
	nodeX509SerialNumber

	nodeDropped  // a signature that is about to be replaced
	nodeAnything // any document that is well formed, for tests of the canonical form
	nodeCount
)

// A content is what may stand in an element.
type content uint8

const (
	elements content = iota // the children listed, white space and comments between them
	open                    // the children listed and others, or text
	leaf                    // text only, no comment
	free                    // elements of any namespace, or text
	mixed                   // anything that is well formed
)

// A child is an element that may stand in another. A child must have a greater step than the one before it, so
// that those of one step exclude each other and each stands once.
type child struct {
	space uint16
	name  string
	node  node
	step  uint8
}

// An element describes the elements of a node.
type element struct {
	content  content
	children []child
	required uint16 // bit s is set if a child of step s must be there

	other       node  // of children that are not listed, if not nodeDocument
	otherStep   uint8 // their step
	otherRepeat bool  // whether there may be many

	nameStep uint8 // children of this step have their local name kept
	nameAs   field

	attribute string   // the only attribute, and it must be there
	values    []string // what it may be; nil for anything
	valueAs   field
	prefixed  bool // whether attributes of other names are accepted: without a prefix, or of any known prefix if free

	keepAs   field // where the text is kept
	lexical  lexical
	comments bool // whether comments may stand between children
}

// A field is a value of a message that is a piece of canonical octets.
type field uint8

const (
	noField field = iota
	schemaVersion
	requestID
	firstInSequence
	preceding
	commandVariant
	serviceReference
	serviceReferenceVariant
	responseID
	responseCode
	responseDateTime
	bodyName
	executionDateTime
	paymentMode
	importMPxN
	payload
	contentName
	alertCode
	alertName
	quarantine
	quarantinedID
	quarantineRef
	digestValue
	signatureValue
	issuerName
	serialNumber
	fieldCount
)

// A lexical says how the text of a leaf is read.
type lexical uint8

const (
	anyText   lexical = iota // not looked at
	token                    // white space around it is dropped, none is allowed inside
	verbatim                 // as written
	base64Of                 // base64Binary: white space is dropped everywhere
	issuerRDN                // a distinguished name: as written, references resolved
	decimal                  // token of decimal digits without leading zeros
)

// The algorithms that are accepted (XML Signature, RFC 6931).
const (
	algExclusive = "http://www.w3.org/2001/10/xml-exc-c14n#"
	algInclusive = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
	algECDSA     = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"
	algEnveloped = "http://www.w3.org/2000/09/xmldsig#enveloped-signature"
	algSHA256    = "http://www.w3.org/2001/04/xmlenc#sha256"
)

// steps is the mask of some steps.
func steps(all ...uint8) (mask uint16) {
	for _, s := range all {
		mask |= 1 << s
	}
	return mask
}

func keep(f field, l lexical) element { return element{content: leaf, keepAs: f, lexical: l} }

func method(algorithms ...string) element {
	return element{attribute: "Algorithm", values: algorithms}
}

// The steps of the three children of a root.
const (
	stepHeader    = 1
	stepBody      = 2
	stepSignature = 3
)

// breaches are the elements of a QuarantinedRequest, by what each says; none where there is no request.
var breaches = [...]string{UserThreshold: "ADUserThresholdBreach", DCCThreshold: "ADDCCThresholdBreach", AttributeLimits: "ADAttributeLimitsBreach"}

// grammar is indexed by node.
var grammar = [nodeCount]element{
	nodeDocument: {comments: true, required: steps(1), children: []child{
		{gateway, "Request", nodeRequest, 1},
		{gateway, "Response", nodeResponse, 1},
	}},
	nodeRequest: {comments: true, attribute: "schemaVersion", valueAs: schemaVersion, required: steps(stepHeader, stepBody, stepSignature), children: []child{
		{gateway, "Header", nodeRequestHeader, stepHeader},
		{gateway, "Body", nodeRequestBody, stepBody},
		{xmldsig, "Signature", nodeSignature, stepSignature},
	}},
	nodeResponse: {comments: true, attribute: "schemaVersion", valueAs: schemaVersion, required: steps(stepHeader, stepBody, stepSignature), children: []child{
		{gateway, "Header", nodeResponseHeader, stepHeader},
		{gateway, "Body", nodeResponseBody, stepBody},
		{xmldsig, "Signature", nodeSignature, stepSignature},
	}},

	nodeRequestHeader: {comments: true, required: steps(1, 4, 5, 6), children: []child{
		{gateway, "RequestID", nodeRequestID, 1},
		{gateway, "FirstInSequence", nodeFirstInSequence, 2},
		{gateway, "PrecedingServiceRequestID", nodePreceding, 3},
		{gateway, "CommandVariant", nodeCommandVariant, 4},
		{gateway, "ServiceReference", nodeServiceReference, 5},
		{gateway, "ServiceReferenceVariant", nodeServiceReferenceVariant, 6},
	}},
	nodeResponseHeader: {comments: true, required: steps(3, 4), children: []child{
		{gateway, "RequestID", nodeRequestID, 1},
		{gateway, "ResponseID", nodeResponseID, 2},
		{gateway, "ResponseCode", nodeResponseCode, 3},
		{gateway, "ResponseDateTime", nodeResponseDateTime, 4},
	}},

	nodeRequestBody: {comments: true, required: steps(1), nameStep: 1, nameAs: bodyName, other: nodeOther, otherStep: 1, children: []child{
		{gateway, "UpdatePaymentMode", nodeUpdatePaymentMode, 1},
		{gateway, "SignedPreCommand", nodeSignedPreCommand, 1},
		{gateway, "UpdateSecurityCredentialsCoS", nodeCoS, 1},
	}},
	nodeOther: {content: open, comments: true, prefixed: true, other: nodeOpen, otherStep: 2, otherRepeat: true, children: []child{
		{gateway, "ExecutionDateTime", nodeExecutionDateTime, 1},
	}},
	nodeUpdatePaymentMode: {comments: true, required: steps(2), nameStep: 2, nameAs: paymentMode, children: []child{
		{gateway, "ExecutionDateTime", nodeExecutionDateTime, 1},
		{gateway, "Credit", nodeCredit, 2},
		{gateway, "Prepayment", nodeOpen, 2},
	}},
	nodeCredit: {comments: true},
	nodeSignedPreCommand: {comments: true, required: steps(2), children: []child{
		{gateway, "ExecutionDateTime", nodeExecutionDateTime, 1},
		{gateway, "GBCSPayload", nodePayload, 2},
	}},
	nodeCoS: {content: open, comments: true, required: steps(3), other: nodeOpen, otherStep: 2, otherRepeat: true, children: []child{
		{gateway, "ExecutionDateTime", nodeExecutionDateTime, 1},
		{gateway, "ImportMPxN", nodeImportMPxN, 3},
	}},

	nodeResponseBody: {comments: true, required: steps(1), nameStep: 1, nameAs: bodyName, children: []child{
		{gateway, "ResponseMessage", nodeResponseMessage, 1},
		{gateway, "DeviceAlertMessage", nodeDeviceAlertMessage, 1},
		{gateway, "DCCAlertMessage", nodeDCCAlertMessage, 1},
		{gateway, "SMETS1ResponseMessage", nodeForeign, 1},
	}},
	nodeResponseMessage: {comments: true, required: steps(1, 2), nameStep: 3, nameAs: contentName, other: nodeOpen, otherStep: 3, children: []child{
		{gateway, "ServiceReference", nodeServiceReference, 1},
		{gateway, "ServiceReferenceVariant", nodeServiceReferenceVariant, 2},
		{gateway, "GBCSPayload", nodePayload, 3},
		{gateway, "PreCommand", nodePreCommand, 3},
	}},
	nodePreCommand: {comments: true, required: steps(1, 2), children: []child{
		{gateway, "GBCSVersion", nodeText, 1},
		{gateway, "GBCSPayload", nodePayload, 2},
	}},
	nodeDeviceAlertMessage: {comments: true, required: steps(1, 4), children: []child{
		{gateway, "AlertCode", nodeDeviceAlertCode, 1},
		{gateway, "ThrottledAlertSequenceId", nodeText, 2},
		{gateway, "ThrottledAlertCount", nodeText, 3},
		{gateway, "GBCSPayload", nodePayload, 4},
	}},
	nodeDCCAlertMessage: {comments: true, required: steps(1, 4), children: []child{
		{gateway, "DCCAlertCode", nodeDCCAlertCode, 1},
		{gateway, "ThrottledAlertSequenceId", nodeText, 2},
		{gateway, "ThrottledAlertCount", nodeText, 3},
		{gateway, "DCCAlert", nodeDCCAlert, 4},
	}},
	nodeDCCAlert: {comments: true, required: steps(1), nameStep: 1, nameAs: alertName, other: nodeOpen, otherStep: 1, children: []child{
		{gateway, "QuarantinedRequest", nodeQuarantinedRequest, 1},
		{gateway, "S1SPAlertDSP", nodeForeign, 1},
	}},
	nodeQuarantinedRequest: {comments: true, required: steps(1), nameStep: 1, nameAs: quarantine, children: []child{
		{gateway, breaches[UserThreshold], nodeBreach, 1},
		{gateway, breaches[DCCThreshold], nodeBreach, 1},
		{gateway, breaches[AttributeLimits], nodeBreach, 1},
	}},
	nodeBreach: {comments: true, required: steps(1, 2), children: []child{
		{gateway, "RequestID", nodeQuarantinedID, 1},
		{gateway, "QuarantineEventRef", nodeQuarantineRef, 2},
	}},

	nodeOpen:    {content: open, comments: true, prefixed: true, other: nodeOpen, otherStep: 1, otherRepeat: true},
	nodeForeign: {content: free, comments: true, prefixed: true, other: nodeForeign, otherStep: 1, otherRepeat: true},
	nodeText:    keep(noField, anyText),

	nodeRequestID:               keep(requestID, token),
	nodeFirstInSequence:         keep(firstInSequence, token),
	nodePreceding:               keep(preceding, token),
	nodeCommandVariant:          keep(commandVariant, token),
	nodeServiceReference:        keep(serviceReference, verbatim),
	nodeServiceReferenceVariant: keep(serviceReferenceVariant, verbatim),
	nodeResponseID:              keep(responseID, token),
	nodeResponseCode:            keep(responseCode, verbatim),
	nodeResponseDateTime:        keep(responseDateTime, token),
	nodeExecutionDateTime:       keep(executionDateTime, token),
	nodeImportMPxN:              keep(importMPxN, verbatim),
	nodePayload:                 keep(payload, base64Of),
	nodeDeviceAlertCode:         keep(alertCode, token),
	nodeDCCAlertCode:            keep(alertCode, verbatim),
	nodeQuarantinedID:           keep(quarantinedID, token),
	nodeQuarantineRef:           keep(quarantineRef, token),

	nodeSignature: {required: steps(1, 2, 3), children: []child{
		{xmldsig, "SignedInfo", nodeSignedInfo, 1},
		{xmldsig, "SignatureValue", nodeSignatureValue, 2},
		{xmldsig, "KeyInfo", nodeKeyInfo, 3},
	}},
	nodeSignedInfo: {required: steps(1, 2, 3), children: []child{
		{xmldsig, "CanonicalizationMethod", nodeCanonicalizationMethod, 1},
		{xmldsig, "SignatureMethod", nodeSignatureMethod, 2},
		{xmldsig, "Reference", nodeReference, 3},
	}},
	nodeCanonicalizationMethod: method(algExclusive),
	nodeSignatureMethod:        method(algECDSA),
	nodeReference: {attribute: "URI", values: []string{""}, required: steps(1, 2, 3), children: []child{
		{xmldsig, "Transforms", nodeTransforms, 1},
		{xmldsig, "DigestMethod", nodeDigestMethod, 2},
		{xmldsig, "DigestValue", nodeDigestValue, 3},
	}},
	nodeTransforms: {required: steps(1), children: []child{
		{xmldsig, "Transform", nodeEnveloped, 1},
		{xmldsig, "Transform", nodeSecondTransform, 2},
	}},
	nodeEnveloped:       method(algEnveloped),
	nodeSecondTransform: method(algInclusive, algExclusive),
	nodeDigestMethod:    method(algSHA256),
	nodeDigestValue:     keep(digestValue, base64Of),
	nodeSignatureValue:  keep(signatureValue, base64Of),
	nodeKeyInfo: {required: steps(1), children: []child{
		{xmldsig, "X509Data", nodeX509Data, 1},
	}},
	nodeX509Data: {required: steps(1), children: []child{
		{xmldsig, "X509IssuerSerial", nodeX509IssuerSerial, 1},
	}},
	nodeX509IssuerSerial: {required: steps(1, 2), children: []child{
		{xmldsig, "X509IssuerName", nodeX509IssuerName, 1},
		{xmldsig, "X509SerialNumber", nodeX509SerialNumber, 2},
	}},
	nodeX509IssuerName:   keep(issuerName, issuerRDN),
	nodeX509SerialNumber: keep(serialNumber, decimal),

	nodeDropped:  {content: mixed, comments: true, other: nodeDropped, otherStep: 1, otherRepeat: true},
	nodeAnything: {content: mixed, comments: true, other: nodeAnything, otherStep: 1, otherRepeat: true},
}
