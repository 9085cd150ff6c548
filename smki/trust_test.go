package smki_test

import (
	"errors"
	"math/big"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/seed-db8551c1/lastresort/smki"
	"github.com/seed-db8551c1/lastresort/smki/smkitest"
)

func trustOf(tb testing.TB, p *smkitest.PKI, chained ...*smki.X509Certificate) *smki.TrustStore {
	tb.Helper()
	s := must[*smki.TrustStore](tb)(p.Trust())
	for _, c := range chained {
		if err := s.Add(c); err != nil {
			tb.Fatal(err)
		}
	}
	return s
}

func certField(err error) string {
	if e, ok := errors.AsType[*smki.CertificateError](err); ok {
		return e.Field
	}
	return ""
}

func TestTrustStoreAdd(t *testing.T) {
	p, other := newPKI(t), must[*smkitest.PKI](t)(smkitest.New(2))
	x := supplier(t, p, userID).XMLSign.Certificate
	foreign := supplier(t, other, userID).XMLSign.Certificate
	below := must[*smkitest.Authority](t)(p.Issuing.Authority("below", "07", 0))
	middle := must[*smkitest.Authority](t)(p.Root.Authority("middle", "07", 1))
	lower := must[*smkitest.Authority](t)(middle.Authority("lower", "07", 0))
	lowest := must[*smkitest.Authority](t)(lower.Authority("lowest", "07", 0))
	free := must[*smkitest.Authority](t)(middle.Authority("free", "07", -1))
	belowFree := must[*smkitest.Authority](t)(free.Authority("below free", "07", 0))
	byFree := must[*smkitest.Identity](t)(free.Issue(smkitest.Request{EUI64: userID, Role: 2, Usage: 1})).Certificate
	same := must[*smkitest.Identity](t)(p.Issuing.Issue(smkitest.Request{EUI64: userID, Role: 2, Usage: 1, Serial: must0(new(big.Int).SetString(x.Serial, 10))})).Certificate
	type add = func(*smki.TrustStore) error
	chain := func(c ...*smki.X509Certificate) add {
		return func(s *smki.TrustStore) (err error) {
			for _, c := range c {
				if err = s.Add(c); err != nil {
					break
				}
			}
			return err
		}
	}
	pin := func(c *smki.X509Certificate) add { return func(s *smki.TrustStore) error { return s.Pin(c) } }
	anchor := func(c *smki.X509Certificate) add { return func(s *smki.TrustStore) error { return s.AddAnchor(c) } }
	then := func(a, b add) add {
		return func(s *smki.TrustStore) error { return errors.Join(a(s), b(s)) }
	}
	policy := func(oid string, a add) add {
		return func(s *smki.TrustStore) error { s.Policy = oid; return a(s) }
	}
	const anyPolicy = "\x55\x1d\x20\x00"
	withAny := func(n *node) {
		l := n.at(0, tbsExtensions, 0)
		i := slices.IndexFunc(l.children, func(e *node) bool { return e.at(0).content[2] == 32 })
		l.children[i] = ext(32, true, tlv(0x30, tlv(0x30, tlv(6, []byte(anyPolicy)))))
	}
	anyAuthority := must[*smki.X509Certificate](t)(smki.ParseCertificate(resign(t, middle.Certificate.Raw, p.Root.Key, withAny)))
	anyLeaf := must[*smki.X509Certificate](t)(smki.ParseCertificate(resign(t, x.Raw, p.Issuing.Key, withAny)))
	for _, tt := range []struct {
		name  string
		do    add
		field string
	}{
		{"an authority under any policy", policy(smkitest.DevicePolicy, chain(anyAuthority)), ""},
		{"an organisation under any policy", policy(smkitest.DevicePolicy, chain(anyLeaf)), "certificatePolicies"},
		{"signed by an authority here", chain(x), ""},
		{"the same again", chain(x, x), ""},
		{"signed by an authority of the same name and another key", chain(foreign), "authorityKeyIdentifier"},
		{"the same pinned", pin(foreign), ""},
		{"an authority pinned", pin(p.Issuing.Certificate), "basicConstraints"},
		{"an organisation as anchor", anchor(x), "basicConstraints"},
		{"an issuer that is not here", chain(lower.Certificate), "issuer"},
		{"an authority below one that allows none", chain(below.Certificate), "pathLenConstraint"},
		{"two authorities below one another", chain(middle.Certificate, lower.Certificate), ""},
		{"one more than the middle one allows", chain(middle.Certificate, lower.Certificate, lowest.Certificate), "pathLenConstraint"},
		{"one more than the middle one allows, below one that sets no limit", chain(middle.Certificate, free.Certificate, belowFree.Certificate), "pathLenConstraint"},
		{"an organisation below one that sets no limit", chain(middle.Certificate, free.Certificate, byFree), ""},
		{"two certificates of one serial number", chain(x, same), "serialNumber"},
		{"chained, then pinned", then(chain(x), pin(x)), "Certificate"},
		{"an authority, then as anchor", anchor(p.Issuing.Certificate), "Certificate"},
		{"under the policy", policy(smkitest.OrganisationPolicy, chain(x)), ""},
		{"under another policy", policy(smkitest.DevicePolicy, chain(x)), "certificatePolicies"},
		{"pinned under another policy", policy(smkitest.DevicePolicy, pin(x)), "certificatePolicies"},
	} {
		s := trustOf(t, p)
		before := len(s.Certificates())
		err := tt.do(s)
		if certField(err) != tt.field || (err != nil) != (tt.field != "") {
			t.Errorf("%s: got %v, expected fault in %q", tt.name, err, tt.field)
		}
		if err == nil && len(s.Certificates()) == before {
			t.Errorf("%s: nothing was added", tt.name)
		}
	}
}

func must0[T any](v T, ok bool) T {
	if !ok {
		panic("test data")
	}
	return v
}

func TestTrustStoreLookup(t *testing.T) {
	p := newPKI(t)
	s := supplier(t, p, userID)
	x := s.XMLSign.Certificate
	store := trustOf(t, p, x, s.DigitalSigning.Certificate)
	for _, tt := range []struct {
		name, issuer, serial string
		found                bool
	}{
		{"as printed", "CN=T1,OU=07", x.Serial, true},
		{"with a space, as in published messages", "CN=T1, OU=07", x.Serial, true},
		{"with a line break", "CN=T1,\r\n\tOU=07", x.Serial, true},
		{"in the other order", "OU=07,CN=T1", x.Serial, false},
		{"in other case", "cn=T1,ou=07", x.Serial, false},
		{"with a space elsewhere", "CN=T1 ,OU=07", x.Serial, false},
		{"another issuer", "CN=ZT,OU=00", x.Serial, false},
		{"no issuer", "", x.Serial, false},
		{"a leading zero", "CN=T1,OU=07", "0" + x.Serial, false},
		{"a plus sign", "CN=T1,OU=07", "+" + x.Serial, false},
		{"another serial number", "CN=T1,OU=07", x.Serial[1:], false},
		{"no serial number", "CN=T1,OU=07", "", false},
	} {
		c, ok := store.Lookup([]byte(tt.issuer), []byte(tt.serial))
		if ok != tt.found || ok && c != x {
			t.Errorf("%s: got %v, %v", tt.name, c, ok)
		}
	}
	if _, ok := new(smki.TrustStore).Lookup([]byte("CN=T1,OU=07"), []byte("1")); ok {
		t.Error("an empty store finds something")
	}
	if got := store.ByEUI64(userID); !slices.Equal(got, []*smki.X509Certificate{x, s.DigitalSigning.Certificate}) {
		t.Errorf("certificates of the User ID: %v", got)
	}
	if got := store.ByEUI64(0); got != nil {
		t.Errorf("authorities are found by no EUI-64: %v", got)
	}
	issuer, serial := []byte("CN=T1, OU=07"), []byte(x.Serial)
	at := noon
	if n := testing.AllocsPerRun(100, func() {
		c, _ := store.Lookup(issuer, serial)
		if store.Status(c, at) != smki.Trusted {
			t.Error("not trusted")
		}
	}); n != 0 {
		t.Errorf("look-up and status allocate %v times", n)
	}
}

func TestTrustStatus(t *testing.T) {
	p := newPKI(t)
	s := supplier(t, p, userID)
	x := s.XMLSign.Certificate
	end := x.NotAfter
	crl := func(a *smkitest.Authority, at time.Time, days int, entries ...smki.RevokedCertificate) func(*testing.T, *smki.TrustStore) {
		return func(t *testing.T, s *smki.TrustStore) {
			l := must[*smki.CRL](t)(smki.IssueCRL(a.Certificate, a.Key, smki.CRLContents{Number: big.NewInt(1), ThisUpdate: at, NextUpdate: at.AddDate(0, 0, days), Revoked: entries}))
			if err := s.SetCRL(l, at); err != nil {
				t.Fatal(err)
			}
		}
	}
	strict := func(_ *testing.T, s *smki.TrustStore) { s.AllowMissingCRL = false }
	type change = func(*testing.T, *smki.TrustStore)
	for _, tt := range []struct {
		name    string
		pinned  bool
		changes []change
		at      time.Time
		want    smki.TrustStatus
	}{
		{"good", false, nil, noon, smki.Trusted},
		{"first instant", false, nil, smkitest.Start, smki.Trusted},
		{"before it", false, nil, smkitest.Start.Add(-1), smki.TrustNotYetValid},
		{"last instant", false, nil, end, smki.Trusted},
		{"after it", false, nil, end.Add(1), smki.TrustExpired},
		{"no CRL where one is demanded", false, []change{strict}, noon, smki.TrustNoCRL},
		{"its CRL, but none of the root", false, []change{strict, crl(p.Issuing, noon, 1)}, noon, smki.TrustAuthorityLapse},
		{"both CRLs", false, []change{strict, crl(p.Issuing, noon, 1), crl(p.Root, noon, 1)}, noon, smki.Trusted},
		{"its CRL overdue", false, []change{strict, crl(p.Issuing, noon, 1), crl(p.Root, noon, 9)}, noon.AddDate(0, 0, 1).Add(1), smki.TrustStaleCRL},
		{"its CRL overdue, though none is demanded", false, []change{crl(p.Issuing, noon, 1)}, noon.AddDate(0, 0, 2), smki.TrustStaleCRL},
		{"the root's CRL overdue", false, []change{strict, crl(p.Issuing, noon, 9), crl(p.Root, noon, 1)}, noon.AddDate(0, 0, 2), smki.TrustAuthorityLapse},
		{"revoked", false, []change{crl(p.Issuing, noon, 1, smkitest.Revoke(x, noon, 0))}, noon, smki.TrustRevoked},
		{"to be revoked", false, []change{crl(p.Issuing, noon, 1, smkitest.Revoke(x, noon.Add(1e9), 0))}, noon, smki.Trusted},
		{"revoked and expired", false, []change{crl(p.Issuing, noon, 1, smkitest.Revoke(x, noon, 0))}, end.Add(1), smki.TrustRevoked},
		{"another one revoked", false, []change{crl(p.Issuing, noon, 1, smkitest.Revoke(s.DigitalSigning.Certificate, noon, 0))}, noon, smki.Trusted},
		{"its authority revoked", false, []change{crl(p.Root, noon, 1, smkitest.Revoke(p.Issuing.Certificate, noon, 0))}, noon, smki.TrustAuthorityLapse},
		{"pinned", true, nil, noon, smki.Trusted},
		{"pinned, no CRL", true, []change{strict}, noon, smki.TrustNoCRL},
		{"pinned, its CRL", true, []change{strict, crl(p.Issuing, noon, 1)}, noon, smki.Trusted},
		{"pinned, its authority revoked", true, []change{crl(p.Root, noon, 1, smkitest.Revoke(p.Issuing.Certificate, noon, 0))}, noon, smki.Trusted},
		{"pinned and revoked", true, []change{crl(p.Issuing, noon, 1, smkitest.Revoke(x, noon, 0))}, noon, smki.TrustRevoked},
		{"pinned and expired", true, nil, end.Add(1), smki.TrustExpired},
	} {
		store := trustOf(t, p)
		put := store.Add
		if tt.pinned {
			put = store.Pin
		}
		if err := put(x); err != nil {
			t.Fatal(err)
		}
		for _, change := range tt.changes {
			change(t, store)
		}
		if got := store.Status(x, tt.at); got != tt.want {
			t.Errorf("%s: %v, expected %v", tt.name, got, tt.want)
		}
		e, ok := errors.AsType[*smki.TrustError](store.Check(x, tt.at))
		if ok != (tt.want != smki.Trusted) || ok && cmp.Diff(&smki.TrustError{ID: x.ID(), Status: tt.want, At: tt.at}, e) != "" {
			t.Errorf("%s: error %v", tt.name, e)
		}
	}

	store := trustOf(t, p)
	if got, want := store.Check(x, noon).Error(), "smki: certificate "+string(x.ID())+": expected a trusted one, at 2021-11-17T12:00:00Z it is not trusted"; got != want {
		t.Errorf("got %q, expected %q", got, want)
	}
	if got := store.Status(x, noon); got != smki.NotTrusted {
		t.Errorf("a certificate that is not in the store is %v", got)
	}
	if got := new(smki.TrustStore).Status(x, noon); got != smki.NotTrusted {
		t.Errorf("in an empty store it is %v", got)
	}
	if err := store.Add(x); err != nil {
		t.Fatal(err)
	}
	twin := must[*smki.X509Certificate](t)(smki.ParseCertificate(edit(t, x.Raw, func(n *node) { n.at(0, tbsSubject, 1, 0, 1).content[8] ^= 1 })))
	if got := store.Status(twin, noon); got != smki.NotTrusted {
		t.Errorf("another certificate of the same name is %v", got)
	}
}

func TestSetCRLRefuses(t *testing.T) {
	p, other := newPKI(t), must[*smkitest.PKI](t)(smkitest.New(2))
	x := supplier(t, p, userID).XMLSign.Certificate
	first := issue(t, p, 5, noon, smkitest.Revoke(x, noon, smki.CessationOfOperation))
	later := noon.Add(time.Hour)
	for _, tt := range []struct {
		name string
		l    *smki.CRL
		at   time.Time
		want smki.CRLProblem
	}{
		{"newer", issue(t, p, 6, later), later, 0},
		{"the same", first, noon, smki.CRLNotNewer},
		{"older", issue(t, p, 4, later), later, smki.CRLNotNewer},
		{"overdue", issue(t, p, 6, later), later.AddDate(0, 0, 1), smki.CRLExpired},
		{"from the future", issue(t, p, 6, later), noon, smki.CRLNotYetValid},
		{"of another key", issue(t, other, 6, later), later, smki.CRLForeign},
		{"of an unknown issuer", must[*smki.CRL](t)(must[*smkitest.Authority](t)(other.Root.Authority("X", "07", 0)).CRL(noon)), noon, smki.CRLForeign},
		{"forged", must[*smki.CRL](t)(smki.ParseCRL(edit(t, first.Raw, func(n *node) { n.at(0, crlExtensions, 0, 1, 1).content[2] = 9 }))), noon, smki.CRLBadSignature},
	} {
		s := trustOf(t, p, x)
		if err := s.SetCRL(first, noon); err != nil {
			t.Fatal(err)
		}
		err := s.SetCRL(tt.l, tt.at)
		if crlProblem(err) != tt.want || (err != nil) != (tt.want != 0) {
			t.Errorf("%s: got %v, expected %v", tt.name, err, tt.want)
		}
		if last, _ := s.CRL("CN=T1,OU=07"); (last == first) != (tt.want != 0) {
			t.Errorf("%s: the last good CRL has number %v", tt.name, last.Number)
		}
		if s.Status(x, noon) != smki.TrustRevoked {
			t.Errorf("%s: the revocation was taken back", tt.name)
		}
	}
}

// A CRL by an authority that is itself revoked, or outside its validity, is refused: with the key of a revoked authority anybody could count the numbers of its
// name up and its next update out of reach, so that no revocation by the authority that follows it under that name would be taken any more.
func TestSetCRLOfALapsedAuthority(t *testing.T) {
	p := newPKI(t)
	end := p.Issuing.Certificate.NotAfter
	byRoot := func(at time.Time, entries ...smki.RevokedCertificate) *smki.CRL {
		return must[*smki.CRL](t)(smki.IssueCRL(p.Root.Certificate, p.Root.Key,
			smki.CRLContents{Number: big.NewInt(1), ThisUpdate: at, NextUpdate: at.Add(12 * time.Hour), Revoked: entries}))
	}
	for _, tt := range []struct {
		name string
		root *smki.CRL // taken before; nil for none
		at   time.Time
		want smki.CRLProblem
	}{
		{"good", byRoot(noon), noon, 0},
		{"without a CRL of its issuer", nil, noon, 0},
		{"with an overdue CRL of its issuer", byRoot(noon), noon.AddDate(0, 0, 9), 0},
		{"to be revoked", byRoot(noon, smkitest.Revoke(p.Issuing.Certificate, noon.Add(time.Second), smki.CACompromise)), noon, 0},
		{"revoked", byRoot(noon, smkitest.Revoke(p.Issuing.Certificate, noon, smki.CACompromise)), noon, smki.CRLForeign},
		{"at its last instant", nil, end, 0},
		{"expired", nil, end.Add(time.Second), smki.CRLForeign},
		{"not yet valid", nil, smkitest.Start.Add(-time.Second), smki.CRLForeign},
		{"below a root that revokes itself", byRoot(noon, smkitest.Revoke(p.Root.Certificate, noon, smki.CACompromise)), noon, smki.CRLForeign},
	} {
		s := trustOf(t, p)
		s.AllowMissingCRL = false
		if tt.root != nil {
			if err := s.SetCRL(tt.root, noon); err != nil {
				t.Fatal(err)
			}
		}
		l := issue(t, p, 9, tt.at)
		if err := s.SetCRL(l, tt.at); crlProblem(err) != tt.want || (err != nil) != (tt.want != 0) {
			t.Errorf("%s: %v, expected %v", tt.name, err, tt.want)
		}
		if _, ok := s.CRL(l.Issuer); ok != (tt.want == 0) {
			t.Errorf("%s: taken %v", tt.name, ok)
		}
	}
}

// Against a model: the number never goes back, and of all revocations ever reported the earliest counts.
func TestTrustStoreCRLHistory(t *testing.T) {
	p := newPKI(t)
	certs := make([]*smki.X509Certificate, 12)
	base := trustOf(t, p)
	for i := range certs {
		certs[i] = must[*smkitest.Identity](t)(p.Issuing.Issue(smkitest.Request{EUI64: userID, Role: 2, Usage: 1, Serial: big.NewInt(int64(i + 1))})).Certificate
		if err := base.Add(certs[i]); err != nil {
			t.Fatal(err)
		}
	}
	rapid.Check(t, func(rt *rapid.T) {
		s := base.Clone()
		number, this := int64(-1), time.Time{}
		earliest := make(map[string]smki.Revocation)
		for range rapid.IntRange(1, 5).Draw(rt, "lists") {
			n, at := rapid.Int64Range(0, 9).Draw(rt, "number"), noon.Add(time.Duration(rapid.IntRange(0, 3).Draw(rt, "issued"))*time.Hour)
			entries := drawEntries(rt, "serials")
			before := s.Clone()
			said := make(map[*smki.X509Certificate]smki.Revocation)
			for _, c := range certs {
				if r, ok := before.Revocation(c); ok {
					said[c] = r
				}
			}
			err := s.SetCRL(issue(t, p, n, at, entries...), at)
			if want := n > number && !at.Before(this); (err == nil) != want {
				rt.Fatalf("number %d at %v after %d at %v: %v", n, at, number, this, err)
			}
			if err != nil {
				continue
			}
			number, this = n, at
			for _, e := range entries {
				if old, ok := earliest[e.Serial]; !ok || e.At.Before(old.At) {
					earliest[e.Serial] = e.Revocation
				}
			}
			for _, c := range certs {
				was, wasRevoked := said[c]
				if still, ok := before.Revocation(c); ok != wasRevoked || still != was {
					rt.Fatalf("%s: the clone taken before said %v, then %v", c.Serial, was, still)
				}
			}
		}
		for _, c := range certs {
			want, ok := earliest[c.Serial]
			got, revoked := s.Revocation(c)
			if ok != revoked || ok && !got.At.Equal(want.At) {
				rt.Fatalf("%s: got %v %v, expected %v %v", c.Serial, got, revoked, want, ok)
			}
			at := noon.Add(time.Duration(rapid.IntRange(-3, 3).Draw(rt, "asked")) * time.Hour)
			if status := s.Status(c, at); (status == smki.TrustRevoked) != (ok && !at.Before(want.At)) {
				rt.Fatalf("%s at %v is %v, revoked from %v", c.Serial, at, status, want)
			}
		}
		for _, c := range certs {
			if base.Status(c, noon) != smki.Trusted {
				rt.Fatal("the store that was cloned has changed")
			}
		}
	})
}

func TestTrustStoreClone(t *testing.T) {
	p := newPKI(t)
	s, other := supplier(t, p, userID), supplier(t, p, userID)
	shared := []*smki.X509Certificate{s.XMLSign.Certificate, s.DigitalSigning.Certificate, s.KeyAgreement.Certificate}
	a := trustOf(t, p, shared...)
	b := a.Clone()
	onlyA, onlyB := s.Prepayment.Certificate, other.XMLSign.Certificate
	for _, step := range []struct {
		store *smki.TrustStore
		cert  *smki.X509Certificate
	}{{b, onlyB}, {a, onlyA}} {
		if err := step.store.Add(step.cert); err != nil {
			t.Fatal(err)
		}
	}
	for _, tt := range []struct {
		name       string
		store      *smki.TrustStore
		has, lacks *smki.X509Certificate
	}{{"original", a, onlyA, onlyB}, {"clone", b, onlyB, onlyA}} {
		want := append(slices.Clone(shared), tt.has)
		if got := tt.store.ByEUI64(userID); !slices.Equal(want, got) {
			t.Errorf("%s: by EUI-64 %v", tt.name, got)
		}
		if got := tt.store.Certificates()[3:]; !slices.Equal(want, got) {
			t.Errorf("%s: has %v", tt.name, got)
		}
		if got := tt.store.Status(tt.lacks, noon); got != smki.NotTrusted {
			t.Errorf("%s: a certificate that only the other has is %v", tt.name, got)
		}
	}
}

// A store and its clone take authorities of one name apart from each other.
func TestTrustStoreCloneAuthorities(t *testing.T) {
	p := newPKI(t)
	next := func() *smkitest.Authority { return must[*smkitest.Authority](t)(p.Root.Authority("T1", "07", 0)) }
	a := trustOf(t, p, next().Certificate, next().Certificate)
	stores := []*smki.TrustStore{a.Clone(), a}
	var authorities []*smkitest.Authority
	for _, s := range stores {
		ca := next()
		authorities = append(authorities, ca)
		if err := s.Add(ca.Certificate); err != nil {
			t.Fatal(err)
		}
	}
	for i, s := range stores {
		leaf := must[*smkitest.Identity](t)(authorities[i].Issue(smkitest.Request{EUI64: userID, Role: 2, Usage: 1})).Certificate
		if err := s.Add(leaf); err != nil {
			t.Error(err)
		}
	}
}

// What the lists before have said stays, however the later ones come and go; a clone taken between does not learn of it.
func TestRevocationStays(t *testing.T) {
	p := newPKI(t)
	x := supplier(t, p, userID).XMLSign.Certificate
	y := supplier(t, p, userID+1).XMLSign.Certificate
	s := trustOf(t, p, x, y)
	at := func(hours int) time.Time { return noon.Add(time.Duration(hours) * time.Hour) }
	steps := []struct {
		list   []smki.RevokedCertificate
		wantX  int // hours; what x is revoked from, as all before have it
		yKnown bool
	}{
		{[]smki.RevokedCertificate{smkitest.Revoke(x, at(1), 0)}, 1, false},
		{nil, 1, false},
		{[]smki.RevokedCertificate{smkitest.Revoke(x, at(2), 0), smkitest.Revoke(y, at(1), 0)}, 1, true},
		{nil, 1, true},
		{[]smki.RevokedCertificate{smkitest.Revoke(x, at(0), 0)}, 0, true},
		{nil, 0, true},
	}
	var clones []*smki.TrustStore
	for i, step := range steps {
		if err := s.SetCRL(issue(t, p, int64(i+1), noon, step.list...), noon); err != nil {
			t.Fatal(err)
		}
		clones = append(clones, s.Clone())
	}
	for i, step := range steps {
		for _, c := range []struct {
			name  string
			cert  *smki.X509Certificate
			from  time.Time
			known bool
		}{{"x", x, at(step.wantX), true}, {"y", y, at(1), step.yKnown}} {
			got, ok := clones[i].Revocation(c.cert)
			if ok != c.known || ok && !got.At.Equal(c.from) {
				t.Errorf("after list %d: %s is revoked %v from %v, expected %v from %v", i+1, c.name, ok, got.At, c.known, c.from)
			}
		}
	}
}
