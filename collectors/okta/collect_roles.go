package okta

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"sync"

	"rollcall/collectors"
)

// readRoles reads who holds admin roles. Okta's list of role holders is not
// documented to be whole (holders through groups, holders of custom roles), and
// its flag on groups was wrong for custom roles; so the bindings of custom
// roles are read too, and everybody who is named anywhere is asked about, once.
func (s *survey) readRoles(ctx context.Context) {
	var holders []string
	var lists sync.WaitGroup
	lists.Go(func() { holders = s.assignees(ctx) })
	lists.Go(func() { s.bound = s.bindings(ctx); close(s.boundary) })
	lists.Wait()
	holders = unique(append(holders, s.bound.users...))

	var roles sync.WaitGroup
	roles.Go(func() { s.rolesOf(ctx, "user", "/api/v1/users/%s/roles", holders, s.userRoles) })
	roles.Go(func() { s.rolesOf(ctx, "group", "/api/v1/groups/%s/roles", s.adminGroups(), s.grpRoles) })
	roles.Wait()
	s.rolesOf(ctx, "group", "/api/v1/groups/%s/roles", s.missedGroups(), s.grpRoles)
}

// adminGroups are the groups that are said to have roles: by their flag, or by
// a binding.
func (s *survey) adminGroups() []string {
	<-s.family[groups].done
	s.family[adminRoles].restsOn(s.family[groups])
	ids := slices.Clone(s.bound.groups)
	for _, g := range s.groups {
		if g.mayAdminister() {
			ids = append(ids, g.ID)
		}
	}
	return unique(ids)
}

// missedGroups are the groups that only the role of a member names.
func (s *survey) missedGroups() []string {
	var ids []string
	for _, rows := range s.userRoles {
		for _, r := range rows {
			if id := r.Links.Assignee.lastSegment(); r.throughGroup() && s.grpRoles[id] == nil {
				ids = append(ids, id)
			}
		}
	}
	return unique(ids)
}

// assignees are the users that Okta lists as role holders.
// https://developer.okta.com/docs/api/openapi/okta-management/management/tag/RoleAssignmentAUser/
func (s *survey) assignees(ctx context.Context) []string {
	q := query{kind: adminRoles, path: "/api/v1/iam/assignees/users?limit=" + strconv.Itoa(rolePage), field: "value"}
	ids, err := slimRows(ctx, s, q, wireID.named)
	if err != nil {
		s.family[adminRoles].miss("the list of role holders", err)
	}
	return ids
}

// bindings are whom the bindings of custom roles name.
type bindings struct {
	labels  map[string]string // of the resource sets, by id
	users   []string
	groups  []string
	clients []string
	broken  bool // some of it could not be read
}

// bindings reads every resource set, the roles bound to it and their members.
// https://developer.okta.com/docs/api/openapi/okta-management/management/tag/RoleDResourceSetBinding/
func (s *survey) bindings(ctx context.Context) bindings {
	f, b := s.family[adminRoles], bindings{labels: map[string]string{}}
	sets, err := rowsOf[wireSet](ctx, s, query{kind: adminRoles, path: "/api/v1/iam/resource-sets", field: "resource-sets"})
	if err != nil {
		f.miss("the custom roles", err)
		b.broken = true
	}
	for _, set := range sets {
		b.labels[set.ID] = set.Label
	}
	var mu sync.Mutex
	collectors.InParallel(abreast, sets, func(set wireSet) {
		members, err := s.boundTo(ctx, set.ID)
		mu.Lock()
		defer mu.Unlock()
		if err != nil {
			f.miss("the custom roles on resource set "+set.Label, err)
			b.broken = true
		}
		for _, m := range members {
			b.add(m, set, f)
		}
	})
	return b
}

// boundTo gives the members of all roles that are bound to a resource set.
func (s *survey) boundTo(ctx context.Context, set string) ([]wireLink, error) {
	q := query{kind: adminRoles, field: "roles"}
	roles, err := readBelow(ctx, s, q, "resource set", set, "/api/v1/iam/resource-sets/%s/bindings", wireID.named)
	if err != nil {
		return nil, err
	}
	var all []wireLink
	for _, role := range roles {
		if err := validRole(role); err != nil {
			return all, err
		}
		path := "/api/v1/iam/resource-sets/" + set + "/bindings/" + role + "/members"
		members, err := slimRows(ctx, s, query{kind: adminRoles, path: path, field: "members"}, func(m wireMember) wireLink { return m.Links.Self })
		if err != nil {
			return all, err
		}
		all = append(all, members...)
	}
	return all, nil
}

// add sorts a member by what its link leads to; its own id is that of the
// membership.
func (b *bindings) add(m wireLink, set wireSet, f *family) {
	switch {
	case m.names("users"):
		b.users = append(b.users, m.lastSegment())
	case m.names("groups"):
		b.groups = append(b.groups, m.lastSegment())
	case m.names("clients"), m.names("apps"):
		b.clients = append(b.clients, m.lastSegment())
	default:
		f.note("resource set "+set.Label, fmt.Sprintf("a member that is neither user, group nor client (%q) is not known to rollcall; report it", m.Href))
	}
}

// rolesOf asks for the roles of each and keeps them; none is kept as an empty
// list, which tells asked from not asked.
func (s *survey) rolesOf(ctx context.Context, what, path string, ids []string, into map[string][]wireRole) {
	s.tally.expect(len(ids))
	collectors.InParallel(abreast, ids, func(id string) {
		same := func(r wireRole) wireRole { return r }
		rows, err := readBelow(ctx, s, query{kind: adminRoles, pages: 1}, what, id, path, same)
		if err != nil {
			s.family[adminRoles].miss(fmt.Sprintf("the roles of %s %s", what, id), err)
			rows = nil
			s.mu.Lock()
			s.rolesUnread[id] = true
			s.mu.Unlock()
		}
		keep(s, into, id, append([]wireRole{}, rows...))
	})
}
