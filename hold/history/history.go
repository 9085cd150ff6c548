package history

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/seed-db8551c1/lastresort/hold"
)

// The limits of a file that [Parse] reads and [Write] writes.
const (
	MaxBytes  = 16 << 20 // of a file
	MaxLine   = 1 << 20  // bytes of a line
	MaxEvents = 1 << 16  // events and questions of a file
)

// File is a history: a question, the settings that it is asked under, and lines that say what happened and what followed.
// Comments and blank lines are kept where they are.
type File struct {
	Question string
	Settings hold.Settings
	lines    []line
}

// kind says what a line is, apart from what follows it.
type kind uint8

const (
	remark   kind = iota // a comment or blank line
	question             // the heading
	settings
	happened
	asked
)

type line struct {
	kind   kind
	number int    // where it stands, from 1
	text   string // of a remark
	event  hold.Event
	ask    ask
	follow []string // what the file says that follows
}

// Events are the events of the history in order, those that are refused included.
func (f *File) Events() []hold.Event {
	var all []hold.Event
	for i := range f.lines {
		if f.lines[i].kind == happened {
			all = append(all, f.lines[i].event)
		}
	}
	return all
}

// Write writes a history as text: the question that it answers, the settings that differ from the defaults, each event, and under it what followed, as a new [hold.Register] says.
// The error is that of w, or a [*SyntaxError] if the text could not be read back since it exceeds a limit or holds a time outside the years 0 to 9999.
func Write(w io.Writer, about string, s hold.Settings, events []hold.Event) error {
	f := &File{Question: about, Settings: s, lines: []line{{kind: question}, {}}}
	for _, e := range events {
		f.lines = append(f.lines, line{kind: happened, event: e})
	}
	return f.Rewrite(w)
}

// Rewrite writes the file with what follows, as a new [hold.Register] says, in place of what it says that follows. Comments and blank lines stay. The errors are those of [Write].
func (f *File) Rewrite(w io.Writer) error {
	var b bytes.Buffer
	f.replay(func(l *line, follow []string) bool {
		if text, ok := f.show(l); ok {
			b.WriteString(text + "\n")
		}
		for _, s := range follow {
			b.WriteString(indent + s + "\n")
		}
		return b.Len() <= MaxBytes // more cannot be read back
	})
	if _, err := Parse(bytes.NewReader(b.Bytes())); err != nil {
		return err
	}
	_, err := w.Write(b.Bytes())
	return err
}

const (
	indent        = "    "
	questionLabel = "question: "
	settingsLabel = "settings: "
)

// show writes a line without what follows; false if there is nothing to write. The settings stand where they stood, or else under the question.
func (f *File) show(l *line) (string, bool) {
	said := showSettings(&f.Settings)
	switch l.kind {
	case question:
		text := questionLabel + headings.show(f.Question)
		if said != "" && !slices.ContainsFunc(f.lines, func(l line) bool { return l.kind == settings }) {
			text += "\n" + settingsLabel + said
		}
		return text, true
	case settings:
		return settingsLabel + said, said != ""
	case happened:
		return showEvent(&l.event), true
	case asked:
		return showAsk(&l.ask), true
	}
	return l.text, true
}

// headings are texts that end with the line.
var headings = unlessBare[string](`"`)

// replay goes through the lines with a new register and says what follows from each, until visit returns false.
func (f *File) replay(visit func(l *line, follow []string) bool) {
	p := replay{r: hold.Register{Settings: f.Settings}}
	for i := range f.lines {
		l := &f.lines[i]
		var follow []string
		switch l.kind {
		case happened:
			follow = p.apply(l.event)
		case asked:
			follow = l.ask.answer(&p.r)
		}
		if !visit(l, follow) {
			return
		}
	}
}

// MismatchError says where a file differs from what follows by the rules.
type MismatchError struct {
	Line int    // from 1
	Says string // what the file says there; empty if it lacks the line
	Is   string // what follows; empty if nothing more does
}

func (e *MismatchError) Error() string {
	switch {
	case e.Says == "":
		return fmt.Sprintf("history: line %d: expected %q, which the file lacks", e.Line, short(e.Is))
	case e.Is == "":
		return fmt.Sprintf("history: line %d: expected nothing more to follow, not %q", e.Line, short(e.Says))
	}
	return fmt.Sprintf("history: line %d: expected %q, not %q", e.Line, short(e.Is), short(e.Says))
}

// Check replays the file on a new [hold.Register]. It reports the first line that is not what follows as a [*MismatchError], nil if all lines are.
func (f *File) Check() error {
	var first error
	f.replay(func(l *line, follow []string) bool {
		for i := range max(len(l.follow), len(follow)) {
			e := MismatchError{Line: l.number + 1 + i}
			if i < len(l.follow) {
				e.Says = l.follow[i]
			}
			if i < len(follow) {
				e.Is = follow[i]
			}
			if e.Says != e.Is {
				first = &e
				return false
			}
		}
		return true
	})
	return first
}

// Parse reads a history. The error is a [*SyntaxError], or that of r.
func Parse(r io.Reader) (*File, error) {
	text, err := io.ReadAll(io.LimitReader(r, MaxBytes+1))
	if err != nil {
		return nil, fmt.Errorf("history: %w", err)
	}
	if len(text) > MaxBytes {
		return nil, &SyntaxError{bytes.Count(text, []byte("\n")) + 1, fmt.Sprintf("at most %d bytes", MaxBytes), "more"}
	}
	f := new(File)
	p := parser{file: f}
	number := 0
	for s := range strings.Lines(string(text)) {
		number++
		if err := p.line(strings.TrimSuffix(s, "\n"), number); err != nil {
			return nil, located(err, number)
		}
	}
	if !p.seen[question] {
		return nil, &SyntaxError{max(number, 1), fmt.Sprintf("a line with %q and the question that the history answers", questionLabel), "the end of the file"}
	}
	return f, nil
}

// located gives an error of a part of a line its place.
func located(err error, number int) error {
	if e, ok := errors.AsType[*expected](err); ok {
		return &SyntaxError{number, e.what, e.got}
	}
	return err // unreachable: parts of lines have no other error
}

type parser struct {
	file   *File
	events int
	seen   [asked + 1]bool // the kinds of line so far
}

func (p *parser) line(s string, number int) error {
	switch {
	case len(s) > MaxLine:
		return wrong(s, "at most %d bytes in a line", MaxLine)
	case !printable(s):
		return wrong(s, "text that can be printed, in UTF-8")
	case strings.HasSuffix(s, " "):
		return wrong(s, "no space at the end of a line")
	case strings.HasPrefix(s, indent):
		return p.follow(s[len(indent):])
	}
	l := line{number: number}
	err := p.read(&l, s)
	if err != nil {
		return err
	}
	p.seen[l.kind] = true
	p.file.lines = append(p.file.lines, l)
	return nil
}

// follow takes a line of what follows from the one before.
func (p *parser) follow(s string) error {
	lines := p.file.lines
	if len(lines) == 0 || lines[len(lines)-1].kind < happened {
		return wrong(s, "an event or question before what follows from it")
	}
	if s[0] == ' ' {
		return wrong(s, "%d spaces before what follows", len(indent))
	}
	last := &lines[len(lines)-1]
	last.follow = append(last.follow, s)
	return nil
}

func (p *parser) read(l *line, s string) (err error) {
	if s == "" || s[0] == '#' {
		l.kind, l.text = remark, s
		return nil
	}
	if text, ok := strings.CutPrefix(s, questionLabel); ok {
		if p.seen[question] {
			return wrong(s, "one question")
		}
		l.kind = question
		p.file.Question, err = headings.read(text)
		return err
	}
	if !p.seen[question] {
		return wrong(s, "%q and the question that the history answers", questionLabel)
	}
	if text, ok := strings.CutPrefix(s, settingsLabel); ok {
		if p.seen[settings] || p.events > 0 {
			return wrong(s, "the settings once, before the first event")
		}
		l.kind = settings
		p.file.Settings, err = readSettings(text)
		return err
	}
	if p.events++; p.events > MaxEvents {
		return wrong(s, "at most %d events and questions", MaxEvents)
	}
	at, who, parts, err := readHead(s)
	if err != nil {
		return err
	}
	if who == asker {
		l.kind = asked
		l.ask, err = readAsk(at, parts[0], parts[1:])
	} else {
		l.kind = happened
		l.event, err = readEvent(at, who, parts[0], parts[1:])
	}
	return err
}

// readHead reads the time and the actor of an event or question, and cuts the rest into its parts.
func readHead(s string) (at time.Time, who string, parts []string, err error) {
	words := strings.SplitN(s, " ", 4)
	if len(words) < 4 {
		return at, "", nil, wrong(s, `an event such as "2021-11-24 09:00 London Ofgem: failure notified; failure zog-2021; supplier Zog"`)
	}
	if at, err = readTime(strings.Join(words[:3], " ")); err != nil {
		return at, "", nil, err
	}
	who, rest, ok := strings.Cut(words[3], ": ")
	if !ok {
		return at, "", nil, wrong(words[3], `who acts and what happened, such as "PMA: delay directed"`)
	}
	parts, err = split(rest, ';')
	return at, who, parts, err
}
