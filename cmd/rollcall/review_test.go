package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"rollcall/internal/access"
)

// quarter is the demo company while it holds a review.
type quarter struct {
	*demo
	t    *testing.T
	back string // where files come back to
	// save makes of a workbook what another program makes of it; nil: it is sent as it is.
	save func(t *testing.T, file string)
	// signs is who signs the files that the page saves.
	signs string
}

// newQuarter is the demo company after two nights, with a configuration that lets
// reviews take effect.
func newQuarter(t *testing.T) *quarter {
	t.Helper()
	q := &quarter{demo: openDemo(t), t: t, back: t.TempDir()}
	b, err := os.ReadFile(q.path("rollcall.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	settings := strings.Replace(string(b), "\nreview:\n", "\nreview:\n  removals: enforce\n", 1)
	if err := os.WriteFile(q.path("rollcall.yaml"), []byte(settings), 0o600); err != nil {
		t.Fatal(err)
	}
	q.playNight(t)
	q.playNight(t)
	acting := strings.Replace(settings, "\nmode: observe", "\nmode: enforce", 1)
	if acting == settings {
		t.Fatal("the demo's configuration does not say mode: observe")
	}
	if err := os.WriteFile(q.path("rollcall.yaml"), []byte(acting), 0o600); err != nil {
		t.Fatal(err)
	}
	return q
}

// run runs a command on the demo's clock and gives what it printed.
func (q *quarter) run(code int, args ...string) string {
	q.t.Helper()
	var out, story bytes.Buffer
	e := q.inside()
	e.args = append([]string{"rollcall"}, args...)
	e.stdout, e.stderr = &out, &story
	err := newApp(e).RunContext(q.t.Context(), e.args)
	if got := exitCode(err); got != code {
		q.t.Fatalf("%v ends with %d, want %d: %v\n%s%s", args, got, code, err, out.String(), story.String())
	}
	if err != nil {
		return out.String() + err.Error()
	}
	return out.String()
}

func (q *quarter) review(code int, args ...string) string {
	q.t.Helper()
	return q.run(code, append(append([]string{"review"}, args...), "--config", q.path("rollcall.yaml"))...)
}

// into reads the JSON that a command prints.
func (q *quarter) into(v any, printed string) {
	q.t.Helper()
	if err := json.Unmarshal([]byte(printed), v); err != nil {
		q.t.Fatalf("%v in:\n%s", err, printed)
	}
}

// later moves the clock to an hour of a day of the campaign.
func (q *quarter) later(opened time.Time, days int) { q.clock.set(opened.AddDate(0, 0, days)) }

// asked is a row as its reviewer sees it, by the head of the column.
type askedRow map[string]string

// given is what a reviewer writes.
type given struct{ decision, reason, changeTo, passTo string }

// lines are the CSV twin of a worksheet.
func (q *quarter) lines(id, sheet string) [][]string {
	q.t.Helper()
	b, err := os.ReadFile(q.path("reviews", id, "worksheets", sheet+".csv"))
	if err != nil {
		q.t.Fatal(err)
	}
	lines, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(b, []byte("\ufeff")))).ReadAll()
	if err != nil {
		q.t.Fatal(err)
	}
	return lines
}

// twin reads the CSV twin of a worksheet.
func (q *quarter) twin(id, sheet string) []askedRow {
	q.t.Helper()
	lines := q.lines(id, sheet)
	var rows []askedRow
	for _, l := range lines[1:] {
		row := askedRow{}
		for n, head := range lines[0] {
			row[head] = l[n]
		}
		rows = append(rows, row)
	}
	return rows
}

// workbook answers a worksheet in its workbook, as name.
func (q *quarter) workbook(id, sheet, name string, answer func(askedRow) given) string {
	q.t.Helper()
	f, err := excelize.OpenFile(q.path("reviews", id, "worksheets", sheet+".xlsx"))
	if err != nil {
		q.t.Fatal(err)
	}
	defer f.Close()
	rows, err := f.GetRows("Review")
	if err != nil {
		q.t.Fatal(err)
	}
	set := func(row int, head, text string) {
		cell, _ := excelize.CoordinatesToCellName(slices.Index(rows[0], head)+1, row)
		if err := f.SetCellStr("Review", cell, text); err != nil {
			q.t.Fatal(err)
		}
	}
	byID := map[string]askedRow{}
	for _, row := range q.twin(id, sheet) {
		byID[row["Row ID"]] = row
	}
	for n, row := range rows[1:] {
		a := answer(byID[row[0]])
		for head, text := range map[string]string{"Decision": a.decision, "Reason": a.reason, "Change to": a.changeTo, "Pass to": a.passTo} {
			if text != "" {
				set(n+2, head, text)
			}
		}
	}
	file := filepath.Join(q.back, name)
	if err := f.SaveAs(file); err != nil {
		q.t.Fatal(err)
	}
	if q.save != nil {
		q.save(q.t, file)
	}
	return file
}

// page answers a worksheet in its page: the file that the page saves.
func (q *quarter) page(id, sheet, name string, answer func(askedRow) given) string {
	q.t.Helper()
	type row struct {
		ID       string `json:"id"`
		MAC      string `json:"mac"`
		Decision string `json:"decision"`
		Reason   string `json:"reason"`
		ChangeTo string `json:"change_to"`
		PassTo   string `json:"pass_to"`
	}
	saved := struct {
		Schema   string `json:"schema"`
		Campaign string `json:"campaign"`
		Sheet    string `json:"sheet"`
		SignedBy string `json:"signed_by"`
		Rows     []row  `json:"rows"`
	}{"rollcall-worksheet-2", id, sheet, q.signs, nil}
	for _, r := range q.twin(id, sheet) {
		a := answer(r)
		saved.Rows = append(saved.Rows, row{r["Row ID"], r["Row check"], a.decision, a.reason, a.changeTo, a.passTo})
	}
	return q.write(name, saved)
}

// table answers a worksheet in its CSV, with semicolons as a German Excel saves it.
func (q *quarter) table(id, sheet, name string, answer func(askedRow) given) string {
	q.t.Helper()
	lines := q.lines(id, sheet)
	for n, r := range q.twin(id, sheet) {
		a := answer(r)
		for head, text := range map[string]string{"Decision": a.decision, "Reason": a.reason, "Change to": a.changeTo, "Pass to": a.passTo} {
			lines[n+1][slices.Index(lines[0], head)] = text
		}
	}
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	w.Comma, w.UseCRLF = ';', true
	if err := w.WriteAll(lines); err != nil {
		q.t.Fatal(err)
	}
	return q.write(name, out.Bytes())
}

func (q *quarter) write(name string, content any) string {
	q.t.Helper()
	b, is := content.([]byte)
	if !is {
		var err error
		if b, err = json.Marshal(content); err != nil {
			q.t.Fatal(err)
		}
	}
	file := filepath.Join(q.back, name)
	if err := os.WriteFile(file, b, 0o600); err != nil {
		q.t.Fatal(err)
	}
	return file
}

// keep keeps everything, with a reason.
func keep(askedRow) given {
	return given{decision: "Keep", reason: "Needed for what the team runs every week"}
}

// opened is what review open prints.
type opened struct {
	Campaign struct {
		Rows int `json:"rows"`
		Due  string
	}
	Worksheets []sheetLine
	Rerouted   []string
}

// imported is what review import prints.
type imported struct {
	Files  []fileLine
	Passed []sheetLine `json:"passed_on"`
	Open   int         `json:"rows_open"`
}

func (q *quarter) imports(code int, files ...string) (got imported) {
	q.t.Helper()
	args := []string{"import", "--json"}
	for _, f := range files {
		args = append(args, "--file", f)
	}
	q.into(&got, q.review(code, args...))
	return got
}

// sheetOf is the worksheet of a reviewer.
func sheetOf(t *testing.T, all []sheetLine, reviewer string) sheetLine {
	t.Helper()
	n := slices.IndexFunc(all, func(s sheetLine) bool { return s.Reviewer == reviewer })
	if n < 0 {
		t.Fatalf("there is no worksheet of %s", reviewer)
	}
	return all[n]
}

func TestAWholeQuarterOfTheDemoCompany(t *testing.T) {
	q := newQuarter(t)
	playQuarter(q)
	if n := q.replayed(t); n["nightly"] < 4 { // what the review decided is in some of them
		t.Errorf("%v", n)
	}
}

// playQuarter opens a review, answers it in every form and in every wrong way, lets
// days go by, closes it, and follows what was to be removed until it is gone.
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

// tampered sends files that somebody changed, each in another way: none of it counts,
// and the words say what to do.
func (q *quarter) tampered(open opened) {
	t := q.t
	umar := sheetOf(t, open.Worksheets, "Umar Ivanova")
	id := "2026-q4"
	edited := func(name string, change func(*excelize.File)) string {
		file := q.workbook(id, umar.Worksheet, name, keep)
		f, err := excelize.OpenFile(file)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		change(f)
		if err := f.SaveAs(file); err != nil {
			t.Fatal(err)
		}
		return file
	}
	cell := func(f *excelize.File, head string, row int) string {
		rows, err := f.GetRows("Review")
		if err != nil {
			t.Fatal(err)
		}
		at, _ := excelize.CoordinatesToCellName(slices.Index(rows[0], head)+1, row)
		return at
	}
	for name, c := range map[string]struct {
		change func(*excelize.File)
		wrong  int // rows that do not count
		says   string
	}{
		"a locked cell": {func(f *excelize.File) { _ = f.SetCellStr("Review", cell(f, "Risk", 2), "Harmless") }, 1, "Risk"},
		"two ids swapped": {func(f *excelize.File) {
			a, _ := f.GetCellValue("Review", "A2")
			b, _ := f.GetCellValue("Review", "A3")
			_ = f.SetCellStr("Review", "A2", b)
			_ = f.SetCellStr("Review", "A3", a)
		}, 2, ""},
		"a row added": {func(f *excelize.File) {
			_ = f.SetCellStr("Review", fmt.Sprintf("A%d", umar.Rows+2), "w-0123456789abcdef")
			_ = f.SetCellStr("Review", cell(f, "Decision", umar.Rows+2), "Keep")
		}, 1, ""},
		"a formula as a decision": {func(f *excelize.File) { _ = f.SetCellFormula("Review", cell(f, "Decision", 2), `"Ke"&"ep"`) }, 1, "formula"},
	} {
		got := q.imports(exitHeld, edited(name+".xlsx", c.change)).Files[0]
		if got.Refused != "" || rowsOf(got) != c.wrong || got.MarkedUp == "" {
			t.Errorf("%s: %d problems, refused %q, marked up %q: %+v", name, len(got.Problems), got.Refused, got.MarkedUp, got.Problems)
		}
		if c.says != "" && !strings.Contains(fmt.Sprint(got.Problems), c.says) {
			t.Errorf("%s: it does not name %s: %+v", name, c.says, got.Problems)
		}
	}
	// Another review's file, and one that is none.
	var other opened
	q.into(&other, q.review(exitDone, "open", "--campaign", "other", "--system", "aws", "--json"))
	foreign := q.page("other", sheetOf(t, other.Worksheets, "Mia Laine").Worksheet, "foreign.json", keep)
	for _, file := range []string{foreign, q.write("nothing.csv", []byte("nothing,of,this\n1,2,3\n"))} {
		var got imported
		q.into(&got, q.review(exitHeld, "import", "--json", "--campaign", id, "--file", file))
		if got.Files[0].Refused == "" || got.Files[0].Counted != 0 {
			t.Errorf("%s: %+v", file, got.Files[0])
		}
	}
	if said := q.review(exitRefused, "close", "--campaign", "other"); !strings.Contains(said, "rows of the review other are open") || !strings.Contains(said, "add --unanswered") {
		t.Errorf("%s", said)
	}
	q.review(exitDone, "close", "--campaign", "other", "--unanswered")
}

// rowsOf counts the rows of a file that do not count.
func rowsOf(f fileLine) int {
	rows := map[string]bool{}
	for _, p := range f.Problems {
		rows[p.RowID] = true
	}
	return len(rows)
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

// A browser calls the second file that it saves "sheet (1)", which sorts before "sheet".
func TestOfFilesThatComeInTogetherTheOneThatWasSavedLastIsTheNewest(t *testing.T) {
	dir := t.TempDir()
	at := time.Date(2026, 11, 25, 9, 0, 0, 0, time.UTC)
	for n, name := range []string{"sheet.json", "sheet (1).json", "other.csv"} {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(name), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(file, at, at.Add(time.Duration(n)*time.Minute)); err != nil {
			t.Fatal(err)
		}
	}
	got, err := returnedNames(dir, []string{filepath.Join(dir, "sheet.json")})
	if want := []string{filepath.Join(dir, "sheet.json"), filepath.Join(dir, "sheet (1).json"), filepath.Join(dir, "other.csv")}; err != nil || !slices.Equal(got, want) {
		t.Errorf("%v, %v; want %v", got, err, want)
	}
}

// An archive and a stick know times to two seconds, and a copy may have that of the copying.
func TestOfFilesThatWereSavedAtTheSameTimeTheBrowsersNumberTells(t *testing.T) {
	dir := t.TempDir()
	at := time.Date(2026, 11, 25, 9, 0, 0, 0, time.UTC)
	want := []string{"b (1).json", "a.json", "a (1).json", "a (2).json", "a (10).json", "a (3).json"} // b was saved before the last of the others
	for n, name := range slices.Backward(want) {
		file, saved := filepath.Join(dir, name), at.Add(time.Second-time.Duration(n)*time.Millisecond)
		switch name {
		case "a (3).json":
			saved = at.Add(2 * time.Second)
		case "b (1).json":
			saved = at
		}
		if err := errors.Join(os.WriteFile(file, []byte(name), 0o600), os.Chtimes(file, at, saved)); err != nil {
			t.Fatal(err)
		}
	}
	got, err := returnedNames(dir, nil)
	for n := range got {
		got[n] = filepath.Base(got[n])
	}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("%q, %v", got, err)
	}
}

func TestEachFileToMendHasACopyOfItsOwnThatATerminalCanShow(t *testing.T) {
	for file, want := range map[string]string{"a.xlsx": "a_to-mend", "a.csv": "a_csv_to-mend", "a.b.XLSX": "a.b_to-mend", "a": "a_to-mend", "\x1b[2J\u009b1m.json": "_[2J_1m_json_to-mend"} {
		if got := copyName(file); got != want {
			t.Errorf("the copy of %q is %q, want %q", file, got, want)
		}
	}
}

func TestAMessageTakesNoOthersPlace(t *testing.T) {
	name := filepath.Join(t.TempDir(), "messages", "2026-11-26_a-lee-example-com")
	for _, text := range []string{"to a.lee", "to a-lee", "to a.lee", "and later"} {
		if err := writeBeside(name, ".txt", []byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	for file, want := range map[string]string{".txt": "to a.lee", "_2.txt": "to a-lee", "_3.txt": "and later"} {
		if got, err := os.ReadFile(name + file); err != nil || string(got) != want {
			t.Errorf("%s has %q (%v), want %q", file, got, err, want)
		}
	}
}
