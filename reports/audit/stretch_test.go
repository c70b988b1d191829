//go:build cgo

package audit

import (
	"crypto/ed25519"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"rollcall/internal/access"
	"rollcall/reports/archive"
)

// stretch is some nights in a row, on which Ann has one permission set in the AWS accounts
// 111 and 222. A test changes a night before it is recorded.
type stretch struct {
	t    *testing.T
	root string
	last access.RunID
	open *Archive
}

func newStretch(t *testing.T) *stretch { return &stretch{t: t, root: t.TempDir()} }

func (s *stretch) run(trigger string, day int) access.Run {
	at := time.Date(2026, 3, day, 1, 0, 0, 0, time.UTC)
	run := access.Run{ID: access.RunID(at.Format("20060102T150405Z") + "-" + strings.ReplaceAll(trigger, " ", "-")), StartedAt: at, FinishedAt: at.Add(time.Minute),
		Mode: access.Enforce, Trigger: trigger, Verdict: "done", Previous: s.last, Actor: "job@machine"}
	s.last = run.ID
	return run
}

var (
	annInAWS = access.AccountKey{System: "aws", ID: "u-ann"}
	annHere  = access.Person{Standing: access.StandingActive, Identity: access.Identity{Source: ann.Source, EmployeeID: ann.EmployeeID, Name: "Ann", Title: "Nurse"}}
)

// night records a run of a day of March 2026; in are the AWS accounts in which Ann has the
// permission set.
func (s *stretch) night(trigger string, day int, in []string, change func(*access.Night)) {
	s.t.Helper()
	o := access.Judged{Observation: access.Observation{System: "aws",
		Accounts: []access.Account{{System: "aws", ID: annInAWS.ID, Kind: access.IdentityCenter, Login: "ann", Status: access.AccountActive}},
		Reads:    []access.Read{{System: "aws", Kind: "sso_users", Complete: true, Records: 1, Lists: true}}},
		Matches: []access.Match{{How: access.MatchedHRID, Person: ann}}}
	for n, scope := range []string{"111", "222"} {
		o.Entitlements = append(o.Entitlements, access.Entitlement{System: "aws", Scope: scope, Kind: access.PermissionSet, ID: "ps", Name: "Administrator"})
		if slices.Contains(in, scope) {
			o.Grants, o.Verdicts, o.Seen = append(o.Grants, access.Grant{Entitlement: uint32(n)}), append(o.Verdicts, access.Verdict{}), append(o.Seen, 20_500)
		}
	}
	n := &access.Night{Run: s.run(trigger, day), People: []access.Person{annHere}, Systems: []access.Judged{o}}
	if change != nil {
		change(n)
	}
	s.open = recorded(s.t, s.root, n)
}

// decided records a review in which bob decided to remove both.
func (s *stretch) decided(day int) {
	s.t.Helper()
	run := s.run("review import", day)
	c := access.Campaign{ID: "2026-q1", OpenedAt: run.StartedAt}
	sheet := access.Sheet{ID: "w1", ReviewerName: "Bob", Reviewer: bob, IssuedAt: run.StartedAt}
	part := access.CampaignRecord{Campaign: c}
	for _, scope := range []string{"111", "222"} {
		sheet.Rows = append(sheet.Rows, access.Issued{ID: "r" + scope, Worksheet: "w1", Duty: access.DutyManager, Item: access.Item{RowID: "s" + scope, Person: annHere, System: "aws", Scope: scope,
			Kind: access.PermissionSet, EntitlementID: "ps", Entitlement: "Administrator", Account: access.Account{System: "aws", ID: annInAWS.ID, Login: "ann"}}})
		part.Decisions = append(part.Decisions, access.Decision{Campaign: c.ID, RowID: "r" + scope, Worksheet: "w1", Reviewer: bob, ReviewerName: "Bob", Choice: access.ChooseRemove, ReceivedAt: run.StartedAt})
	}
	part.Sheets = []access.Sheet{sheet}
	if _, err := archive.New(archive.NewFolder(s.root), testKey).RecordCampaign(run, part, access.Memory{}); err != nil {
		s.t.Fatal(err)
	}
	var err error
	if s.open, err = Open(archive.NewFolder(s.root), nil, testKey.Public().(ed25519.PublicKey)); err != nil {
		s.t.Fatal(err)
	}
}

// took adds to a night that it took the permission set in 111 from Ann.
func took(n *access.Night) {
	at := n.Run.StartedAt.Add(time.Second)
	n.Outcomes = append(n.Outcomes, access.Outcome{Result: access.Done, SentAt: at, VerifiedAt: at, RequestID: "req-111", Actor: n.Run.Actor,
		Action: access.Action{ID: "a111", Stage: access.Remove, Verb: access.SSODeleteAssignment, Person: ann, Account: annInAWS,
			EntitlementKind: access.PermissionSet, EntitlementID: "ps", GrantScope: "111"}})
}

// says gives some columns of an answer, a text for each row.
func (s *stretch) says(question string, values map[string]string, columns ...string) (rows []string) {
	s.t.Helper()
	answer := askFor(s.t, s.open, question, values)
	for _, row := range answer.Rows {
		var cells []string
		for _, c := range columns {
			cells = append(cells, fmt.Sprint(row[slices.Index(answer.Columns, c)]))
		}
		rows = append(rows, strings.Join(cells, " "))
	}
	return rows
}

func (s *stretch) want(got []string, want ...string) {
	s.t.Helper()
	if !slices.Equal(got, want) {
		s.t.Errorf("got %q, want %q", got, want)
	}
}

var bothAccounts = []string{"111", "222"}

// What rollcall took in one AWS account proves nothing of the same permission set in another.
func TestWhatWasTakenInOneAWSAccountIsNotToldOfAnother(t *testing.T) {
	s := newStretch(t)
	s.night("nightly", 2, bothAccounts, nil)
	s.decided(3)
	s.night("nightly", 4, bothAccounts, took)
	s.night("nightly", 5, nil, nil)
	s.want(s.says("changes", map[string]string{"from": "2026-03-02", "to": "2026-03-05"}, "change", "scope", "by_verb", "by_actor"),
		"removed 111 delete_assignment job@machine", "removed 222  ")
	s.want(s.says("removals", map[string]string{"date": "2026-03-05"}, "state", "scope", "outcome", "request_id"),
		"verified absent 111 done req-111", "absent, not by rollcall 222  ")
}

// Where no night was on the first day, the one before stands for it, with what it did.
func TestWhatTheFirstNightOfAComparisonTookIsItsOwn(t *testing.T) {
	s := newStretch(t)
	s.night("nightly", 2, []string{"111"}, took)
	s.night("nightly", 5, nil, nil)
	for _, from := range []string{"2026-03-02", "2026-03-04"} {
		s.want(s.says("changes", map[string]string{"from": from, "to": "2026-03-05"}, "change", "scope", "by_verb"), "removed 111 delete_assignment")
	}
}

// What a run took over of an interrupted one was ordered if that one was an order.
func TestWhatARunTookOverIsAnOrderOnlyWhereItWasOne(t *testing.T) {
	s := newStretch(t)
	s.night("nightly", 2, bothAccounts, nil)
	adopted := func(id string, stage access.Stage, by *access.Order) func(*access.Night) {
		return func(n *access.Night) {
			took(n)
			o := &n.Outcomes[0]
			o.AdoptedFrom, o.Actor, o.Action.ID, o.Action.Stage, o.Action.Order = "20260302T020000Z-died", "other@machine", id, stage, by
		}
	}
	s.night("revoke", 3, bothAccounts, adopted("of-a-night", access.Block, nil))
	s.night("nightly", 4, bothAccounts, adopted("of-an-order", access.Block, &access.Order{Person: ann, By: "Noor", Reason: "r"}))
	s.night("nightly", 5, bothAccounts, adopted("of-a-restore", access.Restore, nil))
	s.want(s.says("overrides", map[string]string{"from": "2026-03-01", "to": "2026-03-05"}, "what", "run_id", "who"),
		"order 20260304T010000Z-nightly Noor", "restore 20260305T010000Z-nightly other@machine")
}

// That a rule calls a right harmless makes nobody less of an administrator.
func TestAReviewerIsAnAdministratorByWhatTheSystemSays(t *testing.T) {
	s := newStretch(t)
	s.night("nightly", 2, bothAccounts, nil)
	s.decided(3)
	s.night("nightly", 4, []string{"111"}, func(n *access.Night) {
		n.Policy.RoleMap.Rules = []access.Rule{{Line: access.Line{File: "rolemap.csv", Row: 2}, Risk: access.RiskStandard}}
		o := &n.Systems[0]
		o.Matches[0].Person, o.Verdicts[0].By, o.Entitlements[0].Privileged = bob, 1, true
	})
	s.want(s.says("duties", nil, "what", "employee_id", "entitlement"), "reviewer is administrator 200 Administrator")
}

// An approval that has ended approves nothing any more.
func TestWhatAnExceptionAllowsNoMoreIsNotApproved(t *testing.T) {
	s := newStretch(t)
	s.night("nightly", 2, bothAccounts, func(n *access.Night) {
		n.Policy.Exceptions = []access.Exception{{Line: access.Line{File: "exceptions.csv", Row: 2}, ID: "x1", Person: ann, ApprovedBy: "Noor"}}
		n.Systems[0].Verdicts[0].By, n.Systems[0].Verdicts[1].By = -1, -2
	})
	s.want(s.says("approvals", nil, "state", "scope", "approved_by"), "exception has ended 222 Noor", "approved 111 Noor")
}

// Who changed their job between the night before the period and its first one is a mover of
// the period.
func TestWhoMovedOnTheFirstNightOfAPeriodMovedInIt(t *testing.T) {
	s := newStretch(t)
	s.night("nightly", 2, nil, nil)
	s.night("nightly", 4, nil, func(n *access.Night) { n.People[0].Title = "Surgeon" })
	s.night("nightly", 5, nil, func(n *access.Night) { n.People[0].Title = "Surgeon" })
	for from, want := range map[string][]string{"2026-03-02": {"100 2026-03-04 Nurse Surgeon"}, "2026-03-04": {"100 2026-03-04 Nurse Surgeon"}, "2026-03-05": nil} {
		s.want(s.says("movers", map[string]string{"from": from, "to": "2026-03-05"}, "employee_id", "moved_on", "old_title", "title"), want...)
	}
}

// An empty answer over a system that was not read proves nothing, and says so.
func TestAnAnswerNamesWhatItsNightsDidNotRead(t *testing.T) {
	s := newStretch(t)
	gap := func(n *access.Night) {
		n.Systems[0].Reads = append(n.Systems[0].Reads, access.Read{System: "aws", Scope: "111", Kind: "iam", Lists: true, Gap: "access denied"})
	}
	s.night("nightly", 2, nil, gap)
	s.night("nightly", 3, nil, func(n *access.Night) { // nothing at all
		n.Systems = []access.Judged{{Observation: access.Observation{System: "aws", Reads: []access.Read{{System: "aws", Kind: "all", Lists: true, Gap: "no answer"}}}}}
	})
	s.night("sweep", 3, nil, gap)
	s.night("nightly", 4, nil, nil)
	first, second := "20260302T010000Z-nightly of 2026-03-02: aws/111/iam (access denied)", "20260303T010000Z-nightly of 2026-03-03: aws/all (no answer)"
	period := map[string]string{"from": "2026-03-01", "to": "2026-03-04"}
	for _, c := range []struct {
		question string
		values   map[string]string
		want     []string
	}{
		{"who-reaches", map[string]string{"date": "2026-03-02"}, []string{first}},
		{"orphans", map[string]string{"date": "2026-03-03"}, []string{second}},
		{"who-reaches", map[string]string{"date": "2026-03-04"}, nil},
		{"changes", map[string]string{"from": "2026-03-02", "to": "2026-03-04"}, []string{first}},
		{"leavers-active", period, []string{first, second}},
		{"joiners", period, []string{first, second}},
		{"movers", map[string]string{"from": "2026-03-04", "to": "2026-03-04"}, []string{second}},
		{"nights", period, nil}, // tells it itself
		{"overrides", period, nil},
	} {
		answer := askFor(t, s.open, c.question, c.values)
		if !slices.Equal(answer.Unread, c.want) {
			t.Errorf("%s of %v: %q, want %q", c.question, c.values, answer.Unread, c.want)
		}
		var line string
		for _, l := range answer.Evidence() {
			if l.Name == "NOT READ" {
				line = l.Value
			}
		}
		if (line != "") != (c.want != nil) || !strings.HasSuffix(line, strings.Join(c.want, "; ")) {
			t.Errorf("%s of %v: under the answer stands %q", c.question, c.values, line)
		}
	}
}

// Of many, a few are named where people read.
func TestOfManyNightsThatDidNotReadAllAFewAreNamed(t *testing.T) {
	a := Answer{Unread: []string{"n1", "n2", "n3", "n4", "n5", "n6", "n7"}}
	at := slices.IndexFunc(a.Evidence(), func(l Given) bool { return l.Name == "NOT READ" })
	if at < 0 || !strings.HasPrefix(a.Evidence()[at].Value, "7 night(s)") || !strings.HasSuffix(a.Evidence()[at].Value, "n1; n2; n3; n4; n5; 2 more (rollcall audit ask --question nights)") {
		t.Errorf("%q", a.Evidence())
	}
}

// Who holds what is in no log: one that could not be read makes no answer about it unsure.
func TestALogThatWasNotReadLeavesNobodyWondering(t *testing.T) {
	for kind, want := range map[string][]string{access.LogsRead: {"removed", "gone", "absent, not by rollcall"}, "permission_sets": {"not read later", "not read later", "not seen, not all read"}} {
		s := newStretch(t)
		s.night("nightly", 2, []string{"111"}, func(n *access.Night) { n.Systems[0].Entitlements[0].Privileged = true })
		s.decided(3)
		s.night("nightly", 4, nil, func(n *access.Night) {
			n.Systems[0].Reads = append(n.Systems[0].Reads, access.Read{System: "aws", Kind: kind, Gap: "access denied"})
		})
		period := map[string]string{"from": "2026-03-02", "to": "2026-03-04"}
		s.want(s.says("changes", period, "change"), want[0])
		s.want(s.says("privileged", period, "change"), want[1])
		s.want(s.says("removals", map[string]string{"date": "2026-03-04"}, "state"), want[2], want[2])
	}
}
