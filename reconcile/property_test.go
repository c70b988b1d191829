package reconcile

import (
	"cmp"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"rollcall/internal/access"
	"rollcall/internal/access/accesstest"
)

// worlds is how many random worlds go test plays: some seconds on one core.
const worlds = 1500

// seeds are that many seeds, and a tenth of them with -short.
func seeds(n uint64) uint64 {
	if testing.Short() {
		return n / 10
	}
	return n
}

// law is a sentence that holds in every world of its kind, and what judges it.
type law struct {
	name  string
	holds func(*testing.T, random, World, Decision)
}

// everywhere are the laws of all kinds of worlds.
var everywhere = []law{
	{"the same world decides the same", func(t *testing.T, _ random, w World, d Decision) { sameAgain(t, w, d) }},
	{"books balance", func(t *testing.T, _ random, _ World, d Decision) { booksBalance(t, d) }},
	{"input order is irrelevant", orderIsIrrelevant},
	{"an unread scope yields no running action", unreadScopeRunsNothing},
	{"protected accounts never run", protectedNeverRun},
	{"actions and held are the candidates", actionsAndHeldAreTheCandidates},
	{"finding ids are unique", findingsAreUnique},
	{"what runs rests on what was read", restsAreComplete},
}

// laws are what holds where nothing is taken from who works here.
var laws = slices.Concat(everywhere, []law{
	{"the order of the lines of policy plans nothing else", orderOfPolicyIsIrrelevant},
	{"a scope that breaks runs nothing and adds no action", brokenScopeAddsNothing},
	{"a list that was never read yields no action", listNeverReadRunsNothing},
	{"protecting an account stops its actions and no others", protectingStopsOnlyThat},
	{"a plan leaves a super admin", superAdminIsLeft},
	{"what runs is within the limits", runsWithinLimits},
	{"who works here is never a candidate", workersAreNeverCandidates},
	{"a refused file that shows them working holds them", refusedFileHolds},
	{"an exception never adds an action", exceptionAddsNothing},
	{"removing all rows of a person never adds an action", removingRowsAddsNothing},
	{"every grant of a worker is in one row", everyGrantInOneRow},
	{"an applied plan plans nothing more", appliedPlanIsDone},
	{"who approves all releases all but what nobody can", whoApprovesAllReleasesAllButWhatNobodyCan},
	{"an approval releases nothing beside what it names", anApprovalReleasesNothingBesideWhatItNames},
	{"what is no good changes nothing", whatIsNoGoodChangesNothing},
	{"a remove is of who left, stays away and was blocked for long enough", removesAreDue},
	{"removes stay within limits", removesWithinLimits},
	{"a clock stops only for what was read, and stands while nobody knows", clocksOfHardNights},
	{"absence counts only by the setting, and never against anything else that is known", absenceCountsWithCare},
})

// obey holds laws in a world. Each has chance of its own, so that another one more
// changes none.
func obey(t *testing.T, laws []law, seed uint64, choices []byte, w World, d Decision) {
	for _, l := range laws {
		l.holds(t, newRandom(seed), w, d)
		if t.Failed() {
			t.Fatalf("broken: %s (seed %d, choices %q)\n%s", l.name, seed, choices, joined(outcome(w, d)))
		}
	}
}

func TestRandomWorlds(t *testing.T) {
	ran := 0
	for seed := range seeds(worlds) {
		ran += playWorld(t, seed, nil)
	}
	for _, seed := range []uint64{
		46208, // a first-seen date that passed from one id to another
		1422,  // one id with two addresses at work
		478,   // two refused files show one leaver at work
	} {
		ran += playWorld(t, seed, nil)
	}
	if uint64(ran) < seeds(worlds)/6 {
		t.Errorf("only %d actions ran in %d worlds: the worlds prove nothing", ran, seeds(worlds))
	}
}

// FuzzDecide holds the laws in the worlds of any seed and any choices.
func FuzzDecide(f *testing.F) {
	f.Add(uint64(1), []byte(nil))
	f.Add(uint64(2), []byte("a world of which the first choices are these letters"))
	f.Add(uint64(3), make([]byte, 40)) // of every choice the first
	f.Add(uint64(75), []byte("C"))     // an account that works, all of whose roles were not read, by which somebody gets in elsewhere
	f.Fuzz(func(t *testing.T, seed uint64, choices []byte) { playWorld(t, seed, choices) })
}

// playWorld holds every law in one world and gives how many actions run in it.
func playWorld(t *testing.T, seed uint64, choices []byte) int {
	w := counting(seed, removing(seed, misread(seed, choosing(seed, choices).world())))
	d := Decide(w)
	obey(t, laws, seed, choices, w, d)
	return len(d.Plan.Actions)
}

func joined(m map[string]string) string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(m)) {
		b.WriteString("-- " + name + " --\n" + m[name])
	}
	return b.String()
}

func orderIsIrrelevant(t *testing.T, r random, w World, d Decision) {
	x := Decide(r.shuffled(w))
	for _, part := range []struct {
		name string
		a, b any
	}{
		{"plan", d.Plan, x.Plan}, {"findings", d.Findings, x.Findings}, {"people", d.People, x.People},
		{"worksheets", withoutReads(d.Worksheets), withoutReads(x.Worksheets)}, {"balances", sortedBalances(d), sortedBalances(x)},
		{"verdicts", verdictsOf(d), verdictsOf(x)}, {"matches", matchesOf(d), matchesOf(x)},
	} {
		if !reflect.DeepEqual(part.a, part.b) {
			t.Errorf("%s differ:\n%s", part.name, gocmp.Diff(part.a, part.b))
		}
	}
}

// withoutReads drops the index of a read from the rows: it is one of the order.
func withoutReads(sheets []access.Worksheet) []access.Worksheet {
	out := slices.Clone(sheets)
	for n := range out {
		out[n].Items = slices.Clone(out[n].Items)
		for k := range out[n].Items {
			out[n].Items[k].Account.Read = 0
		}
	}
	return out
}

func sortedBalances(d Decision) []access.Balance {
	return slices.SortedFunc(slices.Values(d.Balances), func(a, b access.Balance) int { return cmp.Compare(a.What, b.What) })
}

// dated is a verdict with the day on which its grant was first seen.
type dated struct {
	access.Verdict
	FirstSeen uint16
}

// verdictsOf and matchesOf are what was decided of each grant and each account.
func verdictsOf(d Decision) map[uint64]dated {
	out := map[uint64]dated{}
	for s := range d.Systems {
		for n, v := range d.Systems[s].Verdicts {
			out[d.Systems[s].GrantKey(d.Systems[s].Grants[n])] = dated{v, d.Systems[s].FirstSeen(n)}
		}
	}
	return out
}

func matchesOf(d Decision) map[access.AccountKey]access.Match {
	out := map[access.AccountKey]access.Match{}
	for _, o := range d.Systems {
		for n, m := range o.Matches {
			out[o.Accounts[n].Key()] = m
		}
	}
	return out
}

// accounts gives every account of a world by key.
func accountsOf(w World) map[access.AccountKey]access.Account {
	out := map[access.AccountKey]access.Account{}
	for _, o := range w.Systems {
		for _, a := range o.Accounts {
			out[a.Key()] = a
		}
	}
	return out
}

func readOf(w World, k access.AccountKey) access.Read {
	for _, o := range w.Systems {
		for _, a := range o.Accounts {
			if a.Key() == k {
				return o.Reads[a.Read]
			}
		}
	}
	return access.Read{}
}

func unreadScopeRunsNothing(t *testing.T, _ random, w World, d Decision) {
	for _, a := range d.Plan.Actions {
		r := readOf(w, a.Account)
		if !r.Complete || !r.Lists {
			t.Errorf("%s runs, but %s was not read", renderAction(a), r.Name())
		}
		if !slices.Contains(a.Rests, r.Name()) || !slices.Contains(a.Rests, "roster:"+string(a.Person.Source)) {
			t.Errorf("%s does not cite the roster and %s", renderAction(a), r.Name())
		}
	}
}

func protectedNeverRun(t *testing.T, _ random, w World, d Decision) {
	accounts := accountsOf(w)
	for _, act := range d.Plan.Actions {
		acc := accounts[act.Account]
		for _, p := range w.Settings.Protected {
			if accesstest.Glob(p, acc.Login) || accesstest.Glob(p, string(acc.System)+":"+string(acc.ID)) {
				t.Errorf("%s is protected by %s and runs", acc.Key(), p)
			}
		}
		for _, n := range w.Policy.NonHuman {
			if n.System == string(acc.System) && (n.Account == string(acc.ID) || n.Account == acc.Login) && n.Kind == access.KindBreakGlass {
				t.Errorf("%s is break-glass and runs", acc.Login)
			}
		}
		for _, o := range w.Systems {
			if slices.Contains(o.Self, acc.Key()) {
				t.Errorf("%s is the job itself and runs", acc.Login)
			}
		}
	}
}

// candidatesBefore are the candidates as the guards get them.
func candidatesBefore(w World) []string {
	e := newEvaluation(w, Stand(w))
	e.matchAll()
	e.judgeGrants()
	e.findAll()
	var ids []string
	for _, c := range e.candidates() {
		ids = append(ids, c.Action.ID)
	}
	slices.Sort(ids)
	return ids
}

// planned are the ids of all actions of a plan, running or held.
func planned(p access.Plan) []string {
	var ids []string
	for _, a := range p.Actions {
		ids = append(ids, a.ID)
	}
	for _, h := range p.Held {
		ids = append(ids, h.Action.ID)
	}
	slices.Sort(ids)
	return ids
}

func actionsAndHeldAreTheCandidates(t *testing.T, _ random, w World, d Decision) {
	all := planned(d.Plan)
	if diff := gocmp.Diff(candidatesBefore(w), all); diff != "" {
		t.Errorf("the checked set is not the planned set:\n%s", diff)
	}
	if n := len(slices.Compact(all)); n != len(planned(d.Plan)) {
		t.Errorf("%d actions, %d distinct", len(planned(d.Plan)), n)
	}
	for _, h := range d.Plan.Held {
		if !slices.ContainsFunc(d.Plan.Trips, func(g access.GuardError) bool {
			return g.Guard == h.Guard && slices.Contains(g.Cohort, h.Action.Account)
		}) {
			t.Errorf("%s is held by %s, which did not say so", renderAction(h.Action), h.Guard)
		}
	}
}

// worksHere reports whether a row says by itself that its person works here.
func worksHere(w World, i access.Identity) bool {
	end := accessEnd(i, w.Settings.zone())
	return (i.Status == access.StatusActive || i.Status == access.StatusLeave) && i.Problem == "" &&
		started(i, w.Now, w.Settings.zone()) && (end.IsZero() || w.Now.Before(end))
}

// workersAreNeverCandidates: whoever any row of any list in force shows at work, whatever
// else is wrong with the row, is not acted on by their id; nor is an account that has an
// address of theirs, unless a link says whose it is; nor a leaver who has one, unless HR
// answered that they left, or both are one person.
func workersAreNeverCandidates(t *testing.T, _ random, w World, d Decision) {
	accounts, people := accountsOf(w), Stand(w)
	linked, answered := map[access.AccountKey]bool{}, map[access.PersonKey]bool{}
	for _, l := range w.Policy.Links {
		linked[l.Account] = true
	}
	for _, a := range w.Policy.Answers {
		answered[a.Person] = answered[a.Person] || a.Answer == "left"
	}
	for _, s := range w.Rosters {
		for _, i := range s.Rows {
			whole := i
			whole.Problem = ""
			if !worksHere(w, whole) {
				continue
			}
			theirs, who := claims(i), keyOf(i)
			for _, act := range slices.Concat(d.Plan.Actions, heldActions(d.Plan)) {
				acc := accounts[act.Account]
				switch has := func(mail string) bool { return slices.Contains(theirs, normalMail(mail)) }; {
				case act.Person == who:
					t.Errorf("row %d of %s works here: %s", i.Row, who, renderAction(act))
				case people.one(who) == act.Person || linked[acc.Key()]:
				case has(acc.Email) || has(acc.Login):
					t.Errorf("%s has the address of %s, who works here: %s", acc.Login, who, renderAction(act))
				case !answered[act.Person] && slices.ContainsFunc(claimsOf(w, act.Person), has):
					t.Errorf("%s has an address of %s, who works here: %s", act.Person, who, renderAction(act))
				}
			}
		}
	}
}

// claimsOf are the addresses of all rows of a person.
func claimsOf(w World, k access.PersonKey) (all []string) {
	for _, s := range w.Rosters {
		for _, i := range s.Rows {
			if keyOf(i) == k {
				all = append(all, claims(i)...)
			}
		}
	}
	return all
}

func heldActions(p access.Plan) []access.Action {
	var out []access.Action
	for _, h := range p.Held {
		out = append(out, h.Action)
	}
	return out
}

func refusedFileHolds(t *testing.T, _ random, w World, d Decision) {
	for _, s := range w.Rosters {
		for _, i := range s.Refused {
			if i.Status != access.StatusActive && i.Status != access.StatusLeave {
				continue
			}
			for _, act := range slices.Concat(d.Plan.Actions, heldActions(d.Plan)) {
				if act.Person == i.Key() {
					t.Errorf("the refused file shows %s working: %s", i.Key(), renderAction(act))
				}
			}
		}
	}
}

func exceptionAddsNothing(t *testing.T, r random, w World, d Decision) {
	w.Policy.Exceptions = slices.Clone(w.Policy.Exceptions)
	for n := range 3 {
		w.Policy.Exceptions = append(w.Policy.Exceptions, r.exception(9+n))
	}
	if again := Decide(w).Plan; !reflect.DeepEqual(d.Plan, again) {
		t.Errorf("an exception changes the plan:\n%s", gocmp.Diff(d.Plan, again))
	}
}

// removingRowsAddsNothing: absence is not departure, whoever it is. All ids that
// HR confirmed to be one person go together. Left out is who has a word of leaving
// in answers.csv: absence agrees with it.
func removingRowsAddsNothing(t *testing.T, _ random, w World, d Decision) {
	people := Stand(w)
	one := map[access.PersonKey][]access.PersonKey{}
	for _, p := range people.List() {
		one[people.one(p.Key())] = append(one[people.one(p.Key())], p.Key())
	}
	before := planned(d.Plan)
	for _, gone := range one {
		if slices.ContainsFunc(w.Policy.Answers, func(a access.Answer) bool { return a.Answer == "left" && slices.Contains(gone, a.Person) }) {
			continue
		}
		x := Decide(without(w, gone))
		for _, id := range planned(x.Plan) {
			if _, had := slices.BinarySearch(before, id); !had {
				t.Fatalf("without the rows of %s there is a new action %s:\n%s", joinKeys(gone), id, joined(outcome(w, x)))
			}
		}
	}
}

// without is the world whose lists no longer have somebody.
func without(w World, gone []access.PersonKey) World {
	w.Rosters = slices.Clone(w.Rosters)
	for n := range w.Rosters {
		s := &w.Rosters[n]
		rows := slices.DeleteFunc(slices.Clone(s.Rows), func(i access.Identity) bool { return slices.Contains(gone, keyOf(i)) })
		if len(rows) != len(s.Rows) {
			s.Rows, s.Vanished = rows, vanishedNow(s.Vanished, s.Rows, rows, w.Now)
		}
	}
	return w
}

func everyGrantInOneRow(t *testing.T, _ random, w World, d Decision) {
	rows := map[string]int{}
	for _, sheet := range d.Worksheets {
		for _, i := range sheet.Items {
			rows[subject(i.Account.Key(), i.Kind, i.Scope, i.EntitlementID)]++
		}
	}
	standing := map[access.PersonKey]access.Standing{}
	for _, p := range d.People {
		standing[p.Key()] = p.Standing
	}
	for _, o := range d.Systems {
		for _, g := range o.Grants {
			a, e, who := o.Accounts[g.Account], o.Entitlements[g.Entitlement], o.Matches[g.Account].Person
			here := standing[who] == access.StandingActive || standing[who] == access.StandingScheduled || standing[who] == access.StandingHeld || standing[who] == access.StandingVanished
			want := 0
			if g.Direct() && here && a.Status != access.AccountDisabled {
				want = 1
			}
			if n := rows[subject(a.Key(), e.Kind, e.Scope, e.ID)]; g.Direct() && standing[who] != access.StandingGarden && standing[who] != access.StandingPending && n != want {
				t.Errorf("%s %s of %s is in %d rows, not %d", e.Kind, e.ID, a.Key(), n, want)
			}
		}
	}
}

func findingsAreUnique(t *testing.T, _ random, _ World, d Decision) {
	seen := map[string]bool{}
	for _, f := range d.Findings {
		if seen[f.ID] {
			t.Errorf("two findings %s: %s", f.ID, f.Reason)
		}
		seen[f.ID] = true
	}
	for _, a := range d.Plan.Actions {
		if !seen[a.FindingID] {
			t.Errorf("%s has no finding", renderAction(a))
		}
	}
}

// appliedPlanIsDone carries the plan out in the model, remembers it, and decides
// again: only what was held is left, and sessions to clear of whom a guard keeps
// from being blocked. A second run is no way around a guard: it holds what the first
// one held, unless what was missing is a baseline, or blocks that it counted were
// found to be restored.
func appliedPlanIsDone(t *testing.T, _ random, w World, d Decision) {
	next := w
	next.Systems = slices.Clone(w.Systems)
	for n := range next.Systems {
		next.Systems[n] = applied(next.Systems[n], d.Plan.Actions)
	}
	var outcomes []access.Outcome
	for _, a := range d.Plan.Actions {
		outcomes = append(outcomes, access.Outcome{Action: a, Result: access.Done, PlannedAt: w.Now, SentAt: w.Now, VerifiedAt: w.Now})
	}
	next.Memory = Remember(w, d, outcomes, "run")
	held := map[string]string{}
	open := map[access.AccountKey]bool{}
	for _, h := range d.Plan.Held {
		held[h.Action.ID] = h.Guard
		open[h.Action.Account] = open[h.Action.Account] || h.Action.Verb.Stops()
	}
	again := Decide(next).Plan
	for _, a := range slices.Concat(again.Actions, heldActions(again)) {
		if a.Stage == access.Remove && !slices.Contains(planned(d.Plan), a.ID) {
			continue // the block of tonight was done, and no day of grace is asked for
		}
		if held[a.ID] == "" && !(a.Verb == access.OktaClearSessions && open[a.Account]) {
			t.Errorf("planned again after it was done: %s", renderAction(a))
		}
	}
	restored := slices.ContainsFunc(slices.Collect(maps.Keys(w.Memory.Blocked)), func(k access.AccountKey) bool {
		_, still := next.Memory.Blocked[k]
		return !still
	})
	for _, a := range again.Actions {
		if g := held[a.ID]; g != "" && g != "baseline" && !restored {
			t.Errorf("held by %s, and run by a second run: %s", g, renderAction(a))
		}
	}
}

// applied is what a collector would see after the actions.
func applied(o access.Observation, actions []access.Action) access.Observation {
	var outcomes []access.Outcome
	for _, act := range actions {
		outcomes = append(outcomes, access.Outcome{Action: act, Result: access.Done})
	}
	return After(o, outcomes)
}

// removesAreDue: no remove, held or not, of anybody else, and none while anything
// of theirs in the system works.
func removesAreDue(t *testing.T, _ random, w World, d Decision) {
	accounts, people := accountsOf(w), map[access.PersonKey]access.Person{}
	for _, p := range d.People {
		people[p.Key()] = p
	}
	refused := slices.ContainsFunc(w.Rosters, func(s SourceRoster) bool { return s.Verdict.Refusal != nil })
	for _, act := range slices.Concat(d.Plan.Actions, heldActions(d.Plan)) {
		if act.Stage != access.Remove {
			continue
		}
		p, acc, end := people[act.Person], accounts[act.Account], w.Memory.Endings[act.Account]
		switch {
		case p.Standing != access.StandingLeft || p.Returns:
			t.Errorf("%s is %s, returns %t: %s", p.Key(), p.Standing, p.Returns, renderAction(act))
		case refused:
			t.Errorf("a list was refused: %s", renderAction(act))
		case !w.Settings.Removal.Enforce || end.BlockedAt.IsZero() || end.BlockedAt.AddDate(0, 0, w.Settings.Removal.AfterDays).After(w.Now):
			t.Errorf("blocked since %s, with %+v: %s", end.BlockedAt, w.Settings.Removal, renderAction(act))
		case acc.Kind == access.OktaUser && acc.Status == access.AccountActive, acc.Kind == access.IAMUser && acc.Status == access.AccountActive:
			t.Errorf("it is %s: %s", acc.Status, renderAction(act))
		case act.Undoable:
			t.Errorf("nobody can undo %s", renderAction(act))
		}
		for _, other := range slices.Concat(d.Plan.Actions, heldActions(d.Plan)) {
			if other.Stage == access.Block && other.Person == act.Person && other.Account.System == act.Account.System {
				t.Errorf("%s, though there is %s", renderAction(act), renderAction(other))
			}
		}
	}
}

// restsAreComplete: whatever runs cites only reads that came to their end, and a
// remove also every list and the scope of what it takes.
func restsAreComplete(t *testing.T, _ random, w World, d Decision) {
	complete := map[string]bool{}
	for _, o := range w.Systems {
		for _, r := range o.Reads {
			complete[r.Name()] = r.Complete
		}
	}
	for _, s := range w.Rosters {
		complete["roster:"+string(s.Verdict.Source)] = true
	}
	for _, act := range d.Plan.Actions {
		for _, rest := range act.Rests {
			if !complete[rest] {
				t.Errorf("%s was not read: %s", rest, renderAction(act))
			}
		}
		for _, o := range w.Systems {
			for _, e := range o.Entitlements {
				taken := act.Stage == access.Remove && o.System == act.Account.System && e.Kind == act.EntitlementKind && e.ID == act.EntitlementID && e.Scope == act.GrantScope
				if taken && !slices.Contains(act.Rests, o.Reads[e.Read].Name()) {
					t.Errorf("it does not cite %s: %s", o.Reads[e.Read].Name(), renderAction(act))
				}
			}
		}
	}
}
