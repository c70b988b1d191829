package main

import (
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"rollcall/internal/sandbox/fakeokta"
	"rollcall/internal/sandbox/faults"
)

func TestCheckConnectShowsEveryScopeAndLeavesNoTrace(t *testing.T) {
	w := newTown(t, fakeokta.Options{})
	w.staffed()
	w.want(w.now("check", "--connect"), exitDone, "okta/users yes", "aws/222222222222/iam yes", "rollcall@example.test")
	if w.sent() != 0 {
		t.Errorf("%d changes were sent", w.sent())
	}
	if _, err := os.Stat(filepath.Join(w.dir, "archive")); !os.IsNotExist(err) {
		t.Errorf("an archive was made: %v", err)
	}
}

func TestCheckConnectNamesTheMissingRight(t *testing.T) {
	w := newTown(t, fakeokta.Options{})
	rule := faults.OktaError(http.StatusForbidden, "E0000006", "You do not have permission to perform the requested action")
	rule.Match = faults.Path(http.MethodGet, "/api/v1/api-tokens")
	w.oktaFaults.Add(rule)
	w.want(w.now("check", "--connect"), exitIncomplete, "okta/api_tokens NO", "okta.apiTokens.read", "okta/users yes", "scopes could not be read to the end")
	w.want(w.now("check", "--connect", "--json"), exitIncomplete, `"kind": "api_tokens"`, `"complete": false`)
}

func TestCheckConnectNamesTheScopeOfTheLog(t *testing.T) {
	w := newTown(t, fakeokta.Options{})
	w.staffed()
	w.want(w.now("check", "--connect"), exitDone, "okta/logs yes")
	rule := faults.OktaError(http.StatusForbidden, "E0000006", "You do not have permission to perform the requested action")
	rule.Match = faults.Path(http.MethodGet, "/api/v1/logs")
	w.oktaFaults.Add(rule)
	w.want(w.now("check", "--connect"), exitIncomplete, "okta/logs NO", "okta.logs.read", "okta/users yes")
}

func TestCheckWithoutConnectCallsNoSystem(t *testing.T) {
	w := newTown(t, fakeokta.Options{})
	w.staffed()
	w.want(w.now("check"), exitDone)
	if n := len(w.okta.Requests()); n != 0 {
		t.Errorf("%d requests", n)
	}
	w.want(w.now("check", "--connect", "--roster", filepath.Join(w.dir, "roster.csv")), exitRefused, "calls no system")
}

func TestCheckTellsABadFileAndAnUnreadSystemTogether(t *testing.T) {
	w := newTown(t, fakeokta.Options{})
	w.policyFile("rolemap", "sistem,nam\nokta,Ann\n")
	rule := faults.OktaError(http.StatusForbidden, "E0000006", "no")
	rule.Match = faults.Path(http.MethodGet, "/api/v1/users")
	w.oktaFaults.Add(rule)
	w.want(w.now("check", "--connect"), exitIncomplete, "rolemap.csv", "okta/users NO")
}
