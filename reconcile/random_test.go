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

// random makes small worlds in which everything that can contradict does: few
// ids, few addresses, several rows for one id, two sources, gaps, old memories.
type random struct{ *rand.Rand }

func newRandom(seed uint64) random { return random{rand.New(rand.NewPCG(seed, 7))} }

// choosing takes one byte for each choice while there are some, so that a fuzzer
// changes one thing of a world at a time; then it goes on by the seed.
func choosing(seed uint64, choices []byte) random {
	return random{rand.New(&chosen{choices, rand.NewPCG(seed, 7)})}
}

type chosen struct {
	bytes []byte
	then  rand.Source
}

func (c *chosen) Uint64() uint64 {
	if len(c.bytes) == 0 {
		return c.then.Uint64()
	}
	b := uint64(c.bytes[0])
	c.bytes = c.bytes[1:]
	return b * 0x0101010101010101
}

func pick[T any](r random, of ...T) T { return of[r.IntN(len(of))] }

func (r random) chance(percent int) bool { return r.IntN(100) < percent }

var midnight = time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC)

func (r random) world() World {
	w := World{Now: midnight, Memory: r.memory(), Policy: r.policy()}
	w.Settings = Settings{Zone: pick(r, nil, time.UTC, time.FixedZone("east", 9*3600)), RevokeGardenLeave: r.chance(50), Mode: pick(r, access.Enforce, access.Enforce, access.Observe)}
	if r.chance(70) { // most worlds are small: without this nearly all would be held whole
		w.Settings.Limits = Limits{NightMin: 50, WeekMin: 100, Concentration: 50, Irreversible: 50}
	}
	if r.chance(30) {
		w.Settings.Protected = []string{r.login()}
	}
	for _, s := range []access.Source{"employees", "contractors"} {
		w.Rosters = append(w.Rosters, r.roster(s))
	}
	w.Systems = []access.Observation{r.okta(), r.aws(), r.sso()}
	for _, o := range w.Systems {
		if r.chance(85) {
			w.Memory.Accounts[o.System] = 100
		}
		for _, a := range o.Accounts {
			if r.chance(10) {
				w.Memory.Blocked[a.Key()] = access.BlockRecord{Account: a.Key(), At: midnight.AddDate(0, 0, -r.IntN(12)), Verified: true, Verbs: pick(r, nil, []access.Verb{access.OktaClearSessions, access.OktaSuspend})}
			}
		}
	}
	r.enrich(&w)
	r.limit(&w)
	return w
}

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

func (r random) memory() access.Memory {
	m := access.Memory{Accounts: map[access.System]int{}, Blocked: map[access.AccountKey]access.BlockRecord{}, FirstSeenLeft: map[access.PersonKey]time.Time{}}
	for range r.IntN(4) {
		m.FirstSeenLeft[r.key()] = midnight.AddDate(0, 0, -r.IntN(3))
	}
	m.Moves = map[access.PersonKey][]access.Move{}
	for range r.IntN(4) {
		m.Moves[r.key()] = []access.Move{{Title: pick(r, "Engineer", "Clerk", "Cook"), Department: pick(r, "Sales", "Legal", ""), Until: midnight.AddDate(0, 0, -r.IntN(60))}}
	}
	return m
}

func (r random) id() access.EmployeeID {
	return access.EmployeeID(fmt.Sprint(1 + r.IntN(7)))
}

func (r random) key() access.PersonKey {
	return access.PersonKey{Source: pick[access.Source](r, "employees", "employees", "contractors"), EmployeeID: r.id()}
}

func (r random) login() string { return fmt.Sprintf("p%d@example.com", 1+r.IntN(9)) }

func (r random) day() access.Day {
	if r.chance(60) {
		return access.Day{}
	}
	at := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC).AddDate(0, 0, pick(r, -40, -2, -1, 0, 1, 40))
	if r.chance(15) {
		return access.Day{At: at.Add(90 * time.Minute), Exact: true}
	}
	return access.Day{At: at}
}

func (r random) identity(s access.Source, id access.EmployeeID) access.Identity {
	i := access.Identity{
		Source: s, EmployeeID: id, Email: fmt.Sprintf("p%s@example.com", id), Name: "P" + string(id), Title: pick(r, "Engineer", "Clerk"),
		Department: pick(r, "Sales", "Legal", ""), ManagerID: pick(r, "", "1", "2", r.id()),
		Status:    pick(r, access.StatusActive, access.StatusActive, access.StatusLeft, access.StatusLeft, access.StatusLeft, access.StatusLeave, access.StatusPending, access.StatusGardenLeave, access.StatusUnknown),
		StartDate: r.day(), EndDate: r.day(), LastWorkingDay: r.day(), TimeZone: pick(r, "", "", "", "Asia/Tokyo", "Nowhere/Land"),
	}
	if i.Status == access.StatusLeft && i.Department != "Legal" { // of the others, some start after they left
		i.StartDate = access.Day{}
	}
	switch r.IntN(12) {
	case 0:
		i.Email = ""
	case 1:
		i.Email = r.login()
	case 2:
		i.Aliases = r.login()
	case 3:
		i.Problem = "a fault of its own"
	}
	return i
}

func (r random) roster(s access.Source) SourceRoster {
	out := SourceRoster{
		Verdict:  access.RosterVerdict{Source: s, File: string(s) + ".csv", InForce: access.AcceptedRoster{Source: s, SHA256: "x"}},
		Vanished: map[access.PersonKey]access.Vanished{},
	}
	for n := 1; n <= 7; n++ {
		id := access.EmployeeID(fmt.Sprint(n))
		switch {
		case r.chance(20) && s == "employees", r.chance(60) && s == "contractors":
			continue
		case r.chance(10):
			v := r.identity(s, id)
			out.Vanished[v.Key()] = access.Vanished{Identity: v, Since: midnight.AddDate(0, 0, -3)}
			continue
		}
		rows := 1
		if r.chance(25) {
			rows = 2 + r.IntN(2)
		}
		first := r.identity(s, id)
		for k := range rows {
			i := r.identity(s, id)
			if k > 0 { // misread changes some of them
				i.Email, i.Aliases = first.Email, first.Aliases
			} else {
				i = first
			}
			i.Row = len(out.Rows) + 2
			out.Rows = append(out.Rows, i)
		}
	}
	if r.chance(20) {
		out.Verdict.Refusal = &access.GuardError{Guard: "roster", Scope: string(s), Says: "too few"}
		for range r.IntN(4) {
			out.Refused = append(out.Refused, r.identity(s, r.id()))
		}
	}
	return out
}

func (r random) policy() access.Policy {
	var p access.Policy
	for n := range r.IntN(5) {
		p.RoleMap.Rules = append(p.RoleMap.Rules, access.Rule{
			Line: access.Line{File: "rolemap.csv", Row: n + 2}, Role: "r", Title: pick(r, "", "Eng*", "Clerk"), Department: pick(r, "", "Sales"),
			System: pick(r, "okta", "*"), Kind: pick(r, "", "group"), Entitlement: pick(r, "*", "g0", "g1"),
			Requirement: pick(r, access.Allowed, access.Required), ExpiresOn: r.day(),
		})
	}
	for n := range r.IntN(3) {
		p.Exceptions = append(p.Exceptions, r.exception(n))
	}
	for n := range r.IntN(3) {
		p.SoD = append(p.SoD, access.SoD{Line: access.Line{File: "sod.csv", Row: n + 2}, Rule: "pair",
			Left: access.Right{System: pick(r, "", "okta"), Entitlement: pick(r, "g0", "*", "PS")}, Right: access.Right{Entitlement: pick(r, "g1", "g*", "app")}})
	}
	for n := range max(0, r.IntN(5)-2) {
		p.Answers = append(p.Answers, access.Answer{
			Line: access.Line{File: "answers.csv", Row: n + 2}, Person: r.key(), Answer: pick(r, "left", "left", "active", "same_as"), SameAs: r.id(),
			LastWorkingDay: r.day(), ConfirmedBy: "hr", ConfirmedOn: r.day(),
		})
	}
	for n := range max(0, r.IntN(4)-2) {
		p.Links = append(p.Links, access.Link{Line: access.Line{File: "links.csv", Row: n + 2}, Account: access.AccountKey{System: "okta", ID: "u0"}, Person: r.key()})
	}
	for n := range max(0, r.IntN(4)-1) {
		p.NonHuman = append(p.NonHuman, access.NonHuman{
			Line: access.Line{File: "nonhuman.csv", Row: n + 2}, System: "okta", Account: pick(r, "u1", "u2", r.login()),
			Kind: pick(r, access.KindService, access.KindBreakGlass), OwnerID: pick(r, "", r.id()), Review: r.day(),
		})
	}
	return p
}

func (r random) exception(n int) access.Exception {
	return access.Exception{Line: access.Line{File: "exceptions.csv", Row: n + 2}, ID: fmt.Sprint("X", n), Person: r.key(), System: "okta", Entitlement: pick(r, "g0", "g1", "SUPER_ADMIN"), ExpiresOn: r.day()}
}

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

// shuffled is the same world in another order: rows, people, accounts, rights,
// grants, reads, sources and systems.
func (r random) shuffled(w World) World {
	mix := func(n int) []int { return r.Perm(n) }
	w.Rosters = permuted(w.Rosters, mix(len(w.Rosters)))
	for n := range w.Rosters {
		s := &w.Rosters[n]
		s.Rows, s.Refused = permuted(s.Rows, mix(len(s.Rows))), permuted(s.Refused, mix(len(s.Refused)))
	}
	w.Systems = permuted(w.Systems, mix(len(w.Systems)))
	for n := range w.Systems {
		w.Systems[n] = r.shuffledSystem(w.Systems[n])
	}
	return w
}

func (r random) shuffledSystem(o access.Observation) access.Observation {
	accounts, rights, reads := r.Perm(len(o.Accounts)), r.Perm(len(o.Entitlements)), r.Perm(len(o.Reads))
	o.Accounts, o.Entitlements, o.Reads = permuted(o.Accounts, accounts), permuted(o.Entitlements, rights), permuted(o.Reads, reads)
	for n := range o.Accounts {
		o.Accounts[n].Read = reads[o.Accounts[n].Read]
	}
	for n := range o.Entitlements {
		o.Entitlements[n].Read = reads[o.Entitlements[n].Read]
	}
	o.Grants = permuted(o.Grants, r.Perm(len(o.Grants)))
	for n := range o.Grants {
		g := &o.Grants[n]
		g.Account, g.Entitlement = uint32(accounts[g.Account]), uint32(rights[g.Entitlement])
		if !g.Direct() {
			g.Carrier = uint32(rights[g.Carrier-1]) + 1
		}
	}
	return o
}

// permuted puts item n at place to[n], in a new slice.
func permuted[T any](items []T, to []int) []T {
	if items == nil {
		return nil
	}
	out := make([]T, len(items))
	for n, item := range items {
		out[to[n]] = item
	}
	return out
}

// allRead makes a world of which everything was read to its end.
func allRead(w *World) {
	for _, o := range w.Systems {
		for k := range o.Reads {
			o.Reads[k].Complete = true
		}
	}
}
