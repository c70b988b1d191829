package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/parquet-go/parquet-go"

	"rollcall/internal/access"
	"rollcall/internal/config"
	"rollcall/internal/sandbox/fakeaws"
	"rollcall/internal/sandbox/fakeokta"
	"rollcall/reports/archive"
)

const giveToken = "00giverTokenOfTheSandbox000000000000000"

// mended is a town in which leo was blocked by HR's mistake, which HR corrected,
// with the configuration of the machine that restores. It gives the run.
func mended(t *testing.T) (*townsfolk, access.RunID) {
	t.Helper()
	w := newTown(t, fakeokta.Options{})
	w.restorable()
	w.watched()
	w.leave("leo")
	w.want(w.night("nightly"), exitDone)
	w.corrected("leo")
	w.quiet()
	return w, w.journals()[0]
}

// restorable gives the town the configuration of the machine that restores, with
// its credentials.
func (w *townsfolk) restorable() {
	w.t.Helper()
	w.okta.SetToken(giveToken, fakeokta.Token{Name: "give", UserID: w.users["ann"].ID})
	for _, account := range []string{homeAWS, prodAWS} {
		w.aws.AddRole(fakeaws.Role{Account: account, Name: "give"})
	}
	w.write("restore.yaml", strings.NewReplacer("revoke_token: {env: OKTA_REVOKE_TOKEN}", "revoke_token: {env: OKTA_REVOKE_TOKEN}, restore_token: {env: OKTA_RESTORE_TOKEN}",
		"revoke_role: block,", "revoke_role: block, restore_role: give, management_restore_role: give,").Replace(w.read("rollcall.yaml"))+"manual: enforce\n")
}

// corrected writes HR's next list, in which somebody works here after all.
func (w *townsfolk) corrected(login string) {
	w.t.Helper()
	w.left[login] = false
	w.roster()
	w.rewrites("roster.csv", ",Clerk,Dep0", ",Head clerk,Dep0")
}

// restore runs the command on the machine that restores, an hour later.
func (w *townsfolk) restore(args ...string) ran {
	w.t.Helper()
	w.clock.pass(time.Hour)
	return play(w.t.Context(), w.clock, nil, append([]string{"restore", "--config", filepath.Join(w.dir, "restore.yaml")}, args...)...)
}

func TestAMistakeIsUndoneAndTheNextNightIsSilent(t *testing.T) {
	w, run := mended(t)
	if w.status("leo") != fakeokta.Suspended {
		t.Fatalf("leo is %s", w.status("leo"))
	}
	shown := w.restore("--run", string(run), "--show")
	w.want(shown, exitHeld, "nothing was changed", "would be restored lift the suspension, leo@example.test in okta", "refused give permission set Admin in account "+prodAWS)
	if w.sent() > 0 || w.status("leo") != fakeokta.Suspended {
		t.Fatalf("to show sent %d changes", w.sent())
	}
	r := w.restore("--run", string(run), "--reason", "HR's mistake, ticket 42")
	w.want(r, exitHeld, "restored lift the suspension, leo@example.test in okta: okta answers 200; the user is ACTIVE",
		"cannot be undone API token leo's script", "refused give permission set Admin", "no rule and no exception lets leo Test", "The record is kept")
	if w.status("leo") != fakeokta.Active {
		t.Errorf("leo cannot sign in: %s", w.status("leo"))
	}
	user, _ := w.aws.IAMUser(prodAWS, "leo")
	if len(user.Attached) > 0 || user.AccessKeys[0].Status != "Active" {
		t.Errorf("leo in IAM: %+v", user)
	}
	w.verified()
	sent := w.sent()
	again := w.restore("--run", string(run), "--reason", "again", "--json")
	var story struct {
		ExitCode int `json:"exit_code"`
		Things   []struct{ State, Why string }
	}
	if err := json.Unmarshal([]byte(again.stdout), &story); err != nil || again.code != exitHeld || w.sent() != sent || len(story.Things) != 6 {
		t.Errorf("twice: %v, %d changes were sent, %+v %s", err, w.sent()-sent, story, again)
	}
	night := w.night("nightly")
	w.want(night, exitDone)
	if w.sent() != sent || strings.Contains(night.stdout, "blocked_active") {
		t.Errorf("the next night is not silent: %s", night)
	}
	w.verified()
	w.recorded()
}

// What was as it had to be when it was decided, and is not when it comes to it, is refused
// then: that is told, and no success.
func TestWhatARestoreRefusesAtTheLastMomentIsNoSuccess(t *testing.T) {
	w, run := mended(t)
	for _, a := range w.aws.Assignments() {
		t.Fatalf("leo holds %+v", a)
	}
	w.rewrites("rolemap.csv", "Everyone,,,,okta,,group,*", "Admins,,,,aws,,permission_set,*,allowed,standard,Ann,Everything in AWS,Ann,2040-01-01,\nEveryone,,,,okta,,group,*")
	w.arrives = func(s access.System, r *http.Request) {
		if s == "okta" && r.Method == http.MethodGet && r.URL.Path == "/api/v1/users/"+w.users["leo"].ID {
			w.okta.UpdateUser(w.users["leo"].ID, func(u *fakeokta.User) { u.Status = fakeokta.Deprovisioned })
		}
	}
	r := w.restore("--run", string(run), "--reason", "HR's mistake, ticket 42")
	w.want(r, exitHeld, "refused lift the suspension, leo@example.test in okta: the user was deactivated", "restored give permission set Admin")
	w.arrives = nil
	w.verified()
}

// recorded looks in the archive's actions for what was restored by the first restore.
func (w *townsfolk) recorded() {
	w.t.Helper()
	files, err := filepath.Glob(filepath.Join(w.dir, "archive", "actions", "*", "run="+string(w.journals()[1]), "*.parquet"))
	if err != nil || len(files) != 1 {
		w.t.Fatalf("%v, %v", files, err)
	}
	rows, err := parquet.ReadFile[archive.ActionRow](files[0])
	if err != nil {
		w.t.Fatal(err)
	}
	of := map[string]archive.ActionRow{}
	for _, r := range rows {
		if of[r.Verb] = r; r.Stage != "restore" || r.Actor == "" {
			w.t.Errorf("%+v", r)
		}
	}
	if lifted := of["unsuspend"]; lifted.Outcome != "done" || !strings.HasPrefix(lifted.Reason, "HR's mistake, ticket 42 (undoes suspend of run ") || lifted.VerifiedAt.IsZero() {
		w.t.Errorf("%+v", lifted)
	}
	if admin := of["create_assignment"]; admin.Outcome != "skipped" || !strings.HasPrefix(admin.Detail, "refused: no rule") {
		w.t.Errorf("%+v", admin)
	}
	if gone := of["clear_sessions"]; len(rows) != 6 || gone.Outcome != "skipped" || !strings.HasPrefix(gone.Detail, "cannot be undone") {
		w.t.Errorf("%d rows, %+v", len(rows), gone)
	}
}

func TestWhatRestoreRefusesBeforeAnything(t *testing.T) {
	w, run := mended(t)
	without := strings.NewReplacer("restore_role: give, management_restore_role: give,", "")
	w.write("half.yaml", without.Replace(w.read("restore.yaml")))
	reason := []string{"--reason", "x"}
	for name, c := range map[string]struct {
		config string
		args   []string
		says   string
	}{
		"no run":        {"restore.yaml", reason, "restore needs --run RUN"},
		"no reason":     {"restore.yaml", []string{"--run", string(run)}, "restore needs --reason TEXT"},
		"unknown run":   {"restore.yaml", append([]string{"--run", "x"}, reason...), "the last runs that have a journal are " + string(run)},
		"unknown who":   {"restore.yaml", append([]string{"--run", string(run), "--person", "E01"}, reason...), "it changed something of employees/E11"},
		"no credential": {"half.yaml", append([]string{"--run", string(run)}, reason...), "the credential that gives back there is not configured here"},
	} {
		r := play(t.Context(), w.clock, nil, append([]string{"restore", "--config", filepath.Join(w.dir, c.config)}, c.args...)...)
		if r.code != exitRefused || !strings.Contains(flat(r.stderr), c.says) {
			t.Errorf("%s: %s", name, r)
		}
	}
	if w.sent() > 0 || len(w.journals()) != 1 {
		t.Errorf("%d changes were sent, journals %v", w.sent(), w.journals())
	}
}

func TestWithoutManualEnforceARestoreOnlyShows(t *testing.T) {
	w, run := mended(t)
	r := w.now("restore", "--run", string(run), "--reason", "x") // the configuration of the night
	w.want(r, exitHeld, "nothing was changed", "would be restored", "does not say manual: enforce")
	if w.sent() > 0 || len(w.journals()) != 1 || w.status("leo") != fakeokta.Suspended {
		t.Errorf("%d changes were sent", w.sent())
	}
}

func TestTheNightNeverLooksAtTheCredentialThatRestores(t *testing.T) {
	w, run := mended(t)
	for _, args := range [][]string{{"nightly"}, {"plan", "--out", filepath.Join(w.dir, "plan.json")}, {"check"}, {"restore", "--run", string(run), "--show"}} {
		var out bytes.Buffer
		e := inSandbox(w.clock, &out, &out)
		e.getenv = func(name string) string {
			if name == "OKTA_RESTORE_TOKEN" {
				t.Errorf("%s looks at it", args[0])
			}
			return environment(name)
		}
		w.clock.pass(24 * time.Hour)
		e.args = append(append([]string{"rollcall"}, args...), "--config", filepath.Join(w.dir, "restore.yaml"))
		err := newApp(e).RunContext(t.Context(), e.args)
		nobody := args[0] == "check" && err != nil && strings.HasPrefix(err.Error(), "missing (1) is whom to call") // this town has nobody
		if code := exitCode(err); code != exitDone && code != exitHeld && !nobody {
			t.Errorf("%s ended with %d: %s", args[0], code, out.String())
		}
	}
}

func TestAJournalThatWasWrittenToSinceIsNotRestoredFrom(t *testing.T) {
	w, run := mended(t)
	at := filepath.Join(w.dir, "archive", "journal", string(run))
	record := filepath.Join(at, "000002.json")
	whole, err := os.ReadFile(record)
	if err != nil {
		t.Fatal(err)
	}
	spoil := map[string]func() error{
		"altered": func() error {
			return os.WriteFile(record, bytes.Replace(whole, []byte("suspend"), []byte("Suspend"), 1), 0o640)
		},
		"removed": func() error { return os.Remove(record) },
		"added":   func() error { return os.WriteFile(filepath.Join(at, "000099.json"), whole, 0o640) },
	}
	for name, how := range spoil {
		_ = os.Chmod(record, 0o640) // it may be gone
		if err := how(); err != nil {
			t.Fatal(err)
		}
		r := w.restore("--run", string(run), "--reason", "x")
		if r.code != exitAborted || !strings.Contains(r.stderr, "audit verify") || w.sent() > 0 {
			t.Errorf("%s: %d changes were sent: %s", name, w.sent(), r)
		}
		_, _ = os.Remove(filepath.Join(at, "000099.json")), os.WriteFile(record, whole, 0o640)
	}
}

func TestARestoreWaitsForNobody(t *testing.T) {
	w, run := mended(t)
	defer w.lockedBy("nightly by somebody, process 1")()
	w.want(w.restore("--run", string(run), "--reason", "x"), exitAborted, "another run of rollcall is at work")
}

// TestARestoreKilledAnywhereIsClosedByTheNextRun kills the process at every record.
func TestARestoreKilledAnywhereIsClosedByTheNextRun(t *testing.T) {
	w, run := mended(t)
	before := w.save()
	args := []string{"restore", "--config", filepath.Join(w.dir, "restore.yaml"), "--run", string(run), "--reason", "HR's mistake"}
	w.want(play(context.Background(), w.clock, nil, args...), exitHeld)
	want, last := w.effects(), w.records(w.journals()[1])
	if last != 9 { // three are told only, three have an intent and an outcome
		t.Fatalf("%d records", last)
	}
	for n := 1; n <= last; n++ {
		moments := []string{"after"}
		if n > 3 && n%2 == 1 { // before an outcome the work is done already; before an intent is after the record before it
			moments = append(moments, "before")
		}
		for _, when := range moments {
			t.Run(fmt.Sprintf("%s %d", when, n), func(t *testing.T) {
				w.back(t, before)
				w.killedIn(fmt.Sprintf("%s %d", when, n), args...)
				sent := w.sent()
				closing := w.night("nightly")
				w.want(closing, exitDone)
				if told := strings.Contains(flat(closing.stdout), "A restore was interrupted (run "); told != (n > 4 || n == 4 && when == "after") {
					t.Errorf("told of the interrupted restore: %v: %s", told, closing)
				}
				if w.sent() != sent {
					t.Errorf("the night sent %d changes", w.sent()-sent)
				}
				w.want(w.restore(args[3:]...), exitHeld)
				if d := cmp.Diff(want, w.effects(), cmpopts.EquateEmpty()); d != "" {
					t.Errorf("it ends elsewhere (-want +got):\n%s", d)
				}
				if lifted := w.events("leo", "user.lifecycle.unsuspend"); lifted != 1 {
					t.Errorf("leo's suspension was lifted %d times", lifted)
				}
				if left := w.memory().Blocked; len(left) > 0 {
					t.Errorf("remembered as blocked: %+v", left)
				}
				night := w.night("nightly")
				w.want(night, exitDone)
				if strings.Contains(night.stdout, "blocked_active") {
					t.Errorf("blocked_active: %s", night)
				}
				w.verified()
			})
		}
	}
}

func configOf(e *environ, file string) (config.Config, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return config.Config{}, err
	}
	return config.Load(file, b)
}
