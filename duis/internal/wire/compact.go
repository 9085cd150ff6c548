package wire

import "bytes"

// treatment says what a signer may do with the white space in the text of a leaf.
type treatment uint8

const (
	refuse  treatment = iota // a type that is not known here: white space that might be dropped is refused
	trim                     // a type that collapses white space and has none inside
	densify                  // base64Binary
	asIs                     // free text: white space belongs to the value
)

// treatments lists, by local name, the leaves whose type is known (DUIS schema V5.1 to V5.4): those that collapse white space and
// that [Parser] reads, and the xs:string without an enumeration or pattern that rules white space out.
var treatments = map[string]treatment{
	"RequestID": trim, "FirstInSequence": trim, "PrecedingServiceRequestID": trim, "CommandVariant": trim,
	"ResponseID": trim, "ResponseDateTime": trim, "ExecutionDateTime": trim, "AlertCode": trim, "QuarantineEventRef": trim,
	"GBCSPayload": densify,

	"AdditionalInformation": asIs, "AddressIdentifier": asIs, "AuxiliaryEquipmentRequired": asIs, "DeviceManufacturer": asIs,
	"DeviceModel": asIs, "GISData": asIs, "IncidentReference": asIs, "PostCode": asIs, "SeasonName": asIs, "SupplierMessage": asIs,
	"SupplierName": asIs, "SupplierTelephoneNumber": asIs, "SwitchDescription": asIs, "UserRefID": asIs,
}

// compact takes the white space out of canonical octets that a validator working on the schema-normalised document, as the
// published signing tool does, would not see: between elements, and around values that collapse. It does not change the
// meaning of any value, and refuses where it cannot tell.
//
// It relies on what the parser guarantees: no comments, no element with both text and elements.
func compact(doc []byte) ([]byte, error) {
	out := make([]byte, 0, len(doc)+1024)
	var opened []byte // name of the start tag that the text follows directly, if any
	for len(doc) > 0 {
		tag := bytes.IndexByte(doc, '<')
		end := tag + tagEnd(doc[tag:])
		text, isEnd := doc[:tag], doc[tag+1] == '/'
		if isEnd && opened != nil {
			kept, err := leafText(opened, text)
			if err != nil {
				return nil, err
			}
			out = append(out, kept...)
		}
		opened = nil
		if !isEnd {
			opened = localName(doc[tag+1 : end])
		}
		out = append(out, doc[tag:end+1]...)
		doc = doc[end+1:]
	}
	return out, nil
}

// tagEnd gives the offset of the > that ends a tag in canonical form; values may hold one, in their double quotes.
func tagEnd(tag []byte) int {
	quoted := false
	for i, c := range tag {
		if c == '"' {
			quoted = !quoted
		} else if c == '>' && !quoted {
			return i
		}
	}
	return len(tag) - 1 // not reached: canonical octets are well formed
}

// localName gives the local name in the inside of a start tag.
func localName(tag []byte) []byte {
	if i := bytes.IndexByte(tag, ' '); i >= 0 {
		tag = tag[:i]
	}
	return tag[bytes.IndexByte(tag, ':')+1:]
}

// leafText gives the text of a leaf as it is to be signed.
func leafText(name, text []byte) ([]byte, error) {
	dense := appendDense(nil, text)
	t := treatments[string(name)]
	switch {
	case t == asIs || len(dense) == len(text):
		return text, nil
	case len(dense) == 0 || t == densify:
		return dense, nil // white space alone is no value of any other type
	case t == trim:
		return bytes.Trim(text, " \t\n\r"), nil
	}
	if collapsed := bytes.Join(bytes.Fields(text), []byte(" ")); bytes.Equal(collapsed, text) && !bytes.Contains(text, []byte(carriageReturn)) {
		return text, nil
	}
	return nil, &SignError{Element: string(name), Expected: "a value without white space around it and no more than single spaces inside"}
}
