// Package wire answers one question about the bytes of a DUIS message: what exactly did the holder of which key sign?
//
//   - [Parser.Parse] reads a message in one strict pass into a [Message]: its header, the little of its body that a filter
//     needs, and the canonical octets that its signature covers.
//   - [Verify] checks that signature against a public key. Who may hold the key is for the caller to decide.
//   - [Sign] signs a message; [AppendRequest] and [AppendResponse] write one.
//
// # What is decided on is what was signed
//
// An XML signature covers canonical octets, not the bytes received: comments, references, CDATA, prefixes and elements can be
// moved or added without breaking it, and a reader that looks for values in another way than the signature was checked finds
// those of an attacker. So there is one pass, and every value that a Message holds of the document is a piece of the canonical octets which that
// pass wrote and digested. What the pass does not know, it refuses.
//
// # What is accepted
//
// UTF-8 (with or without its byte order mark), XML 1.0, no document type and no processing instruction. The root is Request or
// Response in the namespace of the Service User Gateway, whatever its prefix; its children are Header, Body and Signature, once
// each and in that order. Elements that carry meaning stand in the order of the schema (DUIS V5.4), once each. A comment may
// stand between elements outside the signature, never beside text. No element has both text and elements. Names are ASCII. Prefixed attributes
// are refused but for xsi:schemaLocation and xsi:noNamespaceSchemaLocation on the root.
//
// White space between elements is part of what is signed, as the standard (XML Signature, section 8.1.3) has it: a message signed with
// it verifies with exactly that white space. A value of a type that collapses white space (RequestID, CommandVariant,
// FirstInSequence, the dates, hexadecimal and decimal values, schemaVersion, X509SerialNumber) is returned without what surrounds it and may hold none
// inside, nor a reference to a carriage return; base64 may hold it anywhere. A value of a type that does not (ServiceReference,
// ServiceReferenceVariant, the response and alert codes, an MPxN, X509IssuerName) is returned as it is written, so that a table look-up refuses it.
//
// The signature has one form: SignedInfo in exclusive canonical form, ECDSA with SHA-256, one Reference to the whole document
// with the enveloped-signature transform, and KeyInfo with nothing but X509IssuerSerial. After that transform, a second one may name Canonical XML
// 1.0 (what applies without it) or Exclusive Canonical XML, both without comments.
//
// Nothing here reads a clock, does I/O or starts a goroutine. A Parser and a Message are not safe for concurrent use; after their buffers have
// grown, Parse allocates nothing unless it refuses.
package wire
