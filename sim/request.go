package sim

import (
	"cmp"

	"github.com/seed-db8551c1/lastresort/duis"
	"github.com/seed-db8551c1/lastresort/sim/des"
	"github.com/seed-db8551c1/lastresort/smki"
)

// command is what a Service Request asks a meter to do.
type command struct {
	srv  duis.SRV
	mode duis.PaymentMode
	at   des.Time // when it is to be carried out, if it is future-dated: the meter or the DSP holds it until then; else 0
}

// The commands of the model. Those of emergency works and heating are the scenario's, by default these; which variants they need is UNCERTAIN.
var (
	topUpCommand    = command{srv: duis.TopUpDevice}
	safeModeCommand = command{srv: duis.UpdatePaymentMode, mode: duis.CreditMode}
	balanceCommand  = command{srv: duis.UpdateMeterBalance}
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
		c.supported = []duis.SRV{topUpCommand.srv, safeModeCommand.srv, balanceCommand.srv, enableCommand.srv, armCommand.srv, c.worksCommand.srv, c.heatingCommand.srv}
	}
}

// fate is what becomes of a command before it is on its way to the meter.
type fate uint8

const (
	held                   fate = iota // by the SRP: no authority covers it
	refused                            // by the filter, or not worth asking for
	inQuarantine                       // its first request: it is over a threshold
	preCommandInQuarantine             // its second
	untrusted                          // all of its requests are accepted, but the meter has the credentials of another supplier
	accepted                           // and there is nothing against it at the meter
)

// send puts a command through the filter in the name of a party, over the connection of another.
// A critical command is two requests: the transform, and the Signed Pre-Command.
func (r *run) send(from *party, over duis.CertificateNumber, c command, meter uint32) (f fate) {
	if !c.srv.Critical() {
		return r.atMeter(r.filter(from, over, c, duis.SendCommand, meter), from, c, meter)
	}
	if f = r.filter(from, over, c, duis.TransformRequest, meter); f != accepted {
		return f
	}
	return r.sendSigned(from, over, c, meter)
}

// sendSigned sends the second request of a critical command.
func (r *run) sendSigned(from *party, over duis.CertificateNumber, c command, meter uint32) fate {
	f := r.filter(from, over, c, duis.SendSignedPreCommand, meter)
	if f == inQuarantine {
		return preCommandInQuarantine
	}
	return r.atMeter(f, from, c, meter)
}

// atMeter is what becomes of a command whose last request had a fate.
func (r *run) atMeter(f fate, from *party, c command, meter uint32) fate {
	if f == accepted && !r.trusts(meter, from, c.srv) {
		r.tally.failedAtDevice++
		return untrusted
	}
	return f
}

// trusts reports whether a meter carries out what a supplier sends. It checks a critical command with the signing certificate, and the code of a top-up with the prepayment key, of the supplier
// in its credential slots: the one that failed until the Change of Supplier. It knows of no revocation and no transfer. The Change of Supplier itself comes from the CoS Party, which every meter trusts.
func (r *run) trusts(meter uint32, from *party, srv duis.SRV) bool {
	return !srv.Critical() && srv != duis.TopUpDevice || r.moved[meter] == (from != r.failures[r.failureOfMeter(meter)].supplier)
}

// failureOfMeter is the failure that a meter is in.
func (r *run) failureOfMeter(meter uint32) int { return rangeOf(r.first[:len(r.failures)], meter) }

// bySoLR sends in the SoLR's own name.
func (r *run) bySoLR(failure int, c command, meter uint32) fate {
	s := r.solrs[r.failed[failure].solr]
	return r.send(s, s.channel, c, meter)
}

// filter lets the filter decide on one request.
func (r *run) filter(from *party, over duis.CertificateNumber, c command, variant duis.CommandVariant, meter uint32) fate {
	w, q := r.current(), r.message(from, over, c, variant, meter)
	now := r.calendar.time(r.sim.Now())
	d := duis.Decide(w, &q, now)
	if r.awaitsAuthority(&d) {
		r.series.notSent()
		r.tally.notSent++ // the SRP follows the procedure of the MP185 report (R9): it asks before it sends
		if d.Reasons.Has(duis.NotRegistered) {
			return refused // the meter is another supplier's by now: no authority is to come
		}
		return held
	}
	r.request++
	d = r.counters.Admit(w, &q, d)
	r.tally.count(&d)
	r.series.sent(over != from.channel, d.Outcome)
	switch d.Outcome {
	case duis.Accepted:
		return accepted
	case duis.Quarantined:
		return inQuarantine
	}
	return refused
}

// hub is what the communications hub of a meter goes by. A household in prepayment has one; of the others it is not kept which meters are together, so that each has its own.
func (r *run) hub(failure int, meter uint32) uint64 {
	if p := r.prepay[meter]; p != noPrepay {
		return r.name[r.household[p]]
	}
	return 1<<63 | uint64(failure)<<32 | uint64(meter-r.first[failure])
}

// reaches reports whether a command that the DCC accepts now reaches the meter behind a hub. Without spells out of reach each try has a chance of its own.
func (r *run) reaches(hub uint64, purpose des.Purpose, entity, try uint64) bool {
	if r.values[wanOutage] > 0 {
		return r.reachesAt(r.sim.Now(), hub)
	}
	return !r.random.Bool(purpose, entity, try, r.values[commsFailure])
}

// reachesAt reports whether a hub is in reach. Time is cut into spells, from an instant of the hub's own, and in each it is in reach or not: that is a function of hub and time,
// so that it takes no memory and is the same whoever sends.
func (r *run) reachesAt(t des.Time, hub uint64) bool {
	spell := max(1, hours(r.values[wanOutage]))
	phase := des.Time(float64(spell) * r.random.Float64(drawWANPhase, hub, 0))
	return !r.random.Bool(drawWAN, hub, uint64((t+phase)/spell), r.values[commsFailure])
}

// message is a Service Request.
func (r *run) message(from *party, over duis.CertificateNumber, c command, variant duis.CommandVariant, meter uint32) duis.Request {
	q := duis.Request{
		ID:  duis.RequestID{Originator: from.user, Target: device(meter), Counter: r.request + 1},
		SRV: c.srv, Mode: c.mode, Variant: variant, Service: variant.Service(),
		XMLSign: from.xmlSign, Channel: over,
	}
	if variant.SignedPreCommand() {
		q.Signing = from.signing
	}
	if c.at > 0 {
		q.Execution = r.calendar.time(c.at)
	}
	return q
}

// fuelOf is the fuel of a meter.
func (r *run) fuelOf(meter uint32) smki.Fuel { return r.traits[meter].fuel() }
