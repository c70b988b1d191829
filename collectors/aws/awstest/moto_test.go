//go:build emulators

package awstest

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"

	"rollcall/collectors"
	"rollcall/collectors/aws"
	"rollcall/internal/access"
)

// made is what populate.py made.
type made struct {
	Home     string   `json:"home"`
	Accounts []string `json:"accounts"`
	IAM      map[string]map[string]struct {
		ID, Key, SSH string
	} `json:"iam"`
	People map[string]string `json:"people"`
	Group  string            `json:"group"`
	Admin  string            `json:"admin"`
	Reader string            `json:"reader"`
}

// left is what verify.py found to work still.
type left struct {
	Users map[string]struct {
		Denied, Exists bool
		Keys           []string `json:"active_keys"`
		SSH            []string `json:"active_ssh"`
	} `json:"users"`
	LeaverAssigned bool `json:"leaver_assigned"`
	LeaverMember   bool `json:"leaver_member"`
	AdaAssigned    bool `json:"ada_assigned"`
	AdaMember      bool `json:"ada_member"`
}

const leaver = "leaver@example.com"

func config(endpoint, role string) aws.Config {
	return aws.Config{
		System: "aws", Region: "us-east-1", Endpoint: endpoint, RoleName: role, RunID: "moto",
		Credentials: credentials.NewStaticCredentialsProvider("home", "home", ""),
		HTTP:        Respelt{Next: http.DefaultTransport},
		Rates:       aws.Rates{IdentityCenter: 1000, IAM: 1000},
		Now:         func() time.Time { return time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC) },
		Sleep:       func(ctx context.Context, _ time.Duration) error { return ctx.Err() },
	}
}

func populated(t *testing.T) (string, made, []byte) {
	t.Helper()
	endpoint := StartMoto(t)
	raw := Populate(t, endpoint)
	var m made
	if err := json.Unmarshal(raw, &m); err != nil {
		t.Fatalf("%v in %s", err, raw)
	}
	return endpoint, m, raw
}

func collect(t *testing.T, cfg aws.Config) (*aws.Collector, access.Observation) {
	t.Helper()
	c, err := aws.NewCollector(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	obs, err := c.Collect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return c, obs
}

func TestEveryAccountOfMotoIsReadAndWhatMotoLacksIsAGapOfItsOwn(t *testing.T) {
	endpoint, m, _ := populated(t)
	_, obs := collect(t, config(endpoint, "rollcall-read"))
	for _, r := range obs.Reads {
		// moto answers ListServiceSpecificCredentials and ListApplications with an
		// HTML page and status 500: it does not know the operations.
		if want := r.Kind != "service_credentials" && r.Kind != "sso_applications"; r.Complete != want {
			t.Errorf("%s: complete %v, gap %q", r.Name(), r.Complete, r.Gap)
		}
	}
	for _, account := range append([]string{m.Home}, m.Accounts...) {
		for name, want := range m.IAM[account] {
			i := slices.IndexFunc(obs.Accounts, func(a access.Account) bool { return string(a.ID) == want.ID })
			if i < 0 {
				t.Fatalf("user %s of %s is missing", name, account)
			}
			a := obs.Accounts[i]
			if a.Scope != account || a.Login != name || string(a.HRID) != "E-"+name || !a.UsageKnown || (a.MFA == access.MFAYes) != (name == "ada") {
				t.Errorf("%s in %s: %+v", name, account, a)
			}
			got := held(obs, i)
			want := []string{"access_key access key 1", "console_login console login", "iam_group engineers", "iam_inline_policy buckets", "iam_policy ReadOnlyAccess via iam_group engineers"}
			if name == "ada" {
				want = append(want, "iam_policy company-open")
			}
			slices.Sort(want)
			if !slices.Equal(got, want) {
				t.Errorf("%s in %s holds %q, want %q", name, account, got, want)
			}
			if a.Privileged != (name == "ada") {
				t.Errorf("%s in %s: privileged %v", name, account, a.Privileged)
			}
		}
	}
	person := slices.IndexFunc(obs.Accounts, func(a access.Account) bool { return string(a.ID) == m.People["leaver"] })
	want := []string{"permission_set AdminAccess", "permission_set Reader via sso_group platform", "sso_group platform"}
	if got := held(obs, person); !slices.Equal(got, want) {
		t.Errorf("the leaver's Identity Center user holds %q, want %q", got, want)
	}
}

func TestMotoGivesTheSameByPairAndByPrincipalAndItsBridgesAreNoted(t *testing.T) {
	endpoint, m, _ := populated(t)
	_, byPair := collect(t, config(endpoint, "rollcall-read"))
	cfg := config(endpoint, "rollcall-read")
	cfg.Prefer = collectors.PreferCalls // more pairs than people, since moto ignores the account of a pair
	asked := &counting{next: cfg.HTTP}
	cfg.HTTP = asked
	_, byPrincipal := collect(t, cfg)
	if asked.count.Load() < 3 {
		t.Fatalf("%d principals were asked, want two users and a group", asked.count.Load())
	}
	for name, id := range m.People {
		is := func(a access.Account) bool { return string(a.ID) == id }
		one, other := held(byPair, slices.IndexFunc(byPair.Accounts, is)), held(byPrincipal, slices.IndexFunc(byPrincipal.Accounts, is))
		if !slices.Equal(one, other) || len(one) < 3 {
			t.Errorf("%s holds %q by pair and %q by principal", name, one, other)
		}
	}
	lent := func(note string) bool {
		return strings.Contains(note, m.Accounts[1]) && strings.Contains(note, "not collected") && strings.Contains(note, "role lent;")
	}
	if !slices.ContainsFunc(byPair.Notes, lent) {
		t.Errorf("notes %q", byPair.Notes)
	}
}

// counting counts the questions by principal.
type counting struct {
	next  http.RoundTripper
	count atomic.Int32
}

func (c *counting) RoundTrip(r *http.Request) (*http.Response, error) {
	if strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".ListAccountAssignmentsForPrincipal") {
		c.count.Add(1)
	}
	return c.next.RoundTrip(r)
}

func held(obs access.Observation, account int) []string {
	var all []string
	for _, g := range obs.Grants {
		if int(g.Account) == account {
			e := obs.Entitlements[g.Entitlement]
			text := string(e.Kind) + " " + e.Name
			if !g.Direct() {
				text += " via " + obs.Via(g)
			}
			all = append(all, text)
		}
	}
	slices.Sort(all)
	return all
}

// blocks gives the actions that block the leaver everywhere.
func blocks(obs access.Observation) []access.Action {
	verbs := map[access.EntitlementKind]access.Verb{
		access.AccessKey: access.IAMDeactivateKey, access.SSHKey: access.IAMDeactivateSSHKey,
		access.PermissionSet: access.SSODeleteAssignment, access.SSOGroup: access.SSODeleteMembership,
	}
	var all []access.Action
	for i, a := range obs.Accounts {
		if !strings.HasPrefix(a.Login, "leaver") {
			continue
		}
		action := access.Action{Account: a.Key(), AccountKind: a.Kind, Login: a.Login}
		if a.Kind == access.IAMUser {
			action.Verb = access.IAMDeny
			all = append(all, action)
		}
		for _, g := range obs.Grants {
			e := obs.Entitlements[g.Entitlement]
			if verb := verbs[e.Kind]; int(g.Account) == i && g.Direct() && verb != "" {
				action.Verb, action.EntitlementKind, action.EntitlementID, action.GrantScope = verb, e.Kind, e.ID, e.Scope
				all = append(all, action)
			}
		}
	}
	for i := range all {
		all[i].ID = strconv.Itoa(i)
	}
	return all
}

// carryOut acts, and looks before and after each action.
func carryOut(t *testing.T, revoker *aws.Revoker, actions []access.Action) {
	t.Helper()
	for _, a := range actions {
		before, err := revoker.Inspect(t.Context(), a)
		if err != nil || before.Holds || before.Refuse != "" || len(before.Before) == 0 {
			t.Fatalf("before %s of %s: %+v, %v", a.Verb, a.Account, before, err)
		}
		if receipt, err := revoker.Act(t.Context(), a); err != nil || receipt.RequestID == "" {
			t.Fatalf("%s of %s: %+v, %v", a.Verb, a.Account, receipt, err)
		}
		if after, err := revoker.Inspect(t.Context(), a); err != nil || !after.Holds {
			t.Fatalf("after %s of %s: %+v, %v", a.Verb, a.Account, after, err)
		}
	}
}

func TestABlockedLeaverIsBlockedInTheEyesOfBoto3AndNobodyElseIs(t *testing.T) {
	endpoint, m, raw := populated(t)
	collector, obs := collect(t, config(endpoint, "rollcall-read"))
	obs = withCredentials(t, collector, obs)
	actions := blocks(obs)
	if len(actions) != 3*3+2 {
		t.Fatalf("%d actions, want deny, key and SSH key in 3 accounts, an assignment and a membership: %+v", len(actions), actions)
	}
	revoker, err := aws.NewRevoker(t.Context(), config(endpoint, "rollcall-block"))
	if err != nil {
		t.Fatal(err)
	}
	carryOut(t, revoker, actions)

	var found left
	if err := json.Unmarshal(runPython(t, "verify.py", endpoint, raw), &found); err != nil {
		t.Fatal(err)
	}
	for key, user := range found.Users {
		account, name, _ := strings.Cut(key, "/")
		mine := m.IAM[account][name]
		blocked := user.Denied && len(user.Keys) == 0 && len(user.SSH) == 0
		untouched := !user.Denied && slices.Equal(user.Keys, []string{mine.Key}) && slices.Equal(user.SSH, []string{mine.SSH})
		if !user.Exists || (name == leaver && !blocked) || (name != leaver && !untouched) {
			t.Errorf("boto3 says of %s: %+v", key, user)
		}
	}
	if found.LeaverAssigned || found.LeaverMember || !found.AdaAssigned || !found.AdaMember {
		t.Errorf("boto3 says of Identity Center: %+v", found)
	}
	_, obs = collect(t, config(endpoint, "rollcall-read"))
	for _, a := range obs.Accounts {
		if a.Kind == access.IAMUser && (a.Status == access.AccountSuspended) != (a.Login == leaver) {
			t.Errorf("collected again, %s of %s is %s", a.Login, a.Scope, a.Status)
		}
	}
}
