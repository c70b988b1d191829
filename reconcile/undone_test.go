package reconcile

import (
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"rollcall/internal/access"
)

// a step of a block of the account, as a run did it.
func stepOf(n int, verb access.Verb, id string, result access.Result, ago time.Duration) access.Outcome {
	return access.Outcome{Action: access.Action{Stage: access.Block, Verb: verb, Account: account("okta", n), Person: employee(n), EntitlementID: id, Undoable: verb.Undo() != ""},
		Result: result, SentAt: tonight.Add(-ago)}
}

func released(o access.Outcome) access.Outcome {
	o.Action.Released = []access.Release{{Approval: "a", Guard: "irreversible", Scope: "all systems"}}
	return o
}

func TestEachStepOfTheNightThatCannotBeUndoneIsCounted(t *testing.T) {
	off, token, hour := access.OktaDeactivate, access.OktaDeleteToken, time.Hour
	early := stepOf(70, access.OktaSuspend, "", access.Done, 72*hour)
	give := access.Outcome{Action: access.Action{Stage: access.Restore, Account: account("okta", 70), Undoes: &access.Undone{Verb: access.OktaSuspend}}, Result: access.Done}
	for name, c := range map[string]struct {
		done []access.Outcome
		want []string // of two more, where two are the most
	}{
		"one that was seen to work":                  {[]access.Outcome{stepOf(70, off, "", access.Done, hour)}, []string{"irreversible all systems 3/2"}},
		"one that is still under way":                {[]access.Outcome{stepOf(70, off, "", access.Pending, hour)}, []string{"irreversible all systems 3/2"}},
		"one of which nobody knows":                  {[]access.Outcome{stepOf(70, token, "t1", access.Unknown, hour)}, []string{"irreversible all systems 3/2"}},
		"not one that failed":                        {[]access.Outcome{stepOf(70, token, "t1", access.Failed, hour)}, nil},
		"each token of one account":                  {[]access.Outcome{stepOf(70, token, "t1", access.Done, hour), stepOf(70, token, "t2", access.Done, hour)}, []string{"irreversible all systems 4/2"}},
		"of an account that was blocked days before": {[]access.Outcome{early, stepOf(70, token, "t1", access.Done, hour)}, []string{"irreversible all systems 3/2"}},
		"of an account that was given back since":    {[]access.Outcome{stepOf(70, access.OktaSuspend, "", access.Done, 2*hour), stepOf(70, token, "t1", access.Done, hour), give}, []string{"irreversible all systems 3/2"}},
		"not of the last night":                      {[]access.Outcome{stepOf(70, off, "", access.Done, 12*hour)}, nil},
		"the same step again is one":                 {[]access.Outcome{stepOf(70, off, "", access.Unknown, 2*hour), stepOf(70, off, "", access.Done, hour)}, []string{"irreversible all systems 3/2"}},
		"and counts from the last time":              {[]access.Outcome{stepOf(70, off, "", access.Unknown, 48*hour), stepOf(70, off, "", access.Done, hour)}, []string{"irreversible all systems 3/2"}},
		"one under way that is wanted again is one":  {[]access.Outcome{stepOf(0, off, "", access.Pending, hour)}, nil},
		"but not of another verb":                    {[]access.Outcome{stepOf(0, token, "t1", access.Pending, hour)}, []string{"irreversible all systems 3/2"}},
		"not what somebody answered for":             {[]access.Outcome{released(stepOf(70, off, "", access.Done, hour))}, nil},
		"who answers for one step answers for that":  {[]access.Outcome{released(stepOf(70, off, "", access.Done, hour)), stepOf(70, token, "t1", access.Done, hour)}, []string{"irreversible all systems 3/2"}},
	} {
		m := RememberRestore(access.Memory{}, c.done, "r")
		two := many(2, "okta", access.Block, forEver, func(a *access.Action) { a.Verb, a.First = off, false })
		got := tripsOf(two, Facts{Limits: Limits{Irreversible: 2, NightMin: 90, WeekMin: 90}, Memory: m})
		if d := gocmp.Diff(c.want, got); d != "" {
			t.Errorf("%s (-want +got):\n%s", name, d)
		}
	}
}

func TestADeletionOfAUserThatIsNotSeenToWorkIsCounted(t *testing.T) {
	for result, want := range map[access.Result][]string{access.Unknown: {"irreversible all systems 3/2"}, access.Pending: {"irreversible all systems 3/2"}, access.Failed: nil} {
		endings := map[access.AccountKey]access.Ending{account("okta", 70): {Account: account("okta", 70), Verbs: []access.Verb{access.IAMTagRemoved}}}
		o := stepOf(70, access.IAMDeleteUser, "", result, time.Hour)
		o.Action.Stage = access.Remove
		Removals(endings, []access.Outcome{o})
		got := tripsOf(many(2, "okta", access.Block, forEver), Facts{Limits: Limits{Irreversible: 2, NightMin: 90, WeekMin: 90, RemoveWeekMin: 90}, Memory: access.Memory{Endings: endings}})
		if d := gocmp.Diff(want, got); d != "" {
			t.Errorf("%s (-want +got):\n%s", result, d)
		}
	}
}

func TestADeletionOfAUserThatIsSentAgainIsOne(t *testing.T) {
	once := map[access.AccountKey]access.Ending{account("okta", 0): {Account: account("okta", 0), DeletingAt: tonight.Add(-time.Hour)}}
	both := many(2, "okta", access.Block, forEver, func(a *access.Action) { a.Verb = access.IAMDeleteUser })
	if got := tripsOf(both, Facts{Limits: Limits{Irreversible: 2, NightMin: 90, WeekMin: 90}, Memory: access.Memory{Endings: once}}); len(got) > 0 {
		t.Errorf("two users are to be deleted, one of them for the second time: %v", got)
	}
}

func TestABlockThatWasGivenBackCountsForItsWeekAllTheSame(t *testing.T) {
	week := func(ago time.Duration) (m access.Memory) {
		for n := range 8 {
			back := access.Outcome{Action: access.Action{Stage: access.Restore, Account: account("okta", 50+n), Undoes: &access.Undone{Verb: access.OktaSuspend}}, Result: access.Done}
			m = RememberRestore(m, []access.Outcome{stepOf(50+n, access.OktaSuspend, "", access.Done, ago), back}, "r")
		}
		if len(m.Blocked) > 0 {
			t.Fatalf("%d are blocked still", len(m.Blocked))
		}
		return m
	}
	for ago, want := range map[time.Duration][]string{2 * time.Hour: {"blast_radius okta 11/5"}, 72 * time.Hour: {"blast_radius okta 11/10"}, 7 * 24 * time.Hour: nil} {
		if d := gocmp.Diff(want, tripsOf(many(3, "okta", access.Block), Facts{Memory: week(ago)})); d != "" {
			t.Errorf("given back, %s after (-want +got):\n%s", ago, d)
		}
	}
	again := week(72 * time.Hour) // and the same accounts once more
	same := many(3, "okta", access.Block)
	for n := range same {
		same[n].Action.Account = account("okta", 50+n)
	}
	if d := gocmp.Diff([]string{"blast_radius okta 11/10"}, tripsOf(same, Facts{Memory: again})); d != "" {
		t.Errorf("the same mistake again (-want +got):\n%s", d)
	}
}

func TestOnlyABlockOfWhichNothingIsLeftWasGivenBack(t *testing.T) {
	deny, key := stepOf(1, access.IAMDeny, "", access.Done, time.Hour), stepOf(1, access.IAMDeactivateKey, "k1", access.Done, time.Hour)
	back := func(n int, verb access.Verb) access.Outcome {
		return access.Outcome{Action: access.Action{Stage: access.Restore, Account: account("okta", n), Undoes: &access.Undone{Verb: verb}}, Result: access.Done}
	}
	for name, c := range map[string]struct {
		restored []access.Outcome
		want     int
	}{
		"nothing":                     {nil, 0},
		"an account never blocked":    {[]access.Outcome{back(2, access.IAMDeny)}, 0},
		"one of two steps":            {[]access.Outcome{back(1, access.IAMDeactivateKey)}, 0},
		"both":                        {[]access.Outcome{back(1, access.IAMDeactivateKey), back(1, access.IAMDeny)}, 1},
		"both, and the last one once": {[]access.Outcome{back(1, access.IAMDeactivateKey), back(1, access.IAMDeny), back(1, access.IAMDeny)}, 1},
	} {
		blocked := map[access.AccountKey]access.BlockRecord{}
		if got := Blocks(blocked, append([]access.Outcome{deny, key}, c.restored...), "r"); len(got) != c.want {
			t.Errorf("%s: %d blocks were given back, not %d", name, len(got), c.want)
		}
	}
}

func TestABlockThatWasGivenBackByHandCountsToo(t *testing.T) {
	w := aWorld(t, `-- world --
blocked okta::work employees/1 2026-11-20T02:00:00Z suspend
blocked okta::gone employees/4 2026-11-20T02:00:00Z suspend
undone okta::old employees/2 2026-11-01T02:00:00Z suspend
undone okta::new employees/3 2026-11-19T02:00:00Z suspend
-- employees.csv --
employee_id,name,email,status,start_date,end_date,last_working_day,timezone
1,Ann,ann@example.com,active,,,,
4,Leo,leo@example.com,left,,2026-11-01,,
-- system/okta --
read users lists
account work login=ann@example.com hr=1
account gone login=leo@example.com hr=4 status=suspended
`)
	next := Remember(w, Decide(w), nil, "r")
	var ids []access.AccountID
	for _, b := range next.Undone {
		ids = append(ids, b.Account.ID)
	}
	if d := gocmp.Diff([]access.AccountID{"new", "work"}, ids); d != "" || len(next.Blocked) != 1 {
		t.Errorf("blocked %v; undone (-want +got):\n%s", next.Blocked, d)
	}
}

func TestABlockThatWasGivenBackIsNotedOnceAndUntilItsLastStepIsAWeekOld(t *testing.T) {
	day := 24 * time.Hour
	block := func(n int, ago time.Duration, final ...time.Duration) access.BlockRecord {
		b := access.BlockRecord{Account: account("okta", n), At: tonight.Add(-ago)}
		for _, f := range final {
			b.Final = append(b.Final, access.Final{Verb: access.OktaDeactivate, At: tonight.Add(-f)})
		}
		return b
	}
	recent, twice := block(1, day), block(1, 2*day)
	late, old := block(2, 9*day, 6*day, 8*day), block(3, 9*day, 8*day)
	for name, c := range map[string]struct{ before, more, want []access.BlockRecord }{
		"one that two tell of, with others between": {[]access.BlockRecord{recent, late}, []access.BlockRecord{recent}, []access.BlockRecord{recent, late}},
		"two of one account":                        {[]access.BlockRecord{recent}, []access.BlockRecord{twice}, []access.BlockRecord{twice, recent}},
		"a step of this week of an older block":     {nil, []access.BlockRecord{late}, []access.BlockRecord{late}},
		"all of it a week old":                      {[]access.BlockRecord{old}, nil, nil},
	} {
		if d := gocmp.Diff(c.want, ofTheWeek(AddUndone(c.before, c.more), tonight), cmpopts.EquateEmpty()); d != "" {
			t.Errorf("%s (-want +got):\n%s", name, d)
		}
	}
}

func TestAStepThatIsSentAgainKeepsItsLastTimeAndWhoeverAnsweredForIt(t *testing.T) {
	first := access.Release{Approval: "a", Guard: "irreversible", Scope: "okta"}
	by := func(o access.Outcome, r ...access.Release) access.Outcome {
		o.Action.Released = r
		return o
	}
	again := access.Release{Approval: "b", Guard: "irreversible", Scope: "okta"}
	sent := func(id string, ago time.Duration) access.Outcome {
		return stepOf(1, access.OktaDeleteToken, id, access.Done, ago)
	}
	revoked := stepOf(1, access.OktaRevokeGrants, "t1", access.Done, time.Hour)
	var steps []access.Final
	for _, o := range []access.Outcome{by(sent("t1", time.Hour), first), sent("t2", time.Hour), revoked, by(sent("t1", 2*time.Hour), again)} {
		steps = final(steps, o)
	}
	want := []access.Final{
		{Verb: access.OktaDeleteToken, ID: "t1", At: tonight.Add(-time.Hour), Released: []access.Release{first, again}},
		{Verb: access.OktaDeleteToken, ID: "t2", At: tonight.Add(-time.Hour)},
		{Verb: access.OktaRevokeGrants, ID: "t1", At: tonight.Add(-time.Hour)},
	}
	if d := gocmp.Diff(want, steps); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
}
