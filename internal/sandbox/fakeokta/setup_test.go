package fakeokta_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/okta/okta-sdk-golang/v2/okta"
	"go.uber.org/goleak"

	"rollcall/internal/sandbox/fakeokta"
	"rollcall/internal/sandbox/fakeokta/oktaspec"
)

// The SDK starts a cache janitor with every client, even with the cache off,
// and its finalizer stops it: that one is not ours.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreTopFunction("github.com/patrickmn/go-cache.(*janitor).Run"))
}

var start = time.Date(2026, 11, 23, 1, 0, 0, 0, time.UTC)

func fixed() time.Time { return start }

// sandbox is a server under the judge and the real SDK in front of it.
type sandbox struct {
	*fakeokta.Server
	t      *testing.T
	url    string
	client *okta.Client
}

func open(t *testing.T, opts fakeokta.Options) *sandbox {
	t.Helper()
	if opts.Now == nil {
		opts.Now = fixed
	}
	if opts.RateLimits == nil {
		opts.RateLimits = fakeokta.Raised(1_000_000)
	}
	if opts.Tokens == nil {
		opts.Tokens = map[string]fakeokta.Token{"secret": {Name: "job"}, "reader": {Name: "reader", ReadOnly: true}}
	}
	s := fakeokta.New(opts)
	ts := httptest.NewServer(oktaspec.Judge(t, s))
	t.Cleanup(ts.Close)
	return &sandbox{Server: s, t: t, url: ts.URL, client: connect(t, ts.URL, "secret")}
}

func openPopulated(t *testing.T, opts fakeokta.Options) (*sandbox, populated) {
	t.Helper()
	s := open(t, opts)
	return s, populate(s.Server)
}

func connect(t *testing.T, url, secret string) *okta.Client {
	t.Helper()
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	_, client, err := okta.NewClient(context.Background(),
		okta.WithOrgUrl(url), okta.WithToken(secret), okta.WithCache(false), okta.WithRateLimitMaxRetries(0),
		okta.WithTestingDisableHttpsCheck(true),
		okta.WithHttpClientPtr(&http.Client{Timeout: 20 * time.Second, Transport: transport}))
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// raw sends what the SDK has no method for, through its own executor.
func (s *sandbox) raw(method, path string, out any) *okta.Response {
	s.t.Helper()
	resp, err := s.try(method, path, out)
	if err != nil {
		s.t.Fatalf("%s %s: %v", method, path, err)
	}
	return resp
}

func (s *sandbox) try(method, path string, out any) (*okta.Response, error) {
	s.t.Helper()
	executor := s.client.CloneRequestExecutor()
	req, err := executor.NewRequest(method, path, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	return executor.Do(s.t.Context(), req, out)
}

// refused wants this status and error code.
func refused(t *testing.T, what string, resp *okta.Response, err error, status int, code string) {
	t.Helper()
	failure, ok := err.(*okta.Error)
	if !ok || resp == nil || resp.StatusCode != status || failure.ErrorCode != code {
		t.Fatalf("%s: got %v, %v, want %d %s", what, resp, err, status, code)
	}
}

func must[T any](t *testing.T) func(T, *okta.Response, error) T {
	return func(v T, _ *okta.Response, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func equal[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Fatalf("%s: got %v, want %v", what, got, want)
	}
}

func person(n int, status fakeokta.Status) fakeokta.User {
	name := fmt.Sprintf("person%03d", n)
	return fakeokta.User{Status: status, Profile: map[string]any{
		"login": name + "@corp.example", "email": name + "@corp.example", "firstName": "Person",
		"lastName": fmt.Sprintf("Nr%03d", n), "employeeNumber": fmt.Sprint(1000 + n), "title": "Engineer",
		"department": "R&D", "managerId": "1000", "costCenterCode": 4711,
	}}
}

// populated is a small organisation that has one of everything.
type populated struct {
	users                  []fakeokta.User
	team, byRule, ad       fakeokta.Group
	saml, oidc, bookmark   fakeokta.App
	rule                   fakeokta.GroupRule
	role                   fakeokta.CustomRole
	set                    fakeokta.ResourceSet
	super, custom, byGroup fakeokta.RoleAssignment
	token                  fakeokta.APIToken
}

// populate makes users 0..11: 0 is super admin, 9 suspended, 10 locked out,
// 11 deprovisioned.
func populate(s *fakeokta.Server) populated {
	var p populated
	for n := range 12 {
		status := map[int]fakeokta.Status{9: fakeokta.Suspended, 10: fakeokta.LockedOut, 11: fakeokta.Deprovisioned}[n]
		u := person(n, status)
		u.Sessions, u.OAuthTokens, u.LastLogin = 2, 3, start.Add(-time.Hour)
		p.users = append(p.users, s.AddUser(u))
	}
	id := func(n int) string { return p.users[n].ID }
	p.team = s.AddGroup(fakeokta.Group{Name: "team", Description: "a team"})
	p.byRule = s.AddGroup(fakeokta.Group{Name: "engineers"})
	p.ad = s.AddGroup(fakeokta.Group{Name: "ad", Type: fakeokta.TypeAppGroup})
	p.rule = s.AddGroupRule(fakeokta.GroupRule{Name: "engineers", Expression: `user.title=="Engineer"`, GroupIDs: []string{p.byRule.ID}})
	s.AddMember(p.team.ID, id(0), id(1), id(2), id(11))
	s.AddRuleMember(p.byRule.ID, p.rule.ID, id(1), id(2), id(3))
	s.AddMember(p.ad.ID, id(1))

	p.saml = s.AddApp(fakeokta.App{Label: "Payroll"})
	p.oidc = s.AddApp(fakeokta.App{Label: "Wiki", SignOnMode: "OPENID_CONNECT"})
	p.bookmark = s.AddApp(fakeokta.App{Label: "Canteen", SignOnMode: "BOOKMARK"})
	s.AddApp(fakeokta.App{Label: "Store", SignOnMode: "SECURE_PASSWORD_STORE"})
	s.AddApp(fakeokta.App{Label: "Plugin", SignOnMode: "BROWSER_PLUGIN"})
	s.AddApp(fakeokta.App{Label: "Old", Status: "INACTIVE"})
	s.AssignUser(p.saml.ID, id(1), id(4))
	s.AssignGroup(p.saml.ID, p.team.ID)

	p.role = s.AddCustomRole(fakeokta.CustomRole{Label: "Unlocker", Description: "unlocks people"})
	p.set = s.AddResourceSet(fakeokta.ResourceSet{Label: "all people", Resources: []fakeokta.Resource{{ORN: "orn:okta:directory:o:users"}}})
	p.super = s.AddRole(fakeokta.RoleAssignment{Assignee: id(0), Type: "SUPER_ADMIN"})
	p.custom = s.AddRole(fakeokta.RoleAssignment{Assignee: id(1), RoleID: p.role.ID, ResourceSetID: p.set.ID})
	p.byGroup = s.AddRole(fakeokta.RoleAssignment{To: fakeokta.ToGroup, Assignee: p.team.ID, Type: "READ_ONLY_ADMIN"})
	p.token = s.AddAPIToken(fakeokta.APIToken{Name: "script", UserID: id(1)})
	for _, kind := range []string{"push", "webauthn", "sms", "token:software:totp"} {
		s.AddFactor(fakeokta.Factor{UserID: id(1), Type: kind})
	}
	s.AddGrant(fakeokta.Grant{UserID: id(1), ClientName: "Wiki", ScopeID: "okta.users.read"})
	return p
}
