package duis

import (
	"fmt"
	"time"
)

// FeedKind is a source of facts that arrives in numbered updates. CRLs are numbered too, but carry their numbers themselves: see [smki.TrustStore.SetCRL].
type FeedKind uint8

// The feeds.
const (
	RegistrationFeed FeedKind = iota // registrations, network operators and the device inventory
	ThresholdFeed                    // files of anomaly detection thresholds
	numFeeds
)

var feedNames = [numFeeds]string{"registration", "threshold"}

func (k FeedKind) String() string {
	if k < numFeeds {
		return feedNames[k]
	}
	return fmt.Sprintf("FeedKind(%d)", uint8(k))
}

// Update is the numbering of one update of a feed. What the update says is recorded by the other methods of [Edit].
type Update struct {
	Issuer   string    // who made it
	Number   uint64    // from 1; one more than that of the update before
	Made     time.Time // when it was made
	NextDue  time.Time // until when it may be relied upon; the next has to come by then
	Complete bool      // it says everything anew, so that it can follow any earlier one
}

// FeedProblem is what is wrong with an update.
type FeedProblem uint8

// The problems.
const (
	FeedUnknown  FeedProblem = iota + 1 // the World does not follow the feed
	FeedForeign                         // it is from another issuer
	FeedNotNewer                        // its number is not larger than that of the last
	FeedStale                           // it was overdue when it came, or says it was made later than that
	FeedGap                             // an update before it is missing
)

var feedProblemNames = [...]string{"", "a feed that the World follows", "the issuer of the feed", "a larger number than the last", "an update that is current", "the next number, or a complete update"}

// FeedError says why an update is refused. The last good one stays, but is relied upon no longer once the issuer is known to have made a newer one (see [Edit.Receive]).
type FeedError struct {
	Feed    FeedKind
	Problem FeedProblem
	Update  Update
	Last    uint64 // the number of the last good update
}

func (e *FeedError) Error() string {
	return fmt.Sprintf("duis: %v feed, update %d of %q after %d: expected %s", e.Feed, e.Update.Number, clip(e.Update.Issuer), e.Last, feedProblemNames[e.Problem])
}

// feed is what a World knows of one feed.
type feed struct {
	followed   bool
	issuer     string
	last, seen uint64 // the last good update, and the largest number that was seen
	due        int64  // Unix nanoseconds
}

// current reports whether facts of the feed may be relied upon at a time. Facts that come by no feed always may.
func (f *feed) current(now int64) bool {
	return !f.followed || f.last > 0 && f.last >= f.seen && now <= f.due
}

// Follow makes the facts of a feed depend on its updates from an issuer: from now on a decision that needs them refuses while the feed is missing, overdue or
// followed by a known gap. A [Gate] demands that both feeds are followed.
func (e *Edit) Follow(k FeedKind, issuer string) error {
	switch {
	case e.done:
		return ErrPublished
	case k >= numFeeds || issuer == "":
		return fmt.Errorf("duis: %v from %q: expected a feed and its issuer", k, clip(issuer))
	}
	e.w.feeds[k] = feed{followed: true, issuer: issuer}
	return nil
}

// Receive takes the numbering of an update that came at a time, before what it says is recorded. The error is a [*FeedError] for one that is foreign, not
// newer, stale or after a gap: nothing that it says may then be recorded. The number of one that is stale or after a gap is remembered, since what it would have changed is not
// known: decisions refuse from the next version on until the updates up to it have come, or a complete one has.
func (e *Edit) Receive(k FeedKind, u Update, at time.Time) error {
	if e.done {
		return ErrPublished
	}
	if k >= numFeeds || !e.w.feeds[k].followed {
		return &FeedError{Feed: k, Problem: FeedUnknown, Update: u}
	}
	f := &e.w.feeds[k]
	problem := FeedProblem(0)
	switch {
	case u.Issuer != f.issuer:
		problem = FeedForeign
	case u.Number <= f.last:
		problem = FeedNotNewer
	case at.After(u.NextDue) || u.Made.After(at):
		problem = FeedStale
	case u.Number != f.last+1 && !u.Complete:
		problem = FeedGap
	}
	if problem == FeedStale || problem == FeedGap {
		f.seen = max(f.seen, u.Number)
	}
	if problem != 0 {
		return &FeedError{k, problem, u, f.last}
	}
	f.last, f.seen, f.due = u.Number, max(f.seen, u.Number), nanoseconds(u.NextDue)
	return nil
}

// clip shortens a text of others for a message.
func clip(s string) string {
	if len(s) > 64 {
		return s[:64] + "…"
	}
	return s
}
