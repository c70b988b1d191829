package okta

import (
	"fmt"
	"net/http"
	"runtime"
	"runtime/metrics"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rollcall/collectors"
	"rollcall/collectors/collectortest"
	"rollcall/internal/access"
	"rollcall/internal/sandbox/fakeokta"
)

// size is a made-up organisation of some size, in the proportions that
// docs/performance.md measures: for each 5,000 users 300 groups with 60,000
// memberships, 80 apps, 40 direct admins and 4 groups of admins.
type size struct{ users, groups, empty, withApps, apps, admins int }

var (
	small = size{users: 500, groups: 40, empty: 4, withApps: 24, apps: 10, admins: 6}
	large = size{users: 5000, groups: 300, empty: 14, withApps: 188, apps: 80, admins: 40}
)

// fill makes the organisation: one user in 20 is deactivated, one group in 32 is
// larger than a page, and each app has about two groups and direct users.
func (z size) fill(o *fakeokta.Server) {
	ids := make([]string, z.users)
	for n := range ids {
		u := person(fmt.Sprintf("p%05d@example.test", n), "Person", fmt.Sprintf("Number %05d", n), fmt.Sprint(10_000+n), fakeokta.Active)
		u.Profile["notes"] = strings.Repeat("what a directory keeps of a person ", 60) // 2.9 KB a user, as at Okta
		if n%20 == 19 {
			u.Status = fakeokta.Deprovisioned
		}
		ids[n] = o.AddUser(u).ID
	}
	some := func(start, n int) []string {
		out := make([]string, n)
		for i := range out {
			out[i] = ids[(start*131+i*7)%z.users]
		}
		return out
	}
	groups, apps := make([]string, z.groups), make([]string, z.apps)
	for n := range groups {
		groups[n] = o.AddGroup(fakeokta.Group{Name: fmt.Sprintf("Group %03d", n)}).ID
		switch {
		case n >= z.groups-z.empty:
		case n > 0 && n <= 4: // whose roles are of admins
			o.AddMember(groups[n], some(n, z.users*47/5000)...)
		case n%32 == 0:
			o.AddMember(groups[n], some(n, z.users*3/10)...)
		default:
			o.AddMember(groups[n], some(n, z.users*168/5000)...)
		}
	}
	for n := range apps {
		apps[n] = o.AddApp(fakeokta.App{Label: fmt.Sprintf("App %02d", n)}).ID
		o.AssignUser(apps[n], some(n, z.users*135/5000)...)
	}
	for n := range z.withApps {
		o.AssignGroup(apps[n%z.apps], groups[n])
	}
	for n := range z.admins {
		o.AddRole(fakeokta.RoleAssignment{Assignee: ids[n], Type: "HELP_DESK_ADMIN"})
	}
	for n := range 4 {
		o.AddRole(fakeokta.RoleAssignment{To: fakeokta.ToGroup, Assignee: groups[1+n], Type: "READ_ONLY_ADMIN"})
	}
}

// minimum is the fewest requests that read the organisation, counted from what
// it holds: reference/okta-aws.md A2, and one request for whose credential it is.
func minimum(s fakeokta.State, everyone string, fromGroups bool) int {
	members, apps, users := map[string]map[string]bool{}, map[string]int{}, map[string]map[string]bool{}
	for _, m := range s.Members {
		under(members, m.GroupID)[m.UserID] = true
	}
	gone := map[string]bool{}
	for _, u := range s.Users {
		gone[u.ID] = u.Status == fakeokta.Deprovisioned
	}
	for _, a := range s.AppUsers {
		under(users, a.AppID)[a.UserID] = true
	}
	for _, a := range s.AppGroups {
		apps[a.GroupID]++
		for id := range members[a.GroupID] {
			if !gone[id] {
				under(users, a.AppID)[id] = true
			}
		}
	}
	left := 0
	for _, is := range gone {
		if is {
			left++
		}
	}
	full := func(n, size int) int { return max(1, (n+size-1)/size) }
	n := 1 + full(len(s.Users)-left, 200) + full(left, 200) + full(len(s.Groups), 200) + full(len(s.Apps), 200)
	for _, g := range s.Groups {
		if in := len(members[g.ID]); in > 0 && g.ID != everyone {
			n += full(in, 1000)
		}
		if fromGroups && apps[g.ID] > 0 {
			n += full(apps[g.ID], 200)
		}
	}
	for _, a := range s.Apps {
		n += full(len(users[a.ID]), 500)
		if !fromGroups {
			n++ // no app here has more than 200 groups
		}
	}
	holders := map[string]bool{}
	for _, r := range s.Roles {
		if r.To == fakeokta.ToGroup {
			n++
			for id := range members[r.Assignee] {
				holders[id] = true
			}
			continue
		}
		holders[r.Assignee] = true
	}
	n += full(len(holders), 100) + len(holders)
	return n + 1 + 1 + 1 // resource sets, of which there are none; tokens; rules
}

func under(m map[string]map[string]bool, key string) map[string]bool {
	if m[key] == nil {
		m[key] = map[string]bool{}
	}
	return m[key]
}

// peak is a RoundTripper that watches how much memory is in use.
type peak struct {
	next http.RoundTripper
	mu   sync.Mutex
	max  uint64
}

func (p *peak) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := p.next.RoundTrip(r)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.max = max(p.max, inUse())
	return resp, err
}

// inUse is the memory that the process holds, without what it gave back.
func inUse() uint64 {
	all := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	metrics.Read(all)
	return all[0].Value.Uint64() - all[1].Value.Uint64()
}

// org serves a made-up organisation under published or raised limits.
func org(t testing.TB, z size, limits map[fakeokta.Bucket]int) (*fakeokta.Server, string, *clock) {
	t.Helper()
	c := collectortest.NewClock()
	o := fakeokta.New(fakeokta.Options{Now: c.Now, RateLimits: limits, AllAssignees: true})
	job := o.AddUser(person("rollcall@example.test", "Roll", "Call", "", fakeokta.Active))
	o.SetToken(readerToken, fakeokta.Token{Name: "reader", ReadOnly: true, UserID: job.ID})
	z.fill(o)
	return o, serve(t, o), c
}

// fast has the proportions of the published limits.
func fast() map[fakeokta.Bucket]int {
	return map[fakeokta.Bucket]int{
		fakeokta.UsersBucket: 600_000, fakeokta.UserBucket: 2_000_000, fakeokta.GroupsBucket: 500_000, fakeokta.GroupBucket: 1_000_000,
		fakeokta.AppsBucket: 100_000, fakeokta.AppBucket: 500_000, fakeokta.OtherBucket: 1_200_000,
	}
}

func TestARealisticOrganisationCostsTheFewestRequestsThatItCan(t *testing.T) {
	var seen []access.Observation
	for prefer, fromGroups := range map[collectors.Prefer]bool{collectors.PreferTime: true, collectors.PreferCalls: false} {
		o, url, c := org(t, small, fast())
		cfg := testConfig(url, readerToken, c)
		cfg.Prefer = prefer
		_, obs := collected(t, cfg)
		for i := range obs.Reads {
			if !obs.Reads[i].Complete {
				t.Errorf("%s: %s has a gap: %s", prefer, obs.Reads[i].Kind, obs.Reads[i].Gap)
			}
		}
		asked, want := len(o.Requests()), minimum(o.State(), o.Everyone(), fromGroups)
		if asked != want {
			t.Errorf("%s: %d requests, the fewest are %d", prefer, asked, want)
		}
		once := map[string]bool{}
		for _, r := range o.Requests() {
			if once[r.Path+"?"+r.Query] {
				t.Errorf("%s: asked twice: %s?%s", prefer, r.Path, r.Query)
			}
			once[r.Path+"?"+r.Query] = true
		}
		seen = append(seen, obs)
	}
	if d := diffOfFacts(seen[0], seen[1]); d != "" {
		t.Errorf("the two plans see different facts:\n%s", d)
	}
	if d := cmp.Diff(recordsOf(seen[0]), recordsOf(seen[1])); d != "" {
		t.Errorf("a change of plan would look like a list that was cut short:\n%s", d)
	}
}

// recordsOf gives the records of each read by name.
func recordsOf(o access.Observation) map[string]int {
	counts := map[string]int{}
	for _, r := range o.Reads {
		counts[r.Name()] = r.Records
	}
	return counts
}

func BenchmarkCollect(b *testing.B) {
	for _, prefer := range []collectors.Prefer{collectors.PreferTime, collectors.PreferCalls} {
		b.Run(string(prefer), func(b *testing.B) {
			o, url, c := org(b, large, fast())
			watch := &peak{next: http.DefaultTransport}
			cfg := testConfig(url, readerToken, c)
			cfg.Prefer, cfg.HTTP, cfg.Timeout = prefer, watch, time.Minute
			runtime.GC()
			before := inUse()
			o.ResetRequests()
			var grants int
			for b.Loop() {
				_, obs := collected(b, cfg)
				grants = len(obs.Grants)
			}
			asked := float64(len(o.Requests())) / float64(b.N)
			fewest := minimum(o.State(), o.Everyone(), prefer == collectors.PreferTime)
			b.ReportMetric(asked, "requests/op")
			b.ReportMetric(asked/float64(fewest), "of-minimum")
			b.ReportMetric(float64(grants), "grants")
			b.ReportMetric(float64(watch.max-min(before, watch.max))/1e6, "peak-MB") // the sandbox's answers included
		})
	}
}
