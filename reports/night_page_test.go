package reports

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"rollcall/internal/access"
)

// pastNights are some nights in numbers, with a day on which none ran.
func pastNights(until time.Time) (all []access.PastNight) {
	verdicts := []string{"done", "done", "held", "incomplete", "failed", "held", "done"}
	for i := range 20 {
		if i == 8 {
			continue
		}
		all = append(all, access.PastNight{Run: access.RunID(fmt.Sprint(i)), At: until.AddDate(0, 0, i-19), Mode: access.Enforce, Verdict: verdicts[i%len(verdicts)],
			Reads: 35, Complete: 35 - i%3, Findings: 60 - i, Urgent: i % 4, Blocked: i * 3 % 7, Held: i % 3})
	}
	return all
}

// reported is testNight with past nights, and with whatever else a page can show.
func reported() (*access.Night, Footer) {
	n := testNight()
	n.Past = pastNights(n.Run.StartedAt)
	for i := range n.Worksheets {
		n.Worksheets[i].File = fmt.Sprintf("access-review %d.xlsx", i)
	}
	f := testFooter
	f.Beside = []string{"summary.txt", "hr/roster_problems_contractors.xlsx"}
	f.Runbooks = map[access.Runbook]string{access.RunbookUrgentRemoval: "../../runbooks/urgent-removal.html", access.RunbookPeriodicReview: "../../runbooks/periodic-review.html"}
	return n, f
}

// quietNight is a night that found nothing and has nothing to do.
func quietNight() *access.Night {
	n := &access.Night{Run: access.Run{ID: "20261123T020000Z-2", StartedAt: at("2026-11-23 02:00"), FinishedAt: at("2026-11-23 02:20"), Mode: access.Enforce, Trigger: "nightly", Verdict: "done"}}
	n.Systems = testSystems()[:1]
	n.Systems[0].Notes = nil
	n.Past = []access.PastNight{{Run: n.Run.ID, At: n.Run.StartedAt, Mode: access.Enforce, Verdict: "done"}}
	return n
}

func nightPage(t *testing.T, n *access.Night, f Footer) string {
	t.Helper()
	b, err := NightPage(n, f)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// lying writes a page into a folder of its own.
func lying(t *testing.T, page string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), PageName)
	if err := os.WriteFile(file, []byte(page), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestTheNightReportIsTheSameForTheSameNight(t *testing.T) {
	n, f := reported()
	first := nightPage(t, n, f)
	for range 10 {
		n, f := reported()
		if nightPage(t, n, f) != first {
			t.Fatal("it differs from one making to the next")
		}
	}
}

func TestTheNightReportNamesNobodyWhoLeavesLater(t *testing.T) {
	n, f := reported()
	for i, p := range n.People { // every kind of finding about everybody
		for kind := range findingTitles {
			if (access.Finding{Kind: kind}).Urgent() { // what is told of those is the summaries' to decide
				continue
			}
			n.Findings = append(n.Findings, access.Finding{ID: fmt.Sprint(kind, i), Kind: kind, Severity: "high", Disposition: access.ToReview, Person: p.Key(), Login: p.Email,
				Account: access.AccountKey{System: "okta", ID: access.AccountID("00ux" + p.EmployeeID)}, Reason: p.Name + " is on parental leave: Sick note"})
		}
	}
	n.Findings = append(n.Findings, access.Finding{ID: "owner", Kind: access.OwnerlessAccount, Severity: "high", Reason: "its owner is ZELDA leaves-later", Cites: "nonhuman.csv row 3"})
	page := nightPage(t, n, f)
	for _, secret := range []string{"Zelda", "ZELDA", "Gwen", "Gardener", "0010600", "0010601", "p0010601@", "2026-12-18", "2027-01-31", "00u61", "00u62", "garden leave"} {
		if strings.Contains(page, secret) {
			t.Errorf("it tells %q", secret)
		}
	}
	for kind := range untold {
		row := findingRow(&access.Finding{Kind: kind, Reason: "Sick note"}, newDiscretion(n))
		if strings.Contains(row.Why, "Sick") {
			t.Errorf("of %s it tells why: %q", kind, row.Why)
		}
	}
	if !strings.Contains(page, "more are about people of whom not everything may be told") {
		t.Error("it does not say how many findings it withholds")
	}
}

func TestEveryKindOfFindingHasATitleAndARunbook(t *testing.T) {
	for _, kind := range []access.FindingKind{access.LeaverAccess, access.LeaverRemains, access.VanishedPerson, access.BlockedActive, access.Excepted, access.ExpiredException, access.UnexpectedGrant,
		access.MissingGrant, access.EarlyAccess, access.OrphanAccount, access.AmbiguousMatch, access.OwnerlessAccount, access.ReviewOverdue, access.HeldPerson, access.ProtectedLeaver, access.UnmappedRole,
		access.UsedAfterExit, access.MoverResidue, access.SoDConflict, access.BreakGlassUsed, access.DormantAccess, access.StaleKey, access.NoMFA, access.ReviewRemoval} {
		if findingTitle(kind) == string(kind) || kind.Runbook() == "" {
			t.Errorf("%s has the title %q and the runbook %q", kind, findingTitle(kind), kind.Runbook())
		}
	}
}

func TestTextFromOutsideStaysTextInTheNightReport(t *testing.T) {
	n, f := reported()
	n.Findings = append(n.Findings, access.Finding{ID: "long", Kind: access.OrphanAccount, Severity: "info", Login: strings.Repeat("long", 2500), Account: access.AccountKey{System: `"><img src=x onerror=alert(1)>`, ID: "javascript:alert(1)"}, Reason: "\u202eevil\u2066 " + nameScript})
	n.Worksheets[0].File = "javascript:alert(1)//\"onclick=alert(1).xlsx"
	f.Beside = append(f.Beside, "hr/\"><script>alert(1)</script>.xlsx")
	page := nightPage(t, n, f)
	for _, bad := range []string{"<script>alert", "<img", "\u202e", "\u2066", `href="javascript`, `"onclick`, "\x1b", "\x00"} {
		if strings.Contains(page, bad) {
			t.Errorf("it holds %q", bad)
		}
	}
	if strings.Count(page, "<script>") != 1 {
		t.Error("it holds another script than its own")
	}
	if len(page) > 200_000 {
		t.Errorf("it has %d bytes: a long text was not cut", len(page))
	}
}

func TestAPlanSaysThatNothingWasChanged(t *testing.T) {
	n, f := reported()
	n.Run.Trigger, n.Outcomes = "plan", nil
	page := nightPage(t, n, f)
	for _, want := range []string{"Plan: what a night would do", "Nothing was changed.", "nothing was archived", "would be blocked"} {
		if !strings.Contains(page, want) {
			t.Errorf("it does not say %q", want)
		}
	}
	n.Run.Trigger, n.Run.Mode = "nightly", access.Observe
	if page = nightPage(t, n, f); !strings.Contains(page, "rollcall only looked") {
		t.Error("an observe night does not say that nothing was changed")
	}
	if page = nightPage(t, testNight(), f); strings.Contains(page, "Nothing was changed.") {
		t.Error("a night that acts says that nothing was changed")
	}
}

func TestABlockIsInTimeWithinADayOfTheEnd(t *testing.T) {
	end := at("2026-11-20 23:00")
	for _, c := range []struct {
		l    leaver
		now  string
		says string
		late bool
	}{
		{leaver{ended: end, blocked: end.Add(2 * time.Hour)}, "2026-11-23 02:00", "in time: after 2 h 0 min", false},
		{leaver{ended: end, blocked: end.Add(24 * time.Hour)}, "2026-11-23 02:00", "in time: after 24 h 0 min", false},
		{leaver{ended: end, blocked: end.Add(25 * time.Hour)}, "2026-11-23 02:00", "late: after 25 h 0 min", true},
		{leaver{ended: end}, "2026-11-21 02:00", "still in time: open for 3 h 0 min", false},
		{leaver{ended: end}, "2026-11-23 02:00", "late: open for 2 days 3 h", true},
		{leaver{ended: end, worst: stateVerified}, "2026-11-23 02:00", "settled before tonight", false},
		{leaver{blocked: end}, "2026-11-23 02:00", "no end to count from", false},
	} {
		if says, late := within(c.l, at(c.now)); says != c.says || late != c.late {
			t.Errorf("%q, %t; want %q, %t", says, late, c.says, c.late)
		}
	}
}

func TestADayWithoutANightShowsInTheTrendAndOneDayMakesNone(t *testing.T) {
	all := pastNights(at("2026-11-23 02:00"))
	nights, levels := byDay(append(all, all[len(all)-1])) // twice on the last day
	if len(nights) != 20 || nights[8].Outcome != "missed" || nights[0].Outcome != "ran" {
		t.Errorf("%v", nights)
	}
	if len(levels) != 4 || len(levels[0].Levels) != 19 || levels[0].Levels[0].Count != 60 {
		t.Errorf("%v", levels)
	}
	one, err := trendOf(all[:1])
	if err != nil || one.Calendar != "" || one.Nights != 1 {
		t.Errorf("%+v, %v", one, err)
	}
	if page := nightPage(t, quietNight(), Footer{}); !strings.Contains(page, "1 night is remembered so far") || strings.Contains(page, "<svg") {
		t.Error("one night makes a picture")
	}
}

func TestTheListOfRunsLinksTheNewestFirstAndTakesOnlyWhatItCanRead(t *testing.T) {
	n, f := reported()
	newest, err := SummaryJSON(n, f)
	if err != nil {
		t.Fatal(err)
	}
	quiet, err := SummaryJSON(quietNight(), Footer{})
	if err != nil {
		t.Fatal(err)
	}
	b, err := RunsPage([]ToldRun{{"b run", newest}, {"a:run", quiet}, {"torn", newest[:100]}}, 4)
	if err != nil {
		t.Fatal(err)
	}
	page := string(b)
	for _, want := range []string{`The newest: <a href="b%20run/index.html">`, `href="./a:run/index.html"`, "This folder has the last 2; 5 older folders", "Something went wrong", "In order"} {
		if !strings.Contains(page, want) {
			t.Errorf("it does not say %q", want)
		}
	}
	if strings.Contains(page, "torn/") || bytes.Contains(b, []byte("<script")) {
		t.Error("it lists what cannot be read, or runs a script")
	}
}
