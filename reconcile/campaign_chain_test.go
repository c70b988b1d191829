package reconcile

import (
	"slices"
	"testing"
	"time"

	"rollcall/internal/access"
)

// TestCampaignsBefore says which campaigns a new one is compared with.
func TestCampaignsBefore(t *testing.T) {
	whole, part := access.CampaignScope{}, access.CampaignScope{Systems: []string{"okta"}}
	campaign := func(id access.CampaignID, s access.CampaignScope, closed int) access.Campaign {
		c := access.Campaign{ID: id, Scope: s, OpenedAt: morning(1)}
		if closed > 0 {
			c.ClosedAt = morning(closed)
		}
		return c
	}
	for name, c := range map[string]struct {
		all   []access.Campaign
		since access.CampaignID
		want  []access.CampaignID
	}{
		"there is none":                            {nil, "", nil},
		"one that was never opened is named":       {[]access.Campaign{campaign("a", whole, 2)}, "b", nil},
		"all that was closed, oldest first":        {[]access.Campaign{campaign("a", part, 4), campaign("b", part, 3), campaign("c", part, 5)}, "", []access.CampaignID{"b", "a", "c"}},
		"what is open does not count":              {[]access.Campaign{campaign("a", part, 2), campaign("b", part, 0)}, "", []access.CampaignID{"a"}},
		"back to the last that asked about all":    {[]access.Campaign{campaign("a", whole, 2), campaign("b", whole, 3), campaign("c", part, 4)}, "", []access.CampaignID{"b", "c"}},
		"of what was closed before the named one":  {[]access.Campaign{campaign("a", part, 2), campaign("b", part, 3), campaign("c", part, 4)}, "b", []access.CampaignID{"a", "b"}},
		"the named one asked about all":            {[]access.Campaign{campaign("a", part, 2), campaign("b", whole, 3), campaign("c", part, 4)}, "b", []access.CampaignID{"b"}},
		"the named one is open: it is the last":    {[]access.Campaign{campaign("a", part, 0), campaign("b", part, 3), campaign("c", part, 4)}, "a", []access.CampaignID{"b", "c", "a"}},
		"another open one, beside the named one":   {[]access.Campaign{campaign("a", part, 2), campaign("b", part, 0)}, "a", []access.CampaignID{"a"}},
		"another open one, beside one that is too": {[]access.Campaign{campaign("a", part, 0), campaign("b", part, 0)}, "a", []access.CampaignID{"a"}},
	} {
		all := map[access.CampaignID]access.Campaign{}
		for _, one := range c.all {
			all[one.ID] = one
		}
		var got []access.CampaignID
		for _, one := range CampaignsBefore(all, c.since) {
			got = append(got, one.ID)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

// twice is a row that two people are asked about, the owner's worksheet first.
func twice(i access.Item, all ...access.Decision) access.CampaignRecord {
	return access.CampaignRecord{
		Campaign: access.Campaign{ID: "2026-q4", OpenedAt: morning(1)},
		Sheets: []access.Sheet{
			{ID: "of the owner", Rows: []access.Issued{{ID: "o", Duty: access.DutyOwner, Item: i}}},
			{ID: "of the manager", Rows: []access.Issued{{ID: "m", Duty: access.DutyManager, Item: i}}},
		},
		Decisions: all,
	}
}

func answer(row, by string, c access.Choice, at time.Time, until access.Day) access.Decision {
	return access.Decision{RowID: row, ReviewerName: by, Choice: c, ReceivedAt: at, Until: until}
}

func TestTheManagersAnswerIsNamedWhereBothSayTheSame(t *testing.T) {
	got := Outcomes(twice(access.Item{RowID: "r"}, answer("o", "Otto", access.ChooseKeep, morning(2), access.Day{}), answer("m", "Max", access.ChooseKeep, morning(3), access.Day{})))
	if len(got) != 1 || got[0].Decision.ReviewerName != "Max" || len(got[0].Answers) != 2 || got[0].Answers[0].ReviewerName != "Max" || got[0].Rows[0].ID != "m" {
		t.Errorf("%+v", got)
	}
	got = Outcomes(twice(access.Item{RowID: "r"}, answer("o", "Otto", access.ChooseKeep, morning(2), access.Day{})))
	if len(got) != 1 || got[0].Choice != access.ChooseNothing || got[0].Decision.RowID != "" || len(got[0].Answers) != 1 {
		t.Errorf("one has still to answer: %+v", got)
	}
}

func TestARowIsThatOfTheNewestWorksheetThatHasIt(t *testing.T) {
	rec := access.CampaignRecord{Sheets: []access.Sheet{
		{ID: "s1", Rows: []access.Issued{{ID: "a", Worksheet: "s1"}, {ID: "b", Worksheet: "s1"}}},
		{ID: "s2", Rows: []access.Issued{{ID: "a", Worksheet: "s2"}}},
	}}
	rows := currentRows(rec)
	if len(rows) != 2 || rows[0].ID != "a" || rows[0].Worksheet != "s2" || rows[1].Worksheet != "s1" {
		t.Errorf("%+v", rows)
	}
}

// TestKept says what exceptions a review makes of what both who were asked kept.
func TestKept(t *testing.T) {
	unexpected := access.Item{RowID: "r", Person: access.Person{Identity: access.Identity{Source: "employees", EmployeeID: "1"}}, Kind: access.OktaGroup, HowHeld: heldByNoRule}
	allowed := unexpected
	allowed.HowHeld = "Role map: Engineer"
	early, late, never := dayOf(morning(10)), dayOf(morning(20)), access.Day{}
	for name, c := range map[string]struct {
		item          access.Item
		max, otto     access.Day
		owner         string
		until, saidBy string
	}{
		"the earlier day counts, the manager's":       {unexpected, early, late, "Otto", early.String(), "Max and Otto"},
		"the earlier day counts, the owner's":         {unexpected, late, early, "Otto", early.String(), "Max and Otto"},
		"only the owner gave one":                     {unexpected, never, late, "Otto", late.String(), "Max and Otto"},
		"only the manager gave one":                   {unexpected, late, never, "Otto", late.String(), "Max and Otto"},
		"one person in both duties is named once":     {unexpected, late, late, "Max", late.String(), "Max"},
		"what has no end is no exception":             {unexpected, never, never, "Otto", "", ""},
		"what a rule allows needs none, whatever day": {allowed, late, late, "Otto", "", ""},
	} {
		rec := twice(c.item, answer("m", "Max", access.ChooseKeep, morning(2), c.max), answer("o", c.owner, access.ChooseKeep, morning(3), c.otto))
		until, by := "", ""
		for _, x := range Kept(rec) {
			until, by = until+x.ExpiresOn.String(), by+x.ApprovedBy
		}
		if until != c.until || by != c.saidBy {
			t.Errorf("%s: until %q by %q, want %q by %q", name, until, by, c.until, c.saidBy)
		}
	}
}

func TestWhoSaidRemoveFirstDecidedIt(t *testing.T) {
	item := access.Item{RowID: "r", Risk: access.RiskPrivileged}
	for name, c := range map[string]struct {
		otto    access.Choice
		at      int
		by      string
		decided time.Time
	}{
		"the owner said so before":            {access.ChooseRemove, 2, "Otto", morning(2)},
		"the owner said so later":             {access.ChooseRemove, 4, "Max", morning(3)},
		"the owner wanted it kept before":     {access.ChooseKeep, 2, "Max", morning(3)},
		"the owner wanted it kept, and later": {access.ChooseKeep, 4, "Max", morning(3)},
	} {
		got := CampaignRemovals(twice(item, answer("m", "Max", access.ChooseRemove, morning(3), access.Day{}), answer("o", "Otto", c.otto, morning(c.at), access.Day{})), CampaignRules{})
		if len(got) != 1 || got[0].By != c.by || !got[0].DecidedAt.Equal(c.decided) {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestRemovalsComeInTheOrderInWhichTheyWereDecided(t *testing.T) {
	rec := access.CampaignRecord{}
	for _, id := range []string{"a", "b", "c"} {
		rec.Sheets = append(rec.Sheets, access.Sheet{ID: id, Rows: []access.Issued{{ID: "w-" + id, Item: access.Item{RowID: id}}}})
	}
	rec.Decisions = []access.Decision{answer("w-c", "Max", access.ChooseRemove, morning(2), access.Day{}), answer("w-b", "Max", access.ChooseRemove, morning(2), access.Day{}), answer("w-a", "Max", access.ChooseRemove, morning(3), access.Day{})}
	order := ""
	for _, r := range CampaignRemovals(rec, CampaignRules{}) {
		order += r.Subject
	}
	if order != "bca" {
		t.Errorf("the order is %s", order)
	}
}

// Nothing is lost by following: when a removal was first seen to be done is evidence.
func TestWhatWasSeenToBeGoneStaysAsItWasSeen(t *testing.T) {
	k := access.AccountKey{System: "okta", ID: "1"}
	night := func(run access.RunID, day int) *LaterNight {
		return NewLaterNight(run, morning(day), []access.Observation{{System: "okta", Reads: []access.Read{{Complete: true, Lists: true}}}}, nil)
	}
	all := []access.Removal{{Account: k, DecidedAt: morning(1)}}
	if got := Follow(all, nil); !got[0].GoneAt.IsZero() {
		t.Errorf("no night, and %+v", got)
	}
	all = Follow(all, night("n2", 2))
	if got := Follow(all, night("n3", 3)); got[0].GoneIn != "n2" || !got[0].GoneAt.Equal(morning(2)) {
		t.Errorf("it was gone in n2: %+v", got)
	}
}

func TestTheRecordOfACloseIsThatOfAClosedCampaign(t *testing.T) {
	closed := Closed{Campaign: access.Campaign{ID: "2026-q4", ClosedAt: morning(9)}, Decisions: []access.Decision{{RowID: "b"}}}
	got := closed.AddTo(access.CampaignRecord{Campaign: access.Campaign{ID: "2026-q4"}, Decisions: []access.Decision{{RowID: "a"}}})
	if got.Campaign.Open() || len(got.Decisions) != 2 || got.Decisions[1].RowID != "b" {
		t.Errorf("%+v", got)
	}
}
