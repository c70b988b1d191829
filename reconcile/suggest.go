package reconcile

import (
	"cmp"
	"slices"

	"rollcall/internal/access"
)

// Suggestion is a first role map, from what people hold today.
type Suggestion struct {
	Rules []access.Rule
	// Privileged counts the rules about privileged access: somebody has to want
	// each of them.
	Privileged int
	// Covered of Held direct grants of people who work here would be expected.
	Covered, Held int
}

// Suggest makes a rule of every right that at least this share of a role's
// people hold directly, where the role (title, department, worker type) has at
// least so many people. What everybody in a system holds becomes one rule for
// all. Nothing it writes is approved: the approver is left empty.
func Suggest(w World, share float64, least int) Suggestion {
	w.Policy.RoleMap, w.Policy.Exceptions = access.RoleMap{}, nil
	d := Identify(w).Evaluate()
	roles, size := rolesOf(d)
	held := holdings(d, roles)
	var out Suggestion
	for _, right := range sortedRights(held) {
		all := 0
		for _, n := range held[right] {
			all += n
		}
		out.Held += all
		if access.Wild(right.name+right.scope) || right.name == "" {
			continue // a line would mean more rights than this one
		}
		if total := len(roles); total >= least && float64(all) >= share*float64(total) {
			out.add(right, roleShown{}, "Everybody")
			out.Covered += all
			continue
		}
		for _, role := range sortedRoles(held[right]) {
			if n := held[right][role]; alone(role, size) && size[role] >= least && float64(n) >= share*float64(size[role]) {
				out.add(right, role, cmp.Or(role.title, role.department, role.workerType))
				out.Covered += n
			}
		}
	}
	return out
}

// roleShown is a profile as HR writes it.
type roleShown struct{ title, department, workerType string }

// alone reports whether a line with the role's words means these people and no
// others: an empty field would mean any.
func alone(role roleShown, size map[roleShown]int) bool {
	if role.title == "" || access.Wild(role.title+role.department+role.workerType) {
		return false
	}
	rule := access.Rule{Title: role.title, Department: role.department, WorkerType: role.workerType}
	for other := range size {
		if other != role && glob(rule.Title, other.title) && glob(rule.Department, other.department) && glob(rule.WorkerType, other.workerType) {
			return false
		}
	}
	return true
}

type rightKey struct {
	system     access.System
	scope      string
	kind       access.EntitlementKind
	name       string
	privileged bool
}

func rolesOf(d Decision) (map[access.PersonKey]roleShown, map[roleShown]int) {
	roles, size := map[access.PersonKey]roleShown{}, map[roleShown]int{}
	for _, p := range d.People {
		if p.Standing == access.StandingActive || p.Standing == access.StandingScheduled {
			role := roleShown{p.Title, p.Department, p.WorkerType}
			roles[p.Key()] = role
			size[role]++
		}
	}
	return roles, size
}

// holdings counts, for each right, how many people of each role hold it.
// Credentials are nobody's by role: a key is made by whoever needs it.
func holdings(d Decision, roles map[access.PersonKey]roleShown) map[rightKey]map[roleShown]int {
	type once struct {
		who   access.PersonKey
		right rightKey
	}
	seen, held := map[once]bool{}, map[rightKey]map[roleShown]int{}
	for s := range d.Systems {
		o := &d.Systems[s]
		for _, g := range o.Grants {
			ent, who := o.Entitlements[g.Entitlement], o.Matches[g.Account].Person
			role, works := roles[who]
			if !works || !g.Direct() || ent.Credential || o.Accounts[g.Account].Status == access.AccountDisabled {
				continue
			}
			right := rightKey{o.System, ent.Scope, ent.Kind, ent.Name, ent.Privileged}
			if seen[once{who, right}] {
				continue
			}
			seen[once{who, right}] = true
			if held[right] == nil {
				held[right] = map[roleShown]int{}
			}
			held[right][role]++
		}
	}
	return held
}

func sortedRights(held map[rightKey]map[roleShown]int) []rightKey {
	var all []rightKey
	for r := range held {
		all = append(all, r)
	}
	slices.SortFunc(all, func(a, b rightKey) int {
		return cmp.Or(cmp.Compare(a.system, b.system), cmp.Compare(a.scope, b.scope), cmp.Compare(a.kind, b.kind), cmp.Compare(a.name, b.name))
	})
	return all
}

func sortedRoles(by map[roleShown]int) []roleShown {
	var all []roleShown
	for r := range by {
		all = append(all, r)
	}
	slices.SortFunc(all, func(a, b roleShown) int {
		return cmp.Or(cmp.Compare(a.title, b.title), cmp.Compare(a.department, b.department), cmp.Compare(a.workerType, b.workerType))
	})
	return all
}

func (s *Suggestion) add(right rightKey, role roleShown, name string) {
	r := access.Rule{Role: cmp.Or(name, "Everybody"), Title: role.title, Department: role.department, WorkerType: role.workerType,
		System: string(right.system), Scope: right.scope, Kind: string(right.kind), Entitlement: right.name, Requirement: access.Allowed, Risk: access.RiskStandard}
	if right.privileged {
		r.Risk = access.RiskPrivileged
		s.Privileged++
	}
	s.Rules = append(s.Rules, r)
}
