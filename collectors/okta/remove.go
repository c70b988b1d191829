package okta

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"rollcall/internal/access"
)

// removals are what is looked at for each verb of the remove stage, but the
// deactivation. None of them is done to a user who is not blocked.
var removals = map[access.Verb]func(*Revoker, context.Context, *access.State, wireUser, access.Action) error{
	access.OktaRevokeGrants: (*Revoker).forGrants, access.OktaResetFactors: (*Revoker).forFactors, access.OktaLeaveGroup: (*Revoker).forGroup,
	access.OktaUnassignApp: (*Revoker).forApp, access.OktaRemoveAdminRole: (*Revoker).forRole,
}

// notBlocked says why nothing may be removed of a user: somebody let them in
// again since it was planned. Of one who changed their job a right is taken while
// they work, and nothing once they are blocked: that asks for another plan.
func notBlocked(a access.Action, u wireUser) string {
	blocked := u.Status == "SUSPENDED" || u.Status == "DEPROVISIONED"
	switch {
	case a.InUse() && blocked:
		return fmt.Sprintf("the user is %s, and was working when this was planned; plan again", u.Status)
	case a.Stage != access.Remove, a.InUse(), blocked:
		return ""
	}
	return fmt.Sprintf("the user is %s, and nothing is removed of one who is not blocked; plan again", u.Status)
}

// forGrants: consents to OAuth clients outlive tokens. Those of a deactivated
// user open nothing.
func (r *Revoker) forGrants(ctx context.Context, s *access.State, u wireUser, _ access.Action) error {
	if u.Status == "DEPROVISIONED" {
		s.Holds, s.Detail = true, "the user is DEPROVISIONED, whose consents open nothing"
		return nil
	}
	rows, _, err := list[wireGrant](ctx, r.c, "/api/v1/users/"+u.ID+"/grants?limit=200", nil)
	if err != nil {
		return fmt.Errorf("list the consents of user %s: %w", u.ID, err)
	}
	s.Holds, s.Before, s.Detail = len(rows) == 0, imageOf(rows), fmt.Sprintf("%d consents", len(rows))
	return nil
}

// forFactors: the list leaves out factors that the user's policy does not allow
// at the moment, so that an empty one proves nothing before Okta was told to reset
// all. A deactivated user keeps theirs for ever.
// https://developer.okta.com/docs/api/openapi/okta-management/management/tag/UserFactor/
func (r *Revoker) forFactors(ctx context.Context, s *access.State, u wireUser, _ access.Action) error {
	if u.Status == "DEPROVISIONED" {
		s.Refuse = "okta takes no second factors from a user who is DEPROVISIONED; they let nobody in"
		return nil
	}
	rows, _, err := list[wireFactor](ctx, r.c, "/api/v1/users/"+u.ID+"/factors", nil)
	if err != nil {
		return fmt.Errorf("list the factors of user %s: %w", u.ID, err)
	}
	r.mu.Lock()
	sent := r.reset[access.AccountID(u.ID)]
	r.mu.Unlock()
	s.Holds, s.Before, s.Detail = len(rows) == 0 && sent, imageOf(rows), fmt.Sprintf("%d factors", len(rows))
	return nil
}

func (r *Revoker) resetFactors(ctx context.Context, a access.Action, path string) (access.Receipt, error) {
	receipt, err := r.send(ctx, http.MethodPost, path+"/lifecycle/reset_factors")
	if err == nil {
		r.mu.Lock()
		r.reset[a.Account.ID] = true
		r.mu.Unlock()
	}
	return receipt, err
}

// forGroup asks the user's own list, and of a group that it lacks whether it can be seen
// at all. What type the group is of is asked before
// anything is sent: the refusal of a group that nobody can edit is the same as
// that of somebody without the right.
func (r *Revoker) forGroup(ctx context.Context, s *access.State, u wireUser, a access.Action) error {
	rows, _, err := list[wireGroup](ctx, r.c, "/api/v1/users/"+u.ID+"/groups", nil)
	if err != nil {
		return fmt.Errorf("list the groups of user %s: %w", u.ID, err)
	}
	for _, g := range rows {
		if g.ID != a.EntitlementID {
			continue
		}
		s.Before, s.Detail = imageOf(map[string]string{"user": u.ID, "group": g.ID, "name": g.Profile.Name, "type": g.Type}), "the user is in the group"
		if g.Type != "OKTA_GROUP" {
			s.Refuse = fmt.Sprintf("group %s is of type %s, of which okta lets nobody take users out", g.Profile.Name, g.Type)
		}
		return nil
	}
	s.Detail, err = r.groupInSight(ctx, a.EntitlementID)
	s.Holds = err == nil
	return err
}

// forApp: an assignment that came by a group is none of the user's own. That there
// is none, the app's list has to agree.
func (r *Revoker) forApp(ctx context.Context, s *access.State, u wireUser, a access.Action) error {
	var held wireAppUser
	err := r.c.getInto(ctx, "/api/v1/apps/"+a.EntitlementID+"/users/"+u.ID, &held)
	if statusOf(err) == http.StatusNotFound {
		return r.unassigned(ctx, s, u, a, err)
	}
	if err != nil {
		return fmt.Errorf("read whether user %s has app %s: %w", u.ID, a.EntitlementID, err)
	}
	if held.ID != u.ID {
		return fmt.Errorf("okta answers with user %q when asked whether %q has app %s", held.ID, u.ID, a.EntitlementID)
	}
	s.Before, s.Detail = imageOf(map[string]string{"user": u.ID, "app": a.EntitlementID, "scope": held.Scope}), "the app is assigned"
	if held.Scope == "GROUP" {
		s.Holds, s.Detail = true, "the app comes by a group only"
	}
	return nil
}

func (r *Revoker) unassigned(ctx context.Context, s *access.State, u wireUser, a access.Action, notFound error) error {
	rows, _, err := list[wireAppUser](ctx, r.c, "/api/v1/apps/"+a.EntitlementID+"/users?limit=500", nil)
	if statusOf(err) == http.StatusNotFound { // with an app that was deleted its assignments go
		s.Detail, err = r.outOfSight(ctx, "app", a.EntitlementID, deletesApp, err)
		s.Holds = err == nil
		return err
	}
	if err != nil {
		return errors.Join(notFound, err)
	}
	for _, row := range rows {
		if row.ID == u.ID {
			return fmt.Errorf("the app lists the user all the same: %w", notFound)
		}
	}
	s.Holds, s.Detail = true, "the app is not assigned"
	return nil
}

// forRole asks for the roles that the user was given by themselves.
func (r *Revoker) forRole(ctx context.Context, s *access.State, u wireUser, a access.Action) error {
	role, found, err := r.ownRole(ctx, u.ID, a.EntitlementID)
	switch {
	case err != nil:
		return err
	case !found:
		s.Holds, s.Detail = true, "the user does not have the role"
	default:
		s.Before, s.Detail = imageOf(map[string]string{"user": u.ID, "assignment": role.ID, "type": role.Type, "role": role.Role, "resource_set": role.ResourceSet}), "the user has the role"
	}
	return nil
}

// ownRole finds the assignment of a role, by the key that the collector gave it.
func (r *Revoker) ownRole(ctx context.Context, user, key string) (wireRole, bool, error) {
	rows, _, err := list[wireRole](ctx, r.c, "/api/v1/users/"+user+"/roles", nil)
	if err != nil {
		return wireRole{}, false, fmt.Errorf("list the roles of user %s: %w", user, err)
	}
	for _, role := range rows {
		if !role.throughGroup() && role.key() == key {
			return role, true, nil
		}
	}
	return wireRole{}, false, nil
}

func (r *Revoker) removeRole(ctx context.Context, a access.Action, path string) (access.Receipt, error) {
	role, found, err := r.ownRole(ctx, string(a.Account.ID), a.EntitlementID)
	switch {
	case err != nil:
		return access.Receipt{}, err
	case !found:
		return access.Receipt{Detail: "the user does not have the role any more"}, nil
	}
	if err := validID("role assignment", role.ID); err != nil {
		return access.Receipt{}, err
	}
	return r.send(ctx, http.MethodDelete, path+"/roles/"+role.ID)
}

// remove makes the change of a verb of the remove stage.
func (r *Revoker) remove(ctx context.Context, a access.Action, path string) (access.Receipt, error) {
	switch a.Verb {
	case access.OktaRevokeGrants:
		return r.send(ctx, http.MethodDelete, path+"/grants")
	case access.OktaResetFactors:
		return r.resetFactors(ctx, a, path)
	case access.OktaLeaveGroup:
		return r.send(ctx, http.MethodDelete, "/api/v1/groups/"+a.EntitlementID+"/users/"+string(a.Account.ID))
	case access.OktaUnassignApp:
		return r.send(ctx, http.MethodDelete, "/api/v1/apps/"+a.EntitlementID+"/users/"+string(a.Account.ID))
	}
	return r.removeRole(ctx, a, path)
}

// validRoleKey admits the key of a role: its id, for a custom one with the
// resource set that it is bound to.
func validRoleKey(key string) error {
	role, set, bound := strings.Cut(key, "@")
	if err := validRole(role); err != nil || !bound {
		return err
	}
	return validID("resource set", set)
}
