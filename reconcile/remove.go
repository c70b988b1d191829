package reconcile

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"rollcall/internal/access"
	"rollcall/internal/phrase"
)

// Removal is the company's choice of what follows a block. The zero Removal
// removes nothing and tells what would be removed.
type Removal struct {
	Enforce bool
	// AfterDays is how long an account stays blocked before anything of it is
	// removed; 0: until the next night.
	AfterDays int
	// RuledGroups takes people also out of groups that a rule fills, which excludes
	// them from the rule for ever.
	RuledGroups bool
	// AppsAndRoles takes direct applications and admin roles away one by one, in the
	// place of leaving them to the deactivation.
	AppsAndRoles bool
	// Movers takes from people who changed their job what only the old one gave
	// them, Settings.MoverDays after it was announced.
	Movers bool
	// DeleteUsers deletes IAM users once it was read that nothing else of theirs is left.
	DeleteUsers bool
}

// Closing is where the account of a certain leaver stands before tonight's
// effects, or of somebody who was one; Remember makes the clocks of it.
type Closing struct {
	Account access.AccountKey
	Person  access.PersonKey
	Proven  bool // all that can let somebody in was read to its end
	Whole   bool // and so was all that can be removed
	Live    bool // something of it can be used
	Rest    bool // something is left to remove
	Waits   bool // some of it is not for rollcall to remove
	// Through are accounts by which it may be used still: whoever is pushed into
	// Identity Center signs in to it in Okta. Known: one there is theirs. Open: somebody
	// gets in by a way that no action ends, or does for all that is known.
	Through     []access.AccountKey
	Known, Open bool
	// Stands: nobody says tonight that the person left, nor that they are back.
	Stands bool
}

// findRemains concludes about what is left of the accounts of certain leavers,
// and proposes to remove it: person by person in each system, for it begins when
// nothing of theirs there has worked for so long.
func (e *evaluation) findRemains() {
	for s := range e.systems {
		for _, accounts := range e.leaversIn(s) {
			wait := e.waits(s, accounts)
			for _, a := range accounts {
				e.findRemnant(s, a, wait)
			}
		}
	}
	e.findStanding()
}

// leaversIn gives the accounts of certain leavers in a system, those of one
// person together. An account whose address is that of somebody who has not left
// is among them: as long as it works, theirs may.
func (e *evaluation) leaversIn(s int) [][]int {
	at, out := map[access.PersonKey]int{}, [][]int{}
	for a := range e.who[s] {
		who := e.who[s][a]
		if who < 0 || e.people.stances[who] != standsLeft {
			continue
		}
		k := e.people.one(e.people.list[who].Key())
		n, has := at[k]
		if !has {
			n = len(out)
			at[k], out = n, append(out, nil)
		}
		out[n] = append(out[n], a)
	}
	for _, accounts := range out {
		slices.SortFunc(accounts, func(a, b int) int {
			return cmp.Compare(e.systems[s].Accounts[a].Key().String(), e.systems[s].Accounts[b].Key().String())
		})
	}
	return out
}

// waits says why nothing of a person's accounts in a system is removed tonight,
// or "".
func (e *evaluation) waits(s int, accounts []int) string {
	o := &e.systems[s]
	if !e.w.SeenAt.IsZero() || e.w.Order != nil {
		return "only a night removes, which reads everything and is about everybody"
	}
	var since time.Time
	for _, a := range accounts {
		acc := &o.Accounts[a]
		end, in := e.w.Memory.Endings[acc.Key()], e.wayIn(s, a, e.person(s, a))
		switch {
		case e.live(s, a):
			return acc.Login + " can still be used, and nothing is removed before it is blocked"
		case !e.proven(s, a):
			return "it was not read to its end whether anything of " + acc.Login + " can be used"
		case in.unread != "":
			return "it was not read whether " + acc.Login + " can still be used: " + in.unread
		case in.lost:
			return "it is not known how " + acc.Login + " signs in"
		case len(in.open) > 0:
			return acc.Login + " is used by signing in to Okta, which may still work"
		case end.BlockedAt.IsZero() && e.remnant(s, a).over():
		case end.BlockedAt.IsZero():
			return acc.Login + " was first read as blocked tonight"
		case graceFrom(end).IsZero():
			return "until tonight only an order said that " + e.person(s, a).Name + " left, so its days of grace begin tonight"
		case graceFrom(end).After(since):
			since = graceFrom(end)
		}
	}
	due := since.AddDate(0, 0, e.w.Settings.Removal.AfterDays)
	switch p := e.person(s, accounts[0]); {
	case e.returns(p):
		return p.Name + " comes back, as a list says"
	case !e.w.Settings.Removal.Enforce:
		return "remove.mode is observe"
	case e.w.Now.Before(due):
		return "it is due on " + phrase.Day(due)
	}
	return e.listsWait()
}

// listsWait names the HR lists on which no removal can rest: that somebody did not
// come back is the word of all of them.
func (e *evaluation) listsWait() string {
	var why []string
	for _, r := range e.w.Rosters {
		switch v := r.Verdict; {
		case v.InForce.SHA256 == "":
			why = append(why, "the list of "+string(v.Source)+" has never been read")
		case v.Refusal != nil:
			why = append(why, "the list of "+string(v.Source)+" was refused tonight")
		}
	}
	slices.Sort(why)
	return strings.Join(why, ", ")
}

// returns reports whether a list has a start ahead of somebody who left, under
// their own id or under another one with their address.
func (e *evaluation) returns(p *access.Person) bool {
	if p.Returns {
		return true
	}
	for _, mail := range claims(p.Identity) {
		if slices.ContainsFunc(e.people.claimants(mail), func(k access.PersonKey) bool {
			other := e.people.Get(k)
			return other.Returns || other.Standing == access.StandingPending
		}) {
			return true
		}
	}
	return false
}

// findRemnant concludes about one account of a certain leaver. wait says why
// nothing of theirs is removed tonight.
func (e *evaluation) findRemnant(s, a int, wait string) {
	o, p := &e.systems[s], e.person(s, a)
	acc := o.Accounts[a]
	if e.claimed(s, a, p) != nil {
		return
	}
	left, live, in := e.remnant(s, a), e.live(s, a), e.wayIn(s, a, p)
	end, tracked := e.w.Memory.Endings[acc.Key()]
	since, proven := end.BlockedAt, e.proven(s, a) && in.unread == ""
	if live || in.lost || !left.over() || tracked {
		e.closings = append(e.closings, Closing{Account: acc.Key(), Person: p.Key(), Proven: proven, Whole: e.whole(s, a), Live: live,
			Rest: !left.over(), Waits: len(left.waits) > 0, Through: in.open, Known: in.known, Open: in.lost || e.opens(s, a)})
	}
	if live || in.lost || left.over() || since.IsZero() {
		return
	}
	if why := cmp.Or(e.protected(s, a), e.onlySuperAdmin(s, a)); why != "" {
		wait = "it is protected: " + why
	}
	due := wait == "" && len(left.steps) > 0
	disposition, severity, then := access.ToReport, "info", ""
	switch {
	case due:
		disposition, severity, then = access.ToRevoke, "low", "; it is due tonight"
	case wait != "":
		then = "; nothing of it is removed tonight: " + wait
	}
	works := "nothing of %s in %s has worked since %s"
	if !proven || len(in.open) > 0 { // nobody can say that tonight
		works = "%s in %s was read as blocked on %s"
	}
	id := e.addAccount(s, a, access.LeaverRemains, severity, disposition, p.Cites, "%s %s, and "+works+"; left of it: %s%s",
		p.Name, p.Why, acc.Login, acc.System, phrase.Minute(since), e.words(s, left), then)
	if due {
		e.proposeRemovals(s, a, id, left.steps)
	}
}

// onlySuperAdmin says so of a blocked account without which nobody would be left
// as super admin.
func (e *evaluation) onlySuperAdmin(s, a int) string {
	o := &e.systems[s]
	is := slices.ContainsFunc(e.grantsOf[s].of(a), func(n uint32) bool {
		ent := o.Entitlements[o.Grants[n].Entitlement]
		return ent.Kind == access.OktaAdminRole && strings.HasPrefix(ent.ID, superAdmin)
	})
	if !is || o.Accounts[a].Status == access.AccountDisabled {
		return ""
	}
	for other := range e.superAdmins(s).read {
		if p := e.person(s, other); p == nil || !e.leaves(p) {
			return ""
		}
	}
	return "without it nobody would be left as super admin"
}

// proposeRemovals makes the candidates of one account.
func (e *evaluation) proposeRemovals(s, a int, finding string, steps []removal) {
	p := e.person(s, a)
	first := e.w.Memory.Endings[e.systems[s].Accounts[a].Key()].RemovingAt.IsZero()
	for _, r := range steps {
		act := e.action(s, a, p, access.Remove, r.verb, r.ent)
		act.FindingID, act.First = finding, first
		c := Candidate{Action: act, s: s, a: a}
		var gap string
		c.Action.Rests, gap = e.restsOf(s, a, r)
		if gap != "" {
			c.Held, c.Says, c.Mend = "reads", gap, "mend what the read names; it is removed on the first night that reads it to its end"
		}
		e.planned = append(e.planned, c)
	}
}

// restsOf names what a removal rests on, every HR list and each scope that it
// edits, and says which of the reads was not complete.
func (e *evaluation) restsOf(s, a int, r removal) (rests []string, gap string) {
	o := &e.systems[s]
	acc := &o.Accounts[a]
	for _, list := range e.w.Rosters {
		rests = append(rests, "roster:"+string(list.Verdict.Source))
	}
	slices.Sort(rests)
	reads := []*access.Read{&o.Reads[acc.Read]}
	if r.ent >= 0 {
		reads = append(reads, &o.Reads[o.Entitlements[r.ent].Read])
	}
	for _, kind := range r.also {
		read := e.read(s, acc.Scope, kind)
		if read == nil {
			read = &access.Read{System: o.System, Scope: acc.Scope, Kind: kind, Gap: "nobody asked for it"}
		}
		reads = append(reads, read)
	}
	for _, read := range reads {
		if !read.Complete {
			gap = cmp.Or(gap, fmt.Sprintf("%s was not read to its end: %s", read.Name(), read.Gap))
		}
		if !slices.Contains(rests, read.Name()) {
			rests = append(rests, read.Name())
		}
	}
	return rests, gap
}
