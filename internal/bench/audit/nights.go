package main

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"time"

	"rollcall/collectors/roster"
	"rollcall/internal/access"
	"rollcall/reports/archive"
)

// made is raised when the same size is another archive.
const made = 1

// size is what a simulated archive is made of.
type size struct {
	Nights, People int
}

// writer writes an archive as a company's nights would: the job of the night with
// simulated systems, and the archive as it is.
type writer struct {
	size
	*archive.Archive
	store  archive.Store
	c      *company
	memory access.Memory
	at     time.Time // the clock
	step   int       // the next one; each is one manifest
	done   int       // that are in the archive already
	open   access.CampaignRecord
	say    func(format string, args ...any)
}

// signer is the key of every simulated archive: it proves nothing to anybody.
func signer() ed25519.PrivateKey {
	seed := sha256.Sum256([]byte("bench-audit"))
	return ed25519.NewKeyFromSeed(seed[:])
}

// write makes the archive in dir, or goes on where it was stopped.
func write(ctx context.Context, dir string, s size, say func(format string, args ...any)) error {
	keep, err := archive.Open(filepath.Join(dir, "archive"), signer())
	if err != nil {
		return err
	}
	if err := tidy(filepath.Join(dir, "archive"), keep.Store()); err != nil {
		return err
	}
	w := &writer{size: s, Archive: keep, store: keep.Store(), c: newCompany(s.People), say: say}
	if w.done, _, _, err = keep.Head(); err != nil {
		return err
	}
	if w.memory, err = keep.Memory(roster.Decode); err != nil {
		return err
	}
	for day := range s.Nights {
		if day > 0 {
			w.c.pass()
		}
		if err := w.day(ctx); err != nil {
			return fmt.Errorf("day %d: %w", day, err)
		}
		if day%100 == 99 && w.step > w.done {
			say("  %d nights\n", day+1)
		}
	}
	return nil
}

var runName = regexp.MustCompile(`[0-9]{8}T[0-9]{6}Z-bench`)

// tidy takes away what a run left that was stopped before it was committed: it is
// simulated again, under the same name.
func tidy(root string, store archive.Store) error {
	runs, err := archive.Committed(store, signer().Public().(ed25519.PublicKey))
	if err != nil {
		return err
	}
	done := map[string]bool{}
	for _, r := range runs {
		done[string(r.RunID)] = true
	}
	names, err := store.List("")
	if err != nil {
		return err
	}
	for _, name := range names {
		if run := runName.FindString(name); run != "" && !done[run] {
			if err := os.Remove(filepath.Join(root, filepath.FromSlash(name))); err != nil {
				return err
			}
		}
	}
	return nil
}

// day is a night, and what of a review is due.
func (w *writer) day(ctx context.Context) error {
	steps := []func() error{func() error { return w.night(ctx) }}
	switch n := w.c.day%quarter - opensOn; {
	case w.c.day < opensOn:
	case n == 0:
		steps = append(steps, w.opens)
	case n == imports*importing+2:
		steps = append(steps, w.closes)
	case n > 0 && n <= imports*importing && n%importing == 0:
		steps = append(steps, func() error { return w.answers(n/importing - 1) })
	}
	for _, step := range steps {
		if w.step++; w.step <= w.done {
			continue
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

func (w *writer) run(trigger string, at time.Time) access.Run {
	w.at = at
	return access.Run{ID: access.RunID(at.Format("20060102T150405Z") + "-bench"), StartedAt: at, Mode: access.Enforce, Trigger: trigger, ToolVersion: "bench", Actor: "bench@simulation"}
}

// tick is the clock: it moves when it is looked at.
func (w *writer) tick() time.Time { w.at = w.at.Add(time.Second); return w.at }

func (w *writer) remember(run access.RunID, next access.Memory) {
	next.Previous, next.Journals = run, maps.Clone(next.Journals)
	next.Journals[run] = true
	w.memory = next
}
