package main

import (
	"crypto"
	"crypto/x509"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/seed-db8551c1/lastresort/duis"
	"github.com/seed-db8551c1/lastresort/hold"
	"github.com/seed-db8551c1/lastresort/smki"
)

// gateway stands between the Users' systems and the devices. Nothing leaves it, no answer and no command, before what it stands for is in the store.
type gateway struct {
	channel func(*x509.Certificate) smki.CertificateID  // the DCCKI certificate that a connection is made with
	forward func(v *duis.Verdict, message []byte) error // sends an accepted request on
	now     func() time.Time
	dcc     *smki.X509Certificate // signs the answers, with its key
	key     crypto.Signer

	store *store
	gate  duis.Gate

	writing  sync.Mutex // for the register, and all that is published
	register *hold.Register
	head     hold.Head // up to which the log is in the store
	world    *duis.World

	saving  sync.Mutex // held while changes to the gate's memory are written, so that whoever comes meanwhile writes the rest at once
	buffer  []byte
	stopped error // why nothing is decided or answered any more
}

// start takes up what the store holds, and publishes the world that follows from it and from the facts: trust store, inventory and registrations, which come whole at a start.
func (g *gateway) start(facts func(*duis.Edit) error) error {
	saved, changes, err := g.store.memory()
	if err != nil {
		return err
	}
	g.gate.Journal = true
	if saved == nil {
		g.gate.Begin()
	} else if err := g.gate.Restore(saved); err != nil {
		return err
	}
	if err := g.gate.Recall(changes); err != nil {
		return err
	}
	if err := g.saveMemory(); err != nil { // the next start has fewer changes to recall
		return err
	}
	if g.register, err = g.store.register(); err != nil {
		return err
	}
	g.head = g.register.Head()
	if g.head.Seq == 0 {
		g.head = hold.Head{} // the header is not written yet
	}
	g.world = new(duis.World)
	return g.learn(facts)
}

// saveMemory writes the gate's whole memory, in place of the changes so far. One that it holds may still be written after it: recalling passes over that.
func (g *gateway) saveMemory() error {
	g.saving.Lock()
	defer g.saving.Unlock()
	saved, err := g.gate.AppendBinary(nil)
	if err != nil {
		return err
	}
	return g.store.saveMemory(saved)
}

// learn takes what a feed brings.
func (g *gateway) learn(facts func(*duis.Edit) error) error {
	g.writing.Lock()
	defer g.writing.Unlock()
	return g.publish(facts)
}

// publish makes the next world of what the register says, and of facts that changed. The caller holds the lock.
func (g *gateway) publish(facts func(*duis.Edit) error) error {
	next := g.world.Edit()
	if err := g.register.Update(next); err != nil {
		return err
	}
	if facts != nil {
		if err := facts(next); err != nil {
			return err
		}
	}
	g.world = next.World()
	g.saving.Lock()
	defer g.saving.Unlock()
	if g.stopped == nil {
		g.gate.Publish(g.world, nil)
	}
	return g.stopped
}

// apply takes an event: into the store, then into force. One that a rule forbids, or that cannot be stored, changes nothing.
func (g *gateway) apply(e hold.Event) (hold.Applied, error) {
	g.writing.Lock()
	defer g.writing.Unlock()
	next := g.register.Clone()
	applied, err := next.Apply(e)
	if err != nil || applied.Repeat {
		return applied, err
	}
	head, err := g.store.appendLog(next, g.head)
	if err != nil {
		return hold.Applied{}, err
	}
	g.register, g.head = next, head
	return applied, g.publish(nil)
}

// decide says what becomes of a message, once that is in the store.
func (g *gateway) decide(a duis.Arrival) (duis.Verdict, error) {
	v := g.gate.Decide(a)
	return v, g.saveChanges()
}

// saveChanges writes what the gate's memory gained. If it cannot, nothing more is decided until the next start, and nothing is answered that was decided before: what the gate remembers is no longer what the
// store does.
func (g *gateway) saveChanges() error {
	g.saving.Lock()
	defer g.saving.Unlock()
	if g.stopped != nil {
		return g.stopped
	}
	g.buffer = g.gate.AppendChanges(g.buffer[:0])
	if len(g.buffer) == 0 { // nothing was accepted, or another has written it
		return nil
	}
	if err := g.store.appendChanges(g.buffer); err != nil {
		g.stopped = fmt.Errorf("stopped: %w", err)
		g.gate.Publish(new(duis.World), nil)
	}
	return g.stopped
}

// services are the paths of the web services.
var services = map[string]duis.WebService{
	"/transform": duis.TransformService, "/send-command": duis.SendCommandService, "/non-device": duis.NonDeviceService,
}

const maxMessage = 2 << 20 // the default of duis.Limits

// ServeHTTP takes a DUIS message by POST, over a connection that is made with a DCCKI certificate.
func (g *gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	service, ok := services[r.URL.Path]
	if !ok || r.Method != http.MethodPost {
		http.Error(w, "expected POST to /transform, /send-command or /non-device", http.StatusNotFound)
		return
	}
	message, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxMessage))
	if err != nil {
		http.Error(w, err.Error(), http.StatusRequestEntityTooLarge)
		return
	}
	a := duis.Arrival{Message: message, Service: service, At: g.now()}
	if r.TLS != nil && len(r.TLS.PeerCertificates) > 0 {
		a.Channel = g.channel(r.TLS.PeerCertificates[0])
	}
	v, err := g.decide(a)
	if err == nil && v.Outcome == duis.Accepted {
		err = g.forward(&v, message) // if it fails the User sends a new request: this one has used its RequestID
	}
	if err != nil {
		http.Error(w, "not decided", http.StatusServiceUnavailable)
		return
	}
	answer, err := g.answer(&v)
	switch {
	case err != nil:
		http.Error(w, "not answered", http.StatusInternalServerError)
	case answer == nil:
		http.Error(w, v.Outcome.String(), http.StatusForbidden)
	default:
		w.Header().Set("Content-Type", "application/xml")
		_, _ = w.Write(answer) // a User that is gone asks again
	}
}

// answer is the signed Response; nil where there is none to give.
func (g *gateway) answer(v *duis.Verdict) ([]byte, error) {
	unsigned, err := v.AppendResponse(nil)
	if err != nil || len(unsigned) == 0 {
		return nil, err
	}
	return duis.Sign(unsigned, g.dcc, g.key)
}
