package reports

import (
	"slices"
	"strings"
	"testing"

	"rollcall/internal/access"
)

// leaverNight is a night with one leaver, one action and its outcome.
func leaverNight(mode access.Mode, outcomes ...access.Outcome) *access.Night {
	p := testPeople()[2]
	n := &access.Night{Run: access.Run{ID: "r", StartedAt: at("2026-11-23 02:00"), Mode: mode}, People: []access.Person{p}}
	n.Plan.Actions = []access.Action{testAction("a1", p, "okta", "", "00u50", access.OktaSuspend)}
	for i := range outcomes {
		outcomes[i].Action = n.Plan.Actions[0]
	}
	n.Outcomes = outcomes
	return n
}

func TestNothingIsCalledBlockedThatWasNotReadBack(t *testing.T) {
	when := at("2026-11-23 02:11")
	for want, n := range map[string]*access.Night{
		"blocked_verified": leaverNight(access.Enforce, access.Outcome{Result: access.Done, VerifiedAt: when}),
		"unverified":       leaverNight(access.Enforce, access.Outcome{Result: access.Pending, VerifiedAt: when}),
		"failed":           leaverNight(access.Enforce, access.Outcome{Result: access.Failed}, access.Outcome{Result: access.Done, VerifiedAt: when}),
		"skipped":          leaverNight(access.Enforce, access.Outcome{Result: access.Skipped}),
		"not_attempted":    leaverNight(access.Enforce),
		"planned":          leaverNight(access.Observe),
	} {
		l := tell(n, Footer{}).Leavers
		if len(l) != 1 || l[0].Accounts[0].State != want || (l[0].BlockedAt != "") != (want == "blocked_verified") {
			t.Errorf("want %s, got %+v", want, l)
		}
	}
	if s := tell(leaverNight(access.Enforce, access.Outcome{Result: access.Done}), Footer{}); s.Leavers[0].Accounts[0].State != "unverified" {
		t.Error("done without a time of verification counts as verified")
	}
	if s := tell(leaverNight(access.Enforce, access.Outcome{Result: access.Unknown, VerifiedAt: when}), Footer{}); s.Leavers[0].Accounts[0].State != "unverified" {
		t.Error("unknown counts as verified")
	}
}

func TestTheClockRunsFromTheEndToTheProof(t *testing.T) {
	l := tell(leaverNight(access.Enforce, access.Outcome{Result: access.Done, VerifiedAt: at("2026-11-23 02:11")}), Footer{}).Leavers[0]
	if l.AfterEnd != "2 days 3 h" || l.EffectiveAt != "2026-11-20 23:00 UTC" || l.FirstSeenAt != "2026-11-21 02:00 UTC" || l.BlockedAt != "2026-11-23 02:11 UTC" {
		t.Errorf("%+v", l)
	}
}

func TestNothingIsCalledRemovedThatWasNotReadBackAndTheBlocksClockStands(t *testing.T) {
	when, before := at("2026-11-30 02:11"), at("2026-11-23 02:11")
	for want, o := range map[string]access.Outcome{
		"removed_verified": {Result: access.Done, VerifiedAt: when}, "unverified": {Result: access.Pending}, "failed": {Result: access.Failed},
	} {
		n := leaverNight(access.Enforce, o)
		n.Plan.Actions[0].Stage, n.Plan.Actions[0].Verb = access.Remove, access.OktaDeactivate
		n.Outcomes[0].Action = n.Plan.Actions[0]
		end := access.Ending{BlockedAt: before}
		if want == "removed_verified" {
			end.RemovedAt = when
		}
		n.Endings = map[access.AccountKey]access.Ending{n.Plan.Actions[0].Account: end}
		s := tell(n, Footer{})
		l := s.Leavers[0]
		if l.Accounts[0].State != want || l.BlockedAt != "2026-11-23 02:11 UTC" || l.AfterEnd != "2 days 3 h" || (l.RemovedAt == "2026-11-30 02:11 UTC") != (want == "removed_verified") {
			t.Errorf("want %s: %+v", want, l)
		}
		if says := leaverSentence(s); !strings.Contains(says, s.stateWord(want, access.Remove)) {
			t.Errorf("want %s: %s", want, says)
		}
	}
	n := leaverNight(access.Observe)
	n.Plan.Actions[0].Stage, n.Run.Trigger = access.Remove, "plan"
	if says := Summary(n, Footer{}); !strings.Contains(says, "would be removed") || strings.Contains(says, "would be blocked") {
		t.Error(says)
	}
}

func TestWhatIsBlockedAndNotRemovedYetIsToldWithItsReason(t *testing.T) {
	n := leaverNight(access.Enforce)
	n.Plan.Actions = nil
	for _, d := range []access.Disposition{access.ToReport, access.ToRevoke} {
		n.Findings = append(n.Findings, access.Finding{ID: "f-" + string(d), Kind: access.LeaverRemains, Disposition: d, Person: n.People[0].Key(), Reason: "It is left to " + string(d)})
	}
	for name, got := range summaries(t, n) {
		if !strings.Contains(got, "It is left to report") || strings.Contains(got, "It is left to revoke") {
			t.Errorf("%s:\n%s", name, got)
		}
	}
}

func TestAProtectedLeaverIsAskedAboutOnceAndAtOnce(t *testing.T) {
	n := leaverNight(access.Enforce)
	act := n.Plan.Actions[0]
	n.Plan = access.Plan{Held: []access.Held{{Action: act, Guard: "protected"}}}
	n.Findings = []access.Finding{{ID: "f1", Kind: access.ProtectedLeaver, Severity: "critical", Disposition: access.ToUrgent, Person: act.Person, Account: act.Account, Login: act.Login, Reason: "it is protected"}}
	asked := func(n *access.Night) (when []string) {
		for _, one := range tell(n, Footer{}).Call.Say {
			if strings.Contains(one.Words, string(act.Account.ID)) || strings.Contains(one.Words, act.Login) {
				when = append(when, one.When)
			}
		}
		return when
	}
	if got := asked(n); !slices.Equal(got, []string{now}) {
		t.Errorf("security is asked %q", got)
	}
	n.Findings[0].Kind, n.Findings[0].Severity, n.Findings[0].Disposition = access.LeaverAccess, "high", access.ToRevoke
	n.Plan.Held[0].Guard, n.Run.ExitCode = "blast_radius", 3
	if got := asked(n); !slices.Equal(got, []string{business}) {
		t.Errorf("of one that is not protected they are asked %q", got)
	}
}

func TestACountOfPeopleSaysWhoIsNotNamed(t *testing.T) {
	for want, s := range map[string]story{
		"1 account of 1 person to close: 1 ":                                                                 {Leavers: []leaver{{Accounts: []closing{{State: states[stateHeld]}}}}},
		"1 account of 1 person (still employed, so named in the archive alone) to close: 1 ":                 {Restricted: restricted{People: 1, Accounts: map[string]int{states[stateHeld]: 1}}},
		"2 accounts of 2 people (1 who left, and 1 still employed, named in the archive alone) to close: 2 ": {Leavers: []leaver{{Accounts: []closing{{State: states[stateHeld]}}}}, Restricted: restricted{People: 1, Accounts: map[string]int{states[stateHeld]: 1}}},
	} {
		if got := leaverSentence(s); !strings.HasPrefix(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestAGapIsNeverToldAsNobodyHadAnythingOpen(t *testing.T) {
	n := leaverNight(access.Enforce)
	n.Plan, n.Findings, n.Outcomes = access.Plan{}, nil, nil
	n.Systems = []access.Judged{{Observation: access.Observation{System: "okta", Reads: []access.Read{{System: "okta", Kind: "users", Lists: true, Gap: "refused"}}}}}
	if got := Summary(n, Footer{}); strings.Contains(got, "Nobody who has left had anything open.") || !strings.Contains(got, "what could not be read") {
		t.Errorf("the summary of an unread night says:\n%s", got)
	}
}

func TestWhatAnUnreadListHidesOfLeaversIsSaid(t *testing.T) {
	n := leaverNight(access.Enforce)
	n.Plan, n.Findings, n.Outcomes = access.Plan{}, nil, nil
	n.Systems = []access.Judged{{Observation: access.Observation{System: "okta", Reads: []access.Read{
		{System: "okta", Kind: "users", Lists: true, Gap: "refused"}, {System: "okta", Kind: "apps", Gap: "refused"}}}}}
	for name, got := range summaries(t, n) {
		if name == "summary.json" {
			if !strings.Contains(got, `"cannot_be_said": [`+"\n"+`    {`) {
				t.Errorf("%s:\n%s", name, got)
			}
			continue
		}
		if strings.Count(got, "okta/users was not read to its end") != 1 || strings.Contains(got, "okta/apps was not read to its end") {
			t.Errorf("%s:\n%s", name, got)
		}
	}
}

func TestWhoLeftRecentlyIsNamedByTheEndAndByTheWordButNotTheWholePastOnTheFirstNight(t *testing.T) {
	n := leaverNight(access.Enforce)
	n.Systems = []access.Judged{{Observation: access.Observation{System: "okta", Reads: []access.Read{{System: "okta", Kind: "users", Lists: true, Gap: "refused"}}}}}
	for _, c := range []struct {
		ended, said string
		previous    access.RunID
		named       bool
	}{
		{"2026-11-22 00:00", "2026-11-01 02:00", "before", true},
		{"2026-10-01 00:00", "2026-11-22 02:00", "before", true},
		{"2026-10-01 00:00", "2026-11-01 02:00", "before", false},
		{"2020-01-01 00:00", "2026-11-23 02:00", "", false},
		{"2026-11-22 00:00", "2026-11-23 02:00", "", true},
	} {
		n.Run.Previous, n.People[0].AccessEndsAt, n.People[0].FirstSeenLeftAt = c.previous, at(c.ended), at(c.said)
		if got := tell(n, Footer{}).Unsaid; len(got) != 1 || (len(got[0].Recent) == 1) != c.named {
			t.Errorf("%+v: %+v", c, got)
		}
	}
}
