package smki

// CRLDiff is what changed between two CRLs of one issuer.
type CRLDiff struct {
	Added   []RevokedCertificate // in the order of the newer list
	Removed []RevokedCertificate // in the order of the older list; a list drops certificates after they expired
	Changed []RevocationChange   // in the order of the newer list
}

// RevocationChange is a revocation of which two CRLs say different things.
type RevocationChange struct {
	Serial   string
	Old, New Revocation
}

// DiffCRL compares a CRL with an older one of the same issuer; nil stands for one without entries. It compares entries
// only: whether the one may follow the other is for [CRL.CheckFollows]. The error, for lists of different issuers, is a [*CRLError].
func DiffCRL(old, new *CRL) (CRLDiff, error) {
	var d CRLDiff
	if old == nil {
		old = &CRL{Issuer: new.Issuer}
	}
	if new.Issuer != old.Issuer {
		return d, new.fault(CRLForeign, "issuer", old.Issuer, new.Issuer)
	}
	for i := range new.entries {
		e := &new.entries[i]
		before, ok := old.find(e.serial)
		switch now := e.revocation(); {
		case !ok:
			d.Added = append(d.Added, e.export())
		case before != now:
			d.Changed = append(d.Changed, RevocationChange{e.serial.String(), before, now})
		}
	}
	for i := range old.entries {
		e := &old.entries[i]
		if _, ok := new.find(e.serial); !ok {
			d.Removed = append(d.Removed, e.export())
		}
	}
	return d, nil
}

// ApplyCRL records the revocations of a CRL for the certificates that the directory knows and returns those whose
// revocation is new or earlier than recorded, in the order of the list. What the directory does not know yet is kept
// for its issue. Since revocation is final, what an older or shorter list leaves out changes nothing.
//
// The directory has no authorities: check the list before, with [CRL.CheckSignatureFrom] and [CRL.CheckFollows], or take
// one that [TrustStore.SetCRL] accepted.
func (d *Directory) ApplyCRL(l *CRL) []CertificateID {
	var changed []CertificateID
	id := append([]byte(l.Issuer), '/')
	prefix := len(id)
	for i := range l.entries {
		e := &l.entries[i]
		id = e.serial.appendTo(id[:prefix])
		known, issued := d.certByID.all[CertificateID(id)]
		if !issued {
			d.Revoke(CertificateID(id), e.revocation())
			continue
		}
		own := d.certs[known].ID
		before := d.revoked.all[own]
		d.Revoke(own, e.revocation())
		if d.revoked.all[own] != before {
			changed = append(changed, own)
		}
	}
	return changed
}
