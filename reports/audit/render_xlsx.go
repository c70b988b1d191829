package audit

import (
	"fmt"
	"io"
	"time"

	"github.com/xuri/excelize/v2"
)

// WriteXLSX writes a workbook of two sheets, the answer and its evidence. Text is
// text there, whatever it begins with.
func (a *Answer) WriteXLSX(w io.Writer) error {
	f := excelize.NewFile()
	defer func() { _ = f.Close() }() // it is in memory
	if err := f.SetSheetName("Sheet1", "Answer"); err != nil {
		return err
	}
	rows := append([][]any{anyOf(a.Columns)}, a.Rows...)
	if err := fillSheet(f, "Answer", rows, true); err != nil {
		return err
	}
	if _, err := f.NewSheet("Evidence"); err != nil {
		return err
	}
	// Not streamed: of two streams excelize writes now one first, now the other.
	for i, l := range a.Evidence() {
		row := cut([]any{l.Name, l.Value})
		if err := f.SetSheetRow("Evidence", fmt.Sprintf("A%d", i+1), &row); err != nil {
			return fmt.Errorf("evidence row %d: %w", i+1, err)
		}
	}
	return f.Write(w)
}

func anyOf(texts []string) []any {
	all := make([]any, len(texts))
	for i, t := range texts {
		all[i] = t
	}
	return all
}

// maxCell is how many characters a cell holds; excelize cuts there too.
const maxCell = excelize.TotalCellChars

// fillSheet writes rows under a head that stays in view, in columns as wide as what
// they hold.
func fillSheet(f *excelize.File, sheet string, rows [][]any, head bool) error {
	out, err := f.NewStreamWriter(sheet)
	if err != nil {
		return err
	}
	looks, err := newLooks(f)
	if err != nil {
		return err
	}
	for n, width := range widths(rows) {
		if err := out.SetColWidth(n+1, n+1, width); err != nil {
			return err
		}
	}
	if head {
		if err := out.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
			return err
		}
	}
	kinds := kindsOf(rows)
	for i, row := range rows {
		cells := cut(row)
		for n := range cells {
			switch {
			case head && i == 0:
				cells[n] = excelize.Cell{StyleID: looks.head, Value: cells[n]}
			case head:
				cells[n] = looks.cell(cells[n], kinds[n])
			}
		}
		if err := out.SetRow(fmt.Sprintf("A%d", i+1), cells); err != nil {
			return fmt.Errorf("row %d: %w", i+1, err)
		}
	}
	return out.Flush()
}

// looks are the styles of a workbook.
type looks struct{ head, day, moment int }

func newLooks(f *excelize.File) (l looks, err error) {
	day, moment := "yyyy-mm-dd", "yyyy-mm-dd hh:mm:ss"
	// In an order of their own: a style's number is part of the file's bytes.
	for _, one := range []struct {
		into  *int
		style excelize.Style
	}{{&l.head, excelize.Style{Font: &excelize.Font{Bold: true}}}, {&l.day, excelize.Style{CustomNumFmt: &day}}, {&l.moment, excelize.Style{CustomNumFmt: &moment}}} {
		if *one.into, err = f.NewStyle(&one.style); err != nil {
			return l, err
		}
	}
	return l, nil
}

// cell gives a date or a time that a spreadsheet can reckon with.
func (l looks) cell(v any, kind string) any {
	s, is := v.(string)
	if !is || s == "" || kind == "" {
		return v
	}
	at, err := time.Parse(kind, s)
	if err != nil {
		return v
	}
	style := l.moment
	if kind == time.DateOnly {
		style = l.day
	}
	return excelize.Cell{StyleID: style, Value: at}
}

// firstOfSheets is the first day that every spreadsheet program counts alike.
var firstOfSheets = time.Date(1900, 3, 1, 0, 0, 0, 0, time.UTC)

// widths are those of the columns in characters: of the widest cell, within reason.
func widths(rows [][]any) []float64 {
	var all []float64
	for _, row := range rows {
		for n, text := range Texts(row) {
			if n == len(all) {
				all = append(all, 8)
			}
			all[n] = min(60, max(all[n], float64(len([]rune(text))+2)))
		}
	}
	return all
}

// cut keeps cells in the bounds of a workbook; the CSV has all of a text.
func cut(row []any) []any {
	cells := make([]any, len(row))
	for i, v := range row {
		if s, is := v.(string); is && len([]rune(s)) > maxCell/2 {
			v = string([]rune(s)[:maxCell/2-1]) + "…"
		}
		cells[i] = v
	}
	return cells
}
