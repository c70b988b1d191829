package main

import (
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"rollcall/internal/config"
	"rollcall/internal/sandbox/fakeokta"
	"rollcall/reports/archive"
)

// replayedAll decides every run of an archive once more, and gives how many there are
// by trigger; each has to come out as it was recorded, to the byte.
func replayedAll(t *testing.T, keep *archive.Archive, key string) map[string]int {
	t.Helper()
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

// replayed decides every run of the town once more, wherever its archive is.
func (w *townsfolk) replayed() map[string]int {
	w.t.Helper()
	cfg, err := config.Load(filepath.Join(w.dir, "rollcall.yaml"), w.bytes(filepath.Join(w.dir, "rollcall.yaml")))
	w.must(err)
	keep, err := inSandbox(w.clock, io.Discard, io.Discard).past(w.t.Context(), cfg)
	w.must(err)
	return replayedAll(w.t, keep, filepath.Join(w.dir, "public.pem"))
}

// replayed decides every run of the demo once more.
func (d *demo) replayed(t *testing.T) map[string]int {
	t.Helper()
	keep, err := archive.Open(d.path("archive"), nil)
	if err != nil {
		t.Fatal(err)
	}
	return replayedAll(t, keep, d.path("keys", "rollcall-public.pem"))
}

// aTown is one of two nights: leo left before the second, which blocked him.
func aTown(t *testing.T) *townsfolk {
	t.Helper()
	w := newTown(t, fakeokta.Options{})
	w.watched()
	w.leave("leo")
	w.want(w.night("nightly"), exitDone)
	return w
}

// again asks for a run; without any, for the newest.
func (w *townsfolk) again(args ...string) ran {
	w.t.Helper()
	if !slices.Contains(args, "--run") {
		args = append(args, "--run", "last")
	}
	return play(w.t.Context(), w.clock, nil, append([]string{"audit", "replay", "--archive", filepath.Join(w.dir, "archive"), "--key", filepath.Join(w.dir, "public.pem")}, args...)...)
}

func TestARunIsDecidedOnceMoreWithoutConfigurationCredentialsOrNetwork(t *testing.T) {
	w := aTown(t)
	asked := len(w.okta.Requests())
	files := w.everything()
	w.want(w.again(), exitDone, "decided once more as of 2041-03-05 01:0", "plan the same, to the byte", "findings", "The plan is the same: 6 action(s)")
	if len(w.okta.Requests()) != asked || w.everything() != files {
		t.Error("it sent requests or wrote something")
	}
	var told replayed
	if err := json.Unmarshal([]byte(w.again("--json").stdout), &told); err != nil || !told.Same || told.PlanSHA256 != told.AnewSHA256 || told.Trigger != "nightly" {
		t.Errorf("%v: %+v", err, told)
	}
}

func TestEveryKindOfRunThatDecidesIsDecidedOnceMore(t *testing.T) {
	w := newTownOfOrders(t)
	w.leave("leo")
	w.want(w.now("sweep"), exitDone, "blocked and verified")
	w.want(w.revoked(w.id("mia")), exitDone)
	w.want(w.revoked(w.id("mia"), "--read"), exitDone)
	w.leave("jon")
	plan := filepath.Join(w.dir, "plan.json")
	w.want(w.night("plan", "--out", plan), exitDone)
	w.want(w.now("apply", "--plan", plan), exitDone)
	w.write("roster.csv", "this is no table\n") // refused as a whole: there are no rows to archive
	w.want(w.night("nightly"), exitHeld)
	w.want(w.now("sweep"), exitHeld)
	got := w.replayed()
	for trigger, n := range map[string]int{"nightly": 2, "sweep": 1, "revoke": 2, "apply": 1} {
		if got[trigger] < n {
			t.Errorf("%d runs of %s were decided once more: %v", got[trigger], trigger, got)
		}
	}
}

func TestARunThatDecidesNothingFromFactsAloneIsRefused(t *testing.T) {
	w, run := mended(t)
	r := play(t.Context(), w.clock, nil, "restore", "--config", filepath.Join(w.dir, "restore.yaml"), "--run", string(run), "--reason", "HR's mistake")
	w.want(r, exitHeld) // a right that policy forbids
	restored := string(w.memory().Previous)
	w.want(w.again("--run", restored), exitRefused, "is a restore", "it gives back what another run took")
	w.want(w.again("--run", "nightly"), exitRefused, `no committed run "nightly"`)
	w.want(play(t.Context(), w.clock, nil, "audit", "replay", "--config", filepath.Join(w.dir, "rollcall.yaml")), exitRefused, "needs --run ID")
	w.want(w.again(), exitDone, "("+"nightly") // last is the last that decided
}

func TestEveryRunOfTheDemoIsDecidedOnceMoreByTheLinesOfTheGuide(t *testing.T) {
	d := openDemo(t)
	d.playTwoNights(t)
	d.playNight(t)
	if n := d.replayed(t); n["nightly"] != 3 {
		t.Errorf("%v", n)
	}
	guide, err := os.ReadFile(filepath.Join("..", "..", "docs", "replay.md"))
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(d.dir)
	lines := 0
	for line := range strings.Lines(string(guide)) {
		command, is := strings.CutPrefix(strings.TrimRight(line, "\n"), "    rollcall ")
		if !is {
			continue
		}
		lines++
		if r := d.asked(t, strings.Fields(command)...); r.code != exitDone {
			t.Errorf("%s: %s", command, r)
		}
	}
	if lines < 3 {
		t.Errorf("the guide has %d lines to copy", lines)
	}
}
