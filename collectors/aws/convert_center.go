package aws

import (
	"fmt"
	"slices"
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	idtypes "github.com/aws/aws-sdk-go-v2/service/identitystore/types"
	ssotypes "github.com/aws/aws-sdk-go-v2/service/ssoadmin/types"

	"rollcall/internal/access"
)

// centerTable converts Identity Center.
type centerTable struct {
	*table
	*centerFacts
	names  map[string]string          // of accounts, by id
	strong map[string]map[string]bool // permission sets whose role is powerful: account, name of the set
}

// fill gives notes of rows that belong to nobody any more.
func (c centerTable) fill() []string {
	for _, u := range c.users {
		c.account(u, readSSOUsers)
	}
	strong := c.strongGroups()
	groups := map[string]carrier{}
	var notes []string
	for i, g := range c.groups {
		group := carrier{self: c.entitlement(access.Entitlement{
			Kind: access.SSOGroup, ID: g.id, Name: g.name, Privileged: strong[g.id], Editable: !g.pushed, CreatedAt: g.createdAt,
		}, scopeKind{"", readSSOMemberships})}
		if i < len(c.members) { // else memberships were never asked for: their read says so
			for _, id := range c.members[i] {
				if holder, ok := c.holder(id); ok {
					c.grant(holder, group.self, 0)
					group.passes = append(group.passes, holder)
				} else if why := c.unlistedFor[principal{ssotypes.PrincipalTypeUser, id}]; why != "" { // else a read says so
					notes = append(notes, fmt.Sprintf("group %s has a member %s, who %s", g.name, id, why))
				}
			}
		}
		groups[g.id] = group
	}
	notes = append(notes, c.fillAssignments(groups)...)
	notes = append(notes, c.fillApplications(groups)...)
	slices.Sort(notes)
	return slices.Compact(notes)
}

func person(u idtypes.User) access.Account {
	a := access.Account{
		ID: access.AccountID(sdk.ToString(u.UserId)), Kind: access.IdentityCenter, Login: sdk.ToString(u.UserName),
		Name: sdk.ToString(u.DisplayName), Email: primary(u), Status: access.AccountActive,
		VendorStatus: string(u.UserStatus), MFA: access.MFAUnknown, CreatedAt: sdk.ToTime(u.CreatedAt).UTC(),
	}
	if u.UserStatus == idtypes.UserStatusDisabled {
		a.Status = access.AccountDisabled
	}
	if len(u.ExternalIds) > 0 {
		a.Upstream = sdk.ToString(u.ExternalIds[0].Issuer)
	}
	return a
}

func primary(u idtypes.User) string {
	for _, e := range u.Emails {
		if e.Primary {
			return sdk.ToString(e.Value)
		}
	}
	if len(u.Emails) > 0 {
		return sdk.ToString(u.Emails[0].Value)
	}
	if name := sdk.ToString(u.UserName); isMail(name) {
		return name
	}
	return ""
}

func membershipID(m idtypes.GroupMembership) *string { return m.MembershipId }

func memberID(m idtypes.GroupMembership) string {
	if user, ok := m.MemberId.(*idtypes.MemberIdMemberUserId); ok {
		return user.Value
	}
	return ""
}

func (c centerTable) holder(id string) (uint32, bool) {
	i, ok := c.accounts[access.AccountKey{System: c.obs.System, ID: access.AccountID(id)}]
	return i, ok
}

// strong says whether a permission set's name claims power.
func strong(name string) bool {
	name = strings.ToLower(name)
	return strings.Contains(name, "admin") || strings.Contains(name, "poweruser") || strings.Contains(name, "iamfullaccess")
}

// powerful says whether a permission set opens an account: by its name, or by
// what the role of it in that account is allowed.
func (c centerTable) powerful(account, name string) bool {
	return strong(name) || c.strong[account][name]
}

func (c centerTable) setsByARN() map[string]permissionSet {
	sets := map[string]permissionSet{}
	for _, s := range c.sets {
		sets[s.arn] = s
	}
	for _, p := range c.pairs {
		if _, ok := sets[p.set]; !ok {
			sets[p.set] = permissionSet{arn: p.set, name: p.set}
		}
	}
	return sets
}

// strongGroups are the groups that carry a powerful permission set anywhere.
func (c centerTable) strongGroups() map[string]bool {
	found, sets := map[string]bool{}, c.setsByARN()
	for i, list := range c.assignments {
		for _, a := range list {
			if a.kind == ssotypes.PrincipalTypeGroup && c.powerful(c.pairs[i].account, sets[c.pairs[i].set].name) {
				found[a.id] = true
			}
		}
	}
	return found
}

// assign gives what is assigned to its holders: to a user, or to each member of
// a group. It reports whether there is such a holder.
func (c centerTable) assign(to principal, what uint32, groups map[string]carrier) bool {
	holder, isUser := c.holder(to.id)
	group, isGroup := groups[to.id]
	switch {
	case to.kind == ssotypes.PrincipalTypeUser && isUser:
		c.grant(holder, what, 0)
	case to.kind == ssotypes.PrincipalTypeGroup && isGroup:
		for _, member := range group.passes {
			c.carried(member, what, group.self)
		}
	default:
		return false
	}
	return true
}

func (c centerTable) fillAssignments(groups map[string]carrier) (notes []string) {
	sets := c.setsByARN()
	for i, p := range c.pairs {
		s := sets[p.set]
		set := c.entitlement(access.Entitlement{
			Kind: access.PermissionSet, Scope: p.account, ScopeName: c.names[p.account], ID: p.set, Name: s.name,
			Privileged: c.powerful(p.account, s.name), Editable: true, CreatedAt: s.createdAt,
		}, scopeKind{"", readAssignments})
		for _, a := range c.assignments[i] {
			if why := c.unlistedFor[a]; !c.assign(a, set, groups) && why != "" {
				notes = append(notes, fmt.Sprintf("permission set %s in account %s is assigned to %s, which %s", s.name, p.account, a.words(), why))
			}
		}
	}
	return notes
}

// fillApplications adds the applications. One that is assigned to nobody may
// all the same be open to everybody, which would be a request more for each.
func (c centerTable) fillApplications(groups map[string]carrier) (notes []string) {
	for _, app := range c.apps {
		right := c.entitlement(access.Entitlement{
			Kind: access.SSOApp, ID: app.arn, Name: app.name, Editable: true, CreatedAt: app.createdAt,
		}, scopeKind{"", readApplications})
		if len(app.holders) == 0 {
			notes = append(notes, fmt.Sprintf("application %s is assigned to nobody: whether it asks for assignments at all was not read", app.name))
		}
		for _, a := range app.holders {
			if why := c.unlistedFor[a]; !c.assign(a, right, groups) && why != "" {
				notes = append(notes, fmt.Sprintf("application %s is assigned to %s, which %s", app.name, a.words(), why))
			}
		}
	}
	return notes
}
