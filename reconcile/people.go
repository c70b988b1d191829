package reconcile

import (
	"slices"
	"strings"

	"rollcall/internal/access"
)

// People are the persons of tonight, sorted by key, with the indexes by which
// accounts find them.
type People struct {
	list    []access.Person
	byKey   map[access.PersonKey]int
	byHRID  map[access.EmployeeID][]access.PersonKey
	byEmail map[string][]access.PersonKey
	// likeEmail are the people of whom something looks like that address: no account
	// is theirs by it, nor is it somebody else's.
	likeEmail map[string][]access.PersonKey
	sameAs    map[access.PersonKey]access.PersonKey
	// answers are what HR confirmed, the newest of each person; doubts what the lists
	// leave open of whom they hold.
	answers map[access.PersonKey]access.Answer
	doubts  map[access.PersonKey]access.Doubt
	// mixed are ids whose rows are of different people, of those who are held: no answer
	// settles them.
	mixed map[access.PersonKey]bool
	// roles are the distinct titles, departments and worker types, and role says
	// which one each person has; departments are theirs, as HR writes them.
	roles       []access.Profile
	departments []string
	role        []int32
	// stances say where each person stands, in short.
	stances []stance
	// unread: a source has no list in force at all.
	unread bool
}

// stance is what is asked of everybody: a byte is at hand where a Person is not.
type stance uint8

const (
	standsElse stance = iota // any other standing
	standsHere               // active, or scheduled to leave
	standsLeft
)

// noteStances tells of everybody where they stand, in short.
func (p *People) noteStances() {
	p.stances = make([]stance, len(p.list))
	for n := range p.list {
		switch p.list[n].Standing {
		case access.StandingActive, access.StandingScheduled:
			p.stances[n] = standsHere
		case access.StandingLeft:
			p.stances[n] = standsLeft
		}
	}
}

// Get is the person with that key, or nil.
func (p *People) Get(k access.PersonKey) *access.Person {
	if i, ok := p.byKey[k]; ok {
		return &p.list[i]
	}
	return nil
}

// number is the index of the person with that key, or -1.
func (p *People) number(k access.PersonKey) int32 {
	if n, ok := p.byKey[k]; ok {
		return int32(n)
	}
	return -1
}

// List is every person, sorted by key.
func (p *People) List() []access.Person { return p.list }

// Stand decides where everybody stands tonight.
//
//	rows of one person                        | standing
//	a started active (or leave) row           | active; a past end date beside it: held
//	any row with a problem of its own         | held; one without an id is a person of its own
//	left, its end reached                     | left (certain)
//	left, no date                             | left at the end of the day that first said so
//	left, its end ahead                       | scheduled: works until then
//	left now, a start ahead (planned return)  | left; held from the day on which that start has come
//	... on the day after the last one          | scheduled: works until that start, wherever it is
//	garden leave                              | garden_leave; its last working day ahead: scheduled
//	pending, or a start ahead                 | pending
//	anything else                             | held
//	in no list any more                       | what the last row said if that was left, else vanished; left after
//	                                          | N different lists without them if the company chose so (countOut)
//
// On top of it: left while somebody who has not left has the same e-mail is held
// (it looks like a rehire); answers.csv settles vanished and held, unless it is older than
// what it would settle, and never against a started active row, nor of an id whose rows are of
// different people; left while a refused file still shows them active is held,
// whatever was answered. An order (World.Order) stands above all of it.
func Stand(w World) *People {
	p := &People{sameAs: map[access.PersonKey]access.PersonKey{}, mixed: map[access.PersonKey]bool{}, answers: newestAnswers(w)}
	for _, s := range w.Rosters {
		p.unread = p.unread || s.Verdict.InForce.SHA256 == ""
		p.addSource(w, s)
		p.addOrdered(w, s)
	}
	slices.SortFunc(p.list, func(a, b access.Person) int { return a.Key().Compare(b.Key()) })
	p.index()
	p.unite(w)
	riddles := p.holdRehires(w)
	p.noteDoubts(w)
	p.answer(w, p.answers, riddles)
	p.countOut(w)
	p.agree(w)
	p.holdRefused(w)
	p.obey(w)
	p.numberRoles()
	p.noteStances()
	return p
}

// numberRoles finds the distinct roles, as HR writes them.
func (p *People) numberRoles() {
	var titles, departments, types numbers
	known := map[[3]int32]int32{}
	p.role = make([]int32, len(p.list))
	for n := range p.list {
		i := &p.list[n].Identity
		written := [3]int32{titles.of(i.Title), departments.of(i.Department), types.of(i.WorkerType)}
		role, has := known[written]
		if !has {
			role = int32(len(p.roles))
			known[written] = role
			p.roles, p.departments = append(p.roles, i.Profile()), append(p.departments, i.Department)
		}
		p.role[n] = role
	}
}

// addSource stands everybody of one source.
func (p *People) addSource(w World, s SourceRoster) {
	first := make(map[access.EmployeeID]int32, len(s.Rows))
	next := make([]int32, len(s.Rows)) // the next row of the same person, or 0
	last := map[access.EmployeeID]int32{}
	for n := range s.Rows {
		id := idOf(&s.Rows[n])
		begin, again := first[id]
		if !again {
			first[id] = int32(n)
			continue
		}
		if tail, more := last[id]; more {
			begin = tail
		}
		next[begin], last[id] = int32(n), int32(n)
	}
	file := s.Verdict.File
	p.list = slices.Grow(p.list, len(first)+len(s.Vanished))
	for n := range s.Rows {
		if first[idOf(&s.Rows[n])] == int32(n) {
			rows := together(s.Rows, next, int32(n))
			one := stand(w, file, rows)
			one.Identity = withAddresses(one.Identity, rows)
			if one.Standing == access.StandingHeld {
				p.holdMixed(&one, mixed(file, rows))
			}
			p.list = append(p.list, one)
		}
	}
	for _, v := range s.Vanished {
		if _, has := first[v.Identity.EmployeeID]; !has {
			p.list = append(p.list, p.standVanished(w, s, v))
		}
	}
}

// together are the rows of one person, in the order of the list.
func together(rows []access.Identity, next []int32, n int32) []access.Identity {
	if next[n] == 0 && rows[n].EmployeeID != "" {
		return rows[n : n+1 : n+1]
	}
	all := []access.Identity{withID(rows[n])}
	for n = next[n]; n != 0; n = next[n] {
		all = append(all, withID(rows[n]))
	}
	slices.SortStableFunc(all, func(a, b access.Identity) int { return a.Row - b.Row })
	return all
}

// index makes the look-ups.
func (p *People) index() {
	p.byKey = make(map[access.PersonKey]int, len(p.list))
	p.byHRID = make(map[access.EmployeeID][]access.PersonKey, len(p.list))
	p.byEmail, p.likeEmail = make(map[string][]access.PersonKey, len(p.list)), map[string][]access.PersonKey{}
	for n := range p.list {
		i := &p.list[n].Identity
		k := i.Key()
		p.byKey[k] = n
		p.byHRID[i.EmployeeID] = append(p.byHRID[i.EmployeeID], k)
		for _, mail := range addresses(*i) {
			if all := p.byEmail[mail]; len(all) == 0 || all[len(all)-1] != k { // thousands may have one address
				p.byEmail[mail] = append(all, k)
			}
		}
		for _, mail := range access.AddressesIn(i.Aliases) {
			if all := p.byEmail[mail]; len(all) == 0 || all[len(all)-1] != k {
				p.likeEmail[mail] = append(p.likeEmail[mail], k)
			}
		}
	}
}

// addresses are the e-mail and the aliases of a row, lower case.
func addresses(i access.Identity) []string {
	all := []string{}
	for _, a := range append([]string{i.Email}, access.Aliases(i.Aliases)...) {
		if a = normalMail(a); a != "" {
			all = append(all, a)
		}
	}
	return all
}

// claims are the addresses of a row, and whatever else in it looks like one. By these
// nobody is known, and nothing is taken from anybody.
func claims(i access.Identity) []string {
	all := addresses(i)
	for _, mail := range access.AddressesIn(i.Aliases) {
		if !slices.Contains(all, mail) {
			all = append(all, mail)
		}
	}
	return all
}

// claimants are all whose address that is, or looks to be.
func (p *People) claimants(mail string) []access.PersonKey {
	return append(slices.Clip(p.byEmail[mail]), p.likeEmail[mail]...)
}

// normalMail is the form in which addresses are compared; "" if it is none.
func normalMail(s string) string {
	s = strings.ToLower(strings.TrimSpace(s))
	if !strings.Contains(s, "@") {
		return ""
	}
	return s
}
