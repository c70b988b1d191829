package reconcile

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"rollcall/internal/access"
)

// aReview is a campaign that can be opened over aStaff.
func aReview() access.Campaign {
	return access.Campaign{ID: "2026-q4", OpenedAt: midnight.Add(6 * time.Hour), Due: access.Day{At: time.Date(2026, 12, 7, 0, 0, 0, 0, time.UTC)}, Approver: "Ada", ApproverMail: "ada@example.com"}
}

// aNight is aStaff with rights, one of them noted twice.
func aNight(t *testing.T) World {
	t.Helper()
	const rights = "right group:G name=Wiki\nright group:H name=Prod\ngrant 00u1 group:G\ngrant 00u1 group:G\ngrant 00u2 group:G\ngrant 00u2 group:H\n-- system/aws --"
	f := strings.Replace(aStaff, "-- system/aws --", rights, 1)
	return loadWorld(t, archive(f))
}

// TestWhatKeepsAReviewFromOpening: what is missing, wrong or old is said, with what to do.
func TestWhatKeepsAReviewFromOpening(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*World, *access.Campaign)
		want   string // "": it opens
	}{
		"nothing":                    {func(*World, *access.Campaign) {}, ""},
		"its name":                   {func(_ *World, c *access.Campaign) { c.ID = "2026 Q4" }, "is named in lower-case letters"},
		"no approver":                {func(_ *World, c *access.Campaign) { c.Approver = " " }, "has no approver"},
		"an approver who has left":   {func(_ *World, c *access.Campaign) { c.ApproverMail = "dee@example.com" }, "approver Dee works here"},
		"no time":                    {func(_ *World, c *access.Campaign) { c.OpenedAt = time.Time{} }, "it needs a time"},
		"no end":                     {func(_ *World, c *access.Campaign) { c.Due = access.Day{} }, "it needs a time"},
		"that it is closed":          {func(_ *World, c *access.Campaign) { c.ClosedAt = c.OpenedAt }, "may not be closed"},
		"an end on the day before":   {func(_ *World, c *access.Campaign) { c.Due = access.Day{At: dayOf(c.OpenedAt).At.AddDate(0, 0, -1)} }, "before it opens"},
		"not an end on the same day": {func(_ *World, c *access.Campaign) { c.Due = dayOf(c.OpenedAt) }, ""},
		"a gap":                      {func(w *World, _ *access.Campaign) { w.Systems[0].Reads[0].Complete = false }, "was not read to its end (no reason was given)"},
		"nothing was read": {func(w *World, _ *access.Campaign) {
			w.Systems[0].Reads, w.Systems[0].Accounts, w.Systems[0].Grants = nil, nil, nil
		}, "was read: let a night run"},
		"not what is outside its scope":      {func(w *World, c *access.Campaign) { c.Scope.Systems = []string{"okta"}; readNothing(w, "aws") }, ""},
		"no system":                          {func(w *World, _ *access.Campaign) { w.Systems, w.SeenAt = nil, midnight.AddDate(0, 0, -9) }, "no night has read a system yet"},
		"a day and a second":                 {func(w *World, c *access.Campaign) { w.SeenAt = c.OpenedAt.Add(-freshFor - time.Second) }, "may not begin with what is older"},
		"not a day":                          {func(w *World, c *access.Campaign) { w.SeenAt = c.OpenedAt.Add(-freshFor) }, ""},
		"a role map that could not be used":  {func(w *World, _ *access.Campaign) { w.Policy.RoleMapUnread = true }, "nothing is known to be unexpected"},
		"a list that was never accepted":     {func(w *World, _ *access.Campaign) { w.Rosters[0].Verdict.InForce.SHA256 = "" }, "has never been accepted"},
		"a delta, and nothing to compare to": {func(_ *World, c *access.Campaign) { c.Scope.Delta = true }, "there is none: open a whole one first"},
		"nothing to ask about":               {func(_ *World, c *access.Campaign) { c.Scope.Systems = []string{"aws"} }, "nothing is in the scope"},
	} {
		w, review := aNight(t), aReview()
		d := Decide(w)
		c.change(&w, &review)
		sheets, _, _, err := OpenCampaign(w, d, review, nil, nil)
		switch {
		case c.want == "" && (err != nil || len(sheets) == 0):
			t.Errorf("%s: %v", name, err)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") || len(sheets) > 0):
			t.Errorf("%s: %v", name, err)
		}
	}
}

func readNothing(w *World, system access.System) {
	for n := range w.Systems {
		if w.Systems[n].System == system {
			w.Systems[n].Reads = nil
		}
	}
}

// TestCompared says of what a delta may be one.
func TestCompared(t *testing.T) {
	closed, open := &access.CampaignRecord{Campaign: access.Campaign{ID: "2026-q3", ClosedAt: midnight}}, &access.CampaignRecord{Campaign: access.Campaign{ID: "2026-q3"}}
	for name, c := range map[string]struct {
		scope access.CampaignScope
		last  *access.CampaignRecord
		want  string
	}{
		"a whole one after none":        {access.CampaignScope{}, nil, ""},
		"a whole one after an open":     {access.CampaignScope{}, open, ""},
		"of none":                       {access.CampaignScope{Delta: true}, nil, "there is none"},
		"of an open one":                {access.CampaignScope{Delta: true}, open, "still open"},
		"of a closed one":               {access.CampaignScope{Delta: true}, closed, ""},
		"of the closed one":             {access.CampaignScope{Delta: true, Since: "2026-q3"}, closed, ""},
		"of another than the one given": {access.CampaignScope{Delta: true, Since: "2026-q2"}, closed, "was given 2026-q3"},
	} {
		err := compared(access.Campaign{ID: "2026-q4", Scope: c.scope}, c.last)
		if (err != nil) != (c.want != "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestWhatWasSeenIsAsOldAsTheOldestThatWasRead(t *testing.T) {
	read := func(hour int, complete bool) access.Read {
		return access.Read{StartedAt: midnight.Add(time.Duration(hour) * time.Hour), Complete: complete}
	}
	w := World{Now: midnight, Systems: []access.Observation{{Reads: []access.Read{read(-2, true), {Complete: true}, read(-3, true), read(-1, true), read(-4, false)}}}}
	if got := seenAt(w); !got.Equal(midnight.Add(-3 * time.Hour)) {
		t.Errorf("it was seen at %s", got)
	}
	w.SeenAt = midnight.Add(-5 * time.Hour)
	if got := seenAt(w); !got.Equal(w.SeenAt) {
		t.Errorf("an earlier run read it, at %s", got)
	}
	if got := seenAt(World{Now: midnight}); !got.Equal(midnight) {
		t.Errorf("nothing was read, at %s", got)
	}
}

// Only a delta leaves out what was kept: a whole review asks about all, and about each right once.
func TestAWholeReviewAsksAboutAllAgain(t *testing.T) {
	w := aNight(t)
	d := Decide(w)
	first, c, _, err := OpenCampaign(w, d, aReview(), nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	rec := access.CampaignRecord{Campaign: c, Sheets: first}
	asked := map[string]int{}
	for _, s := range first {
		for _, row := range s.Rows {
			asked[row.Item.RowID+string(row.Duty)]++
			rec.Decisions = append(rec.Decisions, access.Decision{RowID: row.ID, Choice: access.ChooseKeep, ReceivedAt: midnight})
		}
	}
	for row, n := range asked {
		if n > 1 {
			t.Errorf("%s is asked about %d times", row, n)
		}
	}
	rec.Campaign.ClosedAt = midnight.Add(7 * time.Hour)
	again := aReview()
	again.ID, again.OpenedAt = "2027-q1", midnight.Add(8*time.Hour)
	_, all, _, err := OpenCampaign(w, d, again, nil, &rec)
	if err != nil || all.Rows != c.Rows {
		t.Errorf("%d rows, after %d: %v", all.Rows, c.Rows, err)
	}
	again.Scope.Delta = true
	if _, part, _, err := OpenCampaign(w, d, again, nil, &rec); err == nil {
		t.Errorf("nothing changed, and %d rows are asked about", part.Rows)
	}
}

func TestWhoIsReroutedIsNamed(t *testing.T) {
	who := asked{name: "Otto", because: "owner of okta"}
	nobodys := &access.Item{System: "okta", Account: access.Account{Login: "ghost"}}
	if got := rerouted(nobodys, access.DutyManager, who); got != "account ghost in okta: in place of the manager, Otto is asked, as owner of okta" {
		t.Error(got)
	}
	somebodys := &access.Item{System: "okta", Person: access.Person{Identity: access.Identity{Source: "employees", EmployeeID: "1", Name: "Ann"}}}
	if got := rerouted(somebodys, access.DutyOwner, asked{mail: "help@example.com", because: "x"}); got != "Ann (employees/1): in place of the owner, help@example.com is asked, as x" {
		t.Error(got)
	}
}

func TestAFileIsNamedAfterWhoItAsksAndNeverTooLong(t *testing.T) {
	for name, want := range map[string]string{
		"Ann Müller": "ann-m-ller", strings.Repeat("a", 40): strings.Repeat("a", 40), strings.Repeat("a", 41): strings.Repeat("a", 40),
		strings.Repeat("a", 39) + " b": strings.Repeat("a", 39), "*": "reviewer",
	} {
		if got := sheetID("2026-q4", asked{name: name}, 2); !strings.HasPrefix(got, "access-review_2026-q4_"+want+"-") || !strings.HasSuffix(got, "_2") || len(got) != len("access-review_2026-q4_-12345678_2")+len(want) {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func TestRowsThatNobodyMayReviewAreNamedInOrderOnceAndFiveOfThem(t *testing.T) {
	f := &freezing{}
	for _, n := range []int{7, 3, 3, 1, 2, 4, 5, 6} {
		f.stuck = append(f.stuck, fmt.Sprint("r", n))
	}
	if got := f.refusal().Error(); !strings.HasPrefix(got, "nobody may review 7 of the rows, such as r1; r2; r3; r4; r5: ") {
		t.Error(got)
	}
}

// TestHandOvers says to whom goes what is open and stuck.
func TestHandOvers(t *testing.T) {
	stands := []access.Delegate{{Reviewer: personKey("employees/4"), Delegate: personKey("employees/2"), From: dayOf(morning(1)), Until: dayOf(morning(30))}}
	left := func(r *access.CampaignRecord) {
		r.Sheets[0].Reviewer, r.Sheets[0].ReviewerName, r.Sheets[0].ReviewerMail = personKey("employees/4"), "Dee", "dee@example.com"
	}
	ofTheApprover := func(r *access.CampaignRecord) {
		for n := range r.Sheets[0].Rows {
			r.Sheets[0].Rows[n].Item.Account.Email = "ada@example.com"
		}
	}
	alone := strings.NewReplacer("okta,owner,Help,help@example.com\nokta,owner,Desk,help@example.com\nokta,compliance,Cora,\naws,owner,Dee,dee@example.com\n", "").Replace(aStaff)
	for name, c := range map[string]struct {
		text   string
		day    int
		by     []access.Delegate
		change func(*access.CampaignRecord)
		want   string
		stuck  bool
	}{
		"in time":                                {aStaff, 20, nil, func(*access.CampaignRecord) {}, "", false},
		"the reviewer has left":                  {aStaff, 3, nil, left, "Ada: a; Help: o", false},
		"the reviewer has left, two of a system": {aStaff, 3, nil, func(r *access.CampaignRecord) { left(r); r.Sheets[0].Rows[1].Item.System = "okta" }, "Help: a o", false},
		"what was answered stays": {aStaff, 3, nil, func(r *access.CampaignRecord) {
			left(r)
			r.Decisions = []access.Decision{{RowID: "o", Choice: access.ChooseKeep}}
		}, "Ada: a", false},
		"somebody stands in":      {aStaff, 3, stands, left, "", false},
		"it is closed":            {aStaff, 23, nil, func(r *access.CampaignRecord) { left(r); r.Campaign.ClosedAt = morning(22) }, "", false},
		"five business days late": {aStaff, 23, nil, func(*access.CampaignRecord) {}, "Ada: a o", false},
		"the approver is the reviewer": {aStaff, 23, nil, func(r *access.CampaignRecord) {
			r.Sheets[0].Reviewer, r.Sheets[0].ReviewerName, r.Sheets[0].ReviewerMail = access.PersonKey{}, "Ada", "ada@example.com"
		}, "", false},
		"it was handed over when it was late":    {aStaff, 24, nil, func(r *access.CampaignRecord) { r.Sheets[0].From, r.Sheets[0].IssuedAt = "x", morning(23) }, "", false},
		"it was handed over before":              {aStaff, 24, nil, func(r *access.CampaignRecord) { r.Sheets[0].From, r.Sheets[0].IssuedAt = "x", morning(20) }, "Ada: a o", false},
		"it went out late, and not from another": {aStaff, 24, nil, func(r *access.CampaignRecord) { r.Sheets[0].IssuedAt = morning(23) }, "Ada: a o", false},
		"handed over late to one who left since": {aStaff, 24, nil, func(r *access.CampaignRecord) { left(r); r.Sheets[0].From, r.Sheets[0].IssuedAt = "x", morning(23) }, "Ada: a o", false},
		"late, and about the approver":           {aStaff, 23, nil, func(r *access.CampaignRecord) { ofTheApprover(r); r.Sheets[0].Rows = r.Sheets[0].Rows[:1] }, "Help: o", false},
		"late, and nobody else may":              {alone, 23, nil, ofTheApprover, "", false},
		"the reviewer left, and nobody else may": {alone, 3, nil, func(r *access.CampaignRecord) { left(r); ofTheApprover(r) }, "", true},
	} {
		rec := late()
		c.change(&rec)
		sheets, err := HandOvers(rec, staffIn(t, c.text, c.by...), CampaignRules{}, morning(c.day))
		var all []string
		for _, s := range sheets {
			says := s.ReviewerName + ":"
			for _, row := range s.Rows {
				says += " " + row.ID
				if row.Worksheet != s.ID || row.MAC != "" || row.Cells != nil || s.From != "s" {
					t.Errorf("%s: %s of %s, from %s", name, row.Worksheet, s.ID, s.From)
				}
			}
			all = append(all, says)
		}
		if got := strings.Join(all, "; "); got != c.want || (err != nil) != c.stuck || !slices.IsSortedFunc(sheets, func(a, b access.Sheet) int { return strings.Compare(a.ID, b.ID) }) {
			t.Errorf("%s: %s, %v", name, got, err)
		}
	}
}
