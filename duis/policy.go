package duis

import "slices"

// Statuses is a set of SMI Statuses. The zero value is empty.
type Statuses uint16

// StatusesOf is the set of the given statuses.
func StatusesOf(all ...Status) Statuses {
	var s Statuses
	for _, x := range all {
		s |= 1 << x
	}
	return s
}

// Has reports whether the status is in the set.
func (s Statuses) Has(x Status) bool { return s>>x&1 == 1 }

// Policy is what the published sources leave open: which response code a reason has, and which SMI Statuses permit which request.
// Copy [DefaultPolicy] and change what differs.
type Policy struct {
	// Codes is the response code of each reason. A reason without a code gets no DUIS response: for the channel there is no connection
	// to answer on, and a message over a threshold is quarantined.
	Codes [numReasons]Code
	// Statuses is, by variant, the SMI Statuses of a device that permit the request.
	Statuses [NumSRV + 1]Statuses
	// PreCommandCodes is, by critical variant, the GBCS message codes that the payload of its Signed Pre-Command may have.
	PreCommandCodes [NumSRV + 1][]uint16
	// OldestSchema and NewestSchema bound the schemaVersion of the messages that are accepted.
	OldestSchema, NewestSchema SchemaVersion
	// QuarantineAlert is the code of the DCC Alert that tells a User of a quarantined request.
	QuarantineAlert AlertCode
}

// DefaultPolicy gives the defaults. The codes of [UncertainCodes] and of the quarantine alert are UNCERTAIN, and so are
// the oldest schema version, that no other GBCS message code goes with a variant, and the table of statuses: every request needs a commissioned or recovered device, but those that commission, join and restore one also take one that is not there yet,
// and those that read or update firmware also a suspended one.
func DefaultPolicy() *Policy {
	p := &Policy{OldestSchema: MakeSchemaVersion(1, 0), NewestSchema: newestSchema, QuarantineAlert: "N29", Codes: [numReasons]Code{
		Malformed: E100, SchemaVersionUnknown: E100, SignatureInvalid: E100, PayloadInvalid: E100, CRLNotCurrent: E100, // UNCERTAIN
		XMLSignMissing: E100, XMLSignRevoked: E100, XMLSignNotValid: E100, XMLSignForeign: E100, // UNCERTAIN
		SigningMissing: E100, SigningRevoked: E100, SigningNotValid: E100, SigningForeign: E100, // UNCERTAIN
		CountersMissing: E100, Replayed: E100, // UNCERTAIN
		WrongService: E13, SRVUnknown: E12, WrongVariant: E12,
		WrongReference: E12, WrongBody: E12, WrongExecution: E12, // UNCERTAIN
		UserUnknown: E1, NoMPIDForRole: E1, RoleNotEligible: E2, UserSuspended: E3,
		RegistrationsNotCurrent: E4, // UNCERTAIN
		DeviceUnknown:           E19, RegistrationMissing: E4, NotRegistered: E4, MPIDMoved: E4, MPIDUnknown: E4,
		DeviceStatusWrong: E5, WrongDeviceType: E11,
		AuthorityUnknown: E3, NotAuthorised: E3, ThresholdsNotCurrent: E3, ThresholdMissing: E3, QuarantineFull: E3, // UNCERTAIN
	}}
	for v, codes := range preCommandCodes {
		p.PreCommandCodes[v] = slices.Clone(codes)
	}
	inService := StatusesOf(Commissioned, Recovered)
	arriving := inService | StatusesOf(Pending, Whitelisted, InstalledNotCommissioned)
	for _, v := range SRVs() {
		p.Statuses[v] = inService
		switch v.Reference() {
		case "8.1", "8.7", "8.8", "8.9", "8.11", "8.12":
			p.Statuses[v] = arriving
		case "11.2", "11.3":
			p.Statuses[v] = inService | StatusesOf(Suspended)
		}
	}
	return p
}

// UncertainCodes lists the reasons whose default code rests on no published source.
func UncertainCodes() []Reason {
	return []Reason{Malformed, SchemaVersionUnknown, XMLSignMissing, XMLSignRevoked, XMLSignNotValid, XMLSignForeign, SignatureInvalid,
		SigningMissing, SigningRevoked, SigningNotValid, SigningForeign, PayloadInvalid, CRLNotCurrent, CountersMissing, Replayed,
		WrongReference, WrongBody, WrongExecution, RegistrationsNotCurrent, AuthorityUnknown, NotAuthorised,
		ThresholdsNotCurrent, ThresholdMissing, QuarantineFull}
}
