package aws

import (
	"slices"
	"strings"
	"testing"

	"rollcall/internal/access"
	"rollcall/internal/sandbox/fakeaws"
)

// working is the sandbox with a user who works, and actions that take what they
// hold, all marked as those of somebody who works here.
func working(t *testing.T) (*org, []access.Action) {
	t.Helper()
	o, actions := leftovers(t, fakeaws.Options{})
	o.UpdateIAMUser(prod, "leaver", func(u *fakeaws.IAMUser) {
		u.Attached = slices.DeleteFunc(u.Attached, func(arn string) bool { return arn == awsDeny })
	})
	for n := range actions {
		actions[n].Mover = true
	}
	return o, actions
}

func TestOfAUserWhoWorksOneRightIsTakenAndNothingElse(t *testing.T) {
	o, actions := working(t)
	r := o.remover(t)
	before, _ := o.IAMUser(prod, "leaver")
	taken := 0
	for _, a := range actions {
		state, err := r.Inspect(t.Context(), a)
		if !a.Verb.Separate() {
			if _, acted := r.Act(t.Context(), a); err == nil || acted == nil || !strings.Contains(acted.Error(), "more than take one right") {
				t.Errorf("%s: %v, %v", a.ID, err, acted)
			}
			continue
		}
		if err != nil || state.Holds || state.Refuse != "" || len(state.Before) < 10 {
			t.Errorf("%s before: %+v, %v", a.ID, state, err)
		}
		if _, err := r.Act(t.Context(), a); err != nil {
			t.Errorf("%s: %v", a.ID, err)
		}
		if after, err := r.Inspect(t.Context(), a); err != nil || !after.Holds {
			t.Errorf("%s after: %+v, %v", a.ID, after, err)
		}
		taken++
	}
	u, _ := o.IAMUser(prod, "leaver")
	if taken < 3 || len(u.Groups)+len(u.Attached)+len(u.Inline) > 0 {
		t.Errorf("%d were taken, and left are %+v", taken, u)
	}
	if u.LoginProfile == nil || len(u.AccessKeys) != len(before.AccessKeys) || len(u.MFA) != len(before.MFA) || len(u.Tags) != len(before.Tags) || u.Boundary != before.Boundary {
		t.Errorf("the user was touched: %+v", u)
	}
}

func TestAUserWhoWasDeniedSinceItWasPlannedIsPlannedAgain(t *testing.T) {
	o, actions := leftovers(t, fakeaws.Options{})
	for _, a := range actions {
		if a.Mover = true; !a.Verb.Separate() {
			continue
		}
		refuses(t, o.remover(t), a, "was working when this was planned")
	}
}

func TestAPolicyThatDeniesIsNotTakenFromAUserWhoWorks(t *testing.T) {
	o, actions := working(t)
	o.UpdateIAMUser(prod, "leaver", func(u *fakeaws.IAMUser) {
		u.Inline[0].Document = `{"Statement":{"Effect":"Deny","Action":"s3:DeleteObject","Resource":"*"}}`
	})
	n := slices.IndexFunc(actions, func(a access.Action) bool { return a.Verb == access.IAMDeletePolicy })
	refuses(t, o.remover(t), actions[n], "could do more than before")
}

func TestWhatDeniesIsToldOfPoliciesAndOfGroupsThatCarryThem(t *testing.T) {
	o := openOrg(t, fakeaws.Options{})
	o.AddManagedPolicy(fakeaws.ManagedPolicy{Account: prod, Name: "fence", Document: `{"Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"},{"Effect":"Deny","Action":"iam:*","Resource":"*"}]}`})
	o.AddIAMGroup(fakeaws.IAMGroup{Account: prod, Name: "fenced", Attached: []string{"arn:aws:iam::" + prod + ":policy/fence"}})
	o.AddIAMGroup(fakeaws.IAMGroup{Account: prod, Name: "barred", Attached: []string{awsDeny}})
	o.AddIAMGroup(fakeaws.IAMGroup{Account: prod, Name: "open", Attached: []string{"arn:aws:iam::" + prod + ":policy/all", "arn:aws:iam::aws:policy/ReadOnlyAccess"}})
	o.UpdateIAMUser(prod, "leaver", func(u *fakeaws.IAMUser) {
		u.Groups = []string{"fenced", "barred", "open"}
		u.Attached = append(u.Attached, "arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV3")
		u.Inline = []fakeaws.InlinePolicy{{Name: "no", Document: `{"Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}`}, {Name: "yes", Document: `{"Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}`}}
	})
	got := map[string]bool{}
	for _, e := range o.collect(t).Entitlements {
		got[e.Name] = e.Denies
	}
	for name, want := range map[string]bool{"fence": true, "fenced": true, "barred": true, "AWSCompromisedKeyQuarantineV3": true, "no": true, "yes": false, "open": false, "all": false, "ReadOnlyAccess": false} {
		if denies, there := got[name]; !there || denies != want {
			t.Errorf("%s: there %t, denies %t", name, there, denies)
		}
	}
}
