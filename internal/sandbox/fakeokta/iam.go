package fakeokta

import (
	"slices"
	"strings"
)

// The iam endpoints page in the body, by _links.next, not by a Link header.

// listedInBody answers one page under a name, and about with a link to the next.
func listedInBody[T, W any](c *call, name string, rows []T, key func(T) string, wire func(T) W, about links) reply {
	rows, next, bad := cut(c, rows, key, iamSize)
	if bad {
		return badCursor()
	}
	if next != "" {
		about["next"] = link{c.following(next)}
	}
	return ok(map[string]any{name: each(rows, wire), "_links": about})
}

type assigneeWire struct {
	ID    string `json:"id"`
	ORN   string `json:"orn"`
	Links links  `json:"_links"`
}

// listAssignees lists who was given a role directly. Whether Okta adds those
// who hold one through a group is not documented; leaving them out is the
// harder case for a collector, and Options.AllAssignees is the other one.
func listAssignees(c *call) reply {
	users := []string{}
	for _, r := range c.org.roles.where(func(r *RoleAssignment) bool { return r.To == ToUser }) {
		users = append(users, r.Assignee)
	}
	if c.opts.AllAssignees {
		for _, r := range c.org.roles.where(func(r *RoleAssignment) bool { return r.To == ToGroup }) {
			users = append(users, c.org.members[r.Assignee].keysOf()...)
		}
	}
	slices.Sort(users)
	users = slices.Compact(users)
	return listedInBody(c, "value", users, func(id string) string { return id }, func(id string) assigneeWire {
		return assigneeWire{
			ID: id, ORN: "orn:okta:directory:" + c.org.info.ID + ":users:" + id,
			Links: links{"self": c.href("users", id), "roles": c.href("users", id, "roles")},
		}
	}, links{})
}

type labelled struct {
	ID          string  `json:"id"`
	Label       string  `json:"label"`
	Description string  `json:"description"`
	Created     *string `json:"created"`
	LastUpdated *string `json:"lastUpdated"`
	Links       links   `json:"_links"`
}

func listCustomRoles(c *call) reply {
	return listedInBody(c, "roles", c.org.customRoles.where(nil), func(r *CustomRole) string { return r.ID },
		func(r *CustomRole) labelled {
			return labelled{
				ID: r.ID, Label: r.Label, Description: r.Description, Created: stamp(r.Created), LastUpdated: stamp(r.Created),
				Links: links{"self": c.href("iam", "roles", r.ID), "permissions": c.href("iam", "roles", r.ID, "permissions")},
			}
		}, links{})
}

func listResourceSets(c *call) reply {
	return listedInBody(c, "resource-sets", c.org.resourceSets.where(nil), func(r *ResourceSet) string { return r.ID },
		func(r *ResourceSet) labelled {
			set := []string{"iam", "resource-sets", r.ID}
			return labelled{
				ID: r.ID, Label: r.Label, Description: r.Description, Created: stamp(r.Created), LastUpdated: stamp(r.Created),
				Links: links{
					"self":      c.href(set...),
					"resources": c.href(append(set, "resources")...), "bindings": c.href(append(set, "bindings")...),
				},
			}
		}, links{})
}

// set resolves {set}, an id or a label.
func (c *call) set() (*ResourceSet, *reply) {
	name := c.vars["set"]
	set := c.org.resourceSets.get(name)
	if called := c.org.resourceSets.where(func(r *ResourceSet) bool { return r.Label == name }); set == nil && len(called) > 0 {
		set = called[0]
	}
	return found(set, name, "ResourceSet")
}

type bindingWire struct {
	ID    string `json:"id"`
	Links links  `json:"_links"`
}

// listBindings lists the custom roles that are bound to a resource set.
func listBindings(c *call, set *ResourceSet) reply {
	roles := []string{}
	for _, r := range c.boundTo(set.ID, "") {
		roles = append(roles, r.RoleID)
	}
	slices.Sort(roles)
	path := []string{"iam", "resource-sets", set.ID}
	return listedInBody(c, "roles", slices.Compact(roles), func(id string) string { return id }, func(id string) bindingWire {
		return bindingWire{ID: id, Links: links{
			"self": c.href("iam", "roles", id), "members": c.href(append(path, "bindings", id, "members")...),
		}}
	}, links{"self": c.href(append(path, "bindings")...), "resource-set": c.href(path...)})
}

// boundTo lists the assignments within a resource set, of one role or of all.
func (c *call) boundTo(setID, roleID string) []*RoleAssignment {
	return c.org.roles.where(func(r *RoleAssignment) bool {
		return r.RoleID != "" && r.ResourceSetID == setID && (roleID == "" || r.RoleID == roleID)
	})
}

type memberWire struct {
	ID          string  `json:"id"`
	Created     *string `json:"created"`
	LastUpdated *string `json:"lastUpdated"`
	Links       links   `json:"_links"`
}

// listBindingMembers: a member's id is that of the assignment; who it is
// stands in its self link only.
func listBindingMembers(c *call, set *ResourceSet) reply {
	rows := c.boundTo(set.ID, c.vars["role"])
	if len(rows) == 0 {
		return notFound(c.vars["role"], "Binding")
	}
	binding := []string{"iam", "resource-sets", set.ID, "bindings", c.vars["role"]}
	return listedInBody(c, "members", rows, func(r *RoleAssignment) string { return r.ID }, func(r *RoleAssignment) memberWire {
		return memberWire{ID: r.ID, Created: stamp(r.Created), LastUpdated: stamp(r.Created), Links: links{"self": c.assignee(r)}}
	}, links{"self": c.href(append(binding, "members")...), "binding": c.href(binding...)})
}

type resourceWire struct {
	ID          string  `json:"id"`
	ORN         string  `json:"orn"`
	Created     *string `json:"created"`
	LastUpdated *string `json:"lastUpdated"`
	Links       links   `json:"_links"`
}

func listResources(c *call, set *ResourceSet) reply {
	rows := slices.Clone(set.Resources)
	slices.SortFunc(rows, func(a, b Resource) int { return strings.Compare(a.ID, b.ID) })
	path := []string{"iam", "resource-sets", set.ID}
	return listedInBody(c, "resources", rows, func(r Resource) string { return r.ID }, func(r Resource) resourceWire {
		return resourceWire{
			ID: r.ID, ORN: r.ORN, Created: stamp(set.Created), LastUpdated: stamp(set.Created),
			Links: links{"self": c.href(append(path, "resources", r.ID)...)},
		}
	}, links{"resource-set": c.href(path...)})
}
