package reports

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"rollcall/internal/access"
	"rollcall/internal/goldentest"
)

var testFooter = Footer{ArchiveHead: "sha256:0123", Files: []string{"b.xlsx", "a\x1b.csv"}, Plan: "reports/run 1/plan.json", Config: "conf/rollcall.yaml"}

func summaries(t *testing.T, n *access.Night) map[string]string {
	t.Helper()
	j, err := SummaryJSON(n, testFooter)
	if err != nil {
		t.Fatal(err)
	}
	return map[string]string{"summary.txt": Summary(n, testFooter), "summary.md": SummaryMarkdown(n, testFooter), "summary.json": string(j)}
}

func TestSummariesAreAsAgreed(t *testing.T) {
	for name, got := range summaries(t, testNight()) {
		goldentest.Same(t, "testdata/"+name, got)
	}
}

func TestSummariesOfTheSameNightAreTheSame(t *testing.T) {
	first := summaries(t, testNight())
	for range 20 {
		for name, got := range summaries(t, testNight()) {
			if got != first[name] {
				t.Fatalf("%s differs from one making to the next", name)
			}
		}
	}
}

func TestNoSummaryNamesWhoLeavesLater(t *testing.T) {
	for name, got := range summaries(t, testNight()) {
		for _, secret := range []string{"Zelda", "Gwen", "Gardener", "0010600", "0010601", "p0010601@", "2026-12-18", "2027-01-31", "00u61", "00u62", "garden", "Sick note", "Paula"} {
			if strings.Contains(got, secret) {
				t.Errorf("%s tells %q", name, secret)
			}
		}
	}
}

func TestTheCIPageTellsLessOfWhatWasInALine(t *testing.T) {
	md := SummaryMarkdown(testNight(), testFooter)
	for _, detail := range []string{"Excel changed the ID", "Nobody approved", "invalid time zone"} {
		if strings.Contains(md, detail) {
			t.Errorf("it tells %q", detail)
		}
	}
	if !strings.Contains(md, "27 % fewer rows") || !strings.Contains(md, "row 9, column Employee ID") {
		t.Error("it does not say where the problems are")
	}
}

func TestTheCIPageHoldsNoMarkupFromOutside(t *testing.T) {
	for l := range strings.Lines(SummaryMarkdown(testNight(), testFooter)) {
		if strings.Contains(l, "<") || strings.Contains(l, "\x1b") {
			t.Errorf("markup: %q", l)
		}
	}
}

func TestTerminalLinesAreAtMost100ColumnsAndHoldNoEscape(t *testing.T) {
	for l := range strings.Lines(Summary(testNight(), testFooter)) {
		l = strings.TrimSuffix(l, "\n")
		if n := cells(l); n > columns {
			t.Errorf("%d columns: %q", n, l)
		}
		if strings.ContainsAny(l, "\x1b\x00\a\u202e") {
			t.Errorf("an escape: %q", l)
		}
	}
}

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

func TestTheCardIsPrintedWhenAndOnlyWhenAPersonIsNeeded(t *testing.T) {
	quiet := leaverNight(access.Enforce, access.Outcome{Result: access.Done, VerifiedAt: at("2026-11-23 02:11")})
	coded := leaverNight(access.Enforce)
	coded.Run.ExitCode = 3
	loud := leaverNight(access.Enforce)
	loud.Findings = []access.Finding{{Kind: access.UsedAfterExit, Disposition: access.ToReport}}
	for want, n := range map[bool][]*access.Night{false: {quiet}, true: {coded, loud}} {
		for _, n := range n {
			for name, got := range summaries(t, n) {
				if strings.Contains(strings.ToLower(got), "have ready") != want && name != "summary.json" || strings.Contains(got, `"call": null`) == want && name == "summary.json" {
					t.Errorf("%s: card is not %v:\n%s", name, want, got)
				}
			}
		}
	}
}

func TestEveryExitCodeHasItsMeaning(t *testing.T) {
	seen := map[string]bool{}
	for code := range 6 {
		if m := exitMeans(code, false); seen[m] || m == exitMeans(99, false) {
			t.Errorf("code %d means %q", code, m)
		}
		seen[exitMeans(code, false)] = true
	}
}

func TestBooksThatDoNotBalanceAreSaidSo(t *testing.T) {
	if s := Summary(testNight(), testFooter); !strings.Contains(s, "accounts of okta: 2 = 2 matched + 0 unmatched: holds") ||
		!strings.Contains(s, "grants of |okta|: 4 = 3 issued: DOES NOT BALANCE") {
		t.Error(s)
	}
}

func TestAnEmptyNightCanBeTold(t *testing.T) {
	for name, got := range summaries(t, &access.Night{}) {
		if got == "" || strings.Contains(got, "%!") || strings.Contains(got, "null,") && !strings.Contains(got, `"call": null,`) {
			t.Errorf("%s: %s", name, got)
		}
	}
	j, err := SummaryJSON(&access.Night{}, Footer{})
	if err != nil || !json.Valid(j) || strings.Count(string(j), "null") != 1 {
		t.Errorf("%s %v", j, err)
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

func TestAPlanSaysWhatWouldBeDoneAndNothingAsIfItWere(t *testing.T) {
	n := leaverNight(access.Enforce)
	n.Run.Trigger = "plan"
	for code := range 6 {
		n.Run.ExitCode = code
		got := Summary(n, Footer{})
		for _, night := range []string{"not attempted", "the rest was done", "NOT all blocked"} {
			if strings.Contains(got, night) {
				t.Errorf("a plan with exit %d says %q:\n%s", code, night, got)
			}
		}
		for _, says := range []string{"would be blocked", "would suspend"} {
			if !strings.Contains(got, says) {
				t.Errorf("a plan with exit %d does not say %q:\n%s", code, says, got)
			}
		}
	}
	n.Run.Mode = access.Observe
	if got := Summary(n, Footer{}); !strings.Contains(got, "would be blocked, if the mode were enforce") {
		t.Errorf("a plan in observe mode:\n%s", got)
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

func TestAnApprovalThatIsOverIsOnlyCountedUnlessItsGuardTrips(t *testing.T) {
	n := testNight()
	spent := n.Approvals[1]
	spent.Spent, spent.Scope = "run-0", "github"
	n.Approvals = []access.ApprovalVerdict{spent}
	if s := tell(n, Footer{}); len(s.Approvals) != 0 || !slices.ContainsFunc(s.Notes, func(n string) bool { return strings.Contains(n, "nothing waits for: 1.") }) {
		t.Errorf("%+v, notes %q", s.Approvals, s.Notes)
	}
	n.Approvals[0].Scope = "aws" // which trips
	if s := tell(n, Footer{}); len(s.Approvals) != 1 {
		t.Errorf("a spent one of a guard that trips is not told: %+v", s.Approvals)
	}
}

func TestAWordForAShellIsOneWord(t *testing.T) {
	for _, c := range [][2]string{{"okta", "okta"}, {"all systems", "'all systems'"}, {"it's", `'it'\''s'`}, {"$(rm -rf)", "'$(rm -rf)'"}, {"", "''"}, {"a;b", "'a;b'"}} {
		if got := ShellWord(c[0]); got != c[1] {
			t.Errorf("%q is %s, want %s", c[0], got, c[1])
		}
	}
}

func TestNoGuardSaysALimitOfNothing(t *testing.T) {
	n := testNight()
	n.Plan.Trips = append(n.Plan.Trips, access.GuardError{Guard: "protected", Scope: "aws", Says: "it is protected", Count: 1, Cohort: n.Plan.Trips[0].Cohort})
	n.Rosters[1].Refusal.Count, n.Rosters[1].Refusal.Limit = 0, 0
	n.Rosters[1].Refusal.Saw, n.Rosters[1].Refusal.Passes = "a list of 2026-11-19", "one of 2026-11-20 or later"
	const list, none = "a list of 2026-11-19; what passes by itself is one of 2026-11-20 or later", "1, and no number of them passes by itself"
	plain := strings.NewReplacer("&#45;", "-", "\n", " ", "  ", "")
	for name, text := range summaries(t, n) {
		text = plain.Replace(text)
		if strings.Contains(text, "limit is 0") || name != "summary.md" && (!strings.Contains(text, list) || !strings.Contains(text, none)) {
			t.Errorf("%s:\n%s", name, text)
		}
		if name == "summary.md" && (!strings.Contains(text, "| a list of 2026-11-19 | one of 2026-11-20 or later | 0 |") || !strings.Contains(text, "| 1 | none | 1 |")) {
			t.Errorf("%s:\n%s", name, text)
		}
	}
	if page := nightPage(t, n, Footer{}); !strings.Contains(page, list+". It holds") || !strings.Contains(page, none+". It holds") || strings.Contains(page, "limit is 0") {
		t.Error("the page says another measure")
	}
}
