package okta

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rollcall/collectors"
	"rollcall/collectors/collectortest"
)

func TestThePlanForTimeSparesTheSlowestLimitAndThePlanForCallsSparesRequests(t *testing.T) {
	per := func(groups, apps int) map[string]int {
		return map[string]int{bucketOf(http.MethodGet, groupApps): groups, bucketOf(http.MethodGet, appGroupsOf): apps}
	}
	published := per(500, 100)
	company := counts{groups: 300, memberPages: 300, roleGroups: 4, apps: 80, linkPages: 188, links: 188, heldPages: 30, counted: true}
	few, wide, busy, blind := company, company, company, company
	few.linkPages, few.links = 5, 5
	wide.apps, wide.heldPages, wide.linkPages, wide.links = 2, 0, 200, 200
	busy.memberPages = 5000
	blind.counted = false
	for _, c := range []struct {
		rule        string
		counts      counts
		limits      map[string]int
		time, calls side
	}{
		{"apps are the slow side, and cheaper by 108 requests", company, published, fromGroups, fromApps},
		{"few groups have apps: asking them is cheaper and faster", few, published, fromGroups, fromGroups},
		{"few apps, each given to many groups", wide, published, fromApps, fromApps},
		{"the groups' limit has enough to bear already", busy, published, fromApps, fromApps},
		{"an organisation whose limit of groups is the small one", company, per(100, 1000), fromApps, fromApps},
		{"a group does not say how many apps it has", blind, published, fromApps, fromApps},
		{"nothing to ask the groups for", counts{groups: 1, apps: 3, counted: true}, published, fromGroups, fromGroups},
		{"nothing at all", counts{counted: true}, published, fromApps, fromApps},
	} {
		limit := func(bucket string) int { return c.limits[bucket] }
		for prefer, want := range map[collectors.Prefer]side{"": c.time, collectors.PreferTime: c.time, collectors.PreferCalls: c.calls} {
			if got := linksFrom(c.counts, prefer, limit); got != want {
				t.Errorf("%s, prefer %q: side %d, want %d", c.rule, prefer, got, want)
			}
		}
	}
	if extra := company.load(fromGroups).total() - company.load(fromApps).total(); extra != 108 {
		t.Errorf("the groups' side costs %d requests more, want 108", extra)
	}
}

func group(kind, name string, stats map[string]any) wireGroup {
	g := wireGroup{ID: name, Type: kind}
	g.Profile.Name, g.Embedded.Stats = name, stats
	return g
}

func TestWhatIsCountedIsWhatWillBeAskedFor(t *testing.T) {
	of := func(users, apps int, admin bool) map[string]any {
		return map[string]any{"usersCount": float64(users), "appsCount": float64(apps), "hasAdminPrivlege": admin}
	}
	all := []wireGroup{
		group(builtIn, "Everyone", of(5000, 1, true)), // its members are known, its roles and apps are not
		group(builtIn, "Okta Administrators", of(3, 0, true)),
		group("OKTA_GROUP", "big", of(1001, 201, false)),
		group("OKTA_GROUP", "empty", of(0, 0, false)),
		group("APP_GROUP", "small", of(1, 1, true)),
	}
	want := counts{users: 5000, groups: 5, memberPages: 3, roleGroups: 2, apps: 7, linkPages: 4, links: 203, heldPages: 70, counted: true}
	if d := cmp.Diff(want, countGroups(all, 7), cmp.AllowUnexported(counts{})); d != "" {
		t.Error(d)
	}
	for _, stats := range []map[string]any{nil, {"appsCount": "7"}, {"appsCount": -1.0}} {
		if c := countGroups(append(all, group("OKTA_GROUP", "silent", stats)), 7); c.counted {
			t.Errorf("%v counts as a count", stats)
		}
	}
	if countGroups(nil, 7).counted {
		t.Error("no groups are counted groups")
	}
}

func TestAPlanThatNobodyHasIsRefused(t *testing.T) {
	cfg := testConfig("http://127.0.0.1:1", readerToken, collectortest.NewClock())
	cfg.Prefer = "speed"
	if _, err := NewCollector(cfg); err == nil || !strings.Contains(err.Error(), "write time or calls") {
		t.Errorf("error %v", err)
	}
}
