package reports

import (
	"archive/zip"
	"bytes"
	std "cmp"
	"encoding/csv"
	"encoding/xml"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"rollcall/internal/access"
	"rollcall/internal/csvfile"
	"rollcall/internal/goldentest"
)

// sheets are all worksheets of a night.
func sheets(n *access.Night) (all []*sheet) {
	each := newNightSheets(n)
	for i := range n.Worksheets {
		all = append(all, each.sheet(i))
	}
	return all
}

func write(t *testing.T, n *access.Night) (string, []WorksheetFile) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "sheets")
	files, err := WriteWorksheets(dir, n)
	if err != nil {
		t.Fatal(err)
	}
	return dir, files
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestFilesHaveSafeUniqueNamesAndAreForTheGroupOnly(t *testing.T) {
	dir, files := write(t, testNight())
	want := []string{"access-review_2026-11-23_mara-boss_employees-0010001", "access-review_2026-11-23_mara-boss_mara2-example-com",
		"access-review_2026-11-23_employees-0010002"}
	for i, f := range files {
		if f.XLSX != want[i]+".xlsx" || f.CSV != want[i]+".csv" {
			t.Errorf("file %d is %s and %s, want %s", i, f.XLSX, f.CSV, want[i])
		}
		for name, sum := range map[string]string{f.XLSX: f.XLSXSHA256, f.CSV: f.CSVSHA256} {
			info, err := os.Stat(filepath.Join(dir, name))
			if err != nil || info.Mode().Perm() != 0o640 {
				t.Errorf("%s: %v %v", name, info.Mode(), err)
			}
			if access.Digest(read(t, filepath.Join(dir, name))) != sum {
				t.Errorf("%s: its digest is not what was said", name)
			}
		}
	}
	if left, err := filepath.Glob(filepath.Join(dir, ".*")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}

func TestNamesNeverCollide(t *testing.T) {
	n := testNight()
	n.Worksheets = []access.Worksheet{{ReviewerName: "../../Etc Passwd"}, {ReviewerName: "etc passwd"}, {ReviewerName: "ETC/PASSWD"}, {}, {ReviewerName: "etc passwd 2"}}
	seen := map[string]bool{}
	for _, name := range fileNames(n) {
		if seen[name] || !regexp.MustCompile(`^access-review_2026-11-23_[a-z0-9][a-z0-9_-]*$`).MatchString(name) {
			t.Errorf("%q is taken or unsafe", name)
		}
		seen[name] = true
	}
}

func TestTheSameNightGivesTheSameBytes(t *testing.T) {
	first, files := write(t, testNight())
	second, again := write(t, testNight())
	if d := cmp.Diff(files, again); d != "" {
		t.Fatal(d)
	}
	for _, f := range files {
		for _, name := range []string{f.XLSX, f.CSV} {
			if !bytes.Equal(read(t, filepath.Join(first, name)), read(t, filepath.Join(second, name))) {
				t.Errorf("%s differs", name)
			}
		}
	}
}

func TestOneFailureDoesNotKeepTheOthersFromBeingWritten(t *testing.T) {
	n := testNight()
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, fileNames(n)[0]+".xlsx", "in the way"), 0o750); err != nil {
		t.Fatal(err)
	}
	files, err := WriteWorksheets(dir, n)
	if err == nil || !strings.Contains(err.Error(), "Mara Boss") || len(files) != 2 {
		t.Errorf("%d files, %v", len(files), err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, ".*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestCSVIsAsAgreed(t *testing.T) {
	n := testNight()
	n.Worksheets[0].Items[7].Meaning = "cut short for the golden file"
	got := sheets(n)[0].csvBytes()
	goldentest.Same(t, "testdata/worksheet.csv", string(got))
	if !bytes.HasPrefix(got, []byte("\xef\xbb\xbf\"Row ID\",")) {
		t.Error("no byte order mark, or the head is not quoted")
	}
	records, err := csv.NewReader(bytes.NewReader(got[3:])).ReadAll()
	if err != nil || len(records) != 11 {
		t.Fatalf("%d records, %v", len(records), err)
	}
	for _, r := range records {
		for _, f := range r {
			if csvfile.StartsFormula(f) {
				t.Errorf("%q is live", f)
			}
		}
	}
}

// open reads a workbook's Review sheet back, with its row of heads.
func open(t *testing.T, b []byte) (*excelize.File, map[string]int) {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	rows, err := f.GetRows(sheetReview)
	if err != nil {
		t.Fatal(err)
	}
	heads := map[string]int{}
	for i, h := range rows[0] {
		heads[h] = i
	}
	return f, heads
}

func made(t *testing.T, n *access.Night) [][]byte {
	t.Helper()
	var out [][]byte
	for _, s := range sheets(n) {
		b, err := s.workbook()
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, b)
	}
	return out
}

func TestTheWorkbookSaysWhatItsTwinSays(t *testing.T) {
	n := testNight()
	all := sheets(n)
	for i, b := range made(t, n) {
		f, heads := open(t, b)
		rows, err := f.GetRows(sheetReview)
		if err != nil {
			t.Fatal(err)
		}
		for r, row := range all[i].rows {
			for c, col := range reviewColumns {
				want := neutral(row[c].Text)
				if !row[c].Date.IsZero() {
					want = row[c].Date.Format("2006-01-02")
				}
				got := ""
				if at := heads[col.Head]; at < len(rows[r+1]) {
					got = rows[r+1][at]
				}
				if got != want {
					t.Errorf("sheet %d row %d, %s: %.60q, want %.60q", i, r, col.Head, got, want)
				}
			}
		}
	}
}

func TestTheFourWordsOfLastUseAreKeptApart(t *testing.T) {
	s := sheets(testNight())[0]
	at := reviewColumns.index("Last used")
	var got []string
	for _, r := range []int{0, 1, 2, 3, 8, 9} {
		c := s.rows[r][at]
		got = append(got, std.Or(c.Text, c.Date.Format("2006-01-02")))
	}
	want := []string{"not used in 143 days (last 2026-07-03)", "no usage data", "2026-11-20", "never",
		"not used in 46 days (last 2026-10-08)", "2026-10-09"}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestNothingIsFilledInBeforeTheReviewerDoes(t *testing.T) {
	f, heads := open(t, made(t, testNight())[0])
	for _, c := range reviewColumns {
		for row := 2; c.Answer && row <= 11; row++ {
			cell, _ := excelize.CoordinatesToCellName(heads[c.Head]+1, row)
			if v, _ := f.GetCellValue(sheetReview, cell); v != "" {
				t.Errorf("%s is filled in: %q", c.Head, v)
			}
			if got := locked(t, f, cell); got {
				t.Errorf("%s %s is locked", c.Head, cell)
			}
		}
		cell, _ := excelize.CoordinatesToCellName(heads[c.Head]+1, 2)
		if !c.Answer && !locked(t, f, cell) {
			t.Errorf("%s can be changed", c.Head)
		}
	}
}

func locked(t *testing.T, f *excelize.File, cell string) bool {
	t.Helper()
	id, err := f.GetCellStyle(sheetReview, cell)
	if err != nil {
		t.Fatal(err)
	}
	style, err := f.GetStyle(id)
	if err != nil {
		t.Fatal(err)
	}
	return style.Protection == nil || style.Protection.Locked
}

func TestDecisionsComeFromTheHiddenList(t *testing.T) {
	f, _ := open(t, made(t, testNight())[0])
	all, err := f.GetDataValidations(sheetReview)
	if err != nil {
		t.Fatal(err)
	}
	found := false
	for _, dv := range all {
		if dv.Type == "list" {
			found = true
			if dv.Formula1 != "_lists!$A$2:$A$5" || dv.Sqref != reviewColumns.letter(headDecision)+"2:"+reviewColumns.letter(headDecision)+"11" {
				t.Errorf("the dropdown is %s over %s", dv.Formula1, dv.Sqref)
			}
		}
	}
	if !found {
		t.Error("no dropdown")
	}
	var words []string
	for row := 2; row <= 6; row++ {
		v, _ := f.GetCellValue(sheetLists, "A"+strconv.Itoa(row))
		words = append(words, v)
	}
	if d := cmp.Diff([]string{"Keep", "Change", "Remove", "Not mine", ""}, words); d != "" {
		t.Error(d)
	}
}

// part reads one file of a workbook.
func part(t *testing.T, book []byte, name string) string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(book), int64(len(book)))
	if err != nil {
		t.Fatal(err)
	}
	r, err := z.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// formulas gives the text of every formula cell of a sheet's XML.
func formulas(t *testing.T, xmlText string) []string {
	t.Helper()
	var out []string
	d := xml.NewDecoder(strings.NewReader(xmlText))
	for {
		tok, err := d.Token()
		if err == io.EOF {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		if e, ok := tok.(xml.StartElement); ok && e.Name.Local == "f" {
			var s string
			if err := d.DecodeElement(&s, &e); err != nil {
				t.Fatal(err)
			}
			out = append(out, s)
		}
	}
}

func TestOnlyOurOwnFormulasAreInTheFile(t *testing.T) {
	n := testNight()
	all := sheets(n)
	for i, b := range made(t, n) {
		onlyOurs(t, b, 5, all[i], reviewColumns, len(all[i].rows))
	}
}

// onlyOurs judges the formulas of a workbook with that many sheets, one of which has a
// to-do formula in each row.
func onlyOurs(t *testing.T, book []byte, sheets int, s *sheet, columns layout, rows int) {
	t.Helper()
	allowed := map[string]bool{}
	for _, c := range counterFormulas(s) {
		allowed[c.Formula] = true
	}
	for row := 2; row <= rows+1; row++ {
		allowed[columns.todoFormula().at(row)] = true
	}
	count := 0
	for sheet := 1; sheet <= sheets; sheet++ {
		for _, f := range formulas(t, part(t, book, "xl/worksheets/sheet"+strconv.Itoa(sheet)+".xml")) {
			count++
			if !allowed[f] {
				t.Errorf("sheet %d holds the formula %q", sheet, f)
			}
		}
	}
	if count != len(allowed) {
		t.Errorf("%d formulas, want %d", count, len(allowed))
	}
}

func TestTheFileHoldsNoLinkMacroOrOutsidePart(t *testing.T) {
	for _, b := range made(t, testNight()) {
		z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range z.File {
			text := part(t, b, f.Name)
			if strings.Contains(f.Name, "vba") || strings.Contains(f.Name, "externalLink") || strings.Contains(text, "<hyperlink") || strings.Contains(text, `TargetMode="External"`) {
				t.Errorf("%s holds what may run or lead elsewhere", f.Name)
			}
		}
	}
}

func TestTheWorkbookIsSetUpForReading(t *testing.T) {
	b := made(t, testNight())[0]
	review, book := part(t, b, "xl/worksheets/sheet2.xml"), part(t, b, "xl/workbook.xml")
	for _, want := range []string{`<sheetProtection sheet="true"`, `selectLockedCells="false" sort="true" autoFilter="false"`, `<autoFilter ref="$A$1:$AC$11"`, `state="frozen"`, `topLeftCell="C2"`,
		`orientation="landscape"`, `fitToPage="true"`, `Page &amp;P of &amp;N`, `<dataValidation `} {
		if !strings.Contains(review, want) {
			t.Errorf("the Review sheet lacks %s", want)
		}
	}
	for _, want := range []string{`name="_lists" sheetId="5" r:id="rId7" state="veryHidden"`, `Review!$A:$B,Review!$1:$1`, `fullCalcOnLoad="true"`} {
		if !strings.Contains(book, want) {
			t.Errorf("the workbook lacks %s in %s", want, book)
		}
	}
	if strings.Contains(review, "password") {
		t.Error("the protection has a password")
	}
}

func TestIDsAreTextAndDatesAreDates(t *testing.T) {
	f, heads := open(t, made(t, testNight())[0])
	cell := func(head string) string {
		name, _ := excelize.CoordinatesToCellName(heads[head]+1, 2)
		return name
	}
	if kind, _ := f.GetCellType(sheetReview, cell("Employee ID")); kind != excelize.CellTypeSharedString {
		t.Errorf("Employee ID is of type %v", kind)
	}
	if v, _ := f.GetCellValue(sheetReview, cell("Employee ID")); v != "0010442" {
		t.Errorf("Employee ID is %q", v)
	}
	if v, _ := f.GetCellValue(sheetReview, cell("Since"), excelize.Options{RawCellValue: true}); v != "45720" {
		t.Errorf("Since is stored as %q, want the day 45720 (2025-03-04)", v)
	}
}

func TestTheCountersCount(t *testing.T) {
	f, heads := open(t, made(t, testNight())[0])
	decide := func(row int, values map[string]string) {
		for head, v := range values {
			cell, _ := excelize.CoordinatesToCellName(heads[head]+1, row)
			if err := f.SetCellStr(sheetReview, cell, v); err != nil {
				t.Fatal(err)
			}
		}
	}
	decide(2, map[string]string{headDecision: "Keep"})                                              // privileged: wants a reason
	decide(3, map[string]string{headDecision: "Remove"})                                            // done
	decide(4, map[string]string{headDecision: "Keep", headReason: "needed for release work"})       // done
	decide(5, map[string]string{headDecision: "Change", headReason: "needed for release work"})     // wants what
	decide(6, map[string]string{headDecision: "Not mine", headReason: "not in my team any longer"}) // wants who
	decide(8, map[string]string{headDecision: "Keep"})                                              // ordinary: done
	want := map[int]string{2: "Give a reason", 3: "Done", 4: "Done", 5: "Say what instead", 6: "Say who", 7: "Decide first", 8: "Done", 9: "Open"}
	for row, words := range want {
		cell, _ := excelize.CoordinatesToCellName(heads[headTodo]+1, row)
		if got, err := f.CalcCellValue(sheetReview, cell); err != nil || got != words {
			t.Errorf("row %d says %q (%v), want %q", row, got, err, words)
		}
	}
	rows, err := f.GetRows(sheetStart)
	if err != nil {
		t.Fatal(err)
	}
	counts := map[string]string{"Rows": "10", "Still open": "4", "Keep": "3", "Change": "1", "Remove": "1", "Not mine": "1"}
	for r, row := range rows {
		formula, err := f.GetCellFormula(sheetStart, "C"+strconv.Itoa(r+1))
		if err != nil || formula == "" || counts[row[1]] == "" {
			continue
		}
		if got, err := f.CalcCellValue(sheetStart, "C"+strconv.Itoa(r+1)); err != nil || got != counts[row[1]] {
			t.Errorf("%s counts %q (%v), want %s", row[1], got, err, counts[row[1]])
		}
		delete(counts, row[1])
	}
	if len(counts) > 0 {
		t.Errorf("not counted: %v", counts)
	}
}

func TestManagersDoNotLearnWhoLeavesOrWhyOrOnWhichLeave(t *testing.T) {
	for i, b := range made(t, testNight()) {
		text := part(t, b, "xl/sharedStrings.xml") + string(sheets(testNight())[i].csvBytes())
		for _, secret := range []string{"2026-12-18", "2026-12-24", "2027-01-31", "leaves on", "arental leave", "Sick note", "garden", "Leaving", "scheduled", "on leave"} {
			if strings.Contains(text, secret) {
				t.Errorf("worksheet %d tells %q", i, secret)
			}
		}
	}
}

func TestEmploymentIsOneOfFourThings(t *testing.T) {
	for standing, want := range map[access.Standing]string{access.StandingActive: "Employed", access.StandingScheduled: "Employed", access.StandingGarden: "Employed",
		access.StandingLeft: "Left", access.StandingPending: "Not started yet", access.StandingHeld: "To be confirmed", access.StandingVanished: "To be confirmed", "": "To be confirmed"} {
		if got := employment(person("1", "x", "y", standing)); got != want {
			t.Errorf("%s shows as %q", standing, got)
		}
	}
	if got := employment(access.Person{}); got != "" {
		t.Errorf("nobody shows as %q", got)
	}
}

func TestAnEmptyWorksheetIsStillAWorkbook(t *testing.T) {
	n := testNight()
	n.Worksheets = []access.Worksheet{{ReviewerName: "Nobody's Rows"}}
	f, _ := open(t, made(t, n)[0])
	if rows, err := f.GetRows(sheetReview); err != nil || len(rows) != 1 {
		t.Errorf("%d rows, %v", len(rows), err)
	}
}
