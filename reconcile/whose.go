package reconcile

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"rollcall/internal/access"
)

// mostGuesses is how many people an account is said to be perhaps of; a name that
// more people have says nothing.
const mostGuesses = 3

// guesses are the people whose name or address looks like that of an account that
// matches nobody. They are only shown: a person has to write them into links.csv.
type guesses map[string][]int32

// likenesses are what an account or a person may be recognised by: the words of a
// name, or of what stands before the @ of an address, in any order.
func likenesses(name string, addresses ...string) (all []string) {
	if k := words(name); strings.Contains(k, " ") { // a first name alone is no likeness
		all = append(all, k)
	}
	for _, a := range addresses {
		local, _, _ := strings.Cut(a, "@")
		if k := words(local); len(k) > 3 {
			all = append(all, k)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// words are the words of a text in lower case, sorted.
func words(s string) string {
	all := strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsMark(r) })
	slices.Sort(all)
	return strings.Join(all, " ")
}

// sketch is the same number for texts with the same words, and hardly ever for
// others. Unlike words it needs no memory: it tells who need not be looked at.
func sketch(s string) uint64 {
	const prime = 1099511628211
	sum, word := uint64(0), uint64(0)
	for _, r := range s {
		if r = unicode.ToLower(r); unicode.IsLetter(r) || unicode.IsMark(r) {
			word = (word + uint64(r)) * prime
		} else {
			sum, word = sum+word*word, 0
		}
	}
	return sum + word*word
}

// looks reports whether somebody's name or addresses have one of the sketches.
func looks(i *access.Identity, sketches map[uint64]bool) bool {
	email, _, _ := strings.Cut(i.Email, "@")
	return sketches[sketch(i.Name)] || sketches[sketch(email)] || i.Aliases != "" && slices.ContainsFunc(addresses(*i), func(a string) bool {
		local, _, _ := strings.Cut(a, "@")
		return sketches[sketch(local)]
	})
}

func ofAccount(a *access.Account) []string { return likenesses(a.Name, a.Login, a.Email) }

// guess looks for people who are like the accounts that match nobody.
func (e *evaluation) guess() {
	e.guesses = guesses{}
	sketches := map[uint64]bool{}
	for s := range e.systems {
		for a, n := range e.who[s] {
			if n >= 0 {
				continue
			}
			if acc := &e.systems[s].Accounts[a]; e.systems[s].Matches[a].How == access.Unmatched && acc.Status != access.AccountDisabled {
				for _, k := range ofAccount(acc) {
					e.guesses[k], sketches[sketch(k)] = nil, true
				}
			}
		}
	}
	if len(e.guesses) == 0 {
		return
	}
	type hit struct {
		likeness string
		person   int32
	}
	hits := make([][]hit, parts(len(e.people.list)))
	inParts(len(e.people.list), func(part, from, to int) {
		for n := from; n < to; n++ {
			i := &e.people.list[n].Identity
			if !looks(i, sketches) {
				continue
			}
			for _, k := range likenesses(i.Name, addresses(*i)...) {
				if _, asked := e.guesses[k]; asked {
					hits[part] = append(hits[part], hit{k, int32(n)})
				}
			}
		}
	})
	for _, h := range slices.Concat(hits...) {
		e.guesses[h.likeness] = append(e.guesses[h.likeness], h.person)
	}
}

// perhaps says of whom an account may be, and whether one of them has left; ""
// if nobody, or too many, are like it. Whose row has what looks like its address counts
// for more than who is like it.
func (e *evaluation) perhaps(acc *access.Account) (says string, left bool) {
	var claim []int32
	for _, k := range e.people.claimantsOf(*acc) {
		claim = append(claim, e.people.number(k))
	}
	who := slices.Clone(claim)
	for _, k := range ofAccount(acc) {
		for _, n := range e.guesses[k] {
			if !slices.Contains(who, n) {
				who = append(who, n)
			}
		}
	}
	if len(who) > mostGuesses {
		who = claim
	}
	if len(who) == 0 || len(who) > mostGuesses {
		return "", false
	}
	slices.Sort(who)
	var names, lines []string
	for _, n := range who {
		p := &e.people.list[n]
		name := fmt.Sprintf("%s (%s", p.Name, p.Key())
		if p.Standing == access.StandingLeft {
			name, left = name+", who has left", true
		}
		names = append(names, name+")")
		lines = append(lines, strings.Join([]string{string(acc.System), acc.Scope, string(acc.ID), string(p.Source), string(p.EmployeeID)}, ","))
	}
	return fmt.Sprintf(" Perhaps of %s, whose name or address is like it. If somebody who knows confirms it, add to links.csv, with name and date: %s", strings.Join(names, " or "), strings.Join(lines, " or ")), left
}

// findOrphan concludes about a live account that is nobody's. While a source
// has no list in force, nobody can say so.
func (e *evaluation) findOrphan(s, a int) {
	acc := e.systems[s].Accounts[a]
	if e.people.unread {
		e.addAccount(s, a, access.OrphanAccount, "info", access.ToHold, "", "%s in %s matches nobody, but an HR list has never been read: ask again when it was", acc.Login, acc.System)
		return
	}
	severity := "medium"
	perhaps, left := e.perhaps(&e.systems[s].Accounts[a])
	if acc.Privileged || left {
		severity = "high"
	}
	e.addAccount(s, a, access.OrphanAccount, severity, access.ToReview, "", "%s in %s belongs to nobody that HR knows: whose is it?%s", acc.Login, acc.System, perhaps)
}
