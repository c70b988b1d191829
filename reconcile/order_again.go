package reconcile

import (
	"slices"
	"time"

	"rollcall/internal/access"
)

// again adds to the steps for an account of the person of an order what reads once more
// whether it is blocked as it was when an earlier run read it: somebody may have let them
// in since. Each step reads before it acts, and is told as done already where it is. was
// says so in the finding; it is empty where nothing is added.
func (e *evaluation) again(s, a int, p *access.Person, steps []step) (all []step, was string) {
	acc := &e.systems[s].Accounts[a]
	if e.w.Order == nil || e.w.SeenAt.IsZero() || e.people.one(e.w.Order.Person) != p.Key() || acc.Status != access.AccountSuspended {
		return steps, ""
	}
	switch acc.Kind {
	case access.OktaUser:
		all = append(all, step{access.OktaSuspend, -1, true})
		if !slices.ContainsFunc(steps, func(st step) bool { return st.verb == access.OktaClearSessions }) {
			all = append(all, step{access.OktaClearSessions, -1, true})
		}
	case access.IAMUser:
		all = append(all, step{access.IAMDeny, -1, true})
	}
	return append(all, steps...), ", which was blocked when it was last read: it is read again now"
}

// worked are the accounts that an order found working though they were known as blocked:
// whatever clock they had begins again.
func worked(outcomes []access.Outcome) map[access.AccountKey]bool {
	out := map[access.AccountKey]bool{}
	for _, o := range outcomes {
		if ordered(o.Action) && o.Action.Verb.Stops() && (!o.SentAt.IsZero() || o.Result == access.Skipped) {
			out[o.Action.Account] = true
		}
	}
	return out
}

// reopened is the closing of an account that an order found working. What was read before is
// not so any more, even where nobody can tell what else of it works.
func reopened(c Closing, all map[access.AccountKey]access.Ending) Closing {
	if c.Live = true; !c.Proven {
		end := all[c.Account]
		end.BlockedAt, end.Verbs = time.Time{}, nil
		all[c.Account] = end
	}
	return c
}
