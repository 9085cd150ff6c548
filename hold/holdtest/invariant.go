package holdtest

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/seed-db8551c1/lastresort/duis"
	"github.com/seed-db8551c1/lastresort/hold"
	"github.com/seed-db8551c1/lastresort/smki"
	"github.com/seed-db8551c1/lastresort/solr"
)

// CheckInvariants reports what is wrong with a register as of a time that is not before its latest event, nil if nothing is:
//
//   - each MPID belongs to exactly one party in each of the two maps, from its allocation to its retirement (R13);
//   - each MPID and each certificate is in at most one open failure (R15), and one duty at most says what to do about it;
//   - an act reported for that time is a breach, of the same rules, exactly if the duty says must not (R17), and doing what must be done is none;
//   - every breach names a rule, and a report in the log;
//   - a party that holds its licence needs no authority (R9);
//   - the events of the log, applied to an empty register, give the same answers and the same head, unless it was restored from a snapshot and does not hold them all.
func CheckInvariants(r *hold.Register, at time.Time) error {
	dir := r.Directory()
	for _, m := range dir.MPIDs() {
		for name, holdings := range map[string]*smki.MPIDMap{"DCC": &dir.DCC, "codes": &dir.Codes} {
			all := holdings.Holdings(m.ID)
			for i, h := range all {
				if i > 0 && h.From.Before(all[i-1].From) || h.Party == "" && i < len(all)-1 {
					return fmt.Errorf("holdtest: the map of %s gives MPID %s to nobody or two between its allocation and its retirement: %v", name, m.ID, all)
				}
			}
		}
	}
	if err := checkDuties(r, at); err != nil {
		return err
	}
	log := r.Events()
	before := r.Seq() - uint64(len(log)) // which a snapshot stands for
	last := uint64(0)
	for _, b := range r.Breaches() {
		report := hold.Event{At: b.At} // one that is not held any more
		if b.Seq > before && b.Seq <= r.Seq() {
			report = log[b.Seq-before-1]
		}
		if b.Rules == 0 || b.Seq < max(last, 1) || b.Seq > r.Seq() || !b.At.Equal(report.At) || report.Kind.Direction() {
			return fmt.Errorf("holdtest: breach %+v names no rule, or no report of the log", b)
		}
		last = b.Seq
	}
	lost := make(map[smki.PartyID]bool)
	for _, f := range r.Failures(at) {
		lost[f.Supplier] = lost[f.Supplier] || !f.Revoked.IsZero() && !at.Before(f.Revoked)
	}
	for _, u := range dir.Users() {
		if a := r.Authority().Ask(duis.Question{Party: u.Party, SRV: duis.UpdatePaymentMode, At: at}); !lost[u.Party] && a.Standing != duis.NotNeeded {
			return fmt.Errorf("holdtest: %s holds its licence, but its standing is %v", u.Party, a.Standing)
		}
	}
	if before > 0 {
		return nil // the whole log is not there to be applied again
	}
	again := &hold.Register{Settings: r.Settings}
	for i, e := range log {
		if _, err := again.Apply(e); err != nil {
			return fmt.Errorf("holdtest: event %d of the log is refused when it is applied again: %w", i+1, err)
		}
	}
	if a, b := r.Head(), again.Head(); a != b {
		return fmt.Errorf("holdtest: the log has another head when it is applied again: first %v, then %v", a, b)
	}
	if a, b := Digest(r, at), Digest(again, at); !slices.Equal(a, b) {
		return fmt.Errorf("holdtest: the log gives other answers when it is applied again (-first +again):\n%s", cmp.Diff(a, b))
	}
	return nil
}

func checkDuties(r *hold.Register, at time.Time) error {
	seen := make(map[hold.Item]hold.Duty)
	for _, d := range r.Duties(at) {
		if x := (hold.Item{MPID: d.MPID, Certificate: d.Certificate}); d.Action == hold.TransferMPID || d.Action == hold.RevokeCertificate {
			if other, twice := seen[x]; twice {
				return fmt.Errorf("holdtest: two duties about one item: %s: %v; %s: %v", other.Failure, other, d.Failure, d)
			}
			seen[x] = d
		}
		e, ok := Act(d, at, smki.CessationOfOperation)
		if !ok {
			continue
		}
		if owner, _ := r.Directory().DCC.Owner(d.MPID, at); d.MPID != "" && owner == d.To {
			if d.Modality == hold.Must {
				return fmt.Errorf("holdtest: a duty to transfer what was transferred: %v", d)
			}
			continue // to report it again would change nothing
		}
		done, err := r.Clone().Apply(e)
		if err != nil {
			return fmt.Errorf("holdtest: a report of what a duty is about is refused: %v: %w", d, err)
		}
		var broken solr.RuleSet
		for _, b := range done.Breaches {
			broken |= b.Rules
		}
		switch {
		case d.Modality == hold.MustNot && broken != d.Rules:
			return fmt.Errorf("holdtest: the DCC %v, but doing it breaks %q", d, broken)
		case d.Modality != hold.MustNot && broken != 0:
			return fmt.Errorf("holdtest: the DCC %v, but doing it breaks %q", d, broken)
		}
	}
	return nil
}

// Digest writes down all that a register says at each of the given times, a line for each answer.
func Digest(r *hold.Register, times ...time.Time) []string {
	var lines []string
	line := func(format string, args ...any) { lines = append(lines, fmt.Sprintf(format, args...)) }
	line("%d events", r.Seq())
	for _, b := range append(r.Breaches(), r.Crossings()...) {
		line("breach %+v", b)
	}
	dir := r.Directory()
	for _, u := range dir.Users() {
		line("user %+v", u)
	}
	for _, c := range dir.Certificates() {
		_, rev, _ := dir.Certificate(c.ID)
		line("certificate %+v %+v", c, rev)
	}
	for _, m := range dir.MPIDs() {
		line("MPID %+v %v %v", m, holders(dir.DCC.Holdings(m.ID)), holders(dir.Codes.Holdings(m.ID)))
	}
	never := time.Time{}.String() // of most duties: to write it anew takes as long as all else
	authority, mpids := r.Authority(), slices.Concat([]smki.AllocatedMPID{{}}, dir.MPIDs())
	for _, at := range times {
		line("%v", at)
		for _, f := range r.Failures(at) {
			line("%+v", f)
		}
		for _, d := range r.Duties(at) {
			since := never
			if !d.Since.IsZero() {
				since = d.Since.String()
			}
			lines = append(lines, string(d.Failure)+" "+d.String()+" since "+since)
		}
		for _, o := range r.Overruns(at) {
			line("%+v", o)
		}
		for _, u := range dir.Users() {
			said := append([]byte(u.Party), ':')
			for _, v := range []duis.SRV{duis.UpdatePaymentMode, duis.TopUpDevice, duis.UpdatePrepayConfiguration} {
				for _, m := range mpids {
					a := authority.Ask(duis.Question{Party: u.Party, SRV: v, Mode: duis.CreditMode, MPID: m.ID, Device: Device(m).ID, At: at})
					said = append(strconv.AppendUint(append(said, ' '), uint64(a.Standing), 10), '/')
					said = strconv.AppendInt(said, int64(a.Grant), 10)
				}
			}
			lines = append(lines, string(said))
		}
	}
	return lines
}

// holders leaves out what repeats the holder before it: it says nothing new.
func holders(all []smki.MPIDHolding) []smki.MPIDHolding {
	return slices.CompactFunc(slices.Clone(all), func(a, b smki.MPIDHolding) bool { return a.Party == b.Party })
}
