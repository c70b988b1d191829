package reconcile

import (
	"slices"
	"strings"
	"time"

	"rollcall/internal/access"
)

// glob is access.Glob: what a pattern means is the same for whoever reads one.
func glob(pattern, s string) bool { return access.Glob(pattern, s) }

// expectations answers which rule covers an entitlement for a profile. Many rules
// are about the same people: whom they are about is worked out once per distinct
// profile and audience, and what they are about once per entitlement, not once
// per person.
type expectations struct {
	rules     []access.Rule
	audiences []access.Rule // the distinct ones, each as a rule about nothing
	audience  []int32       // by rule: its audience, or -1 once it has expired
	required  lists         // by audience: its required rules, in file order
	byTitle   patterns      // the audiences that name a title, and by department the others
	byPlace   patterns
	covers    []coverage // by system
	requires  []uint32   // by rule: 1 if it is required and has not expired, else 0
	tasks     []task     // by rule
}

// task is what is said of whoever lacks what a rule requires: after their name.
type task struct{ cites, says string }

// coverage is, by entitlement of a system, the live rules that match it, in file
// order. Most have one, and grants are many, so that one is at hand with its
// audience.
type coverage struct {
	lists
	only []single
}

// single is a rule, its audience, and 1 if it is required. Of an entitlement that no
// rule matches, or several, it has an audience to which nobody belongs.
type single struct{ rule, audience, required uint32 }

func newExpectations(m access.RoleMap, systems []access.Observation, now time.Time, z *time.Location) *expectations {
	x := &expectations{rules: m.Rules, audience: make([]int32, len(m.Rules)), requires: make([]uint32, len(m.Rules)), tasks: make([]task, len(m.Rules))}
	known := map[access.Profile]int32{}
	var byName patterns
	for n := range m.Rules {
		r := &m.Rules[n]
		x.audience[n] = -1
		if !over(r.ExpiresOn, now, z) {
			x.audience[n] = x.audienceOf(r, known)
			if r.Requirement == access.Required {
				x.requires[n] = 1
			}
			byName.add(int32(n), r.Entitlement)
			x.tasks[n] = task{cite(r.File, r.Row), " (" + r.Role + ") should have " + r.Kind + " " + r.Entitlement + " in " + r.System + " and does not: " + orNone(r.Owner) + " is to grant it"}
		}
	}
	x.required = listsBy(len(x.audiences), len(m.Rules), func(n int) int {
		if x.requires[n] == 0 {
			return -1
		}
		return int(x.audience[n])
	})
	for _, o := range systems {
		x.covers = append(x.covers, x.coverage(o.Entitlements, &byName))
	}
	return x
}

// coverage finds the rules that match entitlements; byName are the live ones.
func (x *expectations) coverage(all []access.Entitlement, byName *patterns) coverage {
	c := coverage{lists{start: make([]uint32, 1, len(all)+1)}, make([]single, len(all))}
	for n, ent := range all {
		for _, rule := range byName.may(ent.ID, ent.Name) {
			if ruleCovers(x.rules[rule], ent) {
				c.all = append(c.all, uint32(rule))
			}
		}
		c.start = append(c.start, uint32(len(c.all)))
		c.only[n].audience = uint32(len(x.audiences))
		if about := c.of(n); len(about) == 1 {
			c.only[n] = single{about[0], uint32(x.audience[about[0]]), x.requires[about[0]]}
		}
	}
	return c
}

// audienceOf is the number of a rule's audience among those that are known.
func (x *expectations) audienceOf(r *access.Rule, known map[access.Profile]int32) int32 {
	about := access.Identity{Title: r.Title, Department: r.Department, WorkerType: r.WorkerType}.Profile()
	n, has := known[about]
	if !has {
		n = int32(len(x.audiences))
		known[about] = n
		x.audiences = append(x.audiences, access.Rule{Title: about.Title, Department: about.Department, WorkerType: about.WorkerType})
		if plain(about.Title) {
			x.byTitle.add(n, about.Title)
		} else {
			x.byPlace.add(n, about.Department)
		}
	}
	return n
}

// ruleCovers reports whether a rule is about the entitlement.
func ruleCovers(r access.Rule, e access.Entitlement) bool { return r.Right().Covers(e) }

// audiencesOf adds the audiences that a profile belongs to.
func (x *expectations) audiencesOf(all []uint32, p access.Profile) []uint32 {
	for _, some := range [...][]int32{x.byTitle.may(p.Title), x.byPlace.may(p.Department)} {
		for _, n := range some {
			if x.audiences[n].Fits(p) {
				all = append(all, uint32(n))
			}
		}
	}
	return all
}

// rule is 1 + the first rule that covers entitlement e of system s for the
// profile, or 0.
func (x *expectations) rule(p access.Profile, s, e int) int32 {
	mine := x.audiencesOf(nil, p)
	for _, n := range x.covers[s].of(e) {
		if slices.Contains(mine, uint32(x.audience[n])) {
			return int32(n) + 1
		}
	}
	return 0
}

// marks are the audiences that somebody belongs to and the rules that they make
// use of: those that bear their number. It saves merging lists for each grant.
type marks struct {
	x       *expectations
	belongs []uint32 // by audience
	uses    []uint32 // by rule
	met     uint32   // how many required rules are used
	now     uint32
}

func (x *expectations) newMarks() *marks {
	return &marks{x: x, belongs: make([]uint32, len(x.audiences)+1), uses: make([]uint32, len(x.rules))}
}

// next begins with somebody else, who belongs to these audiences.
func (m *marks) next(audiences []uint32) {
	m.now, m.met = m.now+1, 0
	for _, n := range audiences {
		m.belongs[n] = m.now
	}
}

// useSingle is 1 + a rule that somebody has, and marks it as used; else 0.
func (m *marks) useSingle(one single) int32 {
	if m.belongs[one.audience] != m.now {
		return 0
	}
	if m.uses[one.rule] != m.now {
		m.uses[one.rule] = m.now
		m.met += one.required
	}
	return int32(one.rule) + 1
}

// use is 1 + the first of several rules that somebody has, or 0, and marks all of
// them as used that they have.
func (m *marks) use(rules []uint32) int32 {
	first := int32(0)
	for _, n := range rules {
		if by := m.useSingle(single{n, uint32(m.x.audience[n]), m.x.requires[n]}); first == 0 {
			first = by
		}
	}
	return first
}

// first is use without a mark: what a group carries is not the group.
func (m *marks) first(rules []uint32) int32 {
	for _, n := range rules {
		if m.belongs[m.x.audience[n]] == m.now {
			return int32(n) + 1
		}
	}
	return 0
}

// names reports whether some of the audiences names a title or a department:
// without one the role is unmapped.
func (x *expectations) names(audiences []uint32) bool {
	for _, n := range audiences {
		if a := &x.audiences[n]; strings.Trim(a.Title, "*") != "" || strings.Trim(a.Department, "*") != "" {
			return true
		}
	}
	return false
}

// expect finds out what rules are about, and which audiences every role belongs to.
func (e *evaluation) expect() {
	e.x = newExpectations(e.w.Policy.RoleMap, e.w.Systems, e.w.Now, e.w.Settings.zone())
	roles := e.people.roles
	e.named = make([]bool, len(roles))
	found := make([]lists, parts(len(roles)))
	inParts(len(roles), func(part, from, to int) {
		var l lists
		for n := from; n < to; n++ {
			l.start = append(l.start, uint32(len(l.all)))
			l.all = e.x.audiencesOf(l.all, roles[n])
			e.named[n] = e.x.names(l.all[l.start[n-from]:])
		}
		found[part] = l
	})
	e.audiences = inARow(found)
}

// mine are the audiences that a person belongs to; nobody (-1) belongs to none.
func (e *evaluation) mine(person int32) []uint32 {
	if person < 0 {
		return nil
	}
	return e.audiences.of(int(e.people.role[person]))
}
