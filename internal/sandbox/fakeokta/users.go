package fakeokta

import (
	"fmt"
	"net/http"
	"strings"
)

// listUsers omits DEPROVISIONED users unless filter or search says otherwise;
// q looks at the beginning of names and e-mail and does not page.
func listUsers(c *call) reply {
	keep, bad := c.userFilter()
	if bad != nil {
		return *bad
	}
	rows := c.org.users.where(keep)
	if c.query.Get("q") != "" {
		n := min(len(rows), c.limit(size{200, 10}))
		return reply{status: http.StatusOK, body: each(rows[:n], c.userWire), listed: true}
	}
	return listed(c, rows, func(u *User) string { return u.ID }, c.userWire, userSize)
}

// userFilters is what filter understands; search knows every attribute.
var userFilters = map[string]string{
	"status": "eq", "id": "eq", "profile.login": "eq", "profile.email": "eq",
	"profile.firstName": "eq", "profile.lastName": "eq", "lastUpdated": "eq gt ge lt le",
}

func (c *call) userFilter() (func(*User) bool, *reply) {
	f, err := parseFilter(c.query.Get("filter"))
	if err == nil {
		err = f.only(userFilters)
	}
	search, errSearch := parseFilter(c.query.Get("search"))
	if err != nil || errSearch != nil {
		bad := badFilter()
		return nil, &bad
	}
	q := strings.ToLower(c.query.Get("q"))
	all := f != nil || search != nil
	return func(u *User) bool {
		if !all && u.Status == Deprovisioned {
			return false
		}
		values := func(attribute string) []string { return []string{attributeOf(u, attribute)} }
		return f.match(values) && search.match(values) && (q == "" || begins(u, q))
	}, nil
}

func begins(u *User, q string) bool {
	for _, name := range []string{"firstName", "lastName", "email"} {
		if strings.HasPrefix(strings.ToLower(text(u.Profile[name])), q) {
			return true
		}
	}
	return false
}

func attributeOf(u *User, attribute string) string {
	if name, ok := strings.CutPrefix(attribute, "profile."); ok {
		if v := u.Profile[name]; v != nil {
			return fmt.Sprint(v)
		}
		return ""
	}
	switch attribute {
	case "id":
		return u.ID
	case "status":
		return string(u.Status)
	case "created":
		return stampText(u.Created)
	case "activated":
		return stampText(u.Activated)
	case "statusChanged":
		return stampText(u.StatusChanged)
	case "lastUpdated":
		return stampText(u.LastUpdated)
	case "lastLogin":
		return stampText(u.LastLogin)
	default:
		return ""
	}
}

// user resolves the {user} of the path, an id or a login.
func (c *call) user() (*User, *reply) {
	return found(c.org.find(c.vars["user"]), c.vars["user"], "User")
}

func getUser(c *call, u *User) reply {
	c.poll(u)
	return c.oneUser(u)
}

// me is the token's owner.
func me(c *call) reply {
	if u := c.org.users.get(c.token.UserID); u != nil {
		return c.oneUser(u)
	}
	return notFound("me", "User")
}

func listUserGroups(c *call, u *User) reply {
	groups := c.org.groups.those(c.org.memberOf[u.ID].keysOf())
	return listed(c, groups, func(g *Group) string { return g.ID }, c.groupWire, size{10000, 10000})
}

// clearSessions ends the sessions at Okta and, if asked, OAuth tokens. It
// answers 204 whether or not there were any.
func clearSessions(c *call, u *User) reply {
	c.endSessions(u)
	if c.query.Get("oauthTokens") == "true" {
		u.OAuthTokens = 0
		c.log("app.oauth2.token.revoke", "Revoke all tokens of user", userParty(u))
	}
	return done()
}

func (c *call) endSessions(u *User) {
	u.Sessions = 0
	c.log("user.session.clear", "Clear user session", userParty(u))
}

func (c *call) log(kind, message string, targets ...Party) {
	c.org.record(Event{
		Published: c.now, Persisted: c.now.Add(c.opts.LogDelay), Type: kind, Message: message, Actor: c.actor(), Targets: targets,
		Client: Client{IP: "192.0.2.10", Browser: "UNKNOWN", OS: "Unknown"}, Request: c.head.Get("X-Okta-Request-Id"),
	})
}
