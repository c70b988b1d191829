package reconcile

import (
	"testing"

	"rollcall/internal/access"
)

// TestSameRow: what changes a row, so that it is asked about again.
func TestSameRow(t *testing.T) {
	row := func() *access.Item {
		return &access.Item{RowID: "r", Person: access.Person{Identity: access.Identity{Source: "employees", EmployeeID: "1", Title: "Engineer"}}, ManagerName: "Max", Entitlement: "Wiki", Risk: access.RiskStandard,
			Account: access.Account{Login: "ann"}, HowHeld: "Role map: x", FindingKind: access.DormantAccess, Carries: []string{"app Deploy", "app Wiki"}}
	}
	b := before{rows: map[string]*wasAsked{"r": {item: row()}}}
	for name, c := range map[string]struct {
		change func(*access.Item)
		want   access.SinceLast
	}{
		"nothing":              {func(*access.Item) {}, access.RowSame},
		"the person's job":     {func(i *access.Item) { i.Person.Title = "Lead" }, access.RowChanged},
		"the person's name":    {func(i *access.Item) { i.Person.Name = "Anne" }, access.RowSame},
		"the manager":          {func(i *access.Item) { i.ManagerName = "Sky" }, access.RowChanged},
		"the login":            {func(i *access.Item) { i.Account.Login = "anne" }, access.RowChanged},
		"what the right is":    {func(i *access.Item) { i.Entitlement = "Prod" }, access.RowChanged},
		"the risk":             {func(i *access.Item) { i.Risk = access.RiskPrivileged }, access.RowChanged},
		"how it is held":       {func(i *access.Item) { i.HowHeld = heldByNoRule }, access.RowChanged},
		"why it is flagged":    {func(i *access.Item) { i.FindingKind = access.UnexpectedGrant }, access.RowChanged},
		"what goes with it":    {func(i *access.Item) { i.Carries = []string{"app Deploy"} }, access.RowChanged},
		"that it is another's": {func(i *access.Item) { i.RowID = "x" }, access.RowNew},
	} {
		i := row()
		c.change(i)
		if got, _ := b.compare(i); got != c.want {
			t.Errorf("%s: %s", name, got)
		}
	}
}

// TestWhoMoved: within 90 days or, if that is longer ago, since the review before.
func TestWhoMoved(t *testing.T) {
	item := &access.Item{Person: access.Person{Identity: access.Identity{Source: "employees", EmployeeID: "1"}}}
	for name, c := range map[string]struct {
		before, moved int // days ago; 0: never
		want          bool
	}{
		"nobody": {0, 0, false}, "90 days ago": {0, 90, true}, "91 days ago": {0, 91, false}, "since the review before": {120, 119, true}, "on its day": {120, 120, true}, "before it": {120, 121, false},
		"before a review that was lately": {10, 60, true},
	} {
		e := &evaluation{moves: map[access.PersonKey][]access.Move{}}
		if c.moved > 0 {
			e.moves[item.Person.Key()] = []access.Move{{Until: midnight.AddDate(0, 0, -c.moved)}}
		}
		f := &freezing{routing: &routing{e: e}, c: access.Campaign{OpenedAt: midnight}}
		if c.before > 0 {
			f.before.openedAt = midnight.AddDate(0, 0, -c.before)
		}
		if got := f.moved(item); got != c.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}

// TestWhatWasLastDecided in a duty or, if it is asked in it for the first time, in the other.
func TestWhatWasLastDecided(t *testing.T) {
	keep, remove := access.LastDecision{Choice: access.ChooseKeep}, access.LastDecision{Choice: access.ChooseRemove}
	both := &wasAsked{by: map[access.Duty]access.LastDecision{access.DutyManager: keep, access.DutyOwner: remove}}
	one := &wasAsked{by: map[access.Duty]access.LastDecision{access.DutyManager: keep}}
	owners := &wasAsked{by: map[access.Duty]access.LastDecision{access.DutyOwner: remove}}
	for n, c := range []struct {
		was  *wasAsked
		duty access.Duty
		want access.LastDecision
	}{{nil, access.DutyManager, access.LastDecision{}}, {both, access.DutyManager, keep}, {both, access.DutyOwner, remove}, {one, access.DutyOwner, keep}, {owners, access.DutyManager, remove}} {
		if got := c.was.last(c.duty); got != c.want {
			t.Errorf("%d: %v", n, got)
		}
	}
	if (*wasAsked)(nil).kept() || (&wasAsked{outcome: access.ChoiceExpired}).kept() || !(&wasAsked{outcome: access.ChooseKeep}).kept() {
		t.Error("kept is what all kept")
	}
}

// TestWhatIsOutsideTheScope says of a row which part of the scope leaves it out.
func TestWhatIsOutsideTheScope(t *testing.T) {
	item := &access.Item{System: "okta", Person: access.Person{Identity: access.Identity{Department: "Sales"}}, Entitlement: "Wiki", EntitlementID: "G1", Account: access.Account{ID: "00u1"}, Carries: []string{"app Deploy"}, Risk: access.RiskStandard}
	for _, c := range []struct {
		scope access.CampaignScope
		want  bucket
	}{
		{access.CampaignScope{}, ""}, {access.CampaignScope{Systems: []string{"aws", "ok*"}}, ""}, {access.CampaignScope{Systems: []string{"aws"}}, outSystem},
		{access.CampaignScope{Departments: []string{"sales"}}, ""}, {access.CampaignScope{Departments: []string{"Eng"}}, outDepartment},
		{access.CampaignScope{Entitlements: []string{"wiki"}}, ""}, {access.CampaignScope{Entitlements: []string{"G1"}}, ""}, {access.CampaignScope{Entitlements: []string{"00u1"}}, ""}, {access.CampaignScope{Entitlements: []string{"app deploy"}}, ""},
		{access.CampaignScope{Entitlements: []string{"Prod"}}, outEntitlement}, {access.CampaignScope{Risks: []access.Risk{access.RiskPrivileged, access.RiskStandard}}, ""}, {access.CampaignScope{Risks: []access.Risk{access.RiskPrivileged}}, outRisk},
		{access.CampaignScope{Movers: true}, outMover},
	} {
		f := &freezing{routing: &routing{e: &evaluation{}}, c: access.Campaign{Scope: c.scope, OpenedAt: midnight}}
		if got := f.outside(item); got != c.want {
			t.Errorf("%+v: %q", c.scope, got)
		}
	}
}

// TestTheReviewBefore: of each right what was asked and decided, in the review in which it was.
func TestTheReviewBefore(t *testing.T) {
	if b := newBefore(nil); b.id != "" || len(b.rows) > 0 {
		t.Errorf("there was none: %+v", b)
	}
	rec := twice(access.Item{RowID: "r"}, access.Decision{RowID: "m", Choice: access.ChooseKeep, ReviewerName: "Max", Campaign: "2026-q2", ReceivedAt: morning(2)})
	b := newBefore(&rec)
	was := b.rows["r"]
	if b.id != "2026-q4" || !b.openedAt.Equal(morning(1)) || was == nil || was.outcome != access.ChooseNothing || was.by[access.DutyManager].Campaign != "2026-q2" {
		t.Errorf("%+v %+v", b, was)
	}
	if _, answered := was.by[access.DutyOwner]; answered {
		t.Error("the owner did not answer")
	}
	rec.Decisions[0].Campaign = ""
	if got := newBefore(&rec).rows["r"].by[access.DutyManager]; got.Campaign != "2026-q4" || got.By != "Max" || got.Choice != access.ChooseKeep {
		t.Errorf("%+v", got)
	}
}
