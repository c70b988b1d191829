package reconcile

import (
	"cmp"
	"slices"

	"rollcall/internal/access"
)

// GrantChange is one grant that somebody holds and that another role map would
// judge in another way.
type GrantChange struct {
	Person      access.PersonKey       `json:"person"`
	Name        string                 `json:"name"`
	Title       string                 `json:"title,omitempty"`
	Department  string                 `json:"department,omitempty"`
	WorkerType  string                 `json:"worker_type,omitempty"`
	System      access.System          `json:"system"`
	AccountID   access.AccountID       `json:"account_id"`
	Login       string                 `json:"login"`
	Scope       string                 `json:"scope,omitempty"` // the right's
	Kind        access.EntitlementKind `json:"kind"`
	ID          string                 `json:"entitlement_id"`
	Entitlement string                 `json:"entitlement"`
	// Before and After cite what allows it: a line, or nothing.
	Before string `json:"before,omitempty"`
	After  string `json:"after,omitempty"`
}

// Difference is what a change of the role map does to the facts of one night: it
// takes nothing away by itself, so that what changes is what is expected of whom.
type Difference struct {
	Allowed    []GrantChange    `json:"allowed"`    // held without a rule, and covered by the new map
	Unexpected []GrantChange    `json:"unexpected"` // covered by the old map, and by nothing in the new one
	Appear     []access.Finding `json:"appear"`
	Vanish     []access.Finding `json:"vanish"`
}

// CompareMaps judges the same facts by two role maps.
func CompareMaps(w World, older, newer access.RoleMap) Difference {
	return Identify(w).e.compare(older, newer)
}

// CompareMapsOn is CompareMaps on an archived night: where everybody stood, whose
// each account was and which jobs people had before is taken from the record, and
// not decided anew. Of the night it needs the start, the people, what was read
// with its matches, and the exceptions; of what the night remembered, the moves.
func CompareMapsOn(n access.Night, m access.Memory, s Settings, older, newer access.RoleMap) Difference {
	w := World{Now: n.Run.StartedAt, Settings: s, Policy: n.Policy, Memory: access.Memory{Moves: m.Moves, FirstSeen: m.FirstSeen}}
	for i := range n.Systems {
		w.Systems = append(w.Systems, n.Systems[i].Observation)
	}
	e := newEvaluation(w, recorded(n.People))
	for s := range e.systems {
		e.matched(s, n.Systems[s].Matches)
	}
	return e.compare(older, newer)
}

// recorded are people who stand where a record says that they stood.
func recorded(list []access.Person) *People {
	p := &People{list: slices.SortedFunc(slices.Values(list), func(a, b access.Person) int { return a.Key().Compare(b.Key()) }), sameAs: map[access.PersonKey]access.PersonKey{}}
	for n := range p.list {
		if me := &p.list[n]; !me.SameAs.Zero() {
			p.sameAs[me.Key()] = me.SameAs
		}
	}
	p.index()
	p.numberRoles()
	p.noteStances()
	return p
}

// compare judges what is known by two role maps. Only what rests on a role map is
// concluded: the rest is the same by both.
func (e *evaluation) compare(older, newer access.RoleMap) Difference {
	was, will := e.by(older), e.by(newer)
	before, after := was.sorted(), will.sorted()
	d := Difference{Allowed: []GrantChange{}, Unexpected: []GrantChange{}, Appear: missingFrom(after, before), Vanish: missingFrom(before, after)}
	for s := range was.systems {
		o := &was.systems[s]
		for i, g := range o.Grants {
			then, now := o.Verdicts[i], will.systems[s].Verdicts[i]
			p := e.person(s, int(g.Account))
			if then.Expected() == now.Expected() || p == nil || !g.Direct() {
				continue
			}
			c := changeOf(o, g, p)
			c.Before, c.After = allowedBy(was.w.Policy, then), allowedBy(will.w.Policy, now)
			if now.Expected() {
				d.Allowed = append(d.Allowed, c)
			} else {
				d.Unexpected = append(d.Unexpected, c)
			}
		}
	}
	d.Allowed, d.Unexpected = inOrder(d.Allowed), inOrder(d.Unexpected)
	return d
}

// by concludes what rests on the role map, by this one.
func (e *evaluation) by(m access.RoleMap) *evaluation {
	other := *e
	other.w.Policy.RoleMap, other.w.Policy.RoleMapUnread = m, false
	other.systems = slices.Clone(e.systems) // each has verdicts of its own
	other.empty()
	other.judgeGrants()
	other.findOdd()
	other.findMissing()
	other.findUnmapped()
	return &other
}

func changeOf(o *access.Judged, g access.Grant, p *access.Person) GrantChange {
	a, ent := &o.Accounts[g.Account], &o.Entitlements[g.Entitlement]
	return GrantChange{Person: p.Key(), Name: p.Name, Title: p.Title, Department: p.Department, WorkerType: p.WorkerType,
		System: o.System, AccountID: a.ID, Login: a.Login, Scope: ent.Scope, Kind: ent.Kind, ID: ent.ID, Entitlement: ent.Name}
}

// allowedBy cites the line that allows a grant, or nothing.
func allowedBy(p access.Policy, v access.Verdict) string {
	switch {
	case v.Rule() != 0:
		r := p.RoleMap.Rules[v.Rule()-1]
		return cite(r.File, r.Row)
	case v.Expected() && v.Exception() != 0:
		x := p.Exceptions[v.Exception()-1]
		return cite(x.File, x.Row)
	}
	return ""
}

func (c GrantChange) compare(o GrantChange) int {
	return cmp.Or(c.Person.Compare(o.Person), cmp.Compare(c.System, o.System), cmp.Compare(c.Scope, o.Scope), cmp.Compare(c.Kind, o.Kind),
		cmp.Compare(c.Entitlement, o.Entitlement), cmp.Compare(c.ID, o.ID), cmp.Compare(c.AccountID, o.AccountID))
}

// inOrder sorts changes; what was read twice is told once.
func inOrder(all []GrantChange) []GrantChange {
	slices.SortFunc(all, GrantChange.compare)
	return slices.Compact(all)
}

// missingFrom gives the findings of which the others have none with the same id.
func missingFrom(findings, others []access.Finding) []access.Finding {
	there := map[string]bool{}
	for _, f := range others {
		there[f.ID] = true
	}
	out := []access.Finding{}
	for _, f := range findings {
		if !there[f.ID] {
			out = append(out, f)
		}
	}
	return out
}
