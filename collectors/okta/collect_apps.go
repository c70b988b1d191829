package okta

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"sync"
)

// applications reads the active apps, then who holds each and through which
// groups. All of it counts against one rate limit, Okta's smallest.
func (s *survey) applications(ctx context.Context) {
	s.run(apps, func() { s.readApps(ctx) })
	var rest sync.WaitGroup
	rest.Go(func() { s.run(appUsers, func() { s.readAppUsers(ctx) }) })
	rest.Go(func() { s.run(appGroups, func() { s.readAppGroups(ctx) }) })
	rest.Wait()
}

func (s *survey) readApps(ctx context.Context) {
	f := s.family[apps]
	path := "/api/v1/apps?limit=" + strconv.Itoa(appPage) + "&filter=" + url.QueryEscape(`status eq "ACTIVE"`)
	rows, seen, err := list[wireApp](f.within(ctx), s.c, path, nil)
	if err != nil {
		f.miss("the list of apps", err, s.caller)
		return
	}
	s.apps = rows
	f.saw(path, seen, len(rows))
}

func (s *survey) readAppUsers(ctx context.Context) {
	f := s.family[appUsers]
	f.restsOn(s.family[apps])
	fanOut(s.apps, func(a wireApp) {
		rows, err := subList[wireAppUser](f.within(ctx), s, appUsers, "app", a.ID,
			"/api/v1/apps/%s/users?limit="+strconv.Itoa(appUserPage), nil)
		if err != nil {
			f.miss(fmt.Sprintf("app %s (%s)", a.Label, a.ID), err, s.caller)
			return
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		s.appUsers[a.ID] = rows
	})
}

func (s *survey) readAppGroups(ctx context.Context) {
	f := s.family[appGroups]
	f.restsOn(s.family[apps])
	fanOut(s.apps, func(a wireApp) {
		rows, err := subList[wireID](f.within(ctx), s, appGroups, "app", a.ID,
			"/api/v1/apps/%s/groups?limit="+strconv.Itoa(appGroupPage), nil)
		if err != nil {
			f.miss(fmt.Sprintf("the groups of app %s (%s)", a.Label, a.ID), err, s.caller)
			return
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		s.appGroups[a.ID] = idsOf(rows)
	})
}
