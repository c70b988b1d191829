package main

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/sandbox/fakeokta"
	"rollcall/internal/sandbox/faults"
)

func TestANightBlocksALeaverEverywhereAndTheNextSendsNothing(t *testing.T) {
	w := newTown(t, fakeokta.Options{})
	w.watched()
	w.leave("leo")
	w.want(w.night("nightly"), exitDone)
	w.blocked("leo")
	if len(w.aws.Assignments()) != 0 || len(w.okta.State().APITokens) != 0 {
		t.Errorf("leo can still get in: %v", w.effects())
	}
	w.quiet()
	if r := w.night("nightly"); r.code != exitDone || w.sent() != 0 {
		t.Errorf("%d changes were sent again: %s", w.sent(), r)
	}
	w.verified()
}

func (w *townsfolk) blocked(logins ...string) {
	w.t.Helper()
	for _, login := range logins {
		if s := w.status(login); s != fakeokta.Suspended {
			w.t.Errorf("%s is %s", login, s)
		}
	}
}

func (w *townsfolk) untouched(logins ...string) {
	w.t.Helper()
	for _, login := range logins {
		if s := w.status(login); s != fakeokta.Active {
			w.t.Errorf("%s is %s", login, s)
		}
	}
}

func TestAnObserveNightSendsNoChange(t *testing.T) {
	w := newTown(t, fakeokta.Options{})
	w.watched()
	w.leave("leo")
	w.clock.pass(24 * time.Hour)
	w.watched()
	if w.sent() != 0 || len(w.journals()) != 0 {
		t.Errorf("%d changes, journals %v", w.sent(), w.journals())
	}
}

// What Okta does wrong while it is read, and which list suffers. Okta lists the
// users page by page (2 to a page), so its third page is in the middle.
func TestAnOktaThatCannotListItsUsersBlocksNobodyInOktaAndTheRestIsDone(t *testing.T) {
	users := func(r *http.Request) bool { return r.Method == http.MethodGet && r.URL.Path == "/api/v1/users" }
	throttle := faults.OktaThrottle(600, firstNight, time.Hour) // longer than anybody waits
	server := faults.OktaError(http.StatusInternalServerError, "E0000009", "Internal Server Error")
	for name, tt := range map[string]faults.Rule{
		"429 for ever":  throttle,
		"500 on page 3": {Kind: server.Kind, Code: server.Code, Header: server.Header, Body: server.Body, Skip: 2},
		"cut body":      {Kind: faults.CutBody, Skip: 1},
		"empty 200":     {Kind: faults.EmptyBody, Skip: 1},
	} {
		t.Run(name, func(t *testing.T) {
			w := newTown(t, fakeokta.Options{MaxPage: 2})
			w.watched()
			w.leave("leo")
			tt.Match = users
			fired := w.oktaFaults.Add(tt)
			r := w.night("nightly")
			w.want(r, exitIncomplete, "okta/users")
			w.untouched("leo")
			if fired() == 0 || len(w.aws.Assignments()) != 0 {
				t.Errorf("the fault struck %d times; AWS: %v: %s", fired(), w.aws.Assignments(), r)
			}
			w.oktaFaults.Clear()
			w.want(w.night("nightly"), exitDone)
			w.blocked("leo")
			w.verified()
		})
	}
}

func TestAFaultThatPassesCostsNothing(t *testing.T) {
	for name, rule := range map[string]faults.Rule{
		"429 once":      faults.OktaThrottle(600, firstNight.Add(24*time.Hour), 2*time.Second),
		"503 once":      faults.Unavailable(),
		"cut once":      {Kind: faults.CutBody},
		"empty once":    {Kind: faults.EmptyBody},
		"lost question": {Kind: faults.CloseBeforeReply},
	} {
		t.Run(name, func(t *testing.T) {
			w := newTown(t, fakeokta.Options{MaxPage: 2})
			w.watched()
			w.leave("leo")
			rule.Match, rule.Skip, rule.Times = faults.Path(http.MethodGet, "/api/v1/users"), 2, 1
			fired := w.oktaFaults.Add(rule)
			w.want(w.night("nightly"), exitDone)
			w.blocked("leo")
			if fired() != 1 {
				t.Errorf("the fault struck %d times", fired())
			}
		})
	}
}

func TestA403OnOneGroupIsAGapAndKeepsNoLeaverIn(t *testing.T) {
	w := newTown(t, fakeokta.Options{})
	w.watched()
	w.leave("leo") // who is in the very group
	rule := faults.OktaError(http.StatusForbidden, "E0000006", "You do not have permission to perform the requested action")
	rule.Match = faults.Path(http.MethodGet, "/api/v1/groups/"+w.leaversOnly.ID+"/users")
	fired := w.oktaFaults.Add(rule)
	r := w.night("nightly")
	w.want(r, exitIncomplete, "Old hands")
	w.blocked("leo")
	if fired() == 0 || len(w.aws.Assignments()) != 0 {
		t.Errorf("the fault struck %d times: %s", fired(), r)
	}
	w.verified()
}

func TestARefusedRevocationFailsAloneAndTheNextNightTriesAgain(t *testing.T) {
	w := newTown(t, fakeokta.Options{})
	w.watched()
	w.leave("leo", "mia")
	rule := faults.OktaError(http.StatusForbidden, "E0000006", "You do not have permission to perform the requested action")
	rule.Match = faults.Path(http.MethodPost, "/api/v1/users/"+w.users["leo"].ID+"/lifecycle/suspend")
	w.oktaFaults.Add(rule)
	w.want(w.night("nightly"), exitFailed, "E0000006")
	w.untouched("leo")
	w.blocked("mia")
	w.verified()
	w.oktaFaults.Clear()
	w.want(w.night("nightly"), exitDone)
	w.blocked("leo", "mia")
}

func TestARosterThatLostHalfItsRowsIsRefusedAndCertainLeaversAreStillBlocked(t *testing.T) {
	w := newTown(t, fakeokta.Options{})
	w.watched()
	w.leave("leo")
	w.clock.pass(24 * time.Hour)
	w.watched() // leo is a certain leaver of an accepted list, and nothing was done yet
	w.left["gus"] = true
	w.roster("ann", "bob", "cid", "dan", "eve", "fay", "leo")
	r := w.night("nightly")
	w.want(r, exitHeld, "roster.csv has 5 people, the list in force has 12: 7 fewer", "check the report's filter")
	w.blocked("leo")
	w.untouched("ann", "bob", "cid", "dan", "eve", "fay", "gus", "mia")
	if rows := w.memory().Accepted["employees"].Rows; rows != 12 {
		t.Errorf("a list of %d people is in force", rows)
	}
	w.verified()
}

func TestARosterThatIsNoTableIsRefusedInHRsWords(t *testing.T) {
	w := newTown(t, fakeokta.Options{})
	w.watched()
	w.write("roster.csv", "employee_id;email\nE01;ann@example.test\n")
	w.want(w.night("nightly"), exitHeld, "The last accepted list stays in force")
	if err := os.Remove(filepath.Join(w.dir, "roster.csv")); err != nil {
		t.Fatal(err)
	}
	w.want(w.night("nightly"), exitHeld, "The file could not be opened: there is no such file.", "Put the newest export at roster.csv.")
	w.verified()
}

func TestAFirstNightThatEnforcesHoldsEverythingAndTheNextActs(t *testing.T) {
	w := newTown(t, fakeokta.Options{})
	w.leave("leo")
	w.want(w.night("nightly"), exitHeld, "no earlier night has read all of okta", "the next night has this one as its baseline and acts")
	w.untouched("leo")
	if w.sent() != 0 {
		t.Errorf("%d changes were sent", w.sent())
	}
	w.want(w.night("nightly"), exitDone)
	w.blocked("leo")
	w.verified()
}

func TestApplyCarriesOutThePlanAndSkipsWhoeverCameBack(t *testing.T) {
	w := newTown(t, fakeokta.Options{})
	w.watched()
	w.leave("leo", "mia")
	plan := filepath.Join(w.dir, "plan.json")
	w.want(w.night("plan", "--out", plan), exitDone)
	w.left["leo"] = false
	w.leave("jon") // left since: not in the plan
	w.want(w.now("apply", "--plan", plan), exitDone)
	w.blocked("mia")
	w.untouched("leo", "jon")
	w.verified()
}

func TestAPlanThatIsAlteredOldOrOfAnotherConfigurationIsRefused(t *testing.T) {
	w := newTown(t, fakeokta.Options{})
	w.watched()
	w.leave("leo")
	plan := filepath.Join(w.dir, "plan.json")
	w.want(w.night("plan", "--out", plan), exitDone)
	b, err := os.ReadFile(plan)
	if err != nil {
		t.Fatal(err)
	}
	w.write("altered.json", strings.Replace(string(b), w.users["leo"].ID, w.users["mia"].ID, 1))
	w.want(w.now("apply", "--plan", filepath.Join(w.dir, "altered.json")), exitRefused, "the plan was altered after it was written")
	w.want(play(t.Context(), w.clock, nil, "apply", "--config", filepath.Join(w.dir, "observe.yaml"), "--plan", plan), exitRefused, "mode: observe")
	w.want(w.night("apply", "--plan", plan), exitRefused, "may be 24h0m0s old at the most")
	w.want(w.now("plan", "--out", plan), exitDone)
	settings := w.read("rollcall.yaml")
	w.write("rollcall.yaml", settings+"# changed\n")
	w.want(w.now("apply", "--plan", plan), exitRefused, "another configuration")
	w.untouched("leo", "mia")
}

// policyFile makes the configuration name one more file of policy.
func (w *townsfolk) policyFile(key, content string) {
	w.t.Helper()
	b := w.read("rollcall.yaml")
	if key != "rolemap" {
		w.write("rollcall.yaml", strings.Replace(b, "{rolemap: rolemap.csv}", "{rolemap: rolemap.csv, "+key+": "+key+".csv}", 1))
	}
	w.write(key+".csv", content)
}

func TestAFileOfPolicyThatDecidesNoDepartureKeepsNoLeaverIn(t *testing.T) {
	for key, says := range map[string]string{
		"rolemap":    "No grant is judged",
		"exceptions": "No grant is judged",
		"contacts":   "Notices cannot say whom to call",
	} {
		t.Run(key, func(t *testing.T) {
			w := newTown(t, fakeokta.Options{})
			w.watched()
			w.policyFile(key, "sistem,nam\nokta,Ann\n")
			w.leave("leo")
			w.want(w.night("nightly"), exitIncomplete, key+".csv", says)
			w.blocked("leo")
			w.untouched("ann", "mia")
			w.verified()
		})
	}
}

func TestARoleMapThatCannotBeUsedAccusesNobodyAndForgetsNothing(t *testing.T) {
	w := newTown(t, fakeokta.Options{})
	good := w.read("rolemap.csv")
	w.watched()
	before := w.memory().FirstSeen
	w.policyFile("rolemap", "sistem,nam\nokta,Ann\n")
	r := w.night("nightly")
	w.want(r, exitIncomplete)
	if strings.Contains(r.stdout, "unexpected_grant") || strings.Contains(r.stdout, "unmapped_role") {
		t.Errorf("a role map that nobody could read accuses: %s", r)
	}
	w.write("rolemap.csv", good)
	w.want(w.night("nightly"), exitDone, "unexpected_grant")
	if d := cmp.Diff(before, w.memory().FirstSeen); d != "" {
		t.Errorf("the night without a role map changed when findings were first seen (-before +after):\n%s", d)
	}
}

func TestARegisterThatCannotBeUsedRefusesTheNight(t *testing.T) {
	for _, key := range []string{"nonhuman", "links", "answers"} {
		t.Run(key, func(t *testing.T) {
			w := newTown(t, fakeokta.Options{})
			w.watched()
			w.policyFile(key, "sistem,nam\nokta,Ann\n")
			w.leave("leo")
			w.want(w.night("nightly"), exitRefused, key+".csv", "nothing was attempted")
			w.untouched("leo")
		})
	}
}
