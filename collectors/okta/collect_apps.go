package okta

import (
	"context"
	"fmt"
	"net/url"
	"strconv"

	"rollcall/collectors"
)

// readApps reads the active apps: an inactive one lets nobody in.
// https://developer.okta.com/docs/api/openapi/okta-management/management/tag/Application/
func (s *survey) readApps(ctx context.Context) {
	path := "/api/v1/apps?limit=" + strconv.Itoa(appPage) + "&filter=" + url.QueryEscape(`status eq "ACTIVE"`)
	rows, err := rowsOf[wireApp](ctx, s, query{kind: apps, path: path})
	if err != nil {
		s.family[apps].miss("the list of apps", err)
		return
	}
	s.apps = rows
}

// holding is one line of who holds an app.
type holding struct {
	user   string
	direct bool
	group  string // the one that Okta names, of those through which it is held
}

func (row wireAppUser) holding() holding {
	return holding{user: row.ID, direct: row.Scope == "USER", group: row.Links.Group.lastSegment()}
}

// readAppUsers reads who holds each app. All of it counts against Okta's
// smallest rate limit.
func (s *survey) readAppUsers(ctx context.Context) {
	f := s.family[appUsers]
	f.restsOn(s.family[apps])
	s.tally.expect(len(s.apps))
	collectors.InParallel(abreast, s.apps, func(a wireApp) {
		path := "/api/v1/apps/%s/users?limit=" + strconv.Itoa(appUserPage)
		rows, err := readBelow(ctx, s, query{kind: appUsers, pages: 1}, "app", a.ID, path, wireAppUser.holding)
		if err != nil {
			f.miss(fmt.Sprintf("app %s (%s)", a.Label, a.ID), err)
			return
		}
		keep(s, s.appUsers, a.ID, rows)
	})
}
