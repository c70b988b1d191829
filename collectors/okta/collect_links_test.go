package okta

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/access"
	"rollcall/internal/sandbox/fakeokta"
	"rollcall/internal/sandbox/faults"
)

// slowApps makes the plan for time read the links from the groups.
func slowApps(t *testing.T) *sandbox {
	t.Helper()
	limits := fakeokta.Raised(500_000)
	limits[fakeokta.AppsBucket] = 100_000
	return newSandbox(t, fakeokta.Options{RateLimits: limits})
}

// asked says which of the two sides the links were read from.
func (s *sandbox) asked() (apps, groups bool) {
	for _, r := range s.Requests() {
		apps = apps || strings.HasPrefix(r.Path, "/api/v1/apps/") && strings.HasSuffix(r.Path, "/groups")
		groups = groups || strings.HasPrefix(r.Path, "/api/v1/groups/") && strings.HasSuffix(r.Path, "/apps")
	}
	return apps, groups
}

func wantComplete(t *testing.T, obs access.Observation) {
	t.Helper()
	for _, r := range obs.Reads {
		if !r.Complete {
			t.Errorf("%s has a gap: %s", r.Kind, r.Gap)
		}
	}
}

func TestLinksReadFromTheGroupsAreThoseReadFromTheApps(t *testing.T) {
	s := slowApps(t)
	obs := s.collect(t)
	wantComplete(t, obs)
	if apps, groups := s.asked(); apps || !groups {
		t.Errorf("asked apps %v, groups %v", apps, groups)
	}
	if d := diffOfFacts(newSandbox(t, fakeokta.Options{}).collect(t), obs); d != "" {
		t.Errorf("from the apps, from the groups:\n%s", d)
	}
	r := readOf(t, obs, "app_groups")
	if r.Records != 3 || r.ClaimedTotal != 3 {
		t.Errorf("%d links of %d", r.Records, r.ClaimedTotal)
	}
}

// replace changes the answers of a path.
func replace(path, old, new string) faults.Rule {
	return faults.Rule{
		Match: func(r *http.Request) bool { return r.URL.Path == path || faults.Path("GET", path)(r) }, Kind: faults.Rewrite,
		Rewrite: func(a *faults.Answer) { a.Body = []byte(strings.ReplaceAll(string(a.Body), old, new)) },
	}
}

// nothing empties every list of a path.
func nothing(path string) faults.Rule {
	return faults.Rule{Match: faults.Path("GET", path), Kind: faults.Rewrite, Rewrite: func(a *faults.Answer) { a.Body = []byte("[]") }}
}

// withSolo has a group whose one member holds its app directly too, so that
// Okta's list of who holds the app does not name the group.
type withSolo struct {
	*sandbox
	solo string
}

func TestWhereTheGroupsAreNoProofTheAppsAreAsked(t *testing.T) {
	denied := faults.OktaError(403, "E0000006", "You do not have permission to perform the requested action")
	denied.Match = faults.Path("GET", "/api/v1/groups/*/apps")
	badLimit := faults.OktaError(400, "E0000001", "Api validation failed: limit")
	badLimit.Match = denied.Match
	const support = `"usersCount":2,"appsCount":1`
	for _, c := range []struct {
		rule   string
		faults func(withSolo) []faults.Rule
		groups bool // were asked before, and the sandbox answered
	}{
		{"no counts", func(withSolo) []faults.Rule { return []faults.Rule{replace("/api/v1/groups", "appsCount", "n")} }, false},
		{"a count of one too many", func(withSolo) []faults.Rule {
			return []faults.Rule{replace("/api/v1/groups", support, `"usersCount":2,"appsCount":2`)}
		}, true},
		{"a list that is shorter than counted", func(s withSolo) []faults.Rule {
			return []faults.Rule{nothing("/api/v1/groups/" + s.support.ID + "/apps")}
		}, true},
		{"a list that is shorter than counted, of a group that okta names nowhere", func(s withSolo) []faults.Rule {
			return []faults.Rule{nothing("/api/v1/groups/" + s.solo + "/apps")}
		}, true},
		{"the right is wanting", func(withSolo) []faults.Rule { return []faults.Rule{denied} }, false},
		{"the page size is refused", func(withSolo) []faults.Rule { return []faults.Rule{badLimit} }, false},
		{"a group that counts no apps carries one", func(withSolo) []faults.Rule {
			return []faults.Rule{replace("/api/v1/groups", support, `"usersCount":2,"appsCount":0`)}
		}, true},
		{"and okta does not name the group", func(withSolo) []faults.Rule {
			return []faults.Rule{
				replace("/api/v1/groups", support, `"usersCount":2,"appsCount":0`), replace("/api/v1/apps/*/users", `"group":`, `"team":`),
			}
		}, true},
	} {
		s := withSolo{sandbox: slowApps(t)}
		s.solo = s.AddGroup(fakeokta.Group{Name: "Solo"}).ID
		s.AddMember(s.solo, s.ann.ID)
		s.AssignGroup(s.payroll.ID, s.solo)
		want := held(s.collect(t))
		s.ResetRequests()
		for _, rule := range c.faults(s) {
			s.Add(rule)
		}
		obs := s.collect(t)
		wantComplete(t, obs)
		if apps, groups := s.asked(); !apps || groups != c.groups {
			t.Errorf("%s: asked apps %v, groups %v", c.rule, apps, groups)
		}
		if d := cmp.Diff(want, held(obs)); d != "" {
			t.Errorf("%s:\n%s", c.rule, d)
		}
		if r := readOf(t, obs, "app_groups"); r.Records != 4 || r.Pages != 3 {
			t.Errorf("%s: the certificate counts what proves nothing: %+v", c.rule, r)
		}
	}
}

func TestAnAppOfAGroupThatNoListHasIsAGapUnlessItIsOutOfUse(t *testing.T) {
	s := slowApps(t)
	old := s.AddApp(fakeokta.App{Label: "Older", Status: "INACTIVE"})
	s.AssignGroup(old.ID, s.support.ID)
	obs := s.collect(t)
	wantComplete(t, obs)
	if slices.ContainsFunc(obs.Entitlements, func(e access.Entitlement) bool { return e.Name == "Older" }) {
		t.Error("an inactive app is access")
	}
	if apps, _ := s.asked(); apps {
		t.Error("an inactive app made the apps be asked")
	}
	s.Add(replace("/api/v1/groups/"+s.support.ID+"/apps", `"status":"INACTIVE"`, `"status":"ACTIVE"`))
	if r := readOf(t, s.collect(t), "app_groups"); r.Complete || !strings.Contains(r.Gap, "group Support is given app Older ("+old.ID+")") {
		t.Errorf("%+v", r)
	}
}

// Okta need not name a group; then a member of one that is given the app, or of
// Everyone, is explained all the same.
func TestAHoldingWithoutANamedGroupIsExplainedByTheMembers(t *testing.T) {
	s := slowApps(t)
	s.Add(replace("/api/v1/apps/*/users", `"group":`, `"team":`))
	wantComplete(t, s.collect(t))
	if apps, groups := s.asked(); apps || !groups {
		t.Errorf("asked apps %v, groups %v", apps, groups)
	}
}
