package wire

import (
	"strings"
	"testing"
)

// A name of a namespace that exclusive canonical form has to repeat at every element multiplies nothing: it is bounded like the names of elements, so that the
// octets of a message stay within a small multiple of its bytes. SMETS1 responses hold elements of any namespace.
func TestNamespaceNamesAreBounded(t *testing.T) {
	foreign := func(name string, n int) []byte {
		e := &editor{t, sign(t, response(t, "I0", Body(`<sr:SMETS1ResponseMessage xmlns:q="`+name+`">`+strings.Repeat("<q:a/>", n)+`</sr:SMETS1ResponseMessage>`)))}
		resigned(after("</ds:Transform>", `<ds:Transform Algorithm="`+algExclusive+`"></ds:Transform>`))(e)
		return e.b
	}
	var m Message
	if err := new(Parser).Parse(foreign("urn:"+strings.Repeat("x", DefaultLimits.NameLength-4), 1000), &m); err != nil {
		t.Errorf("a name of the longest length: %v", err)
	}
	if n := len(m.Canonical()); n < 1000*DefaultLimits.NameLength {
		t.Errorf("%d octets: the name is not repeated, and this test shows nothing", n)
	}
	b := []byte(`<sr:Response xmlns:sr="` + spaceNames[gateway] + `" schemaVersion="5.4"><sr:Header><sr:ResponseCode>I0</sr:ResponseCode><sr:ResponseDateTime>2021-11-17T12:00:00Z</sr:ResponseDateTime></sr:Header>` +
		`<sr:Body><sr:SMETS1ResponseMessage xmlns:q="urn:` + strings.Repeat("x", DefaultLimits.NameLength-3) + `"/></sr:Body></sr:Response>`)
	p := Parser{Unsigned: true}
	if err := p.Parse(b, &m); err == nil || !strings.Contains(err.Error(), "at most 128 bytes") {
		t.Errorf("a longer name: %v", err)
	}
}

// Offsets are held in 32 bits, and canonical octets can be many times as many as those of the message: no limits let them run over.
func TestLimitsKeepOffsets(t *testing.T) {
	l := Limits{Size: 1 << 40, Depth: 1 << 40, Attributes: 1 << 40, Namespaces: 1 << 40, NameLength: 1 << 40}.orDefault()
	// The worst: <q:a/>, for which exclusive canonical form writes the declaration of q as well.
	perByte := (len(`<q:a xmlns:q=""></q:a>`) + l.NameLength + len(`<q:a/>`) - 1) / len(`<q:a/>`)
	if most := uint64(l.Size) * uint64(perByte); most >= 1<<32 {
		t.Errorf("%d bytes may become %d octets", l.Size, most)
	}
}
