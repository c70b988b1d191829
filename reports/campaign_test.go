package reports

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"rollcall/internal/access"
	"rollcall/internal/goldentest"
)

func TestEachReviewerGetsAWorkbookItsTwinAndAPage(t *testing.T) {
	dir, sheets, _ := issue(t)
	var want []string
	for _, s := range sheets {
		want = append(want, s.ID+".csv", s.ID+".html", s.ID+".xlsx")
		if got := access.Digest(read(t, filepath.Join(dir, s.ID+".xlsx"))); got != s.SHA256 {
			t.Errorf("%s has the digest %s, said was %q", s.ID, got, s.SHA256)
		}
	}
	all, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range all {
		got = append(got, f.Name())
		if info, err := f.Info(); err != nil || info.Mode().Perm() != 0o640 {
			t.Errorf("%s: %v %v", f.Name(), info.Mode(), err)
		}
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestTheSameCampaignGivesTheSameBytes(t *testing.T) {
	first, sheets, _ := issue(t)
	second, again, _ := issue(t)
	if d := cmp.Diff(sheets, again); d != "" {
		t.Error(d)
	}
	for _, s := range sheets {
		for _, end := range []string{".xlsx", ".csv", ".html"} {
			if !bytes.Equal(read(t, filepath.Join(first, s.ID+end)), read(t, filepath.Join(second, s.ID+end))) {
				t.Errorf("%s%s differs", s.ID, end)
			}
		}
	}
}

func TestAWorksheetThatCannotBeWrittenDoesNotKeepTheOthersFromBeingWritten(t *testing.T) {
	book, sheets := testCampaign()
	dir := t.TempDir()
	sheets[0].ID = "../outside"
	err := WriteCampaign(dir, book, sheets)
	if err == nil || !strings.Contains(err.Error(), "Mara Boss") || !strings.Contains(err.Error(), "no name for a worksheet") {
		t.Errorf("a name that leads outside: %v", err)
	}
	if _, err := os.Stat(filepath.Join(dir, sheets[1].ID+".xlsx")); err != nil {
		t.Error(err)
	}
	if found, _ := filepath.Glob(filepath.Join(filepath.Dir(dir), "outside*")); len(found) > 0 {
		t.Errorf("written outside: %v", found)
	}
}

func TestACampaignsWorkbookSaysWhoAsksWhyAndUntilWhen(t *testing.T) {
	dir, sheets, _ := issue(t)
	f, _ := open(t, read(t, filepath.Join(dir, sheets[1].ID+".xlsx")))
	if d := cmp.Diff([]string{sheetStart, sheetReview, sheetNews, sheetTerms, sheetSource, sheetLists}, f.GetSheetList()); d != "" {
		t.Error(d)
	}
	rows, err := f.GetRows(sheetStart)
	if err != nil {
		t.Fatal(err)
	}
	said := map[string]string{}
	for _, r := range rows {
		if len(r) > 2 {
			said[r[1]] = r[2]
		}
	}
	for head, want := range map[string]string{"Campaign": "Fourth quarter 2026 (2026-q4)", "Why it is held": "SOC 2 asks for a review of access in each quarter", "Answer by": "2026-12-07",
		"Review date": "2026-11-23; the access is as read on 2026-11-23 02:01 UTC", "Reviewer": "Otto <b>Owner</b>", "Approver": "Cora Compliance", "Stands in": "Dana Delegate may answer in the reviewer's place"} {
		if said[head] != want {
			t.Errorf("%s: %q, want %q", head, said[head], want)
		}
	}
	about := map[string]string{}
	for row := 1; row <= 4; row++ {
		k, _ := f.GetCellValue(sheetLists, "C"+strconv.Itoa(row))
		about[k], _ = f.GetCellValue(sheetLists, "D"+strconv.Itoa(row))
	}
	if d := cmp.Diff(map[string]string{"schema": "rollcall-worksheet-2", "run_id": "20261123T020000Z-1", "campaign": "2026-q4", "worksheet": sheets[1].ID}, about); d != "" {
		t.Error(d)
	}
}

func TestTheReviewerSignsInOpenCellsThatHaveNames(t *testing.T) {
	dir, sheets, _ := issue(t)
	f, _ := open(t, read(t, filepath.Join(dir, sheets[0].ID+".xlsx")))
	found := 0
	for _, n := range f.GetDefinedName() {
		if n.Name != "signed_by" && n.Name != "signed_on" {
			continue
		}
		found++
		cell := strings.ReplaceAll(strings.TrimPrefix(n.RefersTo, "'Start here'!"), "$", "")
		id, err := f.GetCellStyle(sheetStart, cell)
		if err != nil {
			t.Fatal(err)
		}
		style, err := f.GetStyle(id)
		if err != nil || style.Protection == nil || style.Protection.Locked {
			t.Errorf("%s at %s is locked (%v)", n.Name, cell, err)
		}
		if v, _ := f.GetCellValue(sheetStart, cell); v != "" {
			t.Errorf("%s is filled in: %q", n.Name, v)
		}
	}
	if found != 2 {
		t.Errorf("%d cells to sign in", found)
	}
}

func TestNothingOfACampaignIsFilledInBeforeTheReviewerDoes(t *testing.T) {
	dir, sheets, _ := issue(t)
	f, heads := open(t, read(t, filepath.Join(dir, sheets[0].ID+".xlsx")))
	for _, c := range campaignColumns {
		for row := 2; row <= len(sheets[0].Rows)+1; row++ {
			cell, _ := excelize.CoordinatesToCellName(heads[c.Head]+1, row)
			if v, _ := f.GetCellValue(sheetReview, cell); c.Answer && v != "" {
				t.Errorf("%s is filled in: %q", c.Head, v)
			}
			if got := locked(t, f, cell); got == c.Answer {
				t.Errorf("%s: locked is %v", c.Head, got)
			}
		}
	}
	page := string(read(t, filepath.Join(dir, sheets[0].ID+".html")))
	if strings.Contains(page, `aria-pressed="true"`) || strings.Contains(page, "checked data-") {
		t.Error("the page comes with an answer")
	}
}

func TestACampaignTellsManagersNothingOfDeparturesAhead(t *testing.T) {
	dir, sheets, _ := issue(t)
	for _, s := range sheets {
		text := part(t, read(t, filepath.Join(dir, s.ID+".xlsx")), "xl/sharedStrings.xml") + string(read(t, filepath.Join(dir, s.ID+".csv"))) + string(read(t, filepath.Join(dir, s.ID+".html")))
		for _, secret := range []string{"2026-12-18", "2026-12-24", "2027-01-31", "leaves on", "arental leave", "Sick note", "garden", "Leaving", "scheduled", "on leave"} {
			if strings.Contains(text, secret) {
				t.Errorf("%s tells %q", s.ID, secret)
			}
		}
	}
}

func TestACampaignsFilesHoldOnlyOurOwnFormulas(t *testing.T) {
	dir, sheets, prepared := issue(t)
	for i, s := range sheets {
		onlyOurs(t, read(t, filepath.Join(dir, s.ID+".xlsx")), 6, prepared[i], campaignColumns, len(s.Rows))
		for _, r := range strings.Split(string(read(t, filepath.Join(dir, s.ID+".csv"))), "\r\n") {
			if strings.HasPrefix(strings.TrimPrefix(r, "\ufeff"), `"=`) {
				t.Errorf("live: %s", r)
			}
		}
	}
}

func TestTheToDoColumnOfACampaignAsksForWhatIsMissing(t *testing.T) {
	dir, sheets, _ := issue(t)
	f, heads := open(t, read(t, filepath.Join(dir, sheets[0].ID+".xlsx")))
	for row, c := range map[int][3]string{2: {"Keep", "", "Give a reason"}, 3: {"Remove", "", "Done"}, 4: {"Keep", "needed for release work", "Done"}, 5: {"Change", "needed for release work", "Say what instead"},
		6: {"Not mine", "not in my team any longer", "Say who"}, 7: {"", "", "Decide first"}, 8: {"Keep", "", "Done"}, 9: {"", "", "Open"}} {
		for head, v := range map[string]string{headDecision: c[0], headReason: c[1]} {
			cell, _ := excelize.CoordinatesToCellName(heads[head]+1, row)
			if err := f.SetCellStr(sheetReview, cell, v); err != nil {
				t.Fatal(err)
			}
		}
		cell, _ := excelize.CoordinatesToCellName(heads[headTodo]+1, row)
		if got, err := f.CalcCellValue(sheetReview, cell); err != nil || got != c[2] {
			t.Errorf("row %d says %q (%v), want %q", row, got, err, c[2])
		}
	}
}

func TestACampaignsCSVIsAsAgreed(t *testing.T) {
	dir, sheets, _ := issue(t)
	goldentest.Same(t, "testdata/campaign.csv", string(read(t, filepath.Join(dir, sheets[1].ID+".csv"))))
}

func TestAnEmptyCampaignSheetIsStillWritten(t *testing.T) {
	book, sheets := testCampaign()
	sheets = sheets[:1]
	sheets[0].Rows = nil
	if err := WriteCampaign(t.TempDir(), book, sheets); err != nil {
		t.Fatal(err)
	}
}

func TestAScopeIsSaidInWords(t *testing.T) {
	for want, s := range map[string]access.CampaignScope{
		"all access": {},
		"access in okta or aws, of people in Sales, called *admin*, of risk privileged": {Systems: []string{"okta", "aws"}, Departments: []string{"Sales"}, Entitlements: []string{"*admin*"}, Risks: []access.Risk{access.RiskPrivileged}},
		"access of people whose job changed, that is new or changed since 2026-q3":      {Movers: true, Delta: true, Since: "2026-q3"},
	} {
		if got := scopeWords(s); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
