package reconcile

import "rollcall/internal/access"

// evaluation is what tonight's decisions know and have concluded so far. Accounts and
// people are indexes: there are millions of them.
type evaluation struct {
	w          World
	people     *People
	x          *expectations
	systems    []access.Judged
	grantsOf   []lists   // by system: the grants of each account
	who        [][]int32 // by system and account: the index of its person, or -1
	ended      [][]bool  // by system and account: it is disabled
	audiences  lists     // by role: those of rules that it belongs to
	named      []bool    // by role: some rule names it
	accounts   []lists   // by system: the accounts that work of each person, theirs or perhaps theirs
	holders    [][]int   // by system and entitlement: how many grants of it there are
	odd        []held    // what people who work here hold directly and no rule covers
	lacks      []lack    // required rights that people with an account lack
	walked     []bool    // by person: what they lack is among these
	oldKeys    [][]bool  // by system and entitlement: an access key of long ago
	exceptions map[access.PersonKey][]int32
	today      uint16  // days since 1970
	guesses    guesses // of whom accounts of nobody may be
	findings   []*found
	found      *idSet // the ids of findings; nil in a part
	planned    []Candidate
	closings   []Closing
	upstreams  upstreams                  // where people sign in who are pushed into Identity Center
	residues   []access.Residue           // whose removal is announced
	jobless    map[access.PersonKey]bool  // of whom nobody can tell which one job they have; nil: nobody asks
	begun      map[access.AccountKey]bool // of which something was taken this week
	supers     map[int]superAdmins        // by system, once asked for
	moves      map[access.PersonKey][]access.Move
	uses       map[access.AccountKey][]access.Event // what the systems' own logs tell
	toReview   map[access.AccountKey]bool           // accounts of nobody that somebody is asked about
	orders     []access.OpenOrder                   // whose person may still get in
}

func newEvaluation(w World, people *People) *evaluation {
	e := &evaluation{w: w, people: people, exceptions: map[access.PersonKey][]int32{}, today: uint16(days(w.Now)), moves: movesOf(w)}
	e.uses = usesByAccount(w.Systems)
	e.empty()
	if w.Settings.Removal.Movers {
		e.jobless, e.begun = withoutOneJob(w), begun(w)
	}
	for n, x := range w.Policy.Exceptions {
		e.exceptions[x.Person] = append(e.exceptions[x.Person], int32(n))
	}
	for _, o := range w.Systems {
		e.systems = append(e.systems, access.Judged{Observation: o})
		e.grantsOf = append(e.grantsOf, grantsByAccount(o))
	}
	return e
}

// empty makes room for conclusions.
func (e *evaluation) empty() {
	e.findings, e.planned, e.residues = nil, nil, nil
	e.found, e.supers, e.toReview = &idSet{}, map[int]superAdmins{}, map[access.AccountKey]bool{}
}

// person is whose account it is, or nil.
func (e *evaluation) person(s, a int) *access.Person {
	if n := e.who[s][a]; n >= 0 {
		return &e.people.list[n]
	}
	return nil
}

// leaves reports whether a person's access is to end now.
func (e *evaluation) leaves(p *access.Person) bool {
	return p.Standing == access.StandingLeft || (p.Standing == access.StandingGarden && e.w.Settings.RevokeGardenLeave)
}

// Leavers gives, for each observation, the indexes of the accounts that belong
// to certain leavers and are not over already: the accounts whose credentials
// are worth reading one by one before Decide plans.
func Leavers(w World) [][]int {
	e := Identify(w).e
	all := make([][]int, len(e.systems))
	for s := range e.systems {
		for a := range e.systems[s].Accounts {
			if p := e.person(s, a); p != nil && e.leaves(p) && e.systems[s].Accounts[a].Status != access.AccountDisabled {
				all[s] = append(all[s], a)
			}
		}
	}
	return all
}
