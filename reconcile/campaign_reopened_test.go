package reconcile

import (
	"testing"

	"rollcall/internal/access"
)

// annsWiki is a review that asks about one right of Ann, and what a night after it saw of her,
// her account and that right.
func annsWiki() (asked access.CampaignRecord, night func(day int, standing access.Standing, status access.AccountStatus, held, complete bool) *LaterNight) {
	ann := access.Person{Identity: access.Identity{Source: "employees", EmployeeID: "1", Name: "Ann"}}
	account := access.Account{System: "okta", ID: "u", Login: "ann@example.com", Status: access.AccountActive}
	asked = access.CampaignRecord{Campaign: access.Campaign{ID: "2026-q4", OpenedAt: morning(1), SeenAt: morning(1), Approver: "Ada", Due: dayOf(morning(16)), Rows: 1},
		Sheets: []access.Sheet{{ID: "s", Rows: []access.Issued{{ID: "w-1", Worksheet: "s", Item: access.Item{RowID: "r-1", Person: ann, Account: account, System: "okta", Kind: access.OktaGroup, EntitlementID: "g", Entitlement: "Wiki"}}}}}}
	night = func(day int, standing access.Standing, status access.AccountStatus, held, complete bool) *LaterNight {
		o := access.Observation{System: "okta", Reads: []access.Read{{Kind: "users", Complete: complete, Lists: true}}, Accounts: []access.Account{account}, Entitlements: []access.Entitlement{{System: "okta", Kind: access.OktaGroup, ID: "g"}}}
		o.Accounts[0].Status = status
		if held {
			o.Grants = []access.Grant{{}}
		}
		p := ann
		p.Standing = standing
		return NewLaterNight("n", morning(day), []access.Observation{o}, []access.Person{p})
	}
	return asked, night
}

// TestWhatIsThereAfterAllIsAskedAgain: HR's lists said by mistake that somebody had left, somebody was
// disabled for a while, or what was gone was given again. Nobody answered, so the row is open.
func TestWhatIsThereAfterAllIsAskedAgain(t *testing.T) {
	asked, night := annsWiki()
	const active, disabled = access.AccountActive, access.AccountDisabled
	for name, c := range map[string]struct {
		was   access.Choice
		night *LaterNight
		again bool
	}{
		"she works here after all":          {access.ChoiceGone, night(3, access.StandingActive, active, true, true), true},
		"she is held":                       {access.ChoiceGone, night(3, access.StandingHeld, active, true, true), true},
		"she has left":                      {access.ChoiceGone, night(3, access.StandingLeft, active, true, true), false},
		"it is not there":                   {access.ChoiceGone, night(3, access.StandingActive, active, false, true), false},
		"it is not there, nor all was read": {access.ChoiceGone, night(3, access.StandingActive, active, false, false), false},
		"it is there, and not all was read": {access.ChoiceGone, night(3, access.StandingActive, active, true, false), true},
		"her account has ended":             {access.ChoiceGone, night(3, access.StandingActive, disabled, true, true), false},
		"ended, and not all was read":       {access.ChoiceGone, night(3, access.StandingActive, disabled, true, false), false},
		"the night that saw it gone":        {access.ChoiceGone, night(2, access.StandingActive, active, true, true), false},
		"no night since":                    {access.ChoiceGone, nil, false},
		"a reviewer answered":               {access.ChooseKeep, night(3, access.StandingActive, active, true, true), false},
		"nobody answered until the close":   {access.ChoiceExpired, night(3, access.StandingActive, active, true, true), false},
	} {
		rec := asked
		rec.Decisions = []access.Decision{{RowID: "w-1", Worksheet: "s", Choice: c.was, ReceivedAt: morning(2)}}
		got := Reopened(rec, c.night, morning(4))
		if (len(got) == 1) != c.again {
			t.Errorf("%s: %+v", name, got)
		}
		rec.Decisions = append(rec.Decisions, got...)
		if _, answered := Final(rec)["w-1"]; answered == c.again {
			t.Errorf("%s: it is answered: %t", name, answered)
		}
		p := Progress(rec, nil, CampaignRules{}, morning(5))
		if open := p.Burndown[len(p.Burndown)-1].Open; (open == 1) != c.again && c.was != access.ChoiceExpired || (p.Open == 1) != c.again {
			t.Errorf("%s: %d are open, %d in the burndown", name, p.Open, open)
		}
		closed, err := CloseCampaign(rec, c.night, CampaignRules{}, "dana", morning(23))
		if want := map[bool]int{true: 1}[c.again]; err != nil || closed.Expired != want {
			t.Errorf("%s: %d expired at the close, %v", name, closed.Expired, err)
		}
	}
	rec := asked
	rec.Decisions = []access.Decision{{RowID: "w-1", Worksheet: "s", Choice: access.ChoiceGone, ReceivedAt: morning(2)}}
	closed, err := CloseCampaign(rec, night(3, access.StandingActive, active, true, true), CampaignRules{}, "dana", morning(23))
	if last := closed.AddTo(rec); err != nil || closed.Expired != 1 || Final(last)["w-1"].Choice != access.ChoiceExpired {
		t.Errorf("nobody reminded anybody between the night and the close: %+v, %v", closed, err)
	}
	// Nor is it removed for want of an answer that nobody was asked for.
	rec.Sheets[0].Rows[0].Item.Risk = access.RiskPrivileged
	closed, err = CloseCampaign(rec, night(3, access.StandingActive, active, true, true), CampaignRules{RemovePrivileged: true}, "dana", morning(23))
	if err != nil || closed.Removed != 0 || closed.Expired != 1 {
		t.Errorf("opened again by the close: %+v, %v", closed, err)
	}
	rec.Campaign.ClosedAt = morning(3)
	if got := Reopened(rec, night(3, access.StandingActive, active, true, true), morning(4)); got != nil {
		t.Errorf("the review is closed: %+v", got)
	}
}
