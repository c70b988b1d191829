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
	names map[string]string // of accounts, by id
}

// fill gives notes of assignments that belong to nobody any more.
func (c centerTable) fill() []string {
	for _, u := range c.users {
		c.account(person(u), readSSOUsers)
	}
	strong := c.strongGroups()
	groups, members := map[string]uint32{}, map[string][]uint32{}
	for i, g := range c.groups {
		id := sdk.ToString(g.GroupId)
		groups[id] = c.entitlement(access.Entitlement{
			Kind: access.SSOGroup, ID: id, Name: sdk.ToString(g.DisplayName),
			Privileged: strong[id], Editable: len(g.ExternalIds) == 0,
		}, scopeKind{"", readSSOMemberships})
		if i >= len(c.members) {
			continue // memberships were never asked for: their read says so
		}
		for _, m := range c.members[i] {
			if holder, ok := c.holder(memberID(m)); ok {
				c.grant(holder, groups[id], 0)
				members[id] = append(members[id], holder)
			}
		}
	}
	return c.fillAssignments(groups, members)
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

// strong says whether a permission set's name claims power. What the set
// contains costs four requests each and is not read.
func strong(name string) bool {
	name = strings.ToLower(name)
	return strings.Contains(name, "admin") || strings.Contains(name, "poweruser") || strings.Contains(name, "iamfullaccess")
}

func (c centerTable) setNames() map[string]string {
	names := map[string]string{}
	for _, s := range c.sets {
		names[sdk.ToString(s.PermissionSetArn)] = sdk.ToString(s.Name)
	}
	return names
}

// strongGroups are the groups that carry a powerful permission set anywhere.
func (c centerTable) strongGroups() map[string]bool {
	found, names := map[string]bool{}, c.setNames()
	for i, list := range c.assignments {
		for _, a := range list {
			if a.PrincipalType == ssotypes.PrincipalTypeGroup && strong(names[c.pairs[i].set]) {
				found[sdk.ToString(a.PrincipalId)] = true
			}
		}
	}
	return found
}

func (c centerTable) fillAssignments(groups map[string]uint32, members map[string][]uint32) (notes []string) {
	names := c.setNames()
	for i, p := range c.pairs {
		set := c.entitlement(access.Entitlement{
			Kind: access.PermissionSet, Scope: p.account, ScopeName: c.names[p.account], ID: p.set, Name: names[p.set],
			Privileged: strong(names[p.set]), Editable: true,
		}, scopeKind{"", readAssignments})
		for _, a := range c.assignments[i] {
			id := sdk.ToString(a.PrincipalId)
			holder, isUser := c.holder(id)
			group, isGroup := groups[id]
			switch {
			case a.PrincipalType == ssotypes.PrincipalTypeUser && isUser:
				c.grant(holder, set, 0)
			case a.PrincipalType == ssotypes.PrincipalTypeGroup && isGroup:
				for _, member := range members[id] {
					c.carried(member, set, group)
				}
			case c.everybody:
				notes = append(notes, fmt.Sprintf("permission set %s in account %s is assigned to %s %s, which no longer exists",
					names[p.set], p.account, strings.ToLower(string(a.PrincipalType)), id))
			}
		}
	}
	slices.Sort(notes)
	return slices.Compact(notes)
}
