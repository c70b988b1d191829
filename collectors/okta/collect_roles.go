package okta

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
)

// readRoles reads who holds admin roles. Okta's list of role holders is not
// documented to be whole (holders through groups, holders of custom roles), and
// its flag on groups was wrong for custom roles; so the bindings of custom
// roles are read too, and everybody who is named anywhere is asked about.
func (s *survey) readRoles(ctx context.Context) {
	f := s.family[adminRoles]
	f.restsOn(s.family[groups])
	ctx = f.within(ctx)
	holders := map[string]bool{}
	admins := map[string]bool{}
	for _, g := range s.groups {
		if g.admin() && (g.Type != builtIn || g.everyone()) {
			admins[g.ID] = true
		}
	}
	if err := s.assignees(ctx, holders); err != nil {
		f.miss("the list of role holders", err, s.caller)
	}
	if err := s.bindings(ctx, holders, admins); err != nil {
		f.miss("the custom roles", err, s.caller)
	}
	s.rolesOf(ctx, "user", "/api/v1/users/%s/roles", holders, s.userRoles)
	for _, rows := range s.userRoles {
		for _, r := range rows {
			if r.throughGroup() {
				admins[r.Links.Assignee.lastSegment()] = true
			}
		}
	}
	s.rolesOf(ctx, "group", "/api/v1/groups/%s/roles", admins, s.grpRoles)
	s.adminUsers, s.adminGroups = holders, admins
}

// assignees pages in the body.
// https://developer.okta.com/docs/api/openapi/okta-management/management/tag/RoleAssignmentAUser/
func (s *survey) assignees(ctx context.Context, holders map[string]bool) error {
	path := "/api/v1/iam/assignees/users?limit=" + strconv.Itoa(rolePage)
	rows, err := inBody[wireID](ctx, s, path, "value")
	for _, row := range rows {
		holders[row.ID] = true
	}
	return err
}

// bindings reads every resource set, the roles bound to it and their members.
// https://developer.okta.com/docs/api/openapi/okta-management/management/tag/RoleDResourceSetBinding/
func (s *survey) bindings(ctx context.Context, holders, admins map[string]bool) error {
	sets, err := inBody[wireSet](ctx, s, "/api/v1/iam/resource-sets", "resource-sets")
	if err != nil {
		return err
	}
	for _, set := range sets {
		s.setLabels[set.ID] = set.Label
		if err := s.bound(ctx, set.ID, holders, admins); err != nil {
			return fmt.Errorf("resource set %s: %w", set.Label, err)
		}
	}
	return nil
}

func (s *survey) bound(ctx context.Context, set string, holders, admins map[string]bool) error {
	if err := validID("resource set", set); err != nil {
		return err
	}
	path := "/api/v1/iam/resource-sets/" + set + "/bindings"
	roles, err := inBody[wireID](ctx, s, path, "roles")
	if err != nil {
		return err
	}
	for _, role := range roles {
		if err := validRole(role.ID); err != nil {
			return err
		}
		members, err := inBody[wireMember](ctx, s, path+"/"+role.ID+"/members", "members")
		if err != nil {
			return err
		}
		for _, m := range members {
			switch self := m.Links.Self; {
			case self.names("users"):
				holders[self.lastSegment()] = true
			case self.names("groups"):
				admins[self.lastSegment()] = true
			}
		}
	}
	return nil
}

// rolesOf asks for the roles of each, in order, and keeps them.
func (s *survey) rolesOf(ctx context.Context, what, path string, ids map[string]bool, into map[string][]wireRole) {
	fanOut(slices.Sorted(maps.Keys(ids)), func(id string) {
		rows, err := subList[wireRole](ctx, s, adminRoles, what, id, path, nil)
		if err != nil {
			s.family[adminRoles].miss(fmt.Sprintf("the roles of %s %s", what, id), err, s.caller)
			return
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		into[id] = rows
	})
}

// inBody reads a list whose rows and next link are inside the body.
func inBody[T any](ctx context.Context, s *survey, path, field string) ([]T, error) {
	var rows []T
	seen, err := s.c.walk(ctx, path, nil, nextInBody, func(at string, body []byte) error {
		var parts map[string]json.RawMessage
		if err := decode(at, body, &parts); err != nil {
			return err
		}
		var some []T
		if err := decode(field+" of "+at, parts[field], &some); err != nil {
			return err
		}
		rows = append(rows, some...)
		return nil
	})
	if err != nil {
		return nil, err
	}
	s.family[adminRoles].saw(path, seen, len(rows))
	return rows, nil
}
