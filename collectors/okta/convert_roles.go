package okta

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"rollcall/internal/access"
)

// addRoles grants the roles that users and groups were given. What a user's
// own list says of their groups is left to the groups.
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
}

// addGroupRole gives a group's role to its members. Deactivated members keep
// the membership and lose the role.
func (b *builder) addGroupRole(id string, r wireRole) {
	group, ok := b.groupAt[id]
	if !ok {
		b.family[adminRoles].note("role "+r.Label+" of group "+id, "the group is not in the list of groups")
		return
	}
	if b.unread(group) {
		b.family[adminRoles].note("who holds role "+r.Label+" through group "+b.survey.groups[group].Profile.Name, "its members could not be read")
	}
	for _, account := range b.holders(group) {
		if !b.disabled(account) {
			b.grant(account, b.role(r), uint32(group)+1, time.Time{})
		}
	}
}

func (b *builder) role(r wireRole) uint32 {
	name := cmp.Or(r.Label, r.Type)
	if set := b.bound.labels[r.ResourceSet]; set != "" {
		name += " on " + set
	}
	return b.add(access.Entitlement{
		Kind: access.OktaAdminRole, ID: r.key(), Name: name, Privileged: true, Editable: true, Read: adminRoles,
	})
}

// addClients makes an account of each OAuth client that holds a role. Its login
// has the id in it, so that no app can be named after a person's address and
// pass for theirs. Who holds roles is not known while a client's are not.
func (b *builder) addClients() {
	apps := map[string]wireApp{}
	for _, a := range b.survey.apps {
		apps[a.Credentials.OAuthClient.ClientID] = a
	}
	for _, id := range slices.Sorted(maps.Keys(b.cliRoles)) {
		if len(b.cliRoles[id]) == 0 {
			continue
		}
		at := uint32(len(b.obs.Accounts))
		b.obs.Accounts = append(b.obs.Accounts, b.convertClient(id, apps[id]))
		for _, r := range b.cliRoles[id] {
			b.grant(at, b.role(r), 0, time.Time{})
		}
	}
	b.family[adminRoles].restsOn(b.family[adminClients])
}

// convertClient: an app that no list of active apps has is of unknown status.
func (b *builder) convertClient(id string, a wireApp) access.Account {
	client := access.Account{
		System: b.cfg.System, ID: access.AccountID(id), Kind: access.OktaClient, Name: cmp.Or(a.Label, "OAuth client"),
		Status: access.AccountUnknown, MFA: access.MFANotApplicable, Read: adminClients,
	}
	client.Login = client.Name + " (" + id + ")"
	if a.ID != "" {
		client.Status, client.VendorStatus = access.AccountActive, a.Status
	}
	return client
}

// addUnreadAdmins tells whose roles, their own or their group's, could not be
// read: each of them may hold any.
func (b *builder) addUnreadAdmins() {
	at := map[uint32]bool{}
	for id := range b.rolesUnread {
		if account, ok := b.account[id]; ok {
			at[account] = true
		}
		if group, ok := b.groupAt[id]; ok {
			for _, account := range b.holders(group) {
				at[account] = true
			}
		}
	}
	for account := range at {
		b.obs.Accounts[account].Privileged = true
		b.obs.AdminsUnread = append(b.obs.AdminsUnread, b.obs.Accounts[account].Key())
	}
	slices.SortFunc(b.obs.AdminsUnread, func(x, y access.AccountKey) int { return strings.Compare(string(x.ID), string(y.ID)) })
}

// markPrivileged marks whoever holds a role, by whatever path.
func (b *builder) markPrivileged() {
	for _, g := range b.obs.Grants {
		if b.obs.Entitlements[g.Entitlement].Kind == access.OktaAdminRole {
			b.obs.Accounts[g.Account].Privileged = true
		}
	}
}
