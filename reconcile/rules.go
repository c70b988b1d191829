package reconcile

import (
	"strings"
	"time"

	"rollcall/internal/access"
)

// glob is access.Glob: what a pattern means is the same for whoever reads one.
func glob(pattern, s string) bool { return access.Glob(pattern, s) }

// profile is all of a person that rules look at.
type profile struct{ title, department, workerType string }

func profileOf(i access.Identity) profile {
	return profile{strings.ToLower(i.Title), strings.ToLower(i.Department), strings.ToLower(i.WorkerType)}
}

// expectations answers which rule covers an entitlement for a profile. What
// rules match is worked out once per distinct profile and per entitlement, not
// once per person.
type expectations struct {
	rules    []access.Rule
	live     []bool // the rule has not expired
	profiles map[profile][]int32
	covers   [][][]int32 // by system and entitlement: the live rules that match it
}

func newExpectations(m access.RoleMap, systems []access.Observation, now time.Time, z *time.Location) *expectations {
	x := &expectations{rules: m.Rules, live: make([]bool, len(m.Rules)), profiles: map[profile][]int32{}}
	for n, r := range m.Rules {
		x.live[n] = !over(r.ExpiresOn, now, z)
	}
	for _, o := range systems {
		byEnt := make([][]int32, len(o.Entitlements))
		for e, ent := range o.Entitlements {
			for n, r := range m.Rules {
				if x.live[n] && ruleCovers(r, ent) {
					byEnt[e] = append(byEnt[e], int32(n))
				}
			}
		}
		x.covers = append(x.covers, byEnt)
	}
	return x
}

// ruleCovers reports whether a rule is about the entitlement.
func ruleCovers(r access.Rule, e access.Entitlement) bool { return r.Right().Covers(e) }

// forProfile gives the live rules that match a profile, in file order.
func (x *expectations) forProfile(p profile) []int32 {
	if got, ok := x.profiles[p]; ok {
		return got
	}
	mine := []int32{}
	for n, r := range x.rules {
		if x.live[n] && glob(r.Title, p.title) && glob(r.Department, p.department) && glob(r.WorkerType, p.workerType) {
			mine = append(mine, int32(n))
		}
	}
	x.profiles[p] = mine
	return mine
}

// rule is 1 + the first rule that covers entitlement e of system s for the
// profile, or 0. Both lists are in file order, so this is a merge.
func (x *expectations) rule(p profile, s, e int) int32 {
	mine, about := x.forProfile(p), x.covers[s][e]
	for i, j := 0, 0; i < len(mine) && j < len(about); {
		switch {
		case mine[i] == about[j]:
			return mine[i] + 1
		case mine[i] < about[j]:
			i++
		default:
			j++
		}
	}
	return 0
}

// names reports whether some live rule that names a title or a department
// matches the profile: without one the role is unmapped.
func (x *expectations) names(p profile) bool {
	for _, n := range x.forProfile(p) {
		r := x.rules[n]
		if strings.Trim(r.Title, "*") != "" || strings.Trim(r.Department, "*") != "" {
			return true
		}
	}
	return false
}
