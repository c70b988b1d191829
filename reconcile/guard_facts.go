package reconcile

import (
	"cmp"
	"rollcall/internal/access"
	"slices"
	"time"
)

// Facts are what the guards judge by, besides the actions themselves.
type Facts struct {
	Now      time.Time
	Mode     access.Mode
	Limits   Limits
	Memory   access.Memory
	Refusals []access.GuardError
	Inputs   []access.Input
	// Groups names what an account has in common with others: its person's
	// department and manager, and the rights it holds, but none that half of all
	// have.
	Groups map[access.AccountKey][]string
	// Holders counts who holds each right that a review would take (rightOf).
	Holders map[string]int
	// Rosters are what was decided about tonight's lists.
	Rosters []access.RosterVerdict
	// Leavers are the accounts of certain leavers, also those with nothing left to
	// do; where there are approvals to hold against them.
	Leavers map[access.AccountKey]bool
	// Approvals are what people answered for; ApprovalAge is how old one may be.
	Approvals   []access.GivenApproval
	ApprovalAge time.Duration
}

// judgeFacts gathers what the guards judge by.
func (e *evaluation) judgeFacts() Facts {
	f := Facts{Now: e.w.Now, Mode: e.w.Settings.Mode, Limits: e.w.Settings.Limits, Memory: e.w.Memory, Inputs: e.w.Inputs, Groups: e.groups(), Holders: e.holdersOfDecided(),
		Approvals: e.w.Approvals, ApprovalAge: e.w.Settings.approvalAge(), Leavers: e.leaversAccounts()}
	f.Memory.Accounts = map[access.System]int{} // of the systems that there are
	for s := range e.systems {
		if n, known := e.w.Memory.Accounts[e.systems[s].System]; known {
			f.Memory.Accounts[e.systems[s].System] = n
		}
	}
	for _, r := range e.w.Rosters {
		f.Rosters = append(f.Rosters, r.Verdict)
		if r.Verdict.Refusal != nil && e.w.Order == nil { // an order rests on no list
			f.Refusals = append(f.Refusals, *r.Verdict.Refusal)
		}
	}
	slices.SortFunc(f.Refusals, func(a, b access.GuardError) int { return cmp.Compare(a.Scope, b.Scope) })
	return f
}

// leaversAccounts are all accounts of certain leavers; none are looked up when
// nobody approved anything.
func (e *evaluation) leaversAccounts() map[access.AccountKey]bool {
	out := map[access.AccountKey]bool{}
	if len(e.w.Approvals) == 0 {
		return out
	}
	for s := range e.systems {
		for a := range e.systems[s].Accounts {
			if p := e.person(s, a); p != nil && e.leaves(p) && e.claimed(s, a, p) == nil {
				out[e.systems[s].Accounts[a].Key()] = true
			}
		}
	}
	return out
}

// groups names, for the accounts in the plan, what they share with others. What
// half of everybody has cannot make a cohort stand out, so it is left out.
func (e *evaluation) groups() map[access.AccountKey][]string {
	out := map[access.AccountKey][]string{}
	if len(e.planned) == 0 {
		return out
	}
	common := company{e.departments(), e.managers(), len(e.people.list)}
	for s := range e.systems {
		e.groupsOf(s, common, out)
	}
	for _, c := range e.planned {
		if c.Action.Mover {
			names := append(out[c.Action.Account], e.formerly(c.Action)...)
			slices.Sort(names)
			out[c.Action.Account] = slices.Compact(names)
		}
	}
	return out
}

// formerly names what somebody who loses access of a former job has in common with
// others who do, however many people have it: the department, and what they lose.
func (e *evaluation) formerly(a access.Action) []string {
	names := []string{"the loss of " + string(a.EntitlementKind) + " " + a.Entitlement}
	for _, m := range e.moves[a.Person] {
		if m.Department != "" {
			names = append(names, "former department "+m.Department)
		}
	}
	return names
}

// company counts how many people of it have each department, and each manager of
// somebody in the plan.
type company struct {
	department map[string]int
	manager    map[access.PersonKey]int
	people     int
}

// departments counts the people of each.
func (e *evaluation) departments() map[string]int {
	sizes := make([]int, len(e.people.roles))
	for _, role := range e.people.role {
		sizes[role]++
	}
	count := map[string]int{}
	for role, n := range sizes {
		count[e.people.departments[role]] += n
	}
	return count
}

// managers counts the people of each manager of somebody in the plan.
func (e *evaluation) managers() map[access.PersonKey]int {
	count := map[access.PersonKey]int{}
	for _, c := range e.planned {
		if m := managerOf(e.person(c.s, c.a)); m.EmployeeID != "" {
			count[m] = 0
		}
	}
	for n := 0; len(count) > 0 && n < len(e.people.list); n++ {
		m := managerOf(&e.people.list[n])
		if _, asked := count[m]; asked {
			count[m]++
		}
	}
	return count
}

func managerOf(p *access.Person) access.PersonKey {
	return access.PersonKey{Source: p.Source, EmployeeID: p.ManagerID}
}

// groupsOf adds the groups of one system's planned accounts.
func (e *evaluation) groupsOf(s int, common company, out map[access.AccountKey][]string) {
	o := &e.systems[s]
	for _, c := range e.planned {
		if _, known := out[c.Action.Account]; known || c.s != s {
			continue
		}
		var names []string
		p := e.person(s, c.a)
		if p.Department != "" && common.department[p.Department]*2 < common.people {
			names = append(names, "department "+p.Department)
		}
		if m := managerOf(p); p.ManagerID != "" && common.manager[m]*2 < common.people {
			names = append(names, "manager "+m.String())
		}
		for _, n := range e.grantsOf[s].of(c.a) {
			ent := o.Grants[n].Entitlement
			if e.holders[s][ent]*2 < len(o.Accounts) {
				names = append(names, string(o.Entitlements[ent].Kind)+" "+o.Entitlements[ent].Name)
			}
		}
		slices.Sort(names)
		out[c.Action.Account] = slices.Compact(names)
	}
}

// holdersOfDecided counts, for each right that a review takes tonight, who holds it.
func (e *evaluation) holdersOfDecided() map[string]int {
	out := map[string]int{}
	for _, c := range e.planned {
		if c.Action.Review == "" {
			continue
		}
		for n, ent := range e.systems[c.s].Entitlements {
			if ent.Kind == c.Action.EntitlementKind && ent.ID == c.Action.EntitlementID && ent.Scope == c.Action.GrantScope {
				out[rightOf(c.Action)] = e.holders[c.s][n]
			}
		}
	}
	return out
}
