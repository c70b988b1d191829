package reconcile

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"rollcall/internal/access"
)

// profileGrant counts, per role (title and department), who holds a right.
type profileGrant struct {
	role   string
	system int
	ent    uint32
}

func roleOf(i access.Identity) string {
	return strings.ToLower(i.Title) + "\x00" + strings.ToLower(i.Department)
}

// countHolders counts how many people of each role hold each right directly, each
// person once. Who leaves is no peer: a list that keeps leavers for years would make
// what a whole role has look rare.
func (e *evaluation) countHolders() map[profileGrant]int {
	holders := map[profileGrant]int{}
	roles := make([]string, len(e.people.list))
	for n := range roles {
		roles[n] = roleOf(e.people.list[n].Identity)
	}
	for s := range e.systems {
		o := &e.systems[s]
		seen := make([]uint32, len(o.Entitlements)) // 1 + the person who was counted last
		by := listsBy(len(roles), len(o.Accounts), func(a int) int { return int(e.who[s][a]) })
		for n := range roles {
			if e.leaves(&e.people.list[n]) {
				continue
			}
			for _, a := range by.of(n) {
				for _, g := range e.grantsOf[s].of(int(a)) {
					if ent := o.Grants[g].Entitlement; o.Grants[g].Direct() && seen[ent] != uint32(n)+1 {
						seen[ent] = uint32(n) + 1
						holders[profileGrant{roles[n], s, ent}]++
					}
				}
			}
		}
	}
	return holders
}

// routing collects the worksheets by reviewer.
type routing struct {
	e        *evaluation
	findings map[string]access.Finding // by what they are about
	peers    map[string]int
	holders  map[profileGrant]int
	sheets   map[string]*access.Worksheet
	// meanings are what the role map says of each right, once asked for.
	meanings map[access.Entitlement]string
	risks    map[access.Entitlement]access.Risk
}

// worksheets gives every row that can be removed by itself to one reviewer: the
// person's manager, else the system's owner; nobody drops out. Flagged rows
// come first.
func (e *evaluation) worksheets(findings []access.Finding) []access.Worksheet {
	r := e.routing(findings)
	for s := range e.systems {
		for a := range e.systems[s].Accounts {
			r.account(s, a)
		}
	}
	return r.sorted()
}

// routing knows what rows are made of; no worksheet has one yet.
func (e *evaluation) routing(findings []access.Finding) *routing {
	r := &routing{e: e, findings: map[string]access.Finding{}, peers: map[string]int{}, holders: e.countHolders(), sheets: map[string]*access.Worksheet{},
		meanings: map[access.Entitlement]string{}, risks: map[access.Entitlement]access.Risk{}}
	for n := len(findings) - 1; n >= 0; n-- { // the most urgent finding about a subject wins
		f := findings[n]
		if f.Kind == access.BreakGlassUsed || f.Kind == access.UsedAfterExit {
			continue // who did what, and from where, is for security alone
		}
		r.findings[subject(f.Account, f.EntitlementKind, f.GrantScope, f.EntitlementID)] = f
	}
	for _, p := range e.people.list {
		if !e.leaves(&p) {
			r.peers[roleOf(p.Identity)]++
		}
	}
	return r
}

func subject(a access.AccountKey, kind access.EntitlementKind, scope, id string) string {
	return strings.Join([]string{a.String(), string(kind), scope, id}, "\x00")
}

// bucket is where a direct grant goes in the books.
type bucket string

const (
	inRows    bucket = "rows of worksheets"
	inAccount bucket = "carried by an account's row"
	outLeft   bucket = "excluded: the person has left"
	outEnded  bucket = "excluded: the account has ended"
	outOther  bucket = "excluded: registered non-human or root, nothing flagged"
)

// bucketOf says where the direct grants of an account go.
func (e *evaluation) bucketOf(s, a int) bucket {
	acc, p := e.systems[s].Accounts[a], e.person(s, a)
	switch {
	case acc.Status == access.AccountDisabled:
		return outEnded
	case p != nil && e.leaves(p):
		return outLeft
	case p != nil:
		return inRows
	case e.flagged(s, a):
		return inAccount
	}
	return outOther
}

// flagged reports whether an account that is no person's is to be reviewed.
func (e *evaluation) flagged(s, a int) bool {
	switch e.systems[s].Matches[a].How {
	case access.MatchedNonHuman:
		return e.toReview[e.systems[s].Accounts[a].Key()]
	case access.MatchedRoot:
		return false
	}
	return true
}

// account routes the rows of one account.
func (r *routing) account(s, a int) {
	switch r.e.bucketOf(s, a) {
	case inRows:
		for _, n := range r.e.grantsOf[s].of(a) {
			if r.e.systems[s].Grants[n].Direct() {
				r.add(s, a, r.grantItem(s, a, int(n)))
			}
		}
	case inAccount:
		r.add(s, a, r.accountItem(s, a))
	}
}

// add gives an item to its reviewer.
func (r *routing) add(s, a int, i access.Item) {
	w := r.reviewer(s, a)
	key := w.Reviewer.String() + "\x00" + w.ReviewerName
	if r.sheets[key] == nil {
		r.sheets[key] = &w
	}
	r.sheets[key].Because = min(r.sheets[key].Because, w.Because) // one of several reasons, whatever came first
	r.sheets[key].Items = append(r.sheets[key].Items, i)
}

// reviewer is who can judge an account: the manager of its person, or of whom the
// register names as its owner, if they work here and are not that person; else the owner
// of the system.
func (r *routing) reviewer(s, a int) access.Worksheet {
	why := "the account belongs to nobody that HR knows"
	p, about := r.e.person(s, a), "manager of the people listed"
	if p == nil {
		p, about = r.e.registeredOwner(s, a), "manager of the owner of the accounts listed"
	}
	if p != nil {
		m := r.e.people.manager(*p)
		switch {
		case p.ManagerID == "":
			why = "the HR list gives no manager for some of these people"
		case m == nil:
			why = "the manager that the HR list gives is not in it"
		case m.Key() == p.Key():
			why = "nobody reviews their own access"
		case m.Standing != access.StandingActive && m.Standing != access.StandingScheduled:
			why = "the manager " + unasked(m)
		default:
			return access.Worksheet{Reviewer: m.Key(), ReviewerName: m.Name, ReviewerMail: m.Email, Because: about}
		}
	}
	return r.owner(r.e.systems[s].System, why)
}

// manager is the person's manager, from the same list or else from another: a
// contractor's manager is an employee. Two people with that id are none.
func (p *People) manager(of access.Person) *access.Person {
	id := of.ManagerID
	if m := p.Get(access.PersonKey{Source: of.Source, EmployeeID: id}); m != nil {
		return m
	}
	if keys := (matcher{people: p}).byHRID(id); id != "" && len(keys) == 1 {
		return p.Get(keys[0])
	}
	return nil
}

// owner is the worksheet of a system's owner, by contacts.csv.
func (r *routing) owner(system access.System, why string) access.Worksheet {
	for _, c := range r.e.w.Policy.Contacts {
		if c.Responsibility == "owner" && (c.System == "" || strings.EqualFold(c.System, string(system))) {
			return access.Worksheet{ReviewerName: c.Name, ReviewerMail: c.BusinessHours, Because: fmt.Sprintf("owner of %s: %s", system, why)}
		}
	}
	return access.Worksheet{ReviewerName: fmt.Sprintf("owner of %s", system), Because: fmt.Sprintf("contacts.csv names no owner of %s: %s", system, why)}
}

// sorted gives the worksheets by reviewer, each with its flagged rows first.
func (r *routing) sorted() []access.Worksheet {
	var out []access.Worksheet
	for _, w := range r.sheets {
		slices.SortFunc(w.Items, compareItems)
		out = append(out, *w)
	}
	slices.SortFunc(out, func(a, b access.Worksheet) int {
		return cmp.Or(a.Reviewer.Compare(b.Reviewer), cmp.Compare(a.ReviewerName, b.ReviewerName), cmp.Compare(a.Because, b.Because))
	})
	return out
}

// compareItems is the order of the rows of a worksheet.
func compareItems(a, b access.Item) int {
	return cmp.Or(flag(a)-flag(b), cmp.Compare(a.Person.Name, b.Person.Name), a.Person.Key().Compare(b.Person.Key()),
		cmp.Compare(a.System, b.System), cmp.Compare(a.Account.Key().String(), b.Account.Key().String()),
		cmp.Compare(a.Entitlement, b.Entitlement), cmp.Compare(a.RowID, b.RowID))
}

// flag is 0 for a row that somebody must look at, 1 for the others.
func flag(i access.Item) int {
	switch i.FindingKind {
	case "", access.Excepted:
		return 1
	}
	return 0
}
