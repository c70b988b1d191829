package archive

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"time"

	"rollcall/internal/access"
	"rollcall/reconcile"
)

// Expiry names the files that a run let go. It is part of the run's manifest, so that it
// is signed and in the chain before the first of them is deleted. What the files were (size,
// rows, SHA-256) stays known, and so does that they were let go, by whom, and why.
type Expiry struct {
	Before string        `json:"before"` // 2006-01-02: of runs that were committed before that day (UTC)
	By     string        `json:"by"`
	Reason string        `json:"reason"`
	Files  []ExpiredFile `json:"files"` // by path
}

// ExpiredFile is a file as it was, and what keeps the store from deleting it yet.
type ExpiredFile struct {
	Entry
	LockedUntil time.Time `json:"locked_until,omitzero"`
	LegalHold   bool      `json:"legal_hold,omitempty"`
}

// day is the first day whose runs stay.
func (x *Expiry) day() (time.Time, error) { return time.Parse(time.DateOnly, x.Before) }

// impersonal are the files that say nothing of people but those who ran rollcall or wrote
// its policy, and without which nobody knows that a night was: they never expire. The
// records of spent approvals stay too, since an approval that is not known as spent
// counts again.
var impersonal = regexp.MustCompile(`^(?:manifests|runs|reads|rules|spent)/`)

// personal are the files that may say something of somebody.
var personal = regexp.MustCompile(`^(?:[a-z_]+/date=[^/]+/run=[^/]+/[^/]+\.parquet|(?:plans|grounds|states|journal|inputs|outbox)/.+)$`)

func mayExpire(path string) bool { return personal.MatchString(path) && !impersonal.MatchString(path) }

// Hold keeps what runs of some days recorded, the first and the last included (UTC).
type Hold struct {
	From, To time.Time // midnights; a zero To is open
	Reason   string
}

func (o Hold) covers(at time.Time) bool {
	return !at.Before(o.From) && (o.To.IsZero() || at.Before(o.To.AddDate(0, 0, 1)))
}

// Expiring is what would be let go, and what not.
type Expiring struct {
	Before time.Time
	Runs   int // that lose what they recorded of people
	Oldest time.Time
	Newest time.Time
	Files  []ExpiredFile
	Bytes  int64
	// SHA256 is of the list: what somebody looked at is what is let go, or nothing is.
	SHA256 string
	// Kept are runs of before that day that lose nothing, with why.
	Kept []KeptRun
	// Faulty are files that are not as they were written. They are left alone: letting
	// go of them would hide that.
	Faulty []string
	// Pending are files that an earlier run let go and that are there still.
	Pending []ExpiredFile

	base string // the chain's end
}

// KeptRun is an old run of which everything stays.
type KeptRun struct {
	RunID access.RunID
	At    time.Time
	Why   string
}

// ExpiryAsk says what may go: what runs recorded that were committed before a day.
type ExpiryAsk struct {
	Before   time.Time // a midnight in UTC
	Holds    []Hold
	Locks    Locker // tells what the store keeps longer; nil: nobody knows
	Progress func(done, all int)
}

// Expirable gives what recorded data about people in old runs, and what no later run
// needs. Every file is read, and checked against its manifest.
func (a *Archive) Expirable(ask ExpiryAsk) (Expiring, error) {
	e := Expiring{Before: ask.Before}
	chain, err := a.chain()
	if err != nil {
		return e, fmt.Errorf("look for what expires: %w", err)
	}
	if len(chain) == 0 {
		return e, nil
	}
	e.base = chain[len(chain)-1].sum
	needs, err := a.needs(chain[len(chain)-1])
	if err != nil {
		return e, fmt.Errorf("look for what expires: %w", err)
	}
	gone, candidates := newExpired(), e.sort(chain, needs, ask.Holds)
	for _, h := range chain {
		gone.take(h)
	}
	if e.Pending, err = a.pending(chain, gone, ask.Holds); err != nil {
		return e, fmt.Errorf("look for what expires: %w", err)
	}
	candidates = slices.DeleteFunc(candidates, func(f Entry) bool { return gone.of(f.Path) != nil || needs.files[f.Path] })
	for n, f := range candidates {
		if ask.Progress != nil {
			ask.Progress(n, len(candidates))
		}
		if err := a.expiring(&e, f, ask.Locks); err != nil {
			return e, fmt.Errorf("look for what expires: %w", err)
		}
	}
	e.SHA256 = e.digest()
	return e, nil
}

// chain are all manifests, oldest first, each checked against the one after it.
func (a *Archive) chain() ([]head, error) {
	var all []head
	h, err := a.head()
	for ; err == nil && h.Sequence > 0; h, err = a.before(h) {
		all = append(all, h)
	}
	slices.Reverse(all)
	return all, err
}

// needed is what the next night, or a review, goes by.
type needed struct {
	files map[string]bool
	runs  map[access.RunID]string // why
}

func (a *Archive) needs(end head) (needed, error) {
	n := needed{files: map[string]bool{}, runs: map[access.RunID]string{}}
	s, err := a.state(end)
	if err != nil {
		return n, err
	}
	night, err := a.lastNight()
	if err != nil {
		return n, err
	}
	for _, r := range s.Accepted {
		n.files[inputName(r.SHA256)] = true
	}
	campaigns := s.memory().Campaigns
	keep := func(c access.Campaign, why string) {
		for _, run := range append([]access.CampaignRun{{ID: c.Night}}, c.Runs...) {
			n.runs[run.ID] = why
		}
	}
	for _, c := range reconcile.CampaignsBefore(campaigns, "") {
		keep(c, fmt.Sprintf("the next review is compared with %s", c.ID))
	}
	for _, c := range campaigns {
		if !c.Open() {
			continue
		}
		for _, before := range reconcile.CampaignsBefore(campaigns, c.Scope.Since) {
			keep(before, fmt.Sprintf("the review %s, which is open, is compared with %s", c.ID, before.ID))
		}
	}
	for _, c := range campaigns {
		if c.Open() {
			keep(c, fmt.Sprintf("the review %s is open", c.ID))
		}
	}
	n.runs[night.RunID] = "it is the newest night: the next one goes by it"
	n.runs[end.RunID] = "it is the newest run: the next one goes by it"
	return n, nil
}

// sort sorts runs into those that expire and those that do not, and gives the files of
// people that only the former list.
func (e *Expiring) sort(chain []head, needs needed, holds []Hold) []Entry {
	stays, files := map[string]bool{}, map[string]Entry{}
	for _, h := range chain {
		why, old := needs.runs[h.RunID], h.CreatedAt.Before(e.Before)
		for _, o := range holds {
			if old && o.covers(h.CreatedAt) {
				why = "it is held: " + o.Reason
			}
		}
		if old && why != "" {
			e.Kept = append(e.Kept, KeptRun{h.RunID, h.CreatedAt, why})
		}
		for _, f := range h.Files {
			switch {
			case !old || why != "":
				stays[f.Path] = true
			case mayExpire(f.Path):
				files[f.Path] = f
			}
		}
	}
	for _, h := range chain {
		loses := func(f Entry) bool { _, is := files[f.Path]; return is && !stays[f.Path] && owner(f.Path) == h.RunID }
		if slices.ContainsFunc(h.Files, loses) && h.CreatedAt.Before(e.Before) {
			e.note(h)
		}
	}
	var all []Entry
	for path, f := range files {
		if !stays[path] {
			all = append(all, f)
		}
	}
	slices.SortFunc(all, func(a, b Entry) int { return strings.Compare(a.Path, b.Path) })
	return all
}

func (e *Expiring) note(h head) {
	e.Runs++
	if e.Oldest.IsZero() {
		e.Oldest = h.CreatedAt
	}
	e.Newest = h.CreatedAt
}

// expiring takes in one file, if it is as it was written.
func (a *Archive) expiring(e *Expiring, f Entry, locks Locker) error {
	size, sum, err := measure(a.store, f.Path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		e.Faulty = append(e.Faulty, f.Path+" is missing")
		return nil
	case err != nil:
		return err
	case size != f.Size || sum != f.SHA256:
		e.Faulty = append(e.Faulty, f.Path+" was altered")
		return nil
	}
	one := ExpiredFile{Entry: f}
	if locks != nil {
		if one.LockedUntil, one.LegalHold, err = locks.Locked(f.Path); err != nil {
			return err
		}
	}
	e.Files, e.Bytes = append(e.Files, one), e.Bytes+f.Size
	return nil
}

// digest is the SHA-256 of the list: the day, and a line of SHA-256, size and path for
// each file. Locks pass by themselves, and are no part of it.
func (e *Expiring) digest() string {
	h := sha256.New()
	fmt.Fprintln(h, e.Before.Format(time.DateOnly))
	for _, f := range e.Files {
		fmt.Fprintln(h, f.SHA256, f.Size, f.Path)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// RecordExpiry commits, in a run of its own, that the files of e were let go. Nothing is
// deleted before. It gives the digest of the chain's new end.
func (a *Archive) RecordExpiry(run access.Run, e Expiring, by, reason string) (string, error) {
	s, err := a.Begin(run)
	if err == nil && s.base.sum != e.base {
		err = errors.New("another run finished since the list was made: make it again")
	}
	if err == nil && len(e.Files) == 0 {
		err = errors.New("there is nothing to let go")
	}
	if err == nil {
		err = s.upkeep(access.UpkeepExpiry)
	}
	if err != nil {
		return "", fmt.Errorf("record what expires: %w", err)
	}
	m := s.manifest(s.run.FinishedAt)
	m.Expiry = &Expiry{Before: e.Before.Format(time.DateOnly), By: by, Reason: reason, Files: e.Files}
	if err := a.commit(m); err != nil {
		return "", fmt.Errorf("record what expires: %w", err)
	}
	a.upkept = nil
	_, sum, _, err := a.Head()
	return sum, err
}
