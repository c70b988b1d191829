package fakeokta

import (
	"slices"
	"strings"
)

// The iam endpoints page in the body, by _links.next, not by a Link header.

// bodyPage cuts a page and puts the links into the body's _links.
func bodyPage[T, W any](c *call, rows []T, key func(T) string, wire func(T) W) (page []W, out links, bad bool) {
	rows, next, bad := cut(c, rows, key, iamSize)
	if bad {
		return nil, nil, true
	}
	out = links{}
	if next != "" {
		out["next"] = link{c.following(next)}
	}
	return each(rows, wire), out, false
}

type assigneesWire struct {
	Value []assigneeWire `json:"value"`
	Links links          `json:"_links"`
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
	page, out, bad := bodyPage(c, users, func(id string) string { return id }, func(id string) assigneeWire {
		return assigneeWire{
			ID: id, ORN: "orn:okta:directory:" + c.org.info.ID + ":users:" + id,
			Links: links{"self": c.href("users", id), "roles": c.href("users", id, "roles")},
		}
	})
	if bad {
		return badCursor()
	}
	return ok(assigneesWire{page, out})
}

type labelled struct {
	ID          string  `json:"id"`
	Label       string  `json:"label"`
	Description string  `json:"description"`
	Created     *string `json:"created"`
	LastUpdated *string `json:"lastUpdated"`
	Links       links   `json:"_links"`
}

type customRolesWire struct {
	Roles []labelled `json:"roles"`
	Links links      `json:"_links"`
}

func listCustomRoles(c *call) reply {
	page, out, bad := bodyPage(c, c.org.customRoles.where(nil), func(r *CustomRole) string { return r.ID },
		func(r *CustomRole) labelled {
			return labelled{
				ID: r.ID, Label: r.Label, Description: r.Description, Created: stamp(r.Created), LastUpdated: stamp(r.Created),
				Links: links{"self": c.href("iam", "roles", r.ID), "permissions": c.href("iam", "roles", r.ID, "permissions")},
			}
		})
	if bad {
		return badCursor()
	}
	return ok(customRolesWire{page, out})
}

type resourceSetsWire struct {
	ResourceSets []labelled `json:"resource-sets"`
	Links        links      `json:"_links"`
}

func listResourceSets(c *call) reply {
	page, out, bad := bodyPage(c, c.org.resourceSets.where(nil), func(r *ResourceSet) string { return r.ID },
		func(r *ResourceSet) labelled {
			set := []string{"iam", "resource-sets", r.ID}
			return labelled{
				ID: r.ID, Label: r.Label, Description: r.Description, Created: stamp(r.Created), LastUpdated: stamp(r.Created),
				Links: links{
					"self":      c.href(set...),
					"resources": c.href(append(set, "resources")...), "bindings": c.href(append(set, "bindings")...),
				},
			}
		})
	if bad {
		return badCursor()
	}
	return ok(resourceSetsWire{page, out})
}

// set resolves {set}, an id or a label.
func (c *call) set() (*ResourceSet, *reply) {
	if set := c.org.resourceSets.get(c.vars["set"]); set != nil {
		return set, nil
	}
	for _, set := range c.org.resourceSets.where(func(r *ResourceSet) bool { return r.Label == c.vars["set"] }) {
		return set, nil
	}
	missing := notFound(c.vars["set"], "ResourceSet")
	return nil, &missing
}

type bindingsWire struct {
	Roles []bindingWire `json:"roles"`
	Links links         `json:"_links"`
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
	page, out, bad := bodyPage(c, slices.Compact(roles), func(id string) string { return id }, func(id string) bindingWire {
		return bindingWire{ID: id, Links: links{
			"self": c.href("iam", "roles", id), "members": c.href(append(path, "bindings", id, "members")...),
		}}
	})
	if bad {
		return badCursor()
	}
	out["self"], out["resource-set"] = c.href(append(path, "bindings")...), c.href(path...)
	return ok(bindingsWire{page, out})
}

// boundTo lists the assignments within a resource set, of one role or of all.
func (c *call) boundTo(setID, roleID string) []*RoleAssignment {
	return c.org.roles.where(func(r *RoleAssignment) bool {
		return r.RoleID != "" && r.ResourceSetID == setID && (roleID == "" || r.RoleID == roleID)
	})
}

type membersWire struct {
	Members []memberWire `json:"members"`
	Links   links        `json:"_links"`
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
	page, out, bad := bodyPage(c, rows, func(r *RoleAssignment) string { return r.ID }, func(r *RoleAssignment) memberWire {
		return memberWire{ID: r.ID, Created: stamp(r.Created), LastUpdated: stamp(r.Created), Links: links{"self": c.assignee(r)}}
	})
	if bad {
		return badCursor()
	}
	out["self"], out["binding"] = c.href(append(binding, "members")...), c.href(binding...)
	return ok(membersWire{page, out})
}

type resourcesWire struct {
	Resources []resourceWire `json:"resources"`
	Links     links          `json:"_links"`
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
	page, out, bad := bodyPage(c, rows, func(r Resource) string { return r.ID }, func(r Resource) resourceWire {
		return resourceWire{
			ID: r.ID, ORN: r.ORN, Created: stamp(set.Created), LastUpdated: stamp(set.Created),
			Links: links{"self": c.href(append(path, "resources", r.ID)...)},
		}
	})
	if bad {
		return badCursor()
	}
	out["resource-set"] = c.href(path...)
	return ok(resourcesWire{page, out})
}
