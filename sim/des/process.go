package des

import "iter"

// Process is an actor written as plain sequential code, which time passes by at
// its calls of Hold, Wait and Seize. All run in turn with the events, in the
// order of instants, never at the same time.
//
// It is for the few dozen actors of a model whose behaviour is long: a step of a
// process takes some 100 ns and its stack some kilobytes, an event of a kind 20
// ns and 16 bytes. Its methods are for its own body to call, but for Wake.
type Process struct {
	s       *Simulation
	name    string
	number  uint32
	resume  func() (struct{}, bool)
	stop    func()
	yield   func(struct{}) bool
	step    func()
	active  bool // it runs, or something that it called does
	waiting bool
	ended   bool // by Reset
}

// Start begins a process: its body is called at the clock's instant, after the
// events already scheduled for it. The process ends when its body returns. The
// name appears in traces.
//
// Processes that are under way when a run is over keep their memory until
// Reset, which ends them: their calls do not return, but deferred functions run.
func (s *Simulation) Start(name string, body func(*Process)) *Process {
	p := &Process{s: s, name: name}
	if n := len(s.idle); n > 0 {
		p.number, s.idle = s.idle[n-1], s.idle[:n-1]
		s.processes[p.number-1] = p
	} else {
		s.processes = append(s.processes, p)
		p.number = uint32(len(s.processes))
	}
	p.resume, p.stop = iter.Pull(func(yield func(struct{}) bool) {
		p.yield = yield
		defer func() {
			if p.ended {
				_ = recover() // by Reset, which has unwound it
			}
		}()
		body(p)
	})
	p.step = p.run
	p.goOn(0)
	return p
}

// goOn schedules the next step.
func (p *Process) goOn(after Time) {
	p.s.schedule(Event{p.s.now + after, Control, p.number}, p.step)
}

// run lets p go on until it waits or ends.
func (p *Process) run() {
	outer := p.s.running
	p.s.running, p.active = p, true
	_, more := p.resume()
	p.s.running, p.active = outer, false
	if !more && !p.ended {
		p.s.processes[p.number-1] = nil
		p.s.idle = append(p.s.idle, p.number)
	}
}

// unwound is what takes a process that Reset has ended out of its body. It is
// recovered in Start.
type unwound struct{}

// pause gives control back until something calls step.
func (p *Process) pause() {
	if !p.yield(struct{}{}) {
		panic(unwound{})
	}
}

// may reports whether p is the process that runs, and fails if it is not.
func (p *Process) may(call string) bool {
	if p.s.running != p {
		p.s.fail(&UsageError{call, "a call from the body of the process, while it runs", p.s.now})
		return false
	}
	if p.ended {
		panic(unwound{})
	}
	return true
}

// Hold lets time pass, from 0 up.
func (p *Process) Hold(d Time) {
	if p.may("Hold") {
		p.goOn(d)
		p.pause()
	}
}

// Wait lets time pass until something calls Wake. Call it in a loop that checks
// what is waited for.
func (p *Process) Wait() {
	if p.may("Wait") {
		p.waiting = true
		p.pause()
	}
}

// Wake lets p go on at the clock's instant, after the events already scheduled
// for it. It reports whether p was in Wait; if not, it does nothing.
func (p *Process) Wake() bool {
	if !p.waiting {
		return false
	}
	p.waiting = false
	p.goOn(0)
	return true
}

// Seize takes a unit of r, waiting for it as Request would.
func (p *Process) Seize(r *Resource, priority int32) {
	if p.may("Seize") && !r.request(waiter{priority: priority, process: p}) {
		p.pause()
	}
}

func (s *Simulation) endProcesses() {
	outer := s.running
	for _, p := range s.processes {
		if p == nil {
			continue
		}
		p.ended, p.waiting = true, false
		if !p.active { // one that is ends at its next pause
			s.running = p
			p.stop()
		}
	}
	s.running = outer
	s.processes, s.idle = s.processes[:0], s.idle[:0]
}
