package fakeaws_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"

	"rollcall/internal/sandbox/fakeaws"
)

const (
	management = "111111111111"
	member     = "222222222222"
	suspended  = "333333333333"
	denyAll    = "arn:aws:iam::aws:policy/AWSDenyAll"
)

var start = time.Date(2026, 11, 23, 1, 0, 0, 0, time.UTC)

// clock is a time that only a test moves.
type clock struct{ at time.Time }

func (c *clock) now() time.Time { return c.at }

// organization is a server with three accounts, and the SDK in front of it.
type organization struct {
	*fakeaws.Server
	t     *testing.T
	url   string
	clock *clock
}

func openOrg(t *testing.T, opts fakeaws.Options) *organization {
	t.Helper()
	tick := &clock{start}
	opts.Now = tick.now
	opts.ManagementAccount = management
	opts.Credentials = []fakeaws.Credential{
		{AccessKeyID: "AKIAJOB", Secret: "s", Account: management, UserName: "rollcall"},
		{AccessKeyID: "AKIAMEMBER", Secret: "s", Account: member},
		{AccessKeyID: "AKIAREADER", Secret: "s", Account: member, ReadOnly: true},
	}
	server := fakeaws.New(opts)
	server.AddAccount(fakeaws.Account{ID: management, Name: "management", Email: "m@example.com"})
	server.AddAccount(fakeaws.Account{ID: member, Name: "production", Email: "p@example.com", Root: fakeaws.Root{MFA: true}})
	server.AddAccount(fakeaws.Account{ID: suspended, Name: "old", Email: "o@example.com", State: "SUSPENDED", Status: "SUSPENDED"})
	for _, account := range []string{management, member, suspended} {
		server.AddRole(fakeaws.Role{Account: account, Name: "collector", ReadOnly: true, ExternalID: "rollcall"})
		server.AddRole(fakeaws.Role{Account: account, Name: "revoker", ExternalID: "rollcall"})
	}
	ts := httptest.NewServer(server)
	t.Cleanup(ts.Close)
	return &organization{Server: server, t: t, url: ts.URL, clock: tick}
}

// config is how a client is pointed at the sandbox.
func (o *organization) config(key, token string) aws.Config {
	return aws.Config{
		Region: "us-east-1", BaseEndpoint: aws.String(o.url),
		Credentials: credentials.NewStaticCredentialsProvider(key, "s", token),
		Retryer:     func() aws.Retryer { return aws.NopRetryer{} },
		HTTPClient:  &http.Client{Timeout: 20 * time.Second},
	}
}

func (o *organization) iam() *iam.Client { return iam.NewFromConfig(o.config("AKIAMEMBER", "")) }
func (o *organization) orgs() *organizations.Client {
	return organizations.NewFromConfig(o.config("AKIAJOB", ""))
}

// as assumes a role of an account and gives the configuration of its session.
func (o *organization) as(account, role string) aws.Config {
	o.t.Helper()
	out, err := o.assume(account, role, "rollcall")
	if err != nil {
		o.t.Fatalf("assume %s in %s: %v", role, account, err)
	}
	return o.config(*out.Credentials.AccessKeyId, *out.Credentials.SessionToken)
}

func (o *organization) assume(account, role, external string) (*sts.AssumeRoleOutput, error) {
	return sts.NewFromConfig(o.config("AKIAJOB", "")).AssumeRole(o.t.Context(), &sts.AssumeRoleInput{
		RoleArn:         aws.String("arn:aws:iam::" + account + ":role/" + role),
		RoleSessionName: aws.String("night"), ExternalId: aws.String(external),
	})
}

// addAlice gives the member account a user with one or more of everything.
func (o *organization) addAlice() fakeaws.IAMUser {
	o.AddIAMGroup(fakeaws.IAMGroup{Account: member, Name: "admins", Attached: []string{"arn:aws:iam::aws:policy/AdministratorAccess"}})
	o.AddIAMGroup(fakeaws.IAMGroup{Account: member, Name: "billing", Inline: []fakeaws.InlinePolicy{{Name: "pay", Document: `{"a":"b c"}`}}})
	o.AddManagedPolicy(fakeaws.ManagedPolicy{Account: member, Name: "deploy", Path: "/ci/"})
	return o.AddIAMUser(fakeaws.IAMUser{
		Account: member, Name: "alice", Path: "/people/", CreatedAt: start.AddDate(-2, 0, 0),
		Tags:         []fakeaws.Tag{{Key: "employee_id", Value: "0012"}, {Key: "team", Value: "core"}},
		Groups:       []string{"admins", "billing"},
		Attached:     []string{"arn:aws:iam::aws:policy/ReadOnlyAccess", "arn:aws:iam::" + member + ":policy/ci/deploy"},
		Inline:       []fakeaws.InlinePolicy{{Name: "one", Document: `{"x": "1+1 & 2"}`}, {Name: "two", Document: `{}`}},
		Boundary:     "arn:aws:iam::aws:policy/PowerUserAccess",
		LoginProfile: &fakeaws.LoginProfile{CreatedAt: start.AddDate(-1, 0, 0)}, PasswordLastUsed: start.AddDate(0, 0, -3),
		AccessKeys: []fakeaws.AccessKey{
			{ID: "AKIAALICE1", LastUsedAt: start.AddDate(0, 0, -1), LastUsedService: "s3", LastUsedRegion: "eu-west-1"},
			{ID: "AKIAALICE2", Status: "Inactive"},
		},
		SSHKeys:      []fakeaws.SSHKey{{ID: "APKAALICE1"}, {ID: "APKAALICE2"}},
		Certificates: []fakeaws.Certificate{{ID: "CERT1", Body: "pem"}, {ID: "CERT2", Body: "pem"}},
		ServiceCredentials: []fakeaws.ServiceCredential{
			{ID: "ACCAALICE1", Service: "codecommit.amazonaws.com", UserName: "alice-at-222"}, {ID: "ACCAALICE2", Service: "bedrock.amazonaws.com"},
		},
		MFA: []fakeaws.MFADevice{{Serial: "arn:aws:iam::" + member + ":mfa/alice", Virtual: true}, {Serial: "arn:aws:iam::" + member + ":u2f/user/alice/key"}},
	})
}

// addCrowd adds plain users, so that there is something to page.
func (o *organization) addCrowd(n int) {
	for i := range n {
		name := fmt.Sprintf("user-%02d", i)
		o.AddIAMUser(fakeaws.IAMUser{
			Account: member, Name: name,
			MFA:                []fakeaws.MFADevice{{Serial: "arn:aws:iam::" + member + ":mfa/" + name, Virtual: true}},
			ServiceCredentials: []fakeaws.ServiceCredential{{Service: "codecommit.amazonaws.com", UserName: name}},
		})
	}
}

func (o *organization) alice() fakeaws.IAMUser {
	o.t.Helper()
	user, ok := o.IAMUser(member, "alice")
	if !ok {
		o.t.Fatal("alice is gone")
	}
	return user
}

// refused checks the code and the HTTP status of a refusal.
func refused(t *testing.T, what string, err error, code string, status int) {
	t.Helper()
	var api smithy.APIError
	if !errors.As(err, &api) || api.ErrorCode() != code {
		t.Errorf("%s: got %v, want %s", what, err, code)
		return
	}
	var response *awshttp.ResponseError
	if errors.As(err, &response) && response.HTTPStatusCode() != status {
		t.Errorf("%s: status %d, want %d", what, response.HTTPStatusCode(), status)
	}
}

func must[T any](t *testing.T) func(T, error) T {
	return func(value T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}
