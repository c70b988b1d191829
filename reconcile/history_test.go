package reconcile

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/access"
)

// toldOn is a night of ada's past: what she held, by verdict.
func toldOn(n int, whole bool, grants ...PastGrant) PastNight {
	return PastNight{Run: access.RunID(midnight.AddDate(0, 0, n).Format("20060102")), StartedAt: midnight.AddDate(0, 0, n), Grants: grants,
		Reads: []access.Read{{System: "aws", Complete: false}, {System: "okta", Kind: "users", Complete: true}, {System: "okta", Kind: "groups", Complete: whole}}}
}

// eng is ada's group on a past night.
func eng(expected bool, cites string) PastGrant {
	return PastGrant{Person: ada, System: "okta", AccountID: "00u1", Login: "ada", Kind: access.OktaGroup, EntitlementID: "g", Entitlement: "eng",
		FirstSeen: dayAt(-9), Verdict: PastVerdict{Expected: expected, Cites: cites}}
}

func TestAPeriodEndsWhenSomethingElseIsSaidOrTheRightIsGone(t *testing.T) {
	other, again := eng(true, "a"), eng(false, "")
	other.Person, again.FirstSeen = bob, dayAt(5)
	h := Recall([]PastNight{
		toldOn(0, true, other, eng(true, "a")), toldOn(1, true, eng(true, "a")), toldOn(2, true, eng(false, "")), // the rule went
		toldOn(3, true), toldOn(4, true), // the right went
		toldOn(5, true, again), // it is back
	}, ada, "")
	want := []PastRight{{PastGrant: eng(false, ""), Periods: []Period{
		{Span: Span{dayAt(0), dayAt(1), 2}, PastVerdict: PastVerdict{Expected: true, Cites: "a"}},
		{Span: Span{dayAt(2), dayAt(2), 1}, Gone: dayAt(3)},
		{Span: Span{dayAt(5), dayAt(5), 1}},
	}}}
	want[0].Verdict = PastVerdict{Expected: true, Cites: "a"} // of the first night; the periods tell the rest
	if diff := cmp.Diff(want, h.Rights); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if h.Nights != 6 || h.From != dayAt(0) || h.To != dayAt(5) {
		t.Errorf("%d nights from %s to %s", h.Nights, h.From, h.To)
	}
}

func TestWhatANightCouldNotReadIsNotGone(t *testing.T) {
	none := toldOn(2, true)
	none.Reads = none.Reads[:1] // okta was not read at all
	h := Recall([]PastNight{toldOn(0, true, eng(true, "a")), toldOn(1, false), none}, ada, "")
	if p := h.Rights[0].Periods; len(p) != 1 || !p[0].Gone.IsZero() || p[0].Unseen != 2 || p[0].Span != (Span{dayAt(0), dayAt(0), 1}) {
		t.Errorf("%+v", p)
	}
	h = Recall([]PastNight{toldOn(0, true, eng(true, "a")), toldOn(1, false), toldOn(2, true, eng(true, "a"))}, ada, "")
	if p := h.Rights[0].Periods; len(p) != 1 || p[0].Unseen != 0 || p[0].Span != (Span{dayAt(0), dayAt(2), 2}) {
		t.Errorf("%+v", p)
	}
}

func TestOneRightByTwoPathsIsTwo(t *testing.T) {
	carried := eng(true, "a")
	carried.Via = "group all"
	h := Recall([]PastNight{toldOn(0, true, eng(true, "a"), carried, carried), toldOn(1, true, carried)}, ada, "")
	if len(h.Rights) != 2 || h.Rights[0].Periods[0].Gone != dayAt(1) || h.Rights[1].Periods[0].Span != (Span{dayAt(0), dayAt(1), 2}) {
		t.Errorf("%+v", h.Rights)
	}
}

func TestFindingsAreToldOnceAndActionsEachTimeTheyWereSent(t *testing.T) {
	account := access.AccountKey{System: "okta", ID: "00u1"}
	act := func(id, right string, result access.Result, detail string, at time.Time) access.Outcome {
		return access.Outcome{Action: access.Action{ID: id, FindingID: "f", Verb: access.OktaSuspend, Person: ada, Account: account, EntitlementKind: access.OktaGroup, EntitlementID: right}, Result: result, Detail: detail, SentAt: at, PlannedAt: midnight}
	}
	var nights []PastNight
	for n := range 3 {
		night := toldOn(n, true, eng(false, ""))
		night.Findings = []access.Finding{{ID: "f", Kind: access.LeaverAccess, Person: ada, Login: "ada", Reason: []string{"one", "two", "three"}[n], FirstSeen: dayAt(-1)}, {ID: "x", Person: bob}}
		night.Outcomes = []access.Outcome{act("held", "", access.Skipped, "held by guard blast_radius", time.Time{}), act("sent", "g", access.Done, "", night.StartedAt), {Action: access.Action{ID: "other", Person: bob}}}
		nights = append(nights, night)
	}
	nights[1].Findings = nil
	h := Recall(nights, ada, "")
	if f := h.Findings; len(f) != 1 || f[0].Reason != "three" || f[0].Span != (Span{dayAt(0), dayAt(2), 2}) || f[0].FirstSeen != dayAt(-1) {
		t.Errorf("findings %+v", f)
	}
	if a := h.Actions; len(a) != 4 || a[0].ID != "held" || a[0].Nights != 3 || a[0].At != midnight || a[0].Login != "ada" ||
		a[1].Nights != 1 || a[1].Entitlement != "eng" || a[3].At != nights[2].StartedAt || a[3].Run != nights[2].Run {
		t.Errorf("actions %+v", a)
	}
}

func TestAskedAboutOneRightThePastTellsOfItAlone(t *testing.T) {
	door := eng(true, "b")
	door.EntitlementID, door.Entitlement = "d", "Door"
	n := toldOn(0, true, eng(true, "a"), door)
	n.Findings = []access.Finding{
		{ID: "1", Person: ada, EntitlementID: "g", Entitlement: "eng"}, {ID: "2", Person: ada, EntitlementID: "d", Entitlement: "Door"},
		{ID: "3", Person: ada, Kind: access.MissingGrant, Entitlement: "do*"}, {ID: "4", Person: ada, Kind: access.LeaverAccess},
	}
	n.Outcomes = []access.Outcome{
		{Action: access.Action{ID: "whole", Person: ada}}, {Action: access.Action{ID: "eng", Person: ada, Account: access.AccountKey{System: "okta"}, EntitlementKind: access.OktaGroup, EntitlementID: "g"}},
		{Action: access.Action{ID: "door", Person: ada, Account: access.AccountKey{System: "okta"}, EntitlementKind: access.OktaGroup, EntitlementID: "d"}},
	}
	h := Recall([]PastNight{n}, ada, "DOOR")
	var ids []string
	for _, r := range h.Rights {
		ids = append(ids, r.EntitlementID)
	}
	for _, f := range h.Findings {
		ids = append(ids, f.ID)
	}
	for _, a := range h.Actions {
		ids = append(ids, a.ID)
	}
	if diff := cmp.Diff([]string{"d", "2", "3", "whole", "door"}, ids); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// reviewed is a campaign that asked two people about ada's group, and one of her
// account; the owner passed his row on.
func reviewed(closed bool) access.CampaignRecord {
	row := func(id string, duty access.Duty, who access.PersonKey) access.Issued {
		i := access.Item{RowID: "s", Person: access.Person{Identity: access.Identity{Source: who.Source, EmployeeID: who.EmployeeID}}, System: "okta",
			Account: access.Account{System: "okta", ID: "00u1", Login: "ada"}, Kind: access.OktaGroup, EntitlementID: "g", Entitlement: "eng"}
		return access.Issued{ID: id, Duty: duty, Item: i}
	}
	whole := row("r3", access.DutyManager, ada)
	whole.Item.Kind, whole.Item.EntitlementID, whole.Item.Entitlement = "", "", ""
	rec := access.CampaignRecord{Campaign: access.Campaign{ID: "q1", Due: dayAt(9)}, Sheets: []access.Sheet{
		{ID: "w-bob", ReviewerName: "Bob", Because: "manager", IssuedAt: midnight, Rows: []access.Issued{row("r1", access.DutyManager, ada), whole, row("r9", access.DutyManager, bob)}},
		{ID: "w-owner", ReviewerMail: "o@x.test", Because: "owner of okta", IssuedAt: midnight, Rows: []access.Issued{row("r2", access.DutyOwner, ada)}},
		{ID: "w-next", ReviewerName: "Cy", Because: "passed on", IssuedAt: midnight.AddDate(0, 0, 2), From: "w-owner", Rows: []access.Issued{row("r2", access.DutyOwner, ada)}},
	}, Decisions: []access.Decision{
		{RowID: "r1", ReviewerName: "Bob", Choice: access.ChooseKeep, Reason: "works on it", Until: dayAt(90), ReceivedAt: midnight.AddDate(0, 0, 1)},
		{RowID: "r2", Reviewer: bob, Choice: access.ChooseNotMine, PassTo: "Cy", Reason: "it is his", ReceivedAt: midnight.AddDate(0, 0, 2)},
		{RowID: "r1", ReviewerName: "Bob", Choice: access.ChooseRemove, ReceivedAt: midnight.AddDate(0, 0, 3)},
		{RowID: "r9", ReviewerName: "Bob", Choice: access.ChooseKeep, ReceivedAt: midnight},
	}}
	if closed {
		rec.Campaign.ID, rec.Campaign.ClosedAt = "q0", midnight
	}
	return rec
}

func TestEachReviewOfARightIsToldWithItsAnswersAndWhoIsAskedNow(t *testing.T) {
	got := RecallReviews([]access.CampaignRecord{reviewed(true), reviewed(false)}, ada, "ENG")
	right := PastReview{Campaign: "q0", RowID: "r1", Duty: access.DutyManager, System: "okta", AccountID: "00u1", Login: "ada", Kind: access.OktaGroup, EntitlementID: "g", Entitlement: "eng",
		Answers: []PastAnswer{{On: dayAt(1), Choice: access.ChooseKeep, By: "Bob", Reason: "works on it", Until: dayAt(90)}, {On: dayAt(3), Choice: access.ChooseRemove, By: "Bob"}}}
	owner := right
	owner.RowID, owner.Duty, owner.Answers = "r2", access.DutyOwner, []PastAnswer{{On: dayAt(2), Choice: access.ChooseNotMine, By: bob.String(), Reason: "it is his", PassTo: "Cy"}}
	want := []PastReview{right, owner, right, owner}
	want[2].Campaign, want[3].Campaign = "q1", "q1"
	want[3].Asked, want[3].Because, want[3].AskedOn, want[3].Due = "Cy", "passed on", dayAt(2), dayAt(9)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	all := RecallReviews([]access.CampaignRecord{reviewed(false)}, ada, "")
	if len(all) != 3 || all[0].Kind != "" || all[0].Asked != "Bob" || len(all[0].Answers) != 0 {
		t.Errorf("%+v", all)
	}
	if none := RecallReviews([]access.CampaignRecord{reviewed(false)}, ada, "other"); len(none) != 0 {
		t.Errorf("%+v", none)
	}
}

func TestThePastIsToldInAnOrderThatPeopleRead(t *testing.T) {
	zed, wide := eng(true, "a"), eng(true, "a")
	zed.Login, zed.AccountID = "zed", "00u2"
	wide.System, wide.Login = "aws", "zed"
	n := toldOn(0, true, zed, eng(true, "a"), wide)
	finding := func(id, severity string) access.Finding {
		return access.Finding{ID: id, Person: ada, Severity: severity}
	}
	n.Findings = []access.Finding{finding("d", "info"), finding("c", "high"), finding("b", "high")}
	late := toldOn(1, true)
	late.Findings = []access.Finding{finding("a", "critical")}
	at := func(id string, hour int) access.Outcome {
		return access.Outcome{Action: access.Action{ID: id, Person: ada}, Result: access.Done, SentAt: midnight.Add(time.Duration(hour) * time.Hour)}
	}
	n.Outcomes = []access.Outcome{at("second", 2), at("first", 1)}
	h := Recall([]PastNight{n, late}, ada, "")
	var got []string
	for _, r := range h.Rights {
		got = append(got, string(r.System)+" "+r.Login)
	}
	for _, f := range h.Findings {
		got = append(got, f.ID)
	}
	for _, a := range h.Actions {
		got = append(got, a.ID)
	}
	if d := cmp.Diff([]string{"aws zed", "okta ada", "okta zed", "b", "c", "d", "a", "first", "second"}, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestARightIsCalledAsItWasLastAndSeenSinceItWasFirst(t *testing.T) {
	for name, c := range map[string]struct{ first, then, want access.Day }{
		"an earlier day is learnt":     {dayAt(-3), dayAt(-9), dayAt(-9)},
		"a later one is not":           {dayAt(-9), dayAt(-3), dayAt(-9)},
		"a night that knew none":       {dayAt(-9), access.Day{}, dayAt(-9)},
		"a first night that knew none": {access.Day{}, dayAt(-3), dayAt(-3)},
	} {
		one, two := eng(true, "a"), eng(true, "a")
		one.FirstSeen, two.FirstSeen = c.first, c.then
		two.Login, two.Entitlement = "ada.new", "engineers"
		h := Recall([]PastNight{toldOn(0, true, one), toldOn(1, true, two)}, ada, "")
		if len(h.Rights) != 1 || h.Rights[0].FirstSeen != c.want || h.Rights[0].Login != "ada.new" || h.Rights[0].Entitlement != "engineers" {
			t.Errorf("%s: %+v", name, h.Rights)
		}
	}
}

func TestASystemWasReadWhateverWasReadAfterIt(t *testing.T) {
	reads := []access.Read{{System: "okta", Complete: true}, {System: "aws", Complete: false}}
	if !wholly(reads, "okta") || wholly(reads, "aws") || wholly(reads, "sso") {
		t.Errorf("%v %v %v", wholly(reads, "okta"), wholly(reads, "aws"), wholly(reads, "sso"))
	}
}

func TestAFindingIsAboutARightByItsIDOrItsNameOrThePatternOfWhatIsMissing(t *testing.T) {
	for _, c := range []struct {
		asked, id, name string
		want            bool
	}{
		{"", "g", "eng", true}, {"", "", "", true}, {"g", "g", "eng", true}, {"ENG", "g", "eng", true}, {"door", "g", "eng", false},
		{"door", "", "do*", true}, {"door", "", "e*", false}, {"door", "", "", false}, {"door", "g", "do*", false},
	} {
		if got := (&folding{right: c.asked}).about(c.id, c.name); got != c.want {
			t.Errorf("asked about %q, a finding of %q, called %q: %v", c.asked, c.id, c.name, got)
		}
	}
}

func TestAnActionIsCalledAfterTheRightAndTheAccountThatItWasAbout(t *testing.T) {
	admin, set := eng(true, "a"), eng(true, "a")
	admin.Kind, admin.Entitlement = access.OktaAdminRole, "Admins"
	set.System, set.Entitlement, set.Login = "aws", "Power", "ada@aws"
	n := toldOn(0, true, eng(true, "a"), admin, set)
	n.Findings = []access.Finding{{ID: "other", Login: "nobody"}, {ID: "f", Login: ""}, {ID: "named", Login: "as found"}}
	act := func(system access.System, id access.AccountID, kind access.EntitlementKind, right, finding string) access.Action {
		return access.Action{FindingID: finding, Account: access.AccountKey{System: system, ID: id}, EntitlementKind: kind, EntitlementID: right}
	}
	for name, c := range map[string]struct {
		action       access.Action
		asked        string
		right, login string
		not          bool
	}{
		"a group":                        {action: act("okta", "00u1", access.OktaGroup, "g", "named"), right: "eng", login: "as found"},
		"a role with the same id":        {action: act("okta", "00u1", access.OktaAdminRole, "g", "f"), right: "Admins", login: "ada"},
		"a right of another system":      {action: act("aws", "00u1", access.OktaGroup, "g", ""), right: "Power", login: "ada@aws"},
		"of an account that held none":   {action: act("aws", "00u9", access.OktaGroup, "g", ""), right: "Power", login: "00u9"},
		"a right that was never seen":    {action: act("okta", "00u1", access.OktaGroup, "x", ""), login: "ada"},
		"... and that is asked for":      {action: act("okta", "00u1", access.OktaGroup, "x", ""), asked: "x", login: "ada"},
		"... and that is not":            {action: act("okta", "00u1", access.OktaGroup, "x", ""), asked: "eng", not: true, login: "ada"},
		"a kind that was not seen by id": {action: act("okta", "00u1", access.OktaApp, "g", ""), asked: "eng", not: true, login: "ada"},
	} {
		c.action.Person = ada
		h := Recall([]PastNight{{Run: n.Run, StartedAt: n.StartedAt, Reads: n.Reads, Grants: n.Grants, Findings: n.Findings, Outcomes: []access.Outcome{{Action: c.action, Result: access.Done}}}}, ada, c.asked)
		if len(h.Actions) == 0 != c.not || !c.not && (h.Actions[0].Entitlement != c.right || h.Actions[0].Login != c.login) {
			t.Errorf("%s: %+v", name, h.Actions)
		}
	}
}
