package aws

import (
	"slices"
	"strings"
	"testing"

	"rollcall/internal/access"
	"rollcall/internal/sandbox/fakeaws"
)

// emptied is the sandbox with a leaver of whom all was removed, and the action that
// deletes the user.
func emptied(t *testing.T) (*org, access.Action) {
	t.Helper()
	o, actions := leftovers(t, fakeaws.Options{})
	r := o.remover(t)
	for _, a := range actions {
		if _, err := r.Act(t.Context(), a); err != nil {
			t.Fatal(err)
		}
	}
	a := actions[len(actions)-1]
	a.ID, a.Verb = "delete", access.IAMDeleteUser
	o.ResetRequests()
	return o, a
}

func (o *org) deleter(t *testing.T) *Revoker {
	t.Helper()
	return o.revoker(t, func(c *Config) { c.Removes, c.Deletes = true, true })
}

func TestAUserOfWhomNothingIsLeftIsDeletedAndDeniedUntilThen(t *testing.T) {
	o, a := emptied(t)
	r := o.deleter(t)
	if before, err := r.Inspect(t.Context(), a); err != nil || before.Holds || before.Refuse != "" || !strings.Contains(string(before.Before), "AWSDenyAll") {
		t.Errorf("before: %+v, %v", before, err)
	}
	if receipt, err := r.Act(t.Context(), a); err != nil || receipt.RequestID == "" {
		t.Errorf("%+v, %v", receipt, err)
	}
	if u, there := o.IAMUser(prod, "leaver"); there {
		t.Errorf("the user is there: %+v", u)
	}
	if after, err := r.Inspect(t.Context(), a); err != nil || !after.Holds {
		t.Errorf("after: %+v, %v", after, err)
	}
	if sent := written(o); !slices.Equal(sent, []string{"PutUserPermissionsBoundary", "DetachUserPolicy", "DeleteUser"}) {
		t.Errorf("changes: %v", sent)
	}
}

func TestAUserWhoHoldsAnythingIsNotDeletedAndStaysDenied(t *testing.T) {
	for what, hold := range map[string]func(*fakeaws.IAMUser){
		"a key": func(u *fakeaws.IAMUser) {
			u.AccessKeys = []fakeaws.AccessKey{{ID: "AKIALEAVERNEW0000001", Status: "Active"}}
		},
		"a group":    func(u *fakeaws.IAMUser) { u.Groups = []string{"devs"} },
		"a password": func(u *fakeaws.IAMUser) { u.LoginProfile = &fakeaws.LoginProfile{} },
	} {
		t.Run(what, func(t *testing.T) {
			o, a := emptied(t)
			o.UpdateIAMUser(prod, "leaver", hold)
			if _, err := o.deleter(t).Act(t.Context(), a); err == nil || !strings.Contains(err.Error(), "DeleteConflict") {
				t.Errorf("%v", err)
			}
			if u, there := o.IAMUser(prod, "leaver"); !there || u.Boundary != awsDeny {
				t.Errorf("the user: %t, %+v", there, u)
			}
			if state, err := o.deleter(t).Inspect(t.Context(), a); err != nil || state.Holds {
				t.Errorf("%+v, %v", state, err)
			}
		})
	}
	o, a := emptied(t)
	o.UpdateIAMUser(prod, "leaver", func(u *fakeaws.IAMUser) { u.Attached = append(u.Attached, "arn:aws:iam::aws:policy/ReadOnlyAccess") })
	refuses(t, o.deleter(t), a, "ReadOnlyAccess is attached")
	if _, err := o.deleter(t).Act(t.Context(), a); err == nil || len(written(o)) > 0 {
		t.Errorf("%v, %v", err, written(o))
	}
}

func TestWhoIsNotDeniedOrIsSomebodyElseIsNotDeletedAndNobodyIsWithoutTheSwitch(t *testing.T) {
	o, a := emptied(t)
	if _, err := o.remover(t).Act(t.Context(), a); err == nil || !strings.Contains(err.Error(), "is refused: this client may not send it") && !strings.Contains(err.Error(), "denies the user everything") {
		t.Errorf("without the switch: %v", err)
	}
	o.UpdateIAMUser(prod, "leaver", func(u *fakeaws.IAMUser) { u.Attached, u.Boundary = nil, "" })
	refuses(t, o.deleter(t), a, "nothing denies the user everything any more")
	other := a
	other.Account.ID = "AIDASOMEBODYELSE"
	refuses(t, o.deleter(t), other, "another user has this name")
	if _, there := o.IAMUser(prod, "leaver"); !there {
		t.Error("the user is gone")
	}
}
