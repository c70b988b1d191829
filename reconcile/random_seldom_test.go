package reconcile

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"rollcall/internal/access"
)

// counting is the world with sources in which absence counts. It has chance of its own,
// so that the worlds stay what they are.
func counting(seed uint64, w World) World {
	r := newRandom(seed + 1<<32)
	for n := range w.Rosters {
		s := &w.Rosters[n]
		s.LeftAfter = pick(r, 0, 0, 2, 3)
		for _, k := range sortKeys(slices.Collect(maps.Keys(s.Vanished))) {
			v := s.Vanished[k]
			v.Lists = r.IntN(5)
			s.Vanished[k] = v
			if r.chance(50) {
				w.Memory.FirstSeenLeft[k] = v.Since.AddDate(0, 0, 1)
			}
		}
	}
	return w
}

// misread is the world with rows as people leave them: without an id, with another address
// for an id that has several rows, with a cell of aliases that cannot be read. It has chance of
// its own.
func misread(seed uint64, w World) World {
	r := newRandom(seed + 2<<32)
	if r.chance(60) { // such rows hold much: too little would be planned in the worlds
		return w
	}
	for n := range w.Rosters {
		s := &w.Rosters[n]
		s.Rows = slices.Clone(s.Rows)
		for k := range s.Rows {
			i := &s.Rows[k]
			if r.chance(60) && k > 0 && s.Rows[k-1].EmployeeID == i.EmployeeID {
				i.Email = r.login()
			}
			if r.chance(6) {
				i.Aliases = pick(r, "smtp:%s", "%s|p0@example.com", "P <%s>", "%s / none")
				i.Aliases = strings.Replace(i.Aliases, "%s", r.login(), 1)
			}
		}
		for range max(0, r.IntN(6)-3) {
			i := r.identity(s.Verdict.Source, "")
			i.Email, i.Row, i.Problem = pick(r, "", r.login(), r.login(), r.login()), len(s.Rows)+2, pick(r, "", "Row: The employee ID is empty.")
			s.Rows = append(s.Rows, i)
		}
	}
	return w
}

// limit makes worlds in which the guards count: narrow limits, and what runs of this
// night and week did before to accounts that are no longer listed.
func (r random) limit(w *World) {
	if r.chance(80) {
		return
	}
	w.Settings.Limits = Limits{NightMin: 1 + r.IntN(5), WeekMin: 2 + r.IntN(6), Concentration: 1 + r.IntN(4), Irreversible: 1 + r.IntN(3)}
	for _, o := range w.Systems {
		if _, has := w.Memory.Accounts[o.System]; has {
			w.Memory.Accounts[o.System] = pick(r, 0, 10, 40, 100)
		}
	}
	for n := range r.IntN(4) {
		k := access.AccountKey{System: pick[access.System](r, "okta", "aws"), ID: access.AccountID(fmt.Sprint("gone", n))}
		b := access.BlockRecord{Account: k, At: midnight.Add(-time.Duration(pick(r, 1, 11, 13, 100, 167, 169)) * time.Hour), Verified: true,
			Verbs: pick(r, nil, []access.Verb{access.OktaDeleteToken})}
		for _, v := range b.Verbs {
			b.Final = append(b.Final, access.Final{Verb: v, ID: "gone", At: b.At})
		}
		w.Memory.Blocked[k] = b
	}
}

// enrich adds what is seldom: patterns of protected accounts, linked accounts that
// are linked twice or break-glass, admins whose roles were not read, OAuth clients, and what has a verb of
// its own or none.
func (r random) enrich(w *World) {
	for _, o := range w.Systems {
		if len(o.Accounts) > 0 && r.chance(25) {
			w.Policy.Links = append(w.Policy.Links, access.Link{Account: pick(r, o.Accounts...).Key(), Person: r.key()})
		}
	}
	for _, l := range w.Policy.Links {
		if r.chance(60) {
			l.Person = r.key()
			w.Policy.Links = append(w.Policy.Links, l)
		}
		if r.chance(30) {
			w.Policy.NonHuman = append(w.Policy.NonHuman, access.NonHuman{System: string(l.Account.System), Account: string(l.Account.ID), Kind: access.KindBreakGlass})
		}
	}
	if r.chance(20) {
		w.Settings.Protected = append(w.Settings.Protected, pick(r, "okta:u1", "aws:A*", "P?@EXAMPLE.com", "*7"))
	}
	for n := range w.Systems {
		o := &w.Systems[n]
		for a := range o.Accounts {
			acc := &o.Accounts[a]
			switch {
			case acc.Kind == access.OktaUser && r.chance(5):
				o.AdminsUnread = append(o.AdminsUnread, acc.Key())
			case acc.Kind == access.OktaUser && r.chance(3):
				acc.Kind = access.OktaClient
			case acc.Kind == access.IAMUser && r.chance(20):
				kind := pick(r, access.SigningCertificate, access.ServiceCredential)
				grants{o}.add(uint32(a), r.right(o, access.Entitlement{Scope: acc.Scope, Kind: kind, ID: fmt.Sprint("S", a), Credential: r.chance(80), Read: acc.Read}), 0)
			case acc.Kind == access.IdentityCenter && r.chance(10):
				grants{o}.add(uint32(a), r.right(o, access.Entitlement{Kind: access.SSOApp, ID: fmt.Sprint("app", a), Read: acc.Read}), 0)
			}
		}
	}
}

// removing gives a world a choice about removing, and accounts a past of being
// blocked. It draws from numbers of its own, so that a seed's world stays what it
// was.
func removing(seed uint64, w World) World {
	r := random{rand.New(rand.NewPCG(seed, 8))}
	w.Settings.Removal = Removal{Enforce: r.chance(75), AfterDays: pick(r, 0, 7, 7, 30), RuledGroups: r.chance(30), AppsAndRoles: r.chance(30)}
	if w.Settings.Limits.NightMin > 0 {
		w.Settings.Limits.RemoveNightMin, w.Settings.Limits.RemoveWeekMin = pick(r, 50, 50, 1, 3), pick(r, 100, 100, 2, 5)
	}
	w.Memory.Endings = map[access.AccountKey]access.Ending{}
	for n := range w.Systems {
		o := &w.Systems[n]
		for _, a := range o.Accounts {
			if r.chance(60) {
				w.Memory.Endings[a.Key()] = access.Ending{Account: a.Key(), BlockedAt: midnight.AddDate(0, 0, -pick(r, 1, 6, 7, 8, 40)),
					RemovingAt: pick(r, time.Time{}, time.Time{}, midnight.AddDate(0, 0, -2)), Verbs: pick(r, nil, []access.Verb{access.OktaResetFactors}, []access.Verb{access.IAMRemoveMFA})}
			}
		}
		for _, scope := range []string{"111", "222"} {
			if o.System == "aws" {
				r.read(o, scope, "credentials", false)
				r.read(o, scope, "service_credentials", false)
			}
		}
		for _, kind := range map[access.System][]string{
			"okta": {"group_rules", "app_users", "admin_roles", "api_tokens"}, "sso": {"sso_assignments", "sso_memberships", "sso_applications"},
		}[o.System] {
			r.read(o, "", kind, false)
		}
		if o.System != "okta" {
			continue
		}
		for k := range o.Entitlements {
			o.Entitlements[k].Ruled = r.chance(20)
			if o.Entitlements[k].Kind == access.OktaAdminRole {
				o.Entitlements[k].Read = slices.IndexFunc(o.Reads, func(c access.Read) bool { return c.Kind == "admin_roles" })
			}
		}
	}
	return w
}
