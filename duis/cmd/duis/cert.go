package main

import (
	"time"

	"github.com/seed-db8551c1/lastresort/smki"
)

// certified is what cert says of a certificate.
type certified struct {
	File      string   `json:"file"`
	OK        bool     `json:"ok"`
	Kind      string   `json:"kind,omitempty"`
	EUI64     *string  `json:"eui64"`
	Role      *string  `json:"role"`
	Use       *string  `json:"use"`
	KeyUsage  string   `json:"key_usage,omitempty"`
	Issuer    string   `json:"issuer,omitempty"`
	Serial    string   `json:"serial,omitempty"`
	Subject   string   `json:"subject,omitempty"`
	NotBefore string   `json:"not_before,omitempty"`
	NotAfter  string   `json:"not_after,omitempty"`
	Policies  []string `json:"policies,omitempty"`
	Error     *string  `json:"error"`
}

// cert says of each certificate in the files what it says.
func cert(o *options, out *output) (bool, error) {
	all := true
	for _, name := range o.files {
		certs, bad := readCertificates(name)
		for _, c := range certs {
			if err := out.Encode(describe(name, c)); err != nil {
				return false, err
			}
		}
		if bad != nil {
			all = false
			if err := out.Encode(certified{File: name, Error: errorText(bad)}); err != nil {
				return false, err
			}
		}
	}
	return all, nil
}

func describe(name string, c *smki.X509Certificate) certified {
	d := certified{File: name, OK: true, Kind: c.Kind.String(), KeyUsage: c.KeyUsage.String(), Issuer: c.Issuer, Serial: c.Serial, Subject: c.Subject,
		NotBefore: c.NotBefore.Format(time.RFC3339), NotAfter: c.NotAfter.Format(time.RFC3339), Policies: c.Policies}
	if c.EUI64 != 0 {
		d.EUI64 = orNull(c.EUI64.String())
	}
	if role, ok := c.Role(); ok {
		d.Role = orNull(role.String())
	}
	if use := c.Use(); use != 0 {
		d.Use = orNull(use.String())
	}
	return d
}
