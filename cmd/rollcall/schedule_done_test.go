package main

import (
	"fmt"
	"slices"
	"strings"

	"rollcall/internal/access"
	"rollcall/internal/sandbox/fakeaws"
	"rollcall/internal/sandbox/fakeokta"
)

// untrue are the outcomes that the night calls done and the sandbox denies.
func (w witness) untrue() (out []string) {
	if w.night == nil {
		return nil
	}
	for _, o := range w.night.Outcomes {
		if o.Result == access.Done && !w.after.did(o.Action) {
			out = append(out, fmt.Sprintf("%s of %s (%s) is called done and is not (adopted from %q)", o.Action.Verb, o.Action.Login, o.Action.Account, o.AdoptedFrom))
		}
	}
	return out
}

// did reports whether what an action wants is so.
func (s scene) did(a access.Action) bool {
	id := string(a.Account.ID)
	u, i := s.user(id), s.iam(a.Account)
	switch a.Verb {
	case access.OktaSuspend:
		return u.Status == fakeokta.Suspended || u.Status == fakeokta.Deprovisioned
	case access.OktaDeactivate:
		return u.Status == fakeokta.Deprovisioned
	case access.OktaClearSessions:
		return u.Sessions+u.OAuthTokens == 0
	case access.OktaDeleteToken:
		return !slices.ContainsFunc(s.okta.APITokens, func(t fakeokta.APIToken) bool { return t.ID == a.EntitlementID })
	case access.IAMDeny:
		return s.open(login{kind: access.IAMUser, key: a.Account}, false, false) == ""
	case access.IAMDeactivateKey:
		return !slices.ContainsFunc(i.AccessKeys, func(k fakeaws.AccessKey) bool { return k.ID == a.EntitlementID && k.Status == "Active" })
	case access.IAMDeactivateSSHKey:
		return !slices.ContainsFunc(i.SSHKeys, func(k fakeaws.SSHKey) bool { return k.ID == a.EntitlementID && k.Status == "Active" })
	case access.SSODeleteAssignment:
		return !slices.Contains(s.center(id), a.EntitlementID+" in "+a.GrantScope)
	case access.SSODeleteMembership:
		return !slices.Contains(s.center(id), "group "+a.EntitlementID)
	}
	return s.removed(a)
}

// removed is did for the verbs of the remove stage.
func (s scene) removed(a access.Action) bool {
	id := string(a.Account.ID)
	i := s.iam(a.Account)
	holds := func(what string) bool {
		return slices.ContainsFunc(s.rest(id), func(h string) bool { return strings.HasPrefix(h, what) })
	}
	switch a.Verb {
	case access.OktaRevokeGrants:
		return !holds("consent") || s.user(id).Status == fakeokta.Deprovisioned
	case access.OktaResetFactors:
		return !holds("factor")
	case access.OktaLeaveGroup:
		return !slices.ContainsFunc(s.okta.Members, func(m fakeokta.Member) bool { return m.UserID == id && m.GroupID == a.EntitlementID })
	case access.OktaUnassignApp:
		return !holds("app " + a.EntitlementID)
	case access.OktaRemoveAdminRole:
		return !holds("role " + a.EntitlementID)
	case access.IAMDeleteLogin:
		return i.LoginProfile == nil
	case access.IAMDeleteKey:
		return !slices.ContainsFunc(i.AccessKeys, func(k fakeaws.AccessKey) bool { return k.ID == a.EntitlementID })
	case access.IAMDeleteSSHKey:
		return !slices.ContainsFunc(i.SSHKeys, func(k fakeaws.SSHKey) bool { return k.ID == a.EntitlementID })
	case access.IAMLeaveGroup:
		return len(i.Groups) == 0
	case access.IAMDetachPolicy:
		return !slices.Contains(i.Attached, a.EntitlementID)
	case access.IAMDeletePolicy:
		return len(i.Inline) == 0
	case access.IAMRemoveMFA:
		return len(i.MFA) == 0
	case access.IAMTagRemoved:
		return slices.ContainsFunc(i.Tags, func(t fakeaws.Tag) bool { return t.Key == "rollcall:removed" })
	}
	return false // the village has nothing else
}
