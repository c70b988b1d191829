package reconcile

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/access"
)

func TestOnlyWhatWasSentBeginsARemovalAndOnlyWhatWasReadBackIsRememberedAsDone(t *testing.T) {
	user := access.AccountKey{System: "okta", ID: "u"}
	act := func(result access.Result, verb access.Verb, minute int) access.Outcome {
		return access.Outcome{Action: access.Action{Stage: access.Remove, Verb: verb, Account: user, Person: ada}, Result: result, SentAt: midnight.Add(time.Duration(minute) * time.Minute)}
	}
	with := func(o access.Outcome, change func(*access.Action)) access.Outcome { change(&o.Action); return o }
	end := func(begun bool, verbs ...access.Verb) *access.Ending {
		e := &access.Ending{Account: user, Person: ada, Verbs: verbs}
		if begun {
			e.RemovingAt = midnight
		}
		return e
	}
	by := []access.Release{{Approval: "a"}, {Approval: "b"}}
	released := end(true, access.OktaRevokeGrants)
	released.Released = by
	for name, c := range map[string]struct {
		outcomes []access.Outcome
		want     *access.Ending
	}{
		"done, and a list tells of it":    {[]access.Outcome{act(access.Done, access.OktaLeaveGroup, 0)}, end(true)},
		"done, and no list tells":         {[]access.Outcome{act(access.Done, access.OktaRevokeGrants, 0)}, end(true, access.OktaRevokeGrants)},
		"several, sorted, each once":      {[]access.Outcome{act(access.Done, access.OktaRevokeGrants, 0), act(access.Done, access.OktaResetFactors, 1), act(access.Done, access.OktaRevokeGrants, 2)}, end(true, access.OktaResetFactors, access.OktaRevokeGrants)},
		"sent":                            {[]access.Outcome{act(access.Pending, access.OktaRevokeGrants, 0)}, end(true)},
		"nobody knows":                    {[]access.Outcome{act(access.Unknown, access.OktaRevokeGrants, 0)}, end(true)},
		"was so already":                  {[]access.Outcome{act(access.AlreadyAbsent, access.OktaRevokeGrants, 0)}, end(false, access.OktaRevokeGrants)},
		"was so already, and a list told": {[]access.Outcome{act(access.AlreadyAbsent, access.OktaLeaveGroup, 0)}, nil},
		"failed":                          {[]access.Outcome{act(access.Failed, access.OktaRevokeGrants, 0)}, nil},
		"a block":                         {[]access.Outcome{with(act(access.Done, access.OktaSuspend, 0), func(a *access.Action) { a.Stage = access.Block })}, nil},
		"of a former job":                 {[]access.Outcome{with(act(access.Done, access.OktaLeaveGroup, 0), func(a *access.Action) { a.Mover = true })}, nil},
		"by a review":                     {[]access.Outcome{with(act(access.Done, access.OktaLeaveGroup, 0), func(a *access.Action) { a.Review = "r1" })}, nil},
		"by approvals": {[]access.Outcome{with(act(access.Done, access.OktaRevokeGrants, 0), func(a *access.Action) { a.Released = by[:1] }), with(act(access.Pending, access.OktaLeaveGroup, 1), func(a *access.Action) { a.Released = by }),
			with(act(access.Failed, access.OktaLeaveGroup, 2), func(a *access.Action) { a.Released = []access.Release{{Approval: "c"}} })}, released},
	} {
		endings := map[access.AccountKey]access.Ending{}
		Removals(endings, c.outcomes)
		want := map[access.AccountKey]access.Ending{}
		if c.want != nil {
			want[user] = *c.want
		}
		if d := cmp.Diff(want, endings); d != "" {
			t.Errorf("%s (-want +got):\n%s", name, d)
		}
	}
}

// It is long because it is one table of what may be known of an account; whether a line is
// missing is seen from those beside it.
func TestTheClocksOfAnAccountFollowWhatIsKnownOfIt(t *testing.T) {
	at := func(n int) time.Time { return midnight.Add(time.Duration(n) * time.Hour) }
	user, up, up2 := access.AccountKey{System: "aws", ID: "u"}, access.AccountKey{System: "okta", ID: "1"}, access.AccountKey{System: "okta", ID: "2"}
	never, now := time.Time{}, at(24)
	done := attempt{planned: 2, done: 2, last: at(5)}
	part := attempt{planned: 2, done: 1, last: at(5)}
	for name, c := range map[string]struct {
		c                Closing
		was              access.Ending
		blocks, removes  attempt
		up, up2          int // hours when the accounts in Okta were blocked; 0: they are open
		blocked, removed time.Time
		keepsVerbs, shut bool
	}{
		"nobody can tell, and it was blocked":         {c: Closing{Rest: true}, was: access.Ending{BlockedAt: at(1)}, blocked: at(1), keepsVerbs: true},
		"nobody can tell, and it was not":             {c: Closing{Rest: true}, keepsVerbs: true},
		"it works, and all was done tonight":          {c: Closing{Proven: true, Whole: true, Live: true, Rest: true}, blocks: done, blocked: at(5)},
		"it works, and a part was done":               {c: Closing{Proven: true, Whole: true, Live: true}, was: access.Ending{BlockedAt: at(1), RemovedAt: at(2)}, blocks: part},
		"it works, and what was done nobody planned":  {c: Closing{Proven: true, Whole: true, Live: true}, blocks: attempt{done: 1, last: at(5)}},
		"it works, all was done, nothing was left":    {c: Closing{Proven: true, Whole: true, Live: true}, blocks: done, blocked: at(5)},
		"it works, but all through which it does not": {c: Closing{Proven: true, Whole: true, Live: true, Through: []access.AccountKey{up}}, blocks: part, up: 3},
		"all was done, but it works through another":  {c: Closing{Proven: true, Whole: true, Live: true, Through: []access.AccountKey{up}}, blocks: done},
		"through two, and the second is open":         {c: Closing{Proven: true, Through: []access.AccountKey{up, up2}}, up: 3},
		"through two, and the first is open":          {c: Closing{Proven: true, Through: []access.AccountKey{up, up2}}, up2: 3},
		"through two, the last one counts":            {c: Closing{Proven: true, Through: []access.AccountKey{up, up2}}, up: 3, up2: 4, blocked: at(4)},
		"through two, the last one is first":          {c: Closing{Proven: true, Through: []access.AccountKey{up, up2}}, up: 4, up2: 3, blocked: at(4)},
		"through one that stands, its own came later": {c: Closing{Proven: true, Through: []access.AccountKey{up}}, was: access.Ending{BlockedAt: at(5)}, up: 3, blocked: at(5)},
		"nobody knows through what":                   {c: Closing{Proven: true, Whole: true, Open: true, Rest: true}},
		"nobody knows, and it was blocked":            {c: Closing{Proven: true, Whole: true, Open: true, Rest: true}, was: access.Ending{BlockedAt: at(1), RemovedAt: at(2), ShutUpstream: true}},
		"nobody knows, and all of its own was done":   {c: Closing{Proven: true, Whole: true, Open: true, Live: true}, blocks: done},
		"what is known upstream is blocked":           {c: Closing{Proven: true, Whole: true, Known: true, Rest: true}, blocked: now, keepsVerbs: true, shut: true},
		"it is known, and nobody could read tonight":  {c: Closing{Known: true, Rest: true}, was: access.Ending{BlockedAt: at(1)}, blocked: at(1), keepsVerbs: true},
		"it is known to be open":                      {c: Closing{Proven: true, Known: true, Through: []access.AccountKey{up}}, was: access.Ending{BlockedAt: at(1), ShutUpstream: true}},
		"it was blocked upstream, and is gone there":  {c: Closing{Proven: true, Whole: true, Rest: true}, was: access.Ending{BlockedAt: at(1), ShutUpstream: true}, blocked: at(1), keepsVerbs: true, shut: true},
		"read as blocked for the first time":          {c: Closing{Proven: true, Whole: true, Rest: true}, blocked: now, keepsVerbs: true},
		"read as blocked again":                       {c: Closing{Proven: true, Whole: true, Rest: true}, was: access.Ending{BlockedAt: at(1)}, blocked: at(1), keepsVerbs: true},
		"nothing is left":                             {c: Closing{Proven: true, Whole: true}, was: access.Ending{BlockedAt: at(1)}, blocked: at(1), removed: now, keepsVerbs: true},
		"nothing is left, again":                      {c: Closing{Proven: true, Whole: true}, was: access.Ending{BlockedAt: at(1), RemovedAt: at(2)}, blocked: at(1), removed: at(2), keepsVerbs: true},
		"nothing is left as far as it was read":       {c: Closing{Proven: true}, was: access.Ending{BlockedAt: at(1)}, blocked: at(1), keepsVerbs: true},
		"what was read before stands on a gap":        {c: Closing{Proven: true, Rest: true}, was: access.Ending{BlockedAt: at(1), RemovedAt: at(2)}, blocked: at(1), removed: at(2), keepsVerbs: true},
		"all was removed":                             {c: Closing{Proven: true, Whole: true, Rest: true}, was: access.Ending{BlockedAt: at(1)}, removes: done, blocked: at(1), removed: at(5), keepsVerbs: true},
		"a part was removed":                          {c: Closing{Proven: true, Whole: true, Rest: true}, was: access.Ending{BlockedAt: at(1)}, removes: part, blocked: at(1), keepsVerbs: true},
		"something is back":                           {c: Closing{Proven: true, Whole: true, Rest: true}, was: access.Ending{BlockedAt: at(1), RemovedAt: at(2)}, blocked: at(1), keepsVerbs: true},
		"all was removed but what others have to":     {c: Closing{Proven: true, Whole: true, Rest: true, Waits: true}, was: access.Ending{BlockedAt: at(1), RemovedAt: at(2)}, removes: done, blocked: at(1), keepsVerbs: true},
	} {
		all := map[access.AccountKey]access.Ending{user: c.was}
		for k, hour := range map[access.AccountKey]int{up: c.up, up2: c.up2} {
			if hour > 0 {
				all[k] = access.Ending{BlockedAt: at(hour)}
			}
		}
		was := all[user]
		was.Verbs = []access.Verb{access.OktaResetFactors}
		all[user] = was
		c.c.Account, c.c.Person = user, ada
		got := moved(c.c, all, map[stageOf]attempt{{user, access.Block}: c.blocks, {user, access.Remove}: c.removes}, nil, now)
		want := access.Ending{Account: user, Person: ada, BlockedAt: c.blocked, RemovedAt: c.removed, ShutUpstream: c.shut}
		if c.keepsVerbs {
			want.Verbs = was.Verbs
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s (-want +got):\n%s", name, d)
		}
	}
	if (attempt{done: 1, last: never.Add(1)}).wholly() != never {
		t.Error("what nobody planned is whole")
	}
}

func TestWhoIsPushedIsBlockedWhenTheyAreInOktaInWhateverOrderTheSystemsAreRead(t *testing.T) {
	user, up := access.AccountKey{System: "aws", ID: "u"}, access.AccountKey{System: "okta", ID: "1"}
	d := Decision{Closings: []Closing{{Account: user, Proven: true, Through: []access.AccountKey{up}}, {Account: up, Proven: true}}}
	var next access.Memory
	rememberEndings(&next, World{Now: midnight}, d, nil)
	if at := next.Endings[user].BlockedAt; !at.Equal(midnight) {
		t.Errorf("blocked %s", at)
	}
}

func TestAStageIsWholeWhenAllThatWasPlannedWasReadBackHeldOrNot(t *testing.T) {
	act := access.Action{Stage: access.Block, Account: access.AccountKey{System: "okta", ID: "u"}}
	p := access.Plan{Actions: []access.Action{act, act, act}, Held: []access.Held{{Action: act}}}
	got := ofTonight(p, []access.Outcome{{Action: act, Result: access.Done, VerifiedAt: midnight.Add(2)}, {Action: act, Result: access.AlreadyAbsent, VerifiedAt: midnight}, {Action: act, Result: access.Failed, VerifiedAt: midnight.Add(9)}})
	if want := (map[stageOf]attempt{{act.Account, access.Block}: {planned: 4, done: 2, last: midnight.Add(2)}}); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%v, want %v", got, want)
	}
}

func TestAnEndingIsForgottenOnlyWhereItIsKnownToBeOver(t *testing.T) {
	begun := func(ago time.Duration) access.Ending {
		return access.Ending{Person: bob, BlockedAt: midnight.AddDate(0, 0, -9), RemovingAt: midnight.Add(-ago), Verbs: []access.Verb{access.OktaResetFactors}}
	}
	leaver := access.Ending{Person: ada, BlockedAt: midnight.AddDate(0, 0, -9)}
	eve, dan := access.PersonKey{Source: ada.Source, EmployeeID: "eve"}, access.PersonKey{Source: ada.Source, EmployeeID: "dan"}
	active, suspended := access.AccountActive, access.AccountSuspended
	for name, c := range map[string]struct {
		end     access.Ending
		status  access.AccountStatus // "": no list has it
		unread  bool
		closing bool
		kept    string // "", "clocks", or "removal": only that something was removed
	}{
		"who left, and is concluded about":       {leaver, suspended, false, true, "clocks"},
		"who left, though not concluded about":   {leaver, suspended, false, false, "clocks"},
		"concluded about, whoever they are":      {access.Ending{Person: bob}, suspended, false, true, "clocks"},
		"who left, and has the account no more":  {leaver, "", false, false, ""},
		"who left, and the list was not read":    {leaver, "", true, false, "clocks"},
		"who is back, and the list was not read": {begun(8 * 24 * time.Hour), active, true, false, "removal"},
		"who is back, blocked, and not read":     {access.Ending{Person: bob, BlockedAt: midnight}, active, true, false, ""},
		"who is held":                            {access.Ending{Person: eve, BlockedAt: midnight}, suspended, false, false, "clocks"},
		"who leaves later":                       {access.Ending{Person: dan, BlockedAt: midnight}, suspended, false, false, ""},
		"of whom nobody has heard":               {access.Ending{Person: access.PersonKey{Source: "other", EmployeeID: "x"}, BlockedAt: midnight}, suspended, false, false, "clocks"},
		"who is back, and nothing was removed":   {access.Ending{Person: bob, BlockedAt: midnight}, suspended, false, false, ""},
		"who is back and works, a week later":    {begun(week + 1), active, false, false, ""},
		"who is back and works, within the week": {begun(week), active, false, false, "removal"},
		"who is back, and cannot get in":         {begun(9 * week), suspended, false, false, "removal"},
	} {
		k := access.AccountKey{System: "okta", ID: "u"}
		c.end.Account = k
		next := access.Memory{Endings: map[access.AccountKey]access.Ending{k: c.end}}
		o := access.Judged{Observation: access.Observation{System: "okta", Reads: []access.Read{{System: "okta", Lists: true, Complete: !c.unread}}}}
		if c.status != "" {
			o.Accounts = []access.Account{{System: "okta", ID: "u", Status: c.status}}
			o.Matches = make([]access.Match, 1)
		}
		d := Decision{Systems: []access.Judged{o}, People: []access.Person{{Identity: access.Identity{Source: ada.Source, EmployeeID: ada.EmployeeID}, Standing: access.StandingLeft},
			{Identity: access.Identity{Source: bob.Source, EmployeeID: bob.EmployeeID}, Standing: access.StandingActive},
			{Identity: access.Identity{Source: eve.Source, EmployeeID: eve.EmployeeID}, Standing: access.StandingHeld},
			{Identity: access.Identity{Source: dan.Source, EmployeeID: dan.EmployeeID}, Standing: access.StandingScheduled}}}
		forgetEndings(&next, World{Now: midnight}, d, map[access.AccountKey]bool{k: c.closing})
		want := map[access.AccountKey]access.Ending{}
		switch c.kept {
		case "clocks":
			want[k] = c.end
		case "removal":
			want[k] = access.Ending{Account: k, Person: bob, RemovingAt: c.end.RemovingAt}
		}
		if d := cmp.Diff(want, next.Endings); d != "" {
			t.Errorf("%s (-want +got):\n%s", name, d)
		}
	}
}

// A clock that only stands for want of a read proves nothing of whoever gets in by that
// account: it was read to work tonight.
func TestNoClockStopsByTheStandingClockOfAnAccountThatWorks(t *testing.T) {
	now := time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC)
	up, center := access.AccountKey{System: "okta", ID: "u"}, access.AccountKey{System: "sso", ID: "c"}
	all := map[access.AccountKey]access.Ending{up: {Account: up, BlockedAt: now.AddDate(0, 0, -8)}}
	through := Closing{Account: center, Proven: true, Live: true, Through: []access.AccountKey{up}, Known: true}
	done := attempt{planned: 1, done: 1, last: now}
	for _, c := range []struct {
		ended   map[stageOf]attempt
		stopped bool
	}{
		{map[stageOf]attempt{{center, access.Block}: done}, false},
		{map[stageOf]attempt{{center, access.Block}: done, {up, access.Block}: {planned: 2, done: 1, last: now}}, false},
		{map[stageOf]attempt{{center, access.Block}: done, {up, access.Block}: done}, true},
	} {
		d := Decision{Closings: []Closing{through, {Account: up, Stands: true, Live: true}}}
		if got := moved(through, all, c.ended, stillWorking(d, c.ended), now); got.BlockedAt.IsZero() == c.stopped {
			t.Errorf("%+v: blocked %s", c.ended, got.BlockedAt)
		}
	}
}
