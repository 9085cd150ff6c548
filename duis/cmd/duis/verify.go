package main

import (
	"bytes"
	"encoding/pem"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/seed-db8551c1/lastresort/duis"
	"github.com/seed-db8551c1/lastresort/smki"
)

func verifyFlags(flags *flag.FlagSet, o *options) {
	flags.StringVar(&o.certs, "certs", "", "`DIR` with the certificates to trust, PEM or DER")
	flags.StringVar(&o.role, "role", "", "remote party role that the signer must have, two hexadecimal digits such as 87")
	timeFlag(flags, o, "when the certificates have to be valid")
}

// verified is what verify says of a file.
type verified struct {
	File                    string  `json:"file"`
	OK                      bool    `json:"ok"`
	RequestID               *string `json:"request_id"`
	CommandVariant          *uint8  `json:"command_variant"`
	ServiceReference        *string `json:"service_reference"`
	ServiceReferenceVariant *string `json:"service_reference_variant"`
	Signer                  *signer `json:"signer"`
	Error                   *string `json:"error"`
}

type signer struct {
	Issuer string  `json:"issuer"`
	Serial string  `json:"serial"`
	EUI64  *string `json:"eui64"`
	Role   *string `json:"role"`
}

// verify says of each message whose signature it has, and whether it holds. The certificates in the folder are trusted as they are.
func verify(o *options, out *output) (bool, error) {
	if o.certs == "" {
		return false, errors.New("expected --certs DIR")
	}
	var role *smki.RemotePartyRole
	if o.role != "" {
		r, err := smki.ParseRemotePartyRole(o.role)
		if err != nil {
			return false, err
		}
		role = &r
	}
	trust, err := pinned(o.certs, out)
	if err != nil {
		return false, err
	}
	all := true
	for _, name := range o.files {
		v := verified{File: name}
		err := v.check(name, trust, role, o)
		v.OK, v.Error = err == nil, errorText(err)
		all = all && v.OK
		if err := out.Encode(v); err != nil {
			return false, err
		}
	}
	return all, nil
}

func (v *verified) check(name string, trust *smki.TrustStore, role *smki.RemotePartyRole, o *options) error {
	b, err := readFile(name)
	if err != nil {
		return err
	}
	m, err := duis.Parse(b, duis.Limits{})
	if err != nil {
		return err
	}
	v.RequestID = idText(m.ID)
	if m.Variant != 0 {
		n := uint8(m.Variant)
		v.CommandVariant = &n
	}
	v.ServiceReference, v.ServiceReferenceVariant = orNull(m.ServiceReference), orNull(m.ServiceReferenceVariant)
	if m.Signed {
		v.Signer = &signer{Issuer: smki.NormaliseIssuer(m.Issuer), Serial: m.Serial}
	}
	c, err := m.Verify(trust, o.at)
	if c == nil {
		return err
	}
	has, ok := c.Role()
	v.Signer.EUI64 = orNull(c.EUI64.String())
	if ok {
		v.Signer.Role = orNull(has.String())
	}
	if err == nil && role != nil && (!ok || has != *role) {
		err = fmt.Errorf("duis: verify: signed in role %v: expected %v", has, *role)
	}
	return err
}

// pinned is a store with every certificate of an organisation or device that a folder has. What is no certificate is said and passed over, since key stores hold other things too.
func pinned(dir string, out *output) (*smki.TrustStore, error) {
	trust := &smki.TrustStore{AllowMissingCRL: true}
	n := 0
	// The separator at the end makes WalkDir follow a folder that is a symbolic link.
	err := filepath.WalkDir(filepath.Clean(dir)+string(filepath.Separator), func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		var certs []*smki.X509Certificate
		if info, no := os.Stat(name); no != nil {
			err = no
		} else if !info.Mode().IsRegular() { // a pipe may wait for ever
			err = errors.New("expected a file")
		} else {
			certs, err = readCertificates(name)
		}
		if err != nil {
			what := name
			if len(certs) > 0 {
				what = "a certificate in " + name
			}
			fmt.Fprintf(out.stderr, "duis: passed over %s: %v\n", what, err)
		}
		for _, c := range certs {
			if c.Kind == smki.AuthorityKind {
				continue
			}
			if err := trust.Pin(c); err != nil {
				return err
			}
			n++
		}
		return nil
	})
	if err == nil && n == 0 {
		err = fmt.Errorf("%s: expected a folder with certificates", dir)
	}
	return trust, err
}

// readCertificates reads the certificates of a file: the PEM blocks that are certificates, or one in DER.
func readCertificates(name string) ([]*smki.X509Certificate, error) {
	b, err := readFile(name)
	if err != nil {
		return nil, err
	}
	ders := [][]byte{b}
	if bytes.Contains(b, []byte("-----BEGIN ")) {
		ders = nil
		for block, rest := pem.Decode(b); block != nil; block, rest = pem.Decode(rest) {
			if block.Type == "CERTIFICATE" {
				ders = append(ders, block.Bytes)
			}
		}
		if ders == nil {
			return nil, errors.New("expected a certificate")
		}
	}
	var all []*smki.X509Certificate
	var bad error
	for _, der := range ders {
		c, err := smki.ParseCertificate(der)
		if err != nil {
			bad = err
			continue
		}
		all = append(all, c)
	}
	return all, bad
}
