package smki_test

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"math/big"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/seed-db8551c1/lastresort/smki"
	"github.com/seed-db8551c1/lastresort/smki/smkitest"
)

var noon = time.Date(2021, 11, 17, 12, 0, 0, 0, time.UTC)

func revoked(serial int64, at time.Time, r smki.RevocationReason) smki.RevokedCertificate {
	return smki.RevokedCertificate{Serial: big.NewInt(serial).String(), Revocation: smki.Revocation{At: at, Reason: r}}
}

// issue makes a CRL of the issuing authority with a number.
func issue(tb testing.TB, p *smkitest.PKI, number int64, at time.Time, entries ...smki.RevokedCertificate) *smki.CRL {
	tb.Helper()
	return must[*smki.CRL](tb)(smki.IssueCRL(p.Issuing.Certificate, p.Issuing.Key,
		smki.CRLContents{Number: big.NewInt(number), ThisUpdate: at, NextUpdate: at.Add(12 * time.Hour), Revoked: entries}))
}

func crlProblem(err error) smki.CRLProblem {
	if e, ok := errors.AsType[*smki.CRLError](err); ok {
		return e.Problem
	}
	return 0
}

func TestIssueCRL(t *testing.T) {
	p := newPKI(t)
	want := []smki.RevokedCertificate{
		revoked(5, noon, smki.Unspecified), revoked(1, noon.Add(-time.Hour), smki.KeyCompromise), revoked(7, noon, smki.CACompromise),
		revoked(8, noon, smki.AffiliationChanged), revoked(9, noon, smki.Superseded), revoked(10, noon, smki.CessationOfOperation),
		revoked(11, noon, smki.PrivilegeWithdrawn), revoked(12, noon, smki.AACompromise),
		{Serial: new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 159), big.NewInt(1)).String(), Revocation: smki.Revocation{At: noon}},
	}
	l := issue(t, p, 3, noon.Add(time.Millisecond), want...)
	if d := cmp.Diff(want, slices.Collect(l.Entries())); d != "" {
		t.Errorf("entries: (-want +got)\n%s", d)
	}
	type head struct {
		Issuer, Number string
		This, Next     time.Time
		AKI            []byte
		Len            int
	}
	got := head{l.Issuer, l.Number.String(), l.ThisUpdate, l.NextUpdate, l.AuthorityKeyID, l.Len()}
	if d := cmp.Diff(head{"CN=T1,OU=07", "3", noon, noon.Add(12 * time.Hour), p.Issuing.Certificate.SubjectKeyID, 9}, got); d != "" {
		t.Errorf("head: (-want +got)\n%s", d)
	}
	if err := l.CheckSignatureFrom(p.Issuing.Certificate); err != nil {
		t.Error(err)
	}
	if empty := issue(t, p, 0, noon); empty.Len() != 0 || empty.Number.Sign() != 0 {
		t.Errorf("an empty list number 0 has %d entries and number %v", empty.Len(), empty.Number)
	}
}

// failingKey is a key in hardware that is away.
type failingKey struct{ crypto.Signer }

var errKey = errors.New("no card in the reader")

func (failingKey) Sign(io.Reader, []byte, crypto.SignerOpts) ([]byte, error) { return nil, errKey }

func TestIssueCRLRefuses(t *testing.T) {
	p := newPKI(t)
	leaf := supplier(t, p, userID).XMLSign
	good := func() smki.CRLContents {
		return smki.CRLContents{Number: big.NewInt(1), ThisUpdate: noon, NextUpdate: noon.Add(time.Hour)}
	}
	with := func(change func(*smki.CRLContents)) smki.CRLContents { c := good(); change(&c); return c }
	entry := func(r smki.RevokedCertificate) smki.CRLContents {
		return with(func(c *smki.CRLContents) { c.Revoked = []smki.RevokedCertificate{r} })
	}
	for _, tt := range []struct {
		name     string
		ca       *smki.X509Certificate
		key      crypto.Signer
		contents smki.CRLContents
		problem  smki.CRLProblem
		field    string
	}{
		{"an organisation", leaf.Certificate, leaf.Key, good(), smki.CRLForeign, "issuer"},
		{"another key", p.Issuing.Certificate, leaf.Key, good(), smki.CRLForeign, "signatureValue"},
		{"no key", p.Issuing.Certificate, nil, good(), smki.CRLForeign, "signatureValue"},
		{"no number", p.Issuing.Certificate, p.Issuing.Key, with(func(c *smki.CRLContents) { c.Number = nil }), smki.CRLMalformed, "cRLNumber"},
		{"a negative number", p.Issuing.Certificate, p.Issuing.Key, with(func(c *smki.CRLContents) { c.Number = big.NewInt(-1) }), smki.CRLMalformed, "cRLNumber"},
		{"a number of 21 octets", p.Issuing.Certificate, p.Issuing.Key, with(func(c *smki.CRLContents) { c.Number = new(big.Int).Lsh(big.NewInt(1), 159) }), smki.CRLMalformed, "cRLNumber"},
		{"next before this", p.Issuing.Certificate, p.Issuing.Key, with(func(c *smki.CRLContents) { c.NextUpdate = noon.Add(-time.Second) }), smki.CRLMalformed, "nextUpdate"},
		{"no times", p.Issuing.Certificate, p.Issuing.Key, with(func(c *smki.CRLContents) { c.ThisUpdate, c.NextUpdate = time.Time{}, time.Time{} }), smki.CRLMalformed, "thisUpdate"},
		{"serial number zero", p.Issuing.Certificate, p.Issuing.Key, entry(revoked(0, noon, 0)), smki.CRLMalformed, "userCertificate"},
		{"serial number with a leading zero", p.Issuing.Certificate, p.Issuing.Key, entry(smki.RevokedCertificate{Serial: "01", Revocation: smki.Revocation{At: noon}}), smki.CRLMalformed, "userCertificate"},
		{"no time of revocation", p.Issuing.Certificate, p.Issuing.Key, entry(revoked(1, time.Time{}, 0)), smki.CRLMalformed, "revocationDate"},
		{"certificateHold", p.Issuing.Certificate, p.Issuing.Key, entry(revoked(1, noon, 6)), smki.CRLMalformed, "reasonCode"},
		{"an unused reason", p.Issuing.Certificate, p.Issuing.Key, entry(revoked(1, noon, 200)), smki.CRLMalformed, "reasonCode"},
		{"an entry twice", p.Issuing.Certificate, p.Issuing.Key, with(func(c *smki.CRLContents) {
			c.Revoked = []smki.RevokedCertificate{revoked(1, noon, 0), revoked(1, noon, 0)}
		}), smki.CRLMalformed, "userCertificate"},
		{"too many entries", p.Issuing.Certificate, p.Issuing.Key, with(func(c *smki.CRLContents) { c.Revoked = make([]smki.RevokedCertificate, smki.MaxCRLEntries+1) }), smki.CRLTooLarge, "revokedCertificates"},
	} {
		l, err := smki.IssueCRL(tt.ca, tt.key, tt.contents)
		e, ok := errors.AsType[*smki.CRLError](err)
		if l != nil || !ok || e.Problem != tt.problem || e.Field != tt.field {
			t.Errorf("%s: got %v, expected %v in %s", tt.name, err, tt.problem, tt.field)
		}
	}
	if _, err := smki.IssueCRL(p.Issuing.Certificate, failingKey{p.Issuing.Key}, good()); !errors.Is(err, errKey) {
		t.Errorf("the error of the key is lost: %v", err)
	}
}

// The indices of the fields of a TBSCertList, in the tree.
const (
	crlVersion = iota
	crlAlgorithm
	crlIssuer
	crlThisUpdate
	crlNextUpdate
	crlRevoked
	crlExtensions
)

func TestParseCRLRefuses(t *testing.T) {
	p := newPKI(t)
	good := issue(t, p, 3, noon, revoked(5, noon, smki.Superseded), revoked(6, noon, smki.KeyCompromise)).Raw
	tbs := func(change func(*node)) []byte {
		t.Helper()
		return edit(t, good, func(n *node) { change(n.at(0)) })
	}
	exts := func(change func(list *node)) []byte {
		return tbs(func(n *node) { change(n.at(crlExtensions, 0)) })
	}
	add := func(e *node) []byte {
		return exts(func(l *node) { l.children = append(l.children, e) })
	}
	addEntry := func(e *node) []byte {
		return tbs(func(n *node) { l := n.at(crlRevoked, 0, 2); l.children = append(l.children, e) })
	}
	reason := func(v ...byte) []byte {
		return tbs(func(n *node) { n.at(crlRevoked, 0, 2, 0, 1).content = v })
	}
	number := func(v ...byte) []byte {
		return exts(func(l *node) { l.children[1] = ext(20, false, tlv(2, v)) })
	}
	for _, tt := range []struct {
		name  string
		der   []byte
		field string
	}{
		{"nothing", nil, "CertificateList"},
		{"NULL as parameters outside only", edit(t, good, func(n *node) { n.at(1).children = append(n.at(1).children, leaf(5)) }), "signature"},
		{"data after the list", append(bytes.Clone(good), 0), "CertificateList"},
		{"cut short", good[:len(good)-1], "CertificateList"},
		{"data after the signature", edit(t, good, func(n *node) { n.children = append(n.children, leaf(5)) }), "CertificateList"},
		{"data after the extensions", tbs(func(n *node) { n.children = append(n.children, leaf(5)) }), "tbsCertList"},
		{"a certificate", p.Issuing.Certificate.Raw, "version"},
		{"version 1 by default", tbs(func(n *node) { n.children = n.children[1:] }), "version"},
		{"version 3", tbs(func(n *node) { n.children[crlVersion] = leaf(2, 2) }), "version"},
		{"SHA-384 inside", tbs(func(n *node) { n.at(crlAlgorithm, 0).content[7] = 3 }), "signature"},
		{"SHA-384 outside", edit(t, good, func(n *node) { n.at(1, 0).content[7] = 3 }), "signatureAlgorithm"},
		{"no issuer", tbs(func(n *node) { n.children[crlIssuer] = &node{tag: 0x30} }), "issuer"},
		{"a time in local form", tbs(func(n *node) { n.children[crlThisUpdate].content = []byte("211117120000+") }), "thisUpdate"},
		{"no next update", tbs(func(n *node) { n.children = slices.Delete(n.children, crlNextUpdate, crlNextUpdate+1) }), "nextUpdate"},
		{"next before this", tbs(func(n *node) { n.children[crlNextUpdate].content = []byte("211117115959Z") }), "nextUpdate"},
		{"an empty list of entries", tbs(func(n *node) { n.children[crlRevoked].children = nil }), "revokedCertificates"},
		{"an entry that is no sequence", tbs(func(n *node) { n.children[crlRevoked].children[1] = leaf(5) }), "revokedCertificates"},
		{"serial number zero", tbs(func(n *node) { n.at(crlRevoked, 1).children[0] = leaf(2, 0) }), "userCertificate"},
		{"serial number negative", tbs(func(n *node) { n.at(crlRevoked, 1).children[0] = leaf(2, 0xfe) }), "userCertificate"},
		{"serial number not minimal", tbs(func(n *node) { n.at(crlRevoked, 1).children[0] = leaf(2, 0, 6) }), "userCertificate"},
		{"a serial number twice", tbs(func(n *node) { n.at(crlRevoked, 1).children[0] = leaf(2, 5) }), "userCertificate"},
		{"an impossible date", tbs(func(n *node) { n.at(crlRevoked, 1).children[1].content = []byte("211131120000Z") }), "revocationDate"},
		{"data after an entry", tbs(func(n *node) { e := n.at(crlRevoked, 1); e.children = append(e.children, leaf(5)) }), "revokedCertificates"},
		{"an empty list of an entry's extensions", tbs(func(n *node) { n.at(crlRevoked, 1, 2).children = nil }), "crlEntryExtensions"},
		{"an unknown critical extension of an entry", addEntry(ext(99, true, tlv(5))), "crlEntryExtensions"},
		{"an indirect entry", addEntry(ext(29, true, tlv(0x30))), "certificateIssuer"},
		{"an indirect entry that is not critical", addEntry(ext(29, false, tlv(0x30))), "certificateIssuer"},
		{"reason certificateHold", tbs(func(n *node) { n.at(crlRevoked, 0, 2, 0, 1).content = tlv(10, []byte{6}) }), "reasonCode"},
		{"reason removeFromCRL", reason(tlv(10, []byte{8})...), "reasonCode"},
		{"reason 7, which is unused", reason(tlv(10, []byte{7})...), "reasonCode"},
		{"reason 11", reason(tlv(10, []byte{11})...), "reasonCode"},
		{"reason as integer", reason(tlv(2, []byte{1})...), "reasonCode"},
		{"reason of two octets", reason(tlv(10, []byte{0, 1})...), "reasonCode"},
		{"data after the reason", reason(10, 1, 1, 0), "crlEntryExtensions"},
		{"no extensions", tbs(func(n *node) { n.children = n.children[:crlExtensions] }), "crlExtensions"},
		{"no number", exts(func(l *node) { l.children = l.children[:1] }), "cRLNumber"},
		{"a negative number", number(0x80), "cRLNumber"},
		{"a number not minimal", number(0, 1), "cRLNumber"},
		{"a number of 21 octets", number(append([]byte{1}, make([]byte, 20)...)...), "cRLNumber"},
		{"a delta", add(ext(27, true, tlv(2, []byte{1}))), "deltaCRLIndicator"},
		{"a delta that does not say it is critical", add(ext(27, false, tlv(2, []byte{1}))), "deltaCRLIndicator"},
		{"a partial list", add(ext(28, true, tlv(0x30))), "issuingDistributionPoint"},
		{"an unknown critical extension", add(ext(99, true, tlv(5))), "crlExtensions"},
		{"an extension twice", exts(func(l *node) { l.children = append(l.children, l.children[1]) }), "crlExtensions"},
	} {
		l, err := smki.ParseCRL(tt.der)
		e, ok := errors.AsType[*smki.CRLError](err)
		if l != nil || !ok || e.Problem != smki.CRLMalformed || e.Field != tt.field || e.Expected == "" {
			t.Errorf("%s: got %v, expected a fault in %q", tt.name, err, tt.field)
		}
	}
	if _, err := smki.ParseCRL(make([]byte, smki.MaxCRLSize+1)); crlProblem(err) != smki.CRLTooLarge {
		t.Errorf("a list that is too large: %v", err)
	}
	for _, harmless := range []*node{ext(99, false, []byte("anything")), ext(24, false, tlv(0x18, []byte("20211117120000Z")))} {
		if _, err := smki.ParseCRL(addEntry(harmless)); err != nil {
			t.Errorf("an extension that changes nothing: %v", err)
		}
	}
	if l, err := smki.ParseCRL(tbs(func(n *node) { n.children = slices.Delete(n.children, crlRevoked, crlRevoked+1) })); err != nil || l.Len() != 0 {
		t.Errorf("a list without entries: %v", err)
	}
}

func TestParseCRLEntryLimit(t *testing.T) {
	if testing.Short() {
		t.Skip("makes a list of a million entries")
	}
	p := newPKI(t)
	at := tlv(0x17, []byte("211117120000Z"))
	for _, n := range []int{smki.MaxCRLEntries, smki.MaxCRLEntries + 1} {
		entries := make([]byte, 0, 24*n)
		for i := range n {
			entries = append(entries, tlv(0x30, tlv(2, []byte{1, byte(i >> 16), byte(i >> 8), byte(i)}), at)...)
		}
		der := edit(t, issue(t, p, 3, noon, revoked(1, noon, 0)).Raw, func(c *node) {
			c.at(0).children[crlRevoked] = &node{tag: 0x30, content: entries}
		})
		l, err := smki.ParseCRL(der)
		if n <= smki.MaxCRLEntries && (err != nil || l.Len() != n) || n > smki.MaxCRLEntries && crlProblem(err) != smki.CRLTooLarge {
			t.Errorf("%d entries: %v", n, err)
		}
	}
}

func TestCRLChecks(t *testing.T) {
	p, other := newPKI(t), must[*smkitest.PKI](t)(smkitest.New(2))
	old, l := issue(t, p, 3, noon), issue(t, p, 4, noon.Add(time.Hour), revoked(1, noon, 0))
	root := must[*smki.CRL](t)(p.Root.CRL(noon))
	forged := must[*smki.CRL](t)(smki.ParseCRL(edit(t, l.Raw, func(n *node) { n.at(0, crlRevoked, 0, 0).content[0] = 2 })))
	authority := func(change func(*node)) *smki.X509Certificate {
		return must[*smki.X509Certificate](t)(smki.ParseCertificate(edit(t, p.Issuing.Certificate.Raw, change)))
	}
	renamed := authority(func(n *node) { n.at(0, tbsSubject, 1, 0, 1).content = []byte("T2") })
	noLists := authority(func(n *node) { n.at(0, tbsExtensions, 0, 0, 2).content = []byte{3, 2, 2, 4} })
	org := supplier(t, p, userID).DigitalSigning
	byOrg := must[*smki.CRL](t)(smki.ParseCRL(resign(t, l.Raw, org.Key, func(n *node) {
		n.at(0).children[crlIssuer] = parseTree(t, org.Certificate.Raw).at(0, tbsSubject)
		n.at(0, crlExtensions, 0).children = n.at(0, crlExtensions, 0).children[1:] // the number remains
	})))
	end := noon.Add(13 * time.Hour)
	for _, tt := range []struct {
		name string
		err  error
		want smki.CRLProblem
	}{
		{"signed", l.CheckSignatureFrom(p.Issuing.Certificate), 0},
		{"by another authority", l.CheckSignatureFrom(p.Root.Certificate), smki.CRLForeign},
		{"by an organisation", l.CheckSignatureFrom(supplier(t, p, userID).XMLSign.Certificate), smki.CRLForeign},
		{"by an organisation that did sign it", byOrg.CheckSignatureFrom(org.Certificate), smki.CRLForeign},
		{"by the same key under another name", l.CheckSignatureFrom(renamed), smki.CRLForeign},
		{"by an authority that may not sign lists", l.CheckSignatureFrom(noLists), smki.CRLForeign},
		{"by another key of the name", l.CheckSignatureFrom(other.Issuing.Certificate), smki.CRLForeign},
		{"forged", forged.CheckSignatureFrom(p.Issuing.Certificate), smki.CRLBadSignature},
		{"at its issue", l.CheckCurrent(noon.Add(time.Hour)), 0},
		{"before its issue", l.CheckCurrent(noon.Add(time.Hour - 1)), smki.CRLNotYetValid},
		{"at its next update", l.CheckCurrent(end), 0},
		{"after its next update", l.CheckCurrent(end.Add(1)), smki.CRLExpired},
		{"first", l.CheckFollows(nil), 0},
		{"next", l.CheckFollows(old), 0},
		{"same number", l.CheckFollows(l), smki.CRLNotNewer},
		{"going back", old.CheckFollows(l), smki.CRLNotNewer},
		{"greater number of an earlier time", issue(t, p, 5, noon.Add(-time.Hour)).CheckFollows(old), smki.CRLNotNewer},
		{"after another issuer's", l.CheckFollows(root), smki.CRLForeign},
	} {
		if got := crlProblem(tt.err); got != tt.want || (tt.err != nil) != (tt.want != 0) {
			t.Errorf("%s: got %v, expected %v", tt.name, tt.err, tt.want)
		}
	}
}

// A serial number means nothing without its issuer.
func TestRevoked(t *testing.T) {
	p := newPKI(t)
	c := p.Issuing.Certificate // issued by the root
	own, foreign := must[*smki.CRL](t)(p.Root.CRL(noon, smkitest.Revoke(c, noon, smki.CACompromise))), issue(t, p, 1, noon, smkitest.Revoke(c, noon, smki.CACompromise))
	if r, ok := own.Revoked(c); !ok || r != (smki.Revocation{At: noon, Reason: smki.CACompromise}) {
		t.Errorf("the list of its issuer says %v, %v", r, ok)
	}
	if r, ok := foreign.Revoked(c); ok {
		t.Errorf("the list of another issuer says %v", r)
	}
}

// drawEntries draws entries of distinct small serial numbers.
func drawEntries(t *rapid.T, label string) []smki.RevokedCertificate {
	serials := rapid.SliceOfNDistinct(rapid.Int64Range(1, 12), 0, 8, rapid.ID[int64]).Draw(t, label)
	var list []smki.RevokedCertificate
	for _, s := range serials {
		reason := rapid.SampledFrom([]smki.RevocationReason{smki.Unspecified, smki.Superseded, smki.PrivilegeWithdrawn}).Draw(t, "reason")
		list = append(list, revoked(s, noon.Add(time.Duration(rapid.IntRange(-3, 3).Draw(t, "hours"))*time.Hour), reason))
	}
	return list
}

// What is issued is what is read, here and by crypto/x509.
func TestCRLRoundTrip(t *testing.T) {
	p := newPKI(t)
	rapid.Check(t, func(rt *rapid.T) {
		want := drawEntries(rt, "serials")
		l := issue(t, p, rapid.Int64Range(0, 1<<62).Draw(rt, "number"), noon, want...)
		if d := cmp.Diff(want, slices.Collect(l.Entries()), cmpopts.EquateEmpty()); d != "" {
			rt.Fatalf("(-want +got)\n%s", d)
		}
		std, err := x509.ParseRevocationList(l.Raw)
		if err != nil {
			rt.Fatal(err)
		}
		var theirs []smki.RevokedCertificate
		for _, e := range std.RevokedCertificateEntries {
			theirs = append(theirs, revoked(e.SerialNumber.Int64(), e.RevocationTime, smki.RevocationReason(e.ReasonCode)))
		}
		if d := cmp.Diff(want, theirs, cmpopts.EquateEmpty()); d != "" || std.Number.Cmp(l.Number) != 0 {
			rt.Fatalf("crypto/x509 reads something else: (-want +got)\n%s", d)
		}
	})
}

// Applying a diff to the older list gives the newer one.
func TestDiffCRL(t *testing.T) {
	p := newPKI(t)
	asMap := func(list []smki.RevokedCertificate) map[string]smki.Revocation {
		m := make(map[string]smki.Revocation)
		for _, r := range list {
			m[r.Serial] = r.Revocation
		}
		return m
	}
	rapid.Check(t, func(rt *rapid.T) {
		before, after := drawEntries(rt, "before"), drawEntries(rt, "after")
		var old *smki.CRL
		if len(before) > 0 {
			old = issue(t, p, 1, noon, before...)
		}
		d, err := smki.DiffCRL(old, issue(t, p, 2, noon, after...))
		if err != nil {
			rt.Fatal(err)
		}
		m := asMap(before)
		for _, r := range d.Removed {
			if _, ok := m[r.Serial]; !ok {
				rt.Fatalf("removed %s, which was not there", r.Serial)
			}
			delete(m, r.Serial)
		}
		for _, r := range d.Added {
			if _, ok := m[r.Serial]; ok {
				rt.Fatalf("added %s, which was there", r.Serial)
			}
			m[r.Serial] = r.Revocation
		}
		for _, c := range d.Changed {
			if m[c.Serial] != c.Old || c.Old == c.New {
				rt.Fatalf("changed %+v from %v", c, m[c.Serial])
			}
			m[c.Serial] = c.New
		}
		if diff := cmp.Diff(asMap(after), m); diff != "" {
			rt.Fatalf("(-want +got)\n%s", diff)
		}
	})
	if _, err := smki.DiffCRL(must[*smki.CRL](t)(p.Root.CRL(noon)), issue(t, p, 1, noon)); crlProblem(err) != smki.CRLForeign {
		t.Errorf("lists of two issuers: %v", err)
	}
}

func TestApplyCRL(t *testing.T) {
	p := newPKI(t)
	s := supplier(t, p, userID)
	var d smki.Directory
	for _, i := range []*smkitest.Identity{s.XMLSign, s.DigitalSigning, s.KeyAgreement} { // Prepayment is not known
		if err := d.Issue(i.Certificate.State("SUPPLIER")); err != nil {
			t.Fatal(err)
		}
	}
	x, k := s.XMLSign.Certificate, s.KeyAgreement.Certificate
	first := issue(t, p, 1, noon, smkitest.Revoke(k, noon, smki.CessationOfOperation), smkitest.Revoke(s.Prepayment.Certificate, noon, 0), smkitest.Revoke(x, noon, smki.KeyCompromise))
	if diff := cmp.Diff([]smki.CertificateID{k.ID(), x.ID()}, d.ApplyCRL(first)); diff != "" {
		t.Errorf("first: (-want +got)\n%s", diff)
	}
	if got := d.ApplyCRL(first); got != nil {
		t.Errorf("the same list again changed %v", got)
	}
	earlier := issue(t, p, 2, noon.Add(time.Hour), smkitest.Revoke(x, noon.Add(-time.Minute), smki.Superseded), smkitest.Revoke(k, noon.Add(time.Minute), smki.Superseded))
	if diff := cmp.Diff([]smki.CertificateID{x.ID()}, d.ApplyCRL(earlier)); diff != "" {
		t.Errorf("an earlier time: (-want +got)\n%s", diff)
	}
	if got := d.ApplyCRL(issue(t, p, 3, noon.Add(2*time.Hour))); got != nil || d.Status(k.ID(), noon) != smki.Revoked {
		t.Errorf("a list without them took a revocation back: %v", got)
	}
	_, rev, _ := d.Certificate(k.ID())
	if diff := cmp.Diff(&smki.Revocation{At: noon, Reason: smki.CessationOfOperation}, rev); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if got := d.Status(s.DigitalSigning.Certificate.ID(), noon); got != smki.Good {
		t.Errorf("a certificate that no list named is %v", got)
	}
}

func ExampleDiffCRL() {
	pki, err := smkitest.New(1)
	if err != nil {
		fmt.Println(err)
		return
	}
	at := time.Date(2021, 11, 17, 12, 0, 0, 0, time.UTC)
	entry := smki.RevokedCertificate{Serial: "4711", Revocation: smki.Revocation{At: at, Reason: smki.CessationOfOperation}}
	before, err := pki.Issuing.CRL(at)
	if err != nil {
		fmt.Println(err)
		return
	}
	after, err := pki.Issuing.CRL(at.Add(time.Hour), entry)
	if err != nil {
		fmt.Println(err)
		return
	}
	diff, err := smki.DiffCRL(before, after)
	fmt.Println(diff.Added[0].Serial, diff.Added[0].Reason, err)
	fmt.Println(before.CheckFollows(after))
	// Output:
	// 4711 cessationOfOperation <nil>
	// smki: CRL of CN=T1,OU=07 is not newer: cRLNumber: expected more than 2, not 1
}
