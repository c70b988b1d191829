package okta

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"rollcall/internal/sandbox/fakeokta"
	"rollcall/internal/sandbox/faults"
)

func TestADeniedGroupCostsItsMembersAndNobodyElses(t *testing.T) {
	s := newSandbox(t, fakeokta.Options{})
	rule := faults.OktaError(403, "E0000006", "You do not have permission to perform the requested action")
	rule.Match = faults.Path("GET", "/api/v1/groups/"+s.engineering.ID+"/users")
	s.Add(rule)
	obs := s.collect(t)

	r := readOf(t, obs, "group_members")
	for _, word := range []string{"group Engineering (" + s.engineering.ID + ")", "403", "E0000006", "grant okta.groups.read to rollcall@example.test"} {
		if r.Complete || !strings.Contains(r.Gap, word) {
			t.Errorf("group_members does not say %q: %+v", word, r)
		}
	}
	for _, kind := range []string{"users", "groups", "group_rules", "apps", "app_groups", "api_tokens"} {
		if r := readOf(t, obs, kind); !r.Complete {
			t.Errorf("%s suffers: %s", kind, r.Gap)
		}
	}
	grants := held(obs)
	for _, line := range []string{"Bob Baker: group Support", "Ann Archer: group AD Staff", "Ann Archer: api_token ann's script"} {
		if !slices.Contains(grants, line) {
			t.Errorf("lost: %s", line)
		}
	}
	if slices.Contains(grants, "Ann Archer: group Engineering") {
		t.Error("members of a group that was not read")
	}
}

func TestEveryDeniedFamilyIsAGapThatNamesTheScopeToGrant(t *testing.T) {
	for _, c := range []struct{ kind, path, scope string }{
		{"users", "/api/v1/users", "okta.users.read"},
		{"groups", "/api/v1/groups", "okta.groups.read"},
		{"group_rules", "/api/v1/groups/rules", "okta.groups.read"},
		{"apps", "/api/v1/apps", "okta.apps.read"},
		{"app_users", "/api/v1/apps/*/users", "okta.apps.read"},
		{"app_groups", "/api/v1/apps/*/groups", "okta.apps.read"},
		{"admin_roles", "/api/v1/iam/assignees/users", "okta.roles.read"},
		{"admin_roles", "/api/v1/iam/resource-sets", "okta.roles.read"},
		{"admin_roles", "/api/v1/users/*/roles", "okta.roles.read"},
		{"admin_roles", "/api/v1/groups/*/roles", "okta.roles.read"},
		{"admin_clients", "/oauth2/v1/clients/*/roles", "okta.roles.read"},
		{"api_tokens", "/api/v1/api-tokens", "okta.apiTokens.read"},
	} {
		s := newSandbox(t, fakeokta.Options{})
		rule := faults.OktaError(403, "E0000006", "You do not have permission to perform the requested action")
		rule.Match = func(r *http.Request) bool {
			return r.URL.Path == c.path || (strings.Contains(c.path, "*") && faults.Path("GET", c.path)(r))
		}
		s.Add(rule)
		r := readOf(t, s.collect(t), c.kind)
		if r.Complete || !strings.Contains(r.Gap, c.scope) || !strings.Contains(r.Gap, "403") {
			t.Errorf("%s denied: %+v", c.path, r)
		}
	}
}

func TestWhatRestsOnAListThatIsBrokenIsIncompleteToo(t *testing.T) {
	for path, kinds := range map[string][]string{
		"/api/v1/groups": {"group_members", "admin_roles"},
		"/api/v1/users":  {"group_members", "app_users", "admin_roles", "api_tokens"},
		"/api/v1/apps":   {"app_users", "app_groups"},
	} {
		because := "it rests on " + strings.TrimPrefix(path, "/api/v1/")
		s := newSandbox(t, fakeokta.Options{})
		s.Add(faults.Rule{Match: func(r *http.Request) bool { return r.URL.Path == path }, Kind: faults.EmptyBody})
		obs := s.collect(t)
		for _, kind := range kinds {
			if r := readOf(t, obs, kind); r.Complete || !strings.Contains(r.Gap, because+":") {
				t.Errorf("%s is broken: %+v", path, r)
			}
		}
	}
}

func TestWhoIsInAGroupOrAnAppAndInNoListOfUsersIsAGap(t *testing.T) {
	const ghost = "00uGhostGhostGhost01"
	for kind, path := range map[string]string{
		"group_members": "/api/v1/groups/*/users", "app_users": "/api/v1/apps/*/users", "admin_roles": "/api/v1/iam/assignees/users",
		"api_tokens": "/api/v1/api-tokens",
	} {
		s := newSandbox(t, fakeokta.Options{})
		s.Add(faults.Rule{Match: faults.Path("GET", path), Kind: faults.Rewrite, Rewrite: func(a *faults.Answer) {
			a.Body = []byte(strings.ReplaceAll(string(a.Body), s.ann.ID, ghost))
		}})
		obs := s.collect(t)
		if r := readOf(t, obs, kind); r.Complete || !strings.Contains(r.Gap, ghost) {
			t.Errorf("%s: %+v", kind, r)
		}
		if r := readOf(t, obs, "users"); !r.Complete {
			t.Errorf("users: %+v", r)
		}
	}
}

func TestNotKnowingWhoActsBecauseTheAnswerWasLostIsAGap(t *testing.T) {
	s := newSandbox(t, fakeokta.Options{})
	s.Add(faults.Rule{Match: faults.Path("GET", "/api/v1/users/me"), Kind: faults.EmptyBody})
	if r := readOf(t, s.collect(t), "users"); r.Complete {
		t.Errorf("users: %+v", r)
	}
}

func TestACancelledCollectIsAnErrorAndOneOutOfTimeIsAllGaps(t *testing.T) {
	s := newSandbox(t, fakeokta.Options{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.collector(t).Collect(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	late, stop := context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
	defer stop()
	obs, err := s.collector(t).Collect(late)
	if err != nil {
		t.Fatalf("a deadline is no stop: %v", err)
	}
	for _, r := range obs.Reads {
		if r.Complete {
			t.Errorf("%s is complete, and there was no time for it", r.Name())
		}
	}
}

func TestManyGapsAreToldInAFewWords(t *testing.T) {
	f := newFamily(groupMembers)
	for i := range 800 {
		f.note(fmt.Sprintf("group %03d", i), "403")
	}
	if gap := f.gap("us"); !strings.Contains(gap, "group 000") || !strings.HasSuffix(gap, "and 790 more") {
		t.Error(gap)
	}
}
