package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"rollcall/internal/access"
	"rollcall/internal/sandbox/fakeaws"
	"rollcall/internal/sandbox/fakeokta"
	"rollcall/internal/sandbox/fakeokta/oktaspec"
	"rollcall/internal/sandbox/faults"
	"rollcall/reports/archive"
)

const (
	readToken  = "00readerTokenOfTheSandbox00000000000000"
	blockToken = "00blockerTokenOfTheSandbox0000000000000"
	homeAWS    = "111111111111"
	prodAWS    = "222222222222"
)

// tick is a time that passes only by sleeping, or when a test says so.
type tick struct {
	mu  sync.Mutex
	now time.Time
}

// firstNight lies far ahead, so that what the fake AWS lends is never over by
// the clock of the SDK, which is the machine's.
var firstNight = time.Date(2041, 3, 4, 1, 0, 0, 0, time.UTC)

func (k *tick) Now() time.Time {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.now
}

func (k *tick) Sleep(ctx context.Context, d time.Duration) error {
	k.pass(max(d, 0))
	return ctx.Err()
}

func (k *tick) pass(d time.Duration) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.now = k.now.Add(d)
}

// townsfolk is a small company: an Okta and an AWS behind faults, a folder with
// the configuration, HR's list and an archive.
type townsfolk struct {
	t                  *testing.T
	clock              *tick
	okta               *fakeokta.Server
	aws                *fakeaws.Server
	oktaFaults         *faults.Injector
	awsFaults          *faults.Injector
	arrives            func(access.System, *http.Request) // sees each request before anything becomes of it
	dir                string
	people             []string // logins; the employee id of the nth is E01, E02, ...
	left               map[string]bool
	users              map[string]fakeokta.User
	group, leaversOnly fakeokta.Group
}

func newTown(t *testing.T, opts fakeokta.Options) *townsfolk {
	t.Helper()
	w := &townsfolk{t: t, clock: &tick{now: firstNight}, dir: t.TempDir(), left: map[string]bool{}, users: map[string]fakeokta.User{},
		people: []string{"ann", "bob", "cid", "dan", "eve", "fay", "gus", "hal", "ida", "jon", "leo", "mia"}}
	opts.Now, opts.Tokens = w.clock.Now, map[string]fakeokta.Token{}
	if opts.RateLimits == nil {
		opts.RateLimits = fakeokta.Raised(1_000_000)
	}
	w.okta = fakeokta.New(opts)
	w.populateOkta()
	w.populateAWS()
	w.oktaFaults, w.awsFaults = faults.New(judgedButTokens(t, w.okta)), faults.New(w.aws)
	w.configure(serve(t, w.heard("okta", w.oktaFaults)), serve(t, w.heard("aws", w.awsFaults)))
	w.roster()
	return w
}

// judgedButTokens lets Okta's description judge all but the token endpoint, which is not
// in it.
func judgedButTokens(t *testing.T, org *fakeokta.Server) http.Handler {
	judge := oktaspec.Judge(t, org)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/oauth2/v1/token" {
			org.ServeHTTP(w, r)
			return
		}
		judge.ServeHTTP(w, r)
	})
}

func serve(t *testing.T, h http.Handler) string {
	t.Helper()
	server := httptest.NewUnstartedServer(h)
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // faults and killed clients cut connections
	server.Start()
	t.Cleanup(server.Close)
	return server.URL
}

func (w *townsfolk) populateOkta() {
	long := firstNight.AddDate(-1, 0, 0)
	add := func(login, number string) fakeokta.User {
		return w.okta.AddUser(fakeokta.User{Status: fakeokta.Active, Created: long, Sessions: 1, Profile: map[string]any{
			"login": login + "@example.test", "email": login + "@example.test", "firstName": login, "lastName": "Test", "employeeNumber": number}})
	}
	job := add("rollcall", "")
	w.okta.AddRole(fakeokta.RoleAssignment{Assignee: job.ID, Type: "SUPER_ADMIN", Label: "Super Administrator"})
	w.okta.SetToken(readToken, fakeokta.Token{Name: "read", ReadOnly: true, UserID: job.ID})
	w.okta.SetToken(blockToken, fakeokta.Token{Name: "block", UserID: job.ID})
	w.group, w.leaversOnly = w.okta.AddGroup(fakeokta.Group{Name: "Staff"}), w.okta.AddGroup(fakeokta.Group{Name: "Old hands"})
	for n, name := range w.people {
		w.users[name] = add(name, fmt.Sprintf("E%02d", n+1))
		w.okta.AddMember(w.group.ID, w.users[name].ID)
	}
	w.okta.AddMember(w.leaversOnly.ID, w.users["ann"].ID, w.users["leo"].ID)
	w.okta.AddAPIToken(fakeokta.APIToken{Name: "leo's script", UserID: w.users["leo"].ID, Created: long, ExpiresAt: firstNight.AddDate(1, 0, 0)})
}

func (w *townsfolk) populateAWS() {
	long := firstNight.AddDate(-2, 0, 0)
	w.aws = fakeaws.New(fakeaws.Options{Now: w.clock.Now, ManagementAccount: homeAWS,
		Credentials: []fakeaws.Credential{{AccessKeyID: "AKIAJOB", Secret: "s", Account: homeAWS, UserName: "job"}}})
	for _, id := range []string{homeAWS, prodAWS} {
		w.aws.AddAccount(fakeaws.Account{ID: id, Name: "account " + id, JoinedAt: long})
		w.aws.AddRole(fakeaws.Role{Account: id, Name: "read", ReadOnly: true})
		w.aws.AddRole(fakeaws.Role{Account: id, Name: "block"})
	}
	w.aws.AddIAMUser(fakeaws.IAMUser{Account: homeAWS, Name: "job", CreatedAt: long, AccessKeys: []fakeaws.AccessKey{{ID: "AKIAJOB", CreatedAt: long}}})
	for _, name := range []string{"ann", "leo"} {
		w.aws.AddIAMUser(fakeaws.IAMUser{Account: prodAWS, Name: name, CreatedAt: long,
			Tags:       []fakeaws.Tag{{Key: "employee_id", Value: w.id(name)}},
			AccessKeys: []fakeaws.AccessKey{{ID: "AKIA" + strings.ToUpper(name) + "0000000000001", CreatedAt: long}}})
		user := w.aws.AddCenterUser(fakeaws.CenterUser{UserName: name + "@example.test", DisplayName: name, Email: name + "@example.test", Status: "ENABLED"})
		if name == "leo" {
			w.aws.Assign(prodAWS, w.aws.AddPermissionSet("Admin", "PT1H"), "USER", user)
		}
	}
}

// id is the employee id of a login.
func (w *townsfolk) id(login string) string {
	for n, name := range w.people {
		if name == login {
			return fmt.Sprintf("E%02d", n+1)
		}
	}
	w.t.Fatalf("nobody is called %s", login)
	return ""
}

func (w *townsfolk) configure(oktaURL, awsURL string) {
	w.t.Helper()
	private, public, err := archive.NewKey()
	if err != nil {
		w.t.Fatal(err)
	}
	w.write("signing.pem", string(private))
	if err := os.Chmod(filepath.Join(w.dir, "signing.pem"), 0o600); err != nil {
		w.t.Fatal(err)
	}
	w.write("public.pem", string(public))
	w.write("rolemap.csv", "role,title,department,worker_type,system,scope,kind,entitlement,requirement,risk,owner,meaning,approved_by,approved_on,expires_on\n"+
		"Everyone,,,,okta,,group,*,allowed,standard,Ann,Everything in Okta,Ann,2040-01-01,\n")
	w.write("observe.yaml", settingsOf("observe", oktaURL, awsURL))
	w.write("rollcall.yaml", settingsOf("enforce", oktaURL, awsURL))
}

func settingsOf(mode, oktaURL, awsURL string) string {
	return `company: {name: Example, timezone: UTC}
systems:
  okta: {type: okta, org_url: "` + oktaURL + `", allow_http: true, token: {env: OKTA_TOKEN}, revoke_token: {env: OKTA_REVOKE_TOKEN}}
  aws: {type: aws, region: us-east-1, endpoint: "` + awsURL + `", role: read, management_role: read, revoke_role: block, management_revoke_role: block}
rosters:
  - {name: employees, file: roster.csv}
policy: {rolemap: rolemap.csv}
mode: ` + mode + `
archive: {root: archive, signing_key: {file: signing.pem}, public_key: public.pem}
reports: {dir: reports}
`
}

func (w *townsfolk) write(name, text string) {
	w.t.Helper()
	if err := os.WriteFile(filepath.Join(w.dir, name), []byte(text), 0o640); err != nil {
		w.t.Fatal(err)
	}
}

// roster writes HR's list as it is now, without the people named.
func (w *townsfolk) roster(without ...string) {
	var b strings.Builder
	b.WriteString("employee_id,email,name,title,department,manager_id,worker_type,status,start_date,end_date,last_working_day,timezone,aliases\n")
	for n, name := range w.people {
		if strings.Contains(" "+strings.Join(without, " ")+" ", " "+name+" ") {
			continue
		}
		status, end := "active", ""
		if w.left[name] {
			status, end = "left", firstNight.AddDate(0, 0, -3).Format(time.DateOnly)
		}
		fmt.Fprintf(&b, "E%02d,%s@example.test,%s Test,Clerk,Dep%d,,employee,%s,2030-01-01,%s,,,\n", n+1, name, name, n, status, end)
	}
	w.write("roster.csv", b.String())
}

// leave writes HR's next list, in which these people have left.
func (w *townsfolk) leave(names ...string) {
	for _, name := range names {
		w.left[name] = true
	}
	w.roster()
}
