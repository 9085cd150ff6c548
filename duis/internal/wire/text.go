package wire

import "bytes"

// chars reads character data up to the next tag and writes it in canonical form.
func (p *Parser) chars(f *frame) error {
	start := p.pos
	i := p.skipSpace(start)
	if i == len(p.src) || p.src[i] == '<' {
		p.whiteSpace(start, i)
		return nil
	}
	if err := p.notedText(f, i); err != nil {
		return err
	}
	for i = start; i < len(p.src); {
		from := i
		for i < len(p.src) && class[p.src[i]]&plainText != 0 {
			i++
		}
		p.out = append(p.out, p.src[from:i]...)
		if i == len(p.src) || p.src[i] == '<' {
			break
		}
		switch c := p.src[i]; {
		case c == '&':
			r, after, err := p.reference(i)
			if err != nil {
				return err
			}
			p.out, i = appendText(p.out, r), after
		case c == '>' && i-start >= 2 && p.src[i-1] == ']' && p.src[i-2] == ']':
			return p.expected(i-2, "no ]]> in text")
		default:
			after, err := p.char(i)
			if err != nil {
				return err
			}
			i = after
		}
	}
	p.pos = i
	return nil
}

// char writes the one character at i that does not stand for itself and gives the offset after it.
func (p *Parser) char(i int) (int, error) {
	switch c := p.src[i]; {
	case c == '\r': // the end of a line, alone or with a line feed (XML 1.0, section 2.11)
		if i+1 < len(p.src) && p.src[i+1] == '\n' {
			i++
		}
		p.out = append(p.out, '\n')
		return i + 1, nil
	case c == '<', c == '>', c == '&':
		p.out = appendText(p.out, rune(c))
		return i + 1, nil
	}
	n, err := p.rune(i)
	if err != nil {
		return 0, err
	}
	p.out = append(p.out, p.src[i:i+n]...)
	return i + n, nil
}

// whiteSpace writes what stands from start to end, which is white space. Outside the root it is no part of the octets.
func (p *Parser) whiteSpace(start, end int) {
	p.pos = end
	if len(p.frames) == 1 {
		return
	}
	for i := start; i < end; i++ {
		c := p.src[i]
		if c == '\r' {
			if i+1 < end && p.src[i+1] == '\n' {
				continue
			}
			c = '\n'
		}
		p.out = append(p.out, c)
	}
}

// notedText notes that f has text and refuses it where there must be none.
func (p *Parser) notedText(f *frame, at int) error {
	if len(p.frames) == 1 {
		return p.expected(at, "a root element")
	}
	if grammar[f.node].content == elements {
		return p.expected(at, p.allowed(f))
	}
	if p.tooMixed(f, hasText) {
		return p.expected(at, "text without elements or comments beside it")
	}
	return nil
}

// tooMixed notes what f has and reports whether it now has text together with elements or a comment.
func (p *Parser) tooMixed(f *frame, seen has) bool {
	f.has |= seen
	return f.has&hasText != 0 && f.has != hasText && grammar[f.node].content != mixed
}

// commentOrCDATA reads what begins with <!, which must be one of the two: there is no document type.
func (p *Parser) commentOrCDATA(f *frame) error {
	rest := p.src[p.pos:]
	switch {
	case bytes.HasPrefix(rest, []byte("<!--")):
		return p.comment(f)
	case bytes.HasPrefix(rest, []byte("<![CDATA[")) && len(p.frames) > 1:
		return p.cdata(f)
	}
	return p.expected(p.pos, "an element, a comment or CDATA")
}

// comment leaves out a comment.
func (p *Parser) comment(f *frame) error {
	if !grammar[f.node].comments {
		return p.expected(p.pos, "no comment here")
	}
	if p.tooMixed(f, hasComment) {
		return p.expected(p.pos, "no comment beside text")
	}
	start := p.pos + len("<!--")
	n := bytes.Index(p.src[start:], []byte("--"))
	if n < 0 || start+n+2 == len(p.src) || p.src[start+n+2] != '>' {
		return p.expected(p.pos, "a comment that ends with --> and has no -- before")
	}
	end := start + n
	if err := p.checkChars(start, end); err != nil {
		return err
	}
	p.pos = end + 3
	return nil
}

// checkChars refuses what is no character of XML.
func (p *Parser) checkChars(i, end int) error {
	for i < end {
		if c := p.src[i]; class[c]&(plainText|isSpace) != 0 || c == '<' || c == '>' || c == '&' {
			i++
			continue
		}
		n, err := p.rune(i)
		if err != nil {
			return err
		}
		i += n
	}
	return nil
}

// cdata writes a CDATA section as the text that it is.
func (p *Parser) cdata(f *frame) error {
	if err := p.notedText(f, p.pos); err != nil {
		return err
	}
	start := p.pos + len("<![CDATA[")
	n := bytes.Index(p.src[start:], []byte("]]>"))
	if n < 0 {
		return p.expected(p.pos, "a CDATA section that ends with ]]>")
	}
	for i := start; i < start+n; {
		if c := p.src[i]; class[c]&plainText != 0 {
			p.out = append(p.out, c)
			i++
			continue
		}
		after, err := p.char(i)
		if err != nil {
			return err
		}
		i = after
	}
	p.pos = start + n + 3
	return nil
}
