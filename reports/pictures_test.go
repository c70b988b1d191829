//go:build browser || system

package reports

import (
	"fmt"
	"path/filepath"
	"strconv"
	"testing"

	"rollcall/internal/access"
	"rollcall/internal/browsertest"
	"rollcall/internal/goldentest"
)

// With -update the tests in page_looks_test.go and office_test.go draw the pictures of
// docs/reviewers.md; `make pictures` does that.

// pictured is a worksheet as a small company might have it, on some rows.
func pictured(t *testing.T, rows int) (string, access.Sheet) {
	t.Helper()
	book, _ := testCampaign()
	book.Night.Policy.Contacts[3].Name = "Hanna Hill"
	names := []string{"Ann Lee", "Bo Kim", "Chris Ott", "Dana Fox", "Eli Novak"}
	var all []access.Issued
	for i := range rows {
		who := i * len(names) / rows
		p := person("00104"+strconv.Itoa(40+who), names[who], "Engineer", access.StandingActive)
		item := access.Item{RowID: "r" + strconv.Itoa(i), Person: p, ManagerName: "Mara Boss", Account: account("okta", "", "00u"+strconv.Itoa(who), slug(names[who])+"@example.com"),
			System: "okta", Kind: access.OktaGroup, EntitlementID: "00g" + strconv.Itoa(i), Entitlement: "eng-" + strconv.Itoa(i), Meaning: []string{"Read and write the source code", "Read the wiki", "See the build results", "Open support tickets"}[i%4],
			Risk: access.RiskStandard, HowHeld: "Role map: Engineer (rolemap.csv row 12)", Since: dayOf("2025-03-04"), ApprovedBy: "Otto Owner", ApprovalRef: "T-100", UsageKnown: true, LastUsedAt: at("2026-11-20 09:00"), PeersHave: 11, PeersAll: 12}
		all = append(all, access.Issued{ID: fmt.Sprintf("q4-%04d", i+1), Duty: access.DutyManager, SinceLast: access.RowSame, Item: item,
			Last: access.LastDecision{Campaign: "2026-q3", Choice: access.ChooseKeep, By: "Mara Boss", On: dayOf("2026-08-12")}})
	}
	admin, orphan := &all[0], &all[1]
	admin.SinceLast, admin.Last = access.RowNew, access.LastDecision{}
	i := &admin.Item
	i.FindingID, i.Why, i.Kind, i.Entitlement, i.Meaning = "f1", "No rule of the role map gives an Engineer this, and only 1 of 12 with the same role has it", access.OktaAdminRole, "Super Administrator", "Change or delete every account and setting of Okta"
	i.Risk, i.HowHeld, i.PeersHave, i.LastUsedAt, i.Suggested, i.SuggestedWhy, i.ApprovedBy, i.ApprovalRef = access.RiskPrivileged, "Direct", 1, at("2026-07-03 10:00"), "Remove", "not used in 143 days, and no rule asks for it", "", ""
	i = &orphan.Item
	i.FindingID, i.Why, i.Entitlement, i.Meaning, i.Risk, i.UsageKnown, i.HowHeld, i.PeersHave = "f2", "Bo's job changed on 2026-10-01; this belongs to the former job", "payroll-read", "See everybody's salary", access.RiskSensitive, false, "Direct", 0
	orphan.Item.Person, orphan.Item.Account = person("0010441", "Bo Kim", "Engineer", access.StandingActive), account("okta", "", "00u1", "bo-kim@example.com")
	sheets := []access.Sheet{{ID: "access-review_2026-q4_mara-boss_1", Reviewer: mara, ReviewerName: "Mara Boss", Because: "You manage these people", Rows: all, Revision: 1, IssuedAt: book.Campaign.OpenedAt}}
	book.Campaign.Rows = rows
	dir := t.TempDir()
	if err := WriteCampaign(dir, book, sheets); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, sheets[0].ID), sheets[0]
}

// keep puts a picture beside the documentation.
func keep(t *testing.T, name string, b []byte) {
	t.Helper()
	browsertest.Keep(t, goldentest.Update(), name, b)
}
