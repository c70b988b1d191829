package reports

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"io"
	"strconv"
	"strings"
	"testing"
)

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
