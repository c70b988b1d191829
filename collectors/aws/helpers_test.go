package aws

import (
	"context"
	"encoding/json"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"

	"rollcall/internal/access"
	"rollcall/internal/sandbox/fakeaws"
	"rollcall/internal/sandbox/faults"
)

const (
	home    = "111111111111"
	prod    = "222222222222"
	dev     = "333333333333"
	closed  = "444444444444"
	awsDeny = "arn:aws:iam::aws:policy/AWSDenyAll"
)

// ahead puts the sandbox's clock before the machine's, whatever that says: the
// SDK compares the end of a role session with the machine's clock.
const ahead = 50 * 365 * 24 * time.Hour

var start = time.Date(2026, 11, 23, 1, 0, 0, 0, time.UTC)

// org is a populated sandbox with faults in front of it.
type org struct {
	*fakeaws.Server
	faults *faults.Injector
	url    string
	slept  *[]time.Duration

	reader, admin        string // permission sets
	platform, pushed     string // groups of Identity Center
	ada, leaver, fromIdP string // its users
}

func openOrg(t *testing.T, opts fakeaws.Options) *org {
	t.Helper()
	o := populated(opts, func() time.Time { return start.Add(ahead) })
	o.faults = faults.New(o.Server)
	server := httptest.NewUnstartedServer(o.faults)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.Start()
	t.Cleanup(server.Close)
	o.url, o.slept = server.URL, &[]time.Duration{}
	return o
}

func populated(opts fakeaws.Options, now func() time.Time) *org {
	opts.Now, opts.ManagementAccount = now, home
	opts.Credentials = []fakeaws.Credential{{AccessKeyID: "AKIAJOB", Secret: "s", Account: home, UserName: "job"}}
	o := &org{Server: fakeaws.New(opts)}
	for _, id := range []string{home, prod, dev} {
		o.AddRole(fakeaws.Role{Account: id, Name: "read", ReadOnly: true, ExternalID: "x"})
		o.AddRole(fakeaws.Role{Account: id, Name: "block", ExternalID: "x"})
	}
	o.AddAccount(fakeaws.Account{ID: home, Name: "home", JoinedAt: start.AddDate(-3, 0, 0)})
	o.AddAccount(fakeaws.Account{ID: prod, Name: "prod", JoinedAt: start.AddDate(-3, 0, 0), Root: fakeaws.Root{MFA: true, PasswordLastUsed: start.AddDate(0, -1, 0)}})
	o.AddAccount(fakeaws.Account{ID: dev, Name: "dev", JoinedAt: start.AddDate(-3, 0, 0)})
	o.AddAccount(fakeaws.Account{ID: closed, Name: "old", State: "SUSPENDED", JoinedAt: start.AddDate(-3, 0, 0)})
	o.addIAM()
	o.addCenter()
	return o
}

func (o *org) addIAM() {
	old := start.AddDate(-2, 0, 0)
	o.AddIAMUser(fakeaws.IAMUser{Account: home, Name: "job", CreatedAt: old, AccessKeys: []fakeaws.AccessKey{{CreatedAt: old}}})
	o.AddManagedPolicy(fakeaws.ManagedPolicy{Account: prod, Name: "all", Document: `{"Statement":{"Effect":"Allow","Action":"*","Resource":["*"]}}`})
	o.AddIAMGroup(fakeaws.IAMGroup{Account: prod, Name: "admins", Attached: []string{"arn:aws:iam::aws:policy/AdministratorAccess"}, Inline: []fakeaws.InlinePolicy{{Name: "pay", Document: `{"Statement":[]}`}}})
	o.AddIAMUser(fakeaws.IAMUser{
		Account: prod, Name: "leaver", CreatedAt: old,
		Tags:         []fakeaws.Tag{{Key: "EmployeeID", Value: "0012"}, {Key: "Email", Value: "leaver@example.com"}},
		Groups:       []string{"admins"},
		Attached:     []string{"arn:aws:iam::aws:policy/ReadOnlyAccess"},
		Inline:       []fakeaws.InlinePolicy{{Name: "own", Document: `{"Statement":[{"Effect":"Allow","Action":["s3:*"],"Resource":"*"}]}`}},
		LoginProfile: &fakeaws.LoginProfile{CreatedAt: old}, PasswordLastUsed: start.AddDate(0, 0, -3),
		AccessKeys: []fakeaws.AccessKey{
			{ID: "AKIALEAVER0000000001", CreatedAt: old, LastUsedAt: start.AddDate(0, 0, -1)},
			{ID: "AKIALEAVER0000000002", CreatedAt: old, Status: "Inactive"},
		},
		SSHKeys:            []fakeaws.SSHKey{{ID: "APKALEAVER0000000001"}, {ID: "APKALEAVER0000000002", Status: "Inactive"}},
		Certificates:       []fakeaws.Certificate{{ID: "CERTLEAVER", Body: "pem"}},
		ServiceCredentials: []fakeaws.ServiceCredential{{ID: "ACCALEAVER0000000001", Service: "codecommit.amazonaws.com", UserName: "leaver-at-222"}},
		MFA:                []fakeaws.MFADevice{{Serial: "arn:aws:iam::" + prod + ":mfa/leaver", Virtual: true}},
	})
	o.AddIAMUser(fakeaws.IAMUser{
		Account: prod, Name: "ada@example.com", CreatedAt: old, Attached: []string{"arn:aws:iam::" + prod + ":policy/all"},
		LoginProfile: &fakeaws.LoginProfile{CreatedAt: old},
	})
	o.AddIAMUser(fakeaws.IAMUser{Account: prod, Name: "stopped", CreatedAt: old, Attached: []string{awsDeny}})
	o.AddIAMUser(fakeaws.IAMUser{Account: prod, Name: "bounded", CreatedAt: old, Boundary: awsDeny})
}

func (o *org) addCenter() {
	o.admin, o.reader = o.AddPermissionSet("AdminAccess", "PT12H"), o.AddPermissionSet("Reader", "PT1H")
	o.ada = o.AddCenterUser(fakeaws.CenterUser{UserName: "ada", DisplayName: "Ada L", Email: "ada@example.com", Status: "ENABLED"})
	o.leaver = o.AddCenterUser(fakeaws.CenterUser{UserName: "leaver@example.com", Status: "DISABLED"})
	o.fromIdP = o.AddCenterUser(fakeaws.CenterUser{UserName: "pushed", Email: "p@example.com", ExternalIssuer: "https://scim.okta", ExternalID: "00u1"})
	o.platform = o.AddCenterGroup(fakeaws.CenterGroup{DisplayName: "platform"})
	o.pushed = o.AddCenterGroup(fakeaws.CenterGroup{DisplayName: "pushed group", ExternalIssuer: "https://scim.okta", ExternalID: "00g1"})
	o.AddCenterMember(o.platform, o.ada)
	o.AddCenterMember(o.platform, o.leaver)
	o.AddCenterMember(o.pushed, o.fromIdP)
	o.Assign(prod, o.admin, "USER", o.leaver)
	o.Assign(prod, o.reader, "GROUP", o.platform)
	o.Assign(dev, o.admin, "GROUP", o.pushed)
	o.Assign(closed, o.reader, "USER", o.ada)
	mail, crm := o.AddApplication("mail", home), o.AddApplication("crm", prod)
	o.AssignApplication(mail, "USER", o.ada)
	o.AssignApplication(mail, "GROUP", o.pushed)
	o.AssignApplication(crm, "USER", o.ada)
}

// config is for a role, read or block.
func (o *org) config(role string) Config {
	return Config{
		System: "aws", Region: "us-east-1", Endpoint: o.url, RoleName: role, ExternalID: "x", RunID: "t",
		Credentials: credentials.NewStaticCredentialsProvider("AKIAJOB", "s", ""),
		Rates:       Rates{IdentityCenter: 1e6, IAM: 1e6},
		Now:         func() time.Time { return start },
		Sleep: func(ctx context.Context, d time.Duration) error {
			*o.slept = append(*o.slept, d)
			return ctx.Err()
		},
	}
}

func (o *org) collector(t *testing.T, change ...func(*Config)) *Collector {
	t.Helper()
	cfg := o.config("read")
	// Goroutines share it, and a test that looks at the sleeps sets its own.
	cfg.Sleep = func(ctx context.Context, _ time.Duration) error { return ctx.Err() }
	return made(t, NewCollector, cfg, change)
}

// made makes a collector, a revoker or a restorer of a configuration that a test changes.
func made[T any](t *testing.T, make func(context.Context, Config) (*T, error), cfg Config, change []func(*Config)) *T {
	t.Helper()
	for _, c := range change {
		c(&cfg)
	}
	it, err := make(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	return it
}

func (o *org) collect(t *testing.T, change ...func(*Config)) access.Observation {
	t.Helper()
	obs, err := o.collector(t, change...).Collect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return obs
}

func (o *org) revoker(t *testing.T, change ...func(*Config)) *Revoker {
	t.Helper()
	return made(t, NewRevoker, o.config("block"), change)
}

// apiError refuses as AWS does in either protocol.
func apiError(op string, status int, code string) faults.Rule {
	rule := faults.Rule{Match: faults.Action(op), Kind: faults.Status, Code: status}
	rule.Header = http.Header{"Content-Type": {"text/xml"}}
	rule.Body = `<ErrorResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><Error><Type>Sender</Type><Code>` + code + `</Code><Message>no</Message></Error><RequestId>r</RequestId></ErrorResponse>`
	if centerOps[op] {
		rule.Header = http.Header{"Content-Type": {"application/x-amz-json-1.1"}}
		rule.Body = `{"__type":"` + code + `","message":"no"}`
	}
	return rule
}

// centerOps are the JSON operations that tests refuse.
var centerOps = map[string]bool{
	"ListAccounts": true, "DescribeOrganization": true, "ListInstances": true, "ListUsers": true, "ListGroups": true,
	"ListGroupMemberships": true, "ListAccountAssignments": true, "DeleteAccountAssignment": true,
	"DescribeAccountAssignmentDeletionStatus": true, "ListGroupMembershipsForMember": true, "DescribePermissionSet": true,
}

// gaps gives kind: gap of the incomplete reads, by name.
func gaps(obs access.Observation) map[string]string {
	found := map[string]string{}
	for _, r := range obs.Reads {
		if !r.Complete {
			found[strings.TrimPrefix(r.Name(), "aws/")] = r.Gap
		}
	}
	return found
}

func keysOf(m map[string]string) []string {
	var keys []string
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func find(t *testing.T, obs access.Observation, scope, login string) (int, access.Account) {
	t.Helper()
	for i, a := range obs.Accounts {
		if a.Scope == scope && a.Login == login {
			return i, a
		}
	}
	t.Fatalf("no account %s in %q", login, scope)
	return 0, access.Account{}
}

// held gives what an account holds, in words.
func held(t *testing.T, obs access.Observation, scope, login string) []string {
	t.Helper()
	i, _ := find(t, obs, scope, login)
	var all []string
	for _, g := range obs.Grants {
		if int(g.Account) == i {
			e := obs.Entitlements[g.Entitlement]
			text := string(e.Kind) + " " + e.Name
			if e.Kind == access.PermissionSet {
				text += " in " + e.ScopeName
			}
			if !g.Direct() {
				text += " via " + obs.Via(g)
			}
			all = append(all, text)
		}
	}
	slices.Sort(all)
	return all
}

// encode gives the snapshot of a state.
func encode(t *testing.T, st fakeaws.State) []byte {
	t.Helper()
	data, err := json.Marshal(st)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// keep notes waits in the place of waiting.
func keep(slept *[]time.Duration) func(context.Context, time.Duration) error {
	return func(ctx context.Context, d time.Duration) error {
		*slept = append(*slept, d)
		return ctx.Err()
	}
}
