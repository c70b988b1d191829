package okta

import (
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
	right    map[rightKey]uint32
	groupAt  map[string]int // group id -> index into survey.groups, which is its entitlement too
	everyone int            // index of the group Everyone, -1 without
	memberOf [][]uint32     // account -> groups, but Everyone
}

type rightKey struct {
	kind access.EntitlementKind
	id   string
}

// observation is pure: the same answers give the same tables, in one order.
func (s *survey) observation() access.Observation {
	b := &builder{
		survey: s, account: make(map[string]uint32, len(s.users)), right: map[rightKey]uint32{},
		groupAt: make(map[string]int, len(s.groups)), everyone: -1,
		obs: access.Observation{System: s.cfg.System},
	}
	b.addAccounts()
	b.addGroups()
	b.addApps()
	b.addRoles()
	b.addClients()
	b.addUnreadAdmins()
	b.markPrivileged()
	b.addTokens()
	b.sort()
	b.addNotes()
	for kind := range families {
		b.obs.Reads = append(b.obs.Reads, s.family[kind].certificate(s.cfg.System, s.caller))
	}
	if s.self != "" {
		b.obs.Self = []access.AccountKey{{System: s.cfg.System, ID: access.AccountID(s.self)}}
	}
	if id := s.cfg.ClientID; id != "" {
		b.obs.Self = append(b.obs.Self, access.AccountKey{System: s.cfg.System, ID: access.AccountID(id)})
	}
	return b.obs
}

func (b *builder) addAccounts() {
	slices.SortFunc(b.survey.users, func(x, y wireUser) int { return strings.Compare(x.ID, y.ID) })
	b.obs.Accounts = make([]access.Account, 0, len(b.survey.users))
	for _, u := range b.survey.users {
		if err := validID("user", u.ID); err != nil {
			b.family[users].note("user "+u.Profile.Login, err.Error())
			continue
		}
		b.account[u.ID] = uint32(len(b.obs.Accounts))
		b.obs.Accounts = append(b.obs.Accounts, b.convertUser(u))
	}
	b.memberOf = make([][]uint32, len(b.obs.Accounts))
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

// disabled says that an account has ended: it keeps its groups and holds
// nothing through them.
func (b *builder) disabled(account uint32) bool {
	return b.obs.Accounts[account].Status == access.AccountDisabled
}

// add puts an entitlement into the table, once.
func (b *builder) add(e access.Entitlement) uint32 {
	key := rightKey{e.Kind, e.ID}
	if at, ok := b.right[key]; ok {
		return at
	}
	e.System = b.cfg.System
	at := uint32(len(b.obs.Entitlements))
	b.right[key] = at
	b.obs.Entitlements = append(b.obs.Entitlements, e)
	return at
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

// addGroups comes first of all entitlements, so that a group's place among the
// groups is its place in the table.
func (b *builder) addGroups() {
	ruled := b.ruled()
	for i, g := range b.survey.groups {
		at := b.add(access.Entitlement{
			Kind: access.OktaGroup, ID: g.ID, Name: g.Profile.Name, Read: groupMembers,
			Editable: g.Type == "OKTA_GROUP", Ruled: ruled[g.ID], Privileged: len(b.grpRoles[g.ID]) > 0,
		})
		b.groupAt[g.ID] = i
		if g.everyone() {
			b.everyone = i
			continue
		}
		what := "group " + g.Profile.Name
		for _, id := range b.members[g.ID] {
			if account, ok := b.known(id, groupMembers, what); ok {
				b.memberOf[account] = append(b.memberOf[account], at)
				b.grant(account, at, 0, time.Time{})
			}
		}
	}
	b.family[groupMembers].restsOn(b.family[users])
}

// ruled are the groups that rules fill. An inactive rule fills none, and what it
// put there stays: one may be active again tomorrow.
func (b *builder) ruled() map[string]bool {
	filled := map[string]bool{}
	for _, r := range b.rules {
		for _, id := range r.Actions.Assign.GroupIDs {
			filled[id] = true
		}
	}
	return filled
}

// unread reports a group of whose members not all were read.
func (b *builder) unread(at int) bool {
	g := b.survey.groups[at]
	ids, read := b.members[g.ID]
	return at != b.everyone && g.members() != 0 && (!read || len(ids) < g.members())
}

// holders gives the accounts in a group; of Everyone, all that have not ended.
func (b *builder) holders(at int) []uint32 {
	var all []uint32
	if at == b.everyone {
		for account := range uint32(len(b.memberOf)) {
			if !b.disabled(account) {
				all = append(all, account)
			}
		}
		return all
	}
	for _, id := range b.members[b.survey.groups[at].ID] {
		if account, ok := b.account[id]; ok {
			all = append(all, account)
		}
	}
	return all
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
