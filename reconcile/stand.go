package reconcile

import (
	"time"

	"rollcall/internal/access"
)

// isBack reports whether the lists in force, or an answer to them, say of somebody that
// they work here: only then do the clocks of their leaving end. Who is held, vanished,
// on garden leave or yet to start may turn out to have left all along.
func isBack(s access.Standing) bool {
	return s == access.StandingActive || s == access.StandingScheduled
}

// findStanding tells of the accounts whose clocks stand tonight: they are those of no
// certain leaver, and nobody says that their people are back. All that is asked is
// whether something works again.
func (e *evaluation) findStanding() {
	if len(e.w.Memory.Endings) == 0 {
		return
	}
	told := make(map[access.AccountKey]bool, len(e.closings))
	for _, c := range e.closings {
		told[c.Account] = true
	}
	for s := range e.systems {
		for a := range e.systems[s].Accounts {
			k := e.systems[s].Accounts[a].Key()
			end, has := e.w.Memory.Endings[k]
			if !has || told[k] {
				continue
			}
			p := e.person(s, a)
			if p == nil {
				p = e.people.Get(end.Person)
			}
			if p == nil || !isBack(p.Standing) {
				e.closings = append(e.closings, e.standing(s, a, end.Person, p))
			}
		}
	}
}

// standing is where an account stands whose clocks do. p is whose it is, or nil.
func (e *evaluation) standing(s, a int, of access.PersonKey, p *access.Person) Closing {
	c := Closing{Account: e.systems[s].Accounts[a].Key(), Person: of, Stands: true, Proven: e.proven(s, a), Live: e.live(s, a)}
	if !pushed(&e.systems[s].Accounts[a]) || p == nil {
		return c
	}
	for up := range e.systems {
		for _, b := range e.accounts[up].of(int(e.people.number(e.people.one(p.Key())))) {
			if other := &e.systems[up].Accounts[b]; other.Kind == access.OktaUser && e.live(up, int(b)) && e.unproven(up, int(b)) == "" {
				c.Through = append(c.Through, other.Key())
			}
		}
	}
	return c
}

// stood are clocks after a night on which they stood: they go on when the person is a
// certain leaver again, and start anew when something works.
func stood(c Closing, end access.Ending) access.Ending {
	if c.Proven && (c.Live || len(c.Through) > 0) {
		end.BlockedAt, end.RemovedAt, end.Verbs, end.ShutUpstream = time.Time{}, time.Time{}, nil, false
	}
	return end
}

// certain notes of an account's clocks whether anything but an order has said since its
// block began that the person left. only is whom tonight nothing but an order ends.
func certain(c Closing, before, after access.Ending, only access.PersonKey, now time.Time) access.Ending {
	switch {
	case c.Stands:
	case c.Person != only:
		if after.Ordered && after.CertainAt.IsZero() {
			after.CertainAt = now
		}
	case before.BlockedAt.IsZero() || !before.BlockedAt.Equal(after.BlockedAt):
		after.Ordered, after.CertainAt = true, time.Time{}
	}
	return after
}

// graceFrom is since when the days of grace of a blocked account count; zero while only
// an order said that its person left.
func graceFrom(end access.Ending) time.Time {
	if end.Ordered && (end.CertainAt.IsZero() || end.CertainAt.After(end.BlockedAt)) {
		return end.CertainAt
	}
	return end.BlockedAt
}

// rememberFirstSeen keeps when a list first said of people that they left, until they are
// back. Whom no list has, though it was asked for, is forgotten.
func rememberFirstSeen(next *access.Memory, w World, d Decision) {
	asked := map[access.Source]bool{}
	for _, r := range w.Rosters {
		asked[r.Verdict.Source] = r.Verdict.InForce.SHA256 != ""
	}
	stands := standingsOf(d)
	for k, at := range w.Memory.FirstSeenLeft {
		if s, has := stands[k]; has && !isBack(s) || !has && !asked[k.Source] {
			next.FirstSeenLeft[k] = at
		}
	}
	for _, p := range d.People {
		if !p.FirstSeenLeftAt.IsZero() {
			next.FirstSeenLeft[p.Key()] = p.FirstSeenLeftAt
		}
	}
}

func standingsOf(d Decision) map[access.PersonKey]access.Standing {
	out := make(map[access.PersonKey]access.Standing, len(d.People))
	for _, p := range d.People {
		out[p.Key()] = p.Standing
	}
	return out
}

// week is how far back the guards look.
const week = 7 * 24 * time.Hour

// forgetEndings ends what is over: the clocks of who is back, whether or not their
// account could be read, and an account that no list has any more. What was removed of
// somebody stays known as long as the guards count it, and until the account works again.
func forgetEndings(next *access.Memory, w World, d Decision, closing map[access.AccountKey]bool) {
	whose, there, works := map[access.AccountKey]access.PersonKey{}, map[access.AccountKey]bool{}, map[access.AccountKey]bool{}
	for s := range d.Systems {
		o := &d.Systems[s]
		for a := range o.Accounts {
			k := o.Accounts[a].Key()
			if _, has := next.Endings[k]; has {
				there[k], whose[k] = true, o.Matches[a].Person
				works[k] = o.Reads[o.Accounts[a].Read].Complete && o.Accounts[a].Status == access.AccountActive
			}
		}
		for k := range next.Endings {
			if k.System == o.System && !there[k] && listed(o.Observation) {
				delete(next.Endings, k)
			}
		}
	}
	stands := standingsOf(d)
	for k, end := range next.Endings {
		who := whose[k]
		if who.Zero() {
			who = end.Person
		}
		switch {
		case closing[k] || !isBack(stands[who]):
		case end.RemovingAt.IsZero() || works[k] && w.Now.Sub(end.RemovingAt) > week:
			delete(next.Endings, k)
		default:
			next.Endings[k] = access.Ending{Account: k, Person: end.Person, RemovingAt: end.RemovingAt, Released: end.Released}
		}
	}
}
