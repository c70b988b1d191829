package fakeokta_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/okta/okta-sdk-golang/v2/okta"
	"github.com/okta/okta-sdk-golang/v2/okta/query"

	"rollcall/internal/sandbox/fakeokta"
)

func TestReadsUsers(t *testing.T) {
	s, p := openPopulated(t, fakeokta.Options{})
	list := func(qp *query.Params) []*okta.User {
		return must[[]*okta.User](t)(s.client.User.ListUsers(t.Context(), qp))
	}

	equal(t, "without deactivated", len(list(&query.Params{Limit: 200})), 11)
	gone := list(&query.Params{Filter: `status eq "DEPROVISIONED"`})
	equal(t, "deactivated", len(gone), 1)
	equal(t, "who", gone[0].Id, p.users[11].ID)
	equal(t, "login", len(list(&query.Params{Filter: `profile.login eq "person003@corp.example"`})), 1)
	equal(t, "updated since", len(list(&query.Params{Filter: `lastUpdated gt "2026-11-22T00:00:00.000Z"`})), 12)
	equal(t, "updated since, and", len(list(&query.Params{Filter: `lastUpdated gt "2030-01-01T00:00:00.000Z" and status eq "ACTIVE"`})), 0)
	equal(t, "or", len(list(&query.Params{Filter: `status eq "SUSPENDED" or status eq "LOCKED_OUT"`})), 2)
	equal(t, "search", len(list(&query.Params{Search: `profile.employeeNumber eq "1004"`})), 1)
	equal(t, "q", len(list(&query.Params{Q: "person"})), 10)
	_, resp, err := s.client.User.ListUsers(t.Context(), &query.Params{Filter: `profile.title eq "x"`})
	refused(t, "filter on title", resp, err, 400, "E0000031")

	u := must[*okta.User](t)(s.client.User.GetUser(t.Context(), p.users[1].ID))
	equal(t, "title", (*u.Profile)["title"], any("Engineer"))
	equal(t, "provider", u.Credentials.Provider.Type, "OKTA")
	equal(t, "by login", must[*okta.User](t)(s.client.User.GetUser(t.Context(), "person001@corp.example")).Id, u.Id)
	_, resp, err = s.client.User.GetUser(t.Context(), "00u0000000000000nope")
	refused(t, "no such user", resp, err, 404, "E0000007")
	equal(t, "groups", len(must[[]*okta.Group](t)(s.client.User.ListUserGroups(t.Context(), u.Id))), 4)
}

func TestReadsWhatAUserHolds(t *testing.T) {
	s, p := openPopulated(t, fakeokta.Options{})
	id := p.users[1].ID
	roles := must[[]*okta.Role](t)(s.client.User.ListAssignedRolesForUser(t.Context(), id, nil))
	equal(t, "roles", len(roles), 2)
	var raw []map[string]any
	s.raw("GET", "/api/v1/users/"+id+"/roles?expand=targets%2Fgroups", &raw)
	found := map[string]any{}
	for _, r := range raw {
		found[r["type"].(string)] = r["resource-set"]
	}
	if diff := cmp.Diff(map[string]any{"CUSTOM": p.set.ID, "READ_ONLY_ADMIN": nil}, found); diff != "" {
		t.Fatal(diff)
	}
	equal(t, "one role", must[*okta.Role](t)(s.client.User.GetUserRole(t.Context(), p.users[0].ID, p.super.ID)).Type, "SUPER_ADMIN")
	equal(t, "factors", len(must[[]okta.Factor](t)(s.client.UserFactor.ListFactors(t.Context(), id))), 4)
	equal(t, "grants", len(must[[]*okta.OAuth2ScopeConsentGrant](t)(s.client.User.ListUserGrants(t.Context(), id, nil))), 1)
	equal(t, "clients", len(must[[]*okta.OAuth2Client](t)(s.client.User.ListUserClients(t.Context(), id))), 1)
	_, resp, err := s.client.User.ListUserGrants(t.Context(), "00u0000000000000nope", nil)
	refused(t, "grants of nobody", resp, err, 404, "E0000007")
}

func TestReadsGroups(t *testing.T) {
	s, p := openPopulated(t, fakeokta.Options{})
	var groups []struct {
		ID       string `json:"id"`
		Embedded struct {
			Stats map[string]any `json:"stats"`
		} `json:"_embedded"`
	}
	s.raw("GET", "/api/v1/groups?expand=stats&limit=200", &groups)
	stats := map[string]map[string]any{}
	for _, g := range groups {
		stats[g.ID] = g.Embedded.Stats
	}
	want := map[string]any{"usersCount": 4.0, "appsCount": 1.0, "groupPushMappingsCount": 0.0, "hasAdminPrivlege": true}
	if diff := cmp.Diff(want, stats[p.team.ID]); diff != "" {
		t.Fatal(diff)
	}
	equal(t, "everyone", stats[s.Everyone()]["usersCount"], any(12.0))
	equal(t, "by type", len(must[[]*okta.Group](t)(s.client.Group.ListGroups(t.Context(), &query.Params{Filter: `type eq "APP_GROUP"`}))), 1)
	equal(t, "name", must[*okta.Group](t)(s.client.Group.GetGroup(t.Context(), p.team.ID)).Profile.Name, "team")
	members := must[[]*okta.User](t)(s.client.Group.ListGroupUsers(t.Context(), p.team.ID, &query.Params{Limit: 1000}))
	equal(t, "members, deactivated too", len(members), 4)
	equal(t, "apps", len(must[[]okta.App](t)(s.client.Group.ListAssignedApplicationsForGroup(t.Context(), p.team.ID, nil))), 1)
	equal(t, "roles", len(must[[]*okta.Role](t)(s.client.Group.ListGroupAssignedRoles(t.Context(), p.team.ID, nil))), 1)
	rules := must[[]*okta.GroupRule](t)(s.client.Group.ListGroupRules(t.Context(), &query.Params{Limit: 200}))
	equal(t, "rule", rules[0].Conditions.Expression.Value, p.rule.Expression)
}

func TestReadsApps(t *testing.T) {
	s, p := openPopulated(t, fakeokta.Options{})
	all := func(qp *query.Params) int {
		return len(must[[]okta.App](t)(s.client.Application.ListApplications(t.Context(), qp)))
	}
	yes := true
	equal(t, "active", all(&query.Params{Limit: 200}), 5)
	equal(t, "with inactive", all(&query.Params{IncludeNonDeleted: &yes}), 6)
	equal(t, "inactive", all(&query.Params{Filter: `status eq "INACTIVE"`}), 1)
	equal(t, "of a user", all(&query.Params{Filter: `user.id eq "` + p.users[2].ID + `"`}), 1)
	equal(t, "of a group", all(&query.Params{Filter: `group.id eq "` + p.team.ID + `"`}), 1)
	for _, a := range []fakeokta.App{p.saml, p.oidc, p.bookmark} {
		got := must[okta.App](t)(s.client.Application.GetApplication(t.Context(), a.ID, okta.NewApplication(), nil)).(*okta.Application)
		equal(t, "sign-on mode", got.SignOnMode, a.SignOnMode)
	}
	scopes := map[string]string{}
	for _, u := range must[[]*okta.AppUser](t)(s.client.Application.ListApplicationUsers(t.Context(), p.saml.ID, &query.Params{Limit: 500})) {
		scopes[u.Id] = u.Scope
	}
	want := map[string]string{p.users[0].ID: "GROUP", p.users[1].ID: "USER", p.users[2].ID: "GROUP", p.users[4].ID: "USER"}
	if diff := cmp.Diff(want, scopes); diff != "" {
		t.Fatal(diff)
	}
	groups := must[[]*okta.ApplicationGroupAssignment](t)(s.client.Application.ListApplicationGroupAssignments(t.Context(), p.saml.ID, &query.Params{Limit: 200}))
	equal(t, "group", groups[0].Id, p.team.ID)
}

func TestReadsAdministration(t *testing.T) {
	s, p := openPopulated(t, fakeokta.Options{})
	var body map[string]any
	read := func(path, list string) []any {
		t.Helper()
		body = nil
		s.raw("GET", path, &body)
		rows, ok := body[list].([]any)
		if !ok {
			t.Fatalf("%s: %v", path, body)
		}
		return rows
	}
	set := "/api/v1/iam/resource-sets/" + p.set.ID
	equal(t, "assignees", len(read("/api/v1/iam/assignees/users?limit=100", "value")), 2)
	equal(t, "roles", len(read("/api/v1/iam/roles", "roles")), 1)
	equal(t, "sets", len(read("/api/v1/iam/resource-sets", "resource-sets")), 1)
	equal(t, "bindings", len(read(set+"/bindings", "roles")), 1)
	equal(t, "resources", len(read(set+"/resources", "resources")), 1)
	member := read(set+"/bindings/"+p.role.ID+"/members", "members")[0].(map[string]any)
	self := member["_links"].(map[string]any)["self"].(map[string]any)["href"].(string)
	equal(t, "member", strings.TrimPrefix(self, s.url), "/api/v1/users/"+p.users[1].ID)

	var tokens []map[string]any
	s.raw("GET", "/api/v1/api-tokens", &tokens)
	equal(t, "owner", tokens[0]["userId"], any(p.users[1].ID))
	equal(t, "org", must[*okta.OrgSetting](t)(s.client.OrgSetting.GetOrgSettings(t.Context())).CompanyName, "Rollcall Sandbox")
	s.SetToken("owned", fakeokta.Token{Name: "owned", UserID: p.users[0].ID})
	owned := connect(t, s.url, "owned")
	equal(t, "me", must[*okta.User](t)(owned.User.GetUser(t.Context(), "me")).Id, p.users[0].ID)
}

func TestReadsLogs(t *testing.T) {
	s, p := openPopulated(t, fakeokta.Options{})
	for _, n := range []int{2, 3} {
		if _, err := s.client.User.SuspendUser(t.Context(), p.users[n].ID); err != nil {
			t.Fatal(err)
		}
	}
	events, resp, err := s.client.LogEvent.GetLogs(t.Context(), &query.Params{
		Since: "2026-11-22T00:00:00.000Z", Filter: `target.id eq "` + p.users[2].ID + `"`, Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "events", len(events), 2)
	equal(t, "first", events[0].EventType, "user.lifecycle.suspend")
	equal(t, "polling has a next page", resp.HasNextPage(), true)
	events, resp, err = s.client.LogEvent.GetLogs(t.Context(), &query.Params{Until: "2026-11-24T00:00:00.000Z"})
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "all", len(events), 4)
	equal(t, "a span has an end", resp.HasNextPage(), false)
}

// ids collects every page's ids by following the Link headers, or _links.
func (s *sandbox) ids(path string) []string {
	s.t.Helper()
	out := []string{}
	for pages := 0; path != ""; pages++ {
		if pages > 1000 {
			s.t.Fatal("endless paging")
		}
		var raw json.RawMessage
		resp := s.raw("GET", path, &raw)
		rows, next := page(s.t, raw, resp.Response)
		for _, row := range rows {
			out = append(out, row["id"].(string))
		}
		path = strings.TrimPrefix(next, s.url)
	}
	return out
}

func page(t *testing.T, raw json.RawMessage, resp *http.Response) (rows []map[string]any, next string) {
	t.Helper()
	for _, l := range resp.Header.Values("Link") {
		if strings.HasSuffix(l, `; rel="next"`) {
			next = strings.Trim(strings.TrimSuffix(l, `; rel="next"`), "<>")
		}
	}
	if raw[0] == '[' {
		if err := json.Unmarshal(raw, &rows); err != nil {
			t.Fatal(err)
		}
		return rows, next
	}
	var body map[string]json.RawMessage
	if err := json.Unmarshal(raw, &body); err != nil {
		t.Fatal(err)
	}
	for name, value := range body {
		if name == "_links" {
			var links map[string]struct{ Href string }
			if err := json.Unmarshal(value, &links); err != nil {
				t.Fatal(err)
			}
			next = links["next"].Href
		} else if err := json.Unmarshal(value, &rows); err != nil {
			t.Fatal(err)
		}
	}
	return rows, next
}

func TestPagingEqualsNoPaging(t *testing.T) {
	whole, paged := open(t, fakeokta.Options{}), open(t, fakeokta.Options{MaxPage: 1})
	p := populate(whole.Server)
	populate(paged.Server)
	set := "/api/v1/iam/resource-sets/" + p.set.ID
	for _, path := range []string{
		"/api/v1/users", "/api/v1/users?filter=" + url.QueryEscape(`status eq "ACTIVE"`),
		"/api/v1/users/" + p.users[1].ID + "/groups", "/api/v1/users/" + p.users[1].ID + "/grants",
		"/api/v1/groups", "/api/v1/groups?expand=stats", "/api/v1/groups/rules",
		"/api/v1/groups/" + whole.Everyone() + "/users", "/api/v1/groups/" + p.team.ID + "/apps",
		"/api/v1/apps", "/api/v1/apps/" + p.saml.ID + "/users", "/api/v1/apps/" + p.saml.ID + "/groups",
		"/api/v1/iam/assignees/users", "/api/v1/iam/roles", "/api/v1/iam/resource-sets",
		set + "/bindings", set + "/resources", set + "/bindings/" + p.role.ID + "/members",
	} {
		want := whole.ids(path)
		if len(want) == 0 {
			t.Errorf("%s: nothing to compare", path)
		}
		if diff := cmp.Diff(want, paged.ids(path)); diff != "" {
			t.Errorf("%s (-one page +many):\n%s", path, diff)
		}
	}
}

func TestSDKFollowsTheLinkHeaders(t *testing.T) {
	s := open(t, fakeokta.Options{MaxPage: 5})
	populate(s.Server)
	users, resp, err := s.client.User.ListUsers(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for resp.HasNextPage() {
		var more []*okta.User
		if resp, err = resp.Next(t.Context(), &more); err != nil {
			t.Fatal(err)
		}
		users = append(users, more...)
	}
	equal(t, "users", len(users), 11)
	equal(t, "requests", len(s.Requests()), 3)
}
