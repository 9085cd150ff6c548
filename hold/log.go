package hold

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"slices"
)

// The sealed log. Its format is described in the package comment.

const (
	logName    = "lastresort hold"
	logVersion = 1
)

// Hash is a hash of the chain that seals the log (SHA-256).
type Hash [sha256.Size]byte

// String gives 64 lower-case hexadecimal digits.
func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// MarshalText gives the text of [Hash.String].
func (h Hash) MarshalText() ([]byte, error) { return hex.AppendEncode(nil, h[:]), nil }

// UnmarshalText reads 64 lower-case hexadecimal digits.
func (h *Hash) UnmarshalText(b []byte) error {
	var v Hash
	if len(b) == hex.EncodedLen(len(v)) {
		if _, err := hex.Decode(v[:], b); err == nil && v.String() == string(b) {
			*h = v
			return nil
		}
	}
	return fmt.Errorf("hold: %.80q is no hash: expected %d lower-case hexadecimal digits", b, hex.EncodedLen(len(v)))
}

// Head is a position in a sealed log with the hash of its chain there. Whoever keeps it can tell later whether a log is still the same up to there: it stands for the settings, and for every
// event with its order. Position 0 is the header alone.
type Head struct {
	Seq  uint64 `json:"seq"`
	Hash Hash   `json:"hash"`
}

// Head is the head of the register's log. Two registers have the same head exactly if they have the same Settings and took the same events in the same order.
//
// Sealing is done when it is asked for, here or by what writes the log, and kept: [Register.Apply] hashes nothing, and a register whose log is never asked for keeps no hashes
// (32 octets for each event).
func (r *Register) Head() Head {
	r.seal(r.Seq())
	return Head{r.Seq(), r.chain[len(r.chain)-1]}
}

// seal brings the chain up to a position.
func (r *Register) seal(seq uint64) {
	if len(r.chain) == 0 {
		_, start := r.header()
		r.chain = append(r.chain, start)
	}
	var b []byte
	for i := len(r.chain) - 1; r.base+uint64(i) < seq; i++ {
		b = r.appendRecord(b[:0], i)
	}
}

// appendRecord appends the line of the record of log[i], and seals it if it was not. The chain must have come so far.
func (r *Register) appendRecord(b []byte, i int) []byte {
	start := len(b)
	b = appendBody(slices.Grow(b, 512), r.base+uint64(i)+1, r.log[i])
	if len(r.chain) == i+1 {
		r.chain = append(r.chain, link(r.chain[i], b[start:]))
	}
	return appendEnd(b, r.chain[i+1])
}

// link is the hash of a record, given the hash before it and its line up to its hash.
func link(before Hash, body []byte) Hash {
	d := sha256.New()
	d.Write(before[:])
	d.Write(body)
	var h Hash
	d.Sum(h[:0])
	return h
}

// logHeader is the first line of a log but for its hash.
type logHeader struct {
	Log      string   `json:"log"`
	Version  int      `json:"version"`
	Settings Settings `json:"settings"`
}

// header is the header's line up to its hash, and its hash.
func (r *Register) header() ([]byte, Hash) {
	b, err := json.Marshal(logHeader{logName, logVersion, r.Settings})
	if err != nil { // settings without a name: they cannot be written, but have a hash of their own all the same
		b = fmt.Appendf(nil, "%+v}", r.Settings)
	}
	b = b[:len(b)-1]
	return b, sha256.Sum256(b)
}

// WriteTo writes the whole log: its header and every event. It implements [io.WriterTo]. The errors are those of [Register.WriteSince].
func (r *Register) WriteTo(w io.Writer) (int64, error) {
	c := counter{w: w}
	_, err := r.WriteSince(&c, Head{})
	return c.n, err
}

// counter counts the octets that a writer took.
type counter struct {
	w io.Writer
	n int64
}

func (c *counter) Write(b []byte) (int, error) {
	n, err := c.w.Write(b)
	c.n += int64(n)
	return n, err
}

// WriteSince writes the records that follow a head of this register's log, and returns the head that is written up to: the latest, or after an error of the writer, which is returned as it is, the
// last one whose record it took completely: what it took of the next has to be cut off before the log goes on. The zero Head is before the header. To keep a log while the register goes on, keep the head too:
//
//	head, err = r.WriteSince(file, head)
//
// It is a [*LogError] if head is not of this register, if the events after it are not held any more, or if the settings cannot be written.
func (r *Register) WriteSince(w io.Writer, head Head) (Head, error) {
	done := head
	var b []byte
	if head == (Head{}) && r.base == 0 {
		r.seal(0)
		body, start := r.header()
		b = appendEnd(body, start)
		if _, err := readHeader(b); err != nil || start != r.chain[0] {
			return head, &LogError{Expected: "settings that have names, and are still those of the first event", Err: err}
		}
		head = Head{0, start}
	} else if r.seal(min(head.Seq, r.Seq())); head.Seq < r.base || head.Seq > r.Seq() || r.chain[head.Seq-r.base] != head.Hash {
		return head, &LogError{Seq: head.Seq, Expected: fmt.Sprintf("a head of this register, which holds the events after record %d", r.base)}
	}
	for {
		if len(b) >= writeSize || len(b) > 0 && head.Seq == r.Seq() {
			if n, err := w.Write(b); err != nil {
				whole := bytes.Count(b[:max(0, min(n, len(b)))], []byte("\n"))
				if whole == 0 {
					return done, err
				}
				if done == (Head{}) {
					whole-- // the header
				}
				seq := done.Seq + uint64(whole)
				return Head{seq, r.chain[seq-r.base]}, err
			}
			b, done = b[:0], head
		}
		if head.Seq == r.Seq() {
			return done, nil
		}
		b = r.appendRecord(b, int(head.Seq-r.base))
		head = Head{head.Seq + 1, r.chain[head.Seq-r.base+1]}
	}
}

// writeSize is how many octets of records are handed to a writer at once.
const writeSize = 1 << 16
