package reports

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"rollcall/internal/access"
)

// answered is how the answers of a worksheet are filled in by the tests, by row id.
var answered = map[string][5]string{
	"c1": {"Keep", "needed for the release, as before", "", "", ""},
	"c2": {" change ", "reads reports only", "app Reports", "", "see ticket"},
	"c3": {"Not mine", "he works for Otto now", "", "otto@example.com", ""},
	"c4": {"Remove", "", "", "", "1+1 is 2"},
}

func wanted(s access.Sheet, cells bool) []access.ReturnedRow {
	var rows []access.ReturnedRow
	for i, r := range s.Rows {
		a := answered[r.ID]
		row := access.ReturnedRow{Line: i + 2, ID: r.ID, MAC: r.MAC, Cells: r.Cells, Decision: strings.TrimSpace(a[0]), Reason: a[1], ChangeTo: a[2], PassTo: a[3], Comment: a[4]}
		if !cells {
			row.Cells, row.Line = nil, 0
		}
		rows = append(rows, row)
	}
	return rows
}

// filledIn is a worksheet's workbook with answers, as excelize saves it.
func filledIn(t *testing.T, b []byte) []byte {
	t.Helper()
	return edited(t, b, func(f *excelize.File) {
		rows, err := f.GetRows(sheetReview)
		if err != nil {
			t.Fatal(err)
		}
		for i, row := range rows[1:] {
			for n, head := range []string{headDecision, headReason, headChange, headPass, headComment} {
				if text := answered[row[0]][n]; text != "" {
					set(t, f, fmt.Sprintf("%s%d", campaignColumns.letter(head), i+2), text)
				}
			}
		}
	})
}

func set(t *testing.T, f *excelize.File, cell, text string) {
	t.Helper()
	if err := f.SetCellStr(sheetReview, cell, text); err != nil {
		t.Fatal(err)
	}
}

// edited is a workbook after somebody did something to it.
func edited(t *testing.T, b []byte, do func(*excelize.File)) []byte {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	do(f)
	var out bytes.Buffer
	if _, err := f.WriteTo(&out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// sent is what was sent to the first reviewer of the test campaign.
func sent(t *testing.T) (sheet access.Sheet, book, twin []byte) {
	t.Helper()
	dir, sheets, _ := issue(t)
	path := filepath.Join(dir, sheets[0].ID)
	return sheets[0], read(t, path+".xlsx"), read(t, path+".csv")
}

func mustRead(t *testing.T, name string, b []byte) access.ReturnedSheet {
	t.Helper()
	back := ReadReturned(name, b)
	if back.Refused != nil {
		t.Fatalf("%s: %+v", name, *back.Refused)
	}
	if back.SHA256 != access.Digest(b) || back.File != name {
		t.Errorf("%s: %s %s", name, back.File, back.SHA256)
	}
	return back
}

func sameRows(t *testing.T, name string, want, got []access.ReturnedRow) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("%s (-want +got):\n%s", name, d)
	}
}

func TestAWorkbookComesBackAsItWasIssuedWithItsAnswers(t *testing.T) {
	sheet, book, _ := sent(t)
	back := mustRead(t, "renamed.bin", edited(t, filledIn(t, book), func(f *excelize.File) {
		at := ""
		for _, n := range f.GetDefinedName() {
			if n.Name == "signed_by" {
				at = strings.ReplaceAll(n.RefersTo[strings.Index(n.RefersTo, "!")+1:], "$", "")
			}
		}
		if err := f.SetCellStr(sheetStart, at, " Mara Boss "); err != nil {
			t.Fatal(err)
		}
	}))
	sameRows(t, "workbook", wanted(sheet, true), back.Rows)
	if back.Format != "xlsx" || back.Campaign != "2026-q4" || back.Worksheet != sheet.ID || back.SignedBy != "Mara Boss" {
		t.Errorf("%+v", back)
	}
}

func TestAWorksheetThatNobodyTouchedComesBackOpen(t *testing.T) {
	sheet, book, twin := sent(t)
	for name, b := range map[string][]byte{"w.xlsx": book, "w.csv": twin} {
		back := mustRead(t, name, b)
		for i, r := range back.Rows {
			if r.Decision+r.Reason != "" || !slices.Equal(r.Cells, sheet.Rows[i].Cells) || r.MAC != sheet.Rows[i].MAC {
				t.Errorf("%s: %+v", name, r)
			}
		}
		if len(back.Rows) != len(sheet.Rows) {
			t.Errorf("%s: %d rows", name, len(back.Rows))
		}
	}
}

func TestRowsMayBeSortedAndLeftOutAndColumnsAndSheetsMoved(t *testing.T) {
	sheet, book, _ := sent(t)
	b := edited(t, filledIn(t, book), func(f *excelize.File) {
		rows, err := f.GetRows(sheetReview, excelize.Options{RawCellValue: true})
		if err != nil {
			t.Fatal(err)
		}
		try := func(err error) {
			if err != nil {
				t.Fatal(err)
			}
		}
		_, err = f.NewSheet("Mine")
		try(err)
		heads := slices.Clone(rows[0])
		slices.Reverse(heads)
		try(f.SetSheetRow("Mine", "B3", &heads)) // below a note, and one column further
		try(f.SetCellStr("Mine", "A1", "sorted by Mara"))
		for i, row := range [][]string{rows[4], rows[2]} {
			for len(row) < len(heads) {
				row = append(row, "")
			}
			row = slices.Clone(row)
			slices.Reverse(row)
			try(f.SetSheetRow("Mine", fmt.Sprintf("B%d", 5+i), &row))
		}
		try(f.DeleteSheet(sheetReview))
		try(f.DeleteSheet(sheetTerms))
	})
	all := wanted(sheet, true)
	want := []access.ReturnedRow{all[3], all[1]}
	want[0].Line, want[1].Line = 5, 6
	back := mustRead(t, "x.xlsx", b)
	Recognise(&back, []access.Sheet{sheet}) // the copied dates are numbers as text
	sameRows(t, "sorted", want, back.Rows)
}

func TestAWorkbookWithoutItsHiddenSheetIsReadAndSaysLessOfItself(t *testing.T) {
	sheet, book, _ := sent(t)
	back := mustRead(t, "x.xlsx", edited(t, filledIn(t, book), func(f *excelize.File) {
		if err := f.DeleteSheet(sheetLists); err != nil {
			t.Fatal(err)
		}
	}))
	want := wanted(sheet, true)
	for i := range want {
		want[i].MAC = ""
	}
	sameRows(t, "without", want, back.Rows)
	if back.Campaign != "" || back.Worksheet != "" {
		t.Errorf("%+v", back)
	}
}

// As Excel saves a CSV in a country with a comma, without it, as Unicode, and as plain
// "CSV", which has western letters only.
func TestACSVIsReadWhateverExcelMakesOfIt(t *testing.T) {
	sheet, _, twin := sent(t)
	records := readCSVRecords(t, twin)
	day := func(form func(y, m, d string) string) func(string) string {
		return func(s string) string {
			if len(s) == 10 && s[4] == '-' && s[7] == '-' {
				return form(s[:4], strings.TrimLeft(s[5:7], "0"), strings.TrimLeft(s[8:], "0"))
			}
			if s != "" && strings.Trim(s, "0123456789") == "" {
				return strings.TrimLeft(s, "0") // a number has no zeros
			}
			return s
		}
	}
	german := day(func(y, m, d string) string { return fmt.Sprintf("%s.%s.%s", d, m, y) })
	american := day(func(y, m, d string) string { return m + "/" + d + "/" + y })
	plain := func(s string) string { return s }
	utf16, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().Bytes(saved(records, '\t', american))
	if err != nil {
		t.Fatal(err)
	}
	windows, err := charmap.Windows1252.NewEncoder().Bytes([]byte(strings.Map(func(r rune) rune {
		if _, ok := charmap.Windows1252.EncodeRune(r); !ok {
			return '?'
		}
		return r
	}, string(saved(records, ';', german)))))
	if err != nil {
		t.Fatal(err)
	}
	for name, b := range map[string][]byte{
		"commas": saved(records, ',', plain), "semicolons": saved(records, ';', german), "Unicode Text": utf16, "plain CSV": windows,
		"said":   append([]byte("sep=;\r\n"), saved(records, ';', german)...),
		"a mark": append([]byte("\ufeff"), saved(records, ',', american)...),
	} {
		back := mustRead(t, name+".csv", b)
		Recognise(&back, []access.Sheet{sheet})
		want := wanted(sheet, true)
		for i := range want {
			if want[i].Line = back.Rows[min(i, len(back.Rows)-1)].Line; name != "said" && want[i].Line != i+2 {
				t.Errorf("%s: row %d is on line %d", name, i, want[i].Line)
			}
		}
		sameRows(t, name, want, back.Rows)
		if back.Format != "csv" {
			t.Errorf("%s: %s", name, back.Format)
		}
	}
}

func TestTheReviewSheetOfAWorkbookSavedAsCSVIsReadWithoutSeals(t *testing.T) {
	sheet, book, _ := sent(t)
	f, err := excelize.OpenReader(bytes.NewReader(filledIn(t, book)))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	records, err := f.GetRows(sheetReview)
	if err != nil {
		t.Fatal(err)
	}
	for n := range records { // excelize leaves empty cells at the end out, Excel does not
		records[n] = slices.Concat(records[n], make([]string, len(records[0])-len(records[n])))
	}
	want := wanted(sheet, true)
	for n := range want {
		want[n].MAC = ""
	}
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	w.Comma, w.UseCRLF = ';', true
	if err := w.WriteAll(records); err != nil {
		t.Fatal(err)
	}
	back := mustRead(t, "Review.csv", out.Bytes())
	Recognise(&back, []access.Sheet{sheet})
	sameRows(t, "the sheet as CSV", want, back.Rows)
}

func readCSVRecords(t *testing.T, b []byte) [][]string {
	t.Helper()
	records, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(b, []byte("\ufeff")))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return records
}

// saved is a CSV as somebody filled it in and a program saved it.
func saved(records [][]string, comma rune, change func(string) string) []byte {
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	w.Comma, w.UseCRLF = comma, true
	for n, r := range records {
		r = slices.Clone(r)
		for i := range r {
			r[i] = change(r[i])
		}
		for i, head := range []string{headDecision, headReason, headChange, headPass, headComment} {
			if n > 0 {
				r[campaignColumns.index(head)] = answered[r[0]][i]
			}
		}
		_ = w.Write(r) // into memory
	}
	w.Flush()
	return out.Bytes()
}

func TestOnlyWhatProgramsDoToACellIsRecognised(t *testing.T) {
	for _, c := range []struct {
		back, issued string
		same         bool
	}{
		{"4.3.2025", "2025-03-04", true}, {"04.03.25", "2025-03-04", true}, {"3/4/2025", "2025-03-04", true}, {"04/03/2025", "2025-03-04", true}, {"45720", "2025-03-04", true},
		{"2025-03-04 00:00:00", "2025-03-04", true}, {"4-Mar-25", "2025-03-04", true},
		{"5.3.2025", "2025-03-04", false}, {"3/5/2025", "2025-03-04", false}, {"45721", "2025-03-04", false}, {"", "2025-03-04", false}, {"4.3.2025", "2025-03-05", false},
		{"10442", "0010442", true}, {"0", "000", true}, {"10443", "0010442", false}, {"", "000", false}, {"0010442", "10442", false}, {"-10442", "0010442", false},
		{"?ukasz", "Łukasz", true}, {"Lukasz", "Łukasz", true}, {"=x", "_x003D_x", true}, {"?ukasy", "Łukasz", false}, {"?oe", "Zoe", false}, {"Standard", "Privileged", false},
	} {
		back := []string{c.back}
		recognise(back, []string{c.issued})
		if (back[0] == c.issued) != c.same {
			t.Errorf("%q for %q: %q", c.back, c.issued, back[0])
		}
	}
	for n, serial := range map[string]string{"45720": "2025-03-04", "45720.75": "2025-03-04", "0.5": "0.5", "3e6": "3e6"} {
		if got := dayOfSerial(n, false); got != serial {
			t.Errorf("%s is %s", n, got)
		}
	}
	if got := dayOfSerial("44258", true); got != "2025-03-04" {
		t.Errorf("counted from 1904: %s", got)
	}
}

func pageFile(sheet access.Sheet) map[string]any {
	var rows []map[string]string
	for _, r := range sheet.Rows {
		a := answered[r.ID]
		rows = append(rows, map[string]string{"id": r.ID, "mac": r.MAC, "decision": a[0], "reason": a[1], "change_to": a[2], "pass_to": a[3], "comment": a[4]})
	}
	return map[string]any{"schema": campaignSchema, "campaign": "2026-q4", "sheet": sheet.ID, "signed_by": "Mara Boss", "rows": rows}
}

func TestTheFileThatThePageSavesIsRead(t *testing.T) {
	sheet, _, _ := sent(t)
	b, err := json.MarshalIndent(pageFile(sheet), "", " ")
	if err != nil {
		t.Fatal(err)
	}
	back := mustRead(t, "x.decisions.json", append([]byte("\ufeff\n"), b...))
	sameRows(t, "page", wanted(sheet, false), back.Rows)
	if back.Format != "html" || back.Campaign != "2026-q4" || back.Worksheet != sheet.ID || back.SignedBy != "Mara Boss" {
		t.Errorf("%+v", back)
	}
}

func TestAFormulaIsNamedInItsRowAndTheOthersCount(t *testing.T) {
	_, book, twin := sent(t)
	b := edited(t, filledIn(t, book), func(f *excelize.File) {
		if err := f.SetCellFormula(sheetReview, campaignColumns.letter(headDecision)+"3", `"Ke"&"ep"`); err != nil {
			t.Fatal(err)
		}
	})
	back := mustRead(t, "x.xlsx", b)
	for i, r := range back.Rows {
		if got := strings.Join(r.Formula, ","); got != map[bool]string{true: headDecision}[i == 1] {
			t.Errorf("row %d: %q", i, got)
		}
	}
	records := readCSVRecords(t, twin)
	records[1][campaignColumns.index(headReason)] = `=HYPERLINK("https://evil.example")`
	var text bytes.Buffer
	if err := csv.NewWriter(&text).WriteAll(records); err != nil {
		t.Fatal(err)
	}
	if back = mustRead(t, "x.csv", text.Bytes()); !slices.Equal(back.Rows[0].Formula, []string{headReason}) || back.Rows[1].Formula != nil {
		t.Errorf("%q %q", back.Rows[0].Formula, back.Rows[1].Formula)
	}
}

// with is a workbook with one more part, or with a part replaced.
func with(t *testing.T, b []byte, name string, content []byte) []byte {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	put := func(name string, content []byte) {
		to, err := w.Create(name)
		if err == nil {
			_, err = to.Write(content)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, f := range z.File {
		if f.Name == name {
			continue
		}
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		all, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		put(f.Name, all)
	}
	put(name, content)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestWhatCannotBeUsedIsRefusedWithWordsThatHelp(t *testing.T) {
	sheet, book, twin := sent(t)
	headless := bytes.SplitN(twin, []byte("\r\n"), 2)[1]
	page := pageFile(sheet)
	page["schema"] = "rollcall-worksheet-9"
	other, err := json.Marshal(page)
	if err != nil {
		t.Fatal(err)
	}
	drop := func(head string) []byte {
		return edited(t, book, func(f *excelize.File) {
			set(t, f, campaignColumns.letter(head)+"1", "gone")
		})
	}
	night, files := write(t, testNight())
	for name, c := range map[string]struct {
		b          []byte
		says, mend string
	}{
		"empty":               {nil, "empty", "send it back"},
		"blank":               {[]byte(" \r\n"), "empty", "send it back"},
		"too large":           {bytes.Repeat([]byte("a"), maxReturned+1), "bytes", "send it back"},
		"macros":              {with(t, book, "xl/vbaProject.bin", []byte("x")), "macros", "Excel Workbook"},
		"macros, hidden":      {with(t, book, "[Content_Types].xml", []byte(`<Types><Override PartName="/xl/x.bin" ContentType="application/vnd.ms-office.vbaProject"/></Types>`)), "macros", "Excel Workbook"},
		"links":               {with(t, book, "xl/externalLinks/externalLink1.xml", []byte("x")), "links to other files", "Break Link"},
		"queries":             {with(t, book, "xl/connections.xml", []byte("x")), "links to other files", "value"},
		"embedded":            {with(t, book, "xl/embeddings/oleObject1.bin", []byte("x")), "embedded", "Take"},
		"a bomb":              {with(t, book, "xl/worksheets/sheet9.xml", make([]byte, maxUnpacked)), "unpacks to more than", "save"},
		"a damaged workbook":  {book[:len(book)/2], "damaged", "save"},
		"damaged inside":      {with(t, book, "xl/workbook.xml", []byte("<workbook><sheets>")), "damaged", "save"},
		"an archive":          {with(t, emptyZip(t), "a.txt", []byte("x")), "archive", "save"},
		"OpenDocument":        {with(t, emptyZip(t), "content.xml", []byte("x")), "OpenDocument", "2007-365"},
		"old Excel":           {append([]byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), make([]byte, 600)...), ".xls", "Save As"},
		"a password":          {append([]byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), []byte("E\x00n\x00c\x00r\x00y\x00p\x00t\x00e\x00d\x00P\x00a\x00c\x00k\x00a\x00g\x00e\x00")...), "password", "take the password away"},
		"a night's worksheet": {read(t, filepath.Join(night, files[0].XLSX)), "the lists of each night", "campaign"},
		"no headings": {edited(t, book, func(f *excelize.File) {
			for i := range len(campaignColumns) + 1 {
				set(t, f, refOf(i, 1), "")
			}
		}), "Row ID", "send it back"},
		"no ids":           {drop(headRow), "Row ID", "send it back"},
		"no decisions":     {drop(headDecision), "Decision", "hide"},
		"a column deleted": {drop(headRisk), "Risk", "hide"},
		"a column twice":   {edited(t, book, func(f *excelize.File) { set(t, f, "B1", headDecision) }), "Two columns", "Keep the one"},
		"ids emptied": {edited(t, book, func(f *excelize.File) {
			for i := range sheet.Rows {
				set(t, f, fmt.Sprintf("A%d", i+2), "")
			}
		}), "No row has", "send it back"},
		"CSV without headings": {headless, "missing", ""},
		"the page itself":      {[]byte("<!doctype html>\n<html><body>"), "browser keeps them", "decisions.json"},
		"another page":         {other, "rollcall-worksheet-9", "Save decisions"},
		"half a page's file":   {other[:len(other)/2], "breaks off", "Save decisions"},
		"two files in one":     {append(bytes.ReplaceAll(other, []byte("-9"), []byte("-2")), '1'), "behind its end", "Save decisions"},
		"a PDF":                {[]byte("%PDF-1.7"), "PDF", "Save As"},
	} {
		back := ReadReturned(name, c.b)
		if back.Refused == nil || len(back.Rows) > 0 {
			t.Errorf("%s was read: %d rows", name, len(back.Rows))
			continue
		}
		p := *back.Refused
		if !strings.Contains(p.Says, c.says) || !strings.Contains(p.Mend, c.mend) || p.Meanwhile == "" || p.File != name || p.Severity != access.Stop || p.Mend == "" {
			t.Errorf("%s: %+v", name, p)
		}
	}
}

func emptyZip(t *testing.T) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := zip.NewWriter(&out).Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// What fills the memory of who unpacks it is not unpacked, whatever it says of its size.
func TestAPartThatIsLargerThanItSaysIsRefused(t *testing.T) {
	_, book, _ := sent(t)
	big := with(t, book, "xl/worksheets/sheet9.xml", make([]byte, 1<<20))
	lie := bytes.ReplaceAll(big, []byte{0, 0, 16, 0}, []byte{16, 0, 0, 0}) // 1 MiB is 16 bytes
	if back := ReadReturned("x", lie); bytes.Equal(lie, big) || back.Refused == nil {
		t.Errorf("%d rows", len(back.Rows))
	}
}

// A text that stands in a workbook once and is said by many cells is a bomb, too.
func TestAWorkbookWhoseCellsSayMoreThanItHoldsIsRefused(t *testing.T) {
	_, book, _ := sent(t)
	book = edited(t, book, func(f *excelize.File) { set(t, f, "AZ1", "a text that is shared") })
	all, wrong := unpack(book)
	w := workbookBack{parts: all}
	if wrong != nil || w.open() != nil {
		t.Fatal("the worksheet that was sent cannot be read")
	}
	part := strings.TrimPrefix(w.sheets[slices.IndexFunc(w.sheets, func(s sheetBack) bool { return s.name == sheetReview })].part, "/")
	var rows strings.Builder
	rows.WriteString(`<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1">`)
	for n, c := range campaignColumns {
		fmt.Fprintf(&rows, `<c r="%s" t="inlineStr"><is><t>%s</t></is></c>`, refOf(n, 1), c.Head)
	}
	rows.WriteString(`</row>`)
	for n := range 200 {
		fmt.Fprintf(&rows, `<row r="%d"><c r="A%d" t="s"><v>5000</v></c></row>`, n+2, n+2)
	}
	rows.WriteString(`</sheetData></worksheet>`)
	book = with(t, book, part, []byte(rows.String()))
	book = with(t, book, "xl/sharedStrings.xml", []byte(`<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">`+strings.Repeat(`<si><t>x</t></si>`, 5000)+`<si><t>`+strings.Repeat("a  b", 1<<18)+`</t></si></sst>`))
	back := ReadReturned("x", book)
	if back.Refused == nil || !strings.Contains(back.Refused.Says, "unpacks to more than") {
		t.Errorf("%d rows were read: %+v", len(back.Rows), back.Refused)
	}
}

func FuzzReadReturned(f *testing.F) {
	book, sheets := testCampaign()
	dir := f.TempDir()
	if err := WriteCampaign(dir, book, sheets[1:]); err != nil {
		f.Fatal(err)
	}
	for _, ext := range []string{".xlsx", ".csv"} {
		b, err := os.ReadFile(filepath.Join(dir, sheets[1].ID+ext))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	page, err := json.Marshal(pageFile(sheets[1]))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(page)
	f.Fuzz(func(t *testing.T, b []byte) { sound(t, ReadReturned("f", b)) })
}

// sound is what holds of every file, whatever is in it.
func sound(t *testing.T, back access.ReturnedSheet) {
	if (back.Refused == nil) == (len(back.Rows) == 0) {
		t.Errorf("%d rows, refused: %v", len(back.Rows), back.Refused)
	}
	if p := back.Refused; p != nil && (p.Says == "" || p.Meanwhile == "" || p.Mend == "") {
		t.Errorf("%+v", *p)
	}
	locked := 0
	for _, c := range campaignColumns {
		if !c.Answer {
			locked++
		}
	}
	for _, r := range back.Rows {
		if len(r.Cells) != locked && (back.Format != "html" || r.Cells != nil) {
			t.Errorf("%+v", r)
		}
	}
}

// FuzzSheetOfAWorkbook changes the rows inside a workbook, which no change of its
// bytes reaches. Nothing is packed: else most of the time goes into packing.
func FuzzSheetOfAWorkbook(f *testing.F) {
	book, sheets := testCampaign()
	dir := f.TempDir()
	if err := WriteCampaign(dir, book, sheets[1:]); err != nil {
		f.Fatal(err)
	}
	names := []string{"xl/worksheets/sheet2.xml", "xl/worksheets/sheet6.xml", "xl/sharedStrings.xml", "xl/workbook.xml"}
	read := partsOf(f, filepath.Join(dir, sheets[1].ID+".xlsx"))
	if back := ReadReturned("f", stored(f, read)); back.Refused != nil || len(back.Rows) == 0 || back.Rows[0].MAC == "" {
		f.Fatalf("these parts are no worksheet: %+v", back)
	}
	for n, name := range names {
		f.Add(n, read[name])
	}
	f.Fuzz(func(t *testing.T, n int, content []byte) {
		changed := maps.Clone(read)
		changed[names[max(n, 0)%len(names)]] = content
		sound(t, ReadReturned("f", stored(t, changed)))
	})
}

func partsOf(t testing.TB, file string) map[string][]byte {
	t.Helper()
	z, err := zip.OpenReader(file)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	all := map[string][]byte{}
	for _, part := range z.File {
		if all[part.Name], err = fs.ReadFile(z, part.Name); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// stored is a workbook of those parts, none of them packed.
func stored(t testing.TB, all map[string][]byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		to, err := w.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Store})
		if err == nil {
			_, err = to.Write(all[name])
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}
