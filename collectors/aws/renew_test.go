package aws

import (
	"context"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"rollcall/collectors/collectortest"
	"rollcall/internal/access"
	"rollcall/internal/sandbox/fakeaws"
)

// ending ends all sessions just before the nth request for an action is sent.
type ending struct {
	o      *org
	action string
	nth    int64
	asked  atomic.Int64
}

func (e *ending) RoundTrip(r *http.Request) (*http.Response, error) {
	asked, action, err := asks(r)
	if err == nil && action == e.action && e.asked.Add(1) == e.nth {
		e.o.EndSessions()
	}
	return http.DefaultTransport.RoundTrip(asked)
}

// lent gives the job credentials that end, from the sandbox's token service.
func (o *org) lent() sdk.CredentialsProvider {
	o.AddRole(fakeaws.Role{Account: home, Name: "job"})
	own := sdk.Config{Region: "us-east-1", BaseEndpoint: &o.url, Credentials: credentials.NewStaticCredentialsProvider("AKIAJOB", "s", "")}
	return stscreds.NewAssumeRoleProvider(sts.NewFromConfig(own), "arn:aws:iam::"+home+":role/job", func(a *stscreds.AssumeRoleOptions) { a.RoleSessionName = "cron" })
}

func TestSessionsThatEndHalfWayAreRenewedAndTheListIsWhole(t *testing.T) {
	for _, action := range []string{
		"ListAccounts", "GetAccountAuthorizationDetails", "GetCredentialReport", "ListServiceSpecificCredentials",
		"ListUsers", "ListGroups", "ListGroupMemberships", "ListPermissionSets", "DescribePermissionSet", "ListAccountAssignments", "ListApplications", "AssumeRole",
	} {
		o := openOrg(t, fakeaws.Options{MaxPage: 1})
		want := o.collect(t, func(c *Config) { c.Credentials = o.lent() })
		cut := &ending{o: o, action: action, nth: 2}
		got := o.collect(t, func(c *Config) { c.Credentials, c.HTTP = o.lent(), cut })
		if cut.asked.Load() < 2 {
			t.Fatalf("%s was asked for %d times: nothing ended half-way", action, cut.asked.Load())
		}
		if problem := collectortest.Compare(want, pageless(got)); problem != "" || len(gaps(got)) > 0 {
			t.Errorf("%s: %s; gaps %v", action, problem, gaps(got))
		}
	}
}

func TestSessionsThatEndUnderARevokerAreRenewedAndTheBlockIsDone(t *testing.T) {
	o := openOrg(t, fakeaws.Options{})
	cut := &ending{o: o, action: "AttachUserPolicy", nth: 1}
	a := o.act(access.IAMDeny, o.collect(t))
	r := o.revoker(t, func(c *Config) { c.Credentials, c.HTTP = o.lent(), cut })
	if _, err := r.Act(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	if now, err := r.Inspect(t.Context(), a); err != nil || !now.Holds {
		t.Errorf("read back: %+v, %v", now, err)
	}
	if cut.asked.Load() != 2 {
		t.Errorf("AttachUserPolicy was sent %d times, want twice: refused unread, then done", cut.asked.Load())
	}
}

func TestManyRequestsThatFailTogetherAskForOneNewSession(t *testing.T) {
	o := openOrg(t, fakeaws.Options{MaxPage: 1})
	before := len(o.Requests())
	o.collect(t)
	roles := func() (n int) {
		for _, r := range o.Requests()[before:] {
			if r.Action == "AssumeRole" {
				n++
			}
		}
		return n
	}
	usual := roles()
	before = len(o.Requests())
	o.collect(t, func(c *Config) { c.HTTP = &ending{o: o, action: "GetAccountAuthorizationDetails", nth: 4} })
	if again := roles(); again <= usual || again > 2*usual {
		t.Errorf("%d roles assumed, %d without the end of sessions: each has to be renewed once", again, usual)
	}
}

func TestCredentialsThatCannotBeRenewedAreAGapAfterOneTry(t *testing.T) {
	for name, c := range map[string]struct {
		lent bool
		says string
	}{
		"keys that last":           {false, "not temporary"},
		"new ones refused as well": {true, "new ones were refused too"},
	} {
		o := openOrg(t, fakeaws.Options{})
		rule := apiError("ListGroups", 400, "ExpiredTokenException")
		fired := o.faults.Add(rule)
		obs := o.collect(t, func(cfg *Config) {
			if c.lent {
				cfg.Credentials = o.lent()
			}
		})
		gap := gaps(obs)[readSSOGroups]
		if !strings.Contains(gap, c.says) {
			t.Errorf("%s: gap %q", name, gap)
		}
		if most := map[bool]int{false: 1, true: 2}[c.lent]; fired() != most {
			t.Errorf("%s: asked %d times, want %d", name, fired(), most)
		}
	}
}

func TestCredentialsOfSomebodyElsesCacheAreForgottenThere(t *testing.T) {
	calls := 0
	cache := sdk.NewCredentialsCache(sdk.CredentialsProviderFunc(func(context.Context) (sdk.Credentials, error) {
		calls++
		return sdk.Credentials{AccessKeyID: "A", SecretAccessKey: "s", SessionToken: strings.Repeat("x", calls)}, nil
	}))
	r := renewing(cache)
	first, err := r.Retrieve(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for range 3 { // requests that were signed with the same credentials
		if err := r.renew(t.Context(), first); err != nil {
			t.Fatal(err)
		}
	}
	if calls != 2 {
		t.Errorf("fetched %d times, want twice", calls)
	}
}
