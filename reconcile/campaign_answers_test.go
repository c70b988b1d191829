package reconcile

import (
	"fmt"
	"strings"
	"testing"

	"rollcall/internal/access"
)

// askedAbout is a review that asks somebody (in worksheet m) about an ordinary right a and a privileged
// one p of Sam, and the owner of okta (in worksheet o) about the privileged one too.
func askedAbout(reviewer asked, of *access.Person) access.CampaignRecord {
	item := func(id string, risk access.Risk) access.Item {
		return access.Item{RowID: id, Person: *of, Account: access.Account{System: "okta", ID: "s", Login: of.Email}, System: "okta", Kind: access.OktaGroup, EntitlementID: id, Entitlement: id, Risk: risk, HowHeld: "Role map: x"}
	}
	rec := access.CampaignRecord{
		Campaign: access.Campaign{ID: "2026-q4", OpenedAt: midnight, Due: dayOf(morning(30)), Approver: "Ada", ApproverMail: "ada@example.com"},
		Sheets: []access.Sheet{
			{ID: "m", Reviewer: reviewer.key, ReviewerName: reviewer.name, ReviewerMail: reviewer.mail, Revision: 1, IssuedAt: midnight, Rows: []access.Issued{
				{ID: "a", Worksheet: "m", Duty: access.DutyManager, Item: item("A", access.RiskStandard)}, {ID: "p", Worksheet: "m", Duty: access.DutyManager, Item: item("P", access.RiskPrivileged)}}},
			{ID: "o", ReviewerName: "Help", ReviewerMail: "help@example.com", Revision: 1, IssuedAt: midnight, Rows: []access.Issued{{ID: "q", Worksheet: "o", Duty: access.DutyOwner, Item: item("P", access.RiskPrivileged)}}},
		},
	}
	seal(rec.Sheets)
	return rec
}

// backWith is a row as it comes back.
func backWith(rec access.CampaignRecord, id, decision string, more func(*access.ReturnedRow)) access.ReturnedRow {
	for _, s := range rec.Sheets {
		for _, row := range s.Rows {
			if row.ID == id {
				back := access.ReturnedRow{Line: 2, ID: id, MAC: row.MAC, Cells: append([]string{}, row.Cells...), Decision: decision}
				more(&back)
				return back
			}
		}
	}
	panic("no row " + id)
}

func asIs(*access.ReturnedRow) {}

func reasonOf(reason string) func(*access.ReturnedRow) {
	return func(r *access.ReturnedRow) { r.Reason = reason }
}

func passedTo(who string) func(*access.ReturnedRow) {
	return func(r *access.ReturnedRow) { r.Reason, r.PassTo = "it is not for me to say", who }
}

// whatCounts is what came of a file, problems first.
func whatCounts(got Received) string {
	var all []string
	for _, p := range got.File.Problems {
		all = append(all, p.Column+": "+p.Says)
	}
	for _, d := range got.Decisions {
		all = append(all, strings.TrimSpace(fmt.Sprintf("%s %s by %s %s", d.RowID, d.Choice.Word(), d.ReviewerName, d.PassTo)))
	}
	for _, s := range got.PassedOn {
		for _, row := range s.Rows {
			all = append(all, fmt.Sprintf("%s asked about %s", s.ReviewerName, row.ID))
			if row.Worksheet != s.ID {
				all = append(all, "its worksheet is "+row.Worksheet)
			}
		}
	}
	return strings.Join(all, "; ")
}

// TestWhatOfARowCounts: what is wrong with it is said once, in the reviewer's words.
func TestWhatOfARowCounts(t *testing.T) {
	st := staffIn(t, aStaff)
	rec := askedAbout(st.someone("employees/9"), st.people.Get(personKey("employees/7")))
	for name, c := range map[string]struct {
		row  access.ReturnedRow
		want string // all of it, or the beginning of the one problem and "..."
	}{
		"an answer":                              {backWith(rec, "a", "Keep", asIs), "a Keep by Max"},
		"no Row ID":                              {backWith(rec, "a", "Keep", func(r *access.ReturnedRow) { r.ID = "" }), "Row ID: the row has no Row ID..."},
		"a cell more than went out":              {backWith(rec, "a", "Keep", func(r *access.ReturnedRow) { r.Cells = append(r.Cells, "x") }), `locked column 5: this said "" when the file went out...`},
		"a cell less than went out":              {backWith(rec, "a", "Keep", func(r *access.ReturnedRow) { r.Cells = r.Cells[:3] }), "locked column 4: a column is missing..."},
		"another cell, and another seal":         {backWith(rec, "a", "Keep", func(r *access.ReturnedRow) { r.Cells[0], r.MAC = "x", "y" }), `locked column 1: this said "a" when the file went out...`},
		"another cell, and no reason":            {backWith(rec, "a", "Change", func(r *access.ReturnedRow) { r.Cells[0] = "x" }), `locked column 1: this said "a" when the file went out...`},
		"to one of several":                      {backWith(rec, "a", "Not mine", passedTo("ann@example.com, ben@example.com")), "Pass to: more than one person may be meant..."},
		"to whose access it is":                  {backWith(rec, "a", "Not mine", passedTo("Tom")), "Pass to: the row is about access of theirs..."},
		"to oneself":                             {backWith(rec, "a", "Not mine", passedTo("Max")), "Pass to: that is you..."},
		"to somebody who left":                   {backWith(rec, "a", "Not mine", passedTo("Dee")), "Pass to: nobody who works here has this name, address or ID. Write a work..."},
		"to nearly a name":                       {backWith(rec, "a", "Not mine", passedTo("Ma")), "Pass to: nobody who works here has this name, address or ID. Did you mean Max? Write..."},
		"to an owner, by name":                   {backWith(rec, "a", "Not mine", passedTo("Help")), "a Not mine by Max help@example.com; Help asked about a"},
		"to who is named for compliance only":    {backWith(rec, "a", "Not mine", passedTo("Cora")), "Pass to: nobody who works here has this name..."},
		"privileged, to who is asked already":    {backWith(rec, "p", "Not mine", passedTo("Help")), "Pass to: Help is asked about this privileged access already..."},
		"privileged, to an administrator":        {backWith(rec, "p", "Not mine", passedTo("ann@example.com")), "Pass to: Ann administers okta, so that somebody else has to judge privileged access there, such as Sky..."},
		"ordinary, to an administrator":          {backWith(rec, "a", "Not mine", passedTo("ann@example.com")), "a Not mine by Max ann@example.com; Ann asked about a"},
		"privileged, to who does not administer": {backWith(rec, "p", "Not mine", passedTo("sky@example.com")), "p Not mine by Max sky@example.com; Sky asked about p"},
	} {
		got := whatCounts(NewReceiving(rec, st, CampaignRules{}).Receive(access.ReturnedSheet{Campaign: "2026-q4", Worksheet: "m", SHA256: "1", Sender: "max@example.com", Rows: []access.ReturnedRow{c.row}}, midnight.AddDate(0, 0, 1)))
		if begins, cut := strings.CutSuffix(c.want, "..."); cut && (!strings.HasPrefix(got, begins) || strings.Contains(got, "; ")) || !cut && got != c.want {
			t.Errorf("%s: %s", name, got)
		}
	}
}

// TestAnotherAnswer: what a second file says of a row that was answered before.
func TestAnotherAnswer(t *testing.T) {
	st := staffIn(t, aStaff)
	asks := func() access.CampaignRecord {
		return askedAbout(st.someone("employees/9"), st.people.Get(personKey("employees/7")))
	}
	for name, c := range map[string]struct {
		second access.ReturnedRow
		was    access.Choice // on record
		want   string
	}{
		"the same again":                   {second: backWith(asks(), "a", "Keep", asIs), was: access.ChooseKeep, want: ""},
		"another, without a reason":        {second: backWith(asks(), "a", "Remove", asIs), was: access.ChooseKeep, want: "Reason: Keep was answered on"},
		"another, with one":                {second: backWith(asks(), "a", "Remove", reasonOf("she moved to another team")), was: access.ChooseKeep, want: "a Remove by Max"},
		"a word on what a night saw gone":  {second: backWith(asks(), "a", "Remove", asIs), was: access.ChoiceGone, want: "a Remove by Max"},
		"a blank, of what was passed on":   {second: backWith(asks(), "a", "", asIs), was: access.ChooseNotMine, want: ""},
		"a formula, of what was passed on": {second: backWith(asks(), "a", "", func(r *access.ReturnedRow) { r.Formula = []string{"Reason"} }), was: access.ChooseNotMine, want: "Decision: this row was passed on, and Sky is asked"},
		"an answer, of what was passed on": {second: backWith(asks(), "a", "Keep", asIs), was: access.ChooseNotMine, want: "Decision: this row was passed on, and Sky is asked"},
		"Not mine again":                   {second: backWith(asks(), "a", "Not mine", passedTo("Sky")), was: access.ChooseNotMine, want: ""},
	} {
		rec := asks()
		rec.Decisions = []access.Decision{{RowID: "a", Worksheet: "m", Choice: c.was, Reviewer: personKey("employees/9"), ReviewerName: "Max", ReceivedAt: midnight}}
		if c.was == access.ChooseNotMine {
			rec.Sheets = append(rec.Sheets, access.Sheet{ID: "k", From: "m", Reviewer: personKey("employees/10"), ReviewerName: "Sky", Rows: []access.Issued{{ID: "a", Worksheet: "k", Item: rec.Sheets[0].Rows[0].Item}}})
		}
		got := whatCounts(NewReceiving(rec, st, CampaignRules{}).Receive(access.ReturnedSheet{Campaign: "2026-q4", Worksheet: "m", SHA256: "2", Sender: "max@example.com", Rows: []access.ReturnedRow{c.second}}, midnight.AddDate(0, 0, 1)))
		if !strings.HasPrefix(got, c.want) || c.want == "" && got != "" {
			t.Errorf("%s: %s", name, got)
		}
	}
}

// TestAnAdministratorJudgesNoPrivilegedAccessWhileAnotherCould: the reviewer, or who stands in.
func TestAnAdministratorJudgesNoPrivilegedAccessWhileAnotherCould(t *testing.T) {
	stands := func(of, by string) []access.Delegate {
		return []access.Delegate{{Reviewer: personKey(of), Delegate: personKey(by), From: dayOf(morning(1)), Until: dayOf(morning(30))}}
	}
	alone := strings.NewReplacer("okta,owner,Help,help@example.com\nokta,owner,Desk,help@example.com\nokta,compliance,Cora,\n", "").Replace(aStaff)
	for name, c := range map[string]struct {
		text     string
		reviewer string
		by       []access.Delegate
		sender   string
		approver string
		decision string
		want     string
	}{
		"the reviewer administers, and others do not":        {aStaff, "employees/1", nil, "ann@example.com", "Ada", "Remove", "Choose Not mine, and pass it to Help"},
		"the reviewer administers, and nobody else is known": {alone, "employees/1", nil, "ann@example.com", "Ann", "Remove", "p Remove by Ann"},
		"an administrator may pass it on":                    {aStaff, "employees/1", nil, "ann@example.com", "Ada", "Not mine", "p Not mine by Ann max@example.com"},
		"an administrator stands in":                         {aStaff, "employees/9", stands("employees/9", "employees/1"), "ann@example.com", "Ada", "Remove", "Max has to send an answer to it"},
		"for one who has left":                               {aStaff, "employees/4", stands("employees/4", "employees/1"), "ann@example.com", "Ada", "Remove", "Choose Not mine, and pass it to Help"},
		"for one who administers, too":                       {aStaff, "employees/2", stands("employees/2", "employees/1"), "ann@example.com", "Ada", "Remove", "Choose Not mine, and pass it to Help"},
	} {
		st := staffIn(t, c.text, c.by...)
		rec := askedAbout(st.someone(c.reviewer), st.people.Get(personKey("employees/10")))
		rec.Campaign.Approver, rec.Campaign.ApproverMail = c.approver, strings.ToLower(c.approver)+"@example.com"
		rec.Sheets[1].ReviewerName, rec.Sheets[1].ReviewerMail = "Cora", "" // who is asked about it already
		more := asIs
		if c.decision == "Not mine" {
			more = passedTo("max@example.com")
		}
		got := whatCounts(NewReceiving(rec, st, CampaignRules{}).Receive(access.ReturnedSheet{Campaign: "2026-q4", Worksheet: "m", SHA256: "1", Sender: c.sender, Rows: []access.ReturnedRow{backWith(rec, "p", c.decision, more)}}, midnight.AddDate(0, 0, 1)))
		if !strings.Contains(got, c.want) || strings.HasPrefix(c.want, "p ") && !strings.HasPrefix(got, c.want) {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func TestAnAnswerIsTheSameOnlyIfAllOfItIs(t *testing.T) {
	one := access.Decision{Choice: access.ChooseChange, Reason: "r", ChangeTo: "c", Comment: "m", Reviewer: personKey("employees/9")}
	if !sameAnswer(one, one) {
		t.Error("it is the same")
	}
	for name, change := range map[string]func(*access.Decision){
		"choice": func(d *access.Decision) { d.Choice = access.ChooseKeep }, "reason": func(d *access.Decision) { d.Reason = "" }, "what instead": func(d *access.Decision) { d.ChangeTo = "" },
		"comment": func(d *access.Decision) { d.Comment = "" }, "who": func(d *access.Decision) { d.Reviewer = personKey("employees/1") },
	} {
		other := one
		change(&other)
		if sameAnswer(one, other) || sameAnswer(other, one) {
			t.Errorf("another %s is another answer", name)
		}
	}
}

// TestWhomATextNames: exactly one, or those whose names are nearly it.
func TestWhomATextNames(t *testing.T) {
	st := staffIn(t, strings.Replace(aStaff, "okta,owner,Desk,help@example.com", "okta,owner,Ann,desk@example.com", 1))
	for text, want := range map[string]string{
		" 10 ": "Sky", "contractors/80": "Kim", "sky@example.com": "Sky", "SKY": "Sky", "Ann": "Ann", "ann": "Ann", "Help": "Help", "Cora": "", "Kimb": "? Kimberly", "m": "? Kimberly, Sam, Tom", "de": "", "Dee": "Dee",
	} {
		found, alike := st.named(text)
		got := ""
		for _, a := range found {
			got += a.name
		}
		if len(alike) > 0 {
			got += "? " + strings.Join(alike, ", ")
		}
		if got != want {
			t.Errorf("%q names %q, not %q", text, got, want)
		}
	}
}
