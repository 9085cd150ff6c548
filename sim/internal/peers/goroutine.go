package main

import "github.com/seed-db8551c1/lastresort/sim/des"

// kernel runs processes that are goroutines, one at a time: it takes the earliest event from
// container/heap, hands over to the goroutine by a channel and waits for it on another.
type kernel struct {
	queue     eventHeap
	now       des.Time
	processes []*process
	paused    chan struct{}
	closed    chan struct{}
}

type process struct {
	k      *kernel
	number uint32
	resume chan struct{}
}

// ended takes a goroutine out of its body when the kernel is closed.
type ended struct{}

func newKernel() *kernel {
	return &kernel{paused: make(chan struct{}), closed: make(chan struct{})}
}

func (k *kernel) start(body func(*process)) *process {
	p := &process{k, uint32(len(k.processes)), make(chan struct{})}
	k.processes = append(k.processes, p)
	go func() {
		defer func() {
			if x := recover(); x != nil && x != (ended{}) {
				panic(x)
			}
		}()
		p.await()
		body(p)
		k.paused <- struct{}{}
	}()
	k.queue.schedule(k.now, 0, p.number)
	return p
}

// step runs the next process until it pauses or ends, and reports whether there was one.
func (k *kernel) step() bool {
	if len(k.queue.heap) == 0 {
		return false
	}
	e := k.queue.next()
	k.now = e.At
	k.processes[e.Entity].resume <- struct{}{}
	<-k.paused
	return true
}

func (k *kernel) close() { close(k.closed) }

func (p *process) await() {
	select {
	case <-p.resume:
	case <-p.k.closed:
		panic(ended{})
	}
}

func (p *process) pause() {
	p.k.paused <- struct{}{}
	p.await()
}

func (p *process) hold(d des.Time) {
	p.wake(d)
	p.pause()
}

func (p *process) wake(after des.Time) { p.k.queue.schedule(p.k.now+after, 0, p.number) }
