// Command duis inspects, verifies, signs and decides DUIS messages from a shell.
//
//	duis verify --certs DIR [--at TIME] [--role XX] FILE…   whose signature is it, and does it hold?
//	duis cert FILE…                                         what does a certificate say?
//	duis sign --key KEY --cert CERT FILE                    the message, signed, to standard output
//	duis decide --state STATE [--at TIME] FILE…             what becomes of a request, and why?
//
// verify and decide write one JSON object for each file, cert one for each certificate, each on a line of its own. The exit status is 0 if all is well, 1 if any file is not ok (or not accepted), and 2 for what was
// asked wrongly: one line on standard error says how. Times are RFC 3339; by default now.
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/seed-db8551c1/lastresort/duis"
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr, time.Now())) }

const usage = `duis inspects, verifies, signs and decides DUIS messages.

  duis verify --certs DIR [--at TIME] [--role XX] FILE...
  duis cert FILE...
  duis sign --key KEY --cert CERT FILE
  duis decide --state STATE [--at TIME] FILE...

"duis COMMAND -h" lists the flags of a command.
`

// command is one of the four. It reports whether all was well.
type command struct {
	name, files string
	flags       func(*flag.FlagSet, *options)
	run         func(*options, *output) (ok bool, err error)
}

var commands = []command{
	{"verify", "FILE...", verifyFlags, verify},
	{"cert", "FILE...", func(*flag.FlagSet, *options) {}, cert},
	{"sign", "FILE", signFlags, sign},
	{"decide", "FILE...", decideFlags, decide},
}

// options is what was asked.
type options struct {
	certs, role, key, cert, state, service string
	at                                     time.Time
	files                                  []string
}

// run is main with everything that it needs from outside. It gives the exit status.
func run(args []string, stdout, stderr io.Writer, now time.Time) int {
	if len(args) == 0 || args[0] == "-h" || args[0] == "--help" || args[0] == "help" {
		fmt.Fprint(stdout, usage)
		return 0
	}
	for _, c := range commands {
		if c.name == args[0] {
			return c.main(args[1:], stdout, stderr, now)
		}
	}
	fmt.Fprintf(stderr, "duis: %q is no command: expected verify, cert, sign or decide\n", args[0])
	return 2
}

func (c *command) main(args []string, stdout, stderr io.Writer, now time.Time) int {
	o := &options{at: now}
	flags := flag.NewFlagSet("duis "+c.name, flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	c.flags(flags, o)
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprintf(stdout, "usage: duis %s [flags] %s\n", c.name, c.files)
		flags.SetOutput(stdout)
		flags.PrintDefaults()
		return 0
	case err != nil:
		return complain(stderr, c, err)
	}
	if o.files = flags.Args(); len(o.files) == 0 {
		return complain(stderr, c, fmt.Errorf("expected %s", c.files))
	}
	out := &output{Encoder: json.NewEncoder(stdout), raw: stdout, stderr: stderr}
	out.SetEscapeHTML(false)
	ok, err := c.run(o, out)
	switch {
	case err != nil:
		return complain(stderr, c, err)
	case !ok:
		return 1
	}
	return 0
}

// complain says in one line what was asked wrongly.
func complain(stderr io.Writer, c *command, err error) int {
	fmt.Fprintf(stderr, "duis %s: %v\n", c.name, err)
	return 2
}

// output is where results go.
type output struct {
	*json.Encoder
	raw, stderr io.Writer
}

// timeFlag adds --at.
func timeFlag(flags *flag.FlagSet, o *options, about string) {
	flags.Func("at", about+", RFC 3339 (default now)", func(s string) (err error) {
		if o.at, err = time.Parse(time.RFC3339, s); err != nil {
			return errors.New("expected a time such as 2021-11-17T12:00:00Z")
		}
		return nil
	})
}

// maxFile bounds what is read of one file: a message, a certificate or a CRL.
const maxFile = 64 << 20

// readFile reads a file of bounded size.
func readFile(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err == nil && len(b) > maxFile {
		err = fmt.Errorf("%s: expected at most %d bytes", name, maxFile)
	}
	return b, err
}

// orNull is a text, or JSON's null for none.
func orNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func errorText(err error) *string {
	if err == nil {
		return nil
	}
	return orNull(err.Error())
}

// idText is a RequestID as text, null for none.
func idText(id duis.RequestID) *string {
	if id == (duis.RequestID{}) {
		return nil
	}
	return orNull(id.String())
}
