package okta

import (
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"rollcall/collectors/collectortest"
	"rollcall/internal/access"
	"rollcall/internal/sandbox/fakeokta"
	"rollcall/internal/sandbox/fakeokta/oktaspec"
	"rollcall/internal/sandbox/faults"
)

const (
	readerToken  = "00readerTokenThatMustNeverBeSeen000000000"
	revokerToken = "00revokerTokenThatMustNeverBeSeen00000000"
)

// clock is a time that passes only by sleeping.
type clock = collectortest.Clock

func total(slept []time.Duration) (d time.Duration) {
	for _, one := range slept {
		d += one
	}
	return d
}

// company is a small organisation in which every kind of thing occurs once.
type company struct {
	*fakeokta.Server
	job, ann, bob, cid, dan, eve    fakeokta.User
	engineering, support, empty, ad fakeokta.Group
	wiki, payroll, sync             fakeokta.App
	helpDesk                        fakeokta.CustomRole
	berlin                          fakeokta.ResourceSet
	annsToken                       fakeokta.APIToken
}

func person(login, first, last, number string, status fakeokta.Status) fakeokta.User {
	profile := map[string]any{"login": login, "email": login, "firstName": first, "lastName": last}
	if number != "" {
		profile["employeeNumber"] = number
	}
	return fakeokta.User{Status: status, Profile: profile}
}

var epoch = time.Date(2026, 1, 5, 8, 0, 0, 0, time.UTC)

func populate(opts fakeokta.Options) *company {
	opts.Tokens = map[string]fakeokta.Token{}
	o := &company{Server: fakeokta.New(opts)}
	add := func(u fakeokta.User) fakeokta.User {
		u.Created = epoch
		return o.AddUser(u)
	}
	o.job = add(person("rollcall@example.test", "Roll", "Call", "", fakeokta.Active))
	ann := person("ann@example.test", "Ann", "Archer", "0012", fakeokta.Active)
	ann.LastLogin = epoch.AddDate(0, 3, 0)
	o.ann = add(ann)
	o.bob = add(person("bob@example.test", "Bob", "Baker", "13", fakeokta.LockedOut))
	o.cid = add(person("cid@example.test", "Cid", "Carter", "14", fakeokta.Suspended))
	o.dan = add(person("dan@example.test", "Dan", "Dyer", "15", fakeokta.Deprovisioned))
	o.eve = add(person("eve@example.test", "Eve", "Ellis", "16", fakeokta.Staged))
	o.SetToken(readerToken, fakeokta.Token{Name: "reader", ReadOnly: true, UserID: o.job.ID})
	o.SetToken(revokerToken, fakeokta.Token{Name: "revoker", UserID: o.job.ID})

	o.engineering = o.AddGroup(fakeokta.Group{Name: "Engineering"})
	o.support = o.AddGroup(fakeokta.Group{Name: "Support"})
	o.empty = o.AddGroup(fakeokta.Group{Name: "Empty"})
	o.ad = o.AddGroup(fakeokta.Group{Name: "AD Staff", Type: fakeokta.TypeAppGroup})
	rule := o.AddGroupRule(fakeokta.GroupRule{Name: "Engineers", Expression: `user.department=="Engineering"`, GroupIDs: []string{o.engineering.ID}})
	o.AddRuleMember(o.engineering.ID, rule.ID, o.ann.ID)
	o.AddMember(o.engineering.ID, o.bob.ID, o.dan.ID)
	o.AddMember(o.support.ID, o.bob.ID, o.cid.ID)
	o.AddMember(o.ad.ID, o.ann.ID)

	o.wiki = o.AddApp(fakeokta.App{Label: "Wiki"})
	o.payroll = o.AddApp(fakeokta.App{Label: "Payroll"})
	o.sync = o.AddApp(fakeokta.App{Label: "Sync", SignOnMode: "OPENID_CONNECT", ClientType: "service", ClientID: "sync-client.1"})
	o.AddApp(fakeokta.App{Label: "Old", Status: "INACTIVE"})
	o.AssignGroup(o.wiki.ID, o.engineering.ID)
	o.AssignGroup(o.wiki.ID, o.Everyone())
	o.AssignUser(o.payroll.ID, o.ann.ID, o.cid.ID)
	o.AssignGroup(o.payroll.ID, o.support.ID)

	o.helpDesk = o.AddCustomRole(fakeokta.CustomRole{Label: "Help Desk"})
	o.berlin = o.AddResourceSet(fakeokta.ResourceSet{Label: "Berlin"})
	o.AddRole(fakeokta.RoleAssignment{Assignee: o.ann.ID, Type: "SUPER_ADMIN", Label: "Super Administrator"})
	o.AddRole(fakeokta.RoleAssignment{To: fakeokta.ToGroup, Assignee: o.engineering.ID, Type: "APP_ADMIN", Label: "Application Administrator"})
	o.AddRole(fakeokta.RoleAssignment{To: fakeokta.ToGroup, Assignee: o.support.ID, RoleID: o.helpDesk.ID, ResourceSetID: o.berlin.ID})
	o.AddRole(fakeokta.RoleAssignment{Assignee: o.cid.ID, RoleID: o.helpDesk.ID, ResourceSetID: o.berlin.ID})
	o.AddRole(fakeokta.RoleAssignment{To: fakeokta.ToClient, Assignee: o.sync.ClientID, Type: "READ_ONLY_ADMIN", Label: "Read-only Administrator"})
	o.annsToken = o.AddAPIToken(fakeokta.APIToken{
		Name: "ann's script", UserID: o.ann.ID, Created: epoch, ExpiresAt: epoch.AddDate(0, 0, 30).AddDate(1, 0, 0),
	})
	return o
}

// raised are limits that no test runs into unless it means to.
var raised = fakeokta.Raised(100_000)

// sandbox is the company behind the judge, behind the faults.
type sandbox struct {
	*company
	*faults.Injector
	*clock
	url string
}

func newSandbox(t *testing.T, opts fakeokta.Options) *sandbox {
	t.Helper()
	c := collectortest.NewClock()
	opts.Now = c.Now
	if opts.RateLimits == nil {
		opts.RateLimits = raised
	}
	o := populate(opts)
	injector := faults.New(oktaspec.Judge(t, o))
	return &sandbox{company: o, Injector: injector, clock: c, url: serve(t, injector)}
}

// serve runs a handler until the test ends.
func serve(t testing.TB, h http.Handler) string {
	t.Helper()
	server := httptest.NewUnstartedServer(h)
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // the faults cut connections
	server.Start()
	t.Cleanup(server.Close)
	return server.URL
}

func (s *sandbox) config(token string) Config { return testConfig(s.url, token, s.clock) }

func testConfig(url, token string, c *clock) Config {
	return Config{
		System: "okta", OrgURL: url, Token: token, Now: c.Now, Sleep: c.Sleep,
		AllowHTTP: true, Timeout: 20 * time.Second,
	}
}

func (s *sandbox) collector(t *testing.T) *Collector {
	t.Helper()
	k, err := NewCollector(s.config(readerToken))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func (s *sandbox) collect(t *testing.T) access.Observation {
	t.Helper()
	_, obs := collected(t, s.config(readerToken))
	return obs
}

// collected is what a collector of this configuration saw, and the collector.
func collected(t testing.TB, cfg Config) (*Collector, access.Observation) {
	t.Helper()
	k, err := NewCollector(cfg)
	if err != nil {
		t.Fatal(err)
	}
	obs, err := k.Collect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return k, obs
}

func readOf(t *testing.T, obs access.Observation, kind string) access.Read {
	t.Helper()
	for _, r := range append(slices.Clone(obs.Reads), obs.Aside...) {
		if r.Kind == kind {
			return r
		}
	}
	t.Fatalf("no read of %s", kind)
	return access.Read{}
}
