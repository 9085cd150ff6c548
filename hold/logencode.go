package hold

import (
	"encoding/hex"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/seed-db8551c1/lastresort/duis"
	"github.com/seed-db8551c1/lastresort/smki"
)

// The canonical encoding of records. It is written by hand and not by encoding/json, whose escapes have changed between versions of Go: a seal must not.

// recordEnd is the length of what ends the line of a record and is not hashed with it: its hash, the quotes and names around it, and the end of the line.
const recordEnd = len(`,"hash":"`) + 2*len(Hash{}) + len("\"}\n")

// appendBody appends a record up to its hash: what is hashed.
func appendBody(b []byte, seq uint64, e *Event) []byte {
	b = append(b, `{"seq":`...)
	b = strconv.AppendUint(b, seq, 10)
	b = append(b, `,"actor":"`...)
	b = append(b, e.Kind.Actor().String()...)
	b = append(b, `","event":`...)
	return appendEvent(b, e)
}

// appendEnd completes the line of a record.
func appendEnd(b []byte, h Hash) []byte {
	b = append(b, `,"hash":"`...)
	b = hex.AppendEncode(b, h[:])
	return append(b, "\"}\n"...)
}

// object writes the members of a JSON object in order. Members that are zero are left out, except where it says otherwise.
type object struct {
	b    []byte
	some bool
}

func begin(b []byte) object { return object{b: append(b, '{')} }

func (o *object) end() []byte { return append(o.b, '}') }

// name writes the name of a member, which needs no escapes.
func (o *object) name(name string) {
	if o.some {
		o.b = append(o.b, ',')
	}
	o.some = true
	o.b = append(append(append(o.b, '"'), name...), `":`...)
}

func (o *object) text(name, s string) {
	if s != "" {
		o.always(name, s)
	}
}

func (o *object) always(name, s string) {
	o.name(name)
	o.b = appendText(o.b, s)
}

func (o *object) time(name string, t time.Time) {
	if !t.IsZero() {
		o.alwaysTime(name, t)
	}
}

func (o *object) alwaysTime(name string, t time.Time) {
	o.name(name)
	o.b = append(o.b, '"')
	o.b = t.UTC().AppendFormat(o.b, time.RFC3339Nano)
	o.b = append(o.b, '"')
}

func (o *object) eui64(name string, id smki.EUI64) {
	o.name(name)
	o.b = appendEUI64(o.b, id)
}

func appendEUI64(b []byte, id smki.EUI64) []byte {
	b = append(b, '"')
	b, _ = id.AppendText(b) // never fails
	return append(b, '"')
}

func (o *object) number(name string, n uint64) {
	o.name(name)
	o.b = strconv.AppendUint(o.b, n, 10)
}

// appendList appends a JSON array.
func appendList[T any](b []byte, all []T, item func([]byte, T) []byte) []byte {
	b = append(b, '[')
	for i, x := range all {
		if i > 0 {
			b = append(b, ',')
		}
		b = item(b, x)
	}
	return append(b, ']')
}

// list writes an array, unless it is empty.
func list[T any](o *object, name string, all []T, item func([]byte, T) []byte) {
	if len(all) > 0 {
		o.name(name)
		o.b = appendList(o.b, all, item)
	}
}

func appendEvent(b []byte, e *Event) []byte {
	o := begin(b)
	o.text("id", e.ID)
	o.alwaysTime("at", e.At)
	o.always("kind", e.Kind.String())
	o.text("failure", string(e.Failure))
	o.text("by", string(e.By))
	o.text("party", string(e.Party))
	list(&o, "mpids", e.MPIDs, appendText)
	list(&o, "certificates", e.Certificates, appendText)
	o.time("date", e.Date)
	if e.Controls != 0 {
		o.always("controls", e.Controls.String())
	}
	if e.Action != 0 {
		o.always("action", e.Action.String())
	}
	if e.Confirmation != 0 {
		o.always("confirmation", e.Confirmation.String())
	}
	if e.Agreeing != 0 {
		o.always("agreeing", e.Agreeing.String())
	}
	if e.Exit != 0 {
		o.always("exit", e.Exit.String())
	}
	if e.Reason != 0 {
		o.always("reason", e.Reason.String())
	}
	if e.Fuel != 0 {
		o.always("fuel", e.Fuel.String())
	}
	if u := e.User; u != nil {
		o.name("user")
		p := begin(o.b)
		p.eui64("id", u.ID)
		p.always("party", string(u.Party))
		p.text("roles", u.Roles.String())
		if u.Suspended {
			p.name("suspended")
			p.b = append(p.b, "true"...)
		}
		o.b = p.end()
	}
	if c := e.Certificate; c != nil {
		o.name("certificate")
		p := begin(o.b)
		p.always("id", string(c.ID))
		p.always("use", c.Use.String())
		p.eui64("subject", c.Subject)
		p.always("subscriber", string(c.Subscriber))
		p.time("notBefore", c.NotBefore)
		p.time("notAfter", c.NotAfter)
		o.b = p.end()
	}
	if s := e.Support; s != nil {
		o.name("support")
		p := begin(o.b)
		p.name("srvs")
		p.b = appendList(p.b, s.SRVs, func(b []byte, v duis.SRV) []byte { return appendText(b, v.String()) })
		list(&p, "devices", s.Devices, appendEUI64)
		list(&p, "thresholds", s.Thresholds, appendThreshold)
		p.alwaysTime("from", s.From)
		p.time("to", s.To)
		o.b = p.end()
	}
	o.text("request", e.Request)
	o.text("ref", e.Ref)
	list(&o, "thresholds", e.Thresholds, appendThreshold)
	o.text("text", e.Text)
	return o.end()
}

func appendThreshold(b []byte, t duis.Threshold) []byte {
	o := begin(b)
	o.eui64("user", t.User)
	o.text("roles", t.Roles.String())
	if t.SRV != 0 {
		o.always("srv", t.SRV.String())
	}
	o.number("warning", t.Warning)
	o.number("quarantine", t.Quarantine)
	return o.end()
}

// appendText appends a JSON string in the form of RFC 8785, section 3.2.2.2: only what must be escaped is.
func appendText[T ~string](b []byte, s T) []byte {
	const digits = "0123456789abcdef"
	b = append(b, '"')
	from := 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' {
			continue
		}
		b = append(b, s[from:i]...)
		from = i + 1
		switch c {
		case '"', '\\':
			b = append(b, '\\', c)
		case '\b':
			b = append(b, `\b`...)
		case '\t':
			b = append(b, `\t`...)
		case '\n':
			b = append(b, `\n`...)
		case '\f':
			b = append(b, `\f`...)
		case '\r':
			b = append(b, `\r`...)
		default:
			b = append(b, '\\', 'u', '0', '0', digits[c>>4], digits[c&15])
		}
	}
	b = append(b, s[from:]...)
	return append(b, '"')
}

// maxText bounds the text of one event in octets, and so the length of a line.
const maxText = 1 << 22

// unwritten is what an event would have to have instead, in a field that counts or not, so that the log could be read back as it is; empty if nothing.
func (e *Event) unwritten() string {
	t := texts{room: maxText}
	for _, s := range [...]string{e.ID, string(e.Failure), string(e.By), string(e.Party), e.Request, e.Ref, e.Text} {
		t.add(s)
	}
	for _, m := range e.MPIDs {
		t.add(string(m))
	}
	for _, c := range e.Certificates {
		t.add(string(c))
	}
	if u := e.User; u != nil {
		t.add(string(u.Party))
		if u.Roles != smki.RolesOf(u.Roles.All()...) {
			return "a User in roles that have a name"
		}
	}
	dated := datable(e.At) && datable(e.Date)
	if c := e.Certificate; c != nil {
		t.add(string(c.ID))
		t.add(string(c.Subscriber))
		dated = dated && datable(c.NotBefore) && datable(c.NotAfter)
	}
	if s := e.Support; s != nil {
		dated = dated && datable(s.From) && datable(s.To)
	}
	switch {
	case t.bad || t.room < 0:
		return "text in UTF-8, 4 MiB at most"
	case !dated:
		return "times in the years 1 to 9999"
	}
	return ""
}

// texts takes stock of the texts of an event.
type texts struct {
	room int  // how many octets are left
	bad  bool // one is not UTF-8
}

func (t *texts) add(s string) {
	if s != "" {
		t.room -= len(s)
		t.bad = t.bad || !utf8.ValidString(s)
	}
}

// datable reports whether a time can be written as in RFC 3339.
func datable(t time.Time) bool {
	const first, last = -62135596800, 253402300800 // 0001-01-01 and 10000-01-01
	return t.Unix() >= first && t.Unix() < last
}
