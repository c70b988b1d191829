package reports

import (
	"cmp"
	"fmt"

	"rollcall/internal/access"
	"rollcall/internal/csvfile"
	"rollcall/internal/phrase"
)

// list writes the sheet in front.
func (m *marked) list() {
	if m.sheet != "" {
		_, err := m.NewSheet(sheetMend)
		m.try(err)
		first := m.GetSheetList()[0]
		if first != sheetMend {
			m.try(m.MoveSheet(sheetMend, first))
		}
	}
	at, err := m.GetSheetIndex(sheetMend)
	m.try(err)
	m.SetActiveSheet(at)
	m.widths(sheetMend, 8, 16, 18, 34, 80)
	row := 1
	write := func(style int, cells ...string) {
		for i, c := range cells {
			m.text(sheetMend, i+1, row, c, style)
		}
		row++
	}
	for _, s := range m.heading() {
		m.try(m.MergeCell(sheetMend, m.at(1, row), m.at(5, row)))
		m.fit(sheetMend, row, []float64{156}, []string{s})
		write(m.marks.text, s)
	}
	if len(m.file.Problems) == 0 {
		return
	}
	row++
	write(m.marks.head, "Row", headRow, "Column", "What was there", headMend)
	for _, p := range m.file.Problems {
		line := ""
		if p.Line > 0 {
			line = fmt.Sprint(p.Line)
		}
		m.fit(sheetMend, row, []float64{18, 34, 80}, []string{p.Column, p.Seen, p.Says})
		write(m.marks.text, line, p.RowID, p.Column, p.Seen, p.Says)
	}
}

// heading says in a few sentences what became of the file.
func (m *marked) heading() []string {
	if wrong := cmp.Or(m.file.Refused, m.back.Refused); wrong != nil {
		return []string{m.back.File + " could not be used.", wrong.Says, wrong.Meanwhile, "What to do: " + wrong.Mend}
	}
	says := []string{fmt.Sprintf("%s: %s answered, %s to mend.", m.back.File, phrase.Counted(m.file.Counted, "row"), phrase.Counted(wrongRows(m.file.Problems), "row"))}
	switch {
	case len(m.file.Problems) == 0:
		return append(says, "Nothing is to be mended.")
	case m.back.Format == "html":
		return append(says, "What counts is kept. Open the page again, mend the rows below, save your decisions, and send the new file.")
	}
	return append(says, "What counts is kept, and is in grey. Mend the coloured cells on the sheet with the rows, save this file, and send it back.")
}

func wrongRows(all []access.RowProblem) int {
	rows := map[string]bool{}
	for _, p := range all {
		rows[csvfile.Clean(p.RowID)+fmt.Sprint(p.Line)] = true
	}
	return len(rows)
}
