package holdtest

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"sync"
	"time"
)

// Process is an implementation that runs in a program of its own and speaks the protocol that the package documentation describes, in whatever language it is written. A program that crashes, hangs or
// answers with something else gives an error, which is a finding of [Conform], and is started again for the next history. After one that hangs there is no next history.
type Process struct {
	// Timeout is how long to wait for one answer, with what the program takes to start before the first, unless the context ends before; zero means 10 seconds.
	Timeout time.Duration

	remote
	ctx     context.Context
	command func() *exec.Cmd
	run     *running // nil while no program runs
}

// StartProcess makes an implementation of a program. The function gives the command to start it with, each time anew: its Stdin and Stdout must not be set; its Stderr is shown with an error where it is not
// set. The program is started at once and ends with [Process.Close] or the context. The error is that of starting it.
func StartProcess(ctx context.Context, command func() *exec.Cmd) (*Process, error) {
	p := &Process{ctx: ctx, command: command}
	p.remote.call, p.remote.drop = p.exchange, func() { p.end() }
	return p, p.start()
}

// Close ends the program: its input ends, and if it has not gone soon after, it is killed. The error says that it did not end well.
func (p *Process) Close() error {
	if p.run == nil {
		return nil
	}
	r := p.run
	p.run = nil
	return r.stop(p.patience())
}

func (p *Process) patience() time.Duration { return cmp.Or(p.Timeout, 10*time.Second) }

// running is one run of the program.
type running struct {
	cmd    *exec.Cmd
	in     io.WriteCloser
	out    io.ReadCloser
	lines  chan line
	stderr tail
	ended  chan error  // what Wait said
	alone  func() bool // ends that the program is killed with the context
}

type line struct {
	text []byte
	err  error
}

func (p *Process) start() error {
	r := &running{cmd: p.command(), lines: make(chan line), ended: make(chan error, 1)}
	var err error
	if r.in, err = r.cmd.StdinPipe(); err != nil {
		return fmt.Errorf("holdtest: %w", err)
	}
	if r.out, err = r.cmd.StdoutPipe(); err != nil {
		return fmt.Errorf("holdtest: %w", err)
	}
	if r.cmd.Stderr == nil {
		r.cmd.Stderr = &r.stderr
	}
	r.cmd.WaitDelay = time.Second // whoever inherited its output must not keep it open
	if err := r.cmd.Start(); err != nil {
		return fmt.Errorf("holdtest: %w", err)
	}
	r.alone = context.AfterFunc(p.ctx, func() { r.cmd.Process.Kill() })
	p.run = r
	go r.read()
	return nil
}

// read passes on the lines of the output, then waits for the end of the program.
func (r *running) read() {
	lines := bufio.NewScanner(r.out)
	lines.Buffer(nil, maxLine)
	for lines.Scan() {
		r.lines <- line{text: bytes.Clone(lines.Bytes())}
	}
	err := lines.Err()
	if errors.Is(err, bufio.ErrTooLong) {
		r.lines <- line{err: fmt.Errorf("expected a line of fewer than %d bytes", maxLine)}
	}
	close(r.lines)
	r.ended <- r.cmd.Wait()
}

// stop ends the program and waits for it.
func (r *running) stop(patience time.Duration) error {
	r.alone()
	r.in.Close()
	go func() { // lines that nobody asked for
		for range r.lines {
		}
	}()
	select {
	case err := <-r.ended:
		return err
	case <-time.After(patience):
		r.cmd.Process.Kill()
		r.out.Close() // which a child of the program may have open still
		return <-r.ended
	}
}

// exchange sends a line and waits for the answer. If none comes the program is ended; the next message starts it again.
func (p *Process) exchange(message []byte) ([]byte, error) {
	if err := p.ctx.Err(); err != nil {
		return nil, err
	}
	if p.run == nil {
		if err := p.start(); err != nil {
			return nil, err
		}
	}
	r := p.run
	text, why := r.ask(p.ctx, message, p.patience())
	if why == nil {
		return text, nil
	}
	err := p.end()
	why = fmt.Errorf("holdtest: %q: %w", short(string(message)), why)
	if text := r.stderr.String(); text != "" {
		why = fmt.Errorf("%w; it said:\n%s", why, text)
	} else if err != nil && errors.Is(why, errEnded) { // else it did not end by itself
		why = fmt.Errorf("%w (%v)", why, err)
	}
	return nil, why
}

// ask sends a line and waits for the answer.
func (r *running) ask(ctx context.Context, message []byte, patience time.Duration) ([]byte, error) {
	select {
	case l, ok := <-r.lines: // which would be taken for the answer, and so on with all that follow
		if ok && l.err == nil {
			return nil, fmt.Errorf("expected one line of output for each message, and before this one no further %q", short(string(l.text)))
		}
		return l.answer(ok)
	default:
	}
	go r.in.Write(append(message, '\n')) // a program that does not read its input must not stop the kit; that it has ended shows in its output
	timeout := time.NewTimer(patience)
	defer timeout.Stop()
	select {
	case l, ok := <-r.lines:
		return l.answer(ok)
	case <-timeout.C:
		return nil, lateError(patience)
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// answer is what a line says, if there was one.
func (l line) answer(ok bool) ([]byte, error) {
	if !ok {
		return nil, errEnded
	}
	return l.text, l.err
}

var errEnded = errors.New("expected an answer, but the output of the program ended")

// lateError says how long an answer was waited for.
type lateError time.Duration

func (e lateError) Error() string {
	return fmt.Sprintf("expected an answer within %v", time.Duration(e))
}

// Timeout is true, as that of the errors of package net: the kit ends a run at an error that says so.
func (e lateError) Timeout() bool { return true }

// end kills the program. The error says how it ended.
func (p *Process) end() error {
	r := p.run
	p.run = nil
	return r.stop(0)
}

// tail keeps the end of what is written to it.
type tail struct {
	mu   sync.Mutex
	text []byte
}

const maxTail = 4 << 10

func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, b...)
	if n := len(t.text); n > maxTail {
		t.text = append(t.text[:0], t.text[n-maxTail:]...)
	}
	return len(b), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.text)
}
