package holdtest

import (
	"math"
	"time"

	"github.com/seed-db8551c1/lastresort/duis"
	"github.com/seed-db8551c1/lastresort/hold"
	"github.com/seed-db8551c1/lastresort/smki"
	"pgregory.net/rapid"
)

// Request is a Service Request that names its certificates by their IDs, so that it means the same in every World. [Request.In] makes it one for a World.
type Request struct {
	User      smki.EUI64 // the originator
	Device    smki.EUI64 // the target; zero for a non-device request
	SRV       duis.SRV
	Variant   duis.CommandVariant
	Mode      duis.PaymentMode // for 1.6, what the body asks for
	Execution time.Time        // zero for at once

	XMLSign, Signing, Channel smki.CertificateID // empty for none
}

// In is the request as a World decides it, by the web service that takes it. A certificate that the World does not know has a number that it gives to none.
func (q *Request) In(w *duis.World) duis.Request {
	number := func(id smki.CertificateID) duis.CertificateNumber {
		if id == "" {
			return 0
		}
		if n, ok := w.CertificateNumber(id); ok {
			return n
		}
		return math.MaxUint32
	}
	r := duis.Request{
		ID:  duis.RequestID{Originator: q.User, Target: q.Device, Counter: 1},
		SRV: q.SRV, Variant: q.Variant, Service: q.Variant.Service(), Mode: q.Mode, Execution: q.Execution,
		XMLSign: number(q.XMLSign), Signing: number(q.Signing), Channel: number(q.Channel),
	}
	if q.Device == 0 {
		r.ID.Target = 1 // the DCC
	}
	return r
}

// Requests draws Service Requests in the name of one of the suppliers, complete but for what failures take away, for execution at once. The channel is its own or that of an SRP.
func (w *World) Requests(r *hold.Register, dcc *duis.World) *rapid.Generator[duis.Request] {
	return rapid.Map(rapid.Custom(func(t *rapid.T) Request { return w.request(t, r) }), func(q Request) duis.Request { return q.In(dcc) })
}

// requestVariants are such as safe mode and support are about, one that the DCC holds for later, and one without a device.
var requestVariants = []duis.SRV{duis.UpdatePaymentMode, duis.TopUpDevice, duis.UpdatePrepayConfiguration, duis.ReadInstantaneousImportRegisters, duis.ReadInventory}

// refusedVariant is for export suppliers and network operators only.
const refusedVariant = duis.ReadInstantaneousExportRegisters

func (w *World) request(t *rapid.T, r *hold.Register) Request {
	s := rapid.SampledFrom(w.Suppliers).Draw(t, "in the name of")
	q := Request{User: s.User.ID, SRV: rapid.SampledFrom(requestVariants).Draw(t, "SRV")}
	variants := []duis.CommandVariant{duis.SendCommand, duis.LocalCommand, duis.SendAndLocalCommand}
	switch {
	case q.SRV.NonDevice():
		variants = []duis.CommandVariant{duis.NonDeviceRequest}
	case q.SRV.Critical():
		variants = []duis.CommandVariant{duis.TransformRequest, duis.SendSignedPreCommand, duis.LocalSignedPreCommand, duis.SendAndLocalPreCommand}
	}
	q.Variant = rapid.SampledFrom(variants).Draw(t, "command variant")
	if q.SRV == duis.UpdatePaymentMode {
		q.Mode = rapid.SampledFrom([]duis.PaymentMode{duis.CreditMode, duis.PrepaymentMode}).Draw(t, "mode")
	}
	if !q.SRV.NonDevice() {
		mpids := r.Directory().MPIDs()
		if rapid.Bool().Draw(t, "device of its own") {
			mpids = s.MPIDs
		}
		q.Device = Device(rapid.SampledFrom(mpids).Draw(t, "device")).ID
	}
	certificate := func(use smki.CertificateUse, others ...smki.PartyID) smki.CertificateID {
		var own []smki.CertificateID
		for _, c := range s.Certificates {
			if c.Use == use {
				own = append(own, c.ID)
			}
		}
		for _, p := range others {
			own = append(own, smki.CertificateID(p))
		}
		return rapid.SampledFrom(own).Draw(t, use.String())
	}
	q.XMLSign, q.Channel = certificate(smki.XMLSign), certificate(smki.DCCKI, w.SRPs...)
	if q.Variant.SignedPreCommand() {
		q.Signing = certificate(smki.DigitalSigning)
	}
	return q
}

// AnyRequest draws Service Requests of which about every third is not complete: a certificate is missing, another's or for another use, the User or the device is not known, or no supplier may send
// the variant. Commands that the DCC's Data Service Provider holds may be for later than the given time.
func (w *World) AnyRequest(r *hold.Register, at time.Time) *rapid.Generator[Request] {
	return rapid.Custom(func(t *rapid.T) Request {
		q := w.request(t, r)
		if q.SRV.FutureDating()&duis.HeldByDSP != 0 && rapid.Bool().Draw(t, "held") {
			q.Execution = at.AddDate(0, 0, rapid.IntRange(1, 30).Draw(t, "for days"))
		}
		if rapid.IntRange(0, 2).Draw(t, "complete") < 2 {
			return q
		}
		all := []smki.CertificateID{"", "nobody/1"}
		for _, c := range r.Directory().Certificates() {
			all = append(all, c.ID)
		}
		switch rapid.IntRange(0, 5).Draw(t, "fault") {
		case 0:
			q.XMLSign = rapid.SampledFrom(all).Draw(t, "XML-sign")
		case 1:
			q.Channel = rapid.SampledFrom(all).Draw(t, "channel")
		case 2:
			if q.Variant.SignedPreCommand() {
				q.Signing = rapid.SampledFrom(all).Draw(t, "signing")
			}
		case 3:
			q.User = 0xFF
		case 4:
			if q.Device != 0 {
				q.Device = 0xFF
			}
		case 5:
			if !q.SRV.NonDevice() && !q.SRV.Critical() {
				q.SRV = refusedVariant
			}
		}
		return q
	})
}
