package smki_test

import (
	"bytes"
	"crypto"
	"crypto/sha256"
	"encoding/asn1"
	"testing"

	"github.com/seed-db8551c1/lastresort/smki/smkitest"
)

// node is an element of DER that a test can change: content of its own, or children.
type node struct {
	tag      byte
	content  []byte
	children []*node
	raw      []byte // if set, written as it is
}

func parseTree(tb testing.TB, b []byte) *node {
	tb.Helper()
	var v asn1.RawValue
	rest, err := asn1.Unmarshal(b, &v)
	if err != nil || len(rest) > 0 {
		tb.Fatalf("not one element of DER: %v, %d octets more", err, len(rest))
	}
	n := &node{tag: b[0], content: v.Bytes}
	if v.IsCompound {
		for rest := v.Bytes; len(rest) > 0; {
			var c asn1.RawValue
			if rest, err = asn1.Unmarshal(rest, &c); err != nil {
				tb.Fatal(err)
			}
			n.children = append(n.children, parseTree(tb, c.FullBytes))
		}
		n.content = nil
	}
	return n
}

func (n *node) at(path ...int) *node {
	for _, i := range path {
		n = n.children[i]
	}
	return n
}

func (n *node) der() []byte {
	if n.raw != nil {
		return n.raw
	}
	content := bytes.Clone(n.content)
	for _, c := range n.children {
		content = append(content, c.der()...)
	}
	return tlv(n.tag, content)
}

// tlv encodes an element.
func tlv(tag byte, parts ...[]byte) []byte {
	content := bytes.Join(parts, nil)
	switch n := len(content); {
	case n < 0x80:
		return append([]byte{tag, byte(n)}, content...)
	case n < 0x100:
		return append([]byte{tag, 0x81, byte(n)}, content...)
	case n < 0x10000:
		return append([]byte{tag, 0x82, byte(n >> 8), byte(n)}, content...)
	case n < 0x1000000:
		return append([]byte{tag, 0x83, byte(n >> 16), byte(n >> 8), byte(n)}, content...)
	default:
		return append([]byte{tag, 0x84, byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)}, content...)
	}
}

// leaf, text and ext are elements to put into a tree.
func leaf(tag byte, content ...byte) *node { return &node{tag: tag, content: content} }

func text(s string) *node { return &node{tag: 0x0c, content: []byte(s)} }

// ext is an extension 2.5.29.id; a critical one if true.
func ext(id byte, critical bool, value []byte) *node {
	n := &node{tag: 0x30, children: []*node{leaf(0x06, 0x55, 0x1d, id)}}
	if critical {
		n.children = append(n.children, leaf(0x01, 0xff))
	}
	n.children = append(n.children, leaf(0x04, value...))
	return n
}

// edit is the DER after a change.
func edit(tb testing.TB, der []byte, change func(*node)) []byte {
	tb.Helper()
	n := parseTree(tb, bytes.Clone(der))
	change(n)
	return n.der()
}

// resign is the DER of a certificate or CRL after a change, signed again.
func resign(tb testing.TB, der []byte, key *smkitest.Key, change func(*node)) []byte {
	tb.Helper()
	return edit(tb, der, func(n *node) {
		change(n)
		digest := sha256.Sum256(n.at(0).der())
		n.at(2).content = append([]byte{0}, must[[]byte](tb)(key.Sign(nil, digest[:], crypto.SHA256))...)
	})
}
