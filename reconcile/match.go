package reconcile

import (
	"slices"
	"strings"

	"rollcall/internal/access"
)

// matcher ties accounts to identities: by links.csv, then the non-human
// register, then the HR id in the account, then e-mail or alias; never by name.
// Two candidates are ambiguous, and so is an HR id that no list knows beside an
// e-mail that some person has.
type matcher struct {
	people   *People
	links    map[access.AccountKey][]access.PersonKey
	nonhuman []access.NonHuman
	register map[string][]int // lines of the register by the folded account
}

func newMatcher(people *People, p access.Policy) matcher {
	m := matcher{people: people, links: map[access.AccountKey][]access.PersonKey{}, nonhuman: p.NonHuman, register: map[string][]int{}}
	for n, reg := range p.NonHuman {
		m.register[access.Fold(reg.Account)] = append(m.register[access.Fold(reg.Account)], n)
	}
	for _, l := range p.Links {
		m.links[l.Account] = append(m.links[l.Account], l.Person)
	}
	return m
}

// match decides one account.
func (m matcher) match(a access.Account) access.Match {
	if linked := m.links[a.Key()]; len(linked) > 0 {
		if slices.ContainsFunc(linked, func(k access.PersonKey) bool { return m.people.Get(k) == nil }) {
			return access.Match{How: access.Ambiguous, Candidates: slices.Compact(sortKeys(slices.Clone(linked)))}
		}
		return m.one(access.MatchedLink, linked)
	}
	if n := m.registered(a); n >= 0 {
		return access.Match{How: access.MatchedNonHuman, NonHuman: n}
	}
	if a.Kind == access.IAMRoot {
		return access.Match{How: access.MatchedRoot}
	}
	if a.HRID == "" {
		return m.matchMail(a)
	}
	if byID := m.byHRID(a.HRID); len(byID) > 0 {
		if m.people.unread && !strings.Contains(string(a.HRID), "/") {
			// A list that was never read may have the same id for somebody else.
			return access.Match{How: access.Ambiguous, Candidates: byID}
		}
		return m.one(access.MatchedHRID, byID)
	}
	if byMail := m.byMail(a); len(byMail) > 0 {
		return access.Match{How: access.Ambiguous, Candidates: sortKeys(byMail)}
	}
	return access.Match{How: access.Unmatched}
}

// matchMail decides an account without an HR id. Several addresses contradict each other
// unless each of them is of the same person.
func (m matcher) matchMail(a access.Account) access.Match {
	byMail := m.byMail(a)
	nobodys := func(mail string) bool { return len(m.people.byEmail[normalMail(mail)]) == 0 }
	if strings.Contains(a.Email, ",") && len(byMail) > 0 && slices.ContainsFunc(strings.Split(a.Email, ","), nobodys) {
		return access.Match{How: access.Ambiguous, Candidates: sortKeys(byMail)}
	}
	return m.one(access.MatchedEmail, byMail)
}

// one is a match with the single candidate, unmatched without one, ambiguous
// with several. Ids that HR confirmed to be one person count as one.
func (m matcher) one(how access.MatchHow, candidates []access.PersonKey) access.Match {
	distinct := make([]access.PersonKey, len(candidates))
	for n, k := range candidates {
		distinct[n] = m.people.one(k)
	}
	distinct = slices.Compact(sortKeys(distinct))
	switch len(distinct) {
	case 0:
		return access.Match{How: access.Unmatched}
	case 1:
		return access.Match{How: how, Person: distinct[0]}
	}
	return access.Match{How: access.Ambiguous, Candidates: distinct}
}

// byHRID finds people by an HR id, qualified ("contractors/1001") or not.
func (m matcher) byHRID(id access.EmployeeID) []access.PersonKey {
	if source, rest, ok := strings.Cut(string(id), "/"); ok {
		k := access.PersonKey{Source: access.Source(source), EmployeeID: access.EmployeeID(rest)}
		if m.people.Get(k) != nil {
			return []access.PersonKey{k}
		}
	}
	return m.people.byHRID[id]
}

func (m matcher) byMail(a access.Account) []access.PersonKey {
	return ofAddresses(a, func(mail string) []access.PersonKey { return m.people.byEmail[mail] })
}

// claimantsOf are all whose address the account has, or who look to have it.
func (p *People) claimantsOf(a access.Account) []access.PersonKey {
	return ofAddresses(a, p.claimants)
}

// ofAddresses are the people of an account's addresses, each once, if people are so of
// each address. Thousands may have one address.
func ofAddresses(a access.Account, people func(mail string) []access.PersonKey) (all []access.PersonKey) {
	mail, rest, several := strings.Cut(a.Email, ",")
	for several {
		all = append(all, people(normalMail(mail))...)
		mail, rest, several = strings.Cut(rest, ",")
	}
	last, login := normalMail(mail), normalMail(a.Login)
	all = append(all, people(last)...)
	if login != last {
		all = append(all, people(login)...)
	}
	return slices.Compact(sortKeys(all))
}

// registered is the first line of the register about the account, or -1.
func (m matcher) registered(a access.Account) int {
	if len(m.register) == 0 {
		return -1
	}
	for _, n := range slices.Sorted(slices.Values(slices.Concat(m.register[access.Fold(string(a.ID))], m.register[access.Fold(a.Login)]))) {
		if m.nonhuman[n].About(a) {
			return n
		}
	}
	return -1
}

// matchAll ties every account to an identity, or says why not.
func (e *evaluation) matchAll() {
	m := newMatcher(e.people, e.w.Policy)
	for s := range e.systems {
		o := &e.systems[s]
		matches := make([]access.Match, len(o.Accounts))
		inParts(len(o.Accounts), func(_, from, to int) {
			for a := from; a < to; a++ {
				matches[a] = m.match(o.Accounts[a])
			}
		})
		e.matched(s, matches)
	}
}

// matched takes over whose the accounts of a system are.
func (e *evaluation) matched(s int, matches []access.Match) {
	o := &e.systems[s]
	who, ended := make([]int32, len(matches)), make([]bool, len(matches))
	inParts(len(matches), func(_, from, to int) {
		for a := from; a < to; a++ {
			who[a] = e.people.number(matches[a].Person)
			ended[a] = o.Accounts[a].Status == access.AccountDisabled
		}
	})
	o.Matches = matches
	e.who, e.ended = append(e.who, who), append(e.ended, ended)
}
