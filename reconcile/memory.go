package reconcile

import (
	"maps"
	"slices"
	"time"

	"rollcall/internal/access"
)

// Remember is what the next night knows: the memory of this one, with what this
// night read, decided and did. The old memory is not changed.
func Remember(w World, d Decision, outcomes []access.Outcome, run access.RunID) access.Memory {
	m := w.Memory
	next := access.Memory{
		Previous: run, Accounts: maps.Clone(m.Accounts), Accepted: map[access.Source]access.AcceptedRoster{}, InForce: map[access.Source][]access.Identity{},
		History: slices.Clone(m.History), Vanished: map[access.PersonKey]access.Vanished{}, FirstSeenLeft: map[access.PersonKey]time.Time{},
		Doubts: d.Doubts, FirstSeen: map[string]access.Day{}, Blocked: map[access.AccountKey]access.BlockRecord{}, Journals: maps.Clone(m.Journals),
		Campaigns: m.Campaigns, Removals: m.Removals, Kept: m.Kept, Upkeep: m.Upkeep, Past: m.Past,
	}
	if next.Accounts == nil {
		next.Accounts = map[access.System]int{}
	}
	if next.Journals == nil {
		next.Journals = map[access.RunID]bool{}
	}
	whole := rememberSystems(&next, d)
	if !w.SeenAt.IsZero() { // nobody counted anew
		maps.Copy(next.Accounts, m.Accounts)
	}
	if !whole || w.Policy.Unjudged() || w.Order != nil { // what was not read tonight, or asked, may be there tomorrow: it keeps its dates
		maps.Copy(next.FirstSeen, m.FirstSeen)
		for k, v := range m.GrantsSeen {
			if _, has := next.GrantsSeen[k]; !has {
				next.GrantsSeen[k] = v
			}
		}
	}
	for _, f := range d.Findings {
		next.FirstSeen[f.ID] = f.FirstSeen
	}
	rememberCounts(&next, w, d, outcomes)
	next.Moves, next.GlassUsed = movesOf(w), glassUsed(w, d)
	rememberRosters(&next, w)
	rememberFirstSeen(&next, w, d)
	next.Blocked = maps.Clone(m.Blocked)
	if next.Blocked == nil {
		next.Blocked = map[access.AccountKey]access.BlockRecord{}
	}
	before := next.Blocked
	if w.SeenAt.IsZero() { // else nobody looked whether it was restored
		next.Blocked = stillRemembered(next.Blocked, d)
	}
	next.Undone = ofTheWeek(AddUndone(m.Undone, givenByHand(before, next.Blocked)), w.Now)
	next.Undone = AddUndone(next.Undone, Blocks(next.Blocked, outcomes, run))
	rememberEndings(&next, w, d, outcomes)
	rememberOrders(&next, w, d, outcomes, run)
	rememberResidues(&next, w, d, outcomes)
	rememberReviews(&next, w, d, outcomes, run)
	rememberUses(&next, w, d)
	return next
}

// rememberSystems counts the live accounts of each system, and keeps the dates
// of grants. A system that was not listed to its end keeps the count of the last
// night that did; before there is one, the scopes that were listed to their end
// make the baseline, which is smaller and so stricter. It reports whether all
// was read.
func rememberSystems(next *access.Memory, d Decision) bool {
	whole, grants := true, 0
	for s := range d.Systems {
		grants += len(d.Systems[s].Grants)
	}
	next.GrantsSeen = make(map[uint64]uint32, grants) // it would be copied many times while it grows
	for s := range d.Systems {
		o := &d.Systems[s]
		if _, had := next.Accounts[o.System]; listed(o.Observation) || (!had && anyListed(o.Observation)) {
			next.Accounts[o.System] = liveAccounts(o.Observation)
		}
		for _, r := range o.Reads {
			whole = whole && r.Complete
		}
		for n, key := range o.GrantKeys() {
			next.GrantsSeen[key] = uint32(o.FirstSeen(n))
		}
	}
	return whole
}

// anyListed reports whether at least one scope that lists accounts was read to
// its end.
func anyListed(o access.Observation) bool {
	return slices.ContainsFunc(o.Reads, func(r access.Read) bool { return r.Lists && r.Complete })
}

// liveAccounts counts the accounts that can be used, of the scopes that were
// read to their end.
func liveAccounts(o access.Observation) int {
	n := 0
	for _, a := range o.Accounts {
		if a.Status != access.AccountDisabled && o.Reads[a.Read].Complete {
			n++
		}
	}
	return n
}

// rememberRosters keeps what is in force, what was ever accepted and who is in
// no list any more. A source that tonight's configuration does not have keeps
// what it had.
func rememberRosters(next *access.Memory, w World) {
	maps.Copy(next.Accepted, w.Memory.Accepted)
	maps.Copy(next.InForce, w.Memory.InForce)
	tonight := map[access.Source]bool{}
	for _, r := range w.Rosters {
		tonight[r.Verdict.Source] = true
		if r.Verdict.InForce.SHA256 == "" {
			continue
		}
		next.Accepted[r.Verdict.Source], next.InForce[r.Verdict.Source] = r.Verdict.InForce, r.Rows
		if r.Verdict.Accepted && !r.Verdict.Same {
			next.History = append(next.History, r.Verdict.InForce)
		}
		maps.Copy(next.Vanished, r.Vanished)
	}
	for k, v := range w.Memory.Vanished {
		if !tonight[k.Source] {
			next.Vanished[k] = v
		}
	}
}

// stillRemembered drops the blocks of people who work here and whose account
// works again: somebody restored it.
func stillRemembered(blocked map[access.AccountKey]access.BlockRecord, d Decision) map[access.AccountKey]access.BlockRecord {
	out := maps.Clone(blocked)
	works := map[access.Standing]bool{access.StandingActive: true, access.StandingScheduled: true}
	standing := map[access.PersonKey]access.Standing{}
	for _, p := range d.People {
		standing[p.Key()] = p.Standing
	}
	for s := range d.Systems {
		o := &d.Systems[s]
		grants := grantsOfBlocked(o, out)
		for a, acc := range o.Accounts {
			b, was := out[acc.Key()]
			if was && acc.Status == access.AccountActive && !stillBlocked(o, a, grants[uint32(a)], b) && works[standing[o.Matches[a].Person]] {
				delete(out, acc.Key())
			}
		}
	}
	return out
}

// grantsOfBlocked gives the grants of the accounts that rollcall blocked.
func grantsOfBlocked(o *access.Judged, blocked map[access.AccountKey]access.BlockRecord) map[uint32][]uint32 {
	out := map[uint32][]uint32{}
	if len(blocked) == 0 {
		return out
	}
	was := make([]bool, len(o.Accounts))
	for a, acc := range o.Accounts {
		_, was[a] = blocked[acc.Key()]
	}
	for n, g := range o.Grants {
		if was[g.Account] {
			out[g.Account] = append(out[g.Account], uint32(n))
		}
	}
	return out
}

// Blocks adds to blocked what outcomes prove that rollcall did in a run, and takes
// out what they prove that a restore gave back: those blocks it gives.
func Blocks(blocked map[access.AccountKey]access.BlockRecord, outcomes []access.Outcome, run access.RunID) (undone []access.BlockRecord) {
	for _, o := range outcomes {
		if o.Action.Stage == access.Restore {
			before, has := blocked[o.Action.Account]
			if unblock(blocked, o); has && !present(blocked, o.Action.Account) {
				undone = append(undone, before)
			}
			continue
		}
		if o.Action.Stage != access.Block || !mayHaveWorked(o) {
			continue
		}
		b, has := blocked[o.Action.Account]
		if !has {
			b = access.BlockRecord{Account: o.Action.Account, Person: o.Action.Person, At: o.SentAt, Run: run}
			if o.AdoptedFrom != "" {
				b.Run = o.AdoptedFrom
			}
		}
		if o.Result == access.Done && !slices.Contains(b.Verbs, o.Action.Verb) {
			b.Verbs = append(slices.Clone(b.Verbs), o.Action.Verb)
			slices.Sort(b.Verbs)
			b.Verified = b.Verified || o.Action.Verb.Stops()
		}
		if o.Action.Order != nil {
			b.Order = o.Action.Order
		}
		b.Taken, b.Final = taken(b.Taken, o), final(b.Final, o)
		b.Released = alsoReleased(b.Released, o.Action.Released)
		blocked[o.Action.Account] = b
	}
	return undone
}

// taken adds what an outcome took away from an account that cannot be disabled.
func taken(before []access.Taken, o access.Outcome) []access.Taken {
	if o.Result != access.Done || (o.Action.Verb != access.SSODeleteAssignment && o.Action.Verb != access.SSODeleteMembership) {
		return before
	}
	t := access.Taken{Kind: o.Action.EntitlementKind, Scope: o.Action.GrantScope, ID: o.Action.EntitlementID, Name: o.Action.Entitlement}
	if slices.Contains(before, t) {
		return before
	}
	return append(slices.Clone(before), t)
}

// unblock takes out of blocked what a restore gave back, and what policy keeps it
// from giving back. An account of which only that is left which nothing undoes
// counts as blocked no longer, unless it was deactivated.
func unblock(blocked map[access.AccountKey]access.BlockRecord, o access.Outcome) {
	b, has := blocked[o.Action.Account]
	undone := o.Action.Undoes
	if !has || undone == nil || !givenBack(o) {
		return
	}
	b.Taken = slices.DeleteFunc(slices.Clone(b.Taken), func(t access.Taken) bool {
		return t.Kind == o.Action.EntitlementKind && t.Scope == o.Action.GrantScope && t.ID == o.Action.EntitlementID
	})
	left := func(kind access.EntitlementKind) bool {
		return slices.ContainsFunc(b.Taken, func(t access.Taken) bool { return t.Kind == kind })
	}
	b.Verbs = slices.DeleteFunc(slices.Clone(b.Verbs), func(v access.Verb) bool { return v == undone.Verb && !left(o.Action.EntitlementKind) })
	b.Verified = slices.ContainsFunc(b.Verbs, access.Verb.Stops)
	if len(b.Taken) == 0 && !slices.ContainsFunc(b.Verbs, func(v access.Verb) bool { return v.Undo() != "" || v.Stops() }) {
		delete(blocked, o.Action.Account)
		return
	}
	blocked[o.Action.Account] = b
}

// givenBack reports whether an outcome of a restore leaves nothing to give back.
func givenBack(o access.Outcome) bool {
	switch o.Result {
	case access.Done, access.AlreadyAbsent:
		return true
	case access.Skipped:
		return o.Action.Undoes.Forbidden
	}
	return false
}

// RememberRestore is what the next run knows after a restore: all that it knew
// before, but for the blocks. A restore learns nothing for the night, so that the
// night finds everything as new as it would have been.
func RememberRestore(m access.Memory, outcomes []access.Outcome, run access.RunID) access.Memory {
	m.Previous, m.Looked, m.Blocked, m.Journals = run, "", maps.Clone(m.Blocked), maps.Clone(m.Journals)
	if m.Blocked == nil {
		m.Blocked = map[access.AccountKey]access.BlockRecord{}
	}
	if m.Journals == nil {
		m.Journals = map[access.RunID]bool{}
	}
	m.Undone = AddUndone(m.Undone, Blocks(m.Blocked, outcomes, run))
	m.Orders = StillOrdered(m.Orders, nil, outcomes)
	return m
}
