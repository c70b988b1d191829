package reconcile

import (
	"cmp"
	"slices"

	"rollcall/internal/access"
)

// walk is one part of the walk over all grants. All that somebody holds is judged
// together, wherever it is, so that what they lack is known at once.
type walk struct {
	e       *evaluation
	mine    *marks
	here    bool       // whose grants are judged works here
	holders [][]uint32 // by system and entitlement: how many of its grants were in this part
	lacks   []lack
	odd     []held
}

// lack is a required right that a person does not have.
type lack struct{ person, rule int32 }

func (e *evaluation) newWalk() *walk {
	w := &walk{e: e, mine: e.x.newMarks()}
	for s := range e.systems {
		w.holders = append(w.holders, make([]uint32, len(e.systems[s].Entitlements)))
	}
	return w
}

// visit judges an account, and with somebody's first one that works all of theirs.
func (w *walk) visit(s, a int) {
	switch person := w.e.who[s][a]; {
	case person < 0 || w.e.ended[s][a]:
		w.here = false
		w.mine.next(w.e.mine(person))
		w.judge(s, a)
	case w.e.isFirst(person, s, a):
		w.here = w.e.people.stances[person] == standsHere
		w.mine.next(w.e.mine(person))
		w.judgeAll(person)
		w.lacks, w.e.walked[person] = w.e.lacking(w.lacks, person, w.mine), true
	}
}

// isFirst reports whether an account is the first of those of its person that work.
func (e *evaluation) isFirst(person int32, s, a int) bool {
	for other := range e.accounts {
		for _, n := range e.accounts[other].of(int(person)) {
			if e.who[other][n] == person {
				return other == s && int(n) == a
			}
		}
	}
	return false
}

// judgeAll judges the accounts of a person. What may be theirs is not judged as
// theirs, but what it has they do not lack.
func (w *walk) judgeAll(person int32) {
	for s := range w.e.accounts {
		for _, a := range w.e.accounts[s].of(int(person)) {
			if w.e.who[s][a] == person {
				w.judge(s, int(a))
			} else {
				w.e.use(w.mine, s, int(a))
			}
		}
	}
}

// judge decides about the grants of one account, and marks what its person makes
// use of.
func (w *walk) judge(s, a int) {
	o, only, mine, holders := &w.e.systems[s], w.e.x.covers[s].only, w.mine, w.holders[s]
	grants, verdicts := o.Grants, o.Verdicts
	for _, n := range w.e.grantsOf[s].of(a) {
		ent := grants[n].Entitlement
		holders[ent]++
		if by := mine.useSingle(only[ent]); by != 0 {
			verdicts[n] = access.Verdict{By: by}
		} else {
			w.judgeOther(s, int(n))
		}
	}
	if o.Seen != nil {
		w.e.date(s, a)
	}
}

// judgeOther decides about a grant that no single rule covers.
func (w *walk) judgeOther(s, n int) {
	o := &w.e.systems[s]
	g := o.Grants[n]
	v := w.e.otherwise(s, g, w.mine)
	o.Verdicts[n] = v
	if w.here && v.Rule() == 0 && g.Direct() {
		w.odd = append(w.odd, held{s, n})
	}
}

// use marks what somebody has in an account.
func (e *evaluation) use(mine *marks, s, a int) {
	covers, grants := &e.x.covers[s], e.systems[s].Grants
	for _, n := range e.grantsOf[s].of(a) {
		mine.use(covers.of(int(grants[n].Entitlement)))
	}
}

// lacking adds the required rules of somebody that nothing was marked for.
func (e *evaluation) lacking(found []lack, person int32, held *marks) []lack {
	before, mine, wanted := len(found), e.mine(person), 0
	for _, audience := range mine {
		wanted += len(e.x.required.of(int(audience)))
	}
	if int(held.met) == wanted {
		return found
	}
	for _, audience := range mine {
		for _, rule := range e.x.required.of(int(audience)) {
			if held.uses[rule] != held.now {
				found = append(found, lack{person, int32(rule)})
			}
		}
	}
	slices.SortFunc(found[before:], func(a, b lack) int { return cmp.Compare(a.rule, b.rule) })
	return found
}

// otherwise is the verdict on a grant if no single rule covers it: one of several
// rules does, a rule about the group that carries it, or an exception.
func (e *evaluation) otherwise(s int, g access.Grant, mine *marks) access.Verdict {
	p := e.person(s, int(g.Account))
	if p == nil {
		return access.Verdict{}
	}
	by := mine.use(e.x.covers[s].of(int(g.Entitlement)))
	if by == 0 && !g.Direct() {
		by = mine.first(e.x.covers[s].of(int(g.Carrier - 1)))
	}
	if by == 0 && len(e.exceptions) > 0 {
		if n := e.exception(p, s, g); n != 0 {
			return access.ByException(n, e.expired(n))
		}
	}
	return access.Verdict{By: by}
}

func (e *evaluation) expired(n int32) bool {
	return over(e.w.Policy.Exceptions[n-1].ExpiresOn, e.w.Now, e.w.Settings.zone())
}

// exception is 1 + the index of the exception about a grant or what carries it:
// a live one before an expired one; 0 if there is none.
func (e *evaluation) exception(p *access.Person, s int, g access.Grant) int32 {
	about := []uint32{g.Entitlement}
	if !g.Direct() {
		about = append(about, g.Carrier-1)
	}
	var found int32
	for _, n := range e.exceptions[p.Key()] {
		for _, ent := range about {
			if !e.w.Policy.Exceptions[n].About(e.systems[s].Entitlements[ent]) {
				continue
			}
			if !e.expired(n + 1) {
				return n + 1
			}
			found = n + 1
		}
	}
	return found
}

// date says since when the grants of an account are known.
func (e *evaluation) date(s, a int) {
	o := &e.systems[s]
	account := o.Accounts[a].Key().Hash()
	for _, n := range e.grantsOf[s].of(a) {
		o.Seen[n] = e.firstSeen(o.GrantKeyOf(account, o.Grants[n]))
	}
}

// firstSeen is the day of the first night that saw a grant with this key.
func (e *evaluation) firstSeen(grant uint64) uint16 {
	if first, ok := e.w.Memory.GrantsSeen[grant]; ok {
		return uint16(first)
	}
	return e.today
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
