package duis_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/seed-db8551c1/lastresort/duis"
	"github.com/seed-db8551c1/lastresort/smki"
)

// The cases that the rules speak of. Each breaks one thing of the sample, and names its rule.
func TestDecideCases(t *testing.T) {
	moved, later := date(9, 26, 0), now.Add(48*time.Hour)
	none := func(*facts) {}
	revoke := func(id smki.CertificateID, at time.Time) func(*facts) {
		return func(f *facts) { f.cert(id).revoked = at }
	}
	moveAll := func(f *facts) {
		f.move("AVRO", "Octopus", moved)
		f.move("AVG", "Octopus", moved)
	}
	standing := func(s duis.Standing) func(*facts) {
		return func(f *facts) {
			f.authority = standings{"Avro": {Standing: s, Grant: 7}, "Octopus": {Standing: duis.NotNeeded}, "Ovo": {Standing: duis.NotNeeded}, "UKPN": {Standing: duis.NotNeeded}}
		}
	}
	held := func() *call { // future-dated and held by the DSP
		c := request(duis.DisplayMessage, duis.SendCommand, esme)
		c.Execution = later
		return c
	}
	onDevice := func() *call { // future-dated and held by the device
		c := preCommand()
		c.Execution = later
		return c
	}
	with := func(c *call, change func(*call)) *call { change(c); return c }

	for _, c := range []struct {
		name    string // starts with the rule or the part of the design that it checks
		break_  func(*facts)
		call    *call
		at      time.Time // zero for now
		outcome duis.Outcome
		code    duis.Code
		reasons duis.Reasons
		advice  duis.Reasons
	}{
		// R5: once an MPID has moved, the certificates no longer help.
		{"R5 MPID moved, good certificates: E4", moveAll, topUp(), now, duis.Rejected, duis.E4, duis.ReasonsOf(duis.MPIDMoved), 0},
		{"R5 MPID moved, Signed Pre-Command: E4", moveAll, signedPreCommand(), now, duis.Rejected, duis.E4, duis.ReasonsOf(duis.MPIDMoved), 0},
		{"R5 MPID moved and XML-sign revoked: both are said, the first gives the code", func(f *facts) { moveAll(f); f.cert(avroXML).revoked = moved }, topUp(), now, duis.Rejected, duis.E100, duis.ReasonsOf(duis.XMLSignRevoked, duis.MPIDMoved), 0},
		{"R5 the instant before the move", moveAll, topUp(), moved.Add(-1), duis.Accepted, duis.I99, 0, 0},
		{"R5 the instant of the move", moveAll, topUp(), moved, duis.Rejected, duis.E4, duis.ReasonsOf(duis.MPIDMoved), 0},
		{"R5 the other fuel's MPID moved", func(f *facts) { f.move("AVG", "Octopus", moved) }, topUp(), now, duis.Accepted, duis.I99, 0, 0},
		{"R5 each fuel has its own MPID", func(f *facts) { f.move("AVG", "Octopus", moved) }, request(duis.TopUpDevice, duis.SendCommand, gsme), now, duis.Rejected, duis.E4, duis.ReasonsOf(duis.MPIDMoved), 0},
		{"R16 a moved MPID that came back", func(f *facts) { moveAll(f); f.move("AVRO", "Avro", date(9, 27, 0)) }, topUp(), now, duis.Accepted, duis.I99, 0, 0},
		{"R5 the SoLR speaks for the moved MPID", moveAll, topUp().from(octopus, octopusXML, ""), now, duis.Accepted, duis.I99, 0, 0},
		{"R5 the SoLR before the move: never its own, so not moved away from it", none, topUp().from(octopus, octopusXML, ""), now, duis.Rejected, duis.E4, duis.ReasonsOf(duis.NotRegistered), 0},
		{"R15 moved on to a third party", func(f *facts) { moveAll(f); f.move("AVRO", "Ovo", date(9, 27, 0)) }, topUp().from(octopus, octopusXML, ""), now, duis.Rejected, duis.E4, duis.ReasonsOf(duis.MPIDMoved), 0},
		{"R5 MPID retired: it is nobody's", func(f *facts) { f.move("AVRO", "", moved) }, topUp(), now, duis.Rejected, duis.E4, duis.ReasonsOf(duis.MPIDUnknown), 0},
		{"R13 a transfer in the codes' map is no business of the DCC", none, topUp(), now, duis.Accepted, duis.I99, 0, 0},

		// R5, without an MPxN: E1 once the party holds no MPID for the role.
		{"R5 non-device request, MPIDs moved: E1", moveAll, readInventory(), now, duis.Rejected, duis.E1, duis.ReasonsOf(duis.NoMPIDForRole), 0},
		{"R5 non-device request, one MPID of the role left", func(f *facts) { f.move("AVRO", "Octopus", moved) }, readInventory(), now, duis.Accepted, duis.I99, 0, 0},
		{"R5 non-device request, an MPID of the other fuel does not count", func(f *facts) {
			f.move("AVRO", "Octopus", moved)
			f.user(avro).Roles = smki.RolesOf(smki.ImportSupplier)
		}, readInventory(), now, duis.Rejected, duis.E1, duis.ReasonsOf(duis.NoMPIDForRole), 0},
		{"R5 roles OU and RSA need no MPID", moveAll, readInventory().from(ovo, ovoXML, ""), now, duis.Accepted, duis.I99, 0, 0},
		{"R5 the failed supplier itself in role OU is untouched by the move", func(f *facts) {
			moveAll(f)
			f.user(avro).Roles = smki.RolesOf(smki.OtherUser)
		}, request(duis.ReadFirmwareVersion, duis.SendCommand, esme), now, duis.Accepted, duis.I99, 0, 0},
		{"R5 role OU reaches a device without a metering point", none, request(duis.ReadFirmwareVersion, duis.SendCommand, hub).from(ovo, ovoXML, ""), now, duis.Accepted, duis.I99, 0, 0},

		// Dependence: XML-sign for all, signing for Signed Pre-Commands, the DCCKI certificate of the channel, nothing else.
		{"R1 XML-sign revoked", revoke(avroXML, moved), topUp(), now, duis.Rejected, duis.E100, duis.ReasonsOf(duis.XMLSignRevoked), 0},
		{"R1 XML-sign revoked: a request to the DCC itself too", revoke(avroXML, moved), readInventory(), now, duis.Rejected, duis.E100, duis.ReasonsOf(duis.XMLSignRevoked), 0},
		{"R1 XML-sign revoked, the instant before", revoke(avroXML, moved), topUp(), moved.Add(-1), duis.Accepted, duis.I99, 0, 0},
		{"R1 XML-sign revoked, that instant", revoke(avroXML, moved), topUp(), moved, duis.Rejected, duis.E100, duis.ReasonsOf(duis.XMLSignRevoked), 0},
		{"R1 signing revoked: the Pre-Command (CV4) passes", revoke(avroSign, moved), preCommand(), now, duis.Accepted, duis.I99, 0, 0},
		{"R1 signing revoked: a top-up passes", revoke(avroSign, moved), topUp(), now, duis.Accepted, duis.I99, 0, 0},
		{"R1 signing revoked: the Signed Pre-Command (CV5) does not", revoke(avroSign, moved), signedPreCommand(), now, duis.Rejected, duis.E100, duis.ReasonsOf(duis.SigningRevoked), 0},
		{"R1 signing revoked: nor for local delivery (CV6)", revoke(avroSign, moved), with(signedPreCommand(), func(c *call) {
			c.Variant, c.Service = duis.LocalSignedPreCommand, duis.NonDeviceService
		}), now, duis.Rejected, duis.E100, duis.ReasonsOf(duis.SigningRevoked), 0},
		{"R2 DCCKI revoked: no connection, and no code", revoke(srpTLS, moved), topUp(), now, duis.NoConnection, 0, duis.ReasonsOf(duis.ChannelRevoked), 0},
		{"R2 DCCKI and XML-sign revoked: still no connection", func(f *facts) { f.cert(srpTLS).revoked, f.cert(avroXML).revoked = moved, moved }, topUp(), now, duis.NoConnection, 0, duis.ReasonsOf(duis.ChannelRevoked, duis.XMLSignRevoked), 0},
		{"R2 the SRP's own DCCKI certificate is untouched when the failed supplier's is revoked", revoke(avroTLS, moved), topUp(), now, duis.Accepted, duis.I99, 0, 0},
		{"R2 while the failed supplier's own channel is gone", revoke(avroTLS, moved), with(topUp(), func(c *call) { c.channel = avroTLS }), now, duis.NoConnection, 0, duis.ReasonsOf(duis.ChannelRevoked), 0},
		{"a certificate of the SoLR signs for nobody else", none, with(topUp(), func(c *call) { c.xmlSign = octopusXML }), now, duis.Rejected, duis.E100, duis.ReasonsOf(duis.XMLSignForeign), 0},
		{"nor its signing certificate", none, with(signedPreCommand(), func(c *call) { c.signing = octopusSign }), now, duis.Rejected, duis.E100, duis.ReasonsOf(duis.SigningForeign), 0},
		{"a signing certificate (role 02) does not sign messages", none, with(topUp(), func(c *call) { c.xmlSign = avroSign }), now, duis.Rejected, duis.E100, duis.ReasonsOf(duis.XMLSignForeign), 0},
		{"an Organisation certificate makes no connection", none, with(topUp(), func(c *call) { c.channel = avroXML }), now, duis.NoConnection, 0, duis.ReasonsOf(duis.ChannelNotValid), 0},
		{"an expired certificate", func(f *facts) { f.cert(avroXML).NotAfter = now.Add(-1) }, topUp(), now, duis.Rejected, duis.E100, duis.ReasonsOf(duis.XMLSignNotValid), 0},
		{"its last instant", func(f *facts) { f.cert(avroXML).NotAfter = now }, topUp(), now, duis.Accepted, duis.I99, 0, 0},
		{"a certificate that starts later", func(f *facts) { f.cert(avroXML).NotBefore = now.Add(1) }, topUp(), now, duis.Rejected, duis.E100, duis.ReasonsOf(duis.XMLSignNotValid), 0},
		{"its first instant", func(f *facts) { f.cert(avroXML).NotBefore = now }, topUp(), now, duis.Accepted, duis.I99, 0, 0},
		{"RFC 5280: no well-defined end is written 99991231235959Z", func(f *facts) {
			f.cert(avroXML).NotAfter = time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)
		}, topUp(), now, duis.Accepted, duis.I99, 0, 0},
		{"neither start nor end", func(f *facts) { f.cert(avroXML).NotBefore, f.cert(avroXML).NotAfter = time.Time{}, time.Time{} }, topUp(), now, duis.Accepted, duis.I99, 0, 0},

		// Facts that nobody supplied.
		{"no channel given", none, with(topUp(), func(c *call) { c.channel = "" }), now, duis.NoConnection, 0, duis.ReasonsOf(duis.ChannelMissing), 0},
		{"a channel that nobody issued", none, with(topUp(), func(c *call) { c.channel = "CN=DCCKI/9" }), now, duis.NoConnection, 0, duis.ReasonsOf(duis.ChannelUnknown), 0},
		{"no XML-sign certificate", none, with(topUp(), func(c *call) { c.xmlSign = "" }), now, duis.Rejected, duis.E100, duis.ReasonsOf(duis.XMLSignMissing), 0},
		{"no signing certificate", none, with(signedPreCommand(), func(c *call) { c.signing = "" }), now, duis.Rejected, duis.E100, duis.ReasonsOf(duis.SigningMissing), 0},
		{"no web service", none, with(topUp(), func(c *call) { c.Service = 0 }), now, duis.Rejected, duis.E13, duis.ReasonsOf(duis.WrongService), 0},
		{"nobody says whether a party has its licence", func(f *facts) { f.authority = nil }, topUp(), now, duis.Rejected, duis.E3, duis.ReasonsOf(duis.AuthorityUnknown), 0},
		{"no such User", none, topUp().from(99, avroXML, ""), now, duis.Rejected, duis.E100, duis.ReasonsOf(duis.XMLSignForeign, duis.UserUnknown), 0},
		{"no such device", none, request(duis.TopUpDevice, duis.SendCommand, 99), now, duis.Rejected, duis.E19, duis.ReasonsOf(duis.DeviceUnknown), 0},
		{"the device belongs to a metering point that nobody is registered for", func(f *facts) { f.registrations = nil }, topUp(), now, duis.Rejected, duis.E4, duis.ReasonsOf(duis.RegistrationMissing), 0},
		{"registered to nobody since", func(f *facts) { f.registrations = append(f.registrations, registrationFact{mpan, moved, ""}) }, topUp(), now, duis.Rejected, duis.E4, duis.ReasonsOf(duis.RegistrationMissing), 0},
		{"a time before all records", none, with(topUp(), func(c *call) {}), time.Date(1999, 12, 31, 0, 0, 0, 0, time.UTC), duis.NoConnection, 0,
			duis.ReasonsOf(duis.ChannelNotValid, duis.XMLSignNotValid, duis.RegistrationMissing), 0},

		// Registration intervals are [from, to).
		{"the last instant of an interval", func(f *facts) { f.registrations = append(f.registrations, registrationFact{mpan, now, "OCTO"}) }, topUp(), now.Add(-1), duis.Accepted, duis.I99, 0, 0},
		{"the first instant of the next", func(f *facts) { f.registrations = append(f.registrations, registrationFact{mpan, now, "OCTO"}) }, topUp(), now, duis.Rejected, duis.E4, duis.ReasonsOf(duis.NotRegistered), 0},
		{"the gaining supplier at that instant", func(f *facts) { f.registrations = append(f.registrations, registrationFact{mpan, now, "OCTO"}) }, topUp().from(octopus, octopusXML, ""), now, duis.Accepted, duis.I99, 0, 0},
		{"the first instant of the first", none, topUp(), start, duis.Accepted, duis.I99, 0, 0},

		// A future-dated request is judged at the time that counts.
		{"DSP-held, the registration changes before execution", func(f *facts) {
			f.registrations = append(f.registrations, registrationFact{mpan, now.Add(time.Hour), "OCTO"})
		}, held(), now, duis.Rejected, duis.E4, duis.ReasonsOf(duis.NotRegistered), 0},
		{"DSP-held, the MPID moves before execution", func(f *facts) { f.move("AVRO", "Octopus", now.Add(time.Hour)) }, held(), now, duis.Rejected, duis.E4, duis.ReasonsOf(duis.MPIDMoved), 0},
		{"DSP-held, the gaining supplier may ask before it gains", func(f *facts) {
			f.registrations = append(f.registrations, registrationFact{mpan, now.Add(time.Hour), "OCTO"})
		}, held().from(octopus, octopusXML, ""), now, duis.Accepted, duis.I99, 0, 0},
		{"DSP-held, the certificates are those of receipt", revoke(avroXML, now.Add(time.Hour)), held(), now, duis.Accepted, duis.I99, 0, 0},
		{"device-held, the registration changes before execution: judged at receipt", func(f *facts) {
			f.registrations = append(f.registrations, registrationFact{mpan, now.Add(time.Hour), "OCTO"})
		}, onDevice(), now, duis.Accepted, duis.I99, 0, 0},
		{"device-held, the MPID moves before execution: judged at receipt", func(f *facts) { f.move("AVRO", "Octopus", now.Add(time.Hour)) }, onDevice(), now, duis.Accepted, duis.I99, 0, 0},
		{"6.23 may be held by both: judged at execution", func(f *facts) { f.move("AVRO", "Octopus", now.Add(time.Hour)) }, with(request(duis.UpdateSecurityCredentialsCoS, duis.SendCommand, esme), func(c *call) { c.Execution = later }), now, duis.Rejected, duis.E4, duis.ReasonsOf(duis.MPIDMoved), 0},
		{"a top-up cannot be future-dated", none, with(topUp(), func(c *call) { c.Execution = later }), now, duis.Rejected, duis.E12, duis.ReasonsOf(duis.WrongExecution), 0},
		{"an execution that has passed", none, with(held(), func(c *call) { c.Execution = now.Add(-1) }), now, duis.Rejected, duis.E12, duis.ReasonsOf(duis.WrongExecution), 0},
		{"an execution at once", none, with(held(), func(c *call) { c.Execution = now }), now, duis.Accepted, duis.I99, 0, 0},
		// A time whose nanoseconds do not fit 64 bits must not come round to one that the sender likes better.
		{"R5 an execution in the year 2606, when the nanoseconds since 1970 have come round to before the move", moveAll, with(held(), func(c *call) {
			c.Execution = moved.Add(-time.Hour).Add(math.MaxInt64).Add(math.MaxInt64).Add(2)
		}), now, duis.Rejected, duis.E4, duis.ReasonsOf(duis.RegistrationMissing), 0},

		// The form of the request.
		{"E13 the wrong web service", none, with(topUp(), func(c *call) { c.Service = duis.NonDeviceService }), now, duis.Rejected, duis.E13, duis.ReasonsOf(duis.WrongService), 0},
		{"E12 a critical request without its Pre-Command", none, request(duis.UpdatePaymentMode, duis.SendCommand, esme), now, duis.Rejected, duis.E12, duis.ReasonsOf(duis.WrongVariant), 0},
		{"E12 a non-critical request as Pre-Command", none, request(duis.TopUpDevice, duis.TransformRequest, esme), now, duis.Rejected, duis.E12, duis.ReasonsOf(duis.WrongVariant), 0},
		{"E12 no such variant", none, request(200, duis.SendCommand, esme), now, duis.Rejected, duis.E12, duis.ReasonsOf(duis.SRVUnknown, duis.RoleNotEligible, duis.DeviceStatusWrong), 0},
		{"E2 a distributor may not top up", none, topUp().from(network, networkXML, ""), now, duis.Rejected, duis.E2, duis.ReasonsOf(duis.RoleNotEligible), 0},
		{"E2 7.16 has no role at all", none, request(duis.LimitAPCLevel, duis.TransformRequest, esme), now, duis.Rejected, duis.E2, duis.ReasonsOf(duis.RoleNotEligible), 0},
		{"E3 a suspended User", func(f *facts) { f.user(avro).Suspended = true }, topUp(), now, duis.Rejected, duis.E3, duis.ReasonsOf(duis.UserSuspended), 0},
		{"E5 a suspended device", func(f *facts) { f.device(esme).Status = duis.Suspended }, topUp(), now, duis.Rejected, duis.E5, duis.ReasonsOf(duis.DeviceStatusWrong), 0},
		{"E5 its firmware may still be read", func(f *facts) { f.device(esme).Status = duis.Suspended }, request(duis.ReadFirmwareVersion, duis.SendCommand, esme), now, duis.Accepted, duis.I99, 0, 0},
		{"E11 no metering point for the role", none, request(duis.TopUpDevice, duis.SendCommand, hub), now, duis.Rejected, duis.E11, duis.ReasonsOf(duis.WrongDeviceType), 0},
		{"E11 an export supplier where there is no import MPAN", func(f *facts) {
			f.user(avro).Roles = smki.RolesOf(smki.ExportSupplier)
			f.device(esme).Import, f.device(esme).Export = 0, mpan
		}, request(duis.ReadActivePowerImport, duis.SendCommand, esme), now, duis.Rejected, duis.E2, duis.ReasonsOf(duis.RoleNotEligible), 0},
		{"SEC: without an import MPAN the import supplier is the one registered for export", func(f *facts) {
			f.device(esme).Import, f.device(esme).Export = 0, mpan
		}, topUp(), now, duis.Accepted, duis.I99, 0, 0},

		// A network operator is known by the point, not by the supplier's registration.
		{"a distributor reads its meter", none, request(duis.ReadActivePowerImport, duis.SendCommand, esme).from(network, networkXML, ""), now, duis.Accepted, duis.I99, 0, 0},
		{"R5 the move of the supplier's MPID does not concern it", moveAll, request(duis.ReadActivePowerImport, duis.SendCommand, esme).from(network, networkXML, ""), now, duis.Accepted, duis.I99, 0, 0},
		{"a point whose distributor nobody recorded", func(f *facts) { f.networks = nil }, request(duis.ReadActivePowerImport, duis.SendCommand, esme).from(network, networkXML, ""), now, duis.Rejected, duis.E4, duis.ReasonsOf(duis.RegistrationMissing), 0},
		{"a point of another distributor", func(f *facts) { f.networks[mpan] = "OCTO" }, request(duis.ReadActivePowerImport, duis.SendCommand, esme).from(network, networkXML, ""), now, duis.Rejected, duis.E4, duis.ReasonsOf(duis.NotRegistered), 0},

		// R9 and R10: the standings of an authority.
		{"R9 not needed", standing(duis.NotNeeded), topUp(), now, duis.Accepted, duis.I99, 0, 0},
		{"R9 covered", standing(duis.Covered), topUp(), now, duis.Accepted, duis.I99, 0, 0},
		{"R9 Advise: accepted and flagged", standing(duis.NotCovered), topUp(), now, duis.Accepted, duis.I99, 0, duis.ReasonsOf(duis.NotAuthorised)},
		{"R9 Enforce: refused", standing(duis.Refused), topUp(), now, duis.Rejected, duis.E3, duis.ReasonsOf(duis.NotAuthorised), 0},
		{"R9 nobody knows: refused", standing(duis.StandingUnknown), topUp(), now, duis.Rejected, duis.E3, duis.ReasonsOf(duis.AuthorityUnknown), 0},
		{"R9 a standing that there is not: refused", standing(99), topUp(), now, duis.Rejected, duis.E3, duis.ReasonsOf(duis.AuthorityUnknown), 0},
		{"R9 the standing of one party is none of another's", standing(duis.Refused), readInventory().from(ovo, ovoXML, ""), now, duis.Accepted, duis.I99, 0, 0},
		{"R9 an authority heals nothing else", func(f *facts) { standing(duis.Covered)(f); moveAll(f) }, topUp(), now, duis.Rejected, duis.E4, duis.ReasonsOf(duis.MPIDMoved), 0},
	} {
		f := sample()
		c.break_(f)
		w := f.world(t)
		d := duis.Decide(w, c.call.on(w), c.at)
		if d.Outcome != c.outcome || d.Code != c.code || d.Reasons != c.reasons || d.Advice != c.advice {
			t.Errorf("%s: %s; want %v %v: %v", c.name, explain(d, w), c.outcome, c.code, c.reasons)
		}
	}
}

// R13: a transfer in the codes' map changes nothing.
func TestCodesMapIsIgnored(t *testing.T) {
	f := sample()
	d := f.directory(t)
	must(t, d.Codes.Transfer("AVRO", "Octopus", start.AddDate(0, 1, 0)))
	e := f.world(t).Edit()
	must(t, e.SetDirectory(d))
	w := e.World()
	if got := duis.Decide(w, topUp().on(w), now); got.Outcome != duis.Accepted {
		t.Error(explain(got, w))
	}
}

// The zero World and the zero Request are refused, without a panic, whatever is zero.
func TestZeroValuesRefuse(t *testing.T) {
	w := sample().world(t)
	empty := new(duis.World)
	for _, c := range []struct {
		w *duis.World
		r *duis.Request
	}{{empty, new(duis.Request)}, {empty, topUp().on(w)}, {w, new(duis.Request)}, {empty.Edit().World(), topUp().on(w)}} {
		for _, at := range []time.Time{{}, now, time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)} {
			d := duis.Decide(c.w, c.r, at)
			if d.Outcome != duis.NoConnection || d.Code != 0 || d.Reasons == 0 {
				t.Errorf("at %v: %s", at, explain(d, c.w))
			}
			var counters duis.Counters
			if d = counters.Admit(c.w, c.r, d); d.Outcome != duis.NoConnection {
				t.Errorf("admitted at %v: %s", at, explain(d, c.w))
			}
		}
	}
}

// What an Authority is asked: the party in whose name, the device and the MPID of its registration, the time of the decision.
func TestAuthorityIsAsked(t *testing.T) {
	f := sample()
	asked := new(recorder)
	f.authority = asked
	w := f.world(t)
	held := request(duis.DisplayMessage, duis.SendCommand, gsme)
	held.Execution = now.Add(time.Hour)
	for _, c := range []struct {
		call *call
		want duis.Question
	}{
		{signedPreCommand(), duis.Question{Party: "Avro", User: avro, SRV: duis.UpdatePaymentMode, Mode: duis.CreditMode, Device: esme, MPID: "AVRO", At: now}},
		{held, duis.Question{Party: "Avro", User: avro, SRV: duis.DisplayMessage, Device: gsme, MPID: "AVG", At: now}},
		{readInventory(), duis.Question{Party: "Avro", User: avro, SRV: duis.ReadInventory, At: now}},
		{request(duis.ReadFirmwareVersion, duis.SendCommand, esme).from(ovo, ovoXML, ""), duis.Question{Party: "Ovo", User: ovo, SRV: duis.ReadFirmwareVersion, Device: esme, At: now}},
	} {
		d := duis.Decide(w, c.call.on(w), now)
		if *asked != recorder(c.want) {
			t.Errorf("asked %+v, want %+v", *asked, c.want)
		}
		if d.Standing != duis.Covered || d.Evidence.Grant != 42 {
			t.Errorf("the answer is not in the decision: %s", explain(d, w))
		}
	}
}

type recorder duis.Question

func (r *recorder) Ask(q duis.Question) duis.Answer {
	*r = recorder(q)
	return duis.Answer{Standing: duis.Covered, Grant: 42}
}

// Another policy changes codes and statuses, and no outcome that it does not speak of.
func TestPolicy(t *testing.T) {
	f := sample()
	f.policy = duis.DefaultPolicy()
	f.policy.Codes[duis.MPIDMoved] = duis.E1
	f.policy.Statuses[duis.TopUpDevice] |= duis.StatusesOf(duis.Suspended)
	f.move("AVRO", "Octopus", now)
	f.device(esme).Status = duis.Suspended
	w := f.world(t)
	if d := duis.Decide(w, topUp().on(w), now); d.Code != duis.E1 || d.Reasons != duis.ReasonsOf(duis.MPIDMoved) {
		t.Error(explain(d, w))
	}
	f.policy.Codes[duis.MPIDMoved] = duis.E5 // the World has its own copy
	if d := duis.Decide(w, topUp().on(w), now); d.Code != duis.E1 {
		t.Error(explain(d, w))
	}
	next := w.Edit().World()
	if d := duis.Decide(next, topUp().on(next), now); d.Code != duis.E1 {
		t.Errorf("the next version: %s", explain(d, next))
	}
}

func TestDecisionText(t *testing.T) {
	f := sample()
	f.move("AVRO", "Octopus", now)
	f.authority = standings{"Avro": {Standing: duis.Covered, Grant: 17}}
	w := f.world(t)
	d := duis.Decide(w, topUp().on(w), now)
	if got, want := string(d.AppendText([]byte("> "), w)), "> rejected E4: MPID moved; 1012345678901 registered to AVRO from 2020-01-01T00:00:00Z; authority 17; world 1"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	d = duis.Decide(w, new(duis.Request), now)
	if got := string(d.AppendText(nil, w)); !strings.HasPrefix(got, "no connection: channel missing, ") || strings.Contains(got, "registered") {
		t.Errorf("%q", got)
	}
}

// The evidence names the certificates and the registration with its interval.
func TestEvidence(t *testing.T) {
	f := sample()
	f.registrations = append(f.registrations, registrationFact{mpan, now.Add(time.Hour), "OCTO"})
	w := f.world(t)
	d := duis.Decide(w, signedPreCommand().on(w), now)
	for _, c := range []struct {
		got  duis.CertificateNumber
		want smki.CertificateID
	}{{d.Evidence.Channel, srpTLS}, {d.Evidence.XMLSign, avroXML}, {d.Evidence.Signing, avroSign}} {
		if got := w.CertificateID(c.got); got != c.want {
			t.Errorf("certificate %q, want %q", got, c.want)
		}
	}
	r, ok := d.Registration(w)
	if want := (duis.Registration{Point: mpan, From: start, To: now.Add(time.Hour), MPID: "AVRO"}); !ok || r != want {
		t.Errorf("registration %+v, want %+v", r, want)
	}
	if d = duis.Decide(w, topUp().on(w), now); d.Evidence.Signing != 0 {
		t.Error("a request without a signed payload cites a signing certificate")
	}
	for _, n := range []duis.CertificateNumber{0, 99, math.MaxUint32} {
		if id := w.CertificateID(n); id != "" {
			t.Errorf("certificate %d is %q", n, id)
		}
	}
}

// Decide allocates nothing, whatever it decides.
func TestDecideDoesNotAllocate(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	f := sample()
	f.registrations = append(f.registrations, registrationFact{mpan, now.Add(time.Hour), "OCTO"}, registrationFact{mpan, now.Add(2 * time.Hour), "AVRO"})
	f.move("AVG", "Octopus", now)
	w := f.world(t)
	var counters duis.Counters
	for _, c := range []*call{topUp(), signedPreCommand(), readInventory(), request(duis.TopUpDevice, duis.SendCommand, gsme), request(200, 0, 99), {}} {
		r := c.on(w)
		var d duis.Decision
		if n := testing.AllocsPerRun(100, func() { d = duis.Decide(w, r, now) }); n != 0 {
			t.Errorf("%v allocations for %s", n, explain(d, w))
		}
		if n := testing.AllocsPerRun(100, func() { r.ID.Counter++; counters.Admit(w, r, d) }); n != 0 {
			t.Errorf("%v allocations to admit %s", n, explain(d, w))
		}
	}
}
