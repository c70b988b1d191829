package fewest

import (
	"net/http/httptest"
	"testing"
	"time"

	"rollcall/collectors"
	"rollcall/collectors/okta"
	"rollcall/internal/access"
	"rollcall/internal/sandbox/fakeaws"
	"rollcall/internal/sandbox/fakeokta"
	"rollcall/internal/sandbox/population"
)

func okta5000(t *testing.T) population.OktaCounts {
	t.Helper()
	org, err := population.Okta(population.Okta5000, fakeokta.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return population.CountOkta(org.Rows(), true)
}

func TestFiveThousandPeopleInOktaTake768RequestsAtTheFewestAnd876AtTheFastest(t *testing.T) {
	c := okta5000(t)
	fewest, fastest := oktaMinimum(c, collectors.PreferCalls), oktaMinimum(c, collectors.PreferTime)
	if fewest.Total() != 768 || fastest.Total() != 876 {
		t.Errorf("fewest %d, fastest %d", fewest.Total(), fastest.Total())
	}
	if a, b := oktaBoundAt(fewest, 1), oktaBoundAt(fastest, 1); a != 2*time.Minute || b != time.Minute {
		t.Errorf("at the whole limits they take %s and %s, want 2m and 1m", a, b)
	}
	if a, b := oktaBound(fewest), oktaBound(fastest); a != 5*time.Minute || b != 3*time.Minute {
		t.Errorf("at a share of 0.4 they take %s and %s, want 5m and 3m", a, b)
	}
}

// oktaLogMinimum is the fewest requests that read in the System Log how leavers and
// break-glass accounts were used, which a night does after it has collected: 40
// accounts in a question, since more make too long an address, and 1,000 events on a
// page. The two kinds are asked apart. Which of the questions have how many events is
// by question; one that is read as a poll, so that no event is skipped that came late,
// ends with a page without events, which no plan can save.
// https://developer.okta.com/docs/reference/system-log-query/#polling-requests
func oktaLogMinimum(leavers, breakGlass int, events []int) Requests {
	const accounts = 40
	n := (leavers+accounts-1)/accounts + (breakGlass+accounts-1)/accounts
	for _, some := range events {
		n += (some + 999) / 1000
	}
	return Requests{"GET /api/v1/logs": n}
}

// The log is no part of the collection, and is read by as many requests as there have
// to be: 50 leavers are two questions, and two break-glass accounts one.
func TestTheLogOfFiftyLeaversAndTwoBreakGlassAccountsTakesItsMinimum(t *testing.T) {
	org, err := population.Okta(population.OktaSizes[0], fakeokta.Options{RateLimits: fakeokta.Raised(1_000_000)})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(org)
	defer server.Close()
	k, err := okta.NewCollector(okta.Config{System: "okta", OrgURL: server.URL, Token: population.OktaToken, AllowHTTP: true, Share: OktaShare})
	if err != nil {
		t.Fatal(err)
	}
	since := time.Now().Add(-time.Hour)
	var watches []access.Watch
	for n, u := range org.State().Users[:52] {
		w := access.Watch{Account: access.AccountKey{System: "okta", ID: access.AccountID(u.ID)}, Since: since}
		if n < 50 {
			w.From = since
		}
		watches = append(watches, w)
		if n < 45 { // the last question of leavers has fewer events than a page
			for range 26 {
				org.SignOn(u.ID, "0oa1", since.Add(time.Minute), fakeokta.Client{IP: "203.0.113.7"})
			}
		}
	}
	org.ResetRequests()
	obs := k.Uses(t.Context(), access.Observation{System: "okta"}, watches)
	if len(obs.Uses) != 45*26 || !obs.Aside[0].Complete {
		t.Errorf("%d uses: %+v", len(obs.Uses), obs.Aside)
	}
	got, want := len(org.Requests()), oktaLogMinimum(50, 2, []int{40 * 26, 5 * 26, 0}).Total()
	if got != want || got != 6 {
		t.Errorf("%d requests, the minimum is %d", got, want)
	}
}

func TestAThousandPeopleInAWSTake541RequestsAsPublishedAnd551OfOurOwn(t *testing.T) {
	for _, z := range population.AWSSizes {
		org, err := population.AWS(z, fakeaws.Options{})
		if err != nil {
			t.Fatal(err)
		}
		c := population.CountAWS(org.State(), population.AWSManagement, z.OUs)
		published, ours := AWSPublished(c), awsMinimum(c).Total()
		switch {
		case z.Name == "1000" && (published != 541 || ours != 551):
			t.Errorf("in one account: published %d, ours %d", published, ours)
		case z.Name == "800wide" && awsMinimum(c)["sso:ListAccountAssignmentsForPrincipal"] != 1000:
			t.Errorf("the wide one is not read by principal: %v", awsMinimum(c))
		case z.Name == "1000spread" && (published != 617 || ours != 570):
			t.Errorf("spread: published %d, ours %d", published, ours)
		}
	}
}

func TestAnEmptyListTakesARequestAndAFullPageNoSecond(t *testing.T) {
	for _, tt := range []struct{ rows, size, want int }{{0, 200, 1}, {1, 200, 1}, {200, 200, 1}, {201, 200, 2}} {
		if got := pages(tt.rows, tt.size); got != tt.want {
			t.Errorf("%d rows: %d pages, want %d", tt.rows, got, tt.want)
		}
	}
}

func TestEmptyGroupsOfOktaAreNotAskedAndAppsWithoutAnybodyAre(t *testing.T) {
	p := oktaMinimum(population.OktaCounts{Members: []int{0, 1, 1001}, AppUsers: []int{0, 501}, AppGroups: []int{0, 201}}, collectors.PreferCalls)
	if got := p["GET /api/v1/groups/{id}/users"]; got != 3 {
		t.Errorf("members take %d requests, want 1 and 2", got)
	}
	if got := p["GET /api/v1/apps/{id}/users"]; got != 3 {
		t.Errorf("app users take %d requests, want 1 and 2", got)
	}
	if p["GET /api/v1/apps/{id}/groups"] != 0 || p["GET /api/v1/groups/{id}/apps"] != 0 {
		t.Errorf("no group carries an app, so the groups' side is free: %v", p)
	}
}

func TestAssignmentsAreReadFromTheSideWithFewerRequests(t *testing.T) {
	c := population.AWSCounts{SetAccounts: []int{3}, AccountSets: []int{1, 1, 1}, PairHolders: []int{1, 1, 1}, PrincipalRows: []int{1, 1, 1, 101}}
	p := awsMinimum(c)
	if p["sso:ListAccountsForProvisionedPermissionSet"] != 1 || p["sso:ListAccountAssignments"] != 3 || p["sso:ListAccountAssignmentsForPrincipal"] != 0 {
		t.Errorf("4 by pair against 5 by principal: %v", p)
	}
	c.PrincipalRows = []int{1, 1, 1}
	if p := awsMinimum(c); p["sso:ListAccountAssignmentsForPrincipal"] != 3 || p["sso:ListAccountAssignments"] != 0 {
		t.Errorf("3 by principal against 4 by pair: %v", p)
	}
	c.PrincipalRows, c.SetAccounts, c.AccountSets = []int{101, 101, 101, 101}, []int{1, 1, 1}, []int{3}
	if p := awsMinimum(c); p["sso:ListPermissionSetsProvisionedToAccount"] != 1 {
		t.Errorf("one account against three permission sets: %v", p)
	}
}

func TestAnAccountWithoutUsersHasNoCredentialsToRead(t *testing.T) {
	p := iamMinimum(population.IAMCounts{Items: 1001})
	if p.Total() != 5 || p["iam:ListServiceSpecificCredentials"] != 0 || p["iam:GetAccountAuthorizationDetails"] != 2 {
		t.Errorf("%v", p)
	}
	if p := iamMinimum(population.IAMCounts{Users: 1, Own: true}); p["sts:AssumeRole"] != 0 || p["iam:ListServiceSpecificCredentials"] != 1 {
		t.Errorf("the job's own account: %v", p)
	}
}

func TestIdentityCenterIsBoundByTenRequestsASecondTogether(t *testing.T) {
	p := Requests{"sso:ListInstances": 21, "identitystore:ListUsers": 30, "iam:GetCredentialReport": 500}
	if got := awsBound(p); got != 5*time.Second {
		t.Errorf("51 requests take %s, want 5s", got)
	}
}
