package main

import (
	"encoding/json"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"

	"rollcall/internal/access"
	"rollcall/internal/sandbox/fakeaws"
	"rollcall/internal/sandbox/fakeokta"
	"rollcall/internal/sandbox/faults"
	"rollcall/reconcile"
	"rollcall/reports/archive"
)

// saysDone are the words by which a run says that nothing is left.
var saysDone = []string{"all blocked and verified", "DONE", "Nothing that is known of theirs was open", "nothing was left to end"}

// notDone checks that a run neither ends well nor says so, and that its record says
// the same.
func (w *townsfolk) notDone(r ran, code int, says ...string) {
	w.t.Helper()
	w.want(r, code, says...)
	for _, done := range saysDone {
		if strings.Contains(strings.ReplaceAll(flat(r.stdout), "NOT "+done, ""), done) {
			w.t.Errorf("it says %q: %s", done, r)
		}
	}
	if last := lastRows[archive.RunRow](w, "runs")[0]; last.ExitCode != int64(code) || last.Trigger != "revoke" || last.Verdict == "done" {
		w.t.Errorf("the archive says that %s ended with %d (%s)", last.Trigger, last.ExitCode, last.Verdict)
	}
}

// lastRows are the rows of a table that the last run archived.
func lastRows[T any](w *townsfolk, table string) []T {
	w.t.Helper()
	files, err := filepath.Glob(filepath.Join(w.dir, "archive", table, "*", "run="+string(w.memory().Previous), "*.parquet"))
	if err != nil || len(files) != 1 {
		w.t.Fatalf("%s of the last run: %v %v", table, files, err)
	}
	rows, err := parquet.ReadFile[T](files[0])
	if err != nil || len(rows) == 0 {
		w.t.Fatalf("%s: %d rows, %v", files[0], len(rows), err)
	}
	return rows
}

// noticed are the kinds of what somebody is to be told.
func (w *townsfolk) noticed() (kinds []string) {
	for _, c := range w.memory().Notices.Open {
		if !slices.Contains(kinds, c.Kind) {
			kinds = append(kinds, c.Kind)
		}
	}
	slices.Sort(kinds)
	return kinds
}

// For an order no later night comes that finishes it.
func TestAStepThatAnOrderSkippedIsNotDone(t *testing.T) {
	for _, became := range []fakeokta.Status{fakeokta.PasswordExpired, fakeokta.Recovery, fakeokta.Provisioned, fakeokta.Staged} {
		t.Run(string(became), func(t *testing.T) {
			w, _ := newTownThatTells(t)
			w.manual("enforce")
			w.okta.UpdateUser(w.users["leo"].ID, func(u *fakeokta.User) { u.Status = became })
			w.notDone(w.revoked(w.id("leo")), exitFailed, "okta suspends nobody who is "+string(became), "NOT all blocked and verified",
				"rollcall revoke --read", "Whom to call", "IT on call, security", "revocation-failed")
			if w.status("leo") != became {
				t.Errorf("a step was widened: leo is %s", w.status("leo"))
			}
			if kinds := w.noticed(); !slices.Contains(kinds, reconcile.NoticeBlockFailed) || slices.Contains(kinds, reconcile.NoticeRevoked) {
				t.Errorf("told: %v", kinds)
			}
			w.want(w.night("nightly"), exitDone)
			if kinds := w.noticed(); !slices.Contains(kinds, reconcile.NoticeBlockFailed) {
				t.Errorf("a night that did nothing about it says that it is cured: %v", kinds)
			}
			w.want(w.revoked(w.id("leo"), "--read"), exitDone, "all blocked and verified")
			if w.status("leo") != fakeokta.Deprovisioned {
				t.Errorf("leo is %s", w.status("leo"))
			}
			w.verified()
		})
	}
}

func TestALoginThatChangedSinceIsNotDone(t *testing.T) {
	w := newTownOfOrders(t)
	w.profile("leo", "login", "leo.new@example.test")
	w.notDone(w.revoked(w.id("leo")), exitFailed, "the account's login is leo.new@example.test now", "NOT all blocked and verified")
	w.want(w.revoked(w.id("leo"), "--read"), exitDone, "all blocked and verified")
	w.blocked("leo")
}

// An order goes by what the last night read: what that could not list is not done.
func TestAnOrderIsNotDoneWhereASystemCouldNotBeListed(t *testing.T) {
	w := newTownOfOrders(t)
	rule := faults.OktaError(http.StatusInternalServerError, "E0000009", "Internal Server Error")
	rule.Match = faults.Path(http.MethodGet, "/api/v1/users")
	w.oktaFaults.Add(rule)
	w.want(w.night("nightly"), exitIncomplete)
	r := w.revoked(w.id("leo"))
	w.notDone(r, exitIncomplete, "okta/users was not read to its end: whether leo Test (employees/E11) can still use it cannot be said")
	if w.status("leo") != fakeokta.Active {
		t.Errorf("leo is %s", w.status("leo"))
	}
	w.notDone(w.revoked(w.id("leo"), "--read"), exitIncomplete, "okta/users")
	w.oktaFaults.Clear()
	w.want(w.revoked(w.id("leo"), "--read"), exitDone, "all blocked and verified")
	w.blocked("leo")
}

// A system that was configured since the last night is known to nobody.
func TestAnOrderIsNotDoneWhereASystemWasNeverRead(t *testing.T) {
	w := newTown(t, fakeokta.Options{})
	okta := w.read("observe.yaml")
	at := strings.Index(okta, "  okta:")
	w.write("observe.yaml", okta[:at]+okta[at+strings.Index(okta[at:], "\n")+1:])
	w.watched()
	w.manual("enforce")
	w.notDone(w.revoked(w.id("leo")), exitIncomplete, "okta/accounts was not read to its end: whether leo Test (employees/E11) can still use it cannot be said",
		"okta/accounts: no run has read it: it is new in the configuration")
	w.want(w.revoked(w.id("leo"), "--read"), exitHeld, "baseline")
}

// What was known as suspended is read again: somebody may have let them in since.
func TestAnOrderReadsAgainWhatWasKnownAsBlocked(t *testing.T) {
	w := newTown(t, fakeokta.Options{})
	w.okta.UpdateUser(w.users["leo"].ID, func(u *fakeokta.User) { u.Status = fakeokta.Suspended })
	w.watched()
	w.manual("enforce")
	w.want(w.revoked(w.id("leo")), exitDone, "all blocked and verified")
	w.okta.UpdateUser(w.users["leo"].ID, func(u *fakeokta.User) { u.Status = fakeokta.Active })
	w.aws.UpdateIAMUser(prodAWS, "leo", unblocked)
	w.want(w.revoked(w.id("leo")), exitDone, "all blocked and verified")
	w.blocked("leo")
	for _, u := range w.aws.State().Users {
		if u.Name == "leo" && (len(u.Attached) == 0 || u.AccessKeys[0].Status != "Inactive") {
			t.Errorf("leo works in AWS: %+v", u)
		}
	}
}

// A night's leaver is finished by the next night, and nobody is told before.
func TestAStepThatANightSkippedIsVisibleAndTheNextNightFinishesIt(t *testing.T) {
	w, _ := newTownThatTells(t)
	w.leave("leo")
	w.arrives = func(s access.System, r *http.Request) {
		if s == "okta" && r.Method == http.MethodGet && r.URL.Path == "/api/v1/users/"+w.users["leo"].ID {
			w.okta.UpdateUser(w.users["leo"].ID, func(u *fakeokta.User) { u.Status = fakeokta.PasswordExpired })
		}
	}
	night := w.night("nightly")
	w.want(night, exitDone, "NOT all blocked and verified", "okta suspends nobody who is PASSWORD_EXPIRED")
	if kinds := w.noticed(); slices.Contains(kinds, reconcile.NoticeRevoked) {
		t.Errorf("of a leaver who can still log in is told: %v", kinds)
	}
	w.arrives = nil
	w.clock.pass(time.Hour)
	w.want(w.night("nightly"), exitDone)
	if w.status("leo") != fakeokta.Deprovisioned {
		t.Errorf("leo is %s", w.status("leo"))
	}
}

// What a night, or a sweep, says of somebody who has left is no more than it knows.
func TestNoRunSaysThatAllIsBlockedWhileSomethingOfTheirsMayWork(t *testing.T) {
	for name, tt := range map[string]struct {
		made func(w *townsfolk)
		says string
	}{
		"held, for the address is somebody else's": {func(w *townsfolk) { w.profile("leo", "email", "mia@example.test") }, "NOT all blocked and verified"},
		"it could be several people's": {func(w *townsfolk) { w.profile("leo", "employeeNumber", "E99") },
			"NOT all blocked and verified: 1 account that could be theirs waits for links.csv"},
	} {
		for _, command := range []string{"nightly", "sweep"} {
			t.Run(name+", "+command, func(t *testing.T) {
				w := newTown(t, fakeokta.Options{})
				tt.made(w)
				w.watched()
				w.leave("leo")
				w.clock.pass(time.Hour)
				r := w.now(command)
				w.want(r, exitDone, tt.says)
				if strings.Contains(strings.ReplaceAll(flat(r.stdout), "NOT all blocked", ""), "all blocked and verified") || w.status("leo") != fakeokta.Active {
					t.Errorf("leo is %s: %s", w.status("leo"), r)
				}
				var told struct {
					Leavers []struct {
						Blocked string `json:"blocked_verified_at"`
					}
				}
				if err := json.Unmarshal([]byte(w.summary()), &told); err != nil || len(told.Leavers) != 1 || told.Leavers[0].Blocked != "" {
					t.Errorf("%v: %+v", err, told)
				}
			})
		}
	}
}

// summary is what the last run told a machine.
func (w *townsfolk) summary() string {
	w.t.Helper()
	return w.read(filepath.Join("reports", string(w.memory().Previous), "summary.json"))
}

func TestASweepAfterANightWithAGapSaysThatNotAllWasRead(t *testing.T) {
	w := newTown(t, fakeokta.Options{})
	w.watched()
	rule := faults.OktaError(http.StatusInternalServerError, "E0000009", "Internal Server Error")
	rule.Match = faults.Path(http.MethodGet, "/api/v1/users")
	w.oktaFaults.Add(rule)
	w.want(w.night("nightly"), exitIncomplete)
	w.leave("leo")
	r, _ := w.swept()
	w.want(r, exitDone, "what was read of theirs is blocked and verified, and NOT all was read", "okta/users was not read to its end")
	if strings.Contains(flat(r.stdout), "all blocked and verified") {
		t.Errorf("leo is %s: %s", w.status("leo"), r)
	}
}

// A plan is never widened; what it says of an account that changed is why.
func TestAPlanThatNoLongerFitsSaysSoAndTheNextNightEndsIt(t *testing.T) {
	w := newTown(t, fakeokta.Options{})
	w.watched()
	w.leave("leo")
	plan := filepath.Join(w.dir, "plan.json")
	w.want(w.now("plan", "--out", plan), exitDone)
	w.okta.UpdateUser(w.users["leo"].ID, func(u *fakeokta.User) { u.Status = fakeokta.PasswordExpired })
	r := w.now("apply", "--plan", plan)
	w.want(r, exitFailed, "a step of the plan failed, was skipped or could not be verified", "NOT all blocked and verified", "suspend skipped: the account is not as it was when this was planned, and other steps end it now: make a new plan, or run the night",
		"deactivate skipped: not in the plan that was applied")
	if strings.Contains(flat(r.stdout), "no certain leaver") || w.status("leo") != fakeokta.PasswordExpired {
		t.Errorf("leo is %s: %s", w.status("leo"), r)
	}
	w.want(w.night("nightly"), exitDone, "all blocked and verified")
	if w.status("leo") != fakeokta.Deprovisioned {
		t.Errorf("leo is %s", w.status("leo"))
	}
}

// unblocked undoes what a block did to an IAM user, as an administrator might.
func unblocked(u *fakeaws.IAMUser) {
	u.Attached = nil
	for n := range u.AccessKeys {
		u.AccessKeys[n].Status = "Active"
	}
}
