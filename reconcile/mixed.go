package reconcile

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"rollcall/internal/access"
	"rollcall/internal/phrase"
)

// An id that a spreadsheet has damaged may stand in the rows of several people (1.2E+05 was
// 120001, and 120002). They are one held person with the addresses of all, so that nothing
// is taken from any of them. An answer about the id would be one about all of them, though
// HR was asked about one: it settles nothing.

// holdMixed keeps somebody held, whatever is answered, whose rows are of different people.
func (p *People) holdMixed(me *access.Person, says string) {
	if says != "" {
		me.Why += "; " + says
		p.mixed[me.Key()] = true
	}
}

// ofSeveral is the day until which an id was that of several people, if an answer about it may
// be from before its end, and so about another one; else nothing.
func ofSeveral(w World, a access.Answer) (until string) {
	several := w.Memory.Doubts[a.Person].Several
	if several.IsZero() {
		return ""
	}
	if day := localDay(several, w.Settings.zone()); !a.ConfirmedOn.At.After(day.At) {
		return day.String()
	}
	return ""
}

// mixed says which rows of an id are of different people; nothing if none need be.
func mixed(file string, rows []access.Identity) string {
	if allTied(rows) {
		return ""
	}
	var numbers []string
	for _, i := range rows {
		numbers = append(numbers, fmt.Sprint(i.Row))
	}
	return fmt.Sprintf("rows %s of %s have this id and are of different people: each needs their own", phrase.AndMore(numbers, 5), file)
}

// allTied reports whether rows of one id seem to be of one person: from the first one on
// each has its name or an address in common with another.
func allTied(rows []access.Identity) bool {
	having := map[string][]int{}
	for n, i := range rows {
		for _, tie := range ties(i) {
			having[tie] = append(having[tie], n)
		}
	}
	same, next := map[int]bool{}, []int{0}
	for len(next) > 0 {
		n := next[0]
		next, same[n] = next[1:], true
		for _, tie := range ties(rows[n]) {
			next = append(next, having[tie]...)
			delete(having, tie) // it leads on once
		}
	}
	return len(same) == len(rows)
}

// ties are what two rows of one person have in common.
func ties(i access.Identity) []string {
	all := claims(i)
	if i.Name != "" {
		all = append(all, strings.ToLower(i.Name))
	}
	return all
}

// Several are the rows of an id, with their file, that are of different people: an order
// about it would end all access of each of them. Nothing if it is that of one person.
func Several(w World, who access.PersonKey) (file string, rows []access.Identity) {
	p := Stand(w)
	for _, s := range w.Rosters {
		for _, list := range [][]access.Identity{s.Rows, s.Refused} { // by a refused file only who is in no other is known
			of := map[access.PersonKey][]access.Identity{}
			for _, i := range list {
				if k := keyOf(i); p.one(k) == p.one(who) {
					of[k] = append(of[k], withID(i))
				}
			}
			for k, all := range of {
				if all = p.meantBy(k, all); len(all) > 0 && !allTied(all) {
					return s.Verdict.File, all
				}
			}
			if len(of) > 0 {
				break
			}
		}
	}
	return "", nil
}

// meantBy are the rows of an id by which somebody may be meant. Where one of them works for
// certain, or all have left, a sound row that says left is of nobody who can be cut off.
func (p *People) meantBy(k access.PersonKey, rows []access.Identity) []access.Identity {
	if p.mixed[k] {
		return rows
	}
	return slices.DeleteFunc(rows, func(i access.Identity) bool { return i.Status == access.StatusLeft && i.Problem == "" })
}

// takenApart are, of the ids that a newer list does not have, those of several people each of
// whom has one of their own there. Nobody has vanished, and what is remembered of such an
// id would only hold their addresses.
func takenApart(gone []access.PersonKey, before, after []access.Identity) map[access.PersonKey]bool {
	out, rows := map[access.PersonKey]bool{}, make(map[access.PersonKey][]access.Identity, len(gone))
	for _, k := range gone {
		rows[k] = nil
	}
	for _, i := range before {
		if _, is := rows[i.Key()]; is {
			rows[i.Key()] = append(rows[i.Key()], i)
		}
	}
	fresh := sync.OnceValue(func() map[string][]access.Identity { return byAddress(before, after) })
	for k, of := range rows {
		if len(of) > 0 && !allTied(of) && eachAnew(of, fresh()) {
			out[k] = true
		}
	}
	return out
}

// byAddress are the rows that are numbered anew, by their addresses.
func byAddress(before, after []access.Identity) map[string][]access.Identity {
	by := map[string][]access.Identity{}
	for _, i := range numberedAnew(before, after) {
		for _, mail := range claims(i) {
			by[mail] = append(by[mail], i)
		}
	}
	return by
}

// eachAnew reports whether each row of an id has a fresh one that says the same of its
// person, or that they work here; and no two of different people the same.
func eachAnew(rows []access.Identity, fresh map[string][]access.Identity) bool {
	taken := map[access.PersonKey]access.Identity{}
	for _, i := range rows {
		found := false
		for _, mail := range claims(i) {
			for _, f := range fresh[mail] {
				other, again := taken[f.Key()]
				if (f.Status == i.Status || working(f.Status)) && (!again || allTied([]access.Identity{other, i})) {
					taken[f.Key()], found = i, true
				}
			}
		}
		if !found {
			return false
		}
	}
	return true
}
