package metrics

import (
	"cmp"
	"slices"
	"time"

	"rollcall/internal/access"
)

// blockBounds are the bounds of how long a leaver's access worked after its end.
var blockBounds = []float64{900, 3600, 4 * 3600, 8 * 3600, 24 * 3600, 48 * 3600, 7 * 24 * 3600}

// leavers says how long the access of those who left went on.
func (p page) leavers(r Run) {
	n := r.Night
	still, oldest := 0, time.Duration(0)
	var took []float64
	for who, e := range endsOf(n) {
		switch {
		case !e.blocked():
			still++
			if !e.effective.IsZero() {
				oldest = max(oldest, r.EndedAt.Sub(e.effective))
			}
		case e.tonight(n.Run.StartedAt) && blockedNow(n.Outcomes, who) && !e.effective.IsZero():
			took = append(took, max(0, e.last.Sub(e.effective).Seconds()))
		}
	}
	slices.Sort(took) // a sum of floats depends on the order
	p.set("leavers_unblocked", "People who have certainly left and of whose accounts one can still be used, or is not known to be blocked.", float64(still))
	p.set("leavers_unblocked_age_max_seconds", "How long ago the access of the longest waiting of them should have ended; 0: there is none.", oldest.Seconds())
	p.observe("time_to_block_seconds", "From the end of a person's access until it was read that nothing of theirs works, of people whom rollcall blocked.", blockBounds, took...)
	if len(took) > 0 {
		p.set("last_time_to_block_max_seconds", "The longest of those times, in the last run that blocked somebody.", slices.Max(took))
	}
}

// end is how far the end of one person's access has come, over all of their accounts.
type end struct {
	effective time.Time
	open      int       // accounts that are not read to be blocked
	last      time.Time // when the last one was
}

func (e end) blocked() bool { return e.open == 0 }

func (e end) tonight(began time.Time) bool { return !e.last.Before(began) }

// endsOf leaves out of whom the clocks stand, for they are no certain leavers tonight.
func endsOf(n *access.Night) map[access.PersonKey]end {
	effective := map[access.PersonKey]time.Time{}
	for i := range n.People {
		if p := &n.People[i]; p.Standing == access.StandingLeft {
			effective[p.Key()] = cmp.Or(p.AccessEndsAt, p.FirstSeenLeftAt)
		}
	}
	all := map[access.PersonKey]end{}
	for _, a := range n.Endings {
		at, left := effective[a.Person]
		if !left {
			continue
		}
		e := all[a.Person]
		e.effective = at
		if a.BlockedAt.IsZero() {
			e.open++
		} else if a.BlockedAt.After(e.last) {
			e.last = a.BlockedAt
		}
		all[a.Person] = e
	}
	return all
}

// blockedNow reports whether something of a person was blocked by this run, or by one
// that it took over from: who was blocked by somebody else long ago says nothing.
func blockedNow(outcomes []access.Outcome, who access.PersonKey) bool {
	return slices.ContainsFunc(outcomes, func(o access.Outcome) bool {
		return o.Action.Person == who && o.Action.Stage == access.Block && o.Result == access.Done
	})
}
