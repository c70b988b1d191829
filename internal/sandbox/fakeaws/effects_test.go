package fakeaws_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/google/go-cmp/cmp"

	"rollcall/internal/sandbox/fakeaws"
)

func (o *organization) all(calls []apiCall) {
	o.t.Helper()
	session := o.as(member, "revoker")
	for _, c := range calls {
		if err := c.do(o.t.Context(), session); err != nil {
			o.t.Fatalf("%s: %v", c.action, err)
		}
	}
}

func TestBlockingChangesStatusesAndDeletesNothing(t *testing.T) {
	o := openOrg(t, fakeaws.Options{})
	want := o.addAlice()
	o.all(blocks)
	want.Attached = append(want.Attached, denyAll)
	want.Boundary = denyAll
	want.AccessKeys[0].Status = "Inactive"
	want.SSHKeys[0].Status = "Inactive"
	want.Certificates[0].Status = "Inactive"
	want.ServiceCredentials[0].Status = "Inactive"
	want.Tags = []fakeaws.Tag{{Key: "employee_id", Value: "0012"}, {Key: "Team", Value: "left"}, {Key: "run", Value: "r1"}}
	if diff := cmp.Diff(want, o.alice()); diff != "" {
		t.Errorf("alice after the block:\n%s", diff)
	}
}

func TestRemovingTakesExactlyWhatIsNamed(t *testing.T) {
	o := openOrg(t, fakeaws.Options{})
	want := o.addAlice()
	o.all(removes)
	want.Groups = []string{"billing"}
	want.AccessKeys = want.AccessKeys[1:]
	want.LoginProfile = nil
	want.SSHKeys = want.SSHKeys[1:]
	want.Certificates = want.Certificates[1:]
	want.ServiceCredentials = want.ServiceCredentials[1:]
	want.Attached = want.Attached[1:]
	want.Inline = want.Inline[1:]
	want.MFA = want.MFA[1:]
	want.Boundary = ""
	if diff := cmp.Diff(want, o.alice()); diff != "" {
		t.Errorf("alice after the remove:\n%s", diff)
	}
	if loose := o.State().LooseMFA; len(loose) != 0 {
		t.Errorf("the deleted device is still there: %v", loose)
	}
}

func TestTakingAwayWhatIsNotThereIsNoSuchEntity(t *testing.T) {
	o := openOrg(t, fakeaws.Options{})
	o.addAlice()
	o.all(removes)
	session := o.as(member, "revoker")
	for _, c := range removes {
		if c.action == "AddUserToGroup" {
			continue // it adds
		}
		refused(t, c.action+" again", c.do(t.Context(), session), "NoSuchEntity", 404)
	}
	o.UpdateIAMUser(member, "alice", func(u *fakeaws.IAMUser) { u.Name = "alicia" })
	for _, c := range slices.Concat(blocks, removes, []apiCall{farewell}) {
		if c.action != "DeleteVirtualMFADevice" {
			refused(t, c.action+" of nobody", c.do(t.Context(), session), "NoSuchEntity", 404)
		}
	}
}

func TestAnyLeftoverAloneKeepsAUserFromBeingDeleted(t *testing.T) {
	for what, leave := range map[string]func(left *fakeaws.IAMUser, had fakeaws.IAMUser){
		"login profile":       func(left *fakeaws.IAMUser, had fakeaws.IAMUser) { left.LoginProfile = had.LoginProfile },
		"access keys":         func(left *fakeaws.IAMUser, had fakeaws.IAMUser) { left.AccessKeys = had.AccessKeys },
		"ssh keys":            func(left *fakeaws.IAMUser, had fakeaws.IAMUser) { left.SSHKeys = had.SSHKeys },
		"service credentials": func(left *fakeaws.IAMUser, had fakeaws.IAMUser) { left.ServiceCredentials = had.ServiceCredentials },
		"certificates":        func(left *fakeaws.IAMUser, had fakeaws.IAMUser) { left.Certificates = had.Certificates },
		"mfa":                 func(left *fakeaws.IAMUser, had fakeaws.IAMUser) { left.MFA = had.MFA },
		"inline policies":     func(left *fakeaws.IAMUser, had fakeaws.IAMUser) { left.Inline = had.Inline },
		"attached policies":   func(left *fakeaws.IAMUser, had fakeaws.IAMUser) { left.Attached = had.Attached },
		"groups":              func(left *fakeaws.IAMUser, had fakeaws.IAMUser) { left.Groups = had.Groups },
	} {
		o := openOrg(t, fakeaws.Options{})
		had := o.addAlice()
		session := o.as(member, "revoker")
		bare := fakeaws.IAMUser{Account: member, Name: had.Name, Path: had.Path, ID: had.ID, Boundary: had.Boundary, Tags: had.Tags}
		o.UpdateIAMUser(member, "alice", func(u *fakeaws.IAMUser) { *u = bare; leave(u, had) })
		refused(t, "DeleteUser with "+what, farewell.do(t.Context(), session), "DeleteConflict", 409)
		o.UpdateIAMUser(member, "alice", func(u *fakeaws.IAMUser) { *u = bare })
		if err := farewell.do(t.Context(), session); err != nil {
			t.Fatal(err)
		}
		if _, ok := o.IAMUser(member, "alice"); ok {
			t.Error("alice is still there")
		}
	}
}

func TestTheSameNameInTwoAccountsIsTwoUsers(t *testing.T) {
	o := openOrg(t, fakeaws.Options{})
	other := o.AddIAMUser(fakeaws.IAMUser{Account: management, Name: "alice", AccessKeys: []fakeaws.AccessKey{{ID: "AKIAALICE1"}}})
	o.addAlice()
	o.all(blocks)
	if got, _ := o.IAMUser(management, "alice"); !cmp.Equal(other, got) {
		t.Errorf("the other alice changed:\n%s", cmp.Diff(other, got))
	}
}

func TestTheEleventhPolicyExceedsTheQuotaUnlessItIsAttachedAlready(t *testing.T) {
	o := openOrg(t, fakeaws.Options{})
	user := fakeaws.IAMUser{Account: member, Name: "alice"}
	for i := range 10 {
		user.Attached = append(user.Attached, fmt.Sprintf("arn:aws:iam::%s:policy/p%d", member, i))
	}
	o.AddIAMUser(user)
	client := o.iam()
	attach := func(policy string) error {
		return only(client.AttachUserPolicy(t.Context(), &iam.AttachUserPolicyInput{UserName: alice, PolicyArn: aws.String(policy)}))
	}
	refused(t, "the eleventh", attach(denyAll), "LimitExceeded", 409)
	refused(t, "an unknown policy", attach("arn:aws:iam::aws:policy/NoSuchThing"), "NoSuchEntity", 404)
	if err := attach(user.Attached[3]); err != nil {
		t.Errorf("attach what is attached: %v", err)
	}
	o.UpdateIAMUser(member, "alice", func(u *fakeaws.IAMUser) { u.Attached = u.Attached[1:] })
	for range 2 {
		if err := attach(denyAll); err != nil {
			t.Errorf("attach AWSDenyAll: %v", err)
		}
	}
	if got := len(o.alice().Attached); got != 10 {
		t.Errorf("%d policies, want 10", got)
	}
}

func TestTheEleventhGroupAndTheFiftyFirstTagExceedTheirQuotas(t *testing.T) {
	o := openOrg(t, fakeaws.Options{})
	o.addAlice()
	o.UpdateIAMUser(member, "alice", func(u *fakeaws.IAMUser) {
		u.Groups, u.Tags = nil, nil
		for i := range 49 {
			u.Tags = append(u.Tags, fakeaws.Tag{Key: fmt.Sprint(i), Value: "v"})
		}
		for i := range 10 {
			u.Groups = append(u.Groups, fmt.Sprint("g", i))
		}
	})
	session := o.as(member, "revoker")
	for _, c := range []apiCall{blocks[6], removes[0]} { // TagUser adds two
		refused(t, c.action, c.do(t.Context(), session), "LimitExceeded", 409)
	}
	if got := len(o.alice().Tags); got != 49 {
		t.Errorf("%d tags after a refusal, want 49", got)
	}
}

func TestAStatusThatIsNoStatusIsRefused(t *testing.T) {
	o := openOrg(t, fakeaws.Options{})
	o.addAlice()
	_, err := o.iam().UpdateAccessKey(t.Context(), &iam.UpdateAccessKeyInput{
		UserName: alice, AccessKeyId: aws.String("AKIAALICE1"), Status: types.StatusTypeExpired,
	})
	refused(t, "Expired", err, "ValidationError", 400)
}

func TestACallWithoutUserNameActsOnItsCaller(t *testing.T) {
	o := openOrg(t, fakeaws.Options{})
	o.AddIAMUser(fakeaws.IAMUser{Account: management, Name: "rollcall", AccessKeys: []fakeaws.AccessKey{{ID: "AKIAJOB2"}}})
	job := iam.NewFromConfig(o.config("AKIAJOB2", ""))
	session := iam.NewFromConfig(o.as(member, "revoker"))
	named := &iam.ListAccessKeysInput{UserName: aws.String("rollcall")}
	must[*iam.ListAccessKeysOutput](t)(job.ListAccessKeys(t.Context(), named))
	if hits := o.CallerHits(); len(hits) != 0 {
		t.Fatalf("a named call is no hit: %v", hits)
	}
	_, err := session.DeleteLoginProfile(t.Context(), &iam.DeleteLoginProfileInput{})
	refused(t, "a role session without a name", err, "ValidationError", 400)
	_, err = job.UpdateAccessKey(t.Context(), &iam.UpdateAccessKeyInput{AccessKeyId: aws.String("AKIAJOB2"), Status: types.StatusTypeInactive})
	if err != nil {
		t.Fatal(err)
	}
	if user, _ := o.IAMUser(management, "rollcall"); user.AccessKeys[0].Status != "Inactive" {
		t.Error("the job's own key should have been switched off")
	}
	want := []fakeaws.CallerHit{
		{Action: "DeleteLoginProfile", Account: member, Principal: "arn:aws:sts::" + member + ":assumed-role/revoker/night", Write: true},
		{Action: "UpdateAccessKey", Account: management, Principal: "arn:aws:iam::" + management + ":user/rollcall", Write: true},
	}
	if diff := cmp.Diff(want, o.CallerHits()); diff != "" {
		t.Errorf("caller hits:\n%s", diff)
	}
	_, err = session.ListAccessKeys(t.Context(), &iam.ListAccessKeysInput{UserName: aws.String("")})
	refused(t, "an empty name", err, "ValidationError", 400)
}

func TestADeniedOrInactiveKeyDoesNotWorkAnyMore(t *testing.T) {
	o := openOrg(t, fakeaws.Options{})
	o.addAlice()
	own := o.config("AKIAALICE1", "")
	list := func() error { return only(iam.NewFromConfig(own).ListUsers(t.Context(), &iam.ListUsersInput{})) }
	who := func() error {
		return only(sts.NewFromConfig(own).GetCallerIdentity(t.Context(), &sts.GetCallerIdentityInput{}))
	}
	if err := list(); err != nil {
		t.Fatal(err)
	}
	o.AddIAMGroup(fakeaws.IAMGroup{Account: member, Name: "leavers", Attached: []string{denyAll}})
	for what, change := range map[string]func(*fakeaws.IAMUser){
		"group":    func(u *fakeaws.IAMUser) { u.Groups = []string{"leavers"} },
		"boundary": func(u *fakeaws.IAMUser) { u.Boundary = denyAll },
		"policy":   func(u *fakeaws.IAMUser) { u.Attached = []string{denyAll} },
	} {
		before := o.alice()
		o.UpdateIAMUser(member, "alice", change)
		refused(t, "under AWSDenyAll as "+what, list(), "AccessDenied", 403)
		if err := who(); err != nil {
			t.Errorf("GetCallerIdentity needs no permission: %v", err)
		}
		o.UpdateIAMUser(member, "alice", func(u *fakeaws.IAMUser) { *u = before })
	}
	o.UpdateIAMUser(member, "alice", func(u *fakeaws.IAMUser) { u.AccessKeys[0].Status = "Inactive" })
	refused(t, "with an inactive key", who(), "InvalidClientTokenId", 403)
}
