package reconcile

import (
	"fmt"
	"time"

	"rollcall/internal/access"
)

func (r random) read(o *access.Observation, scope, kind string, lists bool) int {
	c := access.Read{System: o.System, Scope: scope, Kind: kind, Lists: lists, Complete: r.chance(92)}
	if !c.Complete {
		c.Gap = "cut off"
	}
	o.Reads = append(o.Reads, c)
	return len(o.Reads) - 1
}

// account adds somebody's account; whose, it says by an id, by an address, or
// by both, which need not agree.
func (r random) account(o *access.Observation, a access.Account) uint32 {
	a.System = o.System
	a.Login = r.login()
	switch r.IntN(8) {
	case 0:
		a.HRID = r.id()
	case 1, 4, 5:
		a.HRID = access.EmployeeID(r.key().String())
	case 2, 3:
		a.HRID, a.Email = r.id(), r.login()
	}
	if a.HRID != "" && r.chance(80) {
		a.Login = "x" + string(a.HRID)
	}
	if r.chance(40) {
		a.LastUsedAt, a.UsageKnown = midnight.AddDate(0, 0, -r.IntN(60)), true
	}
	o.Accounts = append(o.Accounts, a)
	if r.chance(3) {
		o.Self = append(o.Self, a.Key())
	}
	return uint32(len(o.Accounts) - 1)
}

func (r random) right(o *access.Observation, e access.Entitlement) uint32 {
	e.System = o.System
	if e.Name == "" {
		e.Name = e.ID
	}
	o.Entitlements = append(o.Entitlements, e)
	return uint32(len(o.Entitlements) - 1)
}

func (o grants) add(account, entitlement, carrier uint32) {
	o.Grants = append(o.Grants, access.Grant{Account: account, Entitlement: entitlement, Carrier: carrier})
}

type grants struct{ *access.Observation }

func (r random) okta() access.Observation {
	o := access.Observation{System: "okta"}
	users, groups := r.read(&o, "", "users", true), r.read(&o, "", "groups", false)
	g0 := r.right(&o, access.Entitlement{Kind: access.OktaGroup, ID: "g0", Editable: true, Read: groups})
	g1 := r.right(&o, access.Entitlement{Kind: access.OktaGroup, ID: "g1", Editable: true, Read: groups})
	app := r.right(&o, access.Entitlement{Kind: access.OktaApp, ID: "app", Read: groups})
	admin := r.right(&o, access.Entitlement{Kind: access.OktaAdminRole, ID: "SUPER_ADMIN", Privileged: true, Read: groups})
	for n := range r.IntN(9) {
		vendor := pick(r, "ACTIVE", "ACTIVE", "ACTIVE", "LOCKED_OUT", "SUSPENDED", "DEPROVISIONED", "STAGED")
		a := r.account(&o, access.Account{ID: access.AccountID(fmt.Sprint("u", n)), Kind: access.OktaUser, VendorStatus: vendor, Status: statusOf(vendor), Read: users})
		if r.chance(60) {
			grants{&o}.add(a, g0, 0)
			grants{&o}.add(a, app, g0+1)
		}
		if r.chance(40) {
			grants{&o}.add(a, g1, 0)
		}
		if r.chance(15) {
			grants{&o}.add(a, admin, 0)
		}
		for k := range max(0, r.IntN(5)-2) {
			grants{&o}.add(a, r.right(&o, access.Entitlement{Kind: access.OktaAPIToken, ID: fmt.Sprint("t", n, k), Credential: true, Read: users}), 0)
		}
	}
	return o
}

func (r random) aws() access.Observation {
	o := access.Observation{System: "aws"}
	for _, scope := range []string{"111", "222"} {
		iam := r.read(&o, scope, "iam", true)
		for n := range r.IntN(4) {
			status := pick(r, access.AccountActive, access.AccountActive, access.AccountSuspended)
			a := r.account(&o, access.Account{ID: access.AccountID(fmt.Sprint("A", n)), Scope: scope, Kind: access.IAMUser, Status: status, MFA: pick(r, access.MFAYes, access.MFANo), Read: iam})
			if r.chance(40) {
				grants{&o}.add(a, r.right(&o, access.Entitlement{Scope: scope, Kind: access.ConsoleLogin, ID: fmt.Sprint("C", n), Read: iam}), 0)
			}
			for k := range r.IntN(3) {
				kind := pick(r, access.AccessKey, access.SSHKey)
				grants{&o}.add(a, r.right(&o, access.Entitlement{Scope: scope, Kind: kind, ID: fmt.Sprint("K", n, k), Credential: r.chance(80), CreatedAt: pick(r, time.Time{}, midnight.AddDate(0, 0, -89), midnight.AddDate(0, 0, -91)), Read: iam}), 0)
			}
		}
	}
	return o
}

func (r random) sso() access.Observation {
	o := access.Observation{System: "sso"}
	users := r.read(&o, "", "users", true)
	group := r.right(&o, access.Entitlement{Kind: access.SSOGroup, ID: "G", Editable: true, Read: users})
	set := r.right(&o, access.Entitlement{Scope: "111", Kind: access.PermissionSet, ID: "PS", Read: users})
	for n := range r.IntN(4) {
		a := r.account(&o, access.Account{ID: access.AccountID(fmt.Sprint("U", n)), Kind: access.IdentityCenter, Status: access.AccountActive, Upstream: pick(r, "", "okta"), Read: users})
		if r.chance(50) {
			grants{&o}.add(a, group, 0)
			grants{&o}.add(a, set, group+1)
		}
		if r.chance(50) {
			grants{&o}.add(a, set, 0)
		}
	}
	return o
}

// allRead makes a world of which everything was read to its end.
func allRead(w *World) {
	for _, o := range w.Systems {
		for k := range o.Reads {
			o.Reads[k].Complete = true
		}
	}
}
