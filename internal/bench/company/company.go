// Package company makes the company that the benches of the evaluation and of the
// archive look at: as large as asked, the same each time, with rights by role and a
// little drift. It must never measure anything itself. Its invariant: the same size gives
// the same company, fact by fact, on every machine.
package company

import (
	"cmp"
	"flag"
	"fmt"
	"slices"
	"time"

	"rollcall/internal/access"
	"rollcall/reconcile"
)

// Size is what a population is made of.
type Size struct {
	People, Roles, Grants int
	// Drift is how many of a thousand expected grants nobody holds, and how many
	// are held by somebody who should not.
	Drift int
	// Strangers are accounts that match nobody and hold nothing.
	Strangers int
	// Remember says that earlier nights saw every grant.
	Remember bool
}

// Flags lets whoever starts a bench choose the size: a million people and twenty
// million grants unless they do.
func Flags(flags *flag.FlagSet) *Size {
	s := &Size{}
	flags.IntVar(&s.People, "people", 1_000_000, "how many people")
	flags.IntVar(&s.Roles, "roles", 500, "how many roles")
	flags.IntVar(&s.Grants, "grants", 20_000_000, "how many grants, about")
	flags.IntVar(&s.Drift, "drift", 5, "how many of a thousand expected grants are missing, and how many are held without a rule")
	return s
}

const (
	departments = 20
	shared      = 4 // of everybody's rights: three of the department, one of all
	inAWS       = 4 // of a role's rights, in every tenth role
)

var workerTypes = [...]string{"employee", "contractor", "intern"}

// Tonight is the night that looks at it.
var Tonight = time.Date(2026, 11, 24, 2, 0, 0, 0, time.UTC)

// Population is a company in which every role has rights of its own. Each fact is
// worked out from the number of a person, so that it needs no memory and is the
// same each time.
type Population struct {
	Size
	own int // the rights of each role
}

// New is a population of that size, or why there is none.
func New(s Size) (Population, error) {
	p := Population{s, s.Grants/max(1, s.People) - shared}
	if s.People < 1 || s.Roles < 2 || p.own <= inAWS || s.Drift < 0 || s.Drift > 1000 {
		return p, fmt.Errorf("%d people, %d roles, %d grants, drift %d: there must be somebody, two roles, more than %d grants a person, and a drift of 0 to 1000",
			s.People, s.Roles, s.Grants, s.Drift, shared+inAWS)
	}
	return p, nil
}

// mixed is a number that looks like chance.
func mixed(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

func (p Population) role(i int) int       { return int(mixed(uint64(i)) % uint64(p.Roles)) }
func (p Population) department(i int) int { return int(mixed(uint64(i)^1<<40) % departments) }
func (p Population) worker(i int) string  { return workerTypes[mixed(uint64(i)^1<<41)%3] }

// Left is one person in a thousand: what they hold is revoked, not compared.
func (p Population) Left(i int) bool { return i%1000 == 999 }

// aws reports whether a right of a role is a permission set: of every tenth role
// the last ones are.
func (p Population) aws(role, right int) bool { return role%10 == 0 && right >= p.own-inAWS }

// Rights gives the numbers of a person's expected rights: of their role, of their
// department, of everybody.
func (p Population) Rights(i int, yield func(right int)) {
	role := p.role(i)
	for n := range p.own {
		yield(role*p.own + n)
	}
	for n := range shared - 1 {
		yield(p.Roles*p.own + p.department(i)*(shared-1) + n)
	}
	yield(p.All() - 1)
}

// All is how many rights there are.
func (p Population) All() int { return p.Roles*p.own + departments*(shared-1) + 1 }

// Held gives what a person holds: their rights, less some, and some of others.
func (p Population) Held(i int, yield func(right int)) {
	p.Rights(i, func(right int) {
		chance := mixed(uint64(i)<<20 ^ uint64(right))
		if int(chance%1000) >= p.Drift {
			yield(right)
		}
		if int(chance>>20%1000) < p.Drift { // one of another role, always in okta
			role := (p.role(i) + 1 + right%(p.Roles-1)) % p.Roles
			yield(role*p.own + int(chance>>40)%(p.own-inAWS))
		}
	})
}

// System is where a right is held.
func (p Population) System(right int) access.System {
	if right < p.Roles*p.own && p.aws(right/p.own, right%p.own) {
		return "aws"
	}
	return "okta"
}

// RightID is the id of a right in its system.
func RightID(right int) string   { return fmt.Sprintf("00g%017d", right) }
func rightName(right int) string { return fmt.Sprintf("Right %07d", right) }

// PersonID is the id of a person in HR's list.
func PersonID(i int) string { return fmt.Sprintf("E%08d", i) }

func title(role int) string   { return fmt.Sprintf("Specialist %03d", role) }
func department(d int) string { return fmt.Sprintf("Department %02d", d) }

// KindOf is the kind of right that people hold in a system.
func KindOf(s access.System) access.EntitlementKind {
	if s == "aws" {
		return access.PermissionSet
	}
	return access.OktaGroup
}

// World is the population as a night finds it.
func (p Population) World() reconcile.World {
	w := reconcile.World{Now: Tonight, Policy: access.Policy{RoleMap: access.RoleMap{Rules: p.rules()}}, Counts: map[string]access.Counted{}}
	verdict := access.RosterVerdict{Source: "employees", File: "roster.csv", Accepted: true, Same: true,
		InForce: access.AcceptedRoster{Source: "employees", SHA256: "0", AcceptedAt: Tonight, Rows: p.People}}
	rows := make([]access.Identity, p.People)
	for i := range rows {
		rows[i] = access.Identity{Source: "employees", EmployeeID: access.EmployeeID(PersonID(i)), Email: fmt.Sprintf("p%d@example.com", i), Name: fmt.Sprintf("Person %d", i),
			Title: title(p.role(i)), Department: department(p.department(i)), WorkerType: p.worker(i), Status: access.StatusActive, Row: i + 2}
		if p.Left(i) {
			rows[i].Status, rows[i].EndDate = access.StatusLeft, access.Day{At: time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)}
		}
	}
	w.Rosters = []reconcile.SourceRoster{{Verdict: verdict, Rows: rows}}
	for _, name := range []access.System{"okta", "aws"} {
		w.Systems = append(w.Systems, p.observe(name, rows))
	}
	p.addStrangers(&w.Systems[0])
	if p.Remember {
		w.Memory.GrantsSeen = seen(w.Systems)
	}
	return w
}

func (p Population) addStrangers(o *access.Observation) {
	for n := range p.Strangers {
		mail := fmt.Sprintf("guest.number%d@elsewhere.example", n)
		o.Accounts = append(o.Accounts, access.Account{System: o.System, ID: access.AccountID(fmt.Sprintf("00x%017d", n)), Kind: access.OktaUser, Name: fmt.Sprintf("Guest Number%d", n),
			Login: mail, Email: mail, Status: access.AccountActive, VendorStatus: "ACTIVE", MFA: access.MFAYes})
	}
}

// seen is what earlier nights remember of grants: all were there a year ago.
func seen(all []access.Observation) map[uint64]uint32 {
	total := 0
	for _, o := range all {
		total += len(o.Grants)
	}
	days := make(map[uint64]uint32, total)
	for _, o := range all {
		for _, g := range o.Grants {
			days[o.GrantKey(g)] = uint32(Tonight.AddDate(-1, 0, 0).Unix() / 86400)
		}
	}
	return days
}

func (p Population) rules() []access.Rule {
	var all []access.Rule
	add := func(role, title, department string, right int) {
		s := p.System(right)
		all = append(all, access.Rule{Line: access.Line{File: "rolemap.csv", Row: len(all) + 2}, Role: role, Title: title, Department: department, System: string(s),
			Kind: string(KindOf(s)), Entitlement: rightName(right), Requirement: access.Required, Owner: "IT", ApprovedBy: "Ada"})
	}
	for right := range p.All() {
		switch n := right - p.Roles*p.own; {
		case n < 0:
			add(title(right/p.own), title(right/p.own), "", right)
		case right == p.All()-1:
			add("Everybody", "", "", right)
		default:
			add("Department", "", department(n/(shared-1)), right)
		}
	}
	return all
}

// observe is what a collector brings of one system: grants by account and right.
func (p Population) observe(name access.System, rows []access.Identity) access.Observation {
	o := access.Observation{System: name, Reads: []access.Read{{System: name, Kind: "users", Complete: true, Lists: true}}}
	at := make([]uint32, p.All())
	for right := range at {
		if p.System(right) == name {
			at[right] = uint32(len(o.Entitlements))
			o.Entitlements = append(o.Entitlements, access.Entitlement{System: name, Kind: KindOf(name), ID: RightID(right), Name: rightName(right), Editable: true})
		}
	}
	kind, total := access.OktaUser, 0
	if name == "aws" {
		kind = access.IdentityCenter
	}
	each := func(yield func(i, right int)) {
		for i := range rows {
			p.Held(i, func(right int) {
				if p.System(right) == name {
					yield(i, right)
				}
			})
		}
	}
	each(func(int, int) { total++ })
	o.Grants = make([]access.Grant, 0, total)
	last := -1
	each(func(i, right int) {
		if i != last {
			o.Accounts = append(o.Accounts, access.Account{System: name, ID: access.AccountID(fmt.Sprintf("00u%017d", i)), Kind: kind, Login: rows[i].Email, Email: rows[i].Email,
				Status: access.AccountActive, VendorStatus: "ACTIVE", MFA: access.MFAYes})
			last = i
		}
		o.Grants = append(o.Grants, access.Grant{Account: uint32(len(o.Accounts) - 1), Entitlement: at[right]})
	})
	slices.SortFunc(o.Grants, func(a, b access.Grant) int {
		return cmp.Or(cmp.Compare(a.Account, b.Account), cmp.Compare(a.Entitlement, b.Entitlement))
	})
	o.Grants = slices.Compact(o.Grants)
	return o
}
