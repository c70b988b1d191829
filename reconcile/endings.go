package reconcile

import (
	"maps"
	"slices"
	"time"

	"rollcall/internal/access"
)

// unlisted are removals that no list of the system tells of: that they were done
// is remembered.
var unlisted = []access.Verb{access.OktaRevokeGrants, access.OktaResetFactors, access.IAMRemoveMFA, access.IAMTagRemoved, access.IAMDeleteUser}

// Removals adds to endings what outcomes prove that rollcall removed.
func Removals(endings map[access.AccountKey]access.Ending, outcomes []access.Outcome) {
	for _, o := range outcomes {
		if o.Action.Stage != access.Remove || o.Action.InUse() {
			continue
		}
		end := endings[o.Action.Account]
		end.Account, end.Person = o.Action.Account, o.Action.Person
		sent := mayHaveWorked(o)
		if sent && end.RemovingAt.IsZero() {
			end.RemovingAt = o.SentAt
		}
		if sent && o.Action.Verb == access.IAMDeleteUser {
			end.DeletingAt = o.SentAt
		}
		for _, r := range o.Action.Released {
			if sent && !slices.Contains(end.Released, r) {
				end.Released = append(slices.Clone(end.Released), r)
			}
		}
		if settled(o) && slices.Contains(unlisted, o.Action.Verb) && !slices.Contains(end.Verbs, o.Action.Verb) {
			end.Verbs = append(slices.Clone(end.Verbs), o.Action.Verb)
			slices.Sort(end.Verbs)
		}
		if sent || len(end.Verbs) > 0 {
			endings[o.Action.Account] = end
		}
	}
}

// settled reports whether what an action wants was read to be so.
func settled(o access.Outcome) bool {
	return o.Result == access.Done || o.Result == access.AlreadyAbsent
}

// rememberEndings moves the clocks of every account of a certain leaver on, and lets
// those stand of whom nobody says any more, or yet again, that they left.
func rememberEndings(next *access.Memory, w World, d Decision, outcomes []access.Outcome) {
	next.Endings = maps.Clone(w.Memory.Endings)
	if next.Endings == nil {
		next.Endings = map[access.AccountKey]access.Ending{}
	}
	Removals(next.Endings, outcomes)
	tonight, open, only := ofTonight(d.Plan, outcomes), worked(outcomes), onlyOrdered(w)
	closing, working := make(map[access.AccountKey]bool, len(d.Closings)), stillWorking(d, tonight)
	move := func(through bool) { // who signs in elsewhere is out when they are out there
		for _, c := range d.Closings {
			if open[c.Account] {
				c = reopened(c, next.Endings)
			}
			if closing[c.Account] = true; (len(c.Through) > 0) == through {
				next.Endings[c.Account] = certain(c, w.Memory.Endings[c.Account], moved(c, next.Endings, tonight, working, w.Now), only, w.Now)
			}
		}
	}
	move(false)
	move(true)
	forgetEndings(next, w, d, closing)
}

// moved are the clocks of an account after a night.
func moved(c Closing, all map[access.AccountKey]access.Ending, tonight map[stageOf]attempt, working map[access.AccountKey]bool, now time.Time) access.Ending {
	end := all[c.Account]
	if c.Stands {
		return stood(c, end)
	}
	end.Account, end.Person = c.Account, c.Person
	blocked, removed := tonight[stageOf{c.Account, access.Block}], tonight[stageOf{c.Account, access.Remove}]
	switch {
	case !c.Proven: // nobody can tell: what was read before stands
	case c.Open:
		end.BlockedAt, end.Verbs = time.Time{}, nil
	case c.Live || len(c.Through) > 0:
		end.BlockedAt, end.Verbs = stopped(c, blocked, all, working), nil
	case end.BlockedAt.IsZero():
		end.BlockedAt = now
	}
	end.ShutUpstream = !end.BlockedAt.IsZero() && (end.ShutUpstream || c.Known && c.Proven)
	switch {
	case end.BlockedAt.IsZero():
		end.RemovedAt = time.Time{}
	case !c.Whole || c.Live:
	case c.Rest && c.Waits:
		end.RemovedAt = time.Time{}
	case c.Rest:
		end.RemovedAt = removed.wholly()
	case end.RemovedAt.IsZero():
		end.RemovedAt = now
	}
	return end
}

// stillWorking are the accounts that were read to work and not wholly blocked tonight. The
// clock of one may stand all the same, for want of a read; it proves nothing of another one.
func stillWorking(d Decision, tonight map[stageOf]attempt) map[access.AccountKey]bool {
	out := map[access.AccountKey]bool{}
	for _, c := range d.Closings {
		if c.Live && tonight[stageOf{c.Account, access.Block}].wholly().IsZero() {
			out[c.Account] = true
		}
	}
	return out
}

// stopped is when the last way in was closed tonight, or is known to be closed; zero
// while one is open.
func stopped(c Closing, own attempt, all map[access.AccountKey]access.Ending, working map[access.AccountKey]bool) time.Time {
	last := all[c.Account].BlockedAt
	if c.Live {
		if last = own.wholly(); last.IsZero() {
			return last
		}
	}
	for _, k := range c.Through {
		at := all[k].BlockedAt
		if at.IsZero() || working[k] {
			return time.Time{}
		}
		if at.After(last) {
			last = at
		}
	}
	return last
}

// stageOf is one stage of one account.
type stageOf struct {
	account access.AccountKey
	stage   access.Stage
}

// attempt counts what became of the actions of a stage.
type attempt struct {
	planned, done int
	last          time.Time // when the last of them was read back
}

// wholly is when all was done; zero when something was not, or nothing was planned.
func (a attempt) wholly() time.Time {
	if a.planned == 0 || a.done < a.planned {
		return time.Time{}
	}
	return a.last
}

// ofTonight counts, for each stage of each account, what was planned, held by a
// guard or not, and what was done of it.
func ofTonight(p access.Plan, outcomes []access.Outcome) map[stageOf]attempt {
	out := map[stageOf]attempt{}
	count := func(a access.Action, change func(*attempt)) {
		at := stageOf{a.Account, a.Stage}
		one := out[at]
		change(&one)
		out[at] = one
	}
	for _, a := range p.Actions {
		count(a, func(one *attempt) { one.planned++ })
	}
	for _, h := range p.Held {
		count(h.Action, func(one *attempt) { one.planned++ })
	}
	for _, o := range outcomes {
		if settled(o) {
			count(o.Action, func(one *attempt) {
				one.done++
				if o.VerifiedAt.After(one.last) {
					one.last = o.VerifiedAt
				}
			})
		}
	}
	return out
}
