package wire

import (
	"bytes"
	"crypto/sha256"
)

// Parser reads messages. Its zero value is ready; it keeps its memory from one message to the next.
type Parser struct {
	Limits Limits

	// Unsigned makes Parse accept a message without a Signature as well. Nothing in it is vouched for by anyone.
	Unsigned bool

	dropSignature bool // accept any Signature and leave it out: what Sign needs
	document      node // what the document is read as: nodeDocument but in tests

	// Invariant: all below belongs to the pass that is under way; offsets are into src, or text where said.
	src       []byte
	pos       int
	limits    Limits
	m         *Message
	out       []byte // the sink being written
	sink      sink
	exclusive bool // the document, too, is wanted in exclusive canonical form

	frames   []frame
	bindings []binding // in scope, the innermost last
	rendered []binding // written by exclusive canonicalisation, the innermost last
	apex     int       // where those of the octets being written start

	attributes []attribute
	text       []byte // canonical values of attributes
	spaces     []span // names of namespaces in spaceText
	spaceText  []byte

	root   node
	kept   [fieldCount]piece
	second int // which second transform there is: 0 none, else 1 and its index in the grammar
}

// A frame is an element that is open.
type frame struct {
	name     span // with its prefix
	bindings int  // how many were in scope outside
	rendered int
	start    int    // of its content in the source
	content  int    // of its content in the sink
	steps    uint16 // of the children seen, as a mask
	step     uint8  // of the last of them
	node     node
	sink     sink
	has      has
}

// has says what was seen in an element.
type has uint8

const (
	hasText has = 1 << iota // other than white space, or spelled as a reference or CDATA
	hasElement
	hasComment
)

// A piece is a part of a sink.
type piece struct {
	sink       sink
	set        bool
	start, end uint32
}

// Parse reads the message in src into m. It keeps no reference to src.
//
// The error is a [*SyntaxError] with the offset of the first byte that does not fit; m is then empty, so that nothing of a message
// refused can be taken for its content.
func (p *Parser) Parse(src []byte, m *Message) error {
	p.limits = p.Limits.orDefault()
	err := p.pass(src, m, false)
	if err == nil && p.second != 0 && grammar[nodeSecondTransform].values[p.second-1] == algExclusive {
		// The transforms stand at the end, when the document has been written. Another pass writes it as they ask.
		err = p.pass(src, m, true)
	}
	if err != nil {
		m.reset()
	}
	p.src, p.m, p.out = nil, nil, nil
	return err
}

// pass reads the message once.
func (p *Parser) pass(src []byte, m *Message, exclusive bool) error {
	m.reset()
	p.src, p.pos, p.m, p.exclusive = src, 0, m, exclusive
	p.sink, p.out = documentSink, m.sinks[documentSink]
	p.bindings, p.rendered, p.apex = p.bindings[:0], p.rendered[:0], 0
	p.spaces, p.spaceText = p.spaces[:0], p.spaceText[:0]
	p.kept, p.second = [fieldCount]piece{}, 0
	p.frames = append(p.frames[:0], frame{node: p.document})

	err := p.read()
	m.sinks[p.sink] = p.out
	if err != nil {
		return err
	}
	return p.finish()
}

// read reads everything: a byte order mark, a declaration, the root element and white space.
func (p *Parser) read() error {
	if len(p.src) > p.limits.Size {
		return p.limited(p.limits.Size, "at most %d bytes", p.limits.Size)
	}
	if bytes.HasPrefix(p.src, []byte("\xef\xbb\xbf")) {
		p.pos = 3
	}
	if err := p.declaration(); err != nil {
		return err
	}
	for p.pos < len(p.src) {
		var err error
		switch f := &p.frames[len(p.frames)-1]; {
		case len(p.frames) == 1 && f.steps != 0:
			err = p.trailer()
		case p.src[p.pos] != '<':
			err = p.chars(f)
		case p.next('/'):
			err = p.endTag(f)
		case p.next('!'):
			err = p.commentOrCDATA(f)
		default:
			err = p.startTag(f)
		}
		if err != nil {
			return err
		}
	}
	if len(p.frames) > 1 {
		return p.expected(p.pos, "</"+string(p.at(p.frames[len(p.frames)-1].name))+">")
	}
	if p.frames[0].steps == 0 {
		return p.expected(p.pos, "a root element")
	}
	return nil
}

// next reports whether c follows the byte at the position.
func (p *Parser) next(c byte) bool { return p.pos+1 < len(p.src) && p.src[p.pos+1] == c }

// trailer accepts white space after the root and nothing else.
func (p *Parser) trailer() error {
	if p.pos = p.skipSpace(p.pos); p.pos < len(p.src) {
		return p.expected(p.pos, "nothing after the root element")
	}
	return nil
}

func (p *Parser) skipSpace(i int) int {
	for i < len(p.src) && class[p.src[i]]&isSpace != 0 {
		i++
	}
	return i
}

// finish checks what was read, digests it and puts it into the message.
func (p *Parser) finish() error {
	m := p.m
	m.Signed = p.kept[signatureValue].set
	m.Digest = sha256.Sum256(m.sinks[documentSink])
	if m.Signed {
		m.derLen = len(AppendDER(m.der[:0], &m.SignatureValue))
		m.SignedInfoDigest = sha256.Sum256(m.sinks[signedInfoSink])
	}
	p.assign()
	return nil
}
