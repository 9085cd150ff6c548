package main

import (
	"bytes"
	"cmp"
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
//	  "certificates":  [{"file": "avro-xml.pem", "subscriber": "Avro"}],        trusted as they are, and recorded in the register before all events
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
	Settings     hold.Settings
	Certificates []struct {
		File       string       `json:"file"`
		Subscriber smki.PartyID `json:"subscriber"`
	}
	Events        []hold.Event
	Registrations []struct {
		Point duis.MPxN `json:"point"`
		From  time.Time `json:"from"`
		MPID  smki.MPID `json:"mpid"`
	}
	Networks []struct {
		Point duis.MPxN `json:"point"`
		MPID  smki.MPID `json:"mpid"`
	}
	Devices []struct {
		ID     smki.EUI64      `json:"id"`
		Type   duis.DeviceType `json:"type"`
		Status duis.Status     `json:"status"`
		SMETS1 bool            `json:"smets1"`
		Import duis.MPxN       `json:"import"`
		Export duis.MPxN       `json:"export"`
		Gas    duis.MPxN       `json:"gas"`
	}
	Channel smki.CertificateID
	Memory  string
}

// loadState reads a state file and builds the gate that it describes, as of a time.
func loadState(name string, at time.Time) (*duis.Gate, smki.CertificateID, error) {
	b, err := readFile(name)
	if err != nil {
		return nil, "", err
	}
	r := stateReader{Decoder: json.NewDecoder(bytes.NewReader(b)), text: b}
	r.DisallowUnknownFields()
	s, err := r.read()
	if err != nil {
		return nil, "", fmt.Errorf("%s: line %d: %w", name, 1+bytes.Count(b[:r.at], []byte("\n")), err)
	}
	g, err := s.gate(filepath.Dir(name), at)
	if err != nil {
		return nil, "", fmt.Errorf("%s: %w", name, err)
	}
	return g, s.Channel, nil
}

// stateReader reads a state file item by item, since only so it can be said where one is wrong.
type stateReader struct {
	*json.Decoder
	text []byte
	at   int // where the item at hand starts
}

func (r *stateReader) read() (*state, error) {
	s, seen := new(state), make(map[json.Token]bool)
	if err := r.expect('{'); err != nil {
		return nil, err
	}
	for r.More() {
		r.turn()
		name, err := r.Token()
		if err == nil && seen[name] {
			err = fmt.Errorf("expected %q once", name)
		}
		if err != nil {
			return nil, err
		}
		seen[name] = true
		switch name {
		case "settings":
			err = r.item(&s.Settings)
		case "certificates":
			err = list(r, &s.Certificates)
		case "events":
			err = list(r, &s.Events)
		case "registrations":
			err = list(r, &s.Registrations)
		case "networks":
			err = list(r, &s.Networks)
		case "devices":
			err = list(r, &s.Devices)
		case "channel":
			err = r.item(&s.Channel)
		case "memory":
			err = r.item(&s.Memory)
		default:
			err = fmt.Errorf("unknown field %q: expected settings, certificates, events, registrations, networks, devices, channel or memory", name)
		}
		if err != nil {
			return nil, err
		}
	}
	if err := r.expect('}'); err != nil {
		return nil, err
	}
	r.turn()
	if _, err := r.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("expected one JSON object and nothing after it")
	}
	return s, nil
}

// turn goes on to the next item, past the one comma or colon that comes after another.
func (r *stateReader) turn() {
	const space = " \t\r\n"
	read, rest := r.text[:r.InputOffset()], bytes.TrimLeft(r.text[r.InputOffset():], space)
	if n := len(read); n > 0 && read[n-1] != '[' && read[n-1] != '{' && len(rest) > 0 && (rest[0] == ',' || rest[0] == ':') {
		rest = bytes.TrimLeft(rest[1:], space)
	}
	r.at = len(r.text) - len(rest)
}

func (r *stateReader) item(v any) error {
	r.turn()
	return r.Decode(v)
}

func (r *stateReader) expect(want json.Delim) error {
	r.turn()
	if t, err := r.Token(); err != nil || t != want {
		return fmt.Errorf("expected %v: %w", want, cmp.Or(err, fmt.Errorf("not %v", t)))
	}
	return nil
}

func list[T any](r *stateReader, all *[]T) error {
	if err := r.expect('['); err != nil {
		return err
	}
	for r.More() {
		var x T
		if err := r.item(&x); err != nil {
			return err
		}
		*all = append(*all, x)
	}
	return r.expect(']')
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
				return nil, fmt.Errorf("%s: %w", x.File, err)
			}
			issued, at := c.State(x.Subscriber), c.NotBefore
			if len(s.Events) > 0 && s.Events[0].At.Before(at) {
				at = s.Events[0].At // no event of the file is late because of a certificate that came after it
			}
			if _, err := register.Apply(hold.Event{At: at, Kind: hold.CertificateIssued, Certificate: &issued}); err != nil {
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
	if err := g.Restore(saved); err != nil {
		return nil, fmt.Errorf("%s: %w", s.Memory, err)
	}
	return g, nil
}
