package reconcile

import (
	"fmt"

	"rollcall/internal/access"
)

// The decisions about accounts and grants:
//
//	who                         | what                          | finding           | disposition
//	left                        | something is live             | leaver_access     | revoke
//	left                        | ... and protected             | protected_leaver  | urgent, held
//	left                        | used after the end            | used_after_exit   | urgent
//	left                        | blocked, something is left    | leaver_remains    | revoke when due, else report
//	garden leave                | something is live             | leaver_access     | by policy
//	vanished                    | something is live             | vanished_person   | hold
//	held in the roster          | something is live             | held_person       | hold
//	pending                     | something is live             | early_access      | review
//	active, or held             | account blocked by rollcall   | blocked_active    | urgent
//	active                      | grant, a rule covers it       | -                 |
//	active                      | grant, a live exception       | excepted          | report
//	active                      | grant, an expired exception   | expired_exception | review
//	active                      | grant of a former job         | mover_residue     | review; by policy revoke when due
//	active                      | any other grant               | unexpected_grant  | review
//	active                      | required grant is absent      | missing_grant     | task
//	active                      | no rule names the role        | unmapped_role     | report
//	nobody                      | live account                  | orphan_account    | review
//	two or more                 | live account                  | ambiguous_match   | review
//	registered non-human        | owner left or unknown         | ownerless_account | review
//	registered non-human        | review date passed            | review_overdue    | review
//	not leaving                 | a review decided to remove it | review_removal    | task; by policy revoke when due
//	registered break-glass      | used since the last night     | break_glass_used  | urgent
//	anybody who has not left    | both rights of a pair         | sod_conflict      | review
//	works here, or registered   | account unused for long       | dormant_access    | review
//	works here, or registered   | access key of long ago        | stale_key         | review
//	works here, registered, root| console by a password alone   | no_mfa            | report
//
// A grant that a group carries is judged with the group: it has no finding of
// its own. A scope that could not be read to its end makes nothing missing.
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
	residues   []access.Residue           // whose removal is announced
	jobless    map[access.PersonKey]bool  // of whom nobody can tell which one job they have; nil: nobody asks
	begun      map[access.AccountKey]bool // of which something was taken this week
	supers     map[int]superAdmins        // by system, once asked for
	moves      map[access.PersonKey][]access.Move
	uses       map[access.AccountKey][]access.Event // what the systems' own logs tell
	toReview   map[access.AccountKey]bool           // accounts of nobody that somebody is asked about
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

// judgeGrants decides what policy says of every grant. It is the one walk over all
// grants, so that it notes what the conclusions want to know of them.
func (e *evaluation) judgeGrants() {
	sideBySide(e.expect, func() { e.accounts = e.accountsOf() }, e.makeRoom)
	for s := range e.systems {
		accounts := len(e.systems[s].Accounts)
		walks := make([]*walk, parts(accounts))
		inParts(accounts, func(part, from, to int) {
			walks[part] = e.newWalk()
			for a := from; a < to; a++ {
				walks[part].visit(s, a)
			}
		})
		for _, w := range walks {
			e.takeOver(w)
		}
	}
}

// makeRoom makes room for what is said of each grant and person.
func (e *evaluation) makeRoom() {
	e.findOldKeys()
	e.odd, e.lacks, e.holders, e.walked = nil, nil, make([][]int, len(e.systems)), make([]bool, len(e.people.list))
	for s := range e.systems {
		o := &e.systems[s]
		o.Verdicts, o.Seen, o.Tonight, e.holders[s] = make([]access.Verdict, len(o.Grants)), nil, e.today, make([]int, len(o.Entitlements))
		if len(e.w.Memory.GrantsSeen) > 0 {
			o.Seen = make([]uint16, len(o.Grants))
		}
	}
}

// takeOver takes over what a walk noted.
func (e *evaluation) takeOver(w *walk) {
	e.lacks, e.odd = append(e.lacks, w.lacks...), append(e.odd, w.odd...)
	for s, held := range w.holders {
		for ent, n := range held {
			e.holders[s][ent] += int(n)
		}
	}
}

// expect finds out what rules are about, and which audiences every role belongs to.
func (e *evaluation) expect() {
	e.x = newExpectations(e.w.Policy.RoleMap, e.w.Systems, e.w.Now, e.w.Settings.zone())
	roles := e.people.roles
	e.named = make([]bool, len(roles))
	found := make([]lists, parts(len(roles)))
	inParts(len(roles), func(part, from, to int) {
		var l lists
		for n := from; n < to; n++ {
			l.start = append(l.start, uint32(len(l.all)))
			l.all = e.x.audiencesOf(l.all, roles[n])
			e.named[n] = e.x.names(l.all[l.start[n-from]:])
		}
		found[part] = l
	})
	e.audiences = inARow(found)
}

// mine are the audiences that a person belongs to; nobody (-1) belongs to none.
func (e *evaluation) mine(person int32) []uint32 {
	if person < 0 {
		return nil
	}
	return e.audiences.of(int(e.people.role[person]))
}

// findAll draws every conclusion.
func (e *evaluation) findAll() {
	e.guess()
	for s := range e.systems {
		e.side(len(e.systems[s].Accounts), func(part *evaluation, from, to int) {
			for a := from; a < to; a++ {
				part.findAccount(s, a)
			}
		})
	}
	e.findOdd()
	e.findRemains()
	e.findDecided()
	e.findConflicts()
	if !e.w.Policy.RoleMapUnread {
		e.findMissing()
		e.findUnmapped()
	}
}

// findAccount concludes about one account by whose it is.
func (e *evaluation) findAccount(s, a int) {
	if n := e.who[s][a]; n >= 0 {
		e.findPerson(s, a, &e.people.list[n], e.people.stances[n])
		return
	}
	match := &e.systems[s].Matches[a]
	acc := &e.systems[s].Accounts[a]
	switch match.How {
	case access.MatchedRoot:
		e.findUsage(s, a)
	case access.MatchedNonHum:
		e.findNonHuman(s, a, e.w.Policy.NonHuman[match.NonHuman])
	case access.Unmatched:
		if acc.Status != access.AccountDisabled {
			e.findOrphan(s, a)
		}
	case access.Ambiguous:
		if acc.Status != access.AccountDisabled {
			e.addAccount(s, a, access.AmbiguousMatch, "high", access.ToReview, candidateCites(*match),
				"%s in %s could be %s: nothing is done to it until links.csv says whose it is", acc.Login, acc.System, joinKeys(match.Candidates))
		}
	}
}

// findPerson concludes about a person's account by where they stand.
func (e *evaluation) findPerson(s, a int, p *access.Person, where stance) {
	acc := &e.systems[s].Accounts[a]
	e.findBlocked(s, a, p)
	switch {
	case where == standsHere:
		e.findUsage(s, a)
	case e.leaves(p):
		e.findLeaver(s, a, p)
	case !e.live(s, a):
	case p.Standing == access.StandingGarden:
		e.addAccount(s, a, access.LeaverAccess, "medium", access.ToReview, p.Cites, "%s is on garden leave and can still use %s in %s", p.Name, acc.Login, acc.System)
	case p.Standing == access.StandingVanished:
		e.addAccount(s, a, access.VanishedPerson, "high", access.ToHold, p.Cites, "%s %s; their access stays until HR answers in answers.csv", p.Name, p.Why)
	case p.Standing == access.StandingPending:
		e.addAccount(s, a, access.EarlyAccess, "medium", access.ToReview, p.Cites, "%s %s but can use %s in %s already", p.Name, p.Why, acc.Login, acc.System)
	case p.Standing == access.StandingHeld:
		e.addAccount(s, a, access.HeldPerson, "high", access.ToHold, p.Cites, "nothing of %s is changed: %s", p.Name, p.Why)
	}
}

// findOdd concludes about what people who work here hold and no rule covers.
func (e *evaluation) findOdd() {
	if e.w.Policy.Unjudged() {
		return
	}
	e.side(len(e.odd), func(part *evaluation, from, to int) {
		for _, h := range e.odd[from:to] {
			a := int(e.systems[h.s].Grants[h.n].Account)
			part.findGrant(h.s, a, h.n, &e.people.list[e.who[h.s][a]])
		}
	})
}

// findGrant concludes about one direct grant of somebody who works here that no
// rule covers.
func (e *evaluation) findGrant(s, a, n int, p *access.Person) {
	v := e.systems[s].Verdicts[n]
	ent := e.systems[s].Entitlements[e.systems[s].Grants[n].Entitlement]
	switch {
	case v.Exception() != 0 && v.Expected():
		x := e.w.Policy.Exceptions[v.Exception()-1]
		e.addGrant(s, a, n, access.Excepted, "info", access.ToReport, cite(x.File, x.Row),
			fmt.Sprintf("%s has %s %s by exception %s until %s: %s", p.Name, ent.Kind, ent.Name, x.ID, x.ExpiresOn, x.Reason))
	case v.Exception() != 0:
		x := e.w.Policy.Exceptions[v.Exception()-1]
		e.addGrant(s, a, n, access.ExpiredException, "medium", access.ToReview, cite(x.File, x.Row),
			fmt.Sprintf("the exception %s that let %s have %s %s ended on %s", x.ID, p.Name, ent.Kind, ent.Name, x.ExpiresOn))
	default:
		if m, rule, was := e.former(p, s, e.systems[s].Grants[n]); was {
			e.findResidue(s, a, n, p, m, rule)
			return
		}
		severity := "medium"
		if ent.Privileged {
			severity = "high"
		}
		e.addGrant(s, a, n, access.UnexpectedGrant, severity, access.ToReview, policyFile(e.w.Policy),
			"no rule lets "+p.Name+" ("+orNone(p.Title)+", "+orNone(p.Department)+") have "+string(ent.Kind)+" "+ent.Name)
	}
}

func orNone(s string) string {
	if s == "" {
		return "none given"
	}
	return s
}

// findNonHuman concludes about a registered account that is no person's.
func (e *evaluation) findNonHuman(s, a int, reg access.NonHuman) {
	acc := e.systems[s].Accounts[a]
	if acc.Status == access.AccountDisabled {
		return
	}
	if why := e.ownerGone(reg); why != "" {
		e.addAccount(s, a, access.OwnerlessAccount, "high", access.ToReview, cite(reg.File, reg.Row), "the %s account %s in %s needs a new owner: %s", reg.Kind, acc.Login, acc.System, why)
	}
	e.findUsage(s, a)
	e.findGlass(s, a, reg)
	if over(reg.Review, e.w.Now, e.w.Settings.zone()) {
		e.addAccount(s, a, access.ReviewOverdue, "medium", access.ToReview, cite(reg.File, reg.Row), "the %s account %s in %s was to be reviewed by %s", reg.Kind, acc.Login, acc.System, reg.Review)
	}
}

// ownerGone says why the owner of a registered account is none, or "".
func (e *evaluation) ownerGone(reg access.NonHuman) string {
	if reg.OwnerID == "" {
		return "the register names none"
	}
	keys := matcher{people: e.people}.byHRID(reg.OwnerID)
	if len(keys) != 1 {
		return fmt.Sprintf("its owner %s is %d people in the HR lists", reg.OwnerID, len(keys))
	}
	owner := e.people.Get(keys[0])
	if owner.Standing == access.StandingLeft || owner.Standing == access.StandingVanished {
		return fmt.Sprintf("its owner %s %s", owner.Name, gone(owner.Standing))
	}
	return ""
}

func gone(s access.Standing) string {
	if s == access.StandingLeft {
		return "has left"
	}
	return "is in no HR list any more"
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
