package fakeokta_test

import (
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"rollcall/internal/sandbox/fakeokta"
	"rollcall/internal/sandbox/fakeokta/oktaspec"
)

func TestATokenHasTheScopesThatWereGrantedAndAskedFor(t *testing.T) {
	o := openOffice(t, nil)
	a := o.ask(o.sign(o.claim(), "k1"), "okta.users.read okta.apps.read okta.groups.manage")
	equal(t, "scope", a.Scope, "okta.users.read okta.groups.manage")
	for path, want := range map[string]int{
		"GET /api/v1/users": 200, "GET /api/v1/groups": 200, "GET /api/v1/apps": 403,
		"POST /api/v1/users/x/lifecycle/suspend": 403, "DELETE /api/v1/groups/x/users/y": 404,
	} {
		method, at, _ := strings.Cut(path, " ")
		got := o.send(method, at, a.Token, nil)
		if got.status != want {
			t.Errorf("%s: %d, want %d", path, got.status, want)
		}
		said := got.header.Get("WWW-Authenticate")
		if want == 403 && (got.Code != "E0000006" || !strings.Contains(said, `error="insufficient_scope"`) ||
			!strings.Contains(said, `scope="`+fakeokta.ScopeOf(method, at)+`"`)) {
			t.Errorf("%s: %+v", path, got)
		}
	}
	if a := o.ask(o.sign(o.claim(), "k1"), "okta.apps.read"); a.status != 400 || a.Error != "consent_required" {
		t.Errorf("nothing granted: %+v", a)
	}
	if a := o.ask(o.sign(o.claim(), "k1"), ""); a.status != 400 || a.Error != "invalid_scope" {
		t.Errorf("nothing asked: %+v", a)
	}
}

// Okta's description names the scope of every operation.
func TestScopesAreThoseThatOktaDescribes(t *testing.T) {
	path, err := oktaspec.Path()
	if err != nil {
		t.Fatal(err)
	}
	doc, err := openapi3.NewLoader().LoadFromFile(path)
	if err != nil {
		t.Fatal(err)
	}
	families := []string{"/api/v1/users", "/api/v1/groups", "/api/v1/apps/{appId}/users", "/api/v1/apps/{appId}/groups", "/api/v1/iam/", "/api/v1/api-tokens", "/api/v1/logs", "/api/v1/devices"}
	judged := 0
	for _, family := range families {
		for at, item := range doc.Paths.Map() {
			for method, operation := range item.Operations() {
				if !strings.HasPrefix(at, family) || operation.Security == nil {
					continue
				}
				for _, way := range *operation.Security {
					scopes := way["oauth2"]
					if len(scopes) == 0 {
						continue
					}
					judged++
					if got := fakeokta.ScopeOf(method, at); got != scopes[0] {
						t.Errorf("%s %s: %s, okta says %v", method, at, got, scopes)
					}
				}
			}
		}
	}
	if judged < 60 {
		t.Errorf("only %d operations were judged", judged)
	}
}
