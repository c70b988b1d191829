package main

import (
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
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

func TestCheckConnectLetsTheCredentialsThatBlockLookAndChangeNothing(t *testing.T) {
	w := newTown(t, fakeokta.Options{})
	w.staffed()
	r := w.now("check", "--connect")
	w.want(r, exitDone, "The credentials that block (looked, changed nothing", "okta: can look at ", "aws: can look at ")
	if w.sent() != 0 {
		t.Errorf("%d changes were sent", w.sent())
	}
	w.want(w.now("check", "--connect", "--json"), exitDone, `"revoking": [`, `"saw": [`)
}

// A role that does not cover somebody answers as if there were no such user: on the night
// on which they leave, it could not block them.
func TestCheckConnectNamesWhomACredentialThatBlocksDoesNotSee(t *testing.T) {
	w := newTown(t, fakeokta.Options{})
	w.staffed()
	byID := regexp.MustCompile(`^/api/v1/users/00u[^/]+$`)
	unseen := faults.OktaError(http.StatusNotFound, "E0000007", "Not found: Resource not found: (User)")
	unseen.Match = func(r *http.Request) bool { return byID.MatchString(r.URL.Path) }
	w.oktaFaults.Add(unseen)
	w.oktaFaults.Add(faults.Rule{Kind: faults.Status, Code: http.StatusOK, Body: `[]`, Header: http.Header{"Content-Type": {"application/json"}},
		Match: func(r *http.Request) bool { return strings.HasPrefix(r.URL.Query().Get("filter"), "id eq") }})
	w.want(w.now("check", "--connect"), exitIncomplete, "okta: NO: it cannot look at ", "give it a role over all users", "1 credential(s) that block cannot look at whom they have to block", "aws: can look at ")
}

// Break-glass accounts and others that policy protects are outside of that role on purpose.
func TestACredentialThatBlocksNeedNotSeeWhomPolicyProtects(t *testing.T) {
	w := newTown(t, fakeokta.Options{})
	w.staffed()
	unseen := faults.OktaError(http.StatusNotFound, "E0000007", "Not found: Resource not found: (User)")
	ann := w.users["ann"].ID
	unseen.Match = faults.Path(http.MethodGet, "/api/v1/users/"+ann)
	w.oktaFaults.Add(unseen)
	w.want(w.now("check", "--connect"), exitIncomplete, "okta: NO: it cannot look at ann@example.test", "okta lists the user all the same")
	b, err := os.ReadFile(filepath.Join(w.dir, "rollcall.yaml"))
	w.must(err)
	w.write("rollcall.yaml", strings.ReplaceAll(string(b), "rolemap: rolemap.csv", `rolemap: rolemap.csv, protected: ["ann@*"]`))
	if r := w.now("check", "--connect"); r.code != exitDone || strings.Contains(r.stdout, "look at ann@") {
		t.Errorf("it looked at whom policy protects: %s", r)
	}
}

// A secret that is not on this machine may be on that of the night; one that is here and
// cannot be used is broken there, too.
func TestCheckConnectTellsABrokenCredentialFromOneThatIsNotHere(t *testing.T) {
	w := newTown(t, fakeokta.Options{})
	w.staffed()
	b, err := os.ReadFile(filepath.Join(w.dir, "rollcall.yaml"))
	w.must(err)
	with := func(credential string) {
		w.write("rollcall.yaml", strings.ReplaceAll(string(b), "revoke_token: {env: OKTA_REVOKE_TOKEN}", credential))
	}
	with("revoke_token: {env: OKTA_ELSEWHERE}")
	w.want(w.now("check", "--connect"), exitDone, "okta: not tried: its secret is not here", "aws: can look at ")
	w.write("revoke.pem", "no key\n")
	w.must(os.Chmod(filepath.Join(w.dir, "revoke.pem"), 0o600))
	with("revoke_client_id: 0oarevoke001, revoke_private_key: {file: revoke.pem}, revoke_key_id: k1")
	w.want(w.now("check", "--connect"), exitIncomplete, "okta: NO: its credential cannot be used: ", "aws: can look at ")
}
