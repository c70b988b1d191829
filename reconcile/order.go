package reconcile

import (
	"slices"
	"strings"

	"rollcall/internal/access"
)

// obey makes the person of the order a certain leaver, for this run alone: no list
// has to say so, and nothing that the lists say of them holds it.
func (p *People) obey(w World) {
	if w.Order == nil {
		return
	}
	for n := range p.list {
		me := &p.list[n]
		if p.one(me.Key()) != p.one(w.Order.Person) {
			continue
		}
		if me.AccessEndsAt.IsZero() || me.AccessEndsAt.After(w.Now) {
			me.AccessEndsAt = w.Now
		}
		me.Standing, me.Why, me.Cites = access.StandingLeft, "is to lose all access now", "ordered by "+w.Order.String()
	}
}

// onlyOrdered is the person of the order, if nothing but the order says for certain that
// they left.
func onlyOrdered(w World) access.PersonKey {
	if w.Order == nil {
		return access.PersonKey{}
	}
	who, ordered := Stand(w), w.Order.Person
	w.Order = nil
	lists := Stand(w)
	if p := lists.Get(lists.one(ordered)); p != nil && p.Standing == access.StandingLeft {
		return access.PersonKey{}
	}
	return who.one(ordered)
}

// addOrdered adds the person of the order if only the refused file of tonight has
// them. It adds no fact about anybody else.
func (p *People) addOrdered(w World, s SourceRoster) {
	if w.Order == nil || w.Order.Person.Source != s.Verdict.Source {
		return
	}
	is := func(i access.Identity) bool { return keyOf(i) == w.Order.Person }
	if slices.ContainsFunc(p.list, func(one access.Person) bool { return is(one.Identity) }) {
		return
	}
	if n := slices.IndexFunc(s.Refused, is); n >= 0 {
		p.list = append(p.list, access.Person{Identity: withID(s.Refused[n]), Cites: cite(s.Verdict.File, s.Refused[n].Row)})
	}
}

// Meant finds whom somebody means by an employee id or source/id: in the lists in
// force, and in a file that was refused tonight. If that is not one person, alike
// are those who may be meant: by a part of the id, a name or an address.
func Meant(w World, id string) (all, alike []access.Identity) {
	has := map[access.PersonKey]bool{}
	add := func(i access.Identity) {
		if !has[i.Key()] {
			all, has[i.Key()] = append(all, i), true
		}
	}
	for _, p := range Stand(w).list {
		add(p.Identity)
	}
	for _, s := range w.Rosters {
		for _, i := range s.Refused {
			add(withID(i))
		}
	}
	for _, i := range all {
		if resembles(i, id) {
			alike = append(alike, i)
		}
	}
	all = slices.DeleteFunc(all, func(i access.Identity) bool { return string(i.EmployeeID) != id && i.Key().String() != id })
	return all, alike
}

// resembles reports whether somebody may be meant by a word that is not their id.
func resembles(i access.Identity, word string) bool {
	bare := func(s string) string { return strings.ToLower(strings.TrimLeft(s, "0")) }
	word = strings.TrimSpace(word)
	if word == "" {
		return false
	}
	return bare(string(i.EmployeeID)) == bare(word) || strings.EqualFold(i.Key().String(), word) ||
		strings.Contains(strings.ToLower(i.Name), strings.ToLower(word)) || slices.Contains(addresses(i), strings.ToLower(word))
}
