package reconcile

import (
	"maps"
	"slices"
	"strings"
	"testing"
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
