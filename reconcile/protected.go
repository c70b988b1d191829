package reconcile

import (
	"slices"
	"strings"

	"rollcall/internal/access"
)

// protected says why an account must never be acted on, or "".
func (e *evaluation) protected(s, a int) string {
	acc := e.systems[s].Accounts[a]
	if p := OnProtectedList(e.w.Settings.Protected, acc); p != "" {
		return "it is on the protected list as " + p
	}
	for _, n := range e.w.Policy.NonHuman {
		if n.Kind == access.KindBreakGlass && n.About(acc) {
			return "it is a break-glass account, " + cite(n.File, n.Row)
		}
	}
	if slices.Contains(e.systems[s].Self, acc.Key()) {
		return "rollcall itself acts as this account: give it a credential of somebody else first"
	}
	if e.lastSuperAdmin(s, a) {
		if !e.superAdmins(s).read[a] {
			return "its admin roles could not be read, and without it perhaps nobody would be left as super admin"
		}
		return "without it nobody would be left as super admin"
	}
	return ""
}

// OnProtectedList is the first pattern of the list that names an account, or "".
func OnProtectedList(patterns []string, acc access.Account) string {
	for _, p := range patterns {
		if glob(p, acc.Login) || glob(p, string(acc.System)+":"+string(acc.ID)) {
			return p
		}
	}
	return ""
}

// superAdmin is Okta's standard role that can do everything.
const superAdmin = "SUPER_ADMIN"

// superAdmins are the active accounts of a system that hold superAdmin. An OAuth
// client is nobody who could stay.
type superAdmins struct {
	read     map[int]bool // it was read that they do
	possible map[int]bool // their roles were not read tonight, so they may
}

// lastSuperAdmin reports whether the account is, or may be, a super admin and no
// super admin who stays is known. What was not read tonight is settled for the
// account and against everybody else.
func (e *evaluation) lastSuperAdmin(s, a int) bool {
	supers := e.superAdmins(s)
	if !supers.read[a] && !supers.possible[a] {
		return false
	}
	for h := range supers.read {
		if p := e.person(s, h); p == nil || !e.leaves(p) {
			return false
		}
	}
	return true
}

// superAdmins finds them, once for each system.
func (e *evaluation) superAdmins(s int) superAdmins {
	if found, ok := e.supers[s]; ok {
		return found
	}
	o := &e.systems[s]
	out := superAdmins{map[int]bool{}, map[int]bool{}}
	super, some := make([]bool, len(o.Entitlements)), false
	for n := range o.Entitlements {
		super[n] = o.Entitlements[n].Kind == access.OktaAdminRole && strings.HasPrefix(o.Entitlements[n].ID, superAdmin)
		some = some || super[n]
	}
	for n := 0; some && n < len(o.Grants); n++ {
		g := o.Grants[n]
		acc := &o.Accounts[g.Account]
		if super[g.Entitlement] && acc.Status == access.AccountActive && acc.Kind != access.OktaClient {
			out.read[int(g.Account)] = true
		}
	}
	unread := map[access.AccountKey]bool{}
	for _, k := range o.AdminsUnread {
		unread[k] = true
	}
	rolesRead := !slices.ContainsFunc(o.Reads, func(r access.Read) bool { return r.Kind == "admin_roles" && !r.Complete })
	for a := 0; (len(unread) > 0 || !rolesRead) && a < len(o.Accounts); a++ {
		acc := &o.Accounts[a]
		if acc.Status == access.AccountActive && (unread[acc.Key()] || !rolesRead && e.wasSuperAdmin(s, acc.Key())) {
			out.possible[a] = true
		}
	}
	e.supers[s] = out
	return out
}

// wasSuperAdmin reports whether an earlier night read that the account is one, by
// itself or through a group that there still is.
func (e *evaluation) wasSuperAdmin(s int, k access.AccountKey) bool {
	if len(e.w.Memory.GrantsSeen) == 0 {
		return false
	}
	seen := func(carrier string) bool {
		_, ok := e.w.Memory.GrantsSeen[access.HashGrant(k, access.OktaAdminRole, "", superAdmin, carrier)]
		return ok
	}
	return seen("") || slices.ContainsFunc(e.systems[s].Entitlements, func(ent access.Entitlement) bool {
		return ent.Kind == access.OktaGroup && seen(ent.ID)
	})
}
