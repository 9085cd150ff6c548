package duis

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/sha256"
	"encoding/binary"
	"slices"

	"github.com/seed-db8551c1/lastresort/duis/internal/wire"
	"github.com/seed-db8551c1/lastresort/smki"
)

// preCommand is the GBCS message in a Signed Pre-Command: a DLMS General-Signing APDU (GBCS, section 7.2) of a command without a MAC, which the DCC adds.
//
//	DF  09 01 counter(8)  08 originator(8)  08 recipient(8)  00  length message code(2) …  length content  40 signature(64)
//
// The signature, r followed by s, covers everything between the first octet and the length before it.
type preCommand struct {
	originator, recipient smki.EUI64
	code                  uint16 // the message code of the GBCS use case
	signed                []byte // what the signature covers
	signature             []byte // r and s
}

const (
	generalSigning = 0xdf
	craCommand     = 1
	signatureSize  = 64
)

// readPreCommand reads the payload of a Signed Pre-Command; false if it is none.
func readPreCommand(b []byte) (p preCommand, ok bool) {
	const header = 1 + 1 + 1 + 8 + 1 + 8 + 1 + 8 + 1
	if len(b) < header || b[0] != generalSigning || b[1] != 9 || b[2] != craCommand || b[11] != 8 || b[20] != 8 || b[29] != 0 {
		return preCommand{}, false
	}
	p.originator = smki.EUI64(binary.BigEndian.Uint64(b[12:]))
	p.recipient = smki.EUI64(binary.BigEndian.Uint64(b[21:]))
	other, rest, ok := takeOctets(b[header:])
	if !ok || len(other) < 2 {
		return preCommand{}, false
	}
	p.code = binary.BigEndian.Uint16(other)
	content, rest, ok := takeOctets(rest)
	if !ok || len(content) == 0 {
		return preCommand{}, false
	}
	p.signed = b[1 : len(b)-len(rest)]
	if p.signature, rest, ok = takeOctets(rest); !ok || len(p.signature) != signatureSize || len(rest) > 0 {
		return preCommand{}, false
	}
	return p, true
}

// takeOctets takes octets with their length in front (A-XDR: one octet below 128, else the number of octets that hold it) off b.
func takeOctets(b []byte) (octets, rest []byte, ok bool) {
	if len(b) == 0 {
		return nil, nil, false
	}
	n, b := int(b[0]), b[1:]
	if n >= 0x80 {
		k := n & 0x7f
		if k == 0 || k > 3 || len(b) < k {
			return nil, nil, false
		}
		n = 0
		for _, o := range b[:k] {
			n = n<<8 | int(o)
		}
		b = b[k:]
		if n < 0x80 {
			return nil, nil, false // not the shortest form
		}
	}
	if n > len(b) {
		return nil, nil, false
	}
	return b[:n], b[n:], true
}

// verify reports whether the holder of the key signed the Pre-Command. buf is memory for the signature's other form.
func (p *preCommand) verify(key *ecdsa.PublicKey, buf []byte) bool {
	digest := sha256.Sum256(p.signed)
	return ecdsa.VerifyASN1(key, digest[:], wire.AppendDER(buf[:0], (*[signatureSize]byte)(p.signature)))
}

// preCommandCodes is the message codes of the GBCS use cases of each critical variant, as they stand in the published test messages (RTDS 4.5.0: seen; that there are no others is
// UNCERTAIN). A variant has several where electricity and gas meters, or the forms of its body, have use cases of their own.
var preCommandCodes = [NumSRV + 1][]uint16{
	UpdateImportTariffPrimaryElement:                                  {0x0019, 0x006b},                                 // ECS01a, GCS01a
	UpdateImportTariffSecondaryElement:                                {0x00b7},                                         // ECS01c
	UpdatePricePrimaryElement:                                         {0x00a2, 0x00a3},                                 // ECS01b, GCS01b
	UpdatePriceSecondaryElement:                                       {0x00c7},                                         // ECS01d
	UpdateMeterBalance:                                                {0x001c, 0x0086, 0x00b3, 0x00b4, 0x00c0, 0x00c2}, // ECS04a, GCS40a, ECS04b, GCS40b, GCS40c, GCS40d
	UpdatePaymentMode:                                                 {codeESMECredit, codeESMEPrepayment, codeGSMECredit, codeGSMEPrepayment},
	ResetTariffBlockCounterMatrix:                                     {0x001d},                         // ECS05
	UpdatePrepayConfiguration:                                         {0x001f, 0x006f, 0x00de},         // ECS08, GCS05, ECS08a
	UpdateDebt:                                                        {0x001e, 0x006e},                 // ECS07, GCS04
	ActivateEmergencyCredit:                                           {0x0020, 0x0070},                 // ECS09, GCS06
	UpdateDeviceConfigurationLoadLimitingGeneralSettings:              {0x0043},                         // ECS28a
	UpdateDeviceConfigurationGasConversion:                            {0x007c},                         // GCS23
	UpdateDeviceConfigurationGasFlow:                                  {0x007d, 0x00fc},                 // GCS24, GCS24a
	UpdateDeviceConfigurationBillingCalendar:                          {0x0046, 0x007e, 0x00d7, 0x00d8}, // ECS30, GCS25, ECS30a, GCS25a
	SynchroniseClock:                                                  {0x0062, 0x007f},                 // ECS70, GCS28
	UpdateDeviceConfigurationALCDescriptions:                          {0x0053},                         // ECS46a
	UpdateDeviceConfigurationALCScheduler:                             {0x0054},                         // ECS46c
	UpdateDeviceConfigurationAuxiliaryControllerScheduler:             {0x011a},                         // ECS46d
	UpdateSecurityCredentialsKRP:                                      {0x0102, 0x0103, 0x0126},         // CS02b by supplier and network operator, CS02g
	UpdateSecurityCredentialsDevice:                                   {0x000b},                         // CS02d
	IssueSecurityCredentials:                                          {0x000a},                         // CS02c
	RetrieveDeviceSecurityCredentialsDevice:                           {0x000c},                         // CS02e
	SetElectricitySupplyTamperState:                                   {0x0068},                         // ECS81
	UpdateDeviceConfigurationDailyResettingOfTariffBlockCounterMatrix: {0x00db},                         // ECS48
	EnableSupply:                                                      {0x004f},                         // ECS42
	DisableSupply:                                                     {0x0050, 0x0081},                 // ECS43, GCS32
	ArmSupply:                                                         {0x0051, 0x0085},                 // ECS44, GCS39
	ActivateAuxiliaryLoad:                                             {0x0055},                         // ECS47
	DeactivateAuxiliaryLoad:                                           {0x0055},
	ResetAuxiliaryLoad:                                                {0x0055},
	SetRandomisedOffsetLimit:                                          {0x004b},                 // ECS38
	SetAuxiliaryControllerState:                                       {0x011e},                 // ECS47a
	LimitAPCLevel:                                                     {0x011f},                 // ECS47e
	CommissionDeviceSynchroniseClock:                                  {0x0062, 0x007f},         // ECS70, GCS28
	JoinServiceCritical:                                               {0x000d, 0x00ab, 0x00af}, // CS03A1, CS03A2, CS03C
	UnjoinServiceCritical:                                             {0x000f},                 // CS04AC
	ActivateFirmware:                                                  {0x0012},                 // CS06
}

// The message codes of Update Payment Mode, which say what its body said.
const (
	codeESMECredit     = 0x001a // ECS02
	codeESMEPrepayment = 0x001b // ECS03
	codeGSMECredit     = 0x006c // GCS02
	codeGSMEPrepayment = 0x006d // GCS03
)

// mode is the payment mode that the command sets.
func (p *preCommand) mode() PaymentMode {
	switch p.code {
	case codeESMECredit, codeGSMECredit:
		return CreditMode
	case codeESMEPrepayment, codeGSMEPrepayment:
		return PrepaymentMode
	}
	return 0
}

// SignPreCommand signs the GBCS octets of a Pre-Command, as the DCC's transform returned them, for a Signed Pre-Command: with the key of the User's signing certificate, on
// the curve P-256. A signature of length zero at its end is replaced. The error is a [*SignError].
func SignPreCommand(gbcs []byte, key crypto.Signer) ([]byte, error) {
	unsigned := slices.Clip(gbcs)
	signed := func() bool {
		_, ok := readPreCommand(append(append(unsigned, signatureSize), make([]byte, signatureSize)...))
		return ok
	}
	if n := len(gbcs); n > 0 && gbcs[n-1] == 0 && !signed() {
		unsigned = slices.Clip(gbcs[:n-1])
	}
	if !signed() {
		return nil, &SignError{Element: "GBCSPayload", Expected: "a Pre-Command without a signature"}
	}
	if _, err := wire.PublicKey(key); err != nil {
		return nil, &SignError{Expected: "a key on the curve P-256"}
	}
	value, err := wire.SignatureOf(unsigned[1:], key)
	if err != nil {
		return nil, &SignError{Expected: "the key to sign", Err: err}
	}
	return append(append(unsigned, signatureSize), value...), nil
}
