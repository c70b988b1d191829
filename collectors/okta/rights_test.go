package okta

import (
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"rollcall/internal/access"
	"rollcall/internal/sandbox/fakeokta"
	"rollcall/internal/sandbox/fakeokta/oktaspec"
)

// neededScopes notes what Okta's own description demands for each request that
// is sent.
type neededScopes struct {
	t *testing.T

	mu     sync.Mutex
	scopes map[string]bool
}

// needing is a configuration of which every request is noted.
func (s *sandbox) needing(t *testing.T, token string) (Config, *neededScopes) {
	needed := &neededScopes{t: t, scopes: map[string]bool{}}
	cfg := s.config(token)
	cfg.HTTP = needed
	return cfg, needed
}

func (n *neededScopes) RoundTrip(req *http.Request) (*http.Response, error) {
	scopes, err := oktaspec.Scopes(req)
	if err != nil {
		n.t.Error(err)
	}
	n.mu.Lock()
	for _, scope := range scopes {
		n.scopes[scope] = true
	}
	n.mu.Unlock()
	return http.DefaultTransport.RoundTrip(req)
}

// found leaves out the right to read of what may be managed, which that
// includes (https://developer.okta.com/docs/api/oauth2/).
func (n *neededScopes) found() []string {
	for scope := range n.scopes {
		if of, manages := strings.CutSuffix(scope, ".manage"); manages {
			delete(n.scopes, of+".read")
		}
	}
	return slices.Sorted(maps.Keys(n.scopes))
}

func TestTheScopesOfACollectorAreThoseOfTheRequestsItSends(t *testing.T) {
	s := newSandbox(t, fakeokta.Options{})
	cfg, needed := s.needing(t, readerToken)
	k, obs := collected(t, cfg)
	wantComplete(t, obs)
	if got := needed.found(); !slices.Equal(got, CollectorScopes()) {
		t.Errorf("okta demands %q, and %q is asked for", got, CollectorScopes())
	}
	clear(needed.scopes)
	k.Uses(t.Context(), obs, []access.Watch{watch(s.ann, s.Now().Add(-time.Hour), time.Time{})})
	if got := needed.found(); !slices.Equal(got, LogScopes()) {
		t.Errorf("of the log okta demands %q, and %q is asked for", got, LogScopes())
	}
}

func TestTheScopesOfARevokerAreThoseOfTheRequestsItSends(t *testing.T) {
	s := newSandbox(t, fakeokta.Options{})
	cfg, needed := s.needing(t, revokerToken)
	r, err := NewRevoker(cfg)
	if err != nil {
		t.Fatal(err)
	}
	s.deleted()
	inspect(t, r, s.ofNobody())
	for _, a := range []access.Action{
		action(access.OktaClearSessions, s.ann), s.tokenAction(), action(access.OktaSuspend, s.ann),
		action(access.OktaSuspend, s.bob), action(access.OktaDeactivate, s.eve),
	} {
		inspect(t, r, a)
		act(t, r, a)
		inspect(t, r, a)
	}
	for _, change := range writes {
		if !slices.ContainsFunc(s.Requests(), func(q fakeokta.Request) bool { return change.MatchString(q.Method + " " + q.Path) }) {
			t.Errorf("%s was not sent: nobody looked at its scope", change)
		}
	}
	if got := needed.found(); !slices.Equal(got, RevokerScopes(false, false)) {
		t.Errorf("okta demands %q, and %q is asked for", got, RevokerScopes(false, false))
	}
}

// Blocking has its own scopes; removing takes more, and apps and roles more again.
func TestTheScopesOfARevokerThatRemovesAreThoseOfTheRequestsItSends(t *testing.T) {
	for _, appsAndRoles := range []bool{false, true} {
		s := suspended(t, fakeokta.Options{})
		cfg, needed := s.needing(t, revokerToken)
		cfg.Removes = true
		r, err := NewRevoker(cfg)
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range []access.Action{action(access.OktaClearSessions, s.ann), s.tokenAction()} { // what it needs to block
			act(t, r, a)
			inspect(t, r, a)
		}
		for _, verb := range removeVerbs {
			if appsAndRoles || verb != access.OktaUnassignApp && verb != access.OktaRemoveAdminRole {
				inspect(t, r, s.removal(verb))
				act(t, r, s.removal(verb))
			}
		}
		if got, want := needed.found(), slices.Sorted(slices.Values(RevokerScopes(true, appsAndRoles))); !slices.Equal(got, want) {
			t.Errorf("apps and roles %t: okta demands %q, and %q is asked for", appsAndRoles, got, want)
		}
		for _, change := range removes {
			if appsAndRoles && !slices.ContainsFunc(s.Requests(), func(q fakeokta.Request) bool { return change.MatchString(q.Method + " " + q.Path) }) {
				t.Errorf("%s was not sent: nobody looked at its scope", change)
			}
		}
	}
}

func TestTheScopesOfARestorerAreThoseOfTheRequestsItSends(t *testing.T) {
	s := newSandbox(t, fakeokta.Options{})
	s.SetToken(restorerToken, fakeokta.Token{Name: "restorer", UserID: s.job.ID})
	cfg, needed := s.needing(t, restorerToken)
	r, err := NewRestorer(cfg)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Inspect(t.Context(), s.ofNobody()); err == nil || !strings.Contains(err.Error(), "may not look into the log") {
		t.Error(err)
	}
	for _, a := range []access.Action{s.tokenAction(), action(access.OktaClearSessions, s.ann), s.undo(s.cid)} {
		if _, err := r.Inspect(t.Context(), a); err != nil {
			t.Error(err)
		}
	}
	if _, err := r.Act(t.Context(), s.undo(s.cid)); err != nil {
		t.Error(err)
	}
	if got := needed.found(); !slices.Equal(got, RestorerScopes()) {
		t.Errorf("okta demands %q, and %q is asked for", got, RestorerScopes())
	}
}

// row gives the cells of the line of deploy/okta.md's table that starts so.
func row(t *testing.T, start string) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "deploy", "okta.md"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, "| "+start+" |") {
			return strings.Split(line, "|")[2:5]
		}
	}
	t.Fatalf("deploy/okta.md has no line %q", start)
	return nil
}

var inQuotes = regexp.MustCompile("`([^`]+)`")

func quoted(cell string) (all []string) {
	for _, m := range inQuotes.FindAllStringSubmatch(cell, -1) {
		all = append(all, m[1])
	}
	return all
}

func without(all, some []string) []string {
	return slices.DeleteFunc(all, func(s string) bool { return slices.Contains(some, s) })
}

func TestTheGuideNamesTheScopesThatAreAskedForAndTheRolesThatAreNeeded(t *testing.T) {
	scopes := row(t, "scopes")
	if got := quoted(scopes[0]); !slices.Equal(got, readingScopes()) {
		t.Errorf("for reading it names %q", got)
	}
	if got := quoted(scopes[1]); !slices.Equal(got, RevokerScopes(false, false)) {
		t.Errorf("for blocking it names %q", got)
	}
	for start, want := range map[string][]string{
		"scopes to remove": without(RevokerScopes(true, false), RevokerScopes(false, false)), "scopes for `apps_and_roles`": without(RevokerScopes(true, true), RevokerScopes(true, false)),
	} {
		if got := quoted(row(t, start)[1]); !slices.Equal(got, want) {
			t.Errorf("%s: it names %q, want %q", start, got, want)
		}
	}
	if got := quoted(scopes[2]); !slices.Equal(got, RestorerScopes()) {
		t.Errorf("for restoring it names %q", got)
	}
	standard, custom := row(t, "role")[0], quoted(row(t, "permissions of the custom role")[0])
	var needed []string
	for _, k := range kinds {
		if k.role == "" {
			needed = append(needed, k.permission)
		} else if !strings.Contains(standard, k.role) {
			t.Errorf("%s needs the role %s", k.name, k.role)
		}
	}
	slices.Sort(needed)
	if needed = slices.Compact(needed); !slices.Equal(custom, needed) {
		t.Errorf("it gives the permissions %q, and %q are needed", custom, needed)
	}
}
