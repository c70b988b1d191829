package fakeokta

import (
	"net/url"
	"slices"
	"strings"
)

// roleWire is both a standard role and, with role and resource-set, a custom
// one.
type roleWire struct {
	ID             string  `json:"id"`
	Label          string  `json:"label"`
	Type           string  `json:"type"`
	Status         string  `json:"status"`
	Created        *string `json:"created"`
	LastUpdated    *string `json:"lastUpdated"`
	AssignmentType string  `json:"assignmentType"`
	Role           string  `json:"role,omitempty"`
	ResourceSet    string  `json:"resource-set,omitempty"`
	Links          links   `json:"_links"`
}

func (c *call) roleWire(r *RoleAssignment) roleWire {
	w := roleWire{
		ID: r.ID, Label: r.Label, Type: r.Type, Status: "ACTIVE", AssignmentType: r.To,
		Created: stamp(r.Created), LastUpdated: stamp(r.Created),
		Role: r.RoleID, ResourceSet: r.ResourceSetID,
		Links: links{"assignee": c.assignee(r)},
	}
	if r.RoleID != "" {
		set := []string{"iam", "resource-sets", r.ResourceSetID}
		w.Links["role"] = c.href("iam", "roles", r.RoleID)
		w.Links["permissions"] = c.href("iam", "roles", r.RoleID, "permissions")
		w.Links["resource-set"] = c.href(set...)
		w.Links["member"] = c.href(append(set, "bindings", r.RoleID, "members", r.ID)...)
	}
	return w
}

func (c *call) assignee(r *RoleAssignment) link {
	switch r.To {
	case ToGroup:
		return c.href("groups", r.Assignee)
	case ToClient:
		return link{Href: c.base + "/oauth2/v1/clients/" + url.PathEscape(r.Assignee)}
	}
	return c.href("users", r.Assignee)
}

// rolesHeldBy are a user's own roles and those of their groups, which carry
// assignmentType GROUP.
func (c *call) rolesHeldBy(u *User) []*RoleAssignment {
	out := c.org.rolesOf(ToUser, u.ID)
	for _, m := range c.org.memberOf[u.ID].where(nil) {
		out = append(out, c.org.rolesOf(ToGroup, m.GroupID)...)
	}
	slices.SortFunc(out, func(a, b *RoleAssignment) int { return strings.Compare(a.ID, b.ID) })
	return out
}

func listUserRoles(c *call, u *User) reply {
	return ok(each(c.rolesHeldBy(u), c.roleWire))
}

func listGroupRoles(c *call, g *Group) reply {
	return ok(each(c.org.rolesOf(ToGroup, g.ID), c.roleWire))
}

// listClientRoles answers for each OAuth client, also one that holds none.
func listClientRoles(c *call) reply {
	id := c.vars["client"]
	known := c.org.apps.where(func(a *App) bool { return a.ClientID == id })
	roles := c.org.rolesOf(ToClient, id)
	if len(known)+len(roles) == 0 {
		return notFound(id, "PublicClientApp")
	}
	return ok(each(roles, c.roleWire))
}

// ownRole resolves {role} among what the user was given directly; a role of
// their group is not theirs to lose.
func (c *call) ownRole() (*RoleAssignment, *reply) {
	u, missing := c.user()
	if missing != nil {
		return nil, missing
	}
	r := c.org.roles.get(c.vars["role"])
	if r != nil && (r.To != ToUser || r.Assignee != u.ID) {
		r = nil
	}
	return found(r, c.vars["role"], "RoleAssignment")
}

func getUserRole(c *call, r *RoleAssignment) reply {
	return ok(c.roleWire(r))
}

func deleteUserRole(c *call, r *RoleAssignment) reply {
	if c.lastSuperAdmin(r) {
		return forbidden()
	}
	c.org.roles.del(r.ID)
	c.log("user.account.privilege.revoke", "Revoke user privilege", userParty(c.org.users.get(r.Assignee)))
	return done()
}
