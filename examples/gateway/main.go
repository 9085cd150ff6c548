// Command gateway is the library in a DCC vendor's request path: DUIS messages come in over mutual TLS, the register's sealed log and the memory against replays are kept in a
// transactional store (bbolt), and both survive a crash. It runs through one day of a failure, with a crash in the middle.
package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"io"
	"log"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"time"

	"github.com/seed-db8551c1/lastresort/duis"
	"github.com/seed-db8551c1/lastresort/hold"
	"github.com/seed-db8551c1/lastresort/smki"
	"github.com/seed-db8551c1/lastresort/smki/smkitest"
)

const (
	avro    smki.EUI64         = 0x90B3D51F30010000
	dsp     smki.EUI64         = 0x90B3D51F30000002
	meter   smki.EUI64         = 0x00DB1234567890A0
	point   duis.MPxN          = 1200023305967
	channel smki.CertificateID = "CN=DCCKI/1"
)

func main() {
	if err := run(); err != nil {
		log.Fatal(err)
	}
}

// day is what the run goes through: who is who, and what time it is.
type day struct {
	pki      *smkitest.PKI
	supplier *smkitest.Supplier
	dcc      *smkitest.Identity
	now      time.Time
}

func newDay() (*day, error) {
	pki, err := smkitest.New(1)
	if err != nil {
		return nil, err
	}
	d := &day{pki: pki, now: time.Date(2021, time.November, 22, 9, 0, 0, 0, time.UTC)}
	if d.supplier, err = pki.Supplier(avro); err != nil {
		return nil, err
	}
	d.dcc, err = pki.Issuing.Issue(smkitest.Request{EUI64: dsp, Role: smki.RoleDSPXMLSign, Usage: smki.UsageDigitalSignature})
	return d, err
}

func run() error {
	dir, err := os.MkdirTemp("", "gateway")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	d, err := newDay()
	if err != nil {
		return err
	}
	file := filepath.Join(dir, "gateway.db")
	topUp, err := d.topUp(1)
	if err != nil {
		return err
	}

	err = d.with(file, func(g *gateway, post func([]byte) (string, error)) error {
		xmlSign := d.supplier.XMLSign.Certificate.State("Avro")
		return errors.Join(
			d.apply(g, hold.Event{Kind: hold.UserRecorded, User: &smki.User{ID: avro, Party: "Avro", Roles: smki.RolesOf(smki.ImportSupplier)}}),
			d.apply(g, hold.Event{Kind: hold.MPIDAllocated, Party: "Avro", MPIDs: []smki.MPID{"AVRO"}}),
			d.apply(g, hold.Event{Kind: hold.CertificateIssued, Certificate: &xmlSign}),
			d.apply(g, hold.Event{Kind: hold.CertificateIssued, Certificate: &smki.Certificate{ID: channel, Use: smki.DCCKI, Subscriber: "Shared Systems", NotBefore: smkitest.Start}}),
			d.apply(g, hold.Event{Kind: hold.ThresholdsApplied, Thresholds: []duis.Threshold{{User: avro, Warning: 10, Quarantine: 20}}}),
			d.apply(g, hold.Event{Kind: hold.FailureNotified, Failure: "avro-2021", Party: "Avro"}),
			g.learn(d.registrations),
			show("a top-up", topUp, post),
		)
	})
	if err != nil {
		return err
	}
	fmt.Println("-- the process is killed, and started anew")
	return d.with(file, func(g *gateway, post func([]byte) (string, error)) error {
		fmt.Printf("%d events in the log\n", g.register.Seq())
		next, err := d.topUp(2)
		if err != nil {
			return err
		}
		last, err := d.topUp(3)
		if err != nil {
			return err
		}
		return errors.Join(
			g.learn(d.registrations),
			show("the same top-up", topUp, post),
			show("the next", next, post),
			d.apply(g, hold.Event{Kind: hold.MPIDTransferred, MPIDs: []smki.MPID{"AVRO"}, Party: "Octopus Energy"}),
			show("one after the MPID moved", last, post),
		)
	})
}

// with starts a gateway on the store, serves it while use runs, and drops it as a crash would: nothing is saved at the end.
func (d *day) with(file string, use func(g *gateway, post func([]byte) (string, error)) error) (err error) {
	s, err := openStore(file)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	client, err := dccki()
	if err != nil {
		return err
	}
	g := &gateway{
		store: s,
		channel: func(c *x509.Certificate) smki.CertificateID {
			return smki.MakeCertificateID(smki.NormaliseIssuer(c.Issuer.String()), c.SerialNumber.String())
		},
		forward: func(*duis.Verdict, []byte) error { return nil },
		now:     func() time.Time { return d.now },
		dcc:     d.dcc.Certificate,
		key:     d.dcc.Key,
	}
	if err := g.start(d.trust); err != nil {
		return err
	}
	server := httptest.NewUnstartedServer(g)
	server.TLS = &tls.Config{ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: x509.NewCertPool()}
	server.TLS.ClientCAs.AddCert(client.Leaf)
	server.StartTLS()
	defer server.Close()
	server.Client().Transport.(*http.Transport).TLSClientConfig.Certificates = []tls.Certificate{client}
	return use(g, func(message []byte) (string, error) {
		r, err := server.Client().Post(server.URL+"/send-command", "application/xml", bytes.NewReader(message))
		if err != nil {
			return "", err
		}
		defer r.Body.Close()
		body, err := io.ReadAll(r.Body)
		if err != nil || r.StatusCode != http.StatusOK {
			return fmt.Sprintf("HTTP %d: %s", r.StatusCode, body), err
		}
		answer, err := duis.Parse(body, duis.Limits{})
		if err != nil {
			return "", err
		}
		return answer.ResponseCode, nil
	})
}

func show(what string, message []byte, post func([]byte) (string, error)) error {
	code, err := post(message)
	if err != nil {
		return err
	}
	fmt.Printf("%s: %s\n", what, code)
	return nil
}

// apply takes an event a second after the one before.
func (d *day) apply(g *gateway, e hold.Event) error {
	d.now = d.now.Add(time.Second)
	e.At = d.now
	applied, err := g.apply(e)
	for _, b := range applied.Breaches {
		fmt.Printf("breach of %v: %v %s\n", b.Rules, b.Action, b.MPID)
	}
	return err
}

// trust is the trust store, as a gateway takes it over at its start.
func (d *day) trust(e *duis.Edit) error {
	t, err := d.pki.Trust()
	if err != nil {
		return err
	}
	e.SetTrust(t)
	return t.Add(d.supplier.XMLSign.Certificate)
}

// registrations are the first updates of both feeds: the thresholds come by the register.
func (d *day) registrations(e *duis.Edit) error {
	u := duis.Update{Issuer: "registrars", Number: 1, Made: d.now, NextDue: d.now.AddDate(0, 0, 1), Complete: true}
	return errors.Join(
		e.Follow(duis.ThresholdFeed, u.Issuer), e.Receive(duis.ThresholdFeed, u, d.now),
		e.Follow(duis.RegistrationFeed, u.Issuer), e.Receive(duis.RegistrationFeed, u, d.now),
		e.Register(point, d.now, "AVRO"),
		e.SetDevice(duis.Device{ID: meter, Type: duis.ESME, Status: duis.Commissioned, Import: point}),
	)
}

// topUp is a signed top-up in Avro's name.
func (d *day) topUp(counter uint64) ([]byte, error) {
	unsigned, err := duis.AppendRequest(nil, duis.RequestID{Originator: avro, Target: meter, Counter: counter}, duis.TopUpDevice, duis.SendCommand,
		"<sr:TopUpDevice><sr:UTRN>12345678901234567890</sr:UTRN></sr:TopUpDevice>")
	if err != nil {
		return nil, err
	}
	return duis.Sign(unsigned, d.supplier.XMLSign.Certificate, d.supplier.XMLSign.Key)
}

// dccki is the certificate of a connection of Avro's SRP.
func dccki() (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	c := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "DCCKI"}, NotAfter: time.Now().Add(time.Hour),
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, c, c, key.Public(), key)
	if err != nil {
		return tls.Certificate{}, err
	}
	leaf, err := x509.ParseCertificate(der)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}, err
}
