package fakeaws_test

import (
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/google/go-cmp/cmp"

	"rollcall/internal/sandbox/fakeaws"
)

func TestTheKeyDecidesInWhichAccountACallActs(t *testing.T) {
	o := openOrg(t, fakeaws.Options{})
	o.addAlice()
	who := func(cfg aws.Config) string {
		out := must[*sts.GetCallerIdentityOutput](t)(sts.NewFromConfig(cfg).GetCallerIdentity(t.Context(), &sts.GetCallerIdentityInput{}))
		return *out.Account + " " + *out.Arn
	}
	for want, cfg := range map[string]aws.Config{
		management + " arn:aws:iam::" + management + ":user/rollcall":                o.config("AKIAJOB", ""),
		member + " arn:aws:iam::" + member + ":root":                                 o.config("AKIAMEMBER", ""),
		member + " arn:aws:iam::" + member + ":user/people/alice":                    o.config("AKIAALICE1", ""),
		member + " arn:aws:sts::" + member + ":assumed-role/collector/night":         o.as(member, "collector"),
		management + " arn:aws:sts::" + management + ":assumed-role/collector/night": o.as(management, "collector"),
	} {
		if got := who(cfg); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	users := must[*iam.ListUsersOutput](t)(iam.NewFromConfig(o.as(management, "collector")).ListUsers(t.Context(), &iam.ListUsersInput{}))
	if len(users.Users) != 0 {
		t.Errorf("the management account lists users of another: %v", users.Users)
	}
}

func TestARoleIsAssumedOnlyWhereItIsAndWithItsExternalID(t *testing.T) {
	o := openOrg(t, fakeaws.Options{})
	for what, try := range map[string][3]string{
		"a wrong external id": {member, "collector", "other"},
		"no such role":        {member, "nobody", "rollcall"},
		"no such account":     {"999999999999", "collector", "rollcall"},
		"a suspended account": {suspended, "collector", "rollcall"},
	} {
		_, err := o.assume(try[0], try[1], try[2])
		refused(t, what, err, "AccessDenied", 403)
	}
	_, err := sts.NewFromConfig(o.config("AKIAJOB", "")).AssumeRole(t.Context(), &sts.AssumeRoleInput{
		RoleArn: aws.String("arn:aws:iam::" + member + ":role/collector"), RoleSessionName: aws.String("night"),
	})
	refused(t, "no external id", err, "AccessDenied", 403)
}

func TestAChainedSessionLastsAnHourAtMost(t *testing.T) {
	o := openOrg(t, fakeaws.Options{})
	o.AddRole(fakeaws.Role{Account: member, Name: "long", MaxSession: 43200})
	assume := func(cfg aws.Config, role string, seconds int32) error {
		return only(sts.NewFromConfig(cfg).AssumeRole(t.Context(), &sts.AssumeRoleInput{
			RoleArn: aws.String("arn:aws:iam::" + member + ":role/" + role), RoleSessionName: aws.String("night"),
			ExternalId: aws.String("rollcall"), DurationSeconds: aws.Int32(seconds),
		}))
	}
	if err := assume(o.config("AKIAJOB", ""), "long", 43200); err != nil {
		t.Error(err)
	}
	refused(t, "chained", assume(o.as(member, "collector"), "long", 43200), "ValidationError", 400)
	refused(t, "above the role's maximum", assume(o.config("AKIAJOB", ""), "collector", 3601), "ValidationError", 400)
	refused(t, "too short", assume(o.config("AKIAJOB", ""), "collector", 899), "ValidationError", 400)
}

func TestUnknownAndExpiredKeysAreRefusedInTheWordsOfTheProtocol(t *testing.T) {
	o := openOrg(t, fakeaws.Options{})
	session := o.as(management, "collector")
	try := func(cfg aws.Config) (query, json error) {
		_, query = iam.NewFromConfig(cfg).ListUsers(t.Context(), &iam.ListUsersInput{})
		_, json = organizations.NewFromConfig(cfg).ListAccounts(t.Context(), &organizations.ListAccountsInput{})
		return query, json
	}
	if query, json := try(session); query != nil || json != nil {
		t.Fatalf("the session should work: %v, %v", query, json)
	}
	creds := must[aws.Credentials](t)(session.Credentials.Retrieve(t.Context()))
	for what, cfg := range map[string]aws.Config{
		"unknown": o.config("AKIANOBODY", ""), "a session without its token": o.config(creds.AccessKeyID, ""),
	} {
		query, json := try(cfg)
		refused(t, what, query, "InvalidClientTokenId", 403)
		refused(t, what, json, "UnrecognizedClientException", 400)
	}
	o.clock.at = o.clock.at.Add(time.Hour)
	query, json := try(session)
	refused(t, "expired", query, "ExpiredToken", 403)
	refused(t, "expired", json, "ExpiredTokenException", 400)
}

func TestAnAccountThatIsNoLongerActiveAnswersNothing(t *testing.T) {
	o := openOrg(t, fakeaws.Options{})
	session := o.as(member, "collector")
	o.SetAccountState(member, "PENDING_CLOSURE")
	_, err := iam.NewFromConfig(session).ListUsers(t.Context(), &iam.ListUsersInput{})
	refused(t, "a session of before", err, "AccessDenied", 403)
	_, err = organizations.NewFromConfig(session).DescribeOrganization(t.Context(), &organizations.DescribeOrganizationInput{})
	refused(t, "a session of before", err, "AccessDeniedException", 400)
}

func TestOnlyTheManagementAccountListsAccounts(t *testing.T) {
	o := openOrg(t, fakeaws.Options{})
	o.AddRole(fakeaws.Role{Account: member, Name: "plain"})
	_, err := organizations.NewFromConfig(o.as(member, "plain")).ListAccounts(t.Context(), &organizations.ListAccountsInput{})
	refused(t, "from a member", err, "AccessDeniedException", 400)
	_, err = o.orgs().ListAccounts(t.Context(), &organizations.ListAccountsInput{MaxResults: aws.Int32(21)})
	refused(t, "21 a page", err, "InvalidInputException", 400)
	_, err = o.orgs().ListAccounts(t.Context(), &organizations.ListAccountsInput{NextToken: aws.String("made up")})
	refused(t, "a made-up token", err, "InvalidInputException", 400)

	org := must[*organizations.DescribeOrganizationOutput](t)(o.orgs().DescribeOrganization(t.Context(), &organizations.DescribeOrganizationInput{}))
	if *org.Organization.MasterAccountId != management || *org.Organization.MasterAccountEmail != "m@example.com" {
		t.Errorf("organization: %+v", org.Organization)
	}
}

func TestARestoredSnapshotAnswersAsTheOriginal(t *testing.T) {
	o := openOrg(t, fakeaws.Options{ReportPolls: 1})
	o.addAlice()
	session := o.as(member, "revoker")
	must[*iam.GenerateCredentialReportOutput](t)(iam.NewFromConfig(session).GenerateCredentialReport(t.Context(), &iam.GenerateCredentialReportInput{}))
	before := o.State()
	snapshot := must[[]byte](t)(o.Snapshot())
	o.all(blocks)
	o.all(removes)
	if cmp.Equal(before, o.State()) {
		t.Fatal("the writes should have changed the state")
	}
	if err := o.Restore(snapshot); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, o.State()); diff != "" {
		t.Errorf("restored (+) is not what was (-):\n%s", diff)
	}
	if err := blocks[0].do(t.Context(), session); err != nil {
		t.Errorf("the session of before the snapshot: %v", err)
	}
	if err := o.Restore([]byte("{")); err == nil {
		t.Error("half a snapshot was restored")
	}
	if _, ok := o.IAMUser(member, "alice"); !ok {
		t.Error("a failed restore changed the state")
	}
}

func TestStateIsACopy(t *testing.T) {
	o := openOrg(t, fakeaws.Options{})
	o.addAlice()
	o.State().Users[0].AccessKeys[0].Status = "Changed"
	user := o.alice()
	user.Groups[0] = "changed"
	if got := o.alice(); got.AccessKeys[0].Status != "Active" || got.Groups[0] != "admins" {
		t.Error("a copy shares memory with the server")
	}
}

func TestEveryCallIsLoggedWithItsCallerAndItsError(t *testing.T) {
	o := openOrg(t, fakeaws.Options{})
	o.addAlice()
	session := o.as(member, "collector")
	o.ResetRequests()
	_ = blocks[0].do(t.Context(), session)
	_ = only(o.orgs().ListAccounts(t.Context(), &organizations.ListAccountsInput{}))
	_ = only(iam.NewFromConfig(o.config("AKIANOBODY", "")).ListUsers(t.Context(), &iam.ListUsersInput{}))
	want := []fakeaws.Request{
		{Service: "iam", Action: "AttachUserPolicy", Account: member, Principal: "arn:aws:sts::" + member + ":assumed-role/collector/night", UserName: "alice", Error: "AccessDenied", Write: true},
		{Service: "organizations", Action: "ListAccounts", Account: management, Principal: "arn:aws:iam::" + management + ":user/rollcall"},
		{Service: "iam", Action: "ListUsers", Error: "InvalidClientTokenId"},
	}
	if diff := cmp.Diff(want, o.Requests()); diff != "" {
		t.Errorf("requests:\n%s", diff)
	}
	if o.ResetRequests(); len(o.Requests()) != 0 {
		t.Error("the log was not reset")
	}
}

func TestParallelCallersAreServed(t *testing.T) {
	o := openOrg(t, fakeaws.Options{})
	o.addAlice()
	client := o.iam()
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			for range 10 {
				if err := only(client.GetUser(t.Context(), &iam.GetUserInput{UserName: alice})); err != nil {
					t.Error(err)
				}
				o.UpdateIAMUser(member, "alice", func(u *fakeaws.IAMUser) { u.PasswordLastUsed = start })
				o.State()
				o.Requests()
			}
		})
	}
	wait.Wait()
	if got := len(o.Requests()); got != 80 {
		t.Errorf("%d requests, want 80", got)
	}
}
