package hold

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
)

// The sealed log: a text of lines, each a JSON object (RFC 8259) that ends with a line feed. The first is the header, the others are the events that were applied, in order:
//
//	{"log":"lastresort hold","version":1,"settings":{"regime":"mp185"},"hash":"…"}
//	{"seq":1,"actor":"industry","event":{"at":"2021-11-01T00:00:00Z","kind":"MPID allocated","party":"Zog","mpids":["ZOGE"]},"hash":"…"}
//
// A record has its position in the log from 1, which says in what order events became known; the actor of its kind; the event with the time at which it took effect; and its hash.
//
// The hash of the header is SHA-256 of its line up to, and without, `,"hash":`. The hash of a record is SHA-256 of the 32 octets of the hash before it, followed by its own line up to, and
// without, `,"hash":`. So every hash stands for the version, the settings and all events up to it. Hashes are written as 64 lower-case hexadecimal digits.
//
// There is one way to write a record, and no other is read: no white space; members in the order of the fields of [Event] and the types in it, under the names of their JSON tags; what is
// empty, zero or false left out, but for "at", "kind", a User's "id" and "party", a certificate's "id", "use", "subject" and "subscriber", a support request's "srvs" and "from", and a threshold's "user",
// "warning" and "quarantine"; times as in RFC 3339, in UTC with a "Z", with as many digits of a second's fraction as are not zero; numbers in decimal; texts in UTF-8 with the escapes of
// RFC 8785, section 3.2.2.2. In the header "settings" has the settings that differ from the defaults.
//
// What is added to the format later is a new field, left out while it is zero, or a new kind of event: logs of version 1 stay readable, and keep their hashes.

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
// Sealing is done when it is asked for, here or by what writes the log, and kept: [Register.Apply] hashes nothing, and a register whose log is never asked for keeps no hashes.
func (r *Register) Head() Head {
	r.seal()
	return Head{r.Seq(), r.chain[len(r.chain)-1]}
}

// seal brings the chain up to the latest event.
func (r *Register) seal() {
	if len(r.chain) == 0 {
		_, start := r.header()
		r.chain = append(r.chain, start)
	}
	var b []byte
	for i := len(r.chain) - 1; i < len(r.log); i++ {
		b = append(b[:0], r.chain[i][:]...)
		b = appendBody(b, r.base+uint64(i)+1, &r.log[i])
		r.chain = append(r.chain, sha256.Sum256(b))
	}
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
	var n counter
	_, err := r.WriteSince(io.MultiWriter(w, &n), Head{})
	return int64(n), err
}

type counter int64

func (n *counter) Write(b []byte) (int, error) {
	*n += counter(len(b))
	return len(b), nil
}

// WriteSince writes the records that follow a head of this register's log, and returns the head that is written up to: the latest, or after an error of the writer, which is returned as it is, the
// last one whose record was handed over completely. The zero Head is before the header. To keep a log while the register goes on, keep the head too:
//
//	head, err = r.WriteSince(file, head)
//
// It is a [*LogError] if head is not of this register, if the events after it are not held any more, or if the settings cannot be written.
func (r *Register) WriteSince(w io.Writer, head Head) (Head, error) {
	r.seal()
	done := head
	var b []byte
	if head == (Head{}) && r.base == 0 {
		body, start := r.header()
		b = appendEnd(body, start)
		if _, err := readHeader(b); err != nil || start != r.chain[0] {
			return head, &LogError{Expected: "settings that have names, and are still those of the first event", Err: err}
		}
		head = Head{0, start}
	} else if head.Seq < r.base || head.Seq > r.Seq() || r.chain[head.Seq-r.base] != head.Hash {
		return head, &LogError{Seq: head.Seq, Expected: fmt.Sprintf("a head of this register, which holds the events after record %d", r.base)}
	}
	for {
		if len(b) >= writeSize || head.Seq == r.Seq() {
			if _, err := w.Write(b); err != nil {
				return done, err
			}
			b, done = b[:0], head
		}
		if head.Seq == r.Seq() {
			return done, nil
		}
		i := head.Seq - r.base
		head = Head{head.Seq + 1, r.chain[i+1]}
		b = appendEnd(appendBody(b, head.Seq, &r.log[i]), head.Hash)
	}
}

// writeSize is how many octets of records are handed to a writer at once.
const writeSize = 1 << 16
