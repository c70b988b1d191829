package reconcile

import (
	"cmp"
	"fmt"
	"rollcall/internal/access"
	"slices"
	"strings"
)

// separable is how one right is taken while the account stays as it is, or why it
// is not.
func (e *evaluation) separable(s, a, n int) (removal, string) {
	o := &e.systems[s]
	g := o.Grants[n]
	ent := &o.Entitlements[g.Entitlement]
	step := removal{ent: int(g.Entitlement)}
	switch ent.Kind {
	case access.OktaGroup:
		step.verb, step.also = access.OktaLeaveGroup, []string{"group_rules"}
		switch {
		case !ent.Editable:
			return step, "an application, a directory or Okta itself fills the group"
		case ent.Ruled:
			return step, "a rule of Okta fills the group, so that the rule is to change"
		}
	case access.OktaApp:
		step.verb = access.OktaUnassignApp
		if !e.w.Settings.Removal.AppsAndRoles {
			return step, "it takes applications away only with remove.apps_and_roles"
		}
	case access.IAMGroup, access.IAMPolicy, access.IAMInlinePolicy:
		step.verb = iamVerbs[ent.Kind]
	case access.PermissionSet, access.SSOGroup:
		step.verb = access.SSODeleteAssignment
		if ent.Kind == access.SSOGroup {
			step.verb = access.SSODeleteMembership
		}
		if !takeable(o, a, g) {
			return step, "it goes with the group that it comes from"
		}
	default:
		return step, "of what lets somebody in or administer, nothing is taken from people who work here"
	}
	if ent.Denies {
		return step, "it also denies something, and without it they could do more than before"
	}
	return step, ""
}

// neededFor says what somebody has through a right that their present job, or an
// exception, gives them: taking the right would take that too. "" if nothing.
func (e *evaluation) neededFor(s, a, n int, p *access.Person) string {
	o, why := &e.systems[s], ""
	ent := o.Grants[n].Entitlement
	for _, other := range e.grantsOf[s].of(a) {
		g := o.Grants[other]
		switch carried := &o.Entitlements[g.Entitlement]; {
		case g.Entitlement == ent && !g.Direct() && o.Verdicts[other].By != 0:
			why = least(why, "they have it through "+o.Via(g)+" too, which their present job or an exception gives them")
		case g.Direct() || g.Carrier != ent+1:
		case o.Verdicts[other].By != 0:
			why = least(why, "through it they have "+rightName(*carried)+", which their present job or an exception gives them")
		case carried.Kind == access.OktaAdminRole:
			why = least(why, "through it they have "+rightName(*carried))
		}
	}
	if o.Entitlements[ent].Kind == access.OktaGroup {
		why = cmp.Or(why, e.neededDownstream(o.Entitlements[ent].Name, p))
	}
	return why
}

// neededDownstream says so of a group of Okta that may be pushed to Identity Center,
// where what it carries is listed: the group of the same name, or any where a
// group there has no namesake.
func (e *evaluation) neededDownstream(group string, p *access.Person) (why string) {
	who := e.people.byKey[p.Key()]
	for s := range e.systems {
		o := &e.systems[s]
		for _, a := range e.accounts[s].of(who) {
			if acc := &o.Accounts[a]; acc.Kind != access.IdentityCenter || acc.Upstream == "" {
				continue
			}
			for _, n := range e.grantsOf[s].of(int(a)) {
				pushed := &o.Entitlements[o.Grants[n].Entitlement]
				if pushed.Kind != access.SSOGroup || !e.covered(s, int(a), o.Grants[n].Entitlement) {
					continue
				}
				if strings.EqualFold(pushed.Name, group) || !e.inOkta(who, pushed.Name) {
					why = least(why, "it may be what puts them into "+rightName(*pushed)+" of Identity Center, which gives what their present job or an exception asks for")
				}
			}
		}
	}
	return why
}

// covered reports whether policy lets an account have a group, or something that it
// carries.
func (e *evaluation) covered(s, a int, group uint32) bool {
	o := &e.systems[s]
	return slices.ContainsFunc(e.grantsOf[s].of(a), func(n uint32) bool {
		g := o.Grants[n]
		return o.Verdicts[n].By != 0 && (g.Entitlement == group || g.Carrier == group+1)
	})
}

// inOkta reports whether a person is in a group of Okta of that name.
func (e *evaluation) inOkta(who int, name string) bool {
	for s := range e.systems {
		o := &e.systems[s]
		for _, a := range e.accounts[s].of(who) {
			if slices.ContainsFunc(e.grantsOf[s].of(int(a)), func(n uint32) bool {
				ent := &o.Entitlements[o.Grants[n].Entitlement]
				return ent.Kind == access.OktaGroup && strings.EqualFold(ent.Name, name)
			}) {
				return true
			}
		}
	}
	return false
}

// readsFor are the reads that a removal rests on: all of the account's scope, for
// what a right carries is listed by others; of a group of Okta also those that list
// what is pushed elsewhere. It says which of them was not complete.
func (e *evaluation) readsFor(s, a int, step removal) (on []*access.Read, gap string) {
	o := &e.systems[s]
	acc := &o.Accounts[a]
	add := func(r *access.Read) {
		if !r.Complete {
			gap = least(gap, fmt.Sprintf("%s was not read to its end: %s", r.Name(), r.Gap))
		}
		on = append(on, r)
	}
	add(&o.Reads[acc.Read])
	add(&o.Reads[o.Entitlements[step.ent].Read])
	for _, kind := range step.also {
		if e.read(s, acc.Scope, kind) == nil {
			gap = least(gap, "nobody asked for "+access.Read{System: o.System, Scope: acc.Scope, Kind: kind}.Name())
		}
	}
	for other := range e.systems {
		reads := e.systems[other].Reads
		for n := range reads {
			if other == s && reads[n].Scope == acc.Scope || o.Entitlements[step.ent].Kind == access.OktaGroup && reads[n].Scope == "" {
				add(&reads[n])
			}
		}
	}
	if gap == "" && !o.Reads[acc.Read].Lists {
		gap = o.Reads[acc.Read].Name() + " lists no accounts"
	}
	return on, gap
}

// restsOn names every list of HR's and these reads, sorted: what the removal of one
// right from somebody who works here cites.
func (e *evaluation) restsOn(reads []*access.Read) []string {
	var names []string
	for _, list := range e.w.Rosters {
		names = append(names, "roster:"+string(list.Verdict.Source))
	}
	for _, r := range reads {
		names = append(names, r.Name())
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// least is the first of several reasons, in whatever order they were found.
func least(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return min(a, b)
}
