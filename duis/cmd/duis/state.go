package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"time"

	"github.com/seed-db8551c1/lastresort/duis"
	"github.com/seed-db8551c1/lastresort/hold"
	"github.com/seed-db8551c1/lastresort/smki"
)

// state is a state file: everything that a decision needs, as one JSON object. Files in it are named as seen from its own folder.
//
//	{
//	  "settings":      {"regime": "mp185"},                                     of the register, each optional
//	  "certificates":  [{"file": "avro-xml.pem", "subscriber": "Avro"}],        trusted as they are, and recorded in the register from their notBefore on
//	  "events":        [{"at": "…", "kind": "MPID allocated", …}, …],           of package hold, in the order of the log
//	  "registrations": [{"point": "1012345678901", "from": "…", "mpid": "AVRO"}],
//	  "networks":      [{"point": "1012345678901", "mpid": "LOND"}],
//	  "devices":       [{"id": "00-DB-…", "type": "ESME", "status": "Commissioned", "import": "1012345678901"}],
//	  "channel":       "CN=DCCKI/1",                                            the DCCKI certificate that requests come in by
//	  "memory":        "gate.bin"                                               what a gate saved; by default nothing was decided before
//	}
//
// The facts are taken as current: whoever writes the file vouches for that.
type state struct {
	Settings     hold.Settings `json:"settings"`
	Certificates []struct {
		File       string       `json:"file"`
		Subscriber smki.PartyID `json:"subscriber"`
	} `json:"certificates"`
	Events        []hold.Event `json:"events"`
	Registrations []struct {
		Point duis.MPxN `json:"point"`
		From  time.Time `json:"from"`
		MPID  smki.MPID `json:"mpid"`
	} `json:"registrations"`
	Networks []struct {
		Point duis.MPxN `json:"point"`
		MPID  smki.MPID `json:"mpid"`
	} `json:"networks"`
	Devices []struct {
		ID     smki.EUI64      `json:"id"`
		Type   duis.DeviceType `json:"type"`
		Status duis.Status     `json:"status"`
		SMETS1 bool            `json:"smets1"`
		Import duis.MPxN       `json:"import"`
		Export duis.MPxN       `json:"export"`
		Gas    duis.MPxN       `json:"gas"`
	} `json:"devices"`
	Channel smki.CertificateID `json:"channel"`
	Memory  string             `json:"memory"`
}

// loadState reads a state file and builds the gate that it describes, as of a time.
func loadState(name string, at time.Time) (*duis.Gate, smki.CertificateID, error) {
	b, err := readFile(name)
	if err != nil {
		return nil, "", err
	}
	s := new(state)
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(s); err != nil {
		return nil, "", fmt.Errorf("%s: line %d: %w", name, 1+bytes.Count(b[:d.InputOffset()], []byte("\n")), err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, "", fmt.Errorf("%s: expected one JSON object and nothing after it", name)
	}
	g, err := s.gate(filepath.Dir(name), at)
	if err != nil {
		return nil, "", fmt.Errorf("%s: %w", name, err)
	}
	return g, s.Channel, nil
}

func (s *state) gate(dir string, at time.Time) (*duis.Gate, error) {
	register := &hold.Register{Settings: s.Settings}
	trust := &smki.TrustStore{AllowMissingCRL: true}
	for _, x := range s.Certificates {
		certs, err := readCertificates(filepath.Join(dir, x.File))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", x.File, err)
		}
		for _, c := range certs {
			if err := trust.Pin(c); err != nil {
				return nil, err
			}
			issued := c.State(x.Subscriber)
			if _, err := register.Apply(hold.Event{At: c.NotBefore, Kind: hold.CertificateIssued, Certificate: &issued}); err != nil {
				return nil, fmt.Errorf("%s: %w", x.File, err)
			}
		}
	}
	for i, e := range s.Events {
		if _, err := register.Apply(e); err != nil {
			return nil, fmt.Errorf("events[%d]: %w", i, err)
		}
	}
	edit := new(duis.World).Edit()
	edit.SetTrust(trust)
	if err := register.Update(edit); err != nil {
		return nil, err
	}
	for i, r := range s.Registrations {
		if err := edit.Register(r.Point, r.From, r.MPID); err != nil {
			return nil, fmt.Errorf("registrations[%d]: %w", i, err)
		}
	}
	for i, n := range s.Networks {
		if err := edit.SetNetwork(n.Point, n.MPID); err != nil {
			return nil, fmt.Errorf("networks[%d]: %w", i, err)
		}
	}
	for i, d := range s.Devices {
		if err := edit.SetDevice(duis.Device(d)); err != nil {
			return nil, fmt.Errorf("devices[%d]: %w", i, err)
		}
	}
	for _, k := range []duis.FeedKind{duis.RegistrationFeed, duis.ThresholdFeed} {
		const issuer = "state file"
		if err := errors.Join(edit.Follow(k, issuer), edit.Receive(k, duis.Update{Issuer: issuer, Number: 1, Made: at, NextDue: at, Complete: true}, at)); err != nil {
			return nil, err
		}
	}
	g := new(duis.Gate)
	g.Publish(edit.World(), nil)
	if s.Memory == "" {
		g.Begin()
		return g, nil
	}
	saved, err := readFile(filepath.Join(dir, s.Memory))
	if err != nil {
		return nil, err
	}
	return g, g.Restore(saved)
}
