package reconcile

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"rollcall/internal/access"
	"rollcall/internal/phrase"
)

// Drops says when fewer records than on the last run are doubted. An API that
// leaves records out says nothing of it, so that a short list looks like a
// whole one: the last list that was read to its end is what it is held against.
type Drops struct {
	// Percent is how much smaller a list may have become, in percent of the last
	// one; 0: 20.
	Percent int
	// Confirmed gives, by the name of a read, the count from which on somebody
	// says that the drop is real. It holds for one run.
	Confirmed map[string]int
	// By is who confirmed, for the record.
	By string
}

// few is how many records less are never doubted: a small list changes by much.
const few = 10

// within reports whether a list of so many records may have had so many before.
func (d Drops) within(had, has int) bool {
	percent := d.Percent
	if percent == 0 {
		percent = 20
	}
	return had-has <= max(few, had*percent/100)
}

// Count gives how many records tonight's reads had, by name. It is taken of
// what Doubt has seen, before accounts are read one by one: those are not the
// same every night.
func Count(seen []access.Observation, run access.RunID) map[string]access.Counted {
	counts := map[string]access.Counted{}
	for _, o := range seen {
		for _, r := range o.Reads {
			if r.Complete {
				counts[r.Name()] = access.Counted{System: r.System, Scope: r.Scope, Kind: r.Kind, Lists: r.Lists, Records: r.Records, Run: run}
			}
		}
	}
	return counts
}

// Doubt makes a gap of every read that is shorter than the same read of the
// last run by more than drops allow, unless the API itself said how many there
// are, or a person confirmed the drop; and of one that is not there any more,
// when everything else of its system was read. What it doubts or was told is in
// the observation's reads and notes. The observations given are left as they
// were.
func Doubt(seen []access.Observation, last map[string]access.Counted, drops Drops) []access.Observation {
	out := slices.Clone(seen)
	for n := range out {
		o := &out[n]
		o.Reads, o.Notes = slices.Clone(o.Reads), slices.Clone(o.Notes)
		whole := !slices.ContainsFunc(o.Reads, func(r access.Read) bool { return !r.Complete })
		for i := range o.Reads {
			doubtRead(o, &o.Reads[i], last, drops)
		}
		if whole { // else what is gone may be behind the gap, and confirming it would be a mistake
			doubtMissing(o, last, drops)
		}
		noteUnused(o, last, drops)
	}
	return out
}

// noteUnused tells who confirmed a drop of something that no run has read, such
// as a name with a typing error: it had no effect.
func noteUnused(o *access.Observation, last map[string]access.Counted, drops Drops) {
	for _, name := range slices.Sorted(maps.Keys(drops.Confirmed)) {
		system, _, _ := strings.Cut(name, "/")
		if _, known := last[name]; !known && system == string(o.System) {
			o.Notes = append(o.Notes, fmt.Sprintf("--confirm-drop %s had no effect: no run has read anything of that name", name))
		}
	}
}

// doubtRead judges one read that came to its end.
func doubtRead(o *access.Observation, r *access.Read, last map[string]access.Counted, drops Drops) {
	had, known := last[r.Name()]
	if !known || !r.Complete || r.ClaimedTotal >= 0 || drops.within(had.Records, r.Records) {
		return
	}
	if from, said := drops.Confirmed[r.Name()]; said && r.Records >= from {
		o.Notes = append(o.Notes, confirmed(had, r.Records, from, drops.By))
		return
	}
	r.Complete, r.Gap = false, doubt(had, r.Records)
}

// doubtMissing judges the reads of the last run that tonight has not: an AWS
// account that is not listed any more, or a part that is not read any more.
func doubtMissing(o *access.Observation, last map[string]access.Counted, drops Drops) {
	there := map[string]bool{}
	for _, r := range o.Reads {
		there[r.Name()] = true
	}
	for _, name := range slices.Sorted(maps.Keys(last)) {
		had := last[name]
		if had.System != o.System || there[name] || had.Records == 0 {
			continue
		}
		from, said := drops.Confirmed[name]
		switch {
		case drops.within(had.Records, 0):
			o.Notes = append(o.Notes, fmt.Sprintf("%s is not read any more: it had %s on %s", name, phrase.Counted(had.Records, "record"), had.Run))
		case said && from == 0:
			o.Notes = append(o.Notes, confirmed(had, 0, from, drops.By))
		default:
			o.Reads = append(o.Reads, access.Read{System: had.System, Scope: had.Scope, Kind: had.Kind, Lists: had.Lists, ClaimedTotal: -1, Gap: doubt(had, 0)})
		}
	}
}

// doubt says what was counted, what happens meanwhile and how to mend it.
func doubt(had access.Counted, has int) string {
	return fmt.Sprintf("it gave %s, and %s on %s: so many less may be a list that was cut short, and nothing rests on it. "+
		"Look in %s whether they were really taken away; if so: rollcall nightly --confirm-drop %s=%d",
		phrase.Counted(has, "record"), phrase.Counted(had.Records, "record"), had.Run, had.System, had.Name(), has)
}

func confirmed(had access.Counted, has, from int, by string) string {
	return fmt.Sprintf("%s gave %s, and %s on %s: %s says that this is right (--confirm-drop %s=%d)", had.Name(), phrase.Counted(has, "record"), phrase.Counted(had.Records, "record"), had.Run, by, had.Name(), from)
}

// rememberCounts keeps tonight's counts, less what rollcall itself took away.
// A read that is not complete, and one that is not there while its system was
// not read whole, keeps the count of the last run that had it: a gap never
// becomes what is normal.
func rememberCounts(next *access.Memory, w World, d Decision, outcomes []access.Outcome) {
	next.Counts = map[string]access.Counted{}
	taken := takenAway(d, outcomes)
	tonight, broken := map[access.System]bool{}, map[access.System]bool{}
	for _, o := range w.Systems {
		tonight[o.System] = true
		broken[o.System] = slices.ContainsFunc(o.Reads, func(r access.Read) bool { return !r.Complete })
	}
	for name, c := range w.Memory.Counts {
		if !tonight[c.System] || broken[c.System] {
			next.Counts[name] = c
		}
	}
	for name, c := range w.Counts {
		c.Records = max(0, c.Records-taken[name])
		next.Counts[name] = c
	}
}

// takenAway counts, by the name of the read that listed them, the records that
// rollcall took away tonight.
func takenAway(d Decision, outcomes []access.Outcome) map[string]int {
	type right struct {
		system    access.System
		kind      access.EntitlementKind
		scope, id string
	}
	listedBy := map[right]string{}
	for s := range d.Systems {
		o := &d.Systems[s]
		for _, e := range o.Entitlements {
			listedBy[right{o.System, e.Kind, e.Scope, e.ID}] = o.Reads[e.Read].Name()
		}
	}
	taken, ended := map[string]int{}, map[access.AccountKey]bool{}
	for _, o := range outcomes {
		if o.Result == access.Done && o.Action.Verb.Takes() {
			taken[listedBy[right{o.Action.Account.System, o.Action.EntitlementKind, o.Action.GrantScope, o.Action.EntitlementID}]]++
		}
		if o.Result == access.Done && o.Action.Verb == access.OktaDeactivate {
			ended[o.Action.Account] = true
		}
	}
	takenByEnd(taken, d, ended)
	return taken
}

// takenByEnd adds what Okta lists no more of users who were deactivated: each
// application once, however they held it, and what else they held directly but
// their groups.
func takenByEnd(taken map[string]int, d Decision, ended map[access.AccountKey]bool) {
	if len(ended) == 0 {
		return
	}
	type held struct{ account, right uint32 }
	for s := range d.Systems {
		o := &d.Systems[s]
		counted := map[held]bool{}
		for _, g := range o.Grants {
			e := o.Entitlements[g.Entitlement]
			goes := e.Kind == access.OktaApp || g.Direct() && (e.Kind == access.OktaAdminRole || e.Kind == access.OktaAPIToken)
			if one := (held{g.Account, g.Entitlement}); goes && ended[o.Accounts[g.Account].Key()] && !counted[one] {
				counted[one] = true
				taken[o.Reads[e.Read].Name()]++
			}
		}
	}
}
