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
	// Rights and Roles are what the rest is about, the most first.
	Rights []UnexplainedRight
	Roles  []UnexplainedRole
}

// UnexplainedRight is a right that people hold and no suggested rule covers.
type UnexplainedRight struct {
	System      access.System          `json:"system"`
	Scope       string                 `json:"scope,omitempty"`
	Kind        access.EntitlementKind `json:"kind"`
	Entitlement string                 `json:"entitlement"`
	Privileged  bool                   `json:"privileged"`
	People      int                    `json:"people"` // who hold it and for whom nothing explains it
}

// UnexplainedRole is a role whose people hold what no suggested rule covers.
type UnexplainedRole struct {
	Title      string `json:"title"`
	Department string `json:"department"`
	WorkerType string `json:"worker_type"`
	People     int    `json:"people"` // of the role
	Held       int    `json:"held"`   // what they hold together and nothing explains
}

// Suggest makes a rule of every right that at least this share of a role's
// people hold directly, where the role (title, department, worker type) has at
// least so many people. What everybody in a system holds becomes one rule for
// all. Nothing it writes is approved: the approver is left empty. What is not
// writable in a role map stays unexplained.
func Suggest(w World, share float64, least int, writable func(string) bool) Suggestion {
	w.Policy.RoleMap, w.Policy.Exceptions = access.RoleMap{}, nil
	d := Identify(w).Evaluate()
	roles, size := rolesOf(d)
	held := holdings(d, roles)
	s := suggester{share: share, least: least, writable: writable, people: len(roles), size: size, rest: map[roleShown]int{}}
	for _, right := range sortedRights(held) {
		s.explain(right, held[right])
	}
	for _, role := range sortedRoles(s.rest) {
		s.Roles = append(s.Roles, UnexplainedRole{role.title, role.department, role.workerType, size[role], s.rest[role]})
	}
	slices.SortStableFunc(s.Rights, func(a, b UnexplainedRight) int { return b.People - a.People })
	slices.SortStableFunc(s.Roles, func(a, b UnexplainedRole) int { return b.Held - a.Held })
	return s.Suggestion
}

// suggester makes a Suggestion, right by right.
type suggester struct {
	Suggestion
	share         float64
	least, people int
	writable      func(string) bool
	size          map[roleShown]int
	rest          map[roleShown]int // what the people of a role hold and no rule covers
}

// explain makes the rules about a right, and notes who holds it without one.
func (s *suggester) explain(right rightKey, held map[roleShown]int) {
	all, rest := 0, 0
	for _, n := range held {
		all += n
	}
	s.Held += all
	if s.nameable(right) && s.enough(all, s.people) {
		s.add(right, roleShown{}, "Everybody")
		s.Covered += all
		return
	}
	for _, role := range sortedRoles(held) {
		n := held[role]
		if s.nameable(right) && s.alone(role) && s.enough(n, s.size[role]) {
			s.add(right, role, cmp.Or(role.title, role.department, role.workerType))
			s.Covered += n
			continue
		}
		rest += n
		s.rest[role] += n
	}
	if rest > 0 {
		s.Rights = append(s.Rights, UnexplainedRight{right.system, right.scope, right.kind, right.name, right.privileged, rest})
	}
}

// nameable reports whether a line can mean this right and no other.
func (s *suggester) nameable(right rightKey) bool {
	return right.name != "" && !access.Wild(right.name+right.scope) && s.writable(right.name)
}

// enough reports whether so many of so many people make a rule.
func (s *suggester) enough(n, of int) bool { return of >= s.least && float64(n) >= s.share*float64(of) }

// roleShown is a profile as HR writes it.
type roleShown struct{ title, department, workerType string }

// alone reports whether a line with the role's words means these people and no
// others: an empty field would mean any.
func (s *suggester) alone(role roleShown) bool {
	if role.title == "" || access.Wild(role.title+role.department+role.workerType) ||
		!s.writable(role.title) || !s.writable(role.department) || !s.writable(role.workerType) {
		return false
	}
	rule := access.Rule{Title: role.title, Department: role.department, WorkerType: role.workerType}
	for other := range s.size {
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
// Credentials are nobody's by role: a key is made by whoever needs it. A report
// that only counts keys cannot say that they work, so the kind is asked too.
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
			if !works || !g.Direct() || ent.Credential || keys[ent.Kind] || o.Accounts[g.Account].Status == access.AccountDisabled {
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

// keys are the kinds of right that are made for one holder.
var keys = map[access.EntitlementKind]bool{
	access.OktaAPIToken: true, access.AccessKey: true, access.SSHKey: true, access.SigningCertificate: true, access.ServiceCredential: true,
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
