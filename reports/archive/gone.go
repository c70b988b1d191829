package archive

import (
	"errors"
	"fmt"
	"io/fs"
	"time"

	"rollcall/internal/access"
)

// ExpiredError says that a file is not there any more because a run let it go, on record.
type ExpiredError struct {
	Path   string
	RunID  access.RunID // that let it go
	At     time.Time
	By     string
	Reason string
}

func (e *ExpiredError) Error() string {
	return fmt.Sprintf("%s has expired: %s let go of it on %s (%s; run %s), so that only its SHA-256 is known any more", e.Path, e.By, e.At.UTC().Format(time.DateOnly), e.Reason, e.RunID)
}

// expired are the files of a chain that were let go and were not written again.
type expired struct{ by map[string]*ExpiredError }

func newExpired() *expired { return &expired{by: map[string]*ExpiredError{}} }

// take takes in the next manifest of the chain. What it lists is there from then on, also
// what had expired: the same input may come again.
func (x *expired) take(h head) {
	for _, f := range h.Files {
		delete(x.by, f.Path)
	}
	if h.Expiry == nil {
		return
	}
	for _, f := range h.Expiry.Files {
		x.by[f.Path] = &ExpiredError{Path: f.Path, RunID: h.RunID, At: h.CreatedAt, By: h.Expiry.By, Reason: h.Expiry.Reason}
	}
}

func (x *expired) of(path string) *ExpiredError { return x.by[path] }

// gone makes of "there is no such file" that it expired, where that is so.
func (a *Archive) gone(name string, err error) error {
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if a.upkept == nil {
		a.upkept = newExpired() // so that a state that is missing does not ask again
		x, failed := a.expiries()
		if failed != nil {
			return err
		}
		a.upkept = x
	}
	if e := a.upkept.of(name); e != nil {
		return e
	}
	return err
}

// expiries are what the runs let go that the state of the chain's end names.
func (a *Archive) expiries() (*expired, error) {
	x := newExpired()
	h, err := a.head()
	if err != nil || h.Sequence == 0 {
		return x, err
	}
	s, err := a.state(h)
	if err != nil {
		return x, err
	}
	for _, u := range s.Upkeep {
		if u.Kind != access.UpkeepExpiry {
			continue
		}
		one, err := a.load(u.Sequence)
		if err != nil {
			return x, err
		}
		x.take(one)
	}
	return x, nil
}

// Expired says when and why what a run recorded of people was let go; nil: it is there.
func (p PastRun) Expired() (*ExpiredError, error) { return p.archive.expiredOf(p.head) }

// ExpiredRun is PastRun.Expired for a run by its id; of a run that is not known it gives nil.
func (a *Archive) ExpiredRun(run access.RunID) (*ExpiredError, error) {
	x, err := a.expiries()
	if err != nil {
		return nil, err
	}
	for path, e := range x.by {
		if owner(path) == run {
			return e, nil
		}
	}
	return nil, nil
}

func (a *Archive) expiredOf(h head) (*ExpiredError, error) {
	x, err := a.expiries()
	if err != nil {
		return nil, err
	}
	for _, f := range h.Files {
		if e := x.of(f.Path); e != nil && owner(f.Path) == h.RunID {
			return e, nil
		}
	}
	return nil, nil
}
