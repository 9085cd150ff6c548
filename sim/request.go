package sim

import (
	"cmp"

	"github.com/seed-db8551c1/lastresort/duis"
	"github.com/seed-db8551c1/lastresort/smki"
)

// command is what a Service Request asks a meter to do.
type command struct {
	srv  duis.SRV
	mode duis.PaymentMode
}

// The commands of the model. Those of emergency works and heating are the scenario's, by default these; which variants they need is UNCERTAIN.
var (
	topUpCommand    = command{srv: duis.TopUpDevice}
	safeModeCommand = command{srv: duis.UpdatePaymentMode, mode: duis.CreditMode}
	enableCommand   = command{srv: duis.EnableSupply} // electricity only
	armCommand      = command{srv: duis.ArmSupply}
	cosCommand      = command{srv: duis.UpdateSecurityCredentialsCoS}

	defaultWorks   = duis.UpdateHANDeviceLog
	defaultHeating = duis.ActivateAuxiliaryLoad
)

// requests fills in the commands that the scenario may choose, and the variants that a SoLR asks an SRP to send.
func (c *cast) requests(s *Scenario) {
	c.worksCommand, c.heatingCommand = command{srv: cmp.Or(s.Works, defaultWorks)}, command{srv: cmp.Or(s.Heating, defaultHeating)}
	if c.supported = s.Support; len(c.supported) == 0 {
		c.supported = []duis.SRV{topUpCommand.srv, safeModeCommand.srv, enableCommand.srv, armCommand.srv, c.worksCommand.srv, c.heatingCommand.srv}
	}
}

// fate is what becomes of a command before it is on its way to the meter.
type fate uint8

const (
	held     fate = iota // by the SRP: no authority covers it
	refused              // by the filter
	accepted             // all of its requests
)

// send puts a command through the filter in the name of a party, over the connection of another.
// A critical command is two requests: the transform, and the Signed Pre-Command.
func (r *run) send(from *party, over duis.CertificateNumber, c command, meter uint32) fate {
	if !c.srv.Critical() {
		return r.filter(from, over, c, duis.SendCommand, meter)
	}
	if fate := r.filter(from, over, c, duis.TransformRequest, meter); fate != accepted {
		return fate
	}
	return r.filter(from, over, c, duis.SendSignedPreCommand, meter)
}

// bySoLR sends in the SoLR's own name.
func (r *run) bySoLR(failure int, c command, meter uint32) fate {
	s := r.solrs[r.failed[failure].solr]
	return r.send(s, s.channel, c, meter)
}

// filter lets the filter decide on one request.
func (r *run) filter(from *party, over duis.CertificateNumber, c command, variant duis.CommandVariant, meter uint32) fate {
	w := r.current()
	q := duis.Request{
		ID:  duis.RequestID{Originator: from.user, Target: device(meter), Counter: r.request + 1},
		SRV: c.srv, Mode: c.mode, Variant: variant, Service: variant.Service(),
		XMLSign: from.xmlSign, Channel: over,
	}
	if variant.SignedPreCommand() {
		q.Signing = from.signing
	}
	now := r.calendar.time(r.sim.Now())
	d := duis.Decide(w, &q, now)
	if d.Standing == duis.NotCovered && r.values.on(srpAwaitsAuthority) {
		r.series.notSent()
		r.tally.notSent++ // the SRP follows the procedure of the MP185 report (R9): it asks before it sends
		return held
	}
	r.request++
	d = r.counters.Admit(w, &q, d)
	r.tally.count(&d)
	r.series.sent(over != from.channel, d.Outcome)
	if d.Outcome != duis.Accepted {
		return refused
	}
	return accepted
}

// fuelOf is the fuel of a meter.
func (r *run) fuelOf(meter uint32) smki.Fuel { return r.traits[meter].fuel() }
