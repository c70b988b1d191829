package okta

import (
	"fmt"
	"net/http"

	"rollcall/collectors"
)

// What a collection costs, in requests, with U users of which D are
// deactivated, G groups, m members of a group, A active apps, u users and g
// groups of an app, S service apps. Each quotient is rounded up, and is at
// least 1 where there is a list to ask for.
//
//	users          (U-D)/200 + D/200, and 1 for whose credential it is
//	groups         G/200, with the counts of all that follows
//	group_members  sum of m/1000 over the groups that have members, but the
//	               built-in ones: Everyone is known from the users
//	group_rules    rules/200
//	apps           A/200
//	app_users      sum of u/500 over the apps
//	app_groups     from the apps: sum of g/200 over the apps; or from the
//	               groups: sum of apps/200 over the groups that have apps
//	admin_roles    holders/100, and 1 for each holder; 1 for each group with
//	               roles; 1 for the resource sets, 1 for each set, 1 for each
//	               role bound to a set. A standard role is bound to none, and
//	               a custom role's row names its own, so roles and resources
//	               cost nothing more.
//	admin_clients  S, and 1 for each client that only a binding names
//	api_tokens     1
//
// The only choice among these is where the links between apps and groups come
// from. Both sides give the same links and both are proven: the apps' lists by
// their last page, the groups' lists also by the count that came with the
// groups.

// side says where the links between apps and groups are read.
type side int

// Reading from the apps is right whatever the counts say, so it is the zero
// value and the way back.
const (
	fromApps side = iota
	fromGroups
)

// counts are what is known before the long lists are read.
type counts struct {
	users       int // as Everyone counts them, 0 when it does not
	groups      int
	memberPages int  // of all groups that have members
	roleGroups  int  // groups that are said to have admin roles
	apps        int  // active ones
	linkPages   int  // of the groups that have apps
	links       int  // as the groups count them
	heldPages   int  // what the apps' lists of users have beyond one page each, at most
	counted     bool // every group says how many apps it has
}

// countGroups sums up the groups.
func countGroups(groups []wireGroup, apps int) counts {
	c := counts{groups: len(groups), apps: apps, counted: len(groups) > 0}
	held := 0
	for _, g := range groups {
		n := g.apps()
		c.counted = c.counted && n >= 0
		if g.everyone() {
			c.users = max(g.members(), 0)
		}
		if g.listsMembers() {
			c.memberPages += pages(g.members(), memberPage)
		}
		if g.mayAdminister() {
			c.roleGroups++
		}
		if n > 0 {
			c.links += n
			c.linkPages += pages(n, groupAppPage)
			held += n * max(g.members(), 0)
		}
	}
	c.heldPages = min(held/appUserPage, apps*(c.users/appUserPage))
	return c
}

// pages is how many a list of n rows has; an empty list has one.
func pages(n, size int) int { return max(1, (n+size-1)/size) }

// The two ways to the links, whose rate limits the choice is about.
const (
	appGroupsOf = "/api/v1/apps/id/groups"
	groupApps   = "/api/v1/groups/id/apps"
)

// load is how many requests each rate limit has to bear.
type load map[string]int

func (l load) add(path string, n int) { l[bucketOf(http.MethodGet, path)] += n }

// load is what a side costs in the rate limits of groups and apps, with what
// else they have to bear. The others are the same on both sides.
func (c counts) load(s side) load {
	l := load{}
	l.add("/api/v1/groups", pages(c.groups, groupPage))
	l.add("/api/v1/groups/rules", 1)
	l.add("/api/v1/groups/id/users", c.memberPages)
	l.add("/api/v1/groups/id/roles", c.roleGroups)
	l.add("/api/v1/apps", pages(c.apps, appPage))
	l.add("/api/v1/apps/id/users", c.apps+c.heldPages)
	if s == fromGroups {
		l.add(groupApps, c.linkPages)
	} else {
		l.add(appGroupsOf, c.apps+c.links/appGroupPage)
	}
	return l
}

func (l load) total() int {
	sum := 0
	for _, n := range l {
		sum += n
	}
	return sum
}

// longest is the time of the slower of the two limits, in minutes at the whole
// of it.
func (l load) longest(limit func(bucket string) int) float64 {
	worst := 0.0
	for _, path := range []string{appGroupsOf, groupApps} {
		bucket := bucketOf(http.MethodGet, path)
		worst = max(worst, float64(l[bucket])/float64(max(1, limit(bucket))))
	}
	return worst
}

// linksFrom chooses the side: for time the one whose slowest rate limit is done
// first, for calls the one with fewer requests; where one is as good as the
// other, what decides is the other measure, and then the apps. Without a count
// for each group there is no choice.
func linksFrom(c counts, prefer collectors.Prefer, limit func(bucket string) int) side {
	if !c.counted {
		return fromApps
	}
	apps, groups := c.load(fromApps), c.load(fromGroups)
	calls := groups.total() - apps.total()
	sooner := groups.longest(limit) - apps.longest(limit)
	if prefer == collectors.PreferCalls {
		if calls < 0 || (calls == 0 && sooner < 0) {
			return fromGroups
		}
		return fromApps
	}
	if sooner < 0 || (sooner == 0 && calls < 0) {
		return fromGroups
	}
	return fromApps
}

// checkPrefer refuses a word that names no plan.
func checkPrefer(cfg Config) error {
	switch cfg.Prefer {
	case "", collectors.PreferTime, collectors.PreferCalls:
		return nil
	}
	return fmt.Errorf("prefer of %s is %q; write time or calls", cfg.System, cfg.Prefer)
}
