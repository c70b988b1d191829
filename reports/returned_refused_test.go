package reports

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"rollcall/internal/access"
)

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

// It is long because it is one table of all that people send back by mistake, with the
// words that each of them is answered with.
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
		"another page":         {other, "rollcall-worksheet-9", "Save the file to send back"},
		"half a page's file":   {other[:len(other)/2], "breaks off", "Save the file to send back"},
		"two files in one":     {append(bytes.ReplaceAll(other, []byte("-9"), []byte("-2")), '1'), "behind its end", "Save the file to send back"},
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
