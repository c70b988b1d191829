package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"rollcall/internal/access"
	"rollcall/reports/archive"
)

// replayedAll decides every run of an archive once more, and gives how many there are
// by trigger; each has to come out as it was recorded, to the byte.
func replayedAll(t *testing.T, root, key string) map[string]int {
	t.Helper()
	keep, err := archive.Open(root, nil)
	if err != nil {
		t.Fatal(err)
	}
	public, err := verificationKeys(key)
	if err != nil {
		t.Fatal(err)
	}
	runs, err := archive.Committed(keep.Store(), public...)
	if err != nil {
		t.Fatal(err)
	}
	count := map[string]int{}
	for _, run := range runs {
		trigger, err := run.Trigger(keep.Store())
		if err != nil {
			t.Fatal(err)
		}
		if undecided(run, trigger) != "" {
			continue
		}
		count[trigger]++
		r, err := reperform(t.Context(), keep, run)
		if err != nil {
			t.Errorf("%s: %v", run.RunID, err)
			continue
		}
		identical := true
		for _, c := range r.Records {
			identical = identical && c.Identical
		}
		if !r.Same || !identical {
			var b strings.Builder
			_ = printReplayed(&b, r)
			t.Errorf("run %s: %s", run.RunID, b.String())
		}
	}
	return count
}

// replayed decides every run of the town once more.
func (w *townsfolk) replayed() map[string]int {
	w.t.Helper()
	return replayedAll(w.t, filepath.Join(w.dir, "archive"), filepath.Join(w.dir, "public.pem"))
}

var _ = os.ReadFile
var _ access.Plan
