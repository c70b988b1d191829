package okta

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"

	"rollcall/collectors"
)

// links are the groups that each app is given to, by app.
type links map[string][]string

// readLinks reads which app is given to which group, from the side that the
// plan chose. The groups' side counts only when each of its lists was read to
// its end and nothing contradicts it; else the apps are asked, which is right
// whatever was counted.
func (s *survey) readLinks(ctx context.Context) {
	f := s.family[appGroups]
	f.restsOn(s.family[apps])
	c := countGroups(s.groups, len(s.apps))
	if c.counted {
		f.claimed = c.links
	}
	known := !s.family[groups].broken() && !s.family[apps].broken()
	if known && linksFrom(c, s.cfg.Prefer, s.limits.of) == fromGroups {
		if found, ok := s.linksOfGroups(ctx); ok && s.explained(found) {
			s.appGroups = found
			return
		}
		f.forget()
	}
	s.linksOfApps(ctx)
}

// linksOfApps asks each app for its groups.
func (s *survey) linksOfApps(ctx context.Context) {
	f := s.family[appGroups]
	s.tally.expect(len(s.apps))
	collectors.InParallel(abreast, s.apps, func(a wireApp) {
		path := "/api/v1/apps/%s/groups?limit=" + strconv.Itoa(appGroupPage)
		ids, err := readBelow(ctx, s, query{kind: appGroups, pages: 1}, "app", a.ID, path, wireID.named)
		if err != nil {
			f.miss(fmt.Sprintf("the groups of app %s (%s)", a.Label, a.ID), err)
			return
		}
		keep(s, s.appGroups, a.ID, unique(ids))
	})
}

// linksOfGroups asks each group that has apps for them. It is not ok as soon
// as one list breaks or has another number of apps than was counted: then the
// counts that spared the other groups a question prove nothing either.
func (s *survey) linksOfGroups(ctx context.Context) (links, bool) {
	some := slices.DeleteFunc(slices.Clone(s.groups), func(g wireGroup) bool { return g.apps() == 0 })
	slices.SortStableFunc(some, func(a, b wireGroup) int { return b.apps() - a.apps() })
	found := map[string][]wireApp{}
	var wrong atomic.Bool
	for _, g := range some {
		s.tally.expect(pages(g.apps(), groupAppPage))
	}
	collectors.InParallel(abreast, some, func(g wireGroup) {
		if wrong.Load() {
			s.tally.expect(-pages(g.apps(), groupAppPage))
			return
		}
		rows, err := s.appsOf(ctx, g)
		if err != nil || len(rows) != g.apps() {
			wrong.Store(true)
			return
		}
		keep(s, found, g.ID, rows)
	})
	if wrong.Load() {
		return nil, false
	}
	return s.byApp(some, found), true
}

// appsOf reads the apps of one group, each once.
func (s *survey) appsOf(ctx context.Context, g wireGroup) ([]wireApp, error) {
	path := "/api/v1/groups/%s/apps?limit=" + strconv.Itoa(groupAppPage)
	rows, err := readBelow(ctx, s, query{kind: appGroups, pages: pages(g.apps(), groupAppPage)}, "group", g.ID, path, wireApp.slim)
	slices.SortFunc(rows, func(a, b wireApp) int { return strings.Compare(a.ID, b.ID) })
	return slices.CompactFunc(rows, func(a, b wireApp) bool { return a.ID == b.ID }), err
}

// byApp turns the lists of the groups round. What is given to a group and is
// neither in the list of apps nor out of use is something that list lacks.
func (s *survey) byApp(groups []wireGroup, found map[string][]wireApp) links {
	out := links{}
	for _, a := range s.apps {
		out[a.ID] = nil
	}
	for _, g := range groups {
		for _, a := range found[g.ID] {
			_, listed := out[a.ID]
			switch {
			case listed:
				out[a.ID] = append(out[a.ID], g.ID)
			case a.live():
				s.family[appGroups].note(fmt.Sprintf("group %s is given app %s (%s)", g.Profile.Name, a.Label, a.ID),
					"which is not in the list of apps; run again, and if it stays so look for an admin role over some apps only")
			}
		}
	}
	for id := range out {
		out[id] = unique(out[id])
	}
	return out
}

// explained holds the links against who holds the apps: a holding that came by
// a group has to have come by one that the app is given to.
func (s *survey) explained(found links) bool {
	<-s.family[appUsers].done
	<-s.family[groupMembers].done
	everyone := slices.IndexFunc(s.groups, wireGroup.everyone)
	for app, holdings := range s.appUsers {
		given := found[app]
		for _, h := range holdings {
			switch {
			case h.direct:
			case h.group != "":
				if _, ok := slices.BinarySearch(given, h.group); !ok {
					return false
				}
			case s.family[groupMembers].broken(): // whose members are unknown explains nothing
			case everyone >= 0 && slices.Contains(given, s.groups[everyone].ID):
			case !slices.ContainsFunc(given, func(g string) bool { _, in := slices.BinarySearch(s.members[g], h.user); return in }):
				return false
			}
		}
	}
	return true
}
