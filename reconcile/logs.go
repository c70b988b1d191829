package reconcile

import (
	"fmt"
	"slices"
	"time"

	"rollcall/internal/access"
	"rollcall/internal/phrase"
)

const (
	// logKept is how long systems keep their logs: what is older cannot be read.
	logKept = 90 * oneDay
	// logLate is how much later than the block of an account its log is read for the
	// last time: by then what came late is there, and nothing can have been used since.
	logLate = oneDay
	// awaitedFor is how long events that no log has are looked for.
	awaitedFor = 7 * oneDay
)

// Watches gives, for each observation, the accounts whose use is worth reading in the
// system's own log: those of certain leavers until they are blocked, and registered
// break-glass accounts since they were read last.
func Watches(w World) [][]access.Watch {
	e := Identify(w).e
	all := make([][]access.Watch, len(e.systems))
	for s := range e.systems {
		for a := range e.systems[s].Accounts {
			if watch, wanted := e.watch(s, a); wanted {
				all[s] = append(all[s], watch)
			}
		}
	}
	return all
}

// watch says from when on the log of an account is to be read, if at all. Of AWS, the
// facts about each key and password tell of use; its own log is no part of this.
func (e *evaluation) watch(s, a int) (access.Watch, bool) {
	acc := &e.systems[s].Accounts[a]
	w := access.Watch{Account: acc.Key()}
	if acc.Kind != access.OktaUser {
		return w, false
	}
	if e.isGlass(s, a) {
		return e.watchGlass(w, acc)
	}
	p := e.person(s, a)
	if p == nil || p.Standing != access.StandingLeft || p.AccessEndsAt.IsZero() || e.claimed(s, a, p) != nil {
		return w, false
	}
	return e.watchLeaver(w, acc, p)
}

func (e *evaluation) isGlass(s, a int) bool {
	m := e.systems[s].Matches[a]
	return m.How == access.MatchedNonHuman && e.w.Policy.NonHuman[m.NonHuman].Kind == access.KindBreakGlass
}

// watchGlass: the first night asks about the last day only. What came late is told
// late, whenever it happened.
func (e *evaluation) watchGlass(w access.Watch, acc *access.Account) (access.Watch, bool) {
	if acc.Status == access.AccountDisabled {
		return w, false
	}
	seen, known := e.w.Memory.Watched[acc.Key()]
	if w.Since = seen.Until; !known {
		w.Since = e.w.Now.Add(-oneDay)
	}
	w.Since = newestOf(w.Since, e.w.Now.Add(-logKept))
	return w, true
}

func (e *evaluation) watchLeaver(w access.Watch, acc *access.Account, p *access.Person) (access.Watch, bool) {
	oldest := e.w.Now.Add(-logKept)
	seen, known := e.w.Memory.Watched[acc.Key()]
	blocked := e.w.Memory.Endings[acc.Key()].BlockedAt
	switch {
	case known && !blocked.IsZero() && !seen.Until.Before(blocked.Add(logLate)):
		return w, false // read to its end, and nothing can have been used since
	case !known && acc.Status == access.AccountDisabled && p.AccessEndsAt.Before(oldest):
		return w, false // ended long before anybody looked
	}
	w.From = p.AccessEndsAt
	w.Since = newestOf(p.AccessEndsAt, seen.Until, oldest)
	return w, true
}

func newestOf(times ...time.Time) time.Time {
	return slices.MaxFunc(times, time.Time.Compare)
}

// usesByAccount are the uses of every system, by account.
func usesByAccount(systems []access.Observation) map[access.AccountKey][]access.Event {
	var out map[access.AccountKey][]access.Event
	for _, o := range systems {
		for _, u := range o.Uses {
			if out == nil {
				out = map[access.AccountKey][]access.Event{}
			}
			out[u.Account] = append(out[u.Account], u)
		}
	}
	return out
}

// lastUse is the last use of an account after a time, and what is known of it: by the
// facts of the account, tonight's log, or a log that an earlier night read. A fact and
// an event of the same minute are one use, of which the event says more.
func (e *evaluation) lastUse(s, a int, after time.Time) access.Use {
	acc := &e.systems[s].Accounts[a]
	known := []access.Use{{At: acc.LastUsedAt, Says: e.usedBy(s, a)}, e.w.Memory.Endings[acc.Key()].Used}
	for _, u := range e.uses[acc.Key()] {
		known = append(known, u.Use())
	}
	last := access.Use{}
	for _, u := range known {
		later := u.At.Truncate(time.Minute).Compare(last.At.Truncate(time.Minute))
		if u.At.After(after) && (later > 0 || later == 0 && u.Says != "") {
			last = u
		}
	}
	return last
}

// usedBy names the credentials by whose use the account was last used, where the
// system tells that of each.
func (e *evaluation) usedBy(s, a int) string {
	o := &e.systems[s]
	var names []string
	for _, n := range e.grantsOf[s].of(a) {
		g := o.Grants[n]
		if name := o.Entitlements[g.Entitlement].Name; g.LastUsed != 0 && int64(g.LastUsed) == o.Accounts[a].LastUsedAt.Unix() && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return ""
	}
	slices.Sort(names)
	return "by " + phrase.AndMore(names, 1)
}

// howUsed puts a use into words that follow a date.
func howUsed(u access.Use) string {
	switch {
	case u.Says != "" && u.Client != "":
		return fmt.Sprintf(" (%s, from %s)", u.Says, u.Client)
	case u.Says != "":
		return " (" + u.Says + ")"
	case u.Client != "":
		return " (from " + u.Client + ")"
	}
	return ""
}

// rememberUses keeps how far each log was read, of the accounts that may be watched
// again, and the last use after the end of each that the log told of.
func rememberUses(next *access.Memory, w World, d Decision) {
	next.Watched = map[access.AccountKey]access.Watched{}
	glass := map[access.AccountKey]bool{}
	for s := range d.Systems {
		o := &d.Systems[s]
		for a, m := range o.Matches {
			if m.How == access.MatchedNonHuman && w.Policy.NonHuman[m.NonHuman].Kind == access.KindBreakGlass {
				glass[o.Accounts[a].Key()] = true
			}
		}
	}
	keep := func(seen access.Watched) {
		if _, leaves := next.Endings[seen.Account]; leaves || glass[seen.Account] {
			next.Watched[seen.Account] = seen
		}
	}
	for _, seen := range w.Memory.Watched {
		keep(seen)
	}
	uses := usesByAccount(w.Systems)
	for _, o := range w.Systems {
		for _, seen := range o.Watched {
			if glass[seen.Account] {
				seen.Seen = idsOf(uses[seen.Account])
			}
			keep(seen)
		}
	}
	ends := map[access.PersonKey]time.Time{}
	for _, p := range d.People {
		ends[p.Key()] = p.AccessEndsAt
	}
	for k, end := range next.Endings {
		for _, u := range uses[k] {
			if u.At.After(ends[end.Person]) && u.At.After(end.Used.At) {
				end.Used = u.Use()
			}
		}
		next.Endings[k] = end
	}
}

func idsOf(events []access.Event) []string {
	var ids []string
	for _, e := range events {
		ids = append(ids, e.ID)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// ToEvidence are the changes that were sent to systems whose log is read and that
// were not seen to have failed, tonight's and those that an interrupted run sent. What the last committed run took over or did
// itself it looked for already.
func ToEvidence(outcomes []access.Outcome, run, previous access.RunID) []access.Sent {
	var out []access.Sent
	for _, o := range outcomes {
		happened := o.Result == access.Done || o.Result == access.Pending || o.Result == access.Unknown
		if o.SentAt.IsZero() || !happened || o.Action.AccountKind != access.OktaUser || o.AdoptedFrom != "" && o.AdoptedFrom == previous {
			continue
		}
		one := access.Sent{ActionID: o.Action.ID, Run: run, Verb: o.Action.Verb, Account: o.Action.Account, EntitlementID: o.Action.EntitlementID,
			RequestID: o.RequestID, At: o.SentAt}
		if o.AdoptedFrom != "" {
			one.Run = o.AdoptedFrom
		}
		out = append(out, one)
	}
	return out
}

// Attribute gives each event the action that caused it: by the request, else by what
// happened to which account and when. What is left is still awaited, until it has
// been looked for long enough; over is what will not be looked for any more.
func Attribute(sent []access.Sent, events []access.Event, now time.Time) (found []access.Evidence, awaited, over []access.Sent) {
	requests := map[string]bool{}
	for _, one := range sent {
		requests[one.RequestID] = one.RequestID != ""
	}
	for _, one := range sent {
		some := eventsOf(one, events, requests)
		switch {
		case len(some) > 0:
			for _, e := range some {
				found = append(found, access.Evidence{Event: e, ActionID: one.ActionID, Run: one.Run})
			}
		case now.Sub(one.At) > awaitedFor:
			over = append(over, one)
		default:
			awaited = append(awaited, one)
		}
	}
	return found, awaited, over
}

// eventsOf are the events of the request that an action sent. Where that is not
// known, or the log names none, it is the first that tells of such a change and that
// no other request of ours caused.
func eventsOf(one access.Sent, events []access.Event, requests map[string]bool) []access.Event {
	var byRequest, byKind []access.Event
	for _, e := range events {
		if e.Account != one.Account {
			continue
		}
		if one.RequestID != "" && e.RequestID == one.RequestID {
			byRequest = append(byRequest, e)
		}
		since := e.At.Sub(one.At)
		same := e.Verb == one.Verb && !requests[e.RequestID] && (one.EntitlementID == "" || e.EntitlementID == one.EntitlementID)
		if same && len(byKind) == 0 && since > -10*time.Minute && since < oneDay { // the system's clock is not ours
			byKind = append(byKind, e)
		}
	}
	if len(byRequest) > 0 {
		return byRequest
	}
	return byKind
}
