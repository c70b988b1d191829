package main

import (
	"bytes"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"rollcall/internal/access"
)

func TestAWholeQuarterOfTheDemoCompany(t *testing.T) {
	q := newQuarter(t)
	playQuarter(q)
	if n := q.replayed(t); n["nightly"] < 4 { // what the review decided is in some of them
		t.Errorf("%v", n)
	}
}

// playQuarter opens a review, answers it in every form and in every wrong way, lets
// days go by, closes it, and follows what was to be removed until it is gone. It is long
// because a review is one story: every step is about the rows and the answers that the steps
// before it left.
func playQuarter(q *quarter) {
	t := q.t
	start := q.state.night(q.state.Played - 1).Add(8 * time.Hour)
	q.clock.set(start)
	var open opened
	q.into(&open, q.review(exitDone, "open", "--campaign", "2026-q4", "--json"))
	rows := 0
	for _, s := range open.Worksheets {
		rows += s.Rows
	}
	if rows != open.Campaign.Rows || rows < 1000 || len(open.Rerouted) == 0 {
		t.Fatalf("%d rows on worksheets, %d in the campaign; asked in somebody else's place: %v", rows, open.Campaign.Rows, open.Rerouted)
	}
	q.review(exitRefused, "open", "--campaign", "2026-q4") // it is open already
	q.review(exitDone, "remind")

	// In each form, and what is wrong comes back while what is right counts.
	mia, noor, carla := sheetOf(t, open.Worksheets, "Mia Laine"), sheetOf(t, open.Worksheets, "Noor Visser"), sheetOf(t, open.Worksheets, "Carla Clarke")
	removed, passed, changed := "", false, false
	q.signs = "Noor Visser"
	first := q.imports(exitDone, q.workbook("2026-q4", carla.Worksheet, "from carla.xlsx", func(r askedRow) given {
		if removed == "" && strings.HasPrefix(r["Technical name"], "Okta group: Team") && r["Also goes with it"] == "" {
			removed = r["Row ID"]
			return given{decision: "revoke"}
		}
		if !passed && r["Risk"] == "Standard" {
			passed = true
			return given{decision: "Not mine", reason: "Mia has taken over this team", passTo: "mia.laine@halden.example"}
		}
		if !changed && r["Risk"] == "Standard" {
			changed = true
			return given{decision: "Change", reason: "reading is enough for this work", changeTo: "the same, to read only"}
		}
		return keep(r)
	}), q.page("2026-q4", noor.Worksheet, "noor.decisions.json", keep))
	if len(first.Passed) != 1 || first.Passed[0].Rows != 1 || !passed || !changed {
		t.Fatalf("passed on: %+v", first.Passed)
	}
	page, err := os.ReadFile(q.path("reviews", "2026-q4", "worksheets", first.Passed[0].Worksheet+".html"))
	if err != nil {
		t.Fatal(err)
	}
	for _, wrong := range []string{"is not there any more", "Campaign before", "garden_leave"} {
		if bytes.Contains(page, []byte(wrong)) {
			t.Errorf("the first review has passed a row on, and the new worksheet says %q", wrong)
		}
	}
	for n, f := range first.Files {
		if f.Refused != "" || len(f.Problems) > 0 || f.Counted == 0 {
			t.Errorf("file %d: %+v", n, f)
		}
	}
	q.signs = ""
	bad := 0
	wrong := q.imports(exitHeld, q.table("2026-q4", mia.Worksheet, "mia.csv", func(r askedRow) given {
		if bad++; bad%10 == 0 {
			return given{decision: "perhaps"}
		}
		return keep(r)
	}))
	if f := wrong.Files[0]; len(f.Problems) != mia.Rows/10 || f.Counted != mia.Rows-mia.Rows/10 || f.MarkedUp == "" {
		t.Errorf("%d problems and %d of %d rows count; marked up: %q", len(f.Problems), f.Counted, mia.Rows, f.MarkedUp)
	}
	if again := q.imports(exitDone, q.table("2026-q4", mia.Worksheet, "mia again.csv", keep)); again.Files[0].Counted != mia.Rows {
		t.Errorf("%+v", again.Files[0])
	}
	q.tampered(open)
	q.foreign()

	// Days go by, and nobody else answers.
	kinds := map[string]int{}
	for day := 6; day <= 23; day++ { // five business days after two weeks, whatever day it began on
		q.later(start, day)
		var told struct {
			Messages []messageLine
			Passed   []sheetLine `json:"passed_on"`
		}
		q.into(&told, q.review(exitDone, "remind", "--json"))
		for _, m := range told.Messages {
			for _, about := range m.About {
				kinds[strings.Fields(about)[0]]++
			}
		}
	}
	for _, kind := range []string{"review_day7", "review_4_days", "review_2_days", "review_due", "review_overdue", "review_escalated_manager", "review_escalated_owner", "review_escalated_approver"} {
		if kinds[kind] == 0 {
			t.Errorf("nobody was told %s: %v", kind, kinds)
		}
	}

	// The approver decides what nobody else did, and the review is closed.
	var status struct {
		Progress struct {
			Open   int
			Sheets []struct {
				Sheet, Reviewer string
				Open            int
			}
		}
	}
	q.into(&status, q.review(exitDone, "status", "--json"))
	for _, s := range status.Progress.Sheets {
		if s.Open > 0 {
			q.imports(exitDone, q.page("2026-q4", s.Sheet, s.Sheet+".json", keep))
		}
	}
	q.into(&status, q.review(exitDone, "status", "--json"))
	if status.Progress.Open > 0 {
		t.Errorf("%d rows are open after everybody answered", status.Progress.Open)
	}
	said := q.review(exitDone, "close")
	for _, want := range []string{"yes Nobody reviewed themselves", "yes Every row was reviewed", "NO  Every Remove was verified absent: 1 of 1"} {
		if !strings.Contains(said, want) {
			t.Errorf("it does not say %q:\n%s", want, said)
		}
	}
	if late := q.review(exitHeld, "import", "--campaign", "2026-q4", "--file", q.page("2026-q4", carla.Worksheet, "late.json", keep)); !strings.Contains(late, "was closed on") {
		t.Errorf("%s", late)
	}

	// What was to be removed is taken, and a later night sees it gone.
	said = ""
	for range 2 {
		q.state.Played = int(q.clock.now().Sub(q.state.First)/(24*time.Hour)) + 1
		for _, f := range q.playNight(t).Findings {
			if f.Kind == access.ReviewRemoval {
				said += f.Reason + "\n"
			}
		}
	}
	if !strings.Contains(said, "it is due tonight") {
		t.Errorf("it was not taken:\n%s", said)
	}
	if said = q.review(exitDone, "close", "--campaign", "2026-q4", "--pack"); !strings.Contains(said, "yes Every Remove was verified absent: all 1") {
		t.Errorf("the removal was not followed to its end:\n%s", said)
	}
	q.pack(removed)
	q.run(exitIncomplete, "audit", "verify", "--config", q.path("rollcall.yaml"))
	if said = q.review(exitRefused, "open", "--campaign", "2027-q1", "--delta", "--since", "2025-q1"); !strings.Contains(said, "there is no review 2025-q1") {
		t.Errorf("%s", said)
	}
	var delta opened
	q.into(&delta, q.review(exitDone, "open", "--campaign", "2027-q1", "--delta", "--json"))
	if delta.Campaign.Rows >= open.Campaign.Rows/2 {
		t.Errorf("only what changed was asked, and that is %d of %d rows", delta.Campaign.Rows, open.Campaign.Rows)
	}
}

// pack opens the pack for auditors, and looks for a row in it.
func (q *quarter) pack(row string) {
	t := q.t
	f, err := excelize.OpenFile(q.path("reviews", "2026-q4", "compliance", "access-review_2026-q4_pack.xlsx"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	seen, signed, nobodys := map[string]int{}, false, ""
	for _, sheet := range f.GetSheetList() {
		rows, err := f.GetRows(sheet)
		if err != nil {
			t.Fatal(err)
		}
		seen[sheet] = len(rows) - 1
		if sheet == "Removals" && (len(rows) != 2 || rows[1][0] != row || rows[1][9] == "not yet") {
			t.Errorf("removals: %v", rows)
		}
		for _, r := range rows[1:] {
			signed = signed || sheet == "Files" && r[4] == "Noor Visser" && strings.HasPrefix(r[0], "noor")
			if sheet == "Accounts of no person" {
				nobodys += r[3] + "; "
			}
			if sheet == "Sums" && r[3] != "adds up" {
				t.Errorf("the sums: %v", r)
			}
		}
	}
	if !signed {
		t.Error("the pack does not say who signed noor's file")
	}
	for _, whose := range []string{"Nobody that HR knows", "Registered as service", "Registered as break_glass"} {
		if !strings.Contains(nobodys, whose) {
			t.Errorf("the pack names no account of %q: %s", whose, nobodys)
		}
	}
	for _, sheet := range []string{"Summary", "Auditors' checks", "All decisions", "Reviewers", "Files", "Reminders", "Who was asked, and why", "Sums"} {
		if seen[sheet] <= 0 {
			t.Errorf("the pack has nothing under %s (it has %v)", sheet, slices.Sorted(maps.Keys(seen)))
		}
	}
}

func TestAReviewIsNotOpenedOverANightThatIsOldOrNotWhole(t *testing.T) {
	q := newQuarter(t)
	q.clock.set(q.state.night(q.state.Played - 1).Add(25 * time.Hour))
	if said := q.review(exitRefused, "open"); !strings.Contains(said, "older than 24h") {
		t.Errorf("%s", said)
	}
	if _, err := os.Stat(q.path("reviews")); err == nil {
		t.Error("worksheets were written")
	}
	q.review(exitRefused, "status")
	q.review(exitRefused, "import")
	q.review(exitRefused, "import", "--dir", t.TempDir())
}
