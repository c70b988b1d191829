//go:build browser

package reports

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/chromedp/chromedp"

	"rollcall/internal/access"
)

// These draw the pictures of docs/reviewers.md with -update, and without it check
// that a page and a workbook can be drawn at all. They need chromium, soffice
// (LibreOffice) and pdftoppm.

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
		item := access.Item{RowID: "r" + strconv.Itoa(i), Person: p, ManagerName: "Mara Boss", Account: account("okta", "", "00u"+strconv.Itoa(who), fmt.Sprintf("%c.%s@example.com", names[who][0]|32, slug(names[who][4:]))),
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
	orphan.Item.Person, orphan.Item.Account = person("0010441", "Bo Kim", "Engineer", access.StandingActive), account("okta", "", "00u1", "b.kim@example.com")
	sheets := []access.Sheet{{ID: "access-review_2026-q4_mara-boss_1", Reviewer: mara, ReviewerName: "Mara Boss", Because: "You manage these people", Rows: all, Revision: 1, IssuedAt: book.Campaign.OpenedAt}}
	book.Campaign.Rows = rows
	dir := t.TempDir()
	if err := WriteCampaign(dir, book, sheets); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, sheets[0].ID), sheets[0]
}

func (w *window) picture(t *testing.T, name string) {
	t.Helper()
	b, err := chromedp.Run(w.ctx, chromedp.CaptureScreenshot())
	if err != nil || len(b) < 10_000 {
		t.Fatalf("%s: %d bytes, %v", name, len(b), err)
	}
	keep(t, name, b)
}

// keep puts a picture beside the documentation.
func keep(t *testing.T, name string, b []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(filepath.Join("..", "docs", "img", name), b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func TestThePageLooksAsInTheGuide(t *testing.T) {
	path, _ := pictured(t, 60)
	for _, p := range []struct {
		name, scheme  string
		width, height int64
	}{{"page.png", "light", 1200, 900}, {"page-dark.png", "dark", 1200, 900}, {"page-narrow.png", "light", 420, 900}} {
		w := openPage(t, chromium(t), path+".html")
		w.scheme(p.scheme)
		w.do(chromedp.EmulateViewport(p.width, p.height))
		w.click(choice("q4-0001", "Keep"))
		w.click(choice("q4-0002", "Remove"))
		w.do(chromedp.Evaluate[chromedp.Void]("document.querySelector('.help').open = false; scrollTo(0, 0)"))
		w.picture(t, p.name)
		if wide := ask[int](w, "document.documentElement.scrollWidth"); wide > int(p.width) {
			t.Errorf("%s: the page is %d wide", p.name, wide)
		}
	}
}

func TestTheWorkbookLooksAsInTheGuide(t *testing.T) {
	path, _ := pictured(t, 20)
	out := t.TempDir()
	run(t, "soffice", "-env:UserInstallation=file://"+t.TempDir(), "--headless", "--convert-to", "pdf", "--outdir", out, path+".xlsx")
	run(t, "pdftoppm", "-png", "-r", "80", filepath.Join(out, filepath.Base(path)+".pdf"), filepath.Join(out, "page"))
	pages, err := filepath.Glob(filepath.Join(out, "page-*.png"))
	if err != nil || len(pages) < 4 {
		t.Fatalf("%d pages, %v", len(pages), err)
	}
	keep(t, "workbook-start.png", read(t, pages[0]))
	keep(t, "workbook-review.png", read(t, pages[1]))
}

func run(t *testing.T, program string, args ...string) {
	t.Helper()
	if out, err := exec.CommandContext(t.Context(), program, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", program, err, out)
	}
}
