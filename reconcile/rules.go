package reconcile

import (
	"slices"
	"strings"
	"time"

	"rollcall/internal/access"
)

// glob is access.Glob: what a pattern means is the same for whoever reads one.
func glob(pattern, s string) bool { return access.Glob(pattern, s) }

// expectations answers which rule covers an entitlement for a profile. What
// rules match is worked out once per distinct profile and per entitlement, not
// once per person.
type expectations struct {
	rules    []access.Rule
	required []bool
	byTitle  patterns // those that name a title, and by department the others
	byPlace  patterns
	profiles map[access.Profile][]int32
	covers   []lists // by system: the live rules that match each entitlement, in file order
}

func newExpectations(m access.RoleMap, systems []access.Observation, now time.Time, z *time.Location) *expectations {
	x := &expectations{rules: m.Rules, required: make([]bool, len(m.Rules)), profiles: map[access.Profile][]int32{}}
	var byName patterns
	for n, r := range m.Rules {
		x.required[n] = r.Requirement == access.Required
		if !over(r.ExpiresOn, now, z) {
			if plain(r.Title) {
				x.byTitle.add(int32(n), r.Title)
			} else {
				x.byPlace.add(int32(n), r.Department)
			}
			byName.add(int32(n), r.Entitlement)
		}
	}
	for _, o := range systems {
		byEnt := lists{start: make([]uint32, 1, len(o.Entitlements)+1)}
		for _, ent := range o.Entitlements {
			for _, n := range byName.may(ent.ID, ent.Name) {
				if ruleCovers(m.Rules[n], ent) {
					byEnt.all = append(byEnt.all, uint32(n))
				}
			}
			byEnt.start = append(byEnt.start, uint32(len(byEnt.all)))
		}
		x.covers = append(x.covers, byEnt)
	}
	return x
}

// ruleCovers reports whether a rule is about the entitlement.
func ruleCovers(r access.Rule, e access.Entitlement) bool { return r.Right().Covers(e) }

// forProfile gives the live rules that match a profile, in file order. It writes
// down what it finds: side by side it may be asked only about known profiles.
func (x *expectations) forProfile(p access.Profile) []int32 {
	if got, ok := x.profiles[p]; ok {
		return got
	}
	mine := []int32{}
	some := append(x.byTitle.may(p.Title), x.byPlace.may(p.Department)...)
	slices.Sort(some)
	for _, n := range some {
		if x.rules[n].Fits(p) {
			mine = append(mine, n)
		}
	}
	x.profiles[p] = mine
	return mine
}

// rule is 1 + the first rule that covers entitlement e of system s for the
// profile, or 0. Both lists are in file order, so this is a merge.
func (x *expectations) rule(p access.Profile, s, e int) int32 {
	mine, about := x.forProfile(p), x.covers[s].of(e)
	for i, j := 0, 0; i < len(mine) && j < len(about); {
		switch {
		case mine[i] == int32(about[j]):
			return mine[i] + 1
		case mine[i] < int32(about[j]):
			i++
		default:
			j++
		}
	}
	return 0
}

// marks are the rules that somebody has and, of these, which they make use of:
// those with one of the two marks of now. It saves merging lists for each grant.
type marks struct {
	at  []uint32
	now uint32 // even; now+1 is the mark of use
}

// next begins with somebody else, who has these rules.
func (m *marks) next(mine []int32) {
	m.now += 2
	for _, n := range mine {
		m.at[n] = m.now
	}
}

// use is 1 + the first of these rules that is marked, or 0, and marks all of them
// as used that are.
func (m *marks) use(rules []uint32) int32 {
	first := int32(0)
	for _, n := range rules {
		if m.at[n] >= m.now {
			m.at[n] = m.now + 1
			if first == 0 {
				first = int32(n) + 1
			}
		}
	}
	return first
}

// first is use without a mark: what a group carries is not the group.
func (m *marks) first(rules []uint32) int32 {
	for _, n := range rules {
		if m.at[n] >= m.now {
			return int32(n) + 1
		}
	}
	return 0
}

func (m *marks) used(rule int32) bool { return m.at[rule] == m.now+1 }

// names reports whether some of the rules of a profile names a title or a
// department: without one the role is unmapped.
func (x *expectations) names(mine []int32) bool {
	for _, n := range mine {
		r := x.rules[n]
		if strings.Trim(r.Title, "*") != "" || strings.Trim(r.Department, "*") != "" {
			return true
		}
	}
	return false
}
