package archive

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"rollcall/internal/phrase"
)

// pending are the files that were let go and are there still. A hold that came since
// keeps them.
func (a *Archive) pending(chain []head, gone *expired, holds []Hold) (all []ExpiredFile, err error) {
	if len(gone.by) == 0 {
		return nil, nil
	}
	names, err := a.store.List("")
	if err != nil {
		return nil, err
	}
	there := map[string]bool{}
	for _, name := range names {
		there[name] = true
	}
	for _, h := range chain {
		if slices.ContainsFunc(holds, func(o Hold) bool { return o.covers(h.CreatedAt) }) {
			for _, f := range h.Files {
				delete(there, f.Path)
			}
		}
	}
	for _, h := range chain {
		if h.Expiry == nil {
			continue
		}
		for _, f := range h.Expiry.Files {
			if x := gone.of(f.Path); there[f.Path] && x != nil && x.RunID == h.RunID {
				all = append(all, f)
			}
		}
	}
	return all, nil
}

// Eraser deletes content. Nothing that runs at night has one.
type Eraser interface {
	// Erase deletes a file, all that was ever stored under its name. What is not there
	// is erased. What a lock keeps is a LockedError.
	Erase(name string) error
}

// Locker is a store that can keep a file from being deleted.
type Locker interface {
	// Locked says until when a file is locked (zero: it is not), and whether it is under
	// a legal hold besides.
	Locked(name string) (until time.Time, hold bool, err error)
}

// LockedError says what keeps a file from being deleted.
type LockedError struct {
	Path  string
	Until time.Time // zero: no retention
	Hold  bool
}

func (e *LockedError) Error() string {
	switch {
	case e.Hold:
		return e.Path + " is under a legal hold of the store, until somebody lifts it"
	default:
		return fmt.Sprintf("%s is locked by the store until %s", e.Path, phrase.Minute(e.Until))
	}
}

// Erasing is what became of files that were let go.
type Erasing struct {
	Erased int
	Bytes  int64
	Locked []LockedError // that the store keeps
	Failed []error       // that could not be deleted for another reason
}

// Erase deletes files that a committed run let go. It begins anew where it was
// interrupted, and goes on past what cannot be deleted.
func (a *Archive) Erase(by Eraser, files []ExpiredFile, progress func(done, all int)) (Erasing, error) {
	var out Erasing
	chain, err := a.chain()
	if err != nil {
		return out, fmt.Errorf("delete what expired: %w", err)
	}
	gone := newExpired()
	for _, h := range chain {
		gone.take(h)
	}
	for n, f := range files {
		if progress != nil {
			progress(n, len(files))
		}
		if !mayExpire(f.Path) || gone.of(f.Path) == nil {
			return out, fmt.Errorf("delete what expired: no committed run lets go of %s", f.Path)
		}
		var locked *LockedError
		switch err := by.Erase(f.Path); {
		case errors.As(err, &locked):
			out.Locked = append(out.Locked, *locked)
		case err != nil:
			out.Failed = append(out.Failed, err)
		default:
			out.Erased, out.Bytes = out.Erased+1, out.Bytes+f.Size
		}
	}
	return out, nil
}
