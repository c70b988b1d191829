package jobs_test

import (
	"fmt"
	"net/http"
	"testing"

	"rollcall/internal/access"
	"rollcall/internal/sandbox/fakeokta"
)

// inOkta fails unless somebody's user is in this state.
func (v *village) inOkta(name string, want fakeokta.Status) {
	v.t.Helper()
	if now := v.status(name); now != want {
		v.t.Errorf("%s is %s, want %s", name, now, want)
	}
}

func (v *village) status(name string) fakeokta.Status {
	v.t.Helper()
	u, has := v.okta.User(v.users[name].ID)
	if !has {
		v.t.Fatalf("%s is gone", name)
	}
	return u.Status
}

func (v *village) events(name, kind string) (n int) {
	for _, e := range v.okta.EventsOf(v.users[name].ID) {
		if e.Type == kind {
			n++
		}
	}
	return n
}

// changes are the changes that anybody asked Okta and AWS for, and forgets them.
func (v *village) changes() (all []string) {
	for _, r := range v.okta.Requests() {
		if r.Method != http.MethodGet {
			all = append(all, r.Method+" "+r.Path)
		}
	}
	for _, r := range v.aws.Requests() {
		if r.Write && r.Action != "AssumeRole" && r.Action != "GenerateCredentialReport" {
			all = append(all, r.Action+" "+r.UserName)
		}
	}
	v.okta.ResetRequests()
	v.aws.ResetRequests()
	return all
}

// effects is what a night may have changed, to compare by.
func (v *village) effects() map[string]any {
	out := map[string]any{"tokens": len(v.okta.State().APITokens)}
	for _, u := range v.okta.State().Users {
		out[u.Login()] = []any{u.Status, u.Sessions}
	}
	for _, u := range v.aws.State().Users {
		out["iam "+u.Name] = []any{u.Attached, u.AccessKeys}
	}
	return out
}

// told gives outcomes in words: "suspend leo@example.test done".
func told(outcomes []access.Outcome) (all []string) {
	for _, o := range outcomes {
		all = append(all, fmt.Sprintf("%s %s %s", o.Action.Verb, o.Action.Login, o.Result))
	}
	return all
}

// outcome finds what became of a verb on a login.
func outcome(t *testing.T, n *access.Night, verb access.Verb, login string) access.Outcome {
	t.Helper()
	for _, o := range n.Outcomes {
		if o.Action.Verb == verb && o.Action.Login == login {
			return o
		}
	}
	t.Fatalf("nothing became of %s of %s: %s", verb, login, told(n.Outcomes))
	return access.Outcome{}
}
