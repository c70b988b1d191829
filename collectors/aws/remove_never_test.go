package aws

import (
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"rollcall/internal/access"
	"rollcall/internal/sandbox/fakeaws"
)

func TestNothingIsRemovedOfAUserWhoIsNotDeniedAnyMore(t *testing.T) {
	o, actions := leftovers(t, fakeaws.Options{})
	o.UpdateIAMUser(prod, "leaver", func(u *fakeaws.IAMUser) {
		u.Attached = slices.DeleteFunc(u.Attached, func(arn string) bool { return arn == awsDeny })
	})
	r := o.remover(t)
	for _, a := range actions {
		refuses(t, r, a, "nothing denies the user")
	}
	if sent := written(o); len(sent) > 0 {
		t.Errorf("sent %v", sent)
	}
}

func TestAKeyThatWorksIsNotDeleted(t *testing.T) {
	o, actions := leftovers(t, fakeaws.Options{})
	o.UpdateIAMUser(prod, "leaver", func(u *fakeaws.IAMUser) { u.AccessKeys[0].Status = "Active" })
	for _, a := range actions {
		if a.EntitlementID != "AKIALEAVER0000000001" {
			continue
		}
		refuses(t, o.remover(t), a, "made inactive before it is deleted")
	}
}

func TestAnotherUserOfTheSameNameLosesNothing(t *testing.T) {
	o, actions := leftovers(t, fakeaws.Options{})
	o.UpdateIAMUser(prod, "leaver", func(u *fakeaws.IAMUser) { u.ID = "AIDASOMEBODYELSE" })
	for _, a := range actions {
		refuses(t, o.remover(t), a, "another user has this name now")
	}
	if sent := written(o); len(sent) > 0 {
		t.Errorf("sent %v", sent)
	}
}

func TestWhatDeniesTheUserIsNeverTaken(t *testing.T) {
	o, actions := leftovers(t, fakeaws.Options{})
	r := o.remover(t)
	for _, a := range actions {
		if a.EntitlementID == "" {
			continue
		}
		a.EntitlementID = awsDeny
		if _, err := r.Act(t.Context(), a); err == nil {
			t.Errorf("%s of AWSDenyAll was done", a.Verb)
		}
	}
	if n := len(o.Requests()); n > 0 {
		t.Errorf("%d requests were sent", n)
	}
}

func TestTheClientSendsNoRemovalBeyondItsForms(t *testing.T) {
	o, _ := leftovers(t, fakeaws.Options{})
	s := o.remover(t).session
	client := s.iamOf(prod, s.base.Credentials)
	name, deny, hardware, key := "leaver", awsDeny, "GAHT12345678", "rollcall:other"
	for what, send := range map[string]func() error{
		"detach AWSDenyAll": func() error {
			_, err := client.DetachUserPolicy(t.Context(), &iam.DetachUserPolicyInput{UserName: &name, PolicyArn: &deny})
			return err
		},
		"delete a hardware device": func() error {
			_, err := client.DeleteVirtualMFADevice(t.Context(), &iam.DeleteVirtualMFADeviceInput{SerialNumber: &hardware})
			return err
		},
		"another tag": func() error {
			_, err := client.TagUser(t.Context(), &iam.TagUserInput{UserName: &name, Tags: []types.Tag{{Key: &key, Value: &name}}})
			return err
		},
		"a login profile of the caller": func() error {
			_, err := client.DeleteLoginProfile(t.Context(), &iam.DeleteLoginProfileInput{})
			return err
		},
		"delete a user": func() error {
			_, err := client.DeleteUser(t.Context(), &iam.DeleteUserInput{UserName: &name})
			return err
		},
		"take the boundary": func() error {
			_, err := client.DeleteUserPermissionsBoundary(t.Context(), &iam.DeleteUserPermissionsBoundaryInput{UserName: &name})
			return err
		},
	} {
		if err := send(); err == nil || !strings.Contains(err.Error(), "is refused") {
			t.Errorf("%s: %v", what, err)
		}
	}
	if n := len(o.Requests()); n > 0 {
		t.Errorf("%d requests were sent", n)
	}
}

func TestARemovalThatNamesNobodyIsRefusedBeforeAnyRequest(t *testing.T) {
	o, actions := leftovers(t, fakeaws.Options{})
	r := o.remover(t)
	for name, spoil := range map[string]func(*access.Action){
		"no account id": func(a *access.Action) { a.Account.ID = "" }, "no login": func(a *access.Action) { a.Login = "" }, "odd login": func(a *access.Action) { a.Login = "a b" },
		"no scope": func(a *access.Action) { a.Account.Scope = "" }, "another system": func(a *access.Action) { a.Account.System = "okta" },
		"no entitlement": func(a *access.Action) { a.EntitlementID = "" }, "odd entitlement": func(a *access.Action) { a.EntitlementID = "*" },
	} {
		for _, a := range actions {
			if strings.HasSuffix(name, "entitlement") && (a.EntitlementID == "" || a.Verb == access.IAMDeleteLogin) {
				continue // about the user alone
			}
			spoil(&a)
			if _, err := r.Inspect(t.Context(), a); err == nil {
				t.Errorf("%s: %s was inspected", name, a.ID)
			}
			if _, err := r.Act(t.Context(), a); err == nil {
				t.Errorf("%s: %s was done", name, a.ID)
			}
		}
	}
	if n := len(o.Requests()); n > 0 {
		t.Errorf("%d requests were sent", n)
	}
}

func TestARevokerThatOnlyBlocksSendsNoRemoval(t *testing.T) {
	o, actions := leftovers(t, fakeaws.Options{})
	r := o.revoker(t)
	for _, a := range actions {
		if _, err := r.Act(t.Context(), a); err == nil || !strings.Contains(err.Error(), "this client may not send it") {
			t.Errorf("%s: %v", a.ID, err)
		}
	}
	if sent := written(o); len(sent) > 0 {
		t.Errorf("sent %v", sent)
	}
}
