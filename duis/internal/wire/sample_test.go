package wire

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"io"
	"strings"
	"testing"
)

// Identifiers of the tests: EUI-64 of a User, a device and the DCC, and a certificate.
const (
	userID     = "90-B3-D5-1F-30-AA-00-01"
	deviceID   = "00-DB-12-34-56-78-9A-BC"
	dccID      = "90-B3-D5-1F-30-00-00-02"
	testIssuer = "CN=T1,OU=07"
	testSerial = "163415012341234123412341234123412341"
)

// testKey is a key that anyone can make again.
func testKey(name string) *ecdsa.PrivateKey {
	for seed := sha256.Sum256([]byte("duis wire test key " + name)); ; seed = sha256.Sum256(seed[:]) {
		if k, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), seed[:]); err == nil {
			return k
		}
	}
}

// deterministic signs as RFC 6979 says, so that the files under testdata can be made again.
type deterministic struct{ *ecdsa.PrivateKey }

func (d deterministic) Sign(_ io.Reader, digest []byte, o crypto.SignerOpts) ([]byte, error) {
	return d.PrivateKey.Sign(nil, digest, o)
}

func request(t testing.TB, variant int, reference string, body Body) []byte {
	t.Helper()
	b, err := AppendRequest(nil, RequestHeader{
		SchemaVersion: "5.4", RequestID: userID + ":" + deviceID + ":1700000000001", CommandVariant: variant,
		ServiceReference: reference, ServiceReferenceVariant: reference,
	}, body)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func response(t testing.TB, code string, body Body) []byte {
	t.Helper()
	b, err := AppendResponse(nil, ResponseHeader{
		SchemaVersion: "5.4", RequestID: userID + ":" + deviceID + ":1700000000001",
		ResponseID:   deviceID + ":" + userID + ":1700000000001",
		ResponseCode: code, ResponseDateTime: "2021-11-18T09:30:00Z",
	}, body)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func sign(t testing.TB, unsigned []byte) []byte {
	t.Helper()
	b, err := Sign(unsigned, testIssuer, testSerial, deterministic{testKey("user")})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

const prepayment Body = `<sr:UpdatePaymentMode><sr:ExecutionDateTime>2021-11-20T00:00:00Z</sr:ExecutionDateTime>` +
	`<sr:Prepayment><sr:SuspendDebtDisabled>false</sr:SuspendDebtDisabled><sr:SuspendDebtEmergency>true</sr:SuspendDebtEmergency>` +
	`<sr:DisablementThreshold>-500</sr:DisablementThreshold></sr:Prepayment></sr:UpdatePaymentMode>`

// original is the message that the attacks start from.
func original(t testing.TB) []byte { return sign(t, request(t, 4, "1.6", prepayment)) }

// sized gives a signed message of about n bytes.
func sized(t testing.TB, n int) []byte {
	t.Helper()
	m := original(t)
	const row = `<sr:Row index="1"><sr:ActionTime>00:30:00</sr:ActionTime><sr:Act>true</sr:Act></sr:Row>`
	rows := max(0, n-len(m)+400) / len(row)
	if rows == 0 {
		return m
	}
	return sign(t, request(t, 4, "1.1.1", Body("<sr:UpdateImportTariffPrimaryElement><sr:Rows>"+strings.Repeat(row, rows)+"</sr:Rows></sr:UpdateImportTariffPrimaryElement>")))
}

func parse(t testing.TB, b []byte) *Message {
	t.Helper()
	var p Parser
	m := new(Message)
	if err := p.Parse(b, m); err != nil {
		t.Fatalf("%v\n%s", err, b)
	}
	return m
}
