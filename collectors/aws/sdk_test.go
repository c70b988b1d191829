package aws

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/identitystore"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin"

	"rollcall/internal/access"
	"rollcall/internal/sandbox/fakeaws"
	"rollcall/internal/sandbox/faults"
)

// The SDK's defects, one test each; every one was seen to fail without the fix.

func TestAServerThatHangsEndsInATimeoutAndNotInAHang(t *testing.T) {
	o := openOrg(t, fakeaws.Options{})
	o.faults.Add(faults.Rule{Match: faults.Action("GetAccountAuthorizationDetails"), Kind: faults.Slow, Delay: time.Hour})
	found := gaps(o.collect(t, func(c *Config) { c.Timeout, c.OnlyAccounts = 50*time.Millisecond, []string{prod} }))
	if !strings.Contains(found[prod+"/iam"], "exceeded") {
		t.Errorf("gaps %v", found)
	}
}

func TestTheEnvironmentDoesNotChooseTheEndpoint(t *testing.T) {
	var redirected atomic.Int32
	thief := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { redirected.Add(1) }))
	defer thief.Close()
	for _, name := range []string{"AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_IAM", "AWS_ENDPOINT_URL_STS", "AWS_ENDPOINT_URL_SSO_ADMIN", "AWS_ENDPOINT_URL_IDENTITYSTORE", "AWS_ENDPOINT_URL_ORGANIZATIONS"} {
		t.Setenv(name, thief.URL)
	}
	t.Setenv("AWS_ACCESS_KEY_ID", "AKIAJOB")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "s")
	var hosts []string
	nowhere := roundTrip(func(r *http.Request) (*http.Response, error) {
		hosts = append(hosts, r.URL.Host)
		return nil, errors.New("offline")
	})
	o := openOrg(t, fakeaws.Options{})
	o.collect(t, func(c *Config) { c.Credentials = nil }) // the default chain, and our endpoint
	_, err := o.collector(t, func(c *Config) { c.Credentials, c.Endpoint, c.HTTP = nil, "", nowhere }).Collect(t.Context())
	if err == nil || len(hosts) == 0 || slices.ContainsFunc(hosts, func(h string) bool { return h != "sts.us-east-1.amazonaws.com" }) {
		t.Errorf("without an endpoint of ours the hosts are %q, error %v", hosts, err)
	}
	if redirected.Load() > 0 {
		t.Errorf("%d requests went where the environment said", redirected.Load())
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestAnAnswerThatPointsElsewhereIsNotFollowed(t *testing.T) {
	var followed atomic.Int32
	thief := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { followed.Add(1) }))
	defer thief.Close()
	o := openOrg(t, fakeaws.Options{})
	o.faults.Add(faults.Rule{Match: faults.Action("GetCallerIdentity"), Kind: faults.Status, Code: http.StatusFound, Header: http.Header{"Location": {thief.URL}}})
	if _, err := o.collector(t).Collect(t.Context()); err == nil || followed.Load() > 0 {
		t.Errorf("followed %d times, error %v", followed.Load(), err)
	}
}

func TestManyFailuresDoNotUseUpTheRetriesOfWhatComesAfter(t *testing.T) {
	o := openOrg(t, fakeaws.Options{})
	client := o.collector(t).session.ids
	store := sdk.String(fakeaws.StoreID)
	o.faults.Add(faults.Rule{Match: faults.Action("ListGroups"), Kind: faults.Status, Code: 500})
	for range 10 { // 70 retries; the SDK's quota allows 35
		if _, err := client.ListGroups(t.Context(), &identitystore.ListGroupsInput{IdentityStoreId: store}); err == nil {
			t.Fatal("no failure")
		}
	}
	o.faults.Add(faults.Rule{Match: faults.Action("ListUsers"), Kind: faults.Status, Code: 500, Times: 7})
	if _, err := client.ListUsers(t.Context(), &identitystore.ListUsersInput{IdentityStoreId: store}); err != nil {
		t.Errorf("not retried: %v", err)
	}
}

func TestWhatIsStillSettlingIsRetriedAfterSeconds(t *testing.T) {
	o := openOrg(t, fakeaws.Options{})
	for op, code := range map[string]string{"DeleteAccountAssignment": "ConflictException", "AttachUserPolicy": "ConcurrentModification", "UpdateAccessKey": "EntityTemporarilyUnmodifiable"} {
		status := 409
		if centerOps[op] {
			status = 400
		}
		rule := apiError(op, status, code)
		rule.Times = 3
		o.faults.Add(rule)
	}
	obs := o.collect(t)
	r := o.revoker(t)
	for _, a := range []access.Action{o.act(access.SSODeleteAssignment, obs), o.act(access.IAMDeny, obs), o.act(access.IAMDeactivateKey, obs)} {
		*o.slept = nil
		if _, err := r.Act(t.Context(), a); err != nil {
			t.Errorf("%s: %v", a.Verb, err)
		}
		if want := []time.Duration{5 * time.Second, 10 * time.Second, 20 * time.Second}; !slices.Equal(*o.slept, want) {
			t.Errorf("%s waited %v, want %v", a.Verb, *o.slept, want)
		}
	}
}

func TestNoPagesAreTakenForGranted(t *testing.T) {
	repeat := sdk.String("again")
	err := pages(t.Context(), func(context.Context, *string) (page, error) { return page{next: repeat}, nil })
	if err == nil || !strings.Contains(err.Error(), "came twice") {
		t.Errorf("a repeated token: %v", err)
	}
	tokens := []string{"a", "b", "c"}
	err = pages(t.Context(), func(context.Context, *string) (page, error) {
		next := tokens[0]
		tokens = tokens[1:]
		return page{&next, "same", 1}, nil
	})
	if err == nil || !strings.Contains(err.Error(), "came twice") {
		t.Errorf("a repeated page: %v", err)
	}
	if _, err := marked(true, nil, []string{}, "things", self); err == nil {
		t.Error("a truncated page without a marker is taken for the last")
	}
	if p, err := marked(false, repeat, []string{}, "things", self); err != nil || p.next != repeat {
		t.Errorf("a page with a marker is taken for the last: %v", err)
	}
}

func TestEveryClientIsMadeOnce(t *testing.T) {
	o := openOrg(t, fakeaws.Options{})
	s := o.collector(t).session
	one, again, other := s.iamOf(prod, s.base.Credentials), s.iamOf(prod, s.base.Credentials), s.iamOf(dev, s.base.Credentials)
	if one != again || one == other {
		t.Error("one client for each account, and always the same one")
	}
}

func TestTheRateIsKeptAcrossGoroutines(t *testing.T) {
	o := openOrg(t, fakeaws.Options{MaxPage: 1})
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	c := o.collector(t, func(c *Config) { c.Rates.IdentityCenter = 0.001 })
	if obs, err := c.Collect(ctx); err == nil && len(gaps(obs)) == 0 {
		t.Fatal("the whole of Identity Center was read at one request in 1000 s")
	}
	center := 0
	for _, r := range o.Requests() {
		if r.Service == "sso" || r.Service == "identitystore" {
			center++
		}
	}
	if center > 1 {
		t.Errorf("%d requests at a rate that allows one", center)
	}
}

// The choke-point, tried through the very clients of the product.

func TestTheCollectorsClientsRefuseToWrite(t *testing.T) {
	o := openOrg(t, fakeaws.Options{})
	s := o.collector(t).session
	client := s.iamOf(prod, s.base.Credentials)
	user, id := sdk.String("leaver"), sdk.String("AKIALEAVER0000000001")
	_, deny := client.AttachUserPolicy(t.Context(), &iam.AttachUserPolicyInput{UserName: user, PolicyArn: sdk.String(awsDeny)})
	_, key := client.UpdateAccessKey(t.Context(), &iam.UpdateAccessKeyInput{UserName: user, AccessKeyId: id, Status: "Inactive"})
	_, assign := s.sso.CreateAccountAssignment(t.Context(), &ssoadmin.CreateAccountAssignmentInput{})
	_, member := s.ids.DeleteGroupMembership(t.Context(), &identitystore.DeleteGroupMembershipInput{IdentityStoreId: id, MembershipId: id})
	for i, err := range []error{deny, key, assign, member} {
		if err == nil || !strings.Contains(err.Error(), "may not send") {
			t.Errorf("write %d: %v", i, err)
		}
	}
	if n := len(o.Requests()); n > 0 {
		t.Errorf("%d requests were sent", n)
	}
}

// It is long because each try is a call of another operation with an input of its own, and
// beside one another they show what no revoker's client lets out.
func TestTheRevokersClientsSendNothingBeyondTheirTask(t *testing.T) {
	o := openOrg(t, fakeaws.Options{})
	s := o.revoker(t).session
	client := s.iamOf(prod, s.base.Credentials)
	user, key := sdk.String("leaver"), sdk.String("AKIALEAVER0000000001")
	tries := map[string]func() error{
		"delete user": func() error {
			_, err := client.DeleteUser(t.Context(), &iam.DeleteUserInput{UserName: user})
			return err
		},
		"put policy": func() error {
			_, err := client.PutUserPolicy(t.Context(), &iam.PutUserPolicyInput{UserName: user, PolicyName: user, PolicyDocument: sdk.String("{}")})
			return err
		},
		"attach another policy": func() error {
			_, err := client.AttachUserPolicy(t.Context(), &iam.AttachUserPolicyInput{UserName: user, PolicyArn: sdk.String("arn:aws:iam::aws:policy/AdministratorAccess")})
			return err
		},
		"set another boundary": func() error {
			_, err := client.PutUserPermissionsBoundary(t.Context(), &iam.PutUserPermissionsBoundaryInput{UserName: user, PermissionsBoundary: sdk.String("arn:aws:iam::aws:policy/ReadOnlyAccess")})
			return err
		},
		"activate a key": func() error {
			_, err := client.UpdateAccessKey(t.Context(), &iam.UpdateAccessKeyInput{UserName: user, AccessKeyId: key, Status: "Active"})
			return err
		},
		"take from a group": func() error {
			_, err := s.sso.DeleteAccountAssignment(t.Context(), &ssoadmin.DeleteAccountAssignmentInput{
				InstanceArn: sdk.String(fakeaws.InstanceARN), PermissionSetArn: &o.reader, PrincipalType: "GROUP", PrincipalId: &o.platform, TargetType: "AWS_ACCOUNT", TargetId: sdk.String(prod)})
			return err
		},
		"key of nobody": func() error {
			_, err := client.UpdateAccessKey(t.Context(), &iam.UpdateAccessKeyInput{AccessKeyId: key, Status: "Inactive"})
			return err
		},
		"key of an empty name": func() error {
			_, err := client.UpdateAccessKey(t.Context(), &iam.UpdateAccessKeyInput{UserName: sdk.String(""), AccessKeyId: key, Status: "Inactive"})
			return err
		},
		"keys of nobody": func() error {
			_, err := client.ListAccessKeys(t.Context(), &iam.ListAccessKeysInput{})
			return err
		},
		"services of nobody": func() error {
			_, err := client.ListServiceSpecificCredentials(t.Context(), &iam.ListServiceSpecificCredentialsInput{AllUsers: sdk.Bool(false)})
			return err
		},
		"whoever asks": func() error {
			_, err := client.GetUser(t.Context(), &iam.GetUserInput{})
			return err
		},
		"malformed name": func() error {
			_, err := client.GetUser(t.Context(), &iam.GetUserInput{UserName: sdk.String("a b")})
			return err
		},
	}
	nobody := map[string]bool{"key of nobody": true, "key of an empty name": true, "keys of nobody": true, "services of nobody": true, "whoever asks": true}
	for name, try := range tries {
		err := try()
		if err == nil || !strings.Contains(err.Error(), "is refused") {
			t.Errorf("%s: %v", name, err)
		} else if nobody[name] != strings.Contains(err.Error(), "could take for the caller's own") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if n := len(o.Requests()); n > 0 {
		t.Errorf("%d requests were sent", n)
	}
}
