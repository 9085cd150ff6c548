package main

import (
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"flag"
	"fmt"

	"github.com/seed-db8551c1/lastresort/duis"
)

func signFlags(flags *flag.FlagSet, o *options) {
	flags.StringVar(&o.key, "key", "", "`FILE` with the private key: PEM, PKCS #8 or SEC 1, on the curve P-256")
	flags.StringVar(&o.cert, "cert", "", "`FILE` with its certificate, PEM or DER")
}

// sign writes one message with its signature.
func sign(o *options, out *output) (bool, error) {
	switch {
	case o.key == "" || o.cert == "":
		return false, errors.New("expected --key KEY and --cert CERT")
	case len(o.files) != 1:
		return false, errors.New("expected one FILE")
	}
	key, err := readKey(o.key)
	if err != nil {
		return false, err
	}
	certs, err := readCertificates(o.cert)
	if err != nil {
		return false, fmt.Errorf("%s: %w", o.cert, err)
	}
	b, err := readFile(o.files[0])
	if err != nil {
		return false, err
	}
	signed, err := duis.Sign(b, certs[0], key)
	if err != nil {
		fmt.Fprintf(out.stderr, "duis sign: %s: %v\n", o.files[0], err)
		return false, nil
	}
	_, err = out.raw.Write(signed)
	return err == nil, err
}

// readKey reads the first private key of a PEM file.
func readKey(name string) (crypto.Signer, error) {
	b, err := readFile(name)
	if err != nil {
		return nil, err
	}
	for block, rest := pem.Decode(b); block != nil; block, rest = pem.Decode(rest) {
		var key any
		switch block.Type {
		case "EC PRIVATE KEY":
			key, err = x509.ParseECPrivateKey(block.Bytes)
		case "PRIVATE KEY":
			key, err = x509.ParsePKCS8PrivateKey(block.Bytes)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: expected a private key, PKCS #8 or SEC 1: %w", name, err)
		}
		if signer, ok := key.(crypto.Signer); ok {
			return signer, nil
		}
	}
	return nil, fmt.Errorf("%s: expected a private key in PEM", name)
}
