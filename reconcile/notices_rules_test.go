package reconcile

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"rollcall/internal/access"
)

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
