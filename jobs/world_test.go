package jobs_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"
	"go.uber.org/goleak"

	"rollcall/collectors"
	"rollcall/collectors/aws"
	"rollcall/collectors/okta"
	"rollcall/collectors/roster"
	"rollcall/internal/access"
	"rollcall/internal/sandbox/fakeaws"
	"rollcall/internal/sandbox/fakeokta"
	"rollcall/internal/sandbox/fakeokta/oktaspec"
	"rollcall/internal/sandbox/faults"
	"rollcall/internal/sandbox/testclock"
	"rollcall/jobs"
	"rollcall/reconcile"
	"rollcall/reports/archive"
)

// The Okta SDK starts a cache janitor with every client, which its finalizer
// stops: that one is not ours.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreTopFunction("github.com/patrickmn/go-cache.(*janitor).Run"))
}

// dawn lies far ahead, so that what the fake AWS lends is never over by the
// clock of the SDK, which is the machine's.
var dawn = time.Date(2041, 3, 4, 1, 0, 0, 0, time.UTC)

const (
	readSecret  = "00readSecretOfTheSandbox000000000000000"
	blockSecret = "00blockSecretOfTheSandbox00000000000000"
	management  = "111111111111"
)

// village is an Okta and an AWS behind faults, an archive, and HR's list.
type village struct {
	t          *testing.T
	clock      *testclock.Clock
	okta       *fakeokta.Server
	aws        *fakeaws.Server
	oktaFaults *faults.Injector
	oktaURL    string
	awsURL     string
	transport  *http.Transport
	root       string
	signer     []byte
	people     []access.Identity
	users      map[string]fakeokta.User
	nights     int
	kinds      int // runs that looked at no system

	// What a test may bend.
	mode       access.Mode
	limits     reconcile.Limits
	records    func(jobs.Records) jobs.Records
	afterFacts func()
	asked      func(*http.Request) // sees each request to Okta before it is answered
	only       *access.Plan
	approvals  []jobs.ApprovalFile
	rules      []access.Rule // the role map
}

func newVillage(t *testing.T, opts fakeokta.Options) *village {
	t.Helper()
	v := &village{t: t, clock: testclock.At(dawn), root: filepath.Join(t.TempDir(), "archive"), users: map[string]fakeokta.User{},
		transport: &http.Transport{}, asked: func(*http.Request) {}}
	var err error
	if v.signer, _, err = archive.NewKey(); err != nil {
		t.Fatal(err)
	}
	opts.Now, opts.Tokens, opts.RateLimits = v.clock.Now, map[string]fakeokta.Token{}, fakeokta.Raised(1_000_000)
	v.okta = fakeokta.New(opts)
	v.aws = fakeaws.New(fakeaws.Options{Now: v.clock.Now, ManagementAccount: management,
		Credentials: []fakeaws.Credential{{AccessKeyID: "AKIAJOB", Secret: "s", Account: management, UserName: "job"}}})
	v.populate()
	v.oktaFaults = faults.New(oktaspec.Judge(t, v.okta))
	v.oktaURL = v.serve(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v.asked(r)
		v.oktaFaults.ServeHTTP(w, r)
	}))
	v.awsURL = v.serve(v.aws)
	v.night() // the baseline
	v.mode = access.Enforce
	return v
}

func (v *village) serve(h http.Handler) string {
	server := httptest.NewUnstartedServer(h)
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // the faults cut connections
	server.Start()
	v.t.Cleanup(server.Close)
	v.t.Cleanup(v.transport.CloseIdleConnections)
	return server.URL
}

func (v *village) populate() {
	long := dawn.AddDate(-1, 0, 0)
	add := func(login, number string) fakeokta.User {
		return v.okta.AddUser(fakeokta.User{Status: fakeokta.Active, Created: long, Sessions: 1, Profile: map[string]any{
			"login": login, "email": login, "firstName": "F", "lastName": "L", "employeeNumber": number}})
	}
	job := add("rollcall@example.test", "")
	v.okta.SetToken(readSecret, fakeokta.Token{Name: "read", ReadOnly: true, UserID: job.ID})
	v.okta.SetToken(blockSecret, fakeokta.Token{Name: "block", UserID: job.ID})
	for n, name := range []string{"ann", "bob", "cid", "dan", "eve", "jon", "leo", "mia"} {
		id, mail := fmt.Sprintf("E%d", n+1), name+"@example.test"
		v.users[name] = add(mail, id)
		v.people = append(v.people, access.Identity{Source: "employees", EmployeeID: access.EmployeeID(id), Email: mail, Name: name,
			Department: "Dep " + id, Status: access.StatusActive, Row: n + 2})
	}
	v.okta.AddAPIToken(fakeokta.APIToken{Name: "script", UserID: v.users["leo"].ID, Created: long, ExpiresAt: dawn.AddDate(1, 0, 0)})
	v.aws.AddAccount(fakeaws.Account{ID: management, Name: "home", JoinedAt: long})
	v.aws.AddRole(fakeaws.Role{Account: management, Name: "read", ReadOnly: true})
	v.aws.AddRole(fakeaws.Role{Account: management, Name: "block"})
	v.aws.AddIAMUser(fakeaws.IAMUser{Account: management, Name: "job", CreatedAt: long, AccessKeys: []fakeaws.AccessKey{{ID: "AKIAJOB", CreatedAt: long}}})
	v.aws.AddIAMUser(fakeaws.IAMUser{Account: management, Name: "leo", CreatedAt: long, Tags: []fakeaws.Tag{{Key: "employee_id", Value: "E7"}},
		AccessKeys: []fakeaws.AccessKey{{ID: "AKIALEO0000000000001", CreatedAt: long}}})
}

// is writes what HR says of people from now on.
func (v *village) is(status access.Status, names ...string) {
	for n := range v.people {
		for _, name := range names {
			if v.people[n].Name == name {
				v.people[n].Status, v.people[n].EndDate = status, access.Day{}
				if status == access.StatusLeft {
					v.people[n].EndDate = access.Day{At: dawn.AddDate(0, 0, -2).Truncate(24 * time.Hour)}
				}
			}
		}
	}
}

func (v *village) inputs(access.Memory) (jobs.Inputs, error) {
	rows := append([]access.Identity(nil), v.people...)
	b, err := roster.Encode(rows)
	if err != nil {
		return jobs.Inputs{}, err
	}
	sum := sha256.Sum256(b)
	hash := hex.EncodeToString(sum[:])
	return jobs.Inputs{
		Rosters: []jobs.RosterFile{{Roster: access.Roster{Source: "employees", File: "roster.csv", Original: hash, SHA256: hash, Rows: rows}, Received: len(rows)}},
		Policy:  access.Policy{RoleMap: access.RoleMap{Rules: v.rules}},
		Digests: []access.Input{{Name: "roster:employees", File: "roster.csv", SHA256: hash}},
		Raw:     [][]byte{b}, Approvals: slices.Clone(v.approvals),
	}, nil
}

func (v *village) oktaConfig(token string) okta.Config {
	return okta.Config{System: "okta", OrgURL: v.oktaURL, Token: token, HTTP: v.transport, Now: v.clock.Now, Sleep: v.clock.Sleep, Share: 1, AllowHTTP: true}
}

func (v *village) awsConfig(role string) aws.Config {
	return aws.Config{System: "aws", Region: "us-east-1", Endpoint: v.awsURL, RoleName: role, ManagementRoleName: role, RunID: "t", HTTP: v.transport,
		Credentials: credentials.NewStaticCredentialsProvider("AKIAJOB", "s", ""), Rates: aws.Rates{IdentityCenter: 1e6, IAM: 1e6},
		Now: v.clock.Now, Sleep: v.clock.Sleep}
}

// job wires a run, as cmd does.
func (v *village) job() *jobs.Job {
	v.t.Helper()
	key, err := archive.ParsePrivateKey(v.signer)
	v.ok(err)
	keep, err := archive.Open(v.root, key)
	v.ok(err)
	fromOkta, err := okta.NewCollector(v.oktaConfig(readSecret))
	v.ok(err)
	fromAWS, err := aws.NewCollector(v.t.Context(), v.awsConfig("read"))
	v.ok(err)
	atOkta, err := okta.NewRevoker(v.oktaConfig(blockSecret))
	v.ok(err)
	atAWS, err := aws.NewRevoker(v.t.Context(), v.awsConfig("block"))
	v.ok(err)
	records := jobs.Records(keep.Store())
	if v.records != nil {
		records = v.records(records)
	}
	v.nights++
	return &jobs.Job{
		Run: access.Run{ID: access.RunID(fmt.Sprintf("run-%02d", v.nights)), StartedAt: v.clock.Now(), Mode: v.mode, Actor: fmt.Sprintf("cron-%d", v.nights)},
		Now: v.clock.Now, Sleep: v.clock.Sleep, Settings: reconcile.Settings{Mode: v.mode, Limits: v.limits}, Inputs: v.inputs,
		Collect: func(ctx context.Context) []access.Observation {
			return collectors.All(ctx, []collectors.Collector{fromAWS, fromOkta}, nil)
		},
		Detail: func(ctx context.Context, seen []access.Observation, accounts [][]int) []access.Observation {
			if len(accounts[0]) > 0 {
				seen[0], err = fromAWS.Detail(ctx, seen[0], accounts[0])
				v.ok(err)
			}
			return seen
		},
		Uses: func(ctx context.Context, seen []access.Observation, watches [][]access.Watch) []access.Observation {
			if len(watches[1]) > 0 {
				seen[1] = fromOkta.Uses(ctx, seen[1], watches[1])
			}
			return seen
		},
		Events:   fromOkta.Events,
		Revokers: map[access.System]jobs.Revoker{"okta": atOkta, "aws": atAWS},
		Archive:  &shelf{Archive: keep, v: v}, Records: records, Only: v.only, Say: func(string, ...any) {},
	}
}

func (v *village) ok(err error) {
	v.t.Helper()
	if err != nil {
		v.t.Fatal(err)
	}
}

// night runs the night of the next day.
func (v *village) night() (jobs.Result, error) {
	v.t.Helper()
	v.clock.Pass(24 * time.Hour)
	return v.job().Nightly(v.t.Context())
}

// good is a night that must not abort, with its exit code.
func (v *village) good(code int) *access.Night {
	v.t.Helper()
	r, err := v.night()
	v.ok(err)
	if r.Night.Run.ExitCode != code {
		v.t.Fatalf("exit code %d, want %d: trips %+v, outcomes %s", r.Night.Run.ExitCode, code, r.Night.Plan.Trips, told(r.Night.Outcomes))
	}
	return r.Night
}

// leavesStaged: somebody has left who never began, so that only deactivation is left.
func (v *village) leavesStaged(name string) {
	v.okta.UpdateUser(v.users[name].ID, func(u *fakeokta.User) { u.Status = fakeokta.Staged })
	v.is(access.StatusLeft, name)
}
