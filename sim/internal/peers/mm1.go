package main

import (
	"time"

	"github.com/seed-db8551c1/lastresort/sim/des"
)

func mm1Peers(in *input, python *simPy) []implementation {
	peers := []implementation{
		{name: "des", run: in.mm1DES},
		{name: "des, two processes", run: in.mm1Processes},
		{name: "container/heap", run: in.mm1Heap},
		{name: "goroutines", slow: true, run: in.mm1Goroutines},
	}
	if python != nil {
		peers = append(peers,
			implementation{"SimPy, two processes", true, python.runner("mm1-store")},
			implementation{"SimPy, a process a customer", true, python.runner("mm1-resource")})
	}
	return peers
}

const (
	arrival des.Kind = iota
	service
	departure
)

// mm1DES leaves the queue and the monitors to a Resource.
func (in *input) mm1DES(n int) (statistics, time.Duration, error) {
	start := time.Now()
	var s des.Simulation
	server := des.NewResource(&s, 1)
	s.Schedule(in.gap[0], arrival, 0)
	for e, ok := s.Next(); ok; e, ok = s.Next() {
		switch e.Kind {
		case arrival:
			server.Request(service, e.Entity, 0)
			if next := e.Entity + 1; int(next) < n {
				s.Schedule(e.At+in.gap[next], arrival, next)
			}
		case service:
			s.Schedule(e.At+in.work[e.Entity], departure, e.Entity)
		case departure:
			server.Release()
		}
	}
	return statistics{
		Clock: float64(s.Now()), Wait: server.Waits.Mean(), Queue: server.Queue.Mean(s.Now()), Busy: server.InUse.Mean(s.Now()),
	}, time.Since(start), s.Err()
}

// station is the queue and the monitors of those that have to keep them by hand.
type station struct {
	arrived []des.Time // of those that wait, oldest first
	waits   des.Tally
	queue   des.TimeWeighted
	busy    des.TimeWeighted
}

func (m *station) arrive(now des.Time) {
	m.arrived = append(m.arrived, now)
	m.queue.Set(now, float64(len(m.arrived)))
}

func (m *station) serve(now des.Time) {
	m.waits.Add((now - m.arrived[0]).Seconds())
	m.arrived = m.arrived[1:]
	m.queue.Set(now, float64(len(m.arrived)))
	m.busy.Set(now, 1)
}

func (m *station) statistics(now des.Time) statistics {
	return statistics{Clock: float64(now), Wait: m.waits.Mean(), Queue: m.queue.Mean(now), Busy: m.busy.Mean(now)}
}

func (in *input) mm1Processes(n int) (statistics, time.Duration, error) {
	start := time.Now()
	var s des.Simulation
	defer s.Reset()
	var m station
	server := s.Start("server", func(p *des.Process) {
		for i := range n {
			for len(m.arrived) == 0 {
				m.busy.Set(s.Now(), 0)
				p.Wait()
			}
			m.serve(s.Now())
			p.Hold(in.work[i])
		}
		m.busy.Set(s.Now(), 0)
	})
	s.Start("arrivals", func(p *des.Process) {
		for i := range n {
			p.Hold(in.gap[i])
			m.arrive(s.Now())
			server.Wake()
		}
	})
	s.Next() // there is nothing to deliver: the processes do it all
	return m.statistics(s.Now()), time.Since(start), s.Err()
}

func (in *input) mm1Heap(n int) (statistics, time.Duration, error) {
	start := time.Now()
	var q eventHeap
	var m station
	free, next, now := true, 0, des.Time(0)
	serve := func() {
		free = false
		m.serve(now)
		q.schedule(now+in.work[next], departure, 0)
		next++
	}
	q.schedule(in.gap[0], arrival, 0)
	for len(q.heap) > 0 {
		e := q.next()
		now = e.At
		switch e.Kind {
		case arrival:
			m.arrive(now)
			if free {
				serve()
			}
			if next := e.Entity + 1; int(next) < n {
				q.schedule(now+in.gap[next], arrival, next)
			}
		case departure:
			free = true
			m.busy.Set(now, 0)
			if len(m.arrived) > 0 {
				serve()
			}
		}
	}
	return m.statistics(now), time.Since(start), nil
}

func (in *input) mm1Goroutines(n int) (statistics, time.Duration, error) {
	start := time.Now()
	k := newKernel()
	defer k.close()
	var m station
	idle := false
	server := k.start(func(p *process) {
		for i := range n {
			for len(m.arrived) == 0 {
				m.busy.Set(k.now, 0)
				idle = true
				p.pause()
			}
			m.serve(k.now)
			p.hold(in.work[i])
		}
		m.busy.Set(k.now, 0)
	})
	k.start(func(p *process) {
		for i := range n {
			p.hold(in.gap[i])
			m.arrive(k.now)
			if idle {
				idle = false
				server.wake(0)
			}
		}
	})
	for k.step() {
	}
	return m.statistics(k.now), time.Since(start), nil
}
