package wire

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// seeds are messages of every kind, signed and not.
func seeds(t testing.TB) [][]byte {
	t.Helper()
	exclusive := &editor{t, original(t)}
	resigned(after("</ds:Transform>", `<ds:Transform Algorithm="`+algExclusive+`"></ds:Transform>`))(exclusive)
	spaces := &editor{t, nil}
	spaced(func(s string) string { return s })(spaces)
	return [][]byte{
		original(t), exclusive.b, spaces.b,
		request(t, 4, "1.6", prepayment),
		sign(t, request(t, 4, "1.6", "<sr:UpdatePaymentMode><sr:Credit/></sr:UpdatePaymentMode>")),
		sign(t, request(t, 5, "1.6", SignedPreCommand("2030-01-01T00:00:00Z", []byte{0xdf, 9, 1, 2, 3}))),
		sign(t, response(t, "I99", Acknowledgement("1.6", "1.6"))),
		sign(t, response(t, "I0", QuarantinedRequest("N29", UserThreshold, realID, 42))),
		sign(t, response(t, "I0", `<sr:SMETS1ResponseMessage><a xmlns="urn:a" b="1&#9;2"><p:c xmlns:p="urn:p" p:d="é"/></a></sr:SMETS1ResponseMessage>`)),
	}
}

func attackFiles(t testing.TB) (files [][]byte) {
	t.Helper()
	names, _ := filepath.Glob(filepath.Join("testdata", "attacks", "*.xml"))
	for _, name := range names {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, b)
	}
	return files
}

// FuzzParse: no input makes the parser panic; what it accepts has the header that an independent reader finds, the canonical octets
// that an independent writer gives, and these are their own canonical form.
func FuzzParse(f *testing.F) {
	for _, b := range attackFiles(f) { // beside the files that TestSeeds writes
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		p := Parser{Unsigned: true}
		var m Message
		if err := p.Parse(src, &m); err != nil {
			return
		}
		root, strangeSpace, err := slowTree(src)
		if err != nil {
			t.Fatalf("accepted, and encoding/xml does not read it: %v\n%q", err, src)
		}
		if got, want := fastHeader(&m), slowHeader(root); got != want {
			t.Fatalf("header %q, of the slow path %q\n%q", got, want, src)
		}
		if !strangeSpace {
			compareCanonical(t, &p, &m, root)
		}
		var again Message
		if err := p.Parse(m.Canonical(), &again); err != nil {
			t.Fatalf("canonical octets are refused: %v\n%q", err, m.Canonical())
		}
		if !bytes.Equal(m.Canonical(), again.Canonical()) || values(&m) != values(&again) {
			t.Fatalf("not canonical: %q becomes %q", m.Canonical(), again.Canonical())
		}
	})
}

// compareCanonical holds the octets of a message against those of the slow path.
func compareCanonical(t *testing.T, p *Parser, m *Message, root *slowElement) {
	signature := root.find("Signature") // the grammar has no other child of this name
	exclusive := p.second == 2
	if want := slowCanonical(root, exclusive, signature); want != string(m.Canonical()) {
		t.Fatalf("exclusive %t: canonical octets\n%s\nof the slow path\n%s", exclusive, m.Canonical(), want)
	}
	if !m.Signed {
		return
	}
	w := slowWriter{exclusive: true}
	scope := map[string]string{}
	for _, e := range []*slowElement{root, signature} {
		for prefix, uri := range e.declared {
			scope[prefix] = uri
		}
	}
	w.element(signature.find("SignedInfo"), scope, map[string]string{})
	if w.String() != string(m.SignedInfo()) {
		t.Fatalf("SignedInfo\n%s\nof the slow path\n%s", m.SignedInfo(), w.String())
	}
}

// fragments are what an attacker would put into a message.
var fragments = []string{
	"", " ", "\n", "&#13;", "&#32;", "&#x39;", "&amp;", "<!-- -->", "<!--" + fakeHeader + "-->", "<![CDATA[", "]]>", "<?x?>", "<!DOCTYPE x>",
	fakeHeader, openID + fakeID + closeID, fakeID, "<sr:Credit/>", "<sr:Body>", "</sr:Body>", "<sr:Request>", "</sr:Request>", "<ds:Object>", "</ds:Object>",
	`<sr:Header xmlns:sr="urn:x">`, `<sr:Header xmlns:x="urn:x">`, `<sr:Header xmlns:sr="` + spaceNames[gateway] + `">`, `<Header xmlns="` + spaceNames[gateway] + `">`,
	`<sr:RequestID xml:space="preserve">`, "<sr:Header/>", "\xef\xbb\xbf", "\x00", "é",
}

// mutate runs a program of changes on a message: each is four bytes that say what to do with which of its tokens.
func mutate(src []byte, program []byte) []byte {
	var tokens []string
	for _, s := range strings.SplitAfter(string(src), ">") {
		if text, tag, ok := strings.Cut(s, "<"); ok {
			tokens = append(tokens, text, "<"+tag)
		} else {
			tokens = append(tokens, s)
		}
	}
	for ; len(program) >= 4 && len(tokens) > 0; program = program[4:] {
		i, j := int(program[1])%len(tokens), int(program[2])%len(tokens)
		switch program[0] % 7 {
		case 0: // delete
			tokens[i] = ""
		case 1: // copy, but not over and over: that doubles
			if len(tokens[i])+len(tokens[j]) < 1<<14 {
				tokens[i] += tokens[j]
			}
		case 2: // exchange
			tokens[i], tokens[j] = tokens[j], tokens[i]
		case 3: // insert
			tokens[i] += fragments[int(program[3])%len(fragments)]
		case 4: // replace
			tokens[i] = fragments[int(program[3])%len(fragments)]
		case 5: // insert inside
			at := int(program[2]) % (len(tokens[i]) + 1)
			tokens[i] = tokens[i][:at] + fragments[int(program[3])%len(fragments)] + tokens[i][at:]
		case 6: // change a byte
			if b := []byte(tokens[i]); len(b) > 0 {
				b[int(program[2])%len(b)] = program[3]
				tokens[i] = string(b)
			}
		}
	}
	return []byte(strings.Join(tokens, ""))
}

// FuzzVerifyMutated: whatever is done to a signed message without its key, it is refused or has the values that were signed.
func FuzzVerifyMutated(f *testing.F) {
	var signed [][]byte
	var want []string
	for _, b := range seeds(f) {
		var m Message
		if err := new(Parser).Parse(b, &m); err == nil {
			signed, want = append(signed, b), append(want, values(&m))
		}
	}
	for which := range signed {
		f.Add(uint8(which), []byte{})
		for op := range 7 {
			f.Add(uint8(which), []byte{byte(op), 9, 20, 7, 3, 30, 40, byte(op)})
		}
	}
	f.Fuzz(func(t *testing.T, which uint8, program []byte) {
		n := int(which) % len(signed)
		b := mutate(signed[n], program)
		if got, values := judge(t, b); got == same && values != want[n] {
			t.Fatalf("accepted with other values:\n%s\nsigned were\n%s\n%q", values, want[n], b)
		}
	})
}

// TestMutated runs changes one at a time over every place, which no fuzzer can be relied on to do.
func TestMutated(t *testing.T) {
	src := original(t)
	want := values(parse(t, src))
	outcomes := map[outcome]int{}
	check := func(program ...byte) {
		b := mutate(src, program)
		got, values := judge(t, b)
		if outcomes[got]++; got == same && values != want {
			t.Errorf("accepted with other values:\n%s\nsigned were\n%s\n%q", values, want, b)
		}
	}
	tokens := byte(2 * bytes.Count(src, []byte(">")))
	step := byte(1)
	if testing.Short() {
		step = 3
	}
	for i := byte(0); i < tokens; i += step {
		check(0, i, 0, 0)
		for j := byte(0); j < tokens; j += 5 {
			check(1, i, j, 0)
			check(2, i, j, 0)
		}
		for k := range fragments {
			check(3, i, 0, byte(k))
			check(4, i, 0, byte(k))
			check(5, i, 3, byte(k))
		}
	}
	t.Log(outcomes)
	if outcomes[same] == 0 || outcomes[broken] == 0 || outcomes[refused] == 0 {
		t.Errorf("outcomes %v: the changes do not reach everything", outcomes)
	}
}

// TestSeeds writes the checked-in seeds of the fuzz targets, and checks that they are current.
func TestSeeds(t *testing.T) {
	write := func(target, name, content string) {
		file := filepath.Join("testdata", "fuzz", target, name)
		content = "go test fuzz v1\n" + content
		if *rewrite {
			if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if b, err := os.ReadFile(file); err != nil || string(b) != content {
			t.Errorf("%s is not current; run go test -run TestSeeds -rewrite (%v)", file, err)
		}
	}
	for i, b := range seeds(t) {
		write("FuzzParse", fmt.Sprintf("seed-%d", i), fmt.Sprintf("[]byte(%q)\n", b))
	}
	for op := range 7 {
		for i, program := range [][]byte{{byte(op), 9, 20, 7}, {byte(op), 14, 3, 8, byte(op + 1), 15, 3, 10}, {byte(op), 30, 1, 13, byte(op), 31, 1, 14}} {
			write("FuzzVerifyMutated", fmt.Sprintf("seed-%d-%d", op, i), fmt.Sprintf("byte(%q)\n[]byte(%q)\n", rune(op), program))
		}
	}
}
