package fakeokta

import (
	"slices"
	"strings"
	"time"
)

// holder is a user who holds an app: directly, or through a group.
type holder struct {
	user  *User
	group string // empty when direct
	since time.Time
}

// holders lists who holds an app, by user id. A direct assignment hides one
// through a group; deactivated users hold nothing.
func (c *call) holders(a *App) []holder {
	seen := map[string]bool{}
	out := []holder{}
	for _, row := range c.org.appUsers[a.ID].where(nil) {
		if u := c.org.users.get(row.UserID); u != nil {
			seen[u.ID] = true
			out = append(out, holder{user: u, since: row.Created})
		}
	}
	for _, row := range c.org.appGroups[a.ID].where(nil) {
		for _, m := range c.org.members[row.GroupID].where(nil) {
			u := c.org.users.get(m.UserID)
			if u == nil || seen[u.ID] || u.Status == Deprovisioned {
				continue
			}
			seen[u.ID] = true
			out = append(out, holder{user: u, group: row.GroupID, since: row.Created})
		}
	}
	slices.SortFunc(out, func(a, b holder) int { return strings.Compare(a.user.ID, b.user.ID) })
	return out
}

type appUserWire struct {
	ID            string            `json:"id"`
	Created       *string           `json:"created"`
	LastUpdated   *string           `json:"lastUpdated"`
	StatusChanged *string           `json:"statusChanged"`
	Scope         string            `json:"scope"`
	Status        string            `json:"status"`
	SyncState     string            `json:"syncState"`
	Credentials   appUserName       `json:"credentials"`
	Profile       map[string]string `json:"profile"`
	Links         links             `json:"_links"`
}

type appUserName struct {
	UserName string `json:"userName"`
}

func listAppUsers(c *call, a *App) reply {
	return listed(c, c.holders(a), func(h holder) string { return h.user.ID }, func(h holder) appUserWire { return c.appUserWire(a, h) }, appUserSize)
}

// getAppUser answers for who holds the app, by whatever path.
func getAppUser(c *call, a *App) reply {
	for _, h := range c.holders(a) {
		if h.user.ID == c.vars["user"] {
			return ok(c.appUserWire(a, h))
		}
	}
	return notFound(c.vars["user"], "AppUser")
}

func (c *call) appUserWire(a *App, h holder) appUserWire {
	w := appUserWire{
		ID: h.user.ID, Created: stamp(h.since), LastUpdated: stamp(h.since), StatusChanged: stamp(h.since),
		Scope: ToUser, Status: "ACTIVE", SyncState: "DISABLED",
		Credentials: appUserName{h.user.Login()}, Profile: map[string]string{},
		Links: links{"app": c.href("apps", a.ID), "user": c.href("users", h.user.ID)},
	}
	if h.group != "" {
		w.Scope = ToGroup
		w.Links["group"] = c.href("groups", h.group)
	}
	return w
}
