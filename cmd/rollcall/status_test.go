package main

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"rollcall/internal/sandbox/fakeokta"
	"rollcall/internal/sandbox/faults"
	"rollcall/reports/archive"
)

// watchedFrom asks from another machine, which has a copy of the archive and a key.
func (w *townsfolk) watchedFrom(args ...string) ran {
	w.t.Helper()
	return play(w.t.Context(), w.clock, nil, append([]string{"status", "--archive", filepath.Join(w.dir, "archive"), "--key", filepath.Join(w.dir, "public.pem")}, args...)...)
}

func TestStatusSaysWhetherTheLastNightWasGoodAndNotLongAgo(t *testing.T) {
	w := newTown(t, fakeokta.Options{})
	w.want(w.now("status"), exitFailed, "NOT OK: no night has been recorded in")
	w.watched()
	w.want(w.now("status"), exitDone, "OK: the last night (run 2041", "observe) ended 2041-03-04 01:00 UTC: done")
	before := files(t, filepath.Join(w.dir, "archive"))
	w.clock.pass(25 * time.Hour)
	w.want(w.watchedFrom(), exitDone)
	w.clock.pass(2 * time.Hour)
	w.want(w.watchedFrom(), exitFailed, "NOT OK: the last night ended 27h", "ago, and 26h")
	w.want(w.watchedFrom("--max-age", "48h"), exitDone)
	w.want(w.watchedFrom("--max-age", "0s"), exitRefused, "--max-age is 0s")
	if after := files(t, filepath.Join(w.dir, "archive")); after != before {
		t.Error("it wrote something")
	}
}

func TestStatusOfANightThatReadNotAllNamesTheLastGoodOne(t *testing.T) {
	w := newTown(t, fakeokta.Options{})
	w.watched()
	rule := faults.OktaError(http.StatusForbidden, "E0000006", "no")
	rule.Match = faults.Path(http.MethodGet, "/api/v1/groups")
	w.oktaFaults.Add(rule)
	w.want(w.night("nightly"), exitIncomplete)
	r := w.watchedFrom("--json")
	w.want(r, exitFailed)
	var s status
	if err := json.Unmarshal([]byte(r.stdout), &s); err != nil || s.OK || s.Last.ExitCode != exitIncomplete || s.LastGood == nil || s.LastGood.ExitCode != exitDone || s.Signed == nil || !*s.Signed {
		t.Errorf("%v %+v", err, s)
	}
	w.oktaFaults.Clear()
	w.clock.pass(48 * time.Hour)
	w.want(w.night("nightly"), exitDone)
	w.want(w.watchedFrom(), exitDone, "note: no night began between 2041-03-05 01:00 UTC and 2041-03-08 01:00 UTC")
}

func TestANightThatAGuardHeldIsGoodAndASweepIsNoNight(t *testing.T) {
	w := newTown(t, fakeokta.Options{})
	w.watched()
	w.leave("ann", "bob", "cid", "dan", "eve", "fay", "gus")
	w.want(w.night("nightly"), exitHeld)
	w.want(w.watchedFrom(), exitDone, ": held")
	w.clock.pass(30 * time.Hour)
	w.roster()
	if r := w.now("sweep"); r.code == exitAborted || r.code == exitRefused {
		t.Fatal(r)
	}
	w.want(w.watchedFrom(), exitFailed, "the last night ended 30h")
}

func TestStatusDoesNotBelieveAnEndOfTheChainThatIsNotSigned(t *testing.T) {
	w := newTown(t, fakeokta.Options{})
	w.watched()
	file := filepath.Join(w.dir, "archive", "manifests", "0000000001.json")
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(file, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(strings.Replace(string(b), `"created_at":`, `"created_at": `, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	w.want(w.watchedFrom(), exitFailed, "the end of the archive's chain is not signed as it should be", "rollcall audit verify")
	_, public, err := archive.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, b, 0o600); err != nil {
		t.Fatal(err)
	}
	w.want(w.watchedFrom(), exitDone)
	w.write("public.pem", string(public))
	w.want(w.watchedFrom(), exitFailed, "is not signed as it should be")
	if err := os.Remove(filepath.Join(w.dir, "public.pem")); err != nil {
		t.Fatal(err)
	}
	w.want(w.now("status"), exitDone, "note: its signature was not checked: the public key is not here")
	w.want(w.watchedFrom(), exitRefused, "read the public key")
}

func TestStatusFollowsAKeyThatHandedOver(t *testing.T) {
	w := newTown(t, fakeokta.Options{})
	w.watched()
	w.want(w.audits("rotate-key", "--make", "--new-key-file", filepath.Join(w.dir, "next.pem"), "--by", "Ann", "--reason", "yearly"), exitDone)
	w.want(w.watchedFrom(), exitDone, "OK: ")
	w.want(w.now("status", "--key", filepath.Join(w.dir, "next-public.pem")), exitDone, "OK: ")
}

func TestStatusOfAnArchiveThatCannotBeReadIsNeitherGoodNorBad(t *testing.T) {
	w := newTown(t, fakeokta.Options{})
	w.watched()
	runs, err := filepath.Glob(filepath.Join(w.dir, "archive", "runs", "*", "*", "*.parquet"))
	if err != nil || len(runs) != 1 {
		t.Fatal(runs, err)
	}
	if err := os.Remove(runs[0]); err != nil {
		t.Fatal(err)
	}
	w.want(w.watchedFrom(), exitAborted, "so that nothing is known of its nights")
}
