package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestThePackOfTheDemoCompanyTellsItsNights follows a pack from the command to the page.
func TestThePackOfTheDemoCompanyTellsItsNights(t *testing.T) {
	q := newQuarter(t)
	day := func(n int) string { return q.state.night(n).UTC().Format(time.DateOnly) }
	out := filepath.Join(t.TempDir(), "packs", "this quarter")
	said := q.run(exitDone, "audit", "export", "--from", day(0), "--to", day(1), "--out", out, "--sign", "--config", q.path("rollcall.yaml"))
	if !strings.Contains(said, "23 answers, 2 signed manifests") || !strings.Contains(said, "Tell them these two digests by another way.") {
		t.Errorf("%s", said)
	}
	page, err := os.ReadFile(filepath.Join(out, "index.html"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"The nightly check ran on 2 of 2 days: 2 only observed.", "the books balance in each of them.", "No review of access was held in the period.", "SHA256SUMS.sig"} {
		if !strings.Contains(string(page), want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	q.run(exitRefused, "audit", "export", "--from", day(0), "--to", day(1), "--out", out, "--config", q.path("rollcall.yaml"))
	q.clock.set(q.state.night(1).Add(-48 * time.Hour))
	if said := q.run(exitRefused, "audit", "export", "--from", day(0), "--to", day(1), "--out", out+" 2", "--config", q.path("rollcall.yaml")); !strings.Contains(said, "has not come yet") {
		t.Errorf("%s", said)
	}
}
