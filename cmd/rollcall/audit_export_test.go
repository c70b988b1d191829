package main

import (
	"log/slog"
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

func TestThePackOfTheQuarterTellsItsStory(t *testing.T) {
	q := auditedQuarter(t)
	d := &demo{dir: q.dir, clock: &demoClock{}, e: &environ{getenv: func(string) string { return "" }, now: time.Now, log: slog.New(demoLog{t.Output()})}}
	out := filepath.Join(t.TempDir(), "pack")
	d.must(t, exitDone, "SHA-256 of its list of digests", "audit", "export", "--from", "2026-01-01", "--to", "2026-03-31", "--out", out, "--archive", q.root, "--key", q.key)
	page, err := os.ReadFile(filepath.Join(out, "index.html"))
	if err != nil {
		t.Fatal(err)
	}
	// As in the answers that were checked by hand (testdata/answers).
	for _, want := range []string{
		"The nightly check ran on 89 of 90 days: 2 only observed, 9 held something back, 1 could not read everything and 1 missed.",
		"19 people had to lose access, with 29 accounts: 13 blocked and verified within 24 h, 16 later. 34 accounts or credentials were seen alive or used after that.",
		"1 review was held (2026-q1): 1,137 of 1,179 rights were answered, 22 of them late; 5 rights were to be removed or changed, and 4 were seen to be done.",
		"the books balance in each of them.",
	} {
		if !strings.Contains(string(page), want) {
			t.Errorf("the page does not say %q", want)
		}
	}
}
