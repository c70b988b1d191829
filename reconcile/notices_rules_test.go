package reconcile

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"rollcall/internal/access"
)

// kindsOf are the kinds of concerns that a night has, each once, without the receipt of the night.
func (c *household) kindsOf(n *access.Night) string {
	var all []string
	for _, one := range Concerns(n, c.rules) {
		if one.Kind != NoticeChainHead {
			all = append(all, one.Kind)
		}
	}
	return strings.Join(slices.Compact(all), " ")
}

// concern is the one concern of a kind that a night has.
func (c *household) concern(n *access.Night, kind string) access.Concern {
	c.t.Helper()
	all := slices.DeleteFunc(Concerns(n, c.rules), func(one access.Concern) bool { return one.Kind != kind })
	if len(all) != 1 {
		c.t.Fatalf("%d of %s: %+v", len(all), kind, all)
	}
	return all[0]
}

// blockOf is an outcome of a block of an account.
func blockOf(id string, account access.AccountID, r access.Result) access.Outcome {
	return access.Outcome{Action: access.Action{ID: id, FindingID: "f-" + id, Stage: access.Block, Verb: access.OktaSuspend, Person: leoLeft().Key(), Account: access.AccountKey{System: "okta", ID: account}}, Result: r}
}

func TestAccessThatIsOpenForLongerThanAgreedIsToldUnlessTonightEndedIt(t *testing.T) {
	removed := blockOf("a", "00u1", access.Done)
	removed.Action.Stage = access.Remove
	late := func(o ...access.Outcome) func(*access.Night) { return func(n *access.Night) { n.Outcomes = o } }
	ends := func(after, seen time.Duration) func(*access.Night) {
		return func(n *access.Night) {
			n.People[0].AccessEndsAt, n.People[0].FirstSeenLeftAt = time.Time{}, time.Time{}
			if after > 0 {
				n.People[0].AccessEndsAt = n.Run.StartedAt.Add(-after)
			}
			if seen > 0 {
				n.People[0].FirstSeenLeftAt = n.Run.StartedAt.Add(-seen)
			}
		}
	}
	finding := func(kind access.FindingKind, d access.Disposition) func(*access.Night) {
		return func(n *access.Night) { n.Findings[0].Kind, n.Findings[0].Disposition = kind, d }
	}
	for _, tt := range []struct {
		name string
		bend func(*access.Night)
		want string
	}{
		{"nothing was done", late(), "leaver_past_sla"},
		{"held", finding(access.LeaverAccess, access.ToHold), "leaver_past_sla"},
		{"a person has to end it", finding(access.LeaverAccess, access.ToUrgent), "leaver_by_hand"},
		{"protected", finding(access.ProtectedLeaver, access.ToUrgent), "leaver_past_sla protected_leaver"},
		{"blocked tonight", late(blockOf("a", "00u1", access.Done)), "leaver_revoked"},
		{"blocked before", late(blockOf("a", "00u1", access.AlreadyAbsent)), "leaver_revoked"},
		{"another account was blocked", late(blockOf("a", "00u2", access.Done)), "leaver_past_sla leaver_revoked"},
		{"only something was removed", late(removed), "leaver_past_sla"},
		{"one of two blocks failed", late(blockOf("a", "00u1", access.Done), blockOf("b", "00u1", access.Failed)), "leaver_block_failed leaver_past_sla"},
		{"one of two blocks was skipped", late(blockOf("a", "00u1", access.Done), blockOf("b", "00u1", access.Skipped)), "leaver_past_sla"},
		{"a block of another account was skipped", late(blockOf("a", "00u1", access.Done), blockOf("b", "00u2", access.Skipped)), ""},
		{"another account is held", func(n *access.Night) {
			late(blockOf("a", "00u1", access.Done))(n)
			n.Plan.Held = []access.Held{{Guard: "reads", Action: blockOf("b", "00u2", access.Done).Action}}
		}, ""},
		{"somebody else's is held", func(n *access.Night) {
			late(blockOf("a", "00u1", access.Done))(n)
			other := blockOf("b", "00u2", access.Done).Action
			other.Person.EmployeeID = "E99"
			n.Plan.Held = []access.Held{{Guard: "reads", Action: other}}
		}, "leaver_revoked"},
		{"another account is left to people", func(n *access.Night) {
			late(blockOf("a", "00u1", access.Done))(n)
			n.Findings = append(n.Findings, access.Finding{ID: "f-2", Kind: access.HeldPerson, Disposition: access.ToHold, Person: leoLeft().Key()})
		}, ""},
		{"the block was skipped", late(blockOf("b", "00u1", access.Skipped)), "leaver_past_sla"},
		{"as long as agreed", ends(24*time.Hour, 0), ""},
		{"a second longer", ends(24*time.Hour+time.Second, 0), "leaver_past_sla"},
		{"no day is known, and it was seen too long ago", ends(0, 25*time.Hour), "leaver_past_sla"},
		{"the day counts, and not since when it was seen", ends(time.Hour, 25*time.Hour), ""},
		{"nobody knows since when", ends(0, 0), ""},
		{"nobody knows whose", func(n *access.Night) { n.People = nil }, ""},
	} {
		c := newHousehold(t)
		n := c.night()
		n.Findings = []access.Finding{{ID: "f-1", Kind: access.LeaverAccess, Disposition: access.ToRevoke, Person: leoLeft().Key(), Account: leosAccount, Login: "leo@example.test"}}
		tt.bend(n)
		if got := c.kindsOf(n); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestOnlyAPrivilegedAccountOfNobodyWhomNoAnswerIsAwaitedForIsUrgent(t *testing.T) {
	for _, kind := range []access.FindingKind{access.OrphanAccount, access.AmbiguousMatch} {
		for _, privileged := range []bool{true, false} {
			for _, d := range []access.Disposition{access.ToUrgent, access.ToReview, access.ToHold} {
				c := newHousehold(t)
				n := c.night()
				n.Systems[0].Accounts[0].Privileged = privileged
				n.Systems[0].Accounts = append(n.Systems[0].Accounts, access.Account{System: "okta", ID: "00u2", Privileged: !privileged})
				n.Findings = []access.Finding{{ID: "f-1", Kind: kind, Disposition: d, Account: leosAccount}}
				if got := c.kindsOf(n); (got == NoticeUnknownAdmin) != (privileged && d != access.ToHold) {
					t.Errorf("%s, privileged %v, %s: %q", kind, privileged, d, got)
				}
			}
		}
	}
}

func TestEachUseOfABreakGlassAccountIsAMatterOfItsOwn(t *testing.T) {
	c := newHousehold(t)
	n := c.night()
	n.Findings = []access.Finding{{ID: "f-1", Kind: access.BreakGlassUsed, Account: leosAccount}}
	if got := c.concern(n, NoticeBreakGlass); got.Subject != "f-1-2026-11-23" || !slices.Equal(got.Rests, []string{"scope:okta/", "rosters"}) || !strings.HasPrefix(got.Open[0], "Account 00u1 in okta was used since the last night. It is that of nobody who is known.") {
		t.Errorf("%+v", got)
	}
}

// Everybody reads the id, unless the person is still employed; HR and security read the name.
func TestWhomANoticeNamesToWhom(t *testing.T) {
	for name, tt := range map[string]struct {
		bend       func(*access.Night)
		open, more string
	}{
		"left":            {func(*access.Night) {}, "Account 00u1 in okta is blocked, and is that of employees/E7,", "Leo Lion (employees/E7): leo@example.test why"},
		"on garden leave": {func(n *access.Night) { n.People[0].Standing = access.StandingGarden }, "An account in okta is blocked, and is that of somebody whose id only the report gives,", "Leo Lion (employees/E7): leo@example.test why"},
		"without a name":  {func(n *access.Night) { n.People[0].Name = "" }, "Account 00u1 in okta is blocked, and is that of employees/E7,", "employees/E7: leo@example.test why"},
		"in no list":      {func(n *access.Night) { n.People = nil }, "Account 00u1 in okta is blocked, and is that of employees/E7,", "employees/E7: leo@example.test why"},
		"who works here": {func(n *access.Night) {
			n.People[0].Standing, n.People[0].AccessEndsAt = access.StandingActive, time.Time{}
		}, "Account 00u1 in okta is blocked, and is that of employees/E7,", "Leo Lion (employees/E7): leo@example.test why"},
		"who is to leave": {func(n *access.Night) {
			n.People[0].Standing, n.People[0].AccessEndsAt = access.StandingActive, n.Run.StartedAt.Add(1)
		}, "An account in okta is blocked, and is that of somebody whose id only the report gives,", "Leo Lion (employees/E7): leo@example.test why"},
		"in an account of a scope": {func(n *access.Night) {
			n.Findings[0].Account = access.AccountKey{System: "aws", Scope: "123", ID: "leo"}
		}, "Account leo in aws 123 is blocked", "Leo Lion"},
	} {
		c := newHousehold(t)
		n := c.night()
		n.Findings = []access.Finding{{ID: "f-1", Kind: access.BlockedActive, Person: leoLeft().Key(), Account: leosAccount, Login: "leo@example.test", Reason: "why"}}
		tt.bend(n)
		got := c.concern(n, NoticeBlockedActive)
		if !strings.HasPrefix(got.Open[0], tt.open) || !strings.HasPrefix(got.Restricted[0], tt.more) || got.Rests[1] != "roster:employees" || !got.Since.Equal(c.now) || got.SeenIn != n.Run.ID {
			t.Errorf("%s: %q, and to HR %q; rests on %q", name, got.Open, got.Restricted, got.Rests)
		}
	}
}

func TestWhoseLeavingLiesAhead(t *testing.T) {
	now := time.Date(2026, 11, 23, 1, 0, 0, 0, time.UTC)
	past, next := access.Day{At: now.AddDate(0, 0, -1)}, access.Day{At: now.AddDate(0, 0, 1)}
	for name, tt := range map[string]struct {
		p     access.Person
		ahead bool
	}{
		"scheduled":            {access.Person{Standing: access.StandingScheduled}, true},
		"garden leave":         {access.Person{Standing: access.StandingGarden}, true},
		"left":                 {access.Person{Standing: access.StandingLeft, AccessEndsAt: next.At}, false},
		"no end":               {access.Person{Standing: access.StandingActive}, false},
		"access ends":          {access.Person{Standing: access.StandingActive, AccessEndsAt: next.At}, true},
		"access ended":         {access.Person{Standing: access.StandingActive, AccessEndsAt: now}, false},
		"the end date":         {access.Person{Standing: access.StandingActive, Identity: access.Identity{EndDate: next}}, true},
		"the last working day": {access.Person{Standing: access.StandingActive, Identity: access.Identity{EndDate: past, LastWorkingDay: next}}, true},
		"all over":             {access.Person{Standing: access.StandingActive, AccessEndsAt: past.At, Identity: access.Identity{EndDate: past, LastWorkingDay: past}}, false},
	} {
		if got := LeavesAhead(tt.p, now); got != tt.ahead {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestWhatIsNotProvenTonight(t *testing.T) {
	adopted := func(id string, r access.Result) access.Outcome {
		o := blockOf(id, "00u1", r)
		o.AdoptedFrom = "run-0"
		return o
	}
	byHand := func(o access.Outcome, s access.Stage) access.Outcome {
		o.Action.Order, o.Action.Stage = &access.Order{}, s
		return o
	}
	for name, tt := range map[string]struct {
		all  []access.Outcome
		want int
	}{
		"done, there already, skipped":              {[]access.Outcome{blockOf("a", "00u1", access.Done), blockOf("b", "00u1", access.AlreadyAbsent), blockOf("c", "00u1", access.Skipped)}, 0},
		"failed, pending, unknown":                  {[]access.Outcome{blockOf("a", "00u1", access.Failed), blockOf("b", "00u1", access.Pending), blockOf("c", "00u1", access.Unknown)}, 3},
		"an interrupted run's that failed":          {[]access.Outcome{adopted("a", access.Failed)}, 0},
		"an interrupted order's that failed":        {[]access.Outcome{byHand(adopted("a", access.Failed), access.Block)}, 1},
		"an order's that was skipped":               {[]access.Outcome{byHand(blockOf("a", "00u1", access.Skipped), access.Block)}, 1},
		"and its giving back, skipped":              {[]access.Outcome{byHand(blockOf("a", "00u1", access.Skipped), access.Restore)}, 0},
		"an interrupted run's that nobody saw":      {[]access.Outcome{adopted("a", access.Unknown)}, 1},
		"and tonight's own did it":                  {[]access.Outcome{adopted("a", access.Unknown), blockOf("a", "00u1", access.Done)}, 0},
		"and tonight's own found it so":             {[]access.Outcome{adopted("a", access.Unknown), blockOf("a", "00u1", access.AlreadyAbsent)}, 0},
		"and tonight's own did another one":         {[]access.Outcome{adopted("a", access.Unknown), blockOf("b", "00u1", access.Done)}, 1},
		"and tonight's own failed too":              {[]access.Outcome{adopted("a", access.Unknown), blockOf("a", "00u1", access.Failed)}, 2},
		"and another interrupted run did it":        {[]access.Outcome{adopted("a", access.Unknown), adopted("a", access.Done)}, 1},
		"tonight's own is no earlier one of itself": {[]access.Outcome{blockOf("a", "00u1", access.Unknown), blockOf("a", "00u1", access.Done)}, 1},
	} {
		if got := Unproven(tt.all); len(got) != tt.want {
			t.Errorf("%s: %d are not proven: %+v", name, len(got), got)
		}
	}
}

// TestWhatAnOrderLeftOpenIsOverWhereItsAccountIsSeenEnded and not by what becomes of another one.
func TestWhatAnOrderLeftOpenIsOverWhereItsAccountIsSeenEnded(t *testing.T) {
	k := access.AccountKey{System: "okta", ID: "00u1"}
	okta := func(mine, other access.AccountStatus) access.Judged {
		return access.Judged{Observation: access.Observation{Accounts: []access.Account{{System: "okta", ID: "00u0", Kind: access.OktaUser, Status: other}, {System: "okta", ID: "00u1", Kind: access.OktaUser, Status: mine}}}}
	}
	center := func(holder uint32, upstream string) access.Judged {
		return access.Judged{Observation: access.Observation{
			Accounts:     []access.Account{{System: "okta", ID: "00u0", Kind: access.IdentityCenter}, {System: "okta", ID: "00u1", Kind: access.IdentityCenter, Upstream: upstream, Status: access.AccountActive}},
			Entitlements: []access.Entitlement{{Kind: access.SSOGroup, Editable: true}}, Grants: []access.Grant{{Account: holder}}}}
	}
	const active, suspended, disabled = access.AccountActive, access.AccountSuspended, access.AccountDisabled
	for name, c := range map[string]struct {
		o    access.Judged
		want bool
	}{
		"it works": {okta(active, suspended), false}, "it is suspended": {okta(suspended, active), true}, "it is disabled": {okta(disabled, active), true},
		"no list has it": {access.Judged{}, true}, "it is in a group": {center(1, ""), false}, "another one is": {center(0, ""), true},
		"it is in one that is pushed": {center(1, "okta"), true},
	} {
		if got := seenEnded(&access.Night{Systems: []access.Judged{c.o}}, k.String()); got != c.want {
			t.Errorf("%s: ended %t", name, got)
		}
	}
}

func TestTheReceiptCountsWhoseAccountsWereAllBlocked(t *testing.T) {
	of := func(o access.Outcome, employee access.EmployeeID) access.Outcome {
		o.Action.Person.EmployeeID = employee
		return o
	}
	moved, reviewed, gone := blockOf("m", "00u5", access.Done), blockOf("r", "00u6", access.Done), blockOf("g", "00u7", access.Done)
	moved.Action.Mover, reviewed.Action.Review, gone.Action.Stage = true, "2026-q1", access.Remove
	failed, skipped := blockOf("h", "00u8", access.Failed), blockOf("a", "00u1", access.Skipped) // of an interrupted run
	failed.AdoptedFrom, skipped.AdoptedFrom = "run-0", "run-0"
	held := func(o access.Outcome, s access.Stage) access.Held {
		o.Action.Stage = s
		return access.Held{Action: o.Action}
	}
	c := newHousehold(t)
	n := c.night()
	n.Outcomes = []access.Outcome{blockOf("a", "00u1", access.Done), blockOf("b", "00u1", access.Done), blockOf("c", "00u2", access.AlreadyAbsent), of(blockOf("d", "00u3", access.Done), "E1"), of(blockOf("d", "00u3", access.Skipped), "E2"),
		of(blockOf("e", "00u4", access.Done), "E9"), of(blockOf("f", "00u4", access.Failed), "E9"), of(moved, "E3"), of(reviewed, "E4"), of(gone, "E5"), of(failed, "E8"), skipped, of(blockOf("i", "00u9", access.Done), "E10")}
	n.Plan.Held = []access.Held{held(n.Outcomes[0], access.Remove), held(n.Outcomes[len(n.Outcomes)-1], access.Block)}
	got := c.concern(n, NoticeRevoked)
	if want := []string{"Leo Lion (employees/E7): 2 accounts", "employees/E1: 1 accounts"}; !slices.Equal(got.Restricted, want) || got.Open[0] != "3 accounts of 2 people were blocked, and it was read back that they are." {
		t.Errorf("%q, and to HR %q", got.Open, got.Restricted)
	}
	for range 20 { // the same each time
		if more := c.concern(n, NoticeRevoked); !slices.Equal(more.Restricted, got.Restricted) {
			t.Fatalf("%q", more.Restricted)
		}
	}
	n.Findings = []access.Finding{{ID: "f", Kind: access.LeaverAccess, Disposition: access.ToUrgent, Person: n.Outcomes[3].Action.Person, Account: n.Outcomes[3].Action.Account},
		{ID: "g", Kind: access.LeaverAccess, Disposition: access.ToRevoke, Person: n.Outcomes[0].Action.Person, Account: n.Outcomes[0].Action.Account},
		{ID: "h", Kind: access.UsedAfterExit, Disposition: access.ToUrgent, Person: n.Outcomes[0].Action.Person, Account: n.Outcomes[0].Action.Account}}
	for _, kind := range []access.FindingKind{access.LeaverAccess, access.PerhapsTheirs, access.HeldPerson} {
		n.Findings[0].Kind = kind
		if got := c.concern(n, NoticeRevoked); !slices.Equal(got.Restricted, []string{"Leo Lion (employees/E7): 2 accounts"}) {
			t.Errorf("who may get in by a way that nobody ended (%s): %q", kind, got.Restricted)
		}
	}
	n.Outcomes = n.Outcomes[5:]
	if got := c.kindsOf(n); strings.Contains(got, NoticeRevoked) {
		t.Errorf("of nobody all accounts were blocked, and told is %q", got)
	}
}

func TestOnlyAManagerWhoWorksHereIsToldOfWhoHasLeft(t *testing.T) {
	for name, tt := range map[string]struct {
		bend func(p, boss *access.Person)
		told bool
	}{
		"both as they should be":  {func(_, _ *access.Person) {}, true},
		"who has not left":        {func(p, _ *access.Person) { p.Standing = access.StandingActive }, false},
		"without a manager":       {func(p, _ *access.Person) { p.ManagerID = "" }, false},
		"a manager in no list":    {func(p, _ *access.Person) { p.ManagerID = "E5" }, false},
		"a manager of nobody":     {func(_, boss *access.Person) { boss.EmployeeID = "" }, false},
		"a manager without mail":  {func(_, boss *access.Person) { boss.Email = "" }, false},
		"a manager who left":      {func(_, boss *access.Person) { boss.Standing = access.StandingLeft }, false},
		"a person who is unknown": {func(p, _ *access.Person) { p.EmployeeID = "E6" }, false},
	} {
		c := newHousehold(t)
		n := c.night()
		p := leoLeft()
		p.ManagerID = "E1"
		boss := access.Person{Identity: access.Identity{Source: "employees", EmployeeID: "E1", Email: "boss@example.test"}, Standing: access.StandingActive}
		tt.bend(&p, &boss)
		n.People = []access.Person{p, boss}
		n.Outcomes = []access.Outcome{blockOf("a", "00u1", access.Done)}
		told := slices.DeleteFunc(Concerns(n, c.rules), func(one access.Concern) bool { return one.Kind != NoticeReportLeft })
		if (len(told) == 1) != tt.told || tt.told && (told[0].To[0].Mail != "boss@example.test" || told[0].Open[0] != "Access of employees/E7, who reported to you, was ended, and that was read back.") {
			t.Errorf("%s: %+v", name, told)
		}
	}
}

func TestHowLongIsSaidInDaysWhereItIsWholeDays(t *testing.T) {
	for d, want := range map[time.Duration]string{24 * time.Hour: "24 hours", 47 * time.Hour: "47 hours", 48 * time.Hour: "2 days", 49 * time.Hour: "49 hours", 72 * time.Hour: "3 days", time.Hour: "1 hours"} {
		if got := hoursOf(d); got != want {
			t.Errorf("%s: %q", d, got)
		}
	}
}

func TestOneMatterIsToldOnceWithAllThatIsKnownOfIt(t *testing.T) {
	c := newHousehold(t)
	n := c.night()
	one, two := blockOf("a", "00u1", access.Failed), blockOf("b", "00u1", access.Unknown)
	two.Action.FindingID = one.Action.FindingID
	n.Outcomes = []access.Outcome{one, two, one}
	if got := c.concern(n, NoticeBlockFailed); len(got.Restricted) != 2 || got.Subject != "f-a" || len(got.Open) != 2 {
		t.Errorf("%+v", got)
	}
	n.Outcomes = []access.Outcome{blockOf("a", "00u1", access.Failed), blockOf("b", "00u2", access.Failed)}
	n.Outcomes[1].Action.Login = "other@example.test"
	for _, one := range Concerns(n, c.rules) {
		if one.Kind == NoticeBlockFailed && len(one.Restricted) != 1 {
			t.Errorf("%s has what is about another one: %q", one.ID(), one.Restricted)
		}
	}
	var ids []string
	for _, o := range Concerns(everything(c, false), c.rules) {
		ids = append(ids, o.ID())
	}
	if !slices.IsSorted(ids) || len(slices.Compact(slices.Clone(ids))) != len(ids) {
		t.Errorf("%q", ids)
	}
}

// What is counted to HR and to compliance is what is new tonight.
func TestQuestionsAndRightsOutsideTheRoleMapAreToldWhenTheyAreNew(t *testing.T) {
	c := newHousehold(t)
	today, before := dayOf(c.now), dayOf(c.now.AddDate(0, 0, -1))
	n := c.night()
	for i, kind := range []access.FindingKind{access.HeldPerson, access.VanishedPerson, access.MissingGrant, access.MissingGrant} {
		for _, day := range []access.Day{today, before, {}} {
			n.Findings = append(n.Findings, access.Finding{ID: fmt.Sprint("f", i, day), Kind: kind, FirstSeen: day})
		}
	}
	if got := c.concern(n, NoticeQuestions); !strings.HasPrefix(got.Open[0], "2 more accounts wait for an answer of HR's") {
		t.Errorf("%q", got.Open)
	}
	if got := c.kindsOf(n); strings.Contains(got, NoticeOutside) {
		t.Errorf("%q", got)
	}
	n = c.night()
	for _, day := range []access.Day{today, before, today, {}} {
		n.Findings = append(n.Findings, access.Finding{ID: "u" + day.String(), Kind: access.UnexpectedGrant, FirstSeen: day})
	}
	n.Findings = append(n.Findings, access.Finding{ID: "x", Kind: access.MissingGrant, FirstSeen: today})
	if got := c.concern(n, NoticeOutside); !strings.HasPrefix(got.Open[0], "2 more rights that the role map does not have, 4 in all.") {
		t.Errorf("%q", got.Open)
	}
	n.Findings = n.Findings[1:2]
	n.Run.Trigger = "sweep"
	if all := Concerns(n, c.rules); len(all) != 0 {
		t.Errorf("nothing is new, and no night was committed: %+v", all)
	}
}

func TestWhatAReadAGuardAndAnApprovalTell(t *testing.T) {
	c := newHousehold(t)
	n := c.night()
	n.Systems[0].Reads = append(n.Systems[0].Reads, access.Read{System: "okta", Kind: "logs", Recalled: true}, access.Read{System: "okta", Kind: "groups"})
	n.Plan.Trips = []access.GuardError{{Guard: "roster", Scope: "employees"}, {Guard: "baseline", Scope: "aws", Cohort: []access.AccountKey{leosAccount}, Count: 1}, {Guard: "blast_radius", Scope: "okta", Count: 7, Limit: 5, Cohort: make([]access.AccountKey, 7)}}
	n.Approvals = []access.ApprovalVerdict{{GivenApproval: access.GivenApproval{Approval: access.Approval{ID: "ap-1", Guard: "blast_radius"}}, Accounts: 3},
		{GivenApproval: access.GivenApproval{Approval: access.Approval{ID: "ap-2", Guard: "blast_radius", By: "dana", Reason: "merger"}}, Accounts: 3, SpentAt: c.now}}
	if gap := c.concern(n, NoticeGap); gap.Subject != (access.Read{System: "okta", Kind: "groups"}).Name() {
		t.Errorf("%+v", gap)
	}
	if spent := c.concern(n, NoticeApprovalSpent); spent.Subject != "ap-2" || spent.Open[0] != "The approval ap-2 of the guard blast_radius released 3 accounts." || spent.Restricted[0] != "by dana: merger" {
		t.Errorf("%+v", spent)
	}
	var said []string
	for _, one := range Concerns(n, c.rules) {
		if one.Kind == NoticeGuard {
			said = append(said, fmt.Sprint(one.Calm, " ", one.Open[0]))
		}
	}
	if want := []string{"true The guard baseline holds 1 account, and no number of them passes by itself.", "false The guard blast_radius holds 7 accounts of okta: 7 counted, 5 is the most that passes by itself."}; !slices.Equal(said, want) {
		t.Errorf("%q", said)
	}
}

func TestMoreThanTenOfAKindAreOneThatStandsForAll(t *testing.T) {
	all := func(kind string, many int) (out []access.Concern) {
		for i := range many {
			out = append(out, access.Concern{Kind: kind, Subject: fmt.Sprintf("s%02d", i), System: "okta", Calm: true, Since: time.Unix(int64(1000+i), 0), SeenIn: "run-1",
				Open: []string{fmt.Sprint("open ", i), "what to do"}, Restricted: []string{fmt.Sprint("more ", i), "and"}, Rests: []string{"scope:okta/", fmt.Sprint("roster:", i%2)}})
		}
		return out
	}
	if got := bundled(slices.Concat(all("a", mostApart), all("b", mostApart))); len(got) != 2*mostApart {
		t.Errorf("%d, of ten each", len(got))
	}
	if got := bundled(all(NoticeReportLeft, mostApart+1)); len(got) != mostApart+1 || got[0].To != nil {
		t.Errorf("managers are told of each other's: %d", len(got))
	}
	got := bundled(slices.Concat(all("a", mostApart+1), all("b", 1)))
	if len(got) != 2 || got[1].Kind != "b" {
		t.Fatalf("%+v", got)
	}
	many := got[0]
	if many.ID() != "a/many" || len(many.Covers) != mostApart+1 || many.Covers[mostApart] != "s10" || !slices.Equal(many.Rests, []string{"scope:okta/", "roster:0", "roster:1"}) || !many.Calm || many.System != "okta" || many.SeenIn != "run-1" || many.Since.Unix() != 1000 {
		t.Errorf("%+v", many)
	}
	if len(many.Open) != 1+mostApart || many.Open[0] != "11 at once. These are the first 10; the report has all of them." || many.Open[1] != "open 0" || many.Open[mostApart] != "open 9" || len(many.Restricted) != 2*mostApart {
		t.Errorf("%q, %q", many.Open, many.Restricted)
	}
	for n := range mostApart + 1 {
		some := all("a", mostApart+1)
		some[n].Calm, some[n].System = false, "aws"
		if got := bundled(some)[0]; got.Calm || got.System != "" {
			t.Errorf("one of them is not calm and of another system: %+v", got)
		}
	}
}

func TestWhoIsToldThatAccessWasEndedIsToldWhatWasNotRead(t *testing.T) {
	for _, complete := range []bool{true, false} {
		c := newHousehold(t)
		n := c.night()
		boss := access.Person{Identity: access.Identity{Source: "employees", EmployeeID: "E1", Email: "boss@example.test"}, Standing: access.StandingActive}
		n.People = append(n.People, boss)
		n.People[0].ManagerID = "E1"
		n.Systems[0].Reads[0].Complete = complete
		n.Systems[0].Reads = append(n.Systems[0].Reads, access.Read{System: "okta", Kind: "group_rules"}) // which lists nobody
		done := blockOf("a", "00u1", access.Done)
		done.Action.Person = leoLeft().Key()
		n.Outcomes = []access.Outcome{done}
		for _, kind := range []string{NoticeRevoked, NoticeReportLeft} {
			if says := strings.Join(c.concern(n, kind).Open, " "); strings.Contains(says, "okta/users could not be read to the end: whether there is more is not known.") == complete || strings.Contains(says, "group_rules") {
				t.Errorf("%s, read to the end %t: %s", kind, complete, says)
			}
		}
	}
}

// A night told of the gap before: whoever waits for an order has to know it now.
func TestWhatAnOrderCouldNotReadIsToldAlsoIfAnEarlierRunDidNot(t *testing.T) {
	for _, order := range []*access.Order{nil, {Person: leoLeft().Key()}} {
		c := newHousehold(t)
		n := c.night()
		n.Order, n.Systems[0].Reads[0].Complete, n.Systems[0].Reads[0].Recalled = order, false, true
		if order != nil {
			n.Orders = []access.OpenOrder{{Order: *order}}
		}
		n.Systems[0].Reads = append(n.Systems[0].Reads, access.Read{System: "okta", Kind: "group_rules", Complete: true})
		if got := c.kindsOf(n); (got == NoticeOrderLeft) != (order != nil) {
			t.Errorf("ordered %t: %q", order != nil, got)
		}
		for _, one := range Concerns(n, c.rules) {
			if one.Kind == NoticeOrderLeft && !strings.HasPrefix(one.Open[0], "okta/users was not read to its end") {
				t.Errorf("of what was read it says %q", one.Open)
			}
		}
	}
}
