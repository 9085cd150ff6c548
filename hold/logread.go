package hold

import (
	"bufio"
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
)

// LogError says where a log is not what it has to be.
type LogError struct {
	Seq      uint64 // the first record that does not follow from what is before it; 0 for the header
	Offset   int64  // where its line starts, in octets from the start of what was read: what is before it can be kept after a write that was cut short
	After    uint64 // the last record known to be right from a head. If whoever changed the log computed the chain anew, the change is after it, but may be before Seq
	Expected string
	Err      error // of the JSON, or of the register that refused the event
}

func (e *LogError) Error() string {
	where := "header"
	if e.Seq > 0 {
		where = fmt.Sprintf("record %d", e.Seq)
	}
	s := fmt.Sprintf("hold: log: %s at octet %d: expected %s", where, e.Offset, e.Expected)
	if e.After > 0 {
		s += fmt.Sprintf(" (up to record %d the log is right)", e.After)
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

func (e *LogError) Unwrap() error { return e.Err }

// maxLine bounds a line of a log in octets. The longest event that a register takes is shorter (see maxItems and maxText).
const maxLine = 1 << 26

// logReader reads lines and follows the chain. It holds no more than one line.
type logReader struct {
	r     *bufio.Reader
	long  []byte // a line that is longer than the reader's buffer
	line  []byte // the line read last, with its line feed
	start int64  // where it starts
	read  int64  // how many octets were read
	head  Head   // after it
}

func newLogReader(r io.Reader) *logReader {
	return &logReader{r: bufio.NewReaderSize(r, 1<<16)}
}

func (l *logReader) expected(seq uint64, format string, args ...any) error {
	return &LogError{Seq: seq, Offset: l.start, Expected: fmt.Sprintf(format, args...)}
}

// next reads a line; io.EOF if there is none. An error of the reader is given as it is.
func (l *logReader) next(seq uint64) error {
	l.start = l.read
	l.long = l.long[:0]
	for {
		part, err := l.r.ReadSlice('\n')
		l.read += int64(len(part))
		switch {
		case err == nil && len(l.long) == 0:
			l.line = part
			return nil
		case err != nil && !errors.Is(err, bufio.ErrBufferFull) && !errors.Is(err, io.EOF):
			return err
		case errors.Is(err, io.EOF) && l.read == l.start:
			return io.EOF
		case errors.Is(err, io.EOF):
			return l.expected(seq, "a whole line, which ends with a line feed")
		case len(l.long)+len(part) > maxLine:
			return l.expected(seq, "a line of at most %d octets", maxLine)
		}
		l.long = append(l.long, part...)
		if err == nil {
			l.line = l.long
			return nil
		}
	}
}

// header takes the line read last as the header of a log, and begins the chain.
func (l *logReader) header() (*logHeader, error) {
	h, err := readHeader(l.line)
	if err != nil {
		return nil, &LogError{Offset: l.start, Expected: fmt.Sprintf("the header of a log of version %d with its hash", logVersion), Err: err}
	}
	body, _ := l.split()
	l.head = Head{Hash: sha256.Sum256(body)}
	return h, nil
}

// readHeader reads a line as the header of a log. The header that it gives is written as that line and no other.
func readHeader(line []byte) (*logHeader, error) {
	var h struct {
		logHeader
		Hash Hash `json:"hash"`
	}
	if err := json.Unmarshal(line, &h); err != nil {
		return nil, err
	}
	if h.Log != logName || h.Version != logVersion {
		return nil, fmt.Errorf("not %.80q, version %d", h.Log, h.Version)
	}
	body, hash := (&Register{Settings: h.Settings}).header()
	if !bytes.Equal(line, appendEnd(body, hash)) {
		return nil, errors.New("its settings or its hash are others")
	}
	return &h.logHeader, nil
}

// record reads the line of the next record and follows the chain with it; io.EOF at the end of the log. It looks at the position and the hash, and not at the event.
func (l *logReader) record() error {
	seq := l.head.Seq + 1
	if err := l.next(seq); err != nil {
		return err
	}
	return l.follow(seq)
}

// follow follows the chain with the line read last.
func (l *logReader) follow(seq uint64) error {
	var first [40]byte
	start := append(strconv.AppendUint(append(first[:0], `{"seq":`...), seq, 10), ',')
	if len(l.line) < recordEnd || !bytes.HasPrefix(l.line, start) {
		return l.expected(seq, "a line that starts with %s and ends with a hash", string(start))
	}
	body, rest := l.split()
	h := link(l.head.Hash, body)
	var end [recordEnd]byte
	if !bytes.Equal(rest, appendEnd(end[:0], h)) {
		return l.expected(seq, "the hash %v", h)
	}
	l.head = Head{seq, h}
	return nil
}

// split gives the line up to its hash, and the rest.
func (l *logReader) split() (body, rest []byte) {
	n := len(l.line) - recordEnd
	return l.line[:n], l.line[n:]
}

// event reads the event of the record read last, and makes sure that the record is written in the one way that it has: what is hashed is what is applied.
func (l *logReader) event() (Event, error) {
	var record struct {
		Event Event `json:"event"`
	}
	if err := json.Unmarshal(l.line, &record); err != nil {
		return Event{}, &LogError{Seq: l.head.Seq, Offset: l.start, Expected: "a record as JSON", Err: err}
	}
	body, _ := l.split()
	if written := appendBody(make([]byte, 0, len(body)), l.head.Seq, &record.Event); !bytes.Equal(body, written) {
		i := 0
		for i < len(body) && i < len(written) && body[i] == written[i] {
			i++
		}
		return Event{}, l.expected(l.head.Seq, "the record as this version writes it, which differs from octet %d of the line", i)
	}
	return record.Event, nil
}

// ReadFrom reads a log, applies its events, and leaves the register at the log's head. It implements [io.ReaderFrom]. What is read is one of these:
//
//   - into an empty register, a whole log. The register takes the Settings of the log, unless its own are not the defaults: then they must be the same;
//   - into a register that is not empty, such as one restored from a snapshot, the records that follow its head;
//   - or a whole log that goes through its head. The records up to there are checked and not applied again.
//
// It is a [*LogError] that names the first record that is not as it was sealed, is not in the one form that it has, or is refused by a rule; an error of the reader is returned as it is. In
// either case the register is unchanged. That the log is the one that was written, and all of it, can only be told from its head: compare it with [Register.Head].
//
// A reader that is cut off after a line feed looks like a shorter log; one that is cut off within a line is a LogError whose Offset is where to cut the file.
func (r *Register) ReadFrom(from io.Reader) (int64, error) {
	work := r.Clone()
	l := newLogReader(from)
	err := work.readFrom(l)
	if err == nil {
		*r = *work
	}
	return l.read, err
}

func (r *Register) readFrom(l *logReader) error {
	l.head = r.Head()
	empty := r.Seq() == 0
	first := l.head.Seq + 1
	if empty {
		first = 0
	}
	switch err := l.next(first); {
	case err == io.EOF && !empty:
		return nil
	case err == io.EOF:
		return l.expected(0, "a header")
	case err != nil:
		return err
	}
	if empty || bytes.HasPrefix(l.line, []byte(`{"log":`)) {
		h, err := l.header()
		if err != nil {
			return err
		}
		_, own := r.header()
		_, defaults := new(Register).header()
		switch {
		case own == l.head.Hash:
		case empty && own == defaults:
			r.Settings, r.chain = h.Settings, []Hash{l.head.Hash}
		default:
			return l.expected(0, "the settings of the register")
		}
	} else if err := l.follow(first); err != nil {
		return err
	} else if err := r.take(l); err != nil {
		return err
	}
	for {
		switch err := l.record(); {
		case err == io.EOF && l.head.Seq < r.Seq():
			return l.expected(l.head.Seq+1, "the log to go on to record %d, where the register is", r.Seq())
		case err == io.EOF:
			return nil
		case err != nil:
			return err
		}
		if err := r.take(l); err != nil {
			return err
		}
	}
}

// take applies the record read last, if the register is not past it.
func (r *Register) take(l *logReader) error {
	if l.head.Seq <= r.Seq() {
		if l.head.Seq == r.Seq() && l.head != r.Head() {
			return l.expected(l.head.Seq, "the hash %v, which the register has", r.Head().Hash)
		}
		return nil
	}
	e, err := l.event()
	if err != nil {
		return err
	}
	a, err := r.Apply(e)
	switch {
	case err != nil:
		return &LogError{Seq: l.head.Seq, Offset: l.start, Expected: "an event that the register takes", Err: err}
	case a.Repeat:
		return l.expected(l.head.Seq, "an event with another ID than %.80q, which was applied before", e.ID)
	}
	r.chain = append(r.chain, l.head.Hash)
	return nil
}

// VerifyLog checks a whole log against its head, and against earlier heads if they are known, without applying it: it takes little more than the hashing. That each event can be read and applied it does not check.
//
// It is a [*LogError] if the log is not the one that the head was taken of, with nothing changed, added, taken away or moved. If the chain was not computed anew, its Seq is the first record
// that is not as it was. If it was, the first record that was changed is after the record After, which is the last of the earlier heads that the log goes through, and not after Seq. An error of the
// reader is returned as it is.
func VerifyLog(log io.Reader, head Head, earlier ...Head) error {
	known := append(slices.Clone(earlier), head)
	slices.SortStableFunc(known, func(a, b Head) int { return cmp.Compare(a.Seq, b.Seq) })
	l := newLogReader(log)
	after, err := l.verify(known)
	var bad *LogError
	if errors.As(err, &bad) {
		bad.After = after
	}
	return err
}

// verify reads a log to the last of the known heads, which must be its end, and gives the position of the last one that it went through.
func (l *logReader) verify(known []Head) (after uint64, err error) {
	switch err := l.next(0); {
	case err == io.EOF:
		return 0, l.expected(0, "a header")
	case err != nil:
		return 0, err
	}
	if _, err := l.header(); err != nil {
		return 0, err
	}
	for {
		for len(known) > 0 && known[0].Seq == l.head.Seq {
			if known[0] != l.head {
				return after, l.expected(l.head.Seq, "the hash %v of the head", known[0].Hash)
			}
			after, known = l.head.Seq, known[1:]
		}
		switch err := l.record(); {
		case err == io.EOF && len(known) > 0:
			return after, l.expected(l.head.Seq+1, "the log to go on to record %d", known[len(known)-1].Seq)
		case err == io.EOF:
			return after, nil
		case err != nil:
			return after, err
		case len(known) == 0:
			return after, l.expected(l.head.Seq, "the end of the log, where its head is")
		}
	}
}
