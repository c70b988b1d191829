package archive

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"rollcall/internal/access"
)

// Vouched checks that the journals of a run, and of the runs after it, are as they
// were when they were committed: every record that a manifest lists is there with
// its digest, and a committed run has no record besides. Whoever undoes what a
// journal says must not rest on one that was written to since.
func (a *Archive) Vouched(run access.RunID) error {
	names, err := a.store.List("manifests/")
	if err != nil {
		return fmt.Errorf("check the journal of %s: %w", run, err)
	}
	listed, committed := map[string]string{}, map[access.RunID]bool{}
	for _, sequence := range sequences(names) {
		h, err := a.load(sequence)
		if err != nil {
			return fmt.Errorf("check the journal of %s: %w", run, err)
		}
		committed[h.RunID] = true
		for _, f := range h.Files {
			if strings.HasPrefix(f.Path, "journal/") && owner(f.Path) >= run {
				listed[f.Path] = f.SHA256
			}
		}
	}
	records, err := a.store.List("journal/")
	if err != nil {
		return fmt.Errorf("check the journal of %s: %w", run, err)
	}
	for _, name := range records {
		of := owner(name)
		sum, known := listed[name]
		if !known && committed[of] && of >= run {
			return fmt.Errorf("%s was added after its run was committed; nothing was attempted; run: rollcall audit verify", name)
		}
		if !known {
			continue
		}
		if err := a.asListed(name, sum); err != nil {
			return fmt.Errorf("check the journal of %s (nothing was attempted): %w", run, err)
		}
		delete(listed, name)
	}
	for name := range listed {
		var x *ExpiredError
		if errors.As(a.gone(name, fs.ErrNotExist), &x) {
			continue
		}
		return fmt.Errorf("%s is missing; nothing was attempted; run: rollcall audit verify", name)
	}
	return nil
}

func (a *Archive) asListed(name, sum string) error {
	b, err := a.store.Read(name)
	if err != nil {
		return err
	}
	if got := access.Digest(b); got != sum {
		return altered(name, sum, got)
	}
	return nil
}
