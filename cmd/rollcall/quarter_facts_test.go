//go:build cgo

package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/go-cmp/cmp"
)

// facts are what the story of the quarter (quarter_story_test.go) says that each answer
// must say, worked out from the story and not from the answer. This file is long because the
// facts of all twenty questions stand here in the order of the guide: whoever checks the
// answers by hand goes through them from 1 to 20, beside testdata/answers.
var facts = map[string]func(audited, answer){
	"who-reaches": whoReached, "leavers": leaversHours, "leavers-active": leaversAlive, "approvals": approvalsOfPriya, "never-reviewed": neverReviewed,
	"changes": changesOfMarch, "completeness": completeAtTheFreeze, "orphans": orphansAtTheEnd, "privileged": privilegedOfTheQuarter, "dormant": dormantAtTheEnd,
	"campaign": theCampaign, "removals": theRemovals, "movers": theMovers, "against-policy": againstPolicy, "duties": separateDuties, "nonhuman": noPersons,
	"joiners": theJoiners, "nights": theNights, "overrides": theOverrides, "reperform": nothingDiffers,
}

// hours are from the midnight after somebody's last day to what was read of them.
func hours(end, read string) string {
	return strconv.FormatFloat(at(read).Sub(at(end)).Hours(), 'f', -1, 64)
}

// 1. The five administrators reach production through a group, one operator because a
// review kept it, and the operator who left in February only on paper.
func whoReached(q audited, a answer) {
	a.has(5, "entitlement", "Administrator", "via", "sso_group AWS Administrators", "could_use", "true", "holder", "person")
	a.has(1, "employee_id", q.who["Stefan Meijer"], "entitlement", "Administrator", "direct", "true", "approved_by", "Mia Laine and Aisha Albers", "cites", "review 2026-q1 row 0")
	a.has(1, "employee_id", q.who["operator"], "entitlement", "PowerUser", "could_use", "false")
	a.has(0, "employee_id", q.who["operator"], "could_use", "true")
	a.has(1, "holder", "nonhuman", "entitlement", "AdministratorAccess", "login", "terraform")
	for name, id := range q.who { // who has left, by the story
		if slices.Contains([]string{"Mara", "mobile0", "mobile1", "mobile2", "mobile3", "mobile4", "mobile5"}, name) {
			a.has(1, "employee_id", id, "entitlement", "ReadOnly", "via", "sso_group AWS Engineering", "could_use", "false")
		}
	}
	if got := a.each("scope_name"); !slices.Equal(got, []string{"production"}) {
		a.t.Errorf("it tells of %v", got)
	}
}

// 2. Nobody is missing, nobody is too much, and the hours are those of the calendar.
func leaversHours(q audited, a answer) {
	ended := func(name, day, read, within string) {
		a.has(1, "employee_id", q.who[name], "system", "okta", "hours_to_block", hours(day, read), "within_sla", within, "now_is", "left")
	}
	for _, name := range []string{"Mara", "Pieter", "Chloe", "Ivan"} { // their last day was the 1st
		ended(name, "01-02 00:00", "01-02 02:00", "true")
	}
	ended("Henrik", "01-02 00:00", "01-10 02:00", "false")  // protected, until IT ended it on the 9th
	ended("Tomasz", "01-02 00:00", "01-06 02:00", "false")  // HR said so on the 5th
	ended("Jordan", "01-02 09:00", "01-03 02:00", "true")   // midnight in Seattle is nine here
	ended("Elif", "01-16 00:00", "01-17 02:00", "false")    // the night of the 16th did not take place
	ended("operator", "02-03 00:00", "02-03 02:00", "true") // Okta could be read, production could not
	a.has(1, "employee_id", q.who["operator"], "system", "aws", "scope", production, "hours_to_block", hours("02-03 00:00", "02-04 02:00"), "within_sla", "false")
	a.has(1, "employee_id", q.who["operator"], "system", "aws", "scope", "", "hours_to_block", hours("02-03 00:00", "02-03 02:00"), "within_sla", "true")
	for n := range 6 { // held on the 17th, approved, blocked on the 18th; until then Okta let them into AWS
		name := fmt.Sprintf("mobile%d", n)
		ended(name, "02-17 00:00", "02-18 02:00", "false")
		a.has(1, "employee_id", q.who[name], "system", "aws", "hours_to_block", hours("02-17 00:00", "02-18 02:00"), "within_sla", "false")
	}
	ended("swept", "02-24 14:00", "02-24 15:00", "true")    // by the sweep
	ended("reviewed", "03-07 00:00", "03-07 02:00", "true") // while the review was open
	ended("lastday", "04-01 00:00", "04-01 02:00", "true")  // told after the period
	a.has(1, "employee_id", q.who["Rosa"], "system", "aws", "hours_to_block", hours("01-02 00:00", "01-02 02:00"), "within_sla", "true")
	a.has(3, "employee_id", q.who["Mara"], "hours_to_block", "2", "within_sla", "true")
	// Seven days after the block all is gone that is not somebody else's to take.
	a.has(1, "employee_id", q.who["Ivan"], "hours_to_remove", hours("01-02 00:00", "01-10 02:00"))
	a.has(0, "employee_id", q.who["stolen"])   // it was an order, and they work here
	a.has(0, "employee_id", q.who["Beatrice"]) // garden leave is no leaving
	var left []string
	for _, name := range []string{"Mara", "Pieter", "Chloe", "Henrik", "Ivan", "Rosa", "Jordan", "Elif", "Tomasz", "operator", "mobile0", "mobile1", "mobile2", "mobile3", "mobile4", "mobile5", "swept", "reviewed", "lastday"} {
		left = append(left, q.who[name])
	}
	slices.Sort(left)
	if diff := cmp.Diff(left, a.each("employee_id")); diff != "" {
		a.t.Errorf("the leavers (-story +answer):\n%s", diff)
	}
	if worst := a.rows[0]["employee_id"]; worst != q.who["Henrik"] {
		a.t.Errorf("the worst is %s", worst)
	}
}

// 3. Who was in for more than a day when a night began, and who used what they had.
func leaversAlive(q audited, a answer) {
	alive := []string{"Henrik", "Tomasz", "Elif", "operator", "mobile0", "mobile1", "mobile2", "mobile3", "mobile4", "mobile5"}
	var want []string
	for _, name := range alive {
		want = append(want, q.who[name])
	}
	slices.Sort(want)
	if diff := cmp.Diff(want, a.each("employee_id", "what", "account active")); diff != "" {
		a.t.Errorf("still active after a day (-story +answer):\n%s", diff)
	}
	a.has(1, "what", "account active", "employee_id", q.who["Henrik"], "first_night", "2026-01-03", "last_night", "2026-01-09", "nights", "7")
	a.has(1, "what", "account active", "employee_id", q.who["Elif"], "first_night", "2026-01-17", "nights", "1")
	a.has(1, "what", "account active", "employee_id", q.who["operator"], "scope", production, "first_night", "2026-02-04", "nights", "1")
	a.has(2, "what", "account active", "employee_id", q.who["mobile3"], "first_night", "2026-02-18", "nights", "1") // Okta, and AWS through it
	a.has(2, "what", "credential held", "employee_id", q.who["operator"])                                           // a key, a password
	a.has(1, "what", "enabled, but no way in", "employee_id", q.who["Mara"], "system", "aws", "first_night", "2026-01-03", "last_night", "2026-03-31")
	for _, name := range []string{"Chloe", "Elif", "Henrik", "Tomasz", "operator", "mobile0"} {
		if len(a.like("what", "used after exit", "employee_id", q.who[name])) == 0 {
			a.t.Errorf("%s used what they had after the end, and it is not told", name)
		}
	}
	for _, name := range []string{"Mara", "Ivan", "swept", "Jordan"} { // they were out in time
		a.has(0, "what", "account active", "employee_id", q.who[name])
		a.has(0, "what", "used after exit", "employee_id", q.who[name])
	}
}

// 4. Priya's access to the ledger is a review's word now: the exception ended in February.
func approvalsOfPriya(q audited, a answer) {
	a.has(1, "entitlement", "Finance", "state", "approved", "cites", "review 2026-q1 row 0", "approved_by", "Bogdan Vermeer", "approved_on", "2026-03-10", "expires_on", "2026-06-08")
	a.has(1, "entitlement", "Engineering", "state", "approved", "approved_by", "Noor Visser", "approved_on", at("01-01 00:00").AddDate(0, 0, -120).Format(time.DateOnly))
	a.has(0, "state", "nothing allows it")
	if ids := a.each("employee_id"); !slices.Equal(ids, []string{q.who["Priya"]}) {
		a.t.Errorf("it tells of %v", ids)
	}
	for _, row := range a.rows { // one row for each right: none is multiplied by what else the review kept
		a.has(1, "system", row["system"], "scope", row["scope"], "login", row["login"], "kind", row["kind"], "entitlement", row["entitlement"], "via", row["via"])
	}
}

// 5. Ines Larsen's 42 rows; what came after the freeze; what was gone before it; leavers;
// and who was on garden leave. Nobody else dropped out.
func neverReviewed(q audited, a answer) {
	a.has(0, "why", "in no worksheet")
	a.has(0, "why", "there was no review")
	a.has(1, "why", "seen after the freeze", "employee_id", q.who["late right"], "entitlement", "Finance", "first_night", "2026-03-07")
	for _, name := range []string{"Nora", "Timo"} {
		if len(a.like("why", "seen after the freeze", "employee_id", q.who[name])) == 0 {
			a.t.Errorf("%s came after the freeze", name)
		}
	}
	a.has(1, "why", "gone before the freeze", "employee_id", q.who["brief"], "kind", "group", "first_night", "2026-01-12", "last_night", "2026-02-11")
	direct := 0
	for _, row := range a.like("why", "asked, not answered") {
		if row["via"] == "" {
			direct++
		}
	}
	if direct != 42 {
		a.t.Errorf("Ines Larsen left 42 rows open, and %d are told", direct)
	}
	for _, login := range []string{"terraform", "break-glass@halden.example", "jonas.berg@halden.example"} { // asked about as a whole
		a.has(0, "login", login)
	}
	for _, row := range a.like("why", "held by somebody who has left") {
		if row["employee_id"] == q.who["Omar"] || row["employee_id"] == "" {
			a.t.Errorf("nobody has left: %v", row)
		}
	}
	if got := a.each("employee_id", "why", "held by somebody on garden leave"); !slices.Equal(got, []string{q.who["Beatrice"]}) {
		a.t.Errorf("on garden leave are %v", got)
	}
}

// 6. What March brought and took, and by whom.
func changesOfMarch(q audited, a answer) {
	a.has(1, "change", "added", "employee_id", q.who["late right"], "entitlement", "Finance", "expected_after", "false")
	a.has(1, "change", "removed", "employee_id", q.who["Omar"], "entitlement", "Customer Support", "by_verb", "leave_group", "by_actor", whoami())
	a.has(1, "change", "removed", "employee_id", q.who["Omar"], "entitlement", "Zendesk", "via", "", "by_verb", "", "by_actor", "") // its owner did
	a.has(1, "change", "removed", "employee_id", q.who["Omar"], "entitlement", "Zendesk", "via", "group Customer Support", "by_verb", "leave_group")
	a.has(1, "change", "removed", "employee_id", q.who["Lena"], "entitlement", "Sales", "by_verb", "leave_group")
	a.has(1, "change", "removed", "employee_id", q.who["Rania Ito"], "entitlement", "Finance", "by_verb", "leave_group")
	a.has(1, "change", "removed", "employee_id", q.who["swept"], "entitlement", "Figma", "by_verb", "deactivate")
	a.has(1, "change", "altered", "employee_id", q.who["Priya"], "entitlement", "Finance", "cites_before", "exceptions.csv row 2", "cites_after", "review 2026-q1 row 0", "expected_before", "false", "expected_after", "true")
	a.has(1, "change", "altered", "employee_id", q.who["moving"], "entitlement", "Sales", "expected_before", "true", "expected_after", "false")
	if got := a.each("employee_id", "change", "added"); !slices.Equal(got, sorted(q.who["late right"], q.who["Nora"], q.who["Timo"])) {
		a.t.Errorf("something was added for %v", got)
	}
	if got := a.each("employee_id", "change", "removed"); !slices.Equal(got, sorted(q.who["Omar"], q.who["Lena"], q.who["Rania Ito"], q.who["swept"], q.who["reviewed"])) {
		a.t.Errorf("something was taken from %v", got)
	}
}

func sorted(all ...string) []string {
	slices.Sort(all)
	return all
}

// 7. Everything that was received is there, in one part; on the day of the freeze nobody
// is in no worksheet without a reason.
func completeAtTheFreeze(_ audited, a answer) {
	lists := 0
	for _, row := range a.rows {
		if row["complete"] != "true" {
			a.t.Errorf("not complete: %v", row)
		}
		if row["difference"] == "" {
			continue
		}
		lists++
		sum := 0
		for _, column := range []string{"in_worksheets", "excluded_left", "excluded_disabled", "excluded_root", "excluded_holds_nothing", "excluded_other"} {
			n, err := strconv.Atoi(row[column])
			if err != nil {
				a.t.Errorf("%s of %v: %v", column, row, err)
			}
			sum += n
		}
		if row["difference"] != "0" || row["excluded_other"] != "0" || strconv.Itoa(sum) != row["archived"] || row["review"] != q1 {
			a.t.Errorf("the books do not balance: %v", row)
		}
	}
	if lists != 6 { // Okta, Identity Center, four accounts
		a.t.Errorf("%d reads list accounts", lists)
	}
	// Okta: 281 people of the lists of day 1 with a login, and Yuki's of the second; the 12
	// of long ago, the orphan, break glass, rollcall's two.
	a.has(1, "system", "okta", "kind", "users", "received", "314", "archived", "314", "nonhuman", "3", "ambiguous", "1", "unmatched", "5")
	// Production: three engineers' users, terraform, and the root that no list has.
	a.has(1, "system", "aws", "scope", production, "kind", "iam", "received", "4", "archived", "5", "matched", "3", "nonhuman", "1", "root", "1", "excluded_left", "1", "excluded_root", "1", "in_worksheets", "3")
}

// 8. Teresa Vega's account, the two of Jonas Berg that two could have, and four of long
// ago whom HR does not list any more.
func orphansAtTheEnd(_ audited, a answer) {
	a.has(1, "login", "t.vega@fieldwork.example", "match", "unmatched", "since", "2026-01-01", "status", "active", "usage_known", "true")
	a.has(2, "login", "jonas.berg@halden.example", "match", "ambiguous", "since", "2026-01-01")
	a.has(4, "status", "disabled", "match", "unmatched")
	if len(a.rows) != 7 {
		a.t.Errorf("%d orphans", len(a.rows))
	}
}

// 9. New privileged access is Nora's; gone is that of those who left; each has its reason.
func privilegedOfTheQuarter(q audited, a answer) {
	if got := a.each("employee_id", "change", "new"); !slices.Equal(got, []string{q.who["Nora"]}) {
		a.t.Errorf("new are %v", got)
	}
	a.has(1, "change", "gone", "employee_id", q.who["operator"], "entitlement", "operators")
	a.has(1, "change", "gone", "employee_id", q.who["Rosa"], "entitlement", "PowerUser")
	a.has(1, "change", "held on both", "employee_id", q.who["operator"], "kind", "sso_group", "standing", "left")
	a.has(1, "change", "held on both", "login", "terraform", "entitlement", "AdministratorAccess", "business_reason", "Builds the machines of production")
	a.has(1, "change", "held on both", "employee_id", q.who["Noor Visser"], "entitlement", "Super Administrator", "business_reason", "Do anything in Okta")
	a.has(1, "change", "held on both", "employee_id", q.who["Stefan Meijer"], "entitlement", "Administrator", "business_reason", keep(nil).reason)
	a.has(0, "change", "not read later")
}

// 10. Sanne is on leave since December, one counsel since 20 February; services are used
// elsewhere than in their own logs.
func dormantAtTheEnd(q audited, a answer) {
	a.has(1, "employee_id", q.who["Sanne"], "band", "90 days", "finding", "dormant_access", "last_review", "validate")
	a.has(1, "employee_id", q.who["dormant"], "band", "35 days", "days_unused", strconv.Itoa(int(at("03-31 12:00").Sub(at("02-19 09:00")).Hours()/24)))
	a.has(1, "employee_id", q.who["Pavel Jensen"], "login", "oncall-3", "band", "90 days")
	a.has(4, "login", "<root_account>")
	a.has(0, "band", "below 35 days")
	if people := a.each("employee_id"); len(people) != 4 { // these three, and nobody
		a.t.Errorf("unused are those of %v", people)
	}
}

// 11. Reviewer by reviewer, as they answered.
func theCampaign(q audited, a answer) {
	one := func(name string, pairs ...string) {
		a.t.Helper()
		a.has(1, append([]string{"reviewer", "employees/" + q.who[name], "due_on", "2026-03-16"}, pairs...)...)
	}
	one("Yara Garcia", "issued", "21", "kept", "21", "open", "0", "signal", "all kept, no reason", "first_answer_at", "2026-03-03T08:00:00Z")
	one("Yara Albers", "issued", "38", "kept", "36", "changed", "1", "removed", "1", "signal", "")
	one("Umar Ivanova", "issued", "34", "kept", "33", "removed", "1")
	one("Carla Clarke", "issued", "121", "kept", "120", "passed_on", "1", "open", "0")
	one("Mia Laine", "because", "passed on by Carla Clarke", "issued", "1", "kept", "1")
	one("Otto Quist", "issued", "30", "kept", "29", "removed", "1", "self_review_attempts", "4", "files_received", "2", "last_answer_at", "2026-03-12T08:00:00Z")
	one("Quinn Hansen", "issued", "22", "late", "22", "removed", "1", "first_answer_at", "2026-03-19T08:00:00Z")
	one("Ines Larsen", "issued", "42", "answered", "0", "open", "42", "unanswered", "42", "files_received", "0", "last_answer_at", "")
	a.has(1, "late", "22")
	a.has(len(a.rows)-1, "late", "0")
	a.has(1, "reviewer_name", "Noor Visser", "answered", "12", "last_answer_at", "2026-03-03T08:00:00Z")
}

// 12. Five were decided: three are taken and seen gone, one its owner took, one is open.
func theRemovals(q audited, a answer) {
	taken := func(name, right, by, decided, executed string) {
		a.has(1, "state", "verified absent", "employee_id", q.who[name], "entitlement", right, "decision", "revoke", "reviewer_name", by, "outcome", "done", "days_to_verified", "1", "days_open", "")
		for _, row := range a.like("employee_id", q.who[name], "entitlement", right) {
			if !strings.HasPrefix(row["decided_at"], decided) || !strings.HasPrefix(row["executed_at"], executed) || row["verified_at"] < row["executed_at"] {
				a.t.Errorf("%v", row)
			}
		}
	}
	taken("Lena", "Sales", "Umar Ivanova", "2026-03-04", "2026-03-05")
	taken("Omar", "Customer Support", "Yara Albers", "2026-03-04", "2026-03-05")
	taken("Rania Ito", "Finance", "Quinn Hansen", "2026-03-19", "2026-03-20")
	a.has(1, "state", "absent, not by rollcall", "decision", "modify", "change_to", "a reader's seat", "employee_id", q.who["Omar"], "entitlement", "Zendesk")
	a.has(1, "state", "open", "employee_id", q.who["Bram Smit"], "entitlement", "DocuSign", "reviewer_name", "Otto Quist", "days_open", strconv.Itoa(31-12), "executed_at", "")
	if len(a.rows) != 5 {
		a.t.Errorf("%d were decided", len(a.rows))
	}
}

// 13. Lena kept Sales until the review took it, and Team Europe until it allowed that.
func theMovers(q audited, a answer) {
	days := func(from, to string) string { return strconv.Itoa(int(at(to).Sub(at(from)).Hours() / 24)) }
	a.has(1, "employee_id", q.who["Lena"], "entitlement", "Sales", "moved_on", "2026-01-02", "old_department", "Sales", "department", "Product", "kept_since", "2026-01-02",
		"days_kept", days("01-02 00:00", "03-05 00:00"), "overdue", "true", "still_held", "false")
	a.has(1, "employee_id", q.who["Lena"], "entitlement", "Team Europe", "overdue", "true", "still_held", "true", "allowed_by", "review 2026-q1 row 0")
	a.has(2, "employee_id", q.who["moving"], "moved_on", "2026-03-20", "days_kept", "11", "overdue", "false", "still_held", "true", "allowed_by", "")
	a.has(1, "employee_id", q.who["retitled"], "moved_on", "2026-02-09", "old_title", "Product Manager", "title", "Product Designer", "system", "")
	if len(a.rows) != 5 {
		a.t.Errorf("%d rows", len(a.rows))
	}
}

// 14. A live exception, what a review kept, and what nothing allows.
func againstPolicy(q audited, a answer) {
	a.has(1, "state", "excepted", "employee_id", q.who["Katrin Smit"], "entitlement", "Sales", "exception", "EX-52", "ticket", "IT-2300", "expires_on", "2026-04-30")
	a.has(1, "state", "excepted", "employee_id", q.who["Priya"], "entitlement", "Finance", "approved_by", "Bogdan Vermeer", "expires_on", "2026-06-08")
	a.has(1, "state", "nothing allows it", "employee_id", q.who["late right"], "entitlement", "Finance", "exception", "")
	a.has(1, "state", "nothing allows it", "employee_id", q.who["Timo"], "entitlement", "Tableau")
	a.has(1, "state", "nothing allows it", "employee_id", q.who["Bram Smit"], "entitlement", "DocuSign") // to be removed
	a.has(1, "state", "nothing allows it", "employee_id", q.who["moving"], "entitlement", "Sales")
	a.has(1, "state", "no person: registered", "login", "break-glass@halden.example")
	for _, row := range a.rows {
		a.has(1, "account_id", row["account_id"], "scope", row["scope"], "kind", row["kind"], "entitlement", row["entitlement"], "via", row["via"])
	}
}

// 15. Who approved their own, who answered about themselves, and Priya's two groups.
func separateDuties(q audited, a answer) {
	a.has(1, "what", "conflicting pair", "employee_id", q.who["Priya"], "entitlement", "Finance", "rests_on", "sod.csv row 2")
	a.has(4, "what", "answer about own access", "employee_id", q.who["Bram Smit"], "detail", "did not count")
	a.has(1, "what", "answer about own access", "entitlement", "DocuSign")
	if got := a.each("employee_id", "what", "approved and received"); !slices.Equal(got, sorted(q.who["Noor Visser"], q.who["Mia Laine"], q.who["Luis Prado"], q.who["Anneke de Wit"])) {
		a.t.Errorf("approved for themselves: %v", got) // the owners of the role map's lines
	}
	a.has(1, "what", "approved and received", "employee_id", q.who["Noor Visser"], "entitlement", "Super Administrator")
	a.has(1, "what", "reviewer is administrator", "employee_id", q.who["Noor Visser"], "entitlement", "Super Administrator")
	a.has(0, "what", "answer about own access", "detail", "counted")
}

// 16. The seven of the register; one's owner has left.
func noPersons(q audited, a answer) {
	if len(a.rows) != 7 {
		a.t.Errorf("%d accounts", len(a.rows))
	}
	a.has(1, "owner_left", "true")
	a.has(1, "account", "terraform", "owner_id", q.who["Mara"], "owner_left", "true", "review_overdue", "false")
	a.has(7, "last_reviewed_at", "2026-03-10T08:00:00Z", "status", "active")
	a.has(1, "account", "break-glass@halden.example", "kind", "break_glass", "last_used_at", at("01-01 00:00").AddDate(0, 0, -90).Format(time.DateOnly)+"T00:00:00Z")
}

// 17. Kwame a day early, Nora two; Timo's Tableau without approval; Yuki as it should be.
func theJoiners(q audited, a answer) {
	if got := a.each("employee_id"); !slices.Equal(got, sorted(q.who["Kwame"], q.who["Nora"], q.who["Timo"], q.who["Yuki"])) {
		a.t.Errorf("joiners are %v", got)
	}
	for name, days := range map[string]string{"Kwame": "1", "Nora": "2"} {
		if got := a.each("days_before_start", "employee_id", q.who[name]); !slices.Equal(got, []string{days}) {
			a.t.Errorf("%s was in %v days early", name, got)
		}
	}
	a.has(1, "employee_id", q.who["Timo"], "what", "without approval", "entitlement", "Tableau", "first_seen_on", "2026-03-17")
	a.has(1, "employee_id", q.who["Timo"])
	a.has(1, "employee_id", q.who["Yuki"], "what", "nothing early, all allowed")
}

// 18. Each of the 90 days, with what went otherwise.
func theNights(_ audited, a answer) {
	odd := map[string]string{"2026-01-01": "observe only", "2026-01-16": "missed", "2026-02-03": "incomplete", "2026-02-10": "observe only", "2026-02-17": "held"}
	for d := at("01-02 00:00"); held(d); d = d.AddDate(0, 0, 1) {
		odd[d.Format(time.DateOnly)] = "held" // Henrik
	}
	if len(a.rows) != 31+28+31 {
		a.t.Errorf("%d days", len(a.rows))
	}
	for _, row := range a.rows {
		want := odd[row["day"]]
		if want == "" {
			want = "ran"
		}
		if row["outcome"] != want {
			a.t.Errorf("%s: %s, want %s", row["day"], row["outcome"], want)
		}
	}
	a.has(1, "day", "2026-01-16", "nights", "0", "run_id", "")
	a.has(1, "day", "2026-02-03", "exit_code", "4", "gaps", "4")
	a.has(1, "day", "2026-02-17", "held", "12", "first_held", "held by guard concentration")
	a.has(8, "first_held", "held by guard protected")
	a.has(1, "day", "2026-01-20", "other_runs", "1") // the order
}

// 19. The order and what undid it, and the approvals that let the office close.
func theOverrides(q audited, a answer) {
	a.has(2, "what", "order", "employee_id", q.who["stolen"], "who", whoami(), "ticket", "INC-7", "happened_at", "2026-01-20T13:00:00Z")
	a.has(1, "what", "restore", "employee_id", q.who["stolen"], "verb", "unsuspend", "outcome", "done")
	// The forged one was looked at every night from the 26th on, and is told once.
	a.has(1, "what", "approval", "counted", "false")
	if forged := a.like("what", "approval", "counted", "false"); len(forged) == 1 && (!strings.HasPrefix(forged[0]["run_id"], "20260326T") || forged[0]["who"] == "Ann Lee") {
		a.t.Errorf("what is not proven is told as %v", forged)
	}
	approvals := a.like("what", "approval", "counted", "true")
	if len(approvals) == 0 || len(approvals) != len(a.like("what", "approval", "who", "Ann Lee", "guard", "concentration", "number", "6", "counted", "true", "reason", "the office in Delft closes")) {
		a.t.Errorf("%v", approvals)
	}
	if scopes := a.each("scope", "what", "approval", "counted", "true"); len(scopes) != len(approvals) {
		a.t.Errorf("an approval is told more than once: of %v", scopes)
	}
	if nights := a.each("run_id", "what", "approval", "counted", "true"); len(nights) != 1 || !strings.HasPrefix(nights[0], "20260218T") {
		a.t.Errorf("they let pass on %v", nights)
	}
}

// 20. What the night of the closing office decided follows from what it knew.
func nothingDiffers(_ audited, a answer) {
	if len(a.rows) != 6 {
		a.t.Errorf("%d rules", len(a.rows))
	}
	a.has(6, "differs", "0", "first_difference", "")
	a.has(1, "rule", "an active account of somebody who has left, with a way in, has a finding", "cases", "6")
	a.has(1, "rule", "a change rests on a finding of that night", "cases", "12")
}
