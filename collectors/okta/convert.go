package okta

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"rollcall/internal/access"
)

// statuses are Okta's states in rollcall's words. Whoever could get in with a
// step of their own (a new password, an activation mail) counts as active.
// https://developer.okta.com/docs/reference/api/users/#user-status
var statuses = map[string]access.AccountStatus{
	"ACTIVE": access.AccountActive, "LOCKED_OUT": access.AccountActive, "PASSWORD_EXPIRED": access.AccountActive,
	"RECOVERY": access.AccountActive, "PROVISIONED": access.AccountActive, "STAGED": access.AccountActive,
	"SUSPENDED": access.AccountSuspended, "DEPROVISIONED": access.AccountDisabled,
}

func statusOfUser(raw string) access.AccountStatus {
	if s, ok := statuses[raw]; ok {
		return s
	}
	return access.AccountUnknown
}

// builder turns a survey into tables. Whatever names something that no list
// had becomes a gap of its family, never nothing.
type builder struct {
	*survey
	obs      access.Observation
	account  map[string]uint32
	right    map[string]uint32   // kind and id -> entitlement
	everyone []uint32            // all accounts but the deactivated
	holders  map[string][]uint32 // group -> accounts
}

// observation is pure: the same answers give the same tables, in one order.
func (s *survey) observation() access.Observation {
	b := &builder{
		survey: s, account: map[string]uint32{}, right: map[string]uint32{}, holders: map[string][]uint32{},
		obs: access.Observation{System: s.cfg.System},
	}
	b.addAccounts()
	b.addGroups()
	b.addApps()
	b.addRoles()
	b.addTokens()
	b.sort()
	b.addNotes()
	for kind := range families {
		b.obs.Reads = append(b.obs.Reads, s.family[kind].certificate(s.cfg.System, s.caller))
	}
	if s.self != "" {
		b.obs.Self = []access.AccountKey{{System: s.cfg.System, ID: access.AccountID(s.self)}}
	}
	return b.obs
}

func (b *builder) addAccounts() {
	slices.SortFunc(b.survey.users, func(x, y wireUser) int { return strings.Compare(x.ID, y.ID) })
	for _, u := range b.survey.users {
		if err := validID("user", u.ID); err != nil {
			b.family[users].note("user "+u.Profile.Login, err.Error())
			continue
		}
		at := uint32(len(b.obs.Accounts))
		b.account[u.ID] = at
		b.obs.Accounts = append(b.obs.Accounts, b.convertUser(u))
		if b.obs.Accounts[at].Status != access.AccountDisabled {
			b.everyone = append(b.everyone, at)
		}
	}
}

func (b *builder) convertUser(u wireUser) access.Account {
	return access.Account{
		System: b.cfg.System, ID: access.AccountID(u.ID), Kind: access.OktaUser,
		Login: u.Profile.Login, Email: u.Profile.Email, Name: u.Profile.name(),
		HRID:   access.EmployeeID(strings.TrimSpace(string(u.Profile.EmployeeNumber))),
		Status: statusOfUser(u.Status), VendorStatus: u.Status, MFA: access.MFAUnknown,
		CreatedAt: u.Created.UTC(), LastUsedAt: u.LastLogin.UTC(), UsageKnown: true, Read: users,
	}
}

// add puts an entitlement into the table, once.
func (b *builder) add(e access.Entitlement) uint32 {
	key := string(e.Kind) + " " + e.ID
	if at, ok := b.right[key]; ok {
		return at
	}
	e.System = b.cfg.System
	at := uint32(len(b.obs.Entitlements))
	b.right[key] = at
	b.obs.Entitlements = append(b.obs.Entitlements, e)
	return at
}

// group gives the entitlement of a group that was listed.
func (b *builder) group(id string) (uint32, bool) {
	at, ok := b.right[string(access.OktaGroup)+" "+id]
	return at, ok
}

func (b *builder) grant(account, right uint32, carrier uint32, used time.Time) {
	g := access.Grant{Account: account, Entitlement: right, Carrier: carrier}
	if !used.IsZero() {
		g.LastUsed = uint32(used.Unix())
	}
	b.obs.Grants = append(b.obs.Grants, g)
}

// known gives the account of a user id, or notes that no list has it.
func (b *builder) known(id string, kind int, what string) (uint32, bool) {
	at, ok := b.account[id]
	if !ok && !b.family[users].broken() {
		b.family[kind].note(what+" names user "+id, "who is not in the list of users; run again")
	}
	return at, ok
}

func (b *builder) addGroups() {
	for _, g := range b.survey.groups {
		at := b.add(access.Entitlement{
			Kind: access.OktaGroup, ID: g.ID, Name: g.Profile.Name, Read: groupMembers,
			Editable: g.Type == "OKTA_GROUP", Privileged: len(b.grpRoles[g.ID]) > 0,
		})
		if g.everyone() {
			b.holders[g.ID] = b.everyone
			continue
		}
		for _, id := range b.members[g.ID] {
			if account, ok := b.known(id, groupMembers, "group "+g.Profile.Name); ok {
				b.holders[g.ID] = append(b.holders[g.ID], account)
				b.grant(account, at, 0, time.Time{})
			}
		}
	}
	b.family[groupMembers].restsOn(b.family[users])
}

func (b *builder) addApps() {
	for _, a := range b.survey.apps {
		at := b.add(access.Entitlement{Kind: access.OktaApp, ID: a.ID, Name: a.Label, Editable: true, Read: appUsers})
		carriers := b.carriersOf(a)
		for _, row := range b.survey.appUsers[a.ID] {
			account, ok := b.known(row.ID, appUsers, "app "+a.Label)
			if !ok {
				continue
			}
			through := carriers[account]
			if group, ok := b.group(row.Links.Group.lastSegment()); ok && len(through) == 0 {
				through = []uint32{group}
			}
			switch {
			case row.Scope == "USER":
				b.grant(account, at, 0, time.Time{})
			case len(through) == 0:
				b.family[appUsers].note(fmt.Sprintf("app %s of user %s", a.Label, b.obs.Accounts[account].Login),
					"is held through a group that was not seen; the gaps of group_members and app_groups say which, or run again")
			}
			for _, group := range through {
				b.grant(account, at, group+1, time.Time{})
			}
		}
	}
	b.family[appUsers].restsOn(b.family[users])
	b.family[appUsers].restsOn(b.family[appGroups])
}

// carriersOf gives, for each account, the groups through which it holds an
// app. A direct assignment hides these in Okta's answer, though it is the
// groups that keep the app when the direct one is taken away.
func (b *builder) carriersOf(a wireApp) map[uint32][]uint32 {
	carriers := map[uint32][]uint32{}
	for _, id := range b.survey.appGroups[a.ID] {
		group, ok := b.group(id)
		if !ok {
			b.family[appGroups].note(fmt.Sprintf("app %s is given to group %s", a.Label, id), "which is not in the list of groups")
			continue
		}
		if b.unread(id) {
			b.family[appUsers].note(fmt.Sprintf("who holds app %s through group %s", a.Label, b.obs.Entitlements[group].Name),
				"its members could not be read")
		}
		for _, account := range b.holders[id] {
			carriers[account] = append(carriers[account], group)
		}
	}
	return carriers
}

func (b *builder) addRoles() {
	for _, id := range slices.Sorted(maps.Keys(b.userRoles)) {
		account, ok := b.known(id, adminRoles, "a role")
		for _, r := range b.userRoles[id] {
			if ok && !r.throughGroup() {
				b.grant(account, b.role(r), 0, time.Time{})
			}
		}
	}
	for _, id := range slices.Sorted(maps.Keys(b.grpRoles)) {
		for _, r := range b.grpRoles[id] {
			b.addGroupRole(id, r)
		}
	}
	b.family[adminRoles].restsOn(b.family[users])
	b.addUnreadAdmins()
	for _, g := range b.obs.Grants {
		if b.obs.Entitlements[g.Entitlement].Kind == access.OktaAdminRole {
			b.obs.Accounts[g.Account].Privileged = true
		}
	}
}

// addUnreadAdmins tells whose roles, their own or their group's, were asked for
// and not read.
func (b *builder) addUnreadAdmins() {
	at := map[uint32]bool{}
	for id := range b.adminUsers {
		if _, read := b.userRoles[id]; read {
			continue
		}
		if account, ok := b.account[id]; ok {
			at[account] = true
		}
	}
	for id := range b.adminGroups {
		if _, read := b.grpRoles[id]; read {
			continue
		}
		for _, account := range b.holders[id] {
			at[account] = true
		}
	}
	for _, account := range slices.Sorted(maps.Keys(at)) {
		b.obs.Accounts[account].Privileged = true
		b.obs.AdminsUnread = append(b.obs.AdminsUnread, b.obs.Accounts[account].Key())
	}
}

// addGroupRole gives a group's role to its members. Deactivated members keep
// the membership and lose the role.
func (b *builder) addGroupRole(id string, r wireRole) {
	group, ok := b.group(id)
	if !ok {
		b.family[adminRoles].note("role "+r.Label+" of group "+id, "the group is not in the list of groups")
		return
	}
	if b.unread(id) {
		b.family[adminRoles].note("who holds role "+r.Label+" through group "+b.obs.Entitlements[group].Name, "its members could not be read")
	}
	for _, account := range b.holders[id] {
		if b.obs.Accounts[account].Status != access.AccountDisabled {
			b.grant(account, b.role(r), group+1, time.Time{})
		}
	}
}

// unread reports a group of whose members not all were read.
func (b *builder) unread(id string) bool {
	for _, g := range b.survey.groups {
		if g.ID == id {
			ids, read := b.members[id]
			return !g.everyone() && g.members() != 0 && (!read || len(ids) < g.members())
		}
	}
	return true
}

func (b *builder) role(r wireRole) uint32 {
	name := cmp.Or(r.Label, r.Type)
	if set := b.setLabels[r.ResourceSet]; set != "" {
		name += " on " + set
	}
	return b.add(access.Entitlement{
		Kind: access.OktaAdminRole, ID: r.key(), Name: name, Privileged: true, Editable: true, Read: adminRoles,
	})
}

func (b *builder) addTokens() {
	for _, t := range b.tokens {
		account, ok := b.known(t.UserID, apiTokens, "API token "+t.Name)
		if !ok {
			continue
		}
		at := b.add(access.Entitlement{
			Kind: access.OktaAPIToken, ID: t.ID, Name: t.Name, Editable: true, Credential: true, Read: apiTokens,
			Privileged: b.obs.Accounts[account].Privileged, // a token can do what its owner can
		})
		b.grant(account, at, 0, t.lastUsed())
	}
	b.family[apiTokens].restsOn(b.family[users])
}

var days = regexp.MustCompile(`^P([0-9]{1,4})D$`)

// lastUsed is worked out: each use makes a token good for another window, so
// it was last used (or made) a window before it expires.
// https://developer.okta.com/docs/guides/create-an-api-token/main/#token-expiration
func (t wireToken) lastUsed() time.Time {
	m := days.FindStringSubmatch(t.TokenWindow)
	if m == nil || t.ExpiresAt.IsZero() {
		return time.Time{}
	}
	n, err := strconv.Atoi(m[1])
	if err != nil {
		return time.Time{}
	}
	used := t.ExpiresAt.AddDate(0, 0, -n)
	if !used.After(t.Created) {
		return time.Time{} // never used since it was made
	}
	return used
}
