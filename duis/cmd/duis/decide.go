package main

import (
	"errors"
	"flag"
	"time"

	"github.com/seed-db8551c1/lastresort/duis"
	"github.com/seed-db8551c1/lastresort/smki"
)

func decideFlags(flags *flag.FlagSet, o *options) {
	flags.StringVar(&o.state, "state", "", "`FILE` with the world that requests are decided in, JSON")
	flags.StringVar(&o.service, "service", "", "web service that they were posted to: transform, send or non-device (default the one of the Command Variant)")
	timeFlag(flags, o, "when they are received")
}

var services = map[string]duis.WebService{"transform": duis.TransformService, "send": duis.SendCommandService, "non-device": duis.NonDeviceService}

// decided is what decide says of a request.
type decided struct {
	File         string             `json:"file"`
	Outcome      *duis.Outcome      `json:"outcome"` // null if the file cannot be read
	Code         *string            `json:"code"`
	Reasons      []string           `json:"reasons"`
	Advice       []string           `json:"advice"`
	RequestID    *string            `json:"request_id"`
	Variant      *string            `json:"service_reference_variant"`
	Signer       smki.CertificateID `json:"signer,omitempty"`
	Registration *registered        `json:"registration"`
	Text         string             `json:"text"`
	Response     *string            `json:"response"`
	Error        *string            `json:"error"`
}

type registered struct {
	Point duis.MPxN  `json:"point"`
	MPID  smki.MPID  `json:"mpid"`
	From  time.Time  `json:"from,omitzero"`
	To    *time.Time `json:"to"`
}

// decide says of each request, in the order of the files, what becomes of it. What one uses up the next finds used.
func decide(o *options, out *output) (bool, error) {
	if o.state == "" {
		return false, errors.New("expected --state FILE")
	}
	service, known := services[o.service]
	if o.service != "" && !known {
		return false, errors.New("expected the --service transform, send or non-device")
	}
	g, channel, err := loadState(o.state, o.at)
	if err != nil {
		return false, err
	}
	all := true
	for _, name := range o.files {
		b, err := readFile(name)
		if err != nil {
			all = false
			if err := out.Encode(decided{File: name, Reasons: []string{}, Advice: []string{}, Error: errorText(err)}); err != nil {
				return false, err
			}
			continue
		}
		a := duis.Arrival{Message: b, Service: service, Channel: channel, At: o.at}
		if service == 0 {
			if m, err := duis.Parse(b, duis.Limits{}); err == nil {
				a.Service = m.Variant.Service()
			}
		}
		v := g.Decide(a)
		all = all && v.Outcome == duis.Accepted
		d, err := explain(name, &v)
		if err == nil {
			err = out.Encode(d)
		}
		if err != nil {
			return false, err
		}
	}
	return all, nil
}

func explain(name string, v *duis.Verdict) (decided, error) {
	d := decided{File: name, Outcome: &v.Outcome, Reasons: names(v.Reasons), Advice: names(v.Advice), RequestID: idText(v.Request.ID),
		Text: string(v.AppendText(nil, v.World)), Error: errorText(v.Err)}
	if v.Code != 0 {
		d.Code = orNull(v.Code.String())
	}
	if v.Request.SRV.Valid() {
		d.Variant = orNull(v.Request.SRV.String())
	}
	if v.Signer != nil {
		d.Signer = v.Signer.ID()
	}
	if r, ok := v.Registration(v.World); ok {
		d.Registration = &registered{Point: r.Point, MPID: r.MPID, From: r.From}
		if !r.To.IsZero() {
			d.Registration.To = &r.To
		}
	}
	b, err := v.AppendResponse(nil)
	d.Response = orNull(string(b))
	return d, err
}

func names(s duis.Reasons) []string {
	all := []string{}
	for _, r := range s.All() {
		all = append(all, r.String())
	}
	return all
}
