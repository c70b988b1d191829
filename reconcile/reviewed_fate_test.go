package reconcile

import (
	"strings"
	"testing"
	"time"

	"rollcall/internal/access"
)

const annHasOrders = `
-- world --
reviews 0 enforce
-- employees.csv --
employee_id,name,email,title,department,manager_id,status
1,Ann,ann@example.com,Dev,IT,9,active
9,Max,max@example.com,Lead,IT,,active
-- rolemap.csv --
role,title,department,system,kind,entitlement,requirement
Dev,Dev,IT,okta,group,Code,allowed
Dev,Dev,IT,okta,app,Wiki,required
-- exceptions.csv --
id,source,employee_id,system,kind,entitlement,reason,approved_by,approved_on,expires_on
X1,employees,1,okta,group,Lent,handover,Eve,2026-11-10,2026-12-31
X2,employees,1,okta,group,Over,handover,Eve,2026-11-10,2026-11-15
-- system/okta --
read users lists
read group_members
read group_rules
read app_users
account 00u1 login=ann@example.com hr=1
account 00u3 login=robot
right group:G1 name=Orders read=group_members editable
right group:G2 name=Code read=group_members editable
right group:G3 name=Lent read=group_members editable
right group:G4 name=Over read=group_members editable
right group:G5 name=Tools read=group_members editable
right group:G6 name=Kept read=group_members
right app:A1 name=Wiki read=app_users
grant 00u1 group:G1
grant 00u1 group:G2
grant 00u1 group:G3
grant 00u1 group:G4
grant 00u1 group:G5
grant 00u1 app:A1 via=group:G5
grant 00u1 group:G6
`

// TestTheFateOfWhatAReviewDecided: it is taken if nothing speaks against it, and of what does the first is told.
// It is long because it is one table of what may speak against it, and what is combined there is named right above it.
func TestTheFateOfWhatAReviewDecided(t *testing.T) {
	type change func(*World, *access.Removal)
	group := func(id string) change { return func(_ *World, r *access.Removal) { r.Entitlement = id } }
	decidedOn := func(at string) change {
		return func(_ *World, r *access.Removal) { d, _ := access.ParseDay(at); r.DecidedAt = d.At }
	}
	moved := func(until string) change {
		return func(w *World, _ *access.Removal) {
			d, _ := access.ParseDay(until)
			w.Memory.Moves = map[access.PersonKey][]access.Move{personKey("employees/1"): {{Until: d.At.AddDate(0, 0, -30), Title: "Boss", Department: "IT"}, {Until: d.At, Title: "Clerk", Department: "IT"}}}
		}
	}
	notice := func(days int) change {
		return func(w *World, _ *access.Removal) { w.Settings.Reviewed.NoticeDays = days }
	}
	told := func(at string) change {
		return func(_ *World, r *access.Removal) { r.Announced, _ = access.ParseDay(at) }
	}
	at := func(now time.Time) change { return func(w *World, _ *access.Removal) { w.Now = now } }
	done := func(_ *World, r *access.Removal) { r.DoneAt = morning(12) }
	observe := func(w *World, _ *access.Removal) { w.Settings.Reviewed.Enforce = false }
	refused := func(w *World, _ *access.Removal) { w.Rosters[0].Verdict.Refusal = &access.GuardError{} }
	lineLeft := func(w *World, _ *access.Removal) { w.Policy.LeftOut = []access.Line{{File: "exceptions.csv", Row: 7}} }
	gap := func(w *World, _ *access.Removal) {
		w.Systems[0].Reads[1].Complete, w.Systems[0].Reads[1].Gap = false, "denied"
	}
	held := func(w *World, _ *access.Removal) { w.Rosters[0].Rows[0].Problem = "two lines say otherwise" }
	ends := func(w *World, _ *access.Removal) {
		w.Rosters[0].Rows[0].Status, w.Rosters[0].Rows[0].LastWorkingDay = access.StatusLeft, dayOf(midnight.AddDate(0, 0, 7))
	}
	anothers := func(_ *World, r *access.Removal) { r.Person = personKey("employees/9") }
	blocked := func(w *World, _ *access.Removal) {
		k := w.Systems[0].Accounts[0].Key()
		w.Memory.Blocked = map[access.AccountKey]access.BlockRecord{k: {Account: k, Person: personKey("employees/9")}}
	}
	for name, c := range map[string]struct {
		changes []change
		says    string
	}{
		"nothing speaks against it":                            {nil, "; it is due tonight"},
		"another's account when it was decided":                {[]change{anothers, done}, "the account was not known as theirs when it was decided"},
		"somebody of whom HR is not clear":                     {[]change{held, done}, "it stays until it is clear where the person stands"},
		"somebody who leaves next week":                        {[]change{ends}, "; it is due tonight"},
		"an exception of the day of the decision":              {[]change{group("G3"), decidedOn("2026-11-10T10:00:00Z"), done}, "approved later lets them have it"},
		"an exception of the day before":                       {[]change{group("G3"), decidedOn("2026-11-11T00:00:00Z")}, "; it is due tonight"},
		"an exception that is over":                            {[]change{group("G4"), decidedOn("2026-11-09T10:00:00Z")}, "; it is due tonight"},
		"somebody gave it again":                               {[]change{group("G2"), done, moved("2026-11-15")}, "rollcall took it away on 2026-11-12, and somebody gave it again"},
		"a later job that allows it":                           {[]change{group("G2"), moved("2026-11-11"), observe}, "they changed their job since, and the new one lets them have it"},
		"a later job that does not":                            {[]change{moved("2026-11-11")}, "; it is due tonight"},
		"an earlier move":                                      {[]change{group("G2"), moved("2026-11-10T10:00:00Z")}, "; it is due tonight"},
		"it is allowed, and nobody moved":                      {[]change{group("G2")}, "; it is due tonight"},
		"an account that was blocked, of a right that is kept": {[]change{group("G6"), blocked}, "rollcall blocked ann@example.com"},
		"what is kept":                                         {[]change{group("G6")}, "; rollcall does not take it away by itself, so its owner does: "},
		"what the job needs comes by it":                       {[]change{group("G5"), observe}, "Wiki"},
		"the company has it told only":                         {[]change{observe, notice(9)}, "review.removals is observe"},
		"the first night of the notice":                        {[]change{notice(3), lineLeft}, "; it is taken away on 2026-11-26"},
		"the last one":                                         {[]change{notice(3), told("2026-11-21")}, "; it is taken away on 2026-11-24"},
		"a moment before its end":                              {[]change{notice(3), told("2026-11-20"), at(midnight.Truncate(24 * time.Hour).Add(-time.Second))}, "; it is taken away on 2026-11-23"},
		"the moment of its end":                                {[]change{notice(3), told("2026-11-20"), at(midnight.Truncate(24 * time.Hour))}, "; it is due tonight"},
		"the notice is over":                                   {[]change{notice(3), told("2026-11-20")}, "; it is due tonight"},
		"a list that was refused":                              {[]change{refused, lineLeft, gap}, "; it is due, and stays tonight: the list of employees was refused tonight"},
		"a line without effect":                                {[]change{lineLeft, gap}, "; it is due, and stays tonight: exceptions.csv row 7 cannot be used, and may be what lets them have it"},
		"a gap":                                                {[]change{gap}, "; it is due, and stays tonight: okta/group_members was not read to its end: denied"},
	} {
		w := loadWorld(t, archive(annHasOrders))
		r := access.Removal{RowID: "r", Campaign: "2026-q3", Person: personKey("employees/1"), Account: w.Systems[0].Accounts[0].Key(), Kind: access.OktaGroup, Entitlement: "G1", By: "Max", DecidedAt: morning(10).Add(3600e9)}
		for _, change := range c.changes {
			change(&w, &r)
		}
		k := Identify(w)
		k.Evaluate()
		e := k.e
		got := e.fateOfDecided(0, 0, e.heldDirectly(0, 0, r), e.person(0, 0), r)
		if !strings.Contains(got.says, c.says) || got.now != (c.says == "; it is due tonight") {
			t.Errorf("%s: %q, taken now: %v", name, got.says, got.now)
		}
	}
}

// TestADecidedAccountIsToldUntilItIsOff: it is for its owner to do, and what is asked for is seen from its status.
func TestADecidedAccountIsToldUntilItIsOff(t *testing.T) {
	for status, want := range map[access.AccountStatus]bool{access.AccountActive: true, access.AccountSuspended: true, access.AccountDisabled: false} {
		w := loadWorld(t, archive(annHasOrders))
		robot := &w.Systems[0].Accounts[1]
		robot.Status = status
		w.Memory.Removals = map[string]access.Removal{"r": {RowID: "r", Campaign: "2026-q3", Account: robot.Key(), Login: "robot", By: "Max", DecidedAt: morning(10), Due: dayOf(morning(17))}}
		told := false
		for _, f := range Decide(w).Findings {
			told = told || f.Kind == access.ReviewRemoval && strings.Contains(f.Reason, "the account robot as a whole") && f.Severity == "high"
		}
		if told != want {
			t.Errorf("%s: told: %v", status, told)
		}
	}
}

// TestADecidedRemovalSaysWhoDecidedIt: the record of the action is what somebody reads who asks why it is gone.
func TestADecidedRemovalSaysWhoDecidedIt(t *testing.T) {
	w := loadWorld(t, archive(annHasOrders))
	w.Memory.Removals = map[string]access.Removal{"r": {RowID: "r", Campaign: "2026-q3", Person: personKey("employees/1"), Account: w.Systems[0].Accounts[0].Key(), Kind: access.OktaGroup, Entitlement: "G1", By: "Max", DecidedAt: morning(10)}}
	said := []string{}
	for _, a := range Decide(w).Plan.Actions {
		said = append(said, a.Reason)
	}
	if len(said) != 1 || said[0] != "Max decided on 2026-11-10 in the review 2026-q3 that Ann no longer needs Okta group Orders" {
		t.Errorf("%q", said)
	}
}
