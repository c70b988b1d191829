package fakeaws_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"rollcall/internal/sandbox/fakeaws"
)

func TestDetailsShowThePoliciesOfARole(t *testing.T) {
	o := openOrg(t, fakeaws.Options{})
	o.AddRole(fakeaws.Role{Account: member, Name: "lent", Path: "/x/", Attached: []string{"arn:aws:iam::aws:policy/PowerUserAccess"},
		Inline: []fakeaws.InlinePolicy{{Name: "own", Document: `{"a":"b c"}`}}, TrustPolicy: `{"Statement":[]}`})
	out := must[*iam.GetAccountAuthorizationDetailsOutput](t)(o.iam().GetAccountAuthorizationDetails(t.Context(),
		&iam.GetAccountAuthorizationDetailsInput{Filter: []types.EntityType{types.EntityTypeRole, types.EntityTypeAWSManagedPolicy}}))
	role := out.RoleDetailList[len(out.RoleDetailList)-1]
	if *role.RoleName != "lent" || len(role.AttachedManagedPolicies) != 1 || *role.AttachedManagedPolicies[0].PolicyName != "PowerUserAccess" ||
		len(role.RolePolicyList) != 1 || *role.RolePolicyList[0].PolicyDocument != "%7B%22a%22%3A%22b%20c%22%7D" ||
		!strings.Contains(*role.AssumeRolePolicyDocument, "Statement") {
		t.Errorf("%+v", role)
	}
	if len(out.Policies) != 1 || *out.Policies[0].PolicyName != "PowerUserAccess" || *out.Policies[0].AttachmentCount != 1 {
		t.Errorf("a policy that only a role uses is in use: %+v", out.Policies)
	}
}

func TestKeysOfTheRootAreActiveUnlessToldOtherwise(t *testing.T) {
	o := openOrg(t, fakeaws.Options{})
	keys := []fakeaws.AccessKey{{}, {Status: "Inactive"}}
	o.AddAccount(fakeaws.Account{ID: "444444444444", Name: "risky", Root: fakeaws.Root{AccessKeys: keys}})
	st := o.State()
	made := st.Accounts[len(st.Accounts)-1].Root.AccessKeys
	if made[0].Status != "Active" || made[0].ID == "" || made[1].Status != "Inactive" || keys[0].ID != "" {
		t.Errorf("made %+v of %+v", made, keys)
	}
}
