package hold

import (
	"github.com/seed-db8551c1/lastresort/smki"
	"github.com/seed-db8551c1/lastresort/solr"
)

// exit records a trade sale or special administration (R14). Before the licence is revoked it closes the failure and ends its delays; after it
// the failure waits for the PMA, and nothing is due any more under directions not yet followed.
func (r *Register) exit(e *Event) (Applied, error) {
	f := r.failure(e.Failure)
	if f == nil {
		return bad(e, "a failure that was notified, not %q", e.Failure)
	}
	next, err := f.Failure.Apply(solr.Exit, e.At)
	if err != nil {
		return Applied{}, nil // closed or exited already: a repeat
	}
	f.Failure = next
	f.Exit = e.Exit
	if next.Phase == solr.Exited {
		f.exited, f.exiting = e.At, r.next()
		r.tell(e, f.ids()...)
	}
	return Applied{}, nil
}

// releaseExit is the PMA's instruction, with a reason, that ends what is held after an exit: it names the holder of each MPID, in place of Ofgem's direction, and the certificates
// that go. An MPID whose holder is the supplier itself stays with it.
func (r *Register) releaseExit(e *Event) (Applied, error) {
	f, err := r.open(e)
	if err != nil {
		return Applied{}, err
	}
	if f.exited.IsZero() {
		return refuse(e, solr.R14, "a failure that found an exit after its licence was revoked")
	}
	switch {
	case len(e.MPIDs)+len(e.Certificates) == 0:
		return bad(e, "MPIDs or certificates")
	case len(e.MPIDs) > 0 && e.Party == "":
		return bad(e, "the holder of the MPIDs")
	}
	if len(e.MPIDs) > 0 {
		if err := r.fitToHold(f, e); err != nil {
			return Applied{}, err
		}
	}
	in, done, err := f.items(e)
	if err != nil {
		return Applied{}, err
	}
	certs, certsDone, err := r.certificatesOf(f, e)
	if err != nil {
		return Applied{}, err
	}
	r.tell(e, e.MPIDs...)
	for _, m := range in {
		r.permit(f, TransferMPID, Item{MPID: m.id}, 0, e.At, true)
	}
	for _, id := range certs {
		r.permit(f, RevokeCertificate, Item{Certificate: id}, 0, e.At, true)
	}
	return Applied{Done: append(done, certsDone...)}, nil
}

// certificatesOf finds certificates of an event in a failure: those that are good, and those revoked already, which are done.
func (r *Register) certificatesOf(f *failure, e *Event) (in []smki.CertificateID, done []Item, err error) {
	for _, id := range e.Certificates {
		if f.cert(id) == nil {
			_, err := bad(e, "certificates of failure %s, not %s", f.ID, id)
			return nil, nil, err
		}
		if _, rev, _ := r.dir.Certificate(id); rev != nil {
			done = append(done, Item{Certificate: id})
		} else {
			in = append(in, id)
		}
	}
	return in, done, nil
}
