package fakeokta

import (
	"slices"
	"strings"
)

type groupWire struct {
	ID                    string         `json:"id"`
	Created               *string        `json:"created"`
	LastUpdated           *string        `json:"lastUpdated"`
	LastMembershipUpdated *string        `json:"lastMembershipUpdated"`
	ObjectClass           []string       `json:"objectClass"`
	Type                  string         `json:"type"`
	Profile               groupProfile   `json:"profile"`
	Links                 links          `json:"_links"`
	Embedded              *groupEmbedded `json:"_embedded,omitempty"`
}

type groupProfile struct {
	Name        string `json:"name"`
	Description string `json:"description"`
}

type groupEmbedded struct {
	Stats groupStats `json:"stats"`
}

// groupStats has Okta's own spelling of the last name.
type groupStats struct {
	UsersCount             int  `json:"usersCount"`
	AppsCount              int  `json:"appsCount"`
	GroupPushMappingsCount int  `json:"groupPushMappingsCount"`
	HasAdminPrivlege       bool `json:"hasAdminPrivlege"`
}

func (c *call) groupWire(g *Group) groupWire {
	w := groupWire{
		ID: g.ID, Created: stamp(g.Created), LastUpdated: stamp(g.LastUpdated),
		LastMembershipUpdated: stamp(g.LastMembershipUpdated),
		ObjectClass:           []string{"okta:user_group"}, Type: g.Type,
		Profile: groupProfile{g.Name, g.Description},
		Links: links{
			"self": c.href("groups", g.ID), "users": c.href("groups", g.ID, "users"), "apps": c.href("groups", g.ID, "apps"),
		},
	}
	if g.SourceApp != "" {
		w.Links["source"] = c.href("apps", g.SourceApp)
	}
	return w
}

func (c *call) groupWithStats(g *Group) groupWire {
	w := c.groupWire(g)
	w.Embedded = &groupEmbedded{groupStats{
		UsersCount: c.org.members[g.ID].len(), AppsCount: len(c.org.appsOf(g.ID)),
		GroupPushMappingsCount: g.PushMappings, HasAdminPrivlege: len(c.org.rolesOf(ToGroup, g.ID)) > 0,
	}}
	return w
}

var groupFilters = map[string]string{
	"id": "eq", "type": "eq", "lastUpdated": "eq gt ge lt le", "lastMembershipUpdated": "eq gt ge lt le",
}

func listGroups(c *call) reply {
	f, err := parseFilter(c.query.Get("filter"))
	search, errSearch := parseFilter(c.query.Get("search"))
	if err != nil || errSearch != nil || f.only(groupFilters) != nil {
		return badFilter()
	}
	q := lower(c.query.Get("q"))
	rows := c.org.groups.where(func(g *Group) bool {
		values := func(attribute string) []string { return []string{groupAttribute(g, attribute)} }
		return f.match(values) && search.match(values) && strings.HasPrefix(lower(g.Name), q)
	})
	wire := c.groupWire
	if slices.Contains(strings.Split(c.query.Get("expand"), ","), "stats") {
		wire = c.groupWithStats
	}
	return listed(c, rows, func(g *Group) string { return g.ID }, wire, groupSize)
}

func groupAttribute(g *Group, attribute string) string {
	switch attribute {
	case "id":
		return g.ID
	case "type":
		return g.Type
	case "profile.name":
		return g.Name
	case "lastUpdated":
		return stampText(g.LastUpdated)
	case "lastMembershipUpdated":
		return stampText(g.LastMembershipUpdated)
	default:
		return ""
	}
}

// group resolves the {group} of the path.
func (c *call) group() (*Group, *reply) {
	return found(c.org.groups.get(c.vars["group"]), c.vars["group"], "UserGroup")
}

func getGroup(c *call, g *Group) reply {
	return ok(c.groupWire(g))
}

// listMembers answers whole users, deactivated ones included.
func listMembers(c *call, g *Group) reply {
	users := c.org.users.those(c.org.members[g.ID].keysOf())
	return listed(c, users, func(u *User) string { return u.ID }, c.userWire, memberSize)
}

// seat is a user's place in a group, taken or not.
type seat struct {
	group *Group
	user  *User
}

// seat resolves both ids and refuses groups that are not Okta's own, with the
// error of a missing permission, as Okta does.
func (c *call) seat() (seat, *reply) {
	g, missing := c.group()
	if missing != nil {
		return seat{}, missing
	}
	u, missing := c.user()
	if missing != nil {
		return seat{}, missing
	}
	if g.Type != TypeOktaGroup {
		no := forbidden()
		return seat{}, &no
	}
	return seat{g, u}, nil
}

func addMember(c *call, at seat) reply {
	g, u := at.group, at.user
	if c.org.members[g.ID].get(u.ID) == nil {
		c.org.putMember(Member{GroupID: g.ID, UserID: u.ID})
		g.LastMembershipUpdated = c.now
		c.log("group.user_membership.add", "Add user to group membership", userParty(u), groupParty(g))
	}
	return done()
}

// removeMember takes a user out. Where a rule put them in, the user joins
// the rule's exclusions, so that it does not do so again.
func removeMember(c *call, at seat) reply {
	g, u := at.group, at.user
	m := c.org.members[g.ID].get(u.ID)
	if m == nil {
		return done()
	}
	if rule := c.org.rules.get(m.RuleID); rule != nil && !slices.Contains(rule.Excluded, u.ID) {
		rule.Excluded = append(rule.Excluded, u.ID)
		rule.LastUpdated = c.now
	}
	c.org.delMember(g.ID, u.ID)
	g.LastMembershipUpdated = c.now
	c.log("group.user_membership.remove", "Remove user from group membership", userParty(u), groupParty(g))
	return done()
}

func groupParty(g *Group) Party { return Party{ID: g.ID, Type: "UserGroup", Name: g.Name} }

func lower(s string) string { return strings.ToLower(s) }
